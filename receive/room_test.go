package receive

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// announce begins an upload without a byte of it.
func (p *peer) announce(caseID string, n int, size int64) (path string, status int) {
	p.t.Helper()
	answer, _ := p.do("POST", casePath(caseID)+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", fmt.Sprint(size), "Upload-Metadata", metadata("sha256", hexSum([]byte(fmt.Sprint(n)))))
	return answer.Header.Get("Location"), answer.StatusCode
}

func (p *peer) told(caseID string) int64 {
	p.t.Helper()
	var info upload.CaseInfo
	p.json("GET", casePath(caseID), nil, &info)
	return info.FreeBytes
}

func TestRoomIsDivided(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		name        string
		u           usage
		free, quota int64
		fits, told  int64
	}{
		{"alone", usage{neighbours: 1}, 40 * gb, 0, 10 * gb, 10 * gb},
		{"alone, with a quota", usage{neighbours: 1}, 40 * gb, 8 * gb, 4 * gb, 4 * gb},
		{"one of two", usage{neighbours: 2}, 40 * gb, 0, 5 * gb, 25 * gb},
		{"one of two, much kept", usage{neighbours: 2, kept: 46 * gb}, 40 * gb, 0, 2 * gb, 2 * gb},
		{"others have begun", usage{neighbours: 2, pending: 36 * gb}, 40 * gb, 0, 1 * gb, 25 * gb},
		{"the organisation has begun", usage{neighbours: 2, pending: 16 * gb, mine: 16 * gb, begun: 8 * gb}, 40 * gb, 0, 1 * gb, 21 * gb},
		{"the agent has begun", usage{neighbours: 1, pending: 16 * gb, begun: 8 * gb, reserved: 8 * gb}, 40 * gb, 0, 2 * gb, 2 * gb},
		{"no quota at all", usage{neighbours: 2}, 40 * gb, -1, 5 * gb, 10 * gb},
		{"full by others", usage{neighbours: 2, pending: 50 * gb}, 40 * gb, 0, 0, 0},
		{"full", usage{neighbours: 1}, -reserve, 0, 0, 0},
		{"quota used up", usage{neighbours: 1, kept: 9 * gb}, 40 * gb, 8 * gb, 0, 0},
	} {
		if got := c.u.room(100*gb, c.free+reserve, c.quota); got != (room{fits: c.fits, told: c.told}) {
			t.Errorf("%s: %+v, want %d and %d", c.name, got, c.fits, c.told)
		}
	}
	for n, want := range map[int64]int64{0: 0, fine - 1: 0, 3*fine + 1: 3 * fine, steps - 1: steps - fine, steps: steps, 5*steps + 7*fine: 5 * steps} {
		if got := coarse(n); got != want {
			t.Errorf("%d is told as %d, want %d", n, got, want)
		}
	}
}

// What one agent announces leaves room for its fellows and for others, tells
// them nothing, and lapses.
func TestReservationsLapse(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Quota = 1 << 30 })
	r.makeOrganisation("globex")
	r.makeCase("", "C-1")
	r.makeCase("globex", "G-1")
	p, fellow, other := r.enrol("", "agent", ""), r.enrol("", "agent", ""), r.enrol("globex", "agent", "")
	if n := p.told("C-1"); n != 1<<29 {
		t.Fatalf("there is room for %d", n)
	}
	paths := map[int]string{}
	for i, want := range []int{http.StatusCreated, http.StatusInsufficientStorage} {
		path, status := p.announce("C-1", i, 1<<29-1000)
		if status != want {
			t.Fatalf("%d is answered by %d", i, status)
		}
		paths[i] = path
	}
	if n := p.told("C-1"); n != 0 {
		t.Errorf("the agent may begin %d more", n)
	}
	if n := fellow.told("C-1"); n != 1<<28 {
		t.Errorf("its fellow may begin %d", n)
	}
	if n := other.told("G-1"); n != 1<<29 {
		t.Errorf("others hear of it: %d", n)
	}
	// Half an hour later it is as if nothing had been announced.
	r.advance(reservedLife + time.Second)
	if n := p.told("C-1"); n != 1<<29 {
		t.Errorf("half an hour later there is room for %d", n)
	}
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.refused(404, upload.CodeUnknown, "GET", paths[0]+"/status", nil)

	// With a byte it is kept, but has no place any longer.
	path, _ := p.announce("C-1", 0, 1<<29-1000)
	if answer, b := p.patch(path, 0, []byte("x")); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	r.advance(reservedLife - time.Second)
	if n := p.told("C-1"); n != 0 {
		t.Errorf("the reservation lapsed early: %d", n)
	}
	r.advance(2 * time.Second)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := p.head(path); n != 1 {
		t.Errorf("stands at %d", n)
	}
	if _, status := fellow.announce("C-1", 1, 1<<29-steps); status != http.StatusCreated {
		t.Fatalf("%d", status)
	}
	answer, b := p.patch(path, 1, []byte("x"))
	p.isProblem(answer, b, 507, upload.CodeNoSpace)
	r.advance(reservedLife + time.Second) // now the fellow's lapses
	if answer, b := p.patch(path, 1, []byte("x")); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	if n := p.told("C-1"); n != 0 {
		t.Errorf("the new reservation does not count: %d", n)
	}
	if got := r.query(`SELECT arrived FROM uploads WHERE id = ?`, path[strings.LastIndexByte(path, '/')+1:]); got[0] != "2" {
		t.Errorf("arrived: %v", got)
	}
}

func TestAgentHasSoManyUploadsUnderWay(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p, fellow := r.enrol("", "agent", ""), r.enrol("", "agent", "")
	first := ""
	for i := range maxOpen {
		path, status := p.announce("C-1", i, 1000)
		if status != http.StatusCreated {
			t.Fatalf("%d: %d", i, status)
		}
		if i == 0 {
			first = path
		}
	}
	p.refused(429, upload.CodeTooManyRequests, "POST", casePath("C-1")+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", "1000", "Upload-Metadata", metadata("sha256", hexSum([]byte("one more"))))
	if _, status := p.announce("C-1", 3, 1000); status != http.StatusCreated {
		t.Errorf("one that is begun is answered by %d", status)
	}
	if _, status := fellow.announce("C-1", 0, 1000); status != http.StatusCreated {
		t.Errorf("its fellow is answered by %d", status)
	}
	if answer, _ := p.do("DELETE", first, nil, "Tus-Resumable", "1.0.0"); answer.StatusCode != http.StatusNoContent {
		t.Fatal(answer.Status)
	}
	if _, status := p.announce("C-1", maxOpen, 1000); status != http.StatusCreated {
		t.Errorf("after one was given up: %d", status)
	}
}

// The sums of usage come from indexes alone, of what is under way and kept.
func TestUsageReadsIndexes(t *testing.T) {
	r := newRig(t)
	plan := strings.Join(r.query("EXPLAIN QUERY PLAN "+usageQuery, "default", "a", 0), "\n")
	wantContains(t, plan, "COVERING INDEX uploads_open", "COVERING INDEX bundles_kept")
}

// Bytes are noted as they come, and what was not noted is found at the start.
func TestArrivedBytesAreNoted(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 3<<20)
	path, _ := p.create("C-1", wire)
	if answer, b := p.patch(path, 0, wire[:2<<20]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	if got := r.query(`SELECT arrived FROM uploads`); got[0] != fmt.Sprint(2<<20) {
		t.Errorf("%v", got)
	}
	if _, err := r.db.Exec(`UPDATE uploads SET arrived = 0`); err != nil {
		t.Fatal(err)
	}
	r.restart()
	if got := r.query(`SELECT arrived FROM uploads`); got[0] != fmt.Sprint(2<<20) {
		t.Errorf("after a restart: %v", got)
	}
	p = p.on(r)
	if answer, b := p.patch(path, 2<<20, wire[2<<20:]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	if got := r.query(`SELECT arrived FROM uploads`); got[0] != fmt.Sprint(3<<20) {
		t.Errorf("at the end: %v", got)
	}
}
