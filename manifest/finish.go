package manifest

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/diagcollect/diagcollect/trust"
)

// Result is a finished bundle.
type Result struct {
	SHA256  string // of the .tar.zst
	Size    int64
	Entries int
	Bytes   int64 // uncompressed content
}

const (
	reportName    = "report.json"
	manifestName  = "manifest.json"
	signatureName = "manifest.json.sig"
	endOfArchive  = 2 * blockSize
)

// Finish writes the bundle to dst in one pass: entries in order, report.json,
// manifest.json, its signature, the seek table. Scratch space is given back as
// it goes. The writer is spent afterwards.
func (w *Writer) Finish(ctx context.Context, dst io.Writer, head Head, report []byte, key *trust.Signer) (_ *Result, err error) {
	if err := w.settle(); err != nil {
		return nil, err
	}
	if err := complete(&head); err != nil {
		return nil, err
	}
	if key == nil {
		return nil, errors.New("bundle: no key to sign with")
	}
	if len(report) > maxReport {
		return nil, fmt.Errorf("%s: %d bytes, above the limit of %d", reportName, len(report), maxReport)
	}
	w.mu.Lock()
	w.state = spent
	w.mu.Unlock()

	var items []*item
	var total totals
	for _, s := range w.inOrder() {
		s.names = nil // large where entries are many
		arranged, err := w.arrange(ctx, s, head.Name)
		if err != nil {
			return nil, err
		}
		items = append(items, arranged...)
	}
	w.wait()
	for _, it := range items {
		total.Entries += int64(it.count)
		total.Bytes += it.bytes
	}

	text, err := NewScratch(w.o.Scratch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, text.Close()) }()
	m, err := newManifestWriter(text, &head, total)
	if err != nil {
		return nil, err
	}
	out := &output{dst: dst, enc: w.enc, name: head.Name, created: head.Created, sum: sha256.New()}
	if err := w.copyItems(ctx, out, m, items); err != nil {
		return nil, err
	}
	if err := out.member(reportName, int64(len(report)), bytes.NewReader(report)); err != nil {
		return nil, err
	}
	reportSum := sha256.Sum256(report)
	err = m.finish(out.frames, reportRef{int64(len(report)), hex.EncodeToString(reportSum[:])}, hex.EncodeToString(out.sum.Sum(nil)))
	if err != nil {
		return nil, err
	}
	sig, err := key.Sign(trust.NamespaceManifest, io.NewSectionReader(text, 0, text.Size()))
	if err != nil {
		return nil, err
	}
	if err := out.member(manifestName, text.Size(), io.NewSectionReader(text, 0, text.Size())); err != nil {
		return nil, err
	}
	if err := out.frame(lastFrame(head.Name, sig, head.Created)); err != nil {
		return nil, err
	}
	if err := out.write(appendSeekTable(nil, out.frames)); err != nil {
		return nil, err
	}
	return &Result{hex.EncodeToString(out.sum.Sum(nil)), out.size, int(total.Entries), total.Bytes}, nil
}

// complete fills the defaults of a head and refuses one that no reader would
// accept.
func complete(head *Head) error {
	head.Version = cmp.Or(head.Version, version)
	head.Created = tarTime(head.Created)
	if head.Recipes == nil {
		head.Recipes = []RecipeRef{}
	}
	if head.Outcomes == nil {
		head.Outcomes = []SourceOutcome{}
	}
	if head.Redactions == nil {
		head.Redactions = map[string]int64{}
	}
	return checkHead(head)
}

// lastFrame is the content of the frame that ends the tar stream.
func lastFrame(name string, sig []byte, created time.Time) []byte {
	b := tarHeader(nil, name+"/"+signatureName, int64(len(sig)), created)
	b = append(b, sig...)
	return append(b, make([]byte, padding(int64(len(sig)))+endOfArchive)...)
}

// arrange puts the items of a source in order of their paths. Frames of small
// entries that overlap another item are taken apart and packed anew.
func (w *Writer) arrange(ctx context.Context, s *SourceWriter, name string) ([]*item, error) {
	items := slices.Clone(s.items)
	slices.SortFunc(items, func(a, b *item) int { return cmp.Compare(a.first, b.first) })
	p := &packer{w: w, name: name}
	var arranged []*item
	for len(items) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, last := 1, items[0].last
		for n < len(items) && items[n].first <= last {
			last = max(last, items[n].last)
			n++
		}
		group := items[:n]
		items = items[n:]
		if it := group[0]; n == 1 && (it.large || it.ascending && it.name == name) {
			arranged = append(arranged, it)
			continue
		}
		if err := w.recut(p, group); err != nil {
			return nil, err
		}
		arranged = append(arranged, p.take()...)
	}
	return arranged, nil
}

// loose is an entry on its way from one frame to another.
type loose struct {
	path  string
	rec   record
	large *item
}

func (w *Writer) recut(p *packer, group []*item) error {
	var entries []loose
	for _, it := range group {
		if it.large {
			entries = append(entries, loose{path: it.first, large: it})
			continue
		}
		parts, err := w.loosen(it)
		if err != nil {
			return err
		}
		entries = append(entries, parts...)
	}
	slices.SortFunc(entries, func(a, b loose) int { return cmp.Compare(a.path, b.path) })
	for _, l := range entries {
		if l.large != nil {
			if err := p.flush(); err != nil {
				return err
			}
			p.done = append(p.done, l.large)
			continue
		}
		b, err := w.unpack(l.rec)
		if err != nil {
			return err
		}
		w.store.drop(l.rec)
		var e Entry
		n, used := binary.Uvarint(b)
		b = b[used:]
		if err := json.Unmarshal(b[:n], &e); err != nil {
			return fmt.Errorf("scratch file: %w", err)
		}
		if err := p.addAgain(e, b[n:], 0); err != nil {
			return err
		}
	}
	return p.flush()
}

// loosen stores each entry of a shared frame as a record of its own.
func (w *Writer) loosen(it *item) ([]loose, error) {
	entries, err := w.getRecords(it)
	if err != nil {
		return nil, err
	}
	buf, err := w.load(it.frames[0])
	if err != nil {
		return nil, err
	}
	defer w.release(buf)
	tar := buf.b
	w.store.drop(it.frames[0].stored)
	w.store.drop(it.records)
	out := make([]loose, len(entries))
	var raw, z []byte
	for i := range entries {
		e := &entries[i]
		text, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		var body []byte
		body, tar = member(tar, it.name, e)
		raw = binary.AppendUvarint(raw[:0], uint64(len(text)))
		raw = append(append(raw, text...), body...)
		z = w.enc.EncodeAll(raw, z[:0])
		out[i].path = e.Path
		if out[i].rec, err = w.store.put(z); err != nil {
			return nil, err
		}
		out[i].rec.full = len(raw)
	}
	return out, nil
}

// copyItems writes the items' frames, which are read ahead, and their entries
// into the manifest.
func (w *Writer) copyItems(ctx context.Context, out *output, m *manifestWriter, items []*item) error {
	type piece struct {
		*frame
		begins *item // that the frame is the first of; nil: none
	}
	var pieces []piece
	for _, it := range items {
		for i, f := range it.frames {
			pieces = append(pieces, piece{frame: f})
			if i == 0 {
				pieces[len(pieces)-1].begins = it
			}
		}
	}
	free := make(chan []byte, w.o.Workers+1)
	for range cap(free) {
		free <- nil
	}
	next, end := 0, int64(0)
	load := func(i int) ([]byte, error) { return w.store.get(pieces[i].stored, <-free) }
	err := ahead(len(pieces), w.o.Workers, load, func(z []byte) error {
		p := pieces[next]
		next++
		if err := ctx.Err(); err != nil {
			return err
		}
		if p.begins != nil {
			var err error
			if end, err = w.beginItem(out, m, p.begins); err != nil {
				return err
			}
		}
		if err := out.compressed(z, p.content, p.sum); err != nil {
			return err
		}
		w.store.drop(p.stored)
		free <- z
		if (next == len(pieces) || pieces[next].begins != nil) && out.at != end {
			return fmt.Errorf("bundle: frames before the next entry end at %d, not at %d", out.at, end)
		}
		return nil
	})
	return err
}

// beginItem writes the header of a large item, and its entries into the
// manifest. It answers where in the tar stream the item has to end.
func (w *Writer) beginItem(out *output, m *manifestWriter, it *item) (int64, error) {
	entries, err := w.getRecords(it)
	if err != nil {
		return 0, err
	}
	w.store.drop(it.records)
	at := out.at
	for i := range entries {
		e := &entries[i]
		e.Offset = at + headerSize(out.name+"/"+e.Path, e.Size)
		at = e.Offset + e.Size + padding(e.Size)
		if err := m.entry(e); err != nil {
			return 0, err
		}
	}
	if it.large {
		e := &entries[0]
		return at, out.frame(tarHeader(nil, out.name+"/"+e.Path, e.Size, e.ModTime))
	}
	return at, nil
}

// output is the bundle being written.
type output struct {
	dst     io.Writer
	enc     *zstd.Encoder
	name    string
	created time.Time
	sum     hash.Hash // of all bytes
	size    int64
	at      int64 // in the tar stream
	frames  []tableEntry
	z       []byte
}

func (o *output) write(b []byte) error {
	var hashing sync.WaitGroup
	hashing.Go(func() { o.sum.Write(b) })
	n, err := o.dst.Write(b)
	hashing.Wait()
	o.size += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

func (o *output) compressed(z []byte, content int64, sum [sha256.Size]byte) error {
	o.frames = append(o.frames, tableEntry{start: o.size, size: int64(len(z)), content: content, at: o.at, sum: sum})
	o.at += content
	return o.write(z)
}

func (o *output) frame(content []byte) error {
	o.z = encodeFrame(o.enc, o.z[:0], content)
	return o.compressed(o.z, int64(len(content)), sha256.Sum256(o.z))
}

// member writes one of the files after the entries: in one frame if it fits,
// else its header in one and its content in more.
func (o *output) member(file string, size int64, r io.Reader) error {
	b := make([]byte, 0, min(maxFrame, maxHeader+size+blockSize))
	b = tarHeader(b, o.name+"/"+file, size, o.created)
	most := int64(maxFrame)
	if int64(len(b))+size+padding(size) > maxFrame {
		if err := o.frame(b); err != nil {
			return err
		}
		b, most = b[:0], maxChunk
	}
	for left := size; left > 0; {
		n := min(left, most)
		start := len(b)
		b = b[:start+int(n)]
		if _, err := io.ReadFull(r, b[start:]); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		if left -= n; left > 0 {
			if err := o.frame(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	return o.frame(append(b, make([]byte, padding(size))...))
}

// manifestWriter writes manifest.json, an entry at a time.
type manifestWriter struct {
	w     *bufio.Writer
	line  bytes.Buffer
	enc   *json.Encoder
	comma bool
}

func newManifestWriter(dst io.Writer, head *Head, total totals) (*manifestWriter, error) {
	m := &manifestWriter{w: bufio.NewWriterSize(dst, 64<<10)}
	m.enc = json.NewEncoder(&m.line)
	m.enc.SetEscapeHTML(false)
	m.enc.SetIndent("", " ")
	if err := m.enc.Encode(head); err != nil {
		return nil, err
	}
	if m.line.Len() > maxJSONValue {
		return nil, fmt.Errorf("%s: head of %d bytes, above the limit of %d", manifestName, m.line.Len(), maxJSONValue)
	}
	m.enc.SetIndent("", "")
	m.w.Write(bytes.TrimSuffix(m.line.Bytes(), []byte("\n}\n")))
	fmt.Fprintf(m.w, ",\n \"totals\": {\"entries\": %d, \"bytes\": %d},\n \"entries\": [", total.Entries, total.Bytes)
	return m, nil
}

func (m *manifestWriter) entry(e *Entry) error {
	if err := checkKeys(e.Redactions); err != nil {
		return fmt.Errorf("%s: %w", e.Path, err)
	}
	m.line.Reset()
	if err := m.enc.Encode(e); err != nil {
		return err
	}
	m.separate()
	_, err := m.w.Write(bytes.TrimSuffix(m.line.Bytes(), []byte("\n")))
	return err
}

func (m *manifestWriter) separate() {
	if m.comma {
		m.w.WriteByte(',')
	}
	m.w.WriteByte('\n')
	m.comma = true
}

func (m *manifestWriter) finish(frames []tableEntry, report reportRef, all string) error {
	fmt.Fprintf(m.w, "\n ],\n \"report\": {\"size\": %d, \"sha256\": \"%s\"},\n \"frames\": [", report.Size, report.SHA256)
	m.comma = false
	for _, f := range frames {
		m.separate()
		fmt.Fprintf(m.w, `{"size":%d,"content":%d,"sha256":"%x"}`, f.size, f.content, f.sum)
	}
	fmt.Fprintf(m.w, "\n ],\n \"frames_sha256\": \"%s\"\n}\n", all)
	return m.w.Flush()
}
