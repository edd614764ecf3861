//go:build unix

package collect

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// openFlags: a FIFO without a writer must not hang us, a terminal must not
// become ours, and the last component must be what was judged, not a link
// put in its place.
const openFlags = os.O_RDONLY | unix.O_NONBLOCK | unix.O_NOCTTY | unix.O_NOFOLLOW | unix.O_CLOEXEC

func identify(fi fs.FileInfo) (fileID, bool) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return fileID{}, false
	}
	return fileID{dev: uint64(st.Dev), ino: st.Ino}, true //nolint:unconvert // not 64 bits everywhere
}

func isNotDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
