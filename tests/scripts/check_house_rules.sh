#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The layer check and the source check, over the tree that is being built.
set -eu
scripts=${srcdir:-$(dirname "$0")/../..}/scripts
failed=0
"$scripts/check-layers" || failed=$((failed + 1))
"$scripts/check-source" || failed=$((failed + 1))
echo "COUNTED $((2 - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
