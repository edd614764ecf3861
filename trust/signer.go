package trust

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// Signer is one private key, in a file or in an agent.
type Signer struct{ ssh.Signer }

// NewSigner wraps a key that the caller holds (a receiver's receipt key).
func NewSigner(s ssh.Signer) *Signer { return &Signer{s} }

// Signer returns the key to sign with. with is empty (the home's own
// id_ed25519), the path of an OpenSSH private key, the path of a public key
// whose private half the running ssh-agent holds, or the SHA256: fingerprint
// of a key held by the agent. A key file under a passphrase is refused; its
// error wraps *ssh.PassphraseMissingError.
func (h *Home) Signer(with string) (*Signer, error) {
	if strings.HasPrefix(with, "SHA256:") {
		return agentSigner(with)
	}
	if with == "" {
		with = h.path(signingKeyName)
	}
	data, err := readChecked(with, othersWrite)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	if pub, _, _, _, err := ssh.ParseAuthorizedKey(data); err == nil {
		return agentSigner(ssh.FingerprintSHA256(pub))
	}
	if data, err = readChecked(with, othersRead); err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	return parsePrivateKey(with, data)
}

func parsePrivateKey(path string, data []byte) (*Signer, error) {
	s, err := ssh.ParsePrivateKey(data)
	var locked *ssh.PassphraseMissingError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("signing key %s: protected by a passphrase, so only an ssh-agent can sign with it: %w", path, err)
	}
	if err == nil {
		err = usableKey(s.PublicKey())
	}
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", path, err)
	}
	return &Signer{s}, nil
}

// Principal is the name under which this key stands in allowed_signers:
// "machine-" and 8 characters of its fingerprint. It tells no host name.
func (s *Signer) Principal() string {
	h := sha256.Sum256(s.PublicKey().Marshal())
	return "machine-" + base32Text(h[:5])
}

// Fingerprint is the key's SHA256: fingerprint as ssh-keygen -l prints it.
func (s *Signer) Fingerprint() string { return ssh.FingerprintSHA256(s.PublicKey()) }

// agentSigner finds a key in the running agent. The connection is made anew
// for each signature, so a signer needs no closing.
func agentSigner(fingerprint string) (*Signer, error) {
	var found *Signer
	err := withAgent(func(a agent.ExtendedAgent) error {
		keys, err := a.List()
		if err != nil {
			return err
		}
		for _, k := range keys {
			if ssh.FingerprintSHA256(k) != fingerprint {
				continue
			}
			pub, err := ssh.ParsePublicKey(k.Blob)
			if err == nil {
				err = usableKey(pub)
			}
			found = &Signer{&agentKey{pub}}
			return err
		}
		return fmt.Errorf("holds no key %s", fingerprint)
	})
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	return found, nil
}

type agentKey struct{ pub ssh.PublicKey }

func (k *agentKey) PublicKey() ssh.PublicKey { return k.pub }

func (k *agentKey) Sign(rand io.Reader, data []byte) (*ssh.Signature, error) {
	return k.SignWithAlgorithm(rand, data, "")
}

func (k *agentKey) SignWithAlgorithm(_ io.Reader, data []byte, algorithm string) (sig *ssh.Signature, err error) {
	var flags agent.SignatureFlags
	switch algorithm {
	case "", k.pub.Type():
	case ssh.KeyAlgoRSASHA512:
		flags = agent.SignatureFlagRsaSha512
	default:
		return nil, fmt.Errorf("ssh-agent: algorithm %s not supported", algorithm)
	}
	err = withAgent(func(a agent.ExtendedAgent) error {
		sig, err = a.SignWithFlags(k.pub, data, flags)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("ssh-agent: %w", err)
	}
	return sig, nil
}

func withAgent(f func(agent.ExtendedAgent) error) error {
	conn, err := dialAgent()
	if err != nil {
		return err
	}
	return errors.Join(f(agent.NewClient(conn)), conn.Close())
}

// Sign reads message to its end and returns an armoured SSHSIG over it in the
// namespace, as ssh-keygen -Y sign writes it.
func (s *Signer) Sign(namespace string, message io.Reader) (armored []byte, err error) {
	if namespace == "" {
		return nil, errors.New("sign: no namespace given")
	}
	if err := usableKey(s.PublicKey()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	toSign, err := signedData(namespace, "sha512", message)
	if err != nil {
		return nil, err
	}
	var sig *ssh.Signature
	if s.PublicKey().Type() == ssh.KeyAlgoRSA {
		rsa, ok := s.Signer.(ssh.AlgorithmSigner)
		if !ok {
			return nil, errors.New("sign: RSA key cannot sign with SHA-512")
		}
		sig, err = rsa.SignWithAlgorithm(rand.Reader, toSign, ssh.KeyAlgoRSASHA512)
	} else {
		sig, err = s.Signer.Sign(rand.Reader, toSign)
	}
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", s.Fingerprint(), err)
	}
	blob := sshsig{
		Version:   1,
		PublicKey: s.PublicKey().Marshal(),
		Namespace: namespace,
		Hash:      "sha512",
		Signature: ssh.Marshal(sig),
	}
	copy(blob.Magic[:], magic)
	if _, err := parseBlob(ssh.Marshal(blob)); err != nil { // a broken agent must not cost a bundle its proof
		return nil, fmt.Errorf("sign with %s: %w", s.Fingerprint(), err)
	}
	return armor(ssh.Marshal(blob)), nil
}
