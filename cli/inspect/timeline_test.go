package inspect

import (
	"cmp"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

func merge(t testing.TB, tl *Timeline, packs ...packed) ([]string, *Merged) {
	t.Helper()
	var bundles []*manifest.Bundle
	var hosts []*Host
	for _, p := range packs {
		b := p.open(t)
		h, err := HostOf(b)
		if err != nil {
			t.Fatal(err)
		}
		bundles, hosts = append(bundles, b), append(hosts, h)
	}
	var out []string
	m, err := tl.Run(t.Context(), bundles, hosts, func(m *Moment) error {
		out = append(out, fmt.Sprintf("%s %s/%s:%d:%s", m.Time.UTC().Format("15:04:05.000"), bundles[m.Bundle].Head().Host, m.Entry.Path, m.Number, m.Text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, m
}

func TestTimelineOfTwoHosts(t *testing.T) {
	web := pack(t, manifest.Head{Host: "web-1"},
		text("app", manifest.Event, "app.log", "starting\n2026-01-02 15:00:01,000 INFO up\n2026-01-02 15:00:03,000 ERROR no\n\tat A.b(A.java:1)\n\tat A.c(A.java:2)\n2026-01-02 15:00:09,500 INFO end"),
		text("sys", manifest.Event, "syslog", "Jan  2 15:00:02 web-1 a: two\nJan  2 15:00:04 web-1 a: four\n"),
		text("none", manifest.Event, "none.log", "no time in here\n"),
		text("host", manifest.State, "os.jsonl", `{"os":"linux","bootTime":1767362400,"zone":"CET","utcOffset":3600}`+"\n"),
		text("dmesg", manifest.Alert, "dmesg", "[    2.500000] usb\n"),
		text("chrony", manifest.State, "tracking", "Reference ID    : 1\nSystem time     : 0.250000000 seconds slow of NTP time\n"))
	db := pack(t, manifest.Head{Host: "db-1"},
		text("pg", manifest.Event, "pg.log", "2026-01-02 14:00:02.500 UTC [1] LOG: x\n2026-01-02 14:00:01.500 UTC [1] LOG: back\n2026-01-02 14:00:05 UTC [1] LOG: y\n"))
	events := func(e *manifest.Entry) bool { return e.Type == manifest.Event || e.Type == manifest.Alert }
	got, m := merge(t, &Timeline{Want: events}, web, db)
	want := []string{
		"14:00:01.000 web-1/data/app/app.log:1:starting",
		"14:00:01.000 web-1/data/app/app.log:2:2026-01-02 15:00:01,000 INFO up",
		"14:00:02.000 web-1/data/sys/syslog:1:Jan  2 15:00:02 web-1 a: two",
		"14:00:02.500 web-1/data/dmesg/dmesg:1:[    2.500000] usb",
		"14:00:02.500 db-1/data/pg/pg.log:1:2026-01-02 14:00:02.500 UTC [1] LOG: x",
		"14:00:01.500 db-1/data/pg/pg.log:2:2026-01-02 14:00:01.500 UTC [1] LOG: back",
		"14:00:03.000 web-1/data/app/app.log:3:2026-01-02 15:00:03,000 ERROR no",
		"14:00:03.000 web-1/data/app/app.log:4:\tat A.b(A.java:1)",
		"14:00:03.000 web-1/data/app/app.log:5:\tat A.c(A.java:2)",
		"14:00:04.000 web-1/data/sys/syslog:2:Jan  2 15:00:04 web-1 a: four",
		"14:00:05.000 db-1/data/pg/pg.log:3:2026-01-02 14:00:05 UTC [1] LOG: y",
		"14:00:09.500 web-1/data/app/app.log:6:2026-01-02 15:00:09,500 INFO end",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m.Entries != 4 || m.Left != 1 || m.Backwards != 1 || !slices.Equal(m.Timeless, []string{"data/none/none.log"}) {
		t.Errorf("%+v", m)
	}
	h, err := HostOf(web.open(t))
	if err != nil || h.Ahead != -250*time.Millisecond || h.AheadBy != "data/chrony/tracking" {
		t.Errorf("clock %v by %q, %v", h.Ahead, h.AheadBy, err)
	}

	got, _ = merge(t, &Timeline{Want: events, Level: Error}, web, db)
	if !slices.Equal(got, want[6:9]) {
		t.Errorf("errors: %q", got)
	}
	at := func(s string) time.Time {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	got, _ = merge(t, &Timeline{Want: events, Since: at("2026-01-02T14:00:04Z"), Until: at("2026-01-02T14:00:05Z")}, web, db)
	if !slices.Equal(got, want[9:11]) {
		t.Errorf("a window: %q", got)
	}
}

// TestTimelineIsTheSortedLines: many entries, small and large, with long lines,
// that overlap so much that their windows shrink, give what sorting gives.
func TestTimelineIsTheSortedLines(t *testing.T) {
	type line struct {
		at    time.Time
		entry int
		text  string
	}
	rng := mrand.New(mrand.NewPCG(9, 9))
	var want []line
	var files []file
	for i := range 60 {
		at := testTime.Add(time.Duration(rng.IntN(1000)) * time.Second)
		var b strings.Builder
		size := 20_000
		if i%10 == 0 {
			size = 6 << 20
		}
		n := 0
		for b.Len() < size {
			n++
			at = at.Add(time.Duration(rng.IntN(3000)) * time.Millisecond)
			text := fmt.Sprintf("%s INFO %d %s", at.Format("2006-01-02T15:04:05.000Z"), i, strings.Repeat("x", rng.IntN(300)))
			if rng.IntN(200) == 0 {
				text += strings.Repeat("y", 20_000)
			}
			if rng.IntN(10) == 0 {
				text += "\n  more of it"
			}
			for part := range strings.SplitSeq(text, "\n") {
				want = append(want, line{at.Truncate(time.Millisecond), i, part})
				b.WriteString(part + "\n")
			}
		}
		f := text("app", manifest.Event, fmt.Sprintf("%03d.log", i), b.String())
		f.mtime = at
		files = append(files, f)
	}
	slices.SortStableFunc(want, func(a, b line) int { return a.at.Compare(b.at) })
	b := pack(t, manifest.Head{}, files...).open(t)
	i := 0
	last := want[0].at
	var got []line
	_, err := (&Timeline{ahead: 6 << 20}).Run(t.Context(), []*manifest.Bundle{b}, []*Host{{}}, func(m *Moment) error {
		if m.Time.Before(last) {
			t.Fatalf("line %d is of %v, after one of %v", i, m.Time, last)
		}
		last = m.Time
		i++
		var entry int
		fmt.Sscanf(m.Entry.Path, "data/app/%03d.log", &entry)
		got = append(got, line{m.Time, entry, string(m.Text)})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// Lines of one moment may come in either order of their entries.
	order := func(a, b line) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.entry, b.entry)) }
	slices.SortStableFunc(want, order)
	slices.SortStableFunc(got, order)
	if len(got) != len(want) {
		t.Fatalf("%d lines, want %d", len(got), len(want))
	}
	for i := range got {
		if got[i].text != want[i].text || !got[i].at.Equal(want[i].at) || got[i].entry != want[i].entry {
			t.Fatalf("line %d is %.80q of %d at %v, want %.80q of %d at %v", i, got[i].text, got[i].entry, got[i].at, want[i].text, want[i].entry, want[i].at)
		}
	}
}

func TestLevels(t *testing.T) {
	for line, want := range map[string]Level{
		"2026-01-02 ERROR no":                Error,
		"level=warn msg=x":                   Warning,
		`{"level":"error"}`:                  Error,
		"E0102 15:04:05.1 1 a.go:1] x":       Error,
		"W0102 15:04:05.1 1 a.go:1] x":       Warning,
		"warning: then an error":             Error,
		"0 errors, terror, error_count=3":    Other,
		"INFO all is well":                   Other,
		"kernel: Kernel panic - not syncing": Error,
		"":                                   Other,
	} {
		if got := levelOf([]byte(line)); got != want {
			t.Errorf("%q: %d, want %d", line, got, want)
		}
	}
}
