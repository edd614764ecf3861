package redact

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/netip"
	"strings"
)

// Revealer gives identities back for their pseudonyms: from records of them,
// and those of addresses also by computing, for they are a bijection under the
// case key. It is for one goroutine at a time.
type Revealer struct {
	known    map[string]known
	ip4, ip6 *prefixCipher // nil: nothing is computed
}

type known struct{ original, key string }

// NewRevealer makes a revealer that knows nothing.
func NewRevealer() *Revealer { return &Revealer{known: map[string]known{}} }

// Compute makes the revealer compute the addresses that it is not told of,
// under a case key of 32 bytes. Any address then has an answer, and a wrong
// one when its pseudonym was made under another key.
func (r *Revealer) Compute(caseKey []byte) {
	r.ip4, r.ip6 = newPrefixCipher(subkey(caseKey, "ip4")), newPrefixCipher(subkey(caseKey, "ip6"))
}

// Know tells what a pseudonym stands for under a key, named in any way. Of
// several spellings the first is kept; told two things under two keys, a
// revealer cannot say which is meant, and knows neither.
func (r *Revealer) Know(key, pseudonym, original string) {
	had, ok := r.known[pseudonym]
	switch {
	case !ok:
		r.known[pseudonym] = known{original, key}
	case had.key != key && had.original != original:
		r.known[pseudonym] = known{}
	}
}

// Original is what a pseudonym stands for. computed says that this was not
// recorded but follows from the case key.
func (r *Revealer) Original(pseudonym string) (original string, computed, ok bool) {
	if k, ok := r.known[pseudonym]; ok {
		return k.original, false, k.original != ""
	}
	original, ok = r.address(pseudonym)
	return original, ok, ok
}

// address computes the address that a pseudonym stands for.
func (r *Revealer) address(pseudonym string) (string, bool) {
	var digits string
	x := r.ip4
	class, ok := PseudonymClass(pseudonym)
	switch {
	case !ok || r.ip4 == nil:
		return "", false
	case class == IPv4:
		digits, ok = strings.CutPrefix(pseudonym, pseudonymIP4)
	case class == IPv6:
		x = r.ip6
		digits, ok = strings.CutPrefix(pseudonym, pseudonymIP6)
	default:
		return "", false
	}
	if !ok { // a word, of something that is no address
		return "", false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(digits, ".", ""))
	if err != nil {
		return "", false
	}
	x.undo(b)
	addr, ok := netip.AddrFromSlice(b)
	return addr.String(), ok
}

// PseudonymClass is the class of what a pseudonym stands for; false when s is
// none from end to end.
func PseudonymClass(s string) (Class, bool) {
	if s == "" || pseudonymAt([]byte(s), 0) != len(s) {
		return "", false
	}
	switch s[:4] {
	case pseudonymIP4:
		return IPv4, true
	case pseudonymIP6:
		return IPv6, true
	}
	n := len(pseudonymWord)
	return Class(s[n : n+classAt([]byte(s[n:]))]), true
}

// Revealing is an io.Reader of a text in which the pseudonyms that a revealer
// knows are replaced by their originals; every other byte stays as it was.
// UTF-16 and UTF-32 are understood. Memory does not grow with the text.
type Revealing struct {
	// Seen, when not nil, is told of each pseudonym with its original; known
	// says whether there is one. It may be set before the first Read.
	Seen func(pseudonym, original string, computed, known bool)

	rev   *Revealer
	r     io.Reader
	enc   encoding
	begun bool
	raw   []byte // not decoded
	buf   []byte // not looked at
	pre   byte   // what stands before buf
	text  []byte // of a wide encoding: revealed, not encoded
	out   []byte
	given int
	end   error
}

// Stream reveals what is read from r.
func (r *Revealer) Stream(src io.Reader) *Revealing { return &Revealing{rev: r, r: src} }

const (
	revealBlock = 64 << 10 // bytes read at once
	detected    = 1 << 10  // bytes that tell the encoding
)

// Read answers with an error of the underlying reader after all before it was
// handed out.
func (v *Revealing) Read(p []byte) (int, error) {
	for v.given == len(v.out) {
		if v.end != nil && len(v.buf) == 0 && len(v.raw) == 0 {
			return 0, v.end
		}
		v.out, v.given = v.out[:0], 0
		if err := v.next(); err != nil {
			v.end, v.buf, v.raw = err, nil, nil
		}
	}
	n := copy(p, v.out[v.given:])
	v.given += n
	return n, nil
}

// next reads a block and reveals what is whole in it.
func (v *Revealing) next() error {
	have := len(v.raw)
	if cap(v.raw) < revealBlock {
		v.raw = append(make([]byte, 0, revealBlock), v.raw...)
	}
	for empty := 0; v.end == nil && (len(v.raw) == have || !v.begun && len(v.raw) < detected); {
		var n int
		n, v.end = v.r.Read(v.raw[len(v.raw):revealBlock])
		v.raw = v.raw[:len(v.raw)+n]
		if n > 0 {
			empty = 0
		} else if empty++; empty > 100 && v.end == nil {
			v.end = io.ErrNoProgress
		}
	}
	if !v.begun {
		v.begun, v.enc = true, detect(v.raw)
	}
	n := len(v.raw)
	if v.enc != utf8Enc {
		n = v.enc.whole(v.raw, v.end != nil)
	}
	var err error
	if v.buf, err = v.enc.decode(v.buf, v.raw[:n]); err != nil {
		return err
	}
	rest := v.raw[n:]
	if v.enc == utf8Enc {
		v.out = v.reveal(v.out)
	} else {
		v.text = v.reveal(v.text[:0])
		v.out = v.enc.encode(v.out, v.text)
		if v.end != nil { // half a code unit
			v.out, rest = append(v.out, rest...), nil
		}
	}
	v.raw = v.raw[:copy(v.raw, rest)]
	return nil
}

const (
	longestWord    = len(pseudonymWord) + len(PrivateKey) + 1 + pseudonymDigits
	longestAddress = len(pseudonymIP6) + 8*4 + 7
)

// reveal appends what can be decided of buf to dst. Of every pseudonym the
// first sign is a hyphen, so that only hyphens are looked at.
func (v *Revealing) reveal(dst []byte) []byte {
	b, pos := v.buf, 0
	limit := len(b) // no pseudonym that begins before it can go on behind the end
	if v.end == nil {
		// None goes over a line's end: whole lines need not wait.
		limit = max(0, len(b)-max(longestWord, longestAddress), bytes.LastIndexByte(b, '\n')+1)
	}
	for from := 0; ; {
		k := bytes.IndexByte(b[from:], '-')
		if k < 0 {
			break
		}
		k += from
		from = k + 1
		start := k - (len(pseudonymWord) - 1)
		if k >= 3 && b[k-3] == 'i' {
			start = k - 3
		}
		if start < pos {
			continue
		}
		if start >= limit {
			break
		}
		n := pseudonymAt(b, start)
		if n == 0 {
			continue
		}
		name := string(b[start : start+n])
		original, computed, ok := v.rev.Original(name)
		if computed && (is(v.before(start), chWord) || start+n < len(b) && is(b[start+n], chWord)) {
			// A part of something longer, which only looks alike.
			original, ok = "", false
		}
		if v.Seen != nil {
			v.Seen(name, original, computed && ok, ok)
		}
		if ok {
			dst = append(append(dst, b[pos:start]...), original...)
			pos = start + n
		}
		from = start + n
	}
	end := max(pos, limit)
	dst = append(dst, b[pos:end]...)
	if end > 0 {
		v.pre = b[end-1]
	}
	v.buf = b[:copy(b, b[end:])]
	return dst
}

func (v *Revealing) before(i int) byte {
	if i == 0 {
		return v.pre
	}
	return v.buf[i-1]
}

// whole is how many bytes of raw are whole characters.
func (e encoding) whole(raw []byte, last bool) int {
	n := len(raw) - len(raw)%e.unit()
	if e.unit() != 2 || last || n < 2 {
		return n
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if e == utf16BE {
		order = binary.BigEndian
	}
	if u := order.Uint16(raw[n-2:]); u >= 0xd800 && u < 0xdc00 { // half of a character
		n -= 2
	}
	return n
}
