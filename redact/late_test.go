package redact

import (
	"bytes"
	"fmt"
	mrand "math/rand/v2"
	"slices"
	"testing"
)

// What a long text is searched for in the end is found as anywhere else,
// wherever it stands, its ends included.
func TestLateSearch(t *testing.T) {
	rng := mrand.New(mrand.NewPCG(11, 4))
	word := func(n int) string {
		const signs = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
		b := make([]byte, n)
		for i := range b {
			b[i] = signs[rng.IntN(len(signs))]
		}
		return string(b)
	}
	for _, shape := range []struct{ min, max int }{{8, 8}, {8, 40}, {15, 17}, {16, 300}, {6, 14}} {
		s := session(t)
		start := s.Mark()
		var values []string
		mark := start
		for n := range 300 {
			v := word(shape.min+rng.IntN(shape.max-shape.min+1)) + "7x"
			if n%5 == 0 {
				v = "!" + v // the anchor is not its first byte
			}
			if n%7 == 0 {
				v = v[:4] + "$" + v[4:]
			}
			if fit, _ := s.dict.learn(cToken, []byte(v)); fit {
				values = append(values, v)
			}
			if n == 100 {
				mark = s.Mark()
			}
		}
		for _, short := range []string{"#aB3$x", "#qQ9!z"} {
			s.dict.learn(cPassword, []byte(short))
			values = append(values, short)
		}
		for n := range 60 {
			var text bytes.Buffer
			for text.Len() < lateText+n {
				switch k := rng.IntN(40); {
				case k == 0:
					text.WriteString(values[rng.IntN(len(values))])
				case k == 1:
					v := values[rng.IntN(len(values))]
					text.WriteString(v[:len(v)-1])
				case k < 5:
					fmt.Fprint(&text, word(1+rng.IntN(30)))
				case k == 5 && n%10 == 0:
					text.Write(widened(nil, []byte("wide "+values[rng.IntN(len(values))]+" text")))
				default:
					text.WriteByte(" \n,=_\"%"[rng.IntN(7)])
				}
			}
			text.WriteString(values[rng.IntN(len(values))])
			find := func(f func(sc *scanner)) []span {
				sc := newScanner(s)
				sc.begin("")
				sc.b = text.Bytes()
				f(sc)
				return slices.Clone(sc.spans)
			}
			for _, from := range []int{start, mark} {
				want := find(func(sc *scanner) { sc.seek(period{from, s.Mark()}) })
				got := find(func(sc *scanner) { sc.seekLate(from) })
				if len(want) == 0 || !slices.Equal(got, want) {
					t.Fatalf("%v from %d: %d found, %d wanted", shape, from, len(got), len(want))
				}
			}
		}
	}
}

func BenchmarkLateSearch(b *testing.B) {
	s := session(b)
	mark := s.Mark()
	for n := range 3000 {
		s.dict.learn(cToken, fmt.Appendf(nil, "Heron%dQz%dKestrel", n*7919, n))
	}
	text := bytes.Repeat([]byte("Jun  9 06:06:20 host7 sshd[1234]: Failed password for invalid user test from 10.0.3.7 port 41414 ssh2\n"), 40_000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if out, _ := s.Sweep(mark, "utf-8", text); len(out) != len(text) {
			b.Fatal("found something")
		}
	}
}
