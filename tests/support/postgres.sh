#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL for tests: no network, no durability, a socket in a directory of its own.
#   postgres.sh run COMMAND...   runs it with LMM_TEST_POSTGRES set to the URL; its exit status
#   postgres.sh start PID        prints the URL; ends when that process does
#   postgres.sh halt URL         ends it at once, as a crash would
#   postgres.sh kill URL         kills all of its processes with -9
#   postgres.sh resume URL       and starts it again, with what is left of its data
#   postgres.sh stop URL         stops it and removes everything
# run ends with whoever started this script, also when that one is killed. Exits 3 when PostgreSQL
# isn't installed. PostgreSQL refuses to run as root, so as root it runs as the user postgres, or
# nobody where there is none.
set -eu

find_bin() {
    for dir in $(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -Vr); do
        [ -x "$dir/initdb" ] && echo "$dir" && return
    done
    initdb=$(command -v initdb) && dirname "$initdb" && return
    echo "postgres.sh: PostgreSQL is not installed" >&2
    exit 3
}

# As the user who owns the cluster, outside of directories that this user may not enter.
as_owner() {
    if [ "$(id -u)" -ne 0 ]; then
        (cd "$dir" && "$@")
    else
        owner=$(stat -c %u:%g "$dir")
        (cd "$dir" && setpriv --reuid "${owner%:*}" --regid "${owner#*:}" --clear-groups "$@")
    fi
}

launch() {
    as_owner "$bin/pg_ctl" start --wait --timeout=60 --silent --pgdata="$dir/data" \
        --log="$dir/log" --options="-k $dir -c listen_addresses= -c fsync=off \
        -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
}

start() {
    bin=$(find_bin)
    # Where everybody may go: as root, another user has to. And a socket's path may have 107 bytes.
    ground=${TMPDIR:-/tmp}
    { [ -k "$ground" ] && [ ${#ground} -le 60 ]; } || ground=/tmp
    dir=$(mktemp -d "$ground/lmm-pg.XXXXXX")
    trap 'stop "host=$dir"; exit 143' INT TERM
    # In a session of its own, so that no signal to this group ends it.
    setsid sh "$0" watch "host=$dir" "$@" >/dev/null 2>&1 </dev/null &
    chmod 700 "$dir"
    if [ "$(id -u)" -eq 0 ]; then
        user=nobody
        id postgres >/dev/null 2>&1 && user=postgres
        chown "$(id -u $user):$(id -g $user)" "$dir"
    fi
    {
        as_owner "$bin/initdb" --no-sync --locale=C.UTF-8 --encoding=UTF8 --auth=trust \
            --username=lmm --pgdata="$dir/data" &&
        launch
    } >"$dir/setup.log" 2>&1 </dev/null || {
        cat "$dir/setup.log" >&2
        [ -f "$dir/log" ] && tail -20 "$dir/log" >&2
        rm -rf "$dir"
        exit 1
    }
    echo "postgresql://lmm@/postgres?host=$dir"
}

# Sets bin and dir of a cluster that is named by its URL.
take_url() {
    bin=$(find_bin)
    dir=${1##*host=}
    dir=${dir%%&*}
    case $dir in
    /*/lmm-pg.??????) ;;
    *) echo "postgres.sh: not one of mine: $1" >&2 && exit 2 ;;
    esac
}

halt() {
    as_owner "$bin/pg_ctl" stop --wait --mode=immediate --silent --pgdata="$dir/data" \
        >/dev/null 2>&1
}

# The first one before its children, whose end it would take for a crash that it has to mend.
kill_all() {
    first=$(head -n 1 "$dir/data/postmaster.pid")
    children=$(cat "/proc/$first/task/$first/children" 2>/dev/null) || children=
    # shellcheck disable=SC2086 # a list
    kill -KILL "$first" $children 2>/dev/null || true
    while all_live "$first"; do sleep 0.05; done
}

stop() {
    take_url "$1"
    [ -d "$dir" ] || return 0
    halt || true
    rm -rf "$dir"
}

all_live() {
    for pid; do [ -d "/proc/$pid" ] || return 1; done
}

# watch URL PID...: stops it when one of the processes has ended. A start that is under way then
# fails without its folder, or is caught by a later look.
watch() {
    url=$1
    shift
    while all_live "$@"; do sleep 1; done
    for _ in 1 2 3; do
        stop "$url"
        sleep 1
    done
}

case ${1-} in
start) start "${2:?whom to end with}" ;;
halt) take_url "${2:?which one}" && halt ;;
kill) take_url "${2:?which one}" && kill_all ;;
resume) take_url "${2:?which one}" && launch >"$dir/setup.log" 2>&1 </dev/null ;;
stop) stop "${2:?which one}" ;;
watch) shift && watch "$@" ;;
run)
    shift
    LMM_TEST_POSTGRES=$(start "$$" "$PPID")
    export LMM_TEST_POSTGRES
    trap 'stop "$LMM_TEST_POSTGRES"' EXIT
    trap 'exit 130' INT TERM
    "$@"
    ;;
*)
    sed -n 's/^# \{0,1\}//; 3,12p' "$0" >&2
    exit 2
    ;;
esac
