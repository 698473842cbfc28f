// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/net/pair.h"

static const struct frame_rule kinds[PAIR_KINDS] = {
    [KIND_VOTE] = {0, VOTE_MAX},
    [KIND_NOTE] = {0, NOTE_MAX},
    [KIND_BLOCK] = {1, BLOCK_MAX},
    [KIND_BULK] = {2, BULK_MAX},
};
static const struct class_rule classes[] = {
    {.bytes_per_s = 10 * 1000, .burst_bytes = 200 * 1000, .queue_bytes = 100 * 1000},
    {.bytes_per_s = 1000 * 1000, .burst_bytes = 4 * 1000 * 1000, .queue_bytes = 8 * 1000 * 1000},
    {.bytes_per_s = 1000 * 1000, .burst_bytes = 1000 * 1000, .queue_bytes = 8 * 1000 * 1000},
};
const struct channel_rules pair_rules = {kinds, PAIR_KINDS, classes, 3};

static enum status note_ready(void *context, const struct hello *other) {
    struct side *side = context;
    side->other = *other;
    side->readies++;
    return side->answer;
}

static enum status note_frame(void *context, uint8_t kind, struct bytes payload) {
    struct side *side = context;
    ck_assert_uint_lt(side->frame_count, FRAMES_MAX);
    side->frames[side->frame_count++] = (struct received){kind, arena_copy(side->arena, payload)};
    return side->answer;
}

struct channel_config side_config(struct pair *pair, int side) {
    struct channel_config config = {
        .role = side == 0 ? NOISE_INITIATOR : NOISE_RESPONDER,
        .node_key = &pair->sides[side].key,
        .hello = {.features = HELLO_SIGNS,
                  .final_height = 100,
                  .listen_port = (uint16_t)(7000 + side)},
        .rules = &pair_rules,
        .events = {&pair->sides[side], note_ready, note_frame},
    };
    memset(&config.chain_id, 7, sizeof config.chain_id);
    return config;
}

void side_open(struct side *side, const struct channel_config *config) {
    channel_close(side->channel);
    side->channel = channel_open(config);
}

void pair_open(struct pair *pair) {
    *pair = (struct pair){.now_ms = 1000};
    for (int i = 0; i < SIDES; i++) {
        uint8_t seed[32] = {(uint8_t)(i + 1)};
        struct channel_config config = side_config(pair, i);
        key_from_seed(&pair->sides[i].key, &pair->sides[i].node, seed);
        pair->sides[i].arena = &pair->arena;
        side_open(&pair->sides[i], &config);
    }
}

void pair_close(struct pair *pair) {
    for (int i = 0; i < SIDES; i++) channel_close(pair->sides[i].channel);
    arena_clear(&pair->arena);
}

enum status pair_carry(struct pair *pair, int from, size_t most) {
    struct buf bytes = {0};
    channel_take(pair->sides[from].channel, &bytes, most);
    enum status status =
        channel_receive(pair->sides[1 - from].channel, buf_bytes(&bytes), pair->now_ms);
    buf_clear(&bytes);
    return status;
}

// In pieces, as a socket may give them.
static enum status carry_pieces(struct pair *pair, int from, size_t piece) {
    struct buf bytes = {0};
    enum status status = STATUS_OK;
    channel_take(pair->sides[from].channel, &bytes, SIZE_MAX / 2);
    for (size_t at = 0; at < bytes.len && status == STATUS_OK; at += piece) {
        size_t len = bytes.len - at < piece ? bytes.len - at : piece;
        status = channel_receive(pair->sides[1 - from].channel, bytes_of(bytes.data + at, len),
                                 pair->now_ms);
    }
    buf_clear(&bytes);
    return status;
}

enum status pair_talk(struct pair *pair, size_t piece) {
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        int from = channel_has_output(pair->sides[0].channel) ? 0 : 1;
        if (!channel_has_output(pair->sides[from].channel)) break;
        status = carry_pieces(pair, from, piece);
    }
    return status;
}

void pair_send(struct pair *pair, int from, uint8_t kind, struct bytes payload) {
    struct parcel *parcel = parcel_make(kind, payload);
    assert_ok(channel_send(pair->sides[from].channel, parcel));
    parcel_drop(parcel);
}
