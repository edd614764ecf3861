package redact

import "bytes"

// Names of machines that devices write before what is typed at them, and before
// what they log in a way of their own.

// deviceCommands are the first words, or what people leave of them, of what is
// typed at a device.
var deviceCommands = setOf("show", "sh", "sho", "configure", "conf", "config", "display", "dis", "disp", "ping", "traceroute", "tracert", "exit", "end", "interface", "int", "no", "write", "wr", "copy", "terminal", "term", "enable", "en", "disable", "dir", "reload", "clear", "debug", "undebug", "do", "diagnose", "diag", "execute", "request", "edit", "commit", "rollback", "save", "quit", "system-view", "sys", "undo", "return", "screen-length", "more", "telnet", "hostname", "username", "ip", "ipv6", "vlan", "switchport", "router", "line", "logging", "ntp", "snmp-server", "access-list", "crypto", "aaa", "radius-server", "tacacs-server", "banner", "boot", "erase", "delete", "verify", "get", "set", "unset", "monitor", "tftp", "ftp", "test", "who", "where", "logout", "file", "format", "archive", "spanning-tree", "shutdown", "description", "speed", "duplex", "login", "password", "secret", "service", "standby", "vrrp", "ospf", "bgp", "neighbor", "network", "redistribute", "policy", "class-map", "policy-map", "route-map", "object", "object-group", "nat", "failover", "tunnel-group", "group-policy", "threat-detection", "packet-tracer", "capture", "admin", "up", "top", "run", "load", "op", "restart", "start")

// devicePrompt looks at a prompt that begins a line with the word b[s:e]: of a
// switch, db-sw-3# show, db-sw-3(config-if)# no, and of JunOS, jo@db-sw-3> show.
func (sc *scanner) devicePrompt(s, e int) {
	b := sc.b
	p := e
	switch b[e] {
	case '@':
		n := run(b, e+1, chKey)
		if c := at(b, n); n == e+1 || c != '>' && c != '#' {
			return
		}
		if sc.promptHost(e+1, n, n+1) {
			sc.userName(s, e, ruleUserSentence)
		}
		return
	case '(':
		n := run(b, e+1, chKey)
		if at(b, n) != ')' || at(b, n+1) != '#' || !bytes.HasPrefix(b[e+1:], []byte("conf")) {
			return
		}
		p = n + 1
	}
	sc.promptHost(s, e, p+1)
}

// promptHost hides b[s:e] when a command of a device stands at p, or nothing.
func (sc *scanner) promptHost(s, e, p int) bool {
	b := sc.b
	name := b[s:e]
	if len(name) < 3 || !hasDigit(name) && bytes.IndexByte(name, '-') < 0 || !hasLetterByte(name) || !hostName(name) || roleName(name) {
		return false
	}
	p = run(b, p, chSpace)
	n := run(b, p, chKey)
	if w := b[p:n]; len(w) == 0 || !deviceCommands.has(w) || n < len(b) && b[n] > ' ' && b[n] != '|' {
		return false
	}
	sc.emit(s, e, cHostname, ruleHostBeside, 0)
	return true
}

// deviceHost looks at the name between the time that ends at i and a message of
// Cisco: Jan  2 2026 03:04:05 asa-1 : %ASA-6-302013: text.
func (sc *scanner) deviceHost(i int) {
	b := sc.b
	if at(b, i) == '.' { // thousandths
		i = run(b, i+1, chDigit)
	}
	if at(b, i) != ' ' {
		return
	}
	e := run(b, i+1, chKey)
	if bytes.HasPrefix(b[e:], []byte(" CISE_")) && e > i+1 { // of an identity services engine
		sc.hostValue(i+1, e)
		return
	}
	if rest := b[e:min(len(b), e+5)]; e > i+1 && (bytes.HasPrefix(rest, []byte(" : %")) || bytes.HasPrefix(rest, []byte(": %")) || bytes.HasPrefix(rest, []byte(" %"))) && hostName(b[i+1:e]) {
		if _, ok := scanIPv4(b, i+1); !ok {
			sc.emit(i+1, e, cHostname, ruleSyslogHost, 0)
		}
	}
}

// leasedRow looks at what the DHCP server of Windows logs of a lease:
// 10,03/04/26,01:45:39,Assign,10.0.0.2,laptop-7.example.org,001B4411AA33,.
func (sc *scanner) leasedRow(i int) {
	b := sc.b
	end := sc.eol(i)
	var fields [7][2]int
	p := i
	for k := range fields {
		n := bytes.IndexByte(b[p:end], ',')
		if n < 0 {
			return
		}
		fields[k] = [2]int{p, p + n}
		p += n + 1
	}
	if n, ok := scanIPv4(b, fields[4][0]); !ok || n != fields[4][1] {
		return
	}
	if h := fields[5]; h[1] > h[0] {
		sc.hostValue(h[0], h[1])
	}
	if m := fields[6]; m[1]-m[0] == 12 && run(b[:m[1]], m[0], chHex) == m[1] {
		sc.emit(m[0], m[1], cMAC, ruleMAC, 0)
	}
}

// numberedOrigin looks at the name that a device puts behind the number of its
// message, where what took the message put an address before it, up to i:
// 10.0.0.1 12: sw-core-1: Mar  4 09:56:29.123: %SYS-5-CONFIG_I: text.
func (sc *scanner) numberedOrigin(i int) {
	b := sc.b
	n := run(b, i+1, chDigit)
	if at(b, i) != ' ' || n == i+1 || at(b, n) != ':' || at(b, n+1) != ' ' {
		return
	}
	s := n + 2
	e := run(b, s, chKey)
	if at(b, e) != ':' || at(b, e+1) != ' ' || !hostName(b[s:e]) || !bytes.Contains(b[e:min(len(b), e+48)], []byte(": %")) {
		return
	}
	sc.emit(s, e, cHostname, ruleSyslogHost, 0)
}
