// SPDX-License-Identifier: Apache-2.0
// Settlement. Of each trade of `wh` at `price`, in the order of a seller's trades, so much counts
// as delivered as the seller's meter still has; d is delivered and f fails:
//   the seller gets price·d, and of its collateral cap·d back;
//   the buyer gets cap·f: price·f that it had paid, and cap - price for each Wh, its loss when the
//   grid delivers instead. Of the seller's cap·f that leaves price·f for the slot's pot.
// When no reading may come any more, a missing one is zero, and the pot is shared among those who
// had more than they owed: sellers who fed in more than they sold, buyers who took less than they
// received, by the Wh, each at most pot / failed Wh. What is left goes to the zone's account.
//
// Everything goes in pieces of SETTLE_STEPS, by timers or by anybody.
#ifndef LMM_ENERGY_CONTRACT_SETTLE_H
#define LMM_ENERGY_CONTRACT_SETTLE_H

#include "apps/energy/contract/at_hand.h"

static uint32_t steps_left;
static uint8_t found_key[KEY_ROOM];

static bool take_step(void) {
    if (steps_left == 0) return false;
    steps_left--;
    return true;
}

// ---- orders

struct cancelled {
    uint32_t zone, slot;
    uint64_t number;
    uint8_t account[32];
    uint8_t side;
    uint64_t price, wh, money; // base units
    uint8_t reason;
} __attribute__((packed));

// Gives back what the order has locked.
static void remove_order(const struct order_key *key, const struct resting *order, uint8_t reason) {
    struct cancelled told = {.zone = zone_id,
                             .slot = slot_id,
                             .number = take_u64(key->number),
                             .side = key->side,
                             .price = price_in_order(key->side, take_u64(key->price)),
                             .wh = order->wh,
                             .reason = reason};
    told.money = order->wh * (key->side == BUY ? told.price : zone.cap);
    memcpy(told.account, order->account, sizeof told.account);
    lmm_storage_delete(key, sizeof *key);
    lmm_transfer(order->account, told.money);
    TELL("cancelled", &told, sizeof told);
}

// True: none is left.
static bool remove_orders(void) {
    struct place prefix = place_make('o', zone_id, slot_id);
    struct order_key key;
    struct resting order;
    while (lmm_storage_next(&prefix, sizeof prefix, "", 0, found_key) >= 0) {
        if (!take_step()) return false;
        memcpy(&key, found_key, sizeof key);
        lmm_storage_get(&key, sizeof key, &order, sizeof order);
        remove_order(&key, &order, CANCEL_CLOSED);
    }
    return true;
}

// ---- trades

struct settled {
    uint32_t zone, slot;
    uint64_t trade;
    uint8_t buyer[32], seller[32];
    uint64_t price, delivered, failed;
    uint64_t to_buyer, to_seller, to_pot; // base units
} __attribute__((packed));

static void settle_trade(const struct trade_key *key, struct position *seller) {
    struct settled told = {.zone = zone_id, .slot = slot_id, .trade = take_u64(key->number)};
    struct position buyer;
    struct trade trade;
    lmm_storage_get(key, sizeof *key, &trade, sizeof trade);
    uint64_t metered = seller->exported - seller->delivered;
    told.price = trade.price;
    told.delivered = metered < trade.wh ? metered : trade.wh;
    told.failed = trade.wh - told.delivered;
    told.to_seller = (trade.price + zone.cap) * told.delivered;
    told.to_buyer = zone.cap * told.failed;
    told.to_pot = trade.price * told.failed;
    memcpy(told.buyer, trade.buyer, sizeof told.buyer);
    memcpy(told.seller, key->seller, sizeof told.seller);

    seller->delivered += told.delivered;
    load_position(&buyer, trade.buyer);
    buyer.received += told.delivered;
    store_position(trade.buyer, &buyer);
    slot.unsettled--;
    slot.short_wh += told.failed;
    slot.pot += told.to_pot;
    lmm_storage_delete(key, sizeof *key);
    if (told.to_seller > 0) lmm_transfer(told.seller, told.to_seller);
    if (told.to_buyer > 0) lmm_transfer(told.buyer, told.to_buyer);
    TELL("settled", &told, sizeof told);
}

// A seller's, as far as there are steps. True: none is left.
static bool settle_seller(const uint8_t account[32], struct position *seller) {
    struct account_key prefix = {.place = place_make('t', zone_id, slot_id)};
    struct trade_key key;
    memcpy(prefix.account, account, sizeof prefix.account);
    while (lmm_storage_next(&prefix, sizeof prefix, "", 0, found_key) >= 0) {
        if (!take_step()) return false;
        memcpy(&key, found_key, sizeof key);
        settle_trade(&key, seller);
    }
    return true;
}

static void set_queued(const uint8_t account[32], struct position *seller, bool is_queued) {
    struct account_key key = {.place = place_make('q', zone_id, slot_id)};
    if (((seller->flags & IS_QUEUED) != 0) == is_queued) return;
    memcpy(key.account, account, sizeof key.account);
    seller->flags ^= IS_QUEUED;
    if (is_queued)
        lmm_storage_set(&key, sizeof key, "", 0);
    else
        lmm_storage_delete(&key, sizeof key);
}

// Of all sellers whose entries stand under `letter`: 'q', who have reported, or 't', all of them.
static bool settle_trades(char letter) {
    struct place prefix = place_make(letter, zone_id, slot_id);
    struct account_key key; // in front, a trade's key is the same
    struct position seller;
    while (lmm_storage_next(&prefix, sizeof prefix, "", 0, found_key) >= 0) {
        memcpy(&key, found_key, sizeof key);
        load_position(&seller, key.account);
        bool is_done = settle_seller(key.account, &seller);
        if (is_done) set_queued(key.account, &seller, false);
        store_position(key.account, &seller);
        if (!is_done) return false;
    }
    return true;
}

// ---- the pot

static uint64_t excess_of(const struct position *position) {
    uint64_t excess = 0;
    if (position->exported > position->sold) excess += position->exported - position->sold;
    if ((position->flags & HAS_IMPORT) && position->received > position->imported)
        excess += position->received - position->imported;
    return excess;
}

static bool count_excess(void) {
    struct place prefix = place_make('p', zone_id, slot_id),
                 kept = place_make('c', zone_id, slot_id);
    struct account_key key;
    struct position position;
    int32_t len = lmm_storage_get(&kept, sizeof kept, &key, sizeof key);
    uint32_t after = len >= 0 ? sizeof key : 0;
    while (lmm_storage_next(&prefix, sizeof prefix, &key, after, found_key) >= 0) {
        if (!take_step()) {
            if (after > 0) lmm_storage_set(&kept, sizeof kept, &key, sizeof key);
            return false;
        }
        memcpy(&key, found_key, sizeof key);
        after = sizeof key;
        load_position(&position, key.account);
        slot.excess_wh += excess_of(&position);
    }
    if (len >= 0) lmm_storage_delete(&kept, sizeof kept);
    return true;
}

struct shared {
    uint32_t zone, slot;
    uint8_t account[32];
    uint64_t wh, money; // base units
} __attribute__((packed));

static void share_pot(const uint8_t account[32], const struct position *position) {
    struct shared told = {.zone = zone_id, .slot = slot_id, .wh = excess_of(position)};
    uint64_t most = slot.excess_wh > slot.short_wh ? slot.excess_wh : slot.short_wh;
    if (slot.pot == 0 || told.wh == 0) return;
    told.money = lmm_mul_div(slot.pot, told.wh, most);
    if (told.money == 0) return;
    memcpy(told.account, account, sizeof told.account);
    slot.shared += told.money;
    lmm_transfer(account, told.money);
    TELL("shared", &told, sizeof told);
}

static bool share_pots(void) {
    struct place prefix = place_make('p', zone_id, slot_id);
    struct account_key key;
    struct position position;
    while (lmm_storage_next(&prefix, sizeof prefix, "", 0, found_key) >= 0) {
        if (!take_step()) return false;
        memcpy(&key, found_key, sizeof key);
        load_position(&position, key.account);
        lmm_storage_delete(&key, sizeof key);
        share_pot(key.account, &position);
    }
    return true;
}

static void remove_slot(void) {
    struct place key = place_make('s', zone_id, slot_id);
    struct {
        uint32_t zone, slot;
        uint64_t pot, shared, rest, short_wh, excess_wh;
    } __attribute__((packed))
    told = {zone_id,       slot_id,       slot.pot, slot.shared, slot.pot - slot.shared,
            slot.short_wh, slot.excess_wh};
    struct place late = place_make('w', zone_id, slot_id);
    lmm_storage_delete(&key, sizeof key);
    if (slot.timer_ms == 0) lmm_storage_delete(&late, sizeof late);
    zone.account += told.rest;
    TELL("final", &told, sizeof told);
}

// ---- one piece

enum work { WORK_NONE, WORK_WAITS, WORK_LEFT, WORK_OVER };

// Whatever is due of the slot, as far as the steps go. NONE: nothing is due; WAITS: for time; LEFT:
// more is due; OVER: the slot is gone.
static enum work do_piece(void) {
    uint64_t now = lmm_block_time_ms();
    struct place queue = place_make('q', zone_id, slot_id);
    bool was_closed = slot.phase != OPEN;
    if (now < gate_closes_ms()) return WORK_NONE;
    if (!was_closed) {
        if (!remove_orders()) return WORK_LEFT;
        slot.phase = CLOSED;
    }
    if (slot.trades > 0 && now < readings_end_ms()) {
        bool had_queue = lmm_storage_next(&queue, sizeof queue, "", 0, found_key) >= 0;
        if (!settle_trades('q')) return WORK_LEFT;
        return was_closed && !had_queue ? WORK_NONE : WORK_WAITS;
    }
    if (!settle_trades('t')) return WORK_LEFT;
    if (slot.phase == CLOSED) {
        if (slot.pot > 0 && !count_excess()) return WORK_LEFT;
        slot.phase = COUNTED;
    }
    if (!share_pots()) return WORK_LEFT;
    remove_slot();
    return WORK_OVER;
}

static void read_settled_slot(struct lmm_reader *arguments) {
    zone_id = lmm_read_u32(arguments);
    slot_id = lmm_read_u32(arguments);
    lmm_reader_end(arguments);
    load_zone();
    if (!load_slot()) lmm_refuse(NOTHING_TO_SETTLE);
    steps_left = SETTLE_STEPS;
}

// settle(zone u32, slot u32): a piece of what is due, by anybody
LMM_METHOD(settle) {
    struct lmm_reader arguments = lmm_arguments();
    read_settled_slot(&arguments);
    uint64_t account = zone.account;
    enum work work = do_piece();
    if (work == WORK_NONE) lmm_refuse(TOO_EARLY);
    if (work != WORK_OVER) store_slot();
    if (zone.account != account) store_zone();
    set_late_timers();
}

// Of a slot that is not over. One that a reading has set beside the slot's own goes on by itself.
static void set_next_timer(enum work work) {
    uint64_t now = lmm_block_time_ms();
    uint64_t next = work == WORK_LEFT ? now + 1 : readings_end_ms();
    if (slot.timer_ms <= now)
        set_timer(next);
    else if (work == WORK_LEFT)
        pay_timer(next);
}

// tick(zone u32, slot u32): the same by a timer, which sets the next one.
LMM_METHOD(tick) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t caller[32], self[32];
    lmm_caller(caller);
    lmm_self(self);
    if (!account_equal(caller, self)) lmm_refuse(ONLY_TIMERS);
    zone_id = lmm_read_u32(&arguments);
    slot_id = lmm_read_u32(&arguments);
    lmm_reader_end(&arguments);
    load_zone();
    uint64_t account = zone.account;
    steps_left = SETTLE_STEPS;
    enum work work = load_slot() ? do_piece() : WORK_OVER;
    if (work != WORK_OVER) {
        set_next_timer(work);
        store_slot();
    }
    if (zone.account != account) store_zone();
}

#endif
