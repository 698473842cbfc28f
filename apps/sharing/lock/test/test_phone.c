// SPDX-License-Identifier: Apache-2.0
// What a phone carries to a lock that has slept over changes of witnesses, and how it brings it.
#include "apps/sharing/lock/phone.h"
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "tests/support/unit.h"

// Nobody of an epoch serves in the next: no skip leads over them.
enum { EPOCHS = 4, EPOCH_BLOCKS = 10, WITNESSES = 4, NEWEST = 35 };

static struct phone phone;
static struct grant_proof proof;
static struct phone_change changes[EPOCHS - 1];
static struct buf certificates[EPOCHS - 1];
static struct phone_signer signer;

static enum status ask(void *context, struct bytes message, struct buf *answer) {
    (void)world_send(context, message);
    buf_reset(answer);
    buf_append(answer, buf_bytes(&world.reply));
    return STATUS_OK;
}

static struct bytes keys_of(uint64_t epoch) { return witness_set_keys(&world.chain.sets[epoch]); }

static void make_change(struct phone_change *out, struct buf *certificate, uint64_t epoch) {
    out->header = world_header(&world, (epoch + 1) * EPOCH_BLOCKS - 1);
    buf_reset(certificate);
    buf_append(certificate, buf_bytes(&world.certificate));
    out->certificate = buf_bytes(certificate);
    out->next = keys_of(epoch + 1);
}

// Below the header of that height, with all changes before it.
static void carry(uint64_t height) {
    world.shown = height;
    proof = (struct grant_proof){.header = world_header(&world, height),
                                 .certificate = buf_bytes(&world.certificate),
                                 .witnesses = keys_of(height / EPOCH_BLOCKS),
                                 .change_count = height / EPOCH_BLOCKS,
                                 .changes = changes,
                                 .grant = world.grant,
                                 .grant_branch = buf_bytes(&world.grant_branch),
                                 .has_policy = true,
                                 .policy = world.policy,
                                 .policy_branch = buf_bytes(&world.policy_branch)};
}

static void set_up(void) {
    ENSURE(crypto_init() == STATUS_OK);
    world_open_on(&world,
                  &(struct light_chain_plan){.epochs = EPOCHS,
                                             .epoch_blocks = EPOCH_BLOCKS,
                                             .interval_ms = WORLD_MINUTE_MS,
                                             .witnesses = WITNESSES,
                                             .change = WITNESSES},
                  10);
    phone = (struct phone){.context = &world, .ask = ask};
    signer = (struct phone_signer){.key = world.renter, .drift_ms = UINT64_MAX};
    for (uint64_t epoch = 0; epoch + 1 < EPOCHS; epoch++)
        make_change(&changes[epoch], &certificates[epoch], epoch);
    carry(NEWEST);
}

static void tear_down(void) {
    phone_clear(&phone);
    for (size_t i = 0; i + 1 < EPOCHS; i++) buf_clear(&certificates[i]);
    world_close(&world);
}

static enum status start(void) {
    struct lock_used used;
    struct lock_receipt receipt;
    enum status status = phone_introduce(&phone, &proof);
    if (status != STATUS_OK) return status;
    return phone_use(&phone, &used, &receipt, &proof, CHALLENGE_START, &signer);
}

static void expect_refused(enum lock_code code) {
    assert_status(start(), STATUS_INVALID);
    ck_assert_int_eq(phone.code, code);
    ck_assert(!world.lock.is_open);
}

START_TEST(it_opens_by_the_changes_that_the_phone_brings) {
    assert_ok(start());
    ck_assert(world.lock.is_open);
    ck_assert_uint_eq(world.lock.state.trust.height, NEWEST);
}
END_TEST

START_TEST(it_opens_to_nobody_without_them) {
    proof.change_count = 0;
    expect_refused(LOCK_CODE_WITNESSES);
}
END_TEST

START_TEST(a_change_that_is_left_out_leads_nowhere) {
    proof.change_count = EPOCHS - 2;
    proof.changes = changes + 1; // not the first
    expect_refused(LOCK_CODE_WITNESSES);
    proof.changes = changes; // not the last
    expect_refused(LOCK_CODE_WITNESSES);
}
END_TEST

START_TEST(only_the_changes_that_it_does_not_know_are_brought) {
    carry(15);
    assert_ok(phone_introduce(&phone, &proof));
    carry(NEWEST);
    changes[0].certificate = bytes_of("", 0); // of no use any more
    assert_ok(start());
}
END_TEST

// It knows the last header of an epoch, and not whom that handed over to.
START_TEST(the_header_that_it_knows_hands_over) {
    struct phone_change last = changes[0];
    proof.header = last.header;
    proof.certificate = last.certificate;
    proof.change_count = 0;
    assert_ok(phone_introduce(&phone, &proof));
    carry(NEWEST);
    assert_ok(start());
}
END_TEST

START_TEST(a_change_that_nobody_signed_is_none) {
    struct buf forged = {0};
    buf_append(&forged, changes[1].certificate);
    forged.data[forged.len - 1] ^= 1;
    changes[1].certificate = buf_bytes(&forged);
    expect_refused(LOCK_CODE_CERTIFICATE);
    changes[1].certificate = bytes_of("", 0);
    expect_refused(LOCK_CODE_QUORUM);
    changes[1].certificate = buf_bytes(&certificates[1]);
    changes[1].next = keys_of(3);
    expect_refused(LOCK_CODE_WITNESSES);
    buf_clear(&forged);
}
END_TEST

// Another phone came by with newer news.
START_TEST(a_proof_of_the_witnesses_before_comes_with_their_keys) {
    assert_ok(phone_introduce(&phone, &proof));
    lock_connect(&world.lock);
    carry(25);
    assert_ok(start());
    ck_assert_uint_eq(world.lock.state.trust.height, NEWEST);
}
END_TEST

TCase *phone_cases(void) {
    TCase *cases = tcase_create("phone");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_test(cases, it_opens_by_the_changes_that_the_phone_brings);
    tcase_add_test(cases, it_opens_to_nobody_without_them);
    tcase_add_test(cases, a_change_that_is_left_out_leads_nowhere);
    tcase_add_test(cases, only_the_changes_that_it_does_not_know_are_brought);
    tcase_add_test(cases, the_header_that_it_knows_hands_over);
    tcase_add_test(cases, a_change_that_nobody_signed_is_none);
    tcase_add_test(cases, a_proof_of_the_witnesses_before_comes_with_their_keys);
    return cases;
}
