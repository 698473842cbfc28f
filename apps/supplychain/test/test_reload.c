// SPDX-License-Identifier: Apache-2.0
// The real program under TLS, told by a signal to read its certificate again.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "chaincore/base/file.h"
#include "tests/support/certificate.h"
#include "tests/support/server_process.h"
#include "tests/support/unit.h"

static struct server_process server;
static char certificate[96], key[96], trusted[96];

static void set_up(void) {
    server_init(&server, "./lmm-supplychain");
    snprintf(certificate, sizeof certificate, "%s/certificate.pem", server.folder);
    snprintf(key, sizeof key, "%s/key.pem", server.folder);
    snprintf(trusted, sizeof trusted, "%s/trusted.pem", server.folder);
    certificate_write(certificate, key, 1, 30);
    server.flags[0] = "--tls-certificate";
    server.flags[1] = certificate;
    server.flags[2] = "--tls-key";
    server.flags[3] = key;
    server.ca_file = trusted;
}
static void tear_down(void) { server_clear(&server); }

// From now on the client believes what stands in the file now.
static void trust(void) {
    struct buf text = {0};
    assert_ok(file_read(&text, certificate, 1 << 20));
    assert_ok(file_replace(trusted, buf_bytes(&text), 0600));
    buf_clear(&text);
}

static void assert_answers(void) {
    json_decref(server_get(&server, "/v1/chain")); // fails under another certificate
}

// The program tells of each signal in its log, and there is nothing else to wait for.
static void reload(int times) {
    static const struct timespec step = {.tv_nsec = 10 * 1000 * 1000};
    char path[96];
    snprintf(path, sizeof path, "%s/log", server.folder);
    ck_assert_int_eq(kill(server.pid, SIGHUP), 0);
    for (int i = 0; i < 3000; i++) {
        struct buf log = {0};
        int count = 0;
        assert_ok(file_read(&log, path, 1 << 24));
        for (const char *at = buf_as_string(&log); (at = strstr(at, "\"read again\"")); at++)
            count++;
        buf_clear(&log);
        if (count == times) return;
        nanosleep(&step, NULL);
    }
    ck_abort_msg("nothing was read again");
}

START_TEST(a_signal_brings_the_new_certificate) {
    server_start(&server);
    ck_assert_int_eq(strncmp(server.url, "https://127.0.0.1:", 18), 0);
    trust();
    assert_answers();
    certificate_write(certificate, key, 2, 30);
    assert_answers(); // not yet
    trust();
    reload(1);
    assert_answers();
    // What is wrong changes nothing, and ends nothing.
    assert_ok(file_replace(key, bytes_of_string("no key"), 0600));
    reload(2);
    assert_answers();
    server_stop(&server);
}
END_TEST

START_TEST(what_cannot_be_shown_is_said_at_the_start) {
    assert_ok(file_replace(key, bytes_of_string("no key"), 0600));
    ck_assert_int_eq(server_fail(&server), 2);
    certificate_write(certificate, key, 3, -1);
    server_start(&server); // one that has expired is shown all the same
    server_stop(&server);
}
END_TEST

START_TEST(without_tls_the_signal_changes_nothing) {
    server.flags[0] = NULL;
    server_start(&server);
    reload(1);
    assert_answers();
    server_stop(&server);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("reload");
    TCase *cases = tcase_create("reload");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_signal_brings_the_new_certificate);
    tcase_add_test(cases, what_cannot_be_shown_is_said_at_the_start);
    tcase_add_test(cases, without_tls_the_signal_changes_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
