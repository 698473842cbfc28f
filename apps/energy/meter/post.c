// SPDX-License-Identifier: Apache-2.0
#include "apps/energy/meter/post.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "chaincore/base/buf.h"

enum { TIMEOUT_S = 60, ANSWER_BYTES = 4 * 1024 * 1024, PATH_BYTES = 256 };

struct answer {
    long status;
    struct buf body;
    char location[PATH_BYTES];
};

void post_open(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }
void post_close(void) { curl_global_cleanup(); }

static size_t take(char *data, size_t size, size_t count, void *context) {
    struct answer *answer = context;
    size_t len = size * count;
    if (len > ANSWER_BYTES - answer->body.len) return 0;
    buf_append(&answer->body, bytes_of(data, len));
    return len;
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    static const char NAME[] = "location: ";
    struct answer *answer = context;
    size_t len = size * count, name = sizeof NAME - 1;
    if (len > name && len - name < PATH_BYTES && strncasecmp(data, NAME, name) == 0) {
        memcpy(answer->location, data + name, len - name);
        answer->location[strcspn(answer->location, "\r\n")] = '\0';
    }
    return len;
}

static struct curl_slist *make_headers(const struct post_server *server, bool has_body) {
    char line[sizeof server->api_key + 32];
    snprintf(line, sizeof line, "Authorization: Bearer %s", server->api_key);
    struct curl_slist *headers = curl_slist_append(NULL, line);
    return has_body ? curl_slist_append(headers, "Content-Type: application/json") : headers;
}

// False: no answer came.
static bool ask(const struct post_server *server, const char *path, const char *body,
                struct answer *out) {
    char url[sizeof server->url + PATH_BYTES];
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = make_headers(server, body != NULL);
    *out = (struct answer){0};
    if (!curl) return false;
    snprintf(url, sizeof url, "%s%s", server->url, path);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "127.0.0.1,localhost");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)TIMEOUT_S);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, out);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, out);
    if (body) curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    if (result != CURLE_OK) fprintf(stderr, "meterd: %s: %s\n", url, curl_easy_strerror(result));
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return result == CURLE_OK;
}

static json_t *parse(const struct answer *answer) {
    return json_loadb((const char *)answer->body.data, answer->body.len, JSON_REJECT_DUPLICATES,
                      NULL);
}

json_t *post_get(const struct post_server *server, const char *path) {
    struct answer answer;
    json_t *value = NULL;
    if (ask(server, path, NULL, &answer)) {
        if (answer.status == 200) value = parse(&answer);
        if (!value) fprintf(stderr, "meterd: %s: status %ld\n", path, answer.status);
    }
    buf_clear(&answer.body);
    return value;
}

static bool await_final(const struct post_server *server, const char *location) {
    char path[PATH_BYTES + 16];
    snprintf(path, sizeof path, "%s?wait=final", location);
    json_t *tx = post_get(server, path);
    const char *code = json_string_value(json_object_get(tx, "code"));
    const char *why = json_string_value(json_object_get(tx, "contract_message"));
    bool is_good = code && strcmp(code, "OK") == 0;
    if (!is_good) fprintf(stderr, "meterd: %s: %s\n", code ? code : "not final", why ? why : "");
    json_decref(tx);
    return is_good;
}

bool post_transaction(const struct post_server *server, const char *path, const char *body) {
    struct answer answer;
    bool is_good = ask(server, path, body, &answer);
    if (is_good && answer.status != 202) {
        fprintf(stderr, "meterd: %s: status %ld\n", path, answer.status);
        is_good = false;
    }
    if (is_good) is_good = await_final(server, answer.location);
    buf_clear(&answer.body);
    return is_good;
}
