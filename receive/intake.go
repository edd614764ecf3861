package receive

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"
	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// Intake takes one received upload at a time per worker from the queue, proves
// it and stores it. A job that is interrupted leaves its upload in
// "verifying"; the next start puts it back to "received", and the job runs
// again from its beginning, which changes nothing that was finished.

// faultPause is how long intake waits after a fault of its own (a full disk,
// say) before it tries again.
const faultPause = 30 * time.Second

// rouse tells intake that there is work.
func (s *Server) rouse() {
	select {
	case s.wake <- struct{}{}:
	default: // it knows
	}
}

// resume puts back what the last process left.
func (s *Server) resume(ctx context.Context) error {
	left, err := s.uploadsIn(ctx, upload.StateVerifying, time.Time{})
	if err != nil {
		return err
	}
	for _, u := range left {
		if err := s.move(ctx, s.db, u, upload.StateReceived); err != nil {
			return err
		}
	}
	begun, err := s.uploadsIn(ctx, upload.StateUploading, time.Time{})
	if err != nil {
		return err
	}
	for _, u := range begun {
		n, err := s.stagedSize(u)
		if err != nil {
			return err
		}
		if n != u.arrived {
			if err := s.noteArrived(ctx, u, n); err != nil {
				return err
			}
		}
		if n == u.wireSize {
			if err := s.received(ctx, u); err != nil {
				return err
			}
		}
	}
	if err := s.sweep(ctx); err != nil {
		return err
	}
	s.rouse()
	return nil
}

func (s *Server) intakeLoop() {
	for {
		u, err := s.claim(s.ctx)
		if err == nil && u != nil {
			s.rouse() // there may be more, for another worker
			if err = s.take(s.ctx, u); err == nil {
				continue
			}
		}
		var pause <-chan time.Time
		if err != nil && s.ctx.Err() == nil {
			s.log.Error("intake", "error", err.Error())
			pause = time.After(faultPause)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-pause:
			s.rouse()
		case <-s.wake:
		}
	}
}

// take does the whole intake of one upload. An error is a fault of ours, and
// the upload goes back to the queue; what is wrong with a bundle is a verdict.
func (s *Server) take(ctx context.Context, u *sent) error {
	defer s.turns.done(u.organisation)
	err := s.attempt(ctx, u)
	switch no := (*verdict)(nil); {
	case errors.Is(err, errLost):
		return s.again(ctx, u)
	case errors.As(err, &no):
		err = s.refuse(ctx, u, no)
	}
	if err == nil {
		// Whatever was decided, the wire bytes have served.
		return s.remove(u.staged())
	}
	if ctx.Err() != nil {
		return ctx.Err() // the next start resumes
	}
	return errors.Join(fmt.Errorf("upload %s: %w", u.id, err), s.move(ctx, s.db, u, upload.StateReceived))
}

// errLost: what lies here is not what was announced.
var errLost = errors.New("bytes lost")

// again lets an upload be sent from its first byte: the transport or our disk
// was at fault, not what was sent.
func (s *Server) again(ctx context.Context, u *sent) error {
	if err := s.remove(u.staged()); err != nil {
		return err
	}
	u.reason = "the bytes that arrived were not those announced; send them again"
	return s.decide(ctx, u, upload.StateUploading, nil, u.reason)
}

// verdict is a bundle's refusal.
type verdict struct{ reason string }

func (v *verdict) Error() string { return v.reason }

func no(format string, args ...any) error {
	return &verdict{reason: clip(strings.ToValidUTF8(fmt.Sprintf(format, args...), "\ufffd"))}
}

// judge proves an upload and stores it: sealed when it holds a secret.
func (s *Server) judge(ctx context.Context, u *sent) error {
	f, err := s.root.Open(u.staged())
	if errors.Is(err, fs.ErrNotExist) {
		return errLost
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if sum, err := sum(ctx, f); err != nil {
		return err
	} else if sum != u.wireSHA256 {
		return errLost
	}
	disk := &watched{ctx: ctx, r: f}
	p, err := s.prove(ctx, u, disk)
	if fault := disk.fault(); fault != nil {
		return fault // what prove says of it comes from that
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return err
	}
	return s.settle(ctx, u, p)
}

// proven is a bundle whose signature and content held.
type proven struct {
	bundle *manifest.Bundle
	clear  *io.SectionReader // the .tar.zst
	head   *manifest.Head
	signer string // authorized_keys form
	finds  findings
}

// prove decrypts, verifies and scans.
func (s *Server) prove(ctx context.Context, u *sent, wire io.ReaderAt) (*proven, error) {
	if ok, err := s.inStanding(ctx, u.agent); err != nil {
		return nil, err
	} else if !ok {
		return nil, no("the agent that sent it was revoked")
	}
	r, size, err := age.DecryptReaderAt(wire, u.wireSize, s.intake.Load().ids...)
	if err != nil {
		return nil, no("not encrypted to this receiver: %v", err)
	}
	signers, err := s.signersOf(ctx, u.organisation)
	if err != nil {
		return nil, err
	}
	b, err := manifest.Open(r, size, signers, manifest.Limits{})
	if err != nil {
		return nil, no("%v", err)
	}
	head := b.Head()
	if head.Organisation != u.organisation {
		return nil, no("signed for organisation %q, sent to %q", head.Organisation, u.organisation)
	}
	if head.Case != u.caseID {
		return nil, no("signed for case %q, sent to %q", head.Case, u.caseID)
	}
	if id, err := uuid.Parse(head.BundleID); err != nil || id.String() != head.BundleID || id.Version() != 7 {
		return nil, no("bundle id %q is no UUIDv7", head.BundleID)
	}
	if err := b.Verify(ctx); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, no("%v", err)
	}
	found, err := scan(ctx, b)
	if err != nil {
		return nil, err
	}
	return &proven{
		bundle: b,
		clear:  io.NewSectionReader(r, 0, size),
		head:   head,
		signer: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(b.Proof().Key))),
		finds:  found,
	}, nil
}

func (s *store) inStanding(ctx context.Context, agent string) (ok bool, err error) {
	err = s.db.QueryRowContext(ctx, `SELECT revoked = 0 FROM agents WHERE id = ?`, agent).Scan(&ok)
	return ok, err
}

// settle decides by the bundle's identity: the same again gets the answer of
// the first, another under the same id is sealed, a deleted one stays refused.
func (s *Server) settle(ctx context.Context, u *sent, p *proven) error {
	unlock, err := s.locks.lock(ctx, "bundle "+u.organisation+" "+p.head.BundleID)
	if err != nil {
		return err
	}
	defer unlock()
	u.bundleID = p.head.BundleID
	if err := s.noteBundle(ctx, u); err != nil {
		return err
	}
	known, err := s.findBundle(ctx, s.db, u.organisation, u.bundleID)
	if err != nil {
		return err
	}
	switch {
	case known == nil:
		return s.keep(ctx, u, p)
	case known.state == upload.StateDeleted:
		return no("bundle %s was deleted here", u.bundleID)
	}
	same, err := sum(ctx, p.clear)
	if err != nil {
		return err
	}
	if same != known.sha256 || known.caseID != u.caseID {
		return s.sealImpostor(ctx, u, p)
	}
	u.reason = known.reason
	return s.decide(ctx, u, known.state, nil, "the same as before")
}

// keep stores a bundle that is new here; one with findings is sealed.
func (s *Server) keep(ctx context.Context, u *sent, p *proven) error {
	b := &bundle{
		organisation: u.organisation, caseID: u.caseID, id: u.bundleID, agent: u.agent, signer: p.signer,
		state: upload.StateStored, object: u.bundleID,
		wireSHA256: u.wireSHA256, wireSize: u.wireSize, size: p.clear.Size(), entries: p.bundle.Len(),
		host: clip(p.head.Host), name: clip(p.head.Name), received: s.now(),
	}
	if len(p.finds) > 0 {
		b.state, b.object, b.reason = upload.StateQuarantined, sealedName(u), p.finds.String()
	}
	var err error
	if b.sha256, b.blobSize, err = s.writeBlob(ctx, u.organisation, u.caseID, b.object, p.clear); err != nil {
		return err
	}
	if b.state == upload.StateStored {
		if b.receipt, err = s.signReceipt(b); err != nil {
			return err
		}
	}
	u.reason = b.reason
	return s.decide(ctx, u, b.state, b, fmt.Sprintf("sha256 %s, %d entries", b.sha256, b.entries))
}

// sealImpostor keeps, under a key of its own and for nobody to read, a bundle
// that bears the id of another.
func (s *Server) sealImpostor(ctx context.Context, u *sent, p *proven) error {
	if _, _, err := s.writeBlob(ctx, u.organisation, u.caseID, sealedName(u), p.clear); err != nil {
		return err
	}
	u.reason = "another bundle is stored under this bundle id"
	return s.decide(ctx, u, upload.StateQuarantined, nil, u.reason)
}

// decide puts the outcome on record, all of it or nothing.
func (s *Server) decide(ctx context.Context, u *sent, to upload.UploadState, b *bundle, detail string) error {
	next := *u
	err := s.tx(ctx, func(tx *sql.Tx) error {
		if b != nil {
			if err := s.addBundle(ctx, tx, b); err != nil {
				return err
			}
		}
		if err := s.move(ctx, tx, &next, to); err != nil {
			return err
		}
		if err := s.touchCase(ctx, tx, u.organisation, u.caseID, s.now()); err != nil {
			return err
		}
		l := u.line("intake", "intake")
		if u.bundleID != "" {
			l.object = u.bundleID
		}
		l.result, l.detail = string(to), "upload "+u.id+": "+detail
		return s.record(ctx, tx, l)
	})
	if err == nil {
		*u = next
		s.log.Info("intake", "organisation", u.organisation, "case", u.caseID, "agent", u.agent, "upload", u.id,
			"bundle", u.bundleID, "state", u.state, "reason", u.reason)
	}
	return err
}

// refuse puts a refusal on record. What an interrupted run of this job may have
// stored goes first.
func (s *Server) refuse(ctx context.Context, u *sent, v *verdict) error {
	for _, object := range []string{u.bundleID, sealedName(u)} {
		if object == "" {
			continue
		}
		if err := s.dropOrphan(ctx, u, object); err != nil {
			return err
		}
	}
	u.reason = v.reason
	return s.decide(ctx, u, upload.StateRefused, nil, v.reason)
}

// dropOrphan removes a blob that no row speaks of.
func (s *Server) dropOrphan(ctx context.Context, u *sent, object string) error {
	unlock, err := s.locks.lock(ctx, "bundle "+u.organisation+" "+u.bundleID)
	if err != nil {
		return err
	}
	defer unlock()
	var n int
	if err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM bundles WHERE organisation = ? AND object = ?`, u.organisation, object).Scan(&n); err != nil || n > 0 {
		return err
	}
	return s.destroy(ctx, u.organisation, u.caseID, object)
}

// destroy ends a blob: its key first, which alone makes it unreadable
// everywhere, then the file.
func (s *Server) destroy(ctx context.Context, organisation, caseID, object string) error {
	if err := s.destroyBundleKey(ctx, organisation, caseID, object); err != nil {
		return err
	}
	return s.remove(blobName(organisation, caseID, object))
}

func sealedName(u *sent) string { return "sealed-" + u.id }

// noteBundle keeps a proven bundle id with its upload before anything is
// stored under it, so that a later run knows what to look for.
func (s *store) noteBundle(ctx context.Context, u *sent) error {
	_, err := s.db.ExecContext(ctx, `UPDATE uploads SET bundle_id = ? WHERE organisation = ? AND case_id = ? AND id = ?`,
		u.bundleID, u.organisation, u.caseID, u.id)
	return err
}

// writeBlob encrypts r under a new key of its own and stores it, durably. The
// same name again replaces key and blob: only a run that was interrupted
// before its row was written does that.
func (s *Server) writeBlob(ctx context.Context, organisation, caseID, object string, r *io.SectionReader) (sha string, size int64, err error) {
	id, err := s.newBundleKey(ctx, organisation, caseID, object)
	if err != nil {
		return "", 0, err
	}
	dir := caseDir(organisation, caseID)
	if err := s.root.MkdirAll(dir, 0o700); err != nil {
		return "", 0, err
	}
	name := blobName(organisation, caseID, object)
	f, err := s.root.OpenFile(name+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.remove(name+".part"))
		}
	}()
	h := sha256.New()
	size, err = encrypt(ctx, f, io.NewSectionReader(r, 0, r.Size()), h, id.Recipient())
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, err
	}
	if err := s.root.Rename(name+".part", name); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(h.Sum(nil)), size, s.syncDir(dir)
}

func blobName(organisation, caseID, object string) string {
	return caseDir(organisation, caseID) + "/" + object + ".blob"
}

// encrypt copies r to f in age's format and to h in clear.
func encrypt(ctx context.Context, f *os.File, r io.Reader, h io.Writer, to age.Recipient) (int64, error) {
	w, err := age.Encrypt(f, to)
	if err != nil {
		return 0, err
	}
	if err := copyContext(ctx, io.MultiWriter(h, w), r); err != nil {
		return 0, err
	}
	if err := w.Close(); err != nil {
		return 0, err
	}
	return f.Seek(0, io.SeekEnd)
}

// signReceipt states that the receiver holds exactly this bundle.
func (s *Server) signReceipt(b *bundle) (upload.SignedText, error) {
	text, err := json.MarshalIndent(upload.Receipt{
		Version: 1, Receiver: s.principal(),
		Organisation: b.organisation, Case: b.caseID, BundleID: b.id, Agent: b.agent,
		SHA256: b.sha256, Size: b.size, WireSHA256: b.wireSHA256, WireSize: b.wireSize,
		Entries: b.entries, Received: b.received, Verdict: "stored", Retention: retention(),
	}, "", "  ")
	if err != nil {
		return upload.SignedText{}, err
	}
	text = append(text, '\n')
	sig, err := s.receipts.Sign(trust.NamespaceReceipt, strings.NewReader(string(text)))
	return upload.SignedText{Text: string(text), Signature: string(sig)}, err
}

// sum is the hex SHA-256 of all of r, from its start.
func sum(ctx context.Context, r io.ReadSeeker) (string, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return "", err
	}
	h := sha256.New()
	if err := copyContext(ctx, h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func copyContext(ctx context.Context, w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(struct{ io.Writer }{w}, &contextReader{ctx, r}, make([]byte, 256<<10))
	return err
}

// contextReader ends with its context.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if c.ctx.Err() != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}

// watched remembers the faults of the disk beneath a bundle, so that they are
// not taken for the bundle's own. It ends with its context.
type watched struct {
	ctx context.Context
	r   io.ReaderAt
	mu  sync.Mutex
	err error
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	n, err := w.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		w.mu.Lock()
		w.err = err
		w.mu.Unlock()
	}
	return n, err
}

func (w *watched) fault() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}
