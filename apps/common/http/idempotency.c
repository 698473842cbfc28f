// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/idempotency.h"

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"
#include "chaincore/base/codec.h"
#include "chaincore/base/log.h"

// --- what is asked ---

// The key itself, a quoted string or a bare one, of visible ASCII. False when it is neither.
static bool read_key(const char *header, struct bytes *out) {
    *out = text_trim(bytes_of_string(header));
    if (out->len >= 2 && out->data[0] == '"' && out->data[out->len - 1] == '"')
        *out = bytes_of(out->data + 1, out->len - 2);
    for (size_t i = 0; i < out->len; i++)
        if (out->data[i] <= ' ' || out->data[i] >= 0x7F || out->data[i] == '"') return false;
    return out->len > 0 && out->len <= LIMIT_HTTP_IDEMPOTENCY_KEY_BYTES;
}

static void add_part(struct hasher *hasher, struct bytes part) {
    uint8_t len[8];
    store_u64_le(len, part.len);
    hasher_add(hasher, BYTES_OF(len));
    hasher_add(hasher, part);
}

// Client and key.
static void hash_id(const struct http_request *request, struct bytes key, struct hash *out) {
    struct hasher hasher;
    const char *caller = http_caller_id(request);
    hasher_init(&hasher, HASH_IDEMPOTENCY);
    add_part(&hasher, bytes_of_string(caller ? "key" : "address"));
    add_part(&hasher, caller ? bytes_of_string(caller) : ip_owner(&request->address));
    add_part(&hasher, key);
    hasher_finish(&hasher, out);
}

// All that decides what is done. For how long the client waits for it does not.
static void hash_request(const struct http_request *request, struct hash *out) {
    struct hasher hasher;
    hasher_init(&hasher, HASH_IDEMPOTENCY);
    add_part(&hasher, bytes_of_string("request"));
    add_part(&hasher, bytes_of_string(request->uri.path));
    for (size_t i = 0; i < request->uri.query_count; i++) {
        if (bytes_equal(request->uri.query[i].name, bytes_of_string("wait"))) continue;
        add_part(&hasher, request->uri.query[i].name);
        add_part(&hasher, request->uri.query[i].value);
    }
    add_part(&hasher, bytes_of_string(request->content_type ? request->content_type : ""));
    add_part(&hasher, http_body(request));
    hasher_finish(&hasher, out);
}

bool http_idempotency_id(const struct http_request *request, uint8_t out[IDEMPOTENCY_HASH]) {
    const struct idempotency *idempotency = &request->idempotency;
    struct hasher hasher;
    struct hash id;
    if (!idempotency->is_held) return false;
    hasher_init(&hasher, HASH_IDEMPOTENCY);
    add_part(&hasher, BYTES_OF(idempotency->id.bytes));
    add_part(&hasher, BYTES_OF(idempotency->request.bytes));
    hasher_finish(&hasher, &id);
    memcpy(out, id.bytes, IDEMPOTENCY_HASH);
    return true;
}

// --- answers as bytes ---

static void encode_text(struct buf *out, const char *text) {
    encode_bytes(out, bytes_of_string(text));
}

static void encode_answer(struct buf *out, const struct http_response *response) {
    const char *type = response->content_type;
    if (!type) type = response->request->negotiated_type;
    encode_u16(out, (uint16_t)response->code);
    encode_text(out, type ? type : "");
    encode_text(out, response->etag ? response->etag : "");
    encode_u8(out, (uint8_t)response->header_count);
    for (int i = 0; i < response->header_count; i++) {
        encode_text(out, response->headers[i].name);
        encode_text(out, response->headers[i].value);
    }
    encode_bytes(out, response->is_borrowed ? response->borrowed : buf_bytes(&response->body));
}

static const char *decode_text(struct decoder *in, struct arena *arena) {
    return arena_copy_string(arena, decode_bytes(in, LIMIT_HTTP_KEPT_BYTES));
}

static enum status decode_answer(struct http_response *response, struct bytes encoded) {
    struct arena *arena = &response->request->arena;
    struct decoder in = decoder_of(encoded);
    response_clear(response);
    response->code = decode_u16(&in);
    const char *type = decode_text(&in, arena), *etag = decode_text(&in, arena);
    if (*type) response->content_type = type;
    if (*etag) response->etag = etag;
    uint8_t count = decode_u8(&in);
    if (count > RESPONSE_HEADERS) return STATUS_CORRUPT;
    for (uint8_t i = 0; i < count; i++) {
        const char *name = decode_text(&in, arena);
        http_add_header(response, name, decode_text(&in, arena));
    }
    buf_append(&response->body, decode_bytes(&in, LIMIT_HTTP_KEPT_BYTES));
    return decoder_finish(&in);
}

// --- under way ---

static bool hold(struct http_request *request) {
    struct http_server *server = request->server;
    struct idempotency *own = &request->idempotency;
    struct idempotency **bucket = &server->held[own->id.bytes[0]];
    bool is_free = true;
    pthread_mutex_lock(&server->held_lock);
    for (struct idempotency *it = *bucket; it && is_free; it = it->next)
        is_free = !hash_equal(&it->id, &own->id);
    if (is_free) {
        own->next = *bucket;
        own->link = bucket;
        if (own->next) own->next->link = &own->next;
        *bucket = own;
        own->is_held = true;
    }
    pthread_mutex_unlock(&server->held_lock);
    return is_free;
}

void idempotency_let_go(struct http_request *request) {
    struct idempotency *own = &request->idempotency;
    if (!own->is_held) return;
    pthread_mutex_lock(&request->server->held_lock);
    *own->link = own->next;
    if (own->next) own->next->link = own->link;
    pthread_mutex_unlock(&request->server->held_lock);
    own->is_held = false;
}

// --- before and after the handler ---

static bool refuse(struct http_request *request, int http_code, const char *code,
                   const char *detail) {
    http_problem_as(&request->response, http_code, code, detail);
    return false;
}

// The first answer again. Always false: there is nothing to run.
static bool replay(struct http_request *request, const struct http_kept *kept) {
    struct http_response *response = &request->response;
    if (!bytes_equal(BYTES_OF(kept->request), BYTES_OF(request->idempotency.request.bytes)))
        return refuse(request, 422, "idempotency_key_reused",
                      "This Idempotency-Key was used for another request.");
    if (kept->answer.len == 0)
        return refuse(request, 409, "answer_not_kept",
                      "This was done before, and its answer is told only once.");
    enum status status = decode_answer(response, kept->answer);
    if (status != STATUS_OK) {
        response_clear(response);
        http_problem(response, STATUS_CORRUPT, NULL, NULL);
    } else if (response->header_count < RESPONSE_HEADERS) {
        http_set_header(response, "Idempotent-Replayed", "true");
    }
    return false;
}

bool idempotency_begin(struct http_request *request) {
    const struct http_kept_store *store = &request->server->config.kept;
    struct idempotency *own = &request->idempotency;
    const char *header = http_header(request, "Idempotency-Key");
    const struct http_route *route = request->route ? request->route->public : NULL;
    struct bytes key;
    struct http_kept kept;
    if (!header || !store->find || own->is_held) return true;
    if (!route || route->method != HTTP_POST || route->traits & HTTP_NO_EFFECT) return true;
    if (!read_key(header, &key))
        return refuse(request, 400, "bad_idempotency_key",
                      "An Idempotency-Key has 1 to 255 visible characters, as a UUID has.");
    hash_id(request, key, &own->id);
    hash_request(request, &own->request);
    // Held first: who is under way keeps the answer before it lets go.
    if (!hold(request)) {
        http_set_header(&request->response, "Retry-After", "1");
        return refuse(request, 409, "request_under_way",
                      "A request with this Idempotency-Key is under way.");
    }
    enum status status = store->find(store->context, own->id.bytes, &request->arena, &kept);
    if (status == STATUS_NOT_FOUND) return true;
    idempotency_let_go(request);
    if (status == STATUS_OK) return replay(request, &kept);
    http_problem(&request->response, status, NULL, NULL);
    return false;
}

static void keep(struct http_request *request) {
    const struct http_kept_store *store = &request->server->config.kept;
    struct http_kept kept = {.is_open = !request->key};
    struct buf encoded = {0};
    if (!(request->route->public->traits & HTTP_TOLD_ONCE))
        encode_answer(&encoded, &request->response);
    if (encoded.len <= LIMIT_HTTP_KEPT_BYTES) kept.answer = buf_bytes(&encoded);
    memcpy(kept.request, request->idempotency.request.bytes, IDEMPOTENCY_HASH);
    enum status status = store->keep(store->context, request->idempotency.id.bytes, &kept);
    // It is done, so it is answered; only a second request would not be recognised.
    if (status != STATUS_OK)
        log_warning("http", "an answer was not kept", log_text("status", status_name(status)),
                    log_text("request_id", request->id));
    buf_clear(&encoded);
}

void idempotency_end(struct http_request *request) {
    const struct http_response *response = &request->response;
    if (!request->idempotency.is_held) return;
    if (!response->problem && response->code / 100 == 2) keep(request);
    idempotency_let_go(request);
}
