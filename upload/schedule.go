package upload

import "time"

// The schedule of deliveries that fail: a first phase of short, even steps,
// for the outage that passes; then steps that double, up to a cap.
const (
	firstStep  = 8 * time.Minute
	firstPhase = 2 * time.Hour
	lastStep   = 4 * time.Hour
)

// NextTry says when an item is due again after tries failed tries (one or
// more), the first of which was at first.
func NextTry(tries int, first time.Time) time.Time {
	const even = int(firstPhase / firstStep)
	if tries <= even {
		return first.Add(time.Duration(max(tries, 0)) * firstStep)
	}
	due, step := first.Add(firstPhase), firstStep
	for n := tries - even; n > 0; n-- {
		if step = min(2*step, lastStep); step == lastStep {
			return due.Add(time.Duration(n) * lastStep)
		}
		due = due.Add(step)
	}
	return due
}
