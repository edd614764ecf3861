package redact

import (
	"hash/maphash"
	"sync/atomic"
)

// gone tells which secrets were hidden, also those that are too short or too
// common to be looked for elsewhere, so that none is told among identities: one
// may have for a password what another has for a name. It is a filter of Bloom:
// of a fixed size, it never misses a secret, and takes a name for one in
// thousands of cases when there are 100,000.
type gone struct {
	seed maphash.Seed
	bits atomic.Pointer[[goneBits / 64]atomic.Uint64] // made for the first
}

const (
	goneBits = 1 << 22
	goneLen  = 256 // of a secret: a longer one is no name
)

// add notes a secret.
func (g *gone) add(v []byte) {
	if len(v) > goneLen {
		return
	}
	bits := g.bits.Load()
	if bits == nil {
		g.bits.CompareAndSwap(nil, new([goneBits / 64]atomic.Uint64))
		bits = g.bits.Load()
	}
	for _, k := range g.places(v) {
		if w := &bits[k/64]; w.Load()>>(k%64)&1 == 0 {
			w.Or(1 << (k % 64))
		}
	}
}

// has reports whether v was noted, in whatever letter case.
func (g *gone) has(v []byte) bool {
	bits := g.bits.Load()
	if bits == nil || len(v) > goneLen {
		return false
	}
	for _, k := range g.places(v) {
		if bits[k/64].Load()>>(k%64)&1 == 0 {
			return false
		}
	}
	return true
}

func (g *gone) places(v []byte) [2]uint64 {
	var buf [goneLen]byte
	x := maphash.Bytes(g.seed, lowerOf(v, buf[:]))
	return [2]uint64{x % goneBits, x >> 32 % goneBits}
}
