// SPDX-License-Identifier: Apache-2.0
#include "chaincore/contract/parameters.h"

#include "chaincore/chain/state_key.h"

// Under STATE_CHAIN. The second holds the epoch (u64) and then the parameters.
static const char NOW[] = "params", NEXT[] = "params-next";

void parameters_load(struct params *out, const struct state_view *view) {
    struct state_key key;
    struct bytes value;
    state_key_of_chain(&key, NOW);
    ENSURE(state_get(view, state_key_bytes(&key), &value));
    struct decoder decoder = decoder_of(value);
    params_decode_from(&decoder, out);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
}

void parameters_store(struct state_draft *draft, const struct params *params) {
    struct state_key key;
    struct buf value = {0};
    params_encode(&value, params);
    state_key_of_chain(&key, NOW);
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
    buf_clear(&value);
}

bool parameters_may_follow(const struct state_view *view, const struct params *params) {
    struct params now;
    parameters_load(&now, view);
    return params->protocol >= now.protocol && params->epoch_blocks == now.epoch_blocks &&
           params->allow_floats == now.allow_floats &&
           params->leave_out_empty_blocks == now.leave_out_empty_blocks;
}

// Each decision was made of those that rule now: what it leaves as they are, it says nothing of.
static void stand_on_coming(struct params *params, const struct state_view *view) {
    struct params now, coming;
    uint64_t epoch;
    if (!parameters_coming(&coming, &epoch, view)) return;
    parameters_load(&now, view);
    if (params->block_interval_ms == now.block_interval_ms)
        params->block_interval_ms = coming.block_interval_ms;
    if (params->min_gas_price == now.min_gas_price) params->min_gas_price = coming.min_gas_price;
    if (params->block_gas_limit == now.block_gas_limit)
        params->block_gas_limit = coming.block_gas_limit;
    if (params->deposit_per_byte == now.deposit_per_byte)
        params->deposit_per_byte = coming.deposit_per_byte;
    if (params->min_witnesses == now.min_witnesses) params->min_witnesses = coming.min_witnesses;
    if (params->protocol == now.protocol) params->protocol = coming.protocol;
}

enum status parameters_schedule(struct state_draft *draft, uint64_t epoch,
                                const struct params *params) {
    struct state_key key;
    struct buf value = {0};
    struct params next = *params;
    if (!parameters_may_follow(state_draft_view(draft), params)) return STATUS_INVALID;
    stand_on_coming(&next, state_draft_view(draft));
    encode_u64(&value, epoch);
    params_encode(&value, &next);
    state_key_of_chain(&key, NEXT);
    state_put(draft, state_key_bytes(&key), buf_bytes(&value));
    buf_clear(&value);
    return STATUS_OK;
}

bool parameters_coming(struct params *out, uint64_t *epoch, const struct state_view *view) {
    struct state_key key;
    struct bytes value;
    state_key_of_chain(&key, NEXT);
    if (!state_get(view, state_key_bytes(&key), &value)) return false;
    struct decoder decoder = decoder_of(value);
    *epoch = decode_u64(&decoder);
    params_decode_from(&decoder, out);
    ENSURE(decoder_finish(&decoder) == STATUS_OK);
    return true;
}

// Have others been noted for this epoch or an earlier one?
static bool find_due(struct params *out, const struct state_view *view, uint64_t epoch) {
    uint64_t due;
    return parameters_coming(out, &due, view) && due <= epoch;
}

void parameters_activate(struct state_draft *draft, uint64_t epoch) {
    struct state_key key;
    struct params params;
    if (!find_due(&params, state_draft_view(draft), epoch)) return;
    state_key_of_chain(&key, NEXT);
    state_delete(draft, state_key_bytes(&key));
    parameters_store(draft, &params);
}

void parameters_of_epoch(struct params *out, const struct state_view *view, uint64_t epoch) {
    if (!find_due(out, view, epoch)) parameters_load(out, view);
}
