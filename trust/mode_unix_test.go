//go:build unix

package trust

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestUnsafeModesAreRefused(t *testing.T) {
	for _, c := range []struct {
		file string
		mode os.FileMode
		safe bool
		use  func(h *Home) error
	}{
		{"id_ed25519", 0o640, false, sign},
		{"id_ed25519", 0o604, false, sign},
		{"id_ed25519", 0o602, false, sign},
		{"id_ed25519", 0o400, true, sign},
		{"age.key", 0o640, false, identity},
		{"age.key", 0o400, true, identity},
		{"allowed_signers", 0o644, true, signers},
		{"allowed_signers", 0o664, false, signers},
		{"allowed_signers", 0o646, false, signers},
		{"organisation-acme.key", 0o644, false, secret},
		{".", 0o755, true, open},
		{".", 0o775, false, open},
		{".", 0o702, false, open},
	} {
		h := openHome(t)
		if err := secret(h); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(h.path(c.file), c.mode); err != nil {
			t.Fatal(err)
		}
		err := c.use(h)
		if c.safe && err != nil || !c.safe && (!errors.Is(err, ErrUnsafe) || !strings.Contains(err.Error(), h.path(c.file))) {
			t.Errorf("%s with mode %o: %v", c.file, c.mode, err)
		}
	}
}

// Whoever may write into a folder above the home can put another home there.
func TestUnsafeParentsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		mode os.FileMode
		uid  int // -1: who runs the test
		gid  int
		home string
		safe bool
	}{
		{"its own", 0o755, -1, -1, "u", true},
		{"anybody's", 0o777, -1, -1, "u", false},
		{"anybody's, by others only", 0o757, -1, -1, "u", false},
		{"anybody's, and HOME is elsewhere", 0o777, -1, -1, "other", false},
		{"anybody's, and no HOME", 0o777, -1, -1, "", false},
		{"anybody's, above HOME", 0o777, -1, -1, "u/.config", true},
		{"sticky", 0o777 | os.ModeSticky, -1, -1, "u", true},
		{"another user's", 0o755, 4711, -1, "u", false},
		{"another user's, sticky", 0o777 | os.ModeSticky, 4711, -1, "u", false},
		{"of a group of many", 0o775, -1, 4711, "u", false},
	} {
		if (c.uid >= 0 || c.gid >= 0) && os.Geteuid() != 0 {
			continue // only root can give files away
		}
		for _, made := range []bool{false, true} {
			top := t.TempDir()
			u := filepath.Join(top, "u")
			dir := filepath.Join(u, ".config", "tool")
			if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
				t.Fatal(err)
			}
			if made {
				if _, err := OpenHome(dir); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(os.Chown(u, c.uid, c.gid), os.Chmod(u, c.mode)); err != nil {
				t.Fatal(err)
			}
			home := ""
			if c.home != "" {
				home = filepath.Join(top, c.home)
			}
			t.Setenv("HOME", home)
			_, err := OpenHome(dir)
			if c.safe && err != nil || !c.safe && (!errors.Is(err, ErrUnsafe) || !strings.Contains(err.Error(), u+":")) {
				t.Errorf("%s (made before: %v): %v", c.name, made, err)
			}
			// The way over a link is no better than the straight one.
			link := filepath.Join(t.TempDir(), "link")
			if err := os.Symlink(dir, link); err != nil {
				t.Fatal(err)
			}
			if _, err := OpenHome(link); !c.safe && !errors.Is(err, ErrUnsafe) {
				t.Errorf("%s, by a link: %v", c.name, err)
			}
			if _, err := os.Stat(filepath.Join(dir, signingKeyName)); !made && !c.safe && err == nil {
				t.Errorf("%s: keys were made", c.name)
			}
		}
	}
}

func TestReadConfig(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config.yaml")
	os.WriteFile(path, []byte("a: 1\n"), 0o644)
	if data, err := ReadConfig(path); err != nil || string(data) != "a: 1\n" {
		t.Errorf("%q, %v", data, err)
	}
	os.Chmod(path, 0o666)
	if _, err := ReadConfig(path); !errors.Is(err, ErrUnsafe) {
		t.Errorf("%v", err)
	}
	if _, err := ReadConfig(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func sign(h *Home) error     { _, err := h.Signer(""); return err }
func identity(h *Home) error { _, err := h.Identity(); return err }
func signers(h *Home) error  { _, err := h.AllowedSigners(); return err }
func secret(h *Home) error   { _, err := h.OrganisationSecret("acme"); return err }
func open(h *Home) error     { _, err := OpenHome(h.Dir()); return err }

func TestForeignOwnerIsRefused(t *testing.T) {
	for _, c := range []struct {
		owner, user int
		safe        bool
	}{{0, 0, true}, {1000, 1000, true}, {0, 1000, true}, {1000, 0, false}, {1000, 1001, false}} {
		if safeOwner(c.owner, c.user) != c.safe {
			t.Errorf("file of user %d, run by user %d: want safe %v", c.owner, c.user, c.safe)
		}
	}
	if os.Geteuid() != 0 {
		return // only root can give files away
	}
	for _, file := range []string{"id_ed25519", "allowed_signers", "."} {
		h := openHome(t)
		if err := os.Chown(h.path(file), 4711, -1); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(sign(h), signers(h), open(h)); !errors.Is(err, ErrUnsafe) {
			t.Errorf("%s of another user: %v", file, err)
		}
	}
}

func TestModesOfAFreshHome(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "home")
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	h, err := OpenHome(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := secret(h); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]os.FileMode{".": 0o700, "id_ed25519": 0o600, "age.key": 0o600, "organisation-acme.key": 0o600, "allowed_signers": 0o600} {
		info, err := os.Stat(h.path(file))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", file, info.Mode().Perm(), want)
		}
	}
}

func TestAFifoIsNoKey(t *testing.T) {
	h := openHome(t)
	path := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Signer(path); err == nil {
		t.Error("accepted")
	}
}
