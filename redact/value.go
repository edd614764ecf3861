package redact

import (
	"bytes"
	"strings"
)

// A value that was found: where it is, how it was written, what follows.
type value struct {
	start, end int
	quoted     bool
	whole      bool // reaches to the end of the line
	list       bool // stands in brackets
}

// field reads the value that begins at p, as its notation has it, and hides
// what its key says.
func (sc *scanner) field(f field, p int) {
	b := sc.b
	q := run(b, p, chSpace)
	if (f.key == keyUser || f.key == keyHost) && sc.nameless(f.key, p, q) {
		return
	}
	switch {
	case f.key.secret() && sc.materialList(&f, q):
		return
	case f.key == keyData:
		sc.secretData(&f, q)
		return
	case f.key == keyJWK:
		sc.webKey(&f, q)
		return
	case f.key == keyPairs:
		sc.open(f, p)
		sc.pairsIn(q)
		return
	case f.key.secret() && f.key != keyCookie && sc.ofLanguage(&f, q):
		return
	case sc.follows(&f, q):
		return
	case f.key == keyAuth && at(b, q) == '(' && is(at(b, q+1), chQuote): // ('user', 'password')
		us, ue, next := sc.argument(q + 1)
		p := run(b, next, chSpace)
		if next <= ue || at(b, p) != ',' {
			return
		}
		if vs, ve, next := sc.argument(run(b, p+1, chSpace)); next > ve && ve > vs && is(b[vs-1], chQuote) {
			sc.userName(us, ue, ruleUserField)
			sc.hideSecret(vs, ve, cPassword, ruleField)
		}
		return
	case at(b, q) == '{' && (f.key == keyPassword || f.key == keySecret || f.key == keyWeak) && (f.quoted || f.colon && flowMap(b[q:sc.eol(q)])):
		return
	case at(b, q) == '#' && f.first && !f.quoted && is(at(b, q+1), chSpace) && is(b[q-1], chSpace): // nothing but a comment
		return
	}
	if (f.key.secret() || f.key == keyUser) && q < len(b) && sc.forBoth(&f) && sc.userAndPassword(q, sc.eol(q)) {
		return
	}
	v, ok := sc.extent(&f, p)
	if !ok {
		if f.key.secret() || f.key == keyName {
			sc.open(f, p)
		}
		return
	}
	if sc.blockScalar(&f, v) {
		return
	}
	if n, more := sc.joined(v.start, v.end); more && f.key.secret() && !v.quoted {
		v.end = n
		sc.below(&f, n+1, inSlash).f.space = !v.whole
		if v.end <= v.start {
			return
		}
	}
	n := len(sc.spans)
	sc.hide(&f, v)
	if f.key.secret() && v.whole && (len(sc.spans) > n || dealtWith(b[v.start:v.end]) || f.key == keyAuth && knownScheme(b[v.start:v.end])) {
		sc.goesOnBelow(&f, v)
	}
	if v.quoted && v.end+5 < len(b) && f.key.secret() && (string(b[v.end+1:v.end+5]) == " -> " || string(b[v.end+1:v.end+5]) == " => ") { // a change
		if w, ok := sc.extent(&f, v.end+5); ok {
			sc.hide(&f, w)
		}
	}
}

// nameless reports whether what stands at q, and at p but for blanks, can be
// seen at once to be no name of a user or a host: a number, an address (found by
// its form), the key of the next field, an account that every system has.
func (sc *scanner) nameless(k keyKind, p, q int) bool {
	b := sc.b
	n := q
	for n < len(b) && (is(b[n], chDigit) || b[n] == '.') {
		n++
	}
	if n == q {
		n = run(b, q, chWord)
		if n == q || at(b, n) == '=' && q > p && at(b, n+1) != '=' {
			return n > q
		}
		if k == keyUser && !wellKnown.has(b[q:n]) || k == keyHost && !notHosts.has(b[q:n]) {
			return false
		}
	}
	c := at(b, n)
	return c == ' ' || c == '\n' || c == '\r' || n == len(b)
}

// extent finds where the value that begins at or after p ends.
func (sc *scanner) extent(f *field, p int) (v value, ok bool) {
	b := sc.b
	i := run(b, p, chSpace)
	for at(b, i) == 0x1b {
		n := ansi(b, i)
		if n == i {
			break
		}
		i = run(b, n, chSpace)
	}
	if i >= len(b) || b[i] == '\n' || b[i] == '\r' {
		return v, false
	}
	// What may stand before the value proper.
	for range 3 {
		c, d := b[i], at(b, i+1)
		switch {
		case c == '!' && (d == '!' || is(d, chAlpha)) && f.first && f.colon: // YAML tag
			k := i
			for k < len(b) && b[k] > ' ' {
				k++
			}
			if !is(at(b, k), chSpace) {
				break
			}
			i = run(b, k, chSpace)
		case (c == 'u' || c == 'b' || c == 'r' || c == 'L' || c == 'N' || c == 'f' || c == '@' || c == '$') && (d == '"' || d == '\''):
			i++
		case c == '(' && (is(d, chAlpha|chQuote) || d == '*' || d == '['): // (string) (len=3) "x", ('x'
			if n := typePrefix(b, i); n > i && is(at(b, n), chQuote) {
				i = n
			} else if is(d, chQuote) {
				i++
			}
		case c == '[' && d == ']': // []string{"x"}
			if n := typePrefix(b, i); at(b, n) == '{' && is(at(b, n+1), chQuote) {
				i = n + 1
				v.list = true
			}
		case c == '[' && (d == '"' || d == '\'' || d == '\\' || is(d, chAlnum)) && !f.first || c == '[' && (d == '"' || d == '\'' || d == ' '):
			i = run(b, i+1, chSpace)
			v.list = true
		case c == '&' && is(d, chAlpha) && f.colon && f.first: // YAML anchor
			k := run(b, i+1, chKey)
			if at(b, k) != ' ' {
				break
			}
			i = run(b, k, chSpace)
		}
		if is(c, chAlpha) {
			if n := run(b, i, chAlpha); at(b, n) == '(' && is(at(b, n+1), chQuote) || at(b, n) == '(' && at(b, n+1) == '\\' && is(at(b, n+2), chQuote) {
				switch string(lowerOf(b[i:n], sc.lower[:])) {
				case "some", "just", "ok", "string", "secret", "secretstr", "secretstring", "optional", "sensitive", "right", "str", "password":
					i = n + 1
				}
			} else if at(b, n) == '(' && is(at(b, n+1), chAlnum) && string(b[i:n]) == "Some" {
				if k := run(b, n+1, chKey); at(b, k) == ')' && secretWord(b[n+1:k]) {
					v.start, v.end = n+1, k
					return v, true
				}
			} else if at(b, n) == '(' && is(at(b, n+1), chDigit) { // string(12) "x"
				if n := typePrefix(b, i); is(at(b, n), chQuote) {
					i = n
				}
			} else if at(b, n) == ' ' && at(b, n+1) == '"' && (string(b[i:n]) == "Just" || string(b[i:n]) == "Right") {
				i = n + 1
			}
		}
		if i >= len(b) || b[i] == '\n' {
			return v, false
		}
	}
	if bytes.HasPrefix(b[i:], []byte("<![CDATA[")) {
		i += 9
		k := bytes.Index(b[i:min(sc.eol(i), i+4096)], []byte("]]>"))
		if k < 0 {
			return v, false
		}
		v.start, v.end, v.quoted = i, i+k, true
		return v, true
	}
	if e := entityAt(b, i); e != "" && !f.query {
		i += len(e)
		k := bytes.Index(b[i:sc.eol(i)], []byte(e))
		if k > 0 {
			v.start, v.end, v.quoted = i, i+k, true
			return v, true
		}
	}
	if e := quoteEscape(b, i); e != "" && e[0] == '\\' {
		i += len(e)
		if k := bytes.Index(b[i:sc.eol(i)], []byte(e)); k > 0 {
			for k > 1 && b[i+k-1] == '\\' {
				k--
			}
			v.start, v.end, v.quoted = i, i+k, true
			return v, true
		}
	}
	n := i
	for n < len(b) && b[n] == '\\' {
		n++
	}
	if n < len(b) && is(b[n], chQuote) && (n == i || b[n] != '`') && !f.query {
		if v.start, v.end, ok = sc.quoted(i, n); ok {
			v.quoted = true
			return v, v.end > v.start
		}
		if n == i && v.start > v.end { // an empty pair of quotes
			return v, false
		}
		// A quote that does not close: it may be part of the value.
		if n > i || f.first {
			i = n
			v.start, v.end = i, i
		}
		if n > i {
			i++
		}
	}
	if at(b, i) == '\\' && is(at(b, i+1), chQuote) {
		return v, false
	}
	v.start = i
	if n := sc.quotedEntry(f, i); n > i {
		v.end, v.quoted = n, true
		return v, true
	}
	if f.first && !f.query && !f.quoted && !v.list && (f.key != keyName || f.colon) {
		v.end = sc.restOfLine(f, i)
		v.whole = true
	} else {
		v.end = sc.bareEnd(f, i, v.list)
	}
	return v, v.end > v.start
}

// quotedEntry is the end of the value at i of NAME=value where the quote opens
// before the name, as lists of environments have it: "NAME=a; b = c". It is 0
// where it is none, or where more such pairs follow in the quotes.
func (sc *scanner) quotedEntry(f *field, i int) int {
	b := sc.b
	if f.start <= sc.ls || i != f.end+1 || b[f.end] != '=' || f.query || !f.key.secret() || f.key == keyAuth || f.key == keyCookie || f.key == keySetCookie {
		return 0
	}
	q := b[f.start-1]
	if q != '"' && q != '\'' || run(b, f.start, chUpper|chDigit|chUnder) < f.end {
		return 0
	}
	switch c := at(b, f.start-2); {
	case f.start-1 == sc.ls, c <= ' ', c == '[', c == ',', c == '(', c == '=':
	default:
		return 0
	}
	end := min(sc.eol(i), i+256)
	n := bytes.IndexByte(b[i:end], q)
	if n < 1 || !endsAfter(at(b, i+n+1)) || bytes.IndexByte(b[i:i+n], '\\') >= 0 || dealtWith(b[i:i+n]) {
		return 0
	}
	for k := i; k < i+n; k++ { // user=x
		if c := b[k]; c == ' ' || c == ';' || c == '&' || c == ',' {
			if w := run(b, k+1, chKey); w > k+1 && at(b, w) == '=' && !is(at(b, w+1), chSpace) {
				return 0
			}
		}
	}
	if v := b[i : i+n]; firstBlank(v) < n && (secretWord(v[:firstBlank(v)]) || hasPseudonym(v[:firstBlank(v)]) || bytes.Contains(v, []byte(" -")) || bytes.Contains(v, []byte(" /")) || bytes.Contains(v, []byte("&&")) || bytes.Contains(v, []byte(" | "))) { // a command follows
		return 0
	}
	return i + n
}

// quotedEnd finds the end of a string that opens at b[n] with n-i
// backslashes before its quote, as a string within a string has. A string of
// JSON in a string of JSON is opened by \", in a third by \\\".
func quotedEnd(b []byte, i, n int) (start, end int, ok bool) {
	q, level := b[n], n-i
	start = n + 1
	if level == 0 && at(b, n+1) == q && at(b, n+2) == q { // """..."""
		k := bytes.Index(b[n+3:lineEnd(b, n+3)], b[n:n+3])
		if k > 0 {
			return n + 3, n + 3 + k, true
		}
	}
	slashes := 0
	for k := start; k < len(b); k++ {
		switch c := b[k]; {
		case c == '\\':
			slashes++
			continue
		case c == '\n':
			return start, k, false
		case c == q:
			if q == '`' || level == 0 && slashes == 0 {
				if at(b, k+1) == q && k > start && q != '`' && (!endsAfter(at(b, k+2)) || q == '\'' && at(b, k+2) == ' ' && goesOn(b, k+2)) { // doubled: '' in SQL, "" in CSV
					k++
					slashes = 0
					continue
				}
				if k == start {
					return start, start - 1, false
				}
				return start, k, true
			}
			if slashes < level { // the string around it ends first
				return start, k - slashes, k-slashes > start
			}
			if (slashes-level)/(level+1)%2 == 0 {
				return start, k - level, k-level > start
			}
			if q == '\'' && level == 0 && endsAfter(at(b, k+1)) { // no escapes in '...': a backslash ends it
				return start, k, true
			}
		case level > 0 && slashes < level && (c == '"' || c == '\'') && slashes == 0:
			return start, k, k > start
		}
		slashes = 0
	}
	return start, len(b), false
}

// goesOn reports whether a string in single quotes goes on at i, behind two of
// them: an odd number follows in the line.
func goesOn(b []byte, i int) bool {
	n := 0
	for k := i; k < len(b) && k < i+256 && b[k] != '\n'; k++ {
		if b[k] == '\'' {
			n++
		}
	}
	return n%2 == 1
}

func endsAfter(c byte) bool {
	return c <= ' ' || c == ',' || c == ')' || c == ';' || c == ']' || c == '}' || c == '>' || c == '&' || c == ':' || c == '/'
}

// restOfLine is the end of a bare value that its line belongs to: up to a
// comment, or to what begins another field.
func (sc *scanner) restOfLine(f *field, i int) int {
	b := sc.b
	e := sc.eol(i)
	for e > i && (b[e-1] == ' ' || b[e-1] == '\t') {
		e--
	}
	sc.charge(e - i)
	words := 0
	for k := i; k < e; k++ {
		if b[k] == 0 { // environments: NUL parts their entries
			return k
		}
		if b[k] == '\r' { // the end of a line too, to some
			return sc.punctuation(i, k)
		}
		if b[k] == 0x1b && at(b, k+1) == '[' {
			return k
		}
		if b[k] == '&' && k > i && (f.key == keySecret || f.key == keyWeak) { // a form: a password may hold the sign
			if n := run(b, k+1, chKey); n > k+1 && at(b, n) == '=' {
				return k
			}
		}
		if !is(b[k], chSpace) {
			continue
		}
		n := run(b, k, chSpace)
		if n >= e {
			break
		}
		words++
		if (b[n] == '#' || b[n] == ';') && (is(at(b, n+1), chSpace) || n+1 >= e) || b[n] == '/' && at(b, n+1) == '/' && at(b, n+2) == ' ' || b[n] == '#' && f.colon {
			return sc.punctuation(i, k)
		}
		w := run(b, n, chKey)
		if w > n && w < e && (b[w] == '=' && w+1 < len(b) || b[w] == ':' && is(at(b, w+1), chSpace) && f.start < n) {
			return sc.punctuation(i, k)
		}
		if b[n] == '-' && is(at(b, n+1), chAlpha|chUnder) || b[n] == '-' && at(b, n+1) == '-' || b[n] == '&' || b[n] == '|' || b[n] == '/' && is(at(b, n+1), chLower) || b[n] == '.' && at(b, n+1) == '/' {
			if !f.colon { // a command follows its environment
				if i == f.end+1 && is(b[f.start], chUpper) && is(b[f.end-1], chUpper) {
					return sc.punctuation(i, i+firstBlank(b[i:e]))
				}
				return sc.punctuation(i, k)
			}
		}
		if words == 1 && b[i] != '"' {
			first := b[i:k]
			if f.colon && (secretWord(first) || proseWord(first)) || f.space {
				return sc.punctuation(i, k)
			}
			if i == f.end+1 && (secretWord(first) || isUUID(first)) { // NAME=x command, token=x ok
				if f.key != keyPassword || proseWord(b[n:run(b, n, chWord)]) || is(b[f.start], chUpper) && is(b[f.end-1], chUpper) && is(b[n], chLower) {
					return sc.punctuation(i, k)
				}
			}
		}
		if f.colon || f.space || f.key == keyUser || f.key == keyHost {
			if proseWord(b[n:run(b, n, chWord)]) && pseudonymAt(b, n) == 0 {
				// A sentence: at most its first word is a value.
				return sc.punctuation(i, i+firstBlank(b[i:e]))
			}
		}
		k = n - 1
	}
	return sc.punctuation(i, e)
}

func firstBlank(b []byte) int {
	for i, c := range b {
		if is(c, chSpace) {
			return i
		}
	}
	return len(b)
}

// punctuation takes from the end of a bare value what belongs to the text
// around it.
func (sc *scanner) punctuation(i, e int) int {
	b := sc.b
	for e > i {
		switch b[e-1] {
		case ',', ';':
			e--
			continue
		case '"', '\'':
			if e-1 > i && bytes.IndexByte(b[i:e-1], b[e-1]) < 0 && b[i] != b[e-1] {
				e--
				continue
			}
		case '}', ']', ')':
			open := map3(b[e-1])
			if bytes.IndexByte(b[i:e-1], open) < 0 && e-1 > i {
				e--
				continue
			}
		}
		return e
	}
	return e
}

func map3(c byte) byte {
	switch c {
	case '}':
		return '{'
	case ']':
		return '['
	}
	return '('
}

// quoted is quotedEnd, with a memory of quotes that do not close.
func (sc *scanner) quoted(i, n int) (start, end int, ok bool) {
	slot := &sc.openTo[int(sc.b[n])&3|min(n-i, 1)<<2]
	if n < *slot {
		return n + 1, *slot, false
	}
	start, end, ok = quotedEnd(sc.b, i, n)
	sc.charge(end - n)
	if !ok && end-start > 1024 {
		*slot = end
	}
	return start, end, ok
}

// bareEnd is the end of a bare value in the midst of a line.
func (sc *scanner) bareEnd(f *field, i int, list bool) int {
	if i >= len(sc.b) {
		return i
	}
	if i > sc.bareFrom && sc.bareTo-i > 4096 {
		return sc.bareTo
	}
	e := sc.bare(f, i, list)
	sc.charge(e - i)
	if e-i > 4096 {
		sc.bareFrom, sc.bareTo = i, e
	}
	return e
}

func (sc *scanner) bare(f *field, i int, list bool) int {
	b := sc.b
	depth := 0
	for k := i; k < len(b); k++ {
		c := b[k]
		if chars[c]&(chAlnum|chUnder) != 0 {
			continue
		}
		d := at(b, k+1)
		switch c {
		case ' ', '\t', '\n', '\r', 0, 0x1b:
			return sc.trimDot(i, k)
		case '"', '`':
			if k > i {
				for k > i && b[k-1] == '\\' {
					k--
				}
				return k
			}
		case '\'':
			if k > i && endsAfter(d) {
				return k
			}
		case '\\':
			if f.key == keyUser && (is(d, chLower) && is(at(b, k+2), chLower|chDigit|chUnder) || pseudonymAt(b, k+1) > 0) {
				continue
			}
			if d == 'n' || d == 'r' || d == 't' { // an escaped line end
				if m := at(b, k+2); !is(m, chLower|chDigit) || k+2 >= len(b) || d == 'n' || d == 'r' {
					return k
				}
			}
			if d == 'u' && bytes.HasPrefix(b[k:], []byte(`\u0026`)) {
				return k
			}
		case '&':
			if f.query || d == '&' || d == ' ' || entityAt(b, k) != "" {
				return k
			}
			w := k + 1
			if bytes.HasPrefix(b[k:], []byte("&amp;")) {
				w = k + 5
			}
			if n := run(b, w, chKey); n > w && at(b, n) == '=' {
				return k
			}
			k = w - 1
		case '#':
			if f.query {
				return k
			}
		case '?':
			if f.query && endsAfter(d) {
				return k
			}
		case '%':
			for w := k + 1; f.escaped && at(b, w) == '2' && at(b, w+1) == '5'; w += 2 {
				if at(b, w+2) == '2' && (at(b, w+3) == '6' || at(b, w+3) == '2') || at(b, w+2) == '7' && lower(at(b, w+3)) == 'd' {
					return k
				}
			}
			if f.escaped && (d == '2' && (at(b, k+2) == '6' || at(b, k+2) == '2') || d == '7' && lower(at(b, k+2)) == 'd') {
				return k
			}
		case '<':
			if d == '/' || f.element || is(d, chAlpha) && bytes.IndexByte(b[k:min(len(b), k+40)], '>') > 0 {
				return k
			}
		case '>':
			if k > i && (d <= ' ' || d == ',' || d == ';') && bytes.IndexByte(b[i:k], '<') < 0 {
				return k
			}
		case ',':
			if f.query && f.key != keyAuth && d != '&' {
				if endsAfter(d) || d == '"' {
					return k
				}
				continue
			}
			if endsAfter(d) || d == '"' || d == '\'' || d == '\\' {
				return k
			}
			w := run(b, k+1, chKey)
			if w > k+1 && (at(b, w) == '=' || at(b, w) == ':') {
				return k
			}
		case ';':
			if d <= ' ' || d == '"' || d == '\'' || d == '<' || d == '&' || d == '\\' {
				return k
			}
			w := run(b, k+1, chKey|chSpace)
			if w > k+1 && at(b, w) == '=' {
				return k
			}
		case '|', '^':
			if d == '|' || d == ' ' && c == '|' {
				return k
			}
			if w := run(b, k+1, chKey); w > k+1 && at(b, w) == '=' && (c == '|' || f.start == sc.ls || b[f.start-1] == '^' || b[f.start-1] == '|') {
				return k
			}
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if list && c == ']' && depth == 0 {
				return k
			}
			if depth > 0 {
				depth--
			} else if endsAfter(d) || d == '"' || d == '\\' || d == '.' || d == '\'' {
				return k
			}
		}
	}
	return sc.trimDot(i, len(b))
}

// trimDot leaves the sign that ends a sentence to the sentence.
func (sc *scanner) trimDot(i, e int) int {
	b := sc.b
	for e > i+1 {
		switch b[e-1] {
		case ',', ';', ':':
			e--
			continue
		case '.':
			if e-i > 2 {
				e--
				continue
			}
		case '\'', '"':
			if bytes.IndexByte(b[i:e-1], b[e-1]) < 0 {
				e--
				continue
			}
		}
		break
	}
	return e
}

// hide judges a value and hides it.
func (sc *scanner) hide(f *field, v value) {
	b := sc.b
	text := b[v.start:v.end]
	if len(text) == 0 || v.start < sc.skip && v.end <= sc.skip {
		return
	}
	look := text // of it, what is looked at to tell what it is
	if len(look) > 4096 {
		look = look[:512]
	}
	sc.charge(len(look))
	if f.key >= keyUser && f.key != keyValue && len(text) > 1024 { // of an identity, at most the first word
		if k := firstBlank(text[:1024]); k < 1024 && !v.quoted {
			v.end, v.whole = v.start+k, false
			text = text[:k]
		} else if f.key != keyNew {
			return
		}
	}
	if dealtWith(text) {
		return
	}
	if k := firstBlank(look); k < len(look) && !v.quoted && dealtWith(text[:k]) {
		return // what follows a value that was hidden before is no part of it
	}
	if (f.key == keyUser || f.key == keyHost) && (reference(text) || codeLike(text) && !bytes.Contains(text, []byte("(uid"))) || sc.sourceCode(f, &v, look) {
		return
	}
	if f.paren && !v.quoted && (!secretWord(look) || f.key == keyUser || f.key == keyHost) {
		return
	}
	if v.quoted && text[0] == '{' && f.key.secret() && bytes.Contains(look, []byte(`":`)) { // JSON in a string: its own keys tell
		sc.innerJSON(f, v)
		return
	}
	switch f.key {
	case keyPassword, keyPass, keySecret, keyWeak:
		if len(text) > 4096 { // too long for anything but a secret, or for a look
			if f.key != keyWeak || v.quoted {
				sc.emit(v.start, v.end, cToken, ruleField, 0)
			}
			return
		}
		if bytes.HasPrefix(text, []byte("django-insecure-")) && v.quoted {
			sc.emit(v.start, v.end, cToken, ruleField, spanLearn)
			return
		}
		if placeholder(text) || codeLike(text) || v.whole && codeText(text) {
			sc.fallback(v)
			return
		}
		if f.key == keyPassword || f.key == keyPass {
			if !passwordValue(f, &v, text, sc) {
				return
			}
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn|sc.bareNumber(v.start, v.end))
			if f.assign && f.start > sc.ls+1 && b[sc.ls] > ' ' && hasSuffixFold(b[f.start:f.end], "-password") { // FreeRADIUS: bob Cleartext-Password := "x"
				if u := run(b, sc.ls, chKey); run(b, u, chSpace) == f.start && u < f.start {
					sc.userName(sc.ls, u, ruleUserField)
				}
			}
			return
		}
		if start, end, c, r, ok := matchToken(b, v.start); ok && start == v.start && (end == v.end || end < v.end && !v.quoted && scopeOf(b[end:v.end])) {
			sc.emit(start, end, c.id(), r, 0)
			return
		}
		if n := pseudonymAt(text, 0); n > 0 && !v.quoted && scopeOf(text[n:]) { // such a token, redacted before
			return
		}
		if f.key == keyWeak && (v.quoted || f.colon) && f.end-f.start == 2 && equalFold(b[f.start:f.end], "pw") && secretWord(text) || f.key == keyWeak && sc.communityValue(f, &v, text) {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
			return
		}
		if f.key == keyWeak && allDigits(text) && len(text) >= 4 && len(text) <= 8 && (f.quoted || !f.colon) && sc.pinKey(f) {
			sc.emit(v.start, v.end, cPassword, ruleField, sc.bareNumber(v.start, v.end))
			return
		}
		if f.key == keyWeak && !weakValue(f, b[f.start:f.end], text) && !(v.quoted && saltValue(sc.b[f.start:f.end], text)) || f.key == keySecret && !secretValue(f, &v, text, sc) {
			return
		}
		if f.key == keySecret && bytes.HasPrefix(text, []byte("base64:")) && len(text) > 20 { // how it is written stays
			v.start += len("base64:")
		}
		sc.emit(v.start, v.end, cToken, ruleField, spanLearn|sc.bareNumber(v.start, v.end))
	case keyPin:
		if n := len(text); n >= 3 && n <= 16 && hasDigit(text) && run(text, 0, chAlnum) == n && !placeholder(text) {
			sc.emit(v.start, v.end, cPassword, ruleField, sc.bareNumber(v.start, v.end))
		}
	case keyValue:
		if f.quoted && v.quoted && !placeholder(text) && sc.sensitive(v.end) {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
		}
	case keyResp:
		if saslPlain(text) {
			sc.emit(v.start, v.end, cToken, ruleDialog, spanLearn)
		}
	case keyMAC:
		if len(text) == 12 && run(text, 0, chHex) == 12 && hasDigit(text) && hasLetterByte(text) {
			sc.emit(v.start, v.end, cMAC, ruleMAC, 0)
		}
	case keyIdentity: // of a supplicant
		if f.first && v.quoted && at(b, f.end) == '=' {
			sc.userValue(v)
		}
	case keySession:
		sc.session(f, v, text)
	case keyAuth:
		if k := bytes.IndexByte(text, '/'); k > 0 && hasSuffixFold(b[f.start:f.end], "_auth") && account2(text[:k]) && len(text)-k > 6 && (hasDigit(text[k+1:]) || hasSign(text[k+1:])) && firstBlank(text) == len(text) && bytes.IndexByte(text[k+1:], '/') < 0 { // NEO4J_AUTH=neo4j/x
			sc.emit(v.start+k+1, v.end, cPassword, ruleField, spanLearn)
			return
		}
		sc.credentials(f, v)
	case keyCookie, keySetCookie:
		sc.cookies(f, v)
	case keyUser:
		if f.first && !v.quoted && b[f.start] == 'U' && strings.HasSuffix(sc.name, ".service") && run(text, 0, chLower|chKey) == len(text) && !hasDigit(text) && bytes.IndexByte(text, '.') < 0 { // the account of a service, in its unit
			return
		}
		if at(b, f.end) == '=' && at(b, f.end+1) == '=' || !v.quoted && conjunction(text) { // a comparison, a sentence
			return
		}
		if f.colon && !v.quoted && prose(b[v.start:sc.eol(v.start)]) {
			return
		}
		if end := v.start + firstBlank(text); end < v.end && !v.quoted {
			v.end = end
		}
		if c := bytes.IndexByte(b[v.start:v.end], ':'); c > 1 && (account2(b[v.start:v.start+c]) && secretWord(b[v.start+c+1:v.end]) || hasPseudonym(b[v.start:v.start+c]) && !dealtWith(b[v.start+c+1:v.end])) && !bytes.ContainsAny(b[v.start+c+1:v.end], `:\`) { // user=name:password
			sc.pair(v.start, v.end)
			return
		}
		if !v.quoted && (f.colon || f.space) && (statusWord(b[v.start:v.end]) || notUser(b[v.start:v.end]) || sc.decide(b[v.start:v.end]) != keyNone) {
			return
		}
		sc.userValue(v)
	case keyHost:
		if b[f.start] == 'd' && f.end-f.start == len("data source") && hasSuffixFold(b[f.start:f.end], " source") { // ADO writes Data Source
			return
		}
		if !v.quoted && !f.colon && b[f.end] == ':' && hasDigit(b[f.end-1:f.end]) { // libx-server0:amd64
			return
		}
		if f.colon && !v.quoted {
			if prose(b[v.start:sc.eol(v.start)]) || at(b, v.start+len(bytes.TrimRight(text[:firstBlank(text)], ":"))) == ':' && !f.first {
				return
			}
			end := v.start + firstBlank(text)
			name := text[:end-v.start]
			sure := hasDigit(name) || bytes.IndexByte(name, '-') > 0 || bytes.IndexByte(name, '.') > 0
			switch string(lowerOf(b[f.start:f.end], sc.lower[:])) {
			case "host", "hostname", "nodename", "fqdn", "computer", "computername", "workstation", "workstation name", "computer name", "host name", "machine name":
				sure = sure || is(b[f.end], chQuote) || v.end >= len(b) || b[v.end] == '\n' || b[v.end] == '\r' || b[v.end] == ','
			}
			if !sure || bytes.IndexByte(b[f.start:f.end], '.') >= 0 && is(b[f.end-1], chLower) && is(b[f.start], chLower) && end < v.end && bytes.IndexByte(name, '.') < 0 {
				return
			}
			v.end = end
		}
		if !roleName(b[v.start:v.end]) || !sc.roleKey(f) {
			sc.hostValue(v.start, v.end)
		}
	case keySSN:
		if nationalID(text) {
			sc.emitNumber(v.start, v.end, cSSN, ruleSSN)
			return
		}
		n := 0
		for k, c := range text {
			if is(c, chDigit) {
				n++
			} else if c != '-' && c != ' ' || k == 0 {
				return
			}
		}
		if n == 9 && len(text) <= 11 {
			sc.emitNumber(v.start, v.end, cSSN, ruleSSN)
		}
	case keyPhone:
		sc.phoneValue(v)
	case keyName:
		if bytes.HasSuffix(b[sc.ls:f.start], []byte("user: ")) { // useradd
			sc.userValue(v)
			return
		}
		if b[sc.ls] == '/' { // RouterOS
			line := b[sc.ls:f.start]
			switch {
			case bytes.HasPrefix(line, []byte("/user ")) || bytes.HasPrefix(line, []byte("/ppp secret ")) || bytes.HasPrefix(line, []byte("/ip hotspot user ")):
				sc.userValue(v)
				return
			case bytes.HasPrefix(line, []byte("/snmp community ")) && (secretWord(text) || hasPseudonym(text)):
				sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
				return
			}
		}
		if !sc.keyOfSection(f, &v, text) {
			sc.namedValue(f, v)
		}
	case keyNew:
		if ls := lineStart(b, max(sc.ls-1, 0)); secretWord(text) && mentions(b[ls:sc.ls], "assword") {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
		}
	case keyDSN:
	}
}

// phoneValue hides a value that its key says is a telephone number.
func (sc *scanner) phoneValue(v value) {
	n := 0
	for _, c := range sc.b[v.start:v.end] {
		switch {
		case is(c, chDigit):
			n++
		case c == '+' || c == '-' || c == ' ' || c == '(' || c == ')' || c == '.' || c == '/' || c == 'x':
		default:
			if n < 7 {
				return
			}
		}
	}
	if n >= 7 && n <= 15 {
		sc.emitNumber(v.start, v.end, cPhone, rulePhone)
	}
}

// fallback hides the value that is taken when another is not set:
// ${PASSWORD:-x}, ENV["PASSWORD"] || "x", getenv("PASSWORD", "x").
func (sc *scanner) fallback(v value) {
	b := sc.b
	text := b[v.start:v.end]
	if len(text) > 2 && text[0] == '$' && text[1] == '{' {
		k := bytes.IndexByte(text, ':')
		e := bytes.IndexByte(text, '}')
		if k < 0 || e < k {
			return
		}
		s := k + 1
		if s < e && (text[s] == '-' || text[s] == '=') {
			s++
		}
		if s < e && text[s] == ':' { // ${VAULT::block::name::1}
			return
		}
		if w := text[s:e]; len(w) >= 4 && !placeholder(w) && !statusWord(w) && text[s] != '?' && !isPath(w) {
			sc.emit(v.start+s, v.start+e, cPassword, ruleField, spanLearn)
			sc.skip = max(sc.skip, v.start+s)
		}
		return
	}
	end := min(sc.eol(v.start), v.start+1024)
	for k := v.start; k < end; k++ {
		if k > v.start && is(b[k], chQuote) {
			s, e, next := sc.argument(k)
			if next <= e || next > end {
				return
			}
			j := k
			for j > v.start && is(b[j-1], chSpace) {
				j--
			}
			after := b[v.start:j]
			if w := b[s:e]; e > s && (bytes.HasSuffix(after, []byte("||")) || bytes.HasSuffix(after, []byte(",")) && defaults(text) || bytes.HasSuffix(after, []byte("??")) || bytes.HasSuffix(after, []byte("?:")) || bytes.HasSuffix(after, []byte(" or"))) &&
				len(w) >= 5 && !placeholder(w) && !statusWord(w) && (hasDigit(w) || hasSign(w)) && firstBlank(w) == len(w) && !isPath(w) {
				sc.emit(s, e, cPassword, ruleField, spanLearn)
				return
			}
			k = next - 1
		}
	}
}

// flowMap reports whether v is a map of YAML on one line and not a value that
// begins with a brace, {xor}Kz8=.
func flowMap(v []byte) bool {
	k := run(v, 1, chSpace)
	n := run(v, k, chKey)
	return n == len(v) || n > k && (v[n] == ':' || k > 1 && at(v, run(v, n, chSpace)) == '=') || is(v[k], chQuote)
}

// hashAndSalt reports whether v is two long random words, as some stores keep
// a hash and its salt.
func hashAndSalt(v []byte) bool {
	k := firstBlank(v)
	return k >= 20 && len(v)-k > 12 && firstBlank(v[k+1:]) == len(v)-k-1 && secretWord(v[:k]) && secretWord(v[k+1:])
}

// defaults reports whether an expression is a call that takes a default as
// its last argument: getenv("PASSWORD", "x").
func defaults(v []byte) bool {
	k := bytes.IndexByte(v, '(')
	if k < 1 {
		return true
	}
	s := runBack(v, k, 0, chWord)
	var buf [32]byte
	w := lowerOf(v[s:k], buf[:])
	for _, part := range [...]string{"env", "fetch", "default", "config", "prop", "lookup", "option", "setting", "var", "coalesce", "nvl"} {
		if bytes.Contains(w, []byte(part)) {
			return true
		}
	}
	return bytes.HasPrefix(w, []byte("get")) && len(w) < 12
}

// session hides the id of a session.
func (sc *scanner) session(f *field, v value, text []byte) {
	n := len(text)
	key := sc.b[f.start:f.end]
	named := hasSuffixFold(key, "sessid") || hasSuffixFold(key, "jsessionid") // a cookie, whatever it looks like
	if n < 16 && !named || n < 8 || placeholder(text) || isPath(text) || codeLike(text) || allDigits(text) || firstBlank(text) < n || isUUID(text) && !named {
		return
	}
	if secretWord(text) || run(text, 0, chHex) == n || named || run(text, 0, chAlnum) == n && hasDigit(text) {
		sc.emit(v.start, v.end, cCookie, ruleCookie, spanLearn)
	}
}

// pairsIn hides the passwords of user:password in a list on one line.
func (sc *scanner) pairsIn(p int) {
	b := sc.b
	if p < sc.dataTo {
		return
	}
	end := min(sc.eol(p), p+4096)
	sc.dataTo = end
	for k := p; k < end; k++ {
		if b[k] != '"' && b[k] != '\'' {
			continue
		}
		s, e, next := sc.argument(k)
		if next <= e {
			return
		}
		if c := bytes.IndexByte(b[s:e], ':'); c > 0 && c < e-s-1 && account2(b[s:s+c]) {
			sc.pair(s, e)
		}
		k = next - 1
	}
}
