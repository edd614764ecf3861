package redact

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// encoding is how a text is written. Everything that is not UTF-16 or UTF-32
// passes as it is: UTF-8, Latin-1, bytes that are neither.
type encoding uint8

const (
	utf8Enc encoding = iota
	utf16LE
	utf16BE
	utf32LE
	utf32BE
)

var encodingNames = [...]string{"utf-8", "utf-16le", "utf-16be", "utf-32le", "utf-32be"}

func (e encoding) String() string { return encodingNames[e] }

func encodingNamed(name string) (encoding, bool) {
	for i, n := range encodingNames {
		if n == name {
			return encoding(i), true
		}
	}
	return 0, name == ""
}

// unit is the number of bytes of a code unit.
func (e encoding) unit() int {
	switch e {
	case utf16LE, utf16BE:
		return 2
	case utf32LE, utf32BE:
		return 4
	}
	return 1
}

// byteOrderMarks, the longer ones first.
var byteOrderMarks = []struct {
	bytes string
	enc   encoding
}{{"\xff\xfe\x00\x00", utf32LE}, {"\x00\x00\xfe\xff", utf32BE}, {"\xff\xfe", utf16LE}, {"\xfe\xff", utf16BE}}

// marked reports whether a text begins with a byte order mark that is not of
// UTF-8.
func marked(b []byte) bool {
	for _, m := range byteOrderMarks {
		if bytes.HasPrefix(b, []byte(m.bytes)) {
			return true
		}
	}
	return false
}

// detect tells the encoding from the beginning of a text.
func detect(b []byte) encoding {
	for _, m := range byteOrderMarks {
		if bytes.HasPrefix(b, []byte(m.bytes)) {
			return m.enc
		}
	}
	// Without a mark: characters of ASCII leave zeros at fixed places.
	if len(b) > 1024 {
		b = b[:1024]
	}
	n := len(b) / 4
	if n < 2 {
		return utf8Enc
	}
	var zeros [4]int
	for i, c := range b[:n*4] {
		if c == 0 {
			zeros[i%4]++
		}
	}
	most := n * 7 / 10
	switch few := n / 20; {
	case zeros[3] >= n && zeros[2] >= most && zeros[1] >= most && zeros[0] <= few:
		return utf32LE
	case zeros[0] >= n && zeros[1] >= most && zeros[2] >= most && zeros[3] <= few:
		return utf32BE
	case zeros[1] >= most && zeros[3] >= most && zeros[0] <= few && zeros[2] <= few:
		return utf16LE
	case zeros[0] >= most && zeros[2] >= most && zeros[1] <= few && zeros[3] <= few:
		return utf16BE
	}
	return utf8Enc
}

// decode appends b, whole code units, to dst as UTF-8. A lone surrogate
// becomes three bytes as if it were a character (WTF-8), so that encode gives
// back what was there. A high surrogate at the end of b has to wait for more.
func (e encoding) decode(dst, b []byte) ([]byte, error) {
	switch e {
	case utf16LE, utf16BE:
		var order binary.ByteOrder = binary.LittleEndian
		if e == utf16BE {
			order = binary.BigEndian
		}
		for i := 0; i+1 < len(b); i += 2 {
			r := rune(order.Uint16(b[i:]))
			if r >= 0xd800 && r < 0xdc00 && i+3 < len(b) {
				if lo := rune(order.Uint16(b[i+2:])); lo >= 0xdc00 && lo < 0xe000 {
					r = (r-0xd800)<<10 + (lo - 0xdc00) + 0x10000
					i += 2
				}
			}
			dst = appendWTF8(dst, r)
		}
	case utf32LE, utf32BE:
		var order binary.ByteOrder = binary.LittleEndian
		if e == utf32BE {
			order = binary.BigEndian
		}
		for i := 0; i+3 < len(b); i += 4 {
			v := order.Uint32(b[i:])
			if v > utf8.MaxRune {
				return dst, fmt.Errorf("%w: no %s: code point %#x", ErrUnreadable, e, v)
			}
			dst = appendWTF8(dst, rune(v))
		}
	default:
		dst = append(dst, b...)
	}
	return dst, nil
}

func appendWTF8(dst []byte, r rune) []byte {
	if r >= 0xd800 && r < 0xe000 {
		return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f)
	}
	return utf8.AppendRune(dst, r)
}

// encode appends text, as decode made it, to dst.
func (e encoding) encode(dst, text []byte) []byte {
	for len(text) > 0 {
		r, n := rune(text[0]), 1
		if r >= utf8.RuneSelf {
			if r, n = utf8.DecodeRune(text); r == utf8.RuneError && n <= 1 {
				if len(text) >= 3 && text[0] == 0xed {
					r, n = rune(text[0]&0xf)<<12|rune(text[1]&0x3f)<<6|rune(text[2]&0x3f), 3
				}
			}
		}
		text = text[n:]
		switch e {
		case utf16LE, utf16BE:
			if r >= 0x10000 {
				r -= 0x10000
				dst = e.unit16(dst, uint16(0xd800+r>>10))
				dst = e.unit16(dst, uint16(0xdc00+r&0x3ff))
			} else {
				dst = e.unit16(dst, uint16(r))
			}
		case utf32LE:
			dst = binary.LittleEndian.AppendUint32(dst, uint32(r))
		case utf32BE:
			dst = binary.BigEndian.AppendUint32(dst, uint32(r))
		}
	}
	return dst
}

func (e encoding) unit16(dst []byte, v uint16) []byte {
	if e == utf16BE {
		return append(dst, byte(v>>8), byte(v))
	}
	return append(dst, byte(v), byte(v>>8))
}
