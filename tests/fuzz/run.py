#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py BUILD [SECONDS]: replay every corpus, then fuzz each target for its
share of SECONDS (default 60 in all). Speaks TAP."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def main(build, seconds):
    targets = sorted(pathlib.Path(build).glob("*_fuzz"))
    print(f"1..{2 * len(targets)}")
    failed = number = 0
    for target in targets:
        corpus = HERE / "corpus" / target.name.removesuffix("_fuzz")
        seeds = [corpus] if corpus.is_dir() else []
        with tempfile.TemporaryDirectory() as found:
            for what, flags in (
                    ("replays its corpus", ["-runs=0", *seeds]),
                    ("finds nothing", [f"-max_total_time={max(1, seconds // len(targets))}",
                                       "-max_len=65536", "-timeout=10", "-rss_limit_mb=2048",
                                       found, *seeds])):
                number += 1
                run = subprocess.run([target, f"-artifact_prefix={found}/", *flags],
                                     capture_output=True, text=True, errors="replace")
                good = run.returncode == 0 and (what != "replays its corpus" or seeds)
                failed += not good
                print(f"{'ok' if good else 'not ok'} {number} - {target.name} {what}", flush=True)
                if not good:
                    for line in run.stderr.splitlines()[-40:]:
                        print(f"# {line}")
    return 1 if failed or not targets else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60))
