package redact

import (
	"encoding/binary"
	"math/bits"
)

// literals finds any of many texts, in any case of their ASCII letters, in one
// pass. It asks for grams, three or four bytes in a row, in every fourth place
// where all texts are long enough that one of their grams must begin there, in
// every second or in each where some are shorter. A gate lets few grams
// through, a table tells which texts have that gram and where in them.
type literals struct {
	texts  []string
	stride int
	mask   uint32 // of a gram's bytes
	gate   *[1 << literalGate]uint8
	slots  []gramSlot // of the table, with open addressing
	places []gramPlace
}

// literalGate is the logarithm of a gate's size: with a constant one its
// bounds need no check.
const literalGate = 16

type gramSlot struct {
	gram     uint32
	from, to uint32 // of places; empty if equal
}

type gramPlace struct{ text, offset int32 }

// newLiterals makes a set of texts in lower case of minLiteral bytes and more.
func newLiterals(texts []string) *literals {
	l := &literals{texts: texts}
	bytes := 3
	switch n := shortest(texts); {
	case n >= 7:
		l.stride, bytes = 4, 4
	case n == 6:
		l.stride = 4
	case n == 5:
		l.stride, bytes = 2, 4
	case n == 4:
		l.stride = 2
	default:
		l.stride = 1
	}
	l.mask = uint32(1<<(8*bytes) - 1)
	at := map[uint32][]gramPlace{}
	var grams []uint32
	for k, t := range texts {
		for offset := range l.stride {
			v := l.gram([]byte(t), offset)
			if at[v] == nil {
				grams = append(grams, v)
			}
			at[v] = append(at[v], gramPlace{int32(k), int32(offset)})
		}
	}
	l.gate = new([1 << literalGate]uint8)
	l.slots = make([]gramSlot, 1<<max(6, bits.Len(uint(len(grams)*4))))
	for _, v := range grams {
		h := v * gateMix
		l.gate[h>>(32-literalGate)] = 1
		k := h & uint32(len(l.slots)-1)
		for l.slots[k].from != l.slots[k].to {
			k = (k + 1) & uint32(len(l.slots)-1)
		}
		from := uint32(len(l.places))
		l.places = append(l.places, at[v]...)
		l.slots[k] = gramSlot{v, from, uint32(len(l.places))}
	}
	return l
}

// gram is the gram at b[i], its letters in lower case. What else becomes equal
// by that is told apart by find.
func (l *literals) gram(b []byte, i int) uint32 { return (load4(b, i) | lowerCase) & l.mask }

// each calls found for the literals in b, in the order of their grams.
func (l *literals) each(b []byte, found func(text, at int)) {
	p := 0
	gate, mask := l.gate, l.mask
	const all = 0x2020202020202020
	switch l.stride {
	case 4:
		for ; p+16 <= len(b); p += 16 {
			w := b[p : p+16 : p+16]
			u, v := binary.LittleEndian.Uint64(w)|all, binary.LittleEndian.Uint64(w[8:])|all
			if gate[uint32(u)&mask*gateMix>>(32-literalGate)]|gate[uint32(u>>32)&mask*gateMix>>(32-literalGate)]|
				gate[uint32(v)&mask*gateMix>>(32-literalGate)]|gate[uint32(v>>32)&mask*gateMix>>(32-literalGate)] != 0 {
				for k := 0; k < 16; k += 4 {
					l.find(b, p+k, found)
				}
			}
		}
	case 2:
		for ; p+19 <= len(b); p += 16 {
			w := b[p : p+19 : p+19]
			u, v := binary.LittleEndian.Uint64(w)|all, binary.LittleEndian.Uint64(w[8:])|all
			x, y := binary.LittleEndian.Uint32(w[6:])|lowerCase, binary.LittleEndian.Uint32(w[14:])|lowerCase
			if gate[uint32(u)&mask*gateMix>>(32-literalGate)]|gate[uint32(u>>16)&mask*gateMix>>(32-literalGate)]|
				gate[uint32(u>>32)&mask*gateMix>>(32-literalGate)]|gate[x&mask*gateMix>>(32-literalGate)]|
				gate[uint32(v)&mask*gateMix>>(32-literalGate)]|gate[uint32(v>>16)&mask*gateMix>>(32-literalGate)]|
				gate[uint32(v>>32)&mask*gateMix>>(32-literalGate)]|gate[y&mask*gateMix>>(32-literalGate)] != 0 {
				for k := 0; k < 16; k += 2 {
					l.find(b, p+k, found)
				}
			}
		}
	default:
		for ; p+8 <= len(b); p += 5 {
			u := binary.LittleEndian.Uint64(b[p:p+8:p+8]) | all
			if gate[uint32(u)&mask*gateMix>>(32-literalGate)]|gate[uint32(u>>8)&mask*gateMix>>(32-literalGate)]|
				gate[uint32(u>>16)&mask*gateMix>>(32-literalGate)]|gate[uint32(u>>24)&mask*gateMix>>(32-literalGate)]|
				gate[uint32(u>>32)&mask*gateMix>>(32-literalGate)] != 0 {
				for k := range 5 {
					l.find(b, p+k, found)
				}
			}
		}
	}
	for ; p < len(b); p += l.stride {
		l.find(b, p, found)
	}
}

// find calls found for the literals of which the gram asked for is at b[i].
func (l *literals) find(b []byte, i int, found func(text, at int)) {
	v := l.gram(b, i)
	h := v * gateMix
	if l.gate[h>>(32-literalGate)] == 0 {
		return
	}
	for k := h & uint32(len(l.slots)-1); l.slots[k].from != l.slots[k].to; k = (k + 1) & uint32(len(l.slots)-1) {
		if l.slots[k].gram != v {
			continue
		}
		for _, p := range l.places[l.slots[k].from:l.slots[k].to] {
			s := i - int(p.offset)
			if t := l.texts[p.text]; s >= 0 && s+len(t) <= len(b) && foldedEqual(b[s:s+len(t)], t) {
				found(int(p.text), s)
			}
		}
		return
	}
}

// foldedEqual reports whether b is t but for the case of ASCII letters; t is
// in lower case.
func foldedEqual(b []byte, t string) bool {
	for k := range len(t) {
		if b[k] != t[k] && lower(b[k]) != t[k] {
			return false
		}
	}
	return true
}
