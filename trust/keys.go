package trust

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Key is what the home knows of one public key for one purpose: a line of
// allowed_signers, or of revoked_keys alone.
type Key struct {
	Principal   string    `json:"principal"` // empty: only revoked
	Fingerprint string    `json:"fingerprint"`
	Type        string    `json:"type"`
	Namespaces  string    `json:"namespaces"` // as they stand there, separated by commas
	ValidAfter  time.Time `json:"valid_after,omitzero"`
	ValidBefore time.Time `json:"valid_before,omitzero"` // retired from then on
	Revoked     bool      `json:"revoked"`
	Own         bool      `json:"own"` // this installation signs with it
}

// Keys lists all lines in their order, then keys that are only revoked.
func (h *Home) Keys() ([]Key, error) {
	a, err := h.AllowedSigners()
	if err != nil {
		return nil, err
	}
	own, err := h.Signer("")
	if err != nil {
		return nil, err
	}
	tell := func(k ssh.PublicKey) Key {
		return Key{
			Fingerprint: ssh.FingerprintSHA256(k), Type: k.Type(),
			Revoked: a.revoked[string(k.Marshal())], Own: sameKey(k, own.PublicKey()),
		}
	}
	var keys []Key
	listed := map[string]bool{}
	for _, l := range a.lines {
		k := tell(l.key)
		k.Principal, k.Namespaces, k.ValidAfter, k.ValidBefore = l.principals, l.namespaces, l.validAfter, l.validBefore
		keys = append(keys, k)
		listed[string(l.key.Marshal())] = true
	}
	var rest []Key
	for blob := range a.revoked {
		if listed[blob] {
			continue
		}
		key, err := ssh.ParsePublicKey([]byte(blob))
		if err != nil {
			return nil, err
		}
		rest = append(rest, tell(key))
	}
	slices.SortFunc(rest, func(a, b Key) int { return strings.Compare(a.Fingerprint, b.Fingerprint) })
	return append(keys, rest...), nil
}

func sameKey(a, b ssh.PublicKey) bool { return bytes.Equal(a.Marshal(), b.Marshal()) }

// ErrOwnKey is returned for what would leave an installation with a signing
// key that proves nothing.
var ErrOwnKey = errors.New("it is the key that signs here")

// Rotate makes a new signing key, allows it, and retires the old one now. The
// old private key is gone.
func (h *Home) Rotate() (old, fresh ssh.PublicKey, err error) {
	err = h.locked(func() error {
		if old, fresh, err = h.renew(); err != nil {
			return err
		}
		return h.retire(old, time.Now())
	})
	return old, fresh, err
}

// renew puts a new signing key in the place of the old one. At whatever step
// it is killed, the key that stands there is an allowed one.
func (h *Home) renew() (old, fresh ssh.PublicKey, err error) {
	before, err := h.Signer("")
	if err != nil {
		return nil, nil, err
	}
	pem, err := newSigningKey()
	if err != nil {
		return nil, nil, err
	}
	after, err := parsePrivateKey(h.path(signingKeyName), pem)
	if err != nil {
		return nil, nil, err
	}
	if err := h.allow(after.Principal(), after.PublicKey(), NamespaceManifest, NamespaceTombstone); err != nil {
		return nil, nil, err
	}
	if err := h.replace(signingKeyName, pem); err != nil {
		return nil, nil, err
	}
	err = h.replace(signingKeyName+".pub", ssh.MarshalAuthorizedKey(after.PublicKey()))
	return before.PublicKey(), after.PublicKey(), err
}

// Retire ends a key's time now: its lines in allowed_signers get a
// valid-before. What a receipt dates before that it still proves. The key that
// signs here is refused with ErrOwnKey: Rotate retires it.
func (h *Home) Retire(key ssh.PublicKey) error {
	return h.locked(func() error {
		own, err := h.Signer("")
		if err != nil {
			return err
		}
		if sameKey(key, own.PublicKey()) {
			return ErrOwnKey
		}
		return h.retire(key, time.Now())
	})
}

func (h *Home) retire(key ssh.PublicKey, end time.Time) error {
	data, err := h.read(allowedSignersName, othersWrite)
	if err != nil {
		return err
	}
	var out strings.Builder
	found := false
	for line := range strings.Lines(string(data)) {
		text := strings.Trim(line, " \t\r\n")
		if text != "" && text[0] != '#' {
			l, err := parseAllowedLine(text)
			if err != nil {
				return fmt.Errorf("%s: %w", h.path(allowedSignersName), err)
			}
			if sameKey(l.key, key) {
				found = true
				if !l.validAfter.Before(end.Truncate(time.Second)) { // such a line could not be read any more
					return fmt.Errorf("key %s is valid after %s only: it has no time to end; revoke it", ssh.FingerprintSHA256(key), l.validAfter.UTC().Format(time.RFC3339))
				}
				if l.validBefore.IsZero() || l.validBefore.After(end) {
					line = endLine(text, end) + "\n"
				}
			}
		}
		out.WriteString(line)
	}
	if !found {
		return fmt.Errorf("key %s is not in %s", ssh.FingerprintSHA256(key), h.path(allowedSignersName))
	}
	return h.replace(allowedSignersName, []byte(out.String()))
}

// validBefore can't stand inside another option's value: those hold no quotes.
var validBefore = regexp.MustCompile(`(?i)valid-before="[^"]*"`)

// endLine puts a valid-before into a well-formed line of allowed_signers and
// changes nothing else.
func endLine(text string, end time.Time) string {
	_, rest, _ := field(text)
	principals := text[:len(text)-len(rest)]
	option := `valid-before="` + end.UTC().Format("20060102150405") + `Z"`
	if _, err := lineKey(rest); err == nil {
		return principals + option + " " + rest
	}
	_, key, _ := field(rest)
	options := strings.TrimRight(rest[:len(rest)-len(key)], " \t")
	if validBefore.MatchString(options) {
		options = validBefore.ReplaceAllLiteralString(options, option)
	} else {
		options += "," + option
	}
	return principals + options + " " + key
}

// Revoke puts a key on revoked_keys: it proves nothing any more, at no time.
// Where it is the key that signs here, a new one takes its place, which is
// returned; when that fails the key is revoked all the same, and to revoke it
// again goes on.
func (h *Home) Revoke(key ssh.PublicKey) (fresh ssh.PublicKey, err error) {
	err = h.locked(func() error {
		own, err := h.Signer("")
		if err != nil {
			return err
		}
		if err := h.revoke(key); err != nil {
			return err
		}
		if sameKey(key, own.PublicKey()) {
			_, fresh, err = h.renew()
			return err
		}
		// Killed while it did so before, it may have left that key's name.
		data, err := h.read(signingKeyName+".pub", othersWrite)
		if err == nil && bytes.Equal(data, ssh.MarshalAuthorizedKey(key)) {
			err = h.replace(signingKeyName+".pub", ssh.MarshalAuthorizedKey(own.PublicKey()))
		}
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return err
	})
	return fresh, err
}

func (h *Home) revoke(key ssh.PublicKey) error {
	data, err := h.read(revokedKeysName, othersWrite)
	if errors.Is(err, fs.ErrNotExist) {
		data = []byte("# Public keys that prove nothing any more; ssh-keygen -Y verify -r reads this file.\n")
	} else if err != nil {
		return err
	}
	revoked, err := parseRevoked(h.path(revokedKeysName), data)
	if err != nil {
		return err
	}
	if revoked[string(key.Marshal())] {
		return nil
	}
	if len(data) > 0 && data[len(data)-1] != '\n' {
		data = append(data, '\n')
	}
	return h.replace(revokedKeysName, append(data, ssh.MarshalAuthorizedKey(key)...))
}

// stands refuses a key that was retired or revoked here.
func (h *Home) stands(key ssh.PublicKey) error {
	a, err := h.AllowedSigners()
	if err != nil {
		return err
	}
	if a.revoked[string(key.Marshal())] {
		return notAuthentic("key %s is revoked", ssh.FingerprintSHA256(key))
	}
	for _, l := range a.lines {
		if sameKey(l.key, key) && !l.validBefore.IsZero() && time.Now().After(l.validBefore) {
			return fmt.Errorf("%w: %s, at %s", ErrRetired, ssh.FingerprintSHA256(key), l.validBefore.UTC().Format(time.RFC3339))
		}
	}
	return nil
}

// FindKey finds a public key by its SHA256: fingerprint or its principal in
// allowed_signers, or in a file.
func (h *Home) FindKey(which string) (ssh.PublicKey, error) {
	a, err := h.AllowedSigners()
	if err != nil {
		return nil, err
	}
	var found ssh.PublicKey
	for _, l := range a.lines {
		if ssh.FingerprintSHA256(l.key) != which && l.principals != which {
			continue
		}
		if found != nil && !sameKey(found, l.key) {
			return nil, fmt.Errorf("%q names several keys: give a fingerprint", which)
		}
		found = l.key
	}
	if found != nil {
		return found, nil
	}
	data, err := readChecked(which, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no key %q: no fingerprint and no principal in %s, and no file", which, h.path(allowedSignersName))
	}
	if err != nil {
		return nil, err
	}
	key, err := lineKey(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", which, err)
	}
	return key, nil
}
