// SPDX-License-Identifier: Apache-2.0
#include "cli/node_http.h"

#include <stdlib.h>

#include "apps/common/http/metrics.h"
#include "apps/common/monitor/monitor.h"
#include "chaincore/chaincore.h"

enum { THREADS = 1, STOP_MS = 1000 };

struct node_http {
    struct node *node;
    struct http_server *server;
    struct http_route_table table;
    uint64_t started_ms;
};

static enum status get_livez(void *context, struct http_request *request,
                             struct http_response *response) {
    (void)context, (void)request;
    return http_answer_live(response);
}

static enum status get_readyz(void *context, struct http_request *request,
                              struct http_response *response) {
    struct node_http *http = context;
    struct monitor_problems problems;
    monitor_node_problems(http->node, &problems);
    return http_answer_ready(request, response, problems.list, problems.count);
}

static enum status get_metrics(void *context, struct http_request *request,
                               struct http_response *response) {
    struct node_http *http = context;
    struct buf *out = http_body_buf(response);
    struct node_head head;
    (void)request;
    node_head(http->node, &head);
    monitor_append_build(out, NULL);
    monitor_append_process(out, http->started_ms);
    monitor_append_node(out, http->node, &head);
    monitor_append_net(out, http->node);
    monitor_append_agreement(out, http->node);
    monitor_append_past(out, http->node);
    http_metrics_append(http->server, out);
    http_set_type(response, METRICS_TYPE);
    return STATUS_OK;
}

// Their members are named as in a server's answers.
static void append_hash(struct buf *out, const char *before, const struct hash *hash) {
    char digits[65];
    hex_encode(digits, BYTES_OF(hash->bytes));
    buf_append_format(out, "%s\"%s\"", before, digits);
}

static enum status get_chain(void *context, struct http_request *request,
                             struct http_response *response) {
    struct node_http *http = context;
    struct buf *out = http_body_buf(response);
    struct node_head head;
    char time[25];
    (void)request;
    node_head(http->node, &head);
    clock_format_utc(time, (int64_t)head.header.time_ms);
    append_hash(out, "{\"chain_id\":", node_chain_id(http->node));
    buf_append_string(out, ",\"name\":");
    http_append_json_string(out, node_genesis(http->node)->name);
    buf_append_format(out, ",\"height\":%llu", (unsigned long long)head.header.height);
    append_hash(out, ",\"id\":", &head.id);
    buf_append_format(out, ",\"time\":\"%s\"}", time);
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static void append_block(struct buf *out, const struct block *block) {
    const struct header *header = &block->header;
    struct hash id;
    char time[25];
    header_id(&id, header);
    clock_format_utc(time, (int64_t)header->time_ms);
    buf_append_format(out, "{\"height\":%llu", (unsigned long long)header->height);
    append_hash(out, ",\"id\":", &id);
    append_hash(out, ",\"parent\":", &header->parent);
    append_hash(out, ",\"state_root\":", &header->state_root);
    buf_append_format(out, ",\"time\":\"%s\",\"epoch\":%llu,\"view\":%llu,\"leader\":%u", time,
                      (unsigned long long)header->epoch, (unsigned long long)header->view,
                      header->leader);
    buf_append_string(out, ",\"transactions\":[");
    for (uint32_t i = 0; i < block->tx_count; i++) {
        const struct receipt *receipt = &block->txs[i].receipt;
        append_hash(out, i > 0 ? ",{\"id\":" : "{\"id\":", &receipt->tx_id);
        buf_append_format(out, ",\"code\":\"%s\"}", tx_code_name((enum tx_code)receipt->code));
    }
    buf_append_string(out, "]}");
}

// A height, which the path has in decimal digits.
static bool asked_height(const struct http_request *request, uint64_t *out) {
    struct bytes text = http_param(request, "height");
    char *end;
    if (text.len > 19 || text.data[0] < '0' || text.data[0] > '9') return false;
    *out = strtoull((const char *)text.data, &end, 10);
    return *end == '\0';
}

static enum status get_block(void *context, struct http_request *request,
                             struct http_response *response) {
    struct node_http *http = context;
    struct buf encoded = {0};
    struct block block;
    uint64_t height;
    enum status status;
    if (!asked_height(request, &height)) return STATUS_NOT_FOUND;
    TRY(node_read_block(http->node, height, &encoded));
    TRY(block_decode(&block, http_arena(request), buf_bytes(&encoded)));
    append_block(http_body_buf(response), &block);
    http_set_type(response, "application/json");
out:
    buf_clear(&encoded);
    return status;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/livez", get_livez, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED, NULL},
    {HTTP_GET, "/readyz", get_readyz, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED | HTTP_ANY_QUERY,
     NULL},
    {HTTP_GET, "/metrics", get_metrics, NULL, NULL, NULL, 0, NULL, HTTP_UNLIMITED, NULL},
    {HTTP_GET, "/v1/chain", get_chain, NULL, NULL, NULL, 0, NULL, 0, NULL},
    {HTTP_GET, "/v1/blocks/{height}", get_block, NULL, NULL, NULL, 0, NULL, 0, NULL},
};

enum status node_http_open(struct node_http **out, struct node *node, const char *address,
                           uint16_t port) {
    enum status status;
    struct node_http *http = mem_alloc(sizeof *http);
    *http = (struct node_http){.node = node, .started_ms = clock_wall_ms()};
    http->table = (struct http_route_table){routes, sizeof routes / sizeof *routes, http};
    struct http_config config = {.address = address,
                                 .port = port,
                                 .threads = THREADS,
                                 .tables = &http->table,
                                 .table_count = 1};
    TRY(http_server_open(&http->server, &config));
    TRY(http_server_start(http->server));
    *out = http;
    return STATUS_OK;
out:
    node_http_close(http);
    return status;
}

uint16_t node_http_port(const struct node_http *http) { return http_server_port(http->server); }

void node_http_close(struct node_http *http) {
    if (!http) return;
    if (http->server) http_server_stop(http->server, STOP_MS);
    http_server_close(http->server);
    mem_free(http);
}
