package manifest

import (
	"bytes"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The readers in examples/ have nothing of this code: they show that the
// package comment says enough, and that stock tools prove a bundle.

// unpackedVectors copies the vectors to a folder, each as a plain .tar.zst.
func unpackedVectors(t *testing.T) (dir string, all map[string]vector) {
	t.Helper()
	dir, all = t.TempDir(), map[string]vector{}
	files, err := os.ReadDir(vectorDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		data, err := os.ReadFile(filepath.Join(vectorDir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		name, packed := strings.CutSuffix(f.Name(), ".zst.zst")
		if packed {
			name, data = name+".zst", decodeWhole(t, data)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if name, ok := strings.CutSuffix(f.Name(), ".vector.json"); ok {
			var v vector
			if err := json.Unmarshal(data, &v); err != nil {
				t.Fatal(err)
			}
			all[name] = v
		}
	}
	return dir, all
}

func TestVerifyScript(t *testing.T) {
	if underRace {
		t.Skip("other programs have no races of ours")
	}
	tools(t, "bash", "tar", "zstd", "ssh-keygen", "jq", "sha256sum", "iconv", "od", "awk", "dd")
	script, err := filepath.Abs("../examples/verify.sh")
	if err != nil {
		t.Fatal(err)
	}
	// What it says that stock tools cannot see.
	blind := map[string]bool{
		"member-binary-size": true, "member-link-name": true, "member-magic": true, "member-old-regular": true, "member-padding": true, "member-sparse": true,
		"name-case-beyond-ascii": true, "name-case-cherokee": true, "name-case-folding": true, "name-not-nfc": true,
	}
	dir, all := unpackedVectors(t)
	run := func(args ...string) (int, string) {
		cmd := exec.Command("bash", append([]string{script}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), string(out)
	}
	names := make(chan string)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for name := range names {
				v := all[name]
				args := []string{"-r", "revoked_keys", "allowed_signers", name + ".tar.zst"}
				if v.Receipt != "" { // whoever runs it has looked at the receipt
					args = append([]string{"-t", receiptTime(t, filepath.Join(dir, v.Receipt))}, args...)
				}
				want := 4
				if v.Verdict == "good" || blind[name] || v.Receipt != "" && !strings.Contains(name, "late") && !strings.Contains(name, "revoked") {
					want = 0
				}
				if code, out := run(args...); code != want {
					t.Errorf("%s: exit %d, want %d: %s", name, code, want, out)
				}
			}
		})
	}
	for name := range all {
		names <- name
	}
	close(names)
	wg.Wait()
	for _, args := range [][]string{{}, {"allowed_signers"}, {"-x", "allowed_signers", "good.tar.zst"}} {
		if code, out := run(args...); code != 2 || !strings.Contains(out, "verify.sh [-r") {
			t.Errorf("%q: exit %d: %s", args, code, out)
		}
	}
	if code, _ := run("allowed_signers", "nowhere.tar.zst"); code != 1 {
		t.Errorf("no such bundle: exit %d", code)
	}
}

// receiptTime is "received" in the form of ssh-keygen.
func receiptTime(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
	}
	var r struct{ Received string }
	if err := json.Unmarshal(text, &r); err != nil {
		t.Error(err)
	}
	return strings.NewReplacer("-", "", ":", "", "T", "").Replace(r.Received)
}

// vectorsInPython runs all vectors in one process, for starting one costs more
// than reading one.
const vectorsInPython = `
import glob, io, json, os, sys
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import read_bundle as r
wrong, seen = 0, 0
for path in sorted(glob.glob("*.vector.json")):
    with open(path) as f:
        v = json.load(f)
    verdict, opens, unreadable, why = "good", False, [], ""
    try:
        b = r.Bundle(path.replace(".vector.json", ".tar.zst"), r.Signers("allowed_signers", "revoked_keys"), v.get("receipt"))
        opens = True
        for e in b.m["entries"]:
            try:
                b.show(e["path"], io.BytesIO())
            except r.Refused:
                unreadable.append(e["path"])
        b.verify()
    except r.Refused as e:
        verdict, why = "refused", e
    seen += 1
    if (verdict, opens, unreadable) != (v["verdict"], v["opens"], v["unreadable"]):
        wrong += 1
        print(path, verdict, opens, unreadable, why)
print(seen)
sys.exit(wrong > 0)
`

func TestPythonReader(t *testing.T) {
	if underRace {
		t.Skip("other programs have no races of ours")
	}
	tools(t, "python3", "zstd", "ssh-keygen")
	examples, err := filepath.Abs("../examples")
	if err != nil {
		t.Fatal(err)
	}
	dir, all := unpackedVectors(t)
	cmd := exec.Command("python3", "-c", vectorsInPython, examples)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != fmt.Sprintln(len(all)) {
		t.Errorf("%v\n%s", err, out)
	}

	// A bundle as it is made today, through the command line.
	key, _ := testKey(t)
	w := newWriter(t, WriterOptions{Name: testName})
	rng := mrand.New(mrand.NewPCG(5, 5))
	s := source(t, w, "syslog", Event)
	large, little := text(rng, 9<<20+17), text(rng, 3000)
	add(t, s, "large.log", large)
	for i := range 300 {
		add(t, s, fmt.Sprintf("ünïcode/%d/naïve file.log", i), little)
	}
	os.WriteFile(filepath.Join(dir, "b.tar.zst"), finish(t, w, key, []byte("{}")), 0o600)
	os.WriteFile(filepath.Join(dir, "signers"), []byte(allowedLine(key)), 0o600)
	python := func(args ...string) (int, []byte, string) {
		cmd := exec.Command("python3", append([]string{"-B", filepath.Join(examples, "read_bundle.py"), "--allowed-signers", "signers"}, args...)...)
		var out, errs bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
		if err := cmd.Run(); cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), out.Bytes(), errs.String()
	}
	if code, out, errs := python("verify", "b.tar.zst"); code != 0 || !strings.Contains(string(out), "301 entries, signed by "+key.Principal()) {
		t.Errorf("verify: exit %d: %s%s", code, out, errs)
	}
	if code, out, errs := python("list", "b.tar.zst"); code != 0 || bytes.Count(out, []byte("\n")) != 301 {
		t.Errorf("list: exit %d: %s", code, errs)
	}
	for path, want := range map[string][]byte{"data/syslog/large.log": large, "data/syslog/ünïcode/7/naïve file.log": little} {
		if code, out, errs := python("show", "b.tar.zst", path); code != 0 || !bytes.Equal(out, want) {
			t.Errorf("show %s: exit %d, %d bytes: %s", path, code, len(out), errs)
		}
	}
	for code, args := range map[int][]string{1: {"verify", "nowhere"}, 2: {"show", "b.tar.zst"}, 4: {"verify", "good.tar.zst"}} {
		if got, out, errs := python(args...); got != code || len(out) > 0 || errs == "" {
			t.Errorf("%q: exit %d, want %d: %s", args, got, code, errs)
		}
	}
}
