// SPDX-License-Identifier: Apache-2.0
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/ballot.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/stream.h"
#include "chaincore/ledger/snapshot.h"
#include "tests/vectors/golden_chain.h"

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
        {"votes for one candidate", 33 + 20 + 48 + DEPOSIT_ENTRY_BYTES},
        {"each further candidate", 48},
        {"a ballot", BALLOT_BYTES},
        {"a contract, beside its code", CONTRACT_BYTES},
        {"an entry of a contract's storage, beside its own key and value", DEPOSIT_ENTRY_BYTES},
        {"a timer, beside its value", DEPOSIT_ENTRY_BYTES},
    };
    ENSURE(account_authority_bytes(1) == 8 + 34 && account_authority_bytes(2) == 8 + 2 * 34);
    ENSURE(votes_bytes(1) == 33 + 20 + 48 + DEPOSIT_ENTRY_BYTES &&
           votes_bytes(2) == votes_bytes(1) + 48);
    golden_begin("deposits");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        printf("| %s | %llu |\n", rows[i].what, (unsigned long long)rows[i].bytes);
}

static const char *const KINDS[] = {
    [STATE_ACCOUNT] = "account",     [STATE_CONTRACT] = "contract",
    [STATE_STORAGE] = "storage",     [STATE_CODE] = "code",
    [STATE_CHAIN] = "chain",         [STATE_ENC_KEY] = "older enc_key",
    [STATE_STAKE] = "stake",         [STATE_CANDIDATE] = "candidate",
    [STATE_VOTES] = "votes",         [STATE_CONSENSUS_KEY] = "consensus key",
    [STATE_LANE] = "lane",           [STATE_STREAM] = "stream",
    [STATE_WITNESSES] = "witnesses", [STATE_BALLOT] = "ballot",
    [STATE_APPROVED] = "approved",   [STATE_EPOCH_END] = "epoch end",
    [STATE_TIMER] = "timer",         [STATE_CODE_USERS] = "code users",
};

static void show_entry(struct bytes key, struct bytes value) {
    if (key.data[0] == STATE_CHAIN)
        printf("chain, %.*s, key", (int)key.len - 1, (const char *)key.data + 1);
    else
        printf("%s, key", KINDS[key.data[0]]);
    golden_hex("", key);
    golden_hex("value", value);
}

// Every entry, in order, and what they add up to.
static void show_state(const struct state_version *version) {
    const struct state_view *view = state_version_view(version);
    struct bytes key = bytes_of("", 0), value;
    while (state_next(view, bytes_of("", 0), key, &key, &value)) show_entry(key, value);
    golden_hash("state_root", state_root(version));
}

static void show_genesis(const struct golden_chain *chain) {
    struct buf encoded = {0};
    struct hash id;
    golden_begin("genesis");
    golden_hex("genesis", buf_bytes(&chain->genesis_bytes));
    genesis_head_encode(&encoded, &chain->genesis);
    golden_buf("head", &encoded);
    golden_hash("chain id", &chain->chain_id);
    golden_begin("genesis-state");
    show_state(chain->versions[0]);
    header_encode(&encoded, &chain->genesis_header);
    golden_buf("header of height 0", &encoded);
    header_id(&id, &chain->genesis_header);
    golden_hash("id", &id);
    buf_clear(&encoded);
}

static void show_proofs(const struct golden_chain *chain) {
    struct state_version *version = chain->versions[GOLDEN_BLOCKS];
    struct state_key key;
    struct account_id id;
    struct buf proof = {0};
    state_key_make(&key, STATE_ACCOUNT, &chain->genesis.accounts[0].id, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    golden_buf("proof of the first account", &proof);
    account_id_of_system_contract(&id, "supplychain");
    state_key_make(&key, STATE_ACCOUNT, &id, bytes_of("", 0));
    state_prove(version, state_key_bytes(&key), &proof);
    golden_buf("proof that `supplychain` has no account", &proof);
    buf_clear(&proof);
}

void golden_chain(void) {
    struct golden_chain chain;
    golden_chain_make(&chain);
    show_genesis(&chain);
    golden_begin("blocks");
    for (size_t i = 0; i < GOLDEN_BLOCKS; i++) {
        golden_hex(i == 0 ? "block 1" : "block 2", buf_bytes(&chain.blocks[i].encoded));
        golden_hash("id", &chain.blocks[i].id);
    }
    golden_begin("state");
    show_state(chain.versions[GOLDEN_BLOCKS]);
    show_proofs(&chain);
    golden_chain_clear(&chain);
}

// No transaction can schedule a change yet.
void golden_params_next(void) {
    struct params params = {.block_interval_ms = 500, .epoch_blocks = 120, .block_gas_limit = 100};
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    struct state_key key;
    struct bytes value;
    parameters_store(draft, &params);
    params.block_gas_limit = 200;
    ENSURE(parameters_schedule(draft, 3, &params) == STATUS_OK);
    state_key_of_chain(&key, "params-next");
    ENSURE(state_get(state_draft_view(draft), state_key_bytes(&key), &value));
    golden_begin("params-next");
    show_entry(state_key_bytes(&key), value);
    state_draft_drop(draft);
    state_version_unref(empty);
    state_free(state);
}

void golden_bounds(void) {
    const struct vm_limits *limits = &vm_limits_protocol;
    const struct {
        const char *of;
        uint32_t most;
    } bounds[] = {
        {"bytes of a module", limits->code_bytes},
        {"bytes of a function's body", limits->body_bytes},
        {"types", limits->types},
        {"functions, imported ones included", limits->functions},
        {"exports", limits->exports},
        {"globals, imported ones included", limits->globals},
        {"data segments, and element segments", limits->segments},
        {"entries of the table", limits->table_entries},
        {"pages of memory", limits->memory_pages},
        {"nesting of blocks in a function", limits->nesting},
        {"parameters, or results, of a function or block", limits->values},
        {"locals of a function, its parameters included", limits->locals},
        {"targets of a br_table", limits->branch_table},
        {"slots of a function's frame", limits->frame_slots},
        {"functions that have called one another", limits->call_depth},
        {"slots of all their frames", limits->stack_slots},
    };
    golden_begin("vm-bounds");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        printf("| %s | %" PRIu32 " |\n", bounds[i].of, bounds[i].most);
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
    struct public_key key;
    char folder[] = "/tmp/lmm-golden-XXXXXX", path[64];
    static const char *const keys[] = {"north", "east", "south", "west"};
    for (size_t i = 0; i < 4; i++)
        state_put(draft, bytes_of_string(keys[i]), bytes_of_string(keys[i]));
    struct state_version *version = state_commit(draft, 3);
    struct cut cut = {.header = {.version = HEADER_VERSION, .height = 3}, .below.count = 3};
    cut.header.state_root = *state_root(version);
    golden_fill(&key, sizeof key, 0x30);
    golden_fill(&cut.below.peaks[0], 32, 0x10);
    golden_fill(&cut.below.peaks[1], 32, 0x20);
    history_peaks_root(&cut.header.history_root, &cut.below);
    struct snapshot_source source = {.version = version,
                                     .cut = &cut,
                                     .certificate = bytes_of_string("certificate"),
                                     .set = BYTES_OF(key),
                                     .piece_bytes = 40};
    ENSURE(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/snapshot", folder);
    ENSURE(snapshot_write(&source, path) == STATUS_OK);
    ENSURE(snapshot_read_manifest(&manifest, path) == STATUS_OK);
    golden_begin("snapshot");
    golden_hex("manifest, with `certificate` for a certificate, key 30 31…, no hand-overs",
               buf_bytes(&manifest));
    cut_encode(&encoded, &cut);
    size_t front = 1 + 4 + encoded.len + 4 + source.certificate.len + 4 + sizeof key + 4;
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
