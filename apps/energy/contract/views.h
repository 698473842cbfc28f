// SPDX-License-Identifier: Apache-2.0
// What the contract answers without a transaction. "Nothing" is an empty answer, as of option<>.
#ifndef LMM_ENERGY_CONTRACT_VIEWS_H
#define LMM_ENERGY_CONTRACT_VIEWS_H

#include "apps/energy/contract/settle.h"

// zone(zone u32) -> option<zone>
LMM_VIEW(zone) {
    struct {
        uint8_t is_there;
        struct zone zone;
    } __attribute__((packed)) answer = {.is_there = 0};
    struct lmm_reader arguments = lmm_arguments();
    zone_id = lmm_read_u32(&arguments);
    lmm_reader_end(&arguments);
    answer.is_there = find_zone();
    answer.zone = zone;
    lmm_return(&answer, answer.is_there ? 1 + ZONE_HEAD + zone.name_len : 1);
}

static void read_view_slot(struct lmm_reader *arguments) {
    zone_id = lmm_read_u32(arguments);
    slot_id = lmm_read_u32(arguments);
    load_zone();
}

// slot(zone u32, slot u32) -> option<slot>
LMM_VIEW(slot) {
    struct {
        uint8_t is_there;
        struct slot slot;
    } __attribute__((packed)) answer = {.is_there = 0};
    struct lmm_reader arguments = lmm_arguments();
    read_view_slot(&arguments);
    lmm_reader_end(&arguments);
    answer.is_there = load_slot();
    answer.slot = slot;
    lmm_return(&answer, answer.is_there ? sizeof answer : 1);
}

// ---- the book

struct level {
    uint64_t price, wh;
    uint32_t orders;
} __attribute__((packed));

// Up to `most` levels of a side, best first, looking at DEPTH_ORDERS orders.
static uint32_t read_levels(struct level *levels, uint32_t most, uint8_t side) {
    struct order_key key;
    struct resting order;
    uint32_t count = 0, after = 0;
    uint8_t other = side == BUY ? SELL : BUY;
    uint64_t any = other == BUY ? UINT64_MAX : 0;
    for (uint32_t i = 0; i < DEPTH_ORDERS; i++) {
        if (!find_front(&key, other, any, &key, after)) break;
        after = sizeof key;
        uint64_t price = price_in_order(side, take_u64(key.price));
        if (count == 0 || levels[count - 1].price != price) {
            if (count == most) break;
            levels[count++] = (struct level){.price = price};
        }
        lmm_storage_get(&key, sizeof key, &order, sizeof order);
        levels[count - 1].wh += order.wh;
        levels[count - 1].orders++;
    }
    return count;
}

// best(zone u32, slot u32) -> {bid, ask}, each option<u64>
LMM_VIEW(best) {
    struct lmm_reader arguments = lmm_arguments();
    struct order_key key;
    uint8_t answer[18];
    uint32_t len = 0;
    read_view_slot(&arguments);
    lmm_reader_end(&arguments);
    for (uint8_t side = BUY; side < SIDES; side++) {
        uint8_t other = side == BUY ? SELL : BUY;
        bool is_there = find_front(&key, other, other == BUY ? UINT64_MAX : 0, "", 0);
        uint64_t price = price_in_order(side, take_u64(key.price));
        answer[len++] = is_there;
        if (is_there) memcpy(answer + len, &price, sizeof price);
        if (is_there) len += sizeof price;
    }
    lmm_return(answer, len);
}

// depth(zone u32, slot u32, side u8, levels u32) -> vec<level>
LMM_VIEW(depth) {
    struct lmm_reader arguments = lmm_arguments();
    static struct {
        uint32_t count;
        struct level levels[DEPTH_LEVELS];
    } __attribute__((packed)) answer;
    read_view_slot(&arguments);
    uint8_t side = lmm_read_u8(&arguments);
    uint32_t levels = lmm_read_count(&arguments, DEPTH_LEVELS);
    lmm_reader_end(&arguments);
    if (side >= SIDES) lmm_refuse(BAD_KIND);
    answer.count = read_levels(answer.levels, levels, side);
    lmm_return(&answer, 4 + answer.count * sizeof(struct level));
}

// resting(zone u32, slot u32, side u8, price u64, number u64) -> option<resting>
LMM_VIEW(resting) {
    struct lmm_reader arguments = lmm_arguments();
    struct order_key key;
    struct {
        uint8_t is_there;
        struct resting order;
    } __attribute__((packed)) answer;
    uint64_t price;
    read_order_key(&arguments, &key, &price);
    answer.is_there = lmm_storage_get(&key, sizeof key, &answer.order, sizeof answer.order) >= 0;
    lmm_return(&answer, answer.is_there ? sizeof answer : 1);
}

struct quote {
    uint64_t collateral; // of an order for all of it
    uint64_t opening;    // what it has to bring besides, where it opens the slot
    uint64_t filled;     // Wh that would trade now
    uint64_t money;      // for them, in base units
    uint32_t fills;
    uint8_t outcome; // of a limit order
} __attribute__((packed));

// quote(zone u32, slot u32, side u8, price u64, wh u64, account): what an order of this account
// would do now
LMM_VIEW(quote) {
    struct lmm_reader arguments = lmm_arguments();
    struct quote quote = {.outcome = FILLED};
    struct order_key key;
    struct resting order;
    uint8_t account[32];
    read_view_slot(&arguments);
    uint8_t side = lmm_read_u8(&arguments);
    uint64_t price = lmm_read_u64(&arguments), wh = lmm_read_u64(&arguments);
    lmm_read(&arguments, account, sizeof account);
    lmm_reader_end(&arguments);
    check_terms(side, price, wh);
    check_time();
    quote.collateral = wh * (side == BUY ? price : zone.cap);
    quote.opening = load_slot() ? 0 : timer_money();
    for (uint32_t after = 0; quote.filled < wh; after = sizeof key, quote.fills++) {
        if (!find_front(&key, side, price, &key, after))
            quote.outcome = RESTING;
        else if (quote.fills == ORDER_FILLS)
            quote.outcome = CANCELLED_FILLS;
        if (quote.outcome != FILLED) break;
        lmm_storage_get(&key, sizeof key, &order, sizeof order);
        if (account_equal(order.account, account)) quote.outcome = CANCELLED_SELF;
        if (quote.outcome != FILLED) break;
        uint64_t left = wh - quote.filled, here = order.wh < left ? order.wh : left;
        quote.filled += here;
        quote.money += here * price_in_order(key.side, take_u64(key.price));
    }
    lmm_return(&quote, sizeof quote);
}

// ---- accounts

// position(zone u32, slot u32, account) -> option<position>; nothing once the slot is final
LMM_VIEW(position) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t account[32];
    struct {
        uint8_t is_there;
        struct position position;
    } __attribute__((packed)) answer;
    read_view_slot(&arguments);
    lmm_read(&arguments, account, sizeof account);
    lmm_reader_end(&arguments);
    answer.is_there = load_position(&answer.position, account);
    lmm_return(&answer, answer.is_there ? sizeof answer : 1);
}

// meter(key) -> option<meter>
LMM_VIEW(meter) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[32];
    struct {
        uint8_t is_there;
        struct meter meter;
    } __attribute__((packed)) answer;
    lmm_read(&arguments, key, sizeof key);
    lmm_reader_end(&arguments);
    answer.is_there = load_meter(&answer.meter, key);
    lmm_return(&answer, answer.is_there ? sizeof answer : 1);
}

#endif
