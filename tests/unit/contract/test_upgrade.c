// SPDX-License-Identifier: Apache-2.0
// Who may put other code under a contract, and what stays.
#include "chaincore/base/file.h"
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/contract_record.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf script, counter;
static struct account_id deployed;

static void set_up(void) {
    stage_init(&stage);
    assert_ok(file_read(&counter, "tests/support/counter.wasm", 1 << 20));
}
static void tear_down(void) {
    stage_clear(&stage);
    buf_clear(&script);
    buf_clear(&counter);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

// A puppet of the user's own making.
static void deploy(const struct account_id *upgrader) {
    struct hash id;
    stage_begin(&stage);
    stage.tx.gas_limit = 10 * STAGE_GAS;
    stage_add_code(&stage, TX_DEPLOY, NULL, buf_bytes(&stage.code), upgrader);
    assert_text(stage_apply(&stage), "OK");
    tx_id(&id, &stage.tx);
    account_id_of_deployed(&deployed, &id, 0);
    stage_counted_bytes(&stage, &deployed);
}

static const char *upgrade(struct bytes code, const struct account_id *upgrader) {
    stage_begin(&stage);
    stage_add_code(&stage, TX_UPGRADE, &deployed, code, upgrader);
    return stage_apply(&stage);
}

static const char *call(const char *method, struct bytes arguments) {
    stage_begin(&stage);
    stage_add_call(&stage, 0, method, &(struct buf){0}, 0);
    stage.tx.actions[0].call.contract = deployed;
    stage.tx.actions[0].call.arguments = arguments;
    return stage_apply(&stage);
}

static bool is_code(const struct buf *code) {
    struct contract_record record;
    struct hash hash;
    hash_bytes(&hash, HASH_CODE, buf_bytes(code));
    ck_assert(contract_load(&record, state_draft_view(stage.block.draft), &deployed));
    return hash_equal(&record.code_hash, &hash);
}

START_TEST(an_upgrade_brings_other_code_and_keeps_what_is_stored) {
    uint64_t count = 40, amount = 2;
    deploy(&stage.user);
    script_set(&script, "count", "");
    assert_text(call("act", buf_bytes(&script)), "OK");
    buf_reset(&script);
    encode_u8(&script, PUPPET_SET);
    encode_bytes(&script, bytes_of_string("count"));
    encode_bytes(&script, BYTES_OF(count));
    assert_text(call("act", buf_bytes(&script)), "OK");
    assert_text(upgrade(buf_bytes(&counter), NULL), "OK");
    assert_text(call("act", bytes_of("", 0)), "UNKNOWN_METHOD");
    assert_text(call("add", BYTES_OF(amount)), "OK");
    ck_assert_uint_eq(stage_counted_bytes(&stage, &deployed),
                      CONTRACT_BYTES + counter.len + 100 + 5 + 8);
    struct state_key key;
    struct bytes value;
    state_key_make(&key, STATE_STORAGE, &deployed, bytes_of_string("count"));
    ck_assert(state_get(state_draft_view(stage.block.draft), state_key_bytes(&key), &value));
    ck_assert_uint_eq(load_u64_le(value.data), 42);
    // Nobody was named for the next one.
    assert_text(upgrade(buf_bytes(&stage.code), &stage.user), "NOT_UPGRADER");
}
END_TEST

START_TEST(only_who_was_named_may_upgrade) {
    deploy(&stage.sponsor);
    assert_text(upgrade(buf_bytes(&counter), NULL), "NOT_UPGRADER");
    deploy(NULL);
    assert_text(upgrade(buf_bytes(&counter), NULL), "NOT_UPGRADER");
    ck_assert(is_code(&stage.code));
    deployed = (struct account_id){{1}};
    assert_text(upgrade(buf_bytes(&counter), NULL), "UNKNOWN_CONTRACT");
}
END_TEST

// Whatever the sender was before: without their approval nobody's signature stands for it.
START_TEST(a_contract_of_genesis_is_the_witnesses_to_upgrade) {
    struct contract_record record;
    deploy(&stage.user);
    ck_assert(contract_load(&record, state_draft_view(stage.block.draft), &deployed));
    record.right = (struct upgrade_right){.kind = UPGRADE_BY_WITNESSES};
    contract_store(stage.block.draft, &deployed, &record);
    assert_text(upgrade(buf_bytes(&counter), &stage.user), "NOT_UPGRADER");
    ck_assert(is_code(&stage.code));
}
END_TEST

START_TEST(an_upgrade_that_fails_changes_nothing) {
    uint32_t code = 6;
    deploy(&stage.user);
    assert_text(upgrade(bytes_of_string("no module"), &stage.user), "BAD_MODULE");
    // The new code's own hook refuses.
    script_set(&script, "moved", "x");
    script_numbers(&script, PUPPET_REFUSE, &code, 1);
    stage_begin(&stage);
    stage_add_code(&stage, TX_UPGRADE, &deployed, buf_bytes(&stage.code), NULL);
    stage.tx.actions[0].upgrade.arguments = buf_bytes(&script);
    assert_text(stage_apply(&stage), "CONTRACT_REFUSED");
    ck_assert_uint_eq(stage.done.receipt.contract_code, 6);
    // Arguments for a hook that is not there.
    stage_begin(&stage);
    stage_add_code(&stage, TX_UPGRADE, &deployed, buf_bytes(&counter), NULL);
    stage.tx.actions[0].upgrade.arguments = bytes_of_string("x");
    assert_text(stage_apply(&stage), "UNKNOWN_METHOD");
    ck_assert(is_code(&stage.code));
    assert_text(upgrade(buf_bytes(&counter), NULL), "OK"); // the right is still there
}
END_TEST

START_TEST(the_hook_of_new_code_runs_with_the_old_storage) {
    deploy(&stage.user);
    script_set(&script, "old", "x");
    assert_text(call("act", buf_bytes(&script)), "OK");
    buf_reset(&script);
    script_delete(&script, "old");
    script_event(&script, "moved");
    stage_begin(&stage);
    stage_add_code(&stage, TX_UPGRADE, &deployed, buf_bytes(&stage.code), &stage.sponsor);
    stage.tx.actions[0].upgrade.arguments = buf_bytes(&script);
    assert_text(stage_apply(&stage), "OK");
    check_event(&stage, 0, "moved");
    ck_assert_uint_eq(stage_counted_bytes(&stage, &deployed), CONTRACT_BYTES + stage.code.len);
}
END_TEST

START_TEST(code_leaves_the_state_with_the_last_contract_that_has_it) {
    struct hash hash;
    struct bytes code;
    const struct state_view *view = state_draft_view(stage.block.draft);
    hash_bytes(&hash, HASH_CODE, buf_bytes(&counter));
    ck_assert(!contract_code(view, &hash, &code));
    deploy(&stage.user);
    struct account_id both[2] = {deployed};
    deploy(&stage.user);
    both[1] = deployed;
    for (int i = 0; i < 2; i++) {
        deployed = both[i];
        assert_text(upgrade(buf_bytes(&counter), &stage.user), "OK");
        ck_assert(contract_code(view, &hash, &code));
    }
    for (int i = 0; i < 2; i++) {
        ck_assert(contract_code(view, &hash, &code));
        deployed = both[i];
        assert_text(upgrade(buf_bytes(&stage.code), &stage.user), "OK");
    }
    ck_assert(!contract_code(view, &hash, &code));
    stage_begin(&stage); // there and back within one transaction
    stage_add_code(&stage, TX_UPGRADE, &deployed, buf_bytes(&counter), &stage.user);
    stage_add_code(&stage, TX_UPGRADE, &deployed, buf_bytes(&stage.code), &stage.user);
    assert_text(stage_apply(&stage), "OK");
    ck_assert(!contract_code(view, &hash, &code));
    ck_assert(is_code(&stage.code));
}
END_TEST

START_TEST(a_contract_that_was_named_upgrades_to_code_that_is_there) {
    struct hash counter_hash, nothing = {{1}};
    uint64_t start = 1;
    hash_bytes(&counter_hash, HASH_CODE, buf_bytes(&counter));
    deploy(&stage.puppets[3]);
    stage_begin(&stage); // somebody deploys it somewhere
    stage_add_code(&stage, TX_DEPLOY, NULL, buf_bytes(&counter), NULL);
    stage.tx.actions[0].deploy.arguments = BYTES_OF(start);
    assert_text(stage_apply(&stage), "OK");
    const struct {
        int puppet;
        const struct hash *hash;
        enum tx_code code;
    } cases[] = {{2, &counter_hash, TX_CODE_NOT_UPGRADER},
                 {3, &nothing, TX_CODE_UNKNOWN_CODE},
                 {3, &counter_hash, TX_CODE_OK}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(is_code(&stage.code));
        buf_reset(&script);
        encode_u8(&script, PUPPET_UPGRADE);
        encode_fixed(&script, &deployed, sizeof deployed);
        encode_fixed(&script, cases[i].hash, sizeof *cases[i].hash);
        assert_text(stage_act(&stage, cases[i].puppet, &script, 0), "OK");
        ck_assert_uint_eq(load_u64_le(stage.done.events[0].data.data), cases[i].code);
    }
    ck_assert(is_code(&counter));
    stage_counted_bytes(&stage, &deployed);
}
END_TEST

START_TEST(a_record_has_one_encoding_and_golden_bytes) {
    struct contract_record record = {.code_hash = {{1, 2}},
                                     .right = {.kind = UPGRADE_BY_ACCOUNT, .account = {{3}}},
                                     .deposit = {.bytes = 5, .amount = amount_of_units(258)}};
    struct contract_record back;
    struct buf encoded = {0}, again = {0};
    contract_record_encode(&encoded, &record);
    char hex[2 * 81 + 1];
    ck_assert_uint_eq(encoded.len, 81);
    hex_encode(hex, buf_bytes(&encoded));
    ck_assert_str_eq(hex, "0102000000000000000000000000000000000000000000000000000000000000"
                          "01"
                          "0300000000000000000000000000000000000000000000000000000000000000"
                          "0500000000000000"
                          "0201000000000000");
    for (size_t len = 0; len < encoded.len; len++)
        assert_status(contract_record_decode(&back, bytes_of(encoded.data, len)), STATUS_TRUNCATED);
    for (size_t bit = 0; bit < 8 * encoded.len; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (contract_record_decode(&back, buf_bytes(&encoded)) == STATUS_OK) {
            buf_reset(&again);
            contract_record_encode(&again, &back);
            assert_bytes_equal(buf_bytes(&again), buf_bytes(&encoded));
        }
        encoded.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    buf_append_byte(&encoded, 0);
    assert_status(contract_record_decode(&back, buf_bytes(&encoded)), STATUS_TRAILING);
    encoded.data[32] = 3;
    assert_status(contract_record_decode(&back, buf_bytes(&encoded)), STATUS_MALFORMED);
    buf_clear(&encoded);
    buf_clear(&again);
}
END_TEST

Suite *upgrade_suite(void) {
    Suite *suite = suite_create("upgrade");
    TCase *cases = tcase_create("upgrade");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, an_upgrade_brings_other_code_and_keeps_what_is_stored);
    tcase_add_test(cases, only_who_was_named_may_upgrade);
    tcase_add_test(cases, a_contract_of_genesis_is_the_witnesses_to_upgrade);
    tcase_add_test(cases, an_upgrade_that_fails_changes_nothing);
    tcase_add_test(cases, the_hook_of_new_code_runs_with_the_old_storage);
    tcase_add_test(cases, code_leaves_the_state_with_the_last_contract_that_has_it);
    tcase_add_test(cases, a_contract_that_was_named_upgrades_to_code_that_is_there);
    tcase_add_test(cases, a_record_has_one_encoding_and_golden_bytes);
    suite_add_tcase(suite, cases);
    return suite;
}
