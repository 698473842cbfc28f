// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/deposit.h"

enum status deposit_grow(struct deposit *deposit, uint64_t bytes, uint64_t price,
                         struct amount *cost) {
    struct deposit grown;
    enum status status = amount_mul(cost, amount_of_units(price), bytes);
    if (status == STATUS_OK) status = amount_add(&grown.amount, deposit->amount, *cost);
    if (status == STATUS_OK && __builtin_add_overflow(deposit->bytes, bytes, &grown.bytes))
        status = STATUS_OVERFLOW;
    if (status == STATUS_OK) *deposit = grown;
    return status;
}

struct amount deposit_shrink(struct deposit *deposit, uint64_t bytes) {
    ENSURE(bytes > 0 && bytes <= deposit->bytes);
    struct amount back = amount_share(deposit->amount, bytes, deposit->bytes);
    ENSURE(amount_sub(&deposit->amount, deposit->amount, back) == STATUS_OK);
    deposit->bytes -= bytes;
    return back;
}

void deposit_encode(struct buf *out, const struct deposit *deposit) {
    encode_u64(out, deposit->bytes);
    encode_amount(out, deposit->amount);
}

void deposit_decode_from(struct decoder *in, struct deposit *out) {
    out->bytes = decode_u64(in);
    out->amount = decode_amount(in);
}
