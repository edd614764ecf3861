package redact

import "bytes"

// field is a key and where its value is looked for.
type field struct {
	key        keyKind
	start, end int  // of the key
	first      bool // the key is the first thing on its line
	colon      bool // written with a colon and a blank, as prose is too
	query      bool // a parameter of a URL or a form
	space      bool // parted by blanks alone
	quoted     bool // the key stood in quotes
	element    bool // the text of an XML element
	escaped    bool // the separator is percent-escaped, as what ends the value is
	assign     bool // written with :=, as programs assign
	compare    bool // written with ==
	paren      bool // the key stands in parentheses, as change logs name functions
}

// elsewhere reports whether the key is nothing of this text: it stood in the
// block before, or what has one key is many.
func (f *field) elsewhere() bool { return f.end <= f.start }

// separator looks at a : at i that may be part of an address or a URL.
func (sc *scanner) separator(i int) {
	b := sc.b
	if sc.colonAddress(i) || i < sc.skip {
		return
	}
	if i+2 < len(b) && b[i+1] == '/' && b[i+2] == '/' {
		sc.urlHost(i, sc.userinfo(i))
		return
	}
	sc.keyValue(i)
}

// What may stand between a key and its separator, and ends of keys that take
// a longer look.
const (
	signBetween = 1 << iota
	signEnds
	signLeads
	signQuotes
)

var signs = func() (t [256]uint8) {
	for _, c := range []byte(" \t\"'\\])`?:") {
		t[c] |= signBetween
	}
	for _, c := range []byte("0123456789m;") {
		t[c] |= signEnds
	}
	for _, c := range []byte(" \t#;-+>/*!") {
		t[c] |= signLeads
	}
	for _, c := range []byte(" \t\"'") {
		t[c] |= signQuotes
	}
	return t
}()

// keyValue looks at the = or : at i that parts a key from its value.
func (sc *scanner) keyValue(i int) {
	b := sc.b
	// Left of it, the end of the key.
	j := i - 1
	if b[i] == '=' && j > sc.ls && b[j] == '!' { // != "x"
		j--
	}
	if j > 0 && b[i] == ':' && b[j] == ':' { // Acquire::http::proxy
		return
	}
	if b[i] == ':' && at(b, i+1) == ':' && is(at(b, i+2), chWord) { // node::credentials
		return
	}
	if b[i] == ':' && i-10 > sc.ls && string(b[i-7:i]) == ":secret" && bytes.Contains(b[max(sc.ls, i-80):i], []byte("arn:aws")) { // arn:aws:secretsmanager:x:1:secret:name
		return
	}
	for j >= sc.ls && (b[j] <= '\'' && (b[j] == ' ' || b[j] == '"' || b[j] == '\'' || b[j] == '\t') || b[j] == '\\' || b[j] == ']' || b[j] == ')' || b[j] == '`' || b[j] == '?' || b[j] == ':') {
		if j--; j > sc.backFrom && j < sc.backTo { // been there
			j = sc.backFrom
		}
		sc.charge(1)
	}
	if b[i] == ':' && j > sc.ls+2 && b[j] == 's' && (b[j-1] == ';' || b[j-1] == '|') && is(at(b, i+1), chDigit) {
		sc.serialized(i, j)
		return
	}
	if i-j > 64 {
		sc.backFrom, sc.backTo = j, i
	}
	if j > sc.ls+3 && b[j] == '}' && b[i] == '=' { // $x->{Name} =, $x{"Name"} =
		j = sc.subscript(j)
	}
	if j < sc.ls {
		return
	}
	j++
	for b[j-1] == 'm' || b[j-1] == ';' { // a colour or an entity
		k := ansiBack(b, j, sc.ls)
		if k == j {
			k = entityBack(b, j, sc.ls)
		}
		if k == j || k == sc.ls {
			break
		}
		for j = k; j > sc.ls+1 && (is(b[j-1], chQuote) || b[j-1] == ' '); j-- { // a colour behind the quote
		}
	}
	if b[j-1] == '2' || b[j-1] == '7' {
		if k := quoteEscapeBack(b, j, sc.ls); k > sc.ls {
			j = k
		}
	}
	if is(b[j-1], chDigit) && j-3 > sc.ls && b[j-2] == ' ' && is(b[j-3], chAlpha) && b[i] == ':' { // Unseal Key 1:
		j -= 2
	}
	if b[i] == '=' && is(b[j-1], chDigit) && j-2 > sc.ls && b[j-2] == ':' && is(b[j-3], chAlpha) && j < i { // Tunnel-Password:0 =
		j -= 2
	}
	if !is(b[j-1], chWord) || !keyTail(b, j) {
		return
	}
	f := field{end: j}
	f.start = runBack(b, j, max(sc.ls, j-maxKey), chKey)
	for f.start < j && (b[f.start] == '-' || b[f.start] == '.') {
		f.start++
	}
	if b[f.start] == 'D' && f.start > sc.ls && b[f.start-1] == '-' && is(b[f.start+1], chAlpha) { // java -Dname=value
		f.start++
	}
	if f.start > sc.ls+1 && (b[f.start-1] == '[' || b[f.start-1] == ';') && is(b[f.start], chDigit) {
		if k := ansiText(b, f.start); k > 0 && k < j {
			f.start = k
		}
	}
	f.quoted = f.start > sc.ls && is(b[f.start-1], chQuote) || j < i && (is(b[j], chQuote) || quoteEscape(b, j) != "")
	if f.paren = b[i-1] == ')' && j == i-1; f.paren {
		if p := run(b, i+1, chSpace); p > i+1 && is(at(b, run(b, p, chLower)), chSpace) { // prose
			return
		}
	}
	if j == i && b[i] == ':' && i+2 < len(b) && is(b[i+1], chQuote) && b[i+2] == ' ' && bytes.Count(b[max(sc.ls, i-200):i], b[i+1:i+2])%2 == 1 {
		sc.prompted(&f, i+1)
		return
	}
	if f.start > sc.ls && j == i && b[i] == ':' && at(b, i+1) == ' ' && is(b[f.start-1], chQuote) && at(b, i+2) == b[f.start-1] && at(b, i+3) == ' ' { // read -p "Password: " x
		sc.prompted(&f, i+2)
		return
	}
	if f.start > sc.ls && i+1 < len(b) && j == i && is(b[i+1], chQuote) && b[f.start-1] == b[i+1] && !is(at(b, i+2), chWord) { // "password="+x: the string ends here
		return
	}
	sc.spaced(&f)
	if sc.noKey(&f, i) {
		return
	}
	f.key = sc.decide(b[f.start:j])
	if f.start > sc.ls && b[f.start-1] == ':' && b[i] == '=' && (f.key == keyName || f.key.secret()) { // Jwt:Key = x
		sc.sectioned(&f)
	}
	if f.key == keyNone && f.start > sc.ls && (b[f.start-1] == '\\' || b[f.start-1] == 'm') {
		sc.joinedKey(&f, j)
	}
	if f.key == keyNone && b[i] == '=' && f.end-f.start >= 3 && (hasSuffixFold(b[f.start:f.end], "string") || hasSuffixFold(b[f.start:f.end], "str")) && sc.typed(&f, i) {
		sc.field(f, i+1)
		return
	}
	if f.key == keyNone || hasPseudonym(b[f.start:j]) { // its digits may end like a key
		return
	}
	if f.key.secret() {
		sc.names = j
		switch at(b, run(b, i+1, chSpace)) {
		case '\n', '\r', '\\', '|', '>', '<', '[', '{': // its value may stand below
			sc.namedAt = i
		}
	}
	if (f.key == keyPassword || f.key == keyPass) && (b[i] == ':' || i+1 < len(b) && b[i+1] > ' ' && b[i+1] != '=') { // not the end of base64
		sc.spoke = true
	}
	prev := byte('\n')
	if f.start > sc.ls {
		prev = b[f.start-1]
	}
	if prev == ':' && b[i] == '=' { // .NET: Smtp:Password = x
		sc.inSections(&f, i)
	}
	if prev == ':' && b[i] == ':' && f.start-2 > sc.ls && b[f.start-2] == ':' { // Hiera: a::b::password: x
		s := f.start
		for s > sc.ls && f.start-s < maxKey && (is(b[s-1], chKey) || b[s-1] == ':') {
			s--
		}
		f.first = sc.leads(s)
	}
	f.query = prev == '?' || prev == '&' || prev == ';' && bytes.HasSuffix(b[sc.ls:f.start], []byte("&amp;"))
	f.first = sc.leads(f.start) || prev == ':' && f.first
	p := i + 1
	if b[i] == ':' && at(b, p) == ':' && at(b, p+1) == ' ' && f.first { // LDIF: base64 follows
		p++
	}
	if b[i] == ':' && at(b, p) == '=' || b[i] == '=' && (at(b, p) == '>' || at(b, p) == '=' || at(b, p) == '~') {
		f.assign = b[i] == ':'
		f.compare = b[p] == '='
		p++
	}
	if b[i-1] == '!' {
		f.compare = b[i] == '='
	}
	if b[i] == '=' && bytes.HasPrefix(b[p:], []byte("&gt;")) {
		p += len("&gt;")
	}
	f.colon = b[i] == ':' && p == i+1 && is(at(b, p), chSpace) && !f.quoted
	sc.field(f, p)
}

// inSections looks at a key that is the last part of a path with colons and the
// first thing on its line: Smtp:Password = a b c. The part before tells what a
// mere Key is of.
func (sc *scanner) inSections(f *field, i int) {
	b := sc.b
	s := f.start
	for s > sc.ls && f.start-s < maxKey && (is(b[s-1], chKey) || b[s-1] == ':') {
		s--
	}
	if s == f.start-1 || !sc.leads(s) || at(b, i+1) != ' ' || at(b, i-1) != ' ' {
		return
	}
	f.first = true
	if f.key == keyName {
		w := runBack(b, f.start-1, s, chKey)
		if k := keyKey(string(lowerOf(b[w:f.start-1], sc.lower[:]))); k == keySecret || k == keyWeak {
			f.key = k
		}
	}
}

// spaced takes the words before a key into it, where they are part of it:
// "Account Name", "API key", "secret access key".
func (sc *scanner) spaced(f *field) {
	b := sc.b
	for range 2 {
		k := f.start
		if k-1 <= sc.ls || b[k-1] != ' ' || !is(b[k-2], chWord) {
			return
		}
		w := runBack(b, k-1, max(sc.ls, k-20), chWord)
		switch string(lowerOf(b[w:k-1], sc.lower[:])) {
		case "key":
			if !equalFold(b[k:f.end], "content") && !equalFold(b[k:f.end], "material") {
				return
			}
			f.start = w
		case "seed", "mnemonic", "wallet", "insurance",
			"account", "user", "host", "computer", "workstation", "access", "api", "secret", "private", "security", "social",
			"phone", "set", "logon", "login", "node", "machine", "server", "auth", "session", "client", "shared", "sam",
			"aws", "pre", "preshared", "master", "encryption", "signing", "license", "service", "cache", "primary", "foreign", "public", "test", "page", "next", "unseal", "recovery", "root", "initial", "new",
			"mot", "de", "palavra", "kata", "mật", "mat", "كلمة", "clave", "clé", "chave":
			f.start = w
		case "data":
			if !equalFold(b[k:f.end], "source") {
				return
			}
			f.start = w
		case "community":
			if !equalFold(b[k:f.end], "name") {
				return
			}
			f.start = w
		case "write", "read":
			if !equalFold(b[k:f.end], "list") {
				return
			}
			f.start = w
		case "run", "valid", "invalid", "admin", "allowed", "denied", "super", "trusted", "do", "become":
			if !equalFold(b[k:f.end], "users") && !equalFold(b[k:f.end], "as") && !equalFold(b[k:f.end], "by") {
				return
			}
			f.start = w
		case "device":
			if !equalFold(b[k:f.end], "name") {
				return
			}
			f.start = w
		case "pass":
			if !equalFold(b[k:f.end], "phrase") {
				return
			}
			f.start = w
		default:
			if equalFold(b[k:f.end], "key") && keyKey(string(sc.lower[:k-1-w])) == keySecret { // Activation key: x
				f.start = w
				return
			}
			if !equalFold(b[k:f.end], "by") || !doing(string(lowerOf(b[w:k-1], sc.lower[:]))) {
				return
			}
			f.start = w
		}
	}
}

func lowerOf(b, buf []byte) []byte {
	if len(b) > len(buf) {
		b = b[:len(buf)]
	}
	for i, c := range b {
		buf[i] = lower(c)
	}
	return buf[:len(b)]
}

// leads reports whether what starts at i is the first thing on its line, or
// nearly: after blanks, a bullet, a comment sign, a shell's export.
func (sc *scanner) leads(i int) bool {
	b := sc.b[sc.ls:i]
	if len(b) > 48 {
		if sc.leadAt != sc.ls || sc.leadTo > i {
			sc.leadAt, sc.leadTo = sc.ls, sc.ls+run(b, 0, chSpace)
			sc.charge(sc.leadTo - sc.leadAt)
		}
		if b = sc.b[sc.leadTo:i]; len(b) > 48 {
			return false
		}
	}
	for len(b) > 0 && (signs[b[0]]&signLeads != 0 || bytes.HasPrefix(b, []byte("\xef\xbb\xbf"))) {
		if b[0] == 0xef {
			b = b[2:]
		}
		b = b[1:]
	}
	for len(b) > 0 && signs[b[len(b)-1]]&signQuotes != 0 {
		b = b[:len(b)-1]
	}
	if len(b) == 0 {
		return true
	}
	switch string(lowerOf(b, sc.lower[:])) {
	case "export", "set", "setenv", "env", "arg", "declare -x", "local", "set -x", "set -gx", "readonly", "typeset -x", "environment=", "$env:",
		"const", "let", "var", "default", "property(s):", "property(c):", "property(n):", "property(p):":
		return true
	}
	return false
}

// ansiBack is the start of the colour sequences that end before i.
func ansiBack(b []byte, i, low int) int {
	for i-3 >= low && b[i-1] == 'm' {
		k := i - 2
		for k > low && (is(b[k], chDigit) || b[k] == ';') {
			k--
		}
		n := escapeBack(b, k, low)
		if b[k] != '[' || n == 0 {
			return i
		}
		i = k - n
	}
	return i
}

// escapeBack is how long the escape before i is: the byte itself, or how a
// string writes it; 0 if there is none.
func escapeBack(b []byte, i, low int) int {
	for _, w := range [...]string{"\x1b", `\u001b`, `\u001B`, `\x1b`, `\x1B`, `\033`, `\e`} {
		if i-len(w) >= low && string(b[i-len(w):i]) == w {
			return len(w)
		}
	}
	return 0
}

// ansiText is where the text begins after the colour sequence of which a
// number is at i; 0 if there is none.
func ansiText(b []byte, i int) int {
	k := i - 1
	for k > 0 && i-k < 12 && (b[k] == ';' || is(b[k], chDigit)) {
		k--
	}
	if k < 1 || b[k] != '[' || escapeBack(b, k, 0) == 0 {
		return 0
	}
	for i < len(b) && (is(b[i], chDigit) || b[i] == ';') {
		i++
	}
	if at(b, i) != 'm' {
		return 0
	}
	return i + 1
}

// ansi is the end of the colour sequences that begin at i.
func ansi(b []byte, i int) int {
	for i+2 < len(b) && b[i] == 0x1b && b[i+1] == '[' {
		k := i + 2
		for k < len(b) && (is(b[k], chDigit) || b[k] == ';') {
			k++
		}
		if k == len(b) || !is(b[k], chAlpha) {
			return i
		}
		i = k + 1
	}
	return i
}

var quoteEntities = [...]string{"&quot;", "&#34;", "&#39;", "&apos;", "&#x22;", "&#x27;"}

func entityBack(b []byte, i, low int) int {
	for _, e := range quoteEntities {
		if i-len(e) >= low && string(b[i-len(e):i]) == e {
			return i - len(e)
		}
	}
	return i
}

func entityAt(b []byte, i int) string {
	if at(b, i) == '&' {
		for _, e := range quoteEntities {
			if len(b)-i >= len(e) && string(b[i:i+len(e)]) == e {
				return e
			}
		}
	}
	return ""
}

// colonAddress looks for an IPv6 or hardware address around the colon at i.
func (sc *scanner) colonAddress(i int) bool {
	b := sc.b
	if i < sc.colon {
		return false
	}
	next := at(b, i+1)
	if !is(next, chHex) && next != ':' {
		return false
	}
	s := runBack(b, i, max(sc.skip, sc.ls, i-10), chHex)
	if s > sc.ls+1 {
		s = behindEscape(b, s, i)
	}
	if i-s > 4 {
		return false
	}
	// All that could belong to it: hex digits and colons.
	e, colons := s, 0
	for e < len(b) && (is(b[e], chHex) || b[e] == ':' || b[e] == '.') {
		if b[e] == ':' {
			colons++
		} else if b[e] == '.' && colons < 2 { // of no address that is mapped to six
			break
		}
		e++
	}
	sc.colon = e
	if colons < 2 {
		return false
	}
	if colons == 2 && e-s <= 8 && !bytes.Contains(b[s:e], []byte("::")) { // a time of day
		return false
	}
	if s > sc.ls && has(b, s-1, setWord) && !escapeEnds(b, s) || s == i && next != ':' { // a label, then the address
		return is(next, chHex) && sc.address(i+1)
	}
	return sc.address(s) || is(next, chHex) && colons > 2 && sc.address(i+1)
}

func (sc *scanner) address(s int) bool {
	if end, ok := scanMAC(sc.b, s); ok {
		sc.emit(s, end, cMAC, ruleMAC, 0)
		if at(sc.b, end) == ':' { // a packet filter writes both ends and the type
			if e, ok := scanMAC(sc.b, end+1); ok {
				sc.emit(end+1, e, cMAC, ruleMAC, 0)
			}
		}
		return true
	}
	if end, ok := scanIPv6(sc.b, s); ok {
		sc.emit(s, end, cIPv6, ruleIPv6, 0)
		if s == sc.ls {
			sc.accessUser(s, end)
			sc.hostsLine(end)
		}
		return true
	}
	return false
}

// notAccounts are schemes of URLs that have something else before the @: the
// name of an actor system, of a container of files.
var notAccounts = setOf("akka", "akka.tcp", "akka.ssl.tcp", "spark", "pekko", "pekko.tcp", "abfs", "abfss", "wasb", "wasbs", "adl")

// userinfo looks for user:password@ after the :// at i.
func (sc *scanner) userinfo(i int) (host int) {
	b := sc.b
	p := i + 3
	if i == 0 || !is(b[i-1], chAlnum) && b[i-1] != '+' {
		return p
	}
	sign, col, later := -1, -1, 0
	n := p
	limit := min(len(b), p+maxUserinfo)
loop:
	for ; n < limit; n++ {
		switch c := b[n]; {
		case c <= ' ' || c == '"' || c == '<' || c == '>' || c == '`' || c == '\\':
			break loop
		case c == '\'':
			if d := at(b, n+1); d <= ' ' || d == ',' || d == ')' || d == ';' || d == ']' || d == '}' {
				break loop
			}
		case c == '@':
			sign = n
			if h := at(b, n+1); !is(h, chAlnum) && h != '[' && h != '/' && h != '{' && h != '$' {
				sign = -1
			}
		case c == ':' && col < 0 && sign < 0:
			col = n
		case c == '/' || c == '?' || c == '#':
			// A password may hold these unescaped; then an @ and a host follow.
			if sign >= 0 || col < 0 || n < later {
				if n < later {
					continue
				}
				break loop
			}
			if later = sc.laterAt(col, n, limit); later == 0 {
				break loop
			}
		}
	}
	sc.charge((n - p) / 8)
	if sign < 0 {
		return p
	}
	host = sign + 1
	if bytes.HasPrefix(b[host:], []byte("sha256:")) { // an image and its digest
		return p
	}
	if col < 0 || col > sign {
		// A user alone: a token, or a name.
		v := b[p:sign]
		if notAccounts.has(b[runBack(b, i, max(sc.ls, i-12), chAlnum|chKey):i]) {
			return host
		}
		if secretWord(v) && len(v) >= 16 {
			sc.emit(p, sign, cToken, ruleURL, spanLearn)
		} else if bytes.Contains(v, []byte("%40")) {
			sc.emit(p, sign, cEmail, ruleEmail, 0)
		} else {
			sc.userName(p, sign, ruleURL)
		}
		return host
	}
	pw := b[col+1 : sign]
	if len(pw) == 0 {
		if secretWord(b[p:col]) && col-p >= 16 {
			sc.emit(p, col, cToken, ruleURL, spanLearn)
		}
		return host
	}
	if start, end, c, _, ok := matchToken(b, p); ok && start == p && end == col {
		sc.emit(p, col, c.id(), ruleURL, 0)
	} else {
		sc.userName(p, col, ruleURL)
	}
	if placeholder(pw) {
		sc.skip = max(sc.skip, sign)
		return host
	}
	sc.emit(col+1, sign, cPassword, ruleURL, spanLearn)
	sc.skip = max(sc.skip, sign)
	return host
}

// maxUserinfo bounds what stands before the @ of a URL.
const maxUserinfo = 8 << 10

// escapedUserinfo hides user:password in b[p:sign], where a URL's slashes or
// all its signs are escaped.
func (sc *scanner) escapedUserinfo(p, sign int) bool {
	b := sc.b
	v := b[p:sign]
	c, n := bytes.IndexByte(v, ':'), 1
	if k := bytes.Index(v, []byte("%3A")); c < 0 && k > 0 {
		c, n = k, 3
	}
	if c < 0 || c+n >= len(v) || bytes.ContainsAny(v, " \"'<>") || bytes.Contains(v, []byte(`\/`)) || bytes.Contains(v, []byte("%2F")) {
		return false
	}
	sc.userName(p, p+c, ruleURL)
	if pw := v[c+n:]; !placeholder(pw) {
		sc.emit(p+c+n, sign, cPassword, ruleURL, spanLearn)
	}
	return true
}

// serverSchemes are the schemes of URLs that programs reach their servers by.
// What they name is a host of the operator's, unlike that of an http: URL.
var serverSchemes = setOf("postgres", "postgresql", "mysql", "mariadb", "sqlserver", "db2", "oracle", "mongodb", "srv", "redis", "rediss", "amqp", "amqps", "clickhouse", "cassandra", "couchbase", "couchbases",
	"ldap", "ldaps", "ldapi", "hdfs", "kafka", "nats", "mqtt", "mqtts", "smb", "cifs", "nfs", "ftp", "ftps", "sftp", "ssh", "scp", "rsync", "telnet", "imap", "imaps", "pop3", "smtp", "smtps", "vnc", "rdp", "zk", "neo4j", "bolt",
	"memcached", "stomp", "syslog", "tcp", "udp", "tls", "grpc", "grpcs", "ws", "wss", "hive2", "presto", "trino", "vertica", "sybase", "teradata", "informix", "firebirdsql", "snmp", "ipp", "iscsi", "spark", "alluxio", "pulsar", "influxdb", "psycopg2", "asyncpg", "pymysql", "oracledb", "cx_oracle", "pyodbc", "drda")

// urlHost hides the hosts of a URL of which the :// is at i; they begin at p.
func (sc *scanner) urlHost(i, p int) {
	b := sc.b
	s := runBack(b, i, max(sc.ls, i-12), chLower|chDigit|chUnder)
	if i-s < 2 {
		return
	}
	if b[i-1] == 'p' && i-s == 4 && b[s] == 'h' || b[i-1] == 's' && i-s == 5 && b[s] == 'h' { // http, https
		n := run(b, p, chKey)
		if bytes.IndexByte(b[p:n], '.') < 0 && machine(b[p:n]) {
			sc.hostValue(p, n)
		}
		if at(b, n) == '/' && at(b, n+1) == 't' && at(b, n+2) == '/' {
			sc.channelToken(n + 3)
		}
		return
	}
	if !serverSchemes.has(b[s:i]) {
		if messengers.has(b[s:i]) {
			sc.messenger(i + 3)
		}
		return
	}
	end := min(len(b), p+1024)
	for p < end {
		n := run(b, p, chKey)
		if n == p || n < end && (b[n] == '$' || b[n] == '{') {
			return
		}
		if name := b[p:n]; !roleName(name) && !fileName(name) && (bytes.IndexByte(name, '.') > 0 || bytes.IndexByte(name, '-') > 0 || hasDigit(name)) && !bytes.HasSuffix(name, []byte(".svc.cluster.local")) {
			if _, ok := scanIPv4(b, p); !ok && !publicRelay(name) {
				sc.hostValue(p, n)
			}
		}
		if at(b, n) == ':' {
			n = run(b, n+1, chDigit)
		}
		if at(b, n) != ',' {
			return
		}
		p = n + 1
	}
}

// channelToken looks at https://host/t/x/channel, of conda; x begins at s.
// Elsewhere a topic has such an address, of words.
func (sc *scanner) channelToken(s int) {
	b := sc.b
	n := run(b, s, chKey|chUnder)
	v := b[s:n]
	if at(b, n) != '/' || is(at(b, n+1), chDigit) || hasPseudonym(v) {
		return
	}
	if k := bytes.IndexByte(v, '-'); k == 2 && isUUID(v[3:]) || isUUID(v) || len(v) >= 20 && secretWord(v) && !dashed(v) {
		sc.emit(s, n, cToken, ruleURL, spanLearn)
	}
}

// messengers are the schemes of URLs by which Apprise, Shoutrrr and the like
// know where to send messages. What such a URL has in its parts is an id, a name
// or a token.
var messengers = setOf("apprise", "apprises", "boxcar", "bark", "barks", "clicksend", "discord", "dingtalk", "faast", "fcm", "feishu", "flock", "gchat", "generic", "gotify", "gotifys", "googlechat", "guilded", "hangouts", "hassio", "hassios", "ifttt", "join", "kodi", "kumulos", "lametric", "lark", "line", "mailgun", "mastodon", "matrix", "matrixs", "mattermost", "mmost", "mmosts", "msg91", "msgbird",
	"ncloud", "nclouds", "nctalk", "nctalks", "nexmo", "notica", "notifico", "ntfy", "ntfys", "office365", "onesignal", "opsgenie", "pagerduty", "pbul", "pover", "prowl", "pushbullet", "pushdeer", "pushed", "pushjet", "pushover", "pushsafer", "pushy", "pushplus", "reddit", "rocket", "rocketchat", "rockets", "ryver", "schan", "sendgrid", "ses", "signal", "simplepush", "sinch", "slack", "smseagle", "smtp2go", "sns", "sparkpost", "splunk", "spush", "spontit", "strmlabs", "syno", "teams", "telegram", "tgram", "twilio", "twist", "twitter", "victorops", "voipms", "vonage", "webex", "wecombot", "whatsapp", "wxteams", "zulip", "zenduty")

// messenger hides what looks like a token in the parts of such a URL, from p to
// its end.
func (sc *scanner) messenger(p int) {
	b := sc.b
	for p < len(b) {
		n := p
		for n < len(b) && (is(b[n], chKey|chUnder) || b[n] == ':' || b[n] == '+' || b[n] == '=' || b[n] == '%') {
			n++
		}
		s, v := p, b[p:n]
		if k := bytes.LastIndexByte(v, ':'); k >= 0 && !(allDigits(v[:k]) && k >= 6) { // user:x, but the two halves of a bot's token
			s, v = p+k+1, v[k+1:]
		}
		if long := bytes.Count(v, []byte(".")) == 0; (long && len(v) >= 16 && hasLetterByte(v) && !dashed(v) || len(v) >= 8 && secretWord(v) && mixed(v) && (long || mixedCaseDigits(v))) && !dealtWith(v) && !placeholder(v) {
			sc.emit(s, n, cToken, ruleURL, spanLearn)
		}
		if c := at(b, n); c != '/' && c != '@' && c != ',' && !(c == '?' && s > p) {
			return
		}
		p = n + 1
	}
}

// laterAt is where an @ with a host name behind it follows n in the same URL;
// zero if there is none, or if what stands between col and n is a port.
func (sc *scanner) laterAt(col, n, limit int) int {
	b := sc.b
	if b[n] == '/' && run(b, col+1, chDigit) == n {
		return 0
	}
	if b[n] == '/' && at(b, n+1) == '/' {
		return 0
	}
	defer sc.charge(4)
	for k := n + 1; k < limit && k < n+256; k++ {
		c := b[k]
		if c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == ',' || c == '(' && b[n] == '/' {
			return 0
		}
		if c == '@' {
			h := run(b, k+1, chKey)
			if h-k < 3 {
				return 0
			}
			if d := at(b, h); k == n+1 && b[n] != '/' && col > 0 && !allDigits(b[col+1:n]) || d == '/' && (b[n] != '/' || k-n < 64) || d == ':' && is(at(b, h+1), chDigit) {
				return k
			}
			return 0
		}
	}
	return 0
}

// serialized looks at s:8:"password";s:3:"x"; as PHP writes maps, and at
// password|s:3:"x"; of its sessions. The s of the value is at j.
func (sc *scanner) serialized(i, j int) {
	b := sc.b
	e := j - 1
	if b[e] == ';' {
		for e--; e > sc.ls && (b[e] == '"' || b[e] == '\\'); e-- {
		}
		e++
	}
	s := runBack(b, e, max(sc.ls, e-maxKey), chKey)
	if s == e || !keyTail(b, e) || b[j-1] == ';' && (s == sc.ls || b[s-1] != '"') {
		return
	}
	f := field{key: sc.decide(b[s:e]), start: s, end: e, quoted: true}
	n := run(b, i+1, chDigit)
	if (f.key.secret() || f.key == keyUser) && at(b, n) == ':' {
		if v, ok := sc.extent(&f, n+1); ok && v.quoted {
			sc.hide(&f, v)
		}
	}
}
