package receive

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/diagcollect/diagcollect/trust"
)

// Names inside a data directory.
const (
	fileLock   = "lock"
	fileDB     = "receiver.db"
	dirKeys    = "keys"
	fileKeys   = "keys/keys.db"
	fileMaster = "keys/master.key"
	dirOrg     = "org"
)

// DefaultOrganisation is the one that the first start makes.
const DefaultOrganisation = "default"

//go:embed migrations
var migrations embed.FS

// store is an opened data directory: its lock, its databases, its files. It
// holds no key in clear.
type store struct {
	dir   string
	root  *os.Root
	lock  *flock.Flock
	db    *sql.DB // receiver.db
	keys  *sql.DB // keys.db
	clock func() time.Time
	log   *slog.Logger
}

// openStore takes the lock of dir, waiting for it as long as ctx allows, and
// opens what is there, or makes it when create is set.
func openStore(ctx context.Context, dir string, create bool, clock func() time.Time, log *slog.Logger) (_ *store, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		if err := checkNew(dir); err != nil {
			return nil, err
		}
	} else if _, err := os.Stat(filepath.Join(dir, fileDB)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s is not a receiver's data directory", dir)
		}
		return nil, err
	}
	s := &store{dir: dir, clock: clock, log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	s.lock = flock.New(filepath.Join(dir, fileLock), flock.SetPermissions(0o600))
	if _, err := s.lock.TryLockContext(ctx, 20*time.Millisecond); ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", dir, ErrLocked)
	} else if err != nil {
		return nil, fmt.Errorf("lock of %s: %w", dir, err)
	}
	ctx = context.WithoutCancel(ctx)
	_, err = s.root.Stat(fileDB)
	if fresh := errors.Is(err, fs.ErrNotExist); fresh {
		if err := ownerOnly(dir); err != nil {
			return nil, err
		}
	} else if err := checkMode(dir); err != nil {
		return nil, err
	}
	if s.db, err = s.openDB(ctx, fileDB, "receiver"); err != nil {
		return nil, err
	}
	if err := s.root.MkdirAll(dirKeys, 0o700); err != nil {
		return nil, err
	}
	// What is deleted from the key store must be gone from its file too.
	if s.keys, err = s.openDB(ctx, fileKeys, "keys", "secure_delete(ON)"); err != nil {
		return nil, err
	}
	return s, nil
}

// openDB opens a SQLite file and brings it to the newest schema. Every commit
// is on disk before it returns: receipts, audit lines and used enrolment keys
// must outlive a power cut.
func (s *store) openDB(ctx context.Context, name, schema string, pragmas ...string) (*sql.DB, error) {
	f, err := s.root.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	q := url.Values{"_txlock": {"immediate"}, "_pragma": append([]string{
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)", "trusted_schema(OFF)",
	}, pragmas...)}
	u := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.ToSlash(filepath.Join(s.dir, name))}).EscapedPath(), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	db.SetMaxOpenConns(4)
	files, err := fs.Sub(migrations, "migrations/"+schema)
	if err == nil {
		var p *goose.Provider
		if p, err = goose.NewProvider(goose.DialectSQLite3, db, files); err == nil {
			err = checkSchema(ctx, p)
		}
		if err == nil {
			_, err = p.Up(ctx)
		}
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), db.Close())
	}
	return db, nil
}

// checkSchema refuses a database that a newer program made.
func checkSchema(ctx context.Context, p *goose.Provider) error {
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if knows := sources[len(sources)-1].Version; has > knows {
		return fmt.Errorf("schema version %d is newer than this program's (%d)", has, knows)
	}
	return nil
}

func (s *store) close() error {
	var errs []error
	for _, db := range []*sql.DB{s.db, s.keys} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.root != nil {
		errs = append(errs, s.root.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close())
	}
	return errors.Join(errs...)
}

// now is the time as it is kept: UTC, whole milliseconds.
func (s *store) now() time.Time { return s.clock().UTC().Truncate(time.Millisecond) }

func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func unstamp(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// tx runs f in one immediate transaction.
func (s *store) tx(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, rollback(tx))
	}
	return tx.Commit()
}

func rollback(tx *sql.Tx) error {
	// A cancelled context has rolled it back already.
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return err
	}
	return nil
}

// querier is *sql.DB and *sql.Tx.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// query runs a query and calls scan for each row.
func query(ctx context.Context, q querier, scan func(*sql.Rows) error, text string, args ...any) (err error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Grammars of the names that become paths and keys.
var (
	caseGrammar         = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$`)
	organisationGrammar = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	nameGrammar         = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$`)
)

// checkMode refuses a data directory that others may write.
func checkMode(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if writable(info) {
		return fmt.Errorf("%s may be written by others: %w", dir, trust.ErrUnsafe)
	}
	return nil
}

// checkNew refuses to make a data directory of a folder that serves another
// purpose: it will be closed to everybody else.
func checkNew(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, fileDB)); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Name() != fileLock && f.Name() != "lost+found" {
			return fmt.Errorf("%s is no receiver's data directory, and not empty", dir)
		}
	}
	return nil
}

// folder of an organisation's staged uploads, and of a case's blobs. The
// prefix keeps a case called "nul" storable on Windows.
func stagingDir(organisation string) string { return dirOrg + "/" + organisation + "/staging" }
func caseDir(organisation, caseID string) string {
	return dirOrg + "/" + organisation + "/case-" + caseID
}

// syncDir makes a rename in a folder durable.
func (s *store) syncDir(name string) error {
	d, err := s.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(d), d.Close())
}

// remove removes a file; that it is gone already is fine.
func (s *store) remove(name string) error {
	if err := s.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
