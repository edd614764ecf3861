package redact

import "math/bits"

// A window is 64 bytes of text of which 48 are judged: the four before them
// and the twelve behind them are there to be looked at. Windows stand 48
// bytes apart, so that what a place needs to see is always in its own window
// and no bit is carried from one to the next. The two functions that fill
// windows, one in assembly and one in plain Go, give the same bits.
const (
	windowStep   = 48
	windowBefore = 4
	windowSize   = 64
	windowReach  = windowSize + 4 // bytes that are read from a window's start: a word's first four
	windowMask   = (1<<windowStep - 1) << windowBefore
)

// window tells of 64 bytes, one bit each, where something may begin. What no
// bit is set for begins nothing: that is the contract with the rules, and
// TestGates holds them to it.
type window struct {
	word   uint64 // what words are made of, before and behind too
	words  uint64 // starts of words that passed the gate
	shapes uint64 // starts of words and numbers that some rule wants to see for their shape
	seps   uint64 // = and : that a key may stand before
	addrs  uint64 // : of hardware and IPv6 addresses, and of ://
	longs  uint64 // starts of words as long as tokens
	signs  uint64 // @ and ESC
	lines  uint64 // line feeds
}

// classes of bytes, one bit to a mask.
const (
	mDigit = iota
	mHex
	mWord // letters, digits, _ and bytes above 0x7f
	mSep  // = and :
	mLead // $ % + < { and, because that is cheap, ; and |: what follows begins something
	mColon
	mDot
	mDash
	mBlank
	mSlash
	mSign // @ and ESC
	mLine
	mOdd // control characters that text does not have
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
		put(mLead, b == '$' || b == '%' || b == '+' || b == '<' || b == '{' || b == ';' || b == '|')
		put(mColon, b == ':')
		put(mDot, b == '.')
		put(mDash, b == '-')
		put(mBlank, b == ' ')
		put(mSlash, b == '/')
		put(mSign, b == '@' || b == 0x1b)
		put(mLine, b == '\n')
		put(mOdd, oddByte(b))
	}
	return t
}()

// oddByte reports whether c is a control character that text does not have.
func oddByte(c byte) bool {
	return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != '\b' && c != 0x1b || c == 0x7f
}

// classify makes the masks of 64 bytes.
func classify(b *[windowSize]byte) (m [nMasks]uint64) {
	for k := uint(0); k < windowSize; k += 8 {
		p := b[k : k+8 : k+8]
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
		}
	}
	return m
}

// windowsGo fills out from b, of which the first window begins at b[0]. It
// reports, not zero, whether there are odd bytes.
func windowsGo(out []window, b []byte, g *gates) (odd uint64) {
	for k := range out {
		text := b[k*windowStep : k*windowStep+windowReach]
		m := classify((*[windowSize]byte)(text))
		odd |= m[mOdd]
		var gated uint64
		w, d := m[mWord], m[mDigit]
		d2 := d & (d >> 1)
		d3 := d2 & (d >> 2)
		open := ^(w | m[mSlash])
		number := upTo3(d, d2, d3, open) | d3&(d>>3)&((open&^m[mDot])>>4)
		for all := w &^ (w << 1) & windowMask &^ (number &^ g.numbers); all != 0; all &= all - 1 {
			i := bits.TrailingZeros64(all)
			p := text[i : i+4 : i+4]
			v := uint32(p[0]) | uint32(p[1])<<8 | uint32(p[2])<<16 | uint32(p[3])<<24
			s := gateSlot(v | lowerCase)
			gated |= g.words[s>>6&(gateWords-1)] >> (s & 63) & 1 << i
		}
		out[k] = judge64(&m, gated)
	}
	return odd
}

// seekGo fills out with the starts of words where a value of the dictionary
// may begin.
func seekGo(out []window, b []byte, g *gates) (odd uint64) {
	for k := range out {
		text := (*[windowReach]byte)(b[k*windowStep:])
		var starts uint64
		before := is(text[windowBefore-1], chWord)
		for i := windowBefore; i < windowBefore+windowStep; i++ {
			c := text[i]
			word := is(c, chWord)
			if word && !before {
				if g.begins(load4(text[:], i)) {
					starts |= 1 << i
				}
			}
			before = word
		}
		out[k] = window{words: starts}
	}
	return 0
}

// gates say what may begin something.
type gates struct {
	words gate // words and values
	// numbers is all ones where some value begins with a number, else zero:
	// then the gate is not asked about numbers of up to four digits.
	numbers uint64
	values  gate // values alone
	// first has for each of the first four bytes of a value and for each half
	// of that byte eight bits, of which a value has one: its first byte says
	// which. What may begin a value has one bit in all eight places.
	first [4][2][16]uint8
}

// add lets through what begins with the four bytes of v, in any case.
func (g *gates) add(v uint32) {
	g.words.add(v | lowerCase)
	g.values.add(v | lowerCase)
	if is(byte(v), chDigit) {
		g.numbers = ^uint64(0)
	}
	bit := uint8(1) << (v & 7) // the same for both cases of a letter
	for k := range g.first {
		c := byte(v >> (8 * k))
		for _, c := range [...]byte{lower(c), upper(c)} {
			g.first[k][0][c&15] |= bit
			g.first[k][1][c>>4] |= bit
		}
	}
}

// begins asks first about the four bytes of v.
func (g *gates) begins(v uint32) bool {
	f := &g.first
	return f[0][0][v&15]&f[0][1][v>>4&15]&f[1][0][v>>8&15]&f[1][1][v>>12&15]&f[2][0][v>>16&15]&f[2][1][v>>20&15]&f[3][0][v>>24&15]&f[3][1][v>>28] != 0
}

// judge64 says where in a window something may begin. gated are the starts of
// words that passed the gate.
func judge64(m *[nMasks]uint64, gated uint64) window {
	w, d, hex, dash, dot, colon := m[mWord], m[mDigit], m[mHex], m[mDash], m[mDot], m[mColon]
	starts := w &^ (w << 1)
	d2 := d & (d >> 1)
	d3 := d2 & (d >> 2)
	d4 := d2 & (d2 >> 2)
	d8 := d4 & (d4 >> 4)

	// One to three digits and a dot, thrice, and a digit.
	q := dot & (d >> 1)
	q = dot & (upTo3(d, d2, d3, q) >> 1)
	q = dot & (upTo3(d, d2, d3, q) >> 1)
	number := upTo3(d, d2, d3, q)
	number |= d3 & (dash >> 3) & (d2 >> 4) & (dash >> 6) // 078-05-1120
	number |= d4 & ((dash | m[mBlank]) >> 4) & (d3 >> 5) // 4111 1111 ...
	number |= d8 & (d4 >> 8)                             // 4111111111111111
	number |= d8 & (colon>>8 | colon>>9 | colon>>10)     // 110201543:AA...
	number &= d
	hex2 := hex & (hex >> 1)
	hex4 := hex2 & (hex2 >> 2)
	letters := w &^ d
	word := hex2 & (dash >> 2) & (hex2 >> 3) & (dash >> 5)      // 00-1b-...
	word |= hex4 & (dot >> 4) & (hex4 >> 5) & (dot >> 9)        // 001b.44aa....
	word |= letters & (letters >> 1) & (d2>>2 | dot<<1&^(w>>2)) // DE44..., and .ad
	word |= m[mLead]<<1 | dash<<1&^(w<<2)                       // {SSHA}, -p, --password

	// Twelve bytes of a token, or a letter, a sign and eight.
	t := w | dash
	t &= t >> 1
	t &= t >> 2
	t8 := t & (t >> 4)
	long := (t8&(t>>8) | t8>>2&^(w>>1)) & starts & windowMask

	// What a number ends is no key: the add makes each run that is a number
	// of its own leave its bit behind the run.
	own := starts & d &^ (dash << 1) &^ 1
	ends := (own + d) &^ d
	seps := m[mSep] &^ ends
	seps |= colon & ((starts & d) << 1) & (m[mBlank] << 2) & (letters << 3) // Key 1:

	hex3 := hex2 & (hex >> 2)
	two := colon & ((colon | upTo4(hex, hex2, hex3, hex4, colon)) >> 1)
	addrs := colon & (upTo4(hex, hex2, hex3, hex4, two)>>1 | colon>>1 | colon<<1)
	addrs |= colon & (m[mSlash] >> 1) & (m[mSlash] >> 2)
	return window{
		word:   w,
		words:  gated & starts & windowMask,
		shapes: (number | word) & starts & windowMask,
		seps:   seps & windowMask,
		addrs:  addrs & windowMask,
		longs:  long,
		signs:  m[mSign] & windowMask,
		lines:  m[mLine] & windowMask,
	}
}

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
