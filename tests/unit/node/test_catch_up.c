// SPDX-License-Identifier: Apache-2.0
// Real nodes that were away, over a false network: how they come back to where the others are.
#include "chaincore/base/log.h"
#include "tests/support/unit.h"
#include "tests/unit/node/cluster.h"
#include "tests/unit/node/suites_replica.h"

static struct cluster cluster;
static const size_t one_each[] = {1, 1, 1, 1, 0, 0};

static void tear_down(void) { cluster_clear(&cluster); }
static void set_up(void) { log_set_level(LOG_ERROR); }

static struct hash extend_to(uint64_t height) {
    struct hash id = {0};
    while (cluster_height(&cluster, 0) < height) {
        id = cluster_submit(&cluster, 0, 0, 1);
        ck_assert(cluster_await(&cluster, &id));
    }
    return id;
}

struct reach {
    uint16_t member;
    uint64_t height;
};

static bool has_reached(struct cluster *nodes, const void *context) {
    const struct reach *reach = context;
    (void)nodes;
    return cluster_height(&cluster, reach->member) >= reach->height;
}

static void start_with_epochs(uint16_t count, uint32_t blocks) {
    cluster_init(&cluster, one_each, count);
    for (uint16_t i = 0; i < count; i++) fixture_set_epoch(&cluster.members[i].fixture, blocks);
    for (uint16_t i = 0; i < 4; i++) cluster_open(&cluster, i);
}

// What it has signed stands in its log epochs below: it goes on from where its chain is, and signs.
START_TEST(who_is_killed_while_it_catches_up_goes_on) {
    enum { EPOCH = 4, AWAY = 12 * EPOCH, STEP = 3 * EPOCH };
    start_with_epochs(4, EPOCH);
    extend_to(1);
    cluster_close(&cluster, 1);
    struct hash id = extend_to(AWAY);
    for (uint64_t height = STEP; height < AWAY; height += STEP) {
        struct reach reach = {.member = 1, .height = height};
        cluster_open(&cluster, 1);
        ck_assert(cluster_run(&cluster, has_reached, &reach, 60 * 1000));
        ck_assert_uint_lt(cluster_height(&cluster, 1), AWAY);
        cluster_close(&cluster, 1);
    }
    cluster_open(&cluster, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_close(&cluster, 2); // it is needed
    id = cluster_submit(&cluster, 1, 1, 1);
    ck_assert(cluster_await(&cluster, &id));
    cluster_compare(&cluster);
}
END_TEST

struct look {
    struct reach reach;
    uint64_t most_behind, behind; // as it says
};

static bool looks_until(struct cluster *nodes, const void *context) {
    struct look *look = *(struct look *const *)context;
    struct node_exchange exchange;
    replica_exchange(nodes->members[look->reach.member].replica, &exchange);
    look->behind = exchange.behind;
    if (exchange.behind > look->most_behind) look->most_behind = exchange.behind;
    return has_reached(nodes, &look->reach) && exchange.behind == 0;
}

// Nobody speaks on a chain that waits, and who has the blocks may be no witness.
START_TEST(who_follows_gives_blocks_as_well) {
    start_with_epochs(6, 100);
    cluster_open(&cluster, 4);
    extend_to(3 * LIMIT_UNFINAL_BLOCKS);
    uint64_t height = cluster_height(&cluster, 4);
    for (uint16_t i = 0; i < 4; i++) cluster_close(&cluster, i);
    cluster_open(&cluster, 5);
    struct look look = {.reach = {.member = 5, .height = height}}, *out = &look;
    ck_assert(cluster_run(&cluster, looks_until, &out, 10 * 1000));
    ck_assert_uint_gt(look.most_behind, LIMIT_SYNC_NEAR);
    ck_assert_uint_eq(look.behind, 0);
    cluster_compare(&cluster);
}
END_TEST

Suite *catch_up_suite(void) {
    Suite *suite = suite_create("catch_up");
    TCase *cases = tcase_create("catch_up");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, who_is_killed_while_it_catches_up_goes_on);
    tcase_add_test(cases, who_follows_gives_blocks_as_well);
    suite_add_tcase(suite, cases);
    return suite;
}
