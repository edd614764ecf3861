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
	if n >= len(b) {
		return false
	}
	if s <= sc.ls {
		return (b[n] == ' ' || b[n] == '(') && sc.compared(s, n) || b[n] == '|' && sc.row(s, n, n+1)
	}
	switch c, prev := b[n], b[s-1]; {
	case c == ':' && prev == '[', c == '"' && prev == '"' && at(b, n+1) == ':' && s > sc.ls+1 && b[s-2] == '[':
		return sc.member(s, n)
	case c == '"' && at(b, n+1) == '>' && at(b, n+2) == '>' && prev == '"': // <<"x">> => <<"y">>
		return sc.tuple(s, n, n+3)
	case c == '"' && prev == '/' && s > sc.ls+1 && b[s-2] == '"': // "instancePath":"/x"
		f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
		return f.key.secret() && sc.rejected(&f, n+1)
	case c == '"' && prev == ':' || c == '\'' && prev == ':' || c == '"' && prev == '/':
		return sc.setTo(s, n, n+1)
	case c == '*' && prev == '*' && at(b, n+1) == '*', c == ':' && prev == '*' && at(b, n+1) == '*':
		return sc.bold(s, n)
	case c == ')' && prev == '(' && hasSuffixFold(b[sc.ls:s-1], "set env"): // Tcl
		return is(at(b, n+1), chSpace) && sc.restIs(s, n, run(b, n+1, chSpace))
	case c == '\n' && (prev == '$' || prev == ' ' && b[sc.ls] == '>' && s == sc.ls+2): // R
		return sc.printedBelow(s, n) || sc.askedFor(s, n)
	case c == '\n', c == ')' && prev == '(' && at(b, n+1) == '\n':
		return sc.askedFor(s, n)
	case c == '<', (c == ' ' || c == ':') && at(b, n+1) == '<' && at(b, n+2) == '/':
		return sc.nextCell(s, n)
	case (c == '"' || c == '\'') && prev == c && at(b, n+1) == ']' && s > sc.ls+1 && b[s-2] == '[':
		return sc.subscripted(s, n)
	case c == ',' && prev == '(' && bytes.IndexByte(b[s:n], '.') > 0 && (s < sc.ls+2 || is(b[s-2], chSpace)): // (spark.x.password,y)
		k := bytes.IndexByte(b[n:min(sc.eol(n), n+1024)], ')')
		return k > 0 && quoteAt(b, n+1) == 0 && n+k+1 >= sc.eol(n) && sc.hideSetting(s, n, n+1, n+k)
	case c == ']' && prev == '=', c == ';' && prev == '=', c == ':' && prev == '=' && at(b, n+1) == ':':
		return sc.workflow(s, n)
	case c == '"' && prev == '"' && s == sc.ls+1 && (at(b, n+1) == ';' || at(b, n+1) == ',' || at(b, n+1) == '\t' || at(b, n+1) == '|'):
		return sc.row(s, n, n+2)
	case c == ']' && prev == '[', c == '\'' && prev == '\'', c == '"' && prev == '"', c == '`' && prev == '`':
		return sc.setTo(s, n, n+1)
	case c == ',' && (prev == '{' || prev == ':' && s > sc.ls+1 && b[s-2] == '{' || prev == ' ' && mentions(b[max(sc.ls, s-64):s], "set_env(")):
		return sc.tuple(s, n, n+1)
	case c == ' ' && (prev == ' ' || prev == '@' || prev == '/' || prev == '(' || prev == '=' || prev == '$'):
		return sc.compared(s, n)
	}
	return false
}

// subscripted looks at $_SERVER['x']	y and <td>$_SERVER['x'] </td><td>y</td>, as PHP
// shows its variables.
func (sc *scanner) subscripted(s, n int) bool {
	b := sc.b
	p := run(b, n+2, chSpace)
	e := sc.eol(p)
	for e > p && is(b[e-1], chSpace) {
		e--
	}
	switch c := at(b, p); {
	case c == '<':
		return sc.nextCell(s, n)
	case at(b, n+2) != '\t' || c == '=' || c == ':' || p >= e || e-p > 1024:
		return false
	}
	return sc.hideSetting(s, n, p, e)
}

// hideSetting hides b[vs:ve], all that is said of the setting b[s:n].
func (sc *scanner) hideSetting(s, n, vs, ve int) bool {
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	v := sc.b[vs:ve]
	if !f.key.secret() || len(v) < 4 || f.key != keyPassword && !sc.stands(f.key, v) || firstBlank(v) < len(v) && f.key != keyPassword || placeholder(v) || dealtWith(v) || statusWord(v) || isPath(v) || codeLike(v) {
		return false
	}
	sc.hide(&f, value{start: vs, end: ve, quoted: true})
	return true
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
	return f.key.secret() && sc.restOfString(&f, p)
}

func (sc *scanner) restOfString(f *field, p int) bool {
	b := sc.b
	if at(b, p) == '$' {
		return false
	}
	end := sc.eol(p)
	for k := p; k < end; k++ {
		if b[k] == '"' || b[k] == '\'' && endsAfter(at(b, k+1)) || b[k] == '\\' && (at(b, k+1) == '"' || at(b, k+1) == 'n' && at(b, k+2) == '"') {
			end = k
		}
	}
	for end > p && (is(b[end-1], chSpace) || b[end-1] == '\\') { // of a quote in quotes
		end--
	}
	if end-p < 3 {
		return false
	}
	if v := b[p:end]; placeholder(v) || dealtWith(v) || statusWord(v) {
		return false
	}
	sc.hide(f, value{start: p, end: end, quoted: true})
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
		case c == '-' && hasPrefixFold(b[q:], "-value "): // -Name "x" -Value "y"
			q = run(b, q+len("-value "), chSpace)
		case c != b[n] || c != '\'' && c != '"' || !sc.replies(s, n) && !sc.setsName(s):
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

// tuple looks at {x,"y"}, {x,<<"y">>} and x => <<"y">> of Erlang, from p on, which
// is behind the name.
func (sc *scanner) tuple(s, n, p int) bool {
	b := sc.b
	for c := at(b, p); c == '<' || c == ' ' || c == '=' || c == '>' || c == ',' && p > n+1; c = at(b, p) {
		p++
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	vs, ve, next, ok := sc.stringArgument(p)
	if c := at(b, run(b, next, chSpace)); !ok || !f.key.secret() || c != '}' && c != '>' && c != '/' && c != ')' {
		return false
	}
	sc.userBeside(s, ve)
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

// setsName reports whether a command sets what the name in quotes at s names: set
// 'x' 'y'.
func (sc *scanner) setsName(s int) bool {
	b := sc.b
	k := s - 1
	for k > sc.ls && s-k < 64 && !is(b[k], chQuote) {
		k--
	}
	switch w := sc.wordBefore(k); string(lowerOf(w, sc.lower[:])) {
	case "set", "put", "add", "write", "setenv", "define", "update":
		return true
	}
	return false
}

// member looks at a member of an object of PHP, of which the name is b[s:n]:
// ["x":protected]=> and [x:App\\Db:private] =>.
func (sc *scanner) member(s, n int) bool {
	b := sc.b
	k := bytes.IndexByte(b[n:min(sc.eol(n), n+96)], ']')
	if k < 0 || !bytes.HasSuffix(b[n:n+k], []byte("protected")) && !bytes.HasSuffix(b[n:n+k], []byte("private")) {
		return false
	}
	p := run(b, n+k+1, chSpace)
	if at(b, p) != '=' || at(b, p+1) != '>' {
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: b[n] == '"', first: b[n] != '"'}
	if !f.key.secret() {
		return false
	}
	sc.field(f, p+2)
	return true
}

// bold looks at **x**: y and **x:** y, as Markdown has it.
func (sc *scanner) bold(s, n int) bool {
	b := sc.b
	p := n
	for at(b, p) == '*' || at(b, p) == ':' {
		p++
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, first: true, colon: true}
	if p-n != len("**:") || !is(at(b, p), chSpace) || !f.key.secret() {
		return false
	}
	q := run(b, p, chSpace)
	if vs, ve, next := sc.argument(q); run(b, next, chSpace) >= sc.eol(q) && sc.stands(f.key, b[vs:ve]) {
		f.quoted = true
		sc.hide(&f, value{start: vs, end: ve, quoted: true})
		return true
	}
	return false
}

// printedBelow looks at the value of x that R prints in the next line: [1] "y".
func (sc *scanner) printedBelow(s, n int) bool {
	b := sc.b
	p := nextLine(b, n)
	const first = `[1] "`
	if p >= len(b) || !bytes.HasPrefix(b[p:], []byte(first)) {
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	vs, ve, next := sc.argument(p + len(first) - 1)
	return f.key.secret() && next > ve && sc.hideStated(&f, vs, ve)
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
	q := 0
	switch rest := b[p:min(sc.eol(n), p+80)]; {
	case b[n] == '(': // x('y'). of Prolog
		if vs, ve, next, ok := sc.stringArgument(p + 1); ok && bytes.HasPrefix(b[next:], []byte(").")) && next+2 >= sc.eol(next) {
			f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
			return f.key.secret() && sc.hideStated(&f, vs, ve)
		}
		return false
	case bytes.HasPrefix(rest, []byte("<- ")) || bytes.HasPrefix(rest, []byte("<<- ")): // R
		q = run(b, p+bytes.IndexByte(rest, ' '), chSpace)
	case bytes.HasPrefix(rest, []byte("<<< ")) && mentions(b[sc.ls:s], "read "): // read x <<< 'y'
		q = p + len("<<< ")
	case bytes.HasPrefix(rest, []byte(":: ")) && s > sc.ls+1 && sc.leads(s): // Org
		return sc.restIs(s, n, p+len(":: "))
	case hasPrefixFold(rest, "changed "):
		return sc.changed(s, n, p+len("changed "))
	case hasPrefixFold(rest, "pic ") || b[max(s-1, 0)] == '@': // of COBOL and of T-SQL, which tell its type first
		for _, w := range [...]string{" VALUE ", ") = ", " = "} {
			if k := bytes.Index(rest, []byte(w)); k > 0 && quoteAt(b, p+k+len(w)) > 0 || k > 0 && at(b, p+k+len(w)) == 'N' {
				q = p + k + len(w)
				break
			}
		}
	}
	if q > 0 {
		vs, ve, next, ok := sc.stringArgument(q)
		f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
		return ok && next > ve && f.key.secret() && sc.hideStated(&f, vs, ve)
	}
	w := run(b, p, chAlpha|chKey)
	if w == p || w-p > 8 || !is(at(b, w), chSpace) || !comparisons.has(b[p:w]) {
		return false
	}
	vs, ve, next, ok := sc.stringArgument(run(b, w, chSpace))
	if !ok || next <= ve {
		return false
	}
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	return f.key.secret() && sc.hideStated(&f, vs, ve)
}

// row looks at a line of two cells, the name b[s:n] and at p its value.
func (sc *scanner) row(s, n, p int) bool {
	b := sc.b
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	vs, ve, next := sc.argument(p)
	return ve > vs && next >= sc.eol(p) && f.key.secret() && bytes.IndexByte(b[vs:ve], b[p-1]) < 0 && !namesField(b[vs:ve]) && sc.hideStated(&f, vs, ve)
}

// changed looks at what changed from one string to another: x changed 'y' to 'z'.
func (sc *scanner) changed(s, n, p int) bool {
	b := sc.b
	if hasPrefixFold(b[p:], "from ") {
		p += len("from ")
	}
	vs, ve, next, ok := sc.stringArgument(p)
	if !ok || !bytes.HasPrefix(b[next:], []byte(" to ")) {
		return false
	}
	ws, we, _, ok := sc.stringArgument(next + len(" to "))
	f := field{key: sc.kindNamed(s, n), start: s, end: n, quoted: true}
	if !ok || !f.key.secret() {
		return false
	}
	old := sc.hideStated(&f, vs, ve)
	return sc.hideStated(&f, ws, we) || old
}

// requestArgument looks at Request arg: x and Request parameter: x, the line
// b[s:end] below the command that it is of.
func (sc *scanner) requestArgument(s, end int) {
	k := bytes.Index(sc.b[s:end], []byte(": "))
	if k < 0 || !hasSuffixFold(sc.b[s:s+k], "arg") && !hasSuffixFold(sc.b[s:s+k], "parameter") && !hasSuffixFold(sc.b[s:s+k], "argument") {
		return
	}
	for end > s && is(sc.b[end-1], chSpace) {
		end--
	}
	sc.hideSecret(s+k+2, end, cPassword, ruleDialog)
}

// variableSet looks at Setting string variable 'SqlPassword' to value 'x', as
// Burn logs it. The word value begins at i, what follows it at p.
func (sc *scanner) variableSet(i, p int) {
	b := sc.b
	e := i - len("' to ")
	if e <= sc.ls || b[e] != '\'' {
		return
	}
	k := runBack(b, e, max(sc.ls, e-maxKey), chKey|chUnder)
	if k <= sc.ls+9 || k == e || b[k-1] != '\'' || !bytes.HasSuffix(b[sc.ls:k-1], []byte("variable ")) || !keyTail(b, e) {
		return
	}
	f := field{key: sc.decide(b[k:e]), start: k, end: e, quoted: true}
	if s, n, next := sc.argument(p); next > n && n > s && f.key != keyNone {
		sc.hide(&f, value{start: s, end: n, quoted: true})
	}
}

// besideLogin reports whether a key stands in a map on one line in which a
// login stands before it: {host: x, user: y, pass: "z"}.
func (sc *scanner) besideLogin(f *field) bool {
	line := sc.b[max(sc.ls, f.start-256):f.start]
	k := bytes.LastIndexByte(line, '{')
	if k < 0 || bytes.IndexByte(line[k:], '}') >= 0 {
		return false
	}
	for _, w := range [...]string{"user:", "username:", "host:", "login:", "server:", "from:"} {
		if at := bytes.Index(line[k:], []byte(w)); at > 0 && !is(line[k+at-1], chKey|chUnder) {
			return true
		}
	}
	return false
}

// masked looks at ::add-mask::x and ##vso[task.setsecret]x, commands that a job of
// CI prints to have a value hidden from there on.
func (sc *scanner) masked(i, e int) bool {
	b := sc.b
	p := e + 1
	switch c := b[i-1]; {
	case c == ':' && at(b, e) == ':' && at(b, e+1) == ':':
		p++
	case c == '.' && at(b, e) == ']' && hasSuffixFold(b[sc.ls:i], "##vso[task."):
	default:
		return false
	}
	sc.names = e
	f := field{key: keyPassword, start: i, end: e, quoted: true}
	return sc.restOfString(&f, p)
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
