// SPDX-License-Identifier: Apache-2.0
// What becomes of witnesses who contradict themselves, and of stake that is being unlocked.
#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/punish.h"
#include "chaincore/contract/supply.h"
#include "tests/support/unit.h"
#include "tests/unit/node/epochs.h"
#include "tests/unit/node/suites.h"

enum { WITNESSES = 4 };

static struct epochs epochs;

// Numbers 1 to 4 serve, at the index one below.
static void set_up(void) {
    epochs_init(&epochs, 2);
    for (uint32_t i = 1; i <= WITNESSES; i++) epochs_register(&epochs, i, 1000, 0);
    epochs_next_epoch(&epochs);
}
static void tear_down(void) { epochs_clear(&epochs); }

static struct evidence_vote signed_by(uint32_t who, enum vote_kind kind, uint8_t block,
                                      uint64_t epoch) {
    struct evidence_vote out = {.kind = kind, .block_id = {{block}}};
    struct vote vote = {.epoch = epoch, .kind = kind, .view = 7, .block_id = out.block_id};
    struct witnesses witnesses;
    struct witness_set set;
    struct secret_key secret;
    struct public_key key;
    struct hash payload;
    witnesses_load(&witnesses, epochs_view(&epochs), epoch);
    witnesses_set(&set, &witnesses);
    witness_set_hash(&vote.set_hash, &set);
    epochs_key(&secret, &key, who);
    vote_payload(&payload, &vote);
    sign_payload(&out.signature, &secret, kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE,
                 &epochs.block.chain_id, &payload);
    return out;
}

static struct evidence evidence_of(uint32_t who, enum vote_kind first, enum vote_kind second) {
    uint64_t epoch = epochs.block.epoch;
    return (struct evidence){.epoch = epoch,
                             .view = 7,
                             .witness = (uint16_t)(who - 1),
                             .first = signed_by(who, first, first == VOTE_NULLIFY ? 0 : 1, epoch),
                             .second = signed_by(who, second, 2, epoch)};
}

static void check_punish(const struct evidence *evidence, const char *code) {
    ck_assert_str_eq(tx_code_name(punish(&epochs.run, evidence)), code);
}
static struct stake stake_of(uint32_t who) {
    struct stake stake;
    struct account_id id = epochs_id(who);
    stake_load(&stake, epochs_view(&epochs), &id);
    return stake;
}
static bool serves(uint32_t who) {
    struct witnesses witnesses;
    struct account_id id = epochs_id(who);
    epochs_load(&epochs, &witnesses);
    return witnesses_find(&witnesses, &id) < witnesses.count;
}
static enum tx_code register_again(uint32_t who) {
    struct account_id id = epochs_id(who);
    struct secret_key secret;
    struct public_key key;
    epochs_key(&secret, &key, who);
    return stake_register(&epochs.run, &id, &key, 0);
}

START_TEST(each_contradiction_costs_a_twentieth_and_the_seat) {
    static const enum vote_kind kinds[][2] = {{VOTE_PROPOSE, VOTE_PROPOSE},
                                              {VOTE_NOTARIZE, VOTE_NOTARIZE},
                                              {VOTE_FINALIZE, VOTE_FINALIZE},
                                              {VOTE_NULLIFY, VOTE_FINALIZE}};
    struct evidence evidence = evidence_of(3, kinds[_i][0], kinds[_i][1]);
    struct supply before, after;
    supply_load(&before, epochs_view(&epochs));
    check_punish(&evidence, "OK");
    supply_load(&after, epochs_view(&epochs));
    ck_assert_uint_eq(amount_units(stake_of(3).locked), STAKE_MIN / 20 * 19);
    ck_assert_uint_eq(amount_units(after.burnt), amount_units(before.burnt) + STAKE_MIN / 20);
    ck_assert(serves(3)); // to the end of the epoch
    epochs_next_epoch(&epochs);
    ck_assert(!serves(3) && serves(1) && serves(2) && serves(4));
}
END_TEST

START_TEST(what_does_not_verify_costs_nothing) {
    struct evidence good = evidence_of(3, VOTE_NOTARIZE, VOTE_NOTARIZE), wrong[7];
    for (int i = 0; i < 7; i++) wrong[i] = good;
    wrong[0].epoch++;
    wrong[1].view++;
    wrong[2].witness = 1;
    wrong[3].witness = WITNESSES;
    wrong[4].first.signature.bytes[5] ^= 1;
    wrong[5].second.signature.bytes[5] ^= 1;
    wrong[6].second.block_id.bytes[9] ^= 1;
    for (int i = 0; i < 7; i++) check_punish(&wrong[i], "BAD_EVIDENCE");
    epochs.block.chain_id.bytes[0] ^= 1;
    check_punish(&good, "BAD_EVIDENCE");
    epochs.block.chain_id.bytes[0] ^= 1;
    // A proposal is no vote, though it says the same.
    wrong[0] = evidence_of(3, VOTE_PROPOSE, VOTE_PROPOSE);
    wrong[0].first.kind = wrong[0].second.kind = VOTE_NOTARIZE;
    check_punish(&wrong[0], "BAD_EVIDENCE");
    ck_assert_uint_eq(amount_units(stake_of(3).locked), STAKE_MIN);
    check_punish(&good, "OK");
}
END_TEST

START_TEST(one_punishment_stands_for_all_that_was_signed_before) {
    struct evidence notarize = evidence_of(3, VOTE_NOTARIZE, VOTE_NOTARIZE);
    struct evidence finalize = evidence_of(3, VOTE_FINALIZE, VOTE_FINALIZE);
    check_punish(&notarize, "OK");
    check_punish(&notarize, "PUNISHED_ALREADY");
    epochs_next_epoch(&epochs);
    check_punish(&finalize, "PUNISHED_ALREADY");
    ck_assert_uint_eq(amount_units(stake_of(3).locked), STAKE_MIN / 20 * 19);
}
END_TEST

START_TEST(who_was_expelled_may_register_in_the_next_epoch_and_answers_anew) {
    struct evidence evidence = evidence_of(3, VOTE_NOTARIZE, VOTE_NOTARIZE);
    struct account_id id = epochs_id(3);
    check_punish(&evidence, "OK");
    ck_assert_int_eq(register_again(3), TX_CODE_STAKE_TOO_SMALL);
    epochs_give(&epochs, 3, STAKE_MIN / EPOCHS_LMM);
    ck_assert_int_eq(stake_lock(&epochs.run, &id, amount_of_units(STAKE_MIN / 2)), TX_CODE_OK);
    ck_assert_int_eq(register_again(3), TX_CODE_EXPELLED);
    epochs_next_epoch(&epochs);
    ck_assert(!serves(3));
    ck_assert_int_eq(register_again(3), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    ck_assert(serves(3));
    evidence = evidence_of(3, VOTE_NOTARIZE, VOTE_NOTARIZE);
    check_punish(&evidence, "OK");
}
END_TEST

START_TEST(what_is_being_unlocked_is_cut_too_until_it_is_withdrawn) {
    struct evidence evidence = evidence_of(3, VOTE_FINALIZE, VOTE_FINALIZE);
    struct account_id id = epochs_id(3);
    ck_assert_int_eq(stake_resign(&epochs.run, &id), TX_CODE_OK);
    ck_assert_int_eq(stake_unlock(&epochs.run, &id, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    for (int i = 0; i < 3; i++) epochs_next_epoch(&epochs);
    check_punish(&evidence, "OK"); // of an epoch long past, by the set of that time
    ck_assert_uint_eq(amount_units(stake_of(3).unlocks[0].amount), STAKE_MIN / 20 * 19);
}
END_TEST

START_TEST(a_witness_of_genesis_that_never_registered_has_nothing_to_lose) {
    static const uint32_t who[] = {7, 8, 9};
    epochs_serve(&epochs, who, 3);
    struct evidence evidence = evidence_of(9, VOTE_NOTARIZE, VOTE_NOTARIZE);
    evidence.witness = 2;
    check_punish(&evidence, "NOT_A_CANDIDATE");
}
END_TEST

// Withdraws at this time; the code.
static enum tx_code withdraw(uint32_t who, uint64_t time_ms) {
    struct account_id id = epochs_id(who);
    epochs.block.time_ms = time_ms;
    return stake_withdraw(&epochs.run, &id);
}

START_TEST(stake_is_free_fourteen_days_after_the_last_epoch_served_with_it) {
    struct account_id witness = epochs_id(3), other = epochs_id(20);
    epochs_give(&epochs, 20, 10);
    ck_assert_int_eq(stake_lock(&epochs.run, &other, amount_of_units(EPOCHS_LMM)), TX_CODE_OK);
    uint64_t begun_ms = epochs.block.time_ms;
    ck_assert_int_eq(stake_unlock(&epochs.run, &other, amount_of_units(EPOCHS_LMM)), TX_CODE_OK);
    ck_assert_int_eq(stake_resign(&epochs.run, &witness), TX_CODE_OK);
    ck_assert_int_eq(stake_unlock(&epochs.run, &witness, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    // However long the epoch lasts, not within it.
    ck_assert_int_eq(withdraw(3, begun_ms + 2 * STAKE_UNLOCK_MS), TX_CODE_NOTHING_READY);
    epochs.block.time_ms = begun_ms;
    epochs_next_epoch(&epochs);
    uint64_t end_ms = epochs.block.time_ms - 1000; // of the epoch's last block
    ck_assert_uint_gt(end_ms, begun_ms);
    ck_assert_uint_eq(stake_of(3).unlocks[0].ready_ms, end_ms + STAKE_UNLOCK_MS);
    ck_assert_uint_eq(stake_of(20).unlocks[0].ready_ms, begun_ms + STAKE_UNLOCK_MS);
    epochs_next_epoch(&epochs); // it serves no more: the time stays
    ck_assert_int_eq(withdraw(3, end_ms + STAKE_UNLOCK_MS - 1), TX_CODE_NOTHING_READY);
    ck_assert_int_eq(withdraw(3, end_ms + STAKE_UNLOCK_MS), TX_CODE_OK);
}
END_TEST

START_TEST(stake_answers_for_a_set_that_goes_on_for_want_of_candidates) {
    struct account_id witness = epochs_id(3);
    for (uint32_t who = 1; who <= 3; who++) {
        struct account_id id = epochs_id(who);
        ck_assert_int_eq(stake_resign(&epochs.run, &id), TX_CODE_OK);
    }
    ck_assert_int_eq(stake_unlock(&epochs.run, &witness, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    for (int i = 0; i < 2; i++) {
        uint64_t begun_ms = epochs.block.time_ms;
        ck_assert_int_eq(withdraw(3, begun_ms + 2 * STAKE_UNLOCK_MS), TX_CODE_NOTHING_READY);
        epochs.block.time_ms = begun_ms;
        epochs_next_epoch(&epochs);
        ck_assert(serves(3));
    }
    struct evidence evidence = evidence_of(3, VOTE_NULLIFY, VOTE_FINALIZE);
    check_punish(&evidence, "OK");
    ck_assert_uint_eq(amount_units(stake_of(3).unlocks[0].amount), STAKE_MIN / 20 * 19);
    for (uint32_t who = 10; who <= 11; who++) epochs_register(&epochs, who, 1, 0);
    epochs_next_epoch(&epochs);
    ck_assert(!serves(3));
    uint64_t end_ms = epochs.block.time_ms - 1000; // of the last epoch that it served
    ck_assert_uint_eq(stake_of(3).unlocks[0].ready_ms, end_ms + STAKE_UNLOCK_MS);
    ck_assert_int_eq(withdraw(3, end_ms + STAKE_UNLOCK_MS), TX_CODE_OK);
}
END_TEST

// Who left, waited and withdrew, and years later stands again with other money and another key,
// does not answer for the old key: it lies in old backups, and whoever finds it can sign two things
// for an epoch long past.
START_TEST(evidence_counts_fourteen_days_from_its_epochs_end) {
    struct account_id id = epochs_id(3);
    struct evidence evidence = evidence_of(3, VOTE_NOTARIZE, VOTE_NOTARIZE);
    struct evidence other = evidence_of(2, VOTE_NOTARIZE, VOTE_NOTARIZE);
    struct evidence another = evidence_of(1, VOTE_NOTARIZE, VOTE_NOTARIZE);
    struct secret_key secret;
    struct public_key key;
    ck_assert_int_eq(stake_resign(&epochs.run, &id), TX_CODE_OK);
    ck_assert_int_eq(stake_unlock(&epochs.run, &id, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    uint64_t end_ms = epochs.block.time_ms - 1000; // of the epoch's last block
    for (int i = 0; i < 2; i++) epochs_next_epoch(&epochs);
    epochs.block.time_ms = end_ms + STAKE_UNLOCK_MS - 1;
    check_punish(&other, "OK"); // as long as the stake of who served is there
    ck_assert_int_eq(withdraw(3, end_ms + STAKE_UNLOCK_MS - 1), TX_CODE_NOTHING_READY);
    ck_assert_int_eq(withdraw(3, end_ms + STAKE_UNLOCK_MS), TX_CODE_OK);
    check_punish(&another, "BAD_EVIDENCE"); // though all that it served with is locked yet
    for (int i = 0; i < 3; i++) epochs_next_epoch(&epochs);
    epochs.block.time_ms = 100 * STAKE_UNLOCK_MS;
    epochs_key(&secret, &key, 33);
    epochs_give(&epochs, 3, STAKE_MIN / EPOCHS_LMM);
    ck_assert_int_eq(stake_lock(&epochs.run, &id, amount_of_units(STAKE_MIN)), TX_CODE_OK);
    ck_assert_int_eq(stake_register(&epochs.run, &id, &key, 0), TX_CODE_OK);
    check_punish(&evidence, "BAD_EVIDENCE");
    ck_assert_uint_eq(amount_units(stake_of(3).locked), STAKE_MIN);
}
END_TEST

static uint32_t ends_kept(void) {
    static const uint8_t space = STATE_EPOCH_END;
    struct bytes key = bytes_of("", 0), value;
    uint32_t count = 0;
    while (state_next(epochs_view(&epochs), bytes_of(&space, 1), key, &key, &value)) count++;
    return count;
}

// And a few of what is older go at a time, though a chain that stood still has many.
START_TEST(the_state_keeps_the_ends_of_epochs_for_fourteen_days) {
    static const uint32_t left[] = {7, 4, 3, 4};
    for (int i = 0; i < 9; i++) epochs_next_epoch(&epochs);
    ck_assert_uint_eq(ends_kept(), 10); // the one of before the test too
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
        while ((epochs.height + 1) % EPOCHS_BLOCKS != 0) epochs_next(&epochs);
        epochs.block.time_ms = 2 * STAKE_UNLOCK_MS;
        epochs_next(&epochs);
        ck_assert_uint_eq(ends_kept(), left[i]);
    }
}
END_TEST

Suite *punish_suite(void) {
    Suite *suite = suite_create("punish");
    TCase *cases = tcase_create("punish");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, each_contradiction_costs_a_twentieth_and_the_seat, 0, 4);
    tcase_add_test(cases, what_does_not_verify_costs_nothing);
    tcase_add_test(cases, one_punishment_stands_for_all_that_was_signed_before);
    tcase_add_test(cases, who_was_expelled_may_register_in_the_next_epoch_and_answers_anew);
    tcase_add_test(cases, what_is_being_unlocked_is_cut_too_until_it_is_withdrawn);
    tcase_add_test(cases, a_witness_of_genesis_that_never_registered_has_nothing_to_lose);
    tcase_add_test(cases, stake_is_free_fourteen_days_after_the_last_epoch_served_with_it);
    tcase_add_test(cases, stake_answers_for_a_set_that_goes_on_for_want_of_candidates);
    tcase_add_test(cases, evidence_counts_fourteen_days_from_its_epochs_end);
    tcase_add_test(cases, the_state_keeps_the_ends_of_epochs_for_fourteen_days);
    suite_add_tcase(suite, cases);
    return suite;
}
