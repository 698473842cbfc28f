// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/openapi.h"

#include "apps/common/http/openapi_problems.h"

static const char problem_schema[] =
    "{\"type\":\"object\",\"required\":[\"type\",\"title\",\"status\",\"code\",\"detail\","
    "\"request_id\"],\"properties\":{\"type\":{\"type\":\"string\"},\"title\":{\"type\":"
    "\"string\"},\"status\":{\"type\":\"integer\"},\"code\":{\"type\":\"string\",\"description\":"
    "\"Stable, for programs.\"},\"detail\":{\"type\":\"string\",\"description\":\"A sentence for a "
    "person.\"},\"request_id\":{\"type\":\"string\"},\"violations\":{\"type\":\"array\",\"items\":"
    "{\"type\":\"object\",\"required\":[\"pointer\",\"rule\"],\"properties\":{\"pointer\":{"
    "\"type\":"
    "\"string\"},\"rule\":{\"type\":\"string\"},\"detail\":{\"type\":\"string\"}}}}}}";

static const char idempotency_key[] =
    "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"description\":\"The same request under the "
    "same key within 24 hours has one effect; another request under it is refused with 422, and "
    "one "
    "that is still under way with 409.\",\"schema\":{\"type\":\"string\",\"maxLength\":";

static void append_text(struct buf *out, const char *text) {
    http_append_json_string(out, bytes_of_string(text));
}

static const char *name_of(enum http_method method) {
    static const char *const names[] = {[HTTP_GET] = "get",
                                        [HTTP_POST] = "post",
                                        [HTTP_PUT] = "put",
                                        [HTTP_PATCH] = "patch",
                                        [HTTP_DELETE] = "delete"};
    return names[method];
}

// "get_v1_accounts_address": one for each method and pattern.
static void append_id(struct buf *out, const struct http_route *route) {
    bool is_gap = true;
    buf_append_format(out, "\"operationId\":\"%s", name_of(route->method));
    for (const char *at = route->pattern; *at; at++) {
        if (*at == '/' || *at == '{' || *at == '}') {
            is_gap = true;
            continue;
        }
        if (is_gap) buf_append_byte(out, '_');
        is_gap = false;
        buf_append_byte(out, (uint8_t)(*at == '-' ? '_' : *at));
    }
    buf_append_byte(out, '"');
}

static void append_parameter(struct buf *out, struct bytes name, bool is_in_path,
                             const struct http_parameter *described) {
    if (out->data[out->len - 1] != '[') buf_append_byte(out, ',');
    buf_append_string(out, "{\"name\":");
    http_append_json_string(out, name);
    buf_append_string(out, is_in_path ? ",\"in\":\"path\",\"required\":true" : ",\"in\":\"query\"");
    if (described) {
        buf_append_string(out, ",\"description\":");
        append_text(out, described->meaning);
    }
    buf_append_format(out, ",\"schema\":%s}",
                      described ? described->schema : "{\"type\":\"string\"}");
}

static const struct http_parameter *find_parameter(const struct http_description *about,
                                                   struct bytes name) {
    for (size_t i = 0; about && i < DESCRIBED_PARAMETERS && about->parameters[i].name; i++)
        if (bytes_equal(bytes_of_string(about->parameters[i].name), name))
            return &about->parameters[i];
    return NULL;
}

// The next "{name}" of a pattern, and behind it; false: there is none.
static bool next_name(const char **at, struct bytes *name) {
    const char *begin = strchr(*at, '{');
    if (!begin) return false;
    *at = strchr(begin, '}');
    ENSURE(*at != NULL); // or the router would have refused it
    *name = bytes_of(begin + 1, (size_t)(*at - begin) - 1);
    return true;
}

static bool is_in_path(const char *pattern, const char *name) {
    struct bytes found;
    while (next_name(&pattern, &found))
        if (bytes_equal(found, bytes_of_string(name))) return true;
    return false;
}

static void append_parameters(struct buf *out, const struct http_route *route) {
    const struct http_description *about = route->about;
    const char *at = route->pattern;
    struct bytes name;
    buf_append_string(out, ",\"parameters\":[");
    while (next_name(&at, &name)) append_parameter(out, name, true, find_parameter(about, name));
    for (size_t i = 0; about && i < DESCRIBED_PARAMETERS && about->parameters[i].name; i++) {
        const struct http_parameter *parameter = &about->parameters[i];
        if (!is_in_path(route->pattern, parameter->name))
            append_parameter(out, bytes_of_string(parameter->name), false, parameter);
    }
    if (route->produces && strstr(route->produces, "text/csv")) {
        static const struct http_parameter format = {"format", "{\"enum\":[\"json\",\"csv\"]}",
                                                     "Instead of the header Accept."};
        append_parameter(out, bytes_of_string(format.name), false, &format);
    }
    if (route->method == HTTP_POST && !(route->traits & HTTP_NO_EFFECT)) {
        if (out->data[out->len - 1] != '[') buf_append_byte(out, ',');
        buf_append_string(out, "{\"$ref\":\"#/components/parameters/idempotency_key\"}");
    }
    buf_append_byte(out, ']');
}

// "content", for each of the types in a row's list.
static void append_content(struct buf *out, const char *types, const char *schema) {
    buf_append_string(out, "\"content\":{");
    for (const char *at = types; *at;) {
        size_t len = strcspn(at, ",");
        if (at != types) buf_append_byte(out, ',');
        http_append_json_string(out, bytes_of(at, len));
        bool is_csv = strncmp(at, "text/csv", len) == 0;
        buf_append_format(out, ":{\"schema\":%s}",
                          is_csv   ? "{\"type\":\"string\"}"
                          : schema ? schema
                                   : "{}");
        at += len;
        at += strspn(at, ", ");
    }
    buf_append_byte(out, '}');
}

static void append_answer(struct buf *out, const struct http_answer *answer, const char *types) {
    buf_append_format(out, "\"%d\":{\"description\":", answer->code);
    append_text(out, answer->meaning);
    if (types && answer->code != 204) {
        buf_append_byte(out, ',');
        append_content(out, types, answer->schema);
    }
    buf_append_string(out, "},");
}

static void append_answers(struct buf *out, const struct http_route *route) {
    const struct http_description *about = route->about;
    const char *types = route->produces ? route->produces : about ? about->types : NULL;
    buf_append_string(out, ",\"responses\":{");
    if (!about) append_answer(out, &(struct http_answer){200, "What is asked for.", NULL}, types);
    for (size_t i = 0; about && i < DESCRIBED_ANSWERS && about->answers[i].code; i++) {
        const struct http_answer *answer = &about->answers[i];
        if (answer->code < 400 || answer->schema) append_answer(out, answer, types);
    }
    if (route->method == HTTP_GET && !(route->traits & HTTP_UNLIMITED) && types &&
        strcmp(types, "text/event-stream") != 0)
        buf_append_string(out, "\"304\":{\"description\":\"The client has it already.\"},");
    openapi_append_problems(out, route);
    buf_append_byte(out, '}');
}

static void append_operation(struct buf *out, const struct http_route *route) {
    const struct http_description *about = route->about;
    buf_append_format(out, "\"%s\":{", name_of(route->method));
    append_id(out, route);
    if (about) {
        buf_append_string(out, ",\"summary\":");
        append_text(out, about->summary);
    }
    buf_append_string(out, ",\"security\":[");
    if (route->scope) {
        buf_append_string(out, "{\"key\":[");
        append_text(out, route->scope);
        buf_append_string(out, "]}");
    }
    buf_append_byte(out, ']');
    append_parameters(out, route);
    if (route->max_body > 0) {
        buf_append_string(out, ",\"requestBody\":{");
        append_content(out, route->consumes ? route->consumes : "*/*", about ? about->body : NULL);
        buf_append_byte(out, '}');
    }
    append_answers(out, route);
    buf_append_byte(out, '}');
}

// Of all tables, one after the other; NULL behind the last.
static const struct http_route *route_at(const struct openapi_config *config, size_t index) {
    for (size_t i = 0; i < config->table_count; i++) {
        if (index < config->tables[i].count) return &config->tables[i].routes[index];
        index -= config->tables[i].count;
    }
    return NULL;
}

static bool is_told(const struct openapi_config *config, size_t index) {
    const char *pattern = route_at(config, index)->pattern;
    for (size_t i = 0; i < index; i++)
        if (strcmp(route_at(config, i)->pattern, pattern) == 0) return true;
    return false;
}

// All methods of the path, from the route that has it first.
static void append_path(struct buf *out, const struct openapi_config *config, size_t first) {
    const char *pattern = route_at(config, first)->pattern;
    const struct http_route *route;
    append_text(out, pattern);
    buf_append_string(out, ":{");
    for (size_t i = first; (route = route_at(config, i)) != NULL; i++) {
        if (strcmp(route->pattern, pattern) != 0) continue;
        if (i > first) buf_append_byte(out, ',');
        append_operation(out, route);
    }
    buf_append_byte(out, '}');
}

void openapi_write(struct buf *out, const struct openapi_config *config) {
    buf_append_string(out, "{\"openapi\":\"3.1.0\",\"info\":{\"title\":");
    append_text(out, config->title);
    buf_append_string(out, ",\"version\":");
    append_text(out, config->version);
    buf_append_string(out, "},\"servers\":[{\"url\":\"/\"}],\"paths\":{");
    for (size_t i = 0; route_at(config, i); i++) {
        if (is_told(config, i)) continue;
        if (i > 0) buf_append_byte(out, ',');
        append_path(out, config, i);
    }
    buf_append_format(out, "},\"components\":{\"schemas\":{\"problem\":%s},", problem_schema);
    buf_append_format(out, "\"parameters\":{\"idempotency_key\":%s%d}}},", idempotency_key,
                      LIMIT_HTTP_IDEMPOTENCY_KEY_BYTES);
    openapi_append_shared_problems(out);
    buf_append_string(out, ",\"securitySchemes\":{\"key\":{\"type\":\"http\",\"scheme\":"
                           "\"bearer\",\"description\":\"An API key with the scopes that the "
                           "operation names.\"}}}}\n");
}
