package manifest

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

const (
	maxFrame = 4 << 20              // bytes of content in a frame
	maxChunk = maxFrame - blockSize // bytes of a large entry in a frame: padding may follow
	maxSmall = 1 << 20              // a larger entry has frames of its own
	cutRange = 64 << 10             // how far from its end a full frame looks for a line end
	maxRatio = 1000                 // of content to size

	maxZstdBlock = 128 << 10
	maxFrameSize = maxFrame + maxFrame/maxZstdBlock*3 + 32
)

// newEncoder makes one worker's encoder. The fastest level: on system logs it
// is both quicker than the default (see BenchmarkPack) and no larger, since
// frames of 4 MiB leave the default's longer search little to find.
func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil,
		zstd.WithEncoderConcurrency(1),
		zstd.WithEncoderLevel(zstd.SpeedFastest),
		zstd.WithWindowSize(maxFrame/4), // costs 0.3 % of size, and saves 6 MiB of memory
		zstd.WithEncoderCRC(true),
		zstd.WithSingleSegment(true))
}

// newDecoder makes a decoder for DecodeAll, safe for concurrent use. proven
// says that the bytes are known to be those that were compressed.
func newDecoder(proven bool) (*zstd.Decoder, error) {
	return zstd.NewReader(nil,
		zstd.IgnoreChecksum(proven),
		zstd.WithDecoderConcurrency(0),
		zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxMemory(maxFrame),
		zstd.WithDecoderMaxWindow(maxFrame),
		zstd.WithDecodeAllCapLimit(true))
}

// encodeFrame appends content, which must not be empty, as one frame.
func encodeFrame(enc *zstd.Encoder, dst, content []byte) []byte {
	start := len(dst)
	dst = enc.EncodeAll(content, dst)
	least := (len(content) + maxRatio - 1) / maxRatio
	if len(dst)-start >= least {
		return dst
	}
	// Content this regular would look like a decompression bomb. Its first
	// bytes go into a block of their own, uncompressed.
	checksum := [4]byte(dst[len(dst)-4:])
	header := headerLen(len(content))
	rest := enc.EncodeAll(content[least:], nil)
	dst = binary.LittleEndian.AppendUint32(dst[:start+header], uint32(least)<<3)[:start+header+3]
	dst = append(dst, content[:least]...)
	dst = append(dst, rest[headerLen(len(content)-least):len(rest)-4]...)
	return append(dst, checksum[:]...)
}

// headerLen is the length of the header of a frame (RFC 8878, section
// 3.1.1.1): magic, descriptor, content size in the shortest form.
func headerLen(content int) int {
	switch {
	case content < 256:
		return 6
	case content < 256+65536:
		return 7
	}
	return 9
}

var errFrame = errors.New("malformed frame")

// checkFrame holds a frame to the writer's rules without decoding it: one
// frame, a single segment with content size and checksum, no dictionary, and
// its blocks fill it to the last byte.
func checkFrame(b []byte, content int) error {
	if len(b) < 4 || binary.LittleEndian.Uint32(b) != 0xFD2FB528 {
		return fmt.Errorf("%w: no Zstandard frame", errFrame)
	}
	header := headerLen(content)
	if len(b) < header+3+4 {
		return fmt.Errorf("%w: too short", errFrame)
	}
	var descriptor byte
	var size int
	switch header {
	case 6:
		descriptor, size = 0x24, int(b[5])
	case 7:
		descriptor, size = 0x64, int(binary.LittleEndian.Uint16(b[5:]))+256
	default:
		descriptor, size = 0xA4, int(binary.LittleEndian.Uint32(b[5:]))
	}
	if b[4] != descriptor || size != content {
		return fmt.Errorf("%w: header not in the only form allowed", errFrame)
	}
	blocks := b[header : len(b)-4]
	for last := false; !last; {
		if len(blocks) < 3 {
			return fmt.Errorf("%w: blocks end early", errFrame)
		}
		h := int(blocks[0]) | int(blocks[1])<<8 | int(blocks[2])<<16
		last = h&1 == 1
		n, kind := h>>3, h>>1&3
		if n > maxZstdBlock || kind == 3 {
			return fmt.Errorf("%w: bad block", errFrame)
		}
		if kind == 1 { // one byte, repeated
			n = 1
		}
		if n > len(blocks)-3 {
			return fmt.Errorf("%w: blocks end late", errFrame)
		}
		blocks = blocks[3+n:]
	}
	if len(blocks) > 0 {
		return fmt.Errorf("%w: bytes after the last block", errFrame)
	}
	return nil
}

// decodeFrame decodes a frame of known content size into dst, which grows at
// most to that size.
func decodeFrame(dec *zstd.Decoder, dst, b []byte, content int) ([]byte, error) {
	if content < 1 || content > maxFrame {
		return nil, fmt.Errorf("%w: %d bytes of content", errFrame, content)
	}
	if err := checkFrame(b, content); err != nil {
		return nil, err
	}
	if cap(dst) < content {
		dst = make([]byte, 0, content)
	}
	out, err := dec.DecodeAll(b, dst[:0:cap(dst)])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errFrame, err)
	}
	if len(out) != content {
		return nil, fmt.Errorf("%w: %d bytes of content, not %d", errFrame, len(out), content)
	}
	return out, nil
}

// cutAt says where to cut a chunk that is full: after the last line end near
// its end, at a multiple of four so that no character of UTF-16 or UTF-32 is
// cut; else at its end. A line end in those is LF and NULs, or NULs and LF.
func cutAt(b []byte) int {
	end := len(b) &^ 3
	for c := end; c > end-cutRange && c >= 4; c -= 4 {
		if b[c-1] == '\n' || b[c-1] == 0 && (b[c-2] == '\n' || b[c-2] == 0 && b[c-3] == 0 && b[c-4] == '\n') {
			return c
		}
	}
	return end
}

// tableEntry is what is known of a frame's place and form.
type tableEntry struct {
	start   int64 // of the frame in the file
	size    int64
	content int64             // bytes of content
	at      int64             // of the content in the tar stream
	sum     [sha256.Size]byte // of the compressed bytes
	known   bool              // sum is
}

// The seek table (zstd_seekable_compression_format.md, version 0.1.0).
const (
	seekMagic      = 0x8F92EAB1
	skippableMagic = 0x184D2A5E
	seekFooter     = 9
	seekHeader     = 8
	seekEntry      = 8
)

func seekTableSize(frames int) int64 {
	return seekHeader + int64(frames)*seekEntry + seekFooter
}

func appendSeekTable(dst []byte, frames []tableEntry) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, skippableMagic)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(frames)*seekEntry+seekFooter))
	for _, f := range frames {
		dst = binary.LittleEndian.AppendUint32(dst, uint32(f.size))
		dst = binary.LittleEndian.AppendUint32(dst, uint32(f.content))
	}
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(frames)))
	dst = append(dst, 0) // no checksums: the manifest has better ones
	return binary.LittleEndian.AppendUint32(dst, seekMagic)
}

// parseSeekFooter says how many frames the table lists.
func parseSeekFooter(b []byte) (int64, error) {
	if len(b) < seekFooter || binary.LittleEndian.Uint32(b[len(b)-4:]) != seekMagic {
		return 0, errors.New("truncated, or no bundle: no seek table at its end")
	}
	b = b[len(b)-seekFooter:]
	if b[4] != 0 {
		return 0, fmt.Errorf("seek table: descriptor %#02x", b[4])
	}
	return int64(binary.LittleEndian.Uint32(b)), nil
}

// parseSeekTable reads a whole table, which must fill a file of size bytes up
// with its frames.
func parseSeekTable(b []byte, frames int64, size int64) ([]tableEntry, error) {
	if int64(len(b)) != seekTableSize(int(frames)) || binary.LittleEndian.Uint32(b) != skippableMagic ||
		int64(binary.LittleEndian.Uint32(b[4:])) != int64(len(b))-seekHeader {
		return nil, errors.New("seek table: malformed")
	}
	b = b[seekHeader:]
	table := make([]tableEntry, frames)
	var start, at int64
	for i := range table {
		f := &table[i]
		f.start, f.at = start, at
		f.size, f.content = int64(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:]))
		if f.content < 1 || f.content > maxFrame || f.size < 1 || f.size > maxFrameSize {
			return nil, fmt.Errorf("seek table: frame %d has %d bytes of content in %d", i, f.content, f.size)
		}
		start += f.size
		at += f.content
		b = b[seekEntry:]
	}
	if start+seekTableSize(len(table)) != size {
		return nil, fmt.Errorf("seek table: frames end at %d, table begins at %d", start, size-seekTableSize(len(table)))
	}
	return table, nil
}
