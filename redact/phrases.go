package redact

import "bytes"

// connectors are words that pass phrases have as sentences do.
var connectors = setOf("the", "of", "a", "an", "and", "my", "is", "in", "on", "to", "for", "no", "with", "at", "by", "your", "all", "some", "over", "under", "two", "three")

// passphrase reports whether v is a few words and a number behind them that
// somebody strung together to remember: the snowball of harvest 1913.
func passphrase(v []byte) bool {
	if len(v) < 12 || len(v) > 80 || !is(v[0], chAlpha) {
		return false
	}
	words, numbers, last := 0, 0, false
	for k := 0; k < len(v); {
		n := k + firstBlank(v[k:])
		w := bytes.TrimRight(v[k:n], ",;!?.")
		last = len(w) > 0 && is(w[len(w)-1], chDigit)
		switch l := run(w, 0, chAlpha); {
		case len(w) == 0:
		case last && run(w, l, chDigit) == len(w) && len(w)-l <= 4:
			numbers++
		case l < len(w), speaks.has(w), statusWord(w) && !connectors.has(w):
			return false
		}
		words++
		k = run(v, n, chSpace)
	}
	return words >= 3 && words <= 7 && numbers == 1 && last
}

// loginIs looks at a login that is told with a slash: login is name / x,
// rejected by the server: CORP\name / x. The sign is at k.
func (sc *scanner) loginIs(s, k, e int) {
	b := sc.b
	u := runBack(b, k-1, s, chKey)
	v := k + 2
	for v < e && b[v] > ' ' && !is(b[v], chQuote) && b[v] != '\\' {
		v++
	}
	for v > k+3 && bytes.IndexByte([]byte(")]}>.,;"), b[v-1]) >= 0 {
		v--
	}
	w := b[k+2 : v]
	if u >= k-1 || !account2(b[u:k-1]) || statusWord(b[u:k-1]) || len(w) < 6 || !hasLetterByte(w) || !hasDigit(w) || !hasSign(w) && !mixed(w) || !tellsItself(w) || !sc.free(u, v) {
		return
	}
	if !hasPseudonym(b[u : k-1]) {
		sc.userName(u, k-1, ruleMention)
	}
	sc.emit(k+2, v, cPassword, ruleMention, spanLearn)
}

// bracketed looks at a name of a secret, the field's key, that brackets are
// around or behind: [password] to [x], password[x].
func (sc *scanner) bracketed(f *field) bool {
	b := sc.b
	p := f.end
	if at(b, p) == ']' {
		if f.start == sc.ls || b[f.start-1] != '[' {
			return false
		}
		p = run(b, p+1, chSpace)
		switch w := b[p:run(b, p, chAlpha)]; string(w) {
		case "to", "is", "as", "value", "with", "from", "was":
			p = run(b, p+len(w), chSpace)
		}
		if p == f.end+1 {
			return false
		}
	}
	if at(b, p) != '[' {
		return false
	}
	end := min(sc.eol(p), p+128)
	n := p + 1
	for n < end && b[n] > ' ' && !is(b[n], chQuote) && !(b[n] == ']' && (endsAfter(at(b, n+1)) || is(at(b, n+1), chQuote) || at(b, n+1) == '.' || at(b, n+1) == '\\')) {
		n++
	}
	v := b[p+1 : n]
	if at(b, n) != ']' || !tellsItself(v) || !(hasDigit(v) && hasLetterByte(v) || hasSign(v) && mixed(v) && len(v) >= 8) || codeLike(v) || codeLike(v[1:]) || namesField(v) || f.key != keyPassword && (!secretWord(v) || dashed(v)) {
		return false
	}
	if k := bytes.Index(v, []byte("->")); k > 0 { // old->new, of FortiGate
		sc.hideSecret(p+1, p+1+k, cPassword, ruleField)
		p += k + 2
	}
	c := cPassword
	if f.key == keySecret {
		c = cToken
	}
	sc.hideSecret(p+1, n, c, ruleField)
	return true
}

// announcedBelow looks at a line that b[i:e] is a word of and that ends in a
// colon: Password for the elastic user (reset with `x`): and, below it, the
// password.
func (sc *scanner) announcedBelow(i, e int) bool {
	b := sc.b
	end := sc.eol(e)
	for end > e && (is(b[end-1], chSpace) || b[end-1] == '\r') {
		end--
	}
	if end-sc.ls > 200 || b[end-1] != ':' || end-e < 4 || at(b, e) != ' ' || bytes.Contains(b[e:end], []byte(": ")) {
		return false
	}
	switch w := b[e+1 : run(b, e+1, chAlpha)]; string(w) {
	case "for", "of", "is", "and", "to", "below", "generated", "created", "has":
	default:
		return false
	}
	next := nextLine(b, sc.eol(e))
	if k := run(b, next, chSpace); next >= len(b) || k == next && lower(b[i]) != 'p' || at(b, k) == '-' {
		return false
	}
	f := field{key: keyPassword, start: i, end: e}
	if lower(b[i]) != 'p' {
		f.key = keySecret
	}
	o := sc.below(&f, sc.eol(e), inNext)
	o.indent = -1
	return true
}

// queried looks at the parameters behind a word that ends at e: of InfluxDB,
// query?u=name&p=x, and of Subsonic, rest/ping.view?u=name&t=x&s=y.
func (sc *scanner) queried(e int) {
	b := sc.b
	end := min(sc.eol(e), e+1024)
	p := e
	if at(b, p) == '/' {
		p = run(b, p+1, chKey)
	}
	if at(b, p) != '?' {
		return
	}
	var user, pass, salt, hash value
	for p < end && (b[p] == '?' || b[p] == '&') {
		p++
		if bytes.HasPrefix(b[p-1:], []byte("&amp;")) {
			p += len("amp;")
		}
		n := p
		for n < end && b[n] > ' ' && b[n] != '&' && !is(b[n], chQuote) {
			n++
		}
		if n-p > 2 && b[p+1] == '=' {
			v := value{start: p + 2, end: n}
			switch b[p] {
			case 'u':
				user = v
			case 'p':
				pass = v
			case 's':
				salt = v
			case 't':
				hash = v
			}
		}
		p = n
	}
	if user.end == 0 {
		return
	}
	if bytes.HasPrefix(b[pass.start:pass.end], []byte("enc:")) {
		pass.start += len("enc:")
	}
	if v := b[pass.start:pass.end]; len(v) >= 4 && !(allDigits(v) && len(v) < 6) && !placeholder(v) {
		sc.hideSecret(pass.start, pass.end, cPassword, ruleURL)
		sc.userName(user.start, user.end, ruleURL)
	}
	if salt.end > 0 && hash.end-hash.start == 32 && run(b, hash.start, chHex) == hash.end {
		sc.hideSecret(hash.start, hash.end, cToken, ruleURL)
		sc.userName(user.start, user.end, ruleURL)
	}
}

// communityBefore looks at C="x" before GetRequest(28), as tcpdump prints SNMP.
func (sc *scanner) communityBefore(i int) {
	b := sc.b
	e := i - 1
	for e > sc.ls && b[e-1] == ' ' {
		e--
	}
	s := e
	if s > sc.ls && b[s-1] == '"' {
		s = sc.ls + bytes.LastIndexByte(b[sc.ls:s-1], '"')
	} else {
		s = runBack(b, s, sc.ls, chKey)
	}
	if s-2 <= sc.ls || b[s-1] != '=' || b[s-2] != 'C' {
		return
	}
	if b[s] == '"' {
		s, e = s+1, e-1
	}
	if v := b[s:max(s, e)]; len(v) > 3 && string(v) != "public" && string(v) != "private" {
		skip := sc.skip
		sc.skip = 0 // it was passed
		sc.hideSecret(s, e, cPassword, ruleSentence)
		sc.skip = max(skip, sc.skip)
	}
}

// unnamedRows looks at the values of INSERT INTO t VALUES (1, 'name', 'x'), of
// which no column tells what they are: what can be nothing but a password, and
// long random words beside the hash of one.
func (sc *scanner) unnamedRows(p, end int) {
	b := sc.b
	end = min(end, p+4096)
	if sc.rowsTo >= end {
		return
	}
	from := p
	for p = max(p, sc.rowsTo); p < end; {
		k := bytes.IndexByte(b[p:end], '\'')
		if k < 0 {
			return
		}
		s, e, next := sc.argument(p + k)
		if next <= e || next > end {
			return
		}
		p, sc.rowsTo = next, next
		if c := at(b, run(b, next, chSpace)); e-s < 8 || c != ',' && c != ')' {
			continue
		}
		switch v := b[s:e]; {
		case bytes.ContainsAny(v, "!?*^~#$%+") && generated(v):
			sc.hideSecret(s, e, cPassword, ruleSQL)
		case len(v) >= 32 && len(v) <= 128 && run(v, 0, chAlnum) == len(v) && mixedCaseDigits(v) && entropyHigh(v) && hasHash(b[from:end]):
			sc.hideSecret(s, e, cToken, ruleSQL)
		}
	}
}

// hasHash reports whether one of the strings in v begins as the hash of a
// password does.
func hasHash(v []byte) bool {
	for _, w := range [...]string{"'$2", "'$argon2", "'$6$", "'$P$", "'pbkdf2", "'$5$", "'$y$", "'$gy$", "'$7$", "'$apr1$", "'$sha1$", "'$S$", "'$1$", "'{SSHA", "'scrypt:"} {
		if bytes.Contains(v, []byte(w)) {
			return true
		}
	}
	return false
}

// below3 reports whether one of the three lines before this one has the text w.
func (sc *scanner) below3(w string) bool {
	pos := sc.ls
	for range 3 {
		if pos == 0 {
			return false
		}
		s := lineStart(sc.b, pos-1)
		if pos-s > 160 {
			return false
		}
		if bytes.Contains(sc.b[s:pos], []byte(w)) {
			return true
		}
		pos = s
	}
	return false
}

// taskArguments looks at args=('name@example.org', 'x'), with which a task is
// called that sends a link: what is random beside an address is what lets in.
func (sc *scanner) taskArguments(e int) {
	b := sc.b
	p := e
	for p < len(b) && p < e+4 && (b[p] == '=' || b[p] == ':' || is(b[p], chQuote|chSpace)) {
		p++
	}
	if c := at(b, p); p == e || c != '(' && c != '[' {
		return
	}
	end := min(sc.eol(p), p+512)
	address := false
	for p++; p < end; p++ {
		s, t, next, ok := sc.stringArgument(run(b, p, chSpace))
		if !ok || next > end {
			return
		}
		v := b[s:t]
		if address && len(v) >= 20 && run(v, 0, chAlnum|chUnder|chKey) == len(v) && bytes.IndexByte(v, '.') < 0 && !isUUID(v) && secretWord(v) && (entropyHigh(v) || run(v, 0, chHex) == len(v)) {
			sc.emit(s, t, cToken, ruleField, spanLearn)
		}
		address = address || bytes.IndexByte(v, '@') > 0 || hasPseudonym(v)
		if p = run(b, next, chSpace); at(b, p) != ',' {
			return
		}
	}
}

// redundancy reports whether the line sets up a group of routers that stand in
// for each other: standby 1 authentication x.
func (sc *scanner) redundancy() bool {
	b := sc.b
	s := run(b, sc.ls, chSpace)
	switch string(b[s:run(b, s, chLower)]) {
	case "standby", "vrrp", "glbp":
		return true
	}
	return false
}

// changedTo looks at what a password was changed to, where a name stands between:
// password for jo changed to x, reset password of jo to x. The word ends at e.
func (sc *scanner) changedTo(e int) bool {
	b := sc.b
	end := min(sc.eol(e), e+160)
	rest := b[e:end]
	if !hasPrefixFold(rest, " for ") && !hasPrefixFold(rest, " of ") {
		return false
	}
	k := bytes.LastIndex(rest, []byte(" to "))
	if k < 4 {
		return false
	}
	said := b[max(sc.ls, e-40) : e+k]
	if !mentions(said, "eset") && !mentions(said, "hanged") && !mentions(said, "pdated") && !mentions(said, "et ") {
		return false
	}
	for _, c := range rest[:k] {
		if !is(c, chKey|chSpace|chQuote) && c != '@' && c != '\\' {
			return false
		}
	}
	s, n, next := sc.argument(run(b, e+k+len(" to "), chSpace))
	if s == e+k+len(" to ") {
		n = sc.trimDot(s, n)
	}
	v := b[s:n]
	if rest := run(b, next, chSpace); len(v) < 6 || !tellsItself(v) || !hasLetterByte(v) || rest < sc.eol(n) && !is(b[rest], chQuote) && b[rest] != '\\' && b[rest] != '}' && b[rest] != '(' {
		return false
	}
	sc.hideSecret(s, n, cPassword, ruleSentence)
	return true
}
