// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/network_routes.h"

#include <stdio.h>

#include "apps/common/server/chain_json.h"
#include "apps/common/server/options.h"
#include "chaincore/node/network.h"
#include "chaincore/node/node_watch.h"

// Who is who, and with it where a witness may be found, is for the operator's own people.
static bool may_see_all(const struct http_request *request) {
    return http_caller_may(request, "audit");
}

static void append_bool(struct buf *out, const char *name, bool value) {
    buf_append_format(out, ",\"%s\":%s", name, value ? "true" : "false");
}

static void append_identity(struct buf *out, const struct node_peer *peer) {
    char address[ENDPOINT_TEXT];
    endpoint_print(address, &peer->info.remote);
    buf_append_string(out, ",\"node\":");
    chain_json_hex(out, BYTES_OF(peer->info.hello.node.bytes));
    buf_append_format(out, ",\"address\":\"%s\"", address);
    append_bool(out, "is_trusted", peer->state.is_privileged);
    buf_append_format(out, ",\"bytes_in\":%llu,\"bytes_out\":%llu",
                      (unsigned long long)peer->state.bytes_in,
                      (unsigned long long)peer->state.bytes_out);
}

static void append_peer(struct buf *out, const struct node_peer *peer, bool is_whole) {
    struct endpoint remote = peer->info.remote;
    uint64_t features = peer->info.hello.features;
    if (remote.port == 0) remote.port = 1; // it takes no connections; its address has a class
    buf_append_format(out, "{\"direction\":\"%s\",\"address_class\":\"%s\"",
                      peer->info.is_outgoing ? "out" : "in",
                      endpoint_is_public(&remote) ? "public" : "private");
    buf_append_format(out, ",\"version\":%u,\"height\":%llu,\"connected_s\":%llu,\"latency_us\":",
                      peer->info.hello.version, (unsigned long long)peer->state.news.final_height,
                      (unsigned long long)peer->state.connected_ms / 1000);
    if (peer->state.latency_us > 0)
        buf_append_format(out, "%u", peer->state.latency_us);
    else
        buf_append_string(out, "null");
    buf_append_format(out, ",\"penalty\":%u,\"queued_bytes\":%zu", peer->state.penalty,
                      peer->state.queued);
    append_bool(out, "has_all_bodies", features & HELLO_HAS_ALL_BODIES);
    append_bool(out, "gives_snapshots", features & HELLO_GIVES_SNAPSHOTS);
    if (is_whole)
        append_identity(out, peer);
    else
        buf_append_string(out, ",\"node\":null,\"address\":null,\"is_trusted\":null,"
                               "\"bytes_in\":null,\"bytes_out\":null");
    buf_append_byte(out, '}');
}

// Those of the moment, in the request's arena.
static struct node_peer *ask_peers(struct server *server, struct http_request *request,
                                   size_t *count) {
    size_t most = node_peers(server->node, NULL, 0);
    struct node_peer *peers = arena_alloc_array(http_arena(request), most + 1, sizeof *peers);
    *count = node_peers(server->node, peers, most);
    if (*count > most) *count = most;
    return peers;
}

enum status get_peers(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct network_look look;
    struct public_key key;
    size_t count;
    const struct node_peer *peers = ask_peers(server, request, &count);
    bool is_networked = node_network_key(server->node, &key);
    bool is_whole = may_see_all(request);
    buf_append_format(out, "{\"is_networked\":%s", is_networked ? "true" : "false");
    if (node_network_look(server->node, &look))
        buf_append_format(out, ",\"view\":%llu,\"is_syncing\":%s",
                          (unsigned long long)look.replica.agreement.view,
                          look.replica.sync.is_running ? "true" : "false");
    else
        buf_append_string(out, ",\"view\":null,\"is_syncing\":false");
    buf_append_string(out, ",\"node\":");
    if (is_networked && is_whole)
        chain_json_hex(out, BYTES_OF(key.bytes));
    else
        buf_append_string(out, "null");
    buf_append_string(out, ",\"items\":[");
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_append_byte(out, ',');
        append_peer(out, &peers[i], is_whole);
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

static void append_node(struct buf *out, const struct node_news *news, bool is_self) {
    buf_append_string(out, "{\"url\":");
    http_append_json_string(out, bytes_of_string(news->url));
    buf_append_string(out, ",\"price_per_mib\":");
    chain_json_amount(out, amount_of_units(news->price_per_mib));
    buf_append_format(out, ",\"height\":%llu", (unsigned long long)news->final_height);
    append_bool(out, "is_self", is_self);
    buf_append_byte(out, '}');
}

enum status get_nodes(void *context, struct http_request *request, struct http_response *response) {
    struct server *server = context;
    struct buf *out = http_body_buf(response);
    struct node_news own;
    const char *comma = "";
    size_t count;
    const struct node_peer *peers = ask_peers(server, request, &count);
    node_advertised(server->node, &own);
    buf_append_string(out, "{\"chain_id\":");
    chain_json_hex(out, BYTES_OF(node_chain_id(server->node)->bytes));
    buf_append_string(out, ",\"items\":[");
    if (*own.url) {
        append_node(out, &own, true);
        comma = ",";
    }
    for (size_t i = 0; i < count; i++) {
        if (!*peers[i].state.news.url) continue;
        buf_append_string(out, comma);
        append_node(out, &peers[i].state.news, false);
        comma = ",";
    }
    buf_append_string(out, "]}");
    http_set_type(response, "application/json");
    return STATUS_OK;
}

// Without a word on it strangers are told nothing; on one machine or inside a firm it is where the
// server listens.
enum status network_advertise(struct server *server, const struct server_options *options) {
    struct node_news news = {.price_per_mib = amount_units(options->price_per_mib)};
    bool has_brackets = strchr(options->address, ':') != NULL;
    if (*options->public_url)
        snprintf(news.url, sizeof news.url, "%s", options->public_url);
    else if (options->devnet || options->has_private_peers)
        snprintf(news.url, sizeof news.url, "%s://%s%s%s:%u",
                 *options->tls_certificate ? "https" : "http", has_brackets ? "[" : "",
                 options->address, has_brackets ? "]" : "", http_server_port(server->http));
    return node_advertise(server->node, &news);
}
