// SPDX-License-Identifier: Apache-2.0
// What the two files of the crash disk share: the calls (crash_disk_calls.c) tell of changes before
// they make them, and crash_disk.c keeps and undoes them.
#ifndef LMM_TESTS_CRASH_DISK_INTERNAL_H
#define LMM_TESTS_CRASH_DISK_INTERNAL_H

#include <sys/types.h>

#include "tests/support/crash_disk.h"

enum { CRASH_PATH = 512 };

// A write at an offset, or a cut to a length, that no sync has made durable.
struct crash_write {
    struct crash_write *next;
    bool is_cut;
    uint64_t offset; // of a cut: the new length
    uint64_t len;    // of what is written
    uint64_t old_size;
    uint64_t old_len;     // of `old`
    unsigned char *bytes; // what is written, and behind it what was there
};

struct crash_file {
    struct crash_file *next; // in the order in which they were first opened
    ino_t inode;
    char path[CRASH_PATH]; // where it is now; empty: its name is gone
    struct crash_write *first, *last;
};

enum crash_name_kind { NAME_CREATED, NAME_FOLDER, NAME_REMOVED, NAME_RENAMED };
struct crash_name {
    struct crash_name *next; // the one before it
    enum crash_name_kind kind;
    ino_t folder;
    char path[CRASH_PATH];
    char to[CRASH_PATH];   // of a rename
    char lost[CRASH_PATH]; // where that stands which was removed or replaced; empty: nowhere
};

struct crash_disk {
    char root[CRASH_PATH];
    uint64_t random;
    bool is_cut, loses_all;
    uint64_t cut_in;      // calls; 0: never
    bool counts_in_syncs; // of all calls, syncs alone
    uint64_t lost_count;
    struct crash_file *files, **files_end;
    struct crash_name *names; // the newest first
    struct crash_counts counts;
};

// Whose it is; NULL: nobody's.
struct crash_disk *crash_disk_of_path(const char *path);
struct crash_file *crash_file_of(int fd, struct crash_disk **disk);
struct crash_disk *crash_disk_of_folder(int fd, ino_t *inode);

enum crash_verdict { CRASH_GOES_ON, CRASH_FAILS, CRASH_IN_THIS };
enum crash_verdict crash_disk_call(struct crash_disk *disk);
enum crash_verdict crash_disk_sync_call(struct crash_disk *disk);
uint64_t crash_disk_random(struct crash_disk *disk, uint64_t bound);

void crash_note_opened(struct crash_disk *disk, const char *path, int fd, bool is_new);
void crash_note_write(struct crash_file *file, int fd, const void *data, uint64_t len,
                      uint64_t offset);
void crash_note_cut(struct crash_file *file, int fd, uint64_t len);
void crash_note_synced(struct crash_file *file);
void crash_note_folder_synced(struct crash_disk *disk, ino_t folder);
// Before the name goes: the file is kept elsewhere. `to` is what takes its place, or NULL.
void crash_note_removed(struct crash_disk *disk, const char *path);
void crash_note_renamed(struct crash_disk *disk, const char *from, const char *to);
void crash_note_made_folder(struct crash_disk *disk, const char *path);

#endif
