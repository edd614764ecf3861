package receive

import (
	"fmt"
	"sync"
	"time"
)

// kind is what a request takes up while it is answered.
type kind int

const (
	quick    kind = iota // a question
	body                 // a question with a JSON body
	incoming             // a part of an upload
	outgoing             // a part of a bundle
	always               // next to nothing: it needs no slot
)

// slots are the requests answered at once, by kind, so that long ones leave
// room for short ones and those of nobody for those of agents. Each caller has
// a share and so has its organisation. A slot is taken once the caller is
// known, and after a JSON body was read; bodies being read are counted apart.
type slots struct {
	questions, uploads, downloads, bodies *pool // shares: of an agent, of its organisation
	anonymous, anonymousBodies            *pool // share: of a source
}

func newSlots() *slots {
	return &slots{
		questions:       newPool(128, 16, 64),
		uploads:         newPool(256, 8, 128),
		downloads:       newPool(64, 8, 32),
		bodies:          newPool(128, 8, 64),
		anonymous:       newPool(32, 8),
		anonymousBodies: newPool(512, 16),
	}
}

// take takes a slot; c is nil when nobody knows who calls from there.
func (s *slots) take(k kind, c *caller, from string) (leave func(), err error) {
	switch {
	case k == always:
		return func() {}, nil
	case c == nil:
		return s.anonymous.enter(from)
	case k == incoming:
		return s.uploads.enter(c.agent, c.organisation)
	case k == outgoing:
		return s.downloads.enter(c.agent, c.organisation)
	}
	return s.questions.enter(c.agent, c.organisation)
}

// takeBody takes a slot for a body to be read.
func (s *slots) takeBody(c *caller, from string) (leave func(), err error) {
	if c == nil {
		return s.anonymousBodies.enter(from)
	}
	return s.bodies.enter(c.agent, c.organisation)
}

// pool is a number of slots of which each holder has a share at most. A slot
// counts for several holders, one for each share.
type pool struct {
	size   int
	shares []int

	mu   sync.Mutex
	busy int
	of   map[string]int
}

func newPool(size int, shares ...int) *pool {
	return &pool{size: size, shares: shares, of: make(map[string]int)}
}

// enter takes a slot, or says why there is none; leave gives it back.
func (p *pool) enter(holders ...string) (leave func(), err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys := make([]string, len(holders))
	for i, h := range holders {
		keys[i] = fmt.Sprintf("%d %s", i, h)
		if p.of[keys[i]] >= p.shares[i] {
			return nil, tooMany(5 * time.Second)
		}
	}
	if p.busy >= p.size {
		return nil, unavailable("the receiver is busy")
	}
	p.busy++
	for _, k := range keys {
		p.of[k]++
	}
	return sync.OnceFunc(func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.busy--
		for _, k := range keys {
			if p.of[k]--; p.of[k] == 0 {
				delete(p.of, k)
			}
		}
	}), nil
}

// pace ends who sends too slowly to be worth a slot.
type pace struct {
	clock func() time.Time
	since time.Time
	n     int64
}

// A minute must bring 60 KiB; whatever came before that counts.
const (
	paceWindow = time.Minute
	paceBytes  = 60 << 10
)

// slow counts n bytes and says whether it were too few for too long.
func (p *pace) slow(n int) bool {
	now := p.clock()
	if p.since.IsZero() {
		p.since = now
	}
	p.n += int64(n)
	if now.Sub(p.since) < paceWindow {
		return false
	}
	few := p.n < paceBytes
	p.since, p.n = now, 0
	return few
}
