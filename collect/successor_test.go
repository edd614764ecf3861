package collect

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

// rawEntry is one entry of a bundle that nobody redacted.
type rawEntry struct{ source, path, text, encoding string }

// rawBundle packs entries as they are.
func rawBundle(t *testing.T, change func(*manifest.Head, *string), entries ...rawEntry) ([]byte, *trust.AllowedSigners) {
	t.Helper()
	home, err := trust.OpenHome(filepath.Join(t.TempDir(), "home"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := home.Signer("")
	if err != nil {
		t.Fatal(err)
	}
	signers, err := home.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	w, err := manifest.NewWriter(manifest.WriterOptions{Scratch: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	sources := map[string]*manifest.SourceWriter{}
	for _, e := range entries {
		if sources[e.source] == nil {
			if sources[e.source], err = w.Source(e.source, manifest.Event); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := sources[e.source].Add(e.path, time.Unix(1e9, 0), strings.NewReader(e.text), func(n *manifest.Entry) { n.Encoding = e.encoding }); err != nil {
			t.Fatal(err)
		}
	}
	head := manifest.Head{
		BundleID: "0193f2c1-0000-7000-8000-000000000000", Name: "A-1_old_20260102T150405Z",
		Organisation: "default", Case: "A-1", Host: "old", Created: time.Unix(1e9, 0),
	}
	report := `{"version":1}`
	if change != nil {
		change(&head, &report)
	}
	var out bytes.Buffer
	if _, err := w.Finish(t.Context(), &out, head, []byte(report), key); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), signers
}

func openRaw(t *testing.T, r io.ReaderAt, size int, signers *trust.AllowedSigners) *manifest.Bundle {
	t.Helper()
	b, err := manifest.Open(r, int64(size), signers, manifest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func succeed(t *testing.T, j Job, change func(*manifest.Head, *string), entries ...rawEntry) *bundle {
	t.Helper()
	data, signers := rawBundle(t, change, entries...)
	c, err := Succeed(t.Context(), openRaw(t, bytes.NewReader(data), len(data), signers), j)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return finish(t, c)
}

func againJob(t *testing.T) Job {
	return Job{CaseKey: bytes.Repeat([]byte{7}, 32), Scratch: t.TempDir(), Version: "test"}
}

// Everything that a bundle says passes redaction on its way to the successor,
// whoever wrote it: names, texts of the manifest, keys and values of the
// report.
func TestSuccessorRepeatsNothingUnseen(t *testing.T) {
	mail, token := "ada.byron@post.example.net", "ghp_"+rand.Text()+rand.Text()[:10]
	b := succeed(t, againJob(t), func(h *manifest.Head, report *string) {
		h.Host = mail
		h.Outcomes = []manifest.SourceOutcome{{Source: "s-" + mail, Type: manifest.Event, Outcome: manifest.Partial, Reason: "gone with " + token, Cut: 7}}
		h.Recipes = []manifest.RecipeRef{{Name: "of " + mail, SHA256: token, Signer: mail, Trust: "flag", Decisions: []string{"said " + token}}}
		h.Window = manifest.Window{Since: time.Unix(9e8, 0).UTC()}
		*report = fmt.Sprintf(`{"version":1,"redactions":{"%[2]s":3,"email":4},"keep_requests":[{"recipe":"%[1]s","classes":["ipv4","%[1]s"]}],
			"sources":[{"source":"s-%[1]s","kind":"command","what":["curl -u %[1]s"],"recipe":"%[1]s","redactions":{"%[2]s":1},"entries":[]}],
			"not_scanned":[{"source":"%[1]s","path":"/home/%[1]s","reason":"token=%[2]s"}],"not_scanned_unlisted":2,"extra":"%[1]s"}`, mail, token)
	}, rawEntry{"s-" + mail, "to-" + mail + ".log", "by " + mail + "\nwith " + token + "\nplain line\n", ""})
	for what, s := range map[string]string{"report": b.raw, "manifest": fmt.Sprintf("%+v", *b.Head()), "texts": fmt.Sprint(b.text), "entries": fmt.Sprint(b.entries), "summary": fmt.Sprintf("%+v", b.summary)} {
		if strings.Contains(s, mail) || strings.Contains(s, token) {
			t.Errorf("%s: %s", what, s)
		}
	}
	h := b.Head()
	if len(h.Outcomes) != 1 || h.Outcomes[0].Outcome != manifest.Partial || h.Outcomes[0].Cut != 7 || h.Outcomes[0].Entries != 1 || !strings.HasPrefix(h.Outcomes[0].Reason, "gone with redacted-token-") {
		t.Errorf("outcomes: %+v", h.Outcomes)
	}
	if !h.Window.Since.Equal(time.Unix(9e8, 0)) || h.Redactions["email"] != 1 || h.Redactions["token"] != 1 {
		t.Errorf("window %v, redactions %v", h.Window, h.Redactions)
	}
	if totals := b.report["redactions"].(map[string]any); totals["email"] != 5.0 || len(totals) != 2 {
		t.Errorf("redactions in the report: %v", totals)
	}
	if b.report["not_scanned_unlisted"] != 2.0 || len(b.summary.Withheld) != 1 {
		t.Errorf("not scanned: %v and %v", b.report["not_scanned_unlisted"], b.summary.Withheld)
	}
}

func TestSuccessorHoldsToPolicy(t *testing.T) {
	blob := "\x7fELF" + strings.Repeat("\x00\x01\x02\x03", 400)
	entries := []rawEntry{
		{"app", "app.log", "from 10.1.2.3, ticket TCK-123456\n", ""},
		{"app", "core", blob, "binary"},
		{"app", "other", blob, ""},
	}
	policy := func(text string) *Policy {
		y, err := ParsePolicy("policy.yaml", []byte("policy: 1\nname: acme\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	rules := `rules:
  - {id: ticket, class: token, pattern: 'TCK-(?P<mask>\d{6})', match: ["TCK-123456"], pass: ["TCK-12"]}
`
	for _, c := range []struct {
		name     string
		policy   *Policy
		keep     []redact.Class
		log      string // what the log begins with
		ticket   bool   // is left
		entries  int
		withheld int
	}{
		{"none", nil, nil, "from ip4-", true, 1, 2},
		{"a class kept", nil, []redact.Class{redact.IPv4}, "from 10.1.2.3,", true, 1, 2},
		{"recipes may keep, and none asks", policy("keep: [ipv4]\n"), nil, "from ip4-", true, 1, 2},
		{"binary may stay", policy("binary: keep\n"), nil, "from ip4-", true, 2, 1},
		{"a rule of the policy", policy(rules), nil, "from ip4-", false, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := againJob(t)
			j.Keep = c.keep
			if c.policy != nil {
				j.Policies = []*Policy{c.policy}
			}
			data, signers := rawBundle(t, nil, entries...)
			col, err := Succeed(t.Context(), openRaw(t, bytes.NewReader(data), len(data), signers), j)
			if err != nil {
				t.Fatal(err)
			}
			defer col.Close()
			if col.Withheld() != c.withheld {
				t.Errorf("%d withheld, want %d", col.Withheld(), c.withheld)
			}
			b := finish(t, col)
			log := b.text["data/app/app.log"]
			if !strings.HasPrefix(log, c.log) || strings.Contains(log, "TCK-123456") != c.ticket || len(b.entries) != c.entries {
				t.Errorf("%d entries, %q", len(b.entries), log)
			}
			if core, ok := b.text["data/app/core"]; ok && core != blob {
				t.Errorf("what is no text was changed: %q", core)
			}
			if o := b.outcome(t, "app"); o.Outcome != manifest.Withheld || o.Entries != c.entries {
				t.Errorf("outcome %+v", o)
			}
		})
	}
	j := againJob(t)
	j.Keep, j.Policies = []redact.Class{redact.IPv4}, []*Policy{policy("never_keep: [ipv4]\n")}
	data, signers := rawBundle(t, nil, entries...)
	if _, err := Succeed(t.Context(), openRaw(t, bytes.NewReader(data), len(data), signers), j); err == nil {
		t.Error("a class that the policy forbids was kept")
	}
}

// A bundle that cannot be read to its end has no successor, and neither has
// one whose making is called off.
func TestSuccessorFailsClosed(t *testing.T) {
	var entries []rawEntry
	for i := range 30 {
		entries = append(entries, rawEntry{"app", fmt.Sprintf("%02d.log", i), strings.Repeat(fmt.Sprintf("line %d of it\n", i), 40_000), ""})
	}
	data, signers := rawBundle(t, nil, entries...)
	fault := errors.New("disk gone")
	f := &faulty{b: data}
	b := openRaw(t, f, len(data), signers)
	f.after, f.err = 5, fault
	if _, err := Succeed(t.Context(), b, againJob(t)); !errors.Is(err, fault) {
		t.Errorf("a fault in mid-read: %v", err)
	}
	f = &faulty{b: data}
	b = openRaw(t, f, len(data), signers)
	f.after, f.flip = 5, true
	if _, err := Succeed(t.Context(), b, againJob(t)); !errors.Is(err, manifest.ErrNotAuthentic) {
		t.Errorf("changed in the meantime: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	j := againJob(t)
	j.Progress = func(Progress) { cancel() }
	if _, err := Succeed(ctx, openRaw(t, bytes.NewReader(data), len(data), signers), j); !errors.Is(err, context.Canceled) {
		t.Errorf("called off: %v", err)
	}
	for _, report := range []string{`{"version":2}`, `[]`, `{"version":1,"sources":7}`} {
		data, signers := rawBundle(t, func(_ *manifest.Head, r *string) { *r = report }, entries[0])
		if _, err := Succeed(t.Context(), openRaw(t, bytes.NewReader(data), len(data), signers), againJob(t)); err == nil || !strings.Contains(err.Error(), "report.json") {
			t.Errorf("%s: %v", report, err)
		}
	}
}

// faulty is a file that fails, or lies, after some reads.
type faulty struct {
	b     []byte
	after int
	err   error
	flip  bool
}

func (f *faulty) ReadAt(p []byte, at int64) (int, error) {
	n, err := bytes.NewReader(f.b).ReadAt(p, at)
	if f.err == nil && !f.flip {
		return n, err
	}
	if f.after--; f.after >= 0 {
		return n, err
	}
	if f.flip {
		p[0] ^= 1
		return n, err
	}
	return 0, f.err
}
