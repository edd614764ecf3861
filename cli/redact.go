package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

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
		UsageText: "diagcollect redact PATH... --output DIR [flags]          # copies of files and folders\n" +
			"diagcollect redact BUNDLE|ID... --output DIR [flags]     # clean successors of bundles\n" +
			"diagcollect redact PATH|BUNDLE|ID... --explain [flags]   # what would be hidden\n" +
			"COMMAND | diagcollect redact [--explain] [flags]         # standard input\n" +
			"diagcollect redact --list-rules\n" +
			"diagcollect redact --self-test",
		Description: "Writes redacted copies below DIR under the same relative paths. Compressed files and\n" +
			"archives are opened; what cannot be read as text is not written. Where two would have\n" +
			"one name, the second is written as NAME~2, and told. Without PATH it\n" +
			"redacts standard input to standard output. With --case, pseudonyms are those of the\n" +
			"case's bundles; without, they hold for this run only.\n\n" +
			"Of a PATH that is a bundle, or the id of one that is kept here, it makes a clean\n" +
			"successor in DIR: verified, redacted again by today's rules, signed with this machine's\n" +
			"key, with the bundle named as its parent. Pseudonyms that are in it stay.\n\n" +
			"--explain tells of each hit file, line, class, rule and reason, never the value; it\n" +
			"needs no --output, and standard input is then explained and not passed on.\n" +
			"--report json prints one JSON object to a line: of each file, and of all at the end\n" +
			"(with --explain: of each hit). It goes to standard output, or to standard error where\n" +
			"standard output has the redacted text.\n\nEXAMPLES:\n" +
			"   diagcollect redact /var/log/app --output /tmp/clean\n" +
			"   journalctl -u app | diagcollect redact > app.log\n" +
			"   diagcollect redact app.log --output out --case 4711\n" +
			"   diagcollect redact 4711_web_20260102T150405Z.tar.zst --output clean\n" +
			"   diagcollect redact app.log --explain\n" +
			"   diagcollect redact app.log --output out --rules acme.yaml --report json | jq .rules_used\n" +
			"   diagcollect redact --list-rules\n" +
			"   diagcollect redact --self-test",
		Flags: p.withState(slices.Concat([]cli.Flag{
			stringFlag("output", "write below this `DIR`"),
			stringFlag("case", "use the pseudonyms of this case, `ID`"),
			actFlag("explain", "tell of each hit file, line, class, rule and reason"),
			actFlag("show-values", "with --explain on a terminal: the values, too"),
			stringFlag("report", "with \"json\": totals by file, class and rule, in `FORMAT`"),
			listFlag("keep-class", "leave a `CLASS` of identities in clear: "+keepable()+" (repeatable)"),
			pseudonymKeyFlag(),
		}, ruleFlags(), []cli.Flag{
			actFlag("list-rules", "list the rules with their classes and examples"),
			actFlag("self-test", "plant a made-up value of each class in many notations and containers, and see each go"),
			stringFlag("sign-with", "sign the successor of a bundle with this `KEY`: a private key file or the SHA256: fingerprint of an agent's key"),
		}, trustFlags())...),
		Action: p.do(p.redactOr),
	}
}

// redactOr redacts, or does what a flag asks for instead.
func (p *program) redactOr(c *cli.Context) error {
	switch list, test := c.Bool("list-rules"), c.Bool("self-test"); {
	case list && test:
		return usageError("--list-rules and --self-test are two things")
	case list || test:
		name, unfit := "--self-test", slices.Concat(forBundles, []string{"output", "case", "pseudonym-key-file", "explain", "show-values", "report"})
		if list {
			name, unfit = "--list-rules", append(unfit, "keep-class")
		}
		if other, ok := p.typed(unfit...); ok {
			return usageError("%s and --%s do not go together", name, other)
		}
		if err := operands(c, 0, 0, ""); err != nil {
			return err
		}
		if list {
			return p.listRules(c)
		}
		return p.selfTest(c)
	}
	return p.redact(c)
}

// forBundles are the flags of redact that do something where a bundle is given.
var forBundles = []string{"allowed-signers", "revoked-keys", "receipt", "sign-with"}

type redactAnswer struct {
	basicAnswer
	Files      []collect.Redacted `json:"files"`
	Redactions redact.Counts      `json:"redactions"`
	Rules      map[string]int64   `json:"rules_used"`

	PseudonymKey string      `json:"pseudonym_key,omitempty"` // with a case
	Bundles      []successor `json:"bundles,omitempty"`
}

func (p *program) redact(c *cli.Context) error {
	a := &redactAnswer{Files: []collect.Redacted{}}
	p.answer = a
	job, err := p.selection(c)
	if err != nil {
		return err
	}
	options := redact.Options{Keep: job.Keep, Rules: addedRules(&job)}
	tell, err := p.newTeller(c, options.Rules)
	if err != nil {
		return err
	}
	if tell.explain {
		options.Each = tell.hit
	}
	bundles, paths, err := p.bundlesAmong(c.Args().Slice())
	if err != nil {
		return err
	}
	if flag, ok := p.typed(forBundles...); ok && len(bundles) == 0 {
		return usageError("--%s is for bundles, and none is given", flag)
	}
	if _, ok := p.typed("pseudonym-key-file"); ok && job.Case == "" && len(bundles) == 0 {
		return usageError("--pseudonym-key-file makes the pseudonyms of a case: without --case they hold for this run only").withHint("add --case ID, or leave --pseudonym-key-file out")
	}
	secret, err := pseudonymSecret(c)
	if err != nil {
		return err
	}
	for _, path := range bundles {
		job.Hit = tell.ofBundle(path)
		made, err := p.redactBundle(c, path, job, secret)
		if err != nil {
			return err
		}
		a.Bundles = append(a.Bundles, *made)
		tell.bundle(made)
	}
	if len(bundles) > 0 && len(paths) == 0 {
		a.Redactions, a.Rules = tell.classes, tell.used
		return tell.end(a)
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
	}
	options.Forget = home == nil // pseudonyms of this run only are no use to anybody
	session, err := redact.NewSession(options)
	if err != nil {
		return err
	}
	if c.NArg() == 0 {
		err = p.redactStream(c, session, tell)
	} else {
		err = p.redactPaths(c, paths, options, session, a, tell)
	}
	a.Redactions, a.Rules = tell.classes, tell.used
	if told := tell.end(a); told != nil {
		err = errors.Join(err, told)
	}
	if home != nil && someIdentity(session) { // also of what was written before it failed
		if _, kept := p.keepIdentities(home, head, session); kept != nil {
			err = errors.Join(err, kept)
		}
	}
	switch {
	case err != nil:
	case tell.explain:
		p.say("%s", hiddenText(countsByName(a.Redactions)))
	case c.NArg() == 0:
		p.detail("hidden: %s", hiddenText(countsByName(a.Redactions)))
	default:
		hidden := hiddenText(countsByName(a.Redactions))
		if len(a.Redactions) > 0 {
			hidden = "hidden: " + hidden
		}
		p.say("%s written below %s; %s", plural(tell.written, "file", "files"), visible(c.String("output")), hidden)
	}
	return err
}

func whereTo() error {
	return usageError("where to? --output DIR is missing").withHint("--output DIR writes redacted copies there; --explain only tells what would be hidden")
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

func (p *program) redactStream(c *cli.Context, s *redact.Session, tell *teller) error {
	if c.String("output") != "" {
		return usageError("--output is a folder for redacted copies: name the PATHs to copy").withHint("%s", usageLine(c))
	}
	if p.asJSON {
		return usageError("--json and redacted standard input both want standard output")
	}
	if p.inTerminal {
		return usageError("nothing to redact").withHint("name PATHs and --output DIR, or pipe text in: journalctl | diagcollect redact")
	}
	out := p.out
	if tell.explain {
		out = io.Discard
		tell.listen()
	}
	st := s.Stream("", p.in)
	_, err := io.Copy(out, st)
	tell.add(st.Counts(), st.Rules())
	if errors.Is(err, redact.ErrUnreadable) {
		return (&problem{exit: exitFailed, code: "unreadable", err: fmt.Errorf("standard input: %w", err)}).
			withHint("binary data is not passed on; for an archive: diagcollect redact FILE --output DIR")
	}
	return err
}

func (p *program) redactPaths(c *cli.Context, paths []string, o redact.Options, s *redact.Session, a *redactAnswer, tell *teller) error {
	dir := c.String("output")
	if dir == "" && !tell.explain {
		return whereTo()
	}
	if dir != "" {
		if err := checkFolder("--output ", dir); err != nil {
			return err
		}
	}
	// Names of files keep what tells machines and users apart, or their
	// relative paths would change; secrets and e-mails go from them too.
	names := redact.Options{CaseKey: o.CaseKey, Forget: o.Forget, Rules: o.Rules}
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
			if path == "-" {
				return usageError("standard input is redacted where no PATH is given: leave - out")
			}
			return fileProblem("", path, err)
		}
		if dir != "" && inside(dir, path) {
			return usageError("--output %s lies inside %s, which is to be redacted", visible(dir), visible(path)).withHint("name a folder elsewhere")
		}
	}
	tree := collect.RedactOptions{Session: s, Names: nameSession}
	if tell.explain {
		// What a context gives away late is hidden in what was read before,
		// too: the first time through is to know it.
		if err := collect.RedactTree(p.ctx, paths, "", tree, nil); err != nil {
			return err
		}
		tree.Workers = 1 // hits in the order of the files
		tell.listen(paths...)
	}
	set, done := p.startBar("redacting", pathsSize(paths))
	var read int64
	tree.Read = func(n int64) {
		read += n
		set(read)
	}
	err = collect.RedactTree(p.ctx, paths, dir, tree, func(r collect.Redacted) {
		if p.asJSON {
			a.Files = append(a.Files, r)
		}
		tell.file(r)
		if r.Output != "" {
			tell.written++
		}
		for _, n := range r.Renamed {
			p.say("%s: written as %s, for another is called %s", visible(r.Path), visible(filepath.Join(dir, filepath.FromSlash(n.As))), visible(n.Name))
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
