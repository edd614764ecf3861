// Command asm writes windows_amd64.s of the package above, the kernel that
// says where in a text something may begin. It is a module of its own so that
// nothing of it is needed to build the tool. What it computes is defined by
// windowsGo; see there for the reasons.
package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// These are constants of the package above.
const (
	step      = 48
	before    = 4
	valid     = (1<<step - 1) << before
	size      = 64
	gateLog   = 17
	gateMul   = 0x9e3779b1
	topicBits = 16
	topicMul  = 0x9e3779b97f4a7c15
	threeBits = 16
	innerBits = 14
	sevenBits = 15
	fold      = 0x20202020
	inNext    = (1<<40 - 1) &^ (1<<16 - 1) // what a word of 84 bytes takes of the next window

	// So many words of a window are asked for without a branch; few windows
	// have more.
	unrolled = 6
)

// Where the fields of a windowSet stand.
const (
	outWord = 8 * size * iota
	outWords
	outShapes
	outSeps
	outAddrs
	outSigns
	outLines
	outLongs
	outNear
	outApart
	outDash
	outDigit
	outInner
)

// Where the parts of a gateSet stand.
const (
	gateWords  = 0
	gateTokens = gateWords + 1<<gateLog/8
	gateTails  = gateTokens + 1<<gateLog/8
	gateTopics = gateTails + 1<<gateLog/8
	gateThrees = gateTopics + 1<<topicBits/8
	gateInner  = gateThrees + 1<<threeBits/8
	gateSevens = gateInner + 1<<innerBits/8
	gateDashed = gateSevens + 1<<sevenBits/8
)

func main() {
	ConstraintExpr("amd64")
	windows("windowsAVX2", 4)
	windows("windowsAVX512", 8)
	lanes = 4
	seek()
	Generate()
}

// windows is the kernel that judges so many windows at once, one to a lane of
// 64 bits of a vector.
func windows(name string, n int) {
	TEXT(name, 0, "func(out *uint64, b *byte, n int, gate *uint64) (odd uint64)")
	Doc(name + " fills n windows from b, a multiple of eight, as windowsGo does.")
	lanes = n
	k := kernel{
		out:  Load(Param("out"), GP64()),
		p:    Load(Param("b"), GP64()),
		n:    Load(Param("n"), GP64()),
		gate: Load(Param("gate"), GP64()),
		odd:  keepVector(),
	}
	move(zero(), k.odd)
	first := struct{ out, p, n Mem }{keep(k.out), keep(k.p), keep(k.n)}
	k.allocate()
	scratch := make([]Mem, masks)
	for i := range scratch {
		scratch[i] = k.local()
	}
	classify := k.classify
	if wide() {
		classify = k.classifyWide
	}

	Label("next")
	TESTQ(k.n, k.n)
	JZ(LabelRef("done"))
	k.used = masks
	classify(scratch)
	k.judge(scratch)
	ADDQ(U32(step*lanes), k.p)
	ADDQ(Imm(uint64(8*lanes)), k.out)
	SUBQ(Imm(uint64(lanes)), k.n)
	JMP(LabelRef("next"))

	// The gates are asked in a round of their own: together, what one window
	// waits for would be too long for the next to begin meanwhile.
	Label("done")
	MOVQ(first.out, k.out)
	MOVQ(first.p, k.p)
	MOVQ(first.n, k.n)
	Label("nextGate")
	TESTQ(k.n, k.n)
	JZ(LabelRef("doneGate"))
	k.words()
	k.longs()
	k.near()
	k.inner()
	ADDQ(Imm(step), k.p)
	ADDQ(Imm(8), k.out)
	DECQ(k.n)
	JMP(LabelRef("nextGate"))
	Label("doneGate")
	Store(k.anyOdd(), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// seek is the kernel that says where a value of the dictionary may begin:
// which bits do the bytes of a word's start have in common, when each gives
// those of its two halves?
func seek() {
	TEXT("seekAVX2", NOSPLIT, "func(words *uint64, b *byte, n int, table *byte)")
	Doc("seekAVX2 fills the words of n windows from b, as seekGo does.")
	out, p, n, t := Load(Param("words"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64()), Load(Param("table"), GP64())
	var halves [4][2]VecVirtual
	for k := range halves {
		for i := range halves[k] {
			halves[k][i] = YMM()
			VBROADCASTI128(Mem{Base: t, Disp: 32*k + 16*i}, halves[k][i])
		}
	}
	low := same(0x0f)
	zero := YMM()
	VPXOR(zero, zero, zero)
	validMask := GP64()
	MOVQ(U64(valid), validMask)

	Label("seekNext")
	TESTQ(n, n)
	JZ(LabelRef("seekDone"))
	nibbles := func(at int) (lo, hi VecVirtual) {
		lo, hi = YMM(), YMM()
		VMOVDQU(Mem{Base: p, Disp: at}, lo)
		VPSRLW(Imm(4), lo, hi)
		VPAND(low, lo, lo)
		VPAND(low, hi, hi)
		return lo, hi
	}
	var words, hits, backs, highs [2]GPVirtual
	for i := range 2 {
		var all VecVirtual
		for k := range halves {
			lo, hi := nibbles(32*i + k)
			VPSHUFB(lo, halves[k][0], lo)
			VPSHUFB(hi, halves[k][1], hi)
			VPAND(hi, lo, lo)
			if k > 0 {
				VPAND(all, lo, lo)
			}
			all = lo
		}
		VPCMPEQB(zero, all, all)
		hits[i] = GP64()
		VPMOVMSKB(all, hits[i].As32())

		v := YMM()
		VMOVDQU(Mem{Base: p, Disp: 32 * i}, v)
		h, c := YMM(), YMM()
		VPSRLW(Imm(4), v, h)
		VPAND(low, h, h)
		tlo, thi := YMM(), YMM()
		VBROADCASTI128(tables["nibbleLow"], tlo)
		VBROADCASTI128(tables["nibbleHigh"], thi)
		VPSHUFB(v, tlo, c)
		VPSHUFB(h, thi, h)
		VPAND(h, c, c)
		VPAND(constant(0x1f), c, c)
		VPCMPGTB(zero, c, c)
		VPOR(v, c, c)
		words[i], backs[i], highs[i] = GP64(), GP64(), GP64()
		VPMOVMSKB(c, words[i].As32())
		VPMOVMSKB(v, highs[i].As32())
		VPCMPEQB(constant('\\'), v, v)
		VPMOVMSKB(v, backs[i].As32())
	}
	for _, m := range [][2]GPVirtual{words, hits, backs, highs} {
		SHLQ(Imm(32), m[1])
		ORQ(m[1], m[0])
	}
	w, miss, parted, high := words[0], hits[0], backs[0], highs[0]
	next := GP64()
	MOVQ(w, next)
	SHLQ(Imm(1), next)
	SHLQ(Imm(2), parted)
	h := GP64()
	MOVQ(high, h)
	SHLQ(Imm(1), h)
	ANDNQ(h, high, h)
	ORQ(h, parted)
	ANDNQ(next, parted, next) // what no escape ends before
	ANDNQ(w, next, w)
	ANDNQ(w, miss, w)
	ANDQ(validMask, w)
	MOVQ(w, Mem{Base: out})
	ADDQ(Imm(step), p)
	ADDQ(Imm(8), out)
	DECQ(n)
	JMP(LabelRef("seekNext"))
	Label("seekDone")
	VZEROUPPER()
	RET()
}

var tables = map[string]Mem{}

// Classes of bytes as bits of what two lookups by nibble have in common.
var sets = []struct {
	low, high uint16 // which nibbles
}{
	{0x03ff, 1 << 3},                      // 0-9
	{0x007e, 1<<4 | 1<<6},                 // A-F a-f
	{0xff80, 1<<4 | 1<<6},                 // G-O g-o
	{0x07ff, 1<<5 | 1<<7},                 // P-Z p-z
	{1 << 15, 1 << 5},                     // _
	{1<<10 | 1<<13, 1 << 3},               // : =
	{1<<4 | 1<<5 | 1<<10 | 1<<11, 1 << 2}, // $ % * +
	{1 << 11, 1<<3 | 1<<7},                // ; {
}

// The others are told by a second pair of lookups.
var others = []struct{ low, high uint16 }{
	{0xc8ff, 1 << 0},             // 00-07 0b 0e 0f
	{0xf7ff, 1 << 1},             // 10-1f without ESC
	{1 << 15, 1 << 7},            // DEL
	{1<<2 | 1<<7 | 1<<9, 1 << 2}, // " ' )
	{1<<12 | 1<<13, 1 << 5},      // \ ]
	{1 << 0, 1 << 6},             // `
	{1 << 12, 1 << 3},            // <
	{1 << 14, 1 << 7},            // ~
}

// What of them is odd, and what may stand between a key and its separator.
const (
	oddOnes = 0x07
	closing = 0x38
)

func classLow(x int) (c byte) {
	for k, s := range sets {
		c |= byte(s.low>>x&1) << k
	}
	return c
}

func classHigh(x int) (c byte) {
	for k, s := range sets {
		c |= byte(s.high>>x&1) << k
	}
	return c
}

// Letters that the parts of keys begin with that name a secret, small or not.
var initials = []struct{ low, high uint16 }{
	{1<<3 | 1<<11, 1<<4 | 1<<6},       // C K
	{1<<0 | 1<<3 | 1<<4, 1<<5 | 1<<7}, // P S T
}

func initialLow(x int) (c byte) {
	for k, s := range initials {
		c |= byte(s.low>>x&1) << k
	}
	return c
}

func initialHigh(x int) (c byte) {
	for k, s := range initials {
		c |= byte(s.high>>x&1) << k
	}
	return c
}

func otherLow(x int) (c byte) {
	for k, s := range others {
		c |= byte(s.low>>x&1) << k
	}
	return c
}

func otherHigh(x int) (c byte) {
	for k, s := range others {
		c |= byte(s.high>>x&1) << k
	}
	return c
}

// table is sixteen bytes, twice: one for each half of a vector.
func table(name string, f func(int) byte) Mem {
	if m, ok := tables[name]; ok {
		return m
	}
	g := GLOBL(name, RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(f(i%16)))
	}
	tables[name] = g
	return g
}

type kernel struct {
	out, p, n, gate Register
	odd             Mem      // what odd bytes leave behind
	base            Register // of locals, on a boundary of a vector
	used            int      // locals
}

// The masks of a window.
const (
	digit = iota
	hex
	word
	sep
	lead
	colon
	dot
	dash
	blank
	slash
	line
	sign
	under
	small
	initial
	closes
	back
	high
	masks
)

// classify puts the masks of four windows beside each other in scratch.
func (k *kernel) classify(scratch []Mem) {
	low, none := same(0x0f), zero()
	lo, hi := load(table("nibbleLow", classLow)), load(table("nibbleHigh", classHigh))
	olo, ohi := load(table("otherLow", otherLow)), load(table("otherHigh", otherHigh))
	odd := load(k.odd)
	for lane := range lanes {
		var v, class, other [2]VecVirtual
		for i := range 2 {
			v[i], class[i], other[i] = YMM(), YMM(), YMM()
			VMOVDQU(Mem{Base: k.p, Disp: step*lane + 32*i}, v[i])
			h, t := YMM(), YMM()
			VPSRLW(Imm(4), v[i], h)
			VPAND(low, h, h)
			VPSHUFB(v[i], lo, class[i]) // zero for bytes above 0x7f
			VPSHUFB(h, hi, t)
			VPAND(t, class[i], class[i])
			VPSHUFB(v[i], olo, other[i])
			VPSHUFB(h, ohi, t)
			VPAND(t, other[i], other[i])
			VPOR(other[i], odd, odd)
		}
		// mask makes 64 bits of the top bits of two vectors.
		mask := func(which int, half func(i int) VecVirtual) {
			a, b := GP64(), GP64()
			VPMOVMSKB(half(0), a.As32())
			VPMOVMSKB(half(1), b.As32())
			SHLQ(Imm(32), b)
			ORQ(b, a)
			m := scratch[which]
			m.Disp += 8 * lane
			MOVQ(a, m)
		}
		equal := func(c byte) func(int) VecVirtual {
			return func(i int) VecVirtual {
				t := YMM()
				VPCMPEQB(constant(c), v[i], t)
				return t
			}
		}
		bit := func(n uint64) func(int) VecVirtual { // a class to the top bit
			return func(i int) VecVirtual {
				t := YMM()
				VPSLLW(Imm(7-n), class[i], t)
				return t
			}
		}
		any := func(bits byte) func(int) VecVirtual {
			return func(i int) VecVirtual {
				t := YMM()
				VPAND(constant(bits), class[i], t)
				VPCMPGTB(none, t, t)
				return t
			}
		}
		mask(digit, bit(0))
		mask(hex, any(0x03))
		mask(word, func(i int) VecVirtual {
			t := any(0x1f)(i)
			VPOR(v[i], t, t)
			return t
		})
		mask(under, bit(4))
		mask(small, func(i int) VecVirtual { // the bit that tells small letters from capitals
			t := YMM()
			VPSLLW(Imm(2), v[i], t)
			return t
		})
		mask(initial, func(i int) VecVirtual {
			h, t := YMM(), YMM()
			VPSRLW(Imm(4), v[i], h)
			VPAND(low, h, h)
			VPSHUFB(v[i], load(table("initialLow", initialLow)), t)
			VPSHUFB(h, load(table("initialHigh", initialHigh)), h)
			VPAND(h, t, t)
			VPCMPGTB(none, t, t)
			return t
		})
		mask(sep, bit(5))
		mask(lead, func(i int) VecVirtual {
			all, t := YMM(), YMM()
			VPOR(class[i], other[i], all)
			VPSLLW(Imm(1), all, t)
			VPOR(all, t, t)
			return t
		})
		mask(closes, func(i int) VecVirtual {
			t := YMM()
			VPAND(constant(closing), other[i], t)
			VPCMPGTB(none, t, t)
			return t
		})
		for _, e := range []struct {
			which int
			c     byte
		}{{colon, ':'}, {dot, '.'}, {dash, '-'}, {blank, ' '}, {slash, '/'}, {line, '\n'}, {back, '\\'}} {
			mask(e.which, equal(e.c))
		}
		mask(high, func(i int) VecVirtual { return v[i] })
		mask(sign, func(i int) VecVirtual {
			t := equal('@')(i)
			VPOR(equal(0x1b)(i), t, t)
			return t
		})
	}
	VMOVDQU(odd, k.odd)
}

// judge says of as many windows as there are lanes where something may begin, as judge64 does.
func (k *kernel) judge(scratch []Mem) {
	m := func(which int) VecVirtual { return load(scratch[which]) }
	at := func(which int) Mem { return scratch[which] }
	store := func(v VecVirtual, disp int) { move(v, Mem{Base: k.out, Disp: disp}) }
	keepV := func(v VecVirtual) Mem {
		l := k.local()
		move(v, l)
		return l
	}
	validMask := everywhere("valid", valid)

	store(and(m(sign), validMask), outSigns)
	store(and(m(line), validMask), outLines)
	store(m(word), outWord)
	store(m(dash), outDash)
	store(m(digit), outDigit)

	starts, startsValid := at(sign), at(line) // those are needed no more
	goingOn := shl(m(word), 1)
	move(andNot(at(word), goingOn), starts)
	parted := or(shl(m(back), 2), andNot(shl(m(high), 1), m(high)))
	move(and(or(and(parted, goingOn, at(word)), starts), validMask), startsValid)

	// Runs of digits.
	d := m(digit)
	d2 := and(shr(d, 1), d)
	d3 := and(shr(d, 2), d2)
	d4 := and(shr(d2, 2), d2)
	d8 := keepV(and(shr(d4, 4), d4))
	d2m, d3m, d4m := keepV(d2), keepV(d3), keepV(d4)
	upTo3 := func(x VecVirtual) VecVirtual {
		return or(and(shr(x, 1), at(digit)), and(shr(x, 2), d2m), and(shr(x, 3), d3m))
	}

	{ // the gate is not asked about numbers of up to four digits, nor about letters that stand alone
		open := andNot(ones(), or(m(word), at(slash)))
		number := upTo3(open)
		number = or(number, and(shr(andNot(open, m(dot)), 4), d4m))
		goesOn := shr(or(m(word), at(dot), at(slash), at(dash), at(lead)), 1)
		store(and(andNot(startsValid, number), goesOn), outWords)
	}

	q := and(shr(m(digit), 1), at(dot))
	for range 2 {
		q = and(shr(upTo3(q), 1), at(dot))
	}
	number := upTo3(q)
	number = or(number, and(shr(m(dash), 3), d3m, shr(load(d2m), 4), shr(m(dash), 6)))
	number = or(number, and(shr(or(m(dash), at(blank)), 4), d4m, shr(load(d3m), 5)))
	colons := m(colon)
	number = or(number, and(or(shr(colons, 8), shr(colons, 9), shr(colons, 10), shr(load(d4m), 8)), d8))
	number = and(number, at(digit))

	h := m(hex)
	hex2 := and(shr(h, 1), h)
	hex3m := keepV(and(shr(h, 2), hex2))
	hex4 := and(shr(hex2, 2), hex2)
	hex2m, hex4m := keepV(hex2), keepV(hex4)
	number = or(number, and(shr(m(dash), 2), hex2m, shr(load(hex2m), 3), shr(m(dash), 5)))
	number = or(number, and(shr(m(dot), 4), hex4m, shr(load(hex4m), 5), shr(m(dot), 9)))
	number = or(number, andNot(and(shr(m(dash), 4), hex4m, shr(load(hex4m), 5), shr(m(dash), 9)), shl(m(dash), 1)))
	letters := andNot(at(word), m(digit))
	lettersm := keepV(letters)
	{
		t := or(andNot(shl(m(dot), 1), shr(m(word), 2)), shr(load(d2m), 2))
		number = or(number, and(shr(letters, 1), t, lettersm))
		number = or(number, shl(m(lead), 1), andNot(shl(m(dash), 1), shl(m(word), 2)))
		number = or(number, and(shl(or(m(word), at(back)), 2), shl(m(back), 1))) // CORP\x
	}
	shapes := and(number, startsValid)
	store(shapes, outShapes)

	{ // words within words
		big := andNot(andNot(lettersm, m(under)), m(small))
		move(and(m(small), lettersm), at(small)) // the small letters
		t := or(shl(or(m(digit), at(small)), 1), and(shl(big, 1), shr(m(small), 1)))
		t = or(and(t, big), and(shl(m(under), 1), lettersm))
		store(and(t, at(initial), validMask), outInner)
	}

	{
		t := or(m(word), at(dash))
		t = and(shr(t, 1), t)
		t = and(shr(t, 2), t)
		t8 := and(shr(t, 4), t)
		long := or(and(shr(t, 8), t8), andNot(shr(t8, 2), shr(m(word), 1)))
		store(andNot(and(long, startsValid), load(Mem{Base: k.out, Disp: outShapes})), outLongs)
	}

	// Addresses.
	upTo4 := func(x VecVirtual) VecVirtual {
		return or(and(shr(x, 1), at(hex)), and(shr(x, 2), hex2m), and(shr(x, 3), hex3m), and(shr(x, 4), hex4m))
	}
	two := and(shr(or(upTo4(m(colon)), at(colon)), 1), at(colon))
	addrs := shr(upTo4(two), 1)
	colons = m(colon)
	addrs = or(addrs, shr(colons, 1), shl(colons, 1))
	addrs = or(addrs, and(shr(m(slash), 1), shr(m(slash), 2)))
	addrs = and(addrs, at(colon), validMask)
	store(addrs, outAddrs)

	// Separators. What a number ends is no key.
	ownAll := and(load(starts), at(digit))
	own := and(andNot(ownAll, shl(m(dash), 1)), everywhere("allButFirst", ^uint64(1)))
	ends := vec()
	VPADDQ(at(digit), own, ends)
	ends = andNot(ends, m(digit))
	ends = or(ends, shl(and(ends, at(closes)), 1))
	seps := andNot(at(sep), ends)
	key1 := and(shl(m(blank), 1), ownAll, shl(load(lettersm), 2))
	one := shl(key1, 1)
	seps = or(seps, and(or(one, shl(and(one, at(closes)), 1)), at(colon)))
	seps = andNot(and(seps, validMask), load(Mem{Base: k.out, Disp: outAddrs}))
	named := and(shl(load(lettersm), 1), shl(load(lettersm), 2))
	named = andNot(named, shl(m(under), 2))
	near := and(named, seps)
	store(near, outNear)
	between := or(m(closes), at(blank))
	apart := and(shl(and(named, between), 1), seps, everywhere("validButFirst", valid&^(1<<before)))
	store(apart, outApart)
	store(andNot(andNot(seps, near), apart), outSeps)
}

// bitOf asks a gate of 2^log bits for what v is mixed to; the answer is zero
// or one.
func (k *kernel) bitOf(gate int, v GPVirtual) GPVirtual {
	w := GP32()
	MOVL(v, w)
	SHRL(Imm(5), w)
	MOVL(Mem{Base: k.gate, Disp: gate, Index: w.As64(), Scale: 4}, w)
	SHRXL(v, w, w)
	ANDL(Imm(1), w)
	return w
}

// wideBit is bitOf for what is mixed from eight bytes.
func (k *kernel) wideBit(gate int, v GPVirtual) GPVirtual {
	w := GP64()
	MOVQ(v, w)
	SHRQ(Imm(6), w)
	MOVQ(Mem{Base: k.gate, Disp: gate, Index: w, Scale: 8}, w)
	SHRXQ(v, w, w)
	ANDL(Imm(1), w.As32())
	return w
}

// four is the mixed four bytes at an address.
func (k *kernel) four(m Mem, fold uint32, log uint64) GPVirtual {
	v := GP32()
	MOVL(m, v)
	if fold != 0 {
		ORL(U32(fold), v)
	}
	IMUL3L(U32(gateMul), v, v)
	SHRL(Imm(32-log), v)
	return v
}

// words asks the gate for the words of a window, and of those that pass what
// they are.
func (k *kernel) words() {
	starts := GP64()
	MOVQ(Mem{Base: k.out, Disp: outWords}, starts)
	left := GP64()
	MOVQ(starts, left)
	g := GP64()
	XORQ(g, g)
	one := func() {
		i := GP64()
		TZCNTQ(left, i) // 64 when none is left: the bit of no start
		BLSRQ(left, left)
		w := k.bitOf(gateWords, k.four(Mem{Base: k.p, Index: i, Scale: 1}, fold, gateLog))
		SHLXQ(i, w.As64(), w.As64())
		ORQ(w.As64(), g)
	}
	for range unrolled {
		one()
	}
	Label("more")
	TESTQ(left, left)
	JZ(LabelRef("gated"))
	one()
	JMP(LabelRef("more"))
	Label("gated")
	ANDQ(starts, g)

	// Of a word that a digit begins, that a dash joins to another of a topic,
	// that goes on beyond the window or that a token may begin with: its shape.
	shapes, topics := GP64(), GP64()
	MOVQ(Mem{Base: k.out, Disp: outDigit}, shapes)
	ANDQ(g, shapes)
	XORQ(topics, topics)
	notWord := GP64()
	MOVQ(Mem{Base: k.out, Disp: outWord}, notWord)
	NOTQ(notWord)
	fold8, mul, eight := quad("fold8", fold|fold<<32), quad("topicMul", topicMul), quad("eight", 8)
	Label("nextWord")
	TESTQ(g, g)
	JZ(LabelRef("endWords"))
	i, n := GP64(), GP64()
	TZCNTQ(g, i)
	BLSRQ(g, g)
	SHRXQ(i, notWord, n)
	TZCNTQ(n, n) // 64 when it goes on beyond the window
	end := GP64()
	LEAQ(Mem{Base: n, Index: i, Scale: 1}, end)
	dashed := GP64()
	SHRXQ(end, Mem{Base: k.out, Disp: outDash}, dashed)
	shape := end // not zero for one
	SHRQ(Imm(6), shape)
	w := k.bitOf(gateTokens, k.four(Mem{Base: k.p, Index: i, Scale: 1}, 0, gateLog))
	ORQ(w.As64(), shape)
	v := GP64()
	MOVQ(Mem{Base: k.p, Index: i, Scale: 1}, v)
	{
		seven := GP64()
		MOVQ(v, seven)
		SHLQ(Imm(8), seven)
		IMULQ(mul, seven)
		SHRQ(Imm(64-sevenBits), seven)
		ORQ(k.wideBit(gateSevens, seven), shape)
	}
	{
		bits := GP64()
		ORQ(fold8, v)
		MOVQ(n, bits)
		CMPQ(n, eight)
		CMOVQHI(eight, bits)
		SHLQ(Imm(3), bits)
		BZHIQ(bits, v, v)
		ADDQ(n, v)
		IMULQ(mul, v)
		SHRQ(Imm(64-topicBits), v)
		ANDQ(k.wideBit(gateDashed, v), dashed)
		w := k.wideBit(gateTopics, v)
		SHLXQ(i, w, w)
		ORQ(w, topics)
	}
	ORQ(dashed, shape)
	SHLXQ(i, shape, shape)
	ORQ(shape, shapes)
	JMP(LabelRef("nextWord"))
	Label("endWords")
	MOVQ(topics, Mem{Base: k.out, Disp: outWords})
	ORQ(shapes, Mem{Base: k.out, Disp: outShapes})
}

// longs asks of words as long as tokens whether one may begin so.
func (k *kernel) longs() {
	left, shapes := GP64(), GP64()
	MOVQ(Mem{Base: k.out, Disp: outLongs}, left)
	MOVQ(Mem{Base: k.out, Disp: outShapes}, shapes)
	TESTQ(left, left)
	JZ(LabelRef("endLongs"))
	{ // the one that goes on beyond the window, and the next
		last, beyond, goesOn, rest := GP64(), GP64(), GP64(), GP64()
		MOVQ(Mem{Base: k.out, Disp: outWord}, last)
		NOTQ(last)
		ORQ(Imm(1), last)
		BSRQ(last, last)
		MOVQ(U64(2), beyond)
		SHLXQ(last, beyond, beyond)
		ANDQ(left, beyond)
		MOVQ(I64(-1), goesOn)
		CMPQ(k.n, Imm(1))
		CMOVQNE(Mem{Base: k.out, Disp: outWord + 8}, goesOn)
		MOVQ(U64(inNext), rest)
		ANDNQ(rest, goesOn, rest)
		MOVQ(I64(0), goesOn)
		CMPQ(rest, goesOn)
		CMOVQNE(goesOn, beyond)
		ORQ(beyond, shapes)
	}
	Label("nextLong")
	TESTQ(left, left)
	JZ(LabelRef("endLongs"))
	i, v := GP64(), GP32()
	TZCNTQ(left, i)
	BLSRQ(left, left)
	MOVL(Mem{Base: k.p, Index: i, Scale: 1}, v)
	ANDL(U32(0xffffff), v)
	IMUL3L(U32(gateMul), v, v)
	SHRL(Imm(32-threeBits), v)
	w := k.bitOf(gateThrees, v)
	SHLXQ(i, w.As64(), w.As64())
	ORQ(w.As64(), shapes)
	JMP(LabelRef("nextLong"))
	Label("endLongs")
	MOVQ(shapes, Mem{Base: k.out, Disp: outShapes})
}

// near asks of separators with letters before them whether a key may end so.
func (k *kernel) near() {
	left, seps := GP64(), GP64()
	apart := GP64()
	MOVQ(Mem{Base: k.out, Disp: outApart}, apart)
	MOVQ(Mem{Base: k.out, Disp: outNear}, left)
	ORQ(apart, left)
	MOVQ(Mem{Base: k.out, Disp: outSeps}, seps)
	Label("nextNear")
	TESTQ(left, left)
	JZ(LabelRef("endNear"))
	i, pw := GP64(), GP32()
	TZCNTQ(left, i)
	BLSRQ(left, left)
	// Where a sign is between, the key ends a byte before.
	sign := GP64()
	SHRXQ(i, apart, sign)
	ANDL(Imm(1), sign.As32())
	ends := GP64()
	MOVQ(i, ends)
	SUBQ(sign, ends)
	last := Mem{Base: k.p, Index: ends, Scale: 1, Disp: -4}
	w := k.bitOf(gateTails, k.four(last, fold, gateLog))
	last.Disp = -2
	MOVWLZX(last, pw)
	ORL(U32(0x2020), pw)
	XORL(U32('p'|'w'<<8), pw)
	DECL(pw) // all ones from zero
	SHRL(Imm(31), pw)
	ORL(pw, w)
	SHLXQ(i, w.As64(), w.As64())
	ORQ(w.As64(), seps)
	JMP(LabelRef("nextNear"))
	Label("endNear")
	MOVQ(seps, Mem{Base: k.out, Disp: outSeps})
}

// inner asks of words within words whether they may name a secret.
func (k *kernel) inner() {
	left, words := GP64(), GP64()
	MOVQ(Mem{Base: k.out, Disp: outInner}, left)
	MOVQ(Mem{Base: k.out, Disp: outWords}, words)
	Label("nextInner")
	TESTQ(left, left)
	JZ(LabelRef("endInner"))
	i := GP64()
	TZCNTQ(left, i)
	BLSRQ(left, left)
	w := k.bitOf(gateInner, k.four(Mem{Base: k.p, Index: i, Scale: 1}, fold, innerBits))
	SHLXQ(i, w.As64(), w.As64())
	ORQ(w.As64(), words)
	JMP(LabelRef("nextInner"))
	Label("endInner")
	MOVQ(words, Mem{Base: k.out, Disp: outWords})
}
