// SPDX-License-Identifier: Apache-2.0
// A contract that another compiler made (tests/assemblyscript/run.sh), on a node.
#include <unistd.h>

#include "chaincore/contract/abi.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

static const char MODULE[] = "tests/assemblyscript/poll.wasm";
static struct fixture fixture;

static struct receipt vote(int from, const uint8_t *choice, size_t len) {
    struct tx tx;
    fixture_begin(&fixture, &tx, from);
    fixture_add_call(&fixture, &tx, "vote", bytes_of(choice, len));
    return fixture_run(&fixture, &tx, from);
}

static uint64_t count(uint8_t choice) {
    struct buf out = {0};
    uint32_t code;
    ck_assert_int_eq(
        node_query(fixture.node, &fixture.contract, "count", BYTES_OF(choice), &out, &code),
        TX_CODE_OK);
    ck_assert_uint_eq(out.len, 8);
    uint64_t value = load_u64_le(out.data);
    buf_clear(&out);
    return value;
}

START_TEST(a_poll_in_assemblyscript_counts_one_vote_each) {
    static const uint8_t first[2] = {2, 0}, outside[1] = {4};
    struct fixture_contract poll = {.name = "poll", .path = MODULE};
    struct bytes abi;
    if (access(MODULE, R_OK) != 0) {
        skip_case("AssemblyScript's compiler made no module; make e2e fetches it");
        return;
    }
    fixture_init(&fixture, &poll);
    ck_assert(abi_of_code(buf_bytes(&fixture.contract_code), &abi));
    assert_ok(fixture_open(&fixture));
    ck_assert_uint_eq(vote(0, first, 1).code, TX_CODE_OK);
    ck_assert_uint_eq(vote(1, first, 1).code, TX_CODE_OK);
    ck_assert_uint_eq(vote(0, first, 1).contract_code, 2);
    ck_assert_uint_eq(vote(2, outside, 1).contract_code, 3);
    ck_assert_uint_eq(vote(2, first, 0).contract_code, 1);
    ck_assert_uint_eq(vote(2, first, 2).contract_code, 1);
    ck_assert_uint_eq(count(2), 2);
    ck_assert_uint_eq(count(3), 0);
    fixture_clear(&fixture);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("assemblyscript");
    TCase *cases = tcase_create("poll");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_poll_in_assemblyscript_counts_one_vote_each);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
