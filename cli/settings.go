package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"gopkg.in/yaml.v3"

	"github.com/diagcollect/diagcollect/trust"
)

// folders are where diagcollect keeps its things, by the XDG base directory
// specification on Unix and in the native places on Windows and macOS.
type folders struct {
	config string // keys, enrolments, config.yaml
	state  string // spool, what was sent
	data   string // the embedded receiver
	home   string // to show paths as ~/...
	system string // the machine's configuration and policy
	note   string // why an environment's folder was not used
}

// findFolders resolves the folders. As root, a HOME (or XDG folder) that root
// does not own is another user's, as after "sudo -E": it is not used.
func findFolders() (folders, error) {
	var f folders
	home, err := os.UserHomeDir()
	if err != nil || !ours(home) {
		if err == nil {
			f.note = fmt.Sprintf("HOME=%s is not root's: not used", visible(home))
		}
		if home, err = accountHome(); err != nil {
			return f, fmt.Errorf("no home folder: %w", err)
		}
	}
	f.home = home
	if f.system, err = systemFolder(); err != nil {
		return f, err
	}
	xdg := func(name string, fallback ...string) string {
		if v := os.Getenv(name); filepath.IsAbs(v) && ours(v) {
			return filepath.Join(v, "diagcollect")
		}
		return filepath.Join(append(append([]string{home}, fallback...), "diagcollect")...)
	}
	switch runtime.GOOS {
	case "windows":
		roaming, local := os.Getenv("AppData"), os.Getenv("LocalAppData")
		if roaming == "" || local == "" {
			return f, errors.New("%AppData% or %LocalAppData% is not set")
		}
		f.config = filepath.Join(roaming, "diagcollect")
		f.state = filepath.Join(local, "diagcollect", "state")
		f.data = filepath.Join(local, "diagcollect", "data")
	case "darwin":
		support := filepath.Join(home, "Library", "Application Support", "diagcollect")
		f.config, f.state, f.data = support, filepath.Join(support, "state"), filepath.Join(support, "data")
	default:
		f.config = xdg("XDG_CONFIG_HOME", ".config")
		f.state = xdg("XDG_STATE_HOME", ".local", "state")
		f.data = xdg("XDG_DATA_HOME", ".local", "share")
	}
	return f, nil
}

// short shows a path below the home folder as ~/...
func (f folders) short(path string) string {
	if rel, err := filepath.Rel(f.home, path); err == nil && filepath.IsLocal(rel) {
		return visible(filepath.Join("~", rel))
	}
	return visible(path)
}

// notConfigurable are flags that only a command line may set: consent, and to
// delete, is for a person in one run, never for a file or the environment.
// Neither are those that ask a question.
var notConfigurable = []string{"ignore-case", "fixed-strings", "files-with-matches", "count", "show-values", "yes", "trust-recipe", "forget", "help", "version", "json", "dry-run"}

// askString and askList are flags of which each command line says anew what it
// asks: neither the environment nor a configuration file sets them.
type (
	askString struct{ *cli.StringFlag }
	askList   struct{ *cli.StringSliceFlag }
)

// addList is a flag whose values add up: none takes the place of a configured one.
type addList struct{ *cli.StringSliceFlag }

func asks(f cli.Flag) bool {
	switch f.(type) {
	case askString, askList:
		return true
	}
	return false
}

// isQuestion reports the name of a flag that is only ever asked.
func isQuestion(app *cli.App, name string) bool {
	return flagNamed(app.Flags, name) == nil && asks(flagSomewhere(app.Commands, name))
}

// isFlag reports whether any command has a flag of that name.
func isFlag(app *cli.App, name string) bool {
	return flagNamed(app.Flags, name) != nil || flagSomewhere(app.Commands, name) != nil
}

// configFile is one read configuration: flag names to values.
type configFile struct {
	path   string
	values map[string][]string
}

// readConfig reads a configuration file strictly; a file that is not there is
// an empty one. Keys are the names of flags.
func readConfig(path string, app *cli.App) (*configFile, error) {
	data, err := trust.ReadConfig(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &configFile{path: path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, usageError("%s: %v", path, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	c := &configFile{path: path, values: map[string][]string{}}
	if len(doc.Content) == 0 {
		return c, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, usageError("%s:%d: a mapping of flag names to values is wanted", path, root.Line)
	}
	var faults []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, val := root.Content[i], root.Content[i+1]
		if err := c.set(app, key, val); err != nil {
			faults = append(faults, fmt.Errorf("%s:%d:%d: %w", path, key.Line, key.Column, err))
		}
	}
	if len(faults) > 0 {
		return nil, usageError("%w", errors.Join(faults...)).withHint("settings are the names of flags, such as endpoint or since")
	}
	return c, nil
}

// set takes one setting.
func (c *configFile) set(app *cli.App, key, val *yaml.Node) error {
	switch _, dup := c.values[key.Value]; {
	case slices.Contains(notConfigurable, key.Value), isQuestion(app, key.Value):
		return fmt.Errorf("%q is a flag only: configuration cannot set it", visible(key.Value))
	case !isFlag(app, key.Value):
		if near := nearest(key.Value, flagNames(app.Flags)); near != "" {
			return fmt.Errorf("unknown setting %q; did you mean %q?", visible(key.Value), near)
		}
		return fmt.Errorf("unknown setting %q", visible(key.Value))
	case dup:
		return fmt.Errorf("%q is set twice", key.Value)
	}
	switch val.Kind {
	case yaml.ScalarNode:
		c.values[key.Value] = []string{val.Value}
	case yaml.SequenceNode:
		for _, item := range val.Content {
			if item.Kind != yaml.ScalarNode {
				return fmt.Errorf("%q wants plain values", key.Value)
			}
			c.values[key.Value] = append(c.values[key.Value], item.Value)
		}
	default:
		return fmt.Errorf("%q wants a value or a list of values", key.Value)
	}
	return nil
}

// checkEnvironment refuses what is set in the environment in vain: flags that
// only a command line sets, and misspelt ones. Other variables that begin alike
// are somebody else's.
func checkEnvironment(app *cli.App) error {
	settable := settableIn(app.Flags, app.Commands)
	for _, pair := range os.Environ() {
		name, value, _ := strings.Cut(pair, "=")
		setting, ours := strings.CutPrefix(name, envPrefix)
		if !ours || value == "" || slices.Contains(settable, name) {
			continue
		}
		setting = strings.ToLower(strings.ReplaceAll(setting, "_", "-"))
		if isFlag(app, setting) {
			return usageError("%s: --%s is a flag only: the environment cannot set it", name, setting).withHint("unset %s", name)
		}
		if near := nearest(setting, flagNames(app.Flags)); near != "" && slices.Contains(settable, env(near)[0]) {
			return usageError("%s: there is no such setting; did you mean %s?", visible(name), env(near)[0])
		}
	}
	return nil
}

// settableIn lists the variables that flags, and those of commands, are set by.
func settableIn(flags []cli.Flag, cmds []*cli.Command) (names []string) {
	for _, f := range flags {
		names = append(names, envOf(f)...)
	}
	for _, c := range cmds {
		names = append(names, settableIn(c.Flags, c.Subcommands)...)
	}
	return names
}

// configure fills the flags of a command that neither the command line nor
// the environment set, from the configuration files, nearest first. To those
// whose values add up it adds what each of them says.
func configure(c *cli.Context, app *cli.App, paths ...string) error {
	for _, f := range c.Command.Flags {
		adds, ok := f.(addList)
		if !ok {
			continue
		}
		for _, name := range adds.EnvVars { // which a command line has hidden
			if v := os.Getenv(name); v != "" && !slices.Contains(c.StringSlice(adds.Name), v) {
				if err := c.Set(adds.Name, v); err != nil {
					return usageError("%s: %v", name, err)
				}
			}
		}
	}
	for _, path := range paths {
		conf, err := readConfig(path, app)
		if err != nil {
			return err
		}
		for _, f := range c.Command.Flags {
			name := f.Names()[0]
			values, ok := conf.values[name]
			_, adds := f.(addList)
			if !ok || c.IsSet(name) && !adds || asks(f) {
				continue
			}
			if adds { // to set one may drop those of the environment
				values = append(slices.Clone(values), c.StringSlice(name)...)
			}
			for _, v := range values {
				if adds && slices.Contains(c.StringSlice(name), v) {
					continue
				}
				if err := c.Set(name, v); err != nil {
					return usageError("%s: %s: %v", path, name, err)
				}
			}
		}
	}
	return nil
}
