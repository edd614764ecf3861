package redact

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// Rule is a rule that a user adds. It never disarms a built-in one.
type Rule struct {
	ID      string
	Class   Class
	Pattern string   // RE2; a group (?P<mask>...) narrows what is hidden
	Match   []string // texts it must find; at least one
	Pass    []string // texts it must leave; at least one
}

// CheckRule reports what is wrong with a user's rule: a pattern that does not
// compile or matches the empty string, an unknown class, an example that
// fails or is missing. The error's text names the field and the example.
func CheckRule(r Rule) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("rule %q: %s", r.ID, fmt.Sprintf(format, args...))
	}
	if r.ID == "" {
		return fmt.Errorf("rule: id: missing")
	}
	if r.Class.id() == cNone {
		return fail("class: %q is none", r.Class)
	}
	if r.Pattern == "" {
		return fail("pattern: missing")
	}
	re, err := regexp.Compile(r.Pattern)
	if err != nil {
		return fail("pattern: %v", err)
	}
	if re.MatchString("") {
		return fail("pattern: matches the empty string")
	}
	if len(r.Match) == 0 {
		return fail("match: at least one example is needed")
	}
	if len(r.Pass) == 0 {
		return fail("pass: at least one example is needed")
	}
	for _, text := range r.Match {
		m := re.FindStringSubmatchIndex(text)
		if m == nil {
			return fail("match: not found in %q", text)
		}
		if k := re.SubexpIndex("mask"); k >= 0 && (m[2*k] < 0 || m[2*k] == m[2*k+1]) {
			return fail("match: the group mask is empty in %q", text)
		}
	}
	for _, text := range r.Pass {
		if m := re.FindString(text); m != "" {
			return fail("pass: %q is found in %q", m, text)
		}
	}
	return nil
}

// userRule is a rule made ready: a text without its literal costs one search
// and no more.
type userRule struct {
	id      string
	class   classID
	re      *regexp.Regexp
	mask    int
	literal []byte
}

func compileRule(r Rule) *userRule {
	u := &userRule{id: r.ID, class: r.Class.id(), re: regexp.MustCompile(r.Pattern)}
	u.mask = max(u.re.SubexpIndex("mask"), 0)
	if p, err := syntax.Parse(r.Pattern, syntax.Perl); err == nil {
		u.literal = []byte(required(p.Simplify()))
	}
	return u
}

// required is the longest text that every match of re holds; "" if none is
// known.
func required(re *syntax.Regexp) string {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase == 0 {
			return string(re.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return required(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return required(re.Sub[0])
		}
	case syntax.OpConcat:
		longest := ""
		for _, sub := range re.Sub {
			if s := required(sub); len(s) > len(longest) {
				longest = s
			}
		}
		return longest
	}
	return ""
}

// find adds the matches of the rule, line by line.
func (u *userRule) find(sc *scanner) {
	b := sc.b
	skip := sc.skip
	defer func() { sc.skip = skip }()
	for pos := 0; pos < len(b); {
		s := pos
		if len(u.literal) > 0 {
			k := bytes.Index(b[pos:], u.literal)
			if k < 0 {
				return
			}
			s = lineStart(b, pos+k)
		}
		e := sc.eol(s)
		for line, at := b[s:e], 0; at <= len(line); {
			m := u.re.FindSubmatchIndex(line[at:])
			if m == nil {
				break
			}
			if ms, me := m[2*u.mask], m[2*u.mask+1]; ms >= 0 {
				sc.emit(s+at+ms, s+at+me, u.class, u.id, 0)
			}
			at += max(m[1], 1)
		}
		for e < len(b) && b[e] != '\n' {
			e++
		}
		pos = e + 1
	}
}
