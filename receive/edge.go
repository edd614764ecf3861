package receive

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// Roles of enrolled keys.
const (
	roleAgent    = "agent"
	roleEngineer = "engineer"
)

// caller is who sent a request, as the database has it now.
type caller struct {
	agent        string
	organisation string
	role         string
	name         string // of an engineer
	expires      time.Time
	cert         []byte // digest of the certificate
}

// line begins an audit line of something this caller did.
func (c *caller) line(action string) auditLine {
	return auditLine{organisation: c.organisation, who: c.agent, role: c.role, action: action, result: allowed}
}

// route is one operation of the API. openapi.yaml has the same list.
type route struct {
	method, path string
	roles        []string // none: no certificate is needed
	kind         kind
	handle       func(http.ResponseWriter, *http.Request, *caller) error
}

// routeTable is the whole public surface.
func (s *Server) routeTable() []route {
	var (
		anybody  []string
		agent    = []string{roleAgent}
		engineer = []string{roleEngineer}
		both     = []string{roleAgent, roleEngineer}
		one      = upload.PathUploads + "/{id}"
	)
	return []route{
		{"GET", upload.PathHealth, anybody, always, s.health},
		{"POST", upload.PathNonce, anybody, quick, s.nonce},
		{"POST", upload.PathEnroll, anybody, body, s.enroll},
		{"POST", upload.PathRenew, both, body, s.renew},
		{"GET", upload.PathWhoAmI, both, quick, s.whoAmI},
		{"GET", upload.PathCases, both, quick, s.listCases},
		{"GET", upload.PathCase, both, quick, s.showCase},
		{"OPTIONS", upload.PathUploads, agent, quick, s.discoverTus},
		{"POST", upload.PathUploads, agent, quick, s.createUpload},
		{"HEAD", one, agent, quick, s.headUpload},
		{"PATCH", one, agent, incoming, s.patchUpload},
		{"DELETE", one, agent, quick, s.deleteUpload},
		{"GET", upload.PathStatus, agent, quick, s.uploadStatus},
		{"GET", upload.PathBundles, engineer, quick, s.listBundles},
		{"GET", upload.PathBundle, engineer, quick, s.showBundle},
		{"GET", upload.PathBundle + "/manifest", engineer, outgoing, s.readManifest},
		{"GET", upload.PathBundle + "/files/{path...}", engineer, outgoing, s.readFile},
		{"GET", upload.PathBundle + "/content", engineer, outgoing, s.readContent},
		{"GET", upload.PathBundle + "/receipt", both, quick, s.readReceipt},
	}
}

func (s *Server) routes() error {
	tus, err := s.newTus()
	if err != nil {
		return err
	}
	s.tus = tus
	s.admin = adminHandler(s.store, s.serverCA.cert.Raw)
	mux := http.NewServeMux()
	for _, r := range s.routeTable() {
		mux.Handle(r.method+" "+r.path, s.answer(r))
	}
	mux.Handle("/", s.answer(route{handle: func(http.ResponseWriter, *http.Request, *caller) error {
		return unknown("no such operation")
	}}))
	s.edge = mux
	return nil
}

// HTTPServer is an http.Server for this receiver with the limits and
// time-outs that belong at the edge: 10 s for a request's header, 32 KiB of
// it, 2 minutes for an idle connection. Bodies and answers have deadlines that
// move with their progress (60 s without a byte, or with less than 60 KiB, end
// them), so a long upload is not cut and a dead one does not stay. Serve
// it with ServeTLS and empty file names. Its Shutdown ends uploads that run at
// their last byte, to be resumed, and is to be followed by Close.
func (s *Server) HTTPServer() *http.Server {
	// Each upload has a connection, and its flow control, to itself.
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	srv := &http.Server{
		Handler:           s,
		Protocols:         &protocols,
		TLSConfig:         s.TLSConfig(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	srv.RegisterOnShutdown(s.interrupt)
	return srv
}

// ServeHTTP answers the wire protocol.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	if !s.enter() {
		unavailable("the receiver is stopping").write(w)
		return
	}
	defer s.requests.Done()
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	r = r.WithContext(ctx)
	s.edge.ServeHTTP(w, r)
}

// answer wraps an operation: who calls and whether that role may, whether there
// is a slot for it, deadlines, and how errors are told.
func (s *Server) answer(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var c *caller
		err := func() (err error) {
			defer func() {
				p := recover()
				if fault, ok := p.(error); ok && errors.Is(fault, http.ErrAbortHandler) {
					panic(p)
				}
				if p != nil {
					err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
				}
			}()
			rc := http.NewResponseController(w)
			if err := errors.Join(rc.SetReadDeadline(time.Now().Add(slowBody)), rc.SetWriteDeadline(time.Now().Add(slowBody+slowWrite))); err != nil && !errors.Is(err, http.ErrNotSupported) {
				return err
			}
			if r.Header.Get("Origin") != "" {
				return forbidden("requests of web pages are not answered")
			}
			if r.Header.Get("X-HTTP-Method-Override") != "" {
				return badRequest("X-HTTP-Method-Override is not supported")
			}
			if len(rt.roles) > 0 {
				if c, err = s.identify(r); err != nil {
					return err
				}
				if !slices.Contains(rt.roles, c.role) {
					return forbidden("the role %q may not do this", c.role)
				}
			}
			from := source(r.RemoteAddr)
			if rt.kind == body {
				if r, err = s.readBody(w, r, c, from); err != nil {
					return err
				}
			}
			leave, err := s.slots.take(rt.kind, c, from)
			if err != nil {
				return err
			}
			defer leave()
			return rt.handle(w, r, c)
		}()
		if err != nil {
			s.fail(w, r, c, err)
		}
	})
}

// fail answers an error and, where it is a denial, records it first.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, c *caller, err error) {
	var p *problem
	if !errors.As(err, &p) {
		switch {
		case s.ctx.Err() != nil:
			p = unavailable("the receiver is stopping")
		case r.Context().Err() != nil:
			return // nobody listens
		default:
			id := rand.Text()[:10]
			s.log.Error("request failed", "id", id, "method", r.Method, "path", r.URL.Path, "error", err.Error())
			p = internal(id)
		}
	}
	if c != nil {
		switch p.Code {
		case upload.CodeForbidden, upload.CodeUnauthorised, upload.CodeUnknownCase, upload.CodeClosedCase:
			if !s.limits.denials.allow(c.agent) {
				p = tooMany(time.Minute)
				break
			}
			l := c.line(r.Pattern)
			l.caseID, l.object, l.purpose = clip(r.PathValue("case")), clip(r.PathValue("id")), clip(r.Header.Get(HeaderPurpose))
			l.result, l.detail = denied, p.Code
			if err := s.record(context.WithoutCancel(r.Context()), s.db, l); err != nil {
				s.log.Error("denial not recorded", "error", err.Error())
				p = internal("audit")
			}
		}
	}
	if r.ContentLength != 0 {
		// The server reads on for a while, lest the answer be lost; a body that
		// does not come must not keep it.
		rest := time.Now()
		if s.ctx.Err() == nil {
			rest = rest.Add(slowRest)
		}
		_ = http.NewResponseController(w).SetReadDeadline(rest)
	}
	p.write(w)
}

// identify reads the caller's standing from the database. A certificate that
// the receiver's agent CA signed is not enough: it must be on record and not
// superseded, and its agent not revoked.
func (s *Server) identify(r *http.Request) (*caller, error) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		return nil, unauthorised("a client certificate of this receiver is needed")
	}
	c := &caller{cert: digest(r.TLS.PeerCertificates[0].Raw)}
	var expires, revoked int64
	err := s.db.QueryRowContext(r.Context(), `SELECT a.id, a.organisation, a.role, a.name, c.expires, a.revoked
		FROM certificates c JOIN agents a ON a.id = c.agent WHERE c.digest = ?`, c.cert).
		Scan(&c.agent, &c.organisation, &c.role, &c.name, &expires, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, unauthorised("the certificate is not on record")
	}
	if err != nil {
		return nil, err
	}
	c.expires = unstamp(expires)
	switch {
	case revoked != 0:
		err = unauthorised("the agent was revoked")
	case !s.now().Before(c.expires):
		err = unauthorised("the certificate has ended")
	default:
		return c, nil
	}
	if !s.limits.denials.allow(c.agent) {
		return nil, tooMany(time.Minute)
	}
	l := c.line(r.Pattern)
	l.result, l.detail = denied, err.Error()
	if err := s.record(r.Context(), s.db, l); err != nil {
		return nil, err
	}
	return nil, err
}

func (s *Server) health(w http.ResponseWriter, r *http.Request, _ *caller) error {
	if err := s.db.PingContext(r.Context()); err != nil {
		return err
	}
	return reply(w, http.StatusOK, map[string]string{"status": "ok"})
}

// reply sends a JSON answer.
func reply(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // a client that went away asks again
	return nil
}

// readBody reads the body of a JSON request, which has seconds to arrive.
func (s *Server) readBody(w http.ResponseWriter, r *http.Request, c *caller, from string) (*http.Request, error) {
	leave, err := s.slots.takeBody(c, from)
	if err != nil {
		return r, err
	}
	defer leave()
	rc := http.NewResponseController(w)
	defer context.AfterFunc(s.ctx, func() { _ = rc.SetReadDeadline(time.Now()) })()
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case s.ctx.Err() != nil:
		return r, unavailable("the receiver is stopping")
	case err != nil:
		return r, badRequest("request body: %v", err)
	}
	whole := r.Clone(r.Context())
	whole.Body = io.NopCloser(bytes.NewReader(text))
	return whole, nil
}

// decode reads a small JSON request.
func decode(w http.ResponseWriter, r *http.Request, v any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	if err := d.Decode(v); err != nil {
		return badRequest("request body: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return badRequest("request body: more than one JSON value")
	}
	return nil
}
