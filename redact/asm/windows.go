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
	step    = 48
	before  = 4
	valid   = (1<<step - 1) << before
	gateLog = 17
	gateMul = 0x9e3779b1
	fold    = 0x20202020

	// So many words of a window are asked for without a branch; few windows
	// have more.
	unrolled = 10
)

func main() {
	ConstraintExpr("amd64")
	TEXT("windowsAVX2", NOSPLIT, "func(out *uint64, b *byte, n int, gate *uint64) (odd uint64)")
	Doc("windowsAVX2 fills n windows from b, as windowsGo does.")
	k := kernel{
		out:  Load(Param("out"), GP64()),
		p:    Load(Param("b"), GP64()),
		n:    Load(Param("n"), GP64()),
		gate: Load(Param("gate"), GP64()),
		lo:   table("nibbleLow", func(x int) byte { return classLow(x) }),
		hi:   table("nibbleHigh", func(x int) byte { return classHigh(x) }),
		olo:  table("oddLow", oddLow),
		ohi:  table("oddHigh", oddHigh),
		low:  same(0x0f),
		zero: YMM(),
		odd:  YMM(),
	}
	VPXOR(k.zero, k.zero, k.zero)
	VPXOR(k.odd, k.odd, k.odd)

	first := struct{ out, p, n Mem }{keep(k.out), keep(k.p), keep(k.n)}
	Label("next")
	TESTQ(k.n, k.n)
	JZ(LabelRef("done"))
	k.window()
	ADDQ(Imm(step), k.p)
	ADDQ(Imm(8*8), k.out)
	DECQ(k.n)
	JMP(LabelRef("next"))

	// The gate is asked in a round of its own: together, what one window waits
	// for would be too long for the next to begin meanwhile.
	Label("done")
	MOVQ(first.out, k.out)
	MOVQ(first.p, k.p)
	MOVQ(first.n, k.n)
	Label("nextGate")
	TESTQ(k.n, k.n)
	JZ(LabelRef("doneGate"))
	starts := GP64()
	MOVQ(Mem{Base: k.out, Disp: 8}, starts)
	gated := k.gated(starts)
	MOVQ(gated, Mem{Base: k.out, Disp: 8})
	ADDQ(Imm(step), k.p)
	ADDQ(Imm(8*8), k.out)
	DECQ(k.n)
	JMP(LabelRef("nextGate"))
	Label("doneGate")

	VPCMPEQB(k.zero, k.odd, k.odd)
	m := GP32()
	VPMOVMSKB(k.odd, m)
	NOTL(m) // and so the upper half of the register is zero
	r := GP64()
	MOVL(m, r.As32())
	Store(r, ReturnIndex(0))
	VZEROUPPER()
	RET()

	seek()
	Generate()
}

// seek is the kernel that says where a value of the dictionary may begin:
// which bits do the bytes of a word's start have in common, when each gives
// those of its two halves?
func seek() {
	TEXT("seekAVX2", NOSPLIT, "func(out *uint64, b *byte, n int, table *byte)")
	Doc("seekAVX2 fills n windows from b, as seekGo does.")
	out, p, n, t := Load(Param("out"), GP64()), Load(Param("b"), GP64()), Load(Param("n"), GP64()), Load(Param("table"), GP64())
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
	none := GP64()
	XORQ(none, none)

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
	var words, hits [2]GPVirtual
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
		VBROADCASTI128(nibbleLow, tlo)
		VBROADCASTI128(nibbleHigh, thi)
		VPSHUFB(v, tlo, c)
		VPSHUFB(h, thi, h)
		VPAND(h, c, c)
		VPAND(constant(0x1f), c, c)
		VPCMPGTB(zero, c, c)
		VPOR(v, c, c)
		words[i] = GP64()
		VPMOVMSKB(c, words[i].As32())
	}
	for _, m := range [][2]GPVirtual{words, hits} {
		SHLQ(Imm(32), m[1])
		ORQ(m[1], m[0])
	}
	w, miss := words[0], hits[0]
	next := GP64()
	MOVQ(w, next)
	SHLQ(Imm(1), next)
	ANDNQ(w, next, w)
	ANDNQ(w, miss, w)
	ANDQ(validMask, w)
	for k := range 8 {
		if k == 1 {
			MOVQ(w, Mem{Base: out, Disp: 8})
			continue
		}
		MOVQ(none, Mem{Base: out, Disp: 8 * k})
	}
	ADDQ(Imm(step), p)
	ADDQ(Imm(8*8), out)
	DECQ(n)
	JMP(LabelRef("seekNext"))
	Label("seekDone")
	VZEROUPPER()
	RET()
}

var nibbleLow, nibbleHigh Mem

type kernel struct {
	out, p, n, gate  Register
	lo, hi, olo, ohi VecVirtual
	low, zero, odd   VecVirtual
}

// Classes of bytes as bits of what two lookups by nibble have in common.
var sets = []struct {
	low, high uint16 // which nibbles
}{
	{0x03ff, 1 << 3},              // 0-9
	{0x007e, 1<<4 | 1<<6},         // A-F a-f
	{0xff80, 1<<4 | 1<<6},         // G-O g-o
	{0x07ff, 1<<5 | 1<<7},         // P-Z p-z
	{1 << 15, 1 << 5},             // _
	{1<<10 | 1<<13, 1 << 3},       // : =
	{1<<4 | 1<<5 | 1<<11, 1 << 2}, // $ % +
	{1<<11 | 1<<12, 1<<3 | 1<<7},  // ; < { |
}

var odds = []struct{ low, high uint16 }{
	{0xc8ff, 1 << 0},  // 00-07 0b 0e 0f
	{0xf7ff, 1 << 1},  // 10-1f without ESC
	{1 << 15, 1 << 7}, // DEL
}

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

func oddLow(x int) (c byte) {
	for k, s := range odds {
		c |= byte(s.low>>x&1) << k
	}
	return c
}

func oddHigh(x int) (c byte) {
	for k, s := range odds {
		c |= byte(s.high>>x&1) << k
	}
	return c
}

// table loads sixteen bytes into both halves of a vector.
func table(name string, f func(int) byte) VecVirtual {
	g := GLOBL(name, RODATA|NOPTR)
	for i := range 32 {
		DATA(i, U8(f(i%16)))
	}
	switch name {
	case "nibbleLow":
		nibbleLow = g
	case "nibbleHigh":
		nibbleHigh = g
	}
	v := YMM()
	VMOVDQU(g, v)
	return v
}

// same is a vector of one byte again and again.
func same(c byte) VecVirtual {
	v := YMM()
	VMOVDQU(constant(c), v)
	return v
}

var constants = map[byte]Mem{}

func constant(c byte) Mem {
	if m, ok := constants[c]; ok {
		return m
	}
	g := GLOBL("all"+string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15]), RODATA|NOPTR)
	for i := range 4 {
		DATA(8*i, U64(uint64(c)*0x0101010101010101))
	}
	constants[c] = g
	return g
}

// mask makes 64 bits of the top bits of two vectors and keeps them in memory:
// there are more masks than registers.
func mask(half func(i int) VecVirtual) Mem {
	a, b := GP64(), GP64()
	VPMOVMSKB(half(0), a.As32())
	VPMOVMSKB(half(1), b.As32())
	SHLQ(Imm(32), b)
	ORQ(b, a)
	m := AllocLocal(8)
	MOVQ(a, m)
	return m
}

// shr is m >> n, shl m << n, in a new register.
func shr(m Op, n uint64) GPVirtual {
	r := GP64()
	MOVQ(m, r)
	if n > 0 {
		SHRQ(Imm(n), r)
	}
	return r
}

func shl(m Op, n uint64) GPVirtual {
	r := GP64()
	MOVQ(m, r)
	SHLQ(Imm(n), r)
	return r
}

func keep(r Op) Mem {
	m := AllocLocal(8)
	MOVQ(r, m)
	return m
}

// locals of one window, allocated once.
func (k kernel) window() {
	var v, class [2]VecVirtual
	for i := range 2 {
		v[i], class[i] = YMM(), YMM()
		VMOVDQU(Mem{Base: k.p, Disp: 32 * i}, v[i])
		h, t := YMM(), YMM()
		VPSRLW(Imm(4), v[i], h)
		VPAND(k.low, h, h)
		VPSHUFB(v[i], k.lo, class[i]) // zero for bytes above 0x7f
		VPSHUFB(h, k.hi, t)
		VPAND(t, class[i], class[i])
		o := YMM()
		VPSHUFB(v[i], k.olo, o)
		VPSHUFB(h, k.ohi, t)
		VPAND(t, o, o)
		VPOR(o, k.odd, k.odd)
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
			VPCMPGTB(k.zero, t, t)
			return t
		}
	}
	digit := mask(bit(0))
	hex := mask(any(0x03))
	word := mask(func(i int) VecVirtual {
		t := any(0x1f)(i)
		VPOR(v[i], t, t)
		return t
	})
	sep := mask(bit(5))
	lead := mask(func(i int) VecVirtual {
		t := bit(6)(i)
		VPOR(class[i], t, t)
		return t
	})
	colon, dot, dash := mask(equal(':')), mask(equal('.')), mask(equal('-'))
	blank, slash, line := mask(equal(' ')), mask(equal('/')), mask(equal('\n'))
	sign := mask(func(i int) VecVirtual {
		t := equal('@')(i)
		VPOR(equal(0x1b)(i), t, t)
		return t
	})

	validMask := GP64()
	MOVQ(U64(valid), validMask)
	for i, m := range []Mem{sign, line} {
		r := shr(m, 0)
		ANDQ(validMask, r)
		MOVQ(r, Mem{Base: k.out, Disp: 8 * (6 + i)})
	}

	// starts := word &^ (word << 1)
	starts := GP64()
	{
		t := shl(word, 1)
		ANDNQ(word, t, starts)
	}
	startsAll := keep(starts)
	ANDQ(validMask, starts)
	startsValid := keep(starts)

	MOVQ(shr(word, 0), Mem{Base: k.out})

	// The gate is not asked about numbers of up to four digits.
	{
		open := shr(word, 0)
		ORQ(slash, open)
		NOTQ(open)
		n := shr(open, 1)
		d := shr(digit, 0)
		ANDQ(d, n)
		run := shr(digit, 0)
		for w := uint64(2); w <= 4; w++ {
			t := shr(digit, w-1)
			ANDQ(t, run)
			if w == 4 {
				u := GP64()
				MOVQ(dot, u)
				ANDNQ(open, u, open)
			}
			t = shr(open, w)
			ANDQ(run, t)
			ORQ(t, n)
		}
		t := GP64()
		MOVQ(Mem{Base: k.gate, Disp: 1 << gateLog / 8}, t)
		ANDNQ(n, t, n)
		ANDNQ(starts, n, starts)
	}
	MOVQ(starts, Mem{Base: k.out, Disp: 8}) // those that the gate is asked about

	// Runs of digits.
	d := shr(digit, 0)
	d2 := shr(digit, 1)
	ANDQ(d, d2)
	d3 := shr(digit, 2)
	ANDQ(d2, d3)
	upTo3 := func(x GPVirtual) GPVirtual {
		a, b, c := shr(x, 1), shr(x, 2), shr(x, 3)
		ANDQ(d, a)
		ANDQ(d2, b)
		ANDQ(d3, c)
		ORQ(b, a)
		ORQ(c, a)
		return a
	}
	q := shr(digit, 1)
	ANDQ(dot, q)
	for range 2 {
		q = upTo3(q)
		SHRQ(Imm(1), q)
		ANDQ(dot, q)
	}
	number := upTo3(q)
	and := func(r GPVirtual, ops ...Op) GPVirtual {
		for _, o := range ops {
			ANDQ(o, r)
		}
		return r
	}
	or := func(into, r GPVirtual) { ORQ(r, into) }
	or(number, and(shr(dash, 3), d3, shr(d2, 4), shr(dash, 6)))
	d4 := shr(d2, 2)
	ANDQ(d2, d4)
	{
		t := shr(dash, 0)
		ORQ(blank, t)
		SHRQ(Imm(4), t)
		or(number, and(t, d4, shr(d3, 5)))
	}
	d8 := shr(d4, 4)
	ANDQ(d4, d8)
	{
		t := shr(d4, 8)
		a, b := shr(colon, 8), shr(colon, 9)
		ORQ(a, t)
		ORQ(b, t)
		c := shr(colon, 10)
		ORQ(c, t)
		or(number, and(t, d8))
	}
	ANDQ(d, number)

	h := shr(hex, 0)
	hex2 := shr(hex, 1)
	ANDQ(h, hex2)
	hex4 := shr(hex2, 2)
	ANDQ(hex2, hex4)
	or(number, and(shr(dash, 2), hex2, shr(hex2, 3), shr(dash, 5)))
	or(number, and(shr(dot, 4), hex4, shr(hex4, 5), shr(dot, 9)))
	letters := GP64()
	ANDNQ(word, d, letters)
	{
		u, v, t := shr(word, 2), shl(dot, 1), GP64()
		ANDNQ(v, u, t)
		or(t, shr(d2, 2))
		or(number, and(t, letters, shr(letters, 1)))
		or(number, shl(lead, 1))
		u = shl(word, 2)
		w := shl(dash, 1)
		x := GP64()
		ANDNQ(w, u, x)
		or(number, x)
	}
	ANDQ(startsValid, number)
	MOVQ(number, Mem{Base: k.out, Disp: 16})

	{
		t := shr(dash, 0)
		ORQ(word, t)
		ANDQ(shr(t, 1), t)
		ANDQ(shr(t, 2), t)
		t8 := shr(t, 4)
		ANDQ(t, t8)
		SHRQ(Imm(8), t)
		ANDQ(t8, t)
		SHRQ(Imm(2), t8)
		u, v := shr(word, 1), GP64()
		ANDNQ(t8, u, v)
		ORQ(v, t)
		ANDQ(startsValid, t)
		MOVQ(t, Mem{Base: k.out, Disp: 40})
	}

	// Separators.
	own := shr(startsAll, 0)
	ANDQ(d, own)
	one := shl(own, 1)
	{
		t := shl(dash, 1)
		ANDNQ(own, t, own)
		ANDQ(I8(-2), own)
	}
	ADDQ(d, own)
	ends := GP64()
	ANDNQ(own, d, ends)
	seps := GP64()
	ANDNQ(mustReg(sep), ends, seps)
	or(seps, and(one, colon, shl(blank, 2), shl(letters, 3)))
	ANDQ(validMask, seps)
	MOVQ(seps, Mem{Base: k.out, Disp: 24})

	hex3 := shr(hex, 2)
	ANDQ(hex2, hex3)
	upTo4 := func(x Op) GPVirtual {
		a := shr(x, 1)
		ANDQ(h, a)
		for n, set := range []GPVirtual{hex2, hex3, hex4} {
			t := shr(x, uint64(n+2))
			ANDQ(set, t)
			ORQ(t, a)
		}
		return a
	}
	two := upTo4(colon)
	ORQ(colon, two)
	SHRQ(Imm(1), two)
	ANDQ(colon, two)
	addrs := upTo4(two)
	SHRQ(Imm(1), addrs)
	or(addrs, shr(colon, 1))
	or(addrs, shl(colon, 1))
	or(addrs, and(shr(slash, 1), shr(slash, 2)))
	ANDQ(colon, addrs)
	ANDQ(validMask, addrs)
	MOVQ(addrs, Mem{Base: k.out, Disp: 32})
}

func mustReg(m Mem) GPVirtual { return shr(m, 0) }

// gated asks the gate for the words that start at the bits of starts.
func (k kernel) gated(starts GPVirtual) GPVirtual {
	left := GP64()
	MOVQ(starts, left)
	g := GP64()
	XORQ(g, g)
	one := func() {
		i, v, w := GP64(), GP32(), GP32()
		TZCNTQ(left, i) // 64 when none is left: the bit of no start
		BLSRQ(left, left)
		MOVL(Mem{Base: k.p, Index: i, Scale: 1}, v)
		ORL(U32(fold), v)
		IMUL3L(U32(gateMul), v, v)
		SHRL(Imm(32-gateLog), v)
		MOVL(v, w)
		SHRL(Imm(5), w)
		MOVL(Mem{Base: k.gate, Index: w.As64(), Scale: 4}, w)
		SHRXL(v, w, w)
		ANDL(Imm(1), w)
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
	return g
}
