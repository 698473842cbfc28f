#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages that every market has, in Chromium, on a server of the supply chain. Run in the build root
# by `make e2e`.
: "${srcdir:=.}"
exec sh "$srcdir/tests/e2e/run_pages.sh" supplychain "$srcdir/tests/e2e/explorer.mjs" \
    "$srcdir/tests/e2e/firm.mjs" "$srcdir/tests/e2e/docs.mjs"
