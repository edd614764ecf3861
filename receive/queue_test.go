package receive

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// held keeps intake at its beginning: every job says so and waits.
type held struct {
	begun chan *sent
	leave chan struct{} // closed: nobody waits
}

func hold(o *Options) *held {
	h := &held{make(chan *sent, 100), make(chan struct{})}
	o.atIntake = func(ctx context.Context, u *sent) {
		h.begun <- u
		select {
		case <-h.leave:
		case <-ctx.Done():
		}
	}
	return h
}

// next waits for the next job to begin.
func (h *held) next(t *testing.T) *sent {
	t.Helper()
	select {
	case u := <-h.begun:
		return u
	case <-time.After(20 * time.Second):
		t.Fatal("no job begins")
		return nil
	}
}

// send sends wire bytes and does not wait for intake.
func (p *peer) send(caseID string, wire []byte) (path string) {
	p.t.Helper()
	path, offset := p.create(caseID, wire)
	if answer, b := p.patch(path, offset, wire[offset:]); answer.StatusCode != http.StatusNoContent {
		p.t.Fatalf("patch: %s: %s", answer.Status, b)
	}
	return path
}

// on is the same peer before another receiver with the same keys.
func (p *peer) on(r *rig) *peer {
	return &peer{rig: r, signer: p.signer, tlsKey: p.tlsKey, me: p.me, client: r.httpClient(p.me.Certificate, p.tlsKey)}
}

func TestCrashesOfIntakeAreCounted(t *testing.T) {
	var h *held
	held := func(o *Options) { h = hold(o) }
	r := newRig(t, held)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"}))
	path := p.send("C-1", wire)
	h.next(t)

	// An end in good order is none.
	r.stop()
	r.start()
	p = p.on(r)
	for i := range maxAttempts {
		if u := h.next(t); u.attempts != i+1 {
			t.Fatalf("attempt %d, counted as %d", i+1, u.attempts)
		}
		if free := r.turns.alone.TryRLock(); free != (i == 0) {
			t.Errorf("attempt %d: may others run beside it: %v", i+1, free)
		} else if free {
			r.turns.alone.RUnlock()
		}
		dir := copyTree(t, r.dir) // the process ends here
		if i == 1 {
			// Once more than before, but not too often.
			r2 := newRigIn(t, dir)
			p.on(r2).checkReceipt(p.on(r2).await(path))
			dir = copyTree(t, r.dir)
		}
		r = newRigIn(t, dir, held)
		p = p.on(r)
	}
	st := p.await(path)
	if st.State != upload.StateRefused || !strings.Contains(st.Reason, "broke down 3 times") {
		t.Fatalf("%+v", st)
	}
	r.eventuallyStaged()
	p.refused(409, upload.CodeBundleRefused, "POST", casePath("C-1")+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", fmt.Sprint(len(wire)), "Upload-Metadata", metadata("sha256", hexSum(wire)))
}

// A fault of the program in one bundle's intake ends neither the process nor
// the intake of others, and is not tried for ever.
func TestPanicOfIntakeCountsAsACrash(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.atIntake = func(_ context.Context, u *sent) {
			if u.wireSize < 1000 {
				panic("a bug")
			}
		}
	})
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	path := p.send("C-1", junk(t, 999))
	for i := range maxAttempts {
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
			if n := strings.Count(r.log.String(), "a bug"); n > i {
				break
			}
			if time.Now().After(end) {
				t.Fatal("the fault is not logged")
			}
		}
		r.rouse()
	}
	p.checkReceipt(p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"}))))
	if st := p.await(path); st.State != upload.StateRefused {
		t.Errorf("%+v", st)
	}
}

func TestIntakeHasItsTime(t *testing.T) {
	r := newRig(t, func(o *Options) {
		hold(o)
		o.IntakeTime = time.Millisecond
	})
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	st := p.deliver("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"})))
	if st.State != upload.StateRefused || !strings.Contains(st.Reason, "not done with it after") {
		t.Errorf("%+v", st)
	}
	r.eventuallyStaged()
	r.wantFiles("default", "case-C-1")
	r.opts.IntakeTime = 0
	r.restart()
	if d := r.intakeTime(&sent{wireSize: 4 << 30}); d != defaultIntakeTime+1024*time.Second {
		t.Errorf("4 GiB have %v", d)
	}
}

// Each step of intake ends with the time it has, and none of them takes that
// for a verdict of its own.
func TestIntakeEndsWithItsTimeAnywhere(t *testing.T) {
	var h *held
	r := newRig(t, func(o *Options) { h = hold(o) })
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	path := p.send("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"})))
	u := *h.next(t)
	late := errors.New("late")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(late)
	if err := r.judge(ctx, &u); !errors.Is(err, late) {
		t.Errorf("judge: %v", err)
	}
	f, err := r.root.Open(u.staged())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := (&watched{ctx: ctx, r: f}).ReadAt(make([]byte, 1), 0); !errors.Is(err, late) {
		t.Errorf("a read: %v", err)
	}
	close(h.leave)
	p.checkReceipt(p.await(path))
}

func TestTurnsOfOrganisations(t *testing.T) {
	var h *held
	r := newRig(t, func(o *Options) { h = hold(o) })
	r.makeOrganisation("globex")
	r.makeCase("", "C-1")
	r.makeCase("globex", "G-1")
	p, q := r.enrol("", "agent", ""), r.enrol("globex", "agent", "")
	var paths []string
	for range 5 {
		paths = append(paths, p.send("C-1", r.wrapFor(r.pack(p.signer, packing{caseID: "C-1"}))))
	}
	count := map[string]int{}
	for range intakePerOrganisation {
		count[h.next(t).organisation]++
	}
	theirs := q.send("G-1", r.wrapFor(r.pack(q.signer, packing{organisation: "globex", caseID: "G-1"})))
	count[h.next(t).organisation]++
	if want := map[string]int{"default": intakePerOrganisation, "globex": 1}; !maps.Equal(count, want) {
		t.Errorf("at work are %v, want %v", count, want)
	}
	close(h.leave)
	q.checkReceipt(q.await(theirs))
	for _, path := range paths {
		p.checkReceipt(p.await(path))
	}
}

func TestTurnsAreFair(t *testing.T) {
	s := newTurns()
	for _, o := range []string{"a", "b", "b"} {
		s.begun(o)
	}
	if !s.before("a", "b") || !s.before("c", "a") {
		t.Error("who has less running is not first")
	}
	s.done("b")
	if !s.before("a", "b") {
		t.Error("who waits for longer is not first")
	}
	s.done("a")
	s.done("b")
	if len(s.running) != 0 || !s.before("a", "b") {
		t.Errorf("%v", s.running)
	}
}

// passes counts how often the list of entries is gone through.
type passes struct {
	*manifest.Bundle
	n int
}

func (p *passes) Entries() iter.Seq2[manifest.Entry, error] {
	p.n++
	return p.Bundle.Entries()
}

func TestScanGoesThroughTheManifestAFewTimes(t *testing.T) {
	r := newRig(t)
	signer := newSigner(t)
	entries := map[string]string{}
	for i := range 300 {
		entries[fmt.Sprintf("z%03d/key-%s%03d.log", i, "AKIA"+"Q3EGRTZV5XK7L", i)] = "fine\n"
		entries[fmt.Sprintf("a%03d.log", i)] = "fine\n"
	}
	clear := r.pack(signer, packing{caseID: "C-1", entries: entries})
	var signers strings.Builder
	writeSigner(&signers, "agent", string(ssh.MarshalAuthorizedKey(signer.PublicKey())))
	allowed, err := trust.ParseAllowedSigners("test", strings.NewReader(signers.String()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := manifest.Open(strings.NewReader(string(clear)), int64(len(clear)), allowed, manifest.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p := &passes{Bundle: b}
	found, err := scan(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	named := map[string]bool{}
	for _, f := range found {
		if strings.HasPrefix(f.Entry, "the name of data/app/z") {
			named[f.Entry] = true
		}
	}
	if len(named) < 250 {
		t.Fatalf("%d names of 300 are found: %v", len(named), found)
	}
	if p.n > 3 {
		t.Errorf("%d passes", p.n)
	}
}
