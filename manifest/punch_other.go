//go:build !linux

package manifest

import "os"

// punch does nothing here: the space stays taken until the file is closed.
func punch(*os.File, int64, int64) {}
