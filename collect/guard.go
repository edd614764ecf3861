package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// errStalled says that a file did not answer in time.
var errStalled = errors.New("did not answer in time")

// within runs f and gives up on it after d or when ctx ends. A call into a
// file system that hangs cannot be interrupted, so the goroutine is left to
// the kernel; late gets what it still brings.
func within[T any](ctx context.Context, d time.Duration, f func() (T, error), late func(T)) (T, error) {
	type answer struct {
		v   T
		err error
	}
	c := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil { // in a library that asks the system
				a.err = fmt.Errorf("gave up: %v", p)
			}
			c <- a
		}()
		a.v, a.err = f()
	}()
	timer := time.NewTimer(d)
	defer timer.Stop()
	var err error
	select {
	case a := <-c:
		return a.v, a.err
	case <-timer.C:
		err = errStalled
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	go func() {
		if a := <-c; a.err == nil && late != nil {
			late(a.v)
		}
	}()
	var none T
	return none, err
}

// ahead reads r in a goroutine of its own, some blocks ahead, so that reading
// goes on beside redaction and a file that hangs is given up after d.
type ahead struct {
	full  chan block
	free  chan []byte
	stop  chan struct{}
	d     time.Duration
	timer *time.Timer
	cur   []byte
	own   []byte // the block that cur is part of
	err   error
}

type block struct {
	b   []byte
	n   int
	err error
}

// Redaction takes some blocks at a time: they should be there by then.
const (
	blockSize   = 256 << 10
	blocksAhead = 4
)

func newAhead(r io.Reader, size int64, d time.Duration) *ahead {
	a := &ahead{full: make(chan block, blocksAhead), free: make(chan []byte, blocksAhead), stop: make(chan struct{}), d: d}
	n, blocks := int64(blockSize), int64(blocksAhead)
	if size >= 0 {
		n, blocks = min(n, size+1), min(blocks, 1+size/blockSize)
	}
	for range blocks {
		a.free <- make([]byte, n)
	}
	go func() {
		for {
			var buf []byte
			select {
			case buf = <-a.free:
			case <-a.stop:
				return
			}
			n, err := r.Read(buf)
			select {
			case a.full <- block{buf, n, err}:
			case <-a.stop:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return a
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.cur) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.own != nil {
			a.free <- a.own[:cap(a.own)]
			a.own = nil
		}
		if a.timer == nil {
			a.timer = time.NewTimer(a.d)
		} else {
			a.timer.Reset(a.d)
		}
		select {
		case b := <-a.full:
			a.own, a.cur, a.err = b.b, b.b[:b.n], b.err
		case <-a.timer.C:
			a.err = errStalled
		}
	}
	n := copy(p, a.cur)
	a.cur = a.cur[n:]
	return n, nil
}

// close lets the reading goroutine go.
func (a *ahead) close() {
	close(a.stop)
	if a.timer != nil {
		a.timer.Stop()
	}
}
