# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How `run` and `check` speak: a moving line for long work on a terminal, plain lines elsewhere.
# The one who sources this sets LOGS, a folder for what the steps print.

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

STEP_PID=
# step LABEL COMMAND... runs it with its output in STEP_LOG and returns its status; STEP_SECONDS is
# how long it took. Shows the end of the output when it fails.
step() {
    local label=$1 status=0 begin=$EPOCHREALTIME
    shift
    STEP_LOG=$LOGS/$(tr -c 'A-Za-z0-9\n' - <<<"$label").log
    [ -t 1 ] || say "… $label"
    # In a process group of its own, so that stop_step ends all of it.
    set -m
    "$@" >"$STEP_LOG" 2>&1 </dev/null &
    STEP_PID=$!
    set +m
    if [ -t 1 ]; then
        while kill -0 "$STEP_PID" 2>/dev/null; do
            printf '\r\033[K… %s  %d s  %s' "$label" "$((EPOCHSECONDS - ${begin%.*}))" \
                "$(tail -n 1 "$STEP_LOG" | tr -d '\r\033' | cut -c "1-$((${COLUMNS:-80} - 30))")"
            sleep 0.2
        done
        printf '\r\033[K'
    fi
    wait "$STEP_PID" || status=$?
    STEP_PID=
    STEP_SECONDS=$(awk -v a="$begin" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
    if [ $status -eq 0 ]; then
        say "  $label: $STEP_SECONDS s"
    else
        say "  $label: failed after $STEP_SECONDS s, see $STEP_LOG"
        if [ "${STEP_TAIL:-25}" -gt 0 ]; then
            # With many jobs at once the reason seldom stands last.
            grep -nE 'error:|Error [0-9]|undefined reference|^FAIL' "$STEP_LOG" | head -n 10 |
                sed 's/^/    /' || true
            tail -n "${STEP_TAIL:-25}" "$STEP_LOG" | sed 's/^/    /'
        fi
    fi
    return $status
}
# For the EXIT trap: ends the step that runs.
stop_step() {
    [ -z "$STEP_PID" ] || kill -TERM -- "-$STEP_PID" 2>/dev/null || true
    [ -z "$STEP_PID" ] || wait "$STEP_PID" 2>/dev/null || true
}
