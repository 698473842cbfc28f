// SPDX-License-Identifier: Apache-2.0
// Power that is cut in the middle of whatever a lock writes.
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "tests/support/unit.h"

static enum lock_code show_header(void) { return world_show_header(&world, WORLD_HEIGHT); }
static enum lock_code show_policy(void) { return world_show_policy(&world); }
static enum lock_code start(void) {
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    return world_use(&world, CHALLENGE_START);
}
static enum lock_code give_back(void) { return world_use(&world, CHALLENGE_RETURN); }
static enum lock_code vouch(void) {
    struct header header = world_header(&world, WORLD_HEIGHT);
    struct lock_vouching vouching;
    world_make_vouching(&world, &vouching, &header, header.time_ms + WORLD_MINUTE_MS);
    return world_send_vouching(&world, &vouching);
}

// What the counter and the booking in use may be after a power cut.
struct outcome {
    uint64_t counter;
    bool is_in_use;
    uint64_t height;
    uint64_t epoch;
};
static struct outcome outcome_of(const struct lock_state *state) {
    return (struct outcome){state->counter, state->is_in_use, state->trust.height,
                            state->policy_epoch};
}
static bool is_same(const struct outcome *a, const struct outcome *b) {
    return a->counter == b->counter && a->is_in_use == b->is_in_use && a->height == b->height &&
           a->epoch == b->epoch;
}

// The step's one write, cut after each number of bytes: afterwards the lock is as before the step
// or as behind it, and never open by it; and then the step can still be made, if it was not.
static void cut_everywhere(enum lock_code (*step)(void)) {
    static struct world_flash flash;
    static struct lock lock;
    flash = world.flash;
    lock = world.lock;
    struct lock_moment moment = world.moment;
    struct outcome before = outcome_of(&world.lock.state), behind;
    ck_assert_int_eq(step(), LOCK_CODE_OK);
    ck_assert_uint_eq(world.flash.writes, flash.writes + 1);
    behind = outcome_of(&world.lock.state);
    size_t len = world.flash.lens[lock_flash_slot(world.lock.generation)];
    unsigned as_before = 0, as_behind = 0;
    for (size_t cut = 0; cut <= len; cut++) {
        world.flash = flash;
        world.lock = lock;
        world.moment = moment;
        world.flash.is_cut = true;
        world.flash.cut_after = cut;
        ck_assert_int_eq(step(), LOCK_CODE_FLASH);
        ck_assert(world.lock.is_open == lock.is_open);
        ck_assert_int_eq(world_ask(&world, LOCK_ASK_STATUS, NULL), LOCK_CODE_FLASH);
        assert_ok(world_power_on(&world, true, lock.clock_ms + WORLD_MINUTE_MS));
        struct outcome now = outcome_of(&world.lock.state);
        ck_assert_msg(is_same(&now, &before) || is_same(&now, &behind), "after %zu bytes", cut);
        if (is_same(&now, &behind))
            as_behind++;
        else
            as_before++;
        if (is_same(&now, &before)) ck_assert_int_eq(step(), LOCK_CODE_OK);
    }
    // Only the last byte of a checksum makes it so.
    ck_assert_uint_eq(as_before, (unsigned)len);
    ck_assert_uint_eq(as_behind, 1);
    world.flash = flash;
    world.lock = lock;
    world.moment = moment;
    ck_assert_int_eq(step(), LOCK_CODE_OK);
}

START_TEST(power_may_be_cut_at_every_byte_of_every_write) {
    cut_everywhere(show_header);
    cut_everywhere(show_policy);
    cut_everywhere(start);
    cut_everywhere(give_back);
}
END_TEST

START_TEST(power_may_be_cut_while_the_owner_vouches) { cut_everywhere(vouch); }
END_TEST

static enum lock_code show_unbound(void) { return world_show_unbound(&world); }

START_TEST(power_may_be_cut_while_it_hears_that_it_is_unbound) {
    world_introduce(&world);
    world.is_unbound = true;
    world_grant_anew(&world);
    cut_everywhere(show_unbound);
    ck_assert(!world.lock.state.is_bound);
}
END_TEST

START_TEST(power_may_be_cut_while_it_comes_back) {
    static struct world_flash flash;
    world_introduce(&world);
    ck_assert_int_eq(start(), LOCK_CODE_OK);
    flash = world.flash;
    uint64_t counter = world.lock.state.counter;
    for (size_t cut = 0; cut < LOCK_SLOT_MAX_BYTES; cut += 97) {
        world.flash = flash;
        world.flash.is_cut = true;
        world.flash.cut_after = cut;
        assert_status(world_power_on(&world, false, 0), STATUS_IO);
        assert_ok(world_power_on(&world, false, 0));
        ck_assert_uint_eq(world.lock.state.counter, counter);
        ck_assert(world.lock.state.is_in_use);
        ck_assert(!world.lock.is_open);
    }
}
END_TEST

START_TEST(a_start_whose_answer_was_lost_is_told_again) {
    struct lock_use use;
    struct lock_receipt receipt = {0};
    struct hash hash;
    world_introduce(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_OK);
    assert_ok(world_power_on(&world, false, 0));
    ck_assert_int_eq(world_receipt(&world, &receipt, (struct lock_receipt_wish){0}), LOCK_CODE_OK);
    lock_challenge_hash(&hash, &use.challenge);
    assert_bytes_equal(BYTES_OF(receipt.signature), BYTES_OF(use.signature));
    ck_assert(sign_verify(&receipt.lock_signature, &world.lock.key, SIGN_LOCK_LOG,
                          &world.chain.chain_id, &hash));
    ck_assert(sign_verify(&receipt.signature, &receipt.signer, SIGN_CHALLENGE,
                          &world.chain.chain_id, &hash));
}
END_TEST

static void expect_receipt(uint8_t command, uint64_t booking, const struct lock_use *use) {
    struct lock_receipt receipt = {0};
    ck_assert_int_eq(world_receipt(&world, &receipt, (struct lock_receipt_wish){command, booking}),
                     LOCK_CODE_OK);
    assert_bytes_equal(BYTES_OF(receipt.signature), BYTES_OF(use->signature));
}

START_TEST(start_and_return_of_the_last_two_bookings_are_told_again) {
    struct lock_use uses[6];
    struct lock_receipt receipt;
    world_introduce(&world);
    for (size_t i = 0; i < 6; i += 2) {
        world.grant.booking++;
        world_write_state(&world);
        world.shown++;
        world_introduce(&world);
        world_make_use(&world, &uses[i], CHALLENGE_START);
        ck_assert_int_eq(world_send_use(&world, &uses[i]), LOCK_CODE_OK);
        world_make_use(&world, &uses[i + 1], CHALLENGE_RETURN);
        ck_assert_int_eq(world_send_use(&world, &uses[i + 1]), LOCK_CODE_OK);
    }
    assert_ok(world_power_on(&world, false, 0));
    expect_receipt(0, 0, &uses[5]);
    expect_receipt(CHALLENGE_START, 0, &uses[4]);
    expect_receipt(CHALLENGE_RETURN, WORLD_BOOKING + 3, &uses[5]);
    expect_receipt(CHALLENGE_START, WORLD_BOOKING + 2, &uses[2]);
    expect_receipt(CHALLENGE_RETURN, WORLD_BOOKING + 2, &uses[3]);
    ck_assert_int_eq(world_receipt(&world, &receipt,
                                   (struct lock_receipt_wish){CHALLENGE_START, WORLD_BOOKING + 1}),
                     LOCK_CODE_NO_RECEIPT);
}
END_TEST

// Slots as they lie in the flash.
static enum status read_slots(struct lock_state *out, uint64_t *generation) {
    struct bytes slots[LOCK_SLOTS];
    for (unsigned i = 0; i < LOCK_SLOTS; i++)
        slots[i] = bytes_of(world.flash.slots[i], world.flash.lens[i]);
    return lock_flash_read(out, generation, slots);
}

START_TEST(every_bit_of_the_newer_slot_leaves_the_older) {
    static struct lock_state state;
    uint64_t generation;
    world_introduce(&world);
    unsigned newer = lock_flash_slot(world.lock.generation);
    assert_ok(read_slots(&state, &generation));
    ck_assert_uint_eq(generation, world.lock.generation);
    for (size_t bit = 0; bit < world.flash.lens[newer] * 8; bit++) {
        world.flash.slots[newer][bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_ok(read_slots(&state, &generation));
        ck_assert_uint_eq(generation, world.lock.generation - 1);
        world.flash.slots[newer][bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    memset(world.flash.lens, 0, sizeof world.flash.lens);
    assert_status(read_slots(&state, &generation), STATUS_NOT_FOUND);
}
END_TEST

START_TEST(a_slot_of_another_version_is_not_read) {
    static struct lock_state state;
    uint64_t generation;
    struct hash sum;
    unsigned newer = lock_flash_slot(world.lock.generation);
    size_t len = world.flash.lens[newer] - sizeof sum;
    world.flash.slots[newer][4]++;
    hash_bytes(&sum, HASH_LOG, bytes_of(world.flash.slots[newer], len));
    memcpy(world.flash.slots[newer] + len, &sum, sizeof sum);
    assert_status(read_slots(&state, &generation), STATUS_UNSUPPORTED);
}
END_TEST

START_TEST(a_lock_of_the_largest_set_and_a_full_log_fits_its_slot) {
    static struct lock_state state;
    static uint8_t slot[LOCK_SLOT_MAX_BYTES];
    struct buf out = BUF_OVER(slot);
    state.trust.set.count = LIMIT_WITNESSES;
    state.log.count = LIMIT_LOCK_LOG_ENTRIES;
    lock_flash_encode(&out, &state, 1);
    ck_assert_uint_eq(out.len, LOCK_SLOT_MAX_BYTES);
}
END_TEST

TCase *flash_cases(void) {
    TCase *cases = tcase_create("flash");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, world_set_up, world_tear_down);
    tcase_add_test(cases, power_may_be_cut_at_every_byte_of_every_write);
    tcase_add_test(cases, power_may_be_cut_while_the_owner_vouches);
    tcase_add_test(cases, power_may_be_cut_while_it_hears_that_it_is_unbound);
    tcase_add_test(cases, power_may_be_cut_while_it_comes_back);
    tcase_add_test(cases, a_start_whose_answer_was_lost_is_told_again);
    tcase_add_test(cases, start_and_return_of_the_last_two_bookings_are_told_again);
    tcase_add_test(cases, every_bit_of_the_newer_slot_leaves_the_older);
    tcase_add_test(cases, a_slot_of_another_version_is_not_read);
    tcase_add_test(cases, a_lock_of_the_largest_set_and_a_full_log_fits_its_slot);
    return cases;
}
