// SPDX-License-Identifier: Apache-2.0
// The demo's meters in their own process, against the real server: what they say is what the
// profile says, once for each quarter, from where the chain is.
#include <stdio.h>
#include <stdlib.h>

#include "apps/energy/meter/profile.h"
#include "apps/energy/test/market.h"

static void set_up(void) {
    raw.is_demo = true;
    market_open();
}

static void play_once(int expected) {
    char command[256];
    snprintf(command, sizeof command, "./meterd --ready %s/data/ready.json --once >/dev/null",
             raw.server.folder);
    ck_assert_int_eq(system(command) == 0, expected == 0); // NOLINT: a fixed program
}

static size_t count_readings(void) {
    json_t *page = server_get(&raw.server, "/v1/readings?perPage=1000");
    size_t count = json_array_size(json_object_get(page, "items"));
    json_decref(page);
    return count;
}

// Of the newest readings, one for each meter.
static void expect_profile(uint32_t slot) {
    char path[64];
    snprintf(path, sizeof path, "/v1/readings?slot=%u", slot);
    json_t *page = server_get(&raw.server, path), *reading;
    size_t i, found = 0;
    json_array_foreach(json_object_get(page, "items"), i, reading) {
        for (size_t k = 0; k < 2 * HOUSEHOLDS; k++) {
            struct meter_key meter;
            char key[65];
            enum direction direction = k % 2 ? IMPORT : EXPORT;
            meter_key_of(&meter, &households[k / 2], direction);
            hex_encode(key, BYTES_OF(meter.key.bytes));
            if (strcmp(key, member(reading, "key")) != 0) continue;
            ck_assert_uint_eq((uint64_t)json_integer_value(json_object_get(reading, "wh")),
                              profile_wh(&households[k / 2], direction, slot));
            found++;
        }
    }
    ck_assert_uint_eq(found, 2 * HOUSEHOLDS);
    json_decref(page);
}

START_TEST(each_meter_reports_each_quarter_once_and_goes_on_where_the_chain_is) {
    uint32_t slot = (uint32_t)market_next_slot();
    // Within the quarter behind `slot`, which is over; a transaction makes the block that says so.
    market_warp_to((slot + 1) * (uint64_t)SLOT_MS + 1000);
    market_make_zone(0);
    play_once(0);
    ck_assert_uint_eq(count_readings(), 2 * HOUSEHOLDS);
    expect_profile(slot);
    play_once(0);
    ck_assert_uint_eq(count_readings(), 2 * HOUSEHOLDS);
    market_warp_to((slot + 3) * (uint64_t)SLOT_MS + 1000);
    market_make_zone(0);
    play_once(0);
    ck_assert_uint_eq(count_readings(), 6 * HOUSEHOLDS);
    expect_profile(slot + 2);
}
END_TEST

START_TEST(a_meter_that_was_off_for_long_leaves_out_what_is_too_late) {
    uint32_t slot = (uint32_t)market_next_slot();
    market_warp_to((slot + 1) * (uint64_t)SLOT_MS + 1000);
    market_make_zone(0);
    play_once(0);
    market_warp_to((slot + 100) * (uint64_t)SLOT_MS + 1000);
    market_make_zone(0);
    play_once(0);
    // The wait of the demo's zones is an hour.
    ck_assert_uint_eq(count_readings(), 2 * HOUSEHOLDS * (1 + 4));
    expect_profile(slot + 99);
}
END_TEST

START_TEST(roofs_feed_in_by_day_and_cars_charge_by_night) {
    enum { NOON = 96 * 20000 + 50, NIGHT = 96 * 20000 + 4 };
    ck_assert_uint_gt(profile_wh(&households[0], EXPORT, NOON), 1000);
    ck_assert_uint_eq(profile_wh(&households[0], EXPORT, NIGHT), 0);
    ck_assert_uint_eq(profile_wh(&households[2], EXPORT, NOON), 0);
    ck_assert_uint_gt(profile_wh(&households[2], IMPORT, NIGHT),
                      profile_wh(&households[2], IMPORT, NOON));
    for (uint32_t slot = NOON; slot < NOON + 1000; slot++)
        for (size_t i = 0; i < HOUSEHOLDS; i++)
            ck_assert_uint_le(profile_wh(&households[i], EXPORT, slot), households[i].roof_w / 4);
}
END_TEST

START_TEST(roofs_sell_by_day_alone_and_everybody_buys_what_is_wanting) {
    enum { DAY = 96 * 20000, LOT = 10 };
    size_t asks = 0, bids = 0;
    for (uint32_t slot = DAY; slot < DAY + 96; slot++)
        for (size_t i = 0; i < HOUSEHOLDS; i++) {
            struct wish_of_slot wishes[WISHES];
            uint64_t sun_wh = profile_wh(&households[i], EXPORT, slot), sum = 0;
            uint64_t need_wh = profile_wh(&households[i], IMPORT, slot);
            size_t count = profile_wishes(wishes, &households[i], slot, LOT);
            for (size_t k = 0; k < count; k++) {
                ck_assert_int_eq(wishes[k].side, sun_wh > need_wh ? SELL : BUY);
                ck_assert_uint_eq(wishes[k].wh % LOT, 0);
                sum += wishes[k].wh;
                *(wishes[k].side == SELL ? &asks : &bids) += 1;
            }
            uint64_t net = sun_wh > need_wh ? sun_wh - need_wh : need_wh - sun_wh;
            ck_assert_uint_eq(sum, net / LOT * LOT);
        }
    ck_assert_uint_gt(asks, 100);
    ck_assert_uint_gt(bids, 300);
}
END_TEST

START_TEST(without_a_server_it_says_so) {
    server_stop(&raw.server);
    play_once(1);
}
END_TEST

void add_suites(SRunner *runner) {
    ENSURE(crypto_init() == STATUS_OK);
    Suite *suite = suite_create("meterd");
    TCase *cases = tcase_create("process");
    tcase_set_timeout(cases, 120);
    tcase_add_checked_fixture(cases, set_up, market_close);
    tcase_add_test(cases, each_meter_reports_each_quarter_once_and_goes_on_where_the_chain_is);
    tcase_add_test(cases, a_meter_that_was_off_for_long_leaves_out_what_is_too_late);
    tcase_add_test(cases, without_a_server_it_says_so);
    suite_add_tcase(suite, cases);
    TCase *profile = tcase_create("profile");
    tcase_add_test(profile, roofs_feed_in_by_day_and_cars_charge_by_night);
    tcase_add_test(profile, roofs_sell_by_day_alone_and_everybody_buys_what_is_wanting);
    suite_add_tcase(suite, profile);
    srunner_add_suite(runner, suite);
}
