// SPDX-License-Identifier: Apache-2.0
// The serving side of past_message.h: what peers ask for is noted, one ask of each, and answered
// turn by turn, with one read of the disk in a run; so nobody who joins holds up agreement, and no
// peer the others. A row that takes several answers is kept until its end was told, in a bound. One
// thread; no clock.
#ifndef LMM_SYNC_PAST_SERVE_H
#define LMM_SYNC_PAST_SERVE_H

#include "chaincore/sync/past_message.h"

struct node;

// Everything is borrowed for the call. Reads replace the content of `out`; NOT_FOUND.
struct past_source {
    void *context;
    // One message (PAST_MAX_BYTES); may be lost. One answer waits for a peer at a time.
    void (*send)(void *context, uint16_t peer, struct bytes message);
    // Whether one more would not be lost: else nothing is read for that peer. NULL: always.
    bool (*has_room)(void *context, uint16_t peer);

    // The chain's; past_serve_use_node fills these in.
    void *chain;
    uint64_t (*oldest)(void *chain);   // the lowest block that is there
    uint64_t (*snapshot)(void *chain); // the height of the newest one; 0: there is none
    enum status (*read_manifest)(void *chain, uint64_t height, struct buf *out);
    enum status (*read_piece)(void *chain, uint64_t height, uint32_t number, struct buf *out);
    enum status (*read_block)(void *chain, uint64_t height, struct buf *out);
};

enum { PAST_KEPT_ROWS = 8, PAST_KEPT_BYTES = 2 * PAST_MAX_BLOCK_BYTES };

struct past_serve;

struct past_serve *past_serve_open(const struct past_source *source); // copied
void past_serve_close(struct past_serve *serve);                      // NULL is allowed
void past_serve_forget(struct past_serve *serve, uint16_t peer);
// An ASK, in place of what the peer asked for before.
void past_serve_note(struct past_serve *serve, uint16_t peer, const struct past_message *ask);
void past_serve_run(struct past_serve *serve);
// What can be answered now, and what will be once a peer has read what it was told before.
bool past_serve_has_work(const struct past_serve *serve);
bool past_serve_waits(const struct past_serve *serve);

struct past_serve_counts {
    uint64_t parts, bytes; // told
    uint64_t reads;        // of rows
};
void past_serve_count(const struct past_serve *serve, struct past_serve_counts *out);

void past_serve_use_node(struct past_source *source, struct node *node);

#endif
