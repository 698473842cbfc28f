// SPDX-License-Identifier: Apache-2.0
#include "tests/support/server_process.h"

#include <ctype.h>
#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "tests/support/api_document.h"
#include "tests/support/unit.h"

void server_init(struct server_process *server, const char *program) {
    *server = (struct server_process){.program = program};
    test_folder(server->folder, "server");
}

static void run_program(const struct server_process *server) {
    char data[96], path[112];
    const char *arguments[20] = {server->program, "--data",      data,
                                 "--listen",      "127.0.0.1:0", "--devnet"};
    int count = 6;
    snprintf(data, sizeof data, "%s/data", server->folder);
    snprintf(path, sizeof path, "%s/log", server->folder);
    if (server->index) {
        arguments[count++] = "--index";
        arguments[count++] = server->index;
    }
    if (server->rebuild_index) arguments[count++] = "--rebuild-index";
    for (int i = 0; i < 8 && server->flags[i]; i++) arguments[count++] = server->flags[i];
    if (!freopen(path, "a", stderr)) _exit(126);
    snprintf(path, sizeof path, "%s/out", server->folder);
    if (!freopen(path, "a", stdout)) _exit(126);
    execv(server->program, (char *const *)arguments);
    _exit(127);
}

// Polls for the file that the server renames into place when it is ready: there is nothing to wait
// on.
static json_t *await_ready(const struct server_process *server) {
    static const struct timespec step = {.tv_nsec = 10 * 1000 * 1000};
    char path[112];
    snprintf(path, sizeof path, "%s/data/ready.json", server->folder);
    for (int i = 0; i < 3000; i++) {
        json_error_t error;
        json_t *ready = json_load_file(path, 0, &error);
        if (ready && json_integer_value(json_object_get(ready, "pid")) == server->pid) return ready;
        json_decref(ready);
        ck_assert_msg(waitpid(server->pid, NULL, WNOHANG) == 0, "the server ended at its start");
        nanosleep(&step, NULL);
    }
    ck_abort_msg("the server did not become ready");
    return NULL;
}

static double metric_of(const struct server_process *server, const char *name);

// The old rows answer until the new ones are there.
static void await_rebuild(const struct server_process *server) {
    static const struct timespec step = {.tv_nsec = 10 * 1000 * 1000};
    uint64_t until_ms = clock_monotonic_ms() + 60000;
    while (metric_of(server, "lmm_index_rebuilding") > 0) {
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
        nanosleep(&step, NULL);
    }
}

void server_start(struct server_process *server) {
    fflush(NULL);
    server->pid = fork();
    ck_assert_int_ge(server->pid, 0);
    if (server->pid == 0) run_program(server);
    json_decref(server->ready);
    server->ready = await_ready(server);
    snprintf(server->url, sizeof server->url, "%s", member(server->ready, "url"));
    snprintf(server->api_key, sizeof server->api_key, "%s", member(server->ready, "api_key"));
    if (server->rebuild_index) await_rebuild(server);
}

int server_fail(struct server_process *server) {
    int status = 0;
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) run_program(server);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int end(struct server_process *server, int signal) {
    int status = 0;
    if (server->pid <= 0) return 0;
    kill(server->pid, signal);
    ck_assert_int_eq(waitpid(server->pid, &status, 0), server->pid);
    server->pid = 0;
    return status;
}

void server_stop(struct server_process *server) {
    int status = end(server, SIGTERM);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the server ended with %d",
                  status);
}

void server_kill(struct server_process *server) { end(server, SIGKILL); }

void server_clear(struct server_process *server) {
    char command[128];
    end(server, SIGKILL);
    json_decref(server->ready);
    server->ready = NULL;
    snprintf(command, sizeof command, "rm -r %s", server->folder);
    ck_assert_int_eq(system(command), 0);
}

static size_t take_body(char *data, size_t size, size_t count, void *context) {
    buf_append(context, bytes_of(data, size * count));
    return size * count;
}

static void keep_header(char *out, size_t capacity, const char *name, struct bytes line) {
    size_t len = strlen(name);
    if (line.len <= len + 2 || strncasecmp((const char *)line.data, name, len) != 0) return;
    snprintf(out, capacity, "%.*s", (int)(line.len - len), (const char *)line.data + len);
    out[strcspn(out, "\r\n")] = '\0';
}

static size_t take_header(char *data, size_t size, size_t count, void *context) {
    struct reply *reply = context;
    struct bytes line = bytes_of(data, size * count);
    buf_append(&reply->headers, line);
    keep_header(reply->location, sizeof reply->location, "Location: ", line);
    keep_header(reply->type, sizeof reply->type, "Content-Type: ", line);
    keep_header(reply->link, sizeof reply->link, "Link: ", line);
    return size * count;
}

static void perform(const struct server_process *server, const struct ask *ask, struct reply *out) {
    char text[256];
    struct buf target = {0};
    struct curl_slist *headers = NULL;
    CURL *curl = curl_easy_init();
    *out = (struct reply){0};
    buf_append_format(&target, "%s%s", server->url, ask->path);
    const char *url = buf_as_string(&target);
    snprintf(text, sizeof text, "Authorization: Bearer %s", server->api_key);
    if (!ask->without_key) headers = curl_slist_append(headers, text);
    if (ask->content_type) {
        snprintf(text, sizeof text, "Content-Type: %s", ask->content_type);
        headers = curl_slist_append(headers, text);
    }
    if (ask->header) headers = curl_slist_append(headers, ask->header);
    headers = curl_slist_append(headers, "Expect:");
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &out->body);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, out);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    if (server->ca_file) curl_easy_setopt(curl, CURLOPT_CAINFO, server->ca_file);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, 60L);
    if (ask->body.data) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, ask->body.data);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)ask->body.len);
    }
    if (ask->method) curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, ask->method);
    CURLcode result = curl_easy_perform(curl);
    ck_assert_msg(result == CURLE_OK, "%s: %s", url, curl_easy_strerror(result));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &out->status);
    buf_as_string(&out->body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    buf_as_string(&out->headers);
    buf_clear(&target);
}

// The document as the server gives it, once for each of its runs.
static const json_t *document_of(const struct server_process *server) {
    static json_t *document;
    static pid_t pid;
    struct reply reply;
    json_error_t error;
    if (pid == server->pid) return document;
    json_decref(document);
    document = NULL;
    pid = server->pid;
    perform(server, &(struct ask){.path = "/openapi.json"}, &reply);
    if (reply.status == 200)
        document = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    reply_clear(&reply);
    return document;
}

// What is no operation of the document is a page, or there is nothing.
static void judge(const struct server_process *server, const struct ask *ask,
                  const struct reply *reply) {
    char method[8] = "", type[sizeof reply->type];
    const char *name = ask->method ? ask->method : ask->body.data ? "POST" : "GET";
    const json_t *document = document_of(server);
    const char *pattern = document ? api_document_pattern(document, ask->path) : NULL;
    for (size_t i = 0; name[i] && i + 1 < sizeof method; i++)
        method[i] = (char)tolower((unsigned char)name[i]);
    if (!pattern || !api_document_operation(document, pattern, method)) {
        bool is_page = strcmp(name, "GET") == 0 || strcmp(name, "HEAD") == 0;
        bool is_refused = reply->status == 404 || reply->status == 405 || reply->status == 406;
        ck_assert_msg(is_page || is_refused || strcmp(name, "OPTIONS") == 0, "%s %s: %ld", name,
                      ask->path, reply->status);
        return;
    }
    snprintf(type, sizeof type, "%.*s", (int)strcspn(reply->type, ";"), reply->type);
    api_document_check(document, &(struct api_answer){pattern, method, (int)reply->status, type,
                                                      bytes_of(reply->body.data, reply->body.len)});
}

void server_ask(const struct server_process *server, const struct ask *ask, struct reply *out) {
    perform(server, ask, out);
    if (server->pid > 0) judge(server, ask, out);
}

void reply_clear(struct reply *reply) {
    buf_clear(&reply->body);
    buf_clear(&reply->headers);
}

long server_ask_json(const struct server_process *server, const char *method, const char *path,
                     const char *body, json_t **out) {
    struct reply reply;
    struct ask ask = {.path = path, .method = method};
    if (body) ask.body = bytes_of_string(body);
    if (body) ask.content_type = "application/json";
    server_ask(server, &ask, &reply);
    long status = reply.status;
    if (out) *out = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    reply_clear(&reply);
    return status;
}

json_t *server_get(const struct server_process *server, const char *path) {
    struct reply reply;
    json_error_t error;
    server_ask(server, &(struct ask){.path = path}, &reply);
    ck_assert_msg(reply.status == 200, "GET %s: %ld %s", path, reply.status,
                  (const char *)reply.body.data);
    json_t *json = json_loadb((const char *)reply.body.data, reply.body.len, 0, &error);
    ck_assert_msg(json != NULL, "GET %s: %s", path, error.text);
    reply_clear(&reply);
    return json;
}

static double metric_of(const struct server_process *server, const char *name) {
    struct reply reply;
    char line[64];
    snprintf(line, sizeof line, "\n%s ", name);
    server_ask(server, &(struct ask){.path = "/metrics"}, &reply);
    const char *at = strstr((const char *)reply.body.data, line);
    ck_assert_ptr_nonnull(at);
    double value = strtod(at + strlen(line), NULL);
    reply_clear(&reply);
    return value;
}

void server_await_index(const struct server_process *server, uint64_t height) {
    uint64_t until_ms = clock_monotonic_ms() + 30000;
    while (metric_of(server, "lmm_index_height") < (double)height)
        ck_assert_uint_lt(clock_monotonic_ms(), until_ms);
}

const char *member(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}
