package manifest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// layout walks the signed list of entries along the seek table: it says where
// everything must lie, and refuses a list that breaks the rules.
type layout struct {
	b       *Bundle
	names   *names
	sources map[string]bool // folded
	prev    Entry
	count   int64
	bytes   int64

	at    int64  // in the tar stream
	frame int    // that holds at
	kind  string // of what that frame holds: a data type, or a file of the tail
}

func newLayout(b *Bundle) *layout {
	return &layout{b: b, names: newNames(), sources: make(map[string]bool)}
}

func (l *layout) entry(e *Entry) error {
	if err := l.valid(e); err != nil {
		return fmt.Errorf("entry %d (%q): %w", l.count, e.Path, err)
	}
	header := headerSize(l.b.top+"/"+e.Path, e.Size)
	if e.Offset != l.at+header {
		return fmt.Errorf("entry %q: content at %d, where %d is its place", e.Path, e.Offset, l.at+header)
	}
	if err := l.place(string(e.Type), header, e.Size); err != nil {
		return fmt.Errorf("entry %q: %w", e.Path, err)
	}
	l.prev = Entry{Type: e.Type, Source: e.Source, Path: e.Path}
	l.count++
	l.bytes += e.Size
	return nil
}

func (l *layout) valid(e *Entry) error {
	if l.count+4 > l.b.limits.Members {
		return fmt.Errorf("more members than the limit of %d", l.b.limits.Members)
	}
	if e.Size < 0 || e.Size > l.b.limits.Bytes {
		return fmt.Errorf("%d bytes, above the limit of %d", e.Size, l.b.limits.Bytes)
	}
	if !isDigest(e.SHA256) {
		return errors.New("malformed digest")
	}
	rel, ok := strings.CutPrefix(e.Path, "data/"+e.Source+"/")
	if !ok {
		return fmt.Errorf("not below data/%s/", e.Source)
	}
	if err := checkPath(e.Path); err != nil {
		return err
	}
	order := cmp.Or(cmp.Compare(e.Type, l.prev.Type), cmp.Compare(e.Source, l.prev.Source), cmp.Compare(e.Path, l.prev.Path))
	if order <= 0 && l.count > 0 {
		return errors.New("out of order")
	}
	if l.count == 0 || e.Type != l.prev.Type || e.Source != l.prev.Source {
		if !slices.Contains(Types(), e.Type) {
			return fmt.Errorf("unknown data type %q", e.Type)
		}
		if err := checkSourceID(e.Source); err != nil {
			return err
		}
		if l.sources[fold(e.Source)] {
			return fmt.Errorf("source %q: %w", e.Source, errSameName)
		}
		l.sources[fold(e.Source)] = true
		l.names = newNames()
	}
	return l.names.add(rel)
}

// place moves on over a member, which lies whole in one frame together with
// its like, or has its header in one frame and its content in the next ones.
func (l *layout) place(kind string, header, size int64) error {
	if l.frame >= len(l.b.frames) {
		return errors.New("no frame holds it")
	}
	f := &l.b.frames[l.frame]
	if l.at == f.at {
		l.kind = kind
	} else if l.kind != kind {
		return fmt.Errorf("shares frame %d with %s", l.frame, l.kind)
	}
	end := l.at + header + size + padding(size)
	if own := f.at + f.content; end > own {
		if l.at != f.at || own != l.at+header {
			return fmt.Errorf("is cut by the end of frame %d", l.frame)
		}
		for l.frame++; l.frame < len(l.b.frames) && l.b.frames[l.frame].at+l.b.frames[l.frame].content < end; l.frame++ {
		}
		if l.frame == len(l.b.frames) {
			return errors.New("no frame holds its end")
		}
		f = &l.b.frames[l.frame]
		if f.at+f.content != end {
			return fmt.Errorf("shares frame %d with what follows", l.frame)
		}
	}
	l.at = end
	if end == f.at+f.content {
		l.frame++
	}
	return nil
}

// tail places what follows the entries.
func (l *layout) tail() error {
	b := l.b
	if err := l.place(reportName, headerSize(b.top+"/"+reportName, b.report.Size), b.report.Size); err != nil {
		return fmt.Errorf("%s: %w", reportName, err)
	}
	if l.frame != b.manifest || l.at != b.frames[b.manifest].at {
		return fmt.Errorf("%s and %s do not meet", reportName, manifestName)
	}
	header := headerSize(b.top+"/"+manifestName, b.textSize)
	if b.text != l.at+header {
		return fmt.Errorf("header of %d bytes, where %d is right", b.text-l.at, header)
	}
	if err := l.place(manifestName, header, b.textSize); err != nil {
		return err
	}
	if l.frame != len(b.frames)-1 {
		return fmt.Errorf("does not end where %s begins", signatureName)
	}
	return nil
}

// checkTail compares what no digest covers with its canonical form: the
// header and padding of manifest.json, and the last frame.
func (b *Bundle) checkTail() error {
	at := b.frames[b.manifest].at
	want := tarHeader(nil, b.top+"/"+manifestName, b.textSize, b.head.Created)
	if err := b.compare(at, want); err != nil {
		return fmt.Errorf("%s: header: %w", manifestName, err)
	}
	if err := b.compare(b.text+b.textSize, make([]byte, padding(b.textSize))); err != nil {
		return fmt.Errorf("%s: padding: %w", manifestName, err)
	}
	want = lastFrame(b.top, b.sig, b.head.Created)
	last := &b.frames[len(b.frames)-1]
	if int64(len(want)) != last.content {
		return notAuthentic("end of archive: %d bytes, not %d", last.content, len(want))
	}
	if err := b.compare(last.at, want); err != nil {
		return fmt.Errorf("end of archive: %w", err)
	}
	return nil
}

func (b *Bundle) compare(at int64, want []byte) error {
	got := make([]byte, len(want))
	if _, err := io.ReadFull(b.section(at, int64(len(want))), got); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return notAuthentic("not in canonical form")
	}
	return nil
}
