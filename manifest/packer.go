package manifest

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"errors"
	"hash"
	"io"
)

// packer cuts the entries of one source into frames. What it has finished
// waits in done for take.
type packer struct {
	w       *Writer
	name    string  // the top directory
	open    *buffer // the shared frame being filled; nil: none
	mark    int
	filled  bool // one was full
	members []Entry
	done    []*item
}

func (p *packer) take() []*item {
	done := p.done
	p.done = nil
	return done
}

// add stores one entry. A small one goes into the open frame; a large one is
// returned as an item of its own.
func (p *packer) add(e *Entry, r *marked, done func(*Entry)) (*item, error) {
	name := p.name + "/" + e.Path
	header := int(headerSize(name, 0))
	if p.open != nil && len(p.open.b)+header+maxSmall+1+blockSize > maxFrame {
		p.filled = true // there will be more
		if err := p.flush(); err != nil {
			return nil, err
		}
	}
	if p.open == nil && p.filled {
		p.open = p.w.full()
	} else if p.open == nil {
		p.open = new(buffer)
		p.open.refs.Store(1)
	}
	start := len(p.open.b)
	p.open = p.w.grow(p.open, header)
	p.open.b = p.open.b[:start+header]
	content := start + header
	r.begin()
	for len(p.open.b)-content <= maxSmall {
		p.open = p.w.grow(p.open, 32<<10)
		limit := min(cap(p.open.b), content+maxSmall+1)
		n, err := r.read(p.open.b[len(p.open.b):limit])
		p.open.b = p.open.b[:len(p.open.b)+n]
		if errors.Is(err, io.EOF) {
			p.endSmall(e, r, name, start, content, done)
			return nil, nil
		}
		if err != nil {
			p.open.b = p.open.b[:start]
			return nil, err
		}
	}
	// Too large to share. Its bytes so far move to a buffer of their own,
	// unless they already have one.
	b := p.open
	if start > 0 {
		b = p.w.full()
		b.b = append(b.b[:header], p.open.b[content:]...)
		p.open.b = p.open.b[:start]
		if err := p.flush(); err != nil {
			return nil, err
		}
	} else {
		p.open = nil
		if cap(b.b) < fullBuffer {
			b = p.w.grow(b, fullBuffer-len(b.b))
		}
	}
	return p.addLarge(e, r, b, header, done)
}

func (p *packer) endSmall(e *Entry, r *marked, name string, start, content int, done func(*Entry)) {
	body := p.open.b[content:]
	sum := sha256.Sum256(body)
	e.Size, e.SHA256 = int64(len(body)), hex.EncodeToString(sum[:])
	if done != nil {
		done(e)
	}
	tarHeader(p.open.b[start:start], name, e.Size, e.ModTime)
	pad := int(padding(e.Size))
	p.open = p.w.grow(p.open, pad)
	p.open.b = append(p.open.b, make([]byte, pad)...)
	if len(p.members) == 0 || r.mark < p.mark {
		p.mark = r.mark
	}
	p.members = append(p.members, *e)
}

// flush closes the open frame.
func (p *packer) flush() error {
	if p.open == nil {
		return nil
	}
	b := p.open
	p.open = nil
	if len(p.members) == 0 {
		p.w.release(b)
		return nil
	}
	it := &item{ascending: true, name: p.name, count: len(p.members), frames: []*frame{{mark: p.mark}}}
	it.first, it.last = p.members[0].Path, p.members[0].Path
	for i, e := range p.members {
		it.bytes += e.Size
		it.ascending = it.ascending && (i == 0 || e.Path > p.members[i-1].Path)
		it.first, it.last = min(it.first, e.Path), max(it.last, e.Path)
	}
	p.w.submit(it.frames[0], b, b.b)
	var err error
	it.records, err = p.w.putRecords(p.members)
	clear(p.members)
	p.members = p.members[:0]
	p.done = append(p.done, it)
	return err
}

// addLarge stores an entry in frames of its own. b holds its first bytes from
// at on.
func (p *packer) addLarge(e *Entry, r *marked, b *buffer, at int, done func(*Entry)) (*item, error) {
	it := &item{first: e.Path, last: e.Path, ascending: true, large: true, count: 1}
	h := newHasher(p.w)
	defer h.stop()
	for {
		// One byte more than fits tells whether this is the last chunk.
		var err error
		for len(b.b)-at <= maxChunk && err == nil {
			var n int
			n, err = r.read(b.b[len(b.b) : at+maxChunk+1])
			b.b = b.b[:len(b.b)+n]
		}
		chunk := b.b[at:]
		if err != nil && !errors.Is(err, io.EOF) {
			p.w.release(b)
			p.w.abandon(it.frames...)
			return nil, err
		}
		f := &frame{mark: r.mark}
		it.frames = append(it.frames, f)
		if errors.Is(err, io.EOF) {
			it.bytes += int64(len(chunk))
			pad := int(padding(it.bytes))
			b.b = append(b.b, make([]byte, pad)...)
			h.add(f, b, chunk)
			p.w.submit(f, b, b.b[at:])
			break
		}
		cut := cutAt(chunk[:maxChunk])
		next := p.w.full()
		next.b = append(next.b, chunk[cut:]...)
		it.bytes += int64(cut)
		h.add(f, b, chunk[:cut])
		p.w.submit(f, b, chunk[:cut])
		r.cut(len(next.b))
		b, at = next, 0
	}
	e.Size, e.SHA256 = it.bytes, hex.EncodeToString(h.sum())
	if done != nil {
		done(e)
	}
	var err error
	it.records, err = p.w.putRecords([]Entry{*e})
	return it, err
}

// hasher digests the chunks of a large entry beside their compression.
type hasher struct {
	w      *Writer
	chunks chan hashed
	result chan []byte
}

type hashed struct {
	f     *frame
	b     *buffer
	chunk []byte
}

func newHasher(w *Writer) *hasher {
	h := &hasher{w, make(chan hashed), make(chan []byte, 1)}
	go func() {
		d := sha256.New()
		for c := range h.chunks {
			c.f.before = digestState(d)
			d.Write(c.chunk)
			w.release(c.b)
		}
		h.result <- d.Sum(nil)
	}()
	return h
}

func (h *hasher) add(f *frame, b *buffer, chunk []byte) {
	b.refs.Add(1)
	h.chunks <- hashed{f, b, chunk}
}

// digestState is what a digest goes on from, so that a sweep need not begin at
// the beginning of an entry.
func digestState(d hash.Hash) []byte {
	state, err := d.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err) // SHA-256 of the standard library has no reason to fail
	}
	return state
}

// digestFrom is a digest that goes on from a state.
func digestFrom(state []byte) (hash.Hash, error) {
	d := sha256.New()
	return d, d.(encoding.BinaryUnmarshaler).UnmarshalBinary(state)
}

func (h *hasher) sum() []byte {
	close(h.chunks)
	h.chunks = nil
	sum := <-h.result
	h.result <- sum
	return sum
}

// stop waits until nothing is hashed any more.
func (h *hasher) stop() {
	if h.chunks != nil {
		close(h.chunks)
	}
	<-h.result
}

// marked is a reader that remembers what was known when its bytes were read.
type marked struct {
	r     io.Reader
	marks interface{ Mark() int } // nil: no marks
	mark  int                     // at the first byte of the frame being read
	later []markAt                // where it rose since, within the frame
	taken int                     // bytes read into the frame
	empty int                     // reads in a row that gave nothing
}

type markAt struct{ at, mark int }

func newMarked(r io.Reader) *marked {
	m := &marked{r: r}
	m.marks, _ = r.(interface{ Mark() int })
	return m
}

func (m *marked) begin() {
	if m.marks != nil {
		m.mark = m.marks.Mark()
	}
}

func (m *marked) read(p []byte) (int, error) {
	if m.marks != nil {
		known := m.mark
		if len(m.later) > 0 {
			known = m.later[len(m.later)-1].mark
		}
		if now := m.marks.Mark(); now != known {
			m.later = append(m.later, markAt{m.taken, now})
		}
		p = p[:min(len(p), 128<<10)] // the end of a frame is carried into the next with its mark
	}
	n, err := m.r.Read(p)
	if n < 0 || n > len(p) {
		return 0, errors.New("reader returned an impossible count")
	}
	m.taken += n
	if n > 0 {
		m.empty = 0
	} else if m.empty++; err == nil && m.empty > 100 {
		return 0, io.ErrNoProgress
	}
	return n, err
}

// cut begins a new frame whose first rest bytes were read already.
func (m *marked) cut(rest int) {
	at := m.taken - rest
	kept := m.later[:0]
	for _, l := range m.later {
		if l.at <= at {
			m.mark = l.mark
		} else {
			kept = append(kept, markAt{l.at - at, l.mark})
		}
	}
	m.later = kept
	m.taken = rest
}
