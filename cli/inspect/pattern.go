package inspect

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"sync"
)

// Pattern is what lines are searched for. It may be used by several at once.
type Pattern struct {
	re    *regexp.Regexp
	lits  []string // a line that matches holds one of these; none: any line may match
	fold  bool     // lits in any case; they are in lower case then, and ASCII
	whole bool     // a line that holds one of lits matches
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
	l := literals(tree)
	p.lits, p.whole = l.best()
	if p.fold = l.fold; p.fold {
		for i, s := range p.lits {
			if p.lits[i] = strings.ToLower(longestASCII(s)); p.lits[i] == "" {
				p.lits = nil
				break
			}
		}
		p.whole = false // perhaps only a part is without case
	}
	slices.Sort(p.lits)
	p.lits = slices.Compact(p.lits)
	p.whole = p.whole && len(p.lits) > 0 && !strings.Contains(strings.Join(p.lits, ""), "\n")
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
	if len(p.lits) == 0 || p.fold && holdsFolding(text) {
		return true
	}
	for _, lit := range p.lits {
		if newFinder(lit, p.fold).from(text, 0) >= 0 {
			return true
		}
	}
	return false
}

// Lines calls each with the bounds of the lines that match, in order, without
// their line ends.
func (p *Pattern) Lines(text []byte, each func(start, end int)) {
	d := p.dfas.Get().(*dfa)
	defer p.dfas.Put(d)
	matches := func(start, end int) bool {
		if d != nil {
			if match, useful := d.line(text[:end], start); useful {
				return match
			}
		}
		return p.Match(text[start:end])
	}
	if len(p.lits) == 0 || p.fold && holdsFolding(text) {
		for start := 0; start < len(text); {
			end := lineEnd(text, start)
			if matches(start, end) {
				each(start, end)
			}
			start = end + 1
		}
		return
	}
	finders := make([]*finder, len(p.lits))
	for i, lit := range p.lits {
		finders[i] = newFinder(lit, p.fold)
	}
	for pos := 0; pos < len(text); {
		at := -1
		for _, f := range finders {
			if n := f.from(text, pos); n >= 0 && (at < 0 || n < at) {
				at = n
			}
		}
		if at < 0 {
			return
		}
		start, end := bytes.LastIndexByte(text[pos:at], '\n')+1+pos, lineEnd(text, at)
		if p.whole || matches(start, end) {
			each(start, end)
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

// holdsFolding reports the two characters beyond ASCII that are the same as an
// ASCII letter in another case: long s and the Kelvin sign.
func holdsFolding(text []byte) bool {
	return bytes.Contains(text, []byte("\u017f")) || bytes.Contains(text, []byte("\u212a"))
}

// finder finds one literal in a text, again and again.
type finder struct {
	lit  []byte
	fold bool
	at   int  // where it was found last; -1: not looked for yet
	none bool // from there on it is nowhere

	rare         int  // where its rarest byte is,
	common       bool // which is common all the same
	lower, upper int  // where that stands next, in each case
}

func newFinder(lit string, fold bool) *finder {
	rare, rank := rarest(lit)
	return &finder{lit: []byte(lit), fold: fold, at: -1, rare: rare, common: rank < 12, lower: -1, upper: -1}
}

// from finds the first at or behind pos.
func (f *finder) from(text []byte, pos int) int {
	if f.none {
		return -1
	}
	if f.at < pos {
		if f.at = f.next(text, pos); f.at < 0 {
			f.none = true
			return -1
		}
	}
	return f.at
}

func (f *finder) next(text []byte, pos int) int {
	if !f.fold && f.common {
		if i := bytes.Index(text[pos:], f.lit); i >= 0 {
			return pos + i
		}
		return -1
	}
	// Look for its rarest byte, in both cases, and around that for the rest.
	off := f.rare
	lo := f.lit[off]
	up := lo
	if f.fold && 'a' <= lo && lo <= 'z' {
		up = lo - 'a' + 'A'
	}
	last := len(text) - len(f.lit) + off // where that byte may stand at most
	scan := func(c byte, from int) int {
		if from > last {
			return len(text)
		}
		if i := bytes.IndexByte(text[from:last+1], c); i >= 0 {
			return from + i
		}
		return len(text)
	}
	from := pos + off
	if f.lower < from {
		f.lower = scan(lo, from)
	}
	if f.upper < from {
		f.upper = f.lower
		if up != lo {
			f.upper = scan(up, from)
		}
	}
	for {
		i := min(f.lower, f.upper)
		if i >= len(text) {
			return -1
		}
		if there := text[i-off : i-off+len(f.lit)]; f.fold && equalFold(there, f.lit) || !f.fold && bytes.Equal(there, f.lit) {
			return i - off
		}
		if f.lower == i {
			f.lower = scan(lo, i+1)
		}
		if f.upper == i {
			f.upper = f.lower
			if up != lo {
				f.upper = scan(up, i+1)
			}
		}
	}
}

// equalFold compares with a lower-case ASCII text of the same length.
func equalFold(b, lower []byte) bool {
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// rarest says where the byte is that stands in the fewest places of a log, and
// its rank among the frequent ones.
func rarest(s string) (at, best int) {
	const common = " e0ta1oinrsdl2c3u4m5-:p.6789/fghbyw=[]v,_\"()kxjqz" // most frequent first
	best = -1
	for i := range len(s) {
		rank := strings.IndexByte(common, s[i])
		if rank < 0 {
			rank = len(common)
		}
		if rank > best {
			best, at = rank, i
		}
	}
	return at, best
}

// need is what is known of the texts that a part of an expression matches:
// either all of them (exact), or literals of which each holds one.
type need struct {
	exact []string // nil: not known
	one   []string // nil: not known
	loose bool     // it asks for more than its text: ends of lines and words
	fold  bool     // somewhere below, case does not count
}

const (
	mostLiterals  = 16
	longestWanted = 64
)

// best gives the literals that are best looked for, and whether they are all
// that a match needs.
func (n need) best() (lits []string, whole bool) {
	if n.exact == nil || slices.Contains(n.exact, "") {
		return n.one, false
	}
	if n.one != nil && score(n.one) > score(n.exact) {
		return n.one, false
	}
	return n.exact, !n.loose
}

// score tells how good literals are to look for: the shortest counts.
func score(lits []string) int {
	if len(lits) == 0 {
		return -1
	}
	least := longestWanted
	for _, s := range lits {
		least = min(least, len(s))
	}
	return least*4 - len(lits)
}

func literals(re *syntax.Regexp) need {
	switch re.Op {
	case syntax.OpLiteral:
		return need{exact: []string{string(re.Rune)}, fold: re.Flags&syntax.FoldCase != 0}
	case syntax.OpEmptyMatch:
		return need{exact: []string{""}}
	case syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return need{exact: []string{""}, loose: true}
	case syntax.OpCharClass:
		return classLiterals(re)
	case syntax.OpCapture:
		return literals(re.Sub[0])
	case syntax.OpPlus:
		n := literals(re.Sub[0])
		lits, _ := n.best()
		return need{one: lits, fold: n.fold}
	case syntax.OpQuest:
		n := literals(re.Sub[0])
		if n.exact == nil {
			return need{fold: n.fold}
		}
		return need{exact: append([]string{""}, n.exact...), loose: n.loose, fold: n.fold}
	case syntax.OpAlternate:
		return alternatives(re.Sub)
	case syntax.OpConcat:
		return sequence(re.Sub)
	}
	n := need{}
	for _, sub := range re.Sub { // a star
		n.fold = n.fold || literals(sub).fold
	}
	return n
}

// classLiterals takes a class apart that has few members.
func classLiterals(re *syntax.Regexp) need {
	n := need{exact: []string{}}
	for i := 0; i < len(re.Rune); i += 2 {
		for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
			if len(n.exact) == 4 {
				return need{}
			}
			n.exact = append(n.exact, string(r))
		}
	}
	return n
}

func alternatives(subs []*syntax.Regexp) need {
	all := need{exact: []string{}, one: []string{}}
	for _, sub := range subs {
		n := literals(sub)
		all.fold = all.fold || n.fold
		all.loose = all.loose || n.loose
		lits, _ := n.best()
		if n.exact == nil || all.exact == nil || len(all.exact)+len(n.exact) > mostLiterals {
			all.exact = nil
		} else {
			all.exact = append(all.exact, n.exact...)
		}
		if lits == nil || all.one == nil || len(all.one)+len(lits) > mostLiterals {
			all.one = nil
		} else {
			all.one = append(all.one, lits...)
		}
	}
	return all
}

func sequence(subs []*syntax.Regexp) need {
	out := need{exact: []string{""}}
	run := []string{""} // all texts of the parts since the last that is not exact
	keep := func(lits []string) {
		if len(lits) > 0 && !slices.Contains(lits, "") && score(lits) > score(out.one) {
			out.one = lits
		}
	}
	for _, sub := range subs {
		n := literals(sub)
		out.fold = out.fold || n.fold
		out.loose = out.loose || n.loose
		if joined := product(run, n.exact); n.exact != nil && joined != nil {
			run = joined
			continue
		}
		keep(run)
		keep(n.one)
		out.exact = nil
		if run = n.exact; run == nil {
			run = []string{""}
		}
	}
	keep(run)
	if out.exact != nil {
		out.exact = run
	}
	return out
}

func product(a, b []string) []string {
	if len(a)*len(b) > mostLiterals {
		return nil
	}
	var out []string
	for _, x := range a {
		for _, y := range b {
			if len(x)+len(y) > longestWanted {
				return nil
			}
			out = append(out, x+y)
		}
	}
	return out
}

func longestASCII(s string) string {
	best, start := "", 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || s[i] >= 0x80 {
			if i-start > len(best) {
				best = s[start:i]
			}
			start = i + 1
		}
	}
	return best
}
