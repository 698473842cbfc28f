// SPDX-License-Identifier: Apache-2.0
#include <config.h> // syscall

#include "tests/support/crash_disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/crash_disk_internal.h"

static struct crash_disk *disks[CRASH_DISKS];
// What this file does to the folders itself is nobody's call.
static bool is_own;

static void must(bool is_so) {
    if (!is_so) abort();
}

static void *zeroed(size_t size) {
    void *out = calloc(1, size);
    must(out);
    return out;
}

static void set_path(char out[CRASH_PATH], const char *path) {
    must(strlen(path) < CRASH_PATH);
    memmove(out, path, strlen(path) + 1);
}

uint64_t crash_disk_random(struct crash_disk *disk, uint64_t bound) {
    uint64_t z = (disk->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return bound == 0 ? z : z % bound;
}

static void folder_of(char out[CRASH_PATH], const char *path) {
    set_path(out, path);
    char *slash = strrchr(out, '/');
    must(slash && slash != out);
    *slash = '\0';
}

static ino_t inode_of(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 ? info.st_ino : 0;
}

static bool is_below(const char *path, const char *folder) {
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

// --- whose ---

static bool is_mapped(const char *path) {
    static const char suffix[] = "-shm";
    size_t len = strlen(path);
    return len >= sizeof suffix && strcmp(path + len - sizeof suffix + 1, suffix) == 0;
}

struct crash_disk *crash_disk_of_path(const char *path) {
    if (is_own || is_mapped(path)) return NULL;
    for (size_t i = 0; i < CRASH_DISKS; i++)
        if (disks[i] && is_below(path, disks[i]->root)) return disks[i];
    return NULL;
}

struct crash_file *crash_file_of(int fd, struct crash_disk **disk) {
    struct stat info;
    if (is_own || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return NULL;
    for (size_t i = 0; i < CRASH_DISKS; i++) {
        if (!disks[i]) continue;
        *disk = disks[i];
        for (struct crash_file *file = disks[i]->files; file; file = file->next)
            if (file->inode == info.st_ino) return file;
    }
    return NULL;
}

struct crash_disk *crash_disk_of_folder(int fd, ino_t *inode) {
    char link[64], path[CRASH_PATH];
    struct stat info;
    if (is_own || fstat(fd, &info) != 0 || !S_ISDIR(info.st_mode)) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, path, sizeof path - 1);
    must(len > 0);
    path[len] = '\0';
    *inode = info.st_ino;
    return crash_disk_of_path(path);
}

static enum crash_verdict count_call(struct crash_disk *disk, bool is_counted) {
    if (disk->is_cut) return CRASH_FAILS;
    disk->counts.calls++;
    if (!is_counted || disk->cut_in == 0 || --disk->cut_in > 0) return CRASH_GOES_ON;
    disk->is_cut = true;
    disk->counts.cuts_in_calls++;
    return CRASH_IN_THIS;
}

enum crash_verdict crash_disk_call(struct crash_disk *disk) {
    return count_call(disk, !disk->counts_in_syncs);
}
enum crash_verdict crash_disk_sync_call(struct crash_disk *disk) { return count_call(disk, true); }

// --- notes of files ---

static struct crash_file *find_inode(const struct crash_disk *disk, ino_t inode) {
    struct crash_file *file = disk->files;
    while (file && file->inode != inode) file = file->next;
    return file;
}

static void forget_writes(struct crash_file *file) {
    while (file->first) {
        struct crash_write *next = file->first->next;
        free(file->first->bytes);
        free(file->first);
        file->first = next;
    }
    file->last = NULL;
}

static void forget_file(struct crash_disk *disk, const struct crash_file *gone) {
    for (struct crash_file **link = &disk->files; *link; link = &(*link)->next) {
        if (*link != gone) continue;
        struct crash_file *file = *link;
        *link = file->next;
        if (disk->files_end == &file->next) disk->files_end = link;
        forget_writes(file);
        free(file);
        return;
    }
}

static void forget_path(struct crash_disk *disk, const char *path) {
    struct crash_file *file = disk->files, *next;
    for (; file; file = next) {
        next = file->next;
        if (is_below(file->path, path)) forget_file(disk, file);
    }
}

static struct crash_write *add_write(struct crash_file *file, int fd) {
    struct stat info;
    struct crash_write *added = zeroed(sizeof *added);
    must(fstat(fd, &info) == 0);
    added->old_size = (uint64_t)info.st_size;
    if (file->last)
        file->last->next = added;
    else
        file->first = added;
    file->last = added;
    return added;
}

// Behind `len` bytes of room: what the file has from the offset on, at most so much.
static void keep_old(struct crash_write *write, const char *path, uint64_t most) {
    uint64_t there = write->old_size > write->offset ? write->old_size - write->offset : 0;
    write->old_len = there < most ? there : most;
    write->bytes = zeroed(write->len + write->old_len + 1);
    if (write->old_len == 0) return;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    must(fd >= 0 && pread(fd, write->bytes + write->len, write->old_len, (off_t)write->offset) ==
                        (ssize_t)write->old_len);
    close(fd);
}

void crash_note_write(struct crash_file *file, int fd, const void *data, uint64_t len,
                      uint64_t offset) {
    struct crash_write *added = add_write(file, fd);
    added->offset = offset;
    added->len = len;
    keep_old(added, file->path, len);
    memcpy(added->bytes, data, len);
}

void crash_note_cut(struct crash_file *file, int fd, uint64_t len) {
    struct crash_write *added = add_write(file, fd);
    added->is_cut = true;
    added->offset = len;
    keep_old(added, file->path, UINT64_MAX);
}

void crash_note_synced(struct crash_file *file) { forget_writes(file); }

// --- notes of names ---

static struct crash_name *add_name(struct crash_disk *disk, enum crash_name_kind kind,
                                   const char *path) {
    char folder[CRASH_PATH];
    struct crash_name *name = zeroed(sizeof *name);
    folder_of(folder, path);
    name->kind = kind;
    name->folder = inode_of(folder);
    set_path(name->path, path);
    name->next = disk->names;
    disk->names = name;
    return name;
}

void crash_note_opened(struct crash_disk *disk, const char *path, int fd, bool is_new) {
    struct stat info;
    must(fstat(fd, &info) == 0);
    if (!S_ISREG(info.st_mode)) return;
    struct crash_file *file = find_inode(disk, info.st_ino);
    if (file && !is_new) return;
    if (file) forget_file(disk, file); // of a file that is gone
    file = zeroed(sizeof *file);
    file->inode = info.st_ino;
    set_path(file->path, path);
    *disk->files_end = file;
    disk->files_end = &file->next;
    if (is_new) add_name(disk, NAME_CREATED, path);
}

void crash_note_made_folder(struct crash_disk *disk, const char *path) {
    add_name(disk, NAME_FOLDER, path);
}

// A path, or what is below it, is elsewhere from now on.
static void move_path(char path[CRASH_PATH], const char *from, const char *to) {
    char moved[CRASH_PATH];
    if (!is_below(path, from)) return;
    int len = snprintf(moved, sizeof moved, "%s%s", to, path + strlen(from));
    must(len > 0 && (size_t)len < sizeof moved);
    set_path(path, moved);
}

static void move_names(struct crash_name *names, const char *from, const char *to) {
    for (struct crash_name *name = names; name; name = name->next) {
        if (strcmp(name->path, from) != 0) move_path(name->path, from, to);
        if (strcmp(name->to, from) != 0) move_path(name->to, from, to);
    }
}

static void move_files(const struct crash_disk *disk, const char *from, const char *to) {
    for (struct crash_file *file = disk->files; file; file = file->next)
        move_path(file->path, from, to);
}

static void rename_own(const char *from, const char *to) {
    is_own = true;
    must(renameat(AT_FDCWD, from, AT_FDCWD, to) == 0);
    is_own = false;
}

static void remove_tree(const char *path) {
    struct stat info;
    if (lstat(path, &info) != 0) return;
    if (S_ISDIR(info.st_mode)) {
        DIR *folder = opendir(path);
        must(folder);
        for (struct dirent *entry; (entry = readdir(folder));) {
            char child[CRASH_PATH + 256];
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
            remove_tree(child);
        }
        closedir(folder);
    }
    must(unlinkat(AT_FDCWD, path, S_ISDIR(info.st_mode) ? AT_REMOVEDIR : 0) == 0);
}

// Out of the folder, and not gone yet.
static void lose(struct crash_disk *disk, struct crash_name *name, const char *path) {
    must(snprintf(name->lost, sizeof name->lost, "%.400s.lost/%llu", disk->root,
                  (unsigned long long)disk->lost_count++) > 0);
    rename_own(path, name->lost);
    move_files(disk, path, name->lost);
}

void crash_note_removed(struct crash_disk *disk, const char *path) {
    lose(disk, add_name(disk, NAME_REMOVED, path), path);
}

void crash_note_renamed(struct crash_disk *disk, const char *from, const char *to) {
    struct stat info;
    char from_folder[CRASH_PATH], to_folder[CRASH_PATH];
    folder_of(from_folder, from);
    folder_of(to_folder, to);
    must(strcmp(from_folder, to_folder) == 0); // both names are durable by one sync
    struct crash_name *older = disk->names, *name = add_name(disk, NAME_RENAMED, from);
    set_path(name->to, to);
    if (lstat(to, &info) == 0 && S_ISREG(info.st_mode)) lose(disk, name, to);
    move_files(disk, from, to);
    move_names(older, from, to);
}

// It cannot be undone any more.
static void settle_name(struct crash_disk *disk, const struct crash_name *name) {
    if (!*name->lost) return;
    forget_path(disk, name->lost);
    remove_tree(name->lost);
}

// The newest change in that folder, which is not noted any more.
static struct crash_name *take_newest(struct crash_disk *disk, ino_t folder) {
    struct crash_name **link = &disk->names;
    while (*link && (*link)->folder != folder) link = &(*link)->next;
    struct crash_name *name = *link;
    if (name) *link = name->next;
    return name;
}

void crash_note_folder_synced(struct crash_disk *disk, ino_t folder) {
    struct crash_name *name;
    while ((name = take_newest(disk, folder))) {
        settle_name(disk, name);
        free(name);
    }
}

// --- crashes ---

static void undo_name(struct crash_disk *disk, const struct crash_name *name) {
    switch (name->kind) {
    case NAME_CREATED:
    case NAME_FOLDER:
        forget_path(disk, name->path);
        remove_tree(name->path);
        break;
    case NAME_RENAMED:
        rename_own(name->to, name->path);
        move_files(disk, name->to, name->path);
        move_names(name->next, name->to, name->path);
        if (!*name->lost) break;
        rename_own(name->lost, name->to);
        move_files(disk, name->lost, name->to);
        break;
    case NAME_REMOVED:
        rename_own(name->lost, name->path);
        move_files(disk, name->lost, name->path);
        break;
    }
}

// How many of the newest changes in that folder are undone; each folder once.
static uint64_t count_undone(struct crash_disk *disk, ino_t folder) {
    uint64_t count = 0;
    for (struct crash_name *name = disk->names; name; name = name->next)
        count += name->folder == folder;
    if (disk->loses_all) return count;
    return crash_disk_random(disk, 3) == 0 ? 0 : crash_disk_random(disk, count + 1);
}

static void crash_names(struct crash_disk *disk) {
    while (disk->names) {
        ino_t folder = disk->names->folder;
        struct crash_name *name;
        for (uint64_t undone = count_undone(disk, folder); undone > 0; undone--) {
            name = take_newest(disk, folder);
            undo_name(disk, name);
            free(name);
            disk->counts.names_undone++;
        }
        while ((name = take_newest(disk, folder))) {
            settle_name(disk, name);
            free(name);
            disk->counts.names_kept++;
        }
    }
}

struct image {
    unsigned char *data;
    uint64_t len;
};

static void resize(struct image *image, uint64_t len) {
    image->data = realloc(image->data, len + 1);
    must(image->data);
    if (len > image->len) memset(image->data + image->len, 0, len - image->len);
    image->len = len;
}

static void put(struct image *image, uint64_t offset, const unsigned char *bytes, uint64_t len) {
    if (len == 0) return;
    if (offset + len > image->len) resize(image, offset + len);
    memcpy(image->data + offset, bytes, len);
}

static void undo_writes(struct image *image, const struct crash_write *write) {
    if (!write) return;
    undo_writes(image, write->next);
    resize(image, write->old_size);
    put(image, write->offset, write->bytes + write->len, write->old_len);
}

// How a file's writes fare.
enum fate { FATE_KEPT, FATE_LOST, FATE_BEGUN, FATE_SECTORS, FATES };

static bool is_kept(struct crash_disk *disk, enum fate fate) {
    return fate == FATE_KEPT || (fate == FATE_SECTORS && crash_disk_random(disk, 4) > 0);
}

// Sector by sector. A write that is begun ends somewhere.
static void redo(struct crash_disk *disk, struct image *image, const struct crash_write *write,
                 enum fate fate) {
    uint64_t end = write->offset + write->len, kept = 0, lost = 0;
    if (write->is_cut) {
        kept = is_kept(disk, fate);
        lost = !kept;
        if (kept) resize(image, write->offset);
    }
    if (fate == FATE_BEGUN) end = write->offset + crash_disk_random(disk, write->len + 1);
    if (end < write->offset + write->len) lost++;
    for (uint64_t at = write->offset, next; !write->is_cut && at < end; at = next) {
        next = (at / CRASH_SECTOR + 1) * CRASH_SECTOR;
        if (next > end) next = end;
        if (fate == FATE_BEGUN || is_kept(disk, fate)) {
            put(image, at, write->bytes + (at - write->offset), next - at);
            kept++;
        } else {
            lost++;
        }
    }
    disk->counts.writes_kept += lost == 0;
    disk->counts.writes_lost += lost > 0 && kept == 0;
    disk->counts.writes_torn += lost > 0 && kept > 0;
}

static void redo_all(struct crash_disk *disk, struct image *image, const struct crash_file *file) {
    enum fate fate = disk->loses_all ? FATE_LOST : (enum fate)crash_disk_random(disk, FATES);
    uint64_t count = 0, done = 0;
    for (const struct crash_write *write = file->first; write; write = write->next) count++;
    uint64_t whole = fate == FATE_BEGUN ? crash_disk_random(disk, count + 1) : 0;
    for (const struct crash_write *write = file->first; write; write = write->next, done++) {
        enum fate its = fate;
        if (fate == FATE_BEGUN && done < whole) its = FATE_KEPT;
        if (fate == FATE_BEGUN && done > whole) its = FATE_LOST;
        redo(disk, image, write, its);
    }
}

static void crash_file(struct crash_disk *disk, struct crash_file *file) {
    struct image image = {0};
    struct stat info;
    if (!file->first) return;
    int fd = open(file->path, O_RDWR | O_CLOEXEC);
    must(fd >= 0 && fstat(fd, &info) == 0);
    resize(&image, (uint64_t)info.st_size);
    must(pread(fd, image.data, image.len, 0) == (ssize_t)image.len);
    undo_writes(&image, file->first);
    redo_all(disk, &image, file);
    must(ftruncate(fd, (off_t)image.len) == 0);
    must(pwrite(fd, image.data, image.len, 0) == (ssize_t)image.len);
    close(fd);
    free(image.data);
    forget_writes(file);
}

void crash_disk_restart(struct crash_disk *disk, enum crash_kind kind) {
    disk->is_cut = false;
    disk->cut_in = 0;
    if (kind == CRASH_KILL) return;
    disk->counts.power_cuts++;
    crash_names(disk);
    is_own = true;
    for (struct crash_file *file = disk->files; file; file = file->next) crash_file(disk, file);
    is_own = false;
}

// --- life ---

struct crash_disk *crash_disk_open(const char *folder, uint64_t seed) {
    char lost[CRASH_PATH + 8];
    struct crash_disk *disk = zeroed(sizeof *disk);
    size_t place = 0;
    must(*folder == '/');
    set_path(disk->root, folder);
    disk->random = seed * 0x2545f4914f6cdd1du + 1;
    disk->files_end = &disk->files;
    snprintf(lost, sizeof lost, "%s.lost", folder);
    must(mkdirat(AT_FDCWD, folder, 0700) == 0 && mkdirat(AT_FDCWD, lost, 0700) == 0);
    while (place < CRASH_DISKS && disks[place]) place++;
    must(place < CRASH_DISKS);
    disks[place] = disk;
    return disk;
}

void crash_disk_close(struct crash_disk *disk) {
    char lost[CRASH_PATH + 8];
    if (!disk) return;
    for (size_t i = 0; i < CRASH_DISKS; i++)
        if (disks[i] == disk) disks[i] = NULL;
    while (disk->files) forget_file(disk, disk->files);
    while (disk->names) {
        struct crash_name *next = disk->names->next;
        free(disk->names);
        disk->names = next;
    }
    snprintf(lost, sizeof lost, "%s.lost", disk->root);
    remove_tree(disk->root);
    remove_tree(lost);
    free(disk);
}

void crash_disk_cut(struct crash_disk *disk) { disk->is_cut = true; }
void crash_disk_cut_at(struct crash_disk *disk, uint64_t n) {
    disk->cut_in = n;
    disk->counts_in_syncs = false;
}
void crash_disk_cut_at_sync(struct crash_disk *disk, uint64_t n) {
    disk->cut_in = n;
    disk->counts_in_syncs = true;
}
bool crash_disk_is_cut(const struct crash_disk *disk) { return disk->is_cut; }
void crash_disk_lose_all(struct crash_disk *disk, bool loses_all) { disk->loses_all = loses_all; }
void crash_disk_count(const struct crash_disk *disk, struct crash_counts *out) {
    *out = disk->counts;
}

struct crash_pending crash_disk_pending(const struct crash_disk *disk) {
    struct crash_pending pending = {0};
    for (const struct crash_file *file = disk->files; file; file = file->next)
        for (const struct crash_write *write = file->first; write; write = write->next)
            pending.writes++;
    for (const struct crash_name *name = disk->names; name; name = name->next) pending.names++;
    return pending;
}
