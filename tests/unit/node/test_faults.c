// SPDX-License-Identifier: Apache-2.0
// A node whose disk fails, or its memory: a scripted run in which the n-th write, sync or
// allocation fails, for every n. What was final before is there after the next start, with its
// receipt, and the run goes on to its end.
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "chaincore/base/file.h"
#include "chaincore/contract/supply.h"
#include "chaincore/node/node_internal.h"
#include "tests/support/false_clock.h"
#include "tests/support/faults.h"
#include "tests/support/puppet.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"

static struct fixture fixture;

static void start_chain(void) {
    fixture_init_counter(&fixture);
    assert_ok(fixture_open(&fixture));
}
static void clear_chain(void) {
    faults_disarm();
    fixture_clear(&fixture);
}

static struct node_health health_now(void) {
    struct node_health health;
    node_health(fixture.node, &health);
    return health;
}

static uint64_t height_now(void) {
    struct node_head head;
    node_head(fixture.node, &head);
    return head.header.height;
}

static void begin_transfer(struct tx *tx) {
    fixture_begin(&fixture, tx, 0);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture.ids[1], .amount = amount_of_units(1)}};
}

static void run_blocks(uint64_t height) {
    while (height_now() < height) {
        struct tx tx;
        begin_transfer(&tx);
        fixture_run(&fixture, &tx, 0);
    }
}

static uint64_t run_until_held_up(void) {
    uint64_t written = health_now().checkpoint_height;
    run_blocks(written + LIMIT_REPLAY_BLOCKS);
    while (!health_now().is_held_up) sched_yield();
    return written;
}

// The block is told of before its checkpoint begins.
static void await_checkpoint(uint64_t height) {
    while (health_now().checkpoint_height < height) sched_yield();
}

START_TEST(a_chain_whose_state_cannot_be_written_waits_and_goes_on_when_it_can) {
    struct tx tx;
    struct hash id;
    struct node_tx found;
    run_blocks(100);
    await_checkpoint(100);
    ck_assert_uint_eq(health_now().checkpoint_height, 100);
    ck_assert_uint_eq(health_now().failures, 0);
    faults_arm(FAULT_STATE, 0, fixture.folder);
    uint64_t written = run_until_held_up();
    ck_assert_uint_eq(written, 100);
    struct node_health health = health_now();
    ck_assert_uint_gt(health.failures, 1);
    assert_status(health.checkpoint, STATUS_IO);
    ck_assert_uint_eq(health.checkpoint_height, 100);
    begin_transfer(&tx);
    ck_assert_int_eq(fixture_submit(&fixture, &tx, 0, &id), TX_CODE_OK);
    for (uint32_t failures = health.failures; health_now().failures < failures + 1;) sched_yield();
    ck_assert_uint_eq(height_now(), written + LIMIT_REPLAY_BLOCKS);
    assert_ok(node_find_tx(fixture.node, &id, &found));
    ck_assert_int_eq(found.state, NODE_TX_PENDING);
    faults_disarm();
    fixture_await(&fixture, &id);
    health = health_now();
    ck_assert(!health.is_held_up && health.failures == 0);
    ck_assert_uint_eq(health.checkpoint_height, 300);
}
END_TEST

START_TEST(a_chain_that_waits_for_its_state_opens_again_and_loses_nothing) {
    struct node_head before, after;
    faults_arm(FAULT_STATE, 0, fixture.folder);
    ck_assert_uint_eq(run_until_held_up(), 0);
    node_head(fixture.node, &before);
    fixture_close(&fixture);
    faults_disarm(); // SQLite writes to open a file
    assert_ok(fixture_open_idle(&fixture));
    node_head(fixture.node, &after);
    ck_assert_uint_eq(after.header.height, LIMIT_REPLAY_BLOCKS);
    ck_assert(hash_equal(&before.id, &after.id));
    // What it executed again is written: the chain need not stand still until the next one is due.
    assert_ok(node_start(fixture.node));
    run_blocks(LIMIT_REPLAY_BLOCKS + 1);
    await_checkpoint(LIMIT_REPLAY_BLOCKS);
    ck_assert_uint_eq(health_now().checkpoint_height, LIMIT_REPLAY_BLOCKS);
}
END_TEST

// The script: epochs of four blocks, each with a checkpoint and a segment or two; transactions that
// wait over a stop; blocks that are old enough to be pruned; a snapshot.
enum { EPOCH = 4, PAUSE_HEIGHT = 6, SNAPSHOT_HEIGHT = 12, LAST_HEIGHT = 14, MOST_FINALS = 32 };
static const int64_t LATER_MS = 40 * INT64_C(24) * 3600 * 1000;

// Survives the script's process.
static struct told {
    _Atomic uint32_t count;
    struct node_tx finals[MOST_FINALS];
    _Atomic bool has_joined;
} * told;
static char ground[64], snapshot[80], joined[80]; // all below the first

static void make_transfer(struct tx *tx) {
    static const uint64_t one = 1;
    begin_transfer(tx);
    fixture_add_call(&fixture, tx, "add", BYTES_OF(one));
}

static enum status await_final(const struct hash *id) {
    enum { PATIENCE_MS = 10000 };
    for (;;) {
        struct node_head head;
        struct node_tx found;
        node_head(fixture.node, &head);
        enum status status = node_find_tx(fixture.node, id, &found);
        if (status != STATUS_OK) return status;
        if (found.state == NODE_TX_FINAL) {
            ck_assert_uint_lt(told->count, MOST_FINALS);
            told->finals[told->count] = found;
            told->count++;
            return STATUS_OK;
        }
        if (!node_wait(fixture.node, head.header.height, PATIENCE_MS)) return STATUS_TIMEOUT;
    }
}

static enum status extend_to(uint64_t height) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK && height_now() < height) {
        struct tx tx;
        struct hash id;
        make_transfer(&tx);
        ENSURE(fixture_submit(&fixture, &tx, 0, &id) == TX_CODE_OK);
        status = await_final(&id);
    }
    return status;
}

static enum status join(void) {
    struct bytes code = buf_bytes(&fixture.contract_code);
    struct node_config config = {.data_dir = joined,
                                 .genesis = buf_bytes(&fixture.genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .takes_old_snapshot = true};
    return node_join(&config, snapshot, NULL);
}

// Another node, which goes by what the snapshot says.
static enum status open_joined(void) {
    struct fixture other = fixture;
    struct node_head head;
    other.node = NULL;
    snprintf(other.folder, sizeof other.folder, "%.60s", joined);
    enum status status = fixture_open_idle(&other);
    if (status != STATUS_OK) return status;
    node_head(other.node, &head);
    ENSURE(head.header.height > PAUSE_HEIGHT);
    fixture_close(&other);
    return STATUS_OK;
}

// A checkpoint that fails is only late; a snapshot or a joining that fails leaves nothing behind.
static void try_snapshot(void) {
    enum status status = checkpoint_wait(fixture.node->checkpoint);
    if (status == STATUS_OK && !file_exists(snapshot)) {
        status = node_write_snapshot(fixture.node, snapshot);
        ENSURE(file_exists(snapshot) == (status == STATUS_OK));
    }
    if (status == STATUS_OK && !file_exists(joined)) {
        status = join();
        ENSURE(file_exists(joined) == (status == STATUS_OK));
    }
    if (status == STATUS_OK) status = open_joined();
    if (status == STATUS_OK) told->has_joined = true;
}

static enum status run(void *context) {
    struct tx tx;
    struct hash id;
    enum status status;
    (void)context;
    TRY(fixture_open(&fixture));
    TRY(extend_to(PAUSE_HEIGHT));
    (void)!checkpoint_wait(fixture.node->checkpoint);
    fixture_close(&fixture);
    TRY(fixture_open_idle(&fixture));
    make_transfer(&tx);
    ENSURE(fixture_submit(&fixture, &tx, 0, &id) == TX_CODE_OK);
    fixture_close(&fixture);
    false_clock_set_wall(LATER_MS);
    TRY(fixture_open(&fixture));
    TRY(extend_to(SNAPSHOT_HEIGHT));
    try_snapshot();
    TRY(extend_to(LAST_HEIGHT));
out:
    fixture_close(&fixture);
    return status;
}

static void check_finals(void) {
    for (uint32_t i = 0; i < told->count; i++) {
        const struct node_tx *final = &told->finals[i];
        struct node_tx found;
        assert_ok(node_find_tx(fixture.node, &final->receipt.tx_id, &found));
        if (final->height < block_log_oldest(fixture.node->log)) continue; // pruned
        ck_assert_int_eq(found.state, NODE_TX_FINAL);
        ck_assert_uint_eq(found.height, final->height);
        ck_assert_mem_eq(&found.receipt, &final->receipt, sizeof found.receipt);
        ck_assert_uint_le(found.height, height_now());
    }
}

// Each transaction moved one unit, once.
static void check_state(void) {
    struct account sender, receiver;
    struct amount begin;
    struct state_version *version = node_state(fixture.node);
    ck_assert(supply_is_conserved(state_version_view(version)));
    account_load(&sender, state_version_view(version), &fixture.ids[0]);
    account_load(&receiver, state_version_view(version), &fixture.ids[1]);
    node_state_release(version);
    assert_ok(amount_parse(&begin, "1000"));
    ck_assert_uint_eq(amount_units(receiver.balance), amount_units(begin) + sender.next_seq);
    ck_assert_uint_ge(sender.next_seq, told->count);
}

// Opens what a run left behind, and goes on.
static void check(void) {
    assert_ok(fixture_open(&fixture));
    check_finals();
    check_state();
    assert_ok(extend_to(height_now() + 1));
    check_finals();
    check_state();
    fixture_close(&fixture);
    if (told->has_joined) assert_ok(open_joined());
}

static void check_whole_run(void) {
    ck_assert_uint_ge(told->count, LAST_HEIGHT - 1);
    ck_assert(told->has_joined);
    assert_ok(fixture_open_idle(&fixture));
    ck_assert_uint_gt(block_log_oldest(fixture.node->log), 1);
    fixture_close(&fixture);
}

static void begin_folder(void) {
    false_clock_set_wall(0);
    memset(told, 0, sizeof *told);
    test_folder(ground, "faults");
    snprintf(fixture.folder, sizeof fixture.folder, "%.58s/node", ground);
    snprintf(snapshot, sizeof snapshot, "%s/snapshot", ground);
    snprintf(joined, sizeof joined, "%s/joined", ground);
    ck_assert_int_eq(mkdir(fixture.folder, 0700), 0);
}

static void end_folder(void) {
    assert_ok(file_remove_tree(ground)); // with what a run that died had begun
}

// What may be said of a disk or a memory that fails.
static bool is_named(enum status status) { return status == STATUS_IO; }

// All of them take minutes, most of all the allocations, of which there are thousands.
static uint64_t step_of(enum fault fault) {
    const char *step = getenv("FAULT_STEP");
    if (step) return strtoull(step, NULL, 10);
    switch (fault) {
    case FAULT_MEMORY:
        return 61;
    case FAULT_SHORT_WRITE:
    case FAULT_DISK_DEAD:
        return 3;
    case FAULT_NONE:
    case FAULT_WRITE:
    case FAULT_SYNC:
    case FAULT_STATE:
    case FAULT_POWER:
        return 1;
    }
    return 1;
}

static void fail_at_every(enum fault fault) {
    enum { HARD_LIMIT = 100000, FINISH_EVERY = 8 };
    uint64_t outcomes[FAULT_BROKEN] = {0};
    struct fault_run end = {.outcome = FAULT_ENDED};
    for (uint64_t n = 0, step = step_of(fault); end.outcome != FAULT_UNTOUCHED; n += step) {
        ck_assert_uint_lt(n, HARD_LIMIT);
        begin_folder();
        struct fault_script script = {.run = run,
                                      .folder = fixture.folder,
                                      .last_words = "a block could not be made durable"};
        end = faults_run(&script, fault, n);
        ck_assert_msg(end.outcome != FAULT_BROKEN, "%s at %u", fault_name(fault), (unsigned)n);
        ck_assert_msg(end.outcome != FAULT_STOPPED || is_named(end.status), "%s at %u: %s",
                      fault_name(fault), (unsigned)n, status_name(end.status));
        outcomes[end.outcome]++;
        check();
        if (n / step % FINISH_EVERY == 0) assert_ok(run(NULL));
        if (end.outcome == FAULT_UNTOUCHED) check_whole_run();
        end_folder();
    }
    printf("%s: %u runs ended, %u stopped, %u died\n", fault_name(fault),
           (unsigned)outcomes[FAULT_ENDED], (unsigned)outcomes[FAULT_STOPPED],
           (unsigned)outcomes[FAULT_DIED]);
    ck_assert_uint_gt(outcomes[FAULT_STOPPED] + outcomes[FAULT_DIED], 5);
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

static void start_script(void) {
    fixture_init_counter(&fixture);
    assert_ok(file_remove_tree(fixture.folder));
    fixture_set_epoch(&fixture, EPOCH);
    fixture.segment_bytes = 1500;
    fixture.must_prune = true;
}
static void clear_script(void) {
    buf_clear(&fixture.genesis);
    buf_clear(&fixture.contract_code);
}

// --- a block that is executed where memory is short ---

// A contract that grows, and one that is new: what is told of both stands in the receipt.
static enum status run_with_little_memory(void *context) {
    const uint64_t *n = context;
    struct tx tx;
    struct hash id;
    struct buf script = {0}, code = {0};
    const uint64_t start = 1;
    enum status status;
    TRY(file_read(&code, "tests/support/counter.wasm", 1 << 20));
    TRY(fixture_open(&fixture));
    encode_u8(&script, PUPPET_GROW);
    encode_u32(&script, 40);
    fixture_begin(&fixture, &tx, 0);
    tx.gas_limit = 500 * 1000 * 1000;
    fixture_add_call(&fixture, &tx, "act", buf_bytes(&script));
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_DEPLOY, .deploy = {.code = buf_bytes(&code), .arguments = BYTES_OF(start)}};
    faults_arm(FAULT_MEMORY, *n, fixture.folder);
    enum tx_code admitted = fixture_submit(&fixture, &tx, 0, &id);
    ENSURE(admitted == TX_CODE_OK);
    status = await_final(&id);
    faults_disarm();
    fixture_close(&fixture);
out:
    buf_clear(&script);
    buf_clear(&code);
    return status;
}

START_TEST(an_allocation_that_fails_decides_no_block) {
    enum { HARD_LIMIT = 10000 };
    struct receipt expected = {0};
    struct fault_run end = {.outcome = FAULT_ENDED};
    uint64_t n = UINT32_MAX, died = 0;
    struct fault_script script = {
        .run = run_with_little_memory, .context = &n, .folder = fixture.folder};
    begin_folder();
    ck_assert_int_eq(faults_run(&script, FAULT_NONE, 0).outcome, FAULT_UNTOUCHED);
    expected = told->finals[0].receipt;
    ck_assert_str_eq(tx_code_name((enum tx_code)expected.code), "OK");
    end_folder();
    for (n = 0; end.outcome != FAULT_UNTOUCHED; n++) {
        ck_assert_uint_lt(n, HARD_LIMIT);
        begin_folder();
        end = faults_run(&script, FAULT_NONE, 0);
        ck_assert_msg(end.outcome != FAULT_BROKEN && end.outcome != FAULT_STOPPED, "at %u",
                      (unsigned)n);
        died += end.outcome == FAULT_DIED;
        if (told->count > 0) ck_assert_mem_eq(&told->finals[0].receipt, &expected, sizeof expected);
        end_folder();
    }
    ck_assert_uint_gt(died, 10);
}
END_TEST

static void start_scarcity(void) {
    static const struct fixture_contract puppet = {.name = "puppet",
                                                   .path = "tests/support/puppet.wasm"};
    fixture_init(&fixture, &puppet);
    assert_ok(file_remove_tree(fixture.folder));
}

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    faults_init();
    Suite *suite = suite_create("faults");
    TCase *cases = tcase_create("checkpoints");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, start_chain, clear_chain);
    tcase_add_test(cases, a_chain_whose_state_cannot_be_written_waits_and_goes_on_when_it_can);
    tcase_add_test(cases, a_chain_that_waits_for_its_state_opens_again_and_loses_nothing);
    suite_add_tcase(suite, cases);
    told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ENSURE(told != MAP_FAILED);
    cases = tcase_create("runs");
    tcase_set_timeout(cases, 600);
    tcase_add_checked_fixture(cases, start_script, clear_script);
    tcase_add_test(cases, a_failed_write_loses_nothing);
    tcase_add_test(cases, a_short_write_loses_nothing);
    tcase_add_test(cases, a_disk_that_dies_loses_nothing);
    tcase_add_test(cases, a_failed_sync_loses_nothing);
    tcase_add_test(cases, a_failed_allocation_loses_nothing);
    tcase_add_test(cases, a_power_cut_loses_nothing);
    suite_add_tcase(suite, cases);
    cases = tcase_create("scarcity");
    tcase_set_timeout(cases, 600);
    tcase_add_checked_fixture(cases, start_scarcity, clear_script);
    tcase_add_test(cases, an_allocation_that_fails_decides_no_block);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
