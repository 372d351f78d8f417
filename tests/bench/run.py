#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measure the library against the least that a program could do.

Each figure is a ratio of two programs run in turn (A B A B ...), of which the
median is told, or a count: instructions by callgrind and allocations by a
preloaded counter, both as what a longer run takes more than a shorter one.
"""
import argparse
import fnmatch
import json
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import documents

HERE = pathlib.Path(__file__).resolve().parent
LIMITS = json.loads((HERE / "limits.json").read_text())
FIRST_BYTES = 50000  # deltas of a stream at full speed
# Valgrind counts a `rep movsb` once for each byte: glibc is told to copy in
# the vectors that it uses anyway for what is shorter.
COUNTABLE = {"GLIBC_TUNABLES": "glibc.cpu.x86_rep_movsb_threshold=1073741824:"
                               "glibc.cpu.x86_rep_stosb_threshold=1073741824"}
CPUS = len(os.sched_getaffinity(0))


class Skip(Exception):
    """A figure that cannot be taken here, and why."""


class Upstream:
    """The server, in a process of its own."""

    def __init__(self, program, room):
        self.certificate = room / "certificate.pem"
        key = room / "key.pem"
        tls = []
        if shutil.which("openssl"):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                 "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
                 "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
                 "-keyout", key, "-out", self.certificate],
                check=True, stderr=subprocess.DEVNULL)
            tls = [self.certificate, key]
        self.process = subprocess.Popen(
            [program, *tls], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True)
        self.plain, self.tls = map(int, self.process.stdout.readline().split())

    def base(self, kind="t", deltas=FIRST_BYTES, tick=0, chunks="e", tls=False):
        if tls and not self.tls:
            raise Skip("no openssl command to make a certificate with")
        where = f"https://127.0.0.1:{self.tls}" if tls else \
            f"http://127.0.0.1:{self.plain}"
        return f"{where}/m/{kind}/{deltas}/{tick}/{chunks}"

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


class Bench:
    def __init__(self, build, long, profile):
        self.build = pathlib.Path(build).resolve()
        self.rounds = 15 if long else 7
        self.long = long
        self.profile = profile
        self.room = pathlib.Path(tempfile.mkdtemp(prefix="llmgw-bench-"))
        programs = self.build / "tests" / "bench"
        self.bare = programs / "bench-bare"
        self.client = programs / "bench-client"
        self.scan = programs / "bench-scan"
        self.counter = programs / "bench-mallocs.so"
        self.up = Upstream(programs / "bench-upstream", self.room)
        self.known = {}

    def done(self):
        self.up.stop()
        shutil.rmtree(self.room)

    # ---- one program ------------------------------------------------------

    @staticmethod
    def command(program, *arguments):
        return [str(program), *map(str, arguments)]

    def run(self, program, *arguments):
        p = subprocess.run(self.command(program, *arguments), text=True,
                           capture_output=True, timeout=300)
        if p.returncode:
            raise RuntimeError(f"{program.name} {arguments[0]}: {p.stderr}")
        return json.loads(p.stdout)

    def cpu(self, program, *arguments):
        """CPU time of one turn."""
        r = self.run(program, *arguments)
        return r["cpu_us"] / r["n"]

    # ---- pairs ------------------------------------------------------------

    def pairs(self, floor, ours, rounds=None):
        """The median of the ratios; both are functions that measure once."""
        ratios = []
        for _ in range(rounds or self.rounds):
            least = floor()
            ratios.append(ours() / least)
        return statistics.median(ratios)

    # ---- counts -----------------------------------------------------------

    def count(self, read, program, arguments, n):
        """What `n` turns take more than `n` fewer do, per turn."""
        few, many = n
        less = read(program, *arguments, few)
        return (read(program, *arguments, many) - less) / (many - few)

    def read_instructions(self, program, *arguments):
        if not shutil.which("valgrind"):
            raise Skip("valgrind is not installed")
        out = self.room / "callgrind.out"
        p = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}",
             *self.command(program, *arguments)],
            text=True, capture_output=True, timeout=300,
            env={**os.environ, **COUNTABLE})
        if p.returncode:
            raise RuntimeError(p.stderr)
        return int(re.search(r"Collected : (\d+)", p.stderr).group(1))

    def read_mallocs(self, program, *arguments):
        p = subprocess.run(self.command(program, *arguments), text=True,
                           capture_output=True, timeout=300,
                           env={**os.environ, "LD_PRELOAD": str(self.counter)})
        found = re.search(r"mallocs: (\d+)", p.stderr)
        if p.returncode or not found:
            raise RuntimeError(p.stderr)
        return int(found.group(1))

    def instructions(self, program, *arguments, n):
        key = (program, arguments)
        if key not in self.known:
            self.known[key] = self.count(self.read_instructions, program,
                                         arguments, n)
        if self.profile and program == self.client:
            subprocess.run(["callgrind_annotate", "--inclusive=yes",
                            "--threshold=99", self.room / "callgrind.out"],
                           stdout=sys.stderr, check=False)
        return self.known[key]

    def mallocs(self, program, *arguments, n):
        return self.count(self.read_mallocs, program, arguments, n)

    # ---- the figures ------------------------------------------------------

    def figures(self):
        """name -> how it is measured."""
        f = {
            "request.instructions": self.request_instructions,
            "request.mallocs": self.request_mallocs,
            "threads.8": self.threads,
            "threads.tls.loops": self.loops,
            "threads.tls.loops.cpu": self.loops_cpu,
            "first.tls": self.first_tls,
            "first.cold": self.first_cold,
            "size.stripped": self.size,
        }
        for kind, letter in (("text", "t"), ("tool", "j")):
            for type_, operation in (("anthropic", "messages"),
                                     ("openai", "chat")):
                f[f"stream.{type_}.{kind}"] = \
                    lambda t=type_, o=operation, k=letter: self.stream(t, o, k)
                f[f"delta.{type_}.{kind}.instructions"] = \
                    lambda t=type_, k=letter: self.delta_instructions(t, k)
                f[f"delta.{type_}.{kind}.mallocs"] = \
                    lambda t=type_, k=letter: self.delta_mallocs(t, k)
        f["stream.anthropic-to-chat.text"] = \
            lambda: self.stream("anthropic", "chat", "t")
        f["stream.openai-to-messages.text"] = \
            lambda: self.stream("openai", "messages", "t")
        for what in ("text", "image"):
            f[f"large.passthrough.{what}"] = lambda w=what: self.large(w, None)
            f[f"large.chat-to-messages.{what}"] = lambda w=what: self.large(
                w, ("openai-chat", "anthropic-messages"))
            f[f"large.messages-to-chat.{what}"] = lambda w=what: self.large(
                w, ("anthropic-messages", "openai-chat"))
        for n in (1000, 10000):
            f[f"paced.{n}.cpu"] = lambda m=n: self.paced(m)[0]
            f[f"paced.{n}.memory"] = lambda m=n: self.paced(m)[1]
        return {name: f[name] for name in LIMITS}

    def request_instructions(self):
        base = self.up.base()
        floor = self.instructions(self.bare, "request", base + "/v1/messages",
                                  n=(100, 1100))
        return self.instructions(self.client, "request", base,
                                 n=(100, 1100)) / floor

    def request_mallocs(self):
        base = self.up.base()
        floor = self.mallocs(self.bare, "request", base + "/v1/messages",
                             n=(100, 1100))
        return self.mallocs(self.client, "request", base,
                            n=(100, 1100)) - floor

    def stream(self, type_, operation, kind):
        base = self.up.base(kind)
        if type_ == "openai":
            base += "/v1"
        url = base + ("/chat/completions" if type_ == "openai"
                      else "/v1/messages")
        streams = 4  # short turns: what else runs here disturbs both alike
        return self.pairs(
            lambda: self.cpu(self.bare, "count", url, streams),
            lambda: self.cpu(self.client, "stream", type_, base, operation,
                             streams), rounds=3 * self.rounds)

    def delta_instructions(self, type_, kind):
        deltas = 10000
        return self.instructions(self.client, "deltas", type_, kind, deltas,
                                 n=(1, 4)) / deltas

    def delta_mallocs(self, type_, kind):
        """What a longer stream takes more than a shorter one."""
        few, many = (self.read_mallocs(self.client, "deltas", type_, kind,
                                       deltas, 1) for deltas in (10000, 40000))
        return (many - few) / 30000

    def large(self, what, formats):
        dialect = formats[0] if formats else "anthropic-messages"
        file = documents.large(self.room, dialect, what)
        floor = self.instructions(self.scan, "scan", file, n=(1, 3))
        verb = ("convert", *formats) if formats else ("pass",)
        return self.instructions(self.client, *verb, file, n=(1, 3)) / floor

    def paced(self, streams):
        """CPU per event against the bare client, and KB per stream."""
        if streams in self.known:
            return self.known[streams]
        if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < streams + 64:
            raise Skip(f"descriptors are limited to fewer than {streams + 64}")
        tick = 20 if streams <= 1000 else 200
        seconds = 8 if self.long else 3
        base = self.up.base(deltas=1000, tick=tick)
        kb = []

        def ours():
            r = self.run(self.client, "paced", base, streams, seconds)
            kb.append(r["kb"])
            return r["cpu_us"] / r["n"]

        ratio = self.pairs(
            lambda: self.cpu(self.bare, "paced", base + "/v1/messages",
                             streams, seconds), ours,
            rounds=9 if self.long else 5 if streams <= 1000 else 3)
        self.known[streams] = ratio, statistics.median(kb)
        return self.known[streams]

    def read_threads(self, threads, streams, loops=1, tls=False):
        return self.run(self.client, "threads", self.up.base(tls=tls), threads,
                        streams, loops, self.up.certificate if tls else "")

    def threads(self):
        def cpu(r):
            return r["cpu_us"] / r["n"]

        return self.pairs(lambda: cpu(self.read_threads(1, 16)),
                          lambda: cpu(self.read_threads(8, 2)))

    def loops(self):
        if CPUS < 6:
            raise Skip(f"{CPUS} CPUs, and the server takes one of them")
        return self.pairs(
            lambda: self.read_threads(8, 2, 1, True)["wall_us"],
            lambda: self.read_threads(8, 2, 4, True)["wall_us"])

    def loops_cpu(self):
        return self.pairs(
            lambda: self.read_threads(8, 2, 1, True)["cpu_us"],
            lambda: self.read_threads(8, 2, 4, True)["cpu_us"])

    def first_tls(self):
        base = self.up.base(tls=True)
        return self.pairs(
            lambda: self.cpu(self.bare, "first", base + "/v1/messages"),
            lambda: self.cpu(self.client, "first", base))

    def first_cold(self):
        base = self.up.base()

        def wall(*command):
            command = self.command(*command)
            begun = time.perf_counter()
            pid = os.posix_spawn(command[0], command, os.environ, file_actions=[
                (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
            if os.waitpid(pid, 0)[1]:
                raise RuntimeError("the program failed")
            return time.perf_counter() - begun

        return self.pairs(
            lambda: wall(self.bare, "first", base + "/v1/messages"),
            lambda: wall(self.client, "first", base), rounds=6 * self.rounds)

    def size(self):
        library = next(p for p in self.build.glob("libllmgw.so.*")
                       if p.is_file() and not p.is_symlink())
        stripped = self.room / "stripped.so"
        subprocess.run(["strip", "-o", stripped, library], check=True)
        return stripped.stat().st_size / 1024


def main():
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("build", help="a folder built with --buildtype=release")
    p.add_argument("--long", action="store_true", help="more rounds")
    p.add_argument("--only", default="*", metavar="PATTERN",
                   help="figures whose name matches")
    p.add_argument("--profile", action="store_true",
                   help="annotate what was counted, to standard error")
    o = p.parse_args()
    bench = Bench(o.build, o.long, o.profile)
    missed = 0
    try:
        for name, measure in bench.figures().items():
            if not fnmatch.fnmatch(name, o.only):
                continue
            line = {"name": name, **LIMITS[name]}
            try:
                line["value"] = round(measure(), 3)
                missed += line["value"] > line["limit"]
            except Skip as why:
                line["skip"] = str(why)
            print(json.dumps(line), flush=True)
    finally:
        bench.done()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
