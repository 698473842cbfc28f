// SPDX-License-Identifier: Apache-2.0
// Runs a test of `make check` within a bound, and ends its log with what it cost, so that a check
// can tell which tests are dear:
//   bounded SECONDS PROGRAM [ARGUMENT...]
// A program that takes longer is ended, by SIGKILL where SIGTERM is not enough: one that hangs is
// told by its name; then all that it had started is killed. Servers that a test leaves to the
// system come here, so that their work is counted (PR_SET_CHILD_SUBREAPER); what still runs in the
// end isn't. Ends as the program did, with 124 after the bound, 126 where it could not be run, and
// as a shell would after a signal.
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_S = 10, AFTER_BOUND = 124, NOT_RUN = 126, OF_SIGNAL = 128, MOST_S = 86400 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time) {
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

// Reaps all that has ended, and says whether the program has.
static bool reap(pid_t program, int *status) {
    bool ended = false;
    int other;
    for (pid_t pid; (pid = waitpid(-1, &other, WNOHANG)) > 0;) {
        if (pid != program) continue;
        *status = other;
        ended = true;
    }
    return ended;
}

// Until the program has ended: hands on what signals come, and ends it itself after the bound. Says
// whether it had to.
static bool await(pid_t program, const sigset_t *signals, double bound, int *status) {
    double deadline = now() + bound;
    bool is_late = false;
    while (!reap(program, status)) {
        double left = deadline - now();
        if (left <= 0) {
            kill(program, is_late ? SIGKILL : SIGTERM);
            is_late = true;
            deadline = now() + GRACE_S;
            continue;
        }
        struct timespec wait = {.tv_sec = (time_t)left, .tv_nsec = 1000000};
        int signal = sigtimedwait(signals, NULL, &wait);
        if (signal > 0 && signal != SIGCHLD) kill(program, signal);
    }
    return is_late;
}

// Of a program that was late: all that it had started, and has come here with its end.
static void end_what_is_left(void) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
    do {
        long pid;
        FILE *children = fopen(path, "r");
        while (children && fscanf(children, "%ld", &pid) == 1) kill((pid_t)pid, SIGKILL);
        if (!children) return;
        fclose(children);
    } while (waitpid(-1, NULL, 0) > 0);
}

int main(int argc, char **argv) {
    char *end = NULL;
    long bound = argc > 2 ? strtol(argv[1], &end, 10) : 0;
    if (bound <= 0 || bound > MOST_S || *end) {
        fprintf(stderr, "usage: bounded SECONDS PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    sigset_t signals, before;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, &before);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);

    double begin = now();
    pid_t program = fork();
    if (program == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(NOT_RUN);
    }
    if (program < 0) {
        perror("fork");
        return NOT_RUN;
    }
    int status = 0;
    bool is_late = await(program, &signals, (double)bound, &status);
    if (is_late) end_what_is_left();
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    if (is_late) printf("ended after %ld s\n", bound);
    printf("COST %.2f s of processors in %.1f s\n", seconds(used.ru_utime) + seconds(used.ru_stime),
           now() - begin);
    if (is_late) return AFTER_BOUND;
    return WIFSIGNALED(status) ? OF_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}
