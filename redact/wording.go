package redact

import "bytes"

// What people and programs say about a password, and what only looks like it.

// noKey reports whether the field only looks like a key and its value: a part
// of an encoded word of mail, ${PASSWORD:?not set}, a property of PHP of which
// the class is named.
func (sc *scanner) noKey(f *field, i int) bool {
	b := sc.b
	switch {
	case b[i-1] == '?' && b[i] == '=': // =?utf-8?Q?Your_new_password?=
		return f.start > sc.ls && b[f.start-1] == '?'
	case b[i] != ':':
	case (at(b, i+1) == '?' || at(b, i+1) == '+') && f.end == i: // ${PASSWORD:?not set}
		return f.start > sc.ls+1 && b[f.start-1] == '{' && b[f.start-2] == '$'
	case is(at(b, i+1), chQuote) && f.start > sc.ls+1:
		if b[f.start-2] == '[' && b[f.start-1] == '"' { // ["password":"App\User":private]=>
			s, n, next := sc.argument(i + 1)
			return n > s && (bytes.HasPrefix(b[next:], []byte(":private]")) || bytes.HasPrefix(b[next:], []byte(":protected]")))
		}
	}
	return false
}

// declaredType reports whether v is a type of a program that is declared: String?,
// String!, [String!]!.
func declaredType(v []byte) bool {
	c := v[len(v)-1]
	if c != '?' && c != '!' {
		return false
	}
	v = bytes.Trim(v, "[]?!")
	switch string(v) {
	case "String", "string", "Int", "ID", "Boolean", "Float", "Text", "str", "Data", "Bytes", "SecureString", "Password", "Secret", "Token", "CharArray", "NSString", "Any", "object", "char[]":
		return true
	}
	return false
}

// message reports whether v is a sentence about a password, as files of
// translations have it.
func message(v []byte) bool {
	if !is(v[0], chAlpha) || firstBlank(v) == len(v) || len(v) > 200 {
		return false
	}
	words, told := 0, false
	for k := 0; k < len(v); {
		n := k + firstBlank(v[k:])
		w := bytes.Trim(v[k:n], ".,!?:;()'\"")
		if !allLetters(w) && bytes.IndexByte(w, '\'') < 0 && bytes.IndexByte(w, '-') < 1 {
			return false
		}
		told = told || speaks.has(w)
		words++
		k = run(v, n, chSpace)
	}
	return told && words > 1
}

// knowsMore looks at the line b[s:e], in which a password was found, for
// another that it is compared with: expected 'x' but got 'y'. The last of what
// was found ends at from.
func (sc *scanner) knowsMore(from, e int) {
	b := sc.b
	e = min(e, from+96+maxKey)
	for _, w := range [...]string{" but got ", " got ", " instead of ", " but was ", " received ", " to ", " vs ", " != "} {
		k := bytes.Index(b[from:e], []byte(w))
		if k < 0 || k > 16 && !(k < 96 && hasPseudonym(b[from:from+k])) {
			continue
		}
		p := from + k + len(w)
		for p < e && is(b[p], chSpace|chQuote) {
			p++
		}
		n := p
		for n < e && b[n] > ' ' && !is(b[n], chQuote) {
			n++
		}
		for n > p && bytes.IndexByte([]byte(")]}>.,;:"), b[n-1]) >= 0 {
			n--
		}
		v := b[p:n]
		if k, m := nextPseudonym(b, p, n); m > 0 { // judge what is around it
			if v = b[p:k]; k == p {
				v = b[k+m : n]
			}
			v = bytes.Trim(v, "-._:")
		}
		if secretWord(v) && !isPath(v) && !isUUID(v) && mixed(v) && !placeholder(v) && !dealtWith(v) {
			sc.emit(p, n, cPassword, ruleMention, spanLearn)
		}
		return
	}
}

// told looks at ways to tell a password that need no key: bad credentials
// (name/x), reset it to "x y".
func (sc *scanner) told(s, e int) {
	b := sc.b
	pairs := sc.credited == s+1
	if !pairs && bytes.IndexByte(b[s:e], '"') < 0 && bytes.IndexByte(b[s:e], '\'') < 0 {
		return
	}
	for k := s; k < e; k++ {
		switch c := b[k]; {
		case pairs && c == '/' && k > s+2 && b[k-1] == ' ' && at(b, k+1) == ' ':
			sc.loginIs(s, k, e)
		case pairs && (c == '/' || c == ':') && k > s && is(b[k-1], chAlnum) && at(b, k+1) > ' ':
			u := runBack(b, k, s, chKey)
			v := k + 1
			for v < e && b[v] > ' ' && b[v] != '/' && b[v] != ':' {
				v++
			}
			if at(b, v) == '/' || at(b, v) == ':' || u > s && (b[u-1] == '/' || b[u-1] == ':' || b[u-1] == '@') {
				k = v
				continue
			}
			for v > k+1 && bytes.IndexByte([]byte(")]}>.,;'\""), b[v-1]) >= 0 {
				v--
			}
			if w := b[k+1 : v]; c == ':' && v >= e-1 && len(w) >= 8 && account2(b[u:k]) && hasLetterByte(b[u:k]) && bytes.IndexByte(b[u:k], '.') < 0 && tellsItself(w) && hasLetterByte(w) && (endsInNumber(w) || hasSign(w)) && bytes.IndexByte(w, '=') < 0 && is(at(b, u-1), chSpace) && sc.free(u, v) {
				sc.userName(u, k, ruleMention)
				sc.emit(k+1, v, cPassword, ruleMention, spanLearn)
			} else if account2(b[u:k]) && !allDigits(b[u:k]) && len(w) >= 8 && secretWord(w) && (mixedCaseDigits(w) || hasSign(w) && hasDigit(w)) && 2*inWords(w) < len(w) && bytes.IndexByte(w, '=') != len(w)-1 && sc.free(u, v) {
				sc.userName(u, k, ruleMention)
				sc.emit(k+1, v, cPassword, ruleMention, spanLearn)
			}
			k = v
		case is(c, chQuote) && k > s+3 && b[k-1] == ' ':
			m := bytes.IndexByte(b[k+1:e], c)
			if m < 8 || m > 80 {
				continue
			}
			w := b[k+1 : k+1+m]
			switch string(lowerOf(sc.lastWord(s, k-1), sc.lower[:])) {
			case "to", "is", "was", "as", "with":
				if hasDigit(w) && firstBlank(w) < len(w) && !proseText(w) && !isPath(w) && mixed(bytes.ReplaceAll(w, []byte(" "), nil)) && !dealtWith(w) && sc.free(k+1, k+1+m) {
					sc.emit(k+1, k+1+m, cPassword, ruleMention, spanLearn)
				}
			}
			k += m + 1
		}
	}
}

// free reports whether no rule found any of b[s:e], a part of the line.
func (sc *scanner) free(s, e int) bool {
	for _, sp := range sc.spans[sc.lineSpans:] {
		if sp.start < e && sp.end > s {
			return false
		}
	}
	return true
}

// lastWord is the word of letters that ends at i.
func (sc *scanner) lastWord(s, i int) []byte {
	return sc.b[runBack(sc.b, i, max(s, i-16), chAlpha):i]
}

// saysOf looks at the ways in which the name of a secret is followed by more
// than its value: PASSWORD elastic = x, password?  x, passphrase for the key:
// w x y z. It reports whether it found one.
func (sc *scanner) saysOf(i, e int) bool {
	b := sc.b
	if !is(at(b, e), chSpace) && at(b, e) != '?' {
		return false
	}
	p := run(b, e, chSpace)
	if at(b, e) == '?' {
		p = run(b, e+1, chSpace)
		if p < e+2 {
			return false
		}
		n := p
		for n < len(b) && b[n] > ' ' {
			n++
		}
		if v := b[p:n]; run(b, n, chSpace) < sc.eol(n) || !secretWord(v) || placeholder(v) || dealtWith(v) || isPath(v) {
			return false
		}
		sc.emit(p, n, cPassword, ruleSentence, spanLearn)
		return true
	}
	if !sc.leads(i) {
		return false
	}
	end := min(sc.eol(p), p+200)
	n := run(b, p, chKey)
	if q := run(b, n, chSpace); n > p && q > n && at(b, q) == '=' && at(b, q+1) == ' ' && !statusWord(b[p:n]) {
		vs, ve, next := sc.argument(run(b, q+1, chSpace))
		if v := b[vs:ve]; len(v) >= 8 && secretWord(v) && mixedCaseDigits(v) && next >= end && !placeholder(v) && !dealtWith(v) && !isPath(v) {
			sc.emit(vs, ve, cPassword, ruleSentence, spanLearn)
			return true
		}
		return false
	}
	if hasPrefixFold(b[p:], "for ") && hasPrefixFold(b[i:e], "passphrase") {
		k := bytes.Index(b[p:end], []byte(": "))
		if k < 0 {
			return false
		}
		v := run(b, p+k+1, chSpace)
		ve := end
		for ve > v && is(b[ve-1], chSpace|chQuote) || ve > v && b[ve-1] == '\r' {
			ve--
		}
		if w := b[min(v, ve):ve]; bytes.Count(w, []byte(" ")) >= 3 && !proseText(w) && run(w, 0, chAlnum|chSpace) == len(w) && !dealtWith(w) {
			sc.emit(v, ve, cPassword, ruleSentence, spanLearn)
			return true
		}
	}
	return false
}

// ofValue looks at Its value is 'x', where the line named a secret before.
func (sc *scanner) ofValue(i, e int) {
	b := sc.b
	var p int
	switch {
	case bytes.HasPrefix(b[e:], []byte(" is '")), bytes.HasPrefix(b[e:], []byte(` is "`)):
		p = e + 4
	case b[i] == 'v' && bytes.HasPrefix(b[e:], []byte(" '")) && i > sc.ls+4 && string(b[i-4:i]) == " to ":
		sc.variableSet(i, e+1)
		return
	case bytes.HasPrefix(b[e:], []byte(": '")), bytes.HasPrefix(b[e:], []byte(`: "`)):
		p = e + 2
	default:
		return
	}
	named := false
	for k := max(sc.ls, i-120); k < i && !named; {
		n := run(b, k, chKey)
		if n > k && n < i && keyTail(b, n) {
			kind := sc.decide(b[k:n])
			named = kind == keyPassword || kind == keySecret
		}
		k = n + 1
	}
	if s, n, next := sc.argument(p); named && next > n && n-s >= 4 && !placeholder(b[s:n]) && !dealtWith(b[s:n]) && !isPath(b[s:n]) && (hasDigit(b[s:n]) || hasSign(b[s:n])) {
		sc.hideSecret(s, n, cPassword, ruleSentence)
	}
}

// inLanguage looks at Kennwort lautet x.
func (sc *scanner) inLanguage(e int) {
	b := sc.b
	p := run(b, e, chSpace)
	n := p
	for n < len(b) && (is(b[n], chAlpha) || b[n] >= 0x80) {
		n++
	}
	switch string(lowerOf(b[p:n], sc.lower[:])) {
	case "ist", "lautet", "est", "es", "\xc3\xa9", "jest", "war", "era", "is":
	default:
		return
	}
	p = run(b, n, chSpace)
	if at(b, p) == ':' {
		p = run(b, p+1, chSpace)
	}
	s, n, _ := sc.argument(p)
	if s == p {
		n = sc.trimDot(s, n)
	}
	if v := b[s:n]; secretWord(v) && !dealtWith(v) && !isPath(v) && !placeholder(v) {
		sc.emit(s, n, cPassword, ruleSentence, spanLearn)
	}
}

// communityValue reports whether what stands under a name that ends in
// community is one of SNMP, which is a password, and none of people, of BGP or
// a name that everybody has.
func (sc *scanner) communityValue(f *field, v *value, text []byte) bool {
	if k := sc.b[f.start:f.end]; !hasSuffixFold(k, "community") && !equalFold(k, "community name") && !hasSuffixFold(k, "communityname") && !hasSuffixFold(k, "cmnty-name") || !secretWord(text) || placeholder(text) || dealtWith(text) || isUUID(text) || firstBlank(text) < len(text) || bytes.IndexByte(text, ':') >= 0 || codeLike(text) || reference(text) || isPath(text) {
		return false
	}
	return f.first || v.quoted || f.key == keyPassword
}

// sectioned takes the sections before a key into it, where they are parted by
// colons as in .NET: Jwt:Key = x.
func (sc *scanner) sectioned(f *field) {
	b := sc.b
	s := f.start
	for s-1 > sc.ls && b[s-1] == ':' && is(b[s-2], chAlnum) {
		s = runBack(b, s-1, max(sc.ls, f.end-maxKey), chAlnum)
		if !is(b[s], chUpper) {
			return
		}
	}
	if s == f.start || !sc.leads(s) {
		return
	}
	if f.key != keyName {
		f.start = s
	} else if k := sc.decide(b[s:f.end]); k.secret() {
		f.start, f.key = s, k
	}
}
