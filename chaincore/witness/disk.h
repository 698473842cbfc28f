// SPDX-License-Identifier: Apache-2.0
// Numbered files in one folder, as far as a log needs them: behind a table of calls, so that what
// is built on it runs on a disk that loses what was not synced, or fails, when a test says so.
//
// What is appended, cut, made or removed may be lost in a crash until `sync` of a file has
// returned: then that file's content is durable, and so are the names in the folder.
#ifndef LMM_WITNESS_DISK_H
#define LMM_WITNESS_DISK_H

#include "chaincore/base/buf.h"

enum { DISK_FILES = 4 }; // at most, in one folder

struct disk_list {
    size_t count;
    uint64_t files[DISK_FILES]; // ascending
};

struct disk {
    void *context;
    // FULL when there are more than that.
    enum status (*list)(void *context, struct disk_list *out);
    // Appends the whole content to `out`. NOT_FOUND, TOO_LARGE above max_len, IO.
    enum status (*read)(void *context, uint64_t file, size_t max_len, struct buf *out);
    enum status (*create)(void *context, uint64_t file); // empty; EXISTS
    enum status (*append)(void *context, uint64_t file, struct bytes bytes);
    enum status (*cut)(void *context, uint64_t file, uint64_t len);
    enum status (*sync)(void *context, uint64_t file);
    enum status (*remove)(void *context, uint64_t file);
};

// The real one: a folder, created when missing; one file is open at a time. Its calls come from one
// thread.
struct disk_folder;
enum status disk_folder_open(struct disk_folder **out, const char *path) MUST_CHECK;
void disk_folder_close(struct disk_folder *folder); // NULL is allowed
struct disk disk_folder_calls(struct disk_folder *folder);

#endif
