package redact

import "bytes"

// ofUser looks at user X: invalid user X from, user "X" was not found,
// session closed for user X.
func (sc *scanner) ofUser(i, e int) {
	b := sc.b
	if at(b, e) == ':' && at(b, e+1) == ' ' {
		sc.domainUser(e + 2)
		if s, n, next := sc.nameAt(e + 2); at(b, e+2) == '[' && next > n && gradeOf(b[s:n]) > noName { // User: [x]
			sc.userName(s, n, ruleUserSentence)
		}
	}
	if bytes.HasPrefix(b[e:], []byte(" name   ")) && sc.leads(i) { // of net user
		if s := run(b, e+5, chSpace); run(b, s, chKey) >= sc.eol(s) {
			sc.userName(s, sc.eol(s), ruleListing)
		}
		return
	}
	sc.sqlAccount(i, e)
	if at(b, e) == '@' && bytes.HasPrefix(b[e:], []byte("@Host: ")) { // the slow log of MySQL: name[name] @ host
		s := e + len("@Host: ")
		n := run(b, s, chKey)
		if k := run(b, n+1, chKey); at(b, n) == '[' && at(b, k) == ']' {
			sc.userName(s, n, ruleUserField)
			sc.userName(n+1, k, ruleUserField)
		}
		return
	}
	if at(b, e) != ' ' || i > sc.ls && (b[i-1] == '-' || b[i-1] == '/' || b[i-1] == '.' || b[i-1] == ':' && i-1 > sc.ls && b[i-2] == ' ') {
		return
	}
	s := run(b, e, chSpace)
	if s >= len(b) || s-e > 2 && !sc.leads(i) || sc.comment() && !(quoteAt(b, s) > 0 && hasSuffixFold(b[sc.ls:i], " with ")) {
		return
	}
	sc.statusOf(e)
	sc.commandHere(i)
	if n := run(b, s, chKey); at(b, n) == ' ' && b[i] == 'u' && sc.leads(i) && (bytes.HasPrefix(b[n:], []byte(" on ")) || bytes.HasPrefix(b[n:], []byte(" off "))) { // users.acl of Redis
		if line := b[n:sc.eol(n)]; bytes.Contains(line, []byte(" ~")) || bytes.Contains(line, []byte(" +@")) || bytes.Contains(line, []byte(" -@")) || bytes.Contains(line, []byte(" allkeys")) {
			sc.redisUser(n)
		}
	}
	if q := quoteAt(b, s); q > 0 {
		start, end, next := sc.argument(s)
		if next <= end || end <= start || firstBlank(b[start:end]) < end-start {
			return
		}
		if string(b[start:end]) == "Auth" && at(b, next) == ' ' { // OpenVPN: username "Auth" "x"
			start, end, _ = sc.argument(next + 1)
		}
		sc.userValue(value{start: start, end: end})
		if at(b, next) == '@' && quoteAt(b, next+1) > 0 { // 'x'@'host'
			hs, he, _ := sc.argument(next + 1)
			if he > hs {
				sc.hostValue(hs, he)
			}
		}
		return
	}
	if b[s] == '[' && is(at(b, s+1), chUpper) {
		sc.domainUser(s + 1)
	}
	if b[s] == '<' || b[s] == '[' || b[s] == '(' {
		close := b[s] + 2
		if b[s] == '(' {
			close = ')'
		}
		n := run(b, s+1, chKey)
		if b[s] == '[' && bytes.HasPrefix(b[n:], []byte(`]\[`)) { // Samba: [DOMAIN]\[name]
			if e := run(b, n+3, chKey); at(b, e) == ']' {
				sc.userName(n+3, e, ruleUserSentence)
			}
			return
		}
		if before := sc.wordBefore(i); b[s] == '[' && (before == nil || equalFold(before, "user")) && !(e-i == len("username") && gradeOf(b[s+1:n]) > noName) && !bytes.HasPrefix(b[n:], []byte("] from [")) && !bytes.HasPrefix(b[n:], []byte("] logged ")) && !bytes.HasPrefix(b[n:], []byte("] failed ")) {
			return
		}
		if at(b, n) == close && at(b, s-1) == ' ' && b[s] != '(' {
			sc.userName(s+1, n, ruleUserSentence)
			for to := []byte("] -> ["); bytes.HasPrefix(b[n:], to); { // Samba: what it was mapped to
				s = n + len(to)
				if n = run(b, s, chKey); at(b, n) == ']' {
					sc.userName(s, n, ruleUserSentence)
				}
			}
		}
		return
	}
	n := run(b, s, chKey)
	if at(b, n) == '\\' && string(b[i:e]) == "USER" && bytes.HasPrefix(b[n:], []byte("\\r\\n")) { // as a protocol's line is shown
		sc.userName(s, n, ruleUserSentence)
		return
	}
	s, n = behindDomain(b, s)
	for n > s && (b[n-1] == '.' || b[n-1] == '-') {
		n--
	}
	if n <= s {
		return
	}
	name := b[s:n]
	if is(name[0], chDigit) && bytes.IndexByte(name, '.') > 0 { // user 0m1.2s
		return
	}
	if at(b, n) == '@' {
		if ms, me, ok := scanEmail(b, n); ok && ms <= s {
			sc.emit(ms, me, cEmail, ruleEmail, 0)
			return
		}
	}
	if k := pseudonymAt(name, 0); k > 0 && name[k-1] != '-' && k < len(name) && name[k] == '.' { // an address that was hidden in part
		return
	}
	if bytes.HasPrefix(name, []byte("http-")) || bytes.HasPrefix(name, []byte("https-")) || bytes.HasPrefix(name, []byte("ajp-")) { // a thread
		return
	}
	if c := at(b, n); c == '*' || (c == '-' || c == '.') && at(b, n+1) == '*' { // a pattern
		return
	}
	before := sc.wordBefore(i)
	switch string(lowerOf(before, sc.lower[:])) {
	case "invalid", "illegal", "authenticating", "nonexistent":
		rest := b[n:min(len(b), n+8)]
		if bytes.HasPrefix(rest, []byte(" from ")) || bytes.HasPrefix(rest, []byte(" [")) || at(b, n) == ' ' && is(at(b, n+1), chDigit) ||
			at(b, n) != '=' && !statusWord(name) && !equalFold(name, "name") && !equalFold(name, "id") && !equalFold(name, "input") {
			sc.attempt(s, n)
		}
		return
	case "for", "of", "authenticated", "unknown", "new", "as", "root", "by", "expired", "locked", "disabled", "deleted", "to", "remote", "valid", "blocked", "delete", "add", "added", "removed", "uid", "banned":
		if at(b, n) != '=' && !statusWord(name) && !notUser(name) && !(allLetters(name) && sc.goesOn(n)) && !(b[i]|0x20 == 'a' && equalFold(before, "to")) {
			sc.userName(s, n, ruleUserSentence)
		}
		return
	}
	if equalFold(before, "into") || b[i] == 'a' && n >= sc.eol(n) && sc.leads(i) && allLetters(name) { // into account; a section of msmtp
		return
	}
	if len(name) == 2 && equalFold(name, "id") && at(b, n) == ' ' && quoteAt(b, n+1) > 0 { // User ID 'x'
		if qs, qe, next := sc.argument(n + 1); next > qe && gradeOf(b[qs:qe]) > noName {
			sc.userName(qs, qe, ruleUserSentence)
		}
		return
	}
	if statusWord(name) || notUser(name) || statuses.has(name) {
		return
	}
	switch c := at(b, n); c {
	case '\n', '\r', '.', ',', ';', ')', '\'', '"', '@', '(':
		if c != '@' && c != '(' && !hasDigit(name) && !sc.leads(i) && !(c == ')' && b[i-1] == '(' && is(b[i], chUpper) && gradeOf(name) > noName) {
			switch string(lowerOf(before, sc.lower[:])) {
			case "": // USER x, of FTP
				if (bytes.HasPrefix(b[n:], []byte(", client ")) || (c == '\n' || c == '\r') && b[i-1] == ' ' && endsAfter(at(b, i-2))) && gradeOf(name) > noName {
					break
				}
				if string(b[i:e]) != "USER" || gradeOf(name) == noName {
					return
				}
			case "client":
				if c != '\n' && c != '\r' {
					return
				}
			case "match", "require", "adding", "console", "failed", "login", "rejected", "denied", "accepted", "created", "su", "local", "domain", "switching", "impersonating", "logon":
			default:
				return
			}
		}
		if c == '\n' || c == '\r' || c == '.' {
			if sc.leads(i) && !hasDigit(name) && lower(b[i]) == b[i] && len(before) == 0 && e-i != 8 && c == '.' {
				return
			}
		}
		if c == '(' && !bytes.HasPrefix(b[n:], []byte("(uid")) {
			return
		}
	case ':':
		if is(at(b, n+1), chWord) {
			return
		}
	case ' ':
		w := run(b, n, chSpace)
		m := run(b, w, chWord)
		if sc.leads(i) && (equalFold(b[w:m], "on") || equalFold(b[w:m], "off")) {
			sc.redisUser(w)
		}
		if allLetters(name) && before != nil && sc.goesOnAfter(m) && (equalFold(b[w:m], "on") || equalFold(b[w:m], "in") || equalFold(b[w:m], "at") || equalFold(b[w:m], "by")) {
			return
		}
		switch string(lowerOf(b[w:m], sc.lower[:])) {
		case "from", "not", "logged", "login", "on", "at", "by", "has", "had", "was", "authenticated", "failed", "does", "in", "ip", "added", "removed", "created", "deleted", "locked", "disabled", "denied", "doesn", "exceeded", "requested", "changed", "successfully", "attempted", "tried", "succeeded", "uid", "privilege", "password", "secret", "role", "group", "class", "auth":
		case "authentication":
			if (!hasDigit(name) || !sc.deviceLine(i)) && (!bytes.HasPrefix(b[m:], []byte(" fail")) || gradeOf(name) == noName) {
				return
			}
		case "name": // user local name x password
			if k := run(b, m, chSpace); equalFold(name, "local") && sc.leads(i) && k > m {
				sc.userName(k, run(b, k, chKey), ruleUserField)
			}
			return
		case "signed", "connected", "joined", "to":
			if string(b[w:m]) == "to" && !equalFold(before, "adding") || gradeOf(name) == noName {
				return
			}
		case "passcode", "gets":
			if gradeOf(name) == noName {
				return
			}
		case "session":
			if !(is(at(b, m+1), chDigit) || e-i == len("username") && sc.leads(i)) || gradeOf(name) == noName {
				return
			}
		case "is":
			k := run(b, m+1, chLower)
			if gradeOf(name) == noName || !statuses.has(b[m+1:k]) && !bytes.HasPrefix(b[k:], []byte(" disconnected")) {
				return
			}
		case "and":
			if !bytes.HasPrefix(b[m:], []byte(" password")) {
				return
			}
		default:
			if d := run(b, w+1, chDigit); at(b, w) == '(' && d > w+1 && at(b, d) == ')' && gradeOf(name) > noName { // (1004)
				break
			}
			if c := at(b, w); c == ':' && bytes.HasPrefix(b[w:], []byte(": Client ")) || c == '(' && hasPrefixFold(b[w:], "(login ") || c == '-' && bytes.HasPrefix(b[w:], []byte("- Client")) ||
				bytes.HasPrefix(b[w:], []byte(": Group(s) ")) || bytes.HasPrefix(b[w:], []byte("- ADM_User ")) { // of NetScaler
				break
			}
			if !is(at(b, w), chDigit) && !(e-i == 8 && sc.leads(i) && w < sc.eol(w)) {
				return
			}
		}
	default:
		return
	}
	sc.userName(s, n, ruleUserSentence)
}

// attempt hides a name that somebody tried to log in with: any but those of
// the system itself.
func (sc *scanner) attempt(s, e int) {
	v := sc.b[s:e]
	if equalFold(v, "root") || equalFold(v, "from") || len(v) > 64 {
		return
	}
	sc.emit(s, e, cUsername, ruleUserSentence, 0)
}

func quoteAt(b []byte, i int) int {
	k := i
	for k < len(b) && b[k] == '\\' {
		k++
	}
	if k < len(b) && is(b[k], chQuote) {
		return k - i + 1
	}
	return 0
}

// wordBefore is the word before i, on the same line.
func (sc *scanner) wordBefore(i int) []byte {
	b := sc.b
	k := i
	for k > sc.ls && b[k-1] == ' ' {
		k--
	}
	if k == i {
		return nil
	}
	s := runBack(b, k, max(sc.ls, k-20), chWord)
	if s == k {
		return nil
	}
	return b[s:k]
}

var notUsers = setOf("identified", "agent", "name", "names", "id", "ids", "input", "interface", "data", "space", "mode", "defined", "profile", "profiles", "manager", "settings", "account", "accounts", "list", "info", "information",
	"guide", "manual", "activity", "session", "sessions", "slice", "processes", "process", "unit", "service", "services", "instance", "level", "land", "time", "memory", "table", "tables", "role", "roles",
	"limit", "limits", "count", "group", "groups", "permissions", "permission", "access", "action", "events", "event", "request", "requests", "feedback", "experience", "friendly", "specified", "supplied",
	"did", "do", "who", "whose", "which", "that", "this", "these", "those", "there", "here", "what", "where", "how", "lookup", "cache", "daemon", "database", "databases", "directory", "home", "config", "configuration",
	"configured", "preferences", "switching", "switch", "switched", "logs", "log", "logon", "logoff", "logout", "login", "logins", "logged", "notification", "notifications", "initiated", "cancelled", "canceled", "aborted",
	"interrupted", "interaction", "pointer", "address", "addresses", "email", "emails", "mail", "flow", "code", "space.", "domain", "records", "record", "status", "state", "timeout", "type", "option", "options", "pool", "namespace", "namespaces",
	"store", "stored", "privileges", "privilege", "rights", "right", "policy", "policies", "quota", "schema", "tokens", "keys", "key", "files", "file", "folder", "path", "sid", "connections", "connection", "commands", "command", "script", "scripts", "admin", "host", "portal", "scope", "shell", "socket", "sync", "task", "tasks", "threads", "thread", "variables", "variable", "view", "views", "window", "query", "queries", "usage", "volume", "and/or", "per", "error", "errors", "api", "app", "apps", "idle", "traffic", "behavior", "behaviour", "base", "bus", "context", "content", "consent", "class", "cpu", "credentials", "dashboard", "device", "devices", "feed", "fields", "identity", "identifier", "import", "journal", "kernel", "language", "location", "management", "map", "mapping", "member", "membership", "menu", "message", "messages", "metadata", "model", "module", "object", "objects", "operation", "operations", "page", "pages", "parameter", "parameters", "prompt", "properties", "property", "provided", "registration", "registry", "repository", "resource", "resources", "search", "secret", "security", "selection", "set", "setup", "stack", "stats", "statistics", "storage", "support", "system", "template", "test", "tests", "tool", "tools", "update", "updates", "upload", "uploads", "url", "validation", "value", "values", "version", "web", "workspace", "runtime", "systemd", "local", "create", "list", "delete", "remove", "show", "describe", "get",
	"password", "passwords", "attributes", "attribute", "capacity", "signed", "signs", "probably", "itself", "themselves", "modified", "modification", "modifications", "workstations", "workstation", "keystore", "truststore", "certificate", "wallet", "control", "unlock", "unlocked", "successfully", "attempting", "attempts", "attempted", "tries", "trying", "impersonation", "impersonated", "execution",
	"manipulation", "discovery", "compromise", "compromised", "accesses", "accessed", "accessing", "gets", "got", "arn", "same", "choosing", "chooses", "chose", "marked", "include", "substack", "sufficient", "requisite", "logging", "user-defined", "write", "writes", "tty", "gui", "nodrop", "own", "being", "also", "still",
	"enters", "entered", "entering", "clicks", "clicked", "opens", "opened", "creates", "creating", "created", "updated", "executed", "executes", "running", "runs", "performed", "performs", "performing", "invited", "joined", "joins", "left", "leaves", "enables", "disables", "approved", "rejected", "changes", "changing", "connects", "connected", "disconnected",
	"reported", "assigned", "granted", "revoked", "suspended", "activated", "deactivated", "reactivated", "verified", "visited", "viewed", "views", "downloaded", "downloads", "uploaded", "making", "having", "using", "used", "uses", "doing", "agents", "types", "tags", "notes", "enumeration", "registered", "sends", "sending", "receives", "shared", "sharing", "suddenly", "recently", "manually", "typically", "usually", "normally", "never", "always", "interfaces", "equipment", "datagram", "plane", "administration", "association", "associated", "alias", "aliases", "feedback:", "satisfaction", "story", "stories", "journey", "research", "training", "awareness")

func notUser(v []byte) bool { return notUsers.has(v) }

// forUser looks at for X from, where somebody tries to log in.
func (sc *scanner) forUser(i, e int) {
	b := sc.b
	if at(b, e) != ' ' {
		return
	}
	s := e + 1
	n := run(b, s, chKey)
	if n == s {
		if c := at(b, s); c == '[' || c == '<' {
			if sc.login(i) && !equalFold(sc.wordBefore(i), "config") {
				sc.saidOf(s, maybeName)
			}
			return
		}
		if quoteAt(b, s) > 0 && sc.keyedBy(i, "authentication", "authenticate", "login", "logon", "password", "credentials", "sign-in") {
			if qs, qe, next := sc.argument(s); next > qe && gradeOf(b[qs:qe]) > noName {
				sc.userName(qs, qe, ruleUserSentence)
				return
			}
		}
		if w := sc.wordBefore(i); at(b, s) == '\'' && (equalFold(w, "password") || equalFold(w, "attempt") && sc.login(i) || equalFold(w, "account") || equalFold(w, "query") && sc.login(i) || bytes.Contains(b[max(sc.ls, i-40):i], []byte("LOGIN"))) {
			if qs, qe, next := sc.argument(s); next > qe {
				sc.userName(qs, qe, ruleUserSentence)
			}
		}
		return
	}
	if b[n-1] == '.' && n-s > 2 && n >= sc.eol(n) {
		n--
	}
	name := b[s:n]
	if at(b, n) == '\\' {
		return
	}
	rest := b[n:min(len(b), n+8)]
	switch {
	case bytes.HasPrefix(rest, []byte(" from ")):
		if !sc.login(i) {
			return
		}
	case bytes.HasPrefix(rest, []byte(" has bee")):
		if !sc.login(i) || gradeOf(name) == noName {
			return
		}
	case lower(b[i]) != b[i] && (at(b, n) == ',' || at(b, n) == ':' || at(b, n) == '\n'): // FAILED LOGIN 1 FROM tty1 FOR bob,
		if !bytes.Contains(b[max(sc.ls, i-40):i], []byte("LOGIN")) {
			return
		}
	case at(b, n) == '\n' || at(b, n) == '\r' || at(b, n) == '.' || bytes.HasPrefix(rest, []byte(" against")) || bytes.HasPrefix(rest, []byte(" by ")) || bytes.HasPrefix(rest, []byte(": ")) || bytes.HasPrefix(rest, []byte(" [")) || bytes.HasPrefix(rest, []byte(" (")):
		if !sc.keyedBy(i, "authentication failure ", "authentication failures ", "password check failed ", "bad password ", "login failed ", "failed password ", "successful su ", "failed su ", "google_authenticator ", "logon failed ", "authentication failed ", "password required ", "session opened ", "session closed ", "password changed ", "password expiry ", "changed password ", "expiry information ", "control file ") {
			if sc.keyedBy(i, "login ", "logon ", "attempt ", "attempts ", "credentials ", "rejected ", "locked ", "lockout ", "reset ", "session ", "mfa ", "2fa ", "otp ", "sign-in ", "password ", "requested ", "failed ") && !sc.keyedBy(i, "validation failed ") && (sc.login(i) || at(b, n) != ':' && sc.keyedBy(i, "session ")) && gradeOf(name) > noName && !statusWord(name) && !notUser(name) {
				sc.userName(s, n, ruleUserSentence)
			}
			return
		}
	default:
		return
	}
	if w := sc.wordBefore(i); bytes.HasPrefix(b[n:], []byte(" [preauth]")) && (equalFold(w, "failures") || equalFold(w, "failure")) {
		sc.attempt(s, n)
		return
	} else if bytes.HasPrefix(rest, []byte(" from ")) && (equalFold(w, "password") || equalFold(w, "publickey") || equalFold(w, "none") || equalFold(w, "pam") || equalFold(w, "failure")) {
		sc.attempt(s, n)
		return
	}
	if statusWord(name) || notUser(name) {
		return
	}
	sc.userValue(value{start: s, end: n})
}

// login reports whether what stands before i speaks of somebody who logs in.
func (sc *scanner) login(i int) bool {
	b := sc.b[max(sc.ls, i-48):i]
	for _, w := range [...]string{"ailed ", "ccepted ", "uthenticat", "ostponed ", "tarting session", "ailure ", "xceeded ", "ogin", "uthorized", "isconnect", "ogon", "assword", "ublickey", "llegal", "nvalid", "efused"} {
		if mentions(b, w) {
			return true
		}
	}
	return false
}

// fromHost looks at from NAME, where a login or a mail came from a host.
func (sc *scanner) fromHost(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || i > sc.ls && b[i-1] != ' ' {
		return
	}
	s := e + 1
	n := run(b, s, chKey)
	for n > s && (b[n-1] == '.' || b[n-1] == '-') {
		n--
	}
	name := b[s:n]
	if len(name) < 4 || bytes.IndexByte(name, '.') < 0 || !hostName(name) || fileName(name) || !hasLetterByte(name) {
		return
	}
	tld := name[bytes.LastIndexByte(name, '.')+1:]
	if !allLetters(tld) || len(tld) < 2 || len(tld) > 10 || at(b, n) == '(' || at(b, n) == '/' && at(b, n+1) != ' ' {
		return
	}
	if !sc.login(i) && !bytes.HasPrefix(b[n:], []byte(" port ")) || b[i] == 'F' && b[i+1] == 'R' && sc.statementOf(i) {
		return
	}
	sc.emit(s, n, cHostname, ruleHostBeside, 0)
}

// comment reports whether the line is a comment of a configuration.
func (sc *scanner) comment() bool {
	c := at(sc.b, run(sc.b, sc.ls, chSpace))
	return c == '#' || c == '*' || c == ';'
}

// accessUser looks at the user in the line of a web server's log that begins
// with an address, perhaps behind what wrote it: 10.0.0.1 - name [02/Jan/2026:03:04:05 +0000].
func (sc *scanner) accessUser(i, e int) {
	b := sc.b
	if bytes.HasPrefix(b[e:], []byte(" [HTTP-")) { // of Gerrit
		if k := bytes.IndexByte(b[e:min(len(b), e+48)], ']'); k > 0 {
			e += k + 1
		}
	}
	if i != sc.ls && b[i-1] != ' ' || !bytes.HasPrefix(b[e:], []byte(" - ")) {
		return
	}
	n := run(b, e+3, chKey)
	if n > e+3 && at(b, n) == ' ' && at(b, n+1) == '"' && is(at(b, n+2), chUpper) && is(at(b, n+3), chUpper) && gradeOf(b[e+3:n]) > noName { // of cPanel
		sc.userName(e+3, n, ruleUserField)
	}
	if n > e+3 && bytes.HasPrefix(b[n:], []byte(" [")) && is(at(b, n+2), chDigit) && (i == sc.ls || at(b, n+4) == '/' && at(b, n+8) == '/') {
		sc.userName(e+3, n, ruleUserField)
	}
}

// goesOn reports whether a sentence goes on after the word that ends at n
// with a word that does not speak of a login.
func (sc *scanner) goesOn(n int) bool {
	b := sc.b
	if at(b, n) == '\'' && is(at(b, n+1), chLower) { // doesn't
		return true
	}
	if at(b, n) != ' ' {
		return false
	}
	m := run(b, n+1, chLower)
	if m == n+1 || at(b, m) == '=' || at(b, m) == ':' {
		return false
	}
	switch string(b[n+1 : m]) {
	case "from", "by", "on", "at", "to", "via", "with", "using", "failed", "logged", "is", "was", "has", "had", "as", "not", "and", "in", "does", "port", "ip", "succeeded", "denied", "uid", "session", "because", "due", "after", "method", "service", "ssh", "rhost", "tty", "password":
		return false
	}
	return true
}

// goesOnAfter reports whether lower-case words follow at m to the end of the
// sentence or the line, and no address, number or name.
func (sc *scanner) goesOnAfter(m int) bool {
	b := sc.b
	end := min(sc.eol(m), m+160)
	k := m
	for k < end && (is(b[k], chLower) || b[k] == ' ' || b[k] == ',' || b[k] == '\'') {
		k++
	}
	return k > m+2 && (k >= end || b[k] == '.')
}
