# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A devnet's data folder, its servers and its screen: sourced by `run`, which stands in the
# project's root. docs/devnet.md has the contract with the server programs.

DEVNET_JSON=devnet.json
DATABASE_PATIENCE_S=3 # that a database has to come before it is said to be away
# Servers started from this tree, ready or not: a line "PID MARKET FOLDER" each.
DEVNET_PIDS=build/devnet.pids
SYSTEM_USER=lmm

is_root() { [ "$(id -u)" -eq 0 ]; }

# as_owner COMMAND... runs it as who owns the data: started as root, that is the system user.
as_owner() {
    if is_root; then
        setpriv --reuid "$SYSTEM_USER" --regid "$SYSTEM_USER" --clear-groups --no-new-privs \
            --inh-caps=-all "$@"
    else
        "$@"
    fi
}

# is_server PID FOLDER: that process is a devnet server on this folder. A number used again by
# another process does not match, nor does a process that is dead and not yet reaped.
is_server() {
    local pid=$1 folder=$2
    [[ $pid =~ ^[0-9]+$ ]] && [ -r "/proc/$pid/cmdline" ] || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | awk -v folder="$folder" '
        $0 == "--devnet" { devnet = 1 }
        last == "--data" && $0 == folder { data = 1 }
        { last = $0 }
        END { exit !(devnet && data) }'
}

# Prints "PID MARKET FOLDER" for each server of this tree that lives.
running_servers() {
    {
        [ ! -f $DEVNET_PIDS ] || cat $DEVNET_PIDS
        [ ! -f $DEVNET_JSON ] || jq -r '.servers | to_entries[]
            | "\(.value.pid) \(.key) \(.value.data_dir)"' $DEVNET_JSON 2>/dev/null || true
    } | sort -u | while read -r pid market folder; do
        ! is_server "$pid" "$folder" || printf '%s %s %s\n' "$pid" "$market" "$folder"
    done
}

# Asks every server to stop, waits until all are gone and takes devnet.json away.
stop_servers() {
    local pid market folder servers
    servers=$(running_servers)
    while read -r pid market folder; do
        [ -n "$pid" ] || continue
        kill -TERM "$pid" 2>/dev/null || ! is_server "$pid" "$folder" ||
            fail "the $market server (process $pid) belongs to another user: stop it as that user"
    done <<<"$servers"
    while read -r pid market folder; do
        [ -n "$pid" ] || continue
        local deadline=$((EPOCHSECONDS + 60))
        while is_server "$pid" "$folder"; do
            ((EPOCHSECONDS < deadline)) ||
                fail "the $market server (process $pid) has not stopped within a minute"
            sleep 0.05
        done
    done <<<"$servers"
    rm -f $DEVNET_JSON $DEVNET_PIDS
}

# --- the data folder -------------------------------------------------------------------------

# What the data was made with: "index" and, once a start has succeeded, "made".
setting() { sed -n "s/^$2=//p" "$1/devnet.settings" 2>/dev/null | tail -n 1; }
write_settings() {
    local folder=$1 index=$2 made=$3
    (umask 077 && printf 'index=%s\nmade=%s\n' "$index" "$made" >"$folder/devnet.settings.new")
    mv "$folder/devnet.settings.new" "$folder/devnet.settings"
}

# Refuses a folder that holds something else, so that nothing of somebody's is written over or, by
# --reset, removed.
refuse_foreign_folder() {
    local folder=$1
    [ ! -e "$folder" ] || [ -d "$folder" ] || fail_usage "$folder is not a folder"
    [ ! -d "$folder" ] || [ -e "$folder/devnet.settings" ] || [ -z "$(ls -A "$folder")" ] ||
        fail_usage "$folder holds something that is no devnet: take another --data"
}

# hold_data: takes the locks that the servers of $DATA hold while they run, until let_data_go or this
# process's end. False when one of them is held. Runs as who owns the data, who may have put anything
# in the place of a lock.
hold_data() {
    local lock said='' under=()
    for lock in "$DATA"/*/chain/lock; do
        [ ! -e "$lock" ] || under+=(flock --nonblock "$lock")
    done
    coproc HOLDER { as_owner "${under[@]}" sh -c 'echo held && exec cat' 9>&-; }
    { read -r said <&"${HOLDER[0]-}"; } 2>/dev/null || true
    [ "$said" = held ]
}
let_data_go() {
    local pid=$HOLDER_PID end=${HOLDER[1]}
    exec {end}>&-
    wait "$pid" || true
}

prepare_folder() {
    local folder=$1
    if is_root; then
        getent passwd $SYSTEM_USER >/dev/null ||
            useradd --system --user-group --home-dir /var/lib/lmm --no-create-home \
                --shell /usr/sbin/nologin $SYSTEM_USER
        install -d -m 0750 -o $SYSTEM_USER -g $SYSTEM_USER "$folder"
        as_owner test -w "$folder" ||
            fail "the user $SYSTEM_USER, whom the servers run as, cannot reach $folder"
    else
        mkdir -p "$folder"
        [ -w "$folder" ] || fail "$folder belongs to another user"
    fi
}

# --- starting --------------------------------------------------------------------------------

# place_program FOLDER PROGRAM PAGES: sets PROGRAM_PATH and PAGES_PATH to where the data's owner can
# reach them. Sources below a home of root's cannot be reached, so then they are copied.
place_program() {
    local folder=$1 program=$PWD/$2 pages=$PWD/$3
    [ -d "$pages" ] || pages=
    if ! as_owner test -x "$program" 2>/dev/null; then
        rm -rf "${folder:?}/program"
        mkdir -m 0755 "$folder/program"
        install -m 0755 "$program" "$folder/program/"
        [ -z "$pages" ] || cp -r "$pages" "$folder/program/pages"
        chmod -R u=rwX,go=rX "$folder/program"
        program=$folder/program/${program##*/}
        [ -z "$pages" ] || pages=$folder/program/pages
    fi
    PROGRAM_PATH=$program PAGES_PATH=$pages
}

is_port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# spawn_server MARKET PORT ARGUMENT...: starts it and sets SERVER_PID and SERVER_LOG.
spawn_server() {
    local market=$1 port=$2 folder=$DATA/$1
    shift 2
    SERVER_LOG=$DATA/$market.log
    # A process group of its own: Ctrl-C is for `run`, which then stops the servers in order.
    if is_root; then
        setsid setpriv --reuid "$SYSTEM_USER" --regid "$SYSTEM_USER" --clear-groups \
            --no-new-privs --inh-caps=-all \
            "$PROGRAM_PATH" --data "$folder" --listen "127.0.0.1:$port" --devnet "$@" \
            </dev/null >>"$SERVER_LOG" 2>&1 9>&- &
    else
        setsid "$PROGRAM_PATH" --data "$folder" --listen "127.0.0.1:$port" --devnet "$@" \
            </dev/null >>"$SERVER_LOG" 2>&1 9>&- &
    fi
    SERVER_PID=$!
    printf '%s %s %s\n' "$SERVER_PID" "$market" "$folder" >>$DEVNET_PIDS
}

# lacks_database READY_FILE: the server is up, and its index's database is away.
lacks_database() {
    curl -s --max-time 5 "$(jq -r .url "$1")/readyz?verbose" |
        jq -e '.problems | index("the database is away")' >/dev/null 2>&1
}

# Waits until the server is ready, or up and has not found its database for some seconds; returns its
# exit status when it ends instead.
await_server() {
    local ready=$DATA/$1/ready.json deadline=$((EPOCHSECONDS + 300)) shown=$EPOCHSECONDS up=
    while :; do
        if [ -r "$ready" ] && [ "$(jq -r .pid "$ready" 2>/dev/null)" = "$SERVER_PID" ]; then
            ! curl -fs --max-time 5 -o /dev/null "$(jq -r .url "$ready")/readyz" || return 0
            : "${up:=$EPOCHSECONDS}"
            ((EPOCHSECONDS - up < DATABASE_PATIENCE_S)) || ! lacks_database "$ready" || return 0
        fi
        if ! kill -0 "$SERVER_PID" 2>/dev/null; then
            local status=0
            wait "$SERVER_PID" || status=$?
            return $((status ? status : 1))
        fi
        ((EPOCHSECONDS < deadline)) || return 124
        if ((EPOCHSECONDS - shown >= 5)); then
            say "… waiting for the $1 server, $((EPOCHSECONDS - deadline + 300)) s"
            shown=$EPOCHSECONDS
        fi
        sleep 0.03
    done
}

# The database's own words, as the server's log has them.
database_reason() {
    tail -n 200 "$DATA/$1.log" |
        jq -rR 'fromjson? | select(.module == "db" and .error) | .error | split("\n")[0]' |
        tail -n 1
}

# why_ended STATUS: as docs/devnet.md lists them.
why_ended() {
    case $1 in
    3) echo "its address is taken" ;;
    4) echo "another process has $DATA open, a devnet of another folder perhaps; stop it there, or give --data" ;;
    5) echo "the data belongs to another chain or version, or is damaged; ./run --reset starts afresh" ;;
    124) echo "it was not ready within five minutes" ;;
    *) echo "status $1" ;;
    esac
}

# start_server MARKET PORT PROGRAM PAGES ARGUMENT...: until it is ready, on another port if need be.
start_server() {
    local market=$1 port=$2 program=$3 pages=$4 status=0
    shift 4
    place_program "$DATA" "$program" "$pages"
    [ -z "$PAGES_PATH" ] || set -- --web "$PAGES_PATH" "$@"
    if is_port_taken "$port"; then
        say "Port $port is taken; the $market server takes a free one."
        port=0
    fi
    # Lines of earlier starts, or of another server on this folder, tell nothing about this one.
    local written
    written=$(stat -c %s "$DATA/$market.log" 2>/dev/null || echo 0)
    spawn_server "$market" "$port" "$@"
    await_server "$market" || status=$?
    if [ $status -eq 3 ] && [ "$port" -ne 0 ]; then
        say "Port $port was just taken; the $market server takes a free one."
        status=0
        spawn_server "$market" 0 "$@"
        await_server "$market" || status=$?
    fi
    [ $status -eq 0 ] && return
    say "The $market server did not start: $(why_ended $status). The end of $SERVER_LOG:"
    tail -c +$((written + 1)) "$SERVER_LOG" | tail -n 12 | sed 's/^/    /'
    return 1
}

# --- telling ---------------------------------------------------------------------------------

write_devnet_json() {
    jq -s '{
        chain_id: .[0].chain_id,
        block_interval_ms: .[0].block_interval_ms,
        mnemonic: .[0].mnemonic,
        accounts: [.[0].accounts[] | {role, address, path}],
        servers: (map({(.market): {url, api_key, pid, data_dir}}) | add)
    }' "$@" >$DEVNET_JSON.new
    mv $DEVNET_JSON.new $DEVNET_JSON
}

# balances_now READY_FILE: {ADDRESS: BALANCE}, as the server tells them; what it does not is left out.
balances_now() {
    local urls
    mapfile -t urls < <(jq -r '"\(.url)/v1/accounts/\(.accounts[].address)"' "$1")
    { curl -fs --max-time 5 "${urls[@]}" || true; } |
        jq -s 'map({(.address): .balance}) | add // {}' 2>/dev/null || echo '{}'
}

# show_screen READY_FILE...: what somebody needs who sees this for the first time.
show_screen() {
    local bold='' loud='' plain='' key url
    [ ! -t 1 ] || bold=$'\033[1m' loud=$'\033[1;33m' plain=$'\033[0m'
    local file market
    printf '\n%sThe LMM devnet is ready.%s\n\n' "$bold" "$plain"
    for file in "$@"; do
        lacks_database "$file" || continue
        market=$(jq -r .market "$file")
        printf '  %sBut the database of the %s index is away: %s%s\n' "$loud" "$market" \
            "$(database_reason "$market")" "$plain"
        printf '  It is waited for. Captures are accepted; queries and /readyz say 503 until it comes.\n\n'
    done
    jq -r '"  chain id    \(.chain_id)\n  block time  \(.block_interval_ms) ms"' "$1"
    printf '  data        %s\n  index       %s\n\n' "$DATA" \
        "$(setting "$DATA" index | sed -e 's,//[^@/]*@,//…@,' -e 's/^embedded$/embedded SQLite/')"
    printf '  %sPUBLIC DEMO KEYS: everybody has them. Never use them on a chain of value.%s\n' \
        "$loud" "$plain"
    jq -r --argjson now "$(balances_now "$1")" '"  mnemonic    \(.mnemonic)\n",
        (.accounts[] | [.role, .address, $now[.address] // "?", .path] | @tsv)' "$1" | awk -F '\t' 'NF == 1 { print; next } NF {
            printf "  %-10s  %s  %18s LMM  %s\n", $1, $2, $3, $4 }'
    for file in "$@"; do
        url=$(jq -r .url "$file") key=$(jq -r .api_key "$file")
        printf '\n  %s%-11s %s/%s   API key %s\n' "$bold" "$(jq -r .market "$file")" "$url" "$plain" \
            "$key"
        [ "$(jq -r .market "$file")" = supplychain ] || continue
        printf '\n  Try:   curl -i %s/capture -H "Authorization: Bearer %s" \\\n' "$url" "$key"
        printf '           -H "Content-Type: application/ld+json" --data @docs/examples/shipping.json\n'
        printf '         curl -s %s/v1/events\n' "$url"
    done
    printf '\n  Stop:  %s      Start afresh:  ./run --reset      Log:  tail -f %s\n\n' \
        "$STOP_HINT" "$DATA/*.log"
}
