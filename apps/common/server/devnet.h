// SPDX-License-Identifier: Apache-2.0
// The devnet: a chain whose keys everybody knows. All come from one public mnemonic by SLIP-0010;
// docs/devnet.md lists roles and paths. Its genesis is the same on every machine for the same set
// of contracts, so a devnet is named by what runs on it.
#ifndef LMM_SERVER_DEVNET_H
#define LMM_SERVER_DEVNET_H

#include "chaincore/chaincore.h"
#include "chaincore/node/devnet_keys.h"

enum { DEVNET_ACCOUNTS = 20 };
enum { DEVNET_BLOCK_INTERVAL_MS = 500, DEVNET_LONGEST_BLOCK_INTERVAL_MS = 60000 };

struct devnet_account {
    const char *role; // "witness-1", "server", "alice", …: docs/devnet.md
    const char *path;
    struct secret_key key;
    struct account_id id;
};
// The first witnesses' accounts come first; their consensus keys are keys of their own.
struct devnet {
    struct devnet_account accounts[DEVNET_ACCOUNTS];
    unsigned witness_count;
    struct secret_key witness_keys[DEVNET_MOST_WITNESSES];
    struct account_id witness_accounts[DEVNET_MOST_WITNESSES];
};

struct devnet_contract {
    const char *name;
    struct bytes code;
};
// The contracts of all markets (devnet_contracts.h), and `own`, which stays out where it is one of
// them already, in the order of their names. How many; at most GENESIS_MAX_CONTRACTS.
uint32_t devnet_list_contracts(struct devnet_contract out[GENESIS_MAX_CONTRACTS],
                               struct devnet_contract own);
// With DEVNET_WITNESSES.
void devnet_derive(struct devnet *out);
// The same with so many, from those to DEVNET_MOST_WITNESSES.
void devnet_derive_with(struct devnet *out, unsigned witness_count);
// NULL when there is no such role.
const struct devnet_account *devnet_find(const struct devnet *devnet, const char *role);
// Appends the canonical genesis. The contracts are in the order of their names.
void devnet_genesis(struct buf *out, const struct devnet *devnet, uint32_t block_interval_ms,
                    const struct devnet_contract *contracts, uint32_t contract_count);

#endif
