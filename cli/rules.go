package cli

import (
	"errors"
	"io/fs"
	"path/filepath"
	"regexp"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

// Rule packs that an operator adds, and the policies of the organisation: the
// machine's, which an administrator puts beside the machine's configuration,
// and those that configuration, environment and command line name in addition.
// A policy can only make things stricter, so none takes the place of another.

func ruleFlags() []cli.Flag {
	return []cli.Flag{
		listFlag("rules", "hide also what the rules of a rule pack find, `FILE` (repeatable)"),
		addList{listFlag("policy", "hold to this policy, `FILE`, in addition to the machine's (repeatable)")},
	}
}

// addRules reads rule packs and policies into a job and holds the operator's
// own wishes against them.
func (p *program) addRules(c *cli.Context, j *collect.Job) error {
	files := c.StringSlice("policy")
	for k, path := range append([]string{filepath.Join(p.system, "policy.yaml")}, files...) {
		if k > 0 {
			if err := checkFile("--policy", path); err != nil {
				return err
			}
		}
		data, err := trust.ReadConfig(path)
		if k == 0 && errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fileProblem("policy", path, err)
		}
		y, err := collect.ParsePolicy(path, data)
		if err != nil {
			return err
		}
		j.Policies = append(j.Policies, y)
	}
	for _, path := range c.StringSlice("rules") {
		data, err := readSmall(path)
		if err != nil {
			return fileProblem("--rules", path, err)
		}
		k, err := collect.ParseRulePack(path, data)
		if err != nil {
			return err
		}
		j.RulePacks = append(j.RulePacks, k)
	}
	seen := map[string]bool{}
	for _, r := range addedRules(j) {
		if seen[r.ID] {
			return usageError("the rule %q is in two of the files given", visible(r.ID)).withHint("name each file once; two rule packs need two names")
		}
		seen[r.ID] = true
	}
	for _, class := range j.Keep {
		for _, y := range j.Policies {
			if y.Forbids(class) {
				return refusal("policy", "--keep-class %s: the policy %q forbids it", class, visible(y.Name)).
					withHint("%s are hidden here, whoever asks: leave the flag out", class)
			}
		}
	}
	return nil
}

// addedRules are those of rule packs and policies.
func addedRules(j *collect.Job) []redact.Rule {
	var rules []redact.Rule
	for _, y := range j.Policies {
		rules = append(rules, y.Rules()...)
	}
	for _, k := range j.RulePacks {
		rules = append(rules, k.Rules...)
	}
	return rules
}

// kindOfFile tells a rule pack and a policy from a recipe, by the key that
// names the format's version.
func kindOfFile(text []byte) string {
	if m := formatKey.FindSubmatch(text); m != nil {
		return string(m[1])
	}
	return "recipe"
}

var formatKey = regexp.MustCompile(`(?m)^["']?(recipe|rulepack|policy)["']?\s*:`)
