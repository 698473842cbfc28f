// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/news.h"

#include <stdio.h>
#include <uv.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/net/host.h"
#include "tests/unit/net/suites.h"

static const struct node_news shop = {
    .final_height = 513, .url = "https://shop.example:8443", .price_per_mib = 250000};

static struct buf written(const struct node_news *news) {
    struct buf out = {0};
    news_write(&out, news);
    return out;
}

START_TEST(what_is_told_is_heard) {
    struct node_news heard, silent = {.final_height = UINT64_MAX};
    struct buf bytes = written(&shop);
    assert_ok(news_read(&heard, buf_bytes(&bytes)));
    ck_assert_uint_eq(heard.final_height, 513);
    ck_assert_str_eq(heard.url, shop.url);
    ck_assert_uint_eq(heard.price_per_mib, 250000);
    buf_clear(&bytes);
    bytes = written(&silent);
    assert_ok(news_read(&heard, buf_bytes(&bytes)));
    ck_assert_uint_eq(heard.final_height, UINT64_MAX);
    ck_assert_str_eq(heard.url, "");
    buf_clear(&bytes);
}
END_TEST

START_TEST(its_bytes_are_these) {
    struct buf bytes = written(&shop);
    char hex[2 * NEWS_MAX_BYTES + 1];
    hex_encode(hex, buf_bytes(&bytes));
    ck_assert_str_eq(hex, "01"
                          "0102000000000000"
                          "19000000"
                          "68747470733a2f2f73686f702e6578616d706c653a38343433"
                          "90d0030000000000");
    buf_clear(&bytes);
}
END_TEST

START_TEST(nothing_shorter_or_longer_is_news) {
    struct buf bytes = written(&shop);
    struct node_news heard;
    for (size_t len = 0; len < bytes.len; len++)
        assert_status(news_read(&heard, bytes_of(bytes.data, len)), STATUS_TRUNCATED);
    buf_append_byte(&bytes, 0);
    assert_status(news_read(&heard, buf_bytes(&bytes)), STATUS_TRAILING);
    buf_clear(&bytes);
}
END_TEST

// Each is refused, or says something else: no two spellings of one thing.
START_TEST(a_flipped_bit_is_never_the_same_news) {
    struct buf bytes = written(&shop);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        struct node_news heard;
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (news_read(&heard, buf_bytes(&bytes)) == STATUS_OK) {
            struct buf again = written(&heard);
            ck_assert(bytes_equal(buf_bytes(&again), buf_bytes(&bytes)));
            buf_clear(&again);
        }
        bytes.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    buf_clear(&bytes);
}
END_TEST

START_TEST(a_later_version_is_passed_over_and_an_earlier_one_is_none) {
    struct buf bytes = written(&shop);
    struct node_news heard;
    bytes.data[0] = NEWS_VERSION + 1;
    assert_status(news_read(&heard, bytes_of(bytes.data, 1)), STATUS_UNSUPPORTED);
    bytes.data[0] = 0;
    assert_status(news_read(&heard, buf_bytes(&bytes)), STATUS_MALFORMED);
    buf_clear(&bytes);
}
END_TEST

START_TEST(a_price_needs_a_place_and_a_place_is_an_origin) {
    struct node_news heard, priced = {.price_per_mib = 1}, path = {.url = "https://a.example/x"};
    const struct node_news *wrong[] = {&priced, &path};
    for (size_t i = 0; i < 2; i++) {
        struct buf bytes = written(wrong[i]);
        assert_status(news_read(&heard, buf_bytes(&bytes)), STATUS_MALFORMED);
        buf_clear(&bytes);
    }
    struct buf hidden = written(&shop);
    hidden.data[1 + 8 + 4 + 20] = '\0'; // what stands behind it nobody would see
    assert_status(news_read(&heard, buf_bytes(&hidden)), STATUS_MALFORMED);
    buf_clear(&hidden);
}
END_TEST

START_TEST(origins_are_what_browsers_call_so) {
    static const char *const good[] = {"https://a.example",     "http://a.example:80",
                                       "http://127.0.0.1:8701", "https://[2001:db8::1]:443",
                                       "https://[2001:db8::1]", "http://localhost"};
    static const char *const bad[] = {"",
                                      "a.example",
                                      "ftp://a.example",
                                      "https://",
                                      "https://-a",
                                      "https://.a",
                                      "https://A.example",
                                      "https://a.example/",
                                      "https://a.example?x",
                                      "https://u@a.example",
                                      "https://a.example:",
                                      "https://a.example:0",
                                      "https://a.example:65536",
                                      "https://[2001:db8::1",
                                      "https://[a.example]",
                                      "https://[::1]x",
                                      "https://a b",
                                      "javascript:alert(1)"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(news_is_origin(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!news_is_origin(bad[i]), "%s", bad[i]);
}
END_TEST

START_TEST(strangers_are_sent_to_no_ones_own_machines) {
    static const char *const reached[] = {"https://a.example.org", "http://8.8.8.8:80",
                                          "https://[2a00:1450::1]"};
    static const char *const inner[] = {
        "http://127.0.0.1:8701", "http://10.0.0.1",       "https://[::1]",
        "https://[fd00::1]",     "http://localhost:8701", "http://printer",
        "http://nas.local",      "http://a.lan",          "http://a.internal:1",
        "http://x.home.arpa",    "http://app.localhost",  "https://192.168.1.1"};
    for (size_t i = 0; i < sizeof reached / sizeof *reached; i++)
        ck_assert_msg(news_is_public_origin(reached[i]), "%s", reached[i]);
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++)
        ck_assert_msg(!news_is_public_origin(inner[i]), "%s", inner[i]);
}
END_TEST

// ---- between two hosts

static const struct frame_rule kinds[HOST_KINDS] = {HOST_KIND_RULES};
static const struct class_rule classes[] = {{10 * 1000, 100 * 1000, 100 * 1000}};
static const struct channel_rules rules = {kinds, HOST_KINDS, classes, 1};

struct side {
    struct secret_key key;
    struct host *host;
    uint16_t peer; // PEER_NOBODY: hands are not shaken
};
static uv_loop_t loop;
static struct side sides[2];

static void note_joined(void *context, uint16_t peer, const struct peer_info *info) {
    (void)info;
    ((struct side *)context)->peer = peer;
}
static enum status refuse_frame(void *context, uint16_t peer, uint8_t kind, struct bytes payload) {
    (void)context, (void)peer, (void)kind, (void)payload;
    return STATUS_MALFORMED;
}
static void note_left(void *context, uint16_t peer, enum status why) {
    (void)context, (void)peer;
    ck_assert_str_eq(status_name(why), status_name(STATUS_CLOSED)); // by the test itself
}

static void open_side(int i, bool takes_private) {
    uint8_t seed[32] = {(uint8_t)(i + 1)};
    struct public_key public;
    sides[i] = (struct side){.peer = PEER_NOBODY};
    key_from_seed(&sides[i].key, &public, seed);
    struct host_config config = {
        .address = "127.0.0.1",
        .node_key = &sides[i].key,
        .takes_private = takes_private,
        .rules = &rules,
        .events = {&sides[i], NULL, note_joined, refuse_frame, note_left, NULL, NULL}};
    assert_ok(host_open(&sides[i].host, &loop, &config));
}

#define await(condition)                                       \
    do {                                                       \
        uint64_t await_ms = clock_monotonic_ms() + 10000;      \
        while (!(condition)) {                                 \
            ck_assert_uint_lt(clock_monotonic_ms(), await_ms); \
            uv_run(&loop, UV_RUN_ONCE);                        \
        }                                                      \
    } while (0)

// The first calls the second, and minds strangers.
static void connect_two(void) {
    struct endpoint endpoint;
    char text[32];
    log_set_level(LOG_ERROR);
    assert_ok(crypto_init());
    ck_assert_int_eq(uv_loop_init(&loop), 0);
    open_side(0, false);
    open_side(1, true);
    snprintf(text, sizeof text, "127.0.0.1:%u", host_port(sides[1].host));
    ck_assert(endpoint_parse(&endpoint, text));
    assert_ok(book_add_fixed(host_book(sides[0].host), &endpoint));
    await(sides[0].peer != PEER_NOBODY && sides[1].peer != PEER_NOBODY);
}

static struct host_peer_state state_of(int i) {
    struct host_peer_state state;
    ck_assert(host_look(sides[i].host, sides[i].peer, &state));
    return state;
}

START_TEST(peers_are_told_the_news_and_asked_how_far_they_are) {
    struct node_news near = {.url = "http://127.0.0.1:8701", .price_per_mib = 7},
                     far = {.url = "https://a.example.org"};
    struct host_peer_state nobody;
    connect_two();
    await(state_of(0).latency_us > 0 && state_of(1).latency_us > 0);
    ck_assert_str_eq(state_of(1).news.url, "");
    host_set_news(sides[0].host, &near);
    await(*state_of(1).news.url);
    ck_assert_str_eq(state_of(1).news.url, near.url);
    ck_assert_uint_eq(state_of(1).news.price_per_mib, 7);
    ck_assert_uint_gt(state_of(1).bytes_in, 0);
    ck_assert_uint_eq(state_of(1).penalty, 0);
    host_set_news(sides[1].host, &far);
    await(*state_of(0).news.url);
    ck_assert_str_eq(state_of(0).news.url, far.url);
    host_set_news(sides[1].host, &near); // whom strangers cannot reach
    await(!*state_of(0).news.url);
    ck_assert_uint_eq(state_of(0).news.price_per_mib, 0);
    ck_assert(!host_look(sides[0].host, LIMIT_PEERS, &nobody));
    for (int i = 0; i < 2; i++) host_close(sides[i].host, NULL, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    ck_assert_int_eq(uv_loop_close(&loop), 0);
}
END_TEST

Suite *news_suite(void) {
    Suite *suite = suite_create("news");
    TCase *cases = tcase_create("news");
    tcase_add_test(cases, what_is_told_is_heard);
    tcase_add_test(cases, its_bytes_are_these);
    tcase_add_test(cases, nothing_shorter_or_longer_is_news);
    tcase_add_test(cases, a_flipped_bit_is_never_the_same_news);
    tcase_add_test(cases, a_later_version_is_passed_over_and_an_earlier_one_is_none);
    tcase_add_test(cases, a_price_needs_a_place_and_a_place_is_an_origin);
    tcase_add_test(cases, origins_are_what_browsers_call_so);
    tcase_add_test(cases, strangers_are_sent_to_no_ones_own_machines);
    tcase_add_test(cases, peers_are_told_the_news_and_asked_how_far_they_are);
    suite_add_tcase(suite, cases);
    return suite;
}
