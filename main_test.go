package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
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
			"signals": signals,
		},
		Condition: func(cond string) (bool, error) {
			if name, ok := strings.CutPrefix(cond, "tool:"); ok {
				_, err := exec.LookPath(name)
				return err == nil, nil
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

// signals runs a command, waits until the file MARKER is there, sends the
// signals (INT, TERM, KILL; a second one when the first was acknowledged), and
// wants the exit code CODE; standard output and error go to the files out and
// err: signals CODE MARKER INT[,INT] COMMAND ARG...
func signals(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: signals CODE MARKER SIGNALS COMMAND ARG...")
	}
	create := func(name string) *os.File {
		f, err := os.Create(ts.MkAbs(name))
		ts.Check(err)
		return f
	}
	out, errs := create("out"), create("err")
	defer out.Close()
	defer errs.Close()
	path, err := exec.LookPath(args[3])
	if err != nil {
		path = filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], args[3])
	}
	cmd := exec.Command(path, args[4:]...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, errs, ts.MkAbs(".")
	for _, name := range []string{"HOME", "TMPDIR", "PATH", "TZ"} {
		cmd.Env = append(cmd.Env, name+"="+ts.Getenv(name))
	}
	ts.Check(cmd.Start())
	waitFor(ts, false, []string{args[1], ""})
	for i, name := range strings.Split(args[2], ",") {
		if i > 0 {
			waitFor(ts, false, []string{"err", "stopping"})
		}
		sig, ok := map[string]syscall.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[name]
		if !ok {
			ts.Fatalf("unknown signal %s", name)
		}
		ts.Check(cmd.Process.Signal(sig))
	}
	cmd.Wait() // the exit code is looked at below
	if got := fmt.Sprint(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit code %s, want %s; standard error:\n%s", got, args[0], ts.ReadFile("err"))
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
