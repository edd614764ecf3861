package redact

import (
	"bytes"
	"strings"
)

// A value that was found: where it is, how it was written, what follows.
type value struct {
	start, end int
	quoted     bool
	whole      bool // reaches to the end of the line
	list       bool // stands in brackets
}

// field reads the value that begins at p, as its notation has it, and hides
// what its key says.
func (sc *scanner) field(f field, p int) {
	b := sc.b
	if f.quoted && (bytes.HasPrefix(b[p:], []byte("protected]=>")) || bytes.HasPrefix(b[p:], []byte("private]=>"))) { // a member of an object of PHP
		p += bytes.IndexByte(b[p:], '>') + 1
	}
	q := run(b, p, chSpace)
	if f.start > sc.ls+1 && b[f.start-1] == '{' && b[f.start-2] == '%' && b[f.end] == ':' && p == f.end+1 && is(b[f.start], chUpper) && is(at(b, p), chAlpha) { // %{HOSTNAME:name} of Grok
		return
	}
	if c := at(b, q); c == '?' || c == '$' || c == '%' || c == ':' || c == '@' {
		if _, n, ok := parameterSign(b, q); ok {
			if sc.binds(q); c == '@' && (endsAfter(at(b, n)) || is(at(b, n), chSpace)) {
				return
			}
		}
	}
	if (f.key == keyUser || f.key == keyHost) && sc.nameless(f.key, p, q) {
		return
	}
	switch {
	case f.key.secret() && sc.materialList(&f, q):
		return
	case (f.key == keyUser || f.key == keyActor) && sc.writtenSo(q):
		return
	case f.quoted && bytes.HasPrefix(b[q:], []byte("rejected value [")): // of a check
		q += len("rejected value [")
		if n := bytes.IndexByte(b[q:sc.eol(q)], ']'); n > 0 && !dealtWith(b[q:q+n]) {
			sc.hide(&f, value{start: q, end: q + n, quoted: true})
		}
		return
	case f.key == keyUser && f.quoted && at(b, q) == '[' && at(b, q+1) != ']': // []string{"x"} is one
		sc.quotedItems(q, func(s, e int) { sc.userValue(value{start: s, end: e, quoted: true}) })
		return
	case f.key == keyHosts:
		if f.quoted && at(b, q) == '[' {
			sc.quotedItems(q, func(s, e int) {
				if machineLike(b[s:e]) {
					sc.hostValue(s, e)
				}
			})
		}
		return
	case f.key == keyUsers:
		if at(b, q) == '[' || (!f.colon || f.first) && f.end-f.start > len("users") {
			sc.userList(q)
		}
		return
	case f.key == keyData:
		sc.secretData(&f, q)
		return
	case f.key == keyJWK:
		sc.webKey(&f, q)
		return
	case f.key == keyPhone:
		sc.phoneValue(q)
		return
	case f.key == keyPairs:
		sc.open(f, p)
		sc.pairsIn(q)
		return
	case f.key.secret() && f.key != keyCookie && sc.ofLanguage(&f, q):
		return
	case at(b, q) == '(' && at(b, q+1) == '[' && bytes.HasPrefix(b[run(b, q+2, chKey):], []byte("]=")): // creds=([user]="x" [password]="y"), of a shell
		return
	case sc.severalWords(&f, q):
		return
	case sc.follows(&f, q):
		return
	case f.key == keyUser && at(b, q) == '0' && at(b, q+1) == 'x': // of gdb
		if v, ok := sc.literal(&f, q); ok {
			sc.userName(v.start, v.end, ruleUserField)
		}
		return
	case f.key == keyAuth && at(b, q) == '(' && is(at(b, q+1), chQuote): // ('user', 'password')
		us, ue, next := sc.argument(q + 1)
		p := run(b, next, chSpace)
		if next <= ue || at(b, p) != ',' {
			return
		}
		if vs, ve, next := sc.argument(run(b, p+1, chSpace)); next > ve && ve > vs && is(b[vs-1], chQuote) {
			sc.userName(us, ue, ruleUserField)
			sc.hideSecret(vs, ve, cPassword, ruleField)
		}
		return
	case at(b, q) == '{' && (f.key == keyPassword || f.key == keySecret || f.key == keyWeak) && (f.quoted || f.colon && flowMap(b[q:sc.eol(q)])):
		return
	case at(b, q) == '#' && f.first && !f.quoted && is(at(b, q+1), chSpace) && q > 0 && is(b[q-1], chSpace): // nothing but a comment
		return
	}
	if (f.key.secret() || f.key == keyUser) && q < len(b) && sc.forBoth(&f) && sc.userAndPassword(q, sc.eol(q)) {
		return
	}
	v, ok := sc.extent(&f, p)
	if !ok {
		if f.key.secret() || f.key == keyName {
			sc.open(f, p)
		}
		return
	}
	if sc.blockScalar(&f, v) {
		return
	}
	if n, more := sc.joined(v.start, v.end); more && f.key.secret() && !v.quoted {
		v.end = n
		sc.below(&f, n+1, inSlash).f.space = !v.whole
		if v.end <= v.start {
			return
		}
	}
	if w := b[v.start:v.end]; f.quoted && f.key.secret() && !v.quoted && allLetters(w) && bytes.HasPrefix(b[v.end:], []byte(" value \"")) { // "password": evaluated value "x"
		if v, ok = sc.extent(&f, v.end+len(" value ")); !ok {
			return
		}
	}
	n := len(sc.spans)
	sc.hide(&f, v)
	if f.key.secret() && !v.quoted && len(sc.spans) > n && at(b, v.end) == ',' && lower(b[f.end-1]) == 's' { // APP_KEYS=x,y
		for p := v.end; at(b, p) == ','; {
			e := endOf(b, p+1, setBase64|setURL64|setEqual)
			if w := b[p+1 : e]; len(w) < 16 || !mixedCaseDigits(w) || at(b, e) > ' ' && b[e] != ',' && !is(b[e], chQuote) {
				break
			}
			sc.emit(p+1, e, cToken, ruleField, spanLearn)
			p = e
		}
	}
	if f.key.secret() && v.whole && (len(sc.spans) > n || dealtWith(b[v.start:v.end]) || f.key == keyAuth && knownScheme(b[v.start:v.end])) {
		sc.goesOnBelow(&f, v)
	}
	if v.quoted && v.end+5 < len(b) && f.key.secret() && (string(b[v.end+1:v.end+5]) == " -> " || string(b[v.end+1:v.end+5]) == " => ") { // a change
		if w, ok := sc.extent(&f, v.end+5); ok {
			sc.hide(&f, w)
		}
	}
}

// nameless reports whether what stands at q, and at p but for blanks, can be
// seen at once to be no name of a user or a host: a number, an address (found by
// its form), the key of the next field, an account that every system has.
func (sc *scanner) nameless(k keyKind, p, q int) bool {
	b := sc.b
	n := q
	for n < len(b) && (is(b[n], chDigit) || b[n] == '.') {
		n++
	}
	if n == q {
		n = run(b, q, chWord)
		if n == q || at(b, n) == '=' && q > p && at(b, n+1) != '=' {
			return n > q
		}
		if k == keyUser && !wellKnown.has(b[q:n]) || k == keyHost && !notHosts.has(b[q:n]) {
			return false
		}
	}
	c := at(b, n)
	return c == ' ' || c == '\n' || c == '\r' || n == len(b)
}

// hide judges a value and hides it.
func (sc *scanner) hide(f *field, v value) {
	b := sc.b
	text := b[v.start:v.end]
	if len(text) == 0 || v.start < sc.skip && v.end <= sc.skip {
		return
	}
	look := text // of it, what is looked at to tell what it is
	if len(look) > 4096 {
		look = look[:512]
	}
	sc.charge(len(look))
	if sc.noSecret(f, look) {
		return
	}
	if f.key >= keyUser && f.key != keyValue && len(text) > 1024 { // of an identity, at most the first word
		if k := firstBlank(text[:1024]); k < 1024 && !v.quoted {
			v.end, v.whole = v.start+k, false
			text = text[:k]
		} else if f.key != keyNew {
			return
		}
	}
	if dealtWith(text) {
		return
	}
	if f.key.secret() && !v.quoted { // x=y of which x was hidden, a list of which all was
		k := 0
		if text[0] == '[' {
			k++
		}
		if n := pseudonymAt(text, k); n > 0 && k+n < len(text) && (text[k+n] == '=' || text[k+n] == '}' || k > 0 && text[k+n] == ']') {
			return
		}
	}
	if k := firstBlank(look); k < len(look) && !v.quoted && dealtWith(text[:k]) {
		return // what follows a value that was hidden before is no part of it
	}
	if f.key == keyHost && f.start > sc.ls && string(b[f.start-1:min(f.end+1, len(b))]) == "(HOST=" { // Oracle
		if n := run(b, v.start, chKey); at(b, n) == ')' && !roleName(b[v.start:n]) {
			sc.hostValue(v.start, n)
		}
		return
	}
	if f.key == keyHost && f.first && !f.colon && !v.quoted && firstBlank(look) < len(look) {
		sc.serverLine(&v)
		text = b[v.start:v.end]
		look = text[:min(len(text), len(look))]
	}
	if f.key.secret() && !v.quoted && (sc.decoded(v) || at(b, run(b, v.start, chWord)) == '(' && sc.storedAs(f, v.start)) {
		return
	}
	if (f.key == keyUser || f.key == keyHost || f.key == keyActor) && (reference(text) || codeLike(text) && !bytes.Contains(text, []byte("(uid"))) || sc.sourceCode(f, &v, look) {
		return
	}
	if f.paren && !v.quoted && (!secretWord(look) || f.key == keyUser || f.key == keyHost) {
		return
	}
	if v.quoted && text[0] == '{' && f.key.secret() && bytes.Contains(look, []byte(`":`)) { // JSON in a string: its own keys tell
		sc.innerJSON(f, v)
		return
	}
	switch f.key {
	case keyPassword, keyPass, keySecret, keyWeak:
		if !v.quoted && v.start == f.end+1 && b[f.end] == ':' && f.start > sc.ls+1 && (b[f.start-1] == '.' || bytes.IndexByte(b[f.start:f.end], '.') > 0) && v.end >= sc.eol(v.end) && run(text, 0, chLower|chUnder) == len(text) && !sc.leads(f.start) && bytes.IndexByte(b[sc.ls:f.start], '=') > 0 { // = package.auth_token:filter_factory
			return
		}
		if len(text) > 4096 { // too long for anything but a secret, or for a look
			if f.key != keyWeak || v.quoted {
				sc.emit(v.start, v.end, cToken, ruleField, 0)
			}
			return
		}
		if bytes.HasPrefix(text, []byte("django-insecure-")) && v.quoted {
			sc.emit(v.start, v.end, cToken, ruleField, spanLearn)
			return
		}
		if k := bytes.IndexByte(text, ':'); f.key == keyPassword && k > 0 && len(text) > 64 && account2(text[:k]) {
			if d := run(text, k+1, chDigit); d > k+1 && at(text, d) == ':' && (run2(text, d+1, 'X') == d+33 || run(text, d+1, chHex) == d+33) {
				sc.samHashes(v.start, v.start+k, v.start+k+1, v.start+d)
				return
			}
		}
		if placeholder(text) || codeLike(text) || v.whole && codeText(text) || !v.quoted && !f.query && expression(text) {
			sc.fallback(v)
			return
		}
		if k := schemeBefore(text); k > 0 && (f.key == keySecret || f.key == keyWeak) { // key: Basic x
			sc.hideSecret(v.start+k, v.end, cToken, ruleField)
			return
		}
		if !v.quoted && (typedNumber(text) || f.key != keyPassword && attributed(text)) {
			return
		}
		if f.key == keyPassword || f.key == keyPass {
			if !passwordValue(f, &v, text, sc) {
				return
			}
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn|sc.bareNumber(v.start, v.end))
			sc.fieldBefore(f)
			if f.assign && f.start > sc.ls+1 && b[sc.ls] > ' ' && hasSuffixFold(b[f.start:f.end], "-password") { // FreeRADIUS: bob Cleartext-Password := "x"
				if u := run(b, sc.ls, chKey); run(b, u, chSpace) == f.start && u < f.start {
					sc.userName(sc.ls, u, ruleUserField)
				}
			}
			return
		}
		if start, end, c, r, ok := matchToken(b, v.start); ok && start == v.start && (end == v.end || end < v.end && !v.quoted && scopeOf(b[end:v.end])) {
			sc.emit(start, end, c.id(), r, 0)
			return
		}
		if n := pseudonymAt(text, 0); n > 0 && !v.quoted && scopeOf(text[n:]) { // such a token, redacted before
			return
		}
		if f.key == keyWeak && (b[f.end] == '=' || b[f.end] == ':') && f.end-f.start == 2 && equalFold(b[f.start:f.end], "pw") && len(text) >= 6 && tellsItself(text) && hasDigit(text) && hasLetterByte(text) && !(f.query && isUUID(text)) && !hexConstant(text) {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
			return
		}
		if f.key == keyWeak && (v.quoted || f.colon || b[f.end] == ':' && len(text) >= 6 && (hasDigit(text) || hasSign(text)) && hasLetterByte(text)) && f.end-f.start == 2 && equalFold(b[f.start:f.end], "pw") && secretWord(text) || f.key == keyWeak && sc.communityValue(f, &v, text) {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
			return
		}
		if f.key == keyWeak && allDigits(text) && len(text) >= 4 && len(text) <= 8 && (f.quoted || !f.colon) && sc.pinKey(f) {
			sc.emit(v.start, v.end, cPassword, ruleField, sc.bareNumber(v.start, v.end))
			return
		}
		if f.key != keyPassword && sc.listOfKeys(v) {
			return
		}
		if f.key == keyWeak && !((f.first || f.quoted) && v.quoted && len(text) >= 32 && (f.end-f.start == len("salt") || hasSuffixFold(b[f.start:f.end], "hash_salt")) && run(text, 0, chHex) == len(text) && mixed(text) && (b[f.start]|0x20 == 's' || f.end-f.start > len("salt"))) && !weakValue(f, b[f.start:f.end], text) && !(v.quoted && saltValue(sc.b[f.start:f.end], text)) || f.key == keySecret && !secretValue(f, &v, text, sc) {
			return
		}
		if f.key == keySecret && bytes.HasPrefix(text, []byte("base64:")) && len(text) > 20 { // how it is written stays
			v.start += len("base64:")
		}
		sc.emit(v.start, v.end, cToken, ruleField, spanLearn|sc.bareNumber(v.start, v.end))
	case keyPin:
		if n := len(text); n >= 3 && n <= 16 && hasDigit(text) && run(text, 0, chAlnum) == n && !placeholder(text) {
			sc.emit(v.start, v.end, cPassword, ruleField, sc.bareNumber(v.start, v.end))
		}
	case keyValue:
		if f.quoted && v.quoted && !placeholder(text) && sc.sensitive(v.end) {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
		}
	case keyResp:
		if saslPlain(text) {
			sc.emit(v.start, v.end, cToken, ruleDialog, spanLearn)
		}
	case keyMAC:
		if len(text) == 12 && run(text, 0, chHex) == 12 && hasDigit(text) && (hasLetterByte(text) || hasSuffixFold(b[f.start:f.end], "address")) {
			sc.emit(v.start, v.end, cMAC, ruleMAC, 0)
		}
	case keyIdentity: // of a supplicant
		if v.quoted && gradeOf(text) > noName && (gradeOf(text) == certainName || bytes.Contains(b[sc.ls:f.start], []byte("authenticated"))) {
			sc.userValue(v)
			return
		}
		if f.first && v.quoted && at(b, f.end) == '=' {
			sc.userValue(v)
		}
	case keySession:
		sc.session(f, v, text)
	case keyAuth:
		if k := bytes.IndexByte(text, '/'); k > 0 && hasSuffixFold(b[f.start:f.end], "_auth") && account2(text[:k]) && len(text)-k > 6 && (hasDigit(text[k+1:]) || hasSign(text[k+1:])) && firstBlank(text) == len(text) && bytes.IndexByte(text[k+1:], '/') < 0 { // NEO4J_AUTH=neo4j/x
			sc.emit(v.start+k+1, v.end, cPassword, ruleField, spanLearn)
			return
		}
		sc.credentials(f, v)
	case keyCookie, keySetCookie:
		sc.cookies(f, v)
	case keyUser:
		if f.first && !v.quoted && b[f.start] == 'U' && strings.HasSuffix(sc.name, ".service") && run(text, 0, chLower|chKey) == len(text) && !hasDigit(text) && bytes.IndexByte(text, '.') < 0 { // the account of a service, in its unit
			return
		}
		if at(b, f.end) == '=' && at(b, f.end+1) == '=' || !v.quoted && conjunction(text) { // a comparison, a sentence
			return
		}
		if hasSuffixFold(b[f.start:f.end], "login") && (statusWord(text) || f.colon && weekday(text)) { // "ConsoleLogin": "Success", Last login: Thu Jul 16
			return
		}
		if f.start > sc.ls+1 && b[f.start-1] == '(' && b[f.start-2] == '$' { // $(uname) = "Linux"
			return
		}
		if f.colon && !v.quoted && prose(b[v.start:sc.eol(v.start)]) && gradeOf(text[:firstBlank(text)]) != certainName {
			return
		}
		if end := v.start + firstBlank(text); end < v.end && !v.quoted {
			v.end = end
		}
		if c := bytes.IndexByte(b[v.start:v.end], ':'); c > 1 && (account2(b[v.start:v.start+c]) || hasPseudonym(b[v.start:v.start+c])) && secretWord(b[v.start+c+1:v.end]) && !bytes.ContainsAny(b[v.start+c+1:v.end], `:\`) && !bytes.HasPrefix(b[v.start+c+1:v.end], []byte("//")) { // user=name:password
			sc.pair(v.start, v.end)
			return
		}
		if !v.quoted && (f.colon || f.space) && (statusWord(b[v.start:v.end]) || notUser(b[v.start:v.end]) || sc.decide(b[v.start:v.end]) != keyNone) {
			return
		}
		if name := b[v.start:v.end]; hasSuffixFold(b[f.start:f.end], "_id") && gradeOf(name[bytes.LastIndexByte(name, '\\')+1:]) == noName && bytes.IndexByte(name, '@') < 0 { // of an object, which tells nobody
			return
		}
		sc.userValue(v)
	case keyHost:
		if b[f.start] == 'd' && f.end-f.start == len("data source") && hasSuffixFold(b[f.start:f.end], " source") { // ADO writes Data Source
			return
		}
		if !v.quoted && !f.colon && b[f.end] == ':' && hasDigit(b[f.end-1:f.end]) { // libx-server0:amd64
			return
		}
		if f.colon && !v.quoted {
			if prose(b[v.start:sc.eol(v.start)]) || at(b, v.start+len(bytes.TrimRight(text[:firstBlank(text)], ":"))) == ':' && !f.first {
				return
			}
			end := v.start + firstBlank(text)
			name := text[:end-v.start]
			sure := hasDigit(name) || bytes.IndexByte(name, '-') > 0 || bytes.IndexByte(name, '.') > 0
			switch string(lowerOf(b[f.start:f.end], sc.lower[:])) {
			case "host", "hostname", "nodename", "fqdn", "computer", "computername", "workstation", "workstation name", "computer name", "host name", "machine name":
				sure = sure || is(b[f.end], chQuote) || end == v.end && (v.end >= len(b) || b[v.end] == '\n' || b[v.end] == '\r' || b[v.end] == ',')
			}
			if !sure || bytes.IndexByte(b[f.start:f.end], '.') >= 0 && is(b[f.end-1], chLower) && is(b[f.start], chLower) && end < v.end && bytes.IndexByte(name, '.') < 0 {
				return
			}
			v.end = end
		}
		if !roleName(b[v.start:v.end]) || !sc.roleKey(f) {
			sc.hostValue(v.start, v.end)
		}
	case keySSN:
		if nationalID(text) {
			sc.emitNumber(v.start, v.end, cSSN, ruleSSN)
			return
		}
		n := 0
		for k, c := range text {
			if is(c, chDigit) {
				n++
			} else if c != '-' && c != ' ' || k == 0 {
				return
			}
		}
		if n == 9 && len(text) <= 11 {
			sc.emitNumber(v.start, v.end, cSSN, ruleSSN)
		}
	case keyPhone:
		sc.phoneValue(v.start)
	case keyName:
		if bytes.HasSuffix(b[sc.ls:f.start], []byte("user: ")) { // useradd
			sc.userValue(v)
			return
		}
		if line := sc.routerMenu(f.start); line != nil {
			switch {
			case bytes.HasPrefix(line, []byte("/user")) || bytes.HasPrefix(line, []byte("/ppp secret")) || bytes.HasPrefix(line, []byte("/ip hotspot user")) || bytes.HasPrefix(line, []byte("/ip smb user")) || bytes.HasPrefix(line, []byte("/user-manager user")):
				sc.userValue(v)
				return
			case bytes.HasPrefix(line, []byte("/snmp community")) && (secretWord(text) || hasPseudonym(text) || hasDigit(text) || !v.quoted && allLetters(text) && !equalFold(text, "public") && !equalFold(text, "private")):
				sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
				return
			case bytes.HasPrefix(line, []byte("/system identity")):
				sc.hostValue(v.start, v.end)
				return
			}
		}
		if w := b[f.start:f.end]; (equalFold(w, "id") || equalFold(w, "name") && hasDigit(text)) && f.colon && sc.underUsers() {
			sc.userValue(v)
			return
		}
		if v.quoted && bytes.HasPrefix(text, []byte("http")) && bytes.Contains(text, []byte("://")) && bytes.HasPrefix(b[v.end+1:], []byte(` value="`)) { // of NuGet
			if s, n, next := sc.argument(v.end + 1 + len(` value=`)); next > n && n-s >= 40 && endOf(b[:n], s, setBase64|setEqual) == n && entropyHigh(b[s:n]) {
				sc.hideSecret(s, n, cToken, ruleField)
			}
			return
		}
		if b[f.end] == '=' && len(text) >= 24 && equalFold(b[f.start:f.end], "key") && (f.query || at(b, v.end) == '&' || v.quoted || is(at(b, f.start-1), chQuote)) && run(text, 0, chAlnum|chUnder) == len(text) && mixedCaseDigits(text) && entropyHigh(text) { // GET /x key=y&z=1
			sc.emit(v.start, v.end, cToken, ruleField, spanLearn)
			return
		}
		if (bytes.HasPrefix(b[v.end:], []byte(", GID=")) || v.quoted && bytes.HasSuffix(b[sc.ls:f.end], []byte("/claims/name"))) && gradeOf(text) > noName { // groupadd; SAML
			sc.userValue(v)
			return
		}
		if equalFold(b[f.start:f.end], "name") && (sc.heldName(f, v, text) || gradeOf(text) > noName && sc.ofObject(f) && sc.namesUser(v)) {
			return
		}
		if !sc.keyOfSection(f, &v, text) {
			sc.namedValue(f, v)
		}
	case keyShown:
		if near := b[max(0, f.start-120):min(len(b), v.end+200)]; machineLike(text) && (bytes.Contains(near, []byte("deviceId")) || bytes.Contains(near, []byte("perating")) || bytes.Contains(near, []byte("osType"))) {
			sc.hostValue(v.start, v.end)
			return
		}
		sc.heldName(f, v, text)
	case keyDevice:
		if machineLike(text) {
			sc.hostValue(v.start, v.end)
		}
	case keyActor:
		sc.actorValue(f, v)
	case keyNew:
		if ls := lineStart(b, max(sc.ls-1, 0)); secretWord(text) && mentions(b[ls:sc.ls], "assword") {
			sc.emit(v.start, v.end, cPassword, ruleField, spanLearn)
		}
	case keyDSN: // name:user:x, of FreeSWITCH
		if c, d := bytes.IndexByte(text, ':'), bytes.LastIndexByte(text, ':'); v.quoted && c > 0 && d > c+1 && bytes.Count(text, []byte(":")) == 2 && firstBlank(text) == len(text) && bytes.IndexByte(text, '/') < 0 && len(text)-d > 4 && account2(text[c+1:d]) {
			sc.pair(v.start+c+1, v.end)
		}
	}
}

// phoneValue hides what its key says is a telephone number, with what stands
// at q and may be a part of one.
func (sc *scanner) phoneValue(q int) {
	b := sc.b
	for q < len(b) && (is(b[q], chQuote) || b[q] == '\\' && is(at(b, q+1), chQuote)) {
		q++
	}
	digits, end := 0, q
	for k := q; k < len(b) && k < q+32; k++ {
		switch c := b[k]; {
		case is(c, chDigit):
			digits++
			end = k + 1
			continue
		case c == '+' && k == q || c == '-' || c == ' ' || c == '(' || c == ')' || c == '.' || c == '/':
			continue
		case c == 'x' && digits >= 7 && is(at(b, k+1), chDigit): // an extension
			continue
		}
		break
	}
	if digits >= 7 && digits <= 15 && !is(at(b, end), chWord) {
		sc.emitNumber(q, end, cPhone, rulePhone)
	}
}

// fallback hides the value that is taken when another is not set:
// ${PASSWORD:-x}, ENV["PASSWORD"] || "x", getenv("PASSWORD", "x").
func (sc *scanner) fallback(v value) {
	b := sc.b
	text := b[v.start:v.end]
	if len(text) > 2 && text[0] == '$' && text[1] == '{' {
		k := bytes.IndexByte(text, ':')
		e := bytes.IndexByte(text, '}')
		if n := run(text, 2, chWord); n > 2 && n+1 < e && (text[n] == '-' || text[n] == '=' || text[n] == '?' || text[n] == '+') { // a shell's, of what is not set
			if w := text[n+1 : e]; len(w) >= 6 && (text[n] == '-' || text[n] == '=' || secretWord(w) && mixedCaseDigits(w)) && (hasDigit(w) || hasSign(w)) && w[0] != '$' && firstBlank(w) == len(w) && !isPath(w) && !placeholder(w) {
				sc.emit(v.start+n+1, v.start+e, cPassword, ruleField, spanLearn)
			}
			return
		}
		if k < 0 || e < k {
			return
		}
		s := k + 1
		if equalFold(text[2:k], "base64") && endOf(text, s, setBase64|setEqual) == e && e-s >= 8 && !allLetters(text[s:e]) { // of Log4j
			sc.emit(v.start+s, v.start+e, cPassword, ruleField, spanLearn)
			return
		}
		if lookupNames.has(text[2:k]) { // ${env:X:-x}
			d := bytes.Index(text[s:e], []byte(":-"))
			if d < 0 || run(text, s, chKey) < s+d {
				return
			}
			s += d + 1
		}
		if s < e && (text[s] == '-' || text[s] == '=') {
			s++
		}
		if s < e && text[s] == ':' { // ${VAULT::block::name::1}
			return
		}
		if w := text[s:e]; len(w) >= 4 && !placeholder(w) && !statusWord(w) && text[s] != '?' && !isPath(w) {
			sc.emit(v.start+s, v.start+e, cPassword, ruleField, spanLearn)
			sc.skip = max(sc.skip, v.start+s)
		} else if dealtWith(w) {
			sc.skip = max(sc.skip, v.start+e)
		}
		return
	}
	end := min(sc.eol(v.start), v.start+1024)
	for k := v.start; k < end; k++ {
		if k > v.start && is(b[k], chQuote) {
			s, e, next := sc.argument(k)
			if next <= e || next > end {
				return
			}
			j := k
			for j > v.start && is(b[j-1], chSpace) {
				j--
			}
			after := b[v.start:j]
			if w := b[s:e]; e > s && (bytes.HasSuffix(after, []byte("||")) || bytes.HasSuffix(after, []byte(",")) && defaults(text) || bytes.HasSuffix(after, []byte("??")) || bytes.HasSuffix(after, []byte("?:")) || bytes.HasSuffix(after, []byte(" or"))) &&
				len(w) >= 5 && !placeholder(w) && !statusWord(w) && (hasDigit(w) || hasSign(w)) && firstBlank(w) == len(w) && !isPath(w) {
				sc.emit(s, e, cPassword, ruleField, spanLearn)
				return
			}
			k = next - 1
		}
	}
}

// decoded hides the argument of a call that only reads it from the form in
// which it is written: bytes.fromhex('x'), b64decode("x"), Buffer.from('x').
func (sc *scanner) decoded(v value) bool {
	b := sc.b
	k := bytes.IndexByte(b[v.start:v.end], '(')
	if k < 2 {
		return false
	}
	name := bytes.ToLower(b[v.start : v.start+k])
	known := false
	for _, w := range [...]string{"hex", "base64", "b64", "decode", "buffer.from", "bytes"} {
		known = known || bytes.Contains(name, []byte(w))
	}
	s, e, next, ok := sc.stringArgument(v.start + k + 1)
	if w := b[s:e]; !known || !ok || next <= e || len(w) < 16 || run(w, 0, chHex) < len(w) && endOf(w, 0, setBase64|setEqual) < len(w) || !hasDigit(w) || isUUID(w) {
		return false
	}
	sc.hideSecret(s, e, cToken, ruleField)
	return true
}

// schemeBefore is the length of Basic and the like with a blank, if they stand
// before a credential.
func schemeBefore(v []byte) int {
	for _, w := range [...]string{"basic ", "bearer ", "token "} {
		if hasPrefixFold(v, w) && secretWord(v[len(w):]) && firstBlank(v[len(w):]) == len(v)-len(w) {
			return len(w)
		}
	}
	return 0
}

// flowMap reports whether v is a map of YAML on one line and not a value that
// begins with a brace, {xor}Kz8=.
func flowMap(v []byte) bool {
	k := run(v, 1, chSpace)
	n := run(v, k, chKey)
	return n == len(v) || n > k && (v[n] == ':' || k > 1 && at(v, run(v, n, chSpace)) == '=') || is(v[k], chQuote)
}

// hashAndSalt reports whether v is two long random words, as some stores keep
// a hash and its salt.
func hashAndSalt(v []byte) bool {
	k := firstBlank(v)
	return k >= 20 && len(v)-k > 12 && firstBlank(v[k+1:]) == len(v)-k-1 && secretWord(v[:k]) && secretWord(v[k+1:])
}

// defaults reports whether an expression is a call that takes a default as
// its last argument: getenv("PASSWORD", "x").
func defaults(v []byte) bool {
	k := bytes.IndexByte(v, '(')
	if k < 1 {
		return true
	}
	s := runBack(v, k, 0, chWord)
	var buf [32]byte
	w := lowerOf(v[s:k], buf[:])
	for _, part := range [...]string{"env", "fetch", "default", "config", "prop", "lookup", "option", "setting", "var", "coalesce", "nvl"} {
		if bytes.Contains(w, []byte(part)) {
			return true
		}
	}
	return bytes.HasPrefix(w, []byte("get")) && len(w) < 12
}

// session hides the id of a session.
func (sc *scanner) session(f *field, v value, text []byte) {
	n := len(text)
	key := sc.b[f.start:f.end]
	named := hasSuffixFold(key, "sessid") || hasSuffixFold(key, "jsessionid")                             // a cookie, whatever it looks like
	if text[0] == '#' || !named && n < 40 && !hasDigit(text[:max(n-2, 0)]) && hasSuffixFold(key, "sid") { // a control character in octal, the name of a statement of a policy
		return
	}
	if v.start == f.end+1 && sc.b[f.end] == ':' && f.start > sc.ls && is(sc.b[f.start-1], chQuote) && at(sc.b, v.end) == sc.b[f.start-1] && isUUID(text) { // "session:x", of Redis
		named = true
	}
	if n < 16 && !named || n < 8 || placeholder(text) || isPath(text) || codeLike(text) || allDigits(text) || firstBlank(text) < n || isUUID(text) && !named {
		return
	}
	if k := pseudonymAt(text, 0); k > 0 && scopeOf(text[k:]) { // hidden by another rule, which left what stands behind it
		return
	}
	if secretWord(text) || run(text, 0, chHex) == n || named || run(text, 0, chAlnum) == n && hasDigit(text) {
		sc.emit(v.start, v.end, cCookie, ruleCookie, spanLearn)
	}
}

// pairsIn hides the passwords of user:password in a list on one line.
func (sc *scanner) pairsIn(p int) {
	b := sc.b
	if p < sc.dataTo {
		return
	}
	end := min(sc.eol(p), p+4096)
	sc.dataTo = end
	for k := p; k < end; k++ {
		if b[k] != '"' && b[k] != '\'' {
			continue
		}
		s, e, next := sc.argument(k)
		if next <= e {
			return
		}
		if c := bytes.IndexByte(b[s:e], ':'); c > 0 && c < e-s-1 && account2(b[s:s+c]) {
			sc.pair(s, e)
		}
		k = next - 1
	}
}

// weekday reports whether v begins with the short name of a day and a blank.
func weekday(v []byte) bool {
	if len(v) < 3 || len(v) > 3 && v[3] != ' ' {
		return false
	}
	switch string(v[:3]) {
	case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
		return true
	}
	return false
}
