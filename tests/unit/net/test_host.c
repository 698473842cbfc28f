// SPDX-License-Identifier: Apache-2.0
// Hosts that meet, and let go of one another.
#include "config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "tests/unit/net/hosts.h"
#include "tests/unit/net/relay.h"
#include "tests/unit/net/suites.h"

// --- together ---

START_TEST(two_hosts_meet_and_talk) {
    hosts_connect_two();
    ck_assert_mem_eq(&hosts[0].last.hello.node, &hosts[1].public, sizeof hosts[1].public);
    ck_assert(hosts[0].last.is_outgoing && !hosts[1].last.is_outgoing);
    ck_assert_uint_eq(hosts[1].last.remote.port, host_port(hosts[0].host));
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 10);
    hosts_say(1, hosts[1].last_peer, KIND_LOAD, LOAD_MAX);
    await(hosts[0].bytes == LOAD_MAX && hosts[1].bytes == 10);
    ck_assert_uint_eq(hosts_counts(0).outgoing, 1);
    ck_assert_uint_eq(hosts_counts(1).peers, 1);
    hosts_close(0);
    await(hosts[1].left == 1);
    ck_assert_int_eq(hosts[1].why, STATUS_CLOSED);
}
END_TEST

START_TEST(one_parcel_goes_to_all_but_one) {
    for (int i = 0; i < HOSTS; i++) hosts_open(i);
    for (int i = 1; i < HOSTS; i++) hosts_call(i, 0);
    await(hosts[0].joined == 3 && hosts[1].joined && hosts[2].joined && hosts[3].joined);
    struct parcel *parcel = parcel_make(KIND_WORD, bytes_of_string("all"));
    ck_assert_uint_eq(host_send_all(hosts[0].host, parcel, hosts[0].last_peer), 2);
    ck_assert_uint_eq(host_send_all(hosts[0].host, parcel, PEER_NOBODY), 3);
    await(hosts[1].frames + hosts[2].frames + hosts[3].frames == 5);
    ck_assert_uint_eq(parcel->holders, 1);
    assert_status(host_send(hosts[0].host, 99, parcel), STATUS_UNAVAILABLE);
    assert_status(host_send(hosts[0].host, PEER_NOBODY, parcel), STATUS_UNAVAILABLE);
    parcel_drop(parcel);
}
END_TEST

static uint64_t answered_ms(int of, int at) {
    struct endpoint endpoint = hosts_endpoint(at);
    const struct book_entry *entry = book_find(host_book(hosts[of].host), &endpoint);
    return entry ? entry->success_ms : 0;
}

START_TEST(who_is_heard_of_is_called) {
    hosts_open(0);
    hosts_open(1);
    hosts_call(1, 0);
    // It has called, and is told of for all that once it was found where it says that it listens.
    await(hosts[1].joined == 1 && answered_ms(0, 1) > 0);
    hosts_open(3);
    hosts_call(3, 0);
    await(hosts[3].joined == 2);
    struct endpoint first = hosts_endpoint(1);
    ck_assert_ptr_nonnull(book_find(host_book(hosts[3].host), &first));
}
END_TEST

// Nothing else is known of each.
START_TEST(who_call_the_same_node_find_each_other) {
    for (int i = 0; i < HOSTS; i++) hosts_open(i);
    for (int i = 1; i < HOSTS - 1; i++) hosts_call(i, 0);
    await(hosts_counts(1).peers == 2 && hosts_counts(2).peers == 2);
    hosts_call(3, 0);
    await(hosts_counts(3).peers >= 2);
}
END_TEST

START_TEST(who_is_looked_back_at_stays_connected) {
    hosts_connect_two();
    await(answered_ms(1, 0) > 0 && hosts_counts(1).connections == 1);
    ck_assert_uint_eq(hosts_counts(1).called, 1);
    await(hosts_counts(0).taken == 1 && hosts_counts(0).connections == 1);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(hosts[i].joined, 1);
        ck_assert_int_eq(hosts[i].left, 0);
        ck_assert_uint_eq(hosts_counts(i).broken, 0);
    }
    ck_assert_uint_eq(hosts_counts(1).outgoing, 0);
}
END_TEST

START_TEST(who_is_not_found_where_it_says_is_told_to_nobody) {
    struct endpoint told[LIMIT_PEERS_TOLD];
    hosts[1].config.address = "127.0.0.2"; // and comes from 127.0.0.1
    hosts_open(0);
    hosts_open(1);
    hosts_call(1, 0);
    await(hosts[0].joined == 1 && hosts_counts(0).failed > 0);
    ck_assert_uint_eq(answered_ms(0, 1), 0);
    ck_assert_uint_eq(
        book_tell(host_book(hosts[0].host), clock_wall_ms(), 0, told, LIMIT_PEERS_TOLD), 0);
    ck_assert_int_eq(hosts[0].left, 0);
}
END_TEST

START_TEST(strangers_are_not_told_of_private_addresses) {
    hosts[0].config.takes_private = false;
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(0, 1);
    await(hosts[0].joined == 1);
    struct endpoint first = hosts_endpoint(1);
    hosts_call(2, 0);
    await(hosts[0].joined == 2 && hosts[2].joined == 1);
    // Its question goes before its word, and the answer before that of the other side.
    hosts_say(2, hosts[2].last_peer, KIND_WORD, 5);
    await(hosts[0].frames == 1);
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 5);
    await(hosts[2].frames == 1);
    ck_assert_ptr_null(book_find(host_book(hosts[2].host), &first));
}
END_TEST

static void set_up_loopback(const char *name, const char *address) {
    struct ifreq request = {0};
    struct sockaddr_in own = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_eq(inet_pton(AF_INET, address, &own.sin_addr), 1);
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    memcpy(&request.ifr_addr, &own, sizeof own);
    ck_assert_int_eq(ioctl(fd, SIOCSIFADDR, &request), 0);
    request.ifr_flags = IFF_UP;
    ck_assert_int_eq(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    close(fd);
}

// Whose loopback has addresses that strangers could reach, elsewhere.
static bool has_own_network(void) {
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
        fprintf(stderr, "not tried: no network of its own is to be had\n");
        return false;
    }
    set_up_loopback("lo", "127.0.0.1");
    set_up_loopback("lo:1", "8.8.8.8");
    set_up_loopback("lo:2", "9.9.9.9");
    return true;
}

// A node that has a peer inside its firm is public to all others.
START_TEST(who_is_outside_is_told_of_no_private_address) {
    char text[ENDPOINT_TEXT];
    struct endpoint inside, at;
    if (!has_own_network()) return;
    hosts[0].config.address = "0.0.0.0";
    hosts[3].config.address = NULL;
    for (int i = 0; i < 3; i++) hosts_open(i);
    assert_ok(host_open(&hosts[3].host, &hosts_loop, &hosts[3].config));
    hosts_call(1, 0); // comes from 127.0.0.1
    inside = hosts_endpoint(1);
    await(answered_ms(0, 1) > 0);
    hosts_call(2, 0);
    await(hosts_counts(2).peers == 2); // the first as well
    snprintf(text, sizeof text, "8.8.8.8:%u", host_port(hosts[0].host));
    ck_assert(endpoint_parse(&at, text));
    assert_ok(book_add_fixed(host_book(hosts[3].host), &at)); // comes from 8.8.8.8
    await(hosts[3].joined == 1 && hosts[0].last.remote.ip.bytes[12] == 8);
    // Its question goes before its word, and the answer before that of the other side.
    hosts_say(3, hosts[3].last_peer, KIND_WORD, 5);
    await(hosts[0].frames == 1);
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 5);
    await(hosts[3].frames == 1);
    ck_assert_ptr_null(book_find(host_book(hosts[3].host), &inside));
}
END_TEST

START_TEST(who_is_outside_tells_of_no_private_address) {
    const struct node_news news = {.url = "http://127.0.0.1:8701"};
    struct host_peer_state state;
    struct relay relay;
    struct endpoint to, inside;
    if (!has_own_network()) return;
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(1, 2);
    inside = hosts_endpoint(2);
    await(hosts[1].joined == 1);
    to = hosts_endpoint(1);
    relay_open(&relay, "9.9.9.9", "127.0.0.1", &to); // which takes its caller for one inside
    assert_ok(book_add_fixed(host_book(hosts[0].host), &relay.at));
    await(hosts[0].joined == 1 && hosts[1].joined == 2);
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 5);
    await(hosts[1].frames == 1);
    host_set_news(hosts[1].host, &news);
    hosts_say(1, hosts[1].last_peer, KIND_WORD, 5);
    await(hosts[0].frames == 1);
    ck_assert_ptr_null(book_find(host_book(hosts[0].host), &inside));
    ck_assert(host_look(hosts[0].host, hosts[0].last_peer, &state));
    ck_assert_str_eq(state.news.url, "");
    await(host_look(hosts[2].host, hosts[2].last_peer, &state) && *state.news.url);
    hosts_close(0);
    relay_close(&relay);
}
END_TEST

START_TEST(of_two_crossing_connections_one_stays) {
    hosts_open(0);
    hosts_open(1);
    hosts_call(0, 1);
    hosts_call(1, 0);
    await(hosts[0].joined > 0 && hosts[1].joined > 0);
    for (int i = 0; i < 20; i++) uv_run(&hosts_loop, UV_RUN_ONCE);
    await(hosts_counts(0).connections == 1 && hosts_counts(1).connections == 1);
    ck_assert_int_eq(hosts[0].joined - hosts[0].left, 1);
    ck_assert_int_eq(hosts[1].joined - hosts[1].left, 1);
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 5);
    await(hosts[1].frames == 1);
}
END_TEST

START_TEST(a_host_does_not_stay_with_itself) {
    hosts_open(0);
    struct endpoint own = hosts_endpoint(0);
    assert_ok(book_add(host_book(hosts[0].host), &own, 1, true));
    await(!book_find(host_book(hosts[0].host), &own));
    ck_assert_int_eq(hosts[0].joined, 0);
}
END_TEST

START_TEST(a_node_that_comes_back_takes_its_old_place) {
    hosts_connect_two();
    // A second host with the key of the first, as after a crash that nobody noticed.
    hosts[2].config.node_key = &hosts[0].key;
    hosts_open(2);
    hosts_call(2, 1);
    await(hosts[2].joined == 1 && hosts[1].joined == 2 && hosts[1].left == 1);
    ck_assert_int_eq(hosts[1].why, STATUS_EXISTS);
    ck_assert_uint_eq(hosts_counts(1).peers, 1);
}
END_TEST

START_TEST(another_chain_is_no_peer) {
    hosts[1].config.chain_id.bytes[0] = 1;
    hosts_open(0);
    hosts_open(1);
    hosts_call(0, 1);
    await(hosts_counts(0).broken + hosts_counts(1).broken > 0);
    ck_assert_int_eq(hosts[0].joined + hosts[1].joined, 0);
    struct endpoint second = hosts_endpoint(1);
    await(book_find(host_book(hosts[0].host), &second)->failures > 0);
}
END_TEST

START_TEST(nobody_there_is_called_again_later) {
    hosts_open(0);
    hosts_open(1);
    struct endpoint second = hosts_endpoint(1);
    hosts_close(1);
    assert_ok(book_add_fixed(host_book(hosts[0].host), &second));
    await(hosts_counts(0).failed == 1);
    const struct book_entry *entry = book_find(host_book(hosts[0].host), &second);
    ck_assert_uint_gt(entry->call_at_ms, clock_wall_ms());
    hosts[1].config.port = second.port;
    hosts_open(1);
    await(hosts[0].joined == 1);
}
END_TEST

START_TEST(a_guarded_node_is_told_to_nobody) {
    hosts[0].config.events.is_guarded = hosts_trusts;
    hosts[0].trusts = true;
    for (int i = 0; i < 3; i++) hosts_open(i);
    hosts_call(0, 1); // guarded, as all are
    await(hosts[0].joined == 1);
    hosts_call(2, 0);
    await(hosts[0].joined == 2 && hosts[2].joined == 1);
    struct endpoint first = hosts_endpoint(1);
    struct endpoint told[LIMIT_PEERS_TOLD];
    ck_assert_ptr_nonnull(book_find(host_book(hosts[0].host), &first));
    ck_assert_uint_eq(
        book_tell(host_book(hosts[0].host), clock_wall_ms(), 0, told, LIMIT_PEERS_TOLD), 0);
    struct endpoint second = hosts_endpoint(2); // has told where it listens
    ck_assert_ptr_null(book_find(host_book(hosts[0].host), &second));
}
END_TEST

START_TEST(a_hidden_host_keeps_to_those_that_were_named) {
    hosts_open(0);
    hosts_open(1);
    hosts[2].config.is_hidden = true;
    hosts[2].config.address = NULL;
    assert_ok(host_open(&hosts[2].host, &hosts_loop, &hosts[2].config));
    struct endpoint first = hosts_endpoint(1);
    assert_ok(book_add(host_book(hosts[2].host), &first, 1, true));
    hosts_call(2, 0);
    await(hosts[2].joined == 1 && hosts[0].joined == 1);
    ck_assert_uint_eq(hosts[0].last.remote.port, 0);
    await(book_find(host_book(hosts[2].host), &first)->call_at_ms > 0); // put off
    ck_assert_uint_eq(hosts_counts(2).called, 1);
}
END_TEST

// --- who lies ---

START_TEST(what_is_no_handshake_ends_at_once) {
    static const char text[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    hosts_open(0);
    int fd = hosts_client(0);
    await(hosts_counts(0).connections == 1);
    ck_assert_int_eq(write(fd, text, sizeof text - 1), sizeof text - 1);
    await(hosts_counts(0).broken == 1 && hosts_has_closed(fd));
    ck_assert_uint_eq(hosts_counts(0).causes[CAUSE_HANDSHAKE], 1);
    close(fd);
}
END_TEST

static int bound_to(const char *address, uint16_t port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_eq(inet_pton(AF_INET, address, &own.sin_addr), 1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    return fd;
}

// A liar has told of a place where something else answers, and at whose address an honest node
// lives too. Addresses that strangers could reach are those of a network of the test's own.
START_TEST(what_else_answers_at_an_address_bans_nobody_there) {
    static const char banner[] = "SSH-2.0-OpenSSH_9.2\r\n";
    struct endpoint told;
    if (!has_own_network()) return;
    int listener = bound_to("9.9.9.9", 22), taken = -1;
    ck_assert_int_eq(listen(listener, 4), 0);
    hosts[0].config.address = "8.8.8.8";
    hosts[0].config.takes_private = false;
    hosts_open(0);
    ck_assert(endpoint_parse(&told, "9.9.9.9:22"));
    assert_ok(book_add(host_book(hosts[0].host), &told, 1, false));
    await((taken = accept(listener, NULL, NULL)) >= 0);
    ck_assert_int_eq(write(taken, banner, sizeof banner - 1), sizeof banner - 1);
    await(hosts_counts(0).broken == 1);
    ck_assert_uint_eq(book_find(host_book(hosts[0].host), &told)->failures, 1);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(host_port(hosts[0].host))};
    ck_assert_int_eq(inet_pton(AF_INET, "8.8.8.8", &to.sin_addr), 1);
    int honest = bound_to("9.9.9.9", 0);
    (void)!connect(honest, (struct sockaddr *)&to, sizeof to);
    await(hosts_counts(0).taken == 1);
    ck_assert_uint_eq(hosts_counts(0).banned, 0);
    // Who comes from there and says the same is not talked to.
    ck_assert_int_eq(write(honest, banner, sizeof banner - 1), sizeof banner - 1);
    await(hosts_counts(0).broken == 2);
    int next = bound_to("9.9.9.9", 0);
    (void)!connect(next, (struct sockaddr *)&to, sizeof to);
    await(hosts_counts(0).banned == 1);
    close(next);
    close(honest);
    close(taken);
    close(listener);
}
END_TEST

START_TEST(a_peer_whose_frames_are_refused_is_banned) {
    hosts_connect_two();
    hosts[1].answer = STATUS_MALFORMED;
    hosts_say(0, hosts[0].last_peer, KIND_WORD, 5);
    await(hosts[1].left == 1 && hosts[0].left == 1);
    ck_assert_int_eq(hosts[1].why, STATUS_MALFORMED);
    ck_assert_uint_eq(hosts_counts(1).broken, 1);
    ck_assert_uint_eq(hosts_counts(1).causes[CAUSE_MESSAGE], 1);
    await(hosts_counts(1).banned > 0); // it calls again
    ck_assert_uint_gt(hosts_counts(1).causes[CAUSE_BANNED_NODE], 0);
    ck_assert_int_eq(hosts[1].joined, 1);
}
END_TEST

START_TEST(penalties_add_up_to_a_ban) {
    hosts_connect_two();
    uint16_t peer = hosts[1].last_peer;
    host_penalise(hosts[1].host, peer, HOST_PENALTY_MAX - 1);
    ck_assert_ptr_nonnull(host_peer(hosts[1].host, peer));
    host_penalise(hosts[1].host, peer, 1);
    ck_assert_ptr_null(host_peer(hosts[1].host, peer));
    ck_assert_int_eq(hosts[1].left, 1);
    host_penalise(hosts[1].host, peer, 1);
    await(hosts_counts(1).banned > 0);
}
END_TEST

START_TEST(penalties_fade) {
    struct host_peer_state state;
    hosts[1].config.limits.fade_ms = 1;
    hosts_connect_two();
    uint16_t peer = hosts[1].last_peer;
    for (int i = 0; i < 2; i++) {
        host_penalise(hosts[1].host, peer, HOST_PENALTY_MAX - 1);
        ck_assert(host_look(hosts[1].host, peer, &state));
        ck_assert_uint_eq(state.penalty, HOST_PENALTY_MAX - 1);
        await(host_look(hosts[1].host, peer, &state) && state.penalty == 0);
    }
    ck_assert_int_eq(hosts[1].left, 0);
}
END_TEST

START_TEST(a_ban_ends) {
    hosts[1].config.limits.ban_ms = 500;
    hosts_connect_two();
    host_penalise(hosts[1].host, hosts[1].last_peer, HOST_PENALTY_MAX);
    await(hosts[1].joined == 2);
}
END_TEST

START_TEST(who_is_dropped_may_come_again) {
    hosts_connect_two();
    host_drop(hosts[1].host, hosts[1].last_peer, STATUS_BUSY);
    ck_assert_int_eq(hosts[1].why, STATUS_BUSY);
    await(hosts[1].joined == 2);
}
END_TEST

START_TEST(who_lets_go_at_once_is_called_again_ever_later) {
    hosts_connect_caller();
    struct endpoint second = hosts_endpoint(1);
    for (unsigned i = 1; i <= 2; i++) {
        host_drop(hosts[1].host, hosts[1].last_peer, STATUS_FULL);
        await(hosts[0].left == (int)i);
        ck_assert_uint_eq(book_find(host_book(hosts[0].host), &second)->failures, i);
        await(hosts[0].joined == (int)i + 1 && hosts[1].joined == (int)i + 1);
    }
}
END_TEST

START_TEST(who_has_stayed_is_called_again_soon) {
    hosts[0].config.limits.stay_ms = 1;
    hosts_connect_caller();
    struct endpoint second = hosts_endpoint(1);
    uint64_t then_ms = clock_monotonic_ms() + 100;
    await(clock_monotonic_ms() >= then_ms);
    host_drop(hosts[1].host, hosts[1].last_peer, STATUS_BUSY);
    await(hosts[0].left == 1);
    ck_assert_uint_eq(book_find(host_book(hosts[0].host), &second)->failures, 0);
    await(hosts[0].joined == 2);
}
END_TEST

static void write_to_nobody(uv_timer_t *timer) {
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[0]);
    ck_assert_int_eq(write(ends[1], "", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    close(ends[1]);
    uv_close((uv_handle_t *)timer, NULL);
}

START_TEST(a_write_to_who_has_left_ends_no_process) {
    uv_loop_t loop;
    uv_timer_t timer;
    sigset_t pending, mask;
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    ck_assert_int_eq(uv_timer_init(&loop, &timer), 0);
    ck_assert_int_eq(uv_timer_start(&timer, write_to_nobody, 0, 0), 0);
    host_run_loop(&loop);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
    ck_assert_int_eq(sigpending(&pending), 0);
    ck_assert(!sigismember(&pending, SIGPIPE));
    ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    ck_assert(!sigismember(&mask, SIGPIPE)); // as it was
}
END_TEST

Suite *host_suite(void) {
    Suite *suite = suite_create("host");
    TCase *cases = tcase_create("host");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, hosts_start, hosts_stop);
    tcase_add_test(cases, two_hosts_meet_and_talk);
    tcase_add_test(cases, one_parcel_goes_to_all_but_one);
    tcase_add_test(cases, who_is_heard_of_is_called);
    tcase_add_test(cases, who_call_the_same_node_find_each_other);
    tcase_add_test(cases, who_is_looked_back_at_stays_connected);
    tcase_add_test(cases, who_is_not_found_where_it_says_is_told_to_nobody);
    tcase_add_test(cases, strangers_are_not_told_of_private_addresses);
    tcase_add_test(cases, who_is_outside_is_told_of_no_private_address);
    tcase_add_test(cases, who_is_outside_tells_of_no_private_address);
    tcase_add_test(cases, of_two_crossing_connections_one_stays);
    tcase_add_test(cases, a_host_does_not_stay_with_itself);
    tcase_add_test(cases, a_node_that_comes_back_takes_its_old_place);
    tcase_add_test(cases, another_chain_is_no_peer);
    tcase_add_test(cases, nobody_there_is_called_again_later);
    tcase_add_test(cases, a_guarded_node_is_told_to_nobody);
    tcase_add_test(cases, a_hidden_host_keeps_to_those_that_were_named);
    tcase_add_test(cases, what_is_no_handshake_ends_at_once);
    tcase_add_test(cases, what_else_answers_at_an_address_bans_nobody_there);
    tcase_add_test(cases, a_peer_whose_frames_are_refused_is_banned);
    tcase_add_test(cases, penalties_add_up_to_a_ban);
    tcase_add_test(cases, penalties_fade);
    tcase_add_test(cases, a_ban_ends);
    tcase_add_test(cases, who_is_dropped_may_come_again);
    tcase_add_test(cases, who_lets_go_at_once_is_called_again_ever_later);
    tcase_add_test(cases, who_has_stayed_is_called_again_soon);
    tcase_add_test(cases, a_write_to_who_has_left_ends_no_process);
    suite_add_tcase(suite, cases);
    return suite;
}
