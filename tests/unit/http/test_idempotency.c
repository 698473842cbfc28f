// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <stdio.h>

#include "chaincore/base/limits.h"
#include "chaincore/base/log.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

// --- a store in memory ---

enum { PLACES = 64 };
static struct place {
    uint8_t id[IDEMPOTENCY_HASH];
    uint8_t request[IDEMPOTENCY_HASH];
    struct buf answer;
    bool is_open;
} places[PLACES];
static size_t place_count;
static enum status find_status, keep_status;
static pthread_mutex_t store_lock = PTHREAD_MUTEX_INITIALIZER;

static enum status find(void *context, const uint8_t id[IDEMPOTENCY_HASH], struct arena *arena,
                        struct http_kept *out) {
    enum status status = STATUS_NOT_FOUND;
    ck_assert_ptr_eq(context, places);
    if (find_status != STATUS_OK) return find_status;
    pthread_mutex_lock(&store_lock);
    for (size_t i = 0; i < place_count; i++) {
        if (memcmp(places[i].id, id, IDEMPOTENCY_HASH) != 0) continue;
        *out = (struct http_kept){.answer = arena_copy(arena, buf_bytes(&places[i].answer))};
        memcpy(out->request, places[i].request, IDEMPOTENCY_HASH);
        status = STATUS_OK;
    }
    pthread_mutex_unlock(&store_lock);
    return status;
}

static enum status keep(void *context, const uint8_t id[IDEMPOTENCY_HASH],
                        const struct http_kept *kept) {
    ck_assert_ptr_eq(context, places);
    if (keep_status != STATUS_OK) return keep_status;
    pthread_mutex_lock(&store_lock);
    ck_assert_uint_lt(place_count, PLACES);
    struct place *place = &places[place_count++];
    memcpy(place->id, id, IDEMPOTENCY_HASH);
    memcpy(place->request, kept->request, IDEMPOTENCY_HASH);
    buf_append(&place->answer, kept->answer);
    place->is_open = kept->is_open;
    pthread_mutex_unlock(&store_lock);
    return STATUS_OK;
}

// --- a route that counts its runs ---

static char last_id[2 * IDEMPOTENCY_HASH + 1];

static enum status post_work(void *context, struct http_request *request,
                             struct http_response *response) {
    uint8_t id[IDEMPOTENCY_HASH];
    uint64_t code, size;
    int run = ++fixture.runs;
    (void)context;
    last_id[0] = '\0';
    if (http_idempotency_id(request, id)) hex_encode(last_id, BYTES_OF(id));
    enum status status = http_query_u64(request, "code", 201, &code);
    if (status == STATUS_OK) status = http_query_u64(request, "size", 0, &size);
    if (status != STATUS_OK) return status;
    if (code >= 400) http_problem_as(response, (int)code, "no", "No.");
    if (code >= 400) return STATUS_OK;
    buf_append_format(http_body_buf(response), "run %d ", run);
    for (uint64_t i = 0; i < size; i++) buf_append_byte(http_body_buf(response), 'x');
    http_set_code(response, (int)code);
    http_set_type(response, "text/plain");
    http_set_header(response, "Location", "/work/7");
    http_add_header(response, "Link", "</a>; rel=\"a\"");
    http_add_header(response, "Link", "</b>; rel=\"b\"");
    return STATUS_OK;
}

static enum status post_wait(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    http_wait_for(request, bytes_of_string("w"), 30000);
    if (!fixture.is_done && http_park(request)) return STATUS_OK;
    buf_append_format(http_body_buf(response), "run %d", ++fixture.runs);
    return STATUS_OK;
}

static const struct http_route routes[] = {
    {.method = HTTP_POST, .pattern = "/work", .handle = post_work, .max_body = 1000},
    {.method = HTTP_POST, .pattern = "/other", .handle = post_work, .max_body = 1000},
    {.method = HTTP_POST,
     .pattern = "/secret",
     .handle = post_work,
     .max_body = 1000,
     .traits = HTTP_TOLD_ONCE},
    {.method = HTTP_POST,
     .pattern = "/look",
     .handle = post_work,
     .max_body = 1000,
     .traits = HTTP_NO_EFFECT},
    {.method = HTTP_POST, .pattern = "/waits", .handle = post_wait, .max_body = 1000},
    {.method = HTTP_PUT, .pattern = "/work", .handle = post_work, .max_body = 1000},
};

static void start(void) {
    static const struct http_route_table table = {routes, sizeof routes / sizeof *routes, NULL};
    fixture_start_with(
        &(struct http_config){.tables = &table, .table_count = 1, .kept = {find, keep, places}},
        NULL);
    fixture.runs = 0;
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
    for (size_t i = 0; i < place_count; i++) buf_clear(&places[i].answer);
}

static void ask_as(const char *from, const char *target, const char *headers, const char *body) {
    struct buf request = {0};
    struct client client = client_connect_from(from, fixture.port);
    buf_append_format(&request,
                      "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s"
                      "Content-Length: %zu\r\n\r\n%s",
                      target, headers, strlen(body), body);
    client_send(&client, buf_bytes(&request));
    client_read(&client, &answer, false);
    client_close(&client);
    buf_clear(&request);
}

static void ask_for(const char *target, const char *headers, const char *body) {
    ask_as("127.0.0.1", target, headers, body);
}

#define assert_text(code_, text)                                                              \
    ck_assert_msg(answer.code == (code_) && strcmp(answer_text(&answer), text) == 0, "%d %s", \
                  answer.code, answer_text(&answer))
#define assert_problem(code_, name)                                                  \
    ck_assert_msg(answer.code == (code_) &&                                          \
                      strstr(answer_text(&answer), "\"code\":\"" name "\"") != NULL, \
                  "%d %s", answer.code, answer_text(&answer))

#define KEY "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324\r\n"

START_TEST(the_same_again_gets_the_first_answer) {
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 1 ");
    ck_assert_str_eq(answer_header(&answer, "Idempotent-Replayed"), "");
    for (int i = 0; i < 3; i++) {
        ask_for("POST /work", KEY, "abc");
        assert_text(201, "run 1 ");
        ck_assert_str_eq(answer_header(&answer, "Idempotent-Replayed"), "true");
        ck_assert_str_eq(answer_header(&answer, "Location"), "/work/7");
        ck_assert_str_eq(answer_header(&answer, "Content-Type"), "text/plain");
        ck_assert(strstr(buf_as_string(&answer.head), "rel=\"a\"\r\nLink: </b>; rel=\"b\""));
    }
    ck_assert_int_eq(fixture.runs, 1);
    ask_for("POST /work", "", "abc");
    assert_text(201, "run 2 ");
    ask_for("POST /work", "Idempotency-Key: another\r\n", "abc");
    assert_text(201, "run 3 ");
    // With its quotes, as the draft has it, it is the same.
    ask_for("POST /work", "Idempotency-Key: \"another\"\r\n", "abc");
    assert_text(201, "run 3 ");
}
END_TEST

START_TEST(another_request_under_the_key_is_refused) {
    ask_for("POST /work?a=1", KEY "Content-Type: text/plain\r\n", "abc");
    assert_text(201, "run 1 ");
    ask_for("POST /work?a=1", KEY "Content-Type: text/plain\r\n", "abd");
    assert_problem(422, "idempotency_key_reused");
    ask_for("POST /work?a=2", KEY, "abc");
    assert_problem(422, "idempotency_key_reused");
    ask_for("POST /work", KEY, "abc");
    assert_problem(422, "idempotency_key_reused");
    ask_for("POST /other?a=1", KEY, "abc");
    assert_problem(422, "idempotency_key_reused");
    // For how long somebody waits is not what is done.
    ask_for("POST /work?a=1&wait=final", KEY, "abc");
    assert_text(201, "run 1 ");
    ck_assert_int_eq(fixture.runs, 1);
}
END_TEST

START_TEST(each_client_has_keys_of_its_own) {
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 1 ");
    ask_as("127.0.0.2", "POST /work", KEY, "other");
    assert_text(201, "run 2 ");
    ask_for("POST /work", KEY "Authorization: Bearer " READER_KEY "\r\n", "third");
    assert_text(201, "run 3 ");
    ask_as("127.0.0.2", "POST /work", KEY "Authorization: Bearer " READER_KEY "\r\n", "third");
    assert_text(201, "run 3 ");
    ask_for("POST /work", KEY "Authorization: Bearer " WRITER_KEY "\r\n", "fourth");
    assert_text(201, "run 4 ");
    ck_assert(places[0].is_open && !places[2].is_open);
}
END_TEST

START_TEST(what_was_refused_leaves_the_key_free) {
    static const char *const targets[] = {"POST /work?code=400", "POST /work?code=409",
                                          "POST /work?code=503", "POST /work?code=500",
                                          "POST /work?code=x"};
    char id[sizeof last_id] = "";
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        ask_for(targets[i], KEY, "abc");
        ck_assert_int_ge(answer.code, 400);
    }
    ck_assert_int_eq(fixture.runs, 5);
    ask_for("POST /work?code=503", KEY, "abc");
    memcpy(id, last_id, sizeof id);
    ask_for("POST /work?code=503", KEY, "abd");
    ck_assert_str_ne(id, last_id); // another request
    ask_for("POST /work?code=503", KEY, "abc");
    ck_assert_str_eq(id, last_id); // the same one
    ck_assert_uint_eq(strlen(id), 64);
    ask_for("POST /work?code=503", "", "abc");
    ck_assert_str_eq(last_id, "");
    ask_for("POST /work", KEY, "abd");
    assert_text(201, "run 10 ");
    ask_for("POST /work", KEY, "abc");
    assert_problem(422, "idempotency_key_reused");
}
END_TEST

START_TEST(what_comes_while_the_first_is_under_way_is_told_so) {
    struct client first = client_connect(fixture.port);
    client_send_text(&first, "POST /waits HTTP/1.1\r\nHost: x\r\n" KEY "Content-Length: 0\r\n\r\n");
    fixture_wait_parked(1);
    ask_for("POST /waits", KEY, "");
    assert_problem(409, "request_under_way");
    ck_assert_str_eq(answer_header(&answer, "Retry-After"), "1");
    ask_for("POST /work", KEY, "other");
    assert_problem(409, "request_under_way");
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("w"));
    client_read(&first, &answer, false);
    assert_text(200, "run 1");
    client_close(&first);
    ask_for("POST /waits", KEY, "");
    assert_text(200, "run 1");
    ck_assert_str_eq(answer_header(&answer, "Idempotent-Replayed"), "true");
}
END_TEST

START_TEST(whoever_leaves_lets_go_of_the_key) {
    struct client first = client_connect(fixture.port);
    client_send_text(&first,
                     "POST /work HTTP/1.1\r\nHost: x\r\n" KEY "Content-Length: 9\r\n\r\nab");
    fixture_wait_in_flight(1);
    // Not under way before its body is there.
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 1 ");
    client_close(&first);
    fixture_wait_in_flight(0);
    struct client second = client_connect(fixture.port);
    client_send_text(&second, "POST /waits HTTP/1.1\r\nHost: x\r\nIdempotency-Key: b\r\n"
                              "Content-Length: 0\r\n\r\n");
    fixture_wait_parked(1);
    client_close(&second);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("w"));
    fixture_wait_in_flight(0);
    ask_for("POST /waits", "Idempotency-Key: b\r\n", "");
    ck_assert_int_eq(answer.code, 200);
}
END_TEST

START_TEST(large_answers_and_secrets_are_told_once) {
    ask_for("POST /secret", KEY, "abc");
    assert_text(201, "run 1 ");
    ask_for("POST /secret", KEY, "abc");
    assert_problem(409, "answer_not_kept");
    ask_for("POST /secret", KEY, "abd");
    assert_problem(422, "idempotency_key_reused");
    for (size_t i = 0; i < place_count; i++) ck_assert_uint_eq(places[i].answer.len, 0);
    ask_for("POST /work?size=16000", "Idempotency-Key: b\r\n", "");
    ck_assert_int_eq(answer.code, 201);
    ask_for("POST /work?size=16000", "Idempotency-Key: b\r\n", "");
    ck_assert_int_eq(answer.code, 201);
    ck_assert_uint_gt(answer.body.len, 16000);
    ask_for("POST /work?size=16384", "Idempotency-Key: c\r\n", "");
    ck_assert_int_eq(answer.code, 201);
    ask_for("POST /work?size=16384", "Idempotency-Key: c\r\n", "");
    assert_problem(409, "answer_not_kept");
    ck_assert_int_eq(fixture.runs, 3);
}
END_TEST

START_TEST(what_is_no_key_is_refused) {
    struct buf header = {0};
    static const char *const bad[] = {"", "\"\"", "a b", "a\"b", "\"a", "\xC3\xA9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_reset(&header);
        buf_append_format(&header, "Idempotency-Key: %s\r\n", bad[i]);
        ask_for("POST /work", buf_as_string(&header), "abc");
        assert_problem(400, "bad_idempotency_key");
    }
    for (int len = LIMIT_HTTP_IDEMPOTENCY_KEY_BYTES; len < 257; len++) {
        buf_reset(&header);
        buf_append_string(&header, "Idempotency-Key: ");
        for (int i = 0; i < len; i++) buf_append_byte(&header, 'k');
        buf_append_string(&header, "\r\n");
        ask_for("POST /work", buf_as_string(&header), "abc");
        ck_assert_int_eq(answer.code, len <= LIMIT_HTTP_IDEMPOTENCY_KEY_BYTES ? 201 : 400);
    }
    buf_clear(&header);
}
END_TEST

START_TEST(what_changes_nothing_or_may_be_repeated_anyway_needs_no_key) {
    ask_for("POST /look", KEY, "abc");
    ask_for("POST /look", KEY, "abd");
    assert_text(201, "run 2 ");
    ask_for("PUT /work", KEY, "abc");
    ask_for("PUT /work", KEY, "abc");
    assert_text(201, "run 4 ");
    ck_assert_uint_eq(place_count, 0);
}
END_TEST

START_TEST(a_store_that_fails_is_told_before_anything_is_done) {
    log_set_level(LOG_ERROR + 1);
    find_status = STATUS_IO;
    ask_for("POST /work", KEY, "abc");
    assert_problem(500, "io");
    ck_assert_int_eq(fixture.runs, 0);
    find_status = STATUS_OK;
    // What is done is answered, kept or not.
    keep_status = STATUS_FULL;
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 1 ");
    keep_status = STATUS_OK;
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 2 ");
    // A kept answer that is cut short anywhere is no answer.
    struct buf whole = places[0].answer;
    for (size_t len = 1; len < whole.len; len++) {
        places[0].answer.len = len;
        ask_for("POST /work", KEY, "abc");
        assert_problem(500, "corrupt");
    }
    places[0].answer.len = whole.len;
    ask_for("POST /work", KEY, "abc");
    assert_text(201, "run 2 ");
    ck_assert_int_eq(fixture.runs, 2);
}
END_TEST

Suite *idempotency_suite(void) {
    Suite *suite = suite_create("idempotency");
    TCase *cases = tcase_create("idempotency");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, the_same_again_gets_the_first_answer);
    tcase_add_test(cases, another_request_under_the_key_is_refused);
    tcase_add_test(cases, each_client_has_keys_of_its_own);
    tcase_add_test(cases, what_was_refused_leaves_the_key_free);
    tcase_add_test(cases, what_comes_while_the_first_is_under_way_is_told_so);
    tcase_add_test(cases, whoever_leaves_lets_go_of_the_key);
    tcase_add_test(cases, large_answers_and_secrets_are_told_once);
    tcase_add_test(cases, what_is_no_key_is_refused);
    tcase_add_test(cases, what_changes_nothing_or_may_be_repeated_anyway_needs_no_key);
    tcase_add_test(cases, a_store_that_fails_is_told_before_anything_is_done);
    suite_add_tcase(suite, cases);
    return suite;
}
