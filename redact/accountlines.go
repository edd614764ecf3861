package redact

import (
	"bytes"
	"strings"
)

// Lines of programs and paths that have the name of an account in a place of
// their own.

// scheduled looks at a word b[i:e], the tag of cron or a part of a path: cron[4]:
// (x) REPLACE (x), /var/spool/cron/crontabs/x, /var/mail/x.
func (sc *scanner) scheduled(i, e int) {
	b := sc.b
	if at(b, e) == '/' {
		if i == sc.ls || b[i-1] != '/' && b[i-1] != '(' {
			return
		}
		switch string(b[i:e]) {
		case "crontabs":
		case "tabs":
			if !bytes.HasSuffix(b[sc.ls:i], []byte("/cron/")) {
				return
			}
		case "cron", "mail":
			if !bytes.HasSuffix(b[sc.ls:i], []byte("/spool/")) && !bytes.HasSuffix(b[sc.ls:i], []byte("/var/")) {
				return
			}
		default:
			return
		}
		if n := run(b, e+1, chKey); at(b, n) != '/' && gradeOf(b[e+1:n]) > noName {
			sc.userName(e+1, n, ruleHome)
		}
		return
	}
	p := behindPID(b, e)
	if at(b, p) != ':' || at(b, p+1) != ' ' || at(b, p+2) != '(' {
		return
	}
	s := p + 3
	n := run(b, s, chKey)
	if at(b, n) != ')' || n == s || at(b, n+1) != ' ' {
		return
	}
	sc.userName(s, n, ruleUserSentence)
	if k := bytes.IndexByte(b[n+1:sc.eol(n)], '('); k > 0 {
		if q := n + 1 + k + 1; bytes.HasPrefix(b[q:], b[s:n+1]) {
			sc.userName(q, q+n-s, ruleUserSentence)
		}
	}
}

// behindPID is where the tag of a program that ends at e goes on behind its
// number: sshd[4]: text, sshd: text.
func behindPID(b []byte, e int) int {
	if at(b, e) == '[' {
		if n := run(b, e+1, chDigit); at(b, n) == ']' {
			return n + 1
		}
	}
	return e
}

// sudoTag looks at sudo: x : user NOT in sudoers ; TTY=pts/0.
func (sc *scanner) sudoTag(e int) {
	b := sc.b
	p := behindPID(b, e)
	if at(b, p) != ':' || !is(at(b, p+1), chSpace) {
		return
	}
	s, n := behindDomain(b, run(b, p+1, chSpace))
	if n > s && bytes.HasPrefix(b[n:], []byte(" : ")) && bytes.Contains(b[n:min(sc.eol(n), n+160)], []byte(" ; TTY=")) {
		sc.userName(s, n, ruleUserSentence)
	}
}

// relayed looks at P=esmtpsa X=... A=plain:x, of a mail that Exim took.
func (sc *scanner) relayed(e int) {
	b := sc.b
	end := min(sc.eol(e), e+400)
	k := bytes.Index(b[e:end], []byte(" A="))
	if k < 0 {
		return
	}
	p := run(b, e+k+3, chAlnum|chUnder)
	if at(b, p) == ':' {
		if n := run(b, p+1, chKey); n > p+1 && at(b, n) != '@' {
			sc.userName(p+1, n, ruleUserField)
		}
	}
}

// tunnelPeer looks at [x] Peer Connection Initiated, of OpenVPN.
func (sc *scanner) tunnelPeer(i int) {
	b := sc.b
	const said = "] Peer Connection "
	if k := i - len(said); k > sc.ls && string(b[k:i]) == said {
		if s := runBack(b, k, sc.ls, chKey); s > sc.ls && b[s-1] == '[' {
			sc.userName(s, k, ruleUserSentence)
		}
	}
}

// tunnelUser looks at x/10.0.0.1:1194 MULTI: text, of OpenVPN; the address is
// b[s:e].
func (sc *scanner) tunnelUser(s, e int) bool {
	b := sc.b
	if s < sc.ls+3 || b[s-1] != '/' {
		return false
	}
	n := run(b, e+1, chDigit)
	u := runBack(b, s-1, max(sc.ls, s-65), chKey)
	if n == e+1 || u == s-1 || u > sc.ls && b[u-1] != ' ' {
		return false
	}
	known := u > sc.ls && bytes.Contains(b[sc.ls:u], []byte("openvpn"))
	for _, w := range [...]string{" MULTI", " TLS: ", " TLS Error", " PUSH: ", " SIGUSR1", " SIGTERM", " VERIFY ", " peer info: ", " Data Channel", " Outgoing ", " Incoming ", " Connection reset", " SENT CONTROL", " Control Channel", " [", " WARNING: ", " Username/Password", " Inactivity timeout", " Delayed exit", " Authenticate/Decrypt", " Bad "} {
		known = known || at(b, n) == ' ' && bytes.HasPrefix(b[n:], []byte(w))
	}
	if !known || !hasLetterByte(b[u:s-1]) {
		return false
	}
	sc.userName(u, s-1, ruleUserField)
	return true
}

// proxied looks at TCP_MISS/200 512 GET url x HIER_DIRECT/10.0.0.2, of Squid; the
// first word ends at e.
func (sc *scanner) proxied(e int) {
	b := sc.b
	if at(b, e) != '/' || !is(at(b, e+1), chDigit) {
		return
	}
	end := min(sc.eol(e), e+4096)
	p := e + firstBlank(b[e:end])
	for k := range 5 {
		s := run(b, p, chSpace)
		w := firstBlank(b[min(s, end):end])
		if w == 0 || k == 0 && !allDigits(b[s:s+w]) {
			return
		}
		p = s + w
		if k == 3 {
			if h := run(b, p, chSpace); is(at(b, h), chUpper) && bytes.IndexByte(b[h:min(end, h+32)], '/') > 3 {
				sc.userName(s, p, ruleUserField)
			}
			return
		}
	}
}

// inCells looks at the cells of a line of which one is USERID, of PAN-OS, for
// corp\x.
func (sc *scanner) inCells(i, e int) {
	b := sc.b
	if b[i] != 'U' && b[i] != 'T' && b[i] != 'G' || i == sc.ls || b[i-1] != ',' || at(b, e) != ',' {
		return
	}
	sc.domainCells(e, `,"`)
}

// domainCells hides x in the cells of the line from p on that are corp\x between
// two of the signs.
func (sc *scanner) domainCells(p int, signs string) {
	b := sc.b
	from, end := p, min(sc.eol(p), p+1024)
	for {
		k := bytes.IndexByte(b[p:end], '\\')
		if k < 0 {
			return
		}
		p += k + 1
		d, n := runBack(b, p-1, from, chKey), run(b, p, chKey)
		if d > from && d < p-1 && n > p && strings.IndexByte(signs, b[d-1]) >= 0 && strings.IndexByte(signs, at(b, n)) >= 0 {
			sc.userName(p, n, ruleUserField)
		}
	}
}

// vimEvent looks at [vim.event.X] [info] [CORP\x] [], of vCenter.
func (sc *scanner) vimEvent(e int) {
	b := sc.b
	if !bytes.HasPrefix(b[e:], []byte(".event.")) {
		return
	}
	for p, end := e, min(sc.eol(e), e+200); p < end; {
		k := bytes.IndexByte(b[p:end], '[')
		if k < 0 {
			return
		}
		p += k + 1
		if d := run(b, p, chKey); at(b, d) == '\\' {
			if n := run(b, d+1, chKey); at(b, n) == ']' && n > d+1 {
				sc.userName(d+1, n, ruleUserField)
			}
			return
		}
	}
}

// ofPath looks at the name of a home in ~x/public_html, of which the last part
// is at i.
func (sc *scanner) ofPath(i int) {
	b := sc.b
	k := i - 1
	if k > sc.ls && b[k] == '.' {
		k--
	}
	if k <= sc.ls || b[k] != '/' {
		return
	}
	if s := runBack(b, k, max(sc.ls, k-40), chKey); s < k && s > sc.ls && b[s-1] == '~' {
		sc.userName(s, k, ruleHome)
	}
}

// allowed looks at AllowUsers x y@host, a line of sshd_config.
func (sc *scanner) allowed(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || !sc.leads(i) {
		return
	}
	sc.userList(e + 1)
}

// accountAt looks at x@10.0.0.1 and at x@pam, of which the sign is at i.
func (sc *scanner) accountAt(i int) bool {
	b := sc.b
	if is(at(b, i+1), chDigit) && at(b, run(b, i+1, chDigit)) != '.' { // a line of a program
		return false
	}
	s := runBack(b, i, max(sc.skip, max(sc.ls, i-64)), chKey)
	if s == i {
		if n := run(b, i+1, chKey); at(b, n) == ':' && n > i+3 && (i == sc.ls || is(b[i-1], chSpace|chQuote)) && bytes.IndexByte(b[n+1:run(b, n+1, chKey)], '.') > 0 && gradeOf(b[i+1:n]) > noName { // @x:example.org, of Matrix
			sc.userName(i+1, n, ruleUserSentence)
		}
		return false
	}
	if e := run(b, i+1, chAlpha); e == i+4 && (bytes.HasPrefix(b[i+1:], []byte("vty")) || bytes.HasPrefix(b[i+1:], []byte("tty")) || bytes.HasPrefix(b[i+1:], []byte("con"))) && is(at(b, e), chDigit) && !is(at(b, run(b, e, chDigit)), chKey) && gradeOf(b[s:i]) > noName { // x@vty0
		sc.userName(s, i, ruleUserSentence)
		return true
	}
	if n := i + len("@pam"); at(b, s-1) == ':' && (bytes.HasPrefix(b[i:], []byte("@pam:")) || bytes.HasPrefix(b[i:], []byte("@pve:"))) && account(b[s:i]) && at(b, n) == ':' { // of a task's id
		sc.userName(s, i, ruleUserSentence)
		return true
	}
	if low := s - len("sip:"); low >= sc.ls && string(b[low:s]) == "sip:" && gradeOf(b[s:i]) > noName { // "x" <sip:x@10.0.0.1>
		sc.userName(s, i, ruleUserSentence)
		if k := low - len(`" <`); k > sc.ls && string(b[k:low]) == `" <` && bytes.HasSuffix(b[:k], b[s:i]) {
			sc.userName(k-(i-s), k, ruleUserSentence)
		}
		return true
	}
	if s > sc.ls+1 && b[s-1] == ':' && b[s-2] == ')' { // of RouterOS
	} else if s > sc.ls && (b[s-1] == '/' || b[s-1] == '@' || b[s-1] == ':' || b[s-1] == '%' || b[s-1] == '$' || b[s-1] == '#') {
		return false
	}
	p := i + 1
	if at(b, p) == '[' {
		p++
	}
	known := false
	if is(at(b, p), chDigit) {
		if _, known = scanIPv4(b, p); !known {
			return false
		}
	} else if pseudonymAt(b, p) > 0 && at(b, p) == 'i' {
		known = true
	} else if n := run(b, p, chKey); at(b, n) != '.' && !is(at(b, n), chWord) {
		switch string(b[p:n]) {
		case "pam", "pve", "pbs", "pmg": // of Proxmox
			known = true
		default:
			return s < i && at(b, n) == ' ' && sc.logLevel(n+1, s, i)
		}
	}
	if !known {
		return false
	}
	if w := sc.wordBefore(s); equalFold(w, "monitor") || equalFold(w, "upsc") { // a UPS
		return false
	}
	if erlangNodes.has(b[s:i]) || hasPrefixFold(b[sc.ls:], "target[") || gradeOf(b[s:i]) == noName {
		return false
	}
	sc.userName(s, i, ruleUserSentence)
	return true
}

// erlangNodes are names that clusters of Erlang's nodes have before an address.
var erlangNodes = setOf("rabbit", "emqx", "couchdb", "ejabberd", "riak", "vernemq", "ns_1", "node", "nonode", "mongooseim", "leofs", "vmq")

// logLevel looks at x@database ERROR:  text, of PostgreSQL, where the level
// is at p.
func (sc *scanner) logLevel(p, s, i int) bool {
	b := sc.b
	n := run(b, p, chUpper|chDigit)
	if n-p < 3 || !bytes.HasPrefix(b[n:], []byte(":  ")) {
		return false
	}
	switch string(b[p:n]) {
	case "ERROR", "WARNING", "NOTICE", "INFO", "PANIC", "CONTEXT", "LOG", "FATAL", "STATEMENT", "DETAIL", "HINT", "DEBUG", "DEBUG1", "DEBUG2", "DEBUG3", "DEBUG4", "DEBUG5", "LOCATION", "QUERY":
		if gradeOf(b[s:i]) > noName {
			sc.userName(s, i, ruleUserField)
		}
		return true
	}
	return false
}

// writtenSo looks at values of an account's key that are written in a way of their
// own: <x>, of Dovecot; [5] 'x' of Oracle; x(x) of F5; x <mail address> of git.
func (sc *scanner) writtenSo(q int) bool {
	b := sc.b
	n := run(b, q, chKey)
	switch at(b, n) {
	case '<':
		if e := run(b, q+1, chKey); n == q && e > q+1 && at(b, e) == '>' && at(b, e+1) == ',' && !standIn.has(b[q+1:e]) && !hasPseudonym(b[q+1:e]) {
			sc.userName(q+1, e, ruleUserField)
			return true
		}
	case '[':
		d := run(b, q+1, chDigit)
		if n > q || d == q+1 || at(b, d) != ']' || at(b, d+1) != ' ' || !is(at(b, d+2), chQuote) {
			return false
		}
		if s, e, next := sc.argument(d + 2); next > e && e > s {
			sc.userName(s, e, ruleUserField)
		}
		return true
	case '(':
		if d := run(b, n+1, chDigit); n > q && d > n+1 && at(b, d) == ')' { // x(1004), of Slurm
			sc.userName(q, n, ruleUserField)
			return true
		}
		if d := run(b, q+1, chSpace); n == q && is(at(b, d), chDigit) { // ( 1004/ x), of stat
			if k := run(b, d, chDigit); at(b, k) == '/' {
				s := run(b, k+1, chSpace)
				if e := run(b, s, chKey); at(b, e) == ')' {
					sc.userName(s, e, ruleUserField)
				}
				return true
			}
		}
		if t := n + 1 + n - q; n > q && t < len(b) && b[t] == ')' && bytes.Equal(b[q:n], b[n+1:t]) {
			sc.userName(q, n, ruleUserField)
			sc.userName(n+1, t, ruleUserField)
			return true
		}
	case ' ':
		if n > q && at(b, n+1) == '<' && gradeOf(b[q:n]) > noName && bytes.IndexByte(b[n+1:min(sc.eol(n), n+96)], '>') > 3 {
			sc.userName(q, n, ruleUserField)
			return true
		}
	}
	return false
}

// radiusClient looks at from client ap1 port 7 cli 3C52824A9ED1, of FreeRADIUS.
func (sc *scanner) radiusClient(e int) {
	b := sc.b
	if !bytes.HasPrefix(b[e:], []byte(" client ")) {
		return
	}
	s := e + len(" client ")
	n := run(b, s, chKey)
	if !bytes.HasPrefix(b[n:], []byte(" port ")) {
		return
	}
	if machineLike(b[s:n]) {
		sc.hostValue(s, n)
	}
	p := run(b, n+len(" port "), chDigit)
	if bytes.HasPrefix(b[p:], []byte(" cli ")) {
		p += len(" cli ")
		if m := run(b, p, chHex); m == p+12 && !is(at(b, m), chWord) {
			sc.emit(p, m, cMAC, ruleMAC, 0)
		}
	}
}
