#include "textflag.h"

// Y0 to Y7 hold the masks of the four places, Y10 the groups that are left.
#define PLACE(off, low, high) \
	VMOVDQU off(BX), Y8    \
	VPSRLW  $4, Y8, Y9     \
	VPAND   Y15, Y8, Y8    \
	VPAND   Y15, Y9, Y9    \
	VPSHUFB Y8, low, Y8    \
	VPSHUFB Y9, high, Y9   \
	VPAND   Y8, Y10, Y10   \
	VPAND   Y9, Y10, Y10

// func siftAVX2(masks *sieveMasks, text *byte, n int) (block int, found uint32)
TEXT ·siftAVX2(SB), NOSPLIT, $0-36
	MOVQ         masks+0(FP), AX
	MOVQ         text+8(FP), BX
	MOVQ         n+16(FP), CX
	VMOVDQU      (AX), Y0
	VMOVDQU      32(AX), Y1
	VMOVDQU      64(AX), Y2
	VMOVDQU      96(AX), Y3
	VMOVDQU      128(AX), Y4
	VMOVDQU      160(AX), Y5
	VMOVDQU      192(AX), Y6
	VMOVDQU      224(AX), Y7
	MOVL         $0x0f0f0f0f, DX
	VMOVD        DX, X15
	VPBROADCASTD X15, Y15
	VPXOR        Y14, Y14, Y14
	XORQ         DX, DX
	XORL         SI, SI

next:
	CMPQ      DX, CX
	JGE       done
	VPCMPEQB  Y10, Y10, Y10
	PLACE(0, Y0, Y1)
	PLACE(1, Y2, Y3)
	PLACE(2, Y4, Y5)
	PLACE(3, Y6, Y7)
	VPCMPEQB  Y14, Y10, Y10
	VPMOVMSKB Y10, SI
	XORL      $-1, SI
	JNZ       done
	ADDQ      $32, BX
	INCQ      DX
	JMP       next

done:
	MOVQ DX, block+24(FP)
	MOVL SI, found+32(FP)
	VZEROUPPER
	RET
