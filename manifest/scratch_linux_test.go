package manifest

import (
	"bytes"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"strings"
	"syscall"
	"testing"
)

// What is on disk while a bundle is made tells nothing: no file has a name,
// and neither text nor compressed text can be read from it.
func TestNothingReadableOnDisk(t *testing.T) {
	key, _ := testKey(t)
	dir := t.TempDir()
	w := newWriter(t, WriterOptions{Name: testName, Scratch: dir})
	s := source(t, w, "app", Event)
	add(t, s, "small-entry-name", []byte("plainly visible text"))
	noise := make([]byte, 2<<20) // does not compress, so a frame would hold it as it is
	rng := mrand.New(mrand.NewPCG(1, 1))
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	add(t, s, "noise", noise)
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	scratch, err := NewScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	if _, err := scratch.Write(bytes.Repeat(noise[:1000], 500)); err != nil {
		t.Fatal(err)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("named files: %v, %v", names, err)
	}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, fd := range fds {
		path := "/proc/self/fd/" + fd.Name()
		target, err := os.Readlink(path)
		if err != nil || !strings.HasPrefix(target, dir+"/") {
			continue
		}
		looked++
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) < 400_000 {
			t.Errorf("%s has %d bytes only", target, len(data))
		}
		for _, secret := range [][]byte{[]byte("plainly"), []byte("small-entry-name"), noise[:64], noise[1<<20 : 1<<20+64], {0x28, 0xb5, 0x2f, 0xfd, 0xa4}} {
			if bytes.Contains(data, secret) {
				t.Errorf("%s holds %q", target, secret)
			}
		}
	}
	if looked != 2 {
		t.Errorf("looked at %d scratch files, want 2", looked)
	}
	finish(t, w, key, nil)
}

// Finishing gives scratch space back as it goes.
func TestScratchSpaceIsGivenBack(t *testing.T) {
	key, _ := testKey(t)
	w := newWriter(t, WriterOptions{Name: testName})
	s := source(t, w, "app", Event)
	rng := mrand.New(mrand.NewPCG(1, 1))
	for i := range 8 {
		add(t, s, fmt.Sprint(i), text(rng, 5<<20))
	}
	if err := w.settle(); err != nil {
		t.Fatal(err)
	}
	used := func() int64 {
		var st syscall.Stat_t
		if err := syscall.Fstat(int(w.store.f.Fd()), &st); err != nil {
			t.Fatal(err)
		}
		return st.Blocks * 512
	}
	before := used()
	if before < 4<<20 {
		t.Fatalf("only %d bytes to begin with", before)
	}
	last := before
	out := watched(func(n int) {
		if now := used(); now < last {
			last = now
		}
	})
	if _, err := w.Finish(t.Context(), out, testHead(), nil, key); err != nil {
		t.Fatal(err)
	}
	if after := used(); last > before/2 || after > before/10 {
		t.Errorf("%d bytes before, %d at the least while writing, %d after", before, last, after)
	}
}

type watched func(n int)

func (w watched) Write(p []byte) (int, error) {
	w(len(p))
	return len(p), nil
}
