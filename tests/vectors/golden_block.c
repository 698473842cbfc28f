// SPDX-License-Identifier: Apache-2.0
#include "chaincore/chain/block.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/light/light.h"
#include "tests/vectors/golden.h"

static struct receipt sample_receipt(void) {
    struct receipt receipt = {.code = TX_CODE_CONTRACT_REFUSED, .contract_code = 7, .gas_used = 99};
    golden_fill(&receipt.tx_id, 32, 0x10);
    golden_fill(&receipt.events_root, 32, 0x20);
    return receipt;
}

static struct header sample_header(void) {
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = golden_chain_id,
                            .height = 2,
                            .epoch = 1,
                            .view = 3,
                            .time_ms = UINT64_C(1700000000000),
                            .leader = 1,
                            .gas_used = 99,
                            .parent_voters_len = 1,
                            .parent_voters = {7}};
    struct hash *const roots[] = {
        &header.parent,        &header.set_hash,   &header.next_set_hash, &header.tx_root,
        &header.receipts_root, &header.state_root, &header.history_root,  &header.params_hash};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        golden_fill(roots[i], 32, (uint8_t)(i << 4));
    return header;
}

void golden_receipts(void) {
    struct buf encoded = {0};
    struct hash hash;
    struct receipt receipt = sample_receipt();
    struct event event = {.topic = bytes_of_string("added"), .data = bytes_of_string("\1\2\3")};
    golden_fill(&event.contract, 32, 0x30);
    golden_begin("receipt");
    receipt_encode(&encoded, &receipt);
    golden_buf("receipt", &encoded);
    receipt_leaf(&hash, &receipt);
    golden_hash("leaf under receipts_root", &hash);
    event_encode(&encoded, &event);
    golden_buf("event", &encoded);
    event_leaf(&hash, &event);
    golden_hash("leaf under events_root", &hash);
    golden_begin("header");
    struct header header = sample_header();
    header_encode(&encoded, &header);
    golden_buf("header", &encoded);
    header_id(&hash, &header);
    golden_hash("id", &hash);
    buf_clear(&encoded);
}

void golden_certificate(void) {
    struct witness_set set = {.count = 4};
    struct certificate certificate = {.view = 3};
    struct vote vote = {.epoch = 1, .kind = VOTE_FINALIZE, .view = 3};
    struct buf encoded = {0};
    struct hash payload;
    struct secret_key keys[4];
    for (uint8_t i = 0; i < 4; i++) {
        uint8_t seed[32] = {1, i};
        key_from_seed(&keys[i], &set.keys[i], seed);
    }
    witness_set_hash(&vote.set_hash, &set);
    golden_fill(&vote.block_id, 32, 0x50);
    vote_payload(&payload, &vote);
    for (uint16_t i = 0; i < 3; i++) {
        struct signature signature;
        sign_payload(&signature, &keys[i], SIGN_VOTE, &golden_chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    golden_begin("certificate");
    golden_hash("set_hash of the keys with seeds 01 00…, 01 01…, 01 02…, 01 03…", &vote.set_hash);
    golden_hash("block id", &vote.block_id);
    golden_hash("payload of FINALIZE in epoch 1, view 3", &payload);
    certificate_encode(&encoded, &certificate, 4);
    golden_buf("certificate of the first three", &encoded);
    buf_clear(&encoded);
}

void golden_genesis(void) {
    struct params params = {.block_interval_ms = 500,
                            .epoch_blocks = 120,
                            .min_gas_price = 1,
                            .block_gas_limit = 1000000000,
                            .deposit_per_byte = 10,
                            .leave_out_empty_blocks = true};
    struct genesis_account account = {.balance = amount_of_units(100)};
    struct genesis_witness witness = {.key = golden_public};
    struct buf encoded = {0};
    struct hash hash;
    golden_fill(&account.id, 32, 1);
    account_id_of_key(&witness.account, &golden_public);
    struct genesis genesis = {.name = bytes_of_string("devnet"),
                              .time_ms = UINT64_C(1700000000000),
                              .params = params,
                              .account_count = 1,
                              .accounts = &account,
                              .witness_count = 1,
                              .witnesses = &witness};
    golden_begin("params");
    params_encode(&encoded, &params);
    golden_buf("params", &encoded);
    params_hash(&hash, &params);
    golden_hash("params_hash", &hash);
    golden_begin("genesis");
    genesis_encode(&encoded, &genesis);
    golden_buf("genesis", &encoded);
    genesis_head_encode(&encoded, &genesis);
    genesis_head_id(&hash, buf_bytes(&encoded));
    golden_buf("head", &encoded);
    golden_hash("chain id", &hash);
    buf_clear(&encoded);
}

void golden_trust(void) {
    struct trust_statement statement = {.time_ms = UINT64_C(1700000000000)};
    struct hash payload;
    golden_fill(&statement.device, 32, 1);
    golden_fill(&statement.nonce, 32, 2);
    golden_fill(&statement.header_id, 32, 3);
    trust_statement_payload(&payload, &statement);
    golden_begin("trust");
    golden_hash("payload for device 01 02…, nonce 02 03…, header 03 04…, time 1700000000000",
                &payload);
}
