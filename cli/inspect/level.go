package inspect

import (
	"fmt"
	"strings"
)

// Level is how grave a line is, as far as its words tell.
type Level int

// Levels from least to most.
const (
	Other Level = iota
	Warning
	Error
)

// ParseLevel reads "error" or "warning".
func ParseLevel(s string) (Level, error) {
	switch strings.ToLower(s) {
	case "error", "err":
		return Error, nil
	case "warning", "warn":
		return Warning, nil
	}
	return Other, fmt.Errorf("%q is no level: error or warning", s)
}

// levelWord judges a word in lower case.
func levelWord(word string) Level {
	switch word {
	case "error", "err", "fatal", "panic", "critical", "crit", "emerg", "severe", "exception", "failed":
		return Error
	case "warning", "warn":
		return Warning
	}
	return Other
}

// levelOf judges a line by its words: the gravest counts. So a line that says
// "no error" is one of an error.
func levelOf(line []byte) Level {
	if len(line) > 6 && isDigit(line[1]) && isDigit(line[4]) && line[5] == ' ' { // klog
		switch line[0] {
		case 'E', 'F':
			return Error
		case 'W':
			return Warning
		}
	}
	found := Other
	line = line[:min(len(line), 4096)]
	for i := 0; i < len(line); {
		for i < len(line) && !isLetter(line[i]) {
			i++
		}
		start := i
		for i < len(line) && isLetter(line[i]) {
			i++
		}
		if n := i - start; n < 3 || n > 9 || start > 0 && (isDigit(line[start-1]) || line[start-1] == '_') || i < len(line) && (isDigit(line[i]) || line[i] == '_') {
			continue
		}
		var word [9]byte
		for k, c := range line[start:i] {
			word[k] = c | 0x20
		}
		if l := levelWord(string(word[:i-start])); l > found {
			if found = l; found == Error {
				return Error
			}
		}
	}
	return found
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
