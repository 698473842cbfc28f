// SPDX-License-Identifier: Apache-2.0
// Hosts on one loop, over the loopback.
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/net/host.h"
#include "tests/unit/net/suites.h"

enum { HOSTS = 4, KIND_WORD = HOST_KINDS, KIND_LOAD, KINDS, LOAD_MAX = 1000 * 1000 };

static const struct frame_rule kinds[KINDS] = {
    HOST_KIND_RULES, [KIND_WORD] = {1, 1000}, [KIND_LOAD] = {2, LOAD_MAX}};
static const struct class_rule classes[] = {
    {10 * 1000, 100 * 1000, 100 * 1000},
    {100 * 1000, 1000 * 1000, 1000 * 1000},
    {1000 * 1000, 1500 * 1000, 8 * 1000 * 1000},
};
static const struct channel_rules rules = {kinds, KINDS, classes, 3};

struct node {
    struct host *host;
    struct host_config config;
    struct secret_key key;
    struct public_key public;
    int joined, left, frames;
    size_t bytes;
    uint16_t last_peer;
    struct peer_info last;
    enum status why;
    enum status answer; // to the next frames
    bool trusts;
};

static uv_loop_t loop;
static struct node nodes[HOSTS];
static int closed;

static void note_joined(void *context, uint16_t peer, const struct peer_info *info) {
    struct node *node = context;
    node->joined++;
    node->last_peer = peer;
    node->last = *info;
}

static enum status note_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct node *node = context;
    ck_assert(kind == KIND_WORD || kind == KIND_LOAD);
    ck_assert_ptr_nonnull(host_peer(node->host, peer));
    node->frames++;
    node->bytes += payload.len;
    return node->answer;
}

static void note_left(void *context, uint16_t peer, enum status why) {
    struct node *node = context;
    ck_assert_ptr_null(host_peer(node->host, peer));
    node->left++;
    node->why = why;
}

static bool is_trusted(void *context, const struct public_key *public) {
    (void)public;
    return ((struct node *)context)->trusts;
}

static void note_closed(void *context) {
    (void)context;
    closed++;
}

static void configure(int i) {
    uint8_t seed[32] = {(uint8_t)(i + 1)};
    struct node *node = &nodes[i];
    *node = (struct node){0};
    key_from_seed(&node->key, &node->public, seed);
    node->config = (struct host_config){
        .address = "127.0.0.1",
        .node_key = &node->key,
        .takes_private = true,
        .rules = &rules,
        .limits = {.per_owner = 100},
        .events = {node, is_trusted, note_joined, note_frame, note_left, NULL}};
}

static void open_node(int i) {
    assert_ok(host_open(&nodes[i].host, &loop, &nodes[i].config));
    ck_assert_uint_ne(host_port(nodes[i].host), 0);
}

static void start(void) {
    log_set_level(LOG_ERROR);
    assert_ok(crypto_init());
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    closed = 0;
    for (int i = 0; i < HOSTS; i++) configure(i);
}

static void close_node(int i) {
    int before = closed;
    if (!nodes[i].host) return;
    host_close(nodes[i].host, note_closed, NULL);
    nodes[i].host = NULL;
    while (closed == before) uv_run(&loop, UV_RUN_ONCE);
}

static void stop(void) {
    for (int i = 0; i < HOSTS; i++) close_node(i);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}

// Runs the loop until it is so.
#define await(condition)                                       \
    do {                                                       \
        uint64_t await_ms = clock_monotonic_ms() + 10000;      \
        while (!(condition)) {                                 \
            ck_assert_uint_lt(clock_monotonic_ms(), await_ms); \
            uv_run(&loop, UV_RUN_ONCE);                        \
        }                                                      \
    } while (0)

static struct endpoint endpoint_of(int i) {
    char text[ENDPOINT_TEXT];
    struct endpoint endpoint;
    snprintf(text, sizeof text, "127.0.0.1:%u", host_port(nodes[i].host));
    ck_assert(endpoint_parse(&endpoint, text));
    return endpoint;
}

static void call(int from, int to) {
    struct endpoint endpoint = endpoint_of(to);
    assert_ok(book_add_fixed(host_book(nodes[from].host), &endpoint));
}

static void connect_two(void) {
    open_node(0);
    open_node(1);
    call(0, 1);
    await(nodes[0].joined == 1 && nodes[1].joined == 1);
}

// Of a caller that nobody can call back.
static void connect_caller(void) {
    nodes[0].config.address = NULL;
    assert_ok(host_open(&nodes[0].host, &loop, &nodes[0].config));
    open_node(1);
    call(0, 1);
    await(nodes[0].joined == 1 && nodes[1].joined == 1);
}

static struct host_counts counts_of(int i) {
    struct host_counts counts;
    host_count(nodes[i].host, &counts);
    return counts;
}

static void say(int from, uint16_t peer, uint8_t kind, size_t len) {
    static uint8_t payload[LOAD_MAX];
    struct parcel *parcel = parcel_make(kind, bytes_of(payload, len));
    assert_ok(host_send(nodes[from].host, peer, parcel));
    parcel_drop(parcel);
}

// --- together ---

START_TEST(two_hosts_meet_and_talk) {
    connect_two();
    ck_assert_mem_eq(&nodes[0].last.hello.node, &nodes[1].public, sizeof nodes[1].public);
    ck_assert(nodes[0].last.is_outgoing && !nodes[1].last.is_outgoing);
    ck_assert_uint_eq(nodes[1].last.remote.port, host_port(nodes[0].host));
    say(0, nodes[0].last_peer, KIND_WORD, 10);
    say(1, nodes[1].last_peer, KIND_LOAD, LOAD_MAX);
    await(nodes[0].bytes == LOAD_MAX && nodes[1].bytes == 10);
    ck_assert_uint_eq(counts_of(0).outgoing, 1);
    ck_assert_uint_eq(counts_of(1).peers, 1);
    close_node(0);
    await(nodes[1].left == 1);
    ck_assert_int_eq(nodes[1].why, STATUS_CLOSED);
}
END_TEST

START_TEST(one_parcel_goes_to_all_but_one) {
    for (int i = 0; i < HOSTS; i++) open_node(i);
    for (int i = 1; i < HOSTS; i++) call(i, 0);
    await(nodes[0].joined == 3 && nodes[1].joined && nodes[2].joined && nodes[3].joined);
    struct parcel *parcel = parcel_make(KIND_WORD, bytes_of_string("all"));
    ck_assert_uint_eq(host_send_all(nodes[0].host, parcel, nodes[0].last_peer), 2);
    ck_assert_uint_eq(host_send_all(nodes[0].host, parcel, PEER_NOBODY), 3);
    await(nodes[1].frames + nodes[2].frames + nodes[3].frames == 5);
    ck_assert_uint_eq(parcel->holders, 1);
    assert_status(host_send(nodes[0].host, 99, parcel), STATUS_UNAVAILABLE);
    assert_status(host_send(nodes[0].host, PEER_NOBODY, parcel), STATUS_UNAVAILABLE);
    parcel_drop(parcel);
}
END_TEST

START_TEST(who_is_heard_of_is_called) {
    open_node(0);
    open_node(1);
    open_node(2);
    call(1, 0);
    await(nodes[1].joined == 1);
    call(2, 0); // and hears there of 1, which has not called it
    await(nodes[0].joined == 2);
    // 0 has met 1 as a client alone: it tells of whom it has reached itself.
    struct endpoint first = endpoint_of(1);
    book_succeeded(host_book(nodes[0].host), &first, clock_wall_ms());
    close_node(3);
    open_node(3);
    call(3, 0);
    await(nodes[3].joined == 2);
    ck_assert_ptr_nonnull(book_find(host_book(nodes[3].host), &first));
}
END_TEST

START_TEST(strangers_are_not_told_of_private_addresses) {
    nodes[0].config.takes_private = false;
    for (int i = 0; i < 3; i++) open_node(i);
    call(0, 1);
    await(nodes[0].joined == 1);
    struct endpoint first = endpoint_of(1);
    call(2, 0);
    await(nodes[0].joined == 2 && nodes[2].joined == 1);
    // Its question goes before its word, and the answer before that of the other side.
    say(2, nodes[2].last_peer, KIND_WORD, 5);
    await(nodes[0].frames == 1);
    say(0, nodes[0].last_peer, KIND_WORD, 5);
    await(nodes[2].frames == 1);
    ck_assert_ptr_null(book_find(host_book(nodes[2].host), &first));
}
END_TEST

START_TEST(of_two_crossing_connections_one_stays) {
    open_node(0);
    open_node(1);
    call(0, 1);
    call(1, 0);
    await(nodes[0].joined > 0 && nodes[1].joined > 0);
    for (int i = 0; i < 20; i++) uv_run(&loop, UV_RUN_ONCE);
    await(counts_of(0).connections == 1 && counts_of(1).connections == 1);
    ck_assert_int_eq(nodes[0].joined - nodes[0].left, 1);
    ck_assert_int_eq(nodes[1].joined - nodes[1].left, 1);
    say(0, nodes[0].last_peer, KIND_WORD, 5);
    await(nodes[1].frames == 1);
}
END_TEST

START_TEST(a_host_does_not_stay_with_itself) {
    open_node(0);
    struct endpoint own = endpoint_of(0);
    assert_ok(book_add(host_book(nodes[0].host), &own, 1, true));
    await(!book_find(host_book(nodes[0].host), &own));
    ck_assert_int_eq(nodes[0].joined, 0);
}
END_TEST

START_TEST(a_node_that_comes_back_takes_its_old_place) {
    connect_two();
    // A second host with the key of the first, as after a crash that nobody noticed.
    nodes[2].config.node_key = &nodes[0].key;
    open_node(2);
    call(2, 1);
    await(nodes[2].joined == 1 && nodes[1].joined == 2 && nodes[1].left == 1);
    ck_assert_int_eq(nodes[1].why, STATUS_EXISTS);
    ck_assert_uint_eq(counts_of(1).peers, 1);
}
END_TEST

START_TEST(another_chain_is_no_peer) {
    nodes[1].config.chain_id.bytes[0] = 1;
    open_node(0);
    open_node(1);
    call(0, 1);
    await(counts_of(0).broken + counts_of(1).broken > 0);
    ck_assert_int_eq(nodes[0].joined + nodes[1].joined, 0);
    struct endpoint second = endpoint_of(1);
    await(book_find(host_book(nodes[0].host), &second)->failures > 0);
}
END_TEST

START_TEST(nobody_there_is_called_again_later) {
    open_node(0);
    open_node(1);
    struct endpoint second = endpoint_of(1);
    close_node(1);
    assert_ok(book_add_fixed(host_book(nodes[0].host), &second));
    await(counts_of(0).failed == 1);
    const struct book_entry *entry = book_find(host_book(nodes[0].host), &second);
    ck_assert_uint_gt(entry->call_at_ms, clock_wall_ms());
    nodes[1].config.port = second.port;
    open_node(1);
    await(nodes[0].joined == 1);
}
END_TEST

// --- limits ---

static int plain_client(int to) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(host_port(nodes[to].host))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(fd, 0);
    (void)!connect(fd, (struct sockaddr *)&address, sizeof address);
    return fd;
}

static bool is_closed_by_host(int fd) {
    char byte;
    ssize_t len = recv(fd, &byte, 1, 0);
    return len == 0 || (len < 0 && errno != EAGAIN && errno != ENOTCONN);
}

START_TEST(who_shakes_no_hands_is_let_go) {
    nodes[0].config.limits.handshake_ms = 200;
    open_node(0);
    int fd = plain_client(0);
    await(counts_of(0).connections == 1);
    await(counts_of(0).timeouts == 1 && is_closed_by_host(fd));
    close(fd);
}
END_TEST

START_TEST(who_shakes_no_hands_keeps_nobody_out) {
    enum { CONNECTIONS = 16, CLIENTS = 40 };
    int fds[CLIENTS];
    nodes[0].config.limits.connections = CONNECTIONS;
    open_node(0);
    for (int i = 0; i < CLIENTS; i++) fds[i] = plain_client(0);
    await(counts_of(0).taken == CLIENTS);
    ck_assert_uint_le(counts_of(0).connections, CONNECTIONS / 4);
    open_node(1);
    call(1, 0);
    await(nodes[0].joined == 1 && nodes[1].joined == 1);
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
    nodes[0].config.limits = (struct host_limits){
        .connections = CONNECTIONS, .per_owner = 100, .handshake_ms = 60 * 1000};
    open_node(0);
    for (unsigned i = 1; i < CONNECTIONS; i++) {
        struct endpoint mute;
        snprintf(text, sizeof text, "127.0.0.%u:%u", i, port);
        ck_assert(endpoint_parse(&mute, text));
        assert_ok(book_add_fixed(host_book(nodes[0].host), &mute));
    }
    await(counts_of(0).outgoing == CONNECTIONS - 1);
    int fd = plain_client(0);
    await(counts_of(0).connections == CONNECTIONS);
    open_node(1);
    call(1, 0);
    await(nodes[0].joined == 1 && nodes[1].joined == 1);
    close(fd);
    close(listener);
}
END_TEST

START_TEST(one_address_gets_so_many_connections) {
    enum { MOST = 3 };
    int fds[MOST + 1];
    nodes[0].config.limits.per_owner = MOST;
    open_node(0);
    for (int i = 0; i <= MOST; i++) fds[i] = plain_client(0);
    await(counts_of(0).taken == MOST + 1);
    await(counts_of(0).connections == MOST);
    ck_assert_uint_eq(counts_of(0).full, 1);
    for (int i = 0; i <= MOST; i++) close(fds[i]);
}
END_TEST

START_TEST(trusted_nodes_have_places_of_their_own) {
    nodes[0].config.limits.connections = 2;
    nodes[0].config.limits.reserved = 1;
    for (int i = 0; i < 3; i++) open_node(i);
    call(1, 0);
    await(nodes[0].joined == 1);
    call(2, 0);
    await(counts_of(0).full > 0);
    ck_assert_int_eq(nodes[0].joined, 1);
    nodes[0].trusts = true;
    await(nodes[0].joined == 2 && counts_of(0).peers == 2);
}
END_TEST

START_TEST(what_is_no_handshake_ends_at_once) {
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    open_node(0);
    int fd = plain_client(0);
    await(counts_of(0).connections == 1);
    ck_assert_int_eq(write(fd, text, sizeof text - 1), sizeof text - 1);
    await(counts_of(0).broken == 1 && is_closed_by_host(fd));
    close(fd);
}
END_TEST

START_TEST(a_peer_whose_frames_are_refused_is_banned) {
    connect_two();
    nodes[1].answer = STATUS_MALFORMED;
    say(0, nodes[0].last_peer, KIND_WORD, 5);
    await(nodes[1].left == 1 && nodes[0].left == 1);
    ck_assert_int_eq(nodes[1].why, STATUS_MALFORMED);
    ck_assert_uint_eq(counts_of(1).broken, 1);
    await(counts_of(1).banned > 0); // it calls again
    ck_assert_int_eq(nodes[1].joined, 1);
}
END_TEST

START_TEST(penalties_add_up_to_a_ban) {
    connect_two();
    uint16_t peer = nodes[1].last_peer;
    host_penalise(nodes[1].host, peer, HOST_PENALTY_MAX - 1);
    ck_assert_ptr_nonnull(host_peer(nodes[1].host, peer));
    host_penalise(nodes[1].host, peer, 1);
    ck_assert_ptr_null(host_peer(nodes[1].host, peer));
    ck_assert_int_eq(nodes[1].left, 1);
    host_penalise(nodes[1].host, peer, 1);
    await(counts_of(1).banned > 0);
}
END_TEST

START_TEST(a_ban_ends) {
    nodes[1].config.limits.ban_ms = 500;
    connect_two();
    host_penalise(nodes[1].host, nodes[1].last_peer, HOST_PENALTY_MAX);
    await(nodes[1].joined == 2);
}
END_TEST

START_TEST(who_is_dropped_may_come_again) {
    connect_two();
    host_drop(nodes[1].host, nodes[1].last_peer, STATUS_BUSY);
    ck_assert_int_eq(nodes[1].why, STATUS_BUSY);
    await(nodes[1].joined == 2);
}
END_TEST

START_TEST(who_lets_go_at_once_is_called_again_ever_later) {
    connect_caller();
    struct endpoint second = endpoint_of(1);
    for (unsigned i = 1; i <= 2; i++) {
        host_drop(nodes[1].host, nodes[1].last_peer, STATUS_FULL);
        await(nodes[0].left == (int)i);
        ck_assert_uint_eq(book_find(host_book(nodes[0].host), &second)->failures, i);
        await(nodes[0].joined == (int)i + 1 && nodes[1].joined == (int)i + 1);
    }
}
END_TEST

START_TEST(who_has_stayed_is_called_again_soon) {
    nodes[0].config.limits.stay_ms = 1;
    connect_caller();
    struct endpoint second = endpoint_of(1);
    uint64_t then_ms = clock_monotonic_ms() + 100;
    await(clock_monotonic_ms() >= then_ms);
    host_drop(nodes[1].host, nodes[1].last_peer, STATUS_BUSY);
    await(nodes[0].left == 1);
    ck_assert_uint_eq(book_find(host_book(nodes[0].host), &second)->failures, 0);
    await(nodes[0].joined == 2);
}
END_TEST

START_TEST(a_silent_peer_is_asked_and_then_let_go) {
    nodes[0].config.limits.silence_ms = 400;
    connect_two();
    uint64_t until_ms = clock_monotonic_ms() + 1000;
    await(clock_monotonic_ms() >= until_ms); // its answers to pings are signs of life
    ck_assert_int_eq(nodes[0].left, 0);
    // One that shakes hands and then stands still: its loop is not run, being another's.
    uv_loop_t still;
    ck_assert_int_eq(uv_loop_init(&still), 0);
    assert_ok(host_open(&nodes[2].host, &still, &nodes[2].config));
    call(0, 2);
    uint64_t end_ms = clock_monotonic_ms() + 10000;
    while (nodes[2].joined == 0 || nodes[0].joined == 1) {
        ck_assert_uint_lt(clock_monotonic_ms(), end_ms);
        uv_run(&still, UV_RUN_NOWAIT);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    await(counts_of(0).silent == 1);
    host_close(nodes[2].host, note_closed, NULL);
    nodes[2].host = NULL;
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
    static const struct channel_rules slow = {kinds, KINDS, stingy, 3};
    static uint8_t payload[LOAD_MAX];
    struct parcel *load = parcel_make(KIND_LOAD, BYTES_OF(payload));
    struct parcel *word = parcel_make(KIND_WORD, bytes_of_string("I am here"));
    nodes[0].config.limits.silence_ms = 400;
    nodes[1].config.rules = &slow; // reads no more after the first load, for a day
    connect_two();
    uint64_t end_ms = clock_monotonic_ms() + 20000;
    while (nodes[0].left == 0) {
        ck_assert_uint_lt(clock_monotonic_ms(), end_ms);
        (void)!host_send(nodes[0].host, nodes[0].last_peer, load);
        (void)!host_send(nodes[1].host, nodes[1].last_peer, word);
        uv_run(&loop, UV_RUN_ONCE);
    }
    ck_assert_int_eq(nodes[0].why, STATUS_TIMEOUT);
    ck_assert_uint_eq(counts_of(0).silent, 1);
    parcel_drop(load);
    parcel_drop(word);
}
END_TEST

START_TEST(a_flood_is_read_as_slowly_as_it_may_come) {
    connect_two();
    for (int i = 0; i < 3; i++) say(0, nodes[0].last_peer, KIND_LOAD, LOAD_MAX);
    await(nodes[1].bytes >= 1500 * 1000 && counts_of(1).paused_ms > 0);
    ck_assert_int_eq(nodes[1].left, 0);
    say(1, nodes[1].last_peer, KIND_WORD, 7); // the other way nothing is held up
    await(nodes[0].bytes == 7);
    await(nodes[1].bytes == 3 * LOAD_MAX);
}
END_TEST

START_TEST(an_address_in_use_is_told) {
    struct host *second;
    open_node(0);
    nodes[1].config.port = host_port(nodes[0].host);
    assert_status(host_open(&second, &loop, &nodes[1].config), STATUS_BUSY);
    nodes[1].config.address = "nowhere";
    assert_status(host_open(&second, &loop, &nodes[1].config), STATUS_INVALID);
    nodes[1].config.address = "192.0.2.1";
    assert_status(host_open(&second, &loop, &nodes[1].config), STATUS_INVALID);
}
END_TEST

Suite *host_suite(void) {
    Suite *suite = suite_create("host");
    TCase *cases = tcase_create("host");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, two_hosts_meet_and_talk);
    tcase_add_test(cases, one_parcel_goes_to_all_but_one);
    tcase_add_test(cases, who_is_heard_of_is_called);
    tcase_add_test(cases, strangers_are_not_told_of_private_addresses);
    tcase_add_test(cases, of_two_crossing_connections_one_stays);
    tcase_add_test(cases, a_host_does_not_stay_with_itself);
    tcase_add_test(cases, a_node_that_comes_back_takes_its_old_place);
    tcase_add_test(cases, another_chain_is_no_peer);
    tcase_add_test(cases, nobody_there_is_called_again_later);
    tcase_add_test(cases, who_shakes_no_hands_is_let_go);
    tcase_add_test(cases, who_shakes_no_hands_keeps_nobody_out);
    tcase_add_test(cases, where_no_slot_is_left_who_shakes_no_hands_goes_first);
    tcase_add_test(cases, one_address_gets_so_many_connections);
    tcase_add_test(cases, trusted_nodes_have_places_of_their_own);
    tcase_add_test(cases, what_is_no_handshake_ends_at_once);
    tcase_add_test(cases, a_peer_whose_frames_are_refused_is_banned);
    tcase_add_test(cases, penalties_add_up_to_a_ban);
    tcase_add_test(cases, a_ban_ends);
    tcase_add_test(cases, who_is_dropped_may_come_again);
    tcase_add_test(cases, who_lets_go_at_once_is_called_again_ever_later);
    tcase_add_test(cases, who_has_stayed_is_called_again_soon);
    tcase_add_test(cases, a_silent_peer_is_asked_and_then_let_go);
    tcase_add_test(cases, a_peer_that_reads_nothing_is_let_go_whatever_it_says);
    tcase_add_test(cases, a_flood_is_read_as_slowly_as_it_may_come);
    tcase_add_test(cases, an_address_in_use_is_told);
    suite_add_tcase(suite, cases);
    return suite;
}
