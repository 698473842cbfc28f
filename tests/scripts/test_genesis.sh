#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/genesis.md: keys, description, folder, and a server that starts from them. And what every mistake
# in a description is called. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval, or Markdown's
set -u
export no_proxy='*'
: "${srcdir:=.}"
folder=$(mktemp -d)
server=
stop() {
    [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
    server=
}
trap 'stop; rm -r "$folder"' EXIT

# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"
same() { [ "$1" = "$2" ] || { echo "$1 is not $2" && false; }; }

keys=$folder/keys.txt
./lmm genesis keys 4 --out "$keys" >"$folder/public.json"
is keys_are_the_owners_alone same "$(stat -c %a "$keys")" 600
is keys_are_never_written_over eval '! ./lmm genesis keys 4 --out "$keys" 2>/dev/null'
is there_are_nine_keys same "$(cut -d' ' -f1 "$keys" | sort | uniq -c | tr -s ' \n' ' ')" \
    ' 4 account 1 server 4 witness '

# Sealed, and never in the clear.
(umask 077 && echo 'open sesame' >"$folder/pass" && echo 'open' >"$folder/wrong")
sealed=$folder/factory.keys
./lmm genesis keys 4 --light --keystore "$sealed" --passphrase-file "$folder/pass" >"$folder/sealed.json"
names=$(./lmm keys list --keystore "$sealed" --passphrase-file "$folder/pass" --json | jq -r '[.[].name] | join(" ")')
is a_keystore_takes_them_too same "$names" \
    'account-001 account-002 account-003 account-004 server witness-001 witness-002 witness-003 witness-004'
is what_was_printed_is_in_it same "$(jq -r .server "$folder/sealed.json")" \
    "$(./lmm keys show server --keystore "$sealed" --passphrase-file "$folder/pass" --json | jq -r .address)"
is keys_in_it_are_never_replaced eval '! ./lmm genesis keys 1 --keystore "$sealed" --passphrase-file "$folder/pass"'
is it_has_room_for_all_witnesses_of_a_chain eval \
    './lmm genesis keys 101 --light --keystore "$folder/large" --passphrase-file "$folder/pass" >/dev/null'
is it_is_one_or_the_other eval '! ./lmm genesis keys 1' && is and_not_both eval \
    '! ./lmm genesis keys 1 --keystore "$folder/a" --out "$folder/b" --passphrase-file "$folder/pass"'

# The example of the documentation, with these keys.
sed -n '/^```json$/,/^```$/p' "$srcdir/docs/genesis.md" | sed '1d;$d' |
    jq --slurpfile public "$folder/public.json" \
        '.accounts[0].address = $public[0].server | .witnesses = $public[0].witnesses' \
        >"$folder/factory.json"
cp apps/supplychain/contract/supplychain.wasm "$folder"
made=$(./lmm genesis make "$folder/factory.json" --out "$folder/factory")
is the_supply_is_told eval '[[ $made == *"supply    1000000 LMM"* ]]'
chain_id=$(sed -n 's/^chain id  //p' <<<"$made")

./lmm genesis show "$folder/factory" >"$folder/factory/again.json"
./lmm genesis make "$folder/factory/again.json" --out "$folder/again" >/dev/null
is shown_and_made_again_it_is_the_same cmp "$folder/factory/genesis" "$folder/again/genesis"

# says TEXT FILTER: the description, changed by jq, is refused with these words.
says() {
    local said
    jq "$2" "$folder/factory.json" >"$folder/bad.json"
    if said=$(./lmm genesis make "$folder/bad.json" --out "$folder/bad" 2>&1) || [[ $said != *"$1"* ]]; then
        echo "said: $said"
        return 1
    fi
    [ ! -e "$folder/bad/genesis" ]
}
is unknown_members_are_named says 'there is no member "colour"' '.colour = 1'
is missing_members_are_named says 'the member "params" is missing' 'del(.params)'
is numbers_are_numbers says '/params/epoch_blocks: a whole number' '.params.epoch_blocks = "120"'
is numbers_are_not_negative says '/time_ms: a whole number' '.time_ms = -1'
is blocks_can_be_made says 'no block could be made' '.params.epoch_blocks = 1'
is switches_are_switches says '/params/allow_floats: true or false' '.params.allow_floats = 1'
is names_are_names says '/name: a name has' '.name = "Factory!"'
is addresses_are_addresses says '/accounts/0/address: "lmm1q" is not an address' '.accounts[0].address = "lmm1q"'
is balances_are_amounts says '/accounts/0/balance: "1,5" is not an amount' '.accounts[0].balance = "1,5"'
is the_supply_has_a_bound says 'more than a chain can begin with' '.accounts[0].balance = "46116860185"'
is accounts_stand_there_once says 'is there twice' '.accounts[1] = .accounts[0]'
is somebody_must_sign says '/witnesses: a chain needs a witness' '.witnesses = []'
is keys_are_keys says '/witnesses/1/key: a public key is 64' '.witnesses[1].key = "00"'
is witnesses_have_keys_of_their_own says 'two witnesses have this key' '.witnesses[1].key = .witnesses[0].key'
is contracts_have_names_of_their_own says 'two contracts have one name' '.contracts[1] = .contracts[0]'
is no_contract_leaves_the_folder says '/contracts/0/name: a name has' '.contracts[0].name = "../x"'
is modules_must_be_there says 'nowhere.wasm cannot be read' '.contracts[0].code = "nowhere.wasm"'
is arguments_are_bytes says '/contracts/0/arguments: bytes' '.contracts[0].arguments = "xy"'
is lists_have_bounds says '/witnesses: at most 101' '.witnesses = [range(102) | {}]'
echo '{"name": ' >"$folder/broken.json"
is what_is_no_json_is_named eval \
    './lmm genesis make "$folder/broken.json" --out "$folder/bad" 2>&1 | grep -q "broken.json, line"'

# start FOLDER KEYS [OPTION...]: its exit status, or 0 when it got ready.
start() {
    local data=$folder/data
    ./lmm-supplychain --data "$data" --listen 127.0.0.1:0 --genesis "$1" --keys "$2" "${@:3}" \
        2>"$folder/log" &
    server=$!
    for _ in $(seq 200); do
        [ "$(jq -r .pid "$data/ready.json" 2>/dev/null)" = $server ] && return 0
        kill -0 $server 2>/dev/null || { wait $server; local status=$?; server=; return $status; }
        sleep 0.05
    done
    return 99
}
ends_with() {
    local expected=$1 status=0
    shift
    start "$@" || status=$?
    stop
    same $status "$expected"
}
chmod 640 "$keys"
is keys_that_others_may_read_are_refused ends_with 2 "$folder/factory" "$keys"
is and_it_says_so grep -q "its owner's alone" "$folder/log"
chmod 600 "$keys"
grep -v ^server "$keys" >"$folder/few.txt" && chmod 600 "$folder/few.txt"
is a_server_needs_its_key ends_with 2 "$folder/factory" "$folder/few.txt" --keys-in-clear
sed 's/^server ./server x/' "$keys" >"$folder/few.txt"
is a_line_that_is_none_is_refused ends_with 2 "$folder/factory" "$folder/few.txt" --keys-in-clear
is and_it_names_the_line grep -q '"line":9' "$folder/log"
cp -r "$folder/factory" "$folder/other" && echo >>"$folder/other/supplychain.wasm"
is code_of_another_hash_is_refused ends_with 2 "$folder/other" "$keys" --keys-in-clear
is and_not_for_its_keys grep -q 'not sealed' "$folder/log"
jq '.contracts = []' "$folder/factory.json" >"$folder/none.json"
./lmm genesis make "$folder/none.json" --out "$folder/none" >/dev/null
is a_market_needs_its_contract ends_with 2 "$folder/none" "$keys" --keys-in-clear
rm -rf "$folder/data"

jq --slurpfile public "$folder/sealed.json" \
    '.accounts[0].address = $public[0].server | .witnesses = $public[0].witnesses' \
    "$folder/factory.json" >"$folder/mine.json"
./lmm genesis make "$folder/mine.json" --out "$folder/mine" >/dev/null
is sealed_keys_need_a_passphrase ends_with 2 "$folder/mine" "$sealed"
is and_it_says_which_file grep -q 'sealed, and there is no passphrase' "$folder/log"
is which_has_to_fit ends_with 2 "$folder/mine" "$sealed" --keys-passphrase "$folder/wrong"
is with_it_a_server_starts start "$folder/mine" "$sealed" --keys-passphrase "$folder/pass"
is and_signs_with_them same "$(curl -s "$(jq -r .url "$folder/data/ready.json")/v1/chain" | jq -r .witnesses)" 4
stop
exec 3< <(echo 'open sesame')
is a_pipe_may_hand_it_over start "$folder/mine" "$sealed" --keys-passphrase /dev/fd/3
exec 3<&-
is nothing_warns_of_it eval '! grep -q "not sealed" "$folder/log"'
stop
rm -rf "$folder/data"

is keys_in_the_clear_are_refused ends_with 2 "$folder/factory" "$keys"
is and_it_says_how_to_seal_them grep -q 'clear: seal them with `lmm genesis keys --keystore`' "$folder/log"
is a_check_says_so_too eval './lmm-supplychain --check-config --data "$folder/data" --genesis "$folder/factory" \
    --keys "$keys" 2>&1 | grep -q "^--keys: the keys lie in the clear: seal them with"'
is a_server_starts_from_it_when_told_so start "$folder/factory" "$keys" --keys-in-clear
is it_warns_of_keys_in_the_clear grep -q 'not sealed' "$folder/log"
url=$(jq -r .url "$folder/data/ready.json")
is it_is_that_chain same "$(curl -sf "$url/v1/chain" | jq -r .chain_id)" "$chain_id"
address=$(jq -r .server "$folder/public.json")
is the_account_has_what_was_written same \
    "$(./lmm balance "$address" --url "$url" --devnet "$folder/data/ready.json" | head -n 1)" "1000000 LMM"
is nobody_is_given_money same "$(curl -s "$url/v1/faucet" -H 'Content-Type: application/json' \
    --data "{\"address\": \"$address\"}" | jq -r .code)" not_a_devnet
is nobody_moves_its_time same "$(curl -s "$url/v1/devnet/warp" -H 'Content-Type: application/json' \
    --data '{"seconds": 1}' | jq -r .code)" not_a_devnet
is nobody_is_told_keys same "$(curl -s -o /dev/null -w '%{http_code}' "$url/v1/devnet")" 404
api_key=$(jq -r .api_key "$folder/data/ready.json")
job=$(curl -sf -o /dev/null -D - "$url/capture" -H "Authorization: Bearer $api_key" \
    -H 'Content-Type: application/json' --data @"$srcdir/docs/examples/shipping.json" |
    tr -d '\r' | sed -n 's/^Location: //p')
for _ in $(seq 100); do
    state=$(curl -sf "$url$job")
    [ "$(jq -r .running <<<"$state")" = true ] || break
    sleep 0.1
done
is a_capture_becomes_final same "$(jq -r .success <<<"$state")" true
stop
jq '.name = "mill"' "$folder/factory.json" >"$folder/mill.json"
./lmm genesis make "$folder/mill.json" --out "$folder/mill" >/dev/null
is the_data_belongs_to_one_chain ends_with 5 "$folder/mill" "$keys" --keys-in-clear
is and_opens_for_it_again start "$folder/factory" "$keys" --keys-in-clear
stop

# Sealed as the documentation has it, they are the same keys.
mkdir "$folder/sealing" && cp "$folder/pass" "$folder/sealing"
(umask 077 && { cat "$keys" && printf 'signer mill %064d\n' 7; } >"$folder/sealing/keys.txt")
sed -n '/^```bash$/,/^```$/p' "$srcdir/docs/genesis.md" | sed '1d;$d' >"$folder/sealing/script"
# A keystore that costs little is there already.
./lmm keys new signer-first --light --keystore "$folder/sealing/factory.keys" --passphrase-file "$folder/pass" \
    >/dev/null 2>&1
is keys_in_use_can_be_sealed eval \
    '(PATH=$PWD:$PATH && cd "$folder/sealing" && bash -eu script >/dev/null)'
is and_no_copy_stays_in_the_clear test ! -e "$folder/sealing/keys.txt"
is an_account_by_name_among_them eval './lmm keys show signer-mill --keystore "$folder/sealing/factory.keys" \
    --passphrase-file "$folder/pass" >/dev/null'
is and_the_server_goes_on_with_them start "$folder/factory" "$folder/sealing/factory.keys" \
    --keys-passphrase "$folder/pass"
stop
grep -v '^witness' "$keys" >"$folder/few.txt"
is too_few_witnesses_make_no_blocks ends_with 1 "$folder/factory" "$folder/few.txt" --keys-in-clear
is and_it_says_how_many grep -q 'too few witness keys' "$folder/log"

# Where state is dear, a transfer to somebody new covers the deposit of the account that it makes.
export LMM_PASSPHRASE=secret
rich=$(./lmm keys new --light --keystore "$folder/rich" --json 2>/dev/null | jq -r .address)
fresh=$(./lmm keys new --light --keystore "$folder/fresh" --json 2>/dev/null | jq -r .address)
jq --arg rich "$rich" '.params.deposit_per_byte = 100000 | .accounts += [{address: $rich, balance: "10"}]' \
    "$folder/factory.json" >"$folder/dear.json"
./lmm genesis make "$folder/dear.json" --out "$folder/dear" >/dev/null
rm -rf "$folder/data"
is state_may_be_dear start "$folder/dear" "$keys" --keys-in-clear
url=$(jq -r .url "$folder/data/ready.json")
is a_transfer_covers_a_new_account ./lmm transfer 0 "$fresh" 1.5 --wait --url "$url" \
    --keystore "$folder/rich" >/dev/null
is and_its_owner_has_all_of_it same "$(./lmm balance "$fresh" --url "$url" | head -n 1)" "1.5 LMM"
stop

close_cases
