package manifest

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/diagcollect/diagcollect/trust"
)

// Vectors that an allowed key signed although no honest writer makes them.

// rearmour changes the bytes within an armoured signature.
func rearmour(t testing.TB, armoured []byte, change func([]byte)) []byte {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(string(armoured)), "\n")
	blob, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	if err != nil {
		t.Fatal(err)
	}
	change(blob)
	return armour(blob)
}

func armour(blob []byte) []byte {
	var b strings.Builder
	b.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for chunk := range slices.Chunk([]byte(base64.StdEncoding.EncodeToString(blob)), 70) {
		b.WriteString(string(chunk) + "\n")
	}
	b.WriteString("-----END SSH SIGNATURE-----\n")
	return []byte(b.String())
}

// anySSHSIG makes a signature that holds, also where no honest signer makes it.
func anySSHSIG(t testing.TB, key ssh.Signer, reserved, message string) []byte {
	t.Helper()
	magic, sum := [6]byte([]byte("SSHSIG")), sha512.Sum512([]byte(message))
	data := ssh.Marshal(struct {
		Magic                     [6]byte
		Namespace, Reserved, Hash string
		Sum                       []byte
	}{magic, trust.NamespaceManifest, reserved, "sha512", sum[:]})
	sign := func() (*ssh.Signature, error) { return key.Sign(rand.Reader, data) }
	if key.PublicKey().Type() == ssh.KeyAlgoRSA {
		sign = func() (*ssh.Signature, error) {
			return key.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
		}
	}
	sig, err := sign()
	if err != nil {
		t.Fatal(err)
	}
	return armour(ssh.Marshal(struct {
		Magic                     [6]byte
		Version                   uint32
		PublicKey                 []byte
		Namespace, Reserved, Hash string
		Signature                 []byte
	}{magic, 1, key.PublicKey().Marshal(), trust.NamespaceManifest, reserved, "sha512", ssh.Marshal(sig)}))
}

// shortKey is an RSA key of 1,024 bits, which ssh-keygen takes, from a name.
func shortKey(t testing.TB, name string) *rsa.PrivateKey {
	t.Helper()
	prime := func(which string) *big.Int {
		sum := sha512.Sum512([]byte("diagcollect test vector key: " + name + which))
		sum[0] |= 0xc0 // the product has all its bits
		p := new(big.Int).SetBytes(sum[:])
		for p.SetBit(p, 0, 1); !p.ProbablyPrime(8); {
			p.Add(p, big.NewInt(2))
		}
		return p
	}
	p, q, one := prime(" p"), prime(" q"), big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: 65537}, Primes: []*big.Int{p, q}}
	if key.D = new(big.Int).ModInverse(big.NewInt(65537), phi); key.D == nil {
		t.Fatal("no such key")
	}
	key.Precompute()
	return key
}

// between replaces the 64 digits behind a mark.
func digitsAfter(mark, digits string) func(string) string {
	return func(s string) string {
		i := strings.Index(s, mark) + len(mark)
		return s[:i] + digits + s[i+64:]
	}
}

func (m *maker) jsons() {
	zeros := strings.Repeat("0", 64)
	entryLine := func(s string) (from, to int) {
		from = strings.Index(s, `{"path"`)
		return from, from + strings.IndexByte(s[from:], '\n')
	}
	for _, v := range []struct {
		name, about, seen, reason string
		text                      func(string) string
	}{
		{"version-2", "a future version", atOpen, "version 2 of the bundle format is not known", swap(`"version": 1`, `"version": 2`)},
		{"version-2-last", "a future version, said last and after keys of a future form", atOpen, "version 2 of the bundle format is not known", func(s string) string {
			s = strings.Replace(s, `"version": 1,`, `"Entries2.0": "new",`, 1)
			return strings.TrimSuffix(strings.Replace(s, `"Entries2.0"`, `"entries2.0"`, 1), "\n}\n") + ",\n \"version\": 2\n}\n"
		}},
		{"version-1.0", "the version is written 1.0", atOpen, "is not known", swap(`"version": 1`, `"version": 1.0`)},
		{"version-string", "the version is a string", atOpen, "is not known", swap(`"version": 1`, `"version": "1"`)},
		{"version-missing", "no version", atOpen, `"version" is missing`, swap(`"version": 1,`, ``)},
		{"json-duplicate-key", "a key twice", atOpen, "stands there twice", swap(`"host":`, `"case": "4712", "host":`)},
		{"json-duplicate-escaped", "a key twice, once written with an escape", atOpen, "stands there twice", swap(`"host":`, `"\u0063ase": "4712", "host":`)},
		{"json-case-variant-key", "a key again in other case", atOpen, `key "Case"`, swap(`"host":`, `"Case": "4712", "host":`)},
		{"json-folded-key", "a key with a letter (KELVIN SIGN) that some readers fold to k", atOpen, "key", swap(`"host":`, "\"to\u212aen\": 1, \"host\":")},
		{"json-duplicate-in-entry", "a key twice in an entry", atOpen, "stands there twice", swap(`"size":8`, `"size":8,"size":8`)},
		{"json-case-variant-in-entry", "a key again in other case in an entry", atOpen, `key "Size"`, swap(`"size":8`, `"size":8,"Size":9`)},
		{"json-duplicate-deep", "a key twice far down in a value that readers pass over", atOpen, "stands there twice", swap(`"version": 1,`, `"version": 1, "x": [{"a": 1, "a": 2}],`)},
		{"json-nested", "a value nested deeper than 16", atOpen, "nested too deeply", swap(`"version": 1,`, `"version": 1, "x": `+strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100)+`,`)},
		{"json-nested-lists", "lists nested deeper than 16 under a key that readers pass over", atOpen, "nested too deeply", swap(`"version": 1,`, `"version": 1, "x": `+lists(18)+`,`)},
		{"json-wrong-type", "a number where a text belongs, under a key that only people read", atOpen, "manifest.json", swap(`"host": "h"`, `"host": 1`)},
		{"json-count-fraction", "a count of what was hidden is written 3.0", atOpen, "manifest.json", swap(`"ipv4": 3`, `"ipv4": 3.0`)},
		{"json-count-overflow", "a count of what was hidden is 2^63", atOpen, "manifest.json", swap(`"ipv4": 3`, `"ipv4": 9223372036854775808`)},
		{"json-window", "the window begins at no time", atOpen, "manifest.json", swap(`"window": {}`, `"window": {"since": "yesterday"}`)},
		{"json-second-value", "another value behind the object", atOpen, "bytes after its end", func(s string) string { return s + "{}" }},
		{"json-bytes-after", "NUL behind the object", atOpen, "bytes after its end", func(s string) string { return s + "\x00" }},
		{"json-bom", "begins with a byte order mark", atOpen, "manifest.json", func(s string) string { return "\ufeff" + s }},
		{"json-not-utf8", "a string holds a byte that is no UTF-8", atOpen, "not UTF-8", swap(`"host": "h"`, "\"host\": \"h\xff\"")},
		{"json-not-utf8-name", "the name of an entry holds a byte that is no UTF-8", atOpen, "not UTF-8", swap("a.log", "a\xff.log")},
		{"json-lone-surrogate", "a string holds half a surrogate pair", atOpen, "not UTF-8", swap(`"host": "h"`, `"host": "h\ud83d"`)},
		{"json-comment", "holds a comment", atOpen, "manifest.json", swap(`"version": 1,`, "\"version\": 1, // one\n")},
		{"json-cut", "ends early", atOpen, "manifest.json", func(s string) string { return s[:len(s)-10] }},
		{"json-array", "is an array", atOpen, "expected", func(s string) string { return "[" + s + "]" }},
		{"json-no-entries", "has no entries", atOpen, `"entries" is missing`, swap(`"entries": [`, `"entriez": [`)},
		{"json-null-entries", "entries are null", atOpen, "expected", func(s string) string {
			i, j := strings.Index(s, `"entries": [`), strings.Index(s, "\n ],\n")
			return s[:i] + `"entries": null` + s[j+3:]
		}},
		{"json-null-entry", "an entry is null", atOpen, "null", func(s string) string { i, j := entryLine(s); return s[:i] + "null" + s[j:] }},
		{"json-no-id", "the bundle id is empty", atOpen, "bundle id is missing", swap(vectorID("json-no-id"), "")},

		{"parent-itself", "the parent is the bundle itself", atOpen, "parent", swap(`"version": 1,`, `"version": 1, "parent": {"bundle_id": "`+vectorID("parent-itself")+`", "manifest_sha256": "`+zeros+`", "pseudonym_key": ""},`)},
		{"parent-digest", "the parent's digest is malformed", atOpen, "parent", swap(`"version": 1,`, `"version": 1, "parent": {"bundle_id": "x", "manifest_sha256": "`+zeros[1:]+`", "pseudonym_key": ""},`)},
		{"parent-nameless", "the parent has no id", atOpen, "parent", swap(`"version": 1,`, `"version": 1, "parent": {"manifest_sha256": "`+zeros+`"},`)},

		{"entry-not-there", "names an entry that is not there", atOpen, "is its place", func(s string) string {
			i, j := entryLine(s)
			return strings.Replace(s[:i]+s[i:j]+",\n"+strings.Replace(s[i:j], "a.log", "b.log", 1)+s[j:], `"entries": 1`, `"entries": 2`, 1)
		}},
		{"entry-hidden", "does not name an entry that is there", atOpen, "do not meet", func(s string) string {
			i, j := entryLine(s)
			return strings.Replace(s[:i]+s[j+1:], `"entries": 1, "bytes": 8`, `"entries": 0, "bytes": 0`, 1)
		}},
		{"entry-wrong-offset", "an entry's offset is one too low", atOpen, "where 512 is its place", swap(`"offset":512`, `"offset":511`)},
		{"entry-offset-of-another", "an entry's offset is that of report.json", atOpen, "where 512 is its place", swap(`"offset":512`, `"offset":1536`)},
		{"entry-wrong-size", "an entry's size is one too high, and the totals agree", atEntry, "tar header: not authentic", func(s string) string {
			return strings.Replace(strings.Replace(s, `"size":8,`, `"size":9,`, 1), `"bytes": 8}`, `"bytes": 9}`, 1)
		}},
		{"entry-negative-size", "an entry's size is negative", atOpen, "-8 bytes", swap(`"size":8`, `"size":-8`)},
		{"entry-huge-size", "an entry's size is 2^63-1", atOpen, "above the limit", swap(`"size":8`, `"size":9223372036854775807`)},
		{"entry-size-overflow", "an entry's size is 2^64+8", atOpen, "manifest.json", swap(`"size":8`, `"size":18446744073709551624`)},
		{"entry-size-exponent", "an entry's size is written 8e0", atOpen, "manifest.json", swap(`"size":8`, `"size":8e0`)},
		{"entry-large-size", "an entry's size is 8 GiB, where eight bytes are", atOpen, "is its place", swap(`"size":8`, `"size":8589934592`)},
		{"entry-wrong-digest", "an entry's digest is another", atEntry, "digest differs", digitsAfter(`"size":8,"sha256":"`, zeros)},
		{"entry-digest-upper-case", "an entry's digest is in upper case", atOpen, "malformed digest", func(s string) string {
			i := strings.Index(s, `"size":8,"sha256":"`) + len(`"size":8,"sha256":"`)
			return s[:i] + strings.ToUpper(s[i:i+64]) + s[i+64:]
		}},
		{"entry-digest-short", "an entry's digest has too few digits", atOpen, "malformed digest", func(s string) string {
			i := strings.Index(s, `"size":8,"sha256":"`) + len(`"size":8,"sha256":"`)
			return s[:i] + s[i+2:]
		}},
		{"entry-time-fraction", "an entry's time has a fraction", atOpen, "not a whole second", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"2026-01-02T15:04:05.5Z"`)},
		{"entry-time-zone", "an entry's time is the right one, in another zone", atOpen, "not a whole second", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"2026-01-02T16:04:05+01:00"`)},
		{"entry-time-comma", "an entry's time has a fraction of 0 behind a comma", atOpen, "not a whole second", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"2026-01-02T15:04:05,0Z"`)},
		{"entry-time-short", "an entry's time has an hour of one digit", atOpen, "not a whole second", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"2026-01-02T5:04:05Z"`)},
		{"entry-no-size", "an entry has no size", atOpen, `"size" is missing`, swap(`"size":8,`, ``)},
		{"entry-null-mtime", "an entry's time is null", atOpen, `"mtime" is missing`, swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":null`)},
		{"entry-wrong-type", "a number where an entry's encoding belongs", atOpen, "manifest.json", swap(`"size":8`, `"size":8,"encoding":16`)},
		{"entry-time-before-1970", "an entry's time is before 1970", atOpen, "not a whole second", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"1969-12-31T23:59:59Z"`)},
		{"entry-other-time", "an entry's time is not that of its header", atVerify, "tar header", swap(`"mtime":"2026-01-02T15:04:05Z"`, `"mtime":"2026-01-02T15:04:06Z"`)},
		{"entry-unknown-type", "an entry of an unknown data type", atOpen, "unknown data type", swap(`"type":"event"`, `"type":"sound"`)},
		{"totals-wrong", "the totals count one entry too many", atOpen, "totals differ", swap(`"entries": 1,`, `"entries": 2,`)},
		{"report-null-size", "the size of report.json is null", atOpen, `"size" is missing`, swap(`"report": {"size": 2,`, `"report": {"size": null,`)},
		{"totals-bytes-wrong", "the totals count one byte too many", atOpen, "totals differ", swap(`"bytes": 8}`, `"bytes": 9}`)},
		{"report-wrong-digest", "the digest of report.json is another", atVerify, "report.json: digest differs", digitsAfter(`"report": {"size": 2, "sha256": "`, zeros)},
		{"report-wrong-size", "report.json is one byte longer", atVerify, "report.json", swap(`"report": {"size": 2,`, `"report": {"size": 3,`)},
		{"frames-one-too-few", "the list of frames lacks the first", atOpen, "seek table and manifest differ", func(s string) string {
			i := strings.Index(s, `"frames": [`) + len(`"frames": [`) + 1
			return s[:i] + s[i+strings.IndexByte(s[i:], '\n')+1:]
		}},
		{"frames-last-missing", "the list of frames lacks the last", atOpen, "lists 1 frames", func(s string) string {
			j := strings.Index(s, "\n ],\n \"frames_sha256\"")
			i := strings.LastIndex(s[:j], ",\n")
			return s[:i] + s[j:]
		}},
		{"frames-one-too-many", "the list of frames has the last one twice", atOpen, "lists more frames", func(s string) string {
			j := strings.Index(s, "\n ],\n \"frames_sha256\"")
			i := strings.LastIndex(s[:j], "\n")
			return s[:j] + "," + s[i:j] + s[j:]
		}},
		{"frames-wrong-digest", "the digest of an entry's frame is another", atEntry, "digest differs", digitsAfter(`"content":1024,"sha256":"`, zeros)},
		{"frames-wrong-total", "the digest of all frames is another", atVerify, "digest of all frames differs", digitsAfter(`"frames_sha256": "`, zeros)},
		{"name-of-another", "its name is not that of the top directory", atOpen, "name differs", swap(testName, "4712"+testName[4:])},
	} {
		var unreadable []string
		if v.seen == atEntry {
			unreadable = []string{forgedLog}
		}
		m.bad(v.name, "manifest.json: "+v.about, v.seen, v.reason, m.forge(v.name, "signer", forged{text: v.text}), unreadable...)
	}
	leap := small(Event, "app", "a.log")
	leap.ModTime = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)
	m.bad("entry-time-no-day", "manifest.json: an entry's time is the 30th of February, which some take for the 2nd of March", atOpen, "not a whole second",
		m.forge("entry-time-no-day", "signer", forged{frames: [][]Entry{{leap}}, text: swap("2026-03-02T", "2026-02-30T")}))
	m.bad("totals-left-out", "manifest.json: no entries, and the totals do not count their bytes", atOpen, `"bytes" is missing`,
		m.forge("totals-left-out", "signer", forged{frames: [][]Entry{}, text: swap(`, "bytes": 0}`, `}`)}))
}

// lists are n empty ones, each in the one before.
func lists(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

func (m *maker) names() {
	path := func(name, about, reason string, paths ...string) {
		var frame []Entry
		for _, p := range paths {
			frame = append(frame, small(Event, "app", p))
		}
		m.bad("name-"+name, "a name: "+about, atOpen, reason, m.forge("name-"+name, "signer", forged{frames: [][]Entry{frame}}))
	}
	path("dotdot", "../ leads out", "ends in a dot", "../../x")
	path("dotdot-within", "../ in the middle", "ends in a dot", "a/../../../x")
	path("dot", "a component .", "ends in a dot", "./x")
	path("absolute", "begins with a slash", "component of 0 bytes", "/etc/x")
	path("drive", "begins with a drive letter", "forbidden", "C:/x")
	path("drive-relative", "a drive letter without a slash", "forbidden", "C:x")
	path("unc", "names a share of Windows", "forbidden", `\\host\share`)
	path("backslash", "backslashes lead out on Windows", "forbidden", `..\..\x`)
	path("stream", "names an alternate stream of NTFS", "forbidden", "a.log:hidden")
	path("nul", "holds NUL", "forbidden", "a\x00b")
	path("newline", "holds a newline", "forbidden", "a\nb")
	path("escape", "holds an escape sequence of terminals", "forbidden", "a\x1b[31mb")
	path("c1", "holds a control character beyond ASCII", "forbidden", "a\u0085b")
	path("bidi", "turns the reading direction", "forbidden", "a\u202egol.exe")
	path("zero-width", "holds an invisible character", "forbidden", "a\u200bb")
	for _, r := range []struct{ name, path string }{
		{"nul-device", "NUL"}, {"aux", "aux.log"}, {"com1", "sub/Com1.tar.gz"}, {"lpt-superscript", "lpt²"}, {"conin", "CONIN$"}, {"blank-before-dot", "prn .txt"},
	} {
		path("reserved-"+r.name, "reserved by Windows", "is reserved", r.path)
	}
	path("trailing-dot", "ends in a dot, which Windows drops", "ends in a dot", "a.")
	path("trailing-blank", "a directory ends in a blank, which Windows drops", "ends in a dot", "a /b")
	path("not-nfc", "is not in Unicode's NFC", "not UTF-8 in NFC", "e\u0301")
	path("empty-component", "has an empty component", "component of 0 bytes", "a//b")
	path("long-component", "has a component of 256 bytes", "component of 256 bytes", strings.Repeat("a", 256))
	path("long", "has more than 1,024 bytes", "name of", strings.Repeat("a/", 520)+"a")
	path("twice", "stands there twice", "out of order", "a", "a")
	path("case", "the same in other case", "where case is ignored", "A", "a")
	path("case-directory", "the same directory in other case: allowed for directories, not for what is in them", "where case is ignored", "A/x", "a/X")
	path("case-beyond-ascii", "the same in other case, not ASCII", "where case is ignored", "Ä", "ä")
	path("case-folding", "the same by full case folding: ß is ss", "where case is ignored", "strasse", "straße")
	path("case-cherokee", "the same in other case, in the script whose small letters came last", "where case is ignored", "\u13a0", "\uab70")
	path("file-and-directory", "a file and a directory of one name", "where case is ignored", "A/x", "a")
	path("order", "out of order", "out of order", "b", "a")

	entries := func(name, about, reason string, frames ...[]Entry) {
		m.bad("name-"+name, about, atOpen, reason, m.forge("name-"+name, "signer", forged{frames: frames}))
	}
	entries("outside-data", "an entry named as report.json is", "not below data/app/", []Entry{{Path: "report.json", Source: "app", Type: Event, ModTime: testTime}})
	entries("in-another-source", "an entry lies below another source than its own", "not below data/app/", []Entry{{Path: "data/other/x", Source: "app", Type: Event, ModTime: testTime}})
	entries("source-with-slash", "a source with a slash", "holds a slash", []Entry{small(Event, "a/b", "x")})
	entries("source-long", "a source of 101 bytes", "source id of 101 bytes", []Entry{small(Event, strings.Repeat("a", 101), "x")})
	entries("source-twice", "one source with two data types", "where case is ignored", []Entry{small(Alert, "app", "x")}, []Entry{small(Event, "app", "y")})
	entries("source-case", "two sources that differ in case only", "where case is ignored", []Entry{small(Event, "APP", "x"), small(Event, "app", "y")})
	for _, top := range []struct{ name, path string }{{"dotdot", ".."}, {"slash", "a/b"}, {"empty", ""}} {
		m.bad("top-"+top.name, fmt.Sprintf("the top directory is called %q", top.path), atOpen, "bundle name", m.forgeTop("top-"+top.name, top.path))
	}
}

// forgeTop puts another name in the place of the top directory everywhere.
func (m *maker) forgeTop(id, top string) []byte {
	rename := func(b []byte) []byte { // in each header of a frame
		for at := 0; at+blockSize <= len(b); at += blockSize {
			if bytes.HasPrefix(b[at:], []byte(testName+"/")) && bytes.Equal(b[at+257:at+262], []byte("ustar")) {
				name := strings.TrimRight(string(b[at:at+100]), "\x00")
				block := b[at : at+blockSize]
				clear(block[:100])
				copy(block, top+strings.TrimPrefix(name, testName))
				mend(block)
			}
		}
		return b
	}
	return m.forge(id, "signer", forged{
		tar: func(_ int, b []byte) []byte { return rename(b) }, member: rename, last: rename,
		text: swap(`"name": "`+testName+`"`, `"name": "`+top+`"`),
	})
}

// mend makes a header's checksum right again.
func mend(block []byte) {
	copy(block[148:156], "        ")
	var sum int64
	for _, c := range block[:blockSize] {
		sum += int64(c)
	}
	octal(block[148:155], sum)
}

func (m *maker) members() {
	one := func(name, about string, change func(block []byte)) {
		m.bad("member-"+name, "the tar stream: "+about, atVerify, "not in canonical form", m.forge("member-"+name, "signer", forged{tar: header(change)}))
	}
	kind := func(t byte, link string) func([]byte) {
		return func(b []byte) { b[156] = t; copy(b[157:257], link) }
	}
	one("symlink", "a symbolic link stands where the manifest has a file", kind('2', "/etc/passwd"))
	one("hardlink", "a hard link stands where the manifest has a file", kind('1', "/etc/passwd"))
	one("character-device", "a device stands where the manifest has a file", kind('3', ""))
	one("block-device", "a device stands where the manifest has a file", kind('4', ""))
	one("directory", "a directory stands where the manifest has a file", kind('5', ""))
	one("fifo", "a pipe stands where the manifest has a file", kind('6', ""))
	one("contiguous", "a contiguous file stands where the manifest has a file", kind('7', ""))
	one("old-regular", "a file of the old kind (NUL) stands where the manifest has one", kind(0, ""))
	one("sparse", "a GNU sparse file stands where the manifest has a file", kind('S', ""))
	one("pax-global", "a global PAX header stands where the manifest has a file", kind('g', ""))
	one("gnu-longname", "a GNU long name stands where the manifest has a file", kind('L', ""))
	one("unknown", "a member of unknown type", kind('Z', ""))
	one("other-name", "a file of another name", func(b []byte) { b[len(testName)+6] ^= 1 })
	one("dotdot", "a file that leads out", func(b []byte) { clear(b[:100]); copy(b, "../../../x") })
	one("setuid", "a file that would be setuid", func(b []byte) { b[103] = '4' })
	one("owner", "a file with an owner", func(b []byte) { copy(b[265:], "root") })
	one("other-time", "a file of another time", func(b []byte) { b[146] ^= 1 })
	one("huge-size", "a header that claims 8 GiB", func(b []byte) { copy(b[124:], "77777777777") })
	one("binary-size", "a header with a size in base 256", func(b []byte) { copy(b[124:136], "\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x08") })
	one("link-name", "a file with a name linked to", func(b []byte) { copy(b[157:], "x") })
	one("magic", "the old magic of GNU", func(b []byte) { copy(b[257:265], "ustar  \x00") })
	m.bad("member-checksum", "the tar stream: a wrong header checksum", atVerify, "not in canonical form", m.forge("member-checksum", "signer", forged{
		tar: func(_ int, b []byte) []byte { b[150] ^= 1; return b }}))
	m.bad("member-padding", "the tar stream: a byte in the padding", atVerify, "padding", m.forge("member-padding", "signer", forged{
		tar: func(_ int, b []byte) []byte { b[len(b)-1] = 1; return b }}))
	m.bad("member-content", "the tar stream: other content than the manifest's digest", atEntry, "digest differs", m.forge("member-content", "signer", forged{
		tar: func(_ int, b []byte) []byte { b[blockSize] ^= 1; return b }}), forgedLog)
	m.bad("member-hidden", "the tar stream: a member that the manifest does not name, behind an entry", atOpen, "shares frame 0 with event", m.forge("member-hidden", "signer", forged{
		tar: func(_ int, b []byte) []byte { return tarHeader(b, testName+"/data/app/b.log", 0, testTime) }}))

	// PAX headers at the place of the only one that may stand there.
	const long = "ünïcode/log.txt"
	record := func(name, about string, change func(block []byte)) {
		m.bad("pax-"+name, "the tar stream: "+about, atVerify, "not in canonical form", m.forge("pax-"+name, "signer", forged{
			frames: [][]Entry{{small(Event, "app", long)}},
			tar:    func(_ int, b []byte) []byte { change(b[blockSize : 2*blockSize]); return b }}))
	}
	put := func(text string) func([]byte) {
		return func(block []byte) { // of the same length, so that all else holds
			n := bytes.IndexByte(block, 0)
			key, value, _ := strings.Cut(text, "=")
			clear(block)
			copy(block, fmt.Sprintf("%d %s=%s", n, key, value))
			for i := len(fmt.Sprintf("%d %s=%s", n, key, value)); i < n-1; i++ {
				block[i] = 'x'
			}
			block[n-1] = '\n'
		}
	}
	record("path", "a PAX record gives another path", put("path=../../../../"))
	record("linkpath", "a PAX record gives a path to link to", put("linkpath=/etc/passwd"))
	record("size", "a PAX record gives another size", put("size=999999999999"))
	record("sparse", "a PAX record makes the file sparse", put("GNU.sparse.realname=/etc/"))
	record("charset", "a PAX record names a character set", put("hdrcharset=BINARY"))
	record("bad-length", "a PAX record claims to be longer than it is", func(b []byte) { b[0]++ })
	bomb := func(name, about string, records []byte) {
		m.bad("pax-"+name, "the tar stream: "+about, atOpen, "shares frame 0 with event", m.forge("pax-"+name, "signer", forged{tar: func(_ int, b []byte) []byte {
			x := ustarBlock(nil, "", "PaxHeader", 'x', int64(len(records)), testTime)
			return slices.Concat(x, records, make([]byte, padding(int64(len(records)))), b)
		}}))
	}
	bomb("bomb-path", "a PAX header with a path of 1 MiB in front of an entry", []byte(paxRecord("path", strings.Repeat("a/", 1<<19))))
	bomb("bomb-records", "a PAX header with 100,000 records in front of an entry", bytes.Repeat([]byte(paxRecord("comment", "again and again")), 100_000))

	end := func(name, about, reason string, f forged) {
		m.bad("end-"+name, about, atOpen, reason, m.forge("end-"+name, "signer", f))
	}
	end("longer", "another block of NULs behind the end of the archive", "end of archive", forged{last: func(b []byte) []byte { return append(b, make([]byte, blockSize)...) }})
	end("member", "a member behind the signature", "end of archive", forged{last: func(b []byte) []byte {
		return append(tarHeader(b[:len(b)-endOfArchive], testName+"/x", 0, testTime), make([]byte, endOfArchive)...)
	}})
	end("missing", "no end of the archive", "end of archive", forged{last: func(b []byte) []byte { return b[:len(b)-endOfArchive] }})
	end("padding", "a byte in the padding of manifest.json.sig", "not in canonical form", forged{last: func(b []byte) []byte { b[len(b)-endOfArchive-1] = 1; return b }})
	end("signature-time", "manifest.json.sig has another time", "not in canonical form", forged{last: func(b []byte) []byte { b[146] ^= 1; mend(b[:blockSize]); return b }})
	end("signature-link", "manifest.json.sig is a hard link", "truncated", forged{last: func(b []byte) []byte { b[156] = '1'; mend(b[:blockSize]); return b }})
	end("manifest-mode", "manifest.json has another mode", "not in canonical form", forged{member: func(b []byte) []byte { b[104] = '7'; mend(b[:blockSize]); return b }})
	end("manifest-padding", "a byte in the padding of manifest.json", "not in canonical form", forged{member: func(b []byte) []byte { b[len(b)-1] = 1; return b }})
	end("manifest-in-front", "a member before manifest.json in its frame", "no manifest.json before", forged{member: func(b []byte) []byte {
		return append(tarHeader(nil, testName+"/x", 0, testTime), b...)
	}})
	end("created-zone", "created is the right time, in another zone", "not a whole second", forged{text: swap(`"created": "2026-01-02T15:04:05Z"`, `"created": "2026-01-02T16:04:05+01:00"`)})
	end("created-fraction", "created has a fraction", "not a whole second", forged{text: swap(`"created": "2026-01-02T15:04:05Z"`, `"created": "2026-01-02T15:04:05.5Z"`)})
}
