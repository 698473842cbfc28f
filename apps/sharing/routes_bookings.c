// SPDX-License-Identifier: Apache-2.0
// Bookings, as they are found and shown, and what one would cost.
#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/view_routes.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

#define COLUMNS "number, record, booked_ms, height, tx_index, event_index, tx_id, time_ms"
#define ONE "SELECT " COLUMNS " FROM booking WHERE number = $1"

static void append_booking(struct buf *out, struct db_statement *row) {
    struct sharing_booking booking;
    booking_decode(&booking, db_column_bytes(row, "record"));
    buf_append_byte(out, '{');
    booking_append_members(out, &booking);
    buf_append_string(out, ",\"booked\":");
    chain_json_time(out, db_column_i64(row, "booked_ms"));
    sharing_append_place(out, row, "bookings");
}

// ---- the list

// Of one account, as its renter or as its owner.
static bool add_account(struct sharing_list *list, struct http_request *request,
                        struct http_response *response) {
    static const struct {
        const char *name, *condition;
    } sides[] = {{"renter", " AND renter = $"}, {"owner", " AND owner = $"}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct bytes text;
        struct account_id id;
        enum status status = http_query(request, sides[i].name, &text);
        if (status == STATUS_NOT_FOUND) continue;
        if (status != STATUS_OK || address_decode(id.bytes, text) != STATUS_OK)
            return asked_query_refuse(response, sides[i].name, "This is not an address.");
        sharing_list_bytes(list, sides[i].condition,
                           arena_copy(http_arena(request), BYTES_OF(id.bytes)));
    }
    return true;
}

static bool add_asset(struct sharing_list *list, struct http_request *request,
                      struct http_response *response) {
    uint64_t asset;
    enum status status = http_query_u64(request, "asset", 0, &asset);
    if (status != STATUS_OK || asset > INT64_MAX)
        return asked_query_refuse(response, "asset", "asset is a number.");
    if (asset > 0) sharing_list_number(list, " AND asset = $", (int64_t)asset);
    return true;
}

static bool add_state(struct sharing_list *list, struct http_request *request,
                      struct http_response *response) {
    struct bytes text;
    enum status status = http_query(request, "state", &text);
    if (status == STATUS_NOT_FOUND) return true;
    bool is_open = status == STATUS_OK && bytes_equal(text, bytes_of_string("open"));
    if (!is_open && (status != STATUS_OK || !bytes_equal(text, bytes_of_string("settled"))))
        return asked_query_refuse(response, "state", "state is open or settled.");
    sharing_list_number(list, is_open ? " AND state <> $" : " AND state = $", SHARING_SETTLED);
    return true;
}

enum status get_bookings(void *context, struct http_request *request,
                         struct http_response *response) {
    struct http_page page;
    struct sharing_list list = {0};
    const struct sharing_page_form form = {&page, "number", append_booking};
    if (!sharing_read_page(&page, request, response)) return STATUS_OK;
    sharing_list_number(&list, "SELECT " COLUMNS " FROM booking WHERE number < $",
                        page.is_behind ? (int64_t)load_u64_be(page.token) : INT64_MAX);
    if (!add_account(&list, request, response) || !add_asset(&list, request, response) ||
        !add_state(&list, request, response)) {
        buf_clear(&list.query);
        return STATUS_OK;
    }
    buf_append_string(&list.query, " ORDER BY number DESC");
    return sharing_answer_list(context, request, response, &list, &form);
}

// ---- one

static enum status show(struct server *server, struct http_request *request,
                        struct http_response *response, struct db_statement *row) {
    (void)server;
    (void)request;
    append_booking(http_body_buf(response), row);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status get_booking(void *context, struct http_request *request,
                        struct http_response *response) {
    return sharing_answer_one(context, request, response, ONE, show);
}

enum status get_booking_proof(void *context, struct http_request *request,
                              struct http_response *response) {
    return sharing_answer_one(context, request, response, ONE, sharing_prove_row);
}

// ---- what it would cost

static void append_quote(struct buf *out, struct bytes result) {
    struct decoder in = decoder_of(result);
    static const char *const names[] = {"rent", "deposit", "timer", "total"};
    buf_append_format(out, "{\"minutes\":%llu", (unsigned long long)decode_u64(&in));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        buf_append_format(out, ",\"%s\":", names[i]);
        chain_json_amount(out, decode_amount(&in));
    }
    buf_append_format(out, ",\"is_free\":%s}", decode_bool(&in) ? "true" : "false");
    ENSURE(decoder_finish(&in) == STATUS_OK);
}

static bool read_range(struct http_request *request, struct http_response *response,
                       struct sharing_range *out) {
    bool has_from, has_until;
    if (http_query_u64(request, "asset", 0, &out->asset) != STATUS_OK || out->asset == 0)
        return asked_query_refuse(response, "asset", "asset is a number.");
    if (!asked_query_time(request, response, "from", &has_from, &out->from_ms) ||
        !asked_query_time(request, response, "until", &has_until, &out->until_ms))
        return false;
    if (!has_from || !has_until)
        return asked_query_refuse(response, has_from ? "until" : "from",
                                  "from and until come together.");
    return true;
}

enum status get_quote(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct sharing_range range;
    struct buf arguments = {0}, result = {0};
    uint32_t refusal;
    if (!read_range(request, response, &range)) return STATUS_OK;
    encode_u64(&arguments, range.asset);
    encode_u64(&arguments, range.from_ms);
    encode_u64(&arguments, range.until_ms);
    enum tx_code code = node_query(server->node, &server->contract, "quote", buf_bytes(&arguments),
                                   &result, &refusal);
    if (code == TX_CODE_OK) {
        append_quote(http_body_buf(response), buf_bytes(&result));
        http_set_type(response, "application/json");
    } else {
        view_answer_problem(server, response, &server->contract, code, refusal);
    }
    buf_clear(&arguments);
    buf_clear(&result);
    return STATUS_OK;
}
