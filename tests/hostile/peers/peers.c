// SPDX-License-Identifier: Apache-2.0
// A chain of four processes under nodes that mean no good. Each behaviour is done to one of them
// while it agrees with the others on a block each tenth of a second; beside it stands how they
// fared undisturbed. A JSON line each: what the node did about it (closed, counted, named in its
// log), what it cost (processor time, the most memory above what it had, bytes that came), and what
// it cost agreement (views without a block, the longest time between two blocks).
//
//     peers MILLISECONDS [NAME]      each flood lasts so long; of one behaviour or group alone
//     peers brief                    a moment each, and nothing judged by the clock
//
// Exits with 1 where a bound is broken: a connection that is not ended, a cause that is not
// counted or not named, more memory than the behaviour's bound, more than half a processor, more
// than a view's delay.
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "tests/hostile/peers/behaviours.h"

enum {
    QUIET_MS = 3000,
    COUNT_MS = 20 * 1000, // until a count has to have moved
    STEP_MS = 20,
    FIRST_FROM = 10, // 127.0.10.0 and so on
    BRIEF_FLOOD_MS = 100,
    HELD_BYTES = 64 << 20, // of all peers
    MOST_MISSED = 1,       // views in a row, beyond those without an attack
};

// Of one processor, beyond what the node does anyway.
static const double MOST_CPU = 0.5, SLACK_CPU_S = 0.25;

static struct {
    bool is_brief;
    unsigned duration_ms;
    unsigned passed, failed;
    struct victims victims;
    struct victim_pace quiet;
    double quiet_cpu; // seconds a second
} run;

static uint64_t counted_by(const struct behaviour *behaviour, const struct victim_report *report) {
    const struct host_counts *host = &report->look.host;
    const struct replica_look *replica = &report->look.replica;
    switch (behaviour->counted) {
    case COUNTED_CAUSE:
        return host->causes[behaviour->which];
    case COUNTED_FAULT:
    case COUNTED_LIE:
        return replica->counts.faults[behaviour->which];
    case COUNTED_USELESS:
        return replica->verified.useless;
    case COUNTED_BUSY:
        return replica->counts.busy;
    case COUNTED_PAUSED:
        return host->paused_ms;
    case COUNTED_TXS:
        return replica->counts.txs_in;
    case COUNTED_RECORDS:
        return replica->counts.records_taken;
    case COUNTED_UNREAD:
        return replica->counts.records_unread;
    case COUNTED_UNNOTED:
        return replica->counts.ids_unnoted;
    case COUNTED_JOINED: // by try_joining
        break;
    }
    return 0;
}

// In a line of the log; NULL: what an honest node may do too is not named.
static bool is_named(const struct behaviour *behaviour, struct victim *victim) {
    char text[128];
    const char *name = behaviour->named;
    if (behaviour->outcome == OUTCOME_STAYS) return true;
    if (name) return victim_has_said(victim, name);
    name = behaviour->counted == COUNTED_CAUSE
               ? cause_name((enum net_cause)behaviour->which)
               : replica_fault_name((enum replica_fault)behaviour->which);
    snprintf(text, sizeof text, "\"cause\":\"%s\"", name);
    return victim_has_said(victim, text);
}

struct result {
    uint64_t counted;
    bool is_counted, is_named, is_there;
    double cpu_s, took_s;
    long peak_kib;
    struct victim_pace pace; // of the first witness
};

// Counts are told a quarter of a second later.
static void await_count(const struct behaviour *behaviour, struct victim *victim,
                        const struct victim_report *before, struct result *result) {
    struct victim_report after;
    uint64_t until_ms = clock_monotonic_ms() + COUNT_MS;
    do {
        result->is_there = victim_ask(victim, &after);
        if (!result->is_there) return;
        result->counted = counted_by(behaviour, &after) - counted_by(behaviour, before);
        result->is_counted = result->counted > 0;
        if (!result->is_counted) pause_ms(STEP_MS);
    } while (!result->is_counted && clock_monotonic_ms() < until_ms);
    result->is_there = !after.health.is_halted;
    uint64_t said_ms = clock_monotonic_ms() + COUNT_MS;
    while (!(result->is_named = is_named(behaviour, victim)) && clock_monotonic_ms() < said_ms)
        pause_ms(STEP_MS);
}

static const char *fault_of(const struct behaviour *behaviour, const struct trial *trial,
                            const struct result *result) {
    if (trial->failure) return trial->failure;
    if (!result->is_there) return "the node is gone, or halted";
    if (trial->attempts == 0) return "nothing was tried";
    if (behaviour->outcome == OUTCOME_CLOSED && trial->closed < trial->attempts)
        return "not all connections were ended";
    if (behaviour->outcome == OUTCOME_STAYS && trial->closed > 0)
        return "an honest node would have been let go";
    if (!result->is_counted) return "it was not counted";
    if (!result->is_named) return "the log does not name it";
    if (result->peak_kib > 1024L * behaviour->peak_mib) return "it took more memory than it may";
    if (!run.is_brief &&
        result->cpu_s > run.quiet_cpu * result->took_s + MOST_CPU * result->took_s + SLACK_CPU_S)
        return "it took more processor time than it may";
    if (result->pace.blocks == 0) return "no block became final";
    if (result->pace.most_missed > run.quiet.most_missed + MOST_MISSED)
        return "more than a view was lost";
    if (!run.is_brief &&
        result->pace.longest_ms > run.quiet.longest_ms + VICTIM_TIMEOUT_MS + VICTIM_INTERVAL_MS)
        return "agreement was held up by more than a view";
    return NULL;
}

static const char *const outcomes[] = {"ended", "turned away", "bounded"};

static void print_line(const struct behaviour *behaviour, const struct trial *trial,
                       const struct result *result, const char *fault) {
    printf("{\"name\":\"hostile_peers_%s\",\"what\":\"%s\",\"done\":\"%s\",\"connections\":%u,"
           "\"closed\":%u,\"counted\":%" PRIu64
           ",\"named\":%s,\"seconds\":%.2f,\"cpu_seconds\":%.2f,\"quiet_cpu_seconds\":%.2f,"
           "\"peak_bytes\":%ld,\"received_bytes\":%" PRIu64 ",\"blocks\":%" PRIu64
           ",\"missed_views\":%" PRIu64 ",\"quiet_missed_views\":%" PRIu64
           ",\"longest_ms\":%" PRIu64 ",\"quiet_longest_ms\":%" PRIu64 ",\"fault\":\"%s\"}\n",
           behaviour->name, behaviour->what, outcomes[behaviour->outcome], trial->attempts,
           trial->closed, result->counted, result->is_named ? "true" : "false", result->took_s,
           result->cpu_s, run.quiet_cpu * result->took_s, result->peak_kib * 1024, trial->bytes,
           result->pace.blocks, result->pace.most_missed, run.quiet.most_missed,
           result->pace.longest_ms, run.quiet.longest_ms, fault ? fault : "");
    fflush(stdout);
}

// Blocks come meanwhile, and have to come after it too.
static void await_blocks(struct victim *witness, struct victim_pace *out) {
    uint64_t until_ms = clock_monotonic_ms() + COUNT_MS;
    struct victim_report report = {0};
    do {
        if (!victim_ask(witness, &report)) break;
        pause_ms(STEP_MS);
    } while (report.pace.blocks == 0 && clock_monotonic_ms() < until_ms);
    *out = report.pace;
}

static void tell(const struct behaviour *behaviour, const struct trial *trial,
                 const struct result *result) {
    const char *fault = fault_of(behaviour, trial, result);
    print_line(behaviour, trial, result, fault);
    if (fault) fprintf(stderr, "hostile-peers: %s: %s\n", behaviour->name, fault);
    if (fault)
        run.failed++;
    else
        run.passed++;
}

static void try_behaviour(const struct behaviour *behaviour, unsigned number) {
    struct victim *witness = &run.victims.list[0];
    struct victim *victim = &run.victims.list[behaviour->is_to_follower ? VICTIM_FOLLOWER : 0];
    struct trial trial = {.victims = &run.victims,
                          .victim = victim,
                          .from = (uint16_t)(256 * (FIRST_FROM + number)),
                          .duration_ms = run.duration_ms};
    struct victim_report before;
    struct result result = {0};
    victim_skip_log(victim);
    victim_reset_peak(victim);
    victim_reset_pace(witness);
    if (!victim_ask(victim, &before)) trial_fail(&trial, "the node was gone before");
    long had_kib = victim_peak_kib(victim);
    double cpu_s = victim_cpu_s(victim);
    uint64_t begun_ms = clock_monotonic_ms();
    if (!trial.failure) behaviour->run(&trial);
    result.took_s = (double)(clock_monotonic_ms() - begun_ms) / 1000;
    result.cpu_s = victim_cpu_s(victim) - cpu_s;
    result.peak_kib = victim_peak_kib(victim) - had_kib;
    if (!trial.failure) await_count(behaviour, victim, &before, &result);
    await_blocks(witness, &result.pace);
    tell(behaviour, &trial, &result);
}

// To a new node that joins, and is gone afterwards.
static void try_joining(const struct behaviour *behaviour, unsigned number) {
    struct victim *witness = &run.victims.list[0];
    struct trial trial = {.victims = &run.victims,
                          .from = (uint16_t)(256 * (FIRST_FROM + number)),
                          .named = behaviour->named};
    struct result result = {0};
    if (!joiner_await_snapshot(&run.victims)) trial_fail(&trial, "the chain has no snapshot");
    victim_reset_pace(witness);
    uint64_t begun_ms = clock_monotonic_ms();
    if (!trial.failure) behaviour->run(&trial);
    result.took_s = (double)(clock_monotonic_ms() - begun_ms) / 1000;
    result.counted = trial.joined.height;
    result.is_counted = trial.joined.height > 0;
    result.is_named = behaviour->named == NULL || trial.is_named;
    result.is_there = true; // it told of itself, and ended well
    result.cpu_s = trial.cpu_s;
    result.peak_kib = trial.peak_kib;
    await_blocks(witness, &result.pace);
    tell(behaviour, &trial, &result);
}

static void measure_quiet(void) {
    struct victim *witness = &run.victims.list[0];
    struct victim_report report;
    victim_reset_pace(witness);
    double cpu_s = victim_cpu_s(witness);
    pause_ms(run.is_brief ? QUIET_MS / 3 : QUIET_MS);
    run.quiet_cpu =
        (victim_cpu_s(witness) - cpu_s) * 1000 / (run.is_brief ? QUIET_MS / 3 : QUIET_MS);
    if (victim_ask(witness, &report)) run.quiet = report.pace;
}

// The last ones need a chain that is some hundred blocks long.
static const struct {
    const char *name;
    const struct behaviour *list;
    const size_t *count;
    void (*try)(const struct behaviour *behaviour, unsigned number);
} groups[] = {{"hands", hands_behaviours, &hands_behaviour_count, try_behaviour},
              {"frames", frame_behaviours, &frame_behaviour_count, try_behaviour},
              {"lies", lie_behaviours, &lie_behaviour_count, try_behaviour},
              {"floods", flood_behaviours, &flood_behaviour_count, try_behaviour},
              {"records", record_behaviours, &record_behaviour_count, try_behaviour},
              {"ids", id_behaviours, &id_behaviour_count, try_behaviour},
              {"past", past_behaviours, &past_behaviour_count, try_joining}};

static void try_all(const char *name) {
    unsigned number = 0;
    for (size_t g = 0; g < sizeof groups / sizeof *groups; g++)
        for (size_t i = 0; i < *groups[g].count; i++, number++)
            if (!name || strcmp(name, groups[g].list[i].name) == 0 ||
                strcmp(name, groups[g].name) == 0)
                groups[g].try(&groups[g].list[i], number);
}

// What a node does for its attackers is measured, not what they cost themselves: they have other
// machines. So the nodes, where they want it, have most of this one's time.
static void give_way(void) {
    errno = 0;
    if (nice(10) == -1 && errno != 0)
        fprintf(stderr, "hostile-peers: the attackers' priority stays\n");
}

static bool read_arguments(int count, char **arguments) {
    char *end = "";
    if (count < 2) return false;
    run.is_brief = strcmp(arguments[1], "brief") == 0;
    run.duration_ms = run.is_brief ? BRIEF_FLOOD_MS : (unsigned)strtoul(arguments[1], &end, 10);
    return *end == '\0' && run.duration_ms > 0;
}

int main(int count, char **arguments) {
    struct rlimit files;
    if (!read_arguments(count, arguments)) {
        fprintf(stderr, "usage: peers MILLISECONDS|brief [NAME]\n");
        return 2;
    }
    ENSURE(crypto_init() == STATUS_OK);
    signal(SIGPIPE, SIG_IGN);
    run.victims.handshake_ms = run.is_brief ? 1500 : 5000;
    run.victims.silence_ms = run.is_brief ? 3000 : 10000;
    run.victims.held_bytes = HELD_BYTES;
    victims_start(&run.victims);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    if (!run.is_brief) give_way();
    measure_quiet();
    try_all(count > 2 ? arguments[2] : NULL);
    if (!victims_stop(&run.victims)) {
        fprintf(stderr, "hostile-peers: a node did not end well\n");
        run.failed++;
    }
    if (run.is_brief) printf("COUNTED %u passed, %u failed\n", run.passed, run.failed);
    return run.failed > 0 || run.passed == 0 ? 1 : 0;
}
