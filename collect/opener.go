package collect

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"github.com/diagcollect/diagcollect/redact"
)

// opened is a file that was opened, judged, and read if it is small.
type opened struct {
	f     *os.File
	fi    fs.FileInfo
	from  origin
	why   string // not to read it
	whole *whole // what is in it; nil: it was not read
	buf   []byte // holds that
	clean text   // the redaction of it; nil: none yet
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

// Len is how much is left of it.
func (w *whole) Len() int { return len(w.left) }

// smallFile is how large a file may be that is read when it is opened: it is
// not worth a goroutine that reads ahead.
const smallFile = 128 << 10

// folder is the one in which files are opened, kept open from one to the next.
type folder struct {
	root *root
	dir  string
	sub  *os.Root // dir below root; nil: none is open
	real string   // where that is; "": the system does not tell
}

// open opens a file and says where it is, if the system can tell. A nil folder
// keeps none open.
func (d *folder) open(f *found) (file *os.File, real string, err error) {
	dir, base := path.Split(f.rel)
	if d == nil {
		dir = ""
	}
	if dir != "" && (d.sub == nil || d.root != f.root || d.dir != dir) {
		d.close()
		d.enter(f.root, dir)
	}
	if dir != "" && d.sub != nil {
		if file, err = d.sub.OpenFile(base, openFlags, 0); d.real != "" {
			real = join(d.real, base)
		}
		return file, real, err
	}
	if file, err = f.root.OpenFile(f.rel, openFlags, 0); err == nil {
		real, _ = pathOf(file)
	}
	return file, real, err
}

// enter opens a folder. Where that fails, its files say why.
func (d *folder) enter(r *root, dir string) {
	sub, err := r.OpenRoot(path.Clean(dir))
	if err != nil {
		return
	}
	self, err := sub.Open(".")
	if err != nil {
		_ = sub.Close()
		return
	}
	real, _ := pathOf(self)
	_ = self.Close() // opened for a look
	*d = folder{r, dir, sub, real}
}

func (d *folder) close() {
	if d.sub != nil {
		_ = d.sub.Close() // opened for reading
	}
	*d = folder{}
}

// open opens what was found. It may hang.
func (f *found) open(d *folder, a *avoid, buf []byte) (opened, error) {
	file, real, err := d.open(f)
	if err != nil {
		return opened{}, err
	}
	fi, err := file.Stat()
	if err != nil {
		return opened{}, errors.Join(err, file.Close())
	}
	o := opened{f: file, fi: fi}
	o.from, o.why = a.judgeOpen(file, join(f.root.real, f.rel), real, fi)
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

const filesAhead = 16

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
		var d folder
		defer d.close()
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
			a.opened, a.err = p.files[i].open(&d, p.avoid, buf)
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

// batches takes files from an opener, some at a time: those that are small are
// redacted side by side, with the result of redacting one after another.
type batches struct {
	*opener
	g     *gatherer
	files []found
	next  []taken // in order
}

type taken struct {
	answered
	path string
}

const batchBytes = 512 << 10 // of the small files of a batch

// take answers with file i.
func (b *batches) take(i int) taken {
	if len(b.next) == 0 {
		b.fill(i)
	}
	t := b.next[0]
	b.next = b.next[1:]
	return t
}

// fill takes files up to one that is not small.
func (b *batches) fill(i int) {
	var streams []*redact.Stream
	b.next = b.next[:0]
	for size := 0; i < len(b.files) && len(b.next) < filesAhead && size < batchBytes; i++ {
		f := &b.files[i]
		if f.max < 0 {
			continue
		}
		t := taken{path: bundlePath(f.path())}
		t.opened, t.err = b.opener.take(i)
		limit := b.g.limits.file
		if f.max > 0 {
			limit = f.max
		}
		small := t.whole != nil && t.why == "" && errors.Is(t.whole.err, io.EOF) && t.whole.Len() > 0 &&
			int64(t.whole.Len()) == t.fi.Size() && t.fi.Size() <= limit && sniff(t.whole.left) == plain
		if small {
			size += t.whole.Len()
			s := b.g.stream(input{path: t.path}, t.whole)
			streams = append(streams, s)
			t.clean = s
		}
		b.next = append(b.next, t)
		if !small {
			break
		}
	}
	if len(streams) > 0 {
		b.g.session.Ahead(streams...)
	}
}

// done is for a file that was gathered.
func (b *batches) done(t taken) {
	if t.clean != nil { // what unpacks may read on beside us
		b.giveBack(t.buf)
	}
}

func (b *batches) close() {
	for _, t := range b.next {
		t.close()
	}
	b.opener.close()
}
