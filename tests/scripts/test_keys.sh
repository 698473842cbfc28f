#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The keystore of `lmm`: what it keeps, how it is opened, what never happens by mistake. Run in the
# build root by `make check`.
# shellcheck disable=SC2016 # expanded by eval
set -u
: "${srcdir:=.}"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
# shellcheck source=tests/scripts/cases.sh
. "$srcdir/tests/scripts/cases.sh"
unset "${!LMM_@}"
export HOME=$folder
program=$PWD/lmm
cd "$folder" || exit 1

out='' complaint='' status=0
tell() { printf 'status %d\n%s\n%s\n' "$status" "$out" "$complaint"; }
# lmm STATUS ARGUMENT...: with the keystore's passphrase; leaves what it printed in `out`, and its
# errors in `complaint`.
lmm() {
    local expected=$1
    shift
    status=0
    out=$("$program" "$@" --passphrase-file phrase 2>complaint </dev/null) || status=$?
    complaint=$(<complaint)
    [ "$status" -eq "$expected" ]
}
prints_like() { [[ $out =~ ^$1$ ]]; }
complains() { [[ $complaint == *"$1"* ]]; }
same() { [ "$1" = "$2" ]; }
(umask 077 && echo 'a passphrase' >phrase)

# The seed of RFC 8032's first test, and its public key.
seed=9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60
key=d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a
printf '%s\n' $seed >seed.txt
address='lmm1[0-9a-z]{58}'

# cost_of FILE: passes and KiB that opening it takes, behind magic and version.
cost_of() { od -An -tu4 -j 9 -N 8 "$1" | xargs; }
# Light, or stretching would be most of the work here.
is a_key_with_a_name_is_imported lmm 0 keys import cold --from seed.txt --light --json
is and_is_that_key prints_like "\{\"name\": \"cold\", \"address\": \"$address\", \"public_key\": \"$key\"\}"
cold=$out
is the_file_is_its_owner_s_alone same "$(stat -c %a .lmm/keystore .lmm | tr '\n' ' ')" '600 700 '
is and_sealed eval '! grep -qa cold .lmm/keystore'
is for_a_small_machine same "$(cost_of .lmm/keystore)" '2 65536'
is which_is_decided_once lmm 1 keys new more --light
is and_that_is_told complains 'is there already: --light is for a new one'
is it_is_shown_again lmm 0 keys show cold --json
is as_it_was same "$out" "$cold"
is a_name_is_taken_once lmm 1 keys import cold --from seed.txt
is and_it_says_so complains 'there is such a key already'
is a_key_is_made lmm 0 keys new warm
is the_keystore_stays_light same "$(cost_of .lmm/keystore)" '2 65536'
is words_come_beside_them lmm 0 keys new
words=$(sed -n '2s/^ *//p' <<<"$complaint")
is twelve_of_them same "$(wc -w <<<"$words")" 12
is which_others_do_not_replace lmm 1 keys new
is and_says_that_they_are_there complains 'has words already, which are not replaced'
is all_are_listed lmm 0 keys list --json
is by_number_and_name same "$(grep -o '"name": "[^"]*"' <<<"$out" | cut -d'"' -f4 | tr '\n' ' ')" \
    '0 1 2 3 4 5 6 7 8 9 cold warm '

for name in 0 12 lmm1x Cold 'a b' '' "$(printf 'x%.0s' {1..33})"; do
    is "no_key_is_called_${name:-nothing}" lmm 2 keys new "$name"
done
for bad in '' "${seed}0" "${seed%?}" "${seed%?}g"; do
    printf '%s\n' "$bad" >bad.txt
    is "no_key_is_$bad" eval '! lmm 0 keys import other --from bad.txt'
done
is of_no_file_either lmm 2 keys import other --from nowhere.txt

is a_key_takes_another_name lmm 0 keys rename warm hot
is there_is_no_other_of_that_name lmm 1 keys rename hot cold
is nor_is_it_called_words lmm 2 keys rename hot words
is nor_one_of_the_old_name lmm 1 keys show warm

is nothing_is_shown_without_consent lmm 1 keys export cold
is not_a_digit_of_it same "$out" ''
is with_it_the_key_is_shown lmm 0 keys export cold --yes
is as_it_came_in same "$out" $seed
is the_words_too lmm 0 keys export --yes
is as_they_were_told same "$out" "$words"
is into_a_file lmm 0 keys export cold --yes --out copy.txt
is of_its_owner_s same "$(stat -c %a copy.txt) $(cat copy.txt)" "600 $seed"
is which_is_not_replaced lmm 1 keys export --yes --out copy.txt
is a_full_disk_is_told_of eval '! "$program" keys export cold --yes --passphrase-file phrase 2>complaint >/dev/full'
is what_is_not_there_is_not_exported lmm 1 keys export nobody --yes

cp .lmm/keystore before
is nothing_is_deleted_without_consent lmm 1 keys delete cold
is not_even_a_bit cmp before .lmm/keystore
is with_it_the_key_is_gone lmm 0 keys delete cold --yes --json
is and_it_says_which same "$out" '{"deleted": "cold"}'
is for_good lmm 1 keys show cold
is it_cannot_go_twice lmm 1 keys delete cold --yes
is the_words_go_as_well lmm 0 keys delete words --yes
is with_their_accounts lmm 1 keys show 0
is words_come_in_again eval 'printf "%s\n" "$words" >words.txt && lmm 0 keys import --from words.txt'

# How it is opened.
chmod 640 phrase
is a_passphrase_that_others_may_read_is_refused lmm 1 keys list
is and_it_says_why complains "its owner's alone"
chmod 600 phrase
is a_passphrase_comes_by_an_open_file same "$("$program" keys show hot --passphrase-fd 7 7<phrase)" \
    "$("$program" keys show hot --passphrase-file phrase)"
is or_by_a_pipe eval '"$program" keys show hot --passphrase-fd 7 7< <(cat phrase) >out.txt'
is of_a_file_that_is_open eval '! "$program" keys show hot --passphrase-fd 9 2>complaint'
is or_by_the_environment env LMM_PASSPHRASE='a passphrase' "$program" keys show hot >out.txt
is a_file_goes_before_it env LMM_PASSPHRASE=wrong "$program" keys show hot --passphrase-file phrase >out.txt
is or_on_standard_input eval '"$program" keys show hot <phrase >out.txt'
is not_from_two_places lmm 1 keys show hot --passphrase-fd 0
(umask 077 && echo wrong >other)
is another_does_not_open_it eval '! "$program" keys list --passphrase-file other 2>complaint'
is and_is_told grep -q 'the passphrase does not fit' complaint
: >other
is none_makes_no_keystore eval '! "$program" keys new --keystore new --passphrase-file other 2>complaint'
is not_a_file test ! -e new
# Key and passphrase on standard input, a line each.
is both_come_on_standard_input eval \
    'printf "%s\n%s\n" "$words" "a passphrase" | "$program" keys import --keystore both >out.txt 2>complaint'
is unless_told_otherwise_it_is_strong same "$(cost_of both)" '3 262144'
is it_is_the_same_key eval 'lmm 0 keys show 0 && same "$out" "$(cat out.txt)"'

# Some at once: each is kept.
for i in 1 2 3 4; do "$program" keys new "many-$i" --passphrase-file phrase >/dev/null & done
wait
is who_come_at_once_wait_for_one_another lmm 0 keys list
is and_all_are_kept same "$(grep -c '^many-' <<<"$out")" 4

close_cases
