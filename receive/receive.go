// Package receive is the receiver: the server of the wire protocol that
// package upload specifies, and all that it keeps.
package receive

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// ErrLocked means another process holds the data directory.
var ErrLocked = errors.New("data directory in use")

var errNotBuilt = errors.New("not built")

// Options of a receiver.
type Options struct {
	Dir         string       // data directory, made (0700) on first start
	Names       []string     // host names and addresses for the server certificate
	MasterKey   string       // file with the master key; "": inside Dir, which is then warned of
	CreateCases bool         // embedded: an unknown case of the agent's organisation is created on first use
	Log         *slog.Logger // nil: discard
}

// Server is a receiver. It does not listen: ServeHTTP and TLSConfig are given
// to an http.Server. It holds the lock of its data directory until Close.
type Server struct{}

// Open opens (or makes) a data directory and resumes unfinished intake. It
// fails with ErrLocked when another process holds it.
func Open(o Options) (*Server, error) { return nil, errNotBuilt }

// ServeHTTP answers the wire protocol.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {}

// TLSConfig is TLS 1.3 with the server's own certificate; client certificates
// are asked for, verified when given, and demanded per route.
func (s *Server) TLSConfig() *tls.Config { return nil }

// CAFingerprint is the hex SHA-256 of the server CA's certificate.
func (s *Server) CAFingerprint() string { return "" }

// FirstStart says whether Open made the data directory.
func (s *Server) FirstStart() bool { return false }

// ServeAdmin answers the administration socket in the data directory (0600)
// until ctx ends.
func (s *Server) ServeAdmin(ctx context.Context) error { return errNotBuilt }

// Close stops intake at a safe point, waits for what runs, and gives the lock
// back. Uploads and intake resume at the next start.
func (s *Server) Close() error { return nil }

// Admin administers a data directory: in-process when it is free, through the
// socket of the process that holds it otherwise. One code path: the same
// HTTP handler answers both.
type Admin struct{}

// OpenAdmin opens dir, which must be a receiver's data directory.
func OpenAdmin(dir string) (*Admin, error) { return nil, errNotBuilt }

// Admin of a server that this process runs.
func (s *Server) Admin() *Admin { return nil }

// Close gives back what OpenAdmin took.
func (a *Admin) Close() error { return nil }

// Case is a case as administrators see it.
type Case struct {
	upload.CaseInfo
	Assigned []string `json:"assigned"`
}

// CreateCase creates an open case; organisation "" is "default".
func (a *Admin) CreateCase(ctx context.Context, organisation, id, title string) (*Case, error) {
	return nil, errNotBuilt
}

// Cases lists the cases of an organisation, or of all.
func (a *Admin) Cases(ctx context.Context, organisation string) ([]Case, error) {
	return nil, errNotBuilt
}

// Case shows one case; organisation "" is "default", here and below.
func (a *Admin) Case(ctx context.Context, organisation, id string) (*Case, error) {
	return nil, errNotBuilt
}

// SetCaseState closes ("closed") or reopens ("open") a case.
func (a *Admin) SetCaseState(ctx context.Context, organisation, id, state string) (*Case, error) {
	return nil, errNotBuilt
}

// Assign lets an engineer read an open case.
func (a *Admin) Assign(ctx context.Context, organisation, id, engineer string) error {
	return errNotBuilt
}

// Bundle is a stored bundle as listed.
type Bundle struct {
	BundleID string             `json:"bundle_id"`
	Case     string             `json:"case"`
	Agent    string             `json:"agent"`
	State    upload.UploadState `json:"state"`
	SHA256   string             `json:"sha256"`
	Size     int64              `json:"size"`
	Entries  int                `json:"entries"`
	Host     string             `json:"host"`
	Name     string             `json:"name"`
	Received time.Time          `json:"received"`
}

// Bundles lists the bundles of a case.
func (a *Admin) Bundles(ctx context.Context, organisation, caseID string) ([]Bundle, error) {
	return nil, errNotBuilt
}

// NewKey makes a one-time enrolment key that lives 24 h. role is "agent" or
// "engineer"; name names the engineer and is empty for agents.
func (a *Admin) NewKey(ctx context.Context, organisation, role, name string) (string, error) {
	return "", errNotBuilt
}

// Agent is an enrolled key.
type Agent struct {
	ID           string    `json:"id"`
	Organisation string    `json:"organisation"`
	Role         string    `json:"role"`
	Name         string    `json:"name,omitempty"`
	Fingerprint  string    `json:"fingerprint"` // of the signing key
	Enrolled     time.Time `json:"enrolled"`
	Expires      time.Time `json:"expires"`
	Revoked      time.Time `json:"revoked,omitzero"`
}

// Agents lists who is enrolled.
func (a *Admin) Agents(ctx context.Context, organisation string) ([]Agent, error) {
	return nil, errNotBuilt
}

// Revoke ends an agent's standing at once.
func (a *Admin) Revoke(ctx context.Context, agent string) error { return errNotBuilt }
