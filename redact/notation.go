package redact

import "bytes"

// Notations of languages: how Lisp, Erlang, Perl, Lua, C and others write a
// name beside its value, and a string.

// besides looks at a word b[i:e], the name of a secret or the end of one, that
// a language parts from its value without a sign of its own: :db/password "x",
// (auth-token . "x"), password -> x. It reports whether it is one of these.
func (sc *scanner) besides(i, e int) bool {
	b := sc.b
	n := run(b[:min(len(b), e+maxKey)], e, chKey)
	if sc.charge(n - e); at(b, n) != ' ' && at(b, n) != '\t' || n > e && b[e] != '-' {
		return false
	}
	s := runBack(b, i, max(sc.ls, i-maxKey), chKey)
	prev := at(b, s-1)
	if s == sc.ls {
		prev = '\n'
	}
	p := run(b, n, chSpace)
	f := field{start: s, end: n, quoted: true}
	switch {
	case at(b, p) == '-' && at(b, p+1) == '>' && is(at(b, p+2), chSpace): // Scala, Kotlin
		f.key = sc.decide(b[s:n])
		if !f.key.secret() || prev == '-' {
			return false
		}
		q := run(b, p+2, chSpace)
		t := sc.token(q)
		if v := b[q:t]; !is(at(b, q), chQuote) && (!secretWord(v) && !(wordsAndNumber(v) && (at(b, t) == ',' || at(b, t) == ')')) || codeLike(v) || isPath(v)) {
			return false
		}
		f.quoted = is(at(b, q), chQuote)
		sc.userBeside(s, t)
		sc.field(f, p+2)
		return true
	case at(b, p) == '.' && at(b, p+1) == ' ' && is(at(b, p+2), chQuote) && prev == '(': // (password . "x")
		p += 2
	case at(b, p) != '"':
		return false
	case prev == ':' || prev == '/': // EDN, with a namespace before the name
		k := s
		if prev == '/' {
			k = runBack(b, s-1, max(sc.ls, s-40), chKey)
		}
		if k == sc.ls || b[k-1] != ':' || k-2 >= sc.ls && !is(b[k-2], chSpace) && b[k-2] != '{' && b[k-2] != '(' && b[k-2] != '[' {
			return false
		}
	case sc.leads(s) && n > i && s < n: // a directive, and nothing else in its line
		if _, _, next := sc.argument(p); run(b, next, chSpace) < sc.eol(next) {
			return false
		}
	default:
		return false
	}
	if f.key = sc.decide(b[s:n]); f.key == keyPass {
		f.key = keyPassword
	}
	if !f.key.secret() {
		return false
	}
	if v, ok := sc.extent(&f, p); ok && v.quoted && !statusWord(b[v.start:v.end]) {
		sc.userBeside(s, v.end)
		sc.hide(&f, v)
		return true
	}
	return false
}

// wrapped looks at Secret(x) and Password(x), as types that hold secrets are
// printed that do not hide them.
func (sc *scanner) wrapped(i, e int) {
	b := sc.b
	if !is(b[i], chUpper) || at(b, e) != '(' {
		return
	}
	end := min(sc.eol(e), e+200)
	k := bytes.IndexByte(b[e:end], ')')
	if k < 0 {
		return
	}
	if v := b[e+1 : e+k]; len(v) >= 12 && run(v, 0, chAlnum|chUnder) == len(v) && secretWord(v) && entropyHigh(v) && mixedCaseDigits(v) {
		sc.hideSecret(e+1, e+k, cToken, ruleField)
	}
}

// ofLanguage looks at a value at q that is such a literal.
func (sc *scanner) ofLanguage(f *field, q int) bool {
	switch c := at(sc.b, q); {
	case c == '"' || c == '\'' || q == 0:
		return false
	case c == 'q' || c == '[' || c == '{' || c == 'R' || c == '<' || c == '0':
		v, ok := sc.literal(f, q)
		if ok {
			sc.hide(f, v)
		}
		return ok
	}
	return false
}

// literal reads at i a string that a language writes without quotes of the
// common kind: q{x} of Perl, [[x]] of Lua, {x} of ODBC, RAW(x) of Camel,
// <<"x">> of Erlang, and what gdb puts before one, 0x7ffe01 "x".
func (sc *scanner) literal(f *field, i int) (v value, ok bool) {
	b := sc.b
	end := min(sc.eol(i), i+1024)
	c, d := at(b, i), at(b, i+1)
	s, e := 0, -1
	switch {
	case c == 'q' && (perlQuote(d) != 0 || d == 'q' && perlQuote(at(b, i+2)) != 0):
		s = i + 2
		if d == 'q' {
			s++
		}
		if e = bytes.IndexByte(b[s:end], perlQuote(b[s-1])); e > 0 {
			if x := at(b, run(b, s+e+1, chSpace)); x != ';' && x != ',' && x != ')' && x != '}' && x != '\n' {
				e = -1
			}
		}
	case c == '[' && d == '[':
		if s = i + 2; is(at(b, s), chAlnum) {
			e = bytes.Index(b[s:end], []byte("]]"))
		}
		if e > 0 && bytes.ContainsAny(b[s:s+e], "[]\"'") {
			e = -1
		}
	case c == '{' && b[i-1] == '=': // only in connection strings
		s = i + 1
		for k := s; k < end; k++ {
			if b[k] == '}' {
				if at(b, k+1) == '}' {
					k++
					continue
				}
				e = k - s
				break
			}
		}
		if x := at(b, s+e+1); e < 1 || x != ';' && !(at(b, f.start-1) == ';' && (x == '"' || x == '\'' || x == '\n' || x == '\r')) || f.start <= sc.ls {
			e = -1
		}
	case c == 'R' && d == 'A' && bytes.HasPrefix(b[i:], []byte("RAW")) && (at(b, i+3) == '(' || at(b, i+3) == '{'):
		s = i + 4
		for k := s; k < end; k++ {
			if b[k] == perlQuote(b[i+3]) {
				if x := at(b, k+1); x == '&' || x == '"' || x == '\'' || x == '<' || x <= ' ' || x == ';' {
					e = k - s
					break
				}
			}
		}
	case c == '<' && d == '<' && at(b, i+2) == '"':
		s = i + 3
		if e = bytes.IndexByte(b[s:end], '"'); e > 0 && at(b, s+e+1) != '>' && at(b, s+e+1) != '/' {
			e = -1
		}
	case c == '0' && d == 'x':
		n := run(b, i+2, chHex)
		if p := run(b, n, chSpace); n > i+4 && n-i <= 18 && p > n && at(b, p) == '"' {
			if vs, ve, next := sc.argument(p); next > ve {
				s, e = vs, ve-vs
			}
		}
	}
	if e < 1 {
		return v, false
	}
	return value{start: s, end: s + e, quoted: true}, true
}

// perlQuote is what closes a string that c opens; 0 if it opens none.
func perlQuote(c byte) byte {
	switch c {
	case '{':
		return '}'
	case '(':
		return ')'
	case '[':
		return ']'
	case '<':
		return '>'
	case '|', '/', '!', '~':
		return c
	}
	return 0
}
