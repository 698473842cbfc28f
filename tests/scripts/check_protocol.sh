#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does docs/protocol.md say what the code does, and are the golden proofs those that it makes?
set -eu
top=${srcdir:-$(dirname "$0")/../..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$top/scripts/protocol-doc" tests/vectors/protocol.golden >"$work/protocol.md"
if diff -u "$top/docs/protocol.md" "$work/protocol.md" &&
    diff -r "$top/tests/vectors/proof" tests/vectors/proofs; then
    echo "COUNTED 1 passed, 0 failed"
else
    echo "docs/protocol.md or a golden proof is stale; if the change is meant: make protocol-doc"
    echo "COUNTED 0 passed, 1 failed"
    exit 1
fi
