package manifest

import (
	"context"
	"io"
	"runtime"
)

// Part is what one frame holds of an entry.
type Part struct {
	Entry   *Entry
	At      int64 // where it begins in the entry
	Content []byte
}

// Last reports whether the entry ends with it.
func (p *Part) Last() bool { return p.At+int64(len(p.Content)) == p.Entry.Size }

// EachFrame reads the frames that hold content of wanted entries, each held
// against its signed digest. It gives the content of several at once to work,
// whole and as the parts of wanted entries, and then what work made of it to
// take, one at a time and in the order of the bundle; content is good until take
// returns. want is asked anew for each frame of an entry; empty entries have no
// part. The digest of an entry as a whole is not compared: those of its frames
// prove as much.
func EachFrame[T any](ctx context.Context, b *Bundle, want func(*Entry) bool, work func(content []byte, parts []Part) T, take func([]Part, T) error) error {
	ctx, cancel := context.WithCancel(ctx)
	type done struct {
		parts []Part
		made  T
		buf   *buffers
		err   error
	}
	slots := min(runtime.GOMAXPROCS(0), 8) + 2 // frames in memory
	free := make(chan struct{}, slots)
	order := make(chan chan done, slots)
	defer func() {
		cancel()
		for c := range order {
			if d := <-c; d.buf != nil {
				b.give(d.buf, -1)
			}
		}
	}()
	frameWork := func(frame int, parts []Part) error {
		select {
		case free <- struct{}{}:
		case <-ctx.Done():
			return ctx.Err()
		}
		result := make(chan done, 1)
		order <- result // has as much room
		go func() {
			d := done{parts: parts}
			d.buf, _ = b.take(-1)
			var content []byte
			if content, d.err = b.load(frame, d.buf); d.err == nil {
				begin := b.frames[frame].at
				for i := range parts {
					p := &parts[i]
					from := max(p.Entry.Offset, begin)
					p.At = from - p.Entry.Offset
					p.Content = content[from-begin : min(p.Entry.Offset+p.Entry.Size-begin, int64(len(content)))]
				}
				d.made = work(content, parts)
			}
			result <- d
		}()
		return nil
	}
	go func() {
		defer close(order)
		if err := b.eachFrame(want, func(frame int, entries []*Entry) error {
			parts := make([]Part, len(entries))
			for i, e := range entries {
				parts[i].Entry = e
			}
			return frameWork(frame, parts)
		}); err != nil && ctx.Err() == nil {
			failed := make(chan done, 1)
			failed <- done{err: err}
			order <- failed
		}
	}()
	for c := range order {
		d := <-c
		err := d.err
		if err == nil {
			err = take(d.parts, d.made)
		}
		if d.buf != nil {
			b.give(d.buf, -1)
			<-free
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// eachFrame says in order which wanted entries each frame holds.
func (b *Bundle) eachFrame(want func(*Entry) bool, each func(frame int, entries []*Entry) error) error {
	var here []*Entry
	frame := 0
	flush := func() error {
		if len(here) == 0 {
			return nil
		}
		err := each(frame, here)
		here = nil
		return err
	}
	for e, err := range b.Entries() {
		if err != nil {
			return err
		}
		end := e.Offset + e.Size
		for at := e.Offset; at < end && want(&e); at = b.frames[frame].at + b.frames[frame].content {
			if i := b.section(at, 0).frame; i != frame {
				if err := flush(); err != nil {
					return err
				}
				frame = i
			}
			here = append(here, &e)
		}
	}
	return flush()
}

// ReadEntryAt reads content of an entry from an offset on, as an io.ReaderAt
// does; each frame is held against its signed digest. Readings beside each other
// decode a frame once, as long as they come in turns with few others.
func (b *Bundle) ReadEntryAt(e *Entry, p []byte, at int64) (int, error) {
	if e.Offset < 0 || at < 0 || e.Size < 0 || e.Offset > b.reportAt || e.Size > b.reportAt-e.Offset {
		return 0, notAuthentic("%s: not within the bundle", e.Path)
	}
	if at >= e.Size {
		return 0, io.EOF
	}
	want := min(int64(len(p)), e.Size-at)
	s := b.section(e.Offset+at, want)
	n, err := io.ReadFull(s, p[:want])
	s.close()
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}
