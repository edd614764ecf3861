package collect

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// originAt says what makes the files of the file system at a path.
func originAt(path string) (origin, error) {
	var st unix.Statfs_t
	err := unix.Statfs(path, &st)
	return originOf(&st), err
}

// originIn says it of an open file.
func originIn(f *os.File) origin {
	c, err := f.SyscallConn()
	if err != nil {
		return stored
	}
	o := stored
	_ = c.Control(func(fd uintptr) { // fails for a closed file only
		var st unix.Statfs_t
		if unix.Fstatfs(int(fd), &st) == nil {
			o = originOf(&st)
		}
	})
	return o
}

func originOf(st *unix.Statfs_t) origin {
	switch uint32(st.Type) { //nolint:unconvert // not of one type everywhere
	case unix.PROC_SUPER_MAGIC:
		return processes
	case unix.DEBUGFS_MAGIC, unix.TRACEFS_MAGIC:
		return debugging
	case unix.SYSFS_MAGIC, unix.CGROUP_SUPER_MAGIC, unix.CGROUP2_SUPER_MAGIC, unix.SECURITYFS_MAGIC:
		return kernel
	}
	return stored
}

// pathOf is where an open file is, whatever way led there.
func pathOf(f *os.File) (string, bool) {
	c, err := f.SyscallConn()
	if err != nil {
		return "", false
	}
	var p string
	_ = c.Control(func(fd uintptr) { p, err = os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)) })
	return strings.TrimSuffix(p, " (deleted)"), err == nil && strings.HasPrefix(p, "/")
}
