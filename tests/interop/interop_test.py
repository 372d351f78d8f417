#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fetch the peers that package-lock.json names, once, and run run.mjs, which
speaks TAP. $LLMGW_RELAY is the relay; words are handed on to run.mjs."""
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
LOCK = HERE / "package-lock.json"
INSTALLED = HERE / "node_modules/.package-lock.json"
UNREACHED = re.compile(r"\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|EHOSTUNREACH)\b")


def skip(reason):
    print(f"1..1\nok 1 - interop # SKIP {reason}")
    sys.exit(0)


def fetch():
    with LOCK.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two builds may be tested at once
        if INSTALLED.exists() and INSTALLED.stat().st_mtime >= LOCK.stat().st_mtime:
            return
        ran = subprocess.run(["npm", "ci"], cwd=HERE, capture_output=True, text=True)
        if ran.returncode and UNREACHED.search(ran.stderr):
            skip("npm reaches no registry")
        if ran.returncode:
            sys.exit(f"npm ci: {ran.stderr}")


def main():
    relay = os.environ.get("LLMGW_RELAY", "")
    if not os.access(relay, os.X_OK):
        skip("the relay is not built: libmicrohttpd is missing")
    for program in ("node", "npm"):
        if not shutil.which(program):
            skip(f"{program} is not installed")
    fetch()
    # OpenAI's SDK asks for Node 22 or later: the lock has one, where there is one
    node = HERE / "node_modules/.bin/node"
    os.environ["LLMGW_RELAY"] = os.path.abspath(relay)
    sys.stdout.flush()
    os.execvp(node if node.exists() else "node", ["node", HERE / "run.mjs", *sys.argv[1:]])


if __name__ == "__main__":
    main()
