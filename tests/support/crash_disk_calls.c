// SPDX-License-Identifier: Apache-2.0
// The C library's own, for files of crash disks; any other call goes through as it is.
#include <config.h> // off64_t, syscall

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/crash_disk_internal.h"

static int fail(int code) {
    errno = code;
    return -1;
}

// The power goes in this call: before it is done, or behind.
static bool is_done(struct crash_disk *disk, enum crash_verdict verdict) {
    if (verdict == CRASH_GOES_ON) return true;
    return verdict == CRASH_IN_THIS && crash_disk_random(disk, 2) == 0;
}

static int open_plain(const char *path, int flags, mode_t mode) {
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static int open_noted(struct crash_disk *disk, const char *path, int flags, mode_t mode) {
    bool is_there = faccessat(AT_FDCWD, path, F_OK, 0) == 0;
    bool is_made = !is_there && (flags & O_CREAT);
    enum crash_verdict verdict = CRASH_GOES_ON;
    if (is_made || (flags & O_TRUNC)) verdict = crash_disk_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    int fd = open_plain(path, flags & ~O_TRUNC, mode);
    if (fd < 0) return fd;
    crash_note_opened(disk, path, fd, is_made);
    if (is_there && (flags & O_TRUNC)) {
        struct crash_file *file = crash_file_of(fd, &disk);
        if (file) crash_note_cut(file, fd, 0);
        syscall(SYS_ftruncate, fd, 0);
    }
    if (verdict == CRASH_GOES_ON) return fd;
    close(fd);
    return fail(EIO);
}

static int open_any(const char *path, int flags, mode_t mode) {
    bool changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC));
    struct crash_disk *disk = changes ? crash_disk_of_path(path) : NULL;
    return disk ? open_noted(disk, path, flags, mode) : open_plain(path, flags, mode);
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

// NOLINTBEGIN(bugprone-easily-swappable-parameters): the C library's own.
int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_any(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_any(path, flags, mode);
}

static ssize_t write_noted(int fd, const void *data, size_t len, uint64_t offset) {
    struct crash_disk *disk;
    struct crash_file *file = crash_file_of(fd, &disk);
    if (!file) return syscall(SYS_pwrite64, fd, data, len, offset);
    enum crash_verdict verdict = crash_disk_call(disk);
    if (verdict == CRASH_FAILS) return fail(EIO);
    if (verdict == CRASH_IN_THIS) len = (size_t)crash_disk_random(disk, len + 1);
    crash_note_write(file, fd, data, len, offset);
    ssize_t written = syscall(SYS_pwrite64, fd, data, len, offset);
    return verdict == CRASH_IN_THIS ? fail(EIO) : written;
}

ssize_t write(int fd, const void *data, size_t len) {
    struct crash_disk *disk;
    struct stat info;
    if (fd <= STDERR_FILENO || !crash_file_of(fd, &disk)) return syscall(SYS_write, fd, data, len);
    off_t offset = lseek(fd, 0, SEEK_CUR);
    if (fcntl(fd, F_GETFL) & O_APPEND) offset = fstat(fd, &info) == 0 ? info.st_size : 0;
    ssize_t written = write_noted(fd, data, len, (uint64_t)offset);
    if (written > 0) lseek(fd, offset + written, SEEK_SET);
    return written;
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t offset) {
    return write_noted(fd, data, len, (uint64_t)offset);
}
ssize_t pwrite(int fd, const void *data, size_t len, off_t offset) {
    return write_noted(fd, data, len, (uint64_t)offset);
}

int ftruncate64(int fd, off64_t len) {
    struct crash_disk *disk;
    struct crash_file *file = crash_file_of(fd, &disk);
    if (!file) return (int)syscall(SYS_ftruncate, fd, len);
    enum crash_verdict verdict = crash_disk_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    crash_note_cut(file, fd, (uint64_t)len);
    int result = (int)syscall(SYS_ftruncate, fd, len);
    return verdict == CRASH_GOES_ON ? result : fail(EIO);
}
int ftruncate(int fd, off_t len) { return ftruncate64(fd, len); }

int fsync(int fd) {
    struct crash_disk *disk = NULL;
    ino_t folder = 0;
    struct crash_file *file = crash_file_of(fd, &disk);
    if (!file) disk = crash_disk_of_folder(fd, &folder);
    if (!disk) return 0; // nothing here needs the real disk
    enum crash_verdict verdict = crash_disk_sync_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    if (file)
        crash_note_synced(file);
    else
        crash_note_folder_synced(disk, folder);
    return verdict == CRASH_GOES_ON ? 0 : fail(EIO);
}
int fdatasync(int fd) { return fsync(fd); }

int rename(const char *from, const char *to) {
    struct crash_disk *disk = crash_disk_of_path(from);
    if (!disk) return renameat(AT_FDCWD, from, AT_FDCWD, to);
    enum crash_verdict verdict = crash_disk_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    if (faccessat(AT_FDCWD, from, F_OK, 0) != 0) return -1;
    crash_note_renamed(disk, from, to);
    int result = renameat(AT_FDCWD, from, AT_FDCWD, to);
    return verdict == CRASH_GOES_ON ? result : fail(EIO);
}

int unlink(const char *path) {
    struct crash_disk *disk = crash_disk_of_path(path);
    struct stat info;
    if (!disk) return unlinkat(AT_FDCWD, path, 0);
    if (lstat(path, &info) != 0) return -1;
    if (!S_ISREG(info.st_mode)) return fail(EISDIR);
    enum crash_verdict verdict = crash_disk_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    crash_note_removed(disk, path);
    return verdict == CRASH_GOES_ON ? 0 : fail(EIO);
}

int mkdir(const char *path, mode_t mode) {
    struct crash_disk *disk = crash_disk_of_path(path);
    struct stat info;
    if (!disk || lstat(path, &info) == 0) return mkdirat(AT_FDCWD, path, mode);
    enum crash_verdict verdict = crash_disk_call(disk);
    if (!is_done(disk, verdict)) return fail(EIO);
    int result = mkdirat(AT_FDCWD, path, mode);
    if (result == 0) crash_note_made_folder(disk, path);
    return verdict == CRASH_GOES_ON ? result : fail(EIO);
}

// Of folders, empty as they must be, nothing is noted: they come back only by another mkdir.
int rmdir(const char *path) {
    const struct crash_disk *disk = crash_disk_of_path(path);
    if (disk && disk->is_cut) return fail(EIO);
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int remove(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0) return -1;
    return S_ISDIR(info.st_mode) ? rmdir(path) : unlink(path);
}
// NOLINTEND(bugprone-easily-swappable-parameters)
