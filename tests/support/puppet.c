// SPDX-License-Identifier: Apache-2.0
// A contract for tests that does what its arguments say: a list of acts, each a byte and what
// belongs to it. Acts may hold the arguments of other puppets, so one transaction can have any
// number of contracts do anything.
#include "tests/support/puppet.h"
#include "chaincore/sdk/lmm.h"

enum { MOST = 64 * 1024 };

static uint8_t first[MOST], second[MOST];
static uint64_t remembered = 100;

static uint32_t read_bytes(struct lmm_reader *in, uint8_t *out) {
    uint32_t len = lmm_read_count(in, MOST);
    lmm_read(in, out, len);
    return len;
}

// "came": {code u32, the other's own code u32, what it returned}
static void tell_answer(uint32_t code) {
    uint32_t own = lmm_answer_code(), len = lmm_answer_len();
    if (len > 1024) len = 1024;
    memcpy(second, &code, 4);
    memcpy(second + 4, &own, 4);
    lmm_answer_read(second + 8, 0, len);
    lmm_event("came", 4, second, 8 + len);
}

static void tell_number(uint64_t number) { lmm_event("number", 6, &number, sizeof number); }

static void call_another(struct lmm_reader *in, uint8_t act) {
    uint8_t contract[32];
    char method[64];
    lmm_read(in, contract, sizeof contract);
    uint32_t method_len = lmm_read_count(in, sizeof method);
    lmm_read(in, method, method_len);
    uint32_t len = read_bytes(in, first);
    uint64_t value = lmm_read_u64(in), gas = lmm_read_u64(in);
    uint32_t code = act == PUPPET_LOOK
                        ? lmm_view(contract, method, method_len, first, len, gas)
                        : lmm_call(contract, method, method_len, first, len, value, gas);
    if (act == PUPPET_MUST_CALL && code != LMM_CALL_OK) lmm_refuse(1000 + code);
    if (act == PUPPET_RELAY && code == LMM_CALL_REFUSED) lmm_refuse(lmm_answer_code());
    if (act == PUPPET_CALL) tell_answer(code);
    if (act == PUPPET_LOOK) lmm_return(&code, sizeof code);
}

static void count_keys(struct lmm_reader *in) {
    static uint8_t key[256];
    uint32_t prefix_len = read_bytes(in, first);
    uint64_t count = 0;
    int32_t len = 0;
    while ((len = lmm_storage_next(first, prefix_len, key, (uint32_t)len, key)) >= 0) count++;
    tell_number(count);
}

static void flood(struct lmm_reader *in) {
    uint32_t from = lmm_read_u32(in), count = lmm_read_u32(in), len = lmm_read_count(in, MOST);
    for (uint32_t i = from; i < from + count; i++) lmm_storage_set(&i, sizeof i, first, len);
}

static void clear(struct lmm_reader *in) {
    uint32_t from = lmm_read_u32(in), count = lmm_read_u32(in);
    for (uint32_t i = from; i < from + count; i++) lmm_storage_delete(&i, sizeof i);
}

static void keep(struct lmm_reader *in) {
    uint32_t key_len = read_bytes(in, first), value_len = read_bytes(in, second);
    lmm_storage_set(first, key_len, second, value_len);
}

static void tell(struct lmm_reader *in) {
    uint32_t topic_len = read_bytes(in, first), data_len = read_bytes(in, second);
    lmm_event(first, topic_len, second, data_len);
}

static void shout(struct lmm_reader *in) {
    uint32_t count = lmm_read_u32(in), len = lmm_read_count(in, MOST);
    for (uint32_t i = 0; i < count; i++) lmm_event("loud", 4, second, len);
}

static void pay_out(struct lmm_reader *in) {
    uint8_t to[32];
    lmm_read(in, to, sizeof to);
    lmm_transfer(to, lmm_read_u64(in));
}

static void grow(uint32_t pages) {
#ifdef __wasm__
    tell_number((uint64_t)(int64_t)(int32_t)__builtin_wasm_memory_grow(0, pages));
#else
    tell_number(pages);
#endif
}

static void upgrade_another(struct lmm_reader *in) {
    uint8_t contract[32], code_hash[32];
    lmm_read(in, contract, sizeof contract);
    lmm_read(in, code_hash, sizeof code_hash);
    tell_number(lmm_upgrade(contract, code_hash));
}

static void set_timer(struct lmm_reader *in) {
    uint64_t due_ms = lmm_read_u64(in), gas = lmm_read_u64(in);
    uint32_t len = read_bytes(in, first);
    tell_number(lmm_timer_set(due_ms, "act", 3, first, len, gas));
}

static void set_timer_for(struct lmm_reader *in) {
    uint8_t account[32];
    lmm_read(in, account, sizeof account);
    uint64_t due_ms = lmm_read_u64(in), gas = lmm_read_u64(in);
    uint32_t len = read_bytes(in, first);
    tell_number(lmm_timer_set_for(account, due_ms, "act", 3, first, len, gas));
}

static void cancel_timer(struct lmm_reader *in) {
    uint64_t due_ms = lmm_read_u64(in), id = lmm_read_u64(in);
    tell_number(lmm_timer_cancel(due_ms, id));
}

static void set_again(struct lmm_reader *in) {
    uint64_t due_ms = lmm_block_time_ms() + lmm_read_u64(in), gas = lmm_read_u64(in);
    uint32_t len = lmm_arguments_len();
    lmm_arguments_read(first, 0, len);
    tell_number(lmm_timer_set(due_ms, "act", 3, first, len, gas));
}

static void check_signature(struct lmm_reader *in) {
    static uint8_t key[32], signature[64], payload[32];
    first[read_bytes(in, first)] = 0;
    lmm_read(in, key, sizeof key);
    lmm_read(in, signature, sizeof signature);
    lmm_read(in, payload, sizeof payload);
    if (!lmm_verify_tagged((const char *)first, key, signature, payload)) lmm_refuse(7);
}

static void act_out(struct lmm_reader *in, uint8_t act) {
    switch (act) {
    case PUPPET_SET:
        return keep(in);
    case PUPPET_DELETE:
        lmm_storage_delete(first, read_bytes(in, first));
        return;
    case PUPPET_CALL:
    case PUPPET_MUST_CALL:
    case PUPPET_LOOK:
    case PUPPET_RELAY:
        return call_another(in, act);
    case PUPPET_TRANSFER:
        return pay_out(in);
    case PUPPET_EVENT:
        return tell(in);
    case PUPPET_REFUSE:
        lmm_refuse(lmm_read_u32(in));
    case PUPPET_TRAP:
        __builtin_trap();
    case PUPPET_SPIN:
        for (volatile uint32_t i = 0;; i++) {}
    case PUPPET_RETURN:
        return lmm_return(first, read_bytes(in, first));
    case PUPPET_GROW:
        return grow(lmm_read_u32(in));
    case PUPPET_COUNT:
        return count_keys(in);
    case PUPPET_FLOOD:
        return flood(in);
    case PUPPET_CLEAR:
        return clear(in);
    case PUPPET_TIMER:
        return set_timer(in);
    case PUPPET_TIMER_FOR:
        return set_timer_for(in);
    case PUPPET_CANCEL:
        return cancel_timer(in);
    case PUPPET_AGAIN:
        return set_again(in);
    case PUPPET_REMEMBER:
        return tell_number(++remembered);
    case PUPPET_UPGRADE:
        return upgrade_another(in);
    case PUPPET_SHOUT:
        return shout(in);
    case PUPPET_CHECK:
        return check_signature(in);
    default:
        lmm_refuse(LMM_BAD_ARGUMENTS);
    }
}

static void run_script(void) {
    struct lmm_reader in = lmm_arguments();
    while (in.offset < in.len) act_out(&in, lmm_read_u8(&in));
}

LMM_INIT { run_script(); }
LMM_UPGRADE { run_script(); }
LMM_METHOD(act) { run_script(); }
LMM_PAYABLE(pay) { run_script(); }
LMM_VIEW(look) { run_script(); }
