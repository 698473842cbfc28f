// SPDX-License-Identifier: Apache-2.0
// Whose request it is: the address of the connection, or behind proxies that are trusted the one
// that they tell of; and how often that client, or its key, may ask.
#include <microhttpd.h>
#include <stdio.h>

#include "apps/common/http/inside.h"
#include "apps/common/http/text.h"

// --- behind proxies ---

struct hops {
    const char *name;
    // The last of them, from the left: each proxy adds its own client at the end.
    struct bytes items[LIMIT_HTTP_PROXIES];
    size_t count;
};

static void add_hops(struct hops *hops, const char *value) {
    struct bytes list = bytes_of_string(value), item;
    while (text_next(&list, ',', &item)) {
        if (hops->count == LIMIT_HTTP_PROXIES)
            memmove(hops->items, hops->items + 1, --hops->count * sizeof item);
        hops->items[hops->count++] = item;
    }
}

// One line of headers; several of one name are one list.
static enum MHD_Result take_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value) {
    struct hops *hops = context;
    (void)kind;
    if (value && text_is(bytes_of_string(name), hops->name)) add_hops(hops, value);
    return MHD_YES;
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"; with quotes.
static bool read_node(struct ip_address *out, struct bytes text) {
    char copy[IP_TEXT + 16];
    if (text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"')
        text = bytes_of(text.data + 1, text.len - 2);
    if (text.len == 0 || text.len >= sizeof copy) return false;
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    if (copy[0] == '[') {
        char *end = strchr(copy, ']');
        if (!end || (end[1] && end[1] != ':')) return false;
        *end = '\0';
        return ip_parse(out, copy + 1);
    }
    char *colon = strchr(copy, ':');
    if (colon && !strchr(colon + 1, ':')) *colon = '\0';
    return ip_parse(out, copy);
}

// The "for" of an element of Forwarded (RFC 7239, 4).
static struct bytes forwarded_for(struct bytes element) {
    struct bytes pair;
    while (text_next(&element, ';', &pair))
        if (pair.len > 4 && text_is(bytes_of(pair.data, 4), "for="))
            return text_trim(bytes_of(pair.data + 4, pair.len - 4));
    return bytes_of("", 0);
}

static bool is_proxy(const struct http_config *config, const struct ip_address *address) {
    for (size_t i = 0; i < config->proxy_count; i++)
        if (network_has(&config->proxies[i], address)) return true;
    return false;
}

// From the connection backwards, as long as who tells is trusted. What nobody can read ends it:
// then the proxy that told is the client.
static void look_behind(struct http_request *request) {
    const struct http_config *config = &request->server->config;
    struct hops hops = {.name = config->reads_forwarded ? "Forwarded" : "X-Forwarded-For"};
    MHD_get_connection_values(request->connection, MHD_HEADER_KIND, take_header, &hops);
    while (hops.count > 0 && is_proxy(config, &request->address)) {
        struct bytes item = hops.items[--hops.count];
        if (config->reads_forwarded) item = forwarded_for(item);
        if (!read_node(&request->address, item)) return;
    }
}

void client_identify(struct http_request *request) {
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info) ip_of_socket(&request->address, info->client_addr);
    if (is_proxy(&request->server->config, &request->address)) look_behind(request);
}

// --- limits ---

static bool refuse(struct http_request *request, const struct rate *rate, const char *code,
                   const char *detail) {
    http_problem_as(&request->response, 429, code, detail);
    http_set_header(&request->response, "Retry-After",
                    arena_format(&request->arena, "%u", rate->wait_s));
    return false;
}

// Whoever has a key is limited by that alone, so that many behind one address do not share what
// one of them may.
bool client_take_request(struct http_request *request) {
    struct http_server *server = request->server;
    uint64_t now_us = request->started_ns / 1000;
    struct rate_table *table = request->key ? server->by_key : server->by_address;
    if (!table) return true;
    request->limit = request->key ? &server->config.limits.key : &server->config.limits.address;
    struct bytes who =
        request->key ? bytes_of_string(http_caller_id(request)) : ip_owner(&request->address);
    request->rate = rate_take(table, who, now_us);
    if (request->rate.is_allowed) return true;
    server->limited[request->key ? LIMITED_KEY : LIMITED_ADDRESS]++;
    return refuse(request, &request->rate, "too_many_requests",
                  request->key ? "This API key asks more often than it may. Try again later."
                               : "Too many requests came from this address. Try again later.");
}

bool client_take_wrong_key(struct http_request *request) {
    struct http_server *server = request->server;
    struct rate rate =
        rate_take(server->wrong_keys, ip_owner(&request->address), request->started_ns / 1000);
    if (rate.is_allowed) return true;
    server->limited[LIMITED_WRONG_KEY]++;
    return refuse(request, &rate, "too_many_wrong_keys",
                  "Too many wrong API keys came from this address. Try again later.");
}

// The draft of the IETF's HTTPAPI group, of a bucket that fills up all the time: what is in it, and
// when there is one more.
void client_tell_limit(const struct http_request *request, struct MHD_Response *response) {
    const struct rate_limit *limit = request->limit;
    const char *name = request->key ? "key" : "address";
    char text[96];
    if (!limit) return;
    uint64_t window_s = ((uint64_t)limit->burst * 60 + limit->per_minute - 1) / limit->per_minute;
    snprintf(text, sizeof text, "\"%s\";q=%u;w=%llu", name, limit->burst,
             (unsigned long long)window_s);
    MHD_add_response_header(response, "RateLimit-Policy", text);
    snprintf(text, sizeof text, "\"%s\";r=%u;t=%u", name, request->rate.remaining,
             request->rate.wait_s);
    MHD_add_response_header(response, "RateLimit", text);
}
