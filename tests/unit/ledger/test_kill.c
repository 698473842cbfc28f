// SPDX-License-Identifier: Apache-2.0
// A process that dies without notice while it appends: whatever it said was durable is there.
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chaincore/ledger/certificate_log.h"
#include "tests/unit/ledger/log_fixture.h"

enum { CYCLES = 40 };

// Body, then certificate, each durable; then the height is told. Never returns.
static _Noreturn void append_for_ever(const char *folder, const char *certificates_path, int told) {
    struct block_log *log;
    struct certificate_log *certificates;
    struct buf block = {0};
    struct hash ids[TXS];
    if (certificates_open(&certificates, certificates_path) != STATUS_OK) _exit(2);
    uint64_t final = certificate_log_newest(certificates);
    if (log_open(&log, folder, final, SMALL_SEGMENT) != STATUS_OK) _exit(3);
    for (uint64_t height = final + 1;; height++) {
        log_make_block(&block, ids, height);
        if (height > block_log_newest(log) &&
            (log_append(log, height, buf_bytes(&block), ids) != STATUS_OK ||
             block_log_sync(log) != STATUS_OK))
            _exit(4);
        if (certificates_append(certificates, height) != STATUS_OK ||
            certificate_log_sync(certificates) != STATUS_OK ||
            write(told, &height, sizeof height) != sizeof height)
            _exit(5);
    }
}

// Kills the child some blocks on, at no particular instruction; the newest height it told.
static uint64_t run_and_kill(const char *folder, const char *certificates_path, uint64_t blocks) {
    int ends[2], state;
    uint64_t height = 0, newest = 0;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) append_for_ever(folder, certificates_path, ends[1]);
    close(ends[1]);
    for (uint64_t i = 0; i < blocks && read(ends[0], &height, sizeof height) == sizeof height; i++)
        newest = height;
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, &state, 0), child);
    ck_assert_msg(WIFSIGNALED(state), "the child ended by itself: %d", WEXITSTATUS(state));
    while (read(ends[0], &height, sizeof height) == sizeof height) newest = height;
    close(ends[0]);
    return newest;
}

START_TEST(a_killed_writer_loses_nothing_that_it_told) {
    char folder[64], blocks[80], certificates_path[96];
    struct certificate_log *certificates;
    uint64_t seed = 11, told = 0;
    make_folder(folder);
    snprintf(blocks, sizeof blocks, "%s/blocks", folder);
    snprintf(certificates_path, sizeof certificates_path, "%s/certificates", folder);
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        uint64_t now = run_and_kill(blocks, certificates_path, next_random(&seed) % 12);
        if (now > 0) {
            ck_assert_uint_gt(now, told);
            told = now;
        }
        assert_ok(certificates_open(&certificates, certificates_path));
        uint64_t final = certificate_log_newest(certificates);
        certificate_log_close(certificates);
        ck_assert_uint_ge(final, told);
        struct block_log *log;
        assert_ok(log_open(&log, blocks, final, SMALL_SEGMENT));
        uint64_t newest = block_log_newest(log);
        block_log_close(log);
        log_check(blocks, newest, SMALL_SEGMENT);
    }
    ck_assert_uint_gt(told, CYCLES); // it was not killed before it did anything
    remove_folder(folder);
}
END_TEST

Suite *kill_suite(void) {
    Suite *suite = suite_create("kill");
    TCase *cases = tcase_create("kill");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_killed_writer_loses_nothing_that_it_told);
    suite_add_tcase(suite, cases);
    return suite;
}
