// SPDX-License-Identifier: Apache-2.0
// The text that an account signs to log in, in the manner of EIP-4361 with a tag of our own: a
// person can read it, it names the server's own domain and the chain, it is good for
// LOGIN_LIFE_MS and once. What is signed is SIGN_LOG_IN over the text's hash, which no transaction,
// nor anything else, is ever signed under.
//
// Asking costs the server nothing: the nonce carries its time and a code that this process alone
// can make, so a challenge is remembered only once it has been answered. A restart forgets all that
// were asked for.
//
// Thread-safe.
#ifndef LMM_SERVER_LOGIN_H
#define LMM_SERVER_LOGIN_H

#include "chaincore/base/buf.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/contract/account.h"
#include "chaincore/crypto/sign.h"

enum { LOGIN_LIFE_MS = 5 * 60 * 1000, LOGIN_TEXT_BYTES = 1024 };

struct login;

struct login *login_open(const struct hash *chain_id);
void login_close(struct login *login); // NULL is allowed
// Host and port as a browser's Host has them, at most LIMIT_LOGIN_DOMAIN_BYTES. Until it is set no
// host is the server's own.
void login_set_domain(struct login *login, const char *domain);
bool login_is_domain(struct login *login, const char *host);

// Appends the text for an account.
void login_challenge(struct login *login, const struct account_id *account, struct buf *out);
void login_hash(struct hash *out, struct bytes text);

// Is this a text of this process and still good, and the signature that of the key? Then *out is
// the account that the text names; whether the key may sign for it is login_key_is_enough's to say.
// INVALID: not such a text; TIMEOUT: its time is over; BAD_SIGNATURE.
enum status login_check(struct login *login, struct bytes text, const struct public_key *key,
                        const struct signature *signature, struct account_id *out) MUST_CHECK;
// Of a text that login_check found good: from here on it is good no more. CONFLICT: it was used
// before; FULL: too many were used within LOGIN_LIFE_MS.
enum status login_use(struct login *login, struct bytes text) MUST_CHECK;

// May this key alone sign for the account, as it stands?
bool login_key_is_enough(const struct account *account, const struct account_id *id,
                         const struct public_key *key);

#endif
