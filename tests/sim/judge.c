// SPDX-License-Identifier: Apache-2.0
// What must hold at every step, whatever happens:
//   agreement    one final block at a height, each the child of the one below
//   the rules    height, epoch, leader, set, interval, execution of each final block
//   signatures   no honest key signs backwards, twice, or NULLIFY with FINALIZE, restarts included
//   groups       the keys of an honest node sign alike, and only the leader's a proposal
//   durability   body before NOTARIZE, notarization before FINALIZE, the end of a view before what
//                is signed in the next, each vote before it is sent
//   descent      NOTARIZE only for what stands on a notarized block, all views between being null
//   the cap      no honest block on more than so many that are not final
//   time         no block becomes final before its time by the worst clock
//   blame        evidence names hostile keys only, and nobody's own
//   silence      of two nodes with the same keys, who takes in what contradicts its own signs no
//   more room         views never outgrow what is kept of them
// and, once the network has healed, that blocks become final within a bound.
#include "tests/sim/sim.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { VIEWS_REMEMBERED = 512, VIEWS_CERTIFIED = 8192, VIEWS_OF_TWIN = LIMIT_VIEWS_COUNTED };

// What an honest key has signed in a view.
struct signatures {
    uint64_t epoch, view;
    bool has[4];
    struct hash ids[4];
};

// The certificates that anybody has had of a view.
struct certified {
    uint64_t epoch, view;
    bool has[4];
    struct hash ids[4];
};

// Of a node whose keys are at another, too.
struct twin {
    bool has_met;                           // in this life, or
    bool is_silenced;                       // on its disk
    struct signatures views[VIEWS_OF_TWIN]; // of this life
};

struct judge {
    struct twin twins[SIM_NODES];
    struct certified certified[VIEWS_CERTIFIED];
    struct signatures views[SIM_NODES][VIEWS_REMEMBERED];
    struct sign_place newest[SIM_NODES];
};

void judge_open(struct sim *sim) {
    sim->judge = calloc(1, sizeof *sim->judge);
    ENSURE(sim->judge);
}

void judge_close(struct sim *sim) { free(sim->judge); }

void judge_begin(struct sim *sim) {
    memset(sim->judge->certified, 0, sizeof sim->judge->certified);
    for (size_t i = 0; i < SIM_NODES; i++) {
        sim->judge->newest[i] = (struct sign_place){0};
        if (i < sim->node_count) sim->judge->twins[i] = (struct twin){0};
        if (i < sim->keys) memset(sim->judge->views[i], 0, sizeof sim->judge->views[i]);
    }
}

void judge_fail(struct sim *sim, const char *format, ...) {
    if (sim->violation) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sim->violation_text, sizeof sim->violation_text, format, arguments);
    va_end(arguments);
    sim->violation = sim->violation_text;
    trace(sim, NULL, "VIOLATION: %s", sim->violation);
}

static uint16_t voters(const struct header *header) {
    uint16_t count = 0;
    for (size_t i = 0; i < 8u * header->parent_voters_len; i++)
        if (header->parent_voters[i / 8] >> (i % 8) & 1) count++;
    return count;
}

static void judge_rules(struct sim *sim, const struct sim_block *block) {
    const struct header *header = &block->header;
    const struct sim_block *parent = block_find(sim, &header->parent);
    const struct sim_epoch *epoch = epoch_find(sim, header->epoch);
    const struct consensus_epoch *rules = &sim->epochs[0].rules;
    if (!parent || !epoch) {
        judge_fail(sim, "a final block without a parent or an epoch");
        return;
    }
    if (header->epoch != header->height / rules->epoch_blocks)
        judge_fail(sim, "height %u is final in epoch %u", (unsigned)header->height,
                   (unsigned)header->epoch);
    else if (header->leader != schedule_leader(&epoch->schedule, header->view) ||
             !hash_equal(&header->set_hash, &epoch->rules.set_hash))
        judge_fail(sim, "a final block of the wrong leader or set");
    else if (header->time_ms < parent->header.time_ms + rules->block_interval_ms)
        judge_fail(sim, "a final block is too close behind its parent");
    else if (header->time_ms > sim->now_ms + LIMIT_CLOCK_AHEAD_MS + sim->skew_ms)
        judge_fail(sim, "a block is final %u ms before its time",
                   (unsigned)(header->time_ms - sim->now_ms));
    else if (!block_is_valid(sim, header))
        judge_fail(sim, "a final block does not execute");
    else if (parent->header.height > 0 && parent->header.epoch == header->epoch &&
             voters(header) < witness_quorum(epoch->rules.witness_count))
        judge_fail(sim, "a final block names %u voters of its parent", voters(header));
}

// Where hostile ones are a quorum by themselves, they make anything final.
static bool keeps_rules(const struct sim *sim, const struct sim_block *block) {
    const struct sim_epoch *epoch = &sim->epochs[block->header.epoch];
    return block->header.epoch < sim->epoch_count &&
           sim->hostile_keys < witness_quorum(epoch->rules.witness_count);
}

static void note_overrun(struct sim *sim, const struct sim_block *block) {
    uint64_t height = block->header.height;
    if (height < sim->final_count) {
        sim->figures.forks += !hash_equal(&sim->final_ids[height], &block->id);
        return;
    }
    if (height + 1 >= SIM_BLOCKS) judge_fail(sim, "too many blocks");
    if (sim->violation || height > sim->final_count) return;
    sim->final_ids[sim->final_count++] = block->id;
    sim->figures.blocks++;
    if (keeps_rules(sim, block)) judge_rules(sim, block);
}

static void note_final(struct sim *sim, const struct sim_block *block) {
    uint64_t height = block->header.height;
    if (sim->is_overrun) {
        note_overrun(sim, block);
        return;
    }
    if (height < sim->final_count) {
        if (!hash_equal(&sim->final_ids[height], &block->id))
            judge_fail(sim, "two final blocks at height %u", (unsigned)height);
        return;
    }
    if (height != sim->final_count)
        judge_fail(sim, "height %u is final before the one below", (unsigned)height);
    else if (!hash_equal(&block->header.parent, &sim->final_ids[height - 1]))
        judge_fail(sim, "the final block at height %u has another parent", (unsigned)height);
    else if (height + 1 >= SIM_BLOCKS)
        judge_fail(sim, "too many blocks");
    if (sim->violation) return;
    sim->final_ids[sim->final_count++] = block->id;
    sim->figures.blocks++;
    judge_rules(sim, block);
}

static void note_latency(struct sim *sim, const struct sim_block *block) {
    if (!sim->options.is_calm || sim->latency_count >= 10000000) return;
    if ((sim->latency_count & (sim->latency_count + 1)) == 0) {
        size_t capacity = 2 * (sim->latency_count + 1);
        sim->latencies = realloc(sim->latencies, capacity * sizeof *sim->latencies);
        ENSURE(sim->latencies);
    }
    sim->latencies[sim->latency_count++] = (uint32_t)(sim->now_ms - block->proposed_ms);
}

void judge_final(struct sim *sim, struct sim_node *node, const struct consensus_action *action) {
    struct sim_block *block = block_find(sim, &action->final.id);
    if (!block) {
        judge_fail(sim, "an unknown block is final");
        return;
    }
    if (node->hostile) {
        node->final_height = block->header.height;
        node->final_id = block->id;
        return;
    }
    if (block->header.height != node->final_height + 1 ||
        !hash_equal(&block->header.parent, &node->final_id))
        judge_fail(sim, "node %u: final blocks out of order", node->index);
    struct sealed sealed = {.epoch = node->epoch,
                            .kind = VOTE_FINALIZE,
                            .block_id = block->id,
                            .certificate = action->final.certificate};
    if (sealed.certificate && !tag_verify_sealed(sim, &sealed))
        judge_fail(sim, "node %u: a final block without a quorum", node->index);
    if (!block->is_held[node->index])
        judge_fail(sim, "node %u: a final block whose body is not there", node->index);
    sim->figures.null_views += action->final.missed_views;
    node->final_height = block->header.height;
    node->final_id = block->id;
    if (!sim->violation) note_final(sim, block);
    if (!sim->violation) note_latency(sim, block);
}

// The blocks between come with it: they are on this node's disk from now on.
void judge_synced(struct sim *sim, struct sim_node *node, const struct sim_block *block) {
    struct sim_block *chain[SIM_BLOCKS];
    size_t count = 0;
    struct hash id = block->id;
    for (struct sim_block *next; (next = block_find(sim, &id)) != NULL; id = next->header.parent) {
        if (next->header.height <= node->final_height) break;
        ENSURE(count < SIM_BLOCKS);
        chain[count++] = next;
    }
    if (!hash_equal(&id, &node->final_id) && !node->hostile)
        judge_fail(sim, "node %u syncs to another branch", node->index);
    for (; count > 0 && !sim->violation; count--) {
        chain[count - 1]->is_held[node->index] = chain[count - 1]->is_durable[node->index] = true;
        if (!node->hostile) note_final(sim, chain[count - 1]);
    }
    node->final_height = block->header.height;
    node->final_id = block->id;
}

static bool is_before(struct sign_place a, struct sign_place b) {
    return a.epoch != b.epoch ? a.epoch < b.epoch : a.view < b.view;
}

// Of what lies in the log before the vote.
static void judge_durability(struct sim *sim, struct sim_node *node,
                             const struct signed_votes *vote) {
    const struct sim_epoch *epoch = epoch_find(sim, vote->epoch);
    const struct sim_block *block = block_find(sim, &vote->block_id);
    size_t before = node->disk.durable_count;
    struct sign_place own = {.epoch = vote->epoch, .view = vote->view}, last = own;
    last.view--;
    if (!disk_has_root(node, before, vote->epoch))
        judge_fail(sim, "node %u signs in epoch %u before its beginning is durable", node->index,
                   (unsigned)vote->epoch);
    else if (vote->kind != VOTE_NULLIFY && (!block || !block->is_durable[node->index]))
        judge_fail(sim, "node %u votes for a body that is not durable", node->index);
    else if (vote->kind == VOTE_FINALIZE && !disk_has_notarized(node, before, vote) &&
             !disk_has_ended(node, before, own))
        judge_fail(sim, "node %u: FINALIZE before its notarization is durable", node->index);
    else if (vote->view > epoch->rules.first_view && vote->kind != VOTE_FINALIZE &&
             !disk_has_ended(node, before, last))
        judge_fail(sim, "node %u signs in view %u before the end of the last is durable",
                   node->index, (unsigned)vote->view);
    else if (vote->kind != VOTE_NULLIFY && !block_is_valid(sim, &block->header))
        judge_fail(sim, "node %u votes for a block that does not execute", node->index);
}

static struct certified *certified_of(struct sim *sim, uint64_t epoch, uint64_t view) {
    return &sim->judge->certified[(8 * view + epoch % 8) % VIEWS_CERTIFIED];
}

void judge_certificate(struct sim *sim, struct sim_node *node, const struct sealed *sealed) {
    uint64_t view = sealed->certificate->view;
    if (sim->is_overrun) {
        overrun_certified(sim, sealed);
        overrun_logged(sim, node, sealed);
        return;
    }
    struct certified *certified = certified_of(sim, sealed->epoch, view);
    if (certified->epoch != sealed->epoch || certified->view != view)
        *certified = (struct certified){.epoch = sealed->epoch, .view = view};
    if (!tag_verify_sealed(sim, sealed)) judge_fail(sim, "a certificate that proves nothing");
    if (certified->has[sealed->kind] &&
        !hash_equal(&certified->ids[sealed->kind], &sealed->block_id))
        judge_fail(sim, "two certificates of kind %d in view %u", (int)sealed->kind,
                   (unsigned)view);
    certified->has[sealed->kind] = true;
    certified->ids[sealed->kind] = sealed->block_id;
    if (certified->has[VOTE_NULLIFY] && certified->has[VOTE_FINALIZE])
        judge_fail(sim, "view %u is both null and final", (unsigned)view);
}

static bool is_certified(struct sim *sim, const struct signed_votes *what) {
    const struct certified *certified = certified_of(sim, what->epoch, what->view);
    if (sim->is_overrun) return overrun_is_certified(sim, what);
    return certified->epoch == what->epoch && certified->view == what->view &&
           certified->has[what->kind] && hash_equal(&certified->ids[what->kind], &what->block_id);
}

static void judge_descent(struct sim *sim, struct sim_node *node, const struct signed_votes *vote) {
    const struct sim_epoch *epoch = epoch_find(sim, vote->epoch);
    const struct sim_block *block = block_find(sim, &vote->block_id);
    const struct hash *base = block->header.view == vote->view ? &block->header.parent : &block->id;
    struct signed_votes null = {.epoch = vote->epoch, .kind = VOTE_NULLIFY}, of_base = null;
    of_base.block_id = *base;
    for (uint64_t view = vote->view - 1; view >= epoch->rules.first_view; view--) {
        null.view = of_base.view = view;
        for (int kind = VOTE_NOTARIZE; kind <= VOTE_FINALIZE; kind++) {
            of_base.kind = (enum vote_kind)kind;
            if (kind != VOTE_NULLIFY && is_certified(sim, &of_base)) return;
        }
        if (is_certified(sim, &null)) continue;
        judge_fail(sim, "node %u votes in view %u over view %u, which is not null", node->index,
                   (unsigned)vote->view, (unsigned)view);
        return;
    }
    if (!hash_equal(base, &epoch->boundary_id))
        judge_fail(sim, "node %u votes for what the epoch does not begin with", node->index);
}

// Those of one key.
static struct signatures *signatures_of(struct sim *sim, uint16_t key, uint64_t view) {
    return &sim->judge->views[key][view % VIEWS_REMEMBERED];
}

static void judge_key(struct sim *sim, struct sim_node *node, uint16_t key,
                      const struct signed_votes *vote) {
    struct signatures *of_view = signatures_of(sim, key, vote->view);
    struct sign_place *newest = &sim->judge->newest[key];
    struct sign_place place = {.epoch = vote->epoch, .view = vote->view};
    if (is_before(place, *newest))
        judge_fail(sim, "node %u signs backwards: view %u after %u", node->index,
                   (unsigned)place.view, (unsigned)newest->view);
    *newest = place;
    if (of_view->epoch != place.epoch || of_view->view != place.view)
        *of_view = (struct signatures){.epoch = place.epoch, .view = place.view};
    if (of_view->has[vote->kind])
        judge_fail(sim, "node %u signs kind %d twice in view %u", node->index, (int)vote->kind,
                   (unsigned)vote->view);
    of_view->has[vote->kind] = true;
    of_view->ids[vote->kind] = vote->block_id;
    if (of_view->has[VOTE_NULLIFY] && of_view->has[VOTE_FINALIZE])
        judge_fail(sim, "node %u signs NULLIFY and FINALIZE in view %u", node->index,
                   (unsigned)vote->view);
}

// All of its keys that are in the set, of a proposal the leader's.
static void judge_group(struct sim *sim, const struct sim_node *node,
                        const struct signed_votes *votes) {
    const struct sim_epoch *epoch = epoch_find(sim, votes->epoch);
    struct witness_group expected = group_of(epoch, node), signers = {0};
    if (votes->kind == VOTE_PROPOSE) {
        expected = (struct witness_group){0};
        group_add(&expected, schedule_leader(&epoch->schedule, votes->view));
    }
    for (uint16_t i = 0; i < votes->count; i++) group_add(&signers, votes->signers[i].witness);
    if (memcmp(&expected, &signers, sizeof signers) != 0)
        judge_fail(sim, "node %u: its keys do not sign alike in view %u", node->index,
                   (unsigned)votes->view);
}

// What was signed and lost in a crash, not being synced, was never signed.
void judge_signed(struct sim *sim, struct sim_node *node) {
    const struct signed_votes *votes = &node->disk.entries[node->disk.durable_count].votes;
    const struct sim_epoch *epoch = epoch_find(sim, votes->epoch);
    judge_group(sim, node, votes);
    for (uint16_t i = 0; i < votes->count; i++)
        judge_key(sim, node, epoch->members[votes->signers[i].witness], votes);
    judge_durability(sim, node, votes);
    if (votes->kind == VOTE_NOTARIZE && !sim->violation) judge_descent(sim, node, votes);
}

void judge_votes(struct sim *sim, struct sim_node *node, const struct signed_votes *votes) {
    const struct sim_epoch *epoch = epoch_find(sim, votes->epoch);
    for (uint16_t i = 0; i < votes->count; i++) {
        uint16_t key = epoch->members[votes->signers[i].witness];
        const struct signatures *of_view = signatures_of(sim, key, votes->view);
        if (!node_holds(node, key) || of_view->epoch != votes->epoch ||
            of_view->view != votes->view || !of_view->has[votes->kind] ||
            !hash_equal(&of_view->ids[votes->kind], &votes->block_id))
            judge_fail(sim, "node %u sends a vote that is not durable", node->index);
    }
}

void judge_built(struct sim *sim, struct sim_node *node, const struct sim_block *block) {
    if (node->hostile) return;
    if (block->header.height > node->final_height + LIMIT_UNFINAL_BLOCKS)
        judge_fail(sim, "node %u builds on %u blocks that are not final", node->index,
                   (unsigned)(block->header.height - node->final_height - 1));
    if ((block->header.height % sim->epochs[0].rules.epoch_blocks) == 0 &&
        block->header.epoch * sim->epochs[0].rules.epoch_blocks != block->header.height)
        judge_fail(sim, "node %u builds on a boundary in its own epoch", node->index);
}

void judge_evidence(struct sim *sim, struct sim_node *node, const struct consensus_action *action) {
    const struct signed_vote *first = &action->evidence.first, *second = &action->evidence.second;
    const struct sim_epoch *epoch = epoch_find(sim, first->epoch);
    sim->figures.evidence++;
    if (node_holds(node, epoch->members[first->witness]))
        judge_fail(sim, "node %u brings evidence against itself", node->index);
    if (node->hostile) return;
    bool is_contradiction =
        first->witness == second->witness && first->view == second->view &&
        (first->kind != second->kind || !hash_equal(&first->block_id, &second->block_id));
    if (!is_contradiction || !tag_verify(sim, first) || !tag_verify(sim, second))
        judge_fail(sim, "node %u brings evidence that proves nothing", node->index);
    uint16_t key = epoch->members[first->witness];
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (node_holds(&sim->nodes[i], key) && !sim->nodes[i].hostile)
            judge_fail(sim, "node %u blames honest node %u", node->index, i);
}

// --- two nodes with the same keys ---

static struct twin *twin_of(struct sim *sim, const struct sim_node *node) {
    return node->hostile & HOSTILE_TWIN ? &sim->judge->twins[node->index] : NULL;
}

static struct signatures *twin_signatures(struct twin *twin, uint64_t view) {
    return &twin->views[view % VIEWS_OF_TWIN];
}

// They sign alike, so it is enough to know of one.
void judge_reported(struct sim *sim, struct sim_node *node, const struct signed_votes *votes) {
    struct twin *twin = twin_of(sim, node);
    if (!twin || votes->epoch != node->epoch) return;
    struct signatures *of_view = twin_signatures(twin, votes->view);
    if (of_view->epoch != votes->epoch || of_view->view != votes->view)
        *of_view = (struct signatures){.epoch = votes->epoch, .view = votes->view};
    of_view->has[votes->kind] = true;
    of_view->ids[votes->kind] = votes->block_id;
}

static bool excludes(const struct signatures *of_view, const struct signed_votes *votes) {
    enum vote_kind kind = votes->kind, other = kind == VOTE_NULLIFY ? VOTE_FINALIZE : VOTE_NULLIFY;
    if (of_view->epoch != votes->epoch || of_view->view != votes->view) return false;
    if (of_view->has[kind] && !hash_equal(&of_view->ids[kind], &votes->block_id)) return true;
    return (kind == VOTE_NULLIFY || kind == VOTE_FINALIZE) && of_view->has[other];
}

void judge_twin(struct sim *sim, struct sim_node *node) {
    struct twin *twin = twin_of(sim, node);
    if (!node->hostile) judge_fail(sim, "node %u meets its own key elsewhere", node->index);
    if (!twin) return;
    sim->figures.twins_met += !twin->has_met;
    twin->has_met = true;
}

void judge_heard(struct sim *sim, struct sim_node *node, const struct signed_votes *votes) {
    struct twin *twin = twin_of(sim, node);
    if (!twin || twin->has_met || votes->epoch != node->epoch) return;
    struct witness_group own = group_of(epoch_find(sim, votes->epoch), node);
    bool is_own = false;
    for (uint16_t i = 0; i < votes->count; i++)
        is_own = is_own || group_has(&own, votes->signers[i].witness);
    if (is_own && excludes(twin_signatures(twin, votes->view), votes)) judge_twin(sim, node);
}

void judge_silenced(struct sim *sim, const struct sim_node *node) {
    struct twin *twin = twin_of(sim, node);
    if (twin) twin->is_silenced = true;
}

void judge_speaks(struct sim *sim, const struct sim_node *node) {
    const struct twin *twin = twin_of(sim, node);
    if (twin && twin->has_met)
        judge_fail(sim, "node %u signs on, though its key is elsewhere, too", node->index);
}

// Whoever forgets what it has signed forgets that as well.
void judge_restarted(struct sim *sim, const struct sim_node *node) {
    struct twin *twin = twin_of(sim, node);
    if (!twin) return;
    bool is_silenced = twin->is_silenced && !(node->hostile & HOSTILE_AMNESIA);
    *twin = (struct twin){.has_met = is_silenced, .is_silenced = is_silenced};
}

// Views that an honest node is away from its newest final one.
static uint64_t farthest_views(struct sim *sim) {
    uint64_t farthest = 0;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct consensus_state state;
        struct consensus_root root;
        if (sim->nodes[i].hostile) continue;
        consensus_look(sim->nodes[i].core, &state);
        consensus_root_of(sim->nodes[i].core, &root);
        bool is_same = root.header.epoch == state.epoch && root.certificate;
        uint64_t last = is_same ? root.view : root.header.view;
        if (state.view > last + farthest) farthest = state.view - last;
    }
    return farthest;
}

// Timeouts have grown while nothing was final: each of the leaders in a row may cost one of the
// longest, and hostile ones as many as they are. Far from the final block they go on to grow with
// each view, until there is one.
void judge_healed(struct sim *sim) {
    uint64_t turns = 3 * (uint64_t)sim->hostile_keys + 6, farthest = farthest_views(sim);
    uint64_t doublings = LIMIT_TIMEOUT_DOUBLINGS, slow = LIMIT_VIEWS_KEPT / 2;
    if (farthest + turns > slow) doublings += (farthest + turns - slow) / 4;
    uint64_t longest = (uint64_t)sim->config.timeout_ms << doublings;
    uint64_t pace = sim->epochs[0].rules.block_interval_ms + LIMIT_CLOCK_AHEAD_MS + sim->skew_ms;
    sim->recovery_bound_ms = turns * (longest + pace);
    if (farthest > sim->figures.farthest_views) sim->figures.farthest_views = farthest;
    if (farthest > LIMIT_VIEWS_KEPT)
        judge_fail(sim, "there is room for no other view, %u from the final block",
                   (unsigned)farthest);
    trace(sim, NULL, "seed %u: one is %u views from its final block", (unsigned)sim->seed,
          (unsigned)farthest);
}

enum { RECOVERED_BLOCKS = 3 };

static uint64_t lowest_final(const struct sim *sim) {
    uint64_t lowest = UINT64_MAX;
    for (uint16_t i = 0; i < sim->node_count; i++)
        if (!sim->nodes[i].hostile && sim->nodes[i].final_height < lowest)
            lowest = sim->nodes[i].final_height;
    return lowest;
}

bool judge_is_done(const struct sim *sim) {
    if (sim->is_overrun) return overrun_is_done(sim);
    if (sim->options.is_calm) return sim->final_count > 50;
    return sim->is_healed && lowest_final(sim) >= sim->heal_height + RECOVERED_BLOCKS;
}

void judge_progress(struct sim *sim) {
    if (sim->options.is_calm || !sim->is_healed || sim->is_overrun) return;
    if (sim->now_ms - sim->heal_ms > sim->recovery_bound_ms)
        judge_fail(sim, "no progress: %u ms after the network healed final heights are %u to %u",
                   (unsigned)(sim->now_ms - sim->heal_ms), (unsigned)lowest_final(sim),
                   (unsigned)(sim->final_count - 1));
}
