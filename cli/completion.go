package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
)

func (p *program) completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "print a completion script for bash, zsh or fish",
		ArgsUsage: "bash|zsh|fish",
		Description: "Completes commands, flags and those values of flags that are few. Put it where the shell\n" +
			"looks for such scripts, and open a new shell.\n\n" + examplesMark +
			"   diagcollect completion bash > ~/.local/share/bash-completion/completions/diagcollect\n" +
			"   diagcollect completion zsh  > \"${fpath[1]}/_diagcollect\"\n" +
			"   diagcollect completion fish > ~/.config/fish/completions/diagcollect.fish\n" +
			"   source <(diagcollect completion bash)               for this shell only",
		Flags: p.common(),
		Action: p.do(func(c *cli.Context) error {
			if err := operands(c, 1, 1, "the shell"); err != nil {
				return err
			}
			script, err := p.completion(c.App, c.Args().First())
			if err != nil {
				return err
			}
			if p.asJSON {
				p.answer = &completionAnswer{Shell: c.Args().First(), Script: script}
				return nil
			}
			_, err = io.WriteString(p.out, script)
			return err
		}),
	}
}

type completionAnswer struct {
	basicAnswer
	Shell  string `json:"shell"`
	Script string `json:"script"`
}

// place is a command as a completion script knows it.
type place struct {
	path  string // "recipe check"
	cmds  []*cli.Command
	flags []cli.Flag
	words []string // operands, where they are few
}

// places are the program itself and all its commands.
func places(app *cli.App) []place {
	var all []place
	var walk func(path string, cmds []*cli.Command, flags []cli.Flag)
	walk = func(path string, cmds []*cli.Command, flags []cli.Flag) {
		at := place{path: path, cmds: cmds, flags: append(slices.Clone(flags), cli.HelpFlag)}
		if path == "completion" {
			at.words = []string{"bash", "zsh", "fish"}
		}
		all = append(all, at)
		for _, c := range cmds {
			walk(strings.TrimSpace(path+" "+c.Name), c.Subcommands, c.Flags)
		}
	}
	walk("", app.Commands, app.Flags)
	return all
}

func (a *place) operands() []string {
	words := slices.Clone(a.words)
	for _, c := range a.cmds {
		words = append(words, c.Name)
	}
	return words
}

func (a *place) options() (words []string) {
	for _, f := range a.flags {
		for _, n := range f.Names() {
			words = append(words, dashed(n))
		}
	}
	return words
}

func takesValue(f cli.Flag) bool {
	doc, ok := f.(cli.DocGenerationFlag)
	return ok && doc.TakesValue()
}

// flagValues are the values of flags that have few; of others files are offered.
func (p *program) flagValues() (map[string][]string, error) {
	recipes, err := p.builtInNames()
	if err != nil {
		return nil, err
	}
	values := map[string][]string{"recipe": recipes, "level": {"error", "warning"}, "report": {"json"}, "role": {"agent", "engineer"}}
	for _, t := range manifest.Types() {
		values["type"] = append(values["type"], string(t))
	}
	for _, c := range redact.Classes() {
		if c.Keepable() {
			values["keep-class"] = append(values["keep-class"], string(c))
		}
	}
	return values, nil
}

// completion writes the script from the commands themselves.
func (p *program) completion(app *cli.App, shell string) (string, error) {
	values, err := p.flagValues()
	if err != nil {
		return "", err
	}
	switch all := places(app); shell {
	case "bash":
		return "_diagcollect() {\n" +
			"  local at='' i cur=\"${COMP_WORDS[COMP_CWORD]}\" operands='' options=''\n" +
			"  for ((i = 1; i < COMP_CWORD; i++)); do\n" +
			shellPath(all, "${COMP_WORDS[i]}") + "  done\n" +
			shellValues(all, values, "${COMP_WORDS[COMP_CWORD-1]}", "COMPREPLY=($(compgen -W \"%s\" -- \"$cur\")); return", "return") +
			shellWords(all) +
			"  if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n" +
			"  else COMPREPLY=($(compgen -W \"$operands\" -- \"$cur\")); fi\n}\n" +
			"complete -o default -F _diagcollect diagcollect\n", nil
	case "zsh":
		return "#compdef diagcollect\n_diagcollect() {\n" +
			"  local at='' i operands='' options=''\n" +
			"  for ((i = 2; i < CURRENT; i++)); do\n" +
			shellPath(all, "${words[i]}") + "  done\n" +
			shellValues(all, values, "${words[CURRENT-1]}", "compadd -- %s; _files; return", "_files; return") +
			shellWords(all) +
			"  if [[ $PREFIX == -* ]]; then compadd -- ${=options}\n" +
			"  elif [[ -n $operands ]]; then compadd -- ${=operands}\n" +
			"  else _files; fi\n}\n" +
			"if [[ $funcstack[1] == _diagcollect ]]; then _diagcollect \"$@\"; else compdef _diagcollect diagcollect; fi\n", nil
	case "fish":
		return fishScript(all, values), nil
	}
	return "", usageError("no completion for %q", visible(shell)).withHint("shells: bash, zsh, fish")
}

// shellPath finds the command that the words up to the cursor name: at. The word
// after a flag that takes a value is none.
func shellPath(all []place, word string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "    case \"%s\" in\n      %s) ((i++)); continue ;;\n      -*) continue ;;\n    esac\n", word, strings.Join(valueFlags(all), "|"))
	fmt.Fprintf(&b, "    case \"${at:+$at }%s\" in\n", word)
	for _, a := range all[1:] {
		fmt.Fprintf(&b, "      %q) at=%q ;;\n", a.path, a.path)
	}
	b.WriteString("    esac\n")
	return b.String()
}

// valueFlags are all flags that take a value, as they are typed.
func valueFlags(all []place) []string {
	var names []string
	for _, a := range all {
		for _, f := range a.flags {
			for _, n := range f.Names() {
				if takesValue(f) && !slices.Contains(names, dashed(n)) {
					names = append(names, dashed(n))
				}
			}
		}
	}
	return names
}

// shellValues offers the values of the flag before the cursor.
func shellValues(all []place, values map[string][]string, word, offer, files string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  case \"%s\" in\n", word)
	for _, name := range valueFlags(all) {
		if v := values[strings.TrimLeft(name, "-")]; v != nil {
			fmt.Fprintf(&b, "    %s) %s ;;\n", name, fmt.Sprintf(offer, strings.Join(v, " ")))
		}
	}
	fmt.Fprintf(&b, "    %s) %s ;;\n  esac\n", strings.Join(valueFlags(all), "|"), files)
	return b.String()
}

func shellWords(all []place) string {
	var b strings.Builder
	b.WriteString("  case \"$at\" in\n")
	for _, a := range all {
		fmt.Fprintf(&b, "    %q) operands=%q options=%q ;;\n", a.path, strings.Join(a.operands(), " "), strings.Join(a.options(), " "))
	}
	b.WriteString("  esac\n")
	return b.String()
}

func fishScript(all []place, values map[string][]string) string {
	var b strings.Builder
	quoted := func(s string) string { return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(s) + "'" }
	var paths []string
	for _, a := range all[1:] {
		paths = append(paths, quoted(a.path))
	}
	fmt.Fprintf(&b, "function __diagcollect_at\n  set -l at\n  set -l value\n  for w in (commandline -opc)[2..-1]\n"+
		"    if set -q value[1]; set -e value[1]; continue; end\n"+
		"    if contains -- $w %s; set value 1; continue; end\n"+
		"    string match -q -- '-*' $w; and continue\n"+
		"    contains -- \"$(string join ' ' $at $w)\" %s; and set -a at $w\n  end\n"+
		"  test \"$at\" = \"$argv\"\nend\n", strings.Join(valueFlags(all), " "), strings.Join(paths, " "))
	for _, a := range all {
		when := "complete -c diagcollect -n " + quoted("__diagcollect_at "+a.path)
		for _, w := range a.words {
			fmt.Fprintf(&b, "%s -f -a %s\n", when, w)
		}
		for _, c := range a.cmds {
			fmt.Fprintf(&b, "%s -f -a %s -d %s\n", when, c.Name, quoted(c.Usage))
		}
		for _, f := range a.flags {
			_, usage := flagForm(f)
			line := when
			for _, n := range f.Names() {
				line += map[bool]string{true: " -s ", false: " -l "}[len(n) == 1] + n
			}
			if v := values[f.Names()[0]]; v != nil {
				line += " -x -a " + quoted(strings.Join(v, " "))
			} else if takesValue(f) {
				line += " -r"
			}
			fmt.Fprintf(&b, "%s -d %s\n", line, quoted(usage))
		}
	}
	return b.String()
}
