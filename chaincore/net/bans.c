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

bool bans_has_owner(const struct bans *bans, struct bytes owner, uint64_t now_ms) {
    unsigned nodes = 0;
    for (size_t i = 0; i < LIMIT_BANS; i++) {
        const struct ban *ban = &bans->list[i];
        if (ban->until_ms <= now_ms || !bytes_equal(bytes_of(ban->owner, ban->owner_len), owner))
            continue;
        if (!ban->is_node || ++nodes == BANS_NODES_OF_OWNER) return true;
    }
    return false;
}
