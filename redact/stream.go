package redact

import (
	"bytes"
	"fmt"
	"io"
)

const (
	blockSize = 256 << 10 // bytes read before a block is cut
	context   = 4 << 10   // of a line longer than a block, kept to read on
	slack     = 16 << 10  // of such a line, not yet decided
)

// Stream is an io.Reader of redacted bytes.
type Stream struct {
	s    *Session
	name string
	r    io.Reader

	enc    encoding
	known  bool   // the encoding was found
	raw    []byte // read and not decoded, of UTF-16 and UTF-32
	buf    []byte // text not yet scanned, but for from bytes in front
	from   int    // bytes of buf that were given out and are context only
	inside int    // the line goes on inside a value longer than a block: its delimiter plus one
	out    []byte
	pos    int // of out, given out
	enco   []byte

	sc    *scanner
	res   resolver
	lines int64
	tally tally
	mark  int
	end   error // why nothing more is read
	err   error // what Read answers once out is empty

	report func(c classID, rule string, line int64) bool
}

// Stream returns the redacted form of r. name (a path) helps to tell formats
// apart; content decides. The stream pulls from r as it is read.
func (s *Session) Stream(name string, r io.Reader) *Stream {
	return &Stream{s: s, name: name, r: r}
}

// Read fails with ErrUnreadable when the content is not text; other errors
// are those of the underlying reader and come after everything before them
// was handed out redacted. After an error nothing more comes.
func (st *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for st.pos == len(st.out) {
		if st.err != nil {
			return 0, st.err
		}
		st.out, st.pos = st.out[:0], 0
		if err := st.next(); err != nil {
			st.fail(err)
		}
	}
	n := copy(p, st.out[st.pos:])
	st.pos += n
	return n, nil
}

func (st *Stream) fail(err error) {
	st.err = err
	st.buf, st.raw = nil, nil
	if st.sc != nil {
		st.s.scanners.Put(st.sc)
		st.sc = nil
	}
}

// Counts is what was hidden so far in this stream.
func (st *Stream) Counts() Counts { return st.tally.counts() }

// Encoding is the encoding found at the start: "utf-8", "utf-16le",
// "utf-16be", "utf-32le", "utf-32be" (or "" before the first Read).
func (st *Stream) Encoding() string {
	if !st.known {
		return ""
	}
	return st.enc.String()
}

// Mark is the session's mark that was in force for the oldest byte that the
// next Read will give: what was learned before it is not in the bytes that
// follow, what was learned since has to be swept for.
func (st *Stream) Mark() int {
	if st.pos < len(st.out) {
		return st.mark
	}
	return st.s.Mark()
}

// next scans the next block into out. It answers with the error that ends
// the stream when nothing more is to be had.
func (st *Stream) next() error {
	if st.sc == nil {
		st.sc = st.s.scanners.Get().(*scanner)
		st.sc.begin(st.name)
	}
	if err := st.fill(); err != nil {
		return err
	}
	if len(st.buf) == st.from {
		return st.end
	}
	cut := len(st.buf)
	long := false
	if st.end == nil {
		if k := bytes.LastIndexByte(st.buf[st.from:], '\n'); k >= 0 {
			cut = st.from + k + 1
		} else {
			long = true
		}
	}
	return st.block(cut, long)
}

// fill reads until there is a block, or no more to read.
func (st *Stream) fill() error {
	want := blockSize + st.from
	if cap(st.buf) < want {
		st.buf = append(make([]byte, 0, blockSize+context+64), st.buf...)
	}
	for st.end == nil && len(st.buf) < want {
		if !st.known || st.enc == utf8Enc {
			n, err := st.r.Read(st.buf[len(st.buf):want])
			st.buf = st.buf[:len(st.buf)+n]
			st.end = err
			if !st.known && (len(st.buf) >= want || err != nil) {
				if err := st.begin(); err != nil {
					return err
				}
			}
			continue
		}
		if err := st.pull(); err != nil {
			return err
		}
	}
	return nil
}

// begin decides what the text is written in from its first block.
func (st *Stream) begin() error {
	st.enc, st.known = detect(st.buf), true
	if st.enc == utf8Enc {
		if f := binaryFormat(st.buf); f != "" {
			return st.unreadable(f)
		}
		return nil
	}
	st.raw = append(make([]byte, 0, blockSize), st.buf...)
	st.buf = st.buf[:0]
	return st.decode()
}

func (st *Stream) unreadable(what string) error {
	if st.name == "" {
		return fmt.Errorf("%w: %s", ErrUnreadable, what)
	}
	return fmt.Errorf("%s: %w: %s", st.name, ErrUnreadable, what)
}

// pull reads a block of UTF-16 or UTF-32.
func (st *Stream) pull() error {
	for st.end == nil && len(st.raw) < blockSize {
		n, err := st.r.Read(st.raw[len(st.raw):blockSize])
		st.raw = st.raw[:len(st.raw)+n]
		st.end = err
	}
	return st.decode()
}

// decode moves whole characters from raw to buf.
func (st *Stream) decode() error {
	unit := st.enc.unit()
	n := len(st.raw) - len(st.raw)%unit
	if unit == 2 && st.end == nil && n >= 2 {
		hi := st.raw[n-1]
		if st.enc == utf16BE {
			hi = st.raw[n-2]
		}
		if hi >= 0xd8 && hi < 0xdc { // half of a character
			n -= 2
		}
	}
	var err error
	if st.buf, err = st.enc.decode(st.buf, st.raw[:n]); err != nil {
		return err
	}
	st.raw = append(st.raw[:0], st.raw[n:]...)
	return nil
}

// block scans buf up to cut and puts what is redacted into out. Of a line
// longer than a block it takes what can be decided.
func (st *Stream) block(cut int, long bool) error {
	sc, b := st.sc, st.buf[:cut]
	if st.inside != 0 {
		return st.swallow()
	}
	sc.partial = st.from > 0
	sc.scan(b)
	if (sc.ctl > 0 || sc.nul) && dense(b[st.from:]) {
		return st.unreadable("binary content")
	}
	mark := sc.mark
	if st.lines == 0 && st.from == 0 {
		st.res.start(sc)
	}
	st.res.resolve(sc)
	sc.settle()
	if sc.learn() || sc.s.dict.mark() > mark {
		mark = sc.s.dict.mark()
		sc.seek(sc.mark)
	}
	st.mark = mark
	sc.after(st.from)
	if long {
		cut = st.cutLong()
		sc.before(cut)
		b = b[:cut]
	}
	sc.tally = tally{}
	text := st.out
	if st.enc != utf8Enc {
		text = st.enco[:0]
	}
	text = sc.renderFrom(text, b, st.from)
	if st.report != nil {
		if err := st.tell(b); err != nil {
			return err
		}
	}
	st.s.account(&sc.tally)
	for i, n := range sc.tally {
		st.tally[i] += n
	}
	if st.enc != utf8Enc {
		st.out = st.enc.encode(st.out, text)
		st.enco = text
	} else {
		st.out = text
	}
	if st.end != nil && len(st.raw) > 0 { // half a code unit at the end
		if cut == len(st.buf) {
			st.out = append(st.out, st.raw...)
			st.raw = st.raw[:0]
		}
	}
	st.lines += int64(bytes.Count(b[st.from:], []byte{'\n'}))
	// What is left, with some context where its line was cut.
	keep := 0
	if long {
		keep = min(context, cut)
	}
	n := copy(st.buf, st.buf[cut-keep:])
	st.buf, st.from = st.buf[:n], keep
	return nil
}

// cutLong chooses where to cut a line that is longer than a block: at a sign
// between words that is in no span, else wherever no span is, else before the
// span that all of the rest is in.
func (st *Stream) cutLong() int {
	b := st.buf
	limit := len(b) - slack
	spans := st.sc.spans
	k := len(spans)
	low := st.from + 1
	for i := limit; i > low && i > limit-4*slack; i-- {
		for k > 0 && spans[k-1].start >= i {
			k--
		}
		if k > 0 && spans[k-1].end > i {
			i = spans[k-1].start + 1
			continue
		}
		if c := b[i-1]; c == ' ' || c == ',' || c == ';' || c == '\t' || c == '&' || c == '>' || c == 0 {
			return i
		}
	}
	for k = len(spans); k > 0; k-- {
		if sp := spans[k-1]; sp.start < limit {
			if sp.end <= limit {
				break
			}
			if sp.start > low {
				return sp.start
			}
			// It is longer than a block: it goes on until its delimiter.
			st.inside = 1
			if sp.start > 0 {
				st.inside = int(b[sp.start-1]) + 1
			}
			return len(b)
		}
	}
	// Not in the midst of a character.
	for limit > low && b[limit]&0xc0 == 0x80 {
		limit--
	}
	return limit
}

// swallow drops what goes on inside a value longer than a block.
func (st *Stream) swallow() error {
	b := st.buf[st.from:]
	q := byte(st.inside - 1)
	quoted := is(q, chQuote)
	n := 0
	for n < len(b) && b[n] != '\n' && (quoted && (b[n] != q || n > 0 && b[n-1] == '\\') || !quoted && b[n] > ' ' && b[n] != '"' && b[n] != ',') {
		n++
	}
	if n < len(b) {
		st.inside = 0
	}
	left := copy(st.buf, b[n:])
	st.buf, st.from = st.buf[:left], 0
	if left > 0 && st.inside == 0 {
		st.sc.partial = true
	}
	return nil
}

// tell reports the spans of a block.
func (st *Stream) tell(b []byte) error {
	line, pos := st.lines+1, st.from
	for _, sp := range st.sc.spans {
		line += int64(bytes.Count(b[pos:sp.start], []byte{'\n'}))
		pos = sp.start
		if sp.flags&spanMore != 0 {
			continue
		}
		if !st.report(sp.class, sp.rule, line) {
			return errEnough
		}
	}
	return nil
}

// WriteTo writes the whole redacted text to w.
func (st *Stream) WriteTo(w io.Writer) (int64, error) {
	var n int64
	for {
		if st.pos == len(st.out) {
			if st.err == nil {
				st.out, st.pos = st.out[:0], 0
				if err := st.next(); err != nil {
					st.fail(err)
				}
				continue
			}
			if st.err == io.EOF {
				return n, nil
			}
			return n, st.err
		}
		k, err := w.Write(st.out[st.pos:])
		n += int64(k)
		st.pos += k
		if err != nil {
			return n, err
		}
	}
}
