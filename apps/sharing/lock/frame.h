// SPDX-License-Identifier: Apache-2.0
// Messages in frames that a BLE write or notification carries, at most 244 bytes each. A frame is
// {number u16, little-endian, 0 in a message's first; in that one the message's length u16; bytes
// of the message}. A frame 0 begins a message whatever came before. No allocation; memory is the
// caller's.
#ifndef LMM_SHARING_LOCK_FRAME_H
#define LMM_SHARING_LOCK_FRAME_H

#include "apps/sharing/lock/code.h"
#include "apps/sharing/lock/limits.h"
#include "chaincore/base/bytes.h"

// A message that is coming in. All zeros: none is.
struct lock_frames_in {
    uint16_t next; // number of the frame that is expected
    uint16_t len;  // bytes that are there
    uint16_t wanted;
    uint8_t message[LIMIT_LOCK_MESSAGE_BYTES];
};
// OK, and then *is_whole says whether the message is there (message, wanted bytes long, until the
// next frame); FRAME_SIZE or FRAME_ORDER, and then what had come of it is forgotten.
enum lock_code lock_frame_take(struct lock_frames_in *in, bool *is_whole,
                               struct bytes frame) MUST_CHECK;

// A message that is going out.
struct lock_frames_out {
    struct bytes message; // borrowed; at most LIMIT_LOCK_MESSAGE_BYTES
    size_t sent;
    uint16_t next;
};
// The next frame's length, 0 when all of the message has been given. `room` is what one frame may
// have, from 5 to LIMIT_LOCK_FRAME_BYTES.
size_t lock_frame_give(struct lock_frames_out *out, uint8_t frame[LIMIT_LOCK_FRAME_BYTES],
                       size_t room);

#endif
