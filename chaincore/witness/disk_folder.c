// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/witness/disk.h"

enum { NAME_DIGITS = 16 };

struct disk_folder {
    char *path;
    uint64_t file;      // that is open
    int fd;             // -1: none
    bool has_new_names; // since the folder was synced
};

static void path_of(char out[PATH_MAX], const struct disk_folder *folder, uint64_t file) {
    int len = snprintf(out, PATH_MAX, "%s/%016llx", folder->path, (unsigned long long)file);
    ENSURE(len > 0 && len < PATH_MAX);
}

static enum status fail(const struct disk_folder *folder, const char *what) {
    enum status status = errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    log_error("disk", what, log_text("folder", folder->path), log_number("errno", errno));
    return status;
}

static void close_file(struct disk_folder *folder) {
    if (folder->fd >= 0) close(folder->fd);
    folder->fd = -1;
}

static enum status open_file(struct disk_folder *folder, uint64_t file) {
    char path[PATH_MAX];
    if (folder->fd >= 0 && folder->file == file) return STATUS_OK;
    close_file(folder);
    path_of(path, folder, file);
    folder->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (folder->fd < 0) return fail(folder, "a file does not open");
    folder->file = file;
    return STATUS_OK;
}

static bool number_of(const char *name, uint64_t *out) {
    uint64_t number = 0;
    if (strlen(name) != NAME_DIGITS) return false;
    for (const char *at = name; *at; at++) {
        static const char digits[] = "0123456789abcdef";
        const char *digit = strchr(digits, *at);
        if (!digit) return false;
        number = number << 4 | (uint64_t)(digit - digits);
    }
    *out = number;
    return true;
}

static int compare(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static enum status list(void *context, struct disk_list *out) {
    struct disk_folder *folder = context;
    enum status status = STATUS_OK;
    uint64_t number;
    out->count = 0;
    DIR *directory = opendir(folder->path);
    if (!directory) return fail(folder, "a folder does not open");
    for (const struct dirent *entry; status == STATUS_OK && (entry = readdir(directory)) != NULL;) {
        if (!number_of(entry->d_name, &number)) continue;
        if (out->count == DISK_FILES)
            status = STATUS_FULL;
        else
            out->files[out->count++] = number;
    }
    closedir(directory);
    qsort(out->files, out->count, sizeof *out->files, compare);
    return status;
}

static enum status read_whole(void *context, uint64_t file, size_t max_len, struct buf *out) {
    char path[PATH_MAX];
    path_of(path, context, file);
    return file_read(out, path, max_len);
}

static enum status create(void *context, uint64_t file) {
    struct disk_folder *folder = context;
    char path[PATH_MAX];
    close_file(folder);
    path_of(path, folder, file);
    folder->fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_CREAT | O_EXCL, 0600);
    if (folder->fd < 0 && errno == EEXIST) return STATUS_EXISTS;
    if (folder->fd < 0) return fail(folder, "a file cannot be made");
    folder->file = file;
    folder->has_new_names = true;
    return STATUS_OK;
}

static enum status append(void *context, uint64_t file, struct bytes bytes) {
    struct disk_folder *folder = context;
    enum status status = open_file(folder, file);
    return status == STATUS_OK ? file_write_all(folder->fd, bytes) : status;
}

static enum status cut(void *context, uint64_t file, uint64_t len) {
    struct disk_folder *folder = context;
    enum status status = open_file(folder, file);
    if (status != STATUS_OK) return status;
    return ftruncate(folder->fd, (off_t)len) == 0 ? STATUS_OK : fail(folder, "a cut failed");
}

static enum status sync_file(void *context, uint64_t file) {
    struct disk_folder *folder = context;
    enum status status = open_file(folder, file);
    if (status != STATUS_OK) return status;
    if (fdatasync(folder->fd) != 0) return fail(folder, "a sync failed");
    if (folder->has_new_names) status = file_sync_directory(folder->path);
    if (status == STATUS_OK) folder->has_new_names = false;
    return status;
}

static enum status remove_file(void *context, uint64_t file) {
    struct disk_folder *folder = context;
    char path[PATH_MAX];
    if (folder->file == file) close_file(folder);
    folder->has_new_names = true;
    path_of(path, folder, file);
    return unlink(path) == 0 ? STATUS_OK : fail(folder, "a file cannot be removed");
}

enum status disk_folder_open(struct disk_folder **out, const char *path) {
    enum status status = file_make_directories(path, 0700);
    if (status != STATUS_OK) return status;
    struct disk_folder *folder = mem_alloc(sizeof *folder);
    // A process before this one may have ended between a file's sync and the folder's.
    *folder = (struct disk_folder){.path = mem_copy_string(path), .fd = -1, .has_new_names = true};
    *out = folder;
    return STATUS_OK;
}

void disk_folder_close(struct disk_folder *folder) {
    if (!folder) return;
    close_file(folder);
    mem_free(folder->path);
    mem_free(folder);
}

struct disk disk_folder_calls(struct disk_folder *folder) {
    return (struct disk){.context = folder,
                         .list = list,
                         .read = read_whole,
                         .create = create,
                         .append = append,
                         .cut = cut,
                         .sync = sync_file,
                         .remove = remove_file};
}
