// SPDX-License-Identifier: Apache-2.0
// Joining: the folder is made beside its place and moved there when it is whole, so that no crash
// leaves one that looks like a chain and is none.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/node/node_internal.h"

enum status node_write_snapshot(struct node *node, const char *directory) {
    struct state_version *version;
    struct cut cut;
    struct buf certificate = {0};
    if (!checkpoint_newest(node->checkpoint, &version, &cut)) return STATUS_NOT_FOUND;
    enum status status;
    TRY(certificate_log_read(node->certificates, cut.header.height, &certificate));
    struct snapshot_source source = {
        .version = version, .cut = &cut, .certificate = buf_bytes(&certificate)};
    status = snapshot_write(&source, directory);
out:
    buf_clear(&certificate);
    state_version_unref(version);
    return status;
}

static enum status refused(const char *directory, const char *what, enum status status) {
    log_error("node", "the snapshot is refused", log_text("folder", directory),
              log_text("part", what), log_text("status", status_name(status)));
    return status;
}

// Is the snapshot's header final on this chain?
static enum status check_header(const struct snapshot *snapshot, const struct genesis *genesis,
                                const struct hash *chain_id) {
    const struct header *header = &snapshot_cut(snapshot)->header;
    struct decoder in = decoder_of(snapshot_certificate(snapshot));
    struct certificate certificate;
    struct witness_set set;
    struct hash set_hash;
    genesis_witness_set(&set, genesis);
    witness_set_hash(&set_hash, &set);
    if (!hash_equal(&header->chain_id, chain_id)) return STATUS_INVALID;
    if (!hash_equal(&header->set_hash, &set_hash)) return STATUS_UNSUPPORTED;
    certificate_decode_from(&in, &certificate, set.count);
    enum status status = decoder_finish(&in);
    if (status != STATUS_OK) return status;
    if (certificate.view < header->view) return STATUS_INVALID;
    struct vote vote = {.epoch = header->epoch,
                        .set_hash = header->set_hash,
                        .kind = VOTE_FINALIZE,
                        .view = certificate.view};
    header_id(&vote.block_id, header);
    return certificate_check(&certificate, &set, &vote, chain_id);
}

static enum status load_pieces(struct snapshot *snapshot, struct state_draft *draft,
                               const char *directory) {
    enum status status = STATUS_OK;
    struct buf piece = {0};
    char name[32];
    for (uint32_t i = 0; i < snapshot_piece_count(snapshot) && status == STATUS_OK; i++) {
        buf_reset(&piece);
        status = snapshot_read_piece(&piece, directory, i);
        if (status == STATUS_OK) status = snapshot_add(snapshot, draft, i, buf_bytes(&piece));
        if (status == STATUS_OK) state_draft_settle(draft);
        int len = snprintf(name, sizeof name, "piece-%05u", i);
        ENSURE(len > 0 && (size_t)len < sizeof name);
        if (status != STATUS_OK) status = refused(directory, name, status);
    }
    buf_clear(&piece);
    return status;
}

static void path_in(char out[PATH_MAX], const char *folder, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    ENSURE(len > 0 && len < PATH_MAX);
}

// The checkpoint and the certificate that a node_open of the folder starts from.
static enum status write_chain(const struct snapshot *snapshot, struct state *state,
                               struct state_draft *draft, const char *folder) {
    char path[PATH_MAX];
    struct cut none;
    struct buf cut = {0};
    struct checkpoint *checkpoint = NULL;
    struct certificate_log *certificates = NULL;
    const struct header *header = &snapshot_cut(snapshot)->header;
    struct state_version *empty = NULL, *version = state_commit(draft, header->height);
    struct certificate_entry entry = {.height = header->height,
                                      .certificate = snapshot_certificate(snapshot)};
    enum status status;
    path_in(path, folder, "state.sqlite");
    struct checkpoint_config config = {.path = path, .state = state};
    TRY(checkpoint_open(&checkpoint, &config, &empty, &none));
    checkpoint_start(checkpoint, version, snapshot_cut(snapshot));
    TRY(checkpoint_wait(checkpoint));
    path_in(path, folder, "certificates");
    TRY(certificate_log_open(&certificates, &(struct certificate_log_config){.directory = path}));
    TRY(certificate_log_append(certificates, &entry));
    TRY(certificate_log_sync(certificates));
    cut_encode(&cut, snapshot_cut(snapshot));
    path_in(path, folder, "joined");
    status = file_replace(path, buf_bytes(&cut), 0600);
out:
    buf_clear(&cut);
    certificate_log_close(certificates);
    checkpoint_close(checkpoint);
    state_version_unref(empty);
    state_version_unref(version);
    return status;
}

static enum status take_in(struct snapshot *snapshot, const char *directory, const char *folder) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    enum status status = load_pieces(snapshot, draft, directory);
    if (status == STATUS_OK)
        status = write_chain(snapshot, state, draft, folder);
    else
        state_draft_drop(draft);
    state_free(state);
    return status;
}

static enum status open_snapshot(struct snapshot **out, const struct node_config *config,
                                 const char *directory) {
    struct buf manifest = {0};
    struct arena arena = {0};
    struct genesis genesis;
    struct hash chain_id;
    struct snapshot *snapshot = NULL;
    enum status status = genesis_decode(&genesis, &arena, config->genesis);
    if (status == STATUS_OK) genesis_chain_id(&chain_id, &genesis);
    if (status == STATUS_OK) status = snapshot_read_manifest(&manifest, directory);
    if (status == STATUS_OK) status = snapshot_open(&snapshot, buf_bytes(&manifest));
    if (status == STATUS_OK) status = check_header(snapshot, &genesis, &chain_id);
    if (status == STATUS_OK) {
        *out = snapshot;
    } else {
        snapshot_close(snapshot);
        status = refused(directory, "manifest", status);
    }
    arena_clear(&arena);
    buf_clear(&manifest);
    return status;
}

// An empty folder may be there; its parents may not.
static enum status move_to(const char *part, const char *folder) {
    if (rmdir(folder) != 0 && errno != ENOENT)
        return errno == ENOTEMPTY || errno == EEXIST ? STATUS_EXISTS : STATUS_IO;
    if (rename(part, folder) != 0) return STATUS_IO;
    enum status status = file_sync_parent(folder);
    if (status != STATUS_OK && file_remove_tree(folder) != STATUS_OK)
        log_warning("node", "a folder is left over", log_text("folder", folder));
    return status;
}

enum status node_join(const struct node_config *config, const char *directory) {
    char part[PATH_MAX];
    struct snapshot *snapshot = NULL;
    int len = snprintf(part, sizeof part, "%s.joining", config->data_dir);
    if (len < 0 || (size_t)len + sizeof "/certificates/kept-000000000000.log" > sizeof part)
        return STATUS_TOO_LARGE;
    enum status status = open_snapshot(&snapshot, config, directory);
    if (status != STATUS_OK) return status;
    TRY(file_remove_tree(part)); // a crash left it
    TRY(file_make_directories(part, 0700));
    TRY(take_in(snapshot, directory, part));
    TRY(move_to(part, config->data_dir));
    log_info("node", "joined by a snapshot",
             log_number("height", (int64_t)snapshot_cut(snapshot)->header.height));
out:
    if (status != STATUS_OK && file_remove_tree(part) != STATUS_OK)
        log_warning("node", "a folder is left over", log_text("folder", part));
    snapshot_close(snapshot);
    return status;
}
