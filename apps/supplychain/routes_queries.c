// SPDX-License-Identifier: Apache-2.0
// Queries with names (EPCIS 2.0, section 12): made, listed, shown, run and removed. A query is
// judged when it is made, and again when it runs.
#include "apps/common/server/callers.h"
#include "apps/supplychain/epcis/query_json.h"
#include "apps/supplychain/named_queries.h"
#include "apps/supplychain/query_request.h"
#include "apps/supplychain/subscriptions.h"
#include "chaincore/base/utf8.h"
#include "chaincore/chaincore.h"

static struct named_queries *queries_of(void *context) {
    struct supplychain *market = ((struct server *)context)->market;
    return market->queries;
}

// ---- the body of a new one

static void refuse(struct http_response *response, const char *pointer, const char *rule,
                   const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_query", detail);
    http_problem_violation(response, pointer, rule, detail);
}

// What can stand in a path and be read by a person: no control characters, and no path of its own.
static bool is_name(struct bytes name) {
    bool is_dots = name.len > 0;
    if (name.len == 0 || name.len > LIMIT_QUERY_NAME_BYTES || !utf8_is_valid(name)) return false;
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7f) return false;
        is_dots = is_dots && name.data[i] == '.';
    }
    return !is_dots;
}

// Only how events are found, not which page of them: that the one who runs it says.
static const char *unfit_member(const struct json_span *query) {
    static const char *const names[] = {"perPage", "nextPageToken"};
    for (size_t i = 0; i < 2; i++)
        if (span_member(query, names[i])) return names[i];
    return NULL;
}

static enum status judge(struct epcis_fault *fault, struct arena *arena,
                         const struct json_span *query, struct query_json *out) {
    struct epcis_query *parsed = arena_alloc(arena, sizeof *parsed);
    struct query_reading reading = {.arena = arena, .context = &out->context};
    enum status status = query_json_read(out, fault, arena, query);
    if (status != STATUS_OK) return status;
    return epcis_query_parse(parsed, fault, &reading, out->parameters, out->count);
}

static void refuse_query(struct http_response *response, struct arena *arena,
                         const struct epcis_fault *fault) {
    const char *pointer =
        arena_format(arena, *fault->pointer ? "/query/%s" : "/query%s", fault->pointer);
    refuse(response, pointer, fault->rule,
           arena_format(arena, "%s %s", *fault->pointer ? fault->pointer : "The query",
                        fault->reason));
}

static bool read_query(struct http_response *response, struct arena *arena,
                       const struct json_span *root, struct named_query *out) {
    const struct json_span *name = span_member(root, "name"), *query = span_member(root, "query");
    struct query_json json;
    struct epcis_fault fault = {0};
    for (uint32_t i = 0; root->kind == SPAN_OBJECT && i < root->count; i++)
        if (&root->items[i] != name && &root->items[i] != query) {
            refuse(response, "", "epcis/query-json", "A query has a name, a query and no more.");
            return false;
        }
    if (!name || name->kind != SPAN_STRING || !is_name(name->text)) {
        refuse(response, "/name", "epcis/query-name",
               "A query has a name of 1 to 128 bytes, without control characters.");
        return false;
    }
    if (!query) {
        refuse(response, "/query", "epcis/query-json", "The query itself is missing.");
        return false;
    }
    const char *unfit = unfit_member(query);
    if (unfit) {
        refuse(response, arena_format(arena, "/query/%s", unfit), "epcis/parameter",
               arena_format(arena, "%s is told when a query runs.", unfit));
        return false;
    }
    if (judge(&fault, arena, query, &json) != STATUS_OK) {
        refuse_query(response, arena, &fault);
        return false;
    }
    *out = (struct named_query){{NULL, name->text}, query->raw};
    return true;
}

// The standard's members, and whose it is where that is not the server's own account.
static void append_query(struct buf *out, const struct named_query *query) {
    buf_append_string(out, "{\"name\":");
    http_append_json_string(out, query->id.name);
    if (strcmp(query->id.owner, server_account_name) != 0)
        buf_append_format(out, ",\"signer\":\"%s\"", query->id.owner);
    buf_append_string(out, ",\"query\":");
    buf_append(out, query->query);
    buf_append_byte(out, '}');
}

enum status post_query(void *context, struct http_request *request,
                       struct http_response *response) {
    struct arena *arena = http_arena(request);
    const struct json_span *root;
    struct span_fault syntax;
    struct named_query query;
    struct buf location = {0};
    if (span_parse(&root, &syntax, arena, http_body(request), SPAN_REFUSE_TWICE) != STATUS_OK) {
        refuse(response, "", "json/syntax",
               arena_format(arena, "The body is no JSON: %s, at byte %zu.", syntax.reason,
                            syntax.offset));
        return STATUS_OK;
    }
    if (!read_query(response, arena, root, &query)) return STATUS_OK;
    query.id.owner = callers_signer(request);
    enum status status = named_queries_put(queries_of(context), &query);
    if (status == STATUS_EXISTS) {
        http_problem(response, status, "query_exists", "There is a query of that name already.");
        return STATUS_OK;
    }
    if (status == STATUS_TOO_LARGE) http_problem_quota(response, NULL);
    if (status != STATUS_OK) return status;
    buf_append_string(&location, "/queries/");
    query_request_append_segment(&location, query.id.name);
    http_set_header(response, "Location", buf_as_string(&location));
    buf_clear(&location);
    http_set_code(response, 201);
    append_query(http_body_buf(response), &query);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// ---- those that are there

// A page ends with a query's name and, behind this, its owner: no name has a control character.
enum { BEHIND_NAME = '\n' };

static struct query_name read_behind(struct arena *arena, struct bytes text) {
    const uint8_t *end = text.len > 0 ? memchr(text.data, BEHIND_NAME, text.len) : NULL;
    if (!end) return (struct query_name){"", text};
    size_t len = (size_t)(end - text.data);
    return (struct query_name){arena_copy_string(arena, bytes_of(end + 1, text.len - len - 1)),
                               bytes_of(text.data, len)};
}

static void link_behind(struct http_request *request, struct http_response *response,
                        const struct query_name *last) {
    struct buf text = {0};
    buf_append(&text, last->name);
    buf_append_byte(&text, BEHIND_NAME);
    buf_append_string(&text, last->owner);
    query_request_link_text(request, response, buf_bytes(&text));
    buf_clear(&text);
}

enum status get_queries(void *context, struct http_request *request,
                        struct http_response *response) {
    struct buf *out = http_body_buf(response);
    struct named_query_list list;
    struct text_page page;
    if (!query_request_read_texts(request, response, &page)) return STATUS_OK;
    const struct named_query_listing asked = {
        .owner = callers_sees_all(request) ? NULL : callers_signer(request),
        .behind = read_behind(http_arena(request), page.behind),
        .most = page.length};
    enum status status =
        named_queries_list(queries_of(context), &asked, http_arena(request), &list);
    if (status != STATUS_OK) return status;
    buf_append_byte(out, '[');
    for (size_t i = 0; i < list.count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_query(out, &list.items[i]);
    }
    buf_append_byte(out, ']');
    http_set_type(response, "application/json");
    if (list.has_more) link_behind(request, response, &list.items[list.count - 1].id);
    return STATUS_OK;
}

// The query that the path names: of the account that the caller acts as, or of another one that
// `signer` names and the caller may look at. NOT_FOUND.
static enum status read_id(struct http_request *request, struct query_name *out) {
    struct bytes signer;
    *out = (struct query_name){callers_signer(request), http_param(request, "name")};
    enum status status = http_query(request, "signer", &signer);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    if (status != STATUS_OK) return status;
    bool is_own = bytes_equal(signer, bytes_of_string(out->owner));
    if (!is_own && !callers_sees_all(request)) return STATUS_NOT_FOUND;
    out->owner = arena_copy_string(http_arena(request), signer);
    return STATUS_OK;
}

static enum status find(void *context, struct http_request *request, struct named_query *out) {
    struct query_name id;
    enum status status = read_id(request, &id);
    if (status != STATUS_OK) return status;
    return named_queries_get(queries_of(context), &id, http_arena(request), out);
}

enum status get_query(void *context, struct http_request *request, struct http_response *response) {
    struct named_query query;
    enum status status = find(context, request, &query);
    if (status != STATUS_OK) return status;
    append_query(http_body_buf(response), &query);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

enum status delete_query(void *context, struct http_request *request,
                         struct http_response *response) {
    struct query_name id;
    enum status status = read_id(request, &id);
    if (status == STATUS_OK) status = named_queries_remove(queries_of(context), &id);
    // Behind it: what subscribes meanwhile sees that there is no query any more.
    if (status == STATUS_OK) status = subscriptions_end(context, &id);
    if (status == STATUS_OK) http_set_code(response, 204);
    return status;
}

enum status get_query_events(void *context, struct http_request *request,
                             struct http_response *response) {
    struct arena *arena = http_arena(request);
    const struct json_span *root;
    struct epcis_fault fault = {0};
    struct named_query query;
    struct query_json json;
    enum status status = find(context, request, &query);
    if (status != STATUS_OK) return status;
    if (span_parse(&root, NULL, arena, query.query, SPAN_REFUSE_TWICE) != STATUS_OK)
        return STATUS_CORRUPT;
    if (judge(&fault, arena, root, &json) != STATUS_OK) {
        refuse_query(response, arena, &fault);
        return STATUS_OK;
    }
    const struct query_request wanted = {.takes_page_only = true,
                                         .takes_signer = true,
                                         .parameters = json.parameters,
                                         .parameter_count = json.count,
                                         .context = &json.context,
                                         .query_name = arena_copy_string(arena, query.id.name)};
    return get_events_of(context, request, response, &wanted);
}
