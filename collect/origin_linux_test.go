package collect

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/diagcollect/diagcollect/manifest"
)

// The memory of processes is known by its file system, not by its usual name.
func TestProcByAnotherName(t *testing.T) {
	for _, c := range []struct {
		file string
		why  string
	}{{"environ", "never read"}, {"mem", "never read"}, {"status", ""}} {
		f, err := os.Open("/proc/self/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{"/host/proc/self/" + c.file, "/host/innocent"} {
			real, _ := pathOf(f)
			if o, why := (&avoid{}).judgeOpen(f, p, real, fi); o != processes || why != c.why {
				t.Errorf("%s as %s: %v, %q", c.file, p, o, why)
			}
		}
	}
	dir := t.TempDir()
	if o, err := originAt(dir); o != stored || err != nil {
		t.Error(o, err)
	}
	if err := unix.Mount("proc", dir, "proc", 0, ""); errors.Is(err, unix.EPERM) {
		return // not for everybody
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	files := []string{dir + "/self/environ", dir + "/self/mem", dir + "/kcore", dir + "/self/status", dir + "/self/comm"}
	g, k := newGatherer(t, nil)
	f := &finder{ctx: t.Context(), avoid: &avoid{}, verdict: g.verdict, say: func(s string) string { return s }}
	defer f.close()
	f.find(files)
	if err := g.files(f); err != nil {
		t.Fatal(err)
	}
	for p, s := range k.text {
		if s == "" {
			t.Errorf("%s is empty", p)
		}
	}
	if len(k.text) != 2 {
		t.Error(k.entries)
	}
	if o, reason := g.final(); o != manifest.Withheld || !strings.Contains(reason, "never read") {
		t.Error(o, reason)
	}
}

// What was found may be another file when it is opened.
func TestJudgedWhenOpen(t *testing.T) {
	for name, replace := range map[string]func(dir string) error{
		"a folder by a link": func(dir string) error {
			return errors.Join(os.Rename(dir+"/logs", dir+"/away"), os.Symlink("keys", dir+"/logs"))
		},
		"a file by another name of a key": func(dir string) error {
			return errors.Join(os.Remove(dir+"/logs/app"), os.Link(dir+"/key", dir+"/logs/app"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			hidden := "hidden " + secret(t) + "\n"
			write(t, dir+"/logs/app", "a line\n")
			write(t, dir+"/keys/app", hidden)
			write(t, dir+"/key", hidden)
			g, k := newGatherer(t, nil)
			f := &finder{ctx: t.Context(), avoid: newAvoid([]string{dir + "/keys", dir + "/key"}), verdict: g.verdict, say: func(s string) string { return s }}
			defer f.close()
			f.find([]string{dir + "/**"})
			if !slices.ContainsFunc(f.files, func(f found) bool { return f.path() == dir+"/logs/app" }) {
				t.Fatal("not found")
			}
			if err := replace(dir); err != nil {
				t.Fatal(err)
			}
			if err := g.files(f); err != nil {
				t.Fatal(err)
			}
			if len(k.text) != 0 {
				t.Errorf("%q", k.text)
			}
			if o, reason := g.final(); o != manifest.Withheld || !strings.Contains(reason, "/logs/app: belongs to this tool") {
				t.Error(o, reason)
			}
		})
	}
}
