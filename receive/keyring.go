package receive

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"golang.org/x/crypto/chacha20poly1305"

	"github.com/diagcollect/diagcollect/trust"
	"github.com/diagcollect/diagcollect/upload"
)

// keyring opens what the key store holds wrapped. The tree: the master key
// wraps the receiver's own keys, the intake identities and one key per
// organisation; an organisation's key wraps the keys of its bundles. Wrapping
// is XChaCha20-Poly1305 with a random nonce in front; the associated data
// says what is wrapped and for whom, so a row that is moved does not open.
type keyring struct {
	*store
	master []byte
}

// Kinds of wrapped keys.
const (
	wrapReceiver     = "receiver"
	wrapIntake       = "intake"
	wrapOrganisation = "organisation"
	wrapBundle       = "bundle"
)

// openKeyring reads the master key, or makes it on the first start.
func openKeyring(s *store, path string, first bool) (*keyring, error) {
	if path == "" {
		path = filepath.Join(s.dir, fileMaster)
	}
	key, err := readMaster(path)
	if errors.Is(err, fs.ErrNotExist) && first {
		key, err = makeMaster(path)
	}
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	return &keyring{store: s, master: key}, nil
}

const masterPrefix = "DIAGCOLLECT-MASTER-KEY-1 "

func readMaster(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !private(info) {
		return nil, fmt.Errorf("%s may be read by others: %w", path, trust.ErrUnsafe)
	}
	if info.Size() > 4096 {
		return nil, fmt.Errorf("%s: not a master key", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, ok := bytes.CutPrefix(bytes.TrimSpace(text), []byte(masterPrefix))
	key, err := base64.StdEncoding.DecodeString(string(text))
	if !ok || err != nil || len(key) != chacha20poly1305.KeySize {
		return nil, fmt.Errorf("%s: not a master key", path)
	}
	return key, nil
}

func makeMaster(path string) ([]byte, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(f, "%s%s\n", masterPrefix, base64.StdEncoding.EncodeToString(key))
	return key, errors.Join(err, f.Sync(), f.Close())
}

// label is the associated data: each part behind its length.
func label(kind string, parts ...string) []byte {
	b := []byte("diagcollect wrapped key 1")
	for _, p := range append([]string{kind}, parts...) {
		b = append(b, byte(len(p)>>8), byte(len(p)))
		b = append(b, p...)
	}
	return b
}

func wrap(key, secret, label []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(secret)+aead.Overhead())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, secret, label), nil
}

func unwrap(key, wrapped, label []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	if len(wrapped) < aead.NonceSize() {
		return nil, errors.New("wrapped key is cut short")
	}
	secret, err := aead.Open(nil, wrapped[:aead.NonceSize()], wrapped[aead.NonceSize():], label)
	if err != nil {
		return nil, errors.New("does not open: another master key, or altered")
	}
	return secret, nil
}

// receiverKey returns one of the receiver's own keys; sql.ErrNoRows when there
// is none yet.
func (k *keyring) receiverKey(ctx context.Context, name string) (public, secret []byte, err error) {
	var wrapped []byte
	err = k.keys.QueryRowContext(ctx, `SELECT public, wrapped FROM receiver_keys WHERE name = ?`, name).Scan(&public, &wrapped)
	if err != nil {
		return nil, nil, err
	}
	if secret, err = unwrap(k.master, wrapped, label(wrapReceiver, name, string(public))); err != nil {
		return nil, nil, fmt.Errorf("key %q: %w", name, err)
	}
	return public, secret, nil
}

func (k *keyring) setReceiverKey(ctx context.Context, name string, public, secret []byte) error {
	wrapped, err := wrap(k.master, secret, label(wrapReceiver, name, string(public)))
	if err != nil {
		return err
	}
	_, err = k.keys.ExecContext(ctx, `INSERT OR REPLACE INTO receiver_keys (name, public, wrapped) VALUES (?, ?, ?)`, name, public, wrapped)
	return err
}

// An intake identity is offered for a year and replaced a month before its
// end. Old ones are kept: what was encrypted to them may still arrive.
const (
	intakeLife  = 365 * 24 * time.Hour
	intakeRenew = 30 * 24 * time.Hour
)

// intakeKeys returns the recipient to offer now and every identity that may
// have been offered before, newest first.
func (k *keyring) intakeKeys(ctx context.Context) (offer upload.Intake, ids []age.Identity, err error) {
	now := k.now()
	err = query(ctx, k.keys, func(rows *sql.Rows) error {
		var in upload.Intake
		var expires int64
		var wrapped []byte
		if err := rows.Scan(&in.ID, &in.Recipient, &expires, &wrapped); err != nil {
			return err
		}
		in.Expires = unstamp(expires)
		text, err := unwrap(k.master, wrapped, label(wrapIntake, in.ID, in.Recipient))
		if err != nil {
			return fmt.Errorf("intake key %s: %w", in.ID, err)
		}
		id, err := age.ParseX25519Identity(string(text))
		if err != nil {
			return fmt.Errorf("intake key %s: %w", in.ID, err)
		}
		ids = append(ids, id)
		if offer.ID == "" && now.Before(in.Expires.Add(-intakeRenew)) {
			offer = in
		}
		return nil
	}, `SELECT id, recipient, expires, wrapped FROM intake_keys ORDER BY created DESC`)
	if err != nil || offer.ID != "" {
		return offer, ids, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return offer, nil, err
	}
	recipient := id.Recipient().String()
	sum := sha256.Sum256([]byte(recipient))
	offer = upload.Intake{ID: hex.EncodeToString(sum[:8]), Recipient: recipient, Expires: now.Add(intakeLife)}
	wrapped, err := wrap(k.master, []byte(id.String()), label(wrapIntake, offer.ID, recipient))
	if err != nil {
		return offer, nil, err
	}
	_, err = k.keys.ExecContext(ctx, `INSERT INTO intake_keys (id, recipient, created, expires, wrapped) VALUES (?, ?, ?, ?, ?)`,
		offer.ID, recipient, stamp(now), stamp(offer.Expires), wrapped)
	return offer, slices.Insert(ids, 0, age.Identity(id)), err
}

// organisationKey returns the key that wraps an organisation's bundle keys,
// made on first use.
func (k *keyring) organisationKey(ctx context.Context, organisation string) ([]byte, error) {
	fresh := make([]byte, chacha20poly1305.KeySize)
	rand.Read(fresh)
	wrapped, err := wrap(k.master, fresh, label(wrapOrganisation, organisation))
	if err != nil {
		return nil, err
	}
	if _, err := k.keys.ExecContext(ctx, `INSERT OR IGNORE INTO organisation_keys (organisation, wrapped) VALUES (?, ?)`, organisation, wrapped); err != nil {
		return nil, err
	}
	if err := k.keys.QueryRowContext(ctx, `SELECT wrapped FROM organisation_keys WHERE organisation = ?`, organisation).Scan(&wrapped); err != nil {
		return nil, err
	}
	key, err := unwrap(k.master, wrapped, label(wrapOrganisation, organisation))
	if err != nil {
		return nil, fmt.Errorf("key of organisation %q: %w", organisation, err)
	}
	return key, nil
}

// newBundleKey makes and keeps the key of one blob.
func (k *keyring) newBundleKey(ctx context.Context, organisation, caseID, object string) (*age.X25519Identity, error) {
	org, err := k.organisationKey(ctx, organisation)
	if err != nil {
		return nil, err
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	wrapped, err := wrap(org, []byte(id.String()), label(wrapBundle, organisation, caseID, object))
	if err != nil {
		return nil, err
	}
	_, err = k.keys.ExecContext(ctx, `INSERT OR REPLACE INTO bundle_keys (organisation, case_id, object, wrapped) VALUES (?, ?, ?, ?)`,
		organisation, caseID, object, wrapped)
	return id, err
}

// errKeyGone means that a blob's key was destroyed.
var errKeyGone = errors.New("key destroyed")

func (k *keyring) bundleKey(ctx context.Context, organisation, caseID, object string) (*age.X25519Identity, error) {
	var wrapped []byte
	err := k.keys.QueryRowContext(ctx, `SELECT wrapped FROM bundle_keys WHERE organisation = ? AND case_id = ? AND object = ?`,
		organisation, caseID, object).Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("bundle %s: %w", object, errKeyGone)
	}
	if err != nil {
		return nil, err
	}
	org, err := k.organisationKey(ctx, organisation)
	if err != nil {
		return nil, err
	}
	text, err := unwrap(org, wrapped, label(wrapBundle, organisation, caseID, object))
	if err != nil {
		return nil, fmt.Errorf("key of bundle %s: %w", object, err)
	}
	return age.ParseX25519Identity(string(text))
}

// destroyBundleKey makes a blob unreadable for good: the row is overwritten
// in the database file and the write-ahead log emptied.
func (k *keyring) destroyBundleKey(ctx context.Context, organisation, caseID, object string) error {
	if _, err := k.keys.ExecContext(ctx, `DELETE FROM bundle_keys WHERE organisation = ? AND case_id = ? AND object = ?`, organisation, caseID, object); err != nil {
		return err
	}
	var busy, frames, moved int
	return k.keys.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
}
