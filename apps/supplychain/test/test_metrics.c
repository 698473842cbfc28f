// SPDX-License-Identifier: Apache-2.0
// What Prometheus is told by the real program, and that it moves.
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "apps/supplychain/test/capturing.h"
#include "chaincore/base/file.h"
#include "tests/support/prometheus.h"
#include "tests/support/unit.h"

#define ALERTS TOP_SRCDIR "/docs/monitoring/alerts.yml"
#define ALERT_TESTS TOP_SRCDIR "/docs/monitoring/alerts.test.yml"
#define GUIDE TOP_SRCDIR "/docs/witness.md"
#define DASHBOARD TOP_SRCDIR "/docs/monitoring/dashboard.json"

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    server_start(&server);
}
static void tear_down(void) { server_clear(&server); }

static struct reply metrics;

static void read_metrics(void) {
    reply_clear(&metrics);
    server_ask(&server, &(struct ask){.path = "/metrics", .without_key = true}, &metrics);
    ck_assert_int_eq(metrics.status, 200);
    ck_assert_ptr_nonnull(strstr((const char *)metrics.headers.data,
                                 "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    prometheus_read((const char *)metrics.body.data);
}

START_TEST(a_capture_moves_the_counters) {
    static const char captures[] =
        "lmm_http_requests_total{method=\"POST\",route=\"/capture\",code=\"2xx\"}";
    read_metrics();
    double height = prometheus_value("lmm_node_height");
    ck_assert_double_eq(prometheus_value("lmm_node_transactions_total"), 0);
    ck_assert_double_eq(prometheus_value(captures), 0);
    capture_well(bytes_of_string(DOCUMENT(EVENT("", EPC_A, ""))));
    read_metrics();
    ck_assert_double_eq(prometheus_value("lmm_node_transactions_total"), 1);
    ck_assert_double_gt(prometheus_value("lmm_node_height"), height);
    ck_assert_double_ge(prometheus_value("lmm_node_blocks_total"), 1);
    ck_assert_double_eq(prometheus_value(captures), 1);
    // The row was asked for, so it is there.
    ck_assert_double_eq(prometheus_value("lmm_index_lag_blocks"), 0);
    ck_assert_double_eq(prometheus_value("lmm_index_height"), prometheus_value("lmm_node_height"));
    ck_assert_double_eq(prometheus_value("lmm_index_healthy"), 1);
    ck_assert_double_eq(prometheus_value("lmm_node_mempool_transactions"), 0);
    ck_assert_double_lt(prometheus_value("lmm_node_head_age_seconds"), 120);
    ck_assert_double_eq(prometheus_value("lmm_node_overdue_seconds"), 0);
    ck_assert_double_eq(prometheus_value("lmm_signer_unpaid_seconds"), 0);
    ck_assert_double_eq(prometheus_value("lmm_signer_refused_seconds"), 0);
    ck_assert_double_le(prometheus_value("lmm_signer_waiting_transactions"), 1);
    reply_clear(&metrics);
}
END_TEST

START_TEST(the_process_tells_of_itself) {
    read_metrics();
    ck_assert_double_gt(prometheus_value("process_resident_memory_bytes"), 1 << 20);
    ck_assert_double_ge(prometheus_value("process_virtual_memory_bytes"),
                        prometheus_value("process_resident_memory_bytes"));
    double files = prometheus_value("process_open_fds");
    ck_assert_double_gt(files, 5);
    ck_assert_double_lt(files, prometheus_value("process_max_fds"));
    ck_assert_double_gt(prometheus_value("process_cpu_seconds_total"), 0);
    ck_assert_double_gt(prometheus_value("process_start_time_seconds"), 1.7e9);
    ck_assert_double_eq(
        prometheus_value("lmm_build_info{version=\"0.1.0\",market=\"supplychain\"}"), 1);
    reply_clear(&metrics);
}
END_TEST

// Names in the expressions that are no metric would never raise an alarm. The certificate's comes
// with TLS alone.
static size_t check_names(const char *file) {
    static const char later[] = "lmm_http_certificate_expiry_timestamp_seconds";
    struct buf rules = {0};
    size_t names = 0;
    assert_ok(file_read(&rules, file, 1 << 20));
    for (const char *at = buf_as_string(&rules); *at; at++) {
        char line[128];
        size_t len = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        if (strncmp(at, "lmm_", 4) != 0 && strncmp(at, "process_", 8) != 0) continue;
        snprintf(line, sizeof line, "\n%.*s", (int)len, at);
        bool is_told =
            strstr((const char *)metrics.body.data, line) || strcmp(line + 1, later) == 0;
        ck_assert_msg(is_told, "nobody tells %s", line + 1);
        names++;
        at += len;
    }
    buf_clear(&rules);
    return names;
}

// Among others, whom it calls in vain: only then is there all that rules speak of.
static void read_metrics_of_many(void) {
    static struct server_process networked;
    server_init(&networked, "./lmm-supplychain");
    networked.flags[0] = "--peers";
    networked.flags[1] = "127.0.0.1:1";
    server_start(&networked);
    do {
        reply_clear(&metrics);
        server_ask(&networked, &(struct ask){.path = "/metrics", .without_key = true}, &metrics);
    } while (!strstr((const char *)metrics.body.data, "\nlmm_consensus_view "));
    server_clear(&networked);
}

START_TEST(rules_and_panels_speak_of_what_is_told) {
    read_metrics_of_many();
    ck_assert_uint_ge(check_names(ALERTS), 24);
    ck_assert_uint_ge(check_names(DASHBOARD), 24);
    reply_clear(&metrics);
}
END_TEST

static bool has_case(const char *tests, const char *name, const char *expected) {
    char lines[256];
    snprintf(lines, sizeof lines, "alertname: %s\n        exp_alerts:%s\n", name, expected);
    return strstr(tests, lines) != NULL;
}

START_TEST(each_alarm_is_tried_both_ways_and_explained) {
    static const char alarm[] = "- alert: ";
    struct buf rules = {0}, tried = {0}, guide = {0};
    size_t alarms = 0;
    assert_ok(file_read(&rules, ALERTS, 1 << 20));
    assert_ok(file_read(&tried, ALERT_TESTS, 1 << 20));
    assert_ok(file_read(&guide, GUIDE, 1 << 20));
    const char *tests = buf_as_string(&tried), *explanations = buf_as_string(&guide);
    for (const char *at = buf_as_string(&rules); (at = strstr(at, alarm)); alarms++) {
        char name[64], explained[68];
        at += sizeof alarm - 1;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at, "\n"), at);
        snprintf(explained, sizeof explained, "`%s`", name);
        ck_assert_msg(has_case(tests, name, ""), "nothing raises %s", name);
        ck_assert_msg(has_case(tests, name, " []"), "nothing leaves %s alone", name);
        ck_assert_msg(strstr(explanations, explained), "nobody explains %s", name);
    }
    ck_assert_uint_ge(alarms, 28);
    buf_clear(&guide);
    buf_clear(&tried);
    buf_clear(&rules);
}
END_TEST

START_TEST(prometheus_own_tool_finds_nothing_wrong) {
    char path[128], command[512];
    if (system("command -v promtool >/dev/null") != 0) {
        skip_case("promtool (Debian's prometheus) is not installed");
        return;
    }
    read_metrics();
    snprintf(path, sizeof path, "%s/metrics", server.folder);
    assert_ok(file_replace(path, buf_bytes(&metrics.body), 0600));
    snprintf(command, sizeof command, "promtool check metrics <%s", path);
    ck_assert_int_eq(system(command), 0);
    ck_assert_int_eq(system("promtool check rules " ALERTS), 0);
    ck_assert_int_eq(system("promtool test rules " ALERT_TESTS), 0);
    reply_clear(&metrics);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("metrics");
    TCase *cases = tcase_create("metrics");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_capture_moves_the_counters);
    tcase_add_test(cases, the_process_tells_of_itself);
    tcase_add_test(cases, rules_and_panels_speak_of_what_is_told);
    tcase_add_test(cases, each_alarm_is_tried_both_ways_and_explained);
    tcase_add_test(cases, prometheus_own_tool_finds_nothing_wrong);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
