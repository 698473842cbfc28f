// SPDX-License-Identifier: Apache-2.0
// What must be, once nothing goes wrong any more: progress, an end for all that was sent, and the
// same chain for whoever comes later.
#include <stdio.h>

#include "tests/sim/nodes/nodes.h"

enum {
    RECOVERY_MS = 5 * 60 * 1000,
    RECOVERY_BLOCKS = 12,
    PATIENCE_BLOCKS = 20,
    LOOK_MS = 500,
};

// --- transactions ---

static void judge_pending(struct sim *sim, const struct sim_tx *tx) {
    bool is_old = tx->at_ms + (uint64_t)PATIENCE_BLOCKS * sim->block_interval_ms < sim->now_ms;
    sim->figures.txs_pending++;
    if (is_old || sim_is_many(sim))
        judge_fail(sim, "a transaction waits for ever at node %u", tx->node);
}

// It is in a block, or the node says why it never will be.
static void judge_tx(struct sim *sim, const struct sim_tx *tx) {
    struct sim_node *node = &sim->nodes[tx->node];
    struct node_tx found;
    if (!node->is_up || tx->life != node->life) {
        sim->figures.txs_lost++;
        return;
    }
    if (node_find_tx(node->node, &tx->id, &found) != STATUS_OK) {
        judge_fail(sim, "node %u cannot find a transaction", node->index);
        return;
    }
    switch (found.state) {
    case NODE_TX_FINAL:
        sim->figures.txs_final++;
        return;
    case NODE_TX_DROPPED:
        sim->figures.txs_dropped++;
        return;
    case NODE_TX_PENDING:
        judge_pending(sim, tx);
        return;
    case NODE_TX_UNKNOWN:
        if (!node->must_prune) judge_fail(sim, "node %u forgets a transaction", node->index);
        return;
    case NODE_TX_INCLUDED:
        judge_fail(sim, "node %u has a transaction in a block that is not final", node->index);
    }
}

static bool waits(struct sim *sim, const struct sim_tx *tx) {
    struct sim_node *node = &sim->nodes[tx->node];
    struct node_tx found;
    if (!node->is_up || tx->life != node->life || node->is_hostile) return false;
    return node_find_tx(node->node, &tx->id, &found) == STATUS_OK && found.state == NODE_TX_PENDING;
}

static bool any_waits(struct sim *sim) {
    if (sim->now_ms < sim->look_ms) return true;
    sim->look_ms = sim->now_ms + LOOK_MS;
    for (size_t i = 0; i < sim->tx_count; i++)
        if (waits(sim, &sim->txs[i])) return true;
    return false;
}

// --- progress ---

// Of those that have no excuse; none while one of them is down.
static uint64_t lowest_shown(const struct sim *sim) {
    uint64_t lowest = UINT64_MAX;
    for (uint16_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *node = &sim->nodes[i];
        if (node->is_hostile || node->is_newcomer) continue;
        if (!node->is_up) return 0;
        if (node->judged_height < lowest) lowest = node->judged_height;
    }
    return lowest;
}

static void note_longest(uint64_t *longest, uint64_t took) {
    if (took > *longest) *longest = took;
}

static bool settle(struct sim *sim) {
    uint64_t took = sim->now_ms - sim->heal_ms, lowest = lowest_shown(sim);
    sim->is_quiet = sim->is_quiet || lowest > sim->heal_height + RECOVERY_BLOCKS;
    if (sim->is_quiet && lowest + 1 >= sim->final_count && !any_waits(sim) &&
        !judge_has_charges(sim)) {
        note_longest(&sim->figures.longest_recovery_ms, took);
        return true;
    }
    if (took > RECOVERY_MS)
        judge_fail(sim, "%s, %u ms after healing, at height %u of %u",
                   sim->is_quiet ? "a transaction or evidence waits" : "no progress",
                   (unsigned)took, (unsigned)lowest,
                   (unsigned)(sim->heal_height + RECOVERY_BLOCKS));
    return false;
}

// Who has nothing comes to what all others have: each block and each state is compared on the way.
static bool join(struct sim *sim) {
    const struct sim_node *newcomer = &sim->nodes[sim->node_count - 1];
    uint64_t took = sim->now_ms - sim->join_ms;
    if (newcomer->judged_height >= sim->join_height) {
        note_longest(&sim->figures.longest_join_ms, took);
        sim->figures.joined++;
        return true;
    }
    if (took > RECOVERY_MS)
        judge_fail(sim, "who joins is at height %u of %u after %u ms",
                   (unsigned)newcomer->judged_height, (unsigned)sim->join_height, (unsigned)took);
    return false;
}

bool judge_is_done(struct sim *sim) {
    if (!sim->is_healed) return false;
    if (!sim_is_many(sim)) return sim->final_count > sim->heal_height + RECOVERY_BLOCKS;
    if (sim->is_settled) return join(sim);
    sim->is_settled = settle(sim);
    if (!sim->is_settled) return false;
    struct sim_node *newcomer = &sim->nodes[sim->node_count - 1];
    sim->join_ms = sim->now_ms;
    sim->join_height = sim->final_count - 1;
    newcomer->cuts = (unsigned)draws_below(&sim->draws, 4);
    life_start(newcomer);
    return false;
}

// --- replay ---

// Those that lead over the changes of witnesses stay for good.
static void judge_kept(struct sim_node *node) {
    struct buf encoded = {0};
    for (uint64_t height = node->sim->epoch_blocks - 1; height <= node->shown_height;
         height += node->sim->epoch_blocks)
        if (node_read_certificate(node->node, height, &encoded) != STATUS_OK)
            judge_fail(node->sim, "node %u has no certificate of block %u", node->index,
                       (unsigned)height);
    buf_clear(&encoded);
}

// The blocks alone lead to the same state, and the same history.
static void judge_replay(struct sim_node *node) {
    static const char *const lost[] = {"state.sqlite", "state.sqlite-wal", "state.sqlite-shm",
                                       "history"};
    struct node_head before, after;
    char path[128];
    judge_kept(node);
    node_head(node->node, &before);
    life_close(node);
    for (size_t i = 0; i < sizeof lost / sizeof *lost && !node->must_prune; i++) {
        snprintf(path, sizeof path, "%s/%s", node->folder, lost[i]);
        remove(path);
    }
    life_start(node);
    if (!node->is_up) return;
    node_head(node->node, &after);
    node->sim->figures.replays++;
    if (!hash_equal(&before.id, &after.id))
        judge_fail(node->sim, "node %u comes to another head by its log", node->index);
}

void judge_end(struct sim *sim) {
    if (!sim_is_many(sim)) {
        uint64_t took = sim->now_ms - sim->heal_ms;
        note_longest(&sim->figures.longest_recovery_ms, took);
        if (took > RECOVERY_MS) judge_fail(sim, "no progress after healing");
    }
    for (size_t i = 0; i < sim->tx_count && !sim->violation; i++) judge_tx(sim, &sim->txs[i]);
    if (sim->violation) return;
    struct sim_node *node = &sim->nodes[draws_below(&sim->draws, sim->node_count)];
    if (node->is_up && !node->is_hostile) judge_replay(node);
}
