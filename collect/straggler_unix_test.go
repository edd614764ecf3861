//go:build unix

package collect

import (
	"io"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// firstPid is the number on the first line of s.
func firstPid(t *testing.T, s string) int {
	t.Helper()
	line, _, _ := strings.Cut(s, "\n")
	return pidIn(t, line)
}

// Whatever still writes after a command has ended is heard for a moment, not
// for as long as it writes.
func TestStragglerThatWrites(t *testing.T) {
	for name, redirect := range map[string]string{"output": "", "error output": ">&2"} {
		t.Run(name, func(t *testing.T) {
			g, k := newGatherer(t, func(g *gatherer) { g.limits.timeout = 5 * time.Second })
			began := time.Now()
			script := `setsid sh -c 'echo $$; echo here >&2; while :; do echo spam ` + redirect + `; sleep 0.05; done' & sleep 0.2`
			if err := g.command([]string{"sh", "-c", script}, cleanEnv(), "stdout", false); err != nil {
				t.Fatal(err)
			}
			defer syscall.Kill(firstPid(t, k.text["stdout"]), syscall.SIGKILL)
			if d := time.Since(began); d > 3*time.Second {
				t.Errorf("held for %v", d)
			}
			if !strings.HasPrefix(k.text["stderr"], "here\n") {
				t.Errorf("%q", k.text["stderr"])
			}
			if o, reason := g.final(); o != manifest.OK {
				t.Error(o, reason)
			}
		})
	}
}

// The source's own deadline holds, too, and what stood in the pipe by then is
// kept.
func TestStragglerEndsAtTheDeadline(t *testing.T) {
	g, k := newGatherer(t, func(g *gatherer) { g.limits.timeout = 400 * time.Millisecond })
	began := time.Now()
	script := `setsid sh -c 'echo $$; while :; do echo spam; sleep 0.05; done' & exec sleep 300`
	if err := g.command([]string{"sh", "-c", script}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(firstPid(t, k.text["stdout"]), syscall.SIGKILL)
	if d := time.Since(began); d > 2*time.Second {
		t.Errorf("held for %v", d)
	}
	if o, reason := g.final(); o != manifest.Timeout {
		t.Error(o, reason)
	}
}

// An output read slowly is whole, however long after the end that is.
func TestOutputReadLate(t *testing.T) {
	g, _ := newGatherer(t, func(g *gatherer) { g.limits.timeout = 100 * time.Millisecond })
	p, err := g.start([]string{"sh", "-c", "seq 1 5000; exec >&-; echo done >&2"}, cleanEnv(), false)
	if err != nil {
		t.Fatal(err)
	}
	p.wait()
	<-time.After(time.Until(p.end))
	b, err := io.ReadAll(p)
	if err != nil || strings.Count(string(b), "\n") != 5000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, exit := p.finish(); exit != nil || string(p.complain.b) != "done\n" {
		t.Errorf("%v, %q", exit, p.complain.b)
	}
}
