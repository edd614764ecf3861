package redact

import (
	"encoding/binary"
	"strings"
)

// A window is 64 bytes of text of which 48 are judged: the four before them
// and the twelve behind them are there to be looked at. Windows stand 48
// bytes apart, so that what a place needs to see is always in its own window
// and no bit is carried from one to the next. The two functions that fill
// windows, one in assembly and one in plain Go, give the same bits.
const (
	windowStep   = 48
	windowBefore = 4
	windowSize   = 64
	windowReach  = windowSize + 4 // bytes that are read from a window's start: a word's first eight
	windowMask   = (1<<windowStep - 1) << windowBefore

	windowLanes = 8 // windows that are judged at once, at the most
	setWindows  = 64
)

// windowSet tells of some windows where something may begin, one bit for each
// of their bytes. What no bit is set for begins nothing: that is the contract
// with the rules, and TestGates holds them to it.
type windowSet struct {
	word   [setWindows]uint64 // what words are made of, before and behind too
	words  [setWindows]uint64 // starts of words that are a topic, and of words within words, dbPassword, that may name a secret
	shapes [setWindows]uint64 // starts of words and numbers that some rule wants to see for their shape
	seps   [setWindows]uint64 // = and : that a key may stand before
	addrs  [setWindows]uint64 // : of hardware and IPv6 addresses, and of ://
	signs  [setWindows]uint64 // @ and ESC
	lines  [setWindows]uint64 // line feeds

	// What the gates are asked about, and what they have to know of it.
	longs, near, apart, dash, digit, inner [setWindows]uint64
}

// classes of bytes, one bit to a mask.
const (
	mDigit = iota
	mHex
	mWord // letters, digits, _ and bytes above 0x7f
	mSep  // = and :
	mLead // $ % * + < { ; ~: what follows begins something
	mColon
	mDot
	mDash
	mBlank
	mSlash
	mSign // @ and ESC
	mLine
	mOdd     // control characters that text does not have
	mUnder   // _
	mClose   // " ' ` ) ] \: what may stand between a key and its separator, as a blank may
	mInitial // what nameParts begin with, small or not
	mSmall   // the bit that tells small letters from capitals
	mBack    // \: a letter and a word may follow
	mHigh    // bytes above 0x7f: letters, and the quotes and blanks of typography
	nMasks
)

// maskBits holds for each byte the masks it belongs to, eight to a word, one
// to a lane of eight bits: eight bytes are classified by eight loads, shifts
// and ors for eight masks at once.
var maskBits = func() (t [2][256]uint64) {
	for c := range 256 {
		b := byte(c)
		put := func(m int, yes bool) {
			if yes {
				t[m/8][c] |= 1 << (m % 8 * 8)
			}
		}
		put(mDigit, is(b, chDigit))
		put(mHex, is(b, chHex))
		put(mWord, is(b, chWord))
		put(mSep, b == '=' || b == ':')
		put(mLead, b == '$' || b == '%' || b == '*' || b == '+' || b == '<' || b == '{' || b == ';' || b == '~')
		put(mColon, b == ':')
		put(mDot, b == '.')
		put(mDash, b == '-')
		put(mBlank, b == ' ')
		put(mSlash, b == '/')
		put(mSign, b == '@' || b == 0x1b)
		put(mLine, b == '\n')
		put(mOdd, oddByte(b))
		put(mUnder, b == '_')
		put(mInitial, strings.IndexByte("ckpst", lower(b)) >= 0)
		put(mClose, is(b, chQuote) || b == ')' || b == ']' || b == '\\')
	}
	return t
}()

// oddByte reports whether c is a control character that text does not have.
func oddByte(c byte) bool {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\b' && c != 0x1b || c == 0x7f
}

// A word of eight bytes that are one, and what moves the last bits of eight
// bytes into the first byte of a product.
const (
	ones8   = 0x0101010101010101
	gather8 = 0x0102040810204080
)

// classify makes the masks of 64 bytes.
func classify(b *[windowSize]byte) (m [nMasks]uint64) {
	for k := uint(0); k < windowSize; k += 8 {
		p := b[k : k+8 : k+8]
		text := binary.LittleEndian.Uint64(p)
		m[mSmall] |= text >> 5 & ones8 * gather8 >> 56 << k
		m[mHigh] |= text >> 7 & ones8 * gather8 >> 56 << k
		x := text ^ '\\'*ones8
		m[mBack] |= ^((x&^(ones8<<7) + ones8*0x7f) | x) >> 7 & ones8 * gather8 >> 56 << k
		v := maskBits[0][p[0]] | maskBits[0][p[1]]<<1 | maskBits[0][p[2]]<<2 | maskBits[0][p[3]]<<3 |
			maskBits[0][p[4]]<<4 | maskBits[0][p[5]]<<5 | maskBits[0][p[6]]<<6 | maskBits[0][p[7]]<<7
		m[0] |= v & 0xff << k
		m[1] |= v >> 8 & 0xff << k
		m[2] |= v >> 16 & 0xff << k
		m[3] |= v >> 24 & 0xff << k
		m[4] |= v >> 32 & 0xff << k
		m[5] |= v >> 40 & 0xff << k
		m[6] |= v >> 48 & 0xff << k
		m[7] |= v >> 56 << k
		v = maskBits[1][p[0]] | maskBits[1][p[1]]<<1 | maskBits[1][p[2]]<<2 | maskBits[1][p[3]]<<3 |
			maskBits[1][p[4]]<<4 | maskBits[1][p[5]]<<5 | maskBits[1][p[6]]<<6 | maskBits[1][p[7]]<<7
		if v != 0 {
			m[8] |= v & 0xff << k
			m[9] |= v >> 8 & 0xff << k
			m[10] |= v >> 16 & 0xff << k
			m[11] |= v >> 24 & 0xff << k
			m[12] |= v >> 32 & 0xff << k
			m[13] |= v >> 40 & 0xff << k
			m[14] |= v >> 48 & 0xff << k
			m[15] |= v >> 56 << k
		}
	}
	return m
}

// windowsGo fills the first n windows of out, a multiple of windowLanes, from
// b, of which the first window begins at b[0]. It reports, not zero, whether
// there are odd bytes.
func windowsGo(out *windowSet, n int, b []byte, g *gateSet) (odd uint64) {
	for k := range n {
		m := classify((*[windowSize]byte)(b[k*windowStep:]))
		odd |= m[mOdd]
		w := judge64(&m)
		out.word[k], out.words[k], out.shapes[k], out.seps[k] = m[mWord], w.words, w.shapes, w.seps
		out.addrs[k], out.signs[k], out.lines[k] = w.addrs, m[mSign]&windowMask, m[mLine]&windowMask
		out.longs[k], out.near[k], out.apart[k], out.dash[k], out.digit[k], out.inner[k] = w.longs, w.near, w.apart, m[mDash], m[mDigit], w.inner
	}
	for k := range n {
		beyond := ^uint64(0)
		if k+1 < n {
			beyond = out.word[k+1]
		}
		g.ask(out, k, b[k*windowStep:k*windowStep+windowReach], beyond)
	}
	return odd
}

// seekGo fills words with the starts of words where a value of the dictionary
// may begin.
func seekGo(words []uint64, b []byte, g *shortGate) {
	for k := range words {
		text := (*[windowReach]byte)(b[k*windowStep:])
		var starts uint64
		before := is(text[windowBefore-1], chWord)
		for i := windowBefore; i < windowBefore+windowStep; i++ {
			c := text[i]
			word := is(c, chWord)
			if word && (!before || text[i-2] == '\\' || text[i-1] >= 0x80 && c < 0x80) {
				if g.may(load4(text[:], i)) {
					starts |= 1 << i
				}
			}
			before = word
		}
		words[k] = starts
	}
}

// shortGate tells where one of a few short values may begin: what may has one
// bit in all eight places.
type shortGate struct {
	// first has for each of the first four bytes of a value and for each half
	// of that byte eight bits, of which a value has one: its first byte says
	// which.
	first [4][2][16]uint8
}

// add lets through what begins with the four bytes of v, in any case.
func (g *shortGate) add(v uint32) {
	bit := uint8(1) << (v & 7) // the same for both cases of a letter
	for k := range g.first {
		c := byte(v >> (8 * k))
		for _, c := range [...]byte{lower(c), upper(c)} {
			g.first[k][0][c&15] |= bit
			g.first[k][1][c>>4] |= bit
		}
	}
}

// may asks about the four bytes of v.
func (g *shortGate) may(v uint32) bool {
	f := &g.first
	return f[0][0][v&15]&f[0][1][v>>4&15]&f[1][0][v>>8&15]&f[1][1][v>>12&15]&f[2][0][v>>16&15]&f[2][1][v>>20&15]&f[3][0][v>>24&15]&f[3][1][v>>28] != 0
}

// judged is what the masks of a window tell before the gates are asked.
type judged struct {
	words, shapes, seps, addrs uint64

	longs uint64 // starts of words as long as tokens
	near  uint64 // separators with two letters before them
	apart uint64 // those with a sign between them and two letters
	inner uint64 // starts of words within words: after _, where a capital follows
}

// judge64 says where in a window something may begin.
func judge64(m *[nMasks]uint64) judged {
	w, d, hex, dash, dot, colon := m[mWord], m[mDigit], m[mHex], m[mDash], m[mDot], m[mColon]
	starts := w &^ (w << 1)
	valid := (starts | w&(w<<1)&(m[mBack]<<2|m[mHigh]<<1&^m[mHigh])) & windowMask
	d2 := d & (d >> 1)
	d3 := d2 & (d >> 2)
	d4 := d2 & (d2 >> 2)
	d8 := d4 & (d4 >> 4)

	// The gate is not asked about numbers of up to four digits, nor about
	// letters that stand alone.
	open := ^(w | m[mSlash])
	number := upTo3(d, d2, d3, open) | d4&((open&^dot)>>4)
	words := valid &^ number & ((w | dot | m[mSlash] | dash | m[mLead]) >> 1)

	// One to three digits and a dot, thrice, and a digit.
	q := dot & (d >> 1)
	q = dot & (upTo3(d, d2, d3, q) >> 1)
	q = dot & (upTo3(d, d2, d3, q) >> 1)
	number = upTo3(d, d2, d3, q)
	number |= d3 & (dash >> 3) & (d2 >> 4) & (dash >> 6) // 078-05-1120
	number |= d4 & ((dash | m[mBlank]) >> 4) & (d3 >> 5) // 4111 1111 ...
	number |= d8 & (d4 >> 8)                             // 4111111111111111
	number |= d8 & (colon>>8 | colon>>9 | colon>>10)     // 110201543:AA...
	number &= d
	hex2 := hex & (hex >> 1)
	hex4 := hex2 & (hex2 >> 2)
	letters := w &^ d
	word := hex2 & (dash >> 2) & (hex2 >> 3) & (dash >> 5)                // 00-1b-...
	word |= hex4 & (dot >> 4) & (hex4 >> 5) & (dot >> 9)                  // 001b.44aa....
	word |= hex4 & (dash >> 4) & (hex4 >> 5) & (dash >> 9) &^ (dash << 1) // 001b-44aa-...., not in a UUID
	word |= letters & (letters >> 1) & (d2>>2 | dot<<1&^(w>>2))           // DE44..., and .ad
	word |= m[mLead]<<1 | dash<<1&^(w<<2)                                 // {SSHA}, -p, --password
	word |= m[mBack] << 1 & ((w | m[mBack]) << 2)                         // CORP\x

	shapes := (number | word) & valid

	// Twelve bytes of a token, or a letter, a sign and eight.
	t := w | dash
	t &= t >> 1
	t &= t >> 2
	t8 := t & (t >> 4)
	longs := (t8&(t>>8) | t8>>2&^(w>>1)) & valid &^ shapes

	hex3 := hex2 & (hex >> 2)
	two := colon & ((colon | upTo4(hex, hex2, hex3, hex4, colon)) >> 1)
	addrs := colon & (upTo4(hex, hex2, hex3, hex4, two)>>1 | colon>>1 | colon<<1)
	addrs |= colon & (m[mSlash] >> 1) & (m[mSlash] >> 2)
	addrs &= windowMask

	// What a number ends is no key, be there a bracket behind it or not: the add
	// makes each run that is a number of its own leave its bit behind the run.
	own := starts & d &^ (dash << 1) &^ 1
	ends := (own + d) &^ d
	ends |= ends << 1 & (m[mClose] << 1)
	seps := m[mSep] &^ ends
	key1 := (starts & d) & (m[mBlank] << 1) & (letters << 2) // Key 1:
	seps |= colon & (key1<<1 | key1<<2&(m[mClose]<<1))
	seps &= windowMask &^ addrs
	near := seps & twoLetters(letters, m[mUnder])
	between := m[mClose] | m[mBlank]
	apart := seps & (between << 1) & (twoLetters(letters, m[mUnder]) << 1) &^ (1 << windowBefore)
	low := letters & m[mSmall]
	big := letters &^ m[mSmall] &^ m[mUnder]
	inner := big & ((low|d)<<1 | big<<1&(low>>1)) // dbPassword, SSLKey
	inner = (inner | m[mUnder]<<1&letters) & m[mInitial] & windowMask
	return judged{words, shapes, seps &^ near &^ apart, addrs, longs, near, apart, inner}
}

// twoLetters has the places behind two letters or more that are no _ and one.
func twoLetters(letters, under uint64) uint64 { return letters << 1 & (letters << 2) &^ (under << 2) }

// upTo3 has the places from which one to three digits lead to a bit of x.
func upTo3(d, d2, d3, x uint64) uint64 { return d&(x>>1) | d2&(x>>2) | d3&(x>>3) }

func upTo4(h, h2, h3, h4, x uint64) uint64 {
	return h&(x>>1) | h2&(x>>2) | h3&(x>>3) | h4&(x>>4)
}

// gate is a set of four-byte texts in lower case that may hold others too: a
// cheap first question.
type gate [gateWords]uint64

const (
	gateLog   = 17
	gateWords = 1 << gateLog / 64
	gateMul   = 0x9e3779b1 // 2^32 divided by the golden ratio
)

func gateSlot(v uint32) uint32 { return v * gateMul >> (32 - gateLog) }

func (g *gate) add(v uint32) { s := gateSlot(v); g[s>>6] |= 1 << (s & 63) }

func (g *gate) has(v uint32) bool { s := gateSlot(v); return g[s>>6]>>(s&63)&1 != 0 }

const lowerCase = 0x20202020

// load4 is the four bytes at b[i], least significant first, zeros beyond the
// end.
func load4(b []byte, i int) uint32 {
	if i+4 <= len(b) {
		p := b[i : i+4 : i+4]
		return uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
	}
	var v uint32
	for k := 0; i+k < len(b) && k < 4; k++ {
		v |= uint32(b[i+k]) << (8 * k)
	}
	return v
}
