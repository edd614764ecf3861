package redact

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// everyWindow lets every word, number, separator and sign be looked at: what
// the rules would find if nothing came before them.
func everyWindow(out []window, b []byte, _ *gates) (odd uint64) {
	for k := range out {
		m := classify((*[windowSize]byte)(b[k*windowStep:]))
		odd |= m[mOdd]
		out[k] = window{
			shapes: m[mWord] &^ (m[mWord] << 1) & windowMask,
			seps:   (m[mSep] &^ m[mColon]) & windowMask,
			addrs:  m[mColon] & windowMask,
			signs:  m[mSign] & windowMask,
			lines:  m[mLine] & windowMask,
		}
	}
	return odd
}

// mixture is a text of what the masks tell apart, at random.
func mixture(rng *rand.Rand, n int) []byte {
	pieces := []string{
		" ", " ", " ", "\n", "=", ":", "::", "://", "@", ".", "-", "--", "_", "$", "{", "<", "%", "+", ";", "\"", "'", "\\", "[", "]", "\x1b[1;31m", "\t", "\x00", "\x7f", "\x01", "é", "/",
		"password", "user", "for", "from", "by", "to", "as", "Key 1", "token", "AKIA", "key", "ad", "corp", "4111 1111 1111 1111", "4111111111111111", "078-05-1120", "10.0.0.7", "192.168.100.200", "1.2.3", "fe80::1", "00:1b:44:11:3a:b7",
		"00-1b-44-11-3a-b7", "001b.44aa.3ab7", "DE44500105175407324931", "bob@example.org", "12:34:56", "2026-01-02", "0x1f", "3D", "40", "abcdefghijkl", "110201543:AAabc", "uid", "eyJhbGci", "ghp_0123456789abcdefghij",
	}
	var b bytes.Buffer
	for b.Len() < n {
		if rng.IntN(3) == 0 {
			b.WriteByte("0123456789abcdefXYZ "[rng.IntN(20)])
			continue
		}
		b.WriteString(pieces[rng.IntN(len(pieces))])
	}
	return b.Bytes()
}

func TestWindows(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 400 {
		checkWindows(t, mixture(rng, 64+rng.IntN(600)))
	}
}

func FuzzWindows(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 4 {
		f.Add(mixture(rng, 200))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkWindows(t, b) })
}

// checkWindows holds the kernel and its twin equal, and tells what they let
// out where they should not.
func checkWindows(t *testing.T, b []byte) {
	t.Helper()
	if len(b) < windowReach {
		return
	}
	n := (len(b)-windowReach)/windowStep + 1
	got, want := make([]window, n), make([]window, n)
	oddGot, oddWant := fastWindows(got, b, builtinGate), windowsGo(want, b, builtinGate)
	if (oddGot == 0) != (oddWant == 0) {
		t.Fatalf("%q: odd bytes %v, want %v", b, oddGot != 0, oddWant != 0)
	}
	g := new(gates)
	for k := 0; k+4 <= len(b); k += 1 + len(b)/7 {
		g.add(load4(b, k))
	}
	fastSeek(got, b, g)
	seekGo(want, b, g)
	for k := range got {
		if got[k] != want[k] {
			t.Fatalf("%q: seeking, window %d of %d: got %x, want %x", b, k, n, got[k].words, want[k].words)
		}
	}
	fastWindows(got, b, builtinGate)
	windowsGo(want, b, builtinGate)
	for k := range got {
		if got[k] != want[k] {
			t.Fatalf("%q: window %d of %d:\n got %+x\nwant %+x", b, k, n, got[k], want[k])
		}
	}
}

// TestGates holds what is let through to what the rules would find without:
// nothing that is found may depend on a gate.
func TestGates(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	texts := [][]byte{logLines(1 << 20), base64Lines(1 << 16)}
	texts = append(texts, tellingTexts(rng)...)
	for range 60 {
		texts = append(texts, mixture(rng, 4096))
	}
	for _, text := range texts {
		through := redactWith(t, fastWindows, text)
		every := redactWith(t, everyWindow, text)
		if !bytes.Equal(through, every) {
			k := 0
			for through[k] == every[k] {
				k++
			}
			low := max(0, k-80)
			t.Errorf("a gate keeps back what a rule would find:\n with %q\n  without %q", through[low:min(len(through), k+60)], every[low:min(len(every), k+60)])
		}
	}
}

// tellingTexts are texts in which each token and each topic stands.
func tellingTexts(rng *rand.Rand) (texts [][]byte) {
	for _, r := range tokenRules {
		var b bytes.Buffer
		for _, hit := range r.hits {
			text, _ := expand(rng, hit)
			b.WriteString("seen " + text + " here\n" + text + "\n" + "key\t" + text + "\n")
		}
		texts = append(texts, b.Bytes())
	}
	for w := range topics {
		for _, before := range []string{"", " ", ".", "(", "/", "\"", "<"} {
			for _, after := range []string{" ", "=", ": ", "(", "\"", "", ":389", ".com"} {
				texts = append(texts, []byte("x y1.z"+before+w+after+"hunter-Oboe-4471 is on db1.corp.example.com:5432\n"))
			}
		}
	}
	return texts
}

func redactWith(t *testing.T, fill fillWindows, text []byte) []byte {
	t.Helper()
	s, err := NewSession(Options{CaseKey: make([]byte, 32), Rand: sameBytes{}})
	if err != nil {
		t.Fatal(err)
	}
	s.fill = fill
	out, err := io.ReadAll(s.Stream("x.log", bytes.NewReader(text)))
	if err != nil {
		return []byte(err.Error())
	}
	return out
}

// sameBytes make secrets equal in two sessions.
type sameBytes struct{}

func (sameBytes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// The kernels and their twins alone, on text that is in the cache.
func BenchmarkWindows(b *testing.B) {
	text := logLines(192 << 10)
	n := (len(text)-windowReach)/windowStep + 1
	out := make([]window, 64)
	for _, k := range []struct {
		name string
		fill fillWindows
	}{{"fast", fastWindows}, {"plain", windowsGo}, {"fastSeek", fastSeek}, {"plainSeek", seekGo}} {
		b.Run(k.name, func(b *testing.B) {
			b.SetBytes(int64(n * windowStep))
			for b.Loop() {
				for at := 0; at+len(out) <= n; at += len(out) {
					k.fill(out, text[at*windowStep:], builtinGate)
				}
			}
		})
	}
}
