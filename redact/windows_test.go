package redact

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// every lets every word, number, separator and sign be looked at: what the
// rules would find if nothing came before them.
var every = kernels{seek: seekGo, fill: func(out *windowSet, n int, b []byte, _ *gateSet) (odd uint64) {
	for k := range n {
		m := classify((*[windowSize]byte)(b[k*windowStep:]))
		odd |= m[mOdd]
		out.word[k] = m[mWord]
		out.words[k] = judge64(&m).inner
		out.shapes[k] = m[mWord] &^ (m[mWord] << 1 &^ (m[mBack]<<2 | m[mHigh]<<1&^m[mHigh])) & windowMask
		out.seps[k] = (m[mSep] &^ m[mColon]) & windowMask
		out.addrs[k] = m[mColon] & windowMask
		out.signs[k] = m[mSign] & windowMask
		out.lines[k] = m[mLine] & windowMask
	}
	return odd
}}

// mixture is a text of what the masks tell apart, at random.
func mixture(rng *rand.Rand, n int) []byte {
	pieces := []string{
		" ", " ", " ", "\n", "=", ":", "::", "://", "@", ".", "-", "--", "_", "$", "{", "<", "%", "+", ";", "\"", "'", "\\", "[", "]", "\x1b[1;31m", "\t", "\x00", "\x7f", "\x01", "é", "/", "\\n", "\\t", "“", "”",
		"password", "user", "for", "from", "by", "to", "as", "Key 1", "token", "AKIA", "key", "ad", "corp", "4111 1111 1111 1111", "4111111111111111", "078-05-1120", "10.0.0.7", "192.168.100.200", "1.2.3", "fe80::1", "00:1b:44:11:3a:b7",
		"00-1b-44-11-3a-b7", "001b.44aa.3ab7", "DE44500105175407324931", "bob@example.org", "12:34:56", "2026-01-02", "0x1f", "3D", "40", "abcdefghijkl", "110201543:AAabc", "uid", "eyJhbGci", "host\":", "user' :", "key =", "name]:", "x1]:", "Key 1):", "99\":",
		"pre-shared-key", "pre-set", "roots", "package", "packagist_", "https://", "ghp_0123456789abcdefghij",
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
		checkWindows(t, mixture(rng, 64+rng.IntN(1200)))
	}
}

func FuzzWindows(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 4 {
		f.Add(mixture(rng, 200))
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkWindows(t, b) })
}

// checkWindows holds the kernels of this processor and their twin equal.
func checkWindows(t *testing.T, b []byte) {
	t.Helper()
	const least = (windowLanes-1)*windowStep + windowReach
	b = append(bytes.Clone(b), bytes.Repeat([]byte{'\n'}, max(0, least-len(b)))...)
	n := min(setWindows, (len(b)-windowReach)/windowStep+1)
	g := new(shortGate)
	for k := 0; k+4 <= len(b); k += 1 + len(b)/7 {
		g.add(load4(b, k))
	}
	wanted, want := make([]uint64, n), new(windowSet)
	seekGo(wanted, b, g)
	odd := windowsGo(want, n&^(windowLanes-1), b, gates)
	for which, fast := range kernelsHere() {
		seen := make([]uint64, n)
		fast.seek(seen, b, g)
		for k := range n {
			if seen[k] != wanted[k] {
				t.Fatalf("kernels %d: %q: seeking, window %d of %d: got %x, want %x", which, b, k, n, seen[k], wanted[k])
			}
		}
		n := n &^ (windowLanes - 1)
		got := new(windowSet)
		if (fast.fill(got, n, b, gates) == 0) != (odd == 0) {
			t.Fatalf("kernels %d: %q: not the same odd bytes", which, b)
		}
		for k := range n {
			for _, f := range []struct {
				name      string
				got, want uint64
			}{{"word", got.word[k], want.word[k]}, {"words", got.words[k], want.words[k]}, {"shapes", got.shapes[k], want.shapes[k]}, {"seps", got.seps[k], want.seps[k]},
				{"addrs", got.addrs[k], want.addrs[k]}, {"signs", got.signs[k], want.signs[k]}, {"lines", got.lines[k], want.lines[k]}} {
				if f.got != f.want {
					t.Fatalf("kernels %d: %s of window %d of %d in %q: got %x, want %x", which, f.name, k, n, b[k*windowStep:k*windowStep+windowReach], f.got, f.want)
				}
			}
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
		through := redactWith(t, fast, text)
		all := redactWith(t, every, text)
		if !bytes.Equal(through, all) {
			k := 0
			for through[k] == all[k] {
				k++
			}
			low := max(0, k-80)
			t.Errorf("a gate keeps back what a rule would find:\n with %q\n  without %q", through[low:min(len(through), k+60)], all[low:min(len(all), k+60)])
		}
	}
}

// What begins with too little is told by its length, or the gate would let
// through words of every log.
func TestGatesAreNarrow(t *testing.T) {
	for i := range tokens.forms {
		if f := &tokens.forms[i]; !f.byLength() && len(f.begins()) > 100 {
			t.Errorf("%s: %q begins in %d ways and is not long enough to be told by that", f.rule.id, f.prefix, len(f.begins()))
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

func redactWith(t *testing.T, k kernels, text []byte) []byte {
	t.Helper()
	s, err := NewSession(Options{CaseKey: make([]byte, 32), Rand: sameBytes{}})
	if err != nil {
		t.Fatal(err)
	}
	s.kernels = k
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
	const piece = setWindows * windowStep
	short := new(shortGate)
	short.add(load4([]byte("host"), 0))
	out := new(windowSet)
	for _, k := range []struct {
		name string
		kernels
	}{{"fast", fast}, {"plain", plain}} {
		run := func(name string, f func(text []byte)) {
			b.Run(k.name+name, func(b *testing.B) {
				b.SetBytes(int64((len(text) - windowReach) / piece * piece))
				for b.Loop() {
					for at := 0; at+piece+windowReach <= len(text); at += piece {
						f(text[at:])
					}
				}
			})
		}
		run("", func(text []byte) { k.fill(out, setWindows, text, gates) })
		run("Seek", func(text []byte) { k.seek(out.words[:], text, short) })
	}
}
