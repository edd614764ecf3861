package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
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
			if len(operands) == 0 && len(cmd.Subcommands) > 0 && arg == "help" {
				early = append(early, given{"help", "--help"})
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
			} else if len(path) > 0 && (flagNamed(app.Flags, name) != nil || flagSomewhere(app.Commands, name) != nil) {
				return nil, foreignFlag(path, name)
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
		case i+1 < len(args) && isValue(args[i+1]):
			i++
			text += "=" + args[i]
		case i+1 < len(args) && args[i+1] != "--":
			return nil, usageError("flag --%s needs a value, and %s is a flag", flag.Names()[0], visible(args[i+1])).
				withHint("a value that begins with a dash: --%s=%s", flag.Names()[0], visible(args[i+1]))
		default:
			return nil, usageError("flag --%s needs a value", flag.Names()[0])
		}
		if strings.HasSuffix(text, "=") {
			return nil, usageError("the value of --%s is empty", flag.Names()[0]).withHint("is a variable of the command line not set? else leave the flag out")
		}
		early = append(early, given{flag.Names()[0], text})
	}
	for _, g := range early {
		if known(g.name) == nil {
			if len(path) == 0 {
				return nil, unknownFlag(path, g.name, cmd.Flags)
			}
			return nil, foreignFlag(path, g.name)
		}
		flags = append(flags, g.text)
	}
	out := append(slices.Clone(path), flags...)
	if len(operands) > 0 {
		out = append(append(out, "--"), operands...)
	}
	return out, nil
}

// isValue reports whether a word can be the value of the flag before it: no
// flag begins with a digit.
func isValue(word string) bool {
	return len(word) < 2 || word[0] != '-' || '0' <= word[1] && word[1] <= '9'
}

// typedFlags are the names of the flags on a command line that was arranged,
// not of those that environment or configuration set.
func typedFlags(arranged []string) []string {
	var names []string
	for _, a := range arranged {
		if a == "--" {
			break
		}
		if name, ok := strings.CutPrefix(a, "--"); ok {
			name, _, _ = strings.Cut(name, "=")
			names = append(names, name)
		}
	}
	return names
}

// commandPath are the commands that a command line which was arranged begins with.
func commandPath(arranged []string) []string {
	for k, a := range arranged {
		if strings.HasPrefix(a, "-") {
			return arranged[:k]
		}
	}
	return arranged
}

// typed returns the first of the flags that was typed. One that is typed and
// can do nothing is refused, for who typed it waits for what it does; in
// environment and configuration it is there for other commands.
func (p *program) typed(flags ...string) (string, bool) {
	for _, f := range flags {
		if slices.Contains(p.given, f) {
			return f, true
		}
	}
	return "", false
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

// foreignFlag is the error for a flag that other commands have.
func foreignFlag(path []string, name string) error {
	command := "diagcollect " + strings.Join(path, " ")
	return usageError("flag %s does not belong to %q", dashed(name), command).withHint("%s --help lists its flags", command)
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func unknownFlag(path []string, name string, flags []cli.Flag) error {
	p := usageError("unknown flag %s", dashed(visible(name)))
	if near := nearest(name, flagNames(flags)); near != "" {
		return p.withHint("did you mean --%s", near)
	}
	return p.withHint("%s --help lists the flags", strings.Join(append([]string{"diagcollect"}, path...), " "))
}

// nearest is the name that a word may have meant: one with few letters
// changed, or one that it is the beginning of.
func nearest(word string, names []string) string {
	word = strings.ToLower(word)
	if near := collect.Nearest(word, names); near != "" || len(word) < 3 {
		return near
	}
	for _, n := range names {
		if strings.HasPrefix(n, word) {
			return n
		}
	}
	return ""
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
