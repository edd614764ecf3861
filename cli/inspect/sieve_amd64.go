package inspect

import "golang.org/x/sys/cpu"

// fastSieve says whether sift may be called.
var fastSieve = cpu.X86.HasAVX2

// sift goes through n blocks of a text, which has sieveWidth-1 bytes more, to the
// first with candidates, whose places are the bits of found. There is none when
// block is n.
func sift(masks *sieveMasks, text []byte, n int) (block int, found uint32) {
	_ = text[n*sieveBlock+sieveWidth-2]
	return siftAVX2(masks, &text[0], n)
}

//go:noescape
func siftAVX2(masks *sieveMasks, text *byte, n int) (block int, found uint32)
