// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/supplychain/epcis_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "tests/support/unit.h"

enum { MAX_FILES = 256, MAX_PATH = 1024 };

struct walk {
    char paths[MAX_FILES][MAX_PATH];
    size_t count;
};

static bool ends_with(const char *text, const char *end) {
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void collect(struct walk *walk, const char *directory) {
    DIR *open = opendir(directory);
    ck_assert_ptr_nonnull(open);
    for (struct dirent *entry; (entry = readdir(open)) != NULL;) {
        char path[MAX_PATH];
        int len = snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        ck_assert_int_lt(len, MAX_PATH);
        if (entry->d_name[0] == '.') continue;
        if (entry->d_type == DT_DIR) collect(walk, path);
        if (!ends_with(path, ".jsonld")) continue;
        ck_assert_uint_lt(walk->count, MAX_FILES);
        memcpy(walk->paths[walk->count++], path, sizeof(path));
    }
    closedir(open);
}

static int compare_paths(const void *a, const void *b) { return strcmp(a, b); }

size_t epcis_files_walk(const char *directory,
                        void (*visit)(const char *path, struct bytes text, void *user),
                        void *user) {
    static struct walk walk;
    const char *root = shared_data(directory);
    walk.count = 0;
    if (!root) return 0;
    collect(&walk, root);
    qsort(walk.paths, walk.count, sizeof(walk.paths[0]), compare_paths);
    for (size_t i = 0; i < walk.count; i++) {
        struct buf text = {0};
        assert_ok(file_read(&text, walk.paths[i], 1 << 20));
        visit(walk.paths[i], buf_bytes(&text), user);
        buf_clear(&text);
    }
    return walk.count;
}

bool epcis_file_beside(struct buf *out, const char *path, const char *suffix) {
    char other[MAX_PATH];
    size_t stem = strlen(path) - strlen(".jsonld");
    snprintf(other, sizeof(other), "%.*s%s", (int)stem, path, suffix);
    return file_read(out, other, 1 << 20) == STATUS_OK;
}
