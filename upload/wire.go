package upload

import "time"

// Paths of the wire protocol, version 1. {case} and {id} are path segments.
const (
	PathHealth  = "/healthz"
	PathNonce   = "/v1/enroll/nonce" // POST, no certificate: {"nonce": "..."}
	PathEnroll  = "/v1/enroll"       // POST, no certificate
	PathRenew   = "/v1/renew"        // POST, with certificate: new key, new certificate
	PathWhoAmI  = "/v1/whoami"       // GET: agent, organisation, role, intake, receipt key
	PathCases   = "/v1/cases"
	PathCase    = "/v1/cases/{case}"
	PathUploads = "/v1/cases/{case}/uploads" // tus 1.0: POST here; HEAD, PATCH, DELETE below
	PathStatus  = "/v1/cases/{case}/uploads/{id}/status"
	PathBundles = "/v1/cases/{case}/bundles"
	PathBundle  = "/v1/cases/{case}/bundles/{id}"
)

// Upload-Metadata keys of the creation request.
const (
	MetaSHA256   = "sha256"    // hex digest of the wire bytes; names the upload
	MetaBundleID = "bundle_id" // told early so that a refused bundle is refused before its bytes
)

// EnrollRequest is the body of POST /v1/enroll. The signature is an armoured
// SSHSIG in namespace enroll@diagcollect over the bytes of Nonce as sent.
type EnrollRequest struct {
	Secret     string `json:"secret"`      // of the enrolment key
	CSR        string `json:"csr"`         // PEM, PKCS #10, Ed25519; its subject is ignored
	SigningKey string `json:"signing_key"` // authorized_keys form, no comment
	Nonce      string `json:"nonce"`
	Signature  string `json:"signature"`
}

// EnrollResponse is the answer. The same shape answers /v1/renew and, without
// a certificate, /v1/whoami.
type EnrollResponse struct {
	Agent        string    `json:"agent"` // id of the agent
	Role         string    `json:"role"`  // "agent" or "engineer"
	Organisation string    `json:"organisation"`
	Certificate  string    `json:"certificate,omitempty"` // PEM chain, leaf first
	ServerCA     string    `json:"server_ca"`             // PEM
	Intake       Intake    `json:"intake"`
	ReceiptKey   string    `json:"receipt_key"`       // authorized_keys form
	Principal    string    `json:"receipt_principal"` // its name in allowed_signers
	Expires      time.Time `json:"expires"`           // of the certificate
}

// RenewRequest is the body of POST /v1/renew.
type RenewRequest struct {
	CSR string `json:"csr"`
}

// Intake is the age recipient to which bundles are encrypted.
type Intake struct {
	ID        string    `json:"id"`
	Recipient string    `json:"recipient"` // age1...
	Expires   time.Time `json:"expires"`
}

// CaseInfo answers GET /v1/cases/{case}.
type CaseInfo struct {
	Case         string    `json:"case"`
	Organisation string    `json:"organisation"`
	State        string    `json:"state"` // "open", "closed"
	Created      time.Time `json:"created"`
	Closed       time.Time `json:"closed,omitzero"`
	MaxSize      int64     `json:"max_size"` // of one upload, wire bytes
	FreeBytes    int64     `json:"free_bytes"`
	Retention    Retention `json:"retention"`
	Title        string    `json:"title,omitempty"`
	Bundles      int       `json:"bundles"`
}

// Retention is the rule under which a bundle is kept.
type Retention struct {
	DaysAfterClose int `json:"days_after_close"` // 90
	IdleCloseDays  int `json:"idle_close_days"`  // 180
}

// UploadState is where an upload stands.
//
//nolint:revive // State is an item's, in the spool
type UploadState string

// States of an upload.
const (
	StateUploading   UploadState = "uploading"
	StateReceived    UploadState = "received"
	StateVerifying   UploadState = "verifying"
	StateStored      UploadState = "stored"
	StateQuarantined UploadState = "quarantined"
	StateRefused     UploadState = "refused"
	StateDeleted     UploadState = "deleted"
)

// Status answers GET .../status.
type Status struct {
	ID       string      `json:"id"`
	State    UploadState `json:"state"`
	Offset   int64       `json:"offset"`
	Size     int64       `json:"size"`
	BundleID string      `json:"bundle_id,omitempty"`
	Reason   string      `json:"reason,omitempty"`  // of refusal or quarantine
	Receipt  *SignedText `json:"receipt,omitempty"` // when stored
}

// SignedText carries exact bytes with their armoured SSHSIG.
type SignedText struct {
	Text      string `json:"text"`
	Signature string `json:"signature"`
}

// Receipt is the receiver's statement, namespace receipt@diagcollect, that it
// holds exactly this bundle.
type Receipt struct {
	Version      int       `json:"version"` // 1
	Receiver     string    `json:"receiver"`
	Organisation string    `json:"organisation"`
	Case         string    `json:"case"`
	BundleID     string    `json:"bundle_id"`
	Agent        string    `json:"agent"`
	SHA256       string    `json:"sha256"` // of the .tar.zst
	Size         int64     `json:"size"`
	WireSHA256   string    `json:"wire_sha256"` // of what was sent
	WireSize     int64     `json:"wire_size"`
	Entries      int       `json:"entries"`
	Received     time.Time `json:"received"`
	Verdict      string    `json:"verdict"` // "stored"
	Retention    Retention `json:"retention"`
}

// Problem is an RFC 9457 problem document, content type
// application/problem+json. Code is stable and is what a client branches on.
type Problem struct {
	Type   string `json:"type"` // "about:blank" or urn:diagcollect:problem:<code>
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
	Code   string `json:"code"`
}

// Codes of problems.
const (
	CodeBadRequest      = "bad-request"
	CodeUnauthorised    = "unauthorised"   // 401: no certificate, revoked, unknown
	CodeForbidden       = "forbidden"      // 403: this role may not
	CodeUnknownCase     = "unknown-case"   // 404: unknown or foreign, never told apart
	CodeClosedCase      = "closed-case"    // 409: own, but closed
	CodeUnknown         = "unknown"        // 404: no such thing
	CodeKeyRefused      = "key-refused"    // 403: enrolment key wrong, used or expired
	CodeTooLarge        = "too-large"      // 413
	CodeNoSpace         = "no-space"       // 507
	CodeBundleRefused   = "bundle-refused" // 409: deleted before, or refused
	CodeQuarantined     = "quarantined"    // what the status quarantined becomes in a client
	CodeTooManyRequests = "too-many-requests"
	CodeInternal        = "internal"
)
