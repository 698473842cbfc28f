// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/member_routes.h"

#include "apps/common/http/openapi.h"
#include "apps/common/http/page.h"
#include "apps/common/server/body_object.h"
#include "apps/common/server/callers.h"
#include "apps/common/server/chain_asked.h"
#include "apps/common/server/limits_json.h"
#include "apps/common/server/sessions.h"
#include "apps/common/server/signer_routes.h"
#include "chaincore/chaincore.h"

static const char wrong[] = "invalid_member";

// --- telling ---

static enum status append_member(struct server *server, struct arena *arena,
                                 const struct member *member, struct buf *out) {
    char address[ADDRESS_CHARS + 1], time[25];
    address_encode(address, member->account.bytes);
    clock_format_utc(time, (int64_t)member->added_ms);
    buf_append_format(out, "{\"address\":\"%s\",\"name\":", address);
    http_append_json_string(out, bytes_of_string(member->name));
    buf_append_format(out, ",\"role\":\"%s\",\"signer\":\"%s\",\"added\":\"%s\"",
                      member_role_name(member->role), member->signer, time);
    enum status status =
        limits_append(out, server->spending, callers_member_id(arena, &member->account));
    buf_append_byte(out, '}');
    return status;
}

static enum status tell(struct server *server, struct http_request *request,
                        struct http_response *response, const struct member *member) {
    http_set_type(response, "application/json");
    return append_member(server, http_arena(request), member, http_body_buf(response));
}

// --- reading ---

// What is to be changed of a member.
struct wish {
    bool has_name, has_role, has_limits, has_signer;
    struct member member;
    struct spending_terms terms;
};

static bool read_role(const json_t *value, enum member_role *out) {
    *out = json_is_string(value) ? member_role_of(json_string_value(value)) : MEMBER_ROLES;
    return *out != MEMBER_ROLES;
}

static bool read_wish(struct wish *out, struct server *server, const json_t *object,
                      struct http_request *request, struct http_response *response) {
    const json_t *name = json_object_get(object, "name"), *role = json_object_get(object, "role");
    const json_t *signer = json_object_get(object, "signer");
    *out = (struct wish){.has_name = name,
                         .has_role = role,
                         .has_limits = json_object_get(object, "limits"),
                         .has_signer = signer};
    if (name && !body_object_copy_name(name, out->member.name, sizeof out->member.name))
        return body_object_refuse(response, wrong, "/name", "name",
                                  "A name has 1 to 64 bytes, none of control.");
    if (role && !read_role(role, &out->member.role))
        return body_object_refuse(response, wrong, "/role", "role",
                                  "A role is owner, admin, operator or auditor.");
    if (!signer_read(out->member.signer, server, request, signer))
        return body_object_refuse(response, wrong, "/signer", "signer",
                                  signer_tell_all(server, request));
    if (!limits_read(&out->terms, json_object_get(object, "limits")))
        return body_object_refuse(
            response, wrong, "/limits", "limits",
            "An object of `transaction`, `day` and `total`: amounts in LMM as texts, or null.");
    return true;
}

static void refuse_for_owners(struct http_response *response) {
    http_problem_as(response, 403, "owners_only", "Only an owner changes who is an owner.");
}

struct new_limits {
    struct spending *spending;
    const char *id;
    const struct spending_terms *terms;
};

// Before the member or the role, so that nobody has that for a moment without them.
static enum status set_limits(void *context) {
    const struct new_limits *limits = context;
    return spending_set(limits->spending, limits->id, limits->terms);
}

// --- the routes ---

static enum status add(struct server *server, struct http_request *request,
                       struct http_response *response, struct wish *wish) {
    const char *id = callers_member_id(http_arena(request), &wish->member.account);
    bool is_own = strcmp(wish->member.signer, server_account_name) == 0;
    struct audit_line line = {
        .actor = http_caller_id(request),
        .action = "member.added",
        .subject = id,
        .detail = arena_format(http_arena(request), "%s%s%s", member_role_name(wish->member.role),
                               is_own ? "" : "; signer ", is_own ? "" : wish->member.signer)};
    struct new_limits limits = {server->spending, id, &wish->terms};
    const struct member_prepare prepare = {set_limits, &limits};
    enum status status = members_add(server->members, &wish->member,
                                     wish->has_limits && server->spending ? &prepare : NULL, &line);
    if (status == STATUS_EXISTS) {
        http_problem_as(response, 409, "is_member", "This account is a member already.");
        return STATUS_OK;
    }
    if (status == STATUS_TOO_LARGE) http_problem_quota(response, NULL);
    if (status != STATUS_OK) return status;
    http_set_code(response, 201);
    http_set_header(
        response, "Location",
        arena_format(http_arena(request), "/v1/members/%s", id + strlen(CALLER_MEMBER)));
    return tell(server, request, response, &wish->member);
}

static enum status post_member(void *context, struct http_request *request,
                               struct http_response *response) {
    static const char *const members[] = {"address", "name", "role", "limits", "signer", NULL};
    struct server *server = context;
    struct wish wish;
    json_t *object = NULL;
    enum status status = STATUS_OK;
    bool is_good = body_object_read(&object, request, response, members, wrong) &&
                   read_wish(&wish, server, object, request, response);
    const json_t *address = json_object_get(object, "address");
    if (is_good &&
        (!json_is_string(address) ||
         address_decode(wish.member.account.bytes, json_string_bytes(address)) != STATUS_OK))
        is_good = body_object_refuse(
            response, wrong, "/address", "address",
            "This is not an address; one begins with lmm1 and has 62 characters.");
    if (is_good && !wish.has_name)
        is_good = body_object_refuse(response, wrong, "/name", "required", "A name is needed.");
    if (is_good && !wish.has_role)
        is_good = body_object_refuse(response, wrong, "/role", "required", "A role is needed.");
    json_decref(object);
    if (!is_good) return STATUS_OK;
    if (wish.member.role == MEMBER_OWNER && !http_caller_may(request, "*")) {
        refuse_for_owners(response);
        return STATUS_OK;
    }
    if (!callers_may_sign_as(request, response, wish.member.signer) ||
        !callers_is_unlimited(server, request, response, &status))
        return status;
    return add(server, request, response, &wish);
}

// Tells of a change that was refused, and makes *status OK; false for any other.
static bool is_refused(struct http_response *response, enum status *status) {
    if (*status == STATUS_UNAUTHORIZED)
        refuse_for_owners(response);
    else if (*status == STATUS_INVALID)
        callers_refuse_signer(response);
    else if (*status == STATUS_TOO_LARGE)
        http_problem_quota(response, NULL);
    else if (*status == STATUS_CONFLICT)
        http_problem_as(response, 409, "last_owner", "The firm would have no owner any more.");
    else
        return false;
    *status = STATUS_OK;
    return true;
}

static struct member_reach reach_of(const struct http_request *request) {
    return (struct member_reach){.may_own = http_caller_may(request, "*"),
                                 .only_signer = callers_only_signer(request)};
}

// What became of a member besides its role, for the log.
static const char *tell_change(struct arena *arena, const struct wish *wish) {
    return arena_format(arena, "%s%s%s", wish->has_limits ? "; limits" : "",
                        wish->has_signer ? "; signer " : "",
                        wish->has_signer ? wish->member.signer : "");
}

static enum status change(struct server *server, struct http_request *request,
                          struct http_response *response, const struct account_id *account,
                          const struct wish *wish) {
    const char *id = callers_member_id(http_arena(request), account);
    struct new_limits limits = {server->spending, id, &wish->terms};
    const struct member_prepare prepare = {set_limits, &limits};
    struct member_wish wanted = {.reach = reach_of(request),
                                 .has_name = wish->has_name,
                                 .has_role = wish->has_role,
                                 .has_signer = wish->has_signer,
                                 .role = wish->member.role};
    struct audit_line line = {.actor = http_caller_id(request),
                              .action = "member.changed",
                              .subject = id,
                              .detail = tell_change(http_arena(request), wish)};
    struct member after;
    memcpy(wanted.name, wish->member.name, sizeof wanted.name);
    memcpy(wanted.signer, wish->member.signer, sizeof wanted.signer);
    if (wish->has_limits && server->spending) wanted.prepare = &prepare;
    enum status status = members_change(server->members, &after, account, &wanted, &line);
    if (is_refused(response, &status) || status != STATUS_OK) return status;
    return tell(server, request, response, &after);
}

static enum status patch_member(void *context, struct http_request *request,
                                struct http_response *response) {
    static const char *const members[] = {"name", "role", "limits", "signer", NULL};
    struct server *server = context;
    struct account_id id;
    struct wish wish;
    json_t *object = NULL;
    enum status status = STATUS_OK;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    bool is_good = body_object_read(&object, request, response, members, wrong) &&
                   read_wish(&wish, server, object, request, response);
    json_decref(object);
    if (!is_good || !callers_is_unlimited(server, request, response, &status)) return status;
    return change(server, request, response, &id, &wish);
}

static enum status delete_member(void *context, struct http_request *request,
                                 struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    enum status status = STATUS_OK;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    if (!callers_is_unlimited(server, request, response, &status)) return status;
    struct audit_line line = {.actor = http_caller_id(request),
                              .action = "member.removed",
                              .subject = callers_member_id(http_arena(request), &id),
                              .detail = ""};
    const struct member_reach reach = reach_of(request);
    status = members_remove(server->members, &id, &reach, &line);
    if (is_refused(response, &status)) return status;
    if (status == STATUS_OK) status = sessions_end_all(server->sessions, &id);
    if (status != STATUS_OK) return status;
    http_set_code(response, 204);
    return STATUS_OK;
}

static enum status get_member(void *context, struct http_request *request,
                              struct http_response *response) {
    struct server *server = context;
    struct account_id id;
    struct member member;
    if (!chain_asked_address(request, response, &id)) return STATUS_OK;
    enum status status = members_find(server->members, &id, &member);
    if (status != STATUS_OK) return status;
    const char *only = callers_only_signer(request);
    if (only && strcmp(only, member.signer) != 0) return STATUS_NOT_FOUND;
    return tell(server, request, response, &member);
}

static enum status get_members(void *context, struct http_request *request,
                               struct http_response *response) {
    static const struct http_paging paging = {
        .usual = 100, .most = 1000, .token_bytes = ACCOUNT_ID_BYTES};
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct http_page page;
    struct account_id behind;
    size_t count;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    memcpy(behind.bytes, page.token, sizeof behind.bytes);
    size_t room = (size_t)page.length + 1;
    struct member *list = arena_alloc_array(http_arena(request), room, sizeof *list);
    const struct member_listing asked = {.only_signer = callers_only_signer(request),
                                         .behind = page.is_behind ? &behind : NULL,
                                         .max = room};
    enum status status = members_list(server->members, &asked, list, &count);
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < count && i < page.length && status == STATUS_OK; i++) {
        if (i > 0) buf_append_byte(out, ',');
        status = append_member(server, http_arena(request), &list[i], out);
    }
    buf_append_string(out, "]}");
    if (status != STATUS_OK) return status;
    if (count > page.length)
        http_page_link(request, response, BYTES_OF(list[page.length - 1].account.bytes));
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// --- the log ---

static void append_line(struct buf *out, const struct audit_line *line) {
    const char *const texts[] = {line->actor, line->action, line->subject, line->detail};
    static const char *const names[] = {"actor", "action", "subject", "detail"};
    char time[25];
    clock_format_utc(time, (int64_t)line->at_ms);
    buf_append_format(out, "{\"time\":\"%s\"", time);
    for (int i = 0; i < 4; i++) {
        buf_append_format(out, ",\"%s\":", names[i]);
        http_append_json_string(out, bytes_of_string(texts[i]));
    }
    buf_append_byte(out, '}');
}

static enum status get_audit(void *context, struct http_request *request,
                             struct http_response *response) {
    static const struct http_paging paging = {.usual = 20, .most = 1000, .token_bytes = 8};
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct http_page page;
    size_t count;
    if (!http_page_read(&page, request, response, &paging)) return STATUS_OK;
    size_t room = (size_t)page.length + 1;
    struct audit_line *lines = arena_alloc_array(http_arena(request), room, sizeof *lines);
    const struct audit_listing asked = {.only_signer = callers_only_signer(request),
                                        .below =
                                            page.is_behind ? load_u64_be(page.token) : UINT64_MAX,
                                        .max = room};
    enum status status =
        members_read_log(server->members, &asked, http_arena(request), lines, &count);
    if (status != STATUS_OK) return status;
    buf_append_string(out, "{\"items\":[");
    for (size_t i = 0; i < count && i < page.length; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_line(out, &lines[i]);
    }
    buf_append_string(out, "]}");
    if (count > page.length) {
        uint8_t token[8];
        store_u64_be(token, lines[page.length - 1].number);
        http_page_link(request, response, BYTES_OF(token));
    }
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static const char json[] = "application/json", manage[] = "members", look[] = "audit";

#define MEMBER                                                                     \
    SCHEMA_OBJECT(                                                                 \
        "\"address\",\"name\",\"role\",\"signer\",\"added\",\"limits\",\"spent\"", \
        "\"address\":" SCHEMA_ADDRESS ",\"name\":" SCHEMA_TEXT                     \
        ",\"role\":{\"enum\":[\"owner\",\"admin\",\"operator\",\"auditor\"]}"      \
        ",\"signer\":" SCHEMA_TEXT ",\"added\":" SCHEMA_TIME                       \
        ",\"limits\":" SCHEMA_MAYBE(SCHEMA_LIMITS) ",\"spent\":" SCHEMA_MAYBE(SCHEMA_SPENT))
#define LINE                                                                                   \
    SCHEMA_OBJECT("\"time\",\"actor\",\"action\",\"subject\",\"detail\"",                      \
                  "\"time\":" SCHEMA_TIME ",\"actor\":" SCHEMA_TEXT ",\"action\":" SCHEMA_TEXT \
                  ",\"subject\":" SCHEMA_TEXT ",\"detail\":" SCHEMA_TEXT)
#define NONE \
    { 404, "No such member, or it acts as another account than the caller.", NULL }
#define FORBIDDEN                                                                                  \
    {                                                                                              \
        403, "`owners_only`, `other_signer`, `limited_caller`, or a scope that the caller lacks.", \
            NULL                                                                                   \
    }
#define LAST \
    { 409, "`last_owner`.", NULL }
#define BAD_ADDRESS \
    { 400, "`not_an_address`.", NULL }
#define WRONG \
    { 400, "`invalid_member`, with the member that is wrong.", NULL }

static const struct http_description describes_members = {
    .summary = "The members of the firm; of one of its accounts to who acts as that",
    .parameters = {DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN},
    .answers = {{200, "By their addresses.", SCHEMA_PAGE(MEMBER)},
                {400, "`invalid_query`, with the parameter.", NULL}}};
static const struct http_description describes_audit = {
    .summary =
        "Who did what about members, sessions and API keys; of one account to who acts as that",
    .parameters = {DESCRIBED_PER_PAGE(1000), DESCRIBED_PAGE_TOKEN},
    .answers = {{200, "The newest first.", SCHEMA_PAGE(LINE)},
                {400, "`invalid_query`, with the parameter.", NULL}}};

const struct http_route member_routes[] = {
    {HTTP_GET, "/v1/members", get_members, look, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_members},
    {HTTP_POST, "/v1/members", post_member, manage, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY("Makes an account a member",
                         SCHEMA_WISH("\"address\",\"name\",\"role\"",
                                     "\"address\":" SCHEMA_ADDRESS ","
                                     "\"name\":" SCHEMA_TEXT ",\"role\":" SCHEMA_TEXT
                                     ",\"signer\":" SCHEMA_TEXT
                                     ",\"limits\":" SCHEMA_WANTED_LIMITS),
                         {201, "The member.", MEMBER}, WRONG, FORBIDDEN,
                         {409, "`is_member`.", NULL}, HTTP_DESCRIBED_QUOTA)},
    {HTTP_GET, "/v1/members/{address}", get_member, look, NULL, json, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ),
     HTTP_DESCRIBED("A member", {200, "The member.", MEMBER}, BAD_ADDRESS, NONE)},
    {HTTP_PATCH, "/v1/members/{address}", patch_member, manage, json, json, BODY_OBJECT_BYTES, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED_BODY("Changes name, role, limits or signer of a member",
                         SCHEMA_WISH("", "\"name\":" SCHEMA_TEXT ",\"role\":" SCHEMA_TEXT
                                         ",\"signer\":" SCHEMA_TEXT
                                         ",\"limits\":" SCHEMA_WANTED_LIMITS),
                         {200, "The member.", MEMBER}, WRONG, BAD_ADDRESS, FORBIDDEN, NONE, LAST,
                         HTTP_DESCRIBED_QUOTA)},
    {HTTP_DELETE, "/v1/members/{address}", delete_member, manage, NULL, NULL, 0, NULL,
     HTTP_LANE(SERVER_LANE_WORK),
     HTTP_DESCRIBED("Takes a member away", {204, "Its sessions have ended.", NULL}, BAD_ADDRESS,
                    FORBIDDEN, NONE, LAST)},
    {HTTP_GET, "/v1/audit", get_audit, look, NULL, JSON_OR_CSV, 0, NULL,
     HTTP_LANE(SERVER_LANE_READ), &describes_audit},
};
const size_t member_route_count = sizeof member_routes / sizeof *member_routes;
