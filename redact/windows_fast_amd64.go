package redact

import "golang.org/x/sys/cpu"

//go:generate go -C asm run . -out ../windows_amd64.s -stubs ../windows_amd64.go -pkg redact

// fast are the best kernels that there are for this processor.
var fast = func() kernels {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasBMI1 || !cpu.X86.HasBMI2 {
		return plain
	}
	return kernels{
		func(out *windowSet, n int, b []byte, g *gateSet) uint64 {
			if n == 0 {
				return 0
			}
			_ = b[(n-1)*windowStep+windowReach-1]
			_ = out.word[n-1]
			return windowsAVX2(&out.word[0], &b[0], n, &g.words[0])
		},
		func(words []uint64, b []byte, g *shortGate) {
			if len(words) == 0 {
				return
			}
			_ = b[(len(words)-1)*windowStep+windowReach-1]
			seekAVX2(&words[0], &b[0], len(words), &g.first[0][0][0])
		},
	}
}()
