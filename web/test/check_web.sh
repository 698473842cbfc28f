#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Types, tokens and tests of the browser pages. Run in the build root by `make check`.
set -eu
: "${srcdir:=.}"
export srcdir
skip() {
    echo "SKIPPED pages: $1"
    exit 77
}
[ -f web/packages.stamp ] || skip "the pages are not built"
. "$srcdir/web/test/packages.sh"
fetch_test_packages || skip "npm cannot fetch the packages of the tests"
export NODE_PATH="$PWD/web/node_modules"
top=$(cd "$srcdir" && pwd)

failed=0
sed "s,@top@,$top,g; s,@modules@,$NODE_PATH,g" >web/types.json <<'END'
{
  "extends": "@top@/web/tsconfig.json",
  "compilerOptions": {
    "paths": { "*": ["@modules@/*"] },
    "typeRoots": ["@modules@/@types"]
  },
  "include": ["@top@/web/**/*.ts", "@top@/web/**/*.tsx", "@top@/apps/*/web/**/*.ts", "@top@/apps/*/web/**/*.tsx", "@top@/apps/*/test/**/*.ts"],
  "exclude": ["**/node_modules"]
}
END
# The notices that the packages' licences ask for.
if grep -q '^preact [0-9]' web/supplychain/licences.txt &&
    grep -q '^@noble/ed25519 [0-9]' web/supplychain/licences.txt &&
    grep -qi 'permission is hereby granted' web/supplychain/licences.txt; then
    echo "COUNTED 1 passed, 0 failed"
else
    echo "licences.txt lacks a notice"
    echo "COUNTED 0 passed, 1 failed"
    failed=1
fi
if "$NODE_PATH/.bin/tsc" -p web/types.json; then
    echo "COUNTED 1 passed, 0 failed"
else
    echo "COUNTED 0 passed, 1 failed"
    failed=1
fi
node "$srcdir/web/check-tokens.mjs" "$srcdir" || failed=1
node "$srcdir/web/check-pages.mjs" "$srcdir" || failed=1
node "$srcdir/web/test/run.mjs" "$srcdir" web/tests || failed=1
exit $failed
