// SPDX-License-Identifier: Apache-2.0
#include "tests/joint/energy_model.h"

#include "chaincore/base/memory.h"

void model_start(struct model *model, uint32_t slot, uint64_t cap) {
    model_clear(model);
    *model = (struct model){.slot = slot, .cap = cap};
}

void model_clear(struct model *model) {
    mem_free(model->orders);
    mem_free(model->fills);
    *model = (struct model){0};
}

static bool is_better(const struct model_order *a, const struct model_order *b) {
    return a->side == BUY ? a->price > b->price : a->price < b->price;
}

// The best of the other side; of equals the one that came first.
static struct model_order *find_best(struct model *model, uint8_t side) {
    struct model_order *best = NULL;
    for (size_t i = 0; i < model->count; i++) {
        struct model_order *order = &model->orders[i];
        if (order->is_gone || order->side != side) continue;
        if (!best || is_better(order, best)) best = order;
    }
    return best;
}

static void add_fill(struct model *model, const struct model_fill *fill) {
    if (model->fill_count == model->fill_capacity) {
        model->fill_capacity = model->fill_capacity ? 2 * model->fill_capacity : 64;
        model->fills = mem_resize(model->fills, model->fill_capacity * sizeof *model->fills);
    }
    model->fills[model->fill_count++] = *fill;
}

static void drop_gone(struct model *model) {
    size_t kept = 0;
    for (size_t i = 0; i < model->count; i++)
        if (!model->orders[i].is_gone) model->orders[kept++] = model->orders[i];
    model->count = kept;
}

static void add_order(struct model *model, const struct model_order *order) {
    if (model->count == model->capacity) {
        drop_gone(model);
        if (2 * model->count >= model->capacity) {
            model->capacity = model->capacity ? 2 * model->capacity : 64;
            model->orders = mem_resize(model->orders, model->capacity * sizeof *model->orders);
        }
    }
    model->orders[model->count++] = *order;
}

// Finds the fills without doing them. What is left.
static uint64_t find_fills(struct model *model, uint8_t person, const struct energy_order *order,
                           enum outcome *outcome) {
    uint64_t left = order->wh;
    size_t count = 0;
    *outcome = FILLED;
    while (left > 0) {
        struct model_order *best = find_best(model, order->side == BUY ? SELL : BUY);
        bool meets = best && (order->side == BUY ? best->price <= order->price
                                                 : best->price >= order->price);
        *outcome = !meets                   ? RESTING
                   : count == ORDER_FILLS   ? CANCELLED_FILLS
                   : best->person == person ? CANCELLED_SELF
                                            : FILLED;
        if (*outcome != FILLED) break;
        uint64_t wh = best->wh < left ? best->wh : left;
        add_fill(model, &(struct model_fill){.number = best->number,
                                             .price = best->price,
                                             .wh = wh,
                                             .buyer = order->side == BUY ? person : best->person,
                                             .seller = order->side == BUY ? best->person : person});
        best->is_gone = true; // looked at again below
        left -= wh;
        count++;
    }
    return left;
}

static struct model_order *find_number(struct model *model, uint64_t number) {
    for (size_t i = 0; i < model->count; i++)
        if (model->orders[i].number == number) return &model->orders[i];
    return NULL;
}

static void apply_fills(struct model *model, size_t first, bool is_done) {
    for (size_t i = first; i < model->fill_count; i++) {
        struct model_order *order = find_number(model, model->fills[i].number);
        if (is_done) order->wh -= model->fills[i].wh;
        order->is_gone = order->wh == 0;
    }
    if (!is_done) model->fill_count = first;
}

uint32_t model_order(struct model *model, uint8_t person, const struct energy_order *order,
                     size_t *first, enum outcome *outcome) {
    uint64_t each = order->side == BUY ? order->price : model->cap;
    if (order->price == 0 || order->price > PRICE_MAX) return BAD_PRICE;
    if (order->price > model->cap) return ABOVE_CAP;
    if (order->wh == 0) return BAD_QUANTITY;
    if (order->kind == IOC && model->order_count == 0) return NOBODY_THERE;
    *first = model->fill_count;
    uint64_t left = find_fills(model, person, order, outcome);
    bool is_done = order->kind != FOK || left == 0;
    apply_fills(model, *first, is_done);
    if (!is_done) return FOK_NOT_FILLED;
    model->order_count++;
    if (*outcome == RESTING && order->kind == IOC) *outcome = CANCELLED_IOC;
    if (*outcome == RESTING)
        add_order(model, &(struct model_order){.number = model->order_count,
                                               .price = order->price,
                                               .wh = left,
                                               .person = person,
                                               .side = order->side});
    else
        model->got[person] += left * each;
    for (size_t i = *first; order->side == BUY && i < model->fill_count; i++)
        model->got[person] += model->fills[i].wh * (order->price - model->fills[i].price);
    return 0;
}

void model_remove(struct model *model, struct model_order *order) {
    model->got[order->person] += order->wh * (order->side == BUY ? order->price : model->cap);
    order->is_gone = true;
}

size_t model_count(const struct model *model, uint8_t side) {
    size_t count = 0;
    for (size_t i = 0; i < model->count; i++)
        count += !model->orders[i].is_gone && model->orders[i].side == side;
    return count;
}

void model_close(struct model *model) {
    for (size_t i = 0; i < model->count; i++)
        if (!model->orders[i].is_gone) model_remove(model, &model->orders[i]);
}

uint64_t model_locked(const struct model *model) {
    uint64_t units = 0;
    for (size_t i = 0; i < model->count; i++) {
        const struct model_order *order = &model->orders[i];
        if (!order->is_gone) units += order->wh * (order->side == BUY ? order->price : model->cap);
    }
    for (size_t i = 0; i < model->fill_count; i++)
        units += model->fills[i].wh * (model->fills[i].price + model->cap);
    return units;
}

struct sums {
    uint64_t sold[ENERGY_PEOPLE], delivered[ENERGY_PEOPLE], received[ENERGY_PEOPLE];
    bool has_traded[ENERGY_PEOPLE];
    uint64_t pot, failed;
};

static void settle_fills(struct model *model, struct sums *sums) {
    for (size_t i = 0; i < model->fill_count; i++) {
        const struct model_fill *fill = &model->fills[i];
        uint64_t metered = model->readings[fill->seller][EXPORT];
        uint64_t has = metered - sums->delivered[fill->seller];
        uint64_t delivered = has < fill->wh ? has : fill->wh;
        uint64_t failed = fill->wh - delivered;
        sums->has_traded[fill->buyer] = sums->has_traded[fill->seller] = true;
        sums->sold[fill->seller] += fill->wh;
        sums->delivered[fill->seller] += delivered;
        sums->received[fill->buyer] += delivered;
        // The seller's price and collateral for what came; the price and the loss for what did not.
        model->got[fill->seller] += delivered * fill->price + delivered * model->cap;
        model->got[fill->buyer] += failed * fill->price + failed * (model->cap - fill->price);
        sums->pot += failed * fill->price;
        sums->failed += failed;
    }
}

static uint64_t excess_of(const struct model *model, const struct sums *sums, size_t person) {
    const uint64_t *readings = model->readings[person];
    uint64_t excess = 0;
    if (!sums->has_traded[person]) return 0;
    if (readings[EXPORT] > sums->sold[person]) excess += readings[EXPORT] - sums->sold[person];
    if (model->has_reading[person][IMPORT] && readings[IMPORT] < sums->received[person])
        excess += sums->received[person] - readings[IMPORT];
    return excess;
}

void model_settle(struct model *model) {
    struct sums sums = {.pot = 0};
    uint64_t excess = 0, shared = 0;
    settle_fills(model, &sums);
    for (size_t i = 0; i < ENERGY_PEOPLE; i++) excess += excess_of(model, &sums, i);
    uint64_t by = excess > sums.failed ? excess : sums.failed;
    for (size_t i = 0; i < ENERGY_PEOPLE && by > 0; i++) {
        unsigned __int128 product = (unsigned __int128)sums.pot * excess_of(model, &sums, i);
        uint64_t share = (uint64_t)(product / by);
        model->got[i] += share;
        shared += share;
    }
    model->to_zone = sums.pot - shared;
    model->count = model->fill_count = 0;
}
