package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
)

func (p *program) recipeCommand() *cli.Command {
	return &cli.Command{
		Name:  "recipe",
		Usage: "list, show and check recipes",
		Description: "A recipe is a YAML file that says what to collect; it is data, never a script.\n\nEXAMPLES:\n" +
			"   diagcollect recipe list\n" +
			"   diagcollect recipe show linux-base > mine.yaml\n" +
			"   diagcollect recipe check mine.yaml rules.yaml /etc/diagcollect/policy.yaml",
		Flags: p.common(),
		Action: p.do(func(*cli.Context) error {
			return usageError("recipe wants a command: list, show or check")
		}),
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "the built-in recipes", Flags: p.common(), Action: p.do(p.recipeList),
				Description: "Prints the name of each and what it collects. Without --recipe a job takes the base recipe\n" +
					"of this system.\n\n" + examplesMark +
					"   diagcollect recipe list\n" +
					"   diagcollect plan --recipe nginx                 what one of them would read and run",
			},
			{
				Name: "show", Usage: "print a recipe, rule pack or policy", ArgsUsage: "NAME|FILE", Flags: p.common(), Action: p.do(p.recipeShow),
				Description: "A built-in recipe is a good beginning of one's own. A file with faults is not printed:\n" +
					"they are told.\n\n" + examplesMark +
					"   diagcollect recipe show linux-base > mine.yaml",
			},
			{
				Name: "check", Usage: "look for faults in recipes, rule packs and policies, all at once", ArgsUsage: "NAME|FILE...", Flags: p.common(), Action: p.do(p.recipeCheck),
				Description: "Tells every fault with file, line and column, runs the examples of rules against their\n" +
					"patterns, and says which rules are slow. Nothing is collected. Exit code 0: no faults, 2: faults.\n\n" + examplesMark +
					"   diagcollect recipe check mine.yaml\n" +
					"   diagcollect recipe check mine.yaml rules.yaml /etc/diagcollect/policy.yaml",
			},
		},
	}
}

const recipeFolder = "examples"

// builtInNames lists the recipes inside the binary.
func (p *program) builtInNames() ([]string, error) {
	entries, err := fs.ReadDir(p.recipes, recipeFolder)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if n, ok := strings.CutSuffix(e.Name(), ".yaml"); ok {
			names = append(names, n)
		}
	}
	return names, nil
}

// recipeText finds a recipe: a built-in name, or else a file.
func (p *program) recipeText(name string) (text []byte, file string, builtIn bool, err error) {
	names, err := p.builtInNames()
	if err != nil {
		return nil, "", false, err
	}
	if slices.Contains(names, name) {
		file = path.Join(recipeFolder, name+".yaml")
		text, err = fs.ReadFile(p.recipes, file)
		return text, name, true, err
	}
	text, err = readSmall(name)
	if isMissing(err) {
		pr := &problem{exit: exitUsage, code: "not-found", err: fmt.Errorf("recipe %q is neither built in nor a file", visible(name))}
		if near := nearest(name, names); near != "" {
			return nil, "", false, pr.withHint("did you mean %s", near)
		}
		return nil, "", false, pr.withHint("built in: %s", strings.Join(names, ", "))
	}
	if err != nil {
		return nil, "", false, fileProblem("recipe", name, err)
	}
	return text, name, false, nil
}

func (p *program) findRecipe(name string) (*collect.Recipe, bool, error) {
	text, file, builtIn, err := p.recipeText(name)
	if err != nil {
		return nil, false, err
	}
	if kind := kindOfFile(text); kind != "recipe" {
		return nil, false, usageError("%s is no recipe but a %s", visible(file), kind).withHint("it goes with --%s", map[string]string{"rulepack": "rules", "policy": "policy"}[kind])
	}
	r, err := collect.ParseRecipe(file, text)
	return r, builtIn, err
}

type recipeLine struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	SHA256      string `json:"sha256"`
}

func (p *program) recipeList(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	names, err := p.builtInNames()
	if err != nil {
		return err
	}
	lines := []recipeLine{}
	for _, n := range names {
		r, _, err := p.findRecipe(n)
		if err != nil {
			return err
		}
		lines = append(lines, recipeLine{r.Name, r.Description, r.SHA256})
	}
	p.answer = lines
	if p.asJSON {
		return nil
	}
	for _, l := range lines {
		if _, err := fmt.Fprintf(p.out, "%-18s %s\n", l.Name, l.Description); err != nil {
			return err
		}
	}
	return nil
}

type recipeAnswer struct {
	basicAnswer
	Name string `json:"name"`
	Text string `json:"text"`
}

func (p *program) recipeShow(c *cli.Context) error {
	if err := operands(c, 1, 1, "the recipe"); err != nil {
		return err
	}
	if _, _, err := p.checkFile(c.Args().First()); err != nil {
		return err
	}
	text, _, _, err := p.recipeText(c.Args().First())
	if err != nil {
		return err
	}
	if p.asJSON {
		p.answer = &recipeAnswer{Name: c.Args().First(), Text: string(text)}
		return nil
	}
	s := string(text)
	if p.outTerminal {
		s = visibleLines(s)
	}
	_, err = io.WriteString(p.out, s)
	return err
}

func (p *program) recipeCheck(c *cli.Context) error {
	if err := operands(c, 1, -1, "the recipe"); err != nil {
		return err
	}
	var faults []error
	for _, name := range c.Args().Slice() {
		called, rules, err := p.checkFile(name)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, r := range rules {
			if r.Slow() {
				p.warn("rule %q is slow: no text of 3 letters or more stands in all that it matches, so its pattern is tried in every line; keywords would tell which", visible(r.ID))
			}
		}
		p.say("%s: no faults", visible(called))
	}
	return errors.Join(faults...)
}

// checkFile parses a recipe, rule pack or policy.
func (p *program) checkFile(name string) (called string, rules []redact.Rule, err error) {
	text, file, _, err := p.recipeText(name)
	if err != nil {
		return "", nil, err
	}
	switch kindOfFile(text) {
	case "rulepack":
		k, err := collect.ParseRulePack(file, text)
		if err != nil {
			return "", nil, err
		}
		return k.Name, k.Rules, nil
	case "policy":
		y, err := collect.ParsePolicy(file, text)
		if err != nil {
			return "", nil, err
		}
		return y.Name, y.Rules(), nil
	}
	r, err := collect.ParseRecipe(file, text)
	if err != nil {
		return "", nil, err
	}
	return r.Name, r.Rules(), nil
}
