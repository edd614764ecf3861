package cli

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropTypeahead forgets what was typed before a question was shown: a pasted
// block or an impatient key is no answer to it.
func dropTypeahead(f *os.File) error {
	return unix.IoctlSetInt(int(f.Fd()), unix.TCFLSH, unix.TCIFLUSH)
}
