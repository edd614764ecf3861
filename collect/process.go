package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// grace is how long a process may take to end after it was asked to, and how
// long its pipe is still read after it has ended.
const grace = 2 * time.Second

// maxComplaint is how much is kept of what a command writes to its error
// output.
const maxComplaint = 256 << 10

// running is a command with everything it started. Its output is read
// from it as from a file.
type running struct {
	cmd      *exec.Cmd
	out      *os.File
	tree     *tree
	complain *complaint
	ended    chan struct{} // closed when it has ended
	exited   atomic.Bool
	killed   atomic.Pointer[error] // why we ended it
	err      error                 // of Wait; valid after ended
	stop     context.CancelFunc
}

// complaint keeps the beginning of an error output.
type complaint struct {
	mu   sync.Mutex
	b    []byte
	lost int64
	done chan struct{}
}

// start runs argv in a clean environment. merged sends its error output the
// way of its output.
func start(ctx context.Context, argv, env []string, timeout time.Duration, merged bool) (*running, error) {
	program, err := lookup(argv[0])
	if err != nil {
		return nil, err
	}
	out, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer outW.Close()
	p := &running{out: out, ended: make(chan struct{}), complain: &complaint{done: make(chan struct{})}}
	// Stdin stays nil: the null device.
	p.cmd = &exec.Cmd{Path: program, Args: argv, Env: env, Dir: workDir(), Stdout: outW}
	var errR, errW *os.File
	if merged {
		p.cmd.Stderr = outW
		close(p.complain.done)
	} else {
		if errR, errW, err = os.Pipe(); err != nil {
			_ = out.Close()
			return nil, err
		}
		defer errW.Close()
		p.cmd.Stderr = errW
	}
	if p.tree, err = startTree(p.cmd); err != nil {
		_ = out.Close()
		if errR != nil {
			_ = errR.Close()
		}
		return nil, err
	}
	if errR != nil {
		go p.complain.read(errR)
	}
	ctx, p.stop = context.WithTimeoutCause(ctx, timeout, errTimeout)
	go p.watch(ctx, errR)
	return p, nil
}

// errTimeout says that a command or request took longer than it may.
var errTimeout = errors.New("timed out")

// watch waits for the end of the process, or brings it about: first asking,
// then not.
func (p *running) watch(ctx context.Context, errR *os.File) {
	waited := make(chan struct{})
	go func() {
		p.err = p.cmd.Wait()
		close(waited)
	}()
	select {
	case <-waited:
	case <-ctx.Done():
		cause := context.Cause(ctx)
		p.killed.Store(&cause)
		p.tree.ask()
		select {
		case <-waited:
		case <-time.After(grace):
		}
	}
	p.tree.kill() // also what a process left behind when it ended by itself
	<-waited
	p.exited.Store(true)
	// A process that left our group may hold the pipes for ever: whoever
	// reads now has a moment for what is still in them.
	_ = p.out.SetReadDeadline(time.Now().Add(grace / 4))
	if errR != nil {
		_ = errR.SetReadDeadline(time.Now().Add(grace / 4))
	}
	<-p.complain.done
	close(p.ended)
}

func (c *complaint) read(r *os.File) {
	defer close(c.done)
	defer r.Close()
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		c.mu.Lock()
		keep := min(n, maxComplaint-len(c.b))
		c.b = append(c.b, buf[:keep]...)
		c.lost += int64(n - keep)
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Read reads the output. It ends soon after the process has, whoever else
// holds the pipe.
func (p *running) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) && n == 0 {
		// The deadline may have passed while we were busy elsewhere with the
		// pipe still full.
		_ = p.out.SetReadDeadline(time.Now().Add(grace / 4))
		n, err = p.out.Read(b)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = io.EOF
		}
	} else if err == nil && p.exited.Load() {
		_ = p.out.SetReadDeadline(time.Now().Add(grace / 4))
	}
	return n, err
}

// finish ends the process if it still runs and gives everything back. It
// returns why we killed it, or the error of its exit.
func (p *running) finish() (killed, exit error) {
	p.stop()
	<-p.ended
	_ = p.out.Close()
	p.tree.close()
	if k := p.killed.Load(); k != nil {
		killed = *k
	}
	return killed, p.err
}

// wait lets the process end by itself.
func (p *running) wait() { <-p.ended }

// exitText says how a process ended.
func exitText(err error) string {
	var ee *exec.ExitError
	if errors.As(err, &ee) {
		return ee.ProcessState.String()
	}
	return err.Error()
}

// lookup finds a program: an absolute one, or one in the fixed folders where
// a system keeps its own. The caller's PATH has no say, for what stands in it
// may be anybody's.
func lookup(name string) (string, error) {
	if strings.ContainsAny(name, `/\`) {
		return executable(filepath.FromSlash(name))
	}
	var denied error
	for _, dir := range filepath.SplitList(safePath()) {
		p, err := executable(filepath.Join(dir, name))
		if err == nil {
			return p, nil
		}
		if errors.Is(err, fs.ErrPermission) && denied == nil {
			denied = err
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", &fs.PathError{Op: "run", Path: name, Err: fs.ErrNotExist}
}

func executable(p string) (string, error) {
	if runtime.GOOS == "windows" {
		// LookPath adds the suffixes of programs.
		found, err := exec.LookPath(p)
		if err != nil {
			return "", &fs.PathError{Op: "run", Path: p, Err: fs.ErrNotExist}
		}
		return found, nil
	}
	fi, err := os.Stat(p)
	switch {
	case err != nil:
		return "", err
	case fi.IsDir():
		return "", &fs.PathError{Op: "run", Path: p, Err: fs.ErrNotExist}
	case fi.Mode()&0o111 == 0:
		return "", &fs.PathError{Op: "run", Path: p, Err: fs.ErrPermission}
	}
	return p, nil
}

// cleanEnv is all of the environment that a command gets: nothing of ours
// reaches it, and its output does not depend on who runs us.
func cleanEnv() []string {
	env := []string{"PATH=" + safePath(), "LANG=C.UTF-8", "LC_ALL=C.UTF-8"}
	keep := []string{"TZ"}
	if runtime.GOOS == "windows" {
		keep = append(keep, "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "TEMP", "TMP")
	} else {
		env = append(env, "HOME=/nonexistent")
	}
	return append(env, kept(keep...)...)
}

// kept returns the named variables of our own environment.
func kept(names ...string) []string {
	var out []string
	for _, name := range names {
		if v, ok := os.LookupEnv(name); ok {
			out = append(out, fmt.Sprintf("%s=%s", name, v))
		}
	}
	return out
}
