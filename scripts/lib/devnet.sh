# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A devnet's data folder, its servers and its screen: sourced by `run`, which stands in the
# project's root. docs/devnet.md has the contract with the server programs.

DEVNET_JSON=devnet.json
DATABASE_PATIENCE_S=3 # that a database has to come before it is said to be away
# Servers started from this tree, ready or not: a line "PID MARKET FOLDER" each.
DEVNET_PIDS=build/devnet.pids
SYSTEM_USER=lmm
# Of the processes that make the chain, and of what lives of them and their devices, "PID NAME FOLDER"
# each: `run` knows.
NAMES=() LIVING=''

is_root() { [ "$(id -u)" -eq 0 ]; }

# as_owner COMMAND... runs it as who owns the data: started as root, that is the system user. Root
# itself writes nothing in a folder of that user, who may have put links in the place of files.
AS_OWNER=()
! is_root || AS_OWNER=(setpriv --reuid "$SYSTEM_USER" --regid "$SYSTEM_USER" --clear-groups
    --no-new-privs --inh-caps=-all)
as_owner() { "${AS_OWNER[@]}" "$@"; }

# What is asked again and again starts no process: on many machines that costs more than what it asks.
# pause SECONDS: of a pipe that nothing ever comes from.
exec 8<> <(:)
pause() { read -rt "$1" -u 8 || true; }
# is_ready_of PID READY_FILE: that process has written it.
is_ready_of() {
    local said=''
    [ -r "$2" ] || return 1
    ! read -rd '' said 2>/dev/null <"$2" || true
    [[ $said =~ \"pid\":\ *$1[^0-9] ]]
}

# ask CURL_ARGUMENT...: of a server of this machine, past any proxy.
ask() { curl -s --noproxy '*' --max-time 5 "$@"; }

# is_server PID FOLDER: that process is a devnet's server, its node, or a device of one, on this folder. A number used again by
# another process does not match, nor does a process that is dead and not yet reaped.
is_server() {
    local pid=$1 folder=$2 word last='' arguments=() is_devnet=no has_data=no
    [[ $pid =~ ^[0-9]+$ ]] && [ -r "/proc/$pid/cmdline" ] || return 1
    { mapfile -t -d '' arguments <"/proc/$pid/cmdline"; } 2>/dev/null || return 1
    for word in ${arguments[@]+"${arguments[@]}"}; do
        case $last:$word in
        "node:$folder" | "--flash:$folder/flash" | "--ready:$folder/ready.json") return 0 ;;
        "--data:$folder") has_data=yes ;;
        *:--devnet) is_devnet=yes ;;
        esac
        last=$word
    done
    [ $is_devnet$has_data = yesyes ]
}

# Prints "PID MARKET FOLDER" for each server of this tree that lives.
running_servers() {
    {
        [ ! -f $DEVNET_PIDS ] || cat $DEVNET_PIDS
        [ ! -f $DEVNET_JSON ] || jq -r '(.servers | to_entries[] | "\(.value.pid) \(.key) \(.value.data_dir)"),
            (.node // empty | "\(.pid) node \(.data_dir)")' $DEVNET_JSON 2>/dev/null || true
    } | sort -u | while read -r pid market folder; do
        ! is_server "$pid" "$folder" || printf '%s %s %s\n' "$pid" "$market" "$folder"
    done
}

# end_servers LINES: asks each of these servers to stop, and waits until all are gone.
end_servers() {
    local pid market folder servers=$1
    while read -r pid market folder; do
        [ -n "$pid" ] || continue
        kill -TERM "$pid" 2>/dev/null || ! is_server "$pid" "$folder" ||
            fail "the $market process $pid belongs to another user: stop it as that user"
    done <<<"$servers"
    while read -r pid market folder; do
        [ -n "$pid" ] || continue
        local deadline=$((EPOCHSECONDS + 60))
        while is_server "$pid" "$folder"; do
            ((EPOCHSECONDS < deadline)) ||
                fail "the $market process $pid has not stopped within a minute"
            pause 0.05
        done
    done <<<"$servers"
}

# Every server of this tree, whoever started it.
stop_servers() {
    end_servers "$(running_servers)"
    rm -f $DEVNET_JSON $DEVNET_PIDS
}

# The servers that this process started, "PID MARKET FOLDER" each, and whether they are a whole devnet.
SPAWNED=() STARTED_ALL=no
# own_servers: those of them that live.
own_servers() {
    local server pid folder
    for server in ${SPAWNED[@]+"${SPAWNED[@]}"}; do
        read -r pid _ folder <<<"$server"
        ! is_server "$pid" "$folder" || printf '%s\n' "$server"
    done
}

# Ends them, with what another ./run has started in the place of some, and takes devnet.json away if it
# tells of them. Another ./run may have started another devnet since.
stop_own_servers() {
    local server living
    living=$(own_servers)
    ((${#SPAWNED[@]})) || return 0
    if [ -n "$living" ] && [ $STARTED_ALL = yes ]; then living=$(running_servers); fi
    end_servers "$living"
    for server in "${SPAWNED[@]}"; do
        ! jq -e "[.servers[], .node // empty] | any(.pid == ${server%% *})" $DEVNET_JSON >/dev/null 2>&1 ||
            rm -f $DEVNET_JSON
    done
}

# tell_end PID STATUS: of a process that this one started.
tell_end() {
    local server name=''
    for server in "${SPAWNED[@]}"; do
        [ "${server%% *}" != "$1" ] || read -r _ name _ <<<"$server"
    done
    say "The $name process has ended: $(why_ended "$2"). The end of its log:"
    as_owner tail -n 12 "$DATA/$name.log" | sed 's/^/    /'
}

# --- the data folder -------------------------------------------------------------------------

# What the data was made with: "index" and, once a start has succeeded, "made".
setting() { sed -n "s/^$2=//p" "$1/devnet.settings" 2>/dev/null | tail -n 1; }
write_settings() {
    local folder=$1 index=$2 made=$3 block_time=$4 processes=$5
    # Not by arguments, which everybody can read: a URL may hold a password.
    # shellcheck disable=SC2016 # expanded inside
    printf 'index=%s\nmade=%s\nblock_time=%s\nprocesses=%s\n' "$index" "$made" "$block_time" "$processes" |
        as_owner sh -c 'umask 077 && cat >"$1.new" && mv -f "$1.new" "$1"' write_settings \
            "$folder/devnet.settings"
}

# Refuses a folder that is somebody else's or holds something else, so that nothing of somebody's is
# taken, written over or, by --reset, removed.
refuse_foreign_folder() {
    local folder=$1 owner
    [ -e "$folder" ] || return 0
    [ -d "$folder" ] || fail_usage "$folder is not a folder"
    owner=$(stat -c %U -- "$folder")
    if is_root; then
        [ "$owner" = "$SYSTEM_USER" ] || { [ "$owner" = root ] && [ -z "$(ls -A "$folder")" ]; } ||
            fail_usage "$folder belongs to $owner: start it as that user, or take another --data"
    elif [ ! -w "$folder" ]; then
        fail_usage "$folder belongs to $owner: start it as that user, or take another --data"
    fi
    [ -e "$folder/devnet.settings" ] || [ -z "$(ls -A "$folder")" ] ||
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
    coproc HOLDER { as_owner "${under[@]}" sh -c 'echo held && exec cat' 8>&- 9>&-; }
    { read -r said <&"${HOLDER[0]-}"; } 2>/dev/null || true
    [ "$said" = held ]
}
let_data_go() {
    local pid=$HOLDER_PID end=${HOLDER[1]}
    exec {end}>&-
    wait "$pid" || true
}

# After refuse_foreign_folder.
prepare_folder() {
    local folder=$1
    is_root || { mkdir -p "$folder" && return; }
    getent passwd "$SYSTEM_USER" >/dev/null ||
        useradd --system --user-group --home-dir /var/lib/lmm --no-create-home \
            --shell /usr/sbin/nologin "$SYSTEM_USER"
    [ -d "$folder" ] || { mkdir -p "${folder%/*}" && mkdir -m 0750 "$folder"; }
    [ "$(stat -c %U "$folder")" = "$SYSTEM_USER" ] ||
        chown -h "$SYSTEM_USER:$SYSTEM_USER" "$folder"
    # Files of root's would be in its way.
    find "$folder" -xdev -mindepth 1 -maxdepth 1 -user root ! -name devnet.settings \
        -exec rm -rf {} +
    as_owner test -w "$folder" ||
        fail "the user $SYSTEM_USER, whom the servers run as, cannot reach $folder"
}

# --- starting --------------------------------------------------------------------------------

# place_program FOLDER PROGRAM PAGES: sets PROGRAM_PATH and PAGES_PATH to where the data's owner can
# reach them. Sources below a home of root's cannot be reached, so then they are copied.
place_program() {
    local folder=$1 program=$PWD/$2 pages=${3:+$PWD/$3}
    [ -d "$pages" ] || pages=
    if ! as_owner test -x "$program" 2>/dev/null; then
        local copy=$folder/program/${program##*/}
        [ ! -L "$folder/program" ] || as_owner rm "$folder/program"
        as_owner rm -rf "$copy"
        as_owner mkdir -p "$copy/pages"
        # shellcheck disable=SC2016 # expanded inside
        as_owner sh -c 'cat >"$1"' place_program "$copy/${program##*/}" <"$program"
        [ -z "$pages" ] || tar -C "$pages" -c . | as_owner tar -C "$copy/pages" -x
        as_owner chmod -R u=rwX,go=rX "$folder/program"
        program=$copy/${program##*/}
        as_owner chmod 0755 "$program"
        [ -z "$pages" ] || pages=$copy/pages
    fi
    PROGRAM_PATH=$program PAGES_PATH=$pages
}

is_port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# spawn_server MARKET PORT ARGUMENT...: starts it and sets SERVER_PID.
spawn_server() {
    local market=$1 port=$2 folder=$DATA/$1
    shift 2
    # A process group of its own: Ctrl-C is for `run`, which then stops the servers in order.
    # shellcheck disable=SC2016 # expanded inside
    setsid "${AS_OWNER[@]}" sh -c 'log=$1 && shift && exec "$@" >>"$log" 2>&1' spawn_server \
        "$folder.log" "$PROGRAM_PATH" --data "$folder" --listen "127.0.0.1:$port" --devnet "$@" \
        </dev/null >/dev/null 2>&1 8>&- 9>&- &
    SERVER_PID=$!
    SPAWNED+=("$SERVER_PID $market $folder")
    printf '%s\n' "${SPAWNED[-1]}" >>$DEVNET_PIDS
}

# --- one chain ---

# plan_peers: sets for each of NAMES where the others find it, PEER_AT, and which witnesses it is, KEYS_OF.
# What has ended comes again where those that live look for it.
declare -A PEER_AT=() KEYS_OF=()
plan_peers() {
    local name port=$PEER_PORT i=0 first last
    for name in "${NAMES[@]}"; do
        PEER_AT[$name]=
        [ -z "$LIVING" ] ||
            PEER_AT[$name]=$(jq -r --arg name "$name" '.servers[$name].peer // .[$name].peer // ""' $DEVNET_JSON)
        if [ -z "${PEER_AT[$name]}" ]; then
            while is_port_taken "$port"; do port=$((port + 1)); done
            PEER_AT[$name]=127.0.0.1:$port
            port=$((port + 1))
        fi
        first=$((i * WITNESSES / ${#NAMES[@]} + 1)) last=$(((i + 1) * WITNESSES / ${#NAMES[@]}))
        KEYS_OF[$name]=$first
        ((first == last)) || KEYS_OF[$name]=$first-$last
        i=$((i + 1))
    done
}

# peers_of NAME: the others, as a list.
peers_of() {
    local name list=''
    for name in "${NAMES[@]}"; do
        [ "$name" = "$1" ] || list+=,${PEER_AT[$name]}
    done
    echo "${list#,}"
}

# launch_node BLOCK_TIME: the one without a market. Its genesis is the servers', written by one of them.
launch_node() {
    local folder=$DATA/node program
    IFS=: read -r _ _ program _ <<<"${MARKETS[0]}"
    place_program "$DATA" "build/$program" ''
    as_owner test -e "$DATA/genesis/genesis" ||
        as_owner "$PROGRAM_PATH" --devnet --data "$folder" --block-time "$1" --witnesses "$WITNESSES" --write-genesis "$DATA/genesis" ||
        fail "the genesis could not be written"
    place_program "$DATA" build/lmm ''
    as_owner mkdir -p "$folder"
    # shellcheck disable=SC2016 # expanded inside
    setsid "${AS_OWNER[@]}" sh -c 'log=$1 && shift && exec "$@" >>"$log" 2>&1' spawn_node "$folder.log" \
        "$PROGRAM_PATH" node "$folder" "$DATA/genesis" --listen "${PEER_AT[node]}" --peers "$(peers_of node)" \
        --devnet-keys "${KEYS_OF[node]}" --clock "$DATA/clock" --first-start </dev/null >/dev/null 2>&1 8>&- 9>&- &
    NODE_PID=$!
    SPAWNED+=("$NODE_PID node $folder")
    printf '%s\n' "${SPAWNED[-1]}" >>$DEVNET_PIDS
}

await_node() {
    local ready=$DATA/node/ready.json deadline=$((EPOCHSECONDS + 60))
    until is_ready_of "$NODE_PID" "$ready"; do
        if ! kill -0 "$NODE_PID" 2>/dev/null || ((EPOCHSECONDS >= deadline)); then
            say "The node did not start. The end of $DATA/node.log:"
            as_owner tail -n 12 "$DATA/node.log" | sed 's/^/    /'
            return 1
        fi
        pause 0.03
    done
}

# lacks_database URL: the server is up, and its index's database is away.
lacks_database() {
    [ "$(ask "$1/readyz?verbose" |
        jq '.problems | index("the database is away") != null' 2>/dev/null)" = true ]
}

# index_progress LOG BYTES: how far its index is on a long way, as the log says it last behind so many
# bytes; nothing when there was no such way.
index_progress() {
    as_owner tail -c "+$(($2 + 1))" "$1" | tail -n 50 |
        jq -rR 'fromjson? | select(.module == "index" and .blocks_per_s)
            | "\(.message), block \(.height) of \(.head), \(.blocks_per_s) a second" +
                if .remaining_s < 0 then "" else ", \(.remaining_s) s left" end' | tail -n 1
}

# Waits until the server is ready, or up and has not found its database for some seconds; returns its
# exit status when it ends instead, 124 when five minutes have brought it no further. What the log had
# before stands in BYTES.
await_server() { # MARKET BYTES PID
    local ready=$DATA/$1/ready.json pid=$3 deadline=$((EPOCHSECONDS + 300)) shown=$EPOCHSECONDS up='' url=''
    local began=$EPOCHSECONDS progress='' known=''
    while :; do
        if is_ready_of "$pid" "$ready"; then
            [ -n "$url" ] || url=$(jq -r .url "$ready")
            ! ask -f -o /dev/null "$url/readyz" || return 0
            : "${up:=$EPOCHSECONDS}"
            ((EPOCHSECONDS - up < DATABASE_PATIENCE_S)) || ! lacks_database "$url" || return 0
        fi
        if ! kill -0 "$pid" 2>/dev/null; then
            local status=0
            wait "$pid" || status=$?
            return $((status ? status : 1))
        fi
        ((EPOCHSECONDS < deadline)) || return 124
        if ((EPOCHSECONDS - shown >= 5)); then
            progress=$(index_progress "$DATA/$1.log" "$2")
            [ "$progress" = "$known" ] || deadline=$((EPOCHSECONDS + 300))
            known=$progress
            say "… waiting for the $1 server, $((EPOCHSECONDS - began)) s${progress:+; its index: $progress}"
            shown=$EPOCHSECONDS
        fi
        pause 0.03
    done
}

# The database's own words, as the server's log has them.
database_reason() {
    as_owner tail -n 200 "$DATA/$1.log" |
        jq -rR 'fromjson? | select(.module == "db" and .error) | .error | split("\n")[0]' |
        tail -n 1
}

# why_ended STATUS: as docs/devnet.md lists them.
why_ended() {
    case $1 in
    3) echo "its address is taken" ;;
    4) echo "another process has $DATA open, a devnet of another folder perhaps; stop it there, or give --data" ;;
    5) echo "the data belongs to another chain or version, or is damaged; ./run --reset starts afresh" ;;
    124) echo "five minutes brought it no nearer to being ready" ;;
    134) echo "it broke off, as it does when a block cannot be written: is the disk full? What was final is kept" ;;
    137) echo "it was killed, as the system does when memory runs out" ;;
    *) echo "status $1" ;;
    esac
}

# market_index URL MARKET: what that market's server is told. They share a database of PostgreSQL by
# schemas, and a path by what stands behind it.
market_index() {
    case $1 in
    sqlite:*) echo "$1-$2" ;;
    *\?*) echo "$1&options=-csearch_path%3D$2" ;;
    *) echo "$1?options=-csearch_path%3D$2" ;;
    esac
}

# launch_server MARKET PORT PROGRAM PAGES ARGUMENT...: starts it, on a free port if that one is taken.
# What its log had before stands in LOG_BYTES[MARKET]: lines of earlier starts, or of another server on
# this folder, tell nothing about this one.
declare -A LOG_BYTES=() STARTED_PID=() STARTED_PORT=()
launch_server() {
    local market=$1 port=$2 program=$3 pages=$4
    shift 4
    place_program "$DATA" "$program" "$pages"
    [ -z "$PAGES_PATH" ] || set -- --web "$PAGES_PATH" "$@"
    if [ "$port" -ne 0 ] && is_port_taken "$port"; then
        say "Port $port is taken; the $market server takes a free one."
        port=0
    fi
    LOG_BYTES[$market]=$(stat -c %s "$DATA/$market.log" 2>/dev/null || echo 0)
    spawn_server "$market" "$port" "$@"
    STARTED_PID[$market]=$SERVER_PID STARTED_PORT[$market]=$port
}

# await_start MARKET PORT PROGRAM PAGES ARGUMENT...: until that one is ready, on another port if need be.
await_start() {
    local market=$1 status=0 written=${LOG_BYTES[$1]}
    await_server "$market" "$written" "${STARTED_PID[$market]}" || status=$?
    if [ $status -eq 3 ] && [ "${STARTED_PORT[$market]}" -ne 0 ]; then
        say "Port ${STARTED_PORT[$market]} was just taken; the $market server takes a free one."
        status=0
        launch_server "$market" 0 "${@:3}"
        await_server "$market" "$written" "${STARTED_PID[$market]}" || status=$?
    fi
    [ $status -eq 0 ] && return
    say "The $market server did not start: $(why_ended $status). The end of $DATA/$market.log:"
    as_owner tail -c +$((written + 1)) "$DATA/$market.log" | tail -n 12 | sed 's/^/    /'
    return 1
}

# --- devices

# spawn_device NAME FOLDER ARGUMENT...: starts the program that place_program has placed, and sets
# DEVICE_PID. Its log is of this start alone.
spawn_device() {
    local name=$1 folder=$2
    shift 2
    # shellcheck disable=SC2016 # expanded inside
    setsid "${AS_OWNER[@]}" sh -c 'log=$1 && shift && exec "$@" >"$log" 2>&1' spawn_device \
        "$DATA/$name.log" "$PROGRAM_PATH" "$@" </dev/null >/dev/null 2>&1 8>&- 9>&- &
    DEVICE_PID=$!
    SPAWNED+=("$DEVICE_PID $name $folder")
    printf '%s\n' "${SPAWNED[-1]}" >>$DEVNET_PIDS
}

LOCK_PORT=8750
# Where the lock says that it is; nothing while it has not.
lock_place() { [ ! -e "${DATA-}/lock.log" ] || as_owner sed -n 's/^lock .* at \(ws:.*\)/\1/p' "${DATA-}/lock.log" 2>/dev/null | tail -n 1; }

# Its Thing Description; nothing where there is no lock.
lock_thing() {
    local place
    place=$(lock_place) || return 0
    place=${place%/lock}
    [ -z "$place" ] || echo "http:${place#ws:}/"
}

# The lock of the camera that the sharing market's demo offers (apps/sharing/demo.c has the seed too).
set_up_lock() {
    local folder=$1 owner
    owner=$(jq -r '.accounts[] | select(.role == "alice").public_key' "$DATA/sharing/ready.json")
    as_owner mkdir -p "$folder"
    # shellcheck disable=SC2016 # expanded inside
    printf %s "the camera's lock on the devnet." | od -An -v -tx1 | tr -d ' \n' |
        as_owner sh -c 'umask 077 && cat >"$1"' set_up_lock "$folder/seed"
    as_owner "$PROGRAM_PATH" --flash "$folder/flash" --set-up --genesis "$DATA/sharing/chain/genesis" \
        --owner "$owner" --seed-file "$folder/seed" >/dev/null
}

# start_lock: beside a sharing server that is ready.
start_lock() {
    local folder=$DATA/lock port=$LOCK_PORT url
    [ -x build/lockd ] && [ -e "$DATA/sharing/ready.json" ] || return 0
    url=$(jq -r .url "$DATA/sharing/ready.json")
    place_program "$DATA" build/lockd ''
    as_owner test -e "$folder/flash" || set_up_lock "$folder" || return
    ! is_port_taken "$port" || port=0
    spawn_device lock "$folder" --flash "$folder/flash" --listen "127.0.0.1:$port" --rtc \
        --origin "$url" --origin "${url/127.0.0.1/localhost}"
    local deadline=$((EPOCHSECONDS + 10))
    until [ -n "$(lock_place)" ]; do
        kill -0 "$DEVICE_PID" 2>/dev/null && ((EPOCHSECONDS < deadline)) || return 1
        pause 0.03
    done
}

# trust_lock: what its owner would do after a week's rest, or after a warp. Here the owner is the demo's
# own, and the chain that of the server beside it. No harm where it was not needed.
trust_lock() {
    [ -n "$(lock_thing)" ] || return 0 # without libwslay there is no lock
    ./lmm lock trust --key alice --devnet $DEVNET_JSON --genesis "$DATA/sharing/chain/genesis" ||
        say "The camera's lock does not open until its owner vouches for the time: lmm lock trust."
}

# start_meters: the households' of the energy market's demo, beside its server that is ready.
start_meters() {
    [ -x build/meterd ] && [ -e "$DATA/energy/ready.json" ] || return 0
    place_program "$DATA" build/meterd ''
    spawn_device meters "$DATA/energy" --ready "$DATA/energy/ready.json"
}

# --- telling ---------------------------------------------------------------------------------

write_devnet_json() {
    local name peers
    peers=$(for name in ${NAMES[@]+"${NAMES[@]}"}; do printf '%s %s\n' "$name" "${PEER_AT[$name]-}"; done |
        jq -Rn '[inputs | split(" ") | {(.[0]): .[1]}] | add // {}')
    jq -s --arg thing "$(lock_thing)" --argjson peers "$peers" --arg folder "${DATA-}/node" \
        --argjson node "$(cat "${DATA-}/node/ready.json" 2>/dev/null || echo null)" '{
        chain_id: .[0].chain_id,
        block_interval_ms: .[0].block_interval_ms,
        mnemonic: .[0].mnemonic,
        accounts: [.[0].accounts[] | {role, address, path}],
        servers: (map({(.market): ({url, api_key, pid, data_dir} +
            if $node then {peer: $peers[.market]} else {} end)}) | add)
    } + if $node then {node: {peer: $peers.node, pid: $node.pid, data_dir: $folder}} else {} end
      + if $thing == "" then {} else {lock: $thing} end' "$@" >$DEVNET_JSON.new
    mv $DEVNET_JSON.new $DEVNET_JSON
}

# balances_now READY_FILE: {ADDRESS: BALANCE}, as the server tells them; what it does not is left out.
balances_now() {
    local urls
    mapfile -t urls < <(jq -r '"\(.url)/v1/accounts/\(.accounts[:8][].address)"' "$1")
    { ask -f "${urls[@]}" || true; } |
        jq -s 'map({(.address): .balance}) | add // {}' 2>/dev/null || echo '{}'
}

# show_try MARKET CURL URL API_KEY: commands that show what the market is.
show_try() {
    case $1 in
    supplychain)
        printf '  Try         %s-i %s/capture -H "Authorization: Bearer %s" \\\n' "$2" "$3" "$4"
        printf '                -H "Content-Type: application/ld+json" --data @docs/examples/shipping.json\n'
        printf '              %s-s %s/v1/events\n' "$2" "$3"
        ;;
    sharing) printf "  Try         %s-s '%s/v1/assets?text=camera'\n" "$2" "$3" ;;
    energy) printf "  Try         %s-s '%s/v1/slots?zone=1'\n" "$2" "$3" ;;
    esac
}

# show_screen READY_FILE...: what somebody needs who sees this for the first time.
show_screen() {
    local bold='' loud='' plain='' key url direct='' facts market
    # What somebody tries has to get past a proxy, too.
    [ -z "${http_proxy-}${all_proxy-}${ALL_PROXY-}" ] || direct="--noproxy '*' "
    [ ! -t 1 ] || bold=$'\033[1m' loud=$'\033[1;33m' plain=$'\033[0m'
    facts=$(jq -r '[.market, .url, .api_key] | @tsv' "$@")
    printf '\n%sThe LMM devnet is ready.%s\n\n' "$bold" "$plain"
    while IFS=$'\t' read -r market url _; do
        lacks_database "$url" || continue
        printf '  %sBut the database of the %s index is away: %s%s\n' "$loud" "$market" \
            "$(database_reason "$market")" "$plain"
        printf '  It is waited for. Captures are accepted; queries and /readyz say 503 until it comes.\n\n'
    done <<<"$facts"
    jq -r '"  chain id    \(.chain_id)\n  block time  \(.block_interval_ms) ms"' "$1"
    ((${#NAMES[@]} == 1)) || printf '  processes   %d that agree on this one chain; any one may end: ./run starts it again\n' ${#NAMES[@]}
    printf '  data        %s\n  index       %s\n\n' "$DATA" \
        "$(setting "$DATA" index | sed -e 's,//[^@/]*@,//…@,' -e 's/^embedded$/embedded SQLite/')"
    printf '  %sPUBLIC DEMO KEYS: everybody has them. Never use them on a chain of value.%s\n' \
        "$loud" "$plain"
    jq -r --argjson now "$(balances_now "$1")" '"  mnemonic    \(.mnemonic)\n",
        (.accounts[:8][] | [.role, .address, $now[.address] // "?", .path] | @tsv)' "$1" | awk -F '\t' 'NF == 1 { print; next } NF {
            printf "  %-10s  %s  %18s LMM  %s\n", $1, $2, $3, $4 }'
    jq -r '.accounts[8:] | map(.role) | select(length > 0)
        | "  … and, in devnet.json: " + join(", ")' "$1"
    while IFS=$'\t' read -r market url key; do
        printf '\n  %s%-11s %s/%s   API key %s\n' "$bold" "$market" "$url" "$plain" "$key"
        [ ! -f "build/web/$market/index.html" ] ||
            printf '  explorer    %s/#/explorer\n  API         %s/docs\n' "$url" "$url"
        [ "$market" != sharing ] || [ -z "$(lock_place)" ] ||
            printf '  a lock      %s (of the camera)\n' "$(lock_place)"
        show_try "$market" "curl $direct" "$url" "$key"
    done <<<"$facts"
    printf '\n  Stop:  %s      Start afresh:  %s      Log:  tail -f %s\n\n' \
        "$STOP_HINT" "$(reset_hint)" "$DATA/*.log"
}
