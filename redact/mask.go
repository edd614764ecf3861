package redact

import "math/bits"

// masks tell of 64 bytes, one bit each, which of them could begin something.
type masks struct {
	word uint64 // letters, digits, _ and bytes above 0x7f
	sep  uint64 // = and :
	at   uint64 // @
	line uint64 // line feeds
	ctl  uint64 // control characters that text does not have
	nul  uint64
}

// maskBits holds for each byte the masks it belongs to, one to a lane of
// eight bits, so that eight bytes are classified by eight loads, shifts and
// ors, for all masks at once.
var maskBits = func() (t [256]uint64) {
	for c := range 256 {
		if chars[c]&chWord != 0 {
			t[c] |= 1
		}
		switch {
		case c == '=' || c == ':':
			t[c] |= 1 << 8
		case c == '@':
			t[c] |= 1 << 16
		case c == '\n':
			t[c] |= 1 << 24
		case c == 0:
			t[c] |= 1 << 40
		case c < 0x20 && c != '\t' && c != '\r' && c != '\f' && c != '\b' && c != 0x1b || c == 0x7f:
			t[c] |= 1 << 32
		}
	}
	return t
}()

// classify fills m from the first 64 bytes of b, or all there are.
func (m *masks) classify(b []byte) {
	*m = masks{}
	if len(b) >= 64 {
		b = b[:64]
		for k := uint(0); k < 64; k += 8 {
			p := b[k : k+8 : k+8]
			v := maskBits[p[0]] | maskBits[p[1]]<<1 | maskBits[p[2]]<<2 | maskBits[p[3]]<<3 |
				maskBits[p[4]]<<4 | maskBits[p[5]]<<5 | maskBits[p[6]]<<6 | maskBits[p[7]]<<7
			m.word |= v & 0xff << k
			v >>= 8
			if v != 0 {
				m.sep |= v & 0xff << k
				m.at |= v >> 8 & 0xff << k
				m.line |= v >> 16 & 0xff << k
				m.ctl |= v >> 24 & 0xff << k
				m.nul |= v >> 32 & 0xff << k
			}
		}
		return
	}
	for i, c := range b {
		v := maskBits[c]
		m.word |= v & 1 << i
		m.sep |= v >> 8 & 1 << i
		m.at |= v >> 16 & 1 << i
		m.line |= v >> 24 & 1 << i
		m.ctl |= v >> 32 & 1 << i
		m.nul |= v >> 40 & 1 << i
	}
}

// gate is a set of four-byte texts in lower case that may hold others too: a
// cheap first question.
type gate [1 << 10]uint64

func gateSlot(v uint32) uint32 { return v * 0x9e3779b1 >> 16 }

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

func popcount(v uint64) int { return bits.OnesCount64(v) }
