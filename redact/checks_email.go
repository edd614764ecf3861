package redact

import "bytes"

// scanEmail finds the e-mail address whose @ stands at b[at]: a dot-atom or
// quoted local part (RFC 5322 section 3.4.1; RFC 6531 for letters beyond
// ASCII) and a domain of at least two labels whose last one can be a top-level
// domain. The @ may also be written %40, \u0040 or &#64;, at being where that
// begins.
//
// Left alone is what only looks alike: units of systemd (user@1000.service),
// files (icon@2x.png), packages and images with versions and digests, remote
// paths (git@host:path), the userinfo of a URL.
func scanEmail(b []byte, at int) (start, end int, ok bool) {
	width := atSign(b, at)
	if width == 0 {
		return 0, 0, false
	}
	end, ok = domainAt(b, at+width)
	if !ok {
		return 0, 0, false
	}
	end = at + width + untilTypography(b[at+width:end])
	start = localStart(b, at, end)
	if start >= 0 {
		start += behindTypography(b[start:at])
	}
	if start < 0 || start == at || remotePath(b, start, at, end) || inUserinfo(b, start, end) || sshName(b[start:at], b[at+width:end]) {
		return 0, 0, false
	}
	return start, end, true
}

// typography is what may stand beside an address and is no part of one, beyond
// ASCII: general punctuation (U+2010 to U+206F), « and », and the punctuation of
// Chinese and Japanese (U+3000 to U+301F, U+FF01 to U+FF1F).
func typography(b []byte) bool {
	if len(b) < 2 || b[0] < 0xc2 {
		return false
	}
	if b[0] == 0xc2 {
		return b[1] == 0xab || b[1] == 0xbb || b[1] == 0xa0
	}
	if len(b) < 3 {
		return false
	}
	switch b[0] {
	case 0xe2:
		return b[1] == 0x80 && b[2] >= 0x90 || b[1] == 0x81 && b[2] <= 0xaf
	case 0xe3:
		return b[1] == 0x80 && b[2] <= 0x9f
	case 0xef:
		return b[1] == 0xbc && b[2] >= 0x81 && b[2] <= 0x9f
	}
	return false
}

// behindTypography is where in v what follows the last of it begins, and
// untilTypography where the first of it does.
func behindTypography(v []byte) (n int) {
	for k, c := range v {
		if c >= 0xc2 && typography(v[k:]) {
			if n = k + 3; c == 0xc2 {
				n = k + 2
			}
		}
	}
	return n
}

func untilTypography(v []byte) int {
	for k, c := range v {
		if c >= 0xc2 && typography(v[k:]) {
			return k
		}
	}
	return len(v)
}

// sshName reports whether an address is the name that RFC 4251 section 6 has
// implementations give their own algorithms and requests:
// chacha20-poly1305@openssh.com.
func sshName(local, domain []byte) bool {
	switch string(domain) {
	case "openssh.com", "libssh.org", "ssh.com", "lysator.liu.se":
		return bytes.IndexByte(local, '-') > 0 || string(local) == "zlib"
	}
	return false
}

// atSign returns how many bytes the @ at b[at] is written with.
func atSign(b []byte, at int) int {
	if at < 1 || at >= len(b) {
		return 0
	}
	for _, sign := range [...]string{"@", "%40", "%2540", `\u0040`, "&#64;", "&#x40;", `\x40`} {
		if b[at] == sign[0] && len(b)-at >= len(sign) && string(b[at:at+len(sign)]) == sign {
			return len(sign)
		}
	}
	return 0
}

// localStart returns where the local part before b[at] begins, -1 if there is
// none. end is the end of the address.
func localStart(b []byte, at, end int) int {
	const longest = 254
	if at >= 2 && b[at-1] == '"' {
		return quotedStart(b, at-1)
	}
	start := at
	for start > 0 && at-start < longest && plainLocal(b[start-1]) {
		start--
	}
	// What the standard allows and texts use for other things as well is
	// taken where an angle bracket shows where the address begins, or where
	// a known rewriting of addresses made it.
	full := start
	for full > 0 && at-full < longest && (charSets[b[full-1]]&setAtext != 0 || b[full-1] == '.') {
		full--
	}
	if full < start && (full > 0 && b[full-1] == '<' || rewritten(b[full:at])) {
		start = full
	} else {
		if start >= 2 && b[start-1] == '\'' && has(b, start-2, setUpper|setLower) && (end >= len(b) || b[end] != '\'') {
			// o'brien
			for start--; start > 0 && plainLocal(b[start-1]); {
				start--
			}
		}
		start = skipEscape(b, start, at)
	}
	for start < at && (b[start] == '.' || b[start] == '-') {
		start++
	}
	// A run that never ends is no address, nor is one of marks alone.
	if at-start >= longest || b[at-1] == '.' {
		return -1
	}
	for _, c := range b[start:at] {
		if charSets[c]&setAlnum != 0 || c >= 0x80 {
			return start
		}
	}
	return -1
}

// plainLocal reports whether c is part of a local part wherever it stands.
func plainLocal(c byte) bool {
	return charSets[c]&setURL64 != 0 || c == '.' || c == '+' || c >= 0x80
}

// quotedStart returns where the quoted string that ends at b[last] begins.
func quotedStart(b []byte, last int) int {
	escaped := b[last-1] == '\\' // the whole text is a string in another
	for k := last - 1; k >= 0 && last-k < 80 && b[k] >= ' '; k-- {
		if b[k] != '"' || k == last-1 {
			continue
		}
		if nested := k > 0 && b[k-1] == '\\'; nested != escaped {
			continue
		}
		if escaped {
			k--
		}
		if k > 0 && charSets[b[k-1]]&setWord != 0 {
			return -1
		}
		return k
	}
	return -1
}

// rewritten reports whether local was made by a sender rewriting scheme or is
// the return path of a mailing list: SRS0=..., prvs=..., bounce-...=...
func rewritten(local []byte) bool {
	if bytes.IndexByte(local, '=') < 0 {
		return false
	}
	for _, p := range [...]string{"srs0", "srs1", "prvs=", "btv1=", "bounce", "return", "msprvs1=", "owner-"} {
		if len(local) >= len(p) && bytes.EqualFold(local[:len(p)], []byte(p)) {
			return true
		}
	}
	return false
}

// skipEscape returns where the local part begins if an escape sequence runs
// into it: \nbob, \u003cbob, %3Cbob.
func skipEscape(b []byte, start, at int) int {
	if start == 0 {
		return start
	}
	switch b[start-1] {
	case '\\':
		switch c := b[start]; {
		case c == 'u' && endOf(b[:at], start+1, setHex) >= start+5:
			return start + 5
		case c == 'x' && endOf(b[:at], start+1, setHex) >= start+3:
			return start + 3
		case (c == 'n' || c == 't' || c == 'r') && at-start > 1:
			return start + 1
		}
	case '%':
		if endOf(b[:at], start, setHex) >= start+2 && at-start > 2 {
			return start + 2
		}
	}
	return start
}

// domainAt reads a domain name at b[i]. Labels that cannot end one are left
// outside: bob@example.org.log is the address of bob@example.org.
func domainAt(b []byte, i int) (end int, ok bool) {
	const longest = 253
	common := false // the label that the name ends with so far
	for at, labels := i, 1; at-i < longest; labels++ {
		stop := endOf(b, at, setLabel)
		if stop == at || stop-at > 63 && b[at] < 0x80 || b[at] == '-' {
			break
		}
		if label := b[at:stop]; labels > 1 {
			letters := at + len(label)
			if cut := endOf(b[:stop], at, setUpper|setLower); cut < stop && b[cut] == '-' {
				letters = cut // something is joined to the name
			}
			switch {
			case topLevel(label) && (!has(b, stop, setWord) || commonTop(label)):
				end, ok, common = stop, true, commonTop(label)
			case letters < stop && commonTop(b[at:letters]):
				return letters, true
			case stop >= len(b) || b[stop] != '.':
				return end, ok && common // not a name's end: is it what came before?
			}
		}
		if stop >= len(b) || b[stop] != '.' {
			break
		}
		at = stop + 1
	}
	if end-i > longest {
		return 0, false
	}
	return end, ok
}

// topLevel reports whether label can be a top-level domain: letters alone or
// an internationalised one, and neither a unit's type nor a file's.
func topLevel(label []byte) bool {
	if len(label) < 2 || len(label) > 24 {
		return false
	}
	if bytes.HasPrefix(label, []byte("xn--")) {
		return true
	}
	for _, c := range label {
		if charSets[c]&(setUpper|setLower) == 0 && c < 0x80 {
			return false
		}
	}
	return !unitOrFile(label)
}

// commonTop reports whether label is a top-level domain that is met so often
// that something may be joined to it.
func commonTop(label []byte) bool {
	switch string(label) {
	case "com", "org", "net", "edu", "gov", "io", "de", "fr", "uk", "nl", "eu", "ch", "it", "es", "pl", "ru", "cn", "jp", "br", "in", "local", "internal", "example", "test":
		return true
	}
	return false
}

// unitOrFile reports whether label is the type of a unit of systemd or the
// extension of a file, and no top-level domain in use.
func unitOrFile(label []byte) bool {
	if len(label) > 10 {
		return false
	}
	var lower [10]byte
	switch string(appendLower(lower[:0], label)) {
	case "service", "socket", "timer", "slice", "mount", "automount", "scope", "target", "path", "swap", "device",
		"png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "tif", "tiff", "avif", "ttf", "woff", "eot",
		"css", "scss", "less", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue", "map", "wasm",
		"json", "jsonl", "yml", "yaml", "xml", "toml", "ini", "conf", "cfg", "cnf", "config", "properties", "env", "lock",
		"log", "txt", "csv", "tsv", "html", "htm", "pdf", "doc", "docx", "xls", "xlsx", "pptx", "rtf", "rst",
		"gz", "bz", "xz", "zst", "tar", "tgz", "rpm", "deb", "apk", "jar", "war", "ear", "whl", "egg", "gem", "nupkg", "iso", "img", "ova",
		"class", "java", "kt", "go", "cpp", "cxx", "hpp", "php", "rb", "lua", "sql", "proto", "gradle", "swift",
		"exe", "dll", "sys", "bin", "dat", "db", "sqlite", "tmp", "temp", "bak", "swp", "orig", "pid", "sock", "old", "rules",
		"key", "pem", "crt", "cer", "csr", "der", "jks", "pfx", "patch", "diff", "mp", "wav", "ogg", "avi", "mkv":
		return true
	}
	return false
}

// remotePath reports whether the address is the account and host of a remote
// path or a shell's prompt: git@host.example.org:group/project, bob@host.example.org:~$
func remotePath(b []byte, start, at, end int) bool {
	if end+1 >= len(b) || b[end] != ':' {
		return false
	}
	switch b[end+1] {
	case '/', '~':
		return true
	}
	switch string(b[start:at]) {
	case "git", "hg", "svn", "gitea", "gitlab", "org-git":
		return charSets[b[end+1]]&setWord != 0
	}
	// A relative path: a slash before the word ends, and no second colon.
	for k := end + 1; k < len(b) && k-end < 128; k++ {
		switch c := b[k]; {
		case c == '/':
			return k > end+1 && charSets[b[end+1]]&(setUpper|setLower) != 0
		case !plainLocal(c):
			return false
		}
	}
	return false
}

// inUserinfo reports whether the address stands between the scheme and the
// host of a URL, scheme://bob@host.example.org/. An address that is itself the
// user (scheme://bob@example.org@host) is none of that.
func inUserinfo(b []byte, start, end int) bool {
	for k := start - 1; k > 0 && start-k < 256; k-- {
		switch c := b[k]; {
		case c == '/':
			if b[k-1] != '/' || k < 2 || b[k-2] != ':' {
				return false
			}
			for j := end; j < len(b) && j-end < 256; j++ {
				switch c := b[j]; {
				case c == '@':
					return false
				case c == '/' || c <= ' ' || c == '"' || c == '\'' || c == '?' || c == '#' || c == '<':
					return true
				}
			}
			return true
		case c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' || c == '?' || c == '#' || c == '(' || c == ',' || c == '@':
			return false
		}
	}
	return false
}
