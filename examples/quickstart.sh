#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
#
# From nothing to an answer, on Debian 12: install what is missing, build, ask a
# model that needs no key, and see one vendor's request answered by a server
# that speaks the other's format.
#
#     examples/quickstart.sh [BUILD]      BUILD: a directory; default: build
set -euo pipefail
started=$PWD
cd "$(dirname "$0")/.."
case ${1:-build} in
    /*) build=$1 ;;
    *) build=${1:+$started/}${1:-$PWD/build} ;;
esac
scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

heading() { printf '\n== %s\n\n' "$1"; }

# Run it in silence; show what it said only if it fails.
quietly() {
    "$@" >"$scratch/log" 2>&1 || {
        cat "$scratch/log" >&2
        echo "failed: $*" >&2
        exit 1
    }
}

heading 'Building'
bash tests/install.sh meson ninja-build gcc pkg-config libc6-dev \
    libcurl4-openssl-dev libcjson-dev libssl-dev libmicrohttpd-dev python3 \
    ca-certificates
[ -e "$build/build.ninja" ] ||
    quietly meson setup "$build" -Dtests=false
quietly ninja -C "$build" examples/llmgw/llmgw examples/relay
llmgw=$build/examples/llmgw/llmgw
"$llmgw" --version

heading 'An answer as it arrives (the provider "mock" needs no key)'
"$llmgw" ask -m mock/lorem 'Say something.'

# A server of our own on the loopback, which speaks OpenAI's format.
"$build/examples/relay" --listen 127.0.0.1:0 --set provider=mock \
    >"$scratch/relay" 2>&1 &
server=$!
url=
for _ in $(seq 100); do
    url=$(sed -n 's/^listening on //p' "$scratch/relay")
    [ -n "$url" ] || { sleep 0.1; continue; }
    break
done
[ -n "$url" ] || { cat "$scratch/relay" >&2; exit 1; }

heading "A request in Anthropic's format"
tee "$scratch/request.json" <<'JSON'
{"model": "echo", "max_tokens": 100, "system": "Be brief.",
 "messages": [{"role": "user", "content": "Hello across two formats!"}]}
JSON

heading "... goes over HTTP to a server that speaks OpenAI's"
"$llmgw" call messages --provider compatible --base-url "$url/v1" \
    --trace "$scratch/trace" "$scratch/request.json" >"$scratch/answer.json"
grep -E '"event":"(attempt|done)"' "$scratch/trace"

heading "... and the answer is in Anthropic's format again"
python3 -m json.tool <"$scratch/answer.json"

heading 'Next'
cat <<NEXT
Ask a real model:  ANTHROPIC_API_KEY=... ${llmgw#"$PWD"/} ask -m anthropic/MODEL 'Hello'
Read a program:    examples/hello.c, then include/llmgw/llmgw.h
NEXT
