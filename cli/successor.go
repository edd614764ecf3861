package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

// Redacting a bundle again: its clean successor.

// successor is what redact answers about one bundle.
type successor struct {
	Path       string        `json:"path"`   // of the parent
	Parent     string        `json:"parent"` // its bundle id
	Bundle     string        `json:"bundle"`
	BundleID   string        `json:"bundle_id"`
	SHA256     string        `json:"sha256"`
	Size       int64         `json:"size"`
	Entries    int           `json:"entries"`
	Withheld   int           `json:"withheld"`   // entries of the parent that it does not have
	Redactions redact.Counts `json:"redactions"` // found now, beyond the parent's

	Rules map[string]int64 `json:"rules_used"` // the same, by rule
}

// bundlesAmong tells the operands that are bundles, by what is in them, from
// those that are not. A word that is no file may be the id of a bundle here.
func (p *program) bundlesAmong(operands []string) (bundles, paths []string, err error) {
	for _, o := range operands {
		fi, err := os.Stat(o)
		if errors.Is(err, fs.ErrNotExist) {
			if path, err := p.findBundle(o); err == nil {
				bundles = append(bundles, path)
				continue
			}
		}
		is := false
		if err == nil && fi.Mode().IsRegular() {
			if is, err = manifest.Recognise(o, p.ownIdentity); err != nil {
				return nil, nil, about(o, err)
			}
		}
		if is {
			bundles = append(bundles, o)
		} else {
			paths = append(paths, o) // one that is not there is told where it is used
		}
	}
	return bundles, paths, nil
}

func (p *program) ownIdentity() ([]age.Identity, error) {
	home, err := p.openHome()
	if err != nil {
		return nil, err
	}
	id, err := home.Identity()
	return []age.Identity{id}, err
}

// redactBundle makes the clean successor of one bundle. Without --output, where
// hits are to be explained, it comes as far as to know them.
func (p *program) redactBundle(c *cli.Context, path string, job collect.Job, secret []byte) (_ *successor, err error) {
	dir := c.String("output")
	switch {
	case dir == "" && job.Hit == nil:
		return nil, whereTo()
	case dir != "":
		if err := checkFolder("--output ", dir); err != nil {
			return nil, err
		}
	}
	b, err := p.openBundleFile(c, path)
	if err != nil {
		return nil, err
	}
	defer closeInto(&err, b)
	old := b.Head()
	if job.Case != "" && job.Case != old.Case {
		return nil, usageError("%s is a bundle of case %s, not of %s", visible(path), visible(old.Case), job.Case)
	}
	if err := checkCase(old.Case); err != nil { // it becomes a part of names
		return nil, fmt.Errorf("%s: %w", visible(path), err)
	}
	d := &delivery{program: p}
	if d.home, err = p.openHome(); err != nil {
		return nil, err
	}
	if d.signer, err = p.signer(d.home, c.String("sign-with")); err != nil {
		return nil, err
	}
	_, done := p.startBar("verifying", b.Size())
	err = b.Verify(p.ctx)
	done()
	if err != nil {
		return nil, bundleProblem(path, err)
	}
	key, err := successorKey(d.home, secret, old)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(p.state, 0o700); err != nil { // scratch files
		return nil, err
	}
	if dir != "" {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, about(dir, err)
		}
	}
	set, done := p.startBar("redacting", contentSize(old))
	job.CaseKey, job.Progress = key, func(g collect.Progress) { set(g.Bytes) }
	col, err := collect.Succeed(p.ctx, b, job)
	done()
	if err != nil {
		return nil, bundleProblem(path, err)
	}
	defer closeInto(&err, col)
	out := &output{flag: dir, dir: dir}
	var v *view
	if dir == "" {
		err = col.Seal(p.ctx)
	} else {
		_, v, err = p.pack(col, d, out, false)
	}
	if err != nil {
		return nil, err
	}
	s := &successor{Path: path, Parent: old.BundleID, Withheld: col.Withheld(), Redactions: col.Session().Totals(), Rules: col.Session().RuleTotals()}
	if v != nil {
		s.Bundle, s.BundleID, s.SHA256, s.Size, s.Entries = out.final, v.BundleID, v.sha256, v.size, v.entries
		p.text(p.summary(v, nil, out))
	}
	if len(s.Redactions) == 0 {
		p.say("nothing was found that the rules of today hide and those of bundle %s did not", shortID(old.BundleID))
	} else {
		p.say("beyond what bundle %s hid: %s", shortID(old.BundleID), hiddenText(countsByName(s.Redactions)))
		if v != nil && old.PseudonymKey != v.PseudonymKey {
			p.say("what was found has pseudonyms under %s, the others have theirs under %s", keyName(v.PseudonymKey), keyName(old.PseudonymKey))
		}
	}
	if s.Withheld > 0 {
		p.code = exitIncomplete
		p.say("%s of it cannot be read as text and is left out", plural(int64(s.Withheld), "entry", "entries"))
	}
	return s, nil
}

// successorKey is the key of pseudonyms that a successor adds: under the secret
// that was given, or that of the bundle's organisation when it is here. One
// that is not here must not be made up: it would stand in the way of the real one.
func successorKey(home *trust.Home, secret []byte, old *manifest.Head) ([]byte, error) {
	if secret == nil {
		var err error
		secret, err = home.StoredOrganisationSecret(old.Organisation)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
	}
	return trust.CaseKey(secret, old.Organisation, old.Case), nil
}

func keyName(id string) string {
	if id == "" {
		return "a key that was forgotten"
	}
	return "key " + visible(id)
}

// contentSize is what a bundle's sources gave, for a progress bar only.
func contentSize(h *manifest.Head) (sum int64) {
	for _, o := range h.Outcomes {
		sum += o.Bytes
	}
	return sum
}
