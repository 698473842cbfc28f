// SPDX-License-Identifier: Apache-2.0
// Nodes with threads and sockets, on the loopback: what each is told becomes final at all.
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/network.h"
#include "chaincore/node/node_watch.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

// But for its last digit.
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1"

enum { NODES = 4, SOON_MS = 30 * 1000 };

static struct fixture fixtures[NODES];
static struct node_network networks[NODES];
static char votes[NODES][80], texts[NODES][32];
static const char *peers[NODES][NODES];

static void set_up(void) {
    log_set_level(LOG_ERROR);
    for (int i = 0; i < NODES; i++) {
        fixture_init_slow(&fixtures[i], 20);
        fixtures[i].witnesses[0] = fixtures[i].witnesses[i];
        fixtures[i].witness_key_count = 1;
        fixtures[i].network = &networks[i];
        snprintf(votes[i], sizeof votes[i], "%.*s.votes", 64, fixtures[i].folder);
        networks[i] = (struct node_network){.address = "127.0.0.1",
                                            .peers = peers[i],
                                            .votes_dir = votes[i],
                                            .is_first_start = true,
                                            .takes_private = true,
                                            .timeout_ms = 500};
    }
}

static void tear_down(void) {
    for (int i = 0; i < NODES; i++) fixture_close(&fixtures[i]);
    for (int i = 0; i < NODES; i++) {
        fixture_clear(&fixtures[i]);
        assert_ok(file_remove_tree(votes[i]));
    }
}

// It calls those that are there, and listens where it did before.
static void start(int i) {
    networks[i].peer_count = 0;
    for (int other = 0; other < NODES; other++)
        if (other != i && networks[other].port > 0 && fixtures[other].node)
            peers[i][networks[i].peer_count++] = texts[other];
    assert_ok(fixture_open(&fixtures[i]));
    networks[i].port = node_port(fixtures[i].node);
    ck_assert_uint_ne(networks[i].port, 0);
    snprintf(texts[i], sizeof texts[i], "127.0.0.1:%u", networks[i].port);
}

static void start_all(void) {
    for (int i = 0; i < NODES; i++) start(i);
}

static struct hash submit(int node, int from) {
    struct hash id;
    struct tx tx;
    fixture_begin(&fixtures[node], &tx, from);
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_TRANSFER,
                           .transfer = {.to = fixtures[node].ids[3], .amount = amount_of_units(1)}};
    ck_assert_str_eq(tx_code_name(fixture_submit(&fixtures[node], &tx, from, &id)), "OK");
    return id;
}

// It may not have heard of the transaction yet.
static void await(int i, const struct hash *id) {
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    for (;;) {
        struct node_head head;
        struct node_tx found;
        node_head(fixtures[i].node, &head);
        assert_ok(node_find_tx(fixtures[i].node, id, &found));
        if (found.state == NODE_TX_FINAL) return;
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixtures[i].node, head.header.height, 1000);
    }
}

static void await_all(const struct hash *id) {
    for (int i = 0; i < NODES; i++)
        if (fixtures[i].node) await(i, id);
}

START_TEST(four_nodes_agree_on_what_each_is_told) {
    struct hash ids[NODES];
    start_all();
    for (int i = 0; i < NODES; i++) ids[i] = submit(i, i);
    for (int i = 0; i < NODES; i++) await_all(&ids[i]);
    for (int i = 0; i < NODES; i++) {
        struct node_health health;
        node_health(fixtures[i].node, &health);
        ck_assert_uint_eq(health.peers, NODES - 1);
        ck_assert(!health.is_halted);
    }
}
END_TEST

START_TEST(one_may_stop_and_come_again) {
    start_all();
    struct hash id = submit(0, 0);
    await_all(&id);
    fixture_close(&fixtures[2]);
    for (int i = 0; i < 3; i++) {
        id = submit(1, 1);
        await_all(&id);
    }
    start(2);
    await_all(&id);
    id = submit(2, 2);
    await_all(&id);
}
END_TEST

START_TEST(all_may_stop_and_come_again) {
    start_all();
    struct hash id = submit(0, 0);
    await_all(&id);
    for (int i = 0; i < NODES; i++) fixture_close(&fixtures[i]);
    start_all();
    id = submit(3, 1);
    await_all(&id);
}
END_TEST

static struct replica_counts replica_counts_of(int i) {
    struct network_look look;
    ck_assert(node_network_look(fixtures[i].node, &look));
    return look.replica.counts;
}

// Each says in its hello that it takes ids: else it would be sent whole.
START_TEST(who_comes_is_told_by_ids_what_waits_and_asks_for_it) {
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    struct node_tx found;
    start(0);
    struct hash id = submit(0, 0); // for a quorum to come
    start(1);
    do {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixtures[1].node, 0, 10);
        assert_ok(node_find_tx(fixtures[1].node, &id, &found));
    } while (found.state == NODE_TX_UNKNOWN);
    while (replica_counts_of(0).ids_answered == 0)
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
    while (replica_counts_of(1).ids_asked == 0) ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
}
END_TEST

START_TEST(with_all_keys_it_agrees_with_itself) {
    for (int i = 1; i < FIXTURE_WITNESSES; i++) fixtures[0].witnesses[i] = fixtures[i].witnesses[0];
    fixtures[0].witness_key_count = FIXTURE_WITNESSES;
    networks[0].address = NULL;
    for (int round = 0; round < 2; round++) {
        assert_ok(fixture_open(&fixtures[0]));
        ck_assert_uint_eq(node_port(fixtures[0].node), 0);
        struct hash id = submit(0, 0);
        await(0, &id);
        // Once its thread has seen that nothing is left to do.
        for (uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
             node_overdue_ms(fixtures[0].node) > 0;)
            ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        fixture_close(&fixtures[0]);
    }
}
END_TEST

// The next block is due as soon as there is one, and nobody is waited for.
START_TEST(who_always_has_work_hears_others_and_stops) {
    struct node_head head;
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    for (int i = 0; i < 2; i++) {
        fixture_clear(&fixtures[i]);
        fixture_init_slow(&fixtures[i], 1);
        fixture_make_empty_blocks(&fixtures[i]);
        fixtures[i].network = &networks[i];
        snprintf(votes[i], sizeof votes[i], "%.*s.votes", 64, fixtures[i].folder);
    }
    fixtures[0].witness_key_count = FIXTURE_WITNESSES;
    fixtures[1].witness_key_count = 0;
    start(0);
    start(1);
    do {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(fixtures[1].node, 0, 1000);
        node_head(fixtures[1].node, &head);
    } while (head.header.height < 10);
    fixture_close(&fixtures[0]);
}
END_TEST

// The last one is known to the first alone, and with one of the others gone nobody can do without
// it.
START_TEST(a_witness_may_stand_behind_another_node) {
    static struct public_key hidden;
    struct network_look look;
    assert_ok(fixture_open_idle(&fixtures[3]));
    ck_assert(node_network_key(fixtures[3].node, &hidden));
    fixture_close(&fixtures[3]);
    networks[0].guarded = &hidden;
    networks[0].guarded_count = 1;
    for (int i = 0; i < 3; i++) start(i);
    networks[3].address = NULL;
    networks[3].is_hidden = true;
    networks[3].peer_count = 1;
    peers[3][0] = texts[0];
    assert_ok(fixture_open(&fixtures[3]));
    ck_assert_uint_eq(node_port(fixtures[3].node), 0);
    struct hash id = submit(1, 0);
    await_all(&id);
    fixture_close(&fixtures[1]);
    id = submit(2, 1);
    await_all(&id);
    id = submit(3, 2);
    await_all(&id);
    do ck_assert(node_network_look(fixtures[0].node, &look));
    while (look.replica.counts.passed_on == 0);
    ck_assert(node_network_look(fixtures[3].node, &look));
    ck_assert_uint_le(look.host.connections, 1);
}
END_TEST

START_TEST(its_key_is_made_once_and_is_its_owners_alone) {
    char path[96];
    struct buf before = {0}, after = {0};
    struct stat found;
    start(0);
    fixture_close(&fixtures[0]);
    snprintf(path, sizeof path, "%.*s/node.key", 64, fixtures[0].folder);
    ck_assert_int_eq(stat(path, &found), 0);
    ck_assert_int_eq(found.st_mode & 0777, 0600);
    assert_ok(file_read(&before, path, 100));
    start(0);
    fixture_close(&fixtures[0]);
    assert_ok(file_read(&after, path, 100));
    ck_assert(bytes_equal(buf_bytes(&before), buf_bytes(&after)));
    ck_assert_uint_eq(before.len, 32);
    buf_clear(&before);
    buf_clear(&after);
}
END_TEST

START_TEST(a_chain_of_many_is_not_continued_alone) {
    start(0);
    fixture_close(&fixtures[0]);
    fixtures[0].network = NULL;
    assert_ok(fixture_open_idle(&fixtures[0]));
    assert_status(node_start(fixtures[0].node), STATUS_CONFLICT);
}
END_TEST

START_TEST(what_cannot_be_is_said_at_the_start) {
    static const char *bad[] = {"nowhere"};
    networks[0].peers = bad;
    networks[0].peer_count = 1;
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    static const char *two[] = {KEY "1@127.0.0.1:7000", KEY "2@127.0.0.1:7000"};
    networks[0].peers = two;
    networks[0].peer_count = 2;
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].peer_count = 0;
    networks[0].votes_dir = NULL;
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].votes_dir = votes[0];
    networks[0].peers = peers[0];
    networks[0].is_hidden = true; // and takes connections
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].is_hidden = false;
    networks[0].announced = "0.0.0.0:7000";
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].announced = "10.0.0.5:7000"; // of which nobody would be told
    networks[0].takes_private = false;
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].announced = NULL;
    networks[0].takes_private = true;
    networks[0].guarded_count = LIMIT_GUARDED + 1;
    assert_status(fixture_open_idle(&fixtures[0]), STATUS_INVALID);
    networks[0].guarded_count = 0;
    start(1);
    networks[0].port = networks[1].port;
    assert_ok(fixture_open_idle(&fixtures[0]));
    assert_status(node_start(fixtures[0].node), STATUS_BUSY);
    assert_status(node_start(fixtures[0].node), STATUS_BUSY); // and nothing is left of it
}
END_TEST

static struct host_counts counts_of(int i) {
    struct network_look look;
    ck_assert(node_network_look(fixtures[i].node, &look));
    return look.host;
}

static int connect_to(int i) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(networks[i].port)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

// Who is named there has a place; that an address is private gives nobody any.
START_TEST(a_private_address_has_as_many_places_as_any) {
    enum { USUAL = 4, CALLS = 12 };
    int fds[CALLS];
    networks[1].port = 1; // it is named, and away
    snprintf(texts[1], sizeof texts[1], "127.0.0.1:1");
    peers[0][0] = texts[1];
    networks[0].peer_count = 1;
    assert_ok(fixture_open(&fixtures[0]));
    networks[0].port = node_port(fixtures[0].node);
    for (int i = 0; i < CALLS; i++) fds[i] = connect_to(0);
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    while (counts_of(0).taken < CALLS) ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
    ck_assert_uint_eq(counts_of(0).causes[CAUSE_ADDRESS_FULL], CALLS - USUAL - 1);
    for (int i = 0; i < CALLS; i++) close(fds[i]);
}
END_TEST

static bool is_named(int at) {
    struct node_peer peer;
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    while (node_peers(fixtures[at].node, &peer, 1) == 0)
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
    return peer.info.is_named && peer.state.is_privileged;
}

START_TEST(a_node_is_named_by_what_it_says_of_itself) {
    char text[PEER_NAME_TEXT];
    struct peer_name name;
    start(0);
    ck_assert(node_network_name(fixtures[0].node, &name));
    peer_name_print(text, &name);
    peers[1][0] = text;
    networks[1].peer_count = 1;
    assert_ok(fixture_open(&fixtures[1]));
    ck_assert(is_named(1));
    ck_assert(!is_named(0));
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("node_network");
    TCase *cases = tcase_create("network");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, four_nodes_agree_on_what_each_is_told);
    tcase_add_test(cases, one_may_stop_and_come_again);
    tcase_add_test(cases, all_may_stop_and_come_again);
    tcase_add_test(cases, who_comes_is_told_by_ids_what_waits_and_asks_for_it);
    tcase_add_test(cases, with_all_keys_it_agrees_with_itself);
    tcase_add_test(cases, who_always_has_work_hears_others_and_stops);
    tcase_add_test(cases, a_witness_may_stand_behind_another_node);
    tcase_add_test(cases, its_key_is_made_once_and_is_its_owners_alone);
    tcase_add_test(cases, a_chain_of_many_is_not_continued_alone);
    tcase_add_test(cases, what_cannot_be_is_said_at_the_start);
    tcase_add_test(cases, a_private_address_has_as_many_places_as_any);
    tcase_add_test(cases, a_node_is_named_by_what_it_says_of_itself);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
