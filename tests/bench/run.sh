#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Measure the library against bare libcurl: one JSON line per figure, exit 1 if
# a limit (limits.json) is missed. Options are those of run.py:
#
#     tests/bench/run.sh [--long] [--only PATTERN] [--profile FIGURE]
#
# Built in LLMGW_BENCH_BUILD, default build-bench beside the source.
set -eu
cd "$(dirname "$0")/../.."
build=${LLMGW_BENCH_BUILD:-build-bench}
# The limits, that of the size above all, are for the two formats that its
# providers speak first.
[ -f "$build/build.ninja" ] ||
    meson setup "$build" --buildtype=release \
        -Dformats=anthropic-messages,openai-chat >&2
targets=$(ninja -C "$build" -t targets all |
    sed -n 's,^\(tests/bench/bench-[a-z.]*\):.*,\1,p')
ninja -C "$build" $targets >&2
exec python3 tests/bench/run.py "$build" "$@"
