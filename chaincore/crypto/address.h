// SPDX-License-Identifier: Apache-2.0
// How people read and write an account's id: Bech32m with the prefix "lmm", 62 characters.
#ifndef LMM_CRYPTO_ADDRESS_H
#define LMM_CRYPTO_ADDRESS_H

#include "chaincore/crypto/sign.h"

enum { ADDRESS_CHARS = 62, ACCOUNT_ID_BYTES = 32 };

// With a NUL behind the characters.
void address_encode(char out[ADDRESS_CHARS + 1], const uint8_t account_id[ACCOUNT_ID_BYTES]);
// Lower or upper case, as BIP-350 asks. MALFORMED, TOO_LARGE, or INVALID when only the checksum is
// wrong: then somebody mistyped.
enum status address_decode(uint8_t account_id[ACCOUNT_ID_BYTES], struct bytes text) MUST_CHECK;
// The address of the account whose first key this is.
void address_of_key(char out[ADDRESS_CHARS + 1], const struct public_key *key);

#endif
