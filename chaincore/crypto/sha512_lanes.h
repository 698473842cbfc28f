// SPDX-License-Identifier: Apache-2.0
// SHA-512 of eight messages side by side (lanes.h), for Ed25519 (sign_lanes.c). Only where there
// are lanes. Internal to crypto/.
#ifndef LMM_CRYPTO_SHA512_LANES_H
#define LMM_CRYPTO_SHA512_LANES_H

#include "chaincore/crypto/lanes.h"

#ifdef HAVE_LANES
#include <stddef.h>
#include <stdint.h>

enum { SHA512_BLOCK = 128 };

// Messages come padded (FIPS 180-4, 5.1.2), as whole blocks. Each of `blocks` can be read for the
// greatest of the counts, of which none is 0.
void sha512_eight(uint8_t digests[LANES][64], const uint8_t *const blocks[LANES],
                  const uint64_t block_counts[LANES]);

#endif
#endif
