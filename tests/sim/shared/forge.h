// SPDX-License-Identifier: Apache-2.0
// What somebody hostile makes of a message of agreement without the keys of others: votes that say
// something else, or of somebody else, and certificates whose signatures are one witness's.
#ifndef LMM_TESTS_SIM_FORGE_H
#define LMM_TESTS_SIM_FORGE_H

#include "chaincore/witness/message.h"

struct forger {
    void *context;
    uint64_t (*below)(void *context, uint64_t bound);
    // How many the set of an epoch has; 0: it is not known yet.
    uint16_t (*witnesses)(void *context, uint64_t epoch);
    uint16_t most; // that an index is below
};

// In place: the message points into itself still.
void forge_message(const struct forger *forger, struct wire_message *message);
// Appends it as it is now, with a body that may be another's.
void forge_encode(struct buf *out, const struct wire_message *message, struct bytes body);

#endif
