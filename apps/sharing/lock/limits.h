// SPDX-License-Identifier: Apache-2.0
// The bounds of a lock (docs/lock.md).
#ifndef LMM_SHARING_LOCK_LIMITS_H
#define LMM_SHARING_LOCK_LIMITS_H

enum {
    LIMIT_LOCK_FRAME_BYTES = 244, // what one write of BLE 4.2 carries
    // A header, the signatures of 68 of 101 witnesses, and their keys.
    LIMIT_LOCK_MESSAGE_BYTES = 8192,
    LIMIT_LOCK_LOG_ENTRIES = 64,
    LIMIT_LOCK_STARTED = 16, // bookings that have started last
    LIMIT_LOCK_RECEIPTS = 4, // starts and returns: of the last booking and the one before
    LIMIT_LOCK_NONCE_MS = 30 * 1000,
    // What stands below an older header may have been revoked since: for so long at most.
    LIMIT_LOCK_PROOF_AGE_MS = 24 * 60 * 60 * 1000,
};

#endif
