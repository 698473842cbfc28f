// SPDX-License-Identifier: Apache-2.0
// Where a node takes connections: an address and a port.
#ifndef LMM_NET_ENDPOINT_H
#define LMM_NET_ENDPOINT_H

#include "chaincore/base/codec.h"
#include "chaincore/base/ip.h"

enum { ENDPOINT_TEXT = IP_TEXT + 8, ENDPOINT_BYTES = 18 };

struct endpoint {
    struct ip_address ip;
    uint16_t port; // 0: none
};

static inline bool endpoint_equal(const struct endpoint *a, const struct endpoint *b) {
    return a->port == b->port && memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
}
// "192.0.2.1:7000", "[2001:db8::1]:7000"; false when it is neither, or the port is 0.
bool endpoint_parse(struct endpoint *out, const char *text);
struct sockaddr;
// One that is neither gives nobody's.
void endpoint_of_socket(struct endpoint *out, const struct sockaddr *socket);
void endpoint_print(char out[ENDPOINT_TEXT], const struct endpoint *endpoint);
void endpoint_encode(struct buf *out, const struct endpoint *endpoint);
// MALFORMED: no port.
void endpoint_decode(struct decoder *in, struct endpoint *out);
// Whether strangers could reach it: no private, local, multicast or reserved address.
bool endpoint_is_public(const struct endpoint *endpoint);
// Whether others can be sent there: strangers, or those that are inside too, to a private address.
bool endpoint_may_be_told(const struct endpoint *endpoint, bool is_inside);
// What one operator has whole: the first 16 bits of an IPv4 address, 32 of an IPv6 one.
uint64_t endpoint_group(const struct endpoint *endpoint);

#endif
