// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/news.h"

#include <stdio.h>

#include "chaincore/net/endpoint.h"

// Behind the scheme; NULL: it is none that people go to.
static const char *host_of(const char *url) {
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < 2; i++)
        if (strncmp(url, schemes[i], strlen(schemes[i])) == 0) return url + strlen(schemes[i]);
    return NULL;
}

static bool is_of_a_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

// Of a name or an IPv4 address: all that stands before a port. 0: none.
static size_t name_length(const char *host) {
    size_t len = 0;
    while (is_of_a_name(host[len])) len++;
    return len > 0 && host[0] != '-' && host[0] != '.' ? len : 0;
}

// ":443", or nothing.
static bool is_port(const char *text) {
    struct endpoint endpoint;
    char whole[16];
    if (*text == '\0') return true;
    int len = snprintf(whole, sizeof whole, "192.0.2.1%s", text);
    return len > 0 && (size_t)len < sizeof whole && endpoint_parse(&endpoint, whole);
}

// An address, with brackets around one of IPv6; what is behind it is left in `rest`.
static bool read_address(struct ip_address *out, const char *host, const char **rest) {
    char text[IP_TEXT];
    const char *end = host[0] == '[' ? strchr(host, ']') : host + name_length(host);
    const char *from = host[0] == '[' ? host + 1 : host;
    if (!end || (size_t)(end - from) >= sizeof text) return false;
    memcpy(text, from, (size_t)(end - from));
    text[end - from] = '\0';
    *rest = host[0] == '[' ? end + 1 : end;
    return (strchr(text, ':') != NULL) == (host[0] == '[') && ip_parse(out, text);
}

bool news_is_origin(const char *url) {
    const char *host = host_of(url), *rest;
    struct ip_address ip;
    if (!host || strlen(url) > NEWS_URL_BYTES) return false;
    if (host[0] == '[') return read_address(&ip, host, &rest) && is_port(rest);
    size_t len = name_length(host);
    return len > 0 && is_port(host + len);
}

bool news_is_public_origin(const char *url) {
    const char *host = host_of(url), *rest;
    struct endpoint endpoint = {.port = 1};
    if (!news_is_origin(url)) return false;
    if (read_address(&endpoint.ip, host, &rest)) return endpoint_is_public(&endpoint);
    // A name without a dot, and what ends like these, is nobody's on the internet.
    static const char *const inner[] = {".local", ".localhost", ".internal", ".lan", ".home.arpa"};
    size_t len = name_length(host);
    if (!memchr(host, '.', len)) return false;
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        size_t tail = strlen(inner[i]);
        if (len >= tail && memcmp(host + len - tail, inner[i], tail) == 0) return false;
    }
    return true;
}

void news_write(struct buf *out, const struct node_news *news) {
    encode_u8(out, NEWS_VERSION);
    encode_u64(out, news->final_height);
    encode_bytes(out, bytes_of_string(news->url));
    encode_u64(out, news->price_per_mib);
}

enum status news_read(struct node_news *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    *out = (struct node_news){0};
    uint8_t version = decode_u8(&decoder);
    if (in.len > 0 && version > NEWS_VERSION) return STATUS_UNSUPPORTED;
    if (in.len > 0 && version < NEWS_VERSION) return STATUS_MALFORMED;
    out->final_height = decode_u64(&decoder);
    struct bytes url = decode_bytes(&decoder, NEWS_URL_BYTES);
    out->price_per_mib = decode_u64(&decoder);
    enum status status = decoder_finish(&decoder);
    if (status != STATUS_OK) return status;
    if (url.len > 0) memcpy(out->url, url.data, url.len);
    bool is_there = url.len > 0;
    bool is_origin = strlen(out->url) == url.len && news_is_origin(out->url);
    return is_there == is_origin && (is_there || out->price_per_mib == 0) ? STATUS_OK
                                                                          : STATUS_MALFORMED;
}
