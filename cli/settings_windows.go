package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

func ours(string) bool { return true }

func notRoot() bool { return false }

// systemFolder is where an administrator keeps what holds for the machine. The
// system is asked: %ProgramData% is whatever a user sets it to.
func systemFolder() (string, error) {
	dir, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		return "", fmt.Errorf("the folder of the machine's configuration: %w", err)
	}
	return filepath.Join(dir, "diagcollect"), nil
}

func accountHome() (string, error) { return os.UserHomeDir() }
