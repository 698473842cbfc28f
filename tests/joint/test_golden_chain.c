// SPDX-License-Identifier: Apache-2.0
// The small chain of docs/protocol.md is made by the functions that execute transactions. Here a
// node finds its blocks in its log, and executes them to the same headers.
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/ledger/block_log.h"
#include "chaincore/node/node.h"
#include "tests/support/unit.h"
#include "tests/vectors/golden_chain.h"

static struct golden_chain chain;
static char folder[64];

static void set_up(void) {
    static const char template[] = "/tmp/lmm-golden-XXXXXX";
    memcpy(folder, template, sizeof template);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    golden_init();
    golden_chain_make(&chain);
}
static void tear_down(void) {
    golden_chain_clear(&chain);
    assert_ok(file_remove_tree(folder));
}

static enum status open_node(struct node **out) {
    struct node_config config = {.data_dir = folder,
                                 .genesis = buf_bytes(&chain.genesis_bytes),
                                 .codes = &chain.code,
                                 .code_count = 1,
                                 .witness_keys = &golden_secret,
                                 .witness_key_count = 1};
    return node_open(out, &config);
}

// Both blocks, durable and not yet signed: what a node finds after a crash.
static void write_log(void) {
    struct node *node;
    struct block_log *log;
    char path[96];
    assert_ok(open_node(&node));
    node_close(node);
    snprintf(path, sizeof path, "%s/blocks", folder);
    assert_ok(block_log_open(&log, &(struct block_log_config){.directory = path}));
    for (uint64_t i = 0; i < GOLDEN_BLOCKS; i++) {
        const struct golden_block *block = &chain.blocks[i];
        struct block_log_entry entry = {.height = i + 1,
                                        .block = buf_bytes(&block->encoded),
                                        .tx_ids = block->tx_ids,
                                        .tx_count = block->tx_count};
        assert_ok(block_log_append(log, &entry));
    }
    assert_ok(block_log_sync(log));
    block_log_close(log);
}

START_TEST(a_node_executes_the_documented_chain_to_the_documented_headers) {
    struct node *node;
    struct node_head head;
    struct hash id;
    write_log();
    assert_ok(open_node(&node));
    node_head(node, &head);
    ck_assert_uint_eq(head.header.height, GOLDEN_BLOCKS);
    ck_assert(hash_equal(&head.id, &chain.blocks[GOLDEN_BLOCKS - 1].id));
    struct state_version *genesis = node_state_at(node, 0, &head);
    ck_assert_ptr_nonnull(genesis);
    node_state_release(genesis);
    header_id(&id, &chain.genesis_header);
    ck_assert(hash_equal(&head.id, &id));
    node_close(node);
}
END_TEST

START_TEST(a_node_refuses_a_block_that_claims_another_state) {
    struct node *node;
    struct golden_block *last = &chain.blocks[GOLDEN_BLOCKS - 1];
    struct buf header = {0};
    last->header.state_root.bytes[0] ^= 1;
    header_encode(&header, &last->header);
    memcpy(last->encoded.data, header.data, header.len);
    buf_clear(&header);
    write_log();
    assert_status(open_node(&node), STATUS_CORRUPT);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("golden chain");
    TCase *cases = tcase_create("golden chain");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_node_executes_the_documented_chain_to_the_documented_headers);
    tcase_add_test(cases, a_node_refuses_a_block_that_claims_another_state);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
