package redact

import "bytes"

// sentence looks at what follows the name of a secret without a separator:
// a directive of a configuration, or people talking of it.
func (sc *scanner) sentence(i, e int) {
	b := sc.b
	if at(b, e) == 0xef && bytes.HasPrefix(b[e:], []byte("：")) {
		if f := (field{key: sc.decide(b[i:e]), start: i, end: e, colon: true, first: sc.leads(i)}); f.key != keyNone {
			sc.field(f, e+len("："))
		}
		return
	}
	if n := entitySeparator(b, e); at(b, e) == '&' && n > 0 {
		if f := (field{key: sc.decide(b[i:e]), start: i, end: e}); f.key != keyNone {
			sc.field(f, e+n)
		}
		return
	}
	if at(b, e) == '(' && lower(b[i]) == 'c' { // Credentials("realm", "host", "user", "password")
		sc.connects(i, e)
		return
	}
	if at(b, e) == '(' && lower(b[i]) == 'p' && is(at(b, e+1), chQuote) && (i == sc.ls || b[i-1] == ' ' || b[i-1] == '=') { // PASSWORD('x')
		if s, n, next := sc.argument(e + 1); n > s && at(b, next) == ')' && !placeholder(b[s:n]) {
			sc.emit(s, n, cPassword, ruleSQL, spanLearn)
		}
		return
	}
	if at(b, e) == '(' && e-i == len("md5") {
		sc.hashed(i, e)
		return
	}
	if at(b, e) == '(' && sc.quotedIn(i, e) {
		return
	}
	if c := at(b, e); c == '[' || c == ']' {
		f := field{key: sc.decide(b[i:e]), start: i, end: e}
		if (f.key == keyPassword || f.key == keySecret) && sc.bracketed(&f) || c == ']' {
			return
		}
	}
	if at(b, e) == ',' && hasSuffixFold(b[sc.ls:i], "object ") { // QEMU: -object secret,id=x,data=y
		if k := bytes.Index(b[e:min(sc.eol(e), e+512)], []byte(",data=")); k >= 0 && firstBlank(b[e:e+k]) == k {
			s := e + k + len(",data=")
			n := s
			for n < len(b) && b[n] > ' ' && b[n] != ',' && !is(b[n], chQuote) {
				n++
			}
			sc.hideSecret(s, n, cPassword, ruleProgram)
		}
		return
	}
	if at(b, e) == '"' && i > sc.ls && b[i-1] == '"' && at(b, e+1) == ' ' && at(b, e+2) == '"' { // "CONFIG" "SET" "requirepass" "x"
		if s, n, next := sc.argument(e + 2); next > n && n-s > 4 && (hasDigit(b[s:n]) || hasSign(b[s:n])) {
			sc.hideSecret(s, n, cPassword, ruleDialog)
		}
		return
	}
	p := run(b, e, chSpace)
	if p == e+1 && at(b, p) == '[' && lower(b[i]) == 'p' { // Generated Password [x]
		n := p + 1
		for n < len(b) && n-p < 80 && b[n] > ' ' && b[n] != ']' && b[n] != '[' {
			n++
		}
		if v := b[p+1 : n]; at(b, n) == ']' && n == sc.eol(n)-1 && len(v) >= 12 && secretWord(v) && mixedCaseDigits(v) {
			sc.hideSecret(p+1, n, cPassword, ruleSentence)
			return
		}
	}
	if p > e && e-i == len("md5") && sc.clockKey(i, e) || p > e && e-i == len("password") && equalFold(sc.wordBefore(i), "set") && sc.setPassword(p) {
		return
	}
	if b[sc.ls] == '#' && e-i == len("secret") && equalFold(sc.wordBefore(i), "server") && hasSuffixFold(bytes.TrimRight(b[sc.ls:i], " \t"), "server") { // # client server secret
		sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inLayout, onward: onward{layout: layoutCHAP}}})
		return
	}
	if p == e && at(b, e) == ',' && i > sc.ls && b[i-1] == '{' { // Erlang: {password,<<"x">>}
		for p = e + 1; at(b, p) == '<' || at(b, p) == ' '; p++ {
		}
		if quoteAt(b, p) == 1 {
			f := field{key: sc.decide(b[i:e]), quoted: true, start: i, end: e}
			if s, n, next := sc.argument(p); f.key.secret() && n > s && next > n {
				sc.hide(&f, value{start: s, end: n, quoted: true})
			}
		}
		return
	}
	if p >= sc.eol(e) && string(b[i:e]) == "PASSWORD" && sc.leads(i) { // SQL: it is on the next line
		sc.below(&field{key: keyPassword, start: i, end: e, quoted: true}, sc.eol(e), inNext)
		return
	}
	if p >= sc.eol(e) && i == sc.ls && i > 4 && p > sc.ls { // Subversion: K 8, password, V 7, x
		if line := bytes.TrimSuffix(b[lineStart(b, i-1):i-1], []byte{'\r'}); len(line) > 2 && len(line) < 6 && line[0] == 'K' && line[1] == ' ' && allDigits(line[2:]) {
			sc.below(&field{key: sc.decide(b[i:e]), start: i, end: e}, p, inHash)
		}
		return
	}
	if at(b, p) == '|' && p > e || i-2 > sc.ls && b[i-1] == ' ' && b[i-2] == '|' { // | user | password |
		sc.table(i, e, min(p, sc.eol(e)))
		return
	}
	if c := at(b, e); c == '|' || c == '\t' || c == ',' || (c == '\n' || c == '\r') && i > sc.ls && b[i-1] != ' ' {
		sep := c
		if c <= '\r' && c != '\t' {
			sep = b[i-1]
		}
		if (sep == '|' || sep == '\t' || sep == ',') && sc.rowsHead(i, e, sep) {
			return
		}
	}
	if w := lower(b[i]); (w == 'p' || w == 't' || w == 's') && sc.announcedBelow(i, e) {
		return
	}
	if sc.columnsHead(i, e) || e-i == len("password") && at(b, e) == ' ' && sc.debconf(i, e) {
		return
	}
	if p == e || p >= len(b) || b[p] == '\n' || b[p] == '=' || b[p] == ':' {
		return
	}
	if hasPrefixFold(b[p:], "key-string ") || i > sc.ls && b[i-1] == ':' && bytes.IndexByte(b[max(sc.ls, i-24):i], '<') >= 0 { // the next word tells; <DTS:Password x="y">
		return
	}
	for sc.leads(i) && at(b, p) == '-' && at(b, p+1) == '-' { // rootpw --plaintext x
		_, n, _ := sc.argument(p)
		if !hasPrefixFold(b[p:n], "--plaintext") && !hasPrefixFold(b[p:n], "--iscrypted") {
			break
		}
		p = run(b, n, chSpace)
	}
	if lower(b[i]) == 'p' && sc.changedTo(e) {
		return
	}
	if (lower(b[i]) == 'p' || e-i == 5 && lower(b[i]) == 't' || e-i == 3 && lower(b[i]) == 'k') && sc.announced(i, e) {
		return
	}
	if e-i == len("community") && lower(b[i]) == 'c' && (hasPrefixFold(b[p:], "string ") || hasPrefixFold(b[p:], "name ")) {
		q := run(b, run(b, p, chAlpha), chSpace)
		s, n, next := sc.argument(q)
		if v := b[s:n]; hasDigit(v) && hasLetterByte(v) && tellsItself(v) && !isUUID(v) && (next >= sc.eol(n) || hasPrefixFold(b[next:], " from ") || hasPrefixFold(b[next:], " for ")) {
			sc.hideSecret(s, n, cPassword, ruleSentence)
			return
		}
	}
	if n := run(b, p, chAlpha); is(at(b, n), chSpace) && statusWord(b[p:n]) && !joins.has(b[p:n]) { // Failed password for
		return
	}
	word := string(lowerOf(b[i:e], sc.lower[:]))
	if w := b[p:run(b, p, chKey)]; word == "md5" && (keyCommands.has(w) || string(w) == "key-chain") { // md5 key-string x
		return
	}
	first := sc.leads(i) || sc.statementBegins(i) || word == "psk" && i > sc.ls+3 && (b[i-1] == ' ' && b[i-2] == ':' || b[i-1] == '.' && (string(b[i-4:i-1]) == "sec" || string(b[i-4:i-1]) == "ity"))
	if word == "password" && i == run(b, sc.ls, chSpace) { // GRUB: password name x
		us, ue, next := sc.argument(p)
		if vs, ve, after := sc.argument(run(b, next, chSpace)); us == p && (allLetters(b[us:ue]) || hasPseudonym(b[us:ue]) && (!dealtWith(b[us:ue]) || bytes.HasPrefix(b[us:ue], []byte("redacted-username-")))) && ue-us > 1 && next > us && after >= sc.eol(ve) && !statusWord(b[us:ue]) && !writtenAs(b[us:ue]) && secretWord(b[vs:ve]) && !dealtWith(b[vs:ve]) && !isPath(b[vs:ve]) && !namesField(b[vs:ve]) {
			sc.userName(us, ue, ruleUserField)
			sc.hideSecret(vs, ve, cPassword, ruleSentence)
			return
		}
	}
	if (word == "password" || word == "passphrase") && at(b, p) == '"' { // OpenVPN: password "Auth" x
		if s, n, next := sc.argument(p); s > p && (string(b[s:n]) == "Auth" || string(b[s:n]) == "Private Key" || bytes.HasSuffix(b[s:n], []byte(" Proxy"))) && at(b, next) == ' ' {
			s, n, _ = sc.argument(next + 1)
			sc.hideSecret(s, n, cPassword, ruleSentence)
			return
		}
	}
	f := field{key: keyPassword, start: i, end: e, first: first, space: true}
	switch word {
	case "token", "secret", "apikey", "api_key", "access_key", "secret_key", "secretkey", "secret_access_key", "aws_secret_access_key", "client_secret", "access_token", "auth_token", "api_token", "refresh_token", "id_token", "session_token", "bearer_token", "private-key", "access_key_id", "credential", "credentials", "key", "md5", "key-string", "psk":
		f.key = keySecret
	}
	strong := word == "psk" && i > sc.ls+3 && b[i-1] == ' ' && b[i-2] == ':' && string(b[i:e]) == "PSK" // the words around it leave no doubt
	// password 7 0822455D0A16, secret 5 $1$...
	if is(at(b, p), chDigit) && at(b, p+1) == ' ' && p+2 < len(b) {
		_, n, _ := sc.argument(p + 2)
		if n-p > 7 && (word != "key" && word != "md5" || mixed(b[p+2:n])) && (word == "password" || word == "secret" || word == "key" || word == "md5" || word == "key-string" || first && n >= sc.eol(n) && word != "pin" && word != "token") && !statusWord(b[p+2:n]) && (first || secretWord(b[p+2:n]) || hashLike(b[p+2:n])) {
			p += 2
			strong = true
		}
	}
	if !strong && (word == "password" || word == "secret") && sc.deviceLogin(i) {
		if is(at(b, p), chDigit) && at(b, p+1) == ' ' {
			p += 2
			strong = true
		}
		_, n, next := sc.argument(p)
		strong = strong || next >= sc.eol(n)
	}
	if word == "key" || word == "md5" {
		switch string(lowerOf(sc.wordBefore(i), sc.lower[:])) {
		case "isakmp", "psk":
			strong = true
		case "api", "access", "secret", "auth", "master", "encryption", "signing", "root", "recovery": // Use API key x
			v := b[p:sc.token(p)]
			strong = strong || len(v) >= 20 && len(v) <= 256 && secretWord(v) && (entropyHigh(v) || run(v, 0, chHex) == len(v))
		case "pre-shared", "preshared", "shared", "wpa", "wifi", "license":
			if q := run(b, p, chLower); q == p+2 && b[p] == 'i' && b[p+1] == 's' && at(b, q) == ' ' { // the pre-shared key is x
				v := b[q+1 : sc.token(q+1)]
				strong = strong || len(v) >= 8 && secretWord(v) && (mixedCaseDigits(v) || hasSign(v) && hasDigit(v)) && !isUUID(v)
			}
		case "crypto": // crypto key generate
			return
		case "private":
			v := b[p:sc.token(p)]
			if is(b[p], chQuote) {
				v = b[p+1 : sc.token(p+1)]
			}
			strong = strong || len(v) >= 48 && len(v) <= 4096 && endOf(v, 0, setBase64|setEqual) == len(v) && mixed(v)
		case "option": // OpenWrt
			strong = strong || is(b[p], chQuote) && sc.leads(i-len("option "))
		}
		if at(b, p) == 's' && at(b, p+1) == ':' { // iwconfig wlan0 key s:x
			p, strong = p+2, true
		}
		strong = strong || sc.networkLine()
		strong = strong || word == "key" && first && i > 0 && b[i-1] == ' ' && (secretWord(b[p:sc.token(p)]) || endsInNumber(b[p:sc.token(p)]) && sc.token(p)-p >= 8 && sc.below3("server ")) && sc.token(p) >= sc.eol(p)
		if !strong {
			return
		}
	}
	said := false
	for range 4 {
		n := run(b, p, chKey)
		switch string(lowerOf(b[p:n], sc.lower[:])) {
		case "is", "was", "to", "set", "as", "be", "are":
			if at(b, n) == ':' {
				n++
			}
			said = b[p] == 'i' || b[p] == 'w' || said || b[p] == 't' && p > e+4 && hasSuffixFold(bytes.TrimRight(b[e:p], " "), "set")
			if !is(at(b, n), chSpace) {
				return
			}
			p = run(b, n, chSpace)
			first = false
			f.first = false
		case "manager", "operator", "user-name":
			if !first || n >= len(b) || b[n] != ' ' {
				return
			}
			if p = run(b, n, chSpace); b[p-2] == 'e' { // user-name "x"
				_, _, next := sc.argument(p)
				p = run(b, next, chSpace)
			}
		case "by", "with", "md5", "text", "ascii", "encrypted", "plain", "hex", "cleartext", "plaintext", "ciphertext", "sha1", "sha256", "sha512", "hash", "simple", "enc", "aes":
			if is(at(b, n), chSpace) && (first || strong) {
				p = run(b, n, chSpace)
			}
		}
	}
	if p >= len(b) || b[p] == '\n' {
		return
	}
	s, n, next := sc.argument(p)
	quoted := s > p
	if n <= s {
		return
	}
	text := b[s:n]
	if !quoted && text[0] == '{' && lookup(text) {
		return
	}
	if !quoted && n-s > 2 && text[0] == '{' && text[n-s-1] == '}' && run(text, 1, chKey|chUnder) > 1 { // Tcl
		s, n, quoted = s+1, n-1, true
		text = b[s:n]
	}
	if !quoted && keyVerbs.has(text) { // crypto key generate rsa
		return
	}
	if len(text) < 4 && allDigits(text) { // the number of a key
		return
	}
	if !quoted {
		n = sc.trimDot(s, n)
		text = b[s:n]
		if k := run(text, 0, chKey); k > 0 && k+1 < len(text) && text[k] == '=' && text[k+1] != '=' && (!first || sc.decide(text[:k]) != keyNone) { // another field
			return
		}
	}
	if !quoted && allLetters(text) && len(text) > e-i && equalFold(text[:e-i], word) { // Password  PasswordUpdateTime: the head of a table
		return
	}
	if word == "community" && sc.otherCommunity(i, text) {
		return
	}
	if k := run(text, 0, chLower); k > 2 && k < len(text) && (text[k] == '.' || text[k] == '<') && statusWord(text[:k]) { // secret manager.<br>
		return
	}
	if first && equalFold(text, "foobared") && word == "requirepass" { // as Redis comes
		return
	}
	if first && (text[0] == '[' || bytes.Contains(b[n:sc.eol(n)], []byte("pam_"))) { // PAM
		return
	}
	if placeholder(text) || dealtWith(text) || isPath(text) || codeLike(text) || reference(text) || statusWord(text) || isUUID(text) && !first || publicKey(text) || quoted && sc.fieldsIn(text) || !quoted && (cmdlet(text) || typedNumber(text)) {
		return
	}
	if !quoted && (!(strong && hasDigit(text)) && sc.sourceCode(&f, &value{start: s, end: n}, text) || allLetters(text) && (at(b, n) == '.' || at(b, n) == ',') || text[0] == '(' || text[0] == '[') {
		return
	}
	rest := run(b, next, chSpace)
	ends := rest >= len(b) || b[rest] == '\n' || b[rest] == '\r' || b[rest] == ';' || b[rest] == '#' || b[rest] == '{' || b[rest] == '!'
	if at(b, n) == '.' && n+1 >= sc.eol(n) {
		ends = true
	}
	switch {
	case strong:
	case said && ends && f.key == keyPassword && len(text) >= 6 && (hasDigit(text) || hasSign(text)) && !allDigits(text):
	case first && word == "passwd" && !secretWord(text): // the command
		return
	case first && (ends || word == "rocommunity" || word == "rwcommunity"):
		if objectDump(text) || len(text) < 3 {
			return
		}
		if f.key == keySecret && !secretWord(text) && !isUUID(text) && !quoted {
			return
		}
	case first && word != "token" && word != "secret" && word != "credentials" && (secretWord(text) || quoted):
	case word == "community" || word == "rocommunity" || word == "rwcommunity":
		if !sc.snmpLine(i) || !ends && !secretWord(text) && !hasPseudonym(text) && !hasPrefixFold(b[rest:], "ro") && !hasPrefixFold(b[rest:], "rw") {
			return
		}
	case f.key == keyPassword && ends && !quoted && endsInNumber(text) && len(text) >= 8 && equalFold(sc.wordBefore(i), "with"):
	case quoted && f.key == keyPassword && (passphrase(text) || endsInNumber(text) && dashed(text) && len(text) >= 8 && f.key == keyPassword):
	case quoted:
		if !(secretWord(text) || hasDigit(text) && hasLetterByte(text) && firstBlank(text) == len(text) && !dashed(text)) || f.key == keySecret && dashed(text) {
			if !((b[p] == '\'' || equalFold(sc.wordBefore(i), "with")) && f.key == keyPassword && i > sc.ls+6 && firstBlank(text) == len(text) && len(text) > 3 && sc.keyedBy(i, "with", "create", "alter", "encrypted")) {
				return
			}
		}
	case !secretWord(text) && !hasPseudonym(text) || dashed(text) || f.key == keySecret && len(text) < 12 || objectDump(text):
		return
	}
	if start, end, c, r, ok := matchToken(b, s); ok && start == s && end == n {
		sc.emit(s, n, c.id(), r, 0)
		return
	}
	c := cPassword
	if f.key == keySecret {
		c = cToken
	}
	sc.emit(s, n, c, ruleSentence, spanLearn)
}

// statementBegins reports whether a statement begins at i in the midst of a
// line: { secret x; }.
func (sc *scanner) statementBegins(i int) bool {
	b := sc.b
	return i > sc.ls+1 && b[i-1] == ' ' && (b[i-2] == ';' || b[i-2] == '{') && bytes.IndexByte(b[i:min(sc.eol(i), i+160)], ';') > 0
}

// hashLike reports whether v is long and of few signs, as a stored hash is.
func hashLike(v []byte) bool { return len(v) >= 8 && hasDigit(v) }

// dashed reports whether v is words and numbers with dashes: a name.
func dashed(v []byte) bool {
	if bytes.IndexByte(v, '-') < 1 {
		return false
	}
	for _, c := range v {
		if !is(c, chLower|chDigit) && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// announced looks at a temporary password is generated for root@localhost: x.
func (sc *scanner) announced(i, e int) bool {
	b := sc.b
	bare := false // Password for jo: x
	switch string(lowerOf(sc.wordBefore(i), sc.lower[:])) {
	case "temporary", "initial", "generated", "default", "random", "new", "time", "admin", "root", "superuser", "bootstrap", "your", "the":
		if lower(b[i]) == 'k' {
			return false
		}
	case "api", "access", "auth", "secret", "deploy":
		if lower(b[i]) == 'p' {
			return false
		}
	default:
		if bare = lower(b[i]) == 'p' && hasPrefixFold(b[e:], " for "); !bare {
			return false
		}
	}
	end := sc.eol(e)
	if end-e > 160 {
		return false
	}
	k := bytes.LastIndex(b[e:end], []byte(": "))
	if bare && (k < len(" for x") || bytes.Count(b[e:e+k], []byte{' '}) > 3) {
		return false
	}
	if k < 1 {
		if k = bytes.LastIndex(b[e:end], []byte(" is ")) + 2; k < 3 {
			return false
		}
	}
	said := b[e : e+k]
	if !bytes.Contains(said, []byte("generated")) && !bytes.Contains(said, []byte(" for ")) && !bytes.Contains(said, []byte("created")) {
		return false
	}
	s := run(b, e+k+2, chSpace)
	n := end
	for n > s && is(b[n-1], chSpace) {
		n--
	}
	v := b[s:n]
	if lower(b[i]) != 'p' && (len(v) < 20 || !secretWord(v) && run(v, 0, chHex) < len(v) || isUUID(v) || bytes.IndexByte(v, '/') >= 0 || bytes.IndexByte(v, ':') >= 0) {
		return false
	}
	if len(v) < 6 || firstBlank(v) < len(v) || !hasDigit(v) && !hasSign(v) || placeholder(v) || dealtWith(v) || isPath(v) || bare && (!hasLetterByte(v) || !hasDigit(v) || !secretWord(v) || dashed(v) || bytes.ContainsAny(v, ":/=")) {
		return false
	}
	sc.emit(s, n, cPassword, ruleSentence, spanLearn)
	return true
}

// writtenAs reports whether a word says how the secret after it is written.
func writtenAs(v []byte) bool {
	switch string(v) {
	case "ENC", "enc", "simple", "cipher", "irreversible-cipher", "crypt", "manager", "operator", "hashed", "ascii", "clear":
		return true
	}
	return false
}

// otherCommunity reports whether what follows the word community at i is none
// of SNMP's: one of BGP, or a word where people write of people.
func (sc *scanner) otherCommunity(i int, text []byte) bool {
	b := sc.b
	if k := run(text, 0, chDigit); k > 0 && (k == len(text) && !bytes.Contains(b[sc.ls:i], []byte("snmp")) || k < len(text) && text[k] == ':' && allDigits(text[k+1:])) {
		return true
	}
	switch string(text) {
	case "no-export", "no-advertise", "local-as", "local-AS", "no-export-subconfed", "no-peer", "internet", "additive", "graceful-shutdown", "accept-own", "blackhole", "gshut", "none", "both", "standard", "extended", "large", "expanded", "new-format":
		return true
	}
	if bytes.Contains(b[sc.ls:i], []byte("snmp")) {
		return false
	}
	switch w := sc.wordBefore(i); {
	case equalFold(w, "set"), equalFold(w, "match"), equalFold(w, "extended"), equalFold(w, "from"):
		return !secretWord(text)
	}
	return b[i] == 'C' && !(sc.leads(i) && is(at(b, i+len("community")+1), chQuote)) || sc.comment()
}

// deviceLogin reports whether the word at i is part of a line that sets up who
// may log in to a router or a switch: username x password y, enable secret y.
func (sc *scanner) deviceLogin(i int) bool {
	b := sc.b
	s := run(b, sc.ls, chSpace)
	return bytes.HasPrefix(b[s:i], []byte("username ")) || string(b[s:i]) == "enable "
}
