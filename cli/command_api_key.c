// SPDX-License-Identifier: Apache-2.0
// A server's API keys: made, listed, rotated and revoked by whoever has one with the scope `admin`.
#include <curl/curl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/sign.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/output.h"
#include "cli/prompt.h"

enum { MAX_KEY_CHARS = 256 };

struct session {
    json_t *devnet;
    const char *url;
    char key[MAX_KEY_CHARS];
};

// Of --api-key-file, LMM_API_KEY, or the devnet's. False, with a complaint.
static bool read_key(struct session *session, const struct options *options) {
    const char *given = getenv("LMM_API_KEY"), *name;
    json_t *server;
    if (options->api_key_file) {
        int fd = open(options->api_key_file, O_RDONLY | O_CLOEXEC);
        bool was_read = fd >= 0 && prompt_read_line(fd, session->key, sizeof session->key);
        if (fd >= 0) close(fd);
        if (!was_read) complain(EXIT_FAILED, "%s has no API key", options->api_key_file);
        return was_read;
    }
    json_object_foreach(json_object_get(session->devnet, "servers"), name, server) {
        const char *url = json_string_value(json_object_get(server, "url"));
        if (!given && url && strcmp(url, session->url) == 0)
            given = json_string_value(json_object_get(server, "api_key"));
    }
    if (given && strlen(given) < sizeof session->key) {
        memcpy(session->key, given, strlen(given) + 1);
        return true;
    }
    complain(EXIT_USAGE,
             "which API key to use? No --api-key-file, no LMM_API_KEY, and no devnet's");
    return false;
}

static bool session_begin(struct session *out, const struct options *options) {
    *out = (struct session){.devnet = devnet_load(options)};
    // Later the secret would be made, and lost.
    if (options->out && file_exists(options->out)) {
        complain(EXIT_FAILED, "%s is there already", options->out);
        return false;
    }
    out->url = devnet_url(options, out->devnet);
    return out->url && read_key(out, options);
}

static void session_end(struct session *session) {
    json_decref(session->devnet);
    secret_clear(session->key, sizeof session->key);
}

static json_t *ask(const struct session *session, const char *method, const char *path,
                   const json_t *body) {
    struct bytes text = {0};
    struct buf sent = {0};
    if (body) {
        size_t len = json_dumpb(body, NULL, 0, JSON_COMPACT);
        json_dumpb(body, (char *)buf_reserve(&sent, len), len, JSON_COMPACT);
        sent.len = len;
        text = buf_bytes(&sent);
    }
    json_t *answer = client_send_json(&(struct client_request){.url = session->url,
                                                               .path = path,
                                                               .method = method,
                                                               .body = body ? &text : NULL,
                                                               .type = "application/json",
                                                               .api_key = session->key});
    buf_clear(&sent);
    return answer;
}

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

// "day=5,total=100" as an object of these; false, with a complaint.
static bool read_limits(const char *text, json_t *object) {
    json_t *limits = json_object();
    bool is_good = true;
    while (text && *text && is_good) {
        size_t len = strcspn(text, ","), name = strcspn(text, "=,");
        is_good = name > 0 && name + 1 < len;
        if (!is_good) break;
        json_object_setn_new(limits, text, name, json_stringn(text + name + 1, len - name - 1));
        text += len + (text[len] ? 1 : 0);
    }
    if (is_good) {
        json_object_set_new(object, "limits", limits);
        return true;
    }
    json_decref(limits);
    complain(EXIT_USAGE, "--limits takes transaction=LMM,day=LMM,total=LMM");
    return false;
}

static const char *text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

static void print_limits(const json_t *key) {
    json_t *limits = json_object_get(key, "limits"), *spent = json_object_get(key, "spent"), *most;
    const char *name;
    json_object_foreach(limits, name, most) {
        if (json_is_string(most)) printf("%s  %s LMM\n", name, json_string_value(most));
    }
    if (json_is_object(spent))
        printf("spent today  %s LMM\nspent  %s LMM\n", text_of(spent, "today"),
               text_of(spent, "total"));
    else
        printf("no limits\n");
}

// What the server tells once: the secret goes to --out, and then to nowhere else.
static int print_new(json_t *answer, const struct options *options) {
    int result = EXIT_DONE;
    if (!answer) return EXIT_FAILED;
    if (options->out) {
        result = output_secret(text_of(answer, "key"), options->out);
        json_object_del(answer, "key");
    }
    if (options->json) {
        int printed = output_json(json_incref(answer));
        result = result == EXIT_DONE ? printed : result;
    } else {
        printf("id   %s\n", text_of(answer, "id"));
        if (!options->out) printf("key  %s\n", text_of(answer, "key"));
    }
    json_decref(answer);
    return result;
}

int command_api_key_create(const struct options *options) {
    struct session session;
    json_t *scopes = json_array(), *body = NULL;
    int result = EXIT_USAGE;
    for (int i = 1; i < options->operand_count; i++)
        json_array_append_new(scopes, json_string(options->operands[i]));
    body = json_pack("{s:s, s:o}", "name", options->operands[0], "scopes", scopes);
    if (!body) return complain(EXIT_USAGE, "a name and scopes are UTF-8");
    bool is_good = !options->limits || read_limits(options->limits, body);
    if (is_good && read_seconds(options->expires, body, "expires_in_s")) {
        result = EXIT_FAILED;
        if (session_begin(&session, options))
            result = print_new(ask(&session, "POST", "/v1/keys", body), options);
        session_end(&session);
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
    struct session session;
    struct buf path = {0};
    json_t *body = json_object();
    int result = EXIT_USAGE;
    append_path(&path, options->operands[0], "/rotate");
    if (read_seconds(options->overlap, body, "overlap_s")) {
        result = EXIT_FAILED;
        if (session_begin(&session, options))
            result = print_new(ask(&session, "POST", buf_as_string(&path), body), options);
        session_end(&session);
    }
    json_decref(body);
    buf_clear(&path);
    return result;
}

int command_api_key_limit(const struct options *options) {
    struct session session;
    struct buf path = {0};
    json_t *body = json_object(), *answer = NULL;
    int result = EXIT_USAGE;
    append_path(&path, options->operands[0], "");
    if (read_limits(options->limits, body)) {
        if (session_begin(&session, options))
            answer = ask(&session, "PATCH", buf_as_string(&path), body);
        session_end(&session);
        result = answer ? EXIT_DONE : EXIT_FAILED;
    }
    json_decref(body);
    buf_clear(&path);
    if (result == EXIT_DONE && options->json) return output_json(answer);
    if (result == EXIT_DONE) print_limits(answer);
    json_decref(answer);
    return result;
}

int command_api_key_revoke(const struct options *options) {
    struct session session;
    struct buf path = {0};
    int result = EXIT_FAILED;
    append_path(&path, options->operands[0], "");
    if (session_begin(&session, options)) {
        json_t *answer = ask(&session, "DELETE", buf_as_string(&path), NULL);
        if (answer) result = EXIT_DONE;
        json_decref(answer);
    }
    session_end(&session);
    buf_clear(&path);
    if (result == EXIT_DONE && options->json)
        return output_json(json_pack("{s:s}", "revoked", options->operands[0]));
    return result;
}

static void print_key(const json_t *key) {
    const json_t *scopes = json_object_get(key, "scopes");
    bool is_revoked = json_is_string(json_object_get(key, "revoked"));
    printf("%s  %s  %s", text_of(key, "id"), text_of(key, "created"), text_of(key, "name"));
    for (size_t i = 0; i < json_array_size(scopes); i++)
        printf("%s%s", i ? " " : "  ", json_string_value(json_array_get(scopes, i)));
    if (is_revoked) printf("  revoked %s", text_of(key, "revoked"));
    if (json_is_string(json_object_get(key, "expires")))
        printf("  expires %s", text_of(key, "expires"));
    if (json_is_object(json_object_get(key, "limits"))) printf("  limited");
    printf("\n");
}

int command_api_key_list(const struct options *options) {
    struct session session;
    json_t *items = NULL, *key;
    size_t index;
    if (session_begin(&session, options))
        items = client_ask_items(session.url, "/v1/keys?perPage=1000", session.key);
    session_end(&session);
    if (!items) return EXIT_FAILED;
    if (options->json) return output_json(items);
    json_array_foreach(items, index, key) { print_key(key); }
    json_decref(items);
    return EXIT_DONE;
}
