// SPDX-License-Identifier: Apache-2.0
#include <microhttpd.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/openapi.h"
#include "apps/common/http/text.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/hash.h"

// A stream's buffer for clients of HTTP/1.0; others get chunks of the connection's own.
enum { STREAM_BLOCK = 128 };
// Of the hash of a body, in hex.
enum { ETAG_CHARS = 32 };

void response_init(struct http_response *response, struct http_request *request) {
    *response = (struct http_response){.request = request, .code = 200};
}

void response_clear(struct http_response *response) {
    if (response->subscriber) subscriber_free(response->subscriber);
    if (response->release) response->release(response->owner);
    buf_clear(&response->body);
    response_init(response, response->request);
}

const char *response_copy(struct http_response *response, const char *text) {
    return arena_copy_string(&response->request->arena, bytes_of_string(text ? text : ""));
}

void http_set_code(struct http_response *response, int code) { response->code = code; }

// A control character could end the header and begin another.
static char *copy_clean(struct http_response *response, const char *text) {
    char *copy = arena_copy_string(&response->request->arena, bytes_of_string(text));
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F) *c = ' ';
    return copy;
}

static void make_room(struct http_response *response) {
    size_t count = (size_t)response->header_count, size = sizeof *response->headers;
    if (count % HEADERS_STEP != 0) return;
    struct http_header *grown =
        arena_alloc_array(&response->request->arena, count + HEADERS_STEP, size);
    if (count > 0) memcpy(grown, response->headers, count * size);
    response->headers = grown;
}

void http_add_header(struct http_response *response, const char *name, const char *value) {
    ENSURE(response->header_count < RESPONSE_HEADERS);
    make_room(response);
    int at = response->header_count++;
    response->headers[at].name = copy_clean(response, name);
    response->headers[at].value = copy_clean(response, value);
}

static int find_header(const struct http_response *response, const char *name) {
    for (int i = 0; i < response->header_count; i++)
        if (text_is(bytes_of_string(response->headers[i].name), name)) return i;
    return -1;
}

const char *response_header(const struct http_response *response, const char *name) {
    int at = find_header(response, name);
    return at < 0 ? NULL : response->headers[at].value;
}

void http_set_header(struct http_response *response, const char *name, const char *value) {
    int at = find_header(response, name);
    if (at < 0) {
        http_add_header(response, name, value);
        return;
    }
    response->headers[at].value = copy_clean(response, value);
}

void http_set_type(struct http_response *response, const char *content_type) {
    response->content_type = copy_clean(response, content_type);
}

void http_set_etag(struct http_response *response, const char *etag) {
    char *copy = copy_clean(response, etag);
    for (char *c = copy; *c; c++)
        if (*c == '"' || *c == ' ') *c = '_';
    response->etag = copy;
}

void http_set_weak_etag(struct http_response *response, const char *etag) {
    http_set_etag(response, etag);
    response->has_weak_etag = true;
}

struct buf *http_body_buf(struct http_response *response) {
    return &response->body;
}

void http_set_borrowed_body(struct http_response *response, struct bytes body,
                            void (*release)(void *owner), void *owner) {
    if (response->release) response->release(response->owner);
    response->borrowed = body;
    response->is_borrowed = true;
    response->release = release;
    response->owner = owner;
}

void http_json(struct http_response *response, int code, struct bytes json) {
    response->code = code;
    if (!response->content_type && !response->request->negotiated_type)
        response->content_type = "application/json";
    buf_reset(&response->body);
    buf_append(&response->body, json);
}

// --- sending ---

static ssize_t read_stream(void *context, uint64_t position, char *out, size_t max) {
    (void)position;
    return stream_read(context, out, max);
}

static void free_stream(void *context) { subscriber_free(context); }

// What was handed over is no longer the response's own.
static struct MHD_Response *make_body(struct http_response *response) {
    struct MHD_Response *made;
    if (response->subscriber) {
        made = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream,
                                                 response->subscriber, free_stream);
        if (made) response->subscriber = NULL;
        return made;
    }
    if (response->is_borrowed && response->release) {
        made = MHD_create_response_from_buffer_with_free_callback_cls(
            response->borrowed.len, (void *)response->borrowed.data, response->release,
            response->owner);
        if (made) response->release = NULL;
        return made;
    }
    if (response->is_borrowed)
        return MHD_create_response_from_buffer(
            response->borrowed.len, (void *)response->borrowed.data, MHD_RESPMEM_PERSISTENT);
    if (response->body.len == 0)
        return MHD_create_response_from_buffer(0, "", MHD_RESPMEM_PERSISTENT);
    made = MHD_create_response_from_buffer_with_free_callback(response->body.len,
                                                              response->body.data, mem_free);
    if (made) response->body = (struct buf){0};
    return made;
}

static struct bytes body_of(const struct http_response *response) {
    return response->is_borrowed ? response->borrowed : buf_bytes(&response->body);
}

// What a handler names itself may be cheaper than this, and is left as it is. Watchers never ask
// for the same twice.
static void name_content(struct http_response *response) {
    struct http_request *request = response->request;
    struct hash hash;
    char text[2 * sizeof hash.bytes + 1];
    bool is_kept = request->route && request->method == HTTP_GET && response->code == 200 &&
                   !(request->route->public->traits & HTTP_UNLIMITED);
    if (!is_kept || response->etag || response->subscriber) return;
    hash_bytes(&hash, HASH_ETAG, body_of(response));
    hex_encode(text, BYTES_OF(hash.bytes));
    text[ETAG_CHARS] = '\0';
    http_set_etag(response, text);
}

static bool is_not_modified(const struct http_response *response) {
    if (!response->etag || response->code != 200) return false;
    if (response->request->method != HTTP_GET) return false;
    const char *header = http_header(response->request, "If-None-Match");
    return header && etag_matches(header, response->etag);
}

static void drop_body(struct http_response *response) {
    if (response->release) response->release(response->owner);
    response->release = NULL;
    response->is_borrowed = false;
    buf_clear(&response->body);
}

// Sent unless the handler has set one of the same name.
static void add_default(struct MHD_Response *made, const struct http_response *response,
                        const char *name, const char *value) {
    if (find_header(response, name) < 0) MHD_add_response_header(made, name, value);
}

static bool has_body(const struct http_response *response) {
    return response->subscriber || body_of(response).len > 0;
}

// Of a body; where there is none, only what the handler has set itself.
static const char *type_of(const struct http_response *response) {
    if (response->code == 204 || response->code == 304) return NULL;
    if (response->content_type || !has_body(response)) return response->content_type;
    const char *type = response->request->negotiated_type;
    return type ? type : "application/octet-stream";
}

static bool is_one_of_types(const struct http_request *request) {
    const char *types = request->route ? request->route->public->produces : NULL;
    return types && strchr(types, ',');
}

static const char *written_etag(const struct http_response *response) {
    return arena_format(&response->request->arena, "%s\"%s\"", response->has_weak_etag ? "W/" : "",
                        response->etag);
}

static void add_headers(struct MHD_Response *made, struct http_response *response,
                        const char *type) {
    struct http_request *request = response->request;
    for (int i = 0; i < response->header_count; i++)
        MHD_add_response_header(made, response->headers[i].name, response->headers[i].value);
    if (type) MHD_add_response_header(made, "Content-Type", type);
    if (response->etag) MHD_add_response_header(made, "ETag", written_etag(response));
    if (is_one_of_types(request)) MHD_add_response_header(made, "Vary", "Accept");
    add_default(made, response, "Cache-Control", response->etag ? "no-cache" : "no-store");
    MHD_add_response_header(made, "X-Request-Id", request->id);
    browser_tell(response, made);
    client_tell_limit(request, made);
    if (response->code == 503) add_default(made, response, "Retry-After", "1");
    if (request->server->is_stopping) MHD_add_response_header(made, "Connection", "close");
}

// Whoever reads slowly makes the server hold an answer, and may ask for many.
bool response_reserve(struct http_server *server, uint64_t len) {
    uint64_t limit = server->config.limits.answer_bytes;
    if (len == 0) return true;
    if (len > limit) return false;
    if (atomic_fetch_add(&server->answer_bytes, len) <= limit - len) return true;
    server->answer_bytes -= len;
    return false;
}

static void count_answer(struct http_response *response) {
    struct http_request *request = response->request;
    if (response_reserve(request->server, response->body.len))
        request->answer_bytes = response->body.len;
    else
        http_problem(response, STATUS_BUSY, NULL, NULL);
}

static const char *schema_of(const struct http_route *route) {
    for (int i = 0; route->about && i < DESCRIBED_ANSWERS; i++)
        if (route->about->answers[i].code == 200) return route->about->answers[i].schema;
    return NULL;
}

// The handler has written JSON, and the client wants CSV.
static void make_csv(struct http_response *response) {
    struct http_request *request = response->request;
    const char *type = request->negotiated_type;
    struct buf csv = {0};
    bool (*make)(struct buf *, struct bytes, const char *) = request->server->config.make_csv;
    if (!make || response->code != 200 || !type || strcmp(type, "text/csv") != 0) return;
    if (make(&csv, buf_bytes(&response->body), schema_of(request->route->public))) {
        buf_clear(&response->body);
        response->body = csv;
        response->content_type = "text/csv; charset=utf-8; header=present";
    } else {
        buf_clear(&csv);
        http_problem(response, STATUS_CORRUPT, NULL, NULL);
    }
}

bool response_send(struct http_response *response) {
    struct http_request *request = response->request;
    if (!response->problem) make_csv(response);
    if (!response->problem) count_answer(response);
    if (!response->problem) name_content(response);
    if (response->problem) {
        drop_body(response);
        problem_write(response);
    } else if (is_not_modified(response)) {
        response->code = 304;
        drop_body(response);
    }
    const char *type = type_of(response); // make_body hands the body over
    struct MHD_Response *made = make_body(response);
    if (!made) return false;
    add_headers(made, response, type);
    bool is_queued = MHD_queue_response(request->connection, (unsigned)response->code, made);
    MHD_destroy_response(made);
    request->stage = STAGE_ANSWERED;
    return is_queued;
}
