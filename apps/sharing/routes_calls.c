// SPDX-License-Identifier: Apache-2.0
// What changes something: calls of the contract, signed by the server's own key. Here only the form
// of a request is judged; what is against a rule the contract refuses, and the transaction's status
// says why.
#include <stdlib.h>

#include "apps/common/http/text.h"
#include "apps/common/server/body_object.h"
#include "apps/common/server/signing.h"
#include "apps/common/server/view_routes.h"
#include "apps/sharing/contract/challenge.h"
#include "apps/sharing/sharing.h"
#include "chaincore/chaincore.h"

enum { GAS = 4000000 };

// ---- bodies: members in the order in which the contract reads them

enum field_kind {
    FIELD_TEXT,
    FIELD_LATITUDE,
    FIELD_LONGITUDE,
    FIELD_PHOTO, // or null, or not there
    FIELD_AMOUNT,
    FIELD_UNIT,
    FIELD_MINUTES,
    FIELD_PERCENT,
    FIELD_NUMBER,
    FIELD_TIME,
    FIELD_KEY,
    FIELD_CHALLENGE,
    FIELD_SIGNATURE,
    FIELD_MAYBE_SIGNATURE, // absent: empty
};

static const char *const meanings[] = {
    [FIELD_TEXT] = "This is a text.",
    [FIELD_LATITUDE] = "This is a number of degrees from -90 to 90.",
    [FIELD_LONGITUDE] = "This is a number of degrees from -180 to 180.",
    [FIELD_PHOTO] = "This is a hash of 64 hexadecimal digits.",
    [FIELD_AMOUNT] = "This is an amount of LMM as a string, \"0.5\" say.",
    [FIELD_UNIT] = "This is minute or hour.",
    [FIELD_MINUTES] = "This is a whole number of minutes.",
    [FIELD_PERCENT] = "This is a whole number of per cent.",
    [FIELD_NUMBER] = "This is a whole number.",
    [FIELD_TIME] = "A time is written so: 2026-11-28T12:00:00Z.",
    [FIELD_KEY] = "This is a key of 64 hexadecimal digits.",
    [FIELD_CHALLENGE] = "This is a challenge of 194 hexadecimal digits.",
    [FIELD_SIGNATURE] = "This is a signature of 128 hexadecimal digits.",
    [FIELD_MAYBE_SIGNATURE] = "This is a signature of 128 hexadecimal digits, or left out.",
};

struct field {
    const char *name;
    enum field_kind kind;
};

static bool put_degrees(struct buf *out, const json_t *value, int64_t most) {
    double degrees = json_number_value(value);
    if (!json_is_number(value) || degrees * 1e7 > (double)most || degrees * 1e7 < -(double)most)
        return false;
    double units = degrees * 1e7 + (degrees < 0 ? -0.5 : 0.5);
    encode_u64(out, (uint64_t)(int64_t)units);
    return true;
}

static bool put_amount(struct buf *out, const json_t *value) {
    struct amount amount;
    if (!json_is_string(value) || amount_parse(&amount, json_string_value(value)) != STATUS_OK)
        return false;
    encode_amount(out, amount);
    return true;
}

static bool put_unit(struct buf *out, const json_t *value) {
    const char *text = json_string_value(value);
    bool is_hour = text && strcmp(text, "hour") == 0;
    if (!text || (!is_hour && strcmp(text, "minute") != 0)) return false;
    encode_u8(out, is_hour ? SHARING_PER_HOUR : SHARING_PER_MINUTE);
    return true;
}

static bool put_number(struct buf *out, const json_t *value, json_int_t most) {
    json_int_t number = json_integer_value(value);
    if (!json_is_integer(value) || number < 0 || number > most) return false;
    if (most == UINT8_MAX)
        encode_u8(out, (uint8_t)number);
    else if (most == UINT32_MAX)
        encode_u32(out, (uint32_t)number);
    else
        encode_u64(out, (uint64_t)number);
    return true;
}

static bool put_time(struct buf *out, const json_t *value) {
    uint64_t time_ms;
    if (!json_is_string(value) || asked_time(&time_ms, json_string_bytes(value)) != STATUS_OK)
        return false;
    encode_u64(out, time_ms);
    return true;
}

static bool put_hex(struct buf *out, const json_t *value, size_t len) {
    uint8_t bytes[CHALLENGE_BYTES];
    ENSURE(len <= sizeof bytes);
    if (!json_is_string(value) || json_string_length(value) != 2 * len ||
        hex_decode(bytes, len, json_string_value(value)) != STATUS_OK)
        return false;
    encode_fixed(out, bytes, len);
    return true;
}

static bool put_photo(struct buf *out, const json_t *value) {
    static const uint8_t none[32];
    if (value && !json_is_null(value)) return put_hex(out, value, sizeof none);
    encode_fixed(out, none, sizeof none);
    return true;
}

static bool put_signature(struct buf *out, const json_t *value) {
    encode_u32(out, 64);
    return put_hex(out, value, 64);
}

static bool put_field(struct buf *out, const json_t *value, enum field_kind kind) {
    switch (kind) {
    case FIELD_TEXT:
        if (!json_is_string(value)) return false;
        encode_bytes(out, json_string_bytes(value));
        return true;
    case FIELD_LATITUDE:
        return put_degrees(out, value, SHARING_LATITUDE_MAX);
    case FIELD_LONGITUDE:
        return put_degrees(out, value, SHARING_LONGITUDE_MAX);
    case FIELD_PHOTO:
        return put_photo(out, value);
    case FIELD_AMOUNT:
        return put_amount(out, value);
    case FIELD_UNIT:
        return put_unit(out, value);
    case FIELD_MINUTES:
        return put_number(out, value, UINT32_MAX);
    case FIELD_PERCENT:
        return put_number(out, value, UINT8_MAX);
    case FIELD_NUMBER:
        return put_number(out, value, INT64_MAX);
    case FIELD_TIME:
        return put_time(out, value);
    case FIELD_KEY:
        return put_hex(out, value, 32);
    case FIELD_CHALLENGE:
        return put_hex(out, value, CHALLENGE_BYTES);
    case FIELD_MAYBE_SIGNATURE:
        if (value) break;
        encode_bytes(out, bytes_of("", 0));
        return true;
    case FIELD_SIGNATURE:
        break;
    }
    return put_signature(out, value);
}

enum { FIELDS_MAX = 13 };

// Appends the body's members. False: the response says what is wrong.
static bool read_body(struct buf *out, struct http_request *request, struct http_response *response,
                      const struct field *fields) {
    const char *names[FIELDS_MAX + 1] = {NULL};
    json_t *object = NULL;
    for (size_t i = 0; fields[i].name; i++) {
        ENSURE(i < FIELDS_MAX);
        names[i] = fields[i].name;
    }
    bool is_good = body_object_read(&object, request, response, names, "invalid_call");
    for (size_t i = 0; is_good && fields[i].name; i++) {
        is_good = put_field(out, json_object_get(object, fields[i].name), fields[i].kind);
        if (!is_good)
            body_object_refuse(response, "invalid_call",
                               arena_format(http_arena(request), "/%s", fields[i].name),
                               "call/form", meanings[fields[i].kind]);
    }
    json_decref(object);
    return is_good;
}

// ---- calls

static enum status send_call(struct server *server, struct http_request *request,
                             struct http_response *response, const char *method,
                             const struct buf *arguments, struct amount value) {
    struct signer_order order = {.action = {.kind = TX_CALL,
                                            .call = {.contract = server->contract,
                                                     .method = bytes_of_string(method),
                                                     .arguments = buf_bytes(arguments),
                                                     .value = value}},
                                 .gas_limit = GAS};
    return signing_answer_order(server, request, response, &order);
}

// A call whose arguments are the path's {id}, when it has one, and the body's members.
struct call {
    const char *method;
    bool has_id;
    const struct field *fields;
    const char *quote; // the view that tells the price; NULL: it takes no money
    uint32_t quoted;   // its arguments are so many bytes from the call's front; 0: all
};

// What the view says is to be paid for a call of these arguments. False: it refuses, and so would
// the contract.
static bool find_price(struct server *server, struct http_response *response,
                       const struct call *call, struct bytes arguments, struct amount *out) {
    enum { TOTAL_AT = 4 * 8 }; // of struct quote (contract/sharing.c)
    struct buf result = {0};
    uint32_t refusal;
    enum tx_code code = node_query(server->node, &server->contract, call->quote,
                                   bytes_of(arguments.data, call->quoted), &result, &refusal);
    if (code == TX_CODE_OK) {
        ENSURE(result.len == TOTAL_AT + 8 + 1);
        *out = amount_of_units(load_u64_le(result.data + TOTAL_AT));
    } else {
        view_answer_problem(server, response, &server->contract, code, refusal);
    }
    buf_clear(&result);
    return code == TX_CODE_OK;
}

static enum status run_call(struct server *server, struct http_request *request,
                            struct http_response *response, const struct call *call) {
    struct buf arguments = {0};
    struct amount value = amount_of_units(0);
    enum status status = STATUS_OK;
    uint64_t id;
    if (call->has_id) {
        if (!sharing_path_id(request, &id)) return STATUS_NOT_FOUND;
        encode_u64(&arguments, id);
    }
    bool is_good = !call->fields || read_body(&arguments, request, response, call->fields);
    if (is_good && call->quote)
        is_good = find_price(server, response, call, buf_bytes(&arguments), &value);
    if (is_good) status = send_call(server, request, response, call->method, &arguments, value);
    buf_clear(&arguments);
    return status;
}

#define CALL(name, ...)                                           \
    enum status name(void *context, struct http_request *request, \
                     struct http_response *response) {            \
        static const struct call call = {__VA_ARGS__};            \
        return run_call(context, request, response, &call);       \
    }

static const struct field terms[] = {{"title", FIELD_TEXT},
                                     {"text", FIELD_TEXT},
                                     {"place", FIELD_TEXT},
                                     {"category", FIELD_TEXT},
                                     {"latitude", FIELD_LATITUDE},
                                     {"longitude", FIELD_LONGITUDE},
                                     {"photo", FIELD_PHOTO},
                                     {"price_per_minute", FIELD_AMOUNT},
                                     {"unit", FIELD_UNIT},
                                     {"deposit", FIELD_AMOUNT},
                                     {"late_cap_minutes", FIELD_MINUTES},
                                     {"cancel_free_minutes", FIELD_MINUTES},
                                     {"cancel_percent", FIELD_PERCENT},
                                     {NULL, FIELD_TEXT}};
static const struct field kept[] = {
    {"from", FIELD_TIME}, {"until", FIELD_TIME}, {NULL, FIELD_TEXT}};
static const struct field ending[] = {{"until", FIELD_TIME}, {NULL, FIELD_TEXT}};
static const struct field binding[] = {{"lock", FIELD_KEY},
                                       {"counter", FIELD_NUMBER},
                                       {"lock_signature", FIELD_SIGNATURE},
                                       {NULL, FIELD_TEXT}};
static const struct field booking[] = {{"asset", FIELD_NUMBER},
                                       {"from", FIELD_TIME},
                                       {"until", FIELD_TIME},
                                       {"renter_key", FIELD_KEY},
                                       {NULL, FIELD_TEXT}};
static const struct field starting[] = {{"challenge", FIELD_CHALLENGE},
                                        {"signature", FIELD_SIGNATURE},
                                        {"lock_signature", FIELD_MAYBE_SIGNATURE},
                                        {NULL, FIELD_TEXT}};
static const struct field returning[] = {{"challenge", FIELD_CHALLENGE},
                                         {"signature", FIELD_SIGNATURE},
                                         {"lock_signature", FIELD_SIGNATURE},
                                         {NULL, FIELD_TEXT}};

CALL(post_asset, .method = "list", .fields = terms)
CALL(put_asset, .method = "change", .has_id = true, .fields = terms)
CALL(delete_asset, .method = "withdraw", .has_id = true)
CALL(post_calendar, .method = "block", .has_id = true, .fields = kept)
CALL(post_calendar_free, .method = "unblock", .has_id = true, .fields = ending)
CALL(post_lock, .method = "bind_lock", .has_id = true, .fields = binding)
CALL(delete_lock, .method = "unbind", .has_id = true)
CALL(post_revoke, .method = "revoke", .has_id = true)
CALL(post_booking, .method = "book", .fields = booking, .quote = "quote", .quoted = 3 * 8)
CALL(post_extend, .method = "extend", .has_id = true, .fields = ending, .quote = "quote_extension",
     .quoted = 2 * 8)
CALL(delete_booking, .method = "cancel", .has_id = true)
CALL(post_start, .method = "start", .has_id = true, .fields = starting)
CALL(post_return, .method = "give_back", .has_id = true, .fields = returning)
CALL(post_end, .method = "end", .has_id = true)
CALL(post_contest, .method = "contest", .has_id = true)
CALL(post_settle, .method = "settle", .has_id = true)
