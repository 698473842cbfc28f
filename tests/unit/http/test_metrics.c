// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/metrics.h"
#include "tests/support/prometheus.h"
#include "tests/unit/http/fixture.h"
#include "tests/unit/http/suites.h"

static struct answer answer;

static void start(void) { fixture_start(NULL, NULL, NULL); }

static void stop(void) {
    answer_clear(&answer);
    fixture_stop();
}

static void get(const char *path, const char *headers) {
    ask_get(&answer, fixture.port, path, headers);
}

// Once nothing is under way but `in_flight` requests: all others are counted.
static void read_metrics(uint64_t in_flight) {
    struct buf text = {0};
    fixture_wait_in_flight(in_flight);
    http_metrics_append(fixture.server, &text);
    prometheus_read(buf_as_string(&text));
    buf_clear(&text);
}

#define ITEM "{method=\"GET\",route=\"/v1/items/{id}\""
#define assert_value(sample, value) ck_assert_double_eq(prometheus_value(sample), value)

START_TEST(requests_are_counted_by_route_and_class) {
    read_metrics(0);
    assert_value("lmm_http_requests_total" ITEM ",code=\"2xx\"}", 0);
    get("/v1/items/1", "");
    get("/v1/items/2", "");
    get("/v1/items/3", "Accept: image/png\r\n");
    get("/v1/items/latest", "If-None-Match: \"v1\"\r\n");
    get("/failure?status=2", "");
    get("/nowhere/at/all", "");
    get("/nowhere/else", "");
    get("/%zz", "");
    ask(&answer, fixture.port, "PUT /v1/items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
    read_metrics(0);
    assert_value("lmm_http_requests_total" ITEM ",code=\"2xx\"}", 2);
    assert_value("lmm_http_requests_total" ITEM ",code=\"4xx\"}", 1);
    assert_value("lmm_http_requests_total{method=\"GET\",route=\"/v1/items/latest\",code=\"3xx\"}",
                 1);
    assert_value("lmm_http_requests_total{method=\"GET\",route=\"/failure\",code=\"5xx\"}", 1);
    // However many addresses somebody thinks of, they are one.
    assert_value("lmm_http_requests_total{method=\"any\",route=\"none\",code=\"4xx\"}", 4);
    ck_assert_double_eq(prometheus_sum("lmm_http_requests_total", ""), 9);
    ck_assert_double_eq(prometheus_sum("lmm_http_request_duration_seconds_count", ""), 9);
    assert_value("lmm_http_request_duration_seconds_count" ITEM "}", 3);
    ck_assert_double_gt(prometheus_sum("lmm_http_request_duration_seconds_sum", ""), 0);
}
END_TEST

START_TEST(what_is_under_way_is_counted) {
    struct client stream = client_connect(fixture.port), waiting = client_connect(fixture.port);
    struct client half = client_connect(fixture.port);
    client_send_text(&stream, "GET /stream HTTP/1.1\r\nHost: x\r\n\r\n");
    client_send_text(&waiting, "GET /wait/a HTTP/1.1\r\nHost: x\r\n\r\n");
    client_send_text(&half, "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabc");
    fixture_wait_subscribers(1);
    fixture_wait_parked(1);
    read_metrics(3);
    assert_value("lmm_http_requests_in_flight", 3);
    assert_value("lmm_http_requests_waiting", 1);
    assert_value("lmm_http_stream_subscribers", 1);
    client_send_text(&half, "de");
    client_read(&half, &answer, false);
    read_metrics(2);
    assert_value("lmm_http_body_bytes", 0);
    client_close(&half);
    fixture.is_done = true;
    http_notify(fixture.server, bytes_of_string("a"));
    client_read(&waiting, &answer, false);
    client_close(&waiting);
    client_close(&stream);
    assert_ok(http_stream_publish(fixture.stream, 1, "x", bytes_of_string("1")));
    fixture_wait_subscribers(0);
    read_metrics(0);
    assert_value("lmm_http_stream_subscribers", 0);
    // Neither says anything about how quick the server is.
    ck_assert_double_eq(prometheus_sum("lmm_http_request_duration_seconds_count", "/wait"), 0);
    ck_assert_double_eq(prometheus_sum("lmm_http_request_duration_seconds_count", "/stream"), 0);
    assert_value("lmm_http_requests_total{method=\"GET\",route=\"/wait/{key}\",code=\"2xx\"}", 1);
}
END_TEST

START_TEST(values_of_labels_are_escaped) {
    struct buf labels = {0}, out = {0};
    metric_label(&labels, "a", "\"x\\\n");
    metric_label(&labels, "b", "");
    metric_begin(&out, "lmm_odd", METRIC_GAUGE, "Something.");
    metric_number(&out, "lmm_odd", &labels, 7);
    ck_assert_str_eq(buf_as_string(&out), "# HELP lmm_odd Something.\n# TYPE lmm_odd gauge\n"
                                          "lmm_odd{a=\"\\\"x\\\\\\n\",b=\"\"} 7\n");
    prometheus_read(buf_as_string(&out));
    buf_clear(&labels);
    buf_clear(&out);
}
END_TEST

#define HEAD(name, kind) "# HELP " name " Help.\n# TYPE " name " " kind "\n"
#define BUCKET(le, n) "h_bucket{le=\"" le "\"} " n "\n"

// The reader of the tests itself.
START_TEST(what_is_no_text_of_metrics_is_found) {
    static const char *const bad[] = {
        "",
        "a 1\n",
        HEAD("a", "gauge"),
        HEAD("a", "gauge") "a 1",
        HEAD("a", "gauge") "a  1\n",
        HEAD("a", "gauge") "a one\n",
        HEAD("a", "gauge") "a -1\n",
        HEAD("a", "gauge") "a NaN\n",
        HEAD("a", "gauge") "b 1\n",
        HEAD("a", "gauge") "a 1\na 2\n",
        HEAD("a", "gauge") "a 1\n" HEAD("a", "gauge") "a{b=\"c\"} 2\n",
        HEAD("a", "gauge") "a{} 1\n",
        HEAD("a", "gauge") "a{b=c} 1\n",
        HEAD("a", "gauge") "a{b=\"c\"d=\"e\"} 1\n",
        HEAD("a", "gauge") "a{b=\"\\t\"} 1\n",
        HEAD("a", "gauge") "a{1=\"c\"} 1\n",
        HEAD("a", "gauge") "\na 1\n",
        HEAD("a", "gauge") "# a comment\na 1\n",
        HEAD("a_total", "gauge") "a_total 1\n",
        HEAD("a", "counter") "a 1\n",
        HEAD("a", "summary") "a 1\n",
        HEAD("a_ms", "gauge") "a_ms 1\n",
        "# TYPE a gauge\na 1\n",
        "# HELP a \n# TYPE a gauge\na 1\n",
        "# HELP a Help.\na 1\n",
        HEAD("h", "histogram") BUCKET("1", "1") "h_sum 1\nh_count 1\n",
        HEAD("h", "histogram") BUCKET("1", "2") BUCKET("+Inf", "1") "h_sum 1\nh_count 1\n",
        HEAD("h", "histogram") BUCKET("1", "1") BUCKET("+Inf", "2") "h_sum 1\nh_count 1\n",
        HEAD("h", "histogram") BUCKET("2", "1") BUCKET("1", "1") BUCKET("+Inf", "1") "h_count 1\n",
        HEAD("h", "histogram") BUCKET("+Inf", "1") "h_sum 1\n",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(prometheus_fault(bad[i]) != NULL, "%zu: %s", i, bad[i]);
    ck_assert_ptr_null(prometheus_fault(HEAD("h", "histogram") BUCKET("1", "1") BUCKET(
        "+Inf", "3") "h_sum 0.5\nh_count 3\n" HEAD("a", "gauge") "a 1e3\n"));
}
END_TEST

Suite *metrics_suite(void) {
    Suite *suite = suite_create("metrics");
    TCase *cases = tcase_create("metrics"), *texts = tcase_create("texts");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start, stop);
    tcase_add_test(cases, requests_are_counted_by_route_and_class);
    tcase_add_test(cases, what_is_under_way_is_counted);
    tcase_add_test(texts, values_of_labels_are_escaped);
    tcase_add_test(texts, what_is_no_text_of_metrics_is_found);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, texts);
    return suite;
}
