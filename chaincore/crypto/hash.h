// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256, always under a domain: a 16-byte personalisation, so that bytes hashed for one
// purpose never pass for another (RFC 7693; the domain is the text below, filled up with zeros).
#ifndef LMM_CRYPTO_HASH_H
#define LMM_CRYPTO_HASH_H

#include <stdalign.h>

#include "chaincore/base/bytes.h"

struct hash {
    uint8_t bytes[32];
};

#define HASH_DOMAIN_LIST(X)                                                       \
    X(TX, "lmm/tx")          /* a transaction's body: its id */                   \
    X(TX_LEAF, "lmm/txleaf") /* id and signatures, under tx_root */               \
    X(HEADER, "lmm/header")  /* a header: the block's id */                       \
    X(RECEIPT, "lmm/receipt")                                                     \
    X(EVENT, "lmm/event")                                                         \
    X(ACCOUNT, "lmm/account")   /* a public key: the account's id */              \
    X(CONTRACT, "lmm/contract") /* who deployed it and when: the contract's id */ \
    X(CODE, "lmm/code")                                                           \
    X(KEY, "lmm/key") /* a state key: its path in the tree */                     \
    X(VALUE, "lmm/value")                                                         \
    X(LEAF, "lmm/leaf")           /* path and value hash, in the state tree */    \
    X(NODE, "lmm/node")           /* two children, in any tree */                 \
    X(LIST, "lmm/list")           /* a count and a tree's root */                 \
    X(GENESIS, "lmm/genesis")     /* the head of genesis: the chain's id */       \
    X(BALANCES, "lmm/balances")   /* the accounts of genesis, in its head */      \
    X(ARGUMENTS, "lmm/arguments") /* of a contract of genesis, there too */       \
    X(WITNESS, "lmm/witness")                                                     \
    X(PARAMS, "lmm/params")                                                       \
    X(VOTE, "lmm/vote")                                                           \
    X(TIMER, "lmm/timer") /* a timer's run: what its receipt is found by */       \
    X(USER, "lmm/user")   /* what contracts hash */                               \
    X(JOURNAL, "lmm/journal")                                                     \
    X(LOG, "lmm/log")                 /* checksums of stored records */           \
    X(TRUST, "lmm/trust")             /* what an owner vouches for */             \
    X(ENVELOPE, "lmm/envelope")       /* what the next one in its row names */    \
    X(ENVELOPE_ID, "lmm/envelope-id") /* what its tag covers */                   \
    X(SIGNERS, "lmm/signers")         /* the keys that a verdict was made with */ \
    X(API_KEY, "lmm/api-key")         /* a server knows only these of its keys */ \
    X(IDEMPOTENCY, "lmm/idempotency") /* what a client asks twice */              \
    X(LOGIN, "lmm/login")             /* the text that an account logs in by */   \
    X(ETAG, "lmm/etag")               /* an answer that a client may keep */      \
    X(SCHEDULE, "lmm/schedule")       /* the order of leaders */                  \
    X(PEER, "lmm/peer")               /* what a node signs to its peer */         \
    X(RECORD, "lmm/record")           /* where a witness's node is to be found */ \
    X(NODE_KEY, "lmm/node-key")       /* a node's key, which a witness certifies */

enum hash_domain {
#define X(name, text) HASH_##name,
    HASH_DOMAIN_LIST(X)
#undef X
        HASH_DOMAINS
};

// Each domain's text as BLAKE2b takes it.
extern const uint8_t hash_personalisations[HASH_DOMAINS][16];

// A hash in the making. Opaque; lives on the stack.
struct hasher {
    alignas(64) uint8_t opaque[384];
};
void hasher_init(struct hasher *hasher, enum hash_domain domain);
void hasher_add(struct hasher *hasher, struct bytes in);
void hasher_finish(struct hasher *hasher, struct hash *out);

void hash_bytes(struct hash *out, enum hash_domain domain, struct bytes in);
// HASH_NODE over left ‖ right; out may be one of them.
void hash_node(struct hash *out, const struct hash *left, const struct hash *right);

static inline bool hash_equal(const struct hash *a, const struct hash *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}
static inline int hash_compare(const struct hash *a, const struct hash *b) {
    return memcmp(a->bytes, b->bytes, sizeof a->bytes);
}
bool hash_is_zero(const struct hash *hash);

#endif
