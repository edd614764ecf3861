package receive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// sent is an upload as the database has it.
type sent struct {
	organisation, caseID, id string
	agent                    string
	wireSHA256               string
	wireSize                 int64
	state                    upload.UploadState
	bundleID                 string // proven; "" before
	reason                   string
	attempts                 int // of intake, that did not end
	arrived                  int64
	progress                 time.Time // when the last bytes came
}

// staged is where its wire bytes lie until they are stored or refused.
func (u *sent) staged() string { return stagingDir(u.organisation) + "/" + u.id }

func (u *sent) line(who, action string) auditLine {
	return auditLine{organisation: u.organisation, who: who, role: "receiver", action: action, caseID: u.caseID, object: u.id, result: allowed}
}

// may says which state can follow which.
//
//	uploading -> received -> verifying -> stored | quarantined | refused
//	verifying -> received    (begun again after a restart or a fault of ours)
//	verifying -> uploading   (the bytes are not those announced: send them again)
//	stored, quarantined -> deleted
//
// An unfinished upload that its sender gave up, or that expired, leaves no row
// behind; the same upload may then be created anew.
func may(from, to upload.UploadState) bool {
	switch from {
	case upload.StateUploading:
		return to == upload.StateReceived
	case upload.StateReceived:
		return to == upload.StateVerifying
	case upload.StateVerifying:
		switch to {
		case upload.StateReceived, upload.StateUploading, upload.StateStored, upload.StateQuarantined, upload.StateRefused:
			return true
		}
	case upload.StateStored, upload.StateQuarantined:
		return to == upload.StateDeleted
	}
	return false
}

const sentColumns = `organisation, case_id, id, agent, wire_sha256, wire_size, state, bundle_id, reason, attempts, arrived, progress`

func scanSent(row interface{ Scan(...any) error }) (*sent, error) {
	u := new(sent)
	var progress int64
	err := row.Scan(&u.organisation, &u.caseID, &u.id, &u.agent, &u.wireSHA256, &u.wireSize, &u.state, &u.bundleID, &u.reason, &u.attempts, &u.arrived, &progress)
	u.progress = unstamp(progress)
	return u, err
}

// findUpload returns an upload, or nil.
func (s *store) findUpload(ctx context.Context, q querier, organisation, caseID, id string) (*sent, error) {
	u, err := scanSent(q.QueryRowContext(ctx, `SELECT `+sentColumns+` FROM uploads WHERE organisation = ? AND case_id = ? AND id = ?`, organisation, caseID, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return u, err
}

// uploadsIn returns all uploads in a state that did not change since before
// (zero: all), oldest first.
func (s *store) uploadsIn(ctx context.Context, state upload.UploadState, before time.Time) ([]*sent, error) {
	end := int64(1<<63 - 1)
	if !before.IsZero() {
		end = stamp(before)
	}
	var us []*sent
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		u, err := scanSent(rows)
		us = append(us, u)
		return err
	}, `SELECT `+sentColumns+` FROM uploads WHERE state = ? AND changed < ? ORDER BY changed, id`, state, end)
	return us, err
}

// move takes an upload to another state. It fails when that step does not
// exist or when the upload is no longer where u says.
func (s *store) move(ctx context.Context, q querier, u *sent, to upload.UploadState) error {
	if !may(u.state, to) {
		return fmt.Errorf("upload %s: no step from %s to %s", u.id, u.state, to)
	}
	res, err := q.ExecContext(ctx, `UPDATE uploads SET state = ?1, bundle_id = ?2, reason = ?3, changed = ?4, progress = ?4,
			arrived = CASE ?1 WHEN 'uploading' THEN 0 WHEN 'received' THEN wire_size ELSE arrived END
		WHERE organisation = ?5 AND case_id = ?6 AND id = ?7 AND state = ?8`,
		to, u.bundleID, u.reason, stamp(s.now()), u.organisation, u.caseID, u.id, u.state)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n != 1 {
		return fmt.Errorf("upload %s is no longer %s", u.id, u.state)
	}
	u.state = to
	return nil
}

// errGoesOn: bytes came meanwhile.
var errGoesOn = errors.New("the upload goes on")

// forget removes an unfinished upload, of which no byte came since u was read.
func (s *store) forget(ctx context.Context, u *sent) error {
	if u.state != upload.StateUploading {
		return fmt.Errorf("upload %s: %s is not forgotten", u.id, u.state)
	}
	res, err := s.db.ExecContext(ctx, `DELETE FROM uploads WHERE organisation = ? AND case_id = ? AND id = ? AND state = ? AND progress = ?`,
		u.organisation, u.caseID, u.id, u.state, stamp(u.progress))
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return errGoesOn
	}
	return s.remove(u.staged())
}
