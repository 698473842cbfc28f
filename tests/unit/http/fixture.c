// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/http/fixture.h"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"

struct fixture fixture;

static void show(struct buf *out, const char *name, struct bytes value) {
    http_append_json_string(out, bytes_of_string(name));
    buf_append_byte(out, ':');
    http_append_json_string(out, value);
    buf_append_byte(out, ',');
}

static enum status get_item(void *context, struct http_request *request,
                            struct http_response *response) {
    ck_assert_ptr_eq(context, &fixture);
    struct buf *out = http_body_buf(response);
    buf_append_byte(out, '{');
    show(out, "id", http_param(request, "id"));
    for (size_t i = 0; i < http_query_count(request); i++) {
        const struct http_pair *pair = http_query_at(request, i);
        buf_append_format(out, "\"q%zu\":", i);
        http_append_json_string(out, pair->name);
        buf_append_byte(out, ',');
        show(out, "value", pair->value);
    }
    if (http_caller(request)) show(out, "caller", bytes_of_string(http_caller(request)));
    show(out, "may write", bytes_of_string(http_caller_may(request, "write") ? "yes" : "no"));
    show(out, "type", bytes_of_string(http_negotiated_type(request)));
    show(out, "path", bytes_of_string(http_path(request)));
    out->data[out->len - 1] = '}';
    return STATUS_OK;
}

static enum status get_proof(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    http_json(response, 200, http_param(request, "id"));
    return STATUS_OK;
}

static enum status get_latest(void *context, struct http_request *request,
                              struct http_response *response) {
    (void)context, (void)request;
    http_set_etag(response, "v1");
    http_add_header(response, "Link", "</a>; rel=\"next\"");
    http_add_header(response, "Link", "</b>; rel=\"prev\"");
    http_set_header(response, "X-Once", "first");
    http_set_header(response, "x-once", "second");
    http_set_header(response, "X-Split", "a\r\nSet-Cookie: b\x7F");
    http_json(response, 200, bytes_of_string("{\"latest\":true}"));
    return STATUS_OK;
}

static enum status post_item(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    struct buf *out = http_body_buf(response);
    const char *type = http_content_type(request);
    buf_append_format(out, "%s %s %zu ", http_caller(request), type ? type : "none",
                      http_body(request).len);
    buf_append(out, http_body(request));
    http_set_code(response, 201);
    http_set_header(response, "Location", "/v1/items/1");
    http_set_type(response, "text/plain");
    return STATUS_OK;
}

// Has nothing to say but where to ask.
static enum status get_accepted(void *context, struct http_request *request,
                                struct http_response *response) {
    (void)context, (void)request;
    http_set_code(response, 202);
    http_set_header(response, "Location", "/v1/items/1");
    return STATUS_OK;
}

// Fails with the status that the path names by number.
static enum status get_failure(void *context, struct http_request *request,
                               struct http_response *response) {
    uint64_t number;
    (void)context;
    enum status status = http_query_u64(request, "status", 0, &number);
    if (status != STATUS_OK) return status;
    buf_append_string(http_body_buf(response), "half of an answer");
    return (enum status)number;
}

static enum status get_violations(void *context, struct http_request *request,
                                  struct http_response *response) {
    uint64_t count;
    (void)context;
    enum status status = http_query_u64(request, "count", 2, &count);
    http_problem(response, STATUS_INVALID, "invalid_document", "The document breaks 2 rules.");
    for (uint64_t i = 0; i < count; i++)
        http_problem_violation(response, "/events/0/\"type\"", "epcis/type",
                               i ? NULL : "It's \x01");
    http_problem_member(response, "schema", "draft-07");
    return status == STATUS_OK ? STATUS_INVALID : status; // the problem stays as it is
}

static _Atomic int released;

static void release(void *owner) {
    ck_assert_ptr_eq(owner, &fixture);
    released++;
}

static enum status get_borrowed(void *context, struct http_request *request,
                                struct http_response *response) {
    (void)context, (void)request;
    buf_append_string(http_body_buf(response), "not sent");
    http_set_type(response, "text/plain");
    http_set_borrowed_body(response, bytes_of_string("from elsewhere"), release, &fixture);
    return STATUS_OK;
}

static enum status get_released(void *context, struct http_request *request,
                                struct http_response *response) {
    (void)context, (void)request;
    buf_append_format(http_body_buf(response), "%d", released);
    return STATUS_OK;
}

static enum status get_bytes(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    uint64_t len;
    enum status status = http_query_u64(request, "len", 0, &len);
    if (status != STATUS_OK) return status;
    struct buf *out = http_body_buf(response);
    memset(buf_reserve(out, len), 'x', len);
    out->len = len;
    return STATUS_OK;
}

static enum status get_stream(void *context, struct http_request *request,
                              struct http_response *response) {
    struct http_stream_gap gap;
    const struct http_stream_missed missed = {fixture.missed, fixture.missed_until};
    (void)context;
    if (!fixture.missed || !http_stream_find_gap(fixture.stream, request, &gap))
        return http_stream_subscribe(fixture.stream, request, response);
    return http_stream_subscribe_behind(fixture.stream, request, response, &missed);
}

static enum status get_wait(void *context, struct http_request *request,
                            struct http_response *response) {
    (void)context;
    uint64_t timeout_ms;
    enum status status = http_query_u64(request, "ms", 30000, &timeout_ms);
    if (status != STATUS_OK) return status;
    http_wait_for(request, http_param(request, "key"), (uint32_t)timeout_ms);
    int run = ++fixture.runs;
    bool is_done = fixture.is_done;
    // A notification between the look and the parking: it must not be lost.
    if (run == 1 && http_query_count(request) > 1) {
        fixture.is_done = true;
        http_notify(fixture.server, http_param(request, "key"));
    }
    if (!is_done && http_park(request)) return STATUS_OK;
    const char *text = is_done ? "done" : "pending";
    http_json(response, is_done ? 200 : 202, bytes_of_string(text));
    return STATUS_OK;
}

static enum status post_echo(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    buf_append(http_body_buf(response), http_body(request));
    return STATUS_OK;
}

static enum status get_slow(void *context, struct http_request *request,
                            struct http_response *response) {
    (void)context, (void)request;
    fixture.runs++;
    while (!fixture.is_done &&
           !(fixture.ends_with_server && http_server_is_stopping(fixture.server)))
        sched_yield();
    http_json(response, 200, bytes_of_string("slow"));
    return STATUS_OK;
}

static enum status get_whose(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context;
    http_json(response, 200, bytes_of_string(http_client_address(request)));
    return STATUS_OK;
}

static enum status get_live(void *context, struct http_request *request,
                            struct http_response *response) {
    (void)context, (void)request;
    return http_answer_live(response);
}

static enum status get_ready(void *context, struct http_request *request,
                             struct http_response *response) {
    static const char *const problems[] = {"index is 12 blocks behind"};
    (void)context;
    return http_answer_ready(request, response, problems, fixture.is_done ? 0 : 1);
}

#define JSON_TYPES "application/json, application/ld+json"
static const struct http_route items[] = {
    {.pattern = "/v1/items/{id}", .handle = get_item, .produces = "application/json, text/csv"},
    {.pattern = "/v1/items/{id}/proof", .handle = get_proof},
    {.pattern = "/v1/items/latest", .handle = get_latest},
    {.method = HTTP_POST,
     .pattern = "/v1/items",
     .handle = post_item,
     .scope = "write",
     .consumes = JSON_TYPES,
     .max_body = 1000},
    {.method = HTTP_DELETE, .pattern = "/v1/items/{id}", .handle = get_proof, .scope = "write"},
};
static const struct http_route others[] = {
    {.pattern = "/accepted", .handle = get_accepted, .produces = "application/json"},
    {.pattern = "/failure", .handle = get_failure},
    {.pattern = "/violations", .handle = get_violations},
    {.pattern = "/borrowed", .handle = get_borrowed},
    {.pattern = "/released", .handle = get_released},
    {.pattern = "/bytes", .handle = get_bytes},
    {.pattern = "/stream", .handle = get_stream},
    {.pattern = "/wait/{key}", .handle = get_wait},
    {.pattern = "/livez", .handle = get_live, .traits = HTTP_UNLIMITED},
    {.pattern = "/whose", .handle = get_whose},
    {.pattern = "/readyz", .handle = get_ready},
    {.method = HTTP_POST, .pattern = "/echo", .handle = post_echo, .max_body = 8 << 20},
    {.method = HTTP_POST, .pattern = "/large", .handle = get_released, .max_body = 8 << 20},
};

// For servers with a lane.
static enum status get_turn(void *context, struct http_request *request,
                            struct http_response *response) {
    int niceness = getpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid));
    (void)context, (void)request;
    buf_append_format(http_body_buf(response), "turn %d, nice %d", ++fixture.runs, niceness);
    return STATUS_OK;
}

static const struct http_route asides[] = {
    {.pattern = "/turn", .handle = get_turn, .traits = HTTP_LANE(1)},
    {.pattern = "/slow", .handle = get_slow, .traits = HTTP_LANE(1)},
    {.pattern = "/aside/wait/{key}", .handle = get_wait, .traits = HTTP_LANE(1)},
    {.pattern = "/aside/{id}",
     .handle = get_item,
     .produces = "application/json, text/csv",
     .traits = HTTP_LANE(1)},
    {.method = HTTP_POST,
     .pattern = "/aside/items",
     .handle = post_item,
     .scope = "write",
     .consumes = JSON_TYPES,
     .max_body = 1000,
     .traits = HTTP_LANE(1)},
};

static bool find_key(void *context, struct arena *arena, struct bytes key, struct http_key *out) {
    ck_assert_ptr_eq(context, &fixture);
    if (!bytes_equal(key, bytes_of_string(SOURCE_KEY))) return false;
    *out = (struct http_key){.name = arena_copy_string(arena, bytes_of_string("from the source")),
                             .scopes = "read write",
                             .id = "s1"};
    return true;
}

void fixture_start_with(const struct http_config *given, const struct http_stream_config *stream) {
    static struct http_key keys[2];
    log_set_level(LOG_ERROR);
    assert_ok(crypto_init());
    keys[0] = (struct http_key){.name = "reader", .scopes = "read other"};
    keys[1] = (struct http_key){.name = "writer", .scopes = "read write"};
    http_key_hash(keys[0].hash, bytes_of_string(READER_KEY));
    http_key_hash(keys[1].hash, bytes_of_string(WRITER_KEY));
    struct http_route_table tables[] = {
        {items, sizeof items / sizeof items[0], &fixture},
        {others, sizeof others / sizeof others[0], NULL},
        {NULL, 0, NULL},
        {NULL, 0, NULL},
    };
    if (given->table_count > 0) tables[2] = given->tables[0];
    if (given->lane_count > 0)
        tables[3] = (struct http_route_table){asides, sizeof asides / sizeof *asides, &fixture};
    struct http_config config = *given;
    struct http_stream_config none = {0};
    config.address = "127.0.0.1";
    config.tables = tables;
    config.table_count = 4;
    config.keys = keys;
    config.key_count = 2;
    config.key_source = (struct http_key_source){find_key, &fixture};
    assert_ok(http_server_open(&fixture.server, &config));
    assert_ok(http_stream_open(&fixture.stream, fixture.server, stream ? stream : &none));
    assert_ok(http_server_start(fixture.server));
    fixture.port = http_server_port(fixture.server);
    ck_assert_uint_ne(fixture.port, 0);
}

void fixture_start(const struct http_limits *limits, const struct http_stream_config *stream,
                   const struct http_assets *assets) {
    struct http_config config = {.assets = assets};
    if (limits) config.limits = *limits;
    fixture_start_with(&config, stream);
}

void fixture_stop(void) {
    http_server_stop(fixture.server, 10000);
    http_server_close(fixture.server);
}

static void wait_until(uint64_t (*value)(void), uint64_t wanted) {
    uint64_t until_ms = clock_monotonic_ms() + 10000;
    while (value() != wanted) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        sched_yield();
    }
}

static uint64_t in_flight(void) { return http_server_counts(fixture.server).in_flight; }
static uint64_t parked(void) { return http_server_counts(fixture.server).parked; }
static uint64_t queued(void) { return http_server_counts(fixture.server).queued; }
static uint64_t subscribers(void) { return http_stream_subscribers(fixture.stream); }

void fixture_wait_in_flight(uint64_t count) { wait_until(in_flight, count); }
void fixture_wait_parked(uint64_t count) { wait_until(parked, count); }
void fixture_wait_queued(uint64_t count) { wait_until(queued, count); }
void fixture_wait_subscribers(uint64_t count) { wait_until(subscribers, count); }
