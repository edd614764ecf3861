package manifest

import (
	"os"

	"golang.org/x/sys/unix"
)

// punch gives the space of a part of the file back. Where the file system
// cannot, the space stays taken until the file is closed: no error.
func punch(f *os.File, at, size int64) {
	_ = unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_PUNCH_HOLE|unix.FALLOC_FL_KEEP_SIZE, at, size)
}
