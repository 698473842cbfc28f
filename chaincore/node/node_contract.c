// SPDX-License-Identifier: Apache-2.0
// What a node tells about contracts, at the newest final height.
#include "chaincore/node/node_internal.h"

bool node_contract(struct node *node, const struct account_id *id, struct contract_record *out) {
    struct state_version *version = node_state(node);
    bool is_there = contract_load(out, state_version_view(version), id);
    node_state_release(version);
    return is_there;
}

enum status node_read_code(struct node *node, const struct account_id *id, struct buf *out) {
    struct state_version *version = node_state(node);
    struct contract_record record;
    struct bytes code;
    bool is_there = contract_load(&record, state_version_view(version), id);
    if (is_there) {
        ENSURE(contract_code(state_version_view(version), &record.code_hash, &code));
        buf_append(out, code);
    }
    node_state_release(version);
    return is_there ? STATUS_OK : STATUS_NOT_FOUND;
}
