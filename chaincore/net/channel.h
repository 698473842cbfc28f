// SPDX-License-Identifier: Apache-2.0
// A connection between two nodes, without its socket: bytes that came go in, frames come out, and
// so the other way. It shakes hands (Noise XX, then a hello of each side), seals and opens, and
// lets urgent frames pass larger ones: what is queued goes out in chunks, those of the first class
// first, so that a vote never waits for a block.
//
//   connection  ::= { u16 length ‖ Noise message }
//   opened      ::= kind ‖ u32 length of the frame ‖ its first bytes        (kind < 128)
//                 | kind + 128 ‖ more bytes of the frame begun in the kind's class
//
// Nothing is allocated for what a peer announces, only for what it has sent. Not thread-safe.
// Source: design, Network.
#ifndef LMM_NET_CHANNEL_H
#define LMM_NET_CHANNEL_H

#include "chaincore/net/hello.h"
#include "chaincore/net/parcel.h"

enum {
    CHANNEL_KINDS_MAX = 128,
    CHANNEL_CLASSES_MAX = 8,
    CHANNEL_CHUNK_BYTES = 16 * 1024,
};

struct frame_rule {
    uint8_t class;
    uint32_t max_bytes; // of a payload; 0: there is no such kind
};

struct class_rule {
    uint32_t bytes_per_s; // taken from the peer in the long run
    uint32_t burst_bytes; // and at once
    uint32_t queue_bytes; // waiting to be sent to it
};

// What both sides speak.
struct channel_rules {
    const struct frame_rule *kinds; // by kind
    size_t kind_count;
    const struct class_rule *classes; // the most urgent first
    size_t class_count;
};

// Called from channel_receive, which ends with what they return unless it is OK. They may send; the
// channel must outlive them.
struct channel_events {
    void *context;
    enum status (*ready)(void *context, const struct hello *other);
    // The payload is borrowed.
    enum status (*frame)(void *context, uint8_t kind, struct bytes payload);
};

struct channel_config {
    enum noise_role role;
    struct hash chain_id;
    const struct secret_key *node_key; // borrowed, until the channel is ready
    struct hello hello;                // own; version and node are filled in
    bool is_mute;                      // an initiator's that hears the other's hello and says none
    // An initiator's that says its own once it has heard that it is this node, and to no other:
    // that one may have a connection with it, which a second hello would end. CONFLICT where it is
    // another. Borrowed until the channel is ready. NULL: to anybody, at once.
    const struct public_key *meant;
    const struct channel_rules *rules; // borrowed
    struct channel_events events;
    // Of the caller's, who has many channels: bytes that wait in the queues of all of them, a
    // parcel once. NULL: nobody counts.
    uint64_t *waiting;
};

struct channel;

struct channel *channel_open(const struct channel_config *config);
void channel_close(struct channel *channel);

// Who has shown its key where another one was meant; NULL: nobody.
const struct public_key *channel_other_node(const struct channel *channel);

// Any piece of what the peer sent. Anything but OK ends the connection: MALFORMED, TOO_LARGE: no
// such message or frame; UNAUTHORIZED: not sealed by the peer, or it is of another chain;
// UNSUPPORTED: another version; BAD_SIGNATURE; CONFLICT: the peer is this node, or not the one that
// is meant; INVALID: a key of small order; or what an event returned. CLOSED ever after.
enum status channel_receive(struct channel *channel, struct bytes in, uint64_t now_ms) MUST_CHECK;
// Until then nothing more is to be read from the peer, who has spent what a class may; 0: read on.
uint64_t channel_paused_until_ms(const struct channel *channel, uint64_t now_ms);

// Queues it for the peer, and holds it until it is sent. UNAVAILABLE: hands are not shaken yet;
// FULL: its class's queue is; CLOSED.
enum status channel_send(struct channel *channel, struct parcel *parcel) MUST_CHECK;
// Whether a frame of that kind, of so many bytes, would not find its queue full.
bool channel_has_room(const struct channel *channel, uint8_t kind, size_t bytes);
// Appends what is to be written to the socket next, until that is `most` bytes or all.
void channel_take(struct channel *channel, struct buf *out, size_t most);
bool channel_has_output(const struct channel *channel);
// Its part of what the caller counts as waiting: of a parcel that is in the queues of several, each
// has the same. Looks at all that waits.
size_t channel_share(const struct channel *channel);
// Nothing of what waits is sent any more.
void channel_drop_waiting(struct channel *channel);
bool channel_is_ready(const struct channel *channel);

struct channel_counts {
    uint64_t frames_in[CHANNEL_CLASSES_MAX], bytes_in[CHANNEL_CLASSES_MAX];
    uint64_t frames_out[CHANNEL_CLASSES_MAX], bytes_out[CHANNEL_CLASSES_MAX];
    size_t held;   // bytes of frames that have begun to arrive
    size_t kept;   // memory for them
    size_t queued; // bytes waiting to be sent
};
void channel_count(const struct channel *channel, struct channel_counts *out);

#endif
