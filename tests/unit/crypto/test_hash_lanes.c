// SPDX-License-Identifier: Apache-2.0
// hash_many against hash_bytes, which is libsodium's: with the lanes of this processor, if it has
// them, and without.
#include <stdio.h>

#include "chaincore/base/memory.h"
#include "chaincore/crypto/hash_lanes.h"
#include "chaincore/crypto/lanes.h"
#include "tests/support/unit.h"

Suite *hash_lanes_suite(void);

enum { LONGEST = 300, MOST = 3 * LANES + 1 };

static uint8_t noise[LONGEST + MOST];

static void set_up(void) {
    for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)(i * i * 31 + i * 7 + 1);
}
static void tear_down(void) { lanes_switch(true); }

static void assert_all_as_alone(enum hash_domain domain, struct hash_item *items, size_t count) {
    struct hash outs[MOST + 1], alone;
    ck_assert_uint_le(count, MOST);
    memset(outs, 0xee, sizeof outs);
    for (size_t i = 0; i < count; i++) items[i].out = &outs[i];
    hash_many(domain, items, count);
    for (size_t i = 0; i < count; i++) {
        hash_bytes(&alone, domain, items[i].in);
        ck_assert_msg(hash_equal(&alone, &outs[i]), "item %zu of %zu, %zu bytes", i, count,
                      items[i].in.len);
    }
    memset(alone.bytes, 0xee, sizeof alone.bytes);
    ck_assert_msg(hash_equal(&alone, &outs[count]), "written beyond %zu items", count);
}

START_TEST(every_length_in_every_lane_hashes_as_alone) {
    struct hash_item items[MOST];
    lanes_switch(_i);
    printf("hash lanes: %s\n", lanes_are_on() ? "on" : "off");
    ck_assert(_i || !lanes_are_on());
    for (size_t len = 0; len <= LONGEST; len++) {
        for (size_t lane = 0; lane < LANES; lane++) {
            // The others are as long, then of lengths all over.
            for (size_t i = 0; i < LANES; i++) {
                size_t other = len % 2 ? len : (len * 37 + i * 71) % (LONGEST + 1);
                items[i].in = bytes_of(noise + i, i == lane ? len : other);
            }
            assert_all_as_alone(HASH_NODE, items, LANES);
        }
    }
}
END_TEST

START_TEST(every_count_and_every_domain_hashes_as_alone) {
    struct hash_item items[MOST];
    lanes_switch(_i);
    for (size_t count = 0; count <= MOST; count++) {
        for (int domain = 0; domain < HASH_DOMAINS; domain++) {
            for (size_t i = 0; i < count; i++)
                items[i].in = bytes_of(noise + i, (count * 17 + i * 29) % (LONGEST + 1));
            assert_all_as_alone((enum hash_domain)domain, items, count);
        }
    }
}
END_TEST

START_TEST(a_hash_may_be_written_over_what_came_before_it) {
    struct hash nodes[2 * MOST], expected[MOST];
    struct hash_item items[MOST];
    lanes_switch(_i);
    for (size_t i = 0; i < 2 * MOST; i++) hash_bytes(&nodes[i], HASH_USER, BYTES_OF(i));
    for (size_t i = 0; i < MOST; i++) {
        hash_node(&expected[i], &nodes[2 * i], &nodes[2 * i + 1]);
        items[i] = (struct hash_item){&nodes[i], bytes_of(&nodes[2 * i], 64)};
    }
    hash_many(HASH_NODE, items, MOST);
    for (size_t i = 0; i < MOST; i++) ck_assert(hash_equal(&nodes[i], &expected[i]));
}
END_TEST

START_TEST(no_message_is_read_beyond_its_end) {
    struct hash_item items[LANES];
    lanes_switch(_i);
    // Allocated to its size: the sanitizers watch its end.
    for (size_t len = 1; len <= LONGEST; len++) {
        for (size_t i = 0; i < LANES; i++) {
            uint8_t *exact = mem_alloc(len);
            memcpy(exact, noise + i, len);
            items[i].in = bytes_of(exact, len);
        }
        assert_all_as_alone(HASH_EVENT, items, LANES);
        for (size_t i = 0; i < LANES; i++) mem_free((void *)items[i].in.data);
    }
}
END_TEST

Suite *hash_lanes_suite(void) {
    Suite *suite = suite_create("hash_lanes");
    TCase *cases = tcase_create("hash_lanes");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_add_loop_test(cases, every_length_in_every_lane_hashes_as_alone, 0, 2);
    tcase_add_loop_test(cases, every_count_and_every_domain_hashes_as_alone, 0, 2);
    tcase_add_loop_test(cases, a_hash_may_be_written_over_what_came_before_it, 0, 2);
    tcase_add_loop_test(cases, no_message_is_read_beyond_its_end, 0, 2);
    suite_add_tcase(suite, cases);
    return suite;
}
