// SPDX-License-Identifier: Apache-2.0
#include "chaincore/sync/past_fill.h"

#include "chaincore/base/memory.h"
#include "chaincore/consensus/consensus.h"

// Heights in a row, from `high` downwards, and what one peer has sent of them. Those that are
// judged are none of it any more.
struct range {
    uint64_t high;
    uint32_t count;
    uint16_t asked_of; // PEER_NONE: nobody
    uint16_t sender;   // of the blocks; PEER_NONE: it has gone since
    uint32_t here;     // of the blocks, the highest first
    uint32_t first;    // where they begin
    struct buf blocks[PAST_MAX_BLOCKS];
};

struct past_fill {
    struct past_asking asking;
    struct fill_calls calls;
    struct range *ranges[PAST_FILL_RANGES]; // the highest first
    size_t range_count;
    uint64_t held_bytes;
    uint64_t blocks;
    bool has_news;
};

struct past_fill *past_fill_open(const struct fill_calls *calls, uint32_t timeout_ms) {
    struct past_fill *fill = mem_alloc(sizeof *fill);
    fill->calls = *calls;
    past_asking_init(&fill->asking, &calls->peers, timeout_ms);
    fill->has_news = true;
    return fill;
}

static void drop_block(struct past_fill *fill, struct buf *block) {
    fill->held_bytes -= block->len;
    buf_clear(block);
}

static void drop_blocks(struct past_fill *fill, struct range *range) {
    for (uint32_t i = 0; i < range->here; i++) drop_block(fill, &range->blocks[range->first + i]);
    range->here = range->first = 0;
}

static void drop_first_range(struct past_fill *fill) {
    drop_blocks(fill, fill->ranges[0]);
    mem_free(fill->ranges[0]);
    fill->range_count--;
    memmove(fill->ranges, fill->ranges + 1, fill->range_count * sizeof(struct range *));
}

void past_fill_close(struct past_fill *fill) {
    if (!fill) return;
    while (fill->range_count > 0) drop_first_range(fill);
    past_asking_clear(&fill->asking);
    mem_free(fill);
}

// ---- peers

static struct range *range_of(struct past_fill *fill, uint16_t peer) {
    for (size_t i = 0; i < fill->range_count; i++)
        if (fill->ranges[i]->asked_of == peer) return fill->ranges[i];
    return NULL;
}

// Another is asked for all of the range that is not judged yet.
static void give_back(struct past_fill *fill, uint16_t peer) {
    struct range *range = range_of(fill, peer);
    fill->has_news = true;
    if (!range) return;
    range->asked_of = range->sender = PEER_NONE;
    drop_blocks(fill, range);
}

void past_fill_peer_left(struct past_fill *fill, uint16_t peer) {
    past_peer_left(&fill->asking, peer);
    give_back(fill, peer);
    for (size_t i = 0; i < fill->range_count; i++)
        if (fill->ranges[i]->sender == peer) fill->ranges[i]->sender = PEER_NONE;
}

void past_fill_peer_joined(struct past_fill *fill, uint16_t peer, uint64_t final_height) {
    past_fill_peer_left(fill, peer);
    past_peer_joined(&fill->asking, peer, &(struct past_peer_info){.final_height = final_height});
}

static uint64_t low_of(const struct range *range) { return range->high - (range->count - 1); }

// What it said last of its oldest block may change.
static bool may_have(const void *context, uint16_t number, const struct past_peer *peer) {
    const struct range *range = context;
    (void)number;
    return peer->newest >= range->high && peer->oldest <= low_of(range);
}

// ---- asking

static uint64_t bytes_on_their_way(const struct past_fill *fill) {
    uint64_t bytes = 0;
    for (uint16_t i = 0; i < fill->asking.peer_end; i++)
        if (fill->asking.peers[i].is_waited_for) bytes += PAST_ANSWER_BYTES;
    return bytes;
}

// The first range always has room: what is judged makes it.
static bool has_room(const struct past_fill *fill, size_t number) {
    return number == 0 ||
           fill->held_bytes + bytes_on_their_way(fill) + PAST_ANSWER_BYTES <= PAST_FILL_BYTES;
}

static void add_range(struct past_fill *fill, uint64_t high) {
    struct range *range = mem_alloc(sizeof *range);
    range->high = high;
    range->count = high < PAST_MAX_BLOCKS ? (uint32_t)high : PAST_MAX_BLOCKS;
    range->asked_of = range->sender = PEER_NONE;
    fill->ranges[fill->range_count++] = range;
}

static void add_ranges(struct past_fill *fill) {
    uint64_t next = fill->calls.missing(fill->calls.chain);
    if (fill->range_count > 0) next = low_of(fill->ranges[fill->range_count - 1]) - 1;
    while (fill->range_count < PAST_FILL_RANGES && next > 0) {
        add_range(fill, next);
        next = low_of(fill->ranges[fill->range_count - 1]) - 1;
    }
}

static void ask(struct past_fill *fill) {
    for (size_t i = 0; i < fill->range_count; i++) {
        struct range *range = fill->ranges[i];
        bool later = false;
        if (!has_room(fill, i)) return;
        if (range->asked_of != PEER_NONE) {
            past_ask_on(&fill->asking, range->asked_of);
            continue;
        }
        if (range->here == range->count) continue;
        uint16_t peer = past_choose(&fill->asking, may_have, range, &later);
        if (peer == PEER_NONE) continue;
        range->asked_of = range->sender = peer;
        past_ask(&fill->asking, peer, PAST_BLOCKS, range->high, range->count);
    }
}

// ---- answers

static void take_row(struct past_fill *fill, uint16_t peer, uint64_t height) {
    struct range *range = range_of(fill, peer);
    ENSURE(range && range->here < range->count && height == range->high - range->here);
    struct buf *block = &range->blocks[range->first + range->here];
    buf_append(block, buf_bytes(&fill->asking.peers[peer].row));
    fill->held_bytes += block->len;
    range->here++;
    past_row_taken(&fill->asking, peer);
    if (range->here == range->count) range->asked_of = PEER_NONE;
}

void past_fill_receive(struct past_fill *fill, uint16_t peer, const struct past_message *message,
                       uint64_t now_ms) {
    uint64_t height = 0;
    fill->asking.now_ms = now_ms;
    fill->has_news = true;
    switch (past_take(&fill->asking, peer, message, &height)) {
    case PAST_TOOK_ROW:
        take_row(fill, peer, height);
        break;
    case PAST_TOOK_NONE:
    case PAST_TOOK_LOST:
        give_back(fill, peer);
        break;
    case PAST_TOOK_NOTHING:
        if (fill->asking.peers[peer].has_lied) give_back(fill, peer);
        break;
    case PAST_TOOK_PART:
        break;
    }
}

// ---- judging

static void accuse(struct past_fill *fill, struct range *range) {
    uint16_t sender = range->sender;
    drop_blocks(fill, range);
    range->asked_of = range->sender = PEER_NONE;
    if (sender == PEER_NONE) return;
    give_back(fill, sender); // of another range it may be asked by now
    past_accuse(&fill->asking, sender, "a block of another chain");
}

// *is_idle: the next block is not here.
static enum status judge(struct past_fill *fill, bool *is_idle) {
    unsigned taken = 0;
    while (fill->range_count > 0 && fill->ranges[0]->here > 0 && taken < PAST_FILL_TAKEN) {
        struct range *range = fill->ranges[0];
        struct buf *block = &range->blocks[range->first];
        enum status status = fill->calls.keep(fill->calls.chain, buf_bytes(block));
        if (status == STATUS_INVALID) {
            accuse(fill, range);
            break;
        }
        if (status != STATUS_OK) return status;
        drop_block(fill, block);
        fill->blocks++;
        taken++;
        range->first++;
        range->here--;
        range->high--;
        if (--range->count == 0) drop_first_range(fill);
    }
    *is_idle = taken < PAST_FILL_TAKEN;
    return STATUS_OK;
}

enum status past_fill_run(struct past_fill *fill, uint64_t now_ms) {
    uint16_t late;
    bool is_idle = true;
    fill->asking.now_ms = now_ms;
    fill->has_news = false;
    while ((late = past_find_late(&fill->asking)) != PEER_NONE) give_back(fill, late);
    enum status status = judge(fill, &is_idle);
    if (status != STATUS_OK) return status;
    add_ranges(fill);
    ask(fill);
    if (!is_idle) fill->has_news = true;
    return STATUS_OK;
}

uint64_t past_fill_wake_ms(const struct past_fill *fill) {
    return fill->has_news ? fill->asking.now_ms : past_wake_ms(&fill->asking);
}

void past_fill_count(const struct past_fill *fill, struct past_fill_counts *out) {
    *out = (struct past_fill_counts){.blocks = fill->blocks,
                                     .bytes = fill->asking.bytes,
                                     .lies = fill->asking.lies,
                                     .timeouts = fill->asking.timeouts};
}
