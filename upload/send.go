package upload

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/diagcollect/diagcollect/trust"
	"golang.org/x/time/rate"
)

// SendOptions of Send.
type SendOptions struct {
	Rate     int64                   // bytes per second; 0: no limit
	Keep     bool                    // keep the bundle beside its receipt, for an endpoint that is this machine
	Progress func(sent, total int64) // may be nil; called from one goroutine at a time
	Waiting  func(state UploadState) // intake's progress; may be nil
}

// Send delivers a consented item of the spool, resuming from the last byte
// the receiver holds, waits for intake and verifies the receipt. Afterwards
// the item is recorded in the history and gone from the spool.
//
// Faults that pass are sat out for about a minute without progress. Then, and
// when ctx ends, the error is ErrNotDelivered and the item stays in the spool
// to be sent again; after *RefusedError it stays as refused. Without consent
// for exactly this endpoint and its receipt key nothing is sent
// (ErrNoConsent); ErrBusy says that another process sends it.
func (c *Client) Send(ctx context.Context, home *trust.Home, item *Item, o SendOptions) (_ *Record, err error) {
	s := item.spool
	release, err := s.hold(item)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := c.mayHave(item); err != nil {
		return nil, fmt.Errorf("bundle %s: %w", item.BundleID, err)
	}
	t, err := c.newTransfer(item, o)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", item.BundleID, err)
	}
	defer t.file.Close()

	receipt, err := t.run(ctx)
	if err == nil {
		err = c.prove(home, item, receipt)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bundle %s: %w", item.BundleID, err), t.failed(ctx, err))
	}
	return s.deliver(item, receipt, o.Keep)
}

// ErrNoConsent says that nobody agreed to send this bundle to this endpoint.
var ErrNoConsent = errors.New("no consent")

// mayHave says whether the receiver may have the item.
func (c *Client) mayHave(i *Item) error {
	switch {
	case i.Consent == nil:
		return fmt.Errorf("%w to send it", ErrNoConsent)
	case i.Consent.Endpoint != c.name || i.Endpoint != c.name:
		return fmt.Errorf("%w to send it to %s: it is for %s", ErrNoConsent, c.name, i.Consent.Endpoint)
	case i.Consent.ReceiptKey != c.ReceiptKey():
		return fmt.Errorf("%w to send it to the receiver with key %s: it is for %s", ErrNoConsent, c.ReceiptKey(), i.Consent.ReceiptKey)
	case i.Organisation != c.Organisation():
		return fmt.Errorf("%w: it belongs to organisation %q, and %s enrolled us for %q", ErrNoConsent, i.Organisation, c.URL(), c.Organisation())
	}
	return c.expired()
}

// pace of retries.
type pace struct {
	hello          time.Duration // how long to knock when nobody answers at all
	patience       time.Duration // how long to go on without progress
	retry, maxWait time.Duration // first and longest pause before trying again
	poll, maxPoll  time.Duration // first and longest pause between questions after intake
	intake         time.Duration // how long intake may take
	stall          time.Duration // how long a body may stand still
}

var defaultPace = pace{
	hello: 15 * time.Second, patience: 60 * time.Second,
	retry: 200 * time.Millisecond, maxWait: 10 * time.Second,
	poll: 50 * time.Millisecond, maxPoll: 2 * time.Second,
	intake: 15 * time.Minute, stall: stallTimeout,
}

// transfer is one Send on the wire.
type transfer struct {
	*caller
	client *Client
	item   *Item
	file   *os.File
	id     string // of the upload
	o      SendOptions
	limit  *rate.Limiter
}

func (c *Client) newTransfer(i *Item, o SendOptions) (*transfer, error) {
	f, err := os.Open(i.Path())
	if err != nil {
		return nil, err
	}
	fi, err := f.Stat()
	if err == nil && fi.Size() != i.WireSize {
		err = fmt.Errorf("%s: damaged: %d bytes, and were %d", i.Path(), fi.Size(), i.WireSize)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	t := &transfer{
		caller: c.caller(), client: c, item: i, file: f, o: o,
		id: UploadID(c.Organisation(), i.Case, c.Agent(), i.WireSHA256),
	}
	if o.Rate > 0 {
		t.limit = rate.NewLimiter(rate.Limit(o.Rate), int(max(1, min(o.Rate/4, 64<<10))))
	}
	return t, nil
}

// run has the bytes delivered and gives the receipt, unproven.
func (t *transfer) run(ctx context.Context) (*SignedText, error) {
	const rounds = 3 // a receiver may ask for bytes again that it lost, but not for ever
	for range rounds {
		if err := t.upload(ctx); err != nil {
			return nil, err
		}
		receipt, err := t.await(ctx)
		if !errors.Is(err, errGone) {
			return receipt, err
		}
	}
	return nil, fmt.Errorf("%s: %w: it loses what it has received", t.base, ErrNotDelivered)
}

// What the upload's own requests may answer besides success and refusal.
var (
	errGone   = fmt.Errorf("%w: the upload is not there", ErrNotDelivered)
	errOffset = fmt.Errorf("%w: out of step", ErrNotDelivered)
	errStall  = errors.New("nothing was taken for a while")
)

// upload makes the receiver hold all bytes, wherever it stands now.
func (t *transfer) upload(ctx context.Context) error {
	const unknown = -1
	var (
		size     = t.item.WireSize
		created  = false
		offset   = int64(unknown)
		best     = int64(unknown)
		patience = t.newPatience()
	)
	for {
		var err error
		switch {
		case !created:
			if offset, err = t.create(ctx); err == nil {
				created = true
				err = t.begun()
			}
		case offset == unknown:
			offset, err = t.head(ctx)
		case offset == size:
			t.progress(size)
			return nil
		default:
			offset, err = t.patch(ctx, offset)
		}
		if err == nil {
			if offset > best {
				best = offset
				patience.progress()
				if offset != unknown {
					t.progress(offset)
				}
			}
			continue
		}
		if errors.Is(err, errGone) {
			created = false
		}
		offset = unknown
		if err := patience.wait(ctx, err); err != nil {
			return err
		}
	}
}

// create makes the upload, or finds it. The offset is -1 when the answer does
// not tell.
func (t *transfer) create(ctx context.Context) (offset int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := t.tus(ctx, http.MethodPost, fill(PathUploads, t.item.Case, ""), nil)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Upload-Length", strconv.FormatInt(t.item.WireSize, 10))
	r.Header.Set("Upload-Metadata", metadata(MetaSHA256, t.item.WireSHA256)+","+metadata(MetaBundleID, t.item.BundleID))
	answer, err := t.do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated && answer.StatusCode != http.StatusOK {
		return 0, t.refusal(answer)
	}
	// Whose upload this is must not depend on where the answer points.
	location := answer.Header.Get("Location")
	if id := location[strings.LastIndexByte(location, '/')+1:]; id != t.id {
		return 0, fmt.Errorf("%s: %w: it calls the upload %q, which is not its id", t.base, ErrNotAuthentic, foreign(id))
	}
	if answer.Header.Get("Upload-Offset") == "" {
		if answer.StatusCode == http.StatusCreated {
			return 0, nil
		}
		return -1, nil
	}
	return t.offset(answer)
}

// head asks where the upload stands.
func (t *transfer) head(ctx context.Context) (offset int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	r, err := t.tus(ctx, http.MethodHead, t.path(), nil)
	if err != nil {
		return 0, err
	}
	answer, err := t.do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusNoContent {
		return t.offset(answer)
	}
	err = t.refusal(answer)
	if refused := (*RefusedError)(nil); errors.As(err, &refused) {
		return 0, errGone // an answer to HEAD has no words; the one to POST will have
	}
	return 0, err
}

// patch sends everything from offset on.
func (t *transfer) patch(ctx context.Context, offset int64) (int64, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	body := t.body(ctx, offset, func() { cancel(errStall) })
	defer body.stop() // afterwards nobody reads, counts or reports
	r, err := t.tus(ctx, http.MethodPatch, t.path(), body)
	if err != nil {
		return 0, err
	}
	r.ContentLength = t.item.WireSize - offset
	r.Header.Set("Content-Type", "application/offset+octet-stream")
	r.Header.Set("Upload-Offset", strconv.FormatInt(offset, 10))
	answer, err := t.do(r)
	if err != nil {
		if errors.Is(context.Cause(ctx), errStall) {
			return 0, fmt.Errorf("%s: %w: %w", t.base, ErrNotDelivered, errStall)
		}
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNoContent || answer.StatusCode == http.StatusOK {
		now, err := t.offset(answer)
		if err == nil && now <= offset {
			err = errOffset
		}
		return now, err
	}
	err = t.refusal(answer)
	refused := (*RefusedError)(nil)
	if !errors.As(err, &refused) {
		return 0, err
	}
	switch p := refused.Problem; p.Code {
	case CodeUnauthorised, CodeForbidden, CodeUnknownCase, CodeClosedCase, CodeTooLarge, CodeBundleRefused, CodeQuarantined:
		return 0, err
	default: // said by tus itself
		switch p.Status {
		case http.StatusNotFound, http.StatusGone:
			return 0, fmt.Errorf("%s: %w: %s", t.base, errGone, p.text())
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge:
			return 0, err
		}
		return 0, fmt.Errorf("%s: %w: %s", t.base, errOffset, p.text())
	}
}

func (t *transfer) path() string { return fill(PathUploads, t.item.Case, "") + "/" + t.id }

func (t *transfer) tus(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	r, err := t.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Tus-Resumable", "1.0.0")
	return r, nil
}

func metadata(key, value string) string {
	return key + " " + base64.StdEncoding.EncodeToString([]byte(value))
}

// offset reads Upload-Offset.
func (t *transfer) offset(answer *http.Response) (int64, error) {
	text := answer.Header.Get("Upload-Offset")
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > t.item.WireSize {
		return 0, fmt.Errorf("%s: %w: Upload-Offset is %q of %d", t.base, ErrNotDelivered, foreign(text), t.item.WireSize)
	}
	return n, nil
}

func (t *transfer) progress(sent int64) {
	if t.o.Progress != nil {
		t.o.Progress(sent, t.item.WireSize)
	}
}

// begun notes in the spool that the receiver knows of the item.
func (t *transfer) begun() error {
	i := t.item
	i.State, i.Reason = Sending, ""
	i.UploadURL = t.base.String() + t.path()
	if i.FirstTry.IsZero() {
		i.FirstTry = i.spool.now()
	}
	return i.spool.save(i)
}

// failed notes in the spool why there is no receipt.
func (t *transfer) failed(ctx context.Context, err error) error {
	i := t.item
	refused := (*RefusedError)(nil)
	switch {
	case ctx.Err() != nil: // the caller's wish, no fault
		return nil //nolint:nilerr
	case errors.As(err, &refused) && refused.Problem.Code != CodeUnauthorised:
		i.State, i.NextTry = Refused, time.Time{}
	default:
		// A clock that was set back does not make it wait until then.
		if now := i.spool.now(); i.FirstTry.IsZero() || i.FirstTry.After(now) {
			i.FirstTry, i.Tries = now, 0
		}
		if i.State == Refused { // was sent again, and got no no this time
			i.State = Queued
		}
		i.Tries++
		i.NextTry = NextTry(i.Tries, i.FirstTry)
	}
	i.Reason = err.Error()
	return i.spool.save(i)
}

// await asks how intake goes until it has ended. errGone means that the
// receiver wants bytes again.
func (t *transfer) await(ctx context.Context) (*SignedText, error) {
	var (
		patience = t.newPatience()
		deadline = time.Now().Add(t.client.pace.intake)
		pause    = t.client.pace.poll
		last     UploadState
		path     = fill(PathStatus, t.item.Case, t.id)
	)
	for {
		var s Status
		if _, err := t.call(ctx, http.MethodGet, path, nil, &s); err != nil {
			if refused := (*RefusedError)(nil); errors.As(err, &refused) && refused.Problem.Code == CodeUnknown {
				return nil, errGone
			}
			if err := patience.wait(ctx, err); err != nil {
				return nil, err
			}
			continue
		}
		patience.progress()
		if s.ID != t.id {
			return nil, fmt.Errorf("%s: %w: it tells of upload %q", t.base, ErrNotAuthentic, foreign(s.ID))
		}
		if s.State != last && t.o.Waiting != nil {
			t.o.Waiting(s.State)
		}
		last = s.State
		switch s.State {
		case StateStored:
			if s.Receipt == nil {
				return nil, fmt.Errorf("%s: %w: stored, but there is no receipt", t.base, ErrNotAuthentic)
			}
			return s.Receipt, nil
		case StateRefused, StateDeleted:
			return nil, refusedBundle(CodeBundleRefused, "the bundle is "+string(s.State), s.Reason)
		case StateQuarantined:
			return nil, refusedBundle(CodeQuarantined, "the bundle is quarantined", s.Reason)
		case StateUploading:
			return nil, errGone
		case StateReceived, StateVerifying:
		default:
			return nil, fmt.Errorf("%s: %w: state %q is not known here", t.base, ErrNotDelivered, foreign(string(s.State)))
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("%s: %w: it holds all bytes, but has not stored them yet (%s)", t.base, ErrNotDelivered, s.State)
		}
		if err := sleep(ctx, pause); err != nil {
			return nil, err
		}
		pause = min(pause*3/2, t.client.pace.maxPoll)
	}
}

func refusedBundle(code, title, reason string) error {
	return &RefusedError{Problem{Type: "about:blank", Status: http.StatusConflict, Code: code, Title: title, Detail: foreign(reason)}}
}

// patience decides whether a fault is sat out.
type patience struct {
	pace  pace
	met   bool // somebody has answered
	since time.Time
	pause time.Duration
}

func (t *transfer) newPatience() *patience {
	return &patience{pace: t.client.pace, since: time.Now(), pause: t.client.pace.retry}
}

func (p *patience) progress() {
	p.met, p.since, p.pause = true, time.Now(), p.pace.retry
}

// wait pauses after a fault, or gives it back when it is none that passes or
// has lasted too long.
func (p *patience) wait(ctx context.Context, fault error) error {
	status := (*statusError)(nil)
	answered := errors.As(fault, &status)
	if !errors.Is(fault, ErrNotDelivered) || answered && status.Status == http.StatusInsufficientStorage {
		return fault
	}
	p.met = p.met || answered
	limit := p.pace.patience
	if !p.met {
		limit = p.pace.hello
	}
	if ctx.Err() != nil || time.Since(p.since) > limit {
		return fault
	}
	pause := p.pause/2 + rand.N(p.pause) // half to one and a half
	if answered {
		if n, err := strconv.Atoi(status.retryAfter); err == nil && n > 0 {
			pause = min(max(pause, time.Duration(n)*time.Second), p.pace.patience/2)
		}
	}
	p.pause = min(2*p.pause, p.pace.maxWait)
	return sleep(ctx, pause)
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotDelivered, ctx.Err())
	}
}

// body is the rest of the file on its way out.
type body struct {
	ctx   context.Context
	t     *transfer
	stall *time.Timer

	mu     sync.Mutex
	r      io.Reader
	sent   int64
	closed bool
}

func (t *transfer) body(ctx context.Context, offset int64, stalled func()) *body {
	return &body{
		ctx: ctx, t: t, sent: offset,
		r:     io.NewSectionReader(t.file, offset, t.item.WireSize-offset),
		stall: time.AfterFunc(t.client.pace.stall, stalled),
	}
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, os.ErrClosed
	}
	if l := b.t.limit; l != nil {
		p = p[:min(len(p), l.Burst())]
	}
	n, err := b.r.Read(p)
	if n > 0 {
		if l := b.t.limit; l != nil {
			if err := l.WaitN(b.ctx, n); err != nil {
				return 0, err
			}
		}
		b.sent += int64(n)
		b.t.progress(b.sent)
	}
	if b.sent == b.t.item.WireSize {
		b.stall.Stop() // from here the time-out of the answer counts
	} else {
		b.stall.Reset(b.t.client.pace.stall)
	}
	return n, err
}

// Close is the transport's.
func (b *body) Close() error {
	b.stop()
	return nil
}

// stop is ours, when the transport has answered: its reading may go on behind
// an early answer.
func (b *body) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.stall.Stop()
}
