package inspect

import (
	"bytes"
	"context"
	"io"
	"slices"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"github.com/diagcollect/diagcollect/manifest"
)

const (
	// maxLine is how much of a line is held at once. A longer one is looked at in
	// pieces; where it matches, the piece is told in which its first match ends.
	maxLine = 4 << 20

	mostHits    = 1 << 16  // of a part of an entry, kept before their turn comes
	mostKept    = 16 << 20 // bytes of lines that may become context
	contextHead = 64 << 10 // what is told of a line longer than maxLine as context
)

// Search looks for lines in the entries of bundles. Frames are read, held
// against their digests, decoded and searched several at once; what is found
// comes in order, with little in memory whatever the bundle. Entries in UTF-16
// and UTF-32 are searched, and told, as UTF-8.
type Search struct {
	Pattern *Pattern
	Context int                        // lines told before and after
	First   bool                       // no more than the first match of an entry
	Want    func(*manifest.Entry) bool // nil: all entries
	Accept  func(*Line, Before) bool   // nil: all matches; else those for which it is true
}

// Line is one of an entry. It is good until the function that got it returns.
type Line struct {
	Entry  *manifest.Entry
	Number int64
	Text   []byte // without line end; as it is in the entry
	Match  bool   // false: it was asked for as context
}

// Before gives the lines before one, the nearest first, as far as they are in
// memory.
type Before func(yield func([]byte) bool)

// Run searches one bundle and calls found with each line, in bundle order.
func (s *Search) Run(ctx context.Context, b *manifest.Bundle, found func(*Line) error) error {
	r := &searching{Search: s, b: b, found: found}
	want := func(e *manifest.Entry) bool {
		if done := r.done.Load(); done != nil && *done == e.Path {
			return false
		}
		return s.Want == nil || s.Want(e)
	}
	return manifest.EachFrame(ctx, b, want, r.look, r.take)
}

// searching is one run over one bundle.
type searching struct {
	*Search
	b     *manifest.Bundle
	found func(*Line) error
	done  atomic.Pointer[string] // path of an entry of which no more is wanted

	// Where taking the parts in order is.
	entry  *manifest.Entry
	line   int64  // number of the next line
	carry  []byte // of a line whose end is in the next part
	long   longLine
	recent []kept // lines before, when context is wanted
	held   int    // bytes of them
	after  int    // lines to tell still, after a match
	told   int64  // number of the last line told
	out    Line   // the line that is told
}

type kept struct {
	number int64
	text   []byte
}

// looked is what is known of a part before its turn comes.
type looked struct {
	begin, end int   // of its whole lines; around them lie ends of lines that began before or end later
	lines      int64 // that end in it
	finds
}

// finds are the first lines that match in a text.
type finds struct {
	hits []hit
	rest hit // the line from which on it was not searched; at the end of the text: none
}

type hit struct {
	start, end int32 // in the text
	line       int32 // counted from the first
}

// look searches the whole lines of the parts of a frame.
func (r *searching) look(content []byte, parts []manifest.Part) []looked {
	may := len(parts) == 1 || r.Pattern.MayMatch(content) // many entries are passed over at once
	out := make([]looked, len(parts))
	for i := range parts {
		p := &parts[i]
		l := &out[i]
		if wide(p.Entry) != nil {
			continue
		}
		if p.At > 0 {
			l.begin = min(lineEnd(p.Content, 0)+1, len(p.Content))
		}
		if l.end = len(p.Content); !p.Last() {
			l.end = max(bytes.LastIndexByte(p.Content, '\n')+1, l.begin)
		}
		*l = r.within(p.Content, l.begin, l.end, may)
	}
	return out
}

func (r *searching) within(content []byte, begin, end int, may bool) looked {
	text := content[begin:end]
	l := looked{begin: begin, end: end, lines: countLines(text)}
	if l.rest.start = int32(len(text)); may {
		l.finds = r.find(text, hit{})
	}
	return l
}

// find searches a text from the beginning of a line on.
func (r *searching) find(text []byte, from hit) finds {
	var f finds
	at, line := from.start, from.line
	f.rest.start = int32(len(text))
	r.Pattern.Lines(text[at:], func(start, end int) bool {
		h := hit{start: from.start + int32(start), end: from.start + int32(end)}
		line += int32(countLines(text[at:h.start]))
		at, h.line = h.start, line
		f.hits = append(f.hits, h)
		if len(f.hits) < mostHits {
			return true
		}
		f.rest.start, f.rest.line = min(h.end+1, int32(len(text))), line+1
		return false
	})
	return f
}

func countLines(b []byte) int64 { return int64(bytes.Count(b, []byte{'\n'})) }

// take goes through the parts in order.
func (r *searching) take(parts []manifest.Part, made []looked) error {
	for i := range parts {
		p := &parts[i]
		if p.At == 0 {
			r.begin(p.Entry)
			if dec := wide(p.Entry); dec != nil {
				if err := r.decoded(p.Entry, dec); err != nil {
					return err
				}
			}
		}
		if r.over() || wide(p.Entry) != nil {
			continue
		}
		if err := r.part(p.Content, made[i], p.Last()); err != nil {
			return err
		}
	}
	return nil
}

func (r *searching) begin(e *manifest.Entry) {
	r.entry, r.line, r.carry, r.recent, r.held, r.after, r.told = e, 1, r.carry[:0], r.recent[:0], 0, 0, 0
	r.long.end(r.Pattern)
}

// over reports that no more of the entry is wanted.
func (r *searching) over() bool {
	done := r.done.Load()
	return done != nil && *done == r.entry.Path
}

func (r *searching) part(content []byte, l looked, last bool) error {
	if head := content[:l.begin]; len(head)+len(r.carry) > 0 || r.long.begun {
		r.carry = append(r.carry, head...)
		ends := bytes.HasSuffix(r.carry, []byte{'\n'}) || last && l.begin == len(content)
		switch {
		case r.long.begun || !ends && len(r.carry) > maxLine:
			if err := r.piece(ends); err != nil {
				return err
			}
		case ends:
			line := r.carry
			r.carry = nil
			if err := r.region(line, r.within(line, 0, len(line), true)); err != nil {
				return err
			}
			r.carry = line[:0]
		}
	}
	if r.over() {
		return nil
	}
	if err := r.region(content, l); err != nil {
		return err
	}
	r.carry = append(r.carry, content[l.end:]...)
	return nil
}

// longLine is a line that is not held as a whole.
type longLine struct {
	begun bool
	dfa   *dfa  // nil: each piece is matched by itself
	at    int32 // its state
	match bool  // a match is found
	told  bool
	head  []byte // the beginning of the line, when context is wanted
}

func (g *longLine) end(p *Pattern) {
	if g.dfa != nil {
		p.dfas.Put(g.dfa)
	}
	*g = longLine{}
}

// piece takes what there is of a long line.
func (r *searching) piece(ends bool) error {
	g := &r.long
	text, wait := bytes.TrimSuffix(r.carry, []byte{'\n'}), 0
	if !ends {
		text = r.carry
		wait = unfinished(text)
	}
	text = text[:len(text)-wait]
	if !g.begun {
		g.begun, g.at = true, perState
		g.dfa = r.Pattern.dfas.Get().(*dfa)
		if r.Context > 0 {
			g.head = bytes.Clone(text[:min(len(text), contextHead)])
		}
	}
	if !g.match {
		switch body := bytes.TrimSuffix(text, []byte{'\r'}); {
		case g.dfa == nil:
			g.match = r.Pattern.Match(text)
		case ends:
			g.at = g.dfa.step(g.at, body)
			g.match = g.at == matched || g.dfa.follow(g.at, endOfLine) == matched
		default:
			g.at = g.dfa.step(g.at, text)
			g.match = g.at == matched
		}
		r.out = Line{Entry: r.entry, Number: r.line, Text: text, Match: true}
		if g.match && (r.Accept == nil || r.Accept(&r.out, r.before(nil, 0))) {
			g.told = true
			if err := r.preceding(nil, 0, 0, r.line); err != nil {
				return err
			}
			if err := r.tell(Line{Entry: r.entry, Number: r.line, Text: text, Match: true}); err != nil {
				return err
			}
			if r.First {
				r.done.Store(&r.entry.Path)
			}
		}
	}
	r.carry = append(r.carry[:0], r.carry[len(r.carry)-wait:]...)
	if !ends {
		return nil
	}
	switch {
	case g.told:
		r.after = r.Context
	case r.after > 0:
		r.after--
		if err := r.tell(Line{Entry: r.entry, Number: r.line, Text: g.head}); err != nil {
			return err
		}
	}
	if r.Context > 0 {
		r.remember(kept{r.line, g.head})
	}
	r.line++
	g.end(r.Pattern)
	return nil
}

// unfinished counts bytes at the end of a piece that mean nothing without those
// that follow: of a character, or a CR.
func unfinished(text []byte) int {
	if bytes.HasSuffix(text, []byte{'\r'}) {
		return 1
	}
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}

// region tells what was found in whole lines.
func (r *searching) region(content []byte, l looked) error {
	first := r.line
	r.line += l.lines
	if len(l.hits) == 0 && r.Context == 0 {
		return nil
	}
	text := content[l.begin:l.end]
	pos, number := 0, first // of the next line that was not told
	for f := l.finds; ; f = r.find(text, f.rest) {
		for _, h := range f.hits {
			start, end := int(h.start), int(h.end)
			line := Line{Entry: r.entry, Number: first + int64(h.line), Text: text[start:end], Match: true}
			if r.Accept != nil {
				if r.out = line; !r.Accept(&r.out, r.before(text, start)) {
					continue
				}
			}
			if err := r.following(text[:start], &pos, &number); err != nil {
				return err
			}
			if err := r.preceding(text, pos, start, line.Number); err != nil {
				return err
			}
			if err := r.tell(line); err != nil {
				return err
			}
			pos, number, r.after = min(end+1, len(text)), line.Number+1, r.Context
			if r.First {
				r.done.Store(&r.entry.Path)
				return nil
			}
		}
		if int(f.rest.start) >= len(text) {
			break
		}
	}
	if r.Context == 0 {
		return nil
	}
	if err := r.following(text, &pos, &number); err != nil {
		return err
	}
	r.keep(text, first+l.lines)
	return nil
}

func (r *searching) tell(l Line) error {
	r.told, r.out = l.Number, l
	return r.found(&r.out)
}

// following tells lines after a match, from *pos on, that text still holds.
func (r *searching) following(text []byte, pos *int, number *int64) error {
	for ; r.after > 0 && *pos < len(text); r.after-- {
		end := lineEnd(text, *pos)
		if err := r.tell(Line{Entry: r.entry, Number: *number, Text: text[*pos:end]}); err != nil {
			return err
		}
		*pos, *number = end+1, *number+1
	}
	return nil
}

// preceding tells lines before a match at start that were not told yet, those
// of text from pos on.
func (r *searching) preceding(text []byte, pos, start int, number int64) error {
	if r.Context == 0 {
		return nil
	}
	var lines []kept // nearest first
	for at := start; at > pos && len(lines) < r.Context; {
		begin := bytes.LastIndexByte(text[pos:at-1], '\n') + 1 + pos
		number--
		lines = append(lines, kept{number, text[begin : at-1]})
		at = begin
	}
	for i := len(r.recent) - 1; i >= 0 && len(lines) < r.Context; i-- {
		if k := r.recent[i]; k.number == number-1 {
			number--
			lines = append(lines, k)
		}
	}
	for i := len(lines) - 1; i >= 0; i-- {
		if k := lines[i]; k.number > r.told {
			if err := r.tell(Line{Entry: r.entry, Number: k.number, Text: k.text}); err != nil {
				return err
			}
		}
	}
	return nil
}

// keep copies the last lines of text, before the line with the number next.
func (r *searching) keep(text []byte, next int64) {
	var lines []kept
	for at := len(text); at > 0 && len(lines) < r.Context; {
		begin := bytes.LastIndexByte(text[:at-1], '\n') + 1
		next--
		lines = append(lines, kept{next, bytes.Clone(bytes.TrimSuffix(text[begin:at], []byte{'\n'}))})
		at = begin
	}
	for _, k := range slices.Backward(lines) {
		r.remember(k)
	}
}

// remember keeps a line that may become context, and forgets those for which
// there is no more need or room.
func (r *searching) remember(k kept) {
	r.recent = append(r.recent, k)
	r.held += len(k.text)
	gone := 0
	for ; len(r.recent)-gone > r.Context || r.held > mostKept; gone++ {
		r.held -= len(r.recent[gone].text)
	}
	r.recent = slices.Delete(r.recent, 0, gone)
}

func (r *searching) before(text []byte, start int) Before {
	return func(yield func([]byte) bool) {
		for at := start; at > 0; {
			begin := bytes.LastIndexByte(text[:at-1], '\n') + 1
			if !yield(text[begin : at-1]) {
				return
			}
			at = begin
		}
	}
}

// decoded searches an entry that is not in UTF-8, as a stream of its own.
func (r *searching) decoded(e *manifest.Entry, enc encoding.Encoding) error {
	c, err := r.b.Content(*e)
	if err != nil {
		return err
	}
	defer c.Close()
	in := transform.NewReader(c, enc.NewDecoder())
	buf := make([]byte, 1<<20)
	for !r.over() {
		n, err := io.ReadFull(in, buf)
		last := err == io.EOF || err == io.ErrUnexpectedEOF
		if err != nil && !last {
			return err
		}
		text := buf[:n]
		end := len(text)
		if !last {
			end = max(bytes.LastIndexByte(text, '\n')+1, 0)
		}
		begin := 0
		if len(r.carry) > 0 || r.long.begun {
			begin = min(lineEnd(text, 0)+1, len(text))
		}
		if err := r.part(text, r.within(text, begin, max(end, begin), true), last); err != nil || last {
			return err
		}
	}
	return nil
}

// Text reads the content of an entry as UTF-8, whatever its encoding.
func Text(e *manifest.Entry, content io.Reader) io.Reader {
	if enc := wide(e); enc != nil {
		return enc.NewDecoder().Reader(content)
	}
	return content
}

// wide gives the encoding of an entry that is not UTF-8.
func wide(e *manifest.Entry) encoding.Encoding {
	switch e.Encoding {
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM)
	case "utf-32le":
		return utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case "utf-32be":
		return utf32.UTF32(utf32.BigEndian, utf32.UseBOM)
	}
	return nil
}
