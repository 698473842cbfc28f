// SPDX-License-Identifier: Apache-2.0
// Four witnesses, of which the last is connected to two sentries alone.
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

enum { HIDDEN = 3, FIRST_SENTRY = 4, SECOND_SENTRY = 5, ALL = 6 };

static struct cluster cluster;
static const size_t key_counts[] = {1, 1, 1, 1, 0, 0};

static void set_up(void) {
    log_set_level(LOG_ERROR);
    cluster_init(&cluster, key_counts, ALL);
    cluster.members[HIDDEN].is_hidden = true;
    for (uint16_t i = 0; i < HIDDEN; i++)
        cluster.is_apart[i][HIDDEN] = cluster.is_apart[HIDDEN][i] = true;
    for (uint16_t i = FIRST_SENTRY; i <= SECOND_SENTRY; i++)
        cluster.members[i].guards[HIDDEN] = true;
}

static void tear_down(void) { cluster_clear(&cluster); }

static void check_no_penalties(void) {
    for (uint16_t i = 0; i < ALL; i++)
        for (uint16_t peer = 0; peer < CLUSTER_PEERS; peer++)
            ck_assert_uint_eq(cluster.members[i].penalties[peer], 0);
}

// By blocks, of which each witness leads some.
static void run_blocks(int count) {
    for (int i = 0; i < count; i++) {
        struct hash id = cluster_submit(&cluster, (uint16_t)(1 + i % 5), i % FIXTURE_ACCOUNTS, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
}

START_TEST(a_hidden_witness_agrees_and_hears_all) {
    cluster_open_all(&cluster);
    run_blocks(12);
    ck_assert_uint_eq(cluster_look(&cluster, 0).keys_known, 2);
    ck_assert_uint_eq(cluster_look(&cluster, FIRST_SENTRY).keys_known, 4);
    ck_assert_uint_eq(cluster_look(&cluster, HIDDEN).peers, 2);
    ck_assert_uint_gt(cluster_look(&cluster, FIRST_SENTRY).counts.passed_on, 0);
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

// Without one of the others nothing becomes final but by its votes.
START_TEST(its_votes_and_proposals_count) {
    cluster_open_all(&cluster);
    run_blocks(1);
    cluster_close(&cluster, 0);
    run_blocks(16);
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(one_sentry_is_enough) {
    cluster_open_all(&cluster);
    cluster_close(&cluster, 0);
    run_blocks(2);
    cluster_close(&cluster, FIRST_SENTRY);
    struct hash id = cluster_submit(&cluster, HIDDEN, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    id = cluster_submit(&cluster, 1, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_open(&cluster, FIRST_SENTRY);
    cluster_close(&cluster, SECOND_SENTRY);
    id = cluster_submit(&cluster, 2, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

// What it says to nobody it says again.
START_TEST(without_sentries_it_waits_and_then_goes_on) {
    cluster_open_all(&cluster);
    cluster_close(&cluster, 0);
    run_blocks(2);
    cluster_close(&cluster, FIRST_SENTRY);
    cluster_close(&cluster, SECOND_SENTRY);
    struct hash id = cluster_submit(&cluster, 1, 0, 1);
    ck_assert(!cluster_await(&cluster, &id));
    cluster_open(&cluster, SECOND_SENTRY);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(frames_that_are_lost_cost_time_alone) {
    cluster_open_all(&cluster);
    cluster_close(&cluster, 0);
    cluster.loss_percent = 20;
    run_blocks(8);
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

START_TEST(a_hidden_witness_that_was_away_for_long_catches_up) {
    cluster_open_all(&cluster);
    run_blocks(1);
    cluster_close(&cluster, HIDDEN);
    for (int i = 0; i < 40; i++) {
        struct hash id = cluster_submit(&cluster, 1, i % FIXTURE_ACCOUNTS, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    cluster_open(&cluster, HIDDEN);
    cluster_close(&cluster, 0);
    run_blocks(2);
    cluster_compare(&cluster);
    check_no_penalties();
}
END_TEST

// --- what goes on, and what does not ---

static uint64_t passed_on(void) { return cluster_look(&cluster, FIRST_SENTRY).counts.passed_on; }

// A vote that is under way, which a stranger says to the first sentry.
static struct buf vote_under_way(void) {
    struct buf vote = {0};
    struct replica_peer_info info = {.node_key = {{9}}};
    for (uint16_t i = 0; i < ALL; i++)
        replica_peer_joined(cluster.members[i].replica, CLUSTER_STRANGER, &info);
    struct hash id = cluster_submit(&cluster, 0, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    (void)cluster_submit(&cluster, 0, 0, 1);
    cluster_pass(&cluster, 12);
    ck_assert_uint_gt(cluster.told[REPLICA_VOTE].len, 0);
    buf_append(&vote, buf_bytes(&cluster.told[REPLICA_VOTE]));
    return vote;
}

static void say_to_sentry(const struct buf *vote) {
    struct member *sentry = &cluster.members[FIRST_SENTRY];
    sentry->has_news = true;
    assert_ok(replica_frame(sentry->replica, CLUSTER_STRANGER, REPLICA_VOTE, buf_bytes(vote)));
    struct driver_time time = {.now_ms = cluster.now_ms, .wall_ms = cluster.now_ms};
    assert_ok(replica_run(sentry->replica, &time));
}

START_TEST(the_same_message_goes_on_once_in_a_while) {
    cluster_open_all(&cluster);
    struct buf vote = vote_under_way();
    say_to_sentry(&vote);
    uint64_t before = passed_on(), sent = cluster.sent[REPLICA_VOTE];
    for (int i = 0; i < 50; i++) say_to_sentry(&vote);
    ck_assert_uint_eq(passed_on(), before);
    ck_assert_uint_eq(cluster.sent[REPLICA_VOTE], sent);
    ck_assert_uint_eq(cluster.members[FIRST_SENTRY].penalties[CLUSTER_STRANGER], 0);
    buf_clear(&vote);
}
END_TEST

START_TEST(what_nobody_signed_does_not_go_on) {
    cluster_open_all(&cluster);
    struct buf vote = vote_under_way();
    vote.data[vote.len - 1] ^= 1;
    vote.data[vote.len - 40] ^= 1;
    uint64_t before = passed_on();
    say_to_sentry(&vote);
    ck_assert_uint_eq(passed_on(), before);
    ck_assert_uint_gt(cluster.members[FIRST_SENTRY].penalties[CLUSTER_STRANGER], 0);
    ck_assert_uint_eq(cluster_look(&cluster, FIRST_SENTRY).counts.faults[FAULT_FORGED], 1);
    buf_clear(&vote);
}
END_TEST

// Who keeps them could send an epoch's votes again and again.
START_TEST(what_is_long_over_does_not_go_on) {
    cluster_open_all(&cluster);
    struct buf vote = vote_under_way();
    while (cluster_look(&cluster, FIRST_SENTRY).agreement.view < LIMIT_VIEWS_COUNTED) run_blocks(1);
    cluster_pass(&cluster, 5000); // until all has been said
    uint64_t before = passed_on();
    say_to_sentry(&vote);
    ck_assert_uint_eq(passed_on(), before);
    buf_clear(&vote);
}
END_TEST

START_TEST(who_guards_nobody_passes_nothing_on) {
    cluster.members[FIRST_SENTRY].guards[HIDDEN] = false;
    cluster_open_all(&cluster);
    run_blocks(4);
    ck_assert_uint_eq(passed_on(), 0);
    ck_assert(replica_is_trusted(cluster.members[SECOND_SENTRY].replica,
                                 &cluster.members[HIDDEN].node_public));
    check_no_penalties();
}
END_TEST

static enum status tell_where_hidden_is(uint16_t member, const struct witness_record *record) {
    struct buf payload = {0};
    encode_u32(&payload, 1);
    witness_record_encode(&payload, record);
    enum status status =
        replica_frame(cluster.members[member].replica, 1, REPLICA_RECORDS, buf_bytes(&payload));
    buf_clear(&payload);
    return status;
}

// It may have stood open before, and its record of then goes about.
START_TEST(a_sentry_tells_nobody_where_its_witness_is) {
    cluster_open_all(&cluster);
    run_blocks(1);
    struct member *hidden = &cluster.members[HIDDEN];
    struct driver_time time = {.now_ms = cluster.now_ms, .wall_ms = cluster.now_ms};
    struct witness_record record = {.time_ms = time.wall_ms};
    ck_assert(endpoint_parse(&record.endpoint, "9.9.9.9:7000"));
    witness_record_sign(&record, &hidden->fixture.witnesses[0], &hidden->node_key,
                        node_chain_id(hidden->fixture.node));
    static const uint16_t who[] = {0, FIRST_SENTRY};
    for (size_t i = 0; i < 2; i++) {
        assert_ok(replica_run(cluster.members[who[i]].replica, &time));
        assert_ok(tell_where_hidden_is(who[i], &record));
        ck_assert_uint_eq(cluster_look(&cluster, who[i]).records, i == 0);
    }
}
END_TEST

Suite *sentry_suite(void) {
    Suite *suite = suite_create("sentry");
    TCase *cases = tcase_create("sentry");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_hidden_witness_agrees_and_hears_all);
    tcase_add_test(cases, a_sentry_tells_nobody_where_its_witness_is);
    tcase_add_test(cases, its_votes_and_proposals_count);
    tcase_add_test(cases, one_sentry_is_enough);
    tcase_add_test(cases, without_sentries_it_waits_and_then_goes_on);
    tcase_add_test(cases, frames_that_are_lost_cost_time_alone);
    tcase_add_test(cases, a_hidden_witness_that_was_away_for_long_catches_up);
    tcase_add_test(cases, the_same_message_goes_on_once_in_a_while);
    tcase_add_test(cases, what_nobody_signed_does_not_go_on);
    tcase_add_test(cases, what_is_long_over_does_not_go_on);
    tcase_add_test(cases, who_guards_nobody_passes_nothing_on);
    suite_add_tcase(suite, cases);
    return suite;
}
