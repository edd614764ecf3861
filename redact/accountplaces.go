package redact

import "bytes"

// More places that names of accounts have: beside addresses, in paths of APIs, in
// statements of databases, in rows of listings.

// besideAddress looks at names that stand beside the address b[s:e] and are no
// host's: 10.0.0.1|x|GET|, 10.0.0.1 x tty1, x (10.0.0.1)>, and OpenVPN's.
func (sc *scanner) besideAddress(s, e int) bool {
	b := sc.b
	sc.beforeAddress(s)
	switch c := at(b, e); {
	case c == '(' && !is(at(b, e+1), chDigit) || c == '/' && at(b, run(b, e+1, chDigit)) == '(': // of a Cisco firewall: 10.0.0.1/443(CORP\x)
		p := e
		if c == '/' {
			p = run(b, e+1, chDigit)
		}
		if s, n := behindDomain(b, p+1); s > p+1 && at(b, n) == ')' && gradeOf(b[s:n]) > noName {
			sc.userName(s, n, ruleUserField)
		}
	case c == '(' && at(b, run(b, e+1, chDigit)) == ')': // of PostgreSQL: 10.0.0.1(5432):x@db:
		if p := run(b, e+1, chDigit) + 1; at(b, p) == ':' {
			if n := run(b, p+1, chKey); at(b, n) == '@' && n > p+1 && gradeOf(b[p+1:n]) > noName {
				sc.userName(p+1, n, ruleUserField)
			}
		}
	case c == ':':
		return s > sc.ls+2 && b[s-1] == '/' && is(b[s-2], chKey) && sc.tunnelUser(s, e)
	case c == '|': // of Artifactory
		n := run(b, e+1, chKey)
		if m := run(b, n+1, chUpper); n > e+1 && at(b, n) == '|' && m > n+3 && at(b, m) == '|' {
			sc.userName(e+1, n, ruleUserField)
		}
	case c == ' ' && is(at(b, e+1), chWord):
		n := run(b, e+1, chKey)
		switch rest := b[n:min(len(b), n+5)]; {
		case bytes.HasPrefix(rest, []byte(" GET ")), bytes.HasPrefix(rest, []byte(" PUT ")), bytes.HasPrefix(rest, []byte(" POST")), bytes.HasPrefix(rest, []byte(" HEAD")): // of CouchDB
			if m := run(b, n+1, chUpper); at(b, m) == ' ' && at(b, m+1) == '/' && gradeOf(b[e+1:n]) > noName {
				sc.userName(e+1, n, ruleUserField)
			}
		case bytes.HasPrefix(rest, []byte(" tty")), bytes.HasPrefix(rest, []byte(" vty")), bytes.HasPrefix(rest, []byte(" pts")): // of TACACS+
			sc.userName(e+1, n, ruleUserField)
		case is(b[e+1], chDigit) && at(b, n) == ' ': // of Jira: 10.0.0.1 612x1234x1 x [04/Jan/2026
			if m := run(b, n+1, chKey); m > n+1 && bytes.HasPrefix(b[m:], []byte(" [")) && bytes.Count(b[e+1:n], []byte("x")) == 2 {
				sc.userName(n+1, m, ruleUserField)
			}
		}
	case c == ')' && bytes.HasPrefix(b[e:], []byte(") connect to service ")) && s > sc.ls+3 && b[s-1] == '(' && b[s-2] == ' ': // of Samba
		if u := runBack(b, s-2, sc.ls, chKey); u < s-2 && gradeOf(b[u:s-2]) > noName {
			sc.userName(u, s-2, ruleUserSentence)
			return true
		}
	case c == ')' && at(b, e+1) == '>' && s > sc.ls+3 && b[s-1] == '(' && b[s-2] == ' ': // of FileZilla
		if u := runBack(b, s-2, sc.ls, chKey); u < s-2 && u > sc.ls && b[u-1] == ' ' && !(u > sc.ls+5 && bytes.HasSuffix(b[:s-2], []byte("logged in)"))) {
			sc.userName(u, s-2, ruleUserField)
			return true
		}
	}
	return false
}

// beforeAddress looks at the name before an address that begins at s: Webmin's
// [02/Jan/2026 03:04:05] x - 10.0.0.1 and the audit's of CAS, |..._FAILED|x|10.0.0.1.
func (sc *scanner) beforeAddress(s int) {
	b := sc.b
	var e int
	switch {
	case s > sc.ls+6 && b[s-1] == ' ' && b[s-2] == '-' && b[s-3] == ' ':
		e = s - 3
	case s > sc.ls+6 && b[s-1] == '|':
		e = s - 1
	default:
		return
	}
	u := runBack(b, e, max(sc.ls, e-64), chKey)
	if u == e || u < sc.ls+3 || gradeOf(b[u:e]) == noName {
		return
	}
	if b[s-1] == '|' {
		if k := runBack(b, u-1, sc.ls, chUpper|chUnder); b[u-1] != '|' || u-1-k < 6 {
			return
		}
	} else if b[u-1] != ' ' || b[u-2] != ']' || !is(b[u-3], chDigit) {
		return
	}
	sc.userName(u, e, ruleUserField)
}

// ofARN looks at arn:aws:iam::4:user/x and assumed-role/role/x.
func (sc *scanner) ofARN(e int) {
	b := sc.b
	if at(b, e) != ':' {
		return
	}
	end := min(sc.eol(e), e+200)
	n := e
	for n < end && b[n] > ' ' && !is(b[n], chQuote) && b[n] != ',' && b[n] != '\\' && b[n] != ']' && b[n] != ')' {
		n++
	}
	v := b[e:n]
	for _, w := range [...]string{":user/", ":assumed-role/", ":federated-user/"} {
		k := bytes.Index(v, []byte(w))
		if k < 0 {
			continue
		}
		s := e + bytes.LastIndexByte(v, '/') + 1
		if w[1] == 'a' && s <= e+k+len(w) { // a role, and no session of it
			return
		}
		if bytes.IndexByte(b[s:n], '@') < 0 && gradeOf(b[s:n]) > noName {
			sc.userName(s, n, ruleUserField)
		}
		return
	}
}

// loggedBefore looks at x logged in, x is now logged in; the word is at i.
func (sc *scanner) loggedBefore(i, e int) {
	b := sc.b
	if !bytes.HasPrefix(b[e:], []byte(" in")) && !bytes.HasPrefix(b[e:], []byte(" out")) || i < sc.ls+3 || b[i-1] != ' ' {
		return
	}
	k := i - 1
	for _, w := range [...]string{" is now", " has been", " has", " is", " was"} {
		if bytes.HasSuffix(b[sc.ls:k], []byte(w)) {
			k -= len(w)
			break
		}
	}
	least := certainName
	if k > sc.ls && b[k-1] == ']' {
		k--
	}
	s := runBack(b, k, max(sc.ls, k-64), chKey)
	if s < k && equalFold(b[s:k], "user") && k < i { // x plaintext User logged in, of Cyrus
		m := runBack(b, s-1, sc.ls, chKey)
		u := runBack(b, m-1, sc.ls, chKey)
		if u > sc.ls+1 && u < m-1 && m < s-1 && b[u-1] == ' ' && b[u-2] == ']' {
			sc.userName(u, m-1, ruleUserSentence)
		}
		return
	}
	if s == sc.ls || b[s-1] == '[' || s > sc.ls+1 && b[s-1] == ' ' && (b[s-2] == ':' || b[s-2] == ']' || b[s-2] == ')') {
		least = maybeName
	}
	if n := e + len(" in"); least == maybeName && !ended(b, n) && !ended(b, n+1) {
		return
	}
	if gradeOf(b[s:k]) >= least {
		sc.userName(s, k, ruleUserSentence)
	}
}

// sqlAccount looks at CREATE ROLE x, ALTER USER x and GRANT y TO x; the word ends
// at e.
func (sc *scanner) sqlAccount(i, e int) {
	b := sc.b
	if at(b, e) != ' ' || !is(b[i], chUpper) {
		return
	}
	n := run(b, e+1, chKey)
	if c := at(b, n); c > ' ' && c != ';' && c != ',' && c != '"' || n == e+1 {
		return
	}
	if b[i] == 'T' {
		if bytes.Contains(b[max(sc.ls, i-160):i], []byte("GRANT ")) && gradeOf(b[e+1:n]) == certainName {
			sc.userName(e+1, n, ruleUserSentence)
		}
		return
	}
	switch string(sc.wordBefore(i)) {
	case "CREATE", "ALTER", "DROP":
		least := certainName
		for _, w := range [...]string{" with password", " password", " identified", " login ", " set password", " with login"} {
			if hasPrefixFold(b[n:], w) {
				least = maybeName
			}
		}
		if gradeOf(b[e+1:n]) >= least {
			sc.userName(e+1, n, ruleUserSentence)
		}
	}
}

// localMail looks at from=<x>, of a mail that stays on its machine.
func (sc *scanner) localMail(e int) {
	b := sc.b
	if at(b, e) != '=' || at(b, e+1) != '<' {
		return
	}
	if n := run(b, e+2, chKey); at(b, n) == '>' && at(b, n+1) == ',' && gradeOf(b[e+2:n]) > noName {
		sc.userName(e+2, n, ruleUserField)
	}
}

// cronRow looks at 0 4 * * * x /usr/bin/y, a line of /etc/crontab at i.
func (sc *scanner) cronRow(i int) {
	b := sc.b
	p := i
	for range 5 {
		n := p
		for n < len(b) && n-p < 12 && (is(b[n], chDigit) || b[n] == '*' || b[n] == '/' || b[n] == ',' || b[n] == '-') {
			n++
		}
		if n == p || !is(at(b, n), chSpace) {
			return
		}
		p = run(b, n, chSpace)
	}
	n := run(b, p, chKey)
	q := run(b, n, chSpace)
	least := certainName
	if at(b, q) == '/' {
		least = maybeName
	}
	if n > p && q > n && (at(b, q) == '/' || at(b, q) == '[' || is(at(b, q), chLower)) && gradeOf(b[p:n]) >= least {
		sc.userName(p, n, ruleListing)
	}
}

// taskRow looks at pid x priority nice, as top prints; the name is at p.
func (sc *scanner) taskRow(p int) {
	b := sc.b
	n := run(b, p, chKey)
	q := n
	for k := range 2 {
		s := run(b, q, chSpace)
		if at(b, s) == '-' {
			s++
		}
		q = run(b, s, chDigit)
		if q == s && !(k == 0 && bytes.HasPrefix(b[s:], []byte("rt "))) || q-s > 3 {
			return
		}
		if q == s {
			q += 2
		}
	}
	if s := run(b, q, chSpace); s > q && is(at(b, s), chDigit) {
		sc.userName(p, n, ruleListing)
	}
}

// limited reports whether hard or soft at p begins what limits.conf says.
func limited(b []byte, p int) bool {
	if !bytes.HasPrefix(b[p:], []byte("hard")) && !bytes.HasPrefix(b[p:], []byte("soft")) || !is(at(b, p+4), chSpace) {
		return false
	}
	q := run(b, p+4, chSpace)
	switch string(b[q:run(b, q, chLower)]) {
	case "nofile", "nproc", "core", "memlock", "stack", "as", "cpu", "data", "fsize", "rss", "maxlogins", "priority", "nice", "rtprio", "sigpending", "msgqueue", "locks":
		return true
	}
	return false
}

// hbaRow looks at host database x address method, of pg_hba.conf; host ends at e.
func (sc *scanner) hbaRow(e int) {
	b := sc.b
	d := run(b, e, chSpace)
	n := d + firstBlank(b[d:sc.eol(d)])
	s := run(b, n, chSpace)
	t := run(b, s, chKey)
	p := run(b, t, chSpace)
	if s == n || p == t || t == s {
		return
	}
	if _, ok := scanIPv4(b, p); !ok && pseudonymAt(b, p) == 0 && !bytes.HasPrefix(b[p:], []byte("same")) && !bytes.HasPrefix(b[p:], []byte("::")) {
		return
	}
	if v := b[s:t]; string(v) != "all" && string(v) != "replication" {
		sc.userName(s, t, ruleListing)
	}
}

// commented looks at the author in ACKNOWLEDGE_SVC_PROBLEM;h;s;2;1;1;x;text, of
// Nagios; the word ends at e.
func (sc *scanner) commented(e int) {
	b := sc.b
	end := sc.eol(e)
	if at(b, e) != ';' || end-e > 1024 {
		return
	}
	k := bytes.LastIndexByte(b[e:end], ';')
	j := bytes.LastIndexByte(b[e:e+k], ';')
	if j > 0 && run(b, e+j+1, chKey) == e+k {
		sc.userName(e+j+1, e+k, ruleUserField)
	}
}

// ofLogin looks at userpass/login/x, a path of Vault, and at [login|x], of
// SonarQube.
func (sc *scanner) ofLogin(i, e int) {
	b := sc.b
	s := e + 1
	switch {
	case at(b, e) == '|' && i > sc.ls && b[i-1] == '[':
		if n := run(b, s, chKey); at(b, n) == ']' {
			sc.userName(s, n, ruleUserField)
		}
	case at(b, e) == '/':
		if bytes.HasPrefix(b[s:], []byte("users/")) || bytes.HasPrefix(b[s:], []byte("login/")) {
			s += len("users/")
			if n := run(b, s, chKey); n > s {
				sc.userName(s, n, ruleUserField)
			}
		}
	}
}

// angleFields looks at the user in a line of WebLogic at s: ####<time> <level>
// <subsystem> <machine> <server> <thread> <x>.
func (sc *scanner) angleFields(s int) {
	b := sc.b
	end := min(sc.eol(s), s+600)
	p := s + len("####")
	for k := range 8 {
		n := bytes.Index(b[p:end], []byte("> <"))
		if n < 1 || b[p] != '<' {
			return
		}
		if v := b[p+1 : p+n]; k >= 5 && k <= 7 && account(v) && gradeOf(v) > noName {
			sc.userName(p+1, p+n, ruleUserField)
			return
		}
		p += n + 2
	}
}
