package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropTypeahead forgets what was typed before a question was shown: a pasted
// block or an impatient key is no answer to it.
func dropTypeahead(f *os.File) error {
	const readQueue = 1 // FREAD of sys/fcntl.h
	return unix.IoctlSetPointerInt(int(f.Fd()), unix.TIOCFLUSH, readQueue)
}
