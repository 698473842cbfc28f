// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "chaincore/base/log.h"

const struct frame_rule hosts_kinds[KINDS] = {
    HOST_KIND_RULES, [KIND_WORD] = {1, 1000}, [KIND_LOAD] = {2, LOAD_MAX}};
static const struct class_rule classes[] = {
    {10 * 1000, 100 * 1000, 100 * 1000},
    {100 * 1000, 1000 * 1000, 1000 * 1000},
    {1000 * 1000, 1500 * 1000, 8 * 1000 * 1000},
};
const struct channel_rules hosts_rules = {hosts_kinds, KINDS, classes, 3};

uv_loop_t hosts_loop;
struct test_host hosts[HOSTS];
int hosts_closed;

static void note_joined(void *context, uint16_t peer, const struct peer_info *info) {
    struct test_host *node = context;
    node->joined++;
    node->last_peer = peer;
    node->last = *info;
}

static enum status note_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    struct test_host *node = context;
    ck_assert(kind == KIND_WORD || kind == KIND_LOAD);
    ck_assert_ptr_nonnull(host_peer(node->host, peer));
    node->frames++;
    node->bytes += payload.len;
    return node->answer;
}

static void note_left(void *context, uint16_t peer, enum status why) {
    struct test_host *node = context;
    ck_assert_ptr_null(host_peer(node->host, peer));
    node->left++;
    node->why = why;
}

bool hosts_trusts(void *context, const struct public_key *public) {
    const struct test_host *node = context;
    bool is_it = node->trusted && memcmp(node->trusted, public, sizeof *public) == 0;
    return node->trusts || is_it;
}

void hosts_note_closed(void *context) {
    (void)context;
    hosts_closed++;
}

static void configure(int i) {
    uint8_t seed[32] = {(uint8_t)(i + 1)};
    struct test_host *node = &hosts[i];
    *node = (struct test_host){0};
    key_from_seed(&node->key, &node->public, seed);
    node->config = (struct host_config){
        .address = "127.0.0.1",
        .node_key = &node->key,
        .takes_private = true,
        .rules = &hosts_rules,
        .limits = {.per_owner = 100},
        .events = {node, hosts_trusts, note_joined, note_frame, note_left, NULL, NULL}};
}

void hosts_open(int i) {
    assert_ok(host_open(&hosts[i].host, &hosts_loop, &hosts[i].config));
    ck_assert_uint_ne(host_port(hosts[i].host), 0);
}

void hosts_start(void) {
    log_set_level(LOG_ERROR);
    assert_ok(crypto_init());
    ck_assert_int_eq(uv_loop_init(&hosts_loop), 0);
    hosts_closed = 0;
    for (int i = 0; i < HOSTS; i++) configure(i);
}

void hosts_close(int i) {
    int before = hosts_closed;
    if (!hosts[i].host) return;
    host_close(hosts[i].host, hosts_note_closed, NULL);
    hosts[i].host = NULL;
    while (hosts_closed == before) uv_run(&hosts_loop, UV_RUN_ONCE);
}

void hosts_stop(void) {
    for (int i = 0; i < HOSTS; i++) hosts_close(i);
    uv_run(&hosts_loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&hosts_loop), 0);
}

struct endpoint hosts_endpoint(int i) {
    char text[ENDPOINT_TEXT];
    struct endpoint endpoint;
    snprintf(text, sizeof text, "127.0.0.1:%u", host_port(hosts[i].host));
    ck_assert(endpoint_parse(&endpoint, text));
    return endpoint;
}

void hosts_call(int from, int to) {
    struct endpoint endpoint = hosts_endpoint(to);
    assert_ok(book_add_fixed(host_book(hosts[from].host), &endpoint));
}

void hosts_connect_two(void) {
    hosts_open(0);
    hosts_open(1);
    hosts_call(0, 1);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
}

// Of a caller that nobody can hosts_call back.
void hosts_connect_caller(void) {
    hosts[0].config.address = NULL;
    assert_ok(host_open(&hosts[0].host, &hosts_loop, &hosts[0].config));
    hosts_open(1);
    hosts_call(0, 1);
    await(hosts[0].joined == 1 && hosts[1].joined == 1);
}

struct host_counts hosts_counts(int i) {
    struct host_counts counts;
    host_count(hosts[i].host, &counts);
    return counts;
}

void hosts_say(int from, uint16_t peer, uint8_t kind, size_t len) {
    static uint8_t payload[LOAD_MAX];
    struct parcel *parcel = parcel_make(kind, bytes_of(payload, len));
    assert_ok(host_send(hosts[from].host, peer, parcel));
    parcel_drop(parcel);
}

int hosts_client(int to) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(host_port(hosts[to].host))};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    ck_assert_int_ge(fd, 0);
    (void)!connect(fd, (struct sockaddr *)&address, sizeof address);
    return fd;
}

bool hosts_has_closed(int fd) {
    char byte;
    ssize_t len = recv(fd, &byte, 1, 0);
    return len == 0 || (len < 0 && errno != EAGAIN && errno != ENOTCONN);
}
