// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/timer.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/call.h"
#include "chaincore/contract/gas.h"

static const uint8_t SPACE = STATE_TIMER;
static const char COUNTER[] = "timers";

// Of a block's gas and results, what all timers may use together; and of its gas, what one may ask
// for.
enum {
    BLOCK_SHARE = 4,
    LIMIT_SHARE = 16,
    TIMERS_RESULT_BYTES = LIMIT_BLOCK_RESULT_BYTES / BLOCK_SHARE
};

void timer_encode(struct buf *out, const struct timer *timer) {
    encode_fixed(out, &timer->contract, sizeof timer->contract);
    encode_fixed(out, &timer->rest_to, sizeof timer->rest_to);
    encode_bytes(out, timer->method);
    encode_bytes(out, timer->arguments);
    encode_u64(out, timer->gas_limit);
    encode_u64(out, timer->gas_price);
}

enum status timer_decode(struct timer *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    decode_fixed(&decoder, &out->contract, sizeof out->contract);
    decode_fixed(&decoder, &out->rest_to, sizeof out->rest_to);
    out->method = decode_bytes(&decoder, LIMIT_METHOD_NAME_BYTES);
    out->arguments = decode_bytes(&decoder, LIMIT_TIMER_ARGUMENT_BYTES);
    out->gas_limit = decode_u64(&decoder);
    out->gas_price = decode_u64(&decoder);
    return decoder_finish(&decoder);
}

// Big-endian, so that the state's order is that of the runs.
static void make_key(struct state_key *out, const struct timer_place *place) {
    out->bytes[0] = SPACE;
    store_u64_be(out->bytes + 1, place->due_ms);
    store_u64_be(out->bytes + 9, place->id);
    out->len = 17;
}

static struct timer_place place_of(struct bytes key) {
    return (struct timer_place){.due_ms = load_u64_be(key.data + 1),
                                .id = load_u64_be(key.data + 9)};
}

static int64_t entry_bytes(size_t value_len) { return DEPOSIT_ENTRY_BYTES + (int64_t)value_len; }

static uint64_t next_id(struct state_draft *draft) {
    struct state_key key;
    struct bytes value;
    uint8_t stored[8];
    uint64_t id = 0;
    state_key_of_chain(&key, COUNTER);
    if (state_get(state_draft_view(draft), state_key_bytes(&key), &value)) {
        ENSURE(value.len == sizeof stored);
        id = load_u64_le(value.data);
    }
    store_u64_le(stored, id + 1);
    state_put(draft, state_key_bytes(&key), BYTES_OF(stored));
    return id;
}

static struct amount price_of(const struct timer *timer) {
    struct amount price;
    ENSURE(amount_mul(&price, amount_of_units(timer->gas_price), timer->gas_limit) == STATUS_OK);
    return price;
}

static enum tx_code pay_ahead(struct apply_block *block, const struct timer *timer) {
    struct account account;
    struct amount price;
    account_load(&account, state_draft_view(block->draft), &timer->contract);
    if (amount_mul(&price, amount_of_units(timer->gas_price), timer->gas_limit) != STATUS_OK ||
        amount_sub(&account.balance, account.balance, price) != STATUS_OK)
        return TX_CODE_INSUFFICIENT_FUNDS;
    account.last_used = block->height;
    account_store(block->draft, &timer->contract, &account);
    return TX_CODE_OK;
}

uint64_t timer_price(const struct params *params) {
    return params->min_gas_price > 0 ? params->min_gas_price : 1;
}

enum tx_code timer_set(struct run_tx *run, const struct timer *given, struct timer_place *place,
                       int64_t *bytes) {
    const struct params *params = &run->block->params;
    struct timer timer = *given;
    struct state_key key;
    struct buf value = {0};
    if (place->due_ms <= run->block->time_ms || timer.gas_limit < GAS_TIMER_RUN ||
        timer.gas_limit > params->block_gas_limit / LIMIT_SHARE || timer.method.len == 0 ||
        timer.method.len > LIMIT_METHOD_NAME_BYTES ||
        timer.arguments.len > LIMIT_TIMER_ARGUMENT_BYTES)
        return TX_CODE_TIMER_BOUND;
    timer.gas_price = timer_price(params);
    enum tx_code code = pay_ahead(run->block, &timer);
    if (code != TX_CODE_OK) return code;
    place->id = next_id(run->block->draft);
    make_key(&key, place);
    timer_encode(&value, &timer);
    state_put(run->block->draft, state_key_bytes(&key), buf_bytes(&value));
    *bytes = entry_bytes(value.len);
    buf_clear(&value);
    return TX_CODE_OK;
}

bool timer_cancel(struct run_tx *run, const struct account_id *contract,
                  const struct timer_place *place, int64_t *bytes) {
    struct state_key key;
    struct bytes value;
    struct timer timer;
    make_key(&key, place);
    if (!state_get(state_draft_view(run->block->draft), state_key_bytes(&key), &value))
        return false;
    ENSURE(timer_decode(&timer, value) == STATUS_OK);
    if (!account_id_equal(&timer.contract, contract)) return false;
    *bytes = -entry_bytes(value.len);
    struct amount price = price_of(&timer);
    state_delete(run->block->draft, state_key_bytes(&key));
    account_pay_in(run->block, contract, price);
    return true;
}

// What is due first, copied into the arena: its entry goes away before it runs.
static bool take_due(struct apply_block *block, struct timer *timer, struct timer_place *place,
                     uint64_t gas_left, struct bytes *entry) {
    struct bytes key, value;
    if (!state_next(state_draft_view(block->draft), bytes_of(&SPACE, 1), bytes_of("", 0), &key,
                    &value))
        return false;
    *place = place_of(key);
    if (place->due_ms > block->time_ms) return false;
    *entry = arena_copy(block->arena, value);
    ENSURE(timer_decode(timer, *entry) == STATUS_OK);
    // Parameters may have changed since it was set; it must not block the others for ever.
    uint64_t most = block->params.block_gas_limit / BLOCK_SHARE;
    return (timer->gas_limit < most ? timer->gas_limit : most) <= gas_left;
}

static void make_run_id(struct hash *out, const struct timer *timer,
                        const struct timer_place *place) {
    uint8_t preimage[48];
    memcpy(preimage, &timer->contract, 32);
    store_u64_le(preimage + 32, place->due_ms);
    store_u64_le(preimage + 40, place->id);
    hash_bytes(out, HASH_TIMER, BYTES_OF(preimage));
}

static enum tx_code call_timer(struct run_tx *run, const struct timer *timer) {
    struct host_frame frame;
    struct call_target target = {.kind = CALL_METHOD,
                                 .contract = timer->contract,
                                 .method = timer->method,
                                 .arguments = timer->arguments};
    call_frame_of_run(&frame, run, &timer->contract);
    enum tx_code code = call_contract(&frame, &target, &run->gas);
    run->contract_code = frame.contract_code;
    host_frame_clear(&frame);
    return code;
}

static struct amount fee_of(const struct run_tx *run, const struct timer *timer) {
    struct amount fee;
    ENSURE(amount_mul(&fee, amount_of_units(timer->gas_price), run->gas.used) == STATUS_OK);
    return fee;
}

// What is there for deposits: those that were freed, and what was paid for gas and not used.
static struct amount purse_of(const struct run_tx *run, const struct timer *timer) {
    struct amount purse;
    ENSURE(amount_sub(&purse, price_of(timer), fee_of(run, timer)) == STATUS_OK);
    ENSURE(amount_add(&purse, purse, run->freed) == STATUS_OK); // below the supply
    return purse;
}

// False: the run has locked more than there is for it.
static bool pay_rest(struct run_tx *run, const struct timer *timer) {
    struct amount purse = purse_of(run, timer), rest;
    struct account contract;
    if (amount_sub(&rest, purse, run->locked) == STATUS_OK) {
        account_pay_in(run->block, &timer->rest_to, rest);
        return true;
    }
    if (!account_id_equal(&timer->rest_to, &timer->contract)) return false;
    ENSURE(amount_sub(&rest, run->locked, purse) == STATUS_OK);
    account_load(&contract, state_draft_view(run->block->draft), &timer->contract);
    if (amount_sub(&contract.balance, contract.balance, rest) != STATUS_OK) return false;
    contract.last_used = run->block->height;
    account_store(run->block->draft, &timer->contract, &contract);
    return true;
}

// The call, and what it leaves: all of it, or nothing but the gas that it used.
static enum tx_code call_and_settle(struct run_tx *run, const struct timer *timer) {
    struct apply_block *block = run->block;
    size_t savepoint = state_savepoint(block->draft);
    struct arena_mark mark = arena_mark(block->arena);
    struct run_tx before = *run;
    enum tx_code code = TX_CODE_OUT_OF_GAS;
    if (run_charge(&run->gas, GAS_TIMER_RUN)) code = call_timer(run, timer);
    if (pay_rest(run, timer)) return code;
    state_rollback(block->draft, savepoint);
    arena_rewind(block->arena, mark);
    before.gas = run->gas;
    *run = before;
    ENSURE(pay_rest(run, timer)); // nothing is locked now
    return TX_CODE_INSUFFICIENT_FUNDS;
}

static void run_timer(struct apply_block *block, const struct timer *timer,
                      const struct timer_place *place, size_t entry_len, struct block_tx *out) {
    uint64_t most = block->params.block_gas_limit / BLOCK_SHARE;
    struct state_key key;
    struct hash id;
    struct run_tx run = {.block = block,
                         .tx_id = &id,
                         .payer = &timer->contract,
                         .is_timer = true,
                         .deposit_left = amount_of_units(UINT64_MAX)};
    run.gas.limit = timer->gas_limit < most ? timer->gas_limit : most;
    make_run_id(&id, timer, place);
    make_key(&key, place);
    state_delete(block->draft, state_key_bytes(&key));
    ENSURE(contract_settle(&run, &timer->contract, -entry_bytes(entry_len)) == TX_CODE_OK);
    enum tx_code code = call_and_settle(&run, timer);
    ENSURE(amount_add(&block->fees, block->fees, fee_of(&run, timer)) == STATUS_OK);
    block->gas_used += run.gas.used;
    run_receipt(out, &run, code);
}

void timers_run(struct apply_block *block, struct timer_runs *out) {
    uint64_t left = block->params.block_gas_limit / BLOCK_SHARE;
    uint32_t capacity = 0;
    struct timer timer;
    struct timer_place place;
    struct bytes entry;
    *out = (struct timer_runs){0};
    while (out->count < LIMIT_BLOCK_TIMERS &&
           BLOCK_TX_RESULT_MAX <= TIMERS_RESULT_BYTES - block->result_bytes &&
           take_due(block, &timer, &place, left, &entry)) {
        if (out->count == capacity) {
            capacity = capacity ? 2 * capacity : 16;
            struct block_tx *grown = arena_alloc_array(block->arena, capacity, sizeof *grown);
            if (out->count > 0) memcpy(grown, out->runs, out->count * sizeof *grown);
            out->runs = grown;
        }
        struct block_tx *run = &out->runs[out->count++];
        *run = (struct block_tx){.encoded = bytes_of("", 0)};
        run_timer(block, &timer, &place, entry.len, run);
        left -= run->receipt.gas_used;
    }
}

bool timer_next_due(const struct state_view *view, uint64_t *due_ms) {
    struct bytes key, value;
    if (!state_next(view, bytes_of(&SPACE, 1), bytes_of("", 0), &key, &value)) return false;
    *due_ms = place_of(key).due_ms;
    return true;
}

enum status timer_sum(struct amount *out, const struct state_view *view) {
    struct bytes key = bytes_of("", 0), value;
    struct timer timer;
    enum status status = STATUS_OK;
    *out = amount_of_units(0);
    while (status == STATUS_OK && state_next(view, bytes_of(&SPACE, 1), key, &key, &value)) {
        ENSURE(timer_decode(&timer, value) == STATUS_OK);
        status = amount_add(out, *out, price_of(&timer));
    }
    return status;
}
