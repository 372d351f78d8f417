#!/bin/sh
# Run test programs under valgrind's memcheck: no error, no leak. Speaks TAP.
#
#     valgrind.sh PROGRAM...
set -u

echo "1..$#"
if ! command -v valgrind >/dev/null; then
    number=0
    for program in "$@"; do
        number=$((number + 1))
        echo "ok $number - $(basename "$program") # SKIP valgrind is not there"
    done
    exit 0
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
number=0
failed=0
for program in "$@"; do
    number=$((number + 1))
    if valgrind --quiet --error-exitcode=99 --fair-sched=yes --leak-check=full \
        --show-leak-kinds=definite,possible "$program" >"$log" 2>&1; then
        echo "ok $number - $(basename "$program")"
    else
        echo "not ok $number - $(basename "$program")"
        sed 's/^/# /' "$log" | tail -n 60
        failed=1
    fi
done
exit $failed
