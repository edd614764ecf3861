package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"sync/atomic"
	"unicode/utf8"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// This file cuts what is longer than its cap. A cut comes after redaction: a
// value is judged with all that stands before it, then the line is left out.
// Redaction keeps the number of lines, so lines are what is counted on both
// sides: where the cut stands in the raw text, and when to begin letting the
// clean text through.

const (
	// lead is how far before a kept tail reading begins: more than any value
	// that spans lines, such as a private key.
	lead = 1 << 20
	// opening is how much of the beginning of a file is read even when only
	// its tail is kept: the byte order mark, the magic number of a binary
	// format, the header line of a table.
	opening = 16 << 10
	// longLine is how far behind the ideal place a line start is looked for.
	longLine = 1 << 20
)

// text is what a redaction yields: its methods are those of *redact.Stream.
type text interface {
	io.Reader
	Counts() redact.Counts
	Rules() map[string]int64
	Encoding() string
	Mark() int
}

// lines finds ends of lines in a text of a given encoding, handed over in
// pieces of any size.
type lines struct {
	unit  int // bytes
	big   bool
	phase int
	hit   bool
}

func linesOf(encoding string) lines {
	switch encoding {
	case "utf-16le":
		return lines{unit: 2}
	case "utf-16be":
		return lines{unit: 2, big: true}
	case "utf-32le":
		return lines{unit: 4}
	case "utf-32be":
		return lines{unit: 4, big: true}
	default:
		return lines{unit: 1}
	}
}

// next returns the length of b up to and with the next end of line, and -1
// when there is none. It must be given every byte once, in order.
func (l *lines) next(b []byte) int {
	if l.unit == 1 {
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return i + 1
		}
		return -1
	}
	for i, c := range b {
		want := byte(0)
		if l.big && l.phase == l.unit-1 || !l.big && l.phase == 0 {
			want = '\n'
		}
		l.hit = (l.phase == 0 || l.hit) && c == want
		if l.phase++; l.phase == l.unit {
			l.phase = 0
			if l.hit {
				return i + 1
			}
		}
	}
	return -1
}

// newline is an end of line in the encoding.
func newline(encoding string) []byte {
	l := linesOf(encoding)
	out := make([]byte, l.unit)
	if l.big {
		out[l.unit-1] = '\n'
	} else {
		out[0] = '\n'
	}
	return out
}

// encodingOf guesses the encoding and length of the byte order mark from the
// first bytes of a file, as far as it matters for finding ends of lines.
func encodingOf(b []byte) (encoding string, bom int) {
	for _, m := range []struct{ bom, encoding string }{
		{"\xff\xfe\x00\x00", "utf-32le"}, {"\x00\x00\xfe\xff", "utf-32be"},
		{"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"}, {"\xef\xbb\xbf", "utf-8"},
	} {
		if bytes.HasPrefix(b, []byte(m.bom)) {
			return m.encoding, len(m.bom)
		}
	}
	// Without a mark, mostly Latin text has its zero bytes on one side.
	var zeros [2]int
	b = b[:min(len(b), 512)]
	for i, c := range b {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch half := len(b) / 2; {
	case half > 4 && zeros[1]*10 >= half*6 && zeros[0]*10 < half:
		return "utf-16le", 0
	case half > 4 && zeros[0]*10 >= half*6 && zeros[1]*10 < half:
		return "utf-16be", 0
	}
	return "utf-8", 0
}

// tail feeds a redaction with the opening of a long raw text, nothing of its
// middle, and its end with a lead before it; and lets through only the clean
// lines of the end.
type tail struct {
	size, keep int64
	encoding   string
	bom        []byte

	fed   io.Reader // the raw bytes to redact
	in    lines
	read  int64 // of fed
	ideal int64 // in fed: where a cut would leave exactly keep bytes
	ends  int64 // of lines, in what was read
	// drop is how many ends of lines stand before the cut: unplaced until the
	// raw side has seen it, byBytes when no line starts near the ideal place.
	// A redaction may read in a goroutine of its own.
	drop atomic.Int64

	clean   text
	out     lines
	written int64 // clean bytes seen
	dropped int64 // ends of lines dropped
	passing bool
	pending []byte // the byte order mark, then what was read with the cut in it
	mark    int    // of pending
	before  tallied
	buf     []byte
}

const (
	unplaced = -1
	byBytes  = -2
)

// newTail prepares reading the last keep of size bytes. at reads them at any
// place or is nil; then r reads them in order.
func newTail(r io.Reader, at io.ReaderAt, size, keep int64) (*tail, error) {
	head := make([]byte, min(opening, size))
	if at != nil {
		r = io.NewSectionReader(at, 0, size)
	}
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return nil, err
	}
	head = head[:n]
	t := &tail{size: size, keep: keep}
	t.drop.Store(unplaced)
	var bom int
	t.encoding, bom = encodingOf(head)
	t.bom = head[:bom:bom]
	t.in, t.out = linesOf(t.encoding), linesOf(t.encoding)

	ideal := (size - keep) &^ 3
	start := max(0, ideal-lead) &^ 3
	if start <= int64(n) { // nothing worth leaving out
		t.fed, t.ideal = io.MultiReader(bytes.NewReader(head), r), ideal
		return t, nil
	}
	// Only whole lines of the opening, so that it ends as a line.
	whole, l := 0, linesOf(t.encoding)
	for {
		m := l.next(head[whole:])
		if m < 0 {
			break
		}
		whole += m
	}
	ending := []byte(nil)
	if whole == 0 {
		whole, ending = n&^3, newline(t.encoding)
	}
	var rest io.Reader
	if at != nil {
		rest = io.NewSectionReader(at, start, size-start)
	} else {
		rest = &skipping{r: r, n: start - int64(n)}
	}
	t.fed = io.MultiReader(bytes.NewReader(head[:whole]), bytes.NewReader(ending), rest)
	t.ideal = int64(whole+len(ending)) + ideal - start
	return t, nil
}

// raw is what the redaction must read.
func (t *tail) raw() io.Reader { return (*tailRaw)(t) }

type tailRaw tail

func (r *tailRaw) Read(p []byte) (int, error) {
	t := (*tail)(r)
	n, err := t.fed.Read(p)
	if t.drop.Load() == unplaced {
		for b := p[:n]; len(b) > 0; {
			m := t.in.next(b)
			if m < 0 {
				t.read += int64(len(b))
				break
			}
			t.read += int64(m)
			t.ends++
			b = b[m:]
			if t.read >= t.ideal {
				t.drop.Store(t.ends)
				return n, err
			}
		}
		if t.read > t.ideal+longLine {
			t.drop.Store(byBytes)
		}
	}
	return n, err
}

// over makes t let through the end of clean, the redaction of t.raw.
func (t *tail) over(clean text) text { t.clean = clean; return t }

func (t *tail) Read(p []byte) (int, error) {
	if t.buf == nil {
		t.buf = make([]byte, 64<<10)
	}
	for !t.passing {
		t.mark = t.clean.Mark()
		n, err := t.clean.Read(t.buf)
		b := t.buf[:n]
		drop := t.drop.Load()
		for len(b) > 0 && !t.passing {
			if drop == byBytes {
				skip := min(max(0, t.ideal-t.written), int64(len(b)))
				// Where t.ideal is behind us already, here is as good.
				for t.out.unit == 1 && skip < int64(len(b)) && skip < 4 && !utf8.RuneStart(b[skip]) {
					skip++
				}
				t.written += skip
				b = b[skip:]
				t.passing = len(b) > 0 && t.written%int64(t.out.unit) == 0
				if !t.passing && len(b) > 0 {
					t.written++
					b = b[1:]
				}
				continue
			}
			m := t.out.next(b)
			if m < 0 {
				t.written += int64(len(b))
				b = nil
				break
			}
			t.written += int64(m)
			b = b[m:]
			t.dropped++
			t.passing = drop >= 0 && t.dropped >= drop
		}
		if t.passing {
			t.before = tallyOf(t.clean)
			t.pending = append(bytes.Clone(t.bom), b...)
		}
		if err != nil {
			if !t.passing || len(t.pending) == 0 {
				return 0, err
			}
			break // comes again
		}
	}
	if len(t.pending) > 0 {
		n := copy(p, t.pending)
		t.pending = t.pending[n:]
		return n, nil
	}
	return t.clean.Read(p)
}

func (t *tail) Counts() redact.Counts   { return minus(t.clean.Counts(), t.before.classes) }
func (t *tail) Rules() map[string]int64 { return minus(t.clean.Rules(), t.before.rules) }
func (t *tail) Encoding() string        { return t.clean.Encoding() }

func (t *tail) Mark() int {
	if len(t.pending) > 0 {
		return t.mark
	}
	return t.clean.Mark()
}

// skipping leaves out the next n bytes of r when it is first read.
type skipping struct {
	r io.Reader
	n int64
}

func (s *skipping) Read(p []byte) (int, error) {
	if s.n > 0 {
		n, err := io.CopyN(io.Discard, s.r, s.n)
		s.n -= n
		if err != nil {
			return 0, err
		}
	}
	return s.r.Read(p)
}

// head lets through at most max bytes, whole lines where it can.
type head struct {
	text
	max  int64
	over func() error // called once at the cut: nil ends the text well
	end  error
}

func (h *head) Read(p []byte) (int, error) {
	if h.end != nil {
		return 0, h.end
	}
	n, err := h.text.Read(p)
	if int64(n) <= h.max {
		h.max -= int64(n)
		return n, err
	}
	if h.end = h.over(); h.end == nil {
		h.end = io.EOF
	}
	if errors.Is(h.end, errOver) {
		return 0, h.end
	}
	cut := int(h.max)
	if unit := linesOf(h.Encoding()).unit; unit > 1 {
		cut -= cut % unit
	} else if i := bytes.LastIndexByte(p[:cut], '\n'); i >= 0 {
		cut = i + 1
	} else {
		for cut > 0 && cut > int(h.max)-utf8.UTFMax && !utf8.RuneStart(p[cut]) {
			cut--
		}
	}
	if cut == 0 {
		return 0, h.end
	}
	return cut, nil
}

// errOver says that a text is longer than its cap.
var errOver = errors.New("over the cap")

// tailSpool keeps the last bytes of a text whose length is not known before
// its end: in memory when short, else in encrypted scratch segments, the
// oldest given back as new ones come.
type tailSpool struct {
	clean   text
	scratch string
	max     int64

	segments []segment
	total    int64 // in the segments
	gone     int64 // in those given back
	at       int   // the segment being read
	pos      int64 // in it
	bom      []byte
	pending  []byte // the byte order mark, before the first byte after a cut
	found    tallied
	cut      bool
}

type segment struct {
	short  []byte
	long   *manifest.Scratch
	size   int64
	mark   int
	before tallied
}

// inMemory is how much of a text of unknown length is held before scratch
// space is used.
const inMemory = 256 << 10

// fill reads clean to its end.
func (t *tailSpool) fill() error {
	buf := make([]byte, 64<<10)
	each := max(t.max/8, inMemory)
	for {
		if n := len(t.segments); n == 0 || n == 1 && t.segments[0].size >= inMemory || n > 1 && t.segments[n-1].size >= each {
			s := segment{mark: t.clean.Mark(), before: tallyOf(t.clean)}
			if n > 0 {
				var err error
				if s.long, err = manifest.NewScratch(t.scratch); err != nil {
					return fmt.Errorf("scratch space: %w", err)
				}
			}
			t.segments = append(t.segments, s)
		}
		last := &t.segments[len(t.segments)-1]
		n, err := t.clean.Read(buf)
		if last.long == nil {
			last.short = append(last.short, buf[:n]...)
		} else if _, err := last.long.Write(buf[:n]); err != nil {
			return fmt.Errorf("scratch space: %w", err)
		}
		if t.total == 0 && n > 0 {
			_, bom := encodingOf(buf[:n])
			t.bom = bytes.Clone(buf[:bom])
		}
		last.size += int64(n)
		t.total += int64(n)
		for len(t.segments) > 1 && t.total-t.segments[0].size >= t.max {
			t.total -= t.segments[0].size
			t.gone += t.segments[0].size
			if err := t.segments[0].close(); err != nil {
				return err
			}
			t.segments, t.cut = t.segments[1:], true
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
	}
	t.found = tallyOf(t.clean)
	if t.total <= t.max && !t.cut {
		return nil
	}
	t.cut, t.pending = true, t.bom
	before := t.segments[0].before
	t.found = tallied{minus(t.found.classes, before.classes), minus(t.found.rules, before.rules)}
	return t.place()
}

// place puts the cut at the first line start that leaves at most max bytes.
func (t *tailSpool) place() error {
	l := linesOf(t.clean.Encoding())
	t.pos = max(0, t.total-t.max)
	t.pos += -(t.gone + t.pos) & int64(l.unit-1)
	buf := make([]byte, 32<<10)
	for at, pos := t.at, t.pos; at < len(t.segments); {
		n, err := t.segments[at].readAt(buf, pos)
		if m := l.next(buf[:n]); m >= 0 {
			t.at, t.pos = at, pos+int64(m)
			return nil
		}
		if pos += int64(n); pos >= t.segments[at].size {
			at, pos = at+1, pos-t.segments[at].size
		} else if err != nil {
			return err
		}
		if at > t.at+1 { // a line longer than a segment
			break
		}
	}
	return nil
}

func (t *tailSpool) Read(p []byte) (int, error) {
	if len(t.pending) > 0 {
		n := copy(p, t.pending)
		t.pending = t.pending[n:]
		return n, nil
	}
	for t.at < len(t.segments) {
		s := &t.segments[t.at]
		if t.pos < s.size {
			n, err := s.readAt(p, t.pos)
			t.pos += int64(n)
			if n > 0 || err != nil && !errors.Is(err, io.EOF) {
				return n, err
			}
		}
		t.at, t.pos = t.at+1, 0
	}
	return 0, io.EOF
}

func (t *tailSpool) Counts() redact.Counts   { return t.found.classes }
func (t *tailSpool) Rules() map[string]int64 { return t.found.rules }
func (t *tailSpool) Encoding() string        { return t.clean.Encoding() }

func (t *tailSpool) Mark() int {
	if t.at < len(t.segments) {
		return t.segments[t.at].mark
	}
	return t.clean.Mark()
}

func (t *tailSpool) close() error {
	var errs []error
	for _, s := range t.segments {
		errs = append(errs, s.close())
	}
	t.segments = nil
	return errors.Join(errs...)
}

func (s *segment) readAt(p []byte, off int64) (int, error) {
	if s.long == nil {
		return bytes.NewReader(s.short).ReadAt(p, off)
	}
	return s.long.ReadAt(p[:min(int64(len(p)), s.size-off)], off)
}

func (s *segment) close() error {
	if s.long == nil {
		return nil
	}
	return s.long.Close()
}

// tallied is what was hidden in a text up to some place.
type tallied struct {
	classes redact.Counts
	rules   map[string]int64
}

func tallyOf(t text) tallied {
	return tallied{maps.Clone(t.Counts()), maps.Clone(t.Rules())}
}

func minus[M ~map[K]int64, K comparable](a, b M) M {
	out := M{}
	for k, v := range a {
		if v > b[k] {
			out[k] = v - b[k]
		}
	}
	return out
}
