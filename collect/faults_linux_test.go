package collect

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/diagcollect/diagcollect/redact"
)

// smallDisk is a file system of so many pages.
func smallDisk(t *testing.T, dir string, pages int) {
	t.Helper()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%d", pages*os.Getpagesize())); err != nil {
		t.Fatal(err)
	}
}

// A disk that is full after any page: nothing raw stands on it, nothing half
// under its own name, nothing that was waiting; and the error says why.
func TestFullDisk(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root may mount")
	}
	pw := secret(t)
	in := t.TempDir()
	var b strings.Builder
	for i := range 400 {
		if i%50 == 7 {
			fmt.Fprintf(&b, "connecting with user=app password=%s sslmode=require\n", pw)
		}
		fmt.Fprintf(&b, "2026-11-01T10:%02d:%02dZ INFO order %d created\n", i/60%60, i%60, i*7919)
	}
	log := []byte(b.String())
	early := "bare " + pw + " before anything says what it is\n"
	write(t, in+"/a-early.log", early+strings.Repeat("filler of a log that is longer than a page\n", 300))
	write(t, in+"/b.log", string(log))
	write(t, in+"/c.log.gz", string(gz(t, log)))
	write(t, in+"/d.zip", string(zipOf(t, packed{"x.log", log}, packed{"y.log", log})))
	write(t, in+"/e.gz", string(gz(t, zipOf(t, packed{"x.log", log}))))
	run := func(dir, scratch string) error {
		s, err := redact.NewSession(redact.Options{CaseKey: make([]byte, 32), Rand: noRandom{}})
		if err != nil {
			t.Fatal(err)
		}
		return RedactTree(t.Context(), []string{in}, dir, RedactOptions{Session: s, Scratch: scratch, Workers: 1}, nil)
	}
	wanted := filepath.Join(t.TempDir(), "out")
	if err := run(wanted, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	want := treeOf(t, wanted)
	disk := t.TempDir()
	for pages := 1; ; pages++ {
		smallDisk(t, disk, pages)
		err := func() error {
			defer func() {
				if err := unix.Unmount(disk, 0); err != nil {
					t.Error(err)
				}
			}()
			err := run(filepath.Join(disk, "out"), disk)
			for name, text := range treeOf(t, disk) {
				if strings.Contains(text, pw) {
					t.Errorf("%d pages: the password stands in %s", pages, name)
				}
				if text != want[strings.TrimPrefix(name, "out/")] {
					t.Errorf("%d pages: %s is not whole", pages, name)
				}
			}
			return err
		}()
		switch {
		case err == nil && pages < 10:
			t.Fatalf("%d pages were enough", pages)
		case err == nil:
			return
		case !errors.Is(err, unix.ENOSPC):
			t.Fatalf("%d pages: %v", pages, err)
		}
	}
}
