package receive

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limits at the edge.
const (
	maxBody   = 64 << 10         // of a JSON request
	maxHeader = 32 << 10         // of a request's header
	slowBody  = 30 * time.Second // to send a JSON request
	slowRest  = 2 * time.Second  // to send what is left of a request that was refused
	slowWrite = 60 * time.Second // to take the next part of an answer
)

// limiters bound how often one source may try to enrol and how often one
// agent may be denied (each denial is an audit line).
type limiters struct {
	enrol, denials *limiter
}

func newLimiters() *limiters {
	return &limiters{
		enrol:   newLimiter(rate.Every(3*time.Second), 40),
		denials: newLimiter(rate.Every(time.Second), 120),
	}
}

// limiter is a token bucket per key.
type limiter struct {
	mu    sync.Mutex
	every rate.Limit
	burst int
	of    map[string]*rate.Limiter
}

func newLimiter(every rate.Limit, burst int) *limiter {
	return &limiter{every: every, burst: burst, of: make(map[string]*rate.Limiter)}
}

// maxLimiters bounds the memory: beyond it, full buckets are forgotten, which
// changes nothing for their owners, and if none is full all share one.
const maxLimiters = 10000

func (l *limiter) allow(key string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.of[key]
	if b == nil {
		if len(l.of) >= maxLimiters {
			now := time.Now()
			for k, b := range l.of {
				if b.TokensAt(now) >= float64(l.burst) {
					delete(l.of, k)
				}
			}
		}
		if len(l.of) >= maxLimiters {
			key = "*"
			b = l.of[key]
		}
		if b == nil {
			b = rate.NewLimiter(l.every, l.burst)
			l.of[key] = b
		}
	}
	return b.Allow()
}

// source is the part of a remote address that one party holds: an IPv4
// address, an IPv6 /64.
func source(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return remote
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}
