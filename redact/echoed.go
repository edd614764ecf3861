package redact

import "bytes"

// A console prints in the next line what was asked for by its name; a page shows
// it in the next cell; a check tells, beside the name of a field, what it was
// given.

// consoleSigns end the prompts of consoles of languages and of debuggers.
var consoleSigns = [...]string{">>> ", "]: ", "db) ", "> "}

// asked tells of what a console's line has before the name that ends it: whether
// it asks for the value, and whether that is printed bare.
func asked(line []byte) (ok, bare bool) {
	if bytes.HasPrefix(line, []byte("PS ")) && bytes.Contains(line, []byte("> $")) && firstBlank(line[bytes.Index(line, []byte("> $"))+2:]) == len(line)-bytes.Index(line, []byte("> $"))-2 {
		return true, true
	}
	if k := bytes.LastIndexAny(line, "$#>%"); k >= 0 && at(line, k+1) != ' ' { // of a variable
		line = line[:k]
	}
	line = bytes.TrimRight(line, "${(\"'@")
	for _, w := range [...]string{"echo ", "printenv "} {
		if k := bytes.LastIndex(line, []byte(w)); k > 1 && k+len(w) == len(line) && line[k-1] == ' ' && bytes.IndexByte([]byte("$#>%"), line[k-2]) >= 0 {
			return true, true
		}
	}
	for _, sign := range consoleSigns {
		k := bytes.LastIndex(line, []byte(sign))
		if k < 0 || sign == "> " && (k == 0 || k > 60) {
			continue
		}
		said := bytes.TrimLeft(line[k+len(sign):], " ")
		for _, w := range [...]string{"p ", "pp ", "po ", "print ", "puts ", "print"} {
			if rest, cut := bytes.CutPrefix(said, []byte(w)); cut {
				said = rest
				break
			}
		}
		if firstBlank(said) < len(said) || bytes.IndexByte(said, '=') >= 0 || sign == "]: " && !bytes.HasPrefix(line, []byte("In [")) {
			return false, false
		}
		return true, false
	}
	return false, false
}

// askedFor looks at the line of a console that ends in the name b[s:n], and a
// parenthesis.
func (sc *scanner) askedFor(s, n int) bool {
	b := sc.b
	ok, bare := asked(b[sc.ls:s])
	if f := (field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}); ok && f.key.secret() {
		sc.below(&f, sc.eol(n), inEchoed).marked = bare
		return true
	}
	return false
}

// echoLine takes the line that a console printed: a string, perhaps behind its
// type and a sign, or what a shell printed. Any other is read as what it is.
func (r *resolver) echoLine(sc *scanner, s, e int) bool {
	b := sc.b
	r.kind = noRegion
	for e > s && is(b[e-1], chSpace) {
		e--
	}
	f := field{key: r.key, quoted: true, start: s, end: s}
	if e > s && is(b[e-1], chQuote) {
		if k := bytes.IndexByte(b[s:e], b[e-1]); k < min(64, e-s-1) && b[e-1] != '`' && !bytes.Contains(b[s:s+k], []byte(": ")) || k < e-s-1 && bytes.HasPrefix(b[s:e], []byte("Out[")) {
			if v := b[s+k+1 : e-1]; len(v) > 3 && !placeholder(v) && !dealtWith(v) && !statusWord(v) && bytes.IndexByte(v, b[e-1]) < 0 {
				sc.hide(&f, value{start: s + k + 1, end: e - 1, quoted: true})
				return true
			}
		}
		return false
	}
	if v := b[s:e]; r.marked && len(v) > 3 && firstBlank(v) == len(v) && !placeholder(v) && !dealtWith(v) && !statusWord(v) && !isPath(v) && is(v[0], chAlnum) {
		sc.hide(&f, value{start: s, end: e, quoted: true})
		return true
	}
	return false
}

// nextCell looks at <td>x</td><td>y</td>: the name of a secret b[s:n] is the text
// of a cell, and the value that of the next.
func (sc *scanner) nextCell(s, n int) bool {
	b := sc.b
	p := n
	for p < len(b) && p < n+6 && (is(b[p], chSpace|chQuote) || b[p] == ']' || b[p] == ':') {
		p++
	}
	close := bytes.LastIndexByte(b[max(sc.ls, s-40):s], '>')
	if at(b, p) != '<' || at(b, p+1) != '/' || close < 0 || bytes.IndexByte(b[max(sc.ls, s-40)+close:s], ' ') >= 0 {
		return false
	}
	tag := b[p+2 : run(b, p+2, chAlnum)]
	switch string(tag) {
	case "td", "th", "dt", "TD", "TH", "DT":
	default:
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	end := min(sc.eol(p), p+512)
	if p = p + 2 + len(tag) + 1; p > end || !f.key.secret() {
		return false
	}
	for range 3 {
		if p = run(b, p, chSpace); p >= end || b[p] != '<' || !is(at(b, p+1), chAlpha) {
			break
		}
		if string(tag) == "th" && bytes.HasPrefix(b[p:end], []byte("<th")) { // the head of a table
			return false
		}
		k := bytes.IndexByte(b[p:end], '>')
		if k < 0 || b[p+k-1] == '/' {
			return false
		}
		p += k + 1
	}
	if p >= end {
		return false
	}
	k := bytes.IndexByte(b[p:end], '<')
	if k <= 0 {
		return false
	}
	e := p + k
	for e > p && is(b[e-1], chSpace) {
		e--
	}
	return sc.hideStated(&f, p, e)
}

// rejecting are the names of members that hold what a check was given.
var rejecting = setOf("input", "value", "rejectedvalue", "rejected_value", "input_value", "actual", "provided", "received", "rejected", "actualvalue", "attemptedvalue", "invalidvalue", "badvalue", "data")

// rejected looks for what a check was given for the field that is named at
// b[s:n], in a list or as a member: "loc":["body","password"],"input":"x".
func (sc *scanner) rejected(f *field, p int) bool {
	b := sc.b
	end := min(sc.eol(p), p+400)
	sc.charge((end - p) / 4)
	depth := 0
	for k := p; k < end; k++ {
		switch c := b[k]; {
		case c == '{' || c == '[' || c == '(':
			depth++
		case c == '}':
			if depth--; depth < 0 {
				return false
			}
		case c == ']' || c == ')':
			depth--
		case is(c, chQuote) && depth <= 0:
			s, e, next := sc.argument(k)
			if next <= e || next > end {
				return false
			}
			q := run(b, next, chSpace)
			if at(b, q) == ':' && rejecting.has(b[s:e]) {
				if vs, ve, _, ok := sc.stringArgument(run(b, q+1, chSpace)); ok && ve-vs > 3 && !placeholder(b[vs:ve]) && !dealtWith(b[vs:ve]) && sc.decide(b[vs:ve]) == keyNone && !statusWord(b[vs:ve]) && (firstBlank(b[vs:ve]) == ve-vs || hasDigit(b[vs:ve]) && !proseText(b[vs:ve])) {
					sc.hide(f, value{start: vs, end: ve, quoted: true})
					return true
				}
				return false
			}
			k = next - 1
		}
	}
	return false
}

// fields are the names of members that name the field that a check is of.
var fields = setOf("path", "param", "field", "property", "instancepath", "fieldname", "attribute", "propertyname")

// rejectedBefore looks for the same where it comes before the name:
// {value: 'x', msg: 'Invalid value', path: 'password'}.
func (sc *scanner) rejectedBefore(f *field) bool {
	b := sc.b
	low := max(sc.ls, f.start-300)
	k := f.start - 1
	for k > low && (is(b[k-1], chSpace|chQuote) || b[k-1] == ':' || b[k-1] == '\\') {
		k--
	}
	open := bytes.LastIndexByte(b[low:k], '{')
	if !fields.has(b[runBack(b, k, low, chAlpha):k]) || open < 0 {
		return false
	}
	p := valueKey(b, low+open, k)
	if p == 0 {
		return false
	}
	for p += len("value"); p < k && (is(b[p], chQuote|chSpace) || b[p] == '\\'); p++ {
	}
	s, e, next, ok := sc.stringArgument(run(b, min(p+1, k), chSpace))
	if v := b[s:max(s, e)]; !ok || next > k || len(v) < 4 || placeholder(v) || dealtWith(v) || statusWord(v) || firstBlank(v) < len(v) && !hasDigit(v) {
		return false
	}
	skip := sc.skip
	sc.skip = 0 // it was passed
	sc.hide(f, value{start: s, end: e, quoted: true})
	sc.skip = max(skip, sc.skip)
	return true
}

// dotted looks at password.......x, as settings are listed: dots lead from the
// name that ends with the word b[i:e] to the value.
func (sc *scanner) dotted(i, e int) {
	b := sc.b
	p := e
	for at(b, p) == '.' {
		p++
	}
	f := field{start: runBack(b, i, max(sc.ls, i-maxKey), chKey), end: e}
	if p-e < 5 || !sc.leads(f.start) {
		return
	}
	s, n, _ := sc.argument(run(b, p, chSpace))
	if f.key = sc.decide(b[f.start:e]); f.key.secret() && f.key <= keySecret && n-s > 3 && sc.telling(&f, b[s:n], s > p) {
		f.quoted = true
		sc.hide(&f, value{start: s, end: n, quoted: true})
	}
}

// inputValue looks at input_value='x', of pydantic, of which the field is named by
// the line before. The word ends at e.
func (sc *scanner) inputValue(e int) {
	b := sc.b
	if sc.ls == 0 || at(b, e) != '=' || !is(b[sc.ls], chSpace) {
		return
	}
	s := lineStart(b, sc.ls-1)
	for k := 0; k < 3 && s > 0 && is(b[s], chSpace); k++ {
		s = lineStart(b, s-1)
	}
	n := lineEnd(b, s)
	if n-s > maxKey || n == s || run(b, s, chKey) < n || !keyTail(b, n) {
		return
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	if vs, ve, _, ok := sc.stringArgument(e + 1); ok && ve > vs && f.key.secret() {
		sc.hide(&f, value{start: vs, end: ve, quoted: true})
	}
}

// userBeside looks on both sides of a secret at b[s:e], in a notation of which
// strings have names without = or :, for the name of its user: {user,"x"},
// (user . "x"), ('user', 'x'), user -> "x". It reports whether there is one.
func (sc *scanner) userBeside(s, e int) (found bool) {
	b := sc.b
	low, end := max(sc.ls, s-160), min(sc.eol(e), e+160)
	sc.charge((end - low) / 4)
	for k := low; k < end; k++ {
		if lower(b[k]) != 'u' && lower(b[k]) != 'l' || k > low && is(b[k-1], chAlnum) || k >= s && k < e {
			continue
		}
		n := run(b, k, chWord)
		if w := b[k:n]; !equalFold(w, "user") && !equalFold(w, "username") && !equalFold(w, "login") && !equalFold(w, "user_name") {
			k = max(k, n-1)
			continue
		}
		p := n
		for p < end && p < n+9 && (is(b[p], chSpace|chQuote) || bytes.IndexByte([]byte(",.:=<>-[("), b[p]) >= 0) {
			p++
		}
		if p < n+2 || !is(b[p-1], chQuote) || run(b, n, chQuote) == p { // no string, or the one that the name itself is in
			continue
		}
		us := p
		if ue := us + bytes.IndexByte(b[us:end], b[us-1]); ue > us && account(b[us:ue]) && !statusWord(b[us:ue]) && sc.decide(b[us:ue]) == keyNone {
			sc.userPassed(us, ue)
			found = true
			k = ue
		}
	}
	return found
}
