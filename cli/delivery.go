package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/collect"
	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/receive"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// delivery takes a packed bundle from the spool to a receipt.
type delivery struct {
	*program
	home   *trust.Home
	signer *trust.Signer
	rate   int64
	yes    bool
	answer *jobAnswer
	output *output // where the plain bundle goes; may be nil

	spool    *upload.Spool
	client   *upload.Client
	name     string // of the endpoint
	embedded *embedded
	down     error  // what preflight met: the endpoint cannot be reached now
	job      string // what is asked for: see asked
}

// open resolves the endpoint: the one named, else the one enrolled with last,
// else the receiver embedded in this process.
func (d *delivery) open(endpoint string, requireRemote bool) (err error) {
	if d.spool, err = upload.OpenSpool(d.state); err != nil {
		return err
	}
	endpoints, err := upload.OpenEndpoints(filepath.Join(d.config, "endpoints"))
	if err != nil {
		return err
	}
	names, err := endpoints.List()
	if err != nil {
		return err
	}
	if endpoint == "" {
		endpoint = upload.Embedded
		if len(names) > 0 {
			endpoint = names[0]
		}
	}
	if endpoint != upload.Embedded {
		if err := checkEndpoint(endpoint); err != nil {
			return err
		}
	}
	if endpoint == upload.Embedded && requireRemote {
		return usageError("--require-remote: no endpoint is configured, so the bundle would stay on this machine").
			withHint("diagcollect enroll --endpoint URL joins a receiver")
	}
	if endpoint == upload.Embedded {
		if d.embedded, err = d.startEmbedded(); err != nil {
			return err
		}
		d.client, err = d.embedded.client(d.ctx, endpoints, d.home, d.signer)
	} else {
		d.client, err = endpoints.Client(d.home, endpoint, "")
		if errors.Is(err, upload.ErrNotEnrolled) {
			return usageError("not enrolled with %s", visible(endpoint)).
				withHint("ask its operator for an enrolment key, then: diagcollect enroll --endpoint %s", endpoint)
		}
	}
	if err != nil {
		return err
	}
	d.name = d.client.Name()
	if d.answer != nil {
		d.answer.Endpoint, d.answer.Remote = d.name, d.embedded == nil
	}
	return nil
}

func (d *delivery) close() {
	if d.embedded != nil {
		if err := d.embedded.close(); err != nil {
			d.warn("embedded receiver: %v", err)
		}
	}
}

// unfinished is an item of the case that was consented to and not delivered:
// the same command goes on with it.
func (d *delivery) unfinished(caseID string) (*upload.Item, error) {
	items, err := d.spool.List()
	if err != nil {
		return nil, err
	}
	for _, it := range items {
		if it.Case != caseID || it.Endpoint != d.name || it.Consent == nil || it.State != upload.Queued && it.State != upload.Sending {
			continue
		}
		if it.Job == d.job {
			return it, nil
		}
		d.say("bundle %s of this case, made by another command, still waits: diagcollect spool retry delivers it", shortID(it.BundleID))
	}
	return nil, nil
}

// waits reports whether a bundle of the case waits that was consented to: the
// same command may go on with it.
func (p *program) waits(caseID string) bool {
	spool, err := p.openSpool()
	if err != nil {
		return false
	}
	items, err := spool.List()
	return err == nil && slices.ContainsFunc(items, func(it *upload.Item) bool { return it.Case == caseID && it.Consent != nil })
}

// joined refuses to collect what the receiver would refuse: a bundle signed
// with another key than the one that enrolled.
func (d *delivery) joined() error {
	if d.client.Joined(d.signer) {
		return nil
	}
	return refusal("role", "this machine is enrolled at %s with another signing key, and would be refused", visible(d.name)).
		withHint("ask for an enrolment key and run diagcollect enroll, with --sign-with if the key is not this machine's own")
}

// preflight looks for what would make sending fail before anything is
// collected. An endpoint that cannot be reached now is no reason to gather
// nothing: the bundle waits in the spool.
func (d *delivery) preflight(caseID string) error {
	if role := d.client.Role(); role != "agent" {
		return refusal("role", "this machine is enrolled at %s as %s: it may read there, not upload", visible(d.name), visible(role)).
			withHint("ask for an enrolment key of an agent, and enroll with that")
	}
	info, err := d.client.Preflight(d.ctx, caseID)
	if errors.Is(err, upload.ErrNotDelivered) && d.ctx.Err() == nil {
		d.warn("%v; the bundle will wait in the spool", err)
		d.down = err
		return nil
	}
	if err != nil {
		return err
	}
	d.detail("case %s of %s is open at %s", visible(info.Case), visible(info.Organisation), visible(d.name))
	return nil
}

// pack writes the bundle, encrypted straight into the spool when it is to be
// sent and plain where --output says, reads both back, and describes it.
func (p *program) pack(col *collect.Collection, d *delivery, out *output, send bool) (item *upload.Item, v *view, err error) {
	identity, err := d.home.Identity()
	if err != nil {
		return nil, nil, err
	}
	var (
		sinks []io.Writer
		draft *upload.Draft
		wrap  io.WriteCloser
		plain *plainFile
	)
	if send {
		if draft, err = d.spool.Create(); err != nil {
			return nil, nil, err
		}
		defer func() { err = errors.Join(err, draft.Discard()) }()
		intake, err := d.client.Intake().Key()
		if err != nil {
			return nil, nil, err
		}
		if wrap, err = age.Encrypt(draft, intake, identity.Recipient()); err != nil {
			return nil, nil, err
		}
		sinks = append(sinks, wrap)
	}
	if out.wanted() {
		if plain, err = out.create(p.out); err != nil {
			return nil, nil, err
		}
		defer func() { err = errors.Join(err, plain.discard()) }()
		sinks = append(sinks, plain)
	}
	if err := col.Seal(p.ctx); err != nil {
		return nil, nil, fmt.Errorf("packing: %w", err)
	}
	// The map is there before anybody can have the bundle; it is written
	// beside it.
	var (
		keeping sync.WaitGroup
		undo    func() error
		unkept  error
	)
	keeping.Go(func() { undo, unkept = p.keepMap(d, col) })
	defer func() {
		keeping.Wait()
		if err != nil && undo != nil {
			err = errors.Join(err, undo())
		}
	}()
	result, err := col.Pack(p.ctx, io.MultiWriter(sinks...), d.signer)
	if err != nil {
		return nil, nil, fmt.Errorf("packing: %w", err)
	}
	if wrap != nil {
		if err := wrap.Close(); err != nil {
			return nil, nil, fmt.Errorf("packing: %w", err)
		}
	}
	signers, err := d.home.AllowedSigners()
	if err != nil {
		return nil, nil, err
	}
	if plain != nil {
		plain.readBack(p.ctx, signers)
	}
	if keeping.Wait(); unkept != nil {
		return nil, nil, unkept
	}
	name := col.Summary().Name + ".tar.zst"
	if plain != nil {
		if v, err = plain.finish(name); err != nil {
			return nil, nil, err
		}
	}
	if draft != nil {
		enc, n := draft.ReaderAt()
		clear, size, err := age.DecryptReaderAt(enc, n, identity)
		if err == nil {
			v, err = checkPacked(p.ctx, clear, size, signers)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("reading the bundle back: %w", err)
		}
	}
	if v == nil {
		// Written to a pipe, which cannot be read back.
		v = streamedView(col.Summary())
	}
	v.sha256, v.size, v.entries = result.SHA256, result.Size, result.Entries
	if draft == nil {
		return nil, v, nil
	}
	item, err = draft.Commit(upload.Meta{
		BundleID: v.BundleID, Case: v.Case, Organisation: v.Organisation,
		Endpoint: d.name, IntakeID: d.client.Intake().ID, Name: name,
		SHA256: result.SHA256, Size: result.Size, Entries: result.Entries,
		Created: v.Created, State: upload.Held, Job: d.job,
	})
	return item, v, err
}

// keepMap writes the map of the identities in a bundle before anybody can have
// the bundle. undo takes it back.
func (p *program) keepMap(d *delivery, col *collect.Collection) (undo func() error, err error) {
	s := col.Summary()
	head, err := p.keepIdentities(d.home, collect.IdentityMap{
		Case: s.Case, Organisation: s.Organisation, PseudonymKey: s.PseudonymKey, BundleID: s.BundleID,
	}, col.Session())
	if err != nil {
		return nil, err
	}
	if d.answer != nil {
		d.answer.Identities, d.answer.IdentitiesLeftOut = head.Count, head.LeftOut
	}
	return func() error {
		maps, err := p.identities(d.home)
		if err != nil {
			return err
		}
		return maps.Drop(head)
	}, nil
}

// checkPacked reads a finished bundle back: signature, tail, and the digest of
// every frame.
func checkPacked(ctx context.Context, r io.ReaderAt, size int64, signers *trust.AllowedSigners) (*view, error) {
	b, err := manifest.Open(r, size, signers, manifest.Limits{})
	if err != nil {
		return nil, err
	}
	defer b.Close()
	if err := b.CheckFrames(ctx); err != nil {
		return nil, err
	}
	return bundleView(b)
}

// deliver shows what will go, asks, sends, and tells what became of it. v is
// nil when the item was packed by an earlier run.
func (d *delivery) deliver(item *upload.Item, v *view) error {
	if d.answer != nil {
		d.answer.fillItem(item.Meta)
		d.answer.Spooled = true
	}
	if v == nil {
		var err error
		if v, err = d.lookInto(item.Path()); err != nil {
			return err
		}
		v.sha256 = item.SHA256
		if d.answer != nil {
			d.answer.fill(&v.Head)
		}
		if v.incomplete() {
			d.code = exitIncomplete
		}
	}
	if item.Consent == nil {
		if err := d.consent(item, v); err != nil {
			return err
		}
	}
	if err := d.ctx.Err(); err != nil {
		return err
	}
	if d.down != nil {
		return d.sendFailed(item, d.down)
	}
	record, err := d.send(item)
	if err != nil {
		return d.sendFailed(item, err)
	}
	if d.answer != nil {
		d.answer.Delivered, d.answer.Spooled = true, false
		d.answer.Receipt = &record.Receipt
		if d.answer.Bundle == nil && record.Kept != "" {
			d.answer.Bundle = &record.Kept
		}
	}
	d.text(d.summary(v, record, d.output))
	return nil
}

// consent asks whether this bundle may go to this endpoint.
func (d *delivery) consent(item *upload.Item, v *view) error {
	how := "flag"
	if !d.yes {
		hint := fmt.Sprintf("it is kept: diagcollect show %[1]s, then diagcollect upload %[1]s (or diagcollect spool drop %[1]s)", shortID(item.BundleID))
		if !d.interactive() {
			d.text(d.summary(v, nil, d.output))
			return refusal("consent", "nothing was sent: nobody was asked, and --yes was not given").withHint("%s", hint)
		}
		d.line("What would go:\n" + contents(v) + d.summary(v, nil, d.output))
		ok, err := d.confirm(d.ctx, fmt.Sprintf("Send this bundle to %s?", d.destination()))
		if err != nil {
			return explain(err).withHint("%s", hint)
		}
		if !ok {
			return refusal("consent", "nothing was sent").withHint("%s", hint)
		}
		how = "prompt"
	}
	return d.spool.SetConsent(item, upload.Consent{
		At: time.Now().UTC(), How: how, Endpoint: d.name, ReceiptKey: d.client.ReceiptKey(),
	})
}

func (d *delivery) destination() string {
	if d.embedded != nil {
		return "the receiver on this machine (nobody else gets it)"
	}
	return fmt.Sprintf("%s, organisation %s", visible(d.name), visible(d.client.Organisation()))
}

// send delivers with a bar on a terminal and a line every 30 s elsewhere.
func (d *delivery) send(item *upload.Item) (*upload.Record, error) {
	set, done := d.startBar("uploading", item.WireSize)
	defer done()
	var mu sync.Mutex
	last := time.Now()
	return d.client.Send(d.ctx, d.home, item, upload.SendOptions{
		Rate: d.rate,
		Keep: d.embedded != nil,
		Progress: func(sent, total int64) {
			set(sent)
			mu.Lock()
			defer mu.Unlock()
			if !d.errTerminal && time.Since(last) >= 30*time.Second {
				last = time.Now()
				d.say("uploaded %s of %s", size(sent), size(total))
			}
		},
		Waiting: func(s upload.UploadState) { d.detail("receiver: %s", s) },
	})
}

func (d *delivery) sendFailed(item *upload.Item, err error) error {
	p := explain(err)
	if cause := context.Cause(d.ctx); cause != nil {
		p = explain(cause)
	}
	switch p.exit {
	case exitNotDelivered, exitInterrupted, exitTerminated:
		p.hint = fmt.Sprintf("it waits in the spool: run the same command again, or diagcollect spool retry, to go on (bundle %s)", shortID(item.BundleID))
	}
	return p
}

// embedded is a receiver inside this process, on loopback, with everything a
// real one has: its own TLS, enrolment, protocol and storage. The one thing it
// does beyond a real one is to make a case on first use.
type embedded struct {
	server *receive.Server
	http   *http.Server
	url    string
	served chan error
}

// startEmbedded starts it. Another process may hold its folder for the time
// of a run; that is waited for.
func (d *delivery) startEmbedded() (*embedded, error) {
	dir := filepath.Join(d.data, "receiver")
	var server *receive.Server
	for deadline := time.Now().Add(time.Minute); ; {
		var err error
		server, err = receive.Open(receive.Options{Dir: dir, CreateCases: true})
		if err == nil {
			break
		}
		if !errors.Is(err, receive.ErrLocked) || time.Now().After(deadline) {
			return nil, fmt.Errorf("embedded receiver: %w", err)
		}
		select {
		case <-d.ctx.Done():
			return nil, d.ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, server.Close())
	}
	e := &embedded{server: server, http: server.HTTPServer(), url: "https://" + l.Addr().String(), served: make(chan error, 1)}
	go func() { e.served <- e.http.ServeTLS(l, "", "") }()
	return e, nil
}

// client enrols on first use, and with a new signing key.
func (e *embedded) client(ctx context.Context, endpoints *upload.Endpoints, home *trust.Home, signer *trust.Signer) (*upload.Client, error) {
	if !e.server.FirstStart() {
		c, err := endpoints.Client(home, upload.Embedded, e.url)
		if err == nil && c.Joined(signer) {
			return c, nil
		}
		if err == nil {
			c.Close()
		} else if !errors.Is(err, upload.ErrNotEnrolled) {
			return nil, err
		}
	}
	key, err := e.server.Admin().NewKey(ctx, defaultOrganisation, "agent", "")
	if err != nil {
		return nil, fmt.Errorf("embedded receiver: %w", err)
	}
	return endpoints.Enroll(ctx, home, signer, upload.Embedded, e.url, key)
}

func (e *embedded) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	err := e.http.Shutdown(ctx)
	if serveErr := <-e.served; !errors.Is(serveErr, http.ErrServerClosed) {
		err = errors.Join(err, serveErr)
	}
	return errors.Join(err, e.server.Close())
}
