package redact

import "bytes"

// keyword looks at a word at i that passed the gate.
func (sc *scanner) keyword(i int) {
	b := sc.b
	switch {
	case b[i] >= 0x80:
		sc.wideColon(i)
		return
	case i > sc.ls && b[i-1] == '\\' && b[i] == 'u' && is(at(b, i+4), chHex):
		sc.escapedKey(i)
		return
	}
	e := run(b, i, chWord)
	for e < len(b) && e-i <= len(sc.lower) && b[e] == '-' && is(at(b, e+1), chAlpha|chDigit) {
		e = run(b, e+1, chWord)
	}
	if e-i > len(sc.lower) {
		e = run(b, i, chAlnum)
		if e-i > len(sc.lower) {
			if i+14 < len(b) && b[i] == 'L' && bytes.HasPrefix(b[i:], []byte("LS0tLS1CRUdJTi")) {
				sc.base64PEM(i, e)
			}
			return
		}
	}
	t := topicOf(b, i, e)
	if t == 0 {
		if b[i] == 'B' && b[i+1] == 'U' && b[i+2] == 'N' {
			sc.bundler(i)
			return
		}
		// A dash may only join what stands beside the word.
		k := run(b, i, chWord)
		if k == e {
			if b[i] == 'L' && bytes.HasPrefix(b[i:], []byte("LS0tLS1CRUdJTi")) {
				sc.base64PEM(i, e)
			}
			return
		}
		e = k
		t = topicOf(b, i, e)
	}
	sc.topic(t, i, e)
}

// topic looks at the word b[i:e], which is about t.
func (sc *scanner) topic(t topic, i, e int) {
	b := sc.b
	prev := byte('\n')
	if i > 0 {
		prev = b[i-1]
	}
	switch t {
	case aboutPseudonym:
		for n := pseudonymAt(b, i); n > 0; n = pseudonymAt(b, i) {
			i += n
			sc.skip = max(sc.skip, i)
		}
	case aboutSecret:
		if prev == '-' && i >= len(pseudonymWord) && string(b[i-len(pseudonymWord):i]) == pseudonymWord { // -predacted-password-x
			return
		}
		if speaks.has(b[i:e]) {
			sc.spoke = true
		}
		if keyCommands.has(b[i:e]) && sc.keyCommand(i, e) || sc.saysOf(i, e) {
			return
		}
		if c := at(b, e); c == ' ' || c == '-' || c == '\t' {
			if sc.besides(i, e) {
				return
			}
		} else if c == '"' || c == '\'' {
			sc.quotedName(i, e)
		} else if c == '(' {
			sc.wrapped(i, e)
		}
		if prev != '/' && prev != '-' || prev == '-' && i > 1 && is(b[i-2], chLower) && b[i] == 'p' {
			sc.sentence(i, e)
		}
	case aboutScheme:
		sc.scheme(i, e)
	case aboutSQL:
		sc.identified(i, e)
	case aboutDialog:
		if b[i]|0x20 == 'p' && e-i == len("pass") {
			if c := at(b, e); c == '"' {
				sc.quotedName(i, e)
			} else if (c == ' ' || c == '\t') && !is(b[i+1], chUpper) && sc.besides(i, e) {
				return
			}
		}
		sc.dialog(i, e)
	case aboutUser:
		sc.ofUser(i, e)
	case aboutFor:
		if at(b, e) == ' ' {
			sc.domainUser(e + 1)
		}
		sc.forUser(i, e)
	case aboutFrom:
		sc.fromHost(i, e)
	case aboutBy:
		if at(b, e) == ' ' {
			sc.domainUser(e + 1)
		}
		if at(b, e) == ' ' {
			k := run(b, e+1, chKey)
			if at(b, k) == '(' && bytes.HasPrefix(b[k:], []byte("(uid=")) || i > 6 && bytes.HasSuffix(b[sc.ls:i], []byte(" ")) && bytes.Contains(b[max(sc.ls, i-24):i], []byte("LOGIN ON ")) {
				sc.userName(e+1, k, ruleUserSentence)
			}
		}
	case aboutTTY:
		if i-3 > sc.ls && string(b[i-3:i]) == " : " && at(b, e) == '=' {
			k := runBack(b, i-3, sc.ls, chKey)
			sc.userName(k, i-3, ruleUserSentence)
		}
	case aboutCMD:
		if i-2 > sc.ls && b[i-1] == ' ' && b[i-2] == ')' {
			k := runBack(b, i-2, sc.ls, chKey)
			if k > sc.ls && b[k-1] == '(' {
				sc.userName(k, i-2, ruleUserSentence)
			}
		}
	case aboutAs:
		if at(b, e) == ' ' && prev == ' ' {
			s := e + 1
			k := run(b, s, chKey)
			if hasPrefixFold(b[k:], " with pass") || hasPrefixFold(b[k:], " using pass") {
				sc.userName(s, k, ruleUserSentence)
			}
			if at(b, k) == '\\' && is(at(b, k+1), chWord) && (is(b[s], chUpper) || hasDigit(b[s:k]) || !escapedWord(b, k)) {
				n := run(b, k+1, chKey)
				for n > k+1 && b[n-1] == '.' {
					n--
				}
				sc.userName(k+1, n, ruleUserSentence)
			}
		}
	case aboutHome:
		sc.homeDir(i, e)
	case aboutSuffix:
		if prev == '.' {
			sc.suffix(i, run(b, i, chWord))
		}
	case aboutPEM:
		sc.pem(i)
	case aboutProgram:
		sc.program(i, e)
	case aboutBase64:
		sc.base64PEM(i, run(b, i, chAlnum))
	case aboutMachine:
		sc.netrc(i, e)
	case aboutCall:
		if at(b, e) == '(' || at(b, e) == ' ' && at(b, e+1) == '(' {
			sc.call(e)
		} else if at(b, e) == ' ' {
			switch lower(b[i]) {
			case 'a':
				if sc.leads(i) {
					sc.devicePassword(e)
				} else if at(b, e+1) == '\'' {
					sc.groupMember(e)
				}
			case 's', 'p', 'd':
				sc.assignment(e)
			case 'h': // Header X-Api-Key x
				if sc.leads(i) {
					sc.assignment(e)
				}
			case 'v': // variable "db_password" {
				if s, n, next := sc.argument(e + 1); next > n && n > s && keyTail(b, n) && !is(at(b, e+1), chAlnum) {
					if k := sc.decide(b[s:n]); k.secret() && k != keyPass {
						sc.opens = append(sc.opens, opening{sc.eol(n), region{kind: inNamed, key: k, indent: indentOf(b[sc.ls:])}})
					}
				}
			case 'c': // ConvertTo-SecureString "x"
				p := e + 1
				for _, o := range [...]string{"-force ", "-asplaintext ", "-string ", "-force "} {
					if hasPrefixFold(b[p:], o) {
						p += len(o)
					}
				}
				if k := i - 2; k > sc.ls+1 && b[k] == '|' && b[k-1] == ' ' && is(b[k-2], chQuote) { // "x" | ConvertTo-SecureString
					if s := bytes.LastIndexByte(b[sc.ls:k-2], b[k-2]); s >= 0 {
						sc.hideSecret(sc.ls+s+1, k-2, cPassword, ruleFlag)
					}
					return
				}
				if s, n, next := sc.argument(p); next > n && n > s && s > p && !placeholder(b[s:n]) {
					sc.emit(s, n, cPassword, ruleFlag, spanLearn)
				}
			}
		}
	case aboutHeader:
		p := e
		if k := run(b, e, chSpace); hasPrefixFold(b[k:], "set ") {
			p = k + 3
		}
		sc.assignment(p)
	case aboutUsing: // CONNECT TO x USER y USING z
		if at(b, e) == ' ' && bytes.Contains(bytes.ToUpper(b[max(sc.ls, i-80):i]), []byte(" USER ")) && bytes.Contains(bytes.ToUpper(b[max(sc.ls, i-120):i]), []byte("CONNECT ")) {
			s, n, _ := sc.argument(run(b, e, chSpace))
			sc.hideSecret(s, n, cPassword, ruleSQL)
		}
	case aboutEAP: // bob : EAP "x"
		if p := run(b, e, chSpace); lower(b[i]) == 'n' && at(b, p) == ':' { // NTLM : hash
			p = run(b, p+1, chSpace)
			if n := run(b, p, chHex); n-p == 32 && !is(at(b, n), chWord) {
				sc.hideSecret(p, n, cPassword, ruleField)
			}
			return
		}
		if at(b, e) == ' ' && quoteAt(b, e+1) > 0 && i > sc.ls+1 && b[i-1] == ' ' && b[i-2] == ':' {
			s, n, _ := sc.argument(e + 1)
			sc.hideSecret(s, n, cPassword, ruleSentence)
			k := i - 2
			for k > sc.ls && b[k-1] == ' ' {
				k--
			}
			if u := runBack(b, k, sc.ls, chKey); u == sc.ls {
				sc.userName(u, k, ruleUserField)
			}
		}
	case aboutInsert:
		sc.insert(e)
	case aboutRole:
		if at(b, e) == ' ' && quoteAt(b, e+1) > 0 {
			if s, n, next := sc.argument(e + 1); next > n && n > s && (bytes.HasPrefix(b[next:], []byte(" does not")) || bytes.HasPrefix(b[next:], []byte(" is not")) || bytes.HasPrefix(b[next:], []byte(" cannot"))) {
				sc.userName(s, n, ruleUserSentence)
			}
		}
	case aboutTo: // su: (to root) x on pts/0
		if prev == '(' && at(b, e) == ' ' {
			k := run(b, e+1, chKey)
			if at(b, k) == ')' && at(b, k+1) == ' ' {
				n := run(b, k+2, chKey)
				if bytes.HasPrefix(b[n:], []byte(" on ")) {
					sc.userName(k+2, n, ruleUserSentence)
					sc.userName(e+1, k, ruleUserSentence)
				}
			}
		}
	case aboutOracle: // jdbc:oracle:thin:user/password@
		if i > 4 && hasSuffixFold(b[sc.ls:i], "jdbc:") && at(b, e) == ':' {
			s := run(b, e+1, chAlnum) + 1
			if n := bytes.IndexByte(b[min(s, len(b)):sc.eol(e)], '@'); n > 0 {
				if k := bytes.IndexByte(b[s:s+n], '/'); k > 0 && firstBlank(b[s:s+n]) == n {
					sc.userName(s, s+k, ruleURL)
					sc.emit(s+k+1, s+n, cPassword, ruleURL, spanLearn)
				}
			}
		}
	case aboutHostname:
		p := run(b, e, chSpace)
		if sc.leads(i) && p > e { // hostname x, the whole line
			if s, t, next := sc.argument(p); next >= sc.eol(p) && s == p && hasDigit(b[s:t]) {
				sc.hostValue(s, t)
			}
		}
		n := run(b, p, chAlpha)
		if w := b[p:n]; n < len(b) && (equalFold(w, "to") || equalFold(w, "is")) && at(b, n) == ' ' {
			s, t, _ := sc.argument(n + 1)
			if s == n+1 {
				t = sc.trimDot(s, t)
			}
			if name := b[s:t]; hasDigit(name) || bytes.IndexByte(name, '-') > 0 || bytes.IndexByte(name, '.') > 0 {
				sc.hostValue(s, t)
			}
		}
	case aboutSNMP:
		sc.snmp(i, e)
	case aboutConnect:
		if lower(b[i]) == 'c' && at(b, e) == ' ' {
			sc.connectLine(i, e)
			return
		}
		if !(lower(b[i]) == 'b' && sc.pairInBrackets(e)) {
			sc.connects(i, e)
		}
	case aboutCipher:
		sc.ciphered(i, e)
	case aboutResult:
		sc.resultOf(e)
	case aboutNoEcho:
		if sc.leads(i) && at(b, e) == ':' {
			indent := indentOf(b[sc.ls:])
			sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inNamed, key: keyPassword, indent: indent}})
		}
	case aboutIdentify:
		sc.identify(i, e)
	case aboutLogon:
		sc.logon(i, e)
	case aboutDashed:
		sc.dashedName(i)
	case aboutVendor:
		sc.ofTheVendor(i, e)
	case aboutOption: // OpenWrt
		if at(b, e) == ' ' && sc.leads(i) {
			sc.assignment(e)
		}
	case aboutUnseal:
		if s := run(b, e, chSpace); s > e {
			if n := sc.token(s); n-s >= 40 && endOf(b[:n], s, setBase64|setEqual) == n && mixed(b[s:n]) {
				sc.hideSecret(s, n, cToken, ruleProgram)
			}
		}
	case aboutOwner:
		sc.domainUser(run(b, min(e+1, len(b)), chSpace))
	case aboutCN:
		if at(b, e) == '=' || at(b, e) == ' ' && at(b, e+1) == '=' {
			sc.commonName(e)
		}
	case aboutDirected:
		sc.directed(i, e)
	case aboutModem:
		sc.modem(i, e)
	case aboutSent:
		sc.sent(e)
	case aboutEcho:
		sc.echoes(i, e)
	case aboutDovecot:
		sc.ofDovecot(i, e)
	case aboutEnv:
		if at(b, e) == ':' && is(at(b, e+1), chAlpha) || at(b, e) == ' ' && sc.leads(i) { // Env:NAME "x", ENV NAME x
			sc.assignment(e + 1)
		}
	case aboutVault:
		if prev == '$' && at(b, e) == ';' {
			sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inVault}})
		}
	case aboutENC:
		if bytes.HasPrefix(b[e:], []byte("[PKCS7,")) || bytes.HasPrefix(b[e:], []byte("[GPG,")) {
			if end, p := sc.eol(e), e+bytes.IndexByte(b[e:], ',')+1; bytes.IndexByte(b[p:end], ']') < 0 && end-p > 16 { // it goes on below
				sc.emit(p, end, cToken, ruleBlock, 0)
				sc.opens = append(sc.opens, opening{end, region{kind: inVault, misses: 1}})
			}
		}
	case aboutFTP:
		if hasPrefixFold(b[e:], " command: ") && i > sc.ls+3 && b[i-2] == ']' {
			if k := runBack(b, i-2, sc.ls, chKey); k > sc.ls && b[k-1] == '[' {
				sc.userName(k, i-2, ruleUserField)
			}
		}
	case aboutTaking:
		if prev == '/' {
			sc.slashCommand(i, e)
		} else if at(b, e) == ' ' && b[i] == 's' && directives[string(b[i:e])] != nil { // set_password vnc x
			sc.directed(i, e)
		} else {
			sc.secretCall(i, e)
		}
	case aboutTitle:
		if lower(b[i]) == 'p' {
			sc.processTitle(e)
		} else if prev == '=' {
			sc.executed(e)
		}
	case aboutPwned:
		switch lower(b[i]) {
		case 'p':
			sc.broken(i)
		case 'n': // NTLMv2-SSP Hash : user::domain:...
			if k := bytes.Index(b[e:min(sc.eol(e), e+160)], []byte("::")); k > 0 {
				if u := runBack(b, e+k, e, chKey); u > e && u < e+k {
					sc.response(u, e+k)
				}
			}
		default:
			sc.ticket(i, e)
		}
	case aboutPlain:
		sc.cleartext(i, e)
	case aboutClock:
		sc.clockKey(i, e)
	case aboutResp:
		if at(b, e) == '=' {
			if n := sc.token(e + 1); saslPlain(b[e+1 : n]) {
				sc.emit(e+1, n, cToken, ruleDialog, spanLearn)
			}
		}
	case aboutACL:
		sc.redisUser(e)
	case aboutFIX:
		sc.fixLogon(i, e)
	case aboutCode:
		sc.codes(i, e)
	case aboutLines:
		sc.privateLines(e)
	case aboutJAAS:
		sc.jaasUsers(e, min(sc.eol(e), e+2048))
		if bytes.IndexByte(b[e:sc.eol(e)], ';') < 0 {
			sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inJAAS}})
		}
	default:
		sc.ofKind(t, i, e)
	}
}

// escapedWord reports whether the backslash at k begins an escape rather than
// the name of an account after its domain.
func escapedWord(b []byte, k int) bool {
	switch b[k+1] {
	case 'n', 'r', 't', 'x', 'u', '0':
		return true
	}
	return false
}

// token is the end of a word that blanks, quotes and signs of sentences end.
func (sc *scanner) token(i int) int {
	f := field{}
	return sc.bareEnd(&f, i, false)
}

// argument reads a word of a command line, in quotes or not.
func (sc *scanner) argument(i int) (s, e, next int) {
	defer func() { sc.charge(next - i) }()
	b := sc.b
	k := run2(b, i, '\\')
	if k < len(b) && is(b[k], chQuote) {
		if s, e, ok := sc.quoted(i, k); ok {
			n := e
			for n < len(b) && b[n] == '\\' {
				n++
			}
			return s, e, min(n+1, len(b))
		}
		return k, k, k
	}
	e = i
	for e < len(b) && b[e] > ' ' && b[e] != '"' && b[e] != '|' && b[e] != '`' {
		if b[e] == '\\' && (at(b, e+1) == '"' || at(b, e+1) == 'n' && at(b, e+2) == '"' || at(b, e+1) == 'r' && at(b, e+2) == '\\' && at(b, e+3) == 'n') {
			break
		}
		if b[e] == '\'' && endsAfter(at(b, e+1)) || b[e] == ';' && endsAfter(at(b, e+1)) || b[e] == ')' && endsAfter(at(b, e+1)) && bytes.IndexByte(b[i:e], '(') < 0 {
			break
		}
		if b[e] == '<' && at(b, e+1) == '/' {
			break
		}
		e++
	}
	return i, e, e
}

// sentence looks at what follows the name of a secret without a separator:
// a directive of a configuration, or people talking of it.
func (sc *scanner) sentence(i, e int) {
	b := sc.b
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
	if at(b, e) == '(' && sc.quotedIn(i, e) {
		return
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
	if (lower(b[i]) == 'p' || e-i == 5 && lower(b[i]) == 't' || e-i == 3 && lower(b[i]) == 'k') && sc.announced(i, e) {
		return
	}
	if n := run(b, p, chAlpha); is(at(b, n), chSpace) && statusWord(b[p:n]) && !joins.has(b[p:n]) { // Failed password for
		return
	}
	word := string(lowerOf(b[i:e], sc.lower[:]))
	first := sc.leads(i) || sc.statementBegins(i) || word == "psk" && i > sc.ls+3 && (b[i-1] == ' ' && b[i-2] == ':' || b[i-1] == '.' && (string(b[i-4:i-1]) == "sec" || string(b[i-4:i-1]) == "ity"))
	if word == "password" && i == run(b, sc.ls, chSpace) { // GRUB: password name x
		us, ue, next := sc.argument(p)
		if vs, ve, after := sc.argument(run(b, next, chSpace)); us == p && (allLetters(b[us:ue]) || hasPseudonym(b[us:ue])) && ue-us > 1 && next > us && after >= sc.eol(ve) && !statusWord(b[us:ue]) && !writtenAs(b[us:ue]) && secretWord(b[vs:ve]) && !dealtWith(b[vs:ve]) && !isPath(b[vs:ve]) {
			sc.userName(us, ue, ruleUserField)
			sc.hideSecret(vs, ve, cPassword, ruleSentence)
			return
		}
	}
	if (word == "password" || word == "passphrase") && b[p] == '"' { // OpenVPN: password "Auth" x
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
	strong := false // the words around it leave no doubt
	// password 7 0822455D0A16, secret 5 $1$...
	if is(b[p], chDigit) && at(b, p+1) == ' ' && p+2 < len(b) {
		_, n, _ := sc.argument(p + 2)
		if n-p > 7 && (word != "key" && word != "md5" || mixed(b[p+2:n])) && (word == "password" || word == "secret" || word == "key" || word == "md5" || word == "key-string") && !statusWord(b[p+2:n]) && (first || secretWord(b[p+2:n]) || hashLike(b[p+2:n])) {
			p += 2
			strong = true
		}
	}
	if word == "key" || word == "md5" {
		switch string(lowerOf(sc.wordBefore(i), sc.lower[:])) {
		case "isakmp", "psk":
			strong = true
		case "api", "access", "secret", "auth", "master", "encryption", "signing", "root", "recovery": // Use API key x
			v := b[p:sc.token(p)]
			strong = strong || len(v) >= 20 && len(v) <= 256 && secretWord(v) && (entropyHigh(v) || run(v, 0, chHex) == len(v))
		case "option": // OpenWrt
			strong = strong || is(b[p], chQuote) && sc.leads(i-len("option "))
		}
		if at(b, p) == 's' && at(b, p+1) == ':' { // iwconfig wlan0 key s:x
			p, strong = p+2, true
		}
		strong = strong || sc.networkLine()
		strong = strong || word == "key" && first && i > 0 && b[i-1] == ' ' && secretWord(b[p:sc.token(p)]) && sc.token(p) >= sc.eol(p)
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
			said = b[p] == 'i' || b[p] == 'w' || said
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
		case "by", "with", "md5", "text", "ascii", "encrypted", "plain", "hex", "cleartext", "plaintext", "sha1", "sha256", "sha512", "hash", "simple", "enc", "aes":
			if is(at(b, n), chSpace) && first {
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
	if !quoted && n-s > 2 && text[0] == '{' && text[n-s-1] == '}' && run(text, 1, chKey|chUnder) > 1 { // Tcl
		s, n, quoted = s+1, n-1, true
		text = b[s:n]
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
	if k := run(text, 0, chDigit); k > 0 && k < len(text) && text[k] == ':' && allDigits(text[k+1:]) && word == "community" { // of BGP
		return
	}
	if first && equalFold(text, "foobared") && word == "requirepass" { // as Redis comes
		return
	}
	if first && (text[0] == '[' || bytes.Contains(b[n:sc.eol(n)], []byte("pam_"))) { // PAM
		return
	}
	if placeholder(text) || dealtWith(text) || isPath(text) || codeLike(text) || statusWord(text) || isUUID(text) && !first || publicKey(text) {
		return
	}
	if !quoted && (sc.sourceCode(&f, &value{start: s, end: n}, text) || allLetters(text) && (at(b, n) == '.' || at(b, n) == ',') || text[0] == '(' || text[0] == '[') {
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
	case quoted:
		if !(secretWord(text) || hasDigit(text) && hasLetterByte(text) && firstBlank(text) == len(text) && !dashed(text)) || f.key == keySecret && dashed(text) {
			if !(b[p] == '\'' && f.key == keyPassword && i > sc.ls+6 && firstBlank(text) == len(text) && len(text) > 3 && sc.keyedBy(i, "with", "create", "alter", "encrypted")) {
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

// joins are words that may stand between the name of a secret and its value.
var joins = setOf("is", "was", "to", "set", "as", "be", "are", "manager", "by", "with", "md5", "text", "encrypted", "plaintext", "hash", "basic", "simple")

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
		return false
	}
	end := sc.eol(e)
	if end-e > 160 {
		return false
	}
	k := bytes.LastIndex(b[e:end], []byte(": "))
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
	if len(v) < 6 || firstBlank(v) < len(v) || !hasDigit(v) && !hasSign(v) || placeholder(v) || dealtWith(v) || isPath(v) {
		return false
	}
	sc.emit(s, n, cPassword, ruleSentence, spanLearn)
	return true
}

// assignment looks at set KEY VALUE, as consoles take it.
func (sc *scanner) assignment(e int) {
	b := sc.b
	s := run(b, e, chSpace)
	n := run(b, s, chKey)
	for at(b, n) == '/' { // a path: its last part is the name
		s = n + 1
		n = run(b, s, chKey)
	}
	if n-s < 3 || !is(at(b, n), chSpace) || !keyTail(b, n) {
		return
	}
	k := sc.decide(b[s:n])
	if k != keyPassword && k != keySecret {
		return
	}
	vs, ve, next := sc.argument(run(b, n, chSpace))
	if ve <= vs || statusWord(b[vs:ve]) || placeholder(b[vs:ve]) || dealtWith(b[vs:ve]) || isPath(b[vs:ve]) || b[vs] == '=' || b[vs] == '-' {
		return
	}
	if !secretWord(b[vs:ve]) && !(next >= sc.eol(next) && (hasDigit(b[vs:ve]) || hasSign(b[vs:ve]))) {
		return
	}
	c := cPassword
	if k == keySecret {
		c = cToken
	}
	sc.hideSecret(vs, ve, c, ruleSentence)
}

// networkLine reports whether the line is a command of a router or a switch
// that sets up a server or a peer.
func (sc *scanner) networkLine() bool {
	b := sc.b
	s := run(b, sc.ls, chSpace)
	switch string(lowerOf(b[s:run(b, s, chKey)], sc.lower[:])) {
	case "radius-server", "tacacs-server", "radius", "tacacs", "crypto", "ntp", "radius-client", "aaa-server", "ldap-server", "ospf", "isis", "rip", "bgp", "vrrp", "standby", "neighbor":
		return true
	}
	return false
}

// ciphered looks at cipher x and irreversible-cipher x, where the line says
// what is enciphered.
func (sc *scanner) ciphered(i, e int) {
	b := sc.b
	if at(b, e) != ' ' {
		return
	}
	s, n, next := sc.argument(run(b, e, chSpace))
	if v := b[s:n]; len(v) < 16 || !secretWord(v) && v[0] != '$' && v[0] != '%' || placeholder(v) || dealtWith(v) {
		return
	}
	if rest := run(b, next, chSpace); rest < sc.eol(n) && !is(b[rest], chAlnum) {
		return
	}
	said := b[max(sc.ls, i-96):i]
	for _, w := range [...]string{"password", "authentication", "community", "key", "secret", "psk"} {
		if mentions(said, w) {
			sc.emit(s, n, cPassword, ruleSentence, spanLearn)
			return
		}
	}
}

// positions tells, of functions that connect or log in, which of their
// arguments is the password, counted from one.
var positions = map[string]int{
	"mysql": 5, "postgresql": 5, "conn": 3,
	"connect": 3, "pdo": 3, "getconnection": 3, "mysqli": 3, "mysqli_connect": 3, "mysql_connect": 3, "createconnection": 3, "plainauth": 3,
	"login": 2, "basicauth": 2, "setbasicauth": 2, "httpbasicauth": 2, "httpbasicauthhandler": 2, "networkcredential": 2, "passwordauthentication": 2,
	"usernamepasswordcredentials": 2, "usernamepasswordcredential": 2, "passwordcredentials": 2, "simple_bind_s": 2, "simple_bind": 2, "bind_s": 2, "ldap_bind": 3,
	"ftp_login": 3, "credentials": 4, "basic_auth": 2, "authenticate": 2, "pscredential": 2, "auth": 2, "proxyauth": 2, "inmemoryauthentication": 2, "set_auth": 2, "withbasicauth": 2, "plaincredentials": 2, "sqlcredential": 2,
}

// connects looks at the arguments of a function that connects or logs in:
// connect("dsn", "user", "password").
func (sc *scanner) connects(i, e int) {
	b := sc.b
	if at(b, e) == '\t' { // MySQL: 12 Connect<tab>name@host on db
		if n := run(b, e+1, chKey); at(b, n) == '@' && b[i] == 'C' {
			sc.userName(e+1, n, ruleUserField)
		}
		return
	}
	nth := positions[string(lowerOf(b[i:e], sc.lower[:]))]
	if bytes.HasPrefix(b[e:], []byte("->__construct(")) {
		e += len("->__construct")
	}
	if nth == 0 || at(b, e) != '(' && !(at(b, e) == ',' && i > sc.ls && b[i-1] == '{') { // {connect,"host","user","x"} of Erlang
		return
	}
	end := min(sc.eol(e), e+512)
	p := e + 1
	us, ue, before := 0, 0, [2]int{}
	for k := 1; p < end; k++ {
		p = run(b, p, chSpace)
		if is(at(b, p), chQuote) {
			s, n, next := sc.argument(p)
			if next <= n {
				return
			}
			if q := run(b, next, chSpace); at(b, q) != ',' && at(b, q) != ')' && at(b, q) != '}' {
				return
			}
			if k == nth {
				v := b[s:n]
				if ue > us && bytes.Contains(v, []byte("://")) { // connect("user", "password", "t3://host")
					s, n = us, ue
					us, ue = before[0], before[1]
					v = b[s:n]
				}
				if len(v) >= 5 && firstBlank(v) == len(v) && !isPath(v) && (hasDigit(v) || hasSign(v)) && n > s {
					if ue > us {
						sc.userName(us, ue, ruleUserField)
					}
					sc.hideSecret(s, n, cPassword, ruleField)
				}
				return
			}
			before = [2]int{us, ue}
			us, ue = s, n
			p = next
		} else {
			us, ue = 0, 0
		}
		depth := 0
		for p < end && (b[p] != ',' || depth > 0) {
			switch b[p] {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				if depth--; depth < 0 {
					return
				}
			}
			p++
		}
		p++
	}
}

// resultOf looks for the result of a resource that makes passwords: in its
// line, or in the lines below.
func (sc *scanner) resultOf(e int) {
	b := sc.b
	end := min(sc.eol(e), e+1024)
	if at(b, e) != '"' {
		return
	}
	if k := bytes.Index(b[e:end], []byte(`"result"`)); k > 0 {
		f := field{key: keyPassword, quoted: true, start: e + k + 1, end: e + k + 7}
		p := run(b, e+k+8, chSpace)
		if at(b, p) == ':' {
			if v, ok := sc.extent(&f, p+1); ok {
				sc.hide(&f, v)
			}
		}
		return
	}
	if end-e < 8 {
		sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inResult, key: keyPassword, indent: indentOf(b[sc.ls:])}})
	}
}

// identify looks at IDENTIFY [name] password, which services of IRC take.
func (sc *scanner) identify(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || !sc.keyedBy(i, "nickserv", "chanserv", "authserv", "userserv") {
		return
	}
	s, n, next := sc.argument(run(b, e, chSpace))
	if q := run(b, next, chSpace); q < sc.eol(n) && q > next {
		sc.userName(s, n, ruleUserField)
		s, n, _ = sc.argument(q)
	}
	sc.hideSecret(s, n, cPassword, ruleDialog)
}

// logon looks at .LOGON server/user,password.
func (sc *scanner) logon(i, e int) {
	b := sc.b
	if i == 0 || b[i-1] != '.' || at(b, e) != ' ' || !sc.leads(i-1) {
		return
	}
	s, n, _ := sc.argument(run(b, e, chSpace))
	if n > s && b[n-1] == ';' {
		n--
	}
	if c := bytes.IndexByte(b[s:n], ','); c > 0 {
		u := s + bytes.LastIndexByte(b[s:s+c], '/') + 1
		sc.userName(u, s+c, ruleUserField)
		sc.hideSecret(s+c+1, n, cPassword, ruleDialog)
	}
}

// writtenAs reports whether a word says how the secret after it is written.
func writtenAs(v []byte) bool {
	switch string(v) {
	case "ENC", "enc", "simple", "cipher", "irreversible-cipher", "crypt", "manager", "operator", "hashed", "ascii", "clear":
		return true
	}
	return false
}
