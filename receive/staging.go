package receive

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	exp "golang.org/x/exp/slog"

	"github.com/diagcollect/diagcollect/upload"
)

// staging is where tusd keeps uploads: a file per upload in the folder of its
// organisation. What tusd's own file store writes into .info files is in the
// database already, which is the one truth; absolute paths are in neither, so
// a data directory may be moved. The upload itself comes with the request's
// context, put there by the operation that found it for its caller: no id in
// a URL reaches another organisation's files.
type staging struct{ *Server }

type stagedKey struct{}

// staged is what an operation gives tusd along with a request.
type staged struct {
	sent *sent
	body *inbound // of a PATCH
}

// newTus makes the tus handler. Downloads, concatenation, deferred lengths and
// cross-origin requests are left out.
func (s *Server) newTus() (http.Handler, error) {
	st := staging{s}
	composer := handler.NewStoreComposer()
	composer.UseCore(st)
	composer.UseTerminater(st)
	composer.UseLocker(&tusLocker{held: make(map[string]*tusLock)})
	tus, err := handler.NewHandler(handler.Config{
		StoreComposer:        composer,
		BasePath:             "/",
		MaxSize:              s.opts.MaxUpload,
		DisableDownload:      true,
		DisableConcatenation: true,
		Cors:                 &handler.CorsConfig{Disable: true},
		// Errors are told and logged by serveTus.
		Logger:         exp.New(exp.NewTextHandler(io.Discard, &exp.HandlerOptions{Level: exp.LevelError + 1})),
		NetworkTimeout: slowWrite,
		PreUploadCreateCallback: func(e handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
			u, err := stagedOf(e.Context)
			if err != nil {
				return handler.HTTPResponse{}, handler.FileInfoChanges{}, err
			}
			return handler.HTTPResponse{}, handler.FileInfoChanges{ID: u.id, MetaData: handler.MetaData{}}, nil
		},
		GracefulRequestCompletionTimeout: time.Second,
	})
	return tus, err
}

func stagedOf(ctx context.Context) (*sent, error) {
	v, ok := ctx.Value(stagedKey{}).(staged)
	if !ok {
		return nil, errors.New("tus request without its upload")
	}
	return v.sent, nil
}

// NewUpload makes the file, then the row: a row has always had a file.
func (st staging) NewUpload(ctx context.Context, _ handler.FileInfo) (handler.Upload, error) {
	u, err := stagedOf(ctx)
	if err != nil {
		return nil, err
	}
	f, err := st.root.OpenFile(u.staged(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, tusError(err)
	}
	if err := f.Close(); err != nil {
		return nil, tusError(err)
	}
	if err := st.addUpload(ctx, u); err != nil {
		return nil, err
	}
	return &stagedUpload{Server: st.Server, sent: u}, nil
}

func (st staging) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	u, err := stagedOf(ctx)
	if err != nil {
		return nil, err
	}
	// The request may have waited for the lock while another one finished.
	u, err = st.findUpload(ctx, st.db, u.organisation, u.caseID, u.id)
	if err != nil {
		return nil, err
	}
	if u == nil || u.id != id || u.state != upload.StateUploading {
		return nil, handler.ErrNotFound
	}
	up := &stagedUpload{Server: st.Server, sent: u}
	if up.offset, err = st.stagedSize(u); err != nil {
		return nil, err
	}
	return up, nil
}

func (st staging) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*stagedUpload)
}

// stagedSize is how much of an upload is here. A file that was lost counts as
// nothing: the sender begins at 0 again.
func (s *store) stagedSize(u *sent) (int64, error) {
	info, err := s.root.Stat(u.staged())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// stagedUpload is one upload in tusd's hands, which holds its lock.
type stagedUpload struct {
	*Server
	sent   *sent
	offset int64
}

func (u *stagedUpload) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: u.sent.id, Size: u.sent.wireSize, Offset: u.offset}, nil
}

// How much and how long may pass until what came is noted.
const (
	noteBytes = 64 << 20
	noteTime  = 5 * time.Minute
)

func (u *stagedUpload) WriteChunk(ctx context.Context, _ int64, src io.Reader) (written int64, err error) {
	ctx = context.WithoutCancel(ctx) // what arrived counts
	f, err := u.root.OpenFile(u.sent.staged(), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return 0, tusError(err)
	}
	for err == nil {
		var n int64
		n, err = io.CopyN(f, src, fine)
		u.offset += n
		written += n
		if err == nil && u.offset-u.sent.arrived < noteBytes && u.now().Sub(u.sent.progress) < noteTime {
			continue
		}
		if noteErr := u.noteArrived(ctx, u.sent, u.offset); noteErr != nil {
			err = noteErr
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return written, tusError(errors.Join(err, f.Close()))
}

func (u *stagedUpload) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}

// FinishUpload hands a complete upload to intake.
func (u *stagedUpload) FinishUpload(ctx context.Context) error {
	return tusError(u.received(ctx, u.sent))
}

// Terminate gives an unfinished upload up.
func (u *stagedUpload) Terminate(ctx context.Context) error { return u.forget(ctx, u.sent) }

// tusError makes a full disk an answer of its own; everything else is
// internal.
func tusError(err error) error {
	if diskFull(err) {
		return handler.NewError("ERR_NO_SPACE", "no space left", http.StatusInsufficientStorage)
	}
	return err
}

// serveTus lets tusd answer a request about u. Its errors become problem
// documents, its Location one within the case.
func (s *Server) serveTus(w http.ResponseWriter, r *http.Request, u *sent, path, location string) error {
	v := staged{sent: u}
	if r.Method == http.MethodPatch {
		v.body = &inbound{ReadCloser: r.Body, rc: http.NewResponseController(w), pace: pace{clock: s.clock}}
		defer v.body.detach()
		defer context.AfterFunc(s.ctx, func() { v.body.end(handler.ErrServerShutdown) })()
	}
	r = r.Clone(context.WithValue(r.Context(), stagedKey{}, v))
	if v.body != nil {
		r.Body = v.body
	}
	r.URL.Path, r.URL.RawPath = path, ""
	t := &tusWriter{ResponseWriter: w, location: location}
	s.tus.ServeHTTP(t, r)
	if t.status == 0 {
		return nil
	}
	text := string(bytes.TrimSpace(t.body))
	switch {
	case v.body != nil && errors.Is(v.body.ended(), errSlow):
		return tooSlow()
	case s.ctx.Err() != nil:
		return unavailable("the receiver is stopping")
	case t.status == http.StatusNotFound:
		return unknown("no such unfinished upload")
	case t.status == http.StatusRequestEntityTooLarge:
		return refuse(t.status, upload.CodeTooLarge, "Too large", "%s", text)
	case t.status == http.StatusInsufficientStorage:
		return noSpace("the receiver's disk is full")
	case t.status >= 500:
		return errors.New("tus: " + text)
	}
	return refuse(t.status, upload.CodeBadRequest, "The upload does not go on like this", "%s", text)
}

// tusWriter holds back what tusd says about errors.
type tusWriter struct {
	http.ResponseWriter
	location string
	status   int // of an error; 0: none
	body     []byte
}

func (t *tusWriter) Unwrap() http.ResponseWriter { return t.ResponseWriter }

func (t *tusWriter) WriteHeader(status int) {
	if status >= 400 {
		t.status = status
		return
	}
	if t.Header().Get("Location") != "" {
		t.Header().Set("Location", t.location)
		t.Header().Set("Upload-Offset", "0")
	}
	t.ResponseWriter.WriteHeader(status)
}

func (t *tusWriter) Write(p []byte) (int, error) {
	if t.status == 0 {
		return t.ResponseWriter.Write(p)
	}
	t.body = append(t.body, p[:min(len(p), 1024-len(t.body))]...)
	return len(p), nil
}

// inbound is the body of a request that can be ended from outside: what was
// read until then counts.
type inbound struct {
	io.ReadCloser
	rc   *http.ResponseController
	pace pace
	mu   sync.Mutex
	err  error
	done bool
}

// errSlow: a body comes too slowly.
var errSlow = errors.New("too slow")

// end makes reading stop with err, also a read that waits.
func (b *inbound) end(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.done || b.err != nil {
		return
	}
	b.err = err
	// If deadlines are not supported the read ends with the next byte.
	_ = b.rc.SetReadDeadline(time.Now())
}

// detach leaves the connection alone from now on.
func (b *inbound) detach() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done = true
}

func (b *inbound) Read(p []byte) (int, error) {
	if err := b.ended(); err != nil {
		return 0, err
	}
	n, err := b.ReadCloser.Read(p)
	if err == nil && b.pace.slow(n) {
		b.end(errSlow)
		return n, errSlow
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if ended := b.ended(); ended != nil {
			err = ended
		}
	}
	return n, err
}

func (b *inbound) ended() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.err
}

// tusLocker hands an upload's lock over to whoever comes last: the body that
// holds it is ended, for its line is dead more often than not. (tusd's own
// way of asking for a lock reads the body's state while it is written.)
type tusLocker struct {
	mu   sync.Mutex
	held map[string]*tusLock
}

type tusLock struct {
	*tusLocker
	id   string
	body *inbound
	free chan struct{}
}

func (l *tusLocker) NewLock(id string) (handler.Lock, error) {
	return &tusLock{tusLocker: l, id: id, free: make(chan struct{})}, nil
}

func (l *tusLock) Lock(ctx context.Context, _ func()) error {
	if v, ok := ctx.Value(stagedKey{}).(staged); ok {
		l.body = v.body
	}
	for {
		l.mu.Lock()
		holder := l.held[l.id]
		if holder == nil {
			l.held[l.id] = l
			l.mu.Unlock()
			return nil
		}
		l.mu.Unlock()
		if holder.body != nil {
			holder.body.end(handler.ErrUploadInterrupted)
		}
		select {
		case <-holder.free:
		case <-ctx.Done():
			return handler.ErrLockTimeout
		}
	}
}

func (l *tusLock) Unlock() error {
	l.mu.Lock()
	delete(l.held, l.id)
	l.mu.Unlock()
	close(l.free)
	return nil
}
