package redact

import "golang.org/x/sys/cpu"

//go:generate go -C asm run . -out ../windows_amd64.s -stubs ../windows_amd64.go -pkg redact

// These are the best there are for this processor.
var fastWindows, fastSeek = func() (windows, seek fillWindows) {
	if !cpu.X86.HasAVX2 || !cpu.X86.HasBMI1 || !cpu.X86.HasBMI2 {
		return windowsGo, seekGo
	}
	windows = func(out []window, b []byte, g *gates) uint64 {
		if len(out) == 0 {
			return 0
		}
		_ = b[(len(out)-1)*windowStep+windowReach-1]
		return windowsAVX2(&out[0].word, &b[0], len(out), &g.words[0])
	}
	seek = func(out []window, b []byte, g *gates) uint64 {
		if len(out) == 0 {
			return 0
		}
		_ = b[(len(out)-1)*windowStep+windowReach-1]
		seekAVX2(&out[0].word, &b[0], len(out), &g.first[0][0][0])
		return 0
	}
	return windows, seek
}()
