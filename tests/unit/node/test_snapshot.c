// SPDX-License-Identifier: Apache-2.0
// A node that begins with another's snapshot goes on as that one does; one that prunes still does.
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/node/node_internal.h"
#include "tests/support/false_clock.h"
#include "tests/support/unit.h"
#include "tests/unit/node/chain_fixture.h"
#include "tests/unit/node/suites.h"

static struct fixture fixture;
static struct fixture joined; // the same chain, in another folder
static char snapshot[96];

static void open_chain(void) {
    assert_ok(fixture_open(&fixture));
    joined = fixture;
    joined.node = NULL;
    snprintf(joined.folder, sizeof joined.folder, "%.40s-joined", fixture.folder);
    snprintf(snapshot, sizeof snapshot, "%s-snapshot", fixture.folder);
}

static void begin_chain(void) {
    fixture_init_counter(&fixture);
    open_chain();
}

static void clear_chain(void) {
    fixture_close(&joined);
    fixture_clear(&fixture);
    assert_ok(file_remove_tree(joined.folder));
    assert_ok(file_remove_tree(snapshot));
}

static uint64_t height_of(struct fixture *of) {
    struct node_head head;
    node_head(of->node, &head);
    return head.header.height;
}

static void run_blocks(struct fixture *of, uint64_t height) {
    while (height_of(of) < height) {
        struct tx tx;
        uint64_t amount = 3;
        fixture_begin(of, &tx, 0);
        fixture_add_call(of, &tx, "add", BYTES_OF(amount));
        fixture_run(of, &tx, 0);
    }
}

static enum status join(void) {
    struct bytes code = buf_bytes(&joined.contract_code);
    struct node_config config = {.data_dir = joined.folder,
                                 .genesis = buf_bytes(&joined.genesis),
                                 .codes = &code,
                                 .code_count = 1,
                                 .takes_old_snapshot = true};
    return node_join(&config, snapshot, NULL);
}

// Every header from here on stands in the history of the newest one; none below does.
static void check_proven(struct fixture *of, uint64_t from) {
    struct node_head head;
    struct merkle_branch branch;
    node_head(of->node, &head);
    for (uint64_t height = from; height < head.header.height; height++)
        assert_ok(history_branch(of->node->history, &branch, height, head.header.height,
                                 &head.header.history_root));
}

static void write_snapshot(uint64_t height) {
    run_blocks(&fixture, height);
    assert_ok(checkpoint_wait(fixture.node->checkpoint));
    assert_ok(node_write_snapshot(fixture.node, snapshot));
}

START_TEST(a_node_joins_by_a_snapshot_and_the_chain_goes_on) {
    struct buf block = {0};
    struct node_head head, again;
    write_snapshot(130); // of height 119, an epoch's last
    assert_ok(join());
    assert_ok(fixture_open(&joined));
    node_head(joined.node, &head);
    ck_assert_uint_eq(head.header.height, 119);
    assert_status(node_read_block(joined.node, 119, &block), STATUS_NOT_FOUND);
    run_blocks(&joined, 250); // over checkpoints of its own
    assert_ok(node_read_block(joined.node, 120, &block));
    node_head(joined.node, &head);
    // Stopped and started, it is where it was; and so it is with its checkpoint alone.
    fixture_close(&joined);
    assert_ok(fixture_open(&joined));
    node_head(joined.node, &again);
    ck_assert_uint_ge(again.header.height, head.header.height);
    uint64_t height = again.header.height;
    struct history *history = joined.node->history;
    struct merkle_branch branch;
    assert_ok(history_branch(history, &branch, 120, height, &again.header.history_root));
    assert_ok(history_branch(history, &branch, height - 1, height, &again.header.history_root));
    assert_status(history_branch(history, &branch, 5, height, &again.header.history_root),
                  STATUS_NOT_FOUND);
    buf_clear(&block);
}
END_TEST

START_TEST(a_joined_node_gets_over_the_loss_of_its_history) {
    char path[128];
    struct node_head before, after;
    write_snapshot(130);
    assert_ok(join());
    assert_ok(fixture_open(&joined));
    run_blocks(&joined, 230);
    node_head(joined.node, &before);
    fixture_close(&joined);
    snprintf(path, sizeof path, "%s/history", joined.folder);
    ck_assert_int_eq(unlink(path), 0);
    assert_ok(fixture_open(&joined));
    node_head(joined.node, &after);
    ck_assert_uint_ge(after.header.height, before.header.height);
    check_proven(&joined, 119);
    run_blocks(&joined, before.header.height + 20);
    check_proven(&joined, 119);
}
END_TEST

START_TEST(a_joined_node_whose_cut_is_damaged_is_not_opened) {
    char path[128];
    struct buf cut = {0};
    write_snapshot(130);
    assert_ok(join());
    snprintf(path, sizeof path, "%s/joined", joined.folder);
    assert_ok(file_read(&cut, path, CUT_MAX_BYTES));
    assert_ok(file_replace(path, bytes_of(cut.data, cut.len - 1), 0600));
    assert_status(fixture_open(&joined), STATUS_CORRUPT);
    fixture_close(&joined);
    assert_ok(file_replace(path, buf_bytes(&cut), 0600));
    assert_ok(fixture_open(&joined));
    buf_clear(&cut);
}
END_TEST

// The same transactions lead to the same state, whether the chain began here or was joined.
START_TEST(both_execute_the_same_blocks_to_the_same_roots) {
    struct node_head head, other;
    struct buf block = {0};
    write_snapshot(130);
    assert_ok(join());
    uint64_t height = height_of(&fixture);
    fixture_close(&fixture);
    // The log from block 120 on, as a peer would hand it over: both folders hold the same file
    // then.
    char command[400];
    snprintf(command, sizeof command, "mkdir -p %s/blocks", joined.folder);
    ck_assert_int_eq(system(command), 0);
    assert_ok(fixture_open_idle(&fixture));
    struct block_log *log;
    char path[128];
    snprintf(path, sizeof path, "%s/blocks", joined.folder);
    struct block_log_config config = {.directory = path, .first_height = 120};
    assert_ok(block_log_open(&log, &config));
    for (uint64_t at = 120; at <= height; at++) {
        buf_reset(&block);
        assert_ok(node_read_block(fixture.node, at, &block));
        struct block_log_entry entry = {.height = at, .block = buf_bytes(&block)};
        assert_ok(block_log_append(log, &entry));
    }
    assert_ok(block_log_sync(log));
    block_log_close(log);
    // Opened, it executes them, compares every root, and signs what has no certificate yet.
    assert_ok(fixture_open_idle(&joined));
    node_head(fixture.node, &head);
    node_head(joined.node, &other);
    ck_assert(hash_equal(&head.id, &other.id));
    buf_clear(&block);
}
END_TEST

START_TEST(a_snapshot_of_other_witnesses_or_another_chain_is_refused) {
    struct buf manifest = {0};
    char path[128];
    write_snapshot(130);
    snprintf(path, sizeof path, "%s/manifest", snapshot);
    assert_ok(snapshot_read_manifest(&manifest, snapshot));
    // Another chain: the name in its genesis differs.
    joined.genesis.data[5] ^= 1;
    assert_status(join(), STATUS_INVALID);
    joined.genesis.data[5] ^= 1;
    // Each byte of header and certificate.
    size_t end = 1 + 4 + load_u32_le(manifest.data + 1);
    end += 4 + load_u32_le(manifest.data + end);
    for (size_t at = 5; at < end; at++) {
        manifest.data[at] ^= 0x04;
        assert_ok(file_replace(path, buf_bytes(&manifest), 0600));
        ck_assert(join() != STATUS_OK);
        ck_assert(!file_exists(joined.folder));
        manifest.data[at] ^= 0x04;
    }
    assert_ok(file_replace(path, buf_bytes(&manifest), 0600));
    assert_ok(join());
    assert_status(join(), STATUS_EXISTS);
    buf_clear(&manifest);
}
END_TEST

START_TEST(a_damaged_or_missing_piece_leaves_nothing_behind) {
    struct buf piece = {0};
    char path[128], part[128];
    write_snapshot(130);
    snprintf(path, sizeof path, "%s/piece-00000", snapshot);
    snprintf(part, sizeof part, "%s.joining", joined.folder);
    assert_ok(snapshot_read_piece(&piece, snapshot, 0));
    piece.data[piece.len - 1] ^= 1; // of a value
    assert_ok(file_replace(path, buf_bytes(&piece), 0600));
    assert_status(join(), STATUS_INVALID);
    ck_assert(!file_exists(joined.folder) && !file_exists(part));
    ck_assert_int_eq(unlink(path), 0);
    assert_status(join(), STATUS_NOT_FOUND);
    ck_assert(!file_exists(joined.folder) && !file_exists(part));
    piece.data[piece.len - 1] ^= 1;
    assert_ok(file_replace(path, buf_bytes(&piece), 0600));
    // What a crash left of an earlier try is no hindrance.
    ck_assert_int_eq(mkdir(part, 0700), 0);
    assert_ok(join());
    buf_clear(&piece);
}
END_TEST

START_TEST(there_is_no_snapshot_before_the_first_checkpoint) {
    assert_status(node_write_snapshot(fixture.node, snapshot), STATUS_NOT_FOUND);
}
END_TEST

// Removes what may go, as the node itself does once enough time has passed.
static uint64_t prune(uint64_t height) {
    struct block_log *log;
    char path[128];
    snprintf(path, sizeof path, "%s/blocks", fixture.folder);
    struct block_log_config config = {.directory = path, .segment_bytes = 4000};
    assert_ok(block_log_open(&log, &config));
    struct block_log_bound bound = {.height = height, .now_ms = UINT64_MAX};
    assert_ok(block_log_prune(log, &bound));
    uint64_t oldest = block_log_oldest(log);
    block_log_close(log);
    return oldest;
}

START_TEST(a_node_that_pruned_gets_over_the_loss_of_its_history) {
    static const int64_t LONG_MS = 40 * INT64_C(24) * 3600 * 1000;
    struct buf block = {0};
    char path[128];
    fixture_close(&fixture);
    fixture.segment_bytes = 4000;
    fixture.must_prune = true;
    assert_ok(fixture_open(&fixture));
    run_blocks(&fixture, 150);
    false_clock_set_wall(LONG_MS);
    run_blocks(&fixture, 350);
    uint64_t oldest = block_log_oldest(fixture.node->log);
    ck_assert_uint_gt(oldest, 100);
    ck_assert_uint_le(oldest, 151); // the first of the later time
    check_proven(&fixture, 0);
    fixture_close(&fixture);
    snprintf(path, sizeof path, "%s/history", fixture.folder);
    ck_assert_int_eq(unlink(path), 0);
    assert_ok(fixture_open(&fixture));
    assert_ok(node_read_block(fixture.node, oldest, &block));
    check_proven(&fixture, oldest);
    run_blocks(&fixture, 370);
    check_proven(&fixture, oldest);
    false_clock_set_wall(0);
    buf_clear(&block);
}
END_TEST

START_TEST(a_node_without_bodies_goes_on_and_an_archive_refuses_to) {
    struct buf block = {0};
    struct node_head head;
    char path[128];
    fixture_close(&fixture);
    fixture.segment_bytes = 4000;
    assert_ok(fixture_open(&fixture));
    run_blocks(&fixture, 230);
    assert_ok(checkpoint_wait(fixture.node->checkpoint));
    node_head(fixture.node, &head);
    fixture_close(&fixture);
    uint64_t oldest = prune(201);
    ck_assert_uint_gt(oldest, 150);
    ck_assert_uint_le(oldest, 201);
    assert_status(fixture_open(&fixture), STATUS_CORRUPT);
    fixture.must_prune = true;
    assert_ok(fixture_open(&fixture));
    assert_status(node_read_block(fixture.node, oldest - 1, &block), STATUS_NOT_FOUND);
    assert_ok(node_read_block(fixture.node, oldest, &block));
    // Its history is whole: an old header is proven without its body.
    struct merkle_branch branch;
    uint64_t height = head.header.height;
    assert_ok(history_branch(fixture.node->history, &branch, 7, height, &head.header.history_root));
    run_blocks(&fixture, height + 20);
    // Without a checkpoint there is nothing to go on from.
    fixture_close(&fixture);
    snprintf(path, sizeof path, "%s/state.sqlite", fixture.folder);
    ck_assert_int_eq(unlink(path), 0);
    assert_status(fixture_open(&fixture), STATUS_CORRUPT);
    buf_clear(&block);
}
END_TEST

Suite *snapshot_suite(void) {
    Suite *suite = suite_create("snapshot");
    TCase *cases = tcase_create("snapshot");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, begin_chain, clear_chain);
    tcase_add_test(cases, a_node_joins_by_a_snapshot_and_the_chain_goes_on);
    tcase_add_test(cases, a_joined_node_gets_over_the_loss_of_its_history);
    tcase_add_test(cases, a_joined_node_whose_cut_is_damaged_is_not_opened);
    tcase_add_test(cases, both_execute_the_same_blocks_to_the_same_roots);
    tcase_add_test(cases, a_snapshot_of_other_witnesses_or_another_chain_is_refused);
    tcase_add_test(cases, a_damaged_or_missing_piece_leaves_nothing_behind);
    tcase_add_test(cases, a_node_that_pruned_gets_over_the_loss_of_its_history);
    tcase_add_test(cases, a_node_without_bodies_goes_on_and_an_archive_refuses_to);
    tcase_add_test(cases, there_is_no_snapshot_before_the_first_checkpoint);
    suite_add_tcase(suite, cases);
    return suite;
}
