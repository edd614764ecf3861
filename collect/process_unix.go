//go:build unix

package collect

import (
	"os"
	"os/exec"
	"syscall"
)

func safePath() string {
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

func workDir() string { return "/" }

// tree is a session of its own: its processes have no terminal to ask at, and
// are known by it however they group themselves.
type tree struct {
	pid     int
	orphans *orphans
}

func startTree(cmd *exec.Cmd, o *orphans) (*tree, error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	o.starting()
	err := cmd.Start()
	if err != nil {
		o.started(0)
		return nil, err
	}
	o.started(cmd.Process.Pid)
	return &tree{cmd.Process.Pid, o}, nil
}

// ask and kill signal the first process and all that stayed in its group;
// that nobody is left in it is no error.
func (t *tree) ask()  { _ = syscall.Kill(-t.pid, syscall.SIGTERM) }
func (t *tree) kill() { _ = syscall.Kill(-t.pid, syscall.SIGKILL) }

// sweep ends, after the first process, those that left its group.
func (t *tree) sweep() { t.orphans.sweep(t.pid) }
func (t *tree) close() {}

// readNow reads what is in a pipe, past its deadline and without waiting.
func readNow(f *os.File, b []byte) (n int, err error) {
	c, err := f.SyscallConn()
	if err != nil {
		return 0, err
	}
	cerr := c.Control(func(fd uintptr) {
		for {
			if n, err = syscall.Read(int(fd), b); err != syscall.EINTR { //nolint:errorlint // straight from the system
				return
			}
		}
	})
	if cerr != nil {
		err = cerr
	}
	return max(0, n), err
}
