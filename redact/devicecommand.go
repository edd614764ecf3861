package redact

import "bytes"

// A command of a router, a switch, a firewall or a disk array is a line of
// bare words: a verb, what is set up, names of arguments and the arguments.
// Where such a line says what it sets up, any word may be a password in it:
//
//	neighbor 192.0.2.1 password tornado
//	snmp-agent community read simple dolphin
//	set system login user maria authentication plain-text-password-value "x y"

// deviceTopics are words that say that a line sets up a device, beside numbers,
// addresses and words with a dash.
var deviceTopics = setOf("snmp", "radius", "tacacs", "hwtacacs", "aaa", "ldap", "ospf", "ospfv3", "bgp", "isis", "rip", "eigrp", "vrrp", "hsrp", "glbp", "standby", "ntp", "isakmp", "ike", "ikev1", "ikev2", "ipsec", "vpn", "vpdn", "l2tp", "ppp", "pppoe", "pap", "chap", "wpa", "wpa2", "wpa3", "wlan", "ssid", "netuser",
	"neighbor", "peer", "username", "interfaces", "interface", "ftp", "scp", "tftp", "dyndns", "privilege", "role", "simple", "cipher", "plain", "cleartext", "plaintext", "ciphertext", "irreversible-cipher", "md5", "sha", "text", "ascii", "failover", "super", "level", "iscsi", "smb", "cifs", "expert", "credential", "mgmtuser", "racadm")

// deviceHeads are the first words of lines below which the arguments stand one
// on a line; see also deviceVerbs.
var deviceHeads = setOf("template", "archive", "router", "ssid", "wlan", "dot11", "hsrp", "vrrp", "ltm", "auth", "sys", "communities", "edit", "hwtacacs", "ap-group", "map-class", "controller", "cellular", "virtual-template", "bba-group", "feature", "ap", "mgmt-user", "aaa-server")

// deviceOptions may follow a secret.
var deviceOptions = setOf("ro", "rw", "read-only", "read-write", "readonly", "readwrite", "read_only", "read_write", "view", "group", "role", "authorization", "privilege", "level", "portal", "algorithm", "version", "timeout", "class", "address", "hostname", "user-type", "usertype", "default", "single-connection", "port", "udp-port", "auth-port", "acct-port", "priv", "privacy", "privacy-mode", "privacy-pass-phrase", "encrypted", "wlan", "partition-access", "access-type", "service-type", "hash", "no-xauth", "local", "remote", "ipv4", "ipv6", "acl", "all", "operator", "unrestricted", "restricted", "retransmit", "vrf", "source-interface", "mode", "aes", "tkip", "secret", "password", "config", "start-time", "uid", "type", "saveauthsid", "authentication-mode", "nopassword", "description", "lifetime", "index", "key")

// deviceSecrets are names of secrets that are such only in a command.
var deviceSecrets = setOf("community", "psk", "psksecret", "passkey", "radkey", "newpass", "pass-phrase", "ciphertext", "preshared", "get-community", "set-community", "trap-community", "ascii-text", "prompt-secret")

// deviceStops are words behind the name of a secret that are none, beside those
// that speak of one.
var deviceStops = setOf("encryption", "recovery", "hashing", "aging", "history", "min-length", "max-length", "config-key", "ssh", "rsa-keypair", "cost", "prompt-secret", "prompt", "confirm", "public", "private", "label", "modulus", "pair", "ring", "keyring", "both", "standard", "extended", "additive", "identifier", "priority", "primary", "general-keys", "exportable", "usage-keys", "ec", "size", "retry", "display", "authorization", "authorisation", "common-criteria", "interface", "undo", "no", "simple", "unencrypted-password", "sha-password", "aging-time", "half-life", "hello", "traps", "informs", "trap", "inform", "replication", "confirmation", "recovered", "restored", "retrieval", "manually", "interactively", "help", "options", "engine", "storage", "rollover", "derivation", "negotiation", "agreement", "material", "pairs", "lengths", "configuration")

// deviceUsers are words behind which the name of an account stands.
var deviceUsers = setOf("username", "user", "local-user", "usm-user", "sent-username", "mgmt-user", "account", "netuser", "ap-user", "user-name")

// deviceKeyed say that key, ascii and text name a secret in the line.
var deviceKeyed = setOf("radius", "radius-server", "radius-client", "tacacs", "tacacs-server", "hwtacacs", "hwtacacs-server", "server", "server-private", "isakmp", "failover", "aaa", "aaa-server", "md5", "authentication", "ntp")

// deviceArg is an argument b[s:e].
type deviceArg struct {
	s, e   int
	quoted bool
}

// commandedBy looks at the line as one of these, once.
func (sc *scanner) commandedBy(i int) {
	if sc.commanded == sc.ls+1 {
		return
	}
	b := sc.b
	from, end := sc.commandFrom(i)
	if from < 0 {
		return
	}
	sc.commanded = sc.ls + 1
	n := run(b, from, chKey)
	first := b[from:n]
	below := !deviceVerbs.has(first) || keyCommands.has(first) && !equalFold(first, "failover") || deviceSecrets.has(first) || equalFold(first, "key") || sc.setsSecret(first)
	if below && !sc.belowHead(from) {
		return
	}
	below = below || from > sc.ls && equalFold(first, "set") && sc.belowHead(from)
	var args [32]deviceArg
	list := args[:0]
	for p := from; p < end && len(list) < len(args); {
		s, e, next := sc.argument(p)
		if s == p {
			e, next = min(e, end), min(next, end)
		}
		if next <= p || next > end || at(b, next) == '\t' {
			return
		}
		a := deviceArg{s, e, s > p}
		for !a.quoted && a.e > a.s && b[a.e-1] == ';' {
			a.e--
		}
		if v := b[a.s:a.e]; !a.quoted && len(v) > 0 {
			if c := v[len(v)-1]; v[0] == '#' || v[0] == '!' || v[0] == '|' {
				break
			} else if (c == ':' || c == ',' || c == '.' || c == ')' || v[0] == '(' || v[0] == '=' || v[0] == '<') && len(v) < 24 && !hasSign(v[:len(v)-1]) && !hasDigit(v) { // a sentence
				return
			}
		}
		list = append(list, a)
		p = run(b, next, chSpace)
	}
	sc.deviceArguments(list, below)
}

// commandHere is commandedBy for words that many lines have: only of a line that
// may begin with a command.
func (sc *scanner) commandHere(i int) {
	if c := sc.b[sc.ls]; is(c, chLower|chSpace) || c == '+' || c == '-' {
		sc.commandedBy(i)
	}
}

// commandFrom is where the command begins and ends that the line up to i is of,
// or is below zero.
func (sc *scanner) commandFrom(i int) (from, end int) {
	b := sc.b
	if from, end = sc.commandQuoted(i); from >= 0 {
		return from, end
	}
	s := sc.ls
	if i-s > 512 {
		return -1, -1
	}
	if c := at(b, s); c == '+' || c == '-' { // of a diff
		s++
	}
	s = run(b, s, chSpace)
	n := run(b, s, chKey)
	if c := at(b, n); n > s && (c == '>' || c == '#' || c == '(' || c == '@') { // a prompt
		for n < i && n-s < 48 && b[n] > ' ' {
			n++
		}
		if b[n-1] != '>' && b[n-1] != '#' {
			return -1, -1
		}
		s = run(b, n, chSpace)
		n = run(b, s, chKey)
	}
	if w := b[s:n]; n > s && at(b, n) == ' ' && (equalFold(w, "no") || equalFold(w, "undo") || equalFold(w, "do")) {
		s = n + 1
		n = run(b, s, chKey)
	}
	if n == s || s > i || i-s > 384 || at(b, n) != ' ' {
		return -1, -1
	}
	return s, min(sc.eol(s), s+768)
}

// commandQuoted is where a command begins and ends that a log tells of before
// i: executed 'x y', command: x y, cmd_data=x y.
func (sc *scanner) commandQuoted(i int) (from, end int) {
	b := sc.b
	low := max(sc.ls, i-256)
	for k := i; k > low+4; k-- {
		c := b[k-1]
		if c != '\'' && c != '"' && c != ':' && c != '=' {
			continue
		}
		s := run(b, k, chSpace)
		if n := run(b, s, chKey); at(b, n) != ' ' || !deviceVerbs.has(b[s:n]) {
			continue
		}
		e := k - 1
		for e > low && (b[e-1] == ' ' || b[e-1] == '=' || b[e-1] == ':') {
			e--
		}
		if !commandBefore.has(sc.lastWord(low, e)) && !hasSuffixFold(b[low:e], "cmd_data") {
			continue
		}
		end = min(sc.eol(s), s+768)
		if c == '\'' || c == '"' {
			for n := s; n < end; n++ {
				if b[n] == c && endsAfter(at(b, n+1)) {
					end = n
				}
			}
		}
		return s, end
	}
	return -1, -1
}

// belowHead reports whether the line from i, indented, is one of those below
// the head of a section of a device's configuration.
func (sc *scanner) belowHead(i int) bool {
	b := sc.b
	indent, pos := i-sc.ls, sc.ls
	if indent == 0 || run(b, sc.ls, chSpace) != i {
		return false
	}
	for range 16 {
		if pos == 0 {
			return false
		}
		ls := lineStart(b, pos-1)
		if pos-ls > 160 {
			return false
		}
		s := run(b, ls, chSpace)
		n := run(b, s, chKey)
		if n > s && s-ls < indent {
			t := ls + len(bytes.TrimRight(b[ls:pos], " \r\n"))
			return t > s && b[t-1] != ':' && is(at(b, n), chSpace) && (deviceVerbs.has(b[s:n]) || deviceHeads.has(b[s:n]) || b[t-1] == '{' && run(b, s, chKey|chSpace) == t-1 && !hasPrefixFold(b[s:n], "if"))
		}
		pos = ls
	}
	return false
}

// deviceArguments hides what the arguments of a command name. What stands before
// an argument may make it sure that the line sets up a device.
func (sc *scanner) deviceArguments(list []deviceArg, sure bool) {
	b := sc.b
	var snmp, keyed bool
	for k := 0; k < len(list); k++ {
		a := list[k]
		w := b[a.s:a.e]
		if a.quoted || len(w) == 0 {
			continue
		}
		if w[0] == '-' {
			w = w[1:]
		}
		if run(w, 0, chKey) < len(w) {
			sure = sure || hasDigit(w)
			continue
		}
		if equalFold(w, "set-key") { // see afterASCII
			return
		}
		snmp = snmp || hasPrefixFold(w, "snmp")
		_, address := scanIPv4(w, 0)
		keyed = keyed || address || deviceKeyed.has(w)
		sure = sure || deviceTopics.has(w)
		if k+1 < len(list) && (deviceUsers.has(w) || equalFold(w, "admin") && k == 0 || equalFold(w, "hostname") && k > 0 && equalFold(b[list[k-1].s:list[k-1].e], "chap")) {
			if to := sc.deviceUser(list, k); to > k {
				k, sure = to, true
			}
			continue
		}
		to := k + 1
		switch {
		case equalFold(w, "community") || equalFold(w, "community-name"):
			if !snmp && !(sure && k == 0) || to < len(list) && allDigits(b[list[to].s:list[to].e]) {
				continue
			}
		case equalFold(w, "key"):
			if !keyed && !(sure && k == 0) {
				continue
			}
		case equalFold(w, "ascii"):
			if !keyed {
				continue
			}
		case equalFold(w, "auth"), equalFold(w, "priv"), equalFold(w, "privacy"), equalFold(w, "privacy-mode"), equalFold(w, "authentication-mode"):
			if !snmp && !equalFold(w, "authentication-mode") || to+1 >= len(list) || !algorithm(string(lowerOf(b[list[to].s:list[to].e], sc.lower[:]))) && !equalFold(b[list[to].s:list[to].e], "simple") {
				continue
			}
		case equalFold(w, "authentication"):
			if to >= len(list) || !sc.redundancy() && !(k == 0 && sure) && !keyFillers.has(b[list[to].s:list[to].e]) {
				keyed = true
				continue
			}
		case equalFold(w, "md5"), equalFold(w, "text"):
			if k == 0 || !keyed {
				sure = true
				continue
			}
		default:
			if !deviceSecrets.has(w) && (!keyCommands.has(w) || equalFold(w, "failover")) && !sc.setsSecret(w) {
				sure = sure || hasDigit(w) || bytes.IndexByte(w, '-') > 0 && k > 0
				continue
			}
			sure = sure || bytes.IndexByte(w, '-') > 0 || b[a.s] == '-' || k > 1 && deviceUsers.has(b[list[k-2].s:list[k-2].e])
		}
		for to < len(list) {
			v := b[list[to].s:list[to].e]
			if list[to].quoted || !(allDigits(v) && len(v) < 6 && to+1 < len(list) || keyFillers.has(v) || deviceFillers.has(v) || equalFold(v, "remote") || equalFold(v, "traps")) || to+1 >= len(list) {
				break
			}
			if deviceOptions.has(v) && to+1 < len(list) && deviceOptions.has(b[list[to+1].s:list[to+1].e]) {
				break
			}
			sure = sure || !allDigits(v) || len(v) < 2
			to++
		}
		if to < len(list) && sure && sc.deviceSecret(list, to) {
			k = to
		}
	}
}

// setsSecret reports whether w names a secret.
func (sc *scanner) setsSecret(w []byte) bool {
	k := sc.decide(w)
	return k == keyPassword || k == keySecret || k == keyPass
}

// deviceSecret hides the argument k, where it may be a secret.
func (sc *scanner) deviceSecret(list []deviceArg, k int) bool {
	b := sc.b
	a := list[k]
	if !a.quoted && a.e-a.s > 8 && is(b[a.s], chDigit) && b[a.s+1] == ',' { // how it is enciphered
		a.s += 2
	}
	v := b[a.s:a.e]
	if len(v) < 4 || len(v) > 256 || placeholder(v) || dealtWith(v) || statusWord(v) || isPath(v) || keptIn(v) {
		return false
	}
	if !a.quoted {
		if codeLike(v) || reference(v) || cipherName(v) || notUser(v) || deviceStops.has(v) || deviceVerbs.has(v) || keyVerbs.has(v) || keyFillers.has(v) || deviceFillers.has(v) || sc.optionOf(v) || v[0] == '-' || v[0] == '<' || v[0] == '[' || v[0] == '{' || v[0] == '=' || v[len(v)-1] == ':' {
			return false
		}
		if allDigits(v) && len(v) < 6 || isUUID(v) || bytes.IndexByte(v, '=') > 0 && otherField(v) {
			return false
		}
		if _, ok := scanIPv4(v, 0); ok {
			return false
		}
		if !hasDigit(v) && !hasSign(v) {
			for part := range bytes.FieldsFuncSeq(v, func(r rune) bool { return r == '-' || r == '_' || r == '.' }) {
				if statusWord(part) || notUser(part) || deviceStops.has(part) || keyFillers.has(part) || deviceOptions.has(part) {
					return false
				}
			}
			if k+1 < len(list) && !list[k+1].quoted {
				c := b[list[k+1].s:list[k+1].e]
				if !deviceOptions.has(c) && c[0] != '-' && c[0] != '{' && c[0] != '>' && run(c, 0, chUpper|chDigit|chUnder) < min(len(c), 3) {
					return false
				}
			}
		}
	} else if proseText(v) && firstBlank(v) < len(v) && !passphrase(v) {
		return false
	}
	sc.hideSecret(a.s, a.e, cPassword, ruleDirective)
	return true
}

// deviceUser hides the name of an account behind the argument k, and returns
// the last that it looked at.
func (sc *scanner) deviceUser(list []deviceArg, k int) int {
	b := sc.b
	to := k + 1
	if w := b[list[to].s:list[to].e]; to+1 < len(list) && (equalFold(w, "add") || equalFold(w, "v3") || equalFold(w, "admin") || equalFold(w, "name") || equalFold(w, "create") || equalFold(w, "user") || equalFold(w, "local") && k == 0) {
		to++
	}
	a := list[to]
	v := b[a.s:a.e]
	first := equalFold(b[list[0].s:list[0].e], "user") || equalFold(b[list[0].s:list[0].e], "admin")
	if k == 0 && first && to+1 < len(list) && !deviceOptions.has(b[list[to+1].s:list[to+1].e]) || k == 0 && first && to+1 >= len(list) {
		return k
	}
	if run(v, 0, chKey) < len(v) || deviceTopics.has(v) || statusWord(v) || notUser(v) || statuses.has(v) || deviceStops.has(v) || deviceOptions.has(v) && !hasDigit(v) || sc.decide(v) != keyNone || placeholder(v) || fileName(v) {
		return k
	}
	if hasDigit(v) || gradeOf(v) > noName {
		sc.userName(a.s, a.e, ruleUserField)
		return to
	}
	return k
}
