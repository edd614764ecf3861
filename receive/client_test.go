package receive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// station is a machine with the real client: home, endpoints, spool.
type station struct {
	*rig
	home      *trust.Home
	endpoints *upload.Endpoints
	spool     *upload.Spool
	signer    *trust.Signer
	client    *upload.Client
}

func (r *rig) newStation(organisation string) *station {
	r.t.Helper()
	dir := r.t.TempDir()
	s := &station{rig: r}
	var err error
	if s.home, err = trust.OpenHome(filepath.Join(dir, "home")); err != nil {
		r.t.Fatal(err)
	}
	if s.endpoints, err = upload.OpenEndpoints(filepath.Join(dir, "endpoints")); err != nil {
		r.t.Fatal(err)
	}
	if s.spool, err = upload.OpenSpool(filepath.Join(dir, "state")); err != nil {
		r.t.Fatal(err)
	}
	if s.signer, err = s.home.Signer(""); err != nil {
		r.t.Fatal(err)
	}
	if s.client, err = s.endpoints.Enroll(r.t.Context(), s.home, s.signer, upload.Embedded, r.url, r.key(organisation, "agent", "")); err != nil {
		r.t.Fatal(err)
	}
	return s
}

// reconnect finds the receiver at another address.
func (s *station) reconnect(at string) {
	s.t.Helper()
	c, err := s.endpoints.Client(s.home, upload.Embedded, at)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	s.client = c
}

// put packs a bundle into the spool and consents to sending it.
func (s *station) put(p packing) *upload.Item {
	s.t.Helper()
	if p.id == "" {
		p.id = newBundleID(s.t)
	}
	if p.organisation == "" {
		p.organisation = s.client.Organisation()
	}
	return s.putBundle(p, s.pack(s.signer, p))
}

// putBundle wraps a bundle anew.
func (s *station) putBundle(p packing, clear []byte) *upload.Item {
	s.t.Helper()
	wire := s.wrapFor(clear)
	d, err := s.spool.Create()
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := d.Write(wire); err != nil {
		s.t.Fatal(err)
	}
	entries := max(len(p.entries), 1)
	item, err := d.Commit(upload.Meta{
		BundleID: p.id, Case: p.caseID, Organisation: p.organisation, Endpoint: s.client.Name(), IntakeID: s.client.Intake().ID,
		Name: p.caseID + "_testhost_20261101T100000Z.tar.zst", SHA256: hexSum(clear), Size: int64(len(clear)), Entries: entries,
		Created: time.Now().UTC(), State: upload.Held,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.spool.SetConsent(item, upload.Consent{At: time.Now().UTC(), How: "flag", Endpoint: s.client.Name(), ReceiptKey: s.client.ReceiptKey()}); err != nil {
		s.t.Fatal(err)
	}
	return item
}

func (s *station) send(item *upload.Item) (*upload.Record, error) {
	return s.client.Send(s.t.Context(), s.home, item, upload.SendOptions{})
}

func TestClientDeliversAndProves(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	s := r.newStation("")
	info, err := s.client.Preflight(t.Context(), "C-1")
	if err != nil || info.State != "open" || info.FreeBytes <= 0 {
		t.Fatalf("%+v, %v", info, err)
	}
	rec, err := s.send(s.put(packing{caseID: "C-1"}))
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Verified || rec.Receipt == "" {
		t.Errorf("%+v", rec)
	}
	if items, err := s.spool.List(); err != nil || len(items) != 0 {
		t.Errorf("the spool holds %v, %v", items, err)
	}
}

// The same bundle, wrapped again because the first wrapping is gone, is known
// by its signed id.
func TestClientSendsABundleTwice(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	s := r.newStation("")
	p := packing{caseID: "C-1", organisation: "default", id: newBundleID(t)}
	clear := s.pack(s.signer, p)
	var receipts []string
	for range 2 {
		rec, err := s.send(s.putBundle(p, clear))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(rec.Receipt)
		if err != nil {
			t.Fatal(err)
		}
		receipts = append(receipts, string(text))
	}
	if receipts[0] != receipts[1] {
		t.Errorf("two receipts:\n%s\n%s", receipts[0], receipts[1])
	}
	if n := r.query(`SELECT count(*) FROM bundles`); n[0] != "1" {
		t.Errorf("%s bundles", n)
	}
}

func TestClientIsRefused(t *testing.T) {
	r := newRig(t)
	r.makeOrganisation("globex")
	r.makeCase("globex", "G-1")
	r.makeCase("", "C-1")
	r.makeCase("", "C-2")
	s := r.newStation("")
	ctx := t.Context()
	code := func(err error) string {
		var no *upload.RefusedError
		if !errors.As(err, &no) {
			t.Fatalf("no refusal: %v", err)
		}
		return no.Problem.Code
	}
	for id, want := range map[string]string{"G-1": upload.CodeUnknownCase, "X-1": upload.CodeUnknownCase} {
		if _, err := s.client.Preflight(ctx, id); code(err) != want {
			t.Errorf("preflight of %s: %v", id, err)
		}
		if _, err := s.send(s.put(packing{caseID: id})); code(err) != want {
			t.Errorf("sending to %s: %v", id, err)
		}
	}
	if _, err := r.Admin().SetCaseState(ctx, "", "C-2", "closed"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.client.Preflight(ctx, "C-2"); code(err) != upload.CodeClosedCase {
		t.Error(err)
	}
	if _, err := s.send(s.put(packing{caseID: "C-2"})); code(err) != upload.CodeClosedCase {
		t.Error(err)
	}
	used := r.key("", "agent", "")
	for i, want := range []string{"", upload.CodeKeyRefused} {
		endpoints, err := upload.OpenEndpoints(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		if _, err = endpoints.Enroll(ctx, s.home, s.signer, "", r.url, used); i == 0 && err != nil || i == 1 && code(err) != want {
			t.Errorf("enrolment %d: %v", i, err)
		}
	}
	// The same signing key enrolled again is the same agent, so this ends it.
	agents, err := r.Admin().Agents(ctx, "")
	if err != nil || len(agents) != 1 {
		t.Fatalf("%+v, %v", agents, err)
	}
	item := s.put(packing{caseID: "C-1"})
	if err := r.Admin().Revoke(ctx, agents[0].ID); err != nil {
		t.Fatal(err)
	}
	if _, err := s.send(item); code(err) != upload.CodeUnauthorised {
		t.Error(err)
	}
}

// cutter is a line that breaks after some bytes from the client, again and
// again.
type cutter struct {
	to   string
	each int64
	cuts atomic.Int64
	l    net.Listener
	wg   sync.WaitGroup
}

func newCutter(t *testing.T, to string, each int64) *cutter {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{to: to, each: each, l: l}
	c.wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			c.wg.Go(func() { c.carry(in) })
		}
	})
	t.Cleanup(func() { l.Close(); c.wg.Wait() })
	return c
}

func (c *cutter) carry(in net.Conn) {
	defer in.Close()
	out, err := net.Dial("tcp", c.to)
	if err != nil {
		return
	}
	defer out.Close()
	done := make(chan struct{})
	go func() { io.Copy(in, out); in.Close(); close(done) }()
	if n, _ := io.CopyN(out, in, c.each); n == c.each {
		c.cuts.Add(1)
	}
	out.Close()
	<-done
}

func TestClientResumesOverACutLine(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	s := r.newStation("")
	line := newCutter(t, strings.TrimPrefix(r.url, "https://"), 300_000)
	s.reconnect("https://" + line.l.Addr().String())
	item := s.put(packing{caseID: "C-1", entries: map[string]string{"a.log": noise(200_000)}})
	if item.WireSize < 900_000 {
		t.Fatalf("only %d bytes to send", item.WireSize)
	}
	rec, err := s.send(item)
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Verified || line.cuts.Load() < 2 {
		t.Errorf("verified %v, the line was cut %d times", rec.Verified, line.cuts.Load())
	}
	if n := r.query(`SELECT count(*) || ' ' || (SELECT count(*) FROM uploads) FROM bundles`); n[0] != "1 1" {
		t.Errorf("bundles and uploads: %s", n)
	}
}

// noise is text of n lines that packs badly and hides nothing.
func noise(n int) string {
	var b bytes.Buffer
	for range n {
		fmt.Fprintf(&b, "took %d ms and %d more\n", rand.N(90_000), rand.N(90_000))
	}
	return b.String()
}

// passThrough carries connections to wherever the receiver is now.
func passThrough(t *testing.T, at *atomic.Pointer[string]) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer in.Close()
				out, err := net.Dial("tcp", strings.TrimPrefix(*at.Load(), "https://"))
				if err != nil {
					return
				}
				defer out.Close()
				wg.Go(func() { io.Copy(out, in); out.Close() })
				io.Copy(in, out)
			})
		}
	})
	t.Cleanup(func() { l.Close(); wg.Wait() })
	return l.Addr().String()
}

// The receiver is stopped in the middle and comes back elsewhere.
func TestClientOutlivesTheReceiver(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	s := r.newStation("")
	// The address stays: what stands in front passes on to whoever is there.
	var at atomic.Pointer[string]
	url := r.url // start writes to the other
	at.Store(&url)
	s.reconnect("https://" + passThrough(t, &at))
	item := s.put(packing{caseID: "C-1", entries: map[string]string{"a.log": noise(200_000)}})
	var once sync.Once
	restarted := make(chan struct{})
	rec, err := s.client.Send(t.Context(), s.home, item, upload.SendOptions{Rate: 4 << 20, Progress: func(sent, total int64) {
		if sent > total/3 {
			once.Do(func() {
				go func() {
					defer close(restarted)
					r.restart()
					url := r.url
					at.Store(&url)
				}()
			})
		}
	}})
	<-restarted
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Verified {
		t.Errorf("%+v", rec)
	}
	if n := r.query(`SELECT count(*) FROM bundles`); n[0] != "1" {
		t.Errorf("%s bundles", n)
	}
}

func TestTwoStationsAtOnce(t *testing.T) {
	r := newRig(t)
	r.makeOrganisation("globex")
	r.makeCase("", "C-1")
	r.makeCase("globex", "C-1") // the same id, another customer's
	stations := []*station{r.newStation(""), r.newStation(""), r.newStation("globex")}
	var items []*upload.Item
	for _, s := range stations {
		items = append(items, s.put(packing{caseID: "C-1", entries: map[string]string{"a.log": noise(20_000)}}))
	}
	var wg sync.WaitGroup
	for i, s := range stations {
		wg.Go(func() {
			if rec, err := s.send(items[i]); err != nil || !rec.Verified {
				t.Errorf("station %d: %+v, %v", i, rec, err)
			}
		})
	}
	wg.Wait()
	if n := r.query(`SELECT organisation, count(*) FROM bundles GROUP BY 1 ORDER BY 1`); fmt.Sprint(n) != "[default|2 globex|1]" {
		t.Error(n)
	}
	for _, s := range stations[2:] {
		own := filepath.Join(r.dir, dirOrg, "globex", "case-C-1", items[2].BundleID+".blob")
		if _, err := os.Stat(own); err != nil {
			t.Errorf("%s: %v", s.client.Organisation(), err)
		}
	}
}

func TestClientHearsOfTampering(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	s := r.newStation("")
	item := s.put(packing{caseID: "C-1", organisation: "", id: newBundleID(t)})
	b, err := os.ReadFile(item.Path())
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(item.Path(), b, 0o600); err != nil {
		t.Fatal(err)
	}
	if rec, err := s.send(item); err == nil {
		t.Errorf("delivered: %+v", rec)
	}
	if n := r.query(`SELECT count(*) FROM bundles`); n[0] != "0" {
		t.Error("it is stored")
	}
}
