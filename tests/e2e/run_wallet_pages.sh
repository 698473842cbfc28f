#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The wallet in Chromium, on a server of the supply chain. Run in the build root by `make e2e`.
: "${srcdir:=.}"
exec sh "$srcdir/tests/e2e/run_pages.sh" supplychain "$srcdir/tests/e2e/wallet.mjs"
