package redact

import (
	"regexp/syntax"
	"unicode"
	"unicode/utf8"
)

// What a user's rule needs of a line before its pattern is tried: one of a
// set of literals, taken from the pattern's syntax tree. Literals are looked
// for without regard to the case of ASCII letters, so they are kept in lower
// case; other characters that a pattern folds together stand in the set in
// each of their forms.

const (
	minLiteral  = 3   // bytes; what is shorter stands in every line
	maxProduct  = 32  // literals made by joining alternatives
	maxLiterals = 256 // of one rule
)

// literalsOf returns texts of which every match of re holds one; nil if no
// such set is known.
func literalsOf(re *syntax.Regexp) []string {
	n := needsOf(re)
	set := better(n.some, n.exact)
	if shortest(set) < minLiteral {
		return nil
	}
	return set
}

// needs is what is known of all matches of an expression.
type needs struct {
	exact []string // each match is one of these; nil: not known
	some  []string // each match holds one of these; nil: not known
}

func needsOf(re *syntax.Regexp) needs {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return needs{exact: []string{""}}
	case syntax.OpLiteral:
		var j sequence
		j.begin()
		for _, r := range re.Rune {
			j.add(needs{exact: formsOf(r, re.Flags&syntax.FoldCase != 0)})
		}
		return j.needs()
	case syntax.OpCharClass:
		return needs{exact: classOf(re.Rune)}
	case syntax.OpCapture:
		return needsOf(re.Sub[0])
	case syntax.OpPlus:
		n := needsOf(re.Sub[0])
		return needs{some: better(n.some, n.exact)}
	case syntax.OpRepeat:
		if re.Min > 0 {
			n := needsOf(re.Sub[0])
			return needs{some: better(n.some, n.exact)}
		}
	case syntax.OpQuest:
		if n := needsOf(re.Sub[0]); n.exact != nil {
			return needs{exact: union(n.exact, []string{""}, maxProduct)}
		}
	case syntax.OpConcat:
		var j sequence
		j.begin()
		for _, sub := range re.Sub {
			j.add(needsOf(sub))
		}
		return j.needs()
	case syntax.OpAlternate:
		all := needsOf(re.Sub[0])
		all.some = better(all.some, all.exact)
		for _, sub := range re.Sub[1:] {
			n := needsOf(sub)
			all.some = union(all.some, better(n.some, n.exact), maxLiterals)
			all.exact = union(all.exact, n.exact, maxLiterals)
		}
		return all
	}
	return needs{}
}

// sequence is what is known of expressions one after another.
type sequence struct {
	run  []string // the ends of what was read, as far back as they are exact
	all  bool     // that is as far as the beginning
	some []string
}

func (j *sequence) begin() { j.run, j.all = []string{""}, true }

func (j *sequence) add(n needs) {
	if n.exact != nil && len(j.run)*len(n.exact) <= max(maxProduct, len(n.exact)) {
		run := make([]string, 0, len(j.run)*len(n.exact))
		for _, a := range j.run {
			for _, b := range n.exact {
				run = append(run, a+b)
			}
		}
		j.run = run
		return
	}
	j.all = false
	j.some = better(better(j.some, j.run), n.some)
	j.run = []string{""}
	if n.exact != nil {
		j.run = n.exact
	}
}

func (j *sequence) needs() needs {
	if j.all {
		return needs{exact: j.run}
	}
	return needs{some: better(j.some, j.run)}
}

// formsOf are the texts that r stands for, in lower case as far as it is
// ASCII.
func formsOf(r rune, fold bool) []string {
	if r == utf8.RuneError { // stands for bytes that are no UTF-8, too
		return nil
	}
	forms := []string{lowerForm(r)}
	if fold {
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			forms = union(forms, []string{lowerForm(f)}, maxProduct)
		}
	}
	return forms
}

func lowerForm(r rune) string {
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	return string(r)
}

// classOf lists a class of few characters.
func classOf(ranges []rune) []string {
	const most = 12
	n := 0
	for k := 0; k+1 < len(ranges); k += 2 {
		if n += int(ranges[k+1]-ranges[k]) + 1; n > most {
			return nil
		}
	}
	out := []string{}
	for k := 0; k+1 < len(ranges); k += 2 {
		for r := ranges[k]; r <= ranges[k+1]; r++ {
			if out = union(out, formsOf(r, false), most); out == nil {
				return nil
			}
		}
	}
	return out
}

// union has the texts of both, nil if one is nil or there are too many.
func union(a, b []string, most int) []string {
	if a == nil || b == nil {
		return nil
	}
	seen := make(map[string]bool, len(a)+len(b))
	var out []string
	for _, set := range [...][]string{a, b} {
		for _, s := range set {
			if !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	if len(out) > most {
		return nil
	}
	return out
}

// better is the set that fewer lines hold a text of: that of which the
// shortest is longer.
func better(a, b []string) []string {
	switch x, y := shortest(a), shortest(b); {
	case x > y, x == y && len(a) <= len(b) && a != nil:
		return a
	default:
		return b
	}
}

func shortest(set []string) int {
	if len(set) == 0 {
		return -1
	}
	n := len(set[0])
	for _, s := range set[1:] {
		n = min(n, len(s))
	}
	return n
}

// shortestMatch is a bound on the length of matches from below, in
// characters: 0 if the expression may match nothing.
func shortestMatch(re *syntax.Regexp) int {
	const enough = 1 << 20
	n := 0
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		n = 1
	case syntax.OpCapture, syntax.OpPlus:
		n = shortestMatch(re.Sub[0])
	case syntax.OpRepeat:
		n = re.Min * shortestMatch(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n = min(enough, n+shortestMatch(sub))
		}
	case syntax.OpAlternate:
		n = enough
		for _, sub := range re.Sub {
			n = min(n, shortestMatch(sub))
		}
	case syntax.OpNoMatch:
		n = enough
	}
	return min(n, enough)
}
