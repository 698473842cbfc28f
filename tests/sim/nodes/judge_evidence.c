// SPDX-License-Identifier: Apache-2.0
// Evidence: honest witnesses bring what they have met to the chain, which punishes nobody who keeps
// to the rules.
#include <string.h>

#include "chaincore/chain/block.h"
#include "chaincore/contract/stake.h"
#include "chaincore/node/replica_inside.h"
#include "tests/sim/nodes/nodes.h"

// Whose key it is; of a hostile node and its twin the first.
static const struct sim_node *holder_of(const struct sim *sim, const struct public_key *key) {
    for (uint16_t i = 0; i < sim->node_count; i++)
        for (uint16_t k = 0; k < sim->nodes[i].key_count; k++)
            if (memcmp(&sim->publics[sim->nodes[i].keys[k]], key, sizeof *key) == 0)
                return &sim->nodes[i];
    return NULL;
}

// NULL: an account of the workload.
static const struct sim_node *sender_of(const struct sim *sim, const struct tx *tx) {
    for (int key = 0; key < SIM_KEYS; key++) {
        struct account_id id;
        account_id_of_key(&id, &sim->publics[key]);
        if (memcmp(&id, &tx->sender, sizeof id) == 0) return holder_of(sim, &sim->publics[key]);
    }
    return NULL;
}

static void judge_punished(struct sim_node *node, const struct evidence *evidence) {
    struct sim *sim = node->sim;
    struct witnesses witnesses;
    if (!node_witnesses(node->node, evidence->epoch, &witnesses) ||
        evidence->witness >= witnesses.count) {
        judge_fail(sim, "node %u punishes a witness that there is none of", node->index);
        return;
    }
    const struct sim_node *holder = holder_of(sim, &witnesses.list[evidence->witness].key);
    sim->figures.punished++;
    if (holder && !holder->is_hostile)
        judge_fail(sim, "node %u is honest, and punished", holder->index);
}

void judge_evidence(struct sim_node *node, const struct tx *tx, const struct block_tx *shown) {
    const struct sim_node *sender = sender_of(node->sim, tx);
    for (uint32_t i = 0; i < tx->action_count; i++) {
        if (tx->actions[i].kind != TX_EVIDENCE) continue;
        if (shown->receipt.code == TX_CODE_OK)
            judge_punished(node, &tx->actions[i].evidence);
        else if (sender && !sender->is_hostile && shown->receipt.code != TX_CODE_PUNISHED_ALREADY)
            judge_fail(node->sim, "node %u has sent evidence that is %s", sender->index,
                       tx_code_name((enum tx_code)shown->receipt.code));
    }
}

// How long it takes, once nothing goes wrong any more.
static void judge_wait(struct sim_node *node, const struct replica_look *look) {
    struct sim *sim = node->sim;
    struct node_head head;
    if (!sim->is_healed || look->charges == 0) return;
    node_head(node->node, &head);
    uint64_t since =
        look->charges_since > sim->heal_height ? look->charges_since : sim->heal_height;
    uint64_t blocks = head.header.height > since ? head.header.height - since : 0;
    if (blocks > sim->figures.longest_charge_blocks) sim->figures.longest_charge_blocks = blocks;
}

static bool is_own(struct sim_node *node, const struct evidence *evidence) {
    struct witnesses witnesses;
    bool is_it = false;
    if (!node_witnesses(node->node, evidence->epoch, &witnesses)) return false;
    const struct public_key *key = &witnesses.list[evidence->witness].key;
    for (uint16_t i = 0; i < node->key_count; i++)
        is_it = is_it || memcmp(&node->sim->publics[node->keys[i]], key, sizeof *key) == 0;
    return is_it;
}

// Nobody shows the chain what speaks against its own keys, hostile or not: that is for others.
static void judge_own(struct sim_node *node) {
    const struct replica *replica = node->replica;
    for (size_t i = 0; i < replica->charge_count; i++)
        if (is_own(node, &replica->charges[i].evidence))
            judge_fail(node->sim, "node %u has evidence against itself", node->index);
}

static bool has_twin(const struct sim_node *node) {
    struct node_health health;
    node_health(node->node, &health);
    return health.has_twin;
}

// At the end of a run that is durable, too.
void judge_twin(struct sim_node *node) {
    bool has_met = has_twin(node);
    if (has_met && !node->is_hostile)
        judge_fail(node->sim, "node %u meets its own key elsewhere", node->index);
    bool is_new = has_met && !node->has_met;
    node->sim->figures.twins_met += is_new && node->is_pair;
    node->sim->figures.liars_silenced += is_new && !node->is_pair;
    node->has_met = node->has_met || has_met;
    if (node->has_met && !crash_disk_is_cut(node->disk)) node->is_silenced = true;
}

void judge_silence(struct sim_node *node) {
    node->has_met = node->is_silenced;
    if (node->is_silenced && !has_twin(node))
        judge_fail(node->sim, "node %u has forgotten that its key is elsewhere", node->index);
}

// From the end of a run on what it has met is durable, whatever happens to its process.
void judge_charges(struct sim_node *node) {
    const struct replica *replica = node->replica;
    struct replica_look look;
    judge_own(node);
    if (node->is_hostile || crash_disk_is_cut(node->disk)) return;
    replica_look(replica, &look);
    node->charge_count = replica->charge_count;
    for (size_t i = 0; i < replica->charge_count; i++)
        node->charges[i] = (struct sim_charge){.epoch = replica->charges[i].evidence.epoch,
                                               .witness = replica->charges[i].evidence.witness};
    judge_wait(node, &look);
}

static bool has_charge(const struct replica *replica, const struct sim_charge *charge) {
    for (size_t i = 0; i < replica->charge_count; i++)
        if (replica->charges[i].evidence.epoch == charge->epoch &&
            replica->charges[i].evidence.witness == charge->witness)
            return true;
    return false;
}

static bool can_be_punished(struct sim_node *node, const struct sim_charge *charge) {
    struct witnesses witnesses;
    struct candidate candidate;
    if (!node_witnesses(node->node, charge->epoch, &witnesses)) return false;
    struct state_version *version = node_state(node->node);
    bool is_there = candidate_load(&candidate, state_version_view(version),
                                   &witnesses.list[charge->witness].account);
    node_state_release(version);
    return is_there && candidate.answers_from <= charge->epoch;
}

void judge_kept_charges(struct sim_node *node) {
    for (size_t i = 0; i < node->charge_count; i++) {
        const struct sim_charge *charge = &node->charges[i];
        if (!can_be_punished(node, charge)) continue;
        node->sim->figures.charges_kept++;
        if (!has_charge(node->replica, charge))
            judge_fail(node->sim, "node %u forgets evidence against witness %u of epoch %u",
                       node->index, charge->witness, (unsigned)charge->epoch);
    }
}

bool judge_has_charges(const struct sim *sim) {
    for (uint16_t i = 0; i < sim->node_count; i++) {
        const struct sim_node *node = &sim->nodes[i];
        struct replica_look look;
        if (!node->is_up || node->is_hostile || !node->replica) continue;
        replica_look(node->replica, &look);
        if (look.charges > 0) return true;
    }
    return false;
}
