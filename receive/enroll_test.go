package receive

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

func TestFirstStart(t *testing.T) {
	r := newRig(t)
	if !r.FirstStart() {
		t.Error("a new data directory is no first start")
	}
	if len(r.Warnings()) != 1 || !strings.Contains(r.Warnings()[0], "master.key") {
		t.Errorf("warnings: %q", r.Warnings())
	}
	ca := r.CAFingerprint()
	key := r.key("", "agent", "")
	k, err := upload.ParseEnrollmentKey(key)
	if err != nil {
		t.Fatal(err)
	}
	if hex.EncodeToString(k.CA[:]) != ca {
		t.Error("the enrolment key names another CA")
	}
	for _, secret := range []string{key, k.WireSecret(), string(k.Secret[:])} {
		if files := found(t, r.dir, secret); len(files) > 0 {
			t.Errorf("the enrolment secret stands in %v", files)
		}
	}
	receipt := r.principal()
	r.restart()
	if r.FirstStart() {
		t.Error("the second start is a first start")
	}
	if r.CAFingerprint() != ca || r.principal() != receipt {
		t.Error("keys changed at the second start")
	}
}

func TestServedChainIncludesCA(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Names = []string{"logs.example.com", "192.0.2.7"} })
	conn, err := tls.Dial("tcp", strings.TrimPrefix(r.url, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	chain := conn.ConnectionState().PeerCertificates
	sum := sha256.Sum256(chain[len(chain)-1].Raw)
	if hex.EncodeToString(sum[:]) != r.CAFingerprint() {
		t.Error("the last certificate of the chain is not the CA")
	}
	for _, name := range []string{"logs.example.com", "192.0.2.7", "localhost", "127.0.0.1", "::1"} {
		if err := chain[0].VerifyHostname(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := tls.Dial("tcp", strings.TrimPrefix(r.url, "https://"), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}); err == nil {
		t.Error("TLS 1.2 is spoken")
	}
}

func TestServerCertificateFollowsNamesAndTime(t *testing.T) {
	r := newRig(t)
	serial := func() string { return r.cert.Load().Leaf.SerialNumber.String() }
	first := serial()
	r.restart()
	if serial() != first {
		t.Error("a restart alone made a new certificate")
	}
	r.opts.Names = []string{"logs.example.com"}
	r.restart()
	second := serial()
	if second == first {
		t.Error("another name made no new certificate")
	}
	r.advance(serverLife * 3 / 4)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if serial() == second {
		t.Error("near its end the certificate was not replaced")
	}
}

func TestIntakeKeyRotates(t *testing.T) {
	r := newRig(t)
	first := r.intake.Load().offer
	r.advance(intakeLife - intakeRenew + time.Hour)
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	now := r.intake.Load()
	if now.offer.ID == first.ID || len(now.ids) != 2 {
		t.Errorf("offered %s after %s, %d identities", now.offer.ID, first.ID, len(now.ids))
	}
	if err := r.tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.intake.Load().offer != now.offer {
		t.Error("made another one at once")
	}
}

func TestEnrol(t *testing.T) {
	r := newRig(t)
	p := r.enrol("", "agent", "")
	if p.me.Organisation != "default" || p.me.Role != "agent" || p.me.Agent == "" {
		t.Errorf("answer: %+v", p.me)
	}
	block, _ := pem.Decode([]byte(p.me.Certificate))
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if leaf.Subject.CommonName != p.me.Agent || len(leaf.ExtKeyUsage) != 1 || leaf.ExtKeyUsage[0] != x509.ExtKeyUsageClientAuth || len(leaf.DNSNames) > 0 {
		t.Errorf("certificate: %v %v", leaf.Subject, leaf.ExtKeyUsage)
	}
	if d := time.Until(leaf.NotAfter); d < 89*24*time.Hour || d > 90*24*time.Hour {
		t.Errorf("it lives %v", d)
	}
	if leaf.CheckSignatureFrom(r.serverCA.cert) == nil {
		t.Error("an agent's certificate is signed by the server CA")
	}
	var me upload.EnrollResponse
	p.json("GET", upload.PathWhoAmI, nil, &me)
	if me.Certificate != "" || me.Agent != p.me.Agent || me.Intake.Recipient == "" || !me.Expires.Equal(leaf.NotAfter) {
		t.Errorf("whoami: %+v", me)
	}
	if _, _, _, _, err := ssh.ParseAuthorizedKey([]byte(me.ReceiptKey)); err != nil {
		t.Error(err)
	}
	r.anonymous().refused(401, upload.CodeUnauthorised, "GET", upload.PathWhoAmI, nil)

	// The same key joining again is the same agent.
	if again := r.enrolSigner(p.signer, "", "agent", ""); again.me.Agent != p.me.Agent {
		t.Errorf("enrolled again as %s, was %s", again.me.Agent, p.me.Agent)
	}
}

func TestEnrolRefuses(t *testing.T) {
	r := newRig(t)
	signer := newSigner(t)
	key := r.key("", "agent", "")
	good, _ := r.enrollRequest(signer, key)
	anon := r.anonymous()

	ecKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, ecKey)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		change func(*upload.EnrollRequest)
		status int
		code   string
	}{
		"csr of another kind":      {func(q *upload.EnrollRequest) { q.CSR = pemText("CERTIFICATE REQUEST", der) }, 400, upload.CodeBadRequest},
		"no csr":                   {func(q *upload.EnrollRequest) { q.CSR = "" }, 400, upload.CodeBadRequest},
		"two csrs":                 {func(q *upload.EnrollRequest) { q.CSR += q.CSR }, 400, upload.CodeBadRequest},
		"no signing key":           {func(q *upload.EnrollRequest) { q.SigningKey = "" }, 400, upload.CodeBadRequest},
		"signing key with options": {func(q *upload.EnrollRequest) { q.SigningKey = `command="x" ` + q.SigningKey }, 400, upload.CodeBadRequest},
		"made-up nonce":            {func(q *upload.EnrollRequest) { q.Nonce = strings.Repeat("A", len(q.Nonce)) }, 400, upload.CodeBadRequest},
		"signature by another key": {func(q *upload.EnrollRequest) {
			q.SigningKey = string(ssh.MarshalAuthorizedKey(newSigner(t).PublicKey()))
		}, 400, upload.CodeBadRequest},
		"signature of another domain": {func(q *upload.EnrollRequest) { q.Signature = sign(t, signer, trust.NamespaceManifest, q.Nonce) }, 400, upload.CodeBadRequest},
		"wrong secret":                {func(q *upload.EnrollRequest) { q.Secret = strings.Repeat("0", 26) }, 403, upload.CodeKeyRefused},
	} {
		t.Run(name, func(t *testing.T) {
			q, _ := r.enrollRequest(signer, key)
			tc.change(&q)
			anon.refused(tc.status, tc.code, "POST", upload.PathEnroll, q)
		})
	}
	if n := r.query(`SELECT count(*) FROM agents`); n[0] != "0" {
		t.Fatalf("%s agents are enrolled", n[0])
	}
	anon.json("POST", upload.PathEnroll, good, nil) // none of that used the key up

	anon.refused(400, upload.CodeBadRequest, "POST", upload.PathEnroll, good) // the nonce
	again, _ := r.enrollRequest(signer, key)
	wantContains(t, anon.refused(403, upload.CodeKeyRefused, "POST", upload.PathEnroll, again), "it was used")

	late := r.key("", "agent", "")
	r.advance(enrolmentKeyLife + time.Second)
	q, _ := r.enrollRequest(signer, late)
	wantContains(t, anon.refused(403, upload.CodeKeyRefused, "POST", upload.PathEnroll, q), "it ended")

	old, _ := r.enrollRequest(signer, r.key("", "agent", ""))
	r.advance(nonceLife + time.Second)
	anon.refused(400, upload.CodeBadRequest, "POST", upload.PathEnroll, old)

	if lines := r.query(`SELECT result FROM audit WHERE action = 'enrol' ORDER BY seq`); len(lines) < 4 {
		t.Errorf("audit of enrolment: %v", lines)
	}
}

func pemText(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func sign(t testing.TB, s *trust.Signer, namespace, text string) string {
	t.Helper()
	sig, err := s.Sign(namespace, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return string(sig)
}

func TestEnrolmentIsRateLimited(t *testing.T) {
	r := newRig(t)
	anon := r.anonymous()
	for range 200 {
		answer, b := anon.do("POST", upload.PathNonce, nil)
		if answer.StatusCode == http.StatusTooManyRequests {
			anon.isProblem(answer, b, 429, upload.CodeTooManyRequests)
			if answer.Header.Get("Retry-After") == "" {
				t.Error("no Retry-After")
			}
			return
		}
	}
	t.Error("200 attempts were answered")
}

func TestRenew(t *testing.T) {
	r := newRig(t)
	p := r.enrol("", "agent", "")
	key, csr := newCSR(t)
	var next upload.EnrollResponse
	p.json("POST", upload.PathRenew, upload.RenewRequest{CSR: csr}, &next)
	p.refused(400, upload.CodeBadRequest, "POST", upload.PathRenew, upload.RenewRequest{CSR: csr})
	renewed := &peer{rig: r, client: r.httpClient(next.Certificate, key)}
	var me upload.EnrollResponse
	renewed.json("GET", upload.PathWhoAmI, nil, &me)
	if me.Agent != p.me.Agent {
		t.Errorf("renewed as %s, was %s", me.Agent, p.me.Agent)
	}
	p.json("GET", upload.PathWhoAmI, nil, nil) // should the answer have been lost
	r.advance(renewGrace + time.Second)
	p.refused(401, upload.CodeUnauthorised, "GET", upload.PathWhoAmI, nil)
	renewed.json("GET", upload.PathWhoAmI, nil, nil)
}

func TestStandingIsReadAtEachRequest(t *testing.T) {
	r := newRig(t)
	p := r.enrol("", "agent", "")
	p.json("GET", upload.PathWhoAmI, nil, nil)
	if err := r.Admin().Revoke(t.Context(), p.me.Agent); err != nil {
		t.Fatal(err)
	}
	// The connection is the same; the standing is not.
	wantContains(t, p.refused(401, upload.CodeUnauthorised, "GET", upload.PathWhoAmI, nil), "revoked")
	if got := r.query(`SELECT result FROM audit WHERE who = ? AND action = 'GET /v1/whoami'`, p.me.Agent); len(got) != 1 || got[0] != denied {
		t.Errorf("denial on record: %v", got)
	}
	// A new enrolment key does not rehabilitate a revoked signing key.
	q, _ := r.enrollRequest(p.signer, r.key("", "agent", ""))
	r.anonymous().refused(403, upload.CodeKeyRefused, "POST", upload.PathEnroll, q)

	// A certificate of the agent CA that is not on record is nobody's.
	key, _ := newCSR(t)
	leaf, err := r.agentCA.issueAgent(time.Now(), p.me.Agent, key.Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	stray := &peer{rig: r, client: r.httpClient(r.agentCA.chain(leaf), key)}
	stray.refused(401, upload.CodeUnauthorised, "GET", upload.PathWhoAmI, nil)
}

func TestWebPagesAndOverridesAreRefused(t *testing.T) {
	r := newRig(t)
	p := r.enrol("", "agent", "")
	p.refused(403, upload.CodeForbidden, "GET", upload.PathWhoAmI, nil, "Origin", "https://evil.example")
	p.refused(400, upload.CodeBadRequest, "GET", upload.PathWhoAmI, nil, "X-HTTP-Method-Override", "DELETE")
	p.refused(404, upload.CodeUnknown, "GET", "/nothing", nil)
	p.refused(404, upload.CodeUnknown, "POST", upload.PathWhoAmI, nil)
	answer, b := p.do("POST", upload.PathRenew, bytes.NewReader(bytes.Repeat([]byte(" "), maxBody+1)))
	p.isProblem(answer, b, 400, upload.CodeBadRequest)
}
