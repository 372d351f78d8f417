#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Run a test program under valgrind's memcheck: no error, no leak. What it
# prints is its own TAP.
#
#     valgrind.sh PROGRAM
set -u

if ! command -v valgrind >/dev/null; then
    echo "1..0 # SKIP valgrind is not there"
    exit 0
fi
exec valgrind --quiet --error-exitcode=99 --child-silent-after-fork=yes \
    --suppressions="${0%.sh}.supp" --fair-sched=yes --leak-check=full \
    --show-leak-kinds=definite --errors-for-leak-kinds=definite "$@"
