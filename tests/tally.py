#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Sum up Meson's test logs: every program speaks TAP, so cases are counted.

    tally.py testlog.json... file.tap...   prints "N passed, N failed, N skipped"

A program that ended badly without saying which case failed counts as one
failure. A skip is printed with its reason; with CI=true it is a failure.
"""
import json
import os
import re
import sys

CASE = re.compile(r"^(ok|not ok)\b[ \t]*\d*[ \t]*-?[ \t]*([^#\n]*)(#[ \t]*SKIP\b[ \t]*(.*))?",
                  re.M | re.I)


def main(paths):
    passed = failed = skipped = 0
    for path in paths:
        with open(path, encoding="utf-8", errors="replace") as log:
            text = log.read()
        if path.endswith(".json"):
            tests = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            tests = [{"name": path, "stdout": text, "result": "OK"}]
        for test in tests:
            before = failed
            output = test.get("stdout") or ""
            for verdict, name, skip, reason in CASE.findall(output):
                if skip:
                    skipped += 1
                    print(f"skipped: {test['name']}: {name.strip()} {reason.strip()}")
                elif verdict == "ok":
                    passed += 1
                else:
                    failed += 1
                    print(f"failed: {test['name']}: {name.strip()}")
            if test["result"] in ("FAIL", "ERROR", "TIMEOUT", "INTERRUPT") and failed == before:
                failed += 1
                print(f"failed: {test['name']}: {test['result'].lower()}")
                print("\n".join((output + (test.get("stderr") or "")).splitlines()[-40:]))
    if os.environ.get("CI") == "true" and skipped:
        print(f"{skipped} skipped, which CI does not allow")
        failed += skipped
        skipped = 0
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
