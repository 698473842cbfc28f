// SPDX-License-Identifier: Apache-2.0
// The inside of a channel, for its files alone.
#ifndef LMM_NET_CHANNEL_INSIDE_H
#define LMM_NET_CHANNEL_INSIDE_H

#include "chaincore/net/channel.h"

enum {
    PREFIX_BYTES = 2, // in front of each Noise message
    HEAD_BYTES = 5,   // kind and length, before a frame's first bytes
    KIND_CONTINUES = 128,
    SEALED_MAX = HEAD_BYTES + CHANNEL_CHUNK_BYTES + NOISE_TAG_BYTES,
};

enum channel_stage { STAGE_HANDSHAKE, STAGE_HELLO, STAGE_OPEN, STAGE_DEAD };

// A frame that is arriving, one in each class.
struct arrival {
    bool is_begun;
    uint8_t kind;
    uint32_t len;
    struct buf got;
};

struct queued {
    struct queued *next;
    struct parcel *parcel;
};

struct send_queue {
    struct queued *first, **last;
    size_t bytes; // not sent yet
    size_t sent;  // of the first
};

// Of a class: what may be taken at once. Below zero the peer has sent more than that.
struct budget {
    int64_t left; // in thousandths of a byte: what a millisecond adds is whole
    uint64_t counted_ms;
};

struct channel {
    struct channel_config config;
    enum channel_stage stage;
    bool has_other;
    struct public_key other; // that has answered where another one was meant
    struct noise_handshake handshake;
    struct noise_cipher send, receive;
    struct buf in;    // a Noise message that is arriving, its prefix in front
    struct buf plain; // opened, or about to be sealed
    struct buf out;   // of the handshake, sealed
    struct arrival arrivals[CHANNEL_CLASSES_MAX];
    struct send_queue queues[CHANNEL_CLASSES_MAX];
    struct budget budgets[CHANNEL_CLASSES_MAX];
    struct channel_counts counts;
};

static inline const struct frame_rule *rule_of(const struct channel *channel, uint8_t kind) {
    const struct channel_rules *rules = channel->config.rules;
    bool is_known = kind < rules->kind_count && rules->kinds[kind].max_bytes > 0;
    return is_known ? &rules->kinds[kind] : NULL;
}

// channel_hands.c: until the channel is open
// Puts into `out` whatever is this side's to say.
enum status hands_write(struct channel *channel) MUST_CHECK;
enum status hands_read(struct channel *channel, struct bytes message) MUST_CHECK;
// The length of the handshake's next message; all of them are without payload.
size_t hands_expected(const struct channel *channel);
enum status hands_read_hello(struct channel *channel, struct bytes sealed) MUST_CHECK;

// channel_send.c
// Seals what stands in `plain`.
void seal_plain(struct channel *channel, struct buf *out);
void queues_open(struct channel *channel);

#endif
