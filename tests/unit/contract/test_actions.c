// SPDX-License-Identifier: Apache-2.0
// Actions about accounts, without contracts.
#include "chaincore/contract/stake.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf storage;

static void set_up(void) { stage_init(&stage); }
static void tear_down(void) {
    stage_clear(&stage);
    buf_clear(&storage);
}

static const char *set_authority(const struct public_key *keys, uint32_t count) {
    struct authority authority = {.threshold = 1, .key_count = count};
    for (uint32_t i = 0; i < count; i++)
        authority.keys[i] = (struct authority_key){.key = keys[i], .weight = 1};
    buf_reset(&storage);
    authority_encode(&storage, &authority);
    struct tx *tx = stage_begin(&stage);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_SET_AUTHORITY, .set_authority = {.authority = buf_bytes(&storage)}};
    return stage_apply(&stage);
}

START_TEST(a_consensus_key_never_becomes_a_key_of_its_account) {
    static const struct public_key keys[] = {{{1}}, {{2}}, {{3}}};
    struct candidate candidate = {.is_active = _i, .key = keys[2]};
    candidate_store(stage.block.draft, &stage.user, &candidate);
    ck_assert_str_eq(set_authority(keys, 2), "OK");
    ck_assert_str_eq(set_authority(keys, 3), "KEY_OF_CONSENSUS");
    ck_assert_str_eq(set_authority(&keys[2], 1), "KEY_OF_CONSENSUS");
    candidate.key = (struct public_key){{4}};
    candidate_store(stage.block.draft, &stage.user, &candidate);
    ck_assert_str_eq(set_authority(keys, 3), "OK");
}
END_TEST

Suite *actions_suite(void) {
    Suite *suite = suite_create("actions");
    TCase *cases = tcase_create("actions");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, a_consensus_key_never_becomes_a_key_of_its_account, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}
