// SPDX-License-Identifier: Apache-2.0
// Orders a second in the energy market's contract, on the chain's own virtual machine and state,
// execution alone: money moved, collateral locked, deposits settled, events hashed into a receipt;
// no signatures, no blocks' roots. Half of the orders rest and half of them trade, so that the book
// stays as large as it was: 10, 10,000 and 1,000,000 resting orders. One JSON line for each, beside
// the smallest:
//   {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
// --quick: so few that it only shows that the program works.
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "apps/energy/contract/rules.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/call.h"
#include "chaincore/contract/timer.h"

#define CONTRACT "apps/energy/contract/energy.wasm"
enum { PEOPLE = 1000, BLOCK_ORDERS = 1000, TURNS = 3, CAP = 30000 };
enum { MIDDLE = 5000, WH = 100, SLOT = 2000, BOOKS = 3 };
static uint64_t resting[BOOKS] = {10, 10000, 1000000};
static int measured_blocks = 20;
static const struct account_id contract = {{0xce}};

static struct {
    struct state *state;
    struct state_version *version;
    struct module_cache *modules;
    struct arena arena;
    struct apply_block block;
    uint64_t gas;
    uint64_t seed;
} stage;

static uint64_t pick(uint64_t below) {
    uint64_t z = (stage.seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (z ^ (z >> 31)) % below;
}

static double processor_ms(void) {
    struct timespec time;
    ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static void begin_block(void) {
    stage.block = (struct apply_block){.draft = state_draft_begin(stage.state, stage.version),
                                       .modules = stage.modules,
                                       .arena = &stage.arena,
                                       .params = {.block_interval_ms = 500,
                                                  .epoch_blocks = 120,
                                                  .min_gas_price = 1,
                                                  .block_gas_limit = 1000000000,
                                                  .deposit_per_byte = 10},
                                       .height = 7,
                                       .time_ms = (SLOT - 10) * (uint64_t)SLOT_MS};
}

static void commit_block(void) {
    state_version_unref(stage.version);
    stage.version = state_commit(stage.block.draft, 7);
    arena_reset(&stage.arena);
}

static struct account_id person(uint64_t number) {
    struct account_id id = {{0xac}};
    store_u64_le(id.bytes + 8, number);
    return id;
}

static void store_money(const struct account_id *id) {
    struct account account = {.balance = amount_of_units(UINT64_C(1) << 55)};
    account_store(stage.block.draft, id, &account);
}

static void install(void) {
    struct buf code = {0};
    struct run_tx run = {.block = &stage.block, .gas = {.limit = UINT64_MAX}};
    ENSURE(file_read(&code, CONTRACT, LIMIT_CODE_BYTES) == STATUS_OK);
    struct run_module module = {.code = buf_bytes(&code)};
    ENSURE(run_install(&run, &contract, &module) == TX_CODE_OK);
    store_money(&contract);
    for (uint64_t i = 0; i < PEOPLE; i++) {
        struct account_id id = person(i);
        store_money(&id);
    }
    buf_clear(&code);
}

static void call(const struct account_id *sender, const char *method, const struct buf *arguments,
                 uint64_t value) {
    static const struct hash id;
    struct tx tx = {.sender = *sender};
    struct tx_action action = {.kind = TX_CALL,
                               .call = {.contract = contract,
                                        .method = bytes_of_string(method),
                                        .arguments = buf_bytes(arguments),
                                        .value = amount_of_units(value)}};
    struct run_tx run = {.block = &stage.block,
                         .tx = &tx,
                         .tx_id = &id,
                         .gas = {.limit = UINT64_MAX},
                         .payer = sender,
                         .deposit_left = amount_of_units(UINT64_MAX)};
    struct block_tx done = {0};
    enum tx_code code = run_call(&run, &action);
    run_receipt(&done, &run, code); // hashes the events
    stage.gas += run.gas.used;
    if (code == TX_CODE_OK) return;
    fprintf(stderr, "%s: %s %u\n", method, tx_code_name(code), run.contract_code);
    exit(EXIT_FAILURE);
}

static void make_zone(void) {
    struct buf arguments = {0};
    struct account_id operator_id = person(0);
    encode_u64(&arguments, CAP);
    encode_u64(&arguments, WH); // the lot
    encode_u32(&arguments, 300000);
    encode_u32(&arguments, WAIT_MS_MIN);
    encode_bytes(&arguments, bytes_of_string("North"));
    call(&operator_id, "zone", &arguments, 1000000000);
    buf_clear(&arguments);
}

static void order(uint64_t number, uint8_t side, uint64_t price) {
    uint8_t storage[64];
    struct buf arguments = BUF_OVER(storage);
    struct account_id sender = person(number);
    encode_u32(&arguments, 1);
    encode_u32(&arguments, SLOT);
    encode_u8(&arguments, side);
    encode_u8(&arguments, LIMIT);
    encode_u64(&arguments, price);
    encode_u64(&arguments, WH);
    // What opening the slot costs, should this order do so, comes back from the others.
    uint64_t opening = timer_price(&stage.block.params) * TIMER_GAS;
    call(&sender, "order", &arguments, WH * (side == BUY ? price : CAP) + opening);
}

// Half bids, half asks, on a thousand prices each.
static void fill_book(uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        if (i % BLOCK_ORDERS == 0) begin_block();
        uint8_t side = i % 2 ? BUY : SELL;
        uint64_t away = 1 + pick(1000);
        order(pick(PEOPLE / 2), side, side == BUY ? MIDDLE - away : MIDDLE + away);
        if (i % BLOCK_ORDERS == BLOCK_ORDERS - 1 || i == count - 1) commit_block();
    }
}

// Sellers come in front of what rests, buyers of the other half of the people take them.
static void run_orders(void) {
    for (int i = 0; i < BLOCK_ORDERS / 2; i++) {
        order(pick(PEOPLE / 2), SELL, MIDDLE);
        order(PEOPLE / 2 + pick(PEOPLE / 2), BUY, MIDDLE);
    }
}

static double measure(uint64_t count, double *gas_per_order) {
    double best = 0;
    stage.state = state_create();
    stage.version = state_version_empty();
    stage.modules = module_cache_create(host_imports(), false);
    begin_block();
    install();
    make_zone();
    commit_block();
    fill_book(count);
    stage.gas = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        double ms = 0;
        for (int i = 0; i < measured_blocks; i++) {
            begin_block();
            double start = processor_ms();
            run_orders();
            ms += processor_ms() - start;
            commit_block();
        }
        double rate = measured_blocks * BLOCK_ORDERS / ms * 1e3;
        if (rate > best) best = rate;
    }
    *gas_per_order = (double)stage.gas / (TURNS * measured_blocks * BLOCK_ORDERS);
    state_version_unref(stage.version);
    module_cache_free(stage.modules);
    state_free(stage.state);
    return best;
}

int main(int count, char **arguments) {
    double smallest = 0, gas;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) {
        resting[1] = 20;
        resting[2] = 30;
        measured_blocks = 1;
    }
    ENSURE(crypto_init() == STATUS_OK);
    for (int i = 0; i < BOOKS; i++) {
        double rate = measure(resting[i], &gas);
        if (i == 0) smallest = rate;
        printf("{\"name\": \"orders_execution_%llu\", \"value\": %.4g, \"unit\": \"orders/s\", "
               "\"baseline\": \"%llu resting orders\", \"baseline_value\": %.4g, "
               "\"ratio\": %.3f}\n",
               (unsigned long long)resting[i], rate, (unsigned long long)resting[0], smallest,
               rate / smallest);
        fprintf(stderr, "%.0f gas an order\n", gas);
        fflush(stdout);
    }
    arena_clear(&stage.arena);
    return 0;
}
