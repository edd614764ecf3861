package manifest

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What somebody may have put where a bundle is unpacked to: nothing of it is
// followed, overwritten or lost, and nothing half-written stays.
func TestExtractIntoAHostileFolder(t *testing.T) {
	key, signers := testKey(t)
	data := smallBundle(t, key)
	for name, plant := range map[string]func(t *testing.T, dir, elsewhere string) error{
		"a link at the top directory's name": func(_ *testing.T, dir, elsewhere string) error {
			return os.Symlink(elsewhere, filepath.Join(dir, testName))
		},
		"a dangling link at its name": func(_ *testing.T, dir, elsewhere string) error {
			return os.Symlink(filepath.Join(elsewhere, "new"), filepath.Join(dir, testName))
		},
		"an empty folder at its name": func(_ *testing.T, dir, _ string) error {
			return os.Mkdir(filepath.Join(dir, testName), 0o700)
		},
		"a folder with a link inside": func(_ *testing.T, dir, elsewhere string) error {
			if err := os.Mkdir(filepath.Join(dir, testName), 0o700); err != nil {
				return err
			}
			return os.Symlink(elsewhere, filepath.Join(dir, testName, "data"))
		},
		"a file at its name": func(_ *testing.T, dir, _ string) error {
			return os.WriteFile(filepath.Join(dir, testName), []byte("mine"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			if runtime.GOOS == "windows" && strings.Contains(name, "link") {
				t.Skip("links need a privilege there")
			}
			dir, elsewhere := t.TempDir(), t.TempDir()
			if err := plant(t, dir, elsewhere); err != nil {
				t.Fatal(err)
			}
			before := tree(t, dir)
			if err := open(t, data, signers).Extract(t.Context(), dir); !errors.Is(err, fs.ErrExist) {
				t.Errorf("%v", err)
			}
			if after := tree(t, dir); after != before {
				t.Errorf("the folder was\n%sand is\n%s", before, after)
			}
			if left := tree(t, elsewhere); left != "" {
				t.Errorf("written elsewhere: %s", left)
			}
		})
	}
}

// tree lists what lies below a folder, links as links.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		info, err := d.Info()
		if err == nil {
			b.WriteString(info.Mode().String() + " " + path + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestExtractedFilesAreTheirOwners(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no modes there")
	}
	key, signers := testKey(t)
	dir := t.TempDir()
	if err := open(t, smallBundle(t, key), signers).Extract(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(tree(t, dir)) {
		if !strings.HasPrefix(line, "-rw------- ") && !strings.HasPrefix(line, "drwx------ ") {
			t.Errorf("readable by others: %s", line)
		}
	}
	info, err := os.Stat(filepath.Join(dir, testName, "data/syslog/a.log"))
	if err != nil || !info.ModTime().Equal(testTime) {
		t.Errorf("%v, %v", info, err)
	}
}

func TestExtractThatIsStoppedLeavesNothing(t *testing.T) {
	key, signers := testKey(t)
	b := open(t, smallBundle(t, key), signers)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := b.Extract(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if left := tree(t, dir); left != "" {
		t.Errorf("left: %s", left)
	}
	if err := b.Extract(t.Context(), filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no such folder: %v", err)
	}
}
