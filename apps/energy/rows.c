// SPDX-License-Identifier: Apache-2.0
// What an event changes. The contract has decided; nothing is judged again here.
#include "apps/energy/energy.h"

// A value of a statement, in the order of $1, $2, …
struct value {
    enum { NUMBER, BYTES, TEXT } type;
    uint64_t number;
    struct bytes bytes;
    const char *text;
};
#define N(value) \
    { NUMBER, (uint64_t)(value), {0}, NULL }
#define B(field) \
    { BYTES, 0, bytes_of(&(field), sizeof(field)), NULL }
#define T(value) \
    { TEXT, 0, {0}, (value) }
// height, tx_index, event_index, tx_id, time_ms
#define PLACE(work)                                                                  \
    N((work)->at.header->height), N((work)->at.tx_index), N((work)->at.event_index), \
        B(*(work)->at.tx_id), N((work)->at.header->time_ms)

static enum status run_values(struct db *db, const char *sql, const struct value *values,
                              size_t count) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count; i++) {
        int index = (int)i + 1;
        if (values[i].type == NUMBER) db_bind_u64(statement, index, values[i].number);
        if (values[i].type == BYTES) db_bind_bytes(statement, index, values[i].bytes);
        if (values[i].type == TEXT) db_bind_string(statement, index, values[i].text);
    }
    return db_finish_later(statement);
}
#define RUN(db, sql, ...)                                    \
    run_values(db, sql, (const struct value[]){__VA_ARGS__}, \
               sizeof((const struct value[]){__VA_ARGS__}) / sizeof(struct value))

static enum status put_zone(const struct work *work) {
    const struct happening *told = &work->happening;
    return RUN(
        work->db,
        "INSERT INTO zone (zone, operator, cap, lot, gate_ms, wait_ms, account, name, height,"
        " tx_index, event_index, tx_id, time_ms)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        N(told->zone), B(told->account), N(told->cap), N(told->lot), N(told->gate_ms),
        N(told->wait_ms), N(told->money), {BYTES, 0, told->name, NULL}, PLACE(work));
}

static enum status put_account(const struct work *work) {
    return RUN(work->db, "UPDATE zone SET account = $1 WHERE zone = $2", N(work->happening.money),
               N(work->happening.zone));
}

static enum status put_order(const struct work *work) {
    const struct happening *told = &work->happening;
    enum status status =
        RUN(work->db,
            "INSERT INTO slot (zone, slot, book, trades, wh, last_price, unsettled, is_final, pot,"
            " short_wh, height, tx_index, event_index, tx_id, time_ms)"
            " VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0, 0, $3, $4, $5, $6, $7)"
            " ON CONFLICT (zone, slot) DO NOTHING",
            N(told->zone), N(told->slot), PLACE(work));
    if (status != STATUS_OK) return status;
    // Its trades were told before it, in its transaction: there are few of those, and the sums keep
    // both engines from looking through all of the slot's.
    return RUN(work->db,
               "INSERT INTO placed (zone, slot, number, account, side, kind, price, wh, traded_wh,"
               " open_wh, status, reason, height, tx_index, event_index, tx_id, time_ms)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, (SELECT COALESCE(CAST(sum(wh) AS BIGINT),"
               " 0) FROM trade WHERE height = $12 AND tx_index = $13 AND zone + 0 = $1"
               " AND slot + 0 = $2 AND CASE CAST($5 AS BIGINT) WHEN 0 THEN bid ELSE ask END = $3),"
               " $9, $10, $11, $12, $13, $14, $15, $16)",
               N(told->zone), N(told->slot), N(told->number), B(told->account), N(told->side),
               N(told->kind), N(told->price), N(told->wh), N(told->left),
               T(outcome_status(told->outcome)), T(outcome_reason(told->outcome)), PLACE(work));
}

static enum status add_to_position(const struct work *work, const struct account_id *account,
                                   uint64_t bought, uint64_t sold) {
    const struct happening *told = &work->happening;
    return RUN(work->db,
               "INSERT INTO position (zone, slot, account, bought, sold, received, delivered,"
               " exported, imported, cost, income, compensation, penalty, shared, height, tx_index,"
               " event_index, tx_id, time_ms)"
               " VALUES ($1, $2, $3, $4, $5, 0, 0, -1, -1, 0, 0, 0, 0, 0, $6, $7, $8, $9, $10)"
               " ON CONFLICT (zone, slot, account) DO UPDATE SET"
               " bought = position.bought + excluded.bought, sold = position.sold + excluded.sold",
               N(told->zone), N(told->slot), B(*account), N(bought), N(sold), PLACE(work));
}

static enum status put_trade_row(const struct work *work) {
    const struct happening *told = &work->happening;
    bool is_buy = told->side == BUY;
    return RUN(work->db,
               "INSERT INTO trade (zone, slot, number, price, wh, side, buyer, seller, bid, ask,"
               " is_settled, delivered, failed, height, tx_index, event_index, tx_id, time_ms)"
               " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13, $14,"
               " $15)",
               N(told->zone), N(told->slot), N(told->number), N(told->price), N(told->wh),
               N(told->side), B(told->buyer), B(told->seller),
               N(is_buy ? told->incoming : told->resting),
               N(is_buy ? told->resting : told->incoming), PLACE(work));
}

static enum status put_trade(const struct work *work) {
    const struct happening *told = &work->happening;
    enum status status;
    TRY(put_trade_row(work));
    TRY(RUN(work->db,
            "UPDATE placed SET traded_wh = traded_wh + $4, open_wh = $5,"
            " status = CASE CAST($5 AS BIGINT) WHEN 0 THEN 'filled' ELSE status END"
            " WHERE zone = $1 AND slot = $2 AND number = $3",
            N(told->zone), N(told->slot), N(told->resting), N(told->wh), N(told->resting_left)));
    TRY(RUN(work->db,
            "UPDATE slot SET trades = trades + 1, wh = wh + $3, last_price = $4,"
            " unsettled = unsettled + 1 WHERE zone = $1 AND slot = $2",
            N(told->zone), N(told->slot), N(told->wh), N(told->price)));
    TRY(add_to_position(work, &told->buyer, told->wh, 0));
    TRY(add_to_position(work, &told->seller, 0, told->wh));
out:
    return status;
}

static enum status put_cancelled(const struct work *work) {
    const struct happening *told = &work->happening;
    return RUN(work->db,
               "UPDATE placed SET open_wh = 0, status = 'cancelled', reason = $4"
               " WHERE zone = $1 AND slot = $2 AND number = $3",
               N(told->zone), N(told->slot), N(told->number), T(cancel_reason_name(told->reason)));
}

static enum status put_meter(const struct work *work) {
    const struct happening *told = &work->happening;
    enum status status =
        RUN(work->db,
            "UPDATE meter SET is_retired = 1 WHERE account = $1 AND zone = $2 AND direction = $3",
            B(told->account), N(told->zone), N(told->direction));
    if (status != STATUS_OK) return status;
    return RUN(
        work->db,
        "INSERT INTO meter (key, account, zone, direction, is_retired, sequence, slot, most_wh,"
        " height, tx_index, event_index, tx_id, time_ms)"
        " VALUES ($1, $2, $3, $4, 0, 0, 0, 0, $5, $6, $7, $8, $9)",
        B(told->key), B(told->account), N(told->zone), N(told->direction), PLACE(work));
}

static enum status put_approved(const struct work *work) {
    return RUN(work->db, "UPDATE meter SET most_wh = $2 WHERE key = $1", B(work->happening.key),
               N(work->happening.most_wh));
}

static enum status put_reading(const struct work *work) {
    const struct happening *told = &work->happening;
    enum status status;
    TRY(RUN(work->db,
            "INSERT INTO reading (key, slot, account, zone, direction, wh, sequence, height,"
            " tx_index, event_index, tx_id, time_ms)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            B(told->key), N(told->slot), B(told->account), N(told->zone), N(told->direction),
            N(told->wh), N(told->sequence), PLACE(work)));
    TRY(RUN(work->db, "UPDATE meter SET sequence = $2, slot = $3 WHERE key = $1", B(told->key),
            N(told->sequence), N(told->slot)));
    const char *sql = told->direction == EXPORT ? "UPDATE position SET exported = $4"
                                                  " WHERE zone = $1 AND slot = $2 AND account = $3"
                                                : "UPDATE position SET imported = $4"
                                                  " WHERE zone = $1 AND slot = $2 AND account = $3";
    TRY(RUN(work->db, sql, N(told->zone), N(told->slot), B(told->account), N(told->wh)));
out:
    return status;
}

static enum status put_settled(const struct work *work) {
    const struct happening *told = &work->happening;
    uint64_t paid = told->price * told->delivered, wished = told->price * told->failed;
    enum status status;
    TRY(RUN(work->db,
            "UPDATE trade SET is_settled = 1, delivered = $4, failed = $5"
            " WHERE zone = $1 AND slot = $2 AND number = $3",
            N(told->zone), N(told->slot), N(told->number), N(told->delivered), N(told->failed)));
    TRY(RUN(work->db,
            "UPDATE position SET received = received + $4, cost = cost + $5,"
            " compensation = compensation + $6 WHERE zone = $1 AND slot = $2 AND account = $3",
            N(told->zone), N(told->slot), B(told->buyer), N(told->delivered), N(paid),
            N(told->to_buyer - wished)));
    TRY(RUN(work->db,
            "UPDATE position SET delivered = delivered + $4, income = income + $5,"
            " penalty = penalty + $6 WHERE zone = $1 AND slot = $2 AND account = $3",
            N(told->zone), N(told->slot), B(told->seller), N(told->delivered), N(paid),
            N(told->to_buyer)));
    TRY(RUN(work->db,
            "UPDATE slot SET unsettled = unsettled - 1, pot = pot + $3, short_wh = short_wh + $4"
            " WHERE zone = $1 AND slot = $2",
            N(told->zone), N(told->slot), N(told->to_pot), N(told->failed)));
out:
    return status;
}

static enum status put_shared(const struct work *work) {
    const struct happening *told = &work->happening;
    return RUN(work->db,
               "UPDATE position SET shared = shared + $4"
               " WHERE zone = $1 AND slot = $2 AND account = $3",
               N(told->zone), N(told->slot), B(told->account), N(told->money));
}

static enum status put_final(const struct work *work) {
    return RUN(work->db, "UPDATE slot SET is_final = 1 WHERE zone = $1 AND slot = $2",
               N(work->happening.zone), N(work->happening.slot));
}

enum status rows_apply(const struct work *work) {
    static enum status (*const put[TOPICS])(const struct work *) = {
        put_zone,     put_account, put_order,   put_trade,  put_cancelled, put_meter,
        put_approved, put_reading, put_settled, put_shared, put_final};
    return put[work->happening.topic](work);
}

// ---- the book

static void find_change(const struct happening *told, struct book_change *out) {
    bool rests = told->topic == TOPIC_ORDER && told->left > 0;
    *out = (struct book_change){.side = told->side, .price = told->price};
    if (rests) {
        out->wh = (int64_t)told->left;
        out->orders = 1;
    } else if (told->topic == TOPIC_TRADE) {
        out->side = told->side == BUY ? SELL : BUY;
        out->wh = -(int64_t)told->wh;
        out->orders = told->resting_left == 0 ? -1 : 0;
    } else if (told->topic == TOPIC_CANCELLED) {
        out->wh = -(int64_t)told->wh;
        out->orders = -1;
    }
    out->has_change = out->wh != 0;
}

static enum status change_level(const struct work *work, struct book_change *change) {
    struct db_statement *statement = NULL;
    bool has_row;
    enum status status;
    TRY(db_prepare(&statement, work->db,
                   "INSERT INTO level (zone, slot, side, price, wh, orders)"
                   " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (zone, slot, side, price)"
                   " DO UPDATE SET wh = level.wh + excluded.wh,"
                   " orders = level.orders + excluded.orders RETURNING wh, orders"));
    db_bind_u64(statement, 1, work->happening.zone);
    db_bind_u64(statement, 2, work->happening.slot);
    db_bind_u64(statement, 3, change->side);
    db_bind_u64(statement, 4, change->price);
    db_bind_i64(statement, 5, change->wh);
    db_bind_i64(statement, 6, change->orders);
    TRY(db_step(statement, &has_row));
    ENSURE(has_row);
    change->level_wh = db_column_u64(statement, "wh");
    change->level_orders = db_column_u64(statement, "orders");
out:
    db_release(statement);
    return status;
}

static enum status count_change(const struct work *work, struct book_change *change) {
    struct db_statement *statement = NULL;
    bool has_row;
    enum status status;
    TRY(db_prepare(&statement, work->db,
                   "UPDATE slot SET book = book + 1 WHERE zone = $1 AND slot = $2 RETURNING book"));
    db_bind_u64(statement, 1, work->happening.zone);
    db_bind_u64(statement, 2, work->happening.slot);
    TRY(db_step(statement, &has_row));
    ENSURE(has_row);
    change->number = db_column_u64(statement, "book");
out:
    db_release(statement);
    return status;
}

enum status rows_change_book(const struct work *work, struct book_change *out) {
    const struct happening *told = &work->happening;
    enum status status = STATUS_OK;
    find_change(told, out);
    if (!out->has_change) return STATUS_OK;
    TRY(change_level(work, out));
    TRY(count_change(work, out));
    if (out->level_orders == 0)
        TRY(RUN(work->db,
                "DELETE FROM level WHERE zone = $1 AND slot = $2 AND side = $3 AND price = $4",
                N(told->zone), N(told->slot), N(out->side), N(out->price)));
out:
    return status;
}
