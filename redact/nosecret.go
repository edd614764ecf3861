package redact

import "bytes"

// noSecret reports whether what stands under the name of a secret, of a user or
// of a host, is none by what both mean together: the fingerprint of a signing
// key, where a credential is loaded from, when a password is changed.
func (sc *scanner) noSecret(f *field, text []byte) bool {
	b := sc.b
	key := b[f.start:f.end]
	switch f.key {
	case keyHost:
		switch {
		case hasSuffixFold(key, "source"): // a class or an entry of a configuration; ADO writes Data Source, and goes on behind a semicolon
			return bytes.IndexByte(key, ' ') < 0 && at(b, f.end) != '=' || is(at(b, f.start-1), chAlpha) || at(b, f.start-1) == '.'
		case hasPrefixFold(key, "firewall") || hasPrefixFold(key, "router") || hasPrefixFold(key, "switch"):
			return !hasDigit(text) && bytes.IndexByte(text, '.') < 0
		}
		return false
	case keyUser: // .fa-user:before {
		return at(b, f.end) == ':' && at(b, f.start-1) == '.' && cssStates.has(text)
	case keySession: // of Oracle, of SQL Server, of Windows
		return equalFold(key, "sid") && (at(b, f.start-1) == '(' || hasPrefixFold(text, "0x") || bytes.HasPrefix(text, []byte("S-1-")))
	}
	switch {
	case text[0] == '|' || text[0] == '>': // a block scalar of YAML in a string: its lines are read without the string's escapes
		k := 1
		for k < len(text) && (text[k] == '-' || text[k] == '+' || is(text[k], chDigit)) {
			k++
		}
		return escapedLine(text[k:])
	case text[0] == '<' && bytes.HasPrefix(text, []byte("<set")), // kubectl describe
		hasSuffixFold(key, "secretstring") && bytes.Contains(b[max(sc.ls, f.start-160):f.start], []byte("{{resolve:")): // CloudFormation
		return true
	case hasPrefixFold(key, "update") && hasSuffixFold(key, "password"): // of Ansible
		return string(text) == "on_create" || string(text) == "always"
	case string(key) == "PWD": // a shell's working directory, but in ODBC
		return (text[0] == '/' || text[0] == '~') && at(b, f.start-1) != ';'
	case string(key) == "credentials" && (string(text) == "include" || string(text) == "omit" || string(text) == "same-origin"): // of fetch
		return true
	case hasSuffixFold(key, "credential") || hasSuffixFold(key, "credentials"): // of systemd: name:path
		if hasPrefixFold(key, "load") || hasPrefixFold(key, "import") {
			k := bytes.IndexByte(text, ':')
			return k < 0 || at(text, k+1) == '/' || at(text, k+1) == '%'
		}
	case hasSuffixFold(key, "key"): // that others may see
		if n := len(text); n == 8 || n == 16 || n == 32 || n == 40 {
			return run(text, 0, chHex) == n && (hasPrefixFold(key, "gpg") || hasPrefixFold(key, "pgp") || hasSuffixFold(key, "signingkey") || hasSuffixFold(key, "signing_key") && n != 32)
		}
	case equalFold(key, "pass"): // of an answer file of Windows
		return setupPasses.has(lowerOf(text[:min(len(text), 24)], sc.lower[:]))
	}
	return false
}

// setupPasses are the passes of the configuration of Windows Setup.
var setupPasses = setOf("windowspe", "offlineservicing", "generalize", "specialize", "auditsystem", "audituser", "oobesystem")

// cssStates are what may follow the name of a class in a style sheet.
var cssStates = setOf("before", "after", "hover", "focus", "active", "visited", "first-child", "last-child", "not", "disabled", "checked")

// escapedLine reports whether v begins with the end of a line in escapes, in a
// string within strings, too.
func escapedLine(v []byte) bool {
	k := 0
	for k < len(v) && v[k] == '\\' {
		k++
	}
	return k > 0 && (k == len(v) || at(v, k) == 'n' || at(v, k) == 'r' || hasPrefixFold(v[k:], "u000a") || hasPrefixFold(v[k:], "u000d"))
}
