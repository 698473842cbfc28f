#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL for tests: no network, no durability, a socket in a directory of its own.
#   postgres.sh run COMMAND...   runs it with LMM_TEST_POSTGRES set to the URL; its exit status
#   postgres.sh start            prints the URL
#   postgres.sh stop URL         stops it and removes everything
# Exits 3 when PostgreSQL isn't installed. PostgreSQL refuses to run as root, so as root it runs as
# the user postgres, or nobody where there is none.
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

start() {
    bin=$(find_bin)
    # A socket's path may have 107 bytes, so not wherever TMPDIR points.
    dir=$(mktemp -d /tmp/lmm-pg.XXXXXX)
    trap 'stop "host=$dir"; exit 143' INT TERM
    chmod 700 "$dir"
    if [ "$(id -u)" -eq 0 ]; then
        user=nobody
        id postgres >/dev/null 2>&1 && user=postgres
        chown "$(id -u $user):$(id -g $user)" "$dir"
    fi
    {
        as_owner "$bin/initdb" --no-sync --locale=C.UTF-8 --encoding=UTF8 --auth=trust \
            --username=lmm --pgdata="$dir/data" &&
        as_owner "$bin/pg_ctl" start --wait --timeout=60 --silent --pgdata="$dir/data" \
            --log="$dir/log" --options="-k $dir -c listen_addresses= -c fsync=off \
            -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    } >"$dir/setup.log" 2>&1 </dev/null || {
        cat "$dir/setup.log" >&2
        [ -f "$dir/log" ] && tail -20 "$dir/log" >&2
        rm -rf "$dir"
        exit 1
    }
    echo "postgresql://lmm@/postgres?host=$dir"
}

stop() {
    bin=$(find_bin)
    dir=${1##*host=}
    dir=${dir%%&*}
    case $dir in
    /tmp/lmm-pg.*) ;;
    *) echo "postgres.sh: not one of mine: $1" >&2 && exit 2 ;;
    esac
    [ -d "$dir" ] || return 0
    as_owner "$bin/pg_ctl" stop --wait --mode=immediate --silent --pgdata="$dir/data" \
        >/dev/null 2>&1 || true
    rm -rf "$dir"
}

case ${1-} in
start) start ;;
stop) stop "${2:?which one}" ;;
run)
    shift
    LMM_TEST_POSTGRES=$(start)
    export LMM_TEST_POSTGRES
    trap 'stop "$LMM_TEST_POSTGRES"' EXIT
    trap 'exit 130' INT TERM
    "$@"
    ;;
*)
    sed -n 's/^# \{0,1\}//; 3,8p' "$0" >&2
    exit 2
    ;;
esac
