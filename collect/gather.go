package collect

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// errInterrupted ends the sources early; what they have is kept.
var errInterrupted = errors.New("interrupted")

// store takes clean entries: a bundle's source or a folder.
type store interface {
	add(path string, mtime time.Time, clean io.Reader, done func(*manifest.Entry)) (manifest.Entry, error)
}

// gatherer brings what one source found through redaction into a store, and
// keeps the account of what became of it. It belongs to one goroutine.
type gatherer struct {
	ctx      context.Context // cancelled with errInterrupted: end well
	session  *redact.Session
	base     string                   // of paths, as rules with paths see them
	name     func(path string) string // hides what a path tells
	store    store
	limits   limits
	budget   *budget
	scratch  string
	binary   bool // keep what is not text
	optional bool // failing is no loss
	told     func(raw int64)
	stalls   int           // files that did not answer
	peek     *bufio.Reader // of a text, used again
	orphans  *orphans

	*verdict
}

// budget is what a recipe may still put into the bundle.
type budget struct {
	total int64
	left  atomic.Int64
}

func newBudget(total int64) *budget {
	b := &budget{total: total}
	b.left.Store(total)
	return b
}

// input is something raw to gather.
type input struct {
	path  string // its place, slash-separated, not yet redacted
	shown string // what texts call it; "": path
	mtime time.Time
	size  int64 // -1: not known
	max   int64 // of its clean text; 0: the source's limit
	r     io.Reader
	at    io.ReaderAt               // nil: cannot be read at any place
	again func() (io.Reader, error) // nil: cannot be read twice
	clean text                      // its redaction, made beside others; nil: none
	outer string                    // path before compression was taken off; "": path
	depth int                       // of nesting
	walk  *walk                     // of the outermost archive
}

func (in *input) title() string {
	if in.shown != "" {
		return in.shown
	}
	return in.path
}

// rawReader reads raw bytes for a redaction. An error in mid-text becomes the
// text's end, so that what was read is kept, and is remembered; only what
// must undo the whole text passes.
type rawReader struct {
	ctx  context.Context
	r    io.Reader
	told func(int64)
	n    int64
	err  error
}

func (r *rawReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, io.EOF
	}
	if r.ctx.Err() != nil {
		if err := context.Cause(r.ctx); !errors.Is(err, errInterrupted) {
			return 0, err
		}
		r.err = errInterrupted
		return 0, io.EOF
	}
	n, err := r.r.Read(p)
	r.n += int64(n)
	if r.told != nil && n > 0 {
		r.told(int64(n))
	}
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return n, err
	case isBomb(err), errors.Is(err, context.Canceled):
		return n, err
	}
	r.err = err
	return n, io.EOF
}

// take gathers one input: opened when it is compressed or an archive, else as
// a text. An error means that the whole collection must end.
func (g *gatherer) take(in input) error {
	raw := &rawReader{ctx: g.ctx, r: in.r, told: g.told}
	br := g.peek
	if g.peek = nil; br == nil {
		br = bufio.NewReaderSize(nil, 4096)
	}
	br.Reset(raw)
	magic, _ := br.Peek(sniffLen)
	if raw.err != nil && len(magic) == 0 {
		g.unread(in, raw.err)
		return nil
	}
	if f := sniff(magic); f != plain {
		in.r = br
		if err := g.open(in, f); err != nil {
			return err
		}
		if raw.err != nil {
			g.broken(in, raw.err)
		}
		return nil
	}
	in.r = br
	err := g.text(in, raw)
	g.peek = br
	return err
}

// text gathers a text whose bytes come from in.r through raw.
func (g *gatherer) text(in input, raw *rawReader) error {
	limit := in.max
	if limit == 0 {
		limit = g.limits.file
	}
	if g.budget != nil {
		if left := g.budget.left.Load(); left <= 0 {
			g.leftOut(in)
			return nil
		}
	}
	switch {
	case in.size > limit && g.limits.keep == keepTail:
		return g.end(in, raw, limit)
	case in.size < 0 && g.limits.keep == keepTail && in.again == nil:
		return g.spool(in, raw, limit)
	case in.size < 0 && g.limits.keep == keepTail:
		// Most are shorter than the cap: try without setting aside.
		err := g.put(in, raw, &head{text: g.stream(in, in.r), max: limit, over: func() error { return errOver }}, nil)
		if !errors.Is(err, errOver) {
			return err
		}
		r, err := in.again()
		if err != nil {
			g.broken(in, err)
			return nil
		}
		raw = &rawReader{ctx: g.ctx, r: r}
		in.r = raw
		return g.spool(in, raw, limit)
	case in.size >= 0 && in.size <= limit:
		clean := in.clean
		if clean == nil {
			clean = g.stream(in, in.r)
		}
		return g.put(in, raw, clean, nil)
	}
	cut := false
	h := &head{text: g.stream(in, in.r), max: limit, over: func() error { cut = true; return nil }}
	return g.put(in, raw, h, func() *manifest.Truncation {
		if !cut {
			return nil
		}
		g.cutNote(in, limit, keepHead)
		return &manifest.Truncation{Cut: max(1, max(in.size, raw.n)-limit), Kept: keepHead}
	})
}

// end gathers the newest bytes of a text whose size is known.
func (g *gatherer) end(in input, raw *rawReader, limit int64) error {
	t, err := newTail(in.r, in.at, in.size, limit)
	if err != nil {
		return err
	}
	before, told := raw, g.told
	if in.at == nil {
		told = nil // before tells
	} else {
		a := newAhead(t.fed, -1, g.limits.timeout)
		defer a.close()
		t.fed = a
	}
	raw = &rawReader{ctx: g.ctx, r: t.raw(), told: told}
	err = g.put(in, raw, t.over(g.stream(in, raw)), func() *manifest.Truncation {
		if before.err != nil && raw.err == nil {
			raw.err = before.err
		}
		if !t.passing && raw.err == nil {
			g.note(manifest.Partial, g.title(in)+": no line to cut at")
		}
		g.cutNote(in, limit, keepTail)
		return &manifest.Truncation{Cut: in.size - limit, Kept: keepTail}
	})
	return err
}

// spool gathers the newest bytes of a text that can be read only once and
// whose size only its end tells.
func (g *gatherer) spool(in input, raw *rawReader, limit int64) error {
	t := &tailSpool{clean: g.stream(in, in.r), scratch: g.scratch, max: limit}
	err := t.fill()
	if err == nil {
		err = g.put(in, raw, t, func() *manifest.Truncation {
			if !t.cut {
				return nil
			}
			in.size = raw.n
			g.cutNote(in, limit, keepTail)
			return &manifest.Truncation{Cut: max(1, raw.n-limit), Kept: keepTail}
		})
	} else {
		err = g.lost(in, err)
	}
	return errors.Join(err, t.close())
}

// put hands a clean text to the store and judges how it ended.
func (g *gatherer) put(in input, raw *rawReader, clean text, truncated func() *manifest.Truncation) error {
	spent := &spending{text: clean, b: g.budget}
	var rules map[string]int64
	e, err := g.store.add(g.name(in.path), in.mtime, spent, func(e *manifest.Entry) {
		e.Redactions, rules = classCounts(clean.Counts()), clean.Rules()
		if enc := clean.Encoding(); enc != "utf-8" {
			e.Encoding = enc
		}
		if truncated != nil {
			e.Truncated = truncated()
		}
		if spent.out && e.Truncated == nil {
			e.Truncated = &manifest.Truncation{Cut: max(1, in.size-raw.n), Kept: keepHead}
		}
	})
	if err != nil {
		spent.refund()
		return g.lost(in, err)
	}
	if spent.out {
		g.note(manifest.Partial, fmt.Sprintf("%s: cut, the recipe's total of %s is reached", g.title(in), sizeText(g.budget.total)))
	}
	switch {
	case raw.err != nil:
		g.broken(in, raw.err)
	case in.size >= 0 && e.Truncated == nil && raw.n < in.size:
		g.note(manifest.Partial, fmt.Sprintf("%s: shrank while it was read: %d of %d bytes", g.title(in), raw.n, in.size))
	}
	g.stored(e, rules)
	return nil
}

// lost judges a text that the store dropped. The error comes back when it is
// not about the text.
func (g *gatherer) lost(in input, err error) error {
	switch {
	case errors.Is(err, errOver):
		return err
	case g.ctx.Err() != nil && !errors.Is(context.Cause(g.ctx), errInterrupted):
		return context.Cause(g.ctx)
	case errors.Is(err, redact.ErrUnreadable):
		return g.opaque(in, reasonOf(err, redact.ErrUnreadable))
	case isBomb(err):
		g.withhold(in, err.Error())
		return nil
	}
	return fmt.Errorf("%s: %w", g.title(in), err)
}

// asIs keeps what is not text, where recipe and policy both say so.
func (g *gatherer) asIs(in input) error {
	r, err := in.again()
	if err != nil {
		g.broken(in, err)
		return nil
	}
	limit := in.max
	if limit == 0 {
		limit = g.limits.file
	}
	raw := &rawReader{ctx: g.ctx, r: io.LimitReader(r, limit)}
	e, err := g.store.add(g.name(in.path), in.mtime, raw, func(e *manifest.Entry) {
		e.Encoding = "binary"
		if in.size > limit {
			e.Truncated = &manifest.Truncation{Cut: in.size - limit, Kept: keepHead}
			g.cutNote(in, limit, keepHead)
		}
	})
	if err != nil {
		return g.lost(in, err)
	}
	if raw.err != nil {
		g.broken(in, raw.err)
	}
	g.stored(e, nil)
	return nil
}

// stream redacts r under the name of in.
// Rules see the path of a file with a slash in front (/C/... for a drive), and
// what is no file as /SOURCE/stdout.
func (g *gatherer) stream(in input, r io.Reader) *redact.Stream {
	return g.session.Stream(path.Join("/", strings.Replace(g.base, ":/", "/", 1), in.path), r)
}

// unread notes an input of which not a byte could be read.
func (g *gatherer) unread(in input, err error) {
	switch {
	case errors.Is(err, errInterrupted), errors.Is(err, errStalled):
		g.broken(in, err)
	case errors.Is(err, fs.ErrPermission):
		g.list(in, "permission denied")
		g.note(manifest.Denied, g.title(in)+": permission denied")
	case in.depth > 0:
		g.withhold(in, "broken: "+shortError(err))
	default:
		g.list(in, shortError(err))
		g.note(manifest.Failed, g.title(in)+": "+shortError(err))
	}
}

// broken notes that a text ended before its time.
func (g *gatherer) broken(in input, err error) {
	o := manifest.Partial
	switch {
	case errors.Is(err, errInterrupted): // of the whole source, not of this text
		g.note(o, errInterrupted.Error())
		return
	case errors.Is(err, errStalled):
		g.stalls++
		o = manifest.Timeout
	case errors.Is(err, errTimeout):
		o = manifest.Timeout
	}
	g.note(o, g.title(in)+": "+shortError(err))
}

func (g *gatherer) cutNote(in input, limit int64, kept string) {
	which := "newest"
	if kept == keepHead {
		which = "first"
	}
	of := ""
	if in.size > limit {
		of = " of " + sizeText(in.size)
		g.cut += in.size - limit
	} else {
		g.cut++
	}
	g.note(manifest.Partial, fmt.Sprintf("%s: %s %s%s", g.title(in), which, sizeText(limit), of))
}

// leftOut notes an input for which nothing is left of the recipe's total.
func (g *gatherer) leftOut(in input) {
	g.cut += max(1, in.size)
	g.list(in, "the recipe's total of "+sizeText(g.budget.total)+" is reached")
	g.note(manifest.Partial, fmt.Sprintf("%s: left out, the recipe's total of %s is reached", g.title(in), sizeText(g.budget.total)))
}

// withhold notes that an input was found and is not in the bundle.
func (g *gatherer) withhold(in input, reason string) {
	g.list(in, reason)
	g.note(manifest.Withheld, g.title(in)+": "+reason)
}

// title is what reasons call an input.
func (g *gatherer) title(in input) string { return g.name(in.title()) }

func (g *gatherer) list(in input, reason string) {
	g.unseen(g.title(in), g.session.Text(reason))
}

func (g *gatherer) note(o manifest.Outcome, reason string) {
	g.verdict.note(o, g.session.Text(reason))
}

// spending charges a clean text to the recipe's budget and ends it when that
// is spent.
type spending struct {
	text
	b   *budget
	n   int64
	out bool
}

// refund gives back what a text that was dropped after all has taken.
func (s *spending) refund() {
	if s.b != nil {
		s.b.left.Add(s.n)
	}
}

func (s *spending) Read(p []byte) (n int, err error) {
	if s.out {
		return 0, io.EOF
	}
	// A fault in redaction must not let a raw byte through, nor cost more
	// than the text that brought it out.
	defer func() {
		if p := recover(); p != nil {
			n, err = 0, fmt.Errorf("%w: redaction gave up", redact.ErrUnreadable)
		}
	}()
	n, err = s.text.Read(p)
	if s.b == nil || n == 0 {
		return n, err
	}
	s.n += int64(n)
	if left := s.b.left.Add(-int64(n)); left < 0 {
		s.out = true
		return max(0, n+int(left)), io.EOF
	}
	return n, err
}

// itself is the text when it is charged to nobody and can write itself, which
// saves copying it.
func (s *spending) itself() (io.WriterTo, bool) {
	w, ok := s.text.(io.WriterTo)
	return fallible{w}, ok && s.b == nil
}

// fallible makes an error of a fault in redaction, see spending.Read.
type fallible struct{ io.WriterTo }

func (f fallible) WriteTo(w io.Writer) (n int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: redaction gave up", redact.ErrUnreadable)
		}
	}()
	return f.WriterTo.WriteTo(w)
}

func classCounts(c redact.Counts) map[string]int64 {
	if len(c) == 0 {
		return nil
	}
	out := make(map[string]int64, len(c))
	for k, v := range c {
		out[string(k)] = v
	}
	return out
}

// reasonOf is what an error says without the sentinel it wraps.
func reasonOf(err, sentinel error) string {
	s := err.Error()
	if i := strings.Index(s, sentinel.Error()); i >= 0 {
		if rest := strings.Trim(s[i+len(sentinel.Error()):], ": "); rest != "" {
			return rest
		}
		if front := strings.Trim(s[:i], ": "); front != "" && !strings.Contains(front, "/") {
			return front
		}
		return sentinel.Error()
	}
	return s
}

// shortError is an error without the path that the sentence already has.
func shortError(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
