// SPDX-License-Identifier: Apache-2.0
// A node's write-ahead log. What is not synced when the node crashes is lost from some record on:
// a torn record ends the log, by its checksum.
#include "tests/sim/sim.h"

#include <stdlib.h>

static void free_entry(struct disk_entry *entry) {
    free(entry->certificate);
    free((void *)(uintptr_t)entry->votes.signers);
    entry->certificate = NULL;
    entry->votes.signers = NULL;
}

void disk_clear(struct sim_node *node) {
    for (size_t i = 0; i < node->disk.count; i++) free_entry(&node->disk.entries[i]);
    node->disk.count = node->disk.durable_count = node->disk.syncing_count = 0;
    node->disk.is_syncing = false;
    node->reported = 0;
}

static struct disk_entry *add_entry(struct sim_disk *disk, enum record_kind kind) {
    if (disk->count == disk->capacity) {
        disk->capacity = disk->capacity ? 2 * disk->capacity : 256;
        disk->entries = realloc(disk->entries, disk->capacity * sizeof *disk->entries);
        ENSURE(disk->entries);
    }
    struct disk_entry *entry = &disk->entries[disk->count++];
    memset(entry, 0, sizeof *entry);
    entry->kind = kind;
    return entry;
}

static struct certificate *copy_certificate(const struct certificate *certificate) {
    struct certificate *copy = malloc(sizeof *copy);
    ENSURE(copy && certificate->signature_count <= LIMIT_WITNESSES);
    memcpy(copy, certificate,
           offsetof(struct certificate, signatures) +
               certificate->signature_count * sizeof(struct signature));
    return copy;
}

static struct vote_signer *copy_signers(const struct signed_votes *votes) {
    struct vote_signer *copy = malloc((votes->count + 1u) * sizeof *copy);
    ENSURE(copy);
    if (votes->count > 0) memcpy(copy, votes->signers, votes->count * sizeof *copy);
    return copy;
}

void disk_append(struct sim *sim, struct sim_node *node, const struct consensus_record *record) {
    struct disk_entry *entry = add_entry(&node->disk, record->kind);
    struct hash id;
    switch (record->kind) {
    case RECORD_ROOT:
        entry->block = block_find(sim, &record->root->id);
        entry->epoch = record->root->epoch;
        entry->votes.view = record->root->view;
        if (record->root->certificate)
            entry->certificate = copy_certificate(record->root->certificate);
        break;
    case RECORD_BLOCK:
        header_id(&id, record->block);
        entry->block = block_find(sim, &id);
        break;
    case RECORD_CERTIFICATE:
        entry->sealed_kind = record->sealed.kind;
        entry->epoch = record->sealed.epoch;
        entry->votes.block_id = record->sealed.block_id;
        entry->votes.view = record->sealed.certificate->view;
        entry->certificate = copy_certificate(record->sealed.certificate);
        judge_certificate(sim, node, &record->sealed);
        break;
    case RECORD_VOTES:
        entry->votes = record->votes;
        entry->votes.signers = copy_signers(&record->votes);
        break;
    }
}

static struct consensus_root root_of(const struct disk_entry *entry) {
    return (struct consensus_root){.epoch = entry->epoch,
                                   .header = entry->block->header,
                                   .id = entry->block->id,
                                   .view = entry->votes.view,
                                   .certificate = entry->certificate};
}

static void record_of(const struct disk_entry *entry, struct consensus_record *out) {
    *out = (struct consensus_record){.kind = entry->kind};
    switch (entry->kind) {
    case RECORD_ROOT:
        break;
    case RECORD_BLOCK:
        out->block = &entry->block->header;
        break;
    case RECORD_CERTIFICATE:
        out->sealed = (struct sealed){.epoch = entry->epoch,
                                      .kind = entry->sealed_kind,
                                      .block_id = entry->votes.block_id,
                                      .certificate = entry->certificate};
        break;
    case RECORD_VOTES:
        out->votes = entry->votes;
        break;
    }
}

static bool is_end(const struct disk_entry *entry) {
    return entry->kind == RECORD_VOTES && entry->votes.epoch == GUARD_FOR_GOOD;
}

bool disk_has_end(const struct sim_node *node) {
    for (size_t i = node->disk.count; i > 0; i--)
        if (is_end(&node->disk.entries[i - 1])) return true;
    return false;
}

void disk_settle(struct sim *sim, struct sim_node *node, size_t count) {
    struct sim_disk *disk = &node->disk;
    while (disk->durable_count < count) {
        const struct disk_entry *entry = &disk->entries[disk->durable_count];
        if (entry->kind == RECORD_BLOCK) entry->block->is_durable[node->index] = true;
        if (is_end(entry)) judge_silenced(sim, node);
        if (entry->kind == RECORD_VOTES && !is_end(entry) && !node->hostile)
            judge_signed(sim, node);
        disk->durable_count++;
    }
}

// Amnesia keeps the final blocks and nothing that would hold the key back.
void disk_crash(struct sim *sim, struct sim_node *node, bool is_all_lost) {
    struct sim_disk *disk = &node->disk;
    size_t unsynced = disk->count - disk->durable_count;
    size_t kept = disk->durable_count + (size_t)random_below(sim, unsynced + 1);
    if (kept < disk->count) sim->figures.faults.torn++;
    if (is_all_lost)
        for (kept = disk->durable_count; kept > 0; kept--)
            if (disk->entries[kept - 1].kind == RECORD_ROOT) break;
    for (size_t i = kept; i < disk->count; i++) free_entry(&disk->entries[i]);
    disk->count = kept;
    disk_settle(sim, node, kept);
    disk->durable_count = disk->syncing_count = node->reported = kept;
    disk->is_syncing = false;
    for (size_t i = 0; i < sim->block_count; i++)
        sim->blocks[i].is_held[node->index] = sim->blocks[i].is_durable[node->index];
}

// Puts what the log has to begin with in the place of what it may drop; all of it durable already.
void disk_compact(struct sim *sim, struct sim_node *node) {
    struct sim_disk *disk = &node->disk;
    struct consensus_root root;
    struct consensus_record record;
    if (disk->count < 64 || disk->durable_count != disk->count) return;
    consensus_root_of(node->core, &root);
    struct sim_disk old = *disk;
    *disk = (struct sim_disk){0};
    disk_append(sim, node, &(struct consensus_record){.kind = RECORD_ROOT, .root = &root});
    for (size_t i = 0; i < old.count; i++) {
        record_of(&old.entries[i], &record);
        if (old.entries[i].kind != RECORD_ROOT && consensus_needs(node->core, &record)) {
            *add_entry(disk, old.entries[i].kind) = old.entries[i];
            continue;
        }
        free_entry(&old.entries[i]);
    }
    free(old.entries);
    disk->durable_count = disk->syncing_count = node->reported = disk->count;
}

void disk_restore(struct sim *sim, struct sim_node *node) {
    struct sim_disk *disk = &node->disk;
    struct consensus_epoch rules;
    struct consensus_record record;
    size_t first = disk->count;
    while (first > 0 && disk->entries[first - 1].kind != RECORD_ROOT) first--;
    ENSURE(first > 0);
    struct consensus_root root = root_of(&disk->entries[first - 1]);
    epoch_rules(epoch_find(sim, root.epoch), node, &rules);
    node->core = consensus_init(node->core, &sim->config, &rules, &root);
    node->epoch = root.epoch;
    // Votes hold the key back however old they are. What lies above the root may stand before it,
    // where that came by a sync.
    for (size_t i = 0; i < disk->count; i++) {
        record_of(&disk->entries[i], &record);
        if (record.kind == RECORD_VOTES || consensus_needs(node->core, &record))
            consensus_restore(node->core, &record);
    }
}

bool disk_has_root(const struct sim_node *node, size_t before, uint64_t epoch) {
    for (size_t i = before; i > 0; i--) {
        const struct disk_entry *entry = &node->disk.entries[i - 1];
        if (entry->kind == RECORD_ROOT) return entry->epoch >= epoch;
    }
    return false;
}

bool disk_has_notarized(const struct sim_node *node, size_t before,
                        const struct signed_votes *votes) {
    for (size_t i = before; i > 0; i--) {
        const struct disk_entry *entry = &node->disk.entries[i - 1];
        if (entry->kind == RECORD_CERTIFICATE && entry->sealed_kind == VOTE_NOTARIZE &&
            entry->epoch == votes->epoch && entry->votes.view == votes->view &&
            hash_equal(&entry->votes.block_id, &votes->block_id))
            return true;
    }
    return false;
}

bool disk_excludes(const struct sim_node *node, const struct sealed *sealed) {
    for (size_t i = node->disk.count; i > 0; i--) {
        const struct disk_entry *entry = &node->disk.entries[i - 1];
        const struct signed_votes *votes = &entry->votes;
        if (entry->kind != RECORD_VOTES || votes->epoch != sealed->epoch ||
            votes->view != sealed->certificate->view)
            continue;
        if (votes->kind == sealed->kind
                ? !hash_equal(&votes->block_id, &sealed->block_id)
                : votes->kind > VOTE_NOTARIZE && sealed->kind > VOTE_NOTARIZE)
            return true;
    }
    return false;
}

// A root stands for all views up to its own.
bool disk_has_ended(const struct sim_node *node, size_t before, struct sign_place place) {
    uint64_t epoch = place.epoch, view = place.view;
    for (size_t i = before; i > 0; i--) {
        const struct disk_entry *entry = &node->disk.entries[i - 1];
        if (entry->kind == RECORD_CERTIFICATE && entry->epoch == epoch && entry->votes.view == view)
            return true;
        if (entry->kind != RECORD_ROOT) continue;
        if (entry->epoch > epoch) return true;
        if (entry->epoch == epoch) {
            uint64_t ended =
                entry->block->header.epoch == epoch ? entry->votes.view : entry->block->header.view;
            if (ended >= view) return true;
        }
    }
    return false;
}
