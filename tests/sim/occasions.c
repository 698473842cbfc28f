// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/occasions.h"

#include "chaincore/base/memory.h"

void draws_begin(struct draws *draws, uint64_t seed) {
    draws->state = seed * 0x2545f4914f6cdd1du + 1;
}

uint64_t draws_next(struct draws *draws) {
    uint64_t z = (draws->state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void draws_fill(void *context, void *out, size_t len) {
    uint8_t *bytes = out;
    for (size_t i = 0; i < len; i++) bytes[i] = (uint8_t)draws_next(context);
}

struct packet *packet_new(uint8_t kind, struct bytes bytes) {
    struct packet *packet = mem_alloc(sizeof *packet);
    packet->references = 1;
    packet->kind = kind;
    buf_append(&packet->bytes, bytes);
    return packet;
}

struct packet *packet_keep(struct packet *packet) {
    packet->references++;
    return packet;
}

void packet_drop(struct packet *packet) {
    if (!packet || --packet->references > 0) return;
    buf_clear(&packet->bytes);
    mem_free(packet);
}

static bool comes_before(const struct occasion *a, const struct occasion *b) {
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->order < b->order;
}

void occasions_add(struct occasions *occasions, const struct occasion *occasion) {
    if (occasions->count == occasions->capacity) {
        occasions->capacity = occasions->capacity ? 2 * occasions->capacity : 4096;
        occasions->heap =
            mem_resize(occasions->heap, occasions->capacity * sizeof *occasions->heap);
    }
    struct occasion *heap = occasions->heap, added = *occasion;
    added.order = occasions->added++;
    size_t place = occasions->count++;
    for (; place > 0 && comes_before(&added, &heap[(place - 1) / 2]); place = (place - 1) / 2)
        heap[place] = heap[(place - 1) / 2];
    heap[place] = added;
}

bool occasions_take(struct occasions *occasions, struct occasion *out) {
    struct occasion *heap = occasions->heap;
    if (occasions->count == 0) return false;
    *out = heap[0];
    struct occasion last = heap[--occasions->count];
    size_t place = 0;
    for (size_t child; (child = 2 * place + 1) < occasions->count; place = child) {
        if (child + 1 < occasions->count && comes_before(&heap[child + 1], &heap[child])) child++;
        if (!comes_before(&heap[child], &last)) break;
        heap[place] = heap[child];
    }
    heap[place] = last;
    return true;
}

void occasions_reset(struct occasions *occasions) {
    for (size_t i = 0; i < occasions->count; i++) packet_drop(occasions->heap[i].packet);
    occasions->count = 0;
    occasions->added = 0;
}

void occasions_clear(struct occasions *occasions) {
    occasions_reset(occasions);
    mem_free(occasions->heap);
    *occasions = (struct occasions){0};
}
