// Package cli is the command line: flags, prompts, progress, hints and exit
// codes live here and nowhere else. One file per command; the list in
// newApp is the table of contents.
package cli

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/trust"
)

// version is the release; a build may set it with -ldflags -X.
var version = "0.1.0"

// Main runs the program and returns its exit code. recipes holds the built-in
// recipes (*.yaml in its examples folder).
func Main(recipes fs.FS) int {
	noCoreDumps()
	sparing()
	ctx, in, stop := watchSignals(context.Background())
	defer stop()
	return run(ctx, in, recipes, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

func run(ctx context.Context, in *interrupts, recipes fs.FS, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{ctx: ctx, interrupts: in, recipes: recipes, console: newConsole(stdin, stdout, stderr)}
	app := p.newApp()
	given := args
	args, err := arrange(app, expandHelp(args))
	p.given = typedFlags(args)
	if _, help := p.typed("help"); err == nil && help {
		err = p.help(app, commandPath(args))
	} else if err == nil {
		err = app.RunContext(ctx, append([]string{"diagcollect"}, args...))
	}
	if cause := context.Cause(ctx); cause != nil && err != nil {
		// Whatever the work says it failed of: the signal is why.
		if p := explain(err); p.exit != explain(cause).exit {
			err = cause
		}
	}
	if err != nil && !p.parsed && asksForJSON(given) { // it did not get as far as to know
		p.asJSON, p.parsed = true, true
	}
	return p.finish(err)
}

// asksForJSON reports whether --json is among arguments that were not
// understood.
func asksForJSON(args []string) bool {
	if k := slices.Index(args, "--"); k >= 0 {
		args = args[:k]
	}
	return slices.Contains(args, "--json") || slices.Contains(args, "-json") || slices.Contains(args, "--json=true")
}

// program is one run of the command line.
type program struct {
	ctx        context.Context
	interrupts *interrupts
	recipes    fs.FS
	*console
	folders

	given  []string // flags of the command line
	parsed bool     // the arguments were understood
	asJSON bool
	answer any // what --json prints; set by the command
	code   int // exit code beside an error: exitIncomplete
}

// newApp is the table of contents.
func (p *program) newApp() *cli.App {
	app := &cli.App{
		Name:      "diagcollect",
		Usage:     "gather the logs a support case asks for, hide what nobody should see, deliver the rest",
		UsageText: "diagcollect --case ID [flags]\ndiagcollect COMMAND [flags] [arguments]",
		Description: "Collects diagnostic logs by a recipe, redacts them, packs them with a signed manifest\n" +
			"and uploads them to the endpoint of a support case. Nothing leaves without consent.\n" +
			"Each command tells more of itself: diagcollect COMMAND --help.\n\n" + examplesMark +
			"   diagcollect --case 4711                    collect, show what would go, ask, send\n" +
			"   diagcollect --case 4711 --since 2d         only what is newer than two days\n" +
			"   diagcollect --case 4711 --no-upload        make the bundle, send nothing\n" +
			"   diagcollect --case 4711 --yes --json       for scripts\n" +
			"   diagcollect plan                           what would be read and run",
		Version:                   version,
		HideHelpCommand:           true,
		DisableSliceFlagSeparator: true,
		Writer:                    p.out,
		ErrWriter:                 p.err,
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              func(_ *cli.Context, err error, _ bool) error { return usageError("%w", err) },
		Flags:                     p.withState(append(jobFlags(), &cli.BoolFlag{Name: "version", Usage: "print the version", DisableDefaultText: true})...),
		Action: func(c *cli.Context) error {
			if c.Bool("version") {
				p.asJSON, p.parsed = c.Bool("json"), true
				return p.printVersion()
			}
			return p.do(p.mainJob)(c)
		},
		HideVersion: true,
		Commands: []*cli.Command{
			p.planCommand(),
			p.collectCommand(),
			p.uploadCommand(),
			p.verifyCommand(),
			p.showCommand(),
			p.grepCommand(),
			p.timelineCommand(),
			p.diffCommand(),
			p.extractCommand(),
			p.redactCommand(),
			p.revealCommand(),
			p.recipeCommand(),
			p.enrollCommand(),
			p.keyCommand(),
			p.spoolCommand(),
			p.historyCommand(),
			p.receiveCommand(),
			p.caseCommand(),
			p.completionCommand(),
		},
	}
	prepare(app.Commands)
	return app
}

// prepare sets what holds for every command.
func prepare(cmds []*cli.Command) {
	for _, c := range cmds {
		c.HideHelpCommand = true
		c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return usageError("%w", err) }
		prepare(c.Subcommands)
	}
}

// withState adds the flags of a command that looks for bundles, or for anything
// else that is kept here.
func (p *program) withState(flags ...cli.Flag) []cli.Flag {
	return p.common(append(flags, stringFlag("state", "keep spool and history in `DIR`"))...)
}

// common adds the flags that every command has.
func (p *program) common(flags ...cli.Flag) []cli.Flag {
	return append(flags,
		&cli.BoolFlag{Name: "json", Usage: "print one JSON value on standard output", DisableDefaultText: true},
		&cli.BoolFlag{Name: "quiet", Aliases: []string{"q"}, Usage: "errors only", EnvVars: []string{"DIAGCOLLECT_QUIET"}, DisableDefaultText: true},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "say more", EnvVars: []string{"DIAGCOLLECT_VERBOSE"}, DisableDefaultText: true},
	)
}

// do wraps an action with what every command needs first: folders,
// configuration, output style.
func (p *program) do(action func(*cli.Context) error) cli.ActionFunc {
	return func(c *cli.Context) error {
		p.asJSON = c.Bool("json")
		p.parsed = true
		var err error
		if p.folders, err = findFolders(); err != nil {
			return err
		}
		if err := checkEnvironment(c.App); err != nil {
			return err
		}
		if err := configure(c, c.App, filepath.Join(p.config, "config.yaml"), filepath.Join(p.system, "config.yaml")); err != nil {
			return err
		}
		p.quiet, p.verbose = c.Bool("quiet"), c.Bool("verbose")
		if p.quiet && p.verbose {
			_, quiet := p.typed("quiet")
			_, verbose := p.typed("verbose")
			if quiet == verbose {
				return usageError("--quiet and --verbose do not go together")
			}
			p.quiet, p.verbose = quiet, verbose // what is typed goes before what is configured
		}
		if p.note != "" {
			p.warn("%s", p.note)
		}
		if s := c.String("state"); s != "" {
			if err := checkFolder("--state ", s); err != nil {
				return err
			}
			if p.state, err = filepath.Abs(s); err != nil {
				return err
			}
		}
		return action(c)
	}
}

// home opens the installation's keys, making them on first use.
func (p *program) openHome() (*trust.Home, error) {
	h, err := trust.OpenHome(p.config)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	return h, nil
}

// finish says what is left to say and returns the exit code.
func (p *program) finish(err error) int {
	pr := explain(err)
	code := p.code
	if pr != nil {
		code = pr.exit
		if p.code != 0 {
			code = firstOf(pr.exit, p.code)
		}
	}
	if p.asJSON && p.parsed {
		if jsonErr := p.printAnswer(code, pr); jsonErr != nil && pr == nil {
			pr, code = explain(jsonErr), exitFailed
		}
	}
	if pr != nil {
		p.problem(pr)
	}
	return code
}

// printAnswer prints what --json promises: the command's own object with exit
// and error filled in, its array, or a bare object when it got no further.
func (p *program) printAnswer(code int, pr *problem) error {
	var fault *jsonError
	if pr != nil {
		fault = &jsonError{Code: pr.code, Message: pr.Error(), Hint: pr.hint}
	}
	switch a := p.answer.(type) {
	case answer:
		a.outcome(code, fault)
		return p.json(a)
	case interface {
		finish(exit int, fault *jsonError) error
	}: // it is printed but for its end
		return a.finish(code, fault)
	case nil:
		return p.json(&basicAnswer{Schema: 1, Exit: code, Error: fault})
	default:
		if pr != nil {
			return p.json(&basicAnswer{Schema: 1, Exit: code, Error: fault})
		}
		return p.json(a)
	}
}

// answer is a JSON object that tells its exit code and error.
type answer interface{ outcome(exit int, e *jsonError) }

type jsonError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

// basicAnswer is what every JSON object begins with.
type basicAnswer struct {
	Schema int        `json:"schema"`
	Exit   int        `json:"exit"`
	Error  *jsonError `json:"error"`
}

func (b *basicAnswer) outcome(exit int, e *jsonError) { b.Schema, b.Exit, b.Error = 1, exit, e }

func (p *program) printVersion() error {
	v := version
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				v += " (" + s.Value[:12] + ")"
			}
		}
	}
	if p.asJSON {
		p.answer = &versionAnswer{Version: v}
		return nil
	}
	_, err := fmt.Fprintln(p.out, "diagcollect", v)
	return err
}

type versionAnswer struct {
	basicAnswer
	Version string `json:"version"`
}

// expandHelp turns "help" and "help COMMAND" into --help, and "version" into
// --version.
func expandHelp(args []string) []string {
	switch {
	case len(args) > 0 && args[0] == "help":
		return append(slices.Clone(args[1:]), "--help")
	case len(args) > 0 && args[0] == "version":
		return append([]string{"--version"}, args[1:]...)
	}
	return args
}
