// SPDX-License-Identifier: Apache-2.0
// What a transaction did: a receipt of numbers, and the events of its contracts. The sentences for
// a person stand in tx_code_text and, for contract codes, in the contract's ABI.
#ifndef LMM_CHAIN_RECEIPT_H
#define LMM_CHAIN_RECEIPT_H

#include "chaincore/base/codec.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/crypto/hash.h"

// Codes from 40 on are about stake. Codes up to 99 stand in receipts: the transaction is in a block
// and paid its gas. Codes from 100 on are refusals: it never got into one. A number once given
// keeps its meaning.
#define TX_CODE_LIST(X)                                                                     \
    X(OK, 0, "done")                                                                        \
    X(INSUFFICIENT_FUNDS, 1, "the account holds less than the transaction moves")           \
    X(UNKNOWN_CONTRACT, 2, "there is no contract at this address")                          \
    X(UNKNOWN_METHOD, 3, "the contract has no such method")                                 \
    X(OUT_OF_GAS, 4, "the gas limit was too low")                                           \
    X(CONTRACT_REFUSED, 5, "the contract refused; its own code says why")                   \
    X(TRAP_UNREACHABLE, 6, "the contract stopped at a point that it declared unreachable")  \
    X(TRAP_MEMORY, 7, "the contract reached outside its memory")                            \
    X(TRAP_ARITHMETIC, 8, "the contract divided by zero or overflowed a conversion")        \
    X(TRAP_CALL, 9, "the contract made an invalid indirect call")                           \
    X(TRAP_STACK, 10, "the contract called too deep")                                       \
    X(BAD_MODULE, 11, "the code is not a module that this chain runs")                      \
    X(HOST_BOUND, 12, "the contract asked the chain for more than a bound allows")          \
    X(BALANCE_OVERFLOW, 13, "the receiving balance would not fit")                          \
    X(EXISTS, 14, "there is a contract at this address already")                            \
    X(NOT_PAYABLE, 15, "the contract does not take payments")                               \
    X(REENTRY, 20, "the contract is running already, further down in the same call")        \
    X(CALL_DEPTH, 21, "contracts called one another too deep")                              \
    X(CALL_MEMORY, 22, "the contracts of one call need more memory than allowed")           \
    X(READ_ONLY, 23, "a view tried to change something")                                    \
    X(DEPOSIT_LIMIT, 24, "what is stored locks more than gas limit times price")            \
    X(NOT_UPGRADER, 25, "the contract may not be upgraded by this account")                 \
    X(UNKNOWN_CODE, 26, "no contract has this code")                                        \
    X(TIMER_BOUND, 27, "a timer's time, gas or arguments are out of bounds")                \
    X(STAKE_TOO_SMALL, 40, "the account has too little locked for this")                    \
    X(TOO_MANY_UNLOCKS, 41, "too many unlockings are under way; withdraw what is ready")    \
    X(NOTHING_READY, 42, "nothing that was unlocked is ready yet")                          \
    X(NOT_A_CANDIDATE, 43, "the account is not a candidate")                                \
    X(KEY_OF_ACCOUNT, 44, "the consensus key must not be a key of the account")             \
    X(KEY_TAKEN, 45, "another candidate has this consensus key")                            \
    X(UNKNOWN_LANE, 46, "the account has no such lane")                                     \
    X(LANE_IN_USE, 47, "the lane was used within the last 28,800 blocks")                   \
    X(WRONG_ENVELOPE, 48, "the envelope is not the next in its sender's row")               \
    X(KEY_OF_CONSENSUS, 49, "a key of the authority is the account's consensus key")        \
    X(NO_AMOUNT, 50, "an amount of nothing is neither locked nor unlocked")                 \
    X(UNKNOWN_ACCOUNT, 51, "there is no such account")                                      \
    X(ACCOUNT_NOT_EMPTY, 52, "the account is not empty")                                    \
    X(ACCOUNT_IN_USE, 53, "the account was used within the last 28,800 blocks")             \
    X(NOTHING_TO_CLAIM, 54, "nothing has accrued to the account's votes")                   \
    X(BAD_EVIDENCE, 55, "the signatures are not both that witness's, or are too old")       \
    X(PUNISHED_ALREADY, 56, "the witness was punished for this epoch")                      \
    X(EXPELLED, 57, "the account was expelled in this epoch; register in the next")         \
    X(NOT_A_WITNESS, 58, "the account does not serve as witness")                           \
    X(BAD_PARAMETERS, 59, "parameters that never change, or an older protocol")             \
    X(MALFORMED, 100, "the bytes are not a transaction")                                    \
    X(TOO_LARGE, 101, "the transaction is larger than allowed")                             \
    X(BAD_SIGNATURE, 102, "a signature does not verify on this chain")                      \
    X(NOT_AUTHORIZED, 103, "the signatures do not meet the account's authority")            \
    X(WRONG_NONCE, 104, "the sequence number was used already")                             \
    X(NONCE_GAP, 105, "an earlier sequence number is missing")                              \
    X(EXPIRED, 106, "the last height that might include it has passed")                     \
    X(VALID_TOO_LONG, 107, "valid_until is too far ahead")                                  \
    X(GAS_PRICE_TOO_LOW, 108, "the gas price is below the chain's minimum")                 \
    X(GAS_LIMIT_TOO_LOW, 109, "the gas limit does not cover the transaction's own bytes")   \
    X(GAS_LIMIT_TOO_HIGH, 110, "the gas limit is above that of a block")                    \
    X(CANNOT_PAY_GAS, 111, "the payer holds less than gas limit times price")               \
    X(MEMPOOL_FULL, 112, "too many transactions wait; try again later")                     \
    X(DUPLICATE, 113, "this transaction is known already")                                  \
    X(CANNOT_PAY_DEPOSIT, 114, "the payer cannot pay the deposit of a new account or lane") \
    X(NOT_RUNNING, 115, "the node is stopping")

enum tx_code {
#define X(name, number, text) TX_CODE_##name = number,
    TX_CODE_LIST(X)
#undef X
};

enum { TX_CODE_FIRST_REFUSAL = 100 };

// "OUT_OF_GAS" and its sentence; never NULL. The strings live for ever.
const char *tx_code_name(enum tx_code code);
const char *tx_code_text(enum tx_code code);

struct receipt {
    struct hash tx_id;
    uint16_t code;          // enum tx_code
    uint32_t contract_code; // set when code is TX_CODE_CONTRACT_REFUSED
    uint64_t gas_used;
    struct hash events_root; // list root of the event leaves
};
enum { RECEIPT_BYTES = 32 + 2 + 4 + 8 + 32 };

void receipt_encode(struct buf *out, const struct receipt *receipt);
enum status receipt_decode(struct receipt *out, struct bytes in) MUST_CHECK;
void receipt_leaf(struct hash *out, const struct receipt *receipt);

struct event {
    struct account_id contract;
    struct bytes topic; // 1 to 64 bytes
    struct bytes data;  // Borsh, as the contract's ABI says; up to 16 KiB
};

size_t event_encoded_len(const struct event *event);
void event_encode(struct buf *out, const struct event *event);
// Slices borrow from `in`.
void event_decode_from(struct decoder *in, struct event *out);
enum status event_decode(struct event *out, struct bytes in) MUST_CHECK;
void event_leaf(struct hash *out, const struct event *event);

#endif
