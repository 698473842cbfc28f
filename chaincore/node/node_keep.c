// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node_keep.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/node_snapshot.h"
#include "chaincore/sync/past_serve.h"

// A state that is written again more often than that costs more than its blocks.
enum { USUAL_EVERY = 1000 };

struct snapshot_keeper {
    struct node *node;
    struct node_snapshots config;
    char *folder;
    pthread_t writer;
    pthread_mutex_t lock; // guards what follows
    pthread_cond_t changed;
    uint64_t heights[NODE_MAX_SNAPSHOTS]; // that are whole, the oldest first
    uint32_t count;
    struct state_version *version; // to be written, and its cut; NULL: nothing is
    struct cut cut;
    bool must_stop;
    bool is_running;
};

static void path_of(char out[PATH_MAX], const struct snapshot_keeper *keeper, uint64_t height) {
    int len = snprintf(out, PATH_MAX, "%s/%012" PRIu64, keeper->folder, height);
    ENSURE(len > 0 && len < PATH_MAX);
}

static void remove_one(const struct snapshot_keeper *keeper, uint64_t height) {
    char path[PATH_MAX];
    path_of(path, keeper, height);
    if (file_remove_tree(path) != STATUS_OK)
        log_warning("node", "a snapshot cannot be removed", log_text("folder", path));
}

// The lock is held. Whoever reads in the one that goes finds it gone.
static uint64_t add_height(struct snapshot_keeper *keeper, uint64_t height) {
    uint64_t gone = 0;
    if (keeper->count == keeper->config.kept) {
        gone = keeper->heights[0];
        keeper->count--;
        memmove(keeper->heights, keeper->heights + 1, keeper->count * sizeof *keeper->heights);
    }
    keeper->heights[keeper->count++] = height;
    return gone;
}

// ---- writing

static enum status write_one(struct snapshot_keeper *keeper, const struct state_version *version,
                             const struct cut *cut) {
    char path[PATH_MAX];
    path_of(path, keeper, cut->header.height);
    enum status status =
        node_snapshot_write(keeper->node, version, cut, path, keeper->config.most_bytes);
    if (status == STATUS_EXISTS) return STATUS_OK; // blocks that a start executes again
    if (status == STATUS_OK)
        log_info("node", "a snapshot is kept for those who join",
                 log_number("height", (int64_t)cut->header.height));
    else
        log_warning("node", "no snapshot is kept of this height",
                    log_number("height", (int64_t)cut->header.height),
                    log_text("status", status_name(status)));
    return status;
}

static bool is_kept(const struct snapshot_keeper *keeper, uint64_t height) {
    for (uint32_t i = 0; i < keeper->count; i++)
        if (keeper->heights[i] == height) return true;
    return false;
}

static void *write_all(void *argument) {
    struct snapshot_keeper *keeper = argument;
    pthread_mutex_lock(&keeper->lock);
    for (;;) {
        while (!keeper->version && !keeper->must_stop)
            pthread_cond_wait(&keeper->changed, &keeper->lock);
        if (keeper->must_stop) break;
        struct state_version *version = keeper->version;
        struct cut cut = keeper->cut;
        uint64_t gone = 0;
        pthread_mutex_unlock(&keeper->lock);
        enum status status = write_one(keeper, version, &cut);
        state_version_unref(version);
        pthread_mutex_lock(&keeper->lock);
        keeper->version = NULL;
        if (status == STATUS_OK && !is_kept(keeper, cut.header.height))
            gone = add_height(keeper, cut.header.height);
        if (gone > 0) remove_one(keeper, gone);
    }
    pthread_mutex_unlock(&keeper->lock);
    return NULL;
}

void snapshot_keeper_note(struct snapshot_keeper *keeper, struct state_version *version,
                          const struct cut *cut) {
    if (!keeper || (cut->header.height + 1) % keeper->config.every_blocks != 0) return;
    pthread_mutex_lock(&keeper->lock);
    if (!keeper->version && !is_kept(keeper, cut->header.height)) {
        keeper->version = state_version_ref(version);
        keeper->cut = *cut;
        pthread_cond_signal(&keeper->changed);
    }
    pthread_mutex_unlock(&keeper->lock);
}

// ---- life

static int compare_heights(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

// What a crash left is removed, and what is more than is to be kept.
static enum status find_kept(struct snapshot_keeper *keeper) {
    uint64_t *heights = NULL;
    size_t count = 0;
    DIR *folder = opendir(keeper->folder);
    if (!folder) return STATUS_IO;
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[PATH_MAX];
        uint64_t height;
        int end = 0;
        if (entry->d_name[0] == '.') continue;
        // NOLINTNEXTLINE(cert-err34-c): twelve digits cannot overflow.
        if (sscanf(entry->d_name, "%12" SCNu64 "%n", &height, &end) == 1 && !entry->d_name[end]) {
            heights = mem_resize(heights, (count + 1) * sizeof *heights);
            heights[count++] = height;
            continue;
        }
        int len = snprintf(path, sizeof path, "%s/%s", keeper->folder, entry->d_name);
        if (len > 0 && (size_t)len < sizeof path && file_remove_tree(path) != STATUS_OK)
            log_warning("node", "a folder is left over", log_text("folder", path));
    }
    closedir(folder);
    if (count > 1) qsort(heights, count, sizeof *heights, compare_heights);
    for (size_t i = 0; i < count; i++) {
        uint64_t gone = add_height(keeper, heights[i]);
        if (gone > 0) remove_one(keeper, gone);
    }
    mem_free(heights);
    return STATUS_OK;
}

static uint32_t usual_every(const struct node *node) {
    uint32_t epoch = node->genesis.params.epoch_blocks;
    return (USUAL_EVERY + epoch - 1) / epoch * epoch;
}

enum status snapshot_keeper_open(struct snapshot_keeper **out, struct node *node,
                                 const struct node_snapshots *config) {
    char path[PATH_MAX];
    enum status status;
    *out = NULL;
    if (config->kept == 0) return STATUS_OK;
    if (config->kept > NODE_MAX_SNAPSHOTS) return STATUS_INVALID;
    int len = snprintf(path, sizeof path, "%s/snapshots", node->folder);
    if (len < 0 || (size_t)len + sizeof "/000000000000.4194304/piece-00000" > sizeof path)
        return STATUS_TOO_LARGE;
    struct snapshot_keeper *keeper = mem_alloc(sizeof *keeper);
    keeper->node = node;
    keeper->config = *config;
    if (!config->every_blocks) keeper->config.every_blocks = usual_every(node);
    keeper->folder = mem_copy_string(path);
    pthread_mutex_init(&keeper->lock, NULL);
    pthread_cond_init(&keeper->changed, NULL);
    TRY(file_make_directories(path, 0700));
    TRY(find_kept(keeper));
    if (pthread_create(&keeper->writer, NULL, write_all, keeper) != 0) TRY(STATUS_NO_MEMORY);
    keeper->is_running = true;
    *out = keeper;
out:
    if (status != STATUS_OK) snapshot_keeper_close(keeper);
    return status;
}

void snapshot_keeper_close(struct snapshot_keeper *keeper) {
    if (!keeper) return;
    pthread_mutex_lock(&keeper->lock);
    keeper->must_stop = true;
    pthread_cond_signal(&keeper->changed);
    pthread_mutex_unlock(&keeper->lock);
    if (keeper->is_running) pthread_join(keeper->writer, NULL);
    state_version_unref(keeper->version);
    pthread_mutex_destroy(&keeper->lock);
    pthread_cond_destroy(&keeper->changed);
    mem_free(keeper->folder);
    mem_free(keeper);
}

// ---- reading

uint64_t snapshot_keeper_newest(struct snapshot_keeper *keeper) {
    if (!keeper) return 0;
    pthread_mutex_lock(&keeper->lock);
    uint64_t height = keeper->count > 0 ? keeper->heights[keeper->count - 1] : 0;
    pthread_mutex_unlock(&keeper->lock);
    return height;
}

static bool find_folder(struct snapshot_keeper *keeper, uint64_t height, char path[PATH_MAX]) {
    if (!keeper) return false;
    pthread_mutex_lock(&keeper->lock);
    bool is_there = is_kept(keeper, height);
    pthread_mutex_unlock(&keeper->lock);
    if (is_there) path_of(path, keeper, height);
    return is_there;
}

enum status snapshot_keeper_read_manifest(struct snapshot_keeper *keeper, uint64_t height,
                                          struct buf *out) {
    char path[PATH_MAX];
    return find_folder(keeper, height, path) ? snapshot_read_manifest(out, path) : STATUS_NOT_FOUND;
}

enum status snapshot_keeper_read_piece(struct snapshot_keeper *keeper, uint64_t height,
                                       uint32_t number, struct buf *out) {
    char path[PATH_MAX];
    return find_folder(keeper, height, path) ? snapshot_read_piece(out, path, number)
                                             : STATUS_NOT_FOUND;
}

// ---- the table of who serves (past_serve.h)

static uint64_t source_oldest(void *chain) {
    const struct node *node = chain;
    return block_log_oldest(node->log);
}

static uint64_t source_snapshot(void *chain) {
    const struct node *node = chain;
    return snapshot_keeper_newest(node->snapshots);
}

static enum status source_manifest(void *chain, uint64_t height, struct buf *out) {
    const struct node *node = chain;
    return snapshot_keeper_read_manifest(node->snapshots, height, out);
}

static enum status source_piece(void *chain, uint64_t height, uint32_t number, struct buf *out) {
    const struct node *node = chain;
    return snapshot_keeper_read_piece(node->snapshots, height, number, out);
}

static enum status source_block(void *chain, uint64_t height, struct buf *out) {
    return node_read_block(chain, height, out);
}

void past_serve_use_node(struct past_source *source, struct node *node) {
    source->chain = node;
    source->oldest = source_oldest;
    source->snapshot = source_snapshot;
    source->read_manifest = source_manifest;
    source->read_piece = source_piece;
    source->read_block = source_block;
}
