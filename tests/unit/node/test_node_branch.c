// SPDX-License-Identifier: Apache-2.0
// Blocks above the head: two nodes of one chain, neither of which runs; blocks go from one to the
// other by hand, and become final by signatures of all witnesses.
#include <stdio.h>

#include "chaincore/chain/block_roots.h"
#include "chaincore/contract/lane.h"
#include "chaincore/node/node_chain.h"
#include "tests/support/unit.h"
#include "tests/unit/node/branch_fixture.h"
#include "tests/unit/node/suites.h"

// The one makes blocks, the other takes them as from a stranger.
static struct fixture maker, taker;

static void set_up(void) {
    fixture_init_counter(&maker);
    fixture_init_counter(&taker);
    assert_ok(fixture_open_idle(&maker));
    assert_ok(fixture_open_idle(&taker));
}
static void tear_down(void) {
    fixture_clear(&maker);
    fixture_clear(&taker);
}

static enum node_tx_state state_of(struct fixture *at, const struct hash *id) {
    struct node_tx found;
    assert_ok(node_find_tx(at->node, id, &found));
    return found.state;
}

START_TEST(of_two_branches_one_becomes_final_and_the_other_leaves_no_trace) {
    struct hash first, second, third;
    struct made genesis = made_head(&maker);
    // The same number of the same sender, so that only one of them can ever be.
    branch_pay(&maker, 0, 1, &first);
    branch_pay(&taker, 0, 2, &second);
    branch_pay(&taker, 1, 2, &third);
    struct made a = branch_build(&maker, &genesis, 1), b = branch_build(&taker, &genesis, 2);
    struct made on_b = branch_build(&taker, &b, 1);
    ck_assert_uint_eq(made_tx_count(&a), 1);
    ck_assert_uint_eq(made_tx_count(&b), 2);
    ck_assert_uint_eq(made_tx_count(&on_b), 0);
    ck_assert(branch_take_in(&taker, &a));
    ck_assert(branch_take_in(&taker, &a)); // again
    ck_assert(branch_take_in(&taker, &b));
    ck_assert_uint_eq(taker.node->branch_count, 3);
    branch_check_head(&taker, &genesis);
    assert_ok(branch_finalize(&taker, &a));
    branch_check_head(&taker, &a);
    ck_assert_uint_eq(taker.node->branch_count, 0);
    ck_assert(branch_take_in(&taker, &a)); // final
    ck_assert(!branch_take_in(&taker, &b));
    ck_assert(!branch_take_in(&taker, &on_b));
    ck_assert_int_eq(state_of(&taker, &first), NODE_TX_FINAL);
    ck_assert_int_eq(state_of(&taker, &second), NODE_TX_DROPPED); // its sender is told
    ck_assert_int_eq(state_of(&taker, &third), NODE_TX_PENDING);
    struct made next = branch_build(&taker, &a, 1);
    ck_assert_uint_eq(made_tx_count(&next), 1);
    assert_ok(branch_finalize(&taker, &next));
    ck_assert_int_eq(state_of(&taker, &third), NODE_TX_FINAL);
    // What is said again changes nothing.
    assert_ok(branch_finalize(&taker, &a));
    branch_check_head(&taker, &next);
    made_clear(&a), made_clear(&b), made_clear(&on_b), made_clear(&next);
}
END_TEST

START_TEST(what_is_forgotten_can_come_again) {
    struct hash id;
    struct made genesis = made_head(&maker);
    branch_pay(&maker, 0, 1, &id);
    struct made a = branch_build(&maker, &genesis, 1), b = branch_build(&maker, &a, 1);
    ck_assert(!branch_take_in(&taker, &b)); // on nothing
    ck_assert(branch_take_in(&taker, &a));
    ck_assert(branch_take_in(&taker, &b));
    node_branch_forget(taker.node, &b.id);
    node_branch_forget(taker.node, &a.id);
    node_branch_forget(taker.node, &a.id);
    ck_assert_uint_eq(taker.node->branch_count, 0);
    ck_assert(branch_take_in(&taker, &a));
    assert_ok(branch_finalize(&taker, &a));
    // The other was not executed: its body is.
    assert_ok(branch_finalize(&taker, &b));
    branch_check_head(&taker, &b);
    made_clear(&a), made_clear(&b);
}
END_TEST

START_TEST(sixteen_blocks_stand_on_one_another_and_are_shown_together) {
    struct made blocks[LIMIT_UNFINAL_BLOCKS + 1] = {made_head(&maker)};
    struct hash ids[LIMIT_UNFINAL_BLOCKS + 1];
    struct made beyond;
    struct buf certificate = {0};
    for (int i = 1; i <= LIMIT_UNFINAL_BLOCKS; i++) {
        branch_pay(&maker, 0, 1, &ids[i]);
        blocks[i] = branch_build(&maker, &blocks[i - 1], 1);
        ck_assert_uint_eq(made_tx_count(&blocks[i]), 1); // the branch has taken those before
        ck_assert(branch_take_in(&taker, &blocks[i]));
    }
    ck_assert(!branch_try_build(&maker, &blocks[LIMIT_UNFINAL_BLOCKS], 1, &beyond));
    branch_check_head(&maker, &blocks[0]);
    ck_assert_int_eq(state_of(&maker, &ids[1]), NODE_TX_PENDING);
    for (int i = 1; i < LIMIT_UNFINAL_BLOCKS; i++)
        assert_ok(branch_finalize_bare(&maker, &blocks[i]));
    branch_check_head(&maker, &blocks[0]);
    ck_assert(branch_take_in(&maker, &blocks[3]));
    assert_ok(branch_finalize(&maker, &blocks[LIMIT_UNFINAL_BLOCKS]));
    branch_check_head(&maker, &blocks[LIMIT_UNFINAL_BLOCKS]);
    for (int i = 1; i <= LIMIT_UNFINAL_BLOCKS; i++) {
        assert_ok(branch_finalize(&taker, &blocks[i]));
        ck_assert_int_eq(state_of(&maker, &ids[i]), NODE_TX_FINAL);
        ck_assert_int_eq(state_of(&taker, &ids[i]), NODE_TX_FINAL);
        ck_assert_int_eq(node_read_certificate(maker.node, (uint64_t)i, &certificate),
                         i == LIMIT_UNFINAL_BLOCKS ? STATUS_OK : STATUS_NOT_FOUND);
    }
    buf_clear(&certificate);
    fixture_close(&maker);
    assert_ok(fixture_open_idle(&maker));
    branch_check_head(&maker, &blocks[LIMIT_UNFINAL_BLOCKS]);
    branch_check_head(&taker, &blocks[LIMIT_UNFINAL_BLOCKS]);
    for (int i = 1; i <= LIMIT_UNFINAL_BLOCKS; i++) made_clear(&blocks[i]);
}
END_TEST

START_TEST(final_blocks_are_found_by_their_ids_also_after_a_restart) {
    enum { BLOCKS = 3 };
    struct made blocks[BLOCKS + 1] = {made_head(&maker)};
    struct hash id;
    struct header header;
    struct buf body = {0};
    for (int i = 1; i <= BLOCKS; i++) {
        branch_pay(&maker, 0, 1, &id);
        blocks[i] = branch_build(&maker, &blocks[i - 1], 1);
        assert_ok(branch_finalize(&maker, &blocks[i]));
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i <= BLOCKS; i++) {
            ck_assert(node_branch_find_block(maker.node, &blocks[i].id, &header, &body));
            ck_assert_mem_eq(&header, &blocks[i].header, sizeof header);
            assert_bytes_equal(buf_bytes(&body), buf_bytes(&blocks[i].body));
            buf_reset(&body);
        }
        ck_assert(!node_branch_find_block(maker.node, &id, &header, &body));
        fixture_close(&maker);
        assert_ok(fixture_open_idle(&maker));
    }
    buf_clear(&body);
    for (int i = 1; i <= BLOCKS; i++) made_clear(&blocks[i]);
}
END_TEST

// What a lying leader may claim; each changes one thing of a good header.
struct lie {
    const char *field;
    void (*tell)(struct header *header);
};
#define LIE(name, change) \
    static void lie_##name(struct header *header) { change; }
LIE(version, header->version++)
LIE(chain_id, header->chain_id.bytes[3] ^= 1)
LIE(shard, header->shard++)
LIE(height, header->height++)
LIE(epoch, header->epoch++)
LIE(view_of_parent, header->view--)
LIE(view, header->view++) // another's turn
LIE(parent, header->parent.bytes[0] ^= 1)
LIE(time_ms, header->time_ms--)
LIE(time_before_parent, header->time_ms -= 2)
LIE(leader, header->leader = (uint16_t)((header->leader + 1) % FIXTURE_WITNESSES))
LIE(leader_beyond, header->leader = FIXTURE_WITNESSES)
LIE(set_hash, header->set_hash.bytes[31] ^= 1)
LIE(next_set_hash, header->next_set_hash.bytes[0] ^= 1)
LIE(tx_root, header->tx_root.bytes[0] ^= 1)
LIE(receipts_root, header->receipts_root.bytes[0] ^= 1)
LIE(state_root, header->state_root.bytes[0] ^= 1)
LIE(history_root, header->history_root.bytes[0] ^= 1)
LIE(params_hash, header->params_hash.bytes[0] ^= 1)
LIE(gas_used, header->gas_used++)
LIE(no_voters, header->parent_voters_len = 0)
LIE(more_voters, header->parent_voters_len = 2)
LIE(too_few_voters, header->parent_voters[0] = 0x5)
LIE(voters_beyond, header->parent_voters[0] |= 0x10)

static const struct lie lies[] = {
    {"version", lie_version},
    {"chain_id", lie_chain_id},
    {"shard", lie_shard},
    {"height", lie_height},
    {"epoch", lie_epoch},
    {"the parent's view", lie_view_of_parent},
    {"view", lie_view},
    {"parent", lie_parent},
    {"time_ms", lie_time_ms},
    {"a time before the parent's", lie_time_before_parent},
    {"leader", lie_leader},
    {"a leader beyond the set", lie_leader_beyond},
    {"set_hash", lie_set_hash},
    {"next_set_hash", lie_next_set_hash},
    {"tx_root", lie_tx_root},
    {"receipts_root", lie_receipts_root},
    {"state_root", lie_state_root},
    {"history_root", lie_history_root},
    {"params_hash", lie_params_hash},
    {"gas_used", lie_gas_used},
    {"no voters", lie_no_voters},
    {"more voters", lie_more_voters},
    {"too few voters", lie_too_few_voters},
    {"voters beyond the set", lie_voters_beyond},
};

static struct hash root_of(struct fixture *at) {
    struct state_version *version = node_state(at->node);
    struct hash root = *state_root(version);
    node_state_release(version);
    return root;
}

// Two blocks of which the first is final on both: the second has a parent with a certificate.
static void make_two(struct made *first, struct made *second) {
    struct hash id;
    struct made genesis = made_head(&maker);
    branch_pay(&maker, 0, 1, &id);
    *first = branch_build(&maker, &genesis, 1);
    assert_ok(branch_finalize(&maker, first));
    assert_ok(branch_finalize(&taker, first));
    branch_pay(&maker, 0, 2, &id);
    *second = branch_build(&maker, first, 1);
}

START_TEST(each_claim_of_a_header_is_checked) {
    struct made first, good;
    struct certificate certificate;
    make_two(&first, &good);
    struct hash before = root_of(&taker);
    struct made bad = good;
    lies[_i].tell(&bad.header);
    header_id(&bad.id, &bad.header);
    ck_assert_msg(!hash_equal(&bad.id, &good.id), "%s", lies[_i].field);
    ck_assert_msg(!branch_take_in(&taker, &bad), "%s", lies[_i].field);
    ck_assert_uint_eq(taker.node->branch_count, 0);
    certificate = branch_certify(&maker, &bad);
    struct driver_final final = {.header = &bad.header,
                                 .id = bad.id,
                                 .body = buf_bytes(&bad.body),
                                 .certificate = &certificate};
    if (bad.header.height == good.header.height)
        assert_status(node_branch_finalize(taker.node, &final), STATUS_CORRUPT);
    struct hash after = root_of(&taker);
    ck_assert(hash_equal(&before, &after));
    branch_check_head(&taker, &first);
    ck_assert(branch_take_in(&taker, &good));
    assert_ok(branch_finalize(&taker, &good));
    branch_check_head(&taker, &good);
    made_clear(&first), made_clear(&good);
}
END_TEST

// Its last transaction's last signature is not what was signed; everything else is as it would be.
static void forge(struct made *made) {
    struct decoder in = decoder_of(buf_bytes(&made->body));
    struct hash id, leaf;
    struct tx tx;
    made->body.data[made->body.len - 1] ^= 1;
    ck_assert_uint_eq(decode_u32(&in), 1);
    struct bytes encoded = decode_bytes(&in, LIMIT_TX_BYTES);
    assert_ok(tx_decode(&tx, encoded));
    tx_id(&id, &tx);
    size_t len = tx_body(encoded, &tx).len;
    struct bytes signatures = bytes_of(encoded.data + len, encoded.len - len);
    tx_leaf(&leaf, encoded, &tx);
    block_tx_root(&made->header.tx_root, &id, &signatures, 1);
    header_id(&made->id, &made->header);
}

START_TEST(a_forged_signature_makes_no_block) {
    struct made first, good, forged;
    struct tx tx;
    struct hash id;
    make_two(&first, &good);
    forged = good;
    forged.body = (struct buf){0};
    buf_append(&forged.body, buf_bytes(&good.body));
    // With the true one in the mempool, or without.
    if (_i == 1) {
        fixture_begin(&taker, &tx, 0);
        struct decoder in = decoder_of(buf_bytes(&good.body));
        ck_assert_uint_eq(decode_u32(&in), 1);
        ck_assert_int_eq(node_submit(taker.node, decode_bytes(&in, LIMIT_TX_BYTES), &id),
                         TX_CODE_OK);
    }
    forge(&forged);
    ck_assert(node_branch_is_body_of(taker.node, &good.header, buf_bytes(&good.body)));
    ck_assert(node_branch_is_body_of(taker.node, &forged.header, buf_bytes(&forged.body)));
    ck_assert(!node_branch_is_body_of(taker.node, &good.header, buf_bytes(&forged.body)));
    ck_assert(!branch_take_in(&taker, &forged));
    // Somebody else's body for a good header.
    ck_assert(!node_branch_execute(taker.node, &good.header, buf_bytes(&forged.body)));
    ck_assert_uint_eq(taker.node->branch_count, 0);
    ck_assert(branch_take_in(&taker, &good));
    made_clear(&first), made_clear(&good), made_clear(&forged);
}
END_TEST

START_TEST(a_spoilt_body_is_nobodys) {
    struct made first, good;
    make_two(&first, &good);
    struct bytes body = buf_bytes(&good.body);
    for (size_t len = 0; len < body.len; len++) {
        ck_assert(!node_branch_is_body_of(taker.node, &good.header, bytes_of(body.data, len)));
        if (len % 16 == 0)
            ck_assert(!node_branch_execute(taker.node, &good.header, bytes_of(body.data, len)));
    }
    for (size_t i = 0; i < body.len; i++) {
        good.body.data[i] ^= 1;
        ck_assert(!node_branch_is_body_of(taker.node, &good.header, body));
        if (i % 16 == 0) ck_assert(!branch_take_in(&taker, &good));
        good.body.data[i] ^= 1;
    }
    buf_append_byte(&good.body, 0);
    ck_assert(!node_branch_is_body_of(taker.node, &good.header, buf_bytes(&good.body)));
    good.body.len--;
    ck_assert(branch_take_in(&taker, &good));
    made_clear(&first), made_clear(&good);
}
END_TEST

START_TEST(none_is_built_that_others_would_refuse) {
    struct made first, second;
    struct header header;
    struct certificate certificate = {.bitmap = {0xf}};
    make_two(&first, &second);
    uint64_t view = first.header.view + 1;
    struct driver_build good = {.parent = &first.header,
                                .parent_id = first.id,
                                .view = view,
                                .time_ms = first.header.time_ms + 1,
                                .leader = branch_leader(&taker, 0, view),
                                .parent_certificate = &certificate};
    struct driver_build bad = good;
    bad.leader = (uint16_t)((good.leader + 1) % FIXTURE_WITNESSES);
    ck_assert(!node_branch_build(taker.node, &bad, &header, NULL));
    bad = good;
    bad.time_ms--;
    ck_assert(!node_branch_build(taker.node, &bad, &header, NULL));
    bad = good;
    bad.parent_certificate = NULL;
    ck_assert(!node_branch_build(taker.node, &bad, &header, NULL));
    bad = good;
    bad.parent_id = second.id; // not there
    ck_assert(!node_branch_build(taker.node, &bad, &header, NULL));
    certificate.bitmap[0] = 0x3; // no quorum
    ck_assert(!node_branch_build(taker.node, &good, &header, NULL));
    certificate.bitmap[0] = 0x7;
    ck_assert_uint_eq(taker.node->branch_count, 0);
    ck_assert(node_branch_build(taker.node, &good, &header, NULL));
    ck_assert_uint_eq(taker.node->branch_count, 1);
    made_clear(&first), made_clear(&second);
}
END_TEST

START_TEST(what_is_said_to_be_final_must_follow) {
    struct made first, second;
    make_two(&first, &second);
    struct made third = branch_build(&maker, &second, 1);
    assert_status(branch_finalize(&taker, &third), STATUS_CORRUPT); // a gap
    struct certificate certificate = branch_certify(&maker, &second);
    struct driver_final final = {.header = &second.header,
                                 .id = second.id,
                                 .body = buf_bytes(&second.body),
                                 .certificate = &certificate};
    certificate.signature_count = 2;
    assert_status(node_branch_finalize(taker.node, &final), STATUS_INVALID);
    certificate.signature_count = 4;
    certificate.view--;
    assert_status(node_branch_finalize(taker.node, &final), STATUS_INVALID);
    certificate.view += 5; // a repeat
    assert_ok(node_branch_finalize(taker.node, &final));
    branch_check_head(&taker, &second);
    struct consensus_root root;
    struct certificate kept;
    node_branch_root(taker.node, &root, &kept);
    ck_assert(hash_equal(&root.id, &second.id));
    ck_assert_uint_eq(root.view, certificate.view);
    ck_assert_ptr_eq(root.certificate, &kept);
    ck_assert_uint_eq(kept.signature_count, FIXTURE_WITNESSES);
    made_clear(&first), made_clear(&second), made_clear(&third);
}
END_TEST

// A node that follows has no keys to sign what its log holds without a certificate.
START_TEST(what_the_log_holds_without_a_certificate_is_not_final_after_a_crash) {
    enum { BLOCKS = 3 };
    struct made blocks[BLOCKS + 1] = {made_head(&maker)};
    struct hash id;
    fixture_close(&taker);
    taker.witness_key_count = 0;
    assert_ok(fixture_open_idle(&taker));
    for (int i = 1; i <= BLOCKS; i++) {
        branch_pay(&maker, 0, 1, &id);
        blocks[i] = branch_build(&maker, &blocks[i - 1], 1);
        assert_ok(branch_finalize_bare(&taker, &blocks[i]));
    }
    branch_check_head(&taker, &blocks[0]);
    fixture_close(&taker);
    assert_ok(fixture_open_idle(&taker));
    branch_check_head(&taker, &blocks[0]);
    ck_assert_uint_eq(taker.node->branch_count, BLOCKS);
    struct consensus_root root;
    struct certificate certificate;
    node_branch_root(taker.node, &root, &certificate);
    ck_assert_uint_eq(root.header.height, 0);
    ck_assert_ptr_null(root.certificate);
    for (int i = 1; i < BLOCKS; i++) assert_ok(branch_finalize_bare(&taker, &blocks[i]));
    assert_ok(branch_finalize(&taker, &blocks[BLOCKS]));
    branch_check_head(&taker, &blocks[BLOCKS]);
    fixture_close(&taker);
    assert_ok(fixture_open_idle(&taker));
    branch_check_head(&taker, &blocks[BLOCKS]);
    for (int i = 1; i <= BLOCKS; i++) made_clear(&blocks[i]);
}
END_TEST

Suite *branch_suite(void) {
    Suite *suite = suite_create("branches");
    TCase *cases = tcase_create("branches");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, of_two_branches_one_becomes_final_and_the_other_leaves_no_trace);
    tcase_add_test(cases, what_is_forgotten_can_come_again);
    tcase_add_test(cases, sixteen_blocks_stand_on_one_another_and_are_shown_together);
    tcase_add_test(cases, final_blocks_are_found_by_their_ids_also_after_a_restart);
    tcase_add_loop_test(cases, each_claim_of_a_header_is_checked, 0, sizeof lies / sizeof *lies);
    tcase_add_loop_test(cases, a_forged_signature_makes_no_block, 0, 2);
    tcase_add_test(cases, a_spoilt_body_is_nobodys);
    tcase_add_test(cases, none_is_built_that_others_would_refuse);
    tcase_add_test(cases, what_is_said_to_be_final_must_follow);
    tcase_add_test(cases, what_the_log_holds_without_a_certificate_is_not_final_after_a_crash);
    suite_add_tcase(suite, cases);
    return suite;
}
