package main

import (
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// With AVX-512 a window is one vector, a byte's classes come from tables of
// all that ASCII has, and a test of a vector makes a mask.

// tests are the classes, by the bit that a byte's classes have for each, eight
// to a table.
var tests = []struct {
	mask int // -1: what is odd
	in   func(c byte) bool
}{
	{digit, isDigit},
	{hex, func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }},
	{word, func(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' }},
	{sep, oneOf("=:")},
	{lead, oneOf("$%*+<{;~")},
	{colon, oneOf(":")},
	{dot, oneOf(".")},
	{dash, oneOf("-")},
	{blank, oneOf(" ")},
	{slash, oneOf("/")},
	{sign, oneOf("@\x1b")},
	{line, oneOf("\n")},
	{-1, func(c byte) bool { return c < 0x20 && !strings.Contains("\t\n\r\f\b\x1b", string(c)) || c == 0x7f }},
	{under, oneOf("_")},
	{closes, oneOf("\"'`)]\\")},
	{initial, oneOf("ckpstCKPST")},
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func oneOf(set string) func(byte) bool {
	return func(c byte) bool { return strings.IndexByte(set, c) >= 0 }
}

// classes is the table of the tests from a first one on: 128 bytes, in two
// vectors.
func classes(name string, first int) (low, high VecVirtual) {
	g := GLOBL(name, RODATA|NOPTR)
	for c := range 128 {
		var bits byte
		for k, t := range tests[first : first+8] {
			if t.in(byte(c)) {
				bits |= 1 << k
			}
		}
		DATA(c, U8(bits))
	}
	g2 := g
	g2.Disp += 64
	return load(g), load(g2)
}

// classifyWide is classify for vectors of a window.
func (k *kernel) classifyWide(scratch []Mem) {
	var tables [2][2]VecVirtual
	for i, name := range []string{"classesFirst", "classesSecond"} {
		tables[i][0], tables[i][1] = classes(name, 8*i)
	}
	var bits [8]VecVirtual
	for i := range bits {
		bits[i] = same(1 << i)
	}
	backslash := same('\\')
	odd := load(k.odd)
	for lane := range lanes {
		keepMask := func(which int, m Op) {
			to := scratch[which]
			to.Disp += 8 * lane
			KMOVQ(m, to)
		}
		v := vec()
		move(Mem{Base: k.p, Disp: step * lane}, v)
		beyond, ascii := K(), K() // ASCII or not
		VPMOVB2M(v, beyond)
		KNOTQ(beyond, ascii)
		for i := range tables {
			class := vec()
			move(v, class)
			VPERMI2B_Z(tables[i][1], tables[i][0], ascii, class)
			if i == 1 {
				odd = or(odd, class)
			}
			for n, t := range tests[8*i : 8*i+8] {
				if t.mask < 0 {
					continue
				}
				m := K()
				VPTESTMB(bits[n], class, m)
				if t.mask == word {
					KORQ(beyond, m, m)
				}
				keepMask(t.mask, m)
			}
		}
		m := K()
		VPTESTMB(bits[5], v, m)
		keepMask(small, m)
		keepMask(high, beyond)
		m = K()
		VPCMPEQB(backslash, v, m)
		keepMask(back, m)
	}
	move(odd, k.odd)
}

// oddBit is that of what is odd in the second table.
const oddBit = 1 << 4

// anyOdd is not zero when there was something odd.
func (k *kernel) anyOdd() GPVirtual {
	r := GP64()
	if wide() {
		m := K()
		VPTESTMB(same(oddBit), load(k.odd), m)
		KMOVQ(m, r)
		return r
	}
	odd := and(load(k.odd), constant(oddOnes))
	VPCMPEQB(zero(), odd, odd)
	VPMOVMSKB(odd, r.As32())
	NOTL(r.As32()) // and so the upper half of the register is zero
	return r
}
