// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/contract/stage.h"

#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/view.h"

static void give(struct stage *stage, struct account_id *id, uint8_t number) {
    struct account account = {0};
    ck_assert_int_eq(amount_parse(&account.balance, "1000"), STATUS_OK);
    *id = (struct account_id){{number, 0xaa}};
    account_store(stage->block.draft, id, &account);
}

static void install_puppets(struct stage *stage) {
    for (int i = 0; i < STAGE_PUPPETS; i++) {
        struct run_tx run = {.block = &stage->block, .gas = {.limit = UINT64_MAX}};
        stage->puppets[i] = (struct account_id){{(uint8_t)i, 0xbb}};
        struct run_module module = {.code = buf_bytes(&stage->code)};
        ck_assert_int_eq(run_install(&run, &stage->puppets[i], &module), TX_CODE_OK);
    }
}

void stage_init(struct stage *stage) {
    *stage = (struct stage){.state = state_create()};
    stage->modules = module_cache_create(host_imports(), false);
    assert_ok(file_read(&stage->code, "tests/support/puppet.wasm", 1 << 20));
    struct state_version *empty = state_version_empty();
    stage->block = (struct apply_block){.draft = state_draft_begin(stage->state, empty),
                                        .modules = stage->modules,
                                        .arena = &stage->arena,
                                        .chain_id = {{0xdd}},
                                        .params = {.block_interval_ms = 1,
                                                   .epoch_blocks = 120,
                                                   .min_gas_price = 1,
                                                   .block_gas_limit = 1000000000,
                                                   .deposit_per_byte = 10},
                                        .height = 7,
                                        .time_ms = 5000,
                                        .leader = {{0xcc}}};
    state_version_unref(empty);
    parameters_store(stage->block.draft, &stage->block.params);
    give(stage, &stage->user, 1);
    give(stage, &stage->sponsor, 2);
    struct supply supply = {0};
    ck_assert_int_eq(amount_parse(&supply.genesis, "2000"), STATUS_OK);
    supply_store(stage->block.draft, &supply);
    install_puppets(stage);
}

void stage_clear(struct stage *stage) {
    apply_finish(&stage->block);
    ck_assert(supply_is_conserved(state_draft_view(stage->block.draft)));
    state_draft_drop(stage->block.draft);
    module_cache_free(stage->modules);
    state_free(stage->state);
    arena_clear(&stage->arena);
    buf_clear(&stage->code);
}

struct tx *stage_begin(struct stage *stage) {
    stage->tx = (struct tx){.version = TX_VERSION,
                            .sender = stage->user,
                            .seq = stage->next_seq++,
                            .valid_until = 1000,
                            .gas_limit = STAGE_GAS,
                            .gas_price = 1};
    return &stage->tx;
}

void stage_add_call(struct stage *stage, int puppet, const char *method, const struct buf *script,
                    uint64_t value) {
    struct tx_action action = {.kind = TX_CALL,
                               .call = {.contract = stage->puppets[puppet],
                                        .method = bytes_of_string(method),
                                        .arguments = arena_copy(&stage->arena, buf_bytes(script)),
                                        .value = amount_of_units(value)}};
    stage->tx.actions[stage->tx.action_count++] = action;
}

const char *stage_apply(struct stage *stage) {
    struct buf encoded = {0};
    struct hash id;
    tx_encode(&encoded, &stage->tx);
    tx_id(&id, &stage->tx);
    stage->done = (struct block_tx){.encoded = arena_copy(&stage->arena, buf_bytes(&encoded))};
    buf_clear(&encoded);
    apply_tx(&stage->block, &stage->tx, &id, &stage->done);
    return tx_code_name((enum tx_code)stage->done.receipt.code);
}

const char *stage_act(struct stage *stage, int puppet, const struct buf *script, uint64_t value) {
    stage_begin(stage);
    stage_add_call(stage, puppet, value > 0 ? "pay" : "act", script, value);
    return stage_apply(stage);
}

void stage_next_block(struct stage *stage, uint64_t time_ms) {
    apply_finish(&stage->block);
    ck_assert(supply_is_conserved(state_draft_view(stage->block.draft)));
    stage->block.height++;
    stage->block.time_ms = time_ms;
    stage->block.gas_used = 0;
    stage->block.tx_bytes = stage->block.result_bytes = 0;
    stage->block.fees = amount_of_units(0);
    timers_run(&stage->block, &stage->timers);
}

uint64_t stage_balance(const struct stage *stage, const struct account_id *id) {
    struct account account;
    account_load(&account, state_draft_view(stage->block.draft), id);
    return amount_units(account.balance);
}

const char *stage_look(struct stage *stage, int puppet, const struct buf *script, struct buf *out) {
    uint32_t contract_code;
    struct view_request request = {.view = state_draft_view(stage->block.draft),
                                   .modules = stage->modules,
                                   .chain_id = stage->block.chain_id,
                                   .contract = &stage->puppets[puppet],
                                   .method = bytes_of_string("look"),
                                   .arguments = buf_bytes(script),
                                   .gas_limit = STAGE_GAS};
    return tx_code_name(view_call(out, &request, &contract_code));
}

struct bytes stage_stored(const struct stage *stage, int puppet, const char *key) {
    struct state_key full;
    struct bytes value = bytes_of("", 0);
    state_key_make(&full, STATE_STORAGE, &stage->puppets[puppet], bytes_of_string(key));
    state_get(state_draft_view(stage->block.draft), state_key_bytes(&full), &value);
    return value;
}

uint64_t stage_counted_bytes(const struct stage *stage, const struct account_id *contract) {
    const struct state_view *view = state_draft_view(stage->block.draft);
    struct contract_record record;
    struct state_key prefix;
    struct bytes key = bytes_of("", 0), value, code;
    ck_assert(contract_load(&record, view, contract));
    ck_assert(contract_code(view, &record.code_hash, &code));
    // What stands in genesis counts without its code.
    uint64_t bytes = contract->bytes[1] == 0xbb ? 0 : CONTRACT_BYTES + code.len;
    state_key_make(&prefix, STATE_STORAGE, contract, bytes_of("", 0));
    while (state_next(view, state_key_bytes(&prefix), key, &key, &value))
        bytes += DEPOSIT_ENTRY_BYTES + (key.len - STATE_KEY_PREFIX) + value.len;
    static const uint8_t timers = STATE_TIMER;
    key = bytes_of("", 0);
    while (state_next(view, bytes_of(&timers, 1), key, &key, &value)) {
        struct timer timer;
        assert_ok(timer_decode(&timer, value));
        if (account_id_equal(&timer.contract, contract)) bytes += DEPOSIT_ENTRY_BYTES + value.len;
    }
    ck_assert_uint_eq(record.deposit.bytes, bytes);
    return bytes;
}

void stage_add_code(struct stage *stage, enum tx_action_kind kind,
                    const struct account_id *contract, struct bytes code,
                    const struct account_id *upgrader) {
    struct tx_action *action = &stage->tx.actions[stage->tx.action_count++];
    *action = (struct tx_action){.kind = kind};
    if (kind == TX_DEPLOY) {
        action->deploy.code = code;
        action->deploy.has_upgrader = upgrader != NULL;
        if (upgrader) action->deploy.upgrader = *upgrader;
    } else {
        action->upgrade.contract = *contract;
        action->upgrade.code = code;
        action->upgrade.has_upgrader = upgrader != NULL;
        if (upgrader) action->upgrade.upgrader = *upgrader;
    }
}

void script_set(struct buf *out, const char *key, const char *value) {
    encode_u8(out, PUPPET_SET);
    encode_bytes(out, bytes_of_string(key));
    encode_bytes(out, bytes_of_string(value));
}

void script_delete(struct buf *out, const char *key) {
    encode_u8(out, PUPPET_DELETE);
    encode_bytes(out, bytes_of_string(key));
}

void script_call(struct buf *out, enum puppet_act act, const struct account_id *contract,
                 const char *method, const struct buf *script) {
    encode_u8(out, (uint8_t)act);
    encode_fixed(out, contract, sizeof *contract);
    encode_bytes(out, bytes_of_string(method));
    encode_bytes(out, buf_bytes(script));
    encode_u64(out, 0);
    encode_u64(out, ALL_GAS);
}

void script_call_with(struct buf *out, const struct account_id *contract, const struct buf *script,
                      uint64_t value, uint64_t gas) {
    encode_u8(out, PUPPET_CALL);
    encode_fixed(out, contract, sizeof *contract);
    encode_bytes(out, bytes_of_string("pay"));
    encode_bytes(out, buf_bytes(script));
    encode_u64(out, value);
    encode_u64(out, gas);
}

void script_numbers(struct buf *out, enum puppet_act act, const uint32_t *numbers, size_t count) {
    encode_u8(out, (uint8_t)act);
    for (size_t i = 0; i < count; i++) encode_u32(out, numbers[i]);
}

void script_transfer(struct buf *out, const struct account_id *to, uint64_t units) {
    encode_u8(out, PUPPET_TRANSFER);
    encode_fixed(out, to, sizeof *to);
    encode_u64(out, units);
}

void script_event(struct buf *out, const char *topic) {
    encode_u8(out, PUPPET_EVENT);
    encode_bytes(out, bytes_of_string(topic));
    encode_bytes(out, bytes_of("", 0));
}

static void script_shout(struct buf *out, size_t count, size_t len) {
    uint32_t numbers[] = {(uint32_t)count, (uint32_t)len};
    script_numbers(out, PUPPET_SHOUT, numbers, 2);
}

void script_shouts(struct buf *out, size_t bytes) {
    size_t loudest = STAGE_LOUD_BYTES + LIMIT_EVENT_DATA_BYTES;
    script_shout(out, bytes / loudest, LIMIT_EVENT_DATA_BYTES);
    if (bytes % loudest > 0) script_shout(out, 1, bytes % loudest - STAGE_LOUD_BYTES);
}

void check_event(const struct stage *stage, uint32_t index, const char *topic) {
    ck_assert_uint_lt(index, stage->done.event_count);
    assert_bytes_equal(stage->done.events[index].topic, bytes_of_string(topic));
}

void check_came(const struct stage *stage, uint32_t index, const char *code) {
    check_event(stage, index, "came");
    uint32_t came = load_u32_le(stage->done.events[index].data.data);
    ck_assert_str_eq(tx_code_name((enum tx_code)came), code);
}
