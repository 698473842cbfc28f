# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# fetch_test_packages: the packages that only tests need, into web/node_modules of the build root,
# beside those of the build. False when they cannot be had. The mark goes with an older
# node_modules; runs side by side fetch once.
fetch_test_packages() {
    (
        flock 9
        [ ! -f web/node_modules/.with-tests ] || exit 0
        cd web && npm ci --no-audit --no-fund --loglevel=error >/dev/null 2>&1 &&
            touch node_modules/.with-tests
    ) 9>web/packages.lock
}
