// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/sync/past_peers.h"

#include "tests/support/unit.h"

struct origin {
    struct past_world *world;
    uint16_t peer;
};
static struct origin origins[PAST_PEERS];

static void add_line(struct past_world *world, const struct past_line *line) {
    ck_assert_uint_lt(world->line_count, sizeof world->lines / sizeof *world->lines);
    world->lines[world->line_count++] = *line;
}

static void tell(void *context, uint16_t peer, struct bytes bytes) {
    const struct origin *origin = context;
    struct past_world *world = origin->world;
    struct past_message message;
    struct buf scratch = {0};
    struct past_line line = {.peer = origin->peer};
    ck_assert_uint_eq(peer, 0);
    assert_ok(past_decode(&message, bytes));
    if (world->twist && !world->twist(origin->peer, &message, &scratch)) {
        buf_clear(&scratch);
        return;
    }
    past_encode(&line.message, &message);
    buf_clear(&scratch);
    world->bytes_waiting += line.message.len;
    if (world->bytes_waiting > world->most_waiting) world->most_waiting = world->bytes_waiting;
    add_line(world, &line);
}

static void ask(void *context, uint16_t peer, struct bytes bytes) {
    struct past_world *world = context;
    struct past_line line = {.is_ask = true, .peer = peer};
    ck_assert_uint_lt(peer, PAST_PEERS);
    buf_append(&line.message, bytes);
    world->asked[peer]++;
    add_line(world, &line);
}

static void penalise(void *context, uint16_t peer, unsigned points) {
    struct past_world *world = context;
    world->points[peer] += points;
}

void past_world_open(struct past_world *world) {
    world->now_ms = 1000;
    for (uint16_t i = 0; i < PAST_PEERS; i++) {
        struct past_source source = world->source;
        origins[i] = (struct origin){world, i};
        source.context = &origins[i];
        source.send = tell;
        world->serves[i] = past_serve_open(&source);
    }
}

void past_world_clear(struct past_world *world) {
    for (size_t i = 0; i < world->line_count; i++) buf_clear(&world->lines[i].message);
    for (uint16_t i = 0; i < PAST_PEERS; i++) past_serve_close(world->serves[i]);
    *world = (struct past_world){0};
}

struct past_calls past_world_calls(struct past_world *world) {
    return (struct past_calls){.context = world, .send = ask, .penalise = penalise};
}

void past_world_step(struct past_world *world) {
    size_t count = world->line_count;
    for (size_t i = 0; i < count; i++) {
        struct past_line line = world->lines[i];
        struct past_message message;
        if (line.is_ask) {
            assert_ok(past_decode(&message, buf_bytes(&line.message)));
            past_serve_note(world->serves[line.peer], 0, &message);
        } else {
            world->bytes_waiting -= line.message.len;
            world->receive(world->asker, line.peer, buf_bytes(&line.message));
        }
        buf_clear(&line.message);
    }
    world->line_count -= count;
    memmove(world->lines, world->lines + count, world->line_count * sizeof *world->lines);
    for (uint16_t i = 0; i < PAST_PEERS; i++) past_serve_run(world->serves[i]);
}
