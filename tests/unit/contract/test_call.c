// SPDX-License-Identifier: Apache-2.0
// Calls from contract to contract: what moves with them, what remains of them, what they may not.
#include "chaincore/contract/gas.h"
#include "chaincore/contract/stake.h"
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

static struct stage stage;
static struct buf script, inner, innermost;

static void set_up(void) { stage_init(&stage); }
static void tear_down(void) {
    stage_clear(&stage);
    buf_clear(&script);
    buf_clear(&inner);
    buf_clear(&innermost);
}

#define assert_text(expression, expected) ck_assert_str_eq(expression, expected)

START_TEST(a_call_carries_arguments_value_and_an_answer) {
    encode_u8(&inner, PUPPET_RETURN);
    encode_bytes(&inner, bytes_of_string("thanks"));
    script_set(&inner, "paid", "yes");
    script_call_with(&script, &stage.puppets[1], &inner, 300, ALL_GAS);
    assert_text(stage_act(&stage, 0, &script, 1000), "OK");
    check_came(&stage, 0, "OK");
    struct bytes data = stage.done.events[0].data;
    assert_bytes_equal(bytes_of(data.data + 8, data.len - 8), bytes_of_string("thanks"));
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), 700);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[1]), 300);
    assert_bytes_equal(stage_stored(&stage, 1, "paid"), bytes_of_string("yes"));
}
END_TEST

START_TEST(a_call_that_fails_leaves_nothing_and_its_caller_goes_on) {
    uint32_t code = 77;
    script_set(&inner, "lost", "x");
    script_event(&inner, "lost");
    script_transfer(&inner, &stage.user, 1);
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_set(&script, "before", "x");
    script_call_with(&script, &stage.puppets[1], &inner, 300, ALL_GAS);
    script_set(&script, "after", "x");
    assert_text(stage_act(&stage, 0, &script, 1000), "OK");
    ck_assert_uint_eq(stage.done.event_count, 1);
    check_came(&stage, 0, "CONTRACT_REFUSED");
    ck_assert_uint_eq(load_u32_le(stage.done.events[0].data.data + 4), 77);
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), 1000);
    ck_assert_uint_eq(stage_stored(&stage, 1, "lost").len, 0);
    ck_assert_uint_eq(stage_stored(&stage, 0, "before").len, 1);
    ck_assert_uint_eq(stage_stored(&stage, 0, "after").len, 1);
}
END_TEST

START_TEST(what_a_called_contract_called_goes_back_with_it) {
    uint32_t code = 5;
    script_set(&innermost, "deep", "x");
    script_event(&innermost, "deep");
    script_call(&inner, PUPPET_CALL, &stage.puppets[2], "act", &innermost);
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(stage.done.event_count, 1);
    check_came(&stage, 0, "CONTRACT_REFUSED");
    ck_assert_uint_eq(stage_stored(&stage, 2, "deep").len, 0);
}
END_TEST

START_TEST(a_refusal_at_the_bottom_undoes_calls_that_went_well) {
    uint32_t code = 9;
    script_set(&inner, "kept", "x");
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    script_numbers(&script, PUPPET_REFUSE, &code, 1);
    assert_text(stage_act(&stage, 0, &script, 0), "CONTRACT_REFUSED");
    ck_assert_uint_eq(stage.done.receipt.contract_code, 9);
    ck_assert_uint_eq(stage.done.event_count, 0);
    ck_assert_uint_eq(stage_stored(&stage, 1, "kept").len, 0);
}
END_TEST

START_TEST(each_way_to_fail_has_its_own_code) {
    static const struct account_id nobody = {{9, 9}};
    static const uint8_t trap = PUPPET_TRAP, spin = PUPPET_SPIN, unknown = 200;
    const struct {
        const struct account_id *contract;
        const char *method, *code;
        struct bytes arguments;
    } cases[] = {
        {&nobody, "act", "UNKNOWN_CONTRACT", {0}},
        {&stage.puppets[1], "dance", "UNKNOWN_METHOD", {0}},
        {&stage.puppets[1], "look", "UNKNOWN_METHOD", {0}}, // a view is no method
        {&stage.puppets[1], "act", "TRAP_UNREACHABLE", BYTES_OF(trap)},
        {&stage.puppets[1], "act", "CONTRACT_REFUSED", BYTES_OF(unknown)},
        {&stage.puppets[0], "act", "REENTRY", {0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        buf_reset(&script);
        buf_reset(&inner);
        buf_append(&inner, cases[i].arguments);
        script_call(&script, PUPPET_CALL, cases[i].contract, cases[i].method, &inner);
        assert_text(stage_act(&stage, 0, &script, 0), "OK");
        check_came(&stage, 0, cases[i].code);
    }
    buf_reset(&script);
    buf_reset(&inner);
    buf_append(&inner, BYTES_OF(spin));
    script_call_with(&script, &stage.puppets[1], &inner, 0, 500000);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_came(&stage, 0, "OUT_OF_GAS");
    ck_assert_uint_gt(stage.done.receipt.gas_used, 500000);
    ck_assert_uint_lt(stage.done.receipt.gas_used, 700000);
    script_call_with(&script, &stage.puppets[1], &inner, 0, ALL_GAS);
    assert_text(stage_act(&stage, 0, &script, 0), "OUT_OF_GAS");
    ck_assert_uint_eq(stage.done.receipt.gas_used, STAGE_GAS);
}
END_TEST

START_TEST(money_reaches_only_what_is_there_to_take_it) {
    script_call_with(&script, &stage.puppets[1], &inner, 2000, ALL_GAS);
    assert_text(stage_act(&stage, 0, &script, 1000), "OK");
    check_came(&stage, 0, "INSUFFICIENT_FUNDS");
    stage_begin(&stage);
    stage_add_call(&stage, 0, "act", &inner, 5); // `act` takes no money
    assert_text(stage_apply(&stage), "NOT_PAYABLE");
    ck_assert_uint_eq(stage_balance(&stage, &stage.puppets[0]), 1000);
    stage_begin(&stage);
    stage_add_call(&stage, 0, "dance", &inner, 5);
    assert_text(stage_apply(&stage), "UNKNOWN_METHOD");
    stage_begin(&stage);
    stage_add_call(&stage, 0, "pay", &inner, 0); // without money it is a method like any other
    assert_text(stage_apply(&stage), "OK");
}
END_TEST

START_TEST(nobody_enters_a_contract_that_is_running) {
    // 0 calls 1 calls 2, which calls 0.
    script_call(&innermost, PUPPET_MUST_CALL, &stage.puppets[0], "act", &script);
    script_call(&inner, PUPPET_MUST_CALL, &stage.puppets[2], "act", &innermost);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_came(&stage, 0, "CONTRACT_REFUSED");
    // A view of it is an entry too.
    buf_reset(&inner);
    buf_reset(&script);
    buf_reset(&innermost);
    script_call(&inner, PUPPET_LOOK, &stage.puppets[0], "look", &innermost);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(load_u32_le(stage.done.events[0].data.data + 8), TX_CODE_REENTRY);
    // One after the other is fine.
    buf_reset(&script);
    buf_reset(&inner);
    for (int i = 0; i < 3; i++)
        script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
}
END_TEST

// A chain of calls through puppets 0 to last, each with `first` as its first act.
static void make_chain(int last, const struct buf *act) {
    struct buf next = {0};
    for (int i = last; i >= 0; i--) {
        buf_reset(&script);
        buf_append(&script, buf_bytes(act));
        if (i < last) script_call(&script, PUPPET_MUST_CALL, &stage.puppets[i + 1], "act", &next);
        buf_reset(&next);
        buf_append(&next, buf_bytes(&script));
    }
    buf_clear(&next);
}

START_TEST(sixteen_contracts_may_call_one_another_and_a_seventeenth_may_not) {
    script_event(&inner, "here");
    make_chain(15, &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(stage.done.event_count, 16);
    make_chain(16, &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "CONTRACT_REFUSED");
    ck_assert_uint_eq(stage.done.event_count, 0);
    ck_assert_uint_eq(stage.done.receipt.contract_code, 1000 + TX_CODE_CONTRACT_REFUSED);
}
END_TEST

START_TEST(the_memory_of_all_contracts_of_a_call_is_bounded_together) {
    uint32_t pages = 210;
    script_numbers(&inner, PUPPET_GROW, &pages, 1);
    make_chain(6, &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(stage.done.event_count, 7);
    uint32_t grown = 0;
    for (uint32_t i = 0; i < 7; i++) {
        check_event(&stage, i, "number");
        if (load_u64_le(stage.done.events[i].data.data) != UINT64_MAX) grown++;
    }
    ck_assert_uint_eq(grown, 4); // 5 * 210 pages are above 1,024
    // What was called and is over does not count.
    buf_reset(&script);
    for (int i = 1; i < 12; i++)
        script_call(&script, PUPPET_MUST_CALL, &stage.puppets[i], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    for (uint32_t i = 0; i < 11; i++)
        ck_assert_uint_ne(load_u64_le(stage.done.events[i].data.data), UINT64_MAX);
}
END_TEST

START_TEST(views_call_views_and_change_nothing) {
    struct buf out = {0};
    encode_u8(&innermost, PUPPET_RETURN);
    encode_bytes(&innermost, bytes_of_string("deep"));
    script_call(&script, PUPPET_LOOK, &stage.puppets[1], "look", &innermost);
    assert_text(stage_look(&stage, 0, &script, &out), "OK");
    ck_assert_uint_eq(load_u32_le(out.data), TX_CODE_OK);
    buf_reset(&innermost);
    script_set(&innermost, "a", "b");
    assert_text(stage_look(&stage, 0, &innermost, &out), "READ_ONLY");
    buf_reset(&script);
    buf_reset(&out);
    script_call(&script, PUPPET_LOOK, &stage.puppets[1], "look", &innermost);
    assert_text(stage_look(&stage, 0, &script, &out), "OK");
    ck_assert_uint_eq(load_u32_le(out.data), TX_CODE_READ_ONLY);
    // Nor through a transaction, whose own frame may write.
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(stage_stored(&stage, 1, "a").len, 0);
    static const enum puppet_act acts[] = {PUPPET_CALL, PUPPET_MUST_CALL};
    for (size_t i = 0; i < 2; i++) {
        buf_reset(&script);
        script_call(&script, acts[i], &stage.puppets[1], "act", &inner);
        assert_text(stage_look(&stage, 0, &script, &out), "READ_ONLY");
    }
    buf_clear(&out);
}
END_TEST

START_TEST(a_view_sees_what_its_transaction_wrote_before) {
    encode_u8(&inner, PUPPET_COUNT);
    encode_bytes(&inner, bytes_of("", 0));
    script_set(&innermost, "seen", "x");
    script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &innermost);
    script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &inner);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(load_u64_le(stage.done.events[0].data.data), 1);
}
END_TEST

START_TEST(a_view_that_never_ends_ends_with_its_gas) {
    static const uint8_t spin = PUPPET_SPIN;
    struct buf out = {0};
    buf_append(&script, BYTES_OF(spin));
    assert_text(stage_look(&stage, 0, &script, &out), "OUT_OF_GAS");
    ck_assert_uint_eq(out.len, 0);
    buf_clear(&out);
}
END_TEST

START_TEST(a_call_finds_no_trace_of_the_one_before) {
    encode_u8(&inner, PUPPET_REMEMBER);
    script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &inner);
    script_call(&script, PUPPET_MUST_CALL, &stage.puppets[1], "act", &inner);
    encode_u8(&script, PUPPET_REMEMBER);
    encode_u8(&script, PUPPET_REMEMBER);
    for (int i = 0; i < 3; i++) {
        static const uint64_t expected[] = {101, 101, 101, 102};
        assert_text(stage_act(&stage, 0, &script, 0), "OK");
        ck_assert_uint_eq(stage.done.event_count, 4);
        for (uint32_t k = 0; k < 4; k++)
            ck_assert_uint_eq(load_u64_le(stage.done.events[k].data.data), expected[k]);
    }
}
END_TEST

START_TEST(sixteen_actions_happen_all_or_not_at_all) {
    uint32_t code = 3;
    stage_begin(&stage);
    for (int i = 0; i < 15; i++) {
        buf_reset(&script);
        script_set(&script, "action", "x");
        script_event(&script, "done");
        stage_add_call(&stage, i, "act", &script, 0);
    }
    struct tx with_fifteen = stage.tx;
    buf_reset(&script);
    script_numbers(&script, PUPPET_REFUSE, &code, 1);
    stage_add_call(&stage, 15, "act", &script, 0);
    assert_text(stage_apply(&stage), "CONTRACT_REFUSED");
    for (int i = 0; i < 15; i++) ck_assert_uint_eq(stage_stored(&stage, i, "action").len, 0);
    with_fifteen.seq = stage.next_seq++;
    stage.tx = with_fifteen;
    stage_add_call(&stage, 0, "act", &inner, 0);
    assert_text(stage_apply(&stage), "OK");
    ck_assert_uint_eq(stage.done.event_count, 15);
}
END_TEST

// What the transfer costs beside the rest.
static uint64_t gas_of_transfer(const struct account_id *to, bool by_contract) {
    stage_begin(&stage);
    buf_reset(&script);
    if (by_contract) {
        script_transfer(&script, to, 1);
        stage_add_call(&stage, 0, "pay", &script, 1);
    } else {
        stage.tx.actions[stage.tx.action_count++] =
            (struct tx_action){.kind = TX_TRANSFER, .transfer = {*to, amount_of_units(1)}};
    }
    assert_text(stage_apply(&stage), "OK");
    return stage.done.receipt.gas_used;
}

START_TEST(money_for_a_voter_costs_more_for_each_of_its_choices) {
    static const struct account_id none = {{5, 5}}, candidates[2] = {{{6, 6}}, {{7, 7}}};
    struct candidate candidate = {.standing = CANDIDATE_STANDS};
    struct votes votes = {.count = 2};
    struct run_tx run = {.block = &stage.block};
    gas_of_transfer(&none, false); // it is there from now on
    for (int by_contract = 0; by_contract < 2; by_contract++) {
        uint64_t before = gas_of_transfer(&stage.sponsor, by_contract);
        ck_assert_uint_eq(gas_of_transfer(&none, by_contract), before);
        for (int i = 0; i < 2; i++) {
            candidate_store(stage.block.draft, &candidates[i], &candidate);
            votes.candidates[i] = candidates[i];
        }
        ck_assert_int_eq(stake_vote(&run, &stage.sponsor, &votes), TX_CODE_OK);
        ck_assert_uint_eq(gas_of_transfer(&stage.sponsor, by_contract),
                          before + 2 * GAS_TRANSFER_CHOICE);
        votes.count = 0;
        ck_assert_int_eq(stake_vote(&run, &stage.sponsor, &votes), TX_CODE_OK);
        votes.count = 2;
    }
}
END_TEST

START_TEST(events_of_a_transaction_fill_their_bound_to_the_byte) {
    script_shouts(&script, LIMIT_TX_EVENT_BYTES + (size_t)_i);
    assert_text(stage_act(&stage, 0, &script, 0), _i ? "HOST_BOUND" : "OK");
    ck_assert_uint_eq(block_tx_result_bytes(&stage.done),
                      BLOCK_TX_RESULT_MAX - (_i ? LIMIT_TX_EVENT_BYTES : 0));
}
END_TEST

START_TEST(the_bound_of_events_holds_for_all_actions_together) {
    stage_begin(&stage);
    script_shouts(&script, LIMIT_TX_EVENT_BYTES - STAGE_LOUD_BYTES);
    stage_add_call(&stage, 0, "act", &script, 0);
    buf_reset(&script);
    script_shouts(&script, STAGE_LOUD_BYTES + (size_t)_i);
    stage_add_call(&stage, 1, "act", &script, 0);
    assert_text(stage_apply(&stage), _i ? "HOST_BOUND" : "OK");
}
END_TEST

START_TEST(events_of_a_call_that_failed_take_no_room) {
    uint32_t code = 1;
    script_shouts(&inner, LIMIT_TX_EVENT_BYTES);
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    script_shouts(&script, 100000);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    check_came(&stage, 0, "CONTRACT_REFUSED");
}
END_TEST

// Several times more than a piece of the block's memory.
START_TEST(what_failed_calls_tell_stays_nowhere) {
    uint32_t code = 1;
    script_shouts(&inner, 800000);
    script_numbers(&inner, PUPPET_REFUSE, &code, 1);
    for (int i = 0; i < 5; i++) script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
    struct arena_mark before = arena_mark(&stage.arena);
    // Until pieces are as large as they become, and one has just begun.
    for (size_t len = 0; len < 4 << 20 || arena_mark(&stage.arena).chunk == before.chunk;
         len += 1000) {
        before = arena_mark(&stage.arena);
        arena_alloc(&stage.arena, 1000);
    }
    before = arena_mark(&stage.arena);
    assert_text(stage_act(&stage, 0, &script, 0), "OK");
    ck_assert_uint_eq(stage.done.event_count, 5);
    buf_reset(&script);
    script_shouts(&script, 500000);
    script_numbers(&script, PUPPET_REFUSE, &code, 1);
    for (int i = 0; i < 10; i++) assert_text(stage_act(&stage, 0, &script, 0), "CONTRACT_REFUSED");
    ck_assert_ptr_eq(arena_mark(&stage.arena).chunk, before.chunk);
}
END_TEST

// Signed by key 9 for `tag` and a chain, checked for "lmm:challenge" and this one.
static void script_check(struct buf *out, enum sign_tag tag, const struct hash *chain_id) {
    static const uint8_t seed[32] = {9};
    static const struct hash payload = {{3}};
    struct secret_key secret;
    struct public_key key;
    struct signature signature;
    key_from_seed(&secret, &key, seed);
    sign_payload(&signature, &secret, tag, chain_id, &payload);
    encode_u8(out, PUPPET_CHECK);
    encode_bytes(out, bytes_of_string("lmm:challenge"));
    encode_fixed(out, &key, sizeof key);
    encode_fixed(out, &signature, sizeof signature);
    encode_fixed(out, &payload, sizeof payload);
}

START_TEST(a_contract_knows_what_was_signed_for_its_chain) {
    static const struct hash elsewhere = {{0xde}};
    struct buf answer = {0};
    for (int kind = 0; kind < 3; kind++) {
        const struct hash *chain_id = kind == 1 ? &elsewhere : &stage.block.chain_id;
        const char *expected = kind == 0 ? "OK" : "CONTRACT_REFUSED";
        script_check(&inner, kind == 2 ? SIGN_GRANT : SIGN_CHALLENGE, chain_id);
        assert_text(stage_look(&stage, 0, &inner, &answer), expected);
        assert_text(stage_act(&stage, 0, &inner, 0), expected);
        script_call(&script, PUPPET_CALL, &stage.puppets[1], "act", &inner);
        assert_text(stage_act(&stage, 0, &script, 0), "OK");
        check_came(&stage, 0, expected);
        buf_reset(&inner);
        buf_reset(&script);
    }
    buf_clear(&answer);
}
END_TEST

Suite *call_suite(void) {
    Suite *suite = suite_create("call");
    TCase *cases = tcase_create("call");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_call_carries_arguments_value_and_an_answer);
    tcase_add_test(cases, a_contract_knows_what_was_signed_for_its_chain);
    tcase_add_test(cases, a_call_that_fails_leaves_nothing_and_its_caller_goes_on);
    tcase_add_test(cases, what_a_called_contract_called_goes_back_with_it);
    tcase_add_test(cases, a_refusal_at_the_bottom_undoes_calls_that_went_well);
    tcase_add_test(cases, each_way_to_fail_has_its_own_code);
    tcase_add_test(cases, money_reaches_only_what_is_there_to_take_it);
    tcase_add_test(cases, nobody_enters_a_contract_that_is_running);
    tcase_add_test(cases, sixteen_contracts_may_call_one_another_and_a_seventeenth_may_not);
    tcase_add_test(cases, the_memory_of_all_contracts_of_a_call_is_bounded_together);
    tcase_add_test(cases, views_call_views_and_change_nothing);
    tcase_add_test(cases, a_view_sees_what_its_transaction_wrote_before);
    tcase_add_test(cases, a_view_that_never_ends_ends_with_its_gas);
    tcase_add_test(cases, a_call_finds_no_trace_of_the_one_before);
    tcase_add_test(cases, sixteen_actions_happen_all_or_not_at_all);
    tcase_add_test(cases, money_for_a_voter_costs_more_for_each_of_its_choices);
    tcase_add_loop_test(cases, events_of_a_transaction_fill_their_bound_to_the_byte, 0, 2);
    tcase_add_loop_test(cases, the_bound_of_events_holds_for_all_actions_together, 0, 2);
    tcase_add_test(cases, events_of_a_call_that_failed_take_no_room);
    tcase_add_test(cases, what_failed_calls_tell_stays_nowhere);
    suite_add_tcase(suite, cases);
    return suite;
}
