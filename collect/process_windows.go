package collect

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

func systemRoot() string {
	if dir, err := windows.GetSystemWindowsDirectory(); err == nil {
		return dir
	}
	return `C:\Windows`
}

func safePath() string {
	r := systemRoot()
	list := []string{filepath.Join(r, "System32"), r, filepath.Join(r, "System32", "Wbem"), filepath.Join(r, "System32", "WindowsPowerShell", "v1.0")}
	s := list[0]
	for _, d := range list[1:] {
		s += string(os.PathListSeparator) + d
	}
	return s
}

func workDir() string { return systemRoot() }

// tree is a job object: what it holds ends with it.
type tree struct {
	job windows.Handle
	cmd *exec.Cmd
}

func startTree(cmd *exec.Cmd, _ *orphans) (*tree, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return nil, err
	}
	info := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{}
	info.BasicLimitInformation.LimitFlags = windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	if err != nil {
		_ = windows.CloseHandle(job)
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	if err := cmd.Start(); err != nil {
		_ = windows.CloseHandle(job)
		return nil, err
	}
	t := &tree{job: job, cmd: cmd}
	// What it starts before it is assigned escapes; that is a moment.
	if h, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(cmd.Process.Pid)); err == nil {
		_ = windows.AssignProcessToJobObject(job, h)
		_ = windows.CloseHandle(h)
	}
	return t, nil
}

func (t *tree) ask() {}

func (t *tree) kill() {
	_ = windows.TerminateJobObject(t.job, 1)
	_ = t.cmd.Process.Kill()
}

// sweep has nothing to do: no process leaves the job.
func (t *tree) sweep() {}

func (t *tree) close() { _ = windows.CloseHandle(t.job) }

// readNow reads nothing: pipes have no deadlines here that could pass.
func readNow(*os.File, []byte) (int, error) { return 0, nil }
