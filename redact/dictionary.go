package redact

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"sync"
)

// dictionary holds the values that are removed wherever they stand: secrets
// that were learned by their context, and identities that were known before.
// Three bytes of a value pass a gate, a hash of its first 4, 8, 16 or 32 bytes
// finds it in a table. That is asked at word starts, and in a round of its own
// wherever else a learned value may begin, see gramGate.
type dictionary struct {
	mu      sync.RWMutex
	seed    maphash.Seed
	entries []entry
	gate    *gates // of the words of all rules and of the values
	grams   gramGate
	heads   map[uint64]bucket // hash of the prefix at the anchor: the values that have it
	more    map[uint64]int32  // hash of a longer prefix, of values in crowded buckets: the last entry of a chain
	sizes   uint8             // which prefix lengths occur, one bit for each of prefixSizes
	max     int
}

// entry is one value. Its anchor is the word start it is looked for at.
type entry struct {
	value  []byte
	anchor int
	class  classID
	whole  bool // only as a whole word
	fold   bool // in any case
	next   int32
}

// bucket holds the values of one prefix: a few in a chain, and where there are
// many (words and numbers, tokens of one issuer) the others by more of their
// bytes, so that the prefix alone, which may be a common word, costs little.
type bucket struct {
	last  int32  // entry of the chain
	inRow uint8  // entries in the chain
	next  uint64 // which bytes follow the prefix, by their lowest six bits
	sizes uint64 // of the prefixes in more, a bit each: see moreSize
}

const (
	maxLearned = 200_000
	maxInRow   = 8 // entries with all the same prefixes
	maxSizes   = 8 // of prefixes in more, for one bucket
)

// moreSize is how many bytes of a value say where it is in more: all of a
// short one. Their number is below 64 or stands for a power of two.
func moreSize(n int) (size int, bit uint) {
	switch {
	case n >= 256:
		return 256, 2
	case n >= 128:
		return 128, 1
	case n >= 64:
		return 64, 0
	}
	return n, uint(n)
}

func moreSizeOf(bit int) int {
	if bit < 3 {
		return 64 << bit
	}
	return bit
}

var prefixSizes = [...]int{4, 8, 16, 32}

func newDictionary() *dictionary {
	g := *builtinGate
	return &dictionary{seed: maphash.MakeSeed(), heads: map[uint64]bucket{}, more: map[uint64]int32{}, gate: &g}
}

func (d *dictionary) mark() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.entries)
}

func (d *dictionary) longest() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.max
}

// dictView is the dictionary held for reading.
type dictView struct{ d *dictionary }

func (d *dictionary) view() *dictView {
	d.mu.RLock()
	if len(d.entries) == 0 {
		d.mu.RUnlock()
		return nil
	}
	return &dictView{d}
}

func (v *dictView) release() {
	if v != nil {
		v.d.mu.RUnlock()
	}
}

// maybe reports whether a value could begin with these four bytes.
func (v *dictView) maybe(w uint32) bool { return v != nil && v.d.gate.values.has(w|lowerCase) }

// find looks for a value of which the anchor is at i, learned at or after
// mark. The longest wins.
func (v *dictView) find(b []byte, i, mark int) (start, end int, found *entry) {
	d := v.d
	for size := len(prefixSizes) - 1; size >= 0; size-- {
		n := prefixSizes[size]
		if d.sizes>>size&1 == 0 || i+n > len(b) {
			continue
		}
		w, ok := d.heads[d.hash(b[i:i+n])]
		if !ok || i+n < len(b) && w.next>>((b[i+n]|0x20)&63)&1 == 0 {
			continue
		}
		start, end, found = v.match(b, i, mark, w.last, start, end, found)
		for sizes := w.sizes; sizes != 0; sizes &= sizes - 1 {
			if m := moreSizeOf(bits.TrailingZeros64(sizes)); i+m <= len(b) {
				start, end, found = v.match(b, i, mark, d.more[d.hash(b[i:i+m])], start, end, found)
			}
		}
	}
	return start, end, found
}

// match goes through a chain of entries for the longest that stands at i.
func (v *dictView) match(b []byte, i, mark int, at int32, start, end int, found *entry) (int, int, *entry) {
	d := v.d
	for ; at != 0; at = d.entries[at-1].next {
		e := &d.entries[at-1]
		if int(at-1) < mark || i < e.anchor {
			continue
		}
		s := i - e.anchor
		t := s + len(e.value)
		if t > len(b) || t-s <= end-start {
			continue
		}
		if e.fold && !bytes.EqualFold(b[s:t], e.value) || !e.fold && !bytes.Equal(b[s:t], e.value) {
			continue
		}
		if (e.whole || len(e.value) < 12) && !e.boundary(b, s, t) {
			continue
		}
		start, end, found = s, t, e
	}
	return start, end, found
}

func (d *dictionary) hash(b []byte) uint64 {
	var buf [256]byte
	return maphash.Bytes(d.seed, lowerOf(b, buf[:]))
}

// know adds an identity that is known from the start, found as a whole word.
func (d *dictionary) know(c classID, value string) {
	if len(value) < 3 || c == cHostname && notHosts[value] || c == cUsername && !account([]byte(value)) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.add(entry{value: []byte(value), class: c, whole: true, fold: c == cHostname})
}

// learn adds a secret. It reports whether the value may be searched for, and
// whether it is new.
func (d *dictionary) learn(c classID, value []byte) (fit, fresh bool) {
	if !learnable(value) {
		return false, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.entries) >= maxLearned {
		return false, false
	}
	return d.add(entry{value: value, class: c})
}

// add puts e into the table, with a copy of its value.
func (d *dictionary) add(e entry) (fit, fresh bool) {
	v := e.value
	// The anchor: the first word start with enough behind it.
	e.anchor = -1
	for i := range v {
		if is(v[i], chWord) && (i == 0 || !is(v[i-1], chWord)) {
			if len(v)-i >= 4 {
				e.anchor = i
			}
			break
		}
	}
	if e.anchor < 0 {
		if len(v) != 3 || !is(v[0], chWord) {
			return false, false
		}
		return false, false
	}
	rest := v[e.anchor:]
	k := len(prefixSizes) - 1
	for prefixSizes[k] > len(rest) {
		k--
	}
	n := prefixSizes[k]
	h := d.hash(rest[:n])
	w := d.heads[h]
	if d.chained(w.last, v) {
		return true, false
	}
	e.value = bytes.Clone(v)
	if w.inRow < maxInRow {
		w.inRow++
		e.next, w.last = w.last, int32(len(d.entries)+1)
	} else {
		size, bit := moreSize(len(rest))
		h := d.hash(rest[:size])
		last := d.more[h]
		if d.chained(last, v) {
			return true, false
		}
		if d.chainLength(last) >= maxInRow || w.sizes>>bit&1 == 0 && bits.OnesCount64(w.sizes) >= maxSizes {
			return false, false // one common beginning: no more of it
		}
		w.sizes |= 1 << bit
		e.next, d.more[h] = last, int32(len(d.entries)+1)
	}
	if len(rest) > n {
		w.next |= 1 << ((rest[n] | 0x20) & 63)
	} else {
		w.next = ^uint64(0)
	}
	d.heads[h] = w
	d.entries = append(d.entries, e)
	d.sizes |= 1 << k
	d.gate.add(load4(rest, 0))
	d.max = max(d.max, len(v))
	d.grams.add(d.entries, len(d.entries)-1)
	return true, true
}

// chained reports whether a value is in a chain.
func (d *dictionary) chained(at int32, v []byte) bool {
	for ; at != 0; at = d.entries[at-1].next {
		if bytes.Equal(d.entries[at-1].value, v) {
			return true
		}
	}
	return false
}

func (d *dictionary) chainLength(at int32) (n int) {
	for ; at != 0; at = d.entries[at-1].next {
		n++
	}
	return n
}

// learnable reports whether a secret is long and rare enough to be looked for
// wherever it may stand: no common word, no plain number, no version.
func learnable(v []byte) bool {
	n := len(v)
	if n < 6 || n > 4096 {
		return false
	}
	var digits, lowers, uppers, inner, signs, seps int
	var seen [4]uint64
	for i, c := range v {
		seen[c>>6] |= 1 << (c & 63)
		switch {
		case is(c, chDigit):
			digits++
		case is(c, chLower):
			lowers++
		case is(c, chUpper):
			uppers++
			if i > 0 {
				inner++
			}
		case c == '.' || c == '-' || c == '_' || c == ' ' || c == ':' || c == '/':
			seps++
		case c == '\n':
			return false
		default:
			signs++
		}
	}
	if bytes.Contains(v, []byte("&#")) || bytes.Contains(v, []byte("&lt;")) || codeLike(v) {
		return false
	}
	distinct := 0
	for _, s := range seen {
		distinct += bits.OnesCount64(s)
	}
	letters := lowers + uppers
	switch {
	case distinct < 4 || v[n-1] == '=' && digits == 0 || v[n-1] == ':':
		return false
	case digits == 0 && signs > 0 && (signs < 2 || n < 8) && (inner == 0 || lowers == 0 || n < 10):
		return false
	case letters == 0 && signs == 0:
		return seps == 0 && n >= 12
	case digits == 0 && signs == 0 && seps == 0 && (inner == 0 || lowers == 0):
		return n >= 20 // one word, or words run together
	case bytes.IndexByte(v, ' ') >= 0:
		return n >= 12 && (digits > 0 || signs > 1 || bytes.Count(v, []byte(" ")) >= 3)
	case digits == 0 && signs == 0 && seps > 0:
		return n >= 16 && entropyHigh(v)
	case n < 8:
		return digits > 0 && letters > 0 && (signs > 0 || uppers > 0 && lowers > 0) || signs > 1
	}
	return true
}

// learn takes the values of the scanner's spans into the dictionary. It
// reports whether there are new ones.
func (sc *scanner) learn() bool {
	fresh := false
	for i := range sc.spans {
		sp := &sc.spans[i]
		if sp.flags&spanLearn == 0 || sp.class >= cEmail {
			continue
		}
		v := sc.b[sp.start:sp.end]
		if sp.flags&spanWide != 0 {
			sc.narrow = narrowed(sc.narrow[:0], v)
			v = sc.narrow
		}
		if sp.class == cToken && !entropyHigh(v) && identifierLike(v) {
			sc.s.tooShort.Add(1)
			continue
		}
		fit, isNew := sc.s.dict.learn(sp.class, v)
		fresh = fresh || isNew
		if !fit {
			sc.s.tooShort.Add(1)
			continue
		}
		if !isNew {
			continue
		}
		// The value as it stands elsewhere, without the escapes of this place.
		if plain := sc.unescape(v); plain != nil {
			_, n := sc.s.dict.learn(sp.class, plain)
			fresh = fresh || n
		}
	}
	return fresh
}

// unescape removes backslashes or percent signs that hide characters; nil if
// there are none.
func (sc *scanner) unescape(v []byte) []byte {
	bs, pc := bytes.IndexByte(v, '\\') >= 0, bytes.IndexByte(v, '%') >= 0
	if !bs && !pc {
		return nil
	}
	out := sc.esc[:0]
	for i := 0; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '\\' && i+1 < len(v):
			i++
			if v[i] == '\\' && i+1 < len(v) && (v[i+1] == '"' || v[i+1] == '\\') {
				i++
			}
			c = v[i]
		case c == '%' && !bs && i+2 < len(v) && is(v[i+1], chHex) && is(v[i+2], chHex):
			c = unhex(v[i+1])<<4 | unhex(v[i+2])
			i += 2
		}
		out = append(out, c)
	}
	sc.esc = out
	if len(out) == len(v) {
		return nil
	}
	return out
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}

// sweep finds the values of the dictionary that were learned at or after
// mark, and nothing else.
func (sc *scanner) sweep(b []byte, mark int) {
	sc.b = b
	sc.spans = sc.spans[:0]
	sc.seek(mark)
}

// seek adds to the spans the values learned at or after mark, where no span
// is. The spans stay in order.
func (sc *scanner) seek(mark int) {
	sc.seekHere(mark)
	sc.seekWide(mark)
}

func (sc *scanner) seekHere(mark int) {
	v := sc.s.dict.view()
	if v == nil {
		return
	}
	defer v.release()
	b := sc.b
	out := sc.prev[:0]
	next, skip := 0, 0
	sc.win.begin(b, sc.s.seek, v.d.gate)
	for {
		wins, base := sc.win.next()
		if len(wins) == 0 {
			break
		}
		for k := range wins {
			for starts := wins[k].words; starts != 0; starts &= starts - 1 {
				i := base + k*windowStep + bits.TrailingZeros64(starts)
				if i < skip || !v.maybe(load4(b, i)) {
					continue
				}
				for next < len(sc.spans) && sc.spans[next].end <= i {
					out = append(out, sc.spans[next])
					skip = max(skip, sc.spans[next].end)
					next++
				}
				if i < skip || next < len(sc.spans) && sc.spans[next].start <= i {
					continue
				}
				if n := pseudonymAt(b, i); n > 0 {
					skip = i + n
					continue
				}
				s, e, ent := v.find(b, i, mark)
				if ent == nil || s < skip || sc.s.keep[ent.class] {
					continue
				}
				for next < len(sc.spans) && sc.spans[next].start < e {
					e = max(e, sc.spans[next].end)
					next++
				}
				out = append(out, span{s, e, ent.class, 0, ruleKnown})
				skip = e
			}
		}
	}
	out = append(out, sc.spans[next:]...)
	sc.prev, sc.spans = sc.spans, out
	if sc.seekBare(v, mark) {
		sc.settle()
	}
}

// seekBare adds to the spans the values learned at or after mark, wherever they
// stand. It reports whether there are any.
func (sc *scanner) seekBare(v *dictView, mark int) bool {
	n := len(sc.spans)
	k := 0
	v.anywhere(sc.b, mark, func(start, end int, e *entry) {
		for k < n && sc.spans[k].end <= start {
			k++
		}
		if (k == n || sc.spans[k].start > start || sc.spans[k].end < end) && !sc.s.keep[e.class] {
			sc.spans = append(sc.spans, span{start, end, e.class, 0, ruleKnown})
		}
	})
	return len(sc.spans) > n
}

// identifierLike reports whether v may be a name in a program with a digit or
// two in it.
func identifierLike(v []byte) bool {
	digits, letters := 0, 0
	for _, c := range v {
		switch {
		case is(c, chDigit):
			digits++
		case is(c, chAlpha):
			letters++
		case c != '_' && c != '.':
			return false
		}
	}
	return digits < 3 && letters > 6 && is(v[0], chAlpha|chUnder)
}
