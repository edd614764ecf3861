package receive

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
)

const (
	fileSocket   = "admin.sock"
	fileSocketAt = "admin.at" // where the socket is, when its path here would be too long
	maxSocket    = 100        // of 104 to 108 that systems allow
)

// adminSocket is the path of the socket of the process that holds dir.
func adminSocket(dir string) (string, error) {
	path, err := filepath.Abs(filepath.Join(dir, fileSocket))
	if err != nil || len(path) <= maxSocket {
		return path, err
	}
	at, err := os.ReadFile(filepath.Join(dir, fileSocketAt))
	return strings.TrimSpace(string(at)), err
}

// listenAdmin listens for administrators. Only the holder of dir's lock calls
// it, so a socket that is there is nobody's.
func listenAdmin(dir string) (net.Listener, func() error, error) {
	path, remove := filepath.Join(dir, fileSocket), func() error { return nil }
	if len(path) > maxSocket {
		short, err := os.MkdirTemp("", "diagcollect-")
		if err != nil {
			return nil, nil, err
		}
		path = filepath.Join(short, fileSocket)
		at := filepath.Join(dir, fileSocketAt)
		remove = func() error { return errors.Join(os.RemoveAll(short), os.Remove(at)) }
		if err := os.WriteFile(at, []byte(path+"\n"), 0o600); err != nil {
			return nil, nil, errors.Join(err, remove())
		}
	} else if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, nil, errors.Join(err, l.Close(), remove())
	}
	return l, remove, nil
}
