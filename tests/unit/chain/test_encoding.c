// SPDX-License-Identifier: Apache-2.0
// Golden bytes of what brings code to the chain, and of the parameters.
#include <stdlib.h>

#include "chaincore/chain/header.h"
#include "chaincore/chain/params.h"
#include "chaincore/chain/tx.h"
#include "tests/unit/chain/suites.h"

static void check_hex(struct bytes encoded, const char *expected) {
    char *hex = malloc(2 * encoded.len + 1);
    hex_encode(hex, encoded);
    ck_assert_str_eq(hex, expected);
    free(hex);
}

// A transaction of one action: the action's bytes stand between a body of zeros and no signatures.
static void encode_one(struct buf *out, const struct tx_action *action) {
    struct tx tx = {.version = TX_VERSION, .action_count = 1, .actions = {*action}};
    buf_reset(out);
    tx_encode(out, &tx);
}
enum { BODY_BYTES = 1 + 32 + 4 + 4 * 8 + 1 + 4, NO_SIGNATURES = 4 };

static void check_action(const struct tx_action *action, const char *expected) {
    struct buf encoded = {0}, again = {0};
    struct tx back;
    encode_one(&encoded, action);
    check_hex(bytes_of(encoded.data + BODY_BYTES, encoded.len - BODY_BYTES - NO_SIGNATURES),
              expected);
    assert_ok(tx_decode(&back, buf_bytes(&encoded)));
    encode_one(&again, &back.actions[0]);
    assert_bytes_equal(buf_bytes(&encoded), buf_bytes(&again));
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(tx_decode(&back, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    for (size_t bit = 0; bit < 8 * encoded.len; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (tx_decode(&back, buf_bytes(&encoded)) == STATUS_OK) {
            buf_reset(&again);
            tx_encode(&again, &back);
            assert_bytes_equal(buf_bytes(&encoded), buf_bytes(&again));
        }
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_clear(&encoded);
    buf_clear(&again);
}

#define ZEROS_31 "00000000000000000000000000000000000000000000000000000000000000"

START_TEST(a_deployment_names_its_upgrader_or_nobody) {
    struct tx_action action = {
        .kind = TX_DEPLOY,
        .deploy = {.code = bytes_of_string("\1\2\3"), .arguments = bytes_of_string("xy")}};
    check_action(&action, "02"
                          "03000000010203"
                          "020000007879"
                          "00");
    action.deploy.has_upgrader = true;
    action.deploy.upgrader.bytes[0] = 9;
    check_action(&action, "02"
                          "03000000010203"
                          "020000007879"
                          "01"
                          "09" ZEROS_31);
}
END_TEST

START_TEST(an_upgrade_names_the_contract_and_who_comes_next) {
    struct tx_action action = {.kind = TX_UPGRADE,
                               .upgrade = {.contract = {{7}},
                                           .code = bytes_of_string("\1"),
                                           .arguments = bytes_of_string("z")}};
    check_action(&action, "03"
                          "07" ZEROS_31 "0100000001"
                          "010000007a"
                          "00");
    action.upgrade.has_upgrader = true;
    action.upgrade.upgrader.bytes[0] = 9;
    check_action(&action, "03"
                          "07" ZEROS_31 "0100000001"
                          "010000007a"
                          "01"
                          "09" ZEROS_31);
}
END_TEST

START_TEST(an_upgrade_too_may_pass_64_kib) {
    uint8_t *code = calloc(1, LIMIT_TX_BYTES);
    struct tx_action action = {.kind = TX_UPGRADE,
                               .upgrade = {.code = bytes_of(code, LIMIT_TX_BYTES)}};
    struct buf encoded = {0};
    struct tx back;
    encode_one(&encoded, &action);
    assert_ok(tx_decode(&back, buf_bytes(&encoded)));
    buf_clear(&encoded);
    free(code);
}
END_TEST

START_TEST(parameters_have_golden_bytes) {
    struct params params = {.block_interval_ms = 1,
                            .epoch_blocks = 2,
                            .min_gas_price = 3,
                            .block_gas_limit = 4,
                            .deposit_per_byte = 5,
                            .min_witnesses = 6,
                            .protocol = 7,
                            .allow_floats = true};
    struct params back;
    struct buf encoded = {0};
    params_encode(&encoded, &params);
    check_hex(buf_bytes(&encoded), "01000000"
                                   "02000000"
                                   "0300000000000000"
                                   "0400000000000000"
                                   "0500000000000000"
                                   "0600"
                                   "0700"
                                   "00"
                                   "01");
    struct decoder decoder = decoder_of(buf_bytes(&encoded));
    params_decode_from(&decoder, &back);
    assert_ok(decoder_finish(&decoder));
    ck_assert_uint_eq(back.deposit_per_byte, 5);
    for (size_t len = 0; len < encoded.len; len++) {
        decoder = decoder_of(bytes_of(encoded.data, len));
        params_decode_from(&decoder, &back);
        assert_status(decoder.status, STATUS_TRUNCATED);
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(the_header_of_the_largest_set_has_an_id) {
    struct header header = {.version = HEADER_VERSION, .parent_voters_len = VOTER_BITMAP_BYTES};
    struct buf encoded = {0};
    struct hash id, expected;
    header_encode(&encoded, &header);
    ck_assert_uint_eq(encoded.len, HEADER_MAX_BYTES);
    hash_bytes(&expected, HASH_HEADER, buf_bytes(&encoded));
    header_id(&id, &header);
    ck_assert(hash_equal(&id, &expected));
    buf_clear(&encoded);
}
END_TEST

Suite *encoding_suite(void) {
    Suite *suite = suite_create("encoding");
    TCase *cases = tcase_create("encoding");
    tcase_add_test(cases, the_header_of_the_largest_set_has_an_id);
    tcase_add_test(cases, a_deployment_names_its_upgrader_or_nobody);
    tcase_add_test(cases, an_upgrade_names_the_contract_and_who_comes_next);
    tcase_add_test(cases, an_upgrade_too_may_pass_64_kib);
    tcase_add_test(cases, parameters_have_golden_bytes);
    suite_add_tcase(suite, cases);
    return suite;
}
