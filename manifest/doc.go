// Package manifest is the bundle format: it writes bundles, reads them, proves
// them and extracts them. What follows is the specification of the format,
// version 1, complete enough to write a reader in another language.
//
// # In short
//
// A bundle is a Zstandard-compressed tar archive, NAME.tar.zst, that opens with
// `tar --zstd -xf`. Its one top directory NAME holds, in this order,
//
//	NAME/data/SOURCE/PATH ...   the entries
//	NAME/report.json            what was hidden, and what was not looked at
//	NAME/manifest.json          what stands in the bundle
//	NAME/manifest.json.sig      an SSHSIG over the bytes of manifest.json
//
// The signature covers manifest.json, which covers everything before it: each
// entry by its SHA-256, each compressed frame by its SHA-256, and all of these
// frames together. What is left, headers and padding around manifest.json, the
// end of the archive and the seek table, has one form only and is compared.
// So every byte of a bundle's content is proven, and none can be added. With
// stock tools:
//
//	tar --zstd -xf NAME.tar.zst && cd NAME
//	ssh-keygen -Y verify -f allowed_signers -I PRINCIPAL -n manifest@diagcollect \
//		-s manifest.json.sig < manifest.json
//	jq -r '.entries[]|"\(.sha256)  \(.path)"' manifest.json | sha256sum -c
//
// examples/verify.sh does this and proves the rest, as far as stock tools see;
// examples/read_bundle.py is a reader written from this page. The vectors in
// testdata/vectors say of themselves what a reader must make of them.
//
// NAME.tar.zst.age is the same file encrypted with age (age-encryption.org/v1);
// nothing below depends on it.
//
// # Security contract
//
// [Open] answers nothing before the signature held, for a key that
// allowed_signers allows for manifest@diagcollect now, and before the signed
// list was held against the rules below. Content is decoded only after the
// compressed frame's digest was found equal to the signed one, so no unsigned
// byte reaches the decoder but those of the last frames, which hold manifest
// and signature. [Bundle.Verify] proves all the rest. Everything that is not
// what was signed, a file that ends early included, is an error that wraps
// [ErrNotAuthentic]. Memory is bounded: a frame has at most 4 MiB of content
// and its size is known before it is decoded; see [Limits] for the rest.
//
// # Frames
//
// The tar stream is cut into pieces of 1 byte to 4 MiB (4,194,304 bytes), each
// compressed as one Zstandard frame (RFC 8878) that depends on no other. The
// header of each frame has one form: Single_Segment_flag and
// Content_Checksum_flag set, reserved and unused bits clear, no dictionary, the
// content size in the shortest field that holds it. A frame is never smaller
// than a thousandth of its content (a writer stores some bytes of very regular
// content in a raw block), so that no honest bundle looks like a decompression
// bomb.
//
//   - A member (an entry, or one of the three files) lies whole in one frame, or
//     it is cut: then its header blocks fill a frame of their own, its content
//     begins with the next frame, and its padding ends the last of its frames,
//     which holds nothing else.
//   - A frame never holds entries of two data types. report.json, manifest.json
//     and manifest.json.sig share no frame with anything; the end-of-archive
//     blocks stand in the frame of manifest.json.sig.
//   - A frame never depends on the moment it was made, on how its content arrived,
//     or on how many were made at once: cuts follow from content alone, in the
//     order in which a source gave it and was searched again. The same input, with
//     the same [Head] and an Ed25519 key, gives the same bytes.
//     This writer gives entries of at most 1 MiB of content shared frames,
//     one source to a frame, closed when another of that size might not fit; larger ones are
//     cut at the last line end in the last 64 KiB of each 4 MiB less 512 bytes,
//     at a multiple of four bytes, so that a line rarely straddles two frames and
//     a UTF-16 or UTF-32 character never. Readers do not rely on these choices.
//
// After the last frame the file ends with the seek table of the Zstandard
// seekable format (version 0.1.0), without checksums; all numbers are
// little-endian, 4 bytes:
//
//	0x184D2A5E                          a skippable frame
//	8 x frames + 9                      bytes that follow
//	compressed size, content size       for each frame
//	frames, one byte 0, 0x8F92EAB1
//
// It lists all frames; their sizes and its own add up to the file's size. There
// is no other skippable frame and no byte after it.
//
// # Members
//
// Each member is header blocks, content, and NULs up to the next multiple of
// 512 bytes. After the last come 1,024 NULs. All members are plain files;
// directories are not listed. Header blocks follow from name, size and time
// alone. If the name is ASCII and fits, the header is one POSIX ustar block:
//
//	name      0  100  the name, if it has at most 100 bytes; else what follows the
//	                  last '/' among its first 156 bytes
//	mode    100    8  "0000644" NUL
//	uid     108    8  "0000000" NUL
//	gid     116    8  "0000000" NUL
//	size    124   12  11 octal digits, NUL
//	mtime   136   12  11 octal digits, NUL; seconds since 1970, 0 to 2^33-1
//	chksum  148    8  6 octal digits, two blanks: sum of all bytes of the block,
//	                  with blanks here
//	type    156    1  '0'
//	link    157  100  NULs
//	magic   257    8  "ustar" NUL "00"
//	owner   265   64  NULs
//	device  329   16  "0000000" NUL "0000000" NUL
//	prefix  345  155  what precedes that '/', or NULs
//	        500   12  NULs
//
// A name fits if it has at most 100 bytes, or if that '/' is not its first byte
// and 1 to 100 bytes follow it. Otherwise, and for sizes from 8 GiB (2^33), a PAX
// header comes first: a block as above with name "PaxHeader", type 'x' and as
// size the length of its records, then the records, "path=" with the name, and
// for such sizes "size=" with the decimal size, then NULs up to the next block.
// The block of the member itself then has as name the last 100 bytes of the
// name, with '_' for each byte from 0x80 on and for a leading '/', no prefix,
// and size 0 if the size stands in a record.
//
// The time of the three files is "created" of the manifest.
//
// # Names
//
// SOURCE is one component; PATH is one or more, separated by '/'. Names are
// UTF-8 in Unicode NFC, at most 1,024 bytes from "data/" on. A component
//
//   - has 1 to 255 bytes;
//   - holds no character of the Unicode categories Cc, Cf, Zl, Zp and none of
//     < > : " \ | ? *;
//   - ends neither in a dot nor in a blank (so "." and ".." are none);
//   - is no device of Windows: up to its first dot, without blanks at the end, in
//     any case, not CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM or LPT followed by one
//     of 0 to 9 or a superscript 1 to 3.
//
// Within a source no name equals another, nor a directory of another, in the
// form NFC(casefold(name)) with Unicode's full default case folding; sources
// differ in the same way. NAME follows the rules of a component, with at most
// 200 bytes.
//
// This writer replaces what is not allowed by '%' and two upper-case hexadecimal
// digits for each byte: forbidden characters, bytes that are not UTF-8, a last
// dot or blank, the first letter of a device, a combining character after any
// of these; and '%' itself where two hexadecimal digits follow. Empty components and "." are left out. A component
// above 200 bytes is cut and gets '~' and 8 digits of its SHA-256 before its
// extension; the directories of a path above 800 bytes become '~' and 16 digits.
// A name that is taken gets a number: "app.log", "App~2.log".
//
// # manifest.json
//
// One JSON object (RFC 8259, UTF-8) of at most 4 GiB. An entry has at
// most 16 MiB, and so have all values but entries and frames together. Keys are lower-case, 1 to
// 64 bytes of a-z, 0-9, '_', '-', '.'; no object has a key twice, and none is
// nested deeper than 16 below an entry, a frame, or the value of any other key.
// No byte and no escape stands for what is no character (half a surrogate
// pair). Numbers below are integers without fraction or exponent. A reader
// refuses anything else, for two readers might understand it in two ways, and a
// "version" other than 1, written so; it passes over keys that it does not know.
// Nothing follows the object but white space.
//
//	version        1
//	bundle_id      UUID version 7
//	name           NAME
//	created        RFC 3339, whole seconds from 1970 on: the time of the three files
//	organisation, case, host
//	               strings; host is a pseudonym or a label
//	tool           {"name", "version", "rules"}: what made the bundle
//	pseudonym_key  which key the pseudonyms follow from, not the key
//	recipes        [{"name", "sha256", "signer", "trust", "decisions"}]
//	window         {"since", "until"}, RFC 3339; left out: open
//	outcomes       [{"source", "type", "outcome", "reason", "entries", "bytes", "cut"}]:
//	               what became of each source, also of those without entries
//	redactions     class to count of what was hidden
//	parent         optional: of a bundle that was made from another by redacting it
//	               again, {"bundle_id": of that one, never its own;
//	               "manifest_sha256": of the bytes of its manifest.json, 64
//	               lower-case digits; "pseudonym_key": its pseudonym_key}
//	totals         {"entries": count, "bytes": sum of their sizes}
//	entries        one object per entry, one to a line, see below
//	report         {"size": ..., "sha256": ...} of report.json
//	frames         {"size": bytes in the file, "content": bytes decoded,
//	               "sha256": of the bytes in the file} for each frame before
//	               manifest.json's first, in order
//	frames_sha256  of all these frames together, that is of the file up to there
//
// An entry has
//
//	path        "data/SOURCE/PATH"
//	source      SOURCE
//	type        alert, configuration, event, metadata, performance or state
//	offset      where its content begins in the tar stream
//	size        of its content
//	sha256      of its content, 64 lower-case digits
//	mtime       RFC 3339, whole seconds from 1970 on, as in its header
//	redactions  optional: class to count of what was hidden in it
//	truncated   optional: {"cut": bytes left out, "kept": "tail" or "head"}
//	encoding    optional: when not utf-8, as in "utf-16le"
//
// Entries are in ascending order of (type, source, path), compared byte by byte,
// and stand in this order in the tar stream, without gap. A source has one type.
//
// # manifest.json.sig
//
// An armoured SSHSIG (OpenSSH, PROTOCOL.sshsig) over the bytes of manifest.json
// in the namespace manifest@diagcollect, exactly as ssh-keygen writes it: first
// and last line, between them lines of 70 base64 characters, the last maybe
// shorter. It has at most 64 KiB. The key is Ed25519, ECDSA, RSA from 2,048 bits
// on (with SHA-2), or one of the first two in hardware (sk-), which was touched.
//
// A signature says nothing of when it was made: "created" is the signer's word.
// So a key whose time is over (valid-before) proves nothing by itself. Where a
// receipt, signed in the namespace receipt@diagcollect by a key that is trusted
// for that now, names the SHA-256 of the whole .tar.zst, keys are judged as they
// stood at its "received". A revoked key proves nothing at any time.
//
// # Successors
//
// A bundle with a parent holds what its parent holds, redacted again: it has an
// id, a name, a time and a signature of its own. Window, recipes and outcomes
// are the parent's; counts of redactions are the parent's and its own together.
// pseudonym_key is that of the pseudonyms that were added; the others stay as
// they were, under the keys that the line of parents names. Whoever has the
// parent can compare its manifest.json with the digest; nobody needs it.
//
// # report.json
//
// A JSON text (RFC 8259, UTF-8) of at most 64 MiB (67,108,864 bytes): writers
// make no larger one, and readers refuse it before they read it. What it says
// is the matter of the tool that the manifest names; a receiver refuses one
// with a string of more than 1 MiB, or nested deeper than 10,000.
//
// # Reading
//
// To open, before anything is listed or shown:
//
//   - Take the number of frames from the last 9 bytes and read the seek table:
//     each frame has 1 byte to 4 MiB of content, at most a thousand times its
//     size, and together they end where the table begins.
//   - Decode the last frame: it is manifest.json.sig, which names the top
//     directory, and the end of the archive.
//   - Walk back from there, over frames whose content size is no multiple of 512
//     or that begin otherwise, to the one that begins with the header of
//     NAME/manifest.json. Its size, padded, reaches to the last frame.
//   - Verify the signature over these bytes.
//   - Hold the list against the rules: keys, names, order, totals; "frames"
//     against the seek table; each entry's offset and place in the frames, then
//     report.json's and manifest.json's, to the last frame, without gap.
//   - Compare the header and padding of manifest.json, and the last frame, with
//     their only form.
//
// To read an entry: find the frames that hold offset to offset+size by summing
// up content sizes, and for each compare the SHA-256 of its bytes in the file,
// and then its form, before decoding it. What comes out is what was signed; that
// it has the entry's own digest shows at its end.
//
// To verify: do this for all frames before manifest.json's, compare the digest of
// all of them together, make each header anew from name, size and mtime and
// compare it, compare padding with NULs, each content with its digest, and
// report.json likewise. To extract: verify first.
//
// A reader sets limits of its own to the number of members and of bytes; those
// of this one are [Limits].
package manifest
