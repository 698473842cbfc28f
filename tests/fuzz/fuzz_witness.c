// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message between witnesses. What is accepted has one encoding.
#include "chaincore/witness/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct wire_message message;
    struct buf again = {0};
    if (wire_decode(&message, bytes_of(data, size)) != STATUS_OK) return 0;
    struct wire_company company = {.body = message.body, .witness_count = message.witness_count};
    if (message.kind == WIRE_BLOCK)
        wire_encode_block(&again, &message.header, message.body);
    else
        wire_encode(&again, &message.message, &company);
    ENSURE(bytes_equal(buf_bytes(&again), bytes_of(data, size)));
    buf_clear(&again);
    return 0;
}
