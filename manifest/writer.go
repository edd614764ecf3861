package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/klauspost/compress/zstd"
)

// WriterOptions of a Writer; the zero value works.
type WriterOptions struct {
	Name    string    // Head.Name, if known by now; otherwise small entries are compressed twice
	Scratch string    // folder for scratch files; "": os.TempDir()
	Rand    io.Reader // nil: crypto/rand
	Workers int       // frames compressed at once; 0: GOMAXPROCS
}

// Writer makes one bundle. Sources are written at the same time; compressed
// frames wait in an encrypted scratch file until Finish puts them in order.
type Writer struct {
	o       WriterOptions
	store   *store
	enc     *zstd.Encoder // for what the workers do not compress
	dec     *zstd.Decoder
	jobs    chan job
	workers sync.WaitGroup
	pending sync.WaitGroup // jobs not done
	free    chan *buffer   // full-sized ones

	mu      sync.Mutex
	sources map[string]*SourceWriter // by folded id
	dead    []*frame                 // not needed any more
	err     error                    // of a job; sticky: without its frame there is no bundle
	state   writerState
}

type writerState int

const (
	writing writerState = iota
	spent
	closed
)

// item is what stands in a bundle as one: a frame of small entries, or a
// large entry with all its frames. Its records are the JSON forms of its
// entries, without offsets.
type item struct {
	first, last string // paths
	ascending   bool
	large       bool
	name        string // the top directory in the headers of small entries
	count       int
	bytes       int64
	frames      []*frame // of a large entry: without its header
	records     record
}

// frame is one compressed frame in the store. A worker fills it.
type frame struct {
	mark    int // what was known when its oldest byte was read
	stored  record
	size    int64
	content int64
	sum     [sha256.Size]byte
}

type job struct {
	frame   *frame
	content []byte // in buffer
	buffer  *buffer
}

// buffer is memory for one frame's content. Who holds it last returns it.
type buffer struct {
	b    []byte
	refs atomic.Int32
}

const fullBuffer = maxFrame + maxHeader

// NewWriter makes a writer. Close it in any case.
func NewWriter(o WriterOptions) (*Writer, error) {
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Name != "" {
		if err := checkName(o.Name); err != nil {
			return nil, err
		}
	}
	s, err := newStore(o.Scratch, o.Rand)
	if err != nil {
		return nil, err
	}
	w := &Writer{o: o, store: s, jobs: make(chan job), free: make(chan *buffer, o.Workers+2), sources: make(map[string]*SourceWriter)}
	if w.dec, err = newDecoder(); err == nil {
		w.enc, err = newEncoder()
	}
	if err != nil {
		s.close()
		return nil, err
	}
	for range o.Workers {
		enc, err := newEncoder()
		if err != nil {
			close(w.jobs)
			s.close()
			return nil, err
		}
		w.workers.Go(func() { w.work(enc) })
	}
	return w, nil
}

func checkName(name string) error {
	if len(name) > writeComponent {
		return fmt.Errorf("bundle name of %d bytes", len(name))
	}
	if err := checkComponent(name); err != nil {
		return fmt.Errorf("bundle name: %w", err)
	}
	return nil
}

// work compresses frames until there are no more.
func (w *Writer) work(enc *zstd.Encoder) {
	var z []byte
	for j := range w.jobs {
		z = encodeFrame(enc, z[:0], j.content)
		z = slices.Grow(z, sealed)
		f := j.frame
		f.size, f.content, f.sum = int64(len(z)), int64(len(j.content)), sha256.Sum256(z)
		w.release(j.buffer)
		var err error
		if f.stored, err = w.store.put(z); err != nil {
			w.fail(err)
		}
		w.pending.Done()
	}
}

func (w *Writer) submit(f *frame, b *buffer, content []byte) {
	w.pending.Add(1)
	w.jobs <- job{f, content, b}
}

func (w *Writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

func (w *Writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil && w.state != writing {
		return errors.New("bundle writer is spent")
	}
	return w.err
}

// full returns an empty buffer for a whole frame.
func (w *Writer) full() *buffer {
	select {
	case b := <-w.free:
		b.refs.Store(1)
		return b
	default:
		b := &buffer{b: make([]byte, 0, fullBuffer)}
		b.refs.Store(1)
		return b
	}
}

func (w *Writer) release(b *buffer) {
	if b.refs.Add(-1) > 0 || cap(b.b) < fullBuffer {
		return
	}
	b.b = b.b[:0]
	select {
	case w.free <- b:
	default:
	}
}

// grow makes room for n more bytes in b, which nobody else holds. Sources with
// little content must not hold a frame's memory each.
func (w *Writer) grow(b *buffer, n int) *buffer {
	if cap(b.b)-len(b.b) >= n {
		return b
	}
	var bigger *buffer
	if want := max(2*cap(b.b), len(b.b)+n, 64<<10); want <= fullBuffer/4 {
		bigger = &buffer{b: make([]byte, 0, want)}
		bigger.refs.Store(1)
	} else {
		bigger = w.full()
	}
	bigger.b = append(bigger.b, b.b...)
	w.release(b)
	return bigger
}

// Source begins a source. Sources may be written at once, each by one
// goroutine.
func (w *Writer) Source(id string, t Type) (*SourceWriter, error) {
	if err := checkSourceID(id); err != nil {
		return nil, err
	}
	if !slices.Contains(Types(), t) {
		return nil, fmt.Errorf("source %q: unknown data type %q", id, t)
	}
	if err := w.failed(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, taken := w.sources[fold(id)]; taken {
		return nil, fmt.Errorf("source %q: begun already", id)
	}
	s := &SourceWriter{id: id, kind: t, names: newNames(), pack: packer{w: w, name: w.o.Name}}
	w.sources[fold(id)] = s
	return s, nil
}

// inOrder lists the sources in bundle order.
func (w *Writer) inOrder() []*SourceWriter {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.SortedFunc(maps.Values(w.sources), func(a, b *SourceWriter) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.id, b.id))
	})
}

// settle waits until all that was added is in the store.
func (w *Writer) settle() error {
	var errs []error
	for _, s := range w.inOrder() {
		errs = append(errs, s.Close())
	}
	w.wait()
	return errors.Join(append(errs, w.failed())...)
}

// wait waits for all jobs. Nothing may be submitted meanwhile.
func (w *Writer) wait() {
	w.pending.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.dead {
		w.store.drop(f.stored)
	}
	w.dead = nil
}

// Close drops the scratch file. It may be called twice and after Finish, but
// not beside other methods.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.state == closed {
		w.mu.Unlock()
		return nil
	}
	w.state = closed
	w.mu.Unlock()
	close(w.jobs)
	w.workers.Wait()
	w.free = nil
	w.dec.Close()
	return w.store.close()
}

// SourceWriter takes the entries of one source.
type SourceWriter struct {
	id    string
	kind  Type
	names *names

	mu    sync.Mutex
	items []*item
	pack  packer
}

// Add reads r to its end and stores it as an entry. path is slash-separated
// and relative to data/<source>/; it is escaped and made unique as the format
// asks. Entries may come in any order; ascending paths are cheapest. done,
// when not nil, is called after the last byte and may fill Redactions,
// Truncated and Encoding. If r has a method Mark() int, it is asked before
// the first byte of each frame and the answer given to Sweep. When r fails
// the entry is dropped without a trace and the error returned.
func (s *SourceWriter) Add(path string, mtime time.Time, r io.Reader, done func(*Entry)) (Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.pack.w
	if err := w.failed(); err != nil {
		return Entry{}, err
	}
	rel := s.names.claimBounded(escapePath(path))
	e := Entry{Path: "data/" + s.id + "/" + rel, Source: s.id, Type: s.kind, ModTime: tarTime(mtime)}
	it, err := s.pack.add(&e, newMarked(r), done)
	s.items = append(s.items, s.pack.take()...)
	if err != nil {
		s.names.release(rel)
		return Entry{}, err
	}
	if it != nil {
		s.items = append(s.items, it)
	}
	return e, w.failed()
}

// Close says that no more entries come, so that the source's memory is free
// for others. Sweep and Finish do it where it was not done.
func (s *SourceWriter) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.pack.flush()
	s.items = append(s.items, s.pack.take()...)
	return err
}

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
		if err == io.EOF {
			return nil, p.endSmall(e, r, name, start, content, done)
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

func (p *packer) endSmall(e *Entry, r *marked, name string, start, content int, done func(*Entry)) error {
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
	return nil
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
		if err != nil && err != io.EOF {
			p.w.release(b)
			p.w.abandon(it.frames...)
			return nil, err
		}
		f := &frame{mark: r.mark}
		it.frames = append(it.frames, f)
		if err == io.EOF {
			it.bytes += int64(len(chunk))
			pad := int(padding(it.bytes))
			b.b = append(b.b, make([]byte, pad)...)
			h.add(b, chunk)
			p.w.submit(f, b, b.b[at:])
			break
		}
		cut := cutAt(chunk[:maxChunk])
		next := p.w.full()
		next.b = append(next.b, chunk[cut:]...)
		it.bytes += int64(cut)
		h.add(b, chunk[:cut])
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

// abandon drops frames once no worker holds them any more.
func (w *Writer) abandon(frames ...*frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = append(w.dead, frames...)
}

// hasher digests the chunks of a large entry beside their compression.
type hasher struct {
	w      *Writer
	chunks chan hashed
	result chan []byte
}

type hashed struct {
	b     *buffer
	chunk []byte
}

func newHasher(w *Writer) *hasher {
	h := &hasher{w, make(chan hashed), make(chan []byte, 1)}
	go func() {
		d := sha256.New()
		for c := range h.chunks {
			d.Write(c.chunk)
			w.release(c.b)
		}
		h.result <- d.Sum(nil)
	}()
	return h
}

func (h *hasher) add(b *buffer, chunk []byte) {
	b.refs.Add(1)
	h.chunks <- hashed{b, chunk}
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

// putRecords stores the JSON forms of entries, one to a line, compressed.
func (w *Writer) putRecords(entries []Entry) (record, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i := range entries {
		if err := enc.Encode(&entries[i]); err != nil {
			return record{}, err
		}
	}
	size := b.Len()
	r, err := w.store.put(w.enc.EncodeAll(b.Bytes(), nil))
	r.full = size
	if err != nil {
		w.fail(err)
	}
	return r, err
}

// getRecords reads the entries of an item.
func (w *Writer) getRecords(it *item) ([]Entry, error) {
	b, err := w.unpack(it.records)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, it.count)
	dec := json.NewDecoder(bytes.NewReader(b))
	for i := range entries {
		if err := dec.Decode(&entries[i]); err != nil {
			return nil, fmt.Errorf("scratch file: %w", err)
		}
	}
	return entries, nil
}

// unpack reads a record that was compressed by w.enc.
func (w *Writer) unpack(r record) ([]byte, error) {
	z, err := w.store.get(r, nil)
	if err != nil {
		return nil, err
	}
	return w.dec.DecodeAll(z, make([]byte, 0, r.full))
}

// content decodes a frame of the store.
func (w *Writer) content(f *frame, dst []byte) ([]byte, error) {
	z, err := w.store.get(f.stored, nil)
	if err != nil {
		return nil, err
	}
	return decodeFrame(w.dec, dst, z, int(f.content))
}
