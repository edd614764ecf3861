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
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	h := openHome(t)
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
