// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/proof_path.h"

#include "chaincore/base/memory.h"

// Where the walk stands: the set that is believed, and its epoch.
struct walk {
    const struct proof_source *source;
    uint64_t epoch;
    struct witness_set believed;
    struct witness_set own; // of the header that is looked at
};

static bool is_same(const struct witness_set *a, const struct witness_set *b) {
    return bytes_equal(witness_set_keys(a), witness_set_keys(b));
}

// Does whoever believes the walk's set believe a header of `epoch` under this certificate?
static enum status try_header(bool *is_believed, struct walk *walk, uint64_t epoch,
                              struct bytes encoded) {
    struct certificate certificate;
    struct decoder decoder = decoder_of(encoded);
    enum status status = walk->source->read_set(walk->source->context, epoch, &walk->own);
    if (status != STATUS_OK) return status;
    certificate_decode_from(&decoder, &certificate, walk->own.count);
    status = decoder_finish(&decoder);
    if (status != STATUS_OK) return STATUS_CORRUPT;
    *is_believed = is_same(&walk->own, &walk->believed) ||
                   certificate_known(&certificate, &walk->own, &walk->believed) >
                       witness_faults(walk->believed.count);
    return STATUS_OK;
}

// By the boundary of `epoch`, if it is believed.
static enum status try_boundary(bool *is_believed, struct proof_path *out, struct walk *walk,
                                uint64_t epoch) {
    struct proof_hand_over hand_over = {.set = bytes_of("", 0), .next = bytes_of("", 0)};
    struct witness_set next;
    struct buf certificate = {0};
    const struct proof_source *source = walk->source;
    enum status status =
        source->read_boundary(source->context, epoch, &hand_over.header, &certificate);
    if (status == STATUS_OK) status = try_header(is_believed, walk, epoch, buf_bytes(&certificate));
    if (status == STATUS_OK && *is_believed)
        status = source->read_set(source->context, epoch + 1, &next);
    if (status == STATUS_OK && *is_believed) {
        hand_over.certificate = buf_bytes(&certificate);
        if (!is_same(&walk->own, &walk->believed)) hand_over.set = witness_set_keys(&walk->own);
        if (!is_same(&next, &walk->own)) hand_over.next = witness_set_keys(&next);
        // One that leads nowhere is left out.
        if (hand_over.set.len > 0 || hand_over.next.len > 0) {
            proof_hand_over_encode(&out->hand_overs, &hand_over);
            out->count++;
        }
        walk->believed = next;
        walk->epoch = epoch + 1;
    }
    buf_clear(&certificate);
    return status;
}

// As far towards `epoch` as one hand-over leads: half the way, half of that, … The boundary of the
// believed set's own epoch always leads on.
static enum status go_on(struct proof_path *out, struct walk *walk, uint64_t epoch) {
    bool is_believed = false;
    uint64_t ahead = epoch - walk->epoch; // epochs
    while (!is_believed) {
        ahead = ahead > 1 ? ahead / 2 : 0;
        uint64_t from = walk->epoch;
        enum status status = try_boundary(&is_believed, out, walk, from + ahead);
        if (status != STATUS_OK) return status;
        if (ahead == 0 && !is_believed) return STATUS_CORRUPT;
    }
    return STATUS_OK;
}

static enum status walk_to(struct proof_path *out, struct walk *walk, const struct header *anchor,
                           struct bytes certificate) {
    enum status status = walk->source->read_set(walk->source->context, 0, &walk->believed);
    while (status == STATUS_OK) {
        bool is_believed = false;
        status = try_header(&is_believed, walk, anchor->epoch, certificate);
        if (status != STATUS_OK) return status;
        if (is_believed) {
            if (!is_same(&walk->own, &walk->believed))
                buf_append(&out->set, witness_set_keys(&walk->own));
            return STATUS_OK;
        }
        if (anchor->epoch <= walk->epoch) return STATUS_CORRUPT;
        status = go_on(out, walk, anchor->epoch);
        if (status == STATUS_OK && out->count > PROOF_MAX_HAND_OVERS) return STATUS_TOO_LARGE;
    }
    return status;
}

enum status proof_path_make(struct proof_path *out, const struct proof_source *source,
                            const struct header *anchor, struct bytes certificate) {
    struct walk *walk = mem_alloc(sizeof *walk);
    *out = (struct proof_path){0};
    walk->source = source;
    enum status status = walk_to(out, walk, anchor, certificate);
    mem_free(walk);
    return status;
}

void proof_path_clear(struct proof_path *path) {
    buf_clear(&path->hand_overs);
    buf_clear(&path->set);
}
