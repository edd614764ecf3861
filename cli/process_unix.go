//go:build unix

package cli

import "syscall"

// noCoreDumps keeps the memory of this process, which holds raw logs and
// keys, out of crash files.
func noCoreDumps() {
	// A system that refuses has no core dumps of ours to fear more than before.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
}
