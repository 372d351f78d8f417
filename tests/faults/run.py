#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run the library against a server that breaks in every way of the table.

    run.py [--record DIR] [--driver PROGRAM] [words of a row's name]

Speaks TAP. DIR gets all that the library said: see tests/secrets/canary.py.
"""
import argparse
import json
import os
import queue
import re
import secrets
import sys
import tempfile
import threading
import time

import certs
import drive
from answers import good
from server import READ, Server, send
from table import ROWS

SLACK_MS = 250
WORKERS = 4


class Run:
    def __init__(self, args):
        self.args = args
        self.certs = certs.make(os.path.join(args.record, "certs"))
        self.lock = threading.Lock()
        self.number = self.failed = 0
        self.work = queue.Queue()

    def tell(self, name, faults):
        with self.lock:
            self.number += 1
            self.failed += bool(faults)
            print("%s %d - %s" % ("not ok" if faults else "ok", self.number, name))
            for f in faults:
                print("# " + f)
            sys.stdout.flush()

    # ---- one row ------------------------------------------------------------

    def serve(self, row):
        other = other_turns = None
        if row.elsewhere:
            other_turns = [[READ, send(good(row.f, row.mode))]]
            other = Server(other_turns)
        tls = certs.context(self.certs, row.tls, row.oldest) if row.tls else None
        server = Server(row.turns, tls, other, row.accepts)
        if row.refuses:
            server.close_port()
        return server, other

    def options(self, row, server, other):
        at = "providers.%s." % row.f.provider
        port = other.port if row.proxy else server.port
        options = {at + "base_url": "%s://127.0.0.1:%d" % (row.scheme, port),
                   at + "api_key": self.args.key, **row.options}
        if row.scheme == "https":
            options["tls.ca_file"] = os.path.join(self.certs, row.trusts + ".pem")
        if row.proxy:
            options["proxy"] = "http://user:%s@127.0.0.1:%d" % (self.args.key, server.port)
        return options

    def judge(self, driver, row):
        server, other = self.serve(row)
        try:
            results, _ = driver.run(self.options(row, server, other),
                                    operation=row.caller.operation,
                                    stream=row.mode == "stream", request=row.caller.request,
                                    times=row.times, pause=row.pause)
            patience = time.monotonic() + 0.5   # the server's threads may be behind
            while len(server.requests) < row.requests and time.monotonic() < patience:
                time.sleep(0.005)
            faults = list(compare(row, results, server, other, self.args.key))
            return faults + [json.dumps(r) for r in results] if faults else []
        finally:
            server.stop()
            if other:
                other.stop()

    def worker(self, n):
        driver = drive.Driver(
            self.args.driver, os.path.join(self.args.record, "%d.log" % n),
            dict(os.environ, OPENSSL_CONF=os.path.join(self.certs, "weak.cnf")))
        while True:
            try:
                row = self.work.get_nowait()
            except queue.Empty:
                break
            try:
                faults = self.judge(driver, row)
            except Exception as e:  # never less than a case that failed
                faults = ["the test's own: %r" % e]
            self.tell(row.name, faults)
        status = driver.stop()
        self.tell("driver %d ends well" % n, ["status %d" % status] if status else [])

    def run(self, rows):
        print("1..%d" % (len(rows) + WORKERS))
        for row in rows:
            self.work.put(row)
        threads = [threading.Thread(target=self.worker, args=(n,)) for n in range(WORKERS)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return 1 if self.failed else 0


# ---- what must hold ---------------------------------------------------------

def raw(result, name):
    value = result.get(name)
    return None if value is None else value.encode("latin-1")


def text_of(result):
    value = raw(result, "text")
    return None if value is None else value.decode()


def same_text(want, got):
    return want == got or (want and got and want.endswith(")+")
                           and re.fullmatch(want, got) is not None)


def compare(row, results, server, other, key):
    """Everything that is not as the row says, as sentences."""
    if len(results) != row.times:
        yield "%d results of %d calls" % (len(results), row.times)
    last = results[-1]
    for n, result in enumerate(results):
        want = row.code if n == len(results) - 1 else 0
        if result["result"] != want:
            yield "call %d: %s, not %s" % (n + 1, drive.NAMES.get(result["result"]),
                                           drive.NAMES[want])
    if last["result"] is None:
        return
    if drive.attempts(last) != row.attempts:
        yield "%d attempts, not %d" % (drive.attempts(last), row.attempts)
    if len(server.requests) != row.requests:
        yield "the server saw %d requests, not %d" % (len(server.requests), row.requests)
    if last["elapsed_ms"] > row.within + SLACK_MS:
        yield "took %d ms, not %d" % (last["elapsed_ms"], row.within)
    if other and (other.requests or other.connections):
        yield "somebody spoke to the other server"
    yield from ["the test's own: " + e for e in server.errors]
    yield from requests_are_right(row, server, key)
    for name, want in row.checks.items():
        got = LOOK[name](last, server) if name in LOOK else last.get(name)
        if name == "body" and isinstance(want, str):
            want = want.encode()
        if not MATCH.get(name, lambda w, g: w == g)(want, got):
            yield "%s: %r, not %r" % (name, got, want)


def requests_are_right(row, server, key):
    for head, body in server.requests:
        if row.proxy:
            if not head.startswith(b"CONNECT 127.0.0.1:"):
                yield "not a CONNECT: %r" % head[:60]
            if key.encode() in head + body:
                yield "the proxy was given the key"
            continue
        lines = head.split(b"\r\n")
        if lines[0] != b"POST %s HTTP/1.1" % row.f.path.encode():
            yield "asked for %r" % lines[0]
        if lines.count(row.f.key_header + key.encode()) != 1 or head.count(key.encode()) != 1:
            yield "the key did not come once, in its header"
        if b"accept-encoding" in head.lower():
            yield "asked for compression"
        json.loads(body)


LOOK = {
    "connections": lambda result, server: server.connections,
    "text": lambda result, server: text_of(result),
    "body": lambda result, server: raw(result, "body"),
    "body_has": lambda result, server: raw(result, "body"),
    "at_least": lambda result, server: result["elapsed_ms"],
    "echoes": lambda result, server: None,
}
MATCH = {
    "text": same_text,
    "message": lambda want, got: re.search(want, got or "", re.S) is not None,
    "body_has": lambda want, got: want in (got or b""),
    "at_least": lambda want, got: got >= want,
    "echoes": lambda want, got: True,   # canary.py looks at what was recorded
}


def begin_record(args):
    """An empty one, and beside it the key that must not be in it."""
    os.makedirs(args.record, exist_ok=True)
    for name in os.listdir(args.record):
        if name.endswith(".log"):
            os.remove(os.path.join(args.record, name))
    with open(os.path.join(args.record, "key"), "w", encoding="ascii") as f:
        f.write(args.key)


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--record")
    p.add_argument("--driver", default=drive.find())
    p.add_argument("words", nargs="*")
    args = p.parse_args()
    rows = [r for r in ROWS if all(w in r.name for w in args.words)]
    args.key = "sk-CANARY-" + secrets.token_hex(16)
    with tempfile.TemporaryDirectory() as scratch:
        args.record = args.record or scratch
        begin_record(args)
        return Run(args).run(rows)


if __name__ == "__main__":
    sys.exit(main())
