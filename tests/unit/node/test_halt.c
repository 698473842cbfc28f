// SPDX-License-Identifier: Apache-2.0
// A node that has seen that agreement is broken signs nothing, also when it is started again, until
// its operator has looked.
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1, 1};

static void set_up(void) {
    log_set_level((enum log_level)(LOG_ERROR + 1));
    cluster_init(&cluster, one_each, 4);
    cluster_open_all(&cluster);
}
static void tear_down(void) { cluster_clear(&cluster); }

static bool is_halted(uint16_t member) {
    struct node_health health;
    node_health(cluster.members[member].fixture.node, &health);
    return health.is_halted;
}

static uint64_t signed_by(uint16_t member) {
    struct driver_counts votes = cluster_look(&cluster, member).votes;
    uint64_t sum = 0;
    for (size_t kind = 0; kind < DRIVER_VOTE_KINDS; kind++) sum += votes.signed_by_own[kind];
    return sum;
}

static const struct secret_key *key_of(const struct public_key *key) {
    for (uint16_t i = 0; i < cluster.count; i++) {
        struct public_key own;
        key_public_of(&own, &cluster.members[i].fixture.witnesses[0]);
        if (memcmp(&own, key, sizeof own) == 0) return &cluster.members[i].fixture.witnesses[0];
    }
    ck_abort_msg("a witness that nobody is");
}

// By all but one of the witnesses, whatever they have signed before; told to a member by another.
static void tell_certificate(uint16_t to, enum vote_kind kind, uint64_t view) {
    struct node *node = cluster.members[to].fixture.node;
    struct vote vote = {.kind = kind, .view = view};
    struct certificate certificate = {.view = view};
    struct witnesses witnesses;
    struct witness_set set;
    struct buf encoded = {0};
    struct hash payload;
    ck_assert(node_witnesses(node, 0, &witnesses));
    witnesses_set(&set, &witnesses);
    witness_set_hash(&vote.set_hash, &set);
    if (kind != VOTE_NULLIFY) vote.block_id.bytes[0] = 7;
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < set.count - 1; i++) {
        struct signature signature;
        sign_payload(&signature, key_of(&set.keys[i]), SIGN_VOTE, node_chain_id(node), &payload);
        certificate_add(&certificate, i, &signature);
    }
    struct consensus_message message = {.kind = MESSAGE_CERTIFICATE};
    message.sealed =
        (struct sealed){.kind = kind, .block_id = vote.block_id, .certificate = &certificate};
    wire_encode(&encoded, &message, &(struct wire_company){.witness_count = set.count});
    uint16_t from = to == 0 ? 1 : 0;
    assert_ok(
        replica_frame(cluster.members[to].replica, from, REPLICA_CERTIFICATE, buf_bytes(&encoded)));
    cluster.members[to].has_news = true;
    buf_clear(&encoded);
}

static void break_agreement(uint16_t member) {
    struct hash id = cluster_submit(&cluster, 1, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert(!is_halted(member));
    uint64_t view = cluster_look(&cluster, member).agreement.view + 1;
    tell_certificate(member, VOTE_NULLIFY, view);
    tell_certificate(member, VOTE_FINALIZE, view);
    cluster_pass(&cluster, 1);
    ck_assert(is_halted(member));
}

static void marker_of(char path[128], uint16_t member) {
    int len = snprintf(path, 128, "%s/halted", cluster.members[member].fixture.folder);
    ck_assert_int_lt(len, 128);
}

static bool is_final_at_the_others(struct cluster *all, const void *id) {
    for (uint16_t i = 1; i < all->count; i++) {
        struct node_tx found;
        if (node_find_tx(all->members[i].fixture.node, id, &found) != STATUS_OK) return false;
        if (found.state != NODE_TX_FINAL) return false;
    }
    return true;
}

static void check_silence(void) {
    uint64_t height = cluster_height(&cluster, 0), count = signed_by(0);
    struct hash id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_run(&cluster, is_final_at_the_others, &id, 60 * 1000));
    cluster_pass(&cluster, 5000);
    ck_assert(is_halted(0));
    ck_assert_uint_eq(cluster_height(&cluster, 0), height);
    ck_assert_uint_eq(signed_by(0), count);
}

START_TEST(a_node_that_has_halted_signs_nothing_after_a_restart) {
    break_agreement(0);
    check_silence();
    for (int i = 0; i < 2; i++) {
        cluster_close(&cluster, 0);
        cluster_open(&cluster, 0);
        ck_assert(is_halted(0));
        check_silence();
        ck_assert_uint_eq(signed_by(0), 0);
    }
}
END_TEST

// What the operator has looked into is over: with an empty log of votes, for that one holds what
// contradicts itself.
START_TEST(it_goes_on_without_its_votes_once_the_file_is_gone) {
    char path[128];
    break_agreement(0);
    cluster_close(&cluster, 0);
    marker_of(path, 0);
    ck_assert_int_eq(remove(path), 0);
    cluster_open(&cluster, 0);
    cluster_pass(&cluster, 1);
    ck_assert(is_halted(0)); // by its log
    cluster_close(&cluster, 0);
    ck_assert_int_eq(remove(path), 0);
    struct member *member = &cluster.members[0];
    false_disk_clear(&member->votes);
    false_disk_init(&member->votes, 99);
    cluster_open(&cluster, 0);
    struct hash id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert(!is_halted(0));
    cluster_compare(&cluster);
}
END_TEST

START_TEST(a_file_of_any_content_holds_it_back) {
    static uint8_t large[1000];
    const struct bytes contents[] = {bytes_of(NULL, 0), BYTES_OF(large)};
    char path[128];
    marker_of(path, 0);
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        cluster_close(&cluster, 0);
        assert_ok(file_replace(path, contents[i], 0600));
        cluster_open(&cluster, 0);
        ck_assert(is_halted(0));
        check_silence();
    }
}
END_TEST

// --- a key that is on another machine too

// By the key of member 0, for another block in a view in which it has signed.
static void tell_vote_of_its_twin(void) {
    struct node *node = cluster.members[0].fixture.node;
    struct vote vote = {.kind = VOTE_NOTARIZE,
                        .view = cluster_look(&cluster, 0).agreement.view - 1,
                        .block_id = {{7}}};
    struct vote_signer signer = {.witness = 0};
    struct consensus_message message = {.kind = MESSAGE_VOTES};
    struct witnesses witnesses;
    struct witness_set set;
    struct public_key own;
    struct buf encoded = {0};
    struct hash payload;
    ck_assert(node_witnesses(node, 0, &witnesses));
    witnesses_set(&set, &witnesses);
    witness_set_hash(&vote.set_hash, &set);
    vote_payload(&payload, &vote);
    key_public_of(&own, &cluster.members[0].fixture.witnesses[0]);
    while (memcmp(&own, &set.keys[signer.witness], sizeof own) != 0) signer.witness++;
    sign_payload(&signer.signature, &cluster.members[0].fixture.witnesses[0], SIGN_VOTE,
                 node_chain_id(node), &payload);
    message.votes = (struct signed_votes){.view = vote.view,
                                          .kind = vote.kind,
                                          .block_id = vote.block_id,
                                          .count = 1,
                                          .signers = &signer};
    wire_encode(&encoded, &message, &(struct wire_company){0});
    assert_ok(replica_frame(cluster.members[0].replica, 1, REPLICA_VOTE, buf_bytes(&encoded)));
    cluster.members[0].has_news = true;
    buf_clear(&encoded);
}

static bool has_twin(void) {
    struct node_health health;
    node_health(cluster.members[0].fixture.node, &health);
    return health.has_twin && !health.is_halted;
}

START_TEST(who_meets_its_own_key_signs_no_more_and_follows) {
    struct hash id = cluster_submit(&cluster, 1, 0, 1);
    ck_assert(cluster_await(&cluster, &id));
    ck_assert_uint_gt(signed_by(0), 0);
    tell_vote_of_its_twin();
    cluster_pass(&cluster, 1);
    for (int life = 0; life < 2; life++) {
        ck_assert(has_twin());
        uint64_t count = signed_by(0);
        for (uint64_t units = 2; units < 6; units++) {
            id = cluster_submit(&cluster, 1, 0, units + 10 * (uint64_t)life);
            ck_assert(cluster_await(&cluster, &id)); // here too
        }
        cluster_pass(&cluster, 5000);
        ck_assert_uint_eq(signed_by(0), count);
        cluster_close(&cluster, 0);
        cluster_open(&cluster, 0);
    }
    cluster_compare(&cluster);
}
END_TEST

Suite *halt_suite(void) {
    Suite *suite = suite_create("halt");
    TCase *cases = tcase_create("halt");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, a_node_that_has_halted_signs_nothing_after_a_restart);
    tcase_add_test(cases, it_goes_on_without_its_votes_once_the_file_is_gone);
    tcase_add_test(cases, a_file_of_any_content_holds_it_back);
    tcase_add_test(cases, who_meets_its_own_key_signs_no_more_and_follows);
    suite_add_tcase(suite, cases);
    return suite;
}
