package redact

import "bytes"

// Routers, switches, firewalls and storage are set up by lines of words: what
// is meant, words that say how the secret is written, the secret, options.

// deviceVerbs are the words that such lines begin with.
var deviceVerbs = setOf("set", "add", "config", "configure", "aaa", "radius", "radius-server", "radius-client", "tacacs", "tacacs-server", "hwtacacs", "hwtacacs-server", "ldap-server", "aaa-server", "snmp", "snmp-agent", "snmp-server", "enable", "username", "user", "local-user",
	"vrrp", "standby", "glbp", "hsrp", "neighbor", "peer", "crypto", "isakmp", "ike", "ipsec", "vpn", "tunnel-group", "group-policy", "ppp", "pppoe", "pppoe-client", "l2tp", "tunnel", "wpa", "wpa2", "wireless", "wlan", "wlan-config", "ip", "ipv6", "isis", "ospf", "area", "rip", "bgp", "ntp", "sntp", "nas-key", "super", "dot1x", "authentication",
	"primary", "secondary", "server", "key", "password", "community", "secret", "shared-secret", "create", "modify", "edit", "interface", "security", "system", "line", "login", "cipher", "mgmtuser", "vserver", "cluster", "host", "access", "service", "member", "client", "vpdn", "failover", "snmpv3", "net", "nv", "admin", "racadm", "request", "auth")

// deviceFillers are words between a name and its secret that say how it is
// written or what it may be used for.
var deviceFillers = setOf("read", "write", "ro", "rw", "rwa", "readonly", "readwrite", "read-only", "read-write", "create", "add", "string", "clear-text", "plain-text", "plaintext", "enc", "local", "hashed", "unencrypted", "unencrypted-password", "encryption", "des", "3des", "aes", "aes128", "aes192", "aes256", "aes-128", "aes-192", "aes-256", "sha", "sha1", "sha-1", "sha256", "sha-256", "sha512", "sha-512", "md5", "wpa2", "akm", "is", "set", "-encrypted")

// deviceLine reports whether the line before i is one of these.
func (sc *scanner) deviceLine(i int) bool {
	b := sc.b
	if i-sc.ls > 4096 { // what leads such a line is near
		return sc.deviceCommand(i)
	}
	s := run(b, sc.ls, chSpace)
	n := run(b, s, chKey)
	if c := at(b, n); !is(c, chSpace) && n < i { // a prompt, perhaps
		if c == '>' || c == '#' || c == ':' || c == '(' || c == '@' {
			for n < i && n-s < 48 && b[n] > ' ' {
				n++
			}
		}
		if n == s || n >= i || b[n-1] != '>' && b[n-1] != '#' {
			return sc.deviceCommand(i)
		}
		s = run(b, n, chSpace)
		n = run(b, s, chKey)
	}
	return n > s && n <= i && is(at(b, n), chSpace) && deviceVerbs.has(b[s:n]) || sc.deviceCommand(i)
}

// deviceCommand reports whether what is before i is the beginning of such a line
// in the log of a device, which says so: command 'set x y'.
func (sc *scanner) deviceCommand(i int) bool {
	b := sc.b
	low := max(sc.ls, i-512)
	k := max(bytes.LastIndexByte(b[low:i], '\''), bytes.LastIndexByte(b[low:i], '"'))
	if k < 8 {
		return false
	}
	s := low + k + 1
	n := run(b, s, chKey)
	if n >= i || b[n] != ' ' || !deviceVerbs.has(b[s:n]) {
		return false
	}
	e := low + k
	for e > low && (b[e-1] == ' ' || b[e-1] == '=' || b[e-1] == ':') {
		e--
	}
	return commandBefore.has(sc.lastWord(low, e))
}

// commandBefore are words before a command that a log quotes.
var commandBefore = setOf("command", "commands", "cmd", "executed", "execute", "executing", "running", "run", "ran", "entered", "typed", "cli", "cfgcmd")

// deviceWord looks at what stands behind a word b[i:e] that names a secret. A
// word that is sure names it in any line.
func (sc *scanner) deviceWord(i, e int, sure bool) bool {
	b := sc.b
	if !is(at(b, e), chSpace) || i > sc.ls && !is(b[i-1], chSpace) && !(sure && b[i-1] == '-') || !sure && !sc.deviceLine(i) {
		return false
	}
	end := min(sc.eol(e), e+512)
	p := run(b, e, chSpace)
	fillers, typed := 0, false
	for range 6 {
		n := run(b, p, chKey)
		w := b[p:n]
		if n == p || !is(at(b, n), chSpace) || !(allDigits(w) && len(w) < 6 || keyFillers.has(w) || deviceFillers.has(w)) {
			break
		}
		typed = len(w) == 1 && is(w[0], chDigit)
		fillers++
		p = run(b, n, chSpace)
	}
	if p >= end {
		return false
	}
	s, n, next := sc.argument(p)
	quoted := s > p
	if !quoted {
		for n > s && (b[n-1] == ';' || b[n-1] == ',') {
			n--
		}
		if n-s > 8 && is(b[s], chDigit) && b[s+1] == ',' { // how it is enciphered
			s += 2
		}
	}
	v := b[s:n]
	if len(v) < 4 || next > end || at(b, run(b, next, chSpace)) == '{' || dealtWith(v) || statusWord(v) || isPath(v) || keptIn(v) || placeholder(v) && !typed {
		return false
	}
	switch {
	case quoted && (hasDigit(v) || hasSign(v) || fillers > 0 || sure) && !proseText(v) && !reference(v):
	case quoted, codeLike(v), reference(v), cipherName(v) && !hasPseudonym(v), isUUID(v), bytes.IndexByte(v, '=') > 0 && otherField(v), v[0] == '-' || v[0] == '<' || v[0] == '[' || v[0] == '(' || v[0] == '|', v[len(v)-1] == ':' || v[len(v)-1] == '.', sc.optionOf(v), dashed(v) && !secretWord(v) && !(lower(b[i]) != 'k' && endsInNumber(v) && next >= end && len(v) >= 8):
		return false
	case !sure && fillers == 0 && lower(b[i]) == 'k' && !secretWord(v):
		return false
	case !(hasDigit(v) && hasLetterByte(v)) && !(hasSign(v) && hasLetterByte(v) && len(v) > 7) && !(typed && len(v) >= 8):
		return false
	}
	if _, ok := scanIPv4(b, s); ok {
		return false
	}
	if _, ok := scanIPv6(b, s); ok && !hasPseudonym(v) {
		return false
	}
	if ts, te, c, r, ok := matchToken(b, s); ok && ts == s && te == n {
		sc.emit(s, n, c.id(), r, 0)
		return true
	}
	sc.emit(s, n, cPassword, ruleDirective, spanLearn)
	return true
}

// cipherName reports whether v is the name of a cipher, a digest, a group, a
// version or a port rather than a secret: aes-256-cbc, sha256, group14, ge-0/0/1.
func cipherName(v []byte) bool {
	k := run(v, 0, chAlpha)
	if !algorithms.has(v[:k]) {
		return k == 1 && v[0]|0x20 == 'v' && len(v) < 4
	}
	for ; k < len(v); k++ {
		if !is(v[k], chDigit) && v[k] != '-' && v[k] != '/' && v[k] != '_' && v[k] != '.' {
			n := run(v, k, chAlpha)
			if n == k || n-k > 4 {
				return false
			}
			k = n - 1
		}
	}
	return true
}

var algorithms = setOf("aes", "sha", "md", "des", "hmac", "group", "dh", "rsa", "ecdsa", "dsa", "ecdh", "ed", "x", "chacha", "camellia", "level", "type", "id", "index", "port", "ipv", "eth", "ge", "xe", "et", "gi", "te", "fa", "vlan", "wlan", "lan", "wan", "ike", "ikev", "tls", "tlsv", "ssl", "wpa", "vpn", "profile", "policy", "server", "client", "host", "node", "zone", "chain", "keychain", "table", "acl", "rule", "list", "view", "role", "pool", "ip", "mschap", "mschapv", "pbkdf", "scrypt", "bcrypt", "crypt", "gcm", "cbc", "nt", "lm", "rc", "suiteb", "prf", "secp", "prime", "curve", "modulus", "version", "ssh", "radius", "tacacs", "loopback", "tunnel", "peer", "tenant", "site", "vrf", "asn", "as", "key", "slot", "unit", "user", "admin")

// afterASCII looks at ascii x in a line that speaks of a key: set-key ascii w
// x y 10, where what stands before the last number is the key.
func (sc *scanner) afterASCII(i, e int) {
	b := sc.b
	if !is(at(b, e), chSpace) || i == sc.ls || !is(b[i-1], chSpace) {
		return
	}
	said := b[sc.ls:i]
	p, end := run(b, e, chSpace), sc.eol(e)
	if hasSuffixFold(bytes.TrimRight(said, " "), "set-key") {
		for end > p && (is(b[end-1], chSpace|chQuote) || b[end-1] == '\r' || b[end-1] == '}' && is(at(b, end-2), chQuote)) {
			end--
		}
		if k := bytes.LastIndexByte(b[p:end], ' '); k > 1 && allDigits(b[p+k+1:end]) {
			end = p + k
		} else {
			if d := run(b, p, chDigit); d == p+1 && at(b, d) == ' ' { // how it is written
				p = d + 1
			}
			_, end, _ = sc.argument(p)
		}
		if p < end && !statusWord(b[p:end]) && !isPath(b[p:end]) {
			sc.hideSecret(p, end, cPassword, ruleDirective)
			sc.skip = max(sc.skip, end)
		}
		return
	}
	if sc.deviceLine(i) && (mentions(said, "key") || mentions(said, "radius") || mentions(said, "tacacs") || mentions(said, "psk")) {
		sc.deviceWord(i, e, true)
	}
}

// deviceAccount looks at set system user x y and add system user x y, of which
// y is the password or its hash.
func (sc *scanner) deviceAccount(e int) bool {
	b := sc.b
	const of = " system user "
	if !hasPrefixFold(b[e:], of) {
		return false
	}
	u := run(b, e+len(of), chSpace)
	n := run(b, u, chKey)
	p := run(b, n, chSpace)
	if n == u || p == n || at(b, p) == '-' || p >= sc.eol(n) {
		return false
	}
	s, t, _ := sc.argument(p)
	if v := b[s:t]; len(v) < 4 || statusWord(v) || placeholder(v) || dealtWith(v) || !hasDigit(v) && !hasSign(v) && !bytes.HasPrefix(b[t:], []byte(" -")) {
		return false
	}
	sc.userName(u, n, ruleUserField)
	sc.hideSecret(s, t, cPassword, ruleDirective)
	return true
}

// behindAddress looks at the comma at e, behind an address.
func (sc *scanner) behindAddress(e int) {
	b := sc.b
	if is(at(b, e+1), chDigit) {
		sc.besideServer(e)
		return
	}
	n := run(b, e+1, chKey) // 10.8.0.6,name,10.0.0.1:1194,since of OpenVPN
	if n == e+1 || at(b, n) != ',' {
		return
	}
	if p, ok := scanIPv4(b, n+1); ok && at(b, p) == ':' {
		if d := run(b, p+1, chDigit); d > p+1 && at(b, d) == ',' {
			sc.userName(e+1, n, ruleUserField)
		}
	}
}

// besideServer looks at what follows the address of a server that ends at e, its
// port and its secret: 10.0.0.1,1812,x,3.
func (sc *scanner) besideServer(e int) {
	b := sc.b
	n := run(b, e+1, chDigit)
	switch string(b[e+1 : n]) {
	case "1812", "1813", "1645", "1646", "49", "3799":
	default:
		return
	}
	if at(b, n) != ',' {
		return
	}
	t := n + 1
	for t < len(b) && b[t] > ' ' && b[t] != ',' && b[t] != ';' && !is(b[t], chQuote) {
		t++
	}
	if v := b[n+1 : t]; len(v) >= 5 && hasLetterByte(v) && (hasDigit(v) || hasSign(v)) && !dealtWith(v) && !isPath(v) {
		sc.hideSecret(n+1, t, cPassword, ruleDirective)
	}
}

// authenticatedBy reports whether a word that says how a secret is written
// stands at e: authentication text x.
func (sc *scanner) authenticatedBy(e int) bool {
	b := sc.b
	p := run(b, e, chSpace)
	n := run(b, p, chKey)
	switch string(b[p:n]) {
	case "text", "simple", "md5", "plain", "key":
		return true
	}
	return n > p && n-p < 12 && algorithm(string(lowerOf(b[p:n], sc.lower[:])))
}

// keyVerbs are words of devices that say what is done with keys, or with
// communities.
var keyVerbs = setOf("generate", "zeroize", "import", "export", "chain", "pubkey-chain", "mypubkey", "pubkey", "trustpoint", "decrypt", "lock", "unlock", "storage", "accessmode", "ipaddr", "create", "delete", "enable", "disable", "complexity-check", "map", "context")

// routerMenu is the line that says what menu of RouterOS the one up to i stands
// in: its own, or one above that begins with a slash; or it is nil.
func (sc *scanner) routerMenu(i int) []byte {
	b := sc.b
	if b[sc.ls] == '/' {
		return b[sc.ls:i]
	}
	if line := b[sc.ls:i]; !bytes.HasPrefix(line, []byte("add ")) && !bytes.HasPrefix(line, []byte("set ")) {
		return nil
	}
	pos := sc.ls
	for range 16 {
		if pos == 0 {
			break
		}
		s := lineStart(b, pos-1)
		if b[s] == '/' {
			return b[s:pos]
		}
		if pos-s > 512 || !bytes.HasPrefix(b[s:], []byte("add ")) && !bytes.HasPrefix(b[s:], []byte("set ")) {
			break
		}
		pos = s
	}
	return nil
}

// optionOf reports whether v is an option of a device's command that names a
// secret, as key-string does, rather than a secret that was named for what it
// is, as OspfKey1.
func (sc *scanner) optionOf(v []byte) bool {
	return sc.decide(v) != keyNone && (!hasDigit(v) || bytes.ContainsAny(v, "-_"))
}
