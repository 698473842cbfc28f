// SPDX-License-Identifier: Apache-2.0
// Files, whole: read, replace atomically, make durable.
#ifndef LMM_BASE_FILE_H
#define LMM_BASE_FILE_H

#include <limits.h>

#include "chaincore/base/buf.h"

// Appends the file's content to out. NOT_FOUND, TOO_LARGE above max_len, IO.
enum status file_read(struct buf *out, const char *path, size_t max_len) MUST_CHECK;
// Replaces the file by way of a temporary beside it: after a crash either the old or the new
// content is there, whole. `mode` as in open(2).
enum status file_replace(const char *path, struct bytes content, unsigned mode) MUST_CHECK;
// All of it, whatever write(2) takes at once.
enum status file_write_all(int fd, struct bytes content) MUST_CHECK;
// Exactly out_len bytes at the offset; TRUNCATED when the file ends before.
enum status file_read_at(int fd, void *out, size_t out_len, uint64_t offset) MUST_CHECK;
enum status file_sync_directory(const char *path) MUST_CHECK;
// The directory that the file stands in: makes its name durable.
enum status file_sync_parent(const char *path) MUST_CHECK;
// Creates the directory and its parents, each with `mode`, unless they are there; durable.
enum status file_make_directories(const char *path, unsigned mode) MUST_CHECK;
bool file_exists(const char *path);
// The path of what has that name in a folder. For folders that are open already: one that is too
// long is a mistake of the caller's, and ends the process.
void file_path_in(char out[PATH_MAX], const char *folder, const char *name);
// The file, or the folder with all that is in it; symbolic links are not followed. OK when there is
// none.
enum status file_remove_tree(const char *path) MUST_CHECK;

#endif
