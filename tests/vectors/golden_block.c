// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "chaincore/chain/block.h"
#include "chaincore/light/light.h"
#include "tests/support/light_chain.h"
#include "tests/vectors/golden.h"

enum { FILE_COLUMNS = 64 };

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

void golden_params(void) {
    struct params params = {.block_interval_ms = 500,
                            .epoch_blocks = 120,
                            .min_gas_price = 1,
                            .block_gas_limit = 1000000000,
                            .deposit_per_byte = 10,
                            .min_witnesses = 4,
                            .protocol = PROTOCOL_NEWEST,
                            .leave_out_empty_blocks = true};
    struct buf encoded = {0};
    struct hash hash;
    golden_begin("params");
    params_encode(&encoded, &params);
    golden_buf("params", &encoded);
    params_hash(&hash, &params);
    golden_hash("params_hash", &hash);
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

// One witness who hands over to another, in epochs of two blocks: the event of block 1 under the
// header of block 2.
void golden_proof(void) {
    struct light_chain_plan plan = {
        .epochs = 2, .epoch_blocks = 2, .interval_ms = 1000, .witnesses = 1, .change = 1};
    struct light_chain chain;
    struct light_chain_proof made;
    struct buf encoded = {0}, file = {0};
    light_chain_make(&chain, &plan);
    ENSURE(light_chain_prove(&made, &chain, 1, 2) == STATUS_OK);
    golden_begin("proof");
    golden_hash("chain id", &chain.chain_id);
    golden_hex("hand-over", buf_bytes(&made.path.hand_overs));
    event_proof_encode(&encoded, &made.proof);
    golden_hex("proof", buf_bytes(&encoded));
    made.proof.ground.has_backing = made.proof.has_payload = false;
    buf_reset(&encoded);
    event_proof_encode(&encoded, &made.proof);
    golden_hex("the same for one who believes block 2, without the payload", buf_bytes(&encoded));
    proof_file_write(&file, &chain.chain_id, buf_bytes(&encoded));
    file.len--; // the line's end
    printf("its file, in one line:\n");
    for (size_t at = 0; at < file.len; at += FILE_COLUMNS)
        printf("  %.*s\n", (int)(file.len - at < FILE_COLUMNS ? file.len - at : FILE_COLUMNS),
               (const char *)file.data + at);
    light_chain_proof_clear(&made);
    light_chain_clear(&chain);
    buf_clear(&encoded);
    buf_clear(&file);
}
