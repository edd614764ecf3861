package manifest

import (
	"os"

	"golang.org/x/sys/unix"
)

// unlinkedFile makes a file that never had a name, where the file system can:
// what is killed in between leaves nothing.
func unlinkedFile(dir string) (*os.File, error) {
	if dir == "" {
		dir = os.TempDir()
	}
	fd, err := unix.Open(dir, unix.O_TMPFILE|unix.O_RDWR|unix.O_EXCL|unix.O_CLOEXEC, 0o600)
	if err != nil { // also for reasons that the other way tells better
		return removedFile(dir)
	}
	return os.NewFile(uintptr(fd), dir+"/(scratch)"), nil
}
