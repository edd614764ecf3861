package upload

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/diagcollect/diagcollect/trust"
	"golang.org/x/crypto/ssh"
)

// Client speaks to one receiver as one agent. Its methods may be called at
// once.
type Client struct {
	name  string
	base  *url.URL
	store *Endpoints
	home  *trust.Home
	pace  pace

	mu   sync.Mutex
	ep   *endpoint    // replaced as a whole, never changed
	http *http.Client // with ep's certificate
}

func newClient(e *Endpoints, home *trust.Home, ep *endpoint, base *url.URL) *Client {
	c := &Client{name: ep.Name, base: base, store: e, home: home, pace: defaultPace}
	c.use(ep)
	return c
}

// use goes on with ep: its certificate, its intake key.
func (c *Client) use(ep *endpoint) {
	conf := trustCA(ep.ca)
	conf.Certificates = []tls.Certificate{ep.cert}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	c.ep, c.http = ep, newHTTP(conf)
}

func (c *Client) endpoint() *endpoint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ep
}

func (c *Client) caller() *caller {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &caller{http: c.http, base: c.base}
}

// Name is the endpoint's: its URL as enrolled, or Embedded. Consent is for it.
func (c *Client) Name() string { return c.name }

// URL of the receiver.
func (c *Client) URL() string { return c.base.String() }

// Organisation that the receiver enrolled us for.
func (c *Client) Organisation() string { return c.endpoint().Organisation }

// Agent is the id that the receiver gave us.
func (c *Client) Agent() string { return c.endpoint().Agent }

// Role is what the receiver enrolled us for: "agent" or "engineer".
func (c *Client) Role() string { return c.endpoint().Role }

// ReceiptKey is the fingerprint of the key that signs the receiver's receipts.
// Consent is for it.
func (c *Client) ReceiptKey() string { return ssh.FingerprintSHA256(c.endpoint().receipt) }

// Joined reports whether a signing key is the one that enrolled: the receiver
// refuses bundles signed with another.
func (c *Client) Joined(signer *trust.Signer) bool {
	enrolled := c.endpoint().Signer
	return enrolled == "" || enrolled == signer.Fingerprint() // older files do not say
}

// CAFingerprint is the hex SHA-256 of the CA certificate we enrolled with.
func (c *Client) CAFingerprint() string { return fingerprint(c.endpoint().ca) }

// Intake is the recipient of what is sent, kept fresh by Preflight.
func (c *Client) Intake() Intake { return c.endpoint().Intake }

// Close closes idle connections. The client may be used afterwards.
func (c *Client) Close() { c.caller().http.CloseIdleConnections() }

const (
	preflightTimeout = 5 * time.Second
	maxSkew          = 5 * time.Minute
	minFree          = 1 << 20 // less than this is room for no bundle
)

// Preflight proves within a few seconds that sending can work: name, TLS,
// clock, certificate (renewed when a third of its life is left), case open,
// space. caseID "" leaves the case out, and the answer nil.
func (c *Client) Preflight(ctx context.Context, caseID string) (*CaseInfo, error) {
	if caseID != "" && !validCase(caseID) {
		return nil, fmt.Errorf("%q is no case id", caseID)
	}
	ctx, cancel := context.WithTimeout(ctx, preflightTimeout)
	defer cancel()
	if err := c.expired(); err != nil {
		return nil, err
	}
	var me EnrollResponse
	asked := time.Now()
	head, err := c.caller().call(ctx, http.MethodGet, PathWhoAmI, nil, &me)
	if err != nil {
		return nil, err
	}
	if err := c.checkClock(head, asked, time.Now()); err != nil {
		return nil, err
	}
	if err := c.refresh(me); err != nil {
		return nil, err
	}
	if aging(c.endpoint()) {
		// While the old certificate lasts a renewal can wait for a better
		// hour; a no cannot.
		if err := c.renew(ctx); err != nil && !errors.Is(err, ErrNotDelivered) {
			return nil, err
		}
	}
	if caseID == "" {
		return nil, nil
	}
	var info CaseInfo
	if _, err := c.caller().call(ctx, http.MethodGet, fill(PathCase, caseID, ""), nil, &info); err != nil {
		return nil, err
	}
	if info.Case != caseID || info.Organisation != c.Organisation() {
		return nil, fmt.Errorf("%s: %w: asked for case %s it tells of %q", c.URL(), ErrNotAuthentic, caseID, foreign(info.Case))
	}
	if info.State != "open" {
		return nil, &RefusedError{Problem{
			Type: "about:blank", Status: http.StatusConflict, Code: CodeClosedCase,
			Title: fmt.Sprintf("case %s is %s", caseID, foreign(info.State)),
		}}
	}
	if info.FreeBytes < minFree {
		return nil, fmt.Errorf("%s: %w: it has no space left for case %s", c.URL(), ErrNotDelivered, caseID)
	}
	return &info, nil
}

// checkClock compares the receiver's clock with ours: certificates, consent
// and receipts are about time.
func (c *Client) checkClock(head http.Header, asked, answered time.Time) error {
	theirs, err := http.ParseTime(head.Get("Date"))
	if err != nil {
		return nil //nolint:nilerr // the protocol asks for Date, but lives without it
	}
	if theirs.Before(asked.Add(-maxSkew)) || theirs.After(answered.Add(maxSkew)) {
		return fmt.Errorf("clock: this machine says %s, %s says %s", stamp(answered), c.URL(), stamp(theirs))
	}
	return nil
}

func validCase(id string) bool { return caseID.MatchString(id) }

// fill puts a case and an id into one of the protocol's paths.
func fill(path, caseID, id string) string {
	return strings.NewReplacer("{case}", url.PathEscape(caseID), "{id}", url.PathEscape(id)).Replace(path)
}

// caller exchanges single requests with a receiver.
type caller struct {
	http *http.Client
	base *url.URL
}

const maxAnswer = 1 << 20

// call sends one small request and decodes its answer into out. Both bodies
// are JSON, or none.
func (c *caller) call(ctx context.Context, method, path string, in, out any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	r, err := c.request(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/json, application/problem+json")
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return nil, c.refusal(answer)
	}
	b, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, explain(ctx, c.base, err)
	}
	if len(b) > maxAnswer {
		return nil, fmt.Errorf("%s%s: %w: %w", c.base, path, ErrNotDelivered, errTooLong)
	}
	if err := json.Unmarshal(b, out); err != nil {
		return nil, fmt.Errorf("%s%s: %w: answer: %w", c.base, path, ErrNotDelivered, err)
	}
	return answer.Header, nil
}

func (c *caller) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "diagcollect")
	return r, nil
}

// do sends a request; its errors are explained.
func (c *caller) do(r *http.Request) (*http.Response, error) {
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, explain(r.Context(), c.base, err)
	}
	return answer, nil
}

// statusError is an answer that is no success and no refusal: another time it
// may be one.
type statusError struct {
	Problem
	retryAfter string
}

func (e *statusError) Error() string { return e.text() }

// refusal makes an error of an answer that is no success.
func (c *caller) refusal(answer *http.Response) error {
	p := readProblem(answer.StatusCode, answer.Header.Get("Content-Type"), answer.Body)
	switch {
	case p.Status >= 500 || p.Status == http.StatusTooManyRequests || p.Status == http.StatusLocked || p.Status == http.StatusRequestTimeout || p.Status < 400:
		return fmt.Errorf("%s: %w: %w", c.base, ErrNotDelivered, &statusError{p, answer.Header.Get("Retry-After")})
	}
	return &RefusedError{p}
}
