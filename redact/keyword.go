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
		sc.names, sc.namedAt = i+1, sc.cur
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
		if b[i] == 'B' && at(b, i+1) == 'U' && at(b, i+2) == 'N' {
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
		sc.names, sc.namedAt = i+1, sc.cur
		if e-i == len("passwd") && b[i] == 'p' && b[e-1] == 'd' && at(b, e) == ' ' {
			sc.accountsIn(i, e)
		}
		if prev == '-' && i >= len(pseudonymWord) && string(b[i-len(pseudonymWord):i]) == pseudonymWord { // -predacted-password-x
			return
		}
		if is(at(b, e), chSpace) {
			sc.commandedBy(i)
		}
		if b[i] == 'P' && b[e-1] == 'D' && string(b[i:e]) == "PASSWORD" && at(b, e) == ' ' && sc.statement(i) {
			switch string(sc.wordBefore(i)) {
			case "WITH", "ENCRYPTED", "LOGIN", "SET":
				sc.whoseSQL(i)
			}
		}
		if e-i == len("key") && is(b[i], chUpper) == is(b[i+2], chUpper) && (equalFold(sc.wordBefore(i), "pragma") || at(b, e+1) == '\'' && hasPrefixFold(b[sc.ls:], "attach ")) { // of SQLCipher
			p := run(b, e, chSpace)
			if at(b, p) == '=' {
				p = run(b, p+1, chSpace)
			}
			if s, n, next := sc.argument(p); next > n && s > p {
				sc.hideSecret(s, n, cPassword, ruleSQL)
			}
		}
		if (at(b, e) == '+' || at(b, e) == '%') && sc.inQuery(e) {
			return
		}
		if at(b, e) == '\t' && i > sc.ls && b[i-1] == '\t' && lower(b[i]) == 'p' && foldContains(b[max(sc.ls, i-200):i-1], "passw") { // of debconf
			if s := e + 1; sc.eol(s) > s+3 {
				sc.hideSecret(s, sc.eol(s), cPassword, ruleField)
				return
			}
		}
		if at(b, e) == '(' && is(b[i], chUpper) && is(b[i+1], chUpper) && b[i] != 'M' && sc.keywordOf(e) {
			return
		}
		if e-i == len("key") && at(b, e) == ' ' && sc.keyOfKind(i, e) {
			return
		}
		if speaks.has(b[i:e]) {
			sc.spoke = true
			if b[i]|0x20 == 'c' {
				sc.credited = sc.ls + 1
			}
		}
		if e-i >= 7 && bytes.IndexByte(b[i:e], '-') > 0 && keyCommands.has(b[i:e]) && sc.keyCommand(i, e) || lower(b[i]) == 'p' && sc.saysOf(i, e) {
			return
		}
		if c := at(b, e); c == ' ' || c == '-' || c == '\t' {
			if sc.besides(i, e) || sc.statedOf(i, e) || sc.paired(i, e) || lower(b[i]) == 's' && sc.pipedInto(i, e) {
				return
			}
		} else if c == '"' || c == '\'' || c == '\\' {
			if sc.paired(i, e) {
				return
			}
			sc.quotedName(i, e)
		} else if c == ']' || c == ';' || c == ':' || c == '`' {
			if sc.paired(i, e) {
				return
			}
		} else if c == '*' || c == ')' || c == '\n' || c == ',' || c == '|' || c == '<' {
			if sc.paired(i, e) {
				return
			}
		} else if c == '(' {
			if i == sc.ls && sc.paired(i, e) {
				return
			}
			sc.wrapped(i, e)
		} else if c == '.' && is(at(b, e+1), chDigit) {
			sc.indexed(e)
			return
		} else if c == '.' && at(b, e+1) == '.' {
			sc.dotted(i, e)
			return
		}
		if (prev == ' ' || prev == '\n') && (at(b, e) == ' ') && sc.deviceWord(i, e, false) {
			return
		}
		if prev != '/' && prev != '-' || prev == '-' && i > 1 && is(b[i-2], chLower) && b[i] == 'p' {
			sc.sentence(i, e)
		} else if prev == '-' {
			sc.composed(i, e)
		}
	case aboutScheme:
		sc.scheme(i, e)
	case aboutSQL:
		sc.identified(i, e)
	case aboutDialog:
		if b[i]|0x20 == 'p' && e-i == len("pass") {
			if c := at(b, e); c == '"' {
				sc.quotedName(i, e)
			} else if !is(b[i+1], chUpper) && (is(c, chSpace) && sc.besides(i, e) || sc.composed(i, e)) {
				return
			}
		}
		if c, d := at(b, e), at(b, e+1); c == '\\' || d == '\\' || c == ' ' && is(b[i], chUpper) && is(b[i+1], chUpper) {
			sc.names = e // it may be quoted
		}
		if prev != '/' || at(b, e+1) != '+' { // not a path and how long it took
			sc.dialog(i, e)
		}
	case aboutUser:
		sc.ofUser(i, e)
	case aboutFor:
		if at(b, e) == ' ' {
			sc.domainUser(e + 1)
		}
		sc.forUser(i, e)
	case aboutFrom:
		sc.localMail(e)
		sc.radiusClient(e)
		sc.fromHost(i, e)
	case aboutBy:
		if at(b, e) == ' ' {
			sc.domainUser(e + 1)
		}
		if at(b, e) == ' ' {
			k := run(b, e+1, chKey)
			if at(b, k) == '(' && bytes.HasPrefix(b[k:], []byte("(uid=")) || i > 6 && bytes.HasSuffix(b[sc.ls:i], []byte(" ")) && bytes.Contains(b[max(sc.ls, i-24):i], []byte("LOGIN ON ")) {
				sc.userName(e+1, k, ruleUserSentence)
				return
			}
			sc.byWhom(i, e)
		}
	case aboutTTY:
		if i-3 > sc.ls && string(b[i-3:i]) == " : " && at(b, e) == '=' {
			k := runBack(b, i-3, sc.ls, chKey)
			sc.userName(k, i-3, ruleUserSentence)
		}
	case aboutCMD:
		if i-2 > sc.ls && b[i-1] == ' ' && b[i-2] == ')' {
			k := runBack(b, i-2, sc.ls, chKey)
			if k > sc.ls && b[k-1] == '(' && !hexNumber(b[k:i-2]) { // a job's id
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
				return
			}
			sc.asWhom(i, e)
		}
	case aboutHome:
		if bytes.HasPrefix(b[e:], []byte(".users.")) { // of NixOS
			if n := run(b, e+len(".users."), chAlnum|chUnder); hasDigit(b[e:n]) {
				sc.userName(e+len(".users."), n, ruleUserField)
			}
			return
		}
		if n := run(b, min(e+2, len(b)), chKey); b[i] == 'U' && bytes.HasPrefix(b[e:], []byte(": ")) && bytes.HasPrefix(b[n:], []byte(", Source IP")) { // of QNAP
			sc.userName(e+2, n, ruleUserField)
		}
		if c := at(b, e); c == '=' || c == ' ' && at(b, e+1) == '=' {
			sc.acceptUsers(e)
			return
		}
		sc.homeDir(i, e)
	case aboutSuffix:
		if prev == '.' {
			sc.suffix(i, run(b, i, chWord))
		}
	case aboutDomain:
		if prev == '.' {
			sc.machineUnder(i, e)
		}
	case aboutPhone:
		if at(b, e) == '.' {
			p := e + 1
			if at(b, p) == ':' {
				p++
			}
			sc.phoneValue(run(b, p, chSpace))
		}
	case aboutKernel:
		sc.ofUname(i, e)
	case aboutPEM:
		if prev == '.' && at(b, e) == '(' { // WiFi.begin("net", "x")
			sc.connects(i, e)
			return
		}
		sc.pem(i)
	case aboutProgram:
		if prev == '.' && e-i == len("net") && b[i]|0x20 == 'n' {
			sc.machineUnder(i, e)
		}
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
					if !sc.deviceAccount(e) {
						sc.devicePassword(e)
					}
				} else if at(b, e+1) == '\'' {
					sc.groupMember(e)
				}
			case 's', 'p', 'd':
				sc.commandHere(i)
				if lower(b[i+1]) != 'e' || !sc.leads(i) || !sc.deviceAccount(e) {
					sc.assignment(e)
				}
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
				options := 0
				for at(b, p) == '-' && options < 4 {
					n := run(b, p+1, chAlpha)
					if at(b, n) != ' ' {
						break
					}
					p = run(b, n, chSpace)
					options++
				}
				if k := i - 2; k > sc.ls+1 && b[k] == '|' && b[k-1] == ' ' && b[k-2] == ';' {
					if n := entityBack(b, k-1, sc.ls); n < k-1 { // &apos;x&apos; | ConvertTo-SecureString
						if s := bytes.LastIndex(b[sc.ls:n], b[n:k-1]); s >= 0 {
							sc.hideSecret(sc.ls+s+k-1-n, n, cPassword, ruleFlag)
						}
					}
					return
				} else if k > sc.ls+1 && b[k] == '|' && b[k-1] == ' ' && is(b[k-2], chQuote) { // "x" | ConvertTo-SecureString
					if s := bytes.LastIndexByte(b[sc.ls:k-2], b[k-2]); s >= 0 {
						sc.hideSecret(sc.ls+s+1, k-2, cPassword, ruleFlag)
					}
					return
				}
				if s, n, next := sc.argument(p); n > s && !placeholder(b[s:n]) && (next > n && s > p || (options > 1 || hasPrefixFold(b[next:], " -asplaintext")) && b[p] != '$' && b[p] != '(' && b[p] != '-') {
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
			for k := i - 1; k > max(sc.ls, i-80); k-- {
				if hasPrefixFold(b[k:], " user ") {
					if k += len(" user "); k < i-1 && run(b, k, chKey) == i-1 && gradeOf(b[k:i-1]) > noName {
						sc.userName(k, i-1, ruleUserSentence)
					}
					break
				}
			}
		}
	case aboutEAP: // bob : EAP "x"
		if i > sc.ls+2 && is(b[i-2], chQuote) && quoteAt(b, e+1) > 0 { // "bob" MSCHAPV2 "x" [2]
			us, ue, next := sc.argument(run(b, sc.ls, chSpace))
			if s, n, last := sc.argument(e + 1); next == i-1 && last > n && n > s && ue > us {
				sc.userName(us, ue, ruleUserField)
				sc.hideSecret(s, n, cPassword, ruleSentence)
			}
			return
		}
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
		sc.sqlAccount(i, e)
		if at(b, e) == ' ' && quoteAt(b, e+1) > 0 {
			if s, n, next := sc.argument(e + 1); next > n && n > s && (bytes.HasPrefix(b[next:], []byte(" does not")) || bytes.HasPrefix(b[next:], []byte(" is not")) || bytes.HasPrefix(b[next:], []byte(" cannot"))) {
				sc.userName(s, n, ruleUserSentence)
			}
		}
	case aboutTo: // su: (to root) x on pts/0
		sc.localMail(e)
		if prev == ' ' {
			sc.sqlAccount(i, e)
			if k := i - 1; bytes.HasPrefix(b[e:], []byte(" root on /dev/")) { // su: x to root on /dev/pts/0
				if s := runBack(b, k, sc.ls, chKey); s < k && (s == sc.ls || b[s-1] == ' ') {
					sc.userName(s, k, ruleUserSentence)
				}
			}
		}
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
			if n := bytes.IndexByte(b[min(s, sc.eol(e)):sc.eol(e)], '@'); n > 0 {
				if k := bytes.IndexByte(b[s:s+n], '/'); k > 0 && firstBlank(b[s:s+n]) == n {
					sc.userName(s, s+k, ruleURL)
					sc.emit(s+k+1, s+n, cPassword, ruleURL, spanLearn)
				}
			}
		}
	case aboutHostname:
		if at(b, e) == ' ' && i > sc.ls && b[i-1] == ' ' {
			sc.commandHere(i)
		}
		p := run(b, e, chSpace)
		if bytes.HasPrefix(b[e:], []byte(".0 = STRING: ")) { // of snmpwalk
			s := e + len(".0 = STRING: ")
			if quoteAt(b, s) > 0 {
				s++
			}
			sc.hostValue(s, run(b, s, chKey))
			return
		}
		if p > e && (sc.leads(i) || e-i == len("host-name") && sc.deviceLine(i)) { // hostname x, the whole line
			if s, t, next := sc.argument(p); (next >= sc.eol(p) && s == p || lower(b[i]) == 'c' && at(b, next) == ';' && next+1 >= sc.eol(p)) && hasDigit(b[s:t]) {
				sc.hostValue(s, sc.trimDot(s, t))
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
		if b[i] == 'C' && bytes.HasPrefix(b[e:], []byte(" -> SERVER: ")) { // of PHPMailer
			s := e + len(" -> SERVER: ")
			if n := endOf(b, s, setBase64|setEqual); n-s >= 8 && (n-s)%4 == 0 && n >= sc.eol(n) && (hasDigit(b[s:n]) || b[n-1] == '=') {
				sc.emit(s, n, cToken, ruleDialog, 0)
			}
			return
		}
		if b[i] == 'c' && bytes.HasPrefix(b[e:], []byte(" : ")) { // for client : x / 10.0.0.1
			if n := run(b, e+3, chKey); bytes.HasPrefix(b[n:], []byte(" / ")) {
				sc.userName(e+3, n, ruleUserSentence)
			}
			return
		}
		if b[i] == 'h' && e-i == len("host") && is(at(b, e), chSpace) && sc.leads(i) {
			sc.hbaRow(e)
		}
		if b[i] == 'H' && bytes.HasPrefix(b[e:], []byte(" Name . . ")) { // ipconfig
			if k := bytes.Index(b[e:sc.eol(e)], []byte(" : ")); k > 0 {
				sc.hostValue(e+k+3, run(b, e+k+3, chKey))
			}
			return
		}
		if lower(b[i]) == 'h' && at(b, e) == ' ' {
			sc.onHost(i, e)
			return
		}
		sc.dashedName(i)
	case aboutVendor:
		if at(b, e) == ' ' && commands[string(b[i:e])] != nil {
			sc.program(i, e)
		}
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
		if bytes.HasPrefix(b[e:], []byte(" changed '")) { // of Puppet
			s, n, next := sc.argument(e + len(" changed "))
			sc.userName(s, n, ruleUserSentence)
			if bytes.HasPrefix(b[next:], []byte(" to '")) {
				s, n, _ = sc.argument(next + len(" to "))
				sc.userName(s, n, ruleUserSentence)
			}
			return
		}
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
		if at(b, e+1) == '\\' {
			sc.names = e
		}
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
		if k := i - 1; prev == ' ' && (bytes.HasPrefix(b[e:], []byte(" 0 ")) || bytes.HasPrefix(b[e:], []byte(" 1 "))) { // xferlog: r x ftp 0 * c
			if s := runBack(b, k, sc.ls, chKey); s < k && s > sc.ls+3 && b[s-1] == ' ' && b[s-3] == ' ' && (b[s-2] == 'r' || b[s-2] == 'g') {
				sc.userName(s, k, ruleUserField)
			}
		}
		if hasPrefixFold(b[e:], " command: ") && i > sc.ls+3 && b[i-2] == ']' {
			if k := runBack(b, i-2, sc.ls, chKey); k > sc.ls && b[k-1] == '[' {
				sc.userName(k, i-2, ruleUserField)
			}
		}
	case aboutTaking:
		if prev == '/' {
			sc.slashCommand(i, e)
		} else if (prev == ':' || prev == '.') && sc.masked(i, e) || at(b, e) == ' ' && sc.pipedInto(i, e) {
			return
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
		case 's', 'w', 'm', 'r':
			sc.sprayed(i, e)
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
		if at(b, e) == '(' {
			sc.hashed(i, e)
			return
		}
		sc.clockKey(i, e)
	case aboutResp:
		if at(b, e) == '=' {
			if n := sc.token(e + 1); saslPlain(b[e+1 : n]) {
				sc.emit(e+1, n, cToken, ruleDialog, spanLearn)
			}
		}
	case aboutACL:
		if s := run(b, e, chSpace); s > e {
			if n := run(b, s, chKey); is(at(b, n), chSpace) && gradeOf(b[s:n]) > noName {
				sc.userName(s, n, ruleUserField)
			}
		}
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
		if b[i] == 'W' && at(b, e) == '(' { // Worker("name", "x") of Buildbot
			sc.connects(i, e)
			return
		}
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
	if q := entityAt(b, i); q != "" { // &quot;x&quot;, in XML
		s = i + len(q)
		if n := bytes.Index(b[s:min(sc.eol(s), s+1024)], []byte(q)); n >= 0 {
			return s, s + n, s + n + len(q)
		}
		return s, s, s
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

// joins are words that may stand between the name of a secret and its value.
var joins = setOf("is", "was", "to", "set", "as", "be", "are", "manager", "by", "with", "md5", "text", "encrypted", "plaintext", "hash", "basic", "simple")

// assignment looks at set KEY VALUE, as consoles take it.
func (sc *scanner) assignment(e int) {
	b := sc.b
	s := run(b, e, chSpace)
	for at(b, s) == '-' && is(at(b, s+1), chAlpha) && at(b, run(b, s+1, chAlpha)) == ' ' { // of fish
		s = run(b, run(b, s+1, chAlpha), chSpace)
	}
	n := run(b, s, chKey)
	if n-s == len("name") && equalFold(b[s:n], "name") && is(at(b, n), chSpace) && sc.below3("snmp community") { // FortiGate
		if vs, ve, _ := sc.argument(run(b, n, chSpace)); ve-vs > 3 {
			sc.hideSecret(vs, ve, cPassword, ruleDirective)
		}
		return
	}
	for at(b, n) == '/' || at(b, n) == ':' && is(at(b, n+1), chAlpha) { // a path: its last part is the name
		s = n + 1
		n = run(b, s, chKey)
	}
	if n-s < 3 || !is(at(b, n), chSpace) || !keyTail(b, n) {
		return
	}
	k := sc.decide(b[s:n])
	if k == keyPass {
		k = keyPassword
	}
	if k == keyAuth { // Authorization "Basic x"
		if vs, ve, next := sc.argument(run(b, n, chSpace)); next > ve && ve > vs {
			if w := firstBlank(b[vs:ve]); w < ve-vs && knownScheme(b[vs:ve]) && ve-vs-w > 16 && secretWord(b[vs+w+1:ve]) {
				sc.hideSecret(vs+w+1, ve, cToken, ruleAuthHeader)
			}
		}
		return
	}
	if k != keyPassword && k != keySecret {
		return
	}
	p := run(b, n, chSpace)
	vs, ve, next := sc.argument(p)
	if ve <= vs || statusWord(b[vs:ve]) || placeholder(b[vs:ve]) || dealtWith(b[vs:ve]) || isPath(b[vs:ve]) || b[vs] == '=' || b[vs] == '-' {
		return
	}
	if rest := run(b, next, chSpace); !secretWord(b[vs:ve]) && !((rest >= sc.eol(next) || at(b, next) == ';') && (hasDigit(b[vs:ve]) || hasSign(b[vs:ve]) || vs > p && ve-vs >= 8 && firstBlank(b[vs:ve]) == ve-vs && !compoundName(b[vs:ve]) ||
		k == keyPassword && run(b, s, chUpper|chUnder|chDigit) == n && ve-vs >= 8 && allLetters(b[vs:ve]) && !statusWord(b[vs:ve]))) {
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
	case "radius-server", "tacacs-server", "radius", "tacacs", "crypto", "ntp", "radius-client", "aaa-server", "ldap-server", "ospf", "isis", "rip", "bgp", "vrrp", "standby", "neighbor", "pre-shared-key", "server-private":
		return true
	case "client", "server", "host", "peer", "address": // server 10.0.0.1 key x
		s = run(b, run(b, s, chKey), chSpace)
		_, four := scanIPv4(b, s)
		return four || pseudonymAt(b, s) > 0
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
	if v := b[s:n]; len(v) < 16 || v[len(v)-1] == ',' || !secretWord(v) && v[0] != '$' && v[0] != '%' || placeholder(v) || dealtWith(v) {
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
	"mysql": 5, "postgresql": 5, "conn": 3, "worker": 2,
	"connect": 3, "pdo": 3, "getconnection": 3, "mysqli": 3, "mysqli_connect": 3, "mysql_connect": 3, "createconnection": 3, "plainauth": 3,
	"login": 2, "basicauth": 2, "setbasicauth": 2, "httpbasicauth": 2, "httpbasicauthhandler": 2, "networkcredential": 2, "passwordauthentication": 2,
	"usernamepasswordcredentials": 2, "usernamepasswordcredential": 2, "passwordcredentials": 2, "simple_bind_s": 2, "simple_bind": 2, "bind_s": 2, "ldap_bind": 3, "ldap_simple_bind": 3, "ldap_simple_bind_s": 3, "ldap_bind_s": 3,
	"ftp_login": 3, "credentials": 4, "basic_auth": 2, "authenticate": 2, "pscredential": 2, "auth": 2, "proxyauth": 2, "inmemoryauthentication": 2, "set_auth": 2, "withbasicauth": 2, "plaincredentials": 2, "sqlcredential": 2, "directoryentry": 3, "__construct": 3, "remote": 5, "remotesecure": 5, "createuser": 2, "begin": 2,
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
	if at(b, e) == ' ' && sc.leads(i) && equalFold(b[i:e], "basicauth") { // BasicAuth user x, of Tinyproxy
		us, ue, next := sc.argument(run(b, e, chSpace))
		if s, n, next := sc.argument(run(b, next, chSpace)); s > ue && next >= sc.eol(n) && account2(b[us:ue]) && (hasDigit(b[s:n]) || hasSign(b[s:n])) {
			sc.userName(us, ue, ruleUserField)
			sc.hideSecret(s, n, cPassword, ruleField)
		}
		return
	}
	nth := positions[string(lowerOf(b[i:e], sc.lower[:]))]
	if bytes.HasPrefix(b[e:], []byte("]::new(")) { // of PowerShell
		e += len("]::new")
	}
	if bytes.HasPrefix(b[e:], []byte("->__construct(")) {
		e += len("->__construct")
	}
	if nth > 0 && i > sc.ls && is(b[i-1], chQuote) && at(b, e) == b[i-1] && at(b, e+1) == ',' { // ('mysqli', 'host', 'user', 'x', 'db')
		nth, e = 3, e+1
	}
	if nth == 0 || at(b, e) != '(' && !(nth == 3 && at(b, e) == ',' && is(at(b, e-1), chQuote)) && !(at(b, e) == ',' && i > sc.ls && b[i-1] == '{') { // {connect,"host","user","x"} of Erlang
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
			if k == nth && nth == 2 && b[i]|0x20 == 'a' && ue > us && at(b, run(b, next, chSpace)) == ',' { // authenticate("db", "user", "x")
				if q := run(b, run(b, next, chSpace)+1, chSpace); is(at(b, q), chQuote) && (gradeOf(b[s:n]) > noName || hasPseudonym(b[s:n])) {
					nth = 3
				}
			}
			if k == nth {
				v := b[s:n]
				if ue > us && bytes.Contains(v, []byte("://")) { // connect("user", "password", "t3://host")
					s, n = us, ue
					us, ue = before[0], before[1]
					v = b[s:n]
				}
				if len(v) >= 5 && !isPath(v) && n > s && (firstBlank(v) == len(v) && (hasDigit(v) || hasSign(v)) || ue > us && (gradeOf(b[us:ue]) > noName || bytes.IndexByte(b[us:ue], '@') > 0 || bytes.IndexByte(b[us:ue], '\\') > 0) && (allLetters(v) && len(v) > 5 || hasDigit(v)) && !placeholder(v) && !dealtWith(v) && !statusWord(v)) && (b[i] != 'W' || secretWord(v) && !dashed(v)) {
					if ue > us && b[i] != 'W' && !equalFold(b[i:e], "begin") {
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
			if k == nth && (at(b, p) == '$' || at(b, p) == '(' && hasPrefixFold(b[p:], "(convertto-")) && nth == 2 && ue > us && (bytes.IndexByte(b[us:ue], '\\') > 0 || hasDigit(b[us:ue])) { // PSCredential('CORP\x', $secret)
				sc.userValue(value{start: us, end: ue})
			}
			us, ue = 0, 0
			if nth == 3 && k == 2 && run(b, p, chDigit) > p { // a port
				nth++
			}
		}
		if p = behindComma(b, p, end, 0); p == 0 {
			return
		}
	}
}

// behindComma is what follows the comma that ends the argument at p, within as
// many brackets as depth; zero if the brackets around the arguments close first.
func behindComma(b []byte, p, end, depth int) int {
	for ; p < end && (b[p] != ',' || depth > 0); p++ {
		switch b[p] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return 0
			}
		}
	}
	return p + 1
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
