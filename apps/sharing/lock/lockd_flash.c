// SPDX-License-Identifier: Apache-2.0
#include <config.h> // O_CLOEXEC, pwrite

#include "apps/sharing/lock/lockd_flash.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "chaincore/base/file.h"

enum { SLOT_SPAN = 16 * 1024, LENGTH_BYTES = 4 };
_Static_assert(LOCK_SLOT_MAX_BYTES + LENGTH_BYTES <= SLOT_SPAN, "a slot fits where it stands");

static enum status open_file(struct lockd_flash *out, const char *path, int flags) {
    memset(out, 0, sizeof *out);
    out->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (out->fd < 0) {
        if (errno == ENOENT) return STATUS_NOT_FOUND;
        return errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    }
    if (flock(out->fd, LOCK_EX | LOCK_NB) == 0) return STATUS_OK;
    lockd_flash_close(out);
    return STATUS_BUSY;
}

enum status lockd_flash_create(struct lockd_flash *out, const char *path) {
    enum status status = open_file(out, path, O_CREAT | O_EXCL);
    return status == STATUS_OK ? file_sync_parent(path) : status;
}

// What cannot be read whole is no slot.
static void read_slot(struct lockd_flash *flash, unsigned slot) {
    uint64_t at = (uint64_t)slot * SLOT_SPAN;
    uint8_t length[LENGTH_BYTES];
    flash->slots[slot] = bytes_of(flash->content[slot], 0);
    if (file_read_at(flash->fd, length, sizeof length, at) != STATUS_OK) return;
    uint32_t len = load_u32_le(length);
    if (len > LOCK_SLOT_MAX_BYTES) return;
    if (file_read_at(flash->fd, flash->content[slot], len, at + sizeof length) == STATUS_OK)
        flash->slots[slot].len = len;
}

enum status lockd_flash_open(struct lockd_flash *out, const char *path) {
    enum status status = open_file(out, path, 0);
    if (status != STATUS_OK) return status;
    for (unsigned i = 0; i < LOCK_SLOTS; i++) read_slot(out, i);
    return STATUS_OK;
}

void lockd_flash_close(struct lockd_flash *flash) {
    if (flash->fd >= 0) close(flash->fd);
    flash->fd = -1;
    secret_clear(flash->content, sizeof flash->content);
}

static bool write_at(int fd, const uint8_t *data, size_t len, uint64_t at) {
    while (len > 0) {
        ssize_t put = pwrite(fd, data, len, (off_t)at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        data += put;
        len -= (size_t)put;
        at += (uint64_t)put;
    }
    return true;
}

bool lockd_flash_write(void *context, unsigned slot, struct bytes content) {
    const struct lockd_flash *flash = context;
    uint8_t image[LENGTH_BYTES + LOCK_SLOT_MAX_BYTES];
    ENSURE(slot < LOCK_SLOTS && content.len <= LOCK_SLOT_MAX_BYTES);
    store_u32_le(image, (uint32_t)content.len);
    memcpy(image + LENGTH_BYTES, content.data, content.len);
    bool is_kept =
        write_at(flash->fd, image, LENGTH_BYTES + content.len, (uint64_t)slot * SLOT_SPAN) &&
        fdatasync(flash->fd) == 0;
    secret_clear(image, sizeof image);
    return is_kept;
}
