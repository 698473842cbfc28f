// SPDX-License-Identifier: Apache-2.0
#include <config.h> // nftw

#include "chaincore/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum status file_read(struct buf *out, const char *path, size_t max_len) {
    enum status status = STATUS_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    size_t total = 0;
    for (;;) {
        uint8_t *room = buf_reserve(out, 65536);
        ssize_t got = read(fd, room, 65536);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) status = STATUS_IO;
        if (got <= 0) break;
        total += (size_t)got;
        if (total > max_len) {
            status = STATUS_TOO_LARGE;
            break;
        }
        out->len += (size_t)got;
    }
    close(fd);
    return status;
}

enum status file_write_all(int fd, struct bytes content) {
    while (content.len > 0) {
        ssize_t written = write(fd, content.data, content.len);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return STATUS_IO;
        content.data += written;
        content.len -= (size_t)written;
    }
    return STATUS_OK;
}

enum status file_read_at(int fd, void *out, size_t out_len, uint64_t offset) {
    uint8_t *next = out;
    while (out_len > 0) {
        ssize_t got = pread(fd, next, out_len, (off_t)offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return STATUS_IO;
        if (got == 0) return STATUS_TRUNCATED;
        next += got;
        offset += (uint64_t)got;
        out_len -= (size_t)got;
    }
    return STATUS_OK;
}

void file_path_in(char out[PATH_MAX], const char *folder, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    ENSURE(len > 0 && len < PATH_MAX);
}

enum status file_sync_directory(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return STATUS_IO;
    int failed = fsync(fd);
    close(fd);
    return failed ? STATUS_IO : STATUS_OK;
}

enum status file_sync_parent(const char *path) {
    char parent[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!slash) return file_sync_directory(".");
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    if (len >= sizeof parent) return STATUS_TOO_LARGE;
    memcpy(parent, path, len);
    parent[len] = '\0';
    return file_sync_directory(parent);
}

enum status file_replace(const char *path, struct bytes content, unsigned mode) {
    enum status status = STATUS_OK;
    char temporary[PATH_MAX];
    int len = snprintf(temporary, sizeof temporary, "%s.tmp%ld", path, (long)getpid());
    if (len < 0 || (size_t)len >= sizeof temporary) return STATUS_TOO_LARGE;
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) return STATUS_IO;
    TRY(file_write_all(fd, content));
    if (fsync(fd) != 0) status = STATUS_IO;
out:
    if (close(fd) != 0 && status == STATUS_OK) status = STATUS_IO;
    if (status == STATUS_OK && rename(temporary, path) != 0) status = STATUS_IO;
    if (status != STATUS_OK) {
        unlink(temporary);
        return status;
    }
    return file_sync_parent(path);
}

enum status file_make_directories(const char *path, unsigned mode) {
    char partial[PATH_MAX];
    size_t len = strlen(path);
    if (len == 0 || len >= sizeof partial) return STATUS_TOO_LARGE;
    memcpy(partial, path, len + 1);
    for (size_t i = 1; i <= len; i++) {
        if (partial[i] != '/' && partial[i] != '\0') continue;
        char kept = partial[i];
        partial[i] = '\0';
        bool is_made = mkdir(partial, (mode_t)mode) == 0;
        if (!is_made && errno != EEXIST) return STATUS_IO;
        if (is_made && file_sync_parent(partial) != STATUS_OK) return STATUS_IO;
        partial[i] = kept;
    }
    return STATUS_OK;
}

bool file_exists(const char *path) { return access(path, F_OK) == 0; }

static int remove_visited(const char *path, const struct stat *info, int kind, struct FTW *place) {
    (void)info, (void)kind, (void)place;
    return remove(path);
}

enum status file_remove_tree(const char *path) {
    enum { DESCRIPTORS = 16 };
    if (nftw(path, remove_visited, DESCRIPTORS, FTW_DEPTH | FTW_PHYS) == 0) return STATUS_OK;
    return errno == ENOENT ? STATUS_OK : STATUS_IO;
}
