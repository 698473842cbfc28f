// SPDX-License-Identifier: Apache-2.0
// Ids of transactions that peers tell, until what they stand for has come. One that nobody has sent
// within a moment is asked for: of one who told of it, then of another, until nobody is left. What
// is asked of a peer at a time is bounded, and so is what is remembered of it.
//
// Who says at once that it has one no more is honest: blocks take transactions out of mempools. Who
// does so more often than not is asked last; who is silent, and goes on to talk, pays in the end. A
// connection on which nothing comes says nothing of its peer.
#include "chaincore/base/memory.h"
#include "chaincore/node/mempool.h"
#include "chaincore/node/replica_inside.h"

// In each, what is due first stands first.
enum want_list {
    WANT_FRESH, // until the next run
    WANT_DUE,   // to be asked for
    WANT_BUSY,  // likewise, once somebody has time
    WANT_ASKED,
    WANT_SETTLED, // has come, and is of no use
    WANT_LISTS
};

enum {
    NONE = 0,
    BUCKETS = LIMIT_GOSSIP_WANTED,
    BUSY_MS = 100,
    QUEUE_MS = 500,  // for what may stand in this node's own queue
    LOOKED_AT = 256, // for one that another may have the place of
};

struct want {
    uint64_t start;
    uint64_t at_ms; // when it is due, by its list
    uint64_t told_ms;
    uint32_t next_in_bucket;
    uint32_t before, behind; // in its list
    uint16_t owner;          // who told of it first; PEER_NONE: has left
    uint16_t asked;
    uint8_t list;
    bool is_of_stranger;
    uint8_t count, tried; // tellers, and how many of them were asked: the first ones
    uint16_t tellers[LIMIT_GOSSIP_TELLERS];
};

struct asks {
    struct table_key key;
    uint32_t buckets[BUCKETS];
    struct want wants[1 + LIMIT_GOSSIP_WANTED]; // by number, from 1 on
    uint32_t used;                              // the highest that was in use ever
    uint32_t free; // the first of those that are none, by next_in_bucket
    uint32_t first[WANT_LISTS], last[WANT_LISTS];
    size_t open;      // that are not settled
    size_t strangers; // of these, first told by one
};

// --- places ---

static uint32_t *bucket_of(struct asks *asks, uint64_t start) {
    return &asks->buckets[table_hash(&asks->key, BYTES_OF(start)) % BUCKETS];
}

static struct want *find(struct asks *asks, uint64_t start) {
    uint32_t at = *bucket_of(asks, start);
    while (at != NONE && asks->wants[at].start != start) at = asks->wants[at].next_in_bucket;
    return at == NONE ? NULL : &asks->wants[at];
}

static uint32_t number_of(const struct asks *asks, const struct want *want) {
    return (uint32_t)(want - asks->wants);
}

static void list_take(struct asks *asks, struct want *want) {
    *(want->before ? &asks->wants[want->before].behind : &asks->first[want->list]) = want->behind;
    *(want->behind ? &asks->wants[want->behind].before : &asks->last[want->list]) = want->before;
}

static void list_put(struct asks *asks, struct want *want, enum want_list list, uint64_t at_ms) {
    uint32_t number = number_of(asks, want);
    want->list = (uint8_t)list;
    want->at_ms = at_ms;
    want->before = asks->last[list];
    want->behind = NONE;
    *(want->before ? &asks->wants[want->before].behind : &asks->first[list]) = number;
    asks->last[list] = number;
}

static void move(struct asks *asks, struct want *want, enum want_list list, uint64_t at_ms) {
    list_take(asks, want);
    list_put(asks, want, list, at_ms);
}

// Before all others.
static void move_due(struct asks *asks, struct want *want) {
    uint32_t number = number_of(asks, want);
    list_take(asks, want);
    want->list = WANT_DUE;
    want->at_ms = 0;
    want->before = NONE;
    want->behind = asks->first[WANT_DUE];
    *(want->behind ? &asks->wants[want->behind].before : &asks->last[WANT_DUE]) = number;
    asks->first[WANT_DUE] = number;
}

// What is due in a list; NULL.
static struct want *due(struct asks *asks, enum want_list list, uint64_t now_ms) {
    struct want *want = &asks->wants[asks->first[list]];
    return asks->first[list] != NONE && want->at_ms <= now_ms ? want : NULL;
}

static void release(struct replica *replica, struct want *want) {
    struct asks *asks = replica->asks;
    asks->open--;
    asks->strangers -= want->is_of_stranger;
    if (want->owner != PEER_NONE) replica->peers[want->owner].wanted--;
    if (want->list == WANT_ASKED) replica->peers[want->asked].asked--;
}

static void forget(struct replica *replica, struct want *want) {
    struct asks *asks = replica->asks;
    uint32_t *link = bucket_of(asks, want->start), number = number_of(asks, want);
    if (want->list != WANT_SETTLED) release(replica, want);
    list_take(asks, want);
    while (*link != number) link = &asks->wants[*link].next_in_bucket;
    *link = want->next_in_bucket;
    want->next_in_bucket = asks->free;
    asks->free = number;
}

static struct want *find_place(struct replica *replica) {
    struct asks *asks = replica->asks;
    if (asks->free == NONE && asks->used == LIMIT_GOSSIP_WANTED &&
        asks->first[WANT_SETTLED] != NONE)
        forget(replica, &asks->wants[asks->first[WANT_SETTLED]]);
    if (asks->free == NONE)
        return asks->used < LIMIT_GOSSIP_WANTED ? &asks->wants[++asks->used] : NULL;
    struct want *want = &asks->wants[asks->free];
    asks->free = want->next_in_bucket;
    return want;
}

void asks_init(struct replica *replica) {
    replica->asks = mem_alloc(sizeof *replica->asks);
    table_key_draw(&replica->asks->key);
}

void asks_clear(struct replica *replica) {
    mem_free(replica->asks);
    replica->asks = NULL;
}

size_t asks_open_count(const struct replica *replica) { return replica->asks->open; }

// --- what peers tell ---

static int place_of_teller(const struct want *want, uint16_t peer) {
    for (int i = 0; i < want->count; i++)
        if (want->tellers[i] == peer) return i;
    return -1;
}

// Many strangers that say the same must not hide one who delivers.
static void add_teller(struct replica *replica, struct want *want, uint16_t peer) {
    if (want->list == WANT_SETTLED || place_of_teller(want, peer) >= 0) return;
    if (want->count < LIMIT_GOSSIP_TELLERS) {
        want->tellers[want->count++] = peer;
        return;
    }
    for (int i = want->count - 1; i >= want->tried && peer_is_trusted(replica, peer); i--) {
        if (peer_is_trusted(replica, want->tellers[i])) continue;
        want->tellers[i] = peer;
        return;
    }
}

// Where there is no more room, who has more of it gives way to who has less: nobody keeps the
// others from being asked by what he says.
static void make_room(struct replica *replica, uint16_t number, bool is_stranger) {
    static const enum want_list lists[] = {WANT_FRESH, WANT_DUE, WANT_BUSY};
    struct asks *asks = replica->asks;
    unsigned own = replica->peers[number].wanted, looked = 0;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (uint32_t at = asks->last[lists[i]]; at != NONE && looked < LOOKED_AT; looked++) {
            struct want *want = &asks->wants[at];
            bool is_more = want->owner != PEER_NONE && replica->peers[want->owner].wanted > own + 1;
            if (is_more && (!is_stranger || want->is_of_stranger)) {
                forget(replica, want);
                return;
            }
            at = want->before;
        }
    }
}

static bool is_full(const struct asks *asks, bool is_stranger) {
    return is_stranger ? asks->strangers >= LIMIT_GOSSIP_WANTED / 2
                       : asks->open >= LIMIT_GOSSIP_WANTED;
}

static struct want *place_for(struct replica *replica, uint16_t number, bool is_stranger) {
    const struct replica_peer *peer = &replica->peers[number];
    unsigned most =
        is_stranger && !peer->is_proven ? LIMIT_GOSSIP_WANTED_OF_NEW : LIMIT_GOSSIP_WANTED_OF_PEER;
    if (peer->wanted >= most) return NULL;
    if (is_full(replica->asks, is_stranger)) make_room(replica, number, is_stranger);
    return is_full(replica->asks, is_stranger) ? NULL : find_place(replica);
}

static void note_told(struct replica *replica, uint16_t number, uint64_t start) {
    struct asks *asks = replica->asks;
    struct replica_peer *peer = &replica->peers[number];
    struct want *want = find(asks, start);
    if (want) {
        add_teller(replica, want, number);
        return;
    }
    bool is_stranger = !peer_is_trusted(replica, number);
    want = place_for(replica, number, is_stranger);
    if (!want) {
        replica->counts.ids_unnoted++; // it is told again, if it is not in a block before
        return;
    }
    uint32_t *bucket = bucket_of(asks, start);
    *want = (struct want){.start = start,
                          .told_ms = replica->time.now_ms,
                          .next_in_bucket = *bucket,
                          .owner = number,
                          .asked = PEER_NONE,
                          .is_of_stranger = is_stranger,
                          .count = 1,
                          .tellers = {number}};
    *bucket = number_of(asks, want);
    list_put(asks, want, WANT_FRESH, 0);
    asks->open++;
    asks->strangers += is_stranger;
    peer->wanted++;
}

static void take_told(struct replica *replica, uint16_t peer, struct decoder *in, uint32_t count) {
    uint64_t new[LIMIT_GOSSIP_IDS];
    struct node *node = replica->node;
    size_t new_count = 0;
    replica->counts.ids_in += count;
    pthread_mutex_lock(&node->lock);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t start = decode_u64(in);
        if (!had_has(replica, start) && !mempool_find_start(node->mempool, start))
            new[new_count++] = start;
    }
    pthread_mutex_unlock(&node->lock);
    for (size_t i = 0; i < new_count; i++) note_told(replica, peer, new[i]);
}

static void take_lacks(struct replica *replica, uint16_t peer, struct decoder *in, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct want *want = find(replica->asks, decode_u64(in));
        if (!want || want->list != WANT_ASKED || want->asked != peer) continue;
        replica->counts.ids_lacked++;
        replica->peers[peer].lacked++;
        replica->peers[peer].asked--;
        move_due(replica->asks, want);
    }
}

enum status ids_take(struct replica *replica, uint16_t peer, struct bytes payload) {
    struct decoder in = decoder_of(payload);
    uint8_t kind = decode_tag(&in, TX_IDS_KINDS);
    uint32_t count = decode_count(&in, LIMIT_GOSSIP_IDS);
    if (in.status == STATUS_OK && (count == 0 || decoder_left(&in) != 8 * (size_t)count))
        decoder_fail(&in, STATUS_MALFORMED);
    if (in.status != STATUS_OK) return in.status;
    if (!replica->peers[peer].takes_ids) return STATUS_OK; // it could not be asked, nor answered
    if (kind == TX_IDS_HAVE)
        take_told(replica, peer, &in, count);
    else if (kind == TX_IDS_WANT)
        txs_answer(replica, peer, &in, count);
    else
        take_lacks(replica, peer, &in, count);
    return STATUS_OK;
}

// --- what comes ---

static bool was_asked(const struct want *want, uint16_t peer) {
    int place = place_of_teller(want, peer);
    return place >= 0 && place < want->tried;
}

static void note_delivered(struct replica *replica, const struct want *want, uint16_t peer) {
    if (was_asked(want, peer)) replica->peers[peer].delivered++;
    if (replica->peers[peer].delivered >= LIMIT_GOSSIP_ASKED_OF_NEW)
        replica->peers[peer].is_proven = true;
}

void asks_note_come(struct replica *replica, uint64_t start, uint16_t peer,
                    struct holders *holders) {
    struct want *want = find(replica->asks, start);
    if (!want) return;
    for (int i = 0; i < want->count; i++)
        if (want->tellers[i] != peer) holders->peers[holders->count++] = want->tellers[i];
    note_delivered(replica, want, peer);
    forget(replica, want);
}

void asks_forget_id(struct replica *replica, uint64_t start) {
    struct want *want = find(replica->asks, start);
    if (want && want->list != WANT_SETTLED) forget(replica, want);
}

void asks_settle(struct replica *replica, uint64_t start, uint16_t peer) {
    struct asks *asks = replica->asks;
    struct want *want = find(asks, start);
    if (!want || want->list == WANT_SETTLED) return;
    note_delivered(replica, want, peer);
    release(replica, want);
    want->count = want->tried = 0; // who told of it may be another by the time that it is found
    move(asks, want, WANT_SETTLED, replica->time.now_ms + LIMIT_GOSSIP_SETTLED_MS);
}

// Questions that are lost on the way take all with them that they ask for, which is nobody's fault:
// what was asked for at about one time counts as one.
static void note_silent(struct replica *replica, uint16_t number, uint64_t asked_ms) {
    struct replica_peer *peer = &replica->peers[number];
    replica->counts.ids_undelivered++;
    peer->silent++;
    if (asked_ms >= peer->silent_ms + LIMIT_GOSSIP_ASK_MS / 2) {
        peer->silent_rounds++;
        peer->silent_ms = asked_ms;
    }
    if (peer->silent_rounds < LIMIT_GOSSIP_SILENT_ROUNDS ||
        peer->silent - peer->charged < LIMIT_GOSSIP_ASKED_OF_NEW ||
        peer->silent <= 2 * peer->delivered)
        return;
    peer->charged = peer->silent;
    peer->silent_rounds = 0;
    peer->is_proven = false;
    peer_penalise(replica, number, FAULT_UNDELIVERED);
}

void asks_note_bad(struct replica *replica, uint64_t start, uint16_t peer) {
    struct want *want = find(replica->asks, start);
    if (!want || want->list != WANT_ASKED || want->asked != peer) return;
    replica->peers[peer].asked--;
    replica->peers[peer].lacked++;
    move_due(replica->asks, want);
}

// --- asking ---

// That it is well, and has been read: it has spoken since it had time to answer.
static bool could_answer(const struct replica_peer *peer, uint64_t asked_ms) {
    return peer->heard_ms >= asked_ms + LIMIT_GOSSIP_ASK_MS / 2 && peer->unread_ms < asked_ms &&
           txs_waiting_of(peer) == 0;
}

static void give_up(struct replica *replica, struct want *want) {
    uint16_t peer = want->asked;
    uint64_t asked_ms = want->at_ms - LIMIT_GOSSIP_ASK_MS;
    bool is_silent = could_answer(&replica->peers[peer], asked_ms);
    replica->peers[peer].asked--;
    move_due(replica->asks, want);
    if (!is_silent) replica->peers[peer].lacked++; // whoever is to blame: others are asked first
    // Its connection may end by that, and it is forgotten here.
    if (is_silent) note_silent(replica, peer, asked_ms);
}

static bool has_time(const struct replica_peer *peer) {
    return peer->asked < (peer->is_proven ? LIMIT_GOSSIP_ASKED_OF_PEER : LIMIT_GOSSIP_ASKED_OF_NEW);
}

// That what it is asked leaves at once, so that it has all of the time to answer.
static bool is_reached(const struct replica *replica, uint16_t peer) {
    const struct replica_calls *calls = &replica->calls;
    size_t all = replica_rules.classes[REPLICA_CLASS_TX_IDS].queue_bytes;
    return !calls->has_room || calls->has_room(calls->context, peer, REPLICA_TX_IDS, all / 2);
}

// Those whom the node trusts come first: strangers are as many as somebody wants them to be, and
// each can take its time. Among either, those come last that mostly did not deliver.
static int rank_of(const struct replica *replica, uint16_t number) {
    const struct replica_peer *peer = &replica->peers[number];
    int rank = peer_is_trusted(replica, number) ? 0 : 2;
    return rank + (peer->silent + peer->lacked > peer->delivered);
}

// From a drawn one on, so that the one who told of it first need not send it to all. -1: none has
// time.
static int choose_teller(const struct replica *replica, const struct want *want) {
    int left = want->count - want->tried, best = -1, best_rank = 0;
    for (int i = 0; i < left; i++) {
        uint64_t turn = (replica->drawn ^ want->start) + (uint64_t)i;
        int place = want->tried + (int)(turn % (uint64_t)left);
        uint16_t peer = want->tellers[place];
        if (!has_time(&replica->peers[peer]) || !is_reached(replica, peer)) continue;
        int rank = rank_of(replica, want->tellers[place]);
        if (best < 0 || rank < best_rank) {
            best = place;
            best_rank = rank;
        }
    }
    return best;
}

static void ask(struct replica *replica, struct want *want, struct ids_frame *frames) {
    uint64_t now_ms = replica->time.now_ms;
    bool is_old = now_ms - want->told_ms >= LIMIT_GOSSIP_AGAIN_MS; // it is told once more
    if (want->tried == want->count || had_has(replica, want->start)) {
        forget(replica, want);
        return;
    }
    bool may_be_here = txs_have_come(replica) && now_ms - want->told_ms < QUEUE_MS;
    int place = may_be_here ? -1 : choose_teller(replica, want);
    if (place < 0 && is_old) {
        forget(replica, want);
        return;
    }
    if (place < 0) {
        move(replica->asks, want, WANT_BUSY, now_ms + BUSY_MS);
        return;
    }
    uint16_t peer = want->tellers[place];
    want->tellers[place] = want->tellers[want->tried];
    want->tellers[want->tried++] = peer;
    want->asked = peer;
    replica->peers[peer].asked++;
    replica->counts.ids_asked++;
    move(replica->asks, want, WANT_ASKED, now_ms + LIMIT_GOSSIP_ASK_MS);
    frames[peer].peer = peer;
    frames[peer].kind = TX_IDS_WANT;
    ids_add(replica, &frames[peer], want->start);
}

static void ask_those_due(struct replica *replica) {
    struct asks *asks = replica->asks;
    uint64_t now_ms = replica->time.now_ms;
    struct want *want = due(asks, WANT_DUE, now_ms);
    if (!want) return;
    struct ids_frame *frames = mem_alloc_array(LIMIT_PEERS, sizeof *frames);
    for (; want; want = due(asks, WANT_DUE, now_ms)) ask(replica, want, frames);
    for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1u)) {
        ids_send(replica, &frames[i]);
        buf_clear(&frames[i].payload);
    }
    mem_free(frames);
}

void asks_run(struct replica *replica) {
    struct asks *asks = replica->asks;
    uint64_t now_ms = replica->time.now_ms;
    struct want *want;
    while ((want = due(asks, WANT_FRESH, now_ms)))
        move(asks, want, WANT_DUE, now_ms + LIMIT_GOSSIP_ASK_WAIT_MS);
    while ((want = due(asks, WANT_SETTLED, now_ms))) forget(replica, want);
    while ((want = due(asks, WANT_BUSY, now_ms))) move_due(asks, want);
    while ((want = due(asks, WANT_ASKED, now_ms))) give_up(replica, want);
    ask_those_due(replica);
}

uint64_t asks_wake_ms(const struct replica *replica) {
    const struct asks *asks = replica->asks;
    uint64_t wake_ms = UINT64_MAX;
    for (int list = WANT_FRESH; list <= WANT_ASKED; list++) {
        const struct want *want = &asks->wants[asks->first[list]];
        if (asks->first[list] != NONE && want->at_ms < wake_ms) wake_ms = want->at_ms;
    }
    return wake_ms < replica->time.now_ms ? replica->time.now_ms : wake_ms;
}

static void remove_teller(struct want *want, int place) {
    want->count--;
    if (place < want->tried) want->tried--;
    for (int i = place; i < want->count; i++) want->tellers[i] = want->tellers[i + 1];
}

void asks_forget_peer(struct replica *replica, uint16_t peer) {
    struct asks *asks = replica->asks;
    for (int list = WANT_FRESH; list <= WANT_ASKED; list++) {
        for (uint32_t at = asks->first[list], behind; at != NONE; at = behind) {
            struct want *want = &asks->wants[at];
            int place = place_of_teller(want, peer);
            behind = want->behind;
            if (want->owner == peer) want->owner = PEER_NONE;
            if (place >= 0) remove_teller(want, place);
            if (list == WANT_ASKED && want->asked == peer) move_due(asks, want);
        }
    }
}
