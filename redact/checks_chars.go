package redact

// charSet is a set of bytes. Sets are tested by one load and one AND.
type charSet uint32

const (
	setDigit     charSet = 1 << iota // 0-9
	setHexLower                      // 0-9 a-f
	setHex                           // 0-9 a-f A-F
	setUpper                         // A-Z
	setLower                         // a-z
	setAlnum                         // 0-9 A-Z a-z
	setWord                          // 0-9 A-Z a-z _
	setURL64                         // 0-9 A-Z a-z _ -
	setBase64                        // 0-9 A-Z a-z + /
	setBase32                        // of pseudonyms: 0-9 a-z without i l o u
	setAtext                         // RFC 5322 atext, and every byte of UTF-8 beyond ASCII
	setLabel                         // 0-9 A-Z a-z - and every byte of UTF-8 beyond ASCII
	setHexUpper                      // 0-9 A-F
	setCrypt                         // 0-9 A-Z a-z . / of crypt(3)
	setDot                           // .
	setEqual                         // =
	setPercent                       // %
	setDigitPair                     // A E I M Q U Y c g k: third in base64 of digits
	setComma                         // , $ * of hashes' parameters
)

var charSets = func() (t [256]charSet) {
	add := func(set charSet, chars string) {
		for i := range len(chars) {
			t[chars[i]] |= set
		}
	}
	const (
		digits = "0123456789"
		lower  = "abcdefghijklmnopqrstuvwxyz"
		upper  = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		alnum  = digits + lower + upper
	)
	add(setDigit, digits)
	add(setHexLower, digits+"abcdef")
	add(setHex, digits+"abcdefABCDEF")
	add(setUpper, upper)
	add(setLower, lower)
	add(setAlnum, alnum)
	add(setWord, alnum+"_")
	add(setURL64, alnum+"_-")
	add(setBase64, alnum+"+/")
	add(setBase32, base32)
	add(setAtext, alnum+"!#$%&'*+-/=?^_`{|}~")
	add(setLabel, alnum+"-")
	add(setHexUpper, digits+"ABCDEF")
	add(setCrypt, alnum+"./")
	add(setDot, ".")
	add(setEqual, "=")
	add(setPercent, "%")
	add(setDigitPair, "AEIMQUYcgk")
	add(setComma, ",$*")
	for c := 0x80; c < 0x100; c++ {
		t[c] |= setAtext | setLabel
	}
	return
}()

// has reports whether b[i] exists and is in set.
func has(b []byte, i int, set charSet) bool {
	return i >= 0 && i < len(b) && charSets[b[i]]&set != 0
}

// endOf returns the end of the bytes of set that begin at b[i].
func endOf(b []byte, i int, set charSet) int {
	for i < len(b) && charSets[b[i]]&set != 0 {
		i++
	}
	return i
}

// startsToken reports whether a token can begin at b[i]: the byte before it
// is no letter, digit or underscore, or it is the end of an escape sequence
// (\n, \u0022, %3D, ESC[31m), which the writer's format put there and which
// belongs to no word.
func startsToken(b []byte, i int) bool {
	return !has(b, i-1, setWord) || escapeEnds(b, i)
}

// escapeEnds reports whether an escape sequence ends right before b[i].
func escapeEnds(b []byte, i int) bool {
	if i < 2 {
		return false
	}
	switch c := b[i-1]; {
	case b[i-2] == '\\':
		// Nested strings double the backslash: \\n is as much a line end as \n.
		return c == 'n' || c == 't' || c == 'r' || c == 'f' || c == 'b' || c == 'v' || c == '0'
	case i >= 3 && b[i-3] == '%' && has(b, i-1, setHex) && has(b, i-2, setHex):
		return true
	case i >= 6 && b[i-6] == '\\' && b[i-5] == 'u':
		for _, h := range b[i-4 : i] {
			if charSets[h]&setHex == 0 {
				return false
			}
		}
		return true
	case i >= 4 && b[i-4] == '\\' && b[i-3] == 'x' && has(b, i-2, setHex) && has(b, i-1, setHex):
		return true
	case c == 'm':
		j := i - 2
		for j >= 0 && i-j < 16 && (has(b, j, setDigit) || b[j] == ';') {
			j--
		}
		return j >= 1 && b[j] == '[' && (b[j-1] == 0x1b || bytesEndWithEscape(b[:j]))
	}
	return false
}

// bytesEndWithEscape reports whether b ends with a written-out ESC, as logs of
// logs have it: \x1b, \u001b, \033, \e, #033.
func bytesEndWithEscape(b []byte) bool {
	for _, e := range [...]string{`\x1b`, `\x1B`, `\u001b`, `\u001B`, `\033`, `\e`, `#033`, `^[`} {
		if len(b) >= len(e) && string(b[len(b)-len(e):]) == e {
			return true
		}
	}
	return false
}
