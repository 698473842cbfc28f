// SPDX-License-Identifier: Apache-2.0
#include "cli/sums.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chaincore/base/arena.h"
#include "chaincore/base/file.h"
#include "chaincore/crypto/sha256.h"

const char sums_name[] = "SHA256SUMS";

enum {
    SUM_CHARS = 2 * SHA256_SIZE,
    PART_BYTES = 1 << 18,
    MAX_LIST_BYTES = 64 << 20,
    MAX_DEPTH = 8
};

static bool path_in(char out[PATH_MAX], const char *folder, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s%s%s", folder, *name ? "/" : "", name);
    return len > 0 && len < PATH_MAX;
}

// Reads to the end that the file has by then; `to` < 0: sums alone.
static enum status pass_on(int from, int to, char sum[SUM_CHARS + 1], uint64_t *bytes) {
    static uint8_t part[PART_BYTES];
    uint8_t digest[SHA256_SIZE];
    struct sha256_stream stream;
    sha256_begin(&stream);
    for (;;) {
        ssize_t got = read(from, part, sizeof part);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return STATUS_IO;
        if (got == 0) break;
        sha256_add(&stream, bytes_of(part, (size_t)got));
        *bytes += (uint64_t)got;
        if (to < 0) continue;
        enum status status = file_write_all(to, bytes_of(part, (size_t)got));
        if (status != STATUS_OK) return status;
    }
    sha256_end(&stream, digest);
    hex_encode(sum, BYTES_OF(digest));
    return to < 0 || fsync(to) == 0 ? STATUS_OK : STATUS_IO;
}

static enum status read_file(const char *from, const char *to, char sum[SUM_CHARS + 1],
                             uint64_t *bytes) {
    int in = open(from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), out = -1;
    enum status status = in >= 0 ? STATUS_OK : errno == ENOENT ? STATUS_NOT_FOUND : STATUS_IO;
    if (status == STATUS_OK && to) {
        out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (out < 0) status = errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    }
    if (status == STATUS_OK) status = pass_on(in, out, sum, bytes);
    if (in >= 0) close(in);
    if (out >= 0 && close(out) != 0 && status == STATUS_OK) status = STATUS_IO;
    return status;
}

enum status sums_copy_file(const char *to, const char *from, char sum[65]) {
    char unused[SUM_CHARS + 1];
    uint64_t bytes = 0;
    return read_file(from, to, sum ? sum : unused, &bytes);
}

// --- what there is ---

struct listing {
    struct arena arena;
    const char **paths; // below the folder
    size_t count;
    size_t room;
};

static void add_path(struct listing *list, const char *path) {
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        const char **larger = arena_alloc_array(&list->arena, room, sizeof *larger);
        if (list->count > 0) memcpy(larger, list->paths, list->count * sizeof *larger);
        list->paths = larger;
        list->room = room;
    }
    list->paths[list->count++] = arena_copy_string(&list->arena, bytes_of_string(path));
}

static enum status list_below(struct listing *list, const char *folder, const char *below,
                              int depth) {
    char path[PATH_MAX], inner[PATH_MAX];
    struct stat info;
    struct dirent *entry;
    if (depth == MAX_DEPTH || !path_in(path, folder, below)) return STATUS_TOO_LARGE;
    DIR *directory = opendir(path);
    enum status status = directory ? STATUS_OK : STATUS_IO;
    while (status == STATUS_OK && (entry = readdir(directory))) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        int len = snprintf(inner, sizeof inner, "%s%s%s", below, *below ? "/" : "", entry->d_name);
        if (len >= (int)sizeof inner || !path_in(path, folder, inner)) status = STATUS_TOO_LARGE;
        if (status == STATUS_OK && lstat(path, &info) != 0) status = STATUS_IO;
        if (status != STATUS_OK) break;
        if (S_ISDIR(info.st_mode))
            status = list_below(list, folder, inner, depth + 1);
        else if (strcmp(inner, sums_name) != 0)
            add_path(list, inner);
    }
    if (directory) closedir(directory);
    return status;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static enum status list_files(struct listing *out, const char *folder) {
    *out = (struct listing){0};
    enum status status = list_below(out, folder, "", 0);
    if (out->count > 0) qsort(out->paths, out->count, sizeof *out->paths, compare_paths);
    return status;
}

// --- the list ---

enum status sums_write(struct sums_total *out, const char *folder) {
    char path[PATH_MAX], sum[SUM_CHARS + 1];
    struct listing list;
    struct buf text = {0};
    *out = (struct sums_total){0};
    enum status status = list_files(&list, folder);
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++) {
        if (!path_in(path, folder, list.paths[i])) status = STATUS_TOO_LARGE;
        if (status == STATUS_OK) status = read_file(path, NULL, sum, &out->bytes);
        if (status == STATUS_OK) status = file_sync_parent(path);
        buf_append_format(&text, "%s  %s\n", sum, list.paths[i]);
    }
    out->files = list.count;
    if (status == STATUS_OK && !path_in(path, folder, sums_name)) status = STATUS_TOO_LARGE;
    if (status == STATUS_OK) status = file_replace(path, buf_bytes(&text), 0600);
    buf_clear(&text);
    arena_clear(&list.arena);
    return status;
}

// The next line of the list; false when it is none.
static bool take_line(char **next, char **sum, char **path) {
    char *line = *next, *end = strchr(line, '\n');
    if (!end || end - line < SUM_CHARS + 3 || memcmp(line + SUM_CHARS, "  ", 2) != 0) return false;
    *end = '\0';
    line[SUM_CHARS] = '\0';
    *sum = line;
    *path = line + SUM_CHARS + 2;
    *next = end + 1;
    return **path != '/' && strncmp(*path, "../", 3) != 0 && !strstr(*path, "/../");
}

static enum status check_file(struct sums_total *out, const char *from, const char *to,
                              const char *expected) {
    char sum[SUM_CHARS + 1], folder[PATH_MAX];
    enum status status = STATUS_OK;
    if (to) {
        snprintf(folder, sizeof folder, "%s", to);
        *strrchr(folder, '/') = '\0';
        status = file_make_directories(folder, 0700);
    }
    if (status == STATUS_OK) status = read_file(from, to, sum, &out->bytes);
    out->files++;
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && strcmp(sum, expected) != 0))
        status = STATUS_CORRUPT;
    return status;
}

enum status sums_check(struct sums_total *out, const char *folder, const char *to,
                       struct buf *fault) {
    char path[PATH_MAX], target[PATH_MAX], *sum, *name;
    struct buf text = {0};
    struct listing list = {0};
    *out = (struct sums_total){0};
    if (!path_in(path, folder, sums_name)) return STATUS_TOO_LARGE;
    enum status status = file_read(&text, path, MAX_LIST_BYTES);
    buf_append_byte(&text, '\0');
    if (status == STATUS_OK) status = list_files(&list, folder);
    char *next = (char *)text.data;
    for (size_t i = 0; status == STATUS_OK && (*next || i < list.count); i++) {
        name = i < list.count ? (char *)list.paths[i] : NULL;
        char *listed = NULL;
        if (!*next || !take_line(&next, &sum, &listed) || !name || strcmp(name, listed) != 0)
            status = STATUS_CORRUPT;
        if (status == STATUS_OK &&
            (!path_in(path, folder, name) || (to && !path_in(target, to, name))))
            status = STATUS_TOO_LARGE;
        if (status == STATUS_OK) status = check_file(out, path, to ? target : NULL, sum);
        if (status == STATUS_OK && to) status = file_sync_parent(target);
        if (status != STATUS_OK)
            buf_append_string(fault, listed ? listed : name ? name : "the end of the list");
    }
    buf_clear(&text);
    arena_clear(&list.arena);
    return status;
}
