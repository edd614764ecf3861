package upload

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/trust"
	"golang.org/x/crypto/ssh"
)

// Enroll joins the receiver at url with an enrolment key ("dce1-...", with or
// without the organisation part after "#", which is stored and never sent).
// It checks the CA's fingerprint before a byte of the secret is sent, allows
// the receiver's receipt key in home's allowed_signers, and stores the
// endpoint under name (the URL, or Embedded).
func (e *Endpoints) Enroll(ctx context.Context, home *trust.Home, signer *trust.Signer, name, url, key string) (*Client, error) {
	k, err := ParseEnrollmentKey(key)
	if err != nil {
		return nil, err
	}
	base, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	if name == "" {
		name = url
	}
	if name, err = endpointName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()

	// Whoever answers on this connection has proven to be the CA's server.
	pinned := &caller{http: newHTTP(trustFingerprint(k.CA, base.Hostname())), base: base}
	defer pinned.http.CloseIdleConnections()

	var nonce struct {
		Nonce string `json:"nonce"`
	}
	if _, err := pinned.call(ctx, http.MethodPost, PathNonce, nil, &nonce); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	if len(nonce.Nonce) < 16 || len(nonce.Nonce) > 256 {
		return nil, fmt.Errorf("enrol: %s: %w: nonce of %d characters", base, ErrNotAuthentic, len(nonce.Nonce))
	}
	signature, err := signer.Sign(trust.NamespaceEnroll, strings.NewReader(nonce.Nonce))
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	tlsKey, csr, err := newRequest()
	if err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	ep := &endpoint{Version: endpointVersion, Name: name, URL: base.String(), Enrolled: time.Now().UTC(), Signer: signer.Fingerprint()}
	request := EnrollRequest{
		Secret: k.WireSecret(), CSR: csr, Nonce: nonce.Nonce, Signature: string(signature),
		SigningKey: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))),
	}
	if _, err := pinned.call(ctx, http.MethodPost, PathEnroll, request, &ep.EnrollResponse); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	if err := ep.accept(tlsKey); err != nil {
		return nil, fmt.Errorf("enrol: answer of %s: %w", base, err)
	}
	if fingerprint(ep.ca) != fmt.Sprintf("%x", k.CA) {
		return nil, fmt.Errorf("enrol: answer of %s: %w: it names another CA than the enrolment key", base, ErrNotAuthentic)
	}

	if err := home.Allow(ep.Principal, ep.receipt, trust.NamespaceReceipt, trust.NamespaceDeletion); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	if err := e.locked(func() error { return e.write(ep) }); err != nil {
		return nil, fmt.Errorf("enrol: %w", err)
	}
	// Last, because the one-time secret is used up by now: what can go wrong
	// here must not cost the enrolment.
	if len(k.OrganisationSecret) > 0 {
		if err := home.SetOrganisationSecret(ep.Organisation, k.OrganisationSecret); err != nil {
			return nil, fmt.Errorf("enrolled with %s, but the organisation part of the key was not taken: %w", base, err)
		}
	}
	return newClient(e, home, ep, base), nil
}

// accept checks an answer of /v1/enroll or /v1/renew against the key that the
// certificate was asked for.
func (ep *endpoint) accept(key ed25519.PrivateKey) (err error) {
	if ep.Key, err = encodeKey(key); err != nil {
		return err
	}
	if err := ep.parse(); err != nil {
		return fmt.Errorf("%w: %w", ErrNotAuthentic, err)
	}
	if now := time.Now(); now.After(ep.cert.Leaf.NotAfter) {
		return fmt.Errorf("the certificate ended at %s, and this machine's clock says %s", stamp(ep.cert.Leaf.NotAfter), stamp(now))
	}
	return nil
}

// renew gets a new certificate for a new key. Of several processes one asks;
// the others find what it got.
func (c *Client) renew(ctx context.Context) error {
	return c.store.locked(func() error {
		if now, err := c.store.read(c.store.path(c.name)); err == nil && !aging(now) {
			c.use(now)
			return nil
		}
		key, csr, err := newRequest()
		if err != nil {
			return fmt.Errorf("renew certificate: %w", err)
		}
		var answer EnrollResponse
		if _, err := c.caller().call(ctx, http.MethodPost, PathRenew, RenewRequest{csr}, &answer); err != nil {
			return fmt.Errorf("renew certificate: %w", err)
		}
		next := *c.endpoint()
		next.Certificate, next.Expires = answer.Certificate, answer.Expires
		if err := next.accept(key); err != nil {
			return fmt.Errorf("renew certificate: answer of %s: %w", c.URL(), err)
		}
		if err := c.store.write(&next); err != nil {
			return fmt.Errorf("renew certificate: %w", err)
		}
		c.use(&next)
		return nil
	})
}

// aging says that less than a third of the certificate's life is left.
func aging(ep *endpoint) bool {
	leaf := ep.cert.Leaf
	return time.Until(leaf.NotAfter) < leaf.NotAfter.Sub(leaf.NotBefore)/3
}

// refresh takes over what whoami says anew, and refuses what may not change
// behind our back.
func (c *Client) refresh(now EnrollResponse) error {
	ep := c.endpoint()
	if now.Agent != ep.Agent || now.Organisation != ep.Organisation {
		return fmt.Errorf("%s: %w: it takes us for agent %q of %q, and we enrolled as %q of %q", c.URL(), ErrNotAuthentic,
			foreign(now.Agent), foreign(now.Organisation), ep.Agent, ep.Organisation)
	}
	receipt, err := parseSSH(now.ReceiptKey)
	if err != nil {
		return fmt.Errorf("%s: %w", c.URL(), err)
	}
	if !bytes.Equal(receipt.Marshal(), ep.receipt.Marshal()) {
		return fmt.Errorf("%s: %w: its receipt key is %s now, and was %s when we enrolled", c.URL(), ErrNotAuthentic,
			ssh.FingerprintSHA256(receipt), ssh.FingerprintSHA256(ep.receipt))
	}
	if _, err := now.Intake.Key(); err != nil {
		return fmt.Errorf("%s: %w", c.URL(), err)
	}
	if !now.Intake.Expires.IsZero() && time.Now().After(now.Intake.Expires) {
		return fmt.Errorf("%s: %w: its intake key %q ended at %s", c.URL(), ErrNotDelivered, foreign(now.Intake.ID), stamp(now.Intake.Expires))
	}
	if now.Intake == ep.Intake {
		return nil
	}
	return c.store.locked(func() error {
		stored, err := c.store.read(c.store.path(c.name))
		if err != nil {
			return err
		}
		stored.Intake, stored.Role = now.Intake, now.Role
		if err := c.store.write(stored); err != nil {
			return err
		}
		c.use(stored)
		return nil
	})
}

// expired says in time what the receiver's TLS would say unreadably.
func (c *Client) expired() error {
	if leaf := c.endpoint().cert.Leaf; time.Now().After(leaf.NotAfter) {
		return &RefusedError{Problem{
			Type: "about:blank", Status: http.StatusUnauthorized, Code: CodeUnauthorised,
			Title:  "this machine's certificate has ended",
			Detail: fmt.Sprintf("it was good for %s until %s", c.URL(), stamp(leaf.NotAfter)),
		}}
	}
	return nil
}

var errTooLong = errors.New("answer too long")
