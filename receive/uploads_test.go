package receive

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"github.com/diagcollect/diagcollect/upload"
)

func junk(t testing.TB, n int) []byte {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return b
}

// head asks where an upload stands.
func (p *peer) head(path string) int {
	p.t.Helper()
	answer, _ := p.do("HEAD", path, nil, "Tus-Resumable", "1.0.0")
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusNoContent {
		p.t.Fatalf("HEAD: %s", answer.Status)
	}
	n, err := strconv.Atoi(answer.Header.Get("Upload-Offset"))
	if err != nil {
		p.t.Fatal(err)
	}
	return n
}

func TestCreateIsGetOrCreate(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 100_000)
	path, offset := p.create("C-1", wire)
	if want := casePath("C-1") + "/uploads/" + upload.UploadID("default", "C-1", p.me.Agent, hexSum(wire)); path != want || offset != 0 {
		t.Fatalf("created %s at %d, want %s", path, offset, want)
	}
	if answer, b := p.patch(path, 0, wire[:40_000]); answer.StatusCode != http.StatusNoContent || answer.Header.Get("Upload-Offset") != "40000" {
		t.Fatalf("%s %s", answer.Status, b)
	}
	if again, offset := p.create("C-1", wire); again != path || offset != 40_000 {
		t.Errorf("created again: %s at %d", again, offset)
	}
	answer, b := p.patch(path, 39_999, wire[39_999:])
	p.isProblem(answer, b, http.StatusConflict, upload.CodeBadRequest)
	answer, b = p.patch(path, 40_000, append(wire[40_000:], 'x'))
	p.isProblem(answer, b, http.StatusRequestEntityTooLarge, upload.CodeTooLarge)

	r.restart()
	if n := p.head(path); n != 40_000 {
		t.Errorf("after a restart it stands at %d", n)
	}
	if answer, b := p.patch(path, 40_000, wire[40_000:]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	// It is no bundle; what matters here is that intake got it whole.
	if st := p.await(path); st.State != upload.StateRefused || !strings.Contains(st.Reason, "not encrypted to this receiver") {
		t.Errorf("%+v", st)
	}
	p.refused(409, upload.CodeBundleRefused, "POST", casePath("C-1")+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", "100000", "Upload-Metadata", metadata("sha256", hexSum(wire)))
	p.refused(409, "", "HEAD", path, nil)
	r.eventuallyStaged()
}

func TestCreateRefuses(t *testing.T) {
	r := newRig(t, func(o *Options) { o.MaxUpload, o.Quota = 1<<40, 1<<30 })
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	sum := hexSum([]byte("x"))
	good := []string{"Tus-Resumable", "1.0.0", "Upload-Length", "1000", "Upload-Metadata", metadata("sha256", sum)}
	for name, tc := range map[string]struct {
		header []string
		status int
		code   string
	}{
		"no tus":            {[]string{"Tus-Resumable", ""}, 412, upload.CodeBadRequest},
		"no length":         {[]string{"Upload-Length", ""}, 400, upload.CodeBadRequest},
		"empty":             {[]string{"Upload-Length", "0"}, 400, upload.CodeBadRequest},
		"negative":          {[]string{"Upload-Length", "-1"}, 400, upload.CodeBadRequest},
		"deferred length":   {[]string{"Upload-Defer-Length", "1"}, 400, upload.CodeBadRequest},
		"concatenation":     {[]string{"Upload-Concat", "partial"}, 400, upload.CodeBadRequest},
		"no digest":         {[]string{"Upload-Metadata", ""}, 400, upload.CodeBadRequest},
		"digest in capital": {[]string{"Upload-Metadata", metadata("sha256", strings.ToUpper(sum))}, 400, upload.CodeBadRequest},
		"digest as path":    {[]string{"Upload-Metadata", metadata("sha256", "../../../etc/passwd")}, 400, upload.CodeBadRequest},
		"bundle id no uuid": {[]string{"Upload-Metadata", metadata("sha256", sum, "bundle_id", "x")}, 400, upload.CodeBadRequest},
		"beyond the limit":  {[]string{"Upload-Length", fmt.Sprint(1<<40 + 1)}, 413, upload.CodeTooLarge},
		"beyond the share":  {[]string{"Upload-Length", fmt.Sprint(1<<29 + 1)}, 507, upload.CodeNoSpace},
	} {
		t.Run(name, func(t *testing.T) {
			p.refused(tc.status, tc.code, "POST", casePath("C-1")+"/uploads", nil, append(good[:len(good):len(good)], tc.header...)...)
		})
	}
	if n := r.query(`SELECT count(*) FROM uploads`); n[0] != "0" {
		t.Errorf("%s uploads were made", n[0])
	}
	// What is begun counts against the quota.
	if _, status := p.announce("C-1", 1, 256<<20); status != http.StatusCreated {
		t.Fatalf("%d", status)
	}
	p.refused(507, upload.CodeNoSpace, "POST", casePath("C-1")+"/uploads", nil, append(good[:len(good):len(good)], "Upload-Length", fmt.Sprint(256<<20+1))...)
	var info upload.CaseInfo
	p.json("GET", casePath("C-1"), nil, &info)
	if info.MaxSize != 1<<40 || info.FreeBytes != 256<<20 || info.Retention.DaysAfterClose != 90 {
		t.Errorf("%+v", info)
	}
}

func TestUploadIsItsAgentsAlone(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p, other := r.enrol("", "agent", ""), r.enrol("", "agent", "")
	wire := junk(t, 1000)
	path, _ := p.create("C-1", wire)
	other.refused(404, upload.CodeUnknown, "GET", path+"/status", nil)
	other.refused(404, upload.CodeUnknown, "HEAD", path, nil)
	answer, b := other.patch(path, 0, wire)
	other.isProblem(answer, b, 404, upload.CodeUnknown)
	other.refused(404, upload.CodeUnknown, "DELETE", path, nil, "Tus-Resumable", "1.0.0")
	engineer := r.enrol("", "engineer", "ada")
	engineer.refused(403, upload.CodeForbidden, "GET", path+"/status", nil)
	if n := p.head(path); n != 0 {
		t.Errorf("stands at %d", n)
	}
	// The same bytes by another agent are an upload of its own.
	if mine, _ := other.create("C-1", wire); mine == path {
		t.Error("two agents share an upload")
	}
	if answer, b := p.do("DELETE", path, nil, "Tus-Resumable", "1.0.0"); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	p.refused(404, upload.CodeUnknown, "GET", path+"/status", nil)
	if _, err := os.Stat(filepath.Join(r.dir, "org/default/staging", filepath.Base(path))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what was given up is still there: %v", err)
	}
	if again, offset := p.create("C-1", wire); again != path || offset != 0 {
		t.Errorf("created anew: %s at %d", again, offset)
	}
}

func TestForeignAndUnknownCasesAreOneAnswer(t *testing.T) {
	r := newRig(t)
	r.makeOrganisation("globex")
	r.makeCase("globex", "G-1")
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	theirs := r.enrol("globex", "agent", "")
	path, _ := theirs.create("G-1", junk(t, 10))
	upload404 := func(caseID, method, below string) string {
		answer, b := p.do(method, casePath(caseID)+below, nil, "Tus-Resumable", "1.0.0", "Upload-Length", "10", "Upload-Metadata", metadata("sha256", hexSum(nil)))
		text := p.isProblem(answer, b, 404, upload.CodeUnknownCase)
		return strings.ReplaceAll(text, caseID, "CASE")
	}
	id := "/uploads/" + filepath.Base(path)
	for _, rq := range [][2]string{{"GET", ""}, {"POST", "/uploads"}, {"OPTIONS", "/uploads"}, {"PATCH", id}, {"DELETE", id}, {"GET", id + "/status"}} {
		foreign, unknown := upload404("G-1", rq[0], rq[1]), upload404("X-1", rq[0], rq[1])
		if foreign != unknown {
			t.Errorf("%s %s tells them apart: %s, %s", rq[0], rq[1], foreign, unknown)
		}
	}
	var cases []upload.CaseInfo
	p.json("GET", upload.PathCases, nil, &cases)
	if len(cases) != 1 || cases[0].Case != "C-1" {
		t.Errorf("lists %+v", cases)
	}
	// An id that is no case id, in the shape of a path.
	p.refused(404, upload.CodeUnknownCase, "GET", "/v1/cases/%2e%2e%2fG-1", nil)
	if n := r.query(`SELECT count(*) FROM audit WHERE organisation = 'default' AND result = 'denied' AND case_id = 'G-1'`); n[0] != "6" {
		t.Errorf("%s denials of G-1 on record", n[0])
	}
	if n := r.query(`SELECT count(*) FROM audit WHERE organisation = 'globex' AND result = 'denied'`); n[0] != "0" {
		t.Error("another organisation's log tells of it")
	}
}

func TestClosedCaseTakesNothing(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 1000)
	path, _ := p.create("C-1", wire)
	if _, err := r.Admin().SetCaseState(t.Context(), "", "C-1", "closed"); err != nil {
		t.Fatal(err)
	}
	var info upload.CaseInfo
	p.json("GET", casePath("C-1"), nil, &info)
	if info.State != "closed" || info.Closed.IsZero() {
		t.Errorf("%+v", info)
	}
	p.refused(409, upload.CodeClosedCase, "POST", casePath("C-1")+"/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length", "9", "Upload-Metadata", metadata("sha256", hexSum(nil)))
	answer, b := p.patch(path, 0, wire)
	p.isProblem(answer, b, 409, upload.CodeClosedCase)
	if _, err := r.Admin().SetCaseState(t.Context(), "", "C-1", "open"); err != nil {
		t.Fatal(err)
	}
	if answer, b := p.patch(path, 0, wire[:10]); answer.StatusCode != http.StatusNoContent {
		t.Errorf("%s %s", answer.Status, b)
	}
}

func TestEmbeddedCreatesCasesOnFirstUse(t *testing.T) {
	r := newRig(t, func(o *Options) { o.CreateCases = true })
	p := r.enrol("", "agent", "")
	p.json("GET", casePath("DEMO-1"), nil, nil)
	if got := r.query(`SELECT organisation, id, state FROM cases`); len(got) != 1 || got[0] != "default|DEMO-1|open" {
		t.Errorf("%v", got)
	}
	p.refused(404, upload.CodeUnknownCase, "GET", casePath("-bad"), nil)
	p.refused(404, upload.CodeUnknownCase, "GET", casePath(strings.Repeat("a", 65)), nil)
	r.enrol("", "engineer", "ada").refused(404, upload.CodeUnknownCase, "GET", casePath("DEMO-2"), nil)
}

// arrives waits until the first bytes of an upload are here.
func (r *rig) arrives(path string) {
	r.t.Helper()
	staged := filepath.Join(r.dir, "org/default/staging", filepath.Base(path))
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if fi, err := os.Stat(staged); err == nil && fi.Size() > 0 {
			return
		}
		if time.Now().After(end) {
			r.t.Fatal("nothing arrives")
		}
	}
}

// A body that stops in the middle leaves what arrived; the next request of
// the same agent takes the lock over.
func TestResumeAfterTheLineWasCut(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 3<<20)
	path, _ := p.create("C-1", wire)
	ctx, cut := context.WithCancel(t.Context())
	body, feed := io.Pipe()
	q, err := http.NewRequestWithContext(ctx, http.MethodPatch, p.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	q.ContentLength = int64(len(wire))
	for k, v := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		q.Header.Set(k, v)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		if answer, err := p.client.Do(q); err == nil {
			answer.Body.Close()
			if answer.StatusCode < 400 {
				t.Errorf("half a body was answered by %s", answer.Status)
			}
		}
	})
	if _, err := feed.Write(wire[:1<<20]); err != nil {
		t.Fatal(err)
	}
	r.arrives(path)
	// The first line still hangs; a second client of the same agent asks.
	second := &peer{rig: r, client: r.httpClient(p.me.Certificate, p.tlsKey)}
	offset := second.head(path)
	if offset <= 0 || offset > 1<<20 {
		t.Fatalf("stands at %d", offset)
	}
	cut()
	feed.Close()
	wg.Wait()
	if answer, b := second.patch(path, offset, wire[offset:]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	// The digest was right: intake got as far as the encryption.
	if st := second.await(path); !strings.Contains(st.Reason, "not encrypted to this receiver") {
		t.Errorf("%+v", st)
	}
}

// Shutting down ends a running upload at its last byte, at once.
func TestShutdownEndsUploads(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 1<<20)
	path, _ := p.create("C-1", wire)
	body, feed := io.Pipe()
	defer feed.Close()
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, p.url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	q.ContentLength = int64(len(wire))
	for k, v := range map[string]string{"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"} {
		q.Header.Set(k, v)
	}
	answered := make(chan int, 1)
	go func() {
		answer, err := p.client.Do(q)
		if err != nil {
			answered <- 0 // the line may be cut before the answer
			return
		}
		answer.Body.Close()
		answered <- answer.StatusCode
	}()
	if _, err := feed.Write(wire[:300_000]); err != nil {
		t.Fatal(err)
	}
	r.arrives(path)
	begun := time.Now()
	r.stop()
	if d := time.Since(begun); d > 5*time.Second {
		t.Errorf("stopping took %v", d)
	}
	feed.Close()
	if status := <-answered; status != 0 && status != http.StatusServiceUnavailable {
		t.Errorf("answered %d", status)
	}
	r.start()
	if n := p.head(path); n <= 0 || n > 300_000 {
		t.Errorf("stands at %d", n)
	}
}

func TestAnnouncedDigestMustHold(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 5000)
	path, _ := p.create("C-1", wire)
	bad := bytes.Clone(wire)
	bad[17] ^= 1
	if answer, b := p.patch(path, 0, bad); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	// The same upload stands at its first byte again.
	if st := p.await(path); st.State != upload.StateUploading || st.Offset != 0 || st.Reason == "" {
		t.Fatalf("%+v", st)
	}
	if _, offset := p.create("C-1", wire); offset != 0 {
		t.Errorf("stands at %d", offset)
	}
	if answer, b := p.patch(path, 0, wire); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	if st := p.await(path); st.State != upload.StateRefused {
		t.Errorf("%+v", st)
	}
}

func TestUnfinishedUploadsExpire(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 1000)
	path, _ := p.create("C-1", wire)
	if answer, b := p.patch(path, 0, wire[:500]); answer.StatusCode != http.StatusNoContent {
		t.Fatalf("%s %s", answer.Status, b)
	}
	r.advance(unfinishedLife - time.Hour)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := p.head(path); n != 500 {
		t.Errorf("stands at %d", n)
	}
	r.advance(2 * time.Hour)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.refused(404, upload.CodeUnknown, "GET", path+"/status", nil)
	if files, err := os.ReadDir(filepath.Join(r.dir, "org/default/staging")); err != nil || len(files) != 0 {
		t.Errorf("staging holds %v, %v", files, err)
	}
}

// Steps between states are those that may lists, each from the state that the
// database has, not the one that somebody remembers.
func TestTransitions(t *testing.T) {
	all := []upload.UploadState{upload.StateUploading, upload.StateReceived, upload.StateVerifying, upload.StateStored, upload.StateQuarantined, upload.StateRefused, upload.StateDeleted}
	steps := map[string]bool{
		"uploading received": true, "received verifying": true,
		"verifying received": true, "verifying uploading": true, "verifying stored": true, "verifying quarantined": true, "verifying refused": true,
		"stored deleted": true, "quarantined deleted": true,
	}
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	path, _ := p.create("C-1", junk(t, 10))
	id := filepath.Base(path)
	for _, from := range all {
		for _, to := range all {
			if _, err := r.db.Exec(`UPDATE uploads SET state = ? WHERE id = ?`, from, id); err != nil {
				t.Fatal(err)
			}
			u, err := r.findUpload(t.Context(), r.db, "default", "C-1", id)
			if err != nil {
				t.Fatal(err)
			}
			stale := *u
			err = r.move(t.Context(), r.db, u, to)
			want := steps[string(from)+" "+string(to)]
			if (err == nil) != want {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if got := r.query(`SELECT state FROM uploads`); want != (got[0] == string(to) && from != to) {
				t.Errorf("%s to %s: is %s", from, to, got)
			}
			if want && r.move(t.Context(), r.db, &stale, to) == nil {
				t.Errorf("%s to %s: taken twice", from, to)
			}
		}
	}
}

func TestTusDiscovery(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	answer, _ := p.do("OPTIONS", casePath("C-1")+"/uploads", nil)
	if answer.ProtoMajor != 1 {
		t.Errorf("spoken is %s", answer.Proto)
	}
	if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Tus-Extension") != "creation,termination" || answer.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s %v", answer.Status, answer.Header)
	}
}

func TestInternalsAreNotAnswered(t *testing.T) {
	r := newRig(t)
	r.makeCase("", "C-1")
	p := r.enrol("", "agent", "")
	wire := junk(t, 10)
	path, _ := p.create("C-1", wire)
	// A folder where the file should be is a fault that no agent can cause.
	staged := filepath.Join(r.dir, "org/default/staging", filepath.Base(path))
	if err := errors.Join(os.Remove(staged), os.Mkdir(staged, 0o700), os.WriteFile(filepath.Join(staged, "x"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(staged)
	answer, b := p.patch(path, 0, wire)
	if answer.StatusCode < 400 {
		t.Fatalf("%s", answer.Status)
	}
	for _, secret := range []string{r.dir, "staging", "directory"} {
		if bytes.Contains(b, []byte(secret)) {
			t.Errorf("%q is answered: %s", secret, b)
		}
	}
	if !json.Valid(b) {
		t.Errorf("%s", b)
	}
}

func TestFullDiskIsTold(t *testing.T) {
	var told handler.Error
	if err := tusError(&os.PathError{Op: "write", Path: "x", Err: fullDisk}); !errors.As(err, &told) || told.HTTPResponse.StatusCode != http.StatusInsufficientStorage {
		t.Errorf("%v", err)
	}
	if err := tusError(os.ErrPermission); !errors.Is(err, os.ErrPermission) {
		t.Errorf("%v", err)
	}
}
