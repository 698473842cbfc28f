// SPDX-License-Identifier: Apache-2.0
// The mock of the chain keeps the chain's rules, so that what holds for a contract on it may be
// believed. The cases mirror those of tests/unit/contract, with the same contract.
#include "chaincore/base/codec.h"
#include "chaincore/sdk/lmm.h"
#include "tests/support/mock_host.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"

static struct mock *mock;
static struct buf script;
static const struct bytes NONE = {0};

static void start(void) {
    mock = mock_open("tests/support/puppet.so");
    ck_assert_ptr_nonnull(mock);
}
static void stop(void) {
    mock_close(mock);
    buf_clear(&script);
}

static void set(const char *key, const char *value) {
    encode_u8(&script, PUPPET_SET);
    encode_bytes(&script, bytes_of_string(key));
    encode_bytes(&script, bytes_of_string(value));
}
static void refuse(uint32_t code) {
    encode_u8(&script, PUPPET_REFUSE);
    encode_u32(&script, code);
}
static void transfer(uint64_t units) {
    struct account_id to = {{9}};
    encode_u8(&script, PUPPET_TRANSFER);
    encode_fixed(&script, &to, sizeof to);
    encode_u64(&script, units);
}
static void timer(uint64_t due_ms, struct bytes then) {
    encode_u8(&script, PUPPET_TIMER);
    encode_u64(&script, due_ms);
    encode_u64(&script, 50);
    encode_bytes(&script, then);
}
static void call_other(enum puppet_act act, struct account_id contract) {
    encode_u8(&script, (uint8_t)act);
    encode_fixed(&script, &contract, sizeof contract);
    encode_bytes(&script, bytes_of_string("act"));
    encode_bytes(&script, NONE);
    encode_u64(&script, 5);
    encode_u64(&script, UINT64_MAX);
}

static const char *run(const char *export_name, uint64_t value) {
    enum tx_code code = mock_call(mock, export_name, buf_bytes(&script), value);
    buf_reset(&script);
    return tx_code_name(code);
}

static uint64_t number(size_t event) {
    ck_assert_uint_lt(event, mock->event_count);
    return load_u64_le(mock->events[event].data.data);
}

START_TEST(variables_are_fresh_at_every_call) {
    for (int i = 0; i < 3; i++) {
        encode_u8(&script, PUPPET_REMEMBER);
        encode_u8(&script, PUPPET_REMEMBER);
        ck_assert_str_eq(run("call.act", 0), "OK");
        ck_assert_uint_eq(number(0), 101);
        ck_assert_uint_eq(number(1), 102);
    }
}
END_TEST

START_TEST(a_refusal_undoes_storage_money_events_and_timers) {
    struct bytes value;
    timer(2000, NONE);
    ck_assert_str_eq(run("pay.pay", 200), "OK");
    ck_assert_uint_eq(mock->balance, 150);
    set("key", "value");
    transfer(100);
    timer(3000, NONE);
    encode_u8(&script, PUPPET_CANCEL);
    encode_u64(&script, 2000);
    encode_u64(&script, 0);
    refuse(6);
    ck_assert_str_eq(run("pay.pay", 50), "CONTRACT_REFUSED");
    ck_assert_uint_eq(mock->refused_with, 6);
    ck_assert_uint_eq(mock->balance, 150);
    ck_assert_uint_eq(mock->timer_count, 1);
    ck_assert_uint_eq(mock->timers[0].due_ms, 2000);
    ck_assert_uint_eq(mock->event_count + mock->transfer_count, 0);
    ck_assert(!mock_stored(mock, bytes_of_string("key"), &value));
}
END_TEST

START_TEST(methods_views_and_money_are_kept_apart) {
    ck_assert_str_eq(run("call.act", 5), "NOT_PAYABLE");
    ck_assert_str_eq(run("call.look", 0), "UNKNOWN_METHOD");
    set("a", "b");
    ck_assert_str_eq(run("view.look", 0), "READ_ONLY");
    transfer(1);
    ck_assert_str_eq(run("view.look", 0), "READ_ONLY");
    transfer(1);
    ck_assert_str_eq(run("call.act", 0), "INSUFFICIENT_FUNDS");
    timer(1000, NONE);
    ck_assert_str_eq(run("pay.pay", 50), "TIMER_BOUND");
    set("", "a key has at least a byte");
    ck_assert_str_eq(run("call.act", 0), "HOST_BOUND");
}
END_TEST

START_TEST(timers_run_in_order_and_by_the_contract_itself) {
    struct buf then = {0};
    size_t failed;
    static const uint64_t due[] = {3000, 2000, 3000, 9000};
    for (uint8_t i = 0; i < 4; i++) {
        buf_reset(&then);
        encode_u8(&then, i == 2 ? PUPPET_REFUSE : PUPPET_SET);
        encode_bytes(&then, bytes_of_string("last"));
        encode_bytes(&then, BYTES_OF(i));
        timer(due[i], buf_bytes(&then));
    }
    ck_assert_str_eq(run("pay.pay", 200), "OK");
    ck_assert_uint_eq(mock_run_timers(mock, 5000, &failed), 3);
    ck_assert_uint_eq(failed, 1);
    struct bytes value;
    ck_assert(mock_stored(mock, bytes_of_string("last"), &value));
    ck_assert_uint_eq(value.data[0], 0); // 1, then 0, then the one that refused
    ck_assert_uint_eq(mock->timer_count, 1);
    buf_clear(&then);
}
END_TEST

static enum tx_code other(void *context, const struct account_id *contract, struct bytes method,
                          struct bytes arguments, struct buf *answer) {
    (void)context, (void)arguments;
    ck_assert(bytes_equal(method, bytes_of_string("act")));
    if (contract->bytes[0] != 1) return TX_CODE_CONTRACT_REFUSED;
    buf_append_string(answer, "hi");
    return TX_CODE_OK;
}

START_TEST(other_contracts_are_what_the_test_says) {
    static const struct account_id friendly = {{1}}, hostile = {{2}};
    call_other(PUPPET_CALL, friendly);
    ck_assert_str_eq(run("pay.pay", 20), "OK");
    ck_assert_uint_eq((uint32_t)number(0), LMM_CALL_UNKNOWN_CONTRACT);
    mock->others = other;
    call_other(PUPPET_CALL, friendly);
    call_other(PUPPET_CALL, hostile);
    call_other(PUPPET_CALL, mock->self);
    ck_assert_str_eq(run("call.act", 0), "OK");
    ck_assert_uint_eq((uint32_t)number(0), LMM_CALL_OK);
    ck_assert_uint_eq(mock->events[0].data.len, 8 + 2);
    ck_assert_uint_eq((uint32_t)number(1), LMM_CALL_REFUSED);
    ck_assert_uint_eq(mock->events[1].data.len, 8);
    ck_assert_uint_eq((uint32_t)number(2), LMM_CALL_REENTRY);
    ck_assert_uint_eq(mock->balance, 15);
}
END_TEST

START_TEST(what_is_signed_for_another_chain_is_not_signed) {
    static const uint8_t seed[32] = {9};
    static const struct hash payload = {{3}};
    struct secret_key secret;
    struct public_key key;
    struct signature signature;
    key_from_seed(&secret, &key, seed);
    for (uint8_t chain = 1; chain <= 2; chain++) {
        mock->chain_id = (struct hash){{1}};
        sign_payload(&signature, &secret, SIGN_LOCK_LOG, &(struct hash){{chain}}, &payload);
        encode_u8(&script, PUPPET_CHECK);
        encode_bytes(&script, bytes_of_string("lmm:lock-log"));
        encode_fixed(&script, &key, sizeof key);
        encode_fixed(&script, &signature, sizeof signature);
        encode_fixed(&script, &payload, sizeof payload);
        ck_assert_str_eq(run("call.act", 0), chain == 1 ? "OK" : "CONTRACT_REFUSED");
    }
}
END_TEST

START_TEST(shares_of_products_are_exact) {
    uint64_t seed = 7;
    for (int i = 0; i < 100000; i++) {
        uint64_t n[3];
        for (int k = 0; k < 3; k++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            n[k] = seed >> (seed >> 58);
        }
        unsigned __int128 product = (unsigned __int128)n[0] * n[1];
        if (n[2] == 0 || product / n[2] > UINT64_MAX) continue;
        ck_assert_uint_eq(lmm_mul_div(n[0], n[1], n[2]), (uint64_t)(product / n[2]));
    }
    ck_assert_uint_eq(lmm_mul_div(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
    ck_assert_uint_eq(lmm_mul_div(0, UINT64_MAX, 1), 0);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("mock host");
    TCase *cases = tcase_create("mock host");
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, variables_are_fresh_at_every_call);
    tcase_add_test(cases, a_refusal_undoes_storage_money_events_and_timers);
    tcase_add_test(cases, methods_views_and_money_are_kept_apart);
    tcase_add_test(cases, timers_run_in_order_and_by_the_contract_itself);
    tcase_add_test(cases, other_contracts_are_what_the_test_says);
    tcase_add_test(cases, what_is_signed_for_another_chain_is_not_signed);
    tcase_add_test(cases, shares_of_products_are_exact);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
