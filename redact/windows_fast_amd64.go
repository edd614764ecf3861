package redact

import "golang.org/x/sys/cpu"

//go:generate go -C asm run . -out ../windows_amd64.s -stubs ../windows_amd64.go -pkg redact

// kernelsHere are those that this processor has, the best first.
func kernelsHere() (all []kernels) {
	if x := &cpu.X86; x.HasAVX2 && x.HasBMI1 && x.HasBMI2 {
		if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VBMI {
			all = append(all, withVectors(windowsAVX512))
		}
		all = append(all, withVectors(windowsAVX2))
	}
	return append(all, plain)
}

func withVectors(fill func(out *uint64, b *byte, n int, gate *uint64) (odd uint64)) kernels {
	return kernels{
		func(out *windowSet, n int, b []byte, g *gateSet) uint64 {
			if n == 0 {
				return 0
			}
			_ = b[(n-1)*windowStep+windowReach-1]
			_ = out.word[n-1]
			return fill(&out.word[0], &b[0], n, &g.words[0])
		},
		func(words []uint64, b []byte, g *shortGate) {
			if len(words) == 0 {
				return
			}
			_ = b[(len(words)-1)*windowStep+windowReach-1]
			seekAVX2(&words[0], &b[0], len(words), &g.first[0][0][0])
		},
	}
}
