// SPDX-License-Identifier: Apache-2.0
// Contracts that are entered, and that arrive: code that no cache holds, since price must not
// depend on the cache and so must cover this; memory that has to be made; calls that come to
// nothing.
#include "chaincore/contract/gas.h"
#include "tests/bench/gas_stage.h"

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
    for (int i = 0; i < STAGE_RUNS; i++) {
        gas_stage_begin();
        if (is_cold) gas_stage.block.modules = module_cache_create(host_imports(), false);
        double start = gas_now_ns();
        gas_stage_call(id, &gas);
        if (is_cold) module_cache_free(gas_stage.block.modules);
        double ns = gas_now_ns() - start;
        state_draft_drop(gas_stage.block.draft);
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

static void build_cold(struct buf *out, const struct cold *cold, uint32_t rounds) {
    enum { IN_BODY = 4000 };
    struct attack a = {.name = cold->name, .is_contract = true, .rounds = rounds, .repeats = 1};
    struct buf body = {0};
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
    attack_build(out, &a);
    attack_clear(&a);
    buf_clear(&body);
}
static void clear_cold(struct cold *cold) {
    buf_clear(&cold->begin);
    buf_clear(&cold->unit);
    buf_clear(&cold->end);
}

static void measure_cold(struct cold *cold) {
    struct buf code = {0};
    build_cold(&code, cold, 1);
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    gas_stage_commit();
    time_call(cold->name, &id, true);
    buf_clear(&code);
    clear_cold(cold);
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
static struct cold wide_calls(const char *name) {
    struct cold cold = {.name = name, .bytes = 200000};
    put_many_values(&cold.begin);
    PUT(&cold.unit, 0x10, 0);
    PUT(&cold.end, 0x00);
    return cold;
}
static void measure_cold_wide(void) {
    struct cold cold = wide_calls("call_cold_wide_calls");
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
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    gas_stage_commit();
    time_call(grows ? "call_grown_memory" : "call_large_memory", &id, false);
    time_call(grows ? "call_cold_grown_memory" : "call_cold_large_memory", &id, true);
    attack_clear(&a);
    buf_clear(&code);
}

// Calls of a contract with all the memory that there is, its last byte written when it is made:
// of a method that it lacks, and with less gas than its memory costs.
static void measure_failing_calls(void) {
    enum { PAGES = 256, LITTLE = GAS_CALL_BASE + 2 * GAS_CALL_CODE_KIB };
    static const struct {
        const char *row, *method;
        uint64_t gas;
    } calls[] = {{"call_unknown_method", "ran", 1000000000}, {"call_short_of_gas", "run", LITTLE}};
    struct attack large = {.is_contract = true, .rounds = 1, .repeats = 1, .pages = PAGES};
    put_i32(&large.prelude, (PAGES << 16) - 1);
    PUT(&large.prelude, 0x20, 0, 0x3a, 0, 0);
    struct account_id target = gas_stage_deploy(&large);
    for (int i = 0; i < 2; i++) {
        struct attack a = {.is_contract = true, .rounds = 100, .repeats = 1};
        gas_import(&a, "call");
        gas_put_bytes(&a.prelude, OTHER_AT, &target, sizeof target);
        gas_put_bytes(&a.prelude, METHOD_AT, calls[i].method, 3);
        const int32_t numbers[] = {OTHER_AT, METHOD_AT, 3, 0, 0};
        for (int k = 0; k < 5; k++) put_i32(&a.unit, numbers[k]);
        put_i64(&a.unit, 0);
        put_i64(&a.unit, (int64_t)calls[i].gas);
        PUT(&a.unit, 0x10, 0, 0x1a);
        struct account_id id = gas_stage_deploy(&a);
        time_call(calls[i].row, &id, false);
        attack_clear(&a);
    }
    attack_clear(&large);
}

// A contract's view of one whose code is in no cache.
static void measure_cold_view(void) {
    struct cold cold = wide_calls("view_cold_wide_calls");
    struct attack a = {.is_contract = true, .rounds = 1, .repeats = 1};
    struct buf code = {0};
    build_cold(&code, &cold, 2);
    gas_stage_begin();
    struct account_id target = gas_stage_install(buf_bytes(&code), NULL);
    gas_stage_commit();
    gas_import(&a, "view");
    gas_put_bytes(&a.prelude, OTHER_AT, &target, sizeof target);
    gas_put_bytes(&a.prelude, METHOD_AT, "run", 3);
    const int32_t numbers[] = {OTHER_AT, METHOD_AT, 3, 0, 0};
    for (int k = 0; k < 5; k++) put_i32(&a.unit, numbers[k]);
    put_i64(&a.unit, INT64_MAX);
    PUT(&a.unit, 0x10, 0, 0x04, 0x40, 0x00, 0x0b);
    struct account_id id = gas_stage_deploy(&a);
    time_call(cold.name, &id, true);
    attack_clear(&a);
    buf_clear(&code);
    clear_cold(&cold);
}

// One that arrives: it is hashed, translated, stored and, in the end, hashed into the tree. Each is
// another one, so that no cache has it. Many runs: beside other work most of them wait for the
// threads that hash.
static void measure_deploy(const char *name, uint32_t bytes, uint32_t pages) {
    double best = 0;
    uint64_t gas = 0;
    for (int i = 0; i < 4 * STAGE_RUNS; i++) {
        struct attack a = {.is_contract = true, .rounds = (uint32_t)i, .repeats = 1};
        struct buf code = {0};
        a.pages = pages;
        while (a.unit.len < bytes) PUT(&a.unit, 0x23, 0, 0x23, 0, 0x6a, 0x24, 0);
        attack_build(&code, &a);
        gas_stage_begin();
        double start = gas_now_ns();
        gas_stage_install(buf_bytes(&code), &gas);
        gas_stage_commit();
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        attack_clear(&a);
        buf_clear(&code);
    }
    gas_row(name, best, gas);
}

static double time_upgrade(const struct account_id *id, struct bytes code, uint64_t *gas) {
    static const struct hash tx_id;
    struct tx tx = {.sender = *id};
    struct run_tx run = {
        .block = &gas_stage.block, .tx = &tx, .tx_id = &tx_id, .gas = {.limit = UINT64_MAX}};
    struct tx_action action = {
        .kind = TX_UPGRADE,
        .upgrade = {.contract = *id, .code = code, .has_upgrader = true, .upgrader = *id}};
    double start = gas_now_ns();
    ENSURE(run_upgrade(&run, &action) == TX_CODE_OK);
    gas_stage_commit();
    *gas = run.gas.used;
    return gas_now_ns() - start;
}

// Code that takes as long as any to translate arrives: as a contract, and in the place of another.
static void measure_arrivals(void) {
    struct cold cold = wide_calls("wide_calls");
    struct account_id id = {{0}};
    struct contract_record record;
    double best[2] = {0, 0};
    uint64_t gas[2];
    for (uint32_t i = 0; i < 2 * STAGE_RUNS; i++) {
        bool is_upgrade = i >= STAGE_RUNS;
        struct buf code = {0};
        build_cold(&code, &cold, 10 + i);
        gas_stage_begin();
        double start = gas_now_ns(), ns;
        if (is_upgrade) {
            ns = time_upgrade(&id, buf_bytes(&code), &gas[1]);
        } else {
            id = gas_stage_install(buf_bytes(&code), &gas[0]);
            gas_stage_commit();
            ns = gas_now_ns() - start;
        }
        if (i % STAGE_RUNS == 0 || ns < best[is_upgrade]) best[is_upgrade] = ns;
        buf_clear(&code);
        if (is_upgrade) continue;
        gas_stage_begin();
        ENSURE(contract_load(&record, state_draft_view(gas_stage.block.draft), &id));
        record.right = (struct upgrade_right){.kind = UPGRADE_BY_ACCOUNT, .account = id};
        contract_store(gas_stage.block.draft, &id, &record);
        gas_stage_commit();
    }
    gas_row("deploy_wide_calls", best[0], gas[0]);
    gas_class("upgrade_action");
    gas_row("upgrade_wide_calls", best[1], gas[1]);
    clear_cold(&cold);
}

// Of a contract that does nothing, and of one that has no such method.
static void measure_timers(const char *name, const char *method) {
    uint64_t gas;
    double ns = gas_stage_time_timers(&(struct stage_timers){.method = method}, &gas);
    gas_row(name, ns, gas);
}

void table_of_contracts(void) {
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
    measure_failing_calls();
    gas_class("deploy");
    measure_deploy("deploy_small", 1, 1);
    measure_deploy("deploy_with_memory", 1, 256);
    measure_deploy("deploy_large", 100000, 1);
    measure_arrivals();
    gas_class("view");
    measure_cold_view();
    gas_class("timer_run");
    measure_timers("timer_run", "run");
    measure_timers("timer_run_of_nothing", "ran");
}
