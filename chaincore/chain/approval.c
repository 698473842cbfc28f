// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/approval.h"

#include "chaincore/chain/genesis_head.h"

_Static_assert(1 + PARAMS_BYTES <= APPROVAL_MAX_BYTES, "either content fits");

void approval_encode(struct buf *out, const struct approval *approval) {
    encode_u8(out, (uint8_t)approval->kind);
    switch (approval->kind) {
    case APPROVE_NOTHING:
        break;
    case APPROVE_PARAMETERS:
        params_encode(out, &approval->params);
        break;
    case APPROVE_UPGRADE:
        encode_fixed(out, &approval->upgrade.contract, sizeof approval->upgrade.contract);
        encode_fixed(out, &approval->upgrade.code, sizeof approval->upgrade.code);
        encode_fixed(out, &approval->upgrade.arguments, sizeof approval->upgrade.arguments);
        break;
    }
}

void approval_decode_from(struct decoder *in, struct approval *out) {
    out->kind = (enum approval_kind)decode_tag(in, APPROVE_UPGRADE + 1);
    switch (out->kind) {
    case APPROVE_NOTHING:
        break;
    case APPROVE_PARAMETERS:
        params_decode_from(in, &out->params);
        if (in->status == STATUS_OK && !genesis_is_sane(&out->params))
            decoder_fail(in, STATUS_INVALID);
        break;
    case APPROVE_UPGRADE:
        decode_fixed(in, &out->upgrade.contract, sizeof out->upgrade.contract);
        decode_fixed(in, &out->upgrade.code, sizeof out->upgrade.code);
        decode_fixed(in, &out->upgrade.arguments, sizeof out->upgrade.arguments);
        break;
    }
}
