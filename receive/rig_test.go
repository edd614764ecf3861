package receive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// rig is a receiver behind a real TLS listener on loopback.
type rig struct {
	*Server
	t    testing.TB
	opts Options
	http *http.Server
	url  string
	log  *lockedBuffer

	mu   sync.Mutex
	skew time.Duration // of the receiver's clock
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newRig(t testing.TB, change ...func(*Options)) *rig {
	t.Helper()
	return newRigIn(t, t.TempDir(), change...)
}

func newRigIn(t testing.TB, dir string, change ...func(*Options)) *rig {
	t.Helper()
	r := &rig{t: t, log: new(lockedBuffer)}
	r.opts = Options{Dir: dir, Log: slog.New(slog.NewJSONHandler(r.log, nil)), clock: func() time.Time {
		r.mu.Lock()
		defer r.mu.Unlock()
		return time.Now().Add(r.skew)
	}}
	for _, f := range change {
		f(&r.opts)
	}
	r.start()
	t.Cleanup(func() {
		r.stop()
		if t.Failed() {
			t.Logf("receiver's log:\n%s", r.log)
		}
	})
	return r
}

func (r *rig) start() {
	r.t.Helper()
	s, err := Open(r.opts)
	if err != nil {
		r.t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	r.Server, r.http, r.url = s, s.HTTPServer(), "https://"+l.Addr().String()
	go r.http.ServeTLS(l, "", "")
}

// stop ends the receiver as a signal does.
func (r *rig) stop() {
	if err := r.http.Shutdown(context.Background()); err != nil {
		r.t.Error(err)
	}
	if err := r.Close(); err != nil {
		r.t.Error(err)
	}
}

func (r *rig) restart() {
	r.t.Helper()
	r.stop()
	r.start()
}

func (r *rig) advance(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skew += d
}

func (r *rig) key(organisation, role, name string) string {
	r.t.Helper()
	key, err := r.Admin().NewKey(r.t.Context(), organisation, role, name)
	if err != nil {
		r.t.Fatal(err)
	}
	return key
}

func (r *rig) makeCase(organisation, id string) {
	r.t.Helper()
	if _, err := r.Admin().CreateCase(r.t.Context(), organisation, id, ""); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) makeOrganisation(id string) {
	r.t.Helper()
	if err := r.Admin().CreateOrganisation(r.t.Context(), id); err != nil {
		r.t.Fatal(err)
	}
}

// query returns the rows of a query on receiver.db, columns joined by '|'.
func (r *rig) query(q string, args ...any) []string {
	r.t.Helper()
	rows, err := r.db.Query(q, args...)
	if err != nil {
		r.t.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		r.t.Fatal(err)
	}
	var out []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(string)
		}
		if err := rows.Scan(values...); err != nil {
			r.t.Fatal(err)
		}
		var text []string
		for _, v := range values {
			text = append(text, *v.(*string))
		}
		out = append(out, strings.Join(text, "|"))
	}
	if err := rows.Err(); err != nil {
		r.t.Fatal(err)
	}
	return out
}

// peer is an enrolled agent or engineer, speaking HTTP by hand.
type peer struct {
	*rig
	signer *trust.Signer
	tlsKey ed25519.PrivateKey
	me     upload.EnrollResponse
	client *http.Client
}

func newSigner(t testing.TB) *trust.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	return trust.NewSigner(s)
}

func newCSR(t testing.TB) (ed25519.PrivateKey, string) {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
}

// httpClient trusts the receiver's CA and shows a certificate, if any.
func (r *rig) httpClient(chain string, key ed25519.PrivateKey) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(r.serverCA.cert)
	conf := &tls.Config{RootCAs: pool, Time: r.opts.clock}
	if chain != "" {
		cert := tls.Certificate{PrivateKey: key}
		for rest := []byte(chain); ; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			cert.Certificate = append(cert.Certificate, block.Bytes)
		}
		conf.Certificates = []tls.Certificate{cert}
	}
	t := &http.Transport{TLSClientConfig: conf, ForceAttemptHTTP2: true}
	r.t.Cleanup(t.CloseIdleConnections)
	return &http.Client{Transport: t}
}

func (r *rig) anonymous() *peer { return &peer{rig: r, client: r.httpClient("", nil)} }

// enrollRequest is a right one for key.
func (r *rig) enrollRequest(signer *trust.Signer, key string) (upload.EnrollRequest, ed25519.PrivateKey) {
	r.t.Helper()
	k, err := upload.ParseEnrollmentKey(key)
	if err != nil {
		r.t.Fatal(err)
	}
	var nonce struct{ Nonce string }
	r.anonymous().json("POST", upload.PathNonce, nil, &nonce)
	sig, err := signer.Sign(trust.NamespaceEnroll, strings.NewReader(nonce.Nonce))
	if err != nil {
		r.t.Fatal(err)
	}
	tlsKey, csr := newCSR(r.t)
	return upload.EnrollRequest{
		Secret: k.WireSecret(), CSR: csr, Nonce: nonce.Nonce, Signature: string(sig),
		SigningKey: string(ssh.MarshalAuthorizedKey(signer.PublicKey())),
	}, tlsKey
}

func (r *rig) enrol(organisation, role, name string) *peer {
	r.t.Helper()
	return r.enrolSigner(newSigner(r.t), organisation, role, name)
}

func (r *rig) enrolSigner(signer *trust.Signer, organisation, role, name string) *peer {
	r.t.Helper()
	p := &peer{rig: r, signer: signer}
	var in upload.EnrollRequest
	in, p.tlsKey = r.enrollRequest(signer, r.key(organisation, role, name))
	r.anonymous().json("POST", upload.PathEnroll, in, &p.me)
	p.client = r.httpClient(p.me.Certificate, p.tlsKey)
	return p
}

// do sends a request; header is pairs.
func (p *peer) do(method, path string, body io.Reader, header ...string) (*http.Response, []byte) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := p.client.Do(r)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	return answer, b
}

// json exchanges JSON and fails unless the answer is a success.
func (p *peer) json(method, path string, in, out any, header ...string) {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	answer, b := p.do(method, path, body, header...)
	if answer.StatusCode/100 != 2 {
		p.t.Fatalf("%s %s: %s: %s", method, path, answer.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			p.t.Fatalf("%s %s: %v: %s", method, path, err, b)
		}
	}
}

// refused sends a request that must be answered by this problem and returns
// the body.
func (p *peer) refused(status int, code, method, path string, in any, header ...string) string {
	p.t.Helper()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			p.t.Fatal(err)
		}
		body = bytes.NewReader(b)
	}
	answer, b := p.do(method, path, body, header...)
	return p.isProblem(answer, b, status, code)
}

func (p *peer) isProblem(answer *http.Response, b []byte, status int, code string) string {
	p.t.Helper()
	what := answer.Request.Method + " " + answer.Request.URL.Path
	if answer.StatusCode != status {
		p.t.Fatalf("%s: %s: %s; want %d", what, answer.Status, b, status)
	}
	if answer.Request.Method == http.MethodHead {
		return ""
	}
	if ct := answer.Header.Get("Content-Type"); ct != "application/problem+json" {
		p.t.Fatalf("%s: content type %q: %s", what, ct, b)
	}
	var got upload.Problem
	if err := json.Unmarshal(b, &got); err != nil {
		p.t.Fatalf("%s: %v: %s", what, err, b)
	}
	if got.Code != code || got.Status != status || got.Title == "" {
		p.t.Fatalf("%s: %s; want %d %s", what, b, status, code)
	}
	return string(b)
}

func metadata(pairs ...string) string {
	var list []string
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, pairs[i]+" "+base64.StdEncoding.EncodeToString([]byte(pairs[i+1])))
	}
	return strings.Join(list, ",")
}

func hexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func casePath(id string) string { return strings.Replace(upload.PathCase, "{case}", id, 1) }

// create begins an upload and returns its path and offset.
func (p *peer) create(caseID string, wire []byte) (path string, offset int) {
	p.t.Helper()
	answer, b := p.do("POST", casePath(caseID)+"/uploads", nil, "Tus-Resumable", "1.0.0",
		"Upload-Length", strconv.Itoa(len(wire)), "Upload-Metadata", metadata("sha256", hexSum(wire)))
	if answer.StatusCode != http.StatusCreated {
		p.t.Fatalf("create: %s: %s", answer.Status, b)
	}
	offset, err := strconv.Atoi(answer.Header.Get("Upload-Offset"))
	if err != nil {
		p.t.Fatal(err)
	}
	return answer.Header.Get("Location"), offset
}

func (p *peer) patch(path string, offset int, part []byte) (*http.Response, []byte) {
	p.t.Helper()
	return p.do("PATCH", path, bytes.NewReader(part), "Tus-Resumable", "1.0.0", "Upload-Offset", strconv.Itoa(offset), "Content-Type", "application/offset+octet-stream")
}

// deliver sends wire bytes and waits for intake.
func (p *peer) deliver(caseID string, wire []byte) upload.Status {
	p.t.Helper()
	path, offset := p.create(caseID, wire)
	if offset < len(wire) {
		if answer, b := p.patch(path, offset, wire[offset:]); answer.StatusCode != http.StatusNoContent {
			p.t.Fatalf("patch: %s: %s", answer.Status, b)
		}
	}
	return p.await(path)
}

// await polls an upload's status until intake has decided.
func (p *peer) await(path string) (st upload.Status) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		p.json("GET", path+"/status", nil, &st)
		if st.State != upload.StateReceived && st.State != upload.StateVerifying {
			return st
		}
	}
	p.t.Fatalf("intake does not end: %+v", st)
	return st
}

// pack makes a bundle: path below data/app to content.
type packing struct {
	organisation, caseID, id string
	entries                  map[string]string
	reason                   string
	report                   string // report.json
}

func (r *rig) pack(signer *trust.Signer, p packing) []byte {
	r.t.Helper()
	if p.organisation == "" {
		p.organisation = DefaultOrganisation
	}
	if p.id == "" {
		p.id = newBundleID(r.t)
	}
	if p.entries == nil {
		p.entries = map[string]string{"app.log": strings.Repeat("2026-11-01T10:00:00Z INFO service started\n", 50)}
	}
	w, err := manifest.NewWriter(manifest.WriterOptions{Scratch: r.t.TempDir()})
	if err != nil {
		r.t.Fatal(err)
	}
	defer w.Close()
	src, err := w.Source("app", manifest.Event)
	if err != nil {
		r.t.Fatal(err)
	}
	for name, content := range p.entries {
		if _, err := src.Add(name, time.Unix(1700000000, 0), strings.NewReader(content), nil); err != nil {
			r.t.Fatal(err)
		}
	}
	var out bytes.Buffer
	_, err = w.Finish(r.t.Context(), &out, manifest.Head{
		Version: 1, BundleID: p.id, Name: p.caseID + "_testhost_20261101T100000Z",
		Organisation: p.organisation, Case: p.caseID, Host: "testhost", Created: time.Now().UTC(),
		Tool: manifest.Tool{Name: "diagcollect", Version: "test", Rules: "1"}, PseudonymKey: "abcdefgh",
		Recipes:  []manifest.RecipeRef{{Name: "test", SHA256: hexSum([]byte("test")), Trust: "built-in"}},
		Outcomes: []manifest.SourceOutcome{{Source: "app", Type: manifest.Event, Outcome: manifest.OK, Reason: p.reason, Entries: len(p.entries)}},
	}, []byte(cmp.Or(p.report, `{"version":1,"redactions":{"password":3}}`+"\n")), signer)
	if err != nil {
		r.t.Fatal(err)
	}
	return out.Bytes()
}

func newBundleID(t testing.TB) string {
	t.Helper()
	id, err := uuid.NewV7()
	if err != nil {
		t.Fatal(err)
	}
	return id.String()
}

// wrapFor encrypts to the receiver's intake key, as a client does.
func (r *rig) wrapFor(clear []byte) []byte {
	r.t.Helper()
	to, err := age.ParseX25519Recipient(r.intake.Load().offer.Recipient)
	if err != nil {
		r.t.Fatal(err)
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := w.Write(clear); err != nil {
		r.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		r.t.Fatal(err)
	}
	return out.Bytes()
}

// copyTree copies a data directory as it is at this moment, which is what a
// crash leaves behind.
func copyTree(t testing.TB, from string) string {
	t.Helper()
	to := t.TempDir()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		if !d.Type().IsRegular() || strings.HasSuffix(rel, "-shm") {
			return nil
		}
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// found lists the files of a tree that hold text.
func found(t testing.TB, dir, text string) (files []string) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		n++
		b, err := os.ReadFile(path)
		if bytes.Contains(b, []byte(text)) || strings.Contains(path, text) {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		t.Fatalf("%s holds no file: nothing was looked at", dir)
	}
	return files
}

func wantContains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Fatalf("%q does not stand in: %s", p, text)
		}
	}
}
