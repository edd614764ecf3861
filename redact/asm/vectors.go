package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// lanes is how many windows are judged at once, one to a lane of a vector.
var lanes = 4

// wide reports whether vectors have 64 bytes: with AVX-512.
func wide() bool { return lanes == 8 }

func vec() VecVirtual {
	if wide() {
		return ZMM()
	}
	return YMM()
}

// move loads, stores or copies a vector.
func move(from, to Op) {
	if wide() {
		VMOVDQU64(from, to)
	} else {
		VMOVDQU(from, to)
	}
}

func load(m Mem) VecVirtual {
	v := vec()
	move(m, v)
	return v
}

func zero() VecVirtual {
	v := vec()
	if wide() {
		VPXORQ(v, v, v)
	} else {
		VPXOR(v, v, v)
	}
	return v
}

func ones() VecVirtual {
	v := vec()
	if wide() {
		VPTERNLOGQ(Imm(0xff), v, v, v)
	} else {
		VPCMPEQB(v, v, v)
	}
	return v
}

// same is a vector of one byte again and again.
func same(c byte) VecVirtual {
	if wide() {
		v := vec()
		VPBROADCASTQ(constant(c), v)
		return v
	}
	return load(constant(c))
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

var quads = map[string]Mem{}

// quad is a word of 64 bits again and again.
func quad(name string, c uint64) Mem {
	if m, ok := quads[name]; ok {
		return m
	}
	g := GLOBL(name, RODATA|NOPTR)
	for i := range 4 {
		DATA(8*i, U64(c))
	}
	quads[name] = g
	return g
}

// everywhere is a vector of a quad.
func everywhere(name string, c uint64) VecVirtual {
	if wide() {
		v := vec()
		VPBROADCASTQ(quad(name, c), v)
		return v
	}
	return load(quad(name, c))
}

func keep(r Op) Mem {
	m := AllocLocal(8)
	MOVQ(r, m)
	return m
}

func keepVector() Mem { return AllocLocal(8 * lanes) }

// mostLocals is how many vectors windows keeps in memory.
const mostLocals = masks + 16

// allocate makes room for locals.
func (k *kernel) allocate() {
	m := AllocLocal(8 * lanes * (mostLocals + 1))
	k.base = GP64()
	LEAQ(m, k.base)
	ADDQ(Imm(uint64(8*lanes-1)), k.base)
	ANDQ(I32(int32(-8*lanes)), k.base)
}

// local is a place for a vector.
func (k *kernel) local() Mem {
	if k.used == mostLocals {
		panic("too many locals")
	}
	k.used++
	return Mem{Base: k.base, Disp: 8 * lanes * (k.used - 1)}
}

// Operations on vectors of masks. None changes what it is given.

func shr(v VecVirtual, n uint64) VecVirtual {
	r := vec()
	VPSRLQ(Imm(n), v, r)
	return r
}

func shl(v VecVirtual, n uint64) VecVirtual {
	r := vec()
	VPSLLQ(Imm(n), v, r)
	return r
}

func and(v VecVirtual, ops ...Op) VecVirtual {
	for _, o := range ops {
		r := vec()
		if wide() {
			VPANDQ(o, v, r)
		} else {
			VPAND(o, v, r)
		}
		v = r
	}
	return v
}

func or(v VecVirtual, ops ...Op) VecVirtual {
	for _, o := range ops {
		r := vec()
		if wide() {
			VPORQ(o, v, r)
		} else {
			VPOR(o, v, r)
		}
		v = r
	}
	return v
}

// andNot is v &^ not.
func andNot(v Op, not VecVirtual) VecVirtual {
	r := vec()
	if wide() {
		VPANDNQ(v, not, r)
	} else {
		VPANDN(v, not, r)
	}
	return r
}
