// Package trust keeps the keys of one installation and makes and checks
// SSHSIG signatures with them.
//
// The secret it hides is how a key is stored, named and allowed: an OpenSSH
// Ed25519 key (id_ed25519), an age identity (age.key), one secret per
// organisation, and allowed_signers, in which each key is allowed for named
// purposes (namespaces) only. Everything is in the formats of ssh-keygen(1)
// and age(1), so an auditor needs none of this code.
//
// # The home
//
//	id_ed25519          OpenSSH private key without comment, 0600
//	id_ed25519.pub      its public half
//	age.key             age identity as age-keygen writes it, 0600
//	allowed_signers     who may sign what (ssh-keygen(1), ALLOWED SIGNERS), 0600
//	revoked_keys        optional: public keys, one to a line, that prove nothing
//	                    any more (ssh-keygen -Y verify -r reads it too)
//	organisation-*.key  one organisation's secret, 32 bytes in base32, 0600;
//	                    a copy of it gives another machine the same pseudonyms
//
// The home, its keys and allowed_signers must belong to the user who runs the
// program, or to root, and be writable by nobody else; private halves must be
// readable by nobody else. As root they must be root's. The folders above the
// home, up to the user's own (HOME) or the root, must belong to one of the two
// and be writable by nobody else, or sticky as /tmp is. Otherwise every call
// fails with [ErrUnsafe]. Windows keeps no such modes and is not checked.
//
// # Allowed signers
//
// A signature counts when its key stands in a line of allowed_signers whose
// namespaces= lists the namespace and whose valid-after= and valid-before=
// enclose the time asked about. Two things are stricter than ssh-keygen, so
// whatever counts here counts there: a line without namespaces= proves
// nothing (a key is allowed for named purposes only), and neither does a
// cert-authority line (certificates are not used here). Both are said in the
// error when the key is found in such a line. Malformed lines are errors.
//
// # The end of a key
//
// Rotating makes a new id_ed25519 and retires the old one: each of its lines
// gets a valid-before. From then on it proves nothing by itself, for whoever
// holds it could date a signature as he likes. What somebody else dates before
// that end it still proves: a receipt says when a receiver held exactly these
// bytes ([AllowedSigners.At], ssh-keygen -O verify-time). A key that others
// knew is revoked instead: it stands in revoked_keys and proves nothing, at no
// time, whatever a receipt says. Allowing a retired or revoked key anew is
// refused; only an editor takes those marks away.
package trust

import "errors"

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

// ErrUnknownKey is wrapped beside ErrNotAuthentic when the key stands in no line
// of the allowed signers.
var ErrUnknownKey = errors.New("unknown")

// ErrRetired is wrapped beside ErrNotAuthentic when a key's time, valid-before,
// is over: what a receipt dates before its end it still proves.
var ErrRetired = errors.New("key is retired")

// ErrUnsafe is wrapped when a key or configuration file may be written (or,
// for private keys, read) by others than its owner.
var ErrUnsafe = errors.New("unsafe permissions")
