//go:build unix

package receive

import "syscall"

const fullDisk = syscall.ENOSPC
