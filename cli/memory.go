package cli

import (
	"os"
	"runtime/debug"
)

// Machines in trouble have no memory to spare. Little of ours is alive at a
// time and much passes through, so to collect garbage more often costs next to
// nothing. A job reads many files at once and what it holds of them varies:
// from a bound on, it collects as often as it takes to stay below. Whoever says
// otherwise in GOGC or GOMEMLIMIT has their way.
const (
	garbagePercent = 40        // of what is alive, before it is collected
	jobMemory      = 100 << 20 // the program's own code aside
)

// sparing makes the process take little memory.
func sparing() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbagePercent)
	}
}

// sparingJob bounds the memory of a process that runs a job, however much there
// is to gather.
func sparingJob() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(jobMemory)
	}
}
