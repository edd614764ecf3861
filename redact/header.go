package redact

import "bytes"

// lineBegins looks at a line that starts at i: the header of syslog, which
// names a host; a directive that names a secret; a record of .pgpass.
func (sc *scanner) lineBegins(i int) {
	b := sc.b
	if sc.layout != noLayout {
		sc.entry(sc.layout, i)
	}
	c := b[i]
	if c == '<' && is(at(b, i+1), chDigit) { // <34>1 2026-01-02T03:04:05Z host app
		k := run(b, i+1, chDigit)
		if at(b, k) == '>' && k-i < 6 {
			i = k + 1
			if at(b, i) == '1' && at(b, i+1) == ' ' {
				i += 2
			}
			c = at(b, i)
		}
	}
	switch {
	case is(c, chUpper) && i+16 < len(b) && b[i+3] == ' ' && b[i+6] == ' ' && b[i+9] == ':' && b[i+12] == ':': // Jan  2 03:04:05
		sc.syslogHost(i+15, false)
		return
	case is(c, chUpper) && i+16 < len(b) && b[i+3] == ' ' && b[i+5] == ' ' && b[i+8] == ':' && b[i+11] == ':':
		sc.syslogHost(i+14, false)
		return
	case is(c, chUpper) && i+25 < len(b) && b[i+3] == ' ' && b[i+7] == ' ' && b[i+10] == ' ' && b[i+13] == ':' && b[i+16] == ':' && b[i+19] == ' ' && b[i+24] == ' ' && is(b[i+20], chDigit): // Fri Jan  2 03:04:05 2026
		sc.taggedBy(i + 24)
		return
	case is(c, chUpper) && i+24 < len(b) && b[i+3] == ' ' && b[i+6] == ' ' && b[i+11] == ' ' && b[i+14] == ':' && b[i+17] == ':': // Jan  2 2026 03:04:05, of Cisco
		sc.deviceHost(i + 20)
		return
	case (c == '*' || is(c, chDigit)) && i+12 < len(b) && (is(b[i+1], chSpace) || is(b[i+2], chSpace) || c == '*' && b[i+1] == '/'):
		sc.cronRow(i)
	case is(c, chDigit):
		if i+20 < len(b) && (b[i+10] == '.' || b[i+1] == ',') {
			sc.inColumns(i)
		} else if i+24 < len(b) && b[i+2] == ',' && b[i+5] == '/' && b[i+8] == '/' && b[i+11] == ',' {
			sc.leasedRow(i)
			return
		} else if i+20 < len(b) && b[i+17] == ',' && b[i+8] == ' ' && b[i+11] == ':' && b[i+14] == ':' {
			sc.auditedRow(i)
			return
		}
		if i+20 < len(b) && b[i+4] == '-' && b[i+7] == '-' && (b[i+10] == 'T' || b[i+10] == ' ') && b[i+13] == ':' {
			k := i + 19
			for k < len(b) && b[k] > ' ' {
				k++
			}
			if b[i+19] == ',' { // dmesg: no host
				if at(b, i+23) == ' ' || at(b, i+23) == '+' || at(b, i+23) == '-' { // with its zone: Jira
					sc.asked(i + 19)
				}
				return
			}
			if b[i+10] == ' ' && b[i+19] == ' ' && is(b[i+20], chDigit) {
				sc.accessed(i + 20)
			}
			if b[i+10] == 'T' || k > i+23 {
				sc.syslogHost(k, true)
			} else {
				sc.taggedBy(k)
			}
			return
		}
	}
	// The first word, when blanks alone part it from what follows.
	s := i
	for s < len(b) && is(b[s], chSpace) {
		s++
	}
	switch c := at(b, s); c {
	case '\'':
		sc.pairKey(s)
	case '"', '[':
		if s == i && is(at(b, s+1), chDigit) && at(b, s+5) == '-' {
			sc.reviewed(s)
			sc.nodeOf(s)
			return
		}
		sc.twoFields(s)
		return
	case ':':
		sc.keyFile(s)
		return
	case '$':
		sc.nagiosMacro(s)
		return
	case '|':
		sc.barRow(s)
		return
	case drawnBar:
		if barAt(b, s) > 0 {
			sc.barRow(s)
			return
		}
	case '#':
		if bytes.HasPrefix(b[s:], []byte("#HttpOnly_")) {
			sc.cookieRow(run(b, s+1, chKey))
			return
		}
		if bytes.HasPrefix(b[s:], []byte("####<")) {
			sc.angleFields(s)
			return
		}
		sc.fieldsLine(s)
		return
	case '>': // of query user
		if e := run(b, s+1, chKey); e > s+2 && bytes.HasPrefix(b[run(b, e, chSpace):], []byte("rdp-tcp#")) {
			sc.userName(s+1, e, ruleListing)
		}
		return
	case '-':
		if at(b, s+1) == '-' && at(b, s+2) == '-' && at(b, s+3) == '-' {
			sc.drawn(i)
		}
	case '?':
		sc.complexKey(s)
		return
	case '/':
		if at(b, s+1) == '/' {
			sc.shareOf(s)
		}
		return
	case '<': // <HUAWEI-CORE-1>display version
		if e := run(b, s+1, chKey); at(b, e) == '>' {
			sc.promptHost(s+1, e, e+1)
		}
		return
	case '!': // of Arista
		if rest, ok := bytes.CutPrefix(b[s:min(len(b), s+96)], []byte("! device: ")); ok {
			if n := run(rest, 0, chKey); n < len(rest) && rest[n] == ' ' {
				sc.hostValue(s+len("! device: "), s+len("! device: ")+n)
			}
		}
		return
	}
	e := run(b, s, chKey)
	if at(b, e) == '\\' && s == i {
		if n := run(b, e+1, chKey); n > e+2 && n >= sc.eol(n) && gradeOf(b[e+1:n]) > noName { // whoami
			sc.userName(e+1, n, ruleListing)
			return
		}
	}
	if at(b, e) == '\\' && is(b[s], chUpper) { // CORP\name
		sc.domainUser(s)
		return
	}
	if at(b, s) == '*' && at(b, s+1) == ':' {
		if p := s + 2; bytes.Count(b[p:sc.eol(p)], []byte(":")) == 1 {
			sc.relayUser(p)
			return
		}
		sc.pgpass(s, s+1)
		return
	}
	if e == s || e >= len(b) {
		return
	}
	if b[e] == '#' || b[e] == '>' || b[e] == '(' || b[e] == '@' {
		sc.devicePrompt(s, e)
	}
	if b[e] == ':' {
		if n := run(b, e+1, chSpace); string(b[s:e]) == "Machine" && bytes.HasPrefix(b[run(b, n, chKey):], []byte(" (Microsoft ")) { // of a transcript of PowerShell
			sc.hostValue(n, run(b, n, chKey))
			return
		}
		if !sc.accountLine(s, e) {
			sc.pgpass(s, e)
		}
		return
	}
	if b[e] == '|' {
		sc.rowsHead(s, e, '|')
		return
	}
	if b[e] == ',' && s == i {
		sc.tunnelled(s, e)
		return
	}
	if b[e] == '\t' && (at(b, e+1) == 'T' || at(b, e+1) == 'F') && sc.cookieRow(e) {
		return
	}
	if b[e] == '+' && e-s == 10 && is(at(b, e+1), chSpace) && fileMode(b[s:e]) { // with more than a mode says
		sc.fileOwner(run(b, e+1, chSpace))
		return
	}
	if !is(b[e], chSpace) || e-s > 253 || e-s < 3 {
		return
	}
	if p := run(b, e, chSpace); at(b, p) == '*' && is(at(b, p+1), chSpace) {
		sc.chapSecret(s, e, p)
		return
	}
	sc.listed(s, e)
	if is(b[e-1], chAlpha) && bytes.IndexByte(b[s:e], '.') > 0 {
		sc.relayUser(run(b, e, chSpace))
	}
	if e-s > 40 {
		return
	}
	if p := run(b, e, chSpace); at(b, p) == '{' && at(b, p+1) == ' ' { // acl { tokens { agent = "x" } }
		sc.sectionsIn(p, sc.eol(p))
	}
	if at(b, run(b, e, chSpace)) == '{' && keyTail(b, e) && run(b, run(b, e, chSpace)+1, chSpace) >= sc.eol(e) { // tokens {
		k := sc.decide(b[s:e])
		if k == keyWeak && hasSuffixFold(b[s:e], "tokens") {
			k = keySecret
		}
		if k == keySecret || k == keyPassword {
			sc.openItems(&field{key: k, start: s, end: e, first: true}, run(b, e, chSpace))
		}
		return
	}
	if keyTail(b, e) && topicOf(b, s, e) == 0 {
		if k := sc.decide(b[s:e]); k == keyPassword || k == keySecret || k == keyHost || k == keyUser {
			sc.directive(k, s, e)
		} else if k == keyAuth { // stream_authentication user:x
			p := run(b, e, chSpace)
			if n := sc.token(p); p > e && n > p && run(b, n, chSpace) >= sc.eol(n) {
				if c := bytes.IndexByte(b[p:n], ':'); c > 0 && account2(b[p:p+c]) && secretWord(b[p+c+1:n]) && !dealtWith(b[p+c+1:n]) {
					sc.pair(p, n)
				}
			}
		}
	}
}

// sectionsIn looks at the sections of HCL within the brace at p, so far as they
// begin there, for one that has the name of secrets.
func (sc *scanner) sectionsIn(p, end int) {
	b := sc.b
	for range 8 {
		s := run(b, p+1, chSpace)
		e := run(b, s, chKey|chUnder)
		p = run(b, e, chSpace)
		if e == s || p >= end || b[p] != '{' {
			return
		}
		if !keyTail(b, e) || !hasSuffixFold(b[s:e], "s") {
			continue
		}
		k := sc.decide(b[s:e])
		if k == keyWeak && hasSuffixFold(b[s:e], "tokens") {
			k = keySecret
		}
		if k == keySecret || k == keyPassword {
			sc.openItems(&field{key: k, start: s, end: e, first: true}, p)
			return
		}
	}
}

// directive looks at key value, the whole of a line.
func (sc *scanner) directive(k keyKind, s, e int) {
	b := sc.b
	p := run(b, e, chSpace)
	if p >= len(b) || b[p] == '=' || b[p] == ':' || b[p] == '\n' || b[p] == '\r' || b[p] == '{' || b[p] == '|' || b[p] == '-' && at(b, p+1) == '>' {
		return
	}
	f := field{key: k, start: s, end: e, first: true, space: true}
	for at(b, p) == '-' && at(b, p+1) == '-' { // rootpw --plaintext x
		_, n, _ := sc.argument(p)
		if hasPrefixFold(b[p:n], "--iscrypted") || n == p+2 || hasPrefixFold(b[p:n], "--plaintext") {
			p = run(b, n, chSpace)
			continue
		}
		return
	}
	vs, ve, next := sc.argument(p)
	rest := run(b, next, chSpace)
	ends := rest >= len(b) || b[rest] == '\n' || b[rest] == '\r' || b[rest] == '#' || b[rest] == ';'
	if ve > vs && b[ve-1] == ';' {
		ve--
	}
	if bytes.HasPrefix(b[vs:ve], []byte("REG_")) { // the type of a value of the registry
		vs, ve, next = sc.argument(run(b, next, chSpace))
		ends = next >= sc.eol(ve)
		p = vs
	}
	switch {
	case ve <= vs || statusWord(b[vs:ve]) || portNumber(b[vs:ve]) || ve-vs < 3 && !hasDigit(b[vs:ve]) && !hasLetterByte(b[vs:ve]) || vs == p && otherField(b[vs:ve]) && (isPath(b[vs+run(b[vs:ve], 0, chKey)+1:ve]) || !ends): // NAME ?= x
		return
	case k == keyHost:
		if ends && is(b[s], chLower) && vs == p && (hasDigit(b[vs:ve]) || bytes.IndexByte(b[vs:ve], '.') > 0 || bytes.IndexByte(b[s:e], '-') < 0) {
			sc.hostValue(vs, ve)
		}
		return
	case k == keyUser:
		if ends && vs == p && !notUser(b[vs:ve]) && (equalFold(b[s:e], "user") || equalFold(b[s:e], "username") || hasSuffixFold(b[s:e], "_user") || hasSuffixFold(b[s:e], "-user") || hasSuffixFold(b[s:e], "_username") || hasSuffixFold(b[s:e], "-username")) {
			sc.userValue(value{start: vs, end: ve})
		}
		return
	case !ends && !secretWord(b[vs:ve]) && !hasSign(b[vs:ve]):
		return
	case k == keyPassword && !hasDigit(b[vs:ve]) && (!hasSign(b[vs:ve]) || b[ve-1] == ':') && foreignPasswords.has([]byte(plainKey(string(b[s:e])))): // a sentence
		return
	}
	f.space = false
	sc.hide(&f, value{start: vs, end: ve, quoted: vs > p, whole: ends})
}

// syslogHost looks at the host that follows the time of a syslog line, at i.
// What comes next must be written like the tag of a program.
func (sc *scanner) syslogHost(i int, iso bool) {
	b := sc.b
	if at(b, i) != ' ' {
		return
	}
	s := i + 1
	e := run(b, s, chKey)
	if at(b, e) == ':' && !iso { // an IPv6 address, or no host at all
		return
	}
	if e <= s || at(b, e) != ' ' || e-s > 253 {
		return
	}
	name := b[s:e]
	if !sc.hosts.has(name) { // few hosts write many lines
		if pseudonymAt(b, s) > 0 {
			sc.skip = max(sc.skip, e)
			return
		}
		if !hostName(name) || levelWord(name) {
			sc.numberedOrigin(e)
			return
		}
		sc.hosts.add(name)
	}
	t := e + 1
	if processTag(b, t) {
		sc.emit(s, e, cHostname, ruleSyslogHost, 0)
		return
	}
	n := t
	for n < len(b) && b[n] > ' ' && n-t < maxTag {
		n++
	}
	tag := b[t:n]
	if len(tag) == 0 {
		return
	}
	ok := sc.announcedHost(name, tag, iso) || b[sc.ls] == '<' && iso && sc.rfc5424(n)
	switch {
	case ok:
	case tag[len(tag)-1] == ':' && len(tag) > 1 && (is(tag[0], chAlnum|chUnder) || tag[0] == '(' || tag[0] == '/'):
		k := run(tag, 0, chKey)
		ok = k > 0 && (k == len(tag)-1 || k == len(tag)-2 && tag[k] == ']' && !iso || tag[k] == '[' || tag[k] == '/' || tag[k] == '(' || tag[k] == '@') || tag[0] == '(' || tag[0] == '/'
		if iso && k == len(tag)-1 && (levelWord(name) || is(name[0], chUpper) && !hasDigit(name) && bytes.IndexByte(name, '-') < 0) {
			ok = false
		}
		if iso && k == len(tag)-1 && run(name, 0, chLower) == len(name) && i-sc.ls < 26 && !systemTags.has(tag[:k]) { // grpc request:
			ok = false
		}
	case !iso && (bytes.HasPrefix(tag, []byte("CEF:0|")) || bytes.HasPrefix(tag, []byte("LEEF:"))):
		ok = true
	case bytes.IndexByte(tag, '[') > 0 && (tag[len(tag)-1] == ']' || bytes.IndexByte(tag, ']') > 0):
		k := bytes.IndexByte(tag, '[')
		ok = is(at(tag, k+1), chDigit) && is(tag[0], chAlnum|chUnder)
	case !iso && (string(tag) == "last" || string(tag) == "---" || string(tag) == "message"):
		ok = true
	case iso && len(tag) > 1 && run(tag, 0, chKey|chUnder) == len(tag) && !levelWord(tag) && sc.rfc5424(n):
		ok = true
	case !iso:
		// A tag with blanks: a program named as people name it.
		k := bytes.IndexByte(b[n:min(len(b), n+48)], '[')
		if k > 0 && is(at(b, n+k+1), chDigit) {
			d := run(b, n+k+1, chDigit)
			ok = at(b, d) == ']' && bytes.IndexByte(b[t:n+k], ':') < 0
		}
	}
	if ok {
		sc.emit(s, e, cHostname, ruleSyslogHost, 0)
	}
}

// announcedHost reports whether more than the tag says that the name behind
// the time of a line is a host's: the version in front of it (RFC 5424), its
// own dots, or a tag in the manner of RouterOS, PAN-OS, Snare, UniFi.
func (sc *scanner) announcedHost(name, tag []byte, iso bool) bool {
	b := sc.b
	if k := run(b, sc.ls+1, chDigit); b[sc.ls] == '<' && iso && at(b, k) == '>' && at(b, k+1) == '1' && at(b, k+2) == ' ' {
		return !levelWord(tag)
	}
	if !iso {
		if k := bytes.LastIndexByte(name, '.'); k > 0 && allLetters(name[k+1:]) && len(name)-k > 2 && !fileName(name) && !packagePrefix(name) {
			return true
		}
		if systemTags.has(tag) {
			return true
		}
		if n := len(tag) - 1; tag[0] == '[' && tag[n] == ']' && n > 4 && is(tag[1], chUpper) && hasDigit(tag) && bytes.IndexByte(tag, '-') > 0 && run(tag, 1, chUpper|chDigit|chKey) == n && (hasDigit(name) || bytes.IndexByte(name, '-') > 0) { // UniFi: [WAN_IN-D-4001]
			return true
		}
	}
	if string(tag) == "MSWinEventLog" {
		return true
	}
	if c := bytes.IndexByte(tag, ','); c > 0 {
		if c == 1 && len(tag) == len("1,2026/01/02") && is(tag[0], chDigit) && tag[6] == '/' && tag[9] == '/' {
			return true
		}
		if run(tag, 0, chLower) == c && is(tag[len(tag)-1], chLower) {
			for topic := range bytes.SplitSeq(tag, []byte{','}) {
				if levelWord(topic) {
					return true
				}
			}
		}
	}
	return false
}

// packagePrefix reports whether a dotted name begins like a package of Java.
func packagePrefix(name []byte) bool {
	for _, p := range [...]string{"com.", "org.", "net.", "io.", "java.", "javax.", "sun.", "kafka.", "akka."} {
		if bytes.HasPrefix(name, []byte(p)) {
			return true
		}
	}
	return false
}

// maxTag is the length of the longest tag that is looked at.
const maxTag = 96

// processTag reports whether a tag as most lines have it begins at t: a name,
// the number of a process in brackets, a colon. It is asked first, since to
// tell all other tags takes longer.
func processTag(b []byte, t int) bool {
	k := run(b, t, chKey)
	if k == t || at(b, k) != '[' || !is(b[t], chAlnum|chUnder) {
		return false
	}
	k = run(b, k+1, chDigit)
	return k+2-t <= maxTag && at(b, k) == ']' && at(b, k+1) == ':' && at(b, k+2) <= ' '
}

// systemTags are tags without a process that follow a host's name of letters.
var systemTags = setOf("kernel", "sudo", "su", "systemd", "rsyslogd", "syslogd", "syslog-ng", "crond", "cron", "audit", "dhclient", "sshd", "login", "useradd", "usermod", "passwd", "ntpd", "postfix",
	"mysqld", "mariadbd", "named", "httpd", "nginx", "apache2", "dovecot", "proftpd", "vsftpd", "haproxy", "slapd", "dockerd", "kubelet", "containerd", "networkmanager", "dnsmasq", "dhcpd", "chronyd", "smbd", "nmbd", "exim", "exim4",
	"asterisk", "openvpn", "snmpd", "xinetd", "cupsd", "puppet-agent", "dropbear", "ocserv", "charon", "freshclam", "clamd", "spamd", "opendkim", "pure-ftpd", "squid", "redis-server", "mongod", "postgres")

// recentNames remembers a few names that passed a check.
type recentNames [64]struct {
	n    uint8
	name [40]byte
}

func (r *recentNames) has(name []byte) bool {
	e := &r[shortHash(name, 0)%uint64(len(r))]
	return int(e.n) == len(name) && string(e.name[:e.n]) == string(name)
}

func (r *recentNames) add(name []byte) {
	if e := &r[shortHash(name, 0)%uint64(len(r))]; len(name) <= len(e.name) {
		e.n = uint8(copy(e.name[:], name))
	}
}

// rfc5424 reports whether process id and message id follow at n.
func (sc *scanner) rfc5424(n int) bool {
	b := sc.b
	k := run(b, n, chSpace)
	if k == n || at(b, k) != '-' && !is(at(b, k), chDigit) {
		return false
	}
	for k < len(b) && b[k] > ' ' {
		k++
	}
	m := run(b, k, chSpace)
	for k = m; k < len(b) && b[k] > ' '; k++ {
	}
	k = run(b, k, chSpace)
	return m > 0 && k < len(b) && (b[k] == '-' || b[k] == '[')
}

func levelWord(w []byte) bool {
	if len(w) > 10 {
		return false
	}
	var buf [10]byte
	switch string(lowerOf(w, buf[:])) {
	case "info", "warn", "warning", "error", "err", "debug", "trace", "fatal", "notice", "crit", "critical", "alert", "emerg", "severe", "fine", "finer", "finest", "config", "verbose", "log", "i", "w", "e", "d", "panic", "audit", "stdout", "stderr", "utc", "gmt", "pst", "est", "cet":
		return true
	}
	return false
}

// pgpass looks at host:port:database:user:password, the whole of a line.
func (sc *scanner) pgpass(s, e int) {
	b := sc.b
	k := e + 1
	var n int
	if at(b, k) == '*' {
		n = k + 1
	} else if n = run(b, k, chDigit); n-k < 2 || n-k > 5 || b[k] == '0' {
		return
	}
	if at(b, n) != ':' {
		return
	}
	end := sc.eol(n)
	line := b[n+1 : end]
	if len(line) < 5 || bytes.IndexByte(line, ' ') >= 0 {
		return
	}
	d := bytes.IndexByte(line, ':')
	if d < 1 {
		return
	}
	u := bytes.IndexByte(line[d+1:], ':')
	if u < 1 {
		return
	}
	u += d + 1
	if bytes.IndexByte(line[:u], '/') >= 0 || len(line)-u-1 < 1 || run(line, 0, chKey|chUnder) < d && line[0] != '*' || allDigits(line[:d]) {
		return
	}
	pw := line[u+1:]
	if k := bytes.IndexByte(pw, ':'); k == 0 || k > 0 && pw[k-1] != '\\' {
		return
	}
	if placeholder(pw) || len(pw) < 3 || allDigits(pw) && len(pw) < 6 {
		return
	}
	if is(b[s], chDigit) && e-s < 3 {
		return
	}
	sc.hostValue(s, e)
	sc.userName(n+1+d+1, n+1+u, ruleUserField)
	sc.emit(n+1+u+1, end, cPassword, ruleField, spanLearn)
}

// start looks at the first line of a text.
func (r *resolver) start(sc *scanner) {
	b := sc.b
	end := sc.eol(0)
	if r.kind == noRegion && end < len(b) && r.csv.header(sc, b[:end]) {
		next := end + 1
		if b[end] == '\r' {
			next++
		}
		// The rows have to look like it.
		n := r.csv.n
		ok := next < len(b) && (r.csv.cells(b[next:sc.eol(next)], func(int, int, int) {}) && r.csv.n == n || openCell(b[next:sc.eol(next)], r.csv.sep))
		r.csv.n = n
		if ok {
			sc.opens = append([]opening{{end, region{kind: inCSV}}}, sc.opens...)
		}
	}
}

// twoFields looks at lines of two fields that tables of passwords have:
// "user" "password" and [host]:port user:password.
func (sc *scanner) twoFields(s int) {
	b := sc.b
	end := sc.eol(s)
	if end-s > 256 {
		return
	}
	if b[s] == '"' {
		us, ue, next := sc.argument(s)
		if next <= ue || !account2(b[us:ue]) || equalFold(b[us:ue], "auth") || ue == us || at(b, next) != ' ' {
			return
		}
		if at(b, next+1) != '"' {
			sc.chapSecret(us, ue, next+1)
			return
		}
		ps, pe, after := sc.argument(next + 1)
		if after < end {
			sc.chapSecret(us, ue, next+1)
			return
		}
		if after != end || pe <= ps || !secretWord(b[ps:pe]) {
			return
		}
		sc.userName(us, ue, ruleUserField)
		sc.emit(ps, pe, cPassword, ruleField, spanLearn)
		return
	}
	k := run(b, s+1, chKey)
	if at(b, k) == '\\' && bytes.HasSuffix(b[k:end], []byte("\\ValidCommunities]")) {
		sc.opens = append(sc.opens, opening{end, region{kind: inLayout, onward: onward{layout: layoutValues}}})
		return
	}
	if at(b, k) == ']' && k+1 >= end {
		switch string(lowerOf(b[s+1:k], sc.lower[:])) {
		case "users", "admins", "passwords", "passwd", "credentials":
			sc.opens = append(sc.opens, opening{end, region{kind: inUsers}})
			return
		}
		ks := s + 1 + bytes.LastIndexByte(b[s+1:k], '.') + 1
		if ks < k && keyTail(b, k) {
			f := field{key: sc.decide(b[ks:k]), start: ks, end: k}
			if f.key == keySecret || f.key == keyPassword || f.key == keyWeak && (hasSuffixFold(b[ks:k], "tokens") || hasSuffixFold(b[ks:k], "key")) {
				sc.below(&f, end, inSection)
			}
		}
		return
	}
	if at(b, k) != ']' || k-s < 4 || bytes.IndexByte(b[s:k], '.') < 0 {
		return
	}
	k++
	if at(b, k) == ':' {
		k = run(b, k+1, chDigit)
	}
	p := run(b, k, chSpace)
	if p > k && p < end {
		sc.relayUser(p)
	}
}

// relayUser looks at user:password, the rest of a line that a mail relay's
// name begins.
func (sc *scanner) relayUser(p int) {
	b := sc.b
	end := sc.eol(p)
	if end-p > 200 || p >= end {
		return
	}
	pair := b[p:end]
	c := bytes.IndexByte(pair, ':')
	if firstBlank(pair) < len(pair) || c < 1 || c > len(pair)-5 || pair[c+1] == '/' || bytes.IndexByte(pair[:c], '/') >= 0 || bytes.IndexByte(pair[c+1:], ':') >= 0 || placeholder(pair[c+1:]) || allDigits(pair[c+1:]) || !hasLetterByte(pair[:c]) || dealtWith(pair[c+1:]) || !hasDigit(pair[c+1:]) && !hasSign(pair[c+1:]) {
		return
	}
	if bytes.IndexByte(pair[:c], '@') < 0 {
		sc.userName(p, p+c, ruleUserField)
	}
	sc.emit(p+c+1, end, cPassword, ruleField, spanLearn)
}

// portNumber reports whether v is written like a port in /etc/services.
func portNumber(v []byte) bool {
	k := run(v, 0, chDigit)
	return k > 0 && k < len(v) && v[k] == '/' && allLetters(v[k+1:])
}

// chapSecret looks at client server secret addresses, the fields of the
// secrets of PPP. The client is b[s:e], the server begins at p.
func (sc *scanner) chapSecret(s, e, p int) {
	b := sc.b
	end := sc.eol(p)
	_, n, next := sc.argument(p)
	q := run(b, next, chSpace)
	if n <= p || q == next || q >= end {
		return
	}
	vs, ve, next := sc.argument(q)
	r := run(b, next, chSpace)
	if ve <= vs || r == next || !(b[p] == '*' && n == p+1 || at(b, r) == '*') || (at(b, r) != '*' || r+1 < end) && !is(at(b, r), chDigit) || bytes.IndexByte(b[r:end], ' ') >= 0 {
		return
	}
	if v := b[vs:ve]; len(v) < 5 || !hasDigit(v) && !hasSign(v) || placeholder(v) || dealtWith(v) || allDigits(v) {
		return
	}
	sc.userName(s, e, ruleUserField)
	sc.emit(vs, ve, cPassword, ruleField, spanLearn)
}

// keyFile looks at : RSA file "passphrase" of strongSwan.
func (sc *scanner) keyFile(s int) {
	b := sc.b
	if bytes.HasPrefix(b[s:], []byte(":86:")) {
		sc.statementOfAccount(s)
		return
	}
	p := run(b, s+1, chSpace)
	n := run(b, p, chAlnum)
	switch string(b[p:n]) {
	case "RSA", "ECDSA", "PKCS8", "PKCS12", "P12", "BLISS", "PIN":
	default:
		return
	}
	end := sc.eol(n)
	if end-n > 512 {
		return
	}
	if k := bytes.IndexByte(b[n:end], '"'); k >= 0 {
		vs, ve, _ := sc.argument(n + k)
		sc.hideSecret(vs, ve, cPassword, ruleSentence)
	}
}

// taggedHost looks at the name that begins a line of a Cisco device, before its
// time and the tag of which the word begins at i: sw1: Jan  2 03:04:05 UTC: %SYS-5.
func (sc *scanner) taggedHost(i int) {
	b := sc.b
	s := sc.ls
	if n := run(b, i, chUpper|chUnder|chDigit); i-s > 160 || at(b, n) != '-' || !is(at(b, n+1), chDigit) || at(b, n+2) != '-' {
		return
	}
	if at(b, s) == '<' {
		if k := run(b, s+1, chDigit); at(b, k) == '>' {
			s = k + 1
		}
	}
	e := run(b, s, chKey)
	if at(b, e) == ':' && at(b, e+1) == ' ' && e+16 < i && !allDigits(b[s:e]) && bytes.Count(b[e:i], []byte(":")) >= 4 {
		sc.hostValue(s, e)
	}
}

// taggedBy looks at the name between a time that ends at i and the tag of a
// process with its number, where nothing else says that it is a host's.
func (sc *scanner) taggedBy(i int) {
	b := sc.b
	e := run(b, i+1, chKey)
	n := run(b, e+1, chKey)
	if at(b, i) != ' ' || at(b, e) != ' ' || at(b, n) != '[' || n == e+1 {
		return
	}
	d := run(b, n+1, chDigit)
	if name := b[i+1 : e]; d > n+1 && at(b, d) == ']' && at(b, d+1) == ':' && (hasDigit(name) || bytes.IndexByte(name, '-') > 0 || systemTags.has(b[e+1:n])) && !levelWord(name) && hasLetterByte(name) {
		sc.hostValue(i+1, e)
	}
}
