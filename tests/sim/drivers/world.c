// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "tests/sim/drivers/drivers.h"

uint64_t sim_random(struct sim *sim, uint64_t bound) {
    uint64_t z = (sim->random += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    z ^= z >> 31;
    return bound == 0 ? z : z % bound;
}

bool sim_percent(struct sim *sim, uint32_t percent) { return sim_random(sim, 100) < percent; }

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

struct sim_packet *packet_new(struct bytes bytes) {
    struct sim_packet *packet = calloc(1, sizeof *packet);
    ENSURE(packet);
    packet->references = 1;
    buf_append(&packet->bytes, bytes);
    return packet;
}

void packet_drop(struct sim_packet *packet) {
    if (--packet->references > 0) return;
    buf_clear(&packet->bytes);
    free(packet);
}

void world_clear(struct sim *sim) {
    for (size_t i = 0; i < sim->heap_count; i++)
        if (sim->heap[i].packet) packet_drop(sim->heap[i].packet);
    sim->heap_count = 0;
    for (size_t i = 0; i < SIM_SEEN; i++)
        if (sim->seen[i]) packet_drop(sim->seen[i]);
    memset(sim->seen, 0, sizeof sim->seen);
    sim->seen_count = 0;
    for (size_t i = 0; i < SIM_NODES; i++) {
        struct sim_node *node = &sim->nodes[i];
        driver_close(node->driver);
        node->driver = NULL;
        node->is_up = false;
        false_disk_clear(&node->disk);
        model_reset(node);
    }
}
