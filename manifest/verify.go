package manifest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"time"
)

// CheckFrames reads all compressed bytes and compares them with the signed
// digests and the seek table, without decoding.
func (b *Bundle) CheckFrames(ctx context.Context) error {
	all := sha256.New()
	check := func(i int) (*buffers, error) {
		buf, _ := b.take(-1)
		if err := b.loadCompressed(i, buf); err != nil {
			return nil, err
		}
		if err := checkFrame(buf.z, int(b.frames[i].content)); err != nil {
			return nil, notAuthentic("frame %d: %v", i, err)
		}
		return buf, nil
	}
	i := 0
	err := ahead(len(b.frames), min(runtime.GOMAXPROCS(0), maxWorkers), check, func(buf *buffers) error {
		if i < b.manifest {
			all.Write(buf.z)
		}
		i++
		b.give(buf, -1)
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	if hex.EncodeToString(all.Sum(nil)) != b.all {
		return notAuthentic("digest of all frames differs from the signed one")
	}
	return b.checkTable()
}

// checkTable compares the seek table, byte by byte, with the frames walked.
func (b *Bundle) checkTable() error {
	table := make([]byte, seekTableSize(len(b.frames)))
	if err := b.readAt(table, b.size-int64(len(table))); err != nil {
		return err
	}
	if !bytes.Equal(table, appendSeekTable(nil, b.frames)) {
		return notAuthentic("seek table differs from the frames")
	}
	return nil
}

// Verify proves the whole bundle: every frame walked and decoded, every entry
// digest, the tar structure, the tail in canonical form, the seek table equal
// to the walk, nothing else in the file.
func (b *Bundle) Verify(ctx context.Context) error {
	if err := b.checkTable(); err != nil {
		return err
	}
	p := b.decodeAhead(ctx)
	defer p.stop()
	v := &verifier{p: p, all: sha256.New()}
	m := &manifestReader{entry: func(e *Entry) error {
		return v.member(b.top+"/"+e.Path, e.Size, e.ModTime, e.SHA256)
	}}
	if err := m.read(b.ManifestJSON()); err != nil {
		return refuse(err)
	}
	if err := v.member(b.top+"/"+reportName, b.report.Size, b.head.Created, b.report.SHA256); err != nil {
		return err
	}
	if len(v.have) > 0 {
		return notAuthentic("%s: bytes after its end", reportName)
	}
	if hex.EncodeToString(v.all.Sum(nil)) != b.all {
		return notAuthentic("digest of all frames differs from the signed one")
	}
	for range len(b.frames) - b.manifest {
		if err := v.next(); err != nil {
			return err
		}
	}
	// What remains of the file equals this, as checkTable saw.
	_, _ = v.all.Write(appendSeekTable(nil, b.frames))
	sum := hex.EncodeToString(v.all.Sum(nil))
	if err := b.checkTail(); err != nil {
		return err
	}
	b.mu.Lock()
	b.sum = sum
	b.mu.Unlock()
	return nil
}

// verifier takes the tar stream member by member.
type verifier struct {
	p    *pipeline
	all  hashWriter // of the file so far
	buf  *buffers
	have []byte
}

type hashWriter interface {
	Write([]byte) (int, error)
	Sum([]byte) []byte
}

// next takes the next frame.
func (v *verifier) next() error {
	if v.buf != nil {
		v.p.b.give(v.buf, -1)
		v.buf = nil
	}
	buf, err := v.p.next()
	if err != nil {
		return err
	}
	_, _ = v.all.Write(buf.z) // a hash takes everything
	v.buf, v.have = buf, buf.content
	return nil
}

// take calls each with the next n bytes of the tar stream, in pieces.
func (v *verifier) take(n int64, each func([]byte) error) error {
	for n > 0 {
		if len(v.have) == 0 {
			if err := v.next(); err != nil {
				return err
			}
		}
		piece := v.have[:min(n, int64(len(v.have)))]
		if err := each(piece); err != nil {
			return err
		}
		v.have = v.have[len(piece):]
		n -= int64(len(piece))
	}
	return nil
}

func (v *verifier) equal(want []byte) error {
	return v.take(int64(len(want)), func(piece []byte) error {
		if !bytes.Equal(piece, want[:len(piece)]) {
			return notAuthentic("not in canonical form")
		}
		want = want[len(piece):]
		return nil
	})
}

func (v *verifier) member(name string, size int64, mtime time.Time, sum string) error {
	if err := v.equal(tarHeader(nil, name, size, mtime)); err != nil {
		return fmt.Errorf("%s: tar header: %w", name, err)
	}
	h := sha256.New()
	if err := v.take(size, func(piece []byte) error { h.Write(piece); return nil }); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != sum {
		return notAuthentic("%s: digest differs from the signed one", name)
	}
	if err := v.equal(make([]byte, padding(size))); err != nil {
		return fmt.Errorf("%s: padding: %w", name, err)
	}
	return nil
}

// pipeline decodes frames in parallel and hands them out in order.
type pipeline struct {
	b      *Bundle
	ctx    context.Context
	cancel context.CancelFunc
	order  chan chan decoded
}

type decoded struct {
	buf *buffers
	err error
}

func (b *Bundle) decodeAhead(ctx context.Context) *pipeline {
	p := &pipeline{b: b, order: make(chan chan decoded, runtime.GOMAXPROCS(0))}
	p.ctx, p.cancel = context.WithCancel(ctx)
	go func() {
		defer close(p.order)
		for i := range b.frames {
			result := make(chan decoded, 1)
			select {
			case p.order <- result:
			case <-p.ctx.Done():
				return
			}
			go func() {
				buf, _ := b.take(-1)
				_, err := b.load(i, buf)
				result <- decoded{buf, err}
			}()
		}
	}()
	return p
}

func (p *pipeline) next() (*buffers, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	result, ok := <-p.order
	if !ok {
		if err := p.ctx.Err(); err != nil {
			return nil, err
		}
		return nil, notAuthentic("truncated: no more frames")
	}
	d := <-result
	return d.buf, d.err
}

// stop waits for what runs.
func (p *pipeline) stop() {
	p.cancel()
	for result := range p.order {
		p.b.give((<-result).buf, -1)
	}
}
