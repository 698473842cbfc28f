#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The market's pages in Chromium. Run in the build root by `make e2e`.
: "${srcdir:=.}"
exec sh "$srcdir/tests/e2e/run_pages.sh" energy "$srcdir/apps/energy/test/pages.mjs"
