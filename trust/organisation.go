package trust

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

const secretSize = 32

// OrganisationSecret is the 32-byte secret from which the pseudonyms of the
// organisation's cases derive. It is made at random on first use.
func (h *Home) OrganisationSecret(organisation string) ([]byte, error) {
	name, err := secretFile(organisation)
	if err != nil {
		return nil, err
	}
	secret, err := h.readSecret(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	fresh := make([]byte, secretSize)
	rand.Read(fresh)
	return h.keepSecret(name, fresh)
}

// StoredOrganisationSecret is OrganisationSecret for those who must not make
// one: its error wraps fs.ErrNotExist when there is none.
func (h *Home) StoredOrganisationSecret(organisation string) ([]byte, error) {
	name, err := secretFile(organisation)
	if err != nil {
		return nil, err
	}
	return h.readSecret(name)
}

// ReadSecret reads an organisation secret from a file anywhere, in the form in
// which the home keeps it: 32 bytes in base32 (RFC 4648), in any case, with or
// without padding, white space around it. It may be readable by nobody but
// its owner.
func ReadSecret(path string) ([]byte, error) {
	data, err := readChecked(path, othersRead)
	if err != nil {
		return nil, err
	}
	return parseSecret(path, data)
}

// SetOrganisationSecret stores a secret that came from another machine of the
// organisation. It refuses to replace a different one.
func (h *Home) SetOrganisationSecret(organisation string, secret []byte) error {
	name, err := secretFile(organisation)
	if err != nil {
		return err
	}
	if len(secret) != secretSize {
		return fmt.Errorf("secret of organisation %q: %d bytes, not %d", organisation, len(secret), secretSize)
	}
	kept, err := h.keepSecret(name, secret)
	if err != nil {
		return err
	}
	if !bytes.Equal(kept, secret) {
		return fmt.Errorf("secret of organisation %q: %s holds a different one already", organisation, h.path(name))
	}
	return nil
}

// keepSecret stores secret unless there is one, and returns the one there is.
func (h *Home) keepSecret(name string, secret []byte) (kept []byte, err error) {
	err = h.locked(func() (err error) {
		kept, err = h.readSecret(name)
		if errors.Is(err, fs.ErrNotExist) {
			kept = secret
			err = h.replace(name, []byte(base32Text(secret)+"\n"))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return kept, nil
}

func (h *Home) readSecret(name string) ([]byte, error) {
	data, err := h.read(name, othersRead)
	if err != nil {
		return nil, err
	}
	return parseSecret(h.path(name), data)
}

func parseSecret(path string, data []byte) ([]byte, error) {
	text := strings.TrimRight(strings.ToUpper(strings.TrimSpace(string(data))), "=")
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text)
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("%s: not %d bytes in base32", path, secretSize)
	}
	return secret, nil
}

// secretFile names the file of an organisation. Capitals are escaped, so that
// two organisations never share a file on a system that ignores case.
func secretFile(organisation string) (string, error) {
	if organisation == "" || len(organisation) > 64 {
		return "", fmt.Errorf("organisation %q: must have 1 to 64 bytes", organisation)
	}
	var b strings.Builder
	b.WriteString("organisation-")
	for _, c := range []byte(organisation) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	b.WriteString(".key")
	return b.String(), nil
}

// CaseKey derives the case key: HKDF-SHA-256 (RFC 5869) of the organisation
// secret, without salt, with the info
// "diagcollect case key 1," + netstring(organisation) + netstring(case),
// where netstring("abc") is "3:abc,". 32 bytes.
func CaseKey(secret []byte, organisation, caseID string) []byte {
	info := fmt.Sprintf("diagcollect case key 1,%d:%s,%d:%s,", len(organisation), organisation, len(caseID), caseID)
	key, err := hkdf.Key(sha256.New, secret, nil, info, 32)
	if err != nil {
		panic(err) // 32 bytes are never too many (RFC 5869, section 2.3)
	}
	return key
}

// KeyID names a case key in a manifest without telling it: 8 base32
// characters of a hash of it.
func KeyID(caseKey []byte) string {
	h := sha256.Sum256(append([]byte("diagcollect key id 1,"), caseKey...))
	return base32Text(h[:5])
}

func base32Text(b []byte) string {
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}
