//go:build unix

package trust

import (
	"fmt"
	"io/fs"
	"os"
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

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
