// SPDX-License-Identifier: Apache-2.0
// An account's keys change while transactions are on their way: nodes are at different blocks, and
// nobody is to blame.
#include <stdlib.h>

#include "chaincore/base/log.h"
#include "chaincore/chain/authority.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

static struct cluster cluster;

static void set_up(void) {
    static const size_t one_has_all[] = {4, 0};
    log_set_level((enum log_level)(LOG_ERROR + 1));
    cluster_init(&cluster, one_has_all, 2);
    cluster_open_all(&cluster);
}

static void tear_down(void) { cluster_clear(&cluster); }

static int compare_secrets(const void *a, const void *b) {
    const struct secret_key *left = a, *right = b;
    return memcmp(left->bytes + 32, right->bytes + 32, 32);
}

// Two keys out of a family of keys, threshold one.
static void family(struct secret_key out[2], uint8_t which) {
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t seed[32] = {9, which, i};
        struct public_key key;
        key_from_seed(&out[i], &key, seed);
    }
    qsort(out, 2, sizeof *out, compare_secrets);
}

static struct tx begin_tx(uint64_t lane, uint64_t seq) {
    const struct fixture *fixture = &cluster.members[0].fixture;
    return (struct tx){.version = TX_VERSION,
                       .sender = fixture->ids[0],
                       .lane = (uint32_t)lane,
                       .seq = seq,
                       .valid_until = 1000,
                       .gas_limit = 20000000,
                       .gas_price = 1};
}

static struct hash submit_signed(uint16_t member, struct tx *tx, const struct secret_key *signer,
                                 bool is_indexed) {
    struct buf encoded = {0};
    struct hash id;
    struct fixture *fixture = &cluster.members[member].fixture;
    if (is_indexed)
        assert_ok(tx_sign_indexed(tx, TX_ROLE_SENDER, 0, signer, node_chain_id(fixture->node)));
    else
        assert_ok(tx_sign(tx, TX_ROLE_SENDER, signer, node_chain_id(fixture->node)));
    tx_encode(&encoded, tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    replica_note_tx(cluster.members[member].replica, buf_bytes(&encoded));
    cluster.members[member].has_news = true;
    buf_clear(&encoded);
    return id;
}

static struct hash rotate(uint16_t member, uint64_t seq, const struct secret_key keys[2],
                          const struct secret_key *signer, bool is_indexed) {
    struct authority authority = {.threshold = 1, .key_count = 2};
    struct buf encoded = {0};
    struct tx tx = begin_tx(0, seq);
    for (int i = 0; i < 2; i++) {
        key_public_of(&authority.keys[i].key, &keys[i]);
        authority.keys[i].weight = 1;
    }
    authority_encode(&encoded, &authority);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_SET_AUTHORITY, .set_authority = {.authority = buf_bytes(&encoded)}};
    struct hash id = submit_signed(member, &tx, signer, is_indexed);
    buf_clear(&encoded);
    return id;
}

static struct tx pay(uint64_t lane, uint64_t seq) {
    const struct fixture *fixture = &cluster.members[0].fixture;
    struct tx tx = begin_tx(lane, seq);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture->ids[3], .amount = amount_of_units(1)}};
    return tx;
}

// An account whose keys changed twice sends a hundred transactions while a node catches up.
START_TEST(who_catches_up_blames_nobody_for_keys_that_it_does_not_know_yet) {
    struct secret_key first[2], second[2];
    family(first, 1);
    family(second, 2);
    struct hash id = rotate(0, 0, first, &cluster.members[0].fixture.keys[0], false);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 1);
    id = rotate(0, 1, second, &first[0], true);
    ck_assert(cluster_await(&cluster, &id));
    for (int i = 0; i < 100; i++) {
        id = cluster_submit(&cluster, 0, 1, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, 1);
    for (uint64_t i = 0; i < 100; i++) {
        struct tx tx = pay(0, 2 + i);
        id = submit_signed(0, &tx, &second[0], true);
    }
    cluster_await(&cluster, &id);
    ck_assert_uint_lt(cluster.members[1].penalties[0], HOST_PENALTY_MAX);
}
END_TEST

// Waits at the second member, and is told of when it tells what waits.
static void submit_quietly(void) {
    struct fixture *fixture = &cluster.members[1].fixture;
    struct buf encoded = {0};
    struct hash id;
    struct tx tx;
    fixture_begin(fixture, &tx, 1);
    tx.actions[tx.action_count++] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture->ids[3], .amount = amount_of_units(1)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture->keys[1], node_chain_id(fixture->node)));
    tx_encode(&encoded, &tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    buf_clear(&encoded);
}

// What can never be applied any more leaves all mempools, and not its maker's alone; else it is
// told again and again to those who know better.
START_TEST(what_old_keys_signed_leaves_all_mempools) {
    struct secret_key first[2], second[2];
    struct node_counts counts;
    family(first, 1);
    family(second, 2);
    struct hash id = rotate(0, 0, first, &cluster.members[0].fixture.keys[0], false);
    ck_assert(cluster_await(&cluster, &id));
    rotate(0, 1, second, &first[0], true);
    for (uint64_t i = 0; i < 100; i++) {
        struct tx tx = pay(1, i);
        submit_signed(0, &tx, &first[0], true);
    }
    // Something that can be applied always waits, so that it is not dropped as no work.
    for (uint64_t until_ms = cluster.now_ms + 30 * 1000; cluster.now_ms < until_ms;) {
        submit_quietly();
        cluster_pass(&cluster, 200);
    }
    node_counts(cluster.members[1].fixture.node, &counts);
    ck_assert_uint_lt(counts.mempool_txs, 100);
    ck_assert_uint_eq(cluster.members[0].penalties[1], 0);
}
END_TEST

static bool is_taken_from_stranger(uint64_t seq, const struct secret_key *signer) {
    struct replica *replica = cluster.members[0].replica;
    struct buf payload = {0}, encoded = {0};
    struct tx tx = pay(0, seq);
    uint64_t before = cluster_look(&cluster, 0).counts.txs_taken;
    assert_ok(tx_sign_indexed(&tx, TX_ROLE_SENDER, 0, signer,
                              node_chain_id(cluster.members[0].fixture.node)));
    tx_encode(&encoded, &tx);
    encode_u32(&payload, 1);
    encode_bytes(&payload, buf_bytes(&encoded));
    assert_ok(replica_frame(replica, CLUSTER_STRANGER, REPLICA_TXS, buf_bytes(&payload)));
    cluster.members[0].has_news = true;
    cluster_pass(&cluster, 1);
    buf_clear(&encoded);
    buf_clear(&payload);
    return cluster_look(&cluster, 0).counts.txs_taken > before;
}

// Each costs a verification: so many a minute are enough.
START_TEST(keys_that_are_none_here_are_looked_at_so_often) {
    struct secret_key first[2], second[2];
    struct replica_peer_info stranger = {.node_key = {{9}}};
    family(first, 1);
    family(second, 2);
    struct hash id = rotate(0, 0, first, &cluster.members[0].fixture.keys[0], false);
    ck_assert(cluster_await(&cluster, &id));
    replica_peer_joined(cluster.members[0].replica, CLUSTER_STRANGER, &stranger);
    ck_assert(is_taken_from_stranger(1, &first[0]));
    for (uint64_t i = 0; i <= LIMIT_GOSSIP_BAD_SIGNATURES; i++)
        ck_assert(!is_taken_from_stranger(3 + i, &second[0]));
    ck_assert(!is_taken_from_stranger(2, &first[0]));
    cluster_pass(&cluster, 61 * 1000);
    ck_assert(is_taken_from_stranger(2, &first[0]));
    ck_assert_uint_eq(cluster.members[0].penalties[CLUSTER_STRANGER], 0);
}
END_TEST

Suite *other_keys_suite(void) {
    Suite *suite = suite_create("other_keys");
    TCase *cases = tcase_create("other_keys");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, who_catches_up_blames_nobody_for_keys_that_it_does_not_know_yet);
    tcase_add_test(cases, what_old_keys_signed_leaves_all_mempools);
    tcase_add_test(cases, keys_that_are_none_here_are_looked_at_so_often);
    suite_add_tcase(suite, cases);
    return suite;
}
