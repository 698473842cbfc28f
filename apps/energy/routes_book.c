// SPDX-License-Identifier: Apache-2.0
// A slot's book, its prices over time, and what an order would do now.
#include "apps/common/server/chain_json.h"
#include "apps/common/server/signing.h"
#include "apps/common/server/view_routes.h"
#include "apps/energy/reading.h"
#include "apps/energy/routes.h"

enum { DEPTH = 20, CANDLE_MINUTES = 5, CANDLE_MINUTES_MAX = 1440, MINUTE_MS = 60000 };

static bool read_bounded(uint64_t *out, const char *name, uint64_t usual, uint64_t most,
                         struct http_request *request, struct http_response *response) {
    enum status status = http_query_u64(request, name, usual, out);
    if (status == STATUS_OK && *out >= 1 && *out <= most) return true;
    const char *why = arena_format(http_arena(request), "%s is a number from 1 to %llu.", name,
                                   (unsigned long long)most);
    http_problem(response, STATUS_INVALID, "invalid_query", why);
    http_problem_violation(response, name, "bounds", why);
    return false;
}

static void begin_answer(struct buf *out, const struct filter *filter) {
    buf_append_format(out,
                      "{\"zone\":%llu,\"slot\":%llu,\"start\":", (unsigned long long)filter->zone,
                      (unsigned long long)filter->slot);
    chain_json_time(out, slot_start_ms(filter->slot));
}

// ---- the book

static enum status append_side(struct buf *out, struct db *db, const struct filter *filter,
                               uint8_t side, uint64_t depth) {
    struct db_statement *row;
    bool has_row;
    size_t count = 0;
    enum status status =
        db_prepare(&row, db,
                   side == BUY ? "SELECT price, wh, orders FROM level WHERE zone = $1 AND slot = $2"
                                 " AND side = 0 ORDER BY price DESC LIMIT $3"
                               : "SELECT price, wh, orders FROM level WHERE zone = $1 AND slot = $2"
                                 " AND side = 1 ORDER BY price LIMIT $3");
    if (status != STATUS_OK) return status;
    db_bind_u64(row, 1, filter->zone);
    db_bind_u64(row, 2, filter->slot);
    db_bind_u64(row, 3, depth);
    buf_append_format(out, ",\"%s\":[", side == BUY ? "bids" : "asks");
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row)
        buf_append_format(out, "%s{\"price\":%llu,\"wh\":%llu,\"orders\":%llu}", count++ ? "," : "",
                          (unsigned long long)db_column_u64(row, "price"),
                          (unsigned long long)db_column_u64(row, "wh"),
                          (unsigned long long)db_column_u64(row, "orders"));
    buf_append_byte(out, ']');
    db_release(row);
    return status;
}

// The number of the last change: what is told live goes on from there.
static enum status append_change(struct buf *out, struct db *db, const struct filter *filter) {
    struct db_statement *row = NULL;
    bool has_row;
    enum status status;
    TRY(db_prepare(&row, db, "SELECT book, last_price FROM slot WHERE zone = $1 AND slot = $2"));
    db_bind_u64(row, 1, filter->zone);
    db_bind_u64(row, 2, filter->slot);
    TRY(db_step(row, &has_row));
    buf_append_format(out, ",\"change\":%llu,\"last_price\":%llu",
                      has_row ? (unsigned long long)db_column_u64(row, "book") : 0,
                      has_row ? (unsigned long long)db_column_u64(row, "last_price") : 0);
out:
    db_release(row);
    return status;
}

enum status get_book(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct filter filter;
    struct db *db;
    uint64_t depth;
    if (!filter_read(&filter, request, response, FILTER_ZONE | FILTER_SLOT) ||
        !read_bounded(&depth, "depth", DEPTH, LIMIT_QUERY_PAGE, request, response))
        return STATUS_OK;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_begin(db)); // all of it from one snapshot
    begin_answer(out, &filter);
    TRY(append_change(out, db, &filter));
    for (int side = BUY; side < SIDES; side++)
        TRY(append_side(out, db, &filter, (uint8_t)side, depth));
    buf_append_byte(out, '}');
    http_set_type(response, "application/json");
out:
    db_rollback(db);
    db_pool_give(server->readers, db);
    return status;
}

// ---- candles

struct candle {
    int64_t start_ms;
    uint64_t open, high, low, close, wh, trades;
};

static void append_candle(struct buf *out, const struct candle *candle, size_t *count) {
    if (candle->trades == 0) return;
    buf_append_string(out, (*count)++ > 0 ? ",{\"start\":" : "{\"start\":");
    chain_json_time(out, candle->start_ms);
    buf_append_format(out,
                      ",\"open\":%llu,\"high\":%llu,\"low\":%llu,\"close\":%llu,\"wh\":%llu,"
                      "\"trades\":%llu}",
                      (unsigned long long)candle->open, (unsigned long long)candle->high,
                      (unsigned long long)candle->low, (unsigned long long)candle->close,
                      (unsigned long long)candle->wh, (unsigned long long)candle->trades);
}

static void add_trade(struct candle *candle, uint64_t price, uint64_t wh) {
    if (candle->trades++ == 0) candle->open = candle->high = candle->low = price;
    if (price > candle->high) candle->high = price;
    if (price < candle->low) candle->low = price;
    candle->close = price;
    candle->wh += wh;
}

static enum status append_candles(struct buf *out, struct db_statement *row, int64_t width_ms) {
    struct candle candle = {0};
    size_t count = 0;
    bool has_row;
    enum status status;
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row) {
        int64_t start_ms = db_column_i64(row, "time_ms") / width_ms * width_ms;
        if (start_ms != candle.start_ms) {
            append_candle(out, &candle, &count);
            if (count == LIMIT_QUERY_PAGE) return STATUS_OK;
            candle = (struct candle){.start_ms = start_ms};
        }
        add_trade(&candle, db_column_u64(row, "price"), db_column_u64(row, "wh"));
    }
    append_candle(out, &candle, &count);
    return status;
}

enum status get_candles(void *context, struct http_request *request,
                        struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct filter filter;
    struct db *db;
    struct db_statement *row = NULL;
    uint64_t minutes;
    if (!filter_read(&filter, request, response, FILTER_ZONE | FILTER_SLOT) ||
        !read_bounded(&minutes, "minutes", CANDLE_MINUTES, CANDLE_MINUTES_MAX, request, response))
        return STATUS_OK;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db,
                   "SELECT price, wh, time_ms FROM trade WHERE zone = $1 AND slot = $2"
                   " ORDER BY time_ms, number"));
    db_bind_u64(row, 1, filter.zone);
    db_bind_u64(row, 2, filter.slot);
    buf_append_string(out, "{\"items\":[");
    TRY(append_candles(out, row, (int64_t)minutes * MINUTE_MS));
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

// ---- a quote

static bool read_side(uint8_t *out, struct http_request *request, struct http_response *response) {
    struct bytes text;
    enum status status = http_query(request, "side", &text);
    for (*out = BUY; status == STATUS_OK && *out < SIDES; ++*out)
        if (bytes_equal(text, bytes_of_string(side_words[*out]))) return true;
    http_problem(response, STATUS_INVALID, "invalid_query", "A side is buy or sell.");
    http_problem_violation(response, "side", "form", NULL);
    return false;
}

static void append_quote(struct buf *out, struct bytes answer) {
    struct decoder in = decoder_of(answer);
    uint64_t collateral = decode_u64(&in), opening = decode_u64(&in);
    uint64_t filled = decode_u64(&in), units = decode_u64(&in);
    uint32_t fills = decode_u32(&in);
    uint8_t outcome = decode_u8(&in);
    ENSURE(decoder_finish(&in) == STATUS_OK); // of the contract in genesis
    buf_append_string(out, ",\"collateral\":");
    chain_json_amount(out, amount_of_units(collateral));
    buf_append_string(out, ",\"opening\":");
    chain_json_amount(out, amount_of_units(opening));
    buf_append_format(
        out, ",\"filled_wh\":%llu,\"fills\":%u,\"amount\":", (unsigned long long)filled, fills);
    chain_json_amount(out, amount_of_units(units));
    buf_append_format(out, ",\"status\":\"%s\",\"reason\":\"%s\"}", outcome_status(outcome),
                      outcome_reason(outcome));
}

// Of whom nothing rests in any book.
static const struct account_id nobody;

static const struct account_id *whose_quote(struct server *server,
                                            const struct http_request *request,
                                            const struct filter *filter) {
    if (filter->has & FILTER_ACCOUNT) return &filter->account;
    // Where the key of whom the caller acts as is gone, the business' orders are no more the
    // caller's.
    struct signer_key *signer = http_caller(request) ? signing_reader(server, request) : NULL;
    return signer ? signer_account(signer) : &nobody;
}

enum status get_quote(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf arguments = {0}, answer = {0};
    struct filter filter;
    uint64_t price, wh;
    uint8_t side;
    uint32_t contract_code;
    if (!filter_read(&filter, request, response, FILTER_ZONE | FILTER_SLOT) ||
        !read_side(&side, request, response) ||
        !read_bounded(&price, "price", 0, PRICE_MAX, request, response) ||
        !read_bounded(&wh, "wh", 0, WH_MAX, request, response))
        return STATUS_OK;
    encode_u32(&arguments, (uint32_t)filter.zone);
    encode_u32(&arguments, (uint32_t)filter.slot);
    encode_u8(&arguments, side);
    encode_u64(&arguments, price);
    encode_u64(&arguments, wh);
    encode_fixed(&arguments, whose_quote(server, request, &filter), sizeof(struct account_id));
    enum tx_code code = node_query(server->node, &server->contract, "quote", buf_bytes(&arguments),
                                   &answer, &contract_code);
    if (code == TX_CODE_OK) {
        begin_answer(http_body_buf(response), &filter);
        append_quote(http_body_buf(response), buf_bytes(&answer));
        http_set_type(response, "application/json");
    } else {
        view_answer_problem(server, response, &server->contract, code, contract_code);
    }
    buf_clear(&arguments);
    buf_clear(&answer);
    return STATUS_OK;
}
