package receive

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

const (
	unfinishedLife = 7 * 24 * time.Hour // of an upload without a new byte
	sealedLife     = 7 * 24 * time.Hour // of a quarantined bundle
	janitorEvery   = 10 * time.Minute
)

// janitorLoop does what comes with time: at the start, then every ten minutes.
func (s *Server) janitorLoop() {
	t := time.NewTicker(janitorEvery)
	defer t.Stop()
	for {
		if err := s.tidy(s.ctx); err != nil && s.ctx.Err() == nil {
			s.log.Error("janitor", "error", err.Error())
		}
		select {
		case <-s.ctx.Done():
			return
		case <-t.C:
		}
	}
}

func (s *Server) tidy(ctx context.Context) error {
	return errors.Join(s.refreshKeys(ctx), s.expireUploads(ctx), s.expireSealed(ctx))
}

// expireUploads forgets uploads that nobody went on with: soon, when not a
// byte of them came.
func (s *Server) expireUploads(ctx context.Context) error {
	end, idle := s.now().Add(-unfinishedLife), s.now().Add(-reservedLife)
	us, err := s.uploadsIn(ctx, upload.StateUploading, idle)
	if err != nil {
		return err
	}
	for _, u := range us {
		size, err := s.stagedSize(u)
		if err != nil {
			return err
		}
		if size > 0 && u.progress.After(end) || u.progress.After(idle) {
			continue
		}
		if err := s.record(ctx, s.db, u.line("receiver", "expire-upload")); err != nil {
			return err
		}
		if err := s.forget(ctx, u); err != nil && !errors.Is(err, errGoesOn) {
			return err
		}
	}
	return nil
}

// expireSealed deletes quarantined bundles whose week is over: a secret that
// nobody claims is kept no longer.
func (s *Server) expireSealed(ctx context.Context) error {
	us, err := s.uploadsIn(ctx, upload.StateQuarantined, s.now().Add(-sealedLife))
	if err != nil {
		return err
	}
	for _, u := range us {
		if err := s.destroy(ctx, u.organisation, u.caseID, sealedName(u)); err != nil {
			return err
		}
		u.reason = "sealed, and deleted after a week"
		err := s.tx(ctx, func(tx *sql.Tx) error {
			b, err := s.findBundle(ctx, tx, u.organisation, u.bundleID)
			if err != nil {
				return err
			}
			if b != nil && b.object == sealedName(u) {
				if err := s.markDeleted(ctx, tx, b); err != nil {
					return err
				}
			}
			if err := s.move(ctx, tx, u, upload.StateDeleted); err != nil {
				return err
			}
			return s.record(ctx, tx, u.line("receiver", "delete-sealed"))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sweep removes staged bytes of uploads that are decided already: the last
// process ended between the decision and the removal.
func (s *Server) sweep(ctx context.Context) error {
	var organisations []string
	err := query(ctx, s.db, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		organisations = append(organisations, id)
		return err
	}, `SELECT id FROM organisations`)
	if err != nil {
		return err
	}
	for _, organisation := range organisations {
		if err := s.makeOrganisationDirs(organisation); err != nil {
			return err
		}
		files, err := fs.ReadDir(s.root.FS(), stagingDir(organisation))
		if err != nil {
			return err
		}
		for _, f := range files {
			var n int
			err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM uploads WHERE organisation = ? AND id = ? AND state IN ('uploading', 'received', 'verifying')`,
				organisation, f.Name()).Scan(&n)
			if err != nil {
				return err
			}
			if n == 0 {
				if err := s.remove(stagingDir(organisation) + "/" + f.Name()); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
