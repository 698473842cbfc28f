// SPDX-License-Identifier: Apache-2.0
#include "chaincore/net/parcel.h"

#include "chaincore/base/memory.h"

struct parcel *parcel_make(uint8_t kind, struct bytes payload) {
    struct parcel *parcel = mem_alloc(sizeof *parcel + payload.len);
    parcel->holders = 1;
    parcel->kind = kind;
    parcel->len = payload.len;
    if (payload.len > 0) memcpy(parcel->data, payload.data, payload.len);
    return parcel;
}

struct parcel *parcel_hold(struct parcel *parcel) {
    parcel->holders++;
    return parcel;
}

void parcel_drop(struct parcel *parcel) {
    if (--parcel->holders == 0) mem_free(parcel);
}
