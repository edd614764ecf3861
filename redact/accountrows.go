package redact

import "bytes"

// More lines that name an account or a host in a place of their own.

// auditedRow looks at time,host,user,address,connection, of the audit log of
// MariaDB; the line begins at i with its time.
func (sc *scanner) auditedRow(i int) {
	b := sc.b
	end := min(sc.eol(i), i+400)
	h := i + len("20260302 00:47:02,")
	n := run(b, h, chKey)
	u := n + 1
	m := run(b, min(u, end), chKey)
	if n <= h || n >= end || b[n] != ',' || m < u || m >= end || b[m] != ',' || bytes.Count(b[m:end], []byte(",")) < 5 {
		return
	}
	sc.hostValue(h, n)
	sc.userName(u, m, ruleUserField)
}

// shareOf looks at //host/share /mnt, a line of fstab that begins at s.
func (sc *scanner) shareOf(s int) {
	b := sc.b
	n := run(b, s+2, chKey)
	if at(b, n) != '/' || n == s+2 || !is(at(b, n+1), chWord) {
		return
	}
	m := n
	for m < len(b) && b[m] > ' ' {
		m++
	}
	if p := run(b, m, chSpace); p == m || at(b, p) != '/' {
		return
	}
	if v := b[s+2 : n]; hasDigit(v) || bytes.IndexByte(v, '.') > 0 {
		if _, ok := scanIPv4(b, s+2); !ok {
			sc.hostValue(s+2, n)
		}
	}
}

// reviewed looks at the account in a line of Gerrit that begins with a bracket
// at s: [time] session [thread] jo a/12 LOGIN FROM.
func (sc *scanner) reviewed(s int) {
	b := sc.b
	end := min(sc.eol(s), s+256)
	k := bytes.IndexByte(b[s:end], ']')
	if k < 20 {
		return
	}
	p := s + k + 2
	n := run(b, min(p, end), chHex)
	if n-p != 8 || at(b, n) != ' ' || at(b, n+1) != '[' {
		return
	}
	if k = bytes.IndexByte(b[n:end], ']'); k < 0 {
		return
	}
	u := n + k + 2
	m := run(b, min(u, end), chKey)
	if m > u && (bytes.HasPrefix(b[m:], []byte(" a/")) || bytes.HasPrefix(b[m:], []byte(" - AUTH "))) {
		sc.userName(u, m, ruleUserField)
	}
}

// onHost looks at on host x, where the name of a host stands behind e.
func (sc *scanner) onHost(i, e int) {
	b := sc.b
	if at(b, e) != ' ' {
		return
	}
	s := e + 1
	n := sc.trimDot(s, run(b, s, chKey))
	v := b[s:n]
	switch string(lowerOf(sc.wordBefore(i), sc.lower[:])) {
	case "on", "at", "from", "for":
	case "the":
		if _, upper := caseOf(v); !machineLike(v) || !upper {
			return
		}
	default:
		return
	}
	if len(v) < 4 || !hasDigit(v) || !hasLetterByte(v) || !hostName(v) || fileName(v) || isUUID(v) || roleName(v) {
		return
	}
	if c := at(b, n); c > ' ' && c != '.' && c != ',' && c != ';' && c != ':' && c != ')' {
		return
	}
	if _, ok := scanIPv4(b, s); ok {
		return
	}
	if run(v, 0, chHex) < len(v) && (bytes.IndexByte(v, '-') > 0 || bytes.IndexByte(v, '.') > 0 || is(v[0], chAlpha)) {
		sc.hostValue(s, n)
	}
}

// underUsers reports whether the item of a list in which the line stands is one
// of users: users:, - id: x.
func (sc *scanner) underUsers() bool {
	b := sc.b
	indent := indentOf(b[sc.ls:])
	if at(b, sc.ls+indent) != '-' {
		return false
	}
	for pos, n := sc.ls, 0; pos > 0 && n < 24; n++ {
		e := pos - 1
		pos = lineStart(b, e)
		line := b[pos:e]
		k := indentOf(line)
		sc.charge(k)
		if k == len(line) || k > indent || k == indent && at(line, k) == '-' {
			continue
		}
		return bytes.HasPrefix(line[k:], []byte("users:")) && len(line) < k+8
	}
	return false
}

// localAccount looks at local-user x class manage, at user 'x' there with
// password 'y' is 'z' here, and at what follows the name of an exception.
func (sc *scanner) localAccount(i, e int) {
	b := sc.b
	switch lower(b[i]) {
	case 'l':
		if is(at(b, e), chSpace) {
			sc.commandHere(i)
		}
		p := run(b, e, chSpace)
		if n := run(b, p, chKey); p > e && hasDigit(b[p:n]) && sc.leads(i) && n < len(b) && b[n] <= ' ' {
			sc.userName(p, n, ruleUserField)
		}
	case 't':
		rest := b[e:min(sc.eol(e), e+200)]
		k := bytes.Index(rest, []byte(" is "))
		if !bytes.HasPrefix(rest, []byte(" with password ")) || k < 0 {
			return
		}
		if s, n, next := sc.argument(e + k + len(" is ")); n > s && bytes.HasPrefix(b[next:], []byte(" here")) {
			sc.userName(s, n, ruleUserField)
		}
	case 's':
		if at(b, e) == ':' && at(b, e+1) == ' ' {
			sc.domainUser(e + 2)
		}
	}
}
