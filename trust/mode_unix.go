//go:build unix

package trust

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Permission bits that a file must not have.
const (
	othersWrite fs.FileMode = 0o022
	othersRead  fs.FileMode = 0o077
)

func checkMode(path string, info fs.FileInfo, forbidden fs.FileMode) error {
	if bad := info.Mode().Perm() & forbidden; bad != 0 {
		what := "written"
		if bad&0o022 == 0 {
			what = "read"
		}
		return fmt.Errorf("%s: %w: mode %04o, may be %s by others than its owner", path, ErrUnsafe, info.Mode().Perm(), what)
	}
	return checkOwner(path, info)
}

func checkOwner(path string, info fs.FileInfo) error {
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return fmt.Errorf("%s: %w: owner unknown", path, ErrUnsafe)
	}
	if uid := os.Geteuid(); !safeOwner(int(st.Uid), uid) {
		return fmt.Errorf("%s: %w: belongs to user %d, not to user %d", path, ErrUnsafe, st.Uid, uid)
	}
	return nil
}

// safeOwner reports whether a user may rely on what owner can change.
func safeOwner(owner, user int) bool { return owner == user || owner == 0 }

// checkParents judges the folders that lead to dir: whoever may rename one of
// them may put another in its place. They are judged up to the user's home
// (HOME) when dir is beneath it, else up to the root; when links lead there,
// the folders that hold the links and those they lead to.
func checkParents(dir string) error {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if err := checkChain(dir, home); err != nil || real == dir {
		return err
	}
	if h, err := filepath.EvalSymlinks(home); err == nil {
		home = h
	}
	return checkChain(real, home)
}

func checkChain(dir, home string) error {
	for dir != filepath.Dir(dir) && dir != filepath.Clean(home) {
		dir = filepath.Dir(dir)
		info, err := os.Stat(dir)
		if err != nil {
			return err
		}
		if err := checkParent(dir, info); err != nil {
			return err
		}
	}
	return nil
}

// checkParent wants a folder in which nobody else can rename what is the
// user's: written by its owner alone, or sticky. A group of the owner's own
// number is the owner's private group, as many systems make one for each user.
func checkParent(dir string, info fs.FileInfo) error {
	bad := info.Mode().Perm() & othersWrite
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid == st.Gid {
		bad &^= 0o020
	}
	if bad != 0 && info.Mode()&fs.ModeSticky == 0 {
		return fmt.Errorf("%s: %w: mode %04o, others than its owner may replace the key folder in it", dir, ErrUnsafe, info.Mode().Perm())
	}
	return checkOwner(dir, info)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
