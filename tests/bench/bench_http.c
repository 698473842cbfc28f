// SPDX-License-Identifier: Apache-2.0
// http_object: a cached object of 1 KB through the whole kit (routing, bounds, headers, ETag),
// beside a bare libmicrohttpd server that hands out one response made beforehand. Both run in this
// process with the same threads and flags, on one core, and their clients on another: where the
// scheduler puts them would decide otherwise. Rounds take turns; the median of each counts, and of
// the ratios within a turn. http_object_cpu is what the server's own threads take for a request.
// memory_sse: what an idle subscriber of a stream adds to the resident memory of the server, beside
// the goal. --quick: so little of each that it only shows that the program works.
#define _GNU_SOURCE // for the affinity
#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "apps/common/http/stream.h"
#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/crypto/sign.h"

enum { SUBSCRIBERS = 1000, GOAL_BYTES = 8192 };
enum {
    MOST_ROUNDS = 25,
    CLIENTS = 2,
    CONNECTIONS = 16,
    BATCHES = 120,
    OBJECT_BYTES = 1024,
    THREADS = 2
};

#define REQUEST "GET /v1/objects/7 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n"

static char object[OBJECT_BYTES];
static unsigned rounds = MOST_ROUNDS;

// --- the cores ---

static cpu_set_t for_servers, for_clients;

// The last one of those that there are is the servers'; alone it is everybody's.
static void share_cores(void) {
    cpu_set_t all;
    size_t last = CPU_SETSIZE;
    ENSURE(sched_getaffinity(0, sizeof all, &all) == 0);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &all)) last = i;
    ENSURE(last < CPU_SETSIZE);
    CPU_ZERO(&for_servers);
    CPU_SET(last, &for_servers);
    for_clients = all;
    if (CPU_COUNT(&all) > 1) CPU_CLR(last, &for_clients);
}

// The calling thread, and those that it starts.
static void stay_on(const cpu_set_t *cores) {
    ENSURE(sched_setaffinity(0, sizeof *cores, cores) == 0);
}

// --- the two servers ---

static enum status get_object(void *context, struct http_request *request,
                              struct http_response *response) {
    (void)context;
    if (!bytes_equal(http_param(request, "id"), bytes_of_string("7"))) return STATUS_NOT_FOUND;
    http_set_etag(response, "7-1");
    http_set_borrowed_body(response, BYTES_OF(object), NULL, NULL);
    return STATUS_OK;
}

static struct http_stream *stream;

static enum status get_stream(void *context, struct http_request *request,
                              struct http_response *response) {
    (void)context;
    return http_stream_subscribe(stream, request, response);
}

static struct http_server *start_kit(void) {
    static const struct http_route routes[] = {
        {.pattern = "/v1/objects/{id}", .handle = get_object, .produces = "application/json"},
        {.pattern = "/v1/others/{id}", .handle = get_object},
        {.pattern = "/v1/stream", .handle = get_stream},
    };
    const struct http_route_table table = {routes, sizeof routes / sizeof routes[0], NULL};
    struct http_config config = {
        .address = "127.0.0.1", .threads = THREADS, .tables = &table, .table_count = 1};
    config.limits.connections = config.limits.connections_per_ip = 2 * SUBSCRIBERS;
    struct http_stream_config stream_config = {.subscribers = SUBSCRIBERS};
    struct http_server *server;
    ENSURE(http_server_open(&server, &config) == STATUS_OK);
    ENSURE(http_stream_open(&stream, server, &stream_config) == STATUS_OK);
    ENSURE(http_server_start(server) == STATUS_OK);
    return server;
}

static enum MHD_Result answer_bare(void *context, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version,
                                   const char *upload, size_t *upload_len, void **held) {
    static int seen;
    (void)url, (void)method, (void)version, (void)upload, (void)upload_len;
    if (!*held) {
        *held = &seen;
        return MHD_YES;
    }
    return MHD_queue_response(connection, 200, context);
}

static struct MHD_Daemon *start_bare(struct MHD_Response *response, uint16_t *port) {
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer_bare, response,
                         MHD_OPTION_THREAD_POOL_SIZE, (unsigned)THREADS,
                         MHD_OPTION_CONNECTION_LIMIT, 1024U, MHD_OPTION_END);
    ENSURE(daemon != NULL);
    *port = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    return daemon;
}

// --- the clients ---

struct client {
    uint16_t port;
    double cpu_s; // of this thread
};

static double thread_cpu(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int connect_to(uint16_t port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    ENSURE(fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0);
    return fd;
}

static void read_answer(int fd) {
    char text[8192];
    size_t len = 0, wanted = OBJECT_BYTES;
    while (len < wanted) {
        ssize_t got = recv(fd, text + len, sizeof text - 1 - len, 0);
        ENSURE(got > 0);
        len += (size_t)got;
        text[len] = '\0';
        const char *body = strstr(text, "\r\n\r\n");
        if (body) wanted = (size_t)(body - text) + 4 + OBJECT_BYTES;
    }
    ENSURE(memcmp(text, "HTTP/1.1 200", 12) == 0);
}

static void *run_client(void *context) {
    struct client *client = context;
    int fds[CONNECTIONS];
    stay_on(&for_clients);
    for (int i = 0; i < CONNECTIONS; i++) fds[i] = connect_to(client->port);
    for (int batch = 0; batch < BATCHES; batch++) {
        for (int i = 0; i < CONNECTIONS; i++)
            ENSURE(send(fds[i], REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) ==
                   (ssize_t)sizeof REQUEST - 1);
        for (int i = 0; i < CONNECTIONS; i++) read_answer(fds[i]);
    }
    for (int i = 0; i < CONNECTIONS; i++) close(fds[i]);
    client->cpu_s = thread_cpu(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

struct figure {
    double rate;   // requests a second
    double cpu_us; // of the server, for a request
};

static struct figure run_round(uint16_t port) {
    struct client clients[CLIENTS];
    pthread_t threads[CLIENTS];
    double requests = (double)CLIENTS * CONNECTIONS * BATCHES, clients_cpu_s = 0;
    double cpu_before_s = thread_cpu(CLOCK_PROCESS_CPUTIME_ID);
    uint64_t began_ns = clock_monotonic_ns();
    for (int i = 0; i < CLIENTS; i++) {
        clients[i] = (struct client){.port = port};
        ENSURE(pthread_create(&threads[i], NULL, run_client, &clients[i]) == 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        pthread_join(threads[i], NULL);
        clients_cpu_s += clients[i].cpu_s;
    }
    double took_s = (double)(clock_monotonic_ns() - began_ns) / 1e9;
    double cpu_s = thread_cpu(CLOCK_PROCESS_CPUTIME_ID) - cpu_before_s - clients_cpu_s;
    return (struct figure){.rate = requests / took_s, .cpu_us = cpu_s * 1e6 / requests};
}

static int compare(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return left < right ? -1 : left > right;
}

static double median(double *values) {
    qsort(values, rounds, sizeof values[0], compare);
    return values[rounds / 2];
}

struct row {
    const char *name;
    const char *unit;
    const char *baseline;
    double value, baseline_value, ratio;
};

static void print_row(const struct row *row) {
    printf("{\"name\":\"%s\",\"value\":%.2f,\"unit\":\"%s\",\"baseline\":\"%s\","
           "\"baseline_value\":%.2f,\"ratio\":%.3f}\n",
           row->name, row->value, row->unit, row->baseline, row->baseline_value, row->ratio);
}

static void compare_servers(struct row row, const struct figure *kit, const struct figure *bare,
                            bool is_rate) {
    double values[MOST_ROUNDS], baselines[MOST_ROUNDS], ratios[MOST_ROUNDS];
    for (unsigned i = 0; i < rounds; i++) {
        values[i] = is_rate ? kit[i].rate : kit[i].cpu_us;
        baselines[i] = is_rate ? bare[i].rate : bare[i].cpu_us;
        ratios[i] = values[i] / baselines[i];
    }
    row.baseline = "bare libmicrohttpd";
    row.value = median(values);
    row.baseline_value = median(baselines);
    row.ratio = median(ratios);
    print_row(&row);
}

static double resident_bytes(void) {
    struct buf text = {0};
    char *end;
    ENSURE(file_read(&text, "/proc/self/statm", 4096) == STATUS_OK);
    strtoull(buf_as_string(&text), &end, 10);
    double pages = (double)strtoull(end, NULL, 10);
    buf_clear(&text);
    return pages * (double)sysconf(_SC_PAGESIZE);
}

// Each has received the first words of its stream when it counts.
static double measure_subscribers(uint16_t port) {
    static int fds[SUBSCRIBERS];
    static const char request[] = "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
    double before = resident_bytes();
    for (int i = 0; i < SUBSCRIBERS; i++) {
        char text[4096];
        size_t len = 0;
        fds[i] = connect_to(port);
        ENSURE(send(fds[i], request, sizeof request - 1, MSG_NOSIGNAL) > 0);
        do {
            ssize_t got = recv(fds[i], text + len, sizeof text - 1 - len, 0);
            ENSURE(got > 0);
            len += (size_t)got;
            text[len] = '\0';
        } while (!strstr(text, "retry:"));
    }
    ENSURE(http_stream_subscribers(stream) == SUBSCRIBERS);
    double bytes = (resident_bytes() - before) / SUBSCRIBERS;
    for (int i = 0; i < SUBSCRIBERS; i++) close(fds[i]);
    return bytes;
}

int main(int count, char **arguments) {
    enum { QUICK_ROUNDS = 1 };
    struct figure kit[MOST_ROUNDS], bare[MOST_ROUNDS];
    uint16_t bare_port;
    if (count > 1 && strcmp(arguments[1], "--quick") == 0) rounds = QUICK_ROUNDS;
    log_set_level(LOG_WARNING);
    ENSURE(crypto_init() == STATUS_OK);
    memset(object, 'x', sizeof object);
    share_cores();
    stay_on(&for_servers);
    struct http_server *server = start_kit();
    double subscriber_bytes = measure_subscribers(http_server_port(server));
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof object, object, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/json");
    struct MHD_Daemon *daemon = start_bare(response, &bare_port);
    run_round(http_server_port(server));
    run_round(bare_port);
    for (unsigned i = 0; i < rounds; i++) {
        kit[i] = run_round(http_server_port(server));
        bare[i] = run_round(bare_port);
    }
    compare_servers((struct row){.name = "http_object", .unit = "requests/s"}, kit, bare, true);
    compare_servers((struct row){.name = "http_object_cpu", .unit = "us/request"}, kit, bare,
                    false);
    print_row(&(struct row){"memory_sse", "bytes/client", "goal", subscriber_bytes, GOAL_BYTES,
                            subscriber_bytes / GOAL_BYTES});
    MHD_stop_daemon(daemon);
    MHD_destroy_response(response);
    http_server_close(server);
    return 0;
}
