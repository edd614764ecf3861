package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
)

// teller says what a redaction does, beside doing it: each hit with --explain,
// totals with --report.
type teller struct {
	p       *program
	explain bool
	values  bool
	report  bool
	out     *bufio.Writer
	failed  error // to write

	listening bool
	rules     map[string]string // rule to reason
	shown     []shownPath
	inside    string // the bundle that hits are in

	written int64         // files that came of files
	classes redact.Counts // of all
	used    map[string]int64
}

// shownPath is how the operator wrote a path.
type shownPath struct{ abs, as string }

func (p *program) newTeller(c *cli.Context, added []redact.Rule) (*teller, error) {
	t := &teller{p: p, explain: c.Bool("explain"), values: c.Bool("show-values"), classes: redact.Counts{}, used: map[string]int64{}}
	switch r := c.String("report"); r {
	case "":
	case "json":
		t.report = true
	default:
		return nil, usageError("--report %q: json is the one format", visible(r))
	}
	switch {
	case t.values && !t.explain:
		return nil, usageError("--show-values goes with --explain")
	case t.values && !p.outTerminal:
		return nil, usageError("--show-values shows secrets: on a terminal only, not in a file or pipe").withHint("run it without redirecting standard output")
	case p.asJSON && (t.explain || t.report):
		return nil, usageError("--json and %s both want standard output", map[bool]string{true: "--explain", false: "--report"}[t.explain]).
			withHint("--report json gives JSON line by line, also of --explain")
	}
	out := p.out
	if c.NArg() == 0 && !t.explain { // the redacted text goes there
		out = p.err
	}
	t.out = bufio.NewWriter(out)
	return t, t.know(added)
}

// know learns the reasons of rules, built-in and added.
func (t *teller) know(added []redact.Rule) error {
	if !t.explain {
		return nil
	}
	s, err := redact.NewSession(redact.Options{Rules: added})
	if err != nil {
		return err
	}
	t.rules = map[string]string{}
	for _, r := range s.RuleInfos() {
		t.rules[r.ID] = r.Reason
	}
	return nil
}

// listen makes hits be told from now on. Paths are those that were given.
func (t *teller) listen(paths ...string) {
	t.listening = true
	for _, p := range paths {
		if abs, err := filepath.Abs(p); err == nil {
			t.shown = append(t.shown, shownPath{filepath.ToSlash(abs), p})
		}
	}
}

type hitLine struct {
	Path   string       `json:"path"` // "" for standard input
	Line   int64        `json:"line"`
	Class  redact.Class `json:"class"`
	Rule   string       `json:"rule"`
	Reason string       `json:"reason"`
	Value  string       `json:"value,omitempty"`
}

// hit tells of one value. It is called by one goroutine at a time.
func (t *teller) hit(h redact.Hit) {
	if !t.listening {
		return
	}
	line := hitLine{Path: t.name(h.Name), Line: h.Line, Class: h.Class, Rule: h.Rule, Reason: t.rules[h.Rule]}
	if t.values {
		line.Value = string(h.Value)
	}
	if t.report {
		t.json(line)
		return
	}
	if line.Path == "" {
		line.Path = "-"
	}
	value := ""
	if t.values {
		value = " " + t.p.paint("33", visible(line.Value))
	}
	t.write("%s:%d: %s%s, %s: %s\n", visible(line.Path), line.Line, line.Class, value, visible(line.Rule), visible(line.Reason))
}

// name is a stream's name as the operator would write it.
func (t *teller) name(path string) string {
	if t.inside != "" {
		return t.inside + ":" + path
	}
	for _, s := range t.shown {
		abs := strings.Replace("/"+strings.TrimPrefix(s.abs, "/"), ":/", "/", 1)
		if rest, ok := strings.CutPrefix(path, abs); ok && (rest == "" || rest[0] == '/' || rest[0] == '.') {
			return s.as + filepath.FromSlash(rest)
		}
	}
	return path
}

// ofBundle is what to call for hits in a bundle; nil where nobody asks.
func (t *teller) ofBundle(path string) func(redact.Hit) {
	if !t.explain {
		return nil
	}
	t.listening, t.inside = true, path
	return t.hit
}

// bundle tells the totals of a bundle.
func (t *teller) bundle(b *successor) {
	t.listening, t.inside = false, ""
	t.add(b.Redactions, b.Rules)
	if t.report && !t.explain {
		t.json(b)
	}
}

// file tells the totals of one file.
func (t *teller) file(r collect.Redacted) {
	t.add(r.Counts, r.Rules)
	if t.report && !t.explain {
		t.json(r)
	}
}

func (t *teller) add(classes redact.Counts, rules map[string]int64) {
	for c, n := range classes {
		t.classes[c] += n
	}
	for r, n := range rules {
		t.used[r] += n
	}
}

// end tells the totals of all.
func (t *teller) end(a *redactAnswer) error {
	if t.report {
		t.json(struct {
			Total      bool             `json:"total"`
			Redactions redact.Counts    `json:"redactions"`
			Rules      map[string]int64 `json:"rules_used"`
		}{true, a.Redactions, a.Rules})
	}
	return errors.Join(t.failed, t.out.Flush())
}

func (t *teller) json(v any) {
	data, err := json.Marshal(v)
	if err != nil {
		t.failed = err
		return
	}
	t.write("%s\n", data)
}

func (t *teller) write(format string, args ...any) {
	if _, err := fmt.Fprintf(t.out, format, args...); err != nil && t.failed == nil {
		t.failed = err
	}
}

// listRules prints the rules that a redaction would have.
func (p *program) listRules(c *cli.Context) error {
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	s, err := redact.NewSession(redact.Options{Rules: addedRules(&job)})
	if err != nil {
		return err
	}
	rules := s.RuleInfos()
	p.answer = rules
	if p.asJSON {
		return nil
	}
	w := bufio.NewWriter(p.out)
	for _, r := range rules {
		names := make([]string, len(r.Classes))
		for k, class := range r.Classes {
			names[k] = string(class)
		}
		fmt.Fprintf(w, "%s (%s): %s\n", visible(r.ID), strings.Join(names, ", "), visible(r.Reason))
		fmt.Fprintf(w, "    finds  %s\n    leaves %s\n", visible(r.Hits[0]), visible(r.Misses[0]))
	}
	return w.Flush()
}
