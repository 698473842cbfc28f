// SPDX-License-Identifier: Apache-2.0
// A good client beside bad ones. For each kind of attack it asks as ever while the bad clients are
// away, and again while they are there: hostile_KIND is the latter's 99th percentile, its baseline
// the former's. All its answers must be right, and nothing that an attacker sends may be answered
// but by a refusal (some of it is allowed). memory_sse is what an idle subscriber adds to the
// server's resident memory.
//
//     hostile PORT API-KEY SERVER-PID MILLISECONDS [SHARE [KIND]]
//
// of each measurement; with a SHARE in per cent that many of the bad clients; of one KIND alone.
// Exits with 1 when the server did anything wrong; how fast it was decides nothing.
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/attacks.h"

enum { PACE_MS = 5, MAX_SAMPLES = 100000, ANSWER_BYTES = 65536, SSE_GOAL_BYTES = 8192 };

static struct {
    uint16_t port;
    const char *key;
    long pid;
    unsigned duration_ms;
    unsigned share; // per cent
    bool has_failed;
} run;

static uint64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void complain(const char *what, const char *about) {
    fprintf(stderr, "hostile: %s: %s\n", about, what);
    run.has_failed = true;
}

// ---- the good client

// One request on a connection of its own; true when the answer is whole and well.
static bool ask_well(const char *path) {
    static char data[ANSWER_BYTES];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(run.port)};
    char request[256];
    size_t len = 0;
    ssize_t more = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int count = snprintf(request, sizeof request,
                         "GET %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
                         "Connection: close\r\n\r\n",
                         path, run.key);
    bool is_sent = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
                   send(fd, request, (size_t)count, MSG_NOSIGNAL) == count;
    while (is_sent && len < sizeof data && (more = recv(fd, data + len, sizeof data - len, 0)) > 0)
        len += (size_t)more;
    if (fd >= 0) close(fd);
    return is_sent && more == 0 && len > 15 && memcmp(data, "HTTP/1.1 200 ", 13) == 0 &&
           data[len - 1] == '}';
}

static int compare_u64(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

// The 99th percentile in µs of asking at an even pace for so long.
static uint64_t measure(const char *about) {
    static uint64_t samples[MAX_SAMPLES];
    static const char *const paths[] = {"/v1/chain", "/events?perPage=20", "/v1/blocks/1"};
    size_t count = 0;
    uint64_t end = now_us() + (uint64_t)run.duration_ms * 1000, next = now_us();
    while (now_us() < end && count < MAX_SAMPLES) {
        uint64_t begun = now_us();
        if (!ask_well(paths[count % 3])) complain("a good client was not answered well", about);
        samples[count++] = now_us() - begun;
        next += PACE_MS * 1000;
        int64_t wait = (int64_t)(next - now_us());
        if (wait > 0) nanosleep(&(struct timespec){.tv_nsec = wait * 1000}, NULL);
    }
    qsort(samples, count, sizeof *samples, compare_u64);
    return samples[count * 99 / 100];
}

// ---- the bad ones

static long resident_kib(void) {
    char path[64], line[256];
    long kib = 0;
    snprintf(path, sizeof path, "/proc/%ld/status", run.pid);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kib) == 1) break;
    if (file) fclose(file);
    return kib;
}

struct started {
    struct attack attack;
    const struct attack_kind *kind;
};

static void *run_attack(void *given) {
    struct started *started = given;
    started->kind->run(&started->attack);
    return NULL;
}

static void judge(const struct started *started) {
    const struct attack *attack = &started->attack;
    const char *name = started->kind->name;
    if (attack->begun == 0) complain("no client got through", name);
    if (attack->failed > 0) complain("an answer that is neither 2xx, 4xx nor 503", name);
    if (attack->served > 0 && !started->kind->may_be_served) complain("was served", name);
}

static void print_line(const char *name, double value, const char *unit, const char *baseline,
                       double baseline_value) {
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"%s\",\"baseline\":\"%s\","
           "\"baseline_value\":%.0f,\"ratio\":%.3f}\n",
           name, value, unit, baseline, baseline_value, value / baseline_value);
}

static void report(const struct started *started, uint64_t quiet_us, uint64_t under_us) {
    const struct attack *attack = &started->attack;
    char name[64];
    snprintf(name, sizeof name, "hostile_%s", started->kind->name);
    print_line(name, (double)under_us, "us", "p99 without them", (double)quiet_us);
    fprintf(stderr, "%s: %s: %u begun, %u refused, %u served, %u closed\n", name,
            started->kind->what, (unsigned)attack->begun, (unsigned)attack->answered,
            (unsigned)attack->served, (unsigned)attack->closed);
}

static void report_memory(const struct attack *attack, long before_kib, long after_kib) {
    if (attack->served > 0)
        print_line("hostile_memory_sse", (double)(after_kib - before_kib) * 1024 / attack->served,
                   "B", "goal", SSE_GOAL_BYTES);
}

static void attack_with(const struct attack_kind *kind) {
    struct started *started = calloc(1, sizeof *started);
    pthread_t thread;
    if (!started) abort();
    started->kind = kind;
    started->attack.port = run.port;
    started->attack.key = run.key;
    started->attack.clients = kind->clients * run.share / 100;
    uint64_t quiet_us = measure(kind->name);
    long before_kib = resident_kib();
    if (pthread_create(&thread, NULL, run_attack, started) != 0) abort();
    while (!started->attack.is_on) nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    uint64_t under_us = measure(kind->name);
    long after_kib = resident_kib();
    started->attack.is_over = true;
    pthread_join(thread, NULL);
    judge(started);
    report(started, quiet_us, under_us);
    if (strcmp(kind->name, "idle_streams") == 0)
        report_memory(&started->attack, before_kib, after_kib);
    free(started);
}

static unsigned number(const char *text) {
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*end == '\0' && end != text && value <= UINT32_MAX) return (unsigned)value;
    fprintf(stderr, "hostile: %s is no number\n", text);
    exit(2);
}

int main(int count, char **arguments) {
    struct rlimit files;
    if (count < 5) {
        fprintf(stderr, "usage: hostile PORT API-KEY SERVER-PID MILLISECONDS [SHARE [KIND]]\n");
        return 2;
    }
    run.port = (uint16_t)number(arguments[1]);
    run.key = arguments[2];
    run.pid = (long)number(arguments[3]);
    run.duration_ms = number(arguments[4]);
    run.share = count > 5 ? number(arguments[5]) : 100;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    for (unsigned i = 0; i < attack_kind_count; i++)
        if (count < 7 || strcmp(arguments[6], attack_kinds[i].name) == 0)
            attack_with(&attack_kinds[i]);
    return run.has_failed ? 1 : 0;
}
