// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/sync_message.h"

void sync_encode(struct buf *out, const struct sync_message *message) {
    encode_u8(out, (uint8_t)message->kind);
    encode_u32(out, message->number);
    switch (message->kind) {
    case SYNC_ASK_HEADERS:
    case SYNC_ASK_BLOCKS:
        encode_u64(out, message->from);
        encode_u16(out, message->count);
        if (message->kind == SYNC_ASK_BLOCKS) encode_u32(out, message->most_bytes);
        break;
    case SYNC_HEADERS:
        encode_u64(out, message->newest);
        encode_u32(out, message->header_count);
        buf_append(out, message->headers);
        encode_bytes(out, message->certificate);
        break;
    case SYNC_BLOCK:
        encode_u64(out, message->from);
        encode_bytes(out, message->body);
        break;
    case SYNC_NOTHING:
        encode_u64(out, message->oldest);
        encode_u64(out, message->newest);
        break;
    case SYNC_KINDS:
        ENSURE(message->kind < SYNC_KINDS);
    }
}

static void decode_ask(struct decoder *in, struct sync_message *out) {
    uint16_t most = out->kind == SYNC_ASK_HEADERS ? LIMIT_SYNC_HEADERS : LIMIT_SYNC_BLOCKS;
    out->from = decode_u64(in);
    out->count = decode_u16(in);
    if (out->kind == SYNC_ASK_BLOCKS) out->most_bytes = decode_u32(in);
    if (in->status != STATUS_OK) return;
    if (out->count > most || out->most_bytes > LIMIT_SYNC_ANSWER_BYTES)
        decoder_fail(in, STATUS_TOO_LARGE);
    // Genesis has no body, and whoever knows the chain makes it.
    bool asks_nothing = out->count == 0 || (out->kind == SYNC_ASK_BLOCKS && out->most_bytes == 0);
    if (out->from == 0 || asks_nothing) decoder_fail(in, STATUS_MALFORMED);
}

static void decode_headers(struct decoder *in, struct sync_message *out) {
    struct header header;
    out->newest = decode_u64(in);
    out->header_count = (uint16_t)decode_count(in, LIMIT_SYNC_HEADERS);
    if (in->status == STATUS_OK && out->header_count == 0) decoder_fail(in, STATUS_MALFORMED);
    const uint8_t *begin = in->next;
    for (uint16_t i = 0; i < out->header_count && in->status == STATUS_OK; i++)
        header_decode_from(in, &header);
    if (in->status == STATUS_OK) out->headers = bytes_of(begin, (size_t)(in->next - begin));
    out->certificate = decode_bytes(in, CERTIFICATE_MAX_BYTES);
}

enum status sync_decode(struct sync_message *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > SYNC_MAX_BYTES) return STATUS_TOO_LARGE;
    memset(out, 0, sizeof *out);
    out->kind = (enum sync_kind)decode_tag(&decoder, SYNC_KINDS);
    out->number = decode_u32(&decoder);
    if (decoder.status != STATUS_OK) return decoder.status;
    switch (out->kind) {
    case SYNC_ASK_HEADERS:
    case SYNC_ASK_BLOCKS:
        decode_ask(&decoder, out);
        break;
    case SYNC_HEADERS:
        decode_headers(&decoder, out);
        break;
    case SYNC_BLOCK:
        out->from = decode_u64(&decoder);
        out->body = decode_bytes(&decoder, LIMIT_BODY_BYTES);
        break;
    case SYNC_NOTHING:
        out->oldest = decode_u64(&decoder);
        out->newest = decode_u64(&decoder);
        break;
    case SYNC_KINDS:
        break;
    }
    return decoder_finish(&decoder);
}
