// SPDX-License-Identifier: Apache-2.0
// The history over a node's life: what it is made again from when its file is lost, and what stays
// known of it where bodies are gone. It can be made again from a cut on whose blocks are all in the
// log: genesis; the file "joined", where a snapshot began; the file "pruned", kept in front of what
// was pruned last; or else the checkpoint.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/node/node_internal.h"

static enum status id_in_log(void *context, uint64_t height, struct hash *out) {
    struct node *node = context;
    struct buf encoded = {0};
    struct header header;
    if (height == 0) {
        *out = node->genesis_id;
        return STATUS_OK;
    }
    enum status status = block_log_read(node->log, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(&header, buf_bytes(&encoded));
    if (status == STATUS_OK) header_id(out, &header);
    buf_clear(&encoded);
    return status;
}

enum status history_read_cut(struct cut *out, const char *folder, const char *name) {
    char path[PATH_MAX];
    struct buf encoded = {0};
    file_path_in(path, folder, name);
    enum status status = file_read(&encoded, path, CUT_MAX_BYTES);
    if (status == STATUS_OK && cut_decode(out, buf_bytes(&encoded)) != STATUS_OK) {
        log_error("node", "a cut is damaged", log_text("file", path));
        status = STATUS_CORRUPT;
    }
    buf_clear(&encoded);
    return status;
}

// Behind the peaks of the cut all that the log has, up to the head's parent.
static enum status rebuild(struct node *node, const struct cut *from) {
    struct hash id;
    enum status status;
    uint64_t height = from->header.height;
    log_info("node", "the history is made again from the log", log_number("from", (int64_t)height));
    TRY(history_import(node->history, &from->below));
    if (height > 0)
        header_id(&id, &from->header);
    else
        id = node->genesis_id;
    for (; height < node->head.header.height; height++) {
        if (height != from->header.height) TRY(id_in_log(node, height, &id));
        TRY(history_append(node->history, &id));
    }
    history_root(node->history, &id);
    if (!hash_equal(&id, &node->head.header.history_root)) {
        log_error("node", "the history does not lead to the newest block",
                  log_number("from", (int64_t)from->header.height));
        status = STATUS_CORRUPT;
    }
out:
    return status;
}

// The lowest from which the log has all that follows.
static enum status find_base(const struct node *node, const struct cut *checkpoint,
                             struct cut *out) {
    static const char *const names[] = {"joined", "pruned"};
    uint64_t oldest = block_log_oldest(node->log);
    *out = (struct cut){0};
    if (oldest == 1) return STATUS_OK;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        enum status status = history_read_cut(out, node->folder, names[i]);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND) return status;
        if (status == STATUS_OK && out->header.height + 1 >= oldest &&
            out->header.height <= checkpoint->header.height)
            return STATUS_OK;
    }
    *out = *checkpoint;
    return STATUS_OK;
}

// Below it the file may have peaks alone.
static uint64_t known_from(const struct node *node, uint64_t oldest) {
    if (oldest == 1 && node->is_filled) return 0;
    return oldest > node->first_height ? oldest : node->first_height;
}

enum status history_recover(struct node *node, const struct cut *checkpoint) {
    char path[PATH_MAX];
    struct cut base;
    uint64_t height = node->head.header.height;
    uint64_t oldest = block_log_oldest(node->log);
    file_path_in(path, node->folder, "history");
    // What the history must add up to stands in the next header only, so add the head's id by hand.
    struct history_config config = {.path = path,
                                    .count = height,
                                    .root = node->head.header.history_root,
                                    .first = known_from(node, oldest),
                                    .read_id = id_in_log,
                                    .context = node};
    enum status status = history_open(&node->history, &config);
    if (status != STATUS_OK) return status;
    if (history_count(node->history) < height) {
        status = find_base(node, checkpoint, &base);
        if (status == STATUS_OK) status = rebuild(node, &base);
    }
    return status == STATUS_OK ? history_append(node->history, &node->head.id) : status;
}

enum status history_note_pruned(struct node *node, uint64_t height) {
    char path[PATH_MAX];
    struct cut cut;
    struct buf block = {0}, encoded = {0};
    enum status status;
    TRY(block_log_read(node->log, height, &block));
    TRY(block_decode_header(&cut.header, buf_bytes(&block)));
    TRY(history_peaks_at(node->history, &cut.below, height, &cut.header.history_root));
    cut_encode(&encoded, &cut);
    file_path_in(path, node->folder, "pruned");
    TRY(file_replace(path, buf_bytes(&encoded), 0600));
    status = hand_overs_keep(node);
out:
    buf_clear(&block);
    buf_clear(&encoded);
    return status;
}
