package redact

import "bytes"

// Lines of files and of programs' output of which each field says what it is:
// accounts, hosts, logins, listings of files and of processes.

// listed looks at a line that begins at s with the word b[s:e], followed by
// blanks.
func (sc *scanner) listed(s, e int) {
	b := sc.b
	p := run(b, e, chSpace)
	switch c := at(b, p); {
	case c == '|':
		if d := run(b, s+1, chDigit); b[s] == 'r' && d == e && p == e+1 && at(b, p+1) == ' ' { // svn log
			if n := run(b, p+2, chKey); bytes.HasPrefix(b[n:], []byte(" | ")) && is(at(b, n+3), chDigit) {
				sc.userName(p+2, n, ruleListing)
			}
		}
	case c == 'A' && bytes.HasPrefix(b[p:], []byte("ALL")) && at(b, run(b, p+3, chSpace)) == '=': // sudoers
		if v := b[s:e]; v[0] != '%' && !allUpper(v) {
			sc.userName(s, e, ruleListing)
		}
	case (c == 'h' || c == 's') && limited(b, p):
		sc.userName(s, e, ruleListing)
	case (c == 'R' && bytes.HasPrefix(b[p:], []byte("Ready ")) || c == 'N' && bytes.HasPrefix(b[p:], []byte("NotReady "))) && machineLike(b[s:e]): // kubectl get nodes
		sc.hostValue(s, e)
	case c == 's' && bytes.HasPrefix(b[p:], []byte("ssh:notty ")) && gradeOf(b[s:e]) > noName: // lastb
		sc.userName(s, e, ruleListing)
	case c == 'r' && bytes.HasPrefix(b[p:], []byte("rdp-tcp#")):
		sc.userName(s, e, ruleListing)
	case is(c, chAlpha) && is(b[s], chDigit) && e-s < 8 && allDigits(b[s:e]):
		sc.taskRow(p)
	case is(c, chAlpha) && e-s == 10 && fileMode(b[s:e]): // tar
		if n := run(b, p, chKey); at(b, n) == '/' {
			sc.userName(p, n, ruleListing)
		}
	case c == 'p' && bytes.HasPrefix(b[p:], []byte("pts/")), c == 't' && bytes.HasPrefix(b[p:], []byte("tty")) && is(at(b, p+3), chDigit|chUpper), c == ':' && at(b, p+1) == '0' && e-s > 1, c == 'c' && bytes.HasPrefix(b[p:], []byte("console ")):
		sc.loggedIn(s, e, p)
	case is(c, chDigit) && (e-s == 10 || e-s == 11) && fileMode(b[s:e]):
		sc.fileOwner(p)
	case is(c, chDigit) && p-e >= 1 && !is(b[s], chDigit):
		sc.process(s, e, p)
	}
}

// loggedIn looks at name tty ..., as last, who and w print.
func (sc *scanner) loggedIn(s, e, p int) {
	b := sc.b
	n := p
	for n < len(b) && n-p < 12 && b[n] > ' ' {
		n++
	}
	if c := at(b, run(b, n, chSpace)); b[p] == ':' && !is(c, chDigit|chUpper) && c != ':' && c != '?' && c != '(' { // port  :0  closed
		return
	}
	if e-s < 33 && (p-e > 1 || b[e] == '\t' || run(b, n, chSpace)-n > 1) { // columns
		sc.userName(s, e, ruleListing)
	}
}

// fileMode reports whether v is the mode of a file as ls prints it.
func fileMode(v []byte) bool {
	if v[0] != '-' && v[0] != 'd' && v[0] != 'l' && v[0] != 'c' && v[0] != 'b' && v[0] != 'p' && v[0] != 's' {
		return false
	}
	for k, c := range v[1:10] {
		if c != '-' && c != "rwx"[k%3] && !(k%3 == 2 && (c == 's' || c == 'S' || c == 't' || c == 'T')) {
			return false
		}
	}
	return true
}

// fileOwner looks at links owner group size, p being at the first.
func (sc *scanner) fileOwner(p int) {
	b := sc.b
	end := sc.eol(p)
	p = run(b, run(b, p, chDigit), chSpace)
	n := run(b, p, chKey)
	g := run(b, n, chSpace)
	m := run(b, g, chKey)
	if n == p || g == n || m == g || m >= end || !is(at(b, run(b, m, chSpace)), chDigit) {
		return
	}
	sc.userName(p, n, ruleListing)
	if bytes.Equal(b[p:n], b[g:m]) { // a group of its own
		sc.userName(g, m, ruleListing)
	}
}

// process looks at name pid ..., as ps and lsof print.
func (sc *scanner) process(s, e, p int) {
	b := sc.b
	end := min(sc.eol(p), p+160)
	n := run(b, p, chDigit)
	if n-p > 7 || n >= end || !is(b[n], chSpace) {
		return
	}
	var f [8][]byte
	count, at0 := 0, run(b, n, chSpace)
	second := at0
	for q := at0; q < end && count < len(f); count++ {
		m := q
		for m < end && b[m] > ' ' {
			m++
		}
		if m == q {
			break
		}
		f[count] = b[q:m]
		q = run(b, m, chSpace)
	}
	if count < 5 {
		return
	}
	clock := func(v []byte) bool {
		k := bytes.IndexByte(v, ':')
		return k > 0 && is(v[k-1], chDigit) && k+1 < len(v) && is(v[k+1], chDigit)
	}
	load := func(v []byte) bool {
		k := bytes.IndexByte(v, '.')
		return k > 0 && k == len(v)-2 && allDigits(v[:k]) && is(v[k+1], chDigit)
	}
	switch {
	case count >= 8 && load(f[0]) && load(f[1]) && allDigits(f[2]) && allDigits(f[3]) && (f[4][0] == '?' || f[4][0] == 'p' || f[4][0] == 't' || f[4][0] == 's'): // ps aux
		sc.userName(s, e, ruleListing)
	case count >= 6 && allDigits(f[0]) && allDigits(f[1]) && len(f[1]) < 4 && (clock(f[2]) || allLetters(f[2][:min(3, len(f[2]))]) && hasDigit(f[2])) && (f[3][0] == '?' || f[3][0] == 'p' || f[3][0] == 't') && clock(f[4]): // ps -ef
		sc.userName(s, e, ruleListing)
	case count >= 5 && !allDigits(f[0]) && descriptor(f[1]) && allUpper4(f[2]): // lsof
		sc.userName(second, second+len(f[0]), ruleListing)
	}
}

// descriptor reports whether v is a file descriptor as lsof prints it.
func descriptor(v []byte) bool {
	switch string(v) {
	case "cwd", "rtd", "txt", "mem", "DEL":
		return true
	}
	n := run(v, 0, chDigit)
	return n > 0 && n < len(v) && len(v) <= n+2 && (v[n] == 'u' || v[n] == 'r' || v[n] == 'w')
}

func allUpper4(v []byte) bool {
	switch string(v) {
	case "REG", "DIR", "CHR", "IPv4", "IPv6", "unix", "FIFO", "sock", "a_inode", "BLK", "netlink":
		return true
	}
	return false
}

// accountLine looks at name:x:1001:1001:Full Name,,,:/home/name:/bin/sh and at
// the lines of shadow and group. The name is b[s:e]. It reports whether the
// line is one of these.
func (sc *scanner) accountLine(s, e int) bool {
	b := sc.b
	p := e + 1
	if at(b, p) == ':' {
		return sc.response(s, e)
	}
	n := p // of the second field
	for n < len(b) && n-p < 160 && b[n] > ' ' && b[n] != ':' {
		n++
	}
	if at(b, n) != ':' || n == p {
		return false
	}
	if e-s == len("user") && string(b[s:e]) == "user" && at(b, n+4) <= ' ' && (at(b, n+1) == 'r' || at(b, n+1) == '-') && (at(b, n+3) == 'x' || at(b, n+3) == '-') { // getfacl
		sc.userName(p, n, ruleListing)
		sc.skip = max(sc.skip, sc.eol(n))
		return true
	}
	end := sc.eol(n)
	if is(b[p], chDigit) && end-n > 64 && sc.samHashes(s, e, p, n) {
		return true
	}
	if n+2 < end && (n-p < 44 || n-p == 64) && sc.recordOf(s, e, p, n, end) {
		return true
	}
	u := run(b, n+1, chDigit)
	if u == n+1 || u-n > 11 || at(b, u) != ':' || !(n-p <= 2 || b[p] == '$' || b[p] == '!' || b[p] == '*') {
		return false
	}
	person := u-n-1 >= 4 && !(u-n-1 == 5 && string(b[n+1:u]) >= "60000")
	g := run(b, u+1, chDigit)
	switch {
	case g > u+1 && at(b, g) == ':' && b[p] == 'x' && n == p+1 || g > u+1 && at(b, g) == ':' && bytes.Count(b[g:end], []byte(":")) == 3 && bytes.IndexByte(b[g:end], '/') > 0: // passwd
		return sc.passwdFields(s, e, g+1, person)
	case bytes.Count(b[n:end], []byte(":")) == 7 && (g > u || at(b, u+1) == ':'): // shadow
		sc.userName(s, e, ruleListing)
		return true
	case b[p] == 'x' && n == p+1 && bytes.IndexByte(b[u+1:end], ':') < 0 && bytes.IndexByte(b[u+1:end], ' ') < 0: // group
		if person {
			sc.userName(s, e, ruleListing)
		}
		for q := u + 1; q < end; {
			m := run(b, q, chKey)
			sc.userName(q, m, ruleListing)
			if at(b, m) != ',' {
				break
			}
			q = m + 1
		}
		return true
	}
	return false
}

// passwdFields hides the name b[s:e] and the full name at p of a person.
func (sc *scanner) passwdFields(s, e, p int, person bool) bool {
	b := sc.b
	end := sc.eol(p)
	n := bytes.IndexByte(b[p:end], ':')
	if n < 0 || n > 200 {
		return false
	}
	n += p
	if !person && !bytes.HasPrefix(b[n:], []byte(":/home/")) && !bytes.HasPrefix(b[n:], []byte(":/Users/")) || !account(b[s:e]) {
		return true
	}
	sc.userName(s, e, ruleListing)
	for q := p; q < n; {
		m := q
		for m < n && b[m] != ',' {
			m++
		}
		if v := b[q:m]; m > q && hasLetterByte(v) && !placeholder(v) && !dealtWith(v) {
			sc.emit(q, m, cUsername, ruleListing, 0)
		}
		q = m + 1
	}
	return true
}

// homeField looks back from the :/home/ of a line of passwd that stands in
// the midst of another.
func (sc *scanner) homeField(i int) {
	b := sc.b
	k := i // of the colon before the home
	low := max(sc.ls, i-256)
	gecos := bytes.LastIndexByte(b[low:k], ':')
	if gecos < 0 {
		return
	}
	gecos += low
	g := runBack(b, gecos, low, chDigit)
	if g == gecos || g == low || b[g-1] != ':' {
		return
	}
	u := runBack(b, g-1, low, chDigit)
	if u == g-1 || u == low || b[u-1] != ':' {
		return
	}
	x := u - 1
	for x > low && x > u-4 && b[x-1] != ':' {
		x--
	}
	if x == low || b[x-1] != ':' {
		return
	}
	s := runBack(b, x-1, low, chKey)
	if s < sc.skip {
		s = max(s, min(sc.skip, x-1))
	}
	if s < x-1 {
		sc.passwdFields(s, x-1, gecos+1, true)
	}
}

// passwdEntry reports whether v begins like a line of passwd.
func passwdEntry(v []byte) bool {
	k := bytes.IndexByte(v, ':')
	if k < 1 || k+2 >= len(v) || v[k+2] != ':' {
		return false
	}
	n := run(v, k+3, chDigit)
	return n > k+3 && at(v, n) == ':'
}

// hostsLine looks at address name alias..., a line of /etc/hosts. The address
// ends at e.
func (sc *scanner) hostsLine(e int) {
	b := sc.b
	if !is(at(b, e), chSpace) {
		return
	}
	end := min(sc.eol(e), e+512)
	var names [8][2]int
	n := 0
	for p := run(b, e, chSpace); p < end && b[p] != '#'; {
		m := run(b, p, chKey)
		if m == p || m < end && !is(b[m], chSpace) || n == len(names) || !is(b[m-1], chAlnum) || !is(b[p], chAlnum) {
			return
		}
		if _, ok := scanIPv4(b, p); ok {
			return
		}
		names[n] = [2]int{p, m}
		n++
		p = run(b, m, chSpace)
	}
	if n == 0 {
		return
	}
	sure := sc.name == "hosts" || len(sc.name) > 6 && (sc.name[len(sc.name)-6:] == "/hosts")
	first := b[names[0][0]:names[0][1]]
	for k := 1; k < n && !sure; k++ { // an alias that is the beginning of the name, or the other way round
		a := b[names[k][0]:names[k][1]]
		if len(a) > len(first) {
			a, first = first, a
		}
		sure = len(a) > 2 && bytes.HasPrefix(first, a) && at(first, len(a)) == '.'
	}
	if !sure {
		return
	}
	for _, w := range names[:n] {
		name := b[w[0]:w[1]]
		if hostName(name) && !bytes.HasPrefix(name, []byte("ip6-")) && !bytes.HasPrefix(name, []byte("localhost")) && string(name) != "broadcasthost" {
			sc.emit(w[0], w[1], cHostname, ruleListing, 0)
		}
	}
}

// domainUser hides the name in CORP\name at p.
func (sc *scanner) domainUser(p int) {
	b := sc.b
	n := p
	for n < len(b) && n-p < 24 && (is(b[n], chUpper|chDigit) || b[n] == '-' || b[n] == '.' || b[n] == '_') {
		n++
	}
	if n-p < 2 || at(b, n) != '\\' || !is(b[p], chUpper) {
		return
	}
	if domainless.has(b[p:n]) {
		return
	}
	s := n + 1
	if at(b, s) == '\\' {
		s++
	}
	e := run(b, s, chKey)
	if k := bytes.Index(b[s:e], []byte("-The")); k > 0 && s+k+4 == e { // a message follows
		e = s + k
	}
	for e > s && (b[e-1] == '.' || b[e-1] == '-') {
		e--
	}
	if at(b, e) == '\\' || at(b, e) == '/' || e-s < 2 {
		return
	}
	sc.userName(s, e, ruleUserSentence)
}

// commonName looks at the value of CN= at p.
func (sc *scanner) commonName(p int) {
	b := sc.b
	end := min(sc.eol(p), p+128)
	for at(b, p) == ' ' || at(b, p) == '=' {
		p++
	}
	n := p
	for n < end && b[n] != ',' && b[n] != '/' && b[n] != '"' && b[n] != '+' && b[n] != ';' && b[n] != '<' && b[n] != '\'' && b[n] != ')' && b[n] != '\\' && b[n] != '|' {
		n++
	}
	for n > p && b[n-1] == ' ' {
		n--
	}
	v := b[p:n]
	rest := b[n:min(sc.eol(p), n+160)]
	switch {
	case len(v) < 2:
	case bytes.IndexByte(v, '.') > 0 && hostName(v):
		if _, ok := scanIPv4(b, p); !ok && !fileName(v) && privateName(v) {
			sc.emit(p, n, cHostname, ruleHostField, 0)
		}
	case personName(v) && (foldContains(rest, ",ou=") || foldContains(rest, "dc=") || foldContains(b[sc.ls:p], "ou=")):
		sc.emit(p, n, cUsername, ruleUserField, 0)
	case firstBlank(v) == len(v) && (foldContains(rest, ",ou=people") || foldContains(rest, ",ou=users") || foldContains(rest, ",ou=staff") || foldContains(rest, ",cn=users,dc=")):
		sc.userName(p, n, ruleUserField)
	}
}

// privateName reports whether a host's name is hardly one of the public web's.
func privateName(v []byte) bool {
	k := bytes.IndexByte(v, '.')
	return hasDigit(v[:k]) || bytes.IndexByte(v[:k], '-') > 0 || bytes.Contains(v, []byte(".corp.")) || bytes.Contains(v, []byte(".internal")) || bytes.HasSuffix(v, []byte(".local")) || bytes.HasSuffix(v, []byte(".lan"))
}

// foldContains reports whether v has w, which is in lower case, in any case.
func foldContains(v []byte, w string) bool {
	for k := 0; k+len(w) <= len(v); k++ {
		if hasPrefixFold(v[k:], w) {
			return true
		}
	}
	return false
}

// notPersons are words of names that directories and certificates give to
// things.
var notPersons = setOf("root", "global", "authority", "server", "client", "service", "services", "trust", "primary", "public", "class", "domain", "users", "user", "admins", "admin", "group", "groups", "schema", "system", "network", "default",
	"web", "code", "signing", "intermediate", "issuing", "secure", "cloud", "internal", "test", "certificate", "certificates", "certification", "computers", "computer", "guests", "controllers", "publishers", "desktop", "policy", "print", "event", "backup",
	"account", "accounts", "operators", "readers", "owners", "administrators", "administrator", "enterprise", "remote", "management", "configuration", "sites", "partitions", "replicator", "team", "department", "office", "key", "keys", "database", "servers", "workstations", "machines", "builtin", "local", "manager", "directory", "agent", "cluster", "node", "gateway", "production", "staging", "development", "support", "sales", "security", "device", "devices", "platform", "encrypt", "validation", "extended", "organization", "timestamping", "time", "stamping", "fake", "self", "signed", "example", "kubernetes", "info", "access", "control", "protected", "cert", "read", "only", "denied", "allowed", "password", "replication", "key", "pre", "windows", "compatible", "terminal", "license", "incoming", "forest", "builders", "performance", "log", "monitor", "distributed", "com", "creator")

// personName reports whether v is two or three words as people's names are.
func personName(v []byte) bool {
	words := 0
	for len(v) > 0 {
		n := firstBlank(v)
		w := v[:n]
		if len(w) < 2 || !is(w[0], chUpper) || run(w, 1, chLower) != len(w) && !(bytes.IndexByte(w, '-') > 0 && run(w, 0, chAlpha|chKey) == len(w) && !hasDigit(w)) || notPersons.has(w) {
			return false
		}
		if words++; n == len(v) {
			break
		}
		v = v[n+1:]
	}
	return words == 2 || words == 3
}

// atHost looks at name@host where the host has no dots: the comment of a
// public key, a shell's prompt, the target of ssh and scp.
func (sc *scanner) atHost(i int) {
	b := sc.b
	s := runBack(b, i, max(sc.skip, max(sc.ls, i-64)), chKey)
	e := run(b[:min(len(b), i+65)], i+1, chKey)
	for e > i+1 && !is(b[e-1], chAlnum) {
		e--
	}
	if sc.accountAt(i) {
		return
	}
	if is(at(b, i+1), chDigit) && !(s == sc.ls && at(b, e) == ':' && hasLetterByte(b[i+1:e])) || b[sc.ls]|0x20 == 't' && hasPrefixFold(b[sc.ls:], "target[") {
		sc.atAddress(s, i)
		return
	}
	if s == i || e-i < 3 || !account2(b[s:i]) || !hostName(b[i+1:e]) || !is(b[s], chAlpha) || hasPseudonym(b[s:e]) || sshName(b[s:i], b[i+1:e]) {
		return
	}
	end := sc.eol(e)
	known := bytes.HasPrefix(b[e:end], []byte(": Permission denied"))
	switch prev := at(b, s-1); {
	case s == sc.ls || prev == 'm' || prev == '[' || prev == ')' || prev == ' ' && at(b, s-2) == ')' && b[sc.ls] == '(': // a prompt
		rest := b[e:min(end, e+96)]
		if k := bytes.IndexByte(rest, ']'); k > 1 && prev == '[' && rest[0] == ':' && (rest[1] == '~' || rest[1] == '/') && (at(rest, k+1) == ' ' || k+1 == len(rest)) { // of ESXi
			known = true
		}
		if k := bytes.IndexAny(rest, "$#%"); k > 0 && (at(rest, k+1) == ' ' || k+1 == len(rest)) {
			known = (rest[0] == ':' && (rest[1] == '~' || rest[1] == '/')) || rest[0] == ' ' && rest[k-1] == ']' && prev == '[' ||
				rest[0] == ' ' && k > 2 && rest[k-1] == ' ' && (rest[1] == '~' || rest[1] == '/' || k-2 < 32 && firstBlank(rest[1:k-1]) == k-2) && s == sc.ls // of zsh: x@host dir %
		}
	case prev == ' ' || prev == '\t':
		w := s - 1
		for w > sc.ls && b[w-1] == ' ' {
			w--
		}
		k := w
		for k > sc.ls && w-k < 4096 && b[k-1] > ' ' {
			k--
		}
		sc.charge(w - k)
		switch v := b[k:w]; {
		case len(v) > 20 && (bytes.HasPrefix(v, []byte("AAAA")) || bytes.HasPrefix(v, []byte("SHA256:")) || bytes.HasPrefix(v, []byte("MD5:"))):
			known = true
		case bytes.Contains(b[max(sc.ls, s-160):s], []byte("ssh ")) || bytes.Contains(b[max(sc.ls, s-160):s], []byte("ssh-copy-id ")) || bytes.Contains(b[max(sc.ls, s-160):s], []byte("sftp ")):
			known = at(b, e) != ':' && at(b, e) != '.'
		case bytes.Contains(b[max(sc.ls, s-160):s], []byte("scp ")) || bytes.Contains(b[max(sc.ls, s-160):s], []byte("rsync ")):
			known = at(b, e) == ':'
		}
	}
	if !known {
		return
	}
	if account(b[s:i]) {
		sc.userName(s, i, ruleUserSentence)
	}
	if !roleName(b[i+1:e]) || at(b, s-1) != ' ' || hasDigit(b[i+1:e]) {
		sc.emit(i+1, e, cHostname, ruleHostBeside, 0)
	}
}

// atAddress looks at the name b[s:i] before an @ that an IPv4 address may follow:
// ssh name@10.0.0.1, for name@10.0.0.1; of MRTG, where a community stands there.
func (sc *scanner) atAddress(s, i int) {
	b := sc.b
	_, ok := scanIPv4(b, i+1)
	if hasPrefixFold(b[sc.ls:], "target[") { // Target[x]: 1:public@10.0.0.1:
		if k := bytes.LastIndexByte(b[sc.ls:i], ':'); k > 8 && firstBlank(b[sc.ls+k:i]) == i-sc.ls-k {
			sc.hideSecret(sc.ls+k+1, i, cPassword, ruleField)
		}
		return
	}
	if !ok || s == i || !account2(b[s:i]) || hasPseudonym(b[s:i]) {
		return
	}
	prev := at(b, s-1)
	if !is(b[s], chAlpha) || s > sc.ls && prev != ' ' && prev != '\t' && !is(prev, chQuote) && prev != '[' && prev != '(' {
		return
	}
	before := b[max(sc.ls, s-160):s]
	for _, w := range [...]string{"ssh ", "scp ", "sftp ", "rsync ", "ssh-copy-id ", "mosh ", "autossh ", "sshfs "} {
		if k := bytes.LastIndex(before, []byte(w)); k >= 0 && (k == 0 || !is(before[k-1], chWord)) {
			sc.userName(s, i, ruleUserSentence)
			return
		}
	}
	switch w := sc.wordBefore(s); string(lowerOf(w, sc.lower[:])) {
	case "user", "for", "login", "as", "account", "username":
		sc.userName(s, i, ruleUserSentence)
	}
}

// models are the names that Oxidized gives kinds of devices.
var models = setOf("ios", "iosxr", "iosxe", "nxos", "asa", "junos", "eos", "procurve", "comware", "routeros", "fortios", "panos", "vrp", "edgeos", "edgeswitch", "airos", "aosw", "arubaos", "arubaoscx", "dlink", "dnos", "powerconnect", "vyos", "vyatta", "ironware", "fastiron", "slxos", "f5", "tmos", "netscaler", "sonicos", "pfsense", "opnsense", "cumulus", "mikrotik", "catos", "hp", "zynos", "tplink", "unifi")

// recordOf looks at records of accounts that are no users of the system:
// host:model:user:password:enable of Oxidized, user:realm:digest of Apache,
// user:digest:level of Deluge. The first field is b[s:e], the second b[p:n].
func (sc *scanner) recordOf(s, e, p, n, end int) bool {
	b := sc.b
	rest := b[n+1 : end]
	k := bytes.IndexByte(rest, ':')
	switch {
	case models.has(b[p:n]) && k > 0:
		sc.userName(n+1, n+1+k, ruleListing)
		for q := n + 2 + k; q < end; {
			m := q
			for m < end && b[m] != ':' {
				m++
			}
			if m-q > 3 {
				sc.hideSecret(q, m, cPassword, ruleListing)
			}
			q = m + 1
		}
	case k < 0 && len(rest) == 32 && run(rest, 0, chHex) == 32 && mixed(rest) && n-p < 12+32:
		sc.userName(s, e, ruleListing)
		sc.emit(n+1, end, cPassword, ruleListing, spanLearn)
	case (n-p == 32 || n-p == 40 || n-p == 64) && run(b[:n], p, chHex) == n && mixed(b[p:n]) && k < 0 && allDigits(rest) && len(rest) < 4:
		sc.userName(s, e, ruleListing)
		sc.emit(p, n, cPassword, ruleListing, spanLearn)
	case k < 0 && s == sc.ls && bytes.IndexByte(b[s:e], '.') > 0 && topLevel(b[s+bytes.LastIndexByte(b[s:e], '.')+1:e]) && account2(b[p:n]) && hasDigit(b[p:n]) && len(rest) >= 8 && firstBlank(rest) == len(rest) && secretWord(rest) && (hasSign(rest) && hasDigit(rest) || mixedCaseDigits(rest)) && !isPath(rest): // passwd.client of Exim: host:name:x
		sc.userName(p, n, ruleListing)
		sc.hideSecret(n+1, end, cPassword, ruleListing)
	default:
		return false
	}
	return true
}

func allUpper(v []byte) bool { return run(v, 0, chUpper|chDigit|chUnder) == len(v) }

// proxyLogin looks at the @ of name:x@10.0.0.1:1080, as lists of proxies have it,
// without a scheme.
func (sc *scanner) proxyLogin(i int) bool {
	b := sc.b
	n := run(b[:min(len(b), i+254)], i+1, chKey)
	if at(b, n) != ':' || !is(at(b, n+1), chDigit) || n < i+4 {
		return false
	}
	if d := run(b, n+1, chDigit); d-n < 3 || d-n > 6 || is(at(b, d), chKey) {
		return false
	}
	s := i
	for low := max(sc.ls, sc.skip, i-128); s > low && b[s-1] > ' ' && !is(b[s-1], chQuote) && b[s-1] != '/' && b[s-1] != '=' && b[s-1] != ',' && b[s-1] != '('; s-- {
	}
	c := bytes.IndexByte(b[s:i], ':')
	if c < 2 || s > sc.ls && (b[s-1] == '/' || b[s-1] == '=') || bytes.LastIndexByte(b[s:i], ':') != c {
		return false
	}
	name, pass := b[s:s+c], b[s+c+1:i]
	if gradeOf(name) == noName || addressed.has(name) || sc.decide(name) != keyNone || len(pass) < 6 || !secretWord(pass) || !hasDigit(pass) && !hasSign(pass) || dealtWith(pass) {
		return false
	}
	sc.pair(s, i)
	return true
}

// addressed are words that an address follows behind a colon.
var addressed = setOf("cc", "bcc", "to", "from", "mailto", "sip", "sips", "xmpp", "acct", "rcpt", "sender", "reply-to", "tel", "via", "contact", "peer", "proxy", "ssh", "sftp", "ftp", "scp", "rsync", "git", "smtp", "imap")
