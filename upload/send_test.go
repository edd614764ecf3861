package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/google/uuid"
)

func newBundleID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// checkDelivered is what a delivery leaves: the bytes over there, the receipt
// here, nothing in the spool.
func checkDelivered(t *testing.T, s *testReceiver, o *operator, i *Item, r *Record, clear []byte) {
	t.Helper()
	wire, err := os.ReadFile(filepath.Join(s.dir, s.uploadID(i.WireSHA256)))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := decrypt(wire, s.age); err != nil || !bytes.Equal(got, clear) {
		t.Errorf("what arrived is not what was sent (%v)", err)
	}
	if items, err := o.spool.List(); err != nil || len(items) != 0 {
		t.Errorf("spool: %d items left, %v", len(items), err)
	}
	if r.Result != Delivered || !r.Verified || r.BundleID != i.BundleID {
		t.Errorf("record %+v", r)
	}
	text, err := os.ReadFile(r.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := os.ReadFile(r.Receipt + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	if err := trust.VerifyKey(s.receipts.PublicKey(), trust.NamespaceReceipt, sig, bytes.NewReader(text)); err != nil {
		t.Error(err)
	}
	history, err := o.spool.History()
	if err != nil || len(history) != 1 || history[0].Receipt != r.Receipt {
		t.Errorf("history %+v, %v", history, err)
	}
}

func TestSend(t *testing.T) {
	for _, keep := range []bool{false, true} {
		t.Run("keep="+strconv.FormatBool(keep), func(t *testing.T) {
			s := newTestReceiver(t)
			o, c := enrolled(t, s)
			item, clear := o.queue(t, c, 1<<20)
			var states []UploadState
			s.set(func() {
				steps := []UploadState{StateReceived, StateVerifying, StateVerifying}
				s.status = func(st Status) Status {
					if len(steps) > 0 {
						st.State, st.Receipt, steps = steps[0], nil, steps[1:]
					}
					return st
				}
			})
			var last, total int64
			r, err := c.Send(t.Context(), o.home, item, SendOptions{
				Keep:     keep,
				Progress: func(n, of int64) { last, total = n, of },
				Waiting:  func(st UploadState) { states = append(states, st) },
			})
			if err != nil {
				t.Fatal(err)
			}
			checkDelivered(t, s, o, item, r, clear)
			if last != item.WireSize || total != item.WireSize {
				t.Errorf("progress ended at %d of %d, want %d", last, total, item.WireSize)
			}
			if want := []UploadState{StateReceived, StateVerifying, StateStored}; !equal(states, want) {
				t.Errorf("states %v, want %v", states, want)
			}
			if !keep {
				if r.Kept != "" {
					t.Errorf("kept %s", r.Kept)
				}
				return
			}
			wire, err := os.ReadFile(r.Kept)
			if err != nil {
				t.Fatal(err)
			}
			own, _ := o.home.Identity()
			if got, err := decrypt(wire, own); err != nil || !bytes.Equal(got, clear) {
				t.Errorf("the kept copy is another (%v)", err)
			}
		})
	}
}

func equal[T comparable](a, b []T) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// cutter passes bytes between a client and a server, and cuts each connection
// after so many bytes in the client's direction, as long as there are cuts.
type cutter struct {
	net.Listener
	target string
	cuts   chan int64
	done   atomic.Int64
}

func newCutter(t *testing.T, target string, cuts ...int64) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &cutter{Listener: l, target: target, cuts: make(chan int64, len(cuts))}
	for _, n := range cuts {
		p.cuts <- n
	}
	close(p.cuts)
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { p.pass(in) })
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return p
}

func (p *cutter) pass(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer out.Close()
	back := make(chan struct{})
	go func() {
		defer close(back)
		io.Copy(in, out)
		in.Close()
	}()
	if n, ok := <-p.cuts; ok {
		if copied, _ := io.CopyN(out, in, n); copied == n {
			p.done.Add(1)
			in.(*net.TCPConn).SetLinger(0) // a reset, not a goodbye
		}
	} else {
		io.Copy(out, in)
	}
	out.Close()
	in.Close()
	<-back
}

// The line breaks many times, at every stage of the exchange, and nothing is
// lost, doubled or sent from the start again.
func TestSendResumesOverCutLine(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	var cuts []int64
	for n := range int64(12) { // within handshake, headers, early body
		cuts = append(cuts, 150+n*400)
	}
	for n := range int64(30) {
		cuts = append(cuts, 20_000+n*7919)
	}
	p := newCutter(t, s.srv.Listener.Addr().String(), cuts...)
	throughCutter, err := o.endpoints.Client(o.home, c.Name(), p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(throughCutter.Close)
	quick(throughCutter)
	item, clear := o.queue(t, c, 4<<20)
	before := s.received

	r, err := throughCutter.Send(t.Context(), o.home, item, SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
	if p.done.Load() < 20 {
		t.Errorf("only %d cuts happened", p.done.Load())
	}
	last, grew := int64(-1), 0
	for _, text := range s.offsets {
		n, _ := strconv.ParseInt(text, 10, 64)
		if n < last {
			t.Errorf("PATCH at %d after one at %d", n, last)
		} else if n > last {
			grew++
		}
		last = n
	}
	if grew < 20 {
		t.Errorf("went on from new places %d times only: %v", grew, s.offsets)
	}
	// What reached the receiver's disk is never sent again: the bytes over
	// the line exceed the bundle by headers of JSON only.
	if twice := s.received - before - item.WireSize; twice > 4096 {
		t.Errorf("%d bytes arrived twice", twice)
	}
}

// A process that ends in the middle of an upload, and another that goes on.
func TestSendResumesAfterCancel(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	item, clear := o.queue(t, c, 2<<20)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := c.Send(ctx, o.home, item, SendOptions{Progress: func(n, total int64) {
		if n > total/2 {
			cancel()
		}
	}})
	if !errors.Is(err, ErrNotDelivered) || !errors.Is(err, context.Canceled) {
		t.Fatalf("%v", err)
	}
	again, err := OpenSpool(o.state)
	if err != nil {
		t.Fatal(err)
	}
	item, err = again.Find(item.BundleID[:20])
	if err != nil {
		t.Fatal(err)
	}
	if item.State != Sending || item.UploadURL == "" || item.Tries != 0 {
		t.Errorf("left as %+v", item.Meta)
	}
	r, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
}

func TestSendNeedsConsent(t *testing.T) {
	s, other := newTestReceiver(t), newTestReceiver(t)
	o, c := enrolled(t, s)
	item, _ := o.hold(t, c, 1000)
	send := func(c *Client, want string) {
		t.Helper()
		before := len(s.requests) + len(other.requests)
		_, err := c.Send(t.Context(), o.home, item, SendOptions{})
		if !errors.Is(err, ErrNoConsent) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if len(s.requests)+len(other.requests) != before {
			t.Error("asked the receiver before looking for consent")
		}
	}
	send(c, "no consent to send it")

	if err := o.spool.SetConsent(item, Consent{At: time.Now(), How: "prompt", Endpoint: "https://elsewhere.example", ReceiptKey: c.ReceiptKey()}); err == nil {
		t.Error("consent for another endpoint than the bundle is encrypted for")
	}
	if err := o.spool.SetConsent(item, Consent{At: time.Now(), How: "prompt", Endpoint: c.Name(), ReceiptKey: "SHA256:other"}); err != nil {
		t.Fatal(err)
	}
	send(c, "it is for SHA256:other")

	if err := o.spool.SetConsent(item, Consent{At: time.Now(), How: "prompt", Endpoint: c.Name(), ReceiptKey: c.ReceiptKey()}); err != nil {
		t.Fatal(err)
	}
	c2, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, "", other.srv.URL, strings.Split(other.key.String(), "#")[0])
	if err != nil {
		t.Fatal(err)
	}
	send(c2, "it is for "+c.Name())
}

// What receivers answer, and what becomes of the item.
func TestSendAnswers(t *testing.T) {
	always := func(method string, f func(w http.ResponseWriter, r *http.Request, s *testReceiver)) func(*testReceiver) {
		return func(s *testReceiver) {
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != method || !strings.Contains(r.URL.Path, "/uploads") {
					return false
				}
				f(w, r, s)
				return true
			}
		}
	}
	once := func(method string, f func(w http.ResponseWriter, r *http.Request, s *testReceiver)) func(*testReceiver) {
		return func(s *testReceiver) {
			left := atomic.Int32{}
			left.Store(2)
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				if r.Method != method || !strings.Contains(r.URL.Path, "/uploads") || left.Add(-1) < 0 {
					return false
				}
				f(w, r, s)
				return true
			}
		}
	}
	status := func(alter func(Status) Status) func(*testReceiver) {
		return func(s *testReceiver) { s.status = alter }
	}
	problem := func(p Problem) func(w http.ResponseWriter, r *http.Request, s *testReceiver) {
		return func(w http.ResponseWriter, r *http.Request, s *testReceiver) { s.problem(w, p) }
	}
	plain := func(code int, header ...string) func(w http.ResponseWriter, r *http.Request, s *testReceiver) {
		return func(w http.ResponseWriter, r *http.Request, s *testReceiver) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			http.Error(w, "said by a proxy", code)
		}
	}
	lose := func(w http.ResponseWriter, r *http.Request, s *testReceiver) {
		for _, f := range []string{".info", ""} {
			os.Remove(filepath.Join(s.dir, r.PathValue("id")+f))
		}
		entries, _ := os.ReadDir(s.dir)
		for _, e := range entries {
			os.Remove(filepath.Join(s.dir, e.Name()))
		}
		http.Error(w, "gone", http.StatusGone)
	}
	receipt := func(alter func(*Receipt)) func(*testReceiver) {
		return func(s *testReceiver) { s.receipt = alter }
	}

	for _, tt := range []struct {
		name  string
		setup func(*testReceiver)
		code  string // of a RefusedError
		is    error
		says  string
		state State // afterwards; "" delivered
	}{
		{"transient 503 at creation", once("POST", plain(503)), "", nil, "", ""},
		{"429 with Retry-After", once("POST", plain(429, "Retry-After", "1")), "", nil, "", ""},
		{"500 to PATCH", once("PATCH", plain(500)), "", nil, "", ""},
		{"409 to PATCH", once("PATCH", plain(409)), "", nil, "", ""},
		{"423 to PATCH", once("PATCH", plain(423)), "", nil, "", ""},
		{"423 to HEAD", func(s *testReceiver) {
			patch, head := atomic.Int32{}, atomic.Int32{}
			s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.Method == http.MethodPatch && patch.Add(1) == 1:
					http.Error(w, "", http.StatusInternalServerError)
				case r.Method == http.MethodHead && head.Add(1) <= 2:
					w.WriteHeader(http.StatusLocked)
				default:
					return false
				}
				return true
			}
		}, "", nil, "", ""},
		{"lost upload", once("PATCH", lose), "", nil, "", ""},
		{"interrupted by its own successor", once("PATCH", plain(400)), "", nil, "", ""},
		{"503 to status", once("GET", plain(503)), "", nil, "", ""},

		{"always 503", always("POST", plain(503)), "", ErrNotDelivered, "service unavailable: said by a proxy", Queued},
		{"no space", always("POST", problem(Problem{Status: 507, Code: CodeNoSpace, Title: "no space left"})), "", ErrNotDelivered, "no space left", Queued},
		{"redirect", always("POST", plain(307, "Location", "https://elsewhere.example/")), "", ErrNotDelivered, "temporary redirect", Queued},
		{"unknown case", always("POST", problem(Problem{Status: 404, Code: CodeUnknownCase, Title: "no such case"})), CodeUnknownCase, nil, "no such case", Refused},
		{"too large", always("POST", problem(Problem{Status: 413, Code: CodeTooLarge, Title: "too large", Detail: "at most 5 bytes"})), CodeTooLarge, nil, "too large: at most 5 bytes", Refused},
		{"closed while uploading", always("PATCH", problem(Problem{Status: 409, Code: CodeClosedCase, Title: "case closed"})), CodeClosedCase, nil, "case closed", Refused},
		{"revoked", always("POST", problem(Problem{Status: 401, Code: CodeUnauthorised, Title: "revoked"})), CodeUnauthorised, nil, "revoked", Queued},
		{"another upload's id", always("POST", plain(201, "Location", "/v1/cases/C-1/uploads/0")), "", ErrNotAuthentic, `it calls the upload "0"`, Queued},
		{"offset beyond the end", always("POST", func(w http.ResponseWriter, r *http.Request, s *testReceiver) {
			id := s.uploadID(decodeMetadata(s.t, r.Header.Get("Upload-Metadata"))[MetaSHA256])
			w.Header().Set("Location", id)
			w.Header().Set("Upload-Offset", "99999999")
		}), "", ErrNotDelivered, `Upload-Offset is "99999999"`, Queued},

		{"refused", status(func(st Status) Status { return Status{ID: st.ID, State: StateRefused, Reason: "bad\x1b[2J frame"} }), CodeBundleRefused, nil, `bad\x1b[2J frame`, Refused},
		{"quarantined", status(func(st Status) Status { return Status{ID: st.ID, State: StateQuarantined, Reason: "a token"} }), CodeQuarantined, nil, "a token", Refused},
		{"deleted", status(func(st Status) Status { return Status{ID: st.ID, State: StateDeleted} }), CodeBundleRefused, nil, "deleted", Refused},
		{"unknown state", status(func(st Status) Status { return Status{ID: st.ID, State: "archived"} }), "", ErrNotDelivered, `"archived"`, Sending},
		{"status of another", status(func(st Status) Status { return Status{ID: "0", State: StateStored, Receipt: st.Receipt} }), "", ErrNotAuthentic, `upload "0"`, Sending},
		{"loses bytes for ever", status(func(st Status) Status { return Status{ID: st.ID, State: StateUploading} }), "", ErrNotDelivered, "loses what it has received", Sending},
		{"no receipt", status(func(st Status) Status { return Status{ID: st.ID, State: StateStored} }), "", ErrNotAuthentic, "there is no receipt", Sending},
		{"changed receipt", status(func(st Status) Status { st.Receipt.Text += " "; return st }), "", ErrNotAuthentic, "receipt", Sending},
		{"receipt of another case", receipt(func(r *Receipt) { r.Case = "C-2" }), "", ErrNotAuthentic, "case is C-2, and must be C-1", Sending},
		{"receipt of another organisation", receipt(func(r *Receipt) { r.Organisation = "o" }), "", ErrNotAuthentic, "organisation is o", Sending},
		{"receipt of another bundle", receipt(func(r *Receipt) { r.BundleID = "0" }), "", ErrNotAuthentic, "bundle_id is 0", Sending},
		{"receipt of other bytes", receipt(func(r *Receipt) { r.SHA256 = digest(nil) }), "", ErrNotAuthentic, "sha256 is e3b0c442", Sending},
		{"receipt of other size", receipt(func(r *Receipt) { r.Size++ }), "", ErrNotAuthentic, "size is", Sending},
		{"receipt of an earlier wrapping", receipt(func(r *Receipt) { r.WireSHA256, r.WireSize = digest(nil), 5 }), "", nil, "", ""},
		{"receipt of other entries", receipt(func(r *Receipt) { r.Entries++ }), "", ErrNotAuthentic, "entries is 4, and must be 3", Sending},
		{"receipt that the organisation's other agent earned", receipt(func(r *Receipt) { r.Agent = "agent-2" }), "", nil, "", ""},
		{"receipt that says no", receipt(func(r *Receipt) { r.Verdict = "refused" }), "", ErrNotAuthentic, "verdict is refused", Sending},
		{"receipt of tomorrow's version", receipt(func(r *Receipt) { r.Version = 2 }), "", ErrNotAuthentic, "version 2", Sending},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newTestReceiver(t)
			o, c := enrolled(t, s)
			c.pace.patience = 200 * time.Millisecond
			if tt.code == "" && tt.is == nil {
				c.pace.patience = 10 * time.Second
			}
			item, clear := o.queue(t, c, 100_000)
			s.set(func() { tt.setup(s) })
			r, err := c.Send(t.Context(), o.home, item, SendOptions{})
			if tt.state == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkDelivered(t, s, o, item, r, clear)
				return
			}
			refused := (*RefusedError)(nil)
			if errors.As(err, &refused) != (tt.code != "") || refused != nil && refused.Problem.Code != tt.code {
				t.Errorf("%v (%+v), want code %q", err, refused, tt.code)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v, want %v", err, tt.is)
			}
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			after, err := o.spool.Find(item.BundleID)
			if err != nil {
				t.Fatal(err)
			}
			if after.State != tt.state || !strings.Contains(after.Reason, tt.says) {
				t.Errorf("left as %s, %q", after.State, after.Reason)
			}
			if (tt.state == Refused) != after.NextTry.IsZero() {
				t.Errorf("next try %v", after.NextTry)
			}
		})
	}
}

// A receipt by a key that stands in allowed_signers for receipts, but is not
// the key that consent was given for.
func TestSendReceiptOfOtherReceiver(t *testing.T) {
	s, other := newTestReceiver(t), newTestReceiver(t)
	o, c := enrolled(t, s)
	if err := o.home.Allow("receiver-other", other.receipts.PublicKey(), trust.NamespaceReceipt); err != nil {
		t.Fatal(err)
	}
	item, _ := o.queue(t, c, 1000)
	s.set(func() { s.receipts = other.receipts })
	_, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if !errors.Is(err, ErrNotAuthentic) || !strings.Contains(err.Error(), other.receipts.Fingerprint()) {
		t.Errorf("%v", err)
	}
}

// A clock that goes back: what waits is due again within the steps of the
// schedule, and the history has all of it.
func TestSpoolWhenTheClockGoesBack(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	c.pace.hello = 20 * time.Millisecond
	item, _ := o.queue(t, c, 1000)
	other, _ := o.queue(t, c, 1000)
	s.srv.Close()
	now := time.Date(2037, 1, 2, 3, 4, 5, 0, time.UTC)
	o.spool.clock = func() time.Time {
		now = now.Add(-time.Hour)
		return now
	}
	for range 3 {
		if _, err := c.Send(t.Context(), o.home, item, SendOptions{}); !errors.Is(err, ErrNotDelivered) {
			t.Fatal(err)
		}
		if wait := item.NextTry.Sub(now); item.State != Queued || item.Tries != 1 || wait != firstStep {
			t.Errorf("%d tries, due in %v", item.Tries, wait)
		}
		now = now.Add(-24 * 365 * time.Hour)
	}
	for _, i := range []*Item{item, other} {
		if err := o.spool.Drop(i); err != nil {
			t.Fatal(err)
		}
	}
	records, err := o.spool.History()
	if err != nil || len(records) != 2 || records[0].BundleID != other.BundleID || records[1].BundleID != item.BundleID {
		t.Errorf("history %+v, %v", records, err)
	}
}

func TestSendEndpointDown(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	c.pace.hello = 20 * time.Millisecond
	item, _ := o.queue(t, c, 1000)
	s.srv.Close()
	_, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if want := "connect to " + s.srv.URL + ": not delivered: connection refused"; !errors.Is(err, ErrNotDelivered) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	item, err = o.spool.Find(item.BundleID)
	if err != nil {
		t.Fatal(err)
	}
	if item.State != Queued || item.Tries != 1 || item.NextTry.Sub(item.FirstTry) != 8*time.Minute {
		t.Errorf("left as %+v", item.Meta)
	}
}

// A receiver that takes bytes and then stands still is left for a new try.
func TestSendStall(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	c.pace.stall = 50 * time.Millisecond
	item, clear := o.queue(t, c, 8<<20)
	var patches atomic.Int32
	second := make(chan struct{})
	s.set(func() {
		s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.Method != http.MethodPatch:
				return false
			case patches.Add(1) == 1:
				<-second
				return true
			case patches.Load() == 2:
				close(second)
			}
			return false
		}
	})
	r, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
	if patches.Load() < 2 {
		t.Error("it never stood still")
	}
}

func TestSendRate(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	item, clear := o.queue(t, c, 300_000)
	began := time.Now()
	r, err := c.Send(t.Context(), o.home, item, SendOptions{Rate: 1_000_000})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
	if took := time.Since(began); took < 200*time.Millisecond {
		t.Errorf("300 kB at 1 MB/s took %v", took)
	}
}

// Two at once: one sends, the other is told, and nothing goes twice.
func TestSendTwiceAtOnce(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	item, clear := o.queue(t, c, 100_000)
	other, err := o.spool.Find(item.BundleID)
	if err != nil {
		t.Fatal(err)
	}
	var busy, dropped error
	r, err := c.Send(t.Context(), o.home, item, SendOptions{Waiting: func(UploadState) {
		_, busy = c.Send(t.Context(), o.home, other, SendOptions{})
		dropped = o.spool.Drop(other)
	}})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
	if !errors.Is(busy, ErrBusy) || !errors.Is(dropped, ErrBusy) {
		t.Errorf("send: %v; drop: %v", busy, dropped)
	}
	if _, err := c.Send(t.Context(), o.home, other, SendOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("afterwards: %v", err)
	}
}

// The same item sent again, because the machine died before it noted the
// receipt, ends in one record.
func TestSendAgainAfterLostRecord(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	item, clear := o.queue(t, c, 100_000)
	wire, err := os.ReadFile(item.Path())
	if err != nil {
		t.Fatal(err)
	}
	meta, err := os.ReadFile(filepath.Join(filepath.Dir(item.Path()), itemJSON))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Send(t.Context(), o.home, item, SendOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(o.state, dirSent, "C-1")); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(o.state, dirItems, item.BundleID)
	if err := errors.Join(os.Mkdir(dir, 0o700), os.WriteFile(filepath.Join(dir, bundleFile), wire, 0o600), os.WriteFile(filepath.Join(dir, itemJSON), meta, 0o600)); err != nil {
		t.Fatal(err)
	}
	patches := s.count("PATCH")
	r, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	checkDelivered(t, s, o, item, r, clear)
	if s.count("PATCH") != patches {
		t.Error("bytes were sent again")
	}
}
