package collect

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

// recipeOf parses the sources of a test.
func recipeOf(t *testing.T, sources ...string) TrustedRecipe {
	t.Helper()
	text := "recipe: 1\nname: test\nlimits: {timeout: 20s}\ncollect:\n"
	for _, s := range sources {
		text += "  - " + s + "\n"
	}
	return parsed(t, text)
}

func parsed(t *testing.T, text string) TrustedRecipe {
	t.Helper()
	r, err := ParseRecipe("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return TrustedRecipe{Recipe: r, Trust: "flag"}
}

func jobOf(t *testing.T, recipes ...TrustedRecipe) Job {
	t.Helper()
	return Job{
		Case: "TEST-1", Organisation: "default", CaseKey: bytes.Repeat([]byte{7}, 32),
		Recipes: recipes, Scratch: t.TempDir(), Version: "test",
	}
}

// bundle is a finished and verified bundle.
type bundle struct {
	*manifest.Bundle
	text    map[string]string // path to content
	entries map[string]manifest.Entry
	report  map[string]any
	raw     string // report.json
	summary Summary
}

func (b *bundle) outcome(t *testing.T, id string) manifest.SourceOutcome {
	t.Helper()
	for _, o := range b.Head().Outcomes {
		if o.Source == id {
			return o
		}
	}
	t.Fatalf("no outcome of %s", id)
	return manifest.SourceOutcome{}
}

// finish packs a collection and reads it back with everything proven.
func finish(t *testing.T, c *Collection) *bundle {
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
	var out bytes.Buffer
	res, err := c.Pack(t.Context(), &out, key)
	if err != nil {
		t.Fatal(err)
	}
	if int64(out.Len()) != res.Size {
		t.Fatalf("%d bytes of %d", out.Len(), res.Size)
	}
	mb, err := manifest.Open(bytes.NewReader(out.Bytes()), res.Size, signers, manifest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := mb.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bundle{Bundle: mb, text: map[string]string{}, entries: map[string]manifest.Entry{}, summary: c.Summary()}
	for e, err := range mb.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		r, err := mb.Content(e)
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		b.text[e.Path], b.entries[e.Path] = string(data), e
	}
	raw, err := mb.Report()
	if err != nil {
		t.Fatal(err)
	}
	b.raw = string(raw)
	if err := json.Unmarshal(raw, &b.report); err != nil {
		t.Fatal(err)
	}
	if b.summary.BundleID != mb.Head().BundleID || b.summary.Entries != len(b.text) {
		t.Fatalf("summary %+v", b.summary)
	}
	return b
}

// everything is all text of a bundle, to look for what must not be in it.
func (b *bundle) everything(t *testing.T) string {
	t.Helper()
	var s strings.Builder
	for p, text := range b.text {
		s.WriteString(p + "\n" + text)
	}
	s.WriteString(b.raw)
	m, err := io.ReadAll(b.ManifestJSON())
	if err != nil {
		t.Fatal(err)
	}
	s.Write(m)
	return s.String()
}

func runJob(t *testing.T, j Job) *bundle {
	t.Helper()
	c, err := Run(t.Context(), j)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		empty(t, j.Scratch)
	}()
	return finish(t, c)
}

// empty holds that nothing was left behind in a folder.
func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("left in %s: %v", dir, left)
	}
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// at is where a file stands in a bundle.
func at(source, path string) string { return "data/" + source + path }

// A password known from one file is hidden in another that was written
// before, in an error output, in a file's name, and in the report.
func TestFoundOnceRemovedEverywhere(t *testing.T) {
	pw := secret(t)
	dir := t.TempDir()
	early := strings.Repeat("2026-11-01 INFO worker done\n", 5000) + "ERROR upstream rejected " + pw + " twice\n"
	write(t, filepath.Join(dir, "a.log"), early)
	write(t, filepath.Join(dir, "dump-"+pw+".log"), "hello\n")
	write(t, filepath.Join(dir, "z.ini"), "[db]\nuser = app\npassword = "+pw+"\n")
	b := runJob(t, jobOf(t, recipeOf(t,
		`{id: logs, type: event, files: ["`+dir+`/*.log"]}`,
		`{id: cmd, type: event, command: [sh, -c, "echo out `+pw+`; echo refused `+pw+` >&2; exit 3"]}`,
		`{id: late, type: event, files: ["`+dir+`/*.ini"]}`,
	)))
	if all := b.everything(t); strings.Contains(all, pw) {
		i := strings.Index(all, pw)
		t.Fatalf("it stands: %q", all[max(0, i-200):i+20])
	}
	if !strings.Contains(b.text[at("logs", dir+"/a.log")], "upstream rejected ") {
		t.Error("the line itself was lost")
	}
	if o := b.outcome(t, "cmd"); o.Outcome != manifest.Partial || !strings.Contains(o.Reason, "exit status 3: refused ") || o.Entries != 2 {
		t.Errorf("%+v", o)
	}
	var sum int64
	for _, e := range b.entries {
		for _, n := range e.Redactions {
			sum += n
		}
	}
	var head int64
	for _, n := range b.Head().Redactions {
		head += n
	}
	if sum == 0 || head < sum {
		t.Errorf("%d in entries, %d in the head", sum, head)
	}
}

func TestEachSourceHasOneOutcome(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("uses a Unix shell")
	}
	dir := t.TempDir()
	write(t, dir+"/ok.log", "a line\n")
	write(t, dir+"/empty.log", "")
	old := write(t, dir+"/old.log", "old\n")
	past := time.Now().Add(-100 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/app.bin", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 500))
	write(t, dir+"/script", "#!/bin/sh\n")
	r := recipeOf(t,
		`{id: ok, type: event, files: [`+dir+`/ok.log]}`,
		`{id: empty, type: event, files: [`+dir+`/empty.log]}`,
		`{id: old, type: event, since: 1d, files: [`+dir+`/old.log]}`,
		`{id: old-config, type: configuration, since: 1d, files: [`+dir+`/old.log]}`,
		`{id: none, type: event, files: [`+dir+`/none*, /nowhere/at/all/*]}`,
		`{id: binary, type: event, files: [`+dir+`/*.bin]}`,
		`{id: silent, type: state, command: ["true"]}`,
		`{id: absent, type: state, command: [no-such-program-here]}`,
		`{id: fails, type: state, command: [sh, -c, "echo why >&2; exit 9"]}`,
		`{id: fails-optional, type: state, optional: true, command: [sh, -c, "echo why >&2; exit 9"]}`,
		`{id: half-optional, type: state, optional: true, command: [sh, -c, "echo some; exit 9"]}`,
		`{id: half, type: state, command: [sh, -c, "echo some; exit 9"]}`,
		`{id: denied, type: state, command: ["`+dir+`/script"]}`,
		`{id: slow, type: state, limits: {timeout: 300ms}, command: [sh, -c, "echo begun; sleep 60"]}`,
		`{id: long, type: state, limits: {file: 1KiB}, command: [seq, 1, 5000]}`,
		`{id: long-head, type: state, limits: {file: 1KiB, keep: head}, command: ["yes"]}`,
	)
	var mu sync.Mutex
	done := map[string]manifest.Outcome{}
	j := jobOf(t, r)
	j.Progress = func(p Progress) {
		mu.Lock()
		defer mu.Unlock()
		if p.Done {
			if _, twice := done[p.Source]; twice {
				t.Errorf("%s ended twice", p.Source)
			}
			done[p.Source] = p.Outcome
		}
	}
	b := runJob(t, j)
	for id, want := range map[string]struct {
		outcome manifest.Outcome
		reason  string
	}{
		"ok":             {manifest.OK, ""},
		"empty":          {manifest.Empty, ""},
		"old":            {manifest.Empty, "nothing changed in the window (1 older)"},
		"old-config":     {manifest.OK, ""},
		"none":           {manifest.Skipped, "no such file"},
		"binary":         {manifest.Withheld, "app.bin: "},
		"silent":         {manifest.Empty, ""},
		"absent":         {manifest.Skipped, "no-such-program-here is not here"},
		"fails":          {manifest.Failed, "sh: exit status 9: why"},
		"fails-optional": {manifest.Skipped, "sh: exit status 9: why"},
		"half-optional":  {manifest.OK, "sh: exit status 9"},
		"half":           {manifest.Partial, "sh: exit status 9"},
		"denied":         {manifest.Denied, "permission denied"},
		"slow":           {manifest.Timeout, "killed after 300ms"},
		"long":           {manifest.Partial, "stdout: newest 1 KiB of "},
		"long-head":      {manifest.Partial, "stdout: first 1 KiB"},
	} {
		o := b.outcome(t, id)
		if o.Outcome != want.outcome || !strings.Contains(o.Reason, want.reason) || want.reason == "" && o.Reason != "" {
			t.Errorf("%s: %+v", id, o)
		}
		if done[id] != want.outcome {
			t.Errorf("%s: progress ended with %q", id, done[id])
		}
	}
	if b.text["data/slow/stdout"] != "begun\n" {
		t.Errorf("slow: %q", b.text["data/slow/stdout"])
	}
	if s := b.text["data/long/stdout"]; !strings.HasSuffix(s, "\n4999\n5000\n") || len(s) > 1024 || s[0] == '\n' {
		t.Errorf("long: %q", s)
	}
	if len(b.summary.Withheld) != 1 || !strings.HasSuffix(b.summary.Withheld[0].Path, "app.bin") {
		t.Errorf("withheld: %+v", b.summary.Withheld)
	}
	if ns, err := ReportNotScanned([]byte(b.raw)); err != nil || !slices.Equal(ns, b.summary.Withheld) {
		t.Errorf("%v %v", ns, err)
	}
}

// The host's own name and the people on it are nowhere in the bundle.
func TestOwnIdentityIsHidden(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	host, _, _ = strings.Cut(host, ".")
	if everyday(host) {
		host = ""
	}
	dir := t.TempDir()
	write(t, dir+"/a.log", "kernel on "+host+" said hello\n")
	b := runJob(t, jobOf(t, recipeOf(t, `{id: a, type: event, files: [`+dir+`/a.log]}`)))
	if host != "" && strings.Contains(b.text[at("a", dir+"/a.log")], host) {
		t.Errorf("%q", b.text)
	}
	if !strings.HasPrefix(b.Head().Host, "redacted-hostname-") || !strings.Contains(b.Head().Name, b.Head().Host) {
		t.Errorf("%s %s", b.Head().Host, b.Head().Name)
	}
	domains := ownDomains("web1", strings.NewReader("127.0.0.1 localhost\n10.0.0.5 web1.corp.example.com web1 # web1.not.this\n10.0.0.6 web10.other.example\n"), strings.NewReader("nameserver 10.0.0.1\nsearch lan.example.net local\n"))
	if !slices.Equal(domains, []string{"corp.example.com", "lan.example.net", "local"}) {
		t.Errorf("%q", domains)
	}
	got := people(strings.NewReader("root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/usr/sbin/nologin\nalice:x:1000:1000:Alice:/home/alice:/bin/bash\nsvc:x:1001:1001::/:/bin/false\nnobody:x:65534:65534::/:/bin/sh\nbroken\n"))
	if !slices.Equal(got, []string{"alice"}) {
		t.Errorf("%v", got)
	}
}

func TestLabelStandsForTheHost(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.log", "x\n")
	j := jobOf(t, recipeOf(t, `{id: a, type: event, files: [`+dir+`/a.log]}`))
	j.Label = "web-7"
	if b := runJob(t, j); b.Head().Host != "web-7" || !strings.HasPrefix(b.Head().Name, "TEST-1_web-7_2") {
		t.Errorf("%+v", b.Head())
	}
	j.Label = "../x"
	if _, err := Run(t.Context(), j); err == nil {
		t.Error("taken")
	}
	empty(t, j.Scratch)
}

func TestOnlyAndSkip(t *testing.T) {
	r := recipeOf(t, `{id: one, type: state, command: [echo, "1"]}`, `{id: two, type: state, command: [echo, "2"]}`)
	j := jobOf(t, r)
	j.Only = []string{"two"}
	if b := runJob(t, j); len(b.Head().Outcomes) != 1 || b.text["data/two/stdout"] != "2\n" {
		t.Errorf("%+v", b.text)
	}
	j.Only, j.Skip = nil, []string{"two"}
	if b := runJob(t, j); len(b.Head().Outcomes) != 1 || b.text["data/one/stdout"] != "1\n" {
		t.Errorf("%+v", b.text)
	}
	j.Skip = []string{"too"}
	var unknown *UnknownSourceError
	if _, err := Run(t.Context(), j); !errors.As(err, &unknown) || unknown.Nearest != "two" {
		t.Error(err)
	}
	if _, err := Plan(t.Context(), j); !errors.As(err, &unknown) {
		t.Error(err)
	}
	if _, err := Run(t.Context(), jobOf(t, r, r)); err == nil || !strings.Contains(err.Error(), `both have a source "one"`) {
		t.Error(err)
	}
}

// The total goes to what matters most, then to what is newest.
func TestTotalByPriorityThenNewest(t *testing.T) {
	dir := t.TempDir()
	body := strings.Repeat("0123456789abcde\n", 2048) // 32 KiB
	now := time.Now()
	for i, name := range []string{"new.log", "mid.log", "old.log"} {
		p := write(t, filepath.Join(dir, name), body)
		when := now.Add(-time.Duration(i) * time.Hour)
		if err := os.Chtimes(p, when, when); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir+"/main.conf", body)
	r := parsed(t, `recipe: 1
name: test
limits: {total: 80KiB}
collect:
  - {id: logs, type: event, files: [`+dir+`/*.log]}
  - {id: conf, type: event, priority: 5, files: [`+dir+`/*.conf]}
`)
	b := runJob(t, jobOf(t, r))
	sizes := map[string]int{}
	for p, s := range b.text {
		sizes[filepath.Base(p)] = len(s)
	}
	if sizes["main.conf"] != 32768 || sizes["new.log"] != 32768 || sizes["mid.log"] != 16384 || len(sizes) != 3 {
		t.Errorf("%v", sizes)
	}
	o := b.outcome(t, "logs")
	if o.Outcome != manifest.Partial || o.Cut != 16384+32768 || !strings.Contains(o.Reason, "mid.log: newest 16 KiB of 32 KiB") || !strings.Contains(o.Reason, "1 of 3 files (32 KiB) left out") {
		t.Errorf("%+v", o)
	}
	steps, err := Plan(t.Context(), jobOf(t, r))
	if err != nil {
		t.Fatal(err)
	}
	if steps[0].Source != "conf" || steps[0].Bytes != 32768 || steps[1].Files != 2 || steps[1].Bytes != 32768+16384 {
		t.Errorf("%+v", steps)
	}
}

// Stop packs what is there; cancelling leaves nothing.
func TestStopAndCancel(t *testing.T) {
	r := recipeOf(t,
		`{id: quick, type: state, command: [echo, hello]}`,
		`{id: slow, type: state, command: [sh, -c, "echo begun; sleep 60"]}`,
	)
	begun := func(j *Job, then func()) {
		var mu sync.Mutex
		left := map[string]bool{"quick": true, "slow": true}
		j.Progress = func(p Progress) {
			mu.Lock()
			defer mu.Unlock()
			if p.Source == "quick" && p.Done || p.Source == "slow" && p.Bytes > 0 {
				delete(left, p.Source)
				if len(left) == 0 {
					left["never again"] = true
					then()
				}
			}
		}
	}
	j := jobOf(t, r)
	stop := make(chan struct{})
	j.Stop = stop
	begun(&j, func() { close(stop) })
	start := time.Now()
	b := runJob(t, j)
	if o := b.outcome(t, "slow"); o.Outcome != manifest.Partial || o.Reason != "interrupted" || b.text["data/slow/stdout"] != "begun\n" {
		t.Errorf("%+v %q", o, b.text)
	}
	if o := b.outcome(t, "quick"); o.Outcome != manifest.OK {
		t.Errorf("%+v", o)
	}
	if d := time.Since(start); d > 15*time.Second {
		t.Errorf("took %v", d)
	}

	j = jobOf(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	begun(&j, cancel)
	if _, err := Run(ctx, j); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	empty(t, j.Scratch)
}

// Our own keys, however they are named, are never read.
func TestAvoided(t *testing.T) {
	dir := t.TempDir()
	key := write(t, dir+"/home/.config/diagcollect/key", "do not read me\n")
	write(t, dir+"/home/a.log", "read me\n")
	if err := os.Link(key, dir+"/home/b.log"); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(".config/diagcollect/key", dir+"/home/c.log"); err != nil {
		t.Fatal(err)
	}
	j := jobOf(t, recipeOf(t, `{id: all, type: state, files: ["`+dir+`/home/**"]}`))
	j.Avoid = []string{dir + "/home/.config/diagcollect", key}
	b := runJob(t, j)
	if len(b.text) != 1 || strings.Contains(b.everything(t), "do not read me") {
		t.Errorf("%q", b.text)
	}
	if o := b.outcome(t, "all"); o.Outcome != manifest.Withheld || !strings.Contains(o.Reason, "belongs to this tool") {
		t.Errorf("%+v", o)
	}
}

func TestKeepIsTheOperatorsWord(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.log", "from 203.0.113.7 to 198.51.100.9\n")
	r := parsed(t, "recipe: 1\nname: test\ncollect: [{id: a, type: event, files: ["+dir+"/a.log]}]\nredact: {keep: [ipv4]}\n")
	j := jobOf(t, r)
	b := runJob(t, j)
	if s := b.text[at("a", dir+"/a.log")]; strings.Contains(s, "203.0.113.7") {
		t.Errorf("the recipe decided: %q", s)
	}
	if d := b.Head().Recipes[0].Decisions; len(d) != 1 || !strings.HasPrefix(d[0], "not kept ipv4") {
		t.Errorf("%q", d)
	}
	j.Keep = []redact.Class{redact.IPv4}
	b = runJob(t, j)
	if s := b.text[at("a", dir+"/a.log")]; !strings.Contains(s, "203.0.113.7") {
		t.Errorf("%q", s)
	}
	j.Keep = []redact.Class{redact.Password}
	if _, err := Run(t.Context(), j); err == nil {
		t.Error("a secret was kept")
	}
	empty(t, j.Scratch)
}

// What is secret in one of ten thousand files is secret in all; and the
// account adds up.
func TestManyFiles(t *testing.T) {
	dir := t.TempDir()
	pw := secret(t)
	for i := range 500 {
		write(t, fmt.Sprintf("%s/%d/app.log", dir, i), fmt.Sprintf("line of %d\n", i))
	}
	write(t, dir+"/499/app.log", "password="+pw+"\n")
	write(t, dir+"/0/app.log", "bare "+pw+" here\n")
	b := runJob(t, jobOf(t, recipeOf(t, `{id: a, type: event, files: ["`+dir+`/**/*.log"]}`)))
	if o := b.outcome(t, "a"); o.Entries != 500 || o.Outcome != manifest.OK {
		t.Errorf("%+v", o)
	}
	if strings.Contains(b.everything(t), pw) {
		t.Error("it stands")
	}
}

func BenchmarkRun(b *testing.B) {
	dir := b.TempDir()
	var line bytes.Buffer
	for i := range 400_000 {
		fmt.Fprintf(&line, "2026-11-01T10:%02d:%02d.%06dZ INFO worker %s: job %d done in %d ms from 10.%d.%d.%d\n", i/60%60, i%60, i%1e6, rand.Text()[:6], i, i%977, i%7, i%251, i%13)
	}
	if err := os.WriteFile(dir+"/a.log", line.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	r, err := ParseRecipe("x", []byte("recipe: 1\nname: x\ncollect: [{id: a, type: event, files: ["+dir+"/*]}]\n"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(line.Len()))
	b.ReportAllocs()
	for b.Loop() {
		c, err := Run(b.Context(), Job{Case: "B", Recipes: []TrustedRecipe{{Recipe: r}}, Scratch: b.TempDir()})
		if err != nil {
			b.Fatal(err)
		}
		if err := c.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
