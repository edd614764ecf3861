package receive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/diagcollect/diagcollect/upload"
)

// One organisation's bundles, however slow or however many, hold up those of
// others only so long: a worker is always left for somebody else, who comes
// next is decided by turns, and each job has its time.
const (
	intakeWorkers         = 3
	intakePerOrganisation = 2
	defaultIntakeTime     = 15 * time.Minute
	intakeBytesPerSecond  = 4 << 20 // of wire bytes, for what a large one gets beside that
	maxAttempts           = 3       // that end the process
)

// turns says whose upload intake takes next.
type turns struct {
	mu      sync.Mutex
	running map[string]int    // jobs of an organisation
	last    map[string]uint64 // its last turn
	n       uint64

	// A job that ended the process before runs alone, so that what happens is
	// not counted against another.
	alone sync.RWMutex
}

func newTurns() *turns {
	return &turns{running: make(map[string]int), last: make(map[string]uint64)}
}

// before says whether it is a's turn rather than b's: who has less running,
// then who waits for longer.
func (t *turns) before(a, b string) bool {
	if t.running[a] != t.running[b] {
		return t.running[a] < t.running[b]
	}
	return t.last[a] < t.last[b]
}

func (t *turns) begun(organisation string) {
	t.n++
	t.running[organisation]++
	t.last[organisation] = t.n
}

func (t *turns) done(organisation string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running[organisation]--; t.running[organisation] == 0 {
		delete(t.running, organisation)
	}
}

// claim takes the oldest received upload of the organisation whose turn it is;
// nil when there is none, or none but of those that have their share.
func (s *Server) claim(ctx context.Context) (u *sent, err error) {
	s.turns.mu.Lock()
	defer s.turns.mu.Unlock()
	err = s.tx(ctx, func(tx *sql.Tx) error {
		next := ""
		err := query(ctx, tx, func(rows *sql.Rows) error {
			var organisation string
			err := rows.Scan(&organisation)
			if s.turns.running[organisation] < intakePerOrganisation && (next == "" || s.turns.before(organisation, next)) {
				next = organisation
			}
			return err
		}, `SELECT organisation FROM uploads WHERE state = 'received' GROUP BY organisation ORDER BY min(changed), organisation`)
		if err != nil || next == "" {
			return err
		}
		u, err = scanSent(tx.QueryRowContext(ctx, `SELECT `+sentColumns+` FROM uploads WHERE state = 'received' AND organisation = ? ORDER BY changed, id LIMIT 1`, next))
		if err != nil {
			return err
		}
		return s.move(ctx, tx, u, upload.StateVerifying)
	})
	if err != nil || u == nil {
		return nil, err
	}
	s.turns.begun(u.organisation)
	return u, nil
}

// errPanic is a fault of this program's that a bundle brought about.
var errPanic = errors.New("panic")

// attempt judges an upload within its time. It is counted as long as it lasts:
// of one that ends the process the count stays.
func (s *Server) attempt(ctx context.Context, u *sent) (err error) {
	if u.attempts >= maxAttempts {
		return no("intake broke down %d times while it worked on this bundle; it is not tried again", u.attempts)
	}
	if u.attempts == 0 {
		s.turns.alone.RLock()
		defer s.turns.alone.RUnlock()
	} else {
		s.turns.alone.Lock()
		defer s.turns.alone.Unlock()
	}
	if err := s.countAttempt(ctx, u, 1); err != nil {
		return err
	}
	limit := s.intakeTime(u)
	job, cancel := context.WithTimeoutCause(ctx, limit, no("intake was not done with it after %v", limit))
	defer cancel()
	defer func() {
		switch p := recover(); {
		case p != nil:
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
			return
		case err != nil && job.Err() != nil && ctx.Err() == nil:
			err = context.Cause(job)
		}
		if err != nil {
			err = errors.Join(err, s.countAttempt(context.WithoutCancel(ctx), u, -1))
		}
	}()
	if s.opts.atIntake != nil {
		s.opts.atIntake(job, u)
	}
	return s.judge(job, u)
}

// intakeTime is how long intake may work on an upload.
func (s *Server) intakeTime(u *sent) time.Duration {
	return (s.opts.IntakeTime + time.Duration(u.wireSize)*time.Second/intakeBytesPerSecond).Round(time.Millisecond)
}

func (s *store) countAttempt(ctx context.Context, u *sent, n int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE uploads SET attempts = attempts + ? WHERE organisation = ? AND case_id = ? AND id = ?`,
		n, u.organisation, u.caseID, u.id)
	if err == nil {
		u.attempts += n
	}
	return err
}
