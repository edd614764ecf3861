package trust

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"
	"golang.org/x/crypto/ssh"
)

const (
	signingKeyName     = "id_ed25519"
	ageKeyName         = "age.key"
	allowedSignersName = "allowed_signers"
	revokedKeysName    = "revoked_keys"
	lockName           = ".lock"
	halfWritten        = ".new-"

	maxFile = 8 << 20 // of any file of the home
)

// Home is the folder that holds one installation's keys. Its methods may be
// called at once from several goroutines.
type Home struct{ dir string }

// OpenHome opens dir, making it (0700) and its keys (0600) on first use. Two
// processes that open a new home at once end up with the same keys.
func OpenHome(dir string) (*Home, error) {
	if dir == "" {
		return nil, errors.New("key folder: no path given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("key folder: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("key folder: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("key folder: %w", err)
	}
	if err := checkMode(dir, info, othersWrite); err != nil {
		return nil, err
	}
	if err := checkParents(dir); err != nil {
		return nil, err
	}
	h := &Home{dir}
	for _, name := range []string{signingKeyName, signingKeyName + ".pub", ageKeyName, allowedSignersName} {
		if _, err := os.Stat(h.path(name)); err == nil {
			continue
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("key folder: %w", err)
		}
		if err := h.locked(h.complete); err != nil {
			return nil, err
		}
		break
	}
	return h, nil
}

// Dir is the folder's path.
func (h *Home) Dir() string { return h.dir }

// AllowedSignersPath is the path of the allowed_signers file, for messages and
// for ssh-keygen.
func (h *Home) AllowedSignersPath() string { return h.path(allowedSignersName) }

func (h *Home) path(name string) string { return filepath.Join(h.dir, name) }

// locked runs f while no other process changes the home.
func (h *Home) locked(f func() error) error {
	l := flock.New(h.path(lockName), flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return fmt.Errorf("key folder: lock: %w", err)
	}
	err := h.sweep()
	if err == nil {
		err = f()
	}
	return errors.Join(err, l.Close())
}

// sweep removes what is half-written: under the lock it is of a process that
// was killed.
func (h *Home) sweep() error {
	there, err := os.ReadDir(h.dir)
	if err != nil {
		return err
	}
	for _, e := range there {
		if strings.HasPrefix(e.Name(), halfWritten) {
			if err := os.Remove(h.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// complete makes what is missing. It runs under the lock, so whoever comes
// second finds the first one's files.
func (h *Home) complete() error {
	pem, err := h.read(signingKeyName, othersRead)
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh {
		if pem, err = newSigningKey(); err == nil {
			err = h.replace(signingKeyName, pem)
		}
	}
	if err != nil {
		return err
	}
	own, err := parsePrivateKey(h.path(signingKeyName), pem)
	if err != nil {
		return err
	}
	pub := ssh.MarshalAuthorizedKey(own.PublicKey())
	if have, err := h.read(signingKeyName+".pub", othersWrite); errors.Is(err, fs.ErrNotExist) || err == nil && fresh && !bytes.Equal(have, pub) {
		if err := h.replace(signingKeyName+".pub", pub); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	if _, err := h.read(ageKeyName, othersRead); errors.Is(err, fs.ErrNotExist) {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			return fmt.Errorf("age key: %w", err)
		}
		text := fmt.Sprintf("# created: %s\n# public key: %s\n%s\n", time.Now().Format(time.RFC3339), id.Recipient(), id)
		if err := h.replace(ageKeyName, []byte(text)); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	// An existing allowed_signers is the operator's: the own key is added
	// only when it is new, so that a line taken out stays out.
	_, err = h.read(allowedSignersName, othersWrite)
	if errors.Is(err, fs.ErrNotExist) || err == nil && fresh {
		return h.allow(own.Principal(), own.PublicKey(), NamespaceManifest, NamespaceTombstone)
	}
	return err
}

func newSigningKey() ([]byte, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(key, "") // a comment would tell user and host
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return pem.EncodeToMemory(block), nil
}

// Identity is the operator's own age identity, kept apart from the signing
// key.
func (h *Home) Identity() (*age.X25519Identity, error) {
	data, err := h.read(ageKeyName, othersRead)
	if err != nil {
		return nil, err
	}
	ids, err := age.ParseIdentities(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", h.path(ageKeyName), err)
	}
	for _, id := range ids {
		if id, ok := id.(*age.X25519Identity); ok {
			return id, nil
		}
	}
	return nil, fmt.Errorf("%s: holds no X25519 identity", h.path(ageKeyName))
}

// AllowedSigners reads allowed_signers, and revoked_keys where there is one,
// as they are now.
func (h *Home) AllowedSigners() (*AllowedSigners, error) {
	data, err := h.read(allowedSignersName, othersWrite)
	if err != nil {
		return nil, err
	}
	a, err := ParseAllowedSigners(h.path(allowedSignersName), bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return h.WithoutRevoked(a)
}

// WithoutRevoked returns the same signers without the keys in revoked_keys.
func (h *Home) WithoutRevoked(a *AllowedSigners) (*AllowedSigners, error) {
	data, err := h.read(revokedKeysName, othersWrite)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return nil, err
	}
	return a.Without(h.path(revokedKeysName), bytes.NewReader(data))
}

// Allow adds a line to allowed_signers; adding the same again changes nothing.
func (h *Home) Allow(principal string, key ssh.PublicKey, namespaces ...string) error {
	return h.locked(func() error { return h.allow(principal, key, namespaces...) })
}

func (h *Home) allow(principal string, key ssh.PublicKey, namespaces ...string) error {
	if principal == "" || strings.ContainsAny(principal, " \t\r\n\"#,*?!") {
		return fmt.Errorf("allow: %q cannot be a principal", principal)
	}
	if len(namespaces) == 0 {
		return fmt.Errorf("allow %s: no namespace given", principal)
	}
	for _, n := range namespaces {
		if n == "" || strings.ContainsAny(n, " \t\r\n\",*?!") {
			return fmt.Errorf("allow %s: %q cannot be a namespace", principal, n)
		}
	}
	if err := usableKey(key); err != nil {
		return fmt.Errorf("allow %s: %w", principal, err)
	}
	data, err := h.read(allowedSignersName, othersWrite)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	line := fmt.Sprintf("%s namespaces=\"%s\" %s", principal, strings.Join(namespaces, ","), ssh.MarshalAuthorizedKey(key))
	if slices.Contains(strings.SplitAfter(string(data), "\n"), line) {
		return nil
	}
	if len(data) > 0 { // a new line must not undo what Retire and Revoke did
		if err := h.stands(key); err != nil {
			return fmt.Errorf("allow %s: %w", principal, err)
		}
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	return h.replace(allowedSignersName, append(data, line...))
}

// read reads a file of the home and judges its mode by the open descriptor.
func (h *Home) read(name string, forbidden fs.FileMode) ([]byte, error) {
	return readChecked(h.path(name), forbidden)
}

func readChecked(path string, forbidden fs.FileMode) ([]byte, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkMode(path, info, forbidden); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, maxFile)
	}
	return data, nil
}

// replace puts data under name whole or not at all, durably. It runs under the
// lock.
func (h *Home) replace(name string, data []byte) (err error) {
	f, err := os.CreateTemp(h.dir, halfWritten+"*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if _, err = f.Write(data); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(f.Name(), h.path(name)); err != nil {
		return err
	}
	return syncDir(h.dir)
}
