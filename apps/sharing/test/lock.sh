#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The pages with a simulated lock, in Chromium, the server stopped in between. Run in the build root by
# `make e2e`.
set -eu
: "${srcdir:=.}"
. "$srcdir/web/test/packages.sh"
fetch_test_packages || { echo "npm cannot fetch the packages of the tests" >&2 && exit 1; }
NODE_PATH="$PWD/web/node_modules" exec node "$srcdir/apps/sharing/test/lock.mjs"
