package collect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// command gathers the output of one command as the entries out and, when it
// has any, its error output as "stderr" beside it.
func (g *gatherer) command(argv, env []string, out string, merged bool) error {
	p, err := g.start(argv, env, merged)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		g.note(manifest.Skipped, argv[0]+" is not here")
		return nil
	case errors.Is(err, fs.ErrPermission):
		g.note(manifest.Denied, argv[0]+": permission denied")
		return nil
	case g.ctx.Err() != nil:
		return g.ended()
	default:
		g.note(manifest.Failed, argv[0]+": "+shortError(err))
		return nil
	}
	began := time.Now()
	before, cutBefore := g.bytes, g.cut
	err = g.take(input{path: out, mtime: began, size: -1, r: p})
	if err == nil && g.cut == cutBefore {
		p.wait() // it may go on without output
	}
	killed, exit := p.finish()
	if err != nil {
		return err
	}
	output, cut := g.bytes > before, g.cut > cutBefore
	c := p.complain
	if len(c.b) > 0 {
		if c.lost > 0 {
			g.note(manifest.Partial, "stderr: first "+sizeText(maxComplaint)+" of "+sizeText(maxComplaint+c.lost))
			g.cut += c.lost
		}
		b := c.b
		again := func() (io.Reader, error) { return bytes.NewReader(b), nil }
		name := "stderr"
		if dir, _ := splitDir(out); dir != "" {
			name = dir + "/stderr"
		}
		stored := g.bytes
		if err := g.take(input{path: name, mtime: began, size: int64(len(b)), r: bytes.NewReader(b), again: again}); err != nil {
			return err
		}
		g.aside += g.bytes - stored
	}
	g.judge(argv[0], killed, exit, output, cut, c.b)
	return nil
}

// judge turns the way a command ended into an outcome.
func (g *gatherer) judge(program string, killed, exit error, output, cut bool, complaint []byte) {
	switch {
	case errors.Is(killed, errTimeout):
		g.note(manifest.Timeout, program+": killed after "+g.limits.timeout.String())
	case errors.Is(killed, errInterrupted):
		g.note(manifest.Partial, errInterrupted.Error())
	case cut: // we ended it ourselves
	case exit != nil:
		text := program + ": " + exitText(exit)
		if line := firstLine(complaint); line != "" {
			text += ": " + line
		}
		if output && g.optional {
			g.note(manifest.OK, text) // it said what it had to say
		} else if output {
			g.note(manifest.Partial, text)
		} else {
			g.note(manifest.Failed, text)
		}
	case output || len(complaint) > 0: // java -version and its kind answer there
		g.note(manifest.OK, "")
	default:
		g.note(manifest.Empty, "")
	}
}

// ended says how a context that is over ends a source.
func (g *gatherer) ended() error {
	if cause := context.Cause(g.ctx); !errors.Is(cause, errInterrupted) {
		return cause
	}
	g.note(manifest.Partial, errInterrupted.Error())
	return nil
}

func firstLine(b []byte) string {
	for line := range strings.Lines(string(b[:min(len(b), 4096)])) {
		if line = strings.TrimSpace(line); line != "" {
			if len(line) > 200 {
				line = strings.ToValidUTF8(line[:200], "") + "..."
			}
			return strings.ToValidUTF8(line, "\uFFFD")
		}
	}
	return ""
}

func splitDir(p string) (dir, name string) {
	if i := strings.LastIndexByte(p, '/'); i >= 0 {
		return p[:i], p[i+1:]
	}
	return "", p
}

// journal gathers the systemd journal as text.
func (g *gatherer) journal(units []string, w manifest.Window) error {
	if _, err := lookup("journalctl"); err != nil {
		g.note(manifest.Skipped, "journalctl is not here")
		return nil
	}
	if !hasJournal("/var/log/journal", "/run/log/journal") {
		g.note(manifest.Skipped, "there is no journal")
		return nil
	}
	return g.command(journalArgs(units, w), cleanEnv(), "journal.log", false)
}

func journalArgs(units []string, w manifest.Window) []string {
	argv := []string{"journalctl", "--no-pager", "--quiet", "--output=short-iso-precise"}
	if !w.Since.IsZero() {
		argv = append(argv, "--since=@"+strconv.FormatInt(w.Since.Unix(), 10))
	}
	if !w.Until.IsZero() {
		argv = append(argv, "--until=@"+strconv.FormatInt(w.Until.Unix(), 10))
	}
	for _, u := range units {
		argv = append(argv, "--unit="+u)
	}
	return argv
}

// hasJournal reports whether there is a journal file, or a folder in which
// one may be that we cannot see.
func hasJournal(dirs ...string) bool {
	for _, dir := range dirs {
		machines, err := os.ReadDir(dir)
		if errors.Is(err, fs.ErrPermission) {
			return true
		}
		for _, m := range machines {
			files, err := os.ReadDir(filepath.Join(dir, m.Name()))
			if errors.Is(err, fs.ErrPermission) {
				return true
			}
			for _, f := range files {
				if strings.Contains(f.Name(), ".journal") {
					return true
				}
			}
		}
	}
	return false
}
