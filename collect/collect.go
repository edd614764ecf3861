// Package collect reads recipes and runs them: it gathers what each source
// names, and nothing raw leaves the package. It owns the one redaction
// session of a bundle and is the only caller of the bundle's writer.
//
// # What a bundle gets
//
// Every source has a folder, data/<id>/, and in it
//
//   - files: the absolute path of each file without the slash before it
//     (var/log/syslog); a drive letter is the first component (C/inetpub/...).
//   - command: stdout, and stderr when something was written to it.
//   - journal: journal.log.
//   - http: the last component of the URL's path, or body.
//   - facts: one <fact>.jsonl for each fact, one record to a line.
//   - containers: containers.jsonl, and for each container a folder with
//     inspect.json and log (both of its outputs, as the engine shows them).
//
// Compressed files lose their suffix (syslog.2.gz becomes syslog.2). Archives
// become folders of their full name (old.tar.gz/app.log): so they meet no
// folder that stood beside them, and an entry shows where it came from.
//
// # Which files
//
// A pattern is an absolute path with the wildcards of a shell and ** for any
// number of folders; a path without wildcards that is a folder stands for all
// that is below it. The fixed beginning of a pattern is its root. Links are
// followed beneath the root and never out of it; one that leads out is listed
// as withheld, unless the same source names the file it leads to. Devices,
// FIFOs and sockets are refused, as are the memory and the environment of
// processes (on Linux wherever proc(5) is mounted) and what the job avoids;
// that is judged when a file is found and again of the open file. The time
// window (the time of last change) chooses among files of the types event,
// alert and performance; configuration, metadata and state are read whatever
// their age.
//
// # Limits
//
// Every source has limits: file (bytes kept of one file or output), timeout
// (of a command or request; of files: without a byte read), keep (tail or
// head), and for what is compressed or packed depth, members, unpacked, ratio
// and memory. A recipe has one total for all its sources: it is given to the
// files of the highest priority first, and among equals to the newest. What a
// limit cuts is in the manifest (truncated, cut, outcome partial).
//
// # Commands
//
// A command has a clean environment, no input, and a session of its own. What
// it starts ends with it: soon after it has ended its output is over, whoever
// still holds it, and what is left of its process group (on Windows, of its
// job) is killed. On Linux that is so for every process it left, in whatever
// session: while sources run the program is the subreaper of its descendants
// (PR_SET_CHILD_SUBREAPER), unless it is process 1, has children already when
// Run begins, or is a subreaper by another's will. A program should therefore
// run one collection at a time, and start no processes in new sessions
// meanwhile.
//
// # Outcomes
//
// A source that is optional is one that a stock system need not have or
// allow: failed and denied become skipped, and a command that gave output and
// a bad exit status is ok; the reason is kept either way. A refused
// connection is failed: something was expected to listen.
package collect

import (
	"crypto/rand"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

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
	Only, Skip   []string        // source ids; one that no recipe has is an *UnknownSourceError
	Label        string          // stands for the host's name
	Keep         []redact.Class  // the operator's word; what a policy forbids is an error
	RulePacks    []*RulePack
	Policies     []*Policy
	Avoid        []string // paths never read: our keys, spool, receiver
	Scratch      string   // folder for scratch files; "": os.TempDir()
	Version      string   // of the tool
	Workers      int      // sources that read and redact at once; 0: two

	// Stop, when closed, ends the sources early: what is there is packed.
	Stop <-chan struct{}
	// Hit, when not nil, is told of what Succeed hides, see redact.Options.Each.
	Hit func(redact.Hit)
	// Surveyed is told, before Progress, how many bytes the files have that
	// will be read; it may be nil.
	Surveyed func(bytes int64)
	// Progress is told of every source; it may be nil. Called from several
	// goroutines.
	Progress func(Progress)

	clock  func() time.Time // nil: the real one
	random io.Reader        // nil: crypto/rand
}

func (j *Job) now() time.Time {
	if j.clock != nil {
		return j.clock()
	}
	return time.Now()
}

// newID makes a UUID of version 7 (RFC 9562, section 5.7).
func (j *Job) newID() (string, error) {
	random := j.random
	if random == nil {
		random = rand.Reader
	}
	id, err := uuid.NewRandomFromReader(random)
	if err != nil {
		return "", err
	}
	ms := uint64(j.now().UnixMilli())
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	id[6] = id[6]&0x0f | 0x70
	return id.String(), nil
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

// UnknownSourceError says that a job names a source that no recipe has.
type UnknownSourceError struct {
	ID      string
	Nearest string // what may have been meant; "": nothing near
}

func (e *UnknownSourceError) Error() string {
	if e.Nearest != "" {
		return "no source " + quote(e.ID) + "; did you mean " + quote(e.Nearest) + "?"
	}
	return "no source " + quote(e.ID)
}

// Summary is what an operator is shown before consent.
type Summary struct {
	BundleID     string
	Case         string
	Organisation string
	PseudonymKey string // id, as in the manifest

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

// window is the span of one source: the operator's word, else the recipe's.
func (j *Job) window(s *source, now time.Time) manifest.Window {
	w := j.Window
	if w.Since.IsZero() && s.since > 0 {
		end := now
		if !w.Until.IsZero() {
			end = w.Until
		}
		w.Since = end.Add(-s.since)
	}
	return w
}
