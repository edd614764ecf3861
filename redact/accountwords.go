package redact

import "bytes"

// Names of accounts and hosts that one word, or the form of a whole line, gives
// away: Administrator jo login failed, (HOST=db-7), the fields of Squid.

// namedBy looks at such a word b[i:e].
func (sc *scanner) namedBy(i, e int) {
	b := sc.b
	if e+8 > len(b) || b[e] != '=' && b[e] != '.' && b[e] != ' ' || b[i]|0x20 == 'a' && b[i+1]|0x20 == 'u' && !bytes.HasPrefix(b[e:], []byte(" of [")) {
		return
	}
	rest := b[e:min(sc.eol(e), e+160)]
	if len(rest) == 0 {
		return
	}
	switch string(lowerOf(b[i:e], sc.lower[:])) {
	case "administrator": // FortiGate
		s := e + 1
		if n := run(b, s, chKey); n > s && rest[0] == ' ' && (bytes.HasPrefix(b[n:], []byte(" login failed")) || bytes.HasPrefix(b[n:], []byte(" logged in")) || bytes.HasPrefix(b[n:], []byte(" logged out"))) {
			sc.userName(s, n, ruleUserSentence)
		}
	case "benutzer", "benutzers", "utilisateur", "usuario", "utente", "gebruiker":
		s := e + 1
		if n := run(b, s, chKey); rest[0] == ' ' && n < len(b) && (is(b[n], chSpace) || b[n] == ',' || b[n] == '\n' || b[n] == '\r') {
			if name := b[s:n]; hasDigit(name) && run(name, 0, chDigit) == 0 || bytes.IndexByte(name, '.') > 0 && n-s > 3 && name[len(name)-1] != '.' && !fileName(name) && !hasDigit(name) {
				sc.userName(s, n, ruleUserSentence)
			}
		} else if rest[0] == ' ' && (b[s] == '\'' || b[s] == '"') {
			if n := run(b, s+1, chKey); at(b, n) == b[s] {
				sc.userName(s+1, n, ruleUserSentence)
			}
		}
	case "authentication": // Elasticsearch
		const of = " of ["
		if n := run(b, e+len(of), chKey); bytes.HasPrefix(rest, []byte(of)) && at(b, n) == ']' {
			sc.userName(e+len(of), n, ruleUserSentence)
		}
	case "set_id": // Exim
		if n := run(b, e+1, chKey); rest[0] == '=' && at(b, n) == ')' && i > sc.ls && (b[i-1] == '(' || b[i-1] == ' ') {
			sc.userName(e+1, n, ruleUserField)
		}
	case "devname": // FortiGate; udev knows devices by that name
		if rest[0] != '=' {
			return
		}
		if s := e + 1; b[s] == '"' {
			if n := run(b, s+1, chKey); at(b, n) == '"' {
				sc.hostValue(s+1, n)
			}
		} else if n := run(b, s, chKey); bytes.HasPrefix(b[n:], []byte(" devid=")) {
			sc.hostValue(s, n)
		}
	case "duoauthproxy": // (('10.0.0.1', 51234), jo, 12): text
		k := bytes.Index(rest, []byte("(('"))
		if k < 0 {
			return
		}
		c := bytes.Index(rest[k:], []byte("), "))
		if c < 0 {
			return
		}
		s := e + k + c + len("), ")
		n := run(b, s, chKey)
		if d := run(b, n+2, chDigit); bytes.HasPrefix(b[n:], []byte(", ")) && d > n+2 && at(b, d) == ')' {
			sc.userName(s, n, ruleUserField)
		}
	}
}

// pooled looks at what PgBouncer logs: LOG C-0x55d0: database/user@address.
func (sc *scanner) pooled(e int) {
	b := sc.b
	if !bytes.HasPrefix(b[e:], []byte(" C-0x")) && !bytes.HasPrefix(b[e:], []byte(" S-0x")) {
		return
	}
	p := run(b, e+len(" C-0x"), chHex)
	if at(b, p) != ':' || at(b, p+1) != ' ' {
		return
	}
	d := run(b, p+2, chKey)
	if n := run(b, d+1, chKey); d > p+2 && at(b, d) == '/' && at(b, n) == '@' {
		sc.userName(d+1, n, ruleUserField)
	}
}

// inColumns looks at lines that begin with a digit at i and have an account in a
// place of their own: of Squid's access.log, and of what PAN-OS exports.
func (sc *scanner) inColumns(i int) {
	b := sc.b
	switch {
	case b[i+10] == '.' && is(b[i+13], chDigit) && b[i+14] == ' ': // 1700000000.123 80 10.0.0.1 TCP_MISS/200 512 GET url jo HIER_DIRECT/10.0.0.2 -
		end := min(sc.eol(i), i+4096)
		p := i + 14
		for range 2 { // how long it took, and for whom
			p = min(run(b, p, chSpace), end)
			p += firstBlank(b[p:end])
		}
		sc.proxied(run(b, run(b, p, chSpace), chUpper|chUnder))
	case b[i+1] == ',' && b[i+6] == '/' && b[i+9] == '/' && b[i+12] == ' ': // 1,2026/03/11 19:43:27,serial,TRAFFIC,...,corp\jo,
		sc.domainCells(i, ",")
	}
}

// tunnelled looks at a line of the status of OpenVPN of which the first word
// ends at e: name,10.0.0.1:1194,received,sent,since.
func (sc *scanner) tunnelled(s, e int) {
	b := sc.b
	if string(b[s:e]) == "CLIENT_LIST" {
		s = e + 1
		e = run(b, s, chKey)
	}
	p, ok := scanIPv4(b, e+1)
	if !ok || at(b, e) != ',' || at(b, p) != ':' {
		return
	}
	p = run(b, p+1, chDigit)
	for at(b, p) == ',' && !is(at(b, p+1), chDigit) { // virtual addresses, perhaps none
		p++
	}
	n := run(b, p+1, chDigit)
	if at(b, p) == ',' && n > p+1 && (at(b, n) == ',' || at(b, n) == '.') {
		sc.userName(s, e, ruleUserField)
	}
}

// nodeOf looks at the node in a line of Elasticsearch that begins with a
// bracket at s: [time][LEVEL][logger] [node] text.
func (sc *scanner) nodeOf(s int) {
	b := sc.b
	end := min(sc.eol(s), s+256)
	p := s
	for k := range 3 {
		n := bytes.IndexByte(b[p:end], ']')
		if n < 2 || b[p] != '[' || k == 1 && !is(b[p+1], chUpper) {
			return
		}
		p += n + 1
	}
	if p < end && b[p] == ' ' {
		p++
	}
	if p < end && b[p] == '[' {
		d := run(b, p+1, chAlpha)
		if at(b, d) == '-' {
			d++
		}
		if n := run(b, p+1, chKey); at(b, n) == ']' && (run(b, d, chDigit) < n || n-d > 2) { // node-1 names none
			sc.hostValue(p+1, n)
		}
	}
}

// asked looks at the account in a line of Jira, at p the rest of its time:
// thread LEVEL jo 554x79402x1 session address path.
func (sc *scanner) asked(p int) {
	b := sc.b
	end := min(len(b), p+160) // nothing below goes over a line's end
	for range 6 {
		for p < end && b[p] > ' ' {
			p++
		}
		s := run(b, p, chSpace)
		n := run(b, s, chUpper)
		if p = s; n-s < 4 || at(b, n) != ' ' || !levelWord(b[s:n]) {
			continue
		}
		us := run(b, n, chSpace)
		ue := run(b, us, chKey)
		d := run(b, ue+1, chDigit)
		m := run(b, d+1, chDigit)
		if at(b, ue) == ' ' && d > ue+1 && at(b, d) == 'x' && m > d+1 && at(b, m) == 'x' {
			sc.userName(us, ue, ruleUserField)
		}
		return
	}
}
