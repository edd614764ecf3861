package collect

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"sync"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// orphans ends the processes that commands leave behind in sessions of their
// own. While it is there we are the subreaper of our descendants: whoever
// loses its parent becomes our child, and a child of ours keeps its pid until
// we wait for it, so that a signal meets nobody else. What it kills leaves
// its own children to us in turn.
//
// A child of ours that is no command is an orphan when it is in another
// session than we are: children that other code starts beside us are in
// ours. It belongs to the command whose session it is in; one that made its
// own session belongs to any command that began before it, and is left alone
// until none of them runs.
//
// There is one for a collection; a nil one does nothing.
type orphans struct {
	session int // our own

	mu       sync.Mutex
	first    uint64         // the earliest start of a command; none: math.MaxUint64
	commands map[int]uint64 // those that run, by pid: their start
	coming   int            // commands that are being started
}

// adopt makes us a subreaper. It does not where children are, or come to us,
// that we know nothing of: in process 1, in one that somebody else made a
// subreaper, and in one that has children already.
func adopt() *orphans {
	if os.Getpid() == 1 || hasChildren() {
		return nil
	}
	if on, err := subreaper(); err != nil || on {
		return nil
	}
	session, err := unix.Getsid(0)
	if err != nil {
		return nil
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil
	}
	return &orphans{session: session, first: math.MaxUint64, commands: map[int]uint64{}}
}

// release ends what is left and undoes adopt, when no command runs any more.
func (o *orphans) release() {
	if o == nil {
		return
	}
	o.end(0, 4*grace)
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0) // what worked with 1
}

// starting comes before the start of a command, started after it; a pid of 0
// says that it failed.
func (o *orphans) starting() {
	if o != nil {
		o.mu.Lock()
		o.coming++
		o.mu.Unlock()
	}
}

func (o *orphans) started(pid int) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.coming--
	if pid == 0 {
		return
	}
	// Nobody has waited for it: it is there, if only as a zombie. Should the
	// system not say when it began, every orphan may be its own.
	p, _ := readStat(pid)
	o.commands[pid] = p.start
	// Those that start at once need not come here in that order.
	o.first = min(o.first, p.start)
}

// sweep ends the orphans of a command that has ended.
func (o *orphans) sweep(command int) {
	if o == nil {
		return
	}
	o.mu.Lock()
	delete(o.commands, command)
	o.mu.Unlock()
	o.end(command, grace)
}

// end goes on with rounds until nothing is left to kill or to wait for: each
// may bring new orphans, and on a busy machine the dead take a while. It gives
// up on what does not die in time, as what waits for a device does not.
func (o *orphans) end(command int, patience time.Duration) {
	for end := time.Now().Add(patience); o.round(command) && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond)
	}
}

// round kills the orphans of a command, and those that no running one may
// need, and waits for those that are dead. It reports whether it killed any.
func (o *orphans) round(command int) bool {
	if !hasChildren() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	killed := false
	for _, p := range children() {
		if !o.abandoned(p, command) {
			continue
		}
		if unix.Kill(p.pid, unix.SIGKILL) == nil {
			killed = true
		} // else it is another user's
		_, _ = unix.Wait4(p.pid, nil, unix.WNOHANG, nil) // else in the next round
	}
	return killed
}

// abandoned judges a child of ours when a command has ended.
func (o *orphans) abandoned(p child, command int) bool {
	if _, ok := o.commands[p.pid]; ok || p.session == o.session || p.start < o.first {
		return false
	}
	if p.session == command {
		return true
	}
	if _, ok := o.commands[p.session]; ok || o.coming > 0 {
		return false // one that is coming may be this very process
	}
	for _, start := range o.commands {
		if start <= p.start {
			return false
		}
	}
	return true
}

// child is what stat says of a process.
type child struct {
	pid, parent, session int
	start                uint64 // in ticks since the system began
}

// children lists our children.
func children() []child {
	d, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer d.Close()
	names, _ := d.Readdirnames(-1) // what it says before an error counts
	self := os.Getpid()
	var out []child
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if p, err := readStat(pid); err == nil && p.parent == self {
			out = append(out, p)
		}
	}
	return out
}

// readStat reads proc_pid_stat(5).
func readStat(pid int) (child, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return child{}, err
	}
	p := child{pid: pid}
	// The name before it may hold anything, brackets and spaces too.
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 20 {
		return child{}, fmt.Errorf("/proc/%d/stat: too short", pid)
	}
	var perr, serr, terr error
	p.parent, perr = strconv.Atoi(string(f[1]))
	p.session, serr = strconv.Atoi(string(f[3]))
	p.start, terr = strconv.ParseUint(string(f[19]), 10, 64)
	return p, errors.Join(perr, serr, terr)
}

func hasChildren() bool {
	err := unix.Waitid(unix.P_ALL, 0, nil, unix.WEXITED|unix.WNOHANG|unix.WNOWAIT|unix.WALL, nil)
	return !errors.Is(err, unix.ECHILD)
}

func subreaper() (bool, error) {
	var on int32
	err := unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&on)), 0, 0, 0)
	return on != 0, err
}
