// SPDX-License-Identifier: Apache-2.0
// Transactions on their way through the network. Each is passed on once, by whoever admits it, to
// all peers but the one that it came from. What is lost on the way comes again: a peer that joins
// is told what waits, and from time to time all are.
//
// A peer costs what it sends: its transactions wait in a queue of its own, and a loop takes from
// all of them in turn. What has come of late is known by its hash, and costs no more than that.
#include "chaincore/base/memory.h"
#include "chaincore/node/node_block.h"
#include "chaincore/node/replica_inside.h"

enum {
    IN_TURN = 64, // of one peer, before the next one's
    FORGIVE_MS = 60 * 1000,
    COMPACT_BYTES = 1 << 20,
    OUT_HEAD_BYTES = 2 + 4,
};

// --- what has come of late ---

static uint64_t hash_of(const struct seen_txs *seen, struct bytes encoded) {
    uint64_t hash = table_hash(&seen->key, encoded);
    return hash == 0 ? 1 : hash; // 0: a free slot
}

static bool seen_has(const struct seen_txs *seen, uint64_t hash) {
    size_t slot = hash % SEEN_SLOTS;
    return seen->slots[0][slot] == hash || seen->slots[1][slot] == hash;
}

// Half of the slots, or so long: then the older generation goes.
static void seen_add(struct seen_txs *seen, uint64_t hash, uint64_t now_ms) {
    if (seen->count >= SEEN_SLOTS / 2 || now_ms - seen->begun_ms >= LIMIT_GOSSIP_SEEN_MS) {
        seen->present ^= 1;
        memset(seen->slots[seen->present], 0, sizeof seen->slots[seen->present]);
        seen->count = 0;
        seen->begun_ms = now_ms;
    }
    seen->slots[seen->present][hash % SEEN_SLOTS] = hash;
    seen->count++;
}

// --- what peers send ---

static size_t waiting_of(const struct replica_peer *peer) {
    return peer->txs.len - peer->txs_taken;
}

static void queue(struct replica *replica, struct replica_peer *peer, struct bytes encoded) {
    size_t len = 4 + encoded.len;
    replica->counts.txs_in++;
    if (seen_has(&replica->seen, hash_of(&replica->seen, encoded))) {
        replica->counts.txs_known++;
        return;
    }
    if (waiting_of(peer) + len > LIMIT_GOSSIP_BYTES_OF_PEER ||
        replica->waiting + len > LIMIT_GOSSIP_BYTES) {
        replica->counts.busy++;
        return;
    }
    encode_bytes(&peer->txs, encoded);
    replica->waiting += len;
}

enum status txs_take(struct replica *replica, uint16_t number, struct bytes payload) {
    struct replica_peer *peer = &replica->peers[number];
    struct decoder in = decoder_of(payload);
    uint32_t count = decode_count(&in, REPLICA_TXS_BYTES);
    if (count == 0) decoder_fail(&in, STATUS_MALFORMED);
    for (uint32_t i = 0; i < count && in.status == STATUS_OK; i++) {
        struct bytes encoded = decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES);
        if (in.status == STATUS_OK) queue(replica, peer, encoded);
    }
    return decoder_finish(&in);
}

void txs_forget_peer(struct replica *replica, uint16_t number) {
    struct replica_peer *peer = &replica->peers[number];
    replica->waiting -= waiting_of(peer);
    buf_clear(&peer->txs);
    peer->txs_taken = 0;
}

bool txs_have_come(const struct replica *replica) { return replica->waiting > 0; }

// --- admission ---

struct batch {
    size_t count;
    struct node_submission items[LIMIT_GOSSIP_TXS_OF_RUN];
    uint16_t from[LIMIT_GOSSIP_TXS_OF_RUN];
};

// Whether all of its signatures carry their keys, so that they are good everywhere or nowhere.
static bool has_own_keys(struct bytes encoded) {
    struct tx tx;
    if (tx_decode(&tx, encoded) != STATUS_OK) return true;
    for (uint32_t i = 0; i < tx.signature_count; i++)
        if (!tx.signatures[i].has_key) return false;
    return true;
}

// The next ones of a peer, which stay where they are until they are admitted.
static void pick_from(struct replica *replica, uint16_t number, struct batch *batch) {
    struct replica_peer *peer = &replica->peers[number];
    for (int i = 0; i < IN_TURN && waiting_of(peer) > 0; i++) {
        if (batch->count == LIMIT_GOSSIP_TXS_OF_RUN) return;
        const uint8_t *at = peer->txs.data + peer->txs_taken;
        struct bytes encoded = bytes_of(at + 4, load_u32_le(at));
        peer->txs_taken += 4 + encoded.len;
        replica->waiting -= 4 + encoded.len;
        if (seen_has(&replica->seen, hash_of(&replica->seen, encoded))) {
            replica->counts.txs_known++; // by another peer, meanwhile
            continue;
        }
        if (peer->other_keys > LIMIT_GOSSIP_BAD_SIGNATURES && !has_own_keys(encoded)) continue;
        batch->from[batch->count] = number;
        batch->items[batch->count++] = (struct node_submission){.encoded = encoded};
    }
}

static void pick_in_turn(struct replica *replica, struct batch *batch) {
    while (replica->waiting > 0 && batch->count < LIMIT_GOSSIP_TXS_OF_RUN) {
        for (unsigned i = 0; i < LIMIT_PEERS; i++) {
            uint16_t number = (uint16_t)((replica->next_peer + i) % LIMIT_PEERS);
            if (replica->peers[number].is_there) pick_from(replica, number, batch);
        }
    }
    replica->next_peer = (uint16_t)((replica->next_peer + 1) % LIMIT_PEERS);
}

static void drop_taken(struct replica *replica) {
    for (size_t i = 0; i < LIMIT_PEERS; i++) {
        struct replica_peer *peer = &replica->peers[i];
        if (peer->txs_taken == 0) continue;
        if (waiting_of(peer) == 0) {
            buf_clear(&peer->txs);
            peer->txs_taken = 0;
        } else if (peer->txs_taken >= COMPACT_BYTES) {
            memmove(peer->txs.data, peer->txs.data + peer->txs_taken, waiting_of(peer));
            peer->txs.len = waiting_of(peer);
            peer->txs_taken = 0;
        }
    }
}

// Where an account's keys have changed, a peer that is ahead or behind is honest. It is believed
// less for a while, and never let go of.
static void note_bad_signature(struct replica *replica, uint16_t number, struct bytes encoded) {
    struct replica_peer *peer = &replica->peers[number];
    if (!has_own_keys(encoded))
        peer->other_keys++;
    else if (++peer->bad_signatures > LIMIT_GOSSIP_BAD_SIGNATURES)
        peer_penalise(replica, number, FAULT_BAD_SIGNATURES);
}

// What the state refuses may be in time elsewhere, or too early here: it may come again.
static void judge(struct replica *replica, uint16_t number, const struct node_submission *item) {
    if (item->code == TX_CODE_OK) {
        replica->counts.txs_taken++;
        txs_note(replica, number, item->encoded);
    } else if (item->code == TX_CODE_DUPLICATE) {
        seen_add(&replica->seen, hash_of(&replica->seen, item->encoded), replica->time.now_ms);
    } else if (item->code == TX_CODE_MALFORMED || item->code == TX_CODE_TOO_LARGE) {
        peer_penalise(replica, number, FAULT_NO_TX);
    } else if (item->code == TX_CODE_BAD_SIGNATURE) {
        note_bad_signature(replica, number, item->encoded);
    }
}

static void forgive(struct replica *replica) {
    if (replica->time.now_ms < replica->forgive_ms) return;
    replica->forgive_ms = replica->time.now_ms + FORGIVE_MS;
    for (size_t i = 0; i < LIMIT_PEERS; i++)
        replica->peers[i].bad_signatures = replica->peers[i].other_keys =
            replica->peers[i].records_in = 0;
}

void txs_admit(struct replica *replica) {
    forgive(replica);
    if (replica->waiting == 0) return;
    struct batch *batch = mem_alloc(sizeof *batch);
    pick_in_turn(replica, batch);
    node_admit(replica->node, batch->items, batch->count);
    // A peer may be let go of meanwhile, and what it sent with it: its items are behind.
    for (size_t i = 0; i < batch->count; i++)
        if (replica->peers[batch->from[i]].is_there)
            judge(replica, batch->from[i], &batch->items[i]);
    mem_free(batch);
    drop_taken(replica);
}

// --- passing on ---

void txs_note(struct replica *replica, uint16_t from, struct bytes encoded) {
    seen_add(&replica->seen, hash_of(&replica->seen, encoded), replica->time.now_ms);
    if (replica->out.len + OUT_HEAD_BYTES + encoded.len > LIMIT_GOSSIP_OUT_BYTES) {
        replica->counts.txs_unsent++;
        return;
    }
    encode_u16(&replica->out, from);
    encode_bytes(&replica->out, encoded);
    replica->counts.txs_out++;
}

struct frame {
    uint16_t peer;
    uint32_t count;
    struct buf payload;
};

static void frame_send(struct replica *replica, struct frame *frame) {
    if (frame->count == 0) return;
    store_u32_le(frame->payload.data, frame->count);
    replica->calls.send(replica->calls.context, frame->peer, REPLICA_TXS,
                        buf_bytes(&frame->payload));
    frame->count = 0;
}

static void frame_add(struct replica *replica, struct frame *frame, struct bytes encoded) {
    if (frame->payload.len + 4 + encoded.len > LIMIT_GOSSIP_FRAME_BYTES) frame_send(replica, frame);
    if (frame->count == 0) {
        buf_reset(&frame->payload);
        encode_u32(&frame->payload, 0);
    }
    encode_bytes(&frame->payload, encoded);
    frame->count++;
}

static void tell_one(struct replica *replica, uint16_t number, struct buf *scratch) {
    struct frame frame = {.peer = number, .payload = *scratch};
    for (size_t at = 0; at < replica->out.len;) {
        const uint8_t *head = replica->out.data + at;
        uint16_t from = load_u16_le(head);
        struct bytes encoded = bytes_of(head + OUT_HEAD_BYTES, load_u32_le(head + 2));
        at += OUT_HEAD_BYTES + encoded.len;
        if (from != number) frame_add(replica, &frame, encoded);
    }
    frame_send(replica, &frame);
    *scratch = frame.payload;
}

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

// The entries stay while this thread, which alone removes them, is here.
static void tell_waiting(struct replica *replica, uint16_t number, size_t most_bytes) {
    struct node *node = replica->node;
    struct frame frame = {.peer = number};
    pthread_mutex_lock(&node->lock);
    size_t most = mempool_count(node->mempool), refusals = 0;
    const struct mempool_entry **entries = mem_alloc_array(most + 1, sizeof *entries);
    size_t count = mempool_select(node->mempool, entries, most, most_bytes);
    pthread_mutex_unlock(&node->lock);
    struct place *refused = mem_alloc_array(count + 1, sizeof *refused);
    for (size_t i = 0; i < count; i++) {
        enum tx_code code = work_check_signers(node, entries[i]);
        if (code == TX_CODE_OK)
            frame_add(replica, &frame, entries[i]->encoded);
        else
            refused[refusals++] =
                (struct place){.lane = entries[i]->lane, .seq = entries[i]->seq, .code = code};
    }
    frame_send(replica, &frame);
    drop_refused(node, refused, refusals);
    buf_clear(&frame.payload);
    mem_free(refused);
    mem_free((void *)entries);
}

static void tell_newcomers(struct replica *replica) {
    for (unsigned i = 0; i < LIMIT_PEERS; i++) {
        struct replica_peer *peer = &replica->peers[i];
        if (!peer->is_there || !peer->needs_waiting) continue;
        peer->needs_waiting = false;
        tell_waiting(replica, (uint16_t)i, LIMIT_GOSSIP_WAITING_BYTES);
    }
}

void txs_tell(struct replica *replica) {
    struct buf scratch = {0};
    if (replica->peer_count > 0 && replica->time.now_ms >= replica->again_ms) {
        replica->again_ms = replica->time.now_ms + LIMIT_GOSSIP_AGAIN_MS;
        tell_waiting(replica, PEER_NONE, LIMIT_GOSSIP_WAITING_BYTES);
    }
    tell_newcomers(replica);
    if (replica->out.len == 0) return;
    for (unsigned i = 0; i < LIMIT_PEERS; i++)
        if (replica->peers[i].is_there) tell_one(replica, (uint16_t)i, &scratch);
    buf_clear(&scratch);
    buf_reset(&replica->out);
}

void txs_init(struct replica *replica) { table_key_draw(&replica->seen.key); }

void txs_clear(struct replica *replica) {
    for (unsigned i = 0; i < LIMIT_PEERS; i++) txs_forget_peer(replica, (uint16_t)i);
    buf_clear(&replica->out);
}
