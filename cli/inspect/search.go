package inspect

import (
	"bytes"
	"context"
	"io"
	"sync/atomic"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"github.com/diagcollect/diagcollect/manifest"
)

// maxLine is how much of a line is held at once: a longer one is looked at in
// pieces, which have its number.
const maxLine = 4 << 20

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
	recent []kept // lines before, when context is wanted
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
	hits       []hit
}

type hit struct {
	start, end int   // in the content
	line       int64 // from the first whole one
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
	l := looked{begin: begin, end: end}
	text := content[begin:end]
	if may {
		at, line := 0, int64(0)
		r.Pattern.Lines(text, func(start, end int) {
			line += countLines(text[at:start])
			at = start
			l.hits = append(l.hits, hit{begin + start, begin + end, line})
		})
	}
	l.lines = countLines(text)
	return l
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
	r.entry, r.line, r.carry, r.recent, r.after, r.told = e, 1, r.carry[:0], r.recent[:0], 0, 0
}

// over reports that no more of the entry is wanted.
func (r *searching) over() bool {
	done := r.done.Load()
	return done != nil && *done == r.entry.Path
}

func (r *searching) part(content []byte, l looked, last bool) error {
	if head := content[:l.begin]; len(head)+len(r.carry) > 0 {
		r.carry = append(r.carry, head...)
		ended := bytes.HasSuffix(r.carry, []byte{'\n'})
		if ended || last && l.begin == len(content) || len(r.carry) > maxLine {
			line := r.carry
			r.carry = nil
			if err := r.region(line, r.within(line, 0, len(line), true)); err != nil {
				return err
			}
			if r.carry = line[:0]; cap(line) > 2*maxLine {
				r.carry = nil
			}
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

// region tells what was found in whole lines.
func (r *searching) region(content []byte, l looked) error {
	first := r.line
	r.line += l.lines
	if len(l.hits) == 0 && r.Context == 0 {
		return nil
	}
	text := content[l.begin:l.end]
	pos, number := 0, first // of the next line that was not told
	for _, h := range l.hits {
		start, end := h.start-l.begin, h.end-l.begin
		line := Line{Entry: r.entry, Number: first + h.line, Text: text[start:end], Match: true}
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
	for i := len(lines) - 1; i >= 0; i-- {
		r.recent = append(r.recent, lines[i])
	}
	if over := len(r.recent) - r.Context; over > 0 {
		r.recent = append(r.recent[:0], r.recent[over:]...)
	}
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
		if len(r.carry) > 0 {
			begin = min(lineEnd(text, 0)+1, len(text))
		}
		if err := r.part(text, r.within(text, begin, max(end, begin), true), last); err != nil || last {
			return err
		}
	}
	return nil
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
