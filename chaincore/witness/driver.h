// SPDX-License-Identifier: Apache-2.0
// A process's part in agreement, for all the keys that it holds: feeds the state machine
// (consensus/consensus.h) and does what that asks, over a network, a disk and a chain that are
// tables of calls. So what runs in a node runs in a simulation too, byte for byte.
//
// Messages come in as bytes (driver_receive) and wait. A loop (driver_run) verifies them together,
// steps, makes everything that was asked to be kept durable by one sync, and only then lets
// signatures out and tells the chain what is final. It goes on until nothing is left to do.
//
// Not thread-safe. Clocks are arguments; nothing here waits.
#ifndef LMM_WITNESS_DRIVER_H
#define LMM_WITNESS_DRIVER_H

#include "chaincore/consensus/consensus.h"
#include "chaincore/witness/answers.h"
#include "chaincore/witness/disk.h"
#include "chaincore/witness/verify.h"

struct driver_build {
    const struct header *parent;
    struct hash parent_id;
    uint64_t epoch;
    uint64_t view;
    uint64_t time_ms;
    uint16_t leader; // of the view: one of the own keys
    const struct consensus_epoch *rules;
    const struct certificate *parent_certificate; // NULL: it has none
};

struct driver_final {
    const struct header *header;
    struct hash id;
    struct bytes body;
    const struct certificate *certificate; // of the newest only; NULL below it
    uint64_t missed_views;
};

struct driver_evidence {
    struct signed_vote first, second;
};

// What the driver stands on. Everything is borrowed for the call.
struct driver_calls {
    void *context;
    // To a peer, or to all for PEER_NONE. May be lost.
    void (*send)(void *context, uint16_t peer, struct bytes message);
    // Whether the peer's queue has room for any message of that kind; NULL: it has.
    bool (*has_room)(void *context, uint16_t peer, enum wire_kind kind);
    // Whether it is a witness's node, or the operator's own: it comes before strangers, and there
    // is room for what it says whatever they do. NULL: all are.
    bool (*is_trusted)(void *context, uint16_t peer);
    // PEER_NONE: nobody reaches it.
    uint16_t (*find_peer)(void *context, const struct public_key *key);

    // Whether this is the body that the header commits to: somebody else's would make a good block
    // pass for one that does not execute.
    bool (*is_body_of)(void *context, const struct header *header, struct bytes body);
    // On its parent, which is final, or executed and not forgotten. What is final already has been
    // found good, and is so again.
    bool (*execute)(void *context, const struct header *header, struct bytes body);
    // Makes a block and executes it; false: none can be made now. It is asked again.
    bool (*build)(void *context, const struct driver_build *build, struct header *out,
                  struct buf *body);
    // Agreement does without it from now on: it is final, or stands on no branch that counts.
    void (*forget)(void *context, const struct hash *id);
    // In order; one with a certificate is durable on return, and all before it are. The last of a
    // loop has one. After a restart some come again that were final before.
    // Anything but OK is the end: the run returns it, and asks for nothing more.
    enum status (*finalize)(void *context, const struct driver_final *final);
    // A final block of late. The body is appended.
    bool (*find_block)(void *context, const struct hash *id, struct header *header,
                       struct buf *body);
    // The rules and the set of an epoch whose boundary is final; which of the set are the own keys
    // the driver knows. Without `first_view`, where the chain got blocks in bulk and is epochs
    // further.
    void (*epoch)(void *context, uint64_t epoch, struct consensus_epoch *rules,
                  struct witness_set *set);
    // Whether this program can go by the rules of that epoch, whose boundary is final. Where it
    // cannot, agreement stays behind the boundary: it answers others, and signs and executes
    // nothing. NULL: always.
    bool (*knows_rules)(void *context, uint64_t epoch);
    // Far behind: final blocks are to be had from this peer. driver_take_synced follows, or
    // nothing.
    void (*sync)(void *context, uint16_t peer);
    void (*evidence)(void *context, const struct driver_evidence *evidence);
    // Somebody else signs with one of these keys: nothing is signed any more, and the log of votes
    // keeps that over restarts.
    void (*twin)(void *context);
    // The peer passed on what no witness signed, or a block with somebody else's body: honest nodes
    // look before they pass anything on.
    void (*blame)(void *context, uint16_t peer);
    void (*halt)(void *context, enum halt_reason reason);
    // As in vote_log.h.
    void (*draw)(void *context, void *out, size_t len);
    // For who passes on what witnesses say (NULL: nobody does): whether this proposal, these votes,
    // this certificate would go on, though they change nothing here; and one that has been
    // verified, a block with its own body, to go on. What witnesses say again goes on again.
    bool (*passes)(void *context, uint16_t peer, struct bytes message);
    void (*pass_on)(void *context, uint16_t peer, struct bytes message);
};

struct driver_config {
    const struct driver_calls *calls; // copied
    const struct disk *disk;          // of the vote log; copied
    struct hash chain_id;
    const struct secret_key *keys; // copied; no two the same
    size_t key_count;              // up to LIMIT_WITNESSES; 0: it follows
    bool accepts_new_keys;         // though the log is of another group of keys
    uint32_t timeout_ms;           // as in consensus.h
    uint64_t slack_bytes;          // as in vote_log.h
    // These keys have never signed on this chain: they, or its genesis, were just made. Nobody but
    // the host knows; an empty folder does not say so. Nothing where there is a log, or a block
    // above genesis: what is left on in a host's settings must not sign for a folder that was lost.
    bool is_first_start;
    // The chain's newest final block, of its own epoch: where one begins that has no log yet. If it
    // is not their first start, the log is lost, or another node had the keys: what they signed
    // nobody knows. Nothing is signed in this block's epoch and the next, nor in one that a sync or
    // an old boundary leads to and, after a sync, the one behind it: they sign first in an epoch
    // whose boundary was made, by the own clock, while this node was running: by one that is not
    // behind it. The same of a group that the log is not of, once it is accepted.
    const struct consensus_root *root;
};

struct driver;

// CORRUPT, CONFLICT as in vote_log.h, CORRUPT also of a chain that is behind its log; INVALID when
// the chain's set of an epoch is not sound, or the keys are too many or not distinct.
enum status driver_open(struct driver **out, const struct driver_config *config) MUST_CHECK;
void driver_close(struct driver *driver); // NULL is allowed

// Of a peer's FETCHes that wait for the same run the last is answered, while its answers are within
// LIMIT_ANSWER_BYTES; a stranger's when it is its turn, and a block when it is the peer's turn,
// unless it has asked for another one by then. MALFORMED and the like say that the peer sent what
// no witness sends; BUSY that too much waits, of this peer or of all.
enum status driver_receive(struct driver *driver, uint16_t peer, struct bytes message) MUST_CHECK;
// Who it is, and where it comes from (answers.h): what it has had in answer to its FETCHes is
// counted there, and not forgotten when it leaves. Of who has never joined so it is by its number.
void driver_peer_joined(struct driver *driver, uint16_t peer, const struct answer_owners *owners);
// It has shown that its node speaks for this witness: whatever nodes do share what one may have.
// NULL: for none, or for none any more.
void driver_peer_speaks_for(struct driver *driver, uint16_t peer, const struct public_key *witness);
// The connection is over, and the peer's number free for another: who gets it answers for nothing
// that still waits.
void driver_peer_left(struct driver *driver, uint16_t peer);
// Whether a transaction waits or a timer is due. To be said again when a block is final: what
// waited may have been in it.
void driver_note_work(struct driver *driver, bool has_work);

struct driver_time {
    uint64_t now_ms;  // never goes back
    uint64_t wall_ms; // may be wrong, and jump
};
// Anything but OK is the disk's, and the end: close it, and begin again from what the disk holds.
enum status driver_run(struct driver *driver, const struct driver_time *time) MUST_CHECK;
// When it wants to run at the latest.
uint64_t driver_wake_ms(const struct driver *driver);
// Final blocks up to this root are there and executed: its epoch's rules are the chain's.
enum status driver_take_synced(struct driver *driver, const struct consensus_root *root,
                               const struct driver_time *time) MUST_CHECK;
void driver_look(const struct driver *driver, struct consensus_state *out);
void driver_count(const struct driver *driver, struct verify_counts *out);
// Since driver_open, by enum vote_kind: what the own keys have signed, each by itself; verified
// votes of others that were of use, the same; and certificates that were new here. Of PROPOSE there
// are no certificates: `taken` are proposals.
enum { DRIVER_VOTE_KINDS = VOTE_FINALIZE + 1 };
struct driver_counts {
    uint64_t signed_by_own[DRIVER_VOTE_KINDS];
    uint64_t taken[DRIVER_VOTE_KINDS];
    uint64_t certificates[DRIVER_VOTE_KINDS];
    uint64_t unanswered; // answers to FETCH that were not sent, for the peer had too many
    size_t waiting;      // messages, now
};
void driver_count_votes(const struct driver *driver, struct driver_counts *out);

#endif
