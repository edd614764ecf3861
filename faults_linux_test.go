package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
)

// work is a command that writes, and where.
type work struct {
	name string
	args []string
	// stages are parts of what is told when a disk is full, for each of what
	// the command writes in turn.
	stages []string
	whole  func(*testing.T, *machine) // judges what it leaves when it is done
}

var works = []work{
	{"first", []string{"key", "list"}, []string{"home"}, nil},
	{"rotate", []string{"key", "rotate"}, []string{"home"}, nil},
	{"revoke", []string{"key", "revoke", "OWN"}, []string{"home"}, nil},
	{"collect", []string{"collect", "--case", "F-1", "--recipe", "r.yaml", "--trust-recipe", "--output", "out"},
		[]string{"scratch file", "out/", "map of identities"}, oneBundle},
	{"job", []string{"--case", "F-1", "--recipe", "r.yaml", "--trust-recipe", "--yes", "--output", "out"},
		[]string{"scratch file", "bundle.tar.zst.age", "map of identities", "item.json", "record bundle"}, oneDelivery},
	{"redact", []string{"redact", "in", "--output", "out/clean", "--case", "F-1"}, []string{"out/clean", "map of identities"}, nil},
	{"successor", []string{"redact", "old/b.tar.zst", "--output", "out"}, []string{"scratch file", "out/"}, oneBundle},
	{"extract", []string{"extract", "old/b.tar.zst", "out"}, []string{"out"}, func(t *testing.T, m *machine) {
		if _, err := os.Stat(filepath.Join(m.dir, "out", m.bundle, "manifest.json.sig")); err != nil {
			t.Error(err)
		}
	}},
}

func oneBundle(t *testing.T, m *machine) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(m.dir, "out", "*.tar.zst"))
	if err != nil || len(found) == 0 {
		t.Errorf("bundles: %q, %v", found, err)
	}
}

// oneDelivery wants a bundle to be delivered, and none to wait but for consent.
func oneDelivery(t *testing.T, m *machine) {
	t.Helper()
	oneBundle(t, m)
	code, list, _ := m.run("spool", "list", "--json")
	if code != 0 || strings.Count(list, `"state":"`) != strings.Count(list, `"state":"held"`) {
		t.Errorf("the spool holds %s (%d)", list, code)
	}
	code, list, _ = m.run("history", "--json")
	var records []struct {
		BundleID string `json:"bundle_id"`
		Verified bool   `json:"verified"`
	}
	if err := json.Unmarshal([]byte(list), &records); err != nil || code != 0 || len(records) == 0 {
		t.Fatalf("history %s (%d): %v", list, code, err)
	}
	seen := map[string]bool{}
	for _, r := range records {
		if !r.Verified || seen[r.BundleID] {
			t.Errorf("history: %s twice, or not verified", r.BundleID)
		}
		seen[r.BundleID] = true
	}
}

// machine is a folder with a home, logs and a recipe, in which commands run.
type machine struct {
	dir    string
	data   string // of the embedded receiver
	bundle string // top folder of old/b.tar.zst
	own    string // fingerprint of the key that signs, where there is one
	failed bool   // the work did, when it was done first
}

func (m *machine) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = m.dir
	cmd.Env = []string{"HOME=" + filepath.Join(m.dir, "home"), "TMPDIR=" + filepath.Join(m.dir, "tmp"), "PATH=" + os.Getenv("PATH"), "TZ=UTC", "XDG_DATA_HOME=" + m.data}
	return cmd
}

func (m *machine) run(args ...string) (code int, stdout, stderr string) {
	cmd := m.command("diagcollect", args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		return -1, "", err.Error()
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// fill makes the machine's things; without keys, when the work makes them.
func (m *machine) fill(t *testing.T, w *work) {
	t.Helper()
	for _, d := range []string{"home", "tmp", "in", "out", "old"} {
		if err := os.Mkdir(filepath.Join(m.dir, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var log strings.Builder
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 150 {
		fmt.Fprintf(&log, "2026-11-01T10:%02d:%02dZ INFO order %x for u%d@example.org from 10.1.2.%d\n", i/60, i%60, rng.Uint64(), i, i)
	}
	for name, text := range map[string]string{
		"in/app.log": log.String(), "in/bare.log": "bare Zr7-plover9ferry\n", "in/z.conf": "password=Zr7-plover9ferry\n",
		"r.yaml": "recipe: 1\nname: r\ndescription: one folder\ncollect:\n  - {id: app, type: event, files: [\"" + m.dir + "/in/**\"]}\n",
	} {
		if err := os.WriteFile(filepath.Join(m.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if w.name == "first" {
		return
	}
	code, _, errs := m.run("collect", "--case", "F-1", "--recipe", "r.yaml", "--trust-recipe", "--output", "old/b.tar.zst")
	if code != 0 {
		t.Fatalf("preparing: %d, %s", code, errs)
	}
	b := m.open(t, filepath.Join(m.dir, "old", "b.tar.zst"))
	m.bundle, m.own = b.Head().Name, b.Proof().Fingerprint
	b.Close()
}

func (m *machine) home(t *testing.T) *trust.Home {
	t.Helper()
	h, err := trust.OpenHome(filepath.Join(m.dir, "home", ".config", "diagcollect"))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (m *machine) open(t *testing.T, path string) *manifest.Bundle {
	t.Helper()
	h := m.home(t)
	signers, err := h.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	id, err := h.Identity()
	if err != nil {
		t.Fatal(err)
	}
	b, err := manifest.OpenFile(path, signers, manifest.Limits{}, id)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return b
}

func (w *work) line(m *machine) []string {
	args := append([]string(nil), w.args...)
	for i, a := range args {
		if a == "OWN" {
			args[i] = m.own
		}
	}
	return args
}

// judge fails when something stands half-written under a name of its own below
// the machine's folder, when something unfinished is left though the work ended
// by itself, and when the key that signs there proves nothing.
func (m *machine) judge(t *testing.T, w *work, ended bool) {
	t.Helper()
	var id *age.X25519Identity
	err := filepath.WalkDir(m.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		rel, err := filepath.Rel(m.dir, path)
		if err != nil {
			return err
		}
		unfinished := strings.HasPrefix(name, ".new-") || strings.HasPrefix(name, ".diagcollect-") || strings.HasSuffix(name, ".tmp") ||
			filepath.Base(filepath.Dir(path)) == "tmp" && strings.Contains(rel, "state") || rel == filepath.Join("tmp", name)
		if unfinished {
			if ended {
				t.Errorf("%s is left", rel)
			}
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || strings.HasPrefix(rel, "old/") { // of a key that may be retired
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(name, ".json"):
			if !json.Valid(data) {
				t.Errorf("%s is no JSON: %.80q", rel, data)
			}
		case strings.HasSuffix(name, ".tar.zst"):
			b := m.open(t, path)
			defer b.Close()
			if err := b.Verify(context.Background()); err != nil {
				t.Errorf("%s: %v", rel, err)
			}
		case strings.HasSuffix(name, ".age"):
			if id == nil {
				if id, err = m.home(t).Identity(); err != nil {
					return err
				}
			}
			clear, err := age.Decrypt(bytes.NewReader(data), id)
			if err == nil {
				_, err = io.Copy(io.Discard, clear)
			}
			if err != nil {
				t.Errorf("%s: %v", rel, err)
			}
		case strings.HasPrefix(rel, "out/clean/"):
			was, err := os.ReadFile(filepath.Join(m.dir, "in", name))
			if err != nil || bytes.Count(data, []byte("\n")) != bytes.Count(was, []byte("\n")) || bytes.Contains(data, []byte("Zr7-plover9")) {
				t.Errorf("%s is not whole, or not clean", rel)
			}
		case strings.HasPrefix(rel, "out/") && m.bundle != "" && strings.HasPrefix(rel, "out/"+m.bundle+"/data/"):
			if len(data) == 0 {
				t.Errorf("%s is empty", rel)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	// A key that is to be revoked is so even where there is no other yet.
	if m.own == "" || w.name == "revoke" && (m.failed || !ended) {
		return
	}
	h := m.home(t)
	signer, err := h.Signer("")
	if err != nil {
		t.Fatal(err)
	}
	signers, err := h.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	sig, err := signer.Sign(trust.NamespaceManifest, strings.NewReader("x"))
	if err == nil {
		_, err = signers.Verify(trust.NamespaceManifest, sig, strings.NewReader("x"))
	}
	if err != nil {
		t.Errorf("the key that signs here proves nothing: %v", err)
	}
	pub, err := os.ReadFile(filepath.Join(h.Dir(), "id_ed25519.pub"))
	if err != nil || ended && !m.failed && !bytes.Equal(pub, ssh.MarshalAuthorizedKey(signer.PublicKey())) {
		t.Errorf("id_ed25519.pub is another key's, %v", err)
	}
}

// A disk that is full after any page, at each stage of each command that
// writes: the error says so and where, nothing is half-written or left, and
// with more space the same command does its work.
func TestFullDisk(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root may mount")
	}
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			const plenty = 100_000
			told := ""
			for pages := 0; ; pages++ {
				done := false
				func() {
					m := &machine{dir: t.TempDir(), data: t.TempDir()}
					size := func(pages int64) string { return fmt.Sprintf("size=%d", pages*int64(os.Getpagesize())) }
					if err := unix.Mount("none", m.dir, "tmpfs", 0, size(plenty)); err != nil {
						t.Fatal(err)
					}
					defer func() {
						if err := unix.Unmount(m.dir, 0); err != nil {
							t.Error(err)
						}
					}()
					m.fill(t, &w)
					var st unix.Statfs_t
					if err := unix.Statfs(m.dir, &st); err != nil {
						t.Fatal(err)
					}
					if err := unix.Mount("none", m.dir, "tmpfs", unix.MS_REMOUNT, size(int64(st.Blocks-st.Bfree)+int64(pages))); err != nil {
						t.Fatal(err)
					}
					code, _, errs := m.run(w.line(m)...)
					done = code == 0
					if !done {
						told += errs
						if code != 1 || !strings.Contains(errs, "no space left on device") && !strings.Contains(errs, "disk is full") {
							t.Errorf("%d pages: exit %d, %s", pages, code, errs)
						}
					}
					if err := unix.Mount("none", m.dir, "tmpfs", unix.MS_REMOUNT, size(plenty)); err != nil {
						t.Fatal(err)
					}
					if w.name == "first" && !done {
						m.run("key", "list")
					}
					m.failed = !done
					m.judge(t, &w, true)
					m.failed = false
					if !done {
						if code, _, errs := m.run(w.again(m)...); !finished(code, errs) {
							t.Errorf("%d pages, then more: exit %d, %s", pages, code, errs)
						}
						m.judge(t, &w, true)
					}
					if w.whole != nil {
						w.whole(t, m)
					}
				}()
				if t.Failed() {
					return
				}
				if done {
					t.Logf("%d pages are enough", pages)
					break
				}
			}
			for _, stage := range w.stages {
				if !strings.Contains(told, stage) {
					t.Errorf("the disk was never full at %q; told was %s", stage, told)
				}
			}
		})
	}
}

// again is the command to be run after it failed or was killed. What stands
// there whole is not overwritten, so it gets another name.
func (w *work) again(m *machine) []string {
	args := w.line(m)
	for i, a := range args {
		if a == "out" && (w.name == "collect" || w.name == "job") {
			args[i] = "out/again.tar.zst"
		}
	}
	return args
}

// finished reports whether a command that ran again did its work, or found it
// done but for the end.
func finished(code int, told string) bool {
	return code == 0 || strings.Contains(told, "file already exists") || strings.Contains(told, "file exists") || strings.Contains(told, "is there already and is not overwritten")
}

// changes are the calls by which the system's files change, in the sets of
// which one is counted at a time.
var changes = []string{
	"renameat,renameat2,linkat,unlinkat,mkdirat",
	"fsync,fdatasync,ftruncate,fallocate,utimensat",
	"write,pwrite64",
}

// Killed with kill -9 as it enters any call that changes a file: nothing is
// half-written under a name of its own, the same command does its work
// afterwards, and then nothing unfinished is left. DIAGCOLLECT_KILLS=all tries
// every moment, otherwise some are picked at random.
func TestKilledAtAnyMoment(t *testing.T) {
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("strace is not installed")
	}
	for _, w := range works {
		t.Run(w.name, func(t *testing.T) {
			kills, all := 0, os.Getenv("DIAGCOLLECT_KILLS") == "all"
			for _, set := range changes {
				n := 1
				if !all {
					n += rand.IntN(20)
				}
				for n > 0 {
					killed := killAt(t, &w, set, n)
					if t.Failed() {
						t.Fatalf("killed at call %d of %s", n, set)
					}
					switch {
					case killed:
						kills++
						if n++; !all {
							n = 0
						}
					case all:
						n = 0
					default: // no thread makes as many
						n /= 2
					}
				}
			}
			if kills < len(changes) {
				t.Errorf("killed at %d moments only", kills)
			}
			t.Logf("killed at %d moments", kills)
		})
	}
}

func killAt(t *testing.T, w *work, set string, n int) bool {
	m := &machine{dir: t.TempDir(), data: t.TempDir()}
	m.fill(t, w)
	cmd := m.command("strace", append([]string{"-f", "-qqq", "-o", os.DevNull, "-e", "trace=" + set, "-e", "inject=" + set + ":signal=KILL:when=" + strconv.Itoa(n), "diagcollect"}, w.line(m)...)...)
	cmd.Env = append(cmd.Env, "GOMAXPROCS=1") // calls are counted by thread
	out, err := cmd.CombinedOutput()
	exit := (*exec.ExitError)(nil)
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	status := cmd.ProcessState.Sys().(interface{ Signaled() bool })
	killed := err != nil && (status.Signaled() || exit.ExitCode() == 137)
	if err != nil && !killed {
		t.Fatalf("%v: %s", err, out)
	}
	if !killed {
		return false
	}
	if w.name != "first" { // its keys are made by the judge, too
		m.judge(t, w, false)
	}
	code, _, errs := m.run(w.again(m)...)
	if !finished(code, errs) {
		t.Errorf("afterwards: exit %d, %s", code, errs)
	}
	m.judge(t, w, true)
	if w.whole != nil {
		w.whole(t, m)
	}
	return true
}
