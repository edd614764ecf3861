package manifest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Sweeper searches content that was written before a value was known.
type Sweeper struct {
	Mark    int // the present: frames marked with it need no search
	Overlap int // the longest value in bytes
	// Replace returns b itself when nothing was found. It is called from
	// several goroutines and must not change b.
	Replace func(mark int, encoding string, b []byte) ([]byte, map[string]int64)
}

// Sweep searches every frame (and every path) older than s.Mark and rewrites
// those with hits. No source may be written meanwhile. It returns what it
// replaced, which is also added to the entries' own counts.
func (w *Writer) Sweep(ctx context.Context, s Sweeper) (map[string]int64, error) {
	if err := w.settle(); err != nil {
		return nil, err
	}
	sw := &sweep{w: w, Sweeper: s, total: make(map[string]int64)}
	// Paths first and one after the other: which of two names gets a number
	// must not depend on timing.
	var todo []*swept
	for _, src := range w.inOrder() {
		for i, it := range src.items {
			if !sw.old(it) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			t := &swept{src: src, index: i, item: it}
			if err := sw.paths(t); err != nil {
				return nil, err
			}
			todo = append(todo, t)
		}
	}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(w.o.Workers)
	var err error
	for _, t := range todo {
		if err = gctx.Err(); err != nil {
			break
		}
		if t.item.large { // its frames are searched side by side
			if t.out, err = sw.large(ctx, t); err != nil {
				break
			}
			continue
		}
		g.Go(func() (err error) {
			t.out, err = sw.small(t)
			return err
		})
	}
	err = cmp.Or(g.Wait(), err)
	w.wait()
	if err == nil {
		err = w.failed()
	}
	if err != nil {
		w.fail(err) // half swept is not swept
		return nil, err
	}
	for _, t := range slices.Backward(todo) {
		t.src.items = slices.Replace(t.src.items, t.index, t.index+1, t.out...)
	}
	return sw.total, nil
}

type sweep struct {
	w *Writer
	Sweeper

	mu    sync.Mutex
	total map[string]int64
}

// swept is one item's part of a sweep.
type swept struct {
	src     *SourceWriter
	index   int
	item    *item
	renamed map[int]string           // new paths, by index of the entry
	counts  map[int]map[string]int64 // hits in paths
	out     []*item
}

func (sw *sweep) old(it *item) bool {
	return slices.ContainsFunc(it.frames, func(f *frame) bool { return f.mark < sw.Mark })
}

// replace is Replace, with a plain answer to whether anything was found.
func (sw *sweep) replace(mark int, encoding string, b []byte) ([]byte, map[string]int64, bool) {
	out, counts := sw.Replace(mark, encoding, b)
	if len(counts) == 0 && bytes.Equal(out, b) {
		return b, nil, false
	}
	sw.mu.Lock()
	defer sw.mu.Unlock()
	for class, n := range counts {
		sw.total[class] += n
	}
	return out, counts, true
}

func merge(into *map[string]int64, counts map[string]int64) {
	if len(counts) == 0 {
		return
	}
	sum := maps.Clone(*into)
	if sum == nil {
		sum = make(map[string]int64)
	}
	for class, n := range counts {
		sum[class] += n
	}
	*into = sum
}

func (sw *sweep) paths(t *swept) error {
	entries, err := sw.w.getRecords(t.item)
	if err != nil {
		return err
	}
	prefix := "data/" + t.src.id + "/"
	for i, e := range entries {
		rel := strings.TrimPrefix(e.Path, prefix)
		clean, counts, found := sw.replace(t.item.frames[0].mark, "utf-8", []byte(unescape(rel)))
		if !found {
			continue
		}
		if t.renamed == nil {
			t.renamed, t.counts = make(map[int]string), make(map[int]map[string]int64)
		}
		t.src.names.release(rel)
		t.renamed[i] = prefix + t.src.names.claimBounded(escapePath(string(clean)))
		t.counts[i] = counts
	}
	return nil
}

func (t *swept) rename(i int, e *Entry) {
	if path, ok := t.renamed[i]; ok {
		e.Path = path
		merge(&e.Redactions, t.counts[i])
	}
}

// content is bytes with a mark, to be added again.
type content struct {
	*bytes.Reader
	mark int
}

func (c content) Mark() int { return c.mark }

func (sw *sweep) small(t *swept) ([]*item, error) {
	it := t.item
	entries, err := sw.w.getRecords(it)
	if err != nil {
		return nil, err
	}
	buf, err := sw.w.load(it.frames[0])
	if err != nil {
		return nil, err
	}
	defer sw.w.release(buf)
	tar := buf.b
	bodies := make([][]byte, len(entries))
	changed := t.renamed != nil
	for i := range entries {
		e := &entries[i]
		bodies[i], tar = member(tar, it.name, e)
		body, counts, found := sw.replace(it.frames[0].mark, e.Encoding, bodies[i])
		if found {
			changed = true
			bodies[i] = body
			merge(&e.Redactions, counts)
		}
	}
	if !changed {
		it.frames[0].mark = sw.Mark
		return []*item{it}, nil
	}
	p := packer{w: sw.w, name: it.name}
	for i := range entries {
		t.rename(i, &entries[i])
		if err := p.addAgain(entries[i], bodies[i], sw.Mark); err != nil {
			return nil, err
		}
	}
	if err := p.flush(); err != nil {
		return nil, err
	}
	sw.w.abandon(it.frames...)
	sw.w.store.drop(it.records)
	return p.take(), nil
}

// member cuts the first member off a tar stream of small entries.
func member(tar []byte, name string, e *Entry) (body, rest []byte) {
	header := headerSize(name+"/"+e.Path, e.Size)
	end := header + e.Size
	return tar[header:end:end], tar[end+padding(e.Size):]
}

// addAgain adds an entry whose content is at hand. It may have become large.
func (p *packer) addAgain(e Entry, body []byte, mark int) error {
	it, err := p.add(&e, newMarked(content{bytes.NewReader(body), mark}), nil)
	if it != nil {
		if err := p.flush(); err != nil {
			return err
		}
		p.done = append(p.done, it)
	}
	return err
}

// part is a frame of a large entry under search.
type part struct {
	f       *frame
	mark    int // of f, before
	old     bool
	last    bool    // of the entry
	buf     *buffer // holds what was decoded; nil: nothing was
	b       []byte  // content without padding; nil: not decoded
	counts  map[string]int64
	changed bool
}

// large searches the frames of a large entry, some at once, then the seam
// between each two, where a value may straddle.
func (sw *sweep) large(ctx context.Context, t *swept) ([]*item, error) {
	it := t.item
	entries, err := sw.w.getRecords(it)
	if err != nil {
		return nil, err
	}
	e := &entries[0]
	t.rename(0, e)
	out := *it
	out.first, out.last = e.Path, e.Path
	out.frames, out.bytes = nil, 0
	changed := t.renamed != nil
	oldPad := padding(e.Size)
	encoding := e.Encoding
	decode := func(p *part) (err error) {
		if p.b == nil {
			if p.buf, err = sw.w.load(p.f); err == nil {
				p.b = p.buf.b
			}
			if err == nil && p.last {
				p.b = p.b[:len(p.b)-int(oldPad)]
			}
		}
		return err
	}
	var sum hash.Hash // from the first frame on that changed
	emit := func(p *part, isFinal bool) (err error) {
		if p.changed && sum == nil {
			if sum, err = digestFrom(p.f.before); err != nil {
				return err
			}
		}
		if sum != nil {
			if err := decode(p); err != nil {
				return err
			}
		}
		size := p.f.content
		if p.last {
			size -= oldPad
		}
		if p.b != nil {
			size = int64(len(p.b))
		}
		out.bytes += size
		pad := padding(out.bytes)
		if !p.changed && (!isFinal || p.last && pad == oldPad) {
			p.f.mark = sw.Mark
			out.frames = append(out.frames, p.f)
			if sum != nil {
				p.f.before = digestState(sum)
				sum.Write(p.b)
			}
			return nil
		}
		changed = true
		sw.w.abandon(p.f)
		for rest := p.b; len(rest) > 0; {
			cut := len(rest)
			if cut > maxChunk {
				cut = cutAt(rest[:maxChunk])
			}
			b := sw.w.full()
			b.b = append(b.b, rest[:cut]...)
			rest = rest[cut:]
			f := &frame{mark: sw.Mark, before: digestState(sum)}
			sum.Write(b.b)
			if len(rest) == 0 && isFinal {
				b.b = append(b.b, make([]byte, pad)...)
			}
			out.frames = append(out.frames, f)
			sw.w.submit(f, b, b.b)
		}
		return nil
	}
	search := func(i int) (*part, error) {
		p := &part{f: it.frames[i], mark: it.frames[i].mark, last: i == len(it.frames)-1}
		if p.old = p.mark < sw.Mark; !p.old {
			return p, nil
		}
		if err := decode(p); err != nil {
			return nil, err
		}
		p.b, p.counts, p.changed = sw.replace(p.mark, encoding, p.b)
		return p, nil
	}
	reach := (sw.Overlap + 64 + 3) &^ 3
	var prev *part
	err = ahead(len(it.frames), sw.w.o.Workers, search, func(cur *part) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		merge(&e.Redactions, cur.counts)
		if prev != nil && (cur.old || prev.old) {
			if err := cmp.Or(decode(prev), decode(cur)); err != nil {
				return err
			}
			from := max(0, len(prev.b)-reach) &^ 3
			to := min(len(cur.b), reach)
			seam := slices.Concat(prev.b[from:], cur.b[:to])
			b, counts, found := sw.replace(min(cur.mark, prev.mark), encoding, seam)
			if found {
				prev.b, cur.b = slices.Concat(prev.b[:from], b), cur.b[to:]
				prev.changed, cur.changed = true, true
				merge(&e.Redactions, counts)
			}
		}
		if prev != nil {
			isFinal := cur.last && cur.changed && len(cur.b) == 0
			if err := emit(prev, isFinal); err != nil {
				return err
			}
			sw.w.release(prev.buf)
		}
		prev = cur
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(prev.b) > 0 || prev.b == nil {
		err = emit(prev, true)
	} else {
		sw.w.abandon(prev.f)
	}
	sw.w.release(prev.buf)
	if err != nil {
		return nil, err
	}
	if sum != nil {
		e.Size, e.SHA256 = out.bytes, hex.EncodeToString(sum.Sum(nil))
	}
	if changed {
		sw.w.store.drop(it.records)
		if out.records, err = sw.w.putRecords([]Entry{*e}); err != nil {
			return nil, err
		}
	}
	return []*item{&out}, nil
}

// ahead calls take with the results of work for 0 up to n, in order. Up to
// most of them are worked on at once, beside it. All have ended when it
// returns.
func ahead[T any](n, most int, work func(int) (T, error), take func(T) error) (err error) {
	type result struct {
		v   T
		err error
	}
	running := make([]chan result, most)
	start := func(i int) {
		c := make(chan result, 1)
		running[i%most] = c
		go func() {
			v, err := work(i)
			c <- result{v, err}
		}()
	}
	started := 0
	for ; started < min(n, most); started++ {
		start(started)
	}
	for i := 0; i < started; i++ {
		r := <-running[i%most]
		if err = cmp.Or(err, r.err); err != nil {
			continue
		}
		if started < n {
			start(started)
			started++
		}
		err = take(r.v)
	}
	return err
}
