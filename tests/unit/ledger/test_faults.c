// SPDX-License-Identifier: Apache-2.0
// A scripted run of a ledger, as a node leads it, in which the n-th write, sync or allocation
// fails, for every n. What was told to be final before is there after the next start, to the byte,
// and the run goes on to its end.
#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/checkpoint.h"
#include "chaincore/ledger/history.h"
#include "chaincore/ledger/slab.h"
#include "tests/support/faults.h"
#include "tests/unit/ledger/log_fixture.h"

enum { LAST_HEIGHT = 11, CHECKPOINT_EVERY = 4, HARD_LIMIT = 100000 };

// AddressSanitizer makes each child dear.
#if defined SLAB_IS_WATCHED
enum { MEMORY_STEP = 5 };
#else
enum { MEMORY_STEP = 1 };
#endif

struct ledger {
    struct state *state;
    struct checkpoint *checkpoint;
    struct block_log *blocks;
    struct certificate_log *certificates;
    struct history *history;
    struct state_version *version;
    uint64_t height;
};

// Survives the child: the newest height that was told to be final.
static _Atomic uint64_t *told;

// The state after a height follows from the one before.
static void execute(struct ledger *ledger, uint64_t height) {
    struct state_draft *draft = state_draft_begin(ledger->state, ledger->version);
    for (uint64_t i = 0; i < 6; i++) {
        uint64_t key = (height * 5 + i * 3) % 17, value = height * 100 + i;
        if (value % 7 == 0)
            state_delete(draft, BYTES_OF(key));
        else
            state_put(draft, BYTES_OF(key), BYTES_OF(value));
    }
    state_version_unref(ledger->version);
    ledger->version = state_commit(draft, height);
}

static void close_ledger(struct ledger *ledger) {
    checkpoint_close(ledger->checkpoint);
    history_close(ledger->history);
    block_log_close(ledger->blocks);
    certificate_log_close(ledger->certificates);
    state_version_unref(ledger->version);
    state_free(ledger->state);
}

static enum status write_checkpoint(struct ledger *ledger) {
    struct cut cut;
    cut_make(&cut, ledger->height, state_root(ledger->version));
    checkpoint_start(ledger->checkpoint, ledger->version, &cut);
    return checkpoint_wait(ledger->checkpoint);
}

// Certificate, history, checkpoint: what a node does behind a durable body.
static enum status make_final(struct ledger *ledger, uint64_t height) {
    struct cut cut;
    struct state_version *newest;
    struct hash id;
    enum status status = STATUS_OK;
    cut_header_id(&id, height);
    if (height > certificate_log_newest(ledger->certificates)) {
        TRY(certificates_append(ledger->certificates, height));
        status = certificate_log_sync(ledger->certificates);
        if (status != STATUS_OK) {
            // What the system has thrown away once, it does not bring back.
            ENSURE(certificate_log_sync(ledger->certificates) != STATUS_OK);
            goto out;
        }
    }
    if (height > *told) *told = height;
    execute(ledger, height);
    ledger->height = height;
    if (history_count(ledger->history) <= height) TRY(history_append(ledger->history, &id));
    // A checkpoint that fails is only late.
    if (height % CHECKPOINT_EVERY == 0 && write_checkpoint(ledger) == STATUS_OK) {
        ENSURE(checkpoint_newest(ledger->checkpoint, &newest, &cut));
        ENSURE(cut.header.height == height);
        state_version_unref(newest);
    }
out:
    return status;
}

static enum status open_history(struct ledger *ledger, const char *path) {
    struct hash ids[LAST_HEIGHT + 1], root;
    uint64_t count = ledger->height + 1;
    for (uint64_t i = 0; i < count; i++) cut_header_id(&ids[i], i);
    merkle_list_root(&root, ids, count);
    struct history_config config = {.path = path, .count = count, .root = root};
    enum status status = history_open(&ledger->history, &config);
    while (status == STATUS_OK && history_count(ledger->history) < count)
        status = history_append(ledger->history, &ids[history_count(ledger->history)]);
    return status;
}

static enum status open_ledger(struct ledger *ledger, const char *folder) {
    char path[128];
    struct cut cut;
    enum status status;
    *ledger = (struct ledger){.state = state_create()};
    snprintf(path, sizeof path, "%s/certificates", folder);
    TRY(certificates_open(&ledger->certificates, path));
    snprintf(path, sizeof path, "%s/blocks", folder);
    TRY(log_open(&ledger->blocks, path, certificate_log_newest(ledger->certificates),
                 SMALL_SEGMENT));
    snprintf(path, sizeof path, "%s/state.sqlite", folder);
    TRY(checkpoint_open_plain(&ledger->checkpoint, path, ledger->state, &ledger->version, &cut));
    ledger->height = state_version_height(ledger->version);
    ENSURE(cut.header.height == ledger->height);
    ENSURE(ledger->height <= certificate_log_newest(ledger->certificates));
    snprintf(path, sizeof path, "%s/history", folder);
    TRY(open_history(ledger, path));
    while (ledger->height < block_log_newest(ledger->blocks))
        TRY(make_final(ledger, ledger->height + 1));
out:
    if (status != STATUS_OK) close_ledger(ledger);
    return status;
}

static enum status append(struct ledger *ledger, uint64_t height) {
    struct buf block = {0};
    struct hash ids[TXS];
    enum status status;
    log_make_block(&block, ids, height);
    status = log_append(ledger->blocks, height, buf_bytes(&block), ids);
    // Room came back, say: a failed append has left no trace.
    if (status != STATUS_OK) status = log_append(ledger->blocks, height, buf_bytes(&block), ids);
    buf_clear(&block);
    return status;
}

// One, or as many as come together and are durable together.
static enum status extend(struct ledger *ledger) {
    uint64_t first = ledger->height + 1, last = first + first % 3;
    enum status status = STATUS_OK;
    if (last > LAST_HEIGHT) last = LAST_HEIGHT;
    for (uint64_t height = first; height <= last; height++) TRY(append(ledger, height));
    TRY(block_log_sync(ledger->blocks));
    for (uint64_t height = first; height <= last; height++) TRY(make_final(ledger, height));
out:
    return status;
}

// The script: open, or open again, and go on to the last height.
static enum status run(const char *folder) {
    struct ledger ledger;
    enum status status = open_ledger(&ledger, folder);
    if (status != STATUS_OK) return status;
    while (status == STATUS_OK && ledger.height < LAST_HEIGHT) status = extend(&ledger);
    close_ledger(&ledger);
    return status;
}

static void check_state(const struct ledger *ledger, const struct hash roots[LAST_HEIGHT + 1]) {
    ck_assert_uint_eq(certificate_log_newest(ledger->certificates), ledger->height);
    ck_assert_uint_eq(block_log_newest(ledger->blocks), ledger->height);
    ck_assert(hash_equal(state_root(ledger->version), &roots[ledger->height]));
}

// Opens what a run left behind, and leads it to its end.
static void check_and_finish(const char *folder, const struct hash roots[LAST_HEIGHT + 1],
                             uint64_t at_least) {
    struct ledger ledger;
    char path[128];
    assert_ok(open_ledger(&ledger, folder));
    ck_assert_uint_ge(ledger.height, at_least);
    check_state(&ledger, roots);
    while (ledger.height < LAST_HEIGHT) assert_ok(extend(&ledger));
    check_state(&ledger, roots);
    close_ledger(&ledger);
    snprintf(path, sizeof path, "%s/blocks", folder);
    log_check(path, LAST_HEIGHT, SMALL_SEGMENT);
}

// Not by way of a shell: there are thousands.
static void remove_files(const char *path) {
    struct stat info;
    DIR *folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char child[512];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        ck_assert_int_eq(stat(child, &info), 0);
        if (S_ISDIR(info.st_mode))
            remove_files(child);
        else
            ck_assert_int_eq(unlink(child), 0);
    }
    closedir(folder);
    ck_assert_int_eq(rmdir(path), 0);
}

static enum status run_script(void *context) { return run(context); }

static void find_roots(struct hash roots[LAST_HEIGHT + 1]) {
    struct ledger ledger = {.state = state_create(), .version = state_version_empty()};
    roots[0] = *state_root(ledger.version);
    for (uint64_t height = 1; height <= LAST_HEIGHT; height++) {
        execute(&ledger, height);
        roots[height] = *state_root(ledger.version);
    }
    state_version_unref(ledger.version);
    state_free(ledger.state);
}

static void fail_at_every(enum fault fault) {
    struct hash roots[LAST_HEIGHT + 1];
    char folder[64];
    uint64_t outcomes[FAULT_BROKEN] = {0};
    enum fault_outcome outcome = FAULT_ENDED;
    find_roots(roots);
    for (uint64_t n = 0; outcome != FAULT_UNTOUCHED; n += fault == FAULT_MEMORY ? MEMORY_STEP : 1) {
        ck_assert_uint_lt(n, HARD_LIMIT);
        make_folder(folder);
        *told = 0;
        struct fault_script script = {.run = run_script, .context = folder, .folder = folder};
        outcome = faults_run(&script, fault, n).outcome;
        ck_assert_int_ne(outcome, FAULT_BROKEN);
        outcomes[outcome]++;
        check_and_finish(folder, roots, *told);
        remove_files(folder);
    }
    printf("%s: %u runs ended, %u stopped, %u died\n", fault_name(fault),
           (unsigned)outcomes[FAULT_ENDED], (unsigned)outcomes[FAULT_STOPPED],
           (unsigned)outcomes[FAULT_DIED]);
    ck_assert_uint_gt(outcomes[FAULT_STOPPED] + outcomes[FAULT_DIED], 10);
}

START_TEST(a_failed_write_loses_nothing) { fail_at_every(FAULT_WRITE); }
END_TEST
START_TEST(a_short_write_loses_nothing) { fail_at_every(FAULT_SHORT_WRITE); }
END_TEST
START_TEST(a_disk_that_dies_loses_nothing) { fail_at_every(FAULT_DISK_DEAD); }
END_TEST
START_TEST(a_failed_sync_loses_nothing) { fail_at_every(FAULT_SYNC); }
END_TEST
START_TEST(a_failed_allocation_loses_nothing) { fail_at_every(FAULT_MEMORY); }
END_TEST
START_TEST(a_power_cut_loses_nothing) { fail_at_every(FAULT_POWER); }
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    faults_init();
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(told != MAP_FAILED);
    Suite *suite = suite_create("faults");
    TCase *cases = tcase_create("faults");
    tcase_set_timeout(cases, 600);
    tcase_add_test(cases, a_failed_write_loses_nothing);
    tcase_add_test(cases, a_short_write_loses_nothing);
    tcase_add_test(cases, a_disk_that_dies_loses_nothing);
    tcase_add_test(cases, a_failed_sync_loses_nothing);
    tcase_add_test(cases, a_failed_allocation_loses_nothing);
    tcase_add_test(cases, a_power_cut_loses_nothing);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
