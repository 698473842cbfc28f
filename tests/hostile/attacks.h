// SPDX-License-Identifier: Apache-2.0
// Clients that mean no good, one kind to a thread. Each comes from many addresses of the loopback,
// since a server bounds what one address may do.
#ifndef LMM_TESTS_HOSTILE_ATTACKS_H
#define LMM_TESTS_HOSTILE_ATTACKS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct attack {
    uint16_t port;
    const char *key; // one that is good, for what needs one
    unsigned clients;
    atomic_bool is_on;   // all of them are there, or the attack goes on
    atomic_bool is_over; // to be set from outside
    // What came of it.
    atomic_uint begun;    // connections or requests
    atomic_uint answered; // with a code that refuses: 4xx, or 503
    atomic_uint served;   // with 2xx
    atomic_uint failed;   // with another code: a defect of the server's
    atomic_uint closed;   // without an answer
};

struct attack_kind {
    const char *name;
    const char *what;
    unsigned clients;   // at a time, or a second where they come and go
    bool may_be_served; // some of it is what a good client asks too
    void (*run)(struct attack *attack);
};
extern const struct attack_kind attack_kinds[];
extern const unsigned attack_kind_count;

void pause_ms(unsigned ms);

#endif
