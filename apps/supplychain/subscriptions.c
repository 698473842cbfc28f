// SPDX-License-Identifier: Apache-2.0
#include "apps/supplychain/subscriptions.h"

#include <stdio.h>

#include "apps/common/server/body_object.h"
#include "apps/common/server/callers.h"
#include "apps/supplychain/epcis/query_document.h"
#include "apps/supplychain/epcis/query_json.h"
#include "apps/supplychain/named_queries.h"
#include "apps/supplychain/query_request.h"
#include "chaincore/chaincore.h"

_Static_assert((int)LIMIT_WEBHOOK_FILTER_BYTES >= (int)LIMIT_QUERY_NAME_BYTES,
               "a query's name is a webhook's filter");
_Static_assert((int)LIMIT_SIGNER_WEBHOOKS <= (int)LIMIT_WEBHOOKS, "nobody has more than these");

static const char wrong[] = "invalid_subscription";

// ---- the events of a query

// The named query, to be gone through in the order in which events were recorded. NOT_FOUND.
static enum status find_query(struct supplychain *market, const struct query_name *id,
                              struct arena *arena, struct epcis_query *out) {
    const struct json_span *root;
    struct epcis_fault fault = {0};
    struct named_query named;
    struct query_json json;
    struct query_reading reading = {.arena = arena, .context = &json.context};
    enum status status = STATUS_OK;
    TRY(named_queries_get(market->queries, id, arena, &named));
    if (span_parse(&root, NULL, arena, named.query, SPAN_REFUSE_TWICE) != STATUS_OK)
        TRY(STATUS_CORRUPT);
    TRY(query_json_read(&json, &fault, arena, root));
    TRY(epcis_query_parse(out, &fault, &reading, json.parameters, json.count));
out:
    return status;
}

static void walk_in_order(struct epcis_query *query, size_t max) {
    query->order = ORDER_RECORD_TIME;
    query->is_ascending = true;
    query->per_page = (uint32_t)max;
}

static enum status write_message(struct hook_message *out, struct arena *arena,
                                 const struct event_row *row, const char *name) {
    struct buf body = {0};
    const struct epcis_answer_event event = {
        .source = {row->body, row->context}, .record_time_ms = row->record_ms, .hash = row->hash};
    const struct epcis_answer answer = {
        .events = &event, .event_count = 1, .creation_time_ms = row->record_ms, .query_name = name};
    enum status status = epcis_query_document_write(&body, &answer);
    *out = (struct hook_message){.place = hook_place_of_event(&row->place),
                                 .kind = supplychain_hook_kinds[HOOK_KIND_QUERY].name,
                                 .time_ms = (uint64_t)row->record_ms,
                                 .data = arena_copy(arena, buf_bytes(&body)),
                                 .is_whole = true};
    buf_clear(&body);
    return status;
}

// The heights that this reading goes through; UINT64_MAX: up to the newest.
static uint64_t last_height(const struct hook_reading *reading, uint64_t newest) {
    bool is_part = reading->heights > 0 && reading->behind.height < newest &&
                   newest - reading->behind.height > reading->heights;
    return is_part ? reading->behind.height + reading->heights : UINT64_MAX;
}

enum status subscription_read(const struct hook_rows *source, struct arena *arena,
                              const struct hook_reading *reading, struct hook_batch *out) {
    struct server *server = source->market->server;
    struct event_wish *wish = arena_alloc(arena, sizeof *wish);
    struct event_rows rows = {0};
    uint64_t height = index_height(server->index); // first: what comes later is not looked at
    uint64_t last = last_height(reading, height);
    enum status status = STATUS_OK;
    *out = (struct hook_batch){0};
    const struct query_name id = {reading->owner, bytes_of_string(reading->filter)};
    status = find_query(source->market, &id, arena, &wish->query);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    walk_in_order(&wish->query, reading->max);
    wish->has_behind = wish->takes_any_place = true;
    wish->behind = hook_event_before(&reading->behind);
    wish->heights.from = reading->behind.height;
    if (last < UINT64_MAX) wish->heights.before = last + 1;
    TRY(event_search_by(source->db, server, wish, arena, &rows));
    out->items = arena_alloc_array(arena, rows.count + 1, sizeof *out->items);
    for (; out->count < rows.count; out->count++)
        TRY(write_message(&out->items[out->count], arena, &rows.items[out->count],
                          reading->filter));
    // Its own rows are as new as this, so nothing more will come up to there.
    out->has_more = last < UINT64_MAX;
    if (!rows.has_more)
        out->looked = (struct hook_place){out->has_more ? last : height, HOOK_LAST_POSITION};
out:
    arena_clear(&rows.arena);
    return status;
}

// ---- a new one

static bool refuse(struct http_response *response, const char *pointer, const char *rule,
                   const char *detail) {
    return body_object_refuse(response, wrong, pointer, rule, detail);
}

static bool read_text(char *out, size_t size, const json_t *value) {
    struct bytes text = json_is_string(value) ? json_string_bytes(value) : bytes_of("", 0);
    if (text.len == 0 || text.len >= size) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

static bool read_target(struct server *server, const json_t *object, struct webhook *out,
                        struct http_response *response) {
    const struct hook_rules *rules = &hooks_config_of(server->hooks)->rules;
    const char *why = "`dest` is an address of 1 to 2048 bytes.";
    if (read_text(out->url, sizeof out->url, json_object_get(object, "dest")) &&
        hook_target_check(out->url, rules, &why) == STATUS_OK)
        return true;
    return refuse(response, "/dest", "url", why);
}

// When it is told: as events are recorded. False: the response says that there is no other way.
static bool read_controls(const json_t *object, struct http_response *response) {
    const json_t *empty = json_object_get(object, "reportIfEmpty");
    if (json_object_get(object, "schedule"))
        return refuse(
            response, "/schedule", "epcis/schedule",
            "This server tells of events as they are recorded (`stream`), by no schedule.");
    if (!json_is_true(json_object_get(object, "stream")))
        return refuse(response, "/stream", "epcis/stream", "`stream` is to be true.");
    if (empty && !json_is_false(empty))
        return refuse(response, "/reportIfEmpty", "epcis/report-if-empty",
                      "Without a schedule there is no moment to report that nothing came.");
    return true;
}

// Right before the first event that was recorded at that time or later; with none so far, behind
// what is there.
static enum status find_start(struct server *server, struct arena *arena, struct event_wish *wish,
                              struct hook_place *out) {
    struct event_rows rows = {0};
    uint64_t height = index_height(server->index);
    walk_in_order(&wish->query, 1);
    enum status status = event_search(server, wish, arena, &rows);
    *out = (struct hook_place){height, HOOK_LAST_POSITION};
    if (status == STATUS_OK && rows.count > 0) {
        *out = hook_place_of_event(&rows.items[0].place);
        if (out->position > 0)
            out->position--;
        else
            *out = (struct hook_place){out->height - 1, HOOK_LAST_POSITION};
    }
    arena_clear(&rows.arena);
    return status;
}

static bool read_start(struct server *server, struct http_request *request, const json_t *object,
                       struct hook_place *out, struct http_response *response) {
    const json_t *text = json_object_get(object, "initialRecordTime");
    struct arena *arena = http_arena(request);
    struct event_wish *wish = arena_alloc(arena, sizeof *wish);
    struct query_reading reading = {.arena = arena};
    struct epcis_fault fault = {0};
    struct bytes value = json_is_string(text) ? json_string_bytes(text) : bytes_of("", 0);
    const struct query_parameter from = {bytes_of_string("GE_recordTime"), &value, 1};
    *out = (struct hook_place){index_height(server->index), HOOK_LAST_POSITION};
    if (!text) return true;
    if (epcis_query_parse(&wish->query, &fault, &reading, &from, 1) != STATUS_OK)
        return refuse(response, "/initialRecordTime", "epcis/time", "This is no moment.");
    if (wish->query.conditions[0].numbers[0] > (int64_t)clock_wall_ms())
        return refuse(response, "/initialRecordTime", "range", "It lies in the future.");
    if (find_start(server, arena, wish, out) == STATUS_OK) return true;
    http_problem(response, STATUS_UNAVAILABLE, "busy", "The index cannot be searched now.");
    return false;
}

// False: the response says what is wrong. `token` stays "" where none is given.
static bool read_subscription(struct server *server, struct http_request *request,
                              struct http_response *response, struct webhook *out,
                              char token[LIMIT_WEBHOOK_TOKEN_BYTES + 1]) {
    static const char *const members[] = {
        "dest", "signatureToken", "stream", "schedule", "reportIfEmpty", "initialRecordTime", NULL};
    json_t *object = NULL;
    token[0] = '\0';
    bool is_good = body_object_read(&object, request, response, members, wrong) &&
                   read_controls(object, response) && read_target(server, object, out, response);
    const json_t *given = json_object_get(object, "signatureToken");
    if (is_good && given && !read_text(token, LIMIT_WEBHOOK_TOKEN_BYTES + 1, given))
        is_good = refuse(response, "/signatureToken", "epcis/token",
                         "A token has 1 to 255 bytes, none of control.");
    is_good = is_good && read_start(server, request, object, &out->cursor, response);
    json_decref(object);
    return is_good;
}

// What counts or orders events says nothing of those that come one by one.
static bool may_subscribe(const struct epcis_query *query, struct http_response *response) {
    bool is_fit =
        query->order == ORDER_NONE && query->event_count_limit == 0 && !query->has_max_event_count;
    if (!is_fit)
        http_problem(
            response, STATUS_CONFLICT, "subscribe_not_permitted",
            "A query with orderBy, eventCountLimit or maxEventCount is not subscribed to.");
    return is_fit;
}

// ---- telling

static void append_time_of(struct buf *out, const char *name, uint64_t time_ms) {
    if (time_ms == 0) return;
    buf_append_format(out, ",\"%s\":", name);
    append_time(out, (int64_t)time_ms);
}

static void append_subscription(struct buf *out, const struct webhook *hook) {
    buf_append_format(out, "{\"subscriptionID\":\"%s\",\"queryName\":", hook->id);
    http_append_json_string(out, bytes_of_string(hook->filter));
    buf_append_string(out, ",\"dest\":");
    http_append_json_string(out, bytes_of_string(hook->url));
    buf_append_format(out, ",\"stream\":true,\"state\":\"%s\"", hook_state_name(hook->state));
    append_time_of(out, "createdAt", hook->created_ms);
    append_time_of(out, "lastNotifiedAt", hook->delivered_ms);
    buf_append_byte(out, '}');
}

static bool is_of(const struct webhook *hook, const struct query_name *query) {
    return hook->kinds == 1U << HOOK_KIND_QUERY && strcmp(hook->owner, query->owner) == 0 &&
           bytes_equal(bytes_of_string(hook->filter), query->name);
}

// Which query the path means: of the account that the caller acts as.
static struct query_name query_of(const struct http_request *request) {
    return (struct query_name){callers_signer(request), http_param(request, "name")};
}

static enum status check_query(struct server *server, struct http_request *request,
                               struct epcis_query *out) {
    const struct query_name id = query_of(request);
    return find_query(server->market, &id, http_arena(request), out);
}

// All of a query's, into `list`, which has room for LIMIT_WEBHOOKS: one account has no more.
static size_t list_of(struct server *server, const struct query_name *query, struct webhook *list) {
    const struct hook_listing asked = {.owner = query->owner, .behind = "", .max = LIMIT_WEBHOOKS};
    size_t count = hooks_list(server->hooks, &asked, list), kept = 0;
    for (size_t i = 0; i < count; i++)
        if (is_of(&list[i], query)) list[kept++] = list[i];
    return kept;
}

static enum status make(struct server *server, struct http_request *request, struct webhook *hook,
                        const char *token) {
    char secret[HOOK_SECRET_CHARS + 1]; // of webhooks; /v1/webhooks/{id}/rotate tells one
    struct epcis_query *query = arena_alloc(http_arena(request), sizeof *query);
    enum status status = hooks_make(server->hooks, hook, *token ? token : NULL, secret);
    secret_clear(secret, sizeof secret);
    if (status != STATUS_OK) return status;
    // The query may have been forgotten meanwhile, and with it those that were there.
    status = check_query(server, request, query);
    if (status != STATUS_NOT_FOUND) return status;
    enum status removed = hooks_remove(server->hooks, hook->id);
    return removed == STATUS_OK || removed == STATUS_NOT_FOUND ? status : removed;
}

enum status post_subscription(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct epcis_query *query = arena_alloc(http_arena(request), sizeof *query);
    struct webhook *hook = arena_alloc(http_arena(request), sizeof *hook);
    struct bytes name = http_param(request, "name");
    char token[LIMIT_WEBHOOK_TOKEN_BYTES + 1];
    struct buf location = {0};
    enum status status = check_query(server, request, query);
    if (status != STATUS_OK) return status;
    if (!may_subscribe(query, response) ||
        !read_subscription(server, request, response, hook, token))
        return STATUS_OK;
    hook->kinds = 1U << HOOK_KIND_QUERY;
    ENSURE(name.len < sizeof hook->filter);
    memcpy(hook->filter, name.data, name.len);
    snprintf(hook->owner, sizeof hook->owner, "%s", callers_signer(request));
    status = make(server, request, hook, token);
    secret_clear(token, sizeof token);
    if (status == STATUS_TOO_LARGE) http_problem_quota(response, NULL);
    if (status != STATUS_OK) return status;
    buf_append_string(&location, "/queries/");
    query_request_append_segment(&location, name);
    buf_append_format(&location, "/subscriptions/%s", hook->id);
    http_set_header(response, "Location", buf_as_string(&location));
    buf_clear(&location);
    http_set_code(response, 201);
    append_subscription(http_body_buf(response), hook);
    http_set_type(response, "application/json");
    log_info("hooks", "subscribed", log_text("id", hook->id),
             log_text("caller", http_caller(request)),
             log_text("request_id", http_request_id(request)));
    return STATUS_OK;
}

enum status get_subscriptions(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct epcis_query *query = arena_alloc(http_arena(request), sizeof *query);
    struct webhook *list = arena_alloc_array(http_arena(request), LIMIT_WEBHOOKS, sizeof *list);
    const struct query_name id = query_of(request);
    enum status status = check_query(server, request, query);
    if (status != STATUS_OK) return status;
    size_t count = list_of(server, &id, list);
    buf_append_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_subscription(out, &list[i]);
    }
    buf_append_byte(out, ']');
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// The one that the path names. NOT_FOUND.
static enum status find_subscription(struct server *server, struct http_request *request,
                                     struct webhook *out) {
    const char *id = (const char *)http_param(request, "id").data;
    const struct query_name query = query_of(request);
    enum status status = hooks_get(server->hooks, id, out);
    bool is_other = status == STATUS_OK && !is_of(out, &query);
    return is_other ? STATUS_NOT_FOUND : status;
}

enum status get_subscription(void *context, struct http_request *request,
                             struct http_response *response) {
    struct webhook *hook = arena_alloc(http_arena(request), sizeof *hook);
    enum status status = find_subscription(context, request, hook);
    if (status != STATUS_OK) return status;
    append_subscription(http_body_buf(response), hook);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// ---- ends

enum status delete_subscription(void *context, struct http_request *request,
                                struct http_response *response) {
    struct server *server = context;
    struct webhook *hook = arena_alloc(http_arena(request), sizeof *hook);
    enum status status = find_subscription(server, request, hook);
    if (status == STATUS_OK) status = hooks_remove(server->hooks, hook->id);
    if (status == STATUS_OK) http_set_code(response, 204);
    return status;
}

enum status subscriptions_end(struct server *server, const struct query_name *query) {
    struct webhook *list = mem_alloc_array(LIMIT_WEBHOOKS, sizeof *list);
    enum status status = STATUS_OK;
    size_t count = list_of(server, query, list);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        status = hooks_remove(server->hooks, list[i].id);
        if (status == STATUS_NOT_FOUND) status = STATUS_OK; // by another, in this moment
    }
    mem_free(list);
    return status;
}
