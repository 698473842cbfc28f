// SPDX-License-Identifier: Apache-2.0
// Lists and objects out of the rows.
#include "apps/energy/routes.h"

#include <string.h>

#include "apps/common/http/page.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/event_proof.h"
#include "apps/energy/reading.h"

enum { PAGE = 20, TOKEN_BYTES = 24 };

#define PLACE "height, tx_index, event_index, tx_id, time_ms"

// ---- members

static void append_u64(struct buf *out, struct db_statement *row, const char *name) {
    buf_append_format(out, ",\"%s\":%llu", name, (unsigned long long)db_column_u64(row, name));
}
static void append_units(struct buf *out, struct db_statement *row, const char *name) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_amount(out, amount_of_units(db_column_u64(row, name)));
}
static void append_word(struct buf *out, const char *name, const char *word) {
    buf_append_format(out, ",\"%s\":\"%s\"", name, word);
}
static void append_account(struct buf *out, struct db_statement *row, const char *name) {
    struct account_id id;
    struct bytes bytes = db_column_bytes(row, name);
    ENSURE(bytes.len == sizeof id.bytes);
    memcpy(id.bytes, bytes.data, bytes.len);
    buf_append_format(out, ",\"%s\":", name);
    chain_json_address(out, &id);
}
static void append_time(struct buf *out, const char *name, int64_t time_ms) {
    buf_append_format(out, ",\"%s\":", name);
    chain_json_time(out, time_ms);
}
static void append_slot_place(struct buf *out, struct db_statement *row) {
    append_u64(out, row, "zone");
    append_u64(out, row, "slot");
    append_time(out, "start", slot_start_ms(db_column_u64(row, "slot")));
}

// What ends every object: where it stands on the chain.
static void append_place(struct buf *out, struct db_statement *row) {
    append_time(out, "time", db_column_i64(row, "time_ms"));
    buf_append_format(out, ",\"final\":true,\"height\":%llu,\"tx\":",
                      (unsigned long long)db_column_u64(row, "height"));
    chain_json_hex(out, db_column_bytes(row, "tx_id"));
    buf_append_format(out, ",\"proof\":\"/v1/places/%llu-%llu-%llu/proof\"}",
                      (unsigned long long)db_column_u64(row, "height"),
                      (unsigned long long)db_column_u64(row, "tx_index"),
                      (unsigned long long)db_column_u64(row, "event_index"));
}

// ---- objects

static void append_zone(struct buf *out, struct db_statement *row) {
    buf_append_string(out, "{\"name\":");
    http_append_json_string(out, db_column_bytes(row, "name"));
    append_u64(out, row, "zone");
    append_account(out, row, "operator");
    append_u64(out, row, "cap");
    append_u64(out, row, "lot");
    append_u64(out, row, "gate_ms");
    append_u64(out, row, "wait_ms");
    append_units(out, row, "account");
    append_place(out, row);
}

static void append_slot(struct buf *out, struct db_statement *row) {
    uint64_t trades = db_column_u64(row, "trades");
    bool is_settled = trades > 0 && db_column_u64(row, "unsettled") == 0;
    buf_append_format(out, "{\"status\":\"%s\"",
                      db_column_u64(row, "is_final") ? "final"
                      : is_settled                   ? "settled"
                                                     : "open");
    append_slot_place(out, row);
    append_u64(out, row, "trades");
    append_u64(out, row, "wh");
    append_u64(out, row, "last_price");
    append_u64(out, row, "short_wh");
    append_units(out, row, "pot");
    append_place(out, row);
}

static void append_order(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"id\":\"%llu-%llu-%llu\"",
                      (unsigned long long)db_column_u64(row, "zone"),
                      (unsigned long long)db_column_u64(row, "slot"),
                      (unsigned long long)db_column_u64(row, "number"));
    append_slot_place(out, row);
    append_u64(out, row, "number");
    append_account(out, row, "account");
    append_word(out, "side", side_name((uint8_t)db_column_u64(row, "side")));
    append_word(out, "kind", kind_name((uint8_t)db_column_u64(row, "kind")));
    append_u64(out, row, "price");
    append_u64(out, row, "wh");
    append_u64(out, row, "traded_wh");
    append_u64(out, row, "open_wh");
    buf_append_string(out, ",\"status\":");
    http_append_json_string(out, db_column_text(row, "status"));
    buf_append_string(out, ",\"reason\":");
    http_append_json_string(out, db_column_text(row, "reason"));
    append_place(out, row);
}

static void append_trade(struct buf *out, struct db_statement *row) {
    buf_append_format(out, "{\"status\":\"%s\"",
                      db_column_u64(row, "is_settled") ? "settled" : "traded");
    append_slot_place(out, row);
    append_u64(out, row, "number");
    append_word(out, "side", side_name((uint8_t)db_column_u64(row, "side")));
    append_u64(out, row, "price");
    append_u64(out, row, "wh");
    append_account(out, row, "buyer");
    append_account(out, row, "seller");
    append_u64(out, row, "delivered");
    append_u64(out, row, "failed");
    append_place(out, row);
}

static void append_reading_of(struct buf *out, struct db_statement *row, const char *name) {
    if (db_column_i64(row, name) < 0)
        buf_append_format(out, ",\"%s\":null", name);
    else
        append_u64(out, row, name);
}

static void append_position(struct buf *out, struct db_statement *row) {
    static const char *const energy[] = {"bought", "sold", "received", "delivered"};
    static const char *const money[] = {"cost", "income", "compensation", "penalty", "shared"};
    buf_append_format(out, "{\"is_final\":%s", db_column_u64(row, "is_final") ? "true" : "false");
    append_slot_place(out, row);
    append_account(out, row, "account");
    for (size_t i = 0; i < sizeof energy / sizeof *energy; i++) append_u64(out, row, energy[i]);
    append_reading_of(out, row, "exported");
    append_reading_of(out, row, "imported");
    for (size_t i = 0; i < sizeof money / sizeof *money; i++) append_units(out, row, money[i]);
    append_place(out, row);
}

static void append_meter(struct buf *out, struct db_statement *row) {
    buf_append_string(out, "{\"key\":");
    chain_json_hex(out, db_column_bytes(row, "key"));
    append_account(out, row, "account");
    append_u64(out, row, "zone");
    append_word(out, "direction", direction_name((uint8_t)db_column_u64(row, "direction")));
    buf_append_format(out, ",\"is_retired\":%s",
                      db_column_u64(row, "is_retired") ? "true" : "false");
    append_u64(out, row, "sequence");
    append_u64(out, row, "slot");
    append_u64(out, row, "most_wh");
    append_place(out, row);
}

static void append_reading(struct buf *out, struct db_statement *row) {
    buf_append_string(out, "{\"key\":");
    chain_json_hex(out, db_column_bytes(row, "key"));
    append_account(out, row, "account");
    append_slot_place(out, row);
    append_word(out, "direction", direction_name((uint8_t)db_column_u64(row, "direction")));
    append_u64(out, row, "wh");
    append_u64(out, row, "sequence");
    append_place(out, row);
}

// ---- lists

struct list {
    const char *select; // up to WHERE; the columns of the order among them
    const char *order;  // three columns that tell rows apart, a list's last first
    const char *columns[3];
    const char *accounts[3]; // columns, one of which has to be the account; NULL ends them
    unsigned needs;          // of filter_flags
    void (*append)(struct buf *out, struct db_statement *row);
};

static void append_account_condition(struct buf *sql, const struct list *list, int number) {
    for (size_t i = 0; list->accounts[i]; i++)
        buf_append_format(sql, "%s%s = $%d", i == 0 ? " AND (" : " OR ", list->accounts[i], number);
    buf_append_byte(sql, ')');
}

// Conditions stand behind $1 to $3, the token, in the order of the flags; $n the limit.
static int append_conditions(struct buf *sql, const struct list *list,
                             const struct filter *filter) {
    int next = 4;
    if (filter->has & FILTER_ZONE) buf_append_format(sql, " AND zone = $%d", next++);
    if (filter->has & FILTER_SLOT) buf_append_format(sql, " AND slot = $%d", next++);
    if (filter->has & FILTER_ACCOUNT) {
        append_account_condition(sql, list, next++);
    }
    if (filter->has & FILTER_STATUS) buf_append_format(sql, " AND status = $%d", next++);
    return next;
}

static enum status prepare_list(struct db_statement **out, struct db *db, const struct list *list,
                                const struct filter *filter, const struct http_page *page) {
    struct buf sql = {0};
    int next = 4;
    buf_append_format(&sql, "%s WHERE (%s, %s, %s) < ($1, $2, $3)", list->select, list->columns[0],
                      list->columns[1], list->columns[2]);
    int limit = append_conditions(&sql, list, filter);
    buf_append_format(&sql, " ORDER BY %s LIMIT $%d", list->order, limit);
    enum status status = db_prepare(out, db, buf_as_string(&sql));
    buf_clear(&sql);
    if (status != STATUS_OK) return status;
    for (int i = 0; i < 3; i++)
        db_bind_u64(*out, i + 1, page->is_behind ? load_u64_be(page->token + 8 * i) : INT64_MAX);
    if (filter->has & FILTER_ZONE) db_bind_u64(*out, next++, filter->zone);
    if (filter->has & FILTER_SLOT) db_bind_u64(*out, next++, filter->slot);
    if (filter->has & FILTER_ACCOUNT) db_bind_bytes(*out, next++, BYTES_OF(filter->account.bytes));
    if (filter->has & FILTER_STATUS) db_bind_text(*out, next++, filter->status);
    db_bind_u64(*out, limit, page->length + 1); // one more tells whether another page follows
    return STATUS_OK;
}

struct list_asked {
    const struct list *list;
    struct filter filter;
    struct http_page page;
};

static enum status append_items(struct db *db, const struct list_asked *asked,
                                struct http_request *request, struct http_response *response) {
    struct buf *out = http_body_buf(response);
    struct db_statement *row = NULL;
    uint64_t count = 0;
    uint8_t last[TOKEN_BYTES];
    bool has_row = false;
    enum status status = prepare_list(&row, db, asked->list, &asked->filter, &asked->page);
    buf_append_string(out, "{\"items\":[");
    while (status == STATUS_OK && (status = db_step(row, &has_row)) == STATUS_OK && has_row &&
           count < asked->page.length) {
        if (count++ > 0) buf_append_byte(out, ',');
        asked->list->append(out, row);
        for (int i = 0; i < 3; i++)
            store_u64_be(last + 8 * i, db_column_u64(row, asked->list->columns[i]));
    }
    buf_append_string(out, "]}");
    db_release(row);
    if (status == STATUS_OK && has_row) http_page_link(request, response, BYTES_OF(last));
    return status;
}

static enum status answer_list(struct server *server, const struct list *list,
                               struct http_request *request, struct http_response *response) {
    static const struct http_paging paging = {PAGE, LIMIT_QUERY_PAGE, TOKEN_BYTES};
    struct list_asked asked = {.list = list};
    struct db *db;
    if (!filter_read(&asked.filter, request, response, list->needs) ||
        !http_page_read(&asked.page, request, response, &paging))
        return STATUS_OK;
    for (int i = 0; i < 3; i++)
        if (asked.page.is_behind && load_u64_be(asked.page.token + 8 * i) > INT64_MAX) {
            http_page_refuse(response);
            return STATUS_OK;
        }
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    status = append_items(db, &asked, request, response);
    db_pool_give(server->readers, db);
    http_set_type(response, "application/json");
    return status;
}

#define BY_PLACE                                             \
    .order = "height DESC, tx_index DESC, event_index DESC", \
    .columns = {"height", "tx_index", "event_index"}
#define ZONE_SELECT \
    "SELECT zone, operator, cap, lot, gate_ms, wait_ms, account, name, " PLACE " FROM zone"
#define ORDER_SELECT                                                                  \
    "SELECT zone, slot, number, account, side, kind, price, wh, traded_wh, open_wh, " \
    "status, reason, " PLACE " FROM placed"

#define LIST_HANDLER(name, ...)                                                                    \
    enum status name(void *server, struct http_request *request, struct http_response *response) { \
        static const struct list list = {__VA_ARGS__};                                             \
        return answer_list(server, &list, request, response);                                      \
    }

LIST_HANDLER(get_zones, .select = ZONE_SELECT, BY_PLACE, .append = append_zone)
LIST_HANDLER(get_slots,
             .select = "SELECT zone, slot, trades, wh, last_price, unsettled, is_final, pot,"
                       " short_wh, " PLACE " FROM slot",
             .order = "slot DESC, zone DESC, height DESC", .columns = {"slot", "zone", "height"},
             .needs = FILTER_ZONE, .append = append_slot)
LIST_HANDLER(get_orders, .select = ORDER_SELECT, BY_PLACE, .accounts = {"account"},
             .append = append_order)
LIST_HANDLER(get_trades,
             .select = "SELECT zone, slot, number, side, price, wh, buyer, seller, is_settled,"
                       " delivered, failed, " PLACE " FROM trade",
             BY_PLACE, .accounts = {"buyer", "seller"}, .append = append_trade)
LIST_HANDLER(get_positions,
             .select = "SELECT zone, slot, account, bought, sold, received, delivered, exported,"
                       " imported, cost, income, compensation, penalty, shared, is_final, " PLACE
                       " FROM (SELECT position.*, (SELECT is_final FROM slot WHERE"
                       " slot.zone = position.zone AND slot.slot = position.slot) AS is_final"
                       " FROM position) AS held",
             .order = "slot DESC, zone DESC, height DESC", .columns = {"slot", "zone", "height"},
             .accounts = {"account"}, .needs = FILTER_ACCOUNT, .append = append_position)
LIST_HANDLER(get_meters,
             .select =
                 "SELECT key, account, zone, direction, is_retired, sequence, slot, most_wh, " PLACE
                 " FROM meter",
             BY_PLACE, .accounts = {"account"}, .append = append_meter)
LIST_HANDLER(get_readings,
             .select = "SELECT key, slot, account, zone, direction, wh, sequence, " PLACE
                       " FROM reading",
             BY_PLACE, .accounts = {"account"}, .append = append_reading)

// ---- one

static enum status answer_one(struct server *server, const char *sql, const struct order_id *id,
                              struct http_response *response,
                              void (*append)(struct buf *out, struct db_statement *row)) {
    const uint64_t keys[] = {id->zone, id->slot, id->number};
    struct db *db;
    struct db_statement *row = NULL;
    bool has_row;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, sql));
    for (int i = 0; i < 3 && (i == 0 || append == append_order); i++)
        db_bind_u64(row, i + 1, keys[i]);
    TRY(db_step(row, &has_row));
    if (has_row) append(http_body_buf(response), row);
    http_set_type(response, "application/json");
    status = has_row ? STATUS_OK : STATUS_NOT_FOUND;
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

enum status get_zone(void *server, struct http_request *request, struct http_response *response) {
    struct order_id id;
    const char *text =
        arena_format(http_arena(request), "%s-0-0", (const char *)http_param(request, "zone").data);
    if (!order_id_parse(&id, bytes_of_string(text))) return STATUS_NOT_FOUND;
    return answer_one(server, ZONE_SELECT " WHERE zone = $1", &id, response, append_zone);
}

enum status get_order(void *server, struct http_request *request, struct http_response *response) {
    struct order_id id;
    if (!order_id_parse(&id, http_param(request, "id"))) return STATUS_NOT_FOUND;
    return answer_one(server, ORDER_SELECT " WHERE zone = $1 AND slot = $2 AND number = $3", &id,
                      response, append_order);
}

// A place is height, transaction and event; its parts are numbers like an order's.
enum status get_place_proof(void *server, struct http_request *request,
                            struct http_response *response) {
    struct bytes text = http_param(request, "place");
    struct order_id place;
    if (!order_id_parse(&place, text) || place.number > UINT32_MAX) return STATUS_NOT_FOUND;
    struct node_event_wish wish = {
        .place = {place.zone, (uint32_t)place.slot, (uint32_t)place.number}};
    return event_proof_answer(server, request, response, &wish, (const char *)text.data);
}
