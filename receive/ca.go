package receive

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"database/sql"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
)

// Lives of certificates. Agents renew when a third of theirs is left.
const (
	caLife     = 20 * 365 * 24 * time.Hour
	serverLife = 365 * 24 * time.Hour
	agentLife  = 90 * 24 * time.Hour
	backdate   = 5 * time.Minute // for clocks that are a little behind
)

// Names of the receiver's own keys.
const (
	keyServerCA = "server-ca"
	keyAgentCA  = "agent-ca"
	keyServer   = "server"
	keyReceipt  = "receipt"
)

// authority is a certificate authority: one for servers, one for agents, so
// that neither can ever pass for the other.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// openAuthority loads an authority or makes it.
func openAuthority(ctx context.Context, k *keyring, name, subject string) (*authority, error) {
	der, secret, err := k.receiverKey(ctx, name)
	if errors.Is(err, sql.ErrNoRows) {
		der, secret, err = newAuthority(k.now(), subject)
		if err == nil {
			err = k.setReceiverKey(ctx, name, der, secret)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	a := new(authority)
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if a.key, err = parseKey(secret); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

func parseKey(secret []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, errors.New("not a signing key")
	}
	return signer, nil
}

func newAuthority(now time.Time, subject string) (der, secret []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          newSerial(),
		Subject:               pkix.Name{CommonName: subject},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(caLife),
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	if der, err = x509.CreateCertificate(rand.Reader, template, template, key.Public(), key); err != nil {
		return nil, nil, err
	}
	secret, err = x509.MarshalPKCS8PrivateKey(key)
	return der, secret, err
}

func newSerial() *big.Int {
	b := make([]byte, 16)
	rand.Read(b)
	b[0] = b[0]&0x7f | 0x40 // positive and of full length
	return new(big.Int).SetBytes(b)
}

// issue signs a leaf for public.
func (a *authority) issue(template *x509.Certificate, public crypto.PublicKey) ([]byte, error) {
	template.SerialNumber = newSerial()
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	return x509.CreateCertificate(rand.Reader, template, a.cert, public, a.key)
}

// issueAgent makes an agent's client certificate. The organisation is not in
// it: standing and belonging are read from the database at each request.
func (a *authority) issueAgent(now time.Time, agent string, public ed25519.PublicKey) (*x509.Certificate, error) {
	der, err := a.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: agent},
		NotBefore:   now.Add(-backdate),
		NotAfter:    now.Add(agentLife).Truncate(time.Second),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, public)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// chain is a leaf and its authority in PEM.
func (a *authority) chain(leaf *x509.Certificate) string {
	return pemCertificate(leaf.Raw) + pemCertificate(a.cert.Raw)
}

func pemCertificate(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func (a *authority) fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	return hex.EncodeToString(sum[:])
}

// serverCertificate loads the certificate for names, or makes a new one when
// names changed or its end is near. The chain it serves includes the
// authority, so that a client can compare the fingerprint it was told.
func serverCertificate(ctx context.Context, k *keyring, ca *authority, names []string) (*tls.Certificate, error) {
	dns, ips := splitNames(names)
	der, secret, err := k.receiverKey(ctx, keyServer)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return nil, err
	default:
		leaf, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("server certificate: %w", err)
		}
		if slices.Equal(leaf.DNSNames, dns) && slices.EqualFunc(leaf.IPAddresses, ips, net.IP.Equal) &&
			k.now().Before(leaf.NotAfter.Add(-serverLife/3)) && leaf.CheckSignatureFrom(ca.cert) == nil {
			key, err := parseKey(secret)
			if err != nil {
				return nil, fmt.Errorf("server certificate: %w", err)
			}
			return tlsCertificate(leaf, key, ca), nil
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err = ca.issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "diagcollect receiver"},
		NotBefore:   k.now().Add(-backdate),
		NotAfter:    k.now().Add(serverLife),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:    dns,
		IPAddresses: ips,
	}, key.Public())
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("server certificate: %w", err)
	}
	if secret, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
		return nil, err
	}
	if err := k.setReceiverKey(ctx, keyServer, der, secret); err != nil {
		return nil, err
	}
	return tlsCertificate(leaf, key, ca), nil
}

func tlsCertificate(leaf *x509.Certificate, key crypto.Signer, ca *authority) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.cert.Raw}, PrivateKey: key, Leaf: leaf}
}

// splitNames sorts host names and addresses, with those of this machine's
// loopback always among them.
func splitNames(names []string) (dns []string, ips []net.IP) {
	for _, n := range slices.Concat(names, []string{"localhost", "127.0.0.1", "::1"}) {
		if ip := net.ParseIP(strings.Trim(n, "[]")); ip != nil {
			if !slices.ContainsFunc(ips, ip.Equal) {
				ips = append(ips, ip)
			}
		} else if n = strings.ToLower(strings.TrimSuffix(n, ".")); n != "" && !slices.Contains(dns, n) {
			dns = append(dns, n)
		}
	}
	return dns, ips
}

// receiptSigner loads the key that signs receipts, or makes it.
func receiptSigner(ctx context.Context, k *keyring) (*trust.Signer, error) {
	_, secret, err := k.receiverKey(ctx, keyReceipt)
	if errors.Is(err, sql.ErrNoRows) {
		public, key, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		if secret, err = x509.MarshalPKCS8PrivateKey(key); err != nil {
			return nil, err
		}
		if err := k.setReceiverKey(ctx, keyReceipt, public, secret); err != nil {
			return nil, err
		}
	} else if err != nil {
		return nil, err
	}
	key, err := parseKey(secret)
	if err != nil {
		return nil, fmt.Errorf("receipt key: %w", err)
	}
	signer, err := ssh.NewSignerFromSigner(key)
	if err != nil {
		return nil, fmt.Errorf("receipt key: %w", err)
	}
	return trust.NewSigner(signer), nil
}
