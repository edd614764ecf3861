package redact

// fillWindows fills out from b, of which the first window begins at b[0], and
// reports, not zero, whether there are odd bytes.
type fillWindows func(out []window, b []byte, g *gates) (odd uint64)

// windows goes over a text, some windows at a time.
type windows struct {
	fill fillWindows
	gate *gates
	b    []byte
	at   int // the first byte that is not judged yet
	odd  uint64
	out  [64]window
	pad  [windowReach]byte
}

func (w *windows) begin(b []byte, fill fillWindows, g *gates) {
	w.fill = fill
	w.b, w.gate, w.at, w.odd = b, g, 0, 0
}

// next returns the next windows and where the first of their bits stands in
// the text; none at its end.
func (w *windows) next() (out []window, base int) {
	b, at := w.b, w.at
	if at >= len(b) {
		return nil, 0
	}
	base = at - windowBefore
	if n := (len(b)-base-windowReach)/windowStep + 1; base >= 0 && len(b)-base >= windowReach {
		n = min(n, len(w.out))
		w.at += n * windowStep
		w.odd |= w.fill(w.out[:n], b[base:], w.gate)
		return w.out[:n], base
	}
	// Beyond either end of the text there are line feeds.
	k := 0
	for ; base+k < 0; k++ {
		w.pad[k] = '\n'
	}
	k += copy(w.pad[k:], b[base+k:])
	end := k
	for ; k < len(w.pad); k++ {
		w.pad[k] = '\n'
	}
	w.at += windowStep
	w.odd |= w.fill(w.out[:1], w.pad[:], w.gate)
	if end < windowBefore+windowStep {
		w.out[0].lines &= 1<<end - 1
	}
	return w.out[:1], base
}
