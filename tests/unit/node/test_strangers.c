// SPDX-License-Identifier: Apache-2.0
// What strangers may cost a node: many of them, each within what one peer may say.
#include "chaincore/base/log.h"
#include "chaincore/node/replica_inside.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

enum { FIRST = 100 }; // strangers' numbers begin there

static struct cluster cluster;

static void tear_down(void) { cluster_clear(&cluster); }
static void set_up(void) { log_set_level(LOG_ERROR); }

static void start(const size_t *key_counts, uint16_t count) {
    cluster_init(&cluster, key_counts, count);
    cluster_open_all(&cluster);
}

static uint16_t stranger(unsigned index) { return (uint16_t)(FIRST + index); }

static void meet_strangers(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct replica_peer_info info = {.node_key = {{9, (uint8_t)i}}};
        replica_peer_joined(cluster.members[0].replica, stranger(i), &info);
    }
}

static void say(uint16_t peer, uint8_t kind, struct bytes payload) {
    assert_ok(replica_frame(cluster.members[0].replica, peer, kind, payload));
    cluster.members[0].has_news = true;
}

static void run_once(void) {
    struct driver_time time = {.now_ms = cluster.now_ms, .wall_ms = cluster.now_ms};
    assert_ok(replica_run(cluster.members[0].replica, &time));
}

// --- blocks that they lack ---

static void deploy(int from) {
    static uint8_t code[1000 * 1000];
    struct fixture *fixture = &cluster.members[0].fixture;
    struct buf encoded = {0};
    struct hash id;
    struct tx tx;
    fixture_begin(fixture, &tx, from);
    tx.gas_limit = 30 * 1000 * 1000;
    tx.actions[tx.action_count++] =
        (struct tx_action){.kind = TX_DEPLOY, .deploy = {.code = BYTES_OF(code)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture->keys[from], node_chain_id(fixture->node)));
    tx_encode(&encoded, &tx);
    ck_assert_str_eq(tx_code_name(node_submit(fixture->node, buf_bytes(&encoded), &id)), "OK");
    cluster.members[0].has_news = true;
    buf_clear(&encoded);
}

// Of the largest block that there is: four megabytes of code, which no runtime takes.
static struct fetch find_large_block(void) {
    struct fetch fetch = {.epoch = cluster_look(&cluster, 0).agreement.epoch};
    struct buf encoded = {0};
    size_t largest = 0;
    for (uint64_t height = 1; height <= cluster_height(&cluster, 0); height++) {
        struct header header;
        buf_reset(&encoded);
        assert_ok(node_read_block(cluster.members[0].fixture.node, height, &encoded));
        if (encoded.len <= largest) continue;
        largest = encoded.len;
        assert_ok(block_decode_header(&header, buf_bytes(&encoded)));
        header_id(&fetch.block_id, &header);
    }
    ck_assert_uint_gt(largest, LIMIT_HANDOUT_BYTES);
    buf_clear(&encoded);
    return fetch;
}

START_TEST(what_many_lack_goes_out_one_large_block_in_a_run_until_all_have_it) {
    enum { STRANGERS = 96 };
    static const size_t all[] = {4};
    struct buf ask = {0};
    start(all, 1);
    for (int from = 0; from < 4; from++) deploy(from);
    cluster_pass(&cluster, 1000);
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = find_large_block()};
    wire_encode(&ask, &message, NULL);
    meet_strangers(STRANGERS);
    cluster_pass(&cluster, 100);
    uint64_t sent = cluster.sent[REPLICA_BLOCK];
    for (unsigned i = 0; i < STRANGERS; i++) say(stranger(i), REPLICA_VOTE, buf_bytes(&ask));
    for (uint64_t runs = 1; runs <= 3; runs++) {
        run_once();
        ck_assert_uint_eq(cluster.sent[REPLICA_BLOCK], sent + runs);
        ck_assert_uint_le(replica_wake_ms(cluster.members[0].replica), cluster.now_ms);
    }
    cluster_pass(&cluster, 40 * 1000); // at LIMIT_HANDOUT_BYTES_PER_S_OF_STRANGERS
    ck_assert_uint_eq(cluster.sent[REPLICA_BLOCK], sent + STRANGERS);
    buf_clear(&ask);
}
END_TEST

// --- nodes of a witness ---

static void certify(unsigned index, const struct secret_key *key) {
    struct public_key node = {{9, (uint8_t)index}}, public;
    struct signature signature;
    struct hash what;
    struct buf payload = {0};
    hash_bytes(&what, HASH_NODE_KEY, BYTES_OF(node));
    sign_payload(&signature, key, SIGN_NODE_KEY, node_chain_id(cluster.members[0].fixture.node),
                 &what);
    key_public_of(&public, key);
    encode_u32(&payload, 1);
    encode_fixed(&payload, public.bytes, sizeof public.bytes);
    encode_fixed(&payload, signature.bytes, sizeof signature.bytes);
    say(stranger(index), REPLICA_KEYS, buf_bytes(&payload));
    buf_clear(&payload);
}

static uint64_t unanswered(void) { return cluster_look(&cluster, 0).votes.unanswered; }

START_TEST(a_witness_that_certifies_many_nodes_wins_nothing) {
    static const size_t three_and_one[] = {3, 1};
    struct buf ask = {0};
    start(three_and_one, 2);
    for (int from = 0; from < 4; from++) deploy(from);
    cluster_pass(&cluster, 1000);
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = find_large_block()};
    wire_encode(&ask, &message, NULL);
    meet_strangers(3);
    for (unsigned i = 0; i < 2; i++) certify(i, &cluster.members[1].fixture.witnesses[0]);
    uint64_t before = cluster.sent[REPLICA_BLOCK];
    for (int i = 0; i < 100 && unanswered() == 0; i++) {
        say(stranger(0), REPLICA_VOTE, buf_bytes(&ask));
        run_once();
    }
    uint64_t given = cluster.sent[REPLICA_BLOCK];
    ck_assert_uint_ge(given, before + 4);
    // The second is a stranger as any.
    for (unsigned i = 1; i < 3; i++) say(stranger(i), REPLICA_VOTE, buf_bytes(&ask));
    run_once();
    ck_assert_uint_eq(cluster.sent[REPLICA_BLOCK], given + 1);
    run_once();
    ck_assert_uint_eq(cluster.sent[REPLICA_BLOCK], given + 2);
    buf_clear(&ask);
}
END_TEST

// --- votes ---

// Eight of them would fill all that may wait, each with what one peer may have waiting.
START_TEST(strangers_leave_room_for_a_witness_s_votes) {
    enum { STRANGERS = 96 };
    static const size_t one_each[] = {1, 1, 1, 1};
    struct buf vote = {0};
    start(one_each, 4);
    struct replica_peer_info info = {.node_key = {{9}}};
    for (uint16_t i = 0; i < 4; i++)
        replica_peer_joined(cluster.members[i].replica, CLUSTER_STRANGER, &info);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    buf_append(&vote, buf_bytes(&cluster.told[REPLICA_VOTE]));
    meet_strangers(STRANGERS);
    for (unsigned i = 0; i < STRANGERS; i++)
        for (int k = 0; k < LIMIT_DRIVER_QUEUE_OF_PEER; k++)
            say(stranger(i), REPLICA_VOTE, buf_bytes(&vote));
    uint64_t busy = cluster_look(&cluster, 0).counts.busy;
    ck_assert_uint_gt(busy, 0);
    for (int k = 0; k < LIMIT_DRIVER_QUEUE_OF_PEER; k++) say(1, REPLICA_VOTE, buf_bytes(&vote));
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.busy, busy);
    say(1, REPLICA_VOTE, buf_bytes(&vote));
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.busy, busy + 1);
    buf_clear(&vote);
}
END_TEST

// As many as it may have waiting, which tells whether it is a stranger.
static unsigned votes_taken(unsigned index, struct bytes vote) {
    uint64_t busy = cluster_look(&cluster, 0).counts.busy;
    unsigned taken = 0;
    while (taken <= LIMIT_DRIVER_QUEUE_OF_PEER) {
        say(stranger(index), REPLICA_VOTE, vote);
        if (cluster_look(&cluster, 0).counts.busy > busy) return taken;
        taken++;
    }
    return taken;
}

static void begin_epoch(const struct witness_set *set) {
    struct replica *replica = cluster.members[0].replica;
    keys_begin_epoch(replica, replica->epoch + 1, set);
}

static struct witness_set without(const struct witness_set *all, const struct secret_key *key) {
    struct witness_set set = *all;
    struct public_key public;
    key_public_of(&public, key);
    for (uint16_t i = 0; i < set.count; i++)
        if (memcmp(&set.keys[i], &public, sizeof public) == 0) {
            set.keys[i] = set.keys[--set.count];
            return set;
        }
    ck_abort_msg("it is not of the set");
    return set;
}

// It comes again, is known from when it was here before, and has told no keys yet.
START_TEST(a_witness_that_is_voted_out_is_a_stranger_while_it_is_connected) {
    static const size_t three_and_one[] = {3, 1};
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    struct buf fetch = {0};
    wire_encode(&fetch, &message, NULL);
    start(three_and_one, 2);
    const struct secret_key *key = &cluster.members[1].fixture.witnesses[0];
    struct witness_set all = cluster.members[0].replica->set;
    struct witness_set others = without(&all, key);
    meet_strangers(2);
    certify(0, key);
    replica_peer_left(cluster.members[0].replica, stranger(0));
    struct replica_peer_info info = {.node_key = {{9, 0}}};
    replica_peer_joined(cluster.members[0].replica, stranger(0), &info);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    ck_assert_uint_eq(votes_taken(1, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    run_once();
    begin_epoch(&others);
    ck_assert(!replica_is_trusted(cluster.members[0].replica, &info.node_key));
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    run_once();
    begin_epoch(&all); // it is elected again, and says its keys now
    certify(0, key);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    run_once();
    begin_epoch(&others);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    buf_clear(&fetch);
}
END_TEST

START_TEST(whom_the_operator_named_stays_so_over_elections) {
    static const size_t three_and_one[] = {3, 1};
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    struct buf fetch = {0};
    wire_encode(&fetch, &message, NULL);
    start(three_and_one, 2);
    struct witness_set all = cluster.members[0].replica->set;
    struct witness_set others = without(&all, &cluster.members[1].fixture.witnesses[0]);
    struct replica_peer_info info = {.node_key = {{9, 0}}, .is_named = true};
    replica_peer_joined(cluster.members[0].replica, stranger(0), &info);
    begin_epoch(&others);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    buf_clear(&fetch);
}
END_TEST

// KEYS say no time: who has an old machine of a witness takes nothing from the one that is here,
// and where that goes, the other may be its new one.
START_TEST(of_two_nodes_of_a_witness_the_first_speaks_until_it_goes) {
    static const size_t three_and_one[] = {3, 1};
    struct consensus_message message = {.kind = MESSAGE_FETCH, .fetch = {.view = 1}};
    struct replica_peer_info info = {.node_key = {{9, 0}}};
    struct buf fetch = {0};
    wire_encode(&fetch, &message, NULL);
    start(three_and_one, 2);
    struct replica *replica = cluster.members[0].replica;
    const struct secret_key *key = &cluster.members[1].fixture.witnesses[0];
    struct witness_set all = replica->set;
    meet_strangers(2);
    for (unsigned i = 0; i < 2; i++) certify(i, key);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    ck_assert_uint_eq(votes_taken(1, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    run_once();
    begin_epoch(&all);
    ck_assert_uint_eq(votes_taken(1, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    run_once();
    replica_peer_left(replica, stranger(0));
    ck_assert(!replica_is_trusted(replica, &info.node_key));
    ck_assert_uint_eq(votes_taken(1, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    run_once();
    replica_peer_joined(replica, stranger(0), &info);
    certify(0, key);
    ck_assert_uint_eq(votes_taken(0, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_STRANGER);
    ck_assert_uint_eq(votes_taken(1, buf_bytes(&fetch)), LIMIT_DRIVER_QUEUE_OF_PEER);
    buf_clear(&fetch);
}
END_TEST

Suite *strangers_suite(void) {
    Suite *suite = suite_create("strangers");
    TCase *cases = tcase_create("strangers");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_many_lack_goes_out_one_large_block_in_a_run_until_all_have_it);
    tcase_add_test(cases, a_witness_that_certifies_many_nodes_wins_nothing);
    tcase_add_test(cases, strangers_leave_room_for_a_witness_s_votes);
    tcase_add_test(cases, a_witness_that_is_voted_out_is_a_stranger_while_it_is_connected);
    tcase_add_test(cases, whom_the_operator_named_stays_so_over_elections);
    tcase_add_test(cases, of_two_nodes_of_a_witness_the_first_speaks_until_it_goes);
    suite_add_tcase(suite, cases);
    return suite;
}
