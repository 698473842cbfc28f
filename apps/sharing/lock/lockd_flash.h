// SPDX-License-Identifier: Apache-2.0
// The flash of the simulated lock: a file with a lock's slots, each at an offset of its own behind
// its length. What is written is on the disk when the call returns.
#ifndef LMM_SHARING_LOCK_LOCKD_FLASH_H
#define LMM_SHARING_LOCK_LOCKD_FLASH_H

#include "apps/sharing/lock/flash.h"

struct lockd_flash {
    int fd;
    uint8_t content[LOCK_SLOTS][LOCK_SLOT_MAX_BYTES]; // as it was opened
    struct bytes slots[LOCK_SLOTS];
};

// A new file, of its owner's alone: EXISTS when there is one. Or the one there is: NOT_FOUND; BUSY
// when another process has it.
enum status lockd_flash_create(struct lockd_flash *out, const char *path) MUST_CHECK;
enum status lockd_flash_open(struct lockd_flash *out, const char *path) MUST_CHECK;
void lockd_flash_close(struct lockd_flash *flash);
// For lock_port: `context` is the flash.
bool lockd_flash_write(void *context, unsigned slot, struct bytes content);

#endif
