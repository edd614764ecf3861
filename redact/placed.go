package redact

import "bytes"

// placed looks at the words after which a secret stands that no key names:
// SAMLResponse=x, fs.azure.account.key.host, "encoded":"x" beside an
// "api_key", /password/reset/x.
func (sc *scanner) placed(i, e int) {
	b := sc.b
	end := min(sc.eol(e), e+16384)
	if c := at(b, e); c == ' ' && (hasSuffixFold(b[i:e], "_random") || b[e-2] == '_' || hasSuffixFold(b[i:e], "_secret")) {
		sc.keyLog(e, end)
		return
	}
	if hasPrefixFold(b[i:e], "curlopt_") || hasSuffixFold(b[i:e], "userpwd") {
		sc.optionOfCurl(i, e)
		return
	}
	switch string(lowerOf(b[i:e], sc.lower[:])) {
	case "invite", "invitation", "confirm", "activate", "magic", "magic-link", "unlock", "recover", "push":
		if i > sc.ls && b[i-1] == '/' {
			sc.inAddress(e)
		}
		return
	case "upid": // of Proxmox
		if n := run(b, e+1, chKey); at(b, e) == ':' && at(b, n) == ':' && machineLike(b[e+1:n]) {
			sc.hostValue(e+1, n)
		}
		return
	case "opc":
		sc.subscriber(i, e)
		return
	case "auth2": // MIGRATE ... AUTH2 name x, of Redis
		n := run(b, e+1, chKey)
		if v := sc.token(n + 1); at(b, e) == ' ' && at(b, n) == ' ' && v > n+1 {
			sc.userName(e+1, n, ruleDialog)
			sc.hideSecret(n+1, v, cPassword, ruleDialog)
		}
		return
	case "cont": // of Dovecot
		if d := run(b, e+1, chDigit); at(b, e) == '\t' && d > e+1 && at(b, d) == '\t' {
			if n := endOf(b, d+1, setBase64|setEqual); n-d > 8 && (n-d-1)%4 == 0 {
				sc.emit(d+1, n, cToken, ruleDialog, 0)
			}
		}
		return
	case "loaded", "now":
		sc.becomes(i, e)
		return
	case "securestring": // aws ssm get-parameter --output text
		if n := sc.token(e + 1); at(b, e) == '\t' && n > e+4 {
			sc.hideSecret(e+1, n, cPassword, ruleField)
		}
		return
	case "cmdargav":
		sc.commandArgument(e)
		return
	}
	if hasSuffixFold(b[i:e], "field") || hasSuffixFold(b[i:e], "resvalue") {
		sc.fieldOfBuild(e)
		return
	}
	switch lower(b[i]) {
	case 'u', 'v': // 334 and a question in base64: the answer stands below
		if k := i - len("334 "); k >= sc.ls && string(b[k:i]) == "334 " {
			sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inDialog}})
		}
	case 'p', 't': // <prv>x</prv>, <tls>x</tls>, of pfSense
		if k := bytes.IndexByte(b[e:min(end, e+400)], '@'); at(b, e) == ':' && i > sc.ls && b[i-1] == ':' && k > 0 { // :pserver:name:x@host:/path, of CVS
			sc.pair(e+1, e+k)
			return
		}
		if n := endOf(b[:end], e+1, setBase64|setEqual); at(b, e) == '>' && i > sc.ls && b[i-1] == '<' && n-e > 64 && at(b, n) == '<' {
			sc.emit(e+1, n, cPrivateKey, ruleField, 0)
		}
	case 'i': // of Murmur
		if b[i+1]|0x20 == 'n' {
			sc.inputValue(e)
			return
		}
		f := field{key: keySecret, start: i, end: e, first: true}
		if p := run(b, e, chSpace); at(b, p) == '=' {
			sc.field(f, p+1)
		}
	case 'o': // :ommysql:host,database,user,x, of rsyslog
		if at(b, e) == ':' && i > sc.ls && b[i-1] == ':' {
			sc.fourthOf(e + 1)
		}
	case 'd':
		sc.source(i, e)
	case 'g':
		sc.gateway(e)
	case 'f':
		sc.segmentOf(e)
	case 's':
		if at(b, i+1)|0x20 == 'h' {
			sc.shibboleth(e, end)
			return
		}
		if at(b, i+1) == '_' {
			sc.gateway(e)
			return
		}
		p := behindKey(b, e)
		if n := endOf(b[:end], p, setBase64|setEqual|setPercent); p > e && n-p >= 40 {
			sc.emit(p, n, cToken, ruleField, spanLearn)
		}
	case 'a':
		if b[i+1]|0x20 == 'r' { // args=('a@b.c', 'x'), of a task
			sc.taskArguments(e)
			return
		}
		if !bytes.HasPrefix(b[e:], []byte(".account.key")) {
			return
		}
		p := run(b, e+len(".account.key"), chKey)
		if bytes.HasPrefix(b[p:], []byte("</name>")) {
			p = run(b, p+len("</name>"), chSpace)
			if !bytes.HasPrefix(b[p:], []byte("<value>")) {
				return
			}
			p += len("<value>")
		} else {
			for p < end && (is(b[p], chSpace|chQuote) || b[p] == '=' || b[p] == ':' || b[p] == ',') {
				p++
			}
		}
		if n := endOf(b[:min(end, p+90)], p, setBase64|setEqual); n == p+88 && b[n-1] == '=' && b[n-2] == '=' {
			sc.emit(p, n, cToken, ruleField, spanLearn)
		}
	case 'e':
		if b[i+1]|0x20 == 'x' && b[i+2]|0x20 == 't' { // extracted value ([password1_0_] : [VARCHAR]) - [x], of Hibernate
			s := e + len(" value ([")
			if !bytes.HasPrefix(b[e:], []byte(" value ([")) {
				return
			}
			n := run(b, s, chKey)
			if end-i > 2048 {
				return
			}
			k := bytes.LastIndex(b[n:end], []byte(" - [")) + n + len(" - [")
			name := bytes.TrimRight(b[s:n], "0123456789_")
			if f := (field{key: sc.decide(name), start: s, end: n, quoted: true}); f.key.secret() && k > n+len(" - [") && k < end && b[end-1] == ']' {
				sc.hide(&f, value{start: k, end: end - 1, quoted: true})
			}
			return
		}
		if e-i == len("express-session") {
			sc.expressSession(e)
		} else if p := behindKey(b, e); p > e && at(b, e) == '"' && bytes.Contains(b[max(sc.ls, i-200):i], []byte("api_key")) {
			if n := endOf(b[:end], p, setBase64|setEqual); n-p >= 40 && at(b, n) == '"' {
				sc.emit(p, n, cToken, ruleField, spanLearn)
			}
		}
	case 'r':
		if e-i == len("reset") && i > sc.ls && b[i-1] == '/' {
			sc.inAddress(e)
		}
		if b[i+2]|0x20 == 'g' { // regionserver/x:16020
			if n := run(b, e+1, chKey); at(b, e) == '/' && at(b, n) == ':' && is(at(b, n+1), chDigit) {
				sc.hostValue(e+1, n)
			}
			return
		}
		if at(b, e) != '/' || i-sc.ls < len("password/") || !hasSuffixFold(b[sc.ls:i], "password/") {
			return
		}
		if n := run(b, e+1, chAlnum); n-e > 32 && mixed(b[e+1:n]) {
			sc.emit(e+1, n, cToken, ruleField, spanLearn)
		}
	}
}

// keyLog looks at CLIENT_RANDOM x y and its likes, in which programs log the
// secrets of TLS behind the numbers that are sent in clear.
func (sc *scanner) keyLog(e, end int) {
	b := sc.b
	s := run(b, e, chSpace)
	n := run(b, s, chHex)
	k := run(b, n, chSpace)
	if t := run(b, k, chHex); n-s == 64 && k > n && t-k >= 64 && t <= end {
		sc.emit(k, t, cToken, ruleField, spanLearn)
		sc.skip = max(sc.skip, k)
	}
}

// expressSession looks at express-session saving x, of which the id of the
// session follows a word at e.
func (sc *scanner) expressSession(e int) {
	b := sc.b
	p := run(b, e, chSpace)
	n := run(b, p, chLower)
	switch string(b[p:n]) {
	case "fetching", "saving", "saved", "touching", "touched", "destroying", "destroyed", "loading", "loaded", "regenerating":
		s := run(b, n, chSpace)
		if t := endOf(b, s, setURL64|setPercent|setDot); t-s >= 16 && mixed(b[s:t]) {
			sc.emit(s, t, cCookie, ruleCookie, spanLearn)
		}
	}
}

// shibboleth hides the ids of sessions in a line of a service provider's log:
// new session created: ID (_x), session (ID: _x).
func (sc *scanner) shibboleth(e, end int) {
	b := sc.b
	for p := e; ; {
		k := bytes.Index(b[p:end], []byte("ession"))
		if k < 0 {
			return
		}
		p += k + 1
		if k = bytes.IndexByte(b[p:min(end, p+40)], '_'); k < 0 {
			continue
		}
		s := p + k + 1
		if n := run(b, s, chHex); n-s >= 32 && !is(at(b, n), chWord) && (b[s-2] == '(' || b[s-2] == ' ' || b[s-2] == '\'') {
			sc.emit(s, n, cCookie, ruleCookie, spanLearn)
		}
	}
}

// behindKey is where the value of the key that ends at e begins, which a sign
// and quotes may stand before; e where there is none.
func behindKey(b []byte, e int) int {
	p := run(b, e, chQuote)
	p = run(b, p, chSpace)
	if c := at(b, p); c != '=' && c != ':' {
		return e
	}
	return run(b, run(b, p+1, chSpace), chQuote)
}

// userInfo looks at basic.auth.user.info=name:x, e being behind the first
// word.
func (sc *scanner) userInfo(e int) {
	b := sc.b
	const rest = ".auth.user.info"
	if !bytes.HasPrefix(b[e:], []byte(rest)) {
		return
	}
	if p := behindKey(b, e+len(rest)); p > e+len(rest) {
		n := p
		for n < len(b) && b[n] > ' ' && b[n] != '"' && b[n] != '\'' && b[n] != ',' {
			n++
		}
		sc.pair(p, n)
	}
}

// hashed looks at pass=SHA1('x') and its like, in which a statement of SQL
// shows what only its hash was to be.
func (sc *scanner) hashed(i, e int) {
	if !is(at(sc.b, e+1), chQuote) || !sc.keyedBy(i, "pass", "passwd", "password", "pwd", "user_pass", "passw") {
		return
	}
	if s, n, next := sc.argument(e + 1); n > s && at(sc.b, next) == ')' {
		sc.hideSecret(s, n, cPassword, ruleSQL)
	}
}

// staticMap looks at static:name:x, which Postfix takes for a table of
// passwords.
func (sc *scanner) staticMap(i, e int) {
	b := sc.b
	if lower(b[i]) != 's' || e-i != len("static") || !bytes.Contains(b[sc.ls:i], []byte("password_maps")) {
		return
	}
	s, n, _ := sc.argument(e + 1)
	if c := bytes.IndexByte(b[s:n], ':'); c > 0 && s+c+1 < n {
		sc.pair(s, n)
	}
}

// optionOfCurl looks at CURLOPT_USERPWD, "name:x" and at the options of curl that
// are a secret alone; a key of an array is a key as any other is.
func (sc *scanner) optionOfCurl(i, e int) {
	b := sc.b
	p := run(b, e, chSpace)
	if at(b, p) != ',' {
		return
	}
	if p = run(b, p+1, chSpace); quoteAt(b, p) == 0 {
		return
	}
	s, n, next := sc.argument(p)
	if next <= n || n <= s || placeholder(b[s:n]) || reference(b[s:n]) {
		return
	}
	switch {
	case !hasSuffixFold(b[i:e], "userpwd"):
		c := cPassword
		if hasSuffixFold(b[i:e], "bearer") {
			c = cToken
		}
		sc.hideSecret(s, n, c, ruleFlag)
	case bytes.IndexByte(b[s:n], ':') > 0:
		sc.pair(s, n)
	default: // 'name' . ":" . 'x'
		if end := sc.eol(next); end-next < 200 {
			if q := bytes.LastIndexByte(b[next:end], b[s-1]); q > 0 {
				if k := bytes.LastIndexByte(b[next:next+q], b[s-1]); k >= 0 && q-k > 4 {
					sc.hideSecret(next+k+1, next+q, cPassword, ruleFlag)
				}
			}
		}
	}
}

// fieldOfBuild looks at buildConfigField "String", "API_KEY", "\"x\"" and at
// resValue "string", "api_key", "x", of Gradle.
func (sc *scanner) fieldOfBuild(e int) {
	b := sc.b
	var s, n [3]int
	p := e
	for k := range s {
		for is(at(b, p), chSpace) || at(b, p) == '(' || at(b, p) == ',' {
			p++
		}
		if quoteAt(b, p) == 0 {
			return
		}
		if s[k], n[k], p = sc.argument(p); p <= n[k] {
			return
		}
	}
	f := field{key: sc.decide(b[s[1]:n[1]]), start: s[1], end: n[1], quoted: true}
	v := value{start: s[2], end: n[2], quoted: true}
	for v.start < v.end && (b[v.start] == '\\' || is(b[v.start], chQuote)) {
		v.start++
	}
	for v.end > v.start && (b[v.end-1] == '\\' || is(b[v.end-1], chQuote)) {
		v.end--
	}
	if f.key.secret() {
		sc.hide(&f, v)
	}
}

// becomes looks at Parameter 'api_key' loaded with the value 'x' and at Property
// ADMINPASSWORD is now = x.
func (sc *scanner) becomes(i, e int) {
	b := sc.b
	p, k := 0, i-1
	if rest := b[e:min(len(b), e+24)]; bytes.HasPrefix(rest, []byte(" with the value ")) {
		p = e + len(" with the value ")
	} else if bytes.HasPrefix(rest, []byte(" = ")) && bytes.HasSuffix(b[sc.ls:i], []byte(" is ")) {
		p, k = e+3, i-len(" is ")
	}
	if p == 0 || k <= sc.ls {
		return
	}
	if is(b[k-1], chQuote) {
		k--
	}
	f := field{end: k, start: runBack(b, k, max(sc.ls, k-maxKey), chKey), first: true}
	if f.start == f.end {
		return
	}
	f.key = sc.decide(b[f.start:f.end])
	v := value{start: p, end: p}
	if s, n, next := sc.argument(p); quoteAt(b, p) > 0 && next > n {
		v.start, v.end, v.quoted = s, n, true
	} else {
		for v.end < len(b) && b[v.end] > ' ' && b[v.end] != ']' {
			v.end++
		}
	}
	sc.hide(&f, v)
}

// commandArgument looks at CmdArgAV=secret CmdArgAV=0 CmdArgAV=x, as Cisco's ISE
// tells the words of a command.
func (sc *scanner) commandArgument(e int) {
	b := sc.b
	next := func(e int) (s, n int) {
		if at(b, e) != '=' {
			return e, e
		}
		return e + 1, run(b, e+1, chKey)
	}
	s, n := next(e)
	if w := b[s:n]; !equalFold(w, "secret") && !equalFold(w, "password") && !equalFold(w, "key") && !equalFold(w, "community") {
		return
	}
	for range 2 {
		if !bytes.HasPrefix(b[n:], []byte(" CmdArgAV=")) {
			return
		}
		if s = n + len(" CmdArgAV="); at(b, s+1) != ' ' || !is(at(b, s), chDigit) {
			break
		}
		n = s + 1
	}
	if n = sc.token(s); n-s > 3 {
		sc.hideSecret(s, n, cPassword, ruleField)
	}
}

// keywordOf looks at PASSWORD(x) and LDAPPWD('x'), as IBM's commands have it, and
// at MySQL's function.
func (sc *scanner) keywordOf(e int) bool {
	b := sc.b
	s, n := e+1, run(b, e+1, chKey)
	if quoteAt(b, s) > 0 {
		s, n, _ = sc.argument(s)
	}
	if v := b[s:n]; n-s < 4 || at(b, n) != ')' && !is(at(b, n), chQuote) || placeholder(v) || statusWord(v) || !hasDigit(v) && !hasSign(v) && !mixed(v) {
		return false
	}
	sc.hideSecret(s, n, cPassword, ruleDirective)
	return true
}

// keyOfKind looks at Local Key x and at user key x, where the word before says
// that it is a secret.
func (sc *scanner) keyOfKind(i, e int) bool {
	b := sc.b
	w := sc.wordBefore(i)
	if len(w) < 3 || !equalFold(w, "user") && keyKey(string(lowerOf(w, sc.lower[:]))) != keySecret {
		return false
	}
	n := endOf(b, e+1, setBase64|setURL64|setEqual)
	if v := b[e+1 : n]; n-e < 17 || !mixedCaseDigits(v) || bytes.IndexByte(v, '/') == 0 || n < len(b) && b[n] > ' ' && b[n] != ',' && b[n] != ';' && b[n] != ')' && !is(b[n], chQuote) {
		return false
	}
	sc.hideSecret(e+1, n, cToken, ruleField)
	return true
}

// inAddress looks at the token behind /reset/ or /invite/ in the path of an
// address, perhaps behind a short part.
func (sc *scanner) inAddress(e int) {
	b := sc.b
	for range 2 {
		if at(b, e) != '/' {
			return
		}
		n := endOf(b, e+1, setURL64)
		v := b[e+1 : n]
		if n-e > 16 && hasDigit(v) && hasLetterByte(v) && !isUUID(v) && (mixedCaseDigits(v) || run(v, 0, chHex) == len(v) && len(v) >= 32) {
			sc.emit(e+1, n, cToken, ruleURL, spanLearn)
			return
		}
		if n-e > 8 {
			return
		}
		e = n
	}
}

// inQuery looks at PASSWORD+%27x%27, a statement in the query of an address.
func (sc *scanner) inQuery(e int) bool {
	b := sc.b
	p := e
	if at(b, p) == '+' {
		p++
	} else if bytes.HasPrefix(b[p:], []byte("%20")) {
		p += 3
	}
	if p == e || !bytes.HasPrefix(b[p:], []byte("%27")) && !bytes.HasPrefix(b[p:], []byte("%22")) {
		return false
	}
	s := p + 3
	n := bytes.Index(b[s:min(sc.eol(s), s+200)], b[p:s])
	if n < 4 {
		return false
	}
	sc.hideSecret(s, s+n, cPassword, ruleSQL)
	return true
}

// subscriber looks at K[x] OPc[y], the keys of a SIM as a core network logs them.
func (sc *scanner) subscriber(i, e int) {
	b := sc.b
	hide := func(p int) {
		if n := run(b, p, chHex); n == p+32 && at(b, n) == ']' {
			sc.emit(p, n, cToken, ruleField, spanLearn)
		}
	}
	if at(b, e) != '[' {
		return
	}
	if k := bytes.LastIndex(b[max(sc.ls, i-48):i], []byte("K[")); k >= 0 {
		hide(max(sc.ls, i-48) + k + 2)
	}
	hide(e + 1)
}
