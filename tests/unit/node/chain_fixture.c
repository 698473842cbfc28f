// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/node/chain_fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/contract/stake.h"
#include "tests/support/unit.h"

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void make_genesis(struct fixture *fixture, const struct fixture_contract *given) {
    struct genesis_account accounts[FIXTURE_ACCOUNTS];
    struct genesis_witness witnesses[FIXTURE_WITNESSES];
    struct genesis_contract contract = {.name = bytes_of_string(given->name),
                                        .arguments = given->arguments};
    hash_bytes(&contract.code_hash, HASH_CODE, buf_bytes(&fixture->contract_code));
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) {
        accounts[i].id = fixture->ids[i];
        ck_assert_int_eq(amount_parse(&accounts[i].balance, "1000"), STATUS_OK);
    }
    qsort(accounts, FIXTURE_ACCOUNTS, sizeof *accounts, compare_accounts);
    for (int i = 0; i < FIXTURE_WITNESSES; i++) {
        key_public_of(&witnesses[i].key, &fixture->witnesses[i]);
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    struct genesis genesis = {.name = bytes_of_string("test"),
                              .time_ms = 1000,
                              .params = {.block_interval_ms = fixture->block_interval_ms,
                                         .epoch_blocks = 120,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = FIXTURE_WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = FIXTURE_ACCOUNTS,
                              .accounts = accounts,
                              .witness_count = FIXTURE_WITNESSES,
                              .witnesses = witnesses,
                              .contract_count = 1,
                              .contracts = &contract};
    genesis_encode(&fixture->genesis, &genesis);
}

static void init(struct fixture *fixture, const struct fixture_contract *contract,
                 uint32_t block_interval_ms) {
    *fixture = (struct fixture){.block_interval_ms = block_interval_ms,
                                .witness_key_count = FIXTURE_WITNESSES};
    test_folder(fixture->folder, "node");
    assert_ok(file_read(&fixture->contract_code, contract->path, 1 << 20));
    for (int i = 0; i < FIXTURE_KEYS; i++) {
        uint8_t seed[32] = {1, (uint8_t)i};
        struct public_key key;
        key_from_seed(&fixture->witnesses[i], &key, seed);
    }
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) {
        uint8_t seed[32] = {2, (uint8_t)i};
        struct public_key key;
        key_from_seed(&fixture->keys[i], &key, seed);
        account_id_of_key(&fixture->ids[i], &key);
    }
    account_id_of_system_contract(&fixture->contract, contract->name);
    make_genesis(fixture, contract);
}

void fixture_init(struct fixture *fixture, const struct fixture_contract *contract) {
    init(fixture, contract, 1);
}

void fixture_init_slow(struct fixture *fixture, uint32_t block_interval_ms) {
    uint64_t start = 5;
    struct fixture_contract contract = {
        .name = "counter", .path = "tests/support/counter.wasm", .arguments = BYTES_OF(start)};
    init(fixture, &contract, block_interval_ms);
}

void fixture_init_counter(struct fixture *fixture) { fixture_init_slow(fixture, 1); }

struct changed_params {
    uint32_t epoch_blocks;  // 0: as it is
    uint16_t min_witnesses; // likewise
    bool makes_empty_blocks;
};

static void set_params(struct fixture *fixture, const struct changed_params *params) {
    struct arena arena = {0};
    struct genesis genesis;
    struct buf changed = {0};
    assert_ok(genesis_decode(&genesis, &arena, buf_bytes(&fixture->genesis)));
    if (params->epoch_blocks > 0) genesis.params.epoch_blocks = params->epoch_blocks;
    if (params->min_witnesses > 0) genesis.params.min_witnesses = params->min_witnesses;
    if (params->makes_empty_blocks) genesis.params.leave_out_empty_blocks = false;
    genesis_encode(&changed, &genesis);
    arena_clear(&arena);
    buf_clear(&fixture->genesis);
    fixture->genesis = changed;
}

void fixture_set_epoch(struct fixture *fixture, uint32_t blocks) {
    set_params(fixture, &(struct changed_params){.epoch_blocks = blocks});
}
void fixture_set_least(struct fixture *fixture, uint16_t min_witnesses) {
    set_params(fixture, &(struct changed_params){.min_witnesses = min_witnesses});
}
void fixture_make_empty_blocks(struct fixture *fixture) {
    set_params(fixture, &(struct changed_params){.makes_empty_blocks = true});
}

void fixture_set_balance(struct fixture *fixture, const char *balance) {
    struct arena arena = {0};
    struct genesis genesis;
    struct genesis_account accounts[FIXTURE_ACCOUNTS];
    struct buf changed = {0};
    assert_ok(genesis_decode(&genesis, &arena, buf_bytes(&fixture->genesis)));
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) {
        accounts[i] = genesis.accounts[i];
        assert_ok(amount_parse(&accounts[i].balance, balance));
    }
    genesis.accounts = accounts;
    genesis_encode(&changed, &genesis);
    arena_clear(&arena);
    buf_clear(&fixture->genesis);
    fixture->genesis = changed;
}

struct node_config fixture_config(const struct fixture *fixture, struct bytes *code) {
    *code = buf_bytes(&fixture->contract_code);
    return (struct node_config){.data_dir = fixture->folder,
                                .takes_old_snapshot = !fixture->refuses_old,
                                .genesis = buf_bytes(&fixture->genesis),
                                .codes = code,
                                .code_count = 1,
                                .witness_keys = fixture->witnesses,
                                .witness_key_count = fixture->witness_key_count,
                                .must_prune = fixture->must_prune,
                                .segment_bytes = fixture->segment_bytes,
                                .newest_protocol = fixture->newest_protocol,
                                .network = fixture->network,
                                .snapshots = fixture->snapshots,
                                .on_dropped = fixture->on_dropped,
                                .context = fixture->context};
}

enum status fixture_open_idle(struct fixture *fixture) {
    struct bytes code;
    struct node_config config = fixture_config(fixture, &code);
    return node_open(&fixture->node, &config);
}

enum status fixture_open(struct fixture *fixture) {
    enum status status = fixture_open_idle(fixture);
    return status == STATUS_OK ? node_start(fixture->node) : status;
}

void fixture_close(struct fixture *fixture) {
    node_close(fixture->node);
    fixture->node = NULL;
}

void fixture_clear(struct fixture *fixture) {
    char command[128];
    fixture_close(fixture);
    buf_clear(&fixture->genesis);
    buf_clear(&fixture->contract_code);
    snprintf(command, sizeof command, "rm -r %s", fixture->folder);
    ck_assert_int_eq(system(command), 0);
}

void fixture_begin(struct fixture *fixture, struct tx *tx, int from) {
    struct account account;
    struct node_head head;
    node_head(fixture->node, &head);
    *tx = (struct tx){.version = TX_VERSION,
                      .sender = fixture->ids[from],
                      .valid_until = head.header.height + 1000,
                      .gas_limit = 20000000,
                      .gas_price = 1};
    node_account(fixture->node, &tx->sender, &account, &tx->seq);
}

void fixture_add_call(struct fixture *fixture, struct tx *tx, const char *method,
                      struct bytes arguments) {
    tx->actions[tx->action_count++] = (struct tx_action){.kind = TX_CALL,
                                                         .call = {.contract = fixture->contract,
                                                                  .method = bytes_of_string(method),
                                                                  .arguments = arguments}};
}

enum tx_code fixture_submit(struct fixture *fixture, struct tx *tx, int from, struct hash *id) {
    struct buf encoded = {0};
    assert_ok(tx_sign(tx, TX_ROLE_SENDER, &fixture->keys[from], node_chain_id(fixture->node)));
    tx_encode(&encoded, tx);
    enum tx_code code = node_submit(fixture->node, buf_bytes(&encoded), id);
    buf_clear(&encoded);
    return code;
}

struct receipt fixture_await(struct fixture *fixture, const struct hash *id) {
    for (;;) {
        struct node_head head;
        struct node_tx found;
        node_head(fixture->node, &head);
        assert_ok(node_find_tx(fixture->node, id, &found));
        if (found.state == NODE_TX_FINAL) return found.receipt;
        ck_assert_int_ne(found.state, NODE_TX_UNKNOWN);
        ck_assert(node_wait(fixture->node, head.header.height, 10000));
    }
}

struct receipt fixture_run(struct fixture *fixture, struct tx *tx, int from) {
    struct hash id;
    ck_assert_str_eq(tx_code_name(fixture_submit(fixture, tx, from, &id)), "OK");
    return fixture_await(fixture, &id);
}

static void run_all(struct fixture *fixture, int from, const struct tx_action *actions,
                    uint32_t count) {
    struct tx tx;
    fixture_begin(fixture, &tx, from);
    for (uint32_t i = 0; i < count; i++) tx.actions[tx.action_count++] = actions[i];
    ck_assert_str_eq(tx_code_name((enum tx_code)fixture_run(fixture, &tx, from).code), "OK");
}

void fixture_stand_for_election(struct fixture *fixture) {
    struct account_id sorted[FIXTURE_ACCOUNTS];
    struct tx_action actions[2] = {
        {.kind = TX_LOCK_STAKE, .stake = {amount_of_units(STAKE_MIN)}},
        {.kind = TX_REGISTER_CANDIDATE, .register_candidate = {.commission = 2500}}};
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) {
        key_public_of(&actions[1].register_candidate.key,
                      &fixture->witnesses[FIXTURE_WITNESSES + i]);
        run_all(fixture, i, actions, 2);
    }
    memcpy(sorted, fixture->ids, sizeof fixture->ids);
    qsort(sorted, FIXTURE_ACCOUNTS, sizeof *sorted, compare_accounts);
    actions[0] = (struct tx_action){
        .kind = TX_VOTE,
        .vote = {.count = FIXTURE_ACCOUNTS, .candidates = bytes_of(sorted, sizeof sorted)}};
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) run_all(fixture, i, actions, 1);
}
