package redact

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
)

const (
	blockSize = 256 << 10 // bytes read before a block is cut
	// Of a line longer than a block, in parts of a block: what is kept to read
	// on, and what is not yet decided.
	contexts = 64
	slacks   = 16
)

// maxWorkers bounds how many blocks of one stream are scanned at once.
const maxWorkers = 4

// Stream is an io.Reader of redacted bytes.
//
// Blocks are read one after another, scanned side by side, resolved in order
// and written out side by side again. No goroutine outlives a Read.
type Stream struct {
	s    *Session
	name string
	r    io.Reader
	size int // of a block

	enc    encoding
	known  bool   // the encoding was found
	raw    []byte // read and not decoded, of UTF-16 and UTF-32
	narrow narrow // what of raw is neither
	buf    []byte // text not yet scanned, but for from bytes in front
	from   int    // bytes of buf that were scanned
	given  int    // of them, those that were given out and are context only
	held   []span // what is hidden in those that were not
	idle   int    // reads in a row that gave nothing
	inside int    // the line goes on inside a value longer than a block: its delimiter plus one

	blocks []*block // those of the batch, and spare ones behind
	batch  int      // of blocks, how many hold something to give out
	cur    int      // of the batch, the one that is given out
	pos    int      // of its out, given out

	res   resolver
	begun bool
	lines int64
	found [nClasses]int64
	rules []ruleUse // that found something
	end   error     // why nothing more is read
	err   error     // what Read answers once all is given out

	report func(sp *span, value []byte, line int64) bool
}

// block is a part of the text that ends with a line, as a rule.
type block struct {
	sc   *scanner
	buf  []byte // the text, with context in front
	from int
	tail []byte // half a code unit at the end of the text
	mark int    // what is learned later is not searched for
	done bool   // the dictionary was searched
	enc  []byte
	out  []byte
	err  error

	given int    // as in Stream
	held  []span // as in Stream
}

// Stream returns the redacted form of r. name (a path) helps to tell formats
// apart; content decides. The stream pulls from r as it is read.
func (s *Session) Stream(name string, r io.Reader) *Stream {
	st := &Stream{s: s, name: name, r: r, size: blockSize}
	if s.each != nil {
		st.report = func(sp *span, value []byte, line int64) bool {
			s.each(Hit{Name: name, Line: line, Class: classes[sp.class], Rule: s.ruleName(sp.rule), Value: value})
			return true
		}
	}
	return st
}

// Read fails with ErrUnreadable when the content is not text; other errors
// are those of the underlying reader and come after everything before them
// was handed out redacted. After an error nothing more comes.
func (st *Stream) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for {
		if out := st.ready(); len(out) > 0 {
			n := copy(p, out)
			st.pos += n
			return n, nil
		}
		if st.err != nil {
			return 0, st.err
		}
		st.next()
	}
}

// ready is what can be given out.
func (st *Stream) ready() []byte {
	for st.cur < st.batch {
		if out := st.blocks[st.cur].out; st.pos < len(out) {
			return out[st.pos:]
		}
		st.cur, st.pos = st.cur+1, 0
	}
	if st.err != nil {
		st.release()
	}
	return nil
}

// close ends the stream with err once what is ready was given out.
func (st *Stream) close(err error) { st.err = err }

// block takes a spare block of the session: many files are small.
func (st *Stream) block() *block {
	k := st.s.blocks.Get().(*block)
	k.sc = st.s.scanners.Get().(*scanner)
	st.blocks = append(st.blocks, k)
	return k
}

// release gives back what the stream used.
func (st *Stream) release() {
	for _, k := range st.blocks {
		if k.buf == nil {
			k.buf, st.buf = st.buf, nil
		}
		st.s.scanners.Put(k.sc)
		*k = block{buf: k.buf[:0], enc: k.enc[:0], out: k.out[:0], held: k.held[:0]}
		st.s.blocks.Put(k)
	}
	st.blocks, st.buf, st.raw, st.batch = nil, nil, nil, 0
}

// Counts is what was hidden so far in this stream.
func (st *Stream) Counts() Counts { return (&tally{classes: st.found}).counts() }

// Rules is how many of these each rule found, by its id.
func (st *Stream) Rules() map[string]int64 {
	var m map[string]int64
	for _, u := range st.rules {
		if m == nil {
			m = make(map[string]int64, len(st.rules))
		}
		m[st.s.ruleName(u.rule)] += u.n
	}
	return m
}

// ruleUse is how many values a rule found. Most streams are short and few
// rules find something.
type ruleUse struct {
	rule ruleID
	n    int64
}

// count adds what a block had.
func (st *Stream) count(t *tally) {
	for i, n := range t.classes {
		st.found[i] += n
	}
	for i, n := range t.rules {
		if n == 0 {
			continue
		}
		k := slices.IndexFunc(st.rules, func(u ruleUse) bool { return u.rule == ruleID(i) })
		if k < 0 {
			k = len(st.rules)
			st.rules = append(st.rules, ruleUse{rule: ruleID(i)})
		}
		st.rules[k].n += n
	}
}

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
	if len(st.ready()) > 0 {
		return st.blocks[st.cur].mark
	}
	return st.s.Mark()
}

// next makes the next batch of blocks ready, or ends the stream.
func (st *Stream) next() {
	st.batch, st.cur, st.pos = 0, 0, 0
	if st.inside == 0 {
		together([]turn{{st: st}})
		return
	}
	t := turn{st: st}
	t.guard(func() {
		if err := st.swallow(); err != nil {
			st.close(err)
		}
	})
}

// gather reads blocks for a batch. It answers with their number, whether the
// last is a part of a line only, and why there will be no more.
func (st *Stream) gather() (n int, long bool, err error) {
	for n < 2*min(maxWorkers, runtime.GOMAXPROCS(0)) && !long {
		if err := st.fill(); err != nil {
			return n, false, err
		}
		if len(st.buf) == st.from {
			return n, false, st.end
		}
		cut := len(st.buf)
		if st.end == nil {
			if k := bytes.LastIndexByte(st.buf[st.from:], '\n'); k >= 0 {
				cut = quietCut(st.buf, st.from, st.from+k+1)
			} else {
				long = true
			}
		}
		if n == len(st.blocks) {
			st.block()
		}
		k := st.blocks[n]
		n++
		k.sc.begin(st.name)
		k.err, k.tail, k.done = nil, nil, false
		k.held, st.held = st.held, k.held[:0]
		// The block keeps the buffer; what is left moves to its old one.
		rest := k.buf[:0]
		rest = append(rest, st.buf[cut:]...)
		k.buf, k.from, k.given = st.buf[:cut], st.from, st.given
		st.buf, st.from, st.given = rest, 0, 0
		if st.end != nil && len(st.raw) > 0 {
			k.tail = st.raw
			st.raw = nil
		}
	}
	return n, long, nil
}

// quietCut is where to end a block of which the last line ends at cut: where
// a line begins that goes on with nothing, so that what looks at the lines
// around it sees them. It is looked for in the last lines only.
func quietCut(b []byte, low, cut int) int {
	const lines, far = 200, 16 << 10
	low = max(low, cut-far)
	pos := cut
	for n := 0; n < lines && pos > low; n++ {
		end := pos - 1
		if end > low && b[end-1] == '\r' {
			end--
		}
		if pos < len(b) && is(b[pos], chAlnum) && end > low {
			switch b[end-1] {
			case '\\', ',', '[', '{', '(', ':', '=', '|', '>', '\n', '\r':
			default:
				return pos
			}
		}
		pos = lineStart(b, pos-1)
	}
	return cut
}

// resolve adds what goes over the ends of lines, and what was learned, to
// the spans of a block. Blocks come in order.
func (st *Stream) resolve(k *block) {
	sc := k.sc
	if !st.begun {
		st.begun = true
		st.res.start(sc)
	}
	st.res.resolve(sc)
	sc.settle()
	sc.learn()
	k.mark = sc.s.dict.mark()
}

// seek takes what stands in the block of all that was learned up to it.
func (k *block) seek() {
	if k.done {
		return
	}
	k.done = true
	k.sc.from(k.given, k.from, k.held)
	k.sc.seek(period{0, k.mark})
	k.sc.from(k.given, k.given, nil)
}

// render writes the block out.
func (k *block) render(enc encoding) {
	k.sc.tally.reset()
	if enc == utf8Enc {
		k.out = k.sc.renderFrom(k.out[:0], k.buf, k.given)
		return
	}
	k.enc = k.sc.renderFrom(k.enc[:0], k.buf, k.given)
	k.out = append(enc.encode(k.out[:0], k.enc), k.tail...)
}

// fill reads until there is a block, or no more to read.
func (st *Stream) fill() error {
	if st.end != nil {
		return nil
	}
	if st.blocks == nil {
		k := st.block()
		st.buf, k.buf = k.buf, nil
	}
	want := st.size + st.from
	room := st.size + st.size/contexts + 64
	if short, ok := st.r.(interface{ Len() int }); ok && len(st.buf) == 0 && short.Len() < want {
		want = short.Len() + 1 // for the end
		room = max(want, 16<<10)
	}
	if cap(st.buf) < want {
		st.buf = append(make([]byte, 0, room), st.buf...)
	}
	for st.end == nil && len(st.buf) < want {
		if !st.known || st.enc == utf8Enc {
			n, err := st.read(st.buf[len(st.buf):want])
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

// read reads once. A source that gives nothing, many times, has no more.
func (st *Stream) read(p []byte) (int, error) {
	n, err := st.r.Read(p)
	switch {
	case n > 0:
		st.idle = 0
	case err == nil:
		if st.idle++; st.idle > 100 {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// begin decides what the text is written in from its first block.
func (st *Stream) begin() error {
	st.enc, st.known = detect(st.buf), true
	if st.enc.unit() == 2 && new(narrow).in(st.buf, st.end != nil) {
		st.enc = utf8Enc // and runs of UTF-16 in it
	}
	if !marked(st.buf) {
		if f := binaryFormat(st.buf); f != "" {
			return st.unreadable(f)
		}
	}
	if st.enc == utf8Enc {
		if f := binaryShape(st.buf); f != "" {
			return st.unreadable(f)
		}
		return nil
	}
	st.raw = append(make([]byte, 0, st.size), st.buf...)
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
	for st.end == nil && len(st.raw) < st.size {
		n, err := st.read(st.raw[len(st.raw):st.size])
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
	if unit == 2 && st.narrow.in(st.raw[:n], st.end != nil) {
		return st.unreadable("UTF-16 with text of eight bits")
	}
	var err error
	if st.buf, err = st.enc.decode(st.buf, st.raw[:n]); err != nil {
		return err
	}
	st.raw = append(st.raw[:0], st.raw[n:]...)
	return nil
}

// cutLong chooses where to cut a line that is longer than a block: at a sign
// between words that is in no span, else wherever no span is, else before the
// span that all of the rest is in. What is after the cut is read again, with
// some context. That context is given out with it, as far as it can be: what is
// told to be a secret behind the cut may stand across it, and half of one that
// is left is found by nobody.
func (st *Stream) cutLong(k *block) {
	cut := st.placeToCut(k)
	keep := min(st.size/contexts, cut)
	if st.inside != 0 {
		keep = 0
	}
	base := cut - keep
	end := max(base, k.given)
	for end < cut && end < base+3 && k.buf[end]&0xc0 == 0x80 { // not in the midst of a character
		end++
	}
	for _, sp := range k.sc.spans {
		if sp.start < end && sp.end > end {
			end = min(sp.end, cut)
		}
		if sp.start >= end && sp.start < cut {
			st.held = append(st.held, span{sp.start - base, min(sp.end, cut) - base, sp.class, sp.flags, sp.rule})
		}
	}
	st.buf = append(st.buf[:0], k.buf[base:]...)
	st.from, st.given = keep, end-base
	k.sc.before(end)
	k.buf = k.buf[:end]
}

func (st *Stream) placeToCut(bl *block) int {
	b, spans := bl.buf, bl.sc.spans
	slack := st.size / slacks
	limit := len(b) - slack
	k := len(spans)
	low := bl.from + 1
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
	return max(limit, low)
}

// swallow drops what goes on inside a value longer than a block.
func (st *Stream) swallow() error {
	if err := st.fill(); err != nil {
		return err
	}
	b := st.buf[st.from:]
	if len(b) == 0 {
		return st.end
	}
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
	st.buf, st.from, st.given = st.buf[:left], 0, 0
	return nil
}

// tell reports the spans of a block.
func (st *Stream) tell(k *block) error {
	line, pos := st.lines+1, k.given
	for i := range k.sc.spans {
		sp := &k.sc.spans[i]
		line += int64(bytes.Count(k.buf[pos:sp.start], []byte{'\n'}))
		pos = sp.start
		if sp.flags&spanMore != 0 {
			continue
		}
		value := k.buf[sp.start:sp.end]
		if sp.flags&spanWide != 0 {
			k.sc.narrow = narrowed(k.sc.narrow[:0], value)
			value = k.sc.narrow
		}
		if !st.report(sp, value, line) {
			return errEnough
		}
	}
	return nil
}

// WriteTo writes the whole redacted text to w.
func (st *Stream) WriteTo(w io.Writer) (int64, error) {
	var n int64
	for {
		if out := st.ready(); len(out) > 0 {
			k, err := w.Write(out)
			n += int64(k)
			st.pos += k
			if err == nil && k < len(out) {
				err = io.ErrShortWrite
			}
			if err != nil {
				return n, err
			}
			continue
		}
		if errors.Is(st.err, io.EOF) {
			return n, nil
		}
		if st.err != nil {
			return n, st.err
		}
		st.next()
	}
}
