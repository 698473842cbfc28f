// SPDX-License-Identifier: Apache-2.0
// What strangers may take of a host, and for how long.
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "tests/unit/net/hosts.h"
#include "tests/unit/net/relay.h"
#include "tests/unit/net/suites.h"

START_TEST(who_shakes_no_hands_is_let_go) {
    hosts[0].config.limits.handshake_ms = 200;
    hosts_open(0);
    int fd = hosts_client(0);
    await(hosts_counts(0).connections == 1);
    await(hosts_counts(0).timeouts == 1 && hosts_has_closed(fd));
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_SLOW_HANDSHAKE], 1);
    close(fd);
}
END_TEST

START_TEST(who_shakes_no_hands_keeps_nobody_out) {
    enum { CONNECTIONS = 16, CLIENTS = 40 };
    int fds[CLIENTS];
    hosts[0].config.limits.connections = CONNECTIONS;
    hosts_open(0);
    for (int i = 0; i < CLIENTS; i++) fds[i] = hosts_client(0);
    await(hosts_counts(0).taken == CLIENTS);
    ck_assert_uint_le(hosts_counts(0).connections, CONNECTIONS / 4);
    hosts_open(1);
    hosts_call(1, 0);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
}
END_TEST

// On every address of the loopback; takes connections and says nothing.
static int mute_listener(uint16_t *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 16), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

START_TEST(where_no_slot_is_left_who_shakes_no_hands_goes_first) {
    enum { CONNECTIONS = 8 };
    char text[ENDPOINT_TEXT];
    uint16_t port;
    int listener = mute_listener(&port);
    hosts[0].config.limits = (struct host_limits){
        .connections = CONNECTIONS, .per_owner = 100, .handshake_ms = 60 * 1000};
    hosts_open(0);
    for (unsigned i = 1; i < CONNECTIONS; i++) {
        struct endpoint mute;
        snprintf(text, sizeof text, "127.0.0.%u:%u", i, port);
        ck_assert(endpoint_parse(&mute, text));
        assert_ok(book_add_fixed(host_book(hosts[0].host), &mute));
    }
    await(hosts_counts(0).outgoing == CONNECTIONS - 1);
    int fd = hosts_client(0);
    await(hosts_counts(0).connections == CONNECTIONS);
    hosts_open(1);
    hosts_call(1, 0);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(one_address_gets_so_many_connections) {
    enum { MOST = 3 };
    int fds[MOST + 1];
    hosts[0].config.limits.per_owner = MOST;
    hosts_open(0);
    for (int i = 0; i <= MOST; i++) fds[i] = hosts_client(0);
    await(hosts_counts(0).taken == MOST + 1);
    await(hosts_counts(0).connections == MOST);
    ck_assert_uint_eq(hosts_counts(0).full, 1);
    for (int i = 0; i <= MOST; i++) close(fds[i]);
}
END_TEST

START_TEST(strangers_of_one_network_get_so_many_places) {
    hosts[0].config.limits.per_site = 1;
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(1, 0);
    await(hosts[0].joined == 1);
    hosts_call(2, 0);
    await(hosts_counts(0).causes[CAUSE_SITE_FULL] > 0);
    ck_assert_int_eq(hosts[0].joined, 1);
    hosts[0].trusts = true;
    await(hosts[0].joined == 2 && hosts_counts(0).peers == 2);
}
END_TEST

// From another address of the same network.
static int plain_neighbour(int to, uint8_t number) {
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK + number)},
                       address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(host_port(hosts[to].host))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&from, sizeof from), 0);
    (void)!connect(fd, (struct sockaddr *)&address, sizeof address);
    return fd;
}

START_TEST(a_network_that_shakes_no_hands_keeps_its_own_out_alone) {
    enum { MOST = 3, CLIENTS = 10 };
    int fds[CLIENTS];
    hosts[0].config.limits.per_site = MOST;
    hosts_open(0);
    for (uint8_t i = 0; i < CLIENTS; i++) fds[i] = plain_neighbour(0, i);
    await(hosts_counts(0).taken == CLIENTS);
    ck_assert_uint_eq(hosts_counts(0).connections, MOST);
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_CROWDED], CLIENTS - MOST);
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
}
END_TEST

START_TEST(whoever_is_turned_away_takes_nobodys_place) {
    enum { CONNECTIONS = 8, CLIENTS = 40 };
    int fds[CLIENTS];
    hosts[0].config.limits = (struct host_limits){.connections = CONNECTIONS, .per_owner = 1};
    hosts[0].config.limits.per_site = CONNECTIONS;
    hosts_open(0);
    int first = plain_neighbour(0, 1);
    await(hosts_counts(0).connections == 1);
    for (int i = 0; i < CLIENTS; i++) fds[i] = hosts_client(0);
    await(hosts_counts(0).taken == CLIENTS + 1);
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_ADDRESS_FULL], CLIENTS - 1);
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_CROWDED], 0);
    ck_assert_uint_eq(hosts_counts(0).connections, 2);
    ck_assert(!hosts_has_closed(first));
    for (int i = 0; i < CLIENTS; i++) close(fds[i]);
    close(first);
}
END_TEST

START_TEST(who_comes_too_often_is_turned_away_for_a_while) {
    enum { CLIENTS = 20 };
    hosts[0].config.limits.per_owner = 1;
    hosts_open(0);
    for (unsigned i = 1; i <= CLIENTS; i++) {
        int fd = hosts_client(0);
        await(hosts_counts(0).taken == i);
        close(fd);
        await(hosts_counts(0).connections == 0);
    }
    // Eight at once, and one a second.
    ck_assert_uint_gt(hosts_counts(0).causes[CAUSE_ADDRESS_OFTEN], 0);
    ck_assert_uint_le(hosts_counts(0).causes[CAUSE_ADDRESS_OFTEN], CLIENTS - 8);
}
END_TEST

START_TEST(trusted_nodes_have_places_of_their_own) {
    hosts[0].config.limits.connections = 2;
    hosts[0].config.limits.reserved = 1;
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(1, 0);
    await(hosts[0].joined == 1);
    hosts_call(2, 0);
    await(hosts_counts(0).full > 0);
    ck_assert_int_eq(hosts[0].joined, 1);
    hosts[0].trusts = true;
    await(hosts[0].joined == 2 && hosts_counts(0).peers == 2);
}
END_TEST

static bool has_peer(int at, int other) {
    for (unsigned i = 0; i < LIMIT_PEERS; i++) {
        const struct peer_info *info = host_peer(hosts[at].host, (uint16_t)i);
        if (info && memcmp(&info->hello.node, &hosts[other].public, sizeof info->hello.node) == 0)
            return true;
    }
    return false;
}

START_TEST(strangers_that_came_leave_room_for_calls) {
    hosts[0].config.limits = (struct host_limits){
        .connections = 8, .reserved = 6, .outgoing = 1, .per_owner = 100, .per_site = 8};
    for (int i = 0; i < 4; i++) hosts_open(i);
    hosts_call(2, 0);
    await(hosts[0].joined == 1);
    hosts_call(3, 0);
    await(hosts_counts(0).causes[CAUSE_FULL] > 0 || hosts[0].joined == 2);
    struct endpoint told = hosts_endpoint(1);
    assert_ok(book_add(host_book(hosts[0].host), &told, 1, true));
    await(has_peer(0, 1));
    ck_assert(has_peer(0, 2));
    ck_assert_uint_eq(hosts_counts(0).outgoing, 1);
}
END_TEST

START_TEST(of_the_largest_network_the_last_one_makes_room_for_another) {
    struct relay relay;
    // It calls nobody, and so has places for those that come alone.
    hosts[0].config.is_hidden = true;
    hosts[0].config.limits = (struct host_limits){
        .connections = 8, .reserved = 5, .outgoing = 1, .per_owner = 100, .per_site = 8};
    for (int i = 0; i < 4; i++) hosts_open(i);
    for (int i = 1; i < 3; i++) {
        hosts_call(i, 0);
        await(hosts[0].joined == i);
    }
    struct endpoint to = hosts_endpoint(0);
    relay_open(&relay, "127.0.0.1", "127.1.0.1", &to);
    assert_ok(book_add_fixed(host_book(hosts[3].host), &relay.at));
    await(has_peer(0, 3));
    ck_assert(has_peer(0, 1) && !has_peer(0, 2));
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_CROWDED], 1);
    await(hosts_counts(0).causes[CAUSE_FULL] > 0); // it comes again, to as many as there are others
    ck_assert(has_peer(0, 1) && has_peer(0, 3));
    ck_assert_int_eq(hosts[0].left, 1);
    hosts_close(3);
    relay_close(&relay);
}
END_TEST

START_TEST(the_operators_own_take_no_call_of_the_others) {
    hosts[0].config.limits = (struct host_limits){.per_owner = 100, .outgoing = 1};
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(0, 1);
    await(hosts[0].joined == 1);
    struct endpoint told = hosts_endpoint(2);
    assert_ok(book_add(host_book(hosts[0].host), &told, 1, true));
    await(has_peer(0, 2));
    ck_assert(has_peer(0, 1));
}
END_TEST

// A host with places for two that are trusted, and for one stranger, who is the second.
static void connect_stranger(void) {
    hosts[0].config.is_hidden = true;
    hosts[0].config.limits = (struct host_limits){
        .connections = 4, .reserved = 2, .outgoing = 1, .per_owner = 100, .handshake_ms = 300};
    hosts_open(0);
    hosts_open(1);
    hosts_call(1, 0);
    await(hosts[0].joined == 1);
}

START_TEST(who_is_trusted_later_leaves_its_place_to_a_stranger) {
    struct host_peer_state state;
    connect_stranger();
    hosts_open(2);
    hosts_call(2, 0);
    await(hosts_counts(0).causes[CAUSE_FULL] > 0);
    hosts[0].trusted = &hosts[1].public;
    host_weigh(hosts[0].host, hosts[0].last_peer);
    ck_assert(host_look(hosts[0].host, hosts[0].last_peer, &state) && state.is_privileged);
    await(has_peer(0, 2));
    ck_assert(has_peer(0, 1));
}
END_TEST

START_TEST(who_says_that_it_signs_has_a_moment_to_show_it) {
    connect_stranger();
    hosts[2].config.features = HELLO_SIGNS;
    hosts_open(2);
    hosts_call(2, 0);
    await(hosts[0].joined == 2 && hosts[0].left == 1); // it does not
    ck_assert_int_eq(hosts[0].why, STATUS_FULL);
    ck_assert(has_peer(0, 1));
    await(hosts[0].joined == 3);
    hosts[0].trusted = &hosts[2].public;
    uint64_t until_ms = clock_monotonic_ms() + 900;
    await(clock_monotonic_ms() >= until_ms);
    ck_assert(has_peer(0, 1) && has_peer(0, 2));
}
END_TEST

START_TEST(of_those_that_say_so_few_wait_at_a_time) {
    enum { MOST = 8 };
    static struct test_host signers[MOST + 1];
    connect_stranger();
    hosts_close(0);
    hosts[0].config.limits.connections = 32;
    hosts[0].config.limits.reserved = 30;
    hosts[0].config.limits.handshake_ms = 60 * 1000;
    hosts[0].joined = 0;
    hosts_open(0);
    hosts_call(1, 0);
    await(hosts[0].joined == 1);
    for (int i = 0; i <= MOST; i++) {
        uint8_t seed[32] = {77, (uint8_t)i};
        struct host_config config = hosts[2].config;
        struct endpoint to = hosts_endpoint(0);
        key_from_seed(&signers[i].key, &signers[i].public, seed);
        config.address = NULL;
        config.features = HELLO_SIGNS;
        config.node_key = &signers[i].key;
        config.events.context = &signers[i];
        assert_ok(host_open(&signers[i].host, &hosts_loop, &config));
        assert_ok(book_add_fixed(host_book(signers[i].host), &to));
        await(signers[i].joined == 1 && hosts[0].joined == i + 2);
    }
    await(signers[0].left == 1);
    ck_assert_uint_eq(hosts_counts(0).peers, 1 + MOST);
    int before = hosts_closed;
    for (int i = 0; i <= MOST; i++) host_close(signers[i].host, hosts_note_closed, NULL);
    await(hosts_closed == before + MOST + 1);
}
END_TEST

START_TEST(a_silent_peer_is_asked_and_then_let_go) {
    enum { SILENCE_MS = 2000 }; // a busy machine leaves this process alone for less
    hosts[0].config.limits.silence_ms = SILENCE_MS;
    hosts_connect_two();
    uint64_t until_ms = clock_monotonic_ms() + SILENCE_MS + SILENCE_MS / 4;
    await(clock_monotonic_ms() >= until_ms); // its answers to pings are signs of life
    ck_assert_int_eq(hosts[0].left, 0);
    // One that shakes hands and then stands still: its hosts_loop is not run, being another's.
    uv_loop_t still;
    ck_assert_int_eq(uv_loop_init(&still), 0);
    assert_ok(host_open(&hosts[2].host, &still, &hosts[2].config));
    hosts_call(0, 2);
    uint64_t end_ms = clock_monotonic_ms() + 10000;
    while (hosts[2].joined == 0 || hosts[0].joined == 1) {
        ck_assert_uint_lt(clock_monotonic_ms(), end_ms);
        uv_run(&still, UV_RUN_NOWAIT);
        uv_run(&hosts_loop, UV_RUN_NOWAIT);
    }
    await(hosts_counts(0).silent == 1);
    host_close(hosts[2].host, hosts_note_closed, NULL);
    hosts[2].host = NULL;
    uv_run(&still, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&still), 0);
}
END_TEST

START_TEST(a_peer_that_reads_nothing_is_let_go_whatever_it_says) {
    static const struct class_rule stingy[] = {
        {10 * 1000, 100 * 1000, 100 * 1000},
        {100 * 1000, 1000 * 1000, 1000 * 1000},
        {1, 1000, 8 * 1000 * 1000},
    };
    static const struct channel_rules slow = {hosts_kinds, KINDS, stingy, 3};
    static uint8_t payload[LOAD_MAX];
    struct parcel *load = parcel_make(KIND_LOAD, BYTES_OF(payload));
    struct parcel *word = parcel_make(KIND_WORD, bytes_of_string("I am here"));
    hosts[0].config.limits.silence_ms = 400;
    hosts[1].config.rules = &slow; // reads no more after the first load, for a day
    hosts_connect_two();
    uint64_t end_ms = clock_monotonic_ms() + 20000;
    while (hosts[0].left == 0) {
        ck_assert_uint_lt(clock_monotonic_ms(), end_ms);
        (void)!host_send(hosts[0].host, hosts[0].last_peer, load);
        (void)!host_send(hosts[1].host, hosts[1].last_peer, word);
        uv_run(&hosts_loop, UV_RUN_ONCE);
    }
    ck_assert_int_eq(hosts[0].why, STATUS_TIMEOUT);
    ck_assert_uint_eq(hosts_counts(0).silent, 1);
    parcel_drop(load);
    parcel_drop(word);
}
END_TEST

// It reads a tenth of what it should, without an end.
START_TEST(a_peer_that_hardly_reads_is_let_go_too) {
    static const struct class_rule stingy[] = {
        {10 * 1000, 100 * 1000, 100 * 1000},
        {100 * 1000, 1000 * 1000, 1000 * 1000},
        {100 * 1000, 100 * 1000, 8 * 1000 * 1000},
    };
    static const struct channel_rules slow = {hosts_kinds, KINDS, stingy, 3};
    static uint8_t payload[LOAD_MAX];
    struct parcel *load = parcel_make(KIND_LOAD, BYTES_OF(payload));
    hosts[0].config.limits.silence_ms = 2000;
    hosts[0].config.limits.drain_bytes_per_s = 1000 * 1000;
    hosts[1].config.rules = &slow;
    hosts_connect_two();
    uint64_t end_ms = clock_monotonic_ms() + 50 * 1000;
    while (hosts[0].left == 0) {
        ck_assert_uint_lt(clock_monotonic_ms(), end_ms);
        (void)!host_send(hosts[0].host, hosts[0].last_peer, load);
        uv_run(&hosts_loop, UV_RUN_ONCE);
    }
    ck_assert_int_eq(hosts[0].why, STATUS_TIMEOUT);
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_STUCK], 1);
    parcel_drop(load);
}
END_TEST

static uint16_t join_first(int i) {
    int before = hosts[0].joined;
    hosts_open(i);
    hosts_call(i, 0);
    await(hosts[0].joined == before + 1);
    return hosts[0].last_peer;
}

// One turn of the loop, in which the hosts see what time it is.
static void run_a_tick(void) {
    usleep(100 * 1000);
    uv_run(&hosts_loop, UV_RUN_NOWAIT);
}

// What goes to several is kept, and counts, once.
START_TEST(where_too_much_waits_the_heaviest_stranger_goes) {
    static uint8_t payload[LOAD_MAX];
    struct parcel *for_all = parcel_make(KIND_LOAD, BYTES_OF(payload));
    hosts[0].config.limits.held_bytes = 7 * LOAD_MAX + LOAD_MAX / 2;
    hosts[0].trusted = &hosts[1].public;
    hosts_open(0);
    struct host *host = hosts[0].host;
    uint16_t heavy = join_first(2), trusted = join_first(1), light = join_first(3);
    for (int i = 0; i < 4; i++) hosts_say(0, trusted, KIND_LOAD, LOAD_MAX);
    for (int i = 0; i < 2; i++) hosts_say(0, heavy, KIND_LOAD, LOAD_MAX);
    for (int i = 0; i < 3; i++) ck_assert_uint_eq(host_send_all(host, for_all, trusted), 2);
    ck_assert(host_has_room(host, light, KIND_LOAD, LOAD_MAX));
    hosts_say(0, light, KIND_LOAD, LOAD_MAX);
    ck_assert(!host_has_room(host, light, KIND_LOAD, LOAD_MAX));
    assert_status(host_send(host, light, for_all), STATUS_FULL);
    assert_ok(host_send(host, trusted, for_all));
    ck_assert_int_eq(hosts[0].left, 0);
    run_a_tick();
    ck_assert_int_eq(hosts[0].left, 1);
    ck_assert_ptr_null(host_peer(host, heavy));
    ck_assert_ptr_nonnull(host_peer(host, trusted));
    ck_assert_ptr_nonnull(host_peer(host, light));
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_HEAVY], 1);
    ck_assert(host_has_room(host, light, KIND_LOAD, LOAD_MAX));
    parcel_drop(for_all);
}
END_TEST

// What waits for two strangers is half of each: none of them is heavy, and to let both go frees
// less than what is too much.
START_TEST(who_holds_little_stays_where_a_trusted_one_holds_too_much) {
    enum { BYTES = LOAD_MAX * 9 / 10 };
    static uint8_t payload[BYTES];
    struct parcel *for_both = parcel_make(KIND_LOAD, BYTES_OF(payload));
    hosts[0].config.limits.held_bytes = 4 * LOAD_MAX + LOAD_MAX / 2;
    hosts[0].trusted = &hosts[1].public;
    hosts_open(0);
    struct host *host = hosts[0].host;
    uint16_t one = join_first(2), trusted = join_first(1), other = join_first(3);
    for (int i = 0; i < 2; i++) ck_assert_uint_eq(host_send_all(host, for_both, trusted), 2);
    for (int i = 0; i < 5; i++) hosts_say(0, trusted, KIND_LOAD, LOAD_MAX);
    run_a_tick();
    ck_assert_int_eq(hosts[0].left, 1);
    ck_assert_ptr_null(host_peer(host, trusted));
    ck_assert_ptr_nonnull(host_peer(host, one));
    ck_assert_ptr_nonnull(host_peer(host, other));
    parcel_drop(for_both);
}
END_TEST

START_TEST(a_flood_is_read_as_slowly_as_it_may_come) {
    hosts_connect_two();
    for (int i = 0; i < 3; i++) hosts_say(0, hosts[0].last_peer, KIND_LOAD, LOAD_MAX);
    await(hosts[1].bytes >= 1500 * 1000 && hosts_counts(1).paused_ms > 0);
    ck_assert_int_eq(hosts[1].left, 0);
    hosts_say(1, hosts[1].last_peer, KIND_WORD, 7); // the other way nothing is held up
    await(hosts[0].bytes == 7);
    await(hosts[1].bytes == 3 * LOAD_MAX);
}
END_TEST

START_TEST(an_address_in_use_is_told) {
    struct host *second;
    hosts_open(0);
    hosts[1].config.port = host_port(hosts[0].host);
    assert_status(host_open(&second, &hosts_loop, &hosts[1].config), STATUS_BUSY);
    hosts[1].config.address = "nowhere";
    assert_status(host_open(&second, &hosts_loop, &hosts[1].config), STATUS_INVALID);
    hosts[1].config.address = "192.0.2.1";
    assert_status(host_open(&second, &hosts_loop, &hosts[1].config), STATUS_INVALID);
}
END_TEST

Suite *host_limits_suite(void) {
    Suite *suite = suite_create("host_limits");
    TCase *cases = tcase_create("host_limits");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, hosts_start, hosts_stop);
    tcase_add_test(cases, who_shakes_no_hands_is_let_go);
    tcase_add_test(cases, who_shakes_no_hands_keeps_nobody_out);
    tcase_add_test(cases, where_no_slot_is_left_who_shakes_no_hands_goes_first);
    tcase_add_test(cases, one_address_gets_so_many_connections);
    tcase_add_test(cases, strangers_of_one_network_get_so_many_places);
    tcase_add_test(cases, a_network_that_shakes_no_hands_keeps_its_own_out_alone);
    tcase_add_test(cases, whoever_is_turned_away_takes_nobodys_place);
    tcase_add_test(cases, who_comes_too_often_is_turned_away_for_a_while);
    tcase_add_test(cases, trusted_nodes_have_places_of_their_own);
    tcase_add_test(cases, strangers_that_came_leave_room_for_calls);
    tcase_add_test(cases, of_the_largest_network_the_last_one_makes_room_for_another);
    tcase_add_test(cases, the_operators_own_take_no_call_of_the_others);
    tcase_add_test(cases, who_is_trusted_later_leaves_its_place_to_a_stranger);
    tcase_add_test(cases, who_says_that_it_signs_has_a_moment_to_show_it);
    tcase_add_test(cases, of_those_that_say_so_few_wait_at_a_time);
    tcase_add_test(cases, a_silent_peer_is_asked_and_then_let_go);
    tcase_add_test(cases, a_peer_that_reads_nothing_is_let_go_whatever_it_says);
    tcase_add_test(cases, a_peer_that_hardly_reads_is_let_go_too);
    tcase_add_test(cases, where_too_much_waits_the_heaviest_stranger_goes);
    tcase_add_test(cases, who_holds_little_stays_where_a_trusted_one_holds_too_much);
    tcase_add_test(cases, a_flood_is_read_as_slowly_as_it_may_come);
    tcase_add_test(cases, an_address_in_use_is_told);
    suite_add_tcase(suite, cases);
    return suite;
}
