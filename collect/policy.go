package collect

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/diagcollect/diagcollect/redact"
)

// policyVersion is the newest version of the policy format that is
// understood.
const policyVersion = 1

// Policy is what the operator's organisation decided beforehand. It arms
// rules and sets bounds, for operators and recipes alike, and answers what
// recipes ask for; it never disarms a rule. What several policies say holds
// together: the strictest of each.
type Policy struct {
	Name   string
	SHA256 string // of its file

	keep   []redact.Class // recipes that ask may keep these
	never  []redact.Class // nobody may keep these
	binary bool           // recipes that ask may keep what is not text
	limits limits         // no source has more; zero: no bound
	rules  []redact.Rule
}

// ParsePolicy reads a policy; name is its file's, for messages. A
// *RecipeError lists everything wrong with it, in the order of the file.
//
//	policy: 1
//	name: acme
//	never_keep: [username, hostname]   # not even with --keep-class
//	keep: [ipv4]                       # recipes that ask for it may keep these
//	binary: withhold                   # or keep: recipes that ask may
//	limits: {file: 50MiB, total: 500MiB, timeout: 30s, depth: 2}
//	rules: [...]                       # as in a rule pack
func ParsePolicy(name string, data []byte) (*Policy, error) {
	p := &parser{}
	r := p.policy(data)
	if len(p.faults) > 0 {
		return nil, p.error(name)
	}
	r.SHA256 = digest(data)
	return r, nil
}

// Forbids reports whether nobody may keep values of the class.
func (y *Policy) Forbids(c redact.Class) bool { return slices.Contains(y.never, c) }

// Rules are those that the policy adds to every redaction.
func (y *Policy) Rules() []redact.Rule { return y.rules }

func (p *parser) policy(data []byte) *Policy {
	root := p.document(data)
	if root == nil {
		return nil
	}
	y := &Policy{Name: "policy"}
	version := 0
	var keep *yaml.Node
	seen := p.mapping(root, "a policy", fields{
		"policy":     func(n *yaml.Node) { version = p.version(n, "policy", policyVersion) },
		"name":       func(n *yaml.Node) { y.Name = p.name(n) },
		"keep":       func(n *yaml.Node) { keep, y.keep = n, p.keepable(n, "keep") },
		"never_keep": func(n *yaml.Node) { y.never = p.keepable(n, "never_keep") },
		"binary":     func(n *yaml.Node) { y.binary = p.oneOf(n, "binary", []string{"withhold", "keep"}) == "keep" },
		"limits": func(n *yaml.Node) {
			if y.limits = p.limits(n, true); y.limits.keep != "" {
				p.fault(n, "which end of a text is kept is no bound: recipes say it")
			}
		},
		"rules": func(n *yaml.Node) { y.rules = p.rules(n) },
	})
	if version > policyVersion {
		p.newer("policy version")
		return nil
	}
	p.missing(root, "", seen, "policy")
	for _, c := range y.never {
		if slices.Contains(y.keep, c) {
			p.fault(keep, "%s stands in keep and in never_keep", c)
		}
	}
	y.rules = qualified(y.Name, y.rules)
	return y
}

// keepable parses a list of classes that can be kept.
func (p *parser) keepable(n *yaml.Node, what string) []redact.Class {
	var out []redact.Class
	for _, item := range p.items(n, what) {
		c := redact.Class(p.oneOf(item, "class", classNames()))
		if c != "" && !c.Keepable() {
			p.fault(item, "%s can never be kept", c)
		}
		out = append(out, c)
	}
	return out
}

// forbidding names the policy that does not let a class be kept, if any.
func forbidding(policies []*Policy, c redact.Class) string {
	for _, y := range policies {
		if y.Forbids(c) {
			return y.Name
		}
	}
	return ""
}

// granting names the policies if there are any and all let recipes have
// what may tells.
func granting(policies []*Policy, may func(*Policy) bool) string {
	var names []string
	for _, y := range policies {
		if !may(y) {
			return ""
		}
		names = append(names, y.Name)
	}
	return strings.Join(names, ", ")
}

// rulings is what was decided on a job before it ran.
type rulings struct {
	keep    []redact.Class // of the session
	binary  bool
	rules   []redact.Rule
	general []string   // holds for every recipe, and without any
	notes   [][]string // of each recipe
}

// rule decides on what recipes and operator ask for. An operator's wish that
// a policy forbids is an error: it was for the caller to refuse it.
func (j *Job) rule() (rulings, error) {
	var d rulings
	binary := granting(j.Policies, func(y *Policy) bool { return y.binary })
	d.binary = binary != ""
	for _, c := range j.Keep {
		if name := forbidding(j.Policies, c); name != "" {
			return d, fmt.Errorf("keeping %s: policy %s forbids it", c, name)
		}
	}
	d.keep = slices.Clone(j.Keep)
	granted := map[redact.Class]string{}
	for _, c := range redact.Classes() {
		// One session redacts for all recipes: what one of them did not ask
		// for is not kept for another.
		if len(j.Recipes) == 0 || slices.Contains(j.Keep, c) || slices.ContainsFunc(j.Recipes, func(r TrustedRecipe) bool { return !slices.Contains(r.keep, c) }) {
			continue
		}
		name := granting(j.Policies, func(y *Policy) bool { return slices.Contains(y.keep, c) && !y.Forbids(c) })
		if name != "" {
			granted[c] = name
			d.keep = append(d.keep, c)
		}
	}
	for _, y := range j.Policies {
		d.rules = append(d.rules, y.rules...)
		d.general = append(d.general, fmt.Sprintf("policy %s applied, file sha256 %s", y.Name, y.SHA256))
	}
	for _, k := range j.RulePacks {
		d.rules = append(d.rules, k.Rules...)
		d.general = append(d.general, fmt.Sprintf("rule pack %s applied, file sha256 %s", k.Name, k.SHA256))
	}
	for _, c := range j.Keep {
		d.general = append(d.general, "kept "+string(c)+": the operator said so")
	}
	for _, r := range j.Recipes {
		d.rules = append(d.rules, r.rules...)
		notes := slices.Clone(d.general)
		for _, c := range r.keep {
			switch forbids := forbidding(j.Policies, c); {
			case slices.Contains(j.Keep, c):
			case granted[c] != "":
				notes = append(notes, fmt.Sprintf("kept %s: the recipe asks, policy %s allows it", c, granted[c]))
			case forbids != "":
				notes = append(notes, fmt.Sprintf("not kept %s: the recipe asks, policy %s forbids it", c, forbids))
			case granting(j.Policies, func(y *Policy) bool { return slices.Contains(y.keep, c) }) != "":
				notes = append(notes, fmt.Sprintf("not kept %s: the recipe asks, others in this bundle do not", c))
			default:
				notes = append(notes, fmt.Sprintf("not kept %s: the recipe asks, the operator did not allow it", c))
			}
		}
		if slices.ContainsFunc(r.sources, func(s source) bool { return s.binary }) {
			if d.binary {
				notes = append(notes, fmt.Sprintf("kept what is not text: the recipe asks, policy %s allows it", binary))
			} else {
				notes = append(notes, "withheld what is not text: the recipe asks to keep it, no policy allows it")
			}
		}
		for _, y := range j.Policies {
			notes = append(notes, y.lowered(r.Recipe)...)
		}
		d.notes = append(d.notes, notes)
	}
	return d, nil
}

// bound lowers the limits of a source to what the policies allow.
func (j *Job) bound(l limits) limits {
	for _, y := range j.Policies {
		l = l.atMost(y.limits)
	}
	return l
}

// lowered tells which limits of a recipe's sources the policy lowers.
func (y *Policy) lowered(r *Recipe) []string {
	var out []string
	told := map[string]bool{}
	for _, s := range r.sources {
		for _, text := range s.limits.above(y.limits) {
			if !told[text] {
				told[text] = true
				out = append(out, fmt.Sprintf("limit lowered by policy %s: %s", y.Name, text))
			}
		}
	}
	return out
}

// atMost is l with nothing above what m says.
func (l limits) atMost(m limits) limits {
	lower := func(a *int64, b int64) {
		if b > 0 && *a > b {
			*a = b
		}
	}
	lower(&l.file, m.file)
	lower(&l.total, m.total)
	lower(&l.unpacked, m.unpacked)
	lower(&l.ratio, m.ratio)
	lower(&l.memory, m.memory)
	if m.timeout > 0 {
		l.timeout = min(l.timeout, m.timeout)
	}
	if m.depth > 0 {
		l.depth = min(l.depth, m.depth)
	}
	if m.members > 0 {
		l.members = min(l.members, m.members)
	}
	return l
}

// above lists the limits of l that are above those of m.
func (l limits) above(m limits) []string {
	var out []string
	add := func(name string, is, may int64, text func(int64) string) {
		if may > 0 && is > may {
			out = append(out, fmt.Sprintf("%s %s to %s", name, text(is), text(may)))
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	add("file", l.file, m.file, sizeText)
	add("total", l.total, m.total, sizeText)
	add("timeout", int64(l.timeout), int64(m.timeout), func(n int64) string { return time.Duration(n).String() })
	add("depth", int64(l.depth), int64(m.depth), number)
	add("members", int64(l.members), int64(m.members), number)
	add("unpacked", l.unpacked, m.unpacked, sizeText)
	add("ratio", l.ratio, m.ratio, number)
	add("memory", l.memory, m.memory, sizeText)
	return out
}
