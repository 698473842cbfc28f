// SPDX-License-Identifier: Apache-2.0
// Assets, as they are found and shown: read from the rows.
#include <math.h>
#include <stdlib.h>

#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"
#include "apps/sharing/sharing.h"
#include "chaincore/base/utf8.h"
#include "chaincore/chaincore.h"

#define COLUMNS "number, record, listed_ms, height, tx_index, event_index, tx_id, time_ms"

static void append_asset(struct buf *out, struct db_statement *row) {
    struct sharing_asset asset;
    asset_decode(&asset, db_column_bytes(row, "record"));
    buf_append_byte(out, '{');
    asset_append_members(out, &asset);
    buf_append_string(out, ",\"listed\":");
    chain_json_time(out, db_column_i64(row, "listed_ms"));
    sharing_append_place(out, row, "assets");
}

// ---- what is looked for

enum { WORDS_MAX = 200 };

// A pattern for LIKE that finds the text anywhere, with "\\" as its ESCAPE.
static struct bytes pattern_of(struct arena *arena, struct bytes text) {
    struct buf pattern = {0}, words = {0};
    buf_append_byte(&pattern, '%');
    for (size_t i = 0; i < text.len; i++) {
        if (strchr("%_\\", text.data[i])) buf_append_byte(&pattern, '\\');
        buf_append_byte(&pattern, text.data[i]);
    }
    buf_append_byte(&pattern, '%');
    sharing_append_words(&words, buf_bytes(&pattern));
    struct bytes kept = arena_copy(arena, buf_bytes(&words));
    buf_clear(&pattern);
    buf_clear(&words);
    return kept;
}

static bool add_words(struct sharing_list *list, struct http_request *request,
                      struct http_response *response) {
    struct bytes text;
    enum status status = http_query(request, "text", &text);
    if (status == STATUS_NOT_FOUND) return true;
    if (status != STATUS_OK || text.len == 0 || text.len > WORDS_MAX)
        return asked_query_refuse(response, "text", "text is one text of 1 to 200 bytes.");
    sharing_list_text(list, " AND words LIKE $ ESCAPE '\\'", pattern_of(http_arena(request), text));
    return true;
}

static bool add_category(struct sharing_list *list, struct http_request *request,
                         struct http_response *response) {
    struct bytes text;
    enum status status = http_query(request, "category", &text);
    if (status == STATUS_NOT_FOUND) return true;
    if (status != STATUS_OK || text.len == 0 || text.len > SHARING_CATEGORY_MAX)
        return asked_query_refuse(response, "category", "category is one text of 1 to 32 bytes.");
    sharing_list_bytes(list, " AND category = $", text);
    return true;
}

static bool add_price(struct sharing_list *list, struct http_request *request,
                      struct http_response *response) {
    struct bytes text;
    struct amount most;
    enum status status = http_query(request, "maxPricePerMinute", &text);
    if (status == STATUS_NOT_FOUND) return true;
    if (status != STATUS_OK || amount_parse(&most, (const char *)text.data) != STATUS_OK ||
        amount_units(most) > INT64_MAX)
        return asked_query_refuse(response, "maxPricePerMinute",
                                  "maxPricePerMinute is an amount of LMM, 0.5 say.");
    sharing_list_number(list, " AND price <= $", (int64_t)amount_units(most));
    return true;
}

// A circle on the ground, measured in cells of 16 units (18 cm) so that squares fit into 64 bits;
// a degree of longitude is shorter by the cosine of the latitude, in 1/1024. It does not reach over
// 180 degrees of longitude.
static void add_circle(struct sharing_list *list, int64_t latitude, int64_t longitude,
                       uint64_t radius_m) {
    const double units_per_m = 1e7 * 360 / 40030000, radian = 3.14159265358979323846 / 180;
    double degrees = (double)latitude / 1e7;
    int64_t cosine = lround(1024 * cos(degrees * radian));
    int64_t cells = llround((double)radius_m * units_per_m / 16) + 1;
    sharing_list_number(list, " AND ((latitude - $)", latitude);
    sharing_list_number(list, " / 16) * ((latitude - $) / 16)", latitude);
    sharing_list_number(list, " + ((longitude - $)", longitude);
    sharing_list_number(list, " * $ / 16384)", cosine);
    sharing_list_number(list, " * ((longitude - $)", longitude);
    sharing_list_number(list, " * $ / 16384)", cosine);
    sharing_list_number(list, " <= $", cells * cells);
}

static bool add_near(struct sharing_list *list, struct http_request *request,
                     struct http_response *response) {
    static const uint64_t radius_max_m = 500000;
    struct bytes rest, parts[3];
    int64_t latitude, longitude;
    uint64_t radius_m;
    enum status status = http_query(request, "near", &rest);
    if (status == STATUS_NOT_FOUND) return true;
    bool is_good = status == STATUS_OK && text_next(&rest, ',', &parts[0]) &&
                   text_next(&rest, ',', &parts[1]) && text_next(&rest, ',', &parts[2]) &&
                   rest.len == 0 &&
                   asked_degrees(&latitude, parts[0], SHARING_LATITUDE_MAX) == STATUS_OK &&
                   asked_degrees(&longitude, parts[1], SHARING_LONGITUDE_MAX) == STATUS_OK &&
                   text_u64(parts[2], &radius_m) == STATUS_OK && radius_m <= radius_max_m;
    if (!is_good)
        return asked_query_refuse(response, "near",
                                  "near is latitude,longitude,radius: degrees, and metres up to "
                                  "500000.");
    add_circle(list, latitude, longitude, radius_m);
    return true;
}

static bool add_free(struct sharing_list *list, struct http_request *request,
                     struct http_response *response) {
    bool has_from, has_until;
    uint64_t from_ms = 0, until_ms = 0;
    if (!asked_query_time(request, response, "from", &has_from, &from_ms) ||
        !asked_query_time(request, response, "until", &has_until, &until_ms))
        return false;
    if (!has_from && !has_until) return true;
    if (!has_from || !has_until || until_ms <= from_ms)
        return asked_query_refuse(response, "until", "from and until come together, in order.");
    sharing_list_number(list,
                        " AND NOT EXISTS (SELECT 1 FROM slot WHERE slot.asset = asset.number"
                        " AND slot.until_ms > $",
                        (int64_t)from_ms);
    sharing_list_number(list, " AND slot.from_ms < $)", (int64_t)until_ms);
    return true;
}

// Whoever asks for an owner's also sees what is not on offer any more.
static bool add_owner(struct sharing_list *list, struct http_request *request,
                      struct http_response *response) {
    struct bytes text;
    struct account_id id;
    enum status status = http_query(request, "owner", &text);
    if (status == STATUS_NOT_FOUND) {
        buf_append_string(&list->query, " AND is_withdrawn = 0");
        return true;
    }
    if (status != STATUS_OK || address_decode(id.bytes, text) != STATUS_OK)
        return asked_query_refuse(response, "owner", "owner is an address.");
    sharing_list_bytes(list, " AND owner = $", arena_copy(http_arena(request), BYTES_OF(id.bytes)));
    return true;
}

enum status get_assets(void *context, struct http_request *request,
                       struct http_response *response) {
    struct server *server = context;
    struct http_page page;
    struct sharing_list list = {0};
    const struct sharing_page_form form = {&page, "number", append_asset};
    if (!sharing_read_page(&page, request, response)) return STATUS_OK;
    sharing_list_number(&list, "SELECT " COLUMNS " FROM asset WHERE number < $",
                        page.is_behind ? (int64_t)load_u64_be(page.token) : INT64_MAX);
    if (!add_words(&list, request, response) || !add_category(&list, request, response) ||
        !add_price(&list, request, response) || !add_near(&list, request, response) ||
        !add_free(&list, request, response) || !add_owner(&list, request, response)) {
        buf_clear(&list.query);
        return STATUS_OK;
    }
    buf_append_string(&list.query, " ORDER BY number DESC");
    return sharing_answer_list(server, request, response, &list, &form);
}

// ---- one

#define ONE "SELECT " COLUMNS " FROM asset WHERE number = $1"

static enum status show(struct server *server, struct http_request *request,
                        struct http_response *response, struct db_statement *row) {
    (void)server;
    (void)request;
    append_asset(http_body_buf(response), row);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status get_asset(void *context, struct http_request *request, struct http_response *response) {
    return sharing_answer_one(context, request, response, ONE, show);
}

enum status get_asset_proof(void *context, struct http_request *request,
                            struct http_response *response) {
    return sharing_answer_one(context, request, response, ONE, sharing_prove_row);
}

// ---- its calendar

static void append_slot(struct buf *out, struct db_statement *row) {
    uint64_t booking = db_column_u64(row, "booking");
    buf_append_string(out, "{\"from\":");
    chain_json_time(out, db_column_i64(row, "from_ms"));
    buf_append_string(out, ",\"until\":");
    chain_json_time(out, db_column_i64(row, "until_ms"));
    if (booking == 0)
        buf_append_string(out, ",\"booking\":null");
    else
        buf_append_format(out, ",\"booking\":%llu", (unsigned long long)booking);
    buf_append_format(out,
                      ",\"height\":%llu,\"tx\":", (unsigned long long)db_column_u64(row, "height"));
    chain_json_hex(out, db_column_bytes(row, "tx_id"));
    buf_append_string(out, ",\"proof\":\"/v1/transactions/");
    chain_json_digits(out, db_column_bytes(row, "tx_id"));
    buf_append_format(out, "/events/%llu/proof\"}",
                      (unsigned long long)db_column_u64(row, "event_index"));
}

static enum status is_known(struct server *server, struct http_request *request,
                            struct http_response *response, struct db_statement *row) {
    (void)server, (void)request, (void)response, (void)row;
    return STATUS_OK;
}

enum status get_calendar(void *context, struct http_request *request,
                         struct http_response *response) {
    struct http_page page;
    struct sharing_list list = {0};
    const struct sharing_page_form form = {&page, "until_ms", append_slot};
    bool has_from, has_until;
    uint64_t from_ms = 0, until_ms = INT64_MAX, id;
    if (!sharing_path_id(request, &id)) return STATUS_NOT_FOUND;
    if (!sharing_read_page(&page, request, response) ||
        !asked_query_time(request, response, "from", &has_from, &from_ms) ||
        !asked_query_time(request, response, "until", &has_until, &until_ms))
        return STATUS_OK;
    enum status status = sharing_answer_one(context, request, response, ONE, is_known);
    if (status != STATUS_OK) return status;
    if (page.is_behind) from_ms = load_u64_be(page.token);
    sharing_list_number(
        &list,
        "SELECT from_ms, until_ms, booking, height, event_index, tx_id FROM slot WHERE asset = $",
        (int64_t)id);
    sharing_list_number(&list, " AND until_ms > $", (int64_t)from_ms);
    sharing_list_number(&list, " AND from_ms < $ ORDER BY until_ms", (int64_t)until_ms);
    return sharing_answer_list(context, request, response, &list, &form);
}

// ---- for whoever looks for anything

enum status sharing_search(void *market, struct db *db, struct arena *arena, struct bytes text,
                           struct search_hits *out) {
    struct db_statement *row;
    bool has_row;
    (void)market;
    if (text.len > WORDS_MAX || !utf8_is_valid(text)) return STATUS_OK;
    enum status status = db_prepare(&row, db,
                                    "SELECT number, record FROM asset WHERE is_withdrawn = 0"
                                    " AND words LIKE $1 ESCAPE '\\' ORDER BY number DESC LIMIT $2");
    if (status != STATUS_OK) return status;
    db_bind_text(row, 1, pattern_of(arena, text));
    db_bind_u64(row, 2, SEARCH_HITS);
    while ((status = db_step(row, &has_row)) == STATUS_OK && has_row && out->count < SEARCH_HITS) {
        struct sharing_asset asset;
        asset_decode(&asset, db_column_bytes(row, "record"));
        const char *number = arena_format(arena, "%llu", (unsigned long long)asset.number);
        out->items[out->count++] =
            (struct search_hit){"asset", bytes_of_string(number), arena_copy(arena, asset.title),
                                arena_format(arena, "/thing/%s", number)};
    }
    db_release(row);
    return status;
}
