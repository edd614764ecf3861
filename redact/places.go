package redact

import "bytes"

// Secrets that have a place among other values and no name: the last of a list
// that tells how to reach a database, a part of a path, the arguments of a job.

// fourthOf hides the user and the password of host,database,user,x at p.
func (sc *scanner) fourthOf(p int) {
	b := sc.b
	end := min(sc.eol(p), p+512)
	var at [4][2]int
	for k := range at {
		n := p
		for n < end && b[n] > ' ' && b[n] != ',' && b[n] != ';' {
			n++
		}
		at[k] = [2]int{p, n}
		if n >= end || b[n] != ',' {
			if k < 3 {
				return
			}
			break
		}
		p = n + 1
	}
	sc.userName(at[2][0], at[2][1], ruleUserField)
	if v := b[at[3][0]:at[3][1]]; len(v) >= 4 && !isPath(v) {
		sc.hideSecret(at[3][0], at[3][1], cPassword, ruleDirective)
	}
}

// source looks at 'DBI:mysql:database=x;host=y', 'user', 'password'.
func (sc *scanner) source(i, e int) {
	b := sc.b
	if at(b, e) != ':' || i == sc.ls || b[i-1] != '\'' && b[i-1] != '"' {
		return
	}
	n := bytes.IndexByte(b[e:min(sc.eol(e), e+256)], b[i-1])
	if n < 0 {
		return
	}
	var args [2][2]int
	p := e + n + 1
	for k := range args {
		if p = run(b, p, chSpace); at(b, p) != ',' {
			return
		}
		s, t, next, ok := sc.stringArgument(run(b, p+1, chSpace))
		if !ok {
			return
		}
		args[k] = [2]int{s, t}
		p = next
	}
	if v := b[args[1][0]:args[1][1]]; len(v) >= 4 && !isPath(v) && !placeholder(v) {
		sc.userName(args[0][0], args[0][1], ruleUserField)
		sc.hideSecret(args[1][0], args[1][1], cPassword, ruleField)
	}
}

// gateway looks at the account of the gateway of an E-Business Suite, NAME/x,
// under one of its names, which ends at e.
func (sc *scanner) gateway(e int) {
	b := sc.b
	p := e
	for p < len(b) && p < e+4 && (is(b[p], chQuote|chSpace) || b[p] == '=' || b[p] == '>' || b[p] == ':') {
		p++
	}
	n := run(b, p, chKey)
	if p == e || n == p || at(b, n) != '/' {
		return
	}
	t := n + 1
	for t < len(b) && b[t] > ' ' && b[t] != '<' && b[t] != '"' && b[t] != '/' {
		t++
	}
	if t-n > 3 {
		sc.hideSecret(n+1, t, cPassword, ruleField)
	}
}

// segmentOf looks at the part of a path behind a word that ends at e, for one
// that nobody would have written but a generator: /feed/x/rss.
func (sc *scanner) segmentOf(e int) {
	b := sc.b
	if at(b, e) != '/' {
		return
	}
	n := run(b, e+1, chAlnum|chUnder)
	v := b[e+1 : n]
	if c := at(b, n); c != '/' && c != '?' && c != ' ' && c != '"' && c != '\'' && c != '\n' && c != '<' && c != ')' {
		return
	}
	if len(v) >= 20 && (mixedCaseDigits(v) && entropyHigh(v) && inWords(v)*4 < len(v)*3 || len(v) >= 32 && run(v, 0, chHex) == len(v) && mixed(v)) {
		sc.emit(e+1, n, cToken, ruleField, spanLearn)
	}
}

// jobArguments looks at the arguments of a job that is called for a secret, of
// which the name ends at e: {"class":"ResetPasswordWorker","args":["x@y.z","t"]}.
func (sc *scanner) jobArguments(e int) {
	b := sc.b
	end := min(sc.eol(e), e+512)
	if at(b, e) != '"' && !(at(b, e) == '\\' && at(b, e+1) == '"') {
		return
	}
	near := b[e:min(end, e+96)]
	k := bytes.Index(near, []byte("arg"))
	if k < 0 {
		return
	}
	o := bytes.IndexByte(near[k:], '[')
	if o < 0 {
		return
	}
	for p := e + k + o + 1; p < end; {
		p = run(b, p, chSpace)
		s, t, next, ok := sc.stringArgument(p)
		if !ok || next > end {
			return
		}
		if v := b[s:t]; len(v) >= 16 && firstBlank(v) == len(v) && run(v, 0, chAlnum|chUnder|chKey) == len(v) && secretWord(v) && !isUUID(v) && bytes.IndexByte(v, '.') < 0 {
			sc.emit(s, t, cToken, ruleField, spanLearn)
		}
		if p = run(b, next, chSpace); at(b, p) != ',' {
			return
		}
		p++
	}
}

// statementOfAccount hides the numbers of accounts in the line of a statement
// that SWIFT calls MT940, where a code stands before each: ?31DE..., /IBAN/DE...
func (sc *scanner) statementOfAccount(s int) {
	b := sc.b
	end := min(sc.eol(s), s+1024)
	for k := s; k+4 < end; k++ {
		var p int
		switch {
		case b[k] == '?' && is(b[k+1], chDigit) && is(b[k+2], chDigit):
			p = k + 3
		case b[k] == '/' && bytes.HasPrefix(b[k:], []byte("/IBAN/")):
			p = k + len("/IBAN/")
		default:
			continue
		}
		if n, ok := scanIBAN(append([]byte{' '}, b[p:min(end, p+48)]...), 1); ok && n > 1 {
			sc.emit(p, p+n-1, cIBAN, ruleIBAN, 0)
		}
	}
}

// serverLine looks at Server = host +6697 x, of which the last word is what the
// server asks for.
func (sc *scanner) serverLine(v *value) {
	b := sc.b
	end := sc.eol(v.start)
	h := v.start + firstBlank(b[v.start:end])
	p := run(b, h, chSpace)
	if at(b, p) == '+' {
		p++
	}
	d := run(b, p, chDigit)
	s := run(b, d, chSpace)
	n := s + firstBlank(b[s:end])
	if d == p || d-p > 5 || s == d || run(b, n, chSpace) < end {
		return
	}
	if w := b[s:n]; len(w) >= 6 && secretWord(w) && !isPath(w) && !dealtWith(w) {
		sc.hideSecret(s, n, cPassword, ruleField)
		v.end, v.whole = h, false
	}
}

// sprayed looks at SMB 10.0.0.1 445 HOST [-] domain\\user:x STATUS, as CrackMapExec
// and its kin print, and hides the host too.
func (sc *scanner) sprayed(i, e int) {
	b := sc.b
	if i != sc.ls || !is(b[i+1], chUpper) || !is(at(b, e), chSpace) {
		return
	}
	end := min(sc.eol(e), e+400)
	p := run(b, e, chSpace)
	for k := range 3 {
		n := p + firstBlank(b[p:end])
		switch {
		case n >= end || k == 1 && !allDigits(b[p:n]):
			return
		case k == 2:
			sc.hostValue(p, n)
		}
		p = run(b, n, chSpace)
	}
	if !bytes.HasPrefix(b[p:], []byte("[+] ")) && !bytes.HasPrefix(b[p:], []byte("[-] ")) {
		return
	}
	p += len("[+] ")
	n := p + firstBlank(b[p:end])
	if k := bytes.IndexByte(b[p:n], '\\'); k > 0 {
		p += k + 1
	}
	if c := bytes.IndexByte(b[p:n], ':'); c > 0 && c < n-p-1 {
		sc.userName(p, p+c, ruleUserField)
		if v := b[p+c+1 : n]; len(v) >= 4 && !placeholder(v) {
			sc.hideSecret(p+c+1, n, cPassword, ruleField)
		}
	}
}

// printed looks at the line below a command that prints a secret: aws ssm
// get-parameter --with-decryption --output text. The word is b[i:e].
func (sc *scanner) printed(i, e int) {
	b := sc.b
	end := sc.eol(e)
	line := b[sc.ls:end]
	if b[i] == 'j' { // kubectl get secret x -o jsonpath='{.data.password}' | base64 -d
		line = bytes.TrimRight(line, " \r")
		if len(line) < 400 && mentions(line, "secret") && (bytes.HasSuffix(line, []byte("-d")) || bytes.HasSuffix(line, []byte("--decode")) || bytes.HasSuffix(line, []byte("-D")) || bytes.HasSuffix(line, []byte("; echo"))) && !bytes.Contains(line, []byte("$(")) && !bytes.Contains(line, []byte(" > ")) {
			o := sc.below(&field{key: keyPassword, start: i, end: e}, end, inNext)
			o.indent = -1
		}
		return
	}
	if len(line) > 400 || bytes.IndexByte(line, '|') >= 0 || bytes.IndexByte(line, '>') >= len(line)-1 || bytes.Contains(line, []byte("$(")) || bytes.IndexByte(line, '`') >= 0 || bytes.IndexByte(b[i-min(i-sc.ls, 1):i], '=') >= 0 {
		return
	}
	if !printsOne.has(b[i:e]) {
		ok := false
		for _, w := range [...]string{"--output text", "-o tsv", "-o text", "-raw", "--plain", "-field=", "--format=value", "-w"} {
			ok = ok || bytes.Contains(line, []byte(w))
		}
		if !ok {
			return
		}
	}
	k := run(b, sc.ls, chSpace)
	if c := at(b, k); !(c == '$' || c == '#' || c == '>' || c == '+' || is(c, chLower) || bytes.Contains(b[k:min(i, k+64)], []byte("$ ")) || bytes.Contains(b[k:min(i, k+64)], []byte("# ")) || bytes.Contains(b[k:min(i, k+64)], []byte("> "))) {
		return
	}
	f := field{key: keySecret, start: i, end: e}
	sc.below(&f, end, inNext).marked = true
}

// printsOne are commands that print nothing but a secret.
var printsOne = setOf("genkey", "genpsk", "print-access-token", "print-identity-token", "get-login-password", "pwgen", "gen-password")

// acceptUsers looks at users=name::x, as CAS accepts them, and at users = {"name":
// "x"} of programs; what follows the word begins at p.
func (sc *scanner) acceptUsers(p int) {
	b := sc.b
	p = run(b, p, chSpace)
	if c := at(b, p); c != '=' && c != ':' && c != '(' {
		return
	}
	p = run(b, p+1, chSpace)
	end := min(sc.eol(p), p+1024)
	if at(b, p) == '{' || at(b, p) == '(' && at(b, p+1) == '{' {
		sc.mapOfUsers(p, end, false)
		return
	}
	for p < end {
		n := run(b, p, chKey)
		if n == p || at(b, n) != ':' || at(b, n+1) != ':' {
			return
		}
		t := n + 2
		for t < end && b[t] > ' ' && b[t] != ',' && !is(b[t], chQuote) {
			t++
		}
		if v := b[n+2 : t]; len(v) < 4 || !hasDigit(v) && !hasSign(v) && !mixed(v) || isPath(v) || codeLike(v) {
			return
		}
		sc.userName(p, n, ruleUserField)
		sc.hideSecret(n+2, t, cPassword, ruleField)
		if at(b, t) != ',' {
			return
		}
		p = t + 1
	}
}

// mapOfUsers hides names and passwords of {"name": "x"} at p. Where it is sure
// that they are passwords, they need not look so.
func (sc *scanner) mapOfUsers(p, end int, sure bool) {
	b := sc.b
	for p < end && (b[p] == '{' || b[p] == '(' || b[p] == '[' || is(b[p], chSpace)) {
		p++
	}
	for p < end {
		us, ue, next, ok := sc.stringArgument(p)
		q := run(b, next, chSpace)
		if !ok || ue <= us || !account2(b[us:ue]) || at(b, q) != ':' && !(at(b, q) == '=' && at(b, q+1) == '>') {
			return
		}
		if q++; at(b, q) == '>' {
			q++
		}
		vs, ve, next, ok := sc.stringArgument(run(b, q, chSpace))
		if !ok || next > end {
			return
		}
		v := b[vs:ve]
		if sc.decide(b[us:ue]) == keyNone && len(v) >= 4 && firstBlank(v) == len(v) && !isPath(v) && !placeholder(v) && (sure && (hasDigit(v) || hasSign(v) || mixed(v)) || secretWord(v) && (hasSign(v) || mixedCaseDigits(v)) && bytes.IndexByte(v, '/') < 0 && bytes.IndexByte(v, ':') < 0) {
			if k := bytes.LastIndexByte(b[us:ue], '.'); k < 0 || !commonTop(b[us+k+1:ue]) { // no host
				sc.userName(us, ue, ruleUserField)
			}
			sc.hideSecret(vs, ve, cPassword, ruleField)
		}
		if q = run(b, next, chSpace); at(b, q) != ',' {
			return
		}
		p = run(b, q+1, chSpace)
	}
}

// usersNamed looks at a word that ends at e and is the name of a map of users and
// their passwords: "RegisteredUsers": {, basic_auth_users:, UserPasswordAuth({.
func (sc *scanner) usersNamed(e int) {
	b := sc.b
	p := run(b, e, chQuote)
	p = run(b, p, chSpace)
	if c := at(b, p); c != ':' && c != '=' && c != '(' {
		return
	}
	p = run(b, p+1, chSpace)
	end := sc.eol(p)
	if p >= end || b[p] == '{' && run(b, p+1, chSpace) >= end {
		sc.opens = append(sc.opens, opening{end, region{kind: inUsers, indent: indentOf(b[sc.ls:]), marked: true}})
		return
	}
	sc.mapOfUsers(p, min(end, p+2048), true)
}

// pairKey looks at 'name:x' => [, of which the line begins with the quote at s.
func (sc *scanner) pairKey(s int) {
	b := sc.b
	end := min(sc.eol(s), s+160)
	n := s + 1
	for n < end && b[n] != '\'' {
		n++
	}
	c := bytes.IndexByte(b[s:n], ':')
	if c < 2 || at(b, n) != '\'' {
		return
	}
	p := run(b, n+1, chSpace)
	if at(b, p) != '=' || at(b, p+1) != '>' {
		return
	}
	if v := b[s+c+1 : n]; account2(b[s+1:s+c]) && len(v) >= 6 && secretWord(v) && (hasSign(v) || mixedCaseDigits(v)) && bytes.IndexByte(v, '/') < 0 && bytes.IndexByte(v, ':') < 0 && bytes.IndexByte(v, '\\') < 0 {
		sc.userName(s+1, s+c, ruleUserField)
		sc.hideSecret(s+c+1, n, cPassword, ruleField)
	}
}

// memberLine takes a line of a map of users on lines of their own.
func (r *resolver) memberLine(sc *scanner, s, e int) bool {
	b := sc.b
	ks, ke, p := mapKey(b[:e], s)
	if p == 0 || b[s] == '}' || b[s] == ']' || b[s] == ')' || indentOf(b[sc.ls:]) <= r.indent {
		return false
	}
	f := field{key: keyPassword, first: true, quoted: ks > s, start: ks, end: ke, colon: ks == s}
	v, ok := sc.extent(&f, p)
	if !ok || v.end > e || !account2(b[ks:ke]) {
		return false
	}
	if text := b[v.start:v.end]; sc.decide(b[ks:ke]) == keyNone && len(text) >= 4 && firstBlank(text) == len(text) && (hasDigit(text) || hasSign(text) || mixed(text)) && !placeholder(text) && !dealtWith(text) && !isPath(text) && text[0] != '[' && text[0] != '{' {
		sc.userName(ks, ke, ruleUserField)
		sc.hideSecret(v.start, v.end, cPassword, ruleField)
	}
	return true
}

// subscript is where the name ends that stands in the braces of which the last
// is at j, behind a variable of Perl; j where it is none.
func (sc *scanner) subscript(j int) int {
	b := sc.b
	k := j - 1
	if k > sc.ls && (b[k] == '"' || b[k] == '\'') {
		k--
	}
	s := k + 1
	for s > sc.ls && j-s < maxKey && (is(b[s-1], chKey) || b[s-1] == ':') {
		s--
	}
	if s > sc.ls && (b[s-1] == '"' || b[s-1] == '\'') {
		s--
	}
	if s == k+1 || s < sc.ls+2 || b[s-1] != '{' {
		return j
	}
	if c := b[s-2]; c != '>' && c != '}' && c != ']' && !is(c, chWord) {
		return j
	}
	return k
}

// attributeValue hides the value of an attribute that is called so, of an
// element that has the name of a secret. Its attributes are b[s:e].
func (sc *scanner) attributeValue(f *field, s, e int) bool {
	b := sc.b
	for p := run(b, s, chSpace); p < e; {
		n := run(b, p, chKey)
		if n == p || at(b, n) != '=' || !is(at(b, n+1), chQuote) {
			return false
		}
		vs, ve, next := sc.argument(n + 1)
		if next <= ve || next > e {
			return false
		}
		switch string(lowerOf(b[p:n], sc.lower[:])) {
		case "value", "val", "data", "text", "content", "v":
			if v := b[vs:ve]; len(v) > 2 && !statusWord(v) {
				g := *f
				g.quoted, g.element = true, false
				sc.hide(&g, value{start: vs, end: ve, quoted: true})
			}
			return true
		}
		p = run(b, next, chSpace)
	}
	return false
}
