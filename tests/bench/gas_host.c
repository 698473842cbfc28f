// SPDX-License-Identifier: Apache-2.0
// Functions of the host, on a state of many entries: each called with what costs it most, keys by
// chance. What a write costs the tree when the block is done counts with it, and what money that
// moves costs the tallies.
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/gas.h"
#include "chaincore/contract/stake.h"
#include "chaincore/contract/tally.h"
#include "chaincore/crypto/sign.h"
#include "tests/bench/gas_stage.h"

enum {
    ENTRIES = 1 << 17,
    VOTERS = 1 << 14,
    VALUE_BYTES = 40,
    MANY = 50000, // of what is so cheap that the call around it would hide it
    KEY_AT = 1024,
    SIGNATURE_AT = 1088
};

static void fill_storage(const struct account_id *id) {
    struct state_key key;
    static const uint8_t value[VALUE_BYTES];
    for (uint32_t i = 0; i < ENTRIES; i++) {
        state_key_make(&key, STATE_STORAGE, id, bytes_of((const uint8_t *)&i, sizeof i));
        state_put(gas_stage.block.draft, state_key_bytes(&key), BYTES_OF(value));
    }
    struct contract_record record;
    ENSURE(contract_load(&record, state_draft_view(gas_stage.block.draft), id));
    record.deposit.bytes = (uint64_t)ENTRIES * 1000;
    contract_store(gas_stage.block.draft, id, &record);
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
    gas_put_bytes(out, KEY_AT, &public, sizeof public);
    gas_put_bytes(out, SIGNATURE_AT, &signature, sizeof signature);
}

// A call and what it is given.
struct host_call {
    const char *name, *row;
    int count;
    int64_t arguments[7];
    bool has_key;     // a new key before each call
    bool has_result;  // that is dropped
    bool must_be_ok;  // its result is a code, and anything but OK ends the attack
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
    for (int i = 0; i < STAGE_RUNS; i++) {
        gas_stage_begin();
        double start = gas_now_ns();
        gas_stage_call(id, &gas);
        if (call->commits) {
            gas_stage_commit();
        } else {
            state_draft_drop(gas_stage.block.draft);
        }
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        arena_clear(&gas_stage.arena);
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
    gas_import(&a, call->name);
    gas_put_bytes(&a.prelude, OTHER_AT, &gas_stage.other, sizeof gas_stage.other);
    gas_put_bytes(&a.prelude, METHOD_AT, "run", 3);
    if (strcmp(call->name, "verify") == 0) put_signed(&a.prelude);
    if (call->has_key) put_key(&a.unit, ENTRIES);
    put_arguments(&a.unit, call);
    PUT(&a.unit, 0x10, 0);
    if (call->has_result) PUT(&a.unit, 0x1a);
    if (call->must_be_ok) PUT(&a.unit, 0x04, 0x40, 0x00, 0x0b);
    attack_build(&code, &a);
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    if (call->has_key) fill_storage(&id);
    gas_stage_commit();
    gas_class(call->name);
    time_host_call(call, &id);
    attack_clear(&a);
    buf_clear(&code);
}

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
    {.name = "storage_next", .arguments = {0, 0, 0, 4, 512}, .has_key = true, .has_result = true},
    {.name = "arguments_len", .has_result = true, .repeats = MANY},
    {.name = "arguments_read", .arguments = {128, 0, 1}, .repeats = MANY},
    {.name = "arguments_read", .row = "arguments_read_all", .arguments = {128, 0, 1024}},
    {.name = "return_data", .arguments = {128, 1}, .repeats = MANY},
    {.name = "return_data", .row = "return_data_large", .arguments = {128, 4096}},
    {.name = "caller", .arguments = {128}, .repeats = MANY},
    {.name = "self", .arguments = {128}, .repeats = MANY},
    {.name = "chain_id", .arguments = {128}, .repeats = MANY},
    {.name = "tx_id", .arguments = {128}, .repeats = MANY},
    {.name = "value", .has_result = true, .repeats = MANY},
    {.name = "transfer", .arguments = {OTHER_AT, 1}, .commits = true},
    {.name = "block_time", .has_result = true, .repeats = MANY},
    {.name = "block_height", .has_result = true, .repeats = MANY},
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
    {.name = "call", .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 0, 1000000}, .must_be_ok = true},
    {.name = "view", .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 1000000}, .must_be_ok = true},
    {.name = "depth", .has_result = true, .repeats = MANY},
    {.name = "timer_price", .has_result = true, .repeats = MANY},
    {.name = "answer_len", .has_result = true, .repeats = MANY},
    {.name = "answer_code", .has_result = true, .repeats = MANY},
    {.name = "timer_set",
     .arguments = {900000, METHOD_AT, 3, 0, 0, 50000},
     .has_result = true,
     .commits = true,
     .repeats = 100},
    {.name = "timer_set_for",
     .arguments = {OTHER_AT, 900000, METHOD_AT, 3, 0, 0, 50000},
     .has_result = true,
     .commits = true,
     .repeats = 100},
};

static void measure_functions(void) {
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) measure(&calls[i]);
}

// A timer is set and cancelled again: to cancel, there must be one.
static void measure_timer_cancel(void) {
    static const struct host_call set = {.name = "timer_set",
                                         .arguments = {900000, METHOD_AT, 3, 0, 0, 50000}};
    static const struct host_call cancel = {.name = "timer_cancel", .commits = true};
    struct attack a = {.repeats = 1, .is_contract = true, .rounds = 100};
    struct buf code = {0};
    gas_import(&a, set.name);
    gas_import(&a, cancel.name);
    gas_put_bytes(&a.prelude, METHOD_AT, "run", 3);
    put_i64(&a.unit, 900000);
    put_arguments(&a.unit, &set);
    PUT(&a.unit, 0x10, 0, 0x10, 1, 0x1a);
    attack_build(&code, &a);
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    gas_stage_commit();
    gas_class(cancel.name);
    time_host_call(&cancel, &id);
    attack_clear(&a);
    buf_clear(&code);
}

// What another contract answered, read over and over.
static void measure_answer_read(void) {
    static const struct host_call answer = {.name = "return_data", .arguments = {128, 4096}};
    static const struct host_call call = {.name = "call",
                                          .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 0, 1000000}};
    static const struct host_call reads[] = {
        {.name = "answer_read", .arguments = {128, 0, 1}},
        {.name = "answer_read", .row = "answer_read_all", .arguments = {128, 0, 4096}}};
    struct attack teller = {.is_contract = true, .repeats = 1, .rounds = 1};
    gas_import(&teller, answer.name);
    put_arguments(&teller.unit, &answer);
    PUT(&teller.unit, 0x10, 0);
    struct account_id told = gas_stage_deploy(&teller);
    attack_clear(&teller);
    gas_class("answer_read");
    for (int i = 0; i < 2; i++) {
        struct attack a = {.is_contract = true, .repeats = 1, .rounds = MANY};
        gas_import(&a, call.name);
        gas_import(&a, reads[i].name);
        gas_put_bytes(&a.prelude, OTHER_AT, &told, sizeof told);
        gas_put_bytes(&a.prelude, METHOD_AT, "run", 3);
        put_arguments(&a.prelude, &call);
        PUT(&a.prelude, 0x10, 0, 0x1a);
        put_arguments(&a.unit, &reads[i]);
        PUT(&a.unit, 0x10, 1);
        struct account_id id = gas_stage_deploy(&a);
        time_host_call(&reads[i], &id);
        attack_clear(&a);
    }
}

// Refusing ends a call, so it is another's that is refused.
static void measure_refuse(void) {
    static const struct host_call call = {
        .name = "call", .row = "refuse", .arguments = {OTHER_AT, METHOD_AT, 3, 0, 0, 0, 1000000}};
    struct attack refuser = {.is_contract = true, .repeats = 1, .rounds = 1};
    struct attack a = {.is_contract = true, .repeats = 1, .rounds = 1000};
    gas_import(&refuser, "refuse");
    PUT(&refuser.unit, 0x41, 1, 0x10, 0);
    struct account_id refusing = gas_stage_deploy(&refuser);
    gas_import(&a, call.name);
    gas_put_bytes(&a.prelude, OTHER_AT, &refusing, sizeof refusing);
    gas_put_bytes(&a.prelude, METHOD_AT, "run", 3);
    put_arguments(&a.unit, &call);
    PUT(&a.unit, 0x10, 0, 0x1a);
    struct account_id id = gas_stage_deploy(&a);
    gas_class("refuse");
    time_host_call(&call, &id);
    attack_clear(&refuser);
    attack_clear(&a);
}

// A contract puts one code and another under the same contract, which it may, in turn.
static void measure_upgrade(void) {
    enum { HASHES_AT = 128 };
    static const struct host_call upgrade = {.name = "upgrade", .commits = true};
    struct attack first = {.is_contract = true, .repeats = 1, .rounds = 1};
    struct attack second = {.is_contract = true, .repeats = 1, .rounds = 2};
    struct attack a = {.is_contract = true, .repeats = 1, .rounds = 500};
    struct contract_record record;
    struct account_id ids[2] = {gas_stage_deploy(&first), gas_stage_deploy(&second)}, target;
    struct hash hashes[2];
    for (int i = 0; i < 2; i++) {
        ENSURE(contract_load(&record, state_version_view(gas_stage.version), &ids[i]));
        hashes[i] = record.code_hash;
    }
    target = gas_stage_deploy(&first);
    gas_import(&a, upgrade.name);
    gas_put_bytes(&a.prelude, OTHER_AT, &target, sizeof target);
    gas_put_bytes(&a.prelude, HASHES_AT, hashes, sizeof hashes);
    for (int i = 1; i >= 0; i--) {
        put_i32(&a.unit, OTHER_AT);
        put_i32(&a.unit, HASHES_AT + 32 * i);
        PUT(&a.unit, 0x10, 0, 0x04, 0x40, 0x00, 0x0b); // anything but OK stops it
    }
    struct account_id id = gas_stage_deploy(&a);
    gas_stage_begin();
    ENSURE(contract_load(&record, state_draft_view(gas_stage.block.draft), &target));
    record.right = (struct upgrade_right){.kind = UPGRADE_BY_ACCOUNT, .account = id};
    contract_store(gas_stage.block.draft, &target, &record);
    gas_stage_commit();
    gas_class("upgrade");
    time_host_call(&upgrade, &id);
    attack_clear(&first);
    attack_clear(&second);
    attack_clear(&a);
}

static void add_voters(void) {
    struct state_draft *draft = gas_stage.block.draft;
    struct run_tx run = {.block = &gas_stage.block};
    struct votes votes = {.count = LIMIT_VOTES};
    for (uint32_t i = 0; i < LIMIT_VOTES; i++) {
        struct candidate candidate = {.standing = CANDIDATE_STANDS, .number = i};
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
    gas_import(&a, "transfer");
    put_key(&a.unit, receivers);
    put_i32(&a.unit, 0);
    put_i64(&a.unit, LIMIT_VOTES + 1); // so each tally changes
    PUT(&a.unit, 0x10, 0);
    attack_build(&code, &a);
    gas_stage_begin();
    struct account_id id = gas_stage_install(buf_bytes(&code), NULL);
    if (receivers == VOTERS) add_voters();
    gas_stage_commit();
    gas_class("transfer");
    for (int i = 0; i < STAGE_RUNS; i++) {
        gas_stage_begin();
        double start = gas_now_ns();
        gas_stage_call(&id, &gas);
        tally_block(gas_stage.block.draft, 0);
        struct state_version *next = state_commit(gas_stage.block.draft, 7);
        double ns = gas_now_ns() - start;
        if (i == 0 || ns < best) best = ns;
        state_version_unref(next);
        arena_clear(&gas_stage.arena);
    }
    gas_row(name, best, gas.used);
    attack_clear(&a);
    buf_clear(&code);
}

// What a run leaves goes to somebody with as many votes as may be, which is paid for when the timer
// is set: beyond what it takes when all goes to the contract.
static void measure_timer_rest(void) {
    struct state_version *before = state_version_ref(gas_stage.version);
    const uint64_t rests = (uint64_t)STAGE_TIMERS * GAS_TIMER_REST;
    uint64_t gas;
    gas_stage_begin();
    add_voters();
    gas_stage_commit();
    double own = gas_stage_time_timers(&(struct stage_timers){.method = "run"}, &gas);
    double voters =
        gas_stage_time_timers(&(struct stage_timers){.method = "run", .is_for_many = true}, &gas);
    state_version_unref(gas_stage.version);
    gas_stage.version = before;
    gas_class("timer_rest");
    gas_row("timer_rest", voters > own ? voters - own : 0, rests);
    gas_class("timer_run");
    gas_row("timer_run_for_voters", voters, gas + rests);
}

void table_of_host(void) {
    measure_functions();
    measure_answer_read();
    measure_refuse();
    measure_upgrade();
    measure_timer_cancel();
    measure_transfers("transfer_fresh", 1 << 30);
    measure_transfers("transfer_voters", VOTERS);
    measure_timer_rest();
}
