package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/redact"
	"github.com/diagcollect/diagcollect/trust"
)

func (p *program) redactCommand() *cli.Command {
	return &cli.Command{
		Name:      "redact",
		Usage:     "redact files and folders, a bundle, or standard input",
		ArgsUsage: "PATH... --output DIR",
		Description: "Writes redacted copies below DIR under the same relative paths. Compressed files and\n" +
			"archives are opened; what cannot be read as text is not written. Without PATH it\n" +
			"redacts standard input to standard output. With --case, pseudonyms are those of the\n" +
			"case's bundles; without, they hold for this run only.\n\n" +
			"Of a PATH that is a bundle, or the id of one that is kept here, it makes a clean\n" +
			"successor in DIR: verified, redacted again by today's rules, signed with this machine's\n" +
			"key, with the bundle named as its parent. Pseudonyms that are in it stay.\n\nEXAMPLES:\n" +
			"   diagcollect redact /var/log/app --output /tmp/clean\n" +
			"   journalctl -u app | diagcollect redact > app.log\n" +
			"   diagcollect redact app.log --output out --case 4711\n" +
			"   diagcollect redact 4711_web_20260102T150405Z.tar.zst --output clean",
		Flags: p.common(append(trustFlags(),
			stringFlag("output", "write below this `DIR`"),
			stringFlag("case", "use the pseudonyms of this case, `ID`"),
			listFlag("keep-class", "leave a `CLASS` of identities in clear (repeatable)"),
			pseudonymKeyFlag(),
			stringFlag("sign-with", "sign the successor of a bundle with this `KEY`: a private key file or the SHA256: fingerprint of an agent's key"),
		)...),
		Action: p.do(p.redact),
	}
}

type redactAnswer struct {
	basicAnswer
	Files      []collect.Redacted `json:"files"`
	Redactions redact.Counts      `json:"redactions"`

	PseudonymKey string     `json:"pseudonym_key,omitempty"` // with a case
	Bundles      successors `json:"bundles,omitempty"`
}

func (p *program) redact(c *cli.Context) error {
	a := &redactAnswer{Files: []collect.Redacted{}}
	p.answer = a
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	options := redact.Options{Keep: job.Keep}
	secret, err := pseudonymSecret(c)
	if err != nil {
		return err
	}
	bundles, paths, err := p.bundlesAmong(c.Args().Slice())
	if err != nil {
		return err
	}
	for _, path := range bundles {
		made, err := p.redactBundle(c, path, job, secret)
		if err != nil {
			return err
		}
		a.Bundles = append(a.Bundles, *made)
	}
	if len(bundles) > 0 && len(paths) == 0 {
		a.Redactions = a.Bundles.found()
		return nil
	}
	var home *trust.Home
	head := collect.IdentityMap{Case: job.Case}
	switch {
	case job.Case != "":
		if home, err = p.openHome(); err != nil {
			return err
		}
		org, err := p.ownOrganisation(home)
		if err != nil {
			return err
		}
		if options.CaseKey, err = caseKey(home, secret, org, job.Case); err != nil {
			return err
		}
		a.PseudonymKey = trust.KeyID(options.CaseKey)
		head.Organisation, head.PseudonymKey = org, a.PseudonymKey
	case secret != nil:
		// It may stand in the configuration, so it is no fault.
		p.warn("--pseudonym-key-file is for the pseudonyms of a case: without --case they hold for this run only")
	}
	session, err := redact.NewSession(options)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		err = p.redactStream(c, session)
	} else {
		err = p.redactPaths(c, paths, options, session, a)
	}
	a.Redactions = a.Bundles.found()
	for class, n := range session.Totals() {
		a.Redactions[class] += n
	}
	if home != nil && someIdentity(session) { // also of what was written before it failed
		if _, kept := p.keepIdentities(home, head, session); kept != nil {
			err = errors.Join(err, kept)
		}
	}
	if err == nil {
		p.detail("hidden: %s", hiddenText(countsByName(a.Redactions)))
	}
	return err
}

func someIdentity(s *redact.Session) bool {
	for range s.Identities() {
		return true
	}
	return false
}

func countsByName(c redact.Counts) map[string]int64 {
	m := map[string]int64{}
	for k, v := range c {
		m[string(k)] = v
	}
	return m
}

func (p *program) redactStream(c *cli.Context, s *redact.Session) error {
	if c.String("output") != "" {
		return usageError("--output is a folder for redacted copies: name the PATHs to copy").withHint("%s", usageLine(c))
	}
	if p.asJSON {
		return usageError("--json and redacted standard input both want standard output")
	}
	if p.inTerminal {
		return usageError("nothing to redact").withHint("name PATHs and --output DIR, or pipe text in: journalctl | diagcollect redact")
	}
	_, err := io.Copy(p.out, s.Stream("", p.in))
	if errors.Is(err, redact.ErrUnreadable) {
		return (&problem{exit: exitFailed, code: "unreadable", err: fmt.Errorf("standard input: %w", err)}).
			withHint("binary data is not passed on; for an archive: diagcollect redact FILE --output DIR")
	}
	return err
}

func (p *program) redactPaths(c *cli.Context, paths []string, o redact.Options, s *redact.Session, a *redactAnswer) error {
	dir := c.String("output")
	if dir == "" {
		return usageError("where to? --output DIR is missing").withHint("%s", usageLine(c))
	}
	// Names of files keep what tells machines and users apart, or their
	// relative paths would change; secrets and e-mails go from them too.
	names := redact.Options{CaseKey: o.CaseKey}
	for _, class := range redact.Classes() {
		if class.Keepable() {
			names.Keep = append(names.Keep, class)
		}
	}
	nameSession, err := redact.NewSession(names)
	if err != nil {
		return err
	}
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return usageError("%w", err)
		}
		if inside(dir, path) {
			return usageError("--output %s lies inside %s, which is to be redacted", visible(dir), visible(path)).withHint("name a folder elsewhere")
		}
	}
	set, done := p.startBar("redacting", pathsSize(paths))
	var read int64
	err = collect.RedactTree(p.ctx, paths, dir, collect.RedactOptions{Session: s, Names: nameSession}, func(r collect.Redacted) {
		read += r.Bytes
		set(read)
		if p.asJSON {
			a.Files = append(a.Files, r)
		}
		if worthTelling(r.Outcome) {
			p.code = exitIncomplete
			p.say("%s: %s%s", visible(r.Path), r.Outcome, because(r.Reason))
		} else {
			p.detail("%s: %s, %s hidden", visible(r.Path), size(r.Bytes), plural(total(r.Counts), "value", "values"))
		}
	})
	done()
	return err
}

// inside reports whether path is dir or lies below it.
func inside(path, dir string) bool {
	p, err1 := filepath.Abs(path)
	d, err2 := filepath.Abs(dir)
	if err1 != nil || err2 != nil {
		return false
	}
	rel, err := filepath.Rel(d, p)
	return err == nil && (rel == "." || filepath.IsLocal(rel))
}

func total(c redact.Counts) (n int64) {
	for _, v := range c {
		n += v
	}
	return n
}

// pathsSize adds up what lies below paths, for a progress bar only.
func pathsSize(paths []string) (sum int64) {
	for _, root := range paths {
		_ = filepath.WalkDir(root, func(_ string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if fi, err := d.Info(); err == nil {
					sum += fi.Size()
				}
			}
			return nil
		})
	}
	return sum
}
