// SPDX-License-Identifier: Apache-2.0
#ifndef LMM_HTTP_NETWORK_H
#define LMM_HTTP_NETWORK_H

#include "chaincore/base/ip.h"

// Addresses whose first bits are the same: "10.0.0.0/8", "2001:db8::/32", or one address.
struct ip_network {
    struct ip_address address;
    unsigned bits; // of the 128
};
// False when it is neither, or has bits set behind its length.
bool network_parse(struct ip_network *out, const char *text);
bool network_has(const struct ip_network *network, const struct ip_address *address);

#endif
