package manifest

import (
	"bytes"
	"cmp"
	"crypto/sha256"
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
	Workers int       // frames compressed at once; 0: GOMAXPROCS, at most 3
}

// maxWorkers bounds what machines with many processors need of memory: each
// frame that is worked on takes about 8 MiB. Redaction takes more time than
// compression, and keeps the other processors busy.
const maxWorkers = 3

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
	spare   sync.Pool      // *[]byte for compressed frames

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
	before  []byte // of a large entry: the state of its digest where the frame begins
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
		o.Workers = min(runtime.GOMAXPROCS(0), maxWorkers)
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
	if w.dec, err = newDecoder(true); err == nil {
		w.enc, err = newEncoder()
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	for range o.Workers {
		enc, err := newEncoder()
		if err != nil {
			close(w.jobs)
			return nil, errors.Join(err, s.close())
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
	if b == nil || b.refs.Add(-1) > 0 || cap(b.b) < fullBuffer {
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
	for i := range entries {
		line, rest, _ := bytes.Cut(b, []byte("\n"))
		b = rest
		if i > 0 {
			entries[i] = entries[i-1]
		}
		if plainEntry(line, &entries[i]) {
			continue
		}
		entries[i] = Entry{}
		if err := json.Unmarshal(line, &entries[i]); err != nil {
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

// load decodes a frame of the store into a full buffer, to be released.
func (w *Writer) load(f *frame) (*buffer, error) {
	z, _ := w.spare.Get().(*[]byte)
	if z == nil {
		z = new([]byte)
	}
	defer w.spare.Put(z)
	var err error
	if *z, err = w.store.get(f.stored, *z); err != nil {
		return nil, err
	}
	b := w.full()
	if b.b, err = decodeFrame(w.dec, b.b, *z, int(f.content)); err != nil {
		return nil, err
	}
	return b, nil
}

// abandon drops frames once no worker holds them any more.
func (w *Writer) abandon(frames ...*frame) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead = append(w.dead, frames...)
}
