package redact

import (
	"encoding/binary"
	"math/bits"
)

// A learned value may stand where no word starts: after an escape ("\n",
// "%20", a colour), beside an underscore, in the midst of other letters. So it
// is looked for in every place, but asked for in every fourth only: of four
// bytes in a row that begin in a place divisible by four, some lie within the
// first seven behind any value's anchor. Those of all values are in a gate;
// where a text passes, a value's anchor could be in four places.
type gramGate struct {
	bits  []uint64
	shift uint8
	count int // grams added
}

const (
	gramStride    = 4
	shortestGrams = 6 // bytes, of which the last gram has a wildcard
)

// gramsOf calls f with the grams of a value that a gate has to know.
func gramsOf(v []byte, f func(uint32)) {
	for k := 0; k < gramStride; k++ {
		if k+4 <= len(v) {
			f(load4(v, k))
			continue
		}
		for c := range uint32(256) { // a value of six bytes: whatever follows it
			f(load4(v, k)&0xffffff | c<<24)
		}
	}
}

func gramMix(v uint32) uint32 { return (v | lowerCase) * 0x9e3779b1 }

// add takes the values of the dictionary from the one at from into the gate,
// which grows with them.
func (g *gramGate) add(d *dictionary, from int) {
	const most = 22 // bits of the size of the largest
	size := 32 - int(g.shift)
	if g.bits == nil || g.count*32 > 1<<size && size < most {
		size = min(most, max(15, bits.Len(uint(g.count*128))))
		g.shift = uint8(32 - size)
		g.bits = make([]uint64, 1<<size/64)
		g.count, from = 0, 0
	}
	for i := range d.entries[from:] {
		e := &d.entries[from+i]
		if v := d.value(e)[e.anchor:]; len(v) >= shortestGrams {
			gramsOf(v, func(v uint32) {
				s := gramMix(v) >> g.shift
				g.bits[s>>6] |= 1 << (s & 63)
				g.count++
			})
		}
	}
}

// anywhere calls found for values of a period that are not short, in the order
// of b.
func (v *dictView) anywhere(b []byte, in period, found func(start, end int, e *entry)) {
	g := &v.d.grams
	if g.count == 0 {
		return
	}
	next := 0
	look := func(p int) { // an anchor may stand up to three bytes before p
		for i := max(next, p-gramStride+1); i <= p; i++ {
			if !v.d.begins.has(load4(b, i) | lowerCase) {
				continue
			}
			if start, end, e := v.find(b, i, in); e != nil && start >= next {
				found(start, end, e)
				next = end
			}
		}
	}
	table, shift := g.bits, g.shift&31
	p := 0
	for ; p+4*gramStride <= len(b); p += 4 * gramStride {
		w := b[p : p+16 : p+16]
		s0 := gramMix(binary.LittleEndian.Uint32(w)) >> shift
		s1 := gramMix(binary.LittleEndian.Uint32(w[4:])) >> shift
		s2 := gramMix(binary.LittleEndian.Uint32(w[8:])) >> shift
		s3 := gramMix(binary.LittleEndian.Uint32(w[12:])) >> shift
		if (table[s0>>6]>>(s0&63)|table[s1>>6]>>(s1&63)|table[s2>>6]>>(s2&63)|table[s3>>6]>>(s3&63))&1 != 0 {
			for k, s := range [...]uint32{s0, s1, s2, s3} {
				if table[s>>6]>>(s&63)&1 != 0 {
					look(p + k*gramStride)
				}
			}
		}
	}
	for ; p < len(b); p += gramStride {
		look(p)
	}
}

// boundary reports whether no word goes on over the ends of b[s:t]. To a
// learned value an underscore or a character beyond ASCII beside it is no
// part of it.
func (e *entry) boundary(b []byte, s, t int) bool {
	beside := uint8(chAlnum)
	if e.whole {
		beside = chWord
	}
	if s > 0 && is(b[s], chWord) && is(b[s-1], beside) && !escapeEnds(b, s) {
		return false
	}
	return t >= len(b) || !is(b[t-1], chWord) || !is(b[t], beside)
}

// inPseudonym reports whether i stands in a pseudonym.
func inPseudonym(b []byte, i int) bool { return pseudonymOver(b, i) > i }

// pseudonymOver is the end of the pseudonym that i stands in; i for none.
func pseudonymOver(b []byte, i int) int {
	for at := max(0, i-longestPseudonym); ; {
		k, n := nextPseudonym(b, at, i+1)
		switch {
		case n == 0:
			return i
		case k+n > i:
			return k + n
		}
		at = k + n
	}
}
