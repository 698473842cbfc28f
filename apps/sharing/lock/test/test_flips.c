// SPDX-License-Identifier: Apache-2.0
// Every bit of what a phone sends, turned, and every length that it may be cut to: nothing opens,
// nothing is believed, nothing is written.
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "tests/support/unit.h"

// A message of a kind, made anew each time, for the nonce in it.
static void make_use(struct buf *out) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_START);
    buf_append_byte(out, LOCK_ASK_START);
    lock_use_encode(out, &use);
}

static void make_opening(struct buf *out) {
    struct lock_use use;
    world_make_use(&world, &use, CHALLENGE_OPEN);
    buf_append_byte(out, LOCK_ASK_GO_ON);
    lock_wish_encode(out,
                     &(struct lock_wish){.challenge = use.challenge, .signature = use.signature});
}

static void make_older_header(struct buf *out) {
    struct lock_news news = {.header = world_header(&world, 12)};
    news.certificate = buf_bytes(&world.certificate);
    news.set = bytes_of("", 0);
    news.next = bytes_of("", 0);
    buf_append_byte(out, LOCK_ASK_HEADER);
    lock_news_encode(out, &news);
}

static void make_extension(struct buf *out) {
    buf_append_byte(out, LOCK_ASK_EXTEND);
    lock_shown_grant_encode(
        out,
        &(struct lock_shown_grant){.grant = world.grant, .branch = buf_bytes(&world.grant_branch)});
}

static void make_header(struct buf *out) {
    struct lock_news news = {.header = world_header(&world, 12)};
    news.certificate = buf_bytes(&world.certificate);
    news.set = witness_set_keys(&world.chain.sets[1]);
    buf_append_byte(out, LOCK_ASK_HEADER);
    lock_news_encode(out, &news);
}

static void make_policy(struct buf *out) {
    buf_append_byte(out, LOCK_ASK_POLICY);
    lock_shown_policy_encode(
        out, &(struct lock_shown_policy){.policy = world.policy,
                                         .branch = buf_bytes(&world.policy_branch)});
}

static void make_vouching(struct buf *out) {
    struct header header = world_header(&world, 12);
    struct lock_vouching vouching;
    world_make_vouching(&world, &vouching, &header, header.time_ms);
    buf_append_byte(out, LOCK_ASK_TRUST);
    lock_vouching_encode(out, &vouching);
}

struct before {
    struct lock_state state;
    unsigned writes;
};
static void remember(struct before *out) {
    out->state = world.lock.state;
    out->writes = world.flash.writes;
}
static void expect_as(const struct before *before) {
    ck_assert_int_eq(memcmp(&before->state, &world.lock.state, sizeof before->state), 0);
    ck_assert_uint_eq(world.flash.writes, before->writes);
    ck_assert(!world.lock.is_open && !world.lock.has_ground);
}

static void flip_every_bit(void (*make)(struct buf *out)) {
    static struct before before;
    struct buf message = {0};
    make(&message);
    size_t bits = message.len * 8;
    for (size_t bit = 8; bit < bits; bit++) { // the kind makes another message of it
        buf_reset(&message);
        make(&message);
        remember(&before);
        message.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        ck_assert_msg(world_send(&world, buf_bytes(&message)) != LOCK_CODE_OK, "bit %zu", bit);
        expect_as(&before);
    }
    buf_reset(&message);
    make(&message);
    ck_assert_int_eq(world_send(&world, buf_bytes(&message)), LOCK_CODE_OK);
    buf_clear(&message);
}

static void cut_at_every_length(void (*make)(struct buf *out)) {
    static struct before before;
    struct buf message = {0};
    make(&message);
    size_t whole = message.len;
    for (size_t len = 1; len < whole; len++) {
        buf_reset(&message);
        make(&message);
        remember(&before);
        ck_assert_int_eq(world_send(&world, bytes_of(message.data, len)), LOCK_CODE_MALFORMED);
        expect_as(&before);
    }
    buf_append_byte(&message, 0);
    ck_assert_int_eq(world_send(&world, buf_bytes(&message)), LOCK_CODE_MALFORMED);
    buf_reset(&message);
    make(&message);
    ck_assert_int_eq(world_send(&world, buf_bytes(&message)), LOCK_CODE_OK);
    buf_clear(&message);
}

START_TEST(every_bit_of_grant_branch_challenge_and_signature) {
    world_introduce(&world);
    flip_every_bit(make_use);
}
END_TEST

START_TEST(every_bit_of_header_certificate_and_set) { flip_every_bit(make_header); }
END_TEST

START_TEST(every_bit_of_an_older_header_and_its_certificate) {
    ck_assert_int_eq(world_show_header(&world, 13), LOCK_CODE_OK);
    flip_every_bit(make_older_header);
}
END_TEST

// Started, and then shut.
static void start(void) {
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.lock.is_open = false;
}

START_TEST(every_bit_of_an_opening_without_a_proof) {
    start();
    flip_every_bit(make_opening);
}
END_TEST

START_TEST(every_bit_of_an_extension) {
    start();
    world.grant.until_ms += WORLD_MINUTE_MS;
    world_write_state(&world);
    world.shown++;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    flip_every_bit(make_extension);
    ck_assert_uint_eq(world.lock.state.use.until_ms, world.grant.until_ms);
}
END_TEST

START_TEST(every_bit_of_a_policy) {
    ck_assert_int_eq(world_show_header(&world, WORLD_HEIGHT), LOCK_CODE_OK);
    flip_every_bit(make_policy);
}
END_TEST

START_TEST(every_bit_of_the_owners_word) { flip_every_bit(make_vouching); }
END_TEST

START_TEST(every_length) {
    cut_at_every_length(make_header);
    world.shown = 12;
    cut_at_every_length(make_policy);
    cut_at_every_length(make_use);
    world_close(&world);
    world_open(&world, 4, 20);
    cut_at_every_length(make_vouching);
    world.shown = 13;
    start();
    cut_at_every_length(make_older_header);
    lock_connect(&world.lock);
    cut_at_every_length(make_extension);
    cut_at_every_length(make_opening);
}
END_TEST

TCase *flip_cases(void) {
    TCase *cases = tcase_create("flips");
    tcase_set_timeout(cases, 60);
    tcase_add_checked_fixture(cases, world_set_up, world_tear_down);
    tcase_add_test(cases, every_bit_of_grant_branch_challenge_and_signature);
    tcase_add_test(cases, every_bit_of_header_certificate_and_set);
    tcase_add_test(cases, every_bit_of_an_older_header_and_its_certificate);
    tcase_add_test(cases, every_bit_of_an_opening_without_a_proof);
    tcase_add_test(cases, every_bit_of_an_extension);
    tcase_add_test(cases, every_bit_of_a_policy);
    tcase_add_test(cases, every_bit_of_the_owners_word);
    tcase_add_test(cases, every_length);
    return cases;
}
