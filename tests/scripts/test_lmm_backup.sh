#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A server's folder is copied while it works, put back, and goes on; and damage is found wherever it
# is. Run in the build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -euo pipefail
export LC_ALL=C.UTF-8
source=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
build=$PWD
# shellcheck source=tests/scripts/lmm_cases.sh
. "$source/tests/scripts/lmm_cases.sh"

# A chain of quick blocks and short epochs, so that there are checkpoints; alice is as on the devnet.
end_server
mv devnet.json devnet.old
"$lmm" genesis keys 4 --out keys.txt >public.json
alice=$(jq -r '.accounts[] | select(.role == "alice").address' devnet.old)
sed -n '/^```json$/,/^```$/p' "$source/docs/genesis.md" | sed '1d;$d' |
    jq --slurpfile public public.json --arg alice "$alice" '.accounts[0].address = $public[0].server
        | .accounts += [{address: $alice, balance: "1000"}] | .witnesses = $public[0].witnesses
        | .params.block_interval_ms = 20 | .params.epoch_blocks = 10' >chain.json
cp "$build/apps/supplychain/contract/supplychain.wasm" .
"$lmm" genesis make chain.json --out genesis >/dev/null
rm -rf data
# begin FOLDER: the server works on it, and devnet.json tells alice's key and where it is.
begin() {
    rm -rf data && mv "$1" data
    begin_server --genesis genesis --keys keys.txt --keys-in-clear
    jq --arg url "$(jq -r .url data/ready.json)" '.servers.supplychain.url = $url' devnet.old >devnet.json
}
mkdir empty && begin empty
bob=$(jq -r '.accounts[] | select(.role == "bob").address' devnet.old)
for _ in {1..30}; do "$lmm" transfer alice "$bob" 1 --wait >/dev/null; done
is a_transaction_is_final lmm 0 transfer alice "$bob" 1 --wait --json
tx=$out id=$(shown .id)

# As a witness keeps it until the chain has punished: what it is does not count here.
(umask 077 && head -c 212 /dev/zero >data/chain/evidence)

# While more of them come.
(while "$lmm" transfer alice "$bob" 0.5 >/dev/null 2>&1; do :; done) &
load=$!
for i in 1 2 3 4 5; do
    is "copies_while_it_works_$i" lmm 0 backup data "backup-$i" --json
done
{ kill $load && wait $load; } 2>/dev/null || true
is with_blocks_and_a_state test "$(shown '.first == 1 and .height > 30 and .state_height >= 10')" = true
is under_sums_that_others_read eval '(cd backup-5 && sha256sum --quiet -c SHA256SUMS)'
is for_its_owner_alone test -z "$(find backup-5 -perm /077)"
is with_all_that_is_the_server_s_own test "$(cd backup-5 && echo ./*.db api-key)" = \
    "$(cd data && echo ./*.db api-key | sed 's, ./index.db,,')"
is with_evidence_that_waits cmp -s backup-5/chain/evidence data/chain/evidence
is a_folder_that_is_there_stays lmm 1 backup data backup-5
is and_is_not_written_to lmm 0 verify backup-5 --json
told=$out
is a_backup_verifies_again_and_again eval 'lmm 0 verify backup-5 --json && [ "$out" = "$told" ]'
is a_server_s_folder_is_not_looked_at_meanwhile lmm 1 verify data
is and_it_says_who_has_it complains 'a node has'
end_server
is but_when_it_is_stopped lmm 0 verify data --json
is with_all_blocks test "$(shown .height)" -ge "$(jq .height <<<"$told")"

# Back again.
is is_put_back lmm 0 restore backup-5 back --json
is all_of_it test "$(shown .files)" = "$(wc -l <backup-5/SHA256SUMS)"
is the_same_state lmm 0 verify back --json
is to_the_root test "$out" = "$told"
is not_over_another lmm 1 restore backup-5 back
cp -r backup-5 other.new
is not_where_something_stands lmm 1 restore other.new other
is which_is_named complains 'other.new is in the way'
is and_nothing_is_lost lmm 0 verify other.new
is nor_for_a_backup lmm 1 backup other.new other
is and_nothing_is_lost_either lmm 0 verify other.new
begin back
is a_server_goes_on_from_it lmm 0 tx "$id" --json
is and_knows_what_was_final prints "$tx"
is it_makes_blocks lmm 0 transfer alice "$bob" 1 --wait
end_server
is of_the_same_chain lmm 0 verify data --json
is on_top_of_the_same_blocks test "$(shown .height)" -gt "$(jq .height <<<"$told")"

# Damage.
bad() { rm -rf bad && cp -r backup-5 bad; }
while read -r _ path; do
    [ -s "backup-5/$path" ] || continue
    bad
    flip "bad/$path" $(($(stat -c %s "bad/$path") / 2))
    is "a_changed_byte_is_found_in_$path" lmm 1 verify bad
    is "and_named_in_$path" complains "$path"
    is "nor_is_$path _put_back" lmm 1 restore bad worse
    is "of_$path _nothing_is_left" eval '[ ! -e worse ] && [ ! -e worse.new ]'
done <backup-5/SHA256SUMS
bad && rm bad/chain/genesis
is a_file_that_is_missing_is_found lmm 1 verify bad
bad && echo >bad/more
is a_file_too_many_is_found lmm 1 verify bad
bad && sed -i '$d' bad/SHA256SUMS
is a_list_that_is_cut_is_found lmm 1 verify bad
is without_a_list_nothing_is_put_back lmm 1 restore data worse
is and_it_says_so complains 'there is no backup here'
bad && sed -i "1s,  .*,  ../escaped," bad/SHA256SUMS
is no_path_leads_out lmm 1 restore bad worse
is and_nothing_is_there test ! -e escaped

# Without sums the chain's own bind it.
log=chain/blocks/000000000001.log
for part in 4 2 1; do
    rm -rf bad && cp -r data bad
    flip "bad/$log" $(($(stat -c %s "bad/$log") * (part - 1) / part / 1 / 2 + 100))
    is "a_changed_block_is_found_$part" lmm 1 verify bad
    is "and_is_told_$part" complains 'not verified: '
done
rm -rf bad && cp -r data bad
certificates=(bad/chain/certificates/*.log)
flip "${certificates[0]}" 300
is a_changed_certificate_is_found lmm 1 verify bad
rm -rf bad && cp -r data bad && rm -r bad/chain/certificates
is certificates_that_are_gone_are_missed lmm 1 verify bad
rm -rf bad && cp -r data bad && cp genesis/genesis bad/chain/genesis && flip bad/chain/genesis 40
is another_genesis_is_another_chain lmm 1 verify bad
is nowhere_is_nothing lmm 1 backup nowhere backup-6
is and_leaves_nothing eval '[ ! -e backup-6 ] && [ ! -e backup-6.new ]'

close_cases
