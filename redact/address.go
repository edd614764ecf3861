package redact

import (
	"bytes"
	"net/netip"
)

// The scanners of addresses look at one place of a text and say whether an
// address begins there and where it ends. They look around: a run of numbers
// and dots is an address, a version, an object id or part of a file name, and
// only its surroundings tell. Ports, prefix lengths, zones and brackets are
// not part of an address and stay.

// scanIPv4 finds a dotted quad at b[i]. Loopback and its like are found too;
// addressStays tells them.
func scanIPv4(b []byte, i int) (end int, ok bool) {
	if !has(b, i, setDigit) {
		return 0, false
	}
	q, end, ok := quadAt(b, i)
	if !ok {
		return 0, false
	}
	// Where a version or a name would look the same, only an address that
	// is unlikely to be one of those is taken.
	doubt := false
	if i > 0 {
		switch c := b[i-1]; {
		case c == '.':
			return 0, false
		case has(b, i-1, setWord) && !escapeEnds(b, i):
			if c != '_' && !gluedFlag(b, i) {
				return 0, false
			}
			doubt = c == '_'
		case c == '-' && i >= len(pseudonymIP4) && string(b[i-len(pseudonymIP4):i]) == pseudonymIP4:
			return 0, false
		case c == '-' && has(b, i-2, setWord):
			// The other end of a range, unless it is a range of versions.
			other, ok := quadBefore(b, i-1)
			if ok && versionBefore(b, other) {
				return 0, false
			}
			doubt = !ok
		case c == '/' && has(b, i-2, setAlnum):
			if productVersion(b, i, end, q) {
				return 0, false
			}
		case c == '+' || c == '~':
			doubt = true
		case c == ':' && has(b, i-2, setDigit) && !has(b, i-3, setWord) && (i < 3 || b[i-3] != ':'): // the epoch of a package, 1:2.3.4.5-1
			if versionBefore(b, i-2) {
				return 0, false
			}
			doubt = true
		}
	}
	if end < len(b) {
		switch c := b[end]; {
		case charSets[c]&setWord != 0:
			if c != '_' {
				return 0, false
			}
			doubt = true
		case c == '.' && has(b, end+1, setWord):
			if !quadInName(b, end) && !dumpPort(b, i, end) {
				return 0, false
			}
		case (c == '-' || c == '+' || c == '~') && has(b, end+1, setAlnum):
			if _, _, next := quadAt(b, end+1); c != '-' || !next {
				doubt = true
			}
			if e := endOf(b, end+1, setDigit); c == '+' && q[0] >= 10 && e-end > 2 && e-end < 7 && !has(b, e, setWord) && !(e < len(b) && (b[e] == '.' || b[e] == '-' || b[e] == '~')) { // a port, of Junos
				doubt = false
			}
		}
	}
	if doubt && !q.unlikelyVersion() || versionBefore(b, i) {
		return 0, false
	}
	return end, true
}

type quad [4]byte

// unlikelyVersion reports whether q would be a strange version number: a
// private address of the ranges that people know by heart, or large numbers.
func (q quad) unlikelyVersion() bool {
	large := 0
	for _, o := range q {
		if o >= 64 {
			large++
		}
	}
	return large >= 2 || q[0] == 172 && q[1]&0xf0 == 16
}

// quadAt parses four decimal octets. Leading zeros are taken only in octets of
// three digits where the first has three as well, as some programs pad them.
func quadAt(b []byte, i int) (q quad, end int, ok bool) {
	first := i
	for k := range q {
		if k > 0 {
			if i >= len(b) || b[i] != '.' {
				return q, 0, false
			}
			i++
		}
		start, n := i, 0
		for i < len(b) && i-start < 4 && charSets[b[i]]&setDigit != 0 {
			n = 10*n + int(b[i]-'0')
			i++
		}
		if i == start || n > 255 || i-start > 3 {
			return q, 0, false
		}
		if b[start] == '0' && i-start > 1 && (i-start != 3 || b[first+1] == '.' || b[first+2] == '.') {
			return q, 0, false
		}
		q[k] = byte(n)
	}
	return q, i, true
}

// quadBefore returns where the dotted quad that ends right before b[end]
// begins, as in a range of addresses.
func quadBefore(b []byte, end int) (start int, ok bool) {
	start = end
	for start > 0 && end-start < 15 && (has(b, start-1, setDigit) || b[start-1] == '.') {
		start--
	}
	_, e, ok := quadAt(b, start)
	return start, ok && e == end && !has(b, start-1, setWord)
}

// gluedFlag reports whether b[i] is the argument of an option written without
// a space, -h10.0.0.1.
func gluedFlag(b []byte, i int) bool {
	return i >= 2 && b[i-2] == '-' && b[i-1] != 'v' && b[i-1] != 'V' && has(b, i-1, setUpper|setLower) &&
		(i == 2 || b[i-3] == ' ' || b[i-3] == '\t' || b[i-3] == '"' || b[i-3] == '\'')
}

// productVersion reports whether the quad after a slash is the version of the
// product named before it (Chrome/120.0.0.0) and not the address of a host
// (node1/10.0.0.1:9042) or in a path.
func productVersion(b []byte, i, end int, q quad) bool {
	if end < len(b) && b[end] == ':' && has(b, end+1, setDigit) {
		return false
	}
	start := i - 1
	for start > 0 && has(b, start-1, setUpper|setLower) {
		start--
	}
	if start == i-1 || has(b, start-1, setLabel) || has(b, start-1, setWord) ||
		start > 0 && (b[start-1] == '.' || b[start-1] == '/') {
		return false
	}
	if string(b[start:i-1]) == "DIRECT" { // Squid
		return false
	}
	if q[2] == 0 && q[3] == 0 && q[0] != 10 && q[0] != 172 && q[0] != 192 {
		return true
	}
	return has(b, start, setUpper) && !q.unlikelyVersion() && q[0] != 10
}

// quadInName reports whether the quad before b[end] is the host part of a name
// made from it: a reverse name, a wildcard service, a block list query.
func quadInName(b []byte, end int) bool {
	e := end
	for e < len(b) && (has(b, e, setLabel) || b[e] == '.') && e-end < 64 {
		e++
	}
	rest := b[end:e]
	for _, name := range [...]string{".in-addr.arpa", ".nip.io", ".sslip.io", ".xip.io", ".zen.", ".dnsbl.", ".bl.", ".dul.", ".sbl.", ".rbl.", ".dnswl.", ".list.", ".log"} {
		if len(rest) >= len(name) && bytes.EqualFold(rest[:len(name)], []byte(name)) {
			return true
		}
	}
	return false
}

// dumpPort reports whether what follows the quad is a port in the manner of
// tcpdump, "IP 10.0.0.1.443 > 10.0.0.2.51234: Flags", or of BSD's netstat.
func dumpPort(b []byte, i, end int) bool {
	e := endOf(b, end+1, setURL64)
	if e == end+1 || e < len(b) && b[e] == '.' && has(b, e+1, setWord) {
		return false
	}
	if at(b, e) == ' ' && run(b, end+1, chDigit) == e { // netstat of BSD: tcp4  0  0  10.0.0.1.22  10.0.0.2.51234  ESTABLISHED
		if line := b[lineStart(b, i):i]; len(line) < 80 && (bytes.HasPrefix(line, []byte("tcp")) || bytes.HasPrefix(line, []byte("udp"))) {
			return true
		}
	}
	return bytes.HasPrefix(b[e:], []byte(" > ")) || bytes.HasSuffix(b[:i], []byte(" > ")) && e < len(b) && b[e] == ':'
}

// runBackOf is where the figures and dots that end before b[e] begin.
func runBackOf(b []byte, e int) int {
	for e > 0 && (b[e-1] == '.' || is(b[e-1], chDigit)) {
		e--
	}
	return e
}

// fourNumbers reports whether v is four numbers with dots between them that
// are no address.
func fourNumbers(v []byte) bool {
	dots, most, n := 0, 0, 0
	for _, c := range v {
		if c == '.' {
			dots++
			n = 0
			continue
		}
		n = n*10 + int(c-'0')
		most = max(most, n)
	}
	return dots == 3 && most > 255 && v[0] != '.' && v[len(v)-1] != '.'
}

// versionBefore reports whether the word before b[i] says that a version or
// something else of numbers and dots follows: version="1.2.3.4", section 1.2.3.4.
func versionBefore(b []byte, i int) bool {
	if i > 10 && b[i-1] == ' ' && (b[i-2] == '>' || b[i-2] == 'o' && b[i-3] == 't') { // version 1.2.3.4 -> 1.2.4.0
		k := i - 2
		for k > i-5 && b[k] != ' ' {
			k--
		}
		if other, ok := quadBefore(b, k); ok && b[k] == ' ' && versionBefore(b, other) {
			return true
		}
		if b[k] == ' ' && fourNumbers(b[runBackOf(b, k):k]) { // 4.1.0.412 to 4.2.0.116
			return true
		}
	}
	if i > 8 && string(b[i-8:i]) == "<string>" { // of a property list
		ls := lineStart(b, i)
		if above := bytes.TrimRight(b[lineStart(b, max(ls-1, 0)):max(ls-1, 0)], "\r \t"); bytes.HasSuffix(above, []byte("Version</key>")) || bytes.HasSuffix(above, []byte("VersionString</key>")) {
			return true
		}
	}
	end := i
	for end > 0 && i-end < 8 && !has(b, end-1, setWord) {
		switch b[end-1] {
		case ' ', '=', ':', '"', '\'', '(', '>', '#', '\t', '\\', '[':
			end--
		default:
			return false
		}
	}
	start := end
	for start > 0 && end-start < 16 && has(b, start-1, setWord) {
		start--
	}
	var word [16]byte
	w := appendLower(word[:0], b[start:end])
	if bytes.HasSuffix(w, []byte("version")) {
		return true
	}
	switch string(w) {
	case "number", "no", "string": // version number: 9.0.77.0
		k := start
		for k > 0 && (b[k-1] == ' ' || b[k-1] == '.' || b[k-1] == '_') {
			k--
		}
		return k < start && hasSuffixFold(b[max(0, k-8):k], "version")
	case "fw", "sw": // a firmware; fw=10.0.0.1 is a firewall
		return b[end] != '='
	case "ver", "release", "rel", "rev", "revision", "build", "firmware", "driver", "bios",
		"section", "chapter", "clause", "oid", "rfc", "versions", "img":
		return true
	}
	return false
}

// scanIPv6 finds an address in any form of RFC 4291 section 2.2 at b[i].
func scanIPv6(b []byte, i int) (end int, ok bool) {
	if i >= len(b) || charSets[b[i]]&setHex == 0 && b[i] != ':' {
		return 0, false
	}
	labelled := false
	if i > 0 {
		switch c := b[i-1]; {
		case c == '.':
			return 0, false
		case c == ':':
			labelled = true
			// After a label that cannot be a group of the address itself.
			if b[i] == ':' || !labelBefore(b, i-1) {
				return 0, false
			}
		case has(b, i-1, setWord) && !escapeEnds(b, i):
			return 0, false
		}
	}
	a, ok := ip6At(b, i)
	if ok && i > 5 && b[i-1] == '-' && b[i-5] == '-' && has(b, i+3, setDigit) && b[i+4] == ':' && charSets[b[i-2]]&charSets[b[i-3]]&setLower != 0 { // 13-Mar-2026::17:44:01 of Erlang
		return 0, false
	}
	if !ok {
		return 0, false
	}
	end, gap := a.end, a.gap >= 0
	switch {
	case has(b, end, setWord):
		return 0, false
	case end < len(b) && b[end] == ':' && has(b, end+1, setAlnum):
		// A ninth group: a port after a full address, else something else.
		e := endOf(b, end+1, setDigit)
		if gap || a.digits < 12 || e-end > 6 || e == end+1 || has(b, e, setWord) || e < len(b) && b[e] == ':' {
			return 0, false
		}
	case end+1 < len(b) && b[end] == ':' && b[end+1] == ':':
		return 0, false
	case end < len(b) && b[end] == '.' && has(b, end+1, setAlnum) && !has(b, end+1, setDigit):
		return 0, false
	}
	first := endOf(b, i, setHex) - i
	if end-2 > i && b[end-1] == ':' && a.letters == 0 && (labelled || end < len(b) && b[end] == '/' && !has(b, end+1, setDigit)) {
		return 0, false // fields of a line of passwd: x:1000:1000::/home
	}
	if !gap {
		// Eight groups of two are a hardware address or a digest.
		if a.digits == 2*a.groups || a.digits < 12 && first != 4 {
			return 0, false
		}
		return end, true
	}
	// a::b is a scope of C++ or Rust. An address begins with a whole group, or
	// has several, and digits; a short prefix stands alone (64::, fd::).
	digits := a.letters < a.digits
	switch {
	case first == 0:
		return end, a.digits == 0 || digits
	case first == 4 || a.groups > 2:
		return end, digits || first == 4 && a.groups > 2
	}
	return end, first > 1 && end == i+first+2 && digits && !has(b, end, setURL64)
}

// labelBefore reports whether what ends before b[end] is no group of an IPv6
// address.
func labelBefore(b []byte, end int) bool {
	if end > 0 && !has(b, end-1, setWord) {
		return b[end-1] != ':' && b[end-1] != '.'
	}
	start, hex := end, true
	for start > 0 && end-start < 32 && has(b, start-1, setWord) {
		start--
		hex = hex && charSets[b[start]]&setHex != 0
	}
	return end > start && !(start > 0 && b[start-1] == ':') && (!hex || end-start > 4)
}

// ip6Text is what an IPv6 address was written with.
type ip6Text struct {
	words   [8]uint16
	groups  int // how many words were written, two for a dotted quad
	gap     int // how many stand before the "::", -1 without one
	digits  int // hex digits, eight for a dotted quad
	letters int // of them, a to f
	end     int
}

// ip6At parses an address at b[i].
func ip6At(b []byte, i int) (a ip6Text, ok bool) {
	start := i
	a.gap = -1
	if i < len(b) && b[i] == ':' {
		if i+1 >= len(b) || b[i+1] != ':' {
			return a, false
		}
		a.gap = 0
		i += 2
	}
	for {
		g := i
		word := uint16(0)
		for i < len(b) && i-g < 5 && charSets[b[i]]&setHex != 0 {
			c := b[i]
			if c > '9' {
				a.letters++
				c = c&^0x20 - 'A' + 10 + '0'
			}
			word = word<<4 | uint16(c-'0')
			i++
		}
		n := i - g
		if n > 4 {
			return a, false
		}
		if n > 0 && i < len(b) && b[i] == '.' && a.groups <= 6 && (a.gap >= 0 || a.groups == 6) {
			if q, e, quad := quadAt(b, g); quad && !has(b, e, setWord) && (e >= len(b) || b[e] != '.' || !has(b, e+1, setWord)) {
				a.words[a.groups] = uint16(q[0])<<8 | uint16(q[1])
				a.words[a.groups+1] = uint16(q[2])<<8 | uint16(q[3])
				a.groups, a.digits, i = a.groups+2, a.digits+8, e
				break
			}
		}
		if n == 0 {
			// Only after "::" may nothing follow; another colon ends a clause.
			if a.gap < 0 || i < start+2 || b[i-1] != ':' || b[i-2] != ':' {
				i--
			}
			break
		}
		a.words[a.groups] = word
		a.groups, a.digits = a.groups+1, a.digits+n
		if a.groups == 8 || i >= len(b) || b[i] != ':' {
			break
		}
		if i+1 < len(b) && b[i+1] == ':' {
			if a.gap >= 0 {
				break
			}
			a.gap = a.groups
			i++
		}
		i++
	}
	a.end = i
	return a, a.gap >= 0 && a.groups <= 7 || a.gap < 0 && a.groups == 8
}

// addr is the address that the text says.
func (a *ip6Text) addr() netip.Addr {
	var raw [16]byte
	for k, w := range a.words[:a.groups] {
		at := 2 * k
		if a.gap >= 0 && k >= a.gap {
			at += 2 * (8 - a.groups)
		}
		raw[at], raw[at+1] = byte(w>>8), byte(w)
	}
	return netip.AddrFrom16(raw)
}

// scanMAC finds a hardware address of six octets at b[i]: with colons or
// dashes between octets, or with dots or dashes between groups of four digits.
func scanMAC(b []byte, i int) (end int, ok bool) {
	n := endOf(b[:min(len(b), i+5)], i, setHex) - i
	if n == 0 || n > 4 || n == 3 || i+n >= len(b) {
		return 0, false
	}
	sep := b[i+n]
	if i > 0 && (has(b, i-1, setWord) && !escapeEnds(b, i) || b[i-1] == sep && has(b, i-2, setHex) && !packetMAC(b, i) && !clientID(b, i, sep)) {
		return 0, false
	}
	if n == 4 {
		if sep != '.' && sep != '-' || i > 0 && (b[i-1] == '.' || sep == '-' && b[i-1] == '-') {
			return 0, false
		}
		end = i + 14
		if len(b) < end || b[i+9] != sep || endOf(b[:end], i+5, setHex) != i+9 || endOf(b[:end], i+10, setHex) != end ||
			wordGoesOn(b, end, sep) {
			return 0, false
		}
		// All digits is a number in groups, a part of a card or a phone, and
		// with dashes letters alone are words, unless the line says what it is.
		v := b[i:end]
		if sep == '.' && (hasLetter(v) || v[0] == '0') || sep == '-' && (mixedHex(v[:4]) || mixedHex(v[5:9]) || mixedHex(v[10:])) {
			return end, true
		}
		return end, hardwareBefore(b, i)
	}
	if sep != ':' && sep != '-' {
		return 0, false
	}
	digits, padded := 0, false
	end = i
	for g := range 6 {
		if g > 0 {
			if end >= len(b) || b[end] != sep {
				return 0, false
			}
			end++
		}
		n := endOf(b[:min(len(b), end+3)], end, setHex) - end
		if n == 0 || n > 2 {
			return 0, false
		}
		digits += n
		padded = padded || n == 2 && b[end] == '0'
		end += n
	}
	if wordGoesOn(b, end, sep) && !packetMAC(b, i) {
		return 0, false
	}
	switch {
	case digits < 12: // BSD leaves leading zeros out
		return end, sep == ':' && digits >= 8 && !padded && hasLetter(b[i:end])
	case sep == '-':
		return end, !dateTime(b[i:end])
	}
	return end, true
}

// mixedHex reports whether there are letters and digits in v.
func mixedHex(v []byte) bool {
	n := 0
	for _, c := range v {
		if charSets[c]&setDigit != 0 {
			n++
		}
	}
	return n > 0 && n < len(v)
}

// hardwareBefore reports whether the words before b[i] say that a hardware
// address follows: address is 5087.1001.2002 (bia 5087.1001.2002).
func hardwareBefore(b []byte, i int) bool {
	k := i
	for k > 0 && i-k < 8 && !has(b, k-1, setWord) && b[k-1] != '\n' {
		k--
	}
	w := lineStart(b, i)
	w = max(w, k-24)
	for _, word := range [...]string{"bia", "mac", "hardware address", "address is", "mac address", "mac_address", "macaddr", "hwaddr", "bridge id", "chassis id", "chassis-id"} {
		if hasSuffixFold(b[w:k], word) {
			return true
		}
	}
	return false
}

// wordGoesOn reports whether the token that was read up to b[end] goes on.
func wordGoesOn(b []byte, end int, sep byte) bool {
	return has(b, end, setWord) || end < len(b) && b[end] == sep && has(b, end+1, setAlnum)
}

// clientID reports whether b[i] stands behind the 01 by which the identifier of
// a DHCP client says that the rest of it is a hardware address: 01:02:42:ac:11:00:02.
func clientID(b []byte, i int, sep byte) bool {
	return i >= 3 && b[i-1] == sep && b[i-2] == '1' && b[i-3] == '0' && (i == 3 || !has(b, i-4, setWord) && b[i-4] != sep)
}

// packetMAC reports whether b[i] begins the destination or the source in the
// fourteen octets that a Linux packet filter logs as MAC=.
func packetMAC(b []byte, i int) bool {
	for _, at := range [...]int{i, i - 18} {
		if at < 4 || string(b[at-4:at]) != "MAC=" || len(b) < at+41 {
			continue
		}
		for k := range 41 {
			if k%3 == 2 && b[at+k] != ':' || k%3 != 2 && !has(b, at+k, setHex) {
				return false
			}
		}
		return !has(b, at+41, setWord) && (len(b) == at+41 || b[at+41] != ':')
	}
	return false
}

func hasLetter(b []byte) bool {
	for _, c := range b {
		if charSets[c]&(setUpper|setLower) != 0 {
			return true
		}
	}
	return false
}

// dateTime reports whether six pairs of digits can be yy-mm-dd-hh-mm-ss.
func dateTime(b []byte) bool {
	limits := [...]byte{99, 12, 31, 23, 59, 60}
	for k, limit := range limits {
		hi, lo := b[3*k], b[3*k+1]
		if charSets[hi]&charSets[lo]&setDigit == 0 || 10*(hi-'0')+lo-'0' > limit {
			return false
		}
	}
	return true
}

// addressStays reports whether text, an address found by one of the scanners,
// identifies nobody and is left in clear: unspecified, loopback, the limited
// broadcast, a netmask or its inverse; a MAC of zeros or of ones.
func addressStays(text []byte) bool {
	addr, ok := parseAddress(text)
	if !ok {
		zeros, ones := true, true
		for _, c := range text {
			if charSets[c]&setHex != 0 {
				zeros, ones = zeros && c == '0', ones && c|0x20 == 'f'
			}
		}
		return zeros || ones
	}
	if addr.IsLoopback() || addr.IsUnspecified() {
		return true
	}
	if k := len("::1:"); len(text) > k && len(text) < k+6 && string(text[:k]) == "::1:" && endOf(text, k, setDigit) == len(text) { // a port, of netstat
		return true
	}
	raw := addr.AsSlice()
	return mask(raw, 0xff) || raw[0] == 0 && addr.Is4() && mask(raw, 0)
}

// mask reports whether raw is a netmask of at least a whole octet or, with
// first 0, the inverse of one.
func mask(raw []byte, first byte) bool {
	k := 0
	for k < len(raw) && raw[k] == first {
		k++
	}
	if k == 0 || k == len(raw) {
		return k > 0 // all ones: broadcast
	}
	edge := raw[k] ^ first // a netmask's ones end within this octet
	if edge&(edge+1) != 0 {
		return false
	}
	for _, o := range raw[k+1:] {
		if o != ^first {
			return false
		}
	}
	return true
}

// parseAddress parses what the scanners find, IPv4-mapped addresses as IPv4.
func parseAddress(text []byte) (netip.Addr, bool) {
	if q, end, ok := quadAt(text, 0); ok && end == len(text) {
		return netip.AddrFrom4(q), true
	}
	a, ok := ip6At(text, 0)
	if !ok || a.end != len(text) {
		return netip.Addr{}, false
	}
	return a.addr().Unmap(), true
}
