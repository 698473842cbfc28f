// SPDX-License-Identifier: Apache-2.0
// A full node inside a process: mempool, blocks, made alone or agreed on with other nodes, with the
// witness keys that it holds, the durable log, and what others ask of a chain. Everything here may
// be called from any thread.
//
// Life: node_open recovers what the data folder holds (or starts from genesis), node_start begins
// to make blocks, node_stop ends that after the block in the making, node_close keeps what waits in
// the mempool (the next node_open admits it again) and frees. A crash loses what waits. A block is
// final once a quorum of the witness set has signed FINALIZE over it and both block and certificate
// are durable; only final blocks are ever shown.
#ifndef LMM_NODE_NODE_H
#define LMM_NODE_NODE_H

#include "chaincore/base/arena.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/proof.h"
#include "chaincore/chain/tx.h"
#include "chaincore/contract/account.h"
#include "chaincore/contract/contract_record.h"
#include "chaincore/contract/witnesses.h"

struct node;

// A node among others: blocks are agreed on with them, and transactions are shared.
struct node_network {
    const char *address; // of this machine, to take connections on; NULL: takes none
    uint16_t port;       // 0: one that is free
    // "192.0.2.1:7000": where others find it, which it tells for its keys of the present witnesses.
    // INVALID: nobody could be sent there, or to a private one without takes_private. NULL: where
    // it listens, unless nobody could reach that from outside.
    const char *announced;
    // "192.0.2.1:7000", "[2001:db8::1]:7000": called, and kept up. With a node's key and "@" in
    // front (net/peer_name.h) that node alone. INVALID: none of them, or two keys for one place.
    const char *const *peers;
    size_t peer_count; // at most LIMIT_BOOK_FIXED
    // What the witnesses' keys have signed, so that they never contradict it: a folder of its own,
    // not below data_dir, that no back-up holds. An old one beside an old chain would have them
    // sign twice what cost them their stake once.
    const char *votes_dir;
    bool is_first_start;   // the keys have never signed; nothing where there is a log, or a block
    bool accepts_new_keys; // though votes_dir is of other keys: they sign from a later epoch on
    bool takes_private;    // peers whose addresses strangers could not reach, as on one machine
    // A sentry's: the keys of nodes that it passes on for (node/replica.h).
    const struct public_key *guarded;
    size_t guarded_count; // at most LIMIT_GUARDED
    // It stands behind sentries, which are its peers: calls no others, and takes no connections.
    bool is_hidden;
    // Connections from one address, besides one for each of `peers` there. 0: four; a devnet, all
    // of whose nodes are on one machine, needs more.
    unsigned per_address;
    uint32_t timeout_ms; // of a view (consensus/consensus.h); 0: the usual
    // Of peers (net/host.h); 0: the usual.
    uint32_t handshake_ms, silence_ms;
    uint64_t held_bytes;
};

// What a node keeps for others to join by. All nodes of a chain make them at the same heights.
enum { NODE_MAX_SNAPSHOTS = 8 };
struct node_snapshots {
    uint32_t kept;         // the newest so many, NODE_MAX_SNAPSHOTS at most; 0: none
    uint32_t every_blocks; // a multiple of an epoch's; 0: the first such that is 1,000 or more
    uint64_t most_bytes;   // none is made of a larger state; 0: no bound
};

struct node_config {
    const char *data_dir;      // created when missing
    struct bytes genesis;      // canonical encoding
    const struct bytes *codes; // the code of each contract in genesis, in its order
    size_t code_count;
    // Those that this node signs with, in the epochs whose set has them.
    const struct secret_key *witness_keys;
    size_t witness_key_count;
    // Bodies go once a checkpoint is behind them and nobody may still ask for them (chain/block.h).
    // For nodes without a market: an index cannot be made again from a log that was pruned.
    bool must_prune;
    uint64_t segment_bytes;             // of the block log; 0: the usual size
    uint32_t certificates_in_file;      // as in ledger/certificate_log.h; 0: the usual number
    bool checkpoints_at_once;           // as in ledger/checkpoint.h: for a simulation
    const struct node_network *network; // NULL: it makes blocks alone, by a quorum of keys
    struct node_snapshots snapshots;    // zeroed: none are kept
    bool takes_old_snapshot;            // as in node_join
    // The newest protocol that this release knows; 0: PROTOCOL_NEWEST. For tests, where one binary
    // stands for several releases.
    uint16_t newest_protocol;
    // Called on the node's thread for each transaction that has been dropped, whom node_find_tx
    // tells of by then; must be quick and must not call the node.
    void (*on_dropped)(void *context, const struct hash *id);
    void *context;
};

// Borrows nothing of `config` after it returns. CONFLICT when the data folder belongs to another
// chain, BUSY when another process has it open, CORRUPT when stored data is damaged (the log says
// where), UNSUPPORTED when another version of this library laid the folder out, INVALID when
// genesis is not valid.
enum status node_open(struct node **out, const struct node_config *config) MUST_CHECK;
// With a network: BUSY, UNAUTHORIZED, INVALID when it cannot listen there, CORRUPT or CONFLICT when
// the log of votes does not fit (witness/driver.h). Without: UNSUPPORTED when it holds no quorum of
// keys, CONFLICT when the chain was agreed on with others before.
enum status node_start(struct node *node) MUST_CHECK;
// Where it takes connections; 0 when it does not.
uint16_t node_port(struct node *node);
void node_stop(struct node *node);
void node_close(struct node *node); // NULL is allowed

// How the state's way to disk goes. While it fails the node goes on, and tries again, until a start
// would have to execute LIMIT_REPLAY_BLOCKS again; then it makes no more blocks until a checkpoint
// is there.
struct node_health {
    uint64_t checkpoint_height; // on disk; 0 when there is none
    enum status checkpoint;     // how the last attempt went
    uint32_t failures;          // in a row, up to the last attempt
    bool is_held_up;
    bool is_halted; // more than a third of the witnesses, or this node, are wrong: it signs nothing
    bool has_twin;  // somebody else signs with a key of this node: it signs nothing, and follows
    // The protocol of the next block, where this release does not know it; 0: it does. Until one
    // that does is started, the node signs, executes and makes nothing.
    uint16_t lacked_protocol;
    unsigned peers; // connected, hands shaken
};
void node_health(struct node *node, struct node_health *out);

// What of the chain's past is here. A node that joined by a snapshot, and does not prune, fetches
// the blocks of before from its peers, the newest first.
struct node_past {
    uint64_t oldest;   // the lowest block that is there; 1: all are
    bool is_filling;   // older ones are to come, or the history over them is being made
    uint64_t snapshot; // the height of the newest one that others may join by; 0: there is none
};
void node_past(struct node *node, struct node_past *out);

// What is exchanged with peers besides agreement: since node_start; zeros without a network.
struct node_exchange {
    bool is_syncing; // behind, and catching up by final blocks
    uint64_t goal;   // the highest that a peer has told of
    uint64_t behind; // up to there, where a certificate has proven that it is far; 0: it is not
    uint64_t synced_blocks, synced_bytes; // taken
    uint64_t filled_blocks, filled_bytes; // of before this node joined
    uint64_t served_blocks;               // to others, to catch up by
    uint64_t past_parts, past_bytes;      // of snapshots and of old blocks, to others
    uint64_t lies, timeouts;              // of peers, in all of this
};
void node_exchange(struct node *node, struct node_exchange *out);

// Writes a snapshot of the newest checkpoint (ledger/snapshot.h) into a new folder; the node goes
// on meanwhile. NOT_FOUND before the first checkpoint; EXISTS when the folder is there.
enum status node_write_snapshot(struct node *node, const char *directory) MUST_CHECK;
// A final header that somebody knows to be the chain's: by a node of their own, by people they
// believe. Whoever joins years after genesis needs one: witnesses of old, and their stakes, are
// gone, and what they sign today costs them nothing.
struct node_trusted {
    uint64_t height;
    struct hash id;
};
// HEIGHT:ID, the id in hex.
bool node_trusted_parse(struct node_trusted *out, const char *text);
// Makes a data folder out of a snapshot, for node_open: the chain goes on behind it, and bodies
// below it are not there. `config` is what node_open will get. EXISTS unless its folder is new or
// empty; BAD_SIGNATURE, INVALID, or how it fails to decode, for a snapshot that is not proven, and
// the log names the file and the part; what failed leaves nothing behind.
//
// Proven is what the witnesses of genesis have signed, or those they handed over to, over each
// change of them (SNAPSHOT_MAX_HAND_OVERS at most). With `trusted` (NULL: without) they count from
// that header on, which is the snapshot's own or one of those where witnesses changed; NOT_FOUND
// when it is neither, CONFLICT when another stands there. TIMEOUT when genesis, or `trusted`, is
// older than the trusting period (light/trust.h), unless config->takes_old_snapshot.
enum status node_join(const struct node_config *config, const char *snapshot,
                      const struct node_trusted *trusted) MUST_CHECK;
// Whether node_join would take it: its header is proven, and so is each piece. OK, or what
// node_join gives; needs no more of `config` than genesis.
enum status node_check_snapshot(const struct node_config *config, const char *snapshot,
                                const struct node_trusted *trusted) MUST_CHECK;

// Constant while the node is open.
const struct hash *node_chain_id(const struct node *node);
struct bytes node_genesis_bytes(const struct node *node);
struct bytes node_genesis_head(const struct node *node); // what the chain's id is the hash of
const struct genesis *node_genesis(const struct node *node);

// Who serve as witnesses in an epoch that has begun, or in the next one once its election is final.
// False, and none, for a later one.
bool node_witnesses(struct node *node, uint64_t epoch, struct witnesses *out);

// Admits a signed transaction: OK means that it waits for a block. `id` is set unless MALFORMED or
// TOO_LARGE.
enum tx_code node_submit(struct node *node, struct bytes encoded, struct hash *id) MUST_CHECK;

// Many at once, each for itself, in their order: one sender's may follow one another. Their
// signatures are verified together, which is much faster than one by one (crypto/sign.h).
struct node_submission {
    struct bytes encoded;
    struct hash id;    // set, as above
    enum tx_code code; // set
};
void node_submit_many(struct node *node, struct node_submission *items, size_t count);

// DROPPED: it was admitted, and can no longer be applied. The last LIMIT_RECENT_DROPS of them are
// remembered until the node is closed; they may come again and fare better.
enum node_tx_state {
    NODE_TX_UNKNOWN,
    NODE_TX_DROPPED,
    NODE_TX_PENDING,
    NODE_TX_INCLUDED,
    NODE_TX_FINAL
};
struct node_tx {
    enum node_tx_state state;
    enum tx_code code;      // why, when DROPPED
    uint64_t height;        // from INCLUDED on
    uint32_t index;         // in its block, when FINAL
    struct receipt receipt; // when FINAL
};
enum status node_find_tx(struct node *node, const struct hash *id, struct node_tx *out) MUST_CHECK;

// The newest final block. Height 0 is genesis.
struct node_head {
    struct header header;
    struct hash id;
};
void node_head(struct node *node, struct node_head *out);
// Waits until a block above `height` is final; false when the time is up or the node stops.
bool node_wait(struct node *node, uint64_t height, uint32_t timeout_ms);
// After clock_wall_advance: a block tells the time at once, and timers that are due by then run in
// it.
void node_look_again(struct node *node);
// For whoever watches: what waits now, and what was executed in blocks that are final since
// node_open, those of its recovery included.
struct node_counts {
    uint64_t mempool_txs;
    uint64_t mempool_bytes;
    uint64_t blocks;
    uint64_t txs; // timers' runs are none
};
void node_counts(struct node *node, struct node_counts *out);
// For how long a block has been due and has not come: a disk that hangs, for one. 0 when none is.
uint64_t node_overdue_ms(struct node *node);

// Appends the encoded block (chain/block.h) at a final height. NOT_FOUND above the head, and for
// bodies that this node has pruned or never had.
enum status node_read_block(struct node *node, uint64_t height, struct buf *out) MUST_CHECK;
// NOT_FOUND too where it is not kept (ledger/certificate_log.h).
enum status node_read_certificate(struct node *node, uint64_t height, struct buf *out) MUST_CHECK;

// The account at the newest final height, and the sequence number for its next transaction in lane
// 0, counting what waits in the mempool.
void node_account(struct node *node, const struct account_id *id, struct account *out,
                  uint64_t *next_seq);
// The same for any lane; 0 for one that is not open.
uint64_t node_next_seq(struct node *node, const struct tx_lane *lane);
// The parameters that ruled the newest final block: the least gas price and the like, for clients
// that build a transaction.
void node_params(struct node *node, struct params *out);

// Runs a view of a contract on the newest final state and appends what it returns. The contract's
// own refusal comes in *contract_code.
enum tx_code node_query(struct node *node, const struct account_id *contract, const char *method,
                        struct bytes arguments, struct buf *out,
                        uint32_t *contract_code) MUST_CHECK;

// What a transaction would do in the next block, had it come on the newest final state. Signatures
// count by their number and bytes and need not verify, nor need the sequence number be the next, so
// it can be asked before anybody signs. It costs nobody anything, so the node bounds its gas: by
// NODE_SIMULATION_GAS, and something for each byte of code that it may bring.
enum { NODE_SIMULATION_GAS = 50 * 1000 * 1000, NODE_SIMULATION_GAS_PER_BYTE = 120 };
struct node_simulation {
    uint64_t height;   // of the state that it ran on
    bool was_cut_off;  // by that bound, below its own limit: nobody knows what it would do
    enum tx_code code; // one that would keep it out of the block, or the receipt's
    struct receipt receipt;
    uint32_t event_count;
    const struct event *events;
    struct tx tx; // slices borrow from what was given
    struct arena arena;
};
// MALFORMED or TOO_LARGE; else OK, whatever came of it. The caller clears it in any case.
enum tx_code node_simulate(struct node *node, struct bytes encoded,
                           struct node_simulation *out) MUST_CHECK;
void node_simulation_clear(struct node_simulation *simulation);

// A contract as it stands at the newest final height. False when there is none.
bool node_contract(struct node *node, const struct account_id *id, struct contract_record *out);
// Appends its module. NOT_FOUND.
enum status node_read_code(struct node *node, const struct account_id *id,
                           struct buf *out) MUST_CHECK;

// The newest final state, kept alive until it is released.
struct state_version *node_state(struct node *node);
void node_state_release(struct state_version *version);
// The final state after the block at this height, with its header; NULL unless it is one of the
// last LIMIT_FINAL_VERSIONS.
struct state_version *node_state_at(struct node *node, uint64_t height, struct node_head *head);

// What the state holds under a key, or that it holds nothing, under a header that a certificate
// makes final: for light_trust_advance and light_check_state.
struct node_state_proof {
    struct node_head head;
    bool has_value;
    struct buf value;
    struct buf certificate; // encoded
    struct buf branch;      // chain/state_proof.h
};
// For one of the last LIMIT_FINAL_VERSIONS heights. NOT_FOUND. The caller clears it in any case.
enum status node_prove_state(struct node *node, uint64_t height, struct bytes key,
                             struct node_state_proof *out) MUST_CHECK;
void node_state_proof_clear(struct node_state_proof *proof);

// Whom a proof is for: one who believes the header at this height already is sent it below that
// one, without its backing. Anybody else below the newest, backed from genesis on.
struct node_believed {
    bool is_there;
    uint64_t height;
};
// Appends an encoded tx_proof (chain/proof.h): the transaction and its receipt; of a timer's run
// the receipt. NOT_FOUND while it is not final, where its block was pruned, and for a header that
// is not there; INVALID for one below its block; TOO_LARGE as below.
enum status node_prove_tx(struct node *node, const struct hash *id,
                          const struct node_believed *believed, struct buf *out) MUST_CHECK;
// Appends an encoded entry_proof: what the state holds under the key, or that it holds nothing,
// after the newest block, or after the believed one. NOT_FOUND unless that is one of the last
// LIMIT_FINAL_VERSIONS, and before the first block; TOO_LARGE as below.
enum status node_prove_entry(struct node *node, struct bytes key,
                             const struct node_believed *believed, struct buf *out) MUST_CHECK;

// What leads whoever believed the witnesses of some time to those of a header: each change of them
// since then, or the newest of so many as a proof has.
struct node_changes {
    uint32_t count;         // at most PROOF_MAX_HAND_OVERS
    struct buf hand_overs;  // encoded (chain/proof.h) one after the other, the oldest first
    struct witness_set set; // those of the header
};
// For the header of one of the last LIMIT_FINAL_VERSIONS heights: else NOT_FOUND. A node that has
// joined later tells of what it has seen. The caller clears it in any case.
enum status node_list_changes(struct node *node, const struct header *header, uint64_t since_ms,
                              struct node_changes *out) MUST_CHECK;
void node_changes_clear(struct node_changes *changes);

// Appends an encoded block_proof of the final block at this height. As node_prove_tx.
enum status node_prove_block(struct node *node, uint64_t height,
                             const struct node_believed *believed, struct buf *out) MUST_CHECK;

// Where an event stands.
struct node_event_place {
    uint64_t height;
    uint32_t tx_index;
    uint32_t event_index;
};
struct node_event_wish {
    struct node_event_place place;
    // Put in as it is; the caller knows where the event commits to it. Empty: none.
    struct bytes payload;
    uint32_t payload_offset;
    struct node_believed believed;
};
// Appends an encoded event_proof. NOT_FOUND where there is no such event, block or header (any
// more); INVALID for a header below the event's; TOO_LARGE when the witnesses have changed too much
// since genesis for one proof: whoever follows the chain asks for one below what it believes.
enum status node_prove_event(struct node *node, const struct node_event_wish *wish,
                             struct buf *out) MUST_CHECK;

#endif
