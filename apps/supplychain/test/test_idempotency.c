// SPDX-License-Identifier: Apache-2.0
// Sending again under an Idempotency-Key, with the real program: over restarts, and over crashes in
// which the kept answers are lost.
#include <stdio.h>

#include "apps/supplychain/test/raw.h"
#include "tests/support/unit.h"

#define KEY "Idempotency-Key: 6f1c2b7e-5a40-4a4b-8a57-1f2d3c4b5a69"

static void set_up(void) { raw_open(); }
static void tear_down(void) { raw_close(); }

static long post(const char *path, struct bytes body, const char *type, struct reply *out) {
    server_ask(
        &raw.server,
        &(struct ask){
            .path = path, .method = "POST", .body = body, .content_type = type, .header = KEY},
        out);
    return out->status;
}

static long capture(const char *document, char location[160]) {
    struct reply reply;
    long status = post("/capture", bytes_of_string(document), "application/ld+json", &reply);
    memcpy(location, reply.location, sizeof reply.location);
    reply_clear(&reply);
    return status;
}

// As after a crash between what was done and its answer.
static void lose_answers(void) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    char path[128];
    server_kill(&raw.server);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/data/answers.db%s", raw.server.folder, ends[i]);
        assert_ok(file_remove_tree(path));
    }
    server_start(&raw.server);
}

static size_t count_jobs(void) {
    json_t *jobs = server_get(&raw.server, "/capture");
    size_t count = json_array_size(jobs);
    json_decref(jobs);
    return count;
}

// Until the job has ended.
static void await_job(const char *location) {
    for (;;) {
        json_t *job = server_get(&raw.server, location);
        char path[160];
        bool runs = json_is_true(json_object_get(job, "running"));
        const json_t *tx = json_array_get(json_object_get(job, "tx"), 0);
        snprintf(path, sizeof path, "/v1/transactions/%s?wait=final", json_string_value(tx));
        json_decref(job);
        if (!runs) return;
        json_decref(server_get(&raw.server, path));
    }
}

START_TEST(a_capture_sent_again_is_one_capture) {
    char first[160], again[160];
    ck_assert_int_eq(capture(DOCUMENT, first), 202);
    ck_assert_int_eq(capture(DOCUMENT, again), 202);
    ck_assert_str_eq(first, again);
    ck_assert_int_eq(capture(OTHER, again), 422);
    server_stop(&raw.server);
    server_start(&raw.server);
    ck_assert_int_eq(capture(DOCUMENT, again), 202);
    ck_assert_str_eq(first, again);
    ck_assert_int_eq(capture(OTHER, again), 422);
    server_kill(&raw.server);
    server_start(&raw.server);
    ck_assert_int_eq(capture(DOCUMENT, again), 202);
    ck_assert_str_eq(first, again);
    await_job(first);
    ck_assert_uint_eq(count_jobs(), 1);
}
END_TEST

START_TEST(a_capture_whose_answer_was_lost_is_one_capture_too) {
    char first[160], again[160];
    ck_assert_int_eq(capture(DOCUMENT, first), 202);
    lose_answers();
    ck_assert_int_eq(capture(DOCUMENT, again), 202);
    ck_assert_str_eq(first, again);
    await_job(first);
    lose_answers();
    ck_assert_int_eq(capture(DOCUMENT, again), 202);
    ck_assert_str_eq(first, again);
    await_job(first);
    ck_assert_uint_eq(count_jobs(), 1);
}
END_TEST

static void sign_transfer(struct buf *out) {
    struct tx tx = {.version = TX_VERSION,
                    .valid_until = 1000,
                    .gas_limit = 1000000,
                    .gas_price = 1,
                    .action_count = 1};
    raw_act_as("alice");
    tx.sender = raw.sender;
    tx.actions[0].kind = TX_TRANSFER;
    raw_act_as("bob");
    tx.actions[0].transfer.to = raw.sender;
    tx.actions[0].transfer.amount = amount_of_units(1);
    raw_act_as("alice");
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &raw.key, &raw.chain_id));
    tx_encode(out, &tx);
}

START_TEST(a_transaction_sent_again_is_accepted_again) {
    static const char type[] = "application/octet-stream";
    struct buf encoded = {0};
    struct reply reply;
    char location[160];
    sign_transfer(&encoded);
    ck_assert_int_eq(post("/v1/transactions?wait=final", buf_bytes(&encoded), type, &reply), 202);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\"final\""));
    memcpy(location, reply.location, sizeof location);
    reply_clear(&reply);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(post("/v1/transactions", buf_bytes(&encoded), type, &reply), 202);
        ck_assert_str_eq(reply.location, location);
        ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "\"final\""));
        ck_assert_int_eq(strstr((const char *)reply.headers.data, "Idempotent-Replayed") != NULL,
                         i == 0);
        reply_clear(&reply);
        lose_answers();
    }
    buf_clear(&encoded);
}
END_TEST

START_TEST(a_secret_is_told_once) {
    static const char body[] = "{\"name\":\"a\",\"scopes\":[\"capture\"]}";
    struct reply reply;
    ck_assert_int_eq(post("/v1/keys", bytes_of_string(body), "application/json", &reply), 201);
    reply_clear(&reply);
    ck_assert_int_eq(post("/v1/keys", bytes_of_string(body), "application/json", &reply), 409);
    ck_assert_ptr_nonnull(strstr((const char *)reply.body.data, "answer_not_kept"));
    reply_clear(&reply);
    json_t *list = server_get(&raw.server, "/v1/keys");
    ck_assert_uint_eq(json_array_size(json_object_get(list, "items")), 1);
    json_decref(list);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("idempotency");
    TCase *cases = tcase_create("idempotency");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_capture_sent_again_is_one_capture);
    tcase_add_test(cases, a_capture_whose_answer_was_lost_is_one_capture_too);
    tcase_add_test(cases, a_transaction_sent_again_is_accepted_again);
    tcase_add_test(cases, a_secret_is_told_once);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
