// SPDX-License-Identifier: Apache-2.0
// What peers have had in answer to their FETCHes, and may have yet: LIMIT_ANSWER_BYTES at once, and
// so many over time. It is counted by who a peer is, by the witness that it speaks for and, of
// strangers, by where it comes from: a witness may certify as many nodes as it likes. It outlives
// the connection: whoever comes again, or as another, goes on where it was. Of those that
// have left the LIMIT_ANSWER_OWNERS that have had most of late are remembered. Internal to
// witness/.
//
// Times are of one clock that never goes back.
#ifndef LMM_WITNESS_ANSWERS_H
#define LMM_WITNESS_ANSWERS_H

#include "chaincore/base/bytes.h"
#include "chaincore/base/limits.h"

enum answer_owner { ANSWER_NODE, ANSWER_PLACE, ANSWER_WITNESS, ANSWER_OWNERS_OF_PEER };
enum { ANSWER_OWNER_BYTES = 32 };

struct answer_account {
    uint8_t owner[ANSWER_OWNER_BYTES];
    uint8_t owner_len; // 0: free
    uint16_t peers;    // that are connected
    uint64_t used;     // bytes, that are not forgotten yet
    uint64_t counted_ms;
};

// Zeroed nobody has had anything.
struct answers {
    struct answer_account accounts[LIMIT_ANSWER_OWNERS];
    uint16_t of_peer[LIMIT_PEERS][ANSWER_OWNERS_OF_PEER]; // the next of its account; 0: none
    struct answer_account unknown[LIMIT_PEERS];           // of those nobody has named
};

// Who it is, and where it comes from; either may be empty. Up to ANSWER_OWNER_BYTES each, of
// different lengths.
struct answer_owners {
    struct bytes node, place;
};
void answers_peer_joined(struct answers *answers, uint16_t peer, const struct answer_owners *owners,
                         uint64_t now_ms);
void answers_peer_left(struct answers *answers, uint16_t peer);
// It has shown that it speaks for this witness, whose key is no node's; empty: for none, or for
// none any more.
void answers_peer_speaks_for(struct answers *answers, uint16_t peer, struct bytes witness,
                             uint64_t now_ms);

struct answer_asker {
    uint16_t peer;
    bool is_trusted; // where it comes from is no matter
};
bool answers_may(struct answers *answers, const struct answer_asker *asker, uint64_t now_ms);
void answers_note(struct answers *answers, const struct answer_asker *asker, size_t bytes);

#endif
