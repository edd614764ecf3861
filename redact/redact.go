// Package redact takes out of logs and configuration what nobody should see
// and leaves every other byte as it was.
//
// Bytes go in, bytes come out; the package does no I/O of its own and has no
// global state. A [Session] is one redaction of many files: it knows the case
// key, so that equal identities get equal pseudonyms, and what was found once
// is removed everywhere.
//
// # How a stream is read
//
// A [Stream] reads blocks and cuts them at line ends. In a block a scanner
// sees each byte once: class masks of 64 bytes at a time mark word starts,
// separators and signs, a small gate passes few of them, and only there is
// anything verified. What looks over a line's end (keys in PEM form, block
// scalars, lists and maps in brackets, strings that are open, a name on one
// line and its value on the next) is carried by one resolver that takes the
// blocks in order: what a region of lines is ends it, a fixed-size state is all
// that it takes. Blocks end where nothing goes on, so far as their last lines
// tell. The output does not depend on how the reads came in.
//
// # What is found
//
// A secret is known by its own form (a vendor's token, a card number with a
// right check digit) or by its context (what stands under a key like
// "password", in whatever notation). Values known by context are learned and
// from then on removed wherever they stand bare. See [Session.Sweep] for what
// was written before.
package redact

import (
	"errors"
	"io"
)

// RuleSetVersion names the built-in rules; it goes into manifests.
const RuleSetVersion = "1"

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
	Forget  bool      // record no identities: Identities yields none
	Keep    []Class   // identity classes to leave in clear
	Rules   []Rule    // added rules
	Known   []Known   // known before anything is read
	Rand    io.Reader // nil: crypto/rand

	// Each, when not nil, is told of every value that a Stream is about to
	// hide, in the order of the text, by the goroutine that reads the Stream;
	// streams that are read at once call it at once.
	Each func(Hit)
}

// Hit is a value that was found.
type Hit struct {
	Name  string // of the stream
	Line  int64  // 1-based
	Class Class
	Rule  string
	Value []byte // in UTF-8, holds during the call only
}

// ErrUnreadable is wrapped by errors of [Stream.Read] that mean "this cannot
// be read as text": binary content, a known binary format, an encoding that
// does not decode. The file must be withheld as a whole.
var ErrUnreadable = errors.New("not readable as text")
