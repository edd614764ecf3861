package redact

import (
	"bytes"
	"strings"
)

func (sc *scanner) snmpLine(i int) bool {
	b := sc.b[sc.ls:min(len(sc.b), i+16)]
	return bytes.Contains(b, []byte("snmp")) || sc.leads(i)
}

// homeDir looks at /home/X, /Users/X and C:\Users\X.
func (sc *scanner) homeDir(i, e int) {
	b := sc.b
	if i == 0 || e >= len(b) || b[i-1] != '/' && b[i-1] != '\\' || b[e] != b[i-1] {
		return
	}
	if b[i] == 'h' && i > 1 && is(b[i-2], chWord) && b[i-1] == '/' { // example.com/home/...: of a URL
		k := runBack(b, i-1, max(sc.ls, i-12), chWord)
		switch string(b[k : i-1]) {
		case "var", "export", "data", "mnt", "nfs", "net", "vol", "srv", "usr", "opt":
			if k == 0 || b[k-1] != '/' || k > 1 && (is(b[k-2], chWord) || b[k-2] == '/') {
				return
			}
		default:
			return
		}
	}
	if b[i] == 'h' && i > 2 && b[i-1] == '/' && b[i-2] == ':' {
		sc.homeField(i - 2)
	}
	if b[i] == 'u' && b[i-1] == '/' {
		return
	}
	s := e + 1
	if b[e] == '\\' {
		for s < len(b) && b[s] == '\\' {
			s++
		}
	}
	n := run(b, s, chKey)
	if b[e] == '\\' { // names with blanks, up to the next backslash
		if k := bytes.IndexByte(b[n:min(len(b), n+24)], '\\'); k > 0 && at(b, n) == ' ' && run(b, n, chKey|chSpace) == n+k {
			n += k
		}
	}
	for n > s && (b[n-1] == '.' || b[n-1] == '-') {
		n--
	}
	if n > s && (fileName(b[s:n]) && at(b, n) != '/') {
		return
	}
	if b[e] == '\\' && n > s && bytes.IndexByte(b[s:n], ' ') > 0 {
		if !wellKnown.has(b[s:n]) {
			sc.emit(s, n, cUsername, ruleHome, 0)
		}
		return
	}
	if b[e] == '/' && at(b, n) == '/' && bytes.Count(b[s:n], []byte(".")) > 1 && is(at(b, n+1), chAlpha) && hostName(b[s:n]) { // /home/corp.example.com/name
		sc.emit(s, n, cHostname, ruleHome, 0)
		s = n + 1
		n = run(b, s, chKey)
	}
	sc.userName(s, n, ruleHome)
}

// snmp looks at the lines of SNMP agents and switches that carry a community
// or a pass phrase.
func (sc *scanner) snmp(i, e int) {
	b := sc.b
	if at(b, e) == '(' { // createUser("x", "y")
		sc.connects(i, e)
	}
	if !sc.leads(i) {
		return
	}
	sc.commandedBy(i)
	end := sc.eol(e)
	word := string(lowerOf(b[i:e], sc.lower[:]))
	server := word == "snmp-server"
	nth, secret, stored := 0, 0, 0
	last := [2]int{}
	for p := run(b, e, chSpace); p < end; {
		s, n, next := sc.argument(p)
		if next <= p || n <= s || b[s] == '#' {
			break
		}
		nth++
		arg := string(lowerOf(b[s:n], sc.lower[:]))
		hide := nth == secret && arg != "version"
		switch {
		case server && nth == 1 && arg != "host" && arg != "user" && arg != "community":
			return
		case server && nth == 1 && arg == "community", word == "authcommunity" && nth == 1: // authCommunity log,net x
			secret = 2
		case server && nth == 3 && (arg == "traps" || arg == "informs"):
			secret = 4
		case arg == "version" || arg == "v1" || arg == "v3" && server:
		case nth == secret && (arg == "community" || len(arg) == 1 && is(arg[0], chDigit)) && next < end && is(b[next], chSpace): // 2c community x, community 7 x, sha256 7 x
			secret = nth + 1
			if is(arg[0], chDigit) {
				stored = secret
			}
			hide = false
		case arg == "1" || arg == "2c" || arg == "noauth":
			if server {
				secret = nth + 1
			}
		case algorithm(arg):
			secret = nth + 1
			hide = false
		case nth == secret && !placeholder(b[s:n]) && len(arg) > 7:
		case arg == "128" || arg == "192" || arg == "256" || arg == "encrypted" || arg == "auth" || arg == "priv":
			if hide || arg == "auth" || arg == "priv" {
				secret = nth + 1
				hide = false
			}
		case !server && (word == "trapsink" || word == "trap2sink" || word == "informsink") && nth == 2:
			hide = true
		}
		if stored > 0 && nth == stored+1 && len(arg) >= 16 && run(b, s, chHex) == n { // sha256 7 x y: both keys
			hide = true
		}
		if hide && !placeholder(b[s:n]) && arg != "public" && arg != "private" {
			sc.emit(s, n, cPassword, ruleSentence, spanLearn)
		}
		last = [2]int{s, n}
		p = run(b, next, chSpace)
	}
	if nth == 3 && (word == "com2sec" || word == "com2sec6") && !placeholder(b[last[0]:last[1]]) {
		sc.emit(last[0], last[1], cPassword, ruleSentence, spanLearn)
	}
}

// algorithm reports whether an argument of SNMP version 3 says how to
// authenticate or to encipher: sha-256, aes128-cfb.
func algorithm(arg string) bool {
	for _, name := range [...]string{"md5", "sha", "aes", "des", "3des"} {
		rest, ok := strings.CutPrefix(arg, name)
		if !ok || len(rest) > 8 {
			continue
		}
		rest = strings.TrimLeft(rest, "-")
		n := run([]byte(rest), 0, chDigit)
		switch rest[n:] {
		case "":
			return n == 0 || n == 1 || n == 2 || n == 3
		case "c", "-c", "-cfb", "cfb", "-cbc":
			return n == 3 || n == 2
		}
	}
	return false
}

// redisUser looks at the rules of a Redis user: user x on >password.
func (sc *scanner) redisUser(p int) {
	b := sc.b
	end := sc.eol(p)
	if p < sc.aclTo {
		return
	}
	sc.aclTo = end
	for k := p; k < end; k++ {
		if (b[k] == '>' || b[k] == '<' || b[k] == '#') && (b[k-1] == ' ' || b[k-1] == '"') && k+3 < end && b[k+1] > ' ' {
			n := k + 1
			for n < end && b[n] > ' ' && b[n] != '"' {
				n++
			}
			sc.emit(k+1, n, cPassword, ruleSentence, spanLearn)
		}
	}
}
