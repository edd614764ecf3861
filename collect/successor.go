package collect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// Succeed redacts a bundle again by today's rules: the collection that comes
// of it packs into its clean successor, which names the bundle as its parent.
// Pseudonyms stay as they are. What cannot be read as text any more is
// withheld. The caller has verified the bundle.
//
// Of the job case key (of what is found now; nil: a random one), keep, rule
// packs, policies, scratch, version, hit and progress count, the last with the id
// "" and the bytes of all entries.
func Succeed(ctx context.Context, parent *manifest.Bundle, j Job) (_ *Collection, err error) {
	head := parent.Head()
	j.Case, j.Organisation, j.Recipes = head.Case, head.Organisation, nil
	decided, err := j.rule()
	if err != nil {
		return nil, err
	}
	session, err := redact.NewSession(redact.Options{CaseKey: j.CaseKey, Keep: decided.keep, Rules: decided.rules, Each: j.Hit})
	if err != nil {
		return nil, err
	}
	c := &Collection{job: j, decided: decided, session: session, began: time.Now()}
	if c.host = session.Text(head.Host); !labelForm.MatchString(c.host) {
		c.host = session.Pseudonym(redact.Hostname, head.Host)
	}
	c.name = fmt.Sprintf("%s_%s_%s", head.Case, c.host, c.began.UTC().Format("20060102T150405Z"))
	if c.again, err = newAgain(parent, session); err != nil {
		return nil, err
	}
	c.again.binary = decided.binary
	if c.writer, err = manifest.NewWriter(manifest.WriterOptions{Name: c.name, Scratch: j.Scratch}); err != nil {
		return nil, err
	}
	if err := c.again.entries(ctx, c.writer, j.Progress); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

// again is a bundle on its way to its successor.
type again struct {
	parent  *manifest.Bundle
	ref     manifest.Parent
	report  report // the parent's
	session *redact.Session
	binary  bool                        // what was kept though it is no text may stay
	rules   map[string]map[string]int64 // by path of the parent's entry
	kinds   map[string]string           // by source
	sources map[string]*againSource     // by id in the parent
}

// againSource is what became of one source.
type againSource struct {
	id    string // in the successor
	typ   manifest.Type
	w     *manifest.SourceWriter
	found map[string]int64 // now, by class
	using map[string]int64 // now, by rule
	verdict
}

func newAgain(parent *manifest.Bundle, session *redact.Session) (*again, error) {
	head := parent.Head()
	a := &again{
		parent: parent, session: session, sources: map[string]*againSource{},
		rules: map[string]map[string]int64{}, kinds: map[string]string{},
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, parent.ManifestJSON()); err != nil {
		return nil, err
	}
	a.ref = manifest.Parent{BundleID: head.BundleID, ManifestSHA256: hex.EncodeToString(sum.Sum(nil)), PseudonymKey: head.PseudonymKey}
	raw, err := parent.Report()
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &a.report); err != nil {
		return nil, fmt.Errorf("report.json: %w", err)
	}
	if a.report.Version != 1 {
		return nil, fmt.Errorf("report.json: version %d is not understood", a.report.Version)
	}
	for _, s := range a.report.Sources {
		a.kinds[s.Source] = s.Kind
		for _, e := range s.Entries {
			a.rules[e.Path] = e.ByRule
		}
	}
	return a, nil
}

// source is the account of a source, by its id in the parent.
func (a *again) source(id string) *againSource {
	s := a.sources[id]
	if s == nil {
		s = &againSource{id: a.session.Text(id), found: map[string]int64{}, using: map[string]int64{}}
		a.sources[id] = s
	}
	return s
}

// entries redacts all entries into w, one after the other.
func (a *again) entries(ctx context.Context, w *manifest.Writer, progress func(Progress)) error {
	var read int64
	var last *againSource
	for e, err := range a.parent.Entries() {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		s := a.source(e.Source)
		if s != last && last != nil { // they come source by source
			if err := last.w.Close(); err != nil {
				return err
			}
		}
		last = s
		if s.w == nil {
			s.typ = e.Type
			if s.w, err = w.Source(s.id, e.Type); err != nil {
				return err
			}
		}
		if err := a.entry(s, e); err != nil {
			return fmt.Errorf("%s: %w", e.Path, err)
		}
		if read += e.Size; progress != nil {
			progress(Progress{Bytes: read})
		}
	}
	return nil
}

func (a *again) entry(s *againSource, e manifest.Entry) (err error) {
	content, err := a.parent.Content(e)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	name := e.Name()
	seen := "/" + name // as rules with paths see it
	if kind := a.kinds[e.Source]; kind != "" && kind != kindFiles {
		seen = "/" + e.Source + seen
	}
	clean := a.session.Stream(seen, content)
	var rules map[string]int64
	stored, err := s.w.Add(a.session.Path(name), e.ModTime, clean, func(n *manifest.Entry) {
		n.Redactions, rules = a.counts(e.Redactions), a.counts(a.rules[e.Path])
		found, using := classCounts(clean.Counts()), clean.Rules()
		addCounts(n.Redactions, found)
		addCounts(s.found, found)
		addCounts(rules, using)
		addCounts(s.using, using)
		if n.Truncated = e.Truncated; n.Truncated != nil {
			n.Truncated.Kept = a.session.Text(n.Truncated.Kept)
		}
		if enc := clean.Encoding(); enc != "utf-8" {
			n.Encoding = enc
		}
	})
	if errors.Is(err, redact.ErrUnreadable) {
		if e.Encoding == "binary" && a.binary {
			return a.asIs(s, e)
		}
		name, reason := a.session.Path(name), reasonOf(err, redact.ErrUnreadable)
		s.unseen(name, reason)
		s.note(manifest.Withheld, name+": "+reason)
		return nil
	}
	if err == nil {
		s.stored(stored, rules)
	}
	return err
}

// asIs keeps what is not text, where a recipe said so and a policy still does.
func (a *again) asIs(s *againSource, e manifest.Entry) error {
	content, err := a.parent.Content(e)
	if err != nil {
		return err
	}
	stored, err := s.w.Add(a.session.Path(e.Name()), e.ModTime, content, func(n *manifest.Entry) {
		n.Encoding, n.Truncated = e.Encoding, e.Truncated
	})
	if err = errors.Join(err, content.Close()); err == nil {
		s.stored(stored, nil)
	}
	return err
}

// counts copies counts of the parent; a class or rule is no more than a word.
func (a *again) counts(m map[string]int64) map[string]int64 {
	out := make(map[string]int64, len(m))
	for class, n := range m {
		if a.session.Text(class) == class {
			out[class] = n
		}
	}
	return out
}

// describe says in head and report what the parent's said, and what is new.
func (a *again) describe(c *Collection, head *manifest.Head, rep *report) {
	old := a.parent.Head()
	head.Parent = &a.ref
	head.Window = old.Window
	decided := []string{"redacted again: every class hidden"}
	if len(c.job.Keep) > 0 {
		decided = nil
	}
	for _, d := range c.decided.general {
		decided = append(decided, "redacted again: "+d)
	}
	for _, r := range old.Recipes {
		ref := manifest.RecipeRef{Name: a.say(c, r.Name), Signer: a.say(c, r.Signer), Trust: a.say(c, r.Trust), SHA256: a.say(c, r.SHA256)}
		for _, d := range r.Decisions {
			ref.Decisions = append(ref.Decisions, a.say(c, d))
		}
		for _, d := range decided {
			if !slices.Contains(ref.Decisions, d) {
				ref.Decisions = append(ref.Decisions, d)
			}
		}
		head.Recipes = append(head.Recipes, ref)
	}
	head.Redactions, rep.Totals = a.counts(old.Redactions), a.counts(a.report.Totals)
	rep.Late = maps.Clone(rep.Late)
	addCounts(rep.Late, a.counts(a.report.Late))
	rep.TooShort += a.report.TooShort
	for _, k := range a.report.Asked {
		known := redact.Classes() // a report is foreign text: nothing else of it passes as a class
		asked := slices.DeleteFunc(slices.Clone(k.Classes), func(class redact.Class) bool { return !slices.Contains(known, class) })
		rep.Asked = append(rep.Asked, keepRequest{a.say(c, k.Recipe), asked, granted(asked, c.decided.keep)})
	}
	for _, u := range a.report.Unseen {
		rep.Unseen = append(rep.Unseen, NotScanned{Source: a.say(c, u.Source), Path: a.say(c, u.Path), Reason: a.say(c, u.Reason)})
	}
	rep.Unlisted += a.report.Unlisted
	for _, o := range old.Outcomes {
		a.account(c, o, head, rep)
	}
	// A source with entries has an outcome; where none was recorded, this is it.
	for _, id := range slices.Sorted(maps.Keys(a.sources)) {
		if !slices.ContainsFunc(old.Outcomes, func(o manifest.SourceOutcome) bool { return o.Source == id }) {
			a.account(c, manifest.SourceOutcome{Source: id, Type: a.sources[id].typ, Outcome: manifest.OK}, head, rep)
		}
	}
}

// account adds one source to the manifest's head and to the report.
func (a *again) account(c *Collection, o manifest.SourceOutcome, head *manifest.Head, rep *report) {
	id := o.Source
	s := a.source(id)
	o.Source, o.Reason = s.id, a.say(c, o.Reason)
	if s.outcome != "" {
		o.Outcome = manifest.Worse(o.Outcome, s.outcome)
		_, why := s.final()
		o.Reason = c.swept(strings.TrimPrefix(o.Reason+"; "+why, "; "))
	}
	o.Entries, o.Bytes = s.verdict.entries, s.bytes
	head.Outcomes = append(head.Outcomes, o)

	r := reportSource{Source: s.id, What: []string{}, Totals: map[string]int64{}, ByRule: map[string]int64{}}
	if i := slices.IndexFunc(a.report.Sources, func(r reportSource) bool { return r.Source == id }); i >= 0 {
		was := a.report.Sources[i]
		r.Recipe, r.Kind, r.Totals, r.ByRule = a.say(c, was.Recipe), a.say(c, was.Kind), a.counts(was.Totals), a.counts(was.ByRule)
		for _, w := range was.What {
			r.What = append(r.What, a.say(c, w))
		}
	}
	r.Outcome, r.Reason, r.Entries = o.Outcome, o.Reason, []reportEntry{}
	c.list(r, &s.verdict, s.found, s.using, head, rep)
}

// say is a text of the parent as the successor may repeat it.
func (a *again) say(c *Collection, s string) string { return c.swept(a.session.Text(s)) }

// Withheld counts the entries of the parent that are not in the successor.
func (c *Collection) Withheld() (n int) {
	if c.again != nil {
		for _, s := range c.again.sources {
			n += len(s.hidden) + s.many
		}
	}
	return n
}
