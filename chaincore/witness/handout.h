// SPDX-License-Identifier: Apache-2.0
// Which blocks peers have asked for, and whose turn it is to get one. Seventy bytes ask for four
// megabytes that are read, encoded and copied, so there is a bound over all peers of what is handed
// out in one run, and one over all strangers of what they are given over time. Those that are
// trusted come first, and each kind in turn: who has to wait keeps its place. A second one keeps
// the turns of strangers that ask for certificates. Internal to witness/.
//
// Times are of one clock that never goes back.
#ifndef LMM_WITNESS_HANDOUT_H
#define LMM_WITNESS_HANDOUT_H

#include "chaincore/base/limits.h"
#include "chaincore/crypto/hash.h"

struct handout_peer {
    bool has_asked, is_trusted;
    struct hash id;
};

// Zeroed nobody has asked.
struct handout {
    struct handout_peer peers[LIMIT_PEERS];
    size_t count;     // that have asked
    uint16_t last[2]; // whose turn it was: of strangers, of those that are trusted
    uint64_t debt_us; // until then what strangers were given lasts, by their rate
};

// Comes in place of what the peer asked for before.
void handout_ask(struct handout *handout, uint16_t peer, const struct hash *id, bool is_trusted);
void handout_peer_left(struct handout *handout, uint16_t peer);
// Takes out the one whose turn it is; PEER_NONE: nobody's, now.
uint16_t handout_next(struct handout *handout, uint64_t now_ms);
void handout_note(struct handout *handout, uint16_t peer, size_t bytes, uint64_t now_ms);
// When it is somebody's turn; UINT64_MAX: nobody has asked.
uint64_t handout_wake_ms(const struct handout *handout);

#endif
