#!/bin/bash
# Prove a diagcollect bundle with nothing of diagcollect: bash, coreutils, awk,
# sed, iconv, zstd, GNU tar, jq, ssh-keygen.
#
#   verify.sh [-r REVOKED_KEYS] [-t TIME] ALLOWED_SIGNERS BUNDLE.tar.zst
#
#   ALLOWED_SIGNERS  ssh-keygen's format, as in ~/.config/diagcollect
#   -r REVOKED_KEYS  public keys that prove nothing any more
#   -t TIME          judge keys as they stood at YYYYMMDDHHMMSSZ: the time that a
#                    receipt, which you have checked, says it was received
#
# Exit codes: 0 proven; 1 something here failed; 2 usage; 4 refused: this is not
# what a trusted key signed.
#
# What it proves: the signature over manifest.json; that the list in it keeps the
# rules; each frame's digest and form, the seek table, no frame more; each
# entry's and report.json's digest, name, size, time; no member more.
# What only a reader like read_bundle.py or diagcollect sees: tar headers and
# padding in another form that tar takes for the same, a sparse file among them,
# and what needs Unicode's tables (names not in NFC, names that differ in case
# beyond ASCII). None of that changes what tar writes on this system. It refuses
# what no writer writes and other readers take: escapes in keys, -0, counts of 2^63-1.
set -euo pipefail
export LC_ALL=C TZ=UTC
shopt -u nocasematch

refuse() { printf 'verify.sh: refused: %s\n' "$*" >&2; exit 4; }
fail() { printf 'verify.sh: %s\n' "$*" >&2; exit 1; }
usage() { sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2; }
good() { printf 'ok  %s\n' "$*"; }

revoked=() time=()
while getopts r:t: o; do
	case $o in
	r) revoked=(-r "$OPTARG") ;;
	t) time=(-O "verify-time=$OPTARG") ;;
	*) usage ;;
	esac
done
shift $((OPTIND - 1))
[ $# -eq 2 ] || usage
signers=$1 bundle=$2
for tool in zstd tar jq sha256sum base64 ssh-keygen iconv od awk; do
	command -v "$tool" >/dev/null || fail "$tool is not installed"
done
[ -r "$signers" ] || fail "cannot read $signers"
[ -f "$bundle" ] && [ -r "$bundle" ] || fail "cannot read $bundle"
w=$(mktemp -d)
trap 'rm -rf "$w"' EXIT
trap 'fail "failed at line $LINENO"' ERR

# --- the seek table ----------------------------------------------------------
size=$(wc -c <"$bundle")
piece() { dd if="$bundle" iflag=skip_bytes,count_bytes bs=1M skip="$1" count="$2" status=none; } # from, bytes
[ "$size" -ge 33 ] || refuse "truncated: $size bytes"
u32() { od -An -v -tu4 --endian=little -w8; }
[ "$(piece $((size - 5)) 5 | od -An -tx1 | tr -d ' \n')" = 00b1ea928f ] || refuse "truncated, or no bundle: no seek table at its end"
count=$(piece $((size - 9)) 4 | od -An -tu4 --endian=little | tr -d ' ')
table=$((8 * count + 17))
[ "$count" -ge 3 ] && [ "$table" -le "$size" ] || refuse "seek table: lists $count frames"
[ "$(piece $((size - table)) 8 | u32 | tr -s ' ')" = " 407710302 $((8 * count + 9))" ] || refuse "seek table: malformed"
piece $((size - table + 8)) $((8 * count)) | u32 >"$w/table"
awk -v end=$((size - table)) '
	$1 < 1 || $2 < 1 || $2 > 4194304 || $2 > 1000 * $1 { print "frame " NR - 1 ": " $2 " bytes of content in " $1; exit 1 }
	{ printf "%d %d %d %d\n", start, $1, at, $2 >frames; start += $1; at += $2 }
	END { if (start != end) { print "the frames end at " start ", it begins at " end; exit 1 } }
' frames="$w/frames" "$w/table" >"$w/why" || refuse "seek table: $(cat "$w/why")"
mapfile -t frames <"$w/frames" # start, size, place in the tar stream, content
slice() { # frame
	local f; read -ra f <<<"${frames[$1]}"
	piece "${f[0]}" "${f[1]}"
}
le() { # number, bytes
	local i n=$1; for ((i = 0; i < $2; i++)); do printf '%02x' $((n & 255)); n=$((n >> 8)); done
}
form() { # frame: the one header that it may have
	local f want; read -ra f <<<"${frames[$1]}"
	if [ "${f[3]}" -lt 256 ]; then want=24$(le "${f[3]}" 1)
	elif [ "${f[3]}" -lt 65792 ]; then want=64$(le $((f[3] - 256)) 2)
	else want=a4$(le "${f[3]}" 4); fi
	[ "$(od -An -v -tx1 -j $((f[0])) -N $((4 + ${#want} / 2)) "$bundle" | tr -d ' \n')" = "28b52ffd$want" ] || refuse "frame $1: header not in the only form allowed"
}
content() { # frame: into the file $w/content
	local f; read -ra f <<<"${frames[$1]}"
	form "$1"
	slice "$1" | zstd -dcq 2>/dev/null | head -c 4194305 >"$w/content" || refuse "frame $1: malformed"
	[ "$(wc -c <"$w/content")" -eq "${f[3]}" ] || refuse "frame $1: other content size than the seek table says"
}
zstd -lv "$bundle" >"$w/zstd" 2>/dev/null || refuse "not frames to its last byte"
grep -q "^# Zstandard Frames: $count\$" "$w/zstd" && grep -q '^# Skippable Frames: 1$' "$w/zstd" || refuse "other frames than the seek table lists"

# --- manifest.json and its signature -------------------------------------------
last=$((count - 1))
content $last
[ "$(wc -c <"$w/content")" -le 131072 ] || refuse "no manifest.json.sig in the last frame"
listing() { # tar stream on standard input: one line to a member, in one form
	tar --quoting-style=literal --full-time -tvf - 2>"$w/tar" |
		sed -E 's/^([^ ]+) +([^ ]+) +([0-9]+) ([-0-9]+ [:0-9]+) /\1 \2 \3 \4 /'
}
line=$(listing <"$w/content") || refuse "last frame: no tar archive: $(head -n 1 "$w/tar")"
[[ $line != *$'\n'* ]] && [[ $line =~ ^-rw-r--r--\ 0/0\ ([0-9]+)\ ([-0-9]+\ [:0-9]+)\ (.*)/manifest\.json\.sig$ ]] || refuse "no manifest.json.sig, and that alone, in the last frame"
sigsize=${BASH_REMATCH[1]} created=${BASH_REMATCH[2]} top=${BASH_REMATCH[3]}
tar -xOf "$w/content" >"$w/sig" 2>"$w/why" || refuse "tar: $(head -n 1 "$w/why")"
header=$(($(wc -c <"$w/content") - sigsize - (512 - sigsize % 512) % 512 - 1024))
[ $header -ge 512 ] && [ "$(tail -c +$((header + sigsize + 1)) "$w/content" | tr -d '\0' | wc -c)" -eq 0 ] || refuse "something behind manifest.json.sig"
sed '1d;$d' "$w/sig" | base64 -d >"$w/blob" 2>/dev/null || refuse "malformed signature"
{ echo '-----BEGIN SSH SIGNATURE-----'; base64 -w 70 "$w/blob"; echo '-----END SSH SIGNATURE-----'; } | cmp -s - "$w/sig" || refuse "manifest.json.sig: not in canonical form"

for ((m = last - 1; m >= 0; m--)); do
	read -ra f <<<"${frames[$m]}"
	[ $((f[3] % 512)) -eq 0 ] || continue
	content $m
	{ listing <"$w/content" || true; } >"$w/line"
	[[ $(head -n 1 "$w/line") == "-rw-r--r-- 0/0 "*" $created $top/manifest.json" ]] && break
done
[ $m -ge 0 ] || refuse "no manifest.json before its signature"
for ((i = m; i < last; i++)); do content $i; cat "$w/content"; done >"$w/manifest.tar"
line=$(listing <"$w/manifest.tar") || refuse "manifest.json: $(head -n 1 "$w/tar")"
[[ $line =~ ^-rw-r--r--\ 0/0\ ([0-9]+)\  ]] && [[ $line != *$'\n'* ]] || refuse "something beside manifest.json"
textsize=${BASH_REMATCH[1]}
tar -xOf "$w/manifest.tar" >"$w/manifest.json" 2>/dev/null || refuse "manifest.json: truncated"
header=$(($(wc -c <"$w/manifest.tar") - textsize - (512 - textsize % 512) % 512))
[ $header -ge 512 ] && [ "$(tail -c +$((header + textsize + 1)) "$w/manifest.tar" | tr -d '\0' | wc -c)" -eq 0 ] || refuse "something behind manifest.json"

# What ssh-keygen does not ask for: the length of RSA keys, the touch of hardware.
number() { od -An -tu4 --endian=big -j "$1" -N 4 "$w/blob" | tr -d ' \n'; }
bytes() { tail -c "+$(($1 + 1))" "$w/blob" | head -c "$2"; } # from, how many
keysize=$(number 10)
[ "${keysize:-65536}" -lt 65536 ] || refuse "malformed signature"
key=$(bytes 14 "$keysize" | base64 -w 0) kindsize=$(number 14)
[ "${kindsize:-65536}" -lt "$keysize" ] || refuse "malformed signature"
kind=$(bytes 18 "$kindsize" | tr -d '\0')
case $kind in
ssh-ed25519 | ecdsa-sha2-nistp256 | ecdsa-sha2-nistp384 | ecdsa-sha2-nistp521) ;;
ssh-rsa) # kind, exponent, modulus
	at=$((18 + kindsize)) && at=$((at + 4 + $(number $at))) && bits=$(bytes $((at + 4)) "$(number $at)" | od -An -v -tx1 | tr -d ' \n' | sed 's/^0*//')
	[ ${#bits} -gt 512 ] || [[ ${#bits} -eq 512 && $bits == [89a-f]* ]] || refuse "RSA key below 2048 bits" ;;
sk-ssh-ed25519@openssh.com | sk-ecdsa-sha2-nistp256@openssh.com) # ends in one byte of flags, four of a counter
	[ $(($(tail -c 5 "$w/blob" | od -An -tu1 -N 1) & 1)) -eq 1 ] || refuse "signed with a hardware key that nobody touched" ;;
*) refuse "signed with a key of another type" ;;
esac
# Only lines that name their namespaces count; a key may stand in several.
K=$key awk '!/^#/ && (n = index($0, ENVIRON["K"])) { o = tolower(substr($0, 1, n)); if (o ~ /[ \t,]namespaces="/ && o !~ /[ \t,]cert-authority/) print }' "$signers" >"$w/signers"
echo 'no key that is trusted signed it' >"$w/why"
signed=
while [ -z "$signed" ] && IFS= read -r line; do
	printf '%s\n' "$line" >"$w/signer"
	who=$(ssh-keygen -Y find-principals "${time[@]}" -s "$w/sig" -f "$w/signer" 2>"$w/why") || continue
	while IFS= read -r principal; do
		if ssh-keygen -Y verify "${time[@]}" "${revoked[@]}" -f "$w/signer" -I "$principal" -n manifest@diagcollect -s "$w/sig" <"$w/manifest.json" >"$w/why" 2>&1; then
			signed=$principal
			break
		fi
	done <<<"$who"
done <"$w/signers"
[ -n "$signed" ] || refuse "signature: $(tail -n 1 "$w/why")"
good "signature over manifest.json: $(head -n 1 "$w/why")"

# --- what it says keeps the rules --------------------------------------------------
j=$w/manifest.json
iconv -f UTF-8 -t UTF-16 "$j" >/dev/null 2>&1 || refuse "manifest.json: not UTF-8"
# (grep -q would end a pipe early, and the whole would count as failed.)
[ -z "$(sed -E 's/\\\\//g; s/\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}//g' "$j" | grep -Eo '\\u[dD][89a-fA-F]' | head -n 1)" ] || refuse "manifest.json: half a surrogate pair"
[ "$(tr -d ' \n\t\r' <"$j" | head -c 1)" = '{' ] && [ "$(tr -d -c '\0' <"$j" | wc -c)" -eq 0 ] || refuse "manifest.json: no object alone"
# jq takes numbers that are none.
[ -z "$(sed -E 's/"([^"\\]|\\.)*"/ /g' "$j" | grep -Eo '[^][{}:,[:space:]]+' | grep -Evx 'true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?' | head -n 1)" ] || refuse "manifest.json: no JSON"
grep -Eq '\\u[0-9a-fA-F]{4}[a-z0-9_.-]*"[[:space:]]*:' "$j" && refuse "manifest.json: a key with an escape, which this script does not look at"
[ -z "$(tr '\n\t\r' '   ' <"$j" | grep -Eo '"((version|size|content|offset|entries|bytes|cut)" *|redactions" *: *\{[^}]*): *-?[0-9]+[.eE]' | head -n 1)" ] || refuse "manifest.json: a number that is not an integer"
jq -n '[inputs] | length == 1' "$j" 2>"$w/why" | grep -qx true || refuse "manifest.json: no single JSON value: $(tail -n 1 "$w/why")"
# Each key once, in lower case; a container ends once.
jq -c --stream 'if length == 2 then .[0] else ["end", .[0][:-1]] end' "$j" >"$w/paths" || refuse "manifest.json: malformed"
[ -z "$(sort "$w/paths" | uniq -d | head -n 1)" ] || refuse "manifest.json: a key stands there twice"
jq -e -n 'first(inputs | .. | strings | select(test("^[a-z0-9_.-]{1,64}$") | not)) // false' "$w/paths" >/dev/null && refuse "manifest.json: a key that is not of a-z 0-9 _ . -"
jq -e -n 'first(inputs | flatten | select((if .[0] == "end" then .[1:] else . end) | (if (.[0] == "entries" or .[0] == "frames") then length - 2 else length - 1 end) > 16)) // false' "$w/paths" >/dev/null && refuse "manifest.json: nested too deeply"

cat >"$w/rules.jq" <<'JQ'
def need($what; condition): if condition then . else error($what) end;
def n: type == "number" and . >= 0 and . <= 68719476736 and . == floor;
def digest: type == "string" and test("^[0-9a-f]{64}$");
def time: type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$") and (. as $t | fromdateiso8601 | . >= 0 and . < 8589934592 and todateiso8601 == $t);
# What only people read has its type, and may be left out or null.
def maybe(f): . == null or f;
def text: maybe(type == "string");
def count: maybe(type == "number" and . >= -9223372036854775808 and . < 9223372036854775808);
def counts: maybe(type == "object" and all(.[]; count));
def list(f): maybe(type == "array" and all(.[]; f));
def when: maybe(type == "string" and test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[-+][0-9]{2}:[0-9]{2})$"));
def shape(f): maybe(type == "object" and f);
def told: (.organisation, .case, .host, .pseudonym_key | text), (.redactions | counts),
	(.tool | shape(all(.name, .version, .rules; text))), (.window | shape(all(.since, .until; when))),
	(.recipes | list(shape(all(.name, .sha256, .signer, .trust; text) and (.decisions | list(text))))),
	(.outcomes | list(shape(all(.source, .type, .outcome, .reason; text) and all(.entries, .bytes, .cut; count)))),
	(.parent | shape(.pseudonym_key | text));
def name($most): type == "string" and utf8bytelength >= 1 and utf8bytelength <= $most
	and (test("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}<>:\"\\\\|?*]") | not)
	and all(split("/")[]; utf8bytelength >= 1 and utf8bytelength <= 255 and (test("[. ]$") | not)
		and (split(".")[0] | sub(" +$"; "") | ascii_upcase | test("^(CON|PRN|AUX|NUL|CONIN\\$|CONOUT\\$|(COM|LPT)[0-9\u00b9\u00b2\u00b3])$") | not));
def component($most): name($most) and (contains("/") | not);
def padded: 512 * ((. + 511) / 512 | floor);
# Bytes of a member's header blocks.
def record($key): (($key | length) + utf8bytelength + 3) as $n | ($n + ($n | tostring | length)) as $s
	| if ($s | tostring | length) > ($n | tostring | length) then $s + 1 else $s end;
def header($name; $size):
	($name | .[0:156] | rindex("/")) as $i
	| if $size < 8589934592 and ($name | test("^[\u0000-\u007f]*$")) and (($name | length) <= 100
		or ($i != null and $i > 0 and ($name | length) - $i - 1 >= 1 and ($name | length) - $i - 1 <= 100)) then 512
	else 1024 + (($name | record("path")) + (if $size >= 8589934592 then ($size | tostring | record("size")) else 0 end) | padded) end;
def line($size; $time; $name): "-rw-r--r-- 0/0 \($size) \($time | fromdateiso8601 | strftime("%Y-%m-%d %H:%M:%S")) \($name)";
def above: split("/") as $p | range(1; $p | length) | $p[0:.] | join("/");

need("version \(.version) is not known"; .version == 1 and (.version | type) == "number")
| need("name"; .name | component(200)) | need("name differs from the top directory"; .name == $top)
| need("bundle_id is missing"; (.bundle_id | type) == "string" and .bundle_id != "")
| need("created"; .created | time)
| .bundle_id as $id | need("parent"; .parent == null or (.parent | type == "object" and (.bundle_id | type == "string" and . != "" and . != $id) and (.manifest_sha256 | digest)))
| need("what only people read is malformed"; all(told; .))
| need("entries, frames, totals, report"; (.entries | type) == "array" and (.frames | type) == "array" and (.totals | type) == "object" and (.report | type) == "object")
| need("report"; (.report.size | n and . <= 67108864) and (.report.sha256 | digest)) | need("frames_sha256"; .frames_sha256 | digest)
| need("a frame"; all(.frames[]; type == "object" and (.size | n) and (.content | n) and (.sha256 | digest)))
| need("more members than this reader takes"; (.entries | length) <= 999997)
| need("an entry is malformed"; all(.entries[]; type == "object" and (.path | name(1024)) and (.source | component(100)) and (.size | n) and (.offset | n)
	and (.sha256 | digest) and (.mtime | time) and (.redactions | counts) and (.encoding | text) and (.truncated | shape((.cut | count) and (.kept | text))) and (.type | IN("alert", "configuration", "event", "metadata", "performance", "state"))))
| need("an entry is not below its source"; all(.entries[]; .source as $s | .path | startswith("data/\($s)/")))
| need("totals differ from the entries"; .totals.entries == (.entries | length) and .totals.bytes == ([.entries[].size] | add // 0))
| [.entries[] | [.type, .source, .path]] as $order
| need("entries out of order"; $order == ($order | unique))
| need("a source twice where case is ignored"; [$order[] | .[0:2]] | unique | map(.[1] | ascii_downcase) | length == (unique | length))
| ([.entries[].path | ascii_downcase]) as $paths
| need("a name twice where case is ignored"; ($paths | length) == ($paths | unique | length))
| (reduce ($paths[] | above) as $d ({}; .[$d] = true)) as $folders
| need("a name is a file and a directory"; all($paths[]; $folders[.] | not))
| .name as $top | .created as $created
# One line to a member: its data type, header, size, offset, digest, tar's line.
| (.entries[] | [.type, header("\($top)/\(.path)"; .size), .size, .offset, .sha256, .path, line(.size; .mtime; "\($top)/\(.path)")]),
	["report.json", header("\($top)/report.json"; .report.size), .report.size, -1, .report.sha256, "report.json", line(.report.size; $created; "\($top)/report.json")],
	["manifest.json", header("\($top)/manifest.json"; $textsize), $textsize, -1, "", "", line($textsize; $created; "\($top)/manifest.json")],
	["manifest.json.sig", header("\($top)/manifest.json.sig"; $sigsize), $sigsize, -1, "", "", line($sigsize; $created; "\($top)/manifest.json.sig")]
| join("\t")
JQ
jq -r --arg top "$top" --argjson textsize "$textsize" --argjson sigsize "$sigsize" -f "$w/rules.jq" "$j" >"$w/members" 2>"$w/why" ||
	refuse "manifest.json: $(sed 's/^jq: error ([^)]*): //' "$w/why" | head -n 1)"

# The first frames are those in the manifest; each member has its place in them.
jq -r '.frames[] | "\(.size) \(.content)"' "$j" >"$w/listed"
cmp -s "$w/listed" <(head -n $m "$w/table" | awk '{ print $1, $2 }') || refuse "seek table and manifest.json differ"
awk -F '\t' -v frames="$w/frames" -v manifest=$m '
	function no(why) { print $6 ": " why; bad = 1; exit 1 }
	BEGIN { n = i = at = 0; while ((getline line <frames) > 0) { split(line, f, " "); from[n] = f[3]; to[n++] = f[3] + f[4] } }
	function padded(s) { return s + (512 - s % 512) % 512 }
	$4 >= 0 && $4 != at + $2 { no("content at " $4 ", where " at + $2 " is its place") }
	$1 == "manifest.json" && (i != manifest || at != from[i]) { no("report.json and manifest.json do not meet") }
	{
		if (i >= n) no("no frame holds it")
		if (at == from[i]) kind = $1; else if (kind != $1) no("shares a frame with " kind)
		end = at + $2 + padded($3) + ($1 == "manifest.json.sig" ? 1024 : 0)
		if (end > to[i]) {
			if (at != from[i] || to[i] != at + $2) no("is cut by the end of a frame")
			for (i++; i < n && to[i] < end; i++);
			if (i >= n || to[i] != end) no("shares a frame with what follows")
		}
		at = end
		if (end == to[i]) i++
	}
	END { if (!bad && i != n) { print "frames that no member lies in"; exit 1 } }
' "$w/members" >"$w/why" || refuse "$(cat "$w/why")"
good "the list in manifest.json keeps the rules and fills the archive"

# --- frames, members, digests ---------------------------------------------------------
jq -r '.frames[].sha256' "$j" >"$w/sums"
i=0
while read -r sum; do
	form $i
	[ "$(slice $i | sha256sum | cut -d ' ' -f 1)" = "$sum" ] || refuse "frame $i: digest differs from the signed one"
	i=$((i + 1))
done <"$w/sums"
read -ra f <<<"${frames[$m]}"
[ "$(piece 0 "${f[0]}" | sha256sum | cut -d ' ' -f 1)" = "$(jq -r .frames_sha256 "$j")" ] || refuse "digest of all frames differs from the signed one"
zstd -tq "$bundle" 2>/dev/null || refuse "a frame is malformed"
good "$count frames"

zstd -dcq "$bundle" | listing >"$w/have" || refuse "tar: $(head -n 1 "$w/tar")"
cut -f 7- "$w/members" >"$w/want"
cmp -s "$w/want" "$w/have" || refuse "members differ from the manifest: $(diff "$w/want" "$w/have" | sed -n 2p)"
mkdir "$w/x"
zstd -dcq "$bundle" | tar -C "$w/x" --no-same-owner -k -xf - 2>"$w/why" || refuse "tar: $(head -n 1 "$w/why")"
# The last three are the files that the manifest is not about, but for report.json.
(cd "$w/x/$top" && awk -F '\t' '$5 != "" { print $5 "  " $6 }' "$w/members" | sha256sum --quiet --strict -c -) >"$w/why" 2>&1 || refuse "$(head -n 1 "$w/why")"
cmp -s "$w/x/$top/manifest.json" "$j" || refuse "two manifests"
good "$(($(wc -l <"$w/members") - 3)) entries and report.json"
printf 'verified: %s, signed by %s\n' "$(jq -c .bundle_id "$j")" "$signed"
