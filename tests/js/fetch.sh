# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# fetch_judge SOURCE: GS1's judge, npm's ajv, into tests/js of the build root. False when it cannot be
# had. Tests run side by side, so only one of them fetches.
fetch_judge() {
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    mkdir -p tests/js
    (
        flock 9
        [ ! -d tests/js/node_modules/ajv-formats ] || exit 0
        for file in package.json package-lock.json .npmrc; do
            [ -f "tests/js/$file" ] || cp "$1/tests/js/$file" "tests/js/$file"
        done
        cd tests/js && npm ci --silent --no-audit --no-fund >/dev/null 2>&1
    ) 9>tests/js/.lock
}
