// SPDX-License-Identifier: Apache-2.0
// What has come of late costs no more than a look: two generations of hashes, of which the older
// one goes when the present one is half full, or old.
#include "chaincore/node/mempool.h"
#include "chaincore/node/replica_inside.h"

uint64_t seen_hash(const struct seen_txs *seen, struct bytes what) {
    uint64_t hash = table_hash(&seen->key, what);
    return hash == 0 ? 1 : hash; // 0: a free slot
}

bool seen_has(const struct seen_txs *seen, uint64_t hash) {
    size_t slot = hash % SEEN_SLOTS;
    return seen->slots[0][slot] == hash || seen->slots[1][slot] == hash;
}

void seen_add(struct seen_txs *seen, uint64_t hash, uint64_t now_ms) {
    if (seen->count >= SEEN_SLOTS / 2 || now_ms - seen->begun_ms >= LIMIT_GOSSIP_SEEN_MS) {
        seen->present ^= 1;
        memset(seen->slots[seen->present], 0, sizeof seen->slots[seen->present]);
        seen->count = 0;
        seen->begun_ms = now_ms;
    }
    seen->slots[seen->present][hash % SEEN_SLOTS] = hash;
    seen->count++;
}

bool had_has(const struct replica *replica, uint64_t start) {
    return seen_has(&replica->had, seen_hash(&replica->had, BYTES_OF(start)));
}

void had_add(struct replica *replica, uint64_t start) {
    seen_add(&replica->had, seen_hash(&replica->had, BYTES_OF(start)), replica->time.now_ms);
}
