package redact

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"strings"
)

// gateSet is what is asked of places of which the masks tell that something may
// begin there, a load or two for each. The kernels know where its parts stand.
type gateSet struct {
	words  gate // the first four bytes, in lower case, of topics and of tokens
	tokens gate // those of tokens with little more than that to go by, as they are
	tails  gate // the last four bytes, in lower case, of keys: see keyTails
	topics [1 << topicBits / 64]uint64
	threes [1 << gateBits / 64]uint64  // the first three bytes of tokens that are told by length
	inner  [1 << innerBits / 64]uint64 // the first four bytes, in lower case, of what names a secret as the last part of a key
	sevens [1 << sevenBits / 64]uint64 // the first seven bytes of tokens that begin with as many, see sevenSlot
	dashed [1 << topicBits / 64]uint64 // the first words of topics of several, as topics has them
}

// gates are those of the built-in rules. Words of two letters are seen before a
// blank, or after a dot, for which they have a mask of their own; tokens that
// begin with next to nothing and are long are told by threes.
var gates = func() *gateSet {
	g := &gateSet{tails: *keyTails()}
	set := func(bits []uint64, k uint64) { bits[k>>6] |= 1 << (k & 63) }
	for w := range topics {
		addWord(&g.words, w)
		set(g.topics[:], topicSlotOf([]byte(w), 0, len(w)))
		if n := run([]byte(w), 0, chWord); n < len(w) {
			set(g.dashed[:], topicSlotOf([]byte(w), 0, n))
		}
	}
	for i := range tokens.forms {
		f := &tokens.forms[i]
		if f.byLength() {
			for _, first := range f.firsts() {
				set(g.threes[:], uint64(first*gateMix>>(32-gateBits)))
			}
			continue
		}
		for _, v := range f.begins() {
			g.words.add(v | lowerCase)
			if len(f.prefix) < 7 {
				g.tokens.add(v)
			}
		}
		if len(f.prefix) >= 7 && is(f.prefix[0], chWord) {
			set(g.sevens[:], sevenSlot(binary.LittleEndian.Uint64([]byte(f.prefix + "\x00")[:8])))
		}
	}
	also := func(w string) { // words that are no topic, and tell by more than themselves
		addWord(&g.words, w)
		g.tokens.add(load4([]byte(w), 0))
	}
	also("LS0t")
	also("BUND")
	for _, w := range openedBegins {
		if len(w) == 4 {
			also(w)
		}
	}
	for _, w := range wideBegins {
		also(w)
	}
	foreignWords(func(w string) {
		for k, r := range w {
			if r >= 0x800 && k == 0 { // a wide colon may follow
				also(w)
			}
			if r >= 0x80 { // the first in an escape
				also(fmt.Sprintf("u%04x", r))
				also(fmt.Sprintf("u%04X", r))
				break
			}
		}
	})
	for _, w := range []string{"u000", "u002", "u003", "u004", "u005", "u006", "u007"} {
		also(w)
	}
	for _, w := range []string{"x0a", "x20", "x22", "x26", "x27", "x3a", "x3d"} {
		for c := range 128 {
			if is(byte(c), chAlnum) {
				also(w + string(rune(c)))
			}
		}
	}
	g.addNameParts()
	return g
}()

// openedGate lets through what base64 of a text begins with.
var openedGate = func() *gate {
	g := new(gate)
	for _, w := range openedBegins {
		for c := range 256 {
			v := load4([]byte(w), 0)
			if len(w) == 3 {
				v |= uint32(c) << 24
			}
			g.add(v)
		}
	}
	return g
}()

// ask keeps of what the masks tell of window k what passes the gates. What
// words the next window is made of tells of a word that goes on there.
func (g *gateSet) ask(out *windowSet, k int, text []byte, next uint64) {
	word, shapes := out.word[k], out.shapes[k]
	var topics uint64
	for words := out.words[k]; words != 0; words &= words - 1 {
		i := bits.TrailingZeros64(words)
		bit := words & -words
		v := load4(text, i)
		if !g.words.has(v | lowerCase) {
			continue
		}
		n := bits.TrailingZeros64(^word >> i)
		h := topicSlotOf(text, i, i+n)
		seven := sevenSlot(binary.LittleEndian.Uint64(text[i:]))
		if i+n >= windowSize || out.digit[k]&bit != 0 || g.tokens.has(v) || g.sevens[seven>>6]>>(seven&63)&1 != 0 ||
			out.dash[k]>>(i+n)&1 != 0 && g.dashed[h>>6]>>(h&63)&1 != 0 {
			shapes |= bit
		}
		if g.topics[h>>6]>>(h&63)&1 != 0 {
			topics |= bit
		}
	}
	out.words[k] = topics
	longs := out.longs[k]
	if ^next&wordInNext == 0 {
		shapes |= longs & (1 << bits.Len64(^word|1))
	}
	for ; longs != 0; longs &= longs - 1 {
		h := (load4(text, bits.TrailingZeros64(longs)) & 0xffffff) * gateMix >> (32 - gateBits)
		if g.threes[h>>6]>>(h&63)&1 != 0 {
			shapes |= longs & -longs
		}
	}
	out.shapes[k] = shapes
	for inner := out.inner[k]; inner != 0; inner &= inner - 1 {
		if g.names(load4(text, bits.TrailingZeros64(inner)) | lowerCase) {
			out.words[k] |= inner & -inner
		}
	}
	for near := out.near[k] | out.apart[k]; near != 0; near &= near - 1 {
		i := bits.TrailingZeros64(near)
		v := load4(text, i-4-int(out.apart[k]>>i&1)) | lowerCase
		if g.tails.has(v) || v>>16 == 'p'|'w'<<8 {
			out.seps[k] |= near & -near
		}
	}
}

const innerBits = 14

// names asks the gate of the last parts of keys.
func (g *gateSet) names(v uint32) bool {
	s := v * gateMul >> (32 - innerBits)
	return g.inner[s>>6]>>(s&63)&1 != 0
}

// nameParts are the last parts of keys that name a secret, or their first four
// letters.
var nameParts = []string{"pass", "pwd", "secr", "toke", "key", "cred", "phra", "psk", "pin", "seed"}

// addNameParts fills the gate that names asks.
func (g *gateSet) addNameParts() {
	for _, w := range nameParts {
		for c := range 128 {
			v := load4([]byte(w+string(rune(c))), 0) | lowerCase
			if len(w) == 4 || !is(byte(c), chWord) || c == 's' || is(byte(c), chDigit) {
				s := v * gateMul >> (32 - innerBits)
				g.inner[s>>6] |= 1 << (s & 63)
			}
		}
	}
}

// wordInNext is what of the next window a word is made of that goes on for as
// long as inTheMiddle has to be asked for.
const wordInNext = (1<<40 - 1) &^ (1<<16 - 1)

// sevenSlot is where a gate has the first seven of eight bytes.
func sevenSlot(v uint64) uint64 { return v << 8 * topicMul >> (64 - sevenBits) }

// topicSlotOf is where a gate has the word b[i:e].
func topicSlotOf(b []byte, i, e int) uint64 {
	return topicMix(fold8(b, i, e), e-i) >> (64 - topicBits)
}

// addWord adds a word in lower case of three letters or more, or the first
// four.
func addWord(g *gate, w string) {
	switch {
	case len(w) >= 4:
		g.add((uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24) | lowerCase)
	case len(w) == 2:
		for c := range 256 {
			addWord(g, w+" "+string([]byte{byte(c)}))
		}
	case len(w) == 3:
		for c := range 128 {
			if !is(byte(c), chWord) {
				addWord(g, w+string(rune(c)))
			}
		}
	}
}

// begins lists the four bytes that texts of the form begin with, where that
// is at a word's start.
func (f *tokenForm) begins() (out []uint32) {
	if !is(f.prefix[0], chWord) {
		return nil
	}
	out = []uint32{0}
	for k := range 4 {
		var next []uint32
		for _, v := range out {
			if k < len(f.prefix) {
				next = append(next, v|uint32(f.prefix[k])<<(8*k))
				continue
			}
			set := f.pieces[1]
			for c := range 256 {
				if k-len(f.prefix) >= set.min || charSets[c]&set.set != 0 {
					next = append(next, v|uint32(c)<<(8*k))
				}
			}
		}
		out = next
	}
	return out
}

// byLength reports whether texts of the form are known by being long, not by
// the gate: it begins with too little. What it says of a text is what
// window.longs says.
func (f *tokenForm) byLength() bool {
	if len(f.prefix) > 3 || !is(f.prefix[0], chWord) {
		return false
	}
	const yes, no, end = 1, 0, 12
	var token [64]uint8 // whether byte k of each text is of a token
	n := 0
	for _, p := range f.pieces {
		of := uint8(yes)
		for c := range 256 {
			if (charSets[c]&p.set != 0 || p.set == 0 && strings.IndexByte(p.literal, byte(c)) >= 0) && !is(byte(c), chWord) && c != '-' {
				of = no
			}
		}
		for k := 0; k < p.min+len(p.literal) && n < end; k++ {
			token[n] = of
			if p.set == 0 && (is(p.literal[k], chWord) || p.literal[k] == '-') {
				token[n] = yes
			}
			n++
		}
		if p.min != p.max {
			break // what comes then is at one place or another
		}
	}
	from := 0
	switch p := f.prefix; {
	case len(p) == 2 && !is(p[1], chWord):
		from, n = 2, min(n, 10)
		return n == 10 && !slices.Contains(token[from:n], no)
	}
	return n == end && !slices.Contains(token[from:n], no)
}

// topicTable finds topics by the first eight bytes of a word and its length:
// a map would cost more than all the rest that is done with most words.
type topicTable [1 << topicLog]topicSlot

type topicSlot struct {
	first uint64 // in lower case, zeros beyond the end
	word  string
	topic topic
}

const (
	topicLog  = 11
	topicBits = 16 // of the gates before the table
	topicMul  = 0x9e3779b97f4a7c15
	sevenBits = 15
)

var topicsByWord = func() *topicTable {
	t := new(topicTable)
	for w, about := range topics {
		first := fold8([]byte(w), 0, len(w))
		k := topicHash(first, len(w))
		for t[k].topic != 0 {
			k = (k + 1) % uint32(len(t))
		}
		t[k] = topicSlot{first, w, about}
	}
	return t
}()

func topicMix(first uint64, n int) uint64 { return (first + uint64(n)) * topicMul }

func topicHash(first uint64, n int) uint32 { return uint32(topicMix(first, n) >> (64 - topicLog)) }

// topicOf is the topic of the word b[i:e] in any case, zero for none.
func topicOf(b []byte, i, e int) topic {
	first := fold8(b, i, e)
	for k := topicHash(first, e-i); ; k = (k + 1) % (1 << topicLog) {
		s := &topicsByWord[k]
		if s.topic == 0 {
			return 0
		}
		if s.first == first && len(s.word) == e-i && (e-i <= 8 || equalFold(b[i+8:e], s.word[8:])) {
			return s.topic
		}
	}
}

// fold8 is the first eight bytes of b[i:e] with the bit set that tells small
// letters from capitals. Of bytes that words are made of no two become equal
// but a letter's two cases.
func fold8(b []byte, i, e int) uint64 {
	const fold = 0x2020202020202020
	if i+8 <= len(b) {
		v := binary.LittleEndian.Uint64(b[i:]) | fold
		if n := e - i; n < 8 {
			v &= 1<<(8*n) - 1
		}
		return v
	}
	var v uint64
	for k := min(e, i+8) - 1; k >= i; k-- {
		v = v<<8 | uint64(b[k]|0x20)
	}
	return v
}
