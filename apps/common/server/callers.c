// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/callers.h"

#include <stdio.h>
#include <strings.h>

#include "apps/common/server/login.h"
#include "apps/common/server/sessions.h"
#include "chaincore/chaincore.h"

bool callers_has_word(const char *list, const char *word) {
    size_t len = strlen(word);
    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || !at[len])) return true;
    return false;
}

bool callers_is_scope(const struct server *server, const char *scope) {
    if (strcmp(scope, "*") == 0) return true;
    for (size_t i = 0; i < server->table_count; i++)
        for (size_t k = 0; k < server->tables[i].count; k++) {
            const char *known = server->tables[i].routes[k].scope;
            if (known && strcmp(known, scope) == 0) return true;
        }
    return false;
}

// --- roles ---

static bool is_of_role(const char *scope, enum member_role role) {
    static const char of_the_kit[] = "admin audit members webhooks";
    return role == MEMBER_ADMIN || !callers_has_word(of_the_kit, scope);
}

const char *callers_scopes(const struct server *server, struct arena *arena,
                           enum member_role role) {
    struct buf list = {0};
    if (role == MEMBER_OWNER) return "*";
    if (role == MEMBER_AUDITOR) return "audit";
    for (size_t i = 0; i < server->table_count; i++)
        for (size_t k = 0; k < server->tables[i].count; k++) {
            const char *scope = server->tables[i].routes[k].scope;
            if (!scope || !is_of_role(scope, role)) continue;
            if (list.len > 0 && callers_has_word(buf_as_string(&list), scope)) continue;
            buf_append_format(&list, "%s%s", list.len > 0 ? " " : "", scope);
        }
    const char *scopes = arena_copy_string(arena, buf_bytes(&list));
    buf_clear(&list);
    return scopes;
}

// --- sessions ---

const char *callers_member_id(struct arena *arena, const struct account_id *account) {
    char address[ADDRESS_CHARS + 1];
    address_encode(address, account->bytes);
    return arena_format(arena, CALLER_MEMBER "%s", address);
}

// Of a member whose key may still sign.
static enum status find_member(struct server *server, struct bytes token, struct member *out) {
    struct session session;
    struct account account;
    uint64_t next_seq;
    enum status status = sessions_find(server->sessions, token, &session);
    if (status == STATUS_OK) status = members_find(server->members, &session.account, out);
    if (status != STATUS_OK) return status;
    node_account(server->node, &session.account, &account, &next_seq);
    bool is_enough = login_key_is_enough(&account, &session.account, &session.key);
    return is_enough ? STATUS_OK : STATUS_NOT_FOUND;
}

bool callers_find(void *context, struct arena *arena, struct bytes text, struct http_key *out) {
    struct server *server = context;
    struct member member;
    if (!session_is_token(text)) return api_keys_find(server->api_keys, arena, text, out);
    enum status status = find_member(server, text, &member);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        log_error("callers", "a session cannot be read", log_text("status", status_name(status)));
    if (status != STATUS_OK) return false;
    *out = (struct http_key){.name = arena_copy_string(arena, bytes_of_string(member.name)),
                             .scopes = callers_scopes(server, arena, member.role),
                             .id = callers_member_id(arena, &member.account),
                             .as = arena_copy_string(arena, bytes_of_string(member.signer))};
    return true;
}

enum status callers_session(struct server *server, struct http_request *request,
                            struct bytes *token, struct member *out) {
    static const char scheme[] = "Bearer ";
    const char *header = http_header(request, "Authorization");
    if (!header || strncasecmp(header, scheme, sizeof scheme - 1) != 0) return STATUS_NOT_FOUND;
    header += sizeof scheme - 1;
    header += strspn(header, " \t");
    *token = bytes_of(header, strcspn(header, " \t"));
    return find_member(server, *token, out);
}

// --- what all that manage have in common ---

bool callers_is_unlimited(struct server *server, struct http_request *request,
                          struct http_response *response, enum status *status) {
    struct spending_report report = {0};
    *status = server->spending ? spending_read(server->spending, http_caller_id(request), &report)
                               : STATUS_OK;
    if (*status != STATUS_OK) return false;
    if (!spending_has_limits(&report.terms)) return true;
    http_problem_as(response, 403, "limited_caller",
                    "Who has spending limits of their own manages neither keys nor members.");
    return false;
}

const char *callers_signer(const struct http_request *request) {
    const char *as = http_caller_as(request);
    return as ? as : server_account_name;
}

const char *callers_only_signer(const struct http_request *request) {
    const char *own = callers_signer(request);
    return strcmp(own, server_account_name) == 0 ? NULL : own;
}

bool callers_sees_all(const struct http_request *request) {
    return http_caller_id(request) && !callers_only_signer(request);
}

void callers_refuse_signer(struct http_response *response) {
    http_problem_as(response, 403, "other_signer",
                    "You act as one account; this belongs to another one.");
}

bool callers_may_sign_as(const struct http_request *request, struct http_response *response,
                         const char *signer) {
    const char *only = callers_only_signer(request);
    if (!only || strcmp(only, signer) == 0) return true;
    callers_refuse_signer(response);
    return false;
}

struct api_key_note callers_key_note(struct http_request *request, const char *action,
                                     const char *detail) {
    return (struct api_key_note){http_caller_id(request), action, detail};
}

static enum status take_key_note(void *context, const struct api_key_line *line) {
    char origin[32];
    const struct audit_line whole = {.at_ms = line->at_ms,
                                     .actor = line->note.actor,
                                     .action = line->note.action,
                                     .subject = line->id,
                                     .detail = line->note.detail,
                                     .signer = line->signer};
    snprintf(origin, sizeof origin, "key-%llu", (unsigned long long)line->number);
    return members_note_once(context, origin, &whole);
}

void callers_take_key_notes(struct server *server) {
    if (!server->members) return;
    enum status status = api_keys_take_notes(server->api_keys, take_key_note, server->members);
    if (status != STATUS_OK)
        log_error("firm", "what was done to keys is not in the log yet",
                  log_text("status", status_name(status)));
}

void callers_note(struct server *server, struct http_request *request, const char *action,
                  const char *subject, const char *detail) {
    struct audit_line line = {.actor = http_caller_id(request),
                              .action = action,
                              .subject = subject,
                              .detail = detail,
                              .signer = callers_signer(request)};
    log_info("firm", action, log_text("subject", subject), log_text("caller", http_caller(request)),
             log_text("request_id", http_request_id(request)));
    enum status status = server->members ? members_note(server->members, &line) : STATUS_OK;
    if (status != STATUS_OK)
        log_error("firm", "what was done cannot be written down", log_text("action", action),
                  log_text("status", status_name(status)));
}
