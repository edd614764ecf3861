package upload

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// EnrollmentKey is what joins a machine to a receiver: a one-time secret, the
// fingerprint by which the receiver is recognised before the secret is told,
// and, for further machines of an organisation, the organisation's secret,
// which the receiver never sees.
//
// Its text is
//
//	dce1-<server part>
//	dce1-<server part>#<organisation part>
//
// where the server part is base32 of secret (16 bytes), CA (32 bytes) and a
// checksum (2 bytes): 80 characters; the organisation part is base32 of the
// organisation secret (32 bytes) and its checksum (2 bytes): 55 characters.
// Base32 is Crockford's, lower case, without padding, unused bits zero. A
// checksum is the first two bytes of SHA-256 over "dce1-" or "dce1#" and the
// bytes it follows. Readers ignore case and white space at both ends, and
// take o for 0 and i or l for 1.
type EnrollmentKey struct {
	Secret             [16]byte
	CA                 [32]byte // SHA-256 of the server CA's certificate (DER)
	OrganisationSecret []byte   // 32 bytes, or nil
}

// crockford has no i, l, o and u, which people misread.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

const (
	keyPrefix       = "dce1-"
	keyOrganisation = "dce1#"
	serverPartLen   = 80
	orgPartLen      = 55
)

// ParseEnrollmentKey reads the text of an enrolment key. Its errors never
// repeat the text, which is a secret.
func ParseEnrollmentKey(text string) (*EnrollmentKey, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	rest, ok := strings.CutPrefix(text, keyPrefix)
	if !ok {
		return nil, errors.New(`enrolment key: does not begin with "dce1-"`)
	}
	server, organisation, hasOrganisation := strings.Cut(rest, "#")

	b, err := decodeKeyPart("", keyPrefix, server, serverPartLen)
	if err != nil {
		return nil, err
	}
	k := new(EnrollmentKey)
	copy(k.Secret[:], b[:16])
	copy(k.CA[:], b[16:])

	if hasOrganisation {
		if k.OrganisationSecret, err = decodeKeyPart(", organisation part", keyOrganisation, organisation, orgPartLen); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// String is the key's text. It is a secret.
func (k *EnrollmentKey) String() string {
	text := keyPrefix + encodeKeyPart(keyPrefix, append(k.Secret[:len(k.Secret):len(k.Secret)], k.CA[:]...))
	if len(k.OrganisationSecret) > 0 {
		text += "#" + encodeKeyPart(keyOrganisation, bytes.Clone(k.OrganisationSecret))
	}
	return text
}

// WireSecret is the secret as EnrollRequest.Secret carries it: 26 characters
// of the same base32.
func (k *EnrollmentKey) WireSecret() string { return crockford.EncodeToString(k.Secret[:]) }

func encodeKeyPart(domain string, b []byte) string {
	sum := keyChecksum(domain, b)
	return crockford.EncodeToString(append(b, sum[:]...))
}

// decodeKeyPart gives the bytes before the checksum. part names the part in
// errors.
func decodeKeyPart(part, domain, text string, length int) ([]byte, error) {
	if len(text) != length {
		return nil, fmt.Errorf("enrolment key%s: %d characters, want %d: is it complete?", part, len(text), length)
	}
	text = strings.NewReplacer("o", "0", "i", "1", "l", "1").Replace(text)
	b, err := crockford.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // the decoder would skip these
		return nil, fmt.Errorf("enrolment key%s: a character that does not belong there: mistyped?", part)
	}
	// What the last character carries beyond the last byte must be zero, or
	// two texts would be one key.
	if crockford.EncodeToString(b) != text {
		return nil, fmt.Errorf("enrolment key%s: the last character is wrong: mistyped?", part)
	}
	b, sum := b[:len(b)-2], b[len(b)-2:]
	if want := keyChecksum(domain, b); !bytes.Equal(sum, want[:]) {
		return nil, fmt.Errorf("enrolment key%s: checksum does not match: mistyped?", part)
	}
	return b, nil
}

func keyChecksum(domain string, b []byte) (sum [2]byte) {
	h := sha256.New()
	h.Write([]byte(domain))
	h.Write(b)
	copy(sum[:], h.Sum(nil))
	return sum
}
