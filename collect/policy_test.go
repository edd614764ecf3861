package collect

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/diagcollect/diagcollect/redact"
)

const packText = `rulepack: 1
name: acme
description: What ACME's services write
rules:
  - id: ticket
    class: token
    reason: is the number of a ticket
    pattern: 'TCK-(?P<mask>\d{6})'
    keywords: [ticket]
    paths: [/srv/acme/**, "*.log"]
    allow: ["000000", "/9+/"]
    match: ["ticket TCK-123456"]
    pass: ["TCK-123456", "ticket TCK-000000"]
`

func TestParseRulePack(t *testing.T) {
	p, err := ParseRulePack("acme.yaml", []byte(packText))
	if err != nil {
		t.Fatal(err)
	}
	want := []redact.Rule{{
		ID: "acme/ticket", Class: redact.Token, Reason: "is the number of a ticket", Pattern: `TCK-(?P<mask>\d{6})`,
		Keywords: []string{"ticket"}, Paths: []string{"/srv/acme/**", "*.log"}, Allow: []string{"000000", "/9+/"},
		Match: []string{"ticket TCK-123456"}, Pass: []string{"TCK-123456", "ticket TCK-000000"},
	}}
	if d := cmp.Diff(want, p.Rules); d != "" || p.Name != "acme" || len(p.SHA256) != 64 {
		t.Errorf("%s %s %s", p.Name, p.SHA256, d)
	}
}

func TestRulePackFaults(t *testing.T) {
	rule := `{id: r, class: token, pattern: 'x\d', match: ["x1"], pass: ["y"]}`
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "1:1: the file is empty"},
		{"nothing said", "{}\n", "1:1: rulepack is missing|1:1: name is missing|1:1: rules is missing"},
		{"newer", "rulepack: 2\nname: x\nmagic: 1\n", "1:11: rulepack version 2 is newer than this tool understands (1): use a newer diagcollect"},
		{"a recipe", "recipe: 1\nname: x\nrules: [" + rule + "]\n", `1:1: unknown key "recipe" in a rule pack|1:1: rulepack is missing`},
		{"no rules", "rulepack: 1\nname: x\nrules: []\n", "3:8: rules is an empty list"},
		{"no list", "rulepack: 1\nname: x\nrules: 5\n", "3:8: rules is a list in [brackets], not a single value"},
		{"not a rule", "rulepack: 1\nname: x\nrules: [5]\n", "3:9: a rule is written as keys and values, not as a single value"},
		{"anchors", "rulepack: 1\nname: &x x\nrules: [" + rule + "]\n", "2:7: anchors (&x) have no place here"},
		{"null", "rulepack: 1\nname: x\nrules: [{id: r, class: token, pattern: ~, match: [x], pass: [y]}]\n", "3:40: a text is wanted here, not nothing"},
		{"all that hangs on nothing else", "rulepack: 1\nname: x\nrules:\n  - {id: r, class: tocken, pattern: 'x\\d', keywords: [ab], paths: ['a\\b'], allow: ['/(/'], match: ['x1'], pass: []}\n",
			"4:20: \"tocken\" is not a class; did you mean \"token\"? (password, token, private-key, cookie, card, iban, ssn, email, username, ipv4, ipv6, mac, hostname, phone)" +
				"|4:55: rule \"r\": keywords: \"ab\": a keyword is a text of 3 bytes or more in one line" +
				"|4:68: rule \"r\": paths: \"a\\\\b\": write / between folders" +
				"|4:84: rule \"r\": allow: error parsing regexp: missing closing ): `(`" +
				"|4:113: pass is an empty list"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseRulePack("x.yaml", []byte(tt.text))
			checkFaults(t, err, tt.want)
		})
	}
}

func checkFaults(t *testing.T, err error, want string) {
	t.Helper()
	var re *RecipeError
	if !errors.As(err, &re) {
		t.Fatalf("%v", err)
	}
	var got []string
	for line := range strings.SplitSeq(re.Error(), "\n") {
		got = append(got, strings.TrimPrefix(line, "x.yaml:"))
	}
	if d := cmp.Diff(strings.Split(want, "|"), got); d != "" {
		t.Error(d)
	}
}

func TestPolicyFaults(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"nothing said", "name: x\n", "1:1: policy is missing"},
		{"newer", "policy: 7\nwhat: 1\n", "1:9: policy version 7 is newer than this tool understands (1): use a newer diagcollect"},
		{"secrets", "policy: 1\nkeep: [password]\nnever_keep: [email]\n", "2:8: password can never be kept|3:14: email can never be kept"},
		{"both", "policy: 1\nkeep: [ipv4]\nnever_keep: [ipv4]\n", "2:7: ipv4 stands in keep and in never_keep"},
		{"which end", "policy: 1\nlimits: {keep: head}\n", "2:9: which end of a text is kept is no bound: recipes say it"},
		{"limits", "policy: 1\nlimits: {file: 5, extra: 1}\nbinary: maybe\n",
			`2:16: "5": at least 1 KiB is wanted here|2:19: unknown key "extra" in limits|3:9: "maybe" is not a binary (withhold, keep)`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParsePolicy("x.yaml", []byte(tt.text))
			checkFaults(t, err, tt.want)
		})
	}
}

func policyOf(t *testing.T, text string) *Policy {
	t.Helper()
	y, err := ParsePolicy("policy.yaml", []byte("policy: 1\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return y
}

// What recipes may have is what they ask for and all policies give; what one
// policy forbids nobody has; the lowest limit holds.
func TestRulings(t *testing.T) {
	asks := parsed(t, "recipe: 1\nname: asks\ncollect: [{id: a, type: event, binary: keep, files: [/x]}]\nredact: {keep: [ipv4, mac]}\n")
	other := parsed(t, "recipe: 1\nname: other\nlimits: {file: 1MiB, timeout: 10s}\ncollect: [{id: b, type: event, files: [/y]}]\n")
	gives, givesLess := policyOf(t, "name: gives\nkeep: [ipv4, mac]\nbinary: keep\n"), policyOf(t, "name: less\nkeep: [mac]\nlimits: {file: 2MiB, depth: 1}\n")
	forbids := policyOf(t, "name: forbids\nnever_keep: [mac]\n")
	for _, tt := range []struct {
		name     string
		job      Job
		keep     []redact.Class
		binary   bool
		fails    bool
		decision string // of the first recipe
	}{
		{name: "no policy", job: Job{Recipes: []TrustedRecipe{asks}}, decision: "not kept ipv4: the recipe asks, the operator did not allow it"},
		{name: "given", job: Job{Recipes: []TrustedRecipe{asks}, Policies: []*Policy{gives}}, keep: []redact.Class{redact.IPv4, redact.MAC}, binary: true, decision: "kept ipv4: the recipe asks, policy gives allows it"},
		{name: "given by all", job: Job{Recipes: []TrustedRecipe{asks}, Policies: []*Policy{gives, givesLess}}, keep: []redact.Class{redact.MAC}, decision: "limit lowered by policy less: file 200 MiB to 2 MiB"},
		{name: "asked by all", job: Job{Recipes: []TrustedRecipe{asks, other}, Policies: []*Policy{gives}}, binary: true, decision: "not kept ipv4: the recipe asks, others in this bundle do not"},
		{name: "forbidden", job: Job{Recipes: []TrustedRecipe{asks}, Policies: []*Policy{forbids}}, decision: "not kept mac: the recipe asks, policy forbids forbids it"},
		{name: "forbidden and given", job: Job{Recipes: []TrustedRecipe{asks}, Policies: []*Policy{gives, forbids}}, decision: "not kept mac: the recipe asks, policy forbids forbids it"},
		{name: "said", job: Job{Recipes: []TrustedRecipe{asks}, Keep: []redact.Class{redact.IPv4}}, keep: []redact.Class{redact.IPv4}, decision: "kept ipv4: the operator said so"},
		{name: "said and forbidden", job: Job{Recipes: []TrustedRecipe{asks}, Keep: []redact.Class{redact.MAC}, Policies: []*Policy{forbids}}, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := tt.job.rule()
			if (err != nil) != tt.fails {
				t.Fatal(err)
			}
			if tt.fails {
				return
			}
			if !slices.Equal(d.keep, tt.keep) || d.binary != tt.binary {
				t.Errorf("keeps %v, binary %v", d.keep, d.binary)
			}
			if !slices.Contains(d.notes[0], tt.decision) {
				t.Errorf("%q", d.notes[0])
			}
		})
	}
	j := Job{Policies: []*Policy{gives, givesLess}}
	if l := j.bound(asks.sources[0].limits); l.file != 2<<20 || l.depth != 1 || l.total != 2<<30 {
		t.Errorf("%+v", l)
	}
	if l := j.bound(other.sources[0].limits); l.file != 1<<20 {
		t.Errorf("a limit was raised: %+v", l)
	}
}

// Whatever a file says, it loads or it names its faults and their places; what
// loads is taken by a session.
func FuzzParseRules(f *testing.F) {
	f.Add([]byte(packText))
	f.Add([]byte("recipe: 1\nname: x\nsince: 2d\nlimits: {file: 1MiB}\ncollect: [{id: a, type: event, files: [/var/log/**]}]\nredact: {keep: [ipv4], rules: [{id: r, class: token, pattern: 'x\\d', match: [x1], pass: [x]}]}\n"))
	f.Add([]byte("policy: 1\nkeep: [ipv4]\nnever_keep: [mac]\nlimits: {total: 1MiB}\nbinary: keep\nrules: [{id: r, class: token, pattern: '(?i)ab(c|d)+', match: [ABC], pass: [x]}]\n"))
	f.Add([]byte("a: 1\r\rb: 2\u2028c: *!"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 4<<10 {
			return
		}
		lines := 2 // YAML ends them with more than a line feed
		for _, end := range []string{"\n", "\r", "\u0085", "\u2028", "\u2029"} {
			lines += strings.Count(string(data), end)
		}
		var rules []redact.Rule
		check := func(err error) {
			var re *RecipeError
			switch {
			case err == nil:
			case !errors.As(err, &re) || len(re.Faults) == 0:
				t.Fatalf("%v", err)
			default:
				for _, f := range re.Faults {
					if f.Line < 1 || f.Line > lines || f.Column < 1 || f.Message == "" {
						t.Fatalf("%+v", f)
					}
				}
			}
		}
		if k, err := ParseRulePack("x", data); err == nil {
			rules = k.Rules
		} else {
			check(err)
		}
		if y, err := ParsePolicy("x", data); err == nil {
			rules = y.Rules()
		} else {
			check(err)
		}
		if r, err := ParseRecipe("x", data); err == nil {
			rules = r.Rules()
		} else {
			check(err)
		}
		if len(rules) == 0 {
			return
		}
		if _, err := redact.NewSession(redact.Options{Rules: rules}); err != nil {
			t.Fatalf("what was loaded is not taken: %v", err)
		}
		for _, r := range rules {
			r.Slow()
		}
	})
}
