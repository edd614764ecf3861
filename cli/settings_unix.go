//go:build unix

package cli

import (
	"os"
	"os/user"
	"runtime"
	"syscall"
)

// ours reports whether a folder that the environment names may be used: as
// root, only when root owns it. What does not exist yet may be made.
func ours(dir string) bool {
	if os.Geteuid() != 0 {
		return true
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return os.IsNotExist(err)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	return ok && st.Uid == 0
}

// notRoot reports whether more could be read by root.
func notRoot() bool { return os.Geteuid() != 0 }

// systemFolder is where an administrator keeps what holds for the machine,
// below which comes the user's own.
func systemFolder() (string, error) {
	if runtime.GOOS == "darwin" {
		return "/Library/Application Support/diagcollect", nil
	}
	return "/etc/diagcollect", nil
}

func accountHome() (string, error) {
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	return u.HomeDir, nil
}
