// SPDX-License-Identifier: Apache-2.0
// Bookings, as they are found and shown; what one would cost; and what a phone carries to a lock.
#include "apps/common/http/text.h"
#include "apps/common/server/chain_json.h"
#include "apps/common/server/view_routes.h"
#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chain/state_key.h"
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

// ---- the grant, for a lock

// `name` with what leads to it: "{\"grant".
static void append_proof(struct buf *out, const char *name, const struct node_state_proof *proof) {
    buf_append_format(out, "%s\":{\"value\":", name);
    if (proof->has_value)
        chain_json_hex(out, buf_bytes(&proof->value));
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"branch\":");
    chain_json_hex(out, buf_bytes(&proof->branch));
    buf_append_byte(out, '}');
}

static void append_head(struct buf *out, const struct node_state_proof *proof) {
    struct buf header = {0};
    header_encode(&header, &proof->head.header);
    buf_append_format(out,
                      ",\"height\":%llu,\"time\":", (unsigned long long)proof->head.header.height);
    chain_json_time(out, (int64_t)proof->head.header.time_ms);
    buf_append_string(out, ",\"header\":");
    chain_json_hex(out, buf_bytes(&header));
    buf_append_string(out, ",\"certificate\":");
    chain_json_hex(out, buf_bytes(&proof->certificate));
    buf_append_byte(out, '}');
    buf_clear(&header);
}

static enum status prove(struct server *server, uint64_t height, struct bytes storage_key,
                         struct node_state_proof *out) {
    struct state_key key;
    state_key_make(&key, STATE_STORAGE, server->contract.bytes, storage_key);
    return node_prove_state(server->node, height, state_key_bytes(&key), out);
}

// Both at one height, so that one header proves them.
static enum status prove_both(struct server *server, uint64_t booking,
                              struct node_state_proof *grant, struct node_state_proof *policy) {
    struct node_head head;
    struct grant decoded;
    uint8_t key[POLICY_KEY_BYTES];
    node_head(server->node, &head);
    grant_key(key, booking);
    enum status status = prove(server, head.header.height, bytes_of(key, GRANT_KEY_BYTES), grant);
    if (status != STATUS_OK) return status;
    if (!grant->has_value) return STATUS_NOT_FOUND;
    ENSURE(grant->value.len == GRANT_BYTES);
    grant_decode(&decoded, grant->value.data);
    policy_key(key, decoded.lock);
    return prove(server, head.header.height, BYTES_OF(key), policy);
}

enum status get_grant(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct node_state_proof grant = {0}, policy = {0};
    uint64_t booking;
    if (!sharing_path_id(request, &booking)) return STATUS_NOT_FOUND;
    enum status status = prove_both(server, booking, &grant, &policy);
    if (status == STATUS_OK) {
        struct buf *out = http_body_buf(response);
        append_proof(out, "{\"grant", &grant);
        append_proof(out, ",\"policy", &policy);
        append_head(out, &grant);
        http_set_type(response, "application/json");
    }
    node_state_proof_clear(&grant);
    node_state_proof_clear(&policy);
    return status;
}
