package collect

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"gopkg.in/yaml.v3"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

// parser walks the nodes of a recipe, rule pack or policy and notes every fault on its way, so
// that an author mends a recipe in one round.
type parser struct {
	faults []Fault
}

// maxFaults is how many faults of a hostile recipe are told.
const maxFaults = 100

func (p *parser) fault(n *yaml.Node, format string, args ...any) {
	p.faultAt(max(n.Line, 1), max(n.Column, 1), fmt.Sprintf(format, args...))
}

func (p *parser) faultAt(line, column int, message string) {
	if len(p.faults) < maxFaults {
		p.faults = append(p.faults, Fault{Line: line, Column: column, Message: message})
	}
}

func (p *parser) error(name string) *RecipeError {
	slices.SortStableFunc(p.faults, func(a, b Fault) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column)
	})
	return &RecipeError{File: name, Faults: p.faults}
}

// recipe parses the whole file.
func (p *parser) recipe(data []byte) *Recipe {
	root := p.document(data)
	if root == nil {
		return nil
	}
	r := &Recipe{limits: defaultLimits()}
	var collect *yaml.Node
	version := 0
	seen := p.mapping(root, "a recipe", fields{
		"recipe": func(n *yaml.Node) {
			version = p.version(n, "recipe", recipeVersion)
		},
		"name":        func(n *yaml.Node) { r.Name = p.name(n) },
		"description": func(n *yaml.Node) { r.Description = p.description(n) },
		"since":       func(n *yaml.Node) { r.since = p.since(n) },
		"limits":      func(n *yaml.Node) { r.limits = p.limits(n, true).fill(defaultLimits()) },
		"redact":      func(n *yaml.Node) { p.redaction(n, r) },
		"collect":     func(n *yaml.Node) { collect = n },
	})
	if version > recipeVersion {
		p.newer("recipe version")
		return nil
	}
	p.missing(root, "", seen, "recipe", "name", "collect")
	if collect != nil {
		p.collect(collect, r)
	}
	r.rules = qualified(r.Name, r.rules)
	return r
}

// version is that of a file's format.
func (p *parser) version(n *yaml.Node, what string, newest int) int {
	v := int(p.integer(n, 1, 1<<30))
	if v > newest {
		p.fault(n, "%s version %d is newer than this tool understands (%d): use a newer diagcollect", what, v, newest)
	}
	return v
}

// newer keeps only the faults that say that a file's format is newer: such a
// one may mean anything.
func (p *parser) newer(message string) {
	p.faults = slices.DeleteFunc(p.faults, func(f Fault) bool { return !strings.HasPrefix(f.Message, message) })
}

// document returns the one mapping of the file, or nil after a fault.
func (p *parser) document(data []byte) *yaml.Node {
	switch {
	case len(data) > maxRecipe:
		p.faultAt(1, 1, fmt.Sprintf("such a file is at most %s, this is %s", sizeText(maxRecipe), sizeText(int64(len(data)))))
		return nil
	case !utf8.Valid(data):
		p.notUTF8(data)
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			p.faultAt(1, 1, "the file is empty")
		} else {
			p.syntax(err)
		}
		return nil
	}
	var second yaml.Node
	if err := dec.Decode(&second); err == nil {
		p.fault(&second, "a second document: a file is one")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
	}
	if len(doc.Content) != 1 {
		p.faultAt(1, 1, "the file is empty")
		return nil
	}
	if p.plain(doc.Content[0]); len(p.faults) > 0 {
		return nil
	}
	return doc.Content[0]
}

// notUTF8 notes where the first byte stands that is no UTF-8.
func (p *parser) notUTF8(data []byte) {
	line, column := 1, 1
	for len(data) > 0 {
		c, size := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && size == 1:
			p.faultAt(line, column, fmt.Sprintf("not UTF-8: byte %#02x", data[0]))
			return
		case c == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		data = data[size:]
	}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// syntax notes an error of the YAML parser, which has its line in the text.
func (p *parser) syntax(err error) {
	text, line := err.Error(), 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		if strings.HasPrefix(text, "did not find expected") {
			line++ // the library counts these from 0
		}
	}
	p.faultAt(line, 1, "not YAML: "+text)
}

// plain refuses anchors, aliases and tags: a recipe needs none, and they are
// the way to make a small file large.
func (p *parser) plain(n *yaml.Node) {
	switch {
	case n.Kind == yaml.AliasNode:
		p.fault(n, "aliases (*%s) have no place here", clip(n.Value))
		return
	case n.Anchor != "":
		p.fault(n, "anchors (&%s) have no place here", clip(n.Anchor))
	case n.Style&yaml.TaggedStyle != 0:
		p.fault(n, "tags (%s) have no place here", clip(n.Tag))
	}
	if strings.ContainsRune(n.Value, 0) {
		p.fault(n, "a NUL byte")
	}
	for _, c := range n.Content {
		p.plain(c)
	}
}

// fields says what to do with the value of each key.
type fields map[string]func(*yaml.Node)

// mapping hands out the values of n and returns which keys it had.
func (p *parser) mapping(n *yaml.Node, what string, f fields) map[string]bool {
	seen := map[string]bool{}
	if n.Kind != yaml.MappingNode {
		p.fault(n, "%s is written as keys and values, not as %s", what, kindName(n))
		return seen
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		take, known := f[key.Value]
		switch {
		case key.Kind != yaml.ScalarNode:
			p.fault(key, "a key must be plain text, not %s", kindName(key))
		case seen[key.Value]:
			p.fault(key, "%q stands here twice", clip(key.Value))
		case !known:
			p.fault(key, "unknown key %q in %s%s", clip(key.Value), what, didYouMean(key.Value, keysOf(f)))
		default:
			take(value)
		}
		seen[key.Value] = true
	}
	return seen
}

// collect parses the list of sources.
func (p *parser) collect(n *yaml.Node, r *Recipe) {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		p.fault(n, "collect is a list of sources and needs at least one")
		return
	}
	if len(n.Content) > 1000 {
		p.fault(n, "%d sources: at most 1000", len(n.Content))
		return
	}
	ids := map[string]int{}
	for _, c := range n.Content {
		s := p.source(c, r)
		if line, twice := ids[s.id]; twice && s.id != "" {
			p.fault(c, "the id %q is taken by the source in line %d", clip(s.id), line)
		}
		ids[s.id] = c.Line
		r.sources = append(r.sources, s)
	}
}

// source parses one source.
func (p *parser) source(n *yaml.Node, r *Recipe) source {
	s := source{since: r.since}
	kind := func(name string, take func(*yaml.Node)) func(*yaml.Node) {
		return func(v *yaml.Node) {
			if s.kind != "" {
				p.fault(v, "a source collects one thing: %s or %s, not both", s.kind, name)
				return
			}
			s.kind = name
			take(v)
		}
	}
	seen := p.mapping(n, "a source", fields{
		"id": func(v *yaml.Node) {
			if s.id = p.text(v); !idForm.MatchString(s.id) {
				p.fault(v, "id %q: write lower-case letters, digits and -, at most 64", clip(s.id))
			}
		},
		"type": func(v *yaml.Node) {
			s.typ = manifest.Type(p.oneOf(v, "type", typeNames()))
		},
		"priority": func(v *yaml.Node) { s.priority = int(p.integer(v, -1000, 1000)) },
		"since":    func(v *yaml.Node) { s.since = p.since(v) },
		"limits":   func(v *yaml.Node) { s.limits = p.limits(v, false) },
		"optional": func(v *yaml.Node) { s.optional = p.boolean(v) },
		"binary": func(v *yaml.Node) {
			s.binary = p.oneOf(v, "binary", []string{"withhold", "keep"}) == "keep"
		},
		"exclude": func(v *yaml.Node) { s.exclude = p.patterns(v) },

		kindFiles:   kind(kindFiles, func(v *yaml.Node) { s.files = p.patterns(v) }),
		kindCommand: kind(kindCommand, func(v *yaml.Node) { s.command = p.argv(v) }),
		kindJournal: kind(kindJournal, func(v *yaml.Node) {
			p.mapping(v, "journal", fields{"units": func(u *yaml.Node) {
				s.units = p.list(u, "unit", unitForm)
			}})
		}),
		kindHTTP: kind(kindHTTP, func(v *yaml.Node) {
			if seen := p.mapping(v, "http", fields{"url": func(u *yaml.Node) { s.url = p.url(u) }}); !seen["url"] {
				p.fault(v, "http needs a url")
			}
		}),
		kindFacts: kind(kindFacts, func(v *yaml.Node) {
			for _, item := range p.items(v, "facts") {
				s.facts = append(s.facts, p.oneOf(item, "fact", factNames()))
			}
		}),
		kindContainers: kind(kindContainers, func(v *yaml.Node) { s.containers = p.containers(v) }),
	})
	p.missing(n, "", seen, "id", "type")
	if s.kind == "" && n.Kind == yaml.MappingNode {
		p.fault(n, "nothing to collect: one of %s is missing", strings.Join(kinds(), ", "))
	}
	if seen["exclude"] && s.kind != kindFiles {
		p.fault(n, "exclude goes with files")
	}
	s.limits = s.limits.fill(r.limits)
	s.limits.total = r.limits.total
	return s
}

func (p *parser) containers(n *yaml.Node) containerSpec {
	c := containerSpec{max: 50}
	p.mapping(n, "containers", fields{
		"engine": func(v *yaml.Node) { c.engine = p.oneOf(v, "engine", []string{"docker", "podman"}) },
		"names":  func(v *yaml.Node) { c.names = p.list(v, "name", nameForm) },
		"max":    func(v *yaml.Node) { c.max = int(p.integer(v, 1, 1000)) },
	})
	return c
}

func (p *parser) limits(n *yaml.Node, ofRecipe bool) limits {
	var l limits
	f := fields{
		"file":     func(v *yaml.Node) { l.file = p.size(v, 1<<10) },
		"timeout":  func(v *yaml.Node) { l.timeout = p.duration(v) },
		"keep":     func(v *yaml.Node) { l.keep = p.oneOf(v, "keep", []string{keepTail, keepHead}) },
		"depth":    func(v *yaml.Node) { l.depth = int(p.integer(v, 1, 16)) },
		"members":  func(v *yaml.Node) { l.members = int(p.integer(v, 1, 1_000_000)) },
		"unpacked": func(v *yaml.Node) { l.unpacked = p.size(v, 1<<10) },
		"ratio":    func(v *yaml.Node) { l.ratio = p.integer(v, 1, 1_000_000) },
		"memory":   func(v *yaml.Node) { l.memory = p.size(v, 1<<20) },
		"total":    func(v *yaml.Node) { l.total = p.size(v, 1<<10) },
	}
	if !ofRecipe {
		f["total"] = func(v *yaml.Node) { p.fault(v, "total is a limit of the whole recipe, not of a source") }
	}
	p.mapping(n, "limits", f)
	return l
}

// redaction parses what the recipe adds to the rules.
func (p *parser) redaction(n *yaml.Node, r *Recipe) {
	p.mapping(n, "redact", fields{
		"keep":  func(v *yaml.Node) { r.keep = p.keepable(v, "keep") },
		"rules": func(v *yaml.Node) { r.rules = p.rules(v) },
	})
}

// text returns a scalar as it is written: 007 and yes are texts where a text
// is wanted.
func (p *parser) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		p.fault(n, "a text is wanted here, not %s", kindName(n))
		return ""
	}
	return n.Value
}

// items returns the items of a list that has some.
func (p *parser) items(n *yaml.Node, what string) []*yaml.Node {
	switch {
	case n.Kind != yaml.SequenceNode:
		p.fault(n, "%s is a list in [brackets], not %s", what, kindName(n))
	case len(n.Content) == 0:
		p.fault(n, "%s is an empty list", what)
	case len(n.Content) > 1000:
		p.fault(n, "%s has %d items: at most 1000", what, len(n.Content))
	default:
		return n.Content
	}
	return nil
}

func (p *parser) texts(n *yaml.Node, what string) []string {
	var out []string
	for _, item := range p.items(n, what) {
		out = append(out, p.text(item))
	}
	return out
}

func (p *parser) list(n *yaml.Node, what string, form *regexp.Regexp) []string {
	var out []string
	for _, item := range p.items(n, what+"s") {
		s := p.text(item)
		if len(s) > maxName || !form.MatchString(s) {
			p.fault(item, "%q is not the name of a %s", clip(s), what)
		}
		out = append(out, s)
	}
	return out
}

func (p *parser) oneOf(n *yaml.Node, what string, words []string) string {
	s := p.text(n)
	if s != "" && !slices.Contains(words, s) {
		p.fault(n, "%q is not a %s%s (%s)", clip(s), what, didYouMean(s, words), strings.Join(words, ", "))
		return ""
	}
	return s
}

func (p *parser) integer(n *yaml.Node, low, high int64) int64 {
	i, err := strconv.ParseInt(p.text(n), 10, 64)
	if n.Kind == yaml.ScalarNode && (n.Tag != "!!int" || err != nil || i < low || i > high) {
		p.fault(n, "%q: a whole number from %d to %d is wanted here", clip(n.Value), low, high)
		return low
	}
	return i
}

func (p *parser) boolean(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.fault(n, "true or false is wanted here")
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

func (p *parser) size(n *yaml.Node, low int64) int64 {
	s := p.text(n)
	if s == "" {
		return low
	}
	size, err := ParseSize(s)
	if err != nil {
		p.fault(n, "%v", err)
	} else if size < low {
		p.fault(n, "%q: at least %s is wanted here", clip(s), sizeText(low))
	}
	return size
}

func (p *parser) duration(n *yaml.Node) time.Duration {
	s := p.text(n)
	if s == "" {
		return time.Second
	}
	d, err := ParseDuration(s)
	if err != nil {
		p.fault(n, "%v", err)
	} else if d <= 0 {
		p.fault(n, "%q: a time greater than zero is wanted here", clip(s))
	}
	return d
}

// since is a duration, or "all" for no beginning.
func (p *parser) since(n *yaml.Node) time.Duration {
	if n.Value == "all" {
		return 0
	}
	return p.duration(n)
}

// argv is a command: a program and its arguments, never a shell line.
func (p *parser) argv(n *yaml.Node) []string {
	if n.Kind == yaml.ScalarNode {
		p.fault(n, "a command is a list, [program, argument, ...], not a shell line")
		return nil
	}
	argv := p.texts(n, kindCommand)
	if len(argv) == 0 {
		return nil
	}
	prog := argv[0]
	switch {
	case prog == "" || strings.HasPrefix(prog, "-"):
		p.fault(n.Content[0], "%q is not the name of a program", clip(prog))
	case strings.ContainsAny(prog, `/\`) && !absolute(strings.ReplaceAll(prog, `\`, "/")):
		p.fault(n.Content[0], "%q: write a bare name or an absolute path", clip(prog))
	}
	return argv
}

// patterns are absolute paths with wildcards.
func (p *parser) patterns(n *yaml.Node) []string {
	var out []string
	for _, item := range p.items(n, "a list of paths") {
		s := p.text(item)
		if s == "" {
			if item.Kind == yaml.ScalarNode && item.Tag != "!!null" {
				p.fault(item, "an empty path")
			}
			continue
		}
		if fault := checkPattern(s); fault != "" {
			p.fault(item, "%q: %s", clip(s), fault)
		}
		out = append(out, s)
	}
	return out
}

func checkPattern(s string) string {
	switch {
	case strings.HasPrefix(s, "~"):
		return "~ is not expanded; write the absolute path, such as /home/*/..."
	case len(s) > 2 && s[1] == ':' && strings.Contains(s, `\`):
		return "write / in place of \\"
	case !absolute(s):
		return "a path must be absolute"
	case len(s) > 4096:
		return "longer than 4096 bytes"
	case !doublestar.ValidatePattern(s):
		return "the wildcards do not fit together"
	case strings.Count(s, "**") > 4:
		return "more than four **"
	case path.Clean(s) != strings.TrimSuffix(s, "/") && s != "/":
		return "write it without //, /./ and /../"
	}
	depth := 0
	for _, c := range s {
		switch c {
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth > 0 {
				return "a / inside of {} is not understood; write two paths"
			}
		}
	}
	return ""
}

// absolute reports whether a path with slashes is absolute on some system.
func absolute(s string) bool { return strings.HasPrefix(s, "/") || driveForm.MatchString(s) }

func (p *parser) url(n *yaml.Node) string {
	s := p.text(n)
	u, err := url.Parse(s)
	switch {
	case err != nil:
		// The error quotes the address, which may hold a password.
		p.fault(n, "the url is not well formed")
	case u.Scheme != "http" && u.Scheme != "https":
		p.fault(n, "the url must begin with http:// or https://")
	case u.Host == "" || u.Hostname() == "":
		p.fault(n, "the url names no host")
	case u.User != nil:
		p.fault(n, "the url holds credentials: a recipe is no place for a secret")
	}
	return s
}

func typeNames() []string {
	var out []string
	for _, t := range []manifest.Type{manifest.Alert, manifest.Configuration, manifest.Event, manifest.Metadata, manifest.Performance, manifest.State} {
		out = append(out, string(t))
	}
	return out
}

func classNames() []string {
	var out []string
	for _, c := range redact.Classes() {
		out = append(out, string(c))
	}
	return out
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys and values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	default:
		return "a single value"
	}
}

func keysOf(f fields) []string {
	var out []string
	for k := range f {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// clip shortens a foreign text for a message.
func clip(s string) string {
	if len(s) <= 60 {
		return s
	}
	return strings.ToValidUTF8(s[:60], "") + "..."
}
