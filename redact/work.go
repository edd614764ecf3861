package redact

import (
	"cmp"
	"math"
	"slices"
)

// A candidate may look at what stands around it: a value to its end, a line
// to its end. No text that people or programs write makes many candidates
// look at much; one that was made to would cost more than its length. So all
// that is looked at beyond a few bytes is counted, and a text that is beyond
// all measure is withheld.
// Logs and configuration take about two units for each byte.
const (
	workPerByte = 500
	shortText   = 64 << 10 // what is shorter may take as much as this
)

// charge counts n bytes that were looked at.
func (sc *scanner) charge(n int) {
	if sc.work += n; sc.work > sc.workLimit {
		sc.skip = math.MaxInt // no candidate is looked at any more
	}
}

// chargeFor counts what w looked at in a text that stands in this one. If that
// was too much, so is this one: it is withheld.
func (sc *scanner) chargeFor(w *scanner) {
	if sc.charge(w.work); w.spent() {
		sc.charge(sc.workLimit)
	}
}

// spent reports whether the text was more work than any text may be.
func (sc *scanner) spent() bool { return sc.work > sc.workLimit }

func (sc *scanner) startWork(n int) {
	sc.work, sc.workLimit = 0, sc.perByte*max(n, shortText)
	sc.backFrom, sc.backTo, sc.leadAt, sc.leadTo = -1, -1, -1, -1
	sc.itemsTo, sc.itemsBad, sc.vectorTo = 0, 0, 0
	sc.paramsTo, sc.cookieFrom, sc.cookieTo, sc.unclosedTo = 0, 0, 0, 0
	sc.here = soughtWord{}
	sc.ahead, sc.front = sc.ahead[:0], 0
}

// later notes a span that begins beyond the candidate, so that candidates in
// it are skipped once it is reached. They are kept in order.
func (sc *scanner) later(start, end int) {
	list := sc.ahead[sc.front:]
	n := len(list)
	if n > 0 && list[n-1].start >= start {
		var found bool
		n, found = slices.BinarySearchFunc(list, start, func(sp span, start int) int { return cmp.Compare(sp.start, start) })
		if found {
			list[n].end = max(list[n].end, end)
			return
		}
		sc.charge(len(list) - n)
	}
	sc.ahead = slices.Insert(sc.ahead, sc.front+n, span{start: start, end: end})
	sc.next = sc.ahead[sc.front].start
}

// reach makes what was found ahead and begins at or before i the thing that
// candidates are skipped for.
func (sc *scanner) reach(i int) {
	for sc.front < len(sc.ahead) && sc.ahead[sc.front].start <= i {
		sc.skip = max(sc.skip, sc.ahead[sc.front].end)
		sc.front++
	}
	if sc.front < len(sc.ahead) {
		sc.next = sc.ahead[sc.front].start
		return
	}
	sc.ahead, sc.front, sc.next = sc.ahead[:0], 0, math.MaxInt
}
