// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/stream.h"
#include "chaincore/ledger/snapshot.h"
#include "tests/vectors/golden.h"

static void show_entry(const struct state_view *view, const char *label, enum state_space space,
                       const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    state_key_make(&key, space, id, bytes_of("", 0));
    ENSURE(state_get(view, state_key_bytes(&key), &value));
    printf("%s, key:", label);
    golden_hex("", state_key_bytes(&key));
    golden_hex("value", value);
}

void golden_deposits(void) {
    static const struct {
        const char *what;
        uint64_t bytes;
    } rows[] = {
        {"an account", ACCOUNT_BYTES},
        {"an authority of one key", 8 + 34},
        {"each further key of it", 34},
        {"an encryption key", ACCOUNT_ENC_KEY_BYTES},
        {"an older encryption key", ACCOUNT_OLD_ENC_KEY_BYTES},
        {"a lane", LANE_BYTES},
        {"a row of envelopes", STREAM_BYTES},
        {"stake", STAKE_BYTES},
        {"a candidate", CANDIDATE_BYTES},
        {"votes for one candidate", 33 + 4 + 32 + DEPOSIT_ENTRY_BYTES},
        {"each further candidate", 32},
        {"a contract, beside its code", CONTRACT_BYTES},
        {"an entry of a contract's storage, beside its own key and value", DEPOSIT_ENTRY_BYTES},
        {"a timer, beside its value", DEPOSIT_ENTRY_BYTES},
    };
    ENSURE(account_authority_bytes(1) == 8 + 34 && account_authority_bytes(2) == 8 + 2 * 34);
    ENSURE(votes_bytes(1) == 33 + 4 + 32 + DEPOSIT_ENTRY_BYTES &&
           votes_bytes(2) == votes_bytes(1) + 32);
    golden_begin("deposits");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf("| %s | %llu |\n", rows[i].what, (unsigned long long)rows[i].bytes);
}

void golden_state(void) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct apply_block block = {
        .draft = draft, .height = 9, .time_ms = 1000, .params = {.deposit_per_byte = 10}};
    struct account_id id, contract;
    struct run_tx run = {.block = &block, .payer = &id, .deposit_left = amount_of_units(10000)};
    struct account account = {
        .balance = amount_of_units(10000),
        .next_seq = 2,
        .epoch_start = amount_of_units(11000),
        .deposit = {.bytes = ACCOUNT_BYTES + ACCOUNT_ENC_KEY_BYTES,
                    .amount = amount_of_units(10 * (ACCOUNT_BYTES + ACCOUNT_ENC_KEY_BYTES))}};
    struct votes votes = {.count = 1};
    account_id_of_key(&id, &golden_public);
    account_id_of_system_contract(&contract, "supplychain");
    account_next_enc_key(draft, &id, &account, golden_public.bytes);
    ENSURE(stake_lock(&run, &id, amount_of_units(500)) == TX_CODE_OK);
    ENSURE(stake_unlock(&run, &id, amount_of_units(200)) == TX_CODE_OK);
    struct candidate candidate = {.is_active = true, .commission = 1000, .votes = 600, .gain = 50};
    golden_fill(&candidate.key, 32, 6);
    candidate_store(draft, &id, &candidate);
    votes.candidates[0] = id;
    ENSURE(stake_vote(&run, &id, &votes) == TX_CODE_OK);
    struct contract_record record = {.right = {.kind = UPGRADE_BY_WITNESSES},
                                     .deposit = {.bytes = 300, .amount = amount_of_units(3000)}};
    golden_fill(&record.code_hash, 32, 7);
    contract_store(draft, &contract, &record);
    struct state_version *version = state_commit(draft, 1);
    const struct state_view *view = state_version_view(version);
    golden_begin("state");
    show_entry(view, "account", STATE_ACCOUNT, &id);
    show_entry(view, "stake", STATE_STAKE, &id);
    show_entry(view, "candidate", STATE_CANDIDATE, &id);
    show_entry(view, "votes", STATE_VOTES, &id);
    show_entry(view, "contract", STATE_CONTRACT, &contract);
    golden_hash("state_root over these five", state_root(version));
    struct state_key key;
    struct buf proof = {0};
    state_key_make(&key, STATE_ACCOUNT, &id, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    golden_buf("proof of the account", &proof);
    state_key_make(&key, STATE_ACCOUNT, &contract, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    golden_buf("proof that `supplychain` has no account", &proof);
    buf_clear(&proof);
    state_version_unref(version);
    state_version_unref(empty);
    state_free(state);
}

// Parameters and results as the machine writes them: i is i32, I is i64.
void golden_host(void) {
    const struct vm_import_table *table = host_imports();
    golden_begin("host");
    for (size_t i = 0; i < table->count; i++) {
        const struct vm_host_function *function = &table->functions[i];
        printf("%s.%s(%s)%s%s\n", table->module, function->name, function->parameters,
               *function->result ? " -> " : "", function->result);
    }
}

// Four entries whose values are their keys, in pieces of at most forty bytes.
void golden_snapshot(void) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct buf manifest = {0}, piece = {0}, encoded = {0};
    char folder[] = "/tmp/lmm-golden-XXXXXX", path[64];
    static const char *const keys[] = {"north", "east", "south", "west"};
    for (size_t i = 0; i < 4; i++)
        state_put(draft, bytes_of_string(keys[i]), bytes_of_string(keys[i]));
    struct state_version *version = state_commit(draft, 3);
    struct cut cut = {.header = {.version = HEADER_VERSION, .height = 3}, .below.count = 3};
    cut.header.state_root = *state_root(version);
    golden_fill(&cut.below.peaks[0], 32, 0x10);
    golden_fill(&cut.below.peaks[1], 32, 0x20);
    history_peaks_root(&cut.header.history_root, &cut.below);
    struct snapshot_source source = {.version = version,
                                     .cut = &cut,
                                     .certificate = bytes_of_string("certificate"),
                                     .piece_bytes = 40};
    ENSURE(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/snapshot", folder);
    ENSURE(snapshot_write(&source, path) == STATUS_OK);
    ENSURE(snapshot_read_manifest(&manifest, path) == STATUS_OK);
    golden_begin("snapshot");
    cut_encode(&encoded, &cut);
    size_t front = 1 + 4 + encoded.len + 4 + source.certificate.len;
    golden_buf("cut at height 3, peaks 10 11… and 20 21…", &encoded);
    struct buf top = {0};
    buf_append(&top, bytes_of(manifest.data + front, manifest.len - front));
    golden_buf("top of the tree of north, east, south and west", &top);
    for (uint32_t i = 0; snapshot_read_piece(&piece, path, i) == STATUS_OK; i++) {
        golden_buf("piece", &piece);
        buf_reset(&piece);
    }
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    buf_clear(&manifest);
    buf_clear(&piece);
    buf_clear(&encoded);
    buf_clear(&top);
    state_version_unref(version);
    state_version_unref(empty);
    state_free(state);
}
