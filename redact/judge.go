package redact

import (
	"bytes"
	"strings"
)

// placeholder reports whether v stands for a value that is somewhere else, or
// for none: ${DB_PASSWORD}, {{ token }}, <password>, ****, null.
func placeholder(v []byte) bool {
	n := len(v)
	if n == 0 {
		return true
	}
	c, last := v[0], v[n-1]
	if withLiteral(v) {
		return false
	}
	switch c {
	case '$':
		if n > 2 && (v[1] == '{' && bytes.IndexByte(v, '}') > 0 || v[1] == '(' || v[1] == '{' && v[2] == '{') {
			return true
		}
		if n > 2 && v[1] == '$' && v[2] == '{' {
			return true
		}
		if n > 3 && v[1] == '{' { // cut at a blank: ${X:?not set}
			if w := run(v, 2, chWord); w > 2 && w < n && (v[w] == '?' || v[w] == ':' || v[w] == '-' || v[w] == '=') && run(v, w, chKey) < n {
				return true
			}
		}
		if w := run(v, 1, chUpper|chUnder|chDigit); w == n && n > 3 && is(v[1], chUpper|chUnder) {
			return true
		}
		if n > 1 && n < 4 && run(v, 1, chDigit) == n { // an argument
			return true
		}
		if w := run(v, 1, chAlpha|chUnder); n > 2 && w == n || w > 1 && w < n && v[w] == ')' { // a variable of a shell, of GraphQL
			return true
		}
		if w := run(v, 1, chAlpha|chUnder); n == 2 && w == 2 || w > 1 && w+1 < n && (v[w] == '{' && last == '}' || v[w] == '[' && last == ']' || v[w] == '-' && v[w+1] == '>') { // $y, $args{password}, $self->{x}
			return true
		}
		if bytes.HasPrefix(v, []byte("$env:")) || bytes.HasPrefix(v, []byte("$this->")) || bytes.HasPrefix(v, []byte("$_")) {
			return true
		}
	case '{':
		if last == '}' && n > 3 && (v[1] == '{' || v[1] == '%') {
			return true
		}
		if n == 1 || n == 2 {
			return true
		}
		if w := run(v, 1, chAlnum|chUnder|chKey); w == n-1 && last == '}' && !mixed(v[1:w]) { // {password}
			return true
		}
	case '&':
		if bytes.HasPrefix(v, []byte("&lt;")) || bytes.HasPrefix(v, []byte("&#x3C;")) || bytes.HasPrefix(v, []byte("&#60;")) {
			return true
		}
	case '<':
		if last == '>' && n < 40 || n > 1 && v[1] == '%' {
			return true
		}
	case 'S':
		if n == 7 && (last == '!' || last == '?') && string(v[:6]) == "String" { // a type of GraphQL, Swift, Kotlin
			return true
		}
	case '%':
		if last == '%' && n > 2 && run(v, 1, chUpper|chUnder) == n-1 {
			return true
		}
		if n <= 3 || v[1] == '(' && last == 's' {
			return true
		}
		if v[1] == '%' && run(v, 2, chDigit) == n { // a message of Windows that is looked up: %%1843
			return true
		}
	case '[':
		if last == ']' && run(v, 1, chAlpha|chUnder|chSpace) == n-1 || n == 1 {
			return true
		}
	case '@':
		if last == '@' && n > 2 && run(v, 1, chUpper|chUnder|chLower) == n-1 {
			return true
		}
	case '(':
		if last == ')' || string(v) == "(sensitive" || string(v) == "(known" { // value), after apply): Terraform
			return true
		}
	}
	if (c == '%' || c == '#' || c == '@' || c == '{') && lookup(v) {
		return true
	}
	same := true
	for _, d := range v[1:] {
		if d != c {
			same = false
			break
		}
	}
	if same && (n < 3 && !is(c, chAlnum) || n >= 3 && (c == '*' || c == 'x' || c == 'X' || c == '.' || c == '-' || c == '#' || c == '?' || c == '_')) {
		return true
	}
	if n >= 3 && bytes.Count(v, []byte("*")) >= n-2 && n <= 64 || bytes.Contains(v, []byte("\xe2\x80\xa2\xe2\x80\xa2")) || bytes.Contains(v, []byte("****")) {
		return true
	}
	if n <= 14 && nothing.has(v) {
		return true
	}
	if n <= 40 {
		var buf [40]byte
		l := lowerOf(v, buf[:])
		if k := bytes.Index(l, []byte("redacted")); k >= 0 && (dealtWith(v) || !secretWord(v[:k]) && !secretWord(v[k+len("redacted"):])) || bytes.Contains(l, []byte("[filtered")) || bytes.Contains(l, []byte("[masked")) || bytes.Contains(l, []byte("[hidden")) {
			return true
		}
	}
	return false
}

// withLiteral reports whether v, which begins as a reference does, has more
// behind it that was made to be secret, or nothing else in its brackets:
// ${PREFIX}Kq8ZmTr4xWv2, #{Qw7zLmPx42}.
func withLiteral(v []byte) bool {
	open := 1
	switch v[0] {
	case '$', '%', '#', '@':
		if len(v) < 10 || v[1] != '{' && v[1] != '(' {
			return false
		}
		open = 2
	case '{', '(':
		if len(v) < 10 {
			return false
		}
	default:
		return false
	}
	closing := byte('}')
	if v[open-1] == '(' {
		closing = ')'
	}
	k := bytes.LastIndexByte(v, closing)
	if k < open {
		return false
	}
	if rest := bytes.TrimLeft(v[k+1:], "-_.:"); len(rest) >= 8 && secretWord(rest) && mixedCaseDigits(rest) && firstBlank(rest) == len(rest) && !hasPseudonym(rest) && bytes.IndexByte(rest, '$') < 0 {
		return true
	}
	return k == len(v)-1 && generated(v[open:k]) && run(v, open, chAlnum) == k
}

var nothing = setOf("null", "nil", "none", "true", "false", "yes", "no", "on", "off", "undefined", "(null)", "<nil>", "\"\"", "''", "-", "n/a", "na",
	"empty", "{}", "[]", "default", "(none)", "<none>", "%s", "%v", "{0}", "y", "n", "set", "unset", "not", "(set)", "nan", "void", "!", "*", "!!", "x", "tbd", "todo")

// statusWords are what follows "password" or "token" where people talk of it.
var statusWords = setOf("optional.empty", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "uintptr", "struct", "func", "range", "lambda", "getattr", "and/or", "ditto", "likewise", "base64", "utf8", "utf-8", "latin1", "hex", "ascii", "sha1", "sha512", "rsa", "aes", "required", "optional", "invalid", "incorrect", "wrong", "missing", "expired", "expires", "changed", "reset", "authentication",
	"policy", "prompt", "needed", "provided", "enabled", "disabled", "accepted", "rejected", "failed", "failure", "success", "successful", "succeeded", "error", "ok", "denied", "hash",
	"file", "field", "string", "str", "text", "varchar", "bytes", "is", "was", "for", "the", "of", "to", "has", "must", "should", "will", "and", "or", "in", "on", "from", "by",
	"with", "not", "does", "cannot", "can", "may", "too", "unknown", "updated", "created", "deleted", "revoked", "refreshed", "generated", "received", "sent", "checking",
	"check", "auth", "user", "username", "login", "manager", "encrypted", "plaintext", "using", "via", "at", "age", "length", "attempt", "attempts", "mismatch",
	"matches", "match", "mode", "type", "value", "name", "store", "agent", "provider", "service", "server", "client", "handler", "ask", "never", "always", "md5", "sha256", "bcrypt", "object",
	"boolean", "bool", "number", "int", "integer", "array", "any", "char", "self", "this", "new", "loaded", "saved", "stored", "found", "verified", "validated", "verification",
	"validation", "rotation", "rotated", "pending", "active", "inactive", "valid", "present", "absent", "available", "unavailable", "unset", "skipped", "request", "response", "protected", "based",
	"lifetime", "refresh", "renewal", "session", "cookie", "header", "bearer", "basic", "algorithm", "method", "if", "as", "be", "been", "it", "its", "a", "an", "you", "your", "only", "when", "without",
	"no", "but", "because", "due", "after", "before", "retrying", "again", "then", "than", "that", "account", "database", "system", "group", "volume", "named", "evicted", "allowed", "forbidden", "unauthorized",
	"accept", "accepting", "management", "manager:", "expiration", "expiry", "warning", "strength", "complexity", "minimum", "maximum", "hint", "link", "entered", "typed", "correct", "mandatory", "permitted",
	"redacted", "hidden", "masked", "filtered", "removed", "omitted", "secret", "token", "key", "keys", "tokens", "secrets", "passwords", "credentials", "lookup", "obtained", "acquired", "exchange", "endpoint", "issuer", "signature",
	"chauthtok", "setcred", "publickey", "keyboard-interactive", "interactive", "none", "unlimited", "exists", "already", "cleared", "unchanged", "empty", "blank", "set", "database:", "per", "are", "were", "have", "had", "being", "while", "until", "during", "passed", "off", "over", "under", "through", "between", "against", "all", "each", "every", "some", "other", "more", "less", "input", "output", "end", "start", "begin", "eof", "syntax", "near", "unexpected", "expected", "parsing", "parse", "reading", "writing", "usage", "count", "limit", "budget", "window", "bucket", "ring", "test", "tests", "phase", "step", "round", "complete", "completed", "done", "finished", "started", "starting", "recovery", "timeout", "initialized", "initialised", "configured")

func statusWord(v []byte) bool { return statusWords.has(v) }

// proseWord reports whether a word belongs to a sentence.
func proseWord(w []byte) bool {
	for len(w) > 0 && !is(w[len(w)-1], chAlnum) {
		w = w[:len(w)-1]
	}
	return len(w) > 0 && statusWord(w)
}

// mixed reports whether v has letters and digits, or letters of both cases
// other than one capital in front.
func mixed(v []byte) bool {
	var digits, lowers, uppers, innerUpper int
	for i, c := range v {
		switch {
		case is(c, chDigit):
			digits++
		case is(c, chLower):
			lowers++
		case is(c, chUpper):
			uppers++
			if i > 0 {
				innerUpper++
			}
		}
	}
	return digits > 0 && lowers+uppers > 0 || lowers > 0 && innerUpper > 0
}

// secretWord reports whether v looks like something made to be secret rather
// than a word, a number, a name, a version or a path.
func secretWord(v []byte) bool {
	n := len(v)
	if n < 6 {
		return false
	}
	var digits, lowers, uppers, inner, signs, seps, changes int
	prev := uint8(0)
	for i, c := range v {
		t := chars[c] & (chDigit | chLower | chUpper)
		switch t {
		case chDigit:
			digits++
		case chLower:
			lowers++
		case chUpper:
			uppers++
			if i > 0 {
				inner++
			}
		default:
			switch c {
			case '-', '_', '.', '/', ':':
				seps++
			case ' ', '\t':
				return false
			default:
				signs++
			}
		}
		if t != prev {
			changes++
		}
		prev = t
	}
	letters := lowers + uppers
	switch {
	case letters == 0:
		return false
	case seps >= 2 && n > len(pseudonymIP4)+11 && n < 512 && hasPseudonym(v): // its shape tells nothing any more
		return !dealtWith(v) && !dealtWith(withoutPort(v))
	case signs > 0 && digits > 0 && seps <= 2:
		return true
	case seps == 0 && digits > 0 && letters > 0:
		if n < 8 {
			return lowers > 0 && uppers > 0 || changes > 2
		}
		return true
	case seps == 0:
		return lowers > 0 && inner > 1 && changes >= 5 || n >= 20 && lowers > 0 && inner > 2
	case signs > 0:
		return lowers > 0 && inner > 0 && changes > 4
	}
	// With separators: identifiers and paths have them too.
	if n >= 24 && digits == 0 && seps <= 2 && inner > 4 && lowers > 4 && entropyHigh(v) {
		return true
	}
	if n >= 20 && digits > 0 && lowers > 0 && uppers > 0 && changes > n/4 {
		return true
	}
	return n >= 10 && seps == 1 && lowers > 0 && uppers > 0 && digits > 0 && changes > 4
}

// withoutPort is v without the port or the length of a prefix that follows an
// address.
func withoutPort(v []byte) []byte {
	n := len(v)
	for n > 0 && is(v[n-1], chDigit) {
		n--
	}
	if n > 0 && n < len(v) && len(v)-n < 6 && (v[n-1] == ':' || v[n-1] == '/') {
		return v[:n-1]
	}
	return v
}

// passwordValue judges what stands under a password's key.
func passwordValue(f *field, v *value, text []byte, sc *scanner) bool {
	n := len(text)
	b := sc.b
	if !v.quoted && f.start > sc.ls && b[f.start-1] == ':' && at(b, f.end) == ':' && v.start == f.end+1 && run(text, 0, chLower) == n && n < 12 { // force:user:password:generate
		return false
	}
	if isPath(text) || codeLike(text) || reference(text) || v.whole && codeText(text) || ruleWords(text) || passwdEntry(text) || grok(text) {
		return false
	}
	if f.element && bytes.Count(text, []byte(" ")) > 1 && proseText(text) && !passphrase(text) {
		return false
	}
	if f.colon && f.first && !v.quoted && equalFold(b[f.start:f.end], "passwd") && run(text, 0, chLower|chSpace) == len(text) { // nsswitch.conf
		return false
	}
	if !v.quoted && at(b, f.end) == ':' && v.start == f.end+1 && (architecture(text) || (n == 2 && (string(text) == "ro" || string(text) == "rw") || text[0] == '/') && (bytes.IndexByte(b[f.start:f.end], '.') > 0 || f.start > sc.ls && b[f.start-1] == '/')) { // base-passwd:amd64, /srv/x.pass:/run/x.pass:ro
		return false
	}
	if declaredType(text) || message(text) || text[0] == '(' && !v.quoted && allLetters(text[1:]) {
		return false
	}
	if f.key == keyPass && !f.query {
		if f.colon && !v.quoted && !f.first && n >= 6 && hasDigit(text) && hasLetterByte(text) && sc.keyedBy(f.start, "user:", "login:", "username:") { // user: x, pass: y
			return true
		}
		if v.quoted && f.colon && n >= 8 && b[f.start] == 'p' && sc.besideLogin(f) {
			return true
		}
		if !secretWord(text) && (f.colon || f.space || n < 6 || statusWord(text)) && !(v.quoted && n >= 6 && hasDigit(text) && hasLetterByte(text) && hasSign(bytes.ReplaceAll(text, []byte{'.'}, []byte{'!'})) && firstBlank(text) == n && is(text[n-1], chAlnum) && !is(text[0], chDigit)) {
			return false
		}
		if allDigits(text) && n < 8 || f.colon && !hasDigit(text) && !hasSign(text) {
			return false
		}
		if f.colon && is(b[f.start], chUpper) && is(b[f.start+1], chUpper) && !mixedCaseDigits(text) && !hasSign(text) { // PASS: name of a test
			return false
		}
	}
	if n == 1 && !v.quoted && !f.query || n == len("guest") && string(text) == "guest" && sc.comment() { // as RabbitMQ comes
		return false
	}
	if f.colon && !v.quoted && v.end < sc.eol(v.end) && is(b[v.end], chSpace) && sc.decide(text) != keyNone && !(hasDigit(text) && hasSign(text)) {
		return false
	}
	if f.colon && !v.quoted && v.end < sc.eol(v.end) && allLetters(text) && prose(b[v.start:sc.eol(v.start)]) {
		return false
	}
	if statusWord(text) && !f.query {
		if f.colon || f.space || !v.quoted && f.key != keyNone && !f.first {
			return false
		}
		switch string(text) {
		case "required", "optional", "prompt", "ask", "never", "always", "string", "encrypted", "plaintext", "disabled", "enabled", "hidden", "masked", "redacted", "on_create", "sha512", "sha256", "md5", "bcrypt":
			return false
		}
	}
	if (f.colon || f.space) && !v.quoted && !v.whole {
		// Prose, perhaps: "password: bad guess".
		if secretWord(text) {
			return true
		}
		end := v.end
		for end < len(b) && (b[end] == '.' || b[end] == ',' || b[end] == '!') {
			end++
		}
		if f.space {
			return false
		}
		if k := run(b, end, chSpace); at(b, k) == '}' && k > end && f.start > sc.ls && bytes.IndexByte(b[sc.ls:f.start], '{') >= 0 { // { password: x }
			return n >= 4
		}
		return n >= 4 && (end >= len(b) || b[end] == '\n' || b[end] == '\r' || b[end] == '}' || b[end] == ')' && allLetters(text) && f.start > sc.ls && bytes.IndexByte(b[max(sc.ls, f.start-24):f.start], '(') >= 0 || b[end] == '"' || b[end-1] == ',' || hasSign(text) || hasDigit(text))
	}
	return true
}

// architecture reports whether v is one that Debian has packages for.
func architecture(v []byte) bool {
	switch string(v) {
	case "amd64", "i386", "arm64", "armhf", "armel", "all", "any", "ppc64el", "s390x", "riscv64", "mips64el", "native":
		return true
	}
	return false
}

// grok reports whether v is an expression of Grok: %{IP:client} %{WORD}.
func grok(v []byte) bool {
	k := bytes.Index(v, []byte("%{"))
	return k >= 0 && is(at(v, k+2), chUpper) && bytes.IndexByte(v[k:], '}') > 0
}

// ruleWords reports whether v is words of a validation: required|string|min:8.
func ruleWords(v []byte) bool {
	if bytes.IndexByte(v, '|') < 3 {
		return false
	}
	for part := range bytes.SplitSeq(v, []byte{'|'}) {
		n := run(part, 0, chLower|chUnder)
		if n < 3 || n < len(part) && part[n] != ':' {
			return false
		}
	}
	return true
}

// secretValue judges what stands under a token's or a key's name.
func secretValue(f *field, v *value, text []byte, sc *scanner) bool {
	n, b := len(text), sc.b
	if isPath(text) || codeLike(text) || reference(text) || ruleWords(text) || keptIn(text) {
		return false
	}
	if text[0] == '(' && !v.quoted && bytes.Contains(text, []byte("='")) { // a list of fields, Snowflake's
		return false
	}
	if f.start >= 9 && run(text, 0, chHex) == n && (n == 64 || n == 40) && string(b[f.start-9:f.start]) == "checksum/" { // an annotation of Helm
		return false
	}
	if n < 4 || allDigits(text) && n < 9 && (n < 6 || !v.quoted && !secretName(b[f.start:f.end])) {
		return false
	}
	if publicKey(text) {
		return false
	}
	if text[0] == '*' && text[1] == ':' || isUUID(text) && (hasSuffixFold(b[f.start:f.end], "clienttoken") || hasSuffixFold(b[f.start:f.end], "client_token")) { // a line of group; what AWS tells requests by
		return false
	}
	if k := bytes.IndexByte(text, '/'); k > 2 && n < 48 && allLetters(text[:k]) && allLetters(text[k+1:]) && !(n >= 24 && entropyHigh(text)) { // group/member
		return false
	}
	if f.query {
		return !statusWord(text)
	}
	if statusWord(text) {
		return false
	}
	if objectDump(text) && (!v.quoted || closes(text[n-1])) || text[0] == '#' && run(text, 1, chHex) == n && n <= 9 { // a colour
		return false
	}
	sure := f.first && v.whole && !v.quoted && n >= 6 && allLetters(text) && v.end >= sc.eol(v.end) && unmistakable(b[f.start:f.end]) && (f.colon || configuration(sc.name)) || f.first && v.whole && !v.quoted && n >= 5 && allLetters(text) && v.end >= sc.eol(v.end) && equalFold(b[f.start:f.end], "secret") && sc.belowHead(f.start)
	if !v.quoted && !f.query && n < 24 && is(b[max(v.start-1, 0)], chSpace) && identifier(text) && !sure {
		return false
	}
	if (f.colon || f.space) && !v.quoted && !(v.whole && firstBlank(text) == n) {
		return secretWord(text) || wordsAndNumber(text) && (at(b, v.end) == ',' || at(b, v.end) == '}') || isUUID(text) || n >= 16 && run(text, 0, chUpper|chDigit) == n && distinctBytes(text) > 7 || n >= 20 && firstBlank(text) == n && (entropyHigh(text) || run(text, 0, chHex) == n)
	}
	if f.colon && !v.quoted && n < 8 && !sure {
		return secretWord(text)
	}
	if v.whole && codeText(text) {
		return false
	}
	if firstBlank(text) < n { // words: a description, or a passphrase
		if k := b[f.start:f.end]; v.quoted && hasSuffixFold(k, "token") && !hasDigit(text) { // the label of one
			return false
		}
		return bytes.Count(text, []byte(" ")) < 6 && !proseText(text) || passphrase(text)
	}
	if n < 6 {
		return hasDigit(text) && hasLetterByte(text) && (v.quoted || !f.colon)
	}
	return true
}

// unmistakable reports whether a key names nothing but a secret: token,
// client_secret, api_key, but not secret, which may be the name of one.
func unmistakable(key []byte) bool {
	if equalFold(key, "token") || equalFold(key, "apikey") || equalFold(key, "authtoken") {
		return true
	}
	k := bytes.LastIndexAny(key, "_-.")
	if k < 1 || dealtWith(key) {
		return false
	}
	switch last := key[k+1:]; {
	case equalFold(last, "token"), equalFold(last, "secret"):
		return true
	case equalFold(last, "key"):
		before := key[bytes.LastIndexAny(key[:k], "_-.")+1 : k]
		return equalFold(before, "secret") || equalFold(before, "api") || equalFold(before, "access") || equalFold(before, "encryption")
	}
	return false
}

// secretName reports whether a key names a secret that may be a number: a
// secret, or a key of a kind, but no token, of which there may be a count.
func secretName(key []byte) bool {
	return hasSuffixFold(key, "secret") || hasSuffixFold(key, "key") && len(key) > len("apikey")
}

// closes reports whether c ends what a bracket began.
func closes(c byte) bool { return c == '}' || c == ']' || c == ')' }

// configuration reports whether a name is that of a file of settings.
func configuration(name string) bool {
	for _, s := range [...]string{".ini", ".conf", ".cfg", ".cnf", ".properties", ".env", ".toml", ".yaml", ".yml"} {
		if strings.HasSuffix(name, s) {
			return true
		}
	}
	return false
}

// weakValue judges what stands under a name that others than secrets have.
func weakValue(f *field, key, text []byte) bool {
	n := len(text)
	if hasSuffixFold(key, "codesha256") || equalFold(key, "replay-nonce") { // of Lambda and ACME: anybody may know them
		return false
	}
	if n >= 32 && run(text, 0, chHex) == n && mixed(text) { // a digest, or a key of a service
		if hexKey(key, n) {
			return true
		}
		for _, k := range [...]string{"app_key", "appkey", "service_key", "application_key", "client_key"} {
			if hasSuffixFold(key, k) {
				return true
			}
		}
	}
	if k := bytes.IndexByte(text, ','); k >= 16 && n-k > 16 && secretWord(text[:k]) && secretWord(text[k+1:]) && bytes.IndexByte(text[k+1:], ',') < 0 { // old and new
		return true
	} else if k >= 0 {
		return false
	}
	if n == 29 && run(text, 0, chUpper|chDigit) == 5 && bytes.Count(text, []byte("-")) == 4 && text[5] == '-' && text[23] == '-' { // a product key
		return true
	}
	if n < 8 || isPath(text) || codeLike(text) || objectDump(text) || publicKey(text) || statusWord(text) || allDigits(text) || isUUID(text) {
		return false
	}
	if firstBlank(text) < n || text[0] == '0' && (text[1] == 'x' || text[1] == 'X') {
		return false
	}
	if n >= 16 && mixed(text) && (f.query || n >= 20 && n%4 == 0 && text[n-1] == '=') {
		return true
	}
	return n >= 16 && secretWord(text) && entropyHigh(text)
}

func proseText(v []byte) bool {
	for len(v) > 0 {
		n := firstBlank(v)
		if proseWord(v[:n]) {
			return true
		}
		v = v[n:]
		for len(v) > 0 && is(v[0], chSpace) {
			v = v[1:]
		}
	}
	return false
}

func allDigits(v []byte) bool  { return run(v, 0, chDigit) == len(v) }
func allLetters(v []byte) bool { return run(v, 0, chAlpha) == len(v) }

func hasDigit(v []byte) bool {
	for _, c := range v {
		if is(c, chDigit) {
			return true
		}
	}
	return false
}

func hasLetterByte(v []byte) bool {
	for _, c := range v {
		if is(c, chAlpha) {
			return true
		}
	}
	return false
}

func hasSign(v []byte) bool {
	for _, c := range v {
		if c < 0x80 && !is(c, chKey|chUnder) {
			return true
		}
	}
	return false
}

// isPath reports whether v is the path of a file rather than a secret that
// begins with a slash.
func isPath(v []byte) bool {
	n := len(v)
	i := 0
	switch {
	case n > 3 && v[0] == '/' && is(v[1], chAlpha|chUnder) || n > 3 && v[0] == '.' && v[1] == '/':
	case n > 3 && v[0] == '~' && v[1] == '/', n > 4 && v[0] == '.' && v[1] == '.' && v[2] == '/':
	case n > 4 && is(v[0], chAlpha) && v[1] == ':' && (v[2] == '\\' || v[2] == '/'):
		return true
	case bytes.HasPrefix(v, []byte("file:")), bytes.HasPrefix(v, []byte("classpath:")):
		return true
	case v[0] == '$' && n > 4 && is(v[1], chAlpha): // $dir/key.pem
		if i = run(v, 1, chWord); i >= n || v[i] != '/' || bytes.IndexByte(v, '.') < 0 {
			return false
		}
	default:
		return false
	}
	slashes := 0
	for ; i < n; i++ {
		switch c := v[i]; {
		case c == '/':
			slashes++
		case is(c, chKey):
		case c == '~' && i == 0 || c == '*' || c == '@':
		default:
			return false
		}
	}
	for _, p := range [...]string{"/home/", "/Users/", "/etc/", "/var/", "/usr/", "/opt/", "/root/", "/tmp/", "/srv/", "/run/", "/mnt/"} {
		if bytes.HasPrefix(v, []byte(p)) {
			return true
		}
	}
	// base64 has slashes too, but no words between them.
	for len(v) > 0 {
		k := bytes.IndexByte(v, '/')
		part := v
		if k >= 0 {
			part, v = v[:k], v[k+1:]
		} else {
			v = nil
		}
		if len(part) >= 12 && mixed(part) && bytes.IndexByte(part, '.') < 0 && bytes.IndexByte(part, '-') < 0 && bytes.IndexByte(part, '_') < 0 {
			return false
		}
	}
	return slashes >= 2 || n > 0
}

// codeLike reports whether v is an expression of a program: a call, a member,
// an index.
func codeLike(v []byte) bool {
	n := len(v)
	if n > 4 && v[0] == '[' && v[1] == ']' { // []byte("x")
		i := run(v, 2, chWord)
		return i > 2 && i < n && (v[i] == '(' || v[i] == '{')
	}
	i := run(v, 0, chWord)
	if i == 0 || is(v[0], chDigit) || i == n {
		return false
	}
	for i < n && v[i] == '.' {
		k := run(v, i+1, chWord)
		if k == i+1 || is(v[i+1], chDigit) {
			return false
		}
		i = k
	}
	if i+1 < n && v[i] == '(' && (bytes.IndexByte(v[:i], '.') > 0 || i > 5) && !hasDigit(v[:i]) && (is(v[i+1], chAlpha|chUnder|chQuote) || v[i+1] == '*' || v[i+1] == '&') {
		return true
	}
	if i+2 < n && v[i] == '[' && is(v[i+1], chDigit) && !hasDigit(v[:i]) { // args[3]
		return at(v, run(v, i+1, chDigit)) == ']'
	}
	if i < n && v[i] == '(' {
		return v[n-1] == ')' || bytes.IndexByte(v[i:], ')') > 0 || i == n-1 || i+1 < n && (v[i+1] == '"' || v[i+1] == '\'')
	}
	if i+1 < n && v[i] == '[' && (v[i+1] == '"' || v[i+1] == '\'' || is(v[i+1], chLower)) && v[n-1] == ']' {
		return true
	}
	if i+2 < n && v[i] == ':' && v[i+1] == ':' && !bytes.ContainsAny(v[i:], "!?*^~#%&+=@") || i+2 < n && v[i] == '-' && v[i+1] == '>' {
		return true
	}
	// config.password: it ends in the name of what it stands for.
	if i == n {
		k := bytes.LastIndexByte(v, '.')
		if k > 0 && !hasDigit(v) && decide(v[k+1:]).secret() {
			return true
		}
	}
	return false
}

// reference reports whether v says where the secret is kept.
func reference(v []byte) bool {
	for _, p := range [...]string{"vault:", "secretref:", "arn:aws:", "arn:aws-", "env:", "env.", "process.env", "op://", "keyring:", "ssm:", "projects/", "akv://", "secretkeyref", "fromenv", "os.environ", "system.getenv", "self.", "this.", "cls.", "request.", "settings.", "args.", "$this", "lookup(", "http://", "https://", "data.", "var.", "local.", "module."} {
		if hasPrefixFold(v, p) {
			return !bytes.ContainsAny(v, "@") && !(p[len(p)-1] == '.' && endsInNumber(v) && run(v, len(p), chKey|chUnder) == len(v))
		}
	}
	return false
}

func publicKey(v []byte) bool {
	return bytes.HasPrefix(v, []byte("ssh-")) || bytes.HasPrefix(v, []byte("ecdsa-")) || bytes.HasPrefix(v, []byte("-----BEGIN PUB")) || bytes.HasPrefix(v, []byte("-----BEGIN CERT")) ||
		bytes.HasPrefix(v, []byte("h1:")) || bytes.HasPrefix(v, []byte("SHA256:")) || bytes.HasPrefix(v, []byte("sha256:")) || len(v) > 40 && (bytes.HasPrefix(v, []byte("sha256-")) || bytes.HasPrefix(v, []byte("sha384-")) || bytes.HasPrefix(v, []byte("sha512-")))
}

// objectDump reports whether v is a printed object: Token{a64f992, Foo@1a2b3c.
func objectDump(v []byte) bool {
	i := run(v, 0, chAlnum|chUnder|chKey)
	if i == len(v) {
		return false
	}
	switch v[i] {
	case '{', '[':
		return i > 0
	case '(':
		return i > 0
	case '@':
		k := run(v, i+1, chHex)
		return i > 0 && k == len(v) && k-i <= 9 && is(v[0], chAlpha)
	}
	return false
}

// isUUID reports whether v is written like a UUID.
func isUUID(v []byte) bool {
	if len(v) == 38 && v[0] == '{' {
		v = v[1:37]
	}
	if len(v) != 36 {
		return false
	}
	for i, c := range v {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if !is(c, chHex) {
			return false
		}
	}
	return true
}

// pinKey reports whether a key names a number that is typed in secret.
func (sc *scanner) pinKey(f *field) bool {
	w := sc.b[f.start:f.end]
	return hasSuffixFold(w, "pin") || hasSuffixFold(w, "otp")
}

// saltValue reports whether v is a salt or a key of any printable characters,
// blanks among them.
func saltValue(key, v []byte) bool {
	if !hasSuffixFold(key, "salt") && !hasSuffixFold(key, "key") || len(v) < 20 || !mixedCaseDigits(v) || proseText(v) || isPath(v) {
		return false
	}
	signs := 0
	for _, c := range v {
		if c > ' ' && c < 0x7f && !is(c, chKey) {
			signs++
		}
	}
	return signs >= 3 && hasDigit(v)
}

// codeText reports whether v is words of a program, the last of them a call.
func codeText(v []byte) bool {
	k := bytes.IndexByte(v, '(')
	if k < 1 || v[len(v)-1] != ')' || firstBlank(v) > k {
		return false
	}
	n := firstBlank(v)
	for n < len(v) && is(v[n], chSpace) {
		n++
	}
	return n < len(v) && codeLike(v[n:])
}

// identifier reports whether v can be the name of a variable or a constant:
// letters, with dots or underscores between words.
func identifier(v []byte) bool {
	joined := false
	for _, c := range v {
		switch {
		case c == '.' || c == '_':
			joined = true
		case !is(c, chAlpha):
			return false
		}
	}
	return joined || len(v) < 10
}
