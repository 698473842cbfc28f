// SPDX-License-Identifier: Apache-2.0
// What the simulated lock says over HTTP: at / what it is (a W3C WoT Thing Description), at /lock
// the upgrade to its radio. No page may drive it but those of the origins it was told: a page
// cannot leave its Origin out. A Host other than the lock's own is refused, so that no name of a
// stranger's leads here.
#ifndef LMM_SHARING_LOCK_LOCKD_HTTP_H
#define LMM_SHARING_LOCK_LOCKD_HTTP_H

#include "chaincore/base/buf.h"
#include "chaincore/crypto/sign.h"

enum {
    LIMIT_LOCKD_REQUEST_BYTES = 8 * 1024, // a request's line and headers
    LIMIT_LOCKD_ORIGINS = 16,
};

struct lockd_site {
    struct public_key key; // the lock's
    uint16_t port;
    unsigned origin_count;
    const char *origins[LIMIT_LOCKD_ORIGINS]; // "http://127.0.0.1:8082"
    bool is_taken;                            // another phone has the radio
};

// Appends the answer to a whole request head (up to and with its empty line); true when it is the
// upgrade, and frames follow. Otherwise the connection ends with the answer.
bool lockd_http_answer(struct buf *out, const struct lockd_site *site, struct bytes head);

#endif
