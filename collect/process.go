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

// grace is how long a process may take to end after it was asked to; after a
// quarter of it nobody waits any more for what an ended one left in its pipes.
const grace = 2 * time.Second

// maxPipe is how much a pipe may hold: what of its output an ended process
// can have left unread.
const maxPipe = 1 << 20

// errImmortal says that a process did not end when it was killed: it waits in
// the kernel, for a file system that hangs.
var errImmortal = errors.New("cannot be ended")

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
	rest     int                   // of maxPipe, to be read after the end
	ended    chan struct{}         // closed when it has ended
	killed   atomic.Pointer[error] // why we ended it
	err      error                 // of Wait; valid after ended
	end      time.Time             // of waiting for output; valid after ended
	stop     context.CancelFunc
}

// complaint keeps the beginning of an error output.
type complaint struct {
	mu   sync.Mutex
	b    []byte
	lost int64
	done chan struct{}
}

// start runs argv in env. merged sends its error output the way of its output.
func (g *gatherer) start(argv, env []string, merged bool) (*running, error) {
	program, err := lookup(argv[0])
	if err != nil {
		return nil, err
	}
	out, outW, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer outW.Close()
	p := &running{out: out, rest: maxPipe, ended: make(chan struct{}), complain: &complaint{done: make(chan struct{})}}
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
	if p.tree, err = startTree(p.cmd, g.orphans); err != nil {
		_ = out.Close()
		if errR != nil {
			_ = errR.Close()
		}
		return nil, err
	}
	if errR != nil {
		go p.complain.read(errR)
	}
	var ctx context.Context
	ctx, p.stop = context.WithTimeoutCause(g.ctx, g.limits.timeout, errTimeout)
	go p.watch(ctx, errR)
	return p, nil
}

// errTimeout says that a command or request took longer than it may.
var errTimeout = errors.New("timed out")

// watch waits for the end of the process, or brings it about: first asking,
// then not.
func (p *running) watch(ctx context.Context, errR *os.File) {
	waited := make(chan error, 1)
	go func() { waited <- p.cmd.Wait() }()
	over := false
	select {
	case p.err = <-waited:
		over = true
	case <-ctx.Done():
		cause := context.Cause(ctx)
		p.killed.Store(&cause)
		p.tree.ask()
		select {
		case p.err = <-waited:
			over = true
		case <-time.After(grace):
		}
	}
	p.tree.kill() // also what a process left behind when it ended by itself
	if !over {
		select {
		case p.err = <-waited:
		case <-time.After(grace):
			p.err = errImmortal
		}
	}
	// A process that left our reach may hold the pipes, and write, for ever:
	// there is one end for all that is still in them, whoever writes.
	p.end = time.Now().Add(grace / 4)
	if d, ok := ctx.Deadline(); ok && d.Before(p.end) {
		p.end = d
	}
	_ = p.out.SetReadDeadline(p.end)
	if errR != nil {
		_ = errR.SetReadDeadline(p.end)
	}
	if !errors.Is(p.err, errImmortal) {
		p.tree.sweep()
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
// holds the pipe or writes to it.
func (p *running) Read(b []byte) (int, error) {
	n, err := p.out.Read(b)
	if !errors.Is(err, os.ErrDeadlineExceeded) || n > 0 {
		return n, err
	}
	// The end may have come while we were busy elsewhere, with the pipe still
	// full: what is there counts, what is still to come does not.
	if n, err = readNow(p.out, b[:min(len(b), p.rest)]); n == 0 {
		return 0, io.EOF
	}
	p.rest -= n
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
