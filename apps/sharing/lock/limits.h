// SPDX-License-Identifier: Apache-2.0
// The bounds of a lock (docs/lock.md).
#ifndef LMM_SHARING_LOCK_LIMITS_H
#define LMM_SHARING_LOCK_LIMITS_H

enum {
    LIMIT_LOCK_FRAME_BYTES = 244, // what one write of BLE 4.2 carries
    // A header, the signatures of 68 of 101 witnesses, and their keys.
    LIMIT_LOCK_MESSAGE_BYTES = 8192,
    LIMIT_LOCK_LOG_ENTRIES = 64,
    LIMIT_LOCK_STARTED = 16, // bookings that have started, until their grants end
    LIMIT_LOCK_NONCE_MS = 30 * 1000,
};

#endif
