// SPDX-License-Identifier: Apache-2.0
// What contracts bring with them; the first byte says what. Descriptions, and entries of the state,
// from any bytes. And calls of the host's functions, one after another, with pointers, lengths and
// numbers as the bytes say: two contracts, each able to call the other, in a transaction and in the
// timers that they leave. Whatever they do, it costs gas within its limit, no money is lost or
// made, and the same again ends the same way.
#include "chaincore/contract/abi.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/parameters.h"
#include "chaincore/contract/run.h"
#include "chaincore/contract/supply.h"
#include "chaincore/contract/timer.h"
#include "chaincore/crypto/sign.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { GAS = 3000000, CONTRACTS = 2, MOST_CALLS = 64, MONEY = 1 << 30 };
enum { OWN_AT = 64, OTHER_AT = 96, METHOD_AT = 128, PAGE = 65536 };

// --- entries ---

static void check_timer(struct bytes in) {
    struct timer timer;
    struct buf again = {0};
    if (timer_decode(&timer, in) != STATUS_OK) return;
    timer_encode(&again, &timer);
    ENSURE(bytes_equal(buf_bytes(&again), in));
    buf_clear(&again);
}

static void check_record(struct bytes in) {
    struct contract_record record;
    struct buf again = {0};
    if (contract_record_decode(&record, in) != STATUS_OK) return;
    contract_record_encode(&again, &record);
    ENSURE(bytes_equal(buf_bytes(&again), in));
    buf_clear(&again);
}

static void check_abi(struct bytes in) {
    struct bytes abi;
    if (!abi_of_code(in, &abi)) return;
    ENSURE(abi.data >= in.data && abi.data + abi.len <= in.data + in.len);
}

// --- a module that calls as it is told ---

static void put_leb(struct buf *out, uint64_t value) {
    for (; value > 0x7f; value >>= 7) buf_append_byte(out, (uint8_t)(value | 0x80));
    buf_append_byte(out, (uint8_t)value);
}

static void put_constant(struct buf *out, bool is_wide, int64_t value) {
    buf_append_byte(out, is_wide ? 0x42 : 0x41);
    for (bool more = true; more;) {
        uint8_t byte = value & 0x7f;
        value >>= 7;
        more = !((value == 0 && !(byte & 0x40)) || (value == -1 && (byte & 0x40)));
        buf_append_byte(out, more ? byte | 0x80 : byte);
    }
}

static void put_section(struct buf *out, uint8_t id, const struct buf *content) {
    buf_append_byte(out, id);
    put_leb(out, content->len);
    buf_append(out, buf_bytes(content));
}

static uint8_t take(struct bytes *in) {
    if (in->len == 0) return 0;
    uint8_t byte = in->data[0];
    *in = bytes_of(in->data + 1, in->len - 1);
    return byte;
}

// What is near a bound, or of use; or else any number.
static int64_t take_number(struct bytes *in) {
    static const int64_t known[] = {
        0,         1,         3,     4,       8,      32,        OWN_AT,    OTHER_AT,
        METHOD_AT, PAGE - 1,  PAGE,  1000,    4096,   64 * 1024, GAS,       2 * PAGE - 32,
        2 * PAGE,  -1,        -2,    5001,    100000, MONEY,     MONEY + 1, INT32_MAX,
        INT32_MIN, INT64_MAX, 65535, 1 << 20, 2000,   6000,      256,       16};
    uint8_t choice = take(in);
    if (choice < sizeof known / sizeof *known) return known[choice];
    if (choice < 128) return choice - 32;
    uint64_t number = 0;
    for (int i = 0; i < (choice < 192 ? 4 : 8); i++) number = number << 8 | take(in);
    return choice < 192 ? (int32_t)number : (int64_t)number;
}

static void put_calls(struct buf *out, struct bytes in) {
    const struct vm_import_table *table = host_imports();
    for (int i = 0; in.len > 0 && i < MOST_CALLS; i++) {
        size_t number = take(&in) % table->count;
        const struct vm_host_function *function = &table->functions[number];
        for (const char *at = function->parameters; *at; at++)
            put_constant(out, *at == 'I',
                         *at == 'I' ? take_number(&in) : (int32_t)take_number(&in));
        buf_append_byte(out, 0x10);
        put_leb(out, number);
        if (*function->result) buf_append_byte(out, 0x1a);
    }
}

static void put_types(struct buf *out) {
    const struct vm_import_table *table = host_imports();
    put_leb(out, table->count + 1);
    for (size_t i = 0; i < table->count; i++) {
        const char *lists[] = {table->functions[i].parameters, table->functions[i].result};
        buf_append_byte(out, 0x60);
        for (int k = 0; k < 2; k++) {
            put_leb(out, strlen(lists[k]));
            for (const char *at = lists[k]; *at; at++)
                buf_append_byte(out, *at == 'I' ? 0x7e : 0x7f);
        }
    }
    buf_append(out, bytes_of("\x60\0\0", 3));
}

static void put_imports(struct buf *out) {
    const struct vm_import_table *table = host_imports();
    put_leb(out, table->count);
    for (size_t i = 0; i < table->count; i++) {
        buf_append_string(out, "\3lmm");
        put_leb(out, strlen(table->functions[i].name));
        buf_append_string(out, table->functions[i].name);
        buf_append_byte(out, 0);
        put_leb(out, i);
    }
}

static struct account_id contract_id(int number) {
    return (struct account_id){{(uint8_t)number, 0xbb}};
}

// Its own id, the other's, and the name of the method that all of it is.
static void put_data(struct buf *out, int own) {
    struct account_id ids[] = {contract_id(own), contract_id(1 - own)};
    buf_append(out, bytes_of("\1\0", 2));
    put_constant(out, false, OWN_AT);
    buf_append_byte(out, 0x0b);
    put_leb(out, sizeof ids + 3);
    buf_append(out, BYTES_OF(ids));
    buf_append_string(out, "run");
}

static void build(struct buf *out, int own, struct bytes calls) {
    uint8_t function = (uint8_t)host_imports()->count;
    struct buf part = {0}, body = {0};
    buf_append(out, bytes_of("\0asm\1\0\0\0", 8));
    put_types(&part);
    put_section(out, 1, &part);
    buf_reset(&part);
    put_imports(&part);
    put_section(out, 2, &part);
    buf_reset(&part);
    buf_append_byte(&part, 1);
    buf_append_byte(&part, function); // the type behind those of the host
    put_section(out, 3, &part);
    buf_append(out, bytes_of("\5\4\1\1\2\2", 6));
    buf_reset(&part);
    static const char *const names[] = {"call.run", "pay.run", "view.run"};
    buf_append_byte(&part, 3);
    for (int i = 0; i < 3; i++) {
        put_leb(&part, strlen(names[i]));
        buf_append_string(&part, names[i]);
        buf_append_byte(&part, 0);
        buf_append_byte(&part, function);
    }
    put_section(out, 7, &part);
    buf_append_byte(&body, 0);
    put_calls(&body, calls);
    buf_append_byte(&body, 0x0b);
    buf_reset(&part);
    buf_append_byte(&part, 1);
    put_leb(&part, body.len);
    buf_append(&part, buf_bytes(&body));
    put_section(out, 10, &part);
    buf_reset(&part);
    put_data(&part, own);
    put_section(out, 11, &part);
    buf_clear(&part);
    buf_clear(&body);
}

// --- a chain of two blocks ---

struct outcome {
    struct receipt receipt;
    struct hash root;
};

static void begin(struct apply_block *block, const struct buf codes[CONTRACTS]) {
    static const struct account_id user = {{1, 0xaa}};
    struct account account = {.balance = amount_of_units(MONEY)};
    struct supply supply = {.genesis = amount_of_units((1 + CONTRACTS) * (uint64_t)MONEY)};
    parameters_store(block->draft, &block->params);
    supply_store(block->draft, &supply);
    account_store(block->draft, &user, &account);
    for (int i = 0; i < CONTRACTS; i++) {
        struct account_id id = contract_id(i);
        struct run_tx run = {.block = block, .gas = {.limit = UINT64_MAX}};
        struct run_module module = {
            .code = buf_bytes(&codes[i]),
            .right = {.kind = UPGRADE_BY_ACCOUNT, .account = contract_id(1 - i)}};
        account_store(block->draft, &id, &account);
        ENSURE(run_install(&run, &id, &module) == TX_CODE_OK);
    }
}

static void run_tx(struct apply_block *block, struct outcome *out) {
    static struct tx tx;
    struct block_tx done = {.encoded = bytes_of("", 0)};
    struct hash id;
    tx = (struct tx){.version = TX_VERSION,
                     .sender = {{1, 0xaa}},
                     .valid_until = 1000,
                     .gas_limit = GAS,
                     .gas_price = 1,
                     .action_count = 1};
    tx.actions[0] = (struct tx_action){.kind = TX_CALL,
                                       .call = {.contract = contract_id(0),
                                                .method = bytes_of_string("run"),
                                                .arguments = bytes_of_string("told"),
                                                .value = amount_of_units(1)}};
    tx_id(&id, &tx);
    apply_tx(block, &tx, &id, &done);
    ENSURE(done.receipt.gas_used <= GAS);
    out->receipt = done.receipt;
}

static void finish(struct apply_block *block) {
    apply_finish(block);
    ENSURE(supply_is_conserved(state_draft_view(block->draft)));
    block->height++;
    block->time_ms += 5000;
    block->gas_used = 0;
    block->tx_bytes = block->result_bytes = 0;
    block->fees = amount_of_units(0);
}

// With a cache that may have been used before, which must not show.
static void run_chain(const struct buf codes[CONTRACTS], struct module_cache *modules,
                      struct outcome *out) {
    // One for all chains: megabytes to ask for and to give back, which each leaves empty.
    static struct state *state;
    struct arena arena = {0};
    struct timer_runs timers;
    if (!state) state = state_create();
    struct state_version *version = state_version_empty();
    struct apply_block block = {.draft = state_draft_begin(state, version),
                                .modules = modules,
                                .arena = &arena,
                                .params = {.block_interval_ms = 1,
                                           .epoch_blocks = 120,
                                           .min_gas_price = 1,
                                           .block_gas_limit = 4 * (uint64_t)GAS,
                                           .deposit_per_byte = 10},
                                .height = 7,
                                .time_ms = 5000,
                                .leader = {{0xcc}}};
    state_version_unref(version);
    begin(&block, codes);
    run_tx(&block, out);
    finish(&block);
    timers_run(&block, &timers);
    finish(&block);
    version = state_commit(block.draft, 8);
    out->root = *state_root(version);
    state_version_unref(version);
    arena_clear(&arena);
}

static void check_calls(struct bytes in) {
    struct buf codes[CONTRACTS] = {{0}};
    struct outcome first, second;
    size_t half = in.len / 2;
    build(&codes[0], 0, bytes_of(in.data, half));
    build(&codes[1], 1, bytes_of(in.data + half, in.len - half));
    struct module_cache *modules = module_cache_create(host_imports(), false);
    run_chain(codes, modules, &first);
    run_chain(codes, modules, &second);
    module_cache_free(modules);
    ENSURE(first.receipt.code == second.receipt.code);
    ENSURE(first.receipt.gas_used == second.receipt.gas_used);
    ENSURE(hash_equal(&first.receipt.events_root, &second.receipt.events_root));
    ENSURE(hash_equal(&first.root, &second.root));
    for (int i = 0; i < CONTRACTS; i++) buf_clear(&codes[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    ENSURE(crypto_init() == STATUS_OK);
    struct bytes in = bytes_of(data + 1, size - 1);
    switch (data[0] & 3) {
    case 0:
        check_abi(in);
        break;
    case 1:
        check_timer(in);
        break;
    case 2:
        check_record(in);
        break;
    default:
        check_calls(in);
    }
    return 0;
}
