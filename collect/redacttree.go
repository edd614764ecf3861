package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// RedactOptions of RedactTree.
type RedactOptions struct {
	Session *redact.Session
	Names   *redact.Session // for the names of files: secrets and e-mails only; nil: names stay
	Scratch string
	Workers int           // files at once; 0: two
	Read    func(n int64) // told of bytes read, by one goroutine at a time; may be nil
}

// Redacted says what became of one file given to RedactTree.
type Redacted struct {
	Path    string           `json:"path"`             // as found, for the operator's own screen
	Output  string           `json:"output,omitempty"` // below the output folder
	Outcome manifest.Outcome `json:"outcome"`
	Reason  string           `json:"reason,omitempty"`
	Renamed []Renaming       `json:"renamed,omitempty"`
	Bytes   int64            `json:"bytes"`
	Counts  redact.Counts    `json:"redactions,omitempty"`
	Rules   map[string]int64 `json:"rules_used,omitempty"` // the same, by rule
}

// Renaming says that an output has another name than its own, which belongs to
// another input or output.
type Renaming struct {
	Name string `json:"name"`
	As   string `json:"as"`
}

// RedactTree writes redacted copies of paths (files or folders) below dir,
// under the same paths relative to each folder given; a file given itself
// under its own name. Compressed files and archives are opened as in a
// bundle. Where two would have one name, the first of paths has it, and the
// other is called NAME~2. A file that cannot be read as text is not written, one
// that is there already is not overwritten. Nothing stands under its own name before
// values learned late were swept from it.
//
// Without dir nothing is written, and nothing swept.
//
// each is told of every file, one after another, once all are published.
func RedactTree(ctx context.Context, paths []string, dir string, o RedactOptions, each func(Redacted)) (err error) {
	t := &copying{o: o, claimed: map[string]bool{}, owned: map[string]bool{}}
	t.windows.New = func() any { return new([]byte) }
	defer func() { err = errors.Join(err, t.close()) }()
	if err := t.inputs(ctx, paths, dir); err != nil {
		return err
	}
	if dir != "" {
		if err := t.begin(dir); err != nil {
			return err
		}
	}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(t.workers())
	t.done = make([]Redacted, len(t.files))
	for k, in := range t.files {
		if gctx.Err() != nil {
			break
		}
		group.Go(func() error { return t.file(gctx, k, in) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err = t.publish(ctx)
	if each != nil {
		for _, r := range append(t.refused, t.done...) {
			each(r)
		}
	}
	return err
}

// copying is one run of RedactTree.
type copying struct {
	o RedactOptions

	finders []*finder
	files   []treeFile
	refused []Redacted

	out     *os.Root
	partial *manifest.Drafts // folder of what is not published yet

	mu      sync.Mutex
	claimed map[string]bool // names of outputs
	owned   map[string]bool // names that belong to an input
	written []written
	done    []Redacted // of files
	next    int

	windows sync.Pool // *[]byte
}

func (t *copying) workers() int {
	if t.o.Workers > 0 {
		return t.o.Workers
	}
	return 2
}

type treeFile struct {
	found
	shown string // as the caller would write it
	rel   string // below the folder given
}

// written is one output that waits to be published.
type written struct {
	of         int // the file it came from
	temp, name string
	own        string // the file's own name
	size       int64
	mark       int   // what was known when its first byte was written
	last       int   // and when its last was,
	from       int64 // as from here on
	encoding   string
	mtime      time.Time
}

func (t *copying) close() error {
	for _, f := range t.finders {
		f.close()
	}
	if t.out == nil {
		return nil
	}
	var err error
	if t.partial != nil {
		err = t.partial.Close()
	}
	return errors.Join(err, t.out.Close())
}

// inputs finds the files.
func (t *copying) inputs(ctx context.Context, paths []string, dir string) error {
	outside := ""
	if dir != "" {
		var err error
		if outside, err = realPath(dir); err != nil {
			return err
		}
	}
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return err
		}
		fi, err := os.Stat(abs)
		if err != nil {
			return err
		}
		v := &verdict{}
		f := &finder{ctx: ctx, avoid: &avoid{}, verdict: v, say: func(s string) string { return s }, every: true}
		t.finders = append(t.finders, f)
		base := abs
		if fi.IsDir() {
			real, err := realPath(abs)
			if err != nil {
				return err
			}
			if rel, err := filepath.Rel(real, outside); dir != "" && err == nil && filepath.IsLocal(rel) {
				return fmt.Errorf("the output folder %s lies inside of %s", dir, p)
			}
		} else {
			base = filepath.Dir(abs)
			if !fi.Mode().IsRegular() {
				return fmt.Errorf("%s is not a file but %s", p, modeName(fi.Mode()))
			}
		}
		r := f.root(filepath.ToSlash(base))
		if r == nil {
			_, reason := v.final()
			return fmt.Errorf("%s: %s", p, cmp.Or(reason, "cannot be opened"))
		}
		if fi.IsDir() {
			f.walk(r, ".", []string{"**"})
		} else {
			f.file(r, filepath.Base(abs))
			if len(f.files) == 0 && len(f.links) > 0 { // named by the caller: a link is followed
				real, err := filepath.EvalSymlinks(abs)
				if err != nil {
					return err
				}
				f.links = nil
				if r := f.root(filepath.ToSlash(filepath.Dir(real))); r != nil {
					f.file(r, filepath.Base(real))
					for i := range f.files {
						f.files[i].as = filepath.Base(abs)
					}
				}
			}
		}
		slices.SortFunc(f.files, func(a, b found) int { return strings.Compare(a.path(), b.path()) })
		for _, file := range f.files {
			tf := treeFile{found: file, rel: file.name(), shown: p}
			if fi.IsDir() {
				tf.shown = filepath.Join(p, filepath.FromSlash(tf.rel))
			}
			t.files = append(t.files, tf)
			t.owned[foldName(tf.rel)] = true
		}
		for _, l := range f.links {
			t.refused = append(t.refused, Redacted{Path: l.path, Outcome: manifest.Withheld, Reason: "a link that leads out of " + l.root})
		}
		for _, u := range v.hidden {
			o := manifest.Withheld
			if u.reason == "permission denied" {
				o = manifest.Denied
			}
			t.refused = append(t.refused, Redacted{Path: u.path, Outcome: o, Reason: u.reason})
		}
	}
	return nil
}

// realPath resolves links also of a path whose end is not there yet.
func realPath(p string) (string, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := abs; ; {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			return "", fmt.Errorf("%s: %w", p, err)
		}
		dir, rest = parent, filepath.Join(filepath.Base(dir), rest)
	}
}

// begin makes the output folder and the one in it where files wait.
func (t *copying) begin(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	out, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	t.out = out
	t.partial, err = manifest.NewDrafts(out)
	return err
}

// file redacts one input.
func (t *copying) file(ctx context.Context, k int, in treeFile) error {
	l := defaultLimits()
	l.file, l.keep = math.MaxInt64, keepHead
	store := &treeStore{t: t, of: k, own: in.rel}
	g := &gatherer{
		ctx: ctx, session: t.o.Session, store: store, limits: l, scratch: t.o.Scratch, verdict: &verdict{},
		base: in.root.path, name: func(s string) string { return s },
	}
	if t.o.Names != nil {
		g.name = t.o.Names.Path
	}
	if err := g.file(&in.found, in.rel, &avoid{}); err != nil {
		return fmt.Errorf("%s: %w", in.shown, err)
	}
	r := Redacted{Path: in.shown, Bytes: g.bytes, Counts: store.counts, Rules: g.rules}
	r.Outcome, r.Reason = g.final()
	// Which file it is, the path says.
	r.Reason = strings.NewReplacer(in.path()+": ", "", in.path()+"/", "").Replace(r.Reason)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.done[k] = r
	if t.o.Read != nil {
		t.o.Read(r.Bytes)
	}
	return nil
}

func commonDir(a, b string) string {
	for a != b {
		if len(a) > len(b) {
			a = path.Dir(a)
		} else {
			b = path.Dir(b)
		}
	}
	return a
}

// treeStore writes what comes out of one input.
type treeStore struct {
	t      *copying
	of     int
	own    string // the input's own name
	counts redact.Counts
}

func (s *treeStore) add(name string, mtime time.Time, clean io.Reader, done func(*manifest.Entry)) (e manifest.Entry, err error) {
	t := s.t
	if t.out == nil {
		e.Size, err = io.Copy(io.Discard, clean)
		if err == nil && done != nil {
			done(&e)
			s.count(e)
		}
		return e, err
	}
	w := written{of: s.of, mtime: mtime}
	t.mu.Lock()
	w.temp = t.partial.Name + "/" + strconv.Itoa(t.next)
	t.next++
	t.mu.Unlock()
	f, err := t.out.OpenFile(w.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return e, err
	}
	kept := false
	defer func() {
		if !kept {
			err = errors.Join(err, t.out.Remove(w.temp))
		}
	}()
	e.Size, err = w.fill(f, clean)
	w.size = e.Size
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return e, err
	}
	if done != nil {
		done(&e)
	}
	w.name, w.own = placeable(name), s.own
	e.Path, w.encoding = w.name, e.Encoding
	s.count(e)
	kept = true
	t.mu.Lock()
	defer t.mu.Unlock()
	t.written = append(t.written, w)
	return e, nil
}

// fill writes a text and notes from where on it was written knowing all that it
// knew in the end. What is known is asked before each write of a text that
// writes itself, and before each read of another: afterwards it may be further.
func (w *written) fill(out io.Writer, clean io.Reader) (n int64, err error) {
	if s, ok := clean.(*spending); ok {
		if self, ok := s.itself(); ok {
			return self.WriteTo(&marking{out, w, s.Mark})
		}
	}
	text, marked := clean.(interface{ Mark() int })
	buf := make([]byte, 64<<10)
	for idle := 0; ; {
		if marked {
			w.known(text.Mark(), n)
		}
		k, rerr := clean.Read(buf)
		if _, err := out.Write(buf[:k]); err != nil {
			return n, err
		}
		n += int64(k)
		switch {
		case errors.Is(rerr, io.EOF):
			return n, nil
		case rerr != nil:
			return n, rerr
		case k > 0:
			idle = 0
		default:
			if idle++; idle > 100 {
				return n, io.ErrNoProgress
			}
		}
	}
}

// known notes what was known when the byte at n was written.
func (w *written) known(mark int, n int64) {
	switch {
	case n == 0:
		w.mark, w.last = mark, mark
	case mark != w.last:
		w.last, w.from = mark, n
	}
}

// marking asks what is known before each write.
type marking struct {
	out  io.Writer
	w    *written
	mark func() int
}

func (m *marking) Write(p []byte) (int, error) {
	m.w.known(m.mark(), m.w.size)
	n, err := m.out.Write(p)
	m.w.size += int64(n)
	return n, err
}

func (s *treeStore) count(e manifest.Entry) {
	if s.counts == nil {
		s.counts = redact.Counts{}
	}
	for class, n := range e.Redactions {
		s.counts[redact.Class(class)] += n
	}
}

// placeable makes a name that can stand below the output folder.
func placeable(name string) string {
	parts := strings.Split(name, "/")
	for i, p := range parts {
		p = strings.ReplaceAll(p, "\x00", "%00")
		if len(p) > 240 {
			p = strings.ToValidUTF8(p[:230], "")
		}
		if p == ".." || p == "." || p == "" {
			p = "%2E"
		}
		parts[i] = p
	}
	return strings.Join(parts, "/")
}

// claim finds the name under which an output will stand: its own, unless that
// belongs to another input (app.log beside app.log.gz) or output.
func (t *copying) claim(name, own string) string {
	try := name
	for i := 2; ; i++ {
		key := foldName(try)
		if !t.claimed[key] && (!t.owned[key] || try == own) {
			t.claimed[key] = true
			return try
		}
		try = name + "~" + strconv.Itoa(i)
	}
}

func foldName(s string) string { return strings.ToLower(s) }

// publish sweeps what was learned late from every output and gives it its
// name.
func (t *copying) publish(ctx context.Context) error {
	var errs []error
	// In the order of the files, whichever was done first: names go by it.
	slices.SortStableFunc(t.written, func(a, b written) int { return a.of - b.of })
	for _, w := range t.written {
		if err := ctx.Err(); err != nil {
			return err
		}
		if now := t.o.Session.Mark(); w.mark < now {
			if err := t.sweep(w); err != nil {
				return fmt.Errorf("%s: searching for values found late: %w", w.name, err)
			}
		}
		r := &t.done[w.of]
		name := t.sweptName(w.name)
		if w.name = t.claim(name, w.own); w.name != name {
			r.Renamed = append(r.Renamed, Renaming{name, w.name})
		}
		if r.Output == "" {
			r.Output = w.name
		} else {
			r.Output = commonDir(r.Output, w.name)
		}
		if err := t.place(w); err != nil {
			errs = append(errs, err)
		}
	}
	const told = 5 // of as many as there are files
	if more := len(errs) - told; more > 1 {
		errs = append(errs[:told], fmt.Errorf("and %d more", more))
	}
	return errors.Join(errs...)
}

// sweptName hides in the name of an output what the contents gave away.
func (t *copying) sweptName(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		out, _ := t.o.Session.Sweep(0, "utf-8", []byte(part))
		parts[i] = string(out)
	}
	return strings.Join(parts, "/")
}

func (t *copying) place(w written) error {
	if _, err := t.out.Lstat(w.name); err == nil {
		return fmt.Errorf("%s is there already and is not overwritten", filepath.Join(t.out.Name(), filepath.FromSlash(w.name)))
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if dir := path.Dir(w.name); dir != "." {
		if err := t.out.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	if !w.mtime.IsZero() {
		if err := t.out.Chtimes(w.temp, w.mtime, w.mtime); err != nil {
			return err
		}
	}
	return t.out.Rename(w.temp, w.name)
}

// sweep rewrites an output that holds a value learned after it was made.
func (t *copying) sweep(w written) (err error) {
	in, err := t.out.Open(w.temp)
	if err != nil {
		return err
	}
	defer in.Close()
	encoding := cmp.Or(w.encoding, "utf-8")
	clean := func(b []byte) ([]byte, redact.Counts) { return t.o.Session.Sweep(w.mark, encoding, b) }
	size := w.size
	if w.last == t.o.Session.Mark() {
		size = w.from
	}
	overlap := t.o.Session.MaxLearned()
	// Most hold none: look first, write only then.
	if found, err := t.look(in, size, overlap, clean); !found {
		return err
	}
	temp := w.temp + "s"
	out, err := t.out.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	again := &sweeper{r: in, overlap: overlap, clean: clean}
	_, err = io.Copy(out, again)
	r := &t.done[w.of]
	if r.Counts == nil {
		r.Counts = redact.Counts{}
	}
	if r.Rules == nil {
		r.Rules = map[string]int64{}
	}
	for class, n := range again.counts {
		r.Counts[class] += n
		r.Rules[redact.RuleKnown] += n
	}
	if cerr := out.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return t.out.Rename(temp, w.temp)
}

// look reports whether something begins in the first size bytes of in that has
// to be cleaned. Some windows are read and searched at once.
func (t *copying) look(in io.ReaderAt, size int64, overlap int, clean func([]byte) ([]byte, redact.Counts)) (bool, error) {
	const (
		window  = 1 << 20
		context = 64 // before a window, for what a value may not stand in
	)
	var found atomic.Bool
	var group errgroup.Group
	group.SetLimit(t.workers())
	for at := int64(0); at < size && !found.Load(); at += window {
		group.Go(func() error {
			buf := t.windows.Get().(*[]byte)
			defer t.windows.Put(buf)
			from := max(0, at-context)
			*buf = slices.Grow((*buf)[:0], context+window+overlap)
			b := (*buf)[:at-from+min(window, size-at)+int64(overlap)]
			n, err := in.ReadAt(b, from)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			if _, counts := clean(b[:n]); counts != nil {
				found.Store(true)
			}
			return nil
		})
	}
	err := group.Wait()
	return err == nil && found.Load(), err
}

// sweeper cleans a stream window by window, then each seam between two, across
// which a value may stand.
type sweeper struct {
	r       io.Reader
	overlap int
	clean   func([]byte) ([]byte, redact.Counts) // counts: nil for none
	counts  redact.Counts                        // of what was given out

	raw  []byte
	last []byte // the end of what was cleaned, to which a seam may belong
	all  []byte
	out  []byte // of all, what is not given out yet
	done bool
}

func (s *sweeper) Read(p []byte) (int, error) {
	const window = 512 << 10
	reach := (s.overlap + 64 + 3) &^ 3
	for len(s.out) == 0 {
		if s.done {
			return 0, io.EOF
		}
		want := max(window, 4*reach)
		if cap(s.raw) < want {
			s.raw = make([]byte, want)
		}
		n, err := io.ReadFull(s.r, s.raw[:want])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		s.done = err != nil
		part := s.count(s.clean(s.raw[:n]))
		to := min(len(part), reach)
		seam := part[:to]
		if len(s.last) > 0 {
			seam = s.count(s.clean(append(s.last, seam...)))
		}
		s.all = append(append(s.all[:0], seam...), part[to:]...)
		k := len(s.all)
		if !s.done {
			k = max(0, k-reach) &^ 3 // whole characters
		}
		s.out, s.last = s.all[:k], append(s.last[:0], s.all[k:]...)
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	return n, nil
}

func (s *sweeper) count(b []byte, counts redact.Counts) []byte {
	for class, n := range counts {
		if s.counts == nil {
			s.counts = redact.Counts{}
		}
		s.counts[class] += n
	}
	return b
}
