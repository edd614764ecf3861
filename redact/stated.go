package redact

import "bytes"

// lastPart looks at a word within a word that begins at i, the last part of a
// key that may name a secret: dbPassword, DB_PASS. A key that a sign parts from
// its value is left to keyValue.
func (sc *scanner) lastPart(i int) {
	b := sc.b
	if i < sc.innerTo || !gates.names(load4(b, i)|lowerCase) { // another part of the same key
		return
	}
	e := run(b, i, chWord)
	sc.innerTo, sc.names = e, e
	if c := at(b, e); (c == ']' || c == ';' || c == ':' || c == '`' || c == '*' || c == ')' || c == '(' || c == '<') && sc.paired(i, e) {
		return
	} else if c == '=' || c == ':' || (c == '-' || c == '.') && is(at(b, e+1), chWord) {
		if c == '.' && is(b[e+1], chDigit) {
			sc.indexed(e)
		}
		return
	}
	if c := at(b, e); c == '"' || c == '\'' || c == '\\' {
		if sc.paired(i, e) {
			return
		}
		if c == '\\' && at(b, e+1) == 'n' { // a line ends
			sc.namedAt = i
		}
		sc.jobArguments(e)
		sc.quotedName(i, e)
		return
	}
	sc.composed(i, e)
}

// composed looks at a key of which the last part is b[i:e] and behind which
// there is no sign. It reports whether it found its value.
func (sc *scanner) composed(i, e int) bool {
	b := sc.b
	f := field{start: runBack(b, i, max(sc.ls, i-maxKey), chKey), end: e}
	for f.start < i && !is(b[f.start], chWord) {
		f.start++
	}
	if e-f.start > maxKey || f.start-1 > sc.ls && b[f.start-1] == '-' && is(b[f.start-2], chSpace) || hasPseudonym(b[f.start:e]) {
		return false
	}
	switch f.key = sc.decide(b[f.start:e]); f.key {
	case keyPassword, keySecret, keyPin, keyPass:
	default:
		return false
	}
	sc.namedAt = i
	f.first = sc.leads(f.start)
	p := run(b, e, chSpace)
	switch c := at(b, e); {
	case c == '[' || c == ']':
		return (f.key == keyPassword || f.key == keySecret || f.key == keyPass) && sc.bracketed(&f)
	case c == '|' || c == ',' || c == ';' || c == '\n' || c == '\r' || at(b, p) == '|':
		return (c == ',' || c == '\n' || c == '|') && sc.paired(i, e) || sc.heads(&f, p)
	case c == '-' && at(b, e+1) == '>': // secret_key->x
		if sc.eol(e)-e > 1024 {
			return false
		}
		v := b[e+2 : sc.token(e+2)]
		return secretWord(v) && mixedCaseDigits(v) && bytes.IndexByte(v, '(') < 0 && e+2+len(v) >= sc.eol(e) && f.key.secret() && sc.hideSetting(f.start, e, e+2, e+2+len(v))
	case p > e:
		return c == '\t' && sc.heads(&f, p) || sc.besides(i, e) || sc.columnsHead(f.start, e) || sc.paired(i, e) || sc.stated(&f, p, true)
	}
	return false
}

// heads looks at a key that may stand in the head of a table.
func (sc *scanner) heads(f *field, p int) bool {
	b := sc.b
	if at(b, p) == '|' {
		sc.table(f.start, f.end, min(p, sc.eol(f.end)))
		return true
	}
	sep := at(b, f.end)
	if (sep == '\n' || sep == '\r') && f.start > sc.ls {
		sep = b[f.start-1]
	}
	switch sep {
	case ',', '\t', ';', '|':
		return sc.rowsHead(f.start, f.end, sep)
	}
	return false
}

// connecting are the words that may stand between a name and its value where
// people or programs state it: X is now y, X has been changed to y.
var connecting = setOf("is", "was", "are", "set", "to", "now", "changed", "updated", "reset", "as", "been", "has", "value", "defaults", "equals", "became", "becomes")

// stated looks for the value at p that is parted from its name by blanks and
// what notations and sentences put there: x -> y, x ..... y, x REG_SZ y, x set
// to y and, if the name is certain, x "y". It reports whether it found one.
func (sc *scanner) stated(f *field, p int, certain bool) bool {
	b := sc.b
	end := sc.eol(p)
	if p >= end || p == f.end {
		return false
	}
	q, said, to := p, false, false
	switch c, d := b[p], at(b, p+1); {
	case c == '-' && d == '>':
		q = run(b, p+2, chSpace)
	case c == 0xe2 && d == 0x86 && at(b, p+2) == 0x92: // an arrow
		q = run(b, p+3, chSpace)
	case c == '.' && d == '.' && at(b, p+2) == '.':
		for q < end && (b[q] == '.' || b[q] == ' ') {
			q++
		}
		if at(b, q) == ':' {
			q = run(b, q+1, chSpace)
		}
	case c == 'R' && bytes.HasPrefix(b[p:], []byte("REG_")):
		n := run(b, p, chUpper|chUnder|chDigit)
		if q = run(b, n, chSpace); q == n {
			return false
		}
	case !certain && !is(c, chAlpha):
		return false
	case is(c, chDigit) && d == ' ' && f.first: // how it is enciphered
		q = run(b, p+1, chSpace)
		said = true
	case quoteAt(b, p) > 0:
	default:
		for range 5 {
			n := run(b, q, chAlpha)
			if n == q || !is(at(b, n), chSpace) || !connecting.has(b[q:n]) {
				break
			}
			said, to = true, lower(b[n-1]) == 'o'
			q = run(b, n, chSpace)
		}
		if v := b[q:sc.token(q)]; !said && !(certain && secretWord(v) && (mixedCaseDigits(v) || hasSign(v)) && !dashed(v)) {
			return false
		}
	}
	if q >= end {
		return false
	}
	s, n, next := sc.argument(q)
	quoted := s > q
	if !quoted {
		n = sc.trimDot(s, n)
	}
	if n-s < 4 || n > end || !sc.telling(f, b[s:n], quoted) {
		return false
	}
	if said && !certain && (quoted || !secretWord(b[s:n]) || !to && !mixedCaseDigits(b[s:n])) { // a sentence looks closer
		return false
	}
	if rest := run(b, next, chSpace); said && !quoted && (!secretWord(b[s:n]) || !certain) && rest < end && b[rest] != ';' && b[rest] != ',' && b[rest] != '#' {
		return false
	}
	f.quoted = true
	sc.hide(f, value{start: s, end: n, quoted: true})
	return true
}

// telling reports whether v can be the value of a name that blanks and words
// alone part from it: no word of a sentence, nor a name.
func (sc *scanner) telling(f *field, v []byte, quoted bool) bool {
	switch {
	case placeholder(v) || dealtWith(v) || statusWord(v) || isPath(v) || codeLike(v) || reference(v) || namesField(v) || !quoted && (v[0] == '(' || v[0] == '[' || v[0] == '{') || publicKey(v) || objectDump(v) && !quoted:
		return false
	case v[0] == '$' && !quoted && run(v, 1, chWord) == len(v) && bytes.IndexByte(v, '_') > 0: // a variable
		return false
	case firstBlank(v) < len(v):
		return quoted && f.key == keyPassword && hasDigit(v) && bytes.Count(v, []byte(" ")) < 5 && !proseText(v)
	case secretWord(v):
		return true
	case allDigits(v):
		return f.key != keySecret && len(v) >= 6
	case dashed(v):
		return hasDigit(v) && hasLetterByte(v) && (f.key == keyPassword || endsInNumber(v) && unmistakable(sc.b[f.start:f.end]))
	}
	return hasDigit(v) && hasLetterByte(v) || hasSign(v) && (quoted || hasDigit(v)) || quoted && f.key == keyPassword && mixed(v)
}

// statedOf is stated for a word b[i:e] that names a secret by itself or, behind
// a dash or a dot, with others.
func (sc *scanner) statedOf(i, e int) bool {
	b := sc.b
	p := run(b, e, chSpace)
	switch c := at(b, p); {
	case c == '-', c == '.', c == 'R', c == 0xe2, connecting.has(b[p:run(b, p, chAlpha)]):
		f := field{start: runBack(b, i, max(sc.ls, i-maxKey), chKey), end: e}
		f.key = sc.decide(b[f.start:e])
		return f.key.secret() && f.key <= keySecret && sc.stated(&f, p, false)
	}
	return false
}

// indexed looks at a key that ends in an index behind the dot at e: password.0=x.
// A number by itself is no key to the masks.
func (sc *scanner) indexed(e int) {
	b := sc.b
	n := run(b, e+1, chDigit)
	if p := run(b, n, chSpace); n > e+1 && n < e+4 && (at(b, n) == '=' || at(b, n) == ':') && !(b[n] == ':' && is(at(b, n+1), chDigit)) || p > n && at(b, p) == '=' {
		sc.keyValue(p)
	}
}
