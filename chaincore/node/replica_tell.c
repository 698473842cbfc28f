// SPDX-License-Identifier: Apache-2.0
// Passing on. A transaction that came into the network here goes whole to those who make the next
// blocks, and to a few others; all the rest are told how its id begins, and ask for it. What comes
// from a witness's node that node has sent to the leaders itself: it is told by its id alone, to
// some of the other witnesses, which heard of it as this node did. Where there are few peers all
// are sent it whole by whom it came to first: that costs less than it would to wait. Who says in
// its hello that it takes no ids is sent whole all that another would be told of.
//
// What is lost on the way comes again: a peer that joins is told what waits, and from time to time
// all are.
#include "chaincore/base/memory.h"
#include "chaincore/node/node_block.h"
#include "chaincore/node/replica_inside.h"

enum {
    DRAW_MS = 60 * 1000,
    ROOM_BYTES = 1 << 20, // more than that does not wait for who asks
    LEAST_ASK_BYTES = 64, // that a question spends: no transaction is smaller
};

struct out_head {
    uint64_t start;
    uint32_t len;
    bool is_second_hand; // a witness has told it
    struct holders holders;
};

// --- what is to be told ---

// None stands for nothing.
static uint64_t start_of(struct bytes encoded) {
    struct tx tx;
    struct hash id;
    ENSURE(tx_decode(&tx, encoded) == STATUS_OK); // it was admitted
    hash_bytes(&id, HASH_TX, tx_body(encoded, &tx));
    return tx_start(&id);
}

// A witness behind sentries knows no others.
static bool has_been_told(const struct replica *replica, const struct holders *holders) {
    if (holders->count == 0) return false;
    const struct replica_peer *sender = &replica->peers[holders->peers[0]];
    return sender->is_there && sender->is_witness && !sender->is_guarded;
}

void txs_note(struct replica *replica, struct bytes encoded, const struct hash *id,
              const struct holders *holders) {
    struct out_head head = {.start = id ? tx_start(id) : start_of(encoded),
                            .len = (uint32_t)encoded.len,
                            .is_second_hand = has_been_told(replica, holders),
                            .holders = *holders};
    seen_add(&replica->seen, seen_hash(&replica->seen, encoded), replica->time.now_ms);
    had_add(replica, head.start);
    asks_forget_id(replica, head.start);
    if (replica->out.len + sizeof head + encoded.len > LIMIT_GOSSIP_OUT_BYTES) {
        replica->counts.txs_unsent++;
        return;
    }
    buf_append(&replica->out, BYTES_OF(head));
    buf_append(&replica->out, encoded);
    replica->counts.txs_out++;
}

// --- frames ---

void ids_send(struct replica *replica, struct ids_frame *frame) {
    if (frame->count == 0) return;
    store_u32_le(frame->payload.data + 1, frame->count);
    replica->calls.send(replica->calls.context, frame->peer, REPLICA_TX_IDS,
                        buf_bytes(&frame->payload));
    if (frame->kind == TX_IDS_HAVE) replica->counts.ids_out += frame->count;
    frame->count = 0;
}

void ids_add(struct replica *replica, struct ids_frame *frame, uint64_t start) {
    if (frame->count == LIMIT_GOSSIP_IDS) ids_send(replica, frame);
    if (frame->count == 0) {
        buf_reset(&frame->payload);
        encode_u8(&frame->payload, frame->kind);
        encode_u32(&frame->payload, 0);
    }
    encode_u64(&frame->payload, start);
    frame->count++;
}

// So much of what it is told it may ask for.
static void tell_id(struct replica *replica, struct ids_frame *frame, uint64_t start, size_t len) {
    struct replica_peer *peer = &replica->peers[frame->peer];
    ids_add(replica, frame, start);
    if (peer->may_ask < LIMIT_MEMPOOL_BYTES) peer->may_ask += len;
}

struct txs_frame {
    uint16_t peer;
    uint32_t count;
    struct buf payload;
};

static void txs_send(struct replica *replica, struct txs_frame *frame) {
    if (frame->count == 0) return;
    store_u32_le(frame->payload.data, frame->count);
    replica->calls.send(replica->calls.context, frame->peer, REPLICA_TXS,
                        buf_bytes(&frame->payload));
    frame->count = 0;
}

// True: others went before it.
static bool txs_add(struct replica *replica, struct txs_frame *frame, struct bytes encoded) {
    bool is_full =
        frame->count > 0 && frame->payload.len + 4 + encoded.len > LIMIT_GOSSIP_FRAME_BYTES;
    if (is_full) txs_send(replica, frame);
    if (frame->count == 0) {
        buf_reset(&frame->payload);
        encode_u32(&frame->payload, 0);
    }
    encode_bytes(&frame->payload, encoded);
    frame->count++;
    return is_full;
}

// What one peer is told.
struct frames {
    struct txs_frame txs;
    struct ids_frame ids;
};

static void frames_begin(struct frames *frames, uint16_t peer) {
    frames->txs.peer = frames->ids.peer = peer;
}

static void frames_send(struct replica *replica, struct frames *frames) {
    txs_send(replica, &frames->txs);
    ids_send(replica, &frames->ids);
}

static void frames_clear(struct frames *frames) {
    buf_clear(&frames->txs.payload);
    buf_clear(&frames->ids.payload);
}

static bool reads(const struct replica *replica, uint16_t peer) {
    const struct replica_calls *calls = &replica->calls;
    size_t most = replica_rules.classes[REPLICA_CLASS_TXS].queue_bytes;
    return !calls->has_room ||
           calls->has_room(calls->context, peer, REPLICA_TXS, most - ROOM_BYTES);
}

// --- whom, and how ---

struct hearer {
    uint16_t peer;
    uint16_t place;   // among all, from a drawn one on
    uint16_t witness; // its place among the witnesses
    bool leads;       // a view that is near
};

struct telling {
    uint16_t count, witnesses;
    struct hearer *hearers;
    struct frames frames;
};

enum way { TELL_NOTHING, TELL_ID, TELL_WHOLE };

static bool is_one_of(const struct holders *holders, uint16_t peer) {
    for (uint16_t i = 0; i < holders->count; i++)
        if (holders->peers[i] == peer) return true;
    return false;
}

// Others for each transaction, so that no peer can keep all of them from another.
static bool is_drawn(const struct replica *replica, const struct telling *telling,
                     const struct hearer *hearer, uint64_t start) {
    uint64_t first = (replica->drawn ^ start) * 0x9E3779B97F4A7C15;
    first = (first ^ first >> 32) % telling->witnesses;
    return (hearer->witness + telling->witnesses - first) % telling->witnesses <
           LIMIT_GOSSIP_WITNESSES;
}

// One of a lane goes the way of the one before it, as a rule: else the second would have to wait.
static enum way way_of_one(const struct replica *replica, const struct telling *telling,
                           const struct hearer *hearer, const struct out_head *head) {
    const struct replica_peer *peer = &replica->peers[hearer->peer];
    bool are_few = telling->count <= LIMIT_GOSSIP_WHOLE_PEERS;
    if (is_one_of(&head->holders, hearer->peer)) return TELL_NOTHING;
    if (peer->is_guarded) return TELL_WHOLE;
    if (head->is_second_hand && peer->is_witness)
        return is_drawn(replica, telling, hearer, head->start) ? TELL_ID : TELL_NOTHING;
    if (are_few) return TELL_WHOLE;
    if (head->is_second_hand) return TELL_ID;
    bool is_own = head->holders.count == 0;
    uint16_t most = is_own ? LIMIT_GOSSIP_WHOLE_PEERS : LIMIT_GOSSIP_DRAWN_PEERS;
    return hearer->leads || hearer->place < most ? TELL_WHOLE : TELL_ID;
}

static enum way way_of(const struct replica *replica, const struct telling *telling,
                       const struct hearer *hearer, const struct out_head *head) {
    enum way way = way_of_one(replica, telling, hearer, head);
    return way == TELL_ID && !replica->peers[hearer->peer].takes_ids ? TELL_WHOLE : way;
}

static void mark_leaders(struct replica *replica, struct telling *telling) {
    const struct node_seats *seats = &replica->node->seats;
    struct consensus_state state;
    driver_look(replica->driver, &state);
    if (seats->epoch != replica->epoch || state.epoch != replica->epoch) return;
    if (seats->schedule.count == 0 || seats->schedule.count != replica->set.count) return;
    for (uint64_t i = 0; i < LIMIT_GOSSIP_LEADERS; i++) {
        uint64_t view = state.view + i;
        if (view < seats->schedule.first_view) continue;
        uint16_t leader = schedule_leader(&seats->schedule, view);
        uint16_t peer = keys_find_peer(replica, &replica->set.keys[leader]);
        for (uint16_t k = 0; k < telling->count; k++)
            telling->hearers[k].leads |= telling->hearers[k].peer == peer;
    }
}

static void draw_others(struct replica *replica) {
    if (replica->time.now_ms < replica->drawn_ms) return;
    replica->drawn_ms = replica->time.now_ms + DRAW_MS;
    replica->calls.draw(replica->calls.context, &replica->drawn, sizeof replica->drawn);
}

static void telling_begin(struct telling *telling, struct replica *replica) {
    *telling = (struct telling){
        .hearers = mem_alloc_array((size_t)replica->peer_count + 1, sizeof *telling->hearers)};
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1u)) {
        telling->hearers[telling->count++] =
            (struct hearer){.peer = i, .witness = telling->witnesses};
        telling->witnesses += replica->peers[i].is_witness;
    }
    for (uint16_t i = 0; i < telling->count; i++) {
        uint16_t first = (uint16_t)(replica->drawn % telling->count);
        telling->hearers[i].place = (uint16_t)((i + telling->count - first) % telling->count);
    }
    if (telling->count > LIMIT_GOSSIP_WHOLE_PEERS) mark_leaders(replica, telling);
}

static void tell_one(struct replica *replica, struct telling *telling,
                     const struct hearer *hearer) {
    struct out_head head;
    frames_begin(&telling->frames, hearer->peer);
    for (size_t at = 0; at < replica->out.len; at += sizeof head + head.len) {
        memcpy(&head, replica->out.data + at, sizeof head);
        struct bytes encoded = bytes_of(replica->out.data + at + sizeof head, head.len);
        enum way way = way_of(replica, telling, hearer, &head);
        if (way == TELL_WHOLE) (void)txs_add(replica, &telling->frames.txs, encoded);
        if (way == TELL_ID) tell_id(replica, &telling->frames.ids, head.start, head.len);
    }
    frames_send(replica, &telling->frames);
}

static void tell_new(struct replica *replica) {
    struct telling telling;
    if (replica->out.len == 0) return;
    draw_others(replica);
    telling_begin(&telling, replica);
    for (uint16_t i = 0; i < telling.count; i++) tell_one(replica, &telling, &telling.hearers[i]);
    frames_clear(&telling.frames);
    mem_free(telling.hearers);
    buf_reset(&replica->out);
}

// --- what waits ---

// What the keys of its accounts sign no more: they have changed since it was admitted. It left the
// mempool of the block's maker then, and whoever is told of it knows better.
static void drop_refused(struct node *node, const struct place *refused, size_t count) {
    if (count == 0) return;
    pthread_mutex_lock(&node->lock);
    uint64_t drops_before = drops_total(mempool_drops(node->mempool));
    for (size_t i = 0; i < count; i++)
        mempool_drop_from(node->mempool, &refused[i].lane, refused[i].seq, refused[i].code);
    pthread_mutex_unlock(&node->lock);
    chain_tell_drops(node, drops_before);
}

// The entries, `most` at most, that their accounts still sign; they stay while this thread, which
// alone removes them, is here.
static size_t find_waiting(struct node *node, const struct mempool_entry **entries, size_t most) {
    struct place *refused = mem_alloc_array(most + 1, sizeof *refused);
    size_t kept = 0, refusals = 0;
    pthread_mutex_lock(&node->lock);
    size_t count = mempool_select(node->mempool, entries, most, LIMIT_GOSSIP_WAITING_BYTES);
    pthread_mutex_unlock(&node->lock);
    for (size_t i = 0; i < count; i++) {
        const struct mempool_entry *entry = entries[i];
        enum tx_code code = work_check_signers(node, entry);
        if (code == TX_CODE_OK)
            entries[kept++] = entry;
        else
            refused[refusals++] =
                (struct place){.lane = entry->lane, .seq = entry->seq, .code = code};
    }
    drop_refused(node, refused, refusals);
    mem_free(refused);
    return kept;
}

static void tell_waiting(struct replica *replica, struct frames *frames,
                         const struct mempool_entry *const *entries, size_t count) {
    uint16_t peer = frames->txs.peer;
    bool takes_ids = replica->peers[peer].takes_ids, has_room = takes_ids || reads(replica, peer);
    for (size_t i = 0; i < count && has_room; i++) {
        if (takes_ids)
            tell_id(replica, &frames->ids, tx_start(&entries[i]->id), entries[i]->encoded.len);
        else if (txs_add(replica, &frames->txs, entries[i]->encoded))
            has_room = reads(replica, peer);
    }
    frames_send(replica, frames);
}

// Those who have come, or all.
static void tell_again(struct replica *replica, bool all) {
    struct node *node = replica->node;
    uint16_t peer = peer_from(replica, 0);
    while (peer != PEER_NONE && !all && !replica->peers[peer].needs_waiting)
        peer = peer_from(replica, peer + 1u);
    if (peer == PEER_NONE) return;
    struct frames frames = {0};
    pthread_mutex_lock(&node->lock);
    size_t most = mempool_count(node->mempool);
    pthread_mutex_unlock(&node->lock);
    const struct mempool_entry **entries = mem_alloc_array(most + 1, sizeof *entries);
    size_t count = find_waiting(node, entries, most);
    for (; peer != PEER_NONE; peer = peer_from(replica, peer + 1u)) {
        if (!all && !replica->peers[peer].needs_waiting) continue;
        replica->peers[peer].needs_waiting = false;
        frames_begin(&frames, peer);
        tell_waiting(replica, &frames, entries, count);
    }
    frames_clear(&frames);
    mem_free((void *)entries);
}

void txs_tell(struct replica *replica) {
    bool is_time = replica->time.now_ms >= replica->again_ms;
    if (is_time) replica->again_ms = replica->time.now_ms + LIMIT_GOSSIP_AGAIN_MS;
    tell_again(replica, is_time);
    tell_new(replica);
}

// --- answers ---

static const struct mempool_entry *find(struct node *node, uint64_t start) {
    pthread_mutex_lock(&node->lock);
    const struct mempool_entry *entry = mempool_find_start(node->mempool, start);
    pthread_mutex_unlock(&node->lock);
    return entry;
}

void txs_answer(struct replica *replica, uint16_t number, struct decoder *starts, uint32_t count) {
    struct replica_peer *peer = &replica->peers[number];
    struct txs_frame txs = {.peer = number};
    struct ids_frame lacks = {.peer = number, .kind = TX_IDS_LACK};
    bool has_room = reads(replica, number), is_untold = false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = decode_u64(starts);
        const struct mempool_entry *entry = find(replica->node, start);
        size_t cost = entry ? entry->encoded.len : LEAST_ASK_BYTES;
        bool is_told = cost <= peer->may_ask;
        is_untold = is_untold || !is_told;
        if (is_told) peer->may_ask -= cost;
        if (entry && is_told && has_room) {
            replica->counts.ids_answered++;
            if (txs_add(replica, &txs, entry->encoded)) has_room = reads(replica, number);
            continue;
        }
        replica->counts.ids_refused += entry || !is_told;
        ids_add(replica, &lacks, start);
    }
    txs_send(replica, &txs);
    ids_send(replica, &lacks);
    buf_clear(&txs.payload);
    buf_clear(&lacks.payload);
    if (is_untold) peer_penalise(replica, number, FAULT_UNTOLD);
}
