package upload

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/diagcollect/diagcollect/trust"
)

func TestEnroll(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	if c.Organisation() != testOrganisation || c.Agent() != testAgent || c.Name() != s.srv.URL || c.URL() != s.srv.URL {
		t.Errorf("%s of %s at %s, named %s", c.Agent(), c.Organisation(), c.URL(), c.Name())
	}
	if c.ReceiptKey() != s.receipts.Fingerprint() || c.CAFingerprint() != digest(s.serverCA.cert.Raw) {
		t.Errorf("receipt key %s, CA %s", c.ReceiptKey(), c.CAFingerprint())
	}
	secret, err := o.home.OrganisationSecret(testOrganisation)
	if err != nil || !bytes.Equal(secret, s.key.OrganisationSecret) {
		t.Errorf("organisation secret %x, %v", secret, err)
	}
	// Receipts and deletions, not manifests.
	signers, err := o.home.AllowedSigners()
	if err != nil {
		t.Fatal(err)
	}
	for namespace, want := range map[string]bool{trust.NamespaceReceipt: true, trust.NamespaceDeletion: true, trust.NamespaceManifest: false, trust.NamespaceRecipe: false} {
		sig, err := s.receipts.Sign(namespace, strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		proof, err := signers.Verify(namespace, sig, strings.NewReader("x"))
		if (err == nil) != want {
			t.Errorf("%s: %v", namespace, err)
		}
		if want && proof.Principal != "receiver-test" {
			t.Errorf("%s: by %s", namespace, proof.Principal)
		}
	}
	files, err := filepath.Glob(filepath.Join(o.endpoints.dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	if fi, err := os.Stat(files[0]); err != nil || runtime.GOOS != "windows" && fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi.Mode(), err)
	}

	again, err := o.endpoints.Client(o.home, "", "")
	if err != nil {
		t.Fatal(err)
	}
	info, err := again.Preflight(t.Context(), "C-1")
	if err != nil || info.Case != "C-1" {
		t.Errorf("%+v, %v", info, err)
	}
	if runtime.GOOS != "windows" {
		if err := os.Chmod(files[0], 0o640); err != nil {
			t.Fatal(err)
		}
		if _, err := o.endpoints.Client(o.home, "", ""); !errors.Is(err, trust.ErrUnsafe) {
			t.Errorf("a key that others may read: %v", err)
		}
	}
}

// Whoever answers in the receiver's place learns nothing of the key.
func TestEnrollPinsBeforeTheSecret(t *testing.T) {
	honest := newTestReceiver(t)
	local := []net.IP{net.IPv4(127, 0, 0, 1)}
	hour := time.Now().Add(time.Hour)
	stranger := newAuthority(t, "stranger")
	pinnedLeaf := stranger.serverCertificate(t, hour, local)
	chainOf := func(cert tls.Certificate, ders ...[]byte) tls.Certificate {
		return tls.Certificate{Certificate: append([][]byte{cert.Certificate[0]}, ders...), PrivateKey: cert.PrivateKey}
	}
	for _, tt := range []struct {
		name string
		cert tls.Certificate
		ca   []byte
		tls  uint16
		says string
		is   error
	}{
		{"other CA", stranger.serverCertificate(t, hour, local), honest.serverCA.cert.Raw, 0, "is not from the CA you enrolled with", ErrNotAuthentic},
		{"the CA shown, the leaf not from it", chainOf(stranger.serverCertificate(t, hour, local), honest.serverCA.cert.Raw), honest.serverCA.cert.Raw, 0, "is not from the CA you enrolled with", ErrNotAuthentic},
		{"the leaf pinned", pinnedLeaf, pinnedLeaf.Certificate[0], 0, "is not from the CA you enrolled with", ErrNotAuthentic},
		{"CA not shown", chainOf(honest.serverCA.serverCertificate(t, hour, local)), honest.serverCA.cert.Raw, 0, "is not from the CA you enrolled with", ErrNotAuthentic},
		{"another host", honest.serverCA.serverCertificate(t, hour, nil, "receiver.example", "r2.example"), honest.serverCA.cert.Raw, 0, "certificate is for receiver.example, r2.example, not 127.0.0.1", ErrNotAuthentic},
		{"ended", honest.serverCA.serverCertificate(t, time.Now().Add(-time.Hour), local), honest.serverCA.cert.Raw, 0, "and this machine's clock says", ErrNotAuthentic},
		{"TLS 1.2", honest.serverCA.serverCertificate(t, hour, local), honest.serverCA.cert.Raw, tls.VersionTLS12, "protocol version", ErrNotDelivered},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked atomic.Int32
			srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
			srv.TLS = &tls.Config{Certificates: []tls.Certificate{tt.cert}, MaxVersion: tt.tls}
			srv.Config.ErrorLog = discardLog()
			srv.StartTLS()
			defer srv.Close()
			o := newOperator(t)
			key := newTestKey(t, false)
			key.CA = sha256.Sum256(tt.ca)
			_, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, "", srv.URL, key.String())
			if !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if asked.Load() > 0 {
				t.Error("it was asked something")
			}
			if names, err := o.endpoints.List(); err != nil || len(names) > 0 {
				t.Errorf("left %v, %v", names, err)
			}
		})
	}
}

func TestEnrollErrors(t *testing.T) {
	s := newTestReceiver(t)
	other := newTestReceiver(t)
	wrong := *s.key
	wrong.Secret[0]++
	reply := func(path string, alter func(*EnrollResponse)) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			rec := httptest.NewRecorder()
			s.serveEnroll(rec, r)
			var out EnrollResponse
			if err := decodeBody(rec, &out); err != nil {
				t.Error(err)
			}
			alter(&out)
			s.answer(w, out)
			return true
		}
	}
	_, foreignKey, _ := ed25519.GenerateKey(rand.Reader)
	foreignCert := pemText("CERTIFICATE", s.agentCA.issue(t, foreignKey.Public(), agentTemplate()))
	for _, tt := range []struct {
		name, url, key string
		intercept      func(http.ResponseWriter, *http.Request) bool
		says           string
	}{
		{"wrong secret", s.srv.URL, wrong.String(), nil, "refused: enrolment key refused"},
		{"mistyped", s.srv.URL, s.key.String()[:79], nil, "is it complete?"},
		{"plain HTTP", "http://127.0.0.1:1", s.key.String(), nil, "the scheme must be https"},
		{"path", s.srv.URL + "/x", s.key.String(), nil, "want https://host"},
		{"password", "https://u:hush@127.0.0.1", s.key.String(), nil, "has no user or password"},
		{"nobody there", "https://127.0.0.1:1", s.key.String(), nil, "connect to https://127.0.0.1:1: not delivered: connection refused"},
		{"certificate for another key", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.Certificate = foreignCert }), "private key does not match"},
		{"another CA", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.ServerCA = pemText("CERTIFICATE", other.serverCA.cert.Raw) }), "names another CA"},
		{"principal that would be a line", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.Principal = "x namespaces=\"recipe@diagcollect\"" }), "cannot be the principal"},
		{"no intake key", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.Intake.Recipient = "age1" }), "intake key"},
		{"two receipt keys", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.ReceiptKey += e.ReceiptKey }), "more than one plain key"},
		{"organisation that is a path", s.srv.URL, s.key.String(), reply(PathEnroll, func(e *EnrollResponse) { e.Organisation = "../x" }), "organisation missing or malformed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.set(func() { s.intercept = tt.intercept })
			o := newOperator(t)
			_, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, "", tt.url, tt.key)
			if err == nil || !strings.Contains(err.Error(), tt.says) || strings.Contains(err.Error(), "hush") {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if names, err := o.endpoints.List(); err != nil || len(names) > 0 {
				t.Errorf("left %v, %v", names, err)
			}
		})
	}
}

// A machine that has another secret of the organisation keeps it, and is
// enrolled all the same.
func TestEnrollOtherOrganisationSecret(t *testing.T) {
	s := newTestReceiver(t)
	o := newOperator(t)
	if _, err := o.home.OrganisationSecret(testOrganisation); err != nil {
		t.Fatal(err)
	}
	_, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, "", s.srv.URL, s.key.String())
	if err == nil || !strings.Contains(err.Error(), "organisation part of the key was not taken") {
		t.Errorf("%v", err)
	}
	if _, err := o.endpoints.Client(o.home, s.srv.URL, ""); err != nil {
		t.Error(err)
	}
}

func TestEndpointsList(t *testing.T) {
	o := newOperator(t)
	if _, err := o.endpoints.Client(o.home, "", ""); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("%v", err)
	}
	if _, err := o.endpoints.Client(o.home, Embedded, "127.0.0.1:1"); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("%v", err)
	}
	a, b, e := newTestReceiver(t), newTestReceiver(t), newTestReceiver(t)
	join := func(s *testReceiver, name string) {
		t.Helper()
		key, _, _ := strings.Cut(s.key.String(), "#")
		if _, err := o.endpoints.Enroll(t.Context(), o.home, o.signer, name, s.srv.URL, key); err != nil {
			t.Fatal(err)
		}
	}
	join(e, Embedded)
	if _, err := o.endpoints.Client(o.home, "", ""); !errors.Is(err, ErrNotEnrolled) {
		t.Errorf("the embedded receiver is a default: %v", err)
	}
	join(a, "")
	join(b, "")
	join(e, Embedded)
	if names, err := o.endpoints.List(); err != nil || !equal(names, []string{b.srv.URL, a.srv.URL, Embedded}) {
		t.Errorf("%v, %v", names, err)
	}
	join(a, a.srv.URL+"/")
	if names, err := o.endpoints.List(); err != nil || !equal(names, []string{a.srv.URL, b.srv.URL, Embedded}) {
		t.Errorf("%v, %v", names, err)
	}
	c, err := o.endpoints.Client(o.home, Embedded, e.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Preflight(t.Context(), "C-1"); err != nil || c.Name() != Embedded {
		t.Errorf("%s: %v", c.Name(), err)
	}
	// One endpoint's name never opens another's door.
	crossed, err := o.endpoints.Client(o.home, b.srv.URL, a.srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := crossed.Preflight(t.Context(), ""); !errors.Is(err, ErrNotAuthentic) {
		t.Errorf("%v", err)
	}
}

func TestParseURL(t *testing.T) {
	for text, want := range map[string]string{
		"support.example":                   "https://support.example",
		"HTTPS://Support.Example:443/":      "https://support.example",
		"support.example:8443":              "https://support.example:8443",
		"https://[::1]:8443":                "https://[::1]:8443",
		"https://[2001:db8::1]":             "https://[2001:db8::1]",
		"127.0.0.1:9":                       "https://127.0.0.1:9",
		"":                                  "",
		"ftp://support.example":             "",
		"https://support.example?x":         "",
		"https://support.example/#y":        "",
		"https://u:p@support.example":       "",
		"https://support.example/api":       "",
		"https://u:secret@sup port.example": "",
	} {
		u, err := parseURL(text)
		if want == "" {
			if err == nil {
				t.Errorf("%q is %s", text, u)
			} else if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v", err)
			}
			continue
		}
		if err != nil || u.String() != want {
			t.Errorf("%q is %v, %v, want %s", text, u, err, want)
		}
	}
}

func TestPreflight(t *testing.T) {
	s := newTestReceiver(t)
	_, c := enrolled(t, s)
	whoami := func(alter func(*EnrollResponse, http.Header)) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != PathWhoAmI {
				return false
			}
			out := s.identity()
			alter(&out, w.Header())
			s.answer(w, out)
			return true
		}
	}
	date := func(d time.Duration) func(http.ResponseWriter, *http.Request) bool {
		return whoami(func(_ *EnrollResponse, h http.Header) { h.Set("Date", time.Now().Add(d).UTC().Format(http.TimeFormat)) })
	}
	other := newTestReceiver(t)
	for _, tt := range []struct {
		name, caseID string
		intercept    func(http.ResponseWriter, *http.Request) bool
		state        string
		free         int64
		code         string
		is           error
		says         string
	}{
		{name: "good", caseID: "C-1"},
		{name: "no case asked for"},
		{name: "clock a little off", caseID: "C-1", intercept: date(4 * time.Minute)},
		{name: "clock ahead", caseID: "C-1", intercept: date(-6 * time.Minute), says: "clock: this machine says"},
		{name: "clock behind", caseID: "C-1", intercept: date(6 * time.Minute), says: "clock: this machine says"},
		{name: "unknown case", caseID: "C-2", code: CodeUnknownCase, says: "no such case"},
		{name: "malformed case", caseID: "../x", says: "no case id"},
		{name: "closed case", caseID: "C-1", state: "closed", code: CodeClosedCase, says: "case C-1 is closed"},
		{name: "full", caseID: "C-1", free: 1, is: ErrNotDelivered, says: "no space left for case C-1"},
		{name: "revoked", intercept: func(w http.ResponseWriter, r *http.Request) bool {
			s.problem(w, Problem{Status: 401, Code: CodeUnauthorised, Title: "revoked"})
			return true
		}, code: CodeUnauthorised, says: "revoked"},
		{name: "another organisation", intercept: whoami(func(e *EnrollResponse, _ http.Header) { e.Organisation = "evil" }), is: ErrNotAuthentic, says: `of "evil"`},
		{name: "another receipt key", intercept: whoami(func(e *EnrollResponse, _ http.Header) { e.ReceiptKey = other.identity().ReceiptKey }), is: ErrNotAuthentic, says: "its receipt key is"},
		{name: "intake key ended", intercept: whoami(func(e *EnrollResponse, _ http.Header) { e.Intake.Expires = time.Now().Add(-time.Hour) }), is: ErrNotDelivered, says: "its intake key"},
		{name: "no JSON", intercept: func(w http.ResponseWriter, r *http.Request) bool { w.Write([]byte("<html>")); return true }, is: ErrNotDelivered, says: "answer"},
		{name: "endless answer", intercept: func(w http.ResponseWriter, r *http.Request) bool {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return true
				}
			}
		}, is: ErrNotDelivered, says: "answer too long"},
		{name: "broken server", intercept: func(w http.ResponseWriter, r *http.Request) bool {
			http.Error(w, "oops\x07", http.StatusInternalServerError)
			return true
		}, is: ErrNotDelivered, says: `internal server error: oops\a`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s.set(func() {
				s.intercept, s.state, s.free = tt.intercept, "open", 1<<40
				if tt.state != "" {
					s.state = tt.state
				}
				if tt.free != 0 {
					s.free = tt.free
				}
			})
			info, err := c.Preflight(t.Context(), tt.caseID)
			if tt.says == "" {
				if err != nil || (info == nil) != (tt.caseID == "") {
					t.Errorf("%+v, %v", info, err)
				}
				return
			}
			refused := (*RefusedError)(nil)
			if errors.As(err, &refused) != (tt.code != "") || refused != nil && refused.Problem.Code != tt.code {
				t.Errorf("%v, want code %q", err, tt.code)
			}
			if tt.is != nil && !errors.Is(err, tt.is) || err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
		})
	}
}

func TestPreflightTakesOverIntake(t *testing.T) {
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	other := newTestReceiver(t)
	s.set(func() { s.age = other.age })
	if _, err := c.Preflight(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	again, err := o.endpoints.Client(o.home, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []*Client{c, again} {
		if got := c.Intake().Recipient; got != other.age.Recipient().String() {
			t.Errorf("intake %s", got)
		}
	}
}

func TestPreflightRenews(t *testing.T) {
	s := newTestReceiver(t)
	s.lifetime = 20 * time.Second // of 80: less than a third is left
	o, c := enrolled(t, s)
	old := c.endpoint()
	second, err := o.endpoints.Client(o.home, "", "")
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.lifetime = 90 * 24 * time.Hour })

	// A renewal that cannot be had now is no reason to stop.
	s.set(func() {
		s.intercept = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path == PathRenew {
				http.Error(w, "", http.StatusServiceUnavailable)
			}
			return r.URL.Path == PathRenew
		}
	})
	if _, err := c.Preflight(t.Context(), "C-1"); err != nil || c.endpoint() != old {
		t.Fatal(err)
	}
	s.set(func() { s.intercept = nil })
	if _, err := c.Preflight(t.Context(), "C-1"); err != nil {
		t.Fatal(err)
	}
	renewed := c.endpoint()
	if renewed.Key == old.Key || !renewed.cert.Leaf.NotAfter.After(old.cert.Leaf.NotAfter) {
		t.Error("not a new key with a later certificate")
	}
	// The other process finds what the first one got.
	before := s.count("POST " + PathRenew)
	if _, err := second.Preflight(t.Context(), "C-1"); err != nil {
		t.Fatal(err)
	}
	if second.endpoint().Key != renewed.Key || s.count("POST "+PathRenew) != before {
		t.Error("renewed twice")
	}
	if _, err := c.Preflight(t.Context(), "C-1"); err != nil || s.count("POST "+PathRenew) != before {
		t.Errorf("renewed a fresh certificate; %v", err)
	}
}

func TestEndedCertificate(t *testing.T) {
	s := newTestReceiver(t)
	s.lifetime = time.Second
	o, c := enrolled(t, s)
	ep := *c.endpoint()
	leaf := *ep.cert.Leaf
	leaf.NotAfter = time.Now().Add(-time.Second)
	ep.cert.Leaf = &leaf
	c.use(&ep)
	refused := (*RefusedError)(nil)
	if _, err := c.Preflight(t.Context(), ""); !errors.As(err, &refused) || refused.Problem.Code != CodeUnauthorised {
		t.Errorf("%v", err)
	}
	item, _ := o.queue(t, c, 10)
	if _, err := c.Send(t.Context(), o.home, item, SendOptions{}); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}

// What people read when the way is blocked.
func TestUnreachable(t *testing.T) {
	s := newTestReceiver(t)
	o, _ := enrolled(t, s)
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	for _, tt := range []struct{ name, at, says string }{
		{"refused", "127.0.0.1:1", "connect to https://127.0.0.1:1: not delivered: connection refused"},
		{"no such name", "no-such-host.invalid", "connect to https://no-such-host.invalid: not delivered: no-such-host.invalid: "},
		{"no TLS", plain.Listener.Addr().String(), "without TLS"},
		{"silent", silent.Addr().String(), "no answer in time"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := o.endpoints.Client(o.home, "", tt.at)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			_, err = c.Preflight(ctx, "")
			if !errors.Is(err, ErrNotDelivered) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
		})
	}
}

// The proxy of the environment is used, but not for loopback.
func TestProxy(t *testing.T) {
	var asked atomic.Value
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.Method + " " + r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	t.Setenv("HTTPS_PROXY", proxy.URL)
	t.Setenv("NO_PROXY", "")
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	if _, err := c.Preflight(t.Context(), "C-1"); err != nil || asked.Load() != nil {
		t.Errorf("loopback through the proxy: %v, %v", asked.Load(), err)
	}
	far, err := o.endpoints.Client(o.home, "", "receiver.example")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := far.Preflight(t.Context(), ""); !errors.Is(err, ErrNotDelivered) || asked.Load() != "CONNECT receiver.example:443" {
		t.Errorf("%v, %v", asked.Load(), err)
	}
}

// The receipt on disk is proven without our code.
func TestReceiptByStockTools(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Fatal("ssh-keygen is needed: ", err)
	}
	s := newTestReceiver(t)
	o, c := enrolled(t, s)
	item, _ := o.queue(t, c, 1000)
	r, err := c.Send(t.Context(), o.home, item, SendOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.Open(r.Receipt)
	if err != nil {
		t.Fatal(err)
	}
	defer text.Close()
	cmd := exec.CommandContext(t.Context(), keygen, "-Y", "verify", "-f", o.home.AllowedSignersPath(), "-I", "receiver-test", "-n", trust.NamespaceReceipt, "-s", r.Receipt+".sig")
	cmd.Stdin = text
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestParseReceipt(t *testing.T) {
	for text, ok := range map[string]bool{
		`{"version":1,"case":"a"}`:                         true,
		`{"version":1,"new":{"case":[{"case":1},"case"]}}`: true,
		`{"version":1,"new":["a","a",["a"]],"x":null}`:     true,
		`{"version":2}`:                       false,
		`{}`:                                  false,
		`{"version":1,"case":"a","case":"a"}`: false,
		`{"version":1,"case":"a","Case":"b"}`: false,
		`{"version":1,"case":"a","ca` + "\u017f" + `e":1}`: false,
		`{"version":1,"x":{"y":1,"Y":2}}`:                  false,
		`{"version":1,"x":[{"y":1,"y":2}]}`:                false,
		`{"version":1} {"version":1}`:                      false,
		`{"version":1`:                                     false,
		`[]`:                                               false,
		``:                                                 false,
	} {
		if _, err := ParseReceipt([]byte(text)); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestUploadID(t *testing.T) {
	const sha = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	// A vector for other implementations.
	if got, want := UploadID("default", "DEMO-1", "agent-1", sha), "5e86c7c37d4544fa3ef1dc2ed9c2e521a757c92a7b62e10780db37f4326c63d8"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	seen := map[string]bool{}
	for _, p := range [][4]string{{"ab", "c", "d", sha}, {"a", "bc", "d", sha}, {"a", "b", "cd", sha}, {"ab", "c", "d", ""}, {"", "abc", "d", sha}} {
		id := UploadID(p[0], p[1], p[2], p[3])
		if seen[id] || len(id) != 64 {
			t.Errorf("%v: %s", p, id)
		}
		seen[id] = true
	}
}

func FuzzReadProblem(f *testing.F) {
	f.Add(404, "application/problem+json", []byte(`{"title":"no such case","status":200,"code":"unknown-case","detail":"x"}`))
	f.Add(500, "text/plain; charset=utf-8", []byte("oops\x1b[31m\u202e"))
	f.Add(0, "", []byte{0xff, 0xfe})
	f.Fuzz(func(t *testing.T, status int, contentType string, b []byte) {
		p := readProblem(status, contentType, bytes.NewReader(b))
		if p.Status != status || p.Title == "" || p.Code != "" && !problemCode.MatchString(p.Code) {
			t.Errorf("%+v", p)
		}
		for _, r := range (&RefusedError{p}).Error() {
			if r < ' ' || r == 0x7f || r == '\u202e' {
				t.Errorf("control character in %+v", p)
			}
		}
	})
}

func FuzzParseReceipt(f *testing.F) {
	f.Add([]byte(`{"version":1,"case":"a","retention":{"days_after_close":90}}`))
	f.Add([]byte(`{"version":1,"a":[{"b":[]},{}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := ParseReceipt(text); (r == nil) == (err == nil) {
			t.Errorf("%v, %v", r, err)
		}
	})
}

func TestExplainHidesNothing(t *testing.T) {
	base := &url.URL{Scheme: "https", Host: "h"}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := explain(ctx, base, context.Canceled); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotDelivered) {
		t.Error(err)
	}
	if err := explain(t.Context(), base, errors.New("odd")); !errors.Is(err, ErrNotDelivered) || !strings.Contains(err.Error(), "odd") {
		t.Error(err)
	}
}
