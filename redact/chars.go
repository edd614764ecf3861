package redact

import "bytes"

// Character classes, one bit each, for tests of single bytes.
const (
	chDigit = 1 << iota
	chLower
	chUpper
	chUnder // _ and bytes above 0x7f: part of a word, but no letter
	chHex
	chSpace // blank, tab and NUL
	chQuote // " ' `
	chKey   // part of a key: letters, digits, _ . -

	chAlpha = chLower | chUpper
	chAlnum = chAlpha | chDigit
	chWord  = chAlnum | chUnder
)

var chars = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case '0' <= c && c <= '9':
			t[c] = chDigit | chHex | chKey
		case 'a' <= c && c <= 'z':
			t[c] = chLower | chKey
		case 'A' <= c && c <= 'Z':
			t[c] = chUpper | chKey
		case c == '_':
			t[c] = chUnder | chKey
		case c >= 0x80:
			t[c] = chUnder | chKey
		case c == '.' || c == '-':
			t[c] = chKey
		case c == ' ' || c == '\t' || c == 0: // NUL parts the arguments of processes
			t[c] = chSpace
		case c == '"' || c == '\'' || c == '`':
			t[c] = chQuote
		}
		if 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' {
			t[c] |= chHex
		}
	}
	return t
}()

func is(c byte, set uint8) bool { return chars[c]&set != 0 }

// at is b[i], or a line end beyond either end.
func at(b []byte, i int) byte {
	if uint(i) < uint(len(b)) {
		return b[i]
	}
	return '\n'
}

// run is the end of the run of characters of a set that begins at i.
func run(b []byte, i int, set uint8) int {
	for i < len(b) && chars[b[i]]&set != 0 {
		i++
	}
	return i
}

// runBack is the start of the run of characters of a set that ends before i
// and does not begin before low.
func runBack(b []byte, i, low int, set uint8) int {
	for i > low && chars[b[i-1]]&set != 0 {
		i--
	}
	return i
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c &^ 0x20
	}
	return c
}

// hasPrefixFold reports whether b begins with the lower-case text p in any
// case.
func hasPrefixFold(b []byte, p string) bool {
	if len(b) < len(p) {
		return false
	}
	for i := range len(p) {
		if lower(b[i]) != p[i] {
			return false
		}
	}
	return true
}

func hasSuffixFold(b []byte, p string) bool {
	return len(b) >= len(p) && hasPrefixFold(b[len(b)-len(p):], p)
}

func equalFold(b []byte, p string) bool { return len(b) == len(p) && hasPrefixFold(b, p) }

// lineEnd is the end of the line that i stands in, without its CR.
func lineEnd(b []byte, i int) int {
	n := len(b)
	if i >= n {
		return n
	}
	if k := bytes.IndexByte(b[i:], '\n'); k >= 0 {
		n = i + k
	}
	for n > i && b[n-1] == '\r' { // more than one where a terminal or a converter added its own
		n--
	}
	return n
}

// lineStart is the start of the line that i stands in.
func lineStart(b []byte, i int) int {
	return bytes.LastIndexByte(b[:i], '\n') + 1
}
