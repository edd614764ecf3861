// Package upload is the client of the wire protocol, version 1: it enrols,
// sends, resumes, and keeps the spool. Package receive is the server. This
// comment is the protocol; the bodies are the types of wire.go, as JSON.
//
// # Ground
//
// The protocol is HTTPS, HTTP/1.1 or later, over TLS 1.3 only, and ends at the
// receiver itself: whatever stands between passes TLS through. There are no
// redirects; a client follows none. Paths are constants of this package,
// below the root of the receiver's host. {case} is a case id,
// [A-Za-z0-9][A-Za-z0-9.-]{0,63}. Times are RFC 3339 in UTC; digests are
// lower-case hex; sizes count bytes. Readers ignore members that they do not
// know; what has a version is refused when the version is newer.
//
// The wire form of a bundle is its .tar.zst wrapped with age (v1) to the
// receiver's intake key and to the operator's own age identity. Names with
// "wire" are of this form, those without of the .tar.zst.
//
// # The receiver's certificate
//
// The receiver has a CA for server certificates. Its certificate for its
// names and addresses (extended key usage serverAuth) comes from that CA, and
// in the handshake it sends the CA's certificate behind its own. A client
// that is not enrolled knows the CA's fingerprint, SHA-256 over the DER, from
// the enrolment key: it looks for a CA certificate with that fingerprint in
// the chain, verifies the leaf against it alone, with the host of the URL as
// the name, and ends the connection otherwise, before it sends a byte of
// HTTP. An enrolled client trusts the stored CA alone. The CA lasts as long
// as the enrolment: another CA is another receiver.
//
// # Enrolment
//
// An enrolment key (EnrollmentKey) is good for one enrolment within 24 hours.
// Without a client certificate:
//
//	POST /v1/enroll/nonce     -> 200 {"nonce": "..."}
//	POST /v1/enroll           EnrollRequest -> 201 (or 200) EnrollResponse
//
// The nonce has 16 to 256 characters and is good once. The request carries
// the secret (base32, EnrollmentKey.WireSecret), a PKCS #10 request for a new
// Ed25519 key, the agent's signing key, and an SSHSIG by that key in namespace
// enroll@diagcollect over the bytes of the nonce. The organisation part of
// the key is never sent. The receiver checks the signature before it looks
// at the secret; a secret that is wrong, used or late is key-refused, never
// told apart.
//
// The client checks that the certificate is for its key, that server_ca has
// the fingerprint of the enrolment key, that intake and receipt key parse,
// and that receipt_principal is [A-Za-z0-9][A-Za-z0-9.@_-]{0,127}. It then
// allows the receipt key, in allowed_signers, for receipt@diagcollect and
// deletion@diagcollect and nothing else.
//
// # Standing
//
// All else is asked with the client certificate; without one, or when the
// agent is revoked, the answer is 401 unauthorised. Certificates last 90
// days. With less than a third of that left a client makes a new key and
// asks, with the old certificate:
//
//	POST /v1/renew            RenewRequest -> 200 EnrollResponse
//	GET  /v1/whoami           -> 200 EnrollResponse without certificate
//
// whoami tells the intake key of today, which a client takes over. Agent,
// organisation and receipt key may not differ from enrolment's: a client
// stops when they do.
//
// Before anything is collected a client asks whoami, compares the Date header
// with its clock (more than 5 minutes apart is an error), renews when it is
// time, and asks for the case:
//
//	GET  /v1/cases/{case}     -> 200 CaseInfo
//
// A case that does not exist and one of another organisation are both 404
// unknown-case.
//
// # Upload
//
// Uploads are tus 1.0.0 with the extension creation, below
// /v1/cases/{case}/uploads. Each request has Tus-Resumable: 1.0.0.
//
//	POST  .../uploads         Upload-Length, Upload-Metadata: sha256, bundle_id
//	HEAD  .../uploads/{id}    -> 200 or 204, Upload-Offset
//	PATCH .../uploads/{id}    Upload-Offset, application/offset+octet-stream -> 204, Upload-Offset
//
// POST gets or creates. {id} is UploadID of organisation, case, agent and the
// SHA-256 of the wire bytes, which the metadata tells along with the bundle
// id. The answer is 201, or 200 when the upload was there, with Location,
// which ends in /{id}, and Upload-Offset, which is the length when all bytes
// were received, whatever became of them since. Offset and Location that say
// otherwise end the upload. What is known by then is refused here, before any
// byte: closed-case, too-large, no-space, bundle-refused.
//
// Every sending begins with POST, also after a crash, and PATCHes all that is
// missing. After any fault HEAD tells where to go on; 404 and 410 mean to
// POST again; 409 to PATCH (without a code of this package) means HEAD again;
// 423 means that an earlier request still holds the upload. One agent's
// newer request ends its older one. Unfinished uploads expire after
// days, those without a byte after half an hour.
//
// # States
//
//	GET .../uploads/{id}/status -> 200 Status
//
//	uploading     bytes are missing; also after intake found them damaged
//	received      all bytes are there, intake will begin
//	verifying     intake works
//	stored        final; the status has the receipt
//	refused       final; reason says why
//	quarantined   sealed, nobody reads it; reason says why
//	deleted       was stored, and is gone
//
// Intake holds the wire bytes against the digest in the metadata, decrypts,
// verifies the manifest's signature by a key enrolled for the organisation,
// and wants the signed organisation and case to be those of certificate and
// URL. A bundle is known by its signed id: the same content again, however
// wrapped, is stored with the first receipt; other content under the same id
// is quarantined; one that was deleted stays refused.
//
// # Receipt
//
// A receipt is the exact text of a Receipt and an armoured SSHSIG over it in
// namespace receipt@diagcollect. Before a client forgets a bundle it checks
// that the signature is by the key that the operator's consent names, that
// no JSON key stands twice, that the version is 1 and the verdict "stored",
// and that organisation, case, bundle_id, sha256, size and entries
// are the bundle's own. wire_sha256 and wire_size are of the wrapping that
// the receiver took: when a bundle was wrapped and sent anew they are the
// first one's. Text and signature are stored as they came:
//
//	ssh-keygen -Y verify -f allowed_signers -I PRINCIPAL -n receipt@diagcollect -s receipt.json.sig <receipt.json
//
// # Problems
//
// An answer that is no success is an RFC 9457 document (Problem). Its code is
// what a client branches on; the texts are for people and show nothing that
// the asker may not know. 5xx, 423, 429 (with Retry-After) and faults of the
// line may pass: a client tries again with growing, jittered pauses until a
// minute went by without progress (507: not at once), keeps the bundle, and
// comes back as NextTry says. Any other 4xx stands until somebody changes
// something.
package upload

import (
	"errors"

	"github.com/diagcollect/diagcollect/trust"
)

// Errors that callers branch on.
var (
	// ErrNotDelivered: the endpoint could not be reached or broke off; what
	// was to be sent is kept and sending can be resumed.
	ErrNotDelivered = errors.New("not delivered")
	// ErrNotAuthentic: the endpoint is not who it should be, or a receipt
	// does not prove what it says. It is trust's.
	ErrNotAuthentic = trust.ErrNotAuthentic
)
