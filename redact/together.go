package redact

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Ahead redacts the first blocks of streams that were not read yet, and of
// those that are short all: side by side, with the result of reading one
// after another.
func (s *Session) Ahead(streams ...*Stream) {
	turns := make([]turn, len(streams))
	for i, st := range streams {
		turns[i].st = st
	}
	together(turns)
}

// turn is what one stream has in a batch.
type turn struct {
	st    *Stream
	batch []*block
	long  bool  // the last block is a part of a line only
	err   error // why there is no more
	ended bool
}

// guard calls f and fails closed: after a fault the rest is withheld.
func (t *turn) guard(f func()) {
	if t.ended {
		return
	}
	defer func() {
		if r := recover(); r != nil {
			t.batch, t.ended, t.st.batch = nil, true, 0
			t.st.close(t.st.fault(r))
		}
	}()
	f()
}

func (st *Stream) fault(r any) error {
	return st.unreadable(fmt.Sprintf("fault of the scanner: %v", r))
}

// together makes a batch of some streams ready: blocks are read one after
// another, scanned side by side, resolved in order, and rendered side by side.
func together(turns []turn) {
	for i := range turns {
		t := &turns[i]
		t.guard(func() {
			var n int
			n, t.long, t.err = t.st.gather()
			t.batch = t.st.blocks[:n]
		})
	}
	each(turns, (*Stream).scan)
	for i := range turns {
		turns[i].guard(turns[i].resolve)
	}
	each(turns, func(st *Stream, k *block) {
		k.seek()
		k.render(st.enc)
	})
	for i := range turns {
		turns[i].guard(turns[i].ready)
	}
}

func (st *Stream) scan(k *block) {
	k.sc.partial = k.from > 0
	k.sc.scan(k.buf)
	k.sc.scanWide()
	if k.sc.odd && dense(k.buf[k.from:]) {
		k.err = st.unreadable("binary content")
	}
	if sc := k.sc; sc.spent() {
		k.err = st.unreadable("made to take long")
	}
}

func (t *turn) resolve() {
	st := t.st
	for i, k := range t.batch {
		if k.err != nil {
			t.cut(i, k.err)
			return
		}
		st.resolve(k)
		if k.sc.spent() {
			t.cut(i, st.unreadable("made to take long"))
			return
		}
		if t.long && i == len(t.batch)-1 {
			k.seek()
			st.cutLong(k)
		}
		if st.report != nil {
			k.seek()
			if err := st.tell(k); err != nil {
				t.cut(i, err)
				return
			}
			st.lines += int64(bytes.Count(k.buf[k.given:], []byte{'\n'}))
		}
	}
}

// cut leaves the blocks from i on out.
func (t *turn) cut(i int, err error) { t.batch, t.err = t.batch[:i], err }

// ready hands the blocks over to who reads.
func (t *turn) ready() {
	st := t.st
	for i, k := range t.batch {
		if k.err != nil {
			t.cut(i, k.err)
			break
		}
		st.s.account(&k.sc.tally)
		st.count(&k.sc.tally)
	}
	st.batch = len(t.batch)
	if t.err != nil {
		st.close(t.err)
	}
}

// each calls f for all blocks, at once where that is worth it.
func each(turns []turn, f func(*Stream, *block)) {
	type job struct {
		st *Stream
		k  *block
	}
	var jobs []job
	size := 0
	for _, t := range turns {
		for _, k := range t.batch {
			jobs = append(jobs, job{t.st, k})
			size += len(k.buf)
		}
	}
	var next atomic.Int32
	work := func() {
		for {
			i := int(next.Add(1)) - 1
			if i >= len(jobs) {
				return
			}
			j := jobs[i]
			func() {
				defer func() {
					if r := recover(); r != nil {
						j.k.err = j.st.fault(r)
					}
				}()
				f(j.st, j.k)
			}()
		}
	}
	var wg sync.WaitGroup
	if size >= blockSize/4 {
		for range min(len(jobs), maxWorkers, runtime.GOMAXPROCS(0)) - 1 {
			wg.Go(work)
		}
	}
	work()
	wg.Wait()
}
