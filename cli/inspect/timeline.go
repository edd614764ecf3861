package inspect

import (
	"bytes"
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"golang.org/x/text/transform"

	"github.com/diagcollect/diagcollect/manifest"
)

const (
	mostStreams  = 4096     // entries that overlap in time
	windowBudget = 48 << 20 // bytes read ahead, of all of them
	mostWindow   = 4 << 20
	leastWindow  = 8 << 10
)

// ErrOverlap says that too many entries would have to be read beside each other.
var ErrOverlap = errors.New("too many entries overlap in time")

// Timeline merges the lines of entries of several bundles by the time at which
// they were written. A line without a time belongs to the one before it, and what
// stands before the first time of an entry to that. Within an entry the order stays
// as it is, also where times go back. Each entry is read forward once, after a
// look at its beginning; memory depends on how many entries overlap in time, and
// little on that.
type Timeline struct {
	Since, Until time.Time                  // zero: open
	Level        Level                      // nothing below it
	Want         func(*manifest.Entry) bool // nil: all entries

	ahead int // bytes read ahead, of all open entries; 0: windowBudget
}

// Moment is a line in time. It is good until the function that got it returns.
type Moment struct {
	Line       // Match: it has a time of its own
	Bundle int // of those given
	Time   time.Time
}

// Merged says what a timeline could not place.
type Merged struct {
	Entries   int      // that were merged
	Timeless  []string // at most 100 paths of entries in whose first frame no line has a time
	Left      int      // how many there are
	Backwards int64    // lines whose time is before that of the line before in their entry
}

// Run calls told with each line. hosts are the clocks of the bundles, from HostOf.
func (t *Timeline) Run(ctx context.Context, bundles []*manifest.Bundle, hosts []*Host, told func(*Moment) error) (*Merged, error) {
	out := &Merged{}
	var all []*stream
	for i, b := range bundles {
		found, err := t.begin(ctx, i, b, hosts[i], out)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	out.Entries = len(all)
	slices.SortStableFunc(all, func(a, b *stream) int {
		return cmp.Or(a.time.Compare(b.time), cmp.Compare(a.bundle, b.bundle))
	})
	var open streams
	for len(all) > 0 || len(open) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, context.Cause(ctx)
		}
		for len(all) > 0 && (len(open) == 0 || !open[0].time.Before(all[0].time)) {
			s := all[0]
			all = all[1:]
			if len(open) == mostStreams {
				return nil, fmt.Errorf("%w: more than %d", ErrOverlap, mostStreams)
			}
			s.order = out.Entries - len(all)
			s.window = open.room(cmp.Or(t.ahead, windowBudget))
			if err := s.start(); err != nil {
				return nil, err
			}
			heap.Push(&open, s)
		}
		s := open[0]
		before := s.time
		if err := t.record(s, told); err != nil {
			return nil, err
		}
		if s.ended {
			heap.Pop(&open)
			s.buf = nil
			continue
		}
		if s.time.Before(before) {
			out.Backwards++
		}
		heap.Fix(&open, 0)
	}
	return out, nil
}

// begin looks for the first time in each wanted entry of a bundle.
func (t *Timeline) begin(ctx context.Context, bundle int, b *manifest.Bundle, h *Host, out *Merged) ([]*stream, error) {
	last := ""
	want := func(e *manifest.Entry) bool {
		if e.Path == last || t.Want != nil && !t.Want(e) || !t.Since.IsZero() && e.ModTime.Before(t.Since.Truncate(time.Second)) {
			return false
		}
		last = e.Path
		return true
	}
	var found []*stream
	err := manifest.EachFrame(ctx, b, want, func(_ []byte, parts []manifest.Part) []time.Time {
		times := make([]time.Time, len(parts))
		for i := range parts {
			times[i] = firstTime(h.Clock(parts[i].Entry), &parts[i])
		}
		return times
	}, func(parts []manifest.Part, times []time.Time) error {
		for i := range parts {
			switch at := times[i]; {
			case at.IsZero():
				if out.Left++; len(out.Timeless) < 100 {
					out.Timeless = append(out.Timeless, parts[i].Entry.Path)
				}
			case !t.Until.IsZero() && at.After(t.Until):
				// Entries are read forward: nothing in it is older, but
				// where its times go back, which is told of no entry.
			default:
				e := *parts[i].Entry
				e.Redactions, e.Truncated, e.SHA256 = nil, nil, ""
				found = append(found, &stream{b: b, bundle: bundle, entry: &e, clock: h.Clock(&e), time: at})
			}
		}
		return nil
	})
	return found, err
}

func firstTime(c *Clock, p *manifest.Part) time.Time {
	text := p.Content
	if enc := wide(p.Entry); enc != nil {
		// An odd end costs its last character only.
		text, _, _ = transform.Bytes(enc.NewDecoder(), text)
	}
	for len(text) > 0 {
		end := lineEnd(text, 0)
		rest := text[min(end+1, len(text)):]
		if at, ok := c.Time(text[:end], rest); ok {
			return at
		}
		text = rest
	}
	return time.Time{}
}

// record tells the lines of the record at which a stream is, and goes on to its
// next.
func (t *Timeline) record(s *stream, told func(*Moment) error) error {
	at := s.time
	skip := !t.Since.IsZero() && at.Before(t.Since) || !t.Until.IsZero() && at.After(t.Until) ||
		t.Level > Other && levelOf(s.line()) < t.Level
	for first := s.stamped; ; first = false {
		if !skip {
			m := &Moment{Line: Line{Entry: s.entry, Number: s.number, Text: s.line(), Match: first}, Bundle: s.bundle, Time: at}
			if err := told(m); err != nil {
				return err
			}
		}
		if err := s.next(); err != nil || s.ended || s.stamped {
			return err
		}
	}
}

// stream is an entry that is read forward, at a line.
type stream struct {
	b      *manifest.Bundle
	bundle int
	entry  *manifest.Entry
	clock  *Clock
	order  int

	from, to int // of the line, without line end, in buf
	number   int64
	time     time.Time // of the record
	stamped  bool      // the line has a time of its own
	ended    bool

	in     io.Reader // of decoded text, when it is not in UTF-8
	at     int64     // of what is read next
	buf    []byte
	pos    int // of the next line in buf
	last   bool
	window int
	within bool // the line before was a piece of one, longer than a window
}

func (s *stream) start() error {
	if enc := wide(s.entry); enc != nil {
		s.in = transform.NewReader(&entryReader{s.b, s.entry, 0}, enc.NewDecoder())
	}
	first := s.time
	err := s.next()
	s.time = first
	return err
}

// line is good until next.
func (s *stream) line() []byte { return s.buf[s.from:s.to] }

// next goes to the next line.
func (s *stream) next() error {
	if !s.last && bytes.IndexByte(s.buf[s.pos:], '\n') < 0 {
		if err := s.fill(); err != nil {
			return err
		}
	}
	if s.pos == len(s.buf) {
		s.ended, s.from, s.to = true, s.pos, s.pos
		return nil
	}
	piece := s.within
	s.take()
	if s.stamped = false; piece {
		return nil
	}
	s.number++
	if len(s.buf)-s.pos < 1024 && !s.last && bytes.HasPrefix(s.line(), []byte("Event[")) {
		s.pos = s.from // its time stands below
		if err := s.fill(); err != nil {
			return err
		}
		s.take()
	}
	if at, ok := s.clock.Time(s.line(), s.buf[s.pos:]); ok {
		s.time, s.stamped = at, true
	}
	return nil
}

func (s *stream) take() {
	s.from, s.to = s.pos, lineEnd(s.buf, s.pos)
	s.pos = min(s.to+1, len(s.buf))
	s.within = s.to == len(s.buf) && !s.last
}

// fill reads on, keeping what was not used.
func (s *stream) fill() error {
	left := s.buf[s.pos:]
	if len(left) >= s.window {
		return nil // a long line: a piece of it
	}
	size := s.window
	if s.in == nil {
		size = int(min(int64(size), s.entry.Size-s.at+int64(len(left))))
	}
	buf := s.buf
	if cap(buf) < size || cap(buf) > 2*size {
		buf = make([]byte, size)
	}
	buf = buf[:cap(buf)][:size]
	n := copy(buf, left)
	var m int
	var err error
	if s.in != nil {
		m, err = io.ReadFull(s.in, buf[n:])
	} else {
		m, err = s.b.ReadEntryAt(s.entry, buf[n:], s.at)
		s.at += int64(m)
		s.last = s.at == s.entry.Size
	}
	s.buf, s.pos = buf[:n+m], 0
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		s.last = true
		err = nil
	}
	return err
}

// shrink gives back what was read ahead beyond a window; the line at which it is
// stays.
func (s *stream) shrink(window int) {
	if s.window = window; s.in != nil {
		return
	}
	end := min(s.pos+window, len(s.buf))
	if dropped := int64(len(s.buf) - end); dropped > 0 {
		s.at -= dropped
		s.last = false
	}
	s.buf = bytes.Clone(s.buf[s.from:end])
	s.pos, s.to, s.from = s.pos-s.from, s.to-s.from, 0
}

// entryReader reads an entry from its beginning.
type entryReader struct {
	b  *manifest.Bundle
	e  *manifest.Entry
	at int64
}

func (r *entryReader) Read(p []byte) (int, error) {
	n, err := r.b.ReadEntryAt(r.e, p, r.at)
	r.at += int64(n)
	return n, err
}

// streams is a heap of those that are open, by time.
type streams []*stream

func (h streams) Len() int { return len(h) }
func (h streams) Less(i, j int) bool {
	return cmp.Or(h[i].time.Compare(h[j].time), cmp.Compare(h[i].order, h[j].order)) < 0
}
func (h streams) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *streams) Push(x any)   { *h = append(*h, x.(*stream)) }
func (h *streams) Pop() any {
	s := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return s
}

// room makes room for one more, and says how much it may read ahead.
func (h streams) room(budget int) int {
	window := min(max(budget/(len(h)+1), leastWindow), mostWindow)
	held := window
	for _, s := range h {
		held += cap(s.buf)
	}
	for _, s := range h {
		if s.window > window {
			if held > budget+budget/4 {
				held -= cap(s.buf)
				s.shrink(window)
				held += cap(s.buf)
			} else {
				s.window = window
			}
		}
	}
	return window
}
