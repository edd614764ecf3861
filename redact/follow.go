package redact

import "bytes"

// A value may begin on the line of its key and go on in the lines below, or
// stand there altogether. What is followed over lines is told by how the
// value begins: a quote that does not close, a bracket, the sign of a block,
// a backslash at the end of the line, nothing at all.

// onward is what the followers of values carry from line to line, beside the
// key.
type onward struct {
	quote   byte     // that ends the value
	triple  bool     // three of them do
	depth   int8     // brackets that are open
	number  uint8    // flags of a bare number's span: its pseudonym may need quotes
	several bool     // the key is a plural: a list holds nothing but secrets
	found   bool     // a part of the value was hidden before
	word    [24]byte // that ends a heredoc
	size    int8
	opts    []option // of the command that goes on
	want    *option  // that the next argument is of
	layout  layout
}

// follows looks at how the value at q begins, and reports whether it goes on
// in the lines below and was taken care of.
func (sc *scanner) follows(f *field, q int) bool {
	b := sc.b
	if !f.key.secret() || f.query || f.key == keyCookie || f.key == keySetCookie || q >= len(b) {
		return false
	}
	switch c := b[q]; {
	case c == '"' || c == '\'' || c == '`':
		return sc.openQuote(f, q)
	case c == '[' || c == '{' || c == '(' || c == '&' || c == '*' || is(c, chAlpha):
		if p := typePrefix(b, q); p > q || c == '[' || c == '{' || c == '(' {
			return sc.openItems(f, p)
		}
	case c == '<' && at(b, q+1) == '<', c == '$' && at(b, q+1) == '(':
		return sc.hereDocument(f, q)
	case c == '\\' && (at(b, q+1) == '\n' || at(b, q+1) == '\r'):
		sc.below(f, sc.eol(q), inNext)
		return true
	}
	return false
}

// below opens a region of a kind for the lines below the one that ends at end.
func (sc *scanner) below(f *field, end int, kind regionKind) *region {
	key := f.key
	if key == keyWeak && hasSuffixFold(sc.b[f.start:f.end], "tokens") {
		key = keySecret
	}
	r := region{kind: kind, key: key, indent: sc.column(), f: *f}
	r.f.key = key
	sc.opens = append(sc.opens, opening{end, r})
	return &sc.opens[len(sc.opens)-1].region
}

// column is how deep the first key of the line stands: a dash of a list and
// its blanks are before it.
func (sc *scanner) column() int { return keyColumn(sc.b[sc.ls:]) }

func keyColumn(line []byte) int {
	k := run(line, 0, chSpace)
	for at(line, k) == '-' && is(at(line, k+1), chSpace) {
		k = run(line, k+1, chSpace)
	}
	return k
}

// deep is how many blanks begin a line.
func deep(line []byte) int { return run(line, 0, chSpace) }

// openQuote looks at a string at q that does not close in its line.
func (sc *scanner) openQuote(f *field, q int) bool {
	b := sc.b
	c, end := b[q], sc.eol(q)
	s := q + 1
	triple := at(b, s) == c && at(b, s+1) == c
	if triple {
		s += 2
		if k := bytes.Index(b[s:end], b[q:s]); k >= 0 {
			return false
		}
	} else if c == '`' || !f.first && !f.quoted || unquoted(b[s:end], c) || !sc.closesBelow(c, end) {
		return false
	}
	o := sc.below(f, end, inQuote)
	o.quote, o.triple = c, triple
	sc.part(o, s, end)
	return true
}

// unquoted reports whether the quote c ends a string in line.
func unquoted(line []byte, c byte) bool {
	n := stringEnd(line, c)
	return n < len(line)
}

// stringEnd is where the quote c ends a string that goes on in line.
func stringEnd(line []byte, c byte) int {
	for k := 0; k < len(line); k++ {
		switch {
		case line[k] == '\\' && c == '"':
			k++
		case line[k] == c:
			if at(line, k+1) != c {
				return k
			}
			k++
		}
	}
	return len(line)
}

// maxQuoted bounds how many lines and bytes below its beginning a string that
// is only marked by its quotes is looked for the end of.
const (
	maxQuotedLines = 64
	maxQuotedBytes = 8 << 10
)

// closesBelow reports whether a string that is open at end closes in one of
// the next lines: each of them stands deeper than the line of the key, or is
// blank, or none of them looks like a line of its own. Where the block ends
// before that is known, it does.
func (sc *scanner) closesBelow(c byte, end int) bool {
	b := sc.b
	indent := sc.column()
	limit := end + maxQuotedBytes
	for pos, n := nextLine(b, end), 0; n < maxQuotedLines && pos < limit; n++ {
		if pos >= len(b) {
			return true
		}
		e := lineEnd(b, pos)
		line := b[pos:e]
		sc.charge(len(line))
		k := stringEnd(line, c)
		if k < len(line) {
			rest := bytes.TrimLeft(line[k+1:], " \t")
			return len(rest) == 0 || rest[0] == ',' || rest[0] == ';' || rest[0] == ')' || rest[0] == ']' || rest[0] == '}' || rest[0] == '#' || rest[0] == '\\' && len(rest) == 1
		}
		if d := deep(line); d < len(line) && d <= indent && (n > 8 || ownLine(line[d:])) {
			return false
		}
		pos = nextLine(b, e)
	}
	return false
}

// ownLine reports whether a line begins with a key, a time or a tag.
func ownLine(line []byte) bool {
	n := run(line, 0, chKey)
	if n == 0 {
		return line[0] == '[' || line[0] == '<' || line[0] == '{' || line[0] == '}'
	}
	p := run(line, n, chSpace)
	return p < len(line) && (line[p] == '=' || line[p] == ':') || is(line[0], chDigit) && n >= 8
}

// nextLine is where the line after the one that ends at end begins.
func nextLine(b []byte, end int) int {
	for end < len(b) && b[end] != '\n' {
		end++
	}
	return end + 1
}

// part hides b[s:e], a line's part of a value, but for the blanks at its ends
// and the backslash that joins it to the next.
func (sc *scanner) part(o *region, s, e int) {
	b := sc.b
	s = run(b, s, chSpace)
	for e > s && (is(b[e-1], chSpace) || b[e-1] == '\r') {
		e--
	}
	if e > s && b[e-1] == '\\' && (e-2 < s || b[e-2] != '\\') {
		for e--; e > s && is(b[e-1], chSpace); e-- {
		}
	}
	if e <= s || placeholder(b[s:e]) || bytes.HasPrefix(b[s:e], []byte("-----")) || bytes.Count(b[s:e], []byte(" ")) > 2 && proseText(b[s:e]) {
		return
	}
	c := cToken
	if o.key == keyPassword || o.key == keyPass || o.key == keyPin {
		c = cPassword
	}
	if ts, te, tc, tr, ok := matchToken(b, s); ok && ts == s && te == e {
		sc.emit(s, e, tc.id(), tr, 0)
	} else {
		flags := uint8(spanLearn)
		if program(b[s:e]) {
			if o.key == keyWeak {
				return
			}
			flags = 0 // it stands in places that are no secret
		}
		if o.found {
			flags |= spanMore
		}
		sc.emit(s, e, c, ruleBlock, flags)
	}
	o.found = true
}

// program reports whether a line is one of a program or of a configuration
// rather than a piece of a secret: timeout = 180, driver: x, else:
func program(line []byte) bool {
	return line[len(line)-1] == ':' || bytes.Contains(line, []byte(" = ")) || bytes.Contains(line, []byte(": ")) && run(line, 0, chKey) == bytes.IndexByte(line, ':') ||
		bytes.HasPrefix(line, []byte("import ")) || bytes.HasPrefix(line, []byte("return "))
}

// quoteLine takes a line of a string that is open.
func (r *resolver) quoteLine(sc *scanner, s, e int) bool {
	b := sc.b
	line := b[s:e]
	n := len(line)
	done := false
	if r.triple {
		if k := bytes.Index(line, []byte{r.quote, r.quote, r.quote}); k >= 0 {
			n, done = k, true
		}
	} else if k := stringEnd(line, r.quote); k < n {
		n, done = k, true
	} else if r.lines > maxQuotedLines {
		return false
	}
	sc.part(&r.region, s, s+n)
	if done {
		r.kind = noRegion
	}
	return true
}

// hereDocument looks at <<WORD and $(cat <<WORD, whose text is the value.
func (sc *scanner) hereDocument(f *field, q int) bool {
	b := sc.b
	end := sc.eol(q)
	if b[q] == '$' {
		k := bytes.Index(b[q:min(end, q+40)], []byte("<<"))
		if k < 0 {
			return false
		}
		q += k
	}
	for q < end && b[q] == '<' {
		q++
	}
	for q < end && (b[q] == '-' || b[q] == '~' || is(b[q], chQuote|chSpace) || b[q] == '\\') {
		q++
	}
	n := run(b, q, chWord)
	if n == q || n-q > 24 || !is(b[q], chAlpha|chUnder) {
		return false
	}
	if !sc.wordBelow(b[q:n], end) {
		return false
	}
	o := sc.below(f, end, inHere)
	o.size = int8(copy(o.word[:], b[q:n]))
	return true
}

// wordBelow reports whether a line below end begins with a word, so far as the
// block can tell.
func (sc *scanner) wordBelow(word []byte, end int) bool {
	const far = 64 << 10
	b := sc.b
	limit := min(len(b), end+far)
	// Where it was looked for before need not be looked at again.
	from, seen := end, &sc.here
	if string(seen.word[:seen.size]) == string(word) && end >= seen.from {
		if seen.found && seen.to > end {
			return true
		}
		if !seen.found {
			from = min(max(end, seen.to-len(word)), limit)
		}
	} else {
		seen.size, seen.from = copy(seen.word[:], word), end
	}
	for pos := from; ; {
		k := bytes.Index(b[pos:limit], word)
		if k < 0 {
			sc.charge((limit - from) / 8)
			seen.to, seen.found = limit, false
			return limit == len(b)
		}
		pos += k
		if ls := lineStart(b, pos); ls > end && run(b, ls, chSpace) == pos {
			sc.charge((pos - from) / 8)
			seen.from, seen.to, seen.found = end, ls, true
			return true
		}
		pos += len(word)
	}
}

// soughtWord is the word that was last looked for at the beginning of a line:
// from where on, and the line that it was found at, or how far there is none.
type soughtWord struct {
	word     [24]byte
	size     int
	from, to int
	found    bool
}

func (r *resolver) hereLine(sc *scanner, s, e int) bool {
	line := bytes.TrimSpace(sc.b[s:e])
	word := r.word[:r.size]
	if rest, ok := bytes.CutPrefix(line, word); ok && run(rest, 0, chWord) == 0 && len(rest) < 4 {
		r.kind = noRegion
		return true
	}
	sc.part(&r.region, s, e)
	return true
}

// nextLineOf looks at the line below a key that had no value on its own.
func (r *resolver) nextLineOf(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if k >= e {
		return r.lines < 2
	}
	f := r.f
	f.start, f.end = k, k
	if r.marked { // what a command printed
		if v, ok := sc.loneWord(&r.region, k, e); ok && v.end-v.start >= 12 {
			sc.hide(&f, v)
		}
		return false
	}
	c := b[k]
	p := typePrefix(b, k)
	open := is(c, chQuote) || p > k || c == '[' || c == '{' || c == '('
	if !f.quoted && k-s <= r.indent && !(f.key == keyAuth && k > s) {
		return false
	}
	if !f.quoted && !open {
		if v, ok := sc.loneWord(&r.region, k, e); ok {
			sc.hide(&f, v)
			r.kind = inFold
			return true
		}
		return false
	}
	if !open {
		return false
	}
	f.first = false
	f.quoted = true
	r.kind = noRegion
	sc.field(f, k)
	return true
}

// loneWord reads a bare value that has its line for itself.
func (sc *scanner) loneWord(o *region, s, e int) (v value, ok bool) {
	b := sc.b
	for e > s && is(b[e-1], chSpace) {
		e--
	}
	if e > s+1 && b[e-1] == '\\' {
		for e--; e > s && is(b[e-1], chSpace); e-- {
		}
	}
	text := b[s:e]
	if len(text) < 4 || firstBlank(text) < len(text) || text[0] == '#' || text[0] == '<' || text[len(text)-1] == ':' || text[len(text)-1] == ',' || text[len(text)-1] == ';' || statusWord(text) || isPath(text) || placeholder(text) || dealtWith(text) {
		return v, false
	}
	if otherField(text) {
		return v, false
	}
	if o.key == keySecret && len(text) >= 24 && run(text, 0, chDigit) == 6 && digitGroups(text) { // a recovery key
		return value{start: s, end: e, quoted: true, whole: true}, true
	}
	if n := run(text, 0, chKey); n < len(text) && text[n] == ':' && !secretWord(text) {
		return v, false
	}
	sure := o.key == keyPassword && (hasDigit(text) || hasSign(text)) && !allDigits(text)
	if !sure && !secretWord(text) && !wordsAndNumber(text) && !(len(text) >= 16 && mixed(text)) {
		return v, false
	}
	return value{start: s, end: e, quoted: true, whole: true}, true
}

// otherField reports whether a word is a field of its own, name=x or NAME=x. A
// password seldom begins so.
func otherField(v []byte) bool {
	n := run(v, 0, chLower|chUnder)
	if n == 0 {
		n = run(v, 0, chUpper|chUnder)
	}
	return assigns(v, n)
}

// namesField is otherField with any short name, as cs2=x, where little else
// tells that a word is a password.
func namesField(v []byte) bool {
	n := run(v, 0, chKey)
	return n < 16 && assigns(v, n)
}

// assigns reports whether v[:n] is a name and behind it stand = and a value. A
// password may have the sign too, among others: OW=5WR2?5~N.
func assigns(v []byte, n int) bool {
	if n == 0 || n+1 >= len(v) || v[n] != '=' || v[n+1] == '=' {
		return false
	}
	return n > 15 || !bytes.ContainsAny(v[n+1:], "!?*^~+") || bytes.ContainsAny(v[n+1:], "/&:") || !hasDigit(v) || !mixed(v)
}

// digitGroups reports whether v is groups of digits with dashes between.
func digitGroups(v []byte) bool {
	for i, c := range v {
		if !is(c, chDigit) && !(c == '-' && i > 0 && v[i-1] != '-') {
			return false
		}
	}
	return len(v) > 0 && v[len(v)-1] != '-'
}

// foldLine takes a line that may go on a bare value: it stands deeper than
// the key and has nothing but one word that looks like a secret.
func (r *resolver) foldLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if k-s <= r.indent || k >= e {
		return false
	}
	if b[k] == '-' && at(b, k+1) == ' ' {
		return false
	}
	v, ok := sc.loneWord(&r.region, k, e)
	if !ok {
		return false
	}
	r.found = true
	sc.part(&r.region, v.start, v.end)
	return true
}

// slashLine takes a line that a backslash joined to the one before.
func (r *resolver) slashLine(sc *scanner, s, e int) bool {
	b := sc.b
	t := e
	for t > s && is(b[t-1], chSpace) {
		t--
	}
	more := t > s && b[t-1] == '\\' && (t-2 < s || b[t-2] != '\\')
	k := min(run(b, s, chSpace), t)
	if r.f.space || k == s { // a word of a shell
		if n := k + firstBlank(b[k:t]); n < t {
			t, more = n, false
		}
	}
	r.found = true
	sc.part(&r.region, k, t)
	if !more {
		r.kind = noRegion
	}
	return true
}

// joined reports whether the value that ends at e is joined to the next line
// by a backslash, and where it ends then.
func (sc *scanner) joined(s, e int) (int, bool) {
	b := sc.b
	if e <= s || b[e-1] != '\\' || e < sc.eol(e-1) || firstBlank(b[s:e]) < e-s {
		return e, false
	}
	n := e
	for n > s && b[n-1] == '\\' {
		n--
	}
	if (e-n)%2 == 0 {
		return e, false
	}
	e--
	return e, true
}

// goesOnBelow opens what may follow a bare value that its line ended.
func (sc *scanner) goesOnBelow(f *field, v value) {
	b := sc.b
	if !f.first || f.quoted || f.query || v.quoted || v.list || f.space || f.key == keyPin || sc.pinKey(f) { // a code has no second line
		return
	}
	end := sc.eol(v.end)
	if len(bytes.TrimSpace(b[v.end:end])) > 0 {
		return
	}
	if next := nextLine(b, end); next < len(b) && deep(b[next:]) <= sc.column() {
		return
	}
	sc.below(f, end, inFold)
}

// commandLine takes a line of arguments of a command that a backslash joined
// to the line before.
func (r *resolver) commandLine(sc *scanner, s, e int) bool {
	sc.options(r.opts, run(sc.b, s, chSpace), min(e, s+2048))
	if !slashed(sc.b[s:e]) || r.lines > 200 {
		r.kind = noRegion
	}
	return true
}

// slashed reports whether a line ends in a backslash with a blank before it.
func slashed(line []byte) bool {
	n := len(line)
	return n > 0 && line[n-1] == '\\' && (n == 1 || is(line[n-2], chSpace))
}

// argumentLine takes the line that begins with the argument of an option.
func (r *resolver) argumentLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	r.kind = noRegion
	if r.marked && at(b, k) == '-' && at(b, k+1) == ' ' { // - x
		k = run(b, k+1, chSpace)
	}
	vs, ve, next := sc.argument(k)
	if rest := run(b, next, chSpace); ve <= vs || next > e || b[vs] == '-' && vs == k || rest < e && b[rest] != '\\' && b[rest] != '-' && b[rest] != ',' && b[rest] != ']' && b[rest] != '|' && b[rest] != '>' || isPath(b[vs:ve]) {
		return true
	}
	c := cPassword
	if r.key == keySecret || r.key == keyWeak || r.key == keyAuth {
		c = cToken
	}
	if r.key == keyPassword || secretWord(b[vs:ve]) || wordsAndNumber(b[vs:ve]) {
		sc.hideSecret(vs, ve, c, ruleFlag)
	}
	return true
}
