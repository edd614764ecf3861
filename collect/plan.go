package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// Step is what a plan says of one source.
type Step struct {
	Recipe  string        `json:"recipe"`
	Source  string        `json:"source"`
	Type    manifest.Type `json:"type"`
	Kind    string        `json:"kind"`            // "files", "command", ...
	What    []string      `json:"what"`            // files found, argv, URL, units, facts
	Files   int           `json:"files,omitempty"` // how many, when files
	Bytes   int64         `json:"bytes"`           // estimate; -1: unknown
	Missing string        `json:"missing,omitempty"`
}

// maxShown is how many files a plan names of one source.
const maxShown = 1000

// what says in words what a source collects.
func (t *task) what() []string {
	switch t.kind {
	case kindFiles:
		return t.files
	case kindCommand:
		return []string{strings.Join(t.command, " ")}
	case kindJournal:
		return []string{strings.Join(journalArgs(t.units, t.window), " ")}
	case kindHTTP:
		return []string{"GET " + t.url}
	case kindFacts:
		return t.source.facts
	case kindContainers:
		want := t.source.containers
		which := strings.Join(want.names, " ")
		return []string{cmp.Or(want.engine, "docker or podman") + ": " + cmp.Or(which, "all containers")}
	}
	return nil
}

// Plan says what Run would read and run, in the order in which it would. It
// reads directories, no content, and runs nothing. Paths in it are as they
// are: a plan is for the operator's own screen.
func Plan(ctx context.Context, j Job) ([]Step, error) {
	tasks, err := j.tasks(time.Now())
	if err != nil {
		return nil, err
	}
	c := &Collection{job: j, tasks: tasks}
	av := newAvoid(j.Avoid)
	for _, t := range tasks {
		if t.kind != kindFiles {
			continue
		}
		f := newFinder(ctx, t, av, t.verdict, func(s string) string { return s })
		got, err := within(ctx, min(surveyTime, t.limits.timeout), func() (*finder, error) {
			f.find(t.files)
			return f, nil
		}, (*finder).close)
		switch {
		case err == nil:
			t.finder = got
			defer got.close()
		case errors.Is(err, errStalled):
		default:
			return nil, err
		}
	}
	grant(c.tasks)
	var out []Step
	for _, t := range tasks {
		out = append(out, t.step())
	}
	return out, ctx.Err()
}

func (t *task) step() Step {
	s := Step{Recipe: t.recipe.Name, Source: t.id, Type: t.typ, Kind: t.kind, What: t.what(), Bytes: -1}
	var program string
	switch t.kind {
	case kindFiles:
		if t.finder == nil {
			s.Missing = "its folders did not answer in time"
			return s
		}
		s.What, s.Bytes = []string{}, 0
		for _, f := range t.finder.files {
			if f.max < 0 {
				continue
			}
			limit := t.limits.file
			if f.max > 0 {
				limit = f.max
			}
			s.Files++
			s.Bytes += min(max(0, f.size), limit)
			if len(s.What) < maxShown {
				s.What = append(s.What, f.path())
			}
		}
		if s.Files > maxShown {
			s.What = append(s.What, fmt.Sprintf("and %d more", s.Files-maxShown))
		}
		switch {
		case t.finder.matched == 0:
			s.Missing = "no such file"
		case s.Files == 0:
			s.Missing = "nothing changed in the window"
		}
		if _, reason := t.verdict.final(); reason != "" {
			s.Missing = reason
		}
		return s
	case kindCommand:
		program = t.command[0]
	case kindJournal:
		program = "journalctl"
	case kindContainers:
		program = t.source.containers.engine
		if program == "" {
			if _, err := lookup("docker"); err == nil {
				return s
			}
			program = "podman"
		}
	}
	if program == "" {
		return s
	}
	if _, err := lookup(program); errors.Is(err, fs.ErrNotExist) {
		s.Missing, s.Bytes = program+" is not here", 0
	} else if err != nil {
		s.Missing, s.Bytes = program+": "+shortError(err), 0
	}
	return s
}
