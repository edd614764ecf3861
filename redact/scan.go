package redact

import (
	"bytes"
	"math"
	"math/bits"
	"slices"
)

// span is a place in a block that is to be hidden.
type span struct {
	start, end int
	class      classID
	flags      uint8
	rule       ruleID
}

const (
	spanLearn = 1 << iota // known by its context: worth looking for elsewhere
	spanMore              // goes on with what the span before began: not counted
	spanQuote             // a bare number of JSON: its pseudonym needs quotes
	spanEsc               // those quotes stand in a string: they are escaped
	spanWide              // of characters with NULs between them
)

// scanner finds what is to be hidden in one text at a time. It belongs to one
// goroutine and is used again and again, so that nothing is allocated once
// its buffers have grown.
type scanner struct {
	s      *Session
	name   string
	b      []byte
	ls     int    // start of the line that is being read
	cur    int    // the candidate that is being looked at
	skip   int    // candidates before this are part of something found
	ahead  []span // what was found beyond the candidate: skip, once reached
	front  int    // the first of ahead that was not reached
	next   int    // where it begins
	dataTo int    // objects and lists before this were looked at
	rowsTo int    // rows of SQL before this
	colon  int    // colons before this were looked at as parts of an address

	work, workLimit   int        // bytes looked at, see charge
	perByte           int        // how much of that a byte may take
	backFrom, backTo  int        // what stands between a key and its separator, gone through before
	itemsTo, itemsBad int        // lists and maps under the name of a secret were looked at up to here, or do not close
	paramsTo          int        // parameters of headers, too
	here              soughtWord // the end of a here document
	cookieFrom        int        // from here
	cookieTo          int        // up to here nothing ends a Cookie header
	leadAt, leadTo    int        // where the line at leadAt begins behind its blanks
	eolFrom, eolTo    int        // the end of a line, found before
	webKeyTo          int        // JSON Web Keys before this were looked at
	aclTo             int        // passwords of Redis's users before this were found
	boundTo           int        // statements of which the parameters stand apart, before this
	openedTo          int        // base64 before this was looked at
	innerTo           int        // keys before this were looked at for their parts
	nested            int        // in how many texts this one stands
	framedTo          int        // lines before this were read again without what carries them
	escTo             int        // keys in escapes before this were looked at
	openTo            [8]int     // up to where no quote of a kind closes
	bareFrom, bareTo  int        // a long bare value, measured before

	spans      []span
	opens      []opening // what goes on in the next line
	spareOpens []opening
	prev       []span // spare buffer
	tally      tally
	odd        bool    // there are control characters that text does not have
	spoke      bool    // the line speaks of a secret
	names      int     // where the line has the last name of one; 0: it has none
	namedAt    int     // the same, if its value may stand below; of any line
	reread     bool    // the text was read before, with its escapes
	plain      []byte  // a line without its escapes
	places     []int32 // where in the line its bytes are from
	taken      []span  // what was found of it with them
	credited   int     // where the last line begins that has credentials, plus one
	commanded  int     // where the last line begins that was looked at as a command of a device, plus one
	lineSpans  int     // how many spans there were when it began
	win        windows
	partial    bool // the first line is the rest of one
	keys       [1024]keyCache
	pseudo     recent
	hosts      recentNames // of lines of syslog
	esc        []byte
	lower      [64]byte
	user       userState
	wide       *scanner // of texts of two bytes a character in this one
	narrow     []byte
	argv       []byte // a command line that was written out
	parts      []vectorPart
	vectorTo   int // lists of arguments before this were looked at
	unclosedTo int // to where a value of a statement went on without an end
	layout     layout
}

func newScanner(s *Session) *scanner {
	return &scanner{s: s, pseudo: recent{p: s.pseudo, slots: new(recentTable)}, perByte: workPerByte, tally: newTally(s), user: s.rules.newState()}
}

func (sc *scanner) begin(name string) {
	sc.name = name
	sc.layout = noLayout
	if sc.nested == 0 {
		sc.layout = layoutOf(name)
	}
	sc.user.begin()
	sc.tally.reset()
	sc.partial = false
	sc.spans, sc.opens = sc.spans[:0], sc.opens[:0]
}

// line scans a text that stands alone and remembers what it learned.
func (sc *scanner) line(b []byte) {
	sc.scan(b)
	sc.scanWide()
	if sc.spent() { // fail closed: nothing of it stays
		sc.spans = append(sc.spans[:0], span{end: len(b), class: cToken, rule: ruleField})
		return
	}
	sc.settle()
	sc.learn()
	sc.seek(period{0, math.MaxInt})
}

// scan finds the candidates of b and verifies each. Its spans may overlap:
// settle comes next.
func (sc *scanner) scan(b []byte) {
	sc.b, sc.ls, sc.skip, sc.colon = b, 0, 0, 0
	sc.eolFrom, sc.eolTo = 0, -1
	sc.openTo, sc.bareFrom, sc.bareTo = [8]int{}, 0, 0
	sc.dataTo, sc.escTo, sc.openedTo, sc.webKeyTo, sc.innerTo, sc.framedTo, sc.rowsTo, sc.boundTo, sc.aclTo = 0, 0, 0, 0, 0, 0, 0, 0, 0
	sc.startWork(len(b))
	sc.cur, sc.next = 0, math.MaxInt
	sc.spans, sc.opens, sc.spoke, sc.names = sc.spans[:0], sc.opens[:0], false, 0
	sc.lineSpans, sc.credited, sc.namedAt, sc.commanded = 0, 0, 0, 0
	if len(b) > 0 && !sc.partial {
		sc.lineBegins(0)
	}
	sc.win.begin(b, sc.s.kernels)
	w := &sc.win.set
	for {
		n, base := sc.win.next(gates)
		if n == 0 {
			break
		}
		for k := range n {
			k &= setWindows - 1 // it is: so no bounds are checked, here and below
			all := w.words[k] | w.shapes[k] | w.seps[k] | w.addrs[k] | w.signs[k] | w.lines[k]
			for ; all != 0; all &= all - 1 {
				sc.look(k, base, bits.TrailingZeros64(all))
			}
			base += windowStep
		}
	}
	sc.cur = len(b)
	sc.lineEnds(len(b))
	sc.odd = sc.win.odd != 0
	sc.s.rules.find(sc)
}

// look looks at the place that bit i of window k stands for.
func (sc *scanner) look(k, base, i int) {
	k, i = k&(setWindows-1), i&(windowSize-1)
	w, bit := &sc.win.set, uint64(1)<<i
	at := base + i
	sc.cur = at
	if at >= sc.next {
		sc.reach(at)
	}
	switch {
	case w.lines[k]&bit != 0:
		sc.lineEnds(at)
		sc.lineSpans = len(sc.spans)
		sc.ls = at + 1
		if at+1 < len(sc.b) {
			sc.lineBegins(at + 1)
		}
	case at < sc.skip:
	case at > 1 && sc.b[at-2] == '\\' && is(sc.b[at-1], chWord) && !escapeEnds(sc.b, at): // C:\logs is no ogs
	case w.shapes[k]&bit != 0:
		sc.word(at)
	case w.words[k]&bit != 0:
		if w.word[k]<<1&bit != 0 {
			sc.lastPart(at)
			return
		}
		e := at + bits.TrailingZeros64(^w.word[k]>>i)
		if t := topicOf(sc.b, at, e); t != 0 {
			sc.topic(t, at, e)
		}
	case w.addrs[k]&bit != 0:
		sc.separator(at)
	case w.seps[k]&bit != 0:
		sc.keyValue(at)
	case sc.b[at] == 0x1b:
		sc.colour(at)
	default:
		sc.atSign(at)
	}
}

// lineEnds looks once more at a line that names a secret and ends at e.
func (sc *scanner) lineEnds(e int) {
	if sc.names > 0 {
		sc.restated(sc.ls, e)
	}
	if sc.spoke && !sc.reread {
		sc.mentioned(sc.ls, e)
	}
	if n := e - sc.ls; n >= 16 && n <= maxAlone && sc.nested == 0 && !blankIn(sc.b, e) {
		sc.alone(sc.ls, e)
	}
}

// colour looks behind the numbers of a colour sequence that may begin at i.
func (sc *scanner) colour(i int) {
	b := sc.b
	if i+2 < len(b) && b[i+1] == '[' && is(b[i+2], chDigit) && i+2 >= sc.skip {
		sc.cur = i + 2
		sc.word(i + 2)
	}
}

// behindEscape is where the text goes on behind an escape in figures that begins
// at s and ends before e: %3D, \x22, \u0022. It is s where none does.
func behindEscape(b []byte, s, e int) int {
	n := 0
	switch {
	case s < 1:
	case b[s-1] == '%':
		n = 2
	case s > 1 && b[s-2] == '\\' && b[s-1] == 'x':
		n = 2
	case s > 1 && b[s-2] == '\\' && b[s-1] == 'u':
		n = 4
	}
	if n == 0 || s+n >= e || run(b[:s+n], s, chHex) < s+n {
		return s
	}
	return s + n
}

// behind looks at the word behind the escape that begins at i, with its figures
// at s.
func (sc *scanner) behind(i, s int) {
	if n := behindEscape(sc.b, s, len(sc.b)); n > s && n >= sc.skip && is(sc.b[n], chAlnum) && sc.cur == i {
		sc.word(n)
	}
}

// word looks at a word that starts at i, and at the one behind a colour or an
// escape that begins it.
func (sc *scanner) word(i int) {
	b := sc.b
	v := load4(b, i)
	if is(b[i], chDigit) {
		if i > 1 && (b[i-1] == '[' || b[i-1] == ';') && ansiText(b, i) > 0 {
			if k := ansiText(b, i); k < len(b) && is(b[k], chWord) {
				sc.word(k)
			}
			return
		}
		sc.number(i)
	}
	if i > sc.ls {
		switch b[i-1] {
		case '<':
			sc.element(i)
		case '-', '/':
			sc.flag(i)
		case '$':
			if sc.crypt(i); i >= sc.skip && sc.vendorToken(i-1) {
				return
			}
		case '*':
			if sc.vendorToken(i - 1) { // of MySQL
				return
			}
		case '%':
			if b[i] == 'B' && is(at(b, i+1), chDigit) { // track data of a card
				sc.number(i + 1)
			}
			if i > 1 && b[i-2] == '4' && sc.vendorToken(i-2) { // 4%2F0A, a code of Google
				return
			}
			if is(b[i], chHex) && is(at(b, i+1), chHex) {
				sc.percentKey(i)
			}
			if is(b[i], chUpper) && i > sc.ls+8 && b[i-2] == ' ' && b[i-3] == ':' {
				sc.taggedHost(i)
			}
			sc.behind(i, i)
		case '\\':
			if b[i] == 'u' || b[i] == 'x' {
				sc.behind(i, i+1)
			}
			sc.inDomain(i)
		case '.':
			if !is(byte(v>>16), chWord) && countries[country(b[i], byte(v>>8))] && is(b[i], chAlpha) && is(byte(v>>8), chAlpha) {
				sc.machineUnder(i, i+2)
			}
		case ';':
			if k := i - 2; k > sc.ls && (is(b[k], chHex) || b[k] == 's' || b[k] == 'n') {
				sc.behindEntity(i)
			}
		case '{':
			if sc.vendorToken(i - 1) {
				return
			}
			if e := run(b, i, chWord); e-i < 20 && hashSchemes.has(b[i:e]) {
				sc.braceHash(i, e)
			}
		}
	}
	if gates.words.has(v|lowerCase) || shortWord(v) {
		sc.keyword(i)
	}
	if i < sc.skip {
		return
	}
	if (b[i] == 'e' || gates.tokens.has(v)) && openedGate.has(v) && sc.opened(i) {
		return
	}
	if i+2 < len(b) {
		b0, b1, b2 := b[i], b[i+1], b[i+2]
		if inTheMiddle(b, i) {
			sc.azureSecret(i)
		}
		if tokenGate(b0, b1, b2) && sc.vendorToken(i) {
			return
		}
		if is(b0, chUpper) && is(b1, chUpper) && is(b2, chDigit) {
			if end, ok := scanIBAN(b, i); ok {
				sc.emit(i, end, cIBAN, ruleIBAN, 0)
				return
			}
		}
		if is(b0, chHex) && (b2 == '-' || i+4 < len(b) && (b[i+4] == '.' || b[i+4] == '-') && is(b[i+3], chHex)) && is(b1, chHex) {
			if end, ok := scanMAC(b, i); ok {
				sc.emit(i, end, cMAC, ruleMAC, 0)
				return
			}
		}
	}
}

// vendorToken hides the token that begins at i and reports whether there is one.
func (sc *scanner) vendorToken(i int) bool {
	start, end, c, r, ok := matchToken(sc.b, i)
	if !ok || start < sc.skip || at(sc.b, end) == '-' && inPseudonym(sc.b, end) {
		return false
	}
	sc.emit(start, end, c.id(), r, 0)
	return true
}

// number looks at a number that starts at i.
func (sc *scanner) number(i int) {
	b := sc.b
	n := i + 1
	for n < len(b) && n-i < 24 && is(b[n], chDigit) {
		n++
	}
	c := at(b, n)
	prev := byte('\n')
	if i > 0 {
		prev = b[i-1]
	}
	switch {
	case prev == '%' && i > 1 && n-i >= 1:
		sc.escaped(i)
		return
	case prev == '+' && n-i < 16:
		if end, ok := scanPhone(b, i-1); ok {
			sc.emitNumber(i-1, end, cPhone, rulePhone)
			return
		}
	}
	switch w := n - i; {
	case c == '.' && w <= 3:
		if end, ok := scanIPv4(b, i); ok {
			sc.emit(i, end, cIPv4, ruleIPv4, 0)
			sc.hostBeside(i, end)
			if at(b, end) == ',' {
				sc.behindAddress(end)
			}
			if i == sc.ls {
				sc.accessUser(i, end)
				sc.hostsLine(end)
				sc.radiusServer(end)
			} else if at(b, end) == ' ' && at(b, end+1) == '-' {
				sc.accessUser(i, end)
			}
		}
	case w == 3 && (c == '-' || c == ' '):
		if end, ok := scanSSN(b, i); ok && (c == '-' || sc.keyedBy(i, "ssn", "social")) {
			sc.emitNumber(i, end, cSSN, ruleSSN)
		}
	case w == 9 && sc.keyedBy(i, "ssn", "social"):
		if end, ok := scanSSN(b, i); ok {
			sc.emitNumber(i, end, cSSN, ruleSSN)
		}
	case w >= 8 && w <= 10 && c == ':' && at(b, n+1) == 'A' && at(b, n+2) == 'A': // a bot of Telegram
		e := n + 1
		for e < len(b) && (is(b[e], chAlnum) || b[e] == '_' || b[e] == '-') {
			e++
		}
		if e-n == 36 {
			sc.emit(i, e, cToken, ruleTelegram, 0)
		}
	case w == 4 && (c == ' ' || c == '-') || w >= 12 && w <= 19:
		if end, ok := scanCard(b, i); ok && prev != '.' && !(c == '.' && is(at(b, n+1), chDigit)) && !sc.counted(i, end) {
			sc.emitNumber(i, end, cCard, ruleCard)
		}
	}
}

// keyedBy reports whether one of the words stands shortly before i in its
// line.
func (sc *scanner) keyedBy(i int, words ...string) bool {
	var begin uint32 // the first letters, for a look at each place that costs little
	for _, w := range words {
		begin |= 1 << (w[0] & 31)
	}
	for k := max(sc.ls, i-32); k < i; k++ {
		if begin>>(sc.b[k]&31)&1 == 0 || k > sc.ls && is(sc.b[k-1], chAlpha) {
			continue
		}
		for _, w := range words {
			if k+len(w) <= i && lower(sc.b[k]) == w[0] && hasPrefixFold(sc.b[k:i], w) {
				return true
			}
		}
	}
	return false
}

// lastOf is bytes.LastIndex for what holds a backslash, which texts rarely do.
func lastOf(b []byte, s string) int {
	if bytes.IndexByte(b, '\\') < 0 {
		return -1
	}
	return bytes.LastIndex(b, []byte(s))
}

// atSign looks at an @.
func (sc *scanner) atSign(i int) {
	b := sc.b
	if low := max(sc.ls, i-256); i > sc.skip && is(at(b, i+1), chAlnum) {
		if k := lastOf(b[low:i], `:\/\/`); k > 0 && is(b[low+k-1], chLower|chDigit) && sc.escapedUserinfo(low+k+5, i) {
			return
		}
	}
	if sc.proxyLogin(i) {
		return
	}
	if bytes.HasPrefix(b[i+1:], []byte("tcp(")) || bytes.HasPrefix(b[i+1:], []byte("unix(")) { // user:password@tcp(host:3306)
		s := i
		for s > sc.ls && i-s < 512 && b[s-1] > ' ' && b[s-1] != '"' && b[s-1] != '\'' && b[s-1] != '=' {
			s--
		}
		if k := bytes.IndexByte(b[s:i], ':'); k > 0 && (s >= sc.skip || hasPseudonym(b[s:i])) {
			sc.userName(s, s+k, ruleURL)
			if !placeholder(b[s+k+1 : i]) {
				sc.emit(s+k+1, i, cPassword, ruleURL, spanLearn)
			}
		}
		return
	}
	if at(b, i+1) == '/' && at(b, i+2) == '/' { // user/password@//host:1521/service, of Oracle
		s := i
		for s > sc.ls && i-s < 256 && b[s-1] > ' ' && !is(b[s-1], chQuote) && b[s-1] != '=' {
			s--
		}
		if k := bytes.IndexByte(b[s:i], '/'); s >= sc.skip && k > 0 && k < i-s-1 && account2(b[s:s+k]) && !placeholder(b[s+k+1:i]) && bytes.IndexByte(b[s+k+1:i], '/') < 0 {
			sc.userName(s, s+k, ruleURL)
			sc.emit(s+k+1, i, cPassword, ruleURL, spanLearn)
		}
		return
	}
	if start, end, ok := scanEmail(b, i); ok {
		if start < sc.skip {
			start = sc.skip
		}
		if start < i {
			sc.emit(start, end, cEmail, ruleEmail, 0)
		}
		return
	}
	sc.atHost(i)
}

// emit notes that b[start:end] is to be hidden.
func (sc *scanner) emit(start, end int, c classID, r ruleID, flags uint8) {
	if start >= end || c >= nClasses || sc.s.keep[c] {
		return
	}
	v := sc.b[start:end]
	sc.charge(end - start)
	if _, n := nextPseudonym(sc.b, start, end); n > 0 {
		sc.emitAround(start, end, c, r, flags)
		return
	}
	if c >= cIPv4 && c <= cMAC && addressStays(v) {
		sc.skip = max(sc.skip, end)
		return
	}
	sc.spans = append(sc.spans, span{start, end, c, flags, r})
	if c == cToken && len(v) == 20 && v[0] == 'A' && (string(v[1:4]) == "KIA" || string(v[1:4]) == "SIA") {
		sc.besideKeyID(end)
	}
	if start <= sc.cur {
		sc.skip = max(sc.skip, end)
		return
	}
	sc.later(start, end)
}

// emitNumber is emit for what JSON may hold as a bare number.
func (sc *scanner) emitNumber(start, end int, c classID, r ruleID) {
	sc.emit(start, end, c, r, sc.bareNumber(start, end))
}

// bareNumber reports how the pseudonym of b[start:end] has to be quoted: when
// it is a number under a quoted key of JSON.
func (sc *scanner) bareNumber(start, end int) uint8 {
	b := sc.b
	for _, c := range b[start:end] {
		if !is(c, chDigit) && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0
		}
	}
	j := start
	for j > 0 && is(b[j-1], chSpace) {
		j--
	}
	if j > 0 && b[j-1] == '=' && sc.inTOML(j) {
		return spanQuote
	}
	if j == 0 || b[j-1] != ':' && b[j-1] != ',' && b[j-1] != '[' {
		return 0
	}
	n := end
	for n < len(b) && (is(b[n], chSpace) || b[n] == '\r' || b[n] == '\n') {
		n++
	}
	if n < len(b) && b[n] != ',' && b[n] != '}' && b[n] != ']' {
		return 0
	}
	if b[j-1] != ':' {
		// In a list: only where its key is to be seen.
		k := bytes.LastIndexByte(b[max(0, j-256):j], '[')
		if k < 0 {
			return 0
		}
		j = max(0, j-256) + k
		for j > 0 && is(b[j-1], chSpace) {
			j--
		}
		if j == 0 || b[j-1] != ':' {
			return 0
		}
	}
	j--
	for j > 0 && is(b[j-1], chSpace) {
		j--
	}
	if j == 0 || b[j-1] != '"' {
		return 0
	}
	if j > 1 && b[j-2] == '\\' {
		return spanQuote | spanEsc
	}
	return spanQuote
}

// settle puts the spans in order and makes one of those that overlap. What
// any rule found goes; where a secret and an identity meet, the secret's name
// stands.
func (sc *scanner) settle() {
	if len(sc.spans) < 2 {
		return
	}
	if !slices.IsSortedFunc(sc.spans, compareSpans) {
		slices.SortStableFunc(sc.spans, compareSpans)
	}
	out := sc.spans[:1]
	for _, sp := range sc.spans[1:] {
		last := &out[len(out)-1]
		if sp.start >= last.end {
			out = append(out, sp)
			continue
		}
		if sp.class < cEmail && last.class >= cEmail && !(sp.start > last.start && sp.end < last.end && last.class == cEmail) {
			last.class, last.rule, last.flags = sp.class, sp.rule, sp.flags
		}
		last.end = max(last.end, sp.end)
	}
	sc.spans = out
}

func compareSpans(a, b span) int {
	if a.start != b.start {
		return a.start - b.start
	}
	return b.end - a.end
}

// splitAt cuts spans at a byte that has to stay.
func (sc *scanner) splitAt(sep byte, b []byte) {
	out := sc.prev[:0]
	for _, sp := range sc.spans {
		for {
			k := bytes.IndexByte(b[sp.start:sp.end], sep)
			if k < 0 {
				break
			}
			if k > 0 {
				part := sp
				part.end = sp.start + k
				out = append(out, part)
			}
			sp.start += k + 1
			sp.flags |= spanMore
		}
		if sp.start < sp.end {
			out = append(out, sp)
		}
	}
	sc.prev, sc.spans = sc.spans, out
}

// render is b with its spans replaced; it counts them.
func (sc *scanner) render(b []byte) []byte { return sc.renderFrom(nil, b, 0) }

func (sc *scanner) replace(dst, b []byte, sp *span) []byte {
	v := b[sp.start:sp.end]
	if sp.flags&spanWide != 0 {
		sc.narrow = narrowed(sc.narrow[:0], v)
		narrow := span{0, len(sc.narrow), sp.class, sp.flags &^ spanWide, sp.rule}
		sc.esc = sc.replace(sc.esc[:0], sc.narrow, &narrow)
		return widened(dst, sc.esc)
	}
	if sp.flags&spanQuote != 0 {
		if sp.flags&spanEsc != 0 {
			dst = append(dst, '\\')
		}
		dst = append(dst, '"')
	}
	n := len(dst)
	dst = sc.pseudo.appendTo(dst, sp.class, v)
	if sp.flags&spanMore == 0 && !bytes.Equal(dst[n:], v) {
		sc.tally.classes[sp.class]++
		sc.tally.rules[sp.rule]++
	}
	if sp.flags&spanQuote != 0 {
		if sp.flags&spanEsc != 0 {
			dst = append(dst, '\\')
		}
		dst = append(dst, '"')
	}
	return dst
}

// renderFrom is render for a text of which the first from bytes are only
// context.
func (sc *scanner) renderFrom(dst, b []byte, from int) []byte {
	pos := from
	for i := range sc.spans {
		sp := &sc.spans[i]
		dst = append(dst, b[pos:sp.start]...)
		dst = sc.replace(dst, b, sp)
		pos = sp.end
	}
	sc.pseudo.flush()
	return append(dst, b[pos:]...)
}

// from drops what the spans cover before given, and puts held in the place of
// those that end before scanned.
func (sc *scanner) from(given, scanned int, held []span) {
	if scanned == 0 {
		return
	}
	k := 0
	for k < len(sc.spans) && sc.spans[k].end <= scanned {
		k++
	}
	sc.spans = slices.Replace(sc.spans, 0, k, held...)
	sc.settle()
	if len(sc.spans) > 0 {
		sc.spans[0].start = max(sc.spans[0].start, given)
	}
}

// before drops what the spans cover after cut.
func (sc *scanner) before(cut int) {
	k := len(sc.spans)
	for k > 0 && sc.spans[k-1].start >= cut {
		k--
	}
	sc.spans = sc.spans[:k]
	if k > 0 {
		sc.spans[k-1].end = min(sc.spans[k-1].end, cut)
	}
}

// keyCache remembers what was decided on a key. It has the size of a line of the
// processor's cache.
type keyCache struct {
	n    uint8
	kind keyKind
	key  [62]byte
}

// decide is the kind of a key, from memory where it was asked before.
func (sc *scanner) decide(key []byte) keyKind {
	if len(key) > len(keyCache{}.key) || len(key) == 0 {
		return decide(key)
	}
	e := &sc.keys[shortHash(key, 0)%uint64(len(sc.keys))]
	if int(e.n) == len(key) && string(e.key[:e.n]) == string(key) {
		return e.kind
	}
	e.n = uint8(copy(e.key[:], key))
	e.kind = decide(key)
	return e.kind
}

// escaped looks at a percent-escaped @ or = of which the digits are at i.
func (sc *scanner) escaped(i int) {
	b := sc.b
	d := lower(at(b, i+1))
	switch {
	case b[i] == '4' && d == '0':
		if low := max(sc.ls, i-256); i > sc.skip {
			if k := bytes.LastIndex(b[low:i], []byte("%3A%2F%2F")); k > 0 && sc.escapedUserinfo(low+k+9, i-1) {
				return
			}
		}
		s := i - 1
		for s > sc.skip && s > sc.ls && i-s < 96 && (is(b[s-1], chKey) || b[s-1] == '+' || b[s-1] == '%' && is(b[s], chHex) && is(at(b, s+1), chHex)) {
			s--
		}
		for s < i-1 && (b[s] == '%' || b[s] == '.' || b[s] == '-') {
			if b[s] == '%' {
				s += 3
			} else {
				s++
			}
		}
		e := run(b, i+2, chKey)
		for e > i+2 && !is(b[e-1], chAlnum) {
			e--
		}
		host := b[i+2 : e]
		k := bytes.LastIndexByte(host, '.')
		if s >= i-1 || k < 1 || !allLetters(host[k+1:]) || len(host)-k < 3 {
			return
		}
		sc.emit(s, e, cEmail, ruleEmail, 0)
	case b[i] == '3' && (d == 'd' || d == 'a'):
		j := i - 1
		for j-3 >= sc.ls && b[j-3] == '%' && b[j-2] == '2' && (b[j-1] == '2' || b[j-1] == '0' || b[j-1] == '7') {
			j -= 3
		}
		if j <= sc.ls || !is(b[j-1], chWord) || !keyTail(b, j) {
			return
		}
		f := field{end: j, query: true, escaped: true}
		f.start = runBack(b, j, max(sc.ls, j-maxKey), chKey)
		if k := f.start; k > sc.ls && b[k-1] == '%' && k+2 < j { // %26password
			f.start += 2
		}
		if f.key = sc.decide(b[f.start:j]); f.key == keyNone {
			return
		}
		p := i + 2
		for at(b, p) == '%' && at(b, p+1) == '2' && (at(b, p+2) == '2' || at(b, p+2) == '0') {
			p += 3
		}
		sc.field(f, p)
	case b[i] == '2' && d == '5':
		sc.escapedTwice(i)
	case b[i] >= '4' && b[i] <= '7' && is(d, chHex):
		sc.percentKey(i)
	}
}

// call looks at a function that takes a name and a value: define('X', 'v').
func (sc *scanner) call(e int) {
	b := sc.b
	p := run(b, e, chSpace)
	if at(b, p) != '(' {
		return
	}
	p = run(b, p+1, chSpace)
	if p >= len(b) || !is(b[p], chQuote) && b[p] != '\\' {
		return
	}
	s, n, next := sc.argument(p)
	if p = run(b, next, chSpace); next > n && n > s && at(b, p) == ',' && (!keyTail(b, n) || sc.decide(b[s:n]) == keyNone || sc.decide(b[s:n]) == keyWeak || sc.decide(b[s:n]) == keyAuth) { // modparam("auth", "secret", "x")
		if q := run(b, p+1, chSpace); is(at(b, q), chQuote) {
			if s2, n2, next2 := sc.argument(q); next2 > n2 && at(b, run(b, next2, chSpace)) == ',' && is(at(b, run(b, run(b, next2, chSpace)+1, chSpace)), chQuote) {
				s, n, next = s2, n2, next2
			}
		}
	}
	if next <= n || n-s > 64 || n-s < 3 || !keyTail(b, n) {
		return
	}
	p = run(b, next, chSpace)
	if at(b, p) != ',' {
		return
	}
	if run(b, p+1, chSpace) >= sc.eol(p) { // its value is on the next line
		if f := (field{key: sc.decide(b[s:n]), start: s, end: n, quoted: true}); f.key.secret() && f.key != keyCookie {
			sc.below(&f, sc.eol(p), inNext)
		}
		return
	}
	f := field{key: sc.decide(b[s:n]), start: s, end: n, quoted: true}
	if f.key.secret() || f.key == keyUser {
		if v, ok := sc.extent(&f, p+1); ok && v.quoted {
			sc.hide(&f, v)
		}
	}
}

// eol is the end of the line that i stands in, without its CR. It is
// remembered, so that a long line is not searched from each place in it.
func (sc *scanner) eol(i int) int {
	if i < sc.eolFrom || i > sc.eolTo {
		sc.eolFrom, sc.eolTo = i, lineEnd(sc.b, i)
		sc.charge((sc.eolTo - i) / 16) // that is quick
	}
	return sc.eolTo
}
