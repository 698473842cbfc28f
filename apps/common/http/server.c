// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"
#include "apps/common/http/tls.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/crypto/sign.h"

// Per connection: the largest headers we take, and room to read a body and write a response.
enum { CONNECTION_MEMORY = 32 * 1024 };

// --- exchanges ---

static struct http_request *take_exchange(struct http_server *server) {
    pthread_mutex_lock(&server->pool_lock);
    struct http_request *request = server->pool;
    if (request) {
        server->pool = request->next_free;
        server->pooled--;
    }
    pthread_mutex_unlock(&server->pool_lock);
    if (!request) request = mem_alloc(sizeof *request);
    struct arena arena = request->arena;
    *request = (struct http_request){.server = server, .arena = arena};
    request->started_ns = clock_monotonic_ns();
    response_init(&request->response, request);
    return request;
}

static void give_exchange(struct http_request *request) {
    struct http_server *server = request->server;
    waiter_forget(request);
    idempotency_let_go(request);
    response_clear(&request->response);
    // All threads write to these: most requests need not.
    if (request->body.len > 0) server->body_bytes -= request->body.len;
    if (request->answer_bytes > 0) server->answer_bytes -= request->answer_bytes;
    buf_clear(&request->body);
    arena_reset(&request->arena);
    pthread_mutex_lock(&server->pool_lock);
    bool is_kept = server->pooled < POOLED_REQUESTS;
    if (is_kept) {
        request->next_free = server->pool;
        server->pool = request;
        server->pooled++;
    }
    pthread_mutex_unlock(&server->pool_lock);
    if (is_kept) return;
    arena_clear(&request->arena);
    mem_free(request);
}

static void count_in(struct http_server *server) {
    server->requests++;
    server->in_flight++;
}

static void count_out(struct http_server *server) {
    // Whoever waits for it has said so before it looked.
    if (atomic_fetch_sub(&server->in_flight, 1) > 1 || !server->is_stopping) return;
    pthread_mutex_lock(&server->idle_lock);
    pthread_cond_signal(&server->idle);
    pthread_mutex_unlock(&server->idle_lock);
}

static bool is_sane_id(const char *text) {
    size_t len = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    return len > 0 && len < sizeof((struct http_request *)0)->id && text[len] == '\0';
}

// "PREFIX-1f", without a format to be parsed for each request.
static void number_request(char *out, const char *prefix, uint64_t number) {
    size_t len = strlen(prefix);
    int bits = 60;
    memcpy(out, prefix, len);
    out[len++] = '-';
    while (bits > 0 && number >> bits == 0) bits -= 4;
    for (; bits >= 0; bits -= 4) out[len++] = "0123456789abcdef"[number >> bits & 15];
    out[len] = '\0';
}

static void name_request(struct http_request *request) {
    struct http_server *server = request->server;
    const char *given = http_header(request, "X-Request-Id");
    if (given && is_sane_id(given))
        memcpy(request->id, given, strlen(given) + 1);
    else
        number_request(request->id, server->id_prefix, ++server->next_id);
}

static void log_exchange(const struct http_request *request, const char *end) {
    enum log_level level = request->server->config.log_requests ? LOG_INFO : LOG_DEBUG;
    if (!log_is_on(level)) return;
    uint64_t took_us = (clock_monotonic_ns() - request->started_ns) / 1000;
    char client[IP_TEXT];
    ip_print(client, &request->address);
    const char *method = request->is_head ? "HEAD" : exchange_method_name(request->method);
    log_at(level, "http", "request", log_text("method", method),
           log_text("path", request->uri.path), log_number("status", request->response.code),
           log_number("us", (int64_t)took_us), log_text("end", end), log_text("client", client),
           log_text("caller", http_caller(request)), log_text("request_id", request->id));
}

// --- libmicrohttpd's callbacks ---

// The first word of a request: its target, before anything is unescaped.
static void *begin_exchange(void *context, const char *target, struct MHD_Connection *connection) {
    struct http_request *request = take_exchange(context);
    request->connection = connection;
    uri_parse(&request->uri, &request->arena, target ? target : "");
    // Where it finds many parameters the library gives up and leaves the client without an answer:
    // it is shown none. The text is its own, about to be taken apart.
    char *query = target ? strchr(target, '?') : NULL;
    if (query && query[1]) query[1] = '\0';
    count_in(context);
    return request;
}

static void end_exchange(void *context, struct MHD_Connection *connection, void **held,
                         enum MHD_RequestTerminationCode how) {
    struct http_server *server = context;
    struct http_request *request = *held;
    (void)connection;
    *held = NULL;
    if (!request) return;
    if (request->stage == STAGE_ANSWERED) {
        int class = request->response.code / 100;
        if (class >= 1 && class <= 5) server->by_class[class]++;
        metrics_count(request);
        log_exchange(request, how == MHD_REQUEST_TERMINATED_COMPLETED_OK ? "done" : "cut off");
    }
    give_exchange(request);
    count_out(server);
}

bool exchange_handle(struct http_request *request, bool is_suspended) {
    struct http_response *response = &request->response;
    const struct route *route = request->route;
    enum status status = STATUS_OK;
    enum parking_end end;
    const struct asset *asset = request->asset;
    ENSURE(route || asset); // it was admitted
    if (!idempotency_begin(request)) return true;
    do {
        response_clear(response);
        if (!exchange_prepare(request, request->route)) break;
        status = asset ? asset_answer(asset, request, response)
                       : route->public->handle(route->context, request, response);
        end = waiter_settle(request, is_suspended);
        if (end == PARKING_PARKED) return false;
    } while (end == PARKING_AGAIN);
    if (status != STATUS_OK && !response->problem) http_problem(response, status, NULL, NULL);
    idempotency_end(request);
    if (http_code_of(status) >= 500)
        log_warning("http", "a request failed", log_text("path", request->uri.path),
                    log_text("status", status_name(status)), log_text("request_id", request->id));
    return true;
}

// False: it goes on later.
static bool handle(struct http_request *request) {
    bool is_aside = request->route && lane_of(request->route->public) > 0;
    return is_aside ? !lane_enter(request) : exchange_handle(request, false);
}

static enum MHD_Result begin(struct http_request *request, const char *method,
                             const char *version) {
    name_request(request);
    request->stage = STAGE_RECEIVING;
    if (exchange_admit(request, method, version)) return MHD_YES;
    request->stage = STAGE_DISCARDING;
    // Answering before the body has come closes the connection. A client that waits for leave to
    // send it, or would send too much, is answered so; from others the body is taken and dropped.
    const char *length = http_header(request, "Content-Length");
    uint64_t size = 0;
    if (length && text_u64(bytes_of_string(length), &size) != STATUS_OK) size = UINT64_MAX;
    bool is_early = size > LIMIT_HTTP_DISCARD_BYTES || http_header(request, "Expect");
    if (request->must_close || (is_early && exchange_has_body(request)))
        return response_send(&request->response) ? MHD_YES : MHD_NO;
    return MHD_YES;
}

static void refuse_body(struct http_request *request, enum status status) {
    request->server->body_bytes -= request->body.len;
    buf_clear(&request->body);
    request->stage = STAGE_DISCARDING;
    if (status == STATUS_TOO_LARGE)
        exchange_refuse_size(request);
    else
        http_problem(&request->response, status, NULL, NULL);
}

static enum MHD_Result take_body(struct http_request *request, struct bytes piece) {
    struct http_server *server = request->server;
    if (request->stage == STAGE_RECEIVING) {
        size_t most = request->route ? request->route->public->max_body : 0;
        if (piece.len > most - request->body.len) {
            refuse_body(request, STATUS_TOO_LARGE);
        } else if (server->body_bytes + piece.len > LIMIT_HTTP_BODIES_BYTES) {
            refuse_body(request, STATUS_BUSY);
        } else {
            buf_append(&request->body, piece);
            server->body_bytes += piece.len;
            return MHD_YES;
        }
    }
    request->discarded += piece.len;
    return request->discarded <= LIMIT_HTTP_DISCARD_BYTES ? MHD_YES : MHD_NO;
}

// Called with the headers, with each piece of the body, at the end, and again after a resume.
static enum MHD_Result go_on(void *context, struct MHD_Connection *connection, const char *url,
                             const char *method, const char *version, const char *upload,
                             size_t *upload_len, void **held) {
    struct http_request *request = *held;
    (void)context, (void)connection, (void)url;
    if (!request) return MHD_NO;
    if (request->stage == STAGE_NEW) return begin(request, method, version);
    if (request->stage == STAGE_ANSWERED) {
        *upload_len = 0;
        return MHD_YES;
    }
    if (*upload_len > 0) {
        struct bytes piece = bytes_of(upload, *upload_len);
        *upload_len = 0;
        return take_body(request, piece);
    }
    if (request->stage == STAGE_RECEIVING && !handle(request)) return MHD_YES;
    return response_send(&request->response) ? MHD_YES : MHD_NO;
}

// uri_parse has done it, strictly.
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text) {
    (void)context, (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void take_log(void *context, const char *format,
                                                           va_list args) {
    char text[256];
    (void)context;
    vsnprintf(text, sizeof text, format, args);
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '\n') text[len - 1] = '\0';
    log_debug("http", "libmicrohttpd", log_text("text", text));
}

// --- start and stop ---

static void use_defaults(struct http_config *config) {
    struct http_limits *limits = &config->limits;
    if (config->threads == 0) config->threads = 2;
    if (limits->connections == 0) limits->connections = 1024;
    if (limits->connections_per_ip == 0) limits->connections_per_ip = 64;
    if (limits->idle_timeout_s == 0) limits->idle_timeout_s = 30;
    if (limits->parked == 0) limits->parked = 1024;
    if (limits->wrong_keys.burst == 0) limits->wrong_keys = (struct rate_limit){10, 12};
    if (limits->answer_bytes == 0) limits->answer_bytes = LIMIT_HTTP_ANSWERS_BYTES;
}

static void open_limits(struct http_server *server) {
    const struct http_limits *limits = &server->config.limits;
    server->wrong_keys = rate_table_open(&limits->wrong_keys);
    if (limits->key.burst > 0) server->by_key = rate_table_open(&limits->key);
    if (limits->address.burst > 0) server->by_address = rate_table_open(&limits->address);
}

enum status http_server_open(struct http_server **out, const struct http_config *config) {
    struct http_server *server = mem_alloc(sizeof *server);
    uint8_t random[8];
    *out = NULL;
    server->config = *config;
    use_defaults(&server->config);
    server->address = mem_copy_string(config->address);
    server->config.address = server->address;
    random_bytes(random, sizeof random);
    hex_encode(server->id_prefix, BYTES_OF(random));
    pthread_mutex_init(&server->pool_lock, NULL);
    pthread_mutex_init(&server->held_lock, NULL);
    pthread_mutex_init(&server->idle_lock, NULL);
    moment_cond_init(&server->idle);
    parking_open(server);
    enum status status = acceptor_open(server);
    if (status == STATUS_OK)
        status = router_init(&server->router, config->tables, config->table_count);
    if (status == STATUS_OK) status = lanes_open(server);
    metrics_open(server);
    open_limits(server);
    if (status == STATUS_OK)
        *out = server;
    else
        http_server_close(server);
    return status;
}

static void note_connection(void *context, struct MHD_Connection *connection, void **held,
                            enum MHD_ConnectionNotificationCode what) {
    (void)connection, (void)held;
    if (what == MHD_CONNECTION_NOTIFY_CLOSED)
        acceptor_leave(context);
    else
        acceptor_taken(context);
}

static enum status start_daemon(struct http_server *server) {
    const struct http_limits *limits = &server->config.limits;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC |
                     MHD_USE_ERROR_LOG | MHD_USE_NO_LISTEN_SOCKET;
    // Not MHD_USE_TURBO: with it 0.9.75 forgets a stream in the middle of a larger piece. One
    // thread is no pool for libmicrohttpd.
    unsigned pool = server->config.threads > 1 ? server->config.threads : 0;
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem *tls = server->config.tls_certificate ? tls_options() : none;
    if (server->config.tls_certificate) flags |= MHD_USE_TLS;
    server->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, go_on, server, MHD_OPTION_EXTERNAL_LOGGER, take_log, server,
        MHD_OPTION_NOTIFY_CONNECTION, note_connection, server, MHD_OPTION_THREAD_POOL_SIZE, pool,
        MHD_OPTION_URI_LOG_CALLBACK, begin_exchange, server, MHD_OPTION_NOTIFY_COMPLETED,
        end_exchange, server, MHD_OPTION_UNESCAPE_CALLBACK, leave_escaped, NULL,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT,
        acceptor_room(server), MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits->connections_per_ip,
        MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_timeout_s, MHD_OPTION_ARRAY, tls,
        MHD_OPTION_END);
    return server->daemon ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status http_server_reload(struct http_server *server) {
    const struct http_config *config = &server->config;
    if (!config->tls_certificate) return STATUS_OK;
    return tls_load(config->tls_certificate, config->tls_key);
}

enum status http_server_start(struct http_server *server) {
    enum status status;
    ENSURE(!server->daemon && !server->is_stopping);
    TRY(http_server_reload(server));
    TRY(acceptor_listen(server));
    TRY(lanes_start(server));
    TRY(parking_start_ticker(server));
    TRY(start_daemon(server));
    TRY(acceptor_start(server));
    log_info("http", "listening", log_text("address", server->address),
             log_number("port", server->port));
out:
    if (status != STATUS_OK) {
        if (server->daemon) MHD_stop_daemon(server->daemon);
        server->daemon = NULL;
        parking_stop_ticker(server);
        lanes_stop(server);
        acceptor_stop(server);
        log_warning("http", "cannot listen", log_text("address", server->address),
                    log_number("port", server->config.port),
                    log_text("status", status_name(status)));
    }
    return status;
}

uint16_t http_server_port(const struct http_server *server) { return server->port; }

static void wait_until_idle(struct http_server *server, uint32_t grace_ms) {
    uint64_t until_ms = clock_monotonic_ms() + grace_ms;
    bool goes_on = grace_ms > 0;
    pthread_mutex_lock(&server->idle_lock);
    while (goes_on && server->in_flight > 0)
        goes_on = moment_wait(&server->idle, &server->idle_lock, until_ms);
    uint64_t left = server->in_flight;
    pthread_mutex_unlock(&server->idle_lock);
    if (left > 0) log_warning("http", "cut off", log_number("requests", (int64_t)left));
}

void http_server_stop(struct http_server *server, uint32_t grace_ms) {
    if (!server->daemon) return;
    acceptor_stop(server);
    // Before handlers can see it and make room for those who wait.
    if (grace_ms == 0) lanes_let_go(server);
    server->is_stopping = true;
    parking_close(server);
    for (struct http_stream *stream = server->streams; stream; stream = stream_next(stream))
        stream_end(stream);
    wait_until_idle(server, grace_ms);
    lanes_stop(server);
    parking_stop_ticker(server);
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
    log_info("http", "stopped", log_number("port", server->port));
}

void http_server_close(struct http_server *server) {
    if (!server) return;
    http_server_stop(server, 0);
    if (server->config.tls_certificate) tls_clear();
    while (server->streams) {
        struct http_stream *next = stream_next(server->streams);
        stream_free(server->streams);
        server->streams = next;
    }
    while (server->pool) {
        struct http_request *next = server->pool->next_free;
        arena_clear(&server->pool->arena);
        mem_free(server->pool);
        server->pool = next;
    }
    acceptor_close(server);
    metrics_clear(server);
    rate_table_close(server->wrong_keys);
    rate_table_close(server->by_key);
    rate_table_close(server->by_address);
    lanes_clear(server);
    router_clear(&server->router);
    parking_clear(server);
    pthread_cond_destroy(&server->idle);
    pthread_mutex_destroy(&server->idle_lock);
    pthread_mutex_destroy(&server->held_lock);
    pthread_mutex_destroy(&server->pool_lock);
    mem_free(server->address);
    mem_free(server);
}

bool http_server_is_stopping(const struct http_server *server) { return server->is_stopping; }

struct http_counts http_server_counts(struct http_server *server) {
    struct http_counts counts = {.requests = server->requests};
    for (int i = 0; i < 6; i++) counts.by_class[i] = server->by_class[i];
    counts.in_flight = server->in_flight;
    pthread_mutex_lock(&server->parking.lock);
    counts.parked = server->parking.parked;
    pthread_mutex_unlock(&server->parking.lock);
    counts.queued = lanes_queued(server);
    return counts;
}
