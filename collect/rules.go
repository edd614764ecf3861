package collect

import (
	"crypto/sha256"
	"encoding/hex"

	"gopkg.in/yaml.v3"

	"github.com/diagcollect/diagcollect/redact"
)

// rulePackVersion is the newest version of the rule pack format that is
// understood.
const rulePackVersion = 1

// RulePack is a file of rules that are added to a redaction.
type RulePack struct {
	Name        string
	Description string
	SHA256      string // of its file
	Rules       []redact.Rule
}

// ParseRulePack reads a rule pack; name is its file's, for messages. A
// *RecipeError lists everything wrong with it, in the order of the file.
//
//	rulepack: 1
//	name: acme
//	description: What ACME's services write
//	rules:
//	  - id: ticket
//	    class: token
//	    pattern: 'TCK-(?P<mask>\d{6})'
//	    match: ["TCK-123456"]
//	    pass: ["TCK-12"]
//
// A rule may have more: reason (a sentence for --explain), keywords, paths and
// allow, see redact.Rule. In reports a rule is called by its pack and id,
// acme/ticket.
func ParseRulePack(name string, data []byte) (*RulePack, error) {
	p := &parser{}
	r := p.rulePack(data)
	if len(p.faults) > 0 {
		return nil, p.error(name)
	}
	r.SHA256 = digest(data)
	return r, nil
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (p *parser) rulePack(data []byte) *RulePack {
	root := p.document(data)
	if root == nil {
		return nil
	}
	r := &RulePack{}
	version := 0
	seen := p.mapping(root, "a rule pack", fields{
		"rulepack":    func(n *yaml.Node) { version = p.version(n, "rulepack", rulePackVersion) },
		"name":        func(n *yaml.Node) { r.Name = p.name(n) },
		"description": func(n *yaml.Node) { r.Description = p.description(n) },
		"rules":       func(n *yaml.Node) { r.Rules = p.rules(n) },
	})
	if version > rulePackVersion {
		p.newer("rulepack version")
		return nil
	}
	p.missing(root, "", seen, "rulepack", "name", "rules")
	r.Rules = qualified(r.Name, r.Rules)
	return r
}

// qualified gives rules the names under which reports count them.
func qualified(file string, rules []redact.Rule) []redact.Rule {
	for k := range rules {
		rules[k].ID = file + "/" + rules[k].ID
	}
	return rules
}

// rules parses a list of rules.
func (p *parser) rules(n *yaml.Node) []redact.Rule {
	var rules []redact.Rule
	ids := map[string]int{}
	for _, item := range p.items(n, "rules") {
		rule := p.rule(item)
		if line, twice := ids[rule.ID]; twice && rule.ID != "" {
			p.fault(item, "the id %q is taken by the rule in line %d", clip(rule.ID), line)
		}
		ids[rule.ID] = item.Line
		rules = append(rules, rule)
	}
	return rules
}

func (p *parser) rule(n *yaml.Node) redact.Rule {
	var rule redact.Rule
	at := map[string]*yaml.Node{}
	text := func(field string, to *string) func(*yaml.Node) {
		return func(v *yaml.Node) { at[field], *to = v, p.text(v) }
	}
	list := func(field string, to *[]string) func(*yaml.Node) {
		return func(v *yaml.Node) { at[field], *to = v, p.texts(v, field) }
	}
	seen := p.mapping(n, "a rule", fields{
		"id": func(v *yaml.Node) {
			if rule.ID = p.text(v); !idForm.MatchString(rule.ID) {
				p.fault(v, "id %q: write lower-case letters, digits and -, at most 64", clip(rule.ID))
			}
		},
		"class": func(v *yaml.Node) { rule.Class = redact.Class(p.oneOf(v, "class", classNames())) },
		"reason": func(v *yaml.Node) {
			if rule.Reason = p.text(v); len(rule.Reason) > 200 {
				p.fault(v, "reason is longer than 200 bytes: one sentence will do")
			}
		},
		"pattern":  text("pattern", &rule.Pattern),
		"keywords": list("keywords", &rule.Keywords),
		"paths":    list("paths", &rule.Paths),
		"allow":    list("allow", &rule.Allow),
		"match":    list("match", &rule.Match),
		"pass":     list("pass", &rule.Pass),
	})
	if n.Kind != yaml.MappingNode {
		return rule
	}
	p.missing(n, " in the rule", seen, "id", "class", "pattern", "match", "pass")
	for _, f := range redact.CheckRule(rule) {
		place := at[f.Field]
		if place == nil || place.Kind == yaml.SequenceNode && len(place.Content) == 0 || place.Kind == yaml.MappingNode || isNull(place) {
			continue // missing, or not what is wanted: that was told
		}
		if f.Index >= 0 && f.Index < len(place.Content) {
			place = place.Content[f.Index]
		}
		p.fault(place, "rule %q: %s: %s", clip(rule.ID), f.Field, f.Message)
	}
	return rule
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// missing notes the keys that n has to have.
func (p *parser) missing(n *yaml.Node, where string, seen map[string]bool, keys ...string) {
	if n.Kind != yaml.MappingNode {
		return
	}
	for _, key := range keys {
		if !seen[key] {
			p.fault(n, "%s is missing%s", key, where)
		}
	}
}

func (p *parser) name(n *yaml.Node) string {
	s := p.text(n)
	if !idForm.MatchString(s) {
		p.fault(n, "name %q: write lower-case letters, digits and -, at most 64", clip(s))
	}
	return s
}

func (p *parser) description(n *yaml.Node) string {
	s := p.text(n)
	if len(s) > 1000 {
		p.fault(n, "description is longer than 1000 bytes")
	}
	return s
}
