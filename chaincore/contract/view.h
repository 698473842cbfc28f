// SPDX-License-Identifier: Apache-2.0
// Reads through a contract's own views, on a version of the state that stays as it is. Costs nobody
// anything, so it is bounded by a gas limit of the node's choice. Any thread. Its memory is bounded
// too, by LIMIT_CALL_PAGES; where the machine lacks it the process ends, as for a block's (ADR
// 001).
#ifndef LMM_CONTRACT_VIEW_H
#define LMM_CONTRACT_VIEW_H

#include "chaincore/chain/account_id.h"
#include "chaincore/chain/receipt.h"
#include "chaincore/contract/module_cache.h"
#include "chaincore/ledger/state.h"

struct view_request {
    const struct state_view *view;
    struct module_cache *modules;
    struct hash chain_id;
    const struct account_id *contract;
    struct bytes method;
    struct bytes arguments;
    uint64_t gas_limit;
    uint64_t height; // what the contract is told
    uint64_t time_ms;
};

// Appends what the view returned. *contract_code is set when the code is CONTRACT_REFUSED.
enum tx_code view_call(struct buf *out, const struct view_request *request,
                       uint32_t *contract_code) MUST_CHECK;

#endif
