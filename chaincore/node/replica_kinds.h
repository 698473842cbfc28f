// SPDX-License-Identifier: Apache-2.0
// What nodes send one another besides the host's own frames (net/host.h): kinds, their classes, and
// what a peer may send of each. A class goes before those behind it, so a vote never waits for a
// block. Source: design, Network.
#ifndef LMM_NODE_REPLICA_KINDS_H
#define LMM_NODE_REPLICA_KINDS_H

#include "chaincore/net/host.h"
#include "chaincore/node/witness_record.h"
#include "chaincore/sync/past_message.h"
#include "chaincore/witness/message.h"

enum replica_kind {
    // Messages of agreement as bytes (witness/message.h), by how large they may be.
    REPLICA_VOTE = HOST_KINDS, // NOTARIZE, NULLIFY, FINALIZE, FETCH, AHEAD
    REPLICA_CERTIFICATE,       // CERTIFICATE
    REPLICA_BLOCK,             // PROPOSE, BLOCK
    REPLICA_KEYS,              // { consensus key ‖ its signature over the node's key }, once
    REPLICA_TXS,               // { encoded transaction }
    REPLICA_SYNC,              // final blocks in bulk (sync/block_sync.h)
    REPLICA_PAST,              // for who joins (sync/past_message.h)
    REPLICA_RECORDS,           // { record } (node/witness_record.h); none: asks for all there are
    REPLICA_TX_IDS,            // { u8 tx_ids ‖ u32 count ‖ { u64 tx_start } }: one at least
    REPLICA_KINDS
};

// What is said of the transactions whose ids begin so.
enum tx_ids {
    TX_IDS_HAVE, // they are here: who lacks one asks for it
    TX_IDS_WANT, // the answer is REPLICA_TXS, and LACK
    TX_IDS_LACK, // of those that were asked for: no more, or not now
    TX_IDS_KINDS
};

enum replica_class {
    REPLICA_CLASS_VOTES, // and the host's
    REPLICA_CLASS_CERTIFICATES,
    REPLICA_CLASS_BLOCKS,
    REPLICA_CLASS_TX_IDS,
    REPLICA_CLASS_TXS,
    REPLICA_CLASS_SYNC,
    REPLICA_CLASSES
};

enum {
    REPLICA_VOTE_BYTES = 16 * 1024,
    REPLICA_CERTIFICATE_BYTES = CERTIFICATE_MAX_BYTES + 64,
    REPLICA_KEYS_BYTES = 4 + LIMIT_WITNESSES * (32 + 64),
    REPLICA_TXS_BYTES = 4 + 4 + LIMIT_DEPLOY_TX_BYTES, // the largest that there is, or many
    REPLICA_TX_IDS_BYTES = 1 + 4 + 8 * LIMIT_GOSSIP_IDS,
    REPLICA_SYNC_BYTES = 64 + LIMIT_BODY_BYTES,
    REPLICA_RECORDS_BYTES = 4 + LIMIT_WITNESSES * WITNESS_RECORD_BYTES,
};

// "votes", as metrics name it.
const char *replica_class_name(size_t replica_class);

// One for all nodes, for as long as the program runs.
extern const struct channel_rules replica_rules;

#endif
