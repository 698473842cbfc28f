// SPDX-License-Identifier: Apache-2.0
// A frame's payload on its way to peers: written once, shared by all queues that hold it. Not
// thread-safe: parcels live on the network's thread.
#ifndef LMM_NET_PARCEL_H
#define LMM_NET_PARCEL_H

#include "chaincore/base/bytes.h"

struct parcel {
    unsigned holders;
    unsigned queues; // of them, of one host's channels
    uint8_t kind;    // of the frame
    size_t len;
    uint8_t data[];
};

// A copy, with one holder.
struct parcel *parcel_make(uint8_t kind, struct bytes payload);
struct parcel *parcel_hold(struct parcel *parcel);
// The last one frees it.
void parcel_drop(struct parcel *parcel);

#endif
