#!/usr/bin/env python3
"""Read a diagcollect bundle (.tar.zst) without diagcollect.

Written from the package comment of manifest alone (go doc ./manifest), with
Python's standard library, zstd and ssh-keygen.

  read_bundle.py verify --allowed-signers FILE BUNDLE
  read_bundle.py list   --allowed-signers FILE BUNDLE
  read_bundle.py show   --allowed-signers FILE BUNDLE ENTRY > FILE

  --revoked-keys FILE   public keys that prove nothing any more
  --receipt FILE        receipt.json (receipt.json.sig beside it) that dates a
                        bundle whose signing key is retired by now

"show" seeks: it reads the tail and the frames that hold the entry.
Exit codes: 0 done, 1 failed, 2 usage, 4 not what was signed.
"""
import argparse
import base64
import datetime
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile
import unicodedata

MAX_FRAME, BLOCK, MAX_ZSTD_BLOCK = 4 << 20, 512, 128 << 10
MAX_MANIFEST, MAX_REPORT, MAX_VALUE = 4 << 30, 64 << 20, 16 << 20
MAX_MEMBERS, MAX_BYTES, MAX_RATIO = 1_000_000, 64 << 30, 1000  # this reader's own limits
TYPES = ["alert", "configuration", "event", "metadata", "performance", "state"]
KEYS = ["ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"]
# What only people read: held to its type, and may be left out or null.
COUNTS, TIME = {"*": int}, object()
TOLD = {
    "organisation": str, "case": str, "host": str, "pseudonym_key": str, "tool": {"name": str, "version": str, "rules": str},
    "recipes": [{"name": str, "sha256": str, "signer": str, "trust": str, "decisions": [str]}], "window": {"since": TIME, "until": TIME},
    "outcomes": [{"source": str, "type": str, "outcome": str, "reason": str, "entries": int, "bytes": int, "cut": int}],
    "redactions": COUNTS, "parent": {"pseudonym_key": str},
}
TOLD_OF_ENTRY = {"redactions": COUNTS, "truncated": {"cut": int, "kept": str}, "encoding": str}


class Refused(Exception):
    """This is not what was signed."""


def need(condition, why):
    if not condition:
        raise Refused(why)


def padding(n):
    return -n % BLOCK


# --- Zstandard frames -------------------------------------------------------

def check_frame(z, content):
    """Hold a frame to the one form it may have, before it is decoded."""
    need(z[:4] == b"\x28\xb5\x2f\xfd", "no Zstandard frame")
    if content < 256:
        header = bytes([0x24, content])
    elif content < 256 + 65536:
        header = b"\x64" + struct.pack("<H", content - 256)
    else:
        header = b"\xa4" + struct.pack("<I", content)
    need(z[4:4 + len(header)] == header, "frame header not in the only form allowed")
    at, end, last = 4 + len(header), len(z) - 4, False
    while not last:
        need(at + 3 <= end, "blocks end early")
        h = int.from_bytes(z[at:at + 3], "little")
        last, kind, size = h & 1, h >> 1 & 3, h >> 3
        need(kind != 3 and size <= MAX_ZSTD_BLOCK, "bad block")
        at += 3 + (1 if kind == 1 else size)
        need(at <= end, "blocks end late")
    need(at == end, "bytes after the last block")


def zstd_decoder():
    try:
        from compression import zstd  # Python 3.14
        return zstd.decompress
    except ImportError:
        pass
    try:
        import zstandard
        return zstandard.ZstdDecompressor().decompress
    except ImportError:
        return lambda z: subprocess.run(["zstd", "-dcq"], input=z, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True).stdout


decompress = zstd_decoder()


def decode(z, content):
    check_frame(z, content)
    try:
        out = decompress(z)
    except FileNotFoundError:
        raise
    except Exception as e:  # each decoder has errors of its own
        raise Refused("malformed frame: %s" % e)
    need(len(out) == content, "frame with other content size than it says")
    return out


# --- tar headers: they follow from name, size and time alone -----------------

def ustar(prefix, name, kind, size, mtime):
    b = bytearray(BLOCK)

    def put(at, text):
        b[at:at + len(text)] = text

    put(0, name)
    put(100, b"0000644\0" b"0000000\0" b"0000000\0" b"%011o\0" b"%011o\0" b"        " % (size, mtime))
    put(156, kind)
    put(257, b"ustar\0" b"00")
    put(329, b"0000000\0" b"0000000\0")
    put(345, prefix)
    put(148, b"%06o" % sum(b))
    return bytes(b)


def pax_record(key, value):
    n = len(key) + len(value) + 3
    size = n + len(str(n))
    if len(str(size)) > len(str(n)):
        size += 1
    return b"%d %s=%s\n" % (size, key, value)


def tar_header(name, size, mtime):
    name = name.encode()
    if name.isascii() and size < 1 << 33:
        if len(name) <= 100:
            return ustar(b"", name, b"0", size, mtime)
        i = name[:156].rfind(b"/")
        if i > 0 and 1 <= len(name) - i - 1 <= 100:
            return ustar(name[:i], name[i + 1:], b"0", size, mtime)
    records, field = pax_record(b"path", name), size
    if size >= 1 << 33:
        records += pax_record(b"size", b"%d" % size)
        field = 0
    tail = bytearray(c if c < 0x80 else ord("_") for c in name[-100:])
    if tail[:1] == b"/":
        tail[0] = ord("_")
    return (ustar(b"", b"PaxHeader", b"x", len(records), mtime) + records + bytes(padding(len(records)))
            + ustar(b"", bytes(tail), b"0", field, mtime))


# --- names and manifest.json -------------------------------------------------

def device(component):
    base = component.split(".")[0].rstrip(" ")
    return re.fullmatch(r"(?ai)CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³]", base) is not None


def check_name(name, most=1024):
    need(0 < len(name.encode()) <= most, "name of a wrong length")
    need(unicodedata.normalize("NFC", name) == name, "name %r is not in NFC" % name)
    for c in name.split("/"):
        need(0 < len(c.encode()) <= 255, "name %r has a component of a wrong length" % name)
        need(c[-1] not in ". ", "name %r: a component ends in a dot or blank" % name)
        need(not device(c), "name %r is reserved" % name)
        need(not any(ch in '<>:"\\|?*' or unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp") for ch in c),
             "name %r holds a forbidden character" % name)


def check_component(name, most):
    need("/" not in name, "name %r holds a slash" % name)
    check_name(name, most)


def fold(name):
    return unicodedata.normalize("NFC", name.casefold())


def unique(pairs):
    out = {}
    for key, value in pairs:
        need(re.fullmatch(r"[a-z0-9_.-]{1,64}", key), "key %r" % key)
        need(key not in out, "key %r stands there twice" % key)
        out[key] = value
    return out


def check_depth(value, depth=0):
    need(depth <= 16, "nested too deeply")
    for v in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        check_depth(v, depth + 1)


def parse_manifest(text):
    def constant(word):
        raise Refused("manifest.json: %s" % word)
    try:
        m = json.loads(text.decode("utf-8"), object_pairs_hook=unique, parse_constant=constant)
        json.dumps(m, ensure_ascii=False).encode("utf-8")  # fails on half a surrogate pair
    except (ValueError, RecursionError) as e:
        raise Refused("manifest.json: %s" % e)
    need(isinstance(m, dict), "manifest.json is no object")
    for key, value in m.items():
        for v in value if key in ("entries", "frames") and isinstance(value, list) else [value]:
            check_depth(v)
    need(m.get("version") == 1 and type(m["version"]) is int, "a version of the format that is not known")
    check_form(m, TOLD)
    return m


def check_form(value, form):
    if value is None or form is None:
        return
    kind = dict if isinstance(form, dict) else list if isinstance(form, list) else str if form is TIME else form
    need(type(value) is kind, "manifest.json: %.80r is malformed" % (value,))
    if kind is dict:
        for key, v in value.items():
            check_form(v, form.get(key, form.get("*")))
    elif kind is list:
        for v in value:
            check_form(v, form[0])
    elif kind is int:
        need(-1 << 63 <= value < 1 << 63, "manifest.json: %d" % value)
    elif form is TIME:
        m = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:\d\d)", value)
        try:
            need(m and datetime.datetime.fromisoformat(m[1] + m[2].replace("Z", "+00:00")), "manifest.json: %.80r is no time" % value)
        except ValueError as e:
            raise Refused("manifest.json: %.80r: %s" % (value, e))


def get(o, key, kind):
    need(isinstance(o, dict) and type(o.get(key)) is kind, "manifest.json: %r is missing or malformed" % key)
    return o[key]


def size_of(o, key):
    n = get(o, key, int)
    need(0 <= n <= MAX_BYTES, "manifest.json: %s of %d" % (key, n))
    return n


def digest_of(o, key):
    d = get(o, key, str)
    need(re.fullmatch("[0-9a-f]{64}", d), "manifest.json: malformed digest")
    return d


def seconds(o, key):
    text = get(o, key, str)
    need(re.fullmatch(r"(?a)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), "manifest.json: %s %.80r is no whole second" % (key, text))
    try:
        t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as e:
        raise Refused("manifest.json: %s: %s" % (key, e))
    need(0 <= t.timestamp() < 1 << 33, "manifest.json: %s is out of range" % key)
    return int(t.timestamp())


# --- signatures ----------------------------------------------------------------

def check_signature(armoured):
    """Hold a signature to what ssh-keygen does not ask for, and answer its key."""
    at = 0

    def take(n):
        nonlocal at
        need(at + n <= len(blob), "malformed signature")
        at += n
        return blob[at - n:at]

    def text():
        return take(int.from_bytes(take(4), "big"))
    try:
        blob = base64.b64decode(b"".join(armoured.split(b"\n")[1:-2]), validate=True)
    except ValueError as e:
        raise Refused("malformed signature: %s" % e)
    need(take(10) == b"SSHSIG\0\0\0\1", "malformed signature: not SSHSIG version 1")
    key, _, reserved, _, sig = text(), text(), text(), text(), text()
    need(at == len(blob) and not reserved, "malformed signature")
    blob, at = key, 0
    kind = text().decode("ascii", "replace")
    need(kind in KEYS, "key type %r" % kind)
    if kind == "ssh-rsa":
        text()
        need(int.from_bytes(text(), "big").bit_length() >= 2048, "RSA key below 2048 bits")
    if kind.startswith("sk-"):
        blob, at = sig, 0
        text(), text()
        need(take(1)[0] & 1, "hardware key that nobody touched")
    return key


class Signers:
    """Whom to trust: only lines that name their namespaces count."""

    def __init__(self, allowed, revoked):
        self.folder = tempfile.TemporaryDirectory()
        self.revoked = revoked
        with open(allowed, encoding="utf-8") as f:
            self.lines = f.readlines()

    def write(self, name, data):
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as f:
            f.write(data)
        return path

    def verify(self, namespace, sig, message, at=None):
        """Say who signed; at is seconds since 1970, or now."""
        if at is None:
            when = []
        else:
            when = ["-O", "verify-time=" + datetime.datetime.fromtimestamp(at, datetime.timezone.utc).strftime("%Y%m%d%H%M%SZ")]
        path, key = self.write("sig", sig), base64.b64encode(check_signature(sig)).decode()
        why = "no key that is trusted signed it"
        for line in self.lines:  # one at a time: a key may stand in several
            options, there, _ = line.partition(key)
            if not there or line.startswith("#") or not re.search(r'[\s,]namespaces="', options, re.I) or re.search(r"[\s,]cert-authority", options, re.I):
                continue
            allowed = self.write("allowed_signers", line.encode())
            who = subprocess.run(["ssh-keygen", "-Y", "find-principals", *when, "-s", path, "-f", allowed], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            why = "no key that is trusted then signed it: " + who.stderr.decode("utf-8", "replace").strip()
            args = ["ssh-keygen", "-Y", "verify", *when, "-n", namespace, "-f", allowed, "-s", path]
            if self.revoked:
                args += ["-r", self.revoked]
            for principal in who.stdout.decode().split("\n") if who.returncode == 0 else []:
                if not principal:
                    continue
                done = subprocess.run(args + ["-I", principal], input=message, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                if done.returncode == 0:
                    return principal
                why = "signature: " + done.stdout.decode("utf-8", "replace").strip()
        raise Refused(why)


def canonical_armour(sig):
    lines = sig.decode("ascii", "replace").split("\n")
    need(lines[0] == "-----BEGIN SSH SIGNATURE-----" and lines[-2:] == ["-----END SSH SIGNATURE-----", ""],
         "manifest.json.sig is no armoured SSH signature in canonical form")
    body = lines[1:-2]
    need(body and all(len(l) == 70 for l in body[:-1]) and 0 < len(body[-1]) <= 70, "manifest.json.sig is not in canonical form")


# --- bundles ---------------------------------------------------------------------

class Bundle:
    def __init__(self, path, signers, receipt=None):
        self.f = open(path, "rb")
        self.size = os.fstat(self.f.fileno()).st_size
        self.cached = (None, None)
        self.read_table()
        self.find_tail()
        at = self.dated(signers, receipt) if receipt else None
        self.signer = signers.verify("manifest@diagcollect", self.sig, self.text, at)
        self.read_manifest()

    def bytes_at(self, at, n):
        self.f.seek(at)
        b = self.f.read(n)
        need(len(b) == n, "truncated: the file ends at byte %d" % (at + len(b)))
        return b

    def read_table(self):
        need(self.size >= 9, "truncated")
        count, descriptor, magic = struct.unpack("<IBI", self.bytes_at(self.size - 9, 9))
        need(magic == 0x8F92EAB1, "truncated, or no bundle: no seek table at its end")
        need(descriptor == 0 and count >= 2 and 8 * count + 17 <= self.size, "seek table: malformed")
        table = self.bytes_at(self.size - 8 * count - 17, 8 * count + 17)
        need(struct.unpack_from("<II", table) == (0x184D2A5E, 8 * count + 9), "seek table: malformed")
        self.frames, start, at = [], 0, 0  # (start, size, place in the tar stream, content)
        for i in range(count):
            size, content = struct.unpack_from("<II", table, 8 + 8 * i)
            need(0 < size and 0 < content <= MAX_FRAME and content <= size * MAX_RATIO, "seek table: frame %d has impossible sizes, above the ratio" % i)
            self.frames.append((start, size, at, content))
            start, at = start + size, at + content
        need(start + len(table) == self.size, "seek table: does not begin where the frames end")
        need(at <= MAX_BYTES, "more bytes than this reader takes")
        self.sums = [None] * count

    def frame(self, i):
        """The content of a frame whose digest, where it is signed, holds."""
        if self.cached[0] != i:
            start, size, _, content = self.frames[i]
            z = self.bytes_at(start, size)
            if self.sums[i]:
                need(hashlib.sha256(z).hexdigest() == self.sums[i], "frame %d: digest differs from the signed one" % i)
            self.z = z
            self.cached = (i, decode(z, content))
        return self.cached[1]

    def content(self, at, size):
        """Pieces of the tar stream, frame by frame."""
        i = next(i for i, f in enumerate(self.frames) if f[2] + f[3] > at) if size else 0
        while size:
            need(i < len(self.frames), "no frame holds byte %d" % at)
            piece = self.frame(i)[at - self.frames[i][2]:][:size]
            at, size, i = at + len(piece), size - len(piece), i + 1
            yield piece

    def whole(self, at, size):
        return b"".join(self.content(at, size))

    def find_tail(self):
        last = self.frame(len(self.frames) - 1)
        need(len(last) <= 128 << 10, "last frame is too large for a signature")
        name = last[:100].rstrip(b"\0")
        if last[345:346] != b"\0":
            name = last[345:500].rstrip(b"\0") + b"/" + name
        if last[156:157] == b"x":  # the name stands in a PAX record, the block of the file follows
            n = int(last[124:135], 8) if re.fullmatch(b"[0-7]{11}", last[124:135]) else 0
            record = re.fullmatch(rb"\d+ path=([^\n]*)\n", last[BLOCK:BLOCK + n])
            need(record, "last frame holds no manifest.json.sig")
            name, head = record[1], BLOCK + n + padding(n)
        else:
            head = 0
        need(name.endswith(b"/manifest.json.sig") and re.fullmatch(b"[0-7]{11}", last[head + 124:head + 135]), "last frame holds no manifest.json.sig")
        try:
            self.name = name[:-len("/manifest.json.sig")].decode()
        except UnicodeDecodeError:
            raise Refused("the top directory's name is not UTF-8")
        size = int(last[head + 124:head + 135], 8)
        need(size <= 64 << 10, "manifest.json.sig is too large")
        self.sig = last[head + BLOCK:head + BLOCK + size]
        canonical_armour(self.sig)
        # Back to the frame that begins with manifest.json's header. Its time is
        # not known yet, nor is its size: both are read here, and compared later.
        end = self.frames[-1][2]
        want = tar_header(self.name + "/manifest.json", 0, 0)
        for i in range(len(self.frames) - 2, -1, -1):
            _, _, at, content = self.frames[i]
            need(end - at <= MAX_MANIFEST, "no manifest.json before its signature")
            if content % BLOCK or content < len(want):
                continue
            b = self.frame(i)
            head = len(want) - BLOCK
            size = b[head + 124:head + 135]
            if b[head:head + 100] != want[head:head + 100] or not re.fullmatch(b"[0-7]{11}", size):
                continue
            self.manifest, self.text_at, size = i, at + len(want), int(size, 8)
            need(self.text_at + size + padding(size) == end, "manifest.json does not end where its signature begins")
            self.text = self.whole(self.text_at, size)
            return
        raise Refused("no manifest.json before its signature")

    def dated(self, signers, path):
        """When a receiver held exactly this file; None if the receipt does not say."""
        with open(path, "rb") as f, open(path + ".sig", "rb") as s:
            text, sig = f.read(MAX_VALUE), s.read(64 << 10)
        signers.verify("receipt@diagcollect", sig, text)
        r = json.loads(text)
        h = hashlib.sha256()
        self.f.seek(0)
        while piece := self.f.read(1 << 20):
            h.update(piece)
        need(r["sha256"] == h.hexdigest(), "the receipt is for another bundle")
        t = r["received"]
        return datetime.datetime.fromisoformat(re.sub(r"\.\d+", "", t).replace("Z", "+00:00")).timestamp()

    def read_manifest(self):
        self.m = m = parse_manifest(self.text)
        need(get(m, "name", str) == self.name, "name differs from that of the top directory")
        check_component(self.name, 200)
        need(get(m, "bundle_id", str), "no bundle id")
        self.created = seconds(m, "created")
        if m.get("parent") is not None:
            need(get(get(m, "parent", dict), "bundle_id", str) not in ("", m["bundle_id"]), "parent: no bundle id but its own")
            digest_of(m["parent"], "manifest_sha256")
        frames = get(m, "frames", list)
        need(len(frames) == self.manifest, "manifest.json lists %d frames, there are %d before it" % (len(frames), self.manifest))
        for i, f in enumerate(frames):
            need((size_of(f, "size"), size_of(f, "content")) == (self.frames[i][1], self.frames[i][3]), "frame %d: seek table and manifest differ" % i)
            self.sums[i] = digest_of(f, "sha256")
        self.all = digest_of(m, "frames_sha256")
        self.lay_out()
        # What no digest covers has one form only.
        size = len(self.text)
        header = tar_header(self.name + "/manifest.json", size, self.created)
        need(self.whole(self.frames[self.manifest][2], len(header)) == header, "header of manifest.json not in canonical form")
        need(not any(self.whole(self.text_at + size, padding(size))), "padding of manifest.json not in canonical form")
        last = tar_header(self.name + "/manifest.json.sig", len(self.sig), self.created) + self.sig
        need(self.frame(len(self.frames) - 1) == last + bytes(padding(len(last)) + 1024), "end of archive not in canonical form")

    def lay_out(self):
        """Walk the list along the seek table: everything has one place."""
        self.at, self.i, kind_there = 0, 0, [None]

        def place(kind, header, size):
            need(self.i < len(self.frames), "no frame holds it")
            _, _, at, content = self.frames[self.i]
            if self.at == at:
                kind_there[0] = kind
            need(kind_there[0] == kind, "frame %d holds %s and %s" % (self.i, kind_there[0], kind))
            end, own = self.at + header + size + padding(size), at + content
            if end > own:
                need(self.at == at and own == self.at + header, "is cut by the end of frame %d" % self.i)
                while own < end:
                    self.i += 1
                    need(self.i < len(self.frames), "no frame holds its end")
                    own = self.frames[self.i][2] + self.frames[self.i][3]
                need(own == end, "shares frame %d with what follows" % self.i)
            self.at = end
            if end == own:
                self.i += 1

        before, sources, names, folders, total = None, set(), set(), set(), 0
        entries = get(self.m, "entries", list)
        need(len(entries) + 3 <= MAX_MEMBERS, "more members than this reader takes")
        for e in entries:
            path, source, kind, size = get(e, "path", str), get(e, "source", str), get(e, "type", str), size_of(e, "size")
            digest_of(e, "sha256")
            check_form(e, TOLD_OF_ENTRY)
            mtime = seconds(e, "mtime")
            need(kind in TYPES, "unknown data type %r" % kind)
            need(path.startswith("data/" + source + "/"), "%r is not below its source" % path)
            check_name(path)
            order = (kind, source.encode(), path.encode())
            need(before is None or before < order, "%r is out of order" % path)
            if before is None or before[:2] != order[:2]:
                check_component(source, 100)
                need(fold(source) not in sources, "two sources %r where case is ignored" % source)
                sources.add(fold(source))
                names, folders = set(), set()
            before = order
            parts = fold(path[len("data/" + source + "/"):]).split("/")
            above = {"/".join(parts[:n]) for n in range(1, len(parts))}
            need("/".join(parts) not in names | folders and not above & names, "%r: same name twice where case is ignored" % path)
            names.add("/".join(parts))
            folders |= above
            header = len(tar_header(self.name + "/" + path, size, mtime))
            need(get(e, "offset", int) == self.at + header, "%r: wrong offset" % path)
            place(kind, header, size)
            total += size
        totals = get(self.m, "totals", dict)
        need((get(totals, "entries", int), get(totals, "bytes", int)) == (len(entries), total), "totals differ from the entries")
        report = get(self.m, "report", dict)
        self.report = (size_of(report, "size"), digest_of(report, "sha256"))
        need(self.report[0] <= MAX_REPORT, "report.json is too large")
        place("report.json", len(tar_header(self.name + "/report.json", self.report[0], self.created)), self.report[0])
        need(self.i == self.manifest and self.at == self.frames[self.i][2], "report.json and manifest.json do not meet")
        place("manifest.json", len(tar_header(self.name + "/manifest.json", len(self.text), self.created)), len(self.text))
        need(self.i == len(self.frames) - 1, "manifest.json does not end where its signature begins")

    def verify(self):
        """Prove everything: every frame, every header, every digest."""
        whole = hashlib.sha256()

        def stream():
            for i in range(self.manifest):
                b = self.frame(i)
                whole.update(self.z)
                yield b
        frames, have = stream(), b""

        def take(n):
            nonlocal have
            while n:
                if not have:
                    have = next(frames, b"")
                    need(have, "truncated: no more frames")
                piece, have = have[:n], have[n:]
                n -= len(piece)
                yield piece

        def member(name, size, mtime, digest):
            header = tar_header(name, size, mtime)
            need(b"".join(take(len(header))) == header, "%s: tar header not in canonical form" % name)
            h = hashlib.sha256()
            for piece in take(size):
                h.update(piece)
            need(h.hexdigest() == digest, "%s: digest differs from the signed one" % name)
            need(not any(b"".join(take(padding(size)))), "%s: padding not in canonical form" % name)
        for e in self.m["entries"]:
            member(self.name + "/" + e["path"], e["size"], seconds(e, "mtime"), e["sha256"])
        member(self.name + "/report.json", self.report[0], self.created, self.report[1])
        need(not have and next(frames, None) is None, "bytes after report.json")
        need(whole.hexdigest() == self.all, "digest of all frames differs from the signed one")

    def show(self, path, out):
        e = next((e for e in self.m["entries"] if e["path"] == path), None)
        if e is None:
            raise SystemExit("read_bundle.py: no entry %r" % path)
        h = hashlib.sha256()
        for piece in self.content(e["offset"], e["size"]):
            h.update(piece)
            out.write(piece)
        need(h.hexdigest() == e["sha256"], "%s: digest differs from the signed one" % path)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("command", choices=["verify", "list", "show"])
    p.add_argument("bundle")
    p.add_argument("entry", nargs="?")
    p.add_argument("--allowed-signers", required=True)
    p.add_argument("--revoked-keys")
    p.add_argument("--receipt")
    a = p.parse_args()
    if (a.command == "show") != (a.entry is not None):
        p.error("show wants an entry, and only show")
    try:
        b = Bundle(a.bundle, Signers(a.allowed_signers, a.revoked_keys), a.receipt)
        if a.command == "verify":
            b.verify()
            print("verified: bundle %s, %d entries, signed by %s" % (ascii(b.m["bundle_id"]), len(b.m["entries"]), b.signer))
        elif a.command == "list":
            for e in b.m["entries"]:
                print("%12d  %s  %-13s %s" % (e["size"], e["mtime"], e["type"], e["path"]))
        else:
            b.show(a.entry, sys.stdout.buffer)
            sys.stdout.flush()
    except Refused as e:
        print("read_bundle.py: not authentic: %s" % ascii(str(e))[1:-1], file=sys.stderr)
        return 4
    except (OSError, subprocess.SubprocessError) as e:
        print("read_bundle.py: %s" % e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
