// SPDX-License-Identifier: Apache-2.0
// A connection of somebody who may mean no good: a real socket, and hands shaken as the protocol
// has it, or as near to it as he likes. What he says after that is his own.
#ifndef LMM_TESTS_PEERS_CALLER_H
#define LMM_TESTS_PEERS_CALLER_H

#include "chaincore/node/replica_kinds.h"

struct caller {
    int fd;         // -1: there is none
    bool is_closed; // by the other end
    struct secret_key key;
    struct public_key node;
    struct hash chain_id;
    struct hello hello; // to be said
    struct noise_handshake hands;
    struct noise_cipher send, receive;
    struct buf in;                    // not yet whole
    struct buf sent;                  // all of it as it went over the wire, while hands were shaken
    struct buf frames[REPLICA_KINDS]; // by kind, as they arrive
    uint32_t lens[REPLICA_KINDS];
    uint8_t kind;    // of the frame that came last
    struct buf got;  // and its payload
    uint64_t bytes;  // said
    bool is_holding; // what is said waits in `held`
    struct buf held;
};

// One that is no node yet: a new key, and a hello that says what any node takes, and no more.
void caller_init(struct caller *caller, const struct hash *chain_id);
void caller_clear(struct caller *caller);

// From the address 127.0.A.B, with that for `from` = 256 A + B. False: it was not taken.
bool caller_connect(struct caller *caller, uint16_t port, uint16_t from);
// The other way round: a call that was taken, which is the caller's from then on. Hands and hellos.
bool caller_answer(struct caller *caller, int fd);
bool caller_write(struct caller *caller, struct bytes raw);
// Up to the second message, whose answer is not said.
bool caller_begin_handshake(struct caller *caller);
// All of the handshake, and both hellos.
bool caller_shake(struct caller *caller);
// Its own hello as it is, for a handshake that is done, signed by any key.
bool caller_say_hello(struct caller *caller, const struct secret_key *key);
// Up to where hellos are due.
bool caller_shake_without_hello(struct caller *caller);

// Any bytes in one sealed message.
bool caller_say_plain(struct caller *caller, struct bytes plain);
// A frame, cut as it should be.
bool caller_say(struct caller *caller, uint8_t kind, struct bytes payload);
// What is said from now on waits, until it all goes out at once.
void caller_hold(struct caller *caller);
// False: not all of it went, and the rest waits for the next time.
bool caller_flush(struct caller *caller);
// Reads until there is a frame of the kind, which then is in `got`.
bool caller_await(struct caller *caller, uint8_t kind, unsigned ms);
// Reads so many bytes at most, and forgets them: nothing that comes later can be understood.
void caller_sip(struct caller *caller, size_t bytes);
// Reads what has come, and forgets it.
void caller_drain(struct caller *caller);
// Reads until the other end closes; false: it does not within the time.
bool caller_await_close(struct caller *caller, unsigned ms);

void pause_ms(unsigned ms);

#endif
