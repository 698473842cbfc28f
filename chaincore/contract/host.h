// SPDX-License-Identifier: Apache-2.0
// What a running contract can ask of the chain: the functions of chaincore/sdk/lmm.h, seen from the
// other side. Every pointer and length is checked and charged for before anything happens.
#ifndef LMM_CONTRACT_HOST_H
#define LMM_CONTRACT_HOST_H

#include "chaincore/contract/run.h"

// One call of one contract.
struct host_frame {
    const struct state_view *view; // what reads see
    struct state_draft *draft;     // NULL in a view call: writes trap
    struct run_tx *run;            // NULL in a view call
    struct account_id self;
    struct account_id caller;
    struct amount value;
    struct hash tx_id;
    uint64_t block_height;
    uint64_t block_time_ms;
    struct bytes arguments;
    struct buf *result;
    enum tx_code stopped_with; // why the host ended the call; TX_CODE_OK when it did not
    uint32_t contract_code;
};

// The import table for modules: "lmm" and its functions.
const struct vm_import_table *host_imports(void);

#endif
