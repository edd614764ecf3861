package trust

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"

	"golang.org/x/crypto/ssh"
)

// The format is PROTOCOL.sshsig of OpenSSH.
const (
	magic     = "SSHSIG"
	armorHead = "-----BEGIN SSH SIGNATURE-----\n"
	armorTail = "-----END SSH SIGNATURE-----\n"
	armorLine = 70      // base64 characters, as ssh-keygen cuts them
	maxSig    = 1 << 16 // bytes of an armoured signature
)

type sshsig struct {
	Magic     [6]byte
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// signature is a parsed one.
type signature struct {
	sshsig
	key ssh.PublicKey
	sig *ssh.Signature
}

// VerifyKey checks an armoured SSHSIG against one known key.
func VerifyKey(key ssh.PublicKey, namespace string, sig []byte, message io.Reader) error {
	s, err := parseSignature(sig)
	if err != nil {
		return err
	}
	if !bytes.Equal(s.key.Marshal(), key.Marshal()) {
		return notAuthentic("signed with %s, not with %s", ssh.FingerprintSHA256(s.key), ssh.FingerprintSHA256(key))
	}
	return s.verify(namespace, message)
}

// CanonicalSignature returns the same SSHSIG byte for byte as ssh-keygen
// writes it: where a signature must have one form only, it must equal this.
func CanonicalSignature(sig []byte) ([]byte, error) {
	blob, err := dearmor(sig)
	if err != nil {
		return nil, err
	}
	return armor(blob), nil
}

// verify checks the signature proper; that the key is the right one is the
// caller's affair.
func (s *signature) verify(namespace string, message io.Reader) error {
	if s.Namespace != namespace {
		return notAuthentic("signature is for %q, not for %q", s.Namespace, namespace)
	}
	signed, err := signedData(namespace, s.Hash, message)
	if err != nil {
		return err
	}
	if err := s.key.Verify(signed, s.sig); err != nil {
		return notAuthentic("signature with %s does not fit: %v", ssh.FingerprintSHA256(s.key), err)
	}
	return nil
}

// signedData is what is signed in the place of the message.
func signedData(namespace, algorithm string, message io.Reader) ([]byte, error) {
	var h hash.Hash
	switch algorithm {
	case "sha512":
		h = sha512.New()
	case "sha256":
		h = sha256.New()
	default:
		return nil, notAuthentic("unknown hash algorithm %q", algorithm)
	}
	if _, err := io.Copy(h, message); err != nil {
		return nil, err
	}
	d := struct {
		Magic                     [6]byte
		Namespace, Reserved, Hash string
		Sum                       []byte
	}{Namespace: namespace, Hash: algorithm, Sum: h.Sum(nil)}
	copy(d.Magic[:], magic)
	return ssh.Marshal(d), nil
}

func parseSignature(armored []byte) (*signature, error) {
	blob, err := dearmor(armored)
	if err != nil {
		return nil, err
	}
	return parseBlob(blob)
}

func parseBlob(blob []byte) (*signature, error) {
	var s signature
	if err := ssh.Unmarshal(blob, &s.sshsig); err != nil {
		return nil, notAuthentic("malformed signature: %v", err)
	}
	if string(s.Magic[:]) != magic || s.Version != 1 {
		return nil, notAuthentic("malformed signature: not SSHSIG version 1")
	}
	if s.Reserved != "" {
		return nil, notAuthentic("malformed signature: reserved field in use")
	}
	var err error
	if s.key, err = ssh.ParsePublicKey(s.PublicKey); err != nil {
		return nil, notAuthentic("malformed signature: %v", err)
	}
	if err := usableKey(s.key); err != nil {
		return nil, notAuthentic("%v", err)
	}
	s.sig = new(ssh.Signature)
	if err := ssh.Unmarshal(s.Signature, s.sig); err != nil {
		return nil, notAuthentic("malformed signature: %v", err)
	}
	switch s.key.Type() {
	case ssh.KeyAlgoRSA: // ssh-rsa, that is SHA-1, proves nothing
		if s.sig.Format != ssh.KeyAlgoRSASHA512 && s.sig.Format != ssh.KeyAlgoRSASHA256 {
			return nil, notAuthentic("signature algorithm %s is not accepted", s.sig.Format)
		}
	case ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256: // flags and counter follow
		return &s, nil
	}
	if len(s.sig.Rest) > 0 {
		return nil, notAuthentic("malformed signature: bytes after its end")
	}
	return &s, nil
}

// usableKey says which keys may sign: neither certificates nor DSA nor short
// RSA.
func usableKey(key ssh.PublicKey) error {
	switch key.Type() {
	case ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoSKED25519, ssh.KeyAlgoSKECDSA256:
		return nil
	case ssh.KeyAlgoRSA:
		c, ok := key.(ssh.CryptoPublicKey)
		if !ok {
			return errors.New("RSA key of unknown size")
		}
		if pub, ok := c.CryptoPublicKey().(*rsa.PublicKey); !ok || pub.N.BitLen() < 2048 {
			return errors.New("RSA key below 2048 bits")
		}
		return nil
	}
	return fmt.Errorf("key type %s is not accepted", key.Type())
}

func armor(blob []byte) []byte {
	text := base64.StdEncoding.EncodeToString(blob)
	var b bytes.Buffer
	b.WriteString(armorHead)
	for len(text) > armorLine {
		b.WriteString(text[:armorLine])
		b.WriteByte('\n')
		text = text[armorLine:]
	}
	b.WriteString(text)
	b.WriteByte('\n')
	b.WriteString(armorTail)
	return b.Bytes()
}

// dearmor is lenient about line ends and line lengths, because signature
// files travel through mail and version control.
func dearmor(armored []byte) ([]byte, error) {
	if len(armored) > maxSig {
		return nil, notAuthentic("malformed signature: larger than %d bytes", maxSig)
	}
	text := bytes.ReplaceAll(bytes.TrimSpace(armored), []byte("\r\n"), []byte("\n"))
	text, head := bytes.CutPrefix(text, []byte(armorHead))
	text, tail := bytes.CutSuffix(text, []byte("\n"+armorTail[:len(armorTail)-1]))
	if !head || !tail {
		return nil, notAuthentic("malformed signature: not an armoured SSH signature")
	}
	blob, err := base64.StdEncoding.Strict().DecodeString(string(text)) // passes over line ends
	if err != nil {
		return nil, notAuthentic("malformed signature: %v", err)
	}
	return blob, nil
}

func notAuthentic(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrNotAuthentic, fmt.Sprintf(format, args...))
}
