package collect

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"
)

// opened is a file that was opened, judged, and read if it is small.
type opened struct {
	f     *os.File
	fi    fs.FileInfo
	from  origin
	why   string // not to read it
	whole *whole // what is in it; nil: it was not read
	buf   []byte // holds that
}

// whole is a file that was read, up to an end or an error.
type whole struct {
	left []byte
	err  error
}

func (w *whole) Read(p []byte) (int, error) {
	n := copy(p, w.left)
	if w.left = w.left[n:]; n == 0 && len(p) > 0 {
		return 0, w.err
	}
	return n, nil
}

// smallFile is how large a file may be that is read when it is opened: it is
// not worth a goroutine that reads ahead.
const smallFile = 128 << 10

// open opens what was found. It may hang.
func (f *found) open(a *avoid, buf []byte) (opened, error) {
	file, err := f.root.OpenFile(f.rel, openFlags, 0)
	if err != nil {
		return opened{}, err
	}
	fi, err := file.Stat()
	if err != nil {
		return opened{}, errors.Join(err, file.Close())
	}
	o := opened{f: file, fi: fi}
	o.from, o.why = a.judgeOpen(file, join(f.root.real, f.rel), fi)
	if o.why != "" || o.from != stored || f.size < 0 || !fi.Mode().IsRegular() || fi.Size() > smallFile {
		return o, nil
	}
	o.buf = slices.Grow(buf[:0], int(fi.Size()))[:fi.Size()]
	n, err := io.ReadFull(io.NewSectionReader(file, 0, fi.Size()), o.buf)
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	o.whole = &whole{o.buf[:n], err}
	return o, nil
}

// close closes what was only read: that cannot lose anything. A read that
// hangs still holds the file, and closes it when it ends.
func (o *opened) close() {
	if o.f != nil {
		_ = o.f.Close()
	}
}

// opener opens files one after another in a goroutine of its own, some ahead
// of who takes them: opening many small files takes as long as redacting them.
// When one hangs, it and its goroutine are left to the kernel.
type opener struct {
	ctx   context.Context
	d     time.Duration // how long one may take
	files []found
	avoid *avoid

	out   chan answered
	stop  chan struct{}
	timer *time.Timer
	free  chan []byte
}

type answered struct {
	opened
	err error
}

const filesAhead = 8

func newOpener(ctx context.Context, d time.Duration, files []found, a *avoid) *opener {
	p := &opener{ctx: ctx, d: d, files: files, avoid: a, free: make(chan []byte, filesAhead)}
	p.timer = time.NewTimer(d)
	p.timer.Stop()
	p.start(0)
	return p
}

// start opens the files from the given one on, but for those that are not
// wanted.
func (p *opener) start(from int) {
	out, stop := make(chan answered, filesAhead), make(chan struct{})
	p.out, p.stop = out, stop
	go func() {
		defer close(out)
		for i := from; i < len(p.files); i++ {
			if p.files[i].max < 0 {
				continue
			}
			var buf []byte
			select {
			case buf = <-p.free:
			default:
			}
			var a answered
			a.opened, a.err = p.files[i].open(p.avoid, buf)
			select {
			case out <- a:
			case <-stop:
				a.close()
				return
			}
		}
	}()
}

// take answers with file i. They are taken in order.
func (p *opener) take(i int) (opened, error) {
	select {
	case a := <-p.out: // mostly it is there
		return a.opened, a.err
	default:
	}
	p.timer.Reset(p.d)
	defer p.timer.Stop()
	select {
	case a := <-p.out:
		return a.opened, a.err
	case <-p.timer.C:
		p.close()
		p.start(i + 1)
		return opened{}, errStalled
	case <-p.ctx.Done():
		return opened{}, context.Cause(p.ctx)
	}
}

// giveBack is for the buffer of a file that nobody reads any more.
func (p *opener) giveBack(buf []byte) {
	select {
	case p.free <- buf:
	default:
	}
}

// close lets the goroutine go, and what it opened in vain.
func (p *opener) close() {
	close(p.stop)
	out := p.out
	go func() {
		for a := range out {
			a.close()
		}
	}()
}
