package receive

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"filippo.io/age"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// ErrLocked means another process holds the data directory.
var ErrLocked = errors.New("data directory in use")

// Options of a receiver.
type Options struct {
	Dir         string       // data directory, made (0700) on first start
	Names       []string     // host names and addresses for the server certificate
	MasterKey   string       // file with the master key; "": inside Dir, which is then warned of
	CreateCases bool         // embedded: an unknown case of the agent's organisation is created on first use
	MaxUpload   int64        // wire bytes of one upload; 0: 16 GiB
	Quota       int64        // bytes that one organisation may keep here; 0: half of the disk, or all where no other is; less: as much as there is space
	Log         *slog.Logger // nil: discard

	// IntakeTime is how long intake may work on one upload, which gets a second
	// more for each 4 MiB; 0: 15 minutes. What is not done by then is refused.
	IntakeTime time.Duration

	clock    func() time.Time             // for tests; nil: time.Now
	atIntake func(context.Context, *sent) // for tests; nil: nothing
}

const (
	defaultMaxUpload = 16 << 30
	lockPatience     = 2 * time.Second // for a command that administers the directory
)

// Server is a receiver. It does not listen: ServeHTTP and TLSConfig are given
// to an http.Server, or HTTPServer makes one. It holds the lock of its data
// directory until Close.
type Server struct {
	*keyring
	opts     Options
	first    bool
	warnings []string

	serverCA, agentCA *authority
	clients           *x509.CertPool
	receipts          *trust.Signer
	cert              atomic.Pointer[tls.Certificate]
	intake            atomic.Pointer[intakeSet]
	refreshing        sync.Mutex

	edge   http.Handler // routes
	admin  http.Handler
	tus    http.Handler
	nonces *nonces
	limits *limiters
	slots  *slots        // requests answered at once
	locks  keyedMutex    // creation of an upload, storing of a bundle
	wake   chan struct{} // tells intake that there is work
	turns  *turns        // of organisations, in intake

	ctx      context.Context // ends with Close
	stop     context.CancelFunc
	work     sync.WaitGroup // intake, janitor
	gate     sync.Mutex
	closed   bool
	requests sync.WaitGroup
	closing  func() error
}

// intakeSet is the recipient offered now and all identities that open what
// was encrypted to it or its forerunners.
type intakeSet struct {
	offer upload.Intake
	ids   []age.Identity
}

// Open opens (or makes) a data directory and resumes unfinished intake. It
// fails with ErrLocked when another process holds it.
func Open(o Options) (_ *Server, err error) {
	if o.clock == nil {
		o.clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxUpload <= 0 {
		o.MaxUpload = defaultMaxUpload
	}
	if o.IntakeTime <= 0 {
		o.IntakeTime = defaultIntakeTime
	}
	ctx := context.Background()
	patience, cancel := context.WithTimeout(ctx, lockPatience)
	st, err := openStore(patience, o.Dir, true, o.clock, o.Log)
	cancel()
	if err != nil {
		return nil, err
	}
	s := &Server{
		opts:   o,
		nonces: newNonces(o.clock),
		limits: newLimiters(),
		slots:  newSlots(),
		wake:   make(chan struct{}, 1),
		turns:  newTurns(),
	}
	s.closing = sync.OnceValue(s.shutdown)
	s.ctx, s.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			s.stop()
			err = errors.Join(err, st.close())
		}
	}()
	if err := s.load(ctx, st); err != nil {
		return nil, err
	}
	if err := s.routes(); err != nil {
		return nil, err
	}
	if err := s.resume(ctx); err != nil {
		return nil, err
	}
	for range intakeWorkers {
		s.work.Go(s.intakeLoop)
	}
	s.work.Go(s.janitorLoop)
	return s, nil
}

// load reads the keys, or makes them on the first start.
func (s *Server) load(ctx context.Context, st *store) (err error) {
	first, err := st.isFresh(ctx)
	if err != nil {
		return err
	}
	if s.keyring, err = openKeyring(st, s.opts.MasterKey, first); err != nil {
		return err
	}
	if s.opts.MasterKey == "" {
		s.warnings = append(s.warnings, fmt.Sprintf("the master key lies inside the data directory (%s): who copies the directory can read every bundle; keep the key elsewhere",
			filepath.Join(st.dir, fileMaster)))
	}
	if s.serverCA, err = openAuthority(ctx, s.keyring, keyServerCA, "diagcollect server CA"); err != nil {
		return err
	}
	if s.agentCA, err = openAuthority(ctx, s.keyring, keyAgentCA, "diagcollect agent CA"); err != nil {
		return err
	}
	s.clients = x509.NewCertPool()
	s.clients.AddCert(s.agentCA.cert)
	if s.receipts, err = receiptSigner(ctx, s.keyring); err != nil {
		return err
	}
	if err := s.refreshKeys(ctx); err != nil {
		return err
	}
	return s.tx(ctx, func(tx *sql.Tx) error {
		err := s.record(ctx, tx, auditLine{who: "receiver", role: "receiver", action: "open-master-key", result: allowed})
		if err != nil || !first {
			return err
		}
		s.first = true
		return s.createOrganisation(ctx, tx, DefaultOrganisation)
	})
}

// refreshKeys replaces the server's certificate and the intake identity when
// their end is near.
func (s *Server) refreshKeys(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	cert, err := serverCertificate(ctx, s.keyring, s.serverCA, s.opts.Names)
	if err != nil {
		return err
	}
	offer, ids, err := s.intakeKeys(ctx)
	if err != nil {
		return err
	}
	s.cert.Store(cert)
	s.intake.Store(&intakeSet{offer, ids})
	return nil
}

// TLSConfig is TLS 1.3 with the server's own certificate; client certificates
// are asked for, verified when given, and demanded per route.
func (s *Server) TLSConfig() *tls.Config {
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		GetCertificate:         func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.cert.Load(), nil },
		ClientAuth:             tls.VerifyClientCertIfGiven,
		ClientCAs:              s.clients,
		SessionTicketsDisabled: true, // each connection proves its key anew
		NextProtos:             []string{"http/1.1"},
		Time:                   s.clock,
	}
}

// CAFingerprint is the hex SHA-256 of the server CA's certificate.
func (s *Server) CAFingerprint() string { return s.serverCA.fingerprint() }

// FirstStart says whether Open made the data directory. Its organisation
// DefaultOrganisation is there then, and nobody is enrolled: Admin().NewKey
// makes the first enrolment key.
func (s *Server) FirstStart() bool { return s.first }

// Warnings are what the operator of this receiver should be told at start.
func (s *Server) Warnings() []string { return s.warnings }

// principal is the receiver's name in allowed_signers and receipts.
func (s *Server) principal() string {
	return "receiver-" + strings.TrimPrefix(s.receipts.Principal(), "machine-")
}

// Close stops intake at a safe point, waits for what runs, and gives the lock
// back. Requests still running are cut off where they can be resumed. Uploads
// and intake go on at the next start. It may be called twice.
func (s *Server) Close() error { return s.closing() }

func (s *Server) shutdown() error {
	s.interrupt()
	s.requests.Wait()
	s.work.Wait()
	return s.close()
}

// interrupt lets no request in and ends those that run where they can be
// resumed; intake stops too.
func (s *Server) interrupt() {
	s.gate.Lock()
	s.closed = true
	s.gate.Unlock()
	s.stop()
}

// enter counts a request in; false when the server is closing.
func (s *Server) enter() bool {
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.closed {
		return false
	}
	s.requests.Add(1)
	return true
}

// isFresh says whether the first start was never finished.
func (s *store) isFresh(ctx context.Context) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, `SELECT count(*) FROM organisations`).Scan(&n)
	return n == 0, err
}

// keyedMutex is a mutex per key.
type keyedMutex struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits until key is free and returns the function that frees it, which
// may be called twice.
func (m *keyedMutex) lock(ctx context.Context, key string) (unlock func(), err error) {
	for {
		m.mu.Lock()
		busy := m.held[key]
		if busy == nil {
			mine := make(chan struct{})
			if m.held == nil {
				m.held = make(map[string]chan struct{})
			}
			m.held[key] = mine
			m.mu.Unlock()
			return sync.OnceFunc(func() {
				m.mu.Lock()
				delete(m.held, key)
				m.mu.Unlock()
				close(mine)
			}), nil
		}
		m.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func digest(b []byte) []byte {
	sum := sha256.Sum256(b)
	return sum[:]
}
