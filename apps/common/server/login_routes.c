// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/login_routes.h"

#include "apps/common/http/openapi.h"
#include "apps/common/server/body_object.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/login.h"
#include "apps/common/server/schema_words.h"
#include "apps/common/server/sessions.h"
#include "chaincore/chaincore.h"

static const char wrong[] = "invalid_login";

// A client, by its address, asks and answers only so often; and only under the server's own name,
// so that no text for it is ever made by way of another.
static bool may_ask(struct server *server, struct http_request *request,
                    struct http_response *response) {
    struct ip_address address = {0};
    const char *host = http_header(request, "Host");
    (void)ip_parse(&address, http_client_address(request)); // else nobody's
    struct rate rate =
        rate_take(server->login_rate, ip_owner(&address), clock_monotonic_ns() / 1000);
    if (!rate.is_allowed) {
        http_problem_as(response, 429, "too_many_logins", "Please wait before you log in again.");
        http_set_header(response, "Retry-After",
                        arena_format(http_arena(request), "%u", rate.wait_s));
        return false;
    }
    if (host && login_is_domain(server->login, host)) return true;
    http_problem_as(response, 421, "wrong_host",
                    "This server is known by another name; log in under that (--public-url).");
    return false;
}

static enum status post_challenge(void *context, struct http_request *request,
                                  struct http_response *response) {
    static const char *const members[] = {"address", NULL};
    struct server *server = context;
    struct account_id account;
    struct buf text = {0};
    json_t *object = NULL;
    if (!may_ask(server, request, response)) return STATUS_OK;
    bool is_good = body_object_read(&object, request, response, members, wrong);
    const json_t *address = json_object_get(object, "address");
    if (is_good && (!json_is_string(address) ||
                    address_decode(account.bytes, json_string_bytes(address)) != STATUS_OK))
        is_good = body_object_refuse(
            response, wrong, "/address", "address",
            "This is not an address; one begins with lmm1 and has 62 characters.");
    json_decref(object);
    if (!is_good) return STATUS_OK;
    login_challenge(server->login, &account, &text);
    buf_append_string(http_body_buf(response), "{\"text\":");
    http_append_json_string(http_body_buf(response), buf_bytes(&text));
    buf_append_byte(http_body_buf(response), '}');
    buf_clear(&text);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// --- answering ---

struct answer {
    struct bytes text;
    struct public_key key;
    struct signature signature;
};

static bool read_hex(const json_t *value, uint8_t *out, size_t size) {
    return json_is_string(value) && hex_decode(out, size, json_string_value(value)) == STATUS_OK;
}

static bool read_answer(struct answer *out, const json_t *object, struct http_request *request,
                        struct http_response *response) {
    const json_t *text = json_object_get(object, "text");
    if (!json_is_string(text))
        return body_object_refuse(response, wrong, "/text", "required",
                                  "The text as it was told, to the last byte.");
    out->text = arena_copy(http_arena(request), json_string_bytes(text));
    if (!read_hex(json_object_get(object, "public_key"), out->key.bytes, sizeof out->key.bytes))
        return body_object_refuse(response, wrong, "/public_key", "hex",
                                  "64 hexadecimal digits: the key that signed.");
    if (!read_hex(json_object_get(object, "signature"), out->signature.bytes,
                  sizeof out->signature.bytes))
        return body_object_refuse(response, wrong, "/signature", "hex",
                                  "128 hexadecimal digits: the signature.");
    return true;
}

static void refuse(struct http_response *response, enum status status) {
    switch (status) {
    case STATUS_TIMEOUT:
        http_problem_as(response, 401, "login_expired", "This took too long; ask for a new text.");
        return;
    case STATUS_CONFLICT:
        http_problem_as(response, 401, "login_used",
                        "This text was used already; ask for another.");
        return;
    case STATUS_INVALID:
        http_problem_as(response, 401, "unknown_login",
                        "This is no text of this server's, or of before its restart.");
        return;
    default:
        http_problem_as(response, 401, "wrong_signature",
                        "The signature is wrong, or its key alone may not sign for the account.");
    }
}

// OK: the account has proven itself, and is a member. Otherwise *is_refused tells whether the
// response does.
static enum status check_answer(struct server *server, const struct answer *answer,
                                struct http_response *response, struct member *out,
                                bool *is_refused) {
    struct account_id id;
    struct account account;
    uint64_t next_seq;
    enum status status =
        login_check(server->login, answer->text, &answer->key, &answer->signature, &id);
    *is_refused = status != STATUS_OK;
    if (*is_refused) {
        refuse(response, status);
        return status;
    }
    node_account(server->node, &id, &account, &next_seq);
    if (!login_key_is_enough(&account, &id, &answer->key)) status = STATUS_BAD_SIGNATURE;
    if (status == STATUS_OK) status = members_find(server->members, &id, out);
    *is_refused = status == STATUS_BAD_SIGNATURE || status == STATUS_NOT_FOUND;
    if (status == STATUS_NOT_FOUND)
        http_problem_as(response, 403, "not_a_member",
                        "This account belongs to nobody of this firm; ask its owner to add it.");
    if (status == STATUS_BAD_SIGNATURE) refuse(response, status);
    if (status != STATUS_OK) return status;
    status = login_use(server->login, answer->text);
    *is_refused = status == STATUS_CONFLICT;
    if (*is_refused) refuse(response, status);
    return status;
}

static void append_member(struct server *server, struct http_request *request,
                          const struct member *member, struct buf *out) {
    const char *at = callers_scopes(server, http_arena(request), member->role);
    char address[ADDRESS_CHARS + 1];
    address_encode(address, member->account.bytes);
    buf_append_format(out, "\"address\":\"%s\",\"name\":", address);
    http_append_json_string(out, bytes_of_string(member->name));
    buf_append_format(out, ",\"role\":\"%s\",\"scopes\":[\"", member_role_name(member->role));
    for (; *at; at++) {
        if (*at == ' ')
            buf_append_string(out, "\",\"");
        else
            buf_append_byte(out, (uint8_t)*at);
    }
    buf_append_string(out, "\"]");
}

static enum status begin(struct server *server, struct http_request *request,
                         struct http_response *response, const struct answer *answer,
                         const struct member *member) {
    struct session session = {.account = member->account, .key = answer->key};
    char token[SESSION_TOKEN_CHARS + 1], time[25];
    struct buf *out = http_body_buf(response);
    enum status status = sessions_begin(server->sessions, &session, token);
    if (status != STATUS_OK) return status;
    clock_format_utc(time, (int64_t)session.expires_ms);
    buf_append_format(out, "{\"token\":\"%s\",\"expires\":\"%s\",", token, time);
    append_member(server, request, member, out);
    buf_append_byte(out, '}');
    secret_clear(token, sizeof token);
    http_set_code(response, 201);
    http_set_type(response, "application/json");
    http_set_header(response, "Cache-Control", "no-store");
    const char *who = callers_member_id(http_arena(request), &member->account);
    struct audit_line line = {.actor = who,
                              .action = "session.began",
                              .subject = who,
                              .detail = "",
                              .signer = member->signer};
    return members_note(server->members, &line);
}

static enum status post_login(void *context, struct http_request *request,
                              struct http_response *response) {
    static const char *const members[] = {"text", "public_key", "signature", NULL};
    struct server *server = context;
    struct answer answer = {0};
    struct member member;
    json_t *object = NULL;
    bool is_refused;
    if (!may_ask(server, request, response)) return STATUS_OK;
    bool is_good = body_object_read(&object, request, response, members, wrong) &&
                   read_answer(&answer, object, request, response);
    json_decref(object);
    if (!is_good) return STATUS_OK;
    enum status status = check_answer(server, &answer, response, &member, &is_refused);
    if (is_refused) return STATUS_OK;
    return status == STATUS_OK ? begin(server, request, response, &answer, &member) : status;
}

// --- the session ---

static void refuse_stranger(struct http_response *response) {
    http_set_header(response, "WWW-Authenticate", "Bearer");
    http_problem_as(response, 401, "no_session", "There is no session; log in.");
}

static enum status get_login(void *context, struct http_request *request,
                             struct http_response *response) {
    struct server *server = context;
    struct member member;
    struct bytes token;
    struct buf *out = http_body_buf(response);
    enum status status = callers_session(server, request, &token, &member);
    if (status == STATUS_NOT_FOUND) {
        refuse_stranger(response);
        return STATUS_OK;
    }
    if (status != STATUS_OK) return status;
    buf_append_byte(out, '{');
    append_member(server, request, &member, out);
    buf_append_byte(out, '}');
    http_set_type(response, "application/json");
    http_set_header(response, "Cache-Control", "no-store");
    return STATUS_OK;
}

static enum status delete_login(void *context, struct http_request *request,
                                struct http_response *response) {
    struct server *server = context;
    struct member member;
    struct bytes token;
    enum status status = callers_session(server, request, &token, &member);
    if (status == STATUS_NOT_FOUND) {
        refuse_stranger(response);
        return STATUS_OK;
    }
    if (status == STATUS_OK) status = sessions_end(server->sessions, token);
    if (status != STATUS_OK) return status;
    callers_note(server, request, "session.ended", http_caller_id(request), "");
    http_set_code(response, 204);
    return STATUS_OK;
}

static const char json[] = "application/json";

#define MEMBER_NAMES "\"address\",\"name\",\"role\",\"scopes\""
#define MEMBER_MEMBERS                                                    \
    "\"address\":" SCHEMA_ADDRESS ",\"name\":" SCHEMA_TEXT                \
    ",\"role\":{\"enum\":[\"owner\",\"admin\",\"operator\",\"auditor\"]}" \
    ",\"scopes\":" SCHEMA_LIST(SCHEMA_TEXT)
#define ASKED_TOO_OFTEN \
    {421, "`wrong_host`.", NULL}, { 429, "`too_many_logins`, with `Retry-After`.", NULL }
#define NO_SESSION \
    { 401, "`no_session`.", NULL }

const struct http_route login_routes[] = {
    {HTTP_POST, "/v1/login/challenge", post_challenge, NULL, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_NO_EFFECT,
     HTTP_DESCRIBED_BODY(
         "A text to sign, by which an account logs in",
         SCHEMA_WISH("\"address\"", "\"address\":" SCHEMA_ADDRESS),
         {200, "Good once, for five minutes.", SCHEMA_OBJECT("\"text\"", "\"text\":" SCHEMA_TEXT)},
         {400, "`invalid_login`, with the member that is wrong.", NULL}, ASKED_TOO_OFTEN)},
    {HTTP_POST, "/v1/login", post_login, NULL, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_TOLD_ONCE | HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY(
         "Logs in by the signed text",
         SCHEMA_WISH("\"text\",\"public_key\",\"signature\"",
                     "\"text\":" SCHEMA_TEXT ",\"public_key\":" SCHEMA_HEX
                     ",\"signature\":" SCHEMA_HEX),
         {201, "The session's token, told this once: `Authorization: Bearer`, for twelve hours.",
          SCHEMA_OBJECT("\"token\",\"expires\"," MEMBER_NAMES,
                        "\"token\":" SCHEMA_TEXT ",\"expires\":" SCHEMA_TIME "," MEMBER_MEMBERS)},
         {400, "`invalid_login`, with the member that is wrong.", NULL},
         {401, "`wrong_signature`, `login_expired`, `login_used` or `unknown_login`.", NULL},
         {403, "`not_a_member`.", NULL}, ASKED_TOO_OFTEN)},
    {HTTP_GET, "/v1/login", get_login, NULL, NULL, json, 0, NULL, 0,
     HTTP_DESCRIBED("Who is logged in",
                    {200, "The member.", SCHEMA_OBJECT(MEMBER_NAMES, MEMBER_MEMBERS)}, NO_SESSION)},
    {HTTP_DELETE, "/v1/login", delete_login, NULL, NULL, NULL, 0, NULL, HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED("Logs out", {204, "The token opens nothing any more.", NULL}, NO_SESSION)},
};
const size_t login_route_count = sizeof login_routes / sizeof *login_routes;
