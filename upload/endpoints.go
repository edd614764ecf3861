package upload

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/diagcollect/diagcollect/trust"
	"github.com/gofrs/flock"
	"golang.org/x/crypto/ssh"
)

// Embedded is the name of the endpoint in this process.
const Embedded = "embedded"

// ErrNotEnrolled says that this machine has not joined that receiver, or none at all.
var ErrNotEnrolled = errors.New("not enrolled")

// Endpoints keeps what enrolment with each receiver left: certificates, keys
// (0600), the receiver's answer. One folder below the configuration folder,
// one file to an endpoint, so that a new key and its certificate take the
// place of the old ones together.
type Endpoints struct{ dir string }

// OpenEndpoints opens dir, which need not exist yet.
func OpenEndpoints(dir string) (*Endpoints, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	return &Endpoints{dir}, nil
}

// endpoint is the file of one.
type endpoint struct {
	Version  int       `json:"version"`
	Name     string    `json:"name"`
	URL      string    `json:"url"`
	Enrolled time.Time `json:"enrolled"`
	EnrollResponse
	Key    string `json:"key"`              // PEM, PKCS #8, of the certificate
	Signer string `json:"signer,omitempty"` // fingerprint of the signing key that joined

	// What the texts above mean.
	cert    tls.Certificate
	ca      *x509.Certificate
	receipt ssh.PublicKey
}

const endpointVersion = 1

// List names the enrolled endpoints by URL; the default one (enrolled last)
// first. The embedded receiver stands under its own name "embedded", always
// last, and is never the default.
func (e *Endpoints) List() ([]string, error) {
	files, err := os.ReadDir(e.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("endpoints: %w", err)
	}
	var all []*endpoint
	for _, f := range files {
		if filepath.Ext(f.Name()) != ".json" {
			continue
		}
		ep, err := e.read(filepath.Join(e.dir, f.Name()))
		if err != nil {
			return nil, err
		}
		all = append(all, ep)
	}
	slices.SortFunc(all, func(a, b *endpoint) int {
		if (a.Name == Embedded) != (b.Name == Embedded) {
			if a.Name == Embedded {
				return 1
			}
			return -1
		}
		return cmp.Or(b.Enrolled.Compare(a.Enrolled), cmp.Compare(a.Name, b.Name))
	})
	names := make([]string, len(all))
	for i, ep := range all {
		names[i] = ep.Name
	}
	return names, nil
}

// Client opens an enrolled endpoint. name "" is the default one. For Embedded,
// at is the address where it listens now. It fails with ErrNotEnrolled when
// there is no such endpoint.
func (e *Endpoints) Client(home *trust.Home, name, at string) (*Client, error) {
	if name == "" {
		names, err := e.List()
		if err != nil {
			return nil, err
		}
		if len(names) == 0 || names[0] == Embedded {
			return nil, fmt.Errorf("endpoint: %w with any receiver", ErrNotEnrolled)
		}
		name = names[0]
	}
	name, err := endpointName(name)
	if err != nil {
		return nil, err
	}
	ep, err := e.read(e.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("endpoint %s: %w", name, ErrNotEnrolled)
	} else if err != nil {
		return nil, err
	}
	where := ep.URL
	if at != "" {
		where = at
	}
	base, err := parseURL(where)
	if err != nil {
		return nil, err
	}
	return newClient(e, home, ep, base), nil
}

func (e *Endpoints) read(path string) (*endpoint, error) {
	if err := checkPrivate(path); err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	ep := new(endpoint)
	if err := readJSON(path, ep); err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	if ep.Version != endpointVersion {
		return nil, fmt.Errorf("endpoint: %s: version %d is not known here", path, ep.Version)
	}
	if err := ep.parse(); err != nil {
		return nil, fmt.Errorf("endpoint: %s: %w", path, err)
	}
	return ep, nil
}

// write stores an endpoint. Under lock.
func (e *Endpoints) write(ep *endpoint) error {
	b, err := encodeJSON(ep)
	if err == nil {
		err = writeFile(e.path(ep.Name), b)
	}
	if err != nil {
		return fmt.Errorf("endpoint %s: %w", ep.Name, err)
	}
	return nil
}

// locked runs f while no other process changes an endpoint.
func (e *Endpoints) locked(f func() error) error {
	if err := os.MkdirAll(e.dir, 0o700); err != nil {
		return fmt.Errorf("endpoints: %w", err)
	}
	l := flock.New(filepath.Join(e.dir, ".lock"), flock.SetPermissions(0o600))
	if err := l.Lock(); err != nil {
		return fmt.Errorf("endpoints: lock: %w", err)
	}
	return errors.Join(f(), l.Close())
}

// path of the file of an endpoint: readable, and never the same for two.
func (e *Endpoints) path(name string) string {
	file := strings.TrimPrefix(name, "https://")
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, file)
	if name != Embedded {
		sum := sha256.Sum256([]byte(name))
		safe += "_" + hex.EncodeToString(sum[:4])
	}
	return filepath.Join(e.dir, safe+".json")
}

// endpointName is the one form of a URL under which an endpoint is kept.
func endpointName(name string) (string, error) {
	if name == Embedded {
		return name, nil
	}
	u, err := parseURL(name)
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

// parseURL reads the address of a receiver: https, host, port, nothing else.
// The scheme may be left out.
func parseURL(text string) (*url.URL, error) {
	full := text
	if !strings.Contains(full, "://") {
		full = "https://" + full
	}
	u, err := url.Parse(full)
	if err != nil {
		// Neither the text nor the library's error, which repeats it: it may
		// hold a password.
		return nil, errors.New("endpoint: the address is no URL")
	}
	if u.User != nil {
		return nil, fmt.Errorf("endpoint %s: a receiver's address has no user or password", u.Redacted())
	}
	if u.Scheme != "https" {
		return nil, fmt.Errorf("endpoint %s: the scheme must be https", text)
	}
	if u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("endpoint %s: want https://host or https://host:port", text)
	}
	host, port := strings.ToLower(u.Hostname()), u.Port()
	switch {
	case port != "" && port != "443":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	return &url.URL{Scheme: "https", Host: host}, nil
}

// principals are names under which a receiver may stand in allowed_signers.
var principals = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.@_-]{0,127}$`)

// agents are ids that a receiver gives; organisations are named alike.
var agents = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$`)

// parse checks a receiver's answer, together with our key.
func (ep *endpoint) parse() (err error) {
	if !agents.MatchString(ep.Agent) || !agents.MatchString(ep.Organisation) {
		return errors.New("agent or organisation missing or malformed")
	}
	if !principals.MatchString(ep.Principal) {
		return fmt.Errorf("%q cannot be the principal of the receipt key", foreign(ep.Principal))
	}
	if ep.ca, err = parseCA(ep.ServerCA); err != nil {
		return err
	}
	if ep.receipt, err = parseSSH(ep.ReceiptKey); err != nil {
		return err
	}
	if _, err = ep.Intake.Key(); err != nil {
		return err
	}
	if ep.cert, err = tls.X509KeyPair([]byte(ep.Certificate), []byte(ep.Key)); err != nil {
		return fmt.Errorf("certificate: %w", err)
	}
	if _, ok := ep.cert.PrivateKey.(ed25519.PrivateKey); !ok {
		return errors.New("certificate: its key is no Ed25519 key")
	}
	return nil
}

func parseSSH(text string) (ssh.PublicKey, error) {
	key, _, options, rest, err := ssh.ParseAuthorizedKey([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("receipt key: %w", err)
	}
	if len(options) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errors.New("receipt key: more than one plain key")
	}
	return key, nil
}

// Key is the recipient to encrypt to.
func (i Intake) Key() (age.Recipient, error) {
	keys, err := age.ParseRecipients(strings.NewReader(i.Recipient))
	if err != nil {
		return nil, fmt.Errorf("intake key: %w", err)
	}
	if len(keys) != 1 {
		return nil, errors.New("intake key: more than one recipient")
	}
	return keys[0], nil
}
