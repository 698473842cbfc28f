// SPDX-License-Identifier: Apache-2.0
// The virtual world: numbers by a seed, what happens when, blocks, epochs.
#include "tests/sim/sim.h"

#include <stdlib.h>

uint64_t random_next(struct sim_random *random) {
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

uint64_t random_below(struct sim *sim, uint64_t bound) {
    return bound == 0 ? 0 : random_next(&sim->random) % bound;
}

bool random_percent(struct sim *sim, uint32_t percent) { return random_below(sim, 100) < percent; }

enum { TABLE_SIZE = 4 * SIM_BLOCKS };

void world_open(struct sim *sim) {
    sim->blocks = calloc(SIM_BLOCKS, sizeof *sim->blocks);
    sim->block_table = calloc(TABLE_SIZE, sizeof *sim->block_table);
    sim->epochs = calloc(SIM_EPOCHS, sizeof *sim->epochs);
    sim->final_ids = calloc(SIM_BLOCKS, sizeof *sim->final_ids);
    ENSURE(sim->blocks && sim->block_table && sim->epochs && sim->final_ids);
    for (size_t i = 0; i < SIM_NODES; i++) sim->nodes[i].index = (uint16_t)i;
    judge_open(sim);
    overrun_open(sim);
}

static void drop_occasions(struct sim *sim) {
    for (size_t i = 0; i < sim->heap_count; i++)
        if (sim->heap[i].packet) packet_drop(sim, sim->heap[i].packet);
    sim->heap_count = 0;
    for (size_t i = 0; i < SIM_NODES; i++) {
        struct sim_node *node = &sim->nodes[i];
        for (size_t k = 0; k < SIM_SEEN; k++)
            if (node->seen[k]) packet_drop(sim, node->seen[k]);
        memset(node->seen, 0, sizeof node->seen);
        node->seen_count = 0;
        disk_clear(node);
    }
}

void world_close(struct sim *sim) {
    drop_occasions(sim);
    for (struct sim_packet *packet; (packet = sim->free_packets) != NULL;) {
        sim->free_packets = packet->next_free;
        free(packet);
    }
    for (size_t i = 0; i < SIM_NODES; i++) {
        free(sim->nodes[i].core);
        free(sim->nodes[i].disk.entries);
    }
    free(sim->heap);
    free(sim->blocks);
    free(sim->block_table);
    free(sim->epochs);
    free(sim->final_ids);
    free(sim->latencies);
    judge_close(sim);
    overrun_close(sim);
}

static bool comes_before(const struct sim_occasion *a, const struct sim_occasion *b) {
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void occasion_add(struct sim *sim, const struct sim_occasion *occasion) {
    if (sim->heap_count == sim->heap_capacity) {
        sim->heap_capacity = sim->heap_capacity ? 2 * sim->heap_capacity : 4096;
        sim->heap = realloc(sim->heap, sim->heap_capacity * sizeof *sim->heap);
        ENSURE(sim->heap);
    }
    struct sim_occasion added = *occasion;
    added.order = sim->order++;
    size_t place = sim->heap_count++;
    while (place > 0 && comes_before(&added, &sim->heap[(place - 1) / 2])) {
        sim->heap[place] = sim->heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    sim->heap[place] = added;
}

bool occasion_next(struct sim *sim, struct sim_occasion *out) {
    if (sim->heap_count == 0) return false;
    *out = sim->heap[0];
    struct sim_occasion last = sim->heap[--sim->heap_count];
    size_t place = 0;
    for (size_t child; (child = 2 * place + 1) < sim->heap_count; place = child) {
        if (child + 1 < sim->heap_count && comes_before(&sim->heap[child + 1], &sim->heap[child]))
            child++;
        if (!comes_before(&sim->heap[child], &last)) break;
        sim->heap[place] = sim->heap[child];
    }
    sim->heap[place] = last;
    return true;
}

struct sim_packet *packet_new(struct sim *sim, uint16_t from) {
    struct sim_packet *packet = sim->free_packets;
    if (packet)
        sim->free_packets = packet->next_free;
    else
        packet = malloc(sizeof *packet);
    ENSURE(packet);
    memset(packet, 0, offsetof(struct sim_packet, certificate));
    packet->references = 1;
    packet->from = from;
    return packet;
}

void packet_drop(struct sim *sim, struct sim_packet *packet) {
    if (--packet->references > 0) return;
    packet->next_free = sim->free_packets;
    sim->free_packets = packet;
}

static size_t table_place(const struct sim *sim, const struct hash *id) {
    size_t place = load_u32_le(id->bytes) % TABLE_SIZE;
    while (sim->block_table[place] != 0 &&
           !hash_equal(&sim->blocks[sim->block_table[place] - 1].id, id))
        place = (place + 1) % TABLE_SIZE;
    return place;
}

struct sim_block *block_find(struct sim *sim, const struct hash *id) {
    uint32_t entry = sim->block_table[table_place(sim, id)];
    return entry == 0 ? NULL : &sim->blocks[entry - 1];
}

struct sim_block *block_add(struct sim *sim, const struct header *header) {
    struct hash id;
    header_id(&id, header);
    size_t place = table_place(sim, &id);
    if (sim->block_table[place] != 0) return &sim->blocks[sim->block_table[place] - 1];
    ENSURE(sim->block_count < SIM_BLOCKS);
    struct sim_block *block = &sim->blocks[sim->block_count++];
    memset(block, 0, sizeof *block);
    block->id = id;
    block->header = *header;
    sim->block_table[place] = (uint32_t)sim->block_count;
    return block;
}

void block_state_root(struct hash *out, const struct header *parent, const struct hash *tx_root) {
    hash_node(out, &parent->state_root, tx_root);
}

bool block_is_valid(struct sim *sim, const struct header *header) {
    struct hash expected;
    const struct sim_block *parent = block_find(sim, &header->parent);
    if (!parent) return false;
    block_state_root(&expected, &parent->header, &header->tx_root);
    return hash_equal(&expected, &header->state_root);
}

struct sim_epoch *epoch_find(struct sim *sim, uint64_t epoch) {
    return epoch < sim->epoch_count ? &sim->epochs[epoch] : NULL;
}

bool node_holds(const struct sim_node *node, uint16_t key) {
    return key >= node->first_key && key < node->first_key + node->key_count;
}

struct witness_group group_of(const struct sim_epoch *epoch, const struct sim_node *node) {
    struct witness_group group = {0};
    for (uint16_t i = 0; i < epoch->rules.witness_count; i++)
        if (node_holds(node, epoch->members[i])) group_add(&group, i);
    return group;
}

void epoch_rules(const struct sim_epoch *epoch, const struct sim_node *node,
                 struct consensus_epoch *out) {
    *out = epoch->rules;
    out->own = group_of(epoch, node);
}

// Who is elected, by the boundary: some keys stay away, in another order each time, as many as keep
// the hostile ones within what the set bears.
static void elect(struct sim *sim, struct sim_epoch *epoch) {
    struct sim_random random = {.state = load_u64_le(epoch->boundary_id.bytes)};
    uint16_t keys[SIM_NODES], count = sim->keys;
    for (uint16_t i = 0; i < count; i++) keys[i] = i;
    for (uint16_t i = (uint16_t)(count - 1); i > 0; i--) {
        uint16_t other = (uint16_t)(random_next(&random) % (i + 1u)), kept = keys[i];
        keys[i] = keys[other];
        keys[other] = kept;
    }
    uint16_t away = (uint16_t)(random_next(&random) % 3);
    while (away > 0 && (count - away < 4 || count - away > LIMIT_WITNESSES ||
                        witness_faults((uint16_t)(count - away)) < sim->hostile_keys))
        away--;
    epoch->rules.witness_count = (uint16_t)(count - away);
    for (size_t i = 0; i < SIM_NODES; i++) epoch->index_of[i] = WITNESS_NONE;
    struct hash set = {0};
    for (uint16_t i = 0; i < epoch->rules.witness_count; i++) {
        epoch->members[i] = keys[i];
        epoch->index_of[keys[i]] = i;
        set.bytes[i % 32] = (uint8_t)(set.bytes[i % 32] * 31 + keys[i] + 1);
    }
    hash_node(&epoch->rules.set_hash, &set, &epoch->boundary_id);
}

void epoch_finish(struct sim_epoch *epoch) {
    struct schedule_seed seed = {.seed = epoch->rules.leader_seed, .id = epoch->rules.leader_id};
    schedule_init(&epoch->schedule, &seed, epoch->rules.first_view, epoch->rules.witness_count);
}

static void add_epoch(struct sim *sim, const struct sim_block *boundary, uint64_t number) {
    ENSURE(sim->epoch_count < SIM_EPOCHS);
    struct sim_epoch *epoch = &sim->epochs[sim->epoch_count++];
    memset(epoch, 0, sizeof *epoch);
    const struct consensus_epoch *first = &sim->epochs[0].rules;
    epoch->boundary_id = boundary->id;
    epoch->rules.epoch = number;
    epoch->rules.first_view = boundary->header.view + 1;
    epoch->rules.leader_seed = sim->chain_id;
    epoch->rules.epoch_blocks = first->epoch_blocks;
    epoch->rules.block_interval_ms = first->block_interval_ms;
    epoch->rules.leave_out_empty_blocks = first->leave_out_empty_blocks;
    elect(sim, epoch);
    const struct sim_block *seed = boundary;
    for (uint16_t i = 0; i < epoch->rules.witness_count && seed->header.height > 0; i++)
        seed = block_find(sim, &seed->header.parent);
    epoch->rules.leader_id = seed->id;
    epoch_finish(epoch);
}

struct sim_epoch *epoch_after(struct sim *sim, const struct sim_block *boundary) {
    uint64_t number = boundary->header.epoch + 1;
    if (number == sim->epoch_count) add_epoch(sim, boundary, number);
    struct sim_epoch *epoch = epoch_find(sim, number);
    if (!epoch || !hash_equal(&epoch->boundary_id, &boundary->id)) {
        if (sim->is_overrun) return NULL; // the epoch never begins there
        judge_fail(sim, "two boundaries end epoch %u", (unsigned)boundary->header.epoch);
        return NULL;
    }
    return epoch;
}

void world_begin(struct sim *sim, uint64_t seed) {
    drop_occasions(sim);
    sim->seed = seed;
    sim->random.state = seed * 0x2545f4914f6cdd1du + 1;
    sim->now_ms = SIM_START_MS;
    sim->order = 0;
    memset(sim->block_table, 0, TABLE_SIZE * sizeof *sim->block_table);
    sim->block_count = 0;
    sim->epoch_count = 0;
    sim->violation = NULL;
    sim->step_count = 0;
    sim->final_count = 1;
    sim->digest = seed;
    hash_bytes(&sim->chain_id, HASH_GENESIS, BYTES_OF(seed));
    judge_begin(sim);
}
