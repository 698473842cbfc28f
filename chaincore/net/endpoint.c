// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

static bool parse_port(uint16_t *out, const char *text) {
    uint32_t port = 0;
    if (*text == '\0' || *text == '0' || strlen(text) > 5) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        port = 10 * port + (uint32_t)(*text - '0');
    }
    *out = (uint16_t)port;
    return port <= UINT16_MAX;
}

bool endpoint_parse(struct endpoint *out, const char *text) {
    char host[IP_TEXT];
    const char *colon = strrchr(text, ':');
    if (!colon || !parse_port(&out->port, colon + 1)) return false;
    size_t len = (size_t)(colon - text);
    bool is_bracketed = len >= 2 && text[0] == '[' && text[len - 1] == ']';
    if (is_bracketed) {
        text++;
        len -= 2;
    }
    if (len >= sizeof host) return false;
    memcpy(host, text, len);
    host[len] = '\0';
    // Brackets tell an IPv6 address's colons from the port's.
    return (strchr(host, ':') != NULL) == is_bracketed && ip_parse(&out->ip, host);
}

void endpoint_of_socket(struct endpoint *out, const struct sockaddr *socket) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    *out = (struct endpoint){0};
    ip_of_socket(&out->ip, socket);
    if (socket->sa_family == AF_INET) {
        memcpy(&v4, socket, sizeof v4);
        out->port = ntohs(v4.sin_port);
    } else if (socket->sa_family == AF_INET6) {
        memcpy(&v6, socket, sizeof v6);
        out->port = ntohs(v6.sin6_port);
    }
}

void endpoint_print(char out[ENDPOINT_TEXT], const struct endpoint *endpoint) {
    char host[IP_TEXT];
    ip_print(host, &endpoint->ip);
    snprintf(out, ENDPOINT_TEXT, ip_is_v4(&endpoint->ip) ? "%s:%u" : "[%s]:%u", host,
             endpoint->port);
}

void endpoint_encode(struct buf *out, const struct endpoint *endpoint) {
    encode_fixed(out, endpoint->ip.bytes, sizeof endpoint->ip.bytes);
    encode_u16(out, endpoint->port);
}

void endpoint_decode(struct decoder *in, struct endpoint *out) {
    decode_fixed(in, out->ip.bytes, sizeof out->ip.bytes);
    out->port = decode_u16(in);
    if (out->port == 0) decoder_fail(in, STATUS_MALFORMED);
}

static bool is_public_v4(const uint8_t ip[4]) {
    uint32_t address = load_u32_be(ip);
    static const struct {
        uint32_t network;
        int bits;
    } reserved[] =
        {
            // RFC 6890 and what follows it
            {0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
            {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0000200, 24},
            {0xC0A80000, 16}, {0xC6120000, 15}, {0xC6336400, 24}, {0xCB007100, 24},
            {0xE0000000, 3}, // multicast, and what is kept for later
        };
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if ((address ^ reserved[i].network) >> (32 - reserved[i].bits) == 0) return false;
    return true;
}

bool endpoint_is_public(const struct endpoint *endpoint) {
    const uint8_t *ip = endpoint->ip.bytes;
    if (endpoint->port == 0) return false;
    if (ip_is_v4(&endpoint->ip)) return is_public_v4(ip + 12);
    // Of IPv6 only 2000::/3 is given out so far.
    if ((ip[0] & 0xE0) != 0x20) return false;
    uint32_t network = load_u32_be(ip);
    bool is_documentation = network == 0x20010DB8 || network >> 12 == 0x3FFF0;
    // Teredo, 6to4: made from an IPv4 address, a private one included, and of a group that
    // everybody with such an address could fill.
    bool is_made = network == 0x20010000 || network >> 16 == 0x2002;
    return !is_documentation && !is_made;
}

// Not to "any": that is whoever asks.
bool endpoint_may_be_told(const struct endpoint *endpoint, bool is_inside) {
    static const struct ip_address any = {{0}}, any_v4 = {{[10] = 0xFF, 0xFF}};
    bool is_any = memcmp(&endpoint->ip, &any, sizeof any) == 0 ||
                  memcmp(&endpoint->ip, &any_v4, sizeof any_v4) == 0;
    return endpoint_is_public(endpoint) || (is_inside && endpoint->port > 0 && !is_any);
}

uint64_t endpoint_group(const struct endpoint *endpoint) {
    const uint8_t *ip = endpoint->ip.bytes;
    if (ip_is_v4(&endpoint->ip)) return (uint64_t)1 << 32 | (uint32_t)ip[12] << 8 | ip[13];
    return load_u32_be(ip);
}
