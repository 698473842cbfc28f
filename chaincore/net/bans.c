// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/bans.h"

static struct ban *next_place(struct bans *bans, struct bytes owner, uint64_t until_ms) {
    struct ban *ban = &bans->list[bans->next++ % LIMIT_BANS];
    *ban = (struct ban){.until_ms = until_ms, .owner_len = owner.len};
    ENSURE(owner.len <= sizeof ban->owner);
    if (owner.len > 0) memcpy(ban->owner, owner.data, owner.len);
    return ban;
}

void bans_add_node(struct bans *bans, const struct public_key *node, struct bytes owner,
                   uint64_t until_ms) {
    struct ban *ban = next_place(bans, owner, until_ms);
    ban->is_node = true;
    ban->node = *node;
}

void bans_add_owner(struct bans *bans, struct bytes owner, uint64_t until_ms) {
    next_place(bans, owner, until_ms);
}

bool bans_has_node(const struct bans *bans, const struct public_key *node, uint64_t now_ms) {
    for (size_t i = 0; i < LIMIT_BANS; i++) {
        const struct ban *ban = &bans->list[i];
        if (ban->until_ms > now_ms && ban->is_node && memcmp(&ban->node, node, sizeof *node) == 0)
            return true;
    }
    return false;
}

// An IPv6 site is had for one price, with all of its 65,536 owners.
static unsigned weight_in_site(const struct ban *ban, struct bytes owner) {
    enum { V6_OWNER_BYTES = 8, V6_SITE_BYTES = 6 };
    if (owner.len != V6_OWNER_BYTES || ban->owner_len != V6_OWNER_BYTES) return 0;
    if (memcmp(ban->owner, owner.data, V6_SITE_BYTES) != 0) return 0;
    return ban->is_node ? 1 : BANS_NODES_OF_OWNER;
}

bool bans_has_owner(const struct bans *bans, struct bytes owner, uint64_t now_ms) {
    unsigned nodes = 0, of_site = 0;
    for (size_t i = 0; i < LIMIT_BANS; i++) {
        const struct ban *ban = &bans->list[i];
        if (ban->until_ms <= now_ms) continue;
        of_site += weight_in_site(ban, owner);
        if (of_site >= BANS_NODES_OF_OWNER * BANS_OWNERS_OF_SITE) return true;
        if (!bytes_equal(bytes_of(ban->owner, ban->owner_len), owner)) continue;
        if (!ban->is_node || ++nodes == BANS_NODES_OF_OWNER) return true;
    }
    return false;
}
