// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/replica_kinds.h"

// In the long run, at once, and waiting to be sent. A hundred witnesses at two blocks a second send
// 100 KB/s of votes; four blocks may wait; a block of transfers is 4 MiB.
static const struct class_rule classes[REPLICA_CLASSES] = {
    [REPLICA_CLASS_VOTES] = {1 << 20, 4 << 20, 4 << 20},
    [REPLICA_CLASS_CERTIFICATES] = {1 << 20, 4 << 20, 4 << 20},
    [REPLICA_CLASS_BLOCKS] = {32 << 20, 64 << 20, 4 * WIRE_MAX_BYTES},
    [REPLICA_CLASS_TX_IDS] = {1 << 20, 2 << 20, 1 << 20}, // 100,000 a second
    [REPLICA_CLASS_TXS] = {8 << 20, 16 << 20, 8 << 20},
    [REPLICA_CLASS_SYNC] = {32 << 20, 64 << 20, 2 * REPLICA_SYNC_BYTES},
};

static const struct frame_rule kinds[REPLICA_KINDS] = {
    HOST_KIND_RULES,
    [REPLICA_VOTE] = {REPLICA_CLASS_VOTES, REPLICA_VOTE_BYTES},
    [REPLICA_CERTIFICATE] = {REPLICA_CLASS_CERTIFICATES, REPLICA_CERTIFICATE_BYTES},
    [REPLICA_BLOCK] = {REPLICA_CLASS_BLOCKS, WIRE_MAX_BYTES},
    [REPLICA_KEYS] = {REPLICA_CLASS_VOTES, REPLICA_KEYS_BYTES},
    [REPLICA_TXS] = {REPLICA_CLASS_TXS, REPLICA_TXS_BYTES},
    [REPLICA_SYNC] = {REPLICA_CLASS_SYNC, REPLICA_SYNC_BYTES},
    [REPLICA_PAST] = {REPLICA_CLASS_SYNC, PAST_MAX_BYTES},
    [REPLICA_RECORDS] = {REPLICA_CLASS_VOTES, REPLICA_RECORDS_BYTES},
    [REPLICA_TX_IDS] = {REPLICA_CLASS_TX_IDS, REPLICA_TX_IDS_BYTES},
};

const struct channel_rules replica_rules = {
    .kinds = kinds,
    .kind_count = REPLICA_KINDS,
    .classes = classes,
    .class_count = REPLICA_CLASSES,
};

const char *replica_class_name(size_t replica_class) {
    static const char *const names[REPLICA_CLASSES] = {
        [REPLICA_CLASS_VOTES] = "votes",      [REPLICA_CLASS_CERTIFICATES] = "certificates",
        [REPLICA_CLASS_BLOCKS] = "blocks",    [REPLICA_CLASS_TX_IDS] = "transaction ids",
        [REPLICA_CLASS_TXS] = "transactions", [REPLICA_CLASS_SYNC] = "sync",
    };
    ENSURE(replica_class < REPLICA_CLASSES);
    return names[replica_class];
}
