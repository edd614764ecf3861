package redact

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"testing"
)

// logLines is a text of about n bytes like the logs of a busy host. No line
// is like another, so that no cache flatters the figure.
func logLines(n int) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func(k int) string {
		b := make([]byte, k)
		for i := range b {
			b[i] = "abcdefghijklmnopqrstuvwxyz"[rng.IntN(26)]
		}
		return string(b)
	}
	ip := func() string {
		return fmt.Sprintf("%d.%d.%d.%d", 11+rng.IntN(200), rng.IntN(256), rng.IntN(256), 1+rng.IntN(254))
	}
	var b bytes.Buffer
	for b.Len() < n {
		h, m, s := rng.IntN(24), rng.IntN(60), rng.IntN(60)
		switch rng.IntN(12) {
		case 0:
			fmt.Fprintf(&b, "Jan %2d %02d:%02d:%02d web%d sshd[%d]: Failed password for %s from %s port %d ssh2\n", 1+rng.IntN(28), h, m, s, rng.IntN(40), rng.IntN(30000), word(6), ip(), rng.IntN(60000))
		case 1, 2:
			fmt.Fprintf(&b, "%s - - [%02d/Jan/2026:%02d:%02d:%02d +0000] \"GET /api/%s/%d?page=%d HTTP/1.1\" 200 %d \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\"\n", ip(), 1+rng.IntN(28), h, m, s, word(7), rng.IntN(1e6), rng.IntN(99), rng.IntN(90000))
		case 3, 4:
			fmt.Fprintf(&b, "{\"ts\":\"2026-01-%02dT%02d:%02d:%02d.%03dZ\",\"level\":\"info\",\"msg\":\"%s %s\",\"trace_id\":\"%016x%016x\",\"duration_ms\":%d}\n", 1+rng.IntN(28), h, m, s, rng.IntN(1000), word(8), word(5), rng.Uint64(), rng.Uint64(), rng.IntN(4000))
		case 5:
			fmt.Fprintf(&b, "2026-01-%02d %02d:%02d:%02d,%03d INFO  [main] c.a.o.%s - connected user=%s password=%s%d ip=%s\n", 1+rng.IntN(28), h, m, s, rng.IntN(1000), word(9), word(6), word(7), rng.IntN(1000), ip())
		case 6:
			fmt.Fprintf(&b, "2026-01-%02d %02d:%02d:%02d,%03d WARN  [pool-%d] mail.%s: queued for %s.%s@%s.example.org (%d bytes)\n", 1+rng.IntN(28), h, m, s, rng.IntN(1000), rng.IntN(30), word(6), word(5), word(7), word(8), rng.IntN(90000))
		default:
			fmt.Fprintf(&b, "2026-01-%02d %02d:%02d:%02d,%03d INFO  [http-%d] com.%s.%s.%s: %s finished %s for request %d in %d ms (%s, %s)\n", 1+rng.IntN(28), h, m, s, rng.IntN(1000), rng.IntN(64), word(6), word(8), word(7), word(9), word(4), rng.IntN(1e7), rng.IntN(9000), word(6), word(11))
		}
	}
	return b.Bytes()
}

func base64Lines(n int) []byte {
	rng := rand.NewChaCha8([32]byte{1})
	raw := make([]byte, 75)
	var b bytes.Buffer
	for b.Len() < n {
		rng.Read(raw)
		b.WriteString(base64.StdEncoding.EncodeToString(raw))
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func benchmarkStream(b *testing.B, text []byte) {
	s := session(b)
	if os.Getenv("DIAGCOLLECT_PLAIN") != "" { // as on a processor that has no kernels
		s.kernels = plain
	}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := io.Copy(io.Discard, s.Stream("x.log", bytes.NewReader(text))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(bytes.Count(text, []byte{'\n'})), "lines/op")
}

func BenchmarkStream(b *testing.B) { benchmarkStream(b, logLines(16<<20)) }

func BenchmarkBase64(b *testing.B) { benchmarkStream(b, base64Lines(16<<20)) }

func BenchmarkLongLine(b *testing.B) {
	benchmarkStream(b, bytes.ReplaceAll(logLines(16<<20), []byte{'\n'}, []byte{' '}))
}

// BenchmarkFile redacts the file that $DIAGCOLLECT_BENCH names.
func BenchmarkFile(b *testing.B) {
	name := os.Getenv("DIAGCOLLECT_BENCH")
	if name == "" {
		b.Skip("DIAGCOLLECT_BENCH is not set")
	}
	text, err := os.ReadFile(name)
	if err != nil {
		b.Fatal(err)
	}
	benchmarkStream(b, text)
}
