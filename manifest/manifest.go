// Package manifest is the bundle format: it writes bundles, reads them,
// proves them and extracts them. (The specification of the format, version 1,
// goes here.)
package manifest

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/trust"
)

// Type is the data type of an entry; a frame never holds two of them.
type Type string

// The six data types, in the order in which they stand in a bundle.
const (
	Alert         Type = "alert"
	Configuration Type = "configuration"
	Event         Type = "event"
	Metadata      Type = "metadata"
	Performance   Type = "performance"
	State         Type = "state"
)

// Types lists the data types in bundle order.
func Types() []Type { return nil }

// Outcome is what became of a source. The worst wins; Worse says which.
type Outcome string

// Outcomes from good to bad.
const (
	OK       Outcome = "ok"
	Empty    Outcome = "empty"
	Skipped  Outcome = "skipped"  // program or path not there
	Partial  Outcome = "partial"  // what it had is kept
	Withheld Outcome = "withheld" // something could not be read as text
	Denied   Outcome = "denied"   // permission
	Timeout  Outcome = "timeout"
	Failed   Outcome = "failed"
)

// Worse returns the worse of two outcomes.
func Worse(a, b Outcome) Outcome { return a }

// Head is everything in manifest.json but the entries and the frames.
type Head struct {
	Version      int              `json:"version"` // 1
	BundleID     string           `json:"bundle_id"`
	Name         string           `json:"name"` // <case>_<host>_<UTC>: the top directory
	Organisation string           `json:"organisation"`
	Case         string           `json:"case"`
	Host         string           `json:"host"` // pseudonym or label
	Created      time.Time        `json:"created"`
	Tool         Tool             `json:"tool"`
	PseudonymKey string           `json:"pseudonym_key"`
	Recipes      []RecipeRef      `json:"recipes"`
	Window       Window           `json:"window"`
	Outcomes     []SourceOutcome  `json:"outcomes"`
	Redactions   map[string]int64 `json:"redactions"` // class to count
}

// Tool names what made the bundle.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Rules   string `json:"rules"`
}

// RecipeRef says which recipe ran and by whose leave.
type RecipeRef struct {
	Name      string   `json:"name"`
	SHA256    string   `json:"sha256"`
	Signer    string   `json:"signer,omitempty"`    // principal, when signed
	Trust     string   `json:"trust"`               // "built-in", "flag", "agreed", "signed"
	Decisions []string `json:"decisions,omitempty"` // policy decisions: classes kept, ...
}

// Window is the span of time collected; zero times are open ends.
type Window struct {
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// SourceOutcome is the record of one source.
type SourceOutcome struct {
	Source  string  `json:"source"`
	Type    Type    `json:"type"`
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason,omitempty"`
	Entries int     `json:"entries"`
	Bytes   int64   `json:"bytes"` // redacted, uncompressed
	Cut     int64   `json:"cut,omitempty"`
}

// Entry is one file of the bundle.
type Entry struct {
	Path       string           `json:"path"` // relative to the top directory: data/<source>/<path>
	Source     string           `json:"source"`
	Type       Type             `json:"type"`
	Offset     int64            `json:"offset"` // of the content in the uncompressed tar stream
	Size       int64            `json:"size"`
	SHA256     string           `json:"sha256"`
	ModTime    time.Time        `json:"mtime"`
	Redactions map[string]int64 `json:"redactions,omitempty"`
	Truncated  *Truncation      `json:"truncated,omitempty"`
	Encoding   string           `json:"encoding,omitempty"` // when not utf-8
}

// Truncation says what a cap cut away.
type Truncation struct {
	Cut  int64  `json:"cut"`  // raw bytes left out
	Kept string `json:"kept"` // "tail" or "head"
}

// ErrNotAuthentic is wrapped by every error that means "this is not what was
// signed". It is trust's.
var ErrNotAuthentic = trust.ErrNotAuthentic

var errNotBuilt = errors.New("not built")

// WriterOptions of a Writer; the zero value works.
type WriterOptions struct {
	Scratch string    // folder for scratch files; "": os.TempDir()
	Rand    io.Reader // nil: crypto/rand
	Workers int       // frames compressed at once; 0: GOMAXPROCS
}

// Writer makes one bundle. Sources are written at the same time; compressed
// frames wait in an encrypted scratch file until Finish puts them in order.
type Writer struct{}

// NewWriter makes a writer. Close it in any case.
func NewWriter(o WriterOptions) (*Writer, error) { return nil, errNotBuilt }

// Source begins a source. Sources may be written at once, each by one
// goroutine.
func (w *Writer) Source(id string, t Type) (*SourceWriter, error) { return nil, errNotBuilt }

// SourceWriter takes the entries of one source.
type SourceWriter struct{}

// Add reads r to its end and stores it as an entry. path is slash-separated
// and relative to data/<source>/; it is escaped and made unique as the format
// asks. Entries may come in any order; ascending paths are cheapest. done,
// when not nil, is called after the last byte and may fill Redactions,
// Truncated and Encoding. If r has a method Mark() int, it is asked before
// the first byte of each frame and the answer given to Sweep. When r fails
// the entry is dropped without a trace and the error returned.
func (s *SourceWriter) Add(path string, mtime time.Time, r io.Reader, done func(*Entry)) (Entry, error) {
	return Entry{}, errNotBuilt
}

// Sweeper searches content that was written before a value was known.
type Sweeper struct {
	Mark    int // the present: frames marked with it need no search
	Overlap int // the longest value in bytes
	// Replace returns b itself when nothing was found.
	Replace func(mark int, encoding string, b []byte) ([]byte, map[string]int64)
}

// Sweep searches every frame (and every path) older than s.Mark and rewrites
// those with hits.
func (w *Writer) Sweep(ctx context.Context, s Sweeper) (map[string]int64, error) {
	return nil, errNotBuilt
}

// Result is a finished bundle.
type Result struct {
	SHA256  string // of the .tar.zst
	Size    int64
	Entries int
	Bytes   int64 // uncompressed content
}

// Finish writes the bundle to dst in one pass: entries in order, report.json,
// manifest.json, its signature, the seek table. Scratch space is given back as
// it goes. The writer is spent afterwards.
func (w *Writer) Finish(ctx context.Context, dst io.Writer, head Head, report []byte, key *trust.Signer) (*Result, error) {
	return nil, errNotBuilt
}

// Close drops the scratch file. It may be called twice and after Finish.
func (w *Writer) Close() error { return nil }

// Limits bound what a reader accepts. Zero fields mean the defaults.
type Limits struct {
	Members int64 // default 1,000,000
	Bytes   int64 // uncompressed, default 64 GiB
	Ratio   int64 // uncompressed to compressed of a frame, default 1,000
}

// Bundle is an opened bundle whose signature held. Methods may be called at
// once.
type Bundle struct{}

// Open reads the seek table and the tail of a bundle of size bytes and
// verifies its signature against signers. Nothing is answered before that.
func Open(r io.ReaderAt, size int64, signers *trust.AllowedSigners, l Limits) (*Bundle, error) {
	return nil, errNotBuilt
}

// OpenFile opens a .tar.zst or, with identities, a .tar.zst.age. Close it.
func OpenFile(path string, signers *trust.AllowedSigners, l Limits, ids ...age.Identity) (*Bundle, error) {
	return nil, errNotBuilt
}

// Close closes what OpenFile opened.
func (b *Bundle) Close() error { return nil }

// Head is the signed head.
func (b *Bundle) Head() *Head { return nil }

// Proof says whose signature held.
func (b *Bundle) Proof() *trust.Proof { return nil }

// Entries yields the entries in bundle order.
func (b *Bundle) Entries() iter.Seq2[Entry, error] { return nil }

// Report returns report.json.
func (b *Bundle) Report() ([]byte, error) { return nil, errNotBuilt }

// ManifestJSON returns a reader of the exact signed bytes, and Signature the
// armoured SSHSIG over them.
func (b *Bundle) ManifestJSON() io.Reader { return nil }

// Signature returns the armoured SSHSIG.
func (b *Bundle) Signature() []byte { return nil }

// Content streams one entry. Each frame is checked against its signed digest
// before a byte of it is handed out.
func (b *Bundle) Content(e Entry) (io.ReadCloser, error) { return nil, errNotBuilt }

// CheckFrames reads all compressed bytes and compares them with the signed
// digests and the seek table, without decoding.
func (b *Bundle) CheckFrames(ctx context.Context) error { return errNotBuilt }

// Verify proves the whole bundle: every frame walked and decoded, every entry
// digest, the tar structure, the tail in canonical form, the seek table equal
// to the walk, nothing else in the file.
func (b *Bundle) Verify(ctx context.Context) error { return errNotBuilt }

// Extract verifies first, then writes the bundle's top directory below dir,
// which must exist. It never overwrites and never leaves dir.
func (b *Bundle) Extract(ctx context.Context, dir string) error { return errNotBuilt }

// Scratch is an unlinked temporary file encrypted under a key that is held
// only in memory. Written once from start to end, then read anywhere.
type Scratch struct{}

// NewScratch makes a scratch file in dir ("": os.TempDir()).
func NewScratch(dir string) (*Scratch, error) { return nil, errNotBuilt }

func (s *Scratch) Write(p []byte) (int, error)             { return 0, errNotBuilt }
func (s *Scratch) ReadAt(p []byte, off int64) (int, error) { return 0, errNotBuilt }

// Size is the number of bytes written.
func (s *Scratch) Size() int64 { return 0 }

// Close gives the space back.
func (s *Scratch) Close() error { return nil }
