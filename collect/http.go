package collect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/diagcollect/diagcollect/manifest"
)

// errAddress refuses an address that a recipe must not reach.
var errAddress = errors.New("this address is never asked")

// neverAsked are the addresses at which clouds hand out credentials to
// whoever asks, beside all that is link-local.
func neverAsked() []netip.Prefix {
	var out []netip.Prefix
	for _, s := range []string{
		"169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "fd20:ce::/64",
		"100.100.100.200/32", "192.0.0.192/32", "168.63.129.16/32",
		"0.0.0.0/8", "224.0.0.0/4", "ff00::/8",
	} {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// CheckAddress judges an address ("ip:port") at the moment it is dialled, when
// no name can change its meaning any more: it refuses what is link-local,
// multicast, unspecified, or hands out credentials of a cloud.
func CheckAddress(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	a := ap.Addr().Unmap().WithZone("")
	if a.IsUnspecified() {
		return fmt.Errorf("%w: %s", errAddress, a)
	}
	for _, p := range neverAsked() {
		if p.Contains(a) || slices.ContainsFunc(embedded(a), p.Contains) {
			return fmt.Errorf("%w: %s", errAddress, a)
		}
	}
	return nil
}

// CheckHost judges the host of a URL by its text, for when a proxy would do the
// dialling.
func CheckHost(host string) error {
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "metadata" || strings.HasPrefix(host, "metadata.") {
		return fmt.Errorf("%w: %s", errAddress, host)
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return CheckAddress(netip.AddrPortFrom(a, 1).String())
	}
	return nil
}

// embedded lists the IPv4 addresses to which something on the way may send
// what goes to an IPv6 address.
func embedded(a netip.Addr) []netip.Addr {
	if !a.Is6() || a.IsLoopback() {
		return nil
	}
	b := a.As16()
	v4 := func(i ...int) netip.Addr {
		return netip.AddrFrom4([4]byte{b[i[0]], b[i[1]], b[i[2]], b[i[3]]})
	}
	last := v4(12, 13, 14, 15)
	in := func(prefix string) bool { return netip.MustParsePrefix(prefix).Contains(a) }
	switch {
	case in("::/96"), in("::ffff:0:0:0/96"), in("64:ff9b::/96"): // compatible; RFC 2765; RFC 6052
		return []netip.Addr{last}
	case in("64:ff9b:1::/48"): // RFC 8215: any of the forms of RFC 6052, section 2.2, that fit
		list := []netip.Addr{v4(6, 7, 9, 10), v4(7, 9, 10, 11), v4(9, 10, 11, 12), last}
		// The form that is not meant may read as zeros.
		return slices.DeleteFunc(list, func(a netip.Addr) bool { return a.As4()[0] == 0 })
	case in("2002::/16"): // 6to4, RFC 3056
		return []netip.Addr{v4(2, 3, 4, 5)}
	case in("2001::/32"): // Teredo, RFC 4380: server and, inverted, client
		for i := 12; i < 16; i++ {
			b[i] = ^b[i]
		}
		return []netip.Addr{v4(4, 5, 6, 7), v4(12, 13, 14, 15)}
	case b[8]&^3 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe: // ISATAP, RFC 5214
		return []netip.Addr{last}
	}
	return nil
}

// get gathers the answer to one GET.
func (g *gatherer) get(rawURL string, roots *tls.Config) error {
	u, err := url.Parse(rawURL)
	if err != nil {
		g.note(manifest.Failed, "the url is not well formed")
		return nil
	}
	if err := CheckHost(u.Hostname()); err != nil {
		g.note(manifest.Failed, err.Error())
		return nil
	}
	ctx, cancel := context.WithTimeoutCause(g.ctx, g.limits.timeout, errTimeout)
	defer cancel()
	dialer := &net.Dialer{
		Timeout: min(10*time.Second, g.limits.timeout),
		Control: func(_, address string, _ syscall.RawConn) error { return CheckAddress(address) },
	}
	transport := &http.Transport{
		DialContext:            dialer.DialContext,
		Proxy:                  ProxyOf,
		TLSClientConfig:        roots,
		TLSHandshakeTimeout:    10 * time.Second,
		DisableKeepAlives:      true,
		DisableCompression:     true, // what comes compressed is opened like a file, with its bounds
		MaxResponseHeaderBytes: 1 << 20,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: sameHost}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, rawURL, nil)
	if err != nil {
		g.note(manifest.Failed, "the url is not well formed")
		return nil
	}
	req.Header.Set("User-Agent", "diagcollect")
	resp, err := client.Do(req)
	if err != nil {
		if g.ctx.Err() != nil {
			return g.ended()
		}
		var ue *url.Error // its text repeats the url
		if errors.As(err, &ue) {
			err = ue.Err
		}
		if ctx.Err() != nil {
			g.note(manifest.Timeout, "no answer after "+g.limits.timeout.String())
		} else {
			g.note(manifest.Failed, err.Error())
		}
		return nil
	}
	defer resp.Body.Close()
	name := path.Base(path.Clean("/" + u.Path))
	if name == "/" || name == "." {
		name = "body"
	}
	size := resp.ContentLength
	mtime := time.Now()
	if t, err := http.ParseTime(resp.Header.Get("Last-Modified")); err == nil && t.Before(mtime) {
		mtime = t
	}
	if err := g.take(input{path: name, mtime: mtime, size: size, r: &timed{resp.Body, ctx}}); err != nil {
		return err
	}
	if resp.StatusCode >= 400 {
		g.note(manifest.Partial, "answered "+resp.Status)
	}
	return nil
}

// timed names the time-out as the reason why a body ended.
type timed struct {
	r   interface{ Read([]byte) (int, error) }
	ctx context.Context
}

func (t *timed) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	if err != nil && t.ctx.Err() != nil {
		if cause := context.Cause(t.ctx); errors.Is(cause, errTimeout) || errors.Is(cause, errInterrupted) {
			return n, cause
		}
	}
	return n, err
}

// sameHost follows redirects only where they lead to the same place.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0].URL
	switch {
	case len(via) >= 5:
		return errors.New("more than five redirects")
	case !strings.EqualFold(req.URL.Host, first.Host) || req.URL.Scheme != first.Scheme:
		return errors.New("a redirect to another host is not followed")
	}
	return nil
}

// ProxyOf uses the proxy of the environment, but never for this machine.
func ProxyOf(req *http.Request) (*url.URL, error) {
	host := req.URL.Hostname()
	if a, err := netip.ParseAddr(host); host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && a.Unmap().IsLoopback() {
		return nil, nil
	}
	return http.ProxyFromEnvironment(req)
}
