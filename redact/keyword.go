package redact

import (
	"bytes"
	"encoding/base64"
)

// topic is what a word may begin.
type topic uint8

const (
	aboutSecret  topic = iota + 1 // password X, secret X: a directive or a sentence
	aboutScheme                   // Bearer X
	aboutSQL                      // IDENTIFIED BY 'x'
	aboutDialog                   // AUTH, PASS, LOGIN of protocols
	aboutUser                     // user X
	aboutFor                      // for X from
	aboutBy                       // by X(uid=0)
	aboutTTY                      // sudo: X : TTY=
	aboutCMD                      // (X) CMD
	aboutAs                       // logged on as X
	aboutHome                     // /home/X
	aboutSuffix                   // .internal
	aboutPEM                      // BEGIN
	aboutCrypt                    // $2y$
	aboutProgram                  // mysql -pX
	aboutBase64                   // LS0tLS1CRUdJTi
	aboutPseudonym
	aboutFrom // from X: of SMTP and SSH
	aboutMachine
	aboutCall     // define('X', 'v')
	aboutHostname // hostname to X
	aboutSNMP
	aboutInsert
	aboutRole
	aboutTo
	aboutOracle
	aboutHeader
	aboutUsing
	aboutEAP
	aboutSlack
)

// topics are the words that begin something without a separator.
var topics = map[string]topic{
	"password": aboutSecret, "passwd": aboutSecret, "passphrase": aboutSecret, "secret": aboutSecret, "token": aboutSecret, "pwd": aboutSecret,
	"community": aboutSecret, "rocommunity": aboutSecret, "rwcommunity": aboutSecret, "requirepass": aboutSecret, "masterauth": aboutSecret,
	"bindpw": aboutSecret, "rootpw": aboutSecret, "apikey": aboutSecret, "api_key": aboutSecret, "passcode": aboutSecret,
	"key-string": aboutSecret, "pre-shared-key": aboutSecret, "authentication-key": aboutSecret, "encrypted-password": aboutSecret,
	"plain-text-password": aboutSecret, "simple-password": aboutSecret, "auth-password": aboutSecret, "priv-password": aboutSecret, "ascii-text": aboutSecret,
	"wpa-psk": aboutSecret, "wpa-passphrase": aboutSecret, "credential": aboutSecret, "credentials": aboutSecret, "passwords": aboutSecret,
	"key": aboutSecret, "psk": aboutSecret, "secretkey": aboutSecret, "access_key": aboutSecret, "secret_key": aboutSecret,
	"auth_pass": aboutSecret, "authpass": aboutSecret, "md5": aboutSecret,
	"bearer": aboutScheme, "basic": aboutScheme,
	"identified": aboutSQL,
	"auth":       aboutDialog, "pass": aboutDialog, "login": aboutDialog,
	"user": aboutUser, "username": aboutUser, "users": aboutHome, "account": aboutUser,
	"for": aboutFor, "by": aboutBy, "tty": aboutTTY, "cmd": aboutCMD, "as": aboutAs, "home": aboutHome, "from": aboutFrom,
	"internal": aboutSuffix, "local": aboutSuffix, "lan": aboutSuffix, "corp": aboutSuffix, "intranet": aboutSuffix, "localdomain": aboutSuffix,
	"private": aboutSuffix, "intern": aboutSuffix, "ad": aboutSuffix, "priv": aboutSuffix,
	"define": aboutCall, "put": aboutCall, "set": aboutCall, "setproperty": aboutCall, "setenv": aboutCall, "putenv": aboutCall, "add": aboutCall, "append": aboutCall,
	"header": aboutCall, "setheader": aboutCall, "addheader": aboutCall, "setrequestheader": aboutCall, "setrequestproperty": aboutCall, "withenv": aboutCall, "setparameter": aboutCall, "setitem": aboutCall,
	"addproperty": aboutCall, "setattribute": aboutCall, "param": aboutCall, "property": aboutCall, "getenv2": aboutCall,
	"hostname": aboutHostname, "maps": aboutHostname, "snmp-server": aboutSNMP, "com2sec": aboutSNMP, "com2sec6": aboutSNMP, "trapsink": aboutSNMP, "trap2sink": aboutSNMP, "informsink": aboutSNMP, "createuser": aboutSNMP,
	"variable": aboutCall, "convertto-securestring": aboutCall, "insert": aboutInsert, "role": aboutRole, "to": aboutTo, "oracle": aboutOracle,
	"proxy_set_header": aboutHeader, "fastcgi_param": aboutHeader, "uwsgi_param": aboutHeader, "grpc_set_header": aboutHeader, "set-header": aboutHeader, "add-header": aboutHeader, "add_header": aboutHeader, "requestheader": aboutHeader,
	"using": aboutUsing, "eap": aboutEAP, "xauth": aboutEAP, "ntlm": aboutEAP, "insecure-password": aboutSecret,
	"begin": aboutPEM, "machine": aboutMachine,
	"mysql": aboutProgram, "mysqldump": aboutProgram, "mysqladmin": aboutProgram, "mariadb": aboutProgram, "mariadb-dump": aboutProgram, "mysqlimport": aboutProgram, "mysqlcheck": aboutProgram,
	"mysqlshow": aboutProgram, "mysqlslap": aboutProgram, "mysqlpump": aboutProgram, "xtrabackup": aboutProgram, "innobackupex": aboutProgram, "mydumper": aboutProgram,
	"sshpass": aboutProgram, "curl": aboutProgram, "wget": aboutProgram, "htpasswd": aboutProgram, "openssl": aboutProgram, "plink": aboutProgram, "pscp": aboutProgram, "psftp": aboutProgram,
	"redis-cli": aboutProgram, "mongo": aboutProgram, "mongosh": aboutProgram, "mongodump": aboutProgram, "mongorestore": aboutProgram, "mongoexport": aboutProgram, "mongoimport": aboutProgram, "mongostat": aboutProgram,
	"ldapsearch": aboutProgram, "ldapadd": aboutProgram, "ldapmodify": aboutProgram, "ldapwhoami": aboutProgram, "ldapdelete": aboutProgram, "ldappasswd": aboutProgram,
	"sqlcmd": aboutProgram, "bcp": aboutProgram, "osql": aboutProgram, "isql": aboutProgram, "tsql": aboutProgram, "sqlplus": aboutProgram, "expdp": aboutProgram, "impdp": aboutProgram, "rman": aboutProgram, "sqlldr": aboutProgram, "smbclient": aboutProgram, "rpcclient": aboutProgram, "net": aboutProgram,
	"docker": aboutProgram, "podman": aboutProgram, "helm": aboutProgram, "az": aboutProgram, "zip": aboutProgram, "7z": aboutProgram, "7za": aboutProgram, "unzip": aboutProgram, "rar": aboutProgram, "unrar": aboutProgram,
	"sudo": aboutProgram, "chpasswd": aboutProgram, "wpa_passphrase": aboutProgram, "xfreerdp": aboutProgram, "rdesktop": aboutProgram, "ipmitool": aboutProgram, "snmpwalk": aboutProgram, "snmpget": aboutProgram,
	"snmpbulkwalk": aboutProgram, "http": aboutProgram, "https": aboutProgram, "psexec": aboutProgram, "cadaver": aboutProgram, "lftp": aboutProgram, "ncftp": aboutProgram, "impala-shell": aboutProgram, "beeline": aboutProgram,
	"cqlsh": aboutProgram, "nodetool": aboutProgram, "influx": aboutProgram, "clickhouse-client": aboutProgram, "vault": aboutProgram, "expect": aboutProgram, "useradd": aboutProgram, "usermod": aboutProgram, "winexe": aboutProgram, "evil-winrm": aboutProgram,
	"crackmapexec": aboutProgram, "hydra": aboutProgram, "skopeo": aboutProgram, "buildah": aboutProgram, "oc": aboutProgram, "cf": aboutProgram, "svn": aboutProgram, "schtasks": aboutProgram, "wmic": aboutProgram, "cmdkey": aboutProgram, "runas": aboutProgram,
	"rsync": aboutProgram, "ansible": aboutProgram, "restic": aboutProgram, "borg": aboutProgram, "mosquitto_pub": aboutProgram, "mosquitto_sub": aboutProgram, "ipa": aboutProgram, "kinit": aboutProgram, "aws": aboutProgram, "rabbitmqctl": aboutProgram, "rabbitmqadmin": aboutProgram, "passwd.exe": aboutProgram,
	"net.exe": aboutProgram, "schtasks.exe": aboutProgram, "sqlcmd.exe": aboutProgram, "curl.exe": aboutProgram, "plink.exe": aboutProgram, "pscp.exe": aboutProgram,
	"ls0tls1crudjti": aboutBase64, "redacted": aboutPseudonym, "ip4": aboutPseudonym, "ip6": aboutPseudonym,
}

// wordGate lets the words of topics pass.
var wordGate = func() *gate {
	g := new(gate)
	add := func(w string) {
		g.add((uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24) | lowerCase)
	}
	for w := range topics {
		switch {
		case len(w) >= 4:
			add(w)
		case len(w) == 3:
			for c := range 128 {
				if !is(byte(c), chWord) {
					add(w + string(rune(c)))
				}
			}
		}
	}
	return g
}()

// shortWord reports whether the two-letter word that v begins with is one of
// the topics; gates are for longer ones.
func shortWord(v uint32) bool {
	if is(byte(v>>16), chWord) {
		return false
	}
	switch uint16(v) | 0x2020 {
	case 'b' | 'y'<<8, 'a' | 's'<<8, 't' | 'o'<<8, 'a' | 'd'<<8:
		return true
	}
	return false
}

// keyword looks at a word at i that passed the gate.
func (sc *scanner) keyword(i int) {
	b := sc.b
	e := run(b, i, chWord)
	for e < len(b) && b[e] == '-' && is(at(b, e+1), chAlpha|chDigit) {
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
	t := topics[string(lowerOf(b[i:e], sc.lower[:]))]
	if t == 0 {
		// A dash may only join what stands beside the word.
		k := run(b, i, chWord)
		if k == e {
			if b[i] == 'L' && bytes.HasPrefix(b[i:], []byte("LS0tLS1CRUdJTi")) {
				sc.base64PEM(i, e)
			}
			return
		}
		e = k
		t = topics[string(lowerOf(b[i:e], sc.lower[:]))]
	}
	prev := byte('\n')
	if i > 0 {
		prev = b[i-1]
	}
	switch t {
	case aboutPseudonym:
		if n := pseudonymAt(b, i); n > 0 {
			sc.skip = max(sc.skip, i+n)
		}
	case aboutSecret:
		if prev != '/' && prev != '-' || prev == '-' && i > 1 && is(b[i-2], chLower) && b[i] == 'p' {
			sc.sentence(i, e)
		}
	case aboutScheme:
		sc.scheme(i, e)
	case aboutSQL:
		sc.identified(i, e)
	case aboutDialog:
		sc.dialog(i, e)
	case aboutUser:
		sc.ofUser(i, e)
	case aboutFor:
		sc.forUser(i, e)
	case aboutFrom:
		sc.fromHost(i, e)
	case aboutBy:
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
			if at(b, k) == '\\' && is(at(b, k+1), chWord) {
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
			case 's':
				sc.assignment(e)
			case 'v': // variable "db_password" {
				if s, n, next := sc.argument(e + 1); next > n && n > s && keyTail(b, n) && !is(at(b, e+1), chAlnum) {
					if k := sc.decide(b[s:n]); k.secret() && k != keyPass {
						sc.opens = append(sc.opens, opening{sc.eol(n), region{kind: inNamed, key: k, indent: indentOf(b[sc.ls:])}})
					}
				}
			case 'c': // ConvertTo-SecureString "x"
				p := e + 1
				if hasPrefixFold(b[p:], "-string ") {
					p += 8
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
		n := run(b, p, chAlpha)
		if w := b[p:n]; n < len(b) && (equalFold(w, "to") || equalFold(w, "is")) && at(b, n) == ' ' {
			s, t, _ := sc.argument(n + 1)
			if s == n+1 {
				t = sc.trimDot(s, t)
			}
			sc.hostValue(s, t, ruleHostField)
		}
	case aboutSNMP:
		sc.snmp(i, e)
	}
}

// token is the end of a word that blanks, quotes and signs of sentences end.
func (sc *scanner) token(i int) int {
	f := field{}
	return sc.bareEnd(&f, i, false)
}

// argument reads a word of a command line, in quotes or not.
func (sc *scanner) argument(i int) (s, e, next int) {
	b := sc.b
	k := i
	for k < len(b) && b[k] == '\\' && is(at(b, k+1), chQuote|0) {
		k++
	}
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
		if b[e] == '\\' && (at(b, e+1) == '"' || at(b, e+1) == 'n' && at(b, e+2) == '"') {
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
	if at(b, e) == '(' && lower(b[i]) == 'p' && is(at(b, e+1), chQuote) && (i == sc.ls || b[i-1] == ' ' || b[i-1] == '=') { // PASSWORD('x')
		if s, n, next := sc.argument(e + 1); n > s && at(b, next) == ')' && !placeholder(b[s:n]) {
			sc.emit(s, n, cPassword, ruleSQL, spanLearn)
		}
		return
	}
	p := run(b, e, chSpace)
	if p == e || p >= len(b) || b[p] == '\n' || b[p] == '=' || b[p] == ':' {
		return
	}
	if lower(b[i]) == 'p' && sc.announced(i, e) {
		return
	}
	word := string(lowerOf(b[i:e], sc.lower[:]))
	first := sc.leads(i)
	f := field{key: keyPassword, start: i, end: e, first: first, space: true}
	switch word {
	case "token", "secret", "apikey", "api_key", "access_key", "secret_key", "secretkey", "credential", "credentials", "key", "md5", "key-string", "psk":
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
		case "isakmp", "server", "shared", "psk":
			strong = strong || !is(b[p], chQuote) && sc.leads(lineWord(b, sc.ls))
		}
		strong = strong || word == "key" && first && i > 0 && b[i-1] == ' ' && secretWord(b[p:sc.token(p)]) && sc.token(p) >= sc.eol(p)
		if !strong {
			return
		}
	}
	said := false
	for range 2 {
		n := run(b, p, chWord)
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
		case "by", "with", "md5", "text", "ascii", "encrypted", "plain", "hex", "cleartext", "plaintext", "sha512", "hash":
			if !is(at(b, n), chSpace) || !first {
				n = p
			} else {
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
	if !quoted {
		n = sc.trimDot(s, n)
		text = b[s:n]
		if k := run(text, 0, chKey); k > 0 && k+1 < len(text) && text[k] == '=' && (!first || sc.decide(text[:k]) != keyNone) { // another field
			return
		}
	}
	if first && (text[0] == '[' || bytes.Contains(b[n:sc.eol(n)], []byte("pam_"))) { // PAM
		return
	}
	if placeholder(text) || hasPseudonym(text) || isPath(text) || codeLike(text) || statusWord(text) || isUUID(text) && !first || publicKey(text) {
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
		if !sc.snmpLine(i) || !ends && !secretWord(text) && !hasPrefixFold(b[rest:], "ro") && !hasPrefixFold(b[rest:], "rw") {
			return
		}
	case quoted:
		if !(secretWord(text) || hasDigit(text) && hasLetterByte(text) && firstBlank(text) == len(text) && !dashed(text)) || f.key == keySecret && dashed(text) {
			if !(b[p] == '\'' && f.key == keyPassword && i > sc.ls+6 && firstBlank(text) == len(text) && len(text) > 3 && sc.keyedBy(i, "with", "create", "alter", "encrypted")) {
				return
			}
		}
	case !secretWord(text) || dashed(text) || f.key == keySecret && len(text) < 12 || objectDump(text):
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

func (sc *scanner) snmpLine(i int) bool {
	b := sc.b[sc.ls:min(len(sc.b), i+16)]
	return bytes.Contains(b, []byte("snmp")) || sc.leads(i)
}

// scheme looks at what follows Bearer or Basic.
func (sc *scanner) scheme(i, e int) {
	b := sc.b
	p := run(b, e, chSpace)
	if p == e {
		return
	}
	n := p
	for n < len(b) && (is(b[n], chAlnum) || b[n] == '-' || b[n] == '.' || b[n] == '_' || b[n] == '~' || b[n] == '+' || b[n] == '/' || b[n] == '=' || b[n] == '|') {
		n++
	}
	for n > p && b[n-1] == '.' {
		n--
	}
	text := b[p:n]
	if k := bytes.IndexByte(text, '='); k >= 0 && k < len(text)-2 {
		return
	}
	if len(text) < 8 || statusWord(text) || hasPseudonym(text) || placeholder(text) {
		return
	}
	if lower(b[i+1]) == 'a' { // basic
		var buf [256]byte
		t := bytes.TrimRight(text, "=")
		if len(t) > 200 {
			return
		}
		m, err := base64.RawStdEncoding.Decode(buf[:], t)
		if err != nil || bytes.IndexByte(buf[:m], ':') < 0 {
			return
		}
		sc.emit(p, n, cToken, ruleAuthHeader, spanLearn)
		return
	}
	if start, end, c, r, ok := matchToken(b, p); ok && start == p && end <= n {
		sc.emit(start, max(end, n), c.id(), r, 0)
		return
	}
	if secretWord(text) && !dashed(text) || len(text) >= 24 && mixed(text) {
		sc.emit(p, n, cToken, ruleAuthHeader, spanLearn)
	}
}

// identified looks at IDENTIFIED [WITH plugin] BY|AS 'x'.
func (sc *scanner) identified(i, e int) {
	b := sc.b
	end := sc.eol(e)
	p := e
	for range 6 {
		p = run(b, p, chSpace)
		if p >= end {
			return
		}
		if is(b[p], chQuote) || b[p] == '\\' && is(at(b, p+1), chQuote) {
			s, n, next := sc.argument(p)
			q := run(b, next, chSpace)
			if hasPrefixFold(b[q:min(end, q+3)], "by ") || hasPrefixFold(b[q:min(end, q+3)], "as ") { // WITH 'plugin' AS
				p = q
				continue
			}
			if n > s && !placeholder(b[s:n]) {
				sc.emit(s, n, cPassword, ruleSQL, spanLearn)
			}
			return
		}
		w := run(b, p, chWord|chKey)
		if w == p {
			return
		}
		switch string(lowerOf(b[p:w], sc.lower[:])) {
		case "by", "with", "as", "password", "mysql_native_password", "caching_sha2_password", "sha256_password", "values", "using", "ed25519":
			p = w
		default:
			if p > e+1 && hasSuffixFold(b[e:p], "by ") { // Oracle: IDENTIFIED BY tiger
				if w = sc.token(p); sc.keyedBy(i, "user ", "role ", "connect ") && !statusWord(b[p:w]) {
					sc.emit(p, w, cPassword, ruleSQL, spanLearn)
				}
				return
			}
			p = w
		}
	}
}

// dialog looks at the commands of protocols that carry a secret.
func (sc *scanner) dialog(i, e int) {
	b := sc.b
	if k := i - 1; lower(b[i]) == 'l' && k > sc.ls+4 && (bytes.HasSuffix(b[sc.ls:k], []byte("] FAIL")) || bytes.HasSuffix(b[sc.ls:k], []byte("] OK"))) { // vsftpd
		k = bytes.LastIndexByte(b[sc.ls:k], ']') + sc.ls
		s := runBack(b, k, sc.ls, chKey)
		if s > sc.ls && b[s-1] == '[' {
			sc.attempt(s, k)
		}
		return
	}
	if at(b, e) == '"' && i > sc.ls && b[i-1] == '"' && at(b, e+1) == ' ' && at(b, e+2) == '"' && is(b[i], chAlpha) && lower(b[i]) == 'a' { // "AUTH" "x"
		for p := e + 2; at(b, p) == '"'; {
			s, n, next := sc.argument(p)
			if n > s && (at(b, next) != ' ' || at(b, next+1) != '"') {
				sc.hideSecret(s, n, cPassword, ruleDialog)
			}
			p = next + 1
			if next <= n {
				break
			}
		}
		return
	}
	if lower(b[i]) == 'a' && b[i] == 'a' && equalFold(sc.wordBefore(i), "stats") && at(b, e) == ' ' { // HAProxy
		s := run(b, e, chSpace)
		_, n, _ := sc.argument(s)
		sc.pair(s, n)
		return
	}
	if at(b, e) != ' ' || !is(b[i], chUpper) || !is(b[i+1], chUpper) {
		if lower(b[i]) == 'l' {
			sc.loginPassword(i, e)
		}
		return
	}
	// It opens the line, or what a prompt or a direction sign opens.
	lead := bytes.TrimRight(b[sc.ls:i], " \t")
	opens := len(lead) == 0
	if !opens {
		switch c := lead[len(lead)-1]; c {
		case '>', '<', '"', '\'', ':', ']', ')', '|', '-', ';':
			opens = true
		default:
			k := runBack(b, sc.ls+len(lead), sc.ls, chWord)
			w := b[k : sc.ls+len(lead)]
			opens = len(w) > 1 && len(w) < 8 && is(w[0], chAlpha) && is(w[len(w)-1], chDigit) // a tag of IMAP
		}
	}
	p := run(b, e, chSpace)
	end := sc.eol(p)
	switch lower(b[i]) {
	case 'a': // AUTH PLAIN x, AUTH x
		n := run(b, p, chKey)
		switch string(lowerOf(b[p:n], sc.lower[:])) {
		case "plain", "login", "xoauth2", "cram-md5", "oauthbearer", "ntlm", "external", "gssapi":
			if at(b, n) != ' ' {
				return
			}
			s := run(b, n, chSpace)
			t := sc.token(s)
			if t-s >= 4 && !statusWord(b[s:t]) && (secretWord(b[s:t]) || b[t-1] == '=' || t-s >= 8 && opens) && !hasPseudonym(b[s:t]) {
				sc.emit(s, t, cToken, ruleDialog, spanLearn)
			}
			return
		}
		if !opens {
			return
		}
		s, t, next := sc.argument(p)
		if t <= s || statusWord(b[s:t]) || placeholder(b[s:t]) {
			return
		}
		if u := run(b, next, chSpace); u < end && next == run(b, next, 0) && at(b, next) == ' ' { // AUTH user password
			s2, t2, next2 := sc.argument(u)
			if run(b, next2, chSpace) >= end && secretWord(b[s2:t2]) {
				sc.emit(s2, t2, cPassword, ruleDialog, spanLearn)
				return
			}
		}
		if secretWord(b[s:t]) || next >= end && t-s > 5 && (hasDigit(b[s:t]) || hasSign(b[s:t])) {
			sc.emit(s, t, cPassword, ruleDialog, spanLearn)
		}
	case 'p': // PASS x
		s, t, next := sc.argument(p)
		if t <= s || placeholder(b[s:t]) || statusWord(b[s:t]) || !opens {
			return
		}
		last := next >= end || at(b, next) == '"' || at(b, next) == '\'' || at(b, next) == '\\'
		if secretWord(b[s:t]) || last && (hasDigit(b[s:t]) || hasSign(b[s:t]) || len(lead) > 0 && lead[len(lead)-1] == '>') && t-s > 3 && !allDigits(b[s:t]) {
			sc.emit(s, t, cPassword, ruleDialog, spanLearn)
		}
	case 'l': // a1 LOGIN user password
		s, t, next := sc.argument(p)
		if !opens || t <= s || at(b, next) != ' ' {
			return
		}
		s2, t2, next2 := sc.argument(next + 1)
		if t2 <= s2 || next2 < end && at(b, next2) != '"' && at(b, next2) != '\\' && at(b, next2) != '\'' {
			return
		}
		if statusWord(b[s2:t2]) || placeholder(b[s2:t2]) || statusWord(b[s:t]) || allDigits(b[s:t]) {
			return
		}
		if s2 == next+1 && !secretWord(b[s2:t2]) && !hasDigit(b[s2:t2]) && !hasSign(b[s2:t2]) {
			return
		}
		sc.emit(s2, t2, cPassword, ruleDialog, spanLearn)
		sc.userValue(value{start: s, end: t})
	}
}

// loginPassword looks at login X password Y, in one line.
func (sc *scanner) loginPassword(i, e int) {
	b := sc.b
	if hasPrefixFold(b[e:], " incorrect") || hasPrefixFold(b[e:], " ok:") || hasPrefixFold(b[e:], " invalid") { // FreeRADIUS: [user/password] (from
		line := b[e:sc.eol(e)]
		if k := bytes.Index(line, []byte("] (from ")); k > 0 {
			if o := bytes.LastIndex(line[:k], []byte(": [")); o >= 0 {
				o += 3
				if c := bytes.IndexByte(line[o:k], '/'); c > 0 {
					sc.userName(e+o, e+o+c, ruleUserSentence)
					if !placeholder(line[o+c+1 : k]) {
						sc.emit(e+o+c+1, e+k, cPassword, ruleSentence, spanLearn)
					}
				} else {
					sc.userName(e+o, e+k, ruleUserSentence)
				}
			}
		}
		return
	}
	if at(b, e) != ' ' || !sc.leads(i) && !bytes.HasPrefix(b[sc.ls:i], []byte("machine ")) {
		return
	}
	p := run(b, e, chSpace)
	t := sc.token(p)
	if t <= p {
		return
	}
	q := run(b, t, chSpace)
	if sc.leads(i) && q < sc.eol(p) && !hasPrefixFold(b[q:], "password ") {
		return
	}
	sc.userValue(value{start: p, end: t})
	sc.netrcPassword(t)
}

func (sc *scanner) netrc(i, e int) {
	b := sc.b
	if i != sc.ls || at(b, e) != ' ' {
		return
	}
	k := bytes.Index(b[e:sc.eol(e)], []byte(" password "))
	if k >= 0 {
		sc.netrcPassword(e + k)
	}
}

func (sc *scanner) netrcPassword(t int) {
	b := sc.b
	if !hasPrefixFold(b[t:], " password ") {
		return
	}
	s, n, _ := sc.argument(run(b, t+10, chSpace))
	if n > s && !placeholder(b[s:n]) {
		sc.emit(s, n, cPassword, ruleSentence, spanLearn)
	}
}

// maxInline is the length of the longest private key that is looked for in one
// line.
const maxInline = 16 << 10

// pem looks at BEGIN in -----BEGIN ... PRIVATE KEY-----.
func (sc *scanner) pem(i int) {
	b := sc.b
	if i < 4 || b[i-1] != '-' && b[i-1] != ' ' || b[i-2] != '-' || b[i-3] != '-' || at(b, i+5) != ' ' {
		return
	}
	head := b[i:min(len(b), i+64)]
	k := bytes.Index(head, []byte("PRIVATE KEY"))
	if k < 0 {
		return
	}
	p := i + k + len("PRIVATE KEY")
	if bytes.HasPrefix(b[p:], []byte(" BLOCK")) {
		p += 6
	}
	for p < len(b) && (b[p] == '-' || b[p] == ' ') {
		p++
	}
	end := sc.eol(p)
	if near := min(end, p+maxInline); near < end {
		end = near
	}
	if k := bytes.Index(b[p:end], []byte("-----END")); k >= 0 {
		sc.body(p, p+k, 0)
		sc.skip = max(sc.skip, p+k)
		return
	}
	if k := bytes.Index(b[p:end], []byte("---- END")); k >= 0 {
		sc.body(p, p+k, 0)
		return
	}
	if end-p >= 16 {
		n := p
		for n < end && (is(b[n], chAlnum) || b[n] == '+' || b[n] == '/' || b[n] == '=' || b[n] == '\\') {
			n++
		}
		if n-p >= 16 {
			sc.body(p, n, 0)
		}
	}
	end = sc.eol(p)
	if n := len(sc.opens); n > 0 && sc.opens[n-1].at == end {
		return
	}
	sc.opens = append(sc.opens, opening{at: end, region: region{kind: inPEM}})
}

// body hides what lies between the marks of a key, without the escaped line
// ends at both sides.
func (sc *scanner) body(s, e int, flags uint8) {
	b := sc.b
	for s < e {
		switch {
		case b[s] == '\\' && s+1 < e && (b[s+1] == 'n' || b[s+1] == 'r' || b[s+1] == '\\'):
			s += 2
			if b[s-1] == '\\' {
				s--
			}
			continue
		case b[s] <= ' ':
			s++
			continue
		}
		break
	}
	for e > s {
		switch {
		case (b[e-1] == 'n' || b[e-1] == 'r') && e-2 >= s && b[e-2] == '\\':
			e -= 2
			continue
		case b[e-1] == '\\' || b[e-1] <= ' ' || b[e-1] == '"' || b[e-1] == '\'':
			e--
			continue
		}
		break
	}
	sc.emit(s, e, cPrivateKey, rulePEM, flags)
}

// base64PEM looks at the base64 form of -----BEGIN.
func (sc *scanner) base64PEM(i, e int) {
	b := sc.b
	for e < len(b) && (is(b[e], chAlnum) || b[e] == '+' || b[e] == '/') {
		e++
	}
	var buf [96]byte
	n := min(e-i, 96) &^ 3
	m, err := base64.RawStdEncoding.Decode(buf[:], b[i:i+n])
	if err != nil || !bytes.Contains(buf[:m], []byte("PRIVATE KEY")) {
		return
	}
	for e < len(b) && b[e] == '=' {
		e++
	}
	sc.emit(i, e, cPrivateKey, rulePEM, 0)
}

// cryptSchemes are the names of hashes in the modular crypt format, without
// those that nobody uses.
var cryptSchemes = setOf("1", "2", "2a", "2b", "2x", "2y", "3", "5", "6", "7", "8", "9", "y", "gy", "p", "h", "s", "apr1", "md5", "sha1", "sm3", "scrypt",
	"argon2i", "argon2id", "argon2d", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512", "pbkdf2_sha256", "bcrypt-sha256", "scram", "s0", "s1", "bcrypt", "bcrypt_sha256")

// crypt looks at a password hash in the modular crypt format; its $ stands
// before i.
func (sc *scanner) crypt(i int) {
	b := sc.b
	if k := run(b, i, chKey); at(b, k) != '$' && at(b, k) != ',' || k-i > 16 || !cryptSchemes[string(lowerOf(b[i:k], sc.lower[:]))] {
		return
	}
	n := i
	dollars, longest, part := 0, 0, 0
	for n < len(b) && n < i+1024 && (is(b[n], chAlnum) || b[n] == '.' || b[n] == '/' || b[n] == '$' || b[n] == '=' || b[n] == ',' || b[n] == '+' || b[n] == '-' || b[n] == '_') {
		if b[n] == '$' {
			dollars++
			part = 0
		} else {
			part++
			longest = max(longest, part)
		}
		n++
	}
	for n > i && (b[n-1] == ',' || b[n-1] == '.' && false) {
		n--
	}
	if dollars < 1 || longest < 16 || n-i < 20 || i-1 < sc.skip {
		return
	}
	if s := run(b, sc.ls, chKey); s > sc.ls && s == i-2 && b[s] == ':' { // name:$6$...
		sc.userName(sc.ls, s, ruleUserField)
	}
	sc.emit(i-1, n, cPassword, ruleCrypt, spanLearn)
}

// hashSchemes are the names that LDAP and Dovecot write before a hash.
var hashSchemes = setOf("ssha", "ssha256", "ssha384", "ssha512", "sha", "sha1", "sha256", "sha384", "sha512", "smd5", "md5", "crypt", "pbkdf2", "bcrypt",
	"blf", "argon2", "argon2i", "argon2id", "scram", "cryptpassword", "cram", "pbkdf2_sha256", "x")

// braceHash looks at {SSHA}base64.
func (sc *scanner) braceHash(i, e int) {
	b := sc.b
	k := e
	if at(b, k) == '-' || at(b, k) == '_' {
		k = run(b, k, chKey)
	}
	if at(b, k) != '}' {
		return
	}
	n := k + 1
	for n < len(b) && (is(b[n], chAlnum) || b[n] == '+' || b[n] == '/' || b[n] == '=' || b[n] == '$' || b[n] == '.') {
		n++
	}
	if n-k > 16 {
		sc.emit(i-1, n, cPassword, ruleCrypt, spanLearn)
	}
}

// homeDir looks at /home/X, /Users/X and C:\Users\X.
func (sc *scanner) homeDir(i, e int) {
	b := sc.b
	if i == 0 || e >= len(b) || b[i-1] != '/' && b[i-1] != '\\' || b[e] != b[i-1] {
		return
	}
	if b[i] == 'h' && i > 1 && is(b[i-2], chWord) && b[i-1] == '/' { // example.com/home/...: of a URL
		return
	}
	if b[i] == 'u' && b[i-1] == '/' {
		return
	}
	s := e + 1
	if b[e] == '\\' {
		for s < len(b) && b[s] == '\\' {
			s++
		}
	}
	n := run(b, s, chKey)
	if b[e] == '\\' { // names with blanks, up to the next backslash
		if k := bytes.IndexByte(b[n:min(len(b), n+24)], '\\'); k > 0 && at(b, n) == ' ' && run(b, n, chKey|chSpace) == n+k {
			n += k
		}
	}
	for n > s && (b[n-1] == '.' || b[n-1] == '-') {
		n--
	}
	if n > s && (fileName(b[s:n]) && at(b, n) != '/') {
		return
	}
	if b[e] == '\\' && n > s && bytes.IndexByte(b[s:n], ' ') > 0 {
		if !wellKnown[string(lowerOf(b[s:n], sc.lower[:]))] {
			sc.emit(s, n, cUsername, ruleHome, 0)
		}
		return
	}
	sc.userName(s, n, ruleHome)
}

// snmp looks at the lines of SNMP agents and switches that carry a community
// or a pass phrase.
func (sc *scanner) snmp(i, e int) {
	b := sc.b
	if !sc.leads(i) {
		return
	}
	end := sc.eol(e)
	word := string(lowerOf(b[i:e], sc.lower[:]))
	server := word == "snmp-server"
	nth, secret := 0, 0
	last := [2]int{}
	for p := run(b, e, chSpace); p < end; {
		s, n, next := sc.argument(p)
		if next <= p || n <= s || b[s] == '#' {
			break
		}
		nth++
		arg := string(lowerOf(b[s:n], sc.lower[:]))
		hide := nth == secret
		switch {
		case server && nth == 1 && arg != "host" && arg != "user" && arg != "community":
			return
		case server && nth == 1 && arg == "community":
			secret = 2
		case arg == "version" || arg == "v1" || arg == "v3" && server:
		case arg == "1" || arg == "2c" || arg == "noauth":
			if server {
				secret = nth + 1
			}
		case arg == "md5" || arg == "sha" || arg == "sha-256" || arg == "sha-512" || arg == "aes" || arg == "des" || arg == "3des":
			secret = nth + 1
		case arg == "128" || arg == "192" || arg == "256" || arg == "encrypted" || arg == "auth" || arg == "priv":
			if hide {
				secret = nth + 1
				hide = false
			}
		case !server && (word == "trapsink" || word == "trap2sink" || word == "informsink") && nth == 2:
			hide = true
		}
		if hide && !placeholder(b[s:n]) && arg != "public" && arg != "private" {
			sc.emit(s, n, cPassword, ruleSentence, spanLearn)
		}
		last = [2]int{s, n}
		p = run(b, next, chSpace)
	}
	if nth == 3 && (word == "com2sec" || word == "com2sec6") && !placeholder(b[last[0]:last[1]]) {
		sc.emit(last[0], last[1], cPassword, ruleSentence, spanLearn)
	}
}

// redisUser looks at the rules of a Redis user: user x on >password.
func (sc *scanner) redisUser(p int) {
	b := sc.b
	end := sc.eol(p)
	for k := p; k < end; k++ {
		if (b[k] == '>' || b[k] == '<' || b[k] == '#') && b[k-1] == ' ' && k+3 < end && b[k+1] > ' ' {
			n := k + 1
			for n < end && b[n] > ' ' {
				n++
			}
			sc.emit(k+1, n, cPassword, ruleSentence, spanLearn)
		}
	}
}

// lineWord is where the first word of a line begins.
func lineWord(b []byte, i int) int { return run(b, i, chSpace) }

// announced looks at a temporary password is generated for root@localhost: x.
func (sc *scanner) announced(i, e int) bool {
	b := sc.b
	end := sc.eol(e)
	if end-e > 160 {
		return false
	}
	k := bytes.LastIndex(b[e:end], []byte(": "))
	if k < 1 {
		return false
	}
	said := b[e : e+k]
	if !bytes.Contains(said, []byte("generated")) && !bytes.Contains(said, []byte(" for ")) && !bytes.Contains(said, []byte("created")) {
		return false
	}
	switch string(lowerOf(sc.wordBefore(i), sc.lower[:])) {
	case "temporary", "initial", "generated", "default", "random", "new", "time", "admin", "root", "superuser", "bootstrap", "your", "the":
	default:
		return false
	}
	s := run(b, e+k+2, chSpace)
	n := end
	for n > s && is(b[n-1], chSpace) {
		n--
	}
	v := b[s:n]
	if len(v) < 6 || firstBlank(v) < len(v) || !hasDigit(v) && !hasSign(v) || placeholder(v) || hasPseudonym(v) || isPath(v) {
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
	if n-s < 3 || !is(at(b, n), chSpace) || !keyTail(b, n) {
		return
	}
	k := sc.decide(b[s:n])
	if k != keyPassword && k != keySecret {
		return
	}
	vs, ve, next := sc.argument(run(b, n, chSpace))
	if ve <= vs || statusWord(b[vs:ve]) || placeholder(b[vs:ve]) || hasPseudonym(b[vs:ve]) || isPath(b[vs:ve]) || b[vs] == '=' || b[vs] == '-' {
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

// insert looks at INSERT INTO t (a, password) VALUES ('x', 'y').
func (sc *scanner) insert(e int) {
	b := sc.b
	end := sc.eol(e)
	if !hasPrefixFold(b[e:end], " into ") {
		return
	}
	open := bytes.IndexByte(b[e:min(end, e+200)], '(')
	if open < 0 {
		return
	}
	var kinds [64]keyKind
	n, found := 0, false
	p := e + open + 1
	for p < end && n < len(kinds) {
		for p < end && (is(b[p], chSpace|chQuote) || b[p] == '[' || b[p] == '\\') {
			p++
		}
		w := run(b, p, chWord)
		if w == p {
			return
		}
		kinds[n] = sc.decide(b[p:w])
		found = found || kinds[n].secret() || kinds[n] == keyUser
		n++
		for w < end && b[w] != ',' && b[w] != ')' {
			w++
		}
		p = w + 1
		if w < end && b[w] == ')' {
			break
		}
	}
	if !found {
		return
	}
	p = run(b, p, chSpace)
	if !hasPrefixFold(b[p:end], "values") {
		return
	}
	p += 6
	for p < end {
		for p < end && (is(b[p], chSpace) || b[p] == ',') {
			p++
		}
		if p >= end || b[p] != '(' {
			return
		}
		p++
		for k := 0; p < end; k++ {
			p = run(b, p, chSpace)
			s, t, next := sc.argument(p)
			if next <= p {
				if at(b, p) != ',' && at(b, p) != ')' {
					return
				}
			}
			if s > p && k < n && kinds[k] != keyNone {
				f := field{key: kinds[k], quoted: true}
				if kinds[k] == keyPass {
					f.key = keyPassword
				}
				sc.hide(&f, value{start: s, end: t, quoted: true})
			}
			if s == p { // a number, NULL, a call
				for next = p; next < end && b[next] != ',' && b[next] != ')'; next++ {
				}
			}
			p = run(b, next, chSpace)
			if p >= end || b[p] != ',' {
				p++
				break
			}
			p++
		}
	}
}
