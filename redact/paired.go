package redact

import "bytes"

// Texts that machines write state a name and its value each in signs of its
// own, with words or signs between: property [x] to [y], 'x' value 'y', x eq 'y',
// variable=x;issecret=true]y. The signs tell where the value begins and ends, so
// that it may look like more than where nothing but blanks does.

// paired looks at the name of a secret that ends with the word b[i:e] and at the
// sign behind it. It reports whether it found its value.
func (sc *scanner) paired(i, e int) bool {
	b := sc.b
	n := run(b[:min(len(b), e+maxKey)], e, chKey)
	s := runBack(b, i, max(sc.ls, i-maxKey), chKey)
	for s < i && (b[s] == '-' || b[s] == '.') {
		s++
	}
	if s <= sc.ls || n >= len(b) {
		return false
	}
	switch c, prev := b[n], b[s-1]; {
	case c == ']' && prev == '=', c == ';' && prev == '=', c == ':' && prev == '=' && at(b, n+1) == ':':
		return sc.workflow(s, n)
	case c == ']' && prev == '[', c == '\'' && prev == '\'', c == '"' && prev == '"', c == '`' && prev == '`':
		return sc.setTo(s, n, n+1)
	case c == ',' && prev == '{':
		return sc.tuple(s, n)
	case c == ' ' && (prev == ' ' || prev == '/' || prev == '(' || prev == '=' || prev == '$'):
		return sc.compared(s, n)
	}
	return false
}

// workflow looks at commands that a job of CI prints to set what later steps
// see: ##vso[task.setvariable variable=x]y, ::set-output name=x::y.
func (sc *scanner) workflow(s, n int) bool {
	b := sc.b
	said := b[max(sc.ls, s-160):s]
	switch {
	case hasSuffixFold(said, "variable=") && mentions(said, "task.setvariable"), hasSuffixFold(said, "name=") && mentions(said, "task.setsecret"):
		k := bytes.IndexByte(b[n:sc.eol(n)], ']')
		if k < 0 {
			return false
		}
		return sc.restIs(s, n, n+k+1)
	case hasSuffixFold(said, "name=") && (mentions(said, "::set-output") || mentions(said, "::save-state") || mentions(said, "::set-env")):
		return sc.restIs(s, n, n+2)
	}
	return false
}

// restIs hides the rest of the line from p on, or of the string that it is in,
// the value of the name b[s:n].
func (sc *scanner) restIs(s, n, p int) bool {
	b := sc.b
	f := field{key: sc.decide(b[s:n]), start: s, end: n, quoted: true}
	end := sc.eol(p)
	for k := p; k < end; k++ {
		if b[k] == '"' || b[k] == '\'' && endsAfter(at(b, k+1)) || b[k] == '\\' && (at(b, k+1) == '"' || at(b, k+1) == 'n' && at(b, k+2) == '"') {
			end = k
		}
	}
	for end > p && is(b[end-1], chSpace) {
		end--
	}
	if v := b[p:end]; end-p < 3 || !f.key.secret() || placeholder(v) || dealtWith(v) || statusWord(v) || v[0] == '$' {
		return false
	}
	sc.hide(&f, value{start: p, end: end, quoted: true})
	return true
}

// between are the words that may stand between a name and its value, each in
// signs of its own.
var between = setOf("to", "value", "with", "is", "was", "as", "set", "of", "has", "having", "from", "the", "string", "eq", "equals", "equal", "contains", "be", "default", "invalid", "literal")

// setTo looks at what stands at p behind the name b[s:n] in signs of its own:
// words, then the value in such signs.
func (sc *scanner) setTo(s, n, p int) bool {
	b := sc.b
	end := min(sc.eol(p), p+64)
	words, q := 0, run(b, p, chSpace)
	if q == p || q >= end {
		return false
	}
	for ; words < 4 && q < end; words++ {
		w := run(b, q, chAlpha)
		if w == q || !between.has(b[q:w]) {
			break
		}
		if at(b, w) == ':' {
			w++
		}
		if q = run(b, w, chSpace); q == w && at(b, q) != '[' {
			return false
		}
	}
	if words == 0 {
		switch c := b[q]; {
		case c == '=' || c == ':':
			return false // told already
		case b[s-1] != '\'' && b[s-1] != '"' || c != b[s-1] || !sc.replies(s, n):
			return false
		}
	}
	vs, ve, ok := sc.inSigns(q)
	if !ok {
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	return f.key.secret() && sc.hideStated(&f, vs, ve)
}

// tuple looks at {x,"y"} and {x,<<"y">>} of Erlang.
func (sc *scanner) tuple(s, n int) bool {
	b := sc.b
	p := run(b, n+1, chSpace)
	for at(b, p) == '<' {
		p++
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	vs, ve, next, ok := sc.stringArgument(p)
	if c := at(b, run(b, next, chSpace)); !ok || !f.key.secret() || c != '}' && c != '>' && c != '/' {
		return false
	}
	sc.hide(&f, value{start: vs, end: ve, quoted: true})
	return true
}

// replies reports whether the name in quotes b[s:n] is one word of a command
// that Redis tells of in full: "CONFIG" "SET" "requirepass" "x".
func (sc *scanner) replies(s, n int) bool {
	b := sc.b
	k := s - 2
	return b[n] == '"' && k > sc.ls && b[k] == ' ' && b[k-1] == '"'
}

// kindNamed is the kind of the name b[s:n] of what has a value beside it for sure.
func (sc *scanner) kindNamed(s, n int) keyKind {
	k := sc.decide(sc.b[s:n])
	if k == keyPass {
		k = keyPassword
	}
	if k == keyAuth || k == keyCookie || k == keySetCookie {
		k = keyNone
	}
	return k
}

// inSigns reads the value that signs of its own enclose at p: 'x', [x], <x>.
func (sc *scanner) inSigns(p int) (s, e int, ok bool) {
	b := sc.b
	switch c := at(b, p); {
	case c == '[' || c == '<':
		close := c + 2
		end := min(sc.eol(p), p+256)
		k := bytes.IndexByte(b[p:end], close)
		if k < 0 {
			return 0, 0, false
		}
		return p + 1, p + k, true
	case quoteAt(b, p) > 0:
		s, e, next, ok := sc.stringArgument(p)
		return s, e, ok && next > e
	}
	return 0, 0, false
}

// comparisons are the words that parts a name from what it is compared with.
var comparisons = setOf("eq", "ne", "like", "equals", "contains", "-eq", "-ne", "-like", "-match", "-ceq", "is")

// compared looks at x eq 'y', as filters of OData and of SCIM and programs
// compare a member with a string.
func (sc *scanner) compared(s, n int) bool {
	b := sc.b
	p := run(b, n, chSpace)
	w := run(b, p, chAlpha|chKey)
	if w == p || w-p > 8 || !is(at(b, w), chSpace) || !comparisons.has(b[p:w]) {
		return false
	}
	q := run(b, w, chSpace)
	vs, ve, next, ok := sc.stringArgument(q)
	if !ok || next <= ve {
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	return f.key.secret() && sc.hideStated(&f, vs, ve)
}

// hideStated hides the value b[s:e] of a name if it can be the value of a
// secret.
func (sc *scanner) hideStated(f *field, s, e int) bool {
	if !sc.stands(f.key, sc.b[s:e]) {
		return false
	}
	f.quoted = true
	sc.hide(f, value{start: s, end: e, quoted: true})
	return true
}

// stands reports whether v, in signs of its own beside the name of a secret, is
// its value rather than a word, a name or a reference.
func (sc *scanner) stands(k keyKind, v []byte) bool {
	switch {
	case len(v) < 5 || placeholder(v) || dealtWith(v) || statusWord(v) || isPath(v) || codeLike(v) || reference(v) || publicKey(v) || expression(v):
		return false
	case firstBlank(v) < len(v):
		return k == keyPassword && hasDigit(v) && bytes.Count(v, []byte(" ")) < 5 && !proseText(v)
	case sc.decide(v) != keyNone && !hasSign(v) && !mixedCaseDigits(v):
		return false
	case allDigits(v):
		return k == keyPassword && len(v) >= 6
	}
	return secretWord(v) && !dashed(v) || wordsAndNumber(v) || hasDigit(v) && hasLetterByte(v) && hasSign(v)
}

// wordsAndNumber reports whether v is words and a number, as people make
// passwords: Word.123, word-word-12. Names of things and versions of them are
// written so too: what stands around it tells.
func wordsAndNumber(v []byte) bool {
	n := len(v)
	if n < 8 || n > 40 || !is(v[0], chAlpha) {
		return false
	}
	digits := 0
	for digits < n && is(v[n-1-digits], chDigit) {
		digits++
	}
	if digits < 2 || digits > 6 || digits >= n-4 {
		return false
	}
	sep := v[n-digits-1]
	if sep != '-' && sep != '.' && sep != '_' {
		return false
	}
	parts, from := 1, 0
	for i, c := range v[:n-digits-1] {
		if c == '-' || c == '.' || c == '_' {
			if i-from < 3 {
				return false
			}
			from = i + 1
			parts++
		} else if !is(c, chAlpha) {
			return false
		}
	}
	if n-digits-1-from < 3 {
		return false
	}
	return parts > 1 || is(v[0], chUpper) && is(v[1], chLower) && digits > 2
}
