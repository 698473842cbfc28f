# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How `run` and `check` speak: a moving line for long work on a terminal, plain lines elsewhere.
# The one who sources this sets LOGS, a folder for what the steps print.

say() { printf '%s\n' "$*"; }
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# tell_step LABEL STATUS BEGIN LOG: sets STEP_SECONDS, and returns the status.
tell_step() {
    local label=$1 status=$2 log=$4
    STEP_SECONDS=$(awk -v a="$3" -v b="$EPOCHREALTIME" 'BEGIN {printf "%.1f", b - a}')
    if [ "$status" -eq 0 ]; then
        say "  $label: $STEP_SECONDS s"
    else
        say "  $label: failed after $STEP_SECONDS s, see $log"
        if [ "${STEP_TAIL:-25}" -gt 0 ]; then
            # With many jobs at once the reason seldom stands last.
            grep -nE 'error:|Error [0-9]|undefined reference|^FAIL' "$log" | head -n 10 |
                sed 's/^/    /' || true
            tail -n "${STEP_TAIL:-25}" "$log" | sed 's/^/    /'
        fi
    fi
    return "$status"
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
    tell_step "$label" $status "$begin" "$STEP_LOG"
}

BESIDE_PID=
# beside LABEL COMMAND...: starts it beside the steps that follow, which go before it; one at a time.
# Its output goes where a step's goes. join_beside waits for it, tells how it went and returns that.
beside() {
    BESIDE_LABEL=$1 BESIDE_BEGIN=$EPOCHREALTIME
    BESIDE_LOG=$LOGS/$(tr -c 'A-Za-z0-9\n' - <<<"$1").log
    shift
    say "… $BESIDE_LABEL, beside what follows"
    set -m
    (renice -n 19 "$BASHPID" >/dev/null && "$@") >"$BESIDE_LOG" 2>&1 </dev/null &
    BESIDE_PID=$!
    set +m
}
join_beside() {
    local status=0
    wait "$BESIDE_PID" || status=$?
    BESIDE_PID=
    tell_step "$BESIDE_LABEL" $status "$BESIDE_BEGIN" "$BESIDE_LOG"
}
stop_beside() {
    kill -TERM -- "-$BESIDE_PID" 2>/dev/null || true
    wait "$BESIDE_PID" 2>/dev/null || true
    BESIDE_PID=
}
# For the EXIT trap: ends what runs.
stop_step() {
    local pid
    for pid in $STEP_PID $BESIDE_PID; do
        kill -TERM -- "-$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
