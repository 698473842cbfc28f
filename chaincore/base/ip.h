// SPDX-License-Identifier: Apache-2.0
// Addresses of the internet: IPv6 as they are, IPv4 as IPv6 has them (::ffff:a.b.c.d).
#ifndef LMM_BASE_IP_H
#define LMM_BASE_IP_H

#include "chaincore/base/bytes.h"

struct sockaddr;

enum { IP_TEXT = 46 };

struct ip_address {
    uint8_t bytes[16];
};

// Any other kind of socket gives the address of nobody (::).
void ip_of_socket(struct ip_address *out, const struct sockaddr *socket);
// "192.0.2.1", "2001:db8::1"; false when it is neither.
bool ip_parse(struct ip_address *out, const char *text);
void ip_print(char out[IP_TEXT], const struct ip_address *address);
bool ip_is_v4(const struct ip_address *address);
// What belongs to one client: the whole of an IPv4 address, the network (/64) of an IPv6 one, of
// which a client has all that is behind it. Borrowed.
struct bytes ip_owner(const struct ip_address *address);
// What one customer of a provider may have whole: the /24 of an IPv4 address, the /48 of an IPv6
// one, which is 65,536 owners. Borrowed.
struct bytes ip_site(const struct ip_address *address);

#endif
