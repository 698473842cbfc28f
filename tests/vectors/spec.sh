#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# WebAssembly's conformance scripts, converted by wabt and run by spec_runner. Its last line is one
# JSON object. Exit 2 without wabt; 77, with all of them counted as skipped, without the scripts.
set -Eeuo pipefail

source_dir=$(cd "${srcdir:-.}" && pwd)
scripts=${LMM_SHARED_DATA:-$source_dir/../shared/data}/wasm-spec
cases=24681
if ! command -v wast2json >/dev/null; then
    echo "wast2json is missing. Please run:" >&2
    echo "sudo apt-get install --yes --no-install-recommends wabt" >&2
    exit 2
fi
if [ ! -d "$scripts" ]; then
    echo "The conformance scripts are not in $scripts."
    printf '{"passed": 0, "failed": 0, "skipped": %d}\n' $cases
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
