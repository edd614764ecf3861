package collect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"golang.org/x/sync/errgroup"

	"github.com/diagcollect/diagcollect/redact"
)

func testMaps(t *testing.T) *Identities {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return OpenIdentities(filepath.Join(t.TempDir(), "identities"), id)
}

// hid is a session that redacted text under the case key of all fill.
func hid(t *testing.T, fill byte, text io.Reader) (*redact.Session, string) {
	t.Helper()
	s, err := redact.NewSession(redact.Options{CaseKey: bytes.Repeat([]byte{fill}, 32)})
	if err != nil {
		t.Fatal(err)
	}
	clean := &bytes.Buffer{}
	if _, err := io.Copy(clean, s.Stream("", text)); err != nil {
		t.Fatal(err)
	}
	return s, clean.String()
}

func revealed(t *testing.T, m *Identities, caseID, key, clean string) string {
	t.Helper()
	r := redact.NewRevealer()
	if _, err := m.Tell(caseID, func(h IdentityMap) bool { return key == "" || h.PseudonymKey == key }, r); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r.Stream(strings.NewReader(clean)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func every(IdentityMap) bool { return true }

func TestIdentitiesComeBack(t *testing.T) {
	m := testMaps(t)
	texts := []string{"mail bob@example.org from 10.1.2.3\n", "mail eve@example.org from 10.1.2.4\nuser=wal\xe9ter ok\n"}
	clean := ""
	for i, text := range texts {
		s, c := hid(t, 1, strings.NewReader(text))
		clean += c
		for _, head := range []IdentityMap{{Case: "A", BundleID: fmt.Sprint("b", i), PseudonymKey: "k1"}, {Case: "B", PseudonymKey: "k1"}} {
			if got, err := m.Keep(head, s); err != nil || got.Count == 0 || got.LeftOut != 0 {
				t.Fatalf("%+v, %v", got, err)
			}
		}
	}
	want := texts[0] + texts[1]
	if clean == want {
		t.Fatal("nothing was redacted")
	}
	for _, c := range []struct{ caseID, key, want string }{
		{"A", "", want}, {"A", "k1", want}, {"B", "k1", want},
		{"A", "k2", clean}, {"C", "", clean},
	} {
		if got := revealed(t, m, c.caseID, c.key, clean); got != c.want {
			t.Errorf("case %s under %q: %q", c.caseID, c.key, got)
		}
	}
	count := func(caseID string) int {
		files, err := filepath.Glob(filepath.Join(m.dir, caseID, "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(files)
	}
	if a, b := count("A"), count("B"); a != 2 || b != 1 {
		t.Errorf("%d maps of bundles and %d of redactions, want 2 and 1", a, b)
	}
	if err := m.Drop(IdentityMap{Case: "A", BundleID: "b1"}); err != nil || count("A") != 1 {
		t.Errorf("one taken back, %d are left, %v", count("A"), err)
	}
	if n, err := m.Forget("B"); n != 1 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
	if got := revealed(t, m, "B", "", clean); got != clean {
		t.Errorf("forgotten, and still known: %q", got)
	}
	if n, err := m.Forget("B"); n != 0 || err != nil {
		t.Errorf("forgot %d again, %v", n, err)
	}
}

// Jobs of one case may end, be taken back and be forgotten at once.
func TestIdentitiesAtOnce(t *testing.T) {
	m := testMaps(t)
	s, _ := hid(t, 1, strings.NewReader("mail bob@example.org\n"))
	head := func(k int) IdentityMap { return IdentityMap{Case: "A", BundleID: fmt.Sprint("b", k)} }
	var group errgroup.Group
	for k := range 4 {
		group.Go(func() error {
			for range 30 {
				h, err := m.Keep(head(k), s)
				if err != nil {
					return fmt.Errorf("keep: %w", err)
				}
				if err := m.Drop(h); k%2 == 0 && err != nil && !errors.Is(err, fs.ErrNotExist) {
					return fmt.Errorf("drop: %w", err)
				}
				if _, err := m.Forget("A"); err != nil {
					return fmt.Errorf("forget: %w", err)
				}
				if _, err := m.Tell("A", func(IdentityMap) bool { return true }, redact.NewRevealer()); err != nil {
					return fmt.Errorf("tell: %w", err)
				}
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	if n, err := m.Forget("A"); err != nil || n != 0 {
		t.Errorf("%d maps are left, %v", n, err)
	}
	if left, err := os.ReadDir(m.dir); err != nil || len(left) != 1 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// What a process that was killed was writing is gone with the next map.
func TestIdentitiesAfterAKill(t *testing.T) {
	m := testMaps(t)
	s, _ := hid(t, 1, strings.NewReader("mail bob@example.org\n"))
	half := write(t, filepath.Join(m.dir, "A", identityDraft+"1"), "half of it")
	if _, err := m.Keep(IdentityMap{Case: "B", BundleID: "b"}, s); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(half); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a draft of nobody: %v", err)
	}
}

func TestIdentitiesOfDamagedMaps(t *testing.T) {
	m := testMaps(t)
	s, clean := hid(t, 1, strings.NewReader("mail bob@example.org\n"))
	good, err := m.Keep(IdentityMap{Case: "A", BundleID: "good"}, s)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := os.ReadFile(filepath.Join(m.dir, good.file()))
	if err != nil {
		t.Fatal(err)
	}
	seal := func(text string) []byte {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, m.id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	head := `{"version":1,"case":"A"}` + "\n"
	for name, data := range map[string][]byte{
		"cut":        sealed[:len(sealed)-1],
		"not sealed": []byte(head),
		"empty":      seal(""),
		"no line":    seal(strings.TrimSpace(head)),
		"version 2":  seal(`{"version":2,"case":"A"}` + "\n"),
		"no tab":     seal(head + "redacted-email-0123456789ab\n"),
		"bad escape": seal(head + "redacted-email-0123456789ab\t\\x0\n"),
		"no end":     seal(head + "redacted-email-0123456789ab\tbob"),
		"long":       seal(head + "redacted-email-0123456789ab\t" + strings.Repeat("x", 1<<17) + "\n"),
	} {
		if err := os.WriteFile(filepath.Join(m.dir, "A", "bad.age"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := redact.NewRevealer()
		read, err := m.Tell("A", every, r)
		if err == nil || !strings.Contains(err.Error(), "A/bad.age") {
			t.Errorf("%s: error %v does not name it", name, err)
		}
		if len(read) != 1 || read[0].BundleID != "good" {
			t.Errorf("%s: %d maps read", name, len(read))
		}
		if got, err := io.ReadAll(r.Stream(strings.NewReader(clean))); err != nil || string(got) != "mail bob@example.org\n" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if n, err := m.Forget("A"); n != 2 || err != nil {
		t.Errorf("forgot %d, %v", n, err)
	}
}

func TestIdentitiesGrowOldAndAreBounded(t *testing.T) {
	m := testMaps(t)
	s, _ := hid(t, 1, strings.NewReader("mail bob@example.org\n"))
	for _, id := range []string{"old", "new"} {
		if _, err := m.Keep(IdentityMap{Case: "A", BundleID: id}, s); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-identityMapAge - time.Hour)
	for _, name := range []string{"old.age", identityDraft + "1"} {
		path := filepath.Join(m.dir, "A", name)
		f, err := os.OpenFile(path, os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
	}
	many := &bytes.Buffer{}
	for i := range 300_000 {
		fmt.Fprintf(many, "to u%d@example.org\n", i)
	}
	s, _ = hid(t, 1, many)
	head, err := m.Keep(IdentityMap{Case: "B", BundleID: "many"}, s)
	if err != nil {
		t.Fatal(err)
	}
	if head.Count < 100_000 || head.LeftOut == 0 || int64(head.Count)+head.LeftOut < 300_000 {
		t.Errorf("%d kept and %d left out of 300000", head.Count, head.LeftOut)
	}
	read, err := m.Tell("B", every, redact.NewRevealer())
	if err != nil || len(read) != 1 || read[0].LeftOut != head.LeftOut || read[0].Count != head.Count {
		t.Errorf("read %+v, %v", read, err)
	}
	left, err := filepath.Glob(filepath.Join(m.dir, "A", "*"))
	if err != nil || len(left) != 1 || filepath.Base(left[0]) != "new.age" {
		t.Errorf("left of case A: %v, %v", left, err)
	}
}

func TestIdentityLine(t *testing.T) {
	for _, original := range []string{"", "plain", "tab\tline\nback\\slash\x00\x7f", "\xff\xfe", `\x41`} {
		line := string(appendIdentity(nil, "p", original))
		if strings.Count(line, "\n") != 1 || strings.Count(line, "\t") != 1 {
			t.Errorf("%q is not one line: %q", original, line)
		}
		_, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if got, ok := unescapeIdentity(text, true); !ok || got != original {
			t.Errorf("%q comes back as %q", original, got)
		}
	}
	for _, bad := range []string{`\`, `\x4`, `\y41`, `\xzz`} {
		if got, ok := unescapeIdentity(bad, true); ok {
			t.Errorf("%q is read as %q", bad, got)
		}
	}
}
