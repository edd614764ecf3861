package inspect

import (
	"fmt"
	"strings"
)

// mostEdits bounds the work and memory of a comparison line by line.
const mostEdits = 2000

// edit is a line of a comparison.
type edit struct {
	op   byte // ' ', '-', '+'
	text string
}

// compareLines compares two texts line by line by Myers' greedy algorithm (An
// O(ND) Difference Algorithm, 1986); lines are equal when key says the same of
// them. It gives up (false) when more than mostEdits lines were added or removed.
func compareLines(a, b []string, key func(string) string) ([]edit, bool) {
	number := map[string]int{}
	ids := func(lines []string) []int {
		out := make([]int, len(lines))
		for i, line := range lines {
			k := key(line)
			id, ok := number[k]
			if !ok {
				id = len(number)
				number[k] = id
			}
			out[i] = id
		}
		return out
	}
	x, y := ids(a), ids(b)
	pre := 0
	for pre < len(x) && pre < len(y) && x[pre] == y[pre] {
		pre++
	}
	post := 0
	for post < len(x)-pre && post < len(y)-pre && x[len(x)-1-post] == y[len(y)-1-post] {
		post++
	}
	path, ok := shortest(x[pre:len(x)-post], y[pre:len(y)-post])
	if !ok {
		return nil, false
	}
	var out []edit
	i, j := 0, 0
	step := func(op byte) {
		switch op {
		case '-':
			out = append(out, edit{op, a[i]})
			i++
		case '+':
			out = append(out, edit{op, b[j]})
			j++
		default:
			out = append(out, edit{op, b[j]})
			i, j = i+1, j+1
		}
	}
	for range pre {
		step(' ')
	}
	for _, op := range path {
		step(op)
	}
	for range post {
		step(' ')
	}
	return out, true
}

// shortest gives the shortest way from x to y: what to take of both, to remove
// and to add.
func shortest(x, y []int) ([]byte, bool) {
	n, m := len(x), len(y)
	most := min(n+m, mostEdits)
	v := make([]int32, 2*most+3) // furthest place in x, by diagonal + most + 1
	var trace [][]int32
	for d := 0; d <= most; d++ {
		trace = append(trace, append([]int32(nil), v[most+1-d:most+2+d]...)) // of the step before
		for k := -d; k <= d; k += 2 {
			var i int
			if k == -d || k != d && v[most+k] < v[most+k+2] {
				i = int(v[most+k+2])
			} else {
				i = int(v[most+k]) + 1
			}
			for i < n && i-k < m && x[i] == y[i-k] {
				i++
			}
			v[most+1+k] = int32(i)
			if i >= n && i-k >= m {
				return walkBack(trace, n, m), true
			}
		}
	}
	return nil, false
}

// walkBack reads the way out of what was furthest at each step.
func walkBack(trace [][]int32, i, j int) []byte {
	var ops []byte // from the end
	for d := len(trace) - 1; d > 0; d-- {
		v := trace[d] // by diagonal + d
		k := i - j
		at := func(k int) int {
			if k < -d || k > d {
				return -1
			}
			return int(v[k+d])
		}
		down := k == -d || k != d && at(k-1) < at(k+1)
		prev := k - 1
		if down {
			prev = k + 1
		}
		pi := at(prev)
		pj := pi - prev
		for i > pi && j > pj && (down && j > pj+1 || !down && i > pi+1) {
			ops = append(ops, ' ')
			i, j = i-1, j-1
		}
		if down {
			ops = append(ops, '+')
		} else {
			ops = append(ops, '-')
		}
		i, j = pi, pj
	}
	for ; i > 0 && j > 0; i, j = i-1, j-1 {
		ops = append(ops, ' ')
	}
	for a, b := 0, len(ops)-1; a < b; a, b = a+1, b-1 {
		ops[a], ops[b] = ops[b], ops[a]
	}
	return ops
}

// unified writes the changes with lines around them, as diff -u does.
func unified(edits []edit, around int) []string {
	var out []string
	oldLine, newLine := 1, 1
	for at := 0; at < len(edits); {
		if edits[at].op == ' ' {
			at++
			oldLine, newLine = oldLine+1, newLine+1
			continue
		}
		begin := max(at-around, 0)
		end, calm := at, 0
		for ; end < len(edits) && calm <= 2*around; end++ {
			if calm++; edits[end].op != ' ' {
				calm = 0
			}
		}
		end = min(end-max(calm-around, 0), len(edits))
		oldFrom, newFrom := oldLine-(at-begin), newLine-(at-begin)
		var body []string
		oldCount, newCount := 0, 0
		for _, e := range edits[begin:end] {
			body = append(body, string(e.op)+e.text)
			if e.op != '+' {
				oldCount++
			}
			if e.op != '-' {
				newCount++
			}
		}
		out = append(out, fmt.Sprintf("@@ -%s +%s @@", span(oldFrom, oldCount), span(newFrom, newCount)))
		out = append(out, body...)
		oldLine, newLine, at = oldFrom+oldCount, newFrom+newCount, end
	}
	return out
}

func span(from, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", from-1)
	case 1:
		return fmt.Sprint(from)
	}
	return fmt.Sprintf("%d,%d", from, count)
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}
