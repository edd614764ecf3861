package cli

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/receive"
)

// The cases of a receiver, for whoever runs it.

func (p *program) caseCommand() *cli.Command {
	org := func(name string) cli.Flag {
		if name == "list" {
			return stringFlag("organisation", "whose, a `NAME`; default: all")
		}
		return stringFlag("organisation", "whose, a `NAME`; default: default")
	}
	// check looks at the operands before the receiver is touched.
	sub := func(name, usage, args, more string, check func(*cli.Context) error, action func(*cli.Context, *receive.Admin) error, flags ...cli.Flag) *cli.Command {
		return &cli.Command{
			Name: name, Usage: usage, ArgsUsage: args, Description: more,
			Flags: p.common(append([]cli.Flag{dataFlag(), org(name)}, flags...)...),
			Action: p.do(func(c *cli.Context) (err error) {
				if err := check(c); err != nil {
					return err
				}
				a, err := p.admin(c)
				if err != nil {
					return err
				}
				defer closeInto(&err, a)
				return action(c, a)
			}),
		}
	}
	state := func(name, usage, to, more string) *cli.Command {
		return sub(name, usage, "ID", more, oneCase, func(c *cli.Context, a *receive.Admin) error {
			got, err := a.SetCaseState(p.ctx, c.String("organisation"), c.Args().First(), to)
			return p.showCase(got, err)
		})
	}
	return &cli.Command{
		Name:  "case",
		Usage: "cases of a receiver: create, list, show, close, reopen, assign",
		Description: "For whoever runs a receiver, on the machine that it runs on: a bundle is taken for an open\n" +
			"case only. DIR is the folder that it was started with.\n\n" + examplesMark +
			"   diagcollect case create 4711 --data /srv/diagcollect --title \"billing is slow\"\n" +
			"   diagcollect case list --data /srv/diagcollect\n" +
			"   diagcollect case close 4711 --data /srv/diagcollect",
		Flags: p.common(),
		Action: p.do(func(*cli.Context) error {
			return usageError("case wants a command: create, list, show, close, reopen or assign")
		}),
		Subcommands: []*cli.Command{
			sub("create", "open a new case", "ID", "Machines of its organisation may upload to it from then on.\n\n"+examplesMark+
				"   diagcollect case create 4711 --data /srv/diagcollect --title \"billing is slow\"", oneCase, func(c *cli.Context, a *receive.Admin) error {
				got, err := a.CreateCase(p.ctx, c.String("organisation"), c.Args().First(), c.String("title"))
				return p.showCase(got, err)
			}, stringFlag("title", "what it is about, a `TEXT`")),
			sub("list", "all cases", "", "One line of each: its id, its state, since when, how many bundles, its title.\n\n"+examplesMark+
				"   diagcollect case list --data /srv/diagcollect\n"+
				"   diagcollect case list --data /srv/diagcollect --json | jq -r '.[].case'", noOperands, func(c *cli.Context, a *receive.Admin) error {
				cases, err := a.Cases(p.ctx, c.String("organisation"))
				if err != nil {
					return err
				}
				if cases == nil {
					cases = []receive.Case{}
				}
				p.answer = cases
				if p.asJSON {
					return nil
				}
				for _, k := range cases {
					if _, err := fmt.Fprintln(p.out, caseLine(&k)); err != nil {
						return err
					}
				}
				return nil
			}),
			sub("show", "one case and its bundles", "ID", "Who may read it, and each bundle: its id, state, size, arrival, host and digest.\n\n"+examplesMark+
				"   diagcollect case show 4711 --data /srv/diagcollect", oneCase, p.caseShow),
			state("close", "close a case: its bundles are deleted 90 days later", "closed", "Nothing more is taken for it. Opening it again stops the clock.\n\n"+examplesMark+
				"   diagcollect case close 4711 --data /srv/diagcollect"),
			state("reopen", "open a closed case again", "open", "Its bundles are kept, and more are taken.\n\n"+examplesMark+
				"   diagcollect case reopen 4711 --data /srv/diagcollect"),
			sub("assign", "let an engineer read a case", "ID ENGINEER", "ENGINEER is the name that was given with receive key new --role engineer --name.\n\n"+examplesMark+
				"   diagcollect case assign 4711 ada --data /srv/diagcollect", func(c *cli.Context) error {
				return operands(c, 2, 2, "the case or the engineer")
			}, p.caseAssign),
		},
	}
}

func noOperands(c *cli.Context) error { return operands(c, 0, 0, "") }

func (p *program) caseAssign(c *cli.Context, a *receive.Admin) error {
	id, engineer := c.Args().First(), c.Args().Get(1)
	if err := a.Assign(p.ctx, c.String("organisation"), id, engineer); err != nil {
		return err
	}
	agents, err := a.Agents(p.ctx, c.String("organisation"))
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(agents, func(g receive.Agent) bool { return g.Name == engineer && g.Revoked.IsZero() }) {
		p.warn("no engineer %s is enrolled yet", visible(engineer))
	}
	p.say("%s may read case %s", visible(engineer), visible(id))
	return nil
}

func oneCase(c *cli.Context) error {
	if err := operands(c, 1, 1, "the case id"); err != nil {
		return err
	}
	return checkCase(c.Args().First())
}

func caseLine(k *receive.Case) string {
	s := fmt.Sprintf("%-16s %-7s %s  %s", visible(k.Case), visible(k.State), k.Created.UTC().Format(time.DateOnly), plural(int64(k.Bundles), "bundle", "bundles"))
	if k.Title != "" {
		s += "  " + visible(k.Title)
	}
	return s
}

func (p *program) showCase(k *receive.Case, err error) error {
	if err != nil {
		return err
	}
	p.answer = &caseAnswer{Case: k}
	if p.asJSON {
		return nil
	}
	_, err = fmt.Fprintln(p.out, caseLine(k))
	return err
}

type caseAnswer struct {
	basicAnswer
	*receive.Case
	Stored []receive.Bundle `json:"stored,omitzero"` // of case show
}

func (p *program) caseShow(c *cli.Context, a *receive.Admin) error {
	org, id := c.String("organisation"), c.Args().First()
	k, err := a.Case(p.ctx, org, id)
	if err != nil {
		return err
	}
	bundles, err := a.Bundles(p.ctx, org, id)
	if err != nil {
		return err
	}
	if bundles == nil {
		bundles = []receive.Bundle{}
	}
	if p.asJSON {
		p.answer = &caseAnswer{Case: k, Stored: bundles}
		return nil
	}
	var b strings.Builder
	fmt.Fprintln(&b, caseLine(k))
	if len(k.Assigned) > 0 {
		fmt.Fprintf(&b, "assigned to %s\n", visible(strings.Join(k.Assigned, ", ")))
	}
	for _, s := range bundles {
		fmt.Fprintf(&b, "%s  %-11s %9s  %s  %s  %s\n", shortID(s.BundleID), s.State, size(s.Size), s.Received.UTC().Format(time.DateTime), visible(s.Host), s.SHA256)
	}
	_, err = fmt.Fprint(p.out, b.String())
	return err
}
