#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The key is nowhere in what the library said while everything went wrong.

    canary.py [--record DIR] [--driver PROGRAM]

DIR is what tests/faults/run.py left; where there is none, it is run first.
Looked for are the key and its halves: as they are, percent-encoded, escaped as
in JSON (and again as the driver escapes that), in base64 at any offset, in
hexadecimal, backwards.
"""
import argparse
import base64
import os
import re
import subprocess
import sys
import tempfile

FAULTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "faults")
sys.path.insert(0, FAULTS)

import drive            # noqa: E402
from tap import Tap     # noqa: E402

ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def unescaped(data):
    """One layer of JSON's escapes less."""
    def one(m):
        if m.group(1):
            code = int(m.group(1), 16)
            return bytes([code]) if code < 256 else b"?"
        return ESCAPES.get(m.group(2), m.group(2))
    return re.sub(rb"\\(?:u([0-9a-fA-F]{4})|(.))", one, data, flags=re.S)


def unpercented(data):
    return re.sub(rb"%([0-9a-fA-F]{2})", lambda m: bytes([int(m.group(1), 16)]), data)


def in_base64(secret):
    """What all spellings of it have, wherever it stands in what was encoded."""
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + secret)
        core = text[(offset * 4 + 2) // 3 + (offset > 0):len(secret) // 3 * 4]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))


def needles(key):
    """name: what must not be found."""
    key = key.encode()
    random = key.rsplit(b"-", 1)[-1]
    half = len(random) // 2
    found = {"the key": key, "its first half": random[:half], "its second half": random[half:],
             "backwards": random[::-1], "in hexadecimal": random.hex().encode(),
             "in HEXADECIMAL": random.hex().upper().encode()}
    for n, text in enumerate(in_base64(key)):
        found["in base64, %d" % n] = text
    return found


def layers(data):
    """The text, and what it says to those who decode it."""
    seen = set()
    for _ in range(4):
        for text in (data, unpercented(data)):
            if text not in seen:
                seen.add(text)
                yield text
        data = unescaped(data)


def hits(data, key):
    wanted = needles(key)
    return sorted({name for text in layers(data) for name, needle in wanted.items()
                   if needle in text})


# ---- the check itself --------------------------------------------------------

def planted(key):
    raw = key.encode()
    yield "as it is", raw
    yield "in a sentence of JSON", b'{"message":"Incorrect key: ' + raw + b'"}'
    yield "percent-encoded", b"".join(b"%%%02x" % c for c in raw)
    yield "percent-encoded where it must be", raw.replace(b"-", b"%2D")
    yield "escaped", b"".join(b"\\u%04x" % c for c in raw)
    yield "escaped twice", b"".join(b"\\u005cu%04x" % c for c in raw)
    yield "escaped a little", raw.replace(b"-", b"\\u002d")
    yield "in base64", base64.b64encode(raw)
    yield "in base64 behind a byte", base64.b64encode(b":" + raw)
    yield "in base64 behind two", base64.b64encode(b"me:" + raw + b"\n")[:-1]
    yield "in base64 for URLs", base64.urlsafe_b64encode(b"user:" + raw)
    yield "in hexadecimal", raw.hex().encode()
    yield "backwards", raw[::-1]
    yield "cut short", raw[:-12]
    yield "cut at its beginning", raw[-20:]


def check_the_check(tap):
    key = "sk-CANARY-0123456789abcdeffedcba9876543210"
    for name, text in planted(key):
        line = b'{"result":-6,"body":"before ' + text + b' after"}\n'
        tap.case("found where it was planted " + name,
                 [] if hits(line, key) else ["not found in %r" % line])
    other = b'{"result":-6,"body":"sk-CANARY- *** ***, req_0123456789"}\n'
    tap.case("not found where it is not", hits(other, key))


# ---- the record --------------------------------------------------------------

def make_record(args):
    subprocess.run([sys.executable, os.path.join(FAULTS, "run.py"), "--record", args.record,
                    "--driver", args.driver], stdout=subprocess.DEVNULL, check=False)


def check_record(tap, record):
    with open(os.path.join(record, "key"), encoding="ascii") as f:
        key = f.read()
    logs = sorted(n for n in os.listdir(record) if n.endswith(".log"))
    everything = b""
    for name in logs:
        with open(os.path.join(record, name), "rb") as f:
            data = f.read()
        everything += data
        bad = ["%s: %s: %r" % (", ".join(found), name, line[:400])
               for line in data.splitlines() for found in [hits(line, key)] if found]
        tap.case("%s, %d lines" % (name, data.count(b"\n")), bad)
    # a record of nothing would be clean, too
    for what, least in ((b'{"result":', 700), (b'{"trace":', 2000), (b'"body":', 200),
                        (b"***", 40)):
        n = everything.count(what)
        tap.case("%s was recorded often enough" % what.decode(),
                 [] if n >= least else ["%d times" % n])


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--record")
    p.add_argument("--driver", default=drive.find())
    args = p.parse_args()
    tap = Tap()
    check_the_check(tap)
    with tempfile.TemporaryDirectory() as scratch:
        args.record = args.record or scratch
        if not os.path.exists(os.path.join(args.record, "key")):
            make_record(args)
        check_record(tap, args.record)
    return tap.end()


if __name__ == "__main__":
    sys.exit(main())
