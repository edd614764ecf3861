package manifest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	blockSize   = 512
	maxHeader   = 4096    // bytes of a member's header blocks
	maxUstar    = 1 << 33 // sizes from here on need a PAX record
	maxUnixTime = 1<<33 - 1
)

// tarHeader appends the header blocks of a member (see "Members"). They follow
// from name, size and time alone, so a reader makes them anew and compares.
func tarHeader(dst []byte, name string, size int64, mtime time.Time) []byte {
	prefix, short, fits := splitName(name)
	if fits && size < maxUstar {
		return ustarBlock(dst, prefix, short, '0', size, mtime)
	}
	records := paxRecord("path", name)
	field := size
	if size >= maxUstar {
		records += paxRecord("size", strconv.FormatInt(size, 10))
		field = 0
	}
	dst = ustarBlock(dst, "", "PaxHeader", 'x', int64(len(records)), mtime)
	dst = append(dst, records...)
	dst = append(dst, make([]byte, padding(int64(len(records))))...)
	return ustarBlock(dst, "", asciiTail(name), '0', field, mtime)
}

// headerSize is the length of tarHeader's result.
func headerSize(name string, size int64) int64 {
	if _, _, fits := splitName(name); fits && size < maxUstar {
		return blockSize
	}
	n := int64(len(paxRecord("path", name)))
	if size >= maxUstar {
		n += int64(len(paxRecord("size", strconv.FormatInt(size, 10))))
	}
	return 2*blockSize + n + padding(n)
}

// padding is what follows n bytes up to the next block.
func padding(n int64) int64 { return -n & (blockSize - 1) }

// splitName puts an ASCII name into the two fields of a ustar header.
func splitName(name string) (prefix, short string, fits bool) {
	for i := range len(name) {
		if name[i] >= 0x80 {
			return "", "", false
		}
	}
	if len(name) <= 100 {
		return "", name, true
	}
	i := strings.LastIndexByte(name[:min(len(name), 156)], '/')
	if i <= 0 || len(name)-i-1 > 100 || i == len(name)-1 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// asciiTail is a name for readers that do not know PAX.
func asciiTail(name string) string {
	if len(name) > 100 {
		name = name[len(name)-100:]
	}
	b := []byte(name)
	for i, c := range b {
		if c >= 0x80 || i == 0 && c == '/' {
			b[i] = '_'
		}
	}
	return string(b)
}

// paxRecord is "length key=value\n", where length counts itself.
func paxRecord(key, value string) string {
	n := len(key) + len(value) + 3
	size := n + len(strconv.Itoa(n))
	if len(strconv.Itoa(size)) > len(strconv.Itoa(n)) {
		size++
	}
	return fmt.Sprintf("%d %s=%s\n", size, key, value)
}

func ustarBlock(dst []byte, prefix, name string, typeflag byte, size int64, mtime time.Time) []byte {
	var b [blockSize]byte
	copy(b[0:100], name)
	copy(b[100:108], "0000644")
	copy(b[108:116], "0000000")
	copy(b[116:124], "0000000")
	octal(b[124:136], size)
	octal(b[136:148], tarTime(mtime).Unix())
	copy(b[148:156], "        ")
	b[156] = typeflag
	copy(b[257:265], "ustar\x0000")
	copy(b[329:337], "0000000")
	copy(b[337:345], "0000000")
	copy(b[345:500], prefix)
	var sum int64
	for _, c := range b {
		sum += int64(c)
	}
	octal(b[148:155], sum)
	return append(dst, b[:]...)
}

// octal fills a field but for its last byte, which stays NUL.
func octal(field []byte, n int64) {
	for i := len(field) - 2; i >= 0; i-- {
		field[i] = '0' + byte(n&7)
		n >>= 3
	}
}

// tarTime is t in whole seconds, within what a ustar header can say.
func tarTime(t time.Time) time.Time {
	return time.Unix(min(max(t.Unix(), 0), maxUnixTime), 0).UTC()
}
