package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"filippo.io/age"
	"github.com/urfave/cli/v2"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/upload"
)

// Commands of the queue: upload, spool, history.

func (p *program) uploadCommand() *cli.Command {
	return &cli.Command{
		Name:      "upload",
		Usage:     "deliver a bundle that is kept here, resuming",
		ArgsUsage: "ID|BUNDLE",
		Description: "ID is any unique beginning of a bundle's id, as shown by spool list and history;\n" +
			"BUNDLE is a file that was made with --no-upload or --output.\n" +
			"Shows what would go and asks, unless consent for the same receiver was given before.\n\nEXAMPLES:\n" +
			"   diagcollect upload 0193f2c1\n" +
			"   diagcollect upload 0193f2c1 --endpoint https://logs.example.com --yes",
		Flags:  p.withState(append(sendFlags(), stringFlag("sign-with", "the `KEY` that this machine is enrolled with"))...),
		Action: p.do(p.upload),
	}
}

func (p *program) spoolCommand() *cli.Command {
	return &cli.Command{
		Name:  "spool",
		Usage: "bundles that wait: list, retry, drop",
		Description: "The spool keeps bundles, encrypted, until they are delivered: those that nobody agreed to\n" +
			"yet, and those whose upload was cut. Without a command it lists them.\n\n" + examplesMark +
			"   diagcollect spool list\n" +
			"   diagcollect spool retry             deliver everything that was consented to\n" +
			"   diagcollect spool drop 0193f2c1",
		Flags:  p.withState(),
		Action: p.do(p.spoolList),
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "what waits, and for what", Flags: p.withState(), Action: p.do(p.spoolList),
				Description: "One line of each bundle: its id, its state, its size, case and receiver. held: nobody agreed\n" +
					"yet that it goes (diagcollect upload ID asks); queued, sending: it goes on with spool retry;\n" +
					"refused: the receiver said no, and why.\n\n" + examplesMark +
					"   diagcollect spool list\n" +
					"   diagcollect spool list --json | jq -r '.[].bundle_id'",
			},
			{
				Name: "retry", Usage: "deliver what was consented to", ArgsUsage: "[ID...]", Action: p.do(p.spoolRetry),
				Flags: p.withState(stringFlag("limit-rate", "upload at most `RATE` bytes per second, such as 2MiB")),
				Description: "Goes on where each upload stopped; without ID with all that was agreed to and not refused.\n\n" + examplesMark +
					"   diagcollect spool retry\n" +
					"   diagcollect spool retry 0193f2c1 --limit-rate 500KiB",
			},
			{
				Name: "drop", Usage: "delete a waiting bundle, or the copy kept of a delivered one", ArgsUsage: "ID...", Flags: p.withState(), Action: p.do(p.spoolDrop),
				Description: "ID is a unique beginning of a bundle's id, of 6 characters at least. What was delivered stays\n" +
					"at the receiver, and in the history.\n\n" + examplesMark +
					"   diagcollect spool drop 0193f2c1-7a3b",
			},
		},
	}
}

func (p *program) historyCommand() *cli.Command {
	return &cli.Command{
		Name:   "history",
		Usage:  "what was sent, when, where, with which receipt",
		Flags:  p.withState(),
		Action: p.do(p.history),
		Description: "One line of each bundle that left the spool, oldest first: when, its id, what became of it\n" +
			"(delivered, dropped), its size as sent, case, receiver, and the receipt. The id is enough for show\n" +
			"and grep where a copy was kept; a receipt is proven by verify.\n\n" + examplesMark +
			"   diagcollect history\n" +
			"   diagcollect history --json | jq -r '.[] | select(.case == \"4711\") | .receipt'\n" +
			"   diagcollect verify ~/.local/state/diagcollect/sent/4711/0193f2c1-7a3b/receipt.json",
	}
}

func (p *program) newDelivery(c *cli.Context) (*delivery, error) {
	rate, err := rateFlag(c)
	if err != nil {
		return nil, err
	}
	home, err := p.openHome()
	if err != nil {
		return nil, err
	}
	signer, err := p.signer(home, c.String("sign-with"))
	if err != nil {
		return nil, err
	}
	return &delivery{program: p, home: home, signer: signer, rate: rate, yes: c.Bool("yes")}, nil
}

func (p *program) upload(c *cli.Context) error {
	if err := operands(c, 1, 1, "the bundle's id"); err != nil {
		return err
	}
	answer := &jobAnswer{}
	p.answer = answer
	d, err := p.newDelivery(c)
	if err != nil {
		return err
	}
	d.answer = answer
	if err := d.open(c.String("endpoint"), c.Bool("require-remote")); err != nil {
		return err
	}
	defer d.close()
	item, err := d.spool.Find(c.Args().First())
	if fi, statErr := os.Stat(c.Args().First()); statErr == nil && !fi.IsDir() {
		item, err = d.takeFile(c.Args().First())
	} else if errors.Is(err, fs.ErrNotExist) {
		item, err = d.takeBack(c.Args().First())
	}
	if err != nil {
		return itemProblem(c.Args().First(), err)
	}
	if err := d.preflight(item.Case); err != nil {
		return err
	}
	if item.Endpoint != d.name || item.IntakeID != d.client.Intake().ID {
		// It was wrapped for another receiver: consent to that one does not
		// carry over, and its key opens nothing here.
		if item, err = d.rewrap(item); err != nil {
			return err
		}
	}
	return d.deliver(item, nil)
}

// takeFile proves a plain bundle and puts it into the spool.
func (d *delivery) takeFile(path string) (_ *upload.Item, err error) {
	signers, err := d.home.AllowedSigners()
	if err != nil {
		return nil, err
	}
	b, err := manifest.OpenFile(path, signers, manifest.Limits{})
	if err != nil {
		return nil, openProblem(path, err)
	}
	defer closeInto(&err, b)
	if err := b.Verify(d.ctx); err != nil {
		return nil, bundleProblem(path, err)
	}
	digest, err := b.SHA256(d.ctx)
	if err != nil {
		return nil, err
	}
	h := b.Head()
	m := upload.Meta{
		BundleID: h.BundleID, Case: h.Case, Organisation: h.Organisation, Name: h.Name + ".tar.zst",
		SHA256: digest, Size: b.Size(), Entries: b.Len(), Created: h.Created,
	}
	if held, err := d.spool.Find(m.BundleID); err == nil {
		return held, nil
	}
	return d.wrap(m, func(identity *age.X25519Identity, intake age.Recipient) (_ *upload.Draft, err error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer closeInto(&err, f)
		return d.spool.Wrap(d.ctx, path, f, intake, identity.Recipient())
	})
}

// takeBack puts the copy that was kept of a bundle back into the spool.
func (d *delivery) takeBack(id string) (*upload.Item, error) {
	path, err := d.findBundle(id)
	if err != nil {
		return nil, err
	}
	records, err := d.spool.History()
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		if r.Kept == path {
			return d.wrapAgain(path, r.Meta)
		}
	}
	return nil, usageError("%s is no bundle of the spool or the history", visible(id)).
		withHint("upload takes the id of a bundle that diagcollect made here")
}

func (d *delivery) rewrap(item *upload.Item) (*upload.Item, error) {
	again, err := d.wrapAgain(item.Path(), item.Meta)
	if err != nil {
		return nil, err
	}
	return again, nil
}

// wrapAgain encrypts a bundle of ours for the present receiver, as a new held
// item in the place of the old one.
func (d *delivery) wrapAgain(path string, m upload.Meta) (*upload.Item, error) {
	return d.wrap(m, func(identity *age.X25519Identity, intake age.Recipient) (*upload.Draft, error) {
		return d.spool.Rewrap(d.ctx, path, identity, intake, identity.Recipient())
	})
}

// wrap makes a held item for the present receiver of what encrypt drafts.
func (d *delivery) wrap(m upload.Meta, encrypt func(*age.X25519Identity, age.Recipient) (*upload.Draft, error)) (*upload.Item, error) {
	identity, err := d.home.Identity()
	if err != nil {
		return nil, err
	}
	if org := d.client.Organisation(); m.Organisation != org {
		return nil, (&problem{exit: exitUsage, code: "organisation", err: fmt.Errorf("bundle %s belongs to organisation %s, this machine is enrolled at %s for %s", shortID(m.BundleID), visible(m.Organisation), visible(d.name), visible(org))}).
			withHint("collect again: diagcollect --case %s", m.Case)
	}
	intake, err := d.client.Intake().Key()
	if err != nil {
		return nil, err
	}
	draft, err := encrypt(identity, intake)
	if err != nil {
		return nil, err
	}
	m.Endpoint, m.IntakeID, m.Consent = d.name, d.client.Intake().ID, nil
	item, err := draft.Commit(m)
	return item, errors.Join(err, draft.Discard())
}

func (p *program) openSpool() (*upload.Spool, error) { return upload.OpenSpool(p.state) }

func (p *program) spoolList(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	s, err := p.openSpool()
	if err != nil {
		return err
	}
	items, err := s.List()
	if err != nil {
		return err
	}
	metas := []upload.Meta{}
	for _, it := range items {
		metas = append(metas, it.Meta)
	}
	p.answer = metas
	if p.asJSON {
		return nil
	}
	if len(metas) == 0 {
		p.say("nothing waits")
	}
	for _, m := range metas {
		if _, err := fmt.Fprintf(p.out, "%s  %-8s %9s  %s  %s%s\n", shortID(m.BundleID), m.State, size(m.WireSize), visible(m.Case), visible(m.Endpoint), because(m.Reason)); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) spoolRetry(c *cli.Context) error {
	d, err := p.newDelivery(c)
	if err != nil {
		return err
	}
	s, err := p.openSpool()
	if err != nil {
		return err
	}
	var items []*upload.Item
	if c.NArg() == 0 {
		all, err := s.List()
		if err != nil {
			return err
		}
		for _, it := range all {
			if it.Consent != nil && it.State != upload.Refused {
				items = append(items, it)
			}
		}
	}
	for _, id := range c.Args().Slice() {
		it, err := s.Find(id)
		if err != nil {
			return itemProblem(id, err)
		}
		if it.Consent == nil {
			return refusal("consent", "bundle %s waits for consent", shortID(it.BundleID)).withHint("diagcollect upload %s shows it and asks", shortID(it.BundleID))
		}
		items = append(items, it)
	}
	if len(items) == 0 {
		p.say("nothing to deliver")
	}
	var faults []error
	code := exitDone
	for _, it := range items {
		if err := d.retry(it); err != nil {
			pr := explain(err)
			code = firstOf(pr.exit, code)
			faults = append(faults, fmt.Errorf("bundle %s: %w", shortID(it.BundleID), err))
		}
		if d.ctx.Err() != nil {
			break
		}
	}
	p.code = 0
	if len(faults) == 0 {
		return nil
	}
	first := explain(faults[0])
	return &problem{exit: code, code: first.code, hint: first.hint, err: errors.Join(faults...)}
}

// retry delivers one item to the endpoint that was consented to.
func (d *delivery) retry(it *upload.Item) error {
	one := *d
	if err := one.open(it.Endpoint, false); err != nil {
		return err
	}
	defer one.close()
	return one.deliver(it, nil)
}

func itemProblem(id string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return (&problem{exit: exitUsage, code: "not-found", err: fmt.Errorf("no bundle %q waits here", visible(id))}).withHint("diagcollect spool list shows what waits")
	}
	if errors.Is(err, upload.ErrAmbiguous) {
		return usageError("%w", err).withHint("give more of the id")
	}
	return err
}

func (p *program) spoolDrop(c *cli.Context) error {
	if err := operands(c, 1, -1, "the bundle's id"); err != nil {
		return err
	}
	s, err := p.openSpool()
	if err != nil {
		return err
	}
	const enough = 6
	for _, id := range c.Args().Slice() {
		if len(id) < enough {
			return usageError("%q is too short to delete by: give at least %d characters of the id", visible(id), enough)
		}
	}
	for _, id := range c.Args().Slice() {
		it, err := s.Find(id)
		if errors.Is(err, fs.ErrNotExist) {
			var dropped bool
			if dropped, err = s.DropKept(id); err == nil && !dropped {
				err = fs.ErrNotExist
			}
			if err != nil {
				return itemProblem(id, err)
			}
			p.say("dropped the copy of %s", visible(id))
			continue
		}
		if err != nil {
			return itemProblem(id, err)
		}
		if err := s.Drop(it); err != nil {
			return err
		}
		p.say("dropped %s", shortID(it.BundleID))
	}
	return nil
}

func (p *program) history(c *cli.Context) error {
	if err := operands(c, 0, 0, ""); err != nil {
		return err
	}
	s, err := p.openSpool()
	if err != nil {
		return err
	}
	records, err := s.History()
	if err != nil {
		return err
	}
	if records == nil {
		records = []upload.Record{}
	}
	p.answer = records
	if p.asJSON {
		return nil
	}
	if len(records) == 0 {
		p.say("nothing was sent yet")
	}
	for _, r := range records {
		receipt := ""
		if r.Receipt != "" {
			receipt = "  " + p.short(r.Receipt)
		}
		if _, err := fmt.Fprintf(p.out, "%s  %s  %-9s %9s  %s  %s%s\n", r.Ended.Local().Format(time.DateTime), shortID(r.BundleID), r.Result, size(r.WireSize), visible(r.Case), visible(r.Endpoint), receipt); err != nil {
			return err
		}
	}
	return nil
}
