// SPDX-License-Identifier: Apache-2.0
// What a running contract can ask of the chain: the functions of chaincore/sdk/lmm.h, seen from the
// other side. Every pointer and length is checked and charged for before anything happens.
//
// A contract that calls another gets a frame on top of its own. The frames of one action lie on the
// native stack, at most LIMIT_CONTRACT_DEPTH of them; a contract stands in at most one.
#ifndef LMM_CONTRACT_HOST_H
#define LMM_CONTRACT_HOST_H

#include "chaincore/contract/run.h"

// One call of one contract.
struct host_frame {
    // the same in all frames of an action
    struct module_cache *modules;
    struct run_tx *run; // NULL in a view that is called from outside
    struct hash chain_id;
    struct hash tx_id;
    uint64_t block_height;
    uint64_t block_time_ms;
    const struct state_view *view; // what reads see
    // this call's
    const struct host_frame *below; // the call that made it; NULL at the bottom
    uint32_t depth;                 // 1 at the bottom
    uint32_t pages_below;           // of memory that the frames below hold
    struct state_draft *draft;      // NULL: it may only read
    struct account_id self;
    struct account_id caller;
    struct amount value;
    struct bytes arguments;
    struct buf result;
    int64_t stored_bytes;      // of state: what it added, less what it freed
    enum tx_code stopped_with; // why the host ended the call; TX_CODE_OK when it did not
    uint32_t contract_code;    // of its refusal
    // its last call of another contract
    struct buf answer;
    uint32_t answer_code; // of that contract's refusal
};

void host_frame_clear(struct host_frame *frame);

// The import table for modules: "lmm" and its functions.
const struct vm_import_table *host_imports(void);

#endif
