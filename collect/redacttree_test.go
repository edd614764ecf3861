package collect

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// tree reads all files below dir.
func treeOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		out[filepath.ToSlash(rel)] = string(b)
		if fi, err := d.Info(); err == nil && fi.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", rel, fi.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func redactTree(t *testing.T, dir string, paths ...string) ([]Redacted, map[string]string) {
	t.Helper()
	var got []Redacted
	err := RedactTree(t.Context(), paths, dir, RedactOptions{Session: newSession(t), Scratch: t.TempDir()}, func(r Redacted) { got = append(got, r) })
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b Redacted) int { return strings.Compare(a.Path, b.Path) })
	return got, treeOf(t, dir)
}

func TestRedactTree(t *testing.T) {
	pw := secret(t)
	in := t.TempDir()
	line := "user=app password=" + pw + " end\n"
	write(t, in+"/a/first.log", strings.Repeat("filler of a log\n", 100_000)+"bare "+pw+" here\n")
	write(t, in+"/z/app.log", line)
	write(t, in+"/z/app.log.1.gz", string(gz(t, []byte(line))))
	write(t, in+"/both.log", "plain\n")
	write(t, in+"/both.log.gz", string(gz(t, []byte("packed\n"))))
	write(t, in+"/old.tar.gz", string(gz(t, tarOf(t, packed{"x/one.log", []byte(line)}, packed{"two.log", []byte("2\n")}))))
	write(t, in+"/app.bin", "\x7fELF\x02\x01\x01"+strings.Repeat("\x00", 500))
	write(t, in+"/empty", "")
	if err := os.Symlink("/etc/passwd", in+"/out.log"); err != nil {
		t.Fatal(err)
	}
	single := write(t, t.TempDir()+"/single.conf", line)
	dir := filepath.Join(t.TempDir(), "new", "out")
	got, files := redactTree(t, dir, in, single)
	var names []string
	for name, text := range files {
		names = append(names, name)
		if strings.Contains(text, pw) {
			t.Errorf("%s: the password stands", name)
		}
	}
	slices.Sort(names)
	if d := cmp.Diff([]string{"a/first.log", "both.log", "both.log~2", "empty", "old.tar.gz/two.log", "old.tar.gz/x/one.log", "single.conf", "z/app.log", "z/app.log.1"}, names); d != "" {
		t.Error(d)
	}
	if files["both.log"] != "plain\n" || files["both.log~2"] != "packed\n" || !strings.Contains(files["a/first.log"], "\nbare ") {
		t.Error("contents were mixed up")
	}
	outcomes := map[string]manifest.Outcome{}
	for _, r := range got {
		outcomes[filepath.Base(r.Path)] = r.Outcome
		switch filepath.Base(r.Path) {
		case "old.tar.gz":
			if r.Output != "old.tar.gz" || r.Counts[redact.Password] != 1 {
				t.Errorf("%+v", r)
			}
		case "single.conf":
			if r.Output != "single.conf" || r.Path != single || r.Bytes == 0 {
				t.Errorf("%+v", r)
			}
		case "app.bin":
			if r.Output != "" || r.Reason == "" {
				t.Errorf("%+v", r)
			}
		}
	}
	want := map[string]manifest.Outcome{
		"first.log": "ok", "app.log": "ok", "app.log.1.gz": "ok", "both.log": "ok", "both.log.gz": "ok", "old.tar.gz": "ok",
		"app.bin": "withheld", "empty": "empty", "out.log": "withheld", "single.conf": "ok",
	}
	if d := cmp.Diff(want, outcomes); d != "" {
		t.Error(d)
	}
}

// Of two files with one name the first given has it, however long it takes.
func TestRedactTreeOneName(t *testing.T) {
	p, q, zipped := t.TempDir()+"/x.log", t.TempDir()+"/x.log", t.TempDir()+"/x.log.gz"
	write(t, p, strings.Repeat("the first, which takes long\n", 200_000))
	write(t, q, "the second\n")
	write(t, zipped, string(gz(t, []byte("the third\n"))))
	dir := filepath.Join(t.TempDir(), "out")
	got, files := redactTree(t, dir, p, q, zipped)
	if !strings.HasPrefix(files["x.log"], "the first") || files["x.log~2"] != "the second\n" || files["x.log~3"] != "the third\n" {
		t.Errorf("%d files, x.log~2 is %q", len(files), files["x.log~2"])
	}
	renamed := map[string][]Renaming{}
	for _, r := range got {
		renamed[r.Path] = r.Renamed
	}
	if d := cmp.Diff(map[string][]Renaming{p: nil, q: {{"x.log", "x.log~2"}}, zipped: {{"x.log", "x.log~3"}}}, renamed); d != "" {
		t.Error(d)
	}
}

// Redacting what was redacted changes nothing.
func TestRedactTreeTwice(t *testing.T) {
	in := t.TempDir()
	write(t, in+"/a.log", "password="+secret(t)+" from 203.0.113.9 by someone@example.com\n")
	_, once := redactTree(t, t.TempDir()+"/1", in)
	mid := t.TempDir()
	write(t, mid+"/a.log", once["a.log"])
	_, twice := redactTree(t, t.TempDir()+"/2", mid)
	if d := cmp.Diff(once, twice); d != "" {
		t.Error(d)
	}
}

func TestRedactTreeRefuses(t *testing.T) {
	in := t.TempDir()
	write(t, in+"/a.log", "a\n")
	write(t, in+"/sub/b.log", "b\n")
	link := t.TempDir() + "/link"
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	there := t.TempDir()
	write(t, there+"/a.log", "precious\n")
	for _, tt := range []struct{ name, dir, path, want string }{
		{"inside", in + "/out", in, "lies inside of"},
		{"inside through a link", link + "/out", in, "lies inside of"},
		{"itself", in, in, "lies inside of"},
		{"not there", t.TempDir() + "/o", in + "/none", "no such file"},
		{"overwriting", there, in + "/a.log", "is there already and is not overwritten"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := RedactTree(t.Context(), []string{tt.path}, tt.dir, RedactOptions{Session: newSession(t)}, nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Error(err)
			}
		})
	}
	if b, err := os.ReadFile(there + "/a.log"); err != nil || string(b) != "precious\n" {
		t.Errorf("%q %v", b, err)
	}
	if left, _ := filepath.Glob(there + "/.diagcollect*"); len(left) > 0 {
		t.Error(left)
	}
}

func TestRedactTreeCancelled(t *testing.T) {
	in := t.TempDir()
	write(t, in+"/a.log", "a\n")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := RedactTree(ctx, []string{in}, dir, RedactOptions{Session: newSession(t)}, nil); err == nil {
		t.Error("no error")
	}
	empty(t, dir)
}

func TestRedactTreeNamesThatContentsTell(t *testing.T) {
	dir, out := t.TempDir(), t.TempDir()
	value := "Zk9q" + "Tr7Wm4xLp2v"
	for name, text := range map[string]string{"a.conf": "password=" + value + "\n", value + ".log": "started\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := redact.NewSession(redact.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := RedactTree(t.Context(), []string{dir}, out, RedactOptions{Session: s}, func(r Redacted) {
		if strings.Contains(r.Output, value) {
			t.Errorf("%s is told", r.Output)
		}
	}); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(names) != 2 || strings.Contains(strings.Join(names, " "), value) {
		t.Errorf("%q, %v", names, err)
	}
}

func TestRedactTreeNames(t *testing.T) {
	in := t.TempDir()
	write(t, in+"/mail-of-someone@example.com.log", "x\n")
	names := newSession(t)
	var out string
	dir := t.TempDir()
	if err := RedactTree(t.Context(), []string{in}, dir, RedactOptions{Session: newSession(t), Names: names}, func(r Redacted) { out = r.Output }); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out, "someone@") || out == "" {
		t.Error(out)
	}
	if _, err := os.Stat(dir + "/" + out); err != nil {
		t.Error(err)
	}
}

// However values lie across the windows, none is missed and nothing else
// changes.
func TestSweeper(t *testing.T) {
	var b bytes.Buffer
	value := "needle-" + rand.Text()
	for i := range 60_000 {
		fmt.Fprintf(&b, "line %d of some text\n", i)
		if i%97 == 0 {
			b.WriteString(strings.Repeat("x", i%31) + value + value)
		}
	}
	clean := func(b []byte) ([]byte, redact.Counts) {
		n := bytes.Count(b, []byte(value))
		if n == 0 {
			return b, nil
		}
		return bytes.ReplaceAll(b, []byte(value), []byte("-")), redact.Counts{redact.Token: int64(n)}
	}
	want, counts := clean(b.Bytes())
	s := &sweeper{r: bytes.NewReader(b.Bytes()), overlap: len(value), clean: clean}
	got, err := io.ReadAll(s)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d of %d bytes, %v", len(got), len(want), err)
	}
	if s.counts[redact.Token] != counts[redact.Token] {
		t.Errorf("%d values counted of %d", s.counts[redact.Token], counts[redact.Token])
	}
}

func TestRedactTreeMemory(t *testing.T) {
	in := t.TempDir()
	f, err := os.Create(in + "/big.log")
	if err != nil {
		t.Fatal(err)
	}
	var chunk bytes.Buffer
	for i := range 10_000 {
		fmt.Fprintf(&chunk, "2026-11-01T10:00:00Z INFO worker %d from 10.1.%d.%d done\n", i, i%250, i%99)
	}
	for range 150 {
		if _, err := f.Write(chunk.Bytes()); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	peak := peakHeap(t, func() {
		if err := RedactTree(t.Context(), []string{in}, dir, RedactOptions{Session: newSession(t)}, nil); err != nil {
			t.Fatal(err)
		}
	})
	if peak > 48<<20 {
		t.Errorf("peak of %s", sizeText(int64(peak)))
	}
}

// A line of many blocks is cut wherever it may be; a value that is known late
// goes whole, also where it stands across such a cut.
func TestRedactTreeSweepsLongLines(t *testing.T) {
	pw := secret(t)
	in := t.TempDir()
	late := "password=" + pw + " " + strings.Repeat("x", 300_000) + "\n"
	for k, sign := range []string{"_", " ", "é"} { // everywhere
		write(t, in+"/"+fmt.Sprint(k, ".log"), strings.Repeat(pw+sign, 600_000/len(pw))+late)
	}
	names, err := os.ReadDir(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range names {
		_, files := redactTree(t, t.TempDir()+"/out", in+"/"+f.Name())
		for i := 0; i+6 <= len(pw); i++ {
			if part := pw[i : i+6]; strings.Contains(files[f.Name()], part) || files[f.Name()] == "" {
				t.Errorf("%s: %d times a part of the password is left", f.Name(), strings.Count(files[f.Name()], part))
				break
			}
		}
	}
}

// taught is a text of which the session learns from another file as soon as so
// much of it came out.
type taught struct {
	*redact.Stream
	n, at int64
	teach func()
}

func (r *taught) Read(p []byte) (int, error) {
	n, err := r.Stream.Read(p)
	r.n += int64(n)
	return n, err
}

func (r *taught) Mark() int {
	if r.n >= r.at && r.teach != nil {
		r.teach()
		r.teach = nil
	}
	return r.Stream.Mark()
}

// What another file tells when a part of a long line is out already: the value
// goes from where the two parts meet, too.
func TestRedactTreeSweepsWhereAnotherTaught(t *testing.T) {
	pw := secret(t)
	const end = 256<<10 - 16<<10 - 4<<10 // of what comes out of the first block of such a line
	for at := end - 24; at < end+8; at++ {
		dir := t.TempDir()
		s := newSession(t)
		c := &copying{o: RedactOptions{Session: s}, claimed: map[string]bool{}, owned: map[string]bool{}, done: make([]Redacted, 1)}
		c.windows.New = func() any { return new([]byte) }
		if err := c.begin(dir); err != nil {
			t.Fatal(err)
		}
		text := strings.Repeat("x", at) + "_" + pw + "_" + strings.Repeat("x", 300_000) + "\n"
		st := &taught{Stream: s.Stream("a.log", strings.NewReader(text)), at: end - 64, teach: func() {
			if _, err := io.Copy(io.Discard, s.Stream("b.log", strings.NewReader("password="+pw+"\n"))); err != nil {
				t.Error(err)
			}
		}}
		_, err := (&treeStore{t: c, own: "a.log"}).add("a.log", time.Time{}, st, nil)
		if err == nil {
			err = c.publish(t.Context())
		}
		if err := errors.Join(err, c.close()); err != nil {
			t.Fatal(err)
		}
		if got := treeOf(t, dir)["a.log"]; !strings.Contains(got, "redacted-password-") || strings.Contains(got, pw[:6]) || strings.Contains(got, pw[len(pw)-6:]) {
			t.Errorf("at %d: the password or a part of it is left", at)
		}
	}
}

// A text that is read in pieces may be further than what is being written of
// it: what is learned there must go from the pieces before, too.
func TestRedactTreeSweepsPieces(t *testing.T) {
	pw := secret(t)
	in := t.TempDir()
	line := "worker finished a step in due time\n"
	front := strings.Repeat(line, (256<<10)/len(line)-8) // just within the first block
	text := front + "bare " + pw + " here\n" + strings.Repeat(line, 1000) + "password=" + pw + "\n" + strings.Repeat(line, 10)
	write(t, in+"/plain.log", text)
	write(t, in+"/packed.log.gz", string(gz(t, []byte(text))))
	for _, name := range []string{"plain.log", "packed.log.gz"} {
		_, files := redactTree(t, t.TempDir()+"/out", in+"/"+name)
		for _, got := range files {
			if strings.Contains(got, pw) || !strings.Contains(got, "\nbare ") {
				t.Errorf("%s: the password stands, or its line does not", name)
			}
		}
		if len(files) != 1 {
			t.Errorf("%s: %d files", name, len(files))
		}
	}
}
