package collect

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

func adoptIn(t *testing.T) *orphans {
	t.Helper()
	o := adopt()
	if o == nil {
		t.Fatal("not a subreaper")
	}
	t.Cleanup(func() {
		o.release()
		if on, err := subreaper(); on || err != nil {
			t.Error("still a subreaper", err)
		}
	})
	return o
}

// waitFor waits until a file is there, and returns what is in it.
func waitFor(t *testing.T, path string) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if b, err := os.ReadFile(path); err == nil && strings.HasSuffix(string(b), "\n") {
			return string(b)
		}
		if time.Now().After(end) {
			t.Fatal(path, "is not there")
		}
	}
}

// Whatever a command started ends with it, however it left its group.
func TestNothingSurvivesItsCommand(t *testing.T) {
	g, k := newGatherer(t, nil)
	g.orphans = adoptIn(t)
	for name, script := range map[string]string{
		"another group":      `set -m; sh -c 'echo $$ >$1; exec sleep 300' - $1 & echo`,
		"another session":    `setsid sh -c 'echo $$ >$1; exec sleep 300' - $1 & echo`,
		"that writes":        `setsid sh -c 'echo $$ >$1; while :; do echo spam; done' - $1 & echo`,
		"a daemon":           `(setsid sh -c '(cd /; setsid sh -c "echo \$\$ >\$1; exec sleep 300" - $1 >/dev/null 2>&1 &)' - $1 &); echo`,
		"a child of another": `setsid sh -c 'setsid sh -c "echo \$\$ >\$1; exec sleep 300" - $1; true' - $1 & echo`,
		"after a time-out":   `setsid sh -c 'trap "" TERM; echo $$ >$1; exec sleep 300' - $1 & sleep 300`,
	} {
		t.Run(name, func(t *testing.T) {
			g.verdict = &verdict{}
			g.limits.timeout = 30 * time.Second
			if name == "after a time-out" {
				g.limits.timeout = 2 * time.Second
			}
			file := filepath.Join(t.TempDir(), "pid")
			script := script + `; until test -s $1; do sleep 0.01; done`
			began := time.Now()
			if err := g.command([]string{"sh", "-c", script, "-", file}, cleanEnv(), "stdout", false); err != nil {
				t.Fatal(err)
			}
			if d := time.Since(began); d > time.Minute { // of the five that they sleep
				t.Errorf("held for %v", d)
			}
			pid := pidIn(t, waitFor(t, file))
			g.orphans.end(0, 4*grace) // as at the end of a collection: what was killed may die slowly
			if err := syscall.Kill(pid, 0); err == nil {
				t.Error("it lives, or nobody has waited for it")
			}
			if o, reason := g.final(); o != manifest.OK && name != "after a time-out" {
				t.Error(o, reason, k.text)
			}
		})
	}
}

// What one command left to itself may still serve another that runs.
func TestOrphanOfARunningCommand(t *testing.T) {
	dir := t.TempDir()
	o := adoptIn(t)
	long, k := newGatherer(t, nil)
	long.orphans = o
	done := make(chan error, 1)
	go func() {
		script := `(setsid sh -c 'echo $$ >$1/pid; until test -e $1/go; do sleep 0.01; done; echo served >$1/answer' - $1 >/dev/null 2>&1 &); until test -s $1/answer; do sleep 0.01; done; cat $1/answer`
		done <- long.command([]string{"sh", "-c", script, "-", dir}, cleanEnv(), "stdout", false)
	}()
	worker := pidIn(t, waitFor(t, dir+"/pid"))
	short, _ := newGatherer(t, nil)
	short.orphans = o
	if err := short.command([]string{"true"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/go", "")
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if k.text["stdout"] != "served\n" {
		t.Errorf("%q", k.text)
	}
	if err := syscall.Kill(worker, 0); err == nil {
		t.Error("it lives")
	}
}

// Children that other code waits for are not ours to end or to wait for.
func TestForeignChildren(t *testing.T) {
	g, _ := newGatherer(t, nil)
	g.orphans = adoptIn(t)
	if err := g.command([]string{"true"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "read -r x; exit 7")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if adopt() != nil {
		t.Error("adopted twice")
	}
	if err := g.command([]string{"sh", "-c", "setsid sleep 300 & echo"}, cleanEnv(), "stdout", false); err != nil {
		t.Fatal(err)
	}
	in.Close()
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 7 {
		t.Error(err)
	}
}

// Commands that start and end at once each get their own exit, and lose
// nothing.
func TestManyCommandsAtOnce(t *testing.T) {
	o := adoptIn(t)
	done := make(chan string)
	for i := range 8 {
		g, k := newGatherer(t, nil)
		g.orphans = o
		go func() {
			for range 6 {
				g.verdict = &verdict{}
				script := "setsid sleep 300 & echo " + itoa(i+1) + "; exit 3"
				if err := g.command([]string{"sh", "-c", script}, cleanEnv(), "stdout", false); err != nil {
					done <- err.Error()
					return
				}
				if _, reason := g.final(); !strings.Contains(reason, "exit status 3") || k.text["stdout"] != itoa(i+1)+"\n" {
					done <- reason + k.text["stdout"]
					return
				}
			}
			done <- ""
		}()
	}
	for range 8 {
		if s := <-done; s != "" {
			t.Error(s)
		}
	}
	o.end(0, 4*grace) // as at the end of a collection
	for _, p := range children() {
		t.Errorf("process %d is left", p.pid)
	}
}

// A collection leaves no process of its commands, and the system's way with
// orphans as it was.
func TestRunLeavesNoProcess(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	b := runJob(t, jobOf(t, recipeOf(t,
		`{id: stray, type: state, limits: {timeout: 60s}, command: [sh, -c, "setsid sh -c 'echo $$ >`+file+`; while :; do echo spam; sleep 0.05; done' & echo begun; until test -s `+file+`; do sleep 0.01; done"]}`,
		`{id: plain, type: state, command: [echo, plain]}`)))
	if o := b.outcome(t, "stray"); o.Outcome != manifest.OK {
		t.Error(o)
	}
	if !strings.Contains(b.text["data/stray/stdout"], "begun\n") || b.text["data/plain/stdout"] != "plain\n" {
		t.Errorf("%q", b.text)
	}
	if err := syscall.Kill(pidIn(t, waitFor(t, file)), 0); err == nil {
		t.Error("it lives")
	}
	if on, err := subreaper(); on || err != nil {
		t.Error("still a subreaper", err)
	}
}

// Of commands that start at once the one that began first may be told of
// last: what it left is no less an orphan.
func TestOrphanOfACommandToldOfLate(t *testing.T) {
	o := &orphans{session: 1, first: math.MaxUint64, commands: map[int]uint64{}}
	early := exec.Command("sleep", "300")
	if err := early.Start(); err != nil {
		t.Fatal(err)
	}
	p, err := readStat(early.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	var late *exec.Cmd
	for {
		late = exec.Command("sleep", "300")
		if err := late.Start(); err != nil {
			t.Fatal(err)
		}
		if q, err := readStat(late.Process.Pid); err == nil && q.start > p.start {
			break
		}
		_ = late.Process.Kill()
		_ = late.Wait()
	}
	for _, cmd := range []*exec.Cmd{late, early} {
		o.starting()
		o.started(cmd.Process.Pid)
	}
	for _, cmd := range []*exec.Cmd{late, early} {
		delete(o.commands, cmd.Process.Pid)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if !o.abandoned(child{pid: 2, session: 2, start: p.start}, early.Process.Pid) {
		t.Error("left alone")
	}
}
