//go:build !linux && !darwin

package cli

import (
	"os"

	"golang.org/x/term"
)

// dropTypeahead forgets what was typed before a question was shown. Changing
// the terminal's mode flushes its queue where nothing else does.
func dropTypeahead(f *os.File) error {
	state, err := term.MakeRaw(int(f.Fd()))
	if err != nil {
		return err
	}
	return term.Restore(int(f.Fd()), state)
}
