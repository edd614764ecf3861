package receive

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// Admin administers a data directory: in-process when it is free, through the
// socket of the process that holds it otherwise. One code path: the same
// HTTP handler answers both. What the receiver says no to is an
// *upload.RefusedError.
type Admin struct {
	client *http.Client
	close  func() error
}

// OpenAdmin opens dir, which must be a receiver's data directory. The master
// key is not needed. It fails with ErrLocked when the process that holds dir
// serves no administration socket.
func OpenAdmin(dir string) (*Admin, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for {
		once, stop := context.WithTimeout(ctx, 10*time.Millisecond)
		st, err := openStore(once, dir, false, time.Now, slog.New(slog.DiscardHandler))
		stop()
		if err == nil {
			return localAdmin(ctx, st)
		}
		if !errors.Is(err, ErrLocked) {
			return nil, err
		}
		// Whoever holds it may be about to listen, or about to end.
		path, serr := adminSocket(dir)
		if serr == nil {
			var conn net.Conn
			var d net.Dialer
			if conn, serr = d.DialContext(ctx, "unix", path); serr == nil {
				return socketAdmin(path), conn.Close()
			}
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(err, serr)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func localAdmin(ctx context.Context, st *store) (*Admin, error) {
	var ca []byte
	if err := st.keys.QueryRowContext(ctx, `SELECT public FROM receiver_keys WHERE name = ?`, keyServerCA).Scan(&ca); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: the receiver's first start was not finished: %w", st.dir, err), st.close())
	}
	return &Admin{client: &http.Client{Transport: inProcess{adminHandler(st, ca)}}, close: st.close}, nil
}

func socketAdmin(path string) *Admin {
	t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "unix", path)
	}}
	return &Admin{client: &http.Client{Transport: t}, close: func() error { t.CloseIdleConnections(); return nil }}
}

// Admin of a server that this process runs.
func (s *Server) Admin() *Admin {
	return &Admin{client: &http.Client{Transport: inProcess{s.admin}}, close: func() error { return nil }}
}

// ServeAdmin answers the administration socket in the data directory (0600)
// until ctx or the server ends.
func (s *Server) ServeAdmin(ctx context.Context) error {
	l, remove, err := listenAdmin(s.dir)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: s.admin, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	defer context.AfterFunc(s.ctx, func() { _ = srv.Close() })()
	err = srv.Serve(l)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, remove())
}

// Close gives back what OpenAdmin took.
func (a *Admin) Close() error { return a.close() }

// call sends one request of the administration protocol: POST /<name> with a
// JSON object, answered by JSON or a problem document. It is spoken between
// two copies of one program and is no public contract.
func call[Out any](ctx context.Context, a *Admin, name string, in any) (out Out, err error) {
	body, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://admin/"+name, bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	answer, err := a.client.Do(r)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	d := json.NewDecoder(io.LimitReader(answer.Body, 256<<20))
	if answer.StatusCode != http.StatusOK {
		var p upload.Problem
		if err := d.Decode(&p); err != nil {
			return out, fmt.Errorf("administration: status %d: %w", answer.StatusCode, err)
		}
		return out, &upload.RefusedError{Problem: p}
	}
	return out, d.Decode(&out)
}

// inProcess answers requests by a handler in this process.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	w := &answerBuffer{header: make(http.Header), status: http.StatusOK}
	t.handler.ServeHTTP(w, r)
	return &http.Response{
		StatusCode: w.status, Header: w.header, Body: io.NopCloser(&w.body), Request: r,
		ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(w.body.Len()),
	}, nil
}

type answerBuffer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *answerBuffer) Header() http.Header         { return w.header }
func (w *answerBuffer) WriteHeader(status int)      { w.status = status }
func (w *answerBuffer) Write(p []byte) (int, error) { return w.body.Write(p) }

// adminRequest is what any of the operations needs.
type adminRequest struct {
	Organisation string `json:"organisation,omitempty"`
	Case         string `json:"case,omitempty"`
	Title        string `json:"title,omitempty"`
	State        string `json:"state,omitempty"`
	Role         string `json:"role,omitempty"`
	Name         string `json:"name,omitempty"`
	Agent        string `json:"agent,omitempty"`
}

// Case is a case as administrators see it.
type Case struct {
	upload.CaseInfo
	Assigned []string `json:"assigned"`
}

// CreateOrganisation makes an organisation: lower-case letters, digits, '-'.
func (a *Admin) CreateOrganisation(ctx context.Context, id string) error {
	_, err := call[struct{}](ctx, a, "create-organisation", adminRequest{Organisation: id})
	return err
}

// CreateCase creates an open case; organisation "" is "default".
func (a *Admin) CreateCase(ctx context.Context, organisation, id, title string) (*Case, error) {
	return call[*Case](ctx, a, "create-case", adminRequest{Organisation: organisation, Case: id, Title: title})
}

// Cases lists the cases of an organisation, or of all.
func (a *Admin) Cases(ctx context.Context, organisation string) ([]Case, error) {
	return call[[]Case](ctx, a, "cases", adminRequest{Organisation: organisation})
}

// Case shows one case; organisation "" is "default", here and below.
func (a *Admin) Case(ctx context.Context, organisation, id string) (*Case, error) {
	return call[*Case](ctx, a, "case", adminRequest{Organisation: organisation, Case: id})
}

// SetCaseState closes ("closed") or reopens ("open") a case.
func (a *Admin) SetCaseState(ctx context.Context, organisation, id, state string) (*Case, error) {
	return call[*Case](ctx, a, "set-case-state", adminRequest{Organisation: organisation, Case: id, State: state})
}

// Assign lets an engineer read an open case.
func (a *Admin) Assign(ctx context.Context, organisation, id, engineer string) error {
	_, err := call[*Case](ctx, a, "assign", adminRequest{Organisation: organisation, Case: id, Name: engineer})
	return err
}

// Bundles lists the bundles of a case.
func (a *Admin) Bundles(ctx context.Context, organisation, caseID string) ([]Bundle, error) {
	return call[[]Bundle](ctx, a, "bundles", adminRequest{Organisation: organisation, Case: caseID})
}

// NewKey makes a one-time enrolment key that lives 24 h. role is "agent" or
// "engineer"; name names the engineer and is empty for agents.
func (a *Admin) NewKey(ctx context.Context, organisation, role, name string) (string, error) {
	return call[string](ctx, a, "new-key", adminRequest{Organisation: organisation, Role: role, Name: name})
}

// Agent is an enrolled key.
type Agent struct {
	ID           string    `json:"id"`
	Organisation string    `json:"organisation"`
	Role         string    `json:"role"`
	Name         string    `json:"name,omitempty"`
	Fingerprint  string    `json:"fingerprint"` // of the signing key
	Enrolled     time.Time `json:"enrolled"`
	Expires      time.Time `json:"expires"`
	Revoked      time.Time `json:"revoked,omitzero"`
}

// Agents lists who is enrolled.
func (a *Admin) Agents(ctx context.Context, organisation string) ([]Agent, error) {
	return call[[]Agent](ctx, a, "agents", adminRequest{Organisation: organisation})
}

// Revoke ends an agent's standing at once.
func (a *Admin) Revoke(ctx context.Context, agent string) error {
	_, err := call[struct{}](ctx, a, "revoke", adminRequest{Agent: agent})
	return err
}

// administration answers what administrators ask of a store.
type administration struct {
	*store
	ca []byte // certificate of the server CA
}

func adminHandler(st *store, ca []byte) http.Handler {
	a := administration{st, ca}
	mux := http.NewServeMux()
	for name, do := range map[string]func(context.Context, *sql.Tx, adminRequest) (any, error){
		"create-organisation": a.createOrganisation,
		"create-case":         a.createCase,
		"cases":               a.cases,
		"case":                a.showCase,
		"set-case-state":      a.setCaseState,
		"assign":              a.assign,
		"bundles":             a.bundles,
		"new-key":             a.newKey,
		"agents":              a.agents,
		"revoke":              a.revoke,
	} {
		mux.Handle("POST /"+name, a.answer(name, do))
	}
	return mux
}

// answer runs one operation in a transaction together with its audit line.
func (a administration) answer(name string, do func(context.Context, *sql.Tx, adminRequest) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in adminRequest
		err := decode(w, r, &in)
		var out any
		if err == nil {
			if in.Organisation == "" && name != "cases" && name != "agents" {
				in.Organisation = DefaultOrganisation
			}
			ctx := r.Context()
			err = a.tx(ctx, func(tx *sql.Tx) error {
				if out, err = do(ctx, tx, in); err != nil {
					return err
				}
				l := auditLine{organisation: in.Organisation, who: "administrator", role: "administrator", action: name, caseID: in.Case, result: allowed}
				switch name {
				case "assign":
					l.object = in.Name
				case "set-case-state":
					l.detail = in.State
				case "new-key":
					l.object, l.detail = in.Name, in.Role
				case "revoke":
					l.object = in.Agent
				}
				return a.record(ctx, tx, l)
			})
		}
		if err == nil {
			err = reply(w, http.StatusOK, out)
		}
		if err != nil {
			var p *problem
			if !errors.As(err, &p) {
				// The administrator owns the machine: no need to hide it.
				p = refuse(http.StatusInternalServerError, upload.CodeInternal, "Internal error", "%v", err)
			}
			p.write(w)
		}
	})
}

func (a administration) createOrganisation(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	return struct{}{}, a.store.createOrganisation(ctx, tx, in.Organisation)
}

func (a administration) knownOrganisation(ctx context.Context, tx *sql.Tx, id string) error {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM organisations WHERE id = ?`, id).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return unknown(fmt.Sprintf("no organisation %q", id))
	}
	return nil
}

func (a administration) createCase(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	if err := a.knownOrganisation(ctx, tx, in.Organisation); err != nil {
		return nil, err
	}
	made, err := a.store.createCase(ctx, tx, in.Organisation, in.Case, in.Title)
	if err != nil {
		return nil, err
	}
	if !made {
		return nil, refuse(http.StatusConflict, upload.CodeBadRequest, "The case is there already", "case %q", in.Case)
	}
	return a.showCase(ctx, tx, in)
}

func (a administration) cases(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	cases, err := a.queryCases(ctx, tx, `?1 IN ('', c.organisation)`, in.Organisation)
	for i := range cases {
		if err == nil {
			err = a.assigned(ctx, tx, &cases[i])
		}
	}
	return cases, err
}

func (a administration) showCase(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	c, err := a.findCase(ctx, tx, in.Organisation, in.Case)
	if err != nil {
		return nil, err
	}
	return c, a.assigned(ctx, tx, c)
}

func (a administration) assigned(ctx context.Context, tx *sql.Tx, c *Case) error {
	return query(ctx, tx, func(rows *sql.Rows) error {
		var name string
		err := rows.Scan(&name)
		c.Assigned = append(c.Assigned, name)
		return err
	}, `SELECT engineer FROM assignments WHERE organisation = ? AND case_id = ? ORDER BY engineer`, c.Organisation, c.Case)
}

func (a administration) setCaseState(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	if !slices.Contains([]string{caseOpen, caseClosed}, in.State) {
		return nil, badRequest("state %q: %q or %q", in.State, caseOpen, caseClosed)
	}
	if _, err := a.findCase(ctx, tx, in.Organisation, in.Case); err != nil {
		return nil, err
	}
	now := stamp(a.now())
	_, err := tx.ExecContext(ctx, `UPDATE cases SET state = ?1, active = ?2,
			closed = CASE WHEN ?1 = 'open' THEN 0 WHEN state = 'closed' THEN closed ELSE ?2 END
		WHERE organisation = ?3 AND id = ?4`, in.State, now, in.Organisation, in.Case)
	if err != nil {
		return nil, err
	}
	return a.showCase(ctx, tx, in)
}

func (a administration) assign(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	if !nameGrammar.MatchString(in.Name) {
		return nil, badRequest("engineer %q: letters, digits and ._@+- only, at most 64", in.Name)
	}
	c, err := a.findCase(ctx, tx, in.Organisation, in.Case)
	if err != nil {
		return nil, err
	}
	if c.State != caseOpen {
		return nil, closedCase(in.Case)
	}
	_, err = tx.ExecContext(ctx, `INSERT OR IGNORE INTO assignments (organisation, case_id, engineer, granted) VALUES (?, ?, ?, ?)`,
		in.Organisation, in.Case, in.Name, stamp(a.now()))
	if err != nil {
		return nil, err
	}
	return a.showCase(ctx, tx, in)
}

func (a administration) bundles(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	if _, err := a.findCase(ctx, tx, in.Organisation, in.Case); err != nil {
		return nil, err
	}
	return a.listed(ctx, tx, in.Organisation, in.Case)
}

func (a administration) newKey(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	switch {
	case in.Role == roleAgent && in.Name == "":
	case in.Role == roleEngineer && nameGrammar.MatchString(in.Name):
	case in.Role == roleAgent:
		return nil, badRequest("an agent's key bears no name")
	case in.Role == roleEngineer:
		return nil, badRequest("engineer %q: letters, digits and ._@+- only, at most 64", in.Name)
	default:
		return nil, badRequest("role %q: %q or %q", in.Role, roleAgent, roleEngineer)
	}
	if err := a.knownOrganisation(ctx, tx, in.Organisation); err != nil {
		return nil, err
	}
	return a.newEnrolmentKey(ctx, tx, a.ca, in.Organisation, in.Role, in.Name)
}

func (a administration) agents(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	list := []Agent{}
	err := query(ctx, tx, func(rows *sql.Rows) error {
		var x Agent
		var enrolled, revoked, expires int64
		err := rows.Scan(&x.ID, &x.Organisation, &x.Role, &x.Name, &x.Fingerprint, &enrolled, &revoked, &expires)
		x.Enrolled, x.Revoked, x.Expires = unstamp(enrolled), unstamp(revoked), unstamp(expires)
		list = append(list, x)
		return err
	}, `SELECT id, organisation, role, name, fingerprint, enrolled, revoked,
			(SELECT coalesce(max(expires), 0) FROM certificates c WHERE c.agent = a.id)
		FROM agents a WHERE ?1 IN ('', organisation) ORDER BY organisation, role, enrolled, id`, in.Organisation)
	return list, err
}

func (a administration) revoke(ctx context.Context, tx *sql.Tx, in adminRequest) (any, error) {
	res, err := tx.ExecContext(ctx, `UPDATE agents SET revoked = ? WHERE id = ? AND revoked = 0`, stamp(a.now()), in.Agent)
	if err != nil {
		return nil, err
	}
	if n, err := res.RowsAffected(); err != nil {
		return nil, err
	} else if n == 0 {
		return nil, unknown(fmt.Sprintf("no agent %q in standing", in.Agent))
	}
	return struct{}{}, nil
}
