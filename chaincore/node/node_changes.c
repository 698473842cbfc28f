// SPDX-License-Identifier: Apache-2.0
// Changes of witnesses, as hand-overs (chain/proof.h): to tell clients of, and for snapshots. Those
// of blocks whose bodies this node has are made out of the log; what a node was told when it
// joined, and what it had before it pruned, it keeps in the file "hand-overs": one after the other,
// as encoded, the oldest first.
#include <limits.h>
#include <stdio.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/node/node_internal.h"

enum status changes_read_header(struct node *node, uint64_t height, struct header *out) {
    struct buf encoded = {0};
    enum status status = node_read_block(node, height, &encoded);
    if (status == STATUS_OK) status = block_decode_header(out, buf_bytes(&encoded));
    buf_clear(&encoded);
    return status;
}

enum status changes_read_set(void *context, uint64_t epoch, struct witness_set *out) {
    struct witnesses witnesses;
    if (!node_witnesses(context, epoch, &witnesses)) return STATUS_NOT_FOUND;
    witnesses_set(out, &witnesses);
    return STATUS_OK;
}

// Of the last block before the epoch.
static uint64_t height_before(const struct node *node, uint64_t epoch) {
    return epoch * node->genesis.params.epoch_blocks - 1;
}

enum status changes_read_boundary(void *context, uint64_t epoch, struct header *header,
                                  struct buf *certificate) {
    struct node *node = context;
    uint64_t height = height_before(node, epoch + 1);
    enum status status = changes_read_header(node, height, header);
    return status == STATUS_OK ? certificate_log_read(node->certificates, height, certificate)
                               : status;
}

// With what this epoch begins.
static enum status append_change(struct node *node, uint64_t epoch, struct buf *out) {
    struct proof_hand_over hand_over = {.set = bytes_of("", 0)};
    struct witness_set next;
    struct buf certificate = {0};
    enum status status = STATUS_OK;
    TRY(changes_read_boundary(node, epoch - 1, &hand_over.header, &certificate));
    TRY(changes_read_set(node, epoch, &next));
    hand_over.certificate = buf_bytes(&certificate);
    hand_over.next = witness_set_keys(&next);
    proof_hand_over_encode(out, &hand_over);
out:
    buf_clear(&certificate);
    return status;
}

// The epochs with which others began to serve than before, the newest first, and as far back as the
// log goes.
struct changes {
    uint32_t most;
    uint32_t count;
    uint64_t *epochs;
    bool is_cut; // the log did not go back to all that were looked for
};
struct wish {
    uint64_t since_ms;
    uint64_t above; // heights
};
static enum status find_changes(struct node *node, const struct state_view *view, uint64_t epoch,
                                const struct wish *wish, struct changes *out) {
    struct header before;
    while (out->count < out->most && witnesses_serve_since(&epoch, view, epoch) && epoch > 0 &&
           height_before(node, epoch) > wish->above) {
        enum status status = changes_read_header(node, height_before(node, epoch), &before);
        out->is_cut = status == STATUS_NOT_FOUND;
        if (out->is_cut) return STATUS_OK;
        if (status != STATUS_OK) return status;
        if (before.time_ms < wish->since_ms) return STATUS_OK;
        if (!hash_equal(&before.set_hash, &before.next_set_hash)) out->epochs[out->count++] = epoch;
        epoch--;
    }
    return STATUS_OK;
}

static enum status append_changes(struct node *node, const struct changes *changes,
                                  struct buf *out) {
    enum status status = STATUS_OK;
    for (uint32_t i = changes->count; i > 0 && status == STATUS_OK; i--)
        status = append_change(node, changes->epochs[i - 1], out);
    return status;
}

enum status node_list_changes(struct node *node, const struct header *header, uint64_t since_ms,
                              struct node_changes *out) {
    uint64_t epochs[PROOF_MAX_HAND_OVERS];
    struct changes changes = {.most = PROOF_MAX_HAND_OVERS, .epochs = epochs};
    struct wish wish = {.since_ms = since_ms};
    struct node_head head;
    enum status status = STATUS_OK;
    *out = (struct node_changes){0};
    struct state_version *version = node_state_at(node, header->height, &head);
    if (!version) return STATUS_NOT_FOUND;
    TRY(changes_read_set(node, header->epoch, &out->set));
    TRY(find_changes(node, state_version_view(version), header->epoch, &wish, &changes));
    TRY(append_changes(node, &changes, &out->hand_overs));
    out->count = changes.count;
out:
    node_state_release(version);
    return status;
}

void node_changes_clear(struct node_changes *changes) { buf_clear(&changes->hand_overs); }

// ---- all of them

enum status hand_overs_store(const char *folder, const struct hand_overs *list) {
    char path[PATH_MAX];
    file_path_in(path, folder, "hand-overs");
    return file_replace(path, buf_bytes(&list->encoded), 0600);
}

// What was kept. `newest` is the height of the last one, 0 when there is none.
static enum status read_kept(struct hand_overs *out, const char *folder, uint64_t *newest) {
    char path[PATH_MAX];
    struct proof_hand_over each;
    file_path_in(path, folder, "hand-overs");
    *newest = 0;
    enum status status = file_read(&out->encoded, path, SNAPSHOT_MAX_HAND_OVER_BYTES);
    if (status == STATUS_NOT_FOUND) return STATUS_OK;
    struct decoder in = decoder_of(buf_bytes(&out->encoded));
    while (status == STATUS_OK && decoder_left(&in) > 0) {
        proof_hand_over_decode_from(&in, &each);
        if (in.status != STATUS_OK || each.header.height <= *newest) status = STATUS_CORRUPT;
        *newest = each.header.height;
        out->count++;
    }
    if (status == STATUS_CORRUPT)
        log_error("node", "the hand-overs that were kept are damaged", log_text("file", path));
    return status;
}

// The newest so many as a snapshot holds.
static void shorten(struct hand_overs *list) {
    struct decoder in = decoder_of(buf_bytes(&list->encoded));
    struct proof_hand_over each;
    while (list->count > SNAPSHOT_MAX_HAND_OVERS) {
        proof_hand_over_decode_from(&in, &each);
        ENSURE(in.status == STATUS_OK);
        list->count--;
    }
    list->encoded.len = decoder_left(&in);
    memmove(list->encoded.data, in.next, list->encoded.len);
}

// Behind those that were kept, all that the log tells of up to the header.
static enum status list_all(struct node *node, const struct header *header,
                            const struct state_view *view, struct hand_overs *out, bool *has_news) {
    struct changes changes = {.most = SNAPSHOT_MAX_HAND_OVERS};
    struct wish wish = {0};
    enum status status;
    changes.epochs = mem_alloc_array(changes.most, sizeof *changes.epochs);
    TRY(read_kept(out, node->folder, &wish.above));
    TRY(find_changes(node, view, header->epoch, &wish, &changes));
    // What was kept does not lead to the first of these.
    if (changes.is_cut || changes.count == changes.most) {
        out->count = 0;
        buf_reset(&out->encoded);
    }
    TRY(append_changes(node, &changes, &out->encoded));
    out->count += changes.count;
    *has_news = changes.count > 0;
    if (out->count > SNAPSHOT_MAX_HAND_OVERS) shorten(out);
out:
    mem_free(changes.epochs);
    return status;
}

enum status hand_overs_list(struct node *node, const struct header *header,
                            const struct state_view *view, struct hand_overs *out) {
    bool has_news;
    *out = (struct hand_overs){0};
    return list_all(node, header, view, out, &has_news);
}

void hand_overs_clear(struct hand_overs *list) { buf_clear(&list->encoded); }

enum status hand_overs_keep(struct node *node) {
    struct hand_overs list = {0};
    bool has_news;
    const struct state_view *view = state_version_view(node->version);
    enum status status = list_all(node, &node->head.header, view, &list, &has_news);
    if (status == STATUS_OK && has_news) status = hand_overs_store(node->folder, &list);
    buf_clear(&list.encoded);
    return status;
}
