package redact

import "bytes"

// passwordOption reports whether the command that goes on at p has an option that
// takes a password, and one that looks like it.
func (sc *scanner) passwordOption(p int) bool {
	b := sc.b
	end := min(sc.eol(p), p+200)
	for _, w := range [...]string{" -p ", " -P ", " -w ", " -pw ", " -A ", " --pass ", " --password ", " --password="} {
		k := bytes.Index(b[p:end], []byte(w))
		if k < 0 {
			continue
		}
		s, e, _ := sc.argument(p + k + len(w))
		v := b[s:e]
		return len(v) >= 4 && (len(w) > len(" --pass ") || hasDigit(v) && hasLetterByte(v) || hasSign(v)) && bytes.IndexByte(v, '/') < 0 && bytes.IndexByte(v, ':') < 0 && !fileName(v)
	}
	return false
}

// flag looks at the name of an option of a command line that starts at i:
// --password x, -AccountKey x, /p:x.
func (sc *scanner) flag(i int) {
	b := sc.b
	k := i - 1
	if b[k] == '-' && k > sc.ls && b[k-1] == '-' {
		k--
	}
	if k > sc.ls && b[k-1] > ' ' && !is(b[k-1], chQuote) && b[k-1] != '[' && b[k-1] != '(' && b[k-1] != ',' && b[k-1] != '!' || b[k] == '/' {
		return
	}
	e := run(b, i, chKey)
	if at(b, e) == ' ' && at(b, e+1) == '-' && is(at(b, e+2), chAlpha|chKey) { // the next flag tells: --set-admin-password -passwd x
		if n := run(b, e+2, chKey); at(b, n) == ' ' && keyTail(b, n) && sc.decide(bytes.TrimLeft(b[e+2:n], "-")).secret() {
			return
		}
	}
	if e-i == len("from-literal") && lower(b[i]) == 'f' && bytes.Contains(b[max(sc.ls, i-4096):i], []byte(" secret ")) && hasSuffixFold(b[i:e], "literal") {
		sc.fromLiteral(e)
		return
	}
	listed, inList := e, false // the argument after it, in a list
	if e-i <= 3 && (b[i] == 'p' || b[i] == 'P' || b[i] == 'w' || b[i] == 'a') && e < len(b) && is(b[e], chQuote) {
		listed, inList = behindElement(b, e)
		inList = inList && listed < len(b) && is(b[listed], chQuote)
	}
	if e-i == 1 && b[i]|0x20 == 'u' && at(b, e) == ' ' { // -u name:'x', -u name -p x, of whatever program
		if n := run(b, e+1, chKey); n > e+1 && at(b, n) == ':' && quoteAt(b, n+1) == 1 && b[i] == 'u' {
			sc.pair(e+1, n+1)
		} else if is(at(b, n), chSpace) && gradeOf(b[e+1:n]) > noName && sc.passwordOption(n) {
			sc.userName(e+1, n, ruleFlag)
		}
		return
	}
	if e-i == 1 && (at(b, e) == ' ' || inList) && (b[i] == 'p' || b[i] == 'P' || b[i] == 'w' || b[i] == 'a') {
		p := run(b, e, chSpace)
		if inList {
			p = listed
		}
		s, n, _ := sc.argument(p)
		if c := bytes.IndexByte(b[s:n], ':'); c > 0 && c < n-s-1 && account2(b[s:s+c]) && !(c == 1 && b[s+2] == '\\') && !is(b[i], chUpper) && (hasLetterByte(b[s+c+1:n]) || n-s-c > 6) && bytes.IndexByte(b[s:n], '/') < 0 {
			if b[i] == 'a' {
				sc.pair(s, n)
			}
			return
		}
		if v := b[s:n]; b[i] == 'p' && n-s >= 6 && (hasDigit(v) || hasSign(v)) && hasLetterByte(v) && !isPath(v) && bytes.IndexByte(v, '/') < 0 && !reference(v) && !placeholder(v) && !dealtWith(v) && b[s] != '$' && b[s] != '%' && b[s] != '-' && sc.userOption(k) {
			sc.hideSecret(s, n, cPassword, ruleFlag)
			return
		}
		if v := b[s:n]; n-s >= 8 && secretWord(v) && mixedCaseDigits(v) && !isPath(v) && bytes.IndexByte(v, '/') < 0 && bytes.IndexByte(v, '=') < 0 {
			sc.ownerOption(s)
			sc.hideSecret(s, n, cPassword, ruleFlag)
		}
		return
	}
	if hasSuffixFold(b[i:e], "stdin") && k < i-1 && (e-i > 8 || e-i == 5 && mentions(b[sc.ls:i], "passwd ")) { // echo x | command --password-stdin
		if e-i == 5 || sc.decide(b[i:e-6]).secret() || hasSuffixFold(b[i:e], "on-stdin") {
			if s, n, ok := sc.echoed(i); ok {
				sc.hideSecret(s, n, cPassword, ruleProgram)
			} else if s, n, ok := sc.hereString(e, sc.eol(e)); ok {
				sc.hideSecret(s, n, cPassword, ruleProgram)
			}
		}
		return
	}
	if hasPrefixFold(b[i:e], "stdin-") || hasPrefixFold(b[i:e], "passphrase-fd") {
		if s, n, ok := sc.echoed(i); ok {
			sc.hideSecret(s, n, cPassword, ruleProgram)
		}
		return
	}
	if b[i] == 'p' && k == i-1 && e-i <= 3 && (at(b, e) == ' ' || inList) && (e-i == 2 && (b[i+1] == 'w' || b[i+1] == 'd') || string(b[i:e]) == "pas") { // -pw x
		p := run(b, e, chSpace)
		if inList {
			p = listed
		}
		s, n, next := sc.argument(p)
		q := run(b, next, chSpace)
		if v := b[s:n]; len(v) >= 5 && b[s] != '-' && (hasDigit(v) || hasSign(v) || allLetters(v) && !statusWord(v) && !notUser(v) && k > sc.ls+4 && (q >= sc.eol(s) || b[q] == '-')) && !isPath(v) {
			sc.ownerOption(s)
			sc.hideSecret(s, n, cPassword, ruleFlag)
		}
		return
	}
	if b[i] == 'n' && k < i-1 && (string(b[i:e]) == "name" || string(b[i:e]) == "key-name") && at(b, e) == ' ' { // --name /db/password --value x
		sc.namedFlag(e)
		return
	}
	if b[i] == 's' && k == i-1 && at(b, e) == ' ' && string(b[i:e]) == "setcookie" { // erl -setcookie x
		s, n, _ := sc.argument(run(b, e, chSpace))
		if v := b[s:n]; secretWord(v) || len(v) >= 16 && firstBlank(v) == len(v) && v[0] != '$' {
			sc.hideSecret(s, n, cToken, ruleFlag)
		}
		return
	}
	if e-i < 3 || e-i > 48 || e >= len(b) || !keyTail(b, e) || aboutAction(b[i:e]) {
		return
	}
	if k == i-1 && is(b[i], chLower) && hasDigit(b[i:e]) && mixed(b[i:e]) { // -pSecret1 of whatever program
		return
	}
	if dealtWith(b[i:e]) { // -pSecret, redacted before
		return
	}
	for _, sp := range sc.ahead[sc.front:] { // -pSecret of a program known
		if sp.start >= e {
			break
		}
		if sp.end > i {
			return
		}
	}
	f := field{start: i, end: e, space: true}
	p := e
	switch c := b[e]; {
	case is(c, chSpace):
		p = run(b, e, chSpace)
		if n := run(b, p, chAlpha); p > e+1 && is(at(b, p), chUpper) && at(b, n) == ' ' && run(b, p+1, chLower) == n && is(at(b, n+1), chLower) && k <= sc.ls+8 && sc.leads(k) { // what a program says of its options
			return
		}
	case is(c, chQuote) || c == '\\': // "--password", "x"
		for p < len(b) && (is(b[p], chQuote) || b[p] == '\\') {
			p++
		}
		n := p
		for p < len(b) && (b[p] == ',' || is(b[p], chSpace)) {
			p++
		}
		dash := run(b, sc.ls, chSpace)
		if c := at(b, p); p == n && (c == '\n' || c == '\r') && b[dash] == '-' && dash < k { // - "--password"
			if f.key = sc.decide(b[i:e]); f.key.secret() && f.key != keyCookie {
				sc.below(&f, sc.eol(n), inArgument).marked = true
			}
			return
		}
		if at(b, p) == '\n' && p > n && b[n] == ',' { // its argument is on the next line
			if f.key = sc.decide(b[i:e]); f.key.secret() && f.key != keyCookie {
				sc.below(&f, sc.eol(n), inArgument)
			}
			return
		}
		if p > n {
			p = audited(b, p)
		}
		if p == n || p >= len(b) || !is(b[p], chQuote) && b[p] != '\\' {
			return
		}
	case (c == '\n' || c == '\r') && b[run(b, sc.ls, chSpace)] == '-' && run(b, run(b, sc.ls, chSpace)+1, chSpace) == k && k > sc.ls+1: // - --password
		if f.key = sc.decide(b[i:e]); f.key.secret() && f.key != keyCookie {
			sc.below(&f, sc.eol(e), inArgument).marked = true
		}
		return
	case (c == '\n' || c == '\r') && run(b, sc.ls, chSpace) == k: // a file of options, one word to a line
		next := min(nextLine(b, sc.eol(e)), len(b))
		w := next + deep(b[next:])
		if n := sc.token(w); w-next == k-sc.ls && n > w && b[w] != '-' && b[w] != '<' && n >= sc.eol(w) && (hasDigit(b[w:n]) || hasSign(b[w:n])) {
			if f.key = sc.decide(b[i:e]); f.key.secret() && f.key != keyCookie {
				sc.below(&f, sc.eol(e), inArgument).marked = true
			}
		}
		return
	case c == ':' && mentions(b[sc.ls:k], "rgument "): // argument --password: invalid choice: 'x'
		if q := bytes.Index(b[e:sc.eol(e)], []byte(": '")); q > 0 {
			if s, n, next := sc.argument(e + q + 2); next > n && sc.stands(sc.decide(b[i:e]), b[s:n]) && sc.decide(b[i:e]).secret() {
				sc.hideSecret(s, n, cPassword, ruleFlag)
			}
		}
		return
	case c == ',': // [--password, x, --port, 1]
		sc.listedArgument(k, i, e)
		return
	default:
		return
	}
	f.key = sc.decide(b[i:e])
	switch f.key {
	case keySession:
		f.key = keyWeak
	case keyPass:
		if !hasSuffixFold(b[i:e], "pass") {
			return
		}
	}
	if !f.key.secret() || f.key == keyCookie {
		if f.key == keyUser && p < len(b) {
			s, n, _ := sc.argument(p)
			if c := bytes.IndexByte(b[s:n], ':'); c > 0 && b[k+1] == '-' && (account2(b[s:s+c]) && secretWord(b[s+c+1:n]) || hasPseudonym(b[s:n]) && !dealtWith(b[s:n]) && b[s+c+1] != '/') { // --user name:password
				sc.pair(s, n)
				return
			}
			if n > s && b[s] != '-' && !(s == p && (proseWord(b[s:n]) || notUser(b[s:n]) || sc.aboutSwitch(k, n))) {
				if c := bytes.IndexByte(b[s:n], ':'); c > 0 && c < n-s-1 { // --user name:password
					sc.pair(s, n)
					return
				}
				if bytes.Count(b[s:n], []byte(".")) < 2 || bytes.IndexByte(b[s:n], '@') > 0 {
					sc.userValue(value{start: s, end: n})
				}
			}
		}
		return
	}
	s, n, _ := sc.argument(p)
	if n == s+1 && b[s] == '\\' && n >= sc.eol(s) { // its argument is on the next line
		sc.below(&f, n, inArgument)
		return
	}
	if s == p && at(b, s) == '<' && at(b, s+1) == '(' { // <(echo x)
		if hasPrefixFold(b[s+2:], "echo ") {
			s, n, _ = sc.argument(run(b, s+6, chSpace))
			sc.hideSecret(s, n, cPassword, ruleFlag)
		}
		return
	}
	if n > s && (s == p && b[s] == '(' || s > p && b[s] == '{' && bytes.Contains(b[s:n], []byte(`":`))) { // an expression; JSON, of which the keys tell
		return
	}
	if n <= s || b[s] == '-' && at(b, s+1) == '-' || b[s] == '-' && is(at(b, s+1), chLower) && n-s < 4 {
		return
	}
	text := b[s:n]
	if s == p && text[0] == '-' && n-s > 4 && keyTail(b, n) && sc.decide(bytes.TrimLeft(text, "-")).secret() && is(at(b, n), chSpace) { // --set-admin-password -passwd x
		return
	}
	if w := bytes.TrimRight(text, ".,"); s == p && b[k] == '-' && (conjunction(w) || len(w) < len(text) && allLetters(w)) { // an option that a sentence names
		return
	}
	if s == p && (b[i-1] == '-' && b[k] != '-' && (statusWord(text) || proseWord(text)) || b[i-1] == '-' && sc.aboutSwitch(k, n) && run(text, 0, chAlpha) >= len(text)-1) {
		return
	}
	if c := bytes.IndexByte(text, ':'); f.key == keyAuth && c > 0 && account2(text[:c]) && bytes.IndexByte(text, '/') < 0 {
		sc.pair(s, n)
		return
	}
	if f.key == keyAuth || f.key == keyWeak {
		if f.key == keyWeak && b[k] == '-' && len(text) >= 8 && secretWord(text) || f.key == keyAuth && secretWord(text) {
			sc.hideSecret(s, n, cToken, ruleFlag)
		} else if f.key == keyAuth {
			if c := bytes.IndexByte(text, ':'); c > 0 && bytes.IndexByte(text, '/') < 0 {
				sc.pair(s, n)
			}
		}
		return
	}
	if c := bytes.IndexByte(text, ':'); c == 4 && hasPrefixFold(text, "pass") { // openssl: pass:x
		s += 5
	} else if c == 3 && hasPrefixFold(text, "env") || c == 4 && hasPrefixFold(text, "file") || c == 2 && hasPrefixFold(text, "fd") || string(text) == "stdin" {
		return
	}
	c := cPassword
	if f.key == keySecret {
		c = cToken
		if publicKey(text) || len(text) < 4 {
			return
		}
	}
	if isPath(text) && f.key == keySecret || codeLike(text) || isPath(text) && (bytes.IndexByte(text, '.') > 0 || bytes.Count(text, []byte("/")) > 1) {
		return
	}
	if string(text) == "secret" && c == cToken {
		return
	}
	sc.ownerOption(s)
	sc.hideSecret(s, n, c, ruleFlag)
}

// listedArgument looks at the option that begins at k, with its name b[i:e], in
// a list of arguments that commas part and no quotes enclose, as Java prints
// lists: [--password, x, --port, 1].
func (sc *scanner) listedArgument(k, i, e int) {
	b := sc.b
	open := bytes.LastIndexByte(b[max(sc.ls, k-1024):k], '[')
	if open < 0 {
		return
	}
	open += max(sc.ls, k-1024)
	end := min(sc.eol(e), e+1024)
	if b[k-1] != ' ' && b[k-1] != '[' || at(b, e+1) != ' ' || bytes.IndexByte(b[open:k], ']') >= 0 {
		return
	}
	s := e + 2
	n := s
	for n < end && b[n] > ' ' && b[n] != ']' && (b[n] != ',' || at(b, n+1) != ' ') {
		n++
	}
	if c := at(b, n); n >= end || c != ',' && c != ']' || b[s] == '-' {
		return
	}
	k2 := sc.decide(b[i:e])
	if v := b[s:n]; (k2 == keyPassword && (hasDigit(v) || hasSign(v)) || k2.secret() && k2 != keyCookie) && sc.stands(k2, v) {
		c := cPassword
		if k2 != keyPassword {
			c = cToken
		}
		sc.hideSecret(s, n, c, ruleFlag)
	}
}

// hideSecret hides the argument of an option.
func (sc *scanner) hideSecret(s, e int, c classID, r ruleID) {
	b := sc.b
	if s >= e || placeholder(b[s:e]) && !hasPseudonym(b[s:e]) || e-s < 3 && !hasDigit(b[s:e]) && !hasLetterByte(b[s:e]) {
		return // nothing, or a sign: := and ->
	}
	if ts, te, tc, tr, ok := matchToken(b, s); ok && ts == s && te == e {
		sc.emit(s, e, tc.id(), tr, 0)
		return
	}
	sc.emit(s, e, c, r, spanLearn)
}

// pair hides user:password.
func (sc *scanner) pair(s, e int) {
	c := bytes.IndexByte(sc.b[s:e], ':')
	if c < 0 {
		return
	}
	sc.userName(s, s+c, ruleUserField)
	s, e = sc.unquoted(s+c+1, e)
	sc.hideSecret(s, e, cPassword, ruleFlag)
}

// unquoted is what b[s:e] is when quotes open there, within an argument, as in
// name:'x|y'; a sign of the shell in them does not end it.
func (sc *scanner) unquoted(s, e int) (int, int) {
	if q := at(sc.b, s); q == '\'' || q == '"' {
		if vs, ve, next := sc.argument(s); next > ve && ve > vs && ve <= sc.eol(s) {
			return vs, ve
		}
	}
	return s, e
}

// option says how a program takes a secret.
type option struct {
	flag   string // with its dash; what follows directly or as the next argument
	glued  bool   // -pX
	apart  bool   // -p X
	pair   byte   // the sign between user and password, if both stand there
	prefix string // what the argument begins with: pass:
	tail   byte   // the sign that the secret follows, at last: name:key
	like   bool   // only what looks like a secret
	user   bool   // the name of a user
}

var (
	gluedP = []option{{flag: "-p", glued: true}}
	apartP = []option{{flag: "-p", apart: true}}
	likeP  = []option{{flag: "-p", apart: true, like: true}}
	slashP = []option{{flag: "/p", apart: true}, {flag: "-p", apart: true, like: true}}
	bothW  = []option{{flag: "-w", apart: true, glued: true}}
	snmpV3 = []option{{flag: "-c", apart: true}, {flag: "-A", apart: true}, {flag: "-X", apart: true}}
	nameY  = []option{{flag: "-y", apart: true, tail: ':'}}
	bothP  = []option{{flag: "-p", glued: true, apart: true}}
	bigP   = []option{{flag: "-P", glued: true, apart: true}}
	pairU  = []option{{flag: "-u", apart: true, glued: true, pair: ':'}, {flag: "-U", apart: true, pair: ':'}, {flag: "--user", apart: true, pair: ':'}, {flag: "--proxy-user", apart: true, pair: ':'}, {flag: "-E", apart: true, tail: ':'}, {flag: "--cert", apart: true, tail: ':'}, {flag: "--proxy-cert", apart: true, tail: ':'}}
)

// programs are the commands that people give secrets to by short options.
var programs = withAlikes(map[string][]option{
	"mysql": gluedP, "mysqldump": gluedP, "mysqladmin": gluedP, "mariadb": gluedP, "mariadb-dump": gluedP, "mysqlimport": gluedP, "mysqlcheck": gluedP, "mysqlshow": gluedP, "mysqlslap": gluedP, "mysqlpump": gluedP,
	"xtrabackup": gluedP, "innobackupex": gluedP, "mydumper": bothP,
	"sshpass": bothP, "docker": apartP, "podman": apartP, "helm": apartP, "oc": apartP, "cf": apartP, "skopeo": apartP, "buildah": apartP, "az": likeP,
	"curl": pairU, "curl.exe": pairU, "http": {{flag: "-a", apart: true, pair: ':'}}, "https": {{flag: "-a", apart: true, pair: ':'}}, "lftp": {{flag: "-u", apart: true, pair: ','}}, "ncftp": apartP,
	"openssl": {{flag: "-passin", apart: true, prefix: "pass:"}, {flag: "-passout", apart: true, prefix: "pass:"}, {flag: "-pass", apart: true, prefix: "pass:"}, {flag: "-k", apart: true}},
	"plink":   {{flag: "-pw", apart: true}}, "pscp": {{flag: "-pw", apart: true}}, "psftp": {{flag: "-pw", apart: true}}, "plink.exe": {{flag: "-pw", apart: true}}, "pscp.exe": {{flag: "-pw", apart: true}},
	"redis-cli": {{flag: "-a", apart: true}}, "mongo": bothP, "mongosh": bothP, "mongodump": bothP, "mongorestore": bothP, "mongoexport": bothP, "mongoimport": bothP, "mongostat": bothP, "mongotop": bothP, "mongofiles": bothP,
	"ldapsearch": bothW, "ldapadd": bothW, "ldapmodify": bothW, "ldapwhoami": bothW, "ldapdelete": bothW, "ldapcompare": bothW, "ldapmodrdn": bothW, "ldapexop": bothW, "ldappasswd": {{flag: "-w", apart: true, glued: true}, {flag: "-s", apart: true}, {flag: "-a", apart: true}},
	"sqlcmd": bigP, "sqlcmd.exe": bigP, "bcp": bigP, "osql": bigP, "isql": bigP, "tsql": bigP,
	"smbclient": {{flag: "-U", apart: true, glued: true, pair: '%'}, {flag: "--user", apart: true, pair: '%'}}, "rpcclient": {{flag: "-U", apart: true, pair: '%'}}, "winexe": {{flag: "-U", apart: true, pair: '%'}}, "net": {{flag: "-U", apart: true, pair: '%'}},
	"ssh-keygen": {{flag: "-N", apart: true}, {flag: "-P", apart: true}},
	"zip":        {{flag: "-P", apart: true}}, "unzip": {{flag: "-P", apart: true}}, "7z": gluedP, "7za": gluedP, "rar": gluedP, "unrar": gluedP,
	"rdesktop": apartP, "ipmitool": {{flag: "-P", apart: true}},
	"snmpwalk": {{flag: "-c", apart: true}, {flag: "-A", apart: true}, {flag: "-X", apart: true}}, "snmpget": {{flag: "-c", apart: true}, {flag: "-A", apart: true}, {flag: "-X", apart: true}}, "snmpbulkwalk": {{flag: "-c", apart: true}, {flag: "-A", apart: true}, {flag: "-X", apart: true}},
	"psexec": {{flag: "-p", apart: true}, {flag: "-u", apart: true, user: true}}, "beeline": apartP, "cqlsh": apartP, "nodetool": {{flag: "-pw", apart: true}}, "mosquitto_pub": bigP, "mosquitto_sub": bigP, "crackmapexec": apartP, "evil-winrm": apartP, "rabbitmqadmin": apartP,
	"useradd": apartP, "usermod": apartP, "schtasks": {{flag: "/rp", apart: true}, {flag: "/p", apart: true}, {flag: "/ru", apart: true, user: true}}, "schtasks.exe": {{flag: "/rp", apart: true}, {flag: "/p", apart: true}, {flag: "/ru", apart: true, user: true}}, "cmdkey": {{flag: "/pass:", glued: true}}, "svn": nil,
	"ipa-server-install": {{flag: "-p", apart: true}, {flag: "-a", apart: true}}, "ipa-replica-install": {{flag: "-p", apart: true, like: true}, {flag: "-w", apart: true}}, "ipa-client-install": {{flag: "-w", apart: true}},
	"basic_ldap_auth": bothW, "squid_ldap_auth": bothW, "racadm": apartP, "ilorest": apartP, "uemcli": apartP, "mycli": bothP, "oras": apartP, "twine": apartP, "vsql": bothW, "sqsh": bigP, "mssql-cli": bigP, "naviseccli": {{flag: "-password", apart: true}}, "x11vnc": {{flag: "-passwd", apart: true}},
	"snmpset": snmpV3, "snmptable": snmpV3, "snmpbulkget": snmpV3, "snmpgetnext": snmpV3, "snmptrap": snmpV3,
	"ncftpput": apartP, "ncftpget": apartP, "ncftpls": apartP,
	"hdbsql": apartP, "cypher-shell": apartP, "neo4j-admin": likeP, "cbbackupmgr": apartP, "couchbase-cli": apartP, "cbimport": apartP, "cbexport": apartP, "cbq": apartP, "veracrypt": apartP, "truecrypt": apartP, "mcrcon": apartP, "rcon": likeP, "arangosh": likeP, "ttisql": likeP,
	"dig": nameY, "nsupdate": nameY, "delv": nameY, "knsupdate": nameY, "kdig": nameY,
	"signtool": slashP, "srvrmgr": slashP, "ktpass": {{flag: "/pass", apart: true}, {flag: "-pass", apart: true}}, "ktpass.exe": {{flag: "/pass", apart: true}, {flag: "-pass", apart: true}},
	"govc": {{flag: "-l", apart: true, pair: ':'}}, "openconnect": {{flag: "-u", apart: true, user: true}, {flag: "--cookie=", glued: true}, {flag: "--cookie", apart: true}, {flag: "-C", apart: true}},
	"kcadm": apartP, "influx": {{flag: "-p", apart: true, like: true}, {flag: "-t", apart: true, like: true}}, "jboss-cli": {{flag: "-p", apart: true}}, "pveum": {{flag: "-password", apart: true}, {flag: "--password", apart: true}}, "ktutil": nil, "vncpasswd": nil, "kadmin": {{flag: "-w", apart: true}, {flag: "-pw", apart: true}}, "kadmin.local": {{flag: "-pw", apart: true}}, "addprinc": {{flag: "-pw", apart: true}}, "cpw": {{flag: "-pw", apart: true}}, "ank": {{flag: "-pw", apart: true}}, "netexec": apartP, "nxc": apartP, "impacket": nil, "wmiexec": nil, "doveadm": {{flag: "-p", apart: true}}, "saslpasswd2": nil, "passwd": nil,
	"keytool": {{flag: "-storepass", apart: true}, {flag: "-keypass", apart: true}, {flag: "-srcstorepass", apart: true}, {flag: "-deststorepass", apart: true}}, "jarsigner": {{flag: "-storepass", apart: true}, {flag: "-keypass", apart: true}},
})

// program looks at the arguments of a command at i.
func (sc *scanner) program(i, e int) {
	b := sc.b
	name := string(lowerOf(b[i:e], sc.lower[:]))
	if hasPrefixFold(b[e:], ".exe ") {
		e += len(".exe")
	} else if bytes.HasPrefix(b[e:], []byte(".sh ")) || bytes.HasPrefix(b[e:], []byte(".py ")) || bytes.HasPrefix(b[e:], []byte(".pl ")) {
		e += len(".sh")
	}
	switch at(b, e) {
	case '(':
		sc.connects(i, e)
		return
	case ':', '[':
		if name == "sudo" {
			sc.sudoTag(e)
		}
		return
	}
	if c, d := at(b, e), at(b, e+1); d == '\\' && c == ' ' || d == 'n' && c == '\\' { // it is quoted with the line
		sc.names = e
	}
	if !is(at(b, e), chSpace) && at(b, e) != '\n' && at(b, e) != '\r' && at(b, e) != '"' && at(b, e) != '\'' && at(b, e) != '\\' || i > sc.ls && (is(b[i-1], chAlnum) || b[i-1] == '-' || b[i-1] == '.' || b[i-1] == '=' && !hasSuffixFold(b[sc.ls:i-1], "proctitle") && !hasSuffixFold(b[sc.ls:i-1], "cmd") && !hasSuffixFold(b[sc.ls:i-1], "cmdline") && !hasSuffixFold(b[sc.ls:i-1], "command") || b[i-1] == ':' || b[i-1] == '@') {
		return
	}
	if b[i] != name[0] && name != "net" && name[:2] != "sq" && name != "fndcpass" && !(is(at(b, i+1), chUpper) && (name == "reg" || name == "netsh" || name == "cmdkey" || name == "schtasks" || name == "runas")) { // Docker is a product, docker a command
		return
	}
	if is(at(b, e), chQuote) || at(b, e) == '\\' {
		if opts := programs[name]; opts != nil && sc.listBelow(opts, i, e) || sc.vector(i, e) {
			return
		}
		if at(b, e) != '"' {
			return
		}
	}
	sc.accountsIn(i, e)
	end := sc.eol(e)
	end = min(end, e+2048)
	if forms := commands[name]; forms != nil {
		sc.arguments(forms, e, end)
	}
	switch name {
	case "sudo":
		sc.pipedSecret(i, e, end)
		return
	case "kinit", "cryptsetup", "zfs", "smbpasswd", "ksu", "ktutil", "vncpasswd", "passwd", "saslpasswd2":
		if s, n, ok := sc.hereString(e, end); ok {
			sc.hideSecret(s, n, cPassword, ruleProgram)
			return
		}
		if sc.echoedAll(i) {
			return
		}
		if s, n, ok := sc.echoed(i); ok && (hasDigit(b[s:n]) || hasSign(b[s:n])) && n-s > 4 {
			sc.hideSecret(s, n, cPassword, ruleProgram)
		}
		return
	case "openssl":
		if p := run(b, e, chSpace); bytes.HasPrefix(b[p:], []byte("passwd ")) {
			sc.finalArgument(p, end)
			return
		}
	case "dscl":
		if bytes.Contains(b[e:end], []byte("-passwd ")) {
			sc.finalArgument(e, end)
		}
		return
	case "networksetup":
		if bytes.Contains(b[e:end], []byte("-setairportnetwork ")) {
			sc.finalArgument(e, end)
		}
		return
	case "sqlconnectinfo", "sqlnamedconnectinfo":
		sc.finalArgument(e, end)
		return
	case "chpasswd":
		sc.pipedPair(i)
		return
	case "htpasswd", "mosquitto_passwd":
		sc.lastArgument(e, end, 'b', 3)
		return
	case "wpa_passphrase":
		sc.lastArgument(e, end, 0, 2)
		return
	case "rabbitmqctl":
		k := run(b, e, chSpace)
		if hasPrefixFold(b[k:end], "add_user ") || hasPrefixFold(b[k:end], "change_password ") {
			sc.lastArgument(run(b, k, chKey|chUnder), end, 0, 2)
		}
		return
	case "sqlplus", "expdp", "impdp", "rman", "sqlldr":
		sc.sqlplus(e, end)
		return
	case "exp", "imp": // words of many texts
		if _, n, _ := sc.argument(run(b, e, chSpace)); n < end && bytes.IndexByte(b[e:n], '/') > 0 && bytes.IndexByte(b[n:end], '=') > 0 {
			sc.sqlplus(e, end)
		}
		return
	case "hdbuserstore":
		sc.lastArgument(e, end, 0, 5)
		return
	case "consul":
		if bytes.Contains(b[e:end], []byte("set-agent-token ")) {
			sc.finalArgument(e, end)
			return
		}
		if k := bytes.Index(b[e:end], []byte("kv put ")); k >= 0 {
			sc.assignment(e + k + len("kv put"))
		}
		return
	case "net", "net.exe":
		sc.netUse(e, end)
	}
	opts := programs[name]
	if opts == nil {
		return
	}
	if name == "az" && bytes.HasPrefix(b[e:end], []byte(" login ")) {
		opts = apartP
	}
	if name == "docker" || name == "podman" || name == "oc" || name == "cf" || name == "helm" || name == "skopeo" || name == "buildah" {
		if !bytes.Contains(b[e:end], []byte("login")) {
			return
		}
	}
	if run(b, e, chSpace) >= sc.eol(e) && sc.listBelow(opts, i, e) {
		return
	}
	if line := sc.eol(e); slashed(b[e:line]) {
		sc.opens = append(sc.opens, opening{line, region{kind: inCommand, onward: onward{opts: opts}}})
	}
	if at(b, e) == '"' && at(b, e+1) == ' ' {
		e++
	}
	sc.options(opts, e, end)
}

// options looks at the arguments of a command from p to end.
func (sc *scanner) options(opts []option, p, end int) {
	b := sc.b
	for args := 0; p < end && args < 64; args++ {
		p = run(b, p, chSpace)
		if p >= end {
			return
		}
		p = audited(b, p)
		s, n, next := sc.argument(p)
		if next <= p {
			next = p + 1
		}
		if c := b[p]; c == '|' || c == '>' || c == '&' || c == ';' {
			return
		}
		if n-s > 8 && b[s] == '-' && is(b[s+2], chDigit) && lower(b[s+1]) == 'h' { // -h10.0.0.1
			if end, ok := scanIPv4(b, s+2); ok {
				sc.emit(s+2, end, cIPv4, ruleIPv4, 0)
				p = next
				continue
			}
		}
		if n <= s || b[s] != '-' && b[s] != '/' {
			p = next
			continue
		}
		arg := b[s:n]
		for k := range opts {
			o := &opts[k]
			if o.pair == ':' && len(o.flag) == 2 && len(arg) > 2 && len(arg) < 7 && arg[1] != '-' && arg[len(arg)-1] == o.flag[1] && allLetters(arg[1:]) && !bytes.HasPrefix(arg, []byte(o.flag)) { // -su
				arg = arg[len(arg)-2:]
				s = n - 2
			} else if !bytes.HasPrefix(arg, []byte(o.flag)) && !(arg[0] == '/' && hasPrefixFold(arg, o.flag)) {
				continue
			}
			vs, ve := s+len(o.flag), n
			if len(arg) == len(o.flag) || s == n-2 && vs == n {
				if o.glued && s == p && (at(b, n) == '\'' || at(b, n) == '"') { // -p'x'
					vs, ve, next = sc.argument(n)
				} else if !o.apart {
					continue
				} else {
					q := run(b, next, chSpace)
					if q == next || q >= end {
						continue
					}
					q = audited(b, q)
					vs, ve, next = sc.argument(q)
					if ve > vs && b[vs] == '-' && ve-vs < 3 {
						continue
					}
				}
			} else if !o.glued || o.flag == "-p" && longP(arg) {
				continue
			} else if vs < ve && (is(b[vs], chQuote) || entityAt(b, vs) != "") { // -p"x" as one argument
				vs, ve, next = sc.argument(vs)
			}
			sc.optionValue(o, vs, ve)
			break
		}
		p = max(next, p+1)
	}
}

// audited is where an argument begins that auditd numbered: a1="-u".
func audited(b []byte, p int) int {
	if at(b, p) == 'a' && is(at(b, p+1), chDigit) {
		if k := run(b, p+1, chDigit); at(b, k) == '=' && is(at(b, k+1), chQuote) {
			return k + 1
		}
	}
	return p
}

func (sc *scanner) optionValue(o *option, s, e int) {
	b := sc.b
	if e <= s {
		return
	}
	if b[s] == '$' && b[e-1] == '$' && e-s > 2 && run(b, s+1, chUpper|chDigit|chUnder) == e-1 || o.flag == "-C" && string(b[s:e]) == "public" { // a macro of Nagios, as it comes
		return
	}
	if o.prefix != "" {
		if !bytes.HasPrefix(b[s:e], []byte(o.prefix)) {
			return
		}
		s += len(o.prefix)
	}
	if o.tail != 0 {
		c := bytes.LastIndexByte(b[s:e], o.tail)
		if c < 1 {
			return
		}
		s += c + 1
	}
	if o.user {
		sc.userValue(value{start: s, end: e})
		return
	}
	if o.like && !secretWord(b[s:e]) && !(is(at(b, s-1), chQuote) && (hasSign(b[s:e]) || firstBlank(b[s:e]) < e-s) && hasDigit(b[s:e])) {
		return
	}
	if o.pair != 0 {
		c := bytes.IndexByte(b[s:e], o.pair)
		if c < 0 {
			sc.userValue(value{start: s, end: e})
			return
		}
		if bytes.HasPrefix(b[s+c:e], []byte("://")) {
			return
		}
		if k := bytes.LastIndexByte(b[s:s+c], '\\'); k >= 0 {
			sc.userName(s+k+1, s+c, ruleUserField)
		} else {
			sc.userName(s, s+c, ruleUserField)
		}
		s += c + 1
	}
	if s, e = sc.unquoted(s, e); s >= e {
		return
	}
	if bytes.IndexByte(b[s:e], ':') >= 0 && o.flag == "-p" && allDigits(bytes.ReplaceAll(b[s:e], []byte(":"), nil)) { // ports
		return
	}
	sc.ownerOption(s)
	sc.hideSecret(s, e, cPassword, ruleProgram)
}

// pipedSecret looks at echo x | sudo -S.
func (sc *scanner) pipedSecret(i, e, end int) {
	b := sc.b
	if !bytes.Contains(b[e:min(end, e+24)], []byte("-S")) {
		return
	}
	s, n, ok := sc.echoed(i)
	if !ok {
		s, n, ok = sc.hereString(e, end)
	}
	if ok {
		sc.hideSecret(s, n, cPassword, ruleProgram)
	}
}

// pipedInto looks at a command that keeps a secret, of which the word b[i:e] is
// a part, and at what prints it: echo x | docker secret create y -.
func (sc *scanner) pipedInto(i, e int) bool {
	b := sc.b
	if w := b[i:e]; !equalFold(w, "secret") && !equalFold(w, "secrets") {
		return false
	}
	p := run(b, e, chSpace)
	switch string(b[p:run(b, p, chLower)]) {
	case "create", "set", "put", "add", "store", "update", "import", "versions", "edit", "write":
	default:
		return false
	}
	k := sc.ls + bytes.LastIndexByte(b[sc.ls:i], '|') + 1
	if k == sc.ls || i-k > 64 || !is(at(b, k), chSpace) {
		return false
	}
	s, n, ok := sc.echoed(i)
	v := b[s:n]
	if !ok || len(v) < 5 || v[0] == '$' || isPath(v) || statusWord(v) || sc.decide(v) != keyNone {
		return false
	}
	p = run(b, run(b, p, chLower), chSpace)
	if name := b[p:run(b, p, chKey)]; !hasDigit(v) && !hasSign(v) && !sc.decide(name).secret() {
		return false
	}
	sc.hideSecret(s, n, cPassword, ruleProgram)
	return true
}

// echoedAll hides the arguments of printf '%s\n%s\n' x y and of (echo x; echo
// y), where more than one answer is piped into the command at i.
func (sc *scanner) echoedAll(i int) bool {
	b := sc.b
	low := max(sc.ls, i-1024)
	k := low + bytes.LastIndexByte(b[low:i], '|')
	if k < low {
		return false
	}
	type answer struct{ s, e int }
	var found [4]answer
	n, answers, several := 0, false, false
	for p := low; p < k && n < len(found); {
		p = run(b, p, chSpace)
		for p < k && (b[p] == '(' || b[p] == ';' || b[p] == '{' || b[p] == '&') {
			answers = false
			p++
		}
		p = run(b, p, chSpace)
		s, e, next := sc.argument(p)
		if next <= p || s >= k {
			break
		}
		v := b[s:e]
		switch {
		case string(v) == "echo" || string(v) == "printf":
			several = several || n > 0
			answers = true
		case !answers || len(v) < 4 || v[0] == '-' || bytes.IndexByte(v, '%') >= 0 && bytes.IndexByte(v, 's') > 0 && !secretWord(v) || placeholder(v):
			several = several || bytes.Count(v, []byte("%s")) > 1
		default:
			found[n] = answer{s, e}
			n++
		}
		p = next
	}
	if n == 0 || !several {
		return false
	}
	for _, a := range found[:n] {
		if v := b[a.s:a.e]; hasDigit(v) || hasSign(v) || mixed(v) {
			sc.hideSecret(a.s, a.e, cPassword, ruleProgram)
		}
	}
	return true
}

// echoed finds the last argument of an echo or printf that is piped into the
// command at i.
func (sc *scanner) echoed(i int) (s, e int, ok bool) {
	b := sc.b
	low := max(sc.ls, i-2048)
	k := bytes.LastIndexByte(b[low:i], '|')
	if k < 0 {
		return 0, 0, false
	}
	k += low
	w := bytes.LastIndex(b[low:k], []byte("echo "))
	skip := 5
	if w < 0 {
		if w = bytes.LastIndex(b[low:k], []byte("printf ")); w < 0 {
			return 0, 0, false
		}
		skip = 7
	}
	for p := low + w + skip; p < k; {
		p = run(b, p, chSpace)
		if p >= k {
			break
		}
		var next int
		a, z, next := sc.argument(p)
		if next <= p {
			break
		}
		if z > a && b[a] != '-' && z <= k && b[a] != '%' {
			s, e, ok = a, z, true
		}
		p = next
	}
	for ok && e-2 > s && b[e-2] == '\\' && b[e-1] == 'n' {
		e -= 2
	}
	return s, e, ok
}

// pipedPair looks at echo user:password | chpasswd.
func (sc *scanner) pipedPair(i int) {
	if s, e, ok := sc.echoed(i); ok {
		sc.pair(s, e)
	} else if s, e, ok := sc.hereString(i, sc.eol(i)); ok {
		sc.pair(s, e)
	}
}

// lastArgument hides the nth argument that is no option, if it is the last
// and the option needs is given.
func (sc *scanner) lastArgument(p, end int, needs byte, nth int) {
	b := sc.b
	seen := needs == 0
	count := 0
	for p < end {
		p = run(b, p, chSpace)
		if p >= end {
			return
		}
		s, e, next := sc.argument(p)
		if next <= p || e <= s {
			return
		}
		if b[s] == '-' {
			seen = seen || bytes.IndexByte(b[s:e], needs) > 0
			if needs == 'b' && bytes.IndexByte(b[s:e], 'n') > 0 { // to the screen: there is no file
				nth--
			}
			if ns, ne, after := sc.argument(run(b, next, chSpace)); needs == 'b' && b[e-1] == 'C' && after > ne && allDigits(b[ns:ne]) { // what bcrypt shall cost
				next = after
			}
		} else if count++; count == nth && seen {
			sc.hideSecret(s, e, cPassword, ruleProgram)
			return
		} else if count == nth-1 && nth > 1 {
			sc.userName(s, e, ruleUserField)
		}
		p = next
	}
}

// sqlplus looks at user/password@service.
func (sc *scanner) sqlplus(p, end int) {
	b := sc.b
	for p < end {
		p = run(b, p, chSpace)
		s, e, next := sc.argument(p)
		if next <= p || e <= s {
			return
		}
		if hasPrefixFold(b[s:e], "userid=") {
			s += len("userid=")
		}
		if e > s+1 && b[e-1] == '/' && (at(b, e) == '\\' || at(b, e) == '"') { // user/\"x\"@service
			if vs, ve, next := sc.argument(e); next > ve && ve > vs && next <= end {
				sc.userName(s, e-1, ruleUserField)
				sc.hideSecret(vs, ve, cPassword, ruleProgram)
				p = next
				continue
			}
		}
		n := e
		if k := bytes.LastIndexByte(b[s:e], '@'); k > 0 {
			n = s + k
			if h := run(b, n+1, chKey); at(b, h) == ':' && is(at(b, h+1), chDigit) && bytes.IndexByte(b[n:h], '.') > 0 {
				if _, ok := scanIPv4(b, n+1); !ok {
					sc.hostValue(n+1, h)
				}
			}
		}
		if c := bytes.IndexByte(b[s:n], '/'); c > 0 && b[s] != '-' && b[s] != '@' && !(bytes.HasPrefix(b[s:s+c], []byte("ip")) && pseudonymAt(b, s) == c) && bytes.IndexByte(b[s:s+c], '=') < 0 && bytes.IndexByte(b[s:s+c], ':') < 0 && bytes.IndexByte(b[s+c+1:n], '/') < 0 && c+1 < n-s {
			sc.userName(s, s+c, ruleUserField)
			sc.hideSecret(s+c+1, n, cPassword, ruleProgram)
		}
		p = next
	}
}

// netUse looks at net use X: \\host\share password /user:name and at net user
// name password /add.
func (sc *scanner) netUse(p, end int) {
	b := sc.b
	p = run(b, p, chSpace)
	user := hasPrefixFold(b[p:end], "user ")
	if !user && !hasPrefixFold(b[p:end], "use ") {
		return
	}
	p = run(b, p, chAlpha)
	count := 0
	for p < end {
		p = run(b, p, chSpace)
		s, e, next := sc.argument(p)
		if next <= p || e <= s {
			return
		}
		switch c := b[s]; {
		case c == '/':
			if hasPrefixFold(b[s:e], "/user:") {
				sc.userValue(value{start: s + 6, end: e})
			}
		case c == '\\' || c == '*' || b[e-1] == ':':
			if c == '\\' {
				count = 1
			}
		default:
			count++
			if user && count == 1 {
				sc.userName(s, e, ruleUserField)
			}
			if count == 2 {
				sc.hideSecret(s, e, cPassword, ruleProgram)
				return
			}
		}
		p = next
	}
}

func mixedCaseDigits(v []byte) bool {
	var have uint8
	for _, c := range v {
		have |= chars[c] & (chLower | chUpper | chDigit)
	}
	return have == chLower|chUpper|chDigit
}

// namedFlag looks at --name x --value y.
func (sc *scanner) namedFlag(e int) {
	b := sc.b
	s, n, next := sc.argument(run(b, e, chSpace))
	if n <= s || n-s > 128 || !keyTail(b, n) {
		return
	}
	if k := bytes.LastIndexByte(b[s:n], '/'); k >= 0 {
		s += k + 1
	}
	kind := sc.decide(b[s:n])
	if !kind.secret() || kind == keyPass {
		return
	}
	end := min(sc.eol(next), next+256)
	if k := bytes.Index(b[next:end], []byte("--value ")); k >= 0 {
		if s, n, _ := sc.argument(run(b, next+k+len("--value"), chSpace)); n-s >= 4 {
			sc.hideSecret(s, n, cPassword, ruleFlag)
		}
	}
}

// aboutAction reports whether an option says what to do with a secret rather
// than which it is: --export-secret-key, --ask-password.
func aboutAction(v []byte) bool {
	n := run(v, 0, chLower)
	if n == len(v) || v[n] != '-' {
		return false
	}
	switch string(v[:n]) {
	case "ask", "change", "check", "delete", "export", "fetch", "gen", "generate", "get", "import", "initialize", "list", "no", "null", "quick", "recv", "remove", "reset", "search", "send", "show", "stdin", "try", "without", "with", "allow", "disable", "enable", "keep", "read", "verify", "print", "use", "require":
		return true
	}
	return false
}

// aboutSwitch reports whether an option whose dashes begin at k, with a word
// after it that ends at n, stands in a sentence: words of letters are on both
// its sides, and no other option.
func (sc *scanner) aboutSwitch(k, n int) bool {
	b := sc.b
	p := k
	for p > sc.ls && b[p-1] == ' ' {
		p--
	}
	s := runBack(b, p, max(sc.ls, p-24), chAlpha)
	before := s < p && p < k && (s == sc.ls || b[s-1] == ' ' || b[s-1] == '\t' || b[s-1] == '(')
	switch string(b[s:p]) {
	case "systemctl", "systemd", "install", "pip", "journalctl", "loginctl", "busctl", "flatpak":
		return true
	}
	if c := at(b, n); before && (c == '.' || c == ',' || c == '\n' || c == '\r') {
		said := b[sc.ls:k]
		return c == '.' || len(said) < 160 && bytes.IndexByte(said, '/') < 0 && bytes.IndexByte(said, '-') < 0 && is(at(b, run(b, sc.ls, chSpace)), chUpper)
	}
	w := run(b, run(b, n, chSpace), chLower)
	q := run(b, n, chSpace)
	return before && q > n && w > q && (w >= len(b) || b[w] == ' ' || b[w] == '.' || b[w] == '\n') && bytes.IndexByte(b[w:min(sc.eol(w), w+160)], '-') < 0
}

// finalArgument hides the last argument of a command that is the whole of the
// line's rest.
func (sc *scanner) finalArgument(p, end int) {
	b := sc.b
	s, e := 0, 0
	for n := 0; p < end && n < 16; n++ {
		p = run(b, p, chSpace)
		a, z, next := sc.argument(p)
		if p >= end || next <= p {
			break
		}
		s, e, p = a, z, next
	}
	if e-s > 4 && (hasDigit(b[s:e]) || hasSign(b[s:e])) && !isPath(b[s:e]) && b[s] != '-' {
		sc.hideSecret(s, e, cPassword, ruleProgram)
	}
}

// userOption reports whether an option that names an account stands before k in
// the line: -u x -p y, of whatever program.
func (sc *scanner) userOption(k int) bool {
	b := sc.b[max(sc.ls, k-120):k]
	for _, o := range [...]string{" -u ", " --user ", " --username ", " -U ", " -l "} {
		if bytes.Contains(b, []byte(o)) {
			return true
		}
	}
	return false
}

// fromLiteral looks at --from-literal=key=x of kubectl create secret: all that it
// has is secret, whatever the key.
func (sc *scanner) fromLiteral(e int) {
	b := sc.b
	if c := at(b, e); c != '=' && c != ' ' {
		return
	}
	p := e + 1
	q := byte(0)
	if is(at(b, p), chQuote) { // '--from-literal' 'key=x'
		q = b[p]
		p++
	}
	n := run(b, p, chKey)
	if n == p || at(b, n) != '=' {
		return
	}
	s := n + 1
	end := sc.token(s)
	if q != 0 {
		if k := bytes.IndexByte(b[s:min(sc.eol(s), s+4096)], q); k > 0 {
			end = s + k
		}
	} else if quoteAt(b, s) > 0 {
		s, end, _ = sc.argument(s)
	}
	if v := b[s:end]; len(v) > 3 && !reference(v) && !placeholder(v) && v[0] != '$' {
		sc.hideSecret(s, end, cPassword, ruleProgram)
	}
}
