package receive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/diagcollect/diagcollect/manifest"
	"github.com/diagcollect/diagcollect/upload"
)

// HeaderPurpose states why an engineer reads; it is recorded.
const HeaderPurpose = "Diagcollect-Purpose"

// purpose is the stated purpose of a request.
func purpose(r *http.Request) (string, error) {
	p := strings.TrimSpace(r.Header.Get(HeaderPurpose))
	if n := utf8.RuneCountInString(p); n == 0 || n > 200 || !utf8.ValidString(p) || strings.ContainsFunc(p, unicode.IsControl) {
		return "", badRequest("state the purpose in the header %s (1 to 200 characters)", HeaderPurpose)
	}
	return p, nil
}

// openCaseOf returns an open case that the caller may read.
func (s *Server) openCaseOf(r *http.Request, c *caller) (*Case, error) {
	in, err := s.callerCase(r, c)
	if err != nil {
		return nil, err
	}
	if in.State != caseOpen {
		return nil, closedCase(in.Case)
	}
	return in, nil
}

// caseBundle returns the bundle of a request that the caller may know.
func (s *Server) caseBundle(r *http.Request, c *caller) (*bundle, error) {
	in, err := s.openCaseOf(r, c)
	if err != nil {
		return nil, err
	}
	b, err := s.findBundle(r.Context(), s.db, in.Organisation, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if b == nil || b.caseID != in.Case || b.state == upload.StateDeleted {
		return nil, unknown("no such bundle in this case")
	}
	return b, nil
}

// recordRead puts an access on record; only then may it be answered.
func (s *Server) recordRead(r *http.Request, c *caller, action, caseID, object, why string) error {
	l := c.line(action)
	l.caseID, l.object, l.purpose = caseID, object, why
	return s.record(r.Context(), s.db, l)
}

func (s *Server) listBundles(w http.ResponseWriter, r *http.Request, c *caller) error {
	in, err := s.openCaseOf(r, c)
	if err != nil {
		return err
	}
	list, err := s.listed(r.Context(), s.db, in.Organisation, in.Case)
	if err != nil {
		return err
	}
	if err := s.recordRead(r, c, "list-bundles", in.Case, "", ""); err != nil {
		return err
	}
	return reply(w, http.StatusOK, list)
}

func (s *store) listed(ctx context.Context, q querier, organisation, caseID string) ([]Bundle, error) {
	bs, err := s.queryBundles(ctx, q, `organisation = ? AND case_id = ?`, organisation, caseID)
	list := make([]Bundle, len(bs))
	for i, b := range bs {
		list[i] = b.listed()
	}
	return list, err
}

func (s *Server) showBundle(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, err := s.caseBundle(r, c)
	if err != nil {
		return err
	}
	if err := s.recordRead(r, c, "show-bundle", b.caseID, b.id, ""); err != nil {
		return err
	}
	return reply(w, http.StatusOK, b.listed())
}

// readReceipt gives a receipt to who may read the bundle, and to the agent
// that sent it.
func (s *Server) readReceipt(w http.ResponseWriter, r *http.Request, c *caller) error {
	var b *bundle
	var err error
	if c.role == roleEngineer {
		b, err = s.caseBundle(r, c)
	} else {
		b, err = s.ownBundle(r, c)
	}
	if err != nil {
		return err
	}
	if b.receipt.Text == "" {
		return unknown("the bundle has no receipt: it is " + string(b.state))
	}
	if err := s.recordRead(r, c, "read-receipt", b.caseID, b.id, ""); err != nil {
		return err
	}
	return reply(w, http.StatusOK, b.receipt)
}

// ownBundle returns the bundle of a request if the agent has sent it.
func (s *Server) ownBundle(r *http.Request, c *caller) (*bundle, error) {
	in, err := s.callerCase(r, c)
	if err != nil {
		return nil, err
	}
	id := r.PathValue("id")
	var n int
	err = s.db.QueryRowContext(r.Context(), `SELECT count(*) FROM uploads WHERE organisation = ? AND case_id = ? AND agent = ? AND bundle_id = ? AND state = 'stored'`,
		c.organisation, in.Case, c.agent, id).Scan(&n)
	if err != nil {
		return nil, err
	}
	b, err := s.findBundle(r.Context(), s.db, c.organisation, id)
	if err != nil {
		return nil, err
	}
	if n == 0 || b == nil {
		return nil, unknown("no such bundle of this agent")
	}
	return b, nil
}

// reading opens the bundle of a request for an engineer with a purpose.
func (s *Server) reading(r *http.Request, c *caller, action, object string) (*bundle, *opened, error) {
	why, err := purpose(r)
	if err != nil {
		return nil, nil, err
	}
	b, err := s.caseBundle(r, c)
	if err != nil {
		return nil, nil, err
	}
	if b.state != upload.StateStored {
		return nil, nil, forbidden("bundle %s is sealed", b.id)
	}
	o, err := s.openBundle(r.Context(), b)
	if err != nil {
		return nil, nil, fmt.Errorf("bundle %s: %w", b.id, err)
	}
	if object != "" {
		object = b.id + " " + object
	} else {
		object = b.id
	}
	if err := s.recordRead(r, c, action, b.caseID, object, why); err != nil {
		return nil, nil, errors.Join(err, o.file.Close())
	}
	return b, o, nil
}

// readManifest serves the signed bytes.
func (s *Server) readManifest(w http.ResponseWriter, r *http.Request, c *caller) error {
	_, o, err := s.reading(r, c, "read-manifest", "")
	if err != nil {
		return err
	}
	defer o.file.Close()
	return serve(w, r, "application/json", "manifest.json", -1, o.ManifestJSON())
}

// readFile serves one file of a bundle: an entry by its path, report.json,
// manifest.json or manifest.json.sig.
func (s *Server) readFile(w http.ResponseWriter, r *http.Request, c *caller) error {
	path := r.PathValue("path")
	_, o, err := s.reading(r, c, "read-file", path)
	if err != nil {
		return err
	}
	defer o.file.Close()
	switch path {
	case "manifest.json":
		return serve(w, r, "application/json", path, -1, o.ManifestJSON())
	case "manifest.json.sig":
		return serve(w, r, "text/plain; charset=us-ascii", path, -1, strings.NewReader(string(o.Signature())))
	case "report.json":
		return serve(w, r, "application/json", path, o.ReportSize(), o.ReportJSON())
	}
	e, err := entry(o, path)
	if err != nil {
		return err
	}
	content, err := o.Content(*e)
	if err != nil {
		return err
	}
	defer content.Close()
	// The content is foreign: no browser shall take it for a page.
	return serve(w, r, "application/octet-stream", path[strings.LastIndexByte(path, '/')+1:], e.Size, content)
}

func entry(o *opened, path string) (*manifest.Entry, error) {
	for e, err := range o.Entries() {
		if err != nil {
			return nil, err
		}
		if e.Path == path {
			return &e, nil
		}
	}
	return nil, unknown("no such file in the bundle")
}

// readContent serves the .tar.zst, ranges of it too.
func (s *Server) readContent(w http.ResponseWriter, r *http.Request, c *caller) error {
	b, o, err := s.reading(r, c, "read-content", r.Header.Get("Range"))
	if err != nil {
		return err
	}
	defer o.file.Close()
	h := w.Header()
	h.Set("Content-Type", "application/zstd")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": b.name + ".tar.zst"}))
	h.Set("Etag", strconv.Quote(b.sha256))
	http.ServeContent(&pacedWriter{w, http.NewResponseController(w)}, r, "", time.Time{}, &contextSeeker{contextReader{r.Context(), o.clear}, o.clear})
	return nil
}

type contextSeeker struct {
	contextReader
	io.Seeker
}

// serve streams r. Once the header is out, a fault can only be told by
// breaking the connection off.
func serve(w http.ResponseWriter, r *http.Request, contentType, name string, size int64, from io.Reader) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	if size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	// The first part is read before anything is answered: most faults show
	// there.
	first := make([]byte, 64<<10)
	n, err := io.ReadFull(from, first)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	out := &pacedWriter{w, http.NewResponseController(w)}
	_, werr := out.Write(first[:n])
	if werr == nil && err == nil {
		werr = copyContext(r.Context(), out, from)
	}
	if werr != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// pacedWriter gives each part of an answer its own time.
type pacedWriter struct {
	http.ResponseWriter
	rc *http.ResponseController
}

func (p *pacedWriter) Write(b []byte) (int, error) {
	if err := p.rc.SetWriteDeadline(time.Now().Add(slowWrite)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}
