package upload

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
)

func newSpool(t testing.TB) *Spool {
	t.Helper()
	s, err := OpenSpool(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func meta(id string) Meta {
	return Meta{BundleID: id, Case: "C-1", Organisation: "acme", Endpoint: "https://r.example", Name: "b.tar.zst", SHA256: digest(nil)}
}

func put(t testing.TB, s *Spool, m Meta, content []byte) *Item {
	t.Helper()
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(content); err != nil {
		t.Fatal(err)
	}
	i, err := d.Commit(m)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// tree lists the files below the state directory, locks left out.
func tree(t testing.TB, s *Spool) (names []string) {
	t.Helper()
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(s.dir, path)
		if err == nil && !d.IsDir() && rel != "spool.lock" && !strings.HasPrefix(rel, dirLocks) {
			names = append(names, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestSpoolItem(t *testing.T) {
	s := newSpool(t)
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"hello ", "world"} {
		if _, err := io.WriteString(d, part); err != nil {
			t.Fatal(err)
		}
	}
	r, n := d.ReaderAt()
	back := make([]byte, n)
	if _, err := r.ReadAt(back, 0); err != nil || string(back) != "hello world" {
		t.Errorf("read back %q, %v", back, err)
	}
	if items, err := s.List(); err != nil || len(items) > 0 {
		t.Errorf("a draft is listed: %v, %v", items, err)
	}
	id := newBundleID(t)
	i, err := d.Commit(meta(id))
	if err != nil {
		t.Fatal(err)
	}
	if i.WireSHA256 != digest([]byte("hello world")) || i.WireSize != 11 || i.State != Held || i.Created.IsZero() {
		t.Errorf("%+v", i.Meta)
	}
	if _, err := d.Write([]byte("x")); err == nil {
		t.Error("wrote after Commit")
	}
	if err := d.Discard(); err != nil {
		t.Error(err)
	}
	if got, err := os.ReadFile(i.Path()); err != nil || string(got) != "hello world" {
		t.Errorf("%q, %v", got, err)
	}
	if want := []string{"spool/" + id + "/bundle.tar.zst.age", "spool/" + id + "/item.json"}; !equal(tree(t, s), want) {
		t.Errorf("%v, want %v", tree(t, s), want)
	}
	if runtime.GOOS != "windows" {
		filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
			if fi, _ := d.Info(); path != s.dir && fi.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s: %v", path, fi.Mode())
			}
			return err
		})
	}

	found, err := s.Find(strings.ToUpper(id[:8]))
	if err != nil || found.Meta != i.Meta {
		t.Errorf("%+v, %v", found, err)
	}
	consent := Consent{At: time.Now().UTC(), How: "prompt", Endpoint: "https://r.example", ReceiptKey: "SHA256:x"}
	if err := s.SetConsent(found, Consent{How: "flag"}); err == nil {
		t.Error("consent to nothing")
	}
	if err := s.SetConsent(found, consent); err != nil {
		t.Fatal(err)
	}
	if again, err := s.Find(id); err != nil || again.State != Queued || *again.Consent != consent {
		t.Errorf("%+v, %v", again, err)
	}

	i.Reason = "not wanted"
	if err := s.Drop(i); err != nil {
		t.Fatal(err)
	}
	history, err := s.History()
	if err != nil || len(history) != 1 {
		t.Fatalf("%v, %v", history, err)
	}
	if h := history[0]; h.BundleID != id || h.Result != Dropped || h.Reason != "not wanted" || h.Verified || h.Receipt != "" || h.Ended.IsZero() {
		t.Errorf("%+v", h)
	}
	if want := []string{"dropped/C-1/" + id[:8] + "/record.json"}; !equal(tree(t, s), want) {
		t.Errorf("%v, want %v", tree(t, s), want)
	}
	if _, err := s.Find(id); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if err := s.Drop(i); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("dropped twice: %v", err)
	}
}

func TestSpoolFindIsUnique(t *testing.T) {
	s := newSpool(t)
	a, b := "0193f2c1-0000-7000-8000-000000000001", "0193f2c1-0000-7000-8000-000000000002"
	put(t, s, meta(a), nil)
	put(t, s, meta(b), nil)
	if _, err := s.Find("0193f2c1"); err == nil || !strings.Contains(err.Error(), a+" or "+b) {
		t.Errorf("%v", err)
	}
	if _, err := s.Find(""); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if i, err := s.Find(b); err != nil || i.BundleID != b {
		t.Errorf("%v, %v", i, err)
	}
	if items, err := s.List(); err != nil || len(items) != 2 || items[0].BundleID != a {
		t.Errorf("%v, %v", items, err)
	}
}

func TestCommitRefuses(t *testing.T) {
	s := newSpool(t)
	id := newBundleID(t)
	put(t, s, meta(id), []byte("first"))
	before := tree(t, s)
	for name, tt := range map[string]struct {
		alter func(*Meta)
		says  string
	}{
		"there already":    {func(m *Meta) {}, "file already exists"},
		"no id":            {func(m *Meta) { m.BundleID = "" }, "no bundle id"},
		"upper-case id":    {func(m *Meta) { m.BundleID = strings.ToUpper(id) + "" }, "no bundle id"},
		"path as id":       {func(m *Meta) { m.BundleID = "../../x" }, "no bundle id"},
		"path as case":     {func(m *Meta) { m.BundleID = newBundleID(t); m.Case = "../x" }, "no case id"},
		"path as name":     {func(m *Meta) { m.BundleID = newBundleID(t); m.Name = "../x" }, "no file name"},
		"drive as name":    {func(m *Meta) { m.BundleID = newBundleID(t); m.Name = "c:x" }, "no file name"},
		"foreign consent":  {func(m *Meta) { m.BundleID = newBundleID(t); m.Consent = &Consent{Endpoint: "https://other"} }, "consent is for"},
		"too long a case":  {func(m *Meta) { m.BundleID = newBundleID(t); m.Case = strings.Repeat("x", 65) }, "no case id"},
		"hidden file name": {func(m *Meta) { m.BundleID = newBundleID(t); m.Name = ".x" }, "no file name"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := s.Create()
			if err != nil {
				t.Fatal(err)
			}
			m := meta(id)
			tt.alter(&m)
			_, err = d.Commit(m)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if !equal(tree(t, s), before) {
				t.Errorf("left %v", tree(t, s))
			}
		})
	}
}

func TestSpoolFull(t *testing.T) {
	s := newSpool(t)
	s.MaxBytes = 10_000
	consented := put(t, s, meta(newBundleID(t)), make([]byte, 8000))
	before := tree(t, s)

	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(make([]byte, 2500)); !errors.Is(err, ErrSpoolFull) || !strings.Contains(err.Error(), "of at most 10000 bytes") {
		t.Errorf("%v", err)
	}
	if _, err := d.Commit(meta(newBundleID(t))); !errors.Is(err, ErrSpoolFull) {
		t.Errorf("%v", err)
	}
	if !equal(tree(t, s), before) {
		t.Errorf("left %v", tree(t, s))
	}

	// Two drafts that each fit, but not both.
	a, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*Draft{a, b} {
		if _, err := d.Write(make([]byte, 1200)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Commit(meta(newBundleID(t))); !errors.Is(err, ErrSpoolFull) {
		t.Errorf("%v", err)
	}
	if _, err := b.Commit(meta(newBundleID(t))); err != nil {
		t.Error(err)
	}
	s.MaxBytes = 5000
	if _, err := s.Create(); !errors.Is(err, ErrSpoolFull) {
		t.Errorf("%v", err)
	}
	if _, err := s.Find(consented.BundleID); err != nil {
		t.Errorf("a full spool dropped something: %v", err)
	}
}

// A disk that takes no more leaves no draft.
func TestDraftWriteError(t *testing.T) {
	s := newSpool(t)
	d, err := s.Create()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	d.f.Close() // from here the file takes nothing
	if _, err := d.Write([]byte("y")); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if _, err := d.Commit(meta(newBundleID(t))); !errors.Is(err, os.ErrClosed) {
		t.Errorf("%v", err)
	}
	if left := tree(t, s); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestMain lets the test binary be a process that drafts and waits for its
// death.
func TestMain(m *testing.M) {
	if dir := os.Getenv("UPLOAD_TEST_DRAFT_IN"); dir != "" {
		s, err := OpenSpool(dir)
		if err == nil {
			var d *Draft
			if d, err = s.Create(); err == nil {
				_, err = d.Write([]byte("half a bundle"))
			}
		}
		fmt.Println(err)
		select {}
	}
	os.Exit(m.Run())
}

func TestSweepAfterKill(t *testing.T) {
	s := newSpool(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "UPLOAD_TEST_DRAFT_IN="+s.dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "<nil>\n" {
		t.Fatalf("%q, %v", line, err)
	}
	// Alive: nobody sweeps its draft.
	if _, err := OpenSpool(s.dir); err != nil {
		t.Fatal(err)
	}
	if left := tree(t, s); len(left) != 2 {
		t.Errorf("the draft of a living process: %v", left)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	if _, err := OpenSpool(s.dir); err != nil {
		t.Fatal(err)
	}
	if left := tree(t, s); len(left) > 0 {
		t.Errorf("the draft of a dead process: %v", left)
	}
}

// Killed between any two steps of recording a delivery, the next open ends
// with the record and without the item.
func TestCrashWhileRecording(t *testing.T) {
	receipt := &SignedText{Text: "text", Signature: "signature"}
	for _, keep := range []bool{false, true} {
		for _, step := range []string{"staged", "recorded", "moved", "retired"} {
			t.Run(fmt.Sprintf("%s keep=%v", step, keep), func(t *testing.T) {
				s := newSpool(t)
				i := put(t, s, meta(newBundleID(t)), []byte("wire"))
				r := &Record{Meta: i.Meta, Ended: time.Now(), Result: Delivered, Receipt: receiptJSON, Verified: true}
				if keep {
					r.Kept = i.Name + ".age"
				}
				var dir string
				err := s.locked(func() (err error) {
					dir, err = s.record(dirSent, r, receipt)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				switch step {
				case "staged":
					err = os.Rename(dir, s.path(dirTmp, newName()))
				case "moved":
					if keep {
						err = os.Rename(i.Path(), filepath.Join(dir, r.Kept))
					}
				case "retired":
					if keep {
						err = os.Rename(i.Path(), filepath.Join(dir, r.Kept))
					}
					err = errors.Join(err, os.Rename(s.itemDir(i.BundleID), s.path(dirTmp, newName())))
				}
				if err != nil {
					t.Fatal(err)
				}

				s, err = OpenSpool(s.dir)
				if err != nil {
					t.Fatal(err)
				}
				items, err := s.List()
				if err != nil {
					t.Fatal(err)
				}
				history, err := s.History()
				if err != nil {
					t.Fatal(err)
				}
				if step == "staged" { // nothing was recorded: it will be sent again
					if len(items) != 1 || len(history) != 0 || len(tree(t, s)) != 2 {
						t.Errorf("%d items, %d records, %v", len(items), len(history), tree(t, s))
					}
					return
				}
				if len(items) != 0 || len(history) != 1 {
					t.Fatalf("%d items, %d records", len(items), len(history))
				}
				want := 3
				if keep {
					want++
					if b, err := os.ReadFile(history[0].Kept); err != nil || string(b) != "wire" {
						t.Errorf("kept %q, %v", b, err)
					}
				}
				if left := tree(t, s); len(left) != want {
					t.Errorf("left %v", left)
				}
			})
		}
	}
}

// One bundle, sent twice, and two whose ids begin alike: four records.
func TestRecordsBesideEachOther(t *testing.T) {
	s := newSpool(t)
	ids := []string{"0193f2c1-0000-7000-8000-000000000001", "0193f2c1-0000-7000-8000-000000000001", "0193f2c1-0000-7000-8000-000000000001", "0193f2c1-0000-7000-8000-000000000001", "0193f2c1-ffff-7000-8000-000000000002"}
	for n, id := range ids {
		i := put(t, s, meta(id), []byte{byte(n)})
		if _, err := s.deliver(i, &SignedText{}, true); err != nil {
			t.Fatal(err)
		}
	}
	dirs, err := os.ReadDir(s.path(dirSent, "C-1"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range dirs {
		names = append(names, d.Name())
	}
	if want := []string{"0193f2c1", "0193f2c1-0000", ids[0], ids[0] + "-2", "0193f2c1-ffff"}; !equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	history, err := s.History()
	if err != nil || len(history) != len(ids) {
		t.Fatalf("%d, %v", len(history), err)
	}
	for n, r := range history {
		if b, err := os.ReadFile(r.Kept); err != nil || b[0] != byte(n) {
			t.Errorf("%s: %v, %v", r.Kept, b, err)
		}
	}
	if dropped, err := s.DropKept("0193f2c1-f"); err != nil || !dropped {
		t.Errorf("%v, %v", dropped, err)
	}
	if history, err = s.History(); err != nil || history[4].Kept != "" || history[3].Kept == "" || history[4].Receipt == "" {
		t.Errorf("%+v, %v", history, err)
	}
}

// One file that cannot be read hides nothing else.
func TestSpoolDamage(t *testing.T) {
	s := newSpool(t)
	good, bad := put(t, s, meta(newBundleID(t)), nil), put(t, s, meta(newBundleID(t)), nil)
	sent := put(t, s, meta(newBundleID(t)), nil)
	lost := put(t, s, meta(newBundleID(t)), nil)
	for _, i := range []*Item{sent, lost} {
		if _, err := s.deliver(i, &SignedText{}, false); err != nil {
			t.Fatal(err)
		}
	}
	history, err := s.History()
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(s.itemDir(bad.BundleID), itemJSON), filepath.Join(filepath.Dir(history[1].Receipt), recordJSON)} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err = OpenSpool(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if items, err := s.List(); err == nil || !strings.Contains(err.Error(), bad.BundleID) || len(items) != 1 || items[0].BundleID != good.BundleID {
		t.Errorf("%v, %v", items, err)
	}
	if _, err := s.Find(good.BundleID); err != nil {
		t.Error(err)
	}
	if records, err := s.History(); err == nil || len(records) != 1 || records[0].BundleID != sent.BundleID {
		t.Errorf("%v, %v", records, err)
	}
}

func wrap(t testing.TB, clear []byte, recipients ...age.Recipient) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := age.Encrypt(&b, recipients...)
	if err == nil {
		_, err = w.Write(clear)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	i, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func TestRewrap(t *testing.T) {
	s := newSpool(t)
	own, first, second := identity(t), identity(t), identity(t)
	clear := randomBytes(300_000)
	m := meta(newBundleID(t))
	m.SHA256, m.Size = digest(clear), int64(len(clear))
	m.Consent = &Consent{At: time.Now(), How: "flag", Endpoint: m.Endpoint, ReceiptKey: "SHA256:x"}
	i := put(t, s, m, wrap(t, clear, first.Recipient(), own.Recipient()))
	before := tree(t, s)

	if _, err := s.Rewrap(t.Context(), i.Path(), second, second.Recipient()); err == nil {
		t.Error("rewrapped with a key that does not open it")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Rewrap(ctx, i.Path(), own, second.Recipient()); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	d, err := s.Rewrap(t.Context(), i.Path(), own, second.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	other := i.Meta
	other.SHA256 = digest(nil)
	if _, err := d.Commit(other); err == nil || !strings.Contains(err.Error(), "is another bundle") {
		t.Errorf("%v", err)
	}
	if !equal(tree(t, s), before) {
		t.Errorf("left %v", tree(t, s))
	}

	// In the place of the old one, without its consent.
	d, err = s.Rewrap(t.Context(), i.Path(), own, second.Recipient(), own.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	next := i.Meta
	next.Endpoint, next.Consent, next.UploadURL, next.Tries = "https://second.example", nil, "x", 3
	j, err := d.Commit(next)
	if err != nil {
		t.Fatal(err)
	}
	if j.State != Held || j.UploadURL != "" || j.Tries != 0 || j.WireSHA256 == i.WireSHA256 {
		t.Errorf("%+v", j.Meta)
	}
	items, err := s.List()
	if err != nil || len(items) != 1 || items[0].Path() != j.Path() || len(tree(t, s)) != 2 {
		t.Fatalf("%v, %v, %v", items, err, tree(t, s))
	}
	wire, err := os.ReadFile(items[0].Path())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decrypt(wire, second); err != nil || !bytes.Equal(got, clear) || digest(wire) != j.WireSHA256 {
		t.Errorf("rewrapped to something else: %v", err)
	}
	if _, err := decrypt(wire, first); err == nil {
		t.Error("the first receiver still opens it")
	}

	// From the copy that an endpoint on this machine left.
	r, err := s.deliver(j, &SignedText{}, true)
	if err != nil {
		t.Fatal(err)
	}
	d, err = s.Rewrap(t.Context(), r.Kept, own, first.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Commit(next); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(r.Kept); err != nil {
		t.Error(err)
	}
}

// Killed between the steps of a rewrap in place, the item is the old one or
// the new one, whole, and nothing else is left.
func TestCrashWhileRewrapping(t *testing.T) {
	s := newSpool(t)
	i := put(t, s, meta(newBundleID(t)), []byte("old"))
	for _, name := range []string{"bundle-0000000000000000.tar.zst.age", itemJSON + ".tmp"} {
		if err := os.WriteFile(filepath.Join(s.itemDir(i.BundleID), name), []byte("new"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := OpenSpool(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := tree(t, s); len(got) != 2 {
		t.Errorf("%v", got)
	}
	// The new item.json is the switch: from there the old file is the stray.
	i.file = "bundle-1111111111111111.tar.zst.age"
	if err := errors.Join(os.WriteFile(i.Path(), []byte("new"), 0o600), s.save(i)); err != nil {
		t.Fatal(err)
	}
	if s, err = OpenSpool(s.dir); err != nil {
		t.Fatal(err)
	}
	found, err := s.Find(i.BundleID)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(found.Path()); err != nil || string(b) != "new" || len(tree(t, s)) != 2 {
		t.Errorf("%q, %v, %v", b, err, tree(t, s))
	}
}

// Many at once, opening, drafting, committing, dropping: nobody sweeps what
// is another's.
func TestSpoolAtOnce(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	const workers, rounds = 6, 8
	for w := range workers {
		wg.Go(func() {
			for n := range rounds {
				s, err := OpenSpool(dir)
				if err != nil {
					t.Error(err)
					return
				}
				d, err := s.Create()
				if err != nil {
					t.Error(err)
					return
				}
				content := bytes.Repeat([]byte{byte(w)}, 5000)
				if _, err := d.Write(content); err != nil {
					t.Error(err)
					return
				}
				i, err := d.Commit(meta(newBundleID(t)))
				if err != nil {
					t.Error(err)
					return
				}
				if b, err := os.ReadFile(i.Path()); err != nil || !bytes.Equal(b, content) {
					t.Errorf("%v", err)
				}
				if n%2 == 0 {
					if err := s.Drop(i); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	s, err := OpenSpool(dir)
	if err != nil {
		t.Fatal(err)
	}
	items, err := s.List()
	if err != nil || len(items) != workers*rounds/2 {
		t.Errorf("%d items, %v", len(items), err)
	}
	if history, err := s.History(); err != nil || len(history) != workers*rounds/2 {
		t.Errorf("%d records, %v", len(history), err)
	}
	if tmp, err := os.ReadDir(filepath.Join(dir, dirTmp)); err != nil || len(tmp) > 0 {
		t.Errorf("%v, %v", tmp, err)
	}
	if locks, err := os.ReadDir(filepath.Join(dir, dirLocks)); err != nil || len(locks) > 0 {
		t.Errorf("%v, %v", locks, err)
	}
}

func TestNextTry(t *testing.T) {
	first := time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
	for tries, want := range map[int]time.Duration{
		1:  8 * time.Minute,
		2:  16 * time.Minute,
		15: 2 * time.Hour,
		16: 2*time.Hour + 16*time.Minute,
		17: 2*time.Hour + 48*time.Minute,
		18: 2*time.Hour + 112*time.Minute,
		19: 2*time.Hour + 240*time.Minute,
		20: 2*time.Hour + 480*time.Minute,
		21: 2*time.Hour + 720*time.Minute,
	} {
		if got := NextTry(tries, first).Sub(first); got != want {
			t.Errorf("after %d tries: %v, want %v", tries, got, want)
		}
	}
	last := time.Duration(0)
	for tries := 1; tries < 10_000; tries++ {
		step := NextTry(tries+1, first).Sub(NextTry(tries, first))
		if step < last || step > 4*time.Hour {
			t.Fatalf("step %v after %v at try %d", step, last, tries)
		}
		last = step
	}
}
