package redact

import (
	"bytes"
	"encoding/base64"
	"strings"
)

// scheme looks at what follows Bearer or Basic.
func (sc *scanner) scheme(i, e int) {
	b := sc.b
	p := run(b, e, chSpace)
	if p == e {
		if at(b, e) == '.' {
			sc.userInfo(e)
		}
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
	if len(text) < 8 || statusWord(text) || dealtWith(text) || placeholder(text) {
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
			if is(b[i], chUpper) && is(b[i+1], chUpper) { // its password is on the next line
				sc.below(&field{key: keyPassword, start: i, end: e, quoted: true}, end, inNext)
			}
			return
		}
		if is(b[p], chQuote) || b[p] == '\\' && is(at(b, p+1), chQuote) {
			if b[p] == '`' || is(b[i], chLower) && !sc.statement(i) { // a text says: identified by "x"
				return
			}
			s, n, next := sc.argument(p)
			q := run(b, next, chSpace)
			if hasPrefixFold(b[q:min(end, q+3)], "by ") || hasPrefixFold(b[q:min(end, q+3)], "as ") { // WITH 'plugin' AS
				p = q
				continue
			}
			if n > s && !placeholder(b[s:n]) {
				sc.whoseSQL(i)
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
				if w = sc.token(p); (sc.keyedBy(i, "user ", "role ", "connect ") || is(b[i], chUpper) && is(b[i+1], chUpper) && sc.statement(i)) && !statusWord(b[p:w]) {
					sc.whoseSQL(i)
					sc.emit(p, w, cPassword, ruleSQL, spanLearn)
					if hasPrefixFold(b[w:], " replace ") { // what it was before
						s, n, _ := sc.argument(w + len(" replace "))
						sc.hideSecret(s, n, cPassword, ruleSQL)
					}
				}
				return
			}
			p = w
		}
	}
}

// whoseSQL hides the name of the account that a statement sets a password of:
// the word after the last USER, LOGIN, ROLE, TO or FOR before i.
func (sc *scanner) whoseSQL(i int) {
	b := sc.b
	for k, low := i-1, max(sc.ls, i-160); k > low+4; k-- {
		if b[k] != ' ' || !is(b[k-1], chAlpha) {
			continue
		}
		switch w := sc.lastWord(low, k); string(lowerOf(w, sc.lower[:])) {
		case "user", "login", "role", "to", "for":
			s := k + 1
			if c := b[s]; c == '[' || is(c, chQuote) {
				s++
			}
			if hasPrefixFold(b[s:], "if not exists ") {
				s += len("if not exists ")
			}
			if n := run(b, s, chKey); n < i && gradeOf(b[s:n]) > noName {
				sc.userName(s, n, ruleSQL)
			}
			return
		}
	}
}

// statement reports whether what stands before i is a statement of SQL about
// a user.
func (sc *scanner) statement(i int) bool {
	b := sc.b[max(sc.ls, i-160):i]
	for _, w := range [...]string{"create", "alter", "grant", "user", "role", "set ", "change", "connect"} {
		for k := 0; k+len(w) <= len(b); k++ {
			if lower(b[k]) == w[0] && hasPrefixFold(b[k:], w) && (k == 0 || b[k-1] != '-') {
				return true
			}
		}
	}
	return false
}

// dialog looks at the commands of protocols that carry a secret.
func (sc *scanner) dialog(i, e int) {
	b := sc.b
	if at(b, e) == '|' {
		sc.ofLogin(i, e)
	}
	if b[i] == 'L' && e-i == len("login") && at(b, e) == ' ' && (equalFold(sc.wordBefore(i), "create") || equalFold(sc.wordBefore(i), "alter")) { // CREATE LOGIN [x] WITH PASSWORD
		s := e + 1
		if at(b, s) == '[' {
			s++
		}
		n := run(b, s, chKey)
		if p := n + (s - e - 1); hasPrefixFold(b[min(p, len(b)):], " with ") && gradeOf(b[s:n]) > noName {
			sc.userName(s, n, ruleUserSentence)
		}
		return
	}
	if b[i]|0x20 == 'l' && at(b, e) == ' ' {
		if at(b, e+1) == '"' && sc.leads(i) { // login "x"
			if s, n, next := sc.argument(e + 1); next > n && next >= sc.eol(next) {
				sc.userName(s, n, ruleUserField)
			}
			return
		}
		sc.statusOf(e)
	}
	if b[i] == 'L' && bytes.HasPrefix(b[e:], []byte(" failed: '")) { // Nextcloud
		if s, n, next := sc.argument(e + len(" failed: ")); next > n && bytes.HasPrefix(b[next:], []byte(" (Remote IP")) {
			sc.userName(s, n, ruleUserSentence)
		}
		return
	}
	if at(b, e) == '(' && at(b, e+1) == '[' && lower(b[i]) == 'a' { // auth([ 'x' ]), of ioredis
		sc.listedSecret(e + 2)
		return
	}
	if (at(b, e) == '(' || at(b, e) == ',' && i > sc.ls && b[i-1] == '{') && lower(b[i]) != 'p' {
		sc.connects(i, e)
		return
	}
	if lower(b[i]) == 'a' && e-i == len("auth") && sc.pairInBrackets(e) {
		return
	}
	if lower(b[i]) == 'l' && i > sc.ls+1 && b[i-1] == '/' {
		sc.slashCommand(i, e)
		return
	}
	if lower(b[i]) == 'p' && at(b, e) == '"' && i > sc.ls && b[i-1] == '"' && sc.commandData(e) {
		return
	}
	if e-i == len("authenticate") { // AUTHENTICATE PLAIN x
		if b[i] == 'A' && b[i+1] == 'U' && at(b, e) == ' ' { // AUTHENTICATE x, of IRC
			if n := sc.token(e + 1); saslPlain(b[e+1 : n]) {
				sc.emit(e+1, n, cToken, ruleDialog, spanLearn)
				return
			}
		}
		if i > sc.ls && hasPrefixFold(b[e:], " plain ") {
			p := e + len(" plain ")
			if n := sc.token(p); saslPlain(b[p:n]) {
				sc.emit(p, n, cToken, ruleDialog, spanLearn)
			}
		}
		return
	}
	if k := i - 1; lower(b[i]) == 'l' && k > sc.ls+4 && (bytes.HasSuffix(b[sc.ls:k], []byte("] FAIL")) || bytes.HasSuffix(b[sc.ls:k], []byte("] OK"))) { // vsftpd
		k = bytes.LastIndexByte(b[sc.ls:k], ']') + sc.ls
		s := runBack(b, k, sc.ls, chKey)
		if s > sc.ls && b[s-1] == '[' {
			sc.attempt(s, k)
		}
		return
	}
	if at(b, e) == '"' && i > sc.ls && b[i-1] == '"' && at(b, e+1) == ' ' && at(b, e+2) == '"' && is(b[i], chAlpha) && lower(b[i]) == 'a' { // "AUTH" "x"
		for p := e + 2; at(b, p) == '"' && p < e+1024; {
			s, n, next := sc.argument(p)
			if i > sc.ls+12 && bytes.HasSuffix(b[sc.ls:i-1], []byte(`"HELLO" "3" `)) || i > sc.ls+12 && bytes.HasSuffix(b[sc.ls:i-1], []byte(`"HELLO" "2" `)) { // "HELLO" "3" "AUTH" "name" "x"
				if s, n, last := sc.argument(min(next+1, len(b))); last > n && n > s {
					sc.hideSecret(s, n, cPassword, ruleDialog)
				}
				return
			}
			if n > s && (at(b, next) != ' ' || at(b, next+1) != '"') {
				sc.hideSecret(s, n, cPassword, ruleDialog)
			} else if p == e+2 && gradeOf(b[s:n]) > noName {
				sc.userName(s, n, ruleUserField)
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
	if b[i] == 'A' && b[i+1] == 'U' && e-i == len("auth") && run(b, e, chQuote|chSpace) >= sc.eol(e) && i > sc.ls+3 && (hasSuffixFold(b[sc.ls:i], "1) \"") || hasSuffixFold(b[sc.ls:i], "string: ")) { // a reply of Redis, in the lines below
		indent := i - sc.ls - len(`1) "`)
		if b[i-1] == ' ' {
			indent = deep(b[sc.ls:i])
		}
		sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inLayout, indent: indent, onward: onward{layout: layoutReply}}})
		return
	}
	if lower(b[i]) == 'p' && run(b, e, chSpace) >= sc.eol(e) && hasSuffixFold(b[sc.ls:i], "command: ") { // Request command: PASS, and below it Request arg: x
		sc.opens = append(sc.opens, opening{sc.eol(e), region{kind: inLayout, onward: onward{layout: layoutRequest}}})
		return
	}
	if at(b, e) != ' ' || !is(b[i], chUpper) || !is(b[i+1], chUpper) {
		switch b[i] {
		case 'l', 'L':
			sc.loginPassword(i, e)
		case 'a': // mod_event_socket: auth x
			if at(b, e) == ' ' && i > sc.ls+2 && b[i-2] == ':' {
				if s, n, next := sc.argument(e + 1); next >= sc.eol(n) && generated(b[s:n]) {
					sc.hideSecret(s, n, cPassword, ruleDialog)
				}
			}
		case 'p': // user x pass y
			if at(b, e) == ' ' && sc.keyedBy(i, "user ", "login ") {
				if s, n, _ := sc.argument(run(b, e, chSpace)); n-s >= 5 && (hasDigit(b[s:n]) || hasSign(b[s:n])) && !isPath(b[s:n]) && b[s] != '-' {
					sc.hideSecret(s, n, cPassword, ruleSentence)
				}
			}
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
			opens = len(w) > 1 && len(w) < 8 && is(w[0], chAlpha) && is(w[len(w)-1], chDigit) || // a tag of IMAP
				equalFold(w, "quote") || equalFold(w, "literal")
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
				if opens && n >= end && !bytes.Contains(lead, []byte("250")) {
					sc.opens = append(sc.opens, opening{end, region{kind: inDialog}})
				}
				return
			}
			s := run(b, n, chSpace)
			t := sc.token(s)
			if t-s >= 4 && !statusWord(b[s:t]) && (secretWord(b[s:t]) || b[t-1] == '=' || t-s >= 8 && opens) && !dealtWith(b[s:t]) {
				sc.emit(s, t, cToken, ruleDialog, spanLearn)
			}
			return
		}
		if !opens {
			return
		}
		s, t, next := sc.argument(p)
		name := string(b[s:t]) == "default" // of Redis
		if t <= s || !name && (statusWord(b[s:t]) || placeholder(b[s:t])) {
			return
		}
		if u := run(b, next, chSpace); u < end && at(b, next) == ' ' { // AUTH user password
			s2, t2, next2 := sc.argument(u)
			if run(b, next2, chSpace) >= end && (secretWord(b[s2:t2]) || len(lead) > 0 && lead[len(lead)-1] == '>' && (hasDigit(b[s2:t2]) || hasSign(b[s2:t2]) || gradeOf(b[s:t]) > noName && t2-s2 > 4) && !statusWord(b[s2:t2])) {
				sc.emit(s2, t2, cPassword, ruleDialog, spanLearn)
				if s == p && !name {
					sc.userName(s, t, ruleUserField)
				}
				return
			}
		}
		if name {
			return
		}
		if secretWord(b[s:t]) || next >= end && t-s > 5 && (hasDigit(b[s:t]) || hasSign(b[s:t])) {
			sc.emit(s, t, cPassword, ruleDialog, spanLearn)
		}
	case 'p': // PASS x
		s, t, next := sc.argument(p)
		if t <= s || placeholder(b[s:t]) || statusWord(b[s:t]) || !opens {
			return
		}
		if at(b, next) == '\\' && at(b, next+1) == 'r' && t-s > 3 { // as a protocol's line is shown
			sc.emit(s, t, cPassword, ruleDialog, spanLearn)
			return
		}
		last := next >= end || at(b, next) == '"' || at(b, next) == '\'' || at(b, next) == '\\'
		if secretWord(b[s:t]) || last && (hasDigit(b[s:t]) || hasSign(b[s:t]) || len(lead) > 0 && (lead[len(lead)-1] == '>' || lead[len(lead)-1] == '<' && is(b[i+3], chUpper)) || bytes.Contains(b[max(0, sc.ls-400):sc.ls], []byte("USER "))) && t-s > 3 && !allDigits(b[s:t]) {
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
		if s2 == next+1 && !secretWord(b[s2:t2]) && !hasDigit(b[s2:t2]) && !hasSign(b[s2:t2]) && !(len(lead) > 1 && is(lead[len(lead)-1], chDigit) && next2 >= end && t2-s2 > 4 && gradeOf(b[s:t]) > noName) {
			return
		}
		sc.emit(s2, t2, cPassword, ruleDialog, spanLearn)
		sc.userValue(value{start: s, end: t})
	}
}

// listedSecret looks at 'x' ] and 'name', 'x' ], which begin at p.
func (sc *scanner) listedSecret(p int) {
	b := sc.b
	s, n, next, ok := sc.stringArgument(run(b, p, chSpace))
	if !ok {
		return
	}
	if p = run(b, next, chSpace); at(b, p) == ',' {
		us, ue := s, n
		if s, n, _, ok = sc.stringArgument(run(b, p+1, chSpace)); !ok {
			return
		}
		if string(b[us:ue]) != "default" {
			sc.userName(us, ue, ruleUserField)
		}
	}
	sc.hideSecret(s, n, cPassword, ruleDialog)
}

// loginPassword looks at login X password Y, in one line.
func (sc *scanner) loginPassword(i, e int) {
	b := sc.b
	for _, w := range [...]string{" is ", ": ", "s: "} { // login is name / x
		if !hasPrefixFold(b[e:], w) {
			continue
		}
		p, end := e+len(w), min(sc.eol(e), e+240)
		if k := bytes.Index(b[p:max(p, end)], []byte(" / ")); k > 0 && at(b, run(b, p+k+3, chAlpha)) != ':' { // / pass: x is read as what it says
			if name := b[run(b[:p+k], p, chAlpha|chSpace) : p+k]; firstBlank(name) == len(name) {
				sc.loginIs(sc.ls, p+k+1, end)
			}
		}
	}
	if hasPrefixFold(b[e:], " incorrect") || hasPrefixFold(b[e:], " ok:") || hasPrefixFold(b[e:], " invalid") { // FreeRADIUS: [user/password] (from
		line := b[e:min(sc.eol(e), e+1024)]
		if k := bytes.Index(line, []byte("] (from ")); k > 0 {
			if o := bytes.LastIndex(line[:k], []byte(": [")); o >= 0 {
				o += 3
				if c := bytes.IndexByte(line[o:k], '/'); c > 0 {
					sc.userName(e+o, e+o+c, ruleUserSentence)
					if !placeholder(line[o+c+1 : k]) {
						sc.emit(e+o+c+1, e+k, cPassword, ruleSentence, spanLearn)
					}
					const told = `Cleartext password "`
					if p := bytes.Index(line[:o], []byte(told)); p > 0 {
						s, n, _ := sc.argument(e + p + len(told) - 1)
						sc.hideSecret(s, n, cPassword, ruleSentence)
					}
					sc.skip = max(sc.skip, e+k)
				} else {
					sc.userName(e+o, e+k, ruleUserSentence)
				}
			}
		}
		return
	}
	if hasPrefixFold(b[e:], " is ") {
		s, n, _ := sc.argument(e + 4)
		if n = sc.trimDot(s, n); hasDigit(b[s:n]) || bytes.IndexByte(b[s:n], '.') > 0 {
			sc.userName(s, n, ruleUserSentence)
		}
		return
	}
	if b[i] == 'l' && at(b, e) == ' ' && !sc.leads(i) { // wandb login x
		s, n, next := sc.argument(e + 1)
		if v := b[s:n]; len(v) >= 32 && run(b, next, chSpace) >= sc.eol(n) && (run(v, 0, chHex) == len(v) || entropyHigh(v)) && !isUUID(v) {
			sc.hideSecret(s, n, cToken, ruleProgram)
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
	if sc.leads(i) && q < sc.eol(p) && !hasPrefixFold(b[q:], "password ") || statusWord(b[p:t]) || notUser(b[p:t]) {
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
	if k := bytes.LastIndexByte(bytes.TrimRight(b[e:e+open], " "), ' '); k > 0 && hasPrefixFold(b[e+k+1:], "values") {
		sc.namedRows(e+open, end)
		sc.unnamedRows(e+open, end)
		return
	}
	var t csv
	p := sc.columnNames(&t, e+open+1, end)
	if p == 0 {
		if k := bytes.IndexByte(b[e+open:min(end, e+open+512)], ')'); k > 0 { // (name, value) VALUES ('smtp_password', 'x')
			if p = min(run(b, e+open+k+1, chSpace), end); hasPrefixFold(b[p:end], "values") {
				sc.namedRows(p, end)
			}
		}
		return
	}
	if p = run(b, p, chSpace); p >= end || hasPrefixFold(b[p:end], "values") && run(b, p+len("values"), chSpace) >= end {
		sc.opens = append(sc.opens, opening{end, region{kind: inRows}})
		return
	}
	if hasPrefixFold(b[p:end], "values") {
		if k := bytes.IndexAny(b[p:min(end, p+512)], "?$%@:"); k >= 0 {
			if _, _, ok := parameterSign(b, p+k); ok {
				sc.binds(p + k)
			}
		}
		sc.tuples(&t, p+len("values"), end)
	}
}

// columnNames reads the names of columns at p, up to their parenthesis, and
// answers with what follows it; zero if none of them is sensitive.
func (sc *scanner) columnNames(t *csv, p, end int) int {
	b := sc.b
	t.n = 0
	found := false
	for p < end && t.n < len(t.columns) {
		for p < end && (is(b[p], chSpace|chQuote) || b[p] == '[' || b[p] == '\\') {
			p++
		}
		w := run(b, p, chWord)
		if w == p {
			return 0
		}
		kind := sc.decide(b[p:w])
		t.columns[t.n] = kind
		found = found || kind.secret() || kind == keyUser
		t.n++
		for w < end && b[w] != ',' && b[w] != ')' {
			w++
		}
		p = w + 1
		if w < end && b[w] == ')' {
			break
		}
	}
	if !found {
		return 0
	}
	return p
}

// rows reads the head of rows on lines of their own: INSERT INTO t (a, b).
func (t *csv) rows(sc *scanner, s, e int) bool {
	k := bytes.IndexByte(sc.b[s:e], '(')
	return k >= 0 && sc.columnNames(t, s+k+1, e) > 0
}

// rowsLine takes a line of rows of a statement.
func (r *resolver) rowsLine(sc *scanner, s, e int) bool {
	b := sc.b
	k := run(b, s, chSpace)
	if hasPrefixFold(b[k:e], "values") {
		k = run(b, k+len("values"), chSpace)
	}
	if k < e && b[k] != '(' && b[k] != ',' {
		return false
	}
	sc.tuples(&r.csv, k, e)
	if e > s && b[e-1] == ';' {
		r.kind = noRegion
	}
	return true
}

// maxUnclosed is how far a value is read of a statement that stands in a value
// without an end, so that statements in statements cost no more than others.
const maxUnclosed = 4096

// tuples hides the sensitive values of ('x', 'y'), ('z', 'w') in b[p:end].
func (sc *scanner) tuples(t *csv, p, end int) {
	b := sc.b
	kinds, n := &t.columns, t.n
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
				f := field{key: kinds[k], quoted: true, start: s, end: s}
				if kinds[k] == keyPass {
					f.key = keyPassword
				}
				sc.hide(&f, value{start: s, end: t, quoted: true})
			}
			if s == p { // a number, NULL, a call
				from, to := p, end
				if p < sc.unclosedTo {
					to = min(end, p+maxUnclosed)
				}
				if next = sc.expressionEnd(p, to); next == to {
					sc.unclosedTo = end
				}
				if k < n && (kinds[k] == keyPassword || kinds[k] == keyPass || kinds[k] == keySecret) {
					sc.computed(from, next)
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

// namedRows looks for 'smtp_password','x' in rows of a table of settings.
func (sc *scanner) namedRows(p, end int) {
	b := sc.b
	if p < sc.dataTo {
		return
	}
	end = min(end, p+8192)
	sc.dataTo = end
	named := keyNone
	for k := p; k < end; k++ {
		if b[k] == ')' {
			named = keyNone
		}
		if b[k] != '\'' && b[k] != '"' {
			continue
		}
		s, e, next := sc.argument(k)
		if next <= e || next > end {
			return
		}
		k = next - 1
		if e <= s {
			named = keyNone
			continue
		}
		if named != keyNone {
			f := field{key: named, quoted: true, start: s, end: s}
			sc.hide(&f, value{start: s, end: e, quoted: true})
			named = keyNone
			continue
		}
		if v := b[s:e]; len(v) < 64 && len(v) > 3 && run(v, 0, chKey) == len(v) && keyTail(v, len(v)) && at(b, next) == ',' {
			switch kind := sc.decide(v); kind {
			case keyPassword, keySecret:
				named = kind
			case keyPass:
				named = keyPassword
			}
		}
	}
}

// slashCommand looks at /login x and /register x x, which players tell a
// server of a game; the word is b[i:e].
func (sc *scanner) slashCommand(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || i < 2 || i-1 > sc.ls && !(b[i-2] == ' ' && i > 3 && (b[i-3] == ':' || b[i-3] == '>')) && !(is(b[i-2], chQuote)) {
		return
	}
	end := min(sc.eol(e), e+256)
	var args [4][2]int
	n := 0
	for p := e; p < end; n++ {
		p = run(b, p, chSpace)
		s, t, next := sc.argument(p)
		if p >= end || next <= p || t <= s {
			break
		}
		if n == len(args) || b[s] == '/' {
			return
		}
		args[n] = [2]int{s, t}
		p = next
	}
	if n == 0 || n > 3 {
		return
	}
	from, sure := 0, false
	if said := []byte(" issued server command: "); bytes.HasSuffix(b[sc.ls:i-1], said) {
		u := i - 1 - len(said)
		sc.userName(runBack(b, u, sc.ls, chKey), u, ruleUserSentence)
		sure = true
	}
	if lower(b[i]) == 'l' && n == 2 { // /login user x
		from = 1
		sc.userName(args[0][0], args[0][1], ruleUserField)
	}
	for _, a := range args[from:n] {
		if v := b[a[0]:a[1]]; secretWord(v) || (hasDigit(v) && !allDigits(v) || sure && len(v) > 4) && bytes.IndexByte(v, '/') < 0 {
			sc.hideSecret(a[0], a[1], cPassword, ruleDialog)
		}
	}
}

// commandData looks at "command":"PASS","command_data":"x", of which the word
// ends at e.
func (sc *scanner) commandData(e int) bool {
	b := sc.b
	p := run(b, e+1, chSpace)
	if at(b, p) != ',' {
		return false
	}
	if p = run(b, p+1, chSpace); at(b, p) != '"' {
		return false
	}
	n := run(b, p+1, chKey)
	w := string(lowerOf(b[p+1:min(n, p+40)], sc.lower[:]))
	if !strings.Contains(w, "data") && !strings.Contains(w, "arg") && !strings.Contains(w, "param") || at(b, n) != '"' {
		return false
	}
	if p = run(b, n+1, chSpace); at(b, p) != ':' {
		return false
	}
	p = run(b, p+1, chSpace)
	if at(b, p) == '[' {
		p = run(b, p+1, chSpace)
	}
	s, t, _, ok := sc.stringArgument(p)
	if ok {
		sc.hideSecret(s, t, cPassword, ruleDialog)
	}
	return ok
}

// fixLogon looks at the user and the passwords of a message of FIX, of which
// the first field is 8=FIX.
func (sc *scanner) fixLogon(i, e int) {
	b := sc.b
	if i < 2 || b[i-1] != '=' || b[i-2] != '8' || at(b, e) != '.' {
		return
	}
	end := min(sc.eol(e), e+2048)
	sc.charge(end - e)
	n := e
	for n < end && (is(b[n], chAlnum) || b[n] == '.') {
		n++
	}
	for n < end {
		s := n + 1 // behind the sign that parts the fields
		k := bytes.IndexByte(b[s:end], b[n])
		if k < 0 {
			k = end - s
		}
		switch f := b[s : s+k]; {
		case bytes.HasPrefix(f, []byte("553=")):
			sc.userName(s+4, s+k, ruleUserField)
		case bytes.HasPrefix(f, []byte("554=")), bytes.HasPrefix(f, []byte("925=")):
			sc.hideSecret(s+4, s+k, cPassword, ruleDialog)
		}
		n = s + k
	}
}
