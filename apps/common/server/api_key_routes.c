// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/api_key_routes.h"

#include "apps/common/http/openapi.h"
#include "apps/common/http/page.h"
#include "apps/common/json/json.h"
#include "apps/common/server/api_keys.h"
#include "apps/common/server/body_object.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/limits_json.h"
#include "apps/common/server/server.h"
#include "apps/common/server/signer_routes.h"
#include "chaincore/chaincore.h"

enum {
    MAX_LIFE_S = 10 * 365 * 24 * 3600,
    OVERLAP_S = 24 * 3600,
    MAX_OVERLAP_S = 30 * 24 * 3600,
};

static const struct http_paging paging = {
    .usual = 100, .most = LIMIT_QUERY_PAGE, .token_bytes = API_KEY_ID_CHARS / 2};

// --- reading ---

static const char wrong[] = "invalid_key";

static bool refuse(struct http_response *response, const char *pointer, const char *rule,
                   const char *detail) {
    return body_object_refuse(response, wrong, pointer, rule, detail);
}

// A whole number of seconds; `absent` without one.
static bool read_seconds(const json_t *value, int64_t most, uint64_t *out) {
    if (!value) return true;
    if (!json_is_integer(value)) return false;
    *out = (uint64_t)json_integer_value(value);
    return json_integer_value(value) >= 0 && json_integer_value(value) <= most;
}

static bool read_scopes(const struct server *server, const json_t *object, struct api_key *out) {
    const json_t *list = json_object_get(object, "scopes");
    size_t len = 0;
    if (!json_is_array(list) || json_array_size(list) == 0) return false;
    out->scopes[0] = '\0';
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *scope = json_string_value(json_array_get(list, i));
        if (!scope || !callers_is_scope(server, scope) || callers_has_word(out->scopes, scope))
            return false;
        size_t more = strlen(scope);
        if (len + 1 + more >= sizeof out->scopes) return false;
        if (len > 0) out->scopes[len++] = ' ';
        memcpy(out->scopes + len, scope, more + 1);
        len += more;
    }
    return true;
}

// "*" alone has what nobody has thought of yet.
static bool caller_has_all(struct http_request *request, struct http_response *response,
                           const char *scopes) {
    while (*scopes) {
        size_t len = strcspn(scopes, " ");
        const char *scope = arena_copy_string(http_arena(request), bytes_of(scopes, len));
        if (!http_caller_may(request, scope)) {
            http_problem_as(response, 403, "missing_scope",
                            "You do not have yourself what this key has or is to have.");
            http_problem_member(response, "scope", scope);
            return false;
        }
        scopes += len + (scopes[len] ? 1 : 0);
    }
    return true;
}

// No secret of a key, and no say over it, for who has less than the key.
static bool caller_covers(struct http_request *request, struct http_response *response,
                          const struct api_key *key) {
    return caller_has_all(request, response, key->scopes) &&
           callers_may_sign_as(request, response, key->signer);
}

static bool read_limits(const json_t *object, struct spending_terms *out,
                        struct http_response *response) {
    if (limits_read(out, json_object_get(object, "limits"))) return true;
    return refuse(
        response, "/limits", "limits",
        "An object of `transaction`, `day` and `total`: amounts in LMM as texts, or null.");
}

// --- telling ---

static void append_moment(struct buf *out, const char *name, uint64_t moment_ms) {
    char time[25];
    clock_format_utc(time, (int64_t)moment_ms);
    if (moment_ms > 0)
        buf_append_format(out, ",\"%s\":\"%s\"", name, time);
    else
        buf_append_format(out, ",\"%s\":null", name);
}

static enum status append_key(struct buf *out, const struct server *server,
                              const struct api_key *key, const char *text) {
    buf_append_format(out, "{\"id\":\"%s\",\"name\":", key->id);
    http_append_json_string(out, bytes_of_string(key->name));
    buf_append_string(out, ",\"scopes\":[\"");
    for (const char *at = key->scopes; *at; at++) {
        if (*at == ' ')
            buf_append_string(out, "\",\"");
        else
            buf_append_byte(out, (uint8_t)*at);
    }
    buf_append_format(out, "\"],\"signer\":\"%s\"", key->signer);
    append_moment(out, "created", key->created_ms);
    append_moment(out, "expires", key->expires_ms);
    append_moment(out, "last_used", key->used_ms);
    append_moment(out, "revoked", key->revoked_ms);
    append_moment(out, "old_secret_until", key->old_until_ms);
    enum status status = limits_append(out, server->spending, key->id);
    if (text) buf_append_format(out, ",\"key\":\"%s\"", text);
    buf_append_byte(out, '}');
    return status;
}

// What was done is written down with it; here it goes on to where people read it.
static void tell_of(struct server *server, struct http_request *request, const char *action,
                    const char *id) {
    log_info("firm", action, log_text("subject", id), log_text("caller", http_caller(request)),
             log_text("request_id", http_request_id(request)));
    callers_take_key_notes(server);
}

// --- the routes ---

struct new_limits {
    struct spending *spending;
    const struct spending_terms *terms;
};

static enum status set_limits(void *context, const char *id) {
    const struct new_limits *limits = context;
    return spending_set(limits->spending, id, limits->terms);
}

// Name, scopes, signer and end. False: the response says what is wrong.
static bool read_wish(struct api_key *out, struct server *server, const json_t *object,
                      struct http_request *request, struct http_response *response) {
    const json_t *life = json_object_get(object, "expires_in_s");
    uint64_t life_s = 0;
    if (!body_object_copy_name(json_object_get(object, "name"), out->name, sizeof out->name))
        return refuse(response, "/name", "name", "A name has 1 to 64 bytes, none of control.");
    if (!read_scopes(server, object, out))
        return refuse(response, "/scopes", "scopes",
                      "A list of scopes that this server's routes ask for, each once.");
    if (!signer_read(out->signer, server, request, json_object_get(object, "signer")))
        return refuse(response, "/signer", "signer", signer_tell_all(server, request));
    if (!read_seconds(life, MAX_LIFE_S, &life_s) || (life && life_s == 0))
        return refuse(response, "/expires_in_s", "range",
                      "A whole number of seconds, at most ten years.");
    if (life_s > 0) out->expires_ms = clock_wall_ms() + life_s * 1000;
    return true;
}

// The limits are durable first: whatever stops the server, no key is there without them.
static enum status make_key(struct server *server, struct http_request *request,
                            struct api_key *key, const struct spending_terms *terms,
                            char text[API_KEY_CHARS + 1]) {
    struct new_limits limits = {server->spending, terms};
    struct api_key_prepare prepare = {set_limits, &limits};
    const struct api_key_note note = callers_key_note(request, "key.made", key->name);
    return api_keys_make(server->api_keys, key, spending_has_limits(terms) ? &prepare : NULL, &note,
                         text);
}

static enum status post_key(void *context, struct http_request *request,
                            struct http_response *response) {
    static const char *const members[] = {"name",   "scopes", "expires_in_s",
                                          "limits", "signer", NULL};
    struct server *server = context;
    struct api_key key = {0};
    struct spending_terms terms = {0};
    char text[API_KEY_CHARS + 1];
    json_t *object = NULL;
    enum status status = STATUS_OK;
    bool is_good = body_object_read(&object, request, response, members, wrong) &&
                   read_wish(&key, server, object, request, response) &&
                   read_limits(object, &terms, response);
    json_decref(object);
    if (!is_good || !caller_covers(request, response, &key)) return STATUS_OK;
    if (!callers_is_unlimited(server, request, response, &status)) return status;
    status = make_key(server, request, &key, &terms, text);
    if (status == STATUS_TOO_LARGE)
        http_problem_quota(response, "This account has as many API keys as it may have. One that "
                                     "is revoked or has expired counts for ninety days more.");
    if (status == STATUS_OK) status = append_key(http_body_buf(response), server, &key, text);
    secret_clear(text, sizeof text);
    if (status != STATUS_OK) return status;
    http_set_code(response, 201);
    http_set_type(response, "application/json");
    http_set_header(response, "Location", arena_format(http_arena(request), "/v1/keys/%s", key.id));
    tell_of(server, request, "key.made", key.id);
    return STATUS_OK;
}

// The key that the path names. NOT_FOUND: there is none, or it is of another account than the only
// one that the caller has to do with.
static enum status find_key(struct server *server, struct http_request *request,
                            struct api_key *out) {
    const char *id = (const char *)http_param(request, "id").data;
    const char *only = callers_only_signer(request);
    enum status status = api_keys_get(server->api_keys, id, out);
    bool is_other = status == STATUS_OK && only && strcmp(only, out->signer) != 0;
    return is_other ? STATUS_NOT_FOUND : status;
}

static enum status post_rotation(void *context, struct http_request *request,
                                 struct http_response *response) {
    static const char *const members[] = {"overlap_s", NULL};
    struct server *server = context;
    struct api_key key;
    char text[API_KEY_CHARS + 1];
    uint64_t overlap_s = OVERLAP_S;
    json_t *object = NULL;
    bool is_good = body_object_read(&object, request, response, members, wrong);
    if (is_good && !read_seconds(json_object_get(object, "overlap_s"), MAX_OVERLAP_S, &overlap_s))
        is_good = refuse(response, "/overlap_s", "range",
                         "A whole number of seconds, at most thirty days.");
    json_decref(object);
    if (!is_good) return STATUS_OK;
    enum status status = find_key(server, request, &key);
    if (status != STATUS_OK) return status;
    if (!caller_covers(request, response, &key)) return STATUS_OK;
    if (!callers_is_unlimited(server, request, response, &status)) return status;
    const struct api_key_note note = callers_key_note(request, "key.rotated", key.name);
    status = api_keys_rotate(server->api_keys, &key, overlap_s * 1000, &note, text);
    if (status == STATUS_CONFLICT)
        http_problem(response, status, "key_has_ended", "This key is revoked or has expired.");
    if (status != STATUS_OK) return status;
    status = append_key(http_body_buf(response), server, &key, text);
    secret_clear(text, sizeof text);
    http_set_type(response, "application/json");
    tell_of(server, request, "key.rotated", key.id);
    return status;
}

static enum status get_key(void *context, struct http_request *request,
                           struct http_response *response) {
    struct server *server = context;
    struct api_key key;
    enum status status = find_key(server, request, &key);
    if (status != STATUS_OK) return status;
    http_set_type(response, "application/json");
    return append_key(http_body_buf(response), server, &key, NULL);
}

static enum status patch_key(void *context, struct http_request *request,
                             struct http_response *response) {
    static const char *const members[] = {"limits", NULL};
    struct server *server = context;
    struct spending_terms terms;
    struct api_key key;
    json_t *object = NULL;
    bool is_good = body_object_read(&object, request, response, members, wrong);
    if (is_good && !json_object_get(object, "limits"))
        is_good = refuse(response, "/limits", "required", "There is nothing else to change.");
    if (is_good) is_good = read_limits(object, &terms, response);
    json_decref(object);
    if (!is_good) return STATUS_OK;
    enum status status = find_key(server, request, &key);
    if (status != STATUS_OK) return status;
    if (!caller_covers(request, response, &key)) return STATUS_OK;
    if (!callers_is_unlimited(server, request, response, &status)) return status;
    struct new_limits limits = {server->spending, &terms};
    const struct api_key_prepare prepare = {set_limits, &limits};
    const struct api_key_note note = callers_key_note(request, "key.limited", key.name);
    status = api_keys_change(server->api_keys, key.id, &prepare, &note);
    if (status != STATUS_OK) return status;
    http_set_type(response, "application/json");
    tell_of(server, request, "key.limited", key.id);
    return append_key(http_body_buf(response), server, &key, NULL);
}

static enum status get_keys(void *context, struct http_request *request,
                            struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct http_page page;
    char behind[API_KEY_ID_CHARS + 1] = "";
    enum status status;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    if (page.is_behind) hex_encode(behind, bytes_of(page.token, paging.token_bytes));
    size_t length = (size_t)page.length;
    const struct api_key_listing asked = {
        .only_signer = callers_only_signer(request), .behind = behind, .max = length + 1};
    struct api_key *list = arena_alloc_array(http_arena(request), asked.max, sizeof *list);
    size_t count = api_keys_list(server->api_keys, &asked, list);
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < count && i < length; i++) {
        if (i > 0) buf_append_byte(out, ',');
        status = append_key(out, server, &list[i], NULL);
        if (status != STATUS_OK) return status;
    }
    buf_append_string(out, "]}");
    if (count > length) {
        uint8_t token[API_KEY_ID_CHARS / 2];
        ENSURE(hex_decode(token, sizeof token, list[length - 1].id) == STATUS_OK);
        http_page_link(request, response, BYTES_OF(token));
    }
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status delete_key(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct api_key key;
    enum status status = find_key(server, request, &key);
    if (status != STATUS_OK) return status;
    if (!caller_covers(request, response, &key)) return STATUS_OK;
    if (!callers_is_unlimited(server, request, response, &status)) return status;
    const struct api_key_note note = callers_key_note(request, "key.revoked", "");
    status = api_keys_revoke(server->api_keys, key.id, &note);
    if (status != STATUS_OK) return status;
    http_set_code(response, 204);
    tell_of(server, request, "key.revoked", key.id);
    return STATUS_OK;
}

static const char scope[] = "admin";
static const char json[] = "application/json";

#define MAYBE_TIME SCHEMA_MAYBE(SCHEMA_TIME)
#define KEY_NAMES                                                                              \
    "\"id\",\"name\",\"scopes\",\"signer\",\"created\",\"expires\",\"last_used\",\"revoked\"," \
    "\"old_secret_until\",\"limits\",\"spent\""
#define KEY_ID "{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{16}$\"}"
#define KEY_TIMES                                                                      \
    "\"created\":" SCHEMA_TIME ",\"expires\":" MAYBE_TIME ",\"last_used\":" MAYBE_TIME \
    ",\"revoked\":" MAYBE_TIME ",\"old_secret_until\":" MAYBE_TIME
#define KEY_MEMBERS                                                                    \
    "\"id\":" KEY_ID ",\"name\":" SCHEMA_TEXT ",\"signer\":" SCHEMA_TEXT "," KEY_TIMES \
    ",\"scopes\":" SCHEMA_LIST(SCHEMA_TEXT) ",\"limits\":" SCHEMA_MAYBE(               \
        SCHEMA_LIMITS) ",\"spent\":" SCHEMA_MAYBE(SCHEMA_SPENT)
#define SHOWN SCHEMA_OBJECT(KEY_NAMES, KEY_MEMBERS)
#define TOLD SCHEMA_OBJECT(KEY_NAMES ",\"key\"", KEY_MEMBERS ",\"key\":" SCHEMA_TEXT)
#define FORBIDDEN                                                                                  \
    {                                                                                              \
        403,                                                                                       \
            "`missing_scope` or `other_signer` that the key has or is to have, `limited_caller`.", \
            NULL                                                                                   \
    }

static const struct http_description describes_get_keys = {
    .summary = "The API keys; of one account to who acts as that",
    .parameters = {DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN},
    .answers = {{200, "Without what opens them.", SCHEMA_PAGE(SHOWN)}, DESCRIBED_INVALID_QUERY}};

const struct http_route api_key_routes[] = {
    {HTTP_POST, "/v1/keys", post_key, scope, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_TOLD_ONCE | HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY("Makes an API key",
                         SCHEMA_WISH("\"name\",\"scopes\"",
                                     "\"name\":" SCHEMA_TEXT ",\"scopes\":" SCHEMA_LIST(
                                         SCHEMA_TEXT) ",\"expires_in_s\":" SCHEMA_COUNT
                                                      ",\"limits\":" SCHEMA_WANTED_LIMITS
                                                      ",\"signer\":" SCHEMA_TEXT),
                         {201, "The key, told this once.", TOLD},
                         {400, "`invalid_key`, with the member that is wrong.", NULL}, FORBIDDEN,
                         HTTP_DESCRIBED_QUOTA)},
    {HTTP_GET, "/v1/signers", get_signers, "audit", NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_WORK), &describes_get_signers},
    {HTTP_GET, "/v1/keys", get_keys, scope, NULL, JSON_OR_CSV, 0, NULL, HTTP_LANE(SERVER_LANE_WORK),
     &describes_get_keys},
    {HTTP_GET, "/v1/keys/{id}", get_key, scope, NULL, json, 0, NULL, HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED(
         "An API key", {200, "Without what opens it.", SHOWN},
         {404, "There is no such key, or it acts as another account than the caller.", NULL})},
    {HTTP_PATCH, "/v1/keys/{id}", patch_key, scope, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY(
         "Limits what an API key may spend",
         SCHEMA_WISH("\"limits\"", "\"limits\":" SCHEMA_WANTED_LIMITS),
         {200, "The key as it is now.", SHOWN},
         {400, "`invalid_key`, with the member that is wrong.", NULL}, FORBIDDEN,
         {404, "There is no such key, or it acts as another account than the caller.", NULL})},
    {HTTP_DELETE, "/v1/keys/{id}", delete_key, scope, NULL, NULL, 0, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED(
         "Revokes an API key", {204, "It opens nothing any more.", NULL}, FORBIDDEN,
         {404, "There is no such key, or it acts as another account than the caller.", NULL})},
    {HTTP_POST, "/v1/keys/{id}/rotate", post_rotation, scope, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_TOLD_ONCE | HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY(
         "Makes an API key anew", SCHEMA_WISH("", "\"overlap_s\":" SCHEMA_COUNT),
         {200, "The new key, told this once; the old one overlaps.", TOLD},
         {400, "`invalid_key`, with the member that is wrong.", NULL}, FORBIDDEN,
         {404, "There is no such key, or it acts as another account than the caller.", NULL},
         {409, "`key_has_ended`.", NULL})},
};
const size_t api_key_route_count = sizeof api_key_routes / sizeof *api_key_routes;
