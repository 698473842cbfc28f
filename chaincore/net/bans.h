// SPDX-License-Identifier: Apache-2.0
// Who is not talked to for a while: nodes, by their keys, and addresses, by who owns them
// (ip_owner). An address may be many nodes', so what one of them did bans that one alone. But a key
// costs nothing: an address from which BANS_NODES_OF_OWNER nodes were banned is banned itself, and
// so is a site of IPv6 (ip_site) where BANS_OWNERS_OF_SITE addresses would be. Of many bans the
// latest LIMIT_BANS count. Times are of one clock that never goes back, in milliseconds.
#ifndef LMM_NET_BANS_H
#define LMM_NET_BANS_H

#include "chaincore/base/ip.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/sign.h"

enum { BANS_NODES_OF_OWNER = 4, BANS_OWNERS_OF_SITE = 8 };

struct ban {
    uint64_t until_ms;
    bool is_node; // else of the owner alone
    struct public_key node;
    size_t owner_len; // 0: none
    uint8_t owner[sizeof(struct ip_address)];
};

// Zeroed it is empty.
struct bans {
    struct ban list[LIMIT_BANS];
    size_t next;
};

// `owner` of an address that says nothing about who is there (inside a firm): empty.
void bans_add_node(struct bans *bans, const struct public_key *node, struct bytes owner,
                   uint64_t until_ms);
void bans_add_owner(struct bans *bans, struct bytes owner, uint64_t until_ms);
bool bans_has_node(const struct bans *bans, const struct public_key *node, uint64_t now_ms);
// By itself, or with its site.
bool bans_has_owner(const struct bans *bans, struct bytes owner, uint64_t now_ms);

#endif
