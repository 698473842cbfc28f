// SPDX-License-Identifier: Apache-2.0
#include "cli/admin.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/crypto/sign.h"
#include "cli/client.h"
#include "cli/devnet.h"
#include "cli/prompt.h"

// Of --api-key-file, LMM_API_KEY, or the devnet's; empty: there is none. False, with a complaint.
static bool find_key(struct admin *session, const struct options *options) {
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
    if (given && strlen(given) < sizeof session->key)
        memcpy(session->key, given, strlen(given) + 1);
    return true;
}

static bool read_key(struct admin *session, const struct options *options) {
    if (!find_key(session, options)) return false;
    if (*session->key) return true;
    complain(EXIT_USAGE,
             "which API key to use? No --api-key-file, no LMM_API_KEY, and no devnet's");
    return false;
}

bool admin_begin(struct admin *out, const struct options *options) {
    *out = (struct admin){.devnet = devnet_load(options)};
    // Later the secret would be made, and lost.
    if (options->out && file_exists(options->out)) {
        complain(EXIT_FAILED, "%s is there already", options->out);
        return false;
    }
    out->url = devnet_url(options, out->devnet);
    return out->url && read_key(out, options);
}

bool admin_begin_open(struct admin *out, const struct options *options) {
    *out = (struct admin){.devnet = devnet_load(options)};
    out->url = devnet_url(options, out->devnet);
    return out->url && find_key(out, options);
}

void admin_end(struct admin *session) {
    json_decref(session->devnet);
    secret_clear(session->key, sizeof session->key);
}

json_t *admin_ask(const struct admin *session, const char *method, const char *path,
                  const json_t *body) {
    struct bytes text = {0};
    struct buf sent = {0};
    if (body) {
        size_t len = json_dumpb(body, NULL, 0, JSON_COMPACT);
        json_dumpb(body, (char *)buf_reserve(&sent, len), len, JSON_COMPACT);
        sent.len = len;
        text = buf_bytes(&sent);
    }
    json_t *answer =
        client_send_json(&(struct client_request){.url = session->url,
                                                  .path = path,
                                                  .method = method,
                                                  .body = body ? &text : NULL,
                                                  .type = "application/json",
                                                  .api_key = *session->key ? session->key : NULL});
    buf_clear(&sent);
    return answer;
}

const char *admin_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

// "day=5,total=100" as an object of these; false, with a complaint.
bool admin_read_limits(const char *text, json_t *object) {
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

void admin_print_limits(const json_t *key) {
    json_t *limits = json_object_get(key, "limits"), *spent = json_object_get(key, "spent"), *most;
    const char *name;
    json_object_foreach(limits, name, most) {
        if (json_is_string(most)) printf("%s  %s LMM\n", name, json_string_value(most));
    }
    if (json_is_object(spent))
        printf("spent today  %s LMM\nspent  %s LMM\n", admin_text(spent, "today"),
               admin_text(spent, "total"));
    else
        printf("no limits\n");
}
