// SPDX-License-Identifier: Apache-2.0
// The state's speed: blocks of 5,000 transfers between random accounts, executed on a draft and
// committed to the tree, while the last eight versions stay readable; beside it the hashes that
// such a block cannot do without, made one after another and nothing else. Then what an account
// costs in memory, with all the versions that are kept after these blocks; and a start, from a
// checkpoint to a state with its tree: its time beside the hashes of all entries and nodes, and
// what it takes of memory at its peak. Machines drift, so what is compared runs in turns and the
// best of each counts. ACCOUNTS=n starts with so many (1,000,000). --quick: so few accounts and
// turns that it only shows that the program works. One JSON line a figure:
//   {"name", "value", "unit", "baseline", "baseline_value", "ratio"}
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/checkpoint.h"
#include "chaincore/ledger/state.h"

enum { TRANSFERS = 5000, KEPT = 8, TURNS = 12, VALUE_BYTES = 60, QUICK_ACCOUNTS = 20 * 1000 };

static int turns = TURNS;

struct account_key {
    uint8_t bytes[33];
};

struct bench {
    struct state *state;
    size_t account_count;
    struct account_key *keys;
    struct state_version *kept[KEPT]; // a ring; the newest at `turn` % KEPT
    size_t turn;
    uint64_t seed;
    double execute_ns, commit_ns, whole_ns; // the best turn of each
    double baseline_ns;
    size_t hash_count; // of the last block
};

// This thread's own time: a block takes long enough to be interrupted on a shared machine.
static double now_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}
static void keep_least(double *least, double value) {
    if (*least == 0 || value < *least) *least = value;
}

static void print_row(const char *name, double value, const char *unit, const char *baseline,
                      double baseline_value) {
    printf("{\"name\": \"%s\", \"value\": %.4g, \"unit\": \"%s\", ", name, value, unit);
    if (baseline)
        printf("\"baseline\": \"%s\", \"baseline_value\": %.4g, \"ratio\": %.3f}\n", baseline,
               baseline_value, value / baseline_value);
    else
        printf("\"baseline\": null, \"baseline_value\": null, \"ratio\": null}\n");
    fflush(stdout);
}

static uint64_t next_random(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

// Accounts arrive in no order, a block's worth at a time, as they do on a chain.
static void make_accounts(struct bench *bench, size_t count) {
    struct state_version *version = state_version_empty();
    uint8_t value[VALUE_BYTES] = {0};
    *bench = (struct bench){.state = state_create(), .account_count = count, .seed = 1};
    bench->keys = mem_alloc_array(count, sizeof *bench->keys);
    for (uint64_t i = 0; i < count;) {
        struct state_draft *draft = state_draft_begin(bench->state, version);
        for (size_t left = 2 * (size_t)TRANSFERS; left > 0 && i < count; left--, i++) {
            struct hash id;
            hash_bytes(&id, HASH_ACCOUNT, BYTES_OF(i));
            memcpy(bench->keys[i].bytes + 1, id.bytes, sizeof id.bytes);
            memcpy(value, &i, sizeof i);
            state_put(draft, BYTES_OF(bench->keys[i]), BYTES_OF(value));
        }
        state_version_unref(version);
        version = state_commit(draft, 0);
    }
    bench->kept[0] = version;
}

static void clear_accounts(struct bench *bench) {
    for (size_t i = 0; i < KEPT; i++) state_version_unref(bench->kept[i]);
    state_free(bench->state);
    mem_free(bench->keys);
}

static void change_account(struct state_draft *draft, const struct account_key *key, uint64_t add) {
    struct bytes value;
    uint8_t changed[VALUE_BYTES];
    ENSURE(state_get(state_draft_view(draft), BYTES_OF(*key), &value) && value.len == VALUE_BYTES);
    memcpy(changed, value.data, VALUE_BYTES);
    store_u64_le(changed + 8, load_u64_le(changed + 8) + add);
    state_put(draft, BYTES_OF(*key), BYTES_OF(changed));
}

static void run_block(struct bench *bench, uint32_t accounts[2 * TRANSFERS]) {
    size_t newest = bench->turn % KEPT, oldest = ++bench->turn % KEPT;
    double start = now_ns();
    struct state_draft *draft = state_draft_begin(bench->state, bench->kept[newest]);
    for (size_t i = 0; i < TRANSFERS; i++) {
        change_account(draft, &bench->keys[accounts[2 * i]], UINT64_MAX);
        change_account(draft, &bench->keys[accounts[2 * i + 1]], 1);
    }
    double executed = now_ns();
    struct state_version *version = state_commit(draft, bench->turn);
    double committed = now_ns();
    state_version_unref(bench->kept[oldest]); // the next draft frees what it alone held
    bench->kept[oldest] = version;
    if (bench->turn <= KEPT) return; // nothing was dropped yet
    keep_least(&bench->execute_ns, executed - start);
    keep_least(&bench->commit_ns, committed - executed);
    keep_least(&bench->whole_ns, committed - start);
}

struct touched {
    struct hash path;
    unsigned depth; // of its leaf
};

static int compare_touched(const void *a, const void *b) {
    return hash_compare(&((const struct touched *)a)->path, &((const struct touched *)b)->path);
}

static unsigned common_bits(const struct hash *a, const struct hash *b) {
    unsigned bits = 0;
    while (bits < 256 && !((a->bytes[bits / 8] ^ b->bytes[bits / 8]) >> (7 - bits % 8) & 1)) bits++;
    return bits;
}

// Per account that was touched: its path, its value, its leaf; and every inner node above one,
// once.
static size_t count_hashes(const struct bench *bench, const uint32_t accounts[2 * TRANSFERS]) {
    static struct touched touched[2 * TRANSFERS];
    const struct state_version *version = bench->kept[bench->turn % KEPT];
    struct buf proof = {0};
    size_t count = 0;
    for (size_t i = 0; i < 2 * TRANSFERS; i++) {
        struct bytes key = BYTES_OF(bench->keys[accounts[i]]);
        buf_reset(&proof);
        state_prove(version, key, &proof);
        hash_bytes(&touched[i].path, HASH_KEY, key);
        touched[i].depth = load_u16_le(proof.data + 1);
    }
    buf_clear(&proof);
    qsort(touched, 2 * TRANSFERS, sizeof *touched, compare_touched);
    for (size_t i = 0; i < 2 * TRANSFERS; i++) {
        unsigned shared = i > 0 ? common_bits(&touched[i].path, &touched[i - 1].path) : 0;
        if (shared == 256) continue;
        count += 3 + touched[i].depth - (i > 0 ? shared + 1 : 0);
    }
    return count;
}

static double hash_serially(size_t count) {
    struct hash node = {0};
    double start = now_ns();
    for (size_t i = 0; i < count; i++) hash_node(&node, &node, &node);
    double end = now_ns();
    ENSURE(!hash_is_zero(&node));
    return end - start;
}

static size_t resident_bytes(void) {
    struct buf text = {0};
    ENSURE(file_read(&text, "/proc/self/statm", 4096) == STATUS_OK);
    const char *resident = strchr(buf_as_string(&text), ' ');
    ENSURE(resident != NULL);
    size_t bytes = strtoul(resident, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE);
    buf_clear(&text);
    return bytes;
}

static double wall_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void write_checkpoint(const struct bench *bench, const char *path) {
    struct checkpoint *checkpoint;
    struct state_version *empty;
    struct cut cut;
    const struct state_version *version = bench->kept[0];
    ENSURE(checkpoint_open(&checkpoint,
                           &(struct checkpoint_config){.path = path, .state = bench->state}, &empty,
                           &cut) == STATUS_OK);
    cut.header.version = HEADER_VERSION;
    cut.header.state_root = *state_root(version);
    history_peaks_root(&cut.header.history_root, &cut.below);
    checkpoint_start(checkpoint, bench->kept[0], &cut);
    ENSURE(checkpoint_wait(checkpoint) == STATUS_OK);
    checkpoint_close(checkpoint);
    state_version_unref(empty);
}

static double open_checkpoint(const char *path, size_t expected) {
    struct checkpoint *checkpoint;
    struct state_version *version;
    struct cut cut;
    double start = wall_ns();
    struct state *state = state_create();
    ENSURE(checkpoint_open(&checkpoint, &(struct checkpoint_config){.path = path, .state = state},
                           &version, &cut) == STATUS_OK);
    double end = wall_ns();
    ENSURE(state_count(state_version_view(version)) == expected);
    checkpoint_close(checkpoint);
    state_version_unref(version);
    state_free(state);
    return end - start;
}

static size_t peak_bytes(void) {
    struct buf text = {0};
    ENSURE(file_read(&text, "/proc/self/status", 1 << 16) == STATUS_OK);
    const char *peak = strstr(buf_as_string(&text), "VmHWM:");
    ENSURE(peak != NULL);
    size_t bytes = strtoul(peak + strlen("VmHWM:"), NULL, 10) * 1024;
    buf_clear(&text);
    return bytes;
}

// In a process of its own: memory that was used before would be used again.
static void run_apart(void (*task)(const char *path, size_t account_count), const char *path,
                      size_t account_count) {
    int state;
    pid_t child = fork();
    ENSURE(child >= 0);
    if (child == 0) {
        task(path, account_count);
        _exit(0);
    }
    ENSURE(waitpid(child, &state, 0) == child && WIFEXITED(state) && WEXITSTATUS(state) == 0);
}

static void make_checkpoint(const char *path, size_t account_count) {
    struct bench bench;
    make_accounts(&bench, account_count);
    write_checkpoint(&bench, path);
    clear_accounts(&bench);
}

static void measure_peak(const char *path, size_t account_count) {
    size_t before = resident_bytes();
    open_checkpoint(path, account_count);
    print_row("memory_account_start", (double)(peak_bytes() - before) / (double)account_count,
              "bytes", "goal", 400);
}

static void measure_start(const char *path, size_t account_count) {
    double best_ns = 0, baseline_ns = 0;
    for (int turn = 0; turn < 3; turn++) {
        keep_least(&best_ns, open_checkpoint(path, account_count));
        // Path, value and leaf of each entry, and an inner node for each but one.
        keep_least(&baseline_ns, hash_serially(4 * account_count));
    }
    print_row("start_accounts", best_ns / 1e9, "s", "the same hashes, serially", baseline_ns / 1e9);
}

struct memory {
    double account;  // bytes, after the blocks and with all versions that are kept
    double versions; // bytes of what those hold beside it
};

static struct memory measure_state(const char *label, size_t account_count) {
    static uint32_t accounts[2 * TRANSFERS];
    struct bench bench;
    char name[64];
    size_t before = resident_bytes();
    make_accounts(&bench, account_count);
    size_t at_rest = resident_bytes();
    for (int turn = 0; turn < KEPT + turns; turn++) {
        for (size_t i = 0; i < 2 * TRANSFERS; i++)
            accounts[i] = (uint32_t)(next_random(&bench.seed) % account_count);
        run_block(&bench, accounts);
        bench.hash_count = count_hashes(&bench, accounts);
        keep_least(&bench.baseline_ns, hash_serially(bench.hash_count));
    }
    size_t now = resident_bytes(), bytes = now - before - account_count * sizeof *bench.keys;
    snprintf(name, sizeof name, "state_transfers_%s", label);
    print_row(name, TRANSFERS * 1e9 / bench.whole_ns, "transfers/s", "the same hashes, serially",
              TRANSFERS * 1e9 / bench.baseline_ns);
    snprintf(name, sizeof name, "state_execute_%s", label);
    print_row(name, bench.execute_ns / 1e6, "ms/block", NULL, 0);
    snprintf(name, sizeof name, "state_commit_%s", label);
    print_row(name, bench.commit_ns / 1e6, "ms/block", "the same hashes, serially",
              bench.baseline_ns / 1e6);
    clear_accounts(&bench);
    return (struct memory){.account = (double)bytes / (double)account_count,
                           .versions = (double)(now - at_rest)};
}

int main(int count, char **arguments) {
    char folder[] = "/tmp/lmm-bench-XXXXXX", path[64];
    const char *accounts = getenv("ACCOUNTS");
    bool is_quick = count > 1 && strcmp(arguments[1], "--quick") == 0;
    size_t account_count = accounts   ? strtoull(accounts, NULL, 10)
                           : is_quick ? QUICK_ACCOUNTS
                                      : 1000 * 1000;
    if (is_quick) turns = 1;
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    run_apart(make_checkpoint, path, account_count);
    run_apart(measure_peak, path, account_count);
    // Now, while the process has no memory to use again.
    struct memory memory =
        is_quick ? measure_state("20k", QUICK_ACCOUNTS) : measure_state("1m", 1000 * 1000);
    print_row("memory_account", memory.account, "bytes", "goal", 400);
    print_row("memory_versions", memory.versions / 1e6, "MB", NULL, 0);
    if (!is_quick) measure_state("100k", 100 * 1000);
    measure_start(path, account_count);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
    return 0;
}
