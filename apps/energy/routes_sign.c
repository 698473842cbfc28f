// SPDX-License-Identifier: Apache-2.0
// What the server signs for whoever has its key.
#include <string.h>

#include "apps/common/server/signing.h"
#include "apps/energy/reading.h"
#include "apps/energy/routes.h"

// An order fills up to ORDER_FILLS others; a transaction locks no more in deposits than its gas
// limit allows for.
enum { GAS_CALL = 3000000, GAS_ORDER = 8000000 };

struct call {
    const char *method;
    uint64_t value, gas;
    struct buf arguments;
};

static enum status send(struct server *server, struct http_request *request,
                        struct http_response *response, struct call *call) {
    struct signer_order order = {.action = {.kind = TX_CALL,
                                            .call = {.contract = server->contract,
                                                     .method = bytes_of_string(call->method),
                                                     .arguments = buf_bytes(&call->arguments),
                                                     .value = amount_of_units(call->value)}},
                                 .gas_limit = call->gas};
    return signing_answer_order(server, request, response, &order);
}

// A number that does not fit into the contract's 32 bits is no zone and no slot of it.
static void encode_small(struct buf *out, uint64_t number) {
    encode_u32(out, number > UINT32_MAX ? UINT32_MAX : (uint32_t)number);
}

enum status post_zone(void *server, struct http_request *request, struct http_response *response) {
    struct call call = {.method = "zone", .gas = GAS_CALL};
    struct buf name = {0};
    uint64_t cap, lot, gate_ms, wait_ms;
    const struct member members[] = {{"name", MEMBER_TEXT, .bytes = &name},
                                     {"cap", MEMBER_NUMBER, .number = &cap},
                                     {"lot", MEMBER_NUMBER, .number = &lot},
                                     {"gate_ms", MEMBER_NUMBER, .number = &gate_ms},
                                     {"wait_ms", MEMBER_NUMBER, .number = &wait_ms},
                                     {"account", MEMBER_AMOUNT, .number = &call.value}};
    enum status status = STATUS_OK;
    if (MEMBERS_READ(members, request, response)) {
        encode_u64(&call.arguments, cap);
        encode_u64(&call.arguments, lot);
        encode_small(&call.arguments, gate_ms);
        encode_small(&call.arguments, wait_ms);
        encode_bytes(&call.arguments, buf_bytes(&name));
        status = send(server, request, response, &call);
    }
    buf_clear(&name);
    buf_clear(&call.arguments);
    return status;
}

// ---- orders

// What a seller locks for each Wh. 0 of a zone that is not there: the contract says so.
static enum status find_cap(struct server *server, uint64_t zone, uint64_t *cap) {
    struct db *db;
    struct db_statement *row = NULL;
    bool has_row;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    *cap = 0;
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db, "SELECT cap FROM zone WHERE zone = $1"));
    db_bind_u64(row, 1, zone);
    TRY(db_step(row, &has_row));
    if (has_row) *cap = db_column_u64(row, "cap");
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

// What an order for this slot has to bring besides its collateral. 0 where the contract refuses to
// say: it refuses the order too.
static uint64_t find_opening(struct server *server, const struct account_id *account,
                             const struct buf *order) {
    struct buf arguments = {0}, answer = {0};
    struct decoder in = decoder_of(buf_bytes(order));
    uint64_t opening = 0;
    uint32_t contract_code;
    encode_u32(&arguments, decode_u32(&in)); // zone, slot, side; the quote is of no kind
    encode_u32(&arguments, decode_u32(&in));
    encode_u8(&arguments, decode_u8(&in));
    (void)decode_u8(&in);
    encode_u64(&arguments, decode_u64(&in));
    encode_u64(&arguments, decode_u64(&in));
    encode_fixed(&arguments, account, sizeof *account);
    if (node_query(server->node, &server->contract, "quote", buf_bytes(&arguments), &answer,
                   &contract_code) == TX_CODE_OK) {
        in = decoder_of(buf_bytes(&answer));
        (void)decode_u64(&in);
        opening = decode_u64(&in);
    }
    buf_clear(&arguments);
    buf_clear(&answer);
    return opening;
}

enum status post_order(void *context, struct http_request *request,
                       struct http_response *response) {
    struct server *server = context;
    struct call call = {.method = "order", .gas = GAS_ORDER};
    uint64_t zone, slot, side, kind, price, wh, each;
    const struct member members[] = {{"zone", MEMBER_NUMBER, .number = &zone},
                                     {"slot", MEMBER_NUMBER, .number = &slot},
                                     {"side", MEMBER_WORD, .number = &side, .words = side_words},
                                     {"kind", MEMBER_WORD, .number = &kind, .words = kind_words},
                                     {"price", MEMBER_NUMBER, .number = &price},
                                     {"wh", MEMBER_NUMBER, .number = &wh}};
    if (!MEMBERS_READ(members, request, response)) return STATUS_OK;
    each = price;
    enum status status = side == SELL ? find_cap(server, zone, &each) : STATUS_OK;
    if (status != STATUS_OK) return status;
    // One that overflows is beyond the contract's bounds, which it judges before the money.
    bool is_beyond = __builtin_mul_overflow(each, wh, &call.value) || call.value > INT64_MAX;
    if (is_beyond) call.value = 0;
    encode_small(&call.arguments, zone);
    encode_small(&call.arguments, slot);
    encode_u8(&call.arguments, (uint8_t)side);
    encode_u8(&call.arguments, (uint8_t)kind);
    encode_u64(&call.arguments, price);
    encode_u64(&call.arguments, wh);
    if (!is_beyond)
        call.value += find_opening(server, signing_account(server, request), &call.arguments);
    status = send(server, request, response, &call);
    buf_clear(&call.arguments);
    return status;
}

static enum status encode_cancel(struct buf *out, struct server *server,
                                 const struct order_id *id) {
    struct db *db;
    struct db_statement *row = NULL;
    bool has_row;
    enum status status = db_pool_take(&db, server->readers, SERVER_DB_TAKE_MS);
    if (status != STATUS_OK) return status;
    TRY(db_prepare(&row, db,
                   "SELECT side, price FROM placed WHERE zone = $1 AND slot = $2"
                   " AND number = $3"));
    db_bind_u64(row, 1, id->zone);
    db_bind_u64(row, 2, id->slot);
    db_bind_u64(row, 3, id->number);
    TRY(db_step(row, &has_row));
    if (!has_row) status = STATUS_NOT_FOUND;
    if (!has_row) goto out;
    encode_u32(out, (uint32_t)id->zone);
    encode_u32(out, (uint32_t)id->slot);
    encode_u8(out, (uint8_t)db_column_u64(row, "side"));
    encode_u64(out, db_column_u64(row, "price"));
    encode_u64(out, id->number);
out:
    db_release(row);
    db_pool_give(server->readers, db);
    return status;
}

enum status delete_order(void *server, struct http_request *request,
                         struct http_response *response) {
    struct call call = {.method = "cancel", .gas = GAS_CALL};
    struct order_id id;
    if (!order_id_parse(&id, http_param(request, "id"))) return STATUS_NOT_FOUND;
    enum status status = encode_cancel(&call.arguments, server, &id);
    if (status == STATUS_OK) status = send(server, request, response, &call);
    buf_clear(&call.arguments);
    return status;
}

// ---- meters

enum { KEY_BYTES = 32, SIGNATURE_BYTES = 64 };

enum status post_meter(void *server, struct http_request *request, struct http_response *response) {
    struct call call = {.method = "meter", .gas = GAS_CALL};
    struct buf key = {0}, signature = {0};
    uint64_t zone, direction;
    const struct member members[] = {
        {"zone", MEMBER_NUMBER, .number = &zone},
        {"direction", MEMBER_WORD, .number = &direction, .words = direction_words},
        {"key", MEMBER_HEX, .bytes = &key, .len = KEY_BYTES},
        {"signature", MEMBER_HEX, .bytes = &signature, .len = SIGNATURE_BYTES}};
    enum status status = STATUS_OK;
    if (MEMBERS_READ(members, request, response)) {
        encode_small(&call.arguments, zone);
        encode_u8(&call.arguments, (uint8_t)direction);
        buf_append(&call.arguments, buf_bytes(&key));
        buf_append(&call.arguments, buf_bytes(&signature));
        status = send(server, request, response, &call);
    }
    buf_clear(&key);
    buf_clear(&signature);
    buf_clear(&call.arguments);
    return status;
}

enum status post_approval(void *server, struct http_request *request,
                          struct http_response *response) {
    struct call call = {.method = "approve", .gas = GAS_CALL};
    struct bytes text = http_param(request, "key");
    uint8_t key[KEY_BYTES];
    char hex[2 * KEY_BYTES + 1];
    uint64_t most_wh;
    const struct member members[] = {{"most_wh", MEMBER_NUMBER, .number = &most_wh}};
    if (text.len != 2 * KEY_BYTES) return STATUS_NOT_FOUND;
    memcpy(hex, text.data, text.len);
    hex[text.len] = 0;
    if (hex_decode(key, sizeof key, hex) != STATUS_OK) return STATUS_NOT_FOUND;
    if (!MEMBERS_READ(members, request, response)) return STATUS_OK;
    buf_append(&call.arguments, BYTES_OF(key));
    encode_u64(&call.arguments, most_wh);
    enum status status = send(server, request, response, &call);
    buf_clear(&call.arguments);
    return status;
}

enum status post_reading(void *server, struct http_request *request,
                         struct http_response *response) {
    struct call call = {.method = "reading", .gas = GAS_CALL};
    struct buf key = {0}, signature = {0};
    uint64_t slot, wh, sequence;
    const struct member members[] = {
        {"key", MEMBER_HEX, .bytes = &key, .len = KEY_BYTES},
        {"slot", MEMBER_NUMBER, .number = &slot},
        {"wh", MEMBER_NUMBER, .number = &wh},
        {"sequence", MEMBER_NUMBER, .number = &sequence},
        {"signature", MEMBER_HEX, .bytes = &signature, .len = SIGNATURE_BYTES}};
    enum status status = STATUS_OK;
    if (MEMBERS_READ(members, request, response)) {
        buf_append(&call.arguments, buf_bytes(&key));
        encode_small(&call.arguments, slot);
        encode_u64(&call.arguments, wh);
        encode_u64(&call.arguments, sequence);
        buf_append(&call.arguments, buf_bytes(&signature));
        status = send(server, request, response, &call);
    }
    buf_clear(&key);
    buf_clear(&signature);
    buf_clear(&call.arguments);
    return status;
}

enum status post_settlement(void *server, struct http_request *request,
                            struct http_response *response) {
    struct call call = {.method = "settle", .gas = GAS_ORDER};
    uint64_t zone, slot;
    const struct member members[] = {{"zone", MEMBER_NUMBER, .number = &zone},
                                     {"slot", MEMBER_NUMBER, .number = &slot}};
    if (!MEMBERS_READ(members, request, response)) return STATUS_OK;
    encode_small(&call.arguments, zone);
    encode_small(&call.arguments, slot);
    enum status status = send(server, request, response, &call);
    buf_clear(&call.arguments);
    return status;
}
