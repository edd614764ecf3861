package redact

import "bytes"

// A name tells whose it is by the object that it stands in: {"user":{"id":4,
// "name":"x"}}, "host": {"os": {...}, "name": "db1"}, "users": [{"name": "x"}].
// Elastic's common schema, OCSF and the audit logs of most services write so.

// maxHolder is how far before a name the object's own key is looked for.
const maxHolder = 400

// holder is where the key of the object stands in which b[k] begins a key,
// perhaps within a list; s is e where there is none.
func (sc *scanner) holder(k int) (s, e int) {
	b := sc.b
	depth, low := 0, max(0, k-maxHolder)
	sc.charge(k - low)
	for k--; k > low; k-- {
		switch b[k] {
		case '<': // in a document
			return 0, 0
		case '}', ']':
			depth++
		case '{', '[':
			if depth > 0 {
				depth--
				continue
			}
			p := backBlanks(b, k, low)
			if p > low && (b[p-1] == '[' || b[p-1] == ',') { // in a list
				continue
			}
			if p-2 > low && b[p-1] == '>' && b[p-2] == '=' { // Ruby's and PHP's arrow
				p--
			}
			if p <= low || b[p-1] != ':' && b[p-1] != '=' {
				return 0, 0
			}
			e = backBlanks(b, p-1, low)
			for e > low && (is(b[e-1], chQuote) || b[e-1] == '\\') { // JSON in a string has it, too
				e--
			}
			return runBack(b, e, max(low, e-40), chKey), e
		}
	}
	return 0, 0
}

// backBlanks is where the blanks and line ends before b[k] begin.
func backBlanks(b []byte, k, low int) int {
	for k > low && (is(b[k-1], chSpace) || b[k-1] == '\n' || b[k-1] == '\r') {
		k--
	}
	return k
}

// heldName hides the value of a name in an object where the object is
// somebody's or a machine's, and reports whether it is.
func (sc *scanner) heldName(f *field, v value, text []byte) bool {
	b := sc.b
	g, m := gradeOf(text), machineLike(text)
	if bytes.IndexByte(text, '\\') > 0 && account(text) {
		g = certainName
	}
	if g == noName && !m && !hostName(text) || sc.decide(text).secret() {
		return false
	}
	s, e := sc.holder(f.start)
	for n := 0; s < e && n < 3; n++ {
		key := b[s:e]
		switch string(lowerOf(key, sc.lower[:])) {
		case "audit", "effective", "saved", "filesystem", "real": // of the user of an event
			s, e = sc.holder(s)
			continue
		case "users", "member", "members":
			return g > noName && sc.namesUser(v)
		case "account":
			return g == certainName && sc.namesUser(v)
		case "host", "beat", "observer", "src_endpoint", "dst_endpoint":
			sc.hostValue(v.start, v.end)
			return true
		case "agent":
			if near := b[max(s, f.start-200):min(v.end+200, len(b))]; m || bytes.Contains(near, []byte(`"ephemeral_id"`)) || bytes.Contains(near, []byte(`"ip"`)) {
				sc.hostValue(v.start, v.end)
				return true
			}
			return false
		case "device", "node", "server", "machine", "computer", "vm", "endpoint", "source", "destination", "client", "instance", "asset":
			if m {
				sc.hostValue(v.start, v.end)
			}
			return m
		}
		if kind := sc.decide(key); kind == keyUser || kind == keyActor {
			return g > noName && sc.namesUser(v)
		}
		return false
	}
	return false
}

// namesUser hides v as the name of an account.
func (sc *scanner) namesUser(v value) bool {
	sc.userValue(v)
	return true
}

// quotedItems calls hide for each text in quotes of a list that begins at p.
func (sc *scanner) quotedItems(p int, hide func(s, e int)) {
	b := sc.b
	end := min(len(b), p+2048)
	for p++; p < end; {
		switch c := b[p]; {
		case is(c, chSpace) || c == ',' || c == '\n' || c == '\r' || c == '\\':
			p++
		case is(c, chQuote):
			n := p + 1
			for n < end && b[n] != c && b[n] != '\n' && b[n] != '\\' {
				n++
			}
			if n >= end || b[n] == '\n' {
				return
			}
			hide(p+1, n)
			sc.charge(n - p)
			for p = n; at(b, p) == '\\'; p++ {
			}
			if at(b, p) != c {
				return
			}
			p++
		default:
			return
		}
	}
}

// machineLike reports whether v is called as a machine is and as nothing else:
// KONTOR-SRV4, DESKTOP-ABCDEF, SRVFRA12; and not eth0, sda or web.
func machineLike(v []byte) bool {
	if len(v) < 5 || !hostName(v) || notMachines.has(v) || isUUID(v) || fileName(v) {
		return false
	}
	if bytes.IndexByte(v, '-') < 0 {
		return machine(v)
	}
	_, upper := caseOf(v)
	return (hasDigit(v) || upper) && hasLetterByte(v) && !(len(v) > 16 && run(v, 0, chHex|chDigit) == len(v))
}
