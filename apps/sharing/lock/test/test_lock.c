// SPDX-License-Identifier: Apache-2.0
// What a lock does for those who may: renters, the owner, and whoever brings news of the chain.
#include "apps/sharing/lock/lock.h"
#include "apps/sharing/lock/test/suites.h"
#include "apps/sharing/lock/test/world_fixture.h"
#include "chaincore/base/file.h"
#include "tests/support/unit.h"

static struct decoder reply(void) {
    struct decoder in = decoder_of(buf_bytes(&world.reply));
    (void)decode_u8(&in);
    return in;
}

static struct lock_used read_used(void) {
    struct lock_used used = {0};
    struct decoder in = reply();
    lock_used_decode_from(&in, &used);
    assert_ok(decoder_finish(&in));
    return used;
}

static struct lock_report read_report(void) {
    struct lock_report report = {0};
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_STATUS, NULL), LOCK_CODE_OK);
    struct decoder in = reply();
    lock_report_decode_from(&in, &report);
    assert_ok(decoder_finish(&in));
    return report;
}

START_TEST(a_renter_starts_opens_and_returns) {
    struct lock_use use;
    struct hash hash;
    world_introduce(&world);
    world_make_use(&world, &use, CHALLENGE_START);
    ck_assert_int_eq(world_send_use(&world, &use), LOCK_CODE_OK);
    struct lock_used used = read_used();
    ck_assert(used.is_open && world.lock.is_open);
    lock_challenge_hash(&hash, &use.challenge);
    ck_assert(
        sign_verify(&used.signature, &world.lock.key, SIGN_LOCK_LOG, &world.chain.chain_id, &hash));
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_ALREADY_STARTED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    ck_assert(!world.lock.is_open && !read_used().is_open);
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_NOT_STARTED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_NOT_STARTED);
    ck_assert_uint_eq(world.lock.state.counter, 3);
}
END_TEST

START_TEST(a_booking_starts_once_whatever_happens_between) {
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_ALREADY_STARTED);
    assert_ok(world_power_on(&world, true, world.lock.clock_ms));
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_ALREADY_STARTED);
    ck_assert(!world.lock.is_open);
}
END_TEST

static enum lock_code start_the_next(void) {
    world.grant.booking++;
    world_write_state(&world);
    world.shown++;
    world_introduce(&world);
    enum lock_code code = world_use(&world, CHALLENGE_START);
    if (code == LOCK_CODE_OK) ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    return code;
}

// Bookings of one asset never overlap: what begins before one that was forgotten has started, or
// never will.
START_TEST(however_many_have_started_none_starts_twice) {
    struct grant first = world.grant, last;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    for (size_t i = 0; i < LIMIT_LOCK_STARTED; i++) {
        world.grant.from_ms++;
        ck_assert_int_eq(start_the_next(), LOCK_CODE_OK);
    }
    last = world.grant;
    world.grant = first;
    world.grant.until_ms += 10 * WORLD_RENT_MINUTES * WORLD_MINUTE_MS; // extended since
    world.grant.booking--;
    ck_assert_int_eq(start_the_next(), LOCK_CODE_ALREADY_STARTED);
    world.grant = last;
    world.grant.booking -= LIMIT_LOCK_STARTED; // the oldest that is remembered by its number
    world.grant.until_ms += WORLD_MINUTE_MS;
    ck_assert_int_eq(start_the_next(), LOCK_CODE_ALREADY_STARTED);
    world.grant = last;
    ck_assert_int_eq(start_the_next(), LOCK_CODE_OK);
}
END_TEST

// Before it a renter may have cancelled, got all its money back, and kept the proof.
START_TEST(a_use_starts_by_a_proof_of_the_booked_time) {
    world.grant.from_ms += 3 * WORLD_MINUTE_MS;
    world_write_state(&world);
    world_introduce(&world);
    world.moment.uptime_ms += 10 * WORLD_MINUTE_MS;
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_CANCELLABLE);
    ck_assert(!world.lock.is_open);
    world.shown += 2;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_CANCELLABLE);
    world.shown++;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(who_is_late_or_revoked_can_still_bring_it_back) {
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.policy.epoch++;
    world_write_state(&world);
    world.shown++;
    world_introduce(&world);
    world.moment.uptime_ms += 2 * WORLD_RENT_MINUTES * WORLD_MINUTE_MS;
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_REVOKED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    ck_assert(!world.lock.is_open);
}
END_TEST

START_TEST(the_next_booking_starts_although_the_last_was_not_returned) {
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.grant.booking++;
    world_write_state(&world);
    world.shown++;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().booking, WORLD_BOOKING + 1);
}
END_TEST

START_TEST(a_passer_by_with_newer_news_shuts_nobody_out) {
    world_introduce(&world);
    ck_assert_int_eq(world_show_header(&world, 7), LOCK_CODE_OK);
    lock_connect(&world.lock);
    uint64_t clock_ms = world.lock.clock_ms;
    unsigned writes = world.flash.writes;
    world_introduce(&world); // header 5 again, and the policy below it
    ck_assert_uint_eq(world.lock.clock_ms, clock_ms);
    ck_assert_uint_eq(world.lock.state.trust.height, 7);
    ck_assert_uint_eq(world.flash.writes, writes);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(a_proof_below_a_header_of_the_witnesses_before_opens_too) {
    struct buf content = {0};
    struct lock_news news = {.header = world_header(&world, WORLD_HEIGHT)};
    world_introduce(&world);
    ck_assert_int_eq(world_show_header(&world, 12), LOCK_CODE_OK); // of the next epoch's set
    news.header = world_header(&world, WORLD_HEIGHT);
    news.certificate = buf_bytes(&world.certificate);
    news.set = bytes_of("", 0);
    news.next = bytes_of("", 0);
    lock_news_encode(&content, &news);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_OLD_HEADER);
    news.set = witness_set_keys(&world.chain.sets[2]);
    buf_reset(&content);
    lock_news_encode(&content, &news);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_WITNESSES);
    news.set = witness_set_keys(&world.chain.sets[0]);
    buf_reset(&content);
    lock_news_encode(&content, &news);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    // Of the witnesses before those it knows nothing any more.
    ck_assert_int_eq(world_show_header(&world, 25), LOCK_CODE_OK);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_OLD_HEADER);
    buf_clear(&content);
}
END_TEST

START_TEST(what_has_started_opens_and_returns_without_a_proof) {
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_int_eq(world_show_header(&world, 12), LOCK_CODE_OK);
    assert_ok(world_power_on(&world, true, world.lock.clock_ms));
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    ck_assert(world.lock.is_open);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    ck_assert(!world.lock.is_open && read_report().booking == 0);
}
END_TEST

// A use may last longer than the witnesses are believed.
START_TEST(what_has_started_goes_on_when_nothing_was_heard_for_a_week) {
    world.grant.until_ms += 3 * TRUST_PERIOD_MS;
    world_write_state(&world);
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.moment.uptime_ms += TRUST_PERIOD_MS + 1;
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
}
END_TEST

START_TEST(an_extension_is_a_new_grant_that_the_phone_brings) {
    uint64_t until_ms = world.grant.until_ms;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    world.grant.until_ms += WORLD_RENT_MINUTES * WORLD_MINUTE_MS;
    world_write_state(&world);
    world.shown++;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    world.moment.uptime_ms += (WORLD_RENT_MINUTES + 1) * WORLD_MINUTE_MS;
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_EXPIRED);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    // The grant of before, below its older header, makes it no shorter again.
    uint64_t longer_ms = world.grant.until_ms;
    world.grant.until_ms = until_ms;
    world_write_state(&world);
    world.shown--;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_OK);
    ck_assert_uint_eq(world.lock.state.use.until_ms, longer_ms);
    // A newer one does: its renter has said that the use is over.
    world.shown += 2;
    ck_assert_int_eq(world_show_header(&world, world.shown), LOCK_CODE_OK);
    ck_assert_int_eq(world_extend(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_EXPIRED);
}
END_TEST

START_TEST(a_newer_header_moves_the_clock_and_none_moves_it_back) {
    uint64_t begin_ms = world.chain.plan.begin_ms;
    ck_assert_uint_eq(read_report().clock_ms, begin_ms);
    ck_assert_int_eq(world_show_header(&world, 4), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().clock_ms, begin_ms + 4 * WORLD_MINUTE_MS);
    world.moment.uptime_ms += 10 * WORLD_MINUTE_MS;
    ck_assert_int_eq(world_show_header(&world, 6), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().clock_ms, begin_ms + 14 * WORLD_MINUTE_MS);
    unsigned writes = world.flash.writes;
    ck_assert_int_eq(world_show_header(&world, 6), LOCK_CODE_OK); // it is known: nothing to do
    ck_assert_uint_eq(world.flash.writes, writes);
}
END_TEST

START_TEST(a_change_of_witnesses_is_followed) {
    struct buf content = {0};
    struct lock_news news = {.header = world_header(&world, 9)};
    news.certificate = buf_bytes(&world.certificate);
    news.set = bytes_of("", 0);
    news.next = bytes_of("", 0);
    lock_news_encode(&content, &news);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_OK);
    // The set of the epoch to come, without signatures: the header is known.
    unsigned writes = world.flash.writes;
    news.certificate = bytes_of("", 0);
    news.next = witness_set_keys(&world.chain.sets[1]);
    buf_reset(&content);
    lock_news_encode(&content, &news);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_HEADER, &content), LOCK_CODE_OK);
    ck_assert_uint_eq(world.flash.writes, writes + 1);
    assert_bytes_equal(BYTES_OF(world.lock.state.trust.set.keys[0]),
                       BYTES_OF(world.chain.sets[1].keys[0]));
    // Or the new set's own header, most of whom the lock knows.
    world.shown = 25;
    ck_assert_int_eq(world_show_header(&world, 25), LOCK_CODE_OK);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    buf_clear(&content);
}
END_TEST

START_TEST(after_a_power_cut_the_owners_word_sets_the_clock) {
    struct lock_vouching vouching;
    world_introduce(&world);
    assert_ok(world_power_on(&world, false, 0));
    ck_assert_int_eq(read_report().flags & LOCK_FLAG_CLOCK, 0);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_CLOCK_STOPPED);
    struct header header = world_header(&world, WORLD_HEIGHT);
    uint64_t now_ms = header.time_ms + 3 * WORLD_MINUTE_MS;
    world_make_vouching(&world, &vouching, &header, now_ms);
    ck_assert_int_eq(world_send_vouching(&world, &vouching), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().clock_ms, now_ms);
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

START_TEST(the_owners_word_helps_a_lock_that_has_heard_nothing_for_years) {
    struct lock_vouching vouching;
    world.moment.uptime_ms += 400 * TRUST_PERIOD_MS;
    ck_assert_int_eq(world_show_header(&world, WORLD_HEIGHT), LOCK_CODE_TRUST_OVER);
    struct header header = world_header(&world, 25);
    world_make_vouching(&world, &vouching, &header, world.lock.clock_ms);
    ck_assert_int_eq(world_send_vouching(&world, &vouching), LOCK_CODE_OK);
    // What it vouched for is itself too old to open by.
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_TRUST_OVER);
}
END_TEST

START_TEST(a_clock_that_went_on_without_power_needs_nobody) {
    world_introduce(&world);
    assert_ok(world_power_on(&world, true, world.lock.clock_ms + WORLD_MINUTE_MS));
    ck_assert_int_eq(world_show_policy(&world), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
}
END_TEST

// ---- the owner's

static void wish(struct buf *out, uint8_t command, uint64_t number) {
    struct lock_greeting greeting;
    struct hash hash;
    world_greet(&world, &greeting);
    struct lock_wish asked = {.challenge = {.command = command,
                                            .counter = greeting.counter,
                                            .booking = number,
                                            .height = greeting.header_height,
                                            .time_ms = greeting.clock_ms}};
    memcpy(asked.challenge.lock, greeting.lock.bytes, 32);
    memcpy(asked.challenge.nonce, greeting.nonce.bytes, 32);
    lock_challenge_hash(&hash, &asked.challenge);
    sign_payload(&asked.signature, &world.owner, SIGN_CHALLENGE, &world.chain.chain_id, &hash);
    buf_reset(out);
    lock_wish_encode(out, &asked);
}

// Reads the log from an entry on, and holds it to its links; how many there are. `link` is what the
// owner knows before, and then what it knows behind.
static uint64_t read_log(uint64_t from, struct hash *link) {
    struct buf content = {0};
    struct lock_log_part part = {0};
    wish(&content, LOCK_READ_LOG, from);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_LOG, &content), LOCK_CODE_OK);
    struct decoder in = reply();
    lock_log_part_decode_from(&in, &part);
    assert_ok(decoder_finish(&in));
    if (part.first == from) ck_assert(hash_equal(&part.before, link));
    *link = part.before;
    uint64_t count = part.entries.len / sizeof(struct lock_entry);
    for (uint64_t i = 0; i < count; i++) {
        struct lock_entry entry;
        memcpy(&entry, part.entries.data + i * sizeof entry, sizeof entry);
        ck_assert_uint_eq(entry.index, part.first + i);
        lock_entry_link(link, link, &entry);
    }
    ck_assert(
        sign_verify(&part.signature, &world.lock.key, SIGN_LOCK_LOG, &world.chain.chain_id, link));
    buf_clear(&content);
    return count;
}

START_TEST(the_owner_carries_the_log_away) {
    struct hash link = {{0}};
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_int_eq(world_use(&world, CHALLENGE_RETURN), LOCK_CODE_OK);
    ck_assert_uint_eq(read_log(0, &link), 3); // the policy, the start, the return
    ck_assert_uint_eq(read_log(3, &link), 0);
    ck_assert_int_eq(start_the_next(), LOCK_CODE_OK);
    ck_assert_uint_eq(read_log(3, &link), 2);
}
END_TEST

START_TEST(a_full_log_lets_the_oldest_go_and_says_so) {
    struct hash link = {{0}};
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_uint_eq(read_log(0, &link), 2);
    ck_assert_uint_eq(read_log(2, &link), 0);
    struct hash known = link;
    for (int i = 0; i < LIMIT_LOCK_LOG_ENTRIES; i++)
        ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().log_lost, 0); // the two that went were carried away
    ck_assert_uint_eq(read_log(2, &known), LIMIT_LOCK_LOG_ENTRIES);
    for (int i = 0; i < 3; i++) ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_OK);
    struct lock_report report = read_report();
    ck_assert_uint_eq(report.log_lost, 3);
    ck_assert_uint_eq(report.log_first, 5);
    ck_assert_uint_eq(report.log_next, 5 + LIMIT_LOCK_LOG_ENTRIES);
    ck_assert_uint_eq(read_log(2, &link), LIMIT_LOCK_LOG_ENTRIES);
}
END_TEST

START_TEST(the_owner_clears_a_use_that_nobody_returned) {
    struct buf content = {0};
    world_introduce(&world);
    wish(&content, LOCK_CLEAR, WORLD_BOOKING);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_CLEAR, &content), LOCK_CODE_NOT_STARTED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    wish(&content, LOCK_CLEAR, WORLD_BOOKING + 1);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_CLEAR, &content), LOCK_CODE_NOT_STARTED);
    ck_assert(world.lock.is_open && world.lock.state.counter == 1);
    wish(&content, LOCK_CLEAR, WORLD_BOOKING);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_CLEAR, &content), LOCK_CODE_OK);
    ck_assert(!world.lock.is_open && !(read_report().flags & LOCK_FLAG_IN_USE));
    ck_assert_int_eq(world_use(&world, CHALLENGE_OPEN), LOCK_CODE_NOT_STARTED);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_ALREADY_STARTED);
    const struct lock_log *log = &world.lock.state.log;
    ck_assert_uint_eq(log->entries[log->count - 1].event, LOCK_EVENT_CLEARED);
    buf_clear(&content);
}
END_TEST

START_TEST(the_lock_says_that_it_belongs_to_its_owners_asset) {
    struct buf content = {0};
    struct lock_binding binding = {.asset = WORLD_ASSET, .counter = 1};
    struct signature signature;
    struct hash hash;
    wish(&content, LOCK_BIND, WORLD_ASSET);
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_BINDING, &content), LOCK_CODE_OK);
    struct decoder in = reply();
    decode_fixed(&in, &signature, sizeof signature);
    assert_ok(decoder_finish(&in));
    memcpy(binding.owner, world.policy.owner, 32);
    memcpy(binding.lock, world.lock.key.bytes, 32);
    lock_binding_hash(&hash, &binding);
    ck_assert(
        sign_verify(&signature, &world.lock.key, SIGN_LOCK_LOG, &world.chain.chain_id, &hash));
    ck_assert_int_eq(world_ask(&world, LOCK_ASK_BINDING, &content), LOCK_CODE_NONCE_USED);
    buf_clear(&content);
}
END_TEST

START_TEST(a_bound_lock_can_be_bound_to_another_of_its_owners_assets) {
    world_introduce(&world);
    world.policy.asset++;
    world.policy.epoch++;
    world.grant.asset++;
    world.grant.policy_epoch++;
    world_write_state(&world);
    world.shown++;
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    ck_assert_uint_eq(read_report().asset, WORLD_ASSET + 1);
}
END_TEST

START_TEST(anybody_may_ask_how_it_is) {
    world.moment.battery = 42;
    struct lock_report report = read_report();
    ck_assert_uint_eq(report.battery, 42);
    ck_assert_int_eq(report.flags, LOCK_FLAG_CLOCK);
    assert_bytes_equal(BYTES_OF(report.lock), BYTES_OF(world.lock.key));
    world_introduce(&world);
    ck_assert_int_eq(world_use(&world, CHALLENGE_START), LOCK_CODE_OK);
    report = read_report();
    ck_assert_int_eq(report.flags,
                     LOCK_FLAG_CLOCK | LOCK_FLAG_BOUND | LOCK_FLAG_IN_USE | LOCK_FLAG_OPEN);
    ck_assert_uint_eq(report.booking, WORLD_BOOKING);
}
END_TEST

START_TEST(a_genesis_of_another_chain_sets_nothing_up) {
    struct lock_port port = world.lock.port;
    struct lock_setup setup = {.genesis_head = buf_bytes(&world.chain.genesis_head)};
    assert_status(lock_set_up(&world.lock, &port, &setup, 0), STATUS_INVALID);
}
END_TEST

START_TEST(every_code_has_a_name_and_a_sentence) {
    for (uint16_t code = 0; code <= LOCK_CODE_NO_POLICY; code++) {
        ck_assert_str_ne(lock_code_name(code), "UNKNOWN");
        ck_assert_uint_gt(strlen(lock_code_text(code)), 3);
    }
    ck_assert_str_eq(lock_code_name(LOCK_CODE_NO_POLICY + 1), "UNKNOWN");
    ck_assert_ptr_nonnull(lock_code_text(UINT16_MAX));
}
END_TEST

START_TEST(every_code_stands_in_the_document) {
    struct buf document = {0}, row = {0};
    assert_ok(file_read(&document, TOP_SRCDIR "/docs/lock.md", 64 * 1024));
    for (uint16_t code = 1; code <= LOCK_CODE_NO_POLICY; code++) {
        buf_reset(&row);
        buf_append_format(&row, "\n| %u | %s | %s |\n", code, lock_code_name(code),
                          lock_code_text(code));
        ck_assert_msg(strstr(buf_as_string(&document), buf_as_string(&row)), "code %u", code);
    }
    buf_clear(&document);
    buf_clear(&row);
}
END_TEST

void add_suites(SRunner *runner) {
    Suite *suite = suite_create("lock");
    TCase *cases = tcase_create("lock");
    tcase_add_checked_fixture(cases, world_set_up, world_tear_down);
    tcase_add_test(cases, a_renter_starts_opens_and_returns);
    tcase_add_test(cases, a_booking_starts_once_whatever_happens_between);
    tcase_add_test(cases, however_many_have_started_none_starts_twice);
    tcase_add_test(cases, a_use_starts_by_a_proof_of_the_booked_time);
    tcase_add_test(cases, who_is_late_or_revoked_can_still_bring_it_back);
    tcase_add_test(cases, the_next_booking_starts_although_the_last_was_not_returned);
    tcase_add_test(cases, a_passer_by_with_newer_news_shuts_nobody_out);
    tcase_add_test(cases, a_proof_below_a_header_of_the_witnesses_before_opens_too);
    tcase_add_test(cases, what_has_started_opens_and_returns_without_a_proof);
    tcase_add_test(cases, what_has_started_goes_on_when_nothing_was_heard_for_a_week);
    tcase_add_test(cases, an_extension_is_a_new_grant_that_the_phone_brings);
    tcase_add_test(cases, a_newer_header_moves_the_clock_and_none_moves_it_back);
    tcase_add_test(cases, a_change_of_witnesses_is_followed);
    tcase_add_test(cases, after_a_power_cut_the_owners_word_sets_the_clock);
    tcase_add_test(cases, the_owners_word_helps_a_lock_that_has_heard_nothing_for_years);
    tcase_add_test(cases, a_clock_that_went_on_without_power_needs_nobody);
    tcase_add_test(cases, the_owner_carries_the_log_away);
    tcase_add_test(cases, a_full_log_lets_the_oldest_go_and_says_so);
    tcase_add_test(cases, the_owner_clears_a_use_that_nobody_returned);
    tcase_add_test(cases, the_lock_says_that_it_belongs_to_its_owners_asset);
    tcase_add_test(cases, a_bound_lock_can_be_bound_to_another_of_its_owners_assets);
    tcase_add_test(cases, anybody_may_ask_how_it_is);
    tcase_add_test(cases, a_genesis_of_another_chain_sets_nothing_up);
    tcase_add_test(cases, every_code_has_a_name_and_a_sentence);
    tcase_add_test(cases, every_code_stands_in_the_document);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, attack_cases());
    suite_add_tcase(suite, proof_cases());
    suite_add_tcase(suite, phone_cases());
    suite_add_tcase(suite, flip_cases());
    suite_add_tcase(suite, flash_cases());
    suite_add_tcase(suite, frame_cases());
    suite_add_tcase(suite, vector_cases());
    srunner_add_suite(runner, suite);
}
