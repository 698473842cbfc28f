// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node_branch.h"

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/node_chain.h"

static struct executed *find_in(struct executed *list, const struct hash *id) {
    while (list && !hash_equal(&list->id, id)) list = list->next;
    return list;
}

struct executed *branch_of(struct node *node, const struct hash *id) {
    return find_in(node->branches, id);
}

void executed_free(struct executed *block) {
    state_version_unref(block->version);
    work_clear(&block->work);
    buf_clear(&block->encoded);
    mem_free(block);
}

void branch_take(struct node *node, const struct executed *block) {
    struct executed **link = &node->branches;
    while (*link != block) link = &(*link)->next;
    *link = block->next;
    node->branch_count--;
}

void node_branch_forget(struct node *node, const struct hash *id) {
    struct executed *block = branch_of(node, id);
    if (!block) return;
    branch_take(node, block);
    executed_free(block);
}

void branches_clear(struct node *node) {
    while (node->branches) node_branch_forget(node, &node->branches->id);
    while (node->unshown) {
        struct executed *block = node->unshown;
        node->unshown = block->next;
        node->unshown_count--;
        executed_free(block);
    }
}

static struct executed *newest_unshown(const struct node *node) {
    struct executed *block = node->unshown;
    while (block && block->next) block = block->next;
    return block;
}

uint64_t branch_final_height(const struct node *node) {
    return node->head.header.height + node->unshown_count;
}

static void parent_of_executed(struct node *node, struct parent *out,
                               const struct executed *block) {
    *out = (struct parent){.header = &block->work.block.header,
                           .id = &block->id,
                           .version = block->version,
                           .peaks = block->below,
                           .witnesses = seats_of_next(node)->set.count};
    history_peaks_append(&out->peaks, &block->id);
}

void parent_of_head(const struct node *node, struct parent *out) {
    *out = (struct parent){.header = &node->head.header,
                           .id = &node->head.id,
                           .version = node->version,
                           .witnesses = node->head_witnesses};
    history_peaks(node->history, &out->peaks);
}

// Of what is not final yet, the newest final block or one that stands above it.
static bool find_parent(struct node *node, struct parent *out, const struct hash *id) {
    struct executed *newest = newest_unshown(node), *block = branch_of(node, id);
    if (!block && newest && hash_equal(&newest->id, id)) block = newest;
    if (block)
        parent_of_executed(node, out, block);
    else if (!newest && hash_equal(&node->head.id, id))
        parent_of_head(node, out);
    else
        return false;
    return true;
}

// Keeps what a block has become; `work` is used up. What stands here already stays as it is.
static struct executed *keep(struct node *node, struct work *work, struct state_version *version,
                             const struct parent *parent) {
    struct hash id;
    header_id(&id, &work->block.header);
    struct executed *block = branch_of(node, &id);
    if (block) {
        state_version_unref(version);
        work_clear(work);
        return block;
    }
    // A driver holds the body of each until it lets go of both; but for those of the log.
    _Static_assert(LIMIT_EXECUTED_BLOCKS == LIMIT_BRANCH_BLOCKS + 1 + LIMIT_FINAL_UNSHOWN, "all");
    ENSURE(node->branch_count < LIMIT_EXECUTED_BLOCKS);
    block = mem_alloc(sizeof *block);
    *block = (struct executed){
        .next = node->branches, .id = id, .version = version, .below = parent->peaks};
    block_encode(&block->encoded, &work->block);
    arena_clear(&work->arena);
    work->block.txs = work->txs = NULL; // they lay there
    block->work = *work;
    node->branches = block;
    node->branch_count++;
    return block;
}

// Are they what the header says, each of them?
static bool apply_all(struct work *work, const struct body *body, const struct vetted *vetted) {
    for (uint32_t i = 0; i < body->count; i++)
        if (work_try_tx(work, body->txs[i], vetted ? &vetted[i] : NULL) != WORK_APPLIED)
            return false;
    return true;
}

static bool is_same(const struct header *a, const struct header *b) {
    struct hash id_a, id_b;
    header_id(&id_a, a);
    header_id(&id_b, b);
    return hash_equal(&id_a, &id_b);
}

struct executed *branch_run(struct node *node, const struct header *header, const struct body *body,
                            const struct vetted *vetted) {
    struct parent parent;
    struct work work = {.block = {.header = *header}};
    if (!find_parent(node, &parent, &header->parent) || !claims_hold(node, header, &parent))
        return NULL;
    work_begin(node, &work, &parent);
    work_make_room(&work, body->count);
    if (!apply_all(&work, body, vetted)) {
        log_warning("node", "a block holds what cannot be applied",
                    log_number("height", (int64_t)header->height));
        work_drop(&work);
        return NULL;
    }
    struct state_version *version = work_finish(&work, &parent);
    if (is_same(header, &work.block.header)) return keep(node, &work, version, &parent);
    log_warning("node", "a block does not execute to what its header says",
                log_number("height", (int64_t)header->height));
    state_version_unref(version);
    work_clear(&work);
    return NULL;
}

static struct executed *execute(struct node *node, const struct header *header,
                                struct bytes encoded) {
    struct arena arena = {0};
    struct body body;
    struct parent parent;
    struct executed *block = NULL;
    if (!find_parent(node, &parent, &header->parent)) return NULL;
    if (body_decode(&body, &arena, encoded) == STATUS_OK) {
        struct vetted *vetted = arena_alloc_array(&arena, body.count, sizeof *vetted);
        if (body_vet(node, vetted, &body, &parent)) block = branch_run(node, header, &body, vetted);
    }
    arena_clear(&arena);
    return block;
}

bool node_branch_execute(struct node *node, const struct header *header, struct bytes body) {
    struct hash id;
    header_id(&id, header);
    if (header->height <= branch_final_height(node)) return chain_has(node, header->height, &id);
    return branch_of(node, &id) || execute(node, header, body);
}

// --- making one ---

struct pick {
    const struct mempool_entry **entries;
    size_t count;
};

// A copy of the pointers: the entries stay where they are until this thread removes them.
static struct pick pick_transactions(struct node *node, const struct parent *parent) {
    bool is_head = parent->id == &node->head.id; // of which the mempool holds nothing
    pthread_mutex_lock(&node->lock);
    size_t most = mempool_count(node->mempool);
    struct pick pick = {.entries = mem_alloc_array(most + 1, sizeof *pick.entries)};
    pick.count = mempool_select_behind(node->mempool, pick.entries, most, LIMIT_BLOCK_BYTES,
                                       is_head ? NULL : state_version_view(parent->version));
    pthread_mutex_unlock(&node->lock);
    return pick;
}

static bool may_build(struct node *node, const struct driver_build *build) {
    uint64_t height = build->parent->height;
    if (height > 0 && !build->parent_certificate) return false;
    if (height >= branch_final_height(node) + LIMIT_UNFINAL_BLOCKS) return false;
    pthread_mutex_lock(&node->lock);
    bool is_held_up = producer_is_held_up(node);
    pthread_mutex_unlock(&node->lock);
    return !is_held_up;
}

static void fill_header(const struct node *node, struct header *out,
                        const struct driver_build *build, const struct parent *parent) {
    *out = (struct header){.version = HEADER_VERSION,
                           .chain_id = node->chain_id,
                           .height = parent->header->height + 1,
                           .epoch = build->epoch,
                           .view = build->view,
                           .parent = *parent->id,
                           .time_ms = build->time_ms,
                           .leader = build->leader,
                           .set_hash = node->seats.set_hash};
    out->parent_voters_len = (uint8_t)((parent->witnesses + 7) / 8);
    if (parent->header->height > 0)
        memcpy(out->parent_voters, build->parent_certificate->bitmap, out->parent_voters_len);
}

static void apply_what_can_be(struct work *work, const struct pick *pick) {
    work_make_room(work, pick->count);
    work->dropped = arena_alloc_array(&work->kept, pick->count, sizeof *work->dropped);
    for (size_t i = 0; i < pick->count; i++) {
        const struct mempool_entry *entry = pick->entries[i];
        struct vetted vetted = {.id = entry->id, .is_verified = true, .signers = entry->signers};
        if (work_try_tx(work, entry->encoded, &vetted) != WORK_NEVER) continue;
        work->dropped[work->dropped_count++] =
            (struct place){.lane = entry->lane, .seq = entry->seq, .code = work->refusal};
    }
}

bool node_branch_build(struct node *node, const struct driver_build *build, struct header *out,
                       struct buf *body) {
    struct parent parent;
    struct work work = {0};
    if (!find_parent(node, &parent, &build->parent_id) || !may_build(node, build)) return false;
    seats_of_next(node);
    fill_header(node, &work.block.header, build, &parent);
    if (!claims_hold(node, &work.block.header, &parent)) return false;
    struct pick pick = pick_transactions(node, &parent);
    work_begin(node, &work, &parent);
    apply_what_can_be(&work, &pick);
    struct state_version *version = work_finish(&work, &parent);
    *out = work.block.header;
    if (body) body_encode(body, &work.block);
    keep(node, &work, version, &parent);
    mem_free((void *)pick.entries);
    return true;
}

// --- letting them go ---

// Does it stand on the head, or on a block that does?
static bool is_rooted(struct node *node, const struct executed *block) {
    while (block && block->work.block.header.height > node->head.header.height + 1)
        block = branch_of(node, &block->work.block.header.parent);
    return block && hash_equal(&block->work.block.header.parent, &node->head.id);
}

void branches_sweep(struct node *node) {
    struct executed *next;
    for (struct executed *block = node->branches; block; block = next) {
        next = block->next;
        if (is_rooted(node, block)) continue;
        branch_take(node, block);
        executed_free(block);
    }
}
