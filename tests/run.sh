#!/usr/bin/env bash
# Install what is missing, build, run every test, and end with the line
# "N passed, N failed, N skipped". --long: fuzz, soak and sweep at length.
set -euo pipefail
cd "$(dirname "$0")/.."

fuzz_seconds=48
if [ "${1:-}" = --long ]; then
    export LLMGW_LONG=1
    fuzz_seconds=400
fi

tests/install.sh meson ninja-build gcc g++ pkg-config libc6-dev cmake \
    libcurl4-openssl-dev libcjson-dev libssl-dev libcmocka-dev \
    libmicrohttpd-dev clang-14 libclang-rt-14-dev clang-format-14 \
    valgrind abigail-tools python3 openssl ca-certificates
# A Node of the machine's own serves as well, and would clash with Debian's.
command -v npm >/dev/null || tests/install.sh nodejs npm

logs=()

# build FOLDER TARGET OPTION...: configured once, then kept up to date.
build() {
    local folder=$1 target=$2
    shift 2
    echo "== building $folder"
    if [ -f "$folder/build.ninja" ]; then # by quickstart.sh perhaps
        meson configure "$folder" -Dtests=true "$@"
    else
        meson setup "$folder" "$@" >/dev/null
    fi
    ninja -C "$folder" "$target" >"$folder/build.log" 2>&1 || {
        tail -n 60 "$folder/build.log"
        exit 1
    }
}

# check FOLDER ARGUMENT...: Meson's tests; their log is added up at the end.
check() {
    local folder=$1
    shift
    echo "== testing in $folder: ${*:-everything}"
    meson test -C "$folder" --logbase run "$@" >"$folder/run.log" 2>&1 || true
    grep -E '^ *[0-9]+/[0-9]+ ' "$folder/run.log" || tail -n 40 "$folder/run.log"
    logs+=("$folder/meson-logs/run.json")
}

library=(-Dcommand=false -Dexamples=false)
sanitized=(-Db_sanitize=address,undefined -Db_lundef=false)

build build all
check build

CC=clang-14 build build-asan all "${sanitized[@]}" "${library[@]}"
check build-asan --suite unit --suite api --suite torture

build build-tsan all -Db_sanitize=thread "${library[@]}"
check build-tsan --suite threads

CC=clang-14 build build-fuzz fuzzers "${sanitized[@]}" "${library[@]}" -Dfuzz=true
echo "== fuzzing for $fuzz_seconds s"
python3 tests/fuzz/run.py build-fuzz/tests/fuzz "$fuzz_seconds" | tee build-fuzz/fuzz.tap || true

python3 tests/tally.py "${logs[@]}" build-fuzz/fuzz.tap
