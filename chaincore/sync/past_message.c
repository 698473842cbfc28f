// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/past_message.h"

void past_encode(struct buf *out, const struct past_message *message) {
    encode_u8(out, (uint8_t)message->kind);
    encode_u32(out, message->number);
    switch (message->kind) {
    case PAST_ASK:
        encode_u8(out, (uint8_t)message->what);
        encode_u64(out, message->height);
        encode_u32(out, message->which);
        encode_u32(out, message->offset);
        break;
    case PAST_PART:
        encode_u64(out, message->height);
        encode_u32(out, message->total);
        encode_u32(out, message->offset);
        encode_bytes(out, message->bytes);
        break;
    case PAST_NOTHING:
        encode_u64(out, message->oldest);
        encode_u64(out, message->snapshot);
        break;
    case PAST_KINDS:
        ENSURE(message->kind < PAST_KINDS);
    }
}

uint32_t past_most_bytes(enum past_what what) {
    switch (what) {
    case PAST_MANIFEST:
        return SNAPSHOT_MAX_MANIFEST_BYTES;
    case PAST_PIECE:
        return SNAPSHOT_MAX_PIECE_BYTES;
    case PAST_BLOCKS:
        return PAST_MAX_BLOCK_BYTES;
    case PAST_WHATS:
        break;
    }
    return 0;
}

static void decode_ask(struct decoder *in, struct past_message *out) {
    out->what = (enum past_what)decode_tag(in, PAST_WHATS);
    out->height = decode_u64(in);
    out->which = decode_u32(in);
    out->offset = decode_u32(in);
    if (in->status != STATUS_OK) return;
    bool is_sound = out->offset < past_most_bytes(out->what);
    switch (out->what) {
    case PAST_MANIFEST: // one way to say it
        is_sound = is_sound && out->which == 0 && (out->height > 0 || out->offset == 0);
        break;
    case PAST_PIECE:
        is_sound = is_sound && out->which < SNAPSHOT_MAX_PIECES && out->height > 0;
        break;
    case PAST_BLOCKS: // genesis has none
        is_sound = is_sound && out->which > 0 && out->which <= PAST_MAX_BLOCKS &&
                   out->which <= out->height;
        break;
    case PAST_WHATS:
        is_sound = false;
    }
    if (!is_sound) decoder_fail(in, STATUS_MALFORMED);
}

static void decode_part(struct decoder *in, struct past_message *out) {
    out->height = decode_u64(in);
    out->total = decode_u32(in);
    out->offset = decode_u32(in);
    out->bytes = decode_bytes(in, PAST_ANSWER_BYTES);
    if (in->status != STATUS_OK) return;
    bool is_sound = out->height > 0 && out->bytes.len > 0 && out->offset < out->total &&
                    out->bytes.len <= out->total - out->offset;
    if (!is_sound) decoder_fail(in, STATUS_MALFORMED);
}

enum status past_decode(struct past_message *out, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    if (in.len > PAST_MAX_BYTES) return STATUS_TOO_LARGE;
    *out = (struct past_message){.kind = (enum past_kind)decode_tag(&decoder, PAST_KINDS)};
    out->number = decode_u32(&decoder);
    if (decoder.status != STATUS_OK) return decoder.status;
    switch (out->kind) {
    case PAST_ASK:
        decode_ask(&decoder, out);
        break;
    case PAST_PART:
        decode_part(&decoder, out);
        break;
    case PAST_NOTHING:
        out->oldest = decode_u64(&decoder);
        out->snapshot = decode_u64(&decoder);
        break;
    case PAST_KINDS:
        break;
    }
    return decoder_finish(&decoder);
}
