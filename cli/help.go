package cli

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// What --help prints: one sentence what a command does, how it is written, what
// there is to know, examples, then flags; as wide as the terminal is.

const (
	helpWidth = 96 // at most, and where there is no terminal
	helpLeast = 40
	helpFlags = 28 // of the column of flags
)

// examplesMark stands in a Description before the lines of examples, which are
// printed as they are; what stands before it is text, which is wrapped.
const examplesMark = "EXAMPLES:\n"

// help prints the help of the command at the path.
func (p *program) help(app *cli.App, path []string) error {
	cmd := &cli.Command{
		Name: app.Name, Usage: app.Usage, UsageText: app.UsageText, Description: app.Description,
		Flags: app.Flags, Subcommands: app.Commands,
	}
	full := app.Name
	for _, name := range path {
		cmd = commandNamed(cmd.Subcommands, name)
		full += " " + cmd.Name
	}
	_, err := io.WriteString(p.out, helpText(full, cmd, p.helpWidth()))
	return err
}

func (c *console) helpWidth() int {
	if f, ok := c.out.(*os.File); ok && c.outTerminal {
		if w, _, err := term.GetSize(int(f.Fd())); err == nil && w > 0 {
			return min(max(w, helpLeast), helpWidth)
		}
	}
	return helpWidth
}

func helpText(full string, cmd *cli.Command, width int) string {
	var b strings.Builder
	title := func(s string) { fmt.Fprintf(&b, "\n%s:\n", s) }
	b.WriteString("NAME:\n")
	wrap(&b, "   ", "     ", full+" - "+cmd.Usage, width)
	title("USAGE")
	for _, line := range usageForms(full, cmd) {
		if 3+utf8.RuneCountInString(line) <= width {
			b.WriteString("   " + line + "\n")
		} else {
			wrap(&b, "   ", "      ", line, width)
		}
	}
	text, examples, _ := strings.Cut(cmd.Description, examplesMark)
	if text = strings.TrimSpace(text); text != "" {
		title("DESCRIPTION")
		for k, paragraph := range strings.Split(text, "\n\n") {
			if k > 0 {
				b.WriteByte('\n')
			}
			wrap(&b, "   ", "   ", paragraph, width)
		}
	}
	if examples != "" {
		title("EXAMPLES")
		b.WriteString(strings.TrimRight(examples, "\n") + "\n")
	}
	if len(cmd.Subcommands) > 0 {
		title("COMMANDS")
		longest := 0
		for _, c := range cmd.Subcommands {
			longest = max(longest, len(c.Name))
		}
		for _, c := range cmd.Subcommands {
			columns(&b, c.Name, c.Usage, longest+5, width)
		}
	}
	title("FLAGS")
	var typedOnly []string
	settable := ""
	for _, f := range append(slices.Clone(cmd.Flags), cli.HelpFlag) {
		name, usage := flagForm(f)
		columns(&b, name, usage, helpFlags, width)
		if len(envOf(f)) > 0 {
			settable = cmp.Or(settable, f.Names()[0])
		} else {
			typedOnly = append(typedOnly, "--"+f.Names()[0])
		}
	}
	if settable != "" {
		b.WriteByte('\n')
		wrap(&b, "   ", "   ", fmt.Sprintf("All but %s may also be set in the environment (--%s is %s) or in config.yaml.",
			strings.Join(typedOnly, ", "), settable, env(settable)[0]), width)
	}
	return b.String()
}

// usageForms are the ways to write a command.
func usageForms(full string, cmd *cli.Command) []string {
	if cmd.UsageText != "" {
		return strings.Split(cmd.UsageText, "\n")
	}
	var forms []string
	if len(cmd.Subcommands) > 0 {
		forms = append(forms, full+" COMMAND")
	}
	if len(cmd.Subcommands) == 0 || len(cmd.Flags) > 4 { // more than every command has
		forms = append(forms, strings.TrimSpace(full+" "+cmd.ArgsUsage)+" [flags]")
	}
	return forms
}

// flagForm is how a flag is written, and what it does; what stands in backquotes
// in its usage names its value.
func flagForm(f cli.Flag) (name, usage string) {
	for _, n := range f.Names() {
		if name != "" {
			name += ", "
		}
		name += dashed(n)
	}
	if doc, ok := f.(cli.DocGenerationFlag); ok {
		usage = doc.GetUsage()
		if doc.TakesValue() {
			value := "VALUE"
			if _, rest, ok := strings.Cut(usage, "`"); ok {
				value, _, _ = strings.Cut(rest, "`")
			}
			name += " " + value
		}
	}
	return name, strings.ReplaceAll(usage, "`", "")
}

// columns writes a name and, beside or below it, a text.
func columns(b *strings.Builder, name, text string, column, width int) {
	indent := strings.Repeat(" ", column)
	if width < 2*column { // no room beside it
		indent = strings.Repeat(" ", 8)
	}
	first := "   " + name
	if utf8.RuneCountInString(first)+2 > len(indent) {
		b.WriteString(first + "\n")
		first = indent
	} else {
		first += indent[utf8.RuneCountInString(first):]
	}
	wrap(b, first, indent, text, width)
}

// wrap writes words in lines of at most width characters.
func wrap(b *strings.Builder, first, indent, text string, width int) {
	line, empty := first, true
	for word := range strings.FieldsSeq(text) {
		if !empty && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, empty = indent, true
		}
		if !empty {
			line += " "
		}
		line += word
		empty = false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
