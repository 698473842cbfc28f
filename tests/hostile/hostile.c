// SPDX-License-Identifier: Apache-2.0
// A good client beside bad ones. For each kind of attack it asks as ever while the bad clients are
// away, and again while they are there: hostile_KIND is the latter's 99th percentile, its baseline
// the former's. Both are medians of rounds that take turns, since what else a machine does comes
// and goes. All its answers must be right, and nothing that an attacker sends may be answered but
// by a refusal (some of it is allowed). memory_sse is what an idle subscriber adds to the server's
// resident memory.
//
//     hostile PORT API-KEY SERVER-PID MILLISECONDS [SHARE [KIND]]
//
// of each measurement; with a SHARE in per cent that many of the bad clients; of one KIND alone.
// Exits with 1 when the server did anything wrong; how fast it was decides nothing.
#define _GNU_SOURCE // SCHED_IDLE
#include <arpa/inet.h>
#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/hostile/attacks.h"

enum {
    PACE_MS = 5,
    STEP_MS = 10,
    MAX_SAMPLES = 100000,
    ANSWER_BYTES = 65536,
    SSE_GOAL_BYTES = 8192
};
enum { MAX_ROUNDS = 5, ROUND_MS = 2000, SETTLE_MS = 40 * 1000 };

static struct {
    uint16_t port;
    const char *key;
    long pid;
    unsigned duration_ms;
    unsigned rounds;
    unsigned share; // per cent
    unsigned files; // that the server has open without clients
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
    uint64_t end = now_us() + (uint64_t)run.duration_ms * 1000 / run.rounds, next = now_us();
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

static double server_cpu_s(void) {
    char path[64], line[512];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%ld/stat", run.pid);
    FILE *file = fopen(path, "r");
    // Behind the name, which may hold anything: the state, then ten numbers.
    const char *rest = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
    if (rest)
        (void)sscanf(rest + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user,
                     &system);
    if (file) fclose(file);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static unsigned server_files(void) {
    char path[64];
    unsigned count = 0;
    snprintf(path, sizeof path, "/proc/%ld/fd", run.pid);
    DIR *folder = opendir(path);
    while (folder && readdir(folder)) count++;
    if (folder) closedir(folder);
    return count;
}

// The clients of the last round are gone when the server has closed what they left.
static void settle(void) {
    enum { ITS_OWN = 32 }; // that it opens when it has much to do
    uint64_t end = now_us() + (uint64_t)SETTLE_MS * 1000;
    while (server_files() > run.files + ITS_OWN && now_us() < end) pause_ms(STEP_MS);
}

struct phase {
    uint64_t p99_us[MAX_ROUNDS];
    double cpu_s, took_s; // of all rounds; the server's
};

struct trial {
    struct attack attack;
    const struct attack_kind *kind;
    struct phase quiet, under;
    long before_kib, after_kib; // in the first round
};

// What the server does for its attackers is measured, not what they cost themselves: they have
// other machines. So here they have what processor time nobody else wants.
static void give_way(void) {
    const struct sched_param none = {0};
    if (pthread_setschedparam(pthread_self(), SCHED_IDLE, &none) != 0)
        complain("the attackers' priority stays", "hostile");
}

static void *run_attack(void *given) {
    struct trial *trial = given;
    give_way();
    trial->kind->run(&trial->attack);
    return NULL;
}

static void judge(const struct trial *trial) {
    const struct attack *attack = &trial->attack;
    const char *name = trial->kind->name;
    if (attack->begun == 0) complain("no client got through", name);
    if (attack->failed > 0) complain("an answer that is neither 2xx, 4xx nor 503", name);
    if (attack->served > 0 && !trial->kind->may_be_served) complain("was served", name);
}

static void print_line(const char *name, double value, const char *unit, const char *baseline,
                       double baseline_value) {
    printf("{\"name\":\"%s\",\"value\":%.0f,\"unit\":\"%s\",\"baseline\":\"%s\","
           "\"baseline_value\":%.0f,\"ratio\":%.3f}\n",
           name, value, unit, baseline, baseline_value, value / baseline_value);
}

static double median(struct phase *phase) {
    qsort(phase->p99_us, run.rounds, sizeof *phase->p99_us, compare_u64);
    return (double)phase->p99_us[run.rounds / 2];
}

static void report(struct trial *trial) {
    const struct attack *attack = &trial->attack;
    char name[64];
    snprintf(name, sizeof name, "hostile_%s", trial->kind->name);
    print_line(name, median(&trial->under), "us", "p99 without them", median(&trial->quiet));
    fprintf(stderr,
            "%s: %s: %u begun (%.0f a second), %u refused, %u served, %u closed; the server's CPU "
            "%.0f %%, without them %.0f %%\n",
            name, trial->kind->what, (unsigned)attack->begun, attack->begun / trial->under.took_s,
            (unsigned)attack->answered, (unsigned)attack->served, (unsigned)attack->closed,
            100 * trial->under.cpu_s / trial->under.took_s,
            100 * trial->quiet.cpu_s / trial->quiet.took_s);
}

static void report_memory(const struct trial *trial) {
    unsigned served = trial->attack.served / run.rounds;
    long added_kib = trial->after_kib - trial->before_kib;
    if (served > 0)
        print_line("hostile_memory_sse", (double)added_kib * 1024 / served, "B", "goal",
                   SSE_GOAL_BYTES);
}

static void measure_phase(struct phase *phase, unsigned round, const char *about) {
    double cpu_s = server_cpu_s();
    uint64_t begun = now_us();
    phase->p99_us[round] = measure(about);
    phase->cpu_s += server_cpu_s() - cpu_s;
    phase->took_s += (double)(now_us() - begun) / 1e6;
}

static void run_round(struct trial *trial, unsigned round) {
    struct attack *attack = &trial->attack;
    pthread_t thread;
    measure_phase(&trial->quiet, round, trial->kind->name);
    if (round == 0) trial->before_kib = resident_kib();
    attack->is_on = attack->is_over = false;
    if (pthread_create(&thread, NULL, run_attack, trial) != 0) abort();
    while (!attack->is_on) pause_ms(STEP_MS);
    measure_phase(&trial->under, round, trial->kind->name);
    if (round == 0) trial->after_kib = resident_kib();
    attack->is_over = true;
    pthread_join(thread, NULL);
}

static void attack_with(const struct attack_kind *kind) {
    struct trial *trial = calloc(1, sizeof *trial);
    if (!trial) abort();
    trial->kind = kind;
    trial->attack.port = run.port;
    trial->attack.key = run.key;
    trial->attack.clients = kind->clients * run.share / 100;
    for (unsigned round = 0; round < run.rounds; round++) {
        if (run.rounds > 1) settle();
        run_round(trial, round);
    }
    judge(trial);
    report(trial);
    if (strcmp(kind->name, "idle_streams") == 0) report_memory(trial);
    free(trial);
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
    run.rounds = run.duration_ms / ROUND_MS;
    if (run.rounds == 0) run.rounds = 1;
    if (run.rounds > MAX_ROUNDS) run.rounds = MAX_ROUNDS;
    run.files = server_files();
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
