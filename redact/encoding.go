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

// detect tells the encoding from the beginning of a text.
func detect(b []byte) encoding {
	switch {
	case bytes.HasPrefix(b, []byte{0xff, 0xfe, 0, 0}):
		return utf32LE
	case bytes.HasPrefix(b, []byte{0, 0, 0xfe, 0xff}):
		return utf32BE
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}):
		return utf16LE
	case bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		return utf16BE
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

// magics begin the files of formats that are no text.
var magics = []struct {
	offset int
	magic  string
	name   string
}{
	{0, "\x7fELF", "ELF program"},
	{0, "MZ\x90\x00", "Windows program"},
	{0, "SQLite format 3\x00", "SQLite database"},
	{0, "ElfFile\x00", "Windows event log"},
	{0, "LPKSHHRH", "systemd journal"},
	{0, "\x89PNG\r\n\x1a\n", "PNG image"},
	{0, "\xff\xd8\xff", "JPEG image"},
	{0, "GIF8", "GIF image"},
	{0, "%PDF-", "PDF document"},
	{0, "\xca\xfe\xba\xbe", "Java class or Mach-O program"},
	{0, "\xce\xfa\xed\xfe", "Mach-O program"}, {0, "\xcf\xfa\xed\xfe", "Mach-O program"},
	{0, "\xfe\xed\xfe\xed", "Java key store"}, {0, "\xce\xce\xce\xce", "Java key store"},
	{0, "\x1f\x8b", "gzip data"}, {0, "\x1f\x9d", "compressed data"},
	{0, "PK\x03\x04", "zip archive"}, {0, "PK\x05\x06", "zip archive"},
	{0, "\x28\xb5\x2f\xfd", "zstd data"},
	{0, "\xfd7zXZ\x00", "xz data"}, {0, "BZh91AY&SY", "bzip2 data"}, {0, "BZh", "bzip2 data"},
	{0, "7z\xbc\xaf\x27\x1c", "7z archive"}, {0, "Rar!\x1a\x07", "rar archive"},
	{0, "\x04\x22\x4d\x18", "lz4 data"}, {0, "LZIP", "lzip data"},
	{257, "ustar", "tar archive"},
	{0, "\xd4\xc3\xb2\xa1", "packet capture"}, {0, "\xa1\xb2\xc3\xd4", "packet capture"}, {0, "\x0a\x0d\x0d\x0a", "packet capture"},
	{0, "regf", "Windows registry hive"},
	{0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "OLE document"},
	{0, "MDMP", "Windows crash dump"}, {0, "PAGEDUMP", "Windows crash dump"}, {0, "PAGEDU64", "Windows crash dump"},
	{0, "JAVA PROFILE 1.0", "Java heap dump"},
	{0, "FLR\x00", "Java flight recording"},
	{0, "PERFILE2", "perf recording"},
	{0, "\x00asm", "WebAssembly module"},
	{0, "OggS", "Ogg media"}, {0, "ID3", "MP3 media"}, {4, "ftyp", "MP4 media"}, {0, "RIFF", "RIFF media"},
	{0, "wOFF", "font"}, {0, "wOF2", "font"},
	{0, "KDMV", "virtual disk"}, {0, "QFI\xfb", "virtual disk"},
	{0, "\x99\x01", "PGP key ring"}, {0, "\x95\x01", "PGP key ring"}, {0, "\x95\x03", "PGP key ring"},
}

// binaryFormat names the binary format that a text cannot begin like.
func binaryFormat(b []byte) string {
	for _, m := range magics {
		if len(b) >= m.offset+len(m.magic) && string(b[m.offset:m.offset+len(m.magic)]) == m.magic {
			return m.name
		}
	}
	// DER: a sequence that is as long as it says, as keys and PKCS #12 are.
	if len(b) > 8 && b[0] == 0x30 && b[1] == 0x82 && (b[4] == 0x02 || b[4] == 0x30) {
		return "DER data"
	}
	return ""
}

// dense reports whether some window of b holds more control characters than
// any text does. Runs of NUL, as a crash leaves them in a log, do not count,
// nor do single ones between words.
func dense(b []byte) bool {
	const window = 4096
	for len(b) > 0 {
		w := b[:min(window, len(b))]
		b = b[len(w):]
		ctl, nul, n := 0, 0, len(w)
		for i := 0; i < len(w); {
			c := w[i]
			if c == 0 {
				k := i
				for k < len(w) && w[k] == 0 {
					k++
				}
				if k-i >= 16 || k == len(w) || i == 0 {
					n -= k - i
				} else {
					nul += k - i
				}
				i = k
				continue
			}
			if oddByte(c) {
				ctl++
			}
			i++
		}
		if ctl*25 > n && ctl > 3 || (ctl+nul)*4 > n && nul > 8 && ctl+nul > 0 {
			return true
		}
	}
	return false
}
