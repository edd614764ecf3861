// Package collect reads recipes and runs them: it gathers what each source
// names, and nothing raw leaves the package. It owns the one redaction
// session of a bundle and is the only caller of the bundle's writer.
package collect

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

var errNotBuilt = errors.New("not built")

// Recipe says what to collect. It is data, never a script.
type Recipe struct {
	Name        string
	Description string
	SHA256      string // of its file
}

// ParseRecipe reads a recipe. A *RecipeError lists everything wrong with it.
func ParseRecipe(name string, data []byte) (*Recipe, error) { return nil, errNotBuilt }

// RecipeError holds all faults of a recipe.
type RecipeError struct {
	File   string
	Faults []Fault
}

// Fault is one fault and its place, 1-based.
type Fault struct {
	Line, Column int
	Message      string
}

func (e *RecipeError) Error() string { return e.File }

// TrustedRecipe is a recipe and by whose leave it runs in full.
type TrustedRecipe struct {
	*Recipe
	Trust string // "built-in", "flag", "agreed"
}

// Job is one collection.
type Job struct {
	Case         string
	Organisation string
	CaseKey      []byte // see trust.CaseKey
	Recipes      []TrustedRecipe
	Window       manifest.Window // zero Since: the recipe's own
	Only, Skip   []string        // source ids; an id that no recipe has is an error
	Label        string          // stands for the host's name
	Keep         []redact.Class
	Avoid        []string // paths never read: our keys, spool, receiver
	Scratch      string   // folder for scratch files; "": os.TempDir()
	Version      string   // of the tool

	// Stop, when closed, ends the sources early: what is there is packed.
	Stop <-chan struct{}
	// Progress is told of every source; it may be nil. Called from several
	// goroutines.
	Progress func(Progress)
}

// Progress of one source.
type Progress struct {
	Source  string
	Bytes   int64 // raw bytes read so far
	Total   int64 // estimate; 0: unknown
	Done    bool
	Outcome manifest.Outcome // when done
	Reason  string           // redacted
}

// Step is what a plan says of one source.
type Step struct {
	Recipe  string        `json:"recipe"`
	Source  string        `json:"source"`
	Type    manifest.Type `json:"type"`
	Kind    string        `json:"kind"`            // "files", "command", ...
	What    []string      `json:"what"`            // files found, argv, URL, units, facts
	Files   int           `json:"files,omitempty"` // how many, when files
	Bytes   int64         `json:"bytes"`           // estimate; -1: unknown
	Missing string        `json:"missing,omitempty"`
}

// Plan says what Run would read and run. It reads directories, no content.
func Plan(ctx context.Context, j Job) ([]Step, error) { return nil, errNotBuilt }

// Run gathers. Each source ends in exactly one outcome; one that hangs or
// fails never costs another. An error means that nothing can be packed.
func Run(ctx context.Context, j Job) (*Collection, error) { return nil, errNotBuilt }

// Collection is what Run gathered: redacted, compressed, encrypted, in scratch.
type Collection struct{}

// Summary is what an operator is shown before consent.
type Summary struct {
	BundleID   string
	Name       string // file name without .tar.zst
	Host       string
	Window     manifest.Window
	Outcomes   []manifest.SourceOutcome
	Redactions redact.Counts
	Withheld   []NotScanned
	Entries    int
	Bytes      int64
}

// NotScanned is something found that is not in the bundle, and why.
type NotScanned struct {
	Source string `json:"source"`
	Path   string `json:"path"` // redacted
	Reason string `json:"reason"`
}

// Pack closes the gaps (values learned late), then writes the bundle to dst.
func (c *Collection) Pack(ctx context.Context, dst io.Writer, key *trust.Signer) (*manifest.Result, error) {
	return nil, errNotBuilt
}

// Summary is complete after Pack.
func (c *Collection) Summary() Summary { return Summary{} }

// Close gives scratch space back.
func (c *Collection) Close() error { return nil }

// RedactOptions of RedactTree.
type RedactOptions struct {
	Session *redact.Session
	Names   *redact.Session // for the names of files: secrets and e-mails only
	Scratch string
}

// Redacted says what became of one file given to RedactTree.
type Redacted struct {
	Path    string           `json:"path"`             // as found, for the operator's own screen
	Output  string           `json:"output,omitempty"` // below the output folder
	Outcome manifest.Outcome `json:"outcome"`
	Reason  string           `json:"reason,omitempty"`
	Bytes   int64            `json:"bytes"`
	Counts  redact.Counts    `json:"redactions,omitempty"`
}

// RedactTree writes redacted copies of paths (files or folders) below dir,
// under the same paths relative to each folder given. Compressed files and
// archives are opened as in a bundle. A file that cannot be read as text is
// not written. Values learned late are swept from what was written before.
func RedactTree(ctx context.Context, paths []string, dir string, o RedactOptions, each func(Redacted)) error {
	return errNotBuilt
}

var _ = time.Now
