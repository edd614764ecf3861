package collect

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/diagcollect/diagcollect/manifest"
)

// maxListing is how much of the list of containers is read.
const maxListing = 8 << 20

var containerID = regexp.MustCompile(`^[0-9a-f]{12,64}$`)

// containers gathers the list of containers, what the engine knows of each,
// and the end of its logs.
func (g *gatherer) containers(c containerSpec, w manifest.Window) error {
	if c.engine != "" {
		return g.firstOf([]string{c.engine}, c, w)
	}
	return g.firstOf([]string{"docker", "podman"}, c, w)
}

// firstOf asks the first engine that answers.
func (g *gatherer) firstOf(engines []string, c containerSpec, w manifest.Window) error {
	// These two find their engine by the user's home.
	env := append(cleanEnv(), kept("HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST")...)
	var reasons []string
	here := false
	for _, engine := range engines {
		list, why, err := g.listing(engine, env)
		if err != nil {
			return err
		}
		if why != "" {
			here = here || why != "not here"
			reasons = append(reasons, engine+": "+why)
			continue
		}
		return g.engine(engine, env, list, c, w)
	}
	o := manifest.Skipped
	if here {
		o = manifest.Failed
	}
	g.note(o, strings.Join(reasons, "; "))
	return nil
}

// listing asks an engine for its containers: one JSON object per line. why
// says why there is no list.
func (g *gatherer) listing(engine string, env []string) (list []byte, why string, err error) {
	p, err := g.start([]string{engine, "ps", "--all", "--no-trunc", "--format", "{{json .}}"}, env, false)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "not here", nil
	case err != nil && g.ctx.Err() != nil && !errors.Is(context.Cause(g.ctx), errInterrupted):
		return nil, "", context.Cause(g.ctx)
	case err != nil:
		return nil, shortError(err), nil
	}
	var b bytes.Buffer
	_, rerr := io.CopyN(&b, p, maxListing)
	if !errors.Is(rerr, io.EOF) && rerr != nil {
		_, _ = p.finish()
		return nil, rerr.Error(), nil
	}
	if rerr != nil {
		p.wait()
	}
	killed, exit := p.finish()
	switch {
	case g.ctx.Err() != nil && !errors.Is(context.Cause(g.ctx), errInterrupted):
		return nil, "", context.Cause(g.ctx)
	case killed != nil:
		return nil, killed.Error(), nil
	case exit != nil:
		why := exitText(exit)
		if line := firstLine(p.complain.b); line != "" {
			why += ": " + line
		}
		return nil, why, nil
	}
	return b.Bytes(), "", nil
}

func (g *gatherer) engine(engine string, env []string, list []byte, c containerSpec, w manifest.Window) error {
	if err := g.take(input{path: "containers.jsonl", mtime: time.Now(), size: int64(len(list)), r: bytes.NewReader(list), at: bytes.NewReader(list)}); err != nil {
		return err
	}
	taken := 0
	for line := range bytes.Lines(list) {
		id, name := oneContainer(line)
		if !containerID.MatchString(id) || !named(name, c.names) {
			continue
		}
		if g.ctx.Err() != nil {
			return g.ended()
		}
		if taken++; taken > c.max {
			continue
		}
		dir := memberPath(name)
		if err := g.command([]string{engine, "inspect", id}, env, dir+"/inspect.json", false); err != nil {
			return err
		}
		argv := []string{engine, "logs", "--timestamps"}
		if !w.Since.IsZero() {
			argv = append(argv, "--since", strconv.FormatInt(w.Since.Unix(), 10))
		}
		if !w.Until.IsZero() {
			argv = append(argv, "--until", strconv.FormatInt(w.Until.Unix(), 10))
		}
		// A container's two outputs come out of the command's two; together
		// they are the log as the engine shows it.
		if err := g.command(append(argv, id), env, dir+"/log", true); err != nil {
			return err
		}
	}
	if taken > c.max {
		g.cut++
		g.note(manifest.Partial, strconv.Itoa(c.max)+" of "+strconv.Itoa(taken)+" containers")
	}
	return nil
}

// oneContainer reads a line of docker's or podman's list.
func oneContainer(line []byte) (id, name string) {
	var c struct {
		ID    string          `json:"ID"` // podman writes Id; case does not matter here
		Names json.RawMessage `json:"Names"`
	}
	if err := json.Unmarshal(line, &c); err != nil {
		return "", ""
	}
	var one string
	var many []string
	switch {
	case json.Unmarshal(c.Names, &one) == nil:
		name, _, _ = strings.Cut(one, ",")
	case json.Unmarshal(c.Names, &many) == nil && len(many) > 0:
		name = many[0]
	}
	if name == "" {
		name = c.ID
	}
	return c.ID, name
}

func named(name string, patterns []string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, p := range patterns {
		if ok, err := doublestar.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}
