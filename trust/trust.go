// Package trust keeps the keys of one installation and makes and checks
// SSHSIG signatures with them.
//
// The secret it hides is how a key is stored, named and allowed: an OpenSSH
// Ed25519 key (id_ed25519), an age identity (age.key), one secret per
// organisation, and allowed_signers, in which each key is allowed for named
// purposes (namespaces) only. Everything is in the formats of ssh-keygen(1)
// and age(1), so an auditor needs none of this code.
package trust

import (
	"errors"
	"io"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/ssh"
)

// Namespaces say what a signature is for (PROTOCOL.sshsig, section 2): a
// signature made for one purpose never proves another.
const (
	NamespaceManifest  = "manifest@diagcollect"
	NamespaceReceipt   = "receipt@diagcollect"
	NamespaceRecipe    = "recipe@diagcollect"
	NamespaceEnroll    = "enroll@diagcollect"
	NamespaceConsent   = "consent@diagcollect"
	NamespaceDeletion  = "deletion@diagcollect"
	NamespaceTombstone = "tombstone@diagcollect"
)

// ErrNotAuthentic is wrapped by every error that means "this signature does
// not prove this message": wrong key, wrong namespace, changed bytes.
var ErrNotAuthentic = errors.New("not authentic")

// ErrUnsafe is wrapped when a key or configuration file may be written (or,
// for private keys, read) by others than its owner.
var ErrUnsafe = errors.New("unsafe permissions")

var errNotBuilt = errors.New("not built")

// Home is the folder that holds one installation's keys. Its methods may be
// called at once from several goroutines.
type Home struct{ dir string }

// OpenHome opens dir, making it (0700) and its keys (0600) on first use. Two
// processes that open a new home at once end up with the same keys.
func OpenHome(dir string) (*Home, error) { return nil, errNotBuilt }

// Dir is the folder's path.
func (h *Home) Dir() string { return h.dir }

// AllowedSignersPath is the path of the allowed_signers file, for messages and
// for ssh-keygen.
func (h *Home) AllowedSignersPath() string { return "" }

// Signer returns the key to sign with. with is empty (the home's own
// id_ed25519), the path of an OpenSSH private key, or the SHA256:
// fingerprint of a key held by the running ssh-agent.
func (h *Home) Signer(with string) (*Signer, error) { return nil, errNotBuilt }

// Identity is the operator's own age identity, kept apart from the signing
// key.
func (h *Home) Identity() (*age.X25519Identity, error) { return nil, errNotBuilt }

// AllowedSigners reads allowed_signers as it is now.
func (h *Home) AllowedSigners() (*AllowedSigners, error) { return nil, errNotBuilt }

// Allow adds a line to allowed_signers; adding the same again changes nothing.
func (h *Home) Allow(principal string, key ssh.PublicKey, namespaces ...string) error {
	return errNotBuilt
}

// OrganisationSecret is the 32-byte secret from which the pseudonyms of the
// organisation's cases derive. It is made at random on first use.
func (h *Home) OrganisationSecret(organisation string) ([]byte, error) { return nil, errNotBuilt }

// SetOrganisationSecret stores a secret that came from another machine of the
// organisation. It refuses to replace a different one.
func (h *Home) SetOrganisationSecret(organisation string, secret []byte) error { return errNotBuilt }

// CaseKey derives the case key: HKDF-SHA-256 (RFC 5869) of the organisation
// secret with organisation and case as info. 32 bytes.
func CaseKey(secret []byte, organisation, caseID string) []byte { return nil }

// KeyID names a case key in a manifest without telling it: 8 base32
// characters of a hash of it.
func KeyID(caseKey []byte) string { return "" }

// Signer is one private key, in a file or in an agent.
type Signer struct{ ssh.Signer }

// NewSigner wraps a key that the caller holds (a receiver's receipt key).
func NewSigner(s ssh.Signer) *Signer { return &Signer{s} }

// Principal is the name under which this key stands in allowed_signers:
// "machine-" and 8 characters of its fingerprint. It tells no host name.
func (s *Signer) Principal() string { return "" }

// Fingerprint is the key's SHA256: fingerprint as ssh-keygen -l prints it.
func (s *Signer) Fingerprint() string { return "" }

// Sign reads message to its end and returns an armoured SSHSIG over it in the
// namespace, as ssh-keygen -Y sign writes it.
func (s *Signer) Sign(namespace string, message io.Reader) (armored []byte, err error) {
	return nil, errNotBuilt
}

// AllowedSigners is a parsed allowed_signers file (ssh-keygen(1), ALLOWED
// SIGNERS). It is read-only and safe for concurrent use.
type AllowedSigners struct{}

// ParseAllowedSigners reads the format; errors carry the line.
func ParseAllowedSigners(name string, r io.Reader) (*AllowedSigners, error) { return nil, errNotBuilt }

// Verify checks an armoured SSHSIG over message in a namespace, at a point in
// time (for valid-after and valid-before), and says who signed. Errors wrap
// ErrNotAuthentic unless reading message failed.
func (a *AllowedSigners) Verify(namespace string, sig []byte, message io.Reader, at time.Time) (*Proof, error) {
	return nil, errNotBuilt
}

// Proof says whose signature held.
type Proof struct {
	Principal   string
	Fingerprint string
	Key         ssh.PublicKey
}

// VerifyKey checks an armoured SSHSIG against one known key.
func VerifyKey(key ssh.PublicKey, namespace string, sig []byte, message io.Reader) error {
	return errNotBuilt
}

// SignatureKey returns the key inside an armoured SSHSIG without trusting it:
// to say whose signature was refused.
func SignatureKey(sig []byte) (ssh.PublicKey, error) { return nil, errNotBuilt }
