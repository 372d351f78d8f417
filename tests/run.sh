#!/usr/bin/env bash
# Install what is missing, build, run every test, and end with the line
# "N passed, N failed, N skipped". --long: fuzz, soak and sweep at length.
set -euo pipefail
cd "$(dirname "$0")/.."

long=
[ "${1:-}" = --long ] && long=1 && export LLMGW_LONG=1

tests/install.sh meson ninja-build gcc g++ pkg-config libc6-dev cmake \
    libcurl4-openssl-dev libcjson-dev libssl-dev libcmocka-dev \
    libmicrohttpd-dev clang-14 libclang-rt-14-dev clang-format-14 libtsan2 \
    valgrind abigail-tools python3 openssl ca-certificates

logs=()
# configure FOLDER OPTION...: a build folder of its own, made or made anew.
configure() {
    local folder=$1
    shift
    if [ -f "$folder/build.ninja" ]; then
        meson configure "$folder" "$@" >/dev/null
    else
        meson setup "$folder" "$@" >/dev/null
    fi
}
# check FOLDER ARGUMENT...: run Meson's tests there and keep the log.
check() {
    local folder=$1
    shift
    echo "== $folder: $*"
    ninja -C "$folder" >"$folder/build.log" 2>&1 || {
        tail -n 60 "$folder/build.log"
        exit 1
    }
    meson test -C "$folder" --no-suite none --logbase "$(echo "$*" | tr -c 'a-z\n' -)" \
        "$@" >"$folder/test.log" 2>&1 || true
    grep -E '^ *[0-9]+/[0-9]+ ' "$folder/test.log" || tail -n 40 "$folder/test.log"
    logs+=("$folder/meson-logs/$(echo "$*" | tr -c 'a-z\n' -).json")
}

configure build
check build

sanitize=(-Db_sanitize=address,undefined -Db_lundef=false -Dcommand=false -Dexamples=false)
CC=clang-14 configure build-asan "${sanitize[@]}"
check build-asan --suite unit --suite api --suite torture

configure build-tsan -Db_sanitize=thread -Dcommand=false -Dexamples=false
check build-tsan --suite threads

CC=clang-14 configure build-fuzz "${sanitize[@]}" -Dfuzz=true
ninja -C build-fuzz >build-fuzz/build.log 2>&1 || {
    tail -n 60 build-fuzz/build.log
    exit 1
}
echo "== build-fuzz"
python3 tests/fuzz/run.py build-fuzz/tests/fuzz "${long:+480}" | tee build-fuzz/fuzz.tap

python3 tests/tally.py "${logs[@]}" build-fuzz/fuzz.tap
