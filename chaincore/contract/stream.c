// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/stream.h"

#include "chaincore/chain/state_key.h"
#include "chaincore/contract/account_deposit.h"
#include "chaincore/contract/gas.h"

static struct bytes key_of(struct state_key *key, const struct account_id *id) {
    state_key_make(key, STATE_STREAM, id, bytes_of("", 0));
    return state_key_bytes(key);
}

void stream_load(struct stream *out, const struct state_view *view, const struct account_id *id) {
    struct state_key key;
    struct bytes value;
    *out = (struct stream){0};
    if (!state_get(view, key_of(&key, id), &value)) return;
    struct decoder decoder = decoder_of(value);
    out->seq = decode_u64(&decoder);
    decode_fixed(&decoder, &out->head, sizeof out->head);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

static void stream_store(struct state_draft *draft, const struct account_id *id,
                         const struct stream *stream) {
    struct state_key key;
    uint8_t storage[40];
    struct buf value = BUF_OVER(storage);
    encode_u64(&value, stream->seq);
    encode_fixed(&value, &stream->head, sizeof stream->head);
    state_put(draft, key_of(&key, id), buf_bytes(&value));
}

enum tx_code stream_append(struct run_tx *run, const struct envelope *envelope) {
    const struct account_id *id = &run->tx->sender;
    struct stream stream;
    uint64_t hashed = envelope->recipients.len + envelope->ciphertext.len;
    uint64_t gas = 2 * (GAS_STORAGE_WRITE + GAS_STORAGE_WRITE_BYTE * 40) + GAS_HASH;
    if (!run_charge(&run->gas, gas + GAS_HASH_BYTE * hashed)) return TX_CODE_OUT_OF_GAS;
    stream_load(&stream, state_draft_view(run->block->draft), id);
    if (envelope->seq - 1 != stream.seq || !hash_equal(&envelope->previous, &stream.head))
        return TX_CODE_WRONG_ENVELOPE;
    if (stream.seq == 0) {
        enum tx_code code = account_deposit_lock(run, id, STREAM_BYTES);
        if (code != TX_CODE_OK) return code;
    }
    stream.seq = envelope->seq;
    envelope_hash(&stream.head, envelope);
    stream_store(run->block->draft, id, &stream);
    return TX_CODE_OK;
}
