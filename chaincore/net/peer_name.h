// SPDX-License-Identifier: Apache-2.0
// How an operator names a node: by where it takes connections, and by its key, if nobody else who
// answers there is to pass for it. "192.0.2.1:7000", or 64 hexadecimal digits, "@", and that.
#ifndef LMM_NET_PEER_NAME_H
#define LMM_NET_PEER_NAME_H

#include "chaincore/crypto/sign.h"
#include "chaincore/net/endpoint.h"

enum { PEER_NAME_TEXT = 2 * sizeof(struct public_key) + 1 + ENDPOINT_TEXT };

struct peer_name {
    bool has_node;
    struct public_key node;
    struct endpoint where;
};

bool peer_name_parse(struct peer_name *out, const char *text);
// Whether each names another node for one place.
bool peer_names_clash(const struct peer_name *a, const struct peer_name *b);
void peer_name_print(char out[PEER_NAME_TEXT], const struct peer_name *name);

#endif
