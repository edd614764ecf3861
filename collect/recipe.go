package collect

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// recipeVersion is the newest version of the recipe format that is understood.
const recipeVersion = 1

// maxRecipe is the largest recipe file in bytes.
const maxRecipe = 1 << 20

// Recipe says what to collect. It is data, never a script.
type Recipe struct {
	Name        string
	Description string
	SHA256      string // of its file

	since   time.Duration // 0: everything
	limits  limits
	sources []source
	keep    []redact.Class // asked for, never granted by the recipe itself
	rules   []redact.Rule
}

// source is one item of a recipe, its defaults filled in.
type source struct {
	id       string
	typ      manifest.Type
	kind     string // the key that named what to collect
	since    time.Duration
	limits   limits
	priority int
	binary   bool // keep what is not text, when policy allows it too
	optional bool // failing is no loss: failed and denied become skipped

	files      []string // patterns
	exclude    []string
	command    []string
	units      []string // of a journal; none: all
	url        string
	facts      []string
	containers containerSpec
}

type containerSpec struct {
	engine string   // "docker", "podman" or "": whichever is there
	names  []string // patterns; none: all
	max    int
}

// The kinds of sources: the key that says what to collect.
const (
	kindFiles      = "files"
	kindCommand    = "command"
	kindJournal    = "journal"
	kindHTTP       = "http"
	kindFacts      = "facts"
	kindContainers = "containers"
)

func kinds() []string {
	return []string{kindFiles, kindCommand, kindJournal, kindHTTP, kindFacts, kindContainers}
}

// limits bound a source. A zero field of a parsed source means that nothing
// was said; fill puts the recipe's or the default in its place.
type limits struct {
	file     int64         // bytes kept of one file or output, redacted
	total    int64         // bytes kept of all sources of the recipe
	timeout  time.Duration // of a command, journal, request; for files: without a byte read
	keep     string        // "tail" or "head"
	depth    int           // of nested archives
	members  int           // of one archive with everything nested in it
	unpacked int64         // bytes decoded from one file
	ratio    int64         // decoded to encoded
	memory   int64         // of one decoder: the largest window
}

const (
	keepTail = "tail"
	keepHead = "head"
)

func defaultLimits() limits {
	return limits{
		file:     200 << 20,
		total:    2 << 30,
		timeout:  time.Minute,
		keep:     keepTail,
		depth:    4,
		members:  10_000,
		unpacked: 8 << 30,
		ratio:    1000,
		memory:   64 << 20,
	}
}

// fill takes what l does not say from d.
func (l limits) fill(d limits) limits {
	or := func(a *int64, b int64) {
		if *a == 0 {
			*a = b
		}
	}
	or(&l.file, d.file)
	or(&l.total, d.total)
	or(&l.unpacked, d.unpacked)
	or(&l.ratio, d.ratio)
	or(&l.memory, d.memory)
	if l.timeout == 0 {
		l.timeout = d.timeout
	}
	if l.keep == "" {
		l.keep = d.keep
	}
	if l.depth == 0 {
		l.depth = d.depth
	}
	if l.members == 0 {
		l.members = d.members
	}
	return l
}

// Rules are those that the recipe adds to its redaction.
func (r *Recipe) Rules() []redact.Rule { return r.rules }

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

// Error gives one line to each fault, as compilers do.
func (e *RecipeError) Error() string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", e.File, f.Line, f.Column, f.Message)
	}
	return strings.Join(lines, "\n")
}

// ParseRecipe reads a recipe; name is its file's, for messages. A
// *RecipeError lists everything wrong with it, in the order of the file.
func ParseRecipe(name string, data []byte) (*Recipe, error) {
	p := &parser{}
	r := p.recipe(data)
	if len(p.faults) > 0 {
		return nil, p.error(name)
	}
	r.SHA256 = digest(data)
	return r, nil
}

// ParseDuration reads a duration with units of time.ParseDuration and d
// (24 hours) and w (7 days): "90m", "2d", "1w3d12h".
func ParseDuration(s string) (time.Duration, error) {
	m := durationForm.FindStringSubmatch(s)
	if m == nil || s == "" {
		return 0, fmt.Errorf("%q is not a duration such as 90s, 24h, 2d or 1w", s)
	}
	var d time.Duration
	for i, unit := range []time.Duration{7 * 24 * time.Hour, 24 * time.Hour} {
		if m[i+1] == "" {
			continue
		}
		var n int64
		if _, err := fmt.Sscanf(m[i+1], "%d", &n); err != nil || n > int64(100*365*24*time.Hour/unit) {
			return 0, fmt.Errorf("%q is too long a duration", s)
		}
		d += time.Duration(n) * unit
	}
	if m[3] != "" {
		rest, err := time.ParseDuration(m[3])
		if err != nil {
			return 0, fmt.Errorf("%q is not a duration such as 90s, 24h, 2d or 1w", s)
		}
		d += rest
	}
	return d, nil
}

// maxName is how long the name of a unit or a container may be. It stands in no
// pattern: repeats that are counted so far take a millisecond of every start.
const maxName = 256

var (
	durationForm = regexp.MustCompile(`^(?:(\d{1,6})w)?(?:(\d{1,6})d)?((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))*)$`)
	sizeForm     = regexp.MustCompile(`^(\d{1,12})\s*([KMGT]i?B|B|)$`)
	idForm       = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	unitForm     = regexp.MustCompile(`^[A-Za-z0-9_*?@][A-Za-z0-9:_.@*?\\-]*$`)
	nameForm     = regexp.MustCompile(`^[A-Za-z0-9_*?][A-Za-z0-9_.*?-]*$`)
	driveForm    = regexp.MustCompile(`^[A-Za-z]:/`)
)

// ParseSize reads a number of bytes: "200MiB", "2GB", "4096".
func ParseSize(s string) (int64, error) {
	m := sizeForm.FindStringSubmatch(s)
	if m == nil {
		return 0, fmt.Errorf("%q is not a size such as 200MiB or 2GB", s)
	}
	var n int64
	if _, err := fmt.Sscanf(m[1], "%d", &n); err != nil {
		return 0, fmt.Errorf("%q is not a size such as 200MiB or 2GB", s)
	}
	if m[2] != "" && m[2] != "B" {
		base := int64(1000)
		if strings.HasSuffix(m[2], "iB") {
			base = 1024
		}
		for range strings.IndexByte("KMGT", m[2][0]) + 1 {
			if n > 1<<50/base {
				return 0, fmt.Errorf("%q is too large a size", s)
			}
			n *= base
		}
	}
	return n, nil
}

// sizeText writes n as a person would: "200 MiB", "312 MiB", "1.5 GiB".
func sizeText(n int64) string {
	const units = "KMGTPE"
	if n < 1024 {
		return fmt.Sprintf("%d bytes", n)
	}
	f, i := float64(n)/1024, 0
	for f >= 1023.95 && i < len(units)-1 {
		f /= 1024
		i++
	}
	s := fmt.Sprintf("%.1f", f)
	return strings.TrimSuffix(s, ".0") + " " + units[i:i+1] + "iB"
}
