// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/view.h"

#include "chaincore/contract/call.h"

enum tx_code view_call(struct buf *out, const struct view_request *request,
                       uint32_t *contract_code) {
    struct host_frame frame = {.modules = request->modules,
                               .chain_id = request->chain_id,
                               .block_height = request->height,
                               .block_time_ms = request->time_ms,
                               .view = request->view,
                               .depth = 1};
    struct call_target target = {.kind = CALL_VIEW,
                                 .contract = *request->contract,
                                 .method = request->method,
                                 .arguments = request->arguments};
    struct run_gas gas = {.limit = request->gas_limit};
    enum tx_code code = call_contract(&frame, &target, &gas);
    if (code == TX_CODE_OK) buf_append(out, buf_bytes(&frame.result));
    *contract_code = frame.contract_code;
    host_frame_clear(&frame);
    return code;
}
