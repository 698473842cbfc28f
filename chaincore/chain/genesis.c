// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/genesis.h"

#include "chaincore/base/arena.h"
#include "chaincore/chain/merkle.h"

static void encode_accounts(struct buf *out, const struct genesis *genesis) {
    encode_u32(out, genesis->account_count);
    for (uint32_t i = 0; i < genesis->account_count; i++) {
        encode_fixed(out, &genesis->accounts[i].id, sizeof genesis->accounts[i].id);
        encode_amount(out, genesis->accounts[i].balance);
    }
}

static void encode_witnesses(struct buf *out, const struct genesis *genesis) {
    encode_u32(out, genesis->witness_count);
    for (uint32_t i = 0; i < genesis->witness_count; i++) {
        encode_fixed(out, &genesis->witnesses[i].account, sizeof genesis->witnesses[i].account);
        encode_fixed(out, &genesis->witnesses[i].key, sizeof genesis->witnesses[i].key);
    }
}

void genesis_encode(struct buf *out, const struct genesis *genesis) {
    encode_u8(out, GENESIS_VERSION);
    encode_bytes(out, genesis->name);
    encode_u64(out, genesis->time_ms);
    params_encode(out, &genesis->params);
    encode_accounts(out, genesis);
    encode_witnesses(out, genesis);
    encode_u32(out, genesis->contract_count);
    for (uint32_t i = 0; i < genesis->contract_count; i++) {
        encode_bytes(out, genesis->contracts[i].name);
        encode_fixed(out, &genesis->contracts[i].code_hash, sizeof genesis->contracts[i].code_hash);
        encode_bytes(out, genesis->contracts[i].arguments);
    }
}

void genesis_head_encode(struct buf *out, const struct genesis *genesis) {
    struct buf accounts = {0};
    struct hash hash;
    encode_u8(out, GENESIS_VERSION);
    encode_bytes(out, genesis->name);
    encode_u64(out, genesis->time_ms);
    params_encode(out, &genesis->params);
    encode_accounts(&accounts, genesis);
    hash_bytes(&hash, HASH_BALANCES, buf_bytes(&accounts));
    buf_clear(&accounts);
    encode_fixed(out, &hash, sizeof hash);
    encode_witnesses(out, genesis);
    encode_u32(out, genesis->contract_count);
    for (uint32_t i = 0; i < genesis->contract_count; i++) {
        encode_bytes(out, genesis->contracts[i].name);
        encode_fixed(out, &genesis->contracts[i].code_hash, sizeof genesis->contracts[i].code_hash);
        hash_bytes(&hash, HASH_ARGUMENTS, genesis->contracts[i].arguments);
        encode_fixed(out, &hash, sizeof hash);
    }
}

static void decode_accounts(struct decoder *in, struct genesis *out, struct arena *arena) {
    struct amount supply = amount_of_units(0);
    out->account_count = decode_count(in, GENESIS_MAX_ACCOUNTS);
    struct genesis_account *accounts =
        arena_alloc_array(arena, out->account_count, sizeof *accounts);
    for (uint32_t i = 0; i < out->account_count && in->status == STATUS_OK; i++) {
        decode_fixed(in, &accounts[i].id, sizeof accounts[i].id);
        accounts[i].balance = decode_amount(in);
        if (i > 0 && memcmp(&accounts[i - 1].id, &accounts[i].id, sizeof accounts[i].id) >= 0)
            decoder_fail(in, STATUS_INVALID);
        if (amount_add(&supply, supply, accounts[i].balance) != STATUS_OK ||
            amount_compare(supply, amount_of_units(GENESIS_MAX_SUPPLY)) > 0)
            decoder_fail(in, STATUS_INVALID);
    }
    out->accounts = accounts;
}

static void decode_witnesses(struct decoder *in, struct genesis *out, struct arena *arena) {
    out->witness_count = (uint16_t)decode_count(in, LIMIT_WITNESSES);
    if (in->status == STATUS_OK && out->witness_count == 0) decoder_fail(in, STATUS_INVALID);
    struct genesis_witness *witnesses =
        arena_alloc_array(arena, out->witness_count, sizeof *witnesses);
    for (uint32_t i = 0; i < out->witness_count && in->status == STATUS_OK; i++) {
        decode_fixed(in, &witnesses[i].account, sizeof witnesses[i].account);
        decode_fixed(in, &witnesses[i].key, sizeof witnesses[i].key);
        for (uint32_t j = 0; j < i; j++)
            if (memcmp(&witnesses[j].key, &witnesses[i].key, sizeof witnesses[i].key) == 0)
                decoder_fail(in, STATUS_INVALID);
    }
    out->witnesses = witnesses;
}

static void decode_contracts(struct decoder *in, struct genesis *out, struct arena *arena) {
    out->contract_count = decode_count(in, GENESIS_MAX_CONTRACTS);
    struct genesis_contract *contracts =
        arena_alloc_array(arena, out->contract_count, sizeof *contracts);
    for (uint32_t i = 0; i < out->contract_count && in->status == STATUS_OK; i++) {
        contracts[i].name = decode_bytes(in, GENESIS_MAX_NAME);
        decode_fixed(in, &contracts[i].code_hash, sizeof contracts[i].code_hash);
        contracts[i].arguments = decode_bytes(in, LIMIT_TX_BYTES);
        if (!genesis_is_name(contracts[i].name)) decoder_fail(in, STATUS_INVALID);
        if (i > 0 && bytes_compare(contracts[i - 1].name, contracts[i].name) >= 0)
            decoder_fail(in, STATUS_INVALID);
    }
    out->contracts = contracts;
}

enum status genesis_decode(struct genesis *out, struct arena *arena, struct bytes in) {
    struct decoder decoder = decoder_of(in);
    *out = (struct genesis){0};
    if (in.len > GENESIS_MAX_BYTES) return STATUS_TOO_LARGE;
    if (decode_u8(&decoder) != GENESIS_VERSION) decoder_fail(&decoder, STATUS_UNSUPPORTED);
    out->name = decode_bytes(&decoder, GENESIS_MAX_NAME);
    out->time_ms = decode_u64(&decoder);
    params_decode_from(&decoder, &out->params);
    if (!genesis_is_sane(&out->params)) decoder_fail(&decoder, STATUS_INVALID);
    decode_accounts(&decoder, out, arena);
    decode_witnesses(&decoder, out, arena);
    decode_contracts(&decoder, out, arena);
    return decoder_finish(&decoder);
}

void genesis_chain_id(struct hash *out, const struct genesis *genesis) {
    struct buf head = {0};
    genesis_head_encode(&head, genesis);
    genesis_head_id(out, buf_bytes(&head));
    buf_clear(&head);
}

void genesis_witness_set(struct witness_set *out, const struct genesis *genesis) {
    memset(out, 0, sizeof *out);
    out->count = genesis->witness_count;
    for (uint16_t i = 0; i < out->count; i++) out->keys[i] = genesis->witnesses[i].key;
}

void genesis_header(struct header *out, const struct genesis *genesis,
                    const struct hash *state_root) {
    struct witness_set set;
    genesis_witness_set(&set, genesis);
    *out = (struct header){.version = HEADER_VERSION,
                           .time_ms = genesis->time_ms,
                           .state_root = *state_root,
                           .parent_voters_len = (uint8_t)((set.count + 7) / 8)};
    genesis_chain_id(&out->chain_id, genesis);
    witness_set_hash(&out->set_hash, &set);
    params_hash(&out->params_hash, &genesis->params);
    merkle_list_root(&out->tx_root, NULL, 0);
    out->receipts_root = out->tx_root;
    out->history_root = out->tx_root;
}
