package manifest

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

func TestRecognise(t *testing.T) {
	key, _ := testKey(t)
	pack := func(path string, content []byte) []byte {
		w := newWriter(t, WriterOptions{})
		if content != nil {
			add(t, source(t, w, "app", Event), path, content)
		}
		return finish(t, w, key, []byte("{}"))
	}
	large := text(mrand.New(mrand.NewPCG(1, 2)), 3<<20)
	small := pack("app.log", []byte("one line\n"))
	damaged := bytes.Clone(small)
	damaged[len(damaged)-60] ^= 1
	stock := func(name string) []byte {
		var b bytes.Buffer
		z, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w := tar.NewWriter(z)
		if err := w.WriteHeader(&tar.Header{Name: name, Size: 3, Mode: 0o644, ModTime: testTime, Uname: "root"}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "abc"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Close(), z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	mine, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(b []byte, to *age.X25519Identity) []byte {
		var out bytes.Buffer
		w, err := age.Encrypt(&out, to.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(b); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for _, c := range []struct {
		name string
		data []byte
		want bool
	}{
		{"small", small, true},
		{"large entry", pack("app.log", large), true},
		{"long name", pack(strings.Repeat("folder/", 60)+"äpp.log", []byte("x")), true},
		{"no entry", pack("", nil), true},
		{"cut off", small[:len(small)-20], true},
		{"cut off in the middle", pack("app.log", large)[:20_000], true},
		{"damaged at the end", damaged, true},
		{"with more at its end", append(bytes.Clone(small), 'x'), true},
		{"sealed", seal(small, mine), true},
		{"sealed to another", seal(small, other), false},
		{"sealed, something else", seal([]byte("hello"), mine), false},
		{"age in name only", []byte(ageMagic + "nothing"), false},
		{"stock archive", stock("x/data/app/app.log"), false},
		{"stock archive of other files", stock("app.log"), false},
		{"text", []byte("one line\n"), false},
		{"empty", nil, false},
	} {
		path := filepath.Join(t.TempDir(), "f")
		if err := os.WriteFile(path, c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		asked := false
		got, err := Recognise(path, func() ([]age.Identity, error) { asked = true; return []age.Identity{mine}, nil })
		if got != c.want || err != nil {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
		if asked != bytes.HasPrefix(c.data, []byte(ageMagic)) {
			t.Errorf("%s: keys asked for: %v", c.name, asked)
		}
	}
	if ok, err := Recognise(t.TempDir(), nil); ok || err != nil {
		t.Errorf("a folder: %v, %v", ok, err)
	}
}

// A name that comes out of one bundle goes into another as it was.
func TestEntryNamesComeBack(t *testing.T) {
	for _, name := range []string{
		"var/log/app.log", "a:b?c", "trailing.", "trailing ", "100%41.log", "C/con/aux.txt", "\xff\x00\x1b.log",
		"..", "a/../b", strings.Repeat("long", 80) + ".log", strings.Repeat("deep/", 200) + "x.log",
		"e\u0301.log", "\x01\u0301", "%", "%zz", "~", "a~2.log", "%25",
	} {
		key, signers := testKey(t)
		names := []string{name}
		for range 3 {
			w := newWriter(t, WriterOptions{})
			e := add(t, source(t, w, "app", Event), names[len(names)-1], []byte("x"))
			open(t, finish(t, w, key, []byte("{}")), signers)
			names = append(names, e.Name())
			if len(names) > 2 && e.Path != "data/app/"+escapePath(names[1]) {
				t.Errorf("%q became %q", names[1], e.Path)
			}
		}
		if names[1] != names[2] || names[2] != names[3] {
			t.Errorf("%q", names)
		}
	}
}

func TestParentsAreHeldToTheirForm(t *testing.T) {
	key, signers := testKey(t)
	digest := strings.Repeat("0123456789abcdef", 4)
	for _, c := range []struct {
		parent Parent
		ok     bool
	}{
		{Parent{"0193f2c0-0000-7000-8000-000000000000", digest, "aaaaaaaa"}, true},
		{Parent{"0193f2c0-0000-7000-8000-000000000000", digest, ""}, true},
		{Parent{"", digest, ""}, false},
		{Parent{testHead().BundleID, digest, ""}, false},
		{Parent{"0193f2c0-0000-7000-8000-000000000000", strings.ToUpper(digest), ""}, false},
		{Parent{"0193f2c0-0000-7000-8000-000000000000", digest[1:], ""}, false},
	} {
		w := newWriter(t, WriterOptions{})
		add(t, source(t, w, "app", Event), "app.log", []byte("x"))
		head := testHead()
		head.Parent = &c.parent
		var out bytes.Buffer
		_, err := w.Finish(t.Context(), &out, head, []byte("{}"), key)
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.parent, err)
		}
		if err == nil {
			if got := open(t, out.Bytes(), signers).Head().Parent; got == nil || *got != c.parent {
				t.Errorf("%+v comes back as %+v", c.parent, got)
			}
		}
	}
}
