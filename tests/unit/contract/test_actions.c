// SPDX-License-Identifier: Apache-2.0
// Actions about accounts: what each locks and frees, and whose money that is.
#include "chaincore/chain/reward.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/share.h"
#include "tests/support/account_bytes.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf storage;
static const struct account_id fresh = {{77, 77}}, other_fresh = {{78, 77}};
enum { PRICE = 10 };

static void set_up(void) {
    stage_init(&stage);
    buf_reset(&storage);
}
static void tear_down(void) {
    stage_clear(&stage);
    buf_clear(&storage);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

static struct account account_of(const struct account_id *id) {
    struct account account;
    account_load(&account, state_draft_view(stage.block.draft), id);
    return account;
}

static uint64_t deposit_bytes(const struct account_id *id) { return account_of(id).deposit.bytes; }

// Its deposit counts what is there, each byte at today's price; the accounts of the stage are as in
// genesis and do not count themselves.
static void check_deposit(const struct account_id *id) {
    struct account account = account_of(id);
    bool is_of_stage = account_id_equal(id, &stage.user) || account_id_equal(id, &stage.sponsor);
    uint64_t held = account_bytes_held(state_draft_view(stage.block.draft), id);
    if (account.is_there && !is_of_stage) held += 193;
    ck_assert_uint_eq(account.deposit.bytes, held);
    ck_assert_uint_eq(amount_units(account.deposit.amount), held * PRICE);
}

static const char *act(const struct tx_action *action) {
    struct tx *tx = stage_begin(&stage);
    tx->actions[tx->action_count++] = *action;
    return stage_apply(&stage);
}

static const char *act_sponsored(const struct tx_action *action) {
    struct tx *tx = stage_begin(&stage);
    tx->actions[tx->action_count++] = *action;
    tx->has_payer = true;
    tx->payer = stage.sponsor;
    return stage_apply(&stage);
}

// A transaction of an account that is not the user's.
static void begin_as(const struct account_id *sender, uint64_t seq) {
    stage_begin(&stage);
    stage.next_seq--;
    stage.tx.sender = *sender;
    stage.tx.seq = seq;
}

static struct tx_action transfer_of(const struct account_id *to, uint64_t units) {
    return (struct tx_action){.kind = TX_TRANSFER, .transfer = {*to, amount_of_units(units)}};
}
static struct tx_action removal_of(const struct account_id *id) {
    return (struct tx_action){.kind = TX_REMOVE_ACCOUNT, .remove_account = {*id}};
}
static struct tx_action stake_of(enum tx_action_kind kind, uint64_t units) {
    return (struct tx_action){.kind = kind, .stake = {amount_of_units(units)}};
}
static struct tx_action votes_of(uint32_t count) {
    buf_reset(&storage);
    for (uint32_t i = 0; i < count; i++) {
        struct account_id id = {{(uint8_t)i, 0xca}};
        struct candidate candidate = {.standing = CANDIDATE_STANDS, .key = {{(uint8_t)i}}};
        candidate_store(stage.block.draft, &id, &candidate);
        encode_fixed(&storage, &id, sizeof id);
    }
    return (struct tx_action){.kind = TX_VOTE,
                              .vote = {.count = count, .candidates = buf_bytes(&storage)}};
}

static struct tx_action authority_of(const struct public_key *keys, uint32_t count) {
    struct authority authority = {.threshold = 1, .key_count = count};
    for (uint32_t i = 0; i < count; i++)
        authority.keys[i] = (struct authority_key){.key = keys[i], .weight = 1};
    buf_reset(&storage);
    authority_encode(&storage, &authority);
    return (struct tx_action){.kind = TX_SET_AUTHORITY,
                              .set_authority = {.authority = buf_bytes(&storage)}};
}

// What the last transaction cost the account beside its gas.
static int64_t paid(uint64_t before, const struct account_id *id) {
    return (int64_t)(before - stage_balance(&stage, id)) - (int64_t)stage.done.receipt.gas_used;
}

START_TEST(a_consensus_key_never_becomes_a_key_of_its_account) {
    static const struct public_key keys[] = {{{1}}, {{2}}, {{3}}};
    struct candidate candidate = {.standing = _i ? CANDIDATE_STANDS : CANDIDATE_RESIGNED,
                                  .key = keys[2]};
    candidate_store(stage.block.draft, &stage.user, &candidate);
    struct tx_action set = authority_of(keys, 2);
    assert_text(act(&set), "OK");
    set = authority_of(keys, 3);
    assert_text(act(&set), "KEY_OF_CONSENSUS");
    set = authority_of(&keys[2], 1);
    assert_text(act(&set), "KEY_OF_CONSENSUS");
    candidate.key = (struct public_key){{4}};
    candidate_store(stage.block.draft, &stage.user, &candidate);
    set = authority_of(keys, 3);
    assert_text(act(&set), "OK");
}
END_TEST

START_TEST(whoever_pays_the_gas_pays_for_an_account_that_a_transfer_makes) {
    struct tx_action first = transfer_of(&fresh, 5), again = transfer_of(&fresh, 6);
    uint64_t user = stage_balance(&stage, &stage.user);
    uint64_t sponsor = stage_balance(&stage, &stage.sponsor);
    assert_text(act_sponsored(&first), "OK");
    ck_assert_uint_eq(stage_balance(&stage, &stage.user), user - 5);
    ck_assert_int_eq(paid(sponsor, &stage.sponsor), 193 * PRICE);
    ck_assert_uint_eq(stage_balance(&stage, &fresh), 5);
    check_deposit(&fresh);
    sponsor = stage_balance(&stage, &stage.sponsor);
    assert_text(act_sponsored(&again), "OK");
    ck_assert_int_eq(paid(sponsor, &stage.sponsor), 0);
    check_deposit(&fresh);
}
END_TEST

START_TEST(it_pays_for_those_that_contracts_make_too) {
    script_transfer(&storage, &fresh, 3);
    script_transfer(&storage, &other_fresh, 4);
    uint64_t user = stage_balance(&stage, &stage.user);
    assert_text(stage_act(&stage, 0, &storage, 10), "OK");
    // The contract's own account came with the money.
    ck_assert_int_eq(paid(user, &stage.user), 10 + 3 * 193 * PRICE);
    check_deposit(&fresh);
    check_deposit(&other_fresh);
    check_deposit(&stage.puppets[0]);
}
END_TEST

START_TEST(a_contract_without_an_account_can_give_nothing_away_and_gets_none_by_it) {
    script_transfer(&storage, &fresh, 0);
    assert_text(stage_act(&stage, 0, &storage, 0), "OK");
    ck_assert(!account_of(&stage.puppets[0]).is_there);
    check_deposit(&fresh);
}
END_TEST

START_TEST(an_account_is_not_made_by_who_cannot_pay_or_did_not_sign_for_it) {
    struct tx_action transfer = transfer_of(&fresh, 5);
    stage.block.params.deposit_per_byte = STAGE_GAS / 193 + 1;
    assert_text(act(&transfer), "DEPOSIT_LIMIT");
    stage.block.params.deposit_per_byte = PRICE;
    transfer.transfer.amount = amount_of_units(stage_balance(&stage, &stage.user) - STAGE_GAS);
    assert_text(act(&transfer), "INSUFFICIENT_FUNDS");
    ck_assert(!account_of(&fresh).is_there);
}
END_TEST

START_TEST(a_newcomer_needs_no_money_where_another_pays) {
    uint64_t sponsor = stage_balance(&stage, &stage.sponsor);
    struct tx_action action = {.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {1}}};
    uint32_t lane = (uint32_t)_i;
    begin_as(&fresh, 0);
    stage.tx.lane = lane;
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage.tx.actions[stage.tx.action_count++] = action;
    assert_text(stage_apply(&stage), "OK");
    ck_assert_int_eq(paid(sponsor, &stage.sponsor), (193 + 36 + (lane ? 100 : 0)) * PRICE);
    ck_assert_uint_eq(stage_balance(&stage, &fresh), 0);
    check_deposit(&fresh);
    // One whose first transaction fails is there all the same, since its number is used up.
    begin_as(&other_fresh, 0);
    stage.tx.lane = lane;
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage.tx.actions[stage.tx.action_count++] = transfer_of(&fresh, 1);
    assert_text(stage_apply(&stage), "INSUFFICIENT_FUNDS");
    check_deposit(&other_fresh);
    struct tx_lane at = tx_lane(&stage.tx);
    ck_assert_uint_eq(lane_next_seq(state_draft_view(stage.block.draft), &at), 1);
}
END_TEST

START_TEST(a_payer_short_of_a_newcomers_deposit_is_refused) {
    struct apply_place place = {.params = &stage.block.params, .height = stage.block.height};
    const struct state_view *view = state_draft_view(stage.block.draft);
    struct account sponsor = account_of(&stage.sponsor);
    uint64_t needed = STAGE_GAS + 193 * PRICE;
    begin_as(&fresh, 0);
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    for (uint64_t units = needed - 1; units <= needed; units++) {
        struct account poorer = sponsor;
        poorer.balance = amount_of_units(units);
        account_store(stage.block.draft, &stage.sponsor, &poorer);
        assert_text(tx_code_name(apply_admit(view, &stage.tx, 200, &place)),
                    units < needed ? "CANNOT_PAY_DEPOSIT" : "OK");
    }
    account_store(stage.block.draft, &stage.sponsor, &sponsor);
}
END_TEST

START_TEST(each_encryption_key_and_each_key_of_an_authority_has_its_price) {
    static const struct public_key keys[] = {{{1}}, {{2}}, {{3}}};
    uint64_t bytes = 0;
    for (uint8_t i = 0; i < 3; i++) {
        struct tx_action action = {.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {i}}};
        bytes += i == 0 ? 36 : 169;
        assert_text(act(&action), "OK");
        ck_assert_uint_eq(deposit_bytes(&stage.user), bytes);
        check_deposit(&stage.user);
    }
    for (uint32_t count = 3; count > 0; count--) {
        uint64_t user = stage_balance(&stage, &stage.user);
        uint64_t sponsor = stage_balance(&stage, &stage.sponsor);
        struct tx_action action = authority_of(keys, count);
        assert_text(act_sponsored(&action), "OK");
        check_deposit(&stage.user);
        // The sponsor pays for what comes; what goes is the account's own.
        int64_t change = count == 3 ? 8 + 3 * 34 : -34;
        ck_assert_int_eq(paid(sponsor, &stage.sponsor), count == 3 ? change * PRICE : 0);
        ck_assert_int_eq((int64_t)(stage_balance(&stage, &stage.user) - user),
                         count == 3 ? 0 : -change * PRICE);
    }
}
END_TEST

START_TEST(votes_lock_by_the_choice_and_leave_nothing_behind) {
    static const uint32_t counts[] = {2, 30, 5, 0, 1, 0};
    const struct state_view *view = state_draft_view(stage.block.draft);
    struct voter voter;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        struct tx_action action = votes_of(counts[i]);
        assert_text(act_sponsored(&action), "OK");
        ck_assert_uint_eq(deposit_bytes(&stage.user),
                          counts[i] ? 153 + 48 * (uint64_t)counts[i] : 0);
        check_deposit(&stage.user);
        voter_load(&voter, view, &stage.user);
        ck_assert_uint_eq(voter.votes.count, counts[i]);
    }
}
END_TEST

START_TEST(stake_locks_a_deposit_and_both_come_back_in_the_end) {
    struct stake stake;
    const struct state_view *view = state_draft_view(stage.block.draft);
    struct tx_action lock = stake_of(TX_LOCK_STAKE, 100), unlock = stake_of(TX_UNLOCK_STAKE, 50);
    struct tx_action withdraw = {.kind = TX_WITHDRAW_STAKE};
    uint64_t before = stage_balance(&stage, &stage.user);
    assert_text(act_sponsored(&lock), "OK");
    assert_text(act_sponsored(&lock), "OK");
    ck_assert_uint_eq(deposit_bytes(&stage.user), 337);
    check_deposit(&stage.user);
    for (int i = 0; i < 4; i++) {
        assert_text(act_sponsored(&unlock), "OK");
        check_deposit(&stage.user);
    }
    ck_assert(stake_load(&stake, view, &stage.user));
    stage_next_block(&stage, stage.block.time_ms + STAKE_UNLOCK_MS);
    assert_text(act_sponsored(&withdraw), "OK");
    ck_assert(!stake_load(&stake, view, &stage.user));
    check_deposit(&stage.user);
    ck_assert_uint_eq(stage_balance(&stage, &stage.user), before + 337 * PRICE);
}
END_TEST

START_TEST(nothing_is_neither_locked_nor_unlocked) {
    struct stake stake;
    struct tx_action lock = stake_of(TX_LOCK_STAKE, 0), unlock = stake_of(TX_UNLOCK_STAKE, 0);
    assert_text(act(&lock), "NO_AMOUNT");
    assert_text(act(&unlock), "NO_AMOUNT");
    ck_assert(!stake_load(&stake, state_draft_view(stage.block.draft), &stage.user));
}
END_TEST

START_TEST(a_candidate_pays_once_for_both_of_its_entries) {
    struct account rich = account_of(&stage.user);
    struct supply supply;
    struct amount more = amount_of_units(STAKE_MIN);
    supply_load(&supply, state_draft_view(stage.block.draft));
    assert_ok(amount_add(&supply.genesis, supply.genesis, more));
    assert_ok(amount_add(&rich.balance, rich.balance, more));
    supply_store(stage.block.draft, &supply);
    account_store(stage.block.draft, &stage.user, &rich);
    struct tx_action lock = stake_of(TX_LOCK_STAKE, STAKE_MIN);
    assert_text(act(&lock), "OK");
    for (uint8_t i = 0; i < 2; i++) {
        struct tx_action action = {.kind = TX_REGISTER_CANDIDATE,
                                   .register_candidate = {.key = {{i, 1}}}};
        assert_text(act(&action), "OK");
        ck_assert_uint_eq(deposit_bytes(&stage.user), 337 + 405);
        check_deposit(&stage.user);
    }
    struct tx_action resign = {.kind = TX_RESIGN_CANDIDATE};
    assert_text(act(&resign), "OK");
    check_deposit(&stage.user);
}
END_TEST

START_TEST(a_leader_pays_for_its_account_out_of_what_it_earns) {
    uint64_t reward =
        amount_units(reward_of_block(stage.block.genesis_time_ms, stage.block.time_ms));
    stage.block.params.deposit_per_byte = _i ? PRICE : reward; // more than it can pay
    stage_next_block(&stage, stage.block.time_ms);
    struct account leader = account_of(&stage.block.leader);
    ck_assert_uint_eq(leader.deposit.bytes, 193);
    ck_assert_uint_eq(amount_units(leader.deposit.amount), _i ? 193 * PRICE : reward);
    ck_assert_uint_eq(amount_units(leader.balance), _i ? reward - 193 * PRICE : 0);
}
END_TEST

// Makes the account with this much, has it give all away, and lets it rest for so many blocks.
static void let_rest(uint64_t blocks) {
    struct tx_action transfer = transfer_of(&fresh, 5);
    assert_text(act(&transfer), "OK");
    begin_as(&fresh, 0);
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage.tx.valid_until = stage.block.height + LIMIT_VALID_UNTIL_BLOCKS;
    stage.tx.actions[stage.tx.action_count++] = transfer_of(&stage.user, 5);
    assert_text(stage_apply(&stage), "OK");
    ck_assert_uint_eq(stage_balance(&stage, &fresh), 0);
    stage.block.height += blocks;
}

START_TEST(an_empty_account_at_rest_goes_and_its_deposit_to_who_removes_it) {
    struct tx_action removal = removal_of(&fresh);
    assert_text(act(&removal), "UNKNOWN_ACCOUNT");
    let_rest(LIMIT_VALID_UNTIL_BLOCKS);
    struct tx old = stage.tx;
    assert_text(act(&removal), "ACCOUNT_IN_USE");
    stage.block.height++;
    uint64_t user = stage_balance(&stage, &stage.user);
    assert_text(act(&removal), "OK");
    ck_assert_int_eq(paid(user, &stage.user), -193 * PRICE);
    ck_assert(!account_of(&fresh).is_there);
    assert_text(act(&removal), "UNKNOWN_ACCOUNT");
    stage_next_block(&stage, stage.block.time_ms);
    ck_assert(!account_of(&fresh).is_there); // nor does the count of votes bring it back
    // What it once sent has its old number, and cannot come again.
    struct apply_place place = {.params = &stage.block.params, .height = stage.block.height};
    ck_assert_int_eq(apply_admit(state_draft_view(stage.block.draft), &old, 200, &place),
                     TX_CODE_EXPIRED);
}
END_TEST

START_TEST(an_account_that_holds_anything_stays) {
    static const struct public_key keys[] = {{{1}}};
    struct tx_action removal = removal_of(&stage.user);
    struct tx_action actions[] = {
        transfer_of(&stage.user, 1),
        stake_of(TX_LOCK_STAKE, 1),
        {.kind = TX_SET_ENC_KEY, .set_enc_key = {.key = {1}}},
        authority_of(keys, 1),
        votes_of(1),
        {.kind = TX_CLOSE_LANE, .close_lane = {.lane = 9}}, // fails, but opens one
        {.kind = TX_DATA, .data = {.seq = 1}},
    };
    if (_i == 3) actions[3] = authority_of(keys, 1); // what it borrows was written over
    // All of its money goes but for what the case needs, so that it alone is what is left.
    struct account account = account_of(&stage.user), sponsor = account_of(&stage.sponsor);
    struct amount all = account.balance;
    account.balance = amount_of_units(_i == 1 ? 1 : 0);
    assert_ok(amount_sub(&all, all, account.balance));
    assert_ok(amount_add(&sponsor.balance, sponsor.balance, all));
    account_store(stage.block.draft, &stage.user, &account);
    account_store(stage.block.draft, &stage.sponsor, &sponsor);
    stage_begin(&stage);
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage.tx.actions[stage.tx.action_count++] = actions[_i];
    if (_i == 5) stage.tx.lane = 7;
    if (_i == 5) stage.tx.seq = 0;
    stage_apply(&stage);
    if (_i == 0) { // money of others
        struct tx_action gift = transfer_of(&stage.user, 1);
        begin_as(&stage.sponsor, 0);
        stage.tx.actions[stage.tx.action_count++] = gift;
        assert_text(stage_apply(&stage), "OK");
    }
    stage.block.height += LIMIT_VALID_UNTIL_BLOCKS + 1;
    begin_as(&stage.sponsor, _i == 0);
    stage.tx.actions[stage.tx.action_count++] = removal;
    assert_text(stage_apply(&stage), "ACCOUNT_NOT_EMPTY");
}
END_TEST

START_TEST(who_pays_or_gives_away_is_in_use) {
    struct tx_action removal = removal_of(&fresh);
    struct tx_action transfer = transfer_of(&fresh, STAGE_GAS);
    uint32_t numbers[] = {0, 0};
    assert_text(act(&transfer), "OK");
    stage.block.height += LIMIT_VALID_UNTIL_BLOCKS + 1;
    // It pays with all it has, and sends nothing itself.
    stage_begin(&stage);
    stage.tx.has_payer = true;
    stage.tx.payer = fresh;
    encode_u8(&storage, PUPPET_SPIN);
    stage_add_call(&stage, 0, "act", &storage, 0);
    assert_text(stage_apply(&stage), "OUT_OF_GAS");
    ck_assert_uint_eq(stage_balance(&stage, &fresh), 0);
    assert_text(act(&removal), "ACCOUNT_IN_USE");
    // Contracts give away without sending.
    buf_reset(&storage);
    script_numbers(&storage, PUPPET_CLEAR, numbers, 2);
    assert_text(stage_act(&stage, 1, &storage, 5), "OK");
    stage.block.height += LIMIT_VALID_UNTIL_BLOCKS + 1;
    removal = removal_of(&stage.puppets[1]);
    assert_text(act(&removal), "ACCOUNT_NOT_EMPTY");
    buf_reset(&storage);
    script_transfer(&storage, &stage.user, 5);
    assert_text(stage_act(&stage, 1, &storage, 0), "OK");
    assert_text(act(&removal), "ACCOUNT_IN_USE");
    stage.block.height += LIMIT_VALID_UNTIL_BLOCKS + 1;
    assert_text(act(&removal), "OK");
}
END_TEST

START_TEST(an_account_that_went_and_came_again_in_one_block_is_counted_once) {
    struct tx_action removal = removal_of(&fresh), transfer = transfer_of(&fresh, 1000);
    let_rest(LIMIT_VALID_UNTIL_BLOCKS + 1);
    stage_next_block(&stage, stage.block.time_ms);
    // Committed, so that the block has a state to stand on that holds the account.
    struct state_version *before = state_commit(stage.block.draft, stage.block.height);
    stage.block.draft = state_draft_begin(stage.state, before);
    state_version_unref(before);
    assert_text(act(&removal), "OK");
    assert_text(act(&transfer), "OK");
    begin_as(&fresh, 0);
    stage.tx.has_payer = true;
    stage.tx.payer = stage.sponsor;
    stage.tx.actions[stage.tx.action_count++] = votes_of(1);
    assert_text(stage_apply(&stage), "OK");
    stage_next_block(&stage, stage.block.time_ms);
    struct candidate candidate;
    struct account_id id = {{0, 0xca}};
    ck_assert(candidate_load(&candidate, state_draft_view(stage.block.draft), &id));
    ck_assert_uint_eq(candidate.votes, 1000);
    ck_assert_uint_eq(candidate.gain, 1000);
    check_deposit(&fresh);
}
END_TEST

Suite *actions_suite(void) {
    Suite *suite = suite_create("actions");
    TCase *cases = tcase_create("actions");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, a_consensus_key_never_becomes_a_key_of_its_account, 0, 2);
    tcase_add_test(cases, whoever_pays_the_gas_pays_for_an_account_that_a_transfer_makes);
    tcase_add_test(cases, it_pays_for_those_that_contracts_make_too);
    tcase_add_test(cases, a_contract_without_an_account_can_give_nothing_away_and_gets_none_by_it);
    tcase_add_test(cases, an_account_is_not_made_by_who_cannot_pay_or_did_not_sign_for_it);
    tcase_add_loop_test(cases, a_newcomer_needs_no_money_where_another_pays, 0, 2);
    tcase_add_test(cases, a_payer_short_of_a_newcomers_deposit_is_refused);
    tcase_add_test(cases, each_encryption_key_and_each_key_of_an_authority_has_its_price);
    tcase_add_test(cases, votes_lock_by_the_choice_and_leave_nothing_behind);
    tcase_add_test(cases, stake_locks_a_deposit_and_both_come_back_in_the_end);
    tcase_add_test(cases, nothing_is_neither_locked_nor_unlocked);
    tcase_add_test(cases, a_candidate_pays_once_for_both_of_its_entries);
    tcase_add_loop_test(cases, a_leader_pays_for_its_account_out_of_what_it_earns, 0, 2);
    tcase_add_test(cases, an_empty_account_at_rest_goes_and_its_deposit_to_who_removes_it);
    tcase_add_loop_test(cases, an_account_that_holds_anything_stays, 0, 7);
    tcase_add_test(cases, who_pays_or_gives_away_is_in_use);
    tcase_add_test(cases, an_account_that_went_and_came_again_in_one_block_is_counted_once);
    suite_add_tcase(suite, cases);
    return suite;
}
