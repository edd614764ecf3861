package inspect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/diagcollect/diagcollect/collect"
)

const (
	firstRange  = 128 << 10 // of the end, asked for first: seek table, signature, most manifests
	leastRange  = 64 << 10
	mostAhead   = 1 << 20  // read ahead of what is asked for in sequence
	mostRange   = 4 << 20  // in one request
	mostCached  = 24 << 20 // bytes kept of what was read
	attempts    = 4        // of one request, when the line breaks or the server is busy
	dialTimeout = 10 * time.Second
	headTimeout = 30 * time.Second // from a request to the head of its answer
	stallLimit  = 30 * time.Second // without a byte of an answer
	leastRate   = 1 << 10          // bytes of an answer per second, when that takes longer
	mostSize    = 1 << 50
)

// ErrChanged says that a file is no longer the one that was opened.
var ErrChanged = errors.New("changed at the server while it was read")

// Remote is a file on a web server, read in parts by HTTP range requests (RFC
// 9110, section 14). What was read is kept, up to 24 MiB, and reading in sequence
// reads ahead. Length and validators (ETag, Last-Modified) must stay the same
// over all requests. It may be read by several at once.
type Remote struct {
	ctx      context.Context // of all requests: io.ReaderAt takes none
	client   *http.Client
	url      *url.URL
	size     int64
	etag     string
	modified string

	mu       sync.Mutex
	parts    []*part // least recently used first
	requests int
	received int64
}

// part is a stretch of the file, read or being read.
type part struct {
	at    int64
	n     int64
	ahead int64
	ready chan struct{} // closed when data or err is there
	data  []byte
	err   error
}

// CheckURL says whether a text is the URL of a file that OpenRemote may ask
// for: https, or http to this machine, without credentials. Its errors do not
// repeat the URL.
func CheckURL(rawURL string) (*url.URL, error) {
	u, err := url.Parse(rawURL)
	switch {
	case err != nil || u.Host == "":
		return nil, errors.New("the URL is not well formed")
	case u.User != nil:
		return nil, errors.New("the URL holds a user name or password")
	}
	if err := checkTarget(u); err != nil {
		return nil, err
	}
	u.Fragment, u.RawFragment = "", ""
	return u, nil
}

func checkTarget(u *url.URL) error {
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return fmt.Errorf("%q is neither https nor http", u.Scheme)
	case !isLoopback(u.Hostname()):
		return errors.New("http without TLS is spoken with this machine only: use https")
	}
	return collect.CheckHost(u.Hostname())
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.Unmap().IsLoopback()
}

// PlainURL is a URL to show: without query, which may hold credentials.
func PlainURL(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// OpenRemote asks for the end of a file and learns its length. Close it; ctx
// ends all requests.
func OpenRemote(ctx context.Context, u *url.URL) (*Remote, error) {
	r := &Remote{ctx: ctx, client: newClient(u.Scheme == "http"), url: u}
	if err := r.open(); err != nil {
		r.client.CloseIdleConnections()
		return nil, err
	}
	return r, nil
}

func newClient(plain bool) *http.Client {
	dialer := &net.Dialer{
		Timeout: dialTimeout,
		Control: func(_, address string, _ syscall.RawConn) error {
			if plain {
				if host, _, err := net.SplitHostPort(address); err != nil || !isLoopback(host) {
					return fmt.Errorf("%s is not this machine", address)
				}
			}
			return collect.CheckAddress(address)
		},
	}
	proxy := collect.ProxyOf
	if plain {
		proxy = nil
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			Proxy:                  proxy,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTimeout,
			ResponseHeaderTimeout:  headTimeout,
			MaxResponseHeaderBytes: 1 << 16,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        time.Minute,
			DisableCompression:     true, // parts of the file are asked for, not of its compressed form
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			switch {
			case len(via) > 5:
				return &redirectError{errors.New("more than five")}
			case req.URL.User != nil:
				return &redirectError{errors.New("to a URL with a user name or password")}
			case req.URL.Scheme != via[0].URL.Scheme:
				return &redirectError{fmt.Errorf("from %s to %s", via[0].URL.Scheme, req.URL.Scheme)}
			}
			req.Header.Del("Referer") // its query may hold credentials
			if err := checkTarget(req.URL); err != nil {
				return &redirectError{err}
			}
			return nil
		},
	}
}

// Size is the length of the file.
func (r *Remote) Size() int64 { return r.size }

// Traffic says how many requests were answered, and with how many bytes of
// the file.
func (r *Remote) Traffic() (requests int, bytes int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.requests, r.received
}

// Close ends what is under way.
func (r *Remote) Close() error {
	r.client.CloseIdleConnections()
	return nil
}

// errNoRanges is about a server that gives whole files only.
var errNoRanges = errors.New("the server does not serve parts of a file (no range requests): download it, and open the copy")

// open asks for the last bytes, which says also how long the file is. Some
// servers know no such ranges: they are asked for the first byte.
func (r *Remote) open() error {
	var last *part
	err := r.retry(func() error {
		p, err := r.first(fmt.Sprintf("bytes=-%d", firstRange))
		var status *statusError
		if errors.Is(err, errNoRanges) || errors.As(err, &status) && (status.code == http.StatusRequestedRangeNotSatisfiable || status.code == http.StatusBadRequest || status.code == http.StatusNotImplemented) {
			p, err = r.first("bytes=0-0")
		}
		last = p
		return err
	})
	if err == nil && last.n > 0 {
		close(last.ready)
		r.parts = []*part{last}
	}
	return err
}

// first makes the first request and remembers what the file is.
func (r *Remote) first(ranges string) (*part, error) {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	resp, err := r.ask(ctx, ranges)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK || strings.EqualFold(resp.Header.Get("Accept-Ranges"), "none") {
		return nil, errNoRanges
	}
	at, end, total, err := contentRange(resp.Header.Get("Content-Range"))
	if err != nil {
		return nil, err
	}
	if end-at > firstRange || ranges == "bytes=0-0" && at != 0 || ranges != "bytes=0-0" && end != total {
		return nil, fmt.Errorf("the server answers with bytes %d to %d of %d, which nobody asked for", at, end, total)
	}
	p := &part{at: at, n: end - at, data: make([]byte, end-at), ready: make(chan struct{})}
	if err := r.body(cancel, resp, p.data); err != nil {
		return nil, err
	}
	r.size, r.etag, r.modified = total, resp.Header.Get("ETag"), resp.Header.Get("Last-Modified")
	return p, nil
}

// ReadAt reads from what is kept, and asks for the rest.
func (r *Remote) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 {
		return 0, errors.New("negative offset")
	}
	done := 0
	for done < len(p) && at+int64(done) < r.size {
		from := at + int64(done)
		q, mine := r.find(from, int64(len(p)-done))
		if mine {
			r.fill(q)
		}
		select {
		case <-q.ready:
		case <-r.ctx.Done():
			return done, context.Cause(r.ctx)
		}
		if q.err != nil {
			return done, q.err
		}
		done += copy(p[done:], q.data[from-q.at:])
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

// find gives the part that holds a byte, or a new one, which the caller fills.
func (r *Remote) find(at, want int64) (p *part, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	end := min(r.size, at+mostRange)
	ahead := int64(leastRange)
	for i, q := range r.parts {
		switch {
		case q.at <= at && at < q.at+q.n:
			r.parts = append(slices.Delete(r.parts, i, i+1), q)
			return q, false
		case q.at > at:
			end = min(end, q.at)
		case q.at+q.n == at:
			ahead = min(max(q.ahead, leastRange)*2, mostAhead)
		}
	}
	p = &part{at: at, n: min(max(want, ahead), end-at), ahead: ahead, ready: make(chan struct{})}
	r.parts = append(r.parts, p)
	kept := int64(0)
	for _, q := range r.parts {
		kept += q.n
	}
	r.parts = slices.DeleteFunc(r.parts, func(q *part) bool {
		select {
		case <-q.ready:
		default:
			return false // somebody waits for it
		}
		drop := kept > mostCached
		if drop {
			kept -= q.n
		}
		return drop
	})
	return p, true
}

// fill reads a part. One that failed is forgotten, so that who asks again
// tries again.
func (r *Remote) fill(p *part) {
	p.data = make([]byte, p.n)
	p.err = r.retry(func() error { return r.get(p) })
	if p.err != nil {
		r.mu.Lock()
		r.parts = slices.DeleteFunc(r.parts, func(q *part) bool { return q == p })
		r.mu.Unlock()
	}
	close(p.ready)
}

func (r *Remote) get(p *part) error {
	ctx, cancel := context.WithCancel(r.ctx)
	defer cancel()
	resp, err := r.ask(ctx, fmt.Sprintf("bytes=%d-%d", p.at, p.at+p.n-1))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusOK || resp.Header.Get("ETag") != r.etag || resp.Header.Get("Last-Modified") != r.modified {
		return ErrChanged
	}
	at, end, total, err := contentRange(resp.Header.Get("Content-Range"))
	switch {
	case err != nil:
		return err
	case total != r.size:
		return ErrChanged
	case at != p.at || end != p.at+p.n:
		return fmt.Errorf("the server answers with bytes %d to %d, asked for %d to %d", at, end, p.at, p.at+p.n)
	}
	return r.body(cancel, resp, p.data)
}

// ask makes one request for a range; the answer is 206 or 200.
func (r *Remote) ask(ctx context.Context, ranges string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url.String(), nil)
	if err != nil {
		return nil, errors.New("the URL is not well formed")
	}
	req.Header.Set("User-Agent", "diagcollect")
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("Range", ranges)
	if strings.HasPrefix(r.etag, `"`) { // a weak one says nothing of bytes
		req.Header.Set("If-Range", r.etag)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		if r.ctx.Err() != nil {
			return nil, context.Cause(r.ctx)
		}
		var ue *url.Error // its text repeats the URL
		if errors.As(err, &ue) {
			err = ue.Err
		}
		return nil, &transientError{err}
	}
	if e := resp.Header.Get("Content-Encoding"); resp.StatusCode < 300 && e != "" && e != "identity" {
		err = fmt.Errorf("the server sends the file encoded (%q)", e)
	} else if resp.StatusCode != http.StatusPartialContent && resp.StatusCode != http.StatusOK {
		err = &statusError{resp.StatusCode}
		if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented {
			err = &transientError{err}
		}
	}
	if err != nil {
		resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// body fills p from an answer that must hold exactly that, and gives up on a
// line that stands still or drips.
func (r *Remote) body(cancel func(), resp *http.Response, p []byte) error {
	stalled := time.AfterFunc(stallLimit, cancel)
	defer stalled.Stop()
	limit := stallLimit + time.Duration(len(p)/leastRate)*time.Second
	begin := time.Now()
	slow := time.AfterFunc(limit, cancel)
	defer slow.Stop()
	n := 0
	var err error
	for n < len(p) && err == nil {
		var m int
		m, err = resp.Body.Read(p[n:])
		n += m
		stalled.Reset(stallLimit)
	}
	r.mu.Lock()
	r.requests++
	r.received += int64(n)
	r.mu.Unlock()
	if n == len(p) {
		return nil
	}
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	} else if errors.Is(err, context.Canceled) {
		if err = fmt.Errorf("no byte for %s", stallLimit); time.Since(begin) >= limit {
			err = fmt.Errorf("no more in %s", limit)
		}
	}
	return &transientError{fmt.Errorf("after %d of %d bytes: %w", n, len(p), err)}
}

// transientError is one after which it is worth asking again.
type transientError struct{ err error }

func (e *transientError) Error() string { return e.err.Error() }
func (e *transientError) Unwrap() error { return e.err }

// redirectError is about a redirect that is not followed.
type redirectError struct{ err error }

func (e *redirectError) Error() string { return "a redirect is not followed: " + e.err.Error() }
func (e *redirectError) Unwrap() error { return e.err }

type statusError struct{ code int }

func (e *statusError) Error() string {
	return fmt.Sprintf("the server answers %d %s", e.code, http.StatusText(e.code))
}

// retry calls f again while that may help.
func (r *Remote) retry(f func() error) error {
	wait := 200 * time.Millisecond
	for i := 1; ; i++ {
		err := f()
		var again *transientError
		if err == nil || i == attempts || !errors.As(err, &again) || permanent(err) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-r.ctx.Done():
			return context.Cause(r.ctx)
		}
		wait *= 3
	}
}

// permanent reports errors that another try meets again.
func permanent(err error) bool {
	var dns *net.DNSError
	var op *net.OpError
	var unknown *tls.CertificateVerificationError
	var redirect *redirectError
	return errors.As(err, &dns) && dns.IsNotFound || errors.As(err, &op) && op.Op == "dial" ||
		errors.As(err, &unknown) || errors.As(err, &redirect) || errors.Is(err, http.ErrSchemeMismatch)
}

// contentRange reads "bytes FIRST-LAST/LENGTH"; end is behind the last byte.
func contentRange(s string) (at, end, total int64, err error) {
	bad := fmt.Errorf("the server's answer has no proper Content-Range")
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, length, ok2 := strings.Cut(rest, "/")
	first, last, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return 0, 0, 0, bad
	}
	at, err1 := parseDigits(first)
	end, err2 := parseDigits(last)
	total, err3 := parseDigits(length)
	if errors.Join(err1, err2, err3) != nil || at > end || end >= total || total > mostSize {
		return 0, 0, 0, bad
	}
	return at, end + 1, total, nil
}

func parseDigits(s string) (int64, error) {
	n, err := strconv.ParseUint(s, 10, 62) // no signs
	return int64(n), err
}
