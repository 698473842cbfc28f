// SPDX-License-Identifier: Apache-2.0
// A transaction: up to 16 actions of one sender, run in order, all or nothing. Its id hashes the
// body alone, so a signature made twice gives one transaction. The codec accepts exactly one
// encoding of each value (Borsh; docs/protocol.md has golden bytes).
//
// Who signs: an account whose authority was never set is its key: the one whose hash is its id. Its
// entry carries that key, under index 0. An account with an authority in the state signs by index,
// without keys in the entry.
#ifndef LMM_CHAIN_TX_H
#define LMM_CHAIN_TX_H

#include "chaincore/base/limits.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/chain/amount.h"
#include "chaincore/chain/approval.h"
#include "chaincore/chain/authority.h"
#include "chaincore/chain/envelope.h"
#include "chaincore/chain/evidence.h"
#include "chaincore/crypto/hash.h"
#include "chaincore/crypto/sign.h"

enum { TX_VERSION = 1 };

// The tags of the encoding; numbers from 18 on are kept for what is to come.
enum tx_action_kind {
    TX_TRANSFER = 0,
    TX_CALL = 1,
    TX_DEPLOY = 2,
    TX_UPGRADE = 3,
    TX_SET_AUTHORITY = 4,
    TX_SET_ENC_KEY = 5,
    TX_LOCK_STAKE = 6,
    TX_UNLOCK_STAKE = 7,
    TX_WITHDRAW_STAKE = 8,
    TX_REGISTER_CANDIDATE = 9,
    TX_RESIGN_CANDIDATE = 10,
    TX_VOTE = 11,
    TX_CLOSE_LANE = 12,
    TX_DATA = 13,
    TX_REMOVE_ACCOUNT = 14,
    TX_CLAIM_SHARES = 15,
    TX_EVIDENCE = 16,
    TX_APPROVE = 17,
    TX_ACTION_KINDS
};

struct tx_action {
    enum tx_action_kind kind;
    union {
        struct {
            struct account_id to;
            struct amount amount;
        } transfer;
        struct {
            struct account_id contract;
            struct bytes method; // [a-z0-9_], 1 to 64 bytes
            struct bytes arguments;
            struct amount value; // moves to the contract before it runs
        } call;
        struct {
            struct bytes code;      // a WebAssembly module, up to 1 MiB
            struct bytes arguments; // for its `init`
            bool has_upgrader;      // nobody can ever upgrade it otherwise
            struct account_id upgrader;
        } deploy;
        struct {
            struct account_id contract;
            struct bytes code;
            struct bytes arguments; // for the new code's `upgrade`
            bool has_upgrader;      // who may from now on
            struct account_id upgrader;
        } upgrade;
        struct {
            struct bytes authority; // encoded; it rules from the next transaction on
        } set_authority;
        struct {
            uint8_t key[32]; // X25519
        } set_enc_key;
        struct {
            struct amount amount;
        } stake; // to lock, or to unlock
        struct {
            struct public_key key; // of consensus
            uint16_t commission;   // hundredths of a per cent
        } register_candidate;
        struct {
            uint32_t count;
            struct bytes candidates; // account ids, ascending
        } vote;
        struct {
            uint32_t lane; // not 0
        } close_lane;
        struct envelope data;
        struct evidence evidence;
        struct approval approve;
        struct {
            struct account_id account;
        } remove_account;
    };
};

enum tx_role { TX_ROLE_SENDER = 0, TX_ROLE_PAYER = 1 };

struct tx_signature {
    enum tx_role role;
    uint8_t key_index;
    bool has_key;
    struct public_key key;
    struct signature signature;
};

struct tx {
    uint8_t version;
    struct account_id sender;
    uint32_t lane;
    uint64_t seq;
    uint64_t valid_until; // the last height that may include it
    uint64_t gas_limit;
    uint64_t gas_price; // base units per gas
    bool has_payer;
    struct account_id payer;
    uint32_t action_count;
    struct tx_action actions[LIMIT_TX_ACTIONS];
    uint32_t signature_count;
    struct tx_signature signatures[LIMIT_TX_SIGNATURES];
};

// The part that is signed and hashed.
void tx_encode_body(struct buf *out, const struct tx *tx);
void tx_encode(struct buf *out, const struct tx *tx);
// Slices in `out` borrow from `in`. TOO_LARGE above 64 KiB (1.25 MiB when an action brings code).
enum status tx_decode(struct tx *out, struct bytes in) MUST_CHECK;
// For a person: at which field tx_decode fails, by its name in this header ("gas_limit", "actions"
// with an index from 0 on), and how; OK when it does not.
struct tx_fault {
    enum status status;
    const char *field; // static; NULL: the transaction as a whole
    uint32_t index;    // in actions and signatures
};
void tx_find_fault(struct tx_fault *out, struct bytes in);
void tx_id(struct hash *out, const struct tx *tx);
// The part of `encoded`, which `tx` was decoded from, that its id is the hash of.
struct bytes tx_body(struct bytes encoded, const struct tx *tx);
// The leaf under a block's tx_root, of id and signatures as `encoded` has them, which `tx` was
// decoded from. Needs no memory of its own: a transaction may be larger than a device's stack.
void tx_leaf(struct hash *out, struct bytes encoded, const struct tx *tx);
// The same, and the id, from the two parts of an encoding: what is signed, and the signatures.
void tx_leaf_of_parts(struct hash *leaf, struct hash *id, struct bytes body,
                      struct bytes signatures);

// Appends a signature of the sender or payer by a key whose hash is its id. FULL above the bound.
// The sender signs before the payer.
enum status tx_sign(struct tx *tx, enum tx_role role, const struct secret_key *key,
                    const struct hash *chain_id) MUST_CHECK;
// The same for an account with an authority, by its key of this index; lower indices sign first.
enum status tx_sign_indexed(struct tx *tx, enum tx_role role, uint8_t key_index,
                            const struct secret_key *key, const struct hash *chain_id) MUST_CHECK;

// A row of sequence numbers; number 0 is the account's own.
struct tx_lane {
    struct account_id account;
    uint32_t number;
};
static inline bool tx_lane_equal(const struct tx_lane *a, const struct tx_lane *b) {
    return a->number == b->number && account_id_equal(&a->account, &b->account);
}
static inline struct tx_lane tx_lane(const struct tx *tx) {
    return (struct tx_lane){.account = tx->sender, .number = tx->lane};
}

// Until when, in block time, every node keeps the body.
uint64_t tx_kept_until_ms(const struct tx *tx, uint64_t block_time_ms);

// The account that gas comes from.
const struct account_id *tx_payer(const struct tx *tx);

#endif
