package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/cli/inspect"
	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// Commands that look into bundles: verify, show, extract.

func (p *program) verifyCommand() *cli.Command {
	return &cli.Command{
		Name:      "verify",
		Usage:     "prove a bundle or a receipt",
		ArgsUsage: "BUNDLE|ID|URL|receipt.json",
		Description: "Proves the signature by the keys that are trusted here (diagcollect key list), and every byte\n" +
			"against it. Exit code 0: it is what was signed, 4: it is not, or by a key that is not trusted.\n\n" +
			"With --scan it also looks for secrets and e-mails that are left in the bundle, and tells\n" +
			"entry, line, class and rule of each, never the value: exit code 6 when there is one.\n\nEXAMPLES:\n" +
			"   diagcollect verify 4711_web_20260102T150405Z.tar.zst\n" +
			"   diagcollect verify --scan 0193f2c1\n" +
			"   diagcollect verify 0193f2c1\n" +
			"   diagcollect verify ~/.local/state/diagcollect/sent/4711/0193f2c1-7a3b/receipt.json\n" +
			"   diagcollect verify --allowed-signers customer.txt bundle.tar.zst",
		Flags:  p.withState(append(trustFlags(), actFlag("scan", "look for secrets and e-mails that are left, too"))...),
		Action: p.do(p.verify),
	}
}

func (p *program) showCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "a bundle's summary and entries, or one entry",
		ArgsUsage: "BUNDLE|ID|URL [ENTRY]",
		Description: "ENTRY is a path in the bundle, a unique ending of one, or a source id. Of a large\n" +
			"bundle only what is needed is read, also from a web server. With --json it is one\n" +
			"object, in which the text of ENTRY is \"text\", as UTF-8.\n\nEXAMPLES:\n" +
			"   diagcollect show 0193f2c1\n" +
			"   diagcollect show bundle.tar.zst syslog | less\n" +
			"   diagcollect show https://files.example.com/bundle.tar.zst syslog\n" +
			"   diagcollect show @url.txt syslog           # an address that holds credentials\n" +
			"   diagcollect show bundle.tar.zst --json | jq -r '.entries[].path'",
		Flags:  p.withState(trustFlags()...),
		Action: p.do(p.show),
	}
}

func (p *program) extractCommand() *cli.Command {
	return &cli.Command{
		Name:      "extract",
		Usage:     "verify a bundle, then unpack it",
		ArgsUsage: "BUNDLE|ID|URL [DIR]",
		Description: "Writes the bundle's top folder into DIR (default: here), which is made when it is\nnot there. Nothing is ever overwritten. Prints where it is.\n\nEXAMPLES:\n" +
			"   diagcollect extract 0193f2c1 /tmp/case-4711\n" +
			"   cd \"$(diagcollect extract bundle.tar.zst)\"",
		Flags:  p.withState(trustFlags()...),
		Action: p.do(p.extract),
	}
}

// openBundle opens a bundle by path, or by the beginning of its id when it is
// in the spool or a copy was kept.
func (p *program) openBundle(c *cli.Context) (*manifest.Bundle, string, error) {
	b, path, err := p.openNamed(c, c.Args().First())
	if err != nil {
		return nil, "", err
	}
	// A receipt that is not needed to date the key is wrong all the same when
	// it is another's.
	if name := c.String("receipt"); name != "" {
		r, _, err := p.provenReceipt(c, name)
		if err == nil && r.BundleID != b.Head().BundleID {
			err = fmt.Errorf("%s: %w: %s is for another bundle (%s)", visible(path), trust.ErrNotAuthentic, visible(name), visible(r.BundleID))
		}
		if err != nil {
			return nil, "", errors.Join(err, b.Close())
		}
	}
	return b, path, nil
}

// openNamed opens what a person calls a bundle: also by its URL.
func (p *program) openNamed(c *cli.Context, name string) (*manifest.Bundle, string, error) {
	u, err := remoteURL(name)
	if err != nil {
		return nil, "", err
	}
	var path string
	if u != nil {
		path = inspect.PlainURL(u)
	} else if path, err = p.findBundle(name); err != nil {
		return nil, "", err
	}
	b, err := p.openBundleFrom(c, path, u)
	return b, path, err
}

func (p *program) openBundleFile(c *cli.Context, path string) (*manifest.Bundle, error) {
	return p.openBundleFrom(c, path, nil)
}

// openBundleFrom opens a bundle at a URL, or the file at path when there is none.
func (p *program) openBundleFrom(c *cli.Context, path string, u *url.URL) (*manifest.Bundle, error) {
	home, err := p.openHome()
	if err != nil {
		return nil, err
	}
	signers, err := p.signers(c, home)
	if err != nil {
		return nil, err
	}
	identity, err := home.Identity()
	if err != nil {
		return nil, err
	}
	open := func(signers *trust.AllowedSigners) (*manifest.Bundle, error) {
		if u == nil {
			b, err := manifest.OpenFile(path, signers, manifest.Limits{}, identity)
			return b, openProblem(path, err)
		}
		b, err := p.openRemote(u, signers, identity)
		if err != nil {
			return nil, bundleProblem(path, err)
		}
		return b, nil
	}
	b, err := open(signers)
	if errors.Is(err, trust.ErrRetired) {
		return p.openDated(c, path, open, signers, err)
	}
	return b, err
}

// openProblem is what is wrong with a bundle that could not be opened, which
// names it.
func openProblem(path string, err error) error {
	var wrong *age.NoIdentityMatchError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return (&problem{exit: exitFailed, code: "not-for-this-key", err: fmt.Errorf("%s is encrypted, and not to this machine's key", visible(path))}).
			withHint("open it where it was made, or at the receiver")
	}
	return about(path, err)
}

// bundleProblem is what is wrong with a bundle that is open.
func bundleProblem(path string, err error) error {
	return openProblem(path, fmt.Errorf("%s: %w", visible(path), err))
}

// findBundle resolves what a person calls a bundle.
func (p *program) findBundle(name string) (string, error) {
	fi, statErr := os.Stat(name)
	switch {
	case name == "":
		return "", usageError("the name of a bundle is empty").withHint("is a variable of the command line not set?")
	case statErr == nil && !fi.IsDir():
		return name, nil
	case name == "-":
		return "", usageError("a bundle is read here and there, which standard input cannot be").withHint("put it into a file, and name that")
	case statErr != nil && !isMissing(statErr):
		return "", about(name, statErr)
	}
	spool, err := upload.OpenSpool(p.state)
	if err != nil {
		return "", err
	}
	var found []string
	items, err := spool.List()
	if err != nil {
		return "", err
	}
	for _, it := range items {
		if strings.HasPrefix(it.BundleID, name) {
			found = append(found, it.Path())
		}
	}
	records, err := spool.History()
	if err != nil {
		return "", err
	}
	past := ""
	for _, r := range records {
		if !strings.HasPrefix(r.BundleID, name) {
			continue
		}
		if r.Kept != "" {
			if !slices.Contains(found, r.Kept) {
				found = append(found, r.Kept)
			}
		} else {
			past = r.Result
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return "", usageError("%q begins the id of %d bundles", visible(name), len(found)).withHint("diagcollect spool list and diagcollect history show whole ids")
	case past != "":
		return "", (&problem{exit: exitFailed, code: "not-here", err: fmt.Errorf("bundle %s was %s and no copy was kept", visible(name), past)}).
			withHint("diagcollect history shows where it went; use --output to keep a plain copy of the next one")
	case statErr == nil:
		return "", usageError("%s is a folder, where a bundle is wanted", visible(name))
	}
	return "", (&problem{exit: exitUsage, code: "not-found", err: fmt.Errorf("no bundle %q: no such file, and no id in the spool or the history begins so", visible(name))}).
		withHint("diagcollect spool list and diagcollect history show what is here")
}

// lookInto reads the head of an encrypted bundle of our own.
func (d *delivery) lookInto(path string) (*view, error) {
	signers, err := d.home.AllowedSigners()
	if err != nil {
		return nil, err
	}
	identity, err := d.home.Identity()
	if err != nil {
		return nil, err
	}
	b, err := manifest.OpenFile(path, signers, manifest.Limits{}, identity)
	if err != nil {
		return nil, openProblem(path, err)
	}
	defer b.Close()
	return bundleView(b)
}

// bundleView describes a bundle. Where only its report is of a version that is
// not understood, the rest comes with that error.
func bundleView(b *manifest.Bundle) (*view, error) {
	v := &view{Head: *b.Head(), size: b.Size(), entries: b.Len()}
	raw, err := b.Report()
	if err != nil {
		return nil, err
	}
	v.withheld, err = collect.ReportNotScanned(raw)
	return v, err
}

type verifyAnswer struct {
	basicAnswer
	Valid       bool   `json:"valid"`
	Kind        string `json:"kind"` // "bundle" or "receipt"
	BundleID    string `json:"bundle_id"`
	Case        string `json:"case"`
	Signer      string `json:"signer"`
	Fingerprint string `json:"fingerprint"`
	SHA256      string `json:"sha256"`
	Entries     int    `json:"entries"`

	Parent      *manifest.Parent `json:"parent,omitempty"` // of a bundle that was redacted again
	*scanAnswer                  // of a bundle, with --scan
}

func (p *program) verify(c *cli.Context) error {
	if err := operands(c, 1, 1, "the bundle or receipt"); err != nil {
		return err
	}
	a := &verifyAnswer{Kind: "bundle"}
	p.answer = a
	if name := c.Args().First(); isReceipt(name) {
		a.Kind = "receipt"
		if c.Bool("scan") {
			return usageError("--scan: a receipt holds nothing to look through")
		}
		if _, ok := p.typed("receipt"); ok {
			return usageError("--receipt dates a bundle, and %s is a receipt itself", visible(name))
		}
		return p.verifyReceipt(c, name, a)
	}
	b, path, err := p.openBundle(c)
	if err != nil {
		return err
	}
	defer b.Close()
	set, done := p.startBar("verifying", b.Size())
	set(0)
	err = b.Verify(p.ctx)
	done()
	if err != nil {
		return bundleProblem(path, err)
	}
	sum, err := b.SHA256(p.ctx)
	if err != nil {
		return err
	}
	head, proof := b.Head(), b.Proof()
	a.Valid, a.BundleID, a.Case, a.SHA256, a.Entries = true, head.BundleID, head.Case, sum, b.Len()
	a.Parent = head.Parent
	a.Signer, a.Fingerprint = proof.Principal, proof.Fingerprint
	if !p.asJSON && !p.quiet {
		if _, err = fmt.Fprintf(p.out, "verified: bundle %s of case %s, %s, sha256 %s, signed by %s (%s)\n",
			visible(head.BundleID), visible(head.Case), plural(int64(b.Len()), "entry", "entries"), sum, visible(proof.Principal), proof.Fingerprint); err != nil {
			return err
		}
		if pa := head.Parent; pa != nil {
			if _, err = fmt.Fprintf(p.out, "parent: bundle %s, redacted again; its manifest has sha256 %s\n", visible(pa.BundleID), pa.ManifestSHA256); err != nil {
				return err
			}
		}
	}
	if !c.Bool("scan") {
		return nil
	}
	a.scanAnswer = &scanAnswer{}
	return p.scan(b, c.Args().First(), a.scanAnswer)
}

// isReceipt looks at the first byte: a receipt is a JSON object, a bundle
// begins with a magic number.
func isReceipt(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	var b [1]byte
	_, err = io.ReadFull(f, b[:])
	return err == nil && b[0] == '{'
}

func (p *program) verifyReceipt(c *cli.Context, name string, a *verifyAnswer) error {
	r, proof, err := p.provenReceipt(c, name)
	if err != nil {
		return err
	}
	a.Valid, a.BundleID, a.Case, a.SHA256, a.Entries = true, r.BundleID, r.Case, r.SHA256, r.Entries
	a.Signer, a.Fingerprint = proof.Principal, proof.Fingerprint
	if p.asJSON || p.quiet {
		return nil
	}
	_, err = fmt.Fprintf(p.out, "verified: receipt of %s for bundle %s (case %s, sha256 %s), received %s, kept until %d days after the case is closed\n",
		visible(proof.Principal), visible(r.BundleID), visible(r.Case), visible(r.SHA256), r.Received.UTC().Format(time.RFC3339), r.Retention.DaysAfterClose)
	return err
}

func (p *program) show(c *cli.Context) error {
	if err := operands(c, 1, 2, "the bundle"); err != nil {
		return err
	}
	b, path, err := p.openBundle(c)
	if err != nil {
		return err
	}
	defer b.Close()
	if c.NArg() == 2 {
		return p.showEntry(b, c.Args().Get(1))
	}
	v, err := bundleView(b)
	if v == nil {
		return bundleProblem(path, err)
	}
	if err != nil {
		p.warn("what was withheld is not known: %v", err)
	}
	if p.asJSON {
		return p.listEntries(b, v)
	}
	return p.showAll(b, v)
}

// listEntries is show --json: what stands in a bundle, entry by entry.
func (p *program) listEntries(b *manifest.Bundle, v *view) error {
	out := p.newResults("entries")
	out.rest["bundle_id"], out.rest["size"], out.rest["signer"] = v.BundleID, v.size, b.Proof().Principal
	out.rest["head"], out.rest["withheld"] = v.Head, v.withheld
	for e, err := range b.Entries() {
		if err != nil {
			return err
		}
		if err := out.add(e); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) showAll(b *manifest.Bundle, v *view) error {
	w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Case\t%s of %s\n", visible(v.Case), visible(v.Organisation))
	fmt.Fprintf(w, "Host\t%s\n", visible(v.Host))
	facts, err := hostFacts(b)
	if err != nil {
		return err
	}
	for _, f := range facts {
		fmt.Fprintf(w, "\t%s\n", visible(f))
	}
	fmt.Fprintf(w, "Bundle\t%s, made %s by %s %s\n", visible(v.BundleID), v.Created.UTC().Format(time.RFC3339), visible(v.Tool.Name), visible(v.Tool.Version))
	fmt.Fprintf(w, "Size\t%s, %s\n", size(v.size), plural(int64(v.entries), "entry", "entries"))
	if v.Parent != nil {
		fmt.Fprintf(w, "Parent\tbundle %s, redacted again; its manifest has sha256 %s\n", visible(v.Parent.BundleID), v.Parent.ManifestSHA256)
	}
	fmt.Fprintf(w, "Signed\tby %s (%s)\n", visible(b.Proof().Principal), b.Proof().Fingerprint)
	for _, r := range v.Recipes {
		fmt.Fprintf(w, "Recipe\t%s (%s)\n", visible(r.Name), visible(r.Trust))
		for _, d := range r.Decisions {
			fmt.Fprintf(w, "\t%s\n", visible(d))
		}
	}
	fmt.Fprintf(w, "Window\t%s\n", windowText(v.Window))
	fmt.Fprintf(w, "Collected\t%s\n", outcomesText(v.Outcomes))
	for _, o := range v.Outcomes {
		switch {
		case worthTelling(o.Outcome):
			fmt.Fprintf(w, "\t%s: %s%s\n", visible(o.Source), o.Outcome, because(o.Reason))
		case o.Cut > 0:
			fmt.Fprintf(w, "\t%s: %s cut\n", visible(o.Source), size(o.Cut))
		}
	}
	fmt.Fprintf(w, "Hidden\t%s\n", hiddenText(v.Redactions))
	if v.PseudonymKey != "" {
		fmt.Fprintf(w, "Pseudonyms\tunder key %s\n", visible(v.PseudonymKey))
	}
	for _, n := range v.withheld {
		fmt.Fprintf(w, "Withheld\t%s: %s (%s)\n", visible(n.Source), visible(n.Path), visible(n.Reason))
	}
	fmt.Fprintln(w)
	if err := w.Flush(); err != nil {
		return err
	}
	for e, err := range b.Entries() {
		if err != nil {
			return err
		}
		note := ""
		if e.Truncated != nil {
			note = fmt.Sprintf("  (%s cut, %s kept)", size(e.Truncated.Cut), e.Truncated.Kept)
		}
		if _, err := fmt.Fprintf(p.out, "%9s  %s  %-13s %s%s\n", size(e.Size), e.ModTime.UTC().Format("2006-01-02 15:04"), e.Type, visible(e.Path), note); err != nil {
			return err
		}
	}
	return nil
}

// hostFacts describes the machine from the facts in a bundle.
func hostFacts(b *manifest.Bundle) ([]string, error) {
	var lines []string
	for e, err := range b.Entries() {
		if err != nil {
			return nil, err
		}
		if !strings.HasSuffix(e.Path, ".jsonl") {
			continue
		}
		r, err := b.Content(e)
		if err != nil {
			return nil, err
		}
		line, err := collect.FactLine(e.Path, r)
		r.Close()
		if err != nil {
			continue // somebody else's .jsonl
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// showEntry writes one entry to standard output. On a terminal its control
// characters are made visible; piped, bytes are bytes.
func (p *program) showEntry(b *manifest.Bundle, name string) error {
	e, err := findEntry(b, name)
	if err != nil {
		return err
	}
	r, err := b.Content(e)
	if err != nil {
		return err
	}
	defer r.Close()
	if p.asJSON {
		a, err := p.newTextAnswer(b.Head().BundleID, e)
		if err != nil {
			return err
		}
		return a.copy(inspect.Text(&e, r))
	}
	if !p.outTerminal {
		_, err = io.Copy(p.out, r)
		return err
	}
	return copyVisible(p.out, r)
}

// copyVisible copies text to a terminal piece by piece; a line longer than a
// piece is shown in pieces.
func copyVisible(w io.Writer, r io.Reader) error {
	return inPieces(r, wholeLines, func(piece []byte) error {
		_, err := io.WriteString(w, visibleLines(string(piece)))
		return err
	})
}

// findEntry resolves an entry: its path, else a unique ending of one, else
// the only entry of a source.
func findEntry(b *manifest.Bundle, name string) (manifest.Entry, error) {
	var bySuffix, bySource []manifest.Entry
	for e, err := range b.Entries() {
		switch {
		case err != nil:
			return e, err
		case e.Path == name:
			return e, nil
		case strings.HasSuffix(e.Path, "/"+strings.TrimPrefix(name, "/")):
			bySuffix = append(bySuffix, e)
		case e.Source == name:
			bySource = append(bySource, e)
		}
	}
	found := bySuffix
	if len(found) == 0 {
		found = bySource
	}
	switch len(found) {
	case 0:
		return manifest.Entry{}, (&problem{exit: exitUsage, code: "not-found", err: fmt.Errorf("no entry %q in this bundle", visible(name))}).
			withHint("without ENTRY, show lists all of them")
	case 1:
		return found[0], nil
	}
	var names []string
	for _, e := range found {
		names = append(names, visible(e.Path))
	}
	return manifest.Entry{}, usageError("%q means %d entries: %s", visible(name), len(found), strings.Join(firstOnes(names, 5), ", "))
}

func (p *program) extract(c *cli.Context) error {
	if err := operands(c, 1, 2, "the bundle"); err != nil {
		return err
	}
	if c.NArg() == 2 {
		if err := checkFolder("", c.Args().Get(1)); err != nil {
			return err
		}
	}
	b, path, err := p.openBundle(c)
	if err != nil {
		return err
	}
	defer b.Close()
	dir := "."
	if c.NArg() == 2 {
		dir = c.Args().Get(1)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return about(dir, err)
		}
	}
	if err := b.Extract(p.ctx, dir); err != nil {
		return bundleProblem(path, err)
	}
	where := filepath.Join(dir, b.Head().Name)
	if p.asJSON {
		p.answer = &extractAnswer{BundleID: b.Head().BundleID, Path: where}
		return nil
	}
	_, err = fmt.Fprintln(p.out, visible(where))
	return err
}

type extractAnswer struct {
	basicAnswer
	BundleID string `json:"bundle_id"`
	Path     string `json:"path"`
}
