#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Whatever a host passes on from its users: what reaches the wire is what was
meant, byte by byte, or nothing does.

    inject.py [--driver PROGRAM]
"""
import argparse
import re
import sys

import drive
from answers import FORMATS, full
from server import READ, Server
from tap import Tap

ANTHROPIC = FORMATS["anthropic-messages"]
OPENAI = FORMATS["openai-chat"]
BASE = "providers.anthropic.base_url"
KEY = "providers.anthropic.api_key"
REFUSALS = {drive.CODES[name] for name in ("OPTION", "INVALID")}
REFUSED_TEXT = REFUSALS | {drive.CODES["JSON"]}

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
VALUE = rb"[\x21-\x7e\x80-\xff](?:[\t \x21-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?"
HEAD = re.compile(rb"POST [\x21-\x7e]+ HTTP/1\.1\r\n(?:" + TOKEN + rb": " + VALUE
                  + rb"\r\n)+\r\n", re.S)


def reply(c):
    """What the path asks for."""
    c.send(full((OPENAI if b"/chat/" in c.request else ANTHROPIC).whole()))


class Bench:
    def __init__(self, program):
        self.driver = drive.Driver(program)
        self.tap = Tap()
        self.server = Server([[READ, reply]])
        self.evil = Server([[READ, reply]])
        self.at = "http://127.0.0.1:%d" % self.server.port
        self.plain = {BASE: self.at, KEY: "sk-good"}
        self.usual = len(self.ask(self.plain)[1][0][0].split(b"\r\n"))

    def ask(self, options, f=ANTHROPIC, **how):
        """The result, and the requests that were seen for it."""
        seen = len(self.server.requests)
        results, _ = self.driver.run(options, operation=f.operation,
                                     **{"request": f.request, **how})
        return results[-1], self.server.requests[seen:]

    def judge(self, result, seen, line, more_lines=0, may=REFUSALS):
        """line: what must stand in the head; None: nothing may be sent."""
        if line is None:
            if result["result"] not in may:
                yield "not refused: %s" % drive.NAMES.get(result["result"])
            if seen:
                yield "refused, but sent: %r" % seen[0][0]
            return
        if result["result"] or len(seen) != 1:
            yield "%s, %d requests, for %r: %s" % (
                drive.NAMES.get(result["result"]), len(seen), line, result.get("message"))
            return
        head = seen[0][0]
        lines = head.split(b"\r\n")
        if lines.count(line) != 1:
            yield "sent %r instead of %r" % (head, line)
        if len(lines) != self.usual + more_lines or not HEAD.fullmatch(head):
            yield "a header too many, or an illegal one: %r" % head


# ---- every byte in every header ----------------------------------------------

# option, what its header is called, what stands before the value, is it one
# more than usual, is it a key (which may end in a line break, as in a file)
SOURCES = (
    (KEY, b"x-api-key", b"", 0, True),
    ("headers.x-test", b"x-test", b"", 1, False),
    ("headers.user-agent", b"user-agent", b"", 0, False),
    ("providers.anthropic.headers.x-test", b"x-test", b"", 1, False),
    ("providers.anthropic.anthropic_version", b"anthropic-version", b"", 0, False),
    ("providers.anthropic.anthropic_beta", b"anthropic-beta", b"", 1, False),
    ("providers.openai.api_key", b"authorization", b"Bearer ", 0, True),
)
PLACES = {"start": b"%sab", "middle": b"a%sb", "end": b"ab%s"}


def meant(value, is_key):
    """What must reach the wire, or None."""
    if is_key and value.endswith(b"\n"):
        value = value[:-1]
    if is_key and value.endswith(b"\r"):
        value = value[:-1]
    return value if re.fullmatch(VALUE, value, re.S) else None


def every_byte(b, option, header, prefix, more, is_key):
    f = OPENAI if "openai" in option else ANTHROPIC
    # one header less is sent to the other provider: no version
    more -= f is OPENAI
    base = {"providers.%s.base_url" % f.provider: b.at, "providers.%s.api_key" % f.provider: "k"}
    for place, form in PLACES.items():
        faults = []
        for byte in range(1, 256):
            value = form % bytes([byte])
            want = meant(value, is_key)
            result, seen = b.ask({**base, option: value}, f)
            faults += b.judge(result, seen,
                              want and header + b": " + prefix + want, more)
        b.tap.case("255 bytes at the %s of %s" % (place, option), faults)


def every_code(b, option, header, prefix, more, is_key):
    """The same in a document, where a zero byte can be written."""
    name = option.split(".", 2)[-1] if option.startswith("providers.anthropic") else option
    faults = []
    for place, form in PLACES.items():
        for byte in range(128):
            want = meant(form % bytes([byte]), is_key)
            value = (form % b"?").decode().replace("?", "\\u%04x" % byte)
            parts = name.split(".", 1)
            inner = '"%s":"%s"' % (parts[0], value) if len(parts) == 1 else \
                '"%s":{"%s":"%s"}' % (parts[0], parts[1], value)
            load = '{"providers":{"anthropic":{%s}}}' % inner \
                if option.startswith("providers") else "{%s}" % inner
            result, seen = b.ask(b.plain, load=load)
            faults += b.judge(result, seen, want and header + b": " + prefix + want, more,
                              REFUSED_TEXT)
    b.tap.case("128 codes at 3 places of %s in a document" % option, faults)


def every_name(b):
    """The names of headers are text of the host's, too."""
    token = re.compile(TOKEN)
    for option in ("headers.%s", "providers.anthropic.headers.%s"):
        faults = []
        for form in PLACES.values():
            for byte in range(1, 256):
                name = form % bytes([byte])
                if byte == 0x2e:        # a dot is a step of the key: by pointer only
                    continue
                ok = token.fullmatch(name)
                result, seen = b.ask({**b.plain, option.encode() % name: "v"})
                faults += b.judge(result, seen, name + b": v" if ok else None, 1)
        b.tap.case("254 bytes at 3 places of a name: %s" % option, faults)
    faults = []
    for name in ("host", "Content-Length", "content-type", "Connection", "transfer-encoding", "te",
                 "trailer", "Upgrade", "expect", "AUTHORIZATION", "x-api-key", "cookie",
                 "proxy-authorization", "keep-alive"):
        for option in ("headers.", "providers.anthropic.headers."):
            result, seen = b.ask({**b.plain, option + name: "v"})
            faults += b.judge(result, seen, None)
    b.tap.case("headers that are the gateway's own", faults)


# ---- addresses ---------------------------------------------------------------

# {at} is the server's address, {port} its port; the path that must be asked
# for, or None: refused, and nobody is spoken to
ADDRESSES = (
    ("http://{at}", "/v1/messages"),
    ("http://{at}/", "/v1/messages"),
    ("HTTP://{at}", "/v1/messages"),
    ("http://localhost:{port}", "/v1/messages"),
    ("http://127.1:{port}", "/v1/messages"),
    ("http://2130706433:{port}", "/v1/messages"),
    ("http://0177.0.0.1:{port}", "/v1/messages"),
    ("http://0x7f.0.0.1:{port}", "/v1/messages"),
    ("http://{at}/base", "/base/v1/messages"),
    ("http://{at}/base/", "/base/v1/messages"),
    ("http://{at}/a/../b", "/a/../b/v1/messages"),
    ("http://{at}/%2e%2e/%2F", "/%2e%2e/%2F/v1/messages"),
    ("http://{at}/%0d%0aX-Evil:%201", "/%0d%0aX-Evil:%201/v1/messages"),
    ("http://{at}/a;b=c,d&e", "/a;b=c,d&e/v1/messages"),
    ("http://{at}/{{model}}", "/{{model}}/v1/messages"),
    ("http://{at}/@evil", "/@evil/v1/messages"),
    ("http://{at}/a:b@evil.example/", "/a:b@evil.example/v1/messages"),
    ("http://{at}//evil.example", "//evil.example/v1/messages"),
    ("", None), ("http://", None), ("https://", None), ("http:///v1", None), ("/v1", None),
    ("{at}", None), ("//{at}", None), ("http:{at}", None), ("http:/{at}", None),
    ("file:///etc/passwd", None), ("file://{at}/etc/passwd", None), ("gopher://{at}/_x", None),
    ("ftp://{at}/", None), ("dict://{at}/", None), ("ws://{at}/", None),
    ("data:text/plain,x", None), ("javascript:alert(1)", None),
    ("unix:///run/docker.sock", None), ("http://example.com", None),
    ("http://169.254.169.254", None), ("http://metadata.google.internal", None),
    ("http://10.0.0.1", None), ("http://0.0.0.0:{port}", None),
    ("http://localhost.evil.example:{port}", None),
    ("http://127.0.0.1.evil.example:{port}", None), ("http://evil.example#@{at}", None),
    ("http://[::ffff:127.0.0.1]:{port}", None), ("http://[::1", None),
    ("http://user@{at}", None), ("http://user:pass@{at}", None), ("http://:@{at}", None),
    ("http://{at}@evil.example", None), ("http://{at}\\@evil.example", None),
    ("http:\\\\{at}", None), ("http://{at}#f", None), ("http://{at}/?q=1", None),
    ("http://{at}?q", None), ("http://127.0.0.1:0", None), ("http://127.0.0.1:65536", None),
    ("http://127.0.0.1:-1", None), ("http://127.0.0.1:8o8o", None),
    ("http://127.0.0.1:{port} ", None), (" http://{at}", None), ("http://{at}/a b", None),
    ("http://{at}/\t", None), ("http://{at}/\r\nX-Evil: 1", None), ("http://{at}\r\n", None),
    ("http://{at}/\x7f", None), ("http://{at}/\u00e9", None),
    ("http://\u24db\u24de\u24d2\u24d0\u24db:{port}", None),
    ("http://127.0.0.1%00:{port}", None),
    ("http://{at}/" + "a" * 70_000, None),
)


def addresses(b):
    for address, path in ADDRESSES:
        place = {"at": "127.0.0.1:%d" % b.server.port, "port": b.server.port}
        result, seen = b.ask({BASE: address.format(**place), KEY: "sk-good"})
        line = path and b"POST %s HTTP/1.1" % path.format(**place).encode()
        b.tap.case("address %s" % (ascii(address)[:60]),
                   b.judge(result, seen, line, may=REFUSALS | {drive.CODES["LIMIT"]}))


# ---- models ------------------------------------------------------------------

# as it stands in the request's JSON, and what of it reaches the provider; None:
# refused
MODELS = tuple((m, m) for m in (
    "m", "", "../../admin", "..", ".", "..%2f", "%2e%2e", "%00", "a/b", "a?x=y#f", "a b",
    "a:b@evil", "//evil.example", "a\\\\b", "a\\r\\nX-Evil: 1", "a\\n\\nGET / HTTP/1.1",
    "a\\u0000b", "a\\u001b[31m", "\\u202e", "caf\u00e9", "\u6a21\u578b", "{model}", "%s%n",
    "'; drop table x", "<b>", "a\\\"b", "models/x", "openrouter/anthropic/x", "Anthropic/x",
    "http://evil.example/", "x" * 65_536, "\\ud800")) + (
        ("anthropic/m", "m"), ("anthropic/../m", "../m"), ("anthropic/anthropic/m", "anthropic/m"),
        ("anthropic/a?b", "a?b"), ("anthropic/", ""),
        ("a\rb", None), ("a\nb", None), ("a\0b", None), ("a\x1fb", None))


def models(b):
    for model, want in MODELS:
        def body(name):
            return ANTHROPIC.request.replace(b'"m"', b'"%s"' % name.encode())
        result, seen = b.ask(b.plain, request=body(model))
        faults = list(b.judge(result, seen, want if want is None else b"POST /v1/messages HTTP/1.1",
                              may=REFUSED_TEXT))
        if want is not None and seen and seen[0][1] != body(want):
            faults.append("the body became %r" % seen[0][1][:200])
        b.tap.case("model %s" % ascii(model)[:60], faults)


# ---- a key goes where it belongs ---------------------------------------------


def overrides(b):
    evil = "http://127.0.0.1:%d" % b.evil.port
    none = {b"sk-good"}
    for name, override, want, wants_key in (
            ("another address, no key", {BASE: evil}, None, None),
            ("another address, and a key", {BASE: evil, KEY: "sk-new"}, 0, b"sk-new"),
            ("another address, and no key on purpose",
             {BASE: evil, "providers.anthropic.auth": "none"}, 0, b""),
            ("another way to send it, no key", {"providers.anthropic.auth": "bearer"}, None, None),
            ("another host", {"headers.host": "evil.example"}, None, None),
            ("another credential", {"headers.authorization": "Bearer x"}, None, None),
            ("another proxy", {"proxy": evil}, None, None),
            ("another authority", {"tls.ca_file": "/etc/hostname"}, None, None)):
        b.evil.requests.clear()
        result, seen = b.ask(b.plain, override=override)
        faults = []
        if want is None:
            faults += b.judge(result, seen, None)
            if b.evil.requests:
                faults.append("somebody else was spoken to")
        else:
            heads = [head for head, _ in b.evil.requests]
            if result["result"] != want or len(heads) != 1 or seen:
                faults.append("%s, sent to %d" % (result["result"], len(heads)))
            for head in heads:
                if any(key in head for key in none) or wants_key not in head:
                    faults.append("with the wrong key: %r" % head)
                if not wants_key and b"x-api-key" in head.lower():
                    faults.append("with a key: %r" % head)
        b.tap.case("for one call " + name, faults)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--driver", default=drive.find())
    b = Bench(p.parse_args().driver)
    for source in SOURCES:
        every_byte(b, *source)
    for source in SOURCES[:6]:
        every_code(b, *source)
    every_name(b)
    addresses(b)
    models(b)
    overrides(b)
    status = b.driver.stop()
    b.tap.case("the driver ends well", ["status %d" % status] if status else [])
    b.server.stop()
    b.evil.stop()
    return b.tap.end()


if __name__ == "__main__":
    sys.exit(main())
