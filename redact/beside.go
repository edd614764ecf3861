package redact

import (
	"bytes"
	"strings"
)

// formLine takes a line of a part of a form: headers, a blank line, the value.
func (r *resolver) formLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	switch {
	case k >= e:
		r.marked = true
		r.misses++
		return r.misses < 3
	case !r.marked:
		return r.lines < 8 && hasPrefixFold(b[k:e], "content-")
	case bytes.HasPrefix(b[k:e], []byte("--")):
		return false
	}
	sc.part(&r.region, k, e)
	return r.lines < maxQuotedLines
}

// valueBefore looks for the value of what the name f names where the value
// comes first: {"value": "x", "name": "DB_PASSWORD"}, on one line or on
// several.
func (sc *scanner) valueBefore(g, f *field) bool {
	b := sc.b
	low := max(sc.ls, f.start-300)
	indent := sc.column()
	from := f.start
	for n := 0; n < 6; n++ {
		open := from
		for open > low && b[open-1] != '{' && b[open-1] != '<' && b[open-1] != '}' && b[open-1] != '>' {
			open--
		}
		sc.charge(from - open)
		if k := valueKey(b, open, from); k > 0 {
			h := *g
			h.first = !is(b[k-1], chQuote) && n > 0
			h.colon = h.first
			p := run(b, k, chKey|chQuote|chSpace)
			if v, ok := sc.extent(&h, run2(b, p, b[p])); ok && v.end <= max(from, sc.ls) {
				v.quoted = true
				skip := sc.skip
				sc.skip = 0 // it was passed
				sc.hide(&h, v)
				sc.skip = max(skip, sc.skip)
				return true
			}
			return false
		}
		line := sc.ls
		if n > 0 {
			line = low
		}
		if open > low || line == 0 || !f.first && !f.quoted || n > 0 && b[line-1] != '\n' {
			return false
		}
		if k := run(b, line, chSpace); at(b, k) == '-' && low != sc.ls || n > 0 && keyColumn(b[line:]) != indent {
			return false
		}
		from = line - 1
		low = max(0, from-300)
		low += bytes.LastIndexByte(b[low:from], '\n') + 1
		if k := run(b, low, chSpace); k >= from || keyColumn(b[low:]) != indent && at(b, k) != '<' || at(b, sc.ls+deep(b[sc.ls:])) == '-' {
			return false
		}
	}
	return false
}

// valueKey finds the word value where it is a key in b[s:e].
func valueKey(b []byte, s, e int) int {
	for k := s; k+5 < e; k++ {
		if (b[k] == 'v' || b[k] == 'V') && hasPrefixFold(b[k:], "value") && (k == 0 || !is(b[k-1], chKey)) {
			n := k + 5
			for n < e && (is(b[n], chQuote|chSpace) || b[n] == '\\') {
				n++
			}
			if at(b, n) == ':' || at(b, n) == '=' {
				return k
			}
		}
	}
	return 0
}

// privateLines looks at the number of lines that the private part of a key of
// PuTTY has; they follow.
func (sc *scanner) privateLines(e int) {
	b := sc.b
	p := run(b, min(e+1, len(b)), chSpace)
	n := run(b, p, chDigit)
	if at(b, e) != ':' || n == p || n-p > 3 || n < sc.eol(n) {
		return
	}
	lines := 0
	for _, c := range b[p:n] {
		lines = 10*lines + int(c-'0')
	}
	o := sc.below(&field{key: keySecret, start: p, end: p}, n, inCounted)
	o.indent = lines
}

func (r *resolver) countedLine(sc *scanner, s, e int) bool {
	k := run(sc.b, s, chSpace)
	sc.emitMore(k, e, cPrivateKey, rulePEM, r.found)
	r.found = true
	if r.lines+1 >= r.indent {
		r.kind = noRegion
	}
	return true
}

// inTOML reports whether the line in which a = ends before j is one of TOML,
// which has no bare words: the text is called so, or a line beside it has a
// string.
func (sc *scanner) inTOML(j int) bool {
	if strings.HasSuffix(sc.name, ".toml") {
		return true
	}
	b := sc.b
	if j < 2 || b[j-2] != ' ' || at(b, j) != ' ' {
		return false
	}
	entry := func(line []byte) bool {
		n := run(line, 0, chKey)
		rest, ok := bytes.CutPrefix(line[n:], []byte(` = "`))
		return n > 0 && ok && bytes.HasSuffix(rest, []byte{'"'})
	}
	ls := lineStart(b, j)
	if ls > 0 && entry(bytes.TrimRight(b[lineStart(b, ls-1):ls-1], "\r")) {
		return true
	}
	next := nextLine(b, lineEnd(b, j))
	return next < len(b) && entry(b[next:lineEnd(b, next)])
}

// innerValue is where a value begins that an object of its type stands around:
// {"stringValue": "x"}. Else it is p.
func innerValue(b []byte, p int) int {
	k := run(b, p, chSpace)
	if at(b, k) != '{' {
		return p
	}
	k = run(b, k+1, chSpace|chQuote)
	n := run(b, k, chAlpha)
	if n == k || n >= len(b) || !is(b[n], chQuote) {
		return p
	}
	if n = run(b, n+1, chSpace); at(b, n) != ':' {
		return p
	}
	return n + 1
}

// hashLine takes a line below K 8, password: V 7, then the value.
func (r *resolver) hashLine(sc *scanner, s, e int) bool {
	if !r.marked {
		r.marked = e-s > 2 && sc.b[s] == 'V' && sc.b[s+1] == ' ' && allDigits(sc.b[s+2:e])
		return r.marked
	}
	sc.part(&r.region, s, e)
	r.kind = noRegion
	return true
}

// typed looks at a declaration that ends in a type before its value, at i:
// param adminPassword string = 'x', let password: &str = "x". The type is
// b[f.start:f.end].
func (sc *scanner) typed(f *field, i int) bool {
	b := sc.b
	k := f.start
	if k-4 > sc.ls && hasPrefixFold(b[k-4:k], " as ") { // Basic: Const X As String = "x"
		k -= 3
	}
	for k > sc.ls && (is(b[k-1], chSpace) || b[k-1] == '&' || b[k-1] == ':' || b[k-1] == '*') {
		k--
	}
	s := runBack(b, k, max(sc.ls, k-maxKey), chKey)
	if k == f.start || s == k || !keyTail(b, k) {
		return false
	}
	if p := run(b, i+1, chSpace); !is(at(b, p), chQuote) { // what a console of Scala echoes
		n := sc.token(p)
		if v := b[p:n]; n < sc.eol(p) || b[f.start] != 'S' || bytes.IndexByte(b[k:f.start], ':') < 0 || !secretWord(v) || codeLike(v) || isPath(v) {
			return false
		}
	}
	f.start, f.end, f.quoted = s, k, true
	f.key = sc.decide(b[s:k])
	return f.key.secret()
}

// devicePassword looks at add password HOST {x} {y} and at add user HOST {x}, of
// RANCID, of which the patterns of hosts stay.
func (sc *scanner) devicePassword(e int) {
	b := sc.b
	p := run(b, e, chSpace)
	n := run(b, p, chAlpha)
	word := b[p:n]
	secret := hasSuffixFold(word, "password") || hasSuffixFold(word, "passphrase") || hasSuffixFold(word, "passwd") || equalFold(word, "identity")
	if !is(at(b, n), chSpace) || !secret && !hasSuffixFold(word, "user") && !hasSuffixFold(word, "username") {
		return
	}
	hs, he, p := sc.argument(run(b, n, chSpace))
	end := sc.eol(p)
	braced := at(b, run(b, p, chSpace)) == '{'
	if he <= hs || !braced && (!secret || !bytes.ContainsAny(b[hs:he], ".*-")) {
		return
	}
	if !secret {
		s := run(b, p, chSpace) + 1
		if n := run(b, s, chKey); at(b, n) == '}' {
			sc.userName(s, n, ruleUserField)
		}
		return
	}
	for range 2 {
		p = run(b, p, chSpace)
		if k := bytes.IndexByte(b[min(p, end):end], '}'); at(b, p) == '{' && k > 1 {
			sc.hideSecret(p+1, p+k, cPassword, ruleSentence)
			p += k + 1
			continue
		}
		s, n, next := sc.argument(p)
		if n <= s || n > end || braced {
			return
		}
		sc.hideSecret(s, n, cPassword, ruleSentence)
		p = next
	}
}
