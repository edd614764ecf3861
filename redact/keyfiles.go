package redact

import (
	"bytes"
	"strings"
)

// Some files are nothing but lists of secrets, and no line of them says so:
// what they are is told by their name. layout is how their lines read.
type layout uint8

const (
	noLayout       layout = iota
	layoutCHAP            // client server secret addresses, of pppd
	layoutPairs           // user:password, to the end of the line, of rsync
	layoutClocks          // id type key, of chrony and ntpd
	layoutAgents          // id name address key, of Wazuh
	layoutPeers           // host secret, of RADIUS and racoon
	layoutTAC             // key = "x", of tac_plus
	layoutRealms          // user:realm:hash, of htdigest
	layoutRoles           // user: password,role, of Jetty, Karaf and others
	layoutPlaces          // place user password, of davfs2; label user:password, of OpenSMTPD
	layoutRequest         // Request arg: x, of Wireshark
	layoutReply           // 2) "x", of Redis
	layoutValues          // "x"=dword:00000004, of a key of the registry that is named for it
	layoutAccounts        // user:password, user password, of what is named for accounts
	layoutSecrets         // the same, or a password alone, of what is named for secrets
	layoutKey             // a key alone
	layoutTokens          // token,user,id, of Kubernetes
)

var layouts = map[string]layout{
	"chap-secrets": layoutCHAP, "pap-secrets": layoutCHAP, "srp-secrets": layoutCHAP,
	"rsyncd.secrets": layoutPairs, "rsync.secrets": layoutPairs, "rsyncd.scrt": layoutPairs, "pool_passwd": layoutPairs, ".pool_passwd": layoutPairs,
	"chrony.keys": layoutClocks, "ntp.keys": layoutClocks, "ntpd.keys": layoutClocks,
	"client.keys": layoutAgents,
	"psk.txt":     layoutPeers, "pam_radius_auth.conf": layoutPeers, "pam_radius.conf": layoutPeers, "radiusclient.servers": layoutPeers, "raddb/server": layoutPeers, "raddb/clients": layoutPeers, "radiusclient/servers": layoutPeers, "radcli/servers": layoutPeers,
	"tac_plus.conf": layoutTAC, "tac_plus.cfg": layoutTAC, "tac_plus-ng.cfg": layoutTAC,
	"realm.properties": layoutRoles, "users.properties": layoutRoles, "mgmt-users.properties": layoutRoles, "application-users.properties": layoutRoles, "login.properties": layoutRoles, "artemis-users.properties": layoutRoles, "jmxremote.password": layoutPlaces,
	"davfs2/secrets": layoutPlaces, ".davfs2/secrets": layoutPlaces, "opensmtpd/secrets": layoutPlaces, "smtpd/secrets": layoutPlaces, "mail/secrets": layoutPlaces, "sasl_passwd": layoutPlaces, "exim4/passwd.client": layoutPlaces, "proxychains.conf": layoutPlaces, "proxychains4.conf": layoutPlaces, "sasl/passwd": layoutPlaces, "postfix/sasl_passwords": layoutPlaces, "smtp_auth": layoutPlaces, "authinfo": layoutPlaces,
	"htdigest": layoutRealms, ".htdigest": layoutRealms, "ntp/keys": layoutClocks,
}

// layoutOf is how the lines of a text of that name read.
func layoutOf(name string) layout {
	k := strings.LastIndexAny(name, `/\`)
	base := name[k+1:]
	if l := layouts[base]; l != noLayout {
		return l
	}
	if k > 0 {
		if l := layouts[name[strings.LastIndexAny(name[:k], `/\`)+1:]]; l != noLayout {
			return l
		}
	}
	return namedLayout(base)
}

// entry looks at a line of such a file.
func (sc *scanner) entry(l layout, i int) {
	b := sc.b
	s := run(b, i, chSpace)
	end := sc.eol(s)
	if s >= end || b[s] == '#' || b[s] == ';' {
		return
	}
	switch l {
	case layoutReply:
		if k := bytes.Index(sc.b[s:end], []byte(`) "`)); k > 0 && k < 16 && sc.b[end-1] == '"' {
			sc.hideSecret(s+k+3, end-1, cPassword, ruleDialog)
		} else if k := bytes.Index(sc.b[s:end], []byte("String: ")); k > 0 {
			sc.hideSecret(s+k+len("String: "), end, cPassword, ruleDialog)
		}
		return
	case layoutRequest:
		sc.requestArgument(s, end)
		return
	case layoutRoles:
		sc.withRoles(s, end)
		return
	case layoutAccounts, layoutSecrets, layoutKey:
		sc.accounts(l, s, end)
		return
	case layoutTokens:
		sc.tokenFirst(s, end)
		return
	case layoutValues:
		if v, e, next := sc.argument(s); b[s] == '"' && next > e && at(b, next) == '=' {
			sc.hideSecret(v, e, cPassword, ruleField)
		}
		return
	}
	var args [5][2]int
	n := 0
	if l == layoutPairs || l == layoutRealms {
		k := bytes.IndexByte(b[s:end], ':')
		if k < 1 {
			return
		}
		v := s + k + 1
		if l == layoutRealms {
			r := bytes.IndexByte(b[v:end], ':')
			if r < 0 {
				return
			}
			v += r + 1
		}
		for end > v && is(b[end-1], chSpace) {
			end--
		}
		sc.userName(s, s+k, ruleUserField)
		sc.hideSecret(v, end, cPassword, ruleField)
		return
	}
	for p := s; p < end && n < len(args); n++ {
		a, z, next := sc.argument(p)
		if next <= p || z < a {
			break
		}
		args[n] = [2]int{a, z}
		p = run(b, next, chSpace)
	}
	at, class := 0, cPassword
	switch l {
	case layoutCHAP:
		if at = 2; n > 2 {
			sc.userName(args[0][0], args[0][1], ruleUserField)
		}
	case layoutClocks:
		at, class = n-1, cPrivateKey
		if n < 2 || n > 3 || !allDigits(b[args[0][0]:args[0][1]]) {
			return
		}
		if k := bytes.IndexByte(b[args[at][0]:args[at][1]], ':'); k == 3 || k == 5 { // HEX:, ASCII:
			args[at][0] += k + 1
		}
	case layoutAgents:
		if at, class = 3, cPrivateKey; n != 4 || !allDigits(b[args[0][0]:args[0][1]]) {
			return
		}
	case layoutPlaces:
		if n == 1 { // host:user:password
			v := b[args[0][0]:args[0][1]]
			if k, l := bytes.IndexByte(v, ':'), bytes.LastIndexByte(v, ':'); k > 0 && l > k+1 && l < len(v)-1 {
				sc.hideSecret(args[0][0]+l+1, args[0][1], cPassword, ruleField)
			}
			return
		}
		if n == 5 && allDigits(b[args[2][0]:args[2][1]]) { // kind address port user password
			sc.accountName(args[3][0], args[3][1])
			sc.hideSecret(args[4][0], args[4][1], class, ruleField)
			return
		}
		if last := b[args[n-1][0]:args[n-1][1]]; len(last) <= 5 && allDigits(last) { // a port, a time
			return
		}
		if n == 2 { // label user:password
			if v := b[args[1][0]:args[1][1]]; bytes.IndexByte(v, ':') > 0 {
				sc.accountAndSecret(args[1][0], args[1][1])
				return
			}
			if allDigits(b[args[1][0]:args[1][1]]) { // an option
				return
			}
			at = 1
		} else if n == 3 {
			at = 2
			sc.accountName(args[1][0], args[1][1])
		} else if n == 4 && string(b[args[0][0]:args[0][1]]) == "proxy" {
			at = 3
			sc.accountName(args[2][0], args[2][1])
		} else {
			return
		}
	case layoutPeers:
		at = 1
	case layoutTAC:
		if at = 2; n < 3 || string(b[args[0][0]:args[0][1]]) != "key" || string(b[args[1][0]:args[1][1]]) != "=" {
			return
		}
	}
	if at < n {
		sc.hideSecret(args[at][0], args[at][1], class, ruleField)
	}
}

// radiusServer looks at what follows the address of a server at the start of
// a line: a secret, and a number of seconds.
func (sc *scanner) radiusServer(e int) {
	b := sc.b
	if at(b, e) == ':' {
		e = run(b, e+1, chDigit)
	}
	p := run(b, e, chSpace)
	if p == e {
		return
	}
	s, n, next := sc.argument(p)
	q := run(b, next, chSpace)
	if d := run(b, q, chDigit); q == next || d == q || d-q > 2 || run(b, d, chSpace) < sc.eol(d) {
		return
	}
	if v := b[s:n]; secretWord(v) && mixedCaseDigits(v) && bytes.IndexByte(v, ':') < 0 && bytes.IndexByte(v, '/') < 0 {
		sc.hideSecret(s, n, cPassword, ruleField)
	}
}

// clockKey looks at 10 SHA1 HEX:5EC2E7, a key of chrony or ntpd, of which the
// type is b[i:e].
func (sc *scanner) clockKey(i, e int) bool {
	b := sc.b
	if i < sc.ls+2 || i-sc.ls > 12 || !is(b[sc.ls], chDigit) || at(b, e) != ' ' && at(b, e) != '\t' {
		return false
	}
	n := run(b, sc.ls, chDigit)
	if p := run(b, n, chSpace); p != i || p == n {
		return false
	}
	s, t, next := sc.argument(run(b, e, chSpace))
	if q := run(b, next, chSpace); q < sc.eol(t) && b[q] != '#' {
		return false
	}
	if hasPrefixFold(b[s:t], "hex:") {
		s += len("hex:")
	} else if hasPrefixFold(b[s:t], "ascii:") {
		s += len("ascii:")
	}
	if v := b[s:t]; !secretWord(v) && (run(v, 0, chHex) < len(v) || len(v) < 16) {
		return false
	}
	sc.hideSecret(s, t, cPrivateKey, ruleField)
	return true
}

// samHashes looks at user:1001:LM:NT:, where the number is b[p:n]: a line of
// smbpasswd or of a dump of a Windows account database.
func (sc *scanner) samHashes(s, e, p, n int) bool {
	b := sc.b
	if !allDigits(b[p:n]) {
		return false
	}
	lm := run(b, n+1, chHex)
	nt := run(b, min(lm+1, len(b)), chHex)
	if lm-n-1 != 32 && run2(b, n+1, 'X') != n+33 || at(b, lm) != ':' && lm-n-1 == 32 {
		return false
	}
	if lm-n-1 != 32 { // the place of the first is filled with X
		lm = n + 33
		nt = run(b, min(lm+1, len(b)), chHex)
	}
	if at(b, lm) != ':' || nt-lm-1 != 32 || at(b, nt) != ':' {
		return false
	}
	sc.userName(s, e, ruleUserField)
	if !equalFold(b[n+1:lm], "aad3b435b51404eeaad3b435b51404ee") && b[n+1] != 'X' { // of no password
		sc.emit(n+1, lm, cPassword, ruleField, 0)
	}
	if !equalFold(b[lm+1:nt], "31d6cfe0d16ae931b73c59d7e0c089c0") {
		sc.emit(lm+1, nt, cPassword, ruleField, spanLearn)
	}
	return true
}

// writtenIn looks at cleartext "x" and des x where the name of a user is
// expected, as tac_plus has them, and reports whether that is what it is.
func (sc *scanner) writtenIn(s, e int) bool {
	b := sc.b
	switch string(b[s:e]) {
	case "cleartext", "des", "crypt", "nopassword", "skey", "plain":
	default:
		return false
	}
	p, n, next := sc.argument(run(b, e, chSpace))
	if v := b[p:n]; n-p >= 4 && !statusWord(v) && (b[s] == 'c' && e-s > 5 || run(b, next, chSpace) >= sc.eol(n) && (hasDigit(v) || hasSign(v) || mixed(v))) {
		sc.hideSecret(p, n, cPassword, ruleField)
		return true
	}
	return false
}

// cleartext looks at {PLAIN}x, and at = cleartext "x", of which the word that
// says how the secret is written is b[i:e].
func (sc *scanner) cleartext(i, e int) {
	b := sc.b
	if i < sc.ls+2 {
		return
	}
	if b[i-1] == '{' && at(b, e) == '}' && (b[i-2] == ':' || b[i-2] == '=' || is(b[i-2], chQuote|chSpace)) {
		n := e + 1
		for n < len(b) && b[n] > ' ' && b[n] != ':' && !is(b[n], chQuote) {
			n++
		}
		if n-e > 4 {
			sc.hideSecret(e+1, n, cPassword, ruleCrypt)
		}
		return
	}
	if n := bytes.Index(b[e:min(sc.eol(e), e+160)], []byte(") != ")); at(b, e) == '(' && n > 4 { // PLAIN(x) != 'y', of Dovecot
		sc.hideSecret(e+1, e+n, cPassword, ruleSentence)
		return
	}
	k := i - 1
	for k > sc.ls && b[k] == ' ' {
		k--
	}
	if b[k] == '=' && at(b, e) == ' ' {
		sc.writtenIn(i, e)
	}
}

// response looks at user::domain:challenge:response:blob, which stands for a
// password of Windows that can be guessed from it.
func (sc *scanner) response(s, e int) bool {
	b := sc.b
	d := run(b, e+2, chKey)
	if at(b, d) != ':' || d == e+2 {
		return false
	}
	var at [3]int
	p := d
	for k := range at {
		n := run(b, p+1, chHex)
		if n-p-1 < 16 || k < 2 && (n >= len(b) || b[n] != ':') {
			return false
		}
		at[k] = n
		p = n
	}
	sc.userName(s, e, ruleUserField)
	sc.emit(at[0]+1, at[1], cPassword, ruleField, 0)
	sc.emit(at[1]+1, at[2], cPassword, ruleField, spanMore)
	return true
}

// broken looks at DOMAIN\user:x (Pwn3d!), which CrackMapExec prints; the word
// is at i.
func (sc *scanner) broken(i int) {
	b := sc.b
	if i < sc.ls+4 || b[i-1] != '(' || b[i-2] != ' ' {
		return
	}
	e := i - 2
	s := e
	for s > sc.ls && e-s < 256 && b[s-1] > ' ' {
		s--
	}
	if c := bytes.IndexByte(b[s:e], ':'); c > 0 && c < e-s-1 {
		from := s + bytes.LastIndexAny(b[s:s+c], `\/`) + 1
		sc.userName(from, s+c, ruleUserField)
		skip := sc.skip
		sc.skip = 0 // it was passed
		sc.hideSecret(s+c+1, e, cPassword, ruleField)
		sc.skip = max(skip, sc.skip)
	}
}

// ticket looks at $krb5tgs$23$*user$realm$name*$checksum$data and at
// $krb5asrep$23$user@realm:checksum$data: what a password can be guessed from.
func (sc *scanner) ticket(i, e int) {
	b := sc.b
	if i == 0 || b[i-1] != '$' || at(b, e) != '$' {
		return
	}
	n := e
	for n < len(b) && b[n] > ' ' && !is(b[n], chQuote) {
		n++
	}
	sc.charge(n - e)
	if u := e + bytes.Index(b[e:n], []byte("$*")) + 2; u > e+1 {
		if t := run(b, u, chKey); at(b, t) == '$' && gradeOf(b[u:t]) > noName {
			sc.userName(u, t, ruleUserField)
		}
	}
	k := bytes.LastIndex(b[e:n], []byte("*$")) + 2
	if k < 2 {
		if k = bytes.LastIndexByte(b[e:n], ':') + 1; k < 1 {
			return
		}
	}
	if s := e + k; n-s > 32 && run(b, s, chHex) > s {
		sc.emit(s, n, cPassword, ruleCrypt, 0)
	}
}

// accountName hides the name of an account, or the address that is one.
func (sc *scanner) accountName(s, e int) {
	if v := sc.b[s:e]; bytes.IndexByte(v, '@') < 0 && !hasPseudonym(v) {
		sc.userName(s, e, ruleUserField)
	}
}

// accountAndSecret hides user:password.
func (sc *scanner) accountAndSecret(s, e int) {
	c := bytes.IndexByte(sc.b[s:e], ':')
	sc.accountName(s, s+c)
	sc.hideSecret(s+c+1, e, cPassword, ruleField)
}

// withRoles looks at a line user: password, role, which may tell before the
// password how it is written.
func (sc *scanner) withRoles(s, end int) {
	b := sc.b
	n := run(b, s, chKey)
	p := run(b, n, chSpace)
	if c := at(b, p); n == s || c != ':' && c != '=' || hasPrefixFold(b[s:n], "_g_") {
		return
	}
	p = run(b, p+1, chSpace)
	if b[n-1] == '.' || p >= end || bytes.HasPrefix(b[p:], []byte("_g_")) {
		return
	}
	t := p
	for t < end && b[t] != ',' && b[t] > ' ' {
		t++
	}
	for _, w := range [...]string{"MD5:", "OBF:", "CRYPT:", "BCRYPT:", "SHA1:", "SHA-256:", "SHA256:", "PBKDF2:", "{CRYPT}"} {
		if bytes.HasPrefix(b[p:t], []byte(w)) {
			p += len(w)
		}
	}
	sc.userName(s, n, ruleUserField)
	if v := b[p:t]; len(v) > 2 && !isPath(v) {
		sc.hideSecret(p, t, cPassword, ruleField)
	}
}
