//go:build unix

package collect

import (
	"os/exec"
	"syscall"
)

func safePath() string {
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

func workDir() string { return "/" }

// tree is a process group.
type tree struct{ pgid int }

func startTree(cmd *exec.Cmd) (*tree, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &tree{cmd.Process.Pid}, nil
}

// ask and kill signal the group; that nobody is left in it is no error.
func (t *tree) ask()   { _ = syscall.Kill(-t.pgid, syscall.SIGTERM) }
func (t *tree) kill()  { _ = syscall.Kill(-t.pgid, syscall.SIGKILL) }
func (t *tree) close() {}
