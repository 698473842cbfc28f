// SPDX-License-Identifier: Apache-2.0
// What the files of the replica share. Internal to node/.
#ifndef LMM_NODE_REPLICA_INSIDE_H
#define LMM_NODE_REPLICA_INSIDE_H

#include "chaincore/chain/evidence.h"
#include "chaincore/crypto/table_hash.h"
#include "chaincore/node/node_fill.h"
#include "chaincore/node/node_internal.h"
#include "chaincore/node/replica.h"
#include "chaincore/node/witness_records.h"
#include "chaincore/sync/block_sync.h"
#include "chaincore/sync/past_serve.h"

// Messages of agreement that a sentry has passed on of late, by a hash that nobody can foretell.
struct relayed {
    uint64_t hash; // 0: free
    uint64_t at_ms;
};
struct relay {
    struct table_key key;
    uint32_t again_ms; // for so long it does not go on again
    size_t guarded_count;
    struct public_key guarded[LIMIT_GUARDED];
    struct relayed slots[LIMIT_RELAYED];
};

struct replica_peer {
    bool is_there;
    bool has_told_keys;
    bool needs_waiting; // has not been told yet what waits here
    bool is_guarded;
    bool is_named;
    bool is_witness; // a key of the present set has certified its node's, here or in a record
    bool takes_records;
    bool takes_ids;
    bool is_inside;
    struct public_key node_key;
    uint64_t joined_ms;
    unsigned records_in;        // in this minute
    uint64_t records_answer_ms; // it is told all that there are no sooner
    uint16_t key_count;
    struct public_key *keys; // of consensus, which have certified the node's
    uint64_t keys_told_ms;   // by the wall clock, as records have it
    struct buf txs;          // { u32 length, transaction } that came
    size_t txs_taken;        // bytes of these that are done with
    unsigned bad_signatures; // of late, by keys that were with them
    unsigned other_keys;     // and by those that their accounts have here, or had, or will have
    uint64_t heard_ms;       // a frame came last
    uint64_t unread_ms;      // a transaction of its was passed over last, for want of room
    uint64_t may_ask;        // bytes of what it was told of, and has not asked for
    unsigned wanted;         // ids that are open, and that it was the first to tell
    unsigned asked;          // of it, and not answered yet
    unsigned delivered;      // in this minute
    unsigned silent;         // likewise: asked for, and not answered in time
    unsigned lacked;         // likewise: asked for, and it had them no more
    unsigned charged;        // of these, that it has paid for
    unsigned silent_rounds;  // and since, by when they were asked for
    uint64_t silent_ms;      // of the last one of these
    bool is_proven;          // has delivered as many as a new one is asked for
    unsigned early;          // of its transactions, that wait for others
};

// Who has a transaction already, as far as is known.
struct holders {
    uint16_t count;
    uint16_t peers[1 + LIMIT_GOSSIP_TELLERS]; // who sent it, and who told of it
};

// Which transactions came of late, by a hash under a key of this process: whoever could find two
// with one hash could keep one of them away. Of all of their bytes, or of how their ids begin.
enum { SEEN_SLOTS = 64 * 1024 };
struct seen_txs {
    struct table_key key;
    uint64_t slots[2][SEEN_SLOTS]; // the present generation, and the one before
    unsigned present;
    size_t count; // in the present one
    uint64_t begun_ms;
};

// A transaction whose turn it is, after it came too early.
struct early_tx {
    uint16_t peer;
    struct bytes encoded;
};

// A frame of ids that is being filled. Its payload is the caller's, to be cleared.
struct ids_frame {
    uint16_t peer;
    uint8_t kind; // of tx_ids
    uint32_t count;
    struct buf payload;
};

// What a node has certified in which name, kept when it leaves: it has a place when it comes again.
struct trusted_node {
    bool is_there;
    struct public_key key; // of consensus
    struct public_key node_key;
};

struct charge {
    struct evidence evidence;
    uint64_t since;      // the height at which it came
    uint64_t due_ms;     // 0: not known yet
    uint64_t sent_until; // this height a transaction with it may be final; 0: none was sent
    bool is_told;        // to the operator: no account can pay
};

_Static_assert(LIMIT_PEERS % 64 == 0, "a bitmap of peers has whole words");

struct replica {
    struct node *node;
    struct replica_calls calls;
    struct driver *driver;
    struct block_sync *sync;
    struct past_serve *past;
    struct node_fill *fill; // NULL, with the next: nothing is missing
    struct past_fill *filling;
    struct public_key node_key;
    struct driver_time time;
    bool is_halted;
    enum status halt_status; // of keeping that
    struct charge charges[LIMIT_CHARGES];
    size_t charge_count;
    bool has_new_charges;    // than are on disk
    uint64_t charges_height; // of the head when they were looked at last
    uint64_t head_height;    // of the newest block that is shown
    uint64_t epoch;          // of the set
    struct witness_set set;
    bool is_accused[LIMIT_WITNESSES]; // of the set: the log says that it contradicts itself
    uint16_t own_count;               // of the set's keys that this node holds
    struct trusted_node trusted[LIMIT_WITNESSES];

    struct replica_peer peers[LIMIT_PEERS];
    uint64_t there[LIMIT_PEERS / 64]; // the bits of those that are
    uint16_t peer_count;
    uint16_t next_peer; // whose transactions are looked at first
    size_t waiting;     // bytes of transactions of all peers
    struct seen_txs seen;
    struct seen_txs had; // that are here, or were; by how their ids begin
    struct buf out;      // to be passed on (replica_tell.c)
    struct asks *asks;   // ids that peers told (replica_asks.c)
    struct early *early; // transactions whose turn is later (replica_early.c)
    uint64_t drawn_ms;   // when others are drawn, who are sent them whole
    uint64_t drawn;
    uint64_t again_ms; // when what waits is told once more
    uint64_t forgive_ms;
    struct replica_counts counts;
    struct relay *relay; // NULL: it is no sentry
    bool has_told_cut_off;
    bool is_hidden;
    uint16_t asked_peer; // of a hidden one: which sentry was asked last

    struct witness_records records;
    struct endpoint announced;
    const struct secret_key *announcing_key; // NULL: nothing is
    bool has_said;
    uint64_t say_ms, said_ms; // this node's own: the next time, and the last
    uint64_t own_record_ms;   // the time of its newest, of which the next one is later
    uint64_t ask_ms;          // when a peer is asked for those that are missing
    uint64_t ask_wait_ms;     // and for how long none is then
    bool has_newcomer;        // for whom the next one is asked sooner
    uint16_t records_asked;   // which one was last
    uint16_t next_called;     // whose place comes first, of those that are due
    uint64_t records_wake_ms;
    uint64_t records_shift_ms; // of the wall clock, when it was looked at last
};

// The first peer from that number on; PEER_NONE: there is none. Peers may leave while others walk:
//     for (uint16_t i = peer_from(replica, 0); i != PEER_NONE; i = peer_from(replica, i + 1))
static inline uint16_t peer_from(const struct replica *replica, unsigned number) {
    uint64_t lower = (UINT64_C(1) << number % 64) - 1; // of its word, and seen already
    for (unsigned word = number / 64; word < LIMIT_PEERS / 64; word++, lower = 0) {
        uint64_t bits = replica->there[word] & ~lower;
        if (bits != 0) return (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(bits));
    }
    return PEER_NONE;
}
// The next one in a circle, itself if it is the only one.
static inline uint16_t peer_behind(const struct replica *replica, unsigned number) {
    uint16_t next = peer_from(replica, number + 1);
    return next != PEER_NONE ? next : peer_from(replica, 0);
}

// replica_peers.c
// Counts and names it, with its price. Nothing for one that is not there any more.
void peer_penalise(struct replica *replica, uint16_t peer, enum replica_fault fault);
// To a peer that has come: which keys of consensus are here.
void keys_tell(struct replica *replica, uint16_t peer);
enum status keys_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
// To whom messages for that witness go. PEER_NONE: to nobody.
uint16_t peer_of_witness(struct replica *replica, const struct public_key *key);
// The peer that speaks for it, and has told it. PEER_NONE: none.
uint16_t keys_find_peer(const struct replica *replica, const struct public_key *key);
// Comes before strangers: a witness's node, or one of the operator's.
bool peer_is_trusted(const struct replica *replica, uint16_t peer);
// Looks anew which node speaks for a key of consensus: a record has come, or who told it comes or
// goes. Its node of before, if it is another, is trusted for that no more. Nothing where the key
// does not serve.
void keys_settle(struct replica *replica, const struct public_key *key);
// Another set serves.
void keys_begin_epoch(struct replica *replica, uint64_t epoch, const struct witness_set *set);

// replica_relay.c
struct relay *relay_open(const struct replica_config *config, uint32_t timeout_ms);
void relay_close(struct relay *relay);
// As in witness/driver.h; the context is the replica.
bool relay_passes(void *context, uint16_t peer, struct bytes message);
void relay_pass_on(void *context, uint16_t peer, struct bytes message);

// replica_charges.c
// As in witness/driver.h; the context is the replica.
void charges_take(void *context, const struct driver_evidence *found);
// What a process before this one kept. IO, for what is there may be needed yet.
enum status charges_load(struct replica *replica) MUST_CHECK;
// Shows the chain what it does not know yet.
enum status charges_run(struct replica *replica) MUST_CHECK;
uint64_t charges_wake_ms(const struct replica *replica);

// replica_records.c
enum status records_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
void records_run(struct replica *replica);
uint64_t records_wake_ms(const struct replica *replica);
void records_begin_epoch(struct replica *replica);
void records_peer_joined(struct replica *replica, uint16_t peer);
// It is there still.
void records_peer_left(struct replica *replica, uint16_t peer);

// replica_halt.c
// As in witness/driver.h; the context is the replica. How the file was written is its halt_status.
void halt_now(void *context, enum halt_reason reason);
// As in witness/driver.h; also where a process before this one had met one.
void halt_signing(void *context);
// As a process before this one left it.
enum status halt_load(struct replica *replica) MUST_CHECK;

// replica.c
// In which kind of frame a message of agreement goes.
uint8_t replica_kind_of(enum wire_kind wire);

// replica_txs.c
void txs_init(struct replica *replica);
void txs_clear(struct replica *replica);
void txs_forget_peer(struct replica *replica, uint16_t peer);
enum status txs_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
// Admits what has come, as much as one loop may.
void txs_admit(struct replica *replica);
// Whether more has come than the last loop could take.
bool txs_have_come(const struct replica *replica);
// Bytes of the peer's that wait to be admitted.
size_t txs_waiting_of(const struct replica_peer *peer);

// replica_seen.c
uint64_t seen_hash(const struct seen_txs *seen, struct bytes what);
bool seen_has(const struct seen_txs *seen, uint64_t hash);
void seen_add(struct seen_txs *seen, uint64_t hash, uint64_t now_ms);
// That it is here, or was, by how its id begins.
bool had_has(const struct replica *replica, uint64_t start);
void had_add(struct replica *replica, uint64_t start);

// replica_early.c
void early_init(struct replica *replica);
void early_clear(struct replica *replica);
void early_forget_peer(struct replica *replica, uint16_t peer);
// A copy of it waits for those before it, if there is room.
bool early_keep(struct replica *replica, uint16_t peer, struct bytes encoded);
// Those whose turn it is now, `most` at most: borrowed until early_drop_taken.
size_t early_take(struct replica *replica, struct early_tx *out, size_t most);
void early_drop_taken(struct replica *replica);
uint64_t early_wake_ms(const struct replica *replica);

// replica_asks.c
void asks_init(struct replica *replica);
void asks_clear(struct replica *replica);
void asks_forget_peer(struct replica *replica, uint16_t peer);
enum status ids_take(struct replica *replica, uint16_t peer, struct bytes payload) MUST_CHECK;
// It has come, from that peer. `holders` grows by those who told of it.
void asks_note_come(struct replica *replica, uint64_t start, uint16_t peer,
                    struct holders *holders);
// It has come another way, or is not to be asked for.
void asks_forget_id(struct replica *replica, uint64_t start);
// It has come, and is of no use now: for a while it is not asked for.
void asks_settle(struct replica *replica, uint64_t start, uint16_t peer);
// What came from that peer is not what its id stands for: another one is asked.
void asks_note_bad(struct replica *replica, uint64_t start, uint16_t peer);
void asks_run(struct replica *replica);
uint64_t asks_wake_ms(const struct replica *replica);
size_t asks_open_count(const struct replica *replica);

// replica_tell.c
// Passes it on with the next txs_tell. NULL for its id: it is found.
void txs_note(struct replica *replica, struct bytes encoded, const struct hash *id,
              const struct holders *holders);
// Passes on what was admitted, and from time to time tells what waits.
void txs_tell(struct replica *replica);
// A peer asks for them.
void txs_answer(struct replica *replica, uint16_t peer, struct decoder *starts, uint32_t count);

void ids_add(struct replica *replica, struct ids_frame *frame, uint64_t start);
void ids_send(struct replica *replica, struct ids_frame *frame);

#endif
