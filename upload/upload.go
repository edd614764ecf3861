// Package upload is the client of the wire protocol, version 1: it enrols,
// sends, resumes, and keeps the spool. (The specification of the protocol
// goes here.)
package upload

import (
	"context"
	"errors"

	"github.com/diagcollect/diagcollect/trust"
)

var errNotBuilt = errors.New("not built")

// Errors that callers branch on.
var (
	// ErrNotDelivered: the endpoint could not be reached or broke off; what
	// was to be sent is kept and sending can be resumed.
	ErrNotDelivered = errors.New("not delivered")
	// ErrNotAuthentic: the endpoint is not who it should be, or a receipt
	// does not prove what it says. It is trust's.
	ErrNotAuthentic = trust.ErrNotAuthentic
)

// RefusedError is the receiver's no.
type RefusedError struct{ Problem Problem }

func (e *RefusedError) Error() string { return e.Problem.Title }

// Endpoints keeps what enrolment with each receiver left: certificates, keys
// (0600), the receiver's answer. One folder below the configuration folder.
type Endpoints struct{}

// OpenEndpoints opens dir, which need not exist yet.
func OpenEndpoints(dir string) (*Endpoints, error) { return nil, errNotBuilt }

// List names the enrolled endpoints by URL; the default one (enrolled last)
// first. The embedded receiver stands under its own name "embedded", always
// last, and is never the default.
func (e *Endpoints) List() ([]string, error) { return nil, errNotBuilt }

// Embedded is the name of the endpoint in this process.
const Embedded = "embedded"

// Enroll joins the receiver at url with an enrolment key ("dce1-...", with or
// without the organisation part after "#", which is stored and never sent).
// It checks the CA's fingerprint before a byte of the secret is sent, allows
// the receiver's receipt key in home's allowed_signers, and stores the
// endpoint under name (the URL, or Embedded).
func (e *Endpoints) Enroll(ctx context.Context, home *trust.Home, signer *trust.Signer, name, url, key string) (*Client, error) {
	return nil, errNotBuilt
}

// Client opens an enrolled endpoint. url "" is the default one. For Embedded,
// at is the address where it listens now.
func (e *Endpoints) Client(home *trust.Home, name, at string) (*Client, error) {
	return nil, errNotBuilt
}

// Client speaks to one receiver as one agent. Its methods may be called at
// once.
type Client struct{}

// URL of the receiver; Organisation that the receiver enrolled us for.
func (c *Client) URL() string          { return "" }
func (c *Client) Organisation() string { return "" }

// Intake is the recipient of what is sent, kept fresh by Preflight.
func (c *Client) Intake() Intake { return Intake{} }

// Preflight proves within a few seconds that sending can work: name, TLS,
// clock, certificate (renewed when a third of its life is left), case open.
func (c *Client) Preflight(ctx context.Context, caseID string) (*CaseInfo, error) {
	return nil, errNotBuilt
}

// SendOptions of Send.
type SendOptions struct {
	Rate     int64                   // bytes per second; 0: no limit
	Progress func(sent, total int64) // may be nil
	Waiting  func(state UploadState) // intake's progress; may be nil
}

// Send delivers a consented item of the spool, resuming from the last byte
// the receiver holds, waits for intake and verifies the receipt. Afterwards
// the item is recorded in the history and gone from the spool.
func (c *Client) Send(ctx context.Context, home *trust.Home, item *Item, o SendOptions) (*Record, error) {
	return nil, errNotBuilt
}
