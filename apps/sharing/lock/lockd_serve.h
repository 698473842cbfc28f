// SPDX-License-Identifier: Apache-2.0
// The simulated lock on loopback: one thread, one phone at a time at its radio, a few more that ask
// what it is.
#ifndef LMM_SHARING_LOCK_LOCKD_SERVE_H
#define LMM_SHARING_LOCK_LOCKD_SERVE_H

#include "apps/sharing/lock/lock.h"
#include "apps/sharing/lock/lockd_http.h"

enum {
    LIMIT_LOCKD_CONNECTIONS = 8,
    LIMIT_LOCKD_REQUEST_MS = 10 * 1000, // for a request to come
    LIMIT_LOCKD_IDLE_MS = 60 * 1000,    // a phone that says nothing
    LOCKD_BATTERY_MS = 10 * 60 * 1000,  // that one per cent lasts
};

// Listens on 127.0.0.1 at the port (0: any; then *port is which). IO.
enum status lockd_listen(int *fd, uint16_t *port) MUST_CHECK;
// Until SIGTERM or SIGINT, which must be blocked. IO when the loop cannot go on.
enum status lockd_serve(struct lock *lock, struct lockd_site *site, int listener) MUST_CHECK;

#endif
