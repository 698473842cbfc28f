// SPDX-License-Identifier: Apache-2.0
// The server under TLS, met by libcurl, which verifies it.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "apps/common/http/metrics.h"
#include "apps/common/http/tls.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "tests/support/certificate.h"
#include "tests/support/prometheus.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static char folder[32], certificate[64], key[64], other[64];
static struct answer answer;

static void make_files(void) {
    static const char template[] = "/tmp/lmm-tls-XXXXXX";
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", folder);
    snprintf(key, sizeof key, "%s/key.pem", folder);
    snprintf(other, sizeof other, "%s/other.pem", folder);
    certificate_write(certificate, key, 1, 30);
}

static void remove_files(void) { assert_ok(file_remove_tree(folder)); }

static void start(void) {
    make_files();
    fixture_start_with(&(struct http_config){.tls_certificate = certificate, .tls_key = key}, NULL);
}

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
    remove_files();
}

static size_t take(char *data, size_t size, size_t count, void *context) {
    buf_append(context, bytes_of(data, size * count));
    return size * count;
}

static CURL *open_client(const char *path) {
    char url[128];
    CURL *curl = curl_easy_init();
    snprintf(url, sizeof url, "https://127.0.0.1:%u%s", fixture.port, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_CAINFO, certificate);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.head);
    return curl;
}

static CURLcode perform(CURL *curl) {
    long code = 0;
    answer_clear(&answer);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    answer.code = (int)code;
    buf_as_string(&answer.body);
    return result;
}

static CURLcode get(const char *path) {
    CURL *curl = open_client(path);
    CURLcode result = perform(curl);
    curl_easy_cleanup(curl);
    return result;
}

START_TEST(a_verified_client_is_answered) {
    ck_assert_int_eq(get("/v1/items/latest"), CURLE_OK);
    ck_assert_int_eq(answer.code, 200);
    ck_assert_str_eq(answer_text(&answer), "{\"latest\":true}");
    ck_assert_str_eq(answer_header(&answer, "Strict-Transport-Security"), "max-age=31536000");
    for (long version = CURL_SSLVERSION_TLSv1_2; version <= CURL_SSLVERSION_TLSv1_3; version++) {
        CURL *curl = open_client("/v1/items/latest");
        curl_easy_setopt(curl, CURLOPT_SSLVERSION,
                         version |
                             (version == CURL_SSLVERSION_TLSv1_2 ? CURL_SSLVERSION_MAX_TLSv1_2
                                                                 : CURL_SSLVERSION_MAX_TLSv1_3));
        ck_assert_int_eq(perform(curl), CURLE_OK);
        curl_easy_cleanup(curl);
    }
}
END_TEST

START_TEST(plain_text_gets_no_answer) {
    ask_get(&answer, fixture.port, "/livez", "");
    ck_assert_int_eq(answer.code, 0);
    ck_assert_int_eq(get("/livez"), CURLE_OK);
}
END_TEST

START_TEST(large_bodies_go_both_ways) {
    enum { SIZE = 6 << 20 };
    char *body = calloc(1, SIZE);
    CURL *curl = open_client("/large");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)SIZE);
    ck_assert_int_eq(perform(curl), CURLE_OK);
    ck_assert_int_eq(answer.code, 200);
    curl_easy_cleanup(curl);
    curl = open_client("/echo");
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)SIZE);
    // Twice on one connection.
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(perform(curl), CURLE_OK);
        ck_assert_uint_eq(answer.body.len, SIZE);
        ck_assert_int_eq(memcmp(answer.body.data, body, SIZE), 0);
    }
    curl_easy_cleanup(curl);
    free(body);
}
END_TEST

START_TEST(a_new_certificate_is_shown_to_new_connections_alone) {
    CURL *kept = open_client("/v1/items/latest");
    ck_assert_int_eq(perform(kept), CURLE_OK);
    // The client goes on trusting the first one alone.
    certificate_write(other, key, 2, 60);
    ck_assert_int_eq(rename(other, certificate), 0);
    assert_ok(http_server_reload(fixture.server));
    long connects;
    ck_assert_int_eq(perform(kept), CURLE_OK);
    ck_assert_int_eq(curl_easy_getinfo(kept, CURLINFO_NUM_CONNECTS, &connects), CURLE_OK);
    ck_assert_int_eq(connects, 0);
    curl_easy_cleanup(kept);
    // One that reads the new file accepts the server: so that is what it shows.
    ck_assert_int_eq(get("/v1/items/latest"), CURLE_OK);
}
END_TEST

START_TEST(a_certificate_that_is_none_leaves_the_old_one) {
    log_set_level(LOG_ERROR + 1);
    char trusted[64];
    struct buf text = {0};
    snprintf(trusted, sizeof trusted, "%s/trusted.pem", folder);
    assert_ok(file_read(&text, certificate, 1 << 20));
    assert_ok(file_replace(trusted, buf_bytes(&text), 0600));
    certificate_write(certificate, other, 3, 30); // its key is in another file
    assert_status(http_server_reload(fixture.server), STATUS_CONFLICT);
    CURL *curl = open_client("/livez");
    curl_easy_setopt(curl, CURLOPT_CAINFO, trusted);
    ck_assert_int_eq(perform(curl), CURLE_OK);
    curl_easy_cleanup(curl);
    ck_assert_int_ne(get("/livez"), CURLE_OK); // nobody shows the new one
    buf_clear(&text);
}
END_TEST

START_TEST(waiting_and_streams_go_on_under_tls) {
    CURLM *multi = curl_multi_init();
    CURL *curl = open_client("/stream");
    int running = 1;
    curl_multi_add_handle(multi, curl);
    for (uint64_t id = 0; id < 3;) {
        ck_assert_int_eq(curl_multi_perform(multi, &running), CURLM_OK);
        ck_assert_int_eq(running, 1);
        char mark[16];
        snprintf(mark, sizeof mark, "id: %llu\n", (unsigned long long)id);
        bool has_come = http_stream_subscribers(fixture.stream) == 1 &&
                        (id == 0 || strstr(buf_as_string(&answer.body), mark));
        if (has_come)
            assert_ok(http_stream_publish(fixture.stream, ++id, "x", bytes_of_string("news")));
        ck_assert_int_eq(curl_multi_poll(multi, NULL, 0, 100, NULL), CURLM_OK);
    }
    while (!strstr(buf_as_string(&answer.body), "id: 3\n")) {
        ck_assert_int_eq(curl_multi_perform(multi, &running), CURLM_OK);
        ck_assert_int_eq(curl_multi_poll(multi, NULL, 0, 100, NULL), CURLM_OK);
    }
    curl_multi_remove_handle(multi, curl);
    curl_easy_cleanup(curl);
    answer_clear(&answer);
    curl = open_client("/wait/a");
    curl_multi_add_handle(multi, curl);
    while (http_server_counts(fixture.server).parked == 0) {
        ck_assert_int_eq(curl_multi_perform(multi, &running), CURLM_OK);
        ck_assert_int_eq(curl_multi_poll(multi, NULL, 0, 10, NULL), CURLM_OK);
    }
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("a"));
    while (running > 0) {
        ck_assert_int_eq(curl_multi_perform(multi, &running), CURLM_OK);
        ck_assert_int_eq(curl_multi_poll(multi, NULL, 0, 100, NULL), CURLM_OK);
    }
    ck_assert_str_eq(buf_as_string(&answer.body), "done");
    curl_multi_remove_handle(multi, curl);
    curl_easy_cleanup(curl);
    curl_multi_cleanup(multi);
}
END_TEST

START_TEST(when_it_expires_is_told) {
    struct buf text = {0};
    http_metrics_append(fixture.server, &text);
    prometheus_read(buf_as_string(&text));
    double left =
        prometheus_value("lmm_http_certificate_expiry_timestamp_seconds") - (double)time(NULL);
    ck_assert(left > 29.5 * 86400 && left < 30.5 * 86400);
    buf_clear(&text);
}
END_TEST

START_TEST(what_cannot_be_shown_is_found_before) {
    const char *why;
    struct buf text = {0};
    make_files();
    assert_ok(http_tls_check(certificate, key, &why));
    certificate_write(other, key, 4, 30);
    assert_status(http_tls_check(certificate, key, &why), STATUS_CONFLICT);
    ck_assert_str_eq(why, "the key is of another certificate");
    certificate_write(certificate, key, 5, -1);
    assert_status(http_tls_check(certificate, key, &why), STATUS_INVALID);
    ck_assert_str_eq(why, "the certificate has expired");
    assert_status(http_tls_check("/nowhere", key, &why), STATUS_NOT_FOUND);
    assert_status(http_tls_check(certificate, "/nowhere", &why), STATUS_NOT_FOUND);
    ck_assert_str_eq(why, "the key cannot be read");
    assert_status(http_tls_check(key, key, &why), STATUS_MALFORMED);
    assert_status(http_tls_check(certificate, certificate, &why), STATUS_MALFORMED);
    ck_assert_int_eq(chmod(key, 0604), 0);
    assert_status(http_tls_check(certificate, key, &why), STATUS_UNAUTHORIZED);
    for (size_t len = 0; len < 200; len += 7) {
        buf_reset(&text);
        assert_ok(file_read(&text, certificate, 1 << 20));
        assert_ok(file_replace(other, bytes_of(text.data, len), 0600));
        assert_status(http_tls_check(other, key, &why), STATUS_MALFORMED);
    }
    buf_clear(&text);
    remove_files();
}
END_TEST

Suite *tls_suite(void) {
    Suite *suite = suite_create("tls");
    TCase *cases = tcase_create("tls"), *files = tcase_create("files");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, a_verified_client_is_answered);
    tcase_add_test(cases, plain_text_gets_no_answer);
    tcase_add_test(cases, large_bodies_go_both_ways);
    tcase_add_test(cases, a_new_certificate_is_shown_to_new_connections_alone);
    tcase_add_test(cases, a_certificate_that_is_none_leaves_the_old_one);
    tcase_add_test(cases, waiting_and_streams_go_on_under_tls);
    tcase_add_test(cases, when_it_expires_is_told);
    tcase_add_test(files, what_cannot_be_shown_is_found_before);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, files);
    return suite;
}
