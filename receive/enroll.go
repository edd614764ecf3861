package receive

import (
	"context"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"database/sql"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

const (
	enrolmentKeyLife = 24 * time.Hour
	nonceLife        = 5 * time.Minute
	renewGrace       = 24 * time.Hour // of the old certificate, should the answer be lost
)

// nonces gives out one-time nonces without keeping those that nobody uses: a
// nonce carries its end and a MAC under a key of this process. Used ones are
// remembered until their end.
type nonces struct {
	clock func() time.Time
	key   []byte
	mu    sync.Mutex
	used  map[string]time.Time
}

func newNonces(clock func() time.Time) *nonces {
	n := &nonces{clock: clock, key: make([]byte, 32), used: make(map[string]time.Time)}
	rand.Read(n.key)
	return n
}

func (n *nonces) mac(b []byte) []byte {
	m := hmac.New(sha256.New, n.key)
	m.Write(b)
	return m.Sum(nil)[:16]
}

func (n *nonces) make() string {
	b := binary.BigEndian.AppendUint64(nil, uint64(n.clock().Add(nonceLife).UnixMilli()))
	b = append(b, make([]byte, 16)...)
	rand.Read(b[8:])
	return base64.RawURLEncoding.EncodeToString(append(b, n.mac(b)...))
}

// take accepts each nonce once.
func (n *nonces) take(text string) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != 40 || !hmac.Equal(b[24:], n.mac(b[:24])) {
		return false
	}
	end, now := time.UnixMilli(int64(binary.BigEndian.Uint64(b))), n.clock()
	if !now.Before(end) {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for k, t := range n.used {
		if !now.Before(t) {
			delete(n.used, k)
		}
	}
	if _, twice := n.used[text]; twice {
		return false
	}
	n.used[text] = end
	return true
}

func (s *Server) nonce(w http.ResponseWriter, r *http.Request, _ *caller) error {
	if !s.limits.enrol.allow(source(r.RemoteAddr)) {
		return tooMany(10 * time.Second)
	}
	return reply(w, http.StatusOK, map[string]string{"nonce": s.nonces.make()})
}

// newEnrolmentKey makes a key and keeps the digest of its secret.
func (s *store) newEnrolmentKey(ctx context.Context, q querier, ca []byte, organisation, role, name string) (string, error) {
	k := upload.EnrollmentKey{CA: sha256.Sum256(ca)}
	rand.Read(k.Secret[:])
	now := s.now()
	_, err := q.ExecContext(ctx, `INSERT INTO enrolment_keys (digest, organisation, role, name, created, expires) VALUES (?, ?, ?, ?, ?, ?)`,
		digest([]byte(k.WireSecret())), organisation, role, name, stamp(now), stamp(now.Add(enrolmentKeyLife)))
	if err != nil {
		return "", err
	}
	return k.String(), nil
}

// enroll lets a key join the organisation of an enrolment key.
func (s *Server) enroll(w http.ResponseWriter, r *http.Request, _ *caller) error {
	ctx := r.Context()
	if !s.limits.enrol.allow(source(r.RemoteAddr)) {
		return tooMany(10 * time.Second)
	}
	var in upload.EnrollRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	public, err := certificateRequest(in.CSR)
	if err != nil {
		return err
	}
	signingKey, err := parseSigningKey(in.SigningKey)
	if err != nil {
		return err
	}
	if !s.nonces.take(in.Nonce) {
		return badRequest("the nonce is not one of this receiver, too old, or used")
	}
	if err := trust.VerifyKey(signingKey, trust.NamespaceEnroll, []byte(in.Signature), strings.NewReader(in.Nonce)); err != nil {
		return badRequest("signature over the nonce: %v", err)
	}
	var c *caller
	var leaf *x509.Certificate
	var refusal error
	err = s.tx(ctx, func(tx *sql.Tx) error {
		c, leaf, refusal, err = s.join(ctx, tx, in.Secret, signingKey, public)
		if err != nil {
			return err
		}
		l := auditLine{who: source(r.RemoteAddr), role: "unknown", action: "enrol", result: allowed, object: ssh.FingerprintSHA256(signingKey)}
		if refusal != nil {
			l.result, l.detail = denied, refusal.Error()
		} else {
			l.organisation, l.who, l.role, l.detail = c.organisation, c.agent, c.role, "from "+source(r.RemoteAddr)
		}
		return s.record(ctx, tx, l)
	})
	if err := errors.Join(err, refusal); err != nil {
		return err
	}
	s.log.Info("enrolled", "organisation", c.organisation, "agent", c.agent, "role", c.role, "name", c.name)
	out := s.membership(c)
	out.Certificate = s.agentCA.chain(leaf)
	return reply(w, http.StatusCreated, out)
}

// join uses up an enrolment key and puts the agent and its certificate on
// record. A refusal is no error of the transaction: it is recorded in it.
func (s *Server) join(ctx context.Context, tx *sql.Tx, secret string, signingKey ssh.PublicKey, public ed25519.PublicKey) (_ *caller, _ *x509.Certificate, refusal, err error) {
	now := s.now()
	c := new(caller)
	var expires, used int64
	sum := digest([]byte(secret))
	err = tx.QueryRowContext(ctx, `SELECT organisation, role, name, expires, used FROM enrolment_keys WHERE digest = ?`, sum).
		Scan(&c.organisation, &c.role, &c.name, &expires, &used)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil, keyRefused("it is not one of this receiver: a wrong character, or another receiver's"), nil
	case err != nil:
		return nil, nil, nil, err
	case used != 0:
		return nil, nil, keyRefused("it was used at " + unstamp(used).Format(time.RFC3339)), nil
	case !now.Before(unstamp(expires)):
		return nil, nil, keyRefused("it ended at " + unstamp(expires).Format(time.RFC3339)), nil
	}
	line := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signingKey)))
	// The same key joining again is the same agent.
	c.agent = agentID(c, line)
	var revoked int64
	err = tx.QueryRowContext(ctx, `SELECT revoked FROM agents WHERE id = ?`, c.agent).Scan(&revoked)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		_, err = tx.ExecContext(ctx, `INSERT INTO agents (id, organisation, role, name, signing_key, fingerprint, enrolled) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			c.agent, c.organisation, c.role, c.name, line, ssh.FingerprintSHA256(signingKey), stamp(now))
	case err == nil && revoked != 0:
		return nil, nil, keyRefused("the signing key was revoked here; a new one is needed"), nil
	}
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE enrolment_keys SET used = ? WHERE digest = ?`, stamp(now), sum); err != nil {
		return nil, nil, nil, err
	}
	leaf, err := s.certify(ctx, tx, c, public)
	return c, leaf, nil, err
}

func agentID(c *caller, signingKey string) string {
	sum := digest(label("agent", c.organisation, c.role, c.name, signingKey))
	return c.role + "-" + strings.ToLower(idEncoding.EncodeToString(sum[:10]))
}

// certify issues a certificate and puts it on record; c.expires becomes its
// end.
func (s *Server) certify(ctx context.Context, tx *sql.Tx, c *caller, public ed25519.PublicKey) (*x509.Certificate, error) {
	now := s.now()
	leaf, err := s.agentCA.issueAgent(now, c.agent, public)
	if err != nil {
		return nil, err
	}
	c.expires = leaf.NotAfter.UTC()
	_, err = tx.ExecContext(ctx, `INSERT INTO certificates (digest, agent, spki, issued, expires) VALUES (?, ?, ?, ?, ?)`,
		digest(leaf.Raw), c.agent, digest(leaf.RawSubjectPublicKeyInfo), stamp(now), stamp(c.expires))
	return leaf, err
}

// renew issues a certificate for a new key. The one in use ends a day later
// instead of at once: an answer that was lost must not lock an agent out.
func (s *Server) renew(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	var in upload.RenewRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	public, err := certificateRequest(in.CSR)
	if err != nil {
		return err
	}
	next := *c
	var leaf *x509.Certificate
	err = s.tx(ctx, func(tx *sql.Tx) error {
		spki, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			return err
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM certificates WHERE agent = ? AND spki = ?`, c.agent, digest(spki)).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return badRequest("renewal needs a new key")
		}
		if leaf, err = s.certify(ctx, tx, &next, public); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE certificates SET expires = min(expires, ?) WHERE agent = ? AND digest <> ?`,
			stamp(s.now().Add(renewGrace)), c.agent, digest(leaf.Raw)); err != nil {
			return err
		}
		return s.record(ctx, tx, c.line("renew"))
	})
	if err != nil {
		return err
	}
	out := s.membership(&next)
	out.Certificate = s.agentCA.chain(leaf)
	return reply(w, http.StatusCreated, out)
}

func (s *Server) whoAmI(w http.ResponseWriter, _ *http.Request, c *caller) error {
	return reply(w, http.StatusOK, s.membership(c))
}

func (s *Server) membership(c *caller) *upload.EnrollResponse {
	return &upload.EnrollResponse{
		Agent:        c.agent,
		Role:         c.role,
		Organisation: c.organisation,
		ServerCA:     pemCertificate(s.serverCA.cert.Raw),
		Intake:       s.intake.Load().offer,
		ReceiptKey:   strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.receipts.PublicKey()))),
		Principal:    s.principal(),
		Expires:      c.expires,
	}
}

// certificateRequest takes nothing from a request but its key, which must be
// Ed25519 and proven.
func certificateRequest(text string) (ed25519.PublicKey, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE REQUEST" || strings.TrimSpace(string(rest)) != "" {
		return nil, badRequest("csr: not one PEM certificate request")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, badRequest("csr: %v", err)
	}
	public, ok := csr.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, badRequest("csr: the key must be Ed25519")
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, badRequest("csr: %v", err)
	}
	return public, nil
}

func parseSigningKey(text string) (ssh.PublicKey, error) {
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil || len(options) > 0 || strings.TrimSpace(string(rest)) != "" {
		return nil, badRequest("signing_key: not one public key in authorized_keys form")
	}
	return key, nil
}

// signersOf are the keys allowed to sign bundles of an organisation now: those
// of its agents that are not revoked.
func (s *store) signersOf(ctx context.Context, organisation string) (*trust.AllowedSigners, error) {
	var b strings.Builder
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		var id, key string
		err := rows.Scan(&id, &key)
		writeSigner(&b, id, key)
		return err
	}, `SELECT id, signing_key FROM agents WHERE organisation = ? AND role = 'agent' AND revoked = 0`, organisation)
	if err != nil {
		return nil, err
	}
	return trust.ParseAllowedSigners("agents of "+organisation, strings.NewReader(b.String()))
}

func writeSigner(b *strings.Builder, principal, key string) {
	fmt.Fprintf(b, "%s namespaces=%q %s\n", principal, trust.NamespaceManifest, key)
}
