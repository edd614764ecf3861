package redact

import "bytes"

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
			if tagged(b[i:k]) {
				return v, false
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
		case c == '{' && d == '{': // {{ 'x' | filter }}
			if n := run(b, i+2, chSpace); quoteAt(b, n) == 1 {
				i = n
			}
		case c == '!' && is(d, chUpper) && (f.quoted || b[f.end] == ':'): // {Password: !Ref X}
			if k := run(b, i+1, chWord); at(b, k) == ' ' && tagged(b[i:k]) {
				return v, false
			}
		case c == '[' && is(d, chAlpha) && !f.query && withheld(b, i): // [secure]
			return v, false
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
				case "some", "just", "ok", "array", "list", "string", "secret", "secretstr", "secretstring", "optional", "sensitive", "right", "str", "password":
					i = n + 1
				}
			} else if at(b, n) == '(' && is(at(b, n+1), chAlnum) && string(b[i:n]) == "Some" || at(b, n) == '[' && string(b[i:n]) == "Optional" {
				if k := sc.wrappedEnd(n); k > n && (secretWord(b[n+1:k]) || wordsAndNumber(b[n+1:k])) {
					v.start, v.end, v.quoted = n+1, k, true
					return v, true
				}
			} else if at(b, n) == '(' && is(at(b, n+1), chDigit) { // string(12) "x"
				if n := typePrefix(b, i); is(at(b, n), chQuote) {
					i = n
				}
			} else if at(b, n) == ' ' && at(b, n+1) == '"' && (string(b[i:n]) == "Just" || string(b[i:n]) == "Right" || string(b[i:n]) == "chr") {
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
		if f.key == keyPassword && at(b, v.end) == ' ' && f.start > sc.ls && b[f.start-1] == ';' && b[f.end] == '=' {
			v.end = sc.memberEnd(v.end)
		}
	}
	return v, v.end > v.start
}

// memberEnd is where a value with blanks ends that goes on at i, in a connection
// string: at the next semicolon or where the string ends.
func (sc *scanner) memberEnd(i int) int {
	b := sc.b
	for k, end := i, min(sc.eol(i), i+64); k < end; k++ {
		switch c := b[k]; {
		case c == ';':
			return k
		case is(c, chQuote) && c != '`':
			if w := b[i+1 : k]; len(w) == 0 || proseWord(w[:firstBlank(w)]) { // a sentence
				return i
			}
			return k
		case c == '=' || c == ',' || c == '<':
			return i
		}
	}
	return i
}

// wrappedEnd is where the bracket closes that opens at p around one word: Some(x),
// Optional[x]. It is 0 if it does not.
func (sc *scanner) wrappedEnd(p int) int {
	b := sc.b
	close := byte(')')
	if b[p] == '[' {
		close = ']'
	}
	for k := p + 1; k < len(b) && k < p+128 && b[k] > ' '; k++ {
		if b[k] == close && (endsAfter(at(b, k+1)) || at(b, k+1) == '"') {
			return k
		}
	}
	return 0
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
	if level == 0 && q != '`' && at(b, n+1) == q && is(at(b, n+2), chAlnum) { // ""..."" in a cell, ''...'' in a string of SQL
		if k := bytes.Index(b[n+2:min(lineEnd(b, n), n+1024)], b[n:n+2]); k > 0 && bytes.IndexByte(b[n+2:n+2+k], q) < 0 {
			return n + 2, n + 2 + k, true
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
		if b[k] == '|' && k > i { // of hostapd: x|mac=02:...
			switch n := run(b, k+1, chLower); string(b[k+1 : n]) {
			case "mac", "vlanid", "pk", "id":
				if at(b, n) == '=' {
					return k
				}
			}
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
			if !f.colon && !(b[n] == '&' && i > f.end+2 && b[f.end] == ' ') { // a command follows its environment
				if i == f.end+1 && is(b[f.start], chUpper) && is(b[f.end-1], chUpper) {
					return sc.punctuation(i, i+firstBlank(b[i:e]))
				}
				return sc.punctuation(i, k)
			}
		}
		if words == 1 && b[i] != '"' {
			first := b[i:k]
			if f.colon && (secretWord(first) || proseWord(first)) && !(f.key == keyPassword && passphrase(b[i:e])) || f.space {
				return sc.punctuation(i, k)
			}
			if i == f.end+1 && (secretWord(first) || isUUID(first)) { // NAME=x command, token=x ok
				if f.key != keyPassword || proseWord(b[n:run(b, n, chWord)]) || is(b[f.start], chUpper) && is(b[f.end-1], chUpper) && is(b[n], chLower) {
					return sc.punctuation(i, k)
				}
			}
		}
		if f.colon || f.space || f.key == keyUser || f.key == keyHost {
			if proseWord(b[n:run(b, n, chWord)]) && pseudonymAt(b, n) == 0 && !(f.key == keyPassword && passphrase(b[i:e])) {
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
			open := opener(b[e-1])
			if bytes.IndexByte(b[i:e-1], open) < 0 && e-1 > i {
				e--
				continue
			}
		}
		return e
	}
	return e
}

// opener is the bracket that c closes.
func opener(c byte) byte {
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
			if e := entityAt(b, k); (e == "&apos;" || e == "&#39;") && k > i && !f.query && is(at(b, k+len(e)), chAlnum) { // a part of it
				k += len(e) - 1
				continue
			} else if f.query || d == '&' || d == ' ' || e != "" {
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
			if d == '/' || f.element || is(d, chAlpha) && bytes.IndexByte(b[k:min(len(b), k+tagWidth(b[k:]))], '>') > 0 {
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
			if w > k+1 && (at(b, w) == '=' || at(b, w) == ':') && !(depth > 0 && bytes.HasPrefix(b[i:], []byte("ENC["))) { // of sops
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
			if w := run(b, k+1, chKey); w > k+1 && at(b, w) == '=' && (c == '|' || f.start <= sc.ls || b[f.start-1] == '^' || b[f.start-1] == '|') {
				return k
			}
		case '(', '[', '{':
			if c == '[' && k > i && (bytes.HasPrefix(b[k:], []byte(`[\r]`)) || bytes.HasPrefix(b[k:], []byte(`[\n]`))) { // as clients in Java write the ends of lines
				return k
			}
			depth++
		case ')', ']', '}':
			if list && c == ']' && depth == 0 {
				return k
			}
			if depth > 0 {
				depth--
			} else if open := openerOf(c); d == open && !f.elsewhere() && f.start > sc.ls && bytes.LastIndexByte(b[max(sc.ls, f.start-64):f.start], open) >= 0 { // {a: x}{b: y}
				return k
			} else if endsAfter(d) || d == '"' || d == '\\' || d == '.' || d == '\'' {
				return k
			}
		}
	}
	return sc.trimDot(i, len(b))
}

// tagWidth is in how much of b a tag is to close; a pseudonym in it is longer
// than what it stands for.
func tagWidth(b []byte) int {
	if hasPseudonym(b[:min(len(b), 64)]) {
		return 72
	}
	return 40
}

// openerOf is what opens what c closes.
func openerOf(c byte) byte {
	if c == ')' {
		return '('
	}
	return c - 2
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
