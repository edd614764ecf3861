package collect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

// Collection is what Run gathered: redacted, compressed, encrypted, in
// scratch. Its methods are for one goroutine at a time.
type Collection struct {
	job     Job
	decided rulings
	session *redact.Session
	writer  *manifest.Writer
	tasks   []*task
	began   time.Time
	host    string // pseudonym or label
	name    string // of the bundle
	orphans *orphans
	again   *again  // of the successor of a bundle
	sealed  *sealed // once it is

	mu      sync.Mutex
	summary Summary
}

// report is report.json: what was hidden and what was not seen. It holds no
// value and no digest of an original.
type report struct {
	Version  int              `json:"version"`
	Rules    string           `json:"rules"`
	Totals   map[string]int64 `json:"redactions"` // class to count
	ByRule   map[string]int64 `json:"rules_used"` // rule to count; the sum is the same
	Late     map[string]int64 `json:"found_late"` // of these, in text already redacted
	TooShort int              `json:"too_short"`  // secrets hidden only where their context shows them
	Asked    []keepRequest    `json:"keep_requests,omitempty"`
	Sources  []reportSource   `json:"sources"`
	Unseen   []NotScanned     `json:"not_scanned"`
	Unlisted int              `json:"not_scanned_unlisted,omitempty"`
}

type keepRequest struct {
	Recipe  string         `json:"recipe"`
	Classes []redact.Class `json:"classes"`
	Granted bool           `json:"granted"`
}

type reportSource struct {
	Source  string           `json:"source"`
	Recipe  string           `json:"recipe"`
	Kind    string           `json:"kind"`
	What    []string         `json:"what"`
	Outcome manifest.Outcome `json:"outcome"`
	Reason  string           `json:"reason,omitempty"`
	Totals  map[string]int64 `json:"redactions"`
	ByRule  map[string]int64 `json:"rules_used"`
	Entries []reportEntry    `json:"entries"` // with something hidden

	Unlisted int `json:"entries_unlisted,omitempty"` // more of them, in manifest.json
}

type reportEntry struct {
	Path   string           `json:"path"`
	Counts map[string]int64 `json:"redactions"`
	ByRule map[string]int64 `json:"rules_used"`
}

// ReportNotScanned reads out of a bundle's report.json what was found and is
// not in the bundle.
func ReportNotScanned(raw []byte) ([]NotScanned, error) {
	var r struct {
		Version int          `json:"version"`
		Unseen  []NotScanned `json:"not_scanned"`
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, fmt.Errorf("report.json: %w", err)
	}
	if r.Version != 1 {
		return nil, fmt.Errorf("report.json: version %d is not understood", r.Version)
	}
	return r.Unseen, nil
}

// sealed is what a bundle says of itself: nothing is hidden or learned any more.
type sealed struct {
	head   manifest.Head
	report []byte
}

// Seal closes the gaps (values learned late) and names the bundle: from then on
// all but Entries and Bytes of Summary is known, and so are all identities.
// Pack does it where it was not done.
func (c *Collection) Seal(ctx context.Context) error {
	late, err := c.sweep(ctx)
	if err != nil {
		return err
	}
	id, err := c.job.newID()
	if err != nil {
		return err
	}
	head := manifest.Head{
		Version:      1,
		BundleID:     id,
		Name:         c.name,
		Organisation: c.job.Organisation,
		Case:         c.job.Case,
		Host:         c.host,
		Created:      c.job.now().UTC().Truncate(time.Second),
		Tool:         manifest.Tool{Name: "diagcollect", Version: c.job.Version, Rules: redact.RuleSetVersion},
		Redactions:   map[string]int64{},
	}
	if len(c.job.CaseKey) > 0 {
		head.PseudonymKey = trust.KeyID(c.job.CaseKey)
	}
	rep := report{Version: 1, Rules: redact.RuleSetVersion, Totals: map[string]int64{}, ByRule: map[string]int64{}, Late: late, TooShort: c.session.TooShort(), Unseen: []NotScanned{}}
	if c.again != nil {
		c.again.describe(c, &head, &rep)
	} else {
		c.describe(&head, &rep)
	}
	slices.SortFunc(head.Outcomes, func(a, b manifest.SourceOutcome) int { return strings.Compare(a.Source, b.Source) })
	for class, n := range late {
		head.Redactions[class] += n
		rep.Totals[class] += n
		rep.ByRule[redact.RuleKnown] += n
	}
	data, err := json.MarshalIndent(rep, "", " ")
	if err != nil {
		return err
	}
	data, _ = c.session.Sweep(0, "utf-8", append(data, '\n'))
	if !json.Valid(data) {
		return errors.New("report.json: hiding a value broke it")
	}

	sum := Summary{
		BundleID: head.BundleID, Case: head.Case, Organisation: head.Organisation, PseudonymKey: head.PseudonymKey, Name: head.Name, Host: head.Host, Window: head.Window,
		Outcomes: head.Outcomes, Redactions: redact.Counts{}, Withheld: rep.Unseen,
	}
	for class, n := range head.Redactions {
		sum.Redactions[redact.Class(class)] = n
	}
	c.sealed = &sealed{head, data}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.summary = sum
	return nil
}

// Pack writes the bundle to dst.
func (c *Collection) Pack(ctx context.Context, dst io.Writer, key *trust.Signer) (*manifest.Result, error) {
	if c.sealed == nil {
		if err := c.Seal(ctx); err != nil {
			return nil, err
		}
	}
	res, err := c.writer.Finish(ctx, dst, c.sealed.head, c.sealed.report, key)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.summary.Entries, c.summary.Bytes = res.Entries, res.Bytes
	return res, nil
}

// describe says in head and report what ran and what became of it.
func (c *Collection) describe(head *manifest.Head, rep *report) {
	head.Window = c.window()
	for k, r := range c.job.Recipes {
		head.Recipes = append(head.Recipes, manifest.RecipeRef{Name: r.Name, SHA256: r.SHA256, Trust: r.Trust, Decisions: c.decided.notes[k]})
		if len(r.keep) > 0 {
			rep.Asked = append(rep.Asked, keepRequest{r.Name, r.keep, granted(r.keep, c.decided.keep)})
		}
	}
	for _, t := range c.tasks {
		c.account(t, head, rep)
	}
}

// sweep searches what was written before a value was known, until nothing new
// is known.
func (c *Collection) sweep(ctx context.Context) (map[string]int64, error) {
	late := map[string]int64{}
	for last := -1; ; {
		mark := c.session.Mark()
		if mark == last {
			return late, nil
		}
		n, err := c.writer.Sweep(ctx, manifest.Sweeper{
			Mark:    mark,
			Overlap: c.session.MaxLearned(),
			Replace: func(mark int, encoding string, b []byte) ([]byte, map[string]int64) {
				out, counts := c.session.Sweep(mark, encoding, b)
				return out, classCounts(counts)
			},
		})
		if err != nil {
			return nil, fmt.Errorf("searching for values found late: %w", err)
		}
		for class, k := range n {
			late[class] += k
		}
		last = mark
	}
}

// account adds one source to the manifest's head and to the report.
func (c *Collection) account(t *task, head *manifest.Head, rep *report) {
	o, reason := t.verdict.final()
	v := t.verdict
	v.mu.Lock()
	defer v.mu.Unlock()
	reason = c.swept(reason)
	head.Outcomes = append(head.Outcomes, manifest.SourceOutcome{
		Source: t.id, Type: t.typ, Outcome: o, Reason: reason,
		Entries: v.entries, Bytes: v.bytes, Cut: v.cut,
	})
	s := reportSource{
		Source: t.id, Recipe: t.recipe.Name, Kind: t.kind, What: []string{}, Outcome: o, Reason: reason,
		Totals: map[string]int64{}, ByRule: map[string]int64{}, Entries: []reportEntry{},
	}
	for _, w := range t.what() {
		s.What = append(s.What, c.session.Text(w))
	}
	c.list(s, v, v.totals, v.rules, head, rep)
}

// list adds to head and report what was found in the entries of one source, by
// class and by rule, and what of it is withheld.
func (c *Collection) list(s reportSource, v *verdict, found, using map[string]int64, head *manifest.Head, rep *report) {
	for _, e := range v.counts {
		s.Entries = append(s.Entries, reportEntry{c.swept(e.path), e.counts, e.rules})
	}
	s.Unlisted = v.uncount
	addCounts(s.Totals, found)
	addCounts(rep.Totals, found)
	addCounts(head.Redactions, found)
	addCounts(s.ByRule, using)
	addCounts(rep.ByRule, using)
	rep.Sources = append(rep.Sources, s)
	for _, u := range v.hidden {
		rep.Unseen = append(rep.Unseen, NotScanned{Source: s.Source, Path: c.swept(u.path), Reason: c.swept(u.reason)})
	}
	rep.Unlisted += v.many
}

// swept hides what was learned after a text was made.
func (c *Collection) swept(s string) string {
	out, _ := c.session.Sweep(0, "utf-8", []byte(s))
	return string(out)
}

func granted(asked, kept []redact.Class) bool {
	for _, c := range asked {
		if !slices.Contains(kept, c) {
			return false
		}
	}
	return true
}

// window is the span of the whole bundle: from the earliest beginning.
func (c *Collection) window() manifest.Window {
	w := manifest.Window{Until: c.job.Window.Until}
	if w.Until.IsZero() {
		w.Until = c.began
	}
	for i, t := range c.tasks {
		if t.window.Since.IsZero() {
			w.Since = time.Time{}
			break
		}
		if i == 0 || t.window.Since.Before(w.Since) {
			w.Since = t.window.Since
		}
	}
	w.Since, w.Until = toSecond(w.Since), toSecond(w.Until)
	return w
}

func toSecond(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Second)
}

// Summary is complete after Pack.
func (c *Collection) Summary() Summary {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.summary
	s.Outcomes, s.Withheld, s.Redactions = slices.Clone(s.Outcomes), slices.Clone(s.Withheld), maps.Clone(s.Redactions)
	return s
}

// Session is the redaction of this bundle, for the operator's sealed map of
// identities.
func (c *Collection) Session() *redact.Session { return c.session }

// Close gives scratch space back.
func (c *Collection) Close() error { return c.writer.Close() }
