// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/snapshot_store.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/node_snapshot.h"

struct snapshot_store {
    const struct node_config *config;
    const struct node_trusted *trusted;
    struct snapshot *snapshot; // NULL: none is begun
    char folder[PATH_MAX - sizeof "/piece-00000"];
};

enum status snapshot_store_open(struct snapshot_store **out, const struct node_config *config,
                                const struct node_trusted *trusted) {
    struct snapshot_store *store = mem_alloc(sizeof *store);
    store->config = config;
    store->trusted = trusted;
    int len = snprintf(store->folder, sizeof store->folder, "%s.fetched", config->data_dir);
    if (len < 0 || (size_t)len >= sizeof store->folder) {
        mem_free(store);
        return STATUS_TOO_LARGE;
    }
    *out = store;
    return STATUS_OK;
}

void snapshot_store_close(struct snapshot_store *store) {
    if (!store) return;
    snapshot_close(store->snapshot);
    mem_free(store);
}

const char *snapshot_store_folder(const struct snapshot_store *store) { return store->folder; }

void snapshot_store_remove(struct snapshot_store *store) {
    snapshot_close(store->snapshot);
    store->snapshot = NULL;
    if (file_remove_tree(store->folder) != STATUS_OK)
        log_warning("node", "a folder is left over", log_text("folder", store->folder));
}

static enum status open_manifest(struct snapshot_store *store, struct bytes manifest,
                                 struct fetch_plan *out) {
    struct node_snapshot_source source = {
        .config = store->config, .trusted = store->trusted, .manifest = manifest, .from = "peers"};
    struct snapshot *snapshot;
    enum status status = node_snapshot_open(&snapshot, &source);
    if (status != STATUS_OK) return status;
    snapshot_close(store->snapshot);
    store->snapshot = snapshot;
    *out = (struct fetch_plan){.height = snapshot_cut(snapshot)->header.height,
                               .piece_count = snapshot_piece_count(snapshot)};
    return STATUS_OK;
}

bool snapshot_store_resume(struct snapshot_store *store, struct fetch_plan *out) {
    struct buf manifest = {0};
    enum status status = snapshot_read_manifest(&manifest, store->folder);
    if (status == STATUS_OK) status = open_manifest(store, buf_bytes(&manifest), out);
    buf_clear(&manifest);
    // What is too old may be wished for at the next start.
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && status != STATUS_TIMEOUT)
        snapshot_store_remove(store);
    return status == STATUS_OK;
}

static enum status begin(void *context, struct bytes manifest, struct fetch_plan *out) {
    struct snapshot_store *store = context;
    char path[PATH_MAX];
    enum status status = open_manifest(store, manifest, out);
    if (status != STATUS_OK) return status;
    file_path_in(path, store->folder, "manifest");
    TRY(file_remove_tree(store->folder));
    TRY(file_make_directories(store->folder, 0700));
    status = file_replace(path, manifest, 0600);
out:
    return status == STATUS_OK ? STATUS_OK : STATUS_IO;
}

// What the disk has spoilt meanwhile comes again.
static bool has(void *context, uint32_t piece) {
    const struct snapshot_store *store = context;
    struct buf bytes = {0};
    enum status status = snapshot_read_piece(&bytes, store->folder, piece);
    if (status == STATUS_OK)
        status = snapshot_check_piece(store->snapshot, piece, buf_bytes(&bytes));
    buf_clear(&bytes);
    return status == STATUS_OK;
}

static enum status keep(void *context, uint32_t piece, struct bytes bytes) {
    const struct snapshot_store *store = context;
    char path[PATH_MAX], name[32];
    enum status status = snapshot_check_piece(store->snapshot, piece, bytes);
    if (status != STATUS_OK) return status;
    int len = snprintf(name, sizeof name, "piece-%05" PRIu32, piece);
    ENSURE(len > 0 && (size_t)len < sizeof name);
    file_path_in(path, store->folder, name);
    return file_replace(path, bytes, 0600) == STATUS_OK ? STATUS_OK : STATUS_IO;
}

static void forget(void *context) { snapshot_store_remove(context); }

void snapshot_store_use(struct fetch_calls *calls, struct snapshot_store *store) {
    calls->store = store;
    calls->begin = begin;
    calls->has = has;
    calls->keep = keep;
    calls->forget = forget;
}
