// SPDX-License-Identifier: Apache-2.0
#include "cli/client.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "chaincore/base/clock.h"
#include "chaincore/crypto/sign.h"
#include "cli/command.h"

enum { MAX_REPLY_BYTES = 8 << 20, MAX_PAGES = 1000, MAX_LINK = 2048, TIMEOUT_S = 60 };
// For so long after the first attempt it asks again, where the node says when to.
enum { PATIENCE_S = 60 };

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct client_reply *reply = context;
    size_t len = size * count;
    if (reply->body.len + len > MAX_REPLY_BYTES) return 0;
    buf_append(&reply->body, bytes_of(data, len));
    return len;
}

// Link: </v1/things?nextPageToken=x>; rel="next"
static size_t take_header(char *data, size_t size, size_t count, void *context) {
    static const char name[] = "link:", rel[] = ">; rel=\"next\"";
    struct client_reply *reply = context;
    size_t len = size * count;
    char line[MAX_LINK];
    if (len >= sizeof line) return len;
    memcpy(line, data, len);
    line[len] = '\0';
    char *begin = strchr(line, '<'), *end = strstr(line, rel);
    if (strncasecmp(line, name, sizeof name - 1) != 0 || !begin || !end || end < begin) return len;
    // Of this node alone.
    if (begin[1] != '/' || begin[2] == '/') return len;
    buf_reset(&reply->next);
    buf_append(&reply->next, bytes_of(begin + 1, (size_t)(end - begin - 1)));
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

static bool is_post(const struct client_request *request) {
    return request->method ? strcmp(request->method, "POST") == 0 : request->body != NULL;
}

// What a POST does is done once, however often it is sent: the node knows it again by its key.
static void append_idempotency_key(struct buf *line) {
    uint8_t key[16];
    char text[2 * sizeof key + 1];
    random_bytes(key, sizeof key);
    hex_encode(text, BYTES_OF(key));
    buf_append_format(line, "Idempotency-Key: %s", text);
}

static struct curl_slist *headers_of(const struct client_request *request) {
    struct buf line = {0};
    struct curl_slist *headers = NULL;
    if (request->body) {
        buf_append_format(&line, "Content-Type: %s",
                          request->type ? request->type : "application/octet-stream");
        headers = curl_slist_append(headers, buf_as_string(&line));
    }
    if (is_post(request)) {
        buf_reset(&line);
        append_idempotency_key(&line);
        headers = curl_slist_append(headers, buf_as_string(&line));
    }
    buf_reset(&line);
    if (request->api_key) {
        buf_append_format(&line, "Authorization: Bearer %s", request->api_key);
        headers = curl_slist_append(headers, buf_as_string(&line));
        secret_clear(line.data, line.capacity);
    }
    buf_clear(&line);
    return headers;
}

static void set_up(CURL *curl, const struct client_request *request, struct client_reply *out) {
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    if (is_loopback(request->url)) curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, out);
    if (request->body) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)request->body->len);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body->data);
    }
    if (request->method) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
}

// 429 has done nothing. 503 may come when all is done and the answer fails, and 409 with a time
// while the node still is at what it was sent: then only what does no more when it is sent again.
static bool may_repeat(const struct client_request *request, long status) {
    if (status == 429) return true;
    if (status == 409) return is_post(request);
    return status == 503 && (!request->method || is_post(request));
}

// Whether it has waited for as long as the node says, and is to ask again.
static bool wait_as_told(CURL *curl, const struct client_request *request, uint64_t until_ms) {
    curl_off_t told_s = 0;
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &told_s);
    if (told_s <= 0 || !may_repeat(request, status)) return false;
    if (told_s > PATIENCE_S || clock_monotonic_ms() + (uint64_t)told_s * 1000 > until_ms) {
        complain(EXIT_FAILED, "%s says to come again in %lld s; lmm waits for %d s in all",
                 request->url, (long long)told_s, PATIENCE_S);
        return false;
    }
    fprintf(stderr, "%s is busy (HTTP %ld): lmm asks again in %lld s\n", request->url, status,
            (long long)told_s);
    nanosleep(&(struct timespec){.tv_sec = (time_t)told_s}, NULL);
    return true;
}

bool client_send(struct client_reply *out, const struct client_request *request) {
    struct buf address = {0};
    char reason[CURL_ERROR_SIZE] = "";
    uint64_t until_ms = clock_monotonic_ms() + PATIENCE_S * 1000;
    CURLcode result;
    *out = (struct client_reply){0};
    CURL *curl = curl_easy_init();
    ENSURE(curl);
    buf_append_format(&address, "%s%s", request->url, request->path);
    struct curl_slist *headers = headers_of(request);
    set_up(curl, request, out);
    curl_easy_setopt(curl, CURLOPT_URL, buf_as_string(&address));
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    do {
        client_reply_clear(out);
        result = curl_easy_perform(curl);
    } while (result == CURLE_OK && wait_as_told(curl, request, until_ms));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    if (result != CURLE_OK)
        complain(EXIT_FAILED, "%s: %s", request->url,
                 *reason ? reason : curl_easy_strerror(result));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    buf_clear(&address);
    return result == CURLE_OK;
}

// The node's own words; those of a contract go before.
static void complain_of(const json_t *problem, long status) {
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const char *code = json_string_value(json_object_get(problem, "code"));
    const char *own = json_string_value(json_object_get(problem, "contract_message"));
    if (own) detail = own;
    complain(EXIT_FAILED, "%s (%s, HTTP %ld)", detail ? detail : "the node refused",
             code ? code : "no code", status);
}

static json_t *json_of(const struct client_reply *reply) {
    json_error_t error;
    bool is_good = reply->status < 300;
    if (is_good && reply->body.len == 0) return json_null();
    json_t *json =
        json_loadb((const char *)reply->body.data, reply->body.len, JSON_REJECT_DUPLICATES, &error);
    if (json && is_good) return json;
    complain_of(json, reply->status);
    json_decref(json);
    return NULL;
}

bool client_find(struct client_reply *out, const struct client_request *request) {
    if (!client_send(out, request)) return false;
    if (out->status == 200 || out->status == 404) return true;
    json_t *problem = json_loadb((const char *)out->body.data, out->body.len, 0, NULL);
    complain_of(problem, out->status);
    json_decref(problem);
    return false;
}

json_t *client_send_json(const struct client_request *request) {
    struct client_reply reply;
    json_t *json = client_send(&reply, request) ? json_of(&reply) : NULL;
    client_reply_clear(&reply);
    return json;
}

json_t *client_ask_json(const char *url, const char *path, const struct bytes *body) {
    return client_send_json(&(struct client_request){.url = url, .path = path, .body = body});
}

json_t *client_ask_items(const char *url, const char *path, const char *api_key) {
    struct buf at = {0};
    json_t *items = json_array();
    bool is_whole = false;
    buf_append_string(&at, path);
    for (int page = 0; items && !is_whole; page++) {
        struct client_reply reply;
        struct client_request request = {
            .url = url, .path = buf_as_string(&at), .api_key = api_key};
        json_t *json = client_send(&reply, &request) ? json_of(&reply) : NULL;
        if (page == MAX_PAGES) complain(EXIT_FAILED, "there are too many pages");
        if (!json || page == MAX_PAGES ||
            json_array_extend(items, json_object_get(json, "items")) != 0) {
            json_decref(items);
            items = NULL;
        }
        json_decref(json);
        buf_reset(&at);
        buf_append(&at, buf_bytes(&reply.next));
        is_whole = at.len == 0;
        client_reply_clear(&reply);
    }
    buf_clear(&at);
    return items;
}

void client_reply_clear(struct client_reply *reply) {
    // An answer may tell a key.
    if (reply->body.data) secret_clear(reply->body.data, reply->body.capacity);
    buf_clear(&reply->body);
    buf_clear(&reply->next);
}
