package upload

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// trustCA is TLS 1.3 that trusts nothing but ca.
func trustCA(ca *x509.Certificate) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: pool}
}

// errOtherCA: nothing that the server showed has the fingerprint we know.
var errOtherCA = errors.New("not from the known CA")

// trustFingerprint is TLS 1.3 that trusts nothing but the CA with this
// fingerprint, which the server shows behind its own certificate.
func trustFingerprint(ca [32]byte, host string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: host,
		// The library cannot trust a root it has not seen yet. Below is
		// what it would do, once the root is found.
		InsecureSkipVerify: true, //nolint:gosec
		VerifyConnection: func(cs tls.ConnectionState) error {
			for _, c := range cs.PeerCertificates {
				if sha256.Sum256(c.Raw) != ca {
					continue
				}
				roots, rest := x509.NewCertPool(), x509.NewCertPool()
				roots.AddCert(c)
				for _, c := range cs.PeerCertificates[1:] {
					rest.AddCert(c)
				}
				if !c.IsCA { // a leaf that is pinned itself would name its own hosts
					return errOtherCA
				}
				_, err := cs.PeerCertificates[0].Verify(x509.VerifyOptions{
					DNSName: host, Roots: roots, Intermediates: rest,
					KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
				})
				return err
			}
			return errOtherCA
		},
	}
}

// Time-outs at the edge. What takes as long as the data is long (the body of
// an upload) is watched for standstill instead.
const (
	dialTimeout   = 10 * time.Second
	answerTimeout = 60 * time.Second // from the end of a request to the head of its answer
	callTimeout   = 30 * time.Second // of one small request, whole
	stallTimeout  = 60 * time.Second // without a byte of an upload taken
)

// newHTTP is a client for one receiver. It speaks HTTP/1.1: there an upload
// whose line breaks loses nothing that arrived, and runs as fast as TCP does;
// with HTTP/2 up to half a megabyte at the receiver was lost at each break
// (so that a bad enough line got nowhere), and a stream's window bounds it.
func newHTTP(conf *tls.Config) *http.Client {
	proxy := httpproxy.FromEnvironment().ProxyFunc() // never for loopback
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                 func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
			DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 15 * time.Second}).DialContext,
			TLSClientConfig:       conf,
			TLSHandshakeTimeout:   dialTimeout,
			ResponseHeaderTimeout: answerTimeout,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   4,
			Protocols:             http1,
		},
		// The protocol has no redirects: a certificate is for one receiver.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// explain makes of a failed exchange with base an error that a person can act
// on, and that says whether to try again (ErrNotDelivered) or not to trust
// (ErrNotAuthentic).
func explain(ctx context.Context, base *url.URL, err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	var (
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
		invalid x509.CertificateInvalidError
		dns     *net.DNSError
		op      *net.OpError
		errno   syscall.Errno
	)
	switch {
	case errors.As(err, &host):
		return fmt.Errorf("connect to %s: %w: certificate is for %s, not %s", base, ErrNotAuthentic, certificateNames(host.Certificate), base.Hostname())
	case errors.Is(err, errOtherCA), errors.As(err, &unknown):
		return fmt.Errorf("connect to %s: %w: certificate of %s is not from the CA you enrolled with", base, ErrNotAuthentic, base.Host)
	case errors.As(err, &invalid):
		if invalid.Reason == x509.Expired {
			return fmt.Errorf("connect to %s: %w: certificate is good from %s to %s, and this machine's clock says %s", base, ErrNotAuthentic,
				stamp(invalid.Cert.NotBefore), stamp(invalid.Cert.NotAfter), stamp(time.Now()))
		}
		return fmt.Errorf("connect to %s: %w: %w", base, ErrNotAuthentic, err)
	case errors.Is(context.Cause(ctx), context.Canceled):
		return fmt.Errorf("%w: %w", ErrNotDelivered, context.Canceled)
	case errors.Is(err, http.ErrSchemeMismatch):
		return fmt.Errorf("connect to %s: %w: what answers there speaks HTTP without TLS", base, ErrNotDelivered)
	case errors.As(err, &dns):
		return fmt.Errorf("connect to %s: %w: %s: %s", base, ErrNotDelivered, dns.Name, dns.Err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("connect to %s: %w: no answer in time", base, ErrNotDelivered)
	case errors.As(err, &op) && op.Op == "proxyconnect":
		return fmt.Errorf("connect to %s: %w: through the proxy: %w", base, ErrNotDelivered, op.Err)
	case errors.As(err, &errno):
		return fmt.Errorf("connect to %s: %w: %w", base, ErrNotDelivered, errno)
	}
	return fmt.Errorf("connect to %s: %w: %w", base, ErrNotDelivered, err)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// certificateNames says for whom a certificate is.
func certificateNames(c *x509.Certificate) string {
	names := append([]string(nil), c.DNSNames...)
	for _, ip := range c.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		names = append(names, "nobody")
	}
	return foreign(strings.Join(names, ", "))
}

// newRequest makes a key and a certificate request for it. The receiver
// ignores the subject.
func newRequest() (key ed25519.PrivateKey, csr string, err error) {
	_, key, err = ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, "", err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, key)
	if err != nil {
		return nil, "", err
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})), nil
}

func encodeKey(key crypto.PrivateKey) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// parseCA reads a PEM text that holds exactly one CA certificate.
func parseCA(text string) (*x509.Certificate, error) {
	block, rest := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" || len(strings.TrimSpace(string(rest))) > 0 {
		return nil, errors.New("server CA: not one PEM certificate")
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("server CA: %w", err)
	}
	if !c.IsCA {
		return nil, errors.New("server CA: the certificate is no CA")
	}
	return c, nil
}

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
