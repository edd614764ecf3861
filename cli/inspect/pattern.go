package inspect

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"sync"
)

// Pattern is what lines are searched for. It may be used by several at once.
type Pattern struct {
	re    *regexp.Regexp
	sieve *sieve // nil: any line may match
	whole bool   // a line in which the sieve finds something that is not odd matches
	prog  *syntax.Prog
	dfas  sync.Pool // of *dfa, nil where there is none
}

// NewPattern compiles a regular expression in RE2's syntax, or with fixed a text
// that is looked for as it is. With fold, upper and lower case are the same.
func NewPattern(text string, fold, fixed bool) (*Pattern, error) {
	if fixed {
		text = regexp.QuoteMeta(text)
	}
	if fold {
		text = "(?i:" + text + ")"
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	tree = tree.Simplify()
	p := &Pattern{re: re}
	if p.prog, err = syntax.Compile(tree); err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	p.dfas.New = func() any { return newDFA(p.prog) }
	n := needOf(tree)
	shapes, whole := n.best()
	// Where the end of a line is concerned, CR may belong to it.
	p.whole = whole && !n.holds('\r')
	if p.sieve = newSieve(shapes, n.odd); p.sieve != nil && !p.whole && p.sieve.often > 0.1 {
		p.sieve = nil // it lets nearly all lines pass
	}
	return p, nil
}

// Spans gives the places of matches in a line.
func (p *Pattern) Spans(line []byte) [][]int {
	return p.re.FindAllIndex(bytes.TrimSuffix(line, []byte("\r")), -1)
}

// Match reports whether a line, without its line end, matches.
func (p *Pattern) Match(line []byte) bool {
	return p.re.Match(bytes.TrimSuffix(line, []byte("\r")))
}

// MayMatch is false when no line of a text can match.
func (p *Pattern) MayMatch(text []byte) bool {
	if p.sieve == nil {
		return true
	}
	at, _ := p.sieve.over(text).from(0)
	return at >= 0
}

// Lines calls each with the bounds of the lines that match, in order, without
// their line ends, until it returns false.
func (p *Pattern) Lines(text []byte, each func(start, end int) bool) {
	d := p.dfas.Get().(*dfa)
	defer p.dfas.Put(d)
	matches := func(start, end int) bool {
		if d != nil {
			if match, useful := d.line(text[start:end]); useful {
				return match
			}
		}
		return p.Match(text[start:end])
	}
	if p.sieve == nil {
		for start := 0; start < len(text); {
			end := lineEnd(text, start)
			if matches(start, end) && !each(start, end) {
				return
			}
			start = end + 1
		}
		return
	}
	found := p.sieve.over(text)
	for pos := 0; pos < len(text); {
		at, odd := found.from(pos)
		if at < 0 {
			return
		}
		start, end := bytes.LastIndexByte(text[pos:at], '\n')+1+pos, lineEnd(text, at)
		if (p.whole && !odd || matches(start, end)) && !each(start, end) {
			return
		}
		pos = end + 1
	}
}

func lineEnd(text []byte, at int) int {
	if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}
