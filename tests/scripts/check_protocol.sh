#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Does docs/protocol.md say what the code does?
set -eu
top=${srcdir:-$(dirname "$0")/../..}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$top/scripts/protocol-doc" tests/vectors/protocol.golden >"$work/protocol.md"
if diff -u "$top/docs/protocol.md" "$work/protocol.md"; then
    echo "COUNTED 1 passed, 0 failed"
else
    echo "docs/protocol.md is stale; if the change is meant: make protocol-doc"
    echo "COUNTED 0 passed, 1 failed"
    exit 1
fi
