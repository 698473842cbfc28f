// SPDX-License-Identifier: Apache-2.0
// The passphrase prompt of `lmm` on a terminal: nothing of it is shown, and the terminal is as it
// was afterwards, however the program ends.
#include <config.h> // ptsname

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "chaincore/base/buf.h"
#include "tests/support/unit.h"

static char folder[] = "/tmp/lmm-prompt-XXXXXX";
static int person, terminal; // the two ends
static pid_t program;
static struct buf shown;

static void exec_program(void) {
    static const int signals[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    char keystore[64];
    struct rlimit no_core = {0};
    snprintf(keystore, sizeof keystore, "%s/keystore", folder);
    setsid();
    ioctl(terminal, TIOCSCTTY, 0);
    for (int fd = 0; fd < 3; fd++) dup2(terminal, fd);
    setrlimit(RLIMIT_CORE, &no_core);
    // Whatever the tests themselves were started with: nohup ignores one of them.
    for (int i = 0; i < 4; i++) signal(signals[i], SIG_DFL);
    unsetenv("LMM_PASSPHRASE");
    execl("./lmm", "lmm", "keys", "new", "--keystore", keystore, (char *)NULL);
    _exit(127);
}

// The terminal stays open here, so that what is left of its state can be seen.
static void set_up(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
    person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    ck_assert(person >= 0 && grantpt(person) == 0 && unlockpt(person) == 0);
    terminal = open(ptsname(person), O_RDWR | O_NOCTTY);
    ck_assert_int_ge(terminal, 0);
    program = fork();
    if (program == 0) exec_program();
}

static void tear_down(void) {
    char command[96];
    close(person);
    close(terminal);
    buf_clear(&shown);
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static void read_until(const char *text) {
    while (!strstr(buf_as_string(&shown), text)) {
        uint8_t *room = buf_reserve(&shown, 256);
        ssize_t len = read(person, room, 256);
        ck_assert_int_gt(len, 0);
        shown.len += (size_t)len;
    }
    ck_assert_ptr_null(strstr(buf_as_string(&shown), "secret"));
    buf_reset(&shown);
}

static void type(const char *keys) {
    ck_assert_int_eq(write(person, keys, strlen(keys)), (ssize_t)strlen(keys));
}

static bool echoes(void) {
    struct termios now;
    ck_assert_int_eq(tcgetattr(terminal, &now), 0);
    return now.c_lflag & ECHO;
}

static int await_end(void) {
    int status;
    ck_assert_int_eq(waitpid(program, &status, 0), program);
    return status;
}

static const struct {
    int signal;
    const char *keys; // NULL: it is sent
} endings[] = {{SIGINT, "sec\x03"}, {SIGQUIT, "\x1c"}, {SIGTERM, NULL}, {SIGHUP, NULL}};

START_TEST(a_signal_at_the_prompt_ends_the_program_and_leaves_the_echo) {
    read_until("Passphrase: ");
    ck_assert(!echoes());
    if (endings[_i].keys)
        type(endings[_i].keys);
    else
        ck_assert_int_eq(kill(program, endings[_i].signal), 0);
    int status = await_end();
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), endings[_i].signal);
    ck_assert(echoes());
}
END_TEST

START_TEST(a_passphrase_is_asked_for_twice_and_never_shown) {
    read_until("Passphrase: ");
    type("secret\n");
    read_until("Again. Passphrase: ");
    ck_assert(!echoes());
    type("secrets\n");
    read_until("the two are not the same; nothing was made");
    ck_assert_int_eq(WEXITSTATUS(await_end()), 1);
    ck_assert(echoes());
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("prompt");
    TCase *cases = tcase_create("prompt");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, a_signal_at_the_prompt_ends_the_program_and_leaves_the_echo, 0,
                        (int)(sizeof endings / sizeof *endings));
    tcase_add_test(cases, a_passphrase_is_asked_for_twice_and_never_shown);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
