package collect

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/diagcollect/diagcollect/manifest"
)

// verdict is the account of one source.
type verdict struct {
	mu      sync.Mutex
	outcome manifest.Outcome
	noted   map[manifest.Outcome]bool
	reasons map[manifest.Outcome][]string
	more    map[manifest.Outcome]int
	hidden  []unseen
	many    int // not listed for their number
	entries int
	bytes   int64
	aside   int64 // of them, of error outputs
	excused bool  // failed or denied, and optional
	cut     int64
	counts  []entryCounts
	totals  map[string]int64 // of all entries
	rules   map[string]int64 // the same, by rule
	uncount int              // entries that are not in counts for their number
}

type unseen struct{ path, reason string }

type entryCounts struct {
	path   string
	counts map[string]int64
	rules  map[string]int64
}

// maxListed is how many things of a source a report lists one by one.
const maxListed = 1000

func (v *verdict) note(o manifest.Outcome, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.noteLocked(o, reason)
}

func (v *verdict) noteLocked(o manifest.Outcome, reason string) {
	v.outcome = worse(v.outcome, o)
	if v.noted == nil {
		v.noted = map[manifest.Outcome]bool{}
	}
	v.noted[o] = true
	if reason == "" {
		return
	}
	if v.reasons == nil {
		v.reasons, v.more = map[manifest.Outcome][]string{}, map[manifest.Outcome]int{}
	}
	switch {
	case slices.Contains(v.reasons[o], reason):
	case len(v.reasons[o]) >= 3:
		v.more[o]++
	default:
		v.reasons[o] = append(v.reasons[o], reason)
	}
}

func (v *verdict) unseen(path, reason string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.hidden) >= maxListed {
		v.many++
		return
	}
	v.hidden = append(v.hidden, unseen{path, reason})
}

func (v *verdict) stored(e manifest.Entry, rules map[string]int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.entries++
	v.bytes += e.Size
	if len(e.Redactions) == 0 {
		return
	}
	if v.totals == nil {
		v.totals = map[string]int64{}
	}
	addCounts(v.totals, e.Redactions)
	if v.rules == nil {
		v.rules = map[string]int64{}
	}
	addCounts(v.rules, rules)
	if len(v.counts) < maxListed {
		v.counts = append(v.counts, entryCounts{e.Path, e.Redactions, rules})
	} else {
		v.uncount++ // the manifest has them all
	}
}

func addCounts(sum, counts map[string]int64) {
	for k, n := range counts {
		sum[k] += n
	}
}

// close settles the account: an optional source has not failed, and a wish
// that policy did not grant is told.
func (v *verdict) close(optional, refusedBinary bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if refusedBinary && v.outcome == manifest.Withheld {
		v.noteLocked(manifest.Withheld, "the recipe asks to keep what is not text, the operator's policy does not")
	}
	if !optional {
		return
	}
	for _, o := range []manifest.Outcome{manifest.Failed, manifest.Denied} {
		if v.reasons[o] != nil {
			v.reasons[manifest.Skipped] = append(v.reasons[manifest.Skipped], v.reasons[o]...)
			delete(v.reasons, o)
		}
	}
	if v.outcome == manifest.Failed || v.outcome == manifest.Denied {
		v.excused = true
		// What is worst of the rest.
		v.outcome = ""
		for o := range v.noted {
			if o != manifest.Failed && o != manifest.Denied {
				v.outcome = worse(v.outcome, o)
			}
		}
		if v.outcome == "" || v.outcome == manifest.OK || v.outcome == manifest.Empty {
			v.outcome = manifest.Skipped
		}
	}
}

func worse(a, b manifest.Outcome) manifest.Outcome {
	if a == "" {
		return b
	}
	return manifest.Worse(a, b)
}

// final is the one outcome with its reason. What was cut is told even when
// something worse happened as well.
func (v *verdict) final() (manifest.Outcome, string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	o := v.outcome
	if o == "" {
		switch {
		case v.bytes > v.aside:
			o = manifest.OK
		case v.entries > 0:
			o = manifest.Empty
		default:
			o = manifest.Skipped
		}
	}
	if (o == manifest.Empty || o == manifest.Skipped) && v.bytes > v.aside {
		o = manifest.OK
	}
	var parts []string
	for _, which := range slices.Backward(ranks()) {
		if which == manifest.Skipped && o != manifest.Skipped && !v.excused {
			continue
		}
		parts = append(parts, v.reasons[which]...)
		if n := v.more[which]; n > 0 {
			parts = append(parts, fmt.Sprintf("and %d more", n))
		}
	}
	return o, strings.Join(parts, "; ")
}

// ranks lists the outcomes from good to bad.
func ranks() []manifest.Outcome {
	return []manifest.Outcome{
		manifest.OK, manifest.Empty, manifest.Skipped, manifest.Partial,
		manifest.Withheld, manifest.Denied, manifest.Timeout, manifest.Failed,
	}
}
