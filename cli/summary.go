package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/upload"
)

// view is a bundle as people are shown it.
type view struct {
	manifest.Head
	withheld []collect.NotScanned
	sha256   string
	size     int64
	entries  int
}

// streamedView describes a bundle that went to a pipe.
func streamedView(s collect.Summary) *view {
	return &view{
		Head: manifest.Head{
			BundleID: s.BundleID, Name: s.Name, Host: s.Host, Window: s.Window,
			Outcomes: s.Outcomes, Redactions: countsByName(s.Redactions),
		},
		withheld: s.Withheld,
	}
}

// incomplete reports whether some source is not ok, empty or skipped.
func (v *view) incomplete() bool {
	return slices.ContainsFunc(v.Outcomes, func(o manifest.SourceOutcome) bool { return worthTelling(o.Outcome) })
}

// summary is the last thing said about a bundle: what it holds, what was
// hidden and left out, where it is. record is nil before it was delivered.
func (p *program) summary(v *view, record *upload.Record, out *output) string {
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	id := shortID(v.BundleID)
	local := record != nil && record.Endpoint == upload.Embedded
	switch {
	case local:
		b.WriteString("NOT SENT to anyone: kept on this machine (no endpoint is configured)\n")
	case record != nil:
		fmt.Fprintf(&b, "DELIVERED to %s, case %s\n", visible(record.Endpoint), visible(record.Case))
	}
	row("Bundle", "%s  %s, %s, sha256 %s", id, size(v.size), plural(int64(v.entries), "entry", "entries"), shortDigest(v.sha256))
	if out != nil && out.final != "" {
		row("File", "%s", p.short(out.final))
	}
	if v.Parent != nil {
		row("Parent", "%s, redacted again", shortID(visible(v.Parent.BundleID)))
	}
	row("Window", "%s", windowText(v.Window))
	row("Collected", "%s", outcomesText(v.Outcomes))
	for _, o := range v.Outcomes {
		if worthTelling(o.Outcome) {
			row("", "%s: %s%s", visible(o.Source), o.Outcome, because(o.Reason))
		}
	}
	if slices.ContainsFunc(v.Outcomes, func(o manifest.SourceOutcome) bool { return o.Outcome == manifest.Denied }) && notRoot() {
		row("", "some sources need more rights: run it as root, or with sudo")
	}
	row("Hidden", "%s", hiddenText(v.Redactions))
	for k, d := range decisions(v.Recipes) {
		row([]string{"Decided", ""}[min(k, 1)], "%s", visible(d))
	}
	if len(v.withheld) > 0 {
		row("Withheld", "%s", withheldText(v.withheld))
	}
	if record != nil {
		row("Receipt", "%s (verified)", p.short(record.Receipt))
		row("Look", "diagcollect %s", p.lookHint(record, id))
	}
	if local {
		row("To send", "diagcollect enroll --endpoint URL, then diagcollect upload %s", id)
	}
	return b.String()
}

// decisions lists what was decided on recipes beforehand, each once.
func decisions(recipes []manifest.RecipeRef) []string {
	var all []string
	for _, r := range recipes {
		for _, d := range r.Decisions {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}

func (p *program) lookHint(r *upload.Record, id string) string {
	if r.Kept != "" {
		return "show " + id
	}
	return "verify " + p.short(r.Receipt)
}

// shortDigest is enough of a digest to compare two by eye.
func shortDigest(hex string) string {
	if len(hex) < 20 {
		return hex
	}
	return hex[:12] + "..." + hex[len(hex)-4:]
}

// contents lists what each source gives, for somebody who is asked whether it
// may go.
func contents(v *view) string {
	var b strings.Builder
	for _, o := range v.Outcomes {
		if o.Entries > 0 {
			fmt.Fprintf(&b, "  %-16s %-14s %9s  %s\n", visible(o.Source), o.Type, size(o.Bytes), plural(int64(o.Entries), "entry", "entries"))
		}
	}
	return b.String()
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + visible(reason)
}

// windowText gives a span in local time and in UTC.
func windowText(w manifest.Window) string {
	if w.Since.IsZero() && w.Until.IsZero() {
		return "everything"
	}
	stamp := func(t time.Time, open string) (string, string) {
		if t.IsZero() {
			return open, open
		}
		return t.Local().Format("2006-01-02 15:04 MST"), t.UTC().Format("2006-01-02T15:04Z")
	}
	s1, s2 := stamp(w.Since, "the beginning")
	u1, u2 := stamp(w.Until, "now")
	if _, offset := time.Now().Zone(); offset == 0 {
		return fmt.Sprintf("%s to %s", s1, u1)
	}
	return fmt.Sprintf("%s to %s (UTC %s to %s)", s1, u1, s2, u2)
}

// outcomesText counts the outcomes, best first, and names the skipped.
func outcomesText(outcomes []manifest.SourceOutcome) string {
	names := map[manifest.Outcome][]string{}
	cut := 0
	for _, o := range outcomes {
		names[o.Outcome] = append(names[o.Outcome], visible(o.Source))
		if o.Cut > 0 {
			cut++
		}
	}
	order := []manifest.Outcome{
		manifest.OK, manifest.Empty, manifest.Skipped, manifest.Partial,
		manifest.Denied, manifest.Timeout, manifest.Failed, manifest.Withheld,
	}
	var parts []string
	for _, o := range order {
		n := len(names[o])
		switch {
		case n == 0:
		case o == manifest.Skipped:
			parts = append(parts, fmt.Sprintf("%d skipped (%s)", n, strings.Join(firstOnes(names[o], 4), ", ")))
		default:
			parts = append(parts, fmt.Sprintf("%d %s", n, o))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func firstOnes(names []string, most int) []string {
	if len(names) <= most+1 {
		return names
	}
	return append(slices.Clone(names[:most]), fmt.Sprintf("%d more", len(names)-most))
}

// hiddenText is "1,308 values: 1,204 ipv4, 88 username, ..." by count.
func hiddenText(counts map[string]int64) string {
	var total int64
	classes := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if counts[a] != counts[b] {
			return int(counts[b] - counts[a])
		}
		return strings.Compare(a, b)
	})
	var parts []string
	for _, c := range classes {
		if counts[c] > 0 {
			total += counts[c]
			parts = append(parts, count(counts[c])+" "+c)
		}
	}
	if total == 0 {
		return "nothing was found to hide"
	}
	return plural(total, "value", "values") + ": " + strings.Join(parts, ", ")
}

func withheldText(list []collect.NotScanned) string {
	var names []string
	for _, w := range list {
		names = append(names, fmt.Sprintf("%s (%s)", visible(w.Path), visible(w.Reason)))
	}
	return strings.Join(firstOnes(names, 5), ", ")
}
