// SPDX-License-Identifier: Apache-2.0
// What a lock says of itself: its W3C WoT Thing Description, which names where its radio is.
#ifndef LMM_CLI_LOCK_THING_H
#define LMM_CLI_LOCK_THING_H

#include "chaincore/base/buf.h"

// Fetches the description, and appends the WebSocket that the forms of its action `start` name.
// False, with a complaint.
bool lock_thing_radio(struct buf *out, const char *url);

#endif
