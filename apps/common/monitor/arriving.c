// SPDX-License-Identifier: Apache-2.0
#include "apps/common/monitor/arriving.h"

#include <pthread.h>

#include "apps/common/http/metrics.h"
#include "apps/common/monitor/monitor.h"
#include "chaincore/base/arena.h"
#include "chaincore/base/memory.h"

enum { THREADS = 1, STOP_MS = 1000 };

struct arriving {
    struct http_server *server;
    struct http_route_table table;
    const char *market;
    uint64_t started_ms;
    pthread_mutex_t lock; // guards what follows
    struct node_arrival_progress progress;
};

static struct node_arrival_progress progress_of(struct arriving *arriving) {
    pthread_mutex_lock(&arriving->lock);
    struct node_arrival_progress progress = arriving->progress;
    pthread_mutex_unlock(&arriving->lock);
    return progress;
}

static enum status get_livez(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context, (void)request;
    return http_answer_live(response);
}

static enum status get_readyz(void *context, struct http_request *request,
                              struct http_response *response) {
    struct node_arrival_progress at = progress_of(context);
    const char *problem = "this node looks for a snapshot of the chain among its peers";
    if (http_is_head(request))
        problem = "joining";
    else if (at.pieces > 0)
        problem = arena_format(http_arena(request),
                               "this node joins by a snapshot of height %llu: %u of %u pieces "
                               "are here",
                               (unsigned long long)at.height, at.pieces_here, at.pieces);
    return http_answer_ready(request, response, &problem, 1);
}

static enum status get_metrics(void *context, struct http_request *request,
                               struct http_response *response) {
    struct arriving *arriving = context;
    struct node_arrival_progress at = progress_of(arriving);
    struct buf *out = http_body_buf(response);
    (void)request;
    monitor_append_build(out, arriving->market);
    monitor_append_process(out, arriving->started_ms);
    metric_alone(out, "lmm_arrival_height", METRIC_GAUGE,
                 "The height of the snapshot that the node joins by; 0: none is found yet.",
                 at.height);
    metric_alone(out, "lmm_arrival_pieces", METRIC_GAUGE, "Pieces of that snapshot.", at.pieces);
    metric_alone(out, "lmm_arrival_pieces_here", METRIC_GAUGE, "Pieces that are here.",
                 at.pieces_here);
    metric_alone(out, "lmm_arrival_bytes_total", METRIC_COUNTER, "Bytes of pieces that came.",
                 at.bytes);
    http_metrics_append(arriving->server, out);
    http_set_type(response, METRICS_TYPE);
    return STATUS_OK;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/livez", get_livez, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED, NULL},
    {HTTP_GET, "/readyz", get_readyz, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED | HTTP_ANY_QUERY,
     NULL},
    {HTTP_GET, "/metrics", get_metrics, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED, NULL},
};

enum status arriving_open(struct arriving **out, const struct arriving_config *config) {
    enum status status;
    struct arriving *arriving = mem_alloc(sizeof *arriving);
    const struct http_config *http = config->http;
    *arriving = (struct arriving){.market = config->market, .started_ms = config->started_ms};
    pthread_mutex_init(&arriving->lock, NULL);
    arriving->table = (struct http_route_table){routes, sizeof routes / sizeof *routes, arriving};
    struct http_config own = {.address = http->address,
                              .port = http->port,
                              .threads = THREADS,
                              .tables = &arriving->table,
                              .table_count = 1,
                              .proxies = http->proxies,
                              .proxy_count = http->proxy_count,
                              .reads_forwarded = http->reads_forwarded,
                              .tls_certificate = http->tls_certificate,
                              .tls_key = http->tls_key,
                              .limits = http->limits,
                              .log_requests = http->log_requests};
    TRY(http_server_open(&arriving->server, &own));
    TRY(http_server_start(arriving->server));
    *out = arriving;
    return STATUS_OK;
out:
    arriving_close(arriving);
    return status;
}

void arriving_tell(struct arriving *arriving, const struct node_arrival_progress *progress) {
    pthread_mutex_lock(&arriving->lock);
    arriving->progress = *progress;
    pthread_mutex_unlock(&arriving->lock);
}

uint16_t arriving_port(const struct arriving *arriving) {
    return http_server_port(arriving->server);
}

void arriving_close(struct arriving *arriving) {
    if (!arriving) return;
    if (arriving->server) http_server_stop(arriving->server, STOP_MS);
    http_server_close(arriving->server);
    pthread_mutex_destroy(&arriving->lock);
    mem_free(arriving);
}
