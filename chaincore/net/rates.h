// SPDX-License-Identifier: Apache-2.0
// How often each address (ip_owner) has connected of late: so many times at once, and so many a
// second in the long run. Of many addresses the LIMIT_RATED_OWNERS that have connected most count:
// whoever has that many pushes others' counts out, and gains nothing by it. Times are of one clock
// that never goes back, in milliseconds.
#ifndef LMM_NET_RATES_H
#define LMM_NET_RATES_H

#include "chaincore/base/ip.h"
#include "chaincore/base/limits.h"
#include "chaincore/crypto/table_hash.h"

struct rate {
    uint8_t owner[sizeof(struct ip_address)];
    uint8_t owner_len; // 0: free
    uint64_t spent;    // in thousandths, of what may come at once
    uint64_t counted_ms;
};

struct rates {
    struct table_key key;
    uint32_t at_once, per_s;
    struct rate slots[LIMIT_RATED_OWNERS];
};

void rates_init(struct rates *out, uint32_t at_once, uint32_t per_s);
// Counts one; false: it is too much, and counts for nothing.
bool rates_take(struct rates *rates, struct bytes owner, uint64_t now_ms);

#endif
