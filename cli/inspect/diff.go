package inspect

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/text/transform"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// mostCompared is how long an entry may be that is compared line by line.
const mostCompared = 4 << 20

// Diff tells what two bundles differ in. Configuration and state is compared line
// by line; of events and alerts, lines that speak of errors and warnings are
// counted. Pseudonyms of secrets are made anew for each bundle: lines that differ
// in nothing else are the same. So are those of identities, when the bundles were
// made under two keys.
type Diff struct {
	Old, New *manifest.Bundle
	Context  int                        // lines around those that changed
	Want     func(*manifest.Entry) bool // nil: all entries

	pseudonym *regexp.Regexp
}

// Change is an entry that is in one bundle only, or not the same in both.
type Change struct {
	Old, New *manifest.Entry // nil: not there
	Lines    []string        // unified, of what is compared line by line
	Note     string          // why it is not, though it should be
	Counted  bool            // of events and alerts:
	OldCount Counts
	NewCount Counts
}

// Counts are numbers of lines.
type Counts struct{ Errors, Warnings int64 }

// HeadChange is something that is told of a bundle as a whole.
type HeadChange struct{ What, Old, New string }

// OutcomeChange is what became of a source; nil: it was not in that bundle.
type OutcomeChange struct {
	Source   string
	Old, New *manifest.SourceOutcome
}

// Heads tells what differs in hosts, tools, recipes, and organisation and case.
func (d *Diff) Heads() []HeadChange {
	a, b := d.Old.Head(), d.New.Head()
	var out []HeadChange
	add := func(what, x, y string) {
		if x != y {
			out = append(out, HeadChange{what, x, y})
		}
	}
	add("organisation", a.Organisation, b.Organisation)
	add("case", a.Case, b.Case)
	add("host", a.Host, b.Host)
	add("tool", a.Tool.Name+" "+a.Tool.Version, b.Tool.Name+" "+b.Tool.Version)
	add("rules", a.Tool.Rules, b.Tool.Rules)
	add("pseudonym key", a.PseudonymKey, b.PseudonymKey)
	recipes := func(h *manifest.Head) map[string]manifest.RecipeRef {
		m := map[string]manifest.RecipeRef{}
		for _, r := range h.Recipes {
			m[r.Name] = r
		}
		return m
	}
	x, y := recipes(a), recipes(b)
	describe := func(m map[string]manifest.RecipeRef, name string) string {
		r, ok := m[name]
		if !ok {
			return "none"
		}
		text := r.SHA256[:min(12, len(r.SHA256))] + ", " + r.Trust
		if r.Signer != "" {
			text += ", " + r.Signer
		}
		return strings.Join(append([]string{text}, r.Decisions...), "; ")
	}
	for _, name := range union(x, y) {
		add("recipe "+name, describe(x, name), describe(y, name))
	}
	return out
}

func union[V any](a, b map[string]V) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Outcomes tells of which sources something else became.
func (d *Diff) Outcomes() []OutcomeChange {
	index := func(h *manifest.Head) map[string]*manifest.SourceOutcome {
		m := map[string]*manifest.SourceOutcome{}
		for i := range h.Outcomes {
			m[h.Outcomes[i].Source] = &h.Outcomes[i]
		}
		return m
	}
	x, y := index(d.Old.Head()), index(d.New.Head())
	var out []OutcomeChange
	for _, source := range union(x, y) {
		a, b := x[source], y[source]
		if a == nil || b == nil || a.Outcome != b.Outcome || a.Reason != b.Reason {
			out = append(out, OutcomeChange{source, a, b})
		}
	}
	return out
}

// Entries calls changed with each entry that differs, in bundle order, and says
// how many are the same.
func (d *Diff) Entries(ctx context.Context, changed func(*Change) error) (same int, err error) {
	d.pseudonym = pseudonyms(d.Old.Head().PseudonymKey != d.New.Head().PseudonymKey)
	nextOld, stopOld := iter.Pull2(d.Old.Entries())
	defer stopOld()
	nextNew, stopNew := iter.Pull2(d.New.Entries())
	defer stopNew()
	pull := func(next func() (manifest.Entry, error, bool)) (*manifest.Entry, error) {
		for {
			e, err, ok := next()
			if err != nil || !ok {
				return nil, err
			}
			if d.Want == nil || d.Want(&e) {
				return &e, nil
			}
		}
	}
	a, err := pull(nextOld)
	if err != nil {
		return 0, err
	}
	b, err := pull(nextNew)
	if err != nil {
		return 0, err
	}
	for a != nil || b != nil {
		if ctx.Err() != nil {
			return same, context.Cause(ctx)
		}
		var order int
		switch {
		case a == nil:
			order = 1
		case b == nil:
			order = -1
		default:
			order = cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Path, b.Path))
		}
		c := &Change{}
		if order <= 0 {
			c.Old = a
			if a, err = pull(nextOld); err != nil {
				return same, err
			}
		}
		if order >= 0 {
			c.New = b
			if b, err = pull(nextNew); err != nil {
				return same, err
			}
		}
		if c.Old != nil && c.New != nil && c.Old.SHA256 == c.New.SHA256 && c.Old.Encoding == c.New.Encoding {
			same++
			continue
		}
		equal, err := d.compare(ctx, c)
		if err != nil {
			return same, err
		}
		if equal {
			same++
			continue
		}
		if err := changed(c); err != nil {
			return same, err
		}
	}
	return same, nil
}

// compare fills in what is told of a change, and reports that there is none but
// in pseudonyms.
func (d *Diff) compare(ctx context.Context, c *Change) (equal bool, err error) {
	e := cmp.Or(c.New, c.Old)
	switch e.Type {
	case manifest.Event, manifest.Alert:
		c.Counted = true
		var g errgroup.Group
		g.Go(func() error { return countEntry(ctx, d.Old, c.Old, &c.OldCount) })
		g.Go(func() error { return countEntry(ctx, d.New, c.New, &c.NewCount) })
		return false, g.Wait()
	case manifest.Configuration, manifest.State:
	default:
		return false, nil
	}
	if c.Old == nil || c.New == nil {
		return false, nil
	}
	if c.Old.Size > mostCompared || c.New.Size > mostCompared {
		c.Note = fmt.Sprintf("longer than %d MiB, not compared line by line", mostCompared>>20)
		return false, nil
	}
	a, err := readText(d.Old, c.Old)
	if err != nil {
		return false, err
	}
	b, err := readText(d.New, c.New)
	if err != nil {
		return false, err
	}
	edits, ok := compareLines(splitLines(a), splitLines(b), d.key)
	if !ok {
		c.Note = fmt.Sprintf("more than %d lines differ", mostEdits)
		return false, nil
	}
	if !slices.ContainsFunc(edits, func(e edit) bool { return e.op != ' ' }) {
		if d.key(a) == d.key(b) {
			return true, nil
		}
		c.Note = "only the end of its last line differs"
		return false, nil
	}
	c.Lines = unified(edits, d.Context)
	return false, nil
}

// readText reads an entry of at most mostCompared bytes.
func readText(b *manifest.Bundle, e *manifest.Entry) (string, error) {
	r, err := b.Content(*e)
	if err != nil {
		return "", err
	}
	defer r.Close()
	text := make([]byte, e.Size)
	if _, err := io.ReadFull(r, text); err != nil && e.Size > 0 {
		return "", err
	}
	if _, err := r.Read(nil); err != nil && !errors.Is(err, io.EOF) { // that is where the digest is compared
		return "", err
	}
	if enc := wide(e); enc != nil {
		text, _, err = transform.Bytes(enc.NewDecoder(), text)
	}
	return string(text), err
}

// key makes pseudonyms the same that stand for values of which one cannot tell
// whether they are.
func (d *Diff) key(line string) string {
	if !strings.Contains(line, "redacted-") && !strings.Contains(line, "ip4-") && !strings.Contains(line, "ip6-") {
		return line
	}
	return d.pseudonym.ReplaceAllStringFunc(line, func(s string) string {
		class, ok := redact.PseudonymClass(s)
		if !ok {
			return s
		}
		return "redacted-" + string(class)
	})
}

// pseudonyms matches those of secrets, and of identities too when all is true.
func pseudonyms(all bool) *regexp.Regexp {
	var classes []string
	for _, c := range redact.Classes() {
		if all || c.Secret() {
			classes = append(classes, regexp.QuoteMeta(string(c)))
		}
	}
	expr := "redacted-(?:" + strings.Join(classes, "|") + ")-[a-z0-9]{12}"
	if all {
		expr += `|ip4-[0-9a-f]{2}(?:\.[0-9a-f]{2}){3}|ip6-[0-9a-f]{4}(?:\.[0-9a-f]{4}){7}`
	}
	return regexp.MustCompile(expr)
}

// countEntry counts lines that speak of errors and warnings.
func countEntry(ctx context.Context, b *manifest.Bundle, e *manifest.Entry, n *Counts) error {
	if e == nil {
		return nil
	}
	var in io.Reader = &entryReader{b, e, 0}
	if enc := wide(e); enc != nil {
		in = transform.NewReader(in, enc.NewDecoder())
	}
	r := bufio.NewReaderSize(in, int(min(1<<20, e.Size+16))) // there may be many small ones
	begun := false                                           // a line that was judged by its beginning
	for {
		line, err := r.ReadSlice('\n')
		if !begun {
			switch levelOf(bytes.TrimSpace(line)) {
			case Error:
				n.Errors++
			case Warning:
				n.Warnings++
			}
		}
		begun = errors.Is(err, bufio.ErrBufferFull)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !begun:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
	}
}
