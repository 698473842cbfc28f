// SPDX-License-Identifier: Apache-2.0
// Addresses of clients: IPv6 as they are, IPv4 as IPv6 has them (::ffff:a.b.c.d).
#ifndef LMM_HTTP_ADDRESS_H
#define LMM_HTTP_ADDRESS_H

#include "chaincore/base/bytes.h"

struct sockaddr;

enum { ADDRESS_TEXT = 46 };

struct http_address {
    uint8_t bytes[16];
};

// Any other kind of socket gives the address of nobody (::).
void address_of_socket(struct http_address *out, const struct sockaddr *socket);
// "192.0.2.1", "2001:db8::1"; false when it is neither.
bool address_parse(struct http_address *out, const char *text);
void address_print(char out[ADDRESS_TEXT], const struct http_address *address);
// What belongs to one client: the whole of an IPv4 address, the network (/64) of an IPv6 one, of
// which a client has all that is behind it. Borrowed.
struct bytes address_owner(const struct http_address *address);

// Addresses whose first bits are the same: "10.0.0.0/8", "2001:db8::/32", or one address.
struct http_network {
    struct http_address address;
    unsigned bits; // of the 128
};
// False when it is neither, or has bits set behind its length.
bool network_parse(struct http_network *out, const char *text);
bool network_has(const struct http_network *network, const struct http_address *address);

#endif
