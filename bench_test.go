//go:build unix

package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"
)

// BenchmarkJob runs the built binary over logs of several sizes, all of the
// job but the upload, and reports speed and peak memory. Memory must not grow
// with the logs:
//
//	go test -run '^$' -bench Job -benchtime 1x .
func BenchmarkJob(b *testing.B) {
	binary := build(b)
	peaks := map[int64]int64{}
	for _, mb := range []int64{100, 2000} {
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			dir := b.TempDir()
			writeLog(b, filepath.Join(dir, "in", "app.log"), mb*1e6)
			recipe := filepath.Join(dir, "r.yaml")
			if err := os.WriteFile(recipe, fmt.Appendf(nil, "recipe: 1\nname: bench\ndescription: bench\nlimits: {file: 4GiB, total: 4GiB, timeout: 10m}\ncollect:\n  - {id: app, type: event, files: [%q]}\n", dir+"/in/**"), 0o600); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(mb * 1e6)
			for b.Loop() {
				out := filepath.Join(dir, "b.tar.zst")
				peak := runJob(b, dir, binary, "--case", "B-1", "--recipe", recipe, "--trust-recipe", "--no-upload", "--output", out)
				peaks[mb] = max(peaks[mb], peak)
				if err := os.Remove(out); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(peaks[mb])/1e6, "peak-MB")
			if most := int64(200e6); peaks[mb] > most {
				b.Errorf("peak memory %d bytes, want at most %d", peaks[mb], most)
			}
		})
	}
	if small, large := peaks[100], peaks[2000]; small > 0 && large > small+64e6 {
		b.Errorf("peak memory grew from %d to %d bytes with the log", small, large)
	}
}

// BenchmarkStart is how long the binary takes to say its version.
func BenchmarkStart(b *testing.B) {
	binary := build(b)
	for b.Loop() {
		if out, err := exec.Command(binary, "--version").CombinedOutput(); err != nil {
			b.Fatalf("%v: %s", err, out)
		}
	}
	if per := b.Elapsed() / time.Duration(b.N); per > 50*time.Millisecond {
		b.Errorf("start takes %v, want below 50ms", per)
	}
}

func build(b *testing.B) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "diagcollect")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return binary
}

// runJob runs one collection with a home of its own and returns its peak
// resident memory in bytes.
func runJob(b *testing.B, dir, binary string, args ...string) int64 {
	b.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "TMPDIR=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	return peak
}

// writeLog writes lines that do not repeat, with things to find in some.
func writeLog(b *testing.B, name string, size int64) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		b.Fatal(err)
	}
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var n int64
	for i := int64(0); n < size; i++ {
		at := start.Add(time.Duration(i) * 37 * time.Millisecond).Format("2006-01-02T15:04:05.000Z")
		var m int
		switch r.IntN(12) {
		case 0:
			m, err = fmt.Fprintf(w, "%s INFO sshd[%d]: Accepted publickey for user%d from 10.%d.%d.%d port %d ssh2\n", at, r.IntN(40000), r.IntN(500), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(65536))
		case 1:
			m, err = fmt.Fprintf(w, "%s DEBUG db: connecting user=app%d password=p%x sslmode=require\n", at, r.IntN(20), r.Uint64())
		case 2:
			m, err = fmt.Fprintf(w, "%s INFO mailer: queued %08x for u%d@example.net\n", at, r.Uint32(), r.IntN(5000))
		default:
			m, err = fmt.Fprintf(w, "%s INFO [worker-%d] c.a.o.OrderController - order %d created in %d ms, batch %08x\n", at, r.IntN(32), r.IntN(1e6), r.IntN(900), r.Uint32())
		}
		if err != nil {
			b.Fatal(err)
		}
		n += int64(m)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}
