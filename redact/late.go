package redact

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"sync"
)

// In the end everything is searched for what was learned on the way. No more
// comes then, so that a gate can be made of these values alone, and of grams
// that other text hardly has: of eight bytes in a row that begin in a place
// divisible by eight, some lie whole within any value that has fifteen bytes
// from its anchor on. Shorter ones have grams of four, as in gramGate.
type lateGate struct {
	upto  int   // of the dictionary's entries, those before are in
	long  sieve // grams of eight bytes
	mid   sieve // grams of four
	short int   // the last entry that is too short for a gram, plus one
}

// sieve is a set of hashed grams. Each has two bits: one to ask about in every
// place, and one to ask about where that is set.
type sieve struct {
	bits  []uint64
	shift uint8
	last  int // the last entry in it, plus one
}

const (
	longGram  = 8
	longValue = 2*longGram - 1
	lateText  = 16 << 10 // a text of fewer bytes is not worth a gate

	sieveMul, sieveMul2 = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
)

// newSieve makes room for so many grams.
func newSieve(grams int) sieve {
	const least, most = 15, 24 // bits of its size
	size := min(most, max(least, bits.Len(uint(grams)*256)))
	return sieve{bits: make([]uint64, 1<<size/64), shift: uint8(64 - size)}
}

func (s *sieve) add(v uint64) {
	for _, m := range [...]uint64{sieveMul, sieveMul2} {
		k := v * m >> s.shift
		s.bits[k>>6] |= 1 << (k & 63)
	}
}

func (s *sieve) has(v uint64) bool {
	k, k2 := v*sieveMul>>s.shift, v*sieveMul2>>s.shift
	return s.bits[k>>6]>>(k&63)&1 != 0 && s.bits[k2>>6]>>(k2&63)&1 != 0
}

// any reports whether the first bits of some of four are set.
func (s *sieve) any(v0, v1, v2, v3 uint64) bool {
	table, shift := s.bits, s.shift&63
	v0, v1, v2, v3 = v0*sieveMul>>shift, v1*sieveMul>>shift, v2*sieveMul>>shift, v3*sieveMul>>shift
	return (table[v0>>6]>>(v0&63)|table[v1>>6]>>(v1&63)|table[v2>>6]>>(v2&63)|table[v3>>6]>>(v3&63))&1 != 0
}

func newLateGate(d *dictionary, known int) *lateGate {
	g := &lateGate{upto: len(d.entries)}
	longs, mids := 0, 0
	for i := range d.entries[known:] {
		switch n := len(d.anchored(known + i)); {
		case n >= longValue:
			longs++
		case n >= shortestGrams:
			mids++
		}
	}
	g.long, g.mid = newSieve(longs*longGram), newSieve(mids*gramStride)
	for i := range d.entries[known:] {
		i += known
		switch v := d.anchored(i); {
		case len(v) >= longValue:
			for k := range longGram {
				g.long.add(binary.LittleEndian.Uint64(v[k:]))
			}
			g.long.last = i + 1
		case len(v) >= shortestGrams:
			gramsOf(v, func(v uint32) { g.mid.add(uint64(v)) })
			g.mid.last = i + 1
		default:
			g.short = i + 1
		}
	}
	return g
}

// anchored is the value of an entry from its anchor on.
func (d *dictionary) anchored(i int) []byte {
	e := &d.entries[i]
	return d.value(e)[e.anchor:]
}

// anchors are the places in b, in order, where what was learned from mark on
// may have its anchor.
func (g *lateGate) anchors(v *dictView, b []byte, mark int) (at []int) {
	from := 0
	look := func(p, stride int) { // it may stand before p, by less than a stride
		for i := max(from, p-stride+1); i <= p && i < len(b); i++ {
			if v.d.begins.has(load4(b, i) | lowerCase) {
				at = append(at, i)
			}
		}
		from = p + 1
	}
	if g.long.last > mark {
		g.longs(b, look)
	}
	if g.mid.last <= mark {
		return at
	}
	longs := at
	at, from = nil, 0
	g.mids(b, look)
	if len(longs) > 0 {
		at = append(at, longs...)
		slices.Sort(at)
		at = slices.Compact(at)
	}
	return at
}

// longs calls f for each place that is divisible by eight and passes.
func (g *lateGate) longs(b []byte, f func(p, stride int)) {
	le, p := binary.LittleEndian, 0
	for ; p+4*longGram <= len(b); p += 4 * longGram {
		w := b[p : p+32 : p+32]
		if !g.long.any(le.Uint64(w), le.Uint64(w[8:]), le.Uint64(w[16:]), le.Uint64(w[24:])) {
			continue
		}
		for k := 0; k < 32; k += longGram {
			if g.long.has(le.Uint64(w[k:])) {
				f(p+k, longGram)
			}
		}
	}
	for ; p+longGram <= len(b); p += longGram {
		if g.long.has(le.Uint64(b[p:])) {
			f(p, longGram)
		}
	}
}

// mids calls f for each place that is divisible by four and passes, and for
// those at the end, behind which no whole gram stands.
func (g *lateGate) mids(b []byte, f func(p, stride int)) {
	le, p := binary.LittleEndian, 0
	gram := func(w []byte) uint64 { return uint64(le.Uint32(w)) }
	for ; p+4*gramStride <= len(b); p += 4 * gramStride {
		w := b[p : p+16 : p+16]
		if !g.mid.any(gram(w), gram(w[4:]), gram(w[8:]), gram(w[12:])) {
			continue
		}
		for k := 0; k < 16; k += gramStride {
			if g.mid.has(gram(w[k:])) {
				f(p+k, gramStride)
			}
		}
	}
	for ; p < len(b); p += gramStride {
		f(p, gramStride)
	}
}

// lateGates keeps a session's gate until more is learned.
type lateGates struct {
	mu   sync.Mutex
	gate *lateGate
}

// of is the gate of the dictionary without its first entries, which were known
// from the start.
func (l *lateGates) of(d *dictionary, known int) *lateGate {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gate == nil || l.gate.upto < len(d.entries) {
		l.gate = newLateGate(d, known)
	}
	return l.gate
}

// seekLate is seek in a long text for what was learned from mark on, which is
// none of what was known from the start.
func (sc *scanner) seekLate(mark int) {
	v := sc.s.dict.view()
	if v == nil {
		return
	}
	defer v.release()
	in := period{mark, len(v.d.entries)}
	found := func(start, end int, e *entry) {
		if !sc.s.keep[e.class] && !inPseudonym(sc.b, start) {
			sc.spans = append(sc.spans, span{start, end, e.class, 0, ruleKnown})
		}
	}
	g := sc.s.late.of(v.d, sc.s.known)
	next := 0
	for _, i := range g.anchors(v, sc.b, mark) {
		if i < next {
			continue
		}
		if start, end, e := v.find(sc.b, i, in); e != nil && start >= next {
			found(start, end, e)
			next = end
		}
	}
	if g.short > mark {
		sc.seekWords(v, in, found)
	}
	sc.settle()
	sc.inWide(func(w *scanner) {
		w.spans = w.spans[:0]
		w.seekHere(v, in)
	})
}
