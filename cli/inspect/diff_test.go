package inspect

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/diagcollect/diagcollect/manifest"
)

// diffOf describes what differs.
func diffOf(t *testing.T, a, b packed) (out []string, same int) {
	t.Helper()
	d := &Diff{Old: a.open(t), New: b.open(t), Context: 1}
	for _, h := range d.Heads() {
		out = append(out, fmt.Sprintf("%s: %s, %s", h.What, h.Old, h.New))
	}
	for _, o := range d.Outcomes() {
		out = append(out, fmt.Sprintf("%s: %v, %v", o.Source, o.Old != nil, o.New != nil))
	}
	same, err := d.Entries(t.Context(), func(c *Change) error {
		e := c.New
		op := "~"
		if c.Old == nil {
			op = "+"
		} else if c.New == nil {
			op, e = "-", c.Old
		}
		line := op + e.Path
		if c.Counted {
			line += fmt.Sprint(c.OldCount, c.NewCount)
		}
		if c.Note != "" {
			line += " " + c.Note
		}
		out = append(out, strings.Join(append([]string{line}, c.Lines...), "\n"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, same
}

func TestDiff(t *testing.T) {
	long := strings.Repeat("0123456789abcdef\n", 300_000)
	lines := func(mark string) string {
		var b strings.Builder
		for i := range 5000 {
			fmt.Fprintln(&b, mark, i)
		}
		return b.String()
	}
	outcome := func(o manifest.Outcome) []manifest.SourceOutcome {
		return []manifest.SourceOutcome{{Source: "app", Type: manifest.Event, Outcome: o}, {Source: "conf", Type: manifest.Configuration, Outcome: manifest.OK}}
	}
	a := pack(t, manifest.Head{Host: "web-1", Tool: manifest.Tool{Name: "diagcollect", Version: "1", Rules: "1"}, PseudonymKey: "k1", Outcomes: outcome(manifest.OK)},
		text("app", manifest.Event, "a.log", "INFO ok\nERROR no\n"),
		text("app", manifest.Event, "gone.log", "ERROR no\nWARN hm\nERROR last without end"),
		text("app", manifest.Event, "same.log", "x\n"),
		text("conf", manifest.Configuration, "a.ini", "one\ntwo\nthree\nfour\nfive\npassword = redacted-password-7k2mq4xd9wpa\n"),
		text("conf", manifest.Configuration, "secret.ini", "password = redacted-password-7k2mq4xd9wpa\n"),
		text("conf", manifest.Configuration, "user.ini", "user = redacted-username-7k2mq4xd9wpa\n"),
		text("conf", manifest.Configuration, "end.ini", "x\n"),
		text("conf", manifest.Configuration, "long.ini", long),
		text("conf", manifest.Configuration, "other.ini", lines("old")))
	b := pack(t, manifest.Head{Host: "web-1", Tool: manifest.Tool{Name: "diagcollect", Version: "2", Rules: "1"}, PseudonymKey: "k1", Outcomes: outcome(manifest.Denied)[:1]},
		text("app", manifest.Event, "a.log", "INFO ok\nERROR no\nERROR again\nwarning: low\n"),
		text("app", manifest.Event, "fresh.log", "fatal: x\n"),
		text("app", manifest.Event, "same.log", "x\n"),
		text("conf", manifest.Configuration, "a.ini", "one\ntwo\nTHREE\nfour\nfive\npassword = redacted-password-aaaaaaaaaaaa\n"),
		text("conf", manifest.Configuration, "secret.ini", "password = redacted-password-aaaaaaaaaaaa\n"),
		text("conf", manifest.Configuration, "user.ini", "user = redacted-username-bbbbbbbbbbbb\n"),
		text("conf", manifest.Configuration, "end.ini", "x"),
		text("conf", manifest.Configuration, "long.ini", long+"x\n"),
		text("conf", manifest.Configuration, "other.ini", lines("new")))
	got, same := diffOf(t, a, b)
	want := []string{
		"tool: diagcollect 1, diagcollect 2",
		"app: true, true",
		"conf: true, false",
		"~data/conf/a.ini\n@@ -2,3 +2,3 @@\n two\n-three\n+THREE\n four",
		"~data/conf/end.ini only the end of its last line differs",
		"~data/conf/long.ini longer than 4 MiB, not compared line by line",
		"~data/conf/other.ini more than 2000 lines differ",
		"~data/conf/user.ini\n@@ -1 +1 @@\n-user = redacted-username-7k2mq4xd9wpa\n+user = redacted-username-bbbbbbbbbbbb",
		"~data/app/a.log{1 0} {2 1}",
		"+data/app/fresh.log{0 0} {1 0}",
		"-data/app/gone.log{2 1} {0 0}",
	}
	if d := cmp.Diff(want, got); d != "" || same != 2 {
		t.Errorf("%d the same; want -, got +:\n%s", same, d)
	}
	if got, same := diffOf(t, a, a); len(got) > 0 || same != 9 {
		t.Errorf("a bundle and itself: %q, %d the same", got, same)
	}

	// Under another key no pseudonym tells whether two values are the same.
	x := pack(t, manifest.Head{PseudonymKey: "k1"}, text("conf", manifest.Configuration, "u", "user redacted-username-7k2mq4xd9wpa at ip4-a3.7f.02.c9\n"))
	y := pack(t, manifest.Head{PseudonymKey: "k2"}, text("conf", manifest.Configuration, "u", "user redacted-username-bbbbbbbbbbbb at ip4-00.7f.02.c9\n"))
	if got, same := diffOf(t, x, y); !slices.Equal(got, []string{"pseudonym key: k1, k2"}) || same != 1 {
		t.Errorf("two keys: %q, %d the same", got, same)
	}
}
