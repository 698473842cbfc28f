// SPDX-License-Identifier: Apache-2.0
// Ids of the live stream, and what a client gets who was away for longer than its log reaches back.
//
// An id is a block's height and, in its lower bits, which event of the block it is: the block's own
// is the first, then come the market's, in the order in which its webhooks have them. So what was
// missed is read from the rows and has the ids that it had, over restarts too. Blocks of before are
// not told of again: the next one says where the chain is.
//
// Where that cannot be, the stream says "reset" and the client reads anew: too much was missed, the
// rows are not there, the id is none of this chain's, or the client was cut off in the middle of a
// block.
#ifndef LMM_SERVER_LIVE_H
#define LMM_SERVER_LIVE_H

#include "apps/common/server/server.h"

enum { LIVE_ID_BITS = 20 }; // a page's numbers are exact to 2^53

// The id that all events of the height are behind.
static inline uint64_t live_before(uint64_t height) { return height << LIVE_ID_BITS; }

// The handler of GET /v1/live; its context is the server.
enum status get_live(void *context, struct http_request *request,
                     struct http_response *response) MUST_CHECK;

#endif
