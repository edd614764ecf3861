//go:build unix

package collect

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/diagcollect/diagcollect/manifest"
)

func findIn(t *testing.T, exclude []string, patterns ...string) (*finder, []string) {
	t.Helper()
	f := &finder{ctx: t.Context(), exclude: exclude, avoid: &avoid{}, verdict: &verdict{}, say: func(s string) string { return s }}
	t.Cleanup(f.close)
	f.find(patterns)
	var got []string
	for i := range f.files {
		got = append(got, f.files[i].path())
	}
	return f, got
}

func TestPatterns(t *testing.T) {
	dir := t.TempDir()
	for _, p := range []string{"a.log", "a.log.1", "a.log.2.gz", "b.txt", "sub/c.log", "sub/deep/d.log", "sub/deep/e.txt", "other/f.log", "[x]/g.log"} {
		write(t, filepath.Join(dir, p), p)
	}
	if err := os.Link(dir+"/a.log", dir+"/same.log"); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		patterns []string
		exclude  []string
		want     []string
	}{
		{"literal", []string{"/b.txt"}, nil, []string{"/b.txt"}},
		{"family", []string{"/a.log*"}, nil, []string{"/a.log", "/a.log.1", "/a.log.2.gz"}},
		{"star stays in its folder", []string{"/*.txt"}, nil, []string{"/b.txt"}},
		{"any depth", []string{"/**/*.txt"}, nil, []string{"/b.txt", "/sub/deep/e.txt"}},
		{"everything below", []string{"/sub/**"}, nil, []string{"/sub/c.log", "/sub/deep/d.log", "/sub/deep/e.txt"}},
		{"in the middle", []string{"/**/deep/*.log"}, nil, []string{"/sub/deep/d.log"}},
		{"one folder", []string{"/*/*.log"}, []string{"/\\[x\\]/**"}, []string{"/other/f.log", "/sub/c.log"}},
		{"braces", []string{"/{sub,other}/*.{log,txt}"}, nil, []string{"/other/f.log", "/sub/c.log"}},
		{"a folder", []string{"/sub"}, nil, []string{"/sub/c.log", "/sub/deep/d.log", "/sub/deep/e.txt"}},
		{"exclude", []string{"/**"}, []string{"/sub/**", "/*.log*", "/[[]x]/*"}, []string{"/b.txt", "/other/f.log", "/same.log"}},
		{"exclude a folder", []string{"/sub/**"}, []string{"/sub/deep"}, []string{"/sub/c.log"}},
		{"the same file once", []string{"/a.log", "/a.log", "/same.log", "/a.*"}, nil, []string{"/a.log", "/a.log.1", "/a.log.2.gz"}},
		{"nothing", []string{"/none/*", "/b.txt/x", "/b.txt/*/y"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.name == "exclude" {
				tt.exclude[1] = "/a.log*"
			}
			under := func(list []string) []string {
				var out []string
				for _, p := range list {
					out = append(out, dir+p)
				}
				return out
			}
			f, got := findIn(t, under(tt.exclude), under(tt.patterns)...)
			if tt.name == "exclude" {
				got = slices.DeleteFunc(got, func(p string) bool { return strings.Contains(p, "[x]") })
			}
			if d := cmp.Diff(under(tt.want), got); d != "" {
				t.Error(d)
			}
			if o, reason := f.verdict.final(); reason != "" {
				t.Error(o, reason)
			}
		})
	}
}

func FuzzPatterns(f *testing.F) {
	for _, s := range []string{"/a/*", "/a/**/b", "/{a,b}/[c-d]", "/a\\*", "/**/**/x", "C:/x/*"} {
		f.Add(s)
	}
	dir := f.TempDir()
	for _, p := range []string{"/a/b/c.log", "/x"} {
		if err := os.MkdirAll(filepath.Dir(dir+p), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(dir+p, nil, 0o600); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, p string) {
		if checkPattern(p) != "" || strings.HasPrefix(p, "C:") {
			return
		}
		_, got := findIn(t, nil, dir+p)
		for _, g := range got {
			if !strings.HasPrefix(g, dir+"/") {
				t.Fatalf("%q found %q", p, g)
			}
		}
	})
}

// A link is followed beneath its root and never out of it.
func TestLinks(t *testing.T) {
	dir := t.TempDir()
	outside := write(t, dir+"/outside/secret.log", "outside\n")
	write(t, dir+"/root/real.log", "inside\n")
	write(t, dir+"/root/sub/other.log", "sub\n")
	for name, to := range map[string]string{
		"rel.log": "real.log", "abs.log": dir + "/root/sub/other.log", "out.log": outside,
		"up.log": "../outside/secret.log", "gone.log": "nothing", "dir": dir + "/outside", "loop.log": "loop.log",
	} {
		if err := os.Symlink(to, dir+"/root/"+name); err != nil {
			t.Fatal(err)
		}
	}
	b := runJob(t, jobOf(t, recipeOf(t,
		`{id: all, type: state, files: ["`+dir+`/root/**"]}`,
		`{id: named, type: state, files: ["`+dir+`/root/out.log"]}`,
		`{id: through, type: state, files: ["`+dir+`/root/dir/secret.log", "`+dir+`/root/dir/*"]}`,
		`{id: alone, type: state, files: ["`+dir+`/root/rel.log"]}`,
		`{id: both, type: state, files: ["`+dir+`/root/out.log", "`+dir+`/outside/*"]}`,
	)))
	for p, text := range b.text {
		if text == "outside\n" && !strings.HasPrefix(p, "data/both/") && !strings.HasPrefix(p, "data/through/") {
			t.Errorf("%s leads out", p)
		}
	}
	if o := b.outcome(t, "all"); o.Outcome != manifest.Withheld || o.Entries != 2 || !strings.Contains(o.Reason, "a link that leads out of") {
		t.Errorf("%+v", o)
	}
	if o := b.outcome(t, "named"); o.Outcome != manifest.Withheld || o.Entries != 0 {
		t.Errorf("%+v", o)
	}
	// Here the link to the folder is part of the root that the recipe names.
	if o := b.outcome(t, "through"); o.Entries != 1 || o.Outcome != manifest.OK {
		t.Errorf("%+v", o)
	}
	if o := b.outcome(t, "alone"); o.Outcome != manifest.OK || b.text[at("alone", dir+"/root/rel.log")] != "inside\n" {
		t.Errorf("%+v", o)
	}
	if o := b.outcome(t, "both"); o.Outcome != manifest.OK || o.Entries != 1 {
		t.Errorf("%+v", o)
	}
}

func TestSpecialFiles(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", dir+"/socket")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write(t, dir+"/a.log", "a\n")
	b := runJob(t, jobOf(t, recipeOf(t, `{id: a, type: state, files: ["`+dir+`/*"]}`, `{id: device, type: state, files: [/dev/null]}`,
		`{id: proc, type: state, files: [/proc/self/status, /proc/self/environ, /proc/self/mem, /proc/kcore]}`)))
	if o := b.outcome(t, "a"); o.Outcome != manifest.Withheld || o.Entries != 1 || !strings.Contains(o.Reason, "not a file but a FIFO") || !strings.Contains(o.Reason, "not a file but a socket") {
		t.Errorf("%+v", o)
	}
	if o := b.outcome(t, "device"); o.Outcome != manifest.Withheld || !strings.Contains(o.Reason, "a device") {
		t.Errorf("%+v", o)
	}
	if o := b.outcome(t, "proc"); o.Outcome != manifest.Withheld || o.Entries != 1 || !strings.Contains(o.Reason, "never read") {
		t.Errorf("%+v", o)
	}
}

// A file put in the place of another between finding and opening is judged
// again.
func TestJudgedByTheDescriptor(t *testing.T) {
	dir := t.TempDir()
	write(t, dir+"/a.log", "a\n")
	write(t, dir+"/b.log", "b\n")
	write(t, dir+"/c.log", "c\n")
	write(t, dir+"/d.log", "d\n")
	f, _ := findIn(t, nil, dir+"/*")
	for _, n := range []string{"a", "b", "c"} {
		if err := os.Remove(dir + "/" + n + ".log"); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(dir+"/a.log", 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", dir+"/b.log"); err != nil {
		t.Fatal(err)
	}
	g, k := newGatherer(t, nil)
	if err := g.files(f); err != nil {
		t.Fatal(err)
	}
	if len(k.text) != 1 {
		t.Errorf("%q", k.text)
	}
	o, reason := g.final()
	for _, want := range []string{"a.log: not a file but a FIFO", "c.log: vanished before it was read"} {
		if !strings.Contains(reason, want) {
			t.Errorf("%s %q", o, reason)
		}
	}
}

// changing does something to a file when it is first read.
type changing struct {
	*os.File
	change func()
}

func (c *changing) Read(p []byte) (int, error) {
	if c.change != nil {
		c.change()
		c.change = nil
	}
	return c.File.Read(p)
}

func TestGrowsAndShrinks(t *testing.T) {
	body := strings.Repeat("a line of the log\n", 100_000)
	for _, tt := range []struct {
		name   string
		change func(path string) error
		want   func(got string, o manifest.Outcome, reason string) bool
	}{
		{"grows", func(p string) error { return appendTo(p, "more\n") },
			func(got string, o manifest.Outcome, _ string) bool { return got == body && o == manifest.OK }},
		{"shrinks", func(p string) error { return os.Truncate(p, 18*100) },
			func(got string, o manifest.Outcome, reason string) bool {
				return len(got) < len(body) && strings.HasPrefix(body, got) && o == manifest.Partial && strings.Contains(reason, "shrank while it was read")
			}},
		{"is rotated", func(p string) error { return os.Rename(p, p+".1") },
			func(got string, o manifest.Outcome, _ string) bool { return got == body && o == manifest.OK }},
		{"vanishes", os.Remove,
			func(got string, o manifest.Outcome, _ string) bool { return got == body && o == manifest.OK }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := write(t, t.TempDir()+"/x.log", body)
			f, err := os.Open(p)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			g, k := newGatherer(t, nil)
			r := &changing{File: f, change: func() {
				if err := tt.change(p); err != nil {
					t.Error(err)
				}
			}}
			if err := g.take(input{path: "x.log", size: int64(len(body)), r: io.LimitReader(r, int64(len(body)))}); err != nil {
				t.Fatal(err)
			}
			if o, reason := g.final(); !tt.want(k.text["x.log"], o, reason) {
				t.Errorf("%d bytes, %s %q", len(k.text["x.log"]), o, reason)
			}
		})
	}
}

func appendTo(p, s string) error {
	f, err := os.OpenFile(p, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(s)
	return append([]error{err}, f.Close())[0]
}

func TestHostileNamesAndContents(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"new\nline.log":   "a\n",
		"\x1b[31mred.log": "b\n",
		"bad\xff\xfe.log": "c\n",
		"con":             "d\n",
		"a:b?.log":        "e\n",
		"\u202egol.exe":   "f\n",
		"nul.log":         strings.Repeat("\x00", 4096),
		"invalid.log":     "caf\xe9 ok\nother \xff\xfe line\n",
		"crlf.log":        "a\r\nb\r\n",
		"noend.log":       "no newline at the end",
	} {
		write(t, dir+"/"+name, text)
	}
	b := runJob(t, jobOf(t, recipeOf(t, `{id: a, type: event, files: ["`+dir+`/*"]}`)))
	texts := map[string]bool{}
	for p, s := range b.text {
		texts[s] = true
		if strings.ContainsAny(p, "\n\x1b\u202e") {
			t.Errorf("%q", p)
		}
	}
	for _, want := range []string{"a\n", "b\n", "c\n", "d\n", "e\n", "f\n", "caf\xe9 ok\nother \xff\xfe line\n", "a\r\nb\r\n", "no newline at the end"} {
		if !texts[want] {
			t.Errorf("%q is missing", want)
		}
	}
	if o := b.outcome(t, "a"); strings.ContainsAny(o.Reason, "\x1b") {
		t.Errorf("%+v", o)
	}
}

func TestUnreadable(t *testing.T) {
	if os.Geteuid() != 0 {
		dir := t.TempDir()
		write(t, dir+"/a.log", "a\n")
		if err := os.Chmod(dir+"/a.log", 0); err != nil {
			t.Fatal(err)
		}
		g, _ := newGatherer(t, nil)
		f, _ := findIn(t, nil, dir+"/*")
		if err := g.files(f); err != nil {
			t.Fatal(err)
		}
		if o, reason := g.final(); o != manifest.Denied || !strings.Contains(reason, "permission denied") {
			t.Errorf("%s %q", o, reason)
		}
		return
	}
	// Root is denied nothing, except by the kernel's own files.
	g, _ := newGatherer(t, nil)
	r := breaking{strings.NewReader(""), &os.PathError{Op: "read", Path: "/x", Err: syscall.EACCES}}
	if err := g.take(input{path: "x", size: 5, r: r}); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Denied || reason != "x: permission denied" || len(g.hidden) != 1 {
		t.Errorf("%s %q", o, reason)
	}
}

// A file system that hangs costs its own source and no other.
func TestHangingFile(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := w.WriteString("what was there\n"); err != nil {
		t.Fatal(err)
	}
	a := newAhead(r, -1, 100*time.Millisecond)
	defer a.close()
	g, k := newGatherer(t, nil)
	if err := g.take(input{path: "x.log", size: -1, r: a}); err != nil {
		t.Fatal(err)
	}
	if o, reason := g.final(); o != manifest.Timeout || k.text["x.log"] != "what was there\n" || !strings.Contains(reason, "did not answer in time") {
		t.Errorf("%s %q %q", o, reason, k.text)
	}
	late := make(chan int, 1)
	release := make(chan struct{})
	if _, err := within(t.Context(), time.Millisecond, func() (int, error) { <-release; return 7, nil }, func(n int) { late <- n }); err != errStalled {
		t.Error(err)
	}
	close(release)
	if <-late != 7 {
		t.Error("what came late was lost")
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errInterrupted)
	hang := make(chan struct{})
	defer close(hang)
	if _, err := within(ctx, time.Hour, func() (int, error) { <-hang; return 0, nil }, nil); err != errInterrupted {
		t.Error(err)
	}
}

func TestBundlePath(t *testing.T) {
	for in, want := range map[string]string{
		"/var/log/syslog": "var/log/syslog", "C:/inetpub/x.log": "C/inetpub/x.log", "/x": "x",
	} {
		if got := bundlePath(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
	for in, want := range map[string]string{
		"/var/log/syslog*": "/var/log", "/etc/hosts": "/etc", "/*/x": "/", "/a/b[c]/d": "/a", "/x": "/", "C:/a/*": "C:/a", "C:/*": "C:/",
	} {
		if got, _ := fixed(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
