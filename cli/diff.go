package cli

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/manifest"
)

func (p *program) diffCommand() *cli.Command {
	return &cli.Command{
		Name:      "diff",
		Usage:     "compare two bundles",
		ArgsUsage: "OLD NEW",
		Description: "Tells what differs in host, tool and recipes, in what became of sources, and in the entries:\n" +
			"configuration and state line by line, of events and alerts how many lines speak of errors\n" +
			"and warnings. Pseudonyms of secrets differ from bundle to bundle and count as the same.\n" +
			"Exit code 0: nothing differs, 1: something does, or it failed (which is told).\n\nEXAMPLES:\n" +
			"   diagcollect diff before.tar.zst after.tar.zst\n" +
			"   diagcollect diff --type configuration 0193f2c1 0193f7d4\n" +
			"   diagcollect diff web-1.tar.zst web-2.tar.zst --json | jq '.outcomes'",
		Flags: p.withState(append(append([]cli.Flag{
			askFlag("context", "print `N` lines around each change; default: 3", "C"),
		}, entryFlags()...), trustFlags()...)...),
		Action: p.do(p.diff),
	}
}

// diffEntry is one entry of diff --json.
type diffEntry struct {
	Entry   string       `json:"entry"`
	Source  string       `json:"source"`
	Type    string       `json:"type"`
	Change  string       `json:"change"` // added, removed, changed
	OldSize *int64       `json:"old_size"`
	NewSize *int64       `json:"new_size"`
	Old     *levelCounts `json:"old,omitempty"` // of events and alerts
	New     *levelCounts `json:"new,omitempty"`
	Diff    []string     `json:"diff,omitempty"` // unified, of configuration and state
	Note    string       `json:"note,omitempty"`
}

type levelCounts struct {
	Errors   int64 `json:"errors"`
	Warnings int64 `json:"warnings"`
}

type diffSide struct {
	Bundle  string `json:"bundle_id"`
	Host    string `json:"host"`
	Created string `json:"created"`
}

type headChange struct {
	What string `json:"what"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

type outcomeChange struct {
	Source    string `json:"source"`
	Old       string `json:"old"` // "": it was not asked for
	New       string `json:"new"`
	OldReason string `json:"old_reason,omitempty"`
	NewReason string `json:"new_reason,omitempty"`
}

func (p *program) diff(c *cli.Context) error {
	if c.NArg() == 1 {
		return usageError("the new bundle is missing").withHint("%s", usageLine(c))
	}
	if err := operands(c, 2, 2, "the old bundle"); err != nil {
		return err
	}
	around := 3
	if c.String("context") != "" {
		var err error
		if around, err = smallNumber(c, "context"); err != nil {
			return err
		}
	}
	both, closeAll, err := p.openBundles(c, 0)
	if err != nil {
		return err
	}
	defer closeAll()
	d := &inspect.Diff{Old: both[0].Bundle, New: both[1].Bundle, Context: around}
	if d.Want, err = wanted(c, both); err != nil {
		return err
	}
	out := p.newResults("entries")
	v := &diffing{p: p, out: out}
	v.heads(both, d)
	counts := map[string]int{}
	levels := map[string]int64{}
	same, err := d.Entries(p.ctx, func(ch *inspect.Change) error {
		e := diffed(ch)
		counts[e.Change]++
		if e.Old != nil {
			levels["old errors"] += e.Old.Errors
			levels["new errors"] += e.New.Errors
			levels["old warnings"] += e.Old.Warnings
			levels["new warnings"] += e.New.Warnings
		}
		v.differs = true
		if p.asJSON {
			return out.add(e)
		}
		v.entry(e)
		return nil
	})
	if err == nil && !p.asJSON && !p.quiet {
		v.printf("\nEntries     %d added, %d removed, %d changed, %d the same\n", counts["added"], counts["removed"], counts["changed"], same)
		if len(levels) > 0 {
			v.printf("Errors      %s -> %s lines of those events, warnings %s -> %s\n", count(levels["old errors"]), count(levels["new errors"]), count(levels["old warnings"]), count(levels["new warnings"]))
		}
	}
	if !p.asJSON {
		err = errors.Join(err, out.out.Flush())
	}
	if err != nil {
		return fmt.Errorf("%s, %s: %w", visible(both[0].path), visible(both[1].path), err)
	}
	out.rest["same"] = same
	if v.differs {
		p.code = exitFailed // as diff does, without a word
	}
	return nil
}

// diffed makes of a change what is told of it.
func diffed(ch *inspect.Change) diffEntry {
	var e diffEntry
	for _, side := range []struct {
		entry *manifest.Entry
		size  **int64
	}{{ch.Old, &e.OldSize}, {ch.New, &e.NewSize}} {
		if side.entry != nil {
			e.Entry, e.Source, e.Type = side.entry.Path, side.entry.Source, string(side.entry.Type)
			*side.size = &side.entry.Size
		}
	}
	switch {
	case ch.Old == nil:
		e.Change = "added"
	case ch.New == nil:
		e.Change = "removed"
	default:
		e.Change = "changed"
	}
	if ch.Counted {
		e.Old, e.New = &levelCounts{ch.OldCount.Errors, ch.OldCount.Warnings}, &levelCounts{ch.NewCount.Errors, ch.NewCount.Warnings}
	}
	e.Diff, e.Note = ch.Lines, ch.Note
	return e
}

// diffing prints what differs.
type diffing struct {
	p       *program
	out     *results
	differs bool
}

// printf writes to the result; an error is kept by its writer, for Flush.
func (v *diffing) printf(format string, args ...any) {
	if !v.p.asJSON && !v.p.quiet {
		fmt.Fprintf(v.out.out, format, args...)
	}
}

func (v *diffing) heads(both []*opened, d *inspect.Diff) {
	side := func(o *opened) diffSide {
		h := o.Head()
		return diffSide{h.BundleID, h.Host, h.Created.UTC().Format(time.RFC3339)}
	}
	a, b := side(both[0]), side(both[1])
	shown := v.p.shown
	v.printf("Old         %s of %s, %s\nNew         %s of %s, %s\n", shown(a.Bundle), shown(a.Host), a.Created, shown(b.Bundle), shown(b.Host), b.Created)
	changes, outcomes := []headChange{}, []outcomeChange{}
	for _, h := range d.Heads() {
		changes = append(changes, headChange(h))
		v.printf("%-11s %s -> %s\n", shown(strings.ToUpper(h.What[:1])+h.What[1:]), shown(h.Old), shown(h.New))
	}
	title := "Outcomes"
	for _, o := range d.Outcomes() {
		c := outcomeChange{Source: o.Source}
		if o.Old != nil {
			c.Old, c.OldReason = string(o.Old.Outcome), o.Old.Reason
		}
		if o.New != nil {
			c.New, c.NewReason = string(o.New.Outcome), o.New.Reason
		}
		outcomes = append(outcomes, c)
		tell := func(outcome, reason string) string {
			if outcome == "" {
				return "not asked for"
			}
			return shown(outcome) + shown(because(reason))
		}
		v.printf("%-11s %s: %s -> %s\n", title, shown(o.Source), tell(c.Old, c.OldReason), tell(c.New, c.NewReason))
		title = ""
	}
	v.differs = len(changes)+len(outcomes) > 0
	v.out.rest["old"], v.out.rest["new"] = a, b
	v.out.rest["changes"], v.out.rest["outcomes"] = changes, outcomes
}

// entry prints one entry that differs.
func (v *diffing) entry(e diffEntry) {
	if v.p.quiet {
		return
	}
	paint, shown := v.p.paintOut, v.p.shown
	path := shown(e.Entry)
	about := func(n *int64, counts *levelCounts) string {
		text := size(*n)
		if counts != nil {
			text += fmt.Sprintf(", %s, %s", plural(counts.Errors, "error", "errors"), plural(counts.Warnings, "warning", "warnings"))
		}
		return text
	}
	switch e.Change {
	case "added":
		v.printf("\n%s  (%s)\n", paint("32", "+ "+path), about(e.NewSize, e.New))
	case "removed":
		v.printf("\n%s  (%s)\n", paint("31", "- "+path), about(e.OldSize, e.Old))
	default:
		v.printf("\n%s  (%s -> %s)\n", paint("33", "~ "+path), about(e.OldSize, e.Old), about(e.NewSize, e.New))
	}
	if e.Note != "" {
		v.printf("%s\n", e.Note)
	}
	if len(e.Diff) > 0 {
		v.printf("--- old/%s\n+++ new/%s\n", path, path)
	}
	for _, line := range e.Diff {
		colour := map[byte]string{'-': "31", '+': "32", '@': "36"}[line[0]]
		if v.p.outTerminal {
			line = visibleTabs(bytes.TrimSuffix([]byte(line), []byte("\r")))
		}
		if colour != "" {
			line = paint(colour, line)
		}
		v.printf("%s\n", line)
	}
}
