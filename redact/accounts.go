package redact

import "bytes"

// Lines of programs that name who logged in, or which host, in a way of their
// own.

// accountOf looks at the word b[i:e] that such a line has.
func (sc *scanner) accountOf(i, e int) {
	b := sc.b
	rest := b[e:min(len(b), e+160)]
	switch b[i] {
	case 'F', 'S', 'D', 'L', 'H': // PostgreSQL: name@database FATAL:  text
		if !bytes.HasPrefix(rest, []byte(":  ")) || i < sc.ls+4 || b[i-1] != ' ' || !is(b[i-2], chAlnum) {
			switch b[i] {
			case 'D':
				sc.leased(e)
			case 'L':
				sc.pooled(e)
			}
			return
		}
		d := runBack(b, i-1, max(sc.ls, i-128), chKey)
		if d == i-1 || d <= sc.ls || b[d-1] != '@' {
			return
		}
		u := runBack(b, d-1, max(sc.ls, d-65), chKey)
		if u < d-1 && (u == sc.ls || b[u-1] == ' ' || b[u-1] == ',') {
			sc.userName(u, d-1, ruleUserField)
		}
	case 'i', 'p', 'l', 'm': // Dovecot: imap(name)<pid><session>:
		if e-i == len("pkexec") && b[i+1] == 'k' { // pkexec[4]: name: Executing command
			p := behindPID(b, e)
			if s, n, next := sc.nameAt(p + 2); at(b, p) == ':' && n > s && at(b, next) == ':' && gradeOf(b[s:n]) > noName {
				sc.userName(s, n, ruleUserSentence)
			}
			return
		}
		n := run(b, e+1, chKey)
		if at(b, e) != '(' || n == e+1 || at(b, n) != ')' || i > sc.ls && b[i-1] != ' ' {
			return
		}
		if t := b[n+1:]; len(t) > 1 && (t[0] == '<' && is(t[1], chDigit) || t[0] == ':' && t[1] == ' ' && bytes.Contains(b[max(sc.ls, i-24):i], []byte("dovecot"))) {
			sc.userName(e+1, n, ruleUserField)
		}
	case 'd':
		switch {
		case b[i+1] == 'o': // doas: name ran command x
			n := run(b, e+2, chKey)
			if t := b[min(n, len(b)):]; bytes.HasPrefix(rest, []byte(": ")) && (bytes.HasPrefix(t, []byte(" ran command")) || bytes.HasPrefix(t, []byte(" tried"))) {
				sc.userName(e+2, n, ruleUserSentence)
				return
			}
			for _, w := range [...]string{": failed auth for ", ": failed command for ", ": command not permitted for "} {
				if bytes.HasPrefix(rest, []byte(w)) {
					sc.userName(e+len(w), run(b, e+len(w), chKey), ruleUserSentence)
				}
			}
		case b[i+1] == 'e': // usermod: delete 'name' from group
			sc.groupMember(e)
		}
	case 'P': // NetScaler: name 0-PPE-0 :
		k := runBack(b, i-1, sc.ls, chDigit)
		if i < sc.ls+4 || b[i-1] != '-' || k == i-1 || k == sc.ls || b[k-1] != ' ' || at(b, e) != '-' || !is(at(b, e+1), chDigit) {
			return
		}
		if s := runBack(b, k-1, max(sc.ls, k-64), chKey); s < k-1 {
			sc.hostValue(s, k-1)
		}
	case 's': // sshd: name [priv], sshd: name@pts/0
		s, n, next := sc.nameAt(e + 2)
		if at(b, e) != ':' || n <= s {
			return
		}
		for _, w := range [...]string{" [priv]", " [preauth]", " [net]", " [pam]", "@pts/", "@tty", "@notty"} {
			if bytes.HasPrefix(b[next:], []byte(w)) && gradeOf(b[s:n]) > noName {
				sc.userName(s, n, ruleListing)
			}
		}
	case 'w': // ocserv: worker[name]: text
		n := run(b, e+1, chKey)
		if at(b, e) == '[' && at(b, n) == ']' && n > e+1 && bytes.Contains(b[max(sc.ls, i-40):i], []byte("ocserv")) {
			sc.userName(e+1, n, ruleUserField)
		}
	case 'U', 'M', 'R', 'C': // vsftpd: [pid 2] [name] OK UPLOAD: Client "x"
		var k int
		switch {
		case i > sc.ls+6 && string(b[i-4:i]) == " OK ":
			k = i - 4
		case i > sc.ls+8 && string(b[i-6:i]) == " FAIL ":
			k = i - 6
		default:
			return
		}
		if !bytes.HasPrefix(rest, []byte(": Client ")) {
			return
		}
		s := runBack(b, k-1, sc.ls, chKey)
		if n := bytes.LastIndex(b[sc.ls:k], []byte("] [")); n >= 0 { // the time may stand behind it
			s = sc.ls + n + len("] [")
		}
		if m := run(b, s, chKey); s > sc.ls && b[s-1] == '[' && at(b, m) == ']' {
			sc.userName(s, m, ruleUserField)
		}
	}
}

// shareAudited looks at smbd_audit[1]: CORP\name|10.0.0.1|share.
func (sc *scanner) shareAudited(e int) {
	b := sc.b
	p := behindPID(b, e)
	if at(b, p) != ':' {
		return
	}
	s, n := behindDomain(b, run(b, p+1, chSpace))
	if n > s && at(b, n) == '|' && is(b[s], chAlpha) {
		sc.userName(s, n, ruleUserField)
	}
}

// groupMember looks at the name in add 'name' to group.
func (sc *scanner) groupMember(e int) {
	b := sc.b
	if at(b, e) != ' ' || at(b, e+1) != '\'' {
		return
	}
	s, n, next := sc.argument(e + 1)
	if t := b[next:]; next > n && (bytes.HasPrefix(t, []byte(" to group ")) || bytes.HasPrefix(t, []byte(" to shadow group ")) || bytes.HasPrefix(t, []byte(" from group ")) || bytes.HasPrefix(t, []byte(" from shadow group "))) {
		sc.userName(s, n, ruleUserSentence)
	}
}

// leased looks at the client's name in what DHCP servers log of a lease:
// DHCPACK(br0) 10.0.0.2 02:42:ac:11:00:02 laptop and ... to
// 02:42:ac:11:00:02 (laptop) via eth0.
func (sc *scanner) leased(e int) {
	b := sc.b
	end := min(sc.eol(e), e+160)
	colons, k := 0, e
	for ; k < end && colons < 5; k++ {
		if b[k] == ':' && is(b[k-1], chHex) && is(at(b, k+1), chHex) && is(at(b, k+2), chHex) {
			colons++
			k += 2
		}
	}
	for k < end && (is(b[k], chKey) || b[k] == ':') {
		k++
	}
	if colons < 5 {
		k = bytes.Index(b[e:end], []byte("redacted-mac-"))
		if k < 0 {
			return
		}
		k = run(b, e+k, chKey)
	}
	p := run(b, k, chSpace)
	paren := at(b, p) == '('
	if paren {
		p++
	}
	n := run(b, p, chKey)
	switch {
	case n == p || p == k || paren && at(b, n) != ')' || !paren && n < sc.eol(n):
		return
	case !hasLetterByte(b[p:n]) || equalFold(b[p:n], "via"):
		return
	}
	sc.hostValue(p, n)
}

// accessed looks at the account in a line of IIS that begins with a time,
// at p the rest of it: 10.0.0.1 GET /x - 443 CORP\name 10.0.0.2 agent.
func (sc *scanner) accessed(p int) {
	b := sc.b
	n := run(b, p, chKey)
	if at(b, n) != ' ' || n-p < 3 || !is(at(b, n+1), chUpper) || !is(at(b, n+2), chUpper) {
		return
	}
	m := run(b, n+1, chAlpha)
	if at(b, m) != ' ' || at(b, m+1) != '/' {
		return
	}
	end := min(sc.eol(m), m+4096)
	k := m
	for range 3 {
		w := bytes.IndexByte(b[k+1:end], ' ')
		if w < 0 {
			return
		}
		k += w + 1
	}
	// Path, query and port are passed.
	e := bytes.IndexByte(b[k+1:end], ' ')
	d := run(b, k+1, chKey)
	if e > 3 && at(b, d) == '\\' {
		s := d + 1
		if u := run(b, s, chKey); u == k+1+e {
			sc.userName(s, u, ruleUserField)
		}
	} else if _, ok := scanIPv4(b, d+1); ok && d == k+1+e && e > 1 && hasLetterByte(b[k+1:d]) {
		sc.userName(k+1, d, ruleUserField)
	}
}
