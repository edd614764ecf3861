package redact

import "bytes"

// inDomain looks at a name that stands behind the domain of its account, or
// behind the machine's, wherever it may: CORP\x, corp.example.org\\x. Paths,
// keys of a registry and escapes are written so, too.
func (sc *scanner) inDomain(i int) {
	b := sc.b
	e := i - 1
	for e > sc.ls && b[e-1] == '\\' && i-e < 4 {
		e--
	}
	s := runBack(b, e, max(sc.ls, e-64), chKey)
	before := s
	if s > sc.ls+1 && b[s-1] == '\\' && e-s > 3 && is(b[s+1], chUpper) && (b[s] == 't' || b[s] == 'n' || b[s] == 'r') { // \tCORP\\x
		s, before = s+1, s-1
	} else if s > sc.ls && (b[s-1] == '\\' || b[s-1] == '/' || b[s-1] == ':' || b[s-1] == '%' || b[s-1] == '$' || b[s-1] == '~') {
		return
	}
	if s == e {
		sc.share(i)
		return
	}
	domain := b[s:e]
	n := run(b, i, chKey)
	for n > i && (b[n-1] == '.' || b[n-1] == '-') {
		n--
	}
	c := at(b, n)
	if c == '\\' && i-e > 1 && escapeLike(at(b, n+1)) { // the line goes on in a string
		c = ' '
	}
	if len(domain) < 2 || !isDomain(domain) || c == '\\' || c == '/' || c == '*' || c == '$' || c == '+' || c == '[' || c == '{' || c == ':' && at(b, n+1) > ' ' || c == '%' || bytes.HasPrefix(b[n:], []byte(" / ")) { // a path, or a password follows
		return
	}
	if i-e == 1 && escapeLike(b[i]) && (bytes.IndexByte(b[sc.ls:s], '"') >= 0 || statusWord(domain) || len(domain) < 3 || escapeIn(b[n:min(sc.eol(n), n+400)])) { // WARN\nnext
		return
	}
	if v := b[i:n]; gradeOf(v) > noName && !fileName(v) && !sc.inPath(before) {
		if machineLike(domain) && hasDigit(domain) {
			sc.hostValue(s, e)
		}
		sc.userName(i, n, ruleUserField)
	}
}

// share looks at a machine's name behind backslashes that begin a path of the
// network: \\FS-02\home, or twice as many in a string.
func (sc *scanner) share(i int) {
	b := sc.b
	lead, n := i, run(b, i, chKey)
	for lead > sc.ls && i-lead < 5 && b[lead-1] == '\\' {
		lead--
	}
	next := n
	for at(b, next) == '\\' {
		next++
	}
	if slashes := i - lead; slashes != 2 && slashes != 4 || next-n != slashes/2 || !is(at(b, next), chWord) || lead > sc.ls && (is(b[lead-1], chWord) || b[lead-1] == ':' || b[lead-1] == '/') {
		return
	}
	if i-lead == 2 && escapeLike(b[next]) && bytes.IndexByte(b[sc.ls:lead], '"') >= 0 && escapeIn(b[n:min(sc.eol(n), n+400)]) { // one in a string: \\pipe\r\n
		return
	}
	if v := b[i:n]; !roleName(v) && !fileName(v) && (machineLike(v) || bytes.IndexByte(v, '.') > 0 && hasTopLevel(v)) {
		sc.hostValue(i, n)
	}
}

// inPath reports whether b[s] goes on with a path of which a part has blanks:
// C:\tools\Print To PDF\x.
func (sc *scanner) inPath(s int) bool {
	b := sc.b
	for low := max(sc.ls, s-100); s > low+1; s-- {
		switch c := b[s-1]; {
		case c == '\\':
			return true
		case c != ' ' && !is(c, chKey) && c < 0x80:
			return false
		}
	}
	return false
}

// escapeLike reports whether c may stand behind the backslash of an escape.
func escapeLike(c byte) bool {
	return bytes.IndexByte([]byte("nrtbfvaeux0"), c) >= 0
}

// escapeIn reports whether v holds the end of a line or a tab as an escape.
func escapeIn(v []byte) bool {
	return bytes.Contains(v, []byte(`\n`)) || bytes.Contains(v, []byte(`\t`)) || bytes.Contains(v, []byte(`\r`))
}

// isDomain reports whether v is written like the domain of an account: CORP,
// EXAMPLE-NT, corp.example.org; and is no folder or registry's key.
func isDomain(v []byte) bool {
	if len(v) < 2 || domainless.has(v) || !is(v[0], chAlnum) || !is(v[len(v)-1], chAlnum) || !hasLetterByte(v) {
		return false
	}
	if run(v, 0, chUpper|chDigit|chKey) == len(v) && !hasLowerByte(v) {
		return true
	}
	return bytes.IndexByte(v, '.') > 0 && hasTopLevel(v) && !fileName(v)
}

func hasLowerByte(v []byte) bool {
	for _, c := range v {
		if is(c, chLower) {
			return true
		}
	}
	return false
}

// domainless are words in capitals that a backslash follows where no account's
// name does.
var domainless = setOf("nt", "builtin", "authority", "service", "apppool", "manager", "host", "hkey_local_machine", "hkey_current_user", "hkey_users", "hkey_classes_root", "hkey_current_config", "hklm", "hkcu", "hku", "hkcr", "hkcc", "system", "software", "registry", "sam", "security", "hardware", "root", "machine", "user", "users",
	"windows", "winnt", "system32", "syswow64", "windir", "programdata", "temp", "tmp", "device", "driver", "drivers", "global", "basenamedobjects", "pipe", "ipc", "globalroot", "knowndlls", "microsoft", "unc", "cn", "ou", "dc", "o", "id", "pci", "usb", "acpi", "hid", "ide", "scsi", "storage", "swd", "display", "bthenum", "usbstor", "hdaudio", "root.cimv2", "cimv2", "wmi", "msft", "ven", "dev", "info", "warn", "warning", "error", "debug", "trace", "fatal", "notice", "todo", "fixme", "note", "failed", "ok", "pass", "fail", "true", "false", "null", "none", "yes", "no")
