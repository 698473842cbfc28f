// SPDX-License-Identifier: Apache-2.0
// Which node speaks for which witness. A node tells each peer, once, the keys of consensus that it
// holds, each with its signature over the node's own key: whoever shows that key in its hello
// (net/hello.h) is where messages to the witness go.
#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/node/replica_inside.h"

static bool same_key(const struct public_key *a, const struct public_key *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

static const struct replica_peer *peer_of(const struct replica *replica, size_t peer) {
    return replica->peers[peer].is_there ? &replica->peers[peer] : NULL;
}

// Of HOST_PENALTY_MAX points, which end a connection.
static const struct {
    const char *name;
    unsigned points;
} faults[REPLICA_FAULTS] = {
    [FAULT_NO_TX] = {"no_transaction", 50},        // bytes that are none, whatever the state
    [FAULT_FORGED] = {"forged", 50},               // what no witness has signed, as if one had
    [FAULT_BAD_SIGNATURES] = {"bad_signature", 5}, // above what a change of keys explains
    [FAULT_SYNC] = {"sync", 0},                    // by how it lied: block_sync.c says
    [FAULT_UNDELIVERED] = {"undelivered", 50},     // again and again, by the dozens, while it talks
    [FAULT_UNTOLD] = {"untold", 20},               // each question, when what it was told is spent
};

const char *replica_fault_name(enum replica_fault fault) {
    ENSURE(fault < REPLICA_FAULTS);
    return faults[fault].name;
}

void peer_penalise(struct replica *replica, uint16_t number, enum replica_fault fault) {
    char node[2 * sizeof(struct public_key) + 1];
    const struct replica_peer *peer = number < LIMIT_PEERS ? peer_of(replica, number) : NULL;
    if (!peer) return;
    replica->counts.faults[fault]++;
    hex_encode(node, BYTES_OF(peer->node_key));
    log_warning("node", "a peer does what no honest node does",
                log_text("cause", faults[fault].name), log_text("node", node),
                log_number("points", faults[fault].points));
    replica->calls.penalise(replica->calls.context, number, faults[fault].points);
}

void keys_tell(struct replica *replica, uint16_t peer) {
    const struct node *node = replica->node;
    size_t count = node->key_count < LIMIT_WITNESSES ? node->key_count : LIMIT_WITNESSES;
    struct buf payload = {0};
    struct hash what;
    if (count == 0) return;
    node_key_hash(&what, &replica->node_key);
    encode_u32(&payload, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        struct public_key key;
        struct signature signature;
        key_public_of(&key, &node->keys[i]);
        sign_payload(&signature, &node->keys[i], SIGN_NODE_KEY, &node->chain_id, &what);
        encode_fixed(&payload, key.bytes, sizeof key.bytes);
        encode_fixed(&payload, signature.bytes, sizeof signature.bytes);
    }
    replica->calls.send(replica->calls.context, peer, REPLICA_KEYS, buf_bytes(&payload));
    buf_clear(&payload);
}

static bool is_of_set(const struct replica *replica, const struct public_key *key) {
    for (uint16_t i = 0; i < replica->set.count; i++)
        if (same_key(&replica->set.keys[i], key)) return true;
    return false;
}

// The place of that key; NULL: none of it is there.
static const struct trusted_node *find_place(const struct replica *replica,
                                             const struct public_key *key) {
    for (size_t i = 0; i < LIMIT_WITNESSES; i++)
        if (replica->trusted[i].is_there && same_key(&replica->trusted[i].key, key))
            return &replica->trusted[i];
    return NULL;
}

// There is one for each key of a set.
static struct trusted_node *free_place(struct replica *replica) {
    for (size_t i = 0; i < LIMIT_WITNESSES; i++)
        if (!replica->trusted[i].is_there) return &replica->trusted[i];
    return NULL;
}

// Which witness has certified that node, as far as this one was told; NULL: none that serves.
static const struct public_key *witness_of(const struct replica *replica,
                                           const struct public_key *node_key) {
    for (size_t i = 0; i < LIMIT_WITNESSES; i++) {
        const struct trusted_node *place = &replica->trusted[i];
        if (place->is_there && same_key(&place->node_key, node_key)) return &place->key;
    }
    return NULL;
}

static bool speaks_for(const struct replica *replica, const struct replica_peer *peer,
                       const struct public_key *key) {
    const struct trusted_node *place = find_place(replica, key);
    return place && same_key(&place->node_key, &peer->node_key);
}

// Of several keys it speaks for the first that it has told; before it has told any, for whom it did
// when it was here last, or does as records say.
static void weigh_peer(struct replica *replica, uint16_t number) {
    struct replica_peer *peer = &replica->peers[number];
    const struct public_key *witness = witness_of(replica, &peer->node_key);
    for (uint16_t i = peer->key_count; i > 0; i--)
        if (speaks_for(replica, peer, &peer->keys[i - 1])) witness = &peer->keys[i - 1];
    peer->is_witness = witness != NULL;
    driver_peer_speaks_for(replica->driver, number, witness);
}

static void weigh_node(struct replica *replica, const struct public_key *node_key) {
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        if (same_key(&replica->peers[i].node_key, node_key)) weigh_peer(replica, i);
}

static bool has_told(const struct replica_peer *peer, const struct public_key *key) {
    for (uint16_t i = 0; i < peer->key_count; i++)
        if (same_key(&peer->keys[i], key)) return true;
    return false;
}

// The node that is here and has told the key at `since_ms` or later: `preferred` where that is one,
// else who was the first. NULL: none.
static const struct public_key *find_teller(const struct replica *replica,
                                            const struct public_key *key, uint64_t since_ms,
                                            const struct public_key *preferred) {
    const struct replica_peer *first = NULL;
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1)) {
        const struct replica_peer *peer = &replica->peers[i];
        if (!has_told(peer, key) || peer->keys_told_ms < since_ms) continue;
        if (preferred && same_key(&peer->node_key, preferred)) return preferred;
        if (!first || peer->keys_told_ms < first->keys_told_ms) first = peer;
    }
    return first ? &first->node_key : NULL;
}

// One node at a time. KEYS say no time, and may be of a machine that the witness has left: they
// count while their node is here, from when it has told them, and no more where a newer record
// names another. Of two nodes that are here it is the one of the record, else the one that was
// first: who has an old machine's key takes no place away, and a connection that hangs after a
// move ends before long. NULL: as before.
static const struct public_key *find_speaker(struct replica *replica,
                                             const struct public_key *key) {
    const struct record_place *said = witness_records_find(&replica->records, key);
    const struct trusted_node *place = find_place(replica, key);
    const struct public_key *before = place ? &place->node_key : NULL, *speaker;
    if (!said || !said->is_there || !witness_record_is_timely(&said->record, replica->time.wall_ms))
        return find_teller(replica, key, 0, before);
    speaker = find_teller(replica, key, 0, &said->record.node);
    if (speaker && same_key(speaker, &said->record.node)) return speaker;
    speaker = find_teller(replica, key, said->record.time_ms, before);
    return speaker ? speaker : &said->record.node;
}

void keys_settle(struct replica *replica, const struct public_key *key) {
    if (!is_of_set(replica, key)) return;
    const struct public_key *speaker = find_speaker(replica, key);
    const struct trusted_node *known = find_place(replica, key);
    struct trusted_node before = known ? *known : (struct trusted_node){0};
    if (!speaker || (known && same_key(&before.node_key, speaker))) return;
    struct trusted_node *place =
        known ? &replica->trusted[known - replica->trusted] : free_place(replica);
    ENSURE(place);
    *place = (struct trusted_node){.is_there = true, .key = *key, .node_key = *speaker};
    if (known) weigh_node(replica, &before.node_key);
    weigh_node(replica, &place->node_key);
}

bool peer_is_trusted(const struct replica *replica, uint16_t number) {
    const struct replica_peer *peer = peer_of(replica, number);
    if (!peer) return false;
    // Who is hidden has its sentries alone.
    return peer->is_witness || peer->is_guarded || peer->is_named || replica->is_hidden;
}

static bool all_signed(const struct replica *replica, const struct replica_peer *peer,
                       const struct signature *signatures) {
    struct sign_item items[LIMIT_WITNESSES];
    bool valid[LIMIT_WITNESSES];
    struct hash what;
    node_key_hash(&what, &peer->node_key);
    for (uint16_t i = 0; i < peer->key_count; i++)
        items[i] = (struct sign_item){.signature = &signatures[i],
                                      .key = &peer->keys[i],
                                      .payload = &what,
                                      .tag = SIGN_NODE_KEY};
    sign_verify_many(valid, items, peer->key_count, &replica->node->chain_id);
    for (uint16_t i = 0; i < peer->key_count; i++)
        if (!valid[i]) return false;
    return true;
}

static void forget_keys(struct replica_peer *peer) {
    mem_free(peer->keys);
    peer->keys = NULL;
    peer->key_count = 0;
}

enum status keys_take(struct replica *replica, uint16_t number, struct bytes payload) {
    struct replica_peer *peer = &replica->peers[number];
    struct signature signatures[LIMIT_WITNESSES];
    struct decoder in = decoder_of(payload);
    if (peer->has_told_keys) return STATUS_MALFORMED;
    peer->has_told_keys = true;
    uint32_t count = decode_count(&in, LIMIT_WITNESSES);
    peer->keys = mem_alloc_array((size_t)count + 1, sizeof *peer->keys);
    for (uint32_t i = 0; i < count; i++) {
        decode_fixed(&in, peer->keys[i].bytes, sizeof peer->keys[i].bytes);
        decode_fixed(&in, signatures[i].bytes, sizeof signatures[i].bytes);
    }
    enum status status = decoder_finish(&in);
    if (status == STATUS_OK) peer->key_count = (uint16_t)count;
    if (status == STATUS_OK && !all_signed(replica, peer, signatures)) {
        replica->counts.keys_forged++;
        status = STATUS_BAD_SIGNATURE;
    }
    peer->keys_told_ms = replica->time.wall_ms;
    if (status != STATUS_OK) forget_keys(peer);
    for (uint16_t i = 0; i < peer->key_count; i++) keys_settle(replica, &peer->keys[i]);
    weigh_peer(replica, number);
    return status;
}

uint16_t keys_find_peer(const struct replica *replica, const struct public_key *key) {
    const struct trusted_node *place = find_place(replica, key);
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1)) {
        const struct replica_peer *peer = &replica->peers[i];
        bool may_speak = !place || same_key(&place->node_key, &peer->node_key);
        if (may_speak && has_told(peer, key)) return i;
    }
    return PEER_NONE;
}

uint16_t peer_of_witness(struct replica *replica, const struct public_key *key) {
    uint16_t number = keys_find_peer(replica, key);
    if (number != PEER_NONE || !replica->is_hidden) return number;
    // Its sentries know what the witnesses know.
    number = peer_behind(replica, replica->asked_peer);
    if (number != PEER_NONE) replica->asked_peer = number;
    return number;
}

void keys_begin_epoch(struct replica *replica, uint64_t epoch, const struct witness_set *set) {
    replica->epoch = epoch;
    replica->set = *set;
    memset(replica->is_accused, 0, sizeof replica->is_accused);
    replica->own_count = 0;
    for (size_t i = 0; i < replica->node->key_count; i++) {
        struct public_key own;
        key_public_of(&own, &replica->node->keys[i]);
        replica->own_count += is_of_set(replica, &own);
    }
    for (size_t i = 0; i < LIMIT_WITNESSES; i++)
        if (!is_of_set(replica, &replica->trusted[i].key)) replica->trusted[i].is_there = false;
    records_begin_epoch(replica);
    for (uint16_t i = 0; i < set->count; i++) keys_settle(replica, &set->keys[i]);
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
        weigh_peer(replica, i);
}

void replica_peer_joined(struct replica *replica, uint16_t number,
                         const struct replica_peer_info *info) {
    ENSURE(number < LIMIT_PEERS && !replica->peers[number].is_there);
    replica->peers[number] =
        (struct replica_peer){.is_there = true,
                              .needs_waiting = true,
                              .is_guarded = replica_is_guarded(replica, &info->node_key),
                              .is_named = info->is_named,
                              .takes_records = info->takes_records,
                              .takes_ids = info->takes_ids,
                              .is_inside = info->is_inside,
                              .joined_ms = replica->time.now_ms,
                              .node_key = info->node_key};
    replica->there[number / 64] |= UINT64_C(1) << number % 64;
    replica->peer_count++;
    driver_peer_joined(replica->driver, number,
                       &(struct answer_owners){BYTES_OF(info->node_key), info->place});
    weigh_peer(replica, number);
    block_sync_peer_joined(replica->sync, number, info->final_height);
    // Who says so is asked at once: it may be no witness, and on a chain that is idle nobody
    // speaks.
    if (info->final_height > replica->node->head.header.height + LIMIT_UNFINAL_BLOCKS)
        block_sync_begin(replica->sync, number);
    if (replica->filling) past_fill_peer_joined(replica->filling, number, info->final_height);
    keys_tell(replica, number);
    records_peer_joined(replica, number);
}

void replica_peer_left(struct replica *replica, uint16_t number) {
    ENSURE(number < LIMIT_PEERS && replica->peers[number].is_there);
    block_sync_peer_left(replica->sync, number);
    past_serve_forget(replica->past, number);
    if (replica->filling) past_fill_peer_left(replica->filling, number);
    driver_peer_left(replica->driver, number);
    records_peer_left(replica, number);
    txs_forget_peer(replica, number);
    asks_forget_peer(replica, number);
    early_forget_peer(replica, number);
    struct replica_peer left = replica->peers[number];
    replica->peers[number] = (struct replica_peer){0};
    replica->there[number / 64] &= ~(UINT64_C(1) << number % 64);
    replica->peer_count--;
    // Another node of its keys may have waited for that.
    for (uint16_t i = 0; i < left.key_count; i++) keys_settle(replica, &left.keys[i]);
    forget_keys(&left);
}

void replica_peer_named(struct replica *replica, uint16_t number) {
    ENSURE(number < LIMIT_PEERS && replica->peers[number].is_there);
    replica->peers[number].is_named = true;
}

bool replica_is_guarded(const struct replica *replica, const struct public_key *node_key) {
    const struct relay *relay = replica->relay;
    for (size_t i = 0; relay && i < relay->guarded_count; i++)
        if (same_key(&relay->guarded[i], node_key)) return true;
    return false;
}

bool replica_is_trusted(const struct replica *replica, const struct public_key *node_key) {
    return replica_is_guarded(replica, node_key) || witness_of(replica, node_key);
}
