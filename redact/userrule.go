package redact

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Rule is a rule that a user adds. It finds within lines, and never disarms a
// built-in one. Matches in a line of more than 16 KiB are found as long as
// they begin and end within 8 KiB; one that goes on for longer is found by its
// beginning.
type Rule struct {
	ID      string
	Class   Class
	Reason  string // one sentence, for somebody who asks why; may be empty
	Pattern string // RE2; a group (?P<mask>...) narrows what is hidden

	// Keywords, when there are any, say what a line must hold one of, in
	// whatever case of ASCII letters, before Pattern is tried.
	Keywords []string
	// Paths, when there are any, are globs with ** for any number of folders;
	// the rule is for texts only of which the name matches one. A glob without
	// a slash in front may match the end of a name, from any slash on.
	Paths []string
	// Allow lists values that this rule leaves, though others may take them:
	// as they are written, or between slashes an RE2 of the whole value.
	Allow []string

	Match []string // texts it must find; at least one
	Pass  []string // texts it must leave; at least one
}

// RuleFault is something wrong with a rule.
type RuleFault struct {
	Field   string // of the rule, as recipes write it: "pattern", "match"
	Index   int    // of the item in a list, else -1
	Message string
}

// CheckRule lists what is wrong with a rule: a pattern that does not compile
// or may match nothing, an unknown class, an example that fails or is missing.
func CheckRule(r Rule) []RuleFault {
	_, faults := compileRule(r)
	return faults
}

// Slow reports whether nothing is known of the lines that the rule may match
// in, so that its pattern has to be tried in each. r is without faults.
func (r Rule) Slow() bool {
	u, _ := compileRule(r)
	return u != nil && len(u.needs) == 0
}

// userRule is a rule made ready.
type userRule struct {
	name  string
	info  RuleInfo
	class classID
	flags uint8
	re    *regexp.Regexp
	cost  int      // of a byte that the pattern reads, see charge
	mask  int      // group
	needs []string // literals of which a line must hold one; none: not known
	keys  []string // further ones
	paths []string
	words map[string]bool // values that stay
	allow []*regexp.Regexp
}

const (
	userLine   = 16 << 10 // of a longer line, pieces are searched
	maxProgram = 4096     // steps of a pattern
	minRegex   = len("/./")
)

func compileRule(r Rule) (*userRule, []RuleFault) {
	var faults []RuleFault
	fault := func(field string, index int, format string, args ...any) {
		faults = append(faults, RuleFault{field, index, fmt.Sprintf(format, args...)})
	}
	u := &userRule{name: r.ID, class: r.Class.id(), words: map[string]bool{}}
	u.info = RuleInfo{r.ID, []Class{r.Class}, cmp.Or(r.Reason, "matches the pattern of this rule"), false, r.Match, r.Pass}
	if r.ID == "" {
		fault("id", -1, "missing")
	}
	if u.class == cNone {
		fault("class", -1, "%q is none", r.Class)
	}
	for k, w := range r.Keywords {
		if len(w) < minLiteral || strings.ContainsAny(w, "\r\n") {
			fault("keywords", k, "%q: a keyword is a text of %d bytes or more in one line", w, minLiteral)
		}
		u.keys = append(u.keys, lowered(w))
	}
	for k, p := range r.Paths {
		switch {
		case p == "" || !doublestar.ValidatePattern(p):
			fault("paths", k, "%q: the wildcards do not fit together", p)
		case strings.Contains(p, `\`):
			fault("paths", k, "%q: write / between folders", p)
		}
		if !strings.HasPrefix(p, "/") {
			p = "**/" + p
		}
		u.paths = append(u.paths, p)
	}
	for k, a := range r.Allow {
		if len(a) < minRegex || a[0] != '/' || a[len(a)-1] != '/' {
			u.words[a] = true
			continue
		}
		if _, err := regexp.Compile(a[1 : len(a)-1]); err != nil {
			fault("allow", k, "%v", err)
			continue
		}
		u.allow = append(u.allow, regexp.MustCompile(`^(?:`+a[1:len(a)-1]+`)$`))
	}
	for _, f := range []struct {
		name  string
		texts []string
	}{{"match", r.Match}, {"pass", r.Pass}} {
		if len(f.texts) == 0 {
			fault(f.name, -1, "at least one example is needed")
		}
	}
	u.pattern(r.Pattern, fault)
	if !slices.ContainsFunc(faults, func(f RuleFault) bool { return !slices.Contains([]string{"id", "class", "match", "pass"}, f.Field) }) {
		u.examples(r, fault)
	}
	return u, faults
}

func (u *userRule) pattern(pattern string, fault func(string, int, string, ...any)) {
	if pattern == "" {
		fault("pattern", -1, "missing")
		return
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err == nil {
		u.re, err = regexp.Compile(pattern)
	}
	if err != nil {
		fault("pattern", -1, "%v", err)
		return
	}
	simple := tree.Simplify()
	prog, err := syntax.Compile(simple)
	if err != nil {
		fault("pattern", -1, "%v", err)
		return
	}
	if len(prog.Inst) > maxProgram {
		fault("pattern", -1, "compiles to %d steps: at most %d; repeat less", len(prog.Inst), maxProgram)
		return
	}
	u.cost = 1 + len(prog.Inst)/32
	if shortestMatch(tree) == 0 {
		fault("pattern", -1, "matches the empty string")
	}
	if u.mask = max(u.re.SubexpIndex("mask"), 0); u.mask > 0 {
		u.flags = spanLearn // by what stands around it
	}
	u.needs = literalsOf(simple)
	if shortest(u.keys) > shortest(u.needs) {
		u.needs, u.keys = u.keys, nil
	}
}

// examples tries the rule, as a session would, on its own examples.
func (u *userRule) examples(r Rule, fault func(string, int, string, ...any)) {
	alone := *u
	alone.paths = nil
	if alone.class == cNone {
		alone.class = cToken // that there is none was told
	}
	s := &Session{rules: gather([]*userRule{&alone})}
	sc := &scanner{s: s, perByte: workPerByte, user: s.rules.newState()} // it finds and hides nothing: what that takes is large
	hidden := func(text string) []span {
		sc.begin("")
		sc.b = []byte(text)
		sc.startWork(len(text))
		s.rules.find(sc)
		return sc.spans
	}
	for k, text := range r.Match {
		if len(hidden(text)) > 0 {
			continue
		}
		switch m := u.re.FindStringSubmatchIndex(text); {
		case m == nil:
			fault("match", k, "not found in %q", text)
		case u.mask > 0 && (m[2*u.mask] < 0 || m[2*u.mask] == m[2*u.mask+1]):
			fault("match", k, "the group mask is empty in %q", text)
		case hasPseudonym([]byte(text)):
			fault("match", k, "what is hidden in %q is hidden already", text)
		default:
			fault("match", k, "found in %q, but left: by keywords, or by allow", text)
		}
	}
	for k, text := range r.Pass {
		if h := hidden(text); len(h) > 0 {
			fault("pass", k, "%q is found in %q", text[h[0].start:h[0].end], text)
		}
	}
}

// userRules are those of a session; nil are none.
type userRules struct {
	rules  []*userRule
	set    *literals // nil: none has any
	of     [][]int32 // the rules that a literal is of
	always []int32   // rules without
}

func newUserRules(rules []Rule) (*userRules, error) {
	if len(rules) == 0 {
		return nil, nil
	}
	if most := math.MaxUint16 - int(nRules) - len(tokenRules); len(rules) > most {
		return nil, fmt.Errorf("%d rules: at most %d", len(rules), most)
	}
	var errs []error
	var all []*userRule
	ids := map[string]bool{}
	for _, r := range rules {
		u, faults := compileRule(r)
		for _, f := range faults {
			errs = append(errs, fmt.Errorf("rule %q: %s: %s", r.ID, f.Field, f.Message))
		}
		if ids[r.ID] {
			errs = append(errs, fmt.Errorf("rule %q: there are two of that id", r.ID))
		}
		ids[r.ID] = true
		all = append(all, u)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return gather(all), nil
}

// gather brings the literals of rules together.
func gather(rules []*userRule) *userRules {
	u := &userRules{rules: rules}
	index := map[string]int{}
	var texts []string
	for k, r := range rules {
		if len(r.needs) == 0 {
			u.always = append(u.always, int32(k))
		}
		for _, t := range r.needs {
			i, ok := index[t]
			if !ok {
				i = len(texts)
				index[t] = i
				texts, u.of = append(texts, t), append(u.of, nil)
			}
			u.of[i] = append(u.of[i], int32(k))
		}
	}
	if len(texts) > 0 {
		u.set = newLiterals(texts)
	}
	return u
}

func (u *userRules) len() int {
	if u == nil {
		return 0
	}
	return len(u.rules)
}

// userState is what a scanner remembers of the rules.
type userState struct {
	done  []int   // where the last line ends that a rule was tried in
	wants []uint8 // whether the rule is for texts of this name
}

const (
	wantUnknown = iota
	wantYes
	wantNo
)

func (u *userRules) newState() userState {
	return userState{done: make([]int, u.len()), wants: make([]uint8, u.len())}
}

// begin forgets what holds for one name only.
func (s *userState) begin() { clear(s.wants) }

// find adds what the rules find in the lines of the scanner's text.
func (u *userRules) find(sc *scanner) {
	if u == nil {
		return
	}
	b := sc.b
	skip, cur := sc.skip, sc.cur
	sc.cur = math.MaxInt // nothing is looked at after this: no span is ahead
	defer func() { sc.skip, sc.cur = skip, cur }()
	for k := range sc.user.done {
		sc.user.done[k] = -1
	}
	if u.set != nil {
		ls, le := 0, -1
		u.set.each(b, func(text, at int) {
			if at < ls || at > le {
				ls = lineStart(b, at)
				le = lineEnd(b, at)
			}
			for _, k := range u.of[text] {
				if le > sc.user.done[k] {
					sc.user.done[k] = le
					u.try(sc, int(k), ls, le)
				}
			}
		})
	}
	if len(u.always) == 0 {
		return
	}
	for pos := 0; pos < len(b) && !sc.spent(); {
		end := lineEnd(b, pos)
		for _, k := range u.always {
			u.try(sc, int(k), pos, end)
		}
		if k := bytes.IndexByte(b[end:], '\n'); k >= 0 {
			pos = end + k + 1
		} else {
			pos = len(b)
		}
	}
}

// try looks for matches of a rule in the line b[ls:le].
func (u *userRules) try(sc *scanner, k, ls, le int) {
	r := u.rules[k]
	if sc.user.wants[k] == wantUnknown {
		sc.user.wants[k] = r.wants(sc.name)
	}
	if sc.user.wants[k] == wantNo || sc.spent() {
		return
	}
	line := sc.b[ls:le]
	if len(r.keys) > 0 && !slices.ContainsFunc(r.keys, func(w string) bool { return containsFolded(line, w) }) {
		return
	}
	id := nRules + ruleID(len(tokenRules)+k)
	if len(line) <= userLine {
		for _, m := range r.matches(sc, line) {
			r.hide(sc, id, ls, m)
		}
		return
	}
	// Pieces overlap by half: what one cuts at its beginning is whole in the
	// piece before, what it cuts at its end is looked at as a whole.
	for from := 0; ; from += userLine / 2 {
		to := min(from+userLine, len(line))
		for _, m := range r.matches(sc, line[from:to]) {
			switch {
			case from > 0 && m[0] == 0 && m[1] < userLine/2:
			case to < len(line) && m[1] == to-from:
				rest := line[from+m[0]:]
				sc.charge(len(rest))
				if whole := r.re.FindSubmatchIndex(rest); whole != nil && whole[0] == 0 {
					r.hide(sc, id, ls+from+m[0], whole)
				}
			default:
				r.hide(sc, id, ls+from, m)
			}
		}
		if to == len(line) || sc.spent() {
			return
		}
	}
}

// matches are those of the pattern in a text. Each may have made the pattern
// read all of it: that is charged, and no more are made than may be.
func (u *userRule) matches(sc *scanner, text []byte) [][]int {
	each := 1 + len(text)*u.cost/4
	left := (sc.workLimit-sc.work)/each + 1
	all := u.re.FindAllSubmatchIndex(text, left)
	sc.charge(each * (1 + len(all)))
	return all
}

// hide notes the hidden part of a match m in b[base:], but for what the rule
// allows.
func (u *userRule) hide(sc *scanner, id ruleID, base int, m []int) {
	if m[2*u.mask] < 0 {
		return
	}
	s, e := base+m[2*u.mask], base+m[2*u.mask+1]
	if s == e {
		return
	}
	s = min(max(s, pseudonymOver(sc.b, s-1)), e) // it may begin in the midst of one
	v := sc.b[s:e]
	if u.words[string(v)] || slices.ContainsFunc(u.allow, func(re *regexp.Regexp) bool { return re.Match(v) }) {
		return
	}
	flags := u.flags
	if f := sc.bareNumber(s, e); f != 0 {
		flags |= f
	}
	sc.emit(s, e, u.class, id, flags)
}

func (u *userRule) wants(name string) uint8 {
	if len(u.paths) == 0 {
		return wantYes
	}
	for _, p := range u.paths {
		if doublestar.MatchUnvalidated(p, name) {
			return wantYes
		}
	}
	return wantNo
}

// lowered is s with its ASCII letters in lower case.
func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

// containsFolded reports whether b holds w, which is in lower case.
func containsFolded(b []byte, w string) bool {
	for i := 0; i+len(w) <= len(b); i++ {
		if lower(b[i]) == w[0] && foldedEqual(b[i:i+len(w)], w) {
			return true
		}
	}
	return false
}
