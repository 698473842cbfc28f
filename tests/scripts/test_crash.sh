#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# `make crash` and `make e2e` fail aloud where they would otherwise wait for ever: a server that never
# gets ready, a job that never ends.
set -euo pipefail
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
for need in jq curl; do
    command -v $need >/dev/null || { echo "SKIPPED make crash: no $need" && exit 77; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
output=''
# shellcheck source=tests/scripts/cases.sh
. "$source/tests/scripts/cases.sh"
tell() { printf '%s\n' "$output"; }
fails() { # COMMAND...
    ! output=$("$@" 2>&1)
}
says() { grep -qF -- "$1" <<<"$output"; }

printf '#!/bin/sh\nexec sleep 60\n' >"$folder/lmm-supplychain"
chmod +x "$folder/lmm-supplychain"
is a_server_that_never_gets_ready_is_an_error \
    fails env -C "$folder" srcdir="$source" START_S=1 CYCLES=1 timeout 30 "$source/tests/e2e/crash.sh"
is and_is_told_of says 'not ready within 1 s'
mkdir -p "$folder/tree/web/test"
echo 'fetch_test_packages() { :; }' >"$folder/tree/web/test/packages.sh"
is so_it_is_for_the_pages \
    fails env -C "$folder" -u LMM_URL srcdir="$folder/tree" START_S=1 timeout 30 \
    "$source/tests/e2e/run_pages.sh"
is and_is_told_of_too says 'not ready within 1 s'

# The function by itself, with a server that always says the same.
eval "$(sed -n '/^ends_well()/,/^}/p' "$source/tests/e2e/crash.sh")"
# shellcheck disable=SC2034 # of the function
url='' JOB_S=1
curl() { echo "$answer"; }
answer='{"running":false,"success":true}'
is a_job_that_ended_well_is_not_lost ends_well /capture/1
answer='{"running":false,"success":false}'
is one_that_failed_is fails ends_well /capture/1
is and_what_it_says_is_told says "lost: /capture/1 $answer"
answer='{"running":true,"success":true}'
is one_that_never_ends_is fails ends_well /capture/1
is and_that_it_still_ran says 'still running after 1 s'

close_cases
