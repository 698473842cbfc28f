// SPDX-License-Identifier: Apache-2.0
// The routes of webhooks; docs/webhooks.md lists them.
#include <jansson.h>
#include <stdio.h>

#include "apps/common/hooks/hooks.h"
#include "apps/common/http/openapi.h"
#include "apps/common/http/page.h"
#include "apps/common/json/json.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/utf8.h"
#include "chaincore/crypto/sign.h"

enum {
    BODY_BYTES = 8192,
    OVERLAP_S = 24 * 3600,
    MAX_OVERLAP_S = 30 * 24 * 3600,
};

static const char id_prefix[] = "wh_";
static const struct http_paging paging = {
    .usual = 100, .most = LIMIT_QUERY_PAGE, .token_bytes = sizeof(uint64_t)};

// --- reading ---

static bool refuse(struct http_response *response, const char *pointer, const char *rule,
                   const char *detail) {
    http_problem(response, STATUS_INVALID, "invalid_webhook", detail);
    http_problem_violation(response, pointer, rule, detail);
    return false;
}

// The body as an object that has no members but these. False: the response says why not.
static bool read_object(json_t **out, struct http_request *request, struct http_response *response,
                        const char *const *members) {
    struct json_fault fault;
    struct bytes body = http_body(request);
    if (body.len == 0) body = bytes_of_string("{}");
    if (json_parse(out, &fault, body, BODY_BYTES) != STATUS_OK)
        return refuse(response, "", fault.rule, fault.text);
    if (!json_is_object(*out)) return refuse(response, "", "type", "The body is a JSON object.");
    struct buf pointer = {0};
    bool is_known = json_has_only(*out, members, &pointer);
    if (!is_known) refuse(response, buf_as_string(&pointer), "unknown", "There is no such member.");
    buf_clear(&pointer);
    return is_known;
}

static bool read_text(char *out, size_t size, const json_t *value) {
    struct bytes text = json_is_string(value) ? json_string_bytes(value) : bytes_of("", size);
    if (text.len >= size) return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] < 0x20 || text.data[i] == 0x7F) return false;
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
    return true;
}

// A whole number within bounds; what *out has stays where there is none.
static bool read_number(uint64_t *out, const json_t *value, int64_t least, int64_t most) {
    if (!value) return true;
    if (!json_is_integer(value)) return false;
    *out = (uint64_t)json_integer_value(value);
    return json_integer_value(value) >= least && json_integer_value(value) <= most;
}

static int find_kind(const struct hook_source *source, const char *name) {
    for (size_t i = 0; name && i < source->kind_count; i++)
        if (strcmp(source->kinds[i].name, name) == 0 && !(source->filtered & 1U << i))
            return (int)i;
    return -1;
}

static bool read_kinds(const struct hook_source *source, const json_t *list, uint32_t *out) {
    *out = 0;
    if (!json_is_array(list) || json_array_size(list) == 0) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        int kind = find_kind(source, json_string_value(json_array_get(list, i)));
        if (kind < 0 || *out & 1U << kind) return false;
        *out |= 1U << kind;
    }
    return true;
}

// Those of url, description and kinds that are there. False: the response says what is wrong.
static bool read_members(struct hooks *hooks, const json_t *object, struct webhook *out,
                         struct http_response *response) {
    const struct hooks_config *config = hooks_config_of(hooks);
    const json_t *url = json_object_get(object, "url"), *kinds = json_object_get(object, "kinds");
    const json_t *description = json_object_get(object, "description");
    const char *why = "A webhook's address is a text of at most 2048 bytes.";
    if (url && !read_text(out->url, sizeof out->url, url))
        return refuse(response, "/url", "url", why);
    if (url && hook_target_check(out->url, &config->rules, &why) != STATUS_OK)
        return refuse(response, "/url", "url", why);
    if (kinds && !read_kinds(&config->source, kinds, &out->kinds))
        return refuse(response, "/kinds", "kinds",
                      "A list of kinds that /v1/webhooks/kinds has, each once.");
    if (description && !read_text(out->description, sizeof out->description, description))
        return refuse(response, "/description", "description",
                      "A description has at most 128 bytes, none of control.");
    return true;
}

// Behind everything that is there, or before the first of a height.
static bool read_start(struct hooks *hooks, const json_t *object, struct webhook *out,
                       struct http_response *response) {
    const struct hook_source *source = &hooks_config_of(hooks)->source;
    uint64_t head = source->height(source->context), from = head + 1;
    if (!read_number(&from, json_object_get(object, "from_height"), 1, (int64_t)head + 1))
        return refuse(response, "/from_height", "range",
                      "A height from 1 to the one after the newest.");
    out->cursor = (struct hook_place){from - 1, HOOK_LAST_POSITION};
    return true;
}

static bool read_state(const json_t *object, struct webhook *out, struct http_response *response) {
    const json_t *value = json_object_get(object, "state");
    const char *name = json_string_value(value);
    if (!value) return true;
    if (name && strcmp(name, "active") == 0)
        out->state = HOOK_ACTIVE;
    else if (name && strcmp(name, "paused") == 0)
        out->state = HOOK_PAUSED;
    else
        return refuse(response, "/state", "state", "A webhook is made active or paused.");
    return true;
}

static const char *id_of(struct http_request *request) {
    return (const char *)http_param(request, "id").data;
}

// --- whose ---

// The only account whose webhooks the caller has to do with; NULL: it has to do with all.
static const char *only_owner(struct hooks *hooks, const struct http_request *request) {
    const char *own = hooks_config_of(hooks)->own_account, *as = http_caller_as(request);
    return as && strcmp(as, own) != 0 ? as : NULL;
}

// The one that the path names. NOT_FOUND: there is none, or it is another account's. An owner never
// changes, so what is done afterwards is done to the caller's.
static enum status find(struct hooks *hooks, struct http_request *request, struct webhook *out) {
    const char *only = only_owner(hooks, request);
    enum status status = hooks_get(hooks, id_of(request), out);
    if (status == STATUS_OK && only && strcmp(only, out->owner) != 0) return STATUS_NOT_FOUND;
    return status;
}

static enum status find_any(struct hooks *hooks, struct http_request *request) {
    struct webhook hook;
    return find(hooks, request, &hook);
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

static void append_kinds(struct buf *out, const struct hook_source *source, uint32_t kinds) {
    const char *comma = "";
    for (size_t i = 0; i < source->kind_count; i++) {
        if (!(kinds & 1U << i)) continue;
        buf_append_format(out, "%s\"%s\"", comma, source->kinds[i].name);
        comma = ",";
    }
}

static void append_hook(struct buf *out, struct hooks *hooks, const struct webhook *hook,
                        const char *secret) {
    buf_append_format(out, "{\"id\":\"%s\",\"url\":", hook->id);
    http_append_json_string(out, bytes_of_string(hook->url));
    buf_append_string(out, ",\"description\":");
    http_append_json_string(out, bytes_of_string(hook->description));
    buf_append_format(out, ",\"signer\":\"%s\",\"kinds\":[", hook->owner);
    append_kinds(out, &hooks_config_of(hooks)->source, hook->kinds);
    buf_append_string(out, "],\"filter\":");
    if (*hook->filter)
        http_append_json_string(out, bytes_of_string(hook->filter));
    else
        buf_append_string(out, "null");
    buf_append_format(out, ",\"state\":\"%s\",\"height\":%llu,\"attempts\":%llu,\"failures\":%llu",
                      hook_state_name(hook->state), (unsigned long long)hook->cursor.height,
                      (unsigned long long)hook->attempts, (unsigned long long)hook->failures);
    buf_append_format(out, ",\"last_outcome\":\"%s\"", hook_outcome_name(hook->outcome));
    append_moment(out, "created", hook->created_ms);
    append_moment(out, "last_delivered", hook->delivered_ms);
    append_moment(out, "failing_since", hook->failing_since_ms);
    append_moment(out, "next_try", hook->state == HOOK_ACTIVE ? hook->next_try_ms : 0);
    append_moment(out, "old_secret_until", hook->old_until_ms);
    if (secret) buf_append_format(out, ",\"secret\":\"%s\"", secret);
    buf_append_byte(out, '}');
}

static void answer_hook(struct http_response *response, struct hooks *hooks,
                        const struct webhook *hook, const char *secret) {
    append_hook(http_body_buf(response), hooks, hook, secret);
    http_set_type(response, "application/json");
}

static void log_change(const char *what, struct http_request *request, const char *id) {
    log_info("hooks", what, log_text("id", id), log_text("caller", http_caller(request)),
             log_text("request_id", http_request_id(request)));
}

// --- the routes ---

static enum status get_kinds(void *context, struct http_request *request,
                             struct http_response *response) {
    const struct hook_source *source = &hooks_config_of(context)->source;
    struct buf *out = http_body_buf(response);
    (void)request;
    const char *comma = "";
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < source->kind_count; i++) {
        if (source->filtered & 1U << i) continue;
        buf_append_format(out, "%s{\"name\":\"%s\",\"text\":", comma, source->kinds[i].name);
        comma = ",";
        http_append_json_string(out, bytes_of_string(source->kinds[i].text));
        buf_append_byte(out, '}');
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status post_hook(void *context, struct http_request *request,
                             struct http_response *response) {
    static const char *const members[] = {"url", "kinds", "description", "from_height", NULL};
    struct webhook hook = {0};
    char secret[HOOK_SECRET_CHARS + 1];
    json_t *object = NULL;
    bool is_good = read_object(&object, request, response, members);
    if (is_good && !json_object_get(object, "url"))
        is_good = refuse(response, "/url", "required", "A webhook needs an address.");
    if (is_good && !json_object_get(object, "kinds"))
        is_good = refuse(response, "/kinds", "required", "A webhook needs the kinds it tells.");
    is_good = is_good && read_members(context, object, &hook, response) &&
              read_start(context, object, &hook, response);
    json_decref(object);
    if (!is_good) return STATUS_OK;
    const char *only = only_owner(context, request);
    snprintf(hook.owner, sizeof hook.owner, "%s",
             only ? only : hooks_config_of(context)->own_account);
    enum status status = hooks_make(context, &hook, NULL, secret);
    if (status == STATUS_TOO_LARGE) http_problem_quota(response, NULL);
    if (status != STATUS_OK) return status;
    answer_hook(response, context, &hook, secret);
    secret_clear(secret, sizeof secret);
    http_set_code(response, 201);
    http_set_header(response, "Location",
                    arena_format(http_arena(request), "/v1/webhooks/%s", hook.id));
    log_change("made", request, hook.id);
    return STATUS_OK;
}

static enum status get_hooks(void *context, struct http_request *request,
                             struct http_response *response) {
    struct buf *out = http_body_buf(response);
    struct http_page page;
    char behind[HOOK_ID_CHARS + 1] = "";
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    if (page.is_behind) {
        memcpy(behind, id_prefix, sizeof id_prefix);
        hex_encode(behind + strlen(id_prefix), bytes_of(page.token, paging.token_bytes));
    }
    size_t length = (size_t)page.length;
    const struct hook_listing asked = {
        .owner = only_owner(context, request), .behind = behind, .max = length + 1};
    struct webhook *list = arena_alloc_array(http_arena(request), asked.max, sizeof *list);
    size_t count = hooks_list(context, &asked, list);
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < count && i < length; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_hook(out, context, &list[i], NULL);
    }
    buf_append_string(out, "]}");
    if (count > length) {
        uint8_t token[sizeof(uint64_t)];
        const char *last = list[length - 1].id + strlen(id_prefix);
        ENSURE(hex_decode(token, sizeof token, last) == STATUS_OK);
        http_page_link(request, response, BYTES_OF(token));
    }
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static enum status get_hook(void *context, struct http_request *request,
                            struct http_response *response) {
    struct webhook hook;
    enum status status = find(context, request, &hook);
    if (status == STATUS_OK) answer_hook(response, context, &hook, NULL);
    return status;
}

static unsigned given_members(const json_t *object) {
    unsigned given = 0;
    if (json_object_get(object, "url")) given |= HOOK_URL;
    if (json_object_get(object, "description")) given |= HOOK_DESCRIPTION;
    if (json_object_get(object, "kinds")) given |= HOOK_KINDS;
    if (json_object_get(object, "state")) given |= HOOK_STATE;
    return given;
}

// What one with a filter tells is what it was made for.
static bool may_have_kinds(const json_t *object, const struct webhook *hook,
                           struct http_response *response) {
    if (!*hook->filter || !json_object_get(object, "kinds")) return true;
    return refuse(response, "/kinds", "kinds", "What a subscription tells follows from its query.");
}

static enum status patch_hook(void *context, struct http_request *request,
                              struct http_response *response) {
    static const char *const members[] = {"url", "kinds", "description", "state", NULL};
    struct webhook hook;
    json_t *object = NULL;
    enum status status = find(context, request, &hook);
    if (status != STATUS_OK) return status;
    bool is_good = read_object(&object, request, response, members) &&
                   may_have_kinds(object, &hook, response) &&
                   read_members(context, object, &hook, response) &&
                   read_state(object, &hook, response);
    unsigned given = given_members(object);
    json_decref(object);
    if (!is_good) return STATUS_OK;
    status = hooks_change(context, given, &hook);
    if (status != STATUS_OK) return status;
    answer_hook(response, context, &hook, NULL);
    log_change("changed", request, hook.id);
    return STATUS_OK;
}

static enum status delete_hook(void *context, struct http_request *request,
                               struct http_response *response) {
    enum status status = find_any(context, request);
    if (status == STATUS_OK) status = hooks_remove(context, id_of(request));
    if (status != STATUS_OK) return status;
    http_set_code(response, 204);
    log_change("removed", request, id_of(request));
    return STATUS_OK;
}

static enum status post_rotation(void *context, struct http_request *request,
                                 struct http_response *response) {
    static const char *const members[] = {"overlap_s", NULL};
    struct webhook hook;
    char secret[HOOK_SECRET_CHARS + 1];
    uint64_t overlap_s = OVERLAP_S;
    json_t *object = NULL;
    bool is_good = read_object(&object, request, response, members);
    if (is_good && !read_number(&overlap_s, json_object_get(object, "overlap_s"), 0, MAX_OVERLAP_S))
        is_good = refuse(response, "/overlap_s", "range",
                         "A whole number of seconds, at most thirty days.");
    json_decref(object);
    if (!is_good) return STATUS_OK;
    enum status status = find(context, request, &hook);
    if (status == STATUS_OK)
        status = hooks_rotate(context, id_of(request), overlap_s * 1000, &hook, secret);
    if (status != STATUS_OK) return status;
    answer_hook(response, context, &hook, secret);
    secret_clear(secret, sizeof secret);
    log_change("rotated", request, hook.id);
    return STATUS_OK;
}

static enum status answer_sending(struct http_request *request, struct http_response *response,
                                  enum status status) {
    if (status == STATUS_CONFLICT)
        http_problem(response, status, "not_sent_yet", "This webhook has not come that far.");
    if (status != STATUS_OK) return status;
    http_set_code(response, 202);
    log_change("is to send again", request, id_of(request));
    return STATUS_OK;
}

static enum status post_replay(void *context, struct http_request *request,
                               struct http_response *response) {
    static const char *const members[] = {"from_height", "from_message", NULL};
    struct hook_place from = {0};
    json_t *object = NULL;
    bool is_good = read_object(&object, request, response, members);
    const json_t *message = json_object_get(object, "from_message");
    const json_t *height = json_object_get(object, "from_height");
    if (is_good && !message == !height)
        is_good = refuse(response, "", "one", "It takes from_height or from_message.");
    if (is_good && !read_number(&from.height, height, 1, INT64_MAX))
        is_good = refuse(response, "/from_height", "range", "A height is a number from 1 on.");
    if (is_good && message &&
        !(json_is_string(message) && hook_message_parse(&from, json_string_value(message))))
        is_good = refuse(response, "/from_message", "message", "This is no id of a message.");
    json_decref(object);
    if (!is_good) return STATUS_OK;
    enum status status = find_any(context, request);
    if (status == STATUS_OK) status = hooks_replay(context, id_of(request), &from);
    return answer_sending(request, response, status);
}

static enum status post_resend(void *context, struct http_request *request,
                               struct http_response *response) {
    struct hook_place place;
    if (!hook_message_parse(&place, (const char *)http_param(request, "message").data))
        return STATUS_NOT_FOUND;
    enum status status = find_any(context, request);
    if (status == STATUS_OK) status = hooks_resend(context, id_of(request), &place);
    return answer_sending(request, response, status);
}

static void append_delivery(struct buf *out, const struct hook_delivery *delivery) {
    char id[HOOK_MESSAGE_CHARS + 1];
    hook_message_id(id, &delivery->place);
    buf_append_format(out,
                      "{\"number\":%llu,\"message\":\"%s\",\"kind\":\"%s\",\"height\":%llu,"
                      "\"attempt\":%llu,\"outcome\":\"%s\",\"code\":",
                      (unsigned long long)delivery->number, id, delivery->kind,
                      (unsigned long long)delivery->place.height,
                      (unsigned long long)delivery->attempt, hook_outcome_name(delivery->outcome));
    if (delivery->code > 0)
        buf_append_format(out, "%d", delivery->code);
    else
        buf_append_string(out, "null");
    append_moment(out, "time", delivery->started_ms);
    buf_append_format(out, ",\"took_ms\":%llu}", (unsigned long long)delivery->took_ms);
}

static enum status get_deliveries(void *context, struct http_request *request,
                                  struct http_response *response) {
    struct buf *out = http_body_buf(response);
    struct http_page asked;
    if (!http_page_read(&asked, request, response, &paging)) return STATUS_OK;
    size_t length = (size_t)asked.length;
    struct hook_deliveries page = {.below = asked.is_behind ? load_u64_le(asked.token) : UINT64_MAX,
                                   .max = length + 1};
    enum status status = find_any(context, request);
    if (status == STATUS_OK)
        status = hooks_list_deliveries(context, id_of(request), http_arena(request), &page);
    if (status != STATUS_OK) return status;
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < page.count && i < length; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_delivery(out, &page.items[i]);
    }
    buf_append_string(out, "]}");
    if (page.count > length) {
        uint8_t token[sizeof(uint64_t)];
        store_u64_le(token, page.items[length - 1].number);
        http_page_link(request, response, BYTES_OF(token));
    }
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// Of members that are all there, as in server/schema_words.h, which stands above this layer.
#define OBJECT(names, properties)                                              \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" names \
    "],\"properties\":{" properties "}}"
#define ITEMS(item) OBJECT("\"items\"", "\"items\":{\"type\":\"array\",\"items\":" item "}")
#define TEXT "{\"type\":\"string\"}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define MAYBE_TIME "{\"anyOf\":[" TIME ",{\"type\":\"null\"}]}"
#define MAYBE_TEXT "{\"anyOf\":[" TEXT ",{\"type\":\"null\"}]}"
#define TEXTS "{\"type\":\"array\",\"items\":" TEXT "}"
#define HOOK_NAMES                                                                         \
    "\"id\",\"url\",\"description\",\"signer\",\"kinds\",\"filter\",\"state\",\"height\"," \
    "\"attempts\","                                                                        \
    "\"failures\","                                                                        \
    "\"last_outcome\",\"created\",\"last_delivered\",\"failing_since\",\"next_try\","      \
    "\"old_secret_until\""
#define HOOK_MEMBERS                                                                               \
    "\"id\":" TEXT ",\"url\":" TEXT ",\"description\":" TEXT ",\"signer\":" TEXT                   \
    ",\"kinds\":" TEXTS ",\"filter\":" MAYBE_TEXT                                                  \
    ",\"state\":{\"enum\":[\"active\",\"paused\",\"disabled\"]},\"height\":" COUNT                 \
    ",\"attempts\":" COUNT ",\"failures\":" COUNT ",\"last_outcome\":" TEXT ",\"created\":" TIME   \
    ",\"last_delivered\":" MAYBE_TIME ",\"failing_since\":" MAYBE_TIME ",\"next_try\":" MAYBE_TIME \
    ",\"old_secret_until\":" MAYBE_TIME
#define HOOK OBJECT(HOOK_NAMES, HOOK_MEMBERS)
#define HOOK_TOLD OBJECT(HOOK_NAMES ",\"secret\"", HOOK_MEMBERS ",\"secret\":" TEXT)
#define DELIVERY                                                                           \
    OBJECT("\"number\",\"message\",\"kind\",\"height\",\"attempt\",\"outcome\",\"code\","  \
           "\"time\",\"took_ms\"",                                                         \
           "\"number\":" COUNT ",\"message\":" TEXT ",\"kind\":" TEXT ",\"height\":" COUNT \
           ",\"attempt\":" COUNT ",\"outcome\":" TEXT ",\"code\":{\"anyOf\":[" COUNT       \
           ",{\"type\":\"null\"}]},\"time\":" MAYBE_TIME ",\"took_ms\":" COUNT)
// Of requests; what `names` lacks may be left out.
#define WISH(names, properties)                                                \
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" names \
    "],\"properties\":{" properties "}}"
#define WISHES "\"url\":" TEXT ",\"kinds\":" TEXTS ",\"description\":" TEXT
#define KINDS ITEMS(OBJECT("\"name\",\"text\"", "\"name\":" TEXT ",\"text\":" TEXT))
#define WRONG \
    { 400, "`invalid_webhook`, with the member that is wrong.", NULL }
#define ABSENT \
    { 404, "There is no such webhook, or it is another account's.", NULL }
#define PAGING                                                           \
    {"perPage", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000}", \
     "How many at most; 100 when it is not told."},                      \
    {                                                                    \
        "nextPageToken", TEXT, "From the Link of the page before."       \
    }
#define WRONG_PAGE \
    { 400, "`invalid_query`, with the parameter.", NULL }

#define SCOPE "webhooks"
#define JSON "application/json"
#define LIST JSON ", text/csv"
#define ONE "/v1/webhooks/{id}"

const struct http_route hook_routes[] = {
    {HTTP_GET, "/v1/webhooks/kinds", get_kinds, SCOPE, NULL, JSON, 0, NULL, 0,
     HTTP_DESCRIBED("Of what webhooks can tell", {200, "The kinds of events.", KINDS})},
    {HTTP_POST, "/v1/webhooks", post_hook, SCOPE, JSON, JSON, BODY_BYTES, NULL,
     HTTP_TOLD_ONCE | HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED_BODY("Makes a webhook",
                         WISH("\"url\",\"kinds\"", WISHES ",\"from_height\":" COUNT),
                         {201, "The webhook with its secret, told this once.", HOOK_TOLD}, WRONG,
                         HTTP_DESCRIBED_QUOTA)},
    {HTTP_GET, "/v1/webhooks", get_hooks, SCOPE, NULL, LIST, 0, NULL, HTTP_LANE(HOOK_LANE),
     &(const struct http_description){
         .summary =
             "The webhooks of the account that the caller acts as; for the server's own, all",
         .parameters = {PAGING},
         .answers = {{200, "The oldest first, without their secrets.", ITEMS(HOOK)}, WRONG_PAGE}}},
    {HTTP_GET, ONE, get_hook, SCOPE, NULL, JSON, 0, NULL, HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED("A webhook", {200, "Without its secret.", HOOK}, ABSENT)},
    {HTTP_PATCH, ONE, patch_hook, SCOPE, JSON, JSON, BODY_BYTES, NULL, HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED_BODY("Changes a webhook",
                         WISH("", WISHES ",\"state\":{\"enum\":[\"active\",\"paused\"]}"),
                         {200, "The webhook as it is now.", HOOK}, WRONG, ABSENT)},
    {HTTP_DELETE, ONE, delete_hook, SCOPE, NULL, NULL, 0, NULL, HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED("Removes a webhook", {204, "It is told nothing any more.", NULL}, ABSENT)},
    {HTTP_POST, ONE "/rotate", post_rotation, SCOPE, JSON, JSON, BODY_BYTES, NULL,
     HTTP_TOLD_ONCE | HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED_BODY("Makes a webhook's secret anew", WISH("", "\"overlap_s\":" COUNT),
                         {200, "The new secret, told this once; the old one overlaps.", HOOK_TOLD},
                         WRONG, ABSENT)},
    {HTTP_POST, ONE "/replay", post_replay, SCOPE, JSON, NULL, BODY_BYTES, NULL,
     HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED_BODY("Tells again from a place on",
                         WISH("", "\"from_height\":" COUNT ",\"from_message\":" TEXT),
                         {202, "It will.", NULL}, WRONG, ABSENT, {409, "`not_sent_yet`.", NULL})},
    {HTTP_POST, ONE "/messages/{message}/resend", post_resend, SCOPE, NULL, NULL, 0, NULL,
     HTTP_LANE(HOOK_LANE),
     HTTP_DESCRIBED("Tells one message again", {202, "It will.", NULL}, ABSENT,
                    {409, "`not_sent_yet`.", NULL})},
    {HTTP_GET, ONE "/deliveries", get_deliveries, SCOPE, NULL, LIST, 0, NULL, HTTP_LANE(HOOK_LANE),
     &(const struct http_description){
         .summary = "What was delivered, and what was not",
         .parameters = {{"id", TEXT, "The webhook's."}, PAGING},
         .answers = {{200, "The newest first.", ITEMS(DELIVERY)}, WRONG_PAGE, ABSENT}}},
};
const size_t hook_route_count = sizeof hook_routes / sizeof *hook_routes;
