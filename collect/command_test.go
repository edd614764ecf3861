//go:build unix

package collect

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

func TestCommandEnvironmentIsClean(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", secret(t))
	t.Setenv("TZ", "UTC")
	g, k := newGatherer(t, nil)
	if err := g.command([]string{"env"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	var names []string
	for line := range strings.Lines(k.text["stdout"]) {
		name, _, _ := strings.Cut(line, "=")
		names = append(names, name)
	}
	slices.Sort(names)
	if got := strings.Join(names, " "); got != "HOME LANG LC_ALL PATH TZ" {
		t.Error(got)
	}
}

// The PATH of whoever runs us has no say.
func TestLookupIgnoresPath(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/sh", []byte("#!/bin/false\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/only-here", []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir)
	if p, err := lookup("sh"); err != nil || filepath.Dir(p) == dir {
		t.Error(p, err)
	}
	if p, err := lookup("only-here"); err == nil {
		t.Error(p)
	}
	if p, err := lookup(dir + "/only-here"); err != nil || p != dir+"/only-here" {
		t.Error(p, err)
	}
}

// gone waits until nobody has the pid.
func gone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for syscall.Kill(pid, 0) == nil {
		if b, err := os.ReadFile("/proc/" + itoa(pid) + "/stat"); err == nil && strings.Contains(string(b), ") Z ") {
			return // ended, and not yet buried by its new parent
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d still lives", pid)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func itoa(n int) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

func pidIn(t *testing.T, s string) int {
	t.Helper()
	n := 0
	for _, c := range strings.TrimSpace(s) {
		if c < '0' || c > '9' {
			t.Fatalf("no pid: %q", s)
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// A time-out takes the whole group, also one that does not listen.
func TestTimeoutKillsTheGroup(t *testing.T) {
	g, k := newGatherer(t, func(g *gatherer) { g.limits.timeout = 300 * time.Millisecond })
	start := time.Now()
	if err := g.command([]string{"sh", "-c", `trap "" TERM; (trap "" TERM; sleep 300) & echo $!; wait`}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	if o, _ := g.final(); o != manifest.Timeout {
		t.Error(o)
	}
	gone(t, pidIn(t, k.text["stdout"]))
	if d := time.Since(start); d > 20*time.Second {
		t.Error(d)
	}
}

// A child that holds the pipe must not hold us: one left in the group dies
// with it, one that left the group is left behind.
func TestHeldPipe(t *testing.T) {
	for name, script := range map[string]string{
		"in the group":  `sleep 300 & echo $!`,
		"out of it":     `setsid sh -c 'echo $$; exec sleep 8' & sleep 0.2; echo`,
		"error output":  `sleep 300 >/dev/null & echo $!`,
		"output closed": `exec >&-; sleep 0.3; exit 0`,
	} {
		t.Run(name, func(t *testing.T) {
			g, k := newGatherer(t, nil)
			start := time.Now()
			if err := g.command([]string{"sh", "-c", script}, cleanEnv(), "stdout", false); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(start); d > 6*time.Second {
				t.Errorf("held for %v", d)
			}
			if o, reason := g.final(); o != manifest.OK && o != manifest.Empty {
				t.Error(o, reason)
			}
			if name == "in the group" || name == "error output" {
				gone(t, pidIn(t, k.text["stdout"]))
			}
		})
	}
}

// All of the output arrives, also when it comes at the last moment.
func TestWholeOutput(t *testing.T) {
	for range 20 {
		g, k := newGatherer(t, nil)
		if err := g.command([]string{"seq", "1", "20000"}, cleanEnv(), "stdout", false); err != nil {
			t.Fatal(err)
		}
		if s := k.text["stdout"]; !strings.HasSuffix(s, "\n20000\n") || strings.Count(s, "\n") != 20000 {
			t.Fatalf("%d lines", strings.Count(s, "\n"))
		}
	}
}

func TestErrorOutputIsBounded(t *testing.T) {
	g, k := newGatherer(t, nil)
	if err := g.command([]string{"sh", "-c", "yes warning | head -c 1000000 >&2; echo done"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	if k.text["stdout"] != "done\n" || len(k.text["stderr"]) != maxComplaint {
		t.Errorf("%q, %d", k.text["stdout"], len(k.text["stderr"]))
	}
	if o, reason := g.final(); o != manifest.Partial || !strings.Contains(reason, "stderr: first 256 KiB of") {
		t.Error(o, reason)
	}
}

func TestHeadEndsTheCommand(t *testing.T) {
	g, k := newGatherer(t, func(g *gatherer) { g.limits.file, g.limits.keep = 10_000, keepHead })
	start := time.Now()
	if err := g.command([]string{"sh", "-c", "echo first; yes a long line of output"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	if s := k.text["stdout"]; !strings.HasPrefix(s, "first\n") || len(s) > 10_000 || !strings.HasSuffix(s, "\n") {
		t.Errorf("%d bytes", len(s))
	}
	if o, reason := g.final(); o != manifest.Partial || reason != "stdout: first 9.8 KiB" {
		t.Error(o, reason)
	}
	if d := time.Since(start); d > 10*time.Second {
		t.Error(d)
	}
}

func TestJournalArgs(t *testing.T) {
	w := manifest.Window{Since: time.Unix(1000, 0), Until: time.Unix(2000, 0)}
	got := strings.Join(journalArgs([]string{"ssh", "sshd"}, w), " ")
	if want := "journalctl --no-pager --quiet --output=short-iso-precise --since=@1000 --until=@2000 --unit=ssh --unit=sshd"; got != want {
		t.Error(got)
	}
	dir := t.TempDir()
	if hasJournal(dir, dir+"/none") {
		t.Error("an empty folder is a journal")
	}
	write(t, dir+"/machine/system.journal", "")
	if !hasJournal(dir) {
		t.Error("not found")
	}
}

// An engine that behaves like docker: the list, inspect and logs.
func TestContainers(t *testing.T) {
	pw := secret(t)
	dir := t.TempDir()
	id := strings.Repeat("ab12", 16)
	script := `#!/bin/sh
case "$1" in
ps) echo '{"ID":"` + id + `","Names":"web-1","Image":"nginx"}'; echo '{"Id":"` + strings.Repeat("cd34", 16) + `","Names":["db-1"]}'; echo '{"ID":"--evil","Names":"x"}';;
inspect) echo '[{"Config":{"Env":["DB_PASSWORD=` + pw + `"]}}]';;
logs) shift; echo "args $*"; echo "to stderr" >&2;;
esac
`
	if err := os.WriteFile(dir+"/docker", []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	g, k := newGatherer(t, nil)
	w := manifest.Window{Since: time.Unix(1000, 0)}
	if err := g.firstOf([]string{dir + "/none", dir + "/docker"}, containerSpec{names: []string{"web-*", "db-*"}, max: 5}, w); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.OK {
		t.Error(o, reason)
	}
	if s := k.text["web-1/log"]; !strings.Contains(s, "args --timestamps --since 1000 "+id) || !strings.Contains(s, "to stderr") {
		t.Errorf("%q", s)
	}
	if strings.Contains(k.text["web-1/inspect.json"], pw) || len(k.text) != 5 {
		t.Errorf("%q", k.text)
	}
	g, _ = newGatherer(t, nil)
	if err := g.firstOf([]string{dir + "/docker"}, containerSpec{max: 1}, w); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Partial || reason != "1 of 2 containers" {
		t.Error(o, reason)
	}
	g, _ = newGatherer(t, nil)
	if err := g.firstOf([]string{dir + "/none"}, containerSpec{max: 1}, w); err != nil {
		t.Fatal(err)
	}
	if o, _ := g.final(); o != manifest.Skipped {
		t.Error(o)
	}
	if err := os.WriteFile(dir+"/dead", []byte("#!/bin/sh\necho cannot connect >&2; exit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	g, _ = newGatherer(t, nil)
	if err := g.firstOf([]string{dir + "/dead"}, containerSpec{max: 1}, w); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Failed || !strings.Contains(reason, "cannot connect") {
		t.Error(o, reason)
	}
}
