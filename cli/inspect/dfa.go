package inspect

import (
	"encoding/binary"
	"regexp/syntax"
	"slices"
)

// dfa says whether lines of ASCII match an expression: one look into a table
// for each byte, where package regexp walks along all the ways on which a match
// may be. States are made when they are first met. One goroutine uses it.
type dfa struct {
	prog    *syntax.Prog
	number  map[string]int32
	states  []dfaState
	next    []int32 // by state and byte, or endOfLine
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
	endOfLine = 128
	perState  = 129

	// What next holds besides the number of a state plus firstState.
	notKnown   = 0
	matched    = 1
	unmatched  = 2
	firstState = 3

	mostStates = 2000
	mostResets = 20
)

// newDFA is nil for expressions that are too large for it.
func newDFA(prog *syntax.Prog) *dfa {
	if len(prog.Inst) > 2000 {
		return nil
	}
	d := &dfa{prog: prog, seen: make([]uint32, len(prog.Inst))}
	d.reset()
	return d
}

// reset forgets all states but that of the beginning of a line, which is 0.
func (d *dfa) reset() {
	d.number, d.states, d.next = map[string]int32{}, d.states[:0], d.next[:0]
	d.state(nil, -1)
}

func (d *dfa) state(insts []uint32, prev rune) int32 {
	slices.Sort(insts)
	d.key = binary.LittleEndian.AppendUint32(d.key[:0], uint32(prev))
	for _, pc := range insts {
		d.key = binary.LittleEndian.AppendUint32(d.key, pc)
	}
	n, ok := d.number[string(d.key)]
	if !ok {
		n = int32(len(d.states))
		d.number[string(d.key)] = n
		d.states = append(d.states, dfaState{slices.Clone(insts), prev})
		d.next = append(d.next, make([]int32, perState)...)
	}
	return n
}

// line goes over a line from its beginning at i to where it is known to match,
// or to its end. It is no use (false) for a line with characters beyond ASCII, and
// for expressions that have too many states.
func (d *dfa) line(text []byte, i int) (match, useful bool) {
	if d.resets > mostResets {
		return false, false
	}
	next := d.next
	s := 0
	for ; i < len(text); i++ {
		c := text[i]
		if c >= 0x80 {
			return false, false
		}
		if c == '\n' || c == '\r' && (i+1 == len(text) || text[i+1] == '\n') {
			break
		}
		n := next[s*perState+int(c)]
		if n < firstState {
			if n == notKnown {
				n = d.follow(int32(s), int(c))
				next = d.next
			}
			if n == matched {
				return true, true
			}
		}
		s = int(n) - firstState
	}
	n := next[s*perState+endOfLine]
	if n == notKnown {
		n = d.follow(int32(s), endOfLine)
	}
	return n == matched, true
}

// follow finds out where a state leads to.
func (d *dfa) follow(from int32, c int) int32 {
	after := rune(c)
	if c == endOfLine {
		after = -1
	}
	st := d.states[from]
	holds := syntax.EmptyOpContext(st.prev, after)
	d.round++
	d.waiting = d.waiting[:0]
	d.stack = append(append(d.stack[:0], st.insts...), uint32(d.prog.Start)) // a match may begin anywhere
	result := int32(unmatched)
	for len(d.stack) > 0 && result != matched {
		pc := d.stack[len(d.stack)-1]
		d.stack = d.stack[:len(d.stack)-1]
		if d.seen[pc] == d.round {
			continue
		}
		d.seen[pc] = d.round
		in := &d.prog.Inst[pc]
		switch in.Op {
		case syntax.InstMatch:
			result = matched
		case syntax.InstAlt, syntax.InstAltMatch:
			d.stack = append(d.stack, in.Out, in.Arg)
		case syntax.InstCapture, syntax.InstNop:
			d.stack = append(d.stack, in.Out)
		case syntax.InstEmptyWidth:
			if syntax.EmptyOp(in.Arg)&^holds == 0 {
				d.stack = append(d.stack, in.Out)
			}
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			if c != endOfLine && in.MatchRune(after) {
				d.waiting = append(d.waiting, in.Out)
			}
		}
	}
	if result != matched && c != endOfLine {
		prev := ' '
		if syntax.IsWordChar(after) {
			prev = 'a'
		}
		slices.Sort(d.waiting)
		d.waiting = slices.Compact(d.waiting)
		if len(d.states) >= mostStates {
			d.reset()
			d.resets++
			return d.state(d.waiting, prev) + firstState // the state it came from is gone
		}
		result = d.state(d.waiting, prev) + firstState
	}
	d.next[int(from)*perState+c] = result
	return result
}
