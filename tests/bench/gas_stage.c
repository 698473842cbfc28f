// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/gas_stage.h"

#include <stdio.h>
#include <stdlib.h>

#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/tally.h"
#include "chaincore/contract/timer.h"
#include "chaincore/crypto/sign.h"

struct gas_stage gas_stage;

void gas_stage_begin(void) {
    gas_stage.block =
        (struct apply_block){.draft = state_draft_begin(gas_stage.state, gas_stage.version),
                             .modules = gas_stage.modules,
                             .arena = &gas_stage.arena,
                             .params = {.block_interval_ms = 1,
                                        .epoch_blocks = 120,
                                        .min_gas_price = 1,
                                        .block_gas_limit = 1000000000},
                             .height = 7,
                             .time_ms = 5000};
}
void gas_stage_commit(void) {
    state_version_unref(gas_stage.version);
    gas_stage.version = state_commit(gas_stage.block.draft, 7);
}

struct account_id gas_stage_next_id(void) {
    return (struct account_id){{gas_stage.next, 0xbb}};
}

struct account_id gas_stage_install(struct bytes code, uint64_t *gas) {
    struct account_id id = gas_stage_next_id();
    gas_stage.next++;
    struct account account = {.balance = amount_of_units(UINT64_C(1) << 50)};
    struct run_tx run = {.block = &gas_stage.block, .gas = {.limit = UINT64_MAX}};
    struct run_module module = {.code = code};
    enum tx_code result = run_install(&run, &id, &module);
    if (result != TX_CODE_OK) {
        fprintf(stderr, "not installed: %s\n", tx_code_name(result));
        exit(EXIT_FAILURE);
    }
    account_store(gas_stage.block.draft, &id, &account);
    if (gas) *gas = run.gas.used;
    return id;
}

void gas_stage_call(const struct account_id *contract, struct run_gas *gas) {
    static const uint8_t arguments[1024];
    struct tx tx = {.sender = *contract};
    static const struct hash id;
    struct run_tx run = {
        .block = &gas_stage.block, .tx = &tx, .tx_id = &id, .gas = {.limit = UINT64_MAX}};
    struct block_tx done = {0};
    struct host_frame frame;
    struct call_target target = {
        .contract = *contract, .method = bytes_of_string("run"), .arguments = BYTES_OF(arguments)};
    call_frame_of_run(&frame, &run, contract);
    *gas = (struct run_gas){.limit = UINT64_MAX};
    enum tx_code code = call_contract(&frame, &target, gas);
    host_frame_clear(&frame);
    run_receipt(&done, &run, code); // hashes the events
    if (code == TX_CODE_OK) return;
    fprintf(stderr, "a call ended with %s\n", tx_code_name(code));
    exit(EXIT_FAILURE);
}

void gas_import(struct attack *a, const char *name) {
    const struct vm_import_table *table = host_imports();
    for (size_t i = 0; i < table->count; i++) {
        const struct vm_host_function *function = &table->functions[i];
        if (strcmp(function->name, name) != 0) continue;
        const char *lists[] = {function->parameters, function->result};
        buf_append_byte(&a->types, 0x60);
        for (int k = 0; k < 2; k++) {
            put_leb(&a->types, strlen(lists[k]));
            for (const char *at = lists[k]; *at; at++) PUT(&a->types, *at == 'I' ? I64 : I32);
        }
        PUT(&a->imports, 3, 'l', 'm', 'm');
        put_leb(&a->imports, strlen(name));
        buf_append(&a->imports, bytes_of_string(name));
        PUT(&a->imports, 0, (uint8_t)(2 + a->type_count));
        a->type_count++;
        a->import_count++;
        return;
    }
    ENSURE(false && "a function of the host");
}

void gas_put_bytes(struct buf *out, uint32_t at, const void *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        put_i32(out, (int32_t)(at + i));
        put_i32(out, ((const uint8_t *)data)[i]);
        PUT(out, 0x3a, 0, 0);
    }
}

struct account_id gas_stage_deploy(struct attack *attack) {
    struct buf code = {0};
    attack_build(&code, attack);
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    gas_stage_commit();
    buf_clear(&code);
    return id;
}

// ---- timers

static void set_timers(const struct stage_timers *timers) {
    struct run_tx run = {.block = &gas_stage.block};
    struct contract_record record;
    struct state_draft *draft = gas_stage.block.draft;
    for (uint32_t i = 0; i < STAGE_TIMERS; i++) {
        struct timer_place place = {.due_ms = gas_stage.block.time_ms + 1};
        struct timer timer = {.contract = gas_stage.other,
                              .rest_to = gas_stage.other,
                              .method = bytes_of_string(timers->method),
                              .arguments = bytes_of("", 0),
                              .gas_limit = 100000};
        int64_t bytes;
        if (timers->is_for_many) {
            timer.rest_to = (struct account_id){{0}};
            store_u32_le(timer.rest_to.bytes, i);
        }
        ENSURE(timer_set(&run, &timer, &place, &bytes) == TX_CODE_OK);
    }
    ENSURE(contract_load(&record, state_draft_view(draft), &gas_stage.other));
    record.deposit.bytes = STAGE_TIMERS * 1000; // of which each run gives back its timer's
    contract_store(draft, &gas_stage.other, &record);
}

double gas_stage_time_timers(const struct stage_timers *timers, uint64_t *gas) {
    struct state_version *before = state_version_ref(gas_stage.version);
    struct timer_runs runs;
    double best = 0;
    gas_stage_begin();
    set_timers(timers);
    gas_stage_commit();
    for (int i = 0; i < STAGE_RUNS; i++) {
        gas_stage_begin();
        gas_stage.block.time_ms++;
        double start = gas_now_ns();
        timers_run(&gas_stage.block, &runs);
        tally_block(gas_stage.block.draft, 0);
        struct state_version *after = state_commit(gas_stage.block.draft, 7);
        double ns = gas_now_ns() - start;
        ENSURE(runs.count == STAGE_TIMERS);
        *gas = gas_stage.block.gas_used;
        if (i == 0 || ns < best) best = ns;
        state_version_unref(after);
        arena_clear(&gas_stage.arena);
    }
    state_version_unref(gas_stage.version);
    gas_stage.version = before;
    return best;
}

void gas_stage_drop(void) {
    state_draft_drop(gas_stage.block.draft);
    arena_clear(&gas_stage.arena);
}

void gas_stage_open(void) {
    struct attack a = {.is_contract = true, .repeats = 1, .rounds = 1};
    ENSURE(crypto_init() == STATUS_OK);
    gas_stage = (struct gas_stage){.state = state_create(),
                                   .version = state_version_empty(),
                                   .modules = module_cache_create(host_imports(), false)};
    gas_stage.other = gas_stage_deploy(&a);
}

void gas_stage_close(void) {
    state_version_unref(gas_stage.version);
    module_cache_free(gas_stage.modules);
    state_free(gas_stage.state);
}
