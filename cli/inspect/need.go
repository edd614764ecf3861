package inspect

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// class is a set of bytes.
type class [4]uint64

func (c *class) add(b byte)      { c[b>>6] |= 1 << (b & 63) }
func (c *class) has(b byte) bool { return c[b>>6]>>(b&63)&1 != 0 }

func classOf(bytes ...byte) (c class) {
	for _, b := range bytes {
		c.add(b)
	}
	return c
}

// shape is a text of which is known which bytes may stand in each place. None of
// them is a line end: lines are searched one by one.
type shape []class

// at reports whether a text has the shape from i on.
func (s shape) at(text []byte, i int) bool {
	if i < 0 || i+len(s) > len(text) {
		return false
	}
	for k := range s {
		if !s[k].has(text[i+k]) {
			return false
		}
	}
	return true
}

func plain(text string) shape {
	s := make(shape, len(text))
	for i := range s {
		s[i] = classOf(text[i])
	}
	return s
}

// need is what is known of the texts that a part of an expression matches:
// either all their shapes (exact), or shapes of which each holds one.
type need struct {
	exact []shape // nil: not known
	one   []shape // nil: not known
	loose bool    // it asks for more than its text: ends of lines and words
	odd   bool    // somewhere in it, case does not count for a letter that has a form beyond ASCII
}

const (
	mostShapes    = 16
	longestWanted = 64
)

// best gives the shapes that are best looked for, and whether they are all
// that a match needs.
func (n need) best() (shapes []shape, whole bool) {
	if n.exact == nil || hasEmpty(n.exact) {
		return n.one, false
	}
	if n.one != nil && better(n.one, n.exact) {
		return n.one, false
	}
	return n.exact, !n.loose
}

// holds reports whether a byte may stand in one of the exact shapes.
func (n need) holds(b byte) bool {
	return slices.ContainsFunc(n.exact, func(s shape) bool {
		return slices.ContainsFunc(s, func(c class) bool { return c.has(b) })
	})
}

func hasEmpty(shapes []shape) bool {
	return slices.ContainsFunc(shapes, func(s shape) bool { return len(s) == 0 })
}

// better reports whether shapes a let fewer lines pass than b.
func better(a, b []shape) bool { return frequency(a) < frequency(b) }

// frequency guesses how often one finds the best part of one of the shapes, by byte.
func frequency(shapes []shape) float64 {
	sum := 0.0
	for _, s := range shapes {
		_, f := s.window()
		sum += f
	}
	return sum
}

func needOf(re *syntax.Regexp) need {
	switch re.Op {
	case syntax.OpLiteral:
		var all []need
		for _, r := range re.Rune {
			all = append(all, needOfRune(r, re.Flags&syntax.FoldCase != 0))
		}
		return sequence(all)
	case syntax.OpEmptyMatch:
		return need{exact: []shape{{}}}
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return need{exact: []shape{{}}, loose: true}
	case syntax.OpCharClass:
		return needOfClass(re)
	case syntax.OpCapture:
		return needOf(re.Sub[0])
	case syntax.OpPlus:
		return sequence(repeated(needOf(re.Sub[0])))
	case syntax.OpQuest:
		n := needOf(re.Sub[0])
		if n.exact == nil {
			return need{odd: n.odd}
		}
		return need{exact: append([]shape{{}}, n.exact...), loose: n.loose, odd: n.odd}
	case syntax.OpAlternate:
		return alternatives(re.Sub)
	case syntax.OpConcat:
		var all []need
		for _, sub := range re.Sub {
			n := needOf(sub)
			if sub.Op == syntax.OpPlus {
				all = append(all, repeated(needOf(sub.Sub[0]))...)
			} else {
				all = append(all, n)
			}
		}
		return sequence(all)
	}
	n := need{}
	for _, sub := range re.Sub { // a star
		n.odd = n.odd || needOf(sub).odd
	}
	return n
}

// repeated is once or more often: it begins and ends with what is repeated.
func repeated(n need) []need { return []need{n, {}, n} }

// needOfRune is about one character, as it is, or in any case.
func needOfRune(r rune, fold bool) need {
	if r == '\n' {
		return need{exact: []shape{{class{}}}} // is in no line
	}
	if r == utf8.RuneError {
		return need{} // stands for all bytes that are no UTF-8
	}
	if !fold || unicode.SimpleFold(r) == r {
		return need{exact: []shape{plain(string(r))}}
	}
	var c class
	odd := false
	for f := unicode.SimpleFold(r); ; f = unicode.SimpleFold(f) {
		if f >= utf8.RuneSelf {
			odd = true
		} else {
			c.add(byte(f))
		}
		if f == r {
			break
		}
	}
	if c == (class{}) {
		return need{}
	}
	return need{exact: []shape{{c}}, odd: odd}
}

// needOfClass is about a class of characters: those of ASCII together, and a few
// others.
func needOfClass(re *syntax.Regexp) need {
	n := need{exact: []shape{}}
	var ascii class
	for i := 0; i < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			switch {
			case r == '\n':
			case r < utf8.RuneSelf:
				ascii.add(byte(r))
			case len(n.exact) == 3 || r == utf8.RuneError:
				return need{}
			default:
				n.exact = append(n.exact, plain(string(r)))
			}
		}
	}
	if ascii != (class{}) || len(n.exact) == 0 {
		n.exact = append(n.exact, shape{ascii})
	}
	return n
}

func alternatives(subs []*syntax.Regexp) need {
	all := need{exact: []shape{}, one: []shape{}}
	for _, sub := range subs {
		n := needOf(sub)
		all.odd = all.odd || n.odd
		all.loose = all.loose || n.loose
		shapes, _ := n.best()
		if n.exact == nil || all.exact == nil || len(all.exact)+len(n.exact) > mostShapes {
			all.exact = nil
		} else {
			all.exact = append(all.exact, n.exact...)
		}
		if shapes == nil || all.one == nil || len(all.one)+len(shapes) > mostShapes {
			all.one = nil
		} else {
			all.one = append(all.one, shapes...)
		}
	}
	return all
}

func sequence(parts []need) need {
	out := need{exact: []shape{{}}}
	run := []shape{{}} // all texts of the parts since the last that is not exact
	keep := func(shapes []shape) {
		if len(shapes) > 0 && !hasEmpty(shapes) && (out.one == nil || better(shapes, out.one)) {
			out.one = shapes
		}
	}
	for _, n := range parts {
		out.odd = out.odd || n.odd
		out.loose = out.loose || n.loose
		if n.exact != nil {
			if joined := product(run, n.exact); joined != nil {
				run = joined
				continue
			}
		}
		keep(run)
		keep(n.one)
		out.exact = nil
		if run = n.exact; run == nil {
			run = []shape{{}}
		}
	}
	keep(run)
	if out.exact != nil {
		out.exact = run
	}
	return out
}

func product(a, b []shape) []shape {
	if len(a)*len(b) > mostShapes {
		return nil
	}
	var out []shape
	for _, x := range a {
		for _, y := range b {
			if len(x)+len(y) > longestWanted {
				return nil
			}
			out = append(out, slices.Concat(x, y))
		}
	}
	return out
}
