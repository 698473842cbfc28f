// SPDX-License-Identifier: Apache-2.0
// Calls that are to find one node and no other.
#include "tests/unit/net/hosts.h"
#include "tests/unit/net/suites.h"

static int found_another;
static struct public_key not_found;
static struct endpoint not_there;

static void note_another(void *context, const struct endpoint *where,
                         const struct public_key *node) {
    ck_assert_ptr_eq(context, &hosts[0]);
    found_another++;
    not_found = *node;
    not_there = *where;
}

static void start(void) {
    hosts_start();
    found_another = 0;
    hosts[0].config.events.found_another = note_another;
    for (int i = 0; i < HOSTS; i++) hosts_open(i);
}

static bool call(int to, int meant) {
    struct endpoint endpoint = hosts_endpoint(to);
    return host_call_node(hosts[0].host, &endpoint, &hosts[meant].public);
}

START_TEST(who_is_meant_and_found_joins) {
    ck_assert(call(1, 1));
    ck_assert(!call(1, 1)); // one is under way
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
    ck_assert_mem_eq(&hosts[0].last.hello.node, &hosts[1].public, sizeof hosts[1].public);
    ck_assert(hosts[0].last.is_outgoing && hosts[0].last.is_inside);
    ck_assert_int_eq(found_another, 0);
}
END_TEST

START_TEST(another_that_answers_is_told_of_and_banned_nowhere) {
    ck_assert(call(2, 1));
    await(found_another == 1);
    struct endpoint there = hosts_endpoint(2);
    ck_assert_mem_eq(&not_found, &hosts[1].public, sizeof not_found);
    ck_assert(endpoint_equal(&not_there, &there));
    ck_assert_int_eq(hosts[0].joined, 0);
    ck_assert_uint_eq(hosts_counts(0).broken, 0);
    hosts_call(0, 2); // which may be a peer all the same
    await(hosts[0].joined == 1 && hosts[2].joined > 0);
    ck_assert_int_eq(found_another, 1);
}
END_TEST

// What the book says of a place is not changed by whoever tells that a witness is there.
START_TEST(a_node_that_finds_itself_so_forgets_nobody) {
    struct endpoint own = hosts_endpoint(0), other = hosts_endpoint(2);
    assert_ok(book_add(host_book(hosts[0].host), &other, 1, true));
    await(hosts[0].joined == 1);
    ck_assert(call(0, 1));
    await(found_another == 1);
    ck_assert(call(2, 1));
    await(found_another == 2);
    ck_assert(book_find(host_book(hosts[0].host), &other)->is_busy);
    ck_assert_int_eq(hosts[0].left, 0);
    ck_assert_ptr_null(book_find(host_book(hosts[0].host), &own));
}
END_TEST

START_TEST(where_nobody_is_another_call_may_be_made) {
    struct endpoint endpoint = hosts_endpoint(1);
    hosts_close(1);
    ck_assert(host_call_node(hosts[0].host, &endpoint, &hosts[1].public));
    await(hosts_counts(0).failed == 1 && hosts_counts(0).connections == 0);
    ck_assert_int_eq(found_another, 0);
    ck_assert(host_call_node(hosts[0].host, &endpoint, &hosts[1].public));
}
END_TEST

// They do not take the places from which a host chooses whom it knows, and are bounded.
START_TEST(no_more_are_under_way_than_eight) {
    struct endpoint endpoint = hosts_endpoint(1);
    int made = 0;
    for (uint16_t i = 0; i < 20; i++) {
        endpoint.ip.bytes[15] = (uint8_t)(10 + i);
        made += host_call_node(hosts[0].host, &endpoint, &hosts[1].public);
    }
    ck_assert_int_eq(made, 8);
    hosts_call(0, 2);
    await(hosts[0].joined == 1);
}
END_TEST

static void start_with_few_places(void) {
    hosts_start();
    found_another = 0;
    hosts[0].config.limits.connections = 8;
    hosts[0].config.limits.reserved = 6; // and one for a stranger that comes
    hosts[0].config.limits.outgoing = 1;
    hosts[0].config.limits.silence_ms = 1000; // they are weighed twice as often
    hosts[0].trusts = true;
    for (int i = 0; i < HOSTS; i++) hosts_open(i);
}

// With each set of witnesses it would have more connections that it has not chosen.
START_TEST(who_was_meant_and_is_trusted_no_more_is_one_of_the_few_strangers) {
    for (int i = 1; i < HOSTS; i++) ck_assert(call(i, i));
    await(hosts[0].joined == HOSTS - 1);
    uint64_t until_ms = clock_monotonic_ms() + 1500;
    await(clock_monotonic_ms() >= until_ms);
    ck_assert_int_eq(hosts[0].left, 0);
    ck_assert_uint_eq(hosts_counts(0).outgoing, HOSTS - 1);
    hosts[0].trusts = false;
    await(hosts[0].left == HOSTS - 2);
    ck_assert_uint_eq(hosts_counts(0).outgoing, 1);
    ck_assert_uint_eq(hosts_counts(0).broken, 0);
}
END_TEST

START_TEST(who_came_and_is_trusted_no_more_takes_the_places_of_strangers) {
    for (int i = 1; i < HOSTS; i++) hosts_call(i, 0);
    await(hosts_counts(0).peers == HOSTS - 1);
    ck_assert_uint_eq(hosts_counts(0).outgoing, 0);
    hosts[0].trusts = false;
    await(hosts[0].left == HOSTS - 2);
    ck_assert_uint_eq(hosts_counts(0).peers, 1);
}
END_TEST

Suite *host_meant_suite(void) {
    Suite *suite = suite_create("host_meant");
    TCase *cases = tcase_create("meant");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, hosts_stop);
    tcase_add_test(cases, who_is_meant_and_found_joins);
    tcase_add_test(cases, another_that_answers_is_told_of_and_banned_nowhere);
    tcase_add_test(cases, a_node_that_finds_itself_so_forgets_nobody);
    tcase_add_test(cases, where_nobody_is_another_call_may_be_made);
    tcase_add_test(cases, no_more_are_under_way_than_eight);
    suite_add_tcase(suite, cases);
    cases = tcase_create("no_more");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start_with_few_places, hosts_stop);
    tcase_add_test(cases, who_was_meant_and_is_trusted_no_more_is_one_of_the_few_strangers);
    tcase_add_test(cases, who_came_and_is_trusted_no_more_takes_the_places_of_strangers);
    suite_add_tcase(suite, cases);
    return suite;
}
