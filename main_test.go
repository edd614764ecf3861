package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/diagcollect/diagcollect/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"diagcollect": func() { os.Exit(cli.Main(recipes)) },
	})
}

// TestScripts runs every promise made to a user against the real program: one
// script each, with a home that nobody used before.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			if err := os.Mkdir(home, 0o700); err != nil {
				return err
			}
			// A temporary folder of its own, so that a script can look for
			// what was left in it.
			tmp := filepath.Join(e.WorkDir, "tmp")
			if err := os.MkdirAll(tmp, 0o700); err != nil {
				return err
			}
			e.Values[startedKey{}] = started{}
			e.Values[servedKey{}] = map[string]*atomic.Int64{}
			here, err := os.Getwd()
			if err != nil {
				return err
			}
			e.Setenv("ROOT", here)
			e.Setenv("HOME", home)
			e.Setenv("TMPDIR", tmp)
			e.Setenv("TZ", "UTC")
			for _, v := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "NO_COLOR"} {
				e.Setenv(v, "")
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"waitfor": waitFor,
			"absent":  absent,
			"plant":   plant,
			"match":   match,
			"expand":  expand,
			"start":   start,
			"end":     end,
			"grown":   grown,
			"forge":   forge,
			"serve":   serve,
			"served":  served,
		},
		Condition: func(cond string) (bool, error) {
			switch name, isTool := strings.CutPrefix(cond, "tool:"); {
			case isTool:
				_, err := exec.LookPath(name)
				return err == nil, nil
			case cond == "root":
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
	})
}

// waitFor waits until FILE holds a match of REGEXP and puts the first group
// into the variable NAME, when one is named: waitfor FILE REGEXP [NAME].
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: waitfor FILE REGEXP [NAME]")
	}
	re := regexp.MustCompile(args[1])
	deadline := time.Now().Add(time.Minute)
	for {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		if err == nil {
			if m := re.FindSubmatch(data); m != nil {
				if len(args) == 3 {
					ts.Setenv(args[2], string(m[len(m)-1]))
				}
				return
			}
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s never matched %s; it holds %q, %v", args[0], args[1], data, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// start runs a command in the background under a name; its standard output
// and error go to the files NAME.out and NAME.err: start NAME COMMAND ARG...
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME COMMAND ARG...")
	}
	name := args[0]
	create := func(suffix string) *os.File {
		f, err := os.Create(ts.MkAbs(name + suffix))
		ts.Check(err)
		ts.Defer(func() { f.Close() })
		return f
	}
	path, err := exec.LookPath(args[1])
	if err != nil {
		path = filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[1])
	}
	cmd := exec.Command(path, args[2:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = create(".out"), create(".err"), ts.MkAbs(".")
	for _, v := range []string{"HOME", "TMPDIR", "PATH", "TZ"} {
		cmd.Env = append(cmd.Env, v+"="+ts.Getenv(v))
	}
	ts.Check(cmd.Start())
	ts.Value(startedKey{}).(started)[name] = cmd
	ts.Defer(func() {
		if cmd.ProcessState == nil {
			cmd.Process.Kill()
			cmd.Wait()
		}
	})
}

// started are the commands that start began in one script.
type started map[string]*exec.Cmd

type startedKey struct{}

// end sends signals (INT, TERM, KILL; a second one when the first was
// acknowledged) to a command that start began and wants the exit code CODE:
// end NAME INT[,INT] CODE.
func end(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: end NAME SIGNALS CODE")
	}
	cmd := ts.Value(startedKey{}).(started)[args[0]]
	if cmd == nil {
		ts.Fatalf("nothing was started as %s", args[0])
	}
	for i, name := range strings.Split(args[1], ",") {
		if i > 0 {
			waitFor(ts, false, []string{args[0] + ".err", "stopping"})
		}
		sig, ok := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[name]
		if !ok {
			ts.Fatalf("unknown signal %s", name)
		}
		ts.Check(cmd.Process.Signal(sig))
	}
	cmd.Wait() // the exit code is looked at below
	if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != args[2] {
		ts.Fatalf("exit code %s, want %s; standard error:\n%s", got, args[2], ts.ReadFile(args[0]+".err"))
	}
}

// grown waits until the files below DIR hold at least BYTES:
// grown DIR BYTES.
func grown(ts *testscript.TestScript, neg bool, args []string) {
	var want int64
	if neg || len(args) != 2 {
		ts.Fatalf("usage: grown DIR BYTES")
	}
	if _, err := fmt.Sscan(args[1], &want); err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		var sum int64
		filepath.WalkDir(ts.MkAbs(args[0]), func(_ string, d os.DirEntry, err error) error {
			if err != nil {
				return nil // it was renamed in the meantime
			}
			if fi, err := d.Info(); err == nil && fi.Mode().IsRegular() {
				sum += fi.Size()
			}
			return nil
		})
		if sum >= want {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s holds %d bytes, never %d", args[0], sum, want)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// expand replaces $NAME in files by the environment's value, as the shell
// would: expand FILE...
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, f := range args {
		f = ts.MkAbs(f)
		text := os.Expand(ts.ReadFile(f), ts.Getenv)
		ts.Check(os.WriteFile(f, []byte(text), 0o600))
	}
}

// match puts the first group of a match of REGEXP in FILE into NAME:
// match FILE REGEXP NAME. FILE may be "stdout" or "stderr".
func match(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: match FILE REGEXP NAME")
	}
	text := ts.ReadFile(args[0])
	m := regexp.MustCompile(args[1]).FindStringSubmatch(text)
	if m == nil {
		ts.Fatalf("no match of %s in %q", args[1], text)
	}
	ts.Setenv(args[2], m[len(m)-1])
}

// absent fails when a line of the file SECRETS stands anywhere below the
// given folders or files, as UTF-8 or UTF-16, in a name or in content:
// absent SECRETS PATH...
func absent(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: absent SECRETS PATH...")
	}
	var secrets [][]byte
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		if line = strings.TrimSpace(line); line != "" {
			secrets = append(secrets, []byte(line))
		}
	}
	if len(secrets) == 0 {
		ts.Fatalf("%s names no secrets", args[0])
	}
	looked := 0
	for _, root := range args[1:] {
		root = ts.MkAbs(root)
		err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			for _, s := range secrets {
				if strings.Contains(path[len(filepath.Dir(root)):], string(s)) {
					ts.Logf("%s stands in the name %s", s, path)
					neg = true
				}
			}
			if !d.Type().IsRegular() {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			looked++
			for _, s := range secrets {
				if bytes.Contains(data, s) || bytes.Contains(data, wide(s)) {
					ts.Logf("%s stands in %s", s, path)
					neg = true
				}
			}
			return nil
		})
		ts.Check(err)
	}
	if neg {
		ts.Fatalf("planted values were left")
	}
	if looked == 0 {
		ts.Fatalf("nothing to look into below %v", args[1:])
	}
}

func wide(b []byte) []byte {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, c, 0)
	}
	return out
}
