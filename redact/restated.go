package redact

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"
)

// A log quotes what programs say: a message of JSON has its quotes behind
// backslashes and its line ends as \n, one of XML has them as entities, a cell
// of CSV has them twice. Rules know the commonest of such spellings where they
// stand. A line that names a secret is read once more as it was before it was
// quoted, so that all that is known of texts is known of texts in quotes too.

// maxRestated is how much of a line is read again at once, and restatedStep how
// far apart such parts begin: what stands in both is seen whole in one.
const (
	maxRestated  = 32 << 10
	restatedStep = 28 << 10
)

// restated looks at the line b[s:e], which names a secret, as it reads without
// its escapes.
func (sc *scanner) restated(s, e int) {
	last := sc.names
	sc.names = 0
	if sc.nested >= maxNested {
		return
	}
	sc.framed(s, e)
	found := sc.spans[sc.lineSpans:]
	for ; e-s > maxRestated; s += restatedStep {
		sc.restatedPart(s, s+maxRestated, last-s, found)
	}
	sc.restatedPart(s, e, last-s, found)
}

// restatedPart looks at b[s:e], a line or a part of one, in which no name of a
// secret ends after last, and where found is what was found before. What another
// part found does not count: it may have seen less of it.
func (sc *scanner) restatedPart(s, e, last int, found []span) {
	line := sc.b[s:e]
	slashes, entities := quotes(line)
	double := doubled(line)
	var marks [2 * maxMessages]int
	ends := messages(line, last, marks[:0])
	if sc.charge((e - s) / 16); !slashes && !entities && double == 0 && len(ends) == 0 {
		return
	}
	text, places := sc.plain[:0], sc.places[:0]
	i := 0
	if !slashes && !entities && double == 0 { // only these read otherwise, in what they begin with
		if i = ends[0]; last-i > maxLead {
			return
		}
		line = line[:ends[len(ends)-1]+1]
	}
	for i < len(line) {
		c, n := line[i], 1
		switch {
		case len(ends) > 0 && i == ends[0]:
			c, ends = '\n', ends[1:]
		case c == '\\' && slashes:
			c, n = unslashed(line[i:])
		case c == '&' && entities:
			c, n = character(line[i:])
		case c == double && double != 0 && at(line, i+1) == c:
			n = 2
		}
		text = append(text, c)
		places = append(places, int32(i))
		i += n
	}
	places = append(places, int32(len(line)))
	sc.plain, sc.places = text, places
	sc.again(s, found)
}

// again reads the plain text, of which places has where behind s in b its bytes
// are from, and hides what it finds there beside what was found. It reports
// whether the text ends in the midst of something.
func (sc *scanner) again(s int, found []span) (goesOn bool) {
	w := sc.inner()
	w.nested = sc.nested + 1
	w.begin(sc.name)
	w.reread = true
	w.scan(sc.plain)
	w.reread = false
	var r resolver
	r.resolve(w)
	w.settle()
	sc.chargeFor(w)
	taken, k := sc.within(s, s+int(sc.places[len(sc.places)-1]), found), 0
	for _, sp := range w.spans {
		from, to := s+int(sc.places[sp.start]), s+int(sc.places[sp.end])
		for k < len(taken) && taken[k].end <= from {
			k++
		}
		if sp.class <= cEmail && (k == len(taken) || taken[k].start >= to) && !namesPseudonym(sc.b, from, to) && !behindPseudonym(sc.plain, sp.start) {
			sc.spans = append(sc.spans, span{start: from, end: to, class: sp.class, rule: sp.rule, flags: sp.flags & spanLearn})
		}
	}
	return r.kind != noRegion
}

// within is what of b[s:e] was found: in order, one where some overlap.
func (sc *scanner) within(s, e int, found []span) []span {
	all := sc.taken[:0]
	for _, sp := range found {
		if sp.start < e && sp.end > s {
			all = append(all, sp)
		}
	}
	slices.SortFunc(all, compareSpans)
	sc.taken = all
	n := 0
	for _, sp := range all {
		if n > 0 && sp.start < all[n-1].end {
			all[n-1].end = max(all[n-1].end, sp.end)
			continue
		}
		all[n] = sp
		n++
	}
	return all[:n]
}

// maxMessages is how many messages of a line are read as texts of their own, and
// maxLead how far into one the name of a secret may be that it begins with.
const (
	maxMessages = 4
	maxLead     = 80
)

// messages adds to marks where strings of the line open and close that are
// messages: {"msg":"x y"}, msg="x y", "x y", in a list. What is first in them is the
// first thing in a line. Behind last there is nothing of interest.
func messages(line []byte, last int, marks []int) []int {
	first := run(line, 0, chSpace)
	if at(line, first) == '"' { // an element of a list
		end := closing(line, first)
		if rest := len(line) - end; end > first && (rest == 1 || rest == 2 && line[end+1] == ',') && firstBlank(line[first:end]) < end-first {
			return append(marks, first, end)
		}
		return marks
	}
	if last = min(last, len(line)); last <= first {
		return marks
	} else if line[first] != '{' { // it may begin with a time and the like
		k := bytes.IndexByte(line[:last], '"')
		if k < 1 || line[k-1] != '{' && line[k-1] != '=' && !bytes.Contains(line[k:last], []byte(`{"`)) && !bytes.Contains(line[k:last], []byte(`="`)) {
			return marks
		}
		first = k
	}
	for i := first; i < last && len(marks) < cap(marks); {
		k := bytes.IndexByte(line[i:], '"')
		if k < 0 {
			break
		}
		open := i + k
		end := closing(line, open)
		if end < 0 {
			break
		}
		i = end + 1
		var s, n int
		switch p := run(line, i, chSpace); {
		case at(line, p) == ':':
			s, n = open+1, end
			if open = run(line, p+1, chSpace); at(line, open) != '"' {
				continue
			}
			if end = closing(line, open); end < 0 {
				return marks
			}
			i = end + 1
		case line[open-1] == '=':
			s, n = runBack(line, open-1, 0, chKey), open-1
		default:
			continue
		}
		if n > s && n-s <= 24 && messageNames.has(line[max(s, s+bytes.LastIndexByte(line[s:n], '.')+1):n]) && inWordsOrLines(line[open:end]) {
			marks = append(marks, open, end)
		}
	}
	return marks
}

// inWordsOrLines reports whether a string has blanks or ends of lines.
func inWordsOrLines(v []byte) bool {
	return firstBlank(v) < len(v) || bytes.Contains(v, []byte(`\n`)) || bytes.Contains(v, []byte(`\t`))
}

// messageNames are what logs call the text that a program said, and what was
// run.
var messageNames = setOf("msg", "message", "log", "text", "line", "body", "raw", "_raw", "output", "stdout", "stderr", "cmd", "cmdline", "command", "commandline", "command_line", "query", "statement", "sql", "script", "payload", "textpayload", "original", "content", "data", "event", "input", "detail", "details", "err", "error", "reason", "exception", "short_message", "full_message", "log_message", "@message", "@m", "renderedmessage", "exec", "run", "args", "process", "stack_trace", "stacktrace", "stack", "trace", "info", "description", "summary", "snippet", "value", "req", "request", "response")

// closing is where the string closes that opens at i; -1 if it does not.
func closing(line []byte, i int) int {
	for k := i + 1; k < len(line); k++ {
		n := bytes.IndexByte(line[k:], '"')
		if n < 0 {
			return -1
		}
		k += n
		slashes := 0
		for line[k-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return k
		}
	}
	return -1
}

// quotes tells by which kinds of escapes a line quotes another text.
func quotes(line []byte) (slashes, entities bool) {
	text := -1 // where it begins, once that was asked for
	for k := 0; k+1 < len(line) && !slashes; k++ {
		n := bytes.IndexByte(line[k:], '\\')
		if n < 0 || k+n+1 >= len(line) {
			break
		}
		k += n
		switch line[k+1] {
		case '"':
			slashes = true
		case 'u', 'x':
			c, _ := unslashed(line[k:])
			slashes = c != '\\'
		case 'n', 't': // a path of Windows has them too
			if text < 0 {
				text = stringBegins(line)
			}
			slashes = k >= text
		}
	}
	if k := bytes.IndexByte(line, '&'); k >= 0 {
		for _, w := range [...]string{"&quot;", "&lt;", "&gt;", "&#", "&apos;", "&amp;lt;", "&amp;quot;", "&amp;gt;", "&amp;#"} {
			entities = entities || bytes.Contains(line[k:], []byte(w))
		}
	}
	return slashes, entities
}

// stringBegins is where the first string of a line of JSON, or of one with names
// and values, may begin; the line's end if it has none.
func stringBegins(line []byte) int {
	signs := []string{`":`, `="`}
	if line[0] == '{' {
		signs = []string{`"`}
	}
	begin := len(line)
	for _, sign := range signs {
		if k := bytes.Index(line, []byte(sign)); k >= 0 {
			begin = min(begin, k+len(sign))
		}
	}
	return begin
}

// doubled is the quote that a line writes twice within a text in such quotes,
// as cells of CSV and strings of SQL do; 0 if there is none.
func doubled(line []byte) byte {
	for _, q := range [...]string{`""`, "''"} {
		for k := 0; ; k += 2 {
			n := bytes.Index(line[k:], []byte(q))
			if n < 0 {
				break
			}
			if k += n; k > 0 && is(at(line, k+2), chAlnum) && (is(line[k-1], chSpace) || line[k-1] == '(' || line[k-1] == '{' || line[k-1] == '[' || line[k-1] == '=' || line[k-1] == ':' || line[k-1] == '>') {
				return q[0]
			}
		}
	}
	return 0
}

// unslashed is the character that v, which begins with a backslash, stands for
// and how long it is written.
func unslashed(v []byte) (c byte, n int) {
	if len(v) < 2 {
		return v[0], 1
	}
	switch v[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case '"', '\\', '/', '\'':
		return v[1], 2
	case 'x':
		if r, ok := hexRune(v, 2, 2); ok && r < utf8.RuneSelf && r >= ' ' {
			return byte(r), 4
		}
	case 'u':
		if r, ok := hexRune(v, 2, 4); ok && r < utf8.RuneSelf && (r >= ' ' || r == 0x1b || r == '\n' || r == '\t' || r == '\r') {
			return byte(r), 6
		}
	}
	return v[0], 1
}

// character is the same for an entity.
func character(v []byte) (c byte, n int) {
	for _, e := range [...]struct {
		name string
		c    byte
	}{{"&quot;", '"'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&apos;", '\''}} {
		if len(v) >= len(e.name) && string(v[:len(e.name)]) == e.name {
			return e.c, len(e.name)
		}
	}
	if len(v) < 4 || v[1] != '#' { // &#34; &#x22;
		return v[0], 1
	}
	end := bytes.IndexByte(v[:min(len(v), 9)], ';')
	if end < 3 {
		return v[0], 1
	}
	digits, base := string(v[2:end]), 10
	if digits[0]|0x20 == 'x' {
		digits, base = digits[1:], 16
	}
	if r, err := strconv.ParseUint(digits, base, 8); err == nil && r < utf8.RuneSelf && (r >= ' ' || r == '\n' || r == '\t') {
		return byte(r), end + 1
	}
	return v[0], 1
}

// hexRune reads n hexadecimal digits at i.
func hexRune(v []byte, i, n int) (r rune, ok bool) {
	if len(v) < i+n {
		return 0, false
	}
	for _, c := range v[i : i+n] {
		if !is(c, chHex) {
			return 0, false
		}
		r = r<<4 | hexValue(c)
	}
	return r, true
}

// namesPseudonym reports whether b[s:e] ends in the name of what was hidden behind
// it before: x password: redacted-password-7k2mq4xd9wpa.
func namesPseudonym(b []byte, s, e int) bool {
	c := at(b, e)
	return (c == ':' || c == '=') && pseudonymAt(b, run(b, e+1, chSpace|chQuote)) > 0 && keyTail(b, e) && firstBlank(b[s:e]) < e-s
}

// behindPseudonym reports whether a pseudonym stands before b[i:] with nothing
// but what closes it between: what follows a value that was hidden is no part
// of it, though its quote, read without escapes, seems to be written twice.
func behindPseudonym(b []byte, i int) bool {
	k := i
	for k > 0 && i-k < 8 && (is(b[k-1], chQuote) || b[k-1] == '}' || b[k-1] == ']' || b[k-1] == ')') {
		k--
	}
	return k < i && k > 0 && pseudonymOver(b, k-1) == k
}
