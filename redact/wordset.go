package redact

import (
	"encoding/binary"
	"math/bits"
)

// wordSet is a fixed set of short texts in any case. Asking it costs a third of
// what asking a map of lowered strings does, and it is asked for most words
// that stand where a value could.
type wordSet struct {
	slots   []string // open addressing, at most half full
	shift   uint8
	longest int
}

func setOf(words ...string) *wordSet {
	size := bits.Len(uint(2*len(words) - 1))
	s := &wordSet{slots: make([]string, 1<<size), shift: uint8(64 - size)}
	for _, w := range words {
		if s.has([]byte(w)) {
			continue
		}
		s.longest = max(s.longest, len(w))
		k := s.slot([]byte(w))
		for s.slots[k] != "" {
			k = (k + 1) % len(s.slots)
		}
		s.slots[k] = w
	}
	return s
}

// has reports whether v is one of the texts.
func (s *wordSet) has(v []byte) bool {
	if len(v) == 0 || len(v) > s.longest {
		return false
	}
	for k := s.slot(v); s.slots[k] != ""; k = (k + 1) % len(s.slots) {
		if w := s.slots[k]; len(w) == len(v) && equalFold(v, w) {
			return true
		}
	}
	return false
}

// slot is where v is looked for first: by its length and up to twelve bytes.
func (s *wordSet) slot(v []byte) int {
	const fold4, fold8 = 0x20202020, 0x2020202020202020
	var h uint64
	switch n := len(v); {
	case n >= 8:
		h = (binary.LittleEndian.Uint64(v) | fold8) + uint64(binary.LittleEndian.Uint32(v[n-4:])|fold4)<<7
	case n >= 4:
		h = uint64(binary.LittleEndian.Uint32(v)|fold4) | uint64(binary.LittleEndian.Uint32(v[n-4:])|fold4)<<32
	default:
		h = uint64(v[0])<<16 | uint64(v[n/2])<<8 | uint64(v[n-1]) | fold4
	}
	return int((h + uint64(len(v))) * 0x9e3779b97f4a7c15 >> s.shift)
}
