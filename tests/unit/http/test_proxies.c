// SPDX-License-Identifier: Apache-2.0
// Who a client is, behind proxies and without, and how often it may ask.
#include <stdlib.h>

#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;
static struct ip_network networks[3];

static void start(const struct http_limits *limits, bool reads_forwarded) {
    static const char *const texts[] = {"127.0.0.1", "198.51.100.0/24", "2001:db8:1::/48"};
    struct http_config config = {
        .proxies = networks, .proxy_count = 3, .reads_forwarded = reads_forwarded};
    for (int i = 0; i < 3; i++) ck_assert(network_parse(&networks[i], texts[i]));
    if (limits) config.limits = *limits;
    fixture_start_with(&config, NULL);
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void get(const char *path, const char *headers) {
    ask_get(&answer, fixture.port, path, headers);
}

static void assert_whose(const char *headers, const char *address) {
    get("/whose", headers);
    ck_assert_msg(strcmp(answer_text(&answer), address) == 0, "%s is not %s for: %s",
                  answer_text(&answer), address, headers);
}

START_TEST(whoever_is_no_trusted_proxy_is_the_client) {
    fixture_start(NULL, NULL, NULL);
    assert_whose("X-Forwarded-For: 203.0.113.9\r\nForwarded: for=203.0.113.9\r\n", "127.0.0.1");
    stop();
    start(NULL, false);
    struct client client = client_connect_from("127.0.0.2", fixture.port);
    client_send_text(&client,
                     "GET /whose HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
    client_read(&client, &answer, false);
    ck_assert_str_eq(answer_text(&answer), "127.0.0.2");
    client_close(&client);
    stop();
}
END_TEST

#define XFF "X-Forwarded-For: "
#define END "\r\n"

START_TEST(the_last_one_that_nobody_trusted_told_is_the_client) {
    start(NULL, false);
    assert_whose("", "127.0.0.1");
    assert_whose(XFF "203.0.113.9" END, "203.0.113.9");
    // What the client itself has put in front is its own word.
    assert_whose(XFF "192.0.2.1, 203.0.113.9" END, "203.0.113.9");
    assert_whose(XFF "192.0.2.1, 203.0.113.9, 198.51.100.7" END, "203.0.113.9");
    assert_whose(XFF "192.0.2.1" END XFF "203.0.113.9" END "x-forwarded-for: 198.51.100.8" END,
                 "203.0.113.9");
    assert_whose(XFF "203.0.113.9:4711" END, "203.0.113.9");
    assert_whose(XFF "2001:db8::9" END, "2001:db8::9");
    assert_whose(XFF "[2001:db8::9]:443" END, "2001:db8::9");
    assert_whose(XFF "2001:db8::9, 2001:db8:1::ffff" END, "2001:db8::9");
    assert_whose(XFF "::ffff:203.0.113.9" END, "203.0.113.9");
    // Trusted all the way.
    assert_whose(XFF "198.51.100.7, 198.51.100.8" END, "198.51.100.7");
    // What cannot be read ends it at the proxy that told.
    assert_whose(XFF "203.0.113.9, unknown" END, "127.0.0.1");
    assert_whose(XFF "203.0.113.9, , 198.51.100.7" END, "198.51.100.7");
    assert_whose(XFF "[203.0.113.9" END, "127.0.0.1");
    assert_whose(XFF "203.0.113.9.example.org" END, "127.0.0.1");
    // The other header is the client's own here.
    assert_whose("Forwarded: for=203.0.113.9" END, "127.0.0.1");
    stop();
}
END_TEST

START_TEST(a_chain_longer_than_anybody_has_is_read_from_its_end) {
    struct buf headers = {0};
    start(NULL, false);
    buf_append_string(&headers, XFF "203.0.113.9");
    for (int i = 0; i < 200; i++) buf_append_format(&headers, ", 198.51.100.%d", i);
    buf_append_string(&headers, END);
    assert_whose(buf_as_string(&headers), "198.51.100.168");
    buf_clear(&headers);
    stop();
}
END_TEST

START_TEST(the_standards_own_header_is_read_where_the_proxy_has_it) {
    start(NULL, true);
    assert_whose("Forwarded: for=203.0.113.9" END, "203.0.113.9");
    assert_whose("Forwarded: proto=https;FOR=\"203.0.113.9:80\";by=10.0.0.1" END, "203.0.113.9");
    assert_whose("Forwarded: for=192.0.2.1, for=\"[2001:db8::9]:443\", for=198.51.100.7" END,
                 "2001:db8::9");
    assert_whose("Forwarded: for=192.0.2.1, for=_hidden" END, "127.0.0.1");
    assert_whose("Forwarded: by=203.0.113.9" END, "127.0.0.1");
    assert_whose(XFF "203.0.113.9" END, "127.0.0.1");
    stop();
}
END_TEST

START_TEST(networks_are_read_and_hold_what_is_in_them) {
    static const char *const bad[] = {"",           "10.0.0.0/33", "10.0.0.1/8",     "10.0.0.0/",
                                      "10/8",       "::/129",      "2001:db8::1/32", "10.0.0.0/8/8",
                                      "10.0.0.0/-1"};
    static const struct {
        const char *network, *address;
        bool is_in;
    } cases[] = {
        {"10.0.0.0/8", "10.255.0.1", true},
        {"10.0.0.0/8", "11.0.0.0", false},
        {"192.0.2.128/25", "192.0.2.200", true},
        {"192.0.2.128/25", "192.0.2.127", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "10.0.0.1", true},
        {"2001:db8::/33", "2001:db8:7fff::", true},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"192.0.2.1", "192.0.2.1", true},
        {"192.0.2.1", "192.0.2.2", false},
    };
    struct ip_network network;
    struct ip_address address;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!network_parse(&network, bad[i]), "%s", bad[i]);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(network_parse(&network, cases[i].network));
        ck_assert(ip_parse(&address, cases[i].address));
        ck_assert_msg(network_has(&network, &address) == cases[i].is_in, "%zu", i);
    }
}
END_TEST

START_TEST(each_client_has_requests_of_its_own) {
    struct http_limits limits = {.address = {3, 1}};
    start(&limits, false);
    get("/whose", XFF "203.0.113.9" END);
    ck_assert_str_eq(answer_header(&answer, "RateLimit-Policy"), "\"address\";q=3;w=180");
    ck_assert_str_eq(answer_header(&answer, "RateLimit"), "\"address\";r=2;t=60");
    // What is wrong counts as well.
    get("/nowhere", XFF "203.0.113.9" END);
    ck_assert_int_eq(answer.code, 404);
    get("/%zz", XFF "203.0.113.9" END);
    ck_assert_int_eq(answer.code, 400);
    get("/whose", XFF "203.0.113.9" END);
    ck_assert_int_eq(answer.code, 429);
    assert_has(&answer, "\"code\":\"too_many_requests\"");
    ck_assert_str_eq(answer_header(&answer, "RateLimit"), "\"address\";r=0;t=60");
    uint64_t wait = strtoull(answer_header(&answer, "Retry-After"), NULL, 10);
    ck_assert(wait > 50 && wait <= 60);
    get("/nowhere", XFF "203.0.113.9" END);
    ck_assert_int_eq(answer.code, 429);
    get("/whose", XFF "203.0.113.10" END);
    ck_assert_int_eq(answer.code, 200);
    // Whoever watches over the server, and whoever has a key, is not held up.
    for (int i = 0; i < 10; i++) {
        get("/livez", XFF "203.0.113.9" END);
        ck_assert_int_eq(answer.code, 200);
        ck_assert_str_eq(answer_header(&answer, "RateLimit"), "");
        get("/whose", XFF "203.0.113.9" END "Authorization: Bearer " READER_KEY END);
        ck_assert_int_eq(answer.code, 200);
    }
    stop();
}
END_TEST

START_TEST(each_key_has_requests_of_its_own) {
    struct http_limits limits = {.key = {2, 60}};
    start(&limits, false);
    get("/whose", "Authorization: Bearer " READER_KEY END);
    ck_assert_str_eq(answer_header(&answer, "RateLimit-Policy"), "\"key\";q=2;w=2");
    // From wherever it is used.
    get("/whose", XFF "203.0.113.9" END "Authorization: Bearer " READER_KEY END);
    get("/whose", XFF "203.0.113.10" END "Authorization: Bearer " READER_KEY END);
    ck_assert_int_eq(answer.code, 429);
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    get("/whose", "Authorization: Bearer " WRITER_KEY END);
    ck_assert_int_eq(answer.code, 200);
    get("/whose", "");
    ck_assert_int_eq(answer.code, 200);
    stop();
}
END_TEST

START_TEST(a_refused_body_is_not_waited_for_and_the_connection_goes_on) {
    struct http_limits limits = {.address = {1, 1}};
    start(&limits, false);
    struct client client = client_connect(fixture.port);
    client_send_text(&client, "GET /whose HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    client_send_text(&client, "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
                              "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 429);
    client_read(&client, &answer, false);
    ck_assert_int_eq(answer.code, 200);
    client_close(&client);
    stop();
}
END_TEST

Suite *proxies_suite(void) {
    Suite *suite = suite_create("proxies");
    TCase *cases = tcase_create("proxies");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, whoever_is_no_trusted_proxy_is_the_client);
    tcase_add_test(cases, the_last_one_that_nobody_trusted_told_is_the_client);
    tcase_add_test(cases, a_chain_longer_than_anybody_has_is_read_from_its_end);
    tcase_add_test(cases, the_standards_own_header_is_read_where_the_proxy_has_it);
    tcase_add_test(cases, networks_are_read_and_hold_what_is_in_them);
    tcase_add_test(cases, each_client_has_requests_of_its_own);
    tcase_add_test(cases, each_key_has_requests_of_its_own);
    tcase_add_test(cases, a_refused_body_is_not_waited_for_and_the_connection_goes_on);
    suite_add_tcase(suite, cases);
    return suite;
}
