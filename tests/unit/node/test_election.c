// SPDX-License-Identifier: Apache-2.0
// Who serves next: on a ledger alone, and on a node that makes blocks over boundaries.
#include "chaincore/chain/proof.h"
#include "chaincore/contract/election.h"
#include "chaincore/contract/supply.h"
#include "chaincore/witness/accusation.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/epochs.h"
#include "tests/unit/node/suites.h"

static struct epochs epochs;
static struct fixture fixture;

static void set_up(void) { epochs_init(&epochs, 2); }
static void tear_down(void) { epochs_clear(&epochs); }

static void check_serving(const uint32_t *who, uint16_t count) {
    struct witnesses serving;
    epochs_load(&epochs, &serving);
    ck_assert_uint_eq(serving.count, count);
    for (uint16_t i = 0; i < count; i++) {
        struct account_id id = epochs_id(who[i]);
        struct public_key key;
        struct secret_key secret;
        epochs_key(&secret, &key, who[i]);
        ck_assert(account_id_equal(&serving.list[i].account, &id));
        ck_assert_mem_eq(&serving.list[i].key, &key, sizeof key);
    }
}

START_TEST(the_most_voted_serve_and_among_equals_who_registered_first) {
    enum { CANDIDATES = LIMIT_WITNESSES + 49 };
    uint32_t expected[LIMIT_WITNESSES], count = 0;
    // Numbered against their ids' order. The last eleven have more votes than all others, one of
    // the others less.
    for (uint32_t i = 0; i < CANDIDATES; i++) {
        uint32_t who = CANDIDATES - i;
        uint64_t lmm = i >= CANDIDATES - 11 ? 1000 + i : i == 5 ? 1 : 7;
        epochs_register(&epochs, who, lmm, 0);
        epochs_vote(&epochs, who, who, 1);
    }
    for (uint32_t i = 0; i < CANDIDATES; i++)
        if (i != 5 && (i >= CANDIDATES - 11 || count < LIMIT_WITNESSES - 11))
            expected[count++] = CANDIDATES - i;
    ck_assert_uint_eq(count, LIMIT_WITNESSES);
    epochs_next_epoch(&epochs); // their money came within this epoch: all have no votes yet
    epochs_next_epoch(&epochs);
    check_serving(expected, LIMIT_WITNESSES);
}
END_TEST

START_TEST(an_election_within_the_epoch_changes_nothing) {
    uint32_t first[] = {8, 9}, elected[] = {1, 2};
    epochs_serve(&epochs, first, 2);
    epochs_register(&epochs, 1, 1, 0);
    epochs_register(&epochs, 2, 1, 0);
    while (epochs.height < EPOCHS_BLOCKS) {
        check_serving(first, 2);
        epochs_next(&epochs);
    }
    check_serving(elected, 2);
}
END_TEST

START_TEST(with_too_few_candidates_the_old_set_goes_on_whole) {
    uint32_t first[] = {8, 9}, elected[] = {1, 2};
    struct account_id leaving = epochs_id(1);
    epochs_serve(&epochs, first, 2);
    epochs_register(&epochs, 1, 1, 0);
    epochs_next_epoch(&epochs);
    check_serving(first, 2);
    epochs_register(&epochs, 2, 1, 0);
    epochs_next_epoch(&epochs);
    check_serving(elected, 2);
    ck_assert_int_eq(stake_resign(&epochs.run, &leaving), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    check_serving(elected, 2);
}
END_TEST

START_TEST(who_resigned_is_not_elected_and_may_come_back) {
    uint32_t with[] = {1, 2, 3}, without[] = {1, 3};
    struct account_id id = epochs_id(2);
    struct public_key key;
    struct secret_key secret;
    epochs_key(&secret, &key, 2);
    for (uint32_t i = 1; i <= 3; i++) epochs_register(&epochs, i, 1, 0);
    epochs_vote(&epochs, 3, 2, 1);
    epochs_next_epoch(&epochs);
    check_serving(with, 3);
    ck_assert_int_eq(stake_resign(&epochs.run, &id), TX_CODE_OK);
    epochs_next(&epochs);
    check_serving(with, 3); // until the boundary
    epochs_next_epoch(&epochs);
    check_serving(without, 2);
    ck_assert_int_eq(stake_register(&epochs.run, &id, &key, 0), TX_CODE_OK);
    epochs_next_epoch(&epochs);
    check_serving(with, 3); // at its old number
}
END_TEST

START_TEST(a_new_key_signs_from_the_next_epoch_on) {
    uint32_t who[] = {1, 2};
    struct witnesses serving;
    struct account_id id = epochs_id(1);
    struct public_key key = {{0x55}};
    for (uint32_t i = 1; i <= 2; i++) epochs_register(&epochs, i, 1, 0);
    epochs_next_epoch(&epochs);
    ck_assert_int_eq(stake_register(&epochs.run, &id, &key, 0), TX_CODE_OK);
    epochs_next(&epochs);
    check_serving(who, 2);
    epochs_next_epoch(&epochs);
    epochs_load(&epochs, &serving);
    ck_assert_mem_eq(&serving.list[0].key, &key, sizeof key);
    // The set before is still known.
    ck_assert(witnesses_load(&serving, epochs_view(&epochs), epochs.block.epoch - 1));
    ck_assert_mem_ne(&serving.list[0].key, &key, sizeof key);
}
END_TEST

START_TEST(a_set_that_goes_on_takes_no_room_again) {
    for (uint32_t i = 1; i <= 2; i++) epochs_register(&epochs, i, 10, 0);
    epochs_vote(&epochs, 1, 1, 1);
    epochs_next_epoch(&epochs);
    epochs_next_epoch(&epochs);
    uint64_t entries = state_count(state_version_view(epochs.head));
    epochs_vote(&epochs, 1, 2, 1); // ranks change, members do not
    for (int i = 0; i < 4; i++) epochs_next_epoch(&epochs);
    entries += 4; // the ends of the epochs
    ck_assert_uint_eq(state_count(state_version_view(epochs.head)), entries);
}
END_TEST

// ---- on a node, by signed transactions

static void set_up_node(void) {
    fixture_init_counter(&fixture);
    fixture_set_epoch(&fixture, 12);
    fixture_set_balance(&fixture, "20000000");
}
static void tear_down_node(void) { fixture_clear(&fixture); }

static void run(int from, const struct tx_action *actions, uint32_t count) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    for (uint32_t i = 0; i < count; i++) tx.actions[tx.action_count++] = actions[i];
    struct receipt receipt = fixture_run(&fixture, &tx, from);
    ck_assert_str_eq(tx_code_name((enum tx_code)receipt.code), "OK");
}

static void pay(void) {
    struct tx_action action = {.kind = TX_TRANSFER,
                               .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
    run(0, &action, 1);
}

static struct node_head await_height(uint64_t height) {
    struct node_head head;
    for (node_head(fixture.node, &head); head.header.height < height;
         node_head(fixture.node, &head))
        pay();
    return head;
}

// The elected, in the order of their registration.
static void check_elected(const struct header *header) {
    struct witnesses witnesses;
    struct witness_set set;
    struct hash hash;
    ck_assert(node_witnesses(fixture.node, header->epoch, &witnesses));
    ck_assert_uint_eq(witnesses.count, FIXTURE_ACCOUNTS);
    for (int i = 0; i < FIXTURE_ACCOUNTS; i++) {
        struct public_key key;
        key_public_of(&key, &fixture.witnesses[FIXTURE_WITNESSES + i]);
        ck_assert(account_id_equal(&witnesses.list[i].account, &fixture.ids[i]));
        ck_assert_mem_eq(&witnesses.list[i].key, &key, sizeof key);
    }
    witnesses_set(&set, &witnesses);
    witness_set_hash(&hash, &set);
    ck_assert(hash_equal(&hash, &header->set_hash));
}

// What leads to the witnesses of a header: one change at the end of each of these epochs.
static void check_changes(const struct header *header, uint64_t since_ms, const uint64_t *ends,
                          uint32_t count) {
    struct node_changes changes;
    struct witness_set set;
    struct witnesses witnesses;
    assert_ok(node_list_changes(fixture.node, header, since_ms, &changes));
    ck_assert_uint_eq(changes.count, count);
    struct decoder in = decoder_of(buf_bytes(&changes.hand_overs));
    for (uint32_t i = 0; i < count; i++) {
        struct proof_hand_over hand_over;
        struct hash hash;
        proof_hand_over_decode_from(&in, &hand_over);
        ck_assert_uint_eq(hand_over.header.height, 12 * (ends[i] + 1) - 1);
        assert_ok(witness_set_read(&set, hand_over.next));
        witness_set_hash(&hash, &set);
        ck_assert(hash_equal(&hash, &hand_over.header.next_set_hash));
        ck_assert_uint_gt(hand_over.certificate.len, 0);
    }
    assert_ok(decoder_finish(&in));
    ck_assert(node_witnesses(fixture.node, header->epoch, &witnesses));
    witnesses_set(&set, &witnesses);
    assert_bytes_equal(witness_set_keys(&changes.set), witness_set_keys(&set));
    node_changes_clear(&changes);
}

START_TEST(each_change_of_witnesses_is_told_to_who_believed_those_before) {
    const uint64_t ends[] = {0, 2};
    struct tx_action other_key = {.kind = TX_REGISTER_CANDIDATE,
                                  .register_candidate = {.commission = 2500}};
    struct node_changes changes;
    fixture.witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&fixture));
    fixture_stand_for_election(&fixture);
    struct node_head first = await_height(11);
    check_changes(&first.header, 0, NULL, 0);
    struct node_head second = await_height(25); // nothing has changed with the last of these
    check_changes(&second.header, 0, ends, 1);
    check_changes(&second.header, first.header.time_ms, ends, 1);
    check_changes(&second.header, first.header.time_ms + 1, NULL, 0);
    struct secret_key secret; // the three others are a quorum
    key_from_seed(&secret, &other_key.register_candidate.key, (const uint8_t[32]){77});
    run(0, &other_key, 1);
    struct node_head third = await_height(37);
    check_changes(&third.header, 0, ends, 2);
    check_changes(&third.header, second.header.time_ms, ends + 1, 1);
    third.header.height++;
    assert_status(node_list_changes(fixture.node, &third.header, 0, &changes), STATUS_NOT_FOUND);
    node_changes_clear(&changes);
}
END_TEST

START_TEST(those_who_are_elected_make_the_blocks_of_the_next_epoch) {
    struct witnesses first, after;
    struct node_head head, later;
    fixture.witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&fixture));
    ck_assert(node_witnesses(fixture.node, 0, &first));
    fixture_stand_for_election(&fixture);
    head = await_height(12);
    check_elected(&head.header);
    // The same after a restart, beyond another boundary, and genesis' set is still known.
    fixture_close(&fixture);
    assert_ok(fixture_open(&fixture));
    later = await_height(head.header.height + 12);
    check_elected(&later.header);
    ck_assert(node_witnesses(fixture.node, 0, &after));
    ck_assert_uint_eq(after.count, first.count);
    ck_assert_mem_eq(after.list, first.list, first.count * sizeof *first.list);
}
END_TEST

START_TEST(voters_claim_what_their_witnesses_earned_for_them) {
    struct tx_action action = {.kind = TX_CLAIM_SHARES};
    struct account before, after;
    struct tx tx;
    uint64_t seq;
    fixture.witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&fixture));
    fixture_stand_for_election(&fixture);
    await_height(24);
    node_account(fixture.node, &fixture.ids[2], &before, &seq);
    run(2, &action, 1);
    node_account(fixture.node, &fixture.ids[2], &after, &seq);
    // Three quarters of what twelve blocks earned, long after genesis, for four who hold alike;
    // less its gas.
    ck_assert_uint_gt(amount_units(after.balance),
                      amount_units(before.balance) + 12 * 10 * EPOCHS_LMM * 3 / 4 / 4 - EPOCHS_LMM);
    fixture_begin(&fixture, &tx, 2);
    tx.actions[tx.action_count++] = action;
    ck_assert_str_eq(tx_code_name((enum tx_code)fixture_run(&fixture, &tx, 2).code),
                     "NOTHING_TO_CLAIM");
}
END_TEST

// What the third of the elected signs in a view.
static struct signed_vote vote_of_third(uint64_t epoch, uint8_t block) {
    struct signed_vote vote = {
        .epoch = epoch, .view = 5, .kind = VOTE_FINALIZE, .witness = 2, .block_id = {{block}}};
    struct vote what = {
        .epoch = epoch, .kind = vote.kind, .view = vote.view, .block_id = vote.block_id};
    struct witnesses witnesses;
    struct witness_set set;
    struct hash payload;
    ck_assert(node_witnesses(fixture.node, epoch, &witnesses));
    witnesses_set(&set, &witnesses);
    witness_set_hash(&what.set_hash, &set);
    vote_payload(&payload, &what);
    sign_payload(&vote.signature, &fixture.witnesses[FIXTURE_WITNESSES + 2], SIGN_VOTE,
                 node_chain_id(fixture.node), &payload);
    return vote;
}

// By two votes as a witness' driver meets them, the later one first.
static struct evidence evidence_of_third(uint64_t epoch) {
    struct signed_vote one = vote_of_third(epoch, 1), other = vote_of_third(epoch, 2);
    struct evidence evidence;
    ck_assert(evidence_of_votes(&evidence, &other, &one));
    return evidence;
}

static uint64_t burnt(void) {
    struct supply supply;
    struct state_version *version = node_state(fixture.node);
    supply_load(&supply, state_version_view(version));
    ck_assert(supply_is_conserved(state_version_view(version)));
    node_state_release(version);
    return amount_units(supply.burnt);
}

static void check_expelled(const struct account_id *id) {
    struct stake stake;
    struct candidate candidate;
    struct state_version *version = node_state(fixture.node);
    ck_assert(stake_load(&stake, state_version_view(version), id));
    ck_assert(candidate_load(&candidate, state_version_view(version), id));
    node_state_release(version);
    ck_assert_uint_eq(amount_units(stake.locked), STAKE_MIN / 20 * 19);
    ck_assert_int_eq(candidate.standing, CANDIDATE_EXPELLED);
}

START_TEST(whoever_shows_two_contradicting_signatures_has_the_witness_punished) {
    struct tx_action action = {.kind = TX_EVIDENCE};
    struct witnesses serving, next;
    struct node_head head;
    struct tx tx;
    fixture.witness_key_count = FIXTURE_KEYS;
    fixture_set_least(&fixture, 3);
    assert_ok(fixture_open(&fixture));
    fixture_stand_for_election(&fixture);
    head = await_height(13);
    ck_assert_uint_eq(head.header.epoch, 1);
    action.evidence = evidence_of_third(1);
    uint64_t before = burnt();
    run(0, &action, 1);
    check_expelled(&fixture.ids[2]);
    ck_assert_uint_ge(burnt(), before + STAKE_MIN / 20); // and half of the fees
    ck_assert_uint_lt(burnt(), before + STAKE_MIN / 20 + EPOCHS_LMM);
    fixture_begin(&fixture, &tx, 1);
    tx.actions[tx.action_count++] = action;
    ck_assert_str_eq(tx_code_name((enum tx_code)fixture_run(&fixture, &tx, 1).code),
                     "PUNISHED_ALREADY");
    // It serves to the end of the epoch, and no longer.
    ck_assert(node_witnesses(fixture.node, 1, &serving));
    ck_assert_uint_lt(witnesses_find(&serving, &fixture.ids[2]), serving.count);
    await_height(24);
    ck_assert(node_witnesses(fixture.node, 2, &next));
    ck_assert_uint_eq(next.count, serving.count - 1);
    ck_assert_uint_eq(witnesses_find(&next, &fixture.ids[2]), next.count);
    // Whom nobody has elected yet are none.
    ck_assert(!node_witnesses(fixture.node, 1000, &next));
    ck_assert_uint_eq(next.count, 0);
}
END_TEST

START_TEST(a_node_without_the_keys_of_the_elected_stops_at_the_boundary) {
    struct node_head head;
    struct hash id;
    struct tx tx;
    assert_ok(fixture_open(&fixture)); // with the keys of genesis alone
    fixture_stand_for_election(&fixture);
    head = await_height(11);
    ck_assert_uint_eq(head.header.height, 11);
    ck_assert(!hash_equal(&head.header.next_set_hash, &head.header.set_hash));
    fixture_begin(&fixture, &tx, 0);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    ck_assert(!node_wait(fixture.node, 11, 50));
    fixture_close(&fixture);
    assert_ok(fixture_open_idle(&fixture));
    ck_assert_int_eq(node_start(fixture.node), STATUS_UNSUPPORTED);
    fixture_close(&fixture);
    // With them it goes on, and what waited is still there.
    fixture.witness_key_count = FIXTURE_KEYS;
    assert_ok(fixture_open(&fixture));
    ck_assert_uint_eq(fixture_await(&fixture, &id).code, TX_CODE_OK);
}
END_TEST

Suite *election_suite(void) {
    Suite *suite = suite_create("election");
    TCase *cases = tcase_create("election");
    TCase *node_cases = tcase_create("node");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, the_most_voted_serve_and_among_equals_who_registered_first);
    tcase_add_test(cases, an_election_within_the_epoch_changes_nothing);
    tcase_add_test(cases, with_too_few_candidates_the_old_set_goes_on_whole);
    tcase_add_test(cases, who_resigned_is_not_elected_and_may_come_back);
    tcase_add_test(cases, a_new_key_signs_from_the_next_epoch_on);
    tcase_add_test(cases, a_set_that_goes_on_takes_no_room_again);
    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(node_cases, set_up_node, tear_down_node);
    tcase_add_test(node_cases, each_change_of_witnesses_is_told_to_who_believed_those_before);
    tcase_add_test(node_cases, those_who_are_elected_make_the_blocks_of_the_next_epoch);
    tcase_add_test(node_cases, voters_claim_what_their_witnesses_earned_for_them);
    tcase_add_test(node_cases, whoever_shows_two_contradicting_signatures_has_the_witness_punished);
    tcase_add_test(node_cases, a_node_without_the_keys_of_the_elected_stops_at_the_boundary);
    suite_add_tcase(suite, node_cases);
    return suite;
}
