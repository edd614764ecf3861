package trust

import (
	"io"
	"os"
)

// dialAgent opens the pipe of the agent that comes with Windows, or the one
// that SSH_AUTH_SOCK names.
func dialAgent() (io.ReadWriteCloser, error) {
	path := os.Getenv("SSH_AUTH_SOCK")
	if path == "" {
		path = `\\.\pipe\openssh-ssh-agent`
	}
	return os.OpenFile(path, os.O_RDWR, 0)
}
