package cli

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// inPieces gives f the text of r in pieces of at most 64 KiB that end where cut
// says how much of what was read so far is whole: nothing, if more is wanted. A
// character is never cut, whatever cut says of a full piece.
func inPieces(r io.Reader, cut func(read []byte) int, f func(piece []byte) error) error {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		n += kept
		end := n
		if err == nil {
			end = cut(buf[:n])
			if end == 0 && n == len(buf) {
				end = wholeCharacters(buf)
			}
		}
		if end > 0 {
			if err := f(buf[:end]); err != nil {
				return err
			}
		}
		kept = copy(buf, buf[end:n])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// wholeLines is where the last line break of b ends.
func wholeLines(b []byte) int { return bytes.LastIndexByte(b, '\n') + 1 }

// wholeCharacters is where a character begins that does not end in b.
func wholeCharacters(b []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(b); back++ {
		if utf8.RuneStart(b[len(b)-back]) {
			if !utf8.FullRune(b[len(b)-back:]) {
				return len(b) - back
			}
			break
		}
	}
	return len(b)
}
