package receive

import (
	"context"
	"database/sql"
	"encoding/base32"
	"errors"
	"net/http"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

var idEncoding = base32.StdEncoding.WithPadding(base32.NoPadding)

// States of a case.
const (
	caseOpen   = "open"
	caseClosed = "closed"
)

// retention is the rule under which bundles are kept.
func retention() upload.Retention {
	return upload.Retention{DaysAfterClose: 90, IdleCloseDays: 180}
}

// createOrganisation makes an organisation; its key follows at first use.
func (s *store) createOrganisation(ctx context.Context, q querier, id string) error {
	if !organisationGrammar.MatchString(id) {
		return badRequest("organisation %q: lower-case letters, digits and '-' only, at most 63", id)
	}
	res, err := q.ExecContext(ctx, `INSERT OR IGNORE INTO organisations (id, created) VALUES (?, ?)`, id, stamp(s.now()))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return refuse(http.StatusConflict, upload.CodeBadRequest, "The organisation is there already", "organisation %q", id)
	}
	return s.makeOrganisationDirs(id)
}

func (s *store) makeOrganisationDirs(id string) error {
	return s.root.MkdirAll(stagingDir(id), 0o700)
}

// createCase makes an open case; false when it was there.
func (s *store) createCase(ctx context.Context, q querier, organisation, id, title string) (bool, error) {
	if !caseGrammar.MatchString(id) {
		return false, badRequest("case %q: letters, digits, '.' and '-' only, at most 64, the first a letter or digit", id)
	}
	now := stamp(s.now())
	res, err := q.ExecContext(ctx, `INSERT OR IGNORE INTO cases (organisation, id, title, state, created, active) VALUES (?, ?, ?, 'open', ?, ?)`,
		organisation, id, clip(title), now, now)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// findCase returns a case of an organisation, or unknownCase.
func (s *store) findCase(ctx context.Context, q querier, organisation, id string) (*Case, error) {
	cases, err := s.queryCases(ctx, q, `c.organisation = ? AND c.id = ?`, organisation, id)
	if err != nil {
		return nil, err
	}
	if len(cases) == 0 {
		return nil, unknownCase(id)
	}
	return &cases[0], nil
}

// queryCases returns cases in order of organisation and id. where is a
// constant of this package.
func (s *store) queryCases(ctx context.Context, q querier, where string, args ...any) ([]Case, error) {
	cases := []Case{}
	err := query(ctx, q, func(rows *sql.Rows) error {
		c := Case{CaseInfo: upload.CaseInfo{Retention: retention()}, Assigned: []string{}}
		var created, closed int64
		err := rows.Scan(&c.Organisation, &c.Case, &c.Title, &c.State, &created, &closed, &c.Bundles)
		c.Created, c.Closed = unstamp(created), unstamp(closed)
		cases = append(cases, c)
		return err
	}, `SELECT c.organisation, c.id, c.title, c.state, c.created, c.closed,
			(SELECT count(*) FROM bundles b WHERE b.organisation = c.organisation AND b.case_id = c.id AND b.state = 'stored')
		FROM cases c WHERE `+where+` ORDER BY c.organisation, c.id`, args...)
	return cases, err
}

// touchCase notes activity in a case.
func (s *store) touchCase(ctx context.Context, q querier, organisation, id string, now time.Time) error {
	_, err := q.ExecContext(ctx, `UPDATE cases SET active = max(active, ?) WHERE organisation = ? AND id = ?`, stamp(now), organisation, id)
	return err
}

// callerCase returns the case of a request if the caller may know it: an
// agent's organisation's, or one that is assigned to the engineer. Any other
// gets the one answer for what is not there. It may be closed.
func (s *Server) callerCase(r *http.Request, c *caller) (*Case, error) {
	ctx, id := r.Context(), r.PathValue("case")
	if c.role == roleEngineer {
		cases, err := s.queryCases(ctx, s.db, assignedTo+` AND c.id = ?3`, c.organisation, c.name, id)
		if err != nil {
			return nil, err
		}
		if len(cases) == 0 {
			return nil, unknownCase(id)
		}
		return &cases[0], nil
	}
	found, err := s.findCase(ctx, s.db, c.organisation, id)
	var p *problem
	if !s.opts.CreateCases || !errors.As(err, &p) || !caseGrammar.MatchString(id) {
		return found, err
	}
	err = s.tx(ctx, func(tx *sql.Tx) error {
		made, err := s.createCase(ctx, tx, c.organisation, id, "")
		if err != nil || !made {
			return err
		}
		l := c.line("create-case")
		l.caseID = id
		return s.record(ctx, tx, l)
	})
	if err != nil {
		return nil, err
	}
	return s.findCase(ctx, s.db, c.organisation, id)
}

// assignedTo finds the cases of an engineer: ?1 organisation, ?2 name.
const assignedTo = `c.organisation = ?1 AND EXISTS (SELECT 1 FROM assignments a
	WHERE a.organisation = c.organisation AND a.case_id = c.id AND a.engineer = ?2)`

// listCases lists an agent's organisation's cases, or an engineer's open ones.
func (s *Server) listCases(w http.ResponseWriter, r *http.Request, c *caller) error {
	ctx := r.Context()
	var cases []Case
	var err error
	if c.role == roleEngineer {
		cases, err = s.queryCases(ctx, s.db, assignedTo+` AND c.state = 'open'`, c.organisation, c.name)
	} else {
		cases, err = s.queryCases(ctx, s.db, `c.organisation = ?`, c.organisation)
	}
	if err != nil {
		return err
	}
	if err := s.record(ctx, s.db, c.line("list-cases")); err != nil {
		return err
	}
	infos := make([]upload.CaseInfo, len(cases))
	for i := range cases {
		infos[i] = cases[i].CaseInfo
		infos[i].MaxSize = s.opts.MaxUpload
	}
	return reply(w, http.StatusOK, infos)
}

// showCase tells what preflight needs: whether the case is open, and how much
// can be taken.
func (s *Server) showCase(w http.ResponseWriter, r *http.Request, c *caller) error {
	found, err := s.callerCase(r, c)
	if err != nil {
		return err
	}
	found.MaxSize = s.opts.MaxUpload
	if c.role == roleAgent {
		room, err := s.room(r.Context(), c.organisation, c.agent)
		if err != nil {
			return err
		}
		found.FreeBytes = room.told
	}
	l := c.line("show-case")
	l.caseID = found.Case
	if err := s.record(r.Context(), s.db, l); err != nil {
		return err
	}
	return reply(w, http.StatusOK, found.CaseInfo)
}
