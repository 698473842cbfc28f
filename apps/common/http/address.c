// SPDX-License-Identifier: Apache-2.0
#include "apps/common/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "apps/common/http/text.h"

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

static bool is_v4(const struct http_address *address) {
    return memcmp(address->bytes, v4_prefix, sizeof v4_prefix) == 0;
}

static void set_v4(struct http_address *out, const void *four) {
    memcpy(out->bytes, v4_prefix, sizeof v4_prefix);
    memcpy(out->bytes + sizeof v4_prefix, four, 4);
}

void address_of_socket(struct http_address *out, const struct sockaddr *socket) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    *out = (struct http_address){0};
    if (socket->sa_family == AF_INET) {
        memcpy(&v4, socket, sizeof v4);
        set_v4(out, &v4.sin_addr);
    } else if (socket->sa_family == AF_INET6) {
        memcpy(&v6, socket, sizeof v6);
        memcpy(out->bytes, &v6.sin6_addr, sizeof out->bytes);
    }
}

bool address_parse(struct http_address *out, const char *text) {
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1) {
        set_v4(out, bytes);
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) != 1) return false;
    memcpy(out->bytes, bytes, sizeof out->bytes);
    return true;
}

void address_print(char out[ADDRESS_TEXT], const struct http_address *address) {
    bool is_old = is_v4(address);
    const uint8_t *from = address->bytes + (is_old ? sizeof v4_prefix : 0);
    if (!inet_ntop(is_old ? AF_INET : AF_INET6, from, out, ADDRESS_TEXT)) out[0] = '\0';
}

struct bytes address_owner(const struct http_address *address) {
    return bytes_of(address->bytes, is_v4(address) ? 16 : 8);
}

static bool has_bits_behind(const struct http_network *network) {
    for (unsigned bit = network->bits; bit < 128; bit++)
        if (network->address.bytes[bit / 8] & 0x80 >> bit % 8) return true;
    return false;
}

bool network_parse(struct http_network *out, const char *text) {
    char copy[ADDRESS_TEXT];
    size_t len = strcspn(text, "/");
    uint64_t bits = 0;
    if (len >= sizeof copy) return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (!address_parse(&out->address, copy)) return false;
    bool is_short = !strchr(copy, ':'); // written as IPv4
    unsigned most = is_short ? 32 : 128;
    if (text[len] && text_u64(bytes_of_string(text + len + 1), &bits) != STATUS_OK) return false;
    if (!text[len]) bits = most;
    if (bits > most) return false;
    out->bits = (unsigned)bits + 128 - most;
    return !has_bits_behind(out);
}

bool network_has(const struct http_network *network, const struct http_address *address) {
    size_t whole = network->bits / 8;
    unsigned rest = network->bits % 8;
    if (memcmp(network->address.bytes, address->bytes, whole) != 0) return false;
    if (rest == 0) return true;
    uint8_t mask = (uint8_t)(0xFF00U >> rest);
    return (network->address.bytes[whole] & mask) == (address->bytes[whole] & mask);
}
