package redact

// kernels are the two loops over each byte.
type kernels struct {
	// fill fills the first n windows of out, a multiple of windowLanes, from b,
	// of which the first window begins at b[0], and reports, not zero, whether
	// there are odd bytes.
	fill func(out *windowSet, n int, b []byte, g *gateSet) (odd uint64)
	// seek fills words, each of a window, with where a short value may begin.
	seek func(words []uint64, b []byte, g *shortGate)
}

var plain = kernels{windowsGo, seekGo}

// fast are the best kernels that there are for this processor.
var fast = kernelsHere()[0]

// windows goes over a text, some windows at a time.
type windows struct {
	kernels
	b   []byte
	at  int // the first byte that is not judged yet
	odd uint64
	set windowSet
	pad [(windowLanes-1)*windowStep + windowReach]byte
}

func (w *windows) begin(b []byte, k kernels) { w.kernels, w.b, w.at, w.odd = k, b, 0, 0 }

// next makes the next windows and says how many they are and where the first of
// their bits stands in the text; none at its end.
func (w *windows) next(g *gateSet) (n, base int) {
	b, n, base := w.piece()
	if n == 0 {
		return 0, 0
	}
	w.odd |= w.fill(&w.set, n, b, g)
	for k, left := 0, len(w.b)-base; k < n && left < n*windowStep+windowSize; k++ {
		if end := left - k*windowStep; end < windowBefore+windowStep { // what was put behind the text is no line
			w.set.lines[k] &= 1<<max(end, 0) - 1
		}
	}
	return n, base
}

// nextWords is next for the words of short values alone.
func (w *windows) nextWords(g *shortGate) (n, base int) {
	b, n, base := w.piece()
	w.seek(w.set.words[:n], b, g)
	return n, base
}

// piece is the next part of the text, how many windows it is and where in the
// text it begins, which is before its beginning for the first.
func (w *windows) piece() (b []byte, n, base int) {
	if w.at >= len(w.b) {
		return nil, 0, 0
	}
	base = w.at - windowBefore
	if n = (len(w.b)-base-windowReach)/windowStep + 1; base >= 0 && n >= windowLanes {
		n = min(n, setWindows) &^ (windowLanes - 1)
		w.at += n * windowStep
		return w.b[base:], n, base
	}
	// Beyond either end of the text there are line feeds.
	k := 0
	for ; base+k < 0; k++ {
		w.pad[k] = '\n'
	}
	for k += copy(w.pad[k:], w.b[base+k:]); k < len(w.pad); k++ {
		w.pad[k] = '\n'
	}
	w.at += windowLanes * windowStep
	return w.pad[:], windowLanes, base
}
