// SPDX-License-Identifier: Apache-2.0
// Sessions of accounts that logged in: a token each, of which a small SQLite file keeps the hash,
// so that it lasts over restarts. A token is "lms_" and 64 hexadecimal digits.
//
// Thread-safe.
#ifndef LMM_SERVER_SESSIONS_H
#define LMM_SERVER_SESSIONS_H

#include "chaincore/chain/account_id.h"

#define SESSION_LIFE_MS ((uint64_t)12 * 3600 * 1000)

enum { SESSION_TOKEN_CHARS = 4 + 64 };

struct session {
    struct account_id account;
    struct public_key key; // that signed the log-in
    uint64_t expires_ms;   // since 1970
};

struct sessions;

enum status sessions_open(struct sessions **out, const char *path) MUST_CHECK;
void sessions_close(struct sessions *sessions); // NULL is allowed

bool session_is_token(struct bytes text);
// Fills in the end. Of one account the newest LIMIT_SESSIONS_PER_ACCOUNT go on. Durable.
enum status sessions_begin(struct sessions *sessions, struct session *session,
                           char token[SESSION_TOKEN_CHARS + 1]) MUST_CHECK;
// NOT_FOUND: it never was one, or has ended.
enum status sessions_find(struct sessions *sessions, struct bytes token,
                          struct session *out) MUST_CHECK;
// Durable. OK too when there is none.
enum status sessions_end(struct sessions *sessions, struct bytes token) MUST_CHECK;
enum status sessions_end_all(struct sessions *sessions,
                             const struct account_id *account) MUST_CHECK;

#endif
