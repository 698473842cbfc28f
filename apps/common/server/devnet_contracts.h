// SPDX-License-Identifier: Apache-2.0
// The compiled contracts of all markets that were built with this server, so that the devnet of
// each carries them all: what is signed for one market can be sent to the server of another. The
// table is made by scripts/contract-table out of MARKET_CONTRACTS in the Makefile.
#ifndef LMM_SERVER_DEVNET_CONTRACTS_H
#define LMM_SERVER_DEVNET_CONTRACTS_H

#include <stdint.h>

struct embedded_contract {
    const char *name; // NULL behind the last one
    const uint8_t *start;
    const uint8_t *end;
};
// In the order of their names.
extern const struct embedded_contract devnet_contracts[];

#endif
