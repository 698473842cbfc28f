// SPDX-License-Identifier: Apache-2.0
// Functions of the host, on a state of many entries: each called with what costs it most, keys by
// chance. What a write costs the tree when the block is done counts with it, and what money that
// moves costs the tallies. Then calls of contracts whose code no cache holds: price must not depend
// on the cache, so it must cover this.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/call.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/tally.h"
#include "chaincore/crypto/sign.h"
#include "tests/bench/gas_table.h"

enum {
    ENTRIES = 1 << 17,
    VOTERS = 1 << 14,
    RUNS = 5,
    VALUE_BYTES = 40,
    OTHER_AT = 64,
    METHOD_AT = 96,
    KEY_AT = 1024,
    SIGNATURE_AT = 1088
};

static struct stage {
    struct state *state;
    struct state_version *version;
    struct module_cache *modules;
    struct arena arena;
    struct apply_block block;
    struct account_id other; // a contract with a method "x" that does nothing
    uint8_t next;            // number of the next contract
} stage;

static void begin_block(void) {
    stage.block = (struct apply_block){.draft = state_draft_begin(stage.state, stage.version),
                                       .modules = stage.modules,
                                       .arena = &stage.arena,
                                       .params = {.block_interval_ms = 1,
                                                  .epoch_blocks = 120,
                                                  .min_gas_price = 1,
                                                  .block_gas_limit = 1000000000},
                                       .height = 7,
                                       .time_ms = 5000};
}
static void commit_block(void) {
    state_version_unref(stage.version);
    stage.version = state_commit(stage.block.draft, 7);
}

static struct account_id install(struct bytes code) {
    struct account_id id = {{stage.next++, 0xbb}};
    struct account account = {.balance = amount_of_units(UINT64_C(1) << 50)};
    struct run_tx run = {.block = &stage.block, .gas = {.limit = UINT64_MAX}};
    struct run_module module = {.code = code};
    enum tx_code result = run_install(&run, &id, &module);
    if (result != TX_CODE_OK) {
        fprintf(stderr, "not installed: %s\n", tx_code_name(result));
        exit(EXIT_FAILURE);
    }
    account_store(stage.block.draft, &id, &account);
    return id;
}

static void fill_storage(const struct account_id *id) {
    struct state_key key;
    static const uint8_t value[VALUE_BYTES];
    for (uint32_t i = 0; i < ENTRIES; i++) {
        state_key_make(&key, STATE_STORAGE, id, bytes_of((const uint8_t *)&i, sizeof i));
        state_put(stage.block.draft, state_key_bytes(&key), BYTES_OF(value));
    }
    struct contract_record record;
    ENSURE(contract_load(&record, state_draft_view(stage.block.draft), id));
    record.deposit.bytes = (uint64_t)ENTRIES * 1000;
    contract_store(stage.block.draft, id, &record);
}

static void call_method(const struct account_id *contract, struct run_gas *gas) {
    static const uint8_t arguments[1024];
    struct tx tx = {.sender = *contract};
    static const struct hash id;
    struct run_tx run = {
        .block = &stage.block, .tx = &tx, .tx_id = &id, .gas = {.limit = UINT64_MAX}};
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

// Imports a function of the host, the first as number 0.
static void import(struct attack *a, const char *name) {
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

static void put_bytes(struct buf *out, uint32_t at, const void *data, size_t len) {
    for (size_t i = 0; i < len; i++) {
        put_i32(out, (int32_t)(at + i));
        put_i32(out, ((const uint8_t *)data)[i]);
        PUT(out, 0x3a, 0, 0);
    }
}

// A key by chance, one of so many (a power of two), in the four bytes at 0.
static void put_key(struct buf *out, uint32_t count) {
    PUT(out, 0x41, 0, 0x20, FIRST_I32);
    put_i32(out, 1664525);
    PUT(out, 0x6c);
    put_i32(out, 1013904223);
    PUT(out, 0x6a, 0x22, FIRST_I32);
    put_i32(out, (int32_t)(count - 1));
    PUT(out, 0x71, 0x36, 2, 0);
}

// A key, and a signature by it of something else: that shows only at the very end.
static void put_signed(struct buf *out) {
    static const uint8_t seed[32] = {7};
    static const struct hash nothing;
    struct secret_key secret;
    struct public_key public;
    struct signature signature;
    key_from_seed(&secret, &public, seed);
    sign_payload(&signature, &secret, SIGN_VOTE, &nothing, &nothing);
    put_bytes(out, KEY_AT, &public, sizeof public);
    put_bytes(out, SIGNATURE_AT, &signature, sizeof signature);
}

// A call and what it is given.
struct host_call {
    const char *name, *row;
    int count;
    int64_t arguments[7];
    bool has_key;     // a new key before each call
    bool has_result;  // that is dropped
    bool commits;     // what the tree does counts
    uint32_t repeats; // in all
};

static void put_arguments(struct buf *out, const struct host_call *call) {
    const struct vm_import_table *table = host_imports();
    const char *letters = "";
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->functions[i].name, call->name) == 0)
            letters = table->functions[i].parameters;
    for (int i = 0; letters[i]; i++) {
        if (letters[i] == 'I')
            put_i64(out, call->arguments[i]);
        else
            put_i32(out, (int32_t)call->arguments[i]);
    }
}

static void time_host_call(const struct host_call *call, const struct account_id *id) {
    double best = 0;
    struct run_gas gas = {0};
    for (int i = 0; i < RUNS; i++) {
        begin_block();
        double start = gas_now_ns();
        call_method(id, &gas);
        if (call->commits) {
            commit_block();
        } else {
            state_draft_drop(stage.block.draft);
        }
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        arena_clear(&stage.arena);
    }
    gas_row(call->row ? call->row : call->name, best, gas.used);
}

static void measure(const struct host_call *call) {
    struct attack a = {.name = call->name,
                       .repeats = 1,
                       .is_contract = true,
                       .pages = 16,
                       .rounds = call->repeats ? call->repeats : 1000};
    struct buf code = {0};
    import(&a, call->name);
    put_bytes(&a.prelude, OTHER_AT, &stage.other, sizeof stage.other);
    put_bytes(&a.prelude, METHOD_AT, "run", 3);
    if (strcmp(call->name, "verify") == 0) put_signed(&a.prelude);
    if (call->has_key) put_key(&a.unit, ENTRIES);
    put_arguments(&a.unit, call);
    PUT(&a.unit, 0x10, 0);
    if (call->has_result) PUT(&a.unit, 0x1a);
    attack_build(&code, &a);
    begin_block();
    struct account_id id = install(buf_bytes(&code));
    if (call->has_key) fill_storage(&id);
    commit_block();
    gas_class(call->name);
    time_host_call(call, &id);
    attack_clear(&a);
    buf_clear(&code);
}

static void measure_functions(void) {
    static const struct host_call calls[] = {
        {.name = "storage_get", .arguments = {0, 4, 128, 64}, .has_key = true, .has_result = true},
        {.name = "storage_set", .arguments = {0, 4, 128, 40}, .has_key = true, .commits = true},
        {.name = "storage_set",
         .row = "storage_set_large",
         .arguments = {0, 4, 128, 4096},
         .has_key = true,
         .commits = true,
         .repeats = 200},
        {.name = "storage_delete",
         .arguments = {0, 4},
         .has_key = true,
         .has_result = true,
         .commits = true},
        {.name = "storage_next",
         .arguments = {0, 0, 0, 4, 512},
         .has_key = true,
         .has_result = true},
        {.name = "arguments_len", .has_result = true},
        {.name = "arguments_read", .arguments = {128, 0, 1}},
        {.name = "arguments_read", .row = "arguments_read_all", .arguments = {128, 0, 1024}},
        {.name = "return_data", .arguments = {128, 1}},
        {.name = "return_data", .row = "return_data_large", .arguments = {128, 4096}},
        {.name = "caller", .arguments = {128}},
        {.name = "self", .arguments = {128}},
        {.name = "tx_id", .arguments = {128}},
        {.name = "value", .has_result = true},
        {.name = "transfer", .arguments = {OTHER_AT, 1}, .commits = true},
        {.name = "block_time", .has_result = true},
        {.name = "block_height", .has_result = true},
        {.name = "event", .arguments = {128, 1, 128, 0}, .repeats = 100},
        {.name = "event", .row = "event_large", .arguments = {128, 8, 128, 1024}, .repeats = 100},
        {.name = "hash", .arguments = {128, 0, 128}},
        {.name = "hash", .row = "hash_129", .arguments = {128, 129, 128}},
        {.name = "hash", .row = "hash_large", .arguments = {128, 500000, 128}, .repeats = 20},
        {.name = "verify",
         .arguments = {KEY_AT, SIGNATURE_AT, 2048, 0},
         .has_result = true,
         .repeats = 50},
        {.name = "verify",
         .row = "verify_large",
         .arguments = {KEY_AT, SIGNATURE_AT, 2048, 500000},
         .has_result = true,
         .repeats = 20},
        {.name = "call",
         .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 0, 1000000},
         .has_result = true},
        {.name = "view", .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 1000000}, .has_result = true},
        {.name = "answer_len", .has_result = true},
        {.name = "answer_code", .has_result = true},
        {.name = "timer_set",
         .arguments = {900000, METHOD_AT, 3, 0, 0, 50000},
         .has_result = true,
         .commits = true,
         .repeats = 100},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) measure(&calls[i]);
}

// A timer is set and cancelled again: to cancel, there must be one.
static void measure_timer_cancel(void) {
    static const struct host_call set = {.name = "timer_set",
                                         .arguments = {900000, METHOD_AT, 3, 0, 0, 50000}};
    static const struct host_call cancel = {.name = "timer_cancel", .commits = true};
    struct attack a = {.repeats = 1, .is_contract = true, .rounds = 100};
    struct buf code = {0};
    import(&a, set.name);
    import(&a, cancel.name);
    put_bytes(&a.prelude, METHOD_AT, "run", 3);
    put_i64(&a.unit, 900000);
    put_arguments(&a.unit, &set);
    PUT(&a.unit, 0x10, 0, 0x10, 1, 0x1a);
    attack_build(&code, &a);
    begin_block();
    struct account_id id = install(buf_bytes(&code));
    commit_block();
    gas_class(cancel.name);
    time_host_call(&cancel, &id);
    attack_clear(&a);
    buf_clear(&code);
}

static void add_voters(void) {
    struct state_draft *draft = stage.block.draft;
    struct run_tx run = {.block = &stage.block};
    struct votes votes = {.count = LIMIT_VOTES};
    for (uint32_t i = 0; i < LIMIT_VOTES; i++) {
        struct candidate candidate = {.is_active = true, .number = i};
        votes.candidates[i] = (struct account_id){{(uint8_t)i, 0xcc}};
        candidate_store(draft, &votes.candidates[i], &candidate);
    }
    for (uint32_t i = 0; i < VOTERS; i++) {
        struct account account = {.balance = amount_of_units(UINT64_C(1) << 20)};
        struct account_id id = {{0}};
        store_u32_le(id.bytes, i);
        account_store(draft, &id, &account);
        ENSURE(stake_vote(&run, &id, &votes) == TX_CODE_OK);
    }
    tally_block(draft, 0);
}

// Money to one account after another: to voters, each with as many choices as may be, or to
// accounts that it makes. Each run stands on the same state.
static void measure_transfers(const char *name, uint32_t receivers) {
    struct attack a = {.repeats = 1, .is_contract = true, .rounds = 1000};
    struct buf code = {0};
    struct run_gas gas = {0};
    double best = 0;
    import(&a, "transfer");
    put_key(&a.unit, receivers);
    put_i32(&a.unit, 0);
    put_i64(&a.unit, LIMIT_VOTES + 1); // so each tally changes
    PUT(&a.unit, 0x10, 0);
    attack_build(&code, &a);
    begin_block();
    struct account_id id = install(buf_bytes(&code));
    if (receivers == VOTERS) add_voters();
    commit_block();
    gas_class("transfer");
    for (int i = 0; i < RUNS; i++) {
        begin_block();
        double start = gas_now_ns();
        call_method(&id, &gas);
        tally_block(stage.block.draft, 0);
        struct state_version *next = state_commit(stage.block.draft, 7);
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        state_version_unref(next);
        arena_clear(&stage.arena);
    }
    gas_row(name, best, gas.used);
    attack_clear(&a);
    buf_clear(&code);
}

// Code that is translated and never run: functions filled up with a unit, until there are so many
// bytes.
struct cold {
    const char *name;
    uint32_t bytes;
    struct buf begin, unit, end; // of each body
};

static void time_call(const char *name, const struct account_id *id, bool is_cold) {
    double best = 0;
    struct run_gas gas = {0};
    for (int i = 0; i < RUNS; i++) {
        begin_block();
        if (is_cold) stage.block.modules = module_cache_create(host_imports(), false);
        double start = gas_now_ns();
        call_method(id, &gas);
        if (is_cold) module_cache_free(stage.block.modules);
        double ns = gas_now_ns() - start;
        state_draft_drop(stage.block.draft);
        if (i == 0 || ns < best) best = ns;
    }
    gas_row(name, best, gas.used);
}

// Types 2, 3 and 4 take, give, and take and give as many values as may be.
static void put_wide_types(struct attack *a) {
    for (uint8_t kind = 1; kind <= 3; kind++) {
        PUT(&a->types, 0x60);
        for (uint8_t side = 1; side <= 2; side++) {
            uint32_t count = kind & side ? vm_limits_protocol.values : 0;
            put_leb(&a->types, count);
            for (uint32_t i = 0; i < count; i++) PUT(&a->types, I64);
        }
    }
    a->type_count = 3;
}

static void measure_cold(struct cold *cold) {
    enum { IN_BODY = 4000 };
    struct attack a = {.name = cold->name, .is_contract = true, .rounds = 1, .repeats = 1};
    struct buf code = {0}, body = {0};
    put_wide_types(&a);
    PUT(&body, 0);
    buf_append(&body, buf_bytes(&cold->begin));
    while (body.len < IN_BODY && body.len < cold->bytes) buf_append(&body, buf_bytes(&cold->unit));
    buf_append(&body, buf_bytes(&cold->end));
    PUT(&body, 0x0b);
    // The first takes and gives many values.
    PUT(&a.functions, 4);
    PUT(&a.bodies, 3, 0, 0, 0x0b);
    a.function_count = 1;
    for (uint32_t done = 0; done < cold->bytes; done += (uint32_t)body.len) {
        PUT(&a.functions, 1);
        put_leb(&a.bodies, body.len);
        buf_append(&a.bodies, buf_bytes(&body));
        a.function_count++;
    }
    PUT(&a.unit, 0x01);
    attack_build(&code, &a);
    begin_block();
    struct account_id id = install(buf_bytes(&code));
    commit_block();
    time_call(cold->name, &id, true);
    attack_clear(&a);
    buf_clear(&code);
    buf_clear(&body);
    buf_clear(&cold->begin);
    buf_clear(&cold->unit);
    buf_clear(&cold->end);
}

static void cold(const char *name, uint32_t bytes, const uint8_t *unit, size_t len) {
    struct cold cold = {.name = name, .bytes = bytes};
    put(&cold.unit, unit, len);
    measure_cold(&cold);
}
#define COLD(name, bytes, ...)                                     \
    cold("call_cold_" name, bytes, (const uint8_t[]){__VA_ARGS__}, \
         sizeof((const uint8_t[]){__VA_ARGS__}))

// As many values as may be, handed on by every other byte.
static void put_many_values(struct buf *out) {
    for (uint32_t i = 0; i < vm_limits_protocol.values; i++) put_i64(out, 0);
}
static void measure_cold_wide(void) {
    struct cold cold = {.name = "call_cold_wide_calls", .bytes = 200000};
    put_many_values(&cold.begin);
    PUT(&cold.unit, 0x10, 0);
    PUT(&cold.end, 0x00);
    measure_cold(&cold);
    cold = (struct cold){.name = "call_cold_wide_blocks", .bytes = 200000};
    put_many_values(&cold.begin);
    PUT(&cold.unit, 0x02, 4, 0x0b);
    PUT(&cold.end, 0x00);
    measure_cold(&cold);
    cold = (struct cold){.name = "call_cold_wide_branches", .bytes = 200000};
    PUT(&cold.begin, 0x02, 3);
    put_i32(&cold.begin, 0);
    put_many_values(&cold.begin);
    PUT(&cold.unit, 0x41, 0, 0x0d, 0);
    PUT(&cold.end, 0x00, 0x0b, 0x00);
    measure_cold(&cold);
    for (int is_dead = 0; is_dead < 2; is_dead++) {
        cold = (struct cold){.name = is_dead ? "call_cold_dead_tables" : "call_cold_wide_tables",
                             .bytes = 200000};
        PUT(&cold.begin, 0x02, 3, 0x02, 3);
        if (is_dead)
            PUT(&cold.begin, 0x00);
        else
            put_many_values(&cold.begin);
        PUT(&cold.unit, 0x41, 0, 0x0e, 199, 1);
        for (int i = 0; i < 200; i++) PUT(&cold.unit, (uint8_t)(i % 2));
        PUT(&cold.end, 0x00, 0x0b, 0x00, 0x0b, 0x00);
        measure_cold(&cold);
    }
    // Sixty-three constants wait, one of which is given up by each assignment.
    cold = (struct cold){.name = "call_cold_waiting", .bytes = 200000};
    PUT(&cold.begin, 0x02, 3);
    for (int i = 0; i < 60; i++) put_i32(&cold.begin, i);
    PUT(&cold.unit, 0x23, 0, 0x24, 0);
    PUT(&cold.end, 0x00, 0x0b, 0x00);
    measure_cold(&cold);
}

// All the memory there is, and one byte written at its end: what goes before that counts as touched
// and is cleared for the next call. With initial pages, and with pages that it asks for.
static void measure_large_memory(bool grows) {
    enum { PAGES = 256 };
    struct attack a = {.is_contract = true, .rounds = 1, .repeats = 1, .pages = grows ? 1 : PAGES};
    struct buf code = {0};
    if (grows) {
        put_i32(&a.unit, PAGES - 1);
        PUT(&a.unit, 0x40, 0, 0x1a);
    }
    put_i32(&a.unit, (PAGES << 16) - 1);
    PUT(&a.unit, 0x20, 0, 0x3a, 0, 0);
    attack_build(&code, &a);
    begin_block();
    struct account_id id = install(buf_bytes(&code));
    commit_block();
    time_call(grows ? "call_grown_memory" : "call_large_memory", &id, false);
    time_call(grows ? "call_cold_grown_memory" : "call_cold_large_memory", &id, true);
    attack_clear(&a);
    buf_clear(&code);
}

void table_of_host(void) {
    struct attack a = {.is_contract = true, .repeats = 1, .rounds = 1};
    struct buf code = {0};
    ENSURE(crypto_init() == STATUS_OK);
    stage.state = state_create();
    stage.version = state_version_empty();
    stage.modules = module_cache_create(host_imports(), false);
    attack_build(&code, &a);
    begin_block();
    stage.other = install(buf_bytes(&code));
    commit_block();
    buf_clear(&code);
    measure_functions();
    measure_timer_cancel();
    measure_transfers("transfer_fresh", 1 << 30);
    measure_transfers("transfer_voters", VOTERS);
    gas_class("call");
    COLD("small", 100, 0x01);
    COLD("nops", 200000, 0x01);
    COLD("blocks", 200000, 0x02, 0x40, 0x0b);
    COLD("constants", 200000, 0x41, 0, 0x1a);
    COLD("additions", 200000, 0x23, 0, 0x23, 0, 0x6a, 0x24, 0);
    COLD("loads", 200000, 0x41, 0, 0x28, 0, 0, 0x1a);
    COLD("calls", 200000, 0x10, 1);
    COLD("branches", 200000, 0x02, 0x40, 0x41, 0, 0x0d, 0, 0x0b);
    COLD("tables", 200000, 0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 0, 0x0b);
    measure_cold_wide();
    measure_large_memory(false);
    measure_large_memory(true);
    state_version_unref(stage.version);
    module_cache_free(stage.modules);
    state_free(stage.state);
}
