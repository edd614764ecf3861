package redact

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/maphash"
	"io"
	"iter"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// A pseudonym stands in the place of a hidden value. Its grammar, in the ABNF
// of RFC 5234 with case-sensitive strings, is published and stable:
//
//	pseudonym = word / ip4 / ip6
//	word      = "redacted-" class "-" 12base32
//	class     = "password" / "token" / "private-key" / "cookie" / "card" /
//	            "iban" / "ssn" / "email" / "username" / "ipv4" / "ipv6" /
//	            "mac" / "hostname" / "phone"
//	ip4       = "ip4-" hex2 3("." hex2)
//	ip6       = "ip6-" hex4 7("." hex4)
//	base32    = "0"-"9" / "a"-"h" / "j" / "k" / "m" / "n" / "p"-"t" / "v"-"z"
//	hex2      = 2hexdigit ; lower case
//	hex4      = 4hexdigit ; lower case
//
// The base32 alphabet is Crockford's in lower case: no i, l, o, u.
//
// What a pseudonym tells:
//
//   - Equal identities have equal pseudonyms under one case key, in whatever
//     spelling: the letter case of e-mails, host names and MAC addresses, the
//     separators of MAC addresses and phone numbers, and the many ways to
//     write one IPv6 address do not matter. An IPv4-mapped IPv6 address is
//     that IPv4 address.
//   - The first four characters of an e-mail's twelve come from its domain
//     alone and the other eight from the whole address, so that the addresses
//     of one domain stand together.
//   - Addresses go through a keyed bijection over all their bits that keeps
//     prefixes: two addresses share exactly as many leading bits as their
//     pseudonyms do. Nothing else of an address is kept, not even that it was
//     private, link-local or multicast. Loopback, unspecified and broadcast
//     addresses and netmasks have no pseudonym; they are left as they are.
//     A value of class ipv4 or ipv6 that is no address gets a word.
//   - Equal secrets have equal pseudonyms within one session and no relation
//     to those of another.
const (
	pseudonymWord = "redacted-"
	pseudonymIP4  = "ip4-"
	pseudonymIP6  = "ip6-"

	pseudonymDigits = 12 // base32 digits of a word
	domainDigits    = 4  // of them, those that an e-mail's domain decides

	base32 = "0123456789abcdefghjkmnpqrstvwxyz"
	hexLow = "0123456789abcdef"
)

// pseudonyms makes the pseudonyms of one session. Its methods may be called
// at once.
//
// Identities are keyed by HKDF subkeys of the case key, one for words and one
// for each address family, so that none tells anything about another. Secrets
// are keyed by random bytes that live in this value alone.
type pseudonyms struct {
	newMaker func() *maker
	makers   chan *maker // idle ones, all with the same keys
	seed     maphash.Seed
	cache    [cacheSlots]atomic.Pointer[cached]
	record   record
}

// Recent values are remembered in a direct-mapped cache: its memory does not
// grow with the number of distinct values, and a hit costs one hash and one
// comparison. Values longer than cachedValue are rare and made anew.
const (
	cacheSlots  = 1 << 13
	cachedValue = 72
)

type cached struct {
	class     Class
	value     [cachedValue]byte
	pseudonym [48]byte // the longest is 43: ip6
	valueLen  uint8
	len       uint8
}

// newPseudonyms returns pseudonyms of identities under caseKey, of any length,
// and of secrets under a key read from random. A nil caseKey is a random one;
// a nil random is crypto/rand, and crypto/rand also takes the place of a
// random that fails, so that no key is ever a guessable one.
func newPseudonyms(caseKey []byte, random io.Reader) *pseudonyms {
	fresh := func() []byte {
		key := make([]byte, 32)
		if random != nil {
			if _, err := io.ReadFull(random, key); err == nil {
				return key
			}
		}
		rand.Read(key) // never fails
		return key
	}
	if caseKey == nil {
		caseKey = fresh()
	}
	subkey := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, caseKey, nil, "diagcollect/redact/1 "+purpose, 32)
		if err != nil {
			panic(err) // only for a length that HKDF cannot make
		}
		return key
	}
	words, ip4, ip6, secrets := subkey("words"), subkey("ip4"), subkey("ip6"), fresh()

	p := &pseudonyms{seed: maphash.MakeSeed(), makers: make(chan *maker, runtime.GOMAXPROCS(0))}
	p.newMaker = func() *maker {
		return &maker{
			words:   hmac.New(sha256.New, words),
			secrets: hmac.New(sha256.New, secrets),
			ip4:     newPrefixCipher(ip4),
			ip6:     newPrefixCipher(ip6),
		}
	}
	p.remember(identityRoom)
	return p
}

// appendTo appends the pseudonym of value to dst.
func (p *pseudonyms) appendTo(dst []byte, c Class, value []byte) []byte {
	if len(value) > cachedValue {
		return p.make(dst, c, value)
	}
	h := maphash.Bytes(p.seed, value)
	slot := &p.cache[h%cacheSlots]
	if e := slot.Load(); e != nil && e.class == c && bytes.Equal(e.value[:e.valueLen], value) {
		return append(dst, e.pseudonym[:e.len]...)
	}
	e := &cached{class: c, valueLen: uint8(len(value))}
	copy(e.value[:], value)
	e.len = uint8(len(p.make(e.pseudonym[:0], c, value)))
	slot.Store(e)
	return append(dst, e.pseudonym[:e.len]...)
}

// make appends the pseudonym of value without looking into the cache.
func (p *pseudonyms) make(dst []byte, c Class, value []byte) []byte {
	var m *maker
	select {
	case m = <-p.makers:
	default:
		m = p.newMaker()
	}
	start := len(dst)
	dst = m.appendTo(dst, c, value)
	select {
	case p.makers <- m:
	default:
	}
	if !c.Secret() {
		p.record.add(dst[start:], value)
	}
	return dst
}

// identityRoom is how many bytes of identities a session records unless told
// otherwise: about 200,000 of them.
const identityRoom = 16 << 20

// remember makes identities be recorded from now on, in at most limit more
// bytes; 0 ends recording.
func (p *pseudonyms) remember(limit int) { p.record.open(limit) }

// identities yields each recorded pseudonym of an identity with the first
// original it stood for, in the order of their finding.
func (p *pseudonyms) identities() iter.Seq2[string, string] { return p.record.all }

// unrecorded is how many identities found no place in the record; one that
// was met again after a while may have been counted again.
func (p *pseudonyms) unrecorded() int64 { return p.record.left.Load() }

// pseudonymAt returns the length of the pseudonym that begins at b[i], 0 if
// none does. What stands before and after it is not looked at: a caller who
// knows where a value ends compares lengths.
func pseudonymAt(b []byte, i int) int {
	if i < 0 || i >= len(b) {
		return 0
	}
	b = b[i:]
	switch {
	case b[0] == 'r' && bytes.HasPrefix(b, []byte(pseudonymWord)):
		n := len(pseudonymWord)
		n += classAt(b[n:])
		if n == len(pseudonymWord) || len(b) < n+1+pseudonymDigits || b[n] != '-' {
			return 0
		}
		n++
		for _, c := range b[n : n+pseudonymDigits] {
			if charSets[c]&setBase32 == 0 {
				return 0
			}
		}
		return n + pseudonymDigits
	case b[0] == 'i' && bytes.HasPrefix(b, []byte(pseudonymIP4)):
		return hexGroupsAt(b, len(pseudonymIP4), 4, 2)
	case b[0] == 'i' && bytes.HasPrefix(b, []byte(pseudonymIP6)):
		return hexGroupsAt(b, len(pseudonymIP6), 8, 4)
	}
	return 0
}

// classAt returns the length of the class name that b begins with. No name
// is the beginning of another.
func classAt(b []byte) int {
	for _, c := range [...]Class{Password, Token, PrivateKey, Cookie, Card, IBAN, SSN,
		Email, Username, IPv4, IPv6, MAC, Hostname, Phone} {
		if len(b) >= len(c) && string(b[:len(c)]) == string(c) {
			return len(c)
		}
	}
	return 0
}

// hexGroupsAt returns the end of count dot-separated groups of width lower
// case hex digits at b[n:], 0 if they are not there.
func hexGroupsAt(b []byte, n, count, width int) int {
	for g := range count {
		if g > 0 {
			if n >= len(b) || b[n] != '.' {
				return 0
			}
			n++
		}
		if len(b) < n+width {
			return 0
		}
		for _, c := range b[n : n+width] {
			if charSets[c]&setHexLower == 0 {
				return 0
			}
		}
		n += width
	}
	return n
}

// maker holds what one goroutine needs to make a pseudonym: the keyed states,
// and buffers whose addresses go through interfaces, so that they are made
// once and not for each value.
type maker struct {
	words, secrets hash.Hash
	ip4, ip6       *prefixCipher
	text           []byte
	sum            [sha256.Size]byte
}

func (m *maker) appendTo(dst []byte, c Class, value []byte) []byte {
	switch c {
	case IPv4, IPv6:
		if addr, ok := parseAddress(value); ok {
			return m.appendAddress(dst, addr)
		}
	case Email:
		text := m.canonical(c, value)
		domain := text[bytes.LastIndexByte(text, '@')+1:]
		dst = append(dst, pseudonymWord+"email-"...)
		dst = m.appendDigits(dst, m.words, "email-domain", domain, domainDigits)
		return m.appendDigits(dst, m.words, string(c), text, pseudonymDigits-domainDigits)
	}
	key := m.words
	if c.Secret() {
		key = m.secrets
	}
	dst = append(dst, pseudonymWord...)
	dst = append(dst, c...)
	dst = append(dst, '-')
	return m.appendDigits(dst, key, string(c), m.canonical(c, value), pseudonymDigits)
}

// appendDigits appends n base32 digits of the HMAC of purpose and text.
func (m *maker) appendDigits(dst []byte, key hash.Hash, purpose string, text []byte, n int) []byte {
	key.Reset()
	m.sum[0] = byte(len(purpose)) // no purpose and text run into another pair
	key.Write(m.sum[:1])
	k := copy(m.sum[:], purpose)
	key.Write(m.sum[:k])
	key.Write(text)
	bits := binary.BigEndian.Uint64(key.Sum(m.sum[:0]))
	for range n {
		dst = append(dst, base32[bits>>59])
		bits <<= 5
	}
	return dst
}

// canonical returns the one spelling of value under which it is keyed. The
// result is value or m.text.
func (m *maker) canonical(c Class, value []byte) []byte {
	switch c {
	case Email, Hostname:
		m.text = appendLower(m.text[:0], value)
	case MAC:
		m.text = appendOnly(m.text[:0], value, setHex)
		m.text = appendLower(m.text[:0], m.text)
	case Phone, Card, SSN:
		m.text = appendOnly(m.text[:0], value, setDigit)
	case IBAN:
		m.text = appendOnly(m.text[:0], value, setAlnum)
	default:
		return value
	}
	if len(m.text) == 0 {
		return value // nothing in it is of its class: take it as it is
	}
	return m.text
}

// appendLower appends text in lower case; dst may be text[:0].
func appendLower(dst, text []byte) []byte {
	ascii := true
	for _, c := range text {
		ascii = ascii && c < 0x80
	}
	if !ascii {
		return append(dst, strings.ToLower(string(text))...)
	}
	for _, c := range text {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	return dst
}

// appendOnly appends those bytes of text that are in set.
func appendOnly(dst, text []byte, set charSet) []byte {
	for _, c := range text {
		if charSets[c]&set != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

func (m *maker) appendAddress(dst []byte, addr netip.Addr) []byte {
	if addr = addr.Unmap(); addr.Is4() {
		a := addr.As4()
		m.ip4.permute(a[:])
		dst = append(dst, pseudonymIP4...)
		for i, o := range a {
			if i > 0 {
				dst = append(dst, '.')
			}
			dst = append(dst, hexLow[o>>4], hexLow[o&15])
		}
		return dst
	}
	a := addr.As16()
	m.ip6.permute(a[:])
	dst = append(dst, pseudonymIP6...)
	for i, o := range a {
		if i > 0 && i%2 == 0 {
			dst = append(dst, '.')
		}
		dst = append(dst, hexLow[o>>4], hexLow[o&15])
	}
	return dst
}

// prefixCipher is a keyed bijection on strings of up to 128 bits that keeps
// prefixes: Crypto-PAn (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP Address
// Anonymization", ICNP 2002) with AES-128. Bit i of the result is bit i of
// the input, flipped by a pseudo-random function of the bits before it; so it
// can be undone bit by bit, and two inputs part where their results part.
type prefixCipher struct {
	block   cipher.Block
	pad     [aes.BlockSize]byte
	in, out [aes.BlockSize]byte
}

// newPrefixCipher takes a key of 32 bytes: half for AES, half for the pad.
func newPrefixCipher(key []byte) *prefixCipher {
	block, err := aes.NewCipher(key[:16])
	if err != nil {
		panic(err) // only for a key of a wrong length
	}
	x := &prefixCipher{block: block}
	block.Encrypt(x.pad[:], key[16:32])
	return x
}

// permute replaces a, of at most 16 bytes, by its image.
func (x *prefixCipher) permute(a []byte) {
	x.in = x.pad
	for i := range 8 * len(a) {
		byteAt, bit := i/8, byte(0x80)>>(i%8)
		x.block.Encrypt(x.out[:], x.in[:])
		// The input of the next round begins with one more bit of the address.
		x.in[byteAt] = x.in[byteAt]&^bit | a[byteAt]&bit
		if x.out[0]&0x80 != 0 {
			a[byteAt] ^= bit
		}
	}
}

// record keeps identities for the operator's own map: an append-only list of
// pairs in chunks of bytes, and a table of fingerprints that tells what is
// already there. Both are bounded; what does not fit is counted.
type record struct {
	on    atomic.Bool
	left  atomic.Int64
	mu    sync.Mutex
	room  int // bytes that may still be taken
	seed  maphash.Seed
	seen  []uint64 // open addressing; 0 is empty; at most half full
	count int
	parts [][]byte // each pair: length of pseudonym, 2 bytes of length of original, both texts
}

const recordPart = 64 << 10

func (r *record) open(limit int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.seen == nil {
		r.seed, r.seen = maphash.MakeSeed(), make([]uint64, 1<<10)
	}
	r.room = limit
	r.on.Store(limit > 0)
}

func (r *record) add(pseudonym, original []byte) {
	if !r.on.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := maphash.Bytes(r.seed, pseudonym) | 1
	at := r.find(h)
	if r.seen[at] == h {
		return
	}
	need := 3 + len(pseudonym) + len(original)
	if len(original) > 4096 || need+16 > r.room { // 16: its share of the table
		r.left.Add(1)
		return
	}
	r.room -= need + 16
	r.seen[at] = h
	if r.count++; 2*r.count > len(r.seen) {
		old := r.seen
		r.seen = make([]uint64, 2*len(old))
		for _, h := range old {
			if h != 0 {
				r.seen[r.find(h)] = h
			}
		}
	}
	if n := len(r.parts); n == 0 || cap(r.parts[n-1])-len(r.parts[n-1]) < need {
		r.parts = append(r.parts, make([]byte, 0, recordPart))
	}
	last := &r.parts[len(r.parts)-1]
	*last = append(*last, byte(len(pseudonym)))
	*last = binary.BigEndian.AppendUint16(*last, uint16(len(original)))
	*last = append(*last, pseudonym...)
	*last = append(*last, original...)
}

// find returns the place of h in the table, or the empty place for it.
func (r *record) find(h uint64) int {
	mask := len(r.seen) - 1
	at := int(h>>8) & mask
	for r.seen[at] != 0 && r.seen[at] != h {
		at = (at + 1) & mask
	}
	return at
}

// all is an iterator over what was recorded when it began.
func (r *record) all(yield func(pseudonym, original string) bool) {
	r.mu.Lock()
	parts := append([][]byte(nil), r.parts...) // a part's bytes never change once written
	r.mu.Unlock()
	for _, part := range parts {
		for len(part) > 0 {
			n, m := int(part[0]), int(binary.BigEndian.Uint16(part[1:]))
			part = part[3:]
			if !yield(string(part[:n]), string(part[n:n+m])) {
				return
			}
			part = part[n+m:]
		}
	}
}
