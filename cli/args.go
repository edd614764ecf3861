package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// arrange rewrites a command line into the one order that urfave/cli reads
// without surprises: commands, then flags, then "--", then operands.
//
// The library stops reading flags at the first operand, runs the root action
// when it does not know a command, and drops root flags that stand before a
// subcommand. Here flags may stand anywhere, "--" ends them, a word that is no
// command is a usage error with a suggestion, and a flag that the chosen
// command does not have is an error wherever it stood.
func arrange(app *cli.App, args []string) ([]string, error) {
	type given struct{ name, text string }
	var (
		path     []string
		flags    []string
		early    []given // flags that stood before the command was known
		operands []string
		cmd      = &cli.Command{Flags: app.Flags, Subcommands: app.Commands}
	)
	known := func(name string) cli.Flag { return flagNamed(cmd.Flags, name) }

	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			operands = append(operands, args[i+1:]...)
			break
		}
		if arg == "-" || !strings.HasPrefix(arg, "-") {
			if sub := commandNamed(cmd.Subcommands, arg); sub != nil && len(operands) == 0 {
				cmd = sub
				path = append(path, sub.Name)
				continue
			}
			if len(operands) == 0 && len(cmd.Subcommands) > 0 {
				// A word where a command is expected: never an operand of
				// the main job.
				return nil, unknownCommand(path, arg, cmd.Subcommands)
			}
			operands = append(operands, arg)
			continue
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !strings.HasPrefix(arg, "--") && len(name) > 1 {
			return nil, usageError("unknown flag -%s", visible(name)).withHint("long flags have two dashes: --%s", name)
		}
		flag := known(name)
		if flag == nil {
			// It may belong to a command that follows.
			if sub := flagSomewhere(cmd.Subcommands, name); sub != nil {
				flag = sub
			} else {
				return nil, unknownFlag(path, name, cmd.Flags)
			}
		}
		text := "--" + flag.Names()[0]
		switch {
		case isBool(flag):
			if hasValue {
				text += "=" + value
			}
		case hasValue:
			text += "=" + value
		case i+1 < len(args) && (args[i+1] == "-" || !strings.HasPrefix(args[i+1], "-")):
			i++
			text += "=" + args[i]
		default:
			return nil, usageError("flag --%s needs a value", flag.Names()[0])
		}
		early = append(early, given{flag.Names()[0], text})
	}
	for _, g := range early {
		if known(g.name) == nil {
			if len(path) == 0 {
				return nil, unknownFlag(path, g.name, cmd.Flags)
			}
			return nil, usageError("flag --%s does not belong to %q", g.name, "diagcollect "+strings.Join(path, " ")).
				withHint("diagcollect %s --help lists its flags", strings.Join(path, " "))
		}
		flags = append(flags, g.text)
	}
	out := append(slices.Clone(path), flags...)
	if len(operands) > 0 {
		out = append(append(out, "--"), operands...)
	}
	return out, nil
}

func isBool(f cli.Flag) bool {
	_, ok := f.(*cli.BoolFlag)
	return ok
}

func flagNamed(flags []cli.Flag, name string) cli.Flag {
	for _, f := range append(slices.Clone(flags), cli.HelpFlag) {
		if slices.Contains(f.Names(), name) {
			return f
		}
	}
	return nil
}

func flagSomewhere(cmds []*cli.Command, name string) cli.Flag {
	for _, c := range cmds {
		if f := flagNamed(c.Flags, name); f != nil {
			return f
		}
		if f := flagSomewhere(c.Subcommands, name); f != nil {
			return f
		}
	}
	return nil
}

func commandNamed(cmds []*cli.Command, name string) *cli.Command {
	for _, c := range cmds {
		if slices.Contains(c.Names(), name) {
			return c
		}
	}
	return nil
}

func unknownCommand(path []string, word string, cmds []*cli.Command) error {
	var names []string
	for _, c := range cmds {
		if !c.Hidden {
			names = append(names, c.Name)
		}
	}
	full := strings.Join(append([]string{"diagcollect"}, path...), " ")
	p := usageError("%q is no command of %q", visible(word), full)
	if near := nearest(word, names); near != "" {
		return p.withHint("did you mean: %s %s", full, near)
	}
	return p.withHint("%s --help lists the commands", full)
}

func flagNames(flags []cli.Flag) []string {
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()[0])
	}
	return names
}

func unknownFlag(path []string, name string, flags []cli.Flag) error {
	p := usageError("unknown flag --%s", visible(name))
	if near := nearest(name, flagNames(flags)); near != "" {
		return p.withHint("did you mean --%s", near)
	}
	return p.withHint("%s --help lists the flags", strings.Join(append([]string{"diagcollect"}, path...), " "))
}

// nearest is the name within an edit distance of two (one for short words)
// or of which word is the beginning.
func nearest(word string, names []string) string {
	best, bestDistance := "", 3
	if len(word) < 5 {
		bestDistance = 2
	}
	for _, n := range names {
		if d := distance(strings.ToLower(word), n); d < bestDistance {
			best, bestDistance = n, d
		}
	}
	if best == "" && len(word) >= 3 {
		for _, n := range names {
			if strings.HasPrefix(n, strings.ToLower(word)) {
				return n
			}
		}
	}
	return best
}

// distance is the optimal string alignment distance: insertions, deletions,
// substitutions, and swaps of neighbours.
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}

// operands checks the number of operands of a command.
func operands(c *cli.Context, least, most int, what string) error {
	n := c.NArg()
	switch {
	case n < least:
		return usageError("%s is missing", what).withHint("%s", usageLine(c))
	case most >= 0 && n > most:
		return usageError("stray argument %q", visible(c.Args().Get(most))).withHint("%s", usageLine(c))
	}
	return nil
}

func usageLine(c *cli.Context) string {
	return strings.TrimSpace(fmt.Sprintf("usage: %s %s", c.Command.HelpName, c.Command.ArgsUsage))
}
