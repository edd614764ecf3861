package redact

import "bytes"

// A name and its value may stand apart: in two cells of a row, in the columns
// of a table of which the first line names them, in two members of an object.

// bars are what parts the cells of a table, the second and third as they are
// drawn.
var bars = [...]string{"|", "│", "┃", "║"}

// barAt is the length of the bar at i; 0 if there is none.
func barAt(b []byte, i int) int {
	switch at(b, i) {
	case '|':
		return 1
	case 0xe2:
		for _, bar := range bars[1:] {
			if bytes.HasPrefix(b[i:], []byte(bar)) {
				return len(bar)
			}
		}
	}
	return 0
}

// maxRow is how long a row of a table may be that is looked at.
const maxRow = 2048

// barRow looks at a line that begins with a bar, at i. It may be the head of a
// table, or a record that has a line for each of its cells, | name | value |.
func (sc *scanner) barRow(i int) {
	b := sc.b
	end := sc.eol(i)
	if end-i > maxRow {
		return
	}
	sc.charge(end - i)
	var cells [3]value
	n := 0
	for p := i; p < end; {
		p += barAt(b, p)
		s := run(b, p, chSpace)
		for p < end && barAt(b, p) == 0 {
			p++
		}
		e := p
		for e > s && is(b[e-1], chSpace) {
			e--
		}
		if s >= e && p >= end {
			break
		}
		if n == len(cells) {
			n++
			break
		}
		cells[n] = value{start: min(s, e), end: e}
		n++
	}
	if n < 2 {
		return
	}
	if next := nextLine(b, end); next < len(b) && border(b[next:lineEnd(b, next)]) && !border(b[i:end]) {
		above := b[lineStart(b, max(sc.ls-1, 0)):max(sc.ls-1, 0)]
		if barAt(above, run(above, 0, chSpace)) == 0 || border(above) {
			sc.opens = append(sc.opens, opening{end, region{kind: inTable}})
			return
		}
	}
	if n != 2 {
		return
	}
	k := cells[0]
	name := b[k.start:k.end]
	if len(name) < 3 || len(name) > maxKey || run(name, 0, chKey|chSpace) < len(name) || !keyTail(b, k.end) {
		return
	}
	sc.record(sc.columnKind(name), k, cells[1])
}

// record hides the value v, in a cell, of what k names.
func (sc *scanner) record(kind keyKind, k, v value) {
	b := sc.b
	text := b[v.start:v.end]
	if otherField(text) {
		return
	}
	switch {
	case kind == keyUser:
		if sc.decide(text) == keyNone { // no other head
			sc.userValue(v)
		}
		return
	case !kind.secret() || kind == keyCookie || kind == keySetCookie:
		return
	case len(text) < 6 || firstBlank(text) < len(text) || placeholder(text) || isPath(text) || dealtWith(text) || statusWord(text):
		return
	case kind == keyPassword && (hasDigit(text) || hasSign(text)) && !allDigits(text) && !isTime(text):
	case !secretWord(text) && !wordsAndNumber(text) && !(len(text) >= 20 && run(text, 0, chHex) == len(text)):
		return
	}
	f := field{key: kind, start: k.start, end: k.end, quoted: true}
	sc.hide(&f, value{start: v.start, end: v.end, quoted: true})
}

// isTime reports whether v is written like a time or a date: digits and the
// signs between them.
func isTime(v []byte) bool {
	for i, c := range v {
		if !is(c, chDigit) && c != ':' && c != '-' && c != '.' && c != '/' && !(i > 3 && (c == 'T' || c == 'Z' || c == '+')) {
			return false
		}
	}
	return true
}

// fieldsLine looks at the line of a log that names its columns, at i: #Fields:
// date time of IIS and #fields of Zeek. The rows follow.
func (sc *scanner) fieldsLine(i int) {
	b := sc.b
	if bytes.HasPrefix(b[i:], []byte("# START OF ")) && bytes.HasSuffix(b[i:sc.eol(i)], []byte(" KEY FILE")) { // of Tarsnap
		sc.opens = append(sc.opens, opening{sc.eol(i), region{kind: inVault, misses: 1}})
		return
	}
	if !hasPrefixFold(b[i:], "#fields") || !is(at(b, i+7), chSpace) && at(b, i+7) != ':' {
		return
	}
	sc.opens = append(sc.opens, opening{sc.eol(i), region{kind: inFields}})
}

// fields reads the names of columns as a log declares them.
func (t *csv) fields(sc *scanner, line []byte) bool {
	line = bytes.TrimLeft(line[min(len("#fields"), len(line)):], ":")
	t.sep, t.n, t.open, t.pair = ' ', 0, false, pairs{}
	if len(line) > 0 && line[0] == '\t' {
		t.sep = '\t'
	}
	line = bytes.Trim(line, " \t\r")
	if t.sep == ' ' && bytes.IndexByte(line, ' ') < 0 { // Exchange
		t.sep = ','
	}
	found := false
	ok := t.cells(line, func(i, s, e int) {
		name := line[s:e]
		if k := bytes.IndexByte(name, '('); k > 0 && name[len(name)-1] == ')' { // cs(Cookie)
			name = name[k+1 : len(name)-1]
		}
		if t.columns[i] = sc.columnKind(name); t.columns[i] == keyUser && !foldContains(name, "user") { // uid, of a connection
			t.columns[i] = keyNone
		}
		if hasSuffixFold(name, "-hostname") || hasSuffixFold(name, "-computername") {
			t.columns[i] = keyHost
		}
		found = found || t.columns[i] != keyNone
	})
	return ok && found && t.n > 1
}

// columnKind is what the name of a column says of its cells.
func (sc *scanner) columnKind(name []byte) keyKind {
	if len(name) < 2 || len(name) > maxKey || run(name, 0, chKey|chSpace) < len(name) || !is(name[0], chAlpha) {
		return keyNone
	}
	k := sc.decide(bytes.ReplaceAll(name, []byte(" "), []byte("_")))
	switch k {
	case keyPass:
		return keyPassword
	case keyUser, keyCookie, keySetCookie:
		return k
	}
	if !k.secret() || k == keyAuth {
		return keyNone
	}
	return k
}

// fieldsRow takes a row of a log that named its columns.
func (r *resolver) fieldsRow(sc *scanner, s, e int) bool {
	line := sc.b[s:e]
	switch {
	case len(line) == 0:
		return true
	case line[0] == '#':
		if hasPrefixFold(line, "#fields") {
			return r.csv.fields(sc, line)
		}
		return true
	case bytes.IndexByte(line, r.csv.sep) < 0:
		return line[0] == '{' // of another log in the same text
	}
	r.csv.row(sc, s, e)
	r.lines = 0
	return true
}

// columnsHead looks at a word b[i:e], the name of a secret, that may stand in the
// head of a table of which blanks part the columns.
func (sc *scanner) columnsHead(i, e int) bool {
	b := sc.b
	end := sc.eol(e)
	if end-sc.ls > 400 || !(i == sc.ls || is(b[i-1], chSpace)) || e < end && !is(b[e], chSpace) {
		return false
	}
	gap := i-2 >= sc.ls && is(b[i-2], chSpace) || e+1 < end && is(b[e+1], chSpace) || i > sc.ls && b[i-1] == '\t' || at(b, e) == '\t'
	next := nextLine(b, end)
	if !gap || next >= len(b) {
		return false
	}
	words, capital, wide := 0, true, true
	for p := run(b, sc.ls, chSpace); p < end; words++ {
		n := run(b, p, chKey)
		if n == p || !is(b[p], chAlpha) || hasDigit(b[p:n]) || n < end && !is(b[n], chSpace) {
			return false
		}
		capital = capital && is(b[p], chUpper)
		p = run(b, n, chSpace)
		wide = wide && (p >= end || p > n+1 || b[n] == '\t')
	}
	if row := b[next:lineEnd(b, next)]; words < 2 || len(row) == 0 || !capital && !border(row) && !wide {
		return false
	}
	sc.opens = append(sc.opens, opening{end, region{kind: inColumns, marked: capital}})
	return true
}

// columnStarts reads the head of a table of which blanks part the columns.
func (t *csv) columnStarts(sc *scanner, line []byte) bool {
	t.sep, t.n, t.open, t.pair = ' ', 0, false, pairs{}
	found := false
	for p := run(line, 0, chSpace); p < len(line) && t.n < len(t.columns); t.n++ {
		n := run(line, p, chKey)
		for n+1 < len(line) && line[n] == ' ' && is(line[n+1], chKey) && !is(line[n+1], chSpace) && bytes.Contains(line, []byte("  ")) && n-p < 24 && sc.columnKind(line[p:n]) == keyNone && sc.columnKind(line[p:run(line, n+1, chKey)]).secret() { // Secret Key
			n = run(line, n+1, chKey)
		}
		if n == p {
			return false
		}
		t.columns[t.n], t.starts[t.n] = sc.columnKind(line[p:n]), uint16(p)
		if k := t.columns[t.n]; k == keyUser || k == keyCookie || k == keySetCookie {
			t.columns[t.n] = keyNone
		}
		found = found || t.columns[t.n] != keyNone
		t.pair.head(t.n, line[p:n])
		p = run(line, n, chSpace)
	}
	return found || t.pair.both()
}

// columnsRow takes a row below such a head. A cell stands where its head does;
// where the columns are not drawn straight, their order tells.
func (r *resolver) columnsRow(sc *scanner, s, e int) bool {
	b := sc.b
	t := &r.csv
	if border(b[s:e]) {
		return r.lines < 2
	}
	if e-s > maxRow || run(b, s, chSpace) >= e {
		return false
	}
	var words [len(t.columns)]value
	n := 0
	for p := run(b, s, chSpace); p < e && n < len(words); n++ {
		k := p
		for k < e && !is(b[k], chSpace) {
			k++
		}
		words[n] = value{start: p, end: k}
		p = run(b, k, chSpace)
	}
	straight := 0
	for k := range n {
		for c := range t.n {
			if words[k].start-s == int(t.starts[c]) {
				straight++
			}
		}
	}
	if straight < min(t.n, n) && straight < 2 && (n < t.n || r.lines > 1 || !r.marked) {
		return false
	}
	if v := t.pair.value; v > 0 && n > 1 && words[0].start == s+int(t.starts[t.pair.name-1]) && s+int(t.starts[v-1]) < e {
		t.pair.cell(sc, t.sep, t.pair.name-1, words[0].start, words[0].end)
		for k := 1; k < n; k++ {
			if end := words[k].end; words[k].start == s+int(t.starts[v-1]) {
				if v == t.n {
					end = e
				}
				t.pair.cell(sc, t.sep, v-1, words[k].start, end)
			}
		}
	}
	for c := range t.n {
		if t.columns[c] == keyNone {
			continue
		}
		w := -1
		for k := range n {
			if words[k].start-s == int(t.starts[c]) {
				w = k
			}
		}
		if w < 0 && c < n && n >= t.n {
			w = c
		}
		if w >= 0 {
			sc.record(t.columns[c], value{start: s, end: s}, words[w])
		}
	}
	return true
}

// drawn looks at a line at i that is drawn of dashes, perhaps below the head of
// a table.
func (sc *scanner) drawn(i int) {
	b := sc.b
	end := sc.eol(i)
	if i == 0 || end-i > maxRow || !border(b[i:end]) {
		return
	}
	head := b[lineStart(b, i-1) : i-1]
	if len(head) < 3 || border(head) {
		return
	}
	kind := inColumns
	if bytes.Contains(b[i:end], []byte("-+-")) {
		kind = inTable
	} else if bytes.IndexByte(b[i:end], ' ') < 0 {
		return
	}
	sc.opens = append(sc.opens, opening{i - 1, region{kind: kind}})
}

// rowsHead looks at a word b[i:e], the name of a secret, that may stand in the
// head of rows of which sep parts the cells, anywhere in a text.
func (sc *scanner) rowsHead(i, e int, sep byte) bool {
	b := sc.b
	end := sc.eol(e)
	next := nextLine(b, end)
	if end-sc.ls > 400 || next >= len(b) || !(i == sc.ls || b[i-1] == sep) && !(at(b, e) == sep) || e < end && at(b, e) != sep {
		return false
	}
	count := bytes.Count(b[sc.ls:end], []byte{sep})
	first := run(b, sc.ls, chSpace)
	for p := first; p < end; p++ {
		n := run(b, p, chKey)
		if n == p || is(b[p], chDigit) || n < end && b[n] != sep {
			return false
		}
		p = n
	}
	if row := b[next:lineEnd(b, next)]; count == 0 || sep == ',' && count < 2 || len(row) > maxRow || bytes.Count(row, []byte{sep}) != count {
		return false
	}
	sc.opens = append(sc.opens, opening{end, region{kind: inCells, indent: int(sep)}})
	return true
}

// rowOf takes a row below such a head.
func (r *resolver) rowOf(sc *scanner, s, e int) bool {
	line := sc.b[s:e]
	t := &r.csv
	if len(line) > maxRow || bytes.Count(line, []byte{t.sep}) != t.n-1 {
		return false
	}
	t.cells(line, func(i, cs, ce int) {
		switch k := t.columns[i]; {
		case k == keyNone:
		case k == keyPassword && t.n > 2 && ce-cs >= 6 && !otherField(line[cs:ce]) && (!isTime(line[cs:ce]) || allDigits(line[cs:ce])) && sc.decide(line[cs:ce]) == keyNone:
			t.cell(sc, k, s+cs, s+ce)
		default:
			sc.record(k, value{start: s, end: s}, value{start: s + cs, end: s + ce})
		}
		if t.pair.value > 0 {
			t.pair.cell(sc, t.sep, i, s+cs, s+ce)
		}
	})
	r.lines = 0
	return true
}

// begins reads the head, a line, of the table whose rows a region is.
func (t *csv) begins(sc *scanner, o *opening) bool {
	line := bytes.TrimRight(sc.b[lineStart(sc.b, o.at):o.at], "\r")
	switch o.kind {
	case inTable, inFields, inColumns, inCells:
		if hasPseudonym(line) { // names of columns are hidden by nothing
			return false
		}
	}
	switch o.kind {
	case inTable:
		return t.bars(sc, line)
	case inFields:
		return t.fields(sc, line)
	case inColumns:
		return t.columnStarts(sc, line)
	case inBound:
		from := lineStart(sc.b, o.at)
		first, _ := t.signs(sc, from+o.indent, o.at)
		return first > 0
	case inRows:
		return t.rows(sc, lineStart(sc.b, o.at), o.at)
	case inCells:
		t.sep, t.n, t.open, t.pair = byte(o.indent), 0, false, pairs{}
		if !t.heads(sc, line, o.at) {
			return false
		}
		found := false
		ok := t.cells(line, func(i, s, e int) {
			t.columns[i] = sc.columnKind(line[s:e])
			found = found || t.columns[i] != keyNone
		})
		return ok && found && t.n > 1
	}
	return true
}

// valueAttribute looks for the value of a tag that has the name of a secret
// among its attributes, on lines of their own.
func (sc *scanner) valueAttribute(f *field, s, e int) {
	b := sc.b
	k := run(b, s, chSpace)
	if !hasPrefixFold(b[k:e], "value=") && !hasPrefixFold(b[k:e], "content=") {
		return
	}
	p := k + bytes.IndexByte(b[k:e], '=') + 1
	if vs, ve, next := sc.argument(p); is(at(b, p), chQuote) && next > ve && next <= e {
		g := *f
		g.quoted, g.element = true, false
		sc.hide(&g, value{start: vs, end: ve, quoted: true})
	}
}

// complexKey looks at ? password, a key of YAML of which the value stands in
// the next line, after a colon.
func (sc *scanner) complexKey(i int) {
	b := sc.b
	end := sc.eol(i)
	s := run(b, i+1, chSpace)
	if at(b, s) == '"' || at(b, s) == '\'' {
		s++
	}
	e := run(b, s, chKey)
	if s == i+1 || e == s || run(b, e, chSpace|chQuote) < end || !keyTail(b, e) {
		return
	}
	if f := (field{key: sc.decide(b[s:e]), start: s, end: e}); f.key.secret() {
		sc.below(&f, end, inComplex)
	}
}

// complexLine takes the line below such a key.
func (r *resolver) complexLine(sc *scanner, s, _ int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if at(b, k) != ':' || !is(at(b, k+1), chSpace) {
		return false
	}
	f := r.f
	f.start, f.end, f.first, f.colon = k, k, true, true
	r.kind = noRegion
	sc.field(f, k+1)
	return true
}

// valueNames are what members are called that hold the value of what another
// names.
var valueNames = setOf("v", "val", "value", "data", "command_data", "arg", "args", "content", "text", "plaintext", "answer", "response", "newvalue", "new_value", "old", "new", "from", "to", "after", "before")

// quotedName looks at the name of a secret at b[i:e] that is a string by
// itself and no key: {"k":"password","v":"x"}, ["x-api-key", "x"].
func (sc *scanner) quotedName(i, e int) {
	b := sc.b
	s := runBack(b, i, max(sc.ls, i-40), chKey)
	n := run(b, e, chKey)
	close := run2(b, n, '\\')
	q := at(b, close)
	if s <= sc.ls || b[s-1] != q || q != '"' && q != '\'' {
		return
	}
	kind := sc.decide(b[s:n])
	if kind == keyPass {
		kind = keyPassword
	}
	if !kind.secret() || kind == keyAuth {
		return
	}
	sc.namedAt = i
	before := s - 1
	for before > sc.ls && (b[before-1] == ' ' || b[before-1] == '\\') {
		before--
	}
	p := run(b, close+1, chSpace)
	f := field{key: kind, start: s, end: n, quoted: true}
	if c := at(b, p); c == ']' || c == ')' {
		sc.rejected(&f, p+1)
	} else if before > sc.ls && b[before-1] == ':' && sc.rejectedBefore(&f) {
		return
	}
	if at(b, p) != ',' {
		return
	}
	p = run(b, p+1, chSpace)
	if k := run2(b, p, '\\'); !is(at(b, k), chQuote) {
		return
	}
	vs, ve, next := sc.argument(p)
	if next <= ve || ve <= vs {
		return
	}
	after := run(b, next, chSpace)
	switch c := at(b, before-1); {
	case c == ',' && at(b, after) == ')' || c == '(' && at(b, after) == ',': // WriteString('db', 'password', 'x'), flag.String("token", "x", "usage")
		if sc.setter(before - 1) {
			sc.hideStated(&f, vs, ve)
		}
	case c == ':' && at(b, after) == ':': // a member of an object, and the next
		if sc.rejected(&f, p) {
			return
		}
		sib := b[vs:ve]
		if v, ok := sc.extent(&f, after+1); ok && v.quoted && v.end > v.start {
			text := b[v.start:v.end]
			open := bytes.LastIndexByte(b[max(sc.ls, s-64):s], '{')
			pair := open >= 0 && bytes.IndexByte(b[max(sc.ls, s-64)+open:s], ',') < 0 && at(b, run(b, v.end+1, chSpace)) == '}'
			if sc.decide(sib) == keyNone || valueNames.has(sib) {
				if valueNames.has(sib) && (hasDigit(text) || hasSign(text) || len(text) >= 8 && pair) || pair && secretWord(text) && !dashed(text) {
					sc.hide(&f, v)
				}
			}
		}
	case (c == '[' || c == '(') && (at(b, after) == ']' || at(b, after) == ')'): // a pair
		text := b[vs:ve]
		if sc.userBeside(s, ve) && kind == keyPassword && !placeholder(text) && !dealtWith(text) && !statusWord(text) || sc.stands(kind, text) || kind == keyPassword && hasDigit(text) && hasSign(text) {
			sc.hide(&f, value{start: vs, end: ve, quoted: true})
		}
	}
}

// setter reports whether the call that k is in, at a comma or at its bracket, is of
// a function that sets or declares what a string names.
func (sc *scanner) setter(k int) bool {
	b := sc.b
	low := max(sc.ls, k-80)
	k = low + bytes.LastIndexByte(b[low:k+1], '(')
	if k < low {
		return false
	}
	name := b[runBack(b, k, low, chWord):k]
	for _, w := range [...]string{"write", "set", "put", "add", "update", "string", "store", "define", "declare"} {
		if hasPrefixFold(name, w) {
			return true
		}
	}
	return false
}

// besideKeyID looks for the secret of an AWS key of which the id ends at e: 40
// characters of base64 by themselves, in the same line.
func (sc *scanner) besideKeyID(e int) {
	b := sc.b
	end := min(sc.eol(e), e+200)
	for p := e; p < end; {
		n := endOf(b[:end], p, setBase64)
		if n-p == 40 && at(b, n) != '=' && (p == 0 || !is(b[p-1], chKey) && b[p-1] != '=') && !is(at(b, n), chKey) && mixedCaseDigits(b[p:n]) && run(b, p, chHex) < n {
			sc.emit(p, n, cToken, ruleField, spanLearn)
			return
		}
		p = max(n, p) + 1
	}
}

// debconf looks at owner name/of/question password x, an answer to a question
// of a Debian package. All that follows is the answer.
func (sc *scanner) debconf(i, e int) bool {
	b := sc.b
	p := run(b, sc.ls, chSpace)
	owner := run(b, p, chKey)
	s := run(b, owner, chSpace)
	n := s
	for n < i && (is(b[n], chKey) || b[n] == '/' || b[n] == '+') {
		n++
	}
	if owner == p || s == owner || n == s || !is(b[i-1], chSpace) || run(b, n, chSpace) != i || bytes.IndexByte(b[s:n], '/') < 1 {
		return false
	}
	s, n = run(b, e, chSpace), sc.eol(e)
	for n > s && is(b[n-1], chSpace) {
		n--
	}
	if n > s && !placeholder(b[s:n]) && !dealtWith(b[s:n]) {
		sc.hideSecret(s, n, cPassword, ruleField)
	}
	return true
}

// labelled looks for the value of a field of CEF of which another tells the
// name: cs1Label=token cs1=x, in either order.
func (sc *scanner) labelled(f *field, kind keyKind) {
	b := sc.b
	if !kind.secret() || kind == keyAuth || b[f.end] != '=' {
		return
	}
	name := b[f.start : f.end-len("label")]
	low, end := max(sc.ls, f.start-1024), min(sc.eol(f.end), f.end+1024)
	sc.charge((end - low) / 16)
	for k := low; k < end; {
		n := bytes.Index(b[k:end], name)
		if n < 0 {
			return
		}
		k += n + len(name)
		if at(b, k) != '=' || k-len(name) > 0 && !is(b[k-len(name)-1], chSpace) && b[k-len(name)-1] != '|' {
			continue
		}
		g := field{key: kind, start: k - len(name), end: k}
		if v, ok := sc.extent(&g, k+1); ok {
			skip := sc.skip
			sc.skip = 0
			sc.hide(&g, v)
			sc.skip = max(skip, sc.skip)
		}
		return
	}
}

// innerJSON hides the value in JSON that is a string under the name of a
// secret: "secretData": "{\"value\":\"x\",...}".
func (sc *scanner) innerJSON(f *field, v value) {
	b := sc.b
	end := min(v.end, v.start+4096)
	const member = `value\":`
	k := bytes.Index(b[v.start:end], []byte(member))
	if k < 2 || b[v.start+k-1] != '"' {
		return
	}
	if s, e, next := sc.argument(run(b, v.start+k+len(member), chSpace)); e > s && next > e && e < end {
		sc.hide(f, value{start: s, end: e, quoted: true})
	}
}

// prompted looks for the answer to a question that is a string and ends in the
// name of a secret and a colon, before the quote at q: "New password:" answer
// "x".
func (sc *scanner) prompted(f *field, q int) {
	b := sc.b
	f.key = sc.decide(b[f.start:f.end])
	if !f.key.secret() {
		return
	}
	p := run(b, q+1, chSpace)
	if n := run(b, p, chLower); n > p && n-p < 12 && is(at(b, n), chSpace) || at(b, n) == '=' || at(b, n) == ':' {
		p = run(b, n, chSpace)
		if at(b, p) == '=' || at(b, p) == ':' {
			p = run(b, p+1, chSpace)
		}
	}
	if at(b, p) != b[q] {
		return
	}
	if s, e, next := sc.argument(p); next > e && e-s >= 6 && (secretWord(b[s:e]) || f.key == keyPassword && hasDigit(b[s:e]) && (hasSign(b[s:e]) || mixedCaseDigits(b[s:e]))) && firstBlank(b[s:e]) == e-s {
		f.quoted = true
		sc.hide(f, value{start: s, end: e, quoted: true})
	}
}
