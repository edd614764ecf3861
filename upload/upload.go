// Package upload is the client of the wire protocol, version 1: it enrols,
// sends, resumes, and keeps the spool. (The specification of the protocol
// goes here.)
package upload

import (
	"context"
	"errors"
	"io"
	"time"

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

// State of an item in the spool.
type State string

// States of an item.
const (
	Held    State = "held"    // waits for consent
	Queued  State = "queued"  // consented, waits for its turn
	Sending State = "sending" // begun
	Refused State = "refused" // the receiver said no; kept until dropped
)

// Spool is the operator's encrypted queue and the record of what was sent,
// below one state directory. Several processes may use it at once.
type Spool struct{}

// OpenSpool opens the state directory, making it (0700) on first use.
func OpenSpool(dir string) (*Spool, error) { return nil, errNotBuilt }

// Meta describes an item.
type Meta struct {
	BundleID     string    `json:"bundle_id"`
	Case         string    `json:"case"`
	Organisation string    `json:"organisation"`
	Endpoint     string    `json:"endpoint"` // name for which it is wrapped; "" not yet
	IntakeID     string    `json:"intake_id"`
	Name         string    `json:"name"`   // the bundle's file name without .age
	SHA256       string    `json:"sha256"` // of the .tar.zst
	Size         int64     `json:"size"`
	WireSHA256   string    `json:"wire_sha256"`
	WireSize     int64     `json:"wire_size"`
	Entries      int       `json:"entries"`
	Created      time.Time `json:"created"`
	State        State     `json:"state"`
	Reason       string    `json:"reason,omitempty"` // why refused, or why the last try failed
	Tries        int       `json:"tries"`
	NextTry      time.Time `json:"next_try,omitzero"`
	UploadURL    string    `json:"upload_url,omitempty"`
	Consent      *Consent  `json:"consent,omitempty"`
}

// Consent is for this bundle, this endpoint, this receiver's key.
type Consent struct {
	At         time.Time `json:"at"`
	How        string    `json:"how"` // "prompt" or "flag"
	Endpoint   string    `json:"endpoint"`
	ReceiptKey string    `json:"receipt_key"` // fingerprint
}

// Item is one bundle in the spool.
type Item struct{ Meta }

// Create begins an item: write the .tar.zst.age into the returned writer, then
// Commit it. Until then it is not in the spool, and what a killed process
// left is swept by the next OpenSpool.
func (s *Spool) Create() (*Draft, error) { return nil, errNotBuilt }

// Draft is an item being written.
type Draft struct{}

func (d *Draft) Write(p []byte) (int, error) { return 0, errNotBuilt }

// ReaderAt reads back what was written so far (for the check after packing).
func (d *Draft) ReaderAt() (io.ReaderAt, int64) { return nil, 0 }

// Commit puts the item into the spool, durably. It fills WireSHA256 and
// WireSize.
func (d *Draft) Commit(m Meta) (*Item, error) { return nil, errNotBuilt }

// Discard gives the draft up; after Commit it does nothing.
func (d *Draft) Discard() error { return nil }

// List yields all items, oldest first.
func (s *Spool) List() ([]*Item, error) { return nil, errNotBuilt }

// Find returns the item whose bundle id begins with id; unique, or an error.
func (s *Spool) Find(id string) (*Item, error) { return nil, errNotBuilt }

// Path of the item's .tar.zst.age.
func (i *Item) Path() string { return "" }

// SetConsent records consent and queues the item.
func (s *Spool) SetConsent(i *Item, c Consent) error { return errNotBuilt }

// Drop removes an item; the record of it stays in the history.
func (s *Spool) Drop(i *Item) error { return errNotBuilt }

// Record is one line of the history: what became of an item.
type Record struct {
	Meta
	Ended    time.Time `json:"ended"`
	Result   string    `json:"result"`            // "delivered", "dropped"
	Receipt  string    `json:"receipt,omitempty"` // path of receipt.json; its .sig lies beside it
	Verified bool      `json:"verified"`
	Kept     string    `json:"kept,omitempty"` // path of the bundle's own copy (embedded receiver only)
}

// History yields the records, oldest first.
func (s *Spool) History() ([]Record, error) { return nil, errNotBuilt }
