// SPDX-License-Identifier: Apache-2.0
// The keys that a devnet's witnesses sign blocks with. Everybody has them: they come from one
// public mnemonic by SLIP-0010, so nothing of value may ever go by them. docs/devnet.md has the
// paths.
#ifndef LMM_NODE_DEVNET_KEYS_H
#define LMM_NODE_DEVNET_KEYS_H

#include "chaincore/base/limits.h"
#include "chaincore/crypto/mnemonic.h"
#include "chaincore/crypto/sign.h"

// How many there are unless somebody says otherwise, and at most.
enum { DEVNET_WITNESSES = 4, DEVNET_MOST_WITNESSES = LIMIT_WITNESSES };
// Of a view (consensus/consensus.h). A devnet's nodes are on one machine, or near: who ends there
// holds up the others for a second, not three.
enum { DEVNET_TIMEOUT_MS = 1000 };
// And so all come from one address, where each need not name all others.
enum { DEVNET_CONNECTIONS_PER_ADDRESS = 64 };

extern const char devnet_mnemonic[];

// What all of a devnet's keys are derived from.
void devnet_seed(uint8_t out[MNEMONIC_SEED_BYTES]);
// Along a path that is one.
void devnet_derive_key(struct secret_key *out, const uint8_t seed[MNEMONIC_SEED_BYTES],
                       const char *path);
// Those of the first so many.
void devnet_witness_keys(struct secret_key *out, unsigned count,
                         const uint8_t seed[MNEMONIC_SEED_BYTES]);

// Some of a devnet's witnesses by their numbers, from 1 on: "2", "1,3-4", or "none". False for
// anything else, and for one above `count`.
bool devnet_choose_witnesses(bool chosen[DEVNET_MOST_WITNESSES], unsigned count, const char *text);

#endif
