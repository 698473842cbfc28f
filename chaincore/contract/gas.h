// SPDX-License-Identifier: Apache-2.0
// What work outside WebAssembly instructions costs, in gas; one gas is about a nanosecond of the
// reference machine. Part of the protocol: nodes must agree on every number. Instructions are
// priced in chaincore/vm.
#ifndef LMM_CONTRACT_GAS_H
#define LMM_CONTRACT_GAS_H

enum {
    GAS_TX_BASE = 10000,
    GAS_TX_BYTE = 20, // kept for ever by archive nodes
    GAS_TX_SIGNATURE = 50000,
    GAS_TRANSFER = 3000,
    GAS_TRANSFER_CHOICE = 100, // of the receiver's votes, counted again
    GAS_STAKE = 20000,         // up to four entries of the state
    GAS_VOTE_CHOICE = 3000,    // looked up now, and counted again whenever the balance moves
    GAS_EVIDENCE = 200000,     // two signatures, the hash of the set, five entries
    GAS_APPROVE = 40000,       // everybody's ballots looked at, and taken back when it is decided
    GAS_DEPLOY_BASE = 100000,
    GAS_DEPLOY_BYTE = 100, // validated, translated and stored
    GAS_UPGRADE = 30000,   // to code that stands in the state
    GAS_CALL_BASE = 5000,
    GAS_CALL_CODE_KIB = 12000, // to translate it; the same whether the code was in the cache or not
    GAS_CALL_PAGE = 4000,      // of initial memory

    GAS_HOST_BASE = 3,
    GAS_HOST_BYTE = 1,     // copied between contract and host
    GAS_CALL_OUT = 2000,   // of another contract, beside what the call itself costs
    GAS_TIMER_SET = 12000, // or cancel
    GAS_TIMER_REST = 6000, // to pay what a run leaves to somebody with up to 30 votes
    GAS_TIMER_RUN = 20000, // before its contract does anything
    GAS_STORAGE_READ = 1500,
    GAS_STORAGE_NEXT = 2500,
    GAS_STORAGE_WRITE = 6000,
    GAS_STORAGE_WRITE_BYTE = 20,
    GAS_EVENT = 2000,
    GAS_EVENT_BYTE = 10,
    GAS_HASH = 400,
    GAS_HASH_BYTE = 3,
    GAS_VERIFY = 50000,
};

#endif
