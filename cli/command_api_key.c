// SPDX-License-Identifier: Apache-2.0
// A server's API keys: made, listed, rotated and revoked by whoever has one with the scope `admin`.
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/admin.h"
#include "cli/client.h"
#include "cli/output.h"

static bool read_seconds(const char *text, json_t *object, const char *name) {
    if (!text) return true;
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 12 || text[digits]) {
        complain(EXIT_USAGE, "%s is no number of seconds", text);
        return false;
    }
    json_object_set_new(object, name, json_integer((json_int_t)strtoull(text, NULL, 10)));
    return true;
}

// What the server tells once: the secret goes to --out, and then to nowhere else.
static int print_new(json_t *answer, const struct options *options) {
    int result = EXIT_DONE;
    if (!answer) return EXIT_FAILED;
    if (options->out) {
        result = output_secret(admin_text(answer, "key"), options->out);
        json_object_del(answer, "key");
    }
    if (options->json) {
        int printed = output_json(json_incref(answer));
        result = result == EXIT_DONE ? printed : result;
    } else {
        printf("id      %s\n", admin_text(answer, "id"));
        printf("signer  %s\n", admin_text(answer, "signer"));
        if (!options->out) printf("key     %s\n", admin_text(answer, "key"));
    }
    json_decref(answer);
    return result;
}

int command_api_key_create(const struct options *options) {
    struct admin session;
    json_t *scopes = json_array(), *body = NULL;
    int result = EXIT_USAGE;
    for (int i = 1; i < options->operand_count; i++)
        json_array_append_new(scopes, json_string(options->operands[i]));
    body = json_pack("{s:s, s:o}", "name", options->operands[0], "scopes", scopes);
    if (!body) return complain(EXIT_USAGE, "a name and scopes are UTF-8");
    if (options->signer) json_object_set_new(body, "signer", json_string(options->signer));
    bool is_good = !options->limits || admin_read_limits(options->limits, body);
    if (is_good && read_seconds(options->expires, body, "expires_in_s")) {
        result = EXIT_FAILED;
        if (admin_begin(&session, options))
            result = print_new(admin_ask(&session, "POST", "/v1/keys", body), options);
        admin_end(&session);
    }
    json_decref(body);
    return result;
}

// The path of a key, and what stands behind it.
static void append_path(struct buf *out, const char *id, const char *rest) {
    char *escaped = curl_easy_escape(NULL, id, 0);
    buf_append_format(out, "/v1/keys/%s%s", escaped, rest);
    curl_free(escaped);
}

int command_api_key_rotate(const struct options *options) {
    struct admin session;
    struct buf path = {0};
    json_t *body = json_object();
    int result = EXIT_USAGE;
    append_path(&path, options->operands[0], "/rotate");
    if (read_seconds(options->overlap, body, "overlap_s")) {
        result = EXIT_FAILED;
        if (admin_begin(&session, options))
            result = print_new(admin_ask(&session, "POST", buf_as_string(&path), body), options);
        admin_end(&session);
    }
    json_decref(body);
    buf_clear(&path);
    return result;
}

int command_api_key_limit(const struct options *options) {
    struct admin session;
    struct buf path = {0};
    json_t *body = json_object(), *answer = NULL;
    int result = EXIT_USAGE;
    append_path(&path, options->operands[0], "");
    if (admin_read_limits(options->limits, body)) {
        if (admin_begin(&session, options))
            answer = admin_ask(&session, "PATCH", buf_as_string(&path), body);
        admin_end(&session);
        result = answer ? EXIT_DONE : EXIT_FAILED;
    }
    json_decref(body);
    buf_clear(&path);
    if (result == EXIT_DONE && options->json) return output_json(answer);
    if (result == EXIT_DONE) admin_print_limits(answer);
    json_decref(answer);
    return result;
}

int command_api_key_revoke(const struct options *options) {
    struct admin session;
    struct buf path = {0};
    int result = EXIT_FAILED;
    append_path(&path, options->operands[0], "");
    if (admin_begin(&session, options)) {
        json_t *answer = admin_ask(&session, "DELETE", buf_as_string(&path), NULL);
        if (answer) result = EXIT_DONE;
        json_decref(answer);
    }
    admin_end(&session);
    buf_clear(&path);
    if (result == EXIT_DONE && options->json)
        return output_json(json_pack("{s:s}", "revoked", options->operands[0]));
    return result;
}

static void print_key(const json_t *key) {
    const json_t *scopes = json_object_get(key, "scopes");
    const char *signer = admin_text(key, "signer");
    bool is_revoked = json_is_string(json_object_get(key, "revoked"));
    printf("%s  %s  %s", admin_text(key, "id"), admin_text(key, "created"),
           admin_text(key, "name"));
    for (size_t i = 0; i < json_array_size(scopes); i++)
        printf("%s%s", i ? " " : "  ", json_string_value(json_array_get(scopes, i)));
    if (strcmp(signer, "server") != 0) printf("  as %s", signer);
    if (is_revoked) printf("  revoked %s", admin_text(key, "revoked"));
    if (json_is_string(json_object_get(key, "expires")))
        printf("  expires %s", admin_text(key, "expires"));
    if (json_is_object(json_object_get(key, "limits"))) printf("  limited");
    printf("\n");
}

int command_api_key_list(const struct options *options) {
    struct admin session;
    json_t *items = NULL, *key;
    size_t index;
    if (admin_begin(&session, options))
        items = client_ask_items(session.url, "/v1/keys?perPage=1000", session.key);
    admin_end(&session);
    if (!items) return EXIT_FAILED;
    if (options->json) return output_json(items);
    json_array_foreach(items, index, key) { print_key(key); }
    json_decref(items);
    return EXIT_DONE;
}

int command_signer_list(const struct options *options) {
    struct admin session;
    json_t *items = NULL, *signer;
    size_t index;
    if (admin_begin(&session, options))
        items = client_ask_items(session.url, "/v1/signers", session.key);
    admin_end(&session);
    if (!items) return EXIT_FAILED;
    if (options->json) return output_json(items);
    json_array_foreach(items, index, signer) {
        const char *held_up = json_string_value(json_object_get(signer, "held_up"));
        json_int_t waiting = json_integer_value(json_object_get(signer, "waiting"));
        printf("%s  %s", admin_text(signer, "address"), admin_text(signer, "name"));
        if (waiting > 0) printf("  %lld waiting", (long long)waiting);
        printf(held_up ? ": %s\n" : "\n", held_up);
    }
    json_decref(items);
    return EXIT_DONE;
}
