// SPDX-License-Identifier: Apache-2.0
// Carries connections on, so that they come from another address than they were made from.
#ifndef LMM_TESTS_NET_RELAY_H
#define LMM_TESTS_NET_RELAY_H

#include <pthread.h>

#include "chaincore/net/endpoint.h"

struct relay {
    struct endpoint at; // where it takes connections
    struct endpoint from, to;
    int listener;
    pthread_t thread;
};

// One connection after the other, at and from addresses of the loopback.
void relay_open(struct relay *relay, const char *at, const char *from, const struct endpoint *to);
void relay_close(struct relay *relay);

#endif
