// Package redact takes out of logs and configuration what nobody should see
// and leaves every other byte as it was.
//
// Bytes go in, bytes come out; the package does no I/O of its own and has no
// global state. A [Session] is one redaction of many files: it knows the case
// key, so that equal identities get equal pseudonyms, and what was found once
// is removed everywhere.
package redact

import (
	"errors"
	"io"
	"iter"
)

// Class is what a rule finds.
type Class string

// Secrets always go, as do e-mails. The other identities go unless kept.
const (
	Password   Class = "password"
	Token      Class = "token"
	PrivateKey Class = "private-key"
	Cookie     Class = "cookie"
	Card       Class = "card"
	IBAN       Class = "iban"
	SSN        Class = "ssn"

	Email    Class = "email"
	Username Class = "username"
	IPv4     Class = "ipv4"
	IPv6     Class = "ipv6"
	MAC      Class = "mac"
	Hostname Class = "hostname"
	Phone    Class = "phone"
)

// Classes lists all classes, secrets first.
func Classes() []Class { return nil }

// Secret reports whether the class can never be kept and its pseudonyms are
// forgotten with the session.
func (c Class) Secret() bool { return false }

// Keepable reports whether an operator may keep the class: an identity other
// than email.
func (c Class) Keepable() bool { return false }

// RuleSetVersion names the built-in rules; it goes into manifests.
const RuleSetVersion = "1"

// Counts says how many values of each class were hidden.
type Counts map[Class]int64

// Rule is a rule that a user adds. It never disarms a built-in one.
type Rule struct {
	ID      string
	Class   Class
	Pattern string   // RE2; a group (?P<mask>...) narrows what is hidden
	Match   []string // texts it must find; at least one
	Pass    []string // texts it must leave; at least one
}

// CheckRule reports what is wrong with a user's rule: a pattern that does not
// compile or matches the empty string, an unknown class, an example that
// fails or is missing. The error's text names the field and the example.
func CheckRule(r Rule) error { return errNotBuilt }

// Known is a value to hide wherever it stands as a whole word: the host's own
// name, its addresses, its local accounts.
type Known struct {
	Class Class
	Value string
}

// Options of a session. The zero value hides everything under random
// pseudonyms.
type Options struct {
	CaseKey []byte    // 32 bytes; nil: a random one
	Keep    []Class   // identity classes to leave in clear
	Rules   []Rule    // added rules
	Known   []Known   // known before anything is read
	Rand    io.Reader // nil: crypto/rand
}

// ErrUnreadable is wrapped by errors of [Stream.Read] that mean "this cannot
// be read as text": binary content, a known binary format, an encoding that
// does not decode. The file must be withheld as a whole.
var ErrUnreadable = errors.New("not readable as text")

var errNotBuilt = errors.New("not built")

// Session is one redaction: of a bundle, of a directory, of standard input.
// Its methods may be called at once; each [Stream] belongs to one goroutine.
type Session struct{}

// NewSession makes a session. It fails when an option is malformed (a keep
// of a class that cannot be kept, a rule that fails its own examples).
func NewSession(o Options) (*Session, error) { return nil, errNotBuilt }

// Stream returns the redacted form of r. name (a path) helps to tell formats
// apart; content decides. The stream pulls from r as it is read.
func (s *Session) Stream(name string, r io.Reader) *Stream { return nil }

// Stream is an io.Reader of redacted bytes.
type Stream struct{}

// Read fails with ErrUnreadable when the content is not text; other errors
// are those of the underlying reader and come after everything before them
// was handed out redacted. After an error nothing more comes.
func (st *Stream) Read(p []byte) (int, error) { return 0, errNotBuilt }

// Counts is what was hidden so far in this stream.
func (st *Stream) Counts() Counts { return nil }

// Encoding is the encoding found at the start: "utf-8", "utf-16le",
// "utf-16be", "utf-32le", "utf-32be" (or "" before the first Read).
func (st *Stream) Encoding() string { return "" }

// Text redacts one short text: an error, a command line, a label. Control
// characters are left to whoever prints it.
func (s *Session) Text(text string) string { return text }

// Path redacts a slash-separated path component by component; the number of
// components stays.
func (s *Session) Path(path string) string { return path }

// Pseudonym is what stands for one whole value of a class, for values whose
// class the caller knows (a host name read from the system).
func (s *Session) Pseudonym(c Class, value string) string { return "" }

// Mark is a point in the session's knowledge: how many values were learned.
func (s *Session) Mark() int { return 0 }

// Sweep replaces, in redacted bytes of the named encoding, every value
// learned after mark that still stands bare. It returns b itself and nil
// counts where there is none. A value that straddles the ends of b is the
// caller's affair: MaxLearned says how far to overlap.
func (s *Session) Sweep(mark int, encoding string, b []byte) ([]byte, Counts) { return b, nil }

// MaxLearned is the length in bytes of the longest learned value in its
// longest encoding.
func (s *Session) MaxLearned() int { return 0 }

// Totals is what was hidden so far in the whole session, texts and paths
// included.
func (s *Session) Totals() Counts { return nil }

// TooShort counts secrets that were removed where their context showed them
// but are too short or too common to be searched for elsewhere.
func (s *Session) TooShort() int { return 0 }

// Identities yields each pseudonym of an identity with its original, for the
// operator's own sealed map. Secrets are never among them.
func (s *Session) Identities() iter.Seq2[string, string] { return nil }

// Finding is one place that still holds something sensitive.
type Finding struct {
	Class Class
	Rule  string
	Line  int64 // 1-based
}

// Scan reads r to its end and reports what a session would hide in it, secrets
// and e-mails only, at most max findings. Redacted text has none.
func Scan(name string, r io.Reader, max int) ([]Finding, error) { return nil, errNotBuilt }
