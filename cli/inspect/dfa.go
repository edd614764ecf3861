package inspect

import (
	"bytes"
	"encoding/binary"
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// dfa says whether lines match an expression: one look into a table for each
// byte, where package regexp walks along all the ways on which a match may be.
// States are made when they are first met. One goroutine uses it.
type dfa struct {
	prog    *syntax.Prog
	number  map[string]int32
	states  []dfaState
	next    []int32          // by the place of a state and a byte of ASCII
	wide    map[uint64]int32 // by the place of a state and another character, or endOfLine
	held    int              // instructions in states
	done    int              // bytes of lines since the last reset
	resets  int
	seen    []uint32 // by instruction: the round in which it was met
	round   uint32
	stack   []uint32
	key     []byte
	waiting []uint32 // instructions of the next state
}

// dfaState is the set of instructions at which a match may go on, before those
// are followed that take no character: what holds there depends on the next.
type dfaState struct {
	insts []uint32
	prev  rune // -1: begin of line, 'a': a character of words, ' ': another
}

const (
	perState  = 256
	endOfLine = utf8.MaxRune + 1

	// The place of a state is its number, from one on, times perState. What
	// tables hold instead is below that.
	notKnown  = 0
	matched   = -1
	unmatched = -2
	special   = -3 // begins what is not ASCII

	mostStates = 2000
	mostHeld   = 1 << 18
	mostResets = 20
	worthIt    = 1 << 20 // bytes of lines after which states have paid
)

// newDFA is nil for expressions that are too large for it.
func newDFA(prog *syntax.Prog) *dfa {
	if len(prog.Inst) > 20_000 {
		return nil
	}
	d := &dfa{prog: prog, seen: make([]uint32, len(prog.Inst))}
	d.reset()
	return d
}

// reset forgets all states but that of the beginning of a line, which is the first.
func (d *dfa) reset() {
	if d.resets++; d.done > worthIt {
		d.resets = 1
	}
	d.number, d.wide, d.held, d.done = map[string]int32{}, map[uint64]int32{}, 0, 0
	d.states, d.next = d.states[:0], append(d.next[:0], make([]int32, perState)...)
	d.state(nil, -1)
}

// state gives the place of a state.
func (d *dfa) state(insts []uint32, prev rune) int32 {
	d.key = binary.LittleEndian.AppendUint32(d.key[:0], uint32(prev))
	for _, pc := range insts {
		d.key = binary.LittleEndian.AppendUint32(d.key, pc)
	}
	at, ok := d.number[string(d.key)]
	if !ok {
		at = int32(len(d.next))
		d.number[string(d.key)] = at
		d.states = append(d.states, dfaState{slices.Clone(insts), prev})
		d.held += len(insts)
		d.next = append(d.next, make([]int32, perState)...)
		row := d.next[at:]
		for c := utf8.RuneSelf; c < perState; c++ {
			row[c] = special
		}
	}
	return at
}

// line goes over a line to where it is known to match, or to its end. It is no
// use (false) for expressions that have too many states.
func (d *dfa) line(text []byte) (match, useful bool) {
	if d.resets > mostResets {
		return false, false
	}
	s := d.step(perState, bytes.TrimSuffix(text, []byte("\r")))
	return s == matched || d.follow(s, endOfLine) == matched, true
}

// step goes on from a state, over more of a line, to where it is known to match,
// or to its end. A character must not be cut.
func (d *dfa) step(from int32, text []byte) int32 {
	if from == matched {
		return matched
	}
	d.done += len(text)
	next, s := d.next, int(from)
	for i := 0; i < len(text); i++ {
		n := int(next[s+int(text[i])])
		if n <= 0 {
			if n == matched {
				return matched
			}
			r, size := rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRune(text[i:])
			}
			if n = int(d.follow(int32(s), r)); n == matched {
				return matched
			}
			next = d.next
			i += size - 1
		}
		s = n
	}
	return int32(s)
}

// follow says where a state leads to.
func (d *dfa) follow(from int32, r rune) int32 {
	if r < utf8.RuneSelf {
		if n := d.next[int(from)+int(r)]; n != notKnown && n != special {
			return n
		}
	}
	key := uint64(from)<<32 | uint64(r)
	if n, ok := d.wide[key]; ok {
		return n
	}
	resets := d.resets
	n := d.find(from, r)
	switch {
	case d.resets != resets: // the state it came from is gone
	case r < utf8.RuneSelf && d.next[int(from)+int(r)] == notKnown:
		d.next[int(from)+int(r)] = n
	default:
		d.wide[key] = n
	}
	return n
}

// find finds out where a state leads to.
func (d *dfa) find(from int32, r rune) int32 {
	after := r
	if r == endOfLine {
		after = -1
	}
	st := d.states[from/perState-1]
	holds := syntax.EmptyOpContext(st.prev, after)
	d.round++
	d.waiting = d.waiting[:0]
	d.stack = append(append(d.stack[:0], st.insts...), uint32(d.prog.Start)) // a match may begin anywhere
	for len(d.stack) > 0 {
		pc := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.seen[pc] == d.round {
			continue
		}
		d.seen[pc] = d.round
		in := &d.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			return matched
		case syntax.InstAlt, syntax.InstAltMatch:
			d.stack = append(d.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			d.stack = append(d.stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds == 0 {
				d.stack = append(d.stack, in.Out)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if r != endOfLine && in.MatchRune(after) {
				d.waiting = append(d.waiting, in.Out)
			}
		}
	}
	if r == endOfLine {
		return unmatched
	}
	prev := ' '
	if syntax.IsWordChar(after) {
		prev = 'a'
	}
	slices.Sort(d.waiting)
	d.waiting = slices.Compact(d.waiting)
	if len(d.states) >= mostStates || d.held > mostHeld || len(d.wide) > mostHeld {
		d.reset()
	}
	return d.state(d.waiting, prev)
}
