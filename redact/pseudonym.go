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
	"math/bits"
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
	record   record
	gone     gone
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
	words, ip4, ip6, secrets := subkey(caseKey, "words"), subkey(caseKey, "ip4"), subkey(caseKey, "ip6"), fresh()

	p := &pseudonyms{makers: make(chan *maker, runtime.GOMAXPROCS(0)), gone: gone{seed: maphash.MakeSeed()}}
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

// subkey derives the key for one purpose from the case key.
func subkey(caseKey []byte, purpose string) []byte {
	key, err := hkdf.Key(sha256.New, caseKey, nil, "diagcollect/redact/1 "+purpose, 32)
	if err != nil {
		panic(err) // only for a length that HKDF cannot make
	}
	return key
}

// appendTo appends the pseudonym of value to dst.
func (p *pseudonyms) appendTo(dst []byte, c Class, value []byte) []byte {
	var m *maker
	select {
	case m = <-p.makers:
	default:
		m = p.newMaker()
	}
	start := len(dst)
	dst = m.appendTo(dst, c, value)
	if !c.Secret() {
		m.pair = appendPair(m.pair[:0], dst[start:], value)
		p.record.add(m.pair)
	}
	select {
	case p.makers <- m:
	default:
	}
	return dst
}

// recent makes pseudonyms for one goroutine. Recent values are remembered in
// a direct-mapped cache: its memory does not grow with the number of distinct
// values, and a hit costs one hash and one comparison. Values longer than
// recentValue are rare and made anew.
type recent struct {
	p     *pseudonyms
	m     *maker
	pairs []byte // identities not recorded yet
	slots *recentTable
}

// recentTable has the hashes apart from the rest: a value that was not met
// before is told by them alone, without waiting for what lies far apart in
// memory.
type recentTable struct {
	hashes [recentSlots]uint32
	slots  [recentSlots]recentSlot
}

type recentSlot struct {
	class     classID
	valueLen  uint8
	len       uint8
	value     [recentValue]byte
	pseudonym [45]byte // the longest is 43: ip6
}

const (
	recentSlots = 1 << 11
	recentValue = 40
)

// appendTo appends the pseudonym of value to dst.
func (r *recent) appendTo(dst []byte, c classID, value []byte) []byte {
	if len(value) > recentValue {
		return r.make(dst, c, value)
	}
	h := shortHash(value, uint64(c))
	k, tag := h%recentSlots, uint32(h>>32)|1
	e := &r.slots.slots[k]
	if r.slots.hashes[k] != tag || e.class != c || string(e.value[:e.valueLen]) != string(value) {
		r.slots.hashes[k] = tag
		e.class = c
		e.valueLen = uint8(copy(e.value[:], value))
		e.len = uint8(len(r.make(e.pseudonym[:0], c, value)))
	}
	return append(dst, e.pseudonym[:e.len]...)
}

func (r *recent) make(dst []byte, c classID, value []byte) []byte {
	if r.m == nil {
		r.m = r.p.newMaker()
	}
	start := len(dst)
	dst = r.m.appendTo(dst, classes[c], value)
	if c < cEmail {
		r.p.gone.add(value)
	} else if r.pairs = appendPair(r.pairs, dst[start:], value); len(r.pairs) > recordPart {
		r.flush()
	}
	return dst
}

// flush records the identities that were met.
func (r *recent) flush() {
	if len(r.pairs) > 0 {
		r.p.record.add(r.pairs)
		r.pairs = r.pairs[:0]
	}
}

// shortHash mixes the bytes of a short text.
func shortHash(b []byte, seed uint64) uint64 {
	const m = 0x9e3779b97f4a7c15
	h := seed + uint64(len(b))
	for len(b) > 8 {
		h = bits.RotateLeft64((h^binary.LittleEndian.Uint64(b))*m, 29)
		b = b[min(8, len(b)-8):] // the last eight bytes may be mixed twice
	}
	h = (h ^ upTo8(b)) * m
	return h ^ h>>32
}

// upTo8 is the bytes of a text of at most eight, in some order, some of them
// twice: no two texts of one length give the same.
func upTo8(b []byte) uint64 {
	switch n := len(b); {
	case n == 8:
		return binary.LittleEndian.Uint64(b)
	case n >= 4:
		return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint32(b[n-4:]))<<32
	case n > 0:
		return uint64(b[0])<<16 | uint64(b[n/2])<<8 | uint64(b[n-1])
	}
	return 0
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
	text, pair     []byte
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
// prefixes, as Crypto-PAn does (Xu, Fan, Ammar, Moon: "Prefix-Preserving IP
// Address Anonymization", ICNP 2002), with AES-128: bit i of the result is bit
// i of the input, flipped by a pseudo-random function of the bits before it; so
// it can be undone bit by bit, and two inputs part where their results part.
// Other than there, one block serves four bits: it is made from the bits before
// the four, and of its own bits 1 to 15, a binary tree with bit 1 at its root,
// those flip that the way through the tree passes.
type prefixCipher struct {
	block   cipher.Block
	pad     [aes.BlockSize]byte
	in, out [aes.BlockSize]byte
	nets    [1 << 10]net // recent ones
}

// net is the first half of an IPv4 address and what flips its bits.
type net struct {
	known bool
	from  [2]byte
	flips [2]byte
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

// permute replaces a, of at most 16 bytes, by its image. Many addresses share
// their first half with others: for IPv4 it is remembered.
func (x *prefixCipher) permute(a []byte) {
	if len(a) != 4 {
		x.flip(a, 0)
		return
	}
	from := [2]byte(a)
	n := &x.nets[(int(from[0])<<8|int(from[1]))*0x9e37>>2%len(x.nets)]
	if !n.known || n.from != from {
		half := from
		x.flip(half[:], 0)
		*n = net{true, from, [2]byte{half[0] ^ from[0], half[1] ^ from[1]}}
	}
	x.flip(a, 2)
	a[0], a[1] = from[0]^n.flips[0], from[1]^n.flips[1]
}

// flip does the bytes of a from the first.
func (x *prefixCipher) flip(a []byte, first int) {
	x.in = x.pad
	copy(x.in[:first], a)
	for k := first; k < len(a); k++ {
		c := a[k]
		for shift := 4; shift >= 0; shift -= 4 {
			a[k] ^= x.flips(c>>shift, false) << shift
			x.in[k] = x.in[k]&(0x0f<<(4-shift)) | c&(0x0f<<shift)
		}
	}
}

// undo is the inverse of permute.
func (x *prefixCipher) undo(a []byte) {
	x.in = x.pad
	for k := range a {
		for shift := 4; shift >= 0; shift -= 4 {
			a[k] ^= x.flips(a[k]>>shift, true) << shift
			x.in[k] = x.in[k]&(0x0f<<(4-shift)) | a[k]&(0x0f<<shift)
		}
	}
}

// flips are those of the next four bits: bits, or undone what they became.
func (x *prefixCipher) flips(bits byte, undo bool) (flips byte) {
	x.block.Encrypt(x.out[:], x.in[:])
	tree := binary.BigEndian.Uint16(x.out[:])
	node := byte(1)
	for k := 3; k >= 0; k-- {
		flip := byte(tree >> node & 1)
		bit := bits >> k & 1
		if undo {
			bit ^= flip
		}
		flips |= flip << k
		node = node<<1 | bit
	}
	return flips
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

// appendPair appends what the record keeps of an identity: the length of its
// pseudonym, two bytes of the length of the original, both texts. Originals
// that are too long for any name are left out, and counted.
func appendPair(dst, pseudonym, original []byte) []byte {
	dst = append(dst, byte(len(pseudonym)))
	if len(original) > 4096 {
		dst = binary.BigEndian.AppendUint16(dst, 0)
		return append(dst, pseudonym...)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(original)))
	dst = append(dst, pseudonym...)
	return append(dst, original...)
}

// nextPair is the first pair in a list of them, and its pseudonym.
func nextPair(pairs []byte) (pair, pseudonym []byte) {
	n, m := int(pairs[0]), int(binary.BigEndian.Uint16(pairs[1:]))
	return pairs[:3+n+m], pairs[3 : 3+n]
}

// add records pairs. Their places in the table are far apart in memory: all
// of some are looked at before the first is decided on, so that they are
// waited for at once.
func (r *record) add(pairs []byte) {
	if !r.on.Load() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(pairs) > 0 {
		var hashes [16]uint64
		var known [len(hashes)]bool
		n, rest := 0, pairs
		for ; n < len(hashes) && len(rest) > 0; n++ {
			pair, pseudonym := nextPair(rest)
			rest = rest[len(pair):]
			hashes[n] = maphash.Bytes(r.seed, pseudonym) | 1
		}
		for k, h := range hashes[:n] {
			known[k] = r.seen[int(h>>8)&(len(r.seen)-1)] == h
		}
		for k, h := range hashes[:n] {
			pair, _ := nextPair(pairs)
			pairs = pairs[len(pair):]
			if !known[k] {
				r.addPair(h, pair)
			}
		}
	}
}

func (r *record) addPair(h uint64, pair []byte) {
	at := r.find(h)
	if r.seen[at] == h {
		return
	}
	need := len(pair)
	if pair[1] == 0 && pair[2] == 0 || need+16 > r.room { // 16: its share of the table
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
	*last = append(*last, pair...)
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
