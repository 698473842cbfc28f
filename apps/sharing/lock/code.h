// SPDX-License-Identifier: Apache-2.0
// Why a lock refuses: numbers of its protocol (docs/lock.md), each with a sentence for a person.
#ifndef LMM_SHARING_LOCK_CODE_H
#define LMM_SHARING_LOCK_CODE_H

#include <stdint.h>

#define LOCK_CODE_LIST(X)                                                                   \
    X(OK, 0, "done")                                                                        \
    X(MALFORMED, 1, "the message does not have the form of its kind")                       \
    X(FRAME_ORDER, 2, "a frame is missing, or came twice")                                  \
    X(FRAME_SIZE, 3, "a frame or a message is over its bound, or empty")                    \
    X(UNKNOWN_KIND, 4, "there is no such kind of message")                                  \
    X(CLOCK_STOPPED, 5,                                                                     \
      "the lock was without power and does not know the time: its owner has to vouch")      \
    X(TRUST_OVER, 6,                                                                        \
      "the lock has heard nothing of the chain for too long: its owner has "                \
      "to vouch")                                                                           \
    X(OTHER_CHAIN, 7, "the header is of another chain")                                     \
    X(OLD_HEADER, 8, "the lock cannot check so old a header: fetch the proof again")        \
    X(UNKNOWN_HEADER, 9, "the lock does not know this header yet")                          \
    X(OTHER_HEADER, 10, "the lock knows another header of this height")                     \
    X(HEADER_TIME, 11, "the header does not go on from what the lock knows")                \
    X(WITNESSES, 12, "the lock has no reason to believe these witnesses")                   \
    X(QUORUM, 13, "too few witnesses have signed")                                          \
    X(CERTIFICATE, 14, "a witness's signature does not verify")                             \
    X(BRANCH, 15, "this does not stand in the chain's state")                               \
    X(NOT_BOUND, 16, "the lock does not know yet what it belongs to: show it its policy")   \
    X(OTHER_OWNER, 17, "the policy names another owner")                                    \
    X(OLD_POLICY, 18, "the lock knows a newer policy")                                      \
    X(COMMAND, 19, "there is no such command")                                              \
    X(OTHER_LOCK, 20, "the challenge is of another lock")                                   \
    X(NO_NONCE, 21, "the lock has not drawn this nonce")                                    \
    X(NONCE_USED, 22, "the nonce was used before")                                          \
    X(NONCE_EXPIRED, 23, "the nonce is too old: ask for another")                           \
    X(COUNTER, 24, "the counter is not the lock's")                                         \
    X(RECORD_VERSION, 25, "the lock does not know this form of grant or policy")            \
    X(GRANT_LOCK, 26, "the grant is for another lock")                                      \
    X(GRANT_BOOKING, 27, "the grant is of another booking")                                 \
    X(GRANT_ASSET, 28, "the grant is for what the lock does not belong to")                 \
    X(GRANT_RENTER, 29, "the grant is another renter's")                                    \
    X(TOO_EARLY, 30, "the booked time has not begun")                                       \
    X(EXPIRED, 31, "the booked time is over")                                               \
    X(REVOKED, 32, "the owner has revoked grants of before")                                \
    X(SIGNATURE, 33, "the signature does not verify")                                       \
    X(NOT_STARTED, 34, "the use has not been started at this lock")                         \
    X(ALREADY_STARTED, 35, "the use has been started already")                              \
    X(VOUCHING, 36, "the owner's statement does not fit the lock or the header")            \
    X(CLOCK_BACK, 37, "the time is before one that the lock knows")                         \
    X(FLASH, 38, "the lock cannot keep its state, so it does nothing")                      \
    X(NO_RECEIPT, 39, "nothing has been started or returned at this lock")                  \
    X(TIME, 40, "the time is not the one that the lock has told")                           \
    X(CANCELLABLE, 41,                                                                      \
      "the proof is of before the booked time, when it could be cancelled: fetch it again") \
    X(OLD_PROOF, 42, "the proof is more than a day old: fetch it again")                    \
    X(NO_POLICY, 43, "show the policy below the same header first")

enum lock_code {
#define X(name, number, text) LOCK_CODE_##name = number,
    LOCK_CODE_LIST(X)
#undef X
};

// The sentence, and "OLD_HEADER"; never NULL, for any number.
const char *lock_code_text(uint16_t code);
const char *lock_code_name(uint16_t code);

#endif
