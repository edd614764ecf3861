package redact

import (
	"bytes"
	"hash/maphash"
	"math"
	"math/bits"
	"sync"
)

// dictionary holds the values that are removed wherever they stand: secrets
// that were learned by their context, and identities that were known before.
// The bytes of a value from its first word on, the anchor, pass a gate (see gramGate; what
// is too short for that is asked for at word starts), and a hash of the first
// 4, 8, 16 or 32 of them finds the value in a table. A text is searched once,
// after all that its own lines tell was learned.
type dictionary struct {
	mu      sync.RWMutex
	seed    maphash.Seed
	entries []entry
	text    [][]byte // the values, see entry.at
	size    int      // of the values
	begins  gate     // the first four bytes of each from its anchor
	grams   gramGate
	short   *shortGate // values of few bytes; nil if there are none
	table   []slot     // of a size that is a power of two
	used    int        // slots
	crowds  []uint64   // see slot.crowd
	sizes   uint8      // which prefix lengths occur, one bit for each of prefixSizes
	max     int
}

// entry is one value. Its anchor is the word start it is looked for at.
type entry struct {
	at     uint32 // chunk and place in it
	len    uint16
	anchor uint16
	next   int32 // entry with the same prefix, plus one
	class  classID
	whole  bool // only as a whole word
	fold   bool // in any case
}

// slot holds the values of one prefix: a few in a chain. Where there are many
// (words and numbers, tokens of one issuer) the others are in slots of longer
// prefixes, so that the first, which may be a common word, costs little.
type slot struct {
	tag   uint32 // hash of the prefix
	last  int32  // entry of the chain, plus one; 0: the slot is free
	next  uint32 // which bytes follow the prefix, by their lowest five bits
	crowd uint16 // of crowds, which has the longer prefixes, plus one
}

// Memory is what bounds the dictionary: entries, slots and bytes.
const (
	maxLength  = 4096    // of a value
	maxLearned = 190_000 // as many slots fit 2^18 at the most that they are filled
	maxText    = 8 << 20 // bytes of all values
	chunk      = 64 << 10
	maxInRow   = 8 // entries with all the same prefixes
	maxSizes   = 8 // of longer prefixes of one slot
)

var prefixSizes = [...]int{4, 8, 16, 32}

// longer is how many bytes of a crowded value make its longer prefix, all of a
// short one, and the bit that stands for it.
func longer(n int) (size int, bit uint) {
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

func longerOf(bit int) int {
	if bit < 3 {
		return 64 << bit
	}
	return bit
}

func newDictionary() *dictionary {
	return &dictionary{seed: maphash.MakeSeed(), table: make([]slot, 1<<8)}
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

// period is a part of the session: what was learned in it has numbers from
// from up to, not including, to.
type period struct{ from, to int }

// find looks for a value of which the anchor is at i. The longest wins.
func (v *dictView) find(b []byte, i int, in period) (start, end int, found *entry) {
	d := v.d
	for k := len(prefixSizes) - 1; k >= 0; k-- {
		n := prefixSizes[k]
		if d.sizes>>k&1 == 0 || i+n > len(b) {
			continue
		}
		w := d.slot(d.hash(b[i : i+n]))
		if w.last == 0 || i+n < len(b) && w.next>>(b[i+n]&31)&1 == 0 {
			continue
		}
		start, end, found = v.match(b, i, in, w.last, start, end, found)
		if w.crowd == 0 {
			continue
		}
		for sizes := d.crowds[w.crowd-1]; sizes != 0; sizes &= sizes - 1 {
			if m := longerOf(bits.TrailingZeros64(sizes)); i+m <= len(b) {
				start, end, found = v.match(b, i, in, d.slot(d.longHash(b[i:i+m])).last, start, end, found)
			}
		}
	}
	return start, end, found
}

// match goes through a chain of entries for the longest that stands at i.
func (v *dictView) match(b []byte, i int, in period, last int32, start, end int, found *entry) (int, int, *entry) {
	d := v.d
	for ; last != 0; last = d.entries[last-1].next {
		e := &d.entries[last-1]
		if n := int(last - 1); n < in.from || n >= in.to || i < int(e.anchor) {
			continue
		}
		s := i - int(e.anchor)
		t := s + int(e.len)
		if t > len(b) || t-s <= end-start {
			continue
		}
		if e.fold && !bytes.EqualFold(b[s:t], d.value(e)) || !e.fold && !bytes.Equal(b[s:t], d.value(e)) {
			continue
		}
		if (e.whole || e.len < 12) && !e.boundary(b, s, t) {
			continue
		}
		start, end, found = s, t, e
	}
	return start, end, found
}

func (d *dictionary) value(e *entry) []byte {
	at := e.at & (chunk - 1)
	return d.text[e.at/chunk][at : at+uint32(e.len)]
}

func (d *dictionary) hash(b []byte) uint32 {
	var buf [32]byte
	return uint32(maphash.Bytes(d.seed, lowerOf(b, buf[:])))
}

// longHash is of a longer prefix. The first one of as many bytes has another.
func (d *dictionary) longHash(b []byte) uint32 {
	var buf [256]byte
	return ^uint32(maphash.Bytes(d.seed, lowerOf(b, buf[:])))
}

// slot is the slot of a hash, a free one when there is none.
func (d *dictionary) slot(tag uint32) *slot {
	mask := uint32(len(d.table) - 1)
	for i := tag & mask; ; i = (i + 1) & mask {
		if w := &d.table[i]; w.last == 0 || w.tag == tag {
			return w
		}
	}
}

// grow makes room for two more slots.
func (d *dictionary) grow() {
	if (d.used+2)*4 <= len(d.table)*3 {
		return
	}
	old := d.table
	d.table = make([]slot, 2*len(old))
	for _, w := range old {
		if w.last != 0 {
			*d.slot(w.tag) = w
		}
	}
}

// know adds an identity that is known from the start, found as a whole word.
func (d *dictionary) know(c classID, value string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range spellings(c, value) {
		if len(v.text) < 3 || v.class == cHostname && notHosts.has([]byte(v.text)) || v.class == cUsername && !account([]byte(v.text)) {
			continue
		}
		d.add([]byte(v.text), entry{class: v.class, whole: true, fold: v.fold})
	}
}

// learn adds a secret. It reports whether the value may be searched for, and
// whether it is new.
func (d *dictionary) learn(c classID, value []byte) (fit, fresh bool) {
	if !learnable(value) {
		return false, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.add(value, entry{class: c})
}

// add puts e with a copy of its value into the table, unless that is full.
func (d *dictionary) add(v []byte, e entry) (fit, fresh bool) {
	// The anchor: the first word start with enough behind it.
	anchor := -1
	for i := range v {
		if is(v[i], chWord) && (i == 0 || !is(v[i-1], chWord)) {
			if len(v)-i >= 4 {
				anchor = i
			}
			break
		}
	}
	if anchor < 0 || len(v) > maxLength {
		return false, false
	}
	rest := v[anchor:]
	k := len(prefixSizes) - 1
	for prefixSizes[k] > len(rest) {
		k--
	}
	n := prefixSizes[k]
	d.grow()
	first := d.slot(d.hash(rest[:n]))
	inRow, there := d.chain(first.last, v)
	if there {
		return true, false
	}
	w, tag := first, d.hash(rest[:n])
	if inRow >= maxInRow {
		size, bit := longer(len(rest))
		tag = d.longHash(rest[:size])
		w = d.slot(tag)
		if inRow, there = d.chain(w.last, v); there {
			return true, false
		}
		if inRow >= maxInRow || !d.crowd(first, bit) {
			return false, false // one common beginning: no more of it
		}
	}
	if len(d.entries) >= maxLearned || d.size+len(v) > maxText {
		return false, false
	}
	if len(rest) > n {
		first.next |= 1 << (rest[n] & 31)
	} else {
		first.next = ^uint32(0)
	}
	if w.last == 0 {
		d.used++
	}
	e.at, e.len, e.anchor, e.next = d.store(v), uint16(len(v)), uint16(anchor), w.last
	d.entries = append(d.entries, e)
	w.tag, w.last = tag, int32(len(d.entries))
	d.sizes |= 1 << k
	d.max = max(d.max, len(v))
	d.begins.add(load4(rest, 0) | lowerCase)
	if len(rest) < shortestGrams {
		if d.short == nil {
			d.short = new(shortGate)
		}
		d.short.add(load4(rest, 0))
	} else {
		d.grams.add(d, len(d.entries)-1)
	}
	return true, true
}

// chain counts the entries of a chain up to one of the value v.
func (d *dictionary) chain(last int32, v []byte) (n int, there bool) {
	for ; last != 0; last = d.entries[last-1].next {
		if bytes.Equal(d.value(&d.entries[last-1]), v) {
			return n, true
		}
		n++
	}
	return n, false
}

// crowd notes that there are values of a longer prefix.
func (d *dictionary) crowd(w *slot, bit uint) bool {
	if w.crowd == 0 {
		if len(d.crowds) == math.MaxUint16 {
			return false
		}
		d.crowds = append(d.crowds, 0)
		w.crowd = uint16(len(d.crowds))
	}
	sizes := &d.crowds[w.crowd-1]
	if *sizes>>bit&1 == 0 && bits.OnesCount64(*sizes) >= maxSizes {
		return false
	}
	*sizes |= 1 << bit
	return true
}

// store copies a value and says where.
func (d *dictionary) store(v []byte) uint32 {
	n := len(d.text) - 1
	if n < 0 || cap(d.text[n])-len(d.text[n]) < len(v) {
		d.text = append(d.text, make([]byte, 0, chunk))
		n++
	}
	at := n*chunk + len(d.text[n])
	d.text[n] = append(d.text[n], v...)
	d.size += len(v)
	return uint32(at)
}

// learnable reports whether a secret is long and rare enough to be looked for
// wherever it may stand: no common word, no plain number, no version.
func learnable(v []byte) bool {
	n := len(v)
	if n < 6 || n > maxLength {
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

// learn takes the values of the scanner's spans into the dictionary.
func (sc *scanner) learn() {
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
		v = unquotedValue(v)
		if sp.class == cToken && !entropyHigh(v) && identifierLike(v) || compoundName(v) {
			sc.s.tooShort.Add(1)
			continue
		}
		fit, isNew := sc.s.dict.learn(sp.class, v)
		if !fit {
			sc.s.tooShort.Add(1)
			continue
		}
		if !isNew {
			continue
		}
		// The value as it stands elsewhere, without the escapes of this place.
		if plain := sc.unescape(v); plain != nil {
			sc.s.dict.learn(sp.class, plain)
		}
	}
}

// unquotedValue is a value without the quotes that stand around it in a string:
// where it stands elsewhere they are the text's.
func unquotedValue(v []byte) []byte {
	for _, q := range [...]string{`"`, `'`, `\"`, `\'`} {
		if n := len(q); len(v) > 2*n+4 && string(v[:n]) == q && string(v[len(v)-n:]) == q {
			return v[n : len(v)-n]
		}
	}
	return v
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
			c = byte(hexValue(v[i+1])<<4 | hexValue(v[i+2]))
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

// sweep finds the values of the dictionary that were learned at or after
// mark, and nothing else.
func (sc *scanner) sweep(b []byte, mark int) {
	sc.b = b
	sc.spans = sc.spans[:0]
	sc.seek(period{mark, math.MaxInt})
}

// seek adds to the spans, which are in order and stay so, what the dictionary
// has of a period.
func (sc *scanner) seek(in period) {
	v := sc.s.dict.view()
	if v == nil {
		return
	}
	defer v.release()
	sc.seekHere(v, in)
	sc.inWide(func(w *scanner) {
		w.spans = w.spans[:0]
		w.seekHere(v, in)
	})
}

func (sc *scanner) seekHere(v *dictView, in period) {
	n, next := len(sc.spans), 0
	found := func(start, end int, e *entry) {
		if sc.s.keep[e.class] || inPseudonym(sc.b, start) {
			return
		}
		for next < n && sc.spans[next].end <= start {
			next++
		}
		if next == n || sc.spans[next].start > start || sc.spans[next].end < end {
			sc.spans = append(sc.spans, span{start, end, e.class, 0, ruleKnown})
		}
	}
	v.anywhere(sc.b, in, found)
	if v.d.short != nil {
		next = 0
		sc.seekWords(v, in, found)
	}
	if len(sc.spans) > n {
		sc.settle()
	}
}

// seekWords looks for the short values: they stand at word starts only.
func (sc *scanner) seekWords(v *dictView, in period, found func(start, end int, e *entry)) {
	b := sc.b
	sc.win.begin(b, sc.s.kernels)
	for {
		n, base := sc.win.nextWords(v.d.short)
		if n == 0 {
			return
		}
		for k, starts := range sc.win.set.words[:n] {
			for ; starts != 0; starts &= starts - 1 {
				if s, t, e := v.find(b, base+k*windowStep+bits.TrailingZeros64(starts), in); e != nil {
					found(s, t, e)
				}
			}
		}
	}
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
