package inspect

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
)

const (
	sieveWidth = 4  // bytes of a shape that are looked for first
	sieveBlock = 32 // places looked at at once
)

// sieve finds where a text has one of some shapes. It looks for four bytes of
// each, or fewer, where these are the rarest, at many places at once, and then
// whether the rest stands around them. It is not changed once made.
type sieve struct {
	shapes []shapeAt
	masks  sieveMasks
	often  float64 // how often, by byte, it is thought to find something
	kernel bool    // there is one for this processor

	lone byte // the only byte that may stand loneAt behind the place of a candidate
	at   int  // -1: there is none
}

// sieveMasks say by place, for the low and the high half of a byte, which groups
// of shapes may have it there, a bit for each; twice, for kernels that look at
// 16 bytes and 16 bytes.
type sieveMasks [sieveWidth][2][sieveBlock]byte

type shapeAt struct {
	shape
	off int  // of what is looked for first
	odd bool // it does not belong to what is looked for, but is the same as a part of it in another case
}

// newSieve is nil when there is nothing to look for.
func newSieve(shapes []shape, odd bool) *sieve {
	if len(shapes) == 0 || hasEmpty(shapes) {
		return nil
	}
	s := &sieve{often: frequency(shapes), kernel: fastSieve, at: -1}
	for _, sh := range shapes {
		off, _ := sh.window()
		s.shapes = append(s.shapes, shapeAt{shape: sh, off: off})
	}
	if odd {
		// Long s and the Kelvin sign are s and k in another case.
		s.shapes = append(s.shapes, shapeAt{plain("\u017f"), 0, true}, shapeAt{plain("\u212a"), 0, true})
	}
	windows := make([][sieveWidth]class, len(s.shapes))
	for i, sh := range s.shapes {
		windows[i] = sh.wanted()
	}
	kinds := slices.Clone(windows)
	slices.SortFunc(kinds, func(a, b [sieveWidth]class) int {
		for i := range a {
			if c := slices.Compare(a[i][:], b[i][:]); c != 0 {
				return c
			}
		}
		return 0
	})
	kinds = slices.Compact(kinds)
	for k, w := range kinds {
		bit := byte(1) << (k * 8 / max(len(kinds), 8))
		for i := range w {
			for c := range 256 {
				if w[i].has(byte(c)) {
					for _, half := range []int{0, sieveBlock / 2} {
						s.masks[i][0][half+c&15] |= bit
						s.masks[i][1][half+c>>4] |= bit
					}
				}
			}
		}
	}
	if len(kinds) == 1 {
		s.single(kinds[0])
	}
	return s
}

// single looks for a place in which one byte may stand only.
func (s *sieve) single(w [sieveWidth]class) {
	least := 1.0
	for i, c := range w {
		n := 0
		for _, word := range c {
			n += bits.OnesCount64(word)
		}
		if f := often(&c); n == 1 && f < least {
			least, s.at = f, i
			for b := range 256 {
				if c.has(byte(b)) {
					s.lone = byte(b)
				}
			}
		}
	}
}

// wanted is what is looked for first; behind the end of a shape, any byte will do.
func (s shapeAt) wanted() (w [sieveWidth]class) {
	for i := range w {
		if s.off+i < len(s.shape) {
			w[i] = s.shape[s.off+i]
		} else {
			w[i] = class{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}
		}
	}
	return w
}

// window says where the rarest bytes of a shape begin that are looked for
// first, and how often they are thought to be found.
func (s shape) window() (off int, least float64) {
	least = 2
	for i := 0; i == 0 || i+sieveWidth <= len(s); i++ {
		f := 1.0
		for k := i; k < min(i+sieveWidth, len(s)); k++ {
			f *= often(&s[k])
		}
		if f < least {
			off, least = i, f
		}
	}
	return off, least
}

// often guesses how often a byte of a log is one of a class.
func often(c *class) float64 {
	const common = " e0ta1oinrsdl2c3u4m5-:p.6789/fghbyw=[]v,_\"()kxjqz" // most frequent first
	sum := 0.0
	for b := range 256 {
		if !c.has(byte(b)) {
			continue
		}
		f := 0.001
		if rank := strings.IndexByte(common, byte(b)); rank >= 0 {
			f = 0.07 / (1 + float64(rank)/8)
		}
		sum += f
	}
	return min(sum, 1)
}

// over begins to go through a text.
func (s *sieve) over(text []byte) *sifting { return &sifting{sieve: s, text: text} }

// sifting goes through a text. One goroutine uses it.
type sifting struct {
	*sieve
	text  []byte
	block int    // where the block is that begins
	left  uint32 // places of it not looked at yet
	next  int    // where the next block is
}

// from finds the first place at or behind pos at which a shape is, if no shape
// reaches over pos. The place is within it; -1: there is none. It is asked for
// ever greater pos.
func (f *sifting) from(pos int) (at int, odd bool) {
	for {
		for f.left != 0 {
			i := f.block + bits.TrailingZeros32(f.left)
			f.left &= f.left - 1
			if i < pos {
				continue
			}
			for k := range f.shapes {
				if s := &f.shapes[k]; s.at(f.text, i-s.off) {
					return i, s.odd
				}
			}
		}
		f.next = max(f.next, pos)
		if !f.blocks() {
			return -1, false
		}
	}
}

// blocks goes on to the next block with candidates.
func (f *sifting) blocks() bool {
	rest := f.text[min(f.next, len(f.text)):]
	if n := (len(rest) - sieveWidth + 1) / sieveBlock; n > 0 && f.kernel {
		i, found := sift(&f.masks, rest, n)
		f.block, f.left = f.next+i*sieveBlock, found
		f.next = f.block + sieveBlock
		if found != 0 {
			return true
		}
		f.next = f.block
		rest = f.text[f.next:]
	}
	for i := 0; i < len(rest); i++ {
		if f.at >= 0 {
			skip := bytes.IndexByte(rest[min(i+f.at, len(rest)):], f.lone)
			if skip < 0 {
				break
			}
			i += skip
		}
		if f.candidate(rest[i:]) {
			f.block, f.left, f.next = f.next+i, 1, f.next+i+1
			return true
		}
	}
	f.next = len(f.text)
	return false
}

// candidate looks at one place, as kernels do at many.
func (f *sifting) candidate(text []byte) bool {
	groups := byte(0xff)
	for i, c := range text[:min(len(text), sieveWidth)] {
		if groups &= f.masks[i][0][c&15] & f.masks[i][1][c>>4]; groups == 0 {
			return false
		}
	}
	return true
}
