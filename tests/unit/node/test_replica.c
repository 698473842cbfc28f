// SPDX-License-Identifier: Apache-2.0
// Real nodes that agree over a false network: with what they owe one another, and what strangers
// may do to them.
#include "tests/unit/node/cluster.h"

#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/suites_replica.h"

static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1, 1, 0};
static const size_t shared[] = {2, 1, 1};

static void tear_down(void) { cluster_clear(&cluster); }
static void set_up(void) { log_set_level(LOG_ERROR); }

static void start(const size_t *key_counts, uint16_t count) {
    cluster_init(&cluster, key_counts, count);
    cluster_open_all(&cluster);
}

static void check_no_penalties(void) {
    for (uint16_t i = 0; i < cluster.count; i++)
        for (uint16_t peer = 0; peer < CLUSTER_PEERS; peer++)
            ck_assert_uint_eq(cluster.members[i].penalties[peer], 0);
}

START_TEST(what_is_submitted_anywhere_becomes_final_everywhere) {
    start(one_each, 4);
    for (uint16_t i = 0; i < 12; i++) {
        struct hash id = cluster_submit(&cluster, i % 4, i % FIXTURE_ACCOUNTS, i + 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_compare(&cluster);
    ck_assert_uint_ge(cluster_height(&cluster, 0), 12);
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 3);
    check_no_penalties();
}
END_TEST

START_TEST(many_at_once_become_final_in_few_blocks) {
    struct hash last[4];
    start(one_each, 4);
    for (uint64_t i = 0; i < 50; i++)
        for (uint16_t member = 0; member < 4; member++)
            last[member] = cluster_submit(&cluster, member, member, i + 1);
    for (uint16_t member = 0; member < 4; member++)
        ck_assert(cluster_await(&cluster, &last[member]));
    ck_assert_uint_le(cluster_height(&cluster, 0), 20);
    cluster_compare(&cluster);
}
END_TEST

START_TEST(a_process_may_hold_several_keys) {
    start(shared, 3);
    struct hash id = cluster_submit(&cluster, 2, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys, 2);
    ck_assert_uint_eq(cluster_look(&cluster, 1).keys_known, 3);
    cluster_compare(&cluster);
}
END_TEST

START_TEST(a_node_without_keys_follows_and_passes_on) {
    start(one_each, 5);
    struct hash id = cluster_submit(&cluster, 4, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert_uint_eq(cluster_look(&cluster, 4).keys, 0);
    ck_assert_uint_eq(cluster_look(&cluster, 4).keys_known, 4);
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(three_of_four_go_on_and_two_do_not) {
    start(one_each, 4);
    cluster_close(&cluster, 3);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 2);
    id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(!cluster_await(&cluster, &id));
    cluster_open(&cluster, 2);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

// By the state machine's own count: views that brought nothing.
static uint64_t null_views(void) {
    return cluster_look(&cluster, 0).agreement.view - 1 - cluster_height(&cluster, 0);
}

START_TEST(without_work_there_is_a_block_a_minute_and_nobody_is_passed_over) {
    start(one_each, 4);
    for (int i = 0; i < 8; i++) {
        struct hash id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
        cluster_pass(&cluster, 10 * CLUSTER_TIMEOUT_MS);
    }
    uint64_t height = cluster_height(&cluster, 0);
    ck_assert_uint_le(height, 2 * 8);
    ck_assert_uint_eq(null_views(), 0);
    cluster_pass(&cluster, 5 * LIMIT_EMPTY_PAUSE_MS);
    ck_assert_uint_ge(cluster_height(&cluster, 0), height + 4);
    ck_assert_uint_le(cluster_height(&cluster, 0), height + 5);
    ck_assert_uint_eq(null_views(), 0);
    cluster_compare(&cluster);
}
END_TEST

START_TEST(who_is_away_makes_the_others_wait_no_longer_than_a_view_takes) {
    start(one_each, 4);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 3);
    uint64_t height = cluster_height(&cluster, 0);
    cluster_pass(&cluster, 8 * (LIMIT_EMPTY_PAUSE_MS + 10 * CLUSTER_TIMEOUT_MS));
    ck_assert_uint_ge(cluster_height(&cluster, 0), height + 8);
    ck_assert_uint_ge(null_views(), 1); // its own
    ck_assert_uint_le(null_views(), 8);
    cluster_compare(&cluster);
}
END_TEST

START_TEST(who_was_away_for_a_while_catches_up) {
    struct hash id;
    start(one_each, 4);
    cluster_close(&cluster, 1);
    for (int i = 0; i < 5; i++) {
        id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, 1);
    ck_assert(cluster_await(&cluster, &id));
    id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

// More than others keep of agreement, and over ends of epochs.
START_TEST(who_was_away_for_long_and_who_is_new_get_all_blocks) {
    struct hash id;
    cluster_init(&cluster, one_each, 5);
    for (uint16_t i = 0; i < 4; i++) cluster_open(&cluster, i);
    id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 1);
    while (cluster_height(&cluster, 0) < 2 * LIMIT_VIEWS_KEPT) {
        id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, 1);
    cluster_open(&cluster, 4);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    // It votes again: with another one gone, nobody can be done without.
    cluster_close(&cluster, 2);
    id = cluster_submit(&cluster, 4, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    check_no_penalties();
}
END_TEST

// It executes some blocks in each run, while others tell it of the end of the epoch that it was in.
START_TEST(blocks_of_several_epochs_come_while_agreement_is_in_the_first) {
    enum { EPOCH = 4, AWAY_EPOCHS = 6 };
    _Static_assert(EPOCH * AWAY_EPOCHS > 2 * LIMIT_SYNC_TAKEN, "they take several runs");
    struct hash id;
    cluster_init(&cluster, one_each, 4);
    for (uint16_t i = 0; i < 4; i++) fixture_set_epoch(&cluster.members[i].fixture, EPOCH);
    cluster_open_all(&cluster);
    id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 1);
    while (cluster_height(&cluster, 0) < EPOCH * AWAY_EPOCHS) {
        id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 2); // it is needed
    id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(all_may_stop_at_any_time) {
    start(one_each, 4);
    for (uint64_t round = 0; round < 6; round++) {
        struct hash id = cluster_submit(&cluster, round % 4, (int)(round % 4), 1);
        cluster_pass(&cluster, 3 * round); // somewhere on its way
        for (uint16_t i = 0; i < 4; i++) cluster_close(&cluster, i);
        cluster_open_all(&cluster);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

// The log of votes begins where the epoch did, and nobody who is still up can help.
START_TEST(all_may_stop_after_more_blocks_than_one_holds_unfinal) {
    start(one_each, 4);
    for (uint64_t units = 1; units <= LIMIT_BRANCH_BLOCKS + LIMIT_UNFINAL_BLOCKS; units++) {
        struct hash id = cluster_submit(&cluster, 1, 1, units);
        ck_assert(cluster_await(&cluster, &id));
    }
    ck_assert_uint_gt(cluster_height(&cluster, 0), LIMIT_BRANCH_BLOCKS);
    for (uint16_t i = 0; i < 4; i++) cluster_close(&cluster, i);
    cluster_open_all(&cluster);
    struct hash id = cluster_submit(&cluster, 1, 1, 1000);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(frames_that_are_lost_cost_time_alone) {
    start(one_each, 4);
    cluster.loss_percent = 20;
    for (int i = 0; i < 10; i++) {
        struct hash id = cluster_submit(&cluster, (uint16_t)(i % 4), 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(what_waits_is_told_to_who_comes_later) {
    static const size_t none_first[] = {0, 1, 1, 1};
    cluster_init(&cluster, none_first, 4);
    cluster_open(&cluster, 0);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    cluster_pass(&cluster, 1000);
    for (uint16_t i = 1; i < 4; i++) cluster_open(&cluster, i);
    ck_assert(cluster_await(&cluster, &id));
}
END_TEST

// But for a question to a few, again and again, whether one has missed anything.
START_TEST(a_chain_that_waits_makes_no_blocks_for_a_minute) {
    start(one_each, 4);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_pass(&cluster, 2000); // until all views are done
    uint64_t height = cluster_height(&cluster, 0), blocks = cluster.sent[REPLICA_BLOCK];
    uint64_t txs = cluster.sent[REPLICA_TXS], votes = cluster.sent[REPLICA_VOTE];
    cluster_pass(&cluster, 30 * 1000);
    ck_assert_uint_eq(cluster_height(&cluster, 0), height);
    ck_assert_uint_eq(cluster.sent[REPLICA_BLOCK], blocks);
    ck_assert_uint_eq(cluster.sent[REPLICA_TXS], txs);
    ck_assert_uint_le(cluster.sent[REPLICA_VOTE] - votes,
                      30 * 1000 / CLUSTER_TIMEOUT_MS * 4 * LIMIT_FETCH_ASKED);
    cluster_pass(&cluster, 60 * 1000); // a minute without a block is followed by one
    ck_assert_uint_gt(cluster_height(&cluster, 0), height);
}
END_TEST

// --- transactions ---

static struct buf transfer(int from, uint64_t seq, const struct hash *chain_id) {
    const struct fixture *fixture = &cluster.members[0].fixture;
    struct buf encoded = {0};
    struct tx tx = {.version = TX_VERSION,
                    .sender = fixture->ids[from],
                    .seq = seq,
                    .valid_until = 1000,
                    .gas_limit = 20000000,
                    .gas_price = 1,
                    .action_count = 1};
    tx.actions[0] = (struct tx_action){
        .kind = TX_TRANSFER, .transfer = {.to = fixture->ids[3], .amount = amount_of_units(1)}};
    assert_ok(tx_sign(&tx, TX_ROLE_SENDER, &fixture->keys[from], chain_id));
    tx_encode(&encoded, &tx);
    return encoded;
}

static void meet_stranger(uint16_t member) {
    struct replica_peer_info info = {.node_key = {{9}}};
    replica_peer_joined(cluster.members[member].replica, CLUSTER_STRANGER, &info);
}

static enum status say(uint8_t kind, struct bytes payload) {
    cluster.members[0].has_news = true;
    return replica_frame(cluster.members[0].replica, CLUSTER_STRANGER, kind, payload);
}

static enum status say_txs(const struct buf *txs, size_t count) {
    struct buf payload = {0};
    encode_u32(&payload, (uint32_t)count);
    for (size_t i = 0; i < count; i++) encode_bytes(&payload, buf_bytes(&txs[i]));
    enum status status = say(REPLICA_TXS, buf_bytes(&payload));
    buf_clear(&payload);
    return status;
}

static void say_tx_and_run(struct buf tx) {
    assert_ok(say_txs(&tx, 1));
    buf_clear(&tx);
    cluster_pass(&cluster, 1);
}

static unsigned penalty(void) { return cluster.members[0].penalties[CLUSTER_STRANGER]; }

static void start_with_stranger(void) {
    cluster_init(&cluster, one_each, 4);
    cluster_open(&cluster, 0); // alone, it makes no block: what waits goes on to wait
    meet_stranger(0);
}

static const struct hash *chain(void) { return node_chain_id(cluster.members[0].fixture.node); }

START_TEST(a_transaction_goes_on_once_and_not_back) {
    start_with_stranger();
    cluster_open(&cluster, 1);
    cluster_pass(&cluster, 1);
    buf_reset(&cluster.told[REPLICA_TXS]);
    uint64_t sent = cluster.sent[REPLICA_TXS];
    say_tx_and_run(transfer(0, 0, chain()));
    ck_assert_uint_eq(cluster.sent[REPLICA_TXS], sent + 1); // to the other member
    ck_assert_uint_eq(cluster.told[REPLICA_TXS].len, 0);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.txs_taken, 1);
    for (int i = 0; i < 3; i++) say_tx_and_run(transfer(0, 0, chain()));
    ck_assert_uint_eq(cluster.sent[REPLICA_TXS], sent + 1);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.txs_known, 3);
    cluster_pass(&cluster, 100);
    ck_assert_uint_eq(cluster_look(&cluster, 1).counts.txs_taken, 1);
    ck_assert_uint_eq(penalty(), 0);
}
END_TEST

START_TEST(what_is_no_transaction_costs_its_sender) {
    static const uint8_t noise[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    start_with_stranger();
    struct buf tx = {0};
    buf_append(&tx, BYTES_OF(noise));
    say_tx_and_run(tx);
    ck_assert_uint_gt(penalty(), 0);
    unsigned before = penalty();
    tx = (struct buf){0};
    say_tx_and_run(tx); // nothing at all
    ck_assert_uint_gt(penalty(), before);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.txs_taken, 0);
}
END_TEST

START_TEST(what_the_state_refuses_costs_nothing_and_may_come_again) {
    start_with_stranger();
    say_tx_and_run(transfer(0, 1, chain())); // too early
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.txs_taken, 0);
    say_tx_and_run(transfer(0, 0, chain()));
    say_tx_and_run(transfer(0, 1, chain()));
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.txs_taken, 2);
    ck_assert_uint_eq(penalty(), 0);
}
END_TEST

START_TEST(a_few_bad_signatures_are_forgiven_and_many_are_not) {
    static const struct hash other_chain = {{3}};
    start_with_stranger();
    for (uint64_t i = 0; i < LIMIT_GOSSIP_BAD_SIGNATURES; i++)
        say_tx_and_run(transfer(0, i, &other_chain));
    ck_assert_uint_eq(penalty(), 0);
    say_tx_and_run(transfer(0, LIMIT_GOSSIP_BAD_SIGNATURES, &other_chain));
    ck_assert_uint_gt(penalty(), 0);
}
END_TEST

START_TEST(a_flood_of_transactions_is_bounded) {
    struct buf payload = {0};
    start_with_stranger();
    encode_u32(&payload, 1);
    encode_u32(&payload, LIMIT_DEPLOY_TX_BYTES);
    size_t head = payload.len;
    buf_reserve(&payload, LIMIT_DEPLOY_TX_BYTES);
    payload.len += LIMIT_DEPLOY_TX_BYTES;
    memset(payload.data + head, 0, LIMIT_DEPLOY_TX_BYTES);
    for (uint32_t i = 0; i < 100; i++) {
        store_u32_le(payload.data + head, i);
        assert_ok(say(REPLICA_TXS, buf_bytes(&payload)));
    }
    buf_clear(&payload);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.busy,
                      100 - LIMIT_GOSSIP_BYTES_OF_PEER / LIMIT_DEPLOY_TX_BYTES);
    cluster_pass(&cluster, 1);
    replica_peer_left(cluster.members[0].replica, CLUSTER_STRANGER);
}
END_TEST

// --- keys ---

static struct buf keys_of(const struct secret_key *key, const struct public_key *node_key,
                          uint32_t count) {
    struct buf payload = {0};
    struct hash what;
    hash_bytes(&what, HASH_NODE_KEY, BYTES_OF(*node_key));
    encode_u32(&payload, count);
    for (uint32_t i = 0; i < count; i++) {
        struct public_key public;
        struct signature signature;
        key_public_of(&public, key);
        sign_payload(&signature, key, SIGN_NODE_KEY, chain(), &what);
        encode_fixed(&payload, public.bytes, sizeof public.bytes);
        encode_fixed(&payload, signature.bytes, sizeof signature.bytes);
    }
    return payload;
}

START_TEST(a_witness_has_its_place_and_keeps_it) {
    static const struct public_key stranger = {{9}};
    start_with_stranger();
    struct replica *replica = cluster.members[0].replica;
    struct buf payload = keys_of(&cluster.members[1].fixture.witnesses[0], &stranger, 1);
    ck_assert(!replica_is_trusted(replica, &stranger));
    assert_ok(say(REPLICA_KEYS, buf_bytes(&payload)));
    ck_assert(replica_is_trusted(replica, &stranger));
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 1);
    replica_peer_left(replica, CLUSTER_STRANGER);
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 0);
    ck_assert(replica_is_trusted(replica, &stranger));
    buf_clear(&payload);
}
END_TEST

START_TEST(keys_of_nobody_are_worth_nothing) {
    static const struct public_key stranger = {{9}}, other = {{10}};
    struct secret_key own;
    struct public_key public;
    uint8_t seed[32] = {77};
    start_with_stranger();
    struct replica *replica = cluster.members[0].replica;
    key_from_seed(&own, &public, seed);
    struct buf payload = keys_of(&own, &stranger, 1);
    assert_ok(say(REPLICA_KEYS, buf_bytes(&payload)));
    ck_assert(!replica_is_trusted(replica, &stranger));
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 0);
    assert_status(say(REPLICA_KEYS, buf_bytes(&payload)), STATUS_MALFORMED); // once is enough
    buf_clear(&payload);
    // Of a witness, but for another node.
    replica_peer_left(replica, CLUSTER_STRANGER);
    meet_stranger(0);
    payload = keys_of(&cluster.members[1].fixture.witnesses[0], &other, 1);
    assert_status(say(REPLICA_KEYS, buf_bytes(&payload)), STATUS_BAD_SIGNATURE);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.keys_forged, 1);
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 0);
    buf_clear(&payload);
}
END_TEST

// --- what is no frame ---

START_TEST(a_frame_cut_at_any_byte_is_refused) {
    start_with_stranger();
    static const struct public_key stranger = {{9}};
    struct buf keys = keys_of(&cluster.members[1].fixture.witnesses[0], &stranger, 2);
    struct buf tx = transfer(0, 0, chain()), txs = {0};
    encode_u32(&txs, 1);
    encode_bytes(&txs, buf_bytes(&tx));
    for (size_t len = 0; len < keys.len; len++) {
        replica_peer_left(cluster.members[0].replica, CLUSTER_STRANGER);
        meet_stranger(0);
        ck_assert_int_ne(say(REPLICA_KEYS, bytes_of(keys.data, len)), STATUS_OK);
    }
    for (size_t len = 0; len < txs.len; len++)
        ck_assert_int_ne(say(REPLICA_TXS, bytes_of(txs.data, len)), STATUS_OK);
    buf_append_byte(&txs, 0);
    ck_assert_int_ne(say(REPLICA_TXS, buf_bytes(&txs)), STATUS_OK);
    buf_clear(&keys);
    buf_clear(&tx);
    buf_clear(&txs);
}
END_TEST

START_TEST(messages_of_agreement_come_in_their_class_alone) {
    static const uint8_t kinds[] = {REPLICA_VOTE, REPLICA_CERTIFICATE, REPLICA_BLOCK};
    start(one_each, 4);
    for (uint16_t i = 0; i < 4; i++) meet_stranger(i);
    for (int i = 0; i < 2; i++) { // the second proposal comes with the first one's certificate
        struct hash id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    for (size_t is = 0; is < sizeof kinds; is++) {
        struct buf message = {0};
        ck_assert_uint_gt(cluster.told[kinds[is]].len, 0);
        buf_append(&message, buf_bytes(&cluster.told[kinds[is]]));
        for (size_t as = 0; as < sizeof kinds; as++)
            if (as != is) assert_status(say(kinds[as], buf_bytes(&message)), STATUS_MALFORMED);
        assert_ok(say(kinds[is], buf_bytes(&message)));
        for (size_t len = 0; len < message.len; len += 1 + message.len / 97)
            ck_assert_int_ne(say(kinds[is], bytes_of(message.data, len)), STATUS_OK);
        buf_clear(&message);
    }
    for (uint8_t kind = REPLICA_KINDS; kind < REPLICA_KINDS + 3; kind++)
        assert_status(say(kind, bytes_of_string("x")), STATUS_MALFORMED);
    cluster_pass(&cluster, 100);
    check_no_penalties();
}
END_TEST

START_TEST(who_passes_on_forged_votes_is_blamed) {
    start(one_each, 4);
    for (uint16_t i = 0; i < 4; i++) meet_stranger(i);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    id = cluster_submit(&cluster, 0, 0, 1); // so that a view is under way, and its votes count
    cluster_pass(&cluster, 12);
    struct buf vote = {0};
    buf_append(&vote, buf_bytes(&cluster.told[REPLICA_VOTE]));
    vote.data[vote.len - 1] ^= 1;
    vote.data[vote.len - 40] ^= 1;
    assert_ok(say(REPLICA_VOTE, buf_bytes(&vote)));
    cluster_pass(&cluster, 1);
    ck_assert_uint_gt(penalty(), 0);
    ck_assert_uint_eq(cluster_look(&cluster, 0).counts.blamed, 1);
    ck_assert(cluster_await(&cluster, &id));
    buf_clear(&vote);
}
END_TEST

START_TEST(a_disk_of_votes_that_fails_is_the_end) {
    struct driver_time time;
    start(one_each, 4);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    id = cluster_submit(&cluster, 0, 0, 1);
    struct member *member = &cluster.members[0];
    member->votes.fails_at = member->votes.calls + 1;
    enum status status = STATUS_OK;
    for (uint64_t i = 0; status == STATUS_OK && i < 10000; i++) {
        time = (struct driver_time){.now_ms = cluster.now_ms + i, .wall_ms = cluster.now_ms};
        status = replica_run(member->replica, &time);
    }
    ck_assert_int_ne(status, STATUS_OK);
    member->votes.fails_at = 0;
    cluster_close(&cluster, 0);
    cluster_open(&cluster, 0);
    (void)id; // lost with its node, unless it was told already
    id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("replica");
    TCase *cases = tcase_create("replica");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, what_is_submitted_anywhere_becomes_final_everywhere);
    tcase_add_test(cases, many_at_once_become_final_in_few_blocks);
    tcase_add_test(cases, a_process_may_hold_several_keys);
    tcase_add_test(cases, a_node_without_keys_follows_and_passes_on);
    tcase_add_test(cases, three_of_four_go_on_and_two_do_not);
    tcase_add_test(cases, without_work_there_is_a_block_a_minute_and_nobody_is_passed_over);
    tcase_add_test(cases, who_is_away_makes_the_others_wait_no_longer_than_a_view_takes);
    tcase_add_test(cases, who_was_away_for_a_while_catches_up);
    tcase_add_test(cases, who_was_away_for_long_and_who_is_new_get_all_blocks);
    tcase_add_test(cases, blocks_of_several_epochs_come_while_agreement_is_in_the_first);
    tcase_add_test(cases, all_may_stop_at_any_time);
    tcase_add_test(cases, all_may_stop_after_more_blocks_than_one_holds_unfinal);
    tcase_add_test(cases, frames_that_are_lost_cost_time_alone);
    tcase_add_test(cases, what_waits_is_told_to_who_comes_later);
    tcase_add_test(cases, a_chain_that_waits_makes_no_blocks_for_a_minute);
    tcase_add_test(cases, a_transaction_goes_on_once_and_not_back);
    tcase_add_test(cases, what_is_no_transaction_costs_its_sender);
    tcase_add_test(cases, what_the_state_refuses_costs_nothing_and_may_come_again);
    tcase_add_test(cases, a_few_bad_signatures_are_forgiven_and_many_are_not);
    tcase_add_test(cases, a_flood_of_transactions_is_bounded);
    tcase_add_test(cases, a_witness_has_its_place_and_keeps_it);
    tcase_add_test(cases, keys_of_nobody_are_worth_nothing);
    tcase_add_test(cases, a_frame_cut_at_any_byte_is_refused);
    tcase_add_test(cases, messages_of_agreement_come_in_their_class_alone);
    tcase_add_test(cases, who_passes_on_forged_votes_is_blamed);
    tcase_add_test(cases, a_disk_of_votes_that_fails_is_the_end);
    suite_add_tcase(suite, cases);
    srunner_add_suite(runner, suite);
    srunner_add_suite(runner, announce_suite());
    srunner_add_suite(runner, asks_suite());
    srunner_add_suite(runner, charges_suite());
    srunner_add_suite(runner, other_keys_suite());
    srunner_add_suite(runner, halt_suite());
    srunner_add_suite(runner, releases_suite());
    srunner_add_suite(runner, records_suite());
    srunner_add_suite(runner, record_calls_suite());
    srunner_add_suite(runner, sentry_suite());
    srunner_add_suite(runner, strangers_suite());
    srunner_add_suite(runner, catch_up_suite());
    srunner_add_suite(runner, work_suite());
}
