#!/bin/sh
# Print the version that include/llmgw/version.h defines, as 0.1.0.
header=$(dirname "$0")/../include/llmgw/version.h
for part in MAJOR MINOR PATCH; do
    sed -n "s/^#define LLMGW_VERSION_$part  *//p" "$header"
done | paste -sd. -
