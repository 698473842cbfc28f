# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Cases of a test script, which sources this.

passed=0 failed=0

# is NAME COMMAND...: counts whether the command succeeds. After one that does not, the script's
# function `tell`, where it has one, says what is known.
is() {
    local name=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $name"
        ! declare -F tell >/dev/null || tell
    fi
}

# The script's last command.
close_cases() {
    echo "COUNTED $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
