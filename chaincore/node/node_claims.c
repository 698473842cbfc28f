// SPDX-License-Identifier: Apache-2.0
// What a header says before anything is executed. The rest of it, which follows from its parent's
// state and its transactions, is made again and compared as a whole.
#include "chaincore/base/log.h"
#include "chaincore/node/node_block.h"

static bool has_no_voters(const struct header *header) {
    for (uint8_t i = 0; i < header->parent_voters_len; i++)
        if (header->parent_voters[i] != 0) return false;
    return true;
}

// Whom it names as those who signed the parent's certificate: a quorum, and nobody beyond the set.
// Genesis was signed by nobody.
static bool has_voters(const struct header *header, const struct parent *parent) {
    uint16_t count = 0;
    if (header->parent_voters_len != (parent->witnesses + 7) / 8) return false;
    if (parent->header->height == 0) return has_no_voters(header);
    for (uint16_t i = 0; i < 8 * header->parent_voters_len; i++) {
        if (!(header->parent_voters[i / 8] >> (i % 8) & 1)) continue;
        if (i >= parent->witnesses) return false;
        count++;
    }
    return count >= witness_quorum(parent->witnesses);
}

static bool is_later(const struct header *header, const struct header *parent,
                     uint32_t interval_ms) {
    return header->time_ms >= parent->time_ms && header->time_ms - parent->time_ms >= interval_ms;
}

// The epoch is the one that goes on from the head: a block that begins it stands there, for nobody
// knows its witnesses before the boundary is final.
static const char *find_false_claim(struct node *node, const struct header *header,
                                    const struct parent *parent) {
    const struct node_seats *seats = seats_of_next(node);
    uint64_t height = parent->header->height + 1;
    if (header->version != HEADER_VERSION) return "version";
    if (!hash_equal(&header->chain_id, &node->chain_id)) return "chain_id";
    if (header->shard != 0) return "shard";
    if (!hash_equal(&header->parent, parent->id)) return "parent";
    if (header->height != height) return "height";
    if (header->epoch != seats->epoch || header->epoch != seats_epoch(node, height)) return "epoch";
    if (!seats_know_protocol(node)) return "protocol";
    if (header->view <= parent->header->view || header->view < seats->schedule.first_view)
        return "view";
    if (!is_later(header, parent->header, seats->params.block_interval_ms)) return "time_ms";
    if (header->leader != schedule_leader(&seats->schedule, header->view)) return "leader";
    if (!hash_equal(&header->set_hash, &seats->set_hash)) return "set_hash";
    return has_voters(header, parent) ? NULL : "parent_voters";
}

bool claims_hold(struct node *node, const struct header *header, const struct parent *parent) {
    const char *field = find_false_claim(node, header, parent);
    if (field)
        log_warning("node", "a block is refused", log_number("height", (int64_t)header->height),
                    log_text("field", field));
    return !field;
}
