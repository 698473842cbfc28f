// SPDX-License-Identifier: Apache-2.0
#include "chaincore/base/ip.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

bool ip_is_v4(const struct ip_address *address) {
    return memcmp(address->bytes, v4_prefix, sizeof v4_prefix) == 0;
}

static void set_v4(struct ip_address *out, const void *four) {
    memcpy(out->bytes, v4_prefix, sizeof v4_prefix);
    memcpy(out->bytes + sizeof v4_prefix, four, 4);
}

void ip_of_socket(struct ip_address *out, const struct sockaddr *socket) {
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    *out = (struct ip_address){0};
    if (socket->sa_family == AF_INET) {
        memcpy(&v4, socket, sizeof v4);
        set_v4(out, &v4.sin_addr);
    } else if (socket->sa_family == AF_INET6) {
        memcpy(&v6, socket, sizeof v6);
        memcpy(out->bytes, &v6.sin6_addr, sizeof out->bytes);
    }
}

bool ip_parse(struct ip_address *out, const char *text) {
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1) {
        set_v4(out, bytes);
        return true;
    }
    if (inet_pton(AF_INET6, text, bytes) != 1) return false;
    memcpy(out->bytes, bytes, sizeof out->bytes);
    return true;
}

void ip_print(char out[IP_TEXT], const struct ip_address *address) {
    bool is_old = ip_is_v4(address);
    const uint8_t *from = address->bytes + (is_old ? sizeof v4_prefix : 0);
    if (!inet_ntop(is_old ? AF_INET : AF_INET6, from, out, IP_TEXT)) out[0] = '\0';
}

struct bytes ip_owner(const struct ip_address *address) {
    return bytes_of(address->bytes, ip_is_v4(address) ? 16 : 8);
}

struct bytes ip_site(const struct ip_address *address) {
    return bytes_of(address->bytes, ip_is_v4(address) ? 15 : 6);
}
