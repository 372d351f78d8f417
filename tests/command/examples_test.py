#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every example runs as it stands, without key or network, and shows what it is
about. Arguments: NAME PROGRAM..."""
import os
import re
import subprocess
import sys

import tap

PROGRAMS = dict(zip(sys.argv[1::2], sys.argv[2::2]))
SOURCE = os.environ["LLMGW_SOURCE"]
ENV = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
SHOWS = {
    "convert": r'"system".*\nlost: \[\{.*/seed',
    "epoll_loop": r"(?s)mock/lorem-5: +lorem.*mock/echo: \[complete\]",
    "hello": r"Hello, world!",
    "mocked_test": r"happy: 1 after \d+ ms of no time at all\n",
    "raii": r"Hello from C\+\+",
    "stream": r"lorem ipsum.*\n\(end, \d+ tokens\)",
    "threads": r"8 threads, 50 calls each, 0 went wrong",
    "tools": r'get_weather\(\{"city": ?"Ulm"\}\)\nTake an umbrella\.',
}


def case_of(name, command, pattern):
    def case():
        done = subprocess.run(command, capture_output=True, text=True, env=ENV, timeout=50,
                              check=False)
        assert done.returncode == 0, f"exit {done.returncode}: {done.stdout}{done.stderr}"
        assert re.search(pattern, done.stdout), f"{name} said: {done.stdout!r}"
    return case


for example, program in PROGRAMS.items():
    globals()["test_" + example] = case_of(example, [program], SHOWS[example])


def test_quickstart():
    """With what is built already, so that it needs no compiler here."""
    if not os.environ.get("LLMGW_RELAY"):
        raise tap.Skip("libmicrohttpd is missing")
    script = os.path.join(SOURCE, "examples", "quickstart.sh")
    case_of("quickstart", ["bash", script, os.environ["LLMGW_BUILD"]],
            r"(?s)lorem ipsum.*/v1/chat/completions.*\"type\": ?\"message\".*Next")()


if __name__ == "__main__":
    sys.exit(tap.run(sys.modules[__name__]))
