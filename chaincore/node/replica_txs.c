// SPDX-License-Identifier: Apache-2.0
// Transactions that come from peers, until they are admitted. A peer costs what it sends: its
// transactions wait in a queue of its own, and a loop takes from all of them in turn. What has come
// of late is known by its hash, and costs no more than that.
#include "chaincore/base/memory.h"
#include "chaincore/node/mempool.h"
#include "chaincore/node/replica_inside.h"

enum {
    IN_TURN = 64, // of one peer, before the next one's
    FORGIVE_MS = 60 * 1000,
    COMPACT_BYTES = 1 << 20,
    EARLY_OF_RUN = 128,
};

// --- what peers send ---

size_t txs_waiting_of(const struct replica_peer *peer) { return peer->txs.len - peer->txs_taken; }

static void queue(struct replica *replica, struct replica_peer *peer, struct bytes encoded) {
    size_t len = 4 + encoded.len;
    replica->counts.txs_in++;
    if (seen_has(&replica->seen, seen_hash(&replica->seen, encoded))) {
        replica->counts.txs_known++;
        return;
    }
    if (txs_waiting_of(peer) + len > LIMIT_GOSSIP_BYTES_OF_PEER ||
        replica->waiting + len > LIMIT_GOSSIP_BYTES) {
        replica->counts.busy++;
        peer->unread_ms = replica->time.now_ms;
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
    replica->waiting -= txs_waiting_of(peer);
    buf_clear(&peer->txs);
    peer->txs_taken = 0;
}

bool txs_have_come(const struct replica *replica) { return replica->waiting > 0; }

// --- admission ---

struct batch {
    size_t count;
    struct node_submission items[LIMIT_GOSSIP_TXS_OF_RUN];
    uint16_t from[LIMIT_GOSSIP_TXS_OF_RUN];
    size_t again; // of them, the first ones: had come before their turn
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
    for (int i = 0; i < IN_TURN && txs_waiting_of(peer) > 0; i++) {
        if (batch->count == LIMIT_GOSSIP_TXS_OF_RUN) return;
        const uint8_t *at = peer->txs.data + peer->txs_taken;
        struct bytes encoded = bytes_of(at + 4, load_u32_le(at));
        peer->txs_taken += 4 + encoded.len;
        replica->waiting -= 4 + encoded.len;
        if (seen_has(&replica->seen, seen_hash(&replica->seen, encoded))) {
            replica->counts.txs_known++; // by another peer, meanwhile
            continue;
        }
        if (peer->other_keys > LIMIT_GOSSIP_BAD_SIGNATURES && !has_own_keys(encoded)) {
            peer->unread_ms = replica->time.now_ms;
            continue;
        }
        batch->from[batch->count] = number;
        batch->items[batch->count++] = (struct node_submission){.encoded = encoded};
    }
}

static void pick_in_turn(struct replica *replica, struct batch *batch) {
    while (replica->waiting > 0 && batch->count < LIMIT_GOSSIP_TXS_OF_RUN) {
        uint16_t number = replica->next_peer;
        for (unsigned i = 0; i < replica->peer_count; i++) {
            number = peer_behind(replica, number);
            pick_from(replica, number, batch);
        }
    }
    replica->next_peer = (uint16_t)((replica->next_peer + 1) % LIMIT_PEERS);
}

static void drop_taken(struct replica *replica) {
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1u)) {
        struct replica_peer *peer = &replica->peers[i];
        if (peer->txs_taken == 0) continue;
        if (txs_waiting_of(peer) == 0) {
            buf_clear(&peer->txs);
            peer->txs_taken = 0;
        } else if (peer->txs_taken >= COMPACT_BYTES) {
            memmove(peer->txs.data, peer->txs.data + peer->txs_taken, txs_waiting_of(peer));
            peer->txs.len = txs_waiting_of(peer);
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

static void take(struct replica *replica, uint16_t number, const struct node_submission *item) {
    struct holders holders = {.count = 1, .peers = {number}};
    replica->counts.txs_taken++;
    asks_note_come(replica, tx_start(&item->id), number, &holders);
    txs_note(replica, item->encoded, &item->id, &holders);
}

static void note_known(struct replica *replica, uint16_t number,
                       const struct node_submission *item) {
    struct holders holders = {0};
    seen_add(&replica->seen, seen_hash(&replica->seen, item->encoded), replica->time.now_ms);
    if (!had_has(replica, tx_start(&item->id))) had_add(replica, tx_start(&item->id));
    asks_note_come(replica, tx_start(&item->id), number, &holders);
}

// What the state refuses may be in time elsewhere, or too early here: it may come again.
static void judge(struct replica *replica, uint16_t number, const struct node_submission *item,
                  bool is_again) {
    switch (item->code) {
    case TX_CODE_OK:
        take(replica, number, item);
        break;
    case TX_CODE_DUPLICATE:
        note_known(replica, number, item);
        break;
    case TX_CODE_MALFORMED:
    case TX_CODE_TOO_LARGE:
        peer_penalise(replica, number, FAULT_NO_TX);
        break;
    case TX_CODE_BAD_SIGNATURE:
        asks_note_bad(replica, tx_start(&item->id), number);
        note_bad_signature(replica, number, item->encoded);
        break;
    case TX_CODE_NOT_AUTHORIZED:
    case TX_CODE_GAS_LIMIT_TOO_LOW:
        // An id does not cover the signatures: with others it may be good.
        asks_note_bad(replica, tx_start(&item->id), number);
        break;
    case TX_CODE_NONCE_GAP:
        if (is_again || early_keep(replica, number, item->encoded))
            asks_settle(replica, tx_start(&item->id), number);
        else
            asks_forget_id(replica, tx_start(&item->id)); // it is told once more
        break;
    default:
        asks_settle(replica, tx_start(&item->id), number);
    }
}

static void forgive(struct replica *replica) {
    if (replica->time.now_ms < replica->forgive_ms) return;
    replica->forgive_ms = replica->time.now_ms + FORGIVE_MS;
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1u)) {
        struct replica_peer *peer = &replica->peers[i];
        peer->bad_signatures = peer->other_keys = peer->records_in = 0;
        peer->delivered = peer->silent = peer->lacked = 0;
        peer->charged = peer->silent_rounds = 0;
    }
}

static void pick_early(struct replica *replica, struct batch *batch) {
    struct early_tx early[EARLY_OF_RUN];
    batch->again = batch->count = early_take(replica, early, EARLY_OF_RUN);
    for (size_t i = 0; i < batch->count; i++) {
        batch->from[i] = early[i].peer;
        batch->items[i] = (struct node_submission){.encoded = early[i].encoded};
    }
}

void txs_admit(struct replica *replica) {
    forgive(replica);
    if (replica->waiting == 0 && early_wake_ms(replica) > replica->time.now_ms) return;
    struct batch *batch = mem_alloc(sizeof *batch);
    pick_early(replica, batch);
    pick_in_turn(replica, batch);
    node_admit(replica->node, batch->items, batch->count);
    // A peer may be let go of meanwhile, and what it sent with it: its items are behind.
    for (size_t i = 0; i < batch->count; i++)
        if (replica->peers[batch->from[i]].is_there)
            judge(replica, batch->from[i], &batch->items[i], i < batch->again);
    mem_free(batch);
    early_drop_taken(replica);
    drop_taken(replica);
}

void txs_init(struct replica *replica) {
    table_key_draw(&replica->seen.key);
    table_key_draw(&replica->had.key);
    early_init(replica);
    asks_init(replica);
}

void txs_clear(struct replica *replica) {
    for (unsigned i = 0; i < LIMIT_PEERS; i++) txs_forget_peer(replica, (uint16_t)i);
    early_clear(replica);
    asks_clear(replica);
    buf_clear(&replica->out);
}
