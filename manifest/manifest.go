package manifest

import (
	"fmt"
	"slices"
	"strings"
	"time"

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
func Types() []Type {
	return []Type{Alert, Configuration, Event, Metadata, Performance, State}
}

// Outcome is what became of a source. The worst wins; Worse says which.
type Outcome string

// Outcomes from good to bad.
const (
	OK       Outcome = "ok"
	Empty    Outcome = "empty"
	Skipped  Outcome = "skipped" // program or path not there
	Partial  Outcome = "partial" // what it had is kept
	Denied   Outcome = "denied"  // permission
	Timeout  Outcome = "timeout"
	Failed   Outcome = "failed"
	Withheld Outcome = "withheld" // something could not be read as text
)

// Worse returns the worse of two outcomes. One that this version does not know
// is worse than any.
func Worse(a, b Outcome) Outcome {
	if a.badness() >= b.badness() {
		return a
	}
	return b
}

func (o Outcome) badness() int {
	known := []Outcome{OK, Empty, Skipped, Partial, Denied, Timeout, Failed, Withheld}
	if i := slices.Index(known, o); i >= 0 {
		return i
	}
	return len(known)
}

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
	Parent       *Parent          `json:"parent,omitempty"`
}

// Parent names the bundle that another was made from by redacting it again.
type Parent struct {
	BundleID       string `json:"bundle_id"`
	ManifestSHA256 string `json:"manifest_sha256"` // of the bytes of its manifest.json
	PseudonymKey   string `json:"pseudonym_key"`   // of the pseudonyms that were in it
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

// Name is the entry's path within its source as a writer was given it, with
// escapes undone; from this writer's names [SourceWriter.Add] makes the same
// path again.
func (e *Entry) Name() string {
	return unescape(strings.TrimPrefix(e.Path, "data/"+e.Source+"/"))
}

// Truncation says what a cap cut away.
type Truncation struct {
	Cut  int64  `json:"cut"`  // raw bytes left out
	Kept string `json:"kept"` // "tail" or "head"
}

// ErrNotAuthentic is wrapped by every error that means "this is not what was
// signed". It is trust's.
var ErrNotAuthentic = trust.ErrNotAuthentic

func notAuthentic(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotAuthentic, fmt.Sprintf(format, args...))
}
