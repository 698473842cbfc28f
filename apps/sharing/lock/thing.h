// SPDX-License-Identifier: Apache-2.0
// A lock as a W3C WoT Thing (Thing Description 1.1).
#ifndef LMM_SHARING_LOCK_THING_H
#define LMM_SHARING_LOCK_THING_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/sign.h"

// Appends its description as JSON, with forms that lead to the lock's WebSocket on that port.
void thing_describe(struct buf *out, const struct public_key *key, uint16_t port);

#endif
