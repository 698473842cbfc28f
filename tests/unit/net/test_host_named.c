// SPDX-License-Identifier: Apache-2.0
// Nodes that the operator has named: by where they are, or by their keys too.
#include <stdio.h>
#include <unistd.h>

#include "chaincore/net/peer_name.h"
#include "tests/unit/net/hosts.h"
#include "tests/unit/net/relay.h"
#include "tests/unit/net/suites.h"

static int named;

static void note_named(void *context, uint16_t peer) {
    const struct test_host *node = context;
    ck_assert(host_peer(node->host, peer)->is_named);
    named++;
}

static void start(void) {
    hosts_start();
    named = 0;
    hosts[0].config.events.named = note_named;
}

static struct peer_name name_of(int where, int node) {
    return (struct peer_name){
        .has_node = true, .node = hosts[node].public, .where = hosts_endpoint(where)};
}

static void name_at(int where, int node) {
    struct peer_name name = name_of(where, node);
    assert_ok(book_add_named(host_book(hosts[0].host), &name));
}

// Where nobody takes connections.
static struct endpoint nowhere(uint8_t number) {
    struct endpoint endpoint;
    ck_assert(endpoint_parse(&endpoint, "127.0.0.1:1"));
    endpoint.port = (uint16_t)(1 + number);
    return endpoint;
}

static bool is_privileged(int at) {
    struct host_peer_state state;
    ck_assert(host_look(hosts[at].host, hosts[at].last_peer, &state));
    return state.is_privileged;
}

START_TEST(names_are_read_and_written) {
    static const char digits[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    static const char *const bad[] = {"",
                                      "@192.0.2.1:7000",
                                      "00@192.0.2.1:7000",
                                      "192.0.2.1",
                                      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
                                      "1e1g@192.0.2.1:7000",
                                      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
                                      "1e1f@192.0.2.1",
                                      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d"
                                      "1e1f@192.0.2.1:7000@192.0.2.1:7000"};
    char text[PEER_NAME_TEXT], printed[PEER_NAME_TEXT];
    struct peer_name name;
    ck_assert(peer_name_parse(&name, "[2001:db8::1]:7000"));
    ck_assert(!name.has_node);
    peer_name_print(printed, &name);
    ck_assert_str_eq(printed, "[2001:db8::1]:7000");
    snprintf(text, sizeof text, "%s@192.0.2.1:7000", digits);
    ck_assert(peer_name_parse(&name, text));
    ck_assert(name.has_node);
    for (uint8_t i = 0; i < 32; i++) ck_assert_uint_eq(name.node.bytes[i], i);
    peer_name_print(printed, &name);
    ck_assert_str_eq(printed, text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert(!peer_name_parse(&name, bad[i]));
}
END_TEST

START_TEST(two_nodes_cannot_be_named_at_one_place) {
    for (int i = 0; i < 2; i++) hosts_open(i);
    struct peer_name name = name_of(1, 1), other = name_of(1, 2);
    struct book *book = host_book(hosts[0].host);
    ck_assert(!book_names(book, &name.node));
    assert_ok(book_add_named(book, &name));
    assert_ok(book_add_named(book, &name));
    assert_status(book_add_named(book, &other), STATUS_EXISTS);
    ck_assert(book_names(book, &name.node));
    ck_assert(!book_names(book, &other.node));
}
END_TEST

START_TEST(who_has_the_key_that_was_named_joins) {
    for (int i = 0; i < 2; i++) hosts_open(i);
    name_at(1, 1);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
    ck_assert(hosts[0].last.is_named && hosts[0].last.is_outgoing);
    ck_assert(is_privileged(0));
    ck_assert(!is_privileged(1)); // the other one has named nobody
}
END_TEST

// It hears nothing of who called, is banned nowhere, and is asked again later.
START_TEST(who_answers_there_with_another_key_is_refused) {
    for (int i = 0; i < 3; i++) hosts_open(i);
    name_at(2, 1);
    await(hosts_counts(0).causes[CAUSE_OTHER_NODE] > 0);
    ck_assert_int_eq(hosts[0].joined + hosts[2].joined, 0);
    ck_assert_uint_eq(hosts_counts(0).broken, 0);
    struct endpoint there = hosts_endpoint(2);
    const struct book_entry *entry = book_find(host_book(hosts[0].host), &there);
    ck_assert_ptr_nonnull(entry);
    ck_assert(entry->is_fixed && !entry->is_busy);
    await(hosts_counts(0).causes[CAUSE_OTHER_NODE] > 1);
    hosts_call(2, 0); // and is a stranger when it calls
    await(hosts[0].joined == 1);
    ck_assert(!hosts[0].last.is_named);
    ck_assert(!is_privileged(0));
}
END_TEST

START_TEST(this_node_itself_is_another_than_the_one_that_was_named) {
    for (int i = 0; i < 2; i++) hosts_open(i);
    name_at(0, 1);
    await(hosts_counts(0).causes[CAUSE_OTHER_NODE] > 0);
    struct endpoint there = hosts_endpoint(0);
    ck_assert_ptr_nonnull(book_find(host_book(hosts[0].host), &there));
}
END_TEST

START_TEST(who_was_named_by_its_key_is_known_when_it_calls) {
    for (int i = 0; i < 3; i++) hosts_open(i);
    struct peer_name name = {.has_node = true, .node = hosts[1].public, .where = nowhere(0)};
    assert_ok(book_add_named(host_book(hosts[0].host), &name));
    hosts_call(1, 0);
    await(hosts[0].joined == 1);
    ck_assert(hosts[0].last.is_named && !hosts[0].last.is_outgoing);
    ck_assert(is_privileged(0));
    hosts_call(2, 0);
    await(hosts[0].joined == 2);
    ck_assert(!hosts[0].last.is_named);
    ck_assert(!is_privileged(0));
}
END_TEST

// Without a key a call alone shows who is there, though that one has called first.
START_TEST(who_was_named_by_its_place_is_known_once_it_is_found_there) {
    for (int i = 0; i < 2; i++) hosts_open(i);
    hosts_call(1, 0);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
    ck_assert(!hosts[0].last.is_named);
    hosts_call(0, 1);
    await(named == 1);
    ck_assert(is_privileged(0));
    ck_assert(host_peer(hosts[0].host, hosts[0].last_peer)->is_named);
}
END_TEST

// It says that it listens where another one does, at the same address: on one machine, or behind
// one translator of addresses.
static void open_neighbour(int i, int of) {
    hosts[i].config.address = "127.0.0.2";
    hosts[i].config.port = host_port(hosts[of].host);
    hosts_open(i);
}

static bool has_joined(int at, int node) {
    for (uint16_t i = 0; i < LIMIT_PEERS; i++) {
        const struct peer_info *info = host_peer(hosts[at].host, i);
        if (info && memcmp(&info->hello.node, &hosts[node].public, sizeof hosts[node].public) == 0)
            return true;
    }
    return false;
}

START_TEST(a_neighbour_that_says_it_listens_at_a_named_place_keeps_nobody_away) {
    for (int i = 0; i < 2; i++) hosts_open(i);
    open_neighbour(2, 1);
    hosts_call(2, 0);
    await(hosts[0].joined == 1 && has_joined(0, 2));
    hosts_call(0, 1);
    await(has_joined(0, 1));
    ck_assert(hosts[0].last.is_named && hosts[0].last.is_outgoing);
    ck_assert(is_privileged(0));
    ck_assert(has_joined(0, 2));
    // The neighbour is no more than it was.
    for (uint16_t i = 0; i < LIMIT_PEERS; i++) {
        const struct peer_info *info = host_peer(hosts[0].host, i);
        ck_assert(!info || info->is_named == (i == hosts[0].last_peer));
    }
    ck_assert_int_eq(named, 0);
}
END_TEST

START_TEST(nor_does_one_that_is_named_itself) {
    struct relay relay;
    for (int i = 0; i < 2; i++) hosts_open(i);
    open_neighbour(2, 1);
    struct endpoint to = hosts_endpoint(1);
    to.ip.bytes[15] = 2;
    relay_open(&relay, "127.0.0.1", "127.0.0.1", &to);
    assert_ok(book_add_fixed(host_book(hosts[0].host), &relay.at));
    await(has_joined(0, 2));
    ck_assert(hosts[0].last.is_named);
    struct endpoint said = hosts_endpoint(1);
    ck_assert(endpoint_equal(&hosts[0].last.remote, &said));
    hosts_call(0, 1);
    await(has_joined(0, 1));
    ck_assert(hosts[0].last.is_named);
    hosts_close(2);
    relay_close(&relay);
}
END_TEST

// A private one as any other: it has one place more for each that is named there.
START_TEST(an_address_has_a_place_more_for_each_that_is_named_there) {
    enum { NAMED = 2, MOST = 1 + NAMED };
    int fds[MOST + 2];
    hosts[0].config.limits.per_owner = 1;
    hosts_open(0);
    for (uint8_t i = 0; i < (uint8_t)NAMED; i++) {
        struct endpoint endpoint = nowhere(i), other = nowhere(i);
        other.ip.bytes[15] = 9; // of another address
        assert_ok(book_add_fixed(host_book(hosts[0].host), &endpoint));
        assert_ok(book_add_fixed(host_book(hosts[0].host), &other));
    }
    for (unsigned i = 0; i < MOST + 2; i++) {
        fds[i] = hosts_client(0);
        await(hosts_counts(0).taken == i + 1);
    }
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_ADDRESS_FULL], 2);
    for (int i = 0; i < MOST + 2; i++) close(fds[i]);
}
END_TEST

Suite *host_named_suite(void) {
    Suite *suite = suite_create("named");
    TCase *cases = tcase_create("named");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, hosts_stop);
    tcase_add_test(cases, names_are_read_and_written);
    tcase_add_test(cases, two_nodes_cannot_be_named_at_one_place);
    tcase_add_test(cases, who_has_the_key_that_was_named_joins);
    tcase_add_test(cases, who_answers_there_with_another_key_is_refused);
    tcase_add_test(cases, this_node_itself_is_another_than_the_one_that_was_named);
    tcase_add_test(cases, who_was_named_by_its_key_is_known_when_it_calls);
    tcase_add_test(cases, who_was_named_by_its_place_is_known_once_it_is_found_there);
    tcase_add_test(cases, a_neighbour_that_says_it_listens_at_a_named_place_keeps_nobody_away);
    tcase_add_test(cases, nor_does_one_that_is_named_itself);
    tcase_add_test(cases, an_address_has_a_place_more_for_each_that_is_named_there);
    suite_add_tcase(suite, cases);
    return suite;
}
