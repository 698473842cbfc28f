// SPDX-License-Identifier: Apache-2.0
// What a hostile node makes of what it sends, one peer at a time: it holds keys of witnesses, so
// what it says may be signed. What it never has are the keys of others.
#include "chaincore/chain/block_roots.h"
#include "chaincore/sync/sync_message.h"
#include "tests/sim/nodes/nodes.h"
#include "tests/sim/shared/forge.h"

static void count_lie(const struct sim_node *node, uint64_t *figure) {
    (*figure)++;
    view_add(node->sim, node->index, VIEW_LIE, 0);
}

// --- signatures of its own ---

static bool load_set(struct sim_node *node, uint64_t epoch, struct witness_set *set) {
    struct witnesses witnesses;
    if (!node_witnesses(node->node, epoch, &witnesses)) return false;
    witnesses_set(set, &witnesses);
    return true;
}

static const struct secret_key *key_of(const struct sim_node *node, const struct public_key *key) {
    const struct sim *sim = node->sim;
    for (uint16_t i = 0; i < node->key_count; i++)
        if (memcmp(&sim->publics[node->keys[i]], key, sizeof *key) == 0)
            return &sim->keys[node->keys[i]];
    return NULL;
}

// As the witness that it is; false: it is not that one.
static bool sign_as(struct sim_node *node, uint16_t witness, const struct vote *vote,
                    struct signature *out) {
    struct witness_set set;
    struct hash payload;
    struct vote what = *vote;
    if (!load_set(node, vote->epoch, &set) || witness >= set.count) return false;
    const struct secret_key *key = key_of(node, &set.keys[witness]);
    if (!key) return false;
    witness_set_hash(&what.set_hash, &set);
    vote_payload(&payload, &what);
    sign_payload(out, key, what.kind == VOTE_PROPOSE ? SIGN_PROPOSAL : SIGN_VOTE,
                 &node->sim->chain_id, &payload);
    return true;
}

// --- one thing for some, another for others ---

// Some of its peers hear the one thing in a view, the others the other.
static bool is_other_half(const struct sim *sim, uint16_t to, uint64_t view) {
    return ((view * 0x9e3779b97f4a7c15u ^ sim->seed) >> (to % 32) & 1) != 0;
}

// What it proposes besides what it ought to, the same for all who are told of it. What no honest
// node may sign all are told of, for of two halves neither is a quorum.
enum another { BAD_STATE, BAD_RECEIPTS, BAD_SIGNATURE, LATER, MUCH_LATER, ANOTHER_COUNT };
static enum another another_of(const struct sim *sim, uint64_t view) {
    return (enum another)((view ^ sim->seed) % ANOTHER_COUNT);
}

// The same transactions, the last of them signed by nobody: what it does is the same, and the
// header commits to it. `body` has room for it. False: there is none.
static bool spoil_signature(struct header *header, struct buf *body) {
    enum { MOST = 64 };
    struct hash ids[MOST];
    struct bytes signatures[MOST];
    struct decoder in = decoder_of(buf_bytes(body));
    uint32_t count = decode_count(&in, MOST);
    if (count == 0 || in.status != STATUS_OK) return false;
    body->data[body->len - 1] ^= 1; // of the scalar, which a signature ends with
    for (uint32_t i = 0; i < count; i++) {
        struct bytes encoded = decode_bytes(&in, LIMIT_DEPLOY_TX_BYTES);
        struct tx tx;
        if (in.status != STATUS_OK || tx_decode(&tx, encoded) != STATUS_OK) return false;
        size_t len = tx_body(encoded, &tx).len;
        hash_bytes(&ids[i], HASH_TX, bytes_of(encoded.data, len));
        signatures[i] = bytes_of(encoded.data + len, encoded.len - len);
    }
    block_tx_root(&header->tx_root, ids, signatures, count);
    return true;
}

// Another block of the same view, signed as well: one that executes, or one that does not.
static bool propose_another(struct sim_node *node, struct wire_message *message) {
    static struct buf body;
    struct proposal *proposal = &message->message.proposal;
    if (proposal->view != message->header.view) return false;
    switch (another_of(node->sim, proposal->view)) {
    case BAD_STATE:
        message->header.state_root.bytes[3] ^= 1;
        break;
    case BAD_RECEIPTS:
        message->header.receipts_root.bytes[3] ^= 1;
        break;
    case BAD_SIGNATURE:
        buf_reset(&body);
        buf_append(&body, message->body);
        if (!spoil_signature(&message->header, &body)) return false;
        message->body = buf_bytes(&body);
        break;
    case LATER:
        message->header.time_ms++;
        break;
    case MUCH_LATER:
        message->header.time_ms += 2 * LIMIT_CLOCK_AHEAD_MS;
        break;
    case ANOTHER_COUNT:
        return false;
    }
    header_id(&proposal->id, &message->header);
    struct vote vote = {.epoch = proposal->epoch,
                        .kind = VOTE_PROPOSE,
                        .view = proposal->view,
                        .block_id = proposal->id};
    return sign_as(node, message->header.leader, &vote, &proposal->signature);
}

static bool vote_for_another(struct sim_node *node, struct wire_message *message) {
    struct signed_votes *votes = &message->message.votes;
    const struct sim_double *two = &node->two;
    if (two->view != votes->view || hash_is_zero(&two->other)) return false;
    if (votes->kind == VOTE_NOTARIZE) {
        votes->block_id = two->other;
    } else if (votes->kind == VOTE_FINALIZE) {
        votes->kind = VOTE_NULLIFY;
        votes->block_id = (struct hash){0};
        message->kind = WIRE_NULLIFY;
    } else {
        votes->kind = VOTE_FINALIZE;
        votes->block_id = two->first;
        message->kind = WIRE_FINALIZE;
    }
    struct vote vote = {.epoch = votes->epoch,
                        .kind = votes->kind,
                        .view = votes->view,
                        .block_id = votes->block_id};
    for (uint16_t i = 0; i < votes->count; i++)
        if (!sign_as(node, votes->signers[i].witness, &vote, &message->signers[i].signature))
            return false;
    return true;
}

// Which two it has told of in a view; of a view where it does not lead, the one and nothing.
static void note_two(struct sim_node *node, const struct wire_message *message) {
    const struct signed_votes *votes = &message->message.votes;
    if (message->kind == WIRE_NOTARIZE && node->two.view < votes->view)
        node->two = (struct sim_double){
            .view = votes->view, .first = votes->block_id, .other = node->another};
}

static bool equivocate(struct sim_node *node, uint16_t to, struct wire_message *message) {
    bool is_vote = message->kind == WIRE_NOTARIZE || message->kind == WIRE_NULLIFY ||
                   message->kind == WIRE_FINALIZE;
    if (is_vote) note_two(node, message);
    uint64_t view = is_vote ? message->message.votes.view : message->message.proposal.view;
    if (!is_vote && message->kind != WIRE_PROPOSE) return false;
    bool is_for_all = !is_vote && another_of(node->sim, view) <= BAD_SIGNATURE;
    if (!is_for_all && !is_other_half(node->sim, to, view)) return false;
    bool is_done = is_vote ? vote_for_another(node, message) : propose_another(node, message);
    if (is_done && !is_vote) node->another = message->message.proposal.id;
    if (is_done) count_lie(node, &node->sim->figures.equivocated);
    return is_done;
}

// --- what others have made ---

static uint64_t draw_below(void *context, uint64_t bound) {
    struct sim_node *node = context;
    return draws_below(&node->sim->draws, bound);
}

static uint16_t witnesses_of(void *context, uint64_t epoch) {
    struct witness_set set;
    return load_set(context, epoch, &set) ? set.count : 0;
}

static bool forge(struct sim_node *node, struct wire_message *message) {
    const struct forger forger = {.context = node,
                                  .below = draw_below,
                                  .witnesses = witnesses_of,
                                  .most = node->sim->witnesses};
    if (!draws_percent(&node->sim->draws, 8)) return false;
    forge_message(&forger, message);
    count_lie(node, &node->sim->figures.forged);
    return true;
}

static const uint8_t other_body[] = {0, 0, 0, 0}; // of a block without transactions

// A block's header with another's body, or the header with something else in it.
static bool spoil(struct sim_node *node, struct wire_message *message, struct bytes *body) {
    struct sim *sim = node->sim;
    if (message->kind != WIRE_PROPOSE && message->kind != WIRE_BLOCK) return false;
    if (!draws_percent(&sim->draws, 12)) return false;
    if (draws_percent(&sim->draws, 50))
        *body = BYTES_OF(other_body);
    else
        message->header.state_root.bytes[draws_below(&sim->draws, 32)] ^= 1;
    count_lie(node, &sim->figures.spoiled);
    return true;
}

static void send_message(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload) {
    static struct wire_message message;
    struct buf out = {0};
    bool is_changed = false;
    ENSURE(wire_decode(&message, payload) == STATUS_OK);
    if (from->hostility & HOSTILE_EQUIVOCATES) is_changed = equivocate(from, to, &message);
    struct bytes body = message.body;
    if (!is_changed && from->hostility & HOSTILE_FORGES) is_changed = forge(from, &message);
    if (!is_changed && from->hostility & HOSTILE_SPOILS) is_changed = spoil(from, &message, &body);
    if (is_changed) {
        forge_encode(&out, &message, body);
        if (message.kind == WIRE_CERTIFICATE) kind = REPLICA_CERTIFICATE;
    } else {
        buf_append(&out, payload);
    }
    links_put(from, to, kind, buf_bytes(&out));
    buf_clear(&out);
}

// Final blocks in bulk: headers that lead nowhere or are not certified, bodies of others.
static void spoil_sync(struct sim_node *node, struct buf *out, struct bytes payload) {
    struct sim *sim = node->sim;
    struct sync_message message;
    buf_append(out, payload);
    ENSURE(sync_decode(&message, payload) == STATUS_OK);
    if (!draws_percent(&sim->draws, 25)) return;
    struct bytes part = message.kind == SYNC_HEADERS ? message.headers : message.body;
    if (message.kind == SYNC_HEADERS && draws_percent(&sim->draws, 50)) part = message.certificate;
    count_lie(node, &sim->figures.spoiled);
    if (message.kind == SYNC_BLOCK && part.len > 4 && draws_percent(&sim->draws, 50)) {
        buf_reset(out);
        message.body = BYTES_OF(other_body);
        sync_encode(out, &message);
    } else if (message.kind == SYNC_NOTHING) {
        buf_reset(out);
        message.newest += 1 + draws_below(&sim->draws, 100);
        sync_encode(out, &message);
    } else if (part.len > 0) {
        size_t at = (size_t)(part.data - payload.data);
        out->data[at + draws_below(&sim->draws, part.len)] ^=
            (uint8_t)(1 << draws_below(&sim->draws, 8));
    }
}

// Old news, and none of its own: whatever went over the network.
static void replay(struct sim_node *from, uint16_t to) {
    struct sim *sim = from->sim;
    const struct packet *packet = sim->seen[draws_below(&sim->draws, SIM_SEEN)];
    if (!packet || !draws_percent(&sim->draws, 15)) return;
    sim->figures.replayed++;
    links_put(from, to, packet->kind, buf_bytes(&packet->bytes));
}

// By kind and peer, for a while.
static bool is_withheld(struct sim_node *from, uint16_t to, uint8_t kind) {
    struct sim *sim = from->sim;
    uint64_t turn = sim->now_ms / 3000;
    uint64_t number = (turn * 31 + to) * 17 + kind + sim->seed;
    number = (number ^ number >> 7) * 0x9e3779b97f4a7c15u;
    if (number >> 62 != 0) return false;
    sim->figures.withheld++;
    return true;
}

// Of the last one the end, where its signature is.
static void spoil_txs(struct sim_node *node, struct buf *out) {
    if (out->len < 128 || !draws_percent(&node->sim->draws, 10)) return;
    out->data[out->len - 1 - draws_below(&node->sim->draws, 60)] ^= 1;
    count_lie(node, &node->sim->figures.spoiled);
}

// Another id than one that is told, asked for or said to be lacking: of nothing that there is.
static void spoil_ids(struct sim_node *node, struct buf *out) {
    enum { HEAD_BYTES = 1 + 4 };
    if (out->len <= HEAD_BYTES || !draws_percent(&node->sim->draws, 25)) return;
    out->data[HEAD_BYTES + draws_below(&node->sim->draws, out->len - HEAD_BYTES)] ^= 1;
    count_lie(node, &node->sim->figures.spoiled);
}

void hostile_send(struct sim_node *from, uint16_t to, uint8_t kind, struct bytes payload) {
    struct buf out = {0};
    if (from->hostility & HOSTILE_REPLAYS) replay(from, to);
    if (from->hostility & HOSTILE_WITHHOLDS && is_withheld(from, to, kind)) return;
    if (kind == REPLICA_VOTE || kind == REPLICA_CERTIFICATE || kind == REPLICA_BLOCK) {
        send_message(from, to, kind, payload);
        return;
    }
    if (kind == REPLICA_SYNC && from->hostility & HOSTILE_SPOILS)
        spoil_sync(from, &out, payload);
    else
        buf_append(&out, payload);
    if (kind == REPLICA_TXS && from->hostility & HOSTILE_SPOILS) spoil_txs(from, &out);
    if (kind == REPLICA_TX_IDS && from->hostility & HOSTILE_SPOILS) spoil_ids(from, &out);
    links_put(from, to, kind, buf_bytes(&out));
    buf_clear(&out);
}

static bool is_own(const struct sim_node *node, const struct witness_set *set, uint16_t witness) {
    return witness < set->count && key_of(node, &set->keys[witness]) != NULL;
}

static bool has_signed(const struct certificate *certificate, uint16_t witness) {
    return certificate->bitmap[witness / 8] >> (witness % 8) & 1;
}

static bool is_of_own(const struct sim_node *node, const struct witness_set *set,
                      const struct wire_message *message) {
    const struct consensus_message *what = &message->message;
    bool is_it = false;
    if (message->kind == WIRE_PROPOSE) // a repeat there is one of alone
        return what->proposal.view == message->header.view &&
               is_own(node, set, message->header.leader);
    for (uint16_t i = 0; what->kind == MESSAGE_VOTES && i < what->votes.count; i++)
        is_it = is_it || is_own(node, set, what->votes.signers[i].witness);
    for (uint16_t i = 0; what->kind == MESSAGE_CERTIFICATE && i < set->count; i++)
        is_it = is_it || (has_signed(what->sealed.certificate, i) && is_own(node, set, i) &&
                          votes_told_other(node, i, &what->sealed));
    return is_it;
}

// A process that finds two signatures of its own key signs no more; who lies by them is not bound
// by that. Two nodes with the same keys do not know of each other.
bool hostile_hides(struct sim_node *node, const struct packet *packet) {
    static struct wire_message message;
    struct witness_set set;
    uint64_t epoch = 0;
    if (!node->is_hostile || node->is_pair) return false;
    if (packet->kind != REPLICA_VOTE && packet->kind != REPLICA_CERTIFICATE) return false;
    if (wire_decode(&message, buf_bytes(&packet->bytes)) != STATUS_OK) return false;
    if (message.kind == WIRE_PROPOSE)
        epoch = message.message.proposal.epoch;
    else if (message.kind == WIRE_CERTIFICATE)
        epoch = message.message.sealed.epoch;
    else if (message.message.kind == MESSAGE_VOTES)
        epoch = message.message.votes.epoch;
    return load_set(node, epoch, &set) && is_of_own(node, &set, &message);
}
