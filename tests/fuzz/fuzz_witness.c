// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message between witnesses, and as a record of their log. What is accepted has one
// encoding.
#include "chaincore/witness/message.h"
#include "chaincore/witness/vote_record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_message(struct bytes in, struct buf *again) {
    static struct wire_message message;
    if (wire_decode(&message, in) != STATUS_OK) return;
    struct wire_company company = {.body = message.body, .witness_count = message.witness_count};
    if (message.kind == WIRE_BLOCK)
        wire_encode_block(again, &message.header, message.body);
    else
        wire_encode(again, &message.message, &company);
    ENSURE(bytes_equal(buf_bytes(again), in));
}

static void check_record(struct bytes in, struct buf *again) {
    static struct vote_record record;
    if (vote_record_decode(&record, in) != STATUS_OK || record.kind > RECORD_VOTES) return;
    vote_record_encode(again, &record.entry);
    ENSURE(bytes_equal(buf_bytes(again), in));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct buf again = {0};
    check_message(bytes_of(data, size), &again);
    buf_reset(&again);
    check_record(bytes_of(data, size), &again);
    buf_clear(&again);
    return 0;
}
