// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/command.h"

enum { MAX_REPLY_BYTES = 8 << 20, TIMEOUT_S = 60 };

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct client_reply *reply = context;
    size_t len = size * count;
    if (reply->body.len + len > MAX_REPLY_BYTES) return 0;
    buf_append(&reply->body, bytes_of(data, len));
    return len;
}

// A node of this machine: no proxy stands in between, whatever the environment says of others.
static bool is_loopback(const char *url) {
    struct in_addr address;
    char *host = NULL;
    CURLU *parts = curl_url();
    bool is_local = false;
    if (curl_url_set(parts, CURLUPART_URL, url, CURLU_GUESS_SCHEME) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
        is_local = strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
                   (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
    curl_free(host);
    curl_url_cleanup(parts);
    return is_local;
}

bool client_ask(struct client_reply *out, const char *url, const char *path,
                const struct bytes *body) {
    struct buf address = {0};
    char reason[CURL_ERROR_SIZE] = "";
    *out = (struct client_reply){0};
    CURL *curl = curl_easy_init();
    ENSURE(curl);
    buf_append_format(&address, "%s%s", url, path);
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/octet-stream");
    curl_easy_setopt(curl, CURLOPT_URL, buf_as_string(&address));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_loopback(url)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    if (body) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)body->len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body->data);
    }
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    if (result != CURLE_OK)
        complain(EXIT_FAILED, "%s: %s", url, *reason ? reason : curl_easy_strerror(result));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    buf_clear(&address);
    return result == CURLE_OK;
}

json_t *client_ask_json(const char *url, const char *path, const struct bytes *body) {
    struct client_reply reply;
    json_error_t error;
    json_t *json = NULL;
    if (client_ask(&reply, url, path, body)) {
        json = json_loadb((const char *)reply.body.data, reply.body.len, JSON_REJECT_DUPLICATES,
                          &error);
        if (!json || reply.status >= 300) {
            const char *detail = json_string_value(json_object_get(json, "detail"));
            const char *code = json_string_value(json_object_get(json, "code"));
            complain(EXIT_FAILED, "%s (%s, HTTP %ld)", detail ? detail : "the node refused",
                     code ? code : "no code", reply.status);
            json_decref(json);
            json = NULL;
        }
    }
    client_reply_clear(&reply);
    return json;
}

void client_reply_clear(struct client_reply *reply) { buf_clear(&reply->body); }
