package redact

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"sync"
	"sync/atomic"
)

// Session is one redaction: of a bundle, of a directory, of standard input.
// Its methods may be called at once; each [Stream] belongs to one goroutine.
type Session struct {
	keep   [nClasses]bool
	rules  *userRules
	each   func(Hit)
	pseudo *pseudonyms
	dict   *dictionary

	totals   [nClasses]atomic.Int64
	byRule   []atomic.Int64
	tooShort atomic.Int64
	scanners sync.Pool
	blocks   sync.Pool
	kernels  kernels
	known    int // values of the dictionary that were not learned
	late     lateGates
}

// NewSession makes a session. It fails when an option is malformed (a keep
// of a class that cannot be kept, a rule that fails its own examples).
func NewSession(o Options) (*Session, error) {
	if o.CaseKey != nil && len(o.CaseKey) != 32 {
		return nil, fmt.Errorf("case key: %d bytes, not 32", len(o.CaseKey))
	}
	if err := checkBuiltin(builtins); err != nil {
		return nil, err
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	s := &Session{pseudo: newPseudonyms(o.CaseKey, o.Rand), dict: newDictionary(), kernels: fast}
	if o.Forget {
		s.pseudo.remember(0)
	}
	for _, c := range o.Keep {
		if !c.Keepable() {
			return nil, fmt.Errorf("keep %q: not a class that can be kept", c)
		}
		s.keep[c.id()] = true
	}
	var err error
	if s.rules, err = newUserRules(o.Rules); err != nil {
		return nil, err
	}
	s.each = o.Each
	s.byRule = make([]atomic.Int64, s.ruleCount())
	for _, k := range o.Known {
		id := k.Class.id()
		if id == cNone {
			return nil, fmt.Errorf("known value of class %q: no such class", k.Class)
		}
		if !s.keep[id] {
			s.dict.know(id, k.Value)
		}
	}
	s.known = s.dict.mark()
	s.scanners.New = func() any { return newScanner(s) }
	s.blocks.New = func() any { return new(block) }
	return s, nil
}

// Text redacts one short text: an error, a command line, a label. Control
// characters are left to whoever prints it.
func (s *Session) Text(text string) string {
	if text == "" {
		return text
	}
	sc := s.scanners.Get().(*scanner)
	defer s.scanners.Put(sc)
	b := []byte(text)
	sc.begin("")
	sc.line(b)
	out := sc.render(b)
	s.account(&sc.tally)
	return string(out)
}

// Path redacts a slash-separated path component by component; the number of
// components stays.
func (s *Session) Path(path string) string {
	if path == "" {
		return path
	}
	sc := s.scanners.Get().(*scanner)
	defer s.scanners.Put(sc)
	b := []byte(path)
	sc.begin("")
	sc.line(b)
	sc.splitAt('/', b)
	out := sc.render(b)
	s.account(&sc.tally)
	return string(out)
}

// Pseudonym is what stands for one whole value of a class, for values whose
// class the caller knows (a host name read from the system).
func (s *Session) Pseudonym(c Class, value string) string {
	if id := c.id(); id == cNone || s.keep[id] || value == "" {
		return value
	}
	return string(s.pseudo.appendTo(nil, c, []byte(value)))
}

// Mark is a point in the session's knowledge: how many values were learned.
func (s *Session) Mark() int { return s.dict.mark() }

// Sweep replaces, in redacted bytes of the named encoding, every value
// learned after mark that still stands bare. It returns b itself and nil
// counts where there is none. A value that straddles the ends of b is the
// caller's affair: MaxLearned says how far to overlap.
func (s *Session) Sweep(mark int, encoding string, b []byte) ([]byte, Counts) {
	if mark >= s.dict.mark() || len(b) == 0 {
		return b, nil
	}
	enc, ok := encodingNamed(encoding)
	if !ok {
		return b, nil
	}
	text, tail := b, []byte(nil)
	if enc != utf8Enc {
		n := len(b) - len(b)%enc.unit()
		var err error
		if text, err = enc.decode(nil, b[:n]); err != nil {
			return b, nil
		}
		tail = b[n:]
	}
	sc := s.scanners.Get().(*scanner)
	defer s.scanners.Put(sc)
	sc.begin("")
	if sc.b = text; mark >= s.known && len(text) >= lateText {
		sc.seekLate(mark)
	} else {
		sc.seek(period{mark, math.MaxInt})
	}
	if len(sc.spans) == 0 {
		return b, nil
	}
	out := sc.render(text)
	if enc != utf8Enc {
		out = append(enc.encode(nil, out), tail...)
	}
	s.account(&sc.tally)
	return out, sc.tally.counts()
}

// MaxLearned is the length in bytes of the longest learned value in its
// longest encoding.
func (s *Session) MaxLearned() int { return 4 * s.dict.longest() }

// Totals is what was hidden so far in the whole session, texts and paths
// included.
func (s *Session) Totals() Counts {
	var t tally
	for i := range t.classes {
		t.classes[i] = s.totals[i].Load()
	}
	return t.counts()
}

// RuleTotals is Totals by the rule that found each value.
func (s *Session) RuleTotals() map[string]int64 {
	t := newTally(s)
	for i := range t.rules {
		t.rules[i] = s.byRule[i].Load()
	}
	return t.byRule(s)
}

// TooShort counts secrets that were removed where their context showed them
// but are too short or too common to be searched for elsewhere.
func (s *Session) TooShort() int { return int(s.tooShort.Load()) }

// Identities yields each pseudonym of an identity with its original, for the
// operator's own sealed map. Secrets are never among them, nor what holds one
// that is looked for everywhere.
func (s *Session) Identities() iter.Seq2[string, string] {
	return func(yield func(pseudonym, original string) bool) {
		sc := s.scanners.Get().(*scanner)
		defer s.scanners.Put(sc)
		// Many are searched at once, each on a line of its own, which no
		// value goes beyond.
		type pair struct {
			pseudonym, original string
			end                 int // of its line
		}
		const most = 64 << 10
		var pairs []pair
		var lines []byte
		flush := func() bool {
			sc.begin("")
			sc.sweep(lines, 0)
			next := 0
			for _, p := range pairs {
				secret := s.pseudo.gone.has([]byte(p.original))
				for ; next < len(sc.spans) && sc.spans[next].start < p.end; next++ {
					secret = secret || sc.spans[next].class < cEmail
				}
				if !secret && !yield(p.pseudonym, p.original) {
					return false
				}
			}
			pairs, lines = pairs[:0], lines[:0]
			return true
		}
		for pseudonym, original := range s.pseudo.identities() {
			lines = append(append(lines, original...), '\n')
			pairs = append(pairs, pair{pseudonym, original, len(lines)})
			if len(lines) >= most && !flush() {
				return
			}
		}
		flush()
	}
}

// Unrecorded is how many identities found no place among Identities, whose
// memory is bounded: an upper bound, for one may be counted more than once.
func (s *Session) Unrecorded() int64 { return s.pseudo.unrecorded() }

func (s *Session) account(t *tally) {
	for i, n := range t.classes {
		if n != 0 {
			s.totals[i].Add(n)
		}
	}
	for i, n := range t.rules {
		if n != 0 {
			s.byRule[i].Add(n)
		}
	}
}

// Finding is one place that still holds something sensitive.
type Finding struct {
	Class Class
	Rule  string
	Line  int64 // 1-based
}

// Scan reads r to its end and reports what a session would hide in it, secrets
// and e-mails only, at most max findings. Redacted text has none.
func Scan(name string, r io.Reader, max int) ([]Finding, error) {
	var keep []Class
	for _, c := range classes {
		if c.Keepable() {
			keep = append(keep, c)
		}
	}
	s, err := NewSession(Options{Keep: keep, Forget: true})
	if err != nil {
		return nil, err
	}
	var found []Finding
	st := s.Stream(name, r)
	st.report = func(sp *span, _ []byte, line int64) bool {
		if len(found) < max {
			found = append(found, Finding{Class: classes[sp.class], Rule: s.ruleName(sp.rule), Line: line})
		}
		return len(found) < max
	}
	_, err = io.Copy(io.Discard, st)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

// errEnough ends a scan that found as much as was asked for.
var errEnough = errors.New("enough found")
