package receive

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

func statusOf(err error) int {
	var p *problem
	if errors.As(err, &p) {
		return p.Status
	}
	return 0
}

func TestPoolGivesShares(t *testing.T) {
	p := newPool(6, 2, 4)
	var leaves []func()
	for i, c := range []struct {
		agent, organisation string
		status              int
	}{
		{"a", "x", 0}, {"a", "x", 0}, {"a", "x", 429}, // the agent's share
		{"b", "x", 0}, {"b", "x", 0}, {"c", "x", 429}, // the organisation's
		{"d", "y", 0}, {"x", "a", 0}, // names of two sorts are not mixed up
		{"e", "y", 503}, // all
	} {
		leave, err := p.enter(c.agent, c.organisation)
		if got := statusOf(err); got != c.status {
			t.Errorf("%d: %d, want %d", i, got, c.status)
		}
		if err == nil {
			leaves = append(leaves, leave)
		}
	}
	leaves[0]()
	leaves[0]()
	if p.busy != 5 {
		t.Errorf("%d are busy", p.busy)
	}
	if _, err := p.enter("c", "x"); err != nil {
		t.Error(err)
	}
	for _, leave := range leaves {
		leave()
	}
	if p.busy != 1 || len(p.of) != 2 {
		t.Errorf("%d are busy: %v", p.busy, p.of)
	}
}

// unfinished sends a request of which a byte is missing, and keeps the line.
func (p *peer) unfinished(method, path string, header ...string) net.Conn {
	p.t.Helper()
	conf := p.client.Transport.(*http.Transport).TLSClientConfig.Clone()
	conf.ServerName = "127.0.0.1"
	conn, err := tls.Dial("tcp", strings.TrimPrefix(p.url, "https://"), conf)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { conn.Close() })
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n%s\r\n{", method, path, strings.Join(append(header, ""), "\r\n")); err != nil {
		p.t.Fatal(err)
	}
	return conn
}

// await waits until n slots of a pool are taken.
func (p *pool) await(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		busy := p.busy
		p.mu.Unlock()
		if busy == n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d slots are taken, want %d", busy, n)
		}
	}
}

func (r *rig) alive() {
	r.t.Helper()
	if answer, b := r.anonymous().do("GET", upload.PathHealth, nil); answer.StatusCode != http.StatusOK {
		r.t.Errorf("%s %s", answer.Status, b)
	}
}

func TestUnfinishedBodiesOfNobodyHoldUpNoAgent(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	nobody := r.anonymous()
	share := r.slots.anonymousBodies.shares[0]
	for range share {
		nobody.unfinished("POST", upload.PathEnroll)
	}
	r.slots.anonymousBodies.await(t, share)
	// They have no slot yet, and their source no more of them.
	r.slots.anonymous.await(t, 0)
	nobody.refused(429, upload.CodeTooManyRequests, "POST", upload.PathEnroll, upload.EnrollRequest{})
	nobody.json("POST", upload.PathNonce, nil, nil)
	r.alive()
	p.json("GET", casePath("C-1"), nil, nil)
}

func TestUnfinishedPartsHoldUpNobodyElse(t *testing.T) {
	r := newRig(t)
	r.makeOrganisation("globex")
	r.makeCase("", "C-1")
	r.makeCase("globex", "G-1")
	p, second, other := r.enrol("", "agent", ""), r.enrol("", "agent", ""), r.enrol("globex", "agent", "")
	share := r.slots.uploads.shares[0]
	part := []string{"Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"}
	var lines []net.Conn
	for range share {
		path, _ := p.create("C-1", junk(t, 1000))
		lines = append(lines, p.unfinished("PATCH", path, part...))
	}
	r.slots.uploads.await(t, share)
	wire := junk(t, 100)
	path, _ := p.create("C-1", wire)
	answer, b := p.patch(path, 0, wire)
	p.isProblem(answer, b, 429, upload.CodeTooManyRequests)
	p.json("GET", path+"/status", nil, nil)
	r.alive()
	for id, q := range map[string]*peer{"C-1": second, "G-1": other} {
		path, _ := q.create(id, wire)
		if answer, b := q.patch(path, 0, wire); answer.StatusCode != http.StatusNoContent {
			t.Errorf("%s %s", answer.Status, b)
		}
	}
	lines[0].Close()
	r.slots.uploads.await(t, share-1)
	if answer, b := p.patch(path, 0, wire); answer.StatusCode != http.StatusNoContent {
		t.Errorf("%s %s", answer.Status, b)
	}
}

// Whatever is full, the rest goes on, and the receiver says that it is alive.
func TestFullPoolsStandApart(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	nobody := r.anonymous()
	path, _ := p.create("C-1", junk(t, 10))
	requests := map[*pool]func() int{
		r.slots.questions: func() int { answer, _ := p.do("GET", upload.PathWhoAmI, nil); return answer.StatusCode },
		r.slots.uploads:   func() int { answer, _ := p.patch(path, 0, nil); return answer.StatusCode },
		r.slots.bodies: func() int {
			answer, _ := p.do("POST", upload.PathRenew, strings.NewReader("{}"))
			return answer.StatusCode
		},
		r.slots.anonymous: func() int { answer, _ := nobody.do("POST", upload.PathNonce, nil); return answer.StatusCode },
		r.slots.anonymousBodies: func() int {
			answer, _ := nobody.do("POST", upload.PathEnroll, strings.NewReader("{}"))
			return answer.StatusCode
		},
	}
	// A question with a body needs both.
	needs := map[*pool][]*pool{
		r.slots.bodies:          {r.slots.questions},
		r.slots.anonymousBodies: {r.slots.anonymous},
	}
	for full := range requests {
		full.mu.Lock()
		full.busy += full.size
		full.mu.Unlock()
		r.alive()
		for pool, request := range requests {
			status := request()
			if busy := status == http.StatusServiceUnavailable; busy != (pool == full || slices.Contains(needs[pool], full)) {
				t.Errorf("answered %d", status)
			}
		}
		full.mu.Lock()
		full.busy -= full.size
		full.mu.Unlock()
	}
}

func TestPace(t *testing.T) {
	now := time.Unix(0, 0)
	for _, c := range []struct {
		name string
		each int
		want bool
	}{{"a byte a second", 1, true}, {"just below", paceBytes/61 - 1, true}, {"fast enough", paceBytes / 60, false}} {
		p := pace{clock: func() time.Time { return now }}
		slow := false
		for range 200 {
			slow = slow || p.slow(c.each)
			now = now.Add(time.Second)
		}
		if slow != c.want {
			t.Errorf("%s: %v", c.name, slow)
		}
	}
}

// A part that trickles in ends; what came of it counts.
func TestTricklingPartEnds(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	path, _ := p.create("C-1", junk(t, 1000))
	conn := p.unfinished("PATCH", path, "Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream")
	r.arrives(path)
	r.advance(paceWindow)
	if _, err := conn.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if len(answer) == 0 {
		t.Fatal(err)
	}
	wantContains(t, string(answer), "HTTP/1.1 429", "Retry-After: 10", upload.CodeTooManyRequests, "Too slow")
	r.slots.uploads.await(t, 0)
	if n := p.head(path); n != 2 {
		t.Errorf("%s stands at %d", filepath.Base(path), n)
	}
}

// Bodies that do not come do not hold up the end of the receiver, whether they
// are read or were refused.
func TestShutdownEndsBodies(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	path, _ := p.create("C-1", junk(t, 1000))
	part := []string{"Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream"}
	p.unfinished("PATCH", path, part...)
	p.unfinished("PATCH", casePath("X-1")+"/uploads/x", part...)
	r.anonymous().unfinished("POST", upload.PathEnroll)
	r.slots.anonymousBodies.await(t, 1)
	r.arrives(path)
	begun := time.Now()
	r.stop()
	if d := time.Since(begun); d > slowBody/2 {
		t.Errorf("stopping took %v", d)
	}
	r.start()
}

func TestBodiesHaveALimit(t *testing.T) {
	r := newRig(t)
	for size, status := range map[int]int{maxBody - 100: 400, maxBody + 1: 400} {
		text := `{"nonce":"` + strings.Repeat("x", size) + `"}`
		answer, b := r.anonymous().do("POST", upload.PathEnroll, strings.NewReader(text))
		if answer.StatusCode != status || strings.Contains(string(b), "too large") != (size > maxBody) {
			t.Errorf("%d bytes: %s %s", size, answer.Status, b)
		}
	}
	_, err := r.readBody(httptest.NewRecorder(), httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", maxBody+1))), nil, "here")
	if statusOf(err) != 400 {
		t.Error(err)
	}
}
