package redact

import (
	"bytes"
	"math"
)

// regionKind is what goes on over line ends.
type regionKind uint8

const (
	noRegion   regionKind = iota
	inPEM                 // between BEGIN and END of a private key
	inScalar              // a YAML block scalar under a sensitive key
	inBlock               // a YAML list, map or value on the lines below its key
	inElement             // the text of an XML element
	inNamed               // after a name: its value follows in one of the next lines
	inPairs               // lines of user:password
	inCSV                 // a table whose header named sensitive columns
	inData                // the data of a Kubernetes Secret: all values
	inResult              // after the type of a secret: its result follows
	inUsers               // a section of name = password
	inDialog              // answers of a client that logs in
	inJAAS                // options of a login module: user_x="password"
	inQuote               // a string that is open
	inItems               // a list or a map in brackets that are open
	inNext                // after a key with no value: it stands on the next line
	inFold                // after a bare value: deeper lines may go on with it
	inSlash               // a line that a backslash joins to the one before
	inHere                // a heredoc
	inCommand             // the arguments of a command that goes on
	inArgument            // the argument of an option that ended its line
	inChildren            // the elements within an XML element
	inSection             // a section that has the name of a secret
	inTable               // rows of a table with bars
	inRows                // rows of a statement of SQL
	inCells               // rows of cells below a head, anywhere in a text
	inFields              // rows of a log that named its columns
	inColumns             // rows of a table of which blanks part the columns
	inComplex             // after a complex key of YAML
	inHash                // the value of a hash as Subversion writes it
	inTag                 // a tag of XML that is open: the text follows it
	inCounted             // lines that were counted before them
	inForm                // a part of a form: its value follows a blank line
	inVault               // lines of what Ansible or eyaml enciphered
	inList                // the arguments of a command, one to a line
	inLayout              // lines that read as those of a file of secrets
	inBound               // after a statement of SQL: its parameters
	inEchoed              // after a name that a console was asked for: its value
)

// region is the state that is carried from line to line. It is small and of
// fixed size whatever the input.
type region struct {
	kind   regionKind
	key    keyKind
	indent int
	lines  int
	misses int
	marked bool // between the marks of a key, in a scalar
	f      field
	onward
}

// opening is a place after which a region begins.
type opening struct {
	at int
	region
}

// open notes that the value of a key is to be looked for below.
func (sc *scanner) open(f field, p int) {
	b := sc.b
	end := sc.eol(p)
	indent := indentOf(b[sc.ls:])
	switch {
	case f.key == keyPairs && f.first:
		sc.opens = append(sc.opens, opening{end, region{kind: inPairs, indent: indent}})
	case f.key == keyName:
	case !f.key.secret() || f.key == keyCookie || f.key == keySetCookie || f.query || len(bytes.TrimSpace(b[p:end])) > 0:
	case b[p-1] == '>' && b[p-2] == '=':
		f.quoted = true
		sc.below(&f, end, inNext)
	case f.quoted && (b[p-1] == ':' || b[p-1] == '='):
		sc.below(&f, end, inNext)
	case f.key == keyAuth:
		if f.first && b[p-1] == ':' {
			if n := nextLine(b, end); at(b, run(b, n, chSpace)) == '-' && at(b, run(b, n, chSpace)+1) == ' ' { // a list of them
				sc.opens = append(sc.opens, opening{end, region{kind: inPairs, indent: indent - 1}})
				break
			}
			sc.below(&f, end, inNext)
		}
	case f.first && b[p-1] == ':':
		o := sc.below(&f, end, inBlock)
		o.several = !f.elsewhere() && lower(b[f.end-1]) == 's'
	case f.first && b[p-1] == '=':
		sc.below(&f, end, inNext)
	case f.key == keyPassword && b[p-1] == ':' && f.end-sc.ls < 40 && run(b, sc.ls, chAlpha|chSpace) >= f.end: // Temporary password:
		sc.below(&f, end, inNext)
	}
}

func indentOf(line []byte) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// namedValue looks for the value of what is named by v: in the same line, or
// in the lines below.
func (sc *scanner) namedValue(f *field, v value) {
	b := sc.b
	text := b[v.start:v.end]
	if n := len(text); n > 64 && n < 256 && firstBlank(text) == n { // of a path, what it ends in
		if k := bytes.LastIndexAny(text, "./:"); k > 0 && n-k <= 64 {
			v.start += k + 1
			text = text[k+1:]
		}
	}
	if n := len(text); n >= 200 && v.quoted && equalFold(b[f.start:f.end], "key") && endOf(text, 0, setBase64|setEqual) == n && mixedCaseDigits(text) { // a private key, of ACME
		sc.emit(v.start, v.end, cPrivateKey, ruleField, 0)
		return
	}
	if len(text) > 64 || len(text) < 3 {
		return
	}
	if n := len(text); n >= 2 && text[n-1] == ',' {
		text = text[:n-1]
	}
	if !keyTail(text, len(text)) && len(text) < 16 {
		return
	}
	kind := sc.decide(text)
	if hasSuffixFold(b[f.start:f.end], "label") {
		sc.labelled(f, kind)
		return
	}
	if f.quoted && equalFold(b[f.start:f.end], "keyname") { // whatever it is called
		kind = keyWeak
	}
	if !kind.secret() && kind != keyUser && kind != keyActor && kind != keyPhone && !(kind == keyHost && (f.start >= 6 && string(b[f.start-6:f.start]) == "<Data " || f.quoted && equalFold(text, "host"))) { // of Windows' events; of a header
		if equalFold(b[f.start:f.end], "key") && len(text) >= 16 && mixed(text) && !publicKey(text) && firstBlank(text) == len(text) &&
			(v.quoted && len(text) >= 32 && entropyHigh(text) && !isUUID(text) || (secretWord(text) || isUUID(text) || run(text, 0, chHex) == len(text)) && sc.sectionOfKeys() ||
				len(text) >= 32 && run(text, 0, chHex) == len(text) && (f.query && f.start > sc.ls && (b[f.start-1] == '?' || b[f.start-1] == '&') || v.quoted && bytes.Contains(b[max(sc.ls, f.start-100):f.start], []byte(`"username"`))) ||
				v.quoted && mixedCaseDigits(text) && secretWord(text) && (bytes.Contains(b[max(sc.ls, f.start-100):f.start], []byte(`"account"`)) || bytes.Contains(b[max(sc.ls, f.start-100):f.start], []byte(`"accountId"`)))) {
			sc.emit(v.start, v.end, cToken, ruleField, spanLearn)
		}
		return
	}
	g := field{key: kind, start: v.start, end: v.end, quoted: true}
	end := sc.eol(v.end)
	if bytes.HasPrefix(b[v.end:end], []byte("</key><string>")) { // a property list
		sc.text(&g, v.end+len("</key><string>"))
		return
	}
	if hasPrefixFold(b[run(b, sc.ls, chSpace):v.start], "content-disposition:") {
		sc.below(&g, end, inForm)
		return
	}
	if sc.valueBefore(&g, f) {
		return
	}
	limit := min(end, v.end+200)
	for k := v.end; k+5 <= limit; k++ {
		if b[k] == '}' || b[k] == '/' && b[k+1] == '>' { // here what has the name ends
			return
		}
		if (b[k] == 'v' || b[k] == 'V') && hasPrefixFold(b[k:], "val") || b[k] == 'c' && bytes.HasPrefix(b[k:], []byte("content=\"")) {
			if b[k] == 'c' { // <meta name="csrf-token" content="x">
				if w, ok := sc.extent(&g, k+len("content=")); ok {
					sc.hide(&g, w)
				}
				return
			}
		}
		if (b[k] == 'v' || b[k] == 'V') && hasPrefixFold(b[k:], "val") && (b[k] == 'V' && is(b[k-1], chLower) || !is(b[k-1], chAlnum)) {
			n := run(b, k, chAlpha)
			if w := b[k:n]; !equalFold(w, "value") && !equalFold(w, "val") {
				continue
			}
			p := n
			for p < limit && (is(b[p], chQuote) || b[p] == '\\') {
				p++
			}
			p = run(b, p, chSpace)
			if at(b, p) == ':' || at(b, p) == '=' {
				p++
				if at(b, p) == '>' {
					p++
				}
				if w, ok := sc.extent(&g, innerValue(b[:end], p)); ok {
					sc.hide(&g, w)
				}
				return
			}
			if at(b, p) == '>' { // <name>..</name><value>..</value>
				sc.text(&g, p+1)
				return
			}
			if q := bytes.IndexByte(b[n:end], '>'); b[k-1] == '<' && at(b, n) == ' ' && q > 0 && b[n+q-1] != '/' { // <Value type="string">
				sc.text(&g, n+q+1)
				return
			}
		}
		if b[k] == '>' && v.quoted && f.element {
			continue
		}
		if b[k] == '>' && v.quoted && k > v.end && (b[k-1] == '"' || b[k-1] == '\'' || b[k-1] == ' ') && b[k-1] != '/' && k+1 < end && (b[k+1] != '<' || is(at(b, k+2), chAlpha)) { // <property name="password">x<
			sc.text(&g, k+1)
			return
		}
	}
	if kind == keyActor {
		return
	}
	rest := bytes.TrimRight(b[min(end, v.end):end], " \t\",;'")
	if len(rest) <= 12 || len(rest) < 80 && rest[len(rest)-1] == '>' && bytes.IndexByte(rest, '<') < 0 {
		sc.opens = append(sc.opens, opening{end, region{kind: inNamed, key: kind, indent: indentOf(b[sc.ls:])}})
	}
}

// resolver carries what goes on over lines from block to block, in order.
type resolver struct {
	region
	outer region // what goes on when region has ended
	csv   csv
}

// resolve adds to the spans of the scanner what lines before it and lines of
// its own text opened.
func (r *resolver) resolve(sc *scanner) {
	b := sc.b
	pos := 0
	opens := sc.opens
	sc.opens = sc.spareOpens[:0]
	defer func() { sc.opens, sc.spareOpens = opens[:0], sc.opens[:0] }()
	for len(opens) > 0 && opens[len(opens)-1].at >= len(b) { // its line goes on in the next block, where it is read again
		opens = opens[:len(opens)-1]
	}
	if r.kind != noRegion {
		r.f.start, r.f.end, r.outer.f.start, r.outer.f.end = 0, 0, 0, 0 // they stood in the block before
		pos = r.follow(sc, 0, opens)
	}
	for k := 0; k < len(opens); k++ {
		o := opens[k]
		if o.at < pos {
			continue
		}
		next := o.at
		for next < len(b) && b[next] != '\n' {
			next++
		}
		next++
		r.region = o.region
		if !r.csv.begins(sc, &o) {
			r.region = region{}
			continue
		}
		if next >= len(b) {
			return
		}
		pos = r.follow(sc, next, opens[k+1:])
	}
}

// guessed reports whether it is but likely that the lines below are what the
// region is of: what opens in them is not.
func (r *region) guessed() bool {
	return r.kind == inBound || r.kind == inEchoed || r.kind == inDialog || r.kind == inLayout && (r.layout == layoutReply || r.layout == layoutRequest)
}

// follow goes through the lines of a region that begins or goes on at pos and
// returns where it ended. What opens within a section, by a key of its own,
// has its lines for itself, and then the section goes on.
func (r *resolver) follow(sc *scanner, pos int, opens []opening) int {
	b := sc.b
	skip := sc.skip
	sc.ahead, sc.front, sc.cur = sc.ahead[:0], 0, math.MaxInt
	sc.itemsTo, sc.itemsBad = 0, 0
	for pos < len(b) && !sc.spent() && r.kind != noRegion {
		end := sc.eol(pos)
		sc.ls, sc.skip = pos, pos
		guess := r.guessed()
		kind, layout := r.kind, r.layout
		if !r.step(sc, pos, end) {
			if r.region, r.outer = r.outer, (region{}); r.kind != noRegion {
				continue
			}
			sc.skip = skip
			return pos
		}
		for len(opens) > 0 && opens[0].at < pos {
			opens = opens[1:]
		}
		if guess && len(opens) > 0 && opens[0].at <= end && (opens[0].kind != kind || opens[0].layout != layout) {
			sc.opens = sc.opens[:0]
			if r.region, r.outer = r.outer, (region{}); r.kind != noRegion {
				continue
			}
			sc.skip = skip
			return pos
		}
		if len(opens) > 0 && opens[0].at <= end && opens[0].kind == inPEM && r.tabular() { // a key in a cell
			r.lines++
			r.outer, r.region = r.region, opens[0].region
			sc.opens = sc.opens[:0]
		} else if len(opens) > 0 && opens[0].at <= end && (r.kind == inSection || r.kind == inBlock && r.size == 0 || r.kind == inUsers || r.kind == inCommand && opens[0].kind == inArgument) && r.outer.kind == noRegion && opens[0].kind != r.kind {
			r.lines++
			r.outer, r.region = r.region, opens[0].region
			sc.opens = sc.opens[:0]
		} else if len(opens) > 0 && opens[0].at <= end && r.kind == inNamed && opens[0].kind != inNamed { // a secret of its own, before the value of what was named
			r.region = opens[0].region
			sc.opens = sc.opens[:0]
		} else if len(sc.opens) > 0 { // something else goes on from here
			r.region = sc.opens[len(sc.opens)-1].region
			sc.opens = sc.opens[:0]
		} else {
			r.lines++
		}
		if r.kind == noRegion {
			r.region, r.outer = r.outer, region{}
		}
		for end < len(b) && b[end] != '\n' {
			end++
		}
		pos = end + 1
	}
	sc.skip = skip
	return min(pos, len(b))
}

// tabular reports whether the region is of rows, of which a cell may hold lines.
func (r *region) tabular() bool {
	switch r.kind {
	case inCSV, inTable, inRows, inCells, inFields, inColumns, inNamed, inNext:
		return true
	}
	return false
}

const maxRegion = 4096 // lines

// ends reports whether the region is of a kind that the text itself ends, by
// what stands less deep or by what closes it. Such a one may be long.
func (r *region) ends() bool {
	switch r.kind {
	case inScalar, inBlock, inItems, inSection, inUsers, inData, inPairs, inChildren:
		return true
	}
	return false
}

// step takes one line of the region; false ends the region before the line.
func (r *resolver) step(sc *scanner, s, e int) bool {
	b := sc.b
	if r.lines >= maxRegion && !r.ends() {
		return false
	}
	line := b[s:e]
	blank := len(bytes.TrimSpace(line)) == 0
	switch r.kind {
	case inPEM:
		if bytes.Contains(line, []byte("---END")) || bytes.Contains(line, []byte("-- END")) || bytes.Contains(line, []byte("-----BEGIN")) {
			if r.outer.tabular() { // the cell may end here
				r.region, r.outer = r.outer, region{}
				return r.step(sc, s, e)
			}
			r.kind = noRegion
			return true
		}
		if blank {
			return true
		}
		return r.keyLine(sc, s, e)
	case inScalar:
		return blank || r.scalarLine(sc, s, e)
	case inBlock:
		return r.blockLine(sc, s, e)
	case inQuote:
		return r.quoteLine(sc, s, e)
	case inItems:
		return r.itemsLine(sc, s, e)
	case inNext:
		return r.nextLineOf(sc, s, e)
	case inFold:
		return r.foldLine(sc, s, e)
	case inSlash:
		return r.slashLine(sc, s, e)
	case inHere:
		return r.hereLine(sc, s, e)
	case inCommand:
		return r.commandLine(sc, s, e)
	case inList:
		return r.listLine(sc, s, e)
	case inLayout:
		if blank {
			return true
		}
		if line[0] == '[' {
			return false
		}
		if r.layout == layoutReply && deep(line) != r.indent { // behind the command
			return false
		}
		sc.entry(r.layout, s)
		if r.layout == layoutRequest || r.layout == layoutReply && r.lines > 0 { // one line, or two
			r.kind = noRegion
		}
		return true
	case inEchoed:
		return r.echoLine(sc, s, e)
	case inBound:
		return r.boundLine(sc, s, e)
	case inArgument:
		return r.argumentLine(sc, s, e)
	case inChildren:
		return r.childLine(sc, s, e)
	case inSection:
		return r.sectionLine(sc, s, e)
	case inTable:
		return r.tableLine(sc, s, e)
	case inRows:
		return r.rowsLine(sc, s, e)
	case inCells:
		return r.rowOf(sc, s, e)
	case inFields:
		return r.fieldsRow(sc, s, e)
	case inComplex:
		return r.complexLine(sc, s, e)
	case inColumns:
		return r.columnsRow(sc, s, e)
	case inHash:
		return r.hashLine(sc, s, e)
	case inTag:
		sc.valueAttribute(&r.f, s, e)
		k := bytes.IndexByte(line, '>')
		if k < 0 {
			return r.lines < 32 && bytes.IndexByte(line, '<') < 0
		}
		r.kind = noRegion
		if k == 0 || line[k-1] != '/' {
			sc.textOf(&r.f, r.word[:r.size], s+k+1)
		}
		return true
	case inCounted:
		return r.countedLine(sc, s, e)
	case inForm:
		return r.formLine(sc, s, e)
	case inElement:
		if blank {
			return r.lines < 3
		}
		return r.elementLine(sc, s, e)
	case inNamed:
		return r.named(sc, s, e)
	case inPairs:
		if blank {
			return true
		}
		k := indentOf(line)
		if k <= r.indent {
			return false
		}
		text := bytes.TrimRight(line[k:], " \t")
		if len(text) > 2 && text[0] == '-' && text[1] == ' ' {
			k += 2
			text = text[2:]
		}
		if n := len(text); n > 4 && is(text[0], chQuote) && text[n-1] == text[0] {
			k++
			text = text[1 : n-1]
		}
		c := bytes.IndexByte(text, ':')
		if c > 0 && c < len(text)-1 && text[c+1] != ' ' && account2(text[:c]) && !placeholder(text[c+1:]) && !equalFold(text[c+1:], "RANDOM") {
			sc.userName(s+k, s+k+c, ruleUserField)
			sc.emit(s+k+c+1, s+k+len(text), cPassword, ruleBlock, spanLearn)
		}
		return true
	case inData:
		return blank || r.dataLine(sc, s, e)
	case inResult:
		return r.resultLine(sc, s, e)
	case inUsers:
		return blank || r.userLine(sc, s, e)
	case inDialog:
		return r.dialogLine(sc, s, e)
	case inVault:
		k := run(b, s, chSpace)
		n := endOf(b[:e], k, setBase64|setEqual)
		if n-k < 8 || n < e && b[n] != ']' || r.misses == 0 && run(b, k, chHex) < n {
			return false
		}
		sc.emitMore(k, n, cToken, ruleBlock, true)
		return n == e
	case inJAAS:
		sc.jaasUsers(s, e)
		return r.lines < 16 && bytes.IndexByte(line, ';') < 0
	case inCSV:
		r.csv.row(sc, s, e)
		r.lines = 0
		return true
	}
	return false
}

// keyLine hides the base64 at the end of a line within a private key: what
// stands before it was put there by whoever logged the key.
func (r *resolver) keyLine(sc *scanner, s, e int) bool {
	b := sc.b
	found := false
	for k := s; k < e; {
		if p := pseudonymAt(b, k); p > 0 {
			k += p
			continue
		}
		n := endOf(b[:e], k, setBase64|setEqual)
		if n == k {
			k++
			continue
		}
		if k > s && b[k-1] == '\\' && (b[k] == 'n' || b[k] == 'r' || b[k] == 't') { // of an escape
			k++
		}
		if n-k >= 16 && !pathLike(b[k:n]) || found && n-k >= 4 && (b[n-1] == '=' || b[k-1] == 'n' && b[k-2] == '\\') {
			sc.emitMore(k, n, cPrivateKey, rulePEM, found || r.lines > r.misses)
			found = true
		}
		k = n
	}
	if found {
		return true
	}
	end := e
	for end > s && (b[end-1] <= ' ' || b[end-1] == '"' || b[end-1] == '\'' || b[end-1] == '+' && at(b, end-2) == ' ' || b[end-1] == ',' || b[end-1] == ')' || b[end-1] == ';') {
		end--
	}
	if end-2 > s && b[end-2] == '\\' && (b[end-1] == 'n' || b[end-1] == 'r') {
		for end -= 2; end > s && b[end-1] == '\\'; end-- {
		}
	}
	k := end
	for k > s && (is(b[k-1], chAlnum) || b[k-1] == '+' || b[k-1] == '/' || b[k-1] == '=') {
		k--
	}
	n := end - k
	if n > 0 && (k == s || is(b[k-1], chSpace|chQuote)) && (b[end-1] == '=' || n%4 == 0 && r.lines > 0 || mixed(b[k:end]) && n > 4) {
		sc.emitMore(k, end, cPrivateKey, rulePEM, r.lines > r.misses)
		return true
	}
	r.misses++
	return r.misses < 6
}

// pathLike reports whether v, of the characters of base64, is a path: what stands
// before the lines of a key that a program has logged.
func pathLike(v []byte) bool {
	return bytes.Count(v, []byte("/")) > 1 && bytes.IndexByte(v, '+') < 0 && (v[0] == '/' || !hasUpper(v)) && !mixedCaseDigits(v)
}

// emitMore is emit for the lines of one value of which only the first counts.
func (sc *scanner) emitMore(s, e int, c classID, rl ruleID, more bool) {
	flags := uint8(0)
	if more {
		flags = spanMore
	}
	sc.emit(s, e, c, rl, flags)
}

// named looks for a value's line after a name's line.
func (r *resolver) named(sc *scanner, s, e int) bool {
	b := sc.b
	k := s
	for k < e && !is(b[k], chAlnum) {
		if b[k] == '}' || b[k] == ']' {
			return false
		}
		k++
	}
	if k == e {
		return r.lines < 3
	}
	n := run(b, k, chAlnum)
	w := lowerOf(b[k:n], sc.lower[:])
	if k > s && b[k-1] == '<' { // <stringProp name="Argument.value">x<
		if close := bytes.IndexByte(b[k:e], '>'); close > 0 && (hasSuffixFold(w, "value") && k+close > n || hasSuffixFold(b[k:k+close], `value"`)) {
			f := field{key: r.key, start: k, end: n, quoted: true}
			r.kind = noRegion
			sc.text(&f, k+close+1)
			return true
		}
	}
	if !bytes.HasSuffix(w, []byte("value")) && !((string(w) == "string" || string(w) == "data") && b[k-1] == '<') && string(w) != "val" && string(w) != "default" && string(w) != "content" {
		switch string(w) {
		case "name", "key", "id":
			return false
		}
		return r.lines < 3 && indentOf(b[s:]) >= r.indent
	}
	f := field{key: r.key, start: k, end: n, quoted: true}
	p := n
	for p < e && (is(b[p], chQuote) || b[p] == '\\' || is(b[p], chSpace)) {
		p++
	}
	switch at(b, p) {
	case ':', '=':
		f.quoted = p > n && !is(b[n], chSpace)
		f.first = !f.quoted
		f.colon = b[p] == ':' && f.first
		if v, ok := sc.extent(&f, innerValue(b[:e], p+1)); ok {
			sc.hide(&f, v)
		}
	case '>':
		sc.text(&f, p+1)
	default: // <Value xsi:type="xsd:string">x<
		if q := bytes.IndexByte(b[n:e], '>'); k > s && b[k-1] == '<' && q > 0 && b[n+q-1] != '/' {
			sc.text(&f, n+q+1)
		}
	}
	r.kind = noRegion
	return true
}

// resultLine looks for the result of a resource that makes passwords, some
// lines below its type.
func (r *resolver) resultLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := s + indentOf(b[s:e])
	if x := bytes.Index(b[s:min(e, s+4096)], []byte(`"result":`)); x > k-s {
		f := field{key: r.key, start: s + x + 1, end: s + x + 7, quoted: true}
		if v, ok := sc.extent(&f, s+x+len(`"result":`)); ok {
			sc.hide(&f, v)
		}
		return true
	}
	if r.lines > 40 || bytes.HasPrefix(b[k:e], []byte(`"type"`)) {
		return false
	}
	n := run(b, k, chWord|chQuote)
	if w := bytes.Trim(b[k:n], `"`); string(w) != "result" && string(w) != "hex" && string(w) != "b64_std" {
		return true
	}
	f := field{key: r.key, start: k, end: n, quoted: true}
	p := run(b, n, chSpace)
	if c := at(b, p); c == ':' || c == '=' {
		if v, ok := sc.extent(&f, p+1); ok {
			sc.hide(&f, v)
		}
	}
	return true
}

// userLine looks at a line of a section in which names have passwords.
func (r *resolver) userLine(sc *scanner, s, e int) bool {
	b := sc.b
	switch s = run(b, s, chSpace); at(b, s) {
	case '[':
		return false
	case '#', ';':
		return true
	}
	if r.marked {
		return r.memberLine(sc, s, e)
	}
	n := run(b, s, chKey)
	p := run(b, n, chSpace)
	if n == s || at(b, p) != '=' || keyTail(b, n) && sc.decide(b[s:n]) != keyNone { // a key of its own: no name
		return true
	}
	p = run(b, p+1, chSpace)
	t := e
	for t > p && is(b[t-1], chSpace) {
		t--
	}
	named := !(t-p > 2 && is(b[p], chQuote) && b[t-1] == b[p]) // a key of TOML stays
	if !named {
		p, t = p+1, t-1
	}
	if c := bytes.Index(b[p:t], []byte(", ")); named && c > 0 { // roles
		t = p + c
	}
	text := b[p:t]
	if len(text) < 4 || firstBlank(text) < len(text) || placeholder(text) || isPath(text) || statusWord(text) || dealtWith(text) || !hasDigit(text) && !hasSign(text) {
		return true
	}
	if named {
		sc.userName(s, n, ruleUserField)
	}
	sc.emit(p, t, cPassword, ruleField, spanLearn)
	return true
}

// sectionOfKeys reports whether the line stands in a section that is named
// for what is enciphered, signed or let in: crypt: {key: x}. The name is
// looked for in the line and in the few lines before.
func (sc *scanner) sectionOfKeys() bool {
	b := sc.b
	indent := indentOf(b[sc.ls:])
	cur := min(max(sc.cur, sc.ls), len(b))
	low := max(sc.ls, cur-1024)
	sc.charge((cur - low) / 16)
	if open := bytes.LastIndexAny(b[low:cur], "{["); low+open > sc.ls && open >= 0 { // api: {site: x, key: y}
		k := low + open
		for k > sc.ls && (b[k-1] == ' ' || b[k-1] == ':' || b[k-1] == '=' || b[k-1] == '>' || is(b[k-1], chQuote)) {
			k--
		}
		if s := runBack(b, k, max(sc.ls, k-40), chKey); s < k && namesKeys(b[s:k]) {
			return true
		}
	}
	item := at(b, sc.ls+indent) == '-'
	for pos, n := sc.ls, 0; pos > 0 && n < 24; n++ {
		e := pos - 1
		pos = lineStart(b, e)
		line := b[pos:e]
		k := indentOf(line)
		sc.charge(k)
		if k == len(line) || k > indent || k == indent && !item || n >= 4 && k == indent {
			continue
		}
		if k < indent {
			indent, item = k, at(line, k) == '-'
		}
		if namesKeys(line) {
			return true
		}
	}
	return false
}

// namesKeys reports whether the first word of a line is the name of such a
// section.
func namesKeys(line []byte) bool {
	s := 0
	for s < len(line) && !is(line[s], chAlnum) {
		s++
	}
	var buf [40]byte
	l := lowerOf(line[s:run(line, s, chKey)], buf[:])
	if dealtWith(l) {
		return false
	}
	for _, w := range [...]string{"_key", "crypt", "jwt", "api", "secret", "auth", "token", "sign", "cookie", "session", "hmac", "cipher"} {
		if bytes.Contains(l, []byte(w)) {
			return true
		}
	}
	return false
}

// dialogLine looks at what follows AUTH LOGIN: prompts of the server, and the
// client's answers in base64.
func (r *resolver) dialogLine(sc *scanner, s, e int) bool {
	b := sc.b
	t := e
	for t > s && (is(b[t-1], chSpace|chQuote)) {
		t--
	}
	t = s + len(bytes.TrimSuffix(b[s:t], []byte(`\r\n`)))
	k := t
	for k > s && (is(b[k-1], chAlnum) || b[k-1] == '+' || b[k-1] == '/' || b[k-1] == '=') {
		k--
	}
	if v := b[k:t]; len(v) >= 8 && len(v)%4 == 0 && string(v) != "UGFzc3dvcmQ6" && string(v) != "VXNlcm5hbWU6" && !placeholder(v) && (k == s || is(b[k-1], chSpace|chQuote) || b[k-1] == ':' || b[k-1] == '>') {
		before := bytes.TrimRight(b[s:k], " \t\"'")
		if n := len(before); n < 3 || string(before[n-3:]) != "334" {
			sc.emit(k, t, cToken, ruleDialog, spanLearn)
		}
	} else if bytes.Contains(b[s:e], []byte("235 ")) || bytes.Contains(b[s:e], []byte("535 ")) {
		return false
	}
	return r.lines < 5
}

// jaasUsers hides the passwords in user_x="y" of a login module.
func (sc *scanner) jaasUsers(s, e int) {
	b := sc.b
	for {
		k := bytes.Index(b[s:e], []byte("user_"))
		if k < 0 {
			return
		}
		s += k
		n := run(b, s, chKey)
		if at(b, n) == '=' && is(at(b, n+1), chQuote) {
			vs, ve, next := sc.argument(n + 1)
			sc.hideSecret(vs, ve, cPassword, ruleField)
			n = min(next, e)
		}
		s = max(n, s+1)
	}
}
