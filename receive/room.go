package receive

import (
	"context"
	"net/http"
	"time"

	"github.com/shirou/gopsutil/v4/disk"

	"github.com/diagcollect/diagcollect/upload"
)

const (
	reserve      = 64 << 20         // what uploads never fill: databases must be able to grow
	reservedLife = 30 * time.Minute // of a reservation without a new byte
	maxOpen      = 64               // uploads of one agent that are not decided
)

// room is what an agent may begin now. A new upload reserves its size: staging
// and blob exist side by side for a moment, so each byte needs two, and what
// others have begun is counted as if it were here. Who brings no byte for half
// an hour loses the reservation, not the upload.
type room struct {
	fits int64 // wire bytes of the largest upload that is taken
	told int64 // the same, without a word of other organisations
	open int   // uploads of the agent that are not decided
}

// usage is what is kept and reserved here.
type usage struct {
	pending     int64 // disk space that uploads begun will yet take
	mine        int64 // of it, the organisation's
	begun, kept int64 // wire bytes of the organisation's uploads begun, bytes of its bundles
	reserved    int64 // wire bytes that the agent has announced and not sent
	open        int   // uploads of the agent that are not decided
	neighbours  int   // organisations
}

// usageQuery sums up usage: ?1 organisation, ?2 agent, ?3 when reservations have
// lapsed.
const usageQuery = `WITH begun AS (
	SELECT organisation, agent, wire_size, arrived, state = 'uploading' AND progress < ?3 AS lapsed
	FROM uploads WHERE state IN ('uploading', 'received', 'verifying'))
SELECT
	coalesce(sum(2 * wire_size - arrived) FILTER (WHERE NOT lapsed), 0),
	coalesce(sum(2 * wire_size - arrived) FILTER (WHERE NOT lapsed AND organisation = ?1), 0),
	coalesce(sum(iif(lapsed, arrived, wire_size)) FILTER (WHERE organisation = ?1), 0),
	(SELECT coalesce(sum(blob_size), 0) FROM bundles WHERE organisation = ?1 AND state <> 'deleted'),
	coalesce(sum(wire_size - arrived) FILTER (WHERE NOT lapsed AND agent = ?2), 0),
	count(*) FILTER (WHERE agent = ?2),
	(SELECT count(*) FROM organisations)
FROM begun`

func (s *store) usage(ctx context.Context, organisation, agent string) (u usage, err error) {
	err = s.db.QueryRowContext(ctx, usageQuery, organisation, agent, stamp(s.now().Add(-reservedLife))).
		Scan(&u.pending, &u.mine, &u.begun, &u.kept, &u.reserved, &u.open, &u.neighbours)
	return u, err
}

// room is what an agent of an organisation may begin.
func (s *Server) room(ctx context.Context, organisation, agent string) (room, error) {
	d, err := disk.UsageWithContext(ctx, s.dir)
	if err != nil {
		return room{}, err
	}
	u, err := s.usage(ctx, organisation, agent)
	if err != nil {
		return room{}, err
	}
	return u.room(int64(min(d.Total, 1<<62)), int64(min(d.Free, 1<<62)), s.opts.Quota), nil
}

// room divides what a disk has left. Where organisations share it, one keeps
// (quota 0) half of the disk at most, and reserves half of what is free; an
// agent reserves half of what its organisation may.
func (u usage) room(total, free, quota int64) room {
	free = max(free-reserve, 0)
	fits := (free - u.pending) / 2
	own := fits
	if u.neighbours > 1 {
		fits = min(fits, (free/2-u.mine)/2)
		if quota == 0 {
			quota = total / 2
		}
	}
	if quota > 0 {
		own = quota - u.begun - u.kept
		fits = min(fits, own)
	}
	share := func(n int64) int64 { return max((n-u.reserved)/2, 0) }
	r := room{fits: share(fits), told: coarse(share(own)), open: u.open}
	if r.fits < fine {
		r.told = 0 // that the disk is full nobody can hide
	}
	return r
}

// Steps in which free space is told: by less, one could watch others upload.
const (
	fine  = 1 << 20
	steps = 64 << 20
)

func coarse(n int64) int64 {
	if n < steps {
		return n - n%fine
	}
	return n - n%steps
}

// reserveAgain gives an upload that lost its reservation a new one, if there
// is room for what is missing.
func (s *Server) reserveAgain(ctx context.Context, u *sent) error {
	if s.now().Sub(u.progress) <= reservedLife {
		return nil
	}
	unlock, err := s.locks.lock(ctx, "create")
	if err != nil {
		return err
	}
	defer unlock()
	room, err := s.room(ctx, u.organisation, u.agent)
	if err != nil {
		return err
	}
	if u.wireSize-u.arrived > room.fits {
		return noSpace("there is no room now for the %d bytes that are missing", u.wireSize-u.arrived)
	}
	return s.noteArrived(ctx, u, u.arrived)
}

// noteArrived keeps how much of an upload is here, and that it goes on.
func (s *store) noteArrived(ctx context.Context, u *sent, n int64) error {
	now := s.now()
	_, err := s.db.ExecContext(ctx, `UPDATE uploads SET arrived = ?, progress = ? WHERE organisation = ? AND case_id = ? AND id = ? AND state = 'uploading'`,
		n, stamp(now), u.organisation, u.caseID, u.id)
	if err == nil {
		u.arrived, u.progress = n, now
	}
	return err
}

func noSpace(format string, args ...any) *problem {
	p := refuse(http.StatusInsufficientStorage, upload.CodeNoSpace, "No space", format, args...)
	p.after = time.Minute
	return p
}

func tooManyOpen() *problem {
	p := refuse(http.StatusTooManyRequests, upload.CodeTooManyRequests, "Too many uploads", "%d are begun and not decided yet", maxOpen)
	p.after = time.Minute
	return p
}
