//go:build !windows

package upload

import (
	"errors"
	"fmt"
	"os"

	"github.com/diagcollect/diagcollect/trust"
)

// syncDir makes renames in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// checkPrivate refuses a file with a private key that others may read or
// change.
func checkPrivate(path string) error {
	fi, err := os.Stat(path)
	if err != nil {
		return err
	}
	if perm := fi.Mode().Perm(); perm&0o077 != 0 {
		return fmt.Errorf("%s: %w: mode %04o, want 0600", path, trust.ErrUnsafe, perm)
	}
	return nil
}
