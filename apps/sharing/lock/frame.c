// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/frame.h"

enum { NUMBER_BYTES = 2, LENGTH_BYTES = 2 };

static enum lock_code refuse(struct lock_frames_in *in, enum lock_code code) {
    in->next = 0;
    in->len = 0;
    in->wanted = 0;
    return code;
}

enum lock_code lock_frame_take(struct lock_frames_in *in, bool *is_whole, struct bytes frame) {
    size_t head = NUMBER_BYTES;
    *is_whole = false;
    if (frame.len <= head || frame.len > LIMIT_LOCK_FRAME_BYTES)
        return refuse(in, LOCK_CODE_FRAME_SIZE);
    uint16_t number = load_u16_le(frame.data);
    if (number == 0) {
        head += LENGTH_BYTES;
        if (frame.len <= head) return refuse(in, LOCK_CODE_FRAME_SIZE);
        in->wanted = load_u16_le(frame.data + NUMBER_BYTES);
        in->len = 0;
        in->next = 0;
        if (in->wanted > sizeof in->message) return refuse(in, LOCK_CODE_FRAME_SIZE);
    }
    // Without a message that has begun nothing is wanted, and `next` is 0.
    if (number != in->next || (number > 0 && in->len == in->wanted))
        return refuse(in, LOCK_CODE_FRAME_ORDER);
    size_t len = frame.len - head;
    if (len > (size_t)(in->wanted - in->len)) return refuse(in, LOCK_CODE_FRAME_SIZE);
    memcpy(in->message + in->len, frame.data + head, len);
    in->len = (uint16_t)(in->len + len);
    in->next++;
    *is_whole = in->len == in->wanted;
    return LOCK_CODE_OK;
}

size_t lock_frame_give(struct lock_frames_out *out, uint8_t frame[LIMIT_LOCK_FRAME_BYTES],
                       size_t room) {
    size_t head = NUMBER_BYTES + (out->next == 0 ? LENGTH_BYTES : 0);
    size_t left = out->message.len - out->sent;
    ENSURE(room > NUMBER_BYTES + LENGTH_BYTES && room <= LIMIT_LOCK_FRAME_BYTES);
    ENSURE(out->message.len <= LIMIT_LOCK_MESSAGE_BYTES);
    if (left == 0) return 0;
    size_t len = left < room - head ? left : room - head;
    store_u16_le(frame, out->next);
    if (out->next == 0) store_u16_le(frame + NUMBER_BYTES, (uint16_t)out->message.len);
    memcpy(frame + head, out->message.data + out->sent, len);
    out->sent += len;
    out->next++;
    return head + len;
}
