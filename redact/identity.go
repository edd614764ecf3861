package redact

import "bytes"

// wellKnown are accounts that every system has: they name nobody.
var wellKnown = setOf("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data", "backup", "list", "irc", "gnats",
	"nobody", "systemd-network", "systemd-resolve", "systemd-timesync", "systemd-coredump", "systemd-oom", "messagebus", "_apt", "sshd", "syslog", "uuidd", "tcpdump",
	"landscape", "pollinate", "ntp", "chrony", "polkitd", "polkit", "dbus", "rpc", "rpcuser", "nfsnobody", "postfix", "operator", "halt", "shutdown", "adm", "avahi", "rtkit",
	"colord", "gdm", "lightdm", "dnsmasq", "statd", "_chrony", "tss", "nginx", "apache", "httpd", "mysql", "postgres", "redis", "mongodb", "rabbitmq", "elasticsearch", "kafka", "zookeeper",
	"git", "docker", "containerd", "kube", "etcd", "prometheus", "grafana", "nagios", "icinga", "naemon", "administrator", "system", "local service", "network service",
	"localsystem", "trustedinstaller", "anonymous logon", "defaultuser0", "wdagutilityaccount", "defaultaccount", "public", "default", "all users", "everyone", "users", "username", "__token__", "postmaster", "abuse", "hostmaster", "mysql.sys",
	"unknown", "none", "null", "nil", "n/a", "anyone", "someone", "undef", "undefined", "true", "false", "yes", "no", "-", "--", "invalid", "illegal", "wheel", "sudo", "staff", "gopher", "named", "ldap", "dovecot", "vmail", "amavis", "clamav", "opendkim", "cron", "crond", "kernel", "linuxbrew", "lost+found", "service", "guest", "sa", "shared", "cleartext", "nopassword", "iusr", "iwam", "host$", "computer$", "linux", "darwin", "freebsd", "elastic", "kibana", "kibana_system", "apm_system", "logstash_system", "beats_system", "remote_monitoring_user")

// account reports whether v may be the name of an account that names somebody.
func account(v []byte) bool {
	n := len(v)
	if n < 2 || n > 64 || allDigits(v) || bytes.HasPrefix(v, []byte("ocid1.")) {
		return false
	}
	letters := 0
	for i, c := range v {
		switch {
		case is(c, chAlpha) || c >= 0x80:
			letters++
		case is(c, chDigit) || c == '_':
		case (c == '.' || c == '-' || c == '+' || c == '@' || c == '$' || c == '\\' || c == '%') && i > 0:
		default:
			return false
		}
	}
	if letters == 0 || is(v[0], chDigit) && run(v, 0, chDigit) >= n-1 || connectionID(v) || ofSystem(v) { // 10m
		return false
	}
	return !wellKnown.has(v)
}

// changesCase is how many letters of v are small behind a capital, or the other
// way round.
func changesCase(v []byte) (n int) {
	for k := 1; k < len(v); k++ {
		if is(v[k], chUpper) && is(v[k-1], chLower) || is(v[k], chLower) && is(v[k-1], chUpper) {
			n++
		}
	}
	return n
}

// ofSystem reports whether v is an account that a system makes for its own parts:
// _spotlight of macOS and OpenBSD, DWM-1 and UMFD-0 of Windows.
func ofSystem(v []byte) bool {
	switch {
	case v[0] == '_':
		return run(v, 1, chLower) == len(v)
	case hasPrefixFold(v, "dwm-"):
		return allDigits(v[len("dwm-"):])
	case hasPrefixFold(v, "umfd-"):
		return allDigits(v[len("umfd-"):])
	}
	return false
}

// hexNumber reports whether v is a number as 0x1f is.
func hexNumber(v []byte) bool {
	return len(v) > 2 && v[0] == '0' && lower(v[1]) == 'x' && run(v, 2, chHex) == len(v)
}

// connectionID reports whether v is what Zeek calls a connection or a file by:
// C or F and a number of 96 bits in base 62.
func connectionID(v []byte) bool {
	n := len(v)
	return n >= 14 && n <= 19 && (v[0] == 'C' || v[0] == 'F') && run(v, 0, chAlnum) == n && (generated(v) || n >= 17 && changesCase(v) > 4)
}

// userValue hides the value of a user's key. A domain before it stays.
func (sc *scanner) userValue(v value) {
	b := sc.b
	s, e := v.start, v.end
	if is(at(b, e), chSpace) && !v.quoted && sc.writtenIn(s, e) || bytes.HasPrefix(b[s:], []byte("NT AUTHORITY")) || bytes.HasPrefix(b[s:], []byte("NT SERVICE")) {
		return
	}
	if k := bytes.Index(b[s:e], []byte(`\r\n`)); k > 0 && !v.quoted { // the line ends, in a string
		e = s + len(bytes.TrimRight(b[s:s+k], `\`))
	}
	if d := run(b, s, chDigit); d > s && at(b, d) == '(' { // uid=1000(x) gid=1000(x)
		n := run(b, d+1, chKey)
		if at(b, n) != ')' {
			return
		}
		name := b[d+1 : n]
		sc.userName(d+1, n, ruleUserField)
		if !account(name) {
			return
		}
		end := min(sc.eol(n), n+1024)
		for k := n; k+len(name)+1 < end; k++ {
			if b[k] == ' ' && bytes.HasPrefix(b[k+1:], []byte("uid=")) { // of the next
				return
			}
			if b[k] == '(' && bytes.HasPrefix(b[k+1:], name) && b[k+1+len(name)] == ')' {
				sc.userName(k+1, k+1+len(name), ruleUserField)
			}
		}
		return
	}
	if k := bytes.IndexByte(b[s:e], ':'); k > 1 && !v.quoted && quoteAt(b, s-1) == 0 && (gradeOf(b[s:s+k]) > noName || pseudonymAt(b, s) > 0) && is(at(b, s+k+1), chAlpha) && bytes.IndexByte(b[s+k+1:e], ':') < 0 { // x:VSPHERE.LOCAL
		e = s + k
	}
	if hasPrefixFold(b[s:e], "cn=") || hasPrefixFold(b[s:e], "uid=") { // a distinguished name
		sc.boundAs(s)
		return
	}
	if k := bytes.LastIndexByte(b[s:e], '\\'); k >= 0 && k < e-s-1 {
		if d := bytes.TrimRight(b[s:s+k], `\`); machineLike(d) && hasDigit(d) { // and no domain
			sc.hostValue(s, s+len(d))
		}
		s += k + 1
	}
	if k := bytes.IndexByte(b[s:e], '@'); k > 0 {
		if ms, me, ok := scanEmail(b, s+k); ok && ms <= s && me >= e {
			sc.emit(s, e, cEmail, ruleEmail, 0)
			return
		}
	}
	if k := bytes.IndexByte(b[s:e], ','); k > 1 && !v.quoted && (gradeOf(b[s:s+k]) == certainName || gradeOf(b[s:s+k]) > noName && sc.keyAt(s+k+1)) { // x,10.0.0.1 and x,Domain: y
		e = s + k
	}
	if k := bytes.IndexByte(b[s:e], '('); k > 1 { // root(uid=0)
		e = s + k
	}
	sc.userName(s, e, ruleUserField)
}

// boundAs hides the name of an account in the distinguished name at p, as which
// somebody binds to a directory: cn=x,dc=y.
func (sc *scanner) boundAs(p int) {
	b := sc.b
	if !hasPrefixFold(b[p:], "cn=") && !hasPrefixFold(b[p:], "uid=") {
		return
	}
	s := p + bytes.IndexByte(b[p:], '=') + 1
	if n := run(b, s, chKey); at(b, n) == ',' && (gradeOf(b[s:n]) == certainName || gradeOf(b[s:n]) > noName && (hasPrefixFold(b[n:], ",ou=people") || hasPrefixFold(b[n:], ",ou=users") || hasPrefixFold(b[n:], ",cn=users"))) {
		sc.userName(s, n, ruleUserField)
	}
}

// userPassed hides the name b[s:e] of an account, which the scan may have passed.
func (sc *scanner) userPassed(s, e int) {
	skip := sc.skip
	sc.skip = min(skip, s)
	sc.userName(s, e, ruleUserField)
	sc.skip = skip
}

// userName hides b[s:e] when it can be the name of an account.
func (sc *scanner) userName(s, e int, r ruleID) {
	if e-s >= 4 && is(sc.b[s], chUpper) && is(sc.b[s+1], chUpper) && is(sc.b[s+2], chDigit) {
		if end, ok := scanIBAN(sc.b, s); ok { // account DE89 3704 ...
			sc.emit(s, end, cIBAN, ruleIBAN, 0)
			return
		}
	}
	if s < e && account(sc.b[s:e]) && !placeholder(sc.b[s:e]) && !isUUID(sc.b[s:e]) {
		sc.emit(s, e, cUsername, r, 0)
	}
}

// hostName reports whether v is written like a host's name and not like
// something else of letters and dots.
func hostName(v []byte) bool {
	n := len(v)
	if n < 2 || n > 253 || !is(v[0], chAlnum) || !is(v[n-1], chAlnum) {
		return false
	}
	letters := 0
	for i, c := range v {
		switch {
		case is(c, chAlpha):
			letters++
		case is(c, chDigit) || c == '-' || c == '_':
		case c == '.':
			if v[i-1] == '.' {
				return false
			}
		default:
			return false
		}
	}
	if letters == 0 {
		return false
	}
	return !notHosts.has(v)
}

var notHosts = setOf("dedicated", "pooled", "localhost", "localhost.localdomain", "unknown", "none", "null", "nil", "undefined", "true", "false", "yes", "no", "any", "all", "self", "this", "not", "is", "the",
	"header", "name", "key", "address", "error", "info", "warn", "warning", "debug", "trace", "notice", "fatal", "critical", "default", "auto", "client", "server", "host", "hostname", "node", "nginx", "apache",
	"ip", "ipv4", "ipv6", "off", "local", "remote", "invalid", "missing", "failed", "ok", "down", "up", "started", "stopped", "ready", "notready", "running", "process", "string", "started.", "mode", "ports", "port", "id", "type", "status", "primary", "secondary", "active", "standby", "microsoft-iis", "cloudflare", "envoy", "gunicorn", "caddy", "jetty", "kestrel", "openresty", "haproxy", "to", "for", "with", "in", "on", "at", "and", "or", "was", "has", "from", "by", "of", "a", "an", "shutdown", "restart", "connection", "last", "message", "em0", "eth0", "lo", "tcp", "udp", "http", "https", "ssl", "tls", "unix", "dev")

// hostValue hides the value of a host's key.
func (sc *scanner) hostValue(s, e int) {
	b := sc.b
	if k := bytes.Index(b[s:e], []byte("://")); k >= 0 {
		return
	}
	if k := bytes.IndexByte(b[s:e], ':'); k > 0 { // tcp:db1,1433 and db1:5432
		if is(at(b, s+k+1), chDigit) {
			e = s + k
		} else if e-s-k > 2 {
			s += k + 1
		}
	}
	if k := bytes.IndexAny(b[s:e], ",/ \\"); k > 0 {
		if b[s+k] == '/' && is(at(b, s+k+1), chDigit) { // nginx/1.27.1, but not db1/10.0.0.1
			if _, ok := scanIPv4(b, s+k+1); !ok && at(b, run(b, s+k+1, chDigit)) == '.' {
				return
			}
		}
		e = s + k
	}
	if !hostName(b[s:e]) || bytes.HasPrefix(b[s:e], []byte("thread-")) {
		return
	}
	if _, ok := scanIPv4(b, s); ok {
		return
	}
	if pseudonymAt(b, s) > 0 {
		return
	}
	sc.emit(s, e, cHostname, ruleHostField, 0)
}

// hostBeside hides the name that stands with an address: web1.example[10.0.0.1]
// and web1/10.0.0.1:80.
func (sc *scanner) hostBeside(s, e int) {
	b := sc.b
	if sc.besideAddress(s, e) || s-2 < sc.ls {
		return
	}
	var end int
	switch {
	case (b[s-1] == '[' || b[s-1] == '(') && (at(b, e) == b[s-1]+2 || at(b, e) == ')'):
		end = s - 1
		if end > sc.ls && b[end-1] == ' ' {
			end--
		}
	case b[s-1] == '/':
		end = s - 1
	default:
		return
	}
	start := runBack(b, end, max(sc.ls, end-253), chKey)
	if start >= end || start > sc.ls && (b[start-1] == '/' || b[start-1] == '@' && b[s-1] == '/' || b[start-1] == '\\' || b[start-1] == '%') {
		return
	}
	name := b[start:end]
	if !hostName(name) {
		return
	}
	dots := bytes.Count(name, []byte("."))
	if b[s-1] == '/' {
		if dots == 0 && (!hasDigit(name) && bytes.IndexByte(name, '-') < 0 || at(b, e) != ':') {
			return
		}
	} else if dots == 0 && bytes.HasPrefix(b[e:], []byte(") at ")) && (machineLike(name) || hasDigit(name) && !roleName(name)) { // of arp
	} else if dots == 0 || fileName(name) || start > sc.ls && !(endsAfter(b[start-1]) || b[start-1] == '=' || b[start-1] == '<' || b[start-1] == '[' || b[start-1] == '(') {
		return
	}
	sc.emit(start, end, cHostname, ruleHostBeside, 0)
}

// fileName reports whether a dotted name ends like a file's.
func fileName(v []byte) bool {
	k := bytes.LastIndexByte(v, '.')
	if k < 0 {
		return false
	}
	switch string(v[k+1:]) {
	case "c", "h", "go", "py", "js", "ts", "java", "cpp", "cc", "rb", "pl", "sh", "rs", "php", "conf", "cfg", "ini", "log", "txt", "xml", "json", "yaml", "yml", "so", "socket", "timer", "target", "mount",
		"slice", "scope", "device", "dll", "exe", "sys", "jar", "class", "html", "css", "lock", "pid", "sock", "db", "dat", "tmp", "bak", "gz", "zip", "tar", "pem", "key", "crt", "csr":
		return true
	}
	return false
}

// suffix looks at a word after a dot that may be the end of a private name.
func (sc *scanner) suffix(i, e int) {
	b := sc.b
	start := runBack(b, i, max(sc.ls, i-200), chKey)
	for start < i && !is(b[start], chAlnum) {
		start++
	}
	end := run(b[:min(len(b), e+256)], e, chKey)
	for end > e && !is(b[end-1], chAlnum) {
		end--
	}
	if start >= i-1 || start < sc.skip {
		return
	}
	if start > sc.ls && b[start-1] == '[' && at(b, end) == ']' && !hasDigit(b[start:end]) && end+1 >= sc.eol(end) && start-1 == run(b, sc.ls, chSpace) { // a section's head
		return
	}
	if k := bytes.IndexByte(b[start:end], '.'); settingNames.has(b[start : start+max(k, 0)]) {
		return
	}
	if start > 0 && (b[start-1] == '%' || b[start-1] == '\\' || b[start-1] == '$' || b[start-1] == '{') {
		return
	}
	name := b[start:end]
	if !hostName(name) || fileName(name) || bytes.HasSuffix(name, []byte(".svc.cluster.local")) || string(name) == "host.docker.internal" || memberName(name) {
		return
	}
	strong := start > 2 && b[start-1] == '/' && b[start-2] == '/' || start > 0 && b[start-1] == '@' ||
		at(b, end) == ':' && is(at(b, end+1), chDigit)
	labels := bytes.Count(name, []byte(".")) + 1
	inside := end > e // corp.example.com, not the last label
	if inside {
		last := name[bytes.LastIndexByte(name, '.')+1:]
		if len(last) == 2 && string(b[i:e]) == "ad" { // ad.jp is a public domain
			return
		}
		if !(len(last) == 2 || string(last) == "com" || string(last) == "net" || string(last) == "org" || string(last) == "io" || string(last) == "dev") {
			return
		}
		if is(b[start], chLower) && (bytes.HasPrefix(name, []byte("com.")) || bytes.HasPrefix(name, []byte("org.")) || bytes.HasPrefix(name, []byte("net.")) || bytes.HasPrefix(name, []byte("io."))) {
			return
		}
		if w := b[i:e]; !strong && string(w) != "corp" && string(w) != "internal" && string(w) != "intranet" && string(w) != "lan" && string(w) != "intern" && string(w) != "ad" {
			return
		}
		if labels < 3 {
			return
		}
	} else if !strong {
		if bytes.HasPrefix(name, []byte("com.")) || bytes.HasPrefix(name, []byte("org.")) || bytes.HasPrefix(name, []byte("java")) || bytes.HasPrefix(name, []byte("jdk.")) || bytes.HasPrefix(name, []byte("sun.")) || bytes.HasPrefix(name, []byte("net.")) {
			return
		}
		w := string(b[i:e])
		if w == "private" || w == "home" || w == "ad" || w == "priv" {
			return
		}
		first := name[:bytes.IndexByte(name, '.')]
		if (w == "local" || w == "internal" || w == "intern") && !hasDigit(first) && bytes.IndexByte(first, '-') < 0 && labels < 3 {
			return
		}
		if start > 0 && (b[start-1] == '/' || b[start-1] == '.') {
			return
		}
	}
	if !strong && (bytes.Contains(name, []byte(".com.")) || bytes.Contains(name, []byte(".org.")) || bytes.Contains(name, []byte(".apache."))) && !inside {
		return
	}
	if at(b, end) == '.' && at(b, end+1) == '*' {
		return
	}
	if at(b, end) == '(' || at(b, end) == '_' || at(b, end) == '$' || at(b, end) == '/' && !strong && start > 0 && b[start-1] == '/' {
		return
	}
	sc.emit(start, end, cHostname, ruleHostSuffix, 0)
}

// settingNames are first parts of settings whose last part anybody may choose:
// http-basic.corp of Poetry.
var settingNames = setOf("http-basic", "registries", "registry", "repositories", "repository", "pypi-token", "certificates", "sources", "source", "remotes", "remote", "profiles", "profile", "credentials", "branch", "submodule", "indexes", "index")

// roleName reports whether a host's name says what it is for and not which it
// is: db1, redis, cache.
func roleName(v []byte) bool {
	n := run(v, 0, chLower)
	return n > 0 && n <= 12 && run(v, n, chDigit) == len(v) && len(v)-n <= 2
}

// roleKey reports whether the key of a host is one under which programs are
// told where a service is.
func (sc *scanner) roleKey(f *field) bool {
	w := sc.b[f.start:f.end]
	return hasSuffixFold(w, "host") || hasSuffixFold(w, "server") || hasSuffixFold(w, "node") || hasSuffixFold(w, "peer") || hasSuffixFold(w, "machine")
}

// account2 reports whether v is written like the name of an account, one that
// every system has included.
func account2(v []byte) bool {
	return (len(v) < 64 || len(v) < 256 && hasPseudonym(v)) && run(v, 0, chKey) == len(v) && hasLetterByte(v)
}

// memberName reports whether a dotted name is a member of a variable of a
// program: start.Name.Local, self._version.local.
func memberName(v []byte) bool {
	if hasDigit(v) || bytes.IndexByte(v, '-') >= 0 {
		return false
	}
	for i, c := range v[1:] {
		p := v[i]
		if is(c, chUpper) && (is(p, chLower) || p == '.') || c == '_' && p == '.' {
			return true
		}
	}
	return false
}

// dashedName looks at a name that is made of an address, dhcp-192-168-0-66.
func (sc *scanner) dashedName(i int) {
	b := sc.b
	p := run(b, i, chAlpha)
	if at(b, p) == ':' {
		sc.staticMap(i, p)
		return
	}
	if is(b[i], chUpper) && sc.setUp(i) {
		return
	}
	for g := range 4 {
		if at(b, p) != '-' {
			return
		}
		n := run(b, p+1, chDigit)
		if w := n - p - 1; w < 1 || w > 3 || w == 3 && b[p+1] > '2' || g == 0 && b[p+1] == '0' {
			return
		}
		p = n
	}
	if at(b, p) == '-' || is(at(b, p), chWord) {
		return
	}
	s := runBack(b, i, max(sc.ls, i-64), chKey)
	e := run(b[:min(len(b), p+200)], p, chKey)
	for e > p && !is(b[e-1], chAlnum) {
		e--
	}
	if hostName(b[s:e]) && !fileName(b[s:e]) && (s == sc.ls || b[s-1] != '/' || s > sc.ls+1 && b[s-2] == '/') {
		sc.emit(s, e, cHostname, ruleHostSuffix, 0)
	}
}

// setUp looks at the name that the setup of Windows, or of a machine of Amazon,
// makes up: DESKTOP-4RT7K2A. It begins at i.
func (sc *scanner) setUp(i int) bool {
	b := sc.b
	e := run(b, i, chUpper|chDigit)
	n := run(b, e+1, chUpper|chDigit)
	if at(b, e) != '-' || is(at(b, n), chKey) && at(b, n) != '.' || i > 0 && is(b[i-1], chKey) && !escapeEnds(b, i) {
		return false
	}
	switch w := n - e - 1; string(b[i:e]) {
	case "DESKTOP", "LAPTOP", "EC2AMAZ":
		if w < 6 || w > 9 {
			return false
		}
	case "WIN":
		if w != 11 {
			return false
		}
	default:
		return false
	}
	sc.hostValue(i, n)
	return true
}

// keyAt reports whether a key of words begins at p: Domain Name: x.
func (sc *scanner) keyAt(p int) bool {
	b := sc.b
	n := run(b, p, chKey|chSpace)
	return n > p && n-p < 40 && is(b[p], chAlpha) && (at(b, n) == ':' || at(b, n) == '=')
}
