// SPDX-License-Identifier: Apache-2.0
#include "cli/prompt.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "chaincore/crypto/sign.h"

// A terminal that shows nothing of what is typed, until quiet_end or a signal that ends the
// program.
enum { ENDINGS = 4 };
static const int endings[ENDINGS] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
static struct sigaction former[ENDINGS];
static struct termios before;

static void end_at_prompt(int signal) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    raise(signal); // its own action again, once this returns
}

static bool quiet_begin(void) {
    struct sigaction ending = {.sa_handler = end_at_prompt, .sa_flags = (int)SA_RESETHAND};
    if (tcgetattr(STDIN_FILENO, &before) != 0) return false;
    for (int i = 0; i < ENDINGS; i++) {
        sigaction(endings[i], NULL, &former[i]);
        if (former[i].sa_handler != SIG_IGN) sigaction(endings[i], &ending, NULL);
    }
    struct termios quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    return true;
}

static void quiet_end(void) {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    for (int i = 0; i < ENDINGS; i++) sigaction(endings[i], &former[i], NULL);
}

bool prompt_read_line(int fd, char *out, size_t size) {
    size_t len = 0;
    char byte;
    for (;;) {
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 || byte == '\n') {
            out[len] = '\0';
            if (len > 0 && out[len - 1] == '\r') out[len - 1] = '\0';
            return got > 0 || (got == 0 && len > 0);
        }
        if (len + 1 == size) break;
        out[len++] = byte;
    }
    secret_clear(out, size);
    return false;
}

bool prompt_secret(const char *question, char *out, size_t size) {
    bool is_quiet = quiet_begin();
    if (is_quiet) fprintf(stderr, "%s", question);
    bool was_read = prompt_read_line(STDIN_FILENO, out, size);
    if (is_quiet) {
        quiet_end();
        fprintf(stderr, "\n");
    }
    return was_read;
}

bool prompt_consent(const char *question) {
    char answer[8];
    if (!isatty(STDIN_FILENO)) return false;
    fprintf(stderr, "%s", question);
    return prompt_read_line(STDIN_FILENO, answer, sizeof answer) && strcmp(answer, "yes") == 0;
}
