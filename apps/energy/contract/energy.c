// SPDX-License-Identifier: Apache-2.0
// Electricity between neighbours, by zone and quarter of an hour. An instrument is a zone, a
// delivery slot and a side; quantities are whole Wh, prices whole base units a Wh, so that products
// are exact. "Buy 50 kWh at 0.05" executes when a seller meets it, and not otherwise.
//
// Orders meet by price, then by time, at the price of the one that was there first. A buyer locks
// price · Wh, and gets the difference of a better price back at once; a seller locks the zone's
// cap · Wh. Whoever opens a slot also pays for the timer that closes it. Nobody trades with
// themselves: where an incoming order would, its rest is cancelled. One order fills at most
// ORDER_FILLS others; a rest beyond is cancelled, since left in the book it would cross it. Orders
// for a slot are taken until the zone's gate closes; then those that rest are cancelled, meters
// report, and settle.h says who gets what.
//
// Of the book only the front is read, so an order costs the same whatever rests behind it
// (records.h). Room is left for an auction at the gate, certificates, fees and communities.
#include "apps/energy/contract/settle.h"

// ---- zones

// zone(cap u64, lot u64, gate u32, wait u32, name string), with what its account begins with: the
// caller becomes the operator
LMM_PAYABLE(zone) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t key[5] = {'z'};
    struct {
        uint32_t id;
        struct zone zone;
    } __attribute__((packed)) told;
    zone.cap = lmm_read_u64(&arguments);
    zone.lot = lmm_read_u64(&arguments);
    zone.gate_ms = lmm_read_u32(&arguments);
    zone.wait_ms = lmm_read_u32(&arguments);
    zone.name_len = lmm_read_u32(&arguments);
    if (zone.cap == 0 || zone.cap > PRICE_MAX || zone.lot == 0 || zone.lot > LOT_MAX ||
        zone.gate_ms > GATE_MS_MAX || zone.wait_ms < WAIT_MS_MIN || zone.wait_ms > WAIT_MS_MAX ||
        zone.name_len == 0 || zone.name_len > ZONE_NAME_MAX)
        lmm_refuse(BAD_ZONE);
    lmm_read(&arguments, zone.name, zone.name_len);
    lmm_reader_end(&arguments);
    zone.account = lmm_value();
    lmm_caller(zone.operator_id);
    lmm_storage_get("n", 1, &zone_id, sizeof zone_id);
    zone_id++;
    lmm_storage_set("n", 1, &zone_id, sizeof zone_id);
    put_u32(key + 1, zone_id);
    lmm_storage_set(key, sizeof key, &zone, ZONE_HEAD + zone.name_len);
    told.id = zone_id;
    told.zone = zone;
    TELL("zone", &told, sizeof told.id + ZONE_HEAD + zone.name_len);
}

// fund(zone u32), with money for its account, by anybody
LMM_PAYABLE(fund) {
    struct lmm_reader arguments = lmm_arguments();
    zone_id = lmm_read_u32(&arguments);
    lmm_reader_end(&arguments);
    load_zone();
    if (lmm_value() == 0) lmm_refuse(NOTHING_GIVEN);
    zone.account += lmm_value();
    store_zone();
    set_late_timers();
}

// withdraw(zone u32, units u64), by the operator
LMM_METHOD(withdraw) {
    struct lmm_reader arguments = lmm_arguments();
    uint8_t caller[32];
    zone_id = lmm_read_u32(&arguments);
    uint64_t units = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    load_zone();
    lmm_caller(caller);
    if (!account_equal(caller, zone.operator_id)) lmm_refuse(NOT_OPERATOR);
    if (units == 0 || units > zone.account) lmm_refuse(ACCOUNT_SHORT);
    zone.account -= units;
    store_zone();
    lmm_transfer(caller, units);
}

// ---- orders

static struct {
    uint32_t zone, slot;
    uint64_t number;
    uint8_t account[32];
    uint8_t side, kind;
    uint64_t price, wh;
    uint64_t left;     // Wh that neither traded nor were cancelled
    uint64_t returned; // base units, of what came with the order
    uint8_t outcome;
} __attribute__((packed)) incoming; // as its event tells it

static struct {
    uint32_t zone, slot;
    uint64_t number; // of the trade
    uint64_t price, wh;
    uint64_t incoming, resting; // numbers of the orders
    uint8_t side;               // of the incoming one
    uint8_t buyer[32], seller[32];
    uint64_t resting_left; // Wh
} __attribute__((packed)) match;

static void check_terms(uint8_t side, uint64_t price, uint64_t wh) {
    if (side >= SIDES) lmm_refuse(BAD_KIND);
    if (price == 0 || price > PRICE_MAX) lmm_refuse(BAD_PRICE);
    if (price > zone.cap) lmm_refuse(ABOVE_CAP);
    if (wh == 0 || wh > WH_MAX) lmm_refuse(BAD_QUANTITY);
    if (wh % zone.lot != 0) lmm_refuse(OFF_LOT);
}

static void check_time(void) {
    uint64_t now = lmm_block_time_ms();
    if (now >= gate_closes_ms()) lmm_refuse(SLOT_CLOSED);
    if (slot_id > now / SLOT_MS + SLOTS_AHEAD) lmm_refuse(TOO_FAR_AHEAD);
}

static uint64_t locked_price(void) { return incoming.side == BUY ? incoming.price : zone.cap; }

static void add_to_positions(void) {
    struct position position;
    load_position(&position, match.buyer);
    position.bought += match.wh;
    store_position(match.buyer, &position);
    load_position(&position, match.seller);
    position.sold += match.wh;
    store_position(match.seller, &position);
}

static void store_trade(void) {
    struct trade_key key = {.place = place_make('t', zone_id, slot_id)};
    struct trade trade = {.wh = match.wh, .price = match.price};
    memcpy(key.seller, match.seller, sizeof key.seller);
    put_u64(key.number, match.number);
    memcpy(trade.buyer, match.buyer, sizeof trade.buyer);
    lmm_storage_set(&key, sizeof key, &trade, sizeof trade);
}

static void fill(const struct order_key *key, struct resting *order) {
    match.wh = order->wh < incoming.left ? order->wh : incoming.left;
    match.resting = take_u64(key->number);
    match.number = ++slot.trades;
    slot.unsettled++;
    order->wh -= match.wh;
    incoming.left -= match.wh;
    match.resting_left = order->wh;
    if (incoming.side == BUY) incoming.returned += (incoming.price - match.price) * match.wh;
    memcpy(incoming.side == BUY ? match.seller : match.buyer, order->account, 32);
    if (order->wh == 0)
        lmm_storage_delete(key, sizeof *key);
    else
        lmm_storage_set(key, sizeof *key, order, sizeof *order);
    store_trade();
    add_to_positions();
    TELL("trade", &match, sizeof match);
}

// The first of the other side, when it meets the price.
static bool find_front(struct order_key *key, uint8_t side, uint64_t limit, const void *after,
                       uint32_t after_len) {
    struct {
        struct place place;
        uint8_t side;
    } prefix = {place_make('o', zone_id, slot_id), side == BUY ? SELL : BUY};
    if (lmm_storage_next(&prefix, sizeof prefix, after, after_len, found_key) < 0) return false;
    memcpy(key, found_key, sizeof *key);
    uint64_t price = price_in_order(prefix.side, take_u64(key->price));
    return side == BUY ? price <= limit : price >= limit;
}

// Why it ended there: the outcome of what is left, were it not an order that rests.
static enum outcome match_incoming(void) {
    struct order_key key;
    struct resting order;
    memcpy(incoming.side == BUY ? match.buyer : match.seller, incoming.account, 32);
    match.zone = zone_id;
    match.slot = slot_id;
    match.incoming = incoming.number;
    match.side = incoming.side;
    for (uint32_t fills = 0; incoming.left > 0; fills++) {
        if (!find_front(&key, incoming.side, incoming.price, "", 0)) return RESTING;
        if (fills == ORDER_FILLS) return CANCELLED_FILLS;
        lmm_storage_get(&key, sizeof key, &order, sizeof order);
        if (account_equal(order.account, incoming.account)) return CANCELLED_SELF;
        match.price = price_in_order(key.side, take_u64(key.price));
        fill(&key, &order);
    }
    return FILLED;
}

static void rest_incoming(void) {
    struct order_key key = {.place = place_make('o', zone_id, slot_id), .side = incoming.side};
    struct resting order = {.wh = incoming.left};
    put_u64(key.price, price_in_order(incoming.side, incoming.price));
    put_u64(key.number, incoming.number);
    memcpy(order.account, incoming.account, sizeof order.account);
    lmm_storage_set(&key, sizeof key, &order, sizeof order);
}

static void place_incoming(void) {
    incoming.outcome = (uint8_t)match_incoming();
    if (incoming.left > 0 && incoming.kind == FOK) lmm_refuse(FOK_NOT_FILLED);
    if (incoming.outcome == RESTING && incoming.kind == IOC) incoming.outcome = CANCELLED_IOC;
    if (incoming.outcome == RESTING) {
        rest_incoming();
    } else {
        incoming.returned += incoming.left * locked_price();
        incoming.left = 0;
    }
    if (incoming.returned > 0) lmm_transfer(incoming.account, incoming.returned);
    TELL("order", &incoming, sizeof incoming);
}

// The slot's first order rests, since it meets nobody: one that may not changes nothing. It pays
// for the timer of the gate, and gets back what that leaves.
static void open_slot(void) {
    if (incoming.kind == IOC) lmm_refuse(NOBODY_THERE);
    if (incoming.kind == FOK) lmm_refuse(FOK_NOT_FILLED);
    slot = (struct slot){.phase = OPEN, .timer_ms = gate_closes_ms()};
    start_timer(incoming.account, slot.timer_ms);
}

// order(zone u32, slot u32, side u8, kind u8, price u64, wh u64), with the collateral, and with a
// timer's price too where it opens the slot. What it brings beyond that comes back at once: of two
// that would open a slot only one does.
LMM_PAYABLE(order) {
    struct lmm_reader arguments = lmm_arguments();
    zone_id = incoming.zone = lmm_read_u32(&arguments);
    slot_id = incoming.slot = lmm_read_u32(&arguments);
    incoming.side = lmm_read_u8(&arguments);
    incoming.kind = lmm_read_u8(&arguments);
    incoming.price = lmm_read_u64(&arguments);
    incoming.wh = incoming.left = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    load_zone();
    check_terms(incoming.side, incoming.price, incoming.wh);
    if (incoming.kind >= KINDS) lmm_refuse(BAD_KIND);
    check_time();
    bool is_open = load_slot();
    uint64_t needed = incoming.wh * locked_price() + (is_open ? 0 : timer_money());
    if (lmm_value() < needed) lmm_refuse(WRONG_COLLATERAL);
    incoming.returned = lmm_value() - needed;
    lmm_caller(incoming.account);
    if (!is_open) open_slot();
    incoming.number = ++slot.orders;
    place_incoming();
    store_slot();
    set_late_timers();
}

static void read_order_key(struct lmm_reader *arguments, struct order_key *key, uint64_t *price) {
    zone_id = lmm_read_u32(arguments);
    slot_id = lmm_read_u32(arguments);
    *key = (struct order_key){.place = place_make('o', zone_id, slot_id)};
    key->side = lmm_read_u8(arguments);
    *price = lmm_read_u64(arguments);
    put_u64(key->price, price_in_order(key->side, *price));
    put_u64(key->number, lmm_read_u64(arguments));
    lmm_reader_end(arguments);
}

// cancel(zone u32, slot u32, side u8, price u64, number u64)
LMM_METHOD(cancel) {
    struct lmm_reader arguments = lmm_arguments();
    struct order_key key;
    struct resting order;
    uint8_t caller[32];
    uint64_t price;
    read_order_key(&arguments, &key, &price);
    load_zone();
    if (lmm_storage_get(&key, sizeof key, &order, sizeof order) < 0) lmm_refuse(UNKNOWN_ORDER);
    lmm_caller(caller);
    if (!account_equal(caller, order.account)) lmm_refuse(NOT_YOURS);
    remove_order(&key, &order, CANCEL_OWNER);
}

// ---- meters

static bool load_meter(struct meter *out, const uint8_t key[32]) {
    uint8_t place[33] = {'m'};
    memcpy(place + 1, key, 32);
    return lmm_storage_get(place, sizeof place, out, sizeof *out) >= 0;
}

static void store_meter(const struct meter *meter, const uint8_t key[32]) {
    uint8_t place[33] = {'m'};
    memcpy(place + 1, key, 32);
    lmm_storage_set(place, sizeof place, meter, sizeof *meter);
}

// Did the key sign the hash of the text?
static bool is_signed(const uint8_t key[32], const uint8_t signature[64], const void *text,
                      uint32_t len) {
    uint8_t hash[32];
    lmm_hash(text, len, hash);
    return lmm_verify_tagged("lmm:journal", key, signature, hash);
}

static void retire_meter(const struct meter_of_key *place) {
    uint8_t key[32];
    struct meter meter;
    if (lmm_storage_get(place, sizeof *place, key, sizeof key) < 0) return;
    load_meter(&meter, key);
    meter.is_retired = 1;
    store_meter(&meter, key);
}

// meter(zone u32, direction u8, key, signature of 64 bytes): the caller's meter from now on,
// instead of the one before. The meter's own signature keeps others from taking its key; before it
// reports, the zone's operator has to approve it.
LMM_METHOD(meter) {
    struct lmm_reader arguments = lmm_arguments();
    struct meter meter = {0}, known;
    struct meter_of_key place = {.letter = 'd'};
    uint8_t signature[64];
    struct {
        uint8_t text[sizeof METER_TEXT - 1];
        uint8_t contract[32];
        uint32_t zone;
        uint8_t direction;
        uint8_t owner[32];
    } __attribute__((packed)) text;
    struct {
        uint8_t key[32];
        uint8_t account[32];
        uint32_t zone;
        uint8_t direction;
    } __attribute__((packed)) told;
    zone_id = told.zone = text.zone = meter.zone = lmm_read_u32(&arguments);
    told.direction = text.direction = meter.direction = lmm_read_u8(&arguments);
    lmm_read(&arguments, told.key, sizeof told.key);
    lmm_read(&arguments, signature, sizeof signature);
    lmm_reader_end(&arguments);
    load_zone();
    if (meter.direction >= DIRECTIONS) lmm_refuse(BAD_KIND);
    if (load_meter(&known, told.key)) lmm_refuse(METER_KNOWN);
    lmm_caller(meter.account);
    memcpy(text.text, METER_TEXT, sizeof text.text);
    lmm_self(text.contract);
    memcpy(text.owner, meter.account, sizeof text.owner);
    if (!is_signed(told.key, signature, &text, sizeof text)) lmm_refuse(BAD_SIGNATURE);
    put_u32(place.zone, zone_id);
    place.direction = meter.direction;
    memcpy(place.account, meter.account, sizeof place.account);
    retire_meter(&place);
    lmm_storage_set(&place, sizeof place, told.key, sizeof told.key);
    store_meter(&meter, told.key);
    memcpy(told.account, meter.account, sizeof told.account);
    TELL("meter", &told, sizeof told);
}

// approve(key, most_wh u64), by the operator of the meter's zone: that this is a meter, and what it
// can measure in a slot. Again: another ceiling; 0: not approved any more.
LMM_METHOD(approve) {
    struct lmm_reader arguments = lmm_arguments();
    struct meter meter;
    uint8_t caller[32];
    struct {
        uint8_t key[32];
        uint8_t account[32];
        uint32_t zone;
        uint8_t direction;
        uint64_t most_wh;
    } __attribute__((packed)) told;
    lmm_read(&arguments, told.key, sizeof told.key);
    told.most_wh = lmm_read_u64(&arguments);
    lmm_reader_end(&arguments);
    if (!load_meter(&meter, told.key) || meter.is_retired) lmm_refuse(STRANGER);
    zone_id = told.zone = meter.zone;
    load_zone();
    lmm_caller(caller);
    if (!account_equal(caller, zone.operator_id)) lmm_refuse(NOT_OPERATOR);
    if (told.most_wh > WH_MAX) lmm_refuse(BAD_CEILING);
    meter.most_wh = told.most_wh;
    store_meter(&meter, told.key);
    memcpy(told.account, meter.account, sizeof told.account);
    told.direction = meter.direction;
    TELL("approved", &told, sizeof told);
}

// What the meter says changes what its owner settles; a seller's trades are settled at once, as far
// as READING_STEPS go, and the rest by a timer.
static void apply_reading(const struct meter *meter, uint64_t wh) {
    struct position position;
    uint64_t now = lmm_block_time_ms();
    if (!load_position(&position, meter->account) || !load_slot()) return;
    // A meter that replaced another one says nothing new of a slot.
    if (position.flags & (meter->direction == IMPORT ? HAS_IMPORT : HAS_EXPORT))
        lmm_refuse(READING_TWICE);
    if (meter->direction == IMPORT) {
        position.imported = wh;
        position.flags |= HAS_IMPORT;
    } else {
        position.exported = wh;
        position.flags |= HAS_EXPORT;
        steps_left = READING_STEPS;
        if (!settle_seller(meter->account, &position)) {
            set_queued(meter->account, &position, true);
            if (pay_timer(now + 1)) store_zone();
        }
        store_slot();
    }
    store_position(meter->account, &position);
}

static void check_reading(const struct meter *meter, uint64_t sequence, uint64_t wh) {
    uint64_t now = lmm_block_time_ms();
    if (sequence == meter->sequence || slot_id == meter->slot) lmm_refuse(READING_TWICE);
    if (sequence < meter->sequence || slot_id < meter->slot) lmm_refuse(READING_BACKWARDS);
    if (wh > WH_MAX) lmm_refuse(BAD_READING);
    if (meter->most_wh == 0) lmm_refuse(NOT_APPROVED);
    if (wh > meter->most_wh) lmm_refuse(ABOVE_CEILING);
    if (now < slot_end_ms()) lmm_refuse(READING_EARLY);
    if (now >= readings_end_ms()) lmm_refuse(READING_LATE);
}

// reading(key, slot u32, wh u64, sequence u64, signature of 64 bytes), carried by anybody. Both
// slot and sequence of a meter's readings rise.
LMM_METHOD(reading) {
    struct lmm_reader arguments = lmm_arguments();
    struct meter meter;
    uint8_t key[32], signature[64];
    struct {
        uint8_t text[sizeof READING_TEXT - 1];
        uint8_t contract[32];
        uint32_t slot;
        uint64_t wh, sequence;
    } __attribute__((packed)) text;
    struct {
        uint8_t key[32];
        uint8_t account[32];
        uint32_t zone;
        uint8_t direction;
        uint32_t slot;
        uint64_t wh, sequence;
    } __attribute__((packed)) told;
    lmm_read(&arguments, key, sizeof key);
    slot_id = told.slot = text.slot = lmm_read_u32(&arguments);
    told.wh = text.wh = lmm_read_u64(&arguments);
    told.sequence = text.sequence = lmm_read_u64(&arguments);
    lmm_read(&arguments, signature, sizeof signature);
    lmm_reader_end(&arguments);
    if (!load_meter(&meter, key) || meter.is_retired) lmm_refuse(STRANGER);
    zone_id = told.zone = meter.zone;
    load_zone();
    memcpy(text.text, READING_TEXT, sizeof text.text);
    lmm_self(text.contract);
    if (!is_signed(key, signature, &text, sizeof text)) lmm_refuse(BAD_SIGNATURE);
    check_reading(&meter, told.sequence, told.wh);
    meter.sequence = told.sequence;
    meter.slot = slot_id;
    store_meter(&meter, key);
    memcpy(told.key, key, sizeof told.key);
    memcpy(told.account, meter.account, sizeof told.account);
    told.direction = meter.direction;
    TELL("reading", &told, sizeof told);
    apply_reading(&meter, told.wh);
}

#include "apps/energy/contract/views.h"

LMM_ABI;
