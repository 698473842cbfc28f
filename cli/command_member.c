// SPDX-License-Identifier: Apache-2.0
// The members of the firm that a server works for: made, listed, changed and taken away.
#include <stdio.h>
#include <string.h>

#include "chaincore/base/buf.h"
#include "cli/admin.h"
#include "cli/client.h"
#include "cli/output.h"

// An address has no character that a path would need to escape; whatever else is given is refused
// by the server.
static void append_path(struct buf *out, const char *address) {
    size_t len = strspn(address, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    buf_append_format(out, "/v1/members/%.*s", (int)len, len > 0 && !address[len] ? address : "-");
}

static void print_member(const json_t *member) {
    printf("%s  %-8s  %s", admin_text(member, "address"), admin_text(member, "role"),
           admin_text(member, "name"));
    const char *signer = admin_text(member, "signer");
    if (strcmp(signer, "server") != 0) printf("  as %s", signer);
    if (json_is_object(json_object_get(member, "limits"))) printf("  limited");
    printf("\n");
}

// Asks, and prints the member that is answered.
static int change(const char *method, const char *path, json_t *body,
                  const struct options *options) {
    struct admin session;
    json_t *member = NULL;
    if (admin_begin(&session, options)) member = admin_ask(&session, method, path, body);
    admin_end(&session);
    if (!member) return EXIT_FAILED;
    if (options->json) return output_json(member);
    print_member(member);
    if (options->limits) admin_print_limits(member);
    json_decref(member);
    return EXIT_DONE;
}

int command_member_add(const struct options *options) {
    int result = EXIT_USAGE;
    json_t *body = json_pack("{s:s, s:s, s:s}", "address", options->operands[0], "role",
                             options->operands[1], "name", options->operands[2]);
    if (!body) return complain(EXIT_USAGE, "a name is UTF-8");
    if (options->signer) json_object_set_new(body, "signer", json_string(options->signer));
    if (!options->limits || admin_read_limits(options->limits, body))
        result = change("POST", "/v1/members", body, options);
    json_decref(body);
    return result;
}

int command_member_change(const struct options *options) {
    struct buf path = {0};
    int result = EXIT_USAGE;
    json_t *body = json_pack("{s:s}", "role", options->operands[1]);
    append_path(&path, options->operands[0]);
    if (body && options->signer) json_object_set_new(body, "signer", json_string(options->signer));
    if (!body)
        result = complain(EXIT_USAGE, "a role is owner, admin, operator or auditor");
    else if (!options->limits || admin_read_limits(options->limits, body))
        result = change("PATCH", buf_as_string(&path), body, options);
    json_decref(body);
    buf_clear(&path);
    return result;
}

int command_member_remove(const struct options *options) {
    struct admin session;
    struct buf path = {0};
    json_t *answer = NULL;
    append_path(&path, options->operands[0]);
    if (admin_begin(&session, options))
        answer = admin_ask(&session, "DELETE", buf_as_string(&path), NULL);
    admin_end(&session);
    buf_clear(&path);
    if (!answer) return EXIT_FAILED;
    json_decref(answer);
    if (options->json) return output_json(json_pack("{s:s}", "removed", options->operands[0]));
    return EXIT_DONE;
}

static json_t *read_items(const char *path, const struct options *options) {
    struct admin session;
    json_t *items = NULL;
    if (admin_begin(&session, options)) items = client_ask_items(session.url, path, session.key);
    admin_end(&session);
    return items;
}

int command_member_list(const struct options *options) {
    json_t *items = read_items("/v1/members?perPage=1000", options), *member;
    size_t index;
    if (!items) return EXIT_FAILED;
    if (options->json) return output_json(items);
    json_array_foreach(items, index, member) { print_member(member); }
    json_decref(items);
    return EXIT_DONE;
}

int command_member_log(const struct options *options) {
    json_t *items = read_items("/v1/audit?perPage=1000", options), *line;
    size_t index;
    if (!items) return EXIT_FAILED;
    if (options->json) return output_json(items);
    json_array_foreach(items, index, line) {
        printf("%s  %s  %s  %s  %s\n", admin_text(line, "time"), admin_text(line, "actor"),
               admin_text(line, "action"), admin_text(line, "subject"), admin_text(line, "detail"));
    }
    json_decref(items);
    return EXIT_DONE;
}
