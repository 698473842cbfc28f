// SPDX-License-Identifier: Apache-2.0
// Witnesses with threads and sockets that have been told of one node alone, which is none. Each
// listens at an address of its own, which no call of its comes from, so nobody is told of it but by
// its record.
#include <stdio.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/network.h"
#include "tests/support/unit.h"

enum { WITNESSES = 12, COMMON = WITNESSES, NODES, SOON_MS = 120 * 1000, STEP_MS = 20 };

static char folder[TEST_FOLDER_BYTES];
static struct buf genesis;
static struct secret_key keys[WITNESSES];
static struct member {
    struct node *node;
    char data[80], votes[80], address[16];
} members[NODES];
static char common[32];

static void make_genesis(void) {
    struct genesis_witness witnesses[WITNESSES];
    struct genesis_account account = {.balance = amount_of_units(1000)};
    for (unsigned i = 0; i < WITNESSES; i++) {
        uint8_t seed[32] = {(uint8_t)i};
        key_from_seed(&keys[i], &witnesses[i].key, seed);
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    account.id = witnesses[0].account;
    struct genesis what = {.name = bytes_of_string("records"),
                           .time_ms = 1000,
                           .params = {.block_interval_ms = 500,
                                      .epoch_blocks = 120,
                                      .min_gas_price = 1,
                                      .block_gas_limit = 1000000000,
                                      .deposit_per_byte = 10,
                                      .min_witnesses = WITNESSES,
                                      .protocol = PROTOCOL_NEWEST},
                           .account_count = 1,
                           .accounts = &account,
                           .witness_count = WITNESSES,
                           .witnesses = witnesses};
    genesis_encode(&genesis, &what);
}

static void open_member(int i) {
    struct member *member = &members[i];
    const char *peers[] = {common};
    struct node_network network = {.address = member->address,
                                   .peers = peers,
                                   .peer_count = i == COMMON ? 0 : 1,
                                   .votes_dir = member->votes,
                                   .is_first_start = true,
                                   .takes_private = true,
                                   .per_address = 64}; // all of them are on one machine
    struct node_config config = {.data_dir = member->data,
                                 .genesis = buf_bytes(&genesis),
                                 .witness_keys = &keys[i == COMMON ? 0 : i],
                                 .witness_key_count = i == COMMON ? 0 : 1,
                                 .network = &network};
    assert_ok(node_open(&member->node, &config));
    assert_ok(node_start(member->node));
}

static void close_member(int i) {
    node_close(members[i].node);
    members[i].node = NULL;
}

static void set_up(void) {
    log_set_level(LOG_ERROR);
    test_folder(folder, "records");
    make_genesis();
    for (int i = 0; i < NODES; i++) {
        struct member *member = &members[i];
        snprintf(member->data, sizeof member->data, "%s/%d", folder, i);
        snprintf(member->votes, sizeof member->votes, "%s/%d.votes", folder, i);
        snprintf(member->address, sizeof member->address, "127.0.1.%d", i + 1);
    }
    open_member(COMMON);
    snprintf(common, sizeof common, "%s:%u", members[COMMON].address,
             node_port(members[COMMON].node));
    for (int i = 0; i < WITNESSES; i++) open_member(i);
}

static void tear_down(void) {
    for (int i = 0; i < NODES; i++) node_close(members[i].node);
    assert_ok(file_remove_tree(folder));
    buf_clear(&genesis);
}

static struct network_look look_at(int i) {
    struct network_look look = {0};
    (void)node_network_look(members[i].node, &look);
    return look;
}

static bool are_all_connected(void) {
    for (int i = 0; i < WITNESSES; i++)
        if (look_at(i).replica.keys_known < WITNESSES - 1) return false;
    return true;
}

static void await_all_connected(void) {
    uint64_t until_ms = clock_monotonic_ms() + SOON_MS;
    while (!are_all_connected()) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        (void)node_wait(members[0].node, UINT64_MAX, STEP_MS);
    }
}

static uint64_t height_of(int i) {
    struct node_head head;
    node_head(members[i].node, &head);
    return head.header.height;
}

static void await_blocks(void) {
    uint64_t heights[NODES], until_ms = clock_monotonic_ms() + SOON_MS;
    for (int i = 0; i < NODES; i++) heights[i] = height_of(i);
    for (int i = 0; i < NODES; i++) {
        while (height_of(i) < heights[i] + 2) {
            ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
            (void)node_wait(members[i].node, height_of(i), STEP_MS);
        }
    }
}

START_TEST(who_name_one_node_are_all_connected_and_agree) {
    await_all_connected();
    await_blocks();
    ck_assert_uint_eq(look_at(COMMON).replica.records, WITNESSES);
    ck_assert_uint_eq(look_at(COMMON).replica.counts.records_called, 0); // it is no witness
    for (int i = 0; i < NODES; i++) {
        ck_assert_uint_eq(look_at(i).replica.counts.records_forged, 0);
        ck_assert_uint_eq(look_at(i).host.broken, 0);
    }
}
END_TEST

// With four of twelve gone the rest do not agree, so it takes all that have moved.
START_TEST(who_move_are_found_again) {
    await_all_connected();
    for (int i = 0; i < 4; i++) close_member(i);
    for (int i = 0; i < 4; i++) {
        snprintf(members[i].address, sizeof members[i].address, "127.0.2.%d", i + 1);
        open_member(i);
    }
    await_all_connected();
    await_blocks();
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("find_witnesses");
    TCase *cases = tcase_create("records");
    tcase_set_timeout(cases, 400);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_name_one_node_are_all_connected_and_agree);
    tcase_add_test(cases, who_move_are_found_again);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
}
