// SPDX-License-Identifier: Apache-2.0
// Joining: the folder is made beside its place and moved there when it is whole, so that no crash
// leaves one that looks like a chain and is none.
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "chaincore/base/clock.h"
#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/ledger/snapshot.h"
#include "chaincore/light/light.h"
#include "chaincore/node/node_snapshot.h"

enum status node_snapshot_write(struct node *node, const struct state_version *version,
                                const struct cut *cut, const char *directory, uint64_t most_bytes) {
    struct buf certificate = {0};
    struct hand_overs list = {0};
    struct witness_set set;
    struct snapshot_source source;
    enum status status;
    TRY(certificate_log_read(node->certificates, cut->header.height, &certificate));
    TRY(changes_read_set(node, cut->header.epoch, &set));
    TRY(hand_overs_list(node, &cut->header, state_version_view(version), &list));
    source = (struct snapshot_source){.version = version,
                                      .cut = cut,
                                      .certificate = buf_bytes(&certificate),
                                      .set = witness_set_keys(&set),
                                      .most_bytes = most_bytes,
                                      .hand_over_count = list.count,
                                      .hand_overs = buf_bytes(&list.encoded)};
    status = snapshot_write(&source, directory);
out:
    hand_overs_clear(&list);
    buf_clear(&certificate);
    return status;
}

enum status node_write_snapshot(struct node *node, const char *directory) {
    struct state_version *version;
    struct cut cut;
    if (!checkpoint_newest(node->checkpoint, &version, &cut)) return STATUS_NOT_FOUND;
    enum status status = node_snapshot_write(node, version, &cut, directory, 0);
    state_version_unref(version);
    return status;
}

// ---- is the snapshot's header final on this chain?

// What whoever joins believes before it has seen the snapshot.
struct belief {
    struct hash chain_id;
    struct buf genesis_head;
    const struct node_trusted *trusted; // NULL: genesis
    bool takes_old;
};

// Where it stopped, for the log.
struct look {
    const char *part;
    uint64_t height; // of that header
};

static bool is_trusted(const struct header *header, const struct belief *belief) {
    struct hash id;
    if (!belief->trusted || header->height != belief->trusted->height) return false;
    header_id(&id, header);
    return hash_equal(&id, &belief->trusted->id);
}

// From the hand-over that is trusted on; what comes before it is skipped.
static enum status begin_at_trusted(struct light_trust *trust, const struct snapshot *snapshot,
                                    const struct belief *belief, struct decoder *in) {
    struct proof_hand_over each;
    struct witness_set next;
    uint64_t height = belief->trusted->height;
    while (decoder_left(in) > 0) {
        proof_hand_over_decode_from(in, &each);
        ENSURE(in->status == STATUS_OK); // the snapshot is open
        if (each.header.height > height) return STATUS_NOT_FOUND;
        if (each.header.height < height) continue;
        if (!is_trusted(&each.header, belief)) return STATUS_CONFLICT;
        enum status status = witness_set_read(&next, each.next);
        if (status != STATUS_OK) return status;
        status = light_trust_begin_at(trust, &belief->chain_id, &each.header, &next);
        if (hash_equal(&trust->set_hash, &each.header.next_set_hash)) return status;
        return STATUS_INVALID;
    }
    return snapshot_cut(snapshot)->header.height == height ? STATUS_CONFLICT : STATUS_NOT_FOUND;
}

// Over all hand-overs that are left, each signed by a quorum of those before. Not by the skip rule:
// a third of old keys, bought, would do for that.
static enum status follow_hand_overs(struct light_trust *trust, struct decoder *in,
                                     struct look *look) {
    struct proof_hand_over each;
    struct witness_set next;
    enum status status = STATUS_OK;
    look->part = "hand-over";
    while (status == STATUS_OK && decoder_left(in) > 0) {
        proof_hand_over_decode_from(in, &each);
        ENSURE(in->status == STATUS_OK);
        look->height = each.header.height;
        status = witness_set_read(&next, each.next);
        struct trust_step step = {
            .header = &each.header, .certificate = each.certificate, .next = &next};
        if (status == STATUS_OK) status = light_trust_extend(trust, &step);
    }
    return status;
}

// Witnesses of then may have left, and their stakes with them: what they sign now costs them
// nothing, and no signature tells their chain from the one that people use.
static enum status judge_age(const struct belief *belief, uint64_t believed_ms) {
    if (!light_is_period_over(believed_ms, clock_wall_ms())) return STATUS_OK;
    if (!belief->takes_old) return STATUS_TIMEOUT;
    log_warning("node",
                "what this node believed before it joined is older than witnesses' stakes are "
                "locked for sure: compare the header it joined at with others'",
                log_number("time_ms", (int64_t)believed_ms));
    return STATUS_OK;
}

// Signatures alone: nothing that came with the snapshot is judged before they are. `believed_ms` is
// the time of what they were proven by.
static enum status prove_header(const struct snapshot *snapshot, const struct belief *belief,
                                struct look *look, uint64_t *believed_ms) {
    const struct header *header = &snapshot_cut(snapshot)->header;
    struct decoder in = decoder_of(snapshot_hand_overs(snapshot));
    struct light_trust trust;
    struct witness_set set;
    enum status status = STATUS_OK;
    *look = (struct look){.part = "header", .height = header->height};
    if (!hash_equal(&header->chain_id, &belief->chain_id)) return STATUS_INVALID;
    TRY(witness_set_read(&set, snapshot_set(snapshot)));
    if (is_trusted(header, belief)) {
        *believed_ms = header->time_ms;
        return light_check_header(header, snapshot_certificate(snapshot), &set);
    }
    look->part = belief->trusted ? "trusted header" : "genesis";
    if (belief->trusted)
        TRY(begin_at_trusted(&trust, snapshot, belief, &in));
    else
        TRY(light_trust_begin(&trust, buf_bytes(&belief->genesis_head), &belief->chain_id));
    *believed_ms = trust.time_ms;
    TRY(follow_hand_overs(&trust, &in, look));
    *look = (struct look){.part = "header", .height = header->height};
    if (!bytes_equal(witness_set_keys(&set), witness_set_keys(&trust.set))) TRY(STATUS_INVALID);
    status = light_trust_extend(
        &trust,
        &(struct trust_step){.header = header, .certificate = snapshot_certificate(snapshot)});
out:
    return status;
}

static enum status check_header(const struct snapshot *snapshot, const struct belief *belief,
                                struct look *look) {
    uint64_t believed_ms = 0;
    enum status status = prove_header(snapshot, belief, look, &believed_ms);
    if (status != STATUS_OK) return status;
    look->part = belief->trusted ? "age of the trusted header" : "age of genesis";
    return judge_age(belief, believed_ms);
}

// ---- taking it in

struct joining {
    struct snapshot *snapshot;
    const struct node_trusted *trusted; // NULL: genesis
};

static void tell_refused(const char *directory, uint32_t piece, enum status status) {
    char name[32];
    int len = snprintf(name, sizeof name, "piece-%05u", piece);
    ENSURE(len > 0 && (size_t)len < sizeof name);
    log_error("node", "the snapshot is refused", log_text("folder", directory),
              log_text("part", name), log_text("status", status_name(status)));
}

static enum status load_pieces(struct snapshot *snapshot, struct state_draft *draft,
                               const char *directory) {
    enum status status = STATUS_OK;
    struct buf piece = {0};
    for (uint32_t i = 0; i < snapshot_piece_count(snapshot) && status == STATUS_OK; i++) {
        buf_reset(&piece);
        status = snapshot_read_piece(&piece, directory, i);
        if (status == STATUS_OK) status = snapshot_add(snapshot, draft, i, buf_bytes(&piece));
        if (status == STATUS_OK) state_draft_settle(draft);
        if (status != STATUS_OK) tell_refused(directory, i, status);
    }
    buf_clear(&piece);
    return status;
}

// For the snapshots that this node writes: those that it has seen the signatures of.
static enum status keep_hand_overs(const struct snapshot *snapshot, const char *folder,
                                   const struct node_trusted *trusted) {
    struct hand_overs list = {0};
    struct proof_hand_over each;
    struct decoder in = decoder_of(snapshot_hand_overs(snapshot));
    while (decoder_left(&in) > 0) {
        const uint8_t *begin = in.next;
        proof_hand_over_decode_from(&in, &each);
        ENSURE(in.status == STATUS_OK);
        if (trusted && each.header.height < trusted->height) continue;
        buf_append(&list.encoded, bytes_of(begin, (size_t)(in.next - begin)));
        list.count++;
    }
    enum status status = hand_overs_store(folder, &list);
    hand_overs_clear(&list);
    return status;
}

// Of where witnesses changed, for proofs that lead over these, and the snapshot's own.
static enum status write_certificates(const struct joining *target, const char *folder) {
    const struct snapshot *snapshot = target->snapshot;
    char path[PATH_MAX];
    struct proof_hand_over each;
    struct decoder in = decoder_of(snapshot_hand_overs(snapshot));
    struct certificate_log *log = NULL;
    struct certificate_entry entry = {.height = snapshot_cut(snapshot)->header.height,
                                      .certificate = snapshot_certificate(snapshot)};
    enum status status;
    file_path_in(path, folder, "certificates");
    TRY(certificate_log_open(&log, &(struct certificate_log_config){.directory = path}));
    while (decoder_left(&in) > 0) {
        proof_hand_over_decode_from(&in, &each);
        ENSURE(in.status == STATUS_OK);
        if (target->trusted && each.header.height < target->trusted->height) continue;
        TRY(certificate_log_append(log,
                                   &(struct certificate_entry){.height = each.header.height,
                                                               .is_boundary = true,
                                                               .certificate = each.certificate}));
    }
    TRY(certificate_log_append(log, &entry));
    status = certificate_log_sync(log);
out:
    certificate_log_close(log);
    return status;
}

// The checkpoint and the certificate that a node_open of the folder starts from.
static enum status write_chain(const struct joining *target, struct state *state,
                               struct state_draft *draft, const char *folder) {
    const struct snapshot *snapshot = target->snapshot;
    char path[PATH_MAX];
    struct cut none;
    struct buf cut = {0};
    struct checkpoint *checkpoint = NULL;
    const struct header *header = &snapshot_cut(snapshot)->header;
    struct state_version *empty = NULL, *version = state_commit(draft, header->height);
    enum status status;
    file_path_in(path, folder, "state.sqlite");
    struct checkpoint_config config = {.path = path, .state = state};
    TRY(checkpoint_open(&checkpoint, &config, &empty, &none));
    checkpoint_start(checkpoint, version, snapshot_cut(snapshot));
    TRY(checkpoint_wait(checkpoint));
    TRY(write_certificates(target, folder));
    cut_encode(&cut, snapshot_cut(snapshot));
    file_path_in(path, folder, "joined");
    TRY(file_replace(path, buf_bytes(&cut), 0600));
    status = keep_hand_overs(target->snapshot, folder, target->trusted);
out:
    buf_clear(&cut);
    checkpoint_close(checkpoint);
    state_version_unref(empty);
    state_version_unref(version);
    return status;
}

static enum status take_in(const struct joining *target, const char *directory,
                           const char *folder) {
    struct state *state = state_create();
    struct state_version *empty = state_version_empty();
    struct state_draft *draft = state_draft_begin(state, empty);
    state_version_unref(empty);
    enum status status = load_pieces(target->snapshot, draft, directory);
    if (status == STATUS_OK)
        status = write_chain(target, state, draft, folder);
    else
        state_draft_drop(draft);
    state_free(state);
    return status;
}

bool node_trusted_parse(struct node_trusted *out, const char *text) {
    char *end;
    if (*text < '0' || *text > '9') return false;
    errno = 0;
    unsigned long long height = strtoull(text, &end, 10);
    if (errno != 0 || height == 0 || *end != ':') return false;
    out->height = height;
    return hex_decode(out->id.bytes, sizeof out->id.bytes, end + 1) == STATUS_OK;
}

static enum status form_belief(struct belief *out, const struct node_config *config,
                               const struct node_trusted *trusted) {
    struct arena arena = {0};
    struct genesis genesis;
    enum status status = genesis_decode(&genesis, &arena, config->genesis);
    *out = (struct belief){.trusted = trusted, .takes_old = config->takes_old_snapshot};
    if (status == STATUS_OK) genesis_chain_id(&out->chain_id, &genesis);
    if (status == STATUS_OK) genesis_head_encode(&out->genesis_head, &genesis);
    arena_clear(&arena);
    return status;
}

enum status node_snapshot_open(struct snapshot **out, const struct node_snapshot_source *source) {
    struct look look = {.part = "manifest"};
    struct snapshot *snapshot = NULL;
    struct belief belief;
    enum status status = form_belief(&belief, source->config, source->trusted);
    if (status == STATUS_OK) status = snapshot_open(&snapshot, source->manifest);
    if (status == STATUS_OK) status = check_header(snapshot, &belief, &look);
    buf_clear(&belief.genesis_head);
    if (status == STATUS_OK) {
        *out = snapshot;
        return STATUS_OK;
    }
    snapshot_close(snapshot);
    log_error("node", "the snapshot is refused", log_text("from", source->from),
              log_text("part", look.part), log_number("height", (int64_t)look.height),
              log_text("status", status_name(status)));
    return status;
}

static enum status open_folder(struct snapshot **out, const struct node_config *config,
                               const char *directory, const struct node_trusted *trusted) {
    struct buf manifest = {0};
    enum status status = snapshot_read_manifest(&manifest, directory);
    struct node_snapshot_source source = {
        .config = config, .trusted = trusted, .manifest = buf_bytes(&manifest), .from = directory};
    if (status == STATUS_OK)
        status = node_snapshot_open(out, &source);
    else
        log_error("node", "the snapshot is refused", log_text("from", directory),
                  log_text("part", "manifest"), log_text("status", status_name(status)));
    buf_clear(&manifest);
    return status;
}

enum status node_check_snapshot(const struct node_config *config, const char *directory,
                                const struct node_trusted *trusted) {
    struct snapshot *snapshot = NULL;
    struct buf piece = {0};
    enum status status = open_folder(&snapshot, config, directory, trusted);
    for (uint32_t i = 0; status == STATUS_OK && i < snapshot_piece_count(snapshot); i++) {
        buf_reset(&piece);
        status = snapshot_read_piece(&piece, directory, i);
        if (status == STATUS_OK) status = snapshot_check_piece(snapshot, i, buf_bytes(&piece));
        if (status != STATUS_OK) tell_refused(directory, i, status);
    }
    buf_clear(&piece);
    snapshot_close(snapshot);
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

enum status node_join(const struct node_config *config, const char *directory,
                      const struct node_trusted *trusted) {
    char part[PATH_MAX];
    struct snapshot *snapshot = NULL;
    int len = snprintf(part, sizeof part, "%s.joining", config->data_dir);
    if (len < 0 || (size_t)len + sizeof "/certificates/kept-000000000000.log" > sizeof part)
        return STATUS_TOO_LARGE;
    enum status status = open_folder(&snapshot, config, directory, trusted);
    if (status != STATUS_OK) return status;
    TRY(file_remove_tree(part)); // a crash left it
    TRY(file_make_directories(part, 0700));
    TRY(take_in(&(struct joining){snapshot, trusted}, directory, part));
    TRY(move_to(part, config->data_dir));
    log_info("node", "joined by a snapshot",
             log_number("height", (int64_t)snapshot_cut(snapshot)->header.height));
out:
    if (status != STATUS_OK && file_remove_tree(part) != STATUS_OK)
        log_warning("node", "a folder is left over", log_text("folder", part));
    snapshot_close(snapshot);
    return status;
}
