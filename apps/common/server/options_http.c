// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <strings.h>

#include "apps/common/server/options_table.h"

enum { MOST_CONNECTIONS = 65536, CONNECTIONS_PER_ADDRESS = 64 };

// "6000/500": so many a minute, and at once; "off" is no limit.
static bool read_rate(struct rate_limit *out, const char *text) {
    char *end;
    *out = (struct rate_limit){0};
    if (strcmp(text, "off") == 0) return true;
    if (*text < '0' || *text > '9') return false;
    unsigned long long per_minute = strtoull(text, &end, 10);
    if (*end != '/' || end[1] < '0' || end[1] > '9') return false;
    unsigned long long burst = strtoull(end + 1, &end, 10);
    if (*end || per_minute == 0 || burst == 0) return false;
    if (per_minute > UINT32_MAX || burst > UINT32_MAX) return false;
    *out = (struct rate_limit){.burst = (uint32_t)burst, .per_minute = (uint32_t)per_minute};
    return true;
}

static void take_rate(struct rate_limit *out, struct config *config, size_t option,
                      const char *fallback) {
    config_default(config, option, fallback);
    const char *text = config_text(config, option);
    if (!text || read_rate(out, text)) return;
    config_fault(config, option, "takes PER-MINUTE/AT-ONCE, as 6000/500, or off; not %s", text);
}

char *options_next_item(char **at) {
    char *item = *at + strspn(*at, ", ");
    size_t len = strcspn(item, ", ");
    *at = item + len + (item[len] ? 1 : 0);
    item[len] = '\0';
    return len > 0 ? item : NULL;
}

static void take_proxies(struct server_options *out, struct config *config) {
    char text[2048], *at = text, *item;
    config_copy(config, OPTION_TRUSTED_PROXIES, text, sizeof text);
    while ((item = options_next_item(&at))) {
        if (out->proxy_count == LIMIT_HTTP_PROXIES) {
            config_fault(config, OPTION_TRUSTED_PROXIES, "has more than %d", LIMIT_HTTP_PROXIES);
            return;
        }
        if (network_parse(&out->proxies[out->proxy_count], item))
            out->proxy_count++;
        else
            config_fault(config, OPTION_TRUSTED_PROXIES,
                         "takes addresses and networks, as 10.0.0.0/8; not %s", item);
    }
}

// As browsers send it (RFC 6454, 6.2): a scheme, a host in lower case, perhaps a port, and no path.
static bool is_origin(const char *text) {
    const char *host = strncmp(text, "https://", 8) == 0  ? text + 8
                       : strncmp(text, "http://", 7) == 0 ? text + 7
                                                          : "";
    size_t len = strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-");
    if (host[0] == '[') len = 1 + strspn(host + 1, "0123456789abcdef:.");
    if (host[0] == '[' && host[len++] != ']') return false;
    if (len == 0) return false;
    if (host[len] == ':') len += 1 + strspn(host + len + 1, "0123456789");
    return host[len] == '\0' && host[len - 1] != ':';
}

static void take_origins(struct server_options *out, struct config *config) {
    char *at = out->origin_text, *item;
    config_copy(config, OPTION_CORS_ORIGINS, out->origin_text, sizeof out->origin_text);
    while ((item = options_next_item(&at))) {
        if (out->origin_count == LIMIT_HTTP_ORIGINS) {
            config_fault(config, OPTION_CORS_ORIGINS, "has more than %d", LIMIT_HTTP_ORIGINS);
            return;
        }
        if (strcmp(item, "*") == 0 || is_origin(item))
            out->origins[out->origin_count++] = item;
        else
            config_fault(config, OPTION_CORS_ORIGINS,
                         "takes origins, as https://example.org, or *; not %s", item);
    }
}

static void take_connections(struct server_options *out, struct config *config) {
    struct http_limits *limits = &out->limits;
    limits->connections = (unsigned)config_number(config, OPTION_CONNECTIONS, 1, MOST_CONNECTIONS);
    // Behind a proxy all connections come from one address.
    limits->connections_per_ip =
        out->proxy_count > 0 ? limits->connections : CONNECTIONS_PER_ADDRESS;
    if (config_text(config, OPTION_CONNECTIONS_PER_ADDRESS))
        limits->connections_per_ip =
            (unsigned)config_number(config, OPTION_CONNECTIONS_PER_ADDRESS, 1, MOST_CONNECTIONS);
    out->subscribers = (unsigned)config_number(config, OPTION_SUBSCRIBERS, 1, MOST_CONNECTIONS);
}

static void take_forwarded(struct server_options *out, struct config *config) {
    const char *text = config_text(config, OPTION_FORWARDED_HEADER);
    if (!text) return;
    out->reads_forwarded = strcasecmp(text, "forwarded") == 0;
    if (!out->reads_forwarded && strcasecmp(text, "x-forwarded-for") != 0)
        config_fault(config, OPTION_FORWARDED_HEADER, "is x-forwarded-for or forwarded, not %s",
                     text);
}

static void take_tls(struct server_options *out, struct config *config) {
    config_copy(config, OPTION_TLS_CERTIFICATE, out->tls_certificate, sizeof out->tls_certificate);
    config_copy(config, OPTION_TLS_KEY, out->tls_key, sizeof out->tls_key);
    bool has_certificate = config_text(config, OPTION_TLS_CERTIFICATE) != NULL;
    bool has_key = config_text(config, OPTION_TLS_KEY) != NULL;
    if (has_certificate && !has_key)
        config_fault(config, OPTION_TLS_CERTIFICATE, "needs tls-key as well");
    if (has_key && !has_certificate)
        config_fault(config, OPTION_TLS_KEY, "needs tls-certificate as well");
}

static void take_public_url(struct server_options *out, struct config *config) {
    const char *text = config_text(config, OPTION_PUBLIC_URL);
    config_copy(config, OPTION_PUBLIC_URL, out->public_url, sizeof out->public_url);
    if (text && !is_origin(text))
        config_fault(config, OPTION_PUBLIC_URL, "takes an origin, as https://example.org; not %s",
                     text);
}

void options_take_http(struct server_options *out, struct config *config) {
    take_public_url(out, config);
    take_tls(out, config);
    take_proxies(out, config);
    take_origins(out, config);
    take_connections(out, config);
    // The devnet is for whoever made it.
    take_rate(&out->limits.address, config, OPTION_LIMIT_ADDRESS, out->devnet ? "off" : "6000/500");
    take_rate(&out->limits.key, config, OPTION_LIMIT_KEY, out->devnet ? "off" : "60000/2000");
    take_rate(&out->limits.wrong_keys, config, OPTION_LIMIT_WRONG_KEYS, NULL);
    const char *wrong_keys = config_text(config, OPTION_LIMIT_WRONG_KEYS);
    if (wrong_keys && strcmp(wrong_keys, "off") == 0)
        config_fault(config, OPTION_LIMIT_WRONG_KEYS, "is never off");
    take_forwarded(out, config);
}
