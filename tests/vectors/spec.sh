#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# WebAssembly's conformance scripts, converted by wabt and run by spec_runner. Its last line is one
# JSON object; exit 77 when the scripts or wabt are not there.
set -Eeuo pipefail

source_dir=$(cd "${srcdir:-.}" && pwd)
scripts=${LMM_SHARED_DATA:-$source_dir/../shared/data}/wasm-spec
if [ ! -d "$scripts" ] || ! command -v wast2json >/dev/null; then
    echo "SKIPPED the conformance scripts or wabt's wast2json are not here"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
convert() { # folder, options of wast2json
    local folder=$1
    shift
    mkdir -p "$work/$folder"
    for script in "$scripts/$folder"/*.wast; do
        wast2json "$@" "$script" -o "$work/$folder/$(basename "$script" .wast).json"
    done
}
convert core --disable-simd --disable-reference-types --disable-bulk-memory
convert bulk-memory

# Both dispatchers where the compiler has the second; the last line is the default's.
status=0
if [ -x tests/vectors/spec_runner_tail ]; then
    echo "with tail calls:"
    ./tests/vectors/spec_runner_tail "$work"/core/*.json "$work"/bulk-memory/*.json || status=1
    echo "with computed goto:"
fi
./tests/vectors/spec_runner "$work"/core/*.json "$work"/bulk-memory/*.json
exit "$status"
