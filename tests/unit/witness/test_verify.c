// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/verify.h"

#include <stdlib.h>

#include "tests/unit/witness/suites.h"

// Four witnesses and their keys.
static struct {
    struct hash chain_id;
    struct secret_key keys[4];
    struct witness_set set;
    struct consensus_epoch epoch;
    struct committee committee;
    struct verifier *verifier;
} table;

enum { VIEW = 40 };

static void open_table(void) {
    memset(&table, 0, sizeof table);
    memset(table.chain_id.bytes, 9, 32);
    table.set.count = 4;
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[32] = {i, 1};
        key_from_seed(&table.keys[i], &table.set.keys[i], seed);
    }
    table.epoch = (struct consensus_epoch){.epoch = 3, .first_view = 30, .witness_count = 4};
    witness_set_hash(&table.epoch.set_hash, &table.set);
    assert_ok(committee_init(&table.committee, &table.epoch, &table.set));
    table.verifier = verifier_init(calloc(1, verifier_bytes()), &table.chain_id);
}

static void close_table(void) { free(table.verifier); }

static void sign_as(struct signature *out, uint16_t witness, enum vote_kind kind,
                    const struct hash *id) {
    struct hash payload;
    struct vote vote = {
        .epoch = 3, .set_hash = table.epoch.set_hash, .kind = kind, .view = VIEW, .block_id = *id};
    vote_payload(&payload, &vote);
    sign_payload(out, &table.keys[witness], kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE,
                 &table.chain_id, &payload);
}

static void make_vote(struct wire_message *out, enum vote_kind kind, uint16_t witness) {
    memset(out, 0, sizeof *out);
    out->kind = (enum wire_kind)kind;
    struct signed_votes *votes = &out->message.votes;
    out->message.kind = MESSAGE_VOTES;
    votes->epoch = 3;
    votes->view = VIEW;
    votes->kind = kind;
    if (kind != VOTE_NULLIFY) memset(votes->block_id.bytes, 5, 32);
    votes->count = 1;
    votes->signers = out->signers;
    out->signers[0].witness = witness;
    sign_as(&out->signers[0].signature, witness, kind, &votes->block_id);
}

// Of witnesses 0 to 2 together.
static void make_group_vote(struct wire_message *out, enum vote_kind kind) {
    make_vote(out, kind, 0);
    for (uint16_t i = 1; i < 3; i++) {
        out->signers[i].witness = i;
        sign_as(&out->signers[i].signature, i, kind, &out->message.votes.block_id);
    }
    out->message.votes.count = 3;
}

static void make_proposal(struct wire_message *out) {
    memset(out, 0, sizeof *out);
    out->kind = WIRE_PROPOSE;
    out->message.kind = MESSAGE_PROPOSAL;
    out->header = (struct header){.version = HEADER_VERSION, .view = VIEW};
    struct proposal *proposal = &out->message.proposal;
    proposal->epoch = 3;
    proposal->view = VIEW;
    proposal->header = &out->header;
    header_id(&proposal->id, &out->header);
    sign_as(&proposal->signature, schedule_leader(&table.committee.schedule, VIEW), VOTE_PROPOSE,
            &proposal->id);
}

static void make_certificate(struct wire_message *out, enum vote_kind kind, uint16_t signers) {
    memset(out, 0, sizeof *out);
    out->kind = WIRE_CERTIFICATE;
    out->witness_count = 4;
    out->message.kind = MESSAGE_CERTIFICATE;
    struct sealed *sealed = &out->message.sealed;
    sealed->epoch = 3;
    sealed->kind = kind;
    if (kind != VOTE_NULLIFY) memset(sealed->block_id.bytes, 5, 32);
    sealed->certificate = &out->certificate;
    out->certificate.view = VIEW;
    for (uint16_t i = 0; i < signers; i++) {
        struct signature signature;
        sign_as(&signature, i, kind, &sealed->block_id);
        certificate_add(&out->certificate, i, &signature);
    }
}

static bool is_valid(const struct wire_message *message) {
    struct verify_item item = {.message = message};
    verify_messages(table.verifier, &table.committee, &item, 1);
    return item.is_valid;
}

START_TEST(what_is_signed_by_whom_it_names_is_valid) {
    static struct wire_message message;
    for (int kind = VOTE_NOTARIZE; kind <= VOTE_FINALIZE; kind++) {
        make_vote(&message, (enum vote_kind)kind, 2);
        ck_assert(is_valid(&message));
        make_group_vote(&message, (enum vote_kind)kind);
        ck_assert(is_valid(&message));
        make_certificate(&message, (enum vote_kind)kind, 3);
        ck_assert(is_valid(&message));
    }
    make_proposal(&message);
    ck_assert(is_valid(&message));
}
END_TEST

START_TEST(a_vote_that_is_changed_in_anything_is_not_valid) {
    static struct wire_message messages[8];
    for (size_t i = 0; i < 8; i++) make_vote(&messages[i], VOTE_NOTARIZE, 2);
    messages[0].message.votes.epoch++;
    messages[1].message.votes.view++;
    messages[2].message.votes.kind = VOTE_FINALIZE;
    messages[3].signers[0].witness = 1;
    messages[4].signers[0].witness = 4;
    messages[5].message.votes.block_id.bytes[31] ^= 1;
    messages[6].signers[0].signature.bytes[40] ^= 1;
    for (size_t i = 0; i < 7; i++) ck_assert_msg(!is_valid(&messages[i]), "change %zu", i);
    ck_assert(is_valid(&messages[7]));
    // What was found good a moment ago excuses nothing.
    for (size_t i = 0; i < 7; i++) ck_assert_msg(!is_valid(&messages[i]), "change %zu", i);
}
END_TEST

START_TEST(a_proposal_is_the_leaders_alone) {
    static struct wire_message message;
    make_proposal(&message);
    uint16_t leader = schedule_leader(&table.committee.schedule, VIEW);
    struct proposal *proposal = &message.message.proposal;
    sign_as(&proposal->signature, (uint16_t)((leader + 1) % 4), VOTE_PROPOSE, &proposal->id);
    ck_assert(!is_valid(&message));
    make_proposal(&message);
    message.message.proposal.view = table.epoch.first_view - 1;
    ck_assert(!is_valid(&message));
    // Nor does a NOTARIZE for the block pass for a proposal of it.
    make_proposal(&message);
    sign_as(&proposal->signature, leader, VOTE_NOTARIZE, &proposal->id);
    ck_assert(!is_valid(&message));
}
END_TEST

START_TEST(a_certificate_needs_a_quorum_of_good_signatures) {
    static struct wire_message message;
    make_certificate(&message, VOTE_FINALIZE, 2);
    ck_assert(!is_valid(&message));
    make_certificate(&message, VOTE_FINALIZE, 4);
    message.certificate.signatures[3].bytes[0] ^= 1;
    ck_assert(!is_valid(&message));
    make_certificate(&message, VOTE_FINALIZE, 3);
    message.message.sealed.kind = VOTE_NOTARIZE;
    ck_assert(!is_valid(&message));
    make_certificate(&message, VOTE_FINALIZE, 3);
    message.witness_count = 5;
    ck_assert(!is_valid(&message));
    make_certificate(&message, VOTE_FINALIZE, 3);
    message.message.sealed.epoch = 4;
    ck_assert(!is_valid(&message));
}
END_TEST

// Whoever passes one on can count.
START_TEST(too_few_or_nobodys_signatures_are_forged_and_another_epochs_are_not) {
    static struct wire_message message;
    struct verify_item item = {.message = &message};
    make_certificate(&message, VOTE_FINALIZE, 2);
    verify_messages(table.verifier, &table.committee, &item, 1);
    ck_assert(!item.is_valid && item.is_forged);
    make_certificate(&message, VOTE_FINALIZE, 3);
    message.witness_count = 5;
    verify_messages(table.verifier, &table.committee, &item, 1);
    ck_assert(!item.is_valid && item.is_forged);
    make_vote(&message, VOTE_NOTARIZE, 2);
    message.signers[0].witness = 4;
    verify_messages(table.verifier, &table.committee, &item, 1);
    ck_assert(!item.is_valid && item.is_forged);
    make_certificate(&message, VOTE_FINALIZE, 2);
    message.message.sealed.epoch = 4;
    verify_messages(table.verifier, &table.committee, &item, 1);
    ck_assert(!item.is_valid && !item.is_forged);
    make_vote(&message, VOTE_NOTARIZE, 2);
    message.message.votes.epoch = 2;
    verify_messages(table.verifier, &table.committee, &item, 1);
    ck_assert(!item.is_valid && !item.is_forged);
}
END_TEST

START_TEST(one_bad_vote_of_a_group_spoils_them_all) {
    static struct wire_message message;
    for (uint16_t i = 0; i < 3; i++) {
        make_group_vote(&message, VOTE_NOTARIZE);
        message.signers[i].signature.bytes[7] ^= 1;
        struct verify_item item = {.message = &message};
        verify_messages(table.verifier, &table.committee, &item, 1);
        ck_assert(!item.is_valid);
        ck_assert(item.is_forged);
    }
    make_group_vote(&message, VOTE_NOTARIZE);
    message.signers[2].witness = 4; // of another, larger set
    ck_assert(!is_valid(&message));
    make_group_vote(&message, VOTE_NOTARIZE);
    message.message.votes.count = 0;
    ck_assert(!is_valid(&message));
}
END_TEST

START_TEST(one_bad_signature_spoils_its_own_message_only) {
    enum { MANY = 300 };
    struct wire_message *messages = calloc(MANY, sizeof *messages);
    struct verify_item *items = calloc(MANY, sizeof *items);
    for (size_t i = 0; i < MANY; i++) {
        make_vote(&messages[i], VOTE_NOTARIZE, (uint16_t)(i % 4));
        if (i % 7 == 3) messages[i].signers[0].signature.bytes[1] ^= (uint8_t)(1 + i % 200);
        items[i].message = &messages[i];
    }
    verify_messages(table.verifier, &table.committee, items, MANY);
    for (size_t i = 0; i < MANY; i++)
        ck_assert_msg(items[i].is_valid == (i % 7 != 3), "message %zu", i);
    free(items);
    free(messages);
}
END_TEST

START_TEST(a_certificate_of_votes_that_came_before_costs_nothing) {
    static struct wire_message message;
    struct verify_counts before, after;
    for (uint16_t i = 0; i < 3; i++) {
        make_vote(&message, VOTE_FINALIZE, i);
        ck_assert(is_valid(&message));
    }
    verify_count(table.verifier, &before);
    make_certificate(&message, VOTE_FINALIZE, 3);
    ck_assert(is_valid(&message));
    verify_count(table.verifier, &after);
    ck_assert_uint_eq(after.computed, before.computed);
    ck_assert_uint_eq(after.remembered, before.remembered + 3);
}
END_TEST

START_TEST(a_committee_is_the_set_that_its_epoch_names) {
    struct committee committee;
    struct witness_set other = table.set;
    other.keys[0].bytes[0] ^= 1;
    assert_status(committee_init(&committee, &table.epoch, &other), STATUS_INVALID);
    other = table.set;
    other.count = 3;
    assert_status(committee_init(&committee, &table.epoch, &other), STATUS_INVALID);
    other = table.set;
    other.keys[1] = other.keys[0];
    assert_status(committee_init(&committee, &table.epoch, &other), STATUS_INVALID);
}
END_TEST

Suite *verify_suite(void) {
    Suite *suite = suite_create("verify");
    TCase *cases = tcase_create("signatures");
    tcase_add_checked_fixture(cases, open_table, close_table);
    suite_add_tcase(suite, cases);
    tcase_add_test(cases, what_is_signed_by_whom_it_names_is_valid);
    tcase_add_test(cases, a_vote_that_is_changed_in_anything_is_not_valid);
    tcase_add_test(cases, a_proposal_is_the_leaders_alone);
    tcase_add_test(cases, a_certificate_needs_a_quorum_of_good_signatures);
    tcase_add_test(cases, too_few_or_nobodys_signatures_are_forged_and_another_epochs_are_not);
    tcase_add_test(cases, one_bad_vote_of_a_group_spoils_them_all);
    tcase_add_test(cases, one_bad_signature_spoils_its_own_message_only);
    tcase_add_test(cases, a_certificate_of_votes_that_came_before_costs_nothing);
    tcase_add_test(cases, a_committee_is_the_set_that_its_epoch_names);
    return suite;
}
