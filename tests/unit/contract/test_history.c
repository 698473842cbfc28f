// SPDX-License-Identifier: Apache-2.0
// Random histories of contracts that do everything to one another: whatever happens, no money is
// made or lost, every byte of state is accounted for, and the same history gives the same state.
#include "tests/unit/contract/stage.h"
#include "tests/unit/contract/suites.h"

enum { ACTORS = 5, BLOCKS = 40, TXS = 4 };

// splitmix64
static uint32_t pick(uint64_t *seed, uint32_t below) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ (z >> 31)) % below);
}

static void make_script(struct stage *stage, struct buf *out, uint64_t *seed, int depth);

static void add_call(struct stage *stage, struct buf *out, uint64_t *seed, int depth) {
    struct buf inner = {0};
    static const uint64_t limits[] = {100000, 3000000, UINT64_MAX};
    make_script(stage, &inner, seed, depth - 1);
    script_call_with(out, &stage->puppets[pick(seed, ACTORS)], &inner,
                     pick(seed, 3) ? pick(seed, 500000) : 0, limits[pick(seed, 3)]);
    buf_clear(&inner);
}

static void add_timer(struct stage *stage, struct buf *out, uint64_t *seed, int depth) {
    struct buf inner = {0};
    make_script(stage, &inner, seed, depth - 1);
    bool is_for_another = pick(seed, 2);
    encode_u8(out, is_for_another ? PUPPET_TIMER_FOR : PUPPET_TIMER);
    if (is_for_another) encode_fixed(out, &stage->user, 32);
    encode_u64(out, stage->block.time_ms + pick(seed, 30));
    encode_u64(out, 20000 + pick(seed, 2000000));
    encode_bytes(out, buf_bytes(&inner));
    buf_clear(&inner);
}

static void add_act(struct stage *stage, struct buf *out, uint64_t *seed, int depth) {
    uint32_t numbers[] = {pick(seed, 12), pick(seed, 6), pick(seed, 200)};
    switch (pick(seed, depth > 0 ? 12 : 7)) {
    case 0:
    case 1:
        script_numbers(out, PUPPET_FLOOD, numbers, 3);
        break;
    case 2:
        script_numbers(out, PUPPET_CLEAR, numbers, 2);
        break;
    case 3:
        script_transfer(out, pick(seed, 2) ? &stage->user : &stage->puppets[pick(seed, ACTORS)],
                        pick(seed, 100000));
        break;
    case 4:
        encode_u8(out, PUPPET_CANCEL);
        encode_u64(out, stage->block.time_ms + pick(seed, 30));
        encode_u64(out, pick(seed, 60));
        break;
    case 5:
        if (pick(seed, 4) == 0) script_numbers(out, PUPPET_REFUSE, numbers, 1);
        break;
    case 6:
        if (pick(seed, 6) == 0) encode_u8(out, PUPPET_TRAP);
        break;
    case 7:
    case 8:
        add_timer(stage, out, seed, depth);
        break;
    default:
        add_call(stage, out, seed, depth);
    }
}

static void make_script(struct stage *stage, struct buf *out, uint64_t *seed, int depth) {
    for (uint32_t acts = pick(seed, 4); acts > 0; acts--) add_act(stage, out, seed, depth);
}

static void add_action(struct stage *stage, uint64_t *seed) {
    struct buf script = {0};
    const struct account_id *target = &stage->puppets[pick(seed, ACTORS)];
    if (pick(seed, 12) == 0) {
        stage_add_code(stage, TX_DEPLOY, NULL, buf_bytes(&stage->code), target);
    } else if (pick(seed, 12) == 0) {
        stage_add_code(stage, TX_UPGRADE, target, buf_bytes(&stage->code), NULL);
    } else {
        make_script(stage, &script, seed, 3);
        stage_add_call(stage, (int)pick(seed, ACTORS), "pay", &script,
                       pick(seed, 2) ? pick(seed, 5000000) : 0);
    }
    buf_clear(&script);
}

// Plays a history; the hash of all that came of it.
static struct hash play(uint64_t history) {
    struct stage stage;
    struct hash result;
    struct hasher hasher;
    uint64_t seed = history;
    stage_init(&stage);
    hasher_init(&hasher, HASH_USER);
    for (int block = 0; block < BLOCKS; block++) {
        for (uint32_t txs = pick(&seed, TXS); txs > 0; txs--) {
            stage_begin(&stage);
            stage.tx.has_payer = pick(&seed, 3) == 0;
            stage.tx.payer = stage.sponsor;
            for (uint32_t actions = 1 + pick(&seed, 3); actions > 0; actions--)
                add_action(&stage, &seed);
            stage_apply(&stage);
            hasher_add(&hasher, BYTES_OF(stage.done.receipt.events_root.bytes));
            hasher_add(&hasher, BYTES_OF(stage.done.receipt.gas_used));
        }
        stage.block.params.deposit_per_byte = pick(&seed, 20);
        stage_next_block(&stage, stage.block.time_ms + pick(&seed, 20)); // conserved, it checks
        hasher_add(&hasher, BYTES_OF(stage.timers.count));
        for (int i = 0; i < ACTORS; i++) stage_counted_bytes(&stage, &stage.puppets[i]);
    }
    stage_clear(&stage);
    hasher_finish(&hasher, &result);
    return result;
}

START_TEST(money_and_bytes_are_accounted_for_whatever_contracts_do) {
    for (uint64_t history = 0; history < 60; history++) play(history * 1000);
}
END_TEST

START_TEST(the_same_history_comes_to_the_same) {
    for (uint64_t history = 0; history < 5; history++) {
        struct hash first = play(history), second = play(history);
        ck_assert(hash_equal(&first, &second));
    }
    struct hash one = play(1), other = play(2);
    ck_assert(!hash_equal(&one, &other));
}
END_TEST

Suite *history_suite(void) {
    Suite *suite = suite_create("history");
    TCase *cases = tcase_create("history");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, money_and_bytes_are_accounted_for_whatever_contracts_do);
    tcase_add_test(cases, the_same_history_comes_to_the_same);
    suite_add_tcase(suite, cases);
    return suite;
}
