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
// compressed as one Zstandard frame (RFC 8878) that depends on no other. It has
// one form; all numbers are little-endian:
//
//	4  0xFD2FB528
//	1  0x24, then in 1 byte the content size, if that is below 256;
//	   0x64, then in 2 bytes the content size less 256, if it is below 65,792;
//	   0xA4, then in 4 bytes the content size
//	   blocks of at most 128 KiB, none of type 3
//	4  the checksum of the content, which holds
//
// The checksum ends where the seek table says that the frame does. A frame is
// never smaller than a thousandth of its content (a writer stores some bytes of
// very regular content in a raw block), so that no honest bundle looks like a
// decompression bomb.
//
//   - A member (an entry, or one of the three files) lies whole in one frame, or
//     it is cut: then its header blocks fill a frame of their own, its content
//     begins with the next frame, and its padding ends the last of its frames,
//     which holds nothing else. Content and padding may be cut anywhere.
//     manifest.json.sig is never cut. Each frame holds some of a member.
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
// seekable format (version 0.1.0), without checksums; for n frames:
//
//	4  0x184D2A5E                       a skippable frame
//	4  8n + 9                           bytes that follow
//	8  4 size in the file, 4 content size; n times, in order
//	4  n                                at least 3
//	1  0
//	4  0x8F92EAB1
//
// The sizes of all frames and its own, 8n + 17, add up to the file's size. There
// is no other skippable frame and no byte after it.
//
// # Members
//
// Each member is header blocks, content, and NULs up to the next multiple of
// 512 bytes. After the last come 1,024 NULs. All members are plain files;
// directories are not listed. Header blocks follow from name, size and time
// alone. If the name is ASCII and fits, the header is one POSIX ustar block; field,
// offset, bytes:
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
// header comes first: a block as above, of the same mtime, with name "PaxHeader",
// no prefix, type 'x' and as size the length of its records; then the records,
// path with the name, and for such sizes size, in decimal; then NULs up to the
// next block. A record is "LENGTH KEY=VALUE\n", where LENGTH, in decimal, counts
// all bytes of the record, its own too. The block of the member itself then has
// as name the last 100 bytes of the name, with '_' for each byte from 0x80 on
// and for a leading '/', no prefix, and size 0 if the size stands in a record.
//
// The time of the three files is "created" of the manifest.
//
// # Names
//
// SOURCE is one component of at most 100 bytes; PATH is one or more, separated
// by '/'. Names are UTF-8 in NFC, at most 1,024 bytes from "data/" on. A component
//
//   - has 1 to 255 bytes;
//   - holds no character of the Unicode categories Cc, Cf, Zl, Zp and none of
//     < > : " \ | ? *;
//   - ends neither in '.' nor in a blank, U+0020 (so "." and ".." are none);
//   - is no device of Windows: up to its first dot, without blanks at the end, and
//     with a to z taken for A to Z, not CON, PRN, AUX, NUL, CONIN$, CONOUT$, and
//     not COM or LPT followed by one of 0 to 9, U+00B9, U+00B2, U+00B3.
//
// Within a source no name equals another, nor a directory of another, in the
// form NFC(casefold(name)), with the full default case folding (CaseFolding.txt,
// status C and F). Directories may: "A/x" and "a/y" are two names. Sources
// differ in the same form. All of this is by Unicode 15.0. NAME follows the rules
// of a component, with at most 200 bytes.
//
// This writer replaces what is not allowed by '%' and two upper-case hexadecimal
// digits for each byte: forbidden characters, bytes that are not UTF-8, a last
// dot or blank, the first letter of a device, a combining character after any
// of these; and '%' itself where two hexadecimal digits follow. Empty components
// and "." are left out. A component above 200 bytes is cut and gets '~' and 8 digits of its SHA-256 before its
// extension; the directories of a path above 800 bytes become '~' and 16 digits.
// A name that is taken gets a number: "app.log", "App~2.log".
//
// # manifest.json
//
// One JSON object (RFC 8259) in UTF-8, without a byte order mark, of at most
// 4 GiB. Two readers must not understand it in two ways; so a reader refuses,
// also below keys that it does not know and otherwise passes over:
//
//   - what is not UTF-8, and an escape from \uD800 to \uDFFF that is not half of
//     a pair;
//   - a key that, its escapes undone, is not 1 to 64 of a-z, 0-9, '_', '-', '.',
//     or stands twice in its object;
//   - a value deeper than 16. An entry, a frame and the value of any other key of
//     the one object have depth 0, each element and each value of a key in it one
//     more than itself;
//   - anything but white space after the object;
//
// and for the keys below
//
//   - one marked * that is left out or null, and null among entries or frames.
//     The others may be either. What they say is the signer's word to people: it
//     is held to its type, no further;
//   - a value of another type, unless null. Numbers are integers from -2^63 to
//     2^63-1 (counts, sizes and offsets marked * are not negative), without
//     fraction or exponent;
//   - a time marked * in another form than 2006-01-02T15:04:05Z, before 1970 or
//     above 2^33-1 seconds (2242-03-16T12:56:31Z);
//   - a digest marked * that is not 64 digits of 0-9, a-f: SHA-256.
//
// An entry, a frame and all other values together have at most 16 MiB each, and
// so has white space in one place: a reader need not take more.
//
//	version *      1, written so (not 1.0); of another nothing more is read
//	bundle_id *    not empty: a UUID of version 7, which a receiver asks for
//	name *         NAME
//	created *      the time of the three files
//	organisation, case, host
//	               strings; host is a pseudonym or a label
//	tool           {"name", "version", "rules"}, strings: what made the bundle
//	pseudonym_key  string: which key the pseudonyms follow from, not the key
//	recipes        [{"name", "sha256", "signer", "trust", "decisions"}], strings,
//	               decisions a list of them; trust is built-in, flag, agreed or
//	               signed, signer the principal who did
//	window         {"since", "until"}, RFC 3339; left out: open
//	outcomes       [{"source", "type", "outcome", "reason", strings,
//	               "entries", "bytes", "cut", numbers}]: what became of each
//	               source, also of those without entries: ok, empty, skipped,
//	               partial, denied, timeout, failed or withheld
//	redactions     {class: count} of what was hidden
//	parent         of a bundle that was made from another by redacting it again:
//	               that one's {"bundle_id" *, not empty, not this one's;
//	               "manifest_sha256" *, of the bytes of its manifest.json;
//	               "pseudonym_key"}
//	totals *       {"entries" *: how many, "bytes" *: sum of their sizes}
//	entries *      one object per entry, one to a line, see below
//	report *       {"size" *, "sha256" *} of the content of report.json
//	frames *       {"size" *: bytes in the file, "content" *: bytes decoded,
//	               "sha256" *: of the bytes in the file} for each frame before
//	               manifest.json's first, in order
//	frames_sha256 *
//	               of all these frames together, that is of the file up to there
//
// An entry has
//
//	path *         "data/SOURCE/PATH"
//	source *       SOURCE
//	type *         alert, configuration, event, metadata, performance or state
//	offset *       where its content begins in the tar stream
//	size *         of its content
//	sha256 *       of its content
//	mtime *        the time in its header
//	redactions     {class: count} of what was hidden in it
//	truncated      {"cut": bytes left out, "kept": "tail" or "head"}
//	encoding       when not utf-8, as in "utf-16le"
//
// Entries are in ascending order of (type, source, path), compared byte by byte,
// and stand in this order in the tar stream, without gap. A source has one type.
//
// # manifest.json.sig
//
// An armoured SSHSIG (OpenSSH, PROTOCOL.sshsig, version 1) over the bytes of
// manifest.json in the namespace manifest@diagcollect, exactly as ssh-keygen
// writes it: first and last line, between them lines of 70 base64 characters, the
// last maybe shorter, each ended by one LF. It has at most 64 KiB. The reserved
// field is empty, the hash sha256 or sha512, and no byte follows. The key is of
// one of these types, and no certificate:
//
//	ssh-ed25519
//	ecdsa-sha2-nistp256, -nistp384, -nistp521
//	ssh-rsa             from 2,048 bits on, signing as rsa-sha2-256 or -512
//	sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com
//	                    hardware that was touched: bit 0x01 of the flags is set
//
// ssh-keygen -Y verify takes shorter keys, and hardware that was not touched.
//
// A key is trusted if a line of allowed_signers (ssh-keygen(1)) has it, names a
// namespaces= that matches, is no cert-authority, and is valid now. A line that
// names no namespaces, which is valid for all to ssh-keygen, counts for none. One
// good line is enough, whatever others say of the key; whose it is, is not asked.
//
// A signature says nothing of when it was made: "created" is the signer's word.
// So a key whose time is over (valid-before) proves nothing by itself. Where a
// receipt, signed in the namespace receipt@diagcollect by a key that is trusted
// for that now, names the SHA-256 of the whole .tar.zst (a JSON object's
// "sha256"), keys are judged as they stood at its "received", RFC 3339. A revoked
// key proves nothing at any time.
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
// A JSON text (RFC 8259, UTF-8) of at most 64 MiB (67,108,864 bytes): a manifest
// that gives it a larger size is refused. What it says is the matter of the tool
// that the manifest names, and proving a bundle does not look into it; a receiver
// refuses one that is no JSON, with a string of more than 1 MiB, or nested deeper
// than 10,000.
//
// # Reading
//
// To open, in this order, before anything is listed or shown:
//
//  1. Take n from the last 9 bytes and read the seek table, which begins 8n + 17
//     bytes before the end: each frame has 1 byte to 4 MiB of content, at most a
//     thousand times its size, and together they end where the table begins.
//  2. Decode the last frame, its form first: the header of
//     NAME/manifest.json.sig, its content and padding, 1,024 NULs. It names the
//     top directory.
//  3. Walk back from there, over frames whose content size is no multiple of 512
//     and frames that begin otherwise, at most 4 GiB of content, to the one that
//     begins with the header of NAME/manifest.json. Its size, padded, reaches to
//     the last frame.
//  4. Verify the signature over these bytes.
//  5. Hold the list against the rules: keys and values, names, order, totals,
//     NAME; "frames" against the seek table, one for each frame before
//     manifest.json's first; each entry's offset and place in the frames, then
//     report.json's and manifest.json's, to the last frame, without gap.
//  6. Make the header of manifest.json and the last frame anew, with created for
//     the time, and compare; compare manifest.json's padding with NULs.
//
// To read an entry: find the frames that hold offset to offset+size by summing
// up content sizes, and for each compare the SHA-256 of its bytes in the file,
// and then its form, before decoding it. What comes out is what was signed; that
// it has the entry's own digest shows at its end, also of an entry without
// content, for which no frame is read.
//
// To verify: do this for all frames before manifest.json's, compare the digest of
// all of them together, make each header anew from name, size and mtime and
// compare it, compare padding with NULs, each content with its digest, and
// report.json likewise. To extract: verify first.
//
// A reader sets limits of its own to the number of members and of bytes; those
// of this one are [Limits]. What a limit does not admit is refused at opening.
package manifest
