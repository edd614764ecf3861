package upload

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/tus/tusd/v2/pkg/filestore"
	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/crypto/ssh"
	"golang.org/x/exp/slog"
)

// testReceiver is the other end: a real tusd behind real TLS with client
// certificates, and of a receiver's rest as much as makes an exchange whole.
// What it answers in a test's own way goes through intercept.
type testReceiver struct {
	t        testing.TB
	dir      string // of tusd
	key      *EnrollmentKey
	age      *age.X25519Identity
	receipts *trust.Signer
	serverCA *authority
	agentCA  *authority
	srv      *httptest.Server

	mu        sync.Mutex
	nonce     string
	lifetime  time.Duration // of certificates
	intercept func(w http.ResponseWriter, r *http.Request) bool
	status    func(Status) Status // alters a status; nil: as it is
	receipt   func(*Receipt)      // alters a receipt before it is signed
	state     string              // of every case
	free      int64
	requests  []string // method and path, in order
	offsets   []string // Upload-Offset of each PATCH
	received  int64    // bytes of bodies that reached us
	bundleIDs map[string]string
}

const testOrganisation, testAgent = "acme", "agent-1"

type authority struct {
	cert *x509.Certificate
	key  ed25519.PrivateKey
}

func newAuthority(t testing.TB, name string) *authority {
	t.Helper()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, DNSNames: []string{name},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, pub, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

func (a *authority) issue(t testing.TB, pub any, tmpl *x509.Certificate) []byte {
	t.Helper()
	tmpl.SerialNumber = big.NewInt(time.Now().UnixNano())
	if tmpl.NotBefore.IsZero() {
		tmpl.NotBefore = time.Now().Add(-time.Minute)
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, a.cert, pub, a.key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// serverCertificate is one for names, with the CA behind it.
func (a *authority) serverCertificate(t testing.TB, notAfter time.Time, ips []net.IP, names ...string) tls.Certificate {
	t.Helper()
	pub, key, _ := ed25519.GenerateKey(rand.Reader)
	der := a.issue(t, pub, &x509.Certificate{
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: notAfter, IPAddresses: ips, DNSNames: names,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	return tls.Certificate{Certificate: [][]byte{der, a.cert.Raw}, PrivateKey: key}
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func newTestReceiver(t testing.TB) *testReceiver {
	t.Helper()
	_, seed, _ := ed25519.GenerateKey(rand.Reader)
	signer, err := ssh.NewSignerFromKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	s := &testReceiver{
		t: t, dir: t.TempDir(), key: newTestKey(t, true), receipts: trust.NewSigner(signer),
		serverCA: newAuthority(t, "server CA"), agentCA: newAuthority(t, "agent CA"),
		lifetime: 90 * 24 * time.Hour, state: "open", free: 1 << 40, bundleIDs: map[string]string{},
	}
	s.key.CA = sha256.Sum256(s.serverCA.cert.Raw)
	if s.age, err = age.GenerateX25519Identity(); err != nil {
		t.Fatal(err)
	}
	s.srv = httptest.NewUnstartedServer(s.handler())
	clients := x509.NewCertPool()
	clients.AddCert(s.agentCA.cert)
	s.srv.TLS = &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: clients,
		Certificates: []tls.Certificate{s.serverCA.serverCertificate(t, time.Now().Add(time.Hour), []net.IP{net.IPv4(127, 0, 0, 1)}, "receiver.example")},
	}
	s.srv.Config.ErrorLog = discardLog()
	s.srv.EnableHTTP2 = true
	s.srv.StartTLS()
	t.Cleanup(s.srv.Close)
	return s
}

// set changes the receiver's ways while it runs.
func (s *testReceiver) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func (s *testReceiver) handler() http.Handler {
	composer := handler.NewStoreComposer()
	filestore.New(s.dir).UseIn(composer)
	memorylocker.New().UseIn(composer)
	tus, err := handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, BasePath: "/v1/cases/C-1/uploads/", DisableDownload: true, DisableConcatenation: true,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), NetworkTimeout: 5 * time.Second,
		PreUploadCreateCallback: func(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
			return handler.HTTPResponse{}, handler.FileInfoChanges{ID: s.uploadID(hook.Upload.MetaData[MetaSHA256])}, nil
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+PathNonce, s.serveNonce)
	mux.HandleFunc("POST "+PathEnroll, s.serveEnroll)
	mux.HandleFunc("POST "+PathRenew, s.serveRenew)
	mux.HandleFunc("GET "+PathWhoAmI, func(w http.ResponseWriter, r *http.Request) { s.answer(w, s.identity()) })
	mux.HandleFunc("GET "+PathCase, func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("case") != "C-1" {
			s.problem(w, Problem{Status: 404, Code: CodeUnknownCase, Title: "no such case"})
			return
		}
		s.answer(w, CaseInfo{Case: "C-1", Organisation: testOrganisation, State: s.state, FreeBytes: s.free})
	})
	mux.HandleFunc("POST "+PathUploads, func(w http.ResponseWriter, r *http.Request) {
		meta := handler.ParseMetadataHeader(r.Header.Get("Upload-Metadata"))
		id := s.uploadID(meta[MetaSHA256])
		s.set(func() { s.bundleIDs[id] = meta[MetaBundleID] })
		if up, err := composer.Core.GetUpload(r.Context(), id); err == nil {
			info, _ := up.GetInfo(r.Context())
			w.Header().Set("Location", r.URL.Path+"/"+id)
			w.Header().Set("Upload-Offset", fmt.Sprint(info.Offset))
			w.WriteHeader(http.StatusOK)
			return
		}
		tus.Middleware(http.HandlerFunc(tus.PostFile)).ServeHTTP(w, r)
	})
	below := func(f http.HandlerFunc) http.Handler {
		return http.StripPrefix("/v1/cases/C-1/uploads", tus.Middleware(f))
	}
	mux.Handle("HEAD "+PathUploads+"/{id}", below(tus.HeadFile))
	mux.Handle("PATCH "+PathUploads+"/{id}", below(tus.PatchFile))
	mux.HandleFunc("GET "+PathStatus, func(w http.ResponseWriter, r *http.Request) { s.serveStatus(w, r, composer) })

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.requests = append(s.requests, r.Method+" "+r.URL.Path)
		if r.Method == http.MethodPatch {
			s.offsets = append(s.offsets, r.Header.Get("Upload-Offset"))
		}
		intercept := s.intercept
		s.mu.Unlock()
		r.Body = &countedBody{r.Body, s}
		if !strings.HasPrefix(r.URL.Path, "/v1/enroll") && len(r.TLS.PeerCertificates) == 0 {
			s.problem(w, Problem{Status: 401, Code: CodeUnauthorised, Title: "no certificate"})
			return
		}
		if intercept != nil && intercept(w, r) {
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// countedBody counts what arrives, so that a test can say that nothing was
// sent twice.
type countedBody struct {
	io.ReadCloser
	s *testReceiver
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.s.set(func() { b.s.received += int64(n) })
	return n, err
}

func (s *testReceiver) uploadID(sha string) string {
	return UploadID(testOrganisation, "C-1", testAgent, sha)
}

func (s *testReceiver) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		s.t.Error(err)
	}
}

func (s *testReceiver) problem(w http.ResponseWriter, p Problem) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p)
}

func (s *testReceiver) identity() EnrollResponse {
	return EnrollResponse{
		Agent: testAgent, Role: "agent", Organisation: testOrganisation, ServerCA: pemText("CERTIFICATE", s.serverCA.cert.Raw),
		Intake:     Intake{ID: "intake-1", Recipient: s.age.Recipient().String(), Expires: time.Now().Add(time.Hour).UTC().Truncate(time.Hour)},
		ReceiptKey: string(ssh.MarshalAuthorizedKey(s.receipts.PublicKey())), Principal: "receiver-test",
	}
}

func (s *testReceiver) serveNonce(w http.ResponseWriter, r *http.Request) {
	s.set(func() { s.nonce = hex.EncodeToString(randomBytes(16)) })
	s.answer(w, map[string]string{"nonce": s.nonce})
}

func (s *testReceiver) serveEnroll(w http.ResponseWriter, r *http.Request) {
	var in EnrollRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.problem(w, Problem{Status: 400, Code: CodeBadRequest, Title: err.Error()})
		return
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(in.SigningKey))
	if err == nil {
		err = trust.VerifyKey(key, trust.NamespaceEnroll, []byte(in.Signature), strings.NewReader(in.Nonce))
	}
	if err != nil || in.Nonce != s.nonce || in.Secret != s.key.WireSecret() {
		s.problem(w, Problem{Status: 403, Code: CodeKeyRefused, Title: "enrolment key refused"})
		return
	}
	s.answerCertificate(w, in.CSR)
}

func (s *testReceiver) serveRenew(w http.ResponseWriter, r *http.Request) {
	var in RenewRequest
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		s.problem(w, Problem{Status: 400, Code: CodeBadRequest, Title: err.Error()})
		return
	}
	s.answerCertificate(w, in.CSR)
}

func (s *testReceiver) answerCertificate(w http.ResponseWriter, csr string) {
	block, _ := pem.Decode([]byte(csr))
	req, err := x509.ParseCertificateRequest(block.Bytes)
	if err == nil {
		err = req.CheckSignature()
	}
	if err != nil {
		s.problem(w, Problem{Status: 400, Code: CodeBadRequest, Title: err.Error()})
		return
	}
	s.mu.Lock()
	end := time.Now().Add(s.lifetime)
	s.mu.Unlock()
	der := s.agentCA.issue(s.t, req.PublicKey, &x509.Certificate{NotAfter: end, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	out := s.identity()
	out.Certificate, out.Expires = pemText("CERTIFICATE", der), end
	s.answer(w, out)
}

// serveStatus is intake: it reads what tusd stored and signs for it.
func (s *testReceiver) serveStatus(w http.ResponseWriter, r *http.Request, composer *handler.StoreComposer) {
	id := r.PathValue("id")
	up, err := composer.Core.GetUpload(r.Context(), id)
	if err != nil {
		s.problem(w, Problem{Status: 404, Code: CodeUnknown, Title: "no such upload"})
		return
	}
	info, _ := up.GetInfo(r.Context())
	st := Status{ID: id, State: StateUploading, Offset: info.Offset, Size: info.Size}
	if info.Offset == info.Size {
		st = s.stored(st)
	}
	s.mu.Lock()
	alter := s.status
	s.mu.Unlock()
	if alter != nil {
		st = alter(st)
	}
	s.answer(w, st)
}

func (s *testReceiver) stored(st Status) Status {
	wire, err := os.ReadFile(filepath.Join(s.dir, st.ID))
	if err != nil {
		s.t.Error(err)
		return st
	}
	clear, err := decrypt(wire, s.age)
	if err != nil {
		st.State, st.Reason = StateRefused, err.Error()
		return st
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	receipt := &Receipt{
		Version: 1, Receiver: "receiver-test", Organisation: testOrganisation, Case: "C-1", BundleID: s.bundleIDs[st.ID], Agent: testAgent,
		SHA256: digest(clear), Size: int64(len(clear)), WireSHA256: digest(wire), WireSize: int64(len(wire)), Entries: 3,
		Received: time.Now().UTC(), Verdict: "stored",
	}
	if s.receipt != nil {
		s.receipt(receipt)
	}
	text, _ := json.Marshal(receipt)
	sig, err := s.receipts.Sign(trust.NamespaceReceipt, bytes.NewReader(text))
	if err != nil {
		s.t.Error(err)
	}
	st.State, st.Receipt = StateStored, &SignedText{Text: string(text), Signature: string(sig)}
	return st
}

func (s *testReceiver) count(request string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if strings.HasPrefix(r, request) {
			n++
		}
	}
	return n
}

// operator is one machine: keys, endpoints, spool.
type operator struct {
	home      *trust.Home
	signer    *trust.Signer
	endpoints *Endpoints
	spool     *Spool
	state     string
}

func newOperator(t testing.TB) *operator {
	t.Helper()
	o := &operator{state: t.TempDir()}
	var err error
	if o.home, err = trust.OpenHome(filepath.Join(t.TempDir(), "home")); err != nil {
		t.Fatal(err)
	}
	if o.signer, err = o.home.Signer(""); err != nil {
		t.Fatal(err)
	}
	if o.endpoints, err = OpenEndpoints(filepath.Join(t.TempDir(), "endpoints")); err != nil {
		t.Fatal(err)
	}
	if o.spool, err = OpenSpool(o.state); err != nil {
		t.Fatal(err)
	}
	return o
}

// enrolled joins an operator to a receiver; retries are quick.
func enrolled(t testing.TB, s *testReceiver) (*operator, *Client) {
	t.Helper()
	o := newOperator(t)
	c, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, "", s.srv.URL, s.key.String())
	if err != nil {
		t.Fatal(err)
	}
	quick(c)
	return o, c
}

func quick(c *Client) {
	c.pace.retry, c.pace.maxWait, c.pace.poll, c.pace.maxPoll = time.Millisecond, 5*time.Millisecond, time.Millisecond, 5*time.Millisecond
	c.pace.hello, c.pace.patience, c.pace.intake = time.Second, 5*time.Second, 5*time.Second
}

// hold puts a bundle of n random bytes into the spool, encrypted for the
// client's receiver and the operator, without consent.
func (o *operator) hold(t testing.TB, c *Client, n int) (*Item, []byte) {
	t.Helper()
	clear := randomBytes(n)
	d, err := o.spool.Create()
	if err != nil {
		t.Fatal(err)
	}
	intake, err := c.Intake().Key()
	if err != nil {
		t.Fatal(err)
	}
	own, err := o.home.Identity()
	if err != nil {
		t.Fatal(err)
	}
	w, err := age.Encrypt(d, intake, own.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(clear); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	i, err := d.Commit(Meta{
		BundleID: newBundleID(t), Case: "C-1", Organisation: testOrganisation, Endpoint: c.Name(), IntakeID: c.Intake().ID,
		Name: "C-1_host_20260102T150405Z.tar.zst", SHA256: digest(clear), Size: int64(n), Entries: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return i, clear
}

// queue is hold with consent.
func (o *operator) queue(t testing.TB, c *Client, n int) (*Item, []byte) {
	t.Helper()
	i, clear := o.hold(t, c, n)
	if err := o.spool.SetConsent(i, Consent{At: time.Now(), How: "flag", Endpoint: c.Name(), ReceiptKey: c.ReceiptKey()}); err != nil {
		t.Fatal(err)
	}
	return i, clear
}

func decrypt(wire []byte, identity age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(wire), identity)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func decodeMetadata(t testing.TB, header string) map[string]string {
	t.Helper()
	m := map[string]string{}
	for _, pair := range strings.Split(header, ",") {
		key, value, _ := strings.Cut(pair, " ")
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			t.Error(err)
		}
		m[key] = string(b)
	}
	return m
}

// discardLog is for servers whose lines are cut on purpose.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }

func decodeBody(rec *httptest.ResponseRecorder, v any) error {
	return json.NewDecoder(rec.Body).Decode(v)
}

func agentTemplate() *x509.Certificate {
	return &x509.Certificate{NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
}
