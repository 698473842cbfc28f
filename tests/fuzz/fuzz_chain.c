// SPDX-License-Identifier: Apache-2.0
// Any bytes as each structure of the chain that comes from outside; the first byte says as which.
// What is accepted has one encoding, so it must be written again as it was read.
#include "chaincore/base/arena.h"
#include "chaincore/chain/block.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/proof.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/chain/tx.h"
#include "chaincore/light/light.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(struct buf *again, struct bytes in) {
    ENSURE(bytes_equal(buf_bytes(again), in));
}

static void check_tx(struct bytes in, struct buf *again) {
    static struct tx tx;
    struct hash id, leaf;
    if (tx_decode(&tx, in) != STATUS_OK) return;
    tx_encode(again, &tx);
    check_same(again, in);
    tx_id(&id, &tx);
    tx_leaf(&leaf, in, &tx);
    ENSURE(!hash_equal(&id, &leaf));
}

static void check_block(struct bytes in, struct buf *again) {
    struct arena arena = {0};
    struct block block;
    struct header header;
    if (block_decode(&block, &arena, in) == STATUS_OK) {
        block_encode(again, &block);
        check_same(again, in);
        ENSURE(block_decode_header(&header, in) == STATUS_OK);
        ENSURE(block_kept_until_ms(&block) >= block.header.time_ms);
    }
    arena_clear(&arena);
}

static void check_genesis(struct bytes in, struct buf *again) {
    struct arena arena = {0};
    struct genesis genesis;
    struct witness_set set;
    struct genesis_head head;
    if (genesis_decode(&genesis, &arena, in) == STATUS_OK) {
        genesis_encode(again, &genesis);
        check_same(again, in);
        buf_reset(again);
        genesis_head_encode(again, &genesis);
        ENSURE(genesis_head_decode(&head, buf_bytes(again)) == STATUS_OK);
        genesis_witness_set(&set, &genesis);
        ENSURE(memcmp(&set, &head.set, sizeof set) == 0 && head.time_ms == genesis.time_ms);
    }
    arena_clear(&arena);
}

// The other forms: what decodes is spelled in one way, and no check reads beyond it.
static void check_tx_proof(struct bytes in, struct buf *again) {
    static struct tx_proof proof;
    struct light_fact fact;
    enum light_step step;
    struct hash chain_id;
    if (tx_proof_decode(&proof, in) != STATUS_OK) return;
    tx_proof_encode(again, &proof);
    check_same(again, in);
    genesis_head_id(&chain_id, proof.ground.backing.genesis_head);
    bool holds = light_check_tx_proof(&fact, &step, &proof, &chain_id) == STATUS_OK;
    ENSURE(holds == (step == LIGHT_DONE));
}

static void check_entry_proof(struct bytes in, struct buf *again) {
    static struct entry_proof proof;
    struct light_fact fact;
    enum light_step step;
    struct hash chain_id;
    if (entry_proof_decode(&proof, in) != STATUS_OK) return;
    entry_proof_encode(again, &proof);
    check_same(again, in);
    genesis_head_id(&chain_id, proof.ground.backing.genesis_head);
    bool holds = light_check_entry(&fact, &step, &proof, &chain_id) == STATUS_OK;
    ENSURE(holds == (step == LIGHT_DONE));
}

static void check_block_proof(struct bytes in, struct buf *again) {
    static struct block_proof proof;
    if (block_proof_decode(&proof, in) != STATUS_OK) return;
    block_proof_encode(again, &proof);
    check_same(again, in);
}

static void check_proof(struct bytes in, struct buf *again) {
    static struct event_proof proof;
    struct light_fact fact;
    enum light_step step;
    struct hash chain_id;
    if (event_proof_decode(&proof, in) != STATUS_OK) return;
    event_proof_encode(again, &proof);
    check_same(again, in);
    genesis_head_id(&chain_id, proof.ground.backing.genesis_head);
    bool holds = light_check_event(&fact, &step, &proof, &chain_id) == STATUS_OK;
    ENSURE(holds == (step == LIGHT_DONE));
}

static void check_proof_file(struct bytes in, struct buf *again) {
    struct buf proof = {0};
    struct hash chain_id;
    if (proof_file_read(&chain_id, &proof, in) == STATUS_OK) {
        proof_file_write(again, &chain_id, buf_bytes(&proof));
        check_same(again, in);
    }
    buf_clear(&proof);
}

static void check_certificate(struct bytes in, struct buf *again) {
    static struct certificate certificate;
    if (in.len == 0) return;
    uint16_t count = in.data[0];
    struct decoder decoder = decoder_of(bytes_of(in.data + 1, in.len - 1));
    certificate_decode_from(&decoder, &certificate, count);
    if (decoder_finish(&decoder) != STATUS_OK) return;
    ENSURE(count <= LIMIT_WITNESSES && certificate.signature_count <= count);
    encode_u8(again, (uint8_t)count);
    certificate_encode(again, &certificate, count);
    check_same(again, in);
}

static void check_trust(struct bytes in, struct buf *again) {
    static struct light_trust trust;
    if (light_trust_decode(&trust, in) != STATUS_OK) return;
    light_trust_encode(again, &trust);
    check_same(again, in);
}

static void check_parts(struct bytes in, struct buf *again) {
    struct receipt receipt;
    struct event event;
    struct header header;
    if (receipt_decode(&receipt, in) == STATUS_OK) {
        receipt_encode(again, &receipt);
        check_same(again, in);
    } else if (event_decode(&event, in) == STATUS_OK) {
        event_encode(again, &event);
        check_same(again, in);
    } else if (header_decode(&header, in) == STATUS_OK) {
        header_encode(again, &header);
        check_same(again, in);
    }
}

static void check_branch(struct bytes in, struct buf *again) {
    struct decoder decoder = decoder_of(in);
    struct merkle_branch branch;
    struct hash leaf = {{1}}, root = {{2}};
    merkle_branch_decode(&decoder, &branch);
    if (decoder_finish(&decoder) != STATUS_OK) return;
    merkle_branch_encode(again, &branch);
    check_same(again, in);
    ENSURE(merkle_branch_check(&branch, &leaf, &root) != STATUS_OK);
}

// Nobody finds a proof for a root that is nobody's.
static void check_state_proof(struct bytes in, struct buf *again) {
    struct hash root = {{3}};
    struct bytes value = bytes_of_string("value");
    (void)again;
    ENSURE(state_proof_check(in, &root, bytes_of_string("key"), &value) != STATUS_OK);
    ENSURE(state_proof_check(in, &root, bytes_of_string("key"), NULL) != STATUS_OK);
}

static void check_authority(struct bytes in, struct buf *again) {
    struct decoder decoder = decoder_of(in);
    struct authority authority;
    authority_decode_from(&decoder, &authority);
    if (decoder_finish(&decoder) != STATUS_OK) return;
    authority_encode(again, &authority);
    check_same(again, in);
}

static void check_genesis_head(struct bytes in, struct buf *again) {
    struct genesis_head head;
    struct light_trust trust;
    struct hash id;
    (void)again;
    genesis_head_id(&id, in);
    bool is_head = genesis_head_decode(&head, in) == STATUS_OK;
    ENSURE(in.len <= GENESIS_HEAD_MAX_BYTES || !is_head);
    ENSURE((light_trust_begin(&trust, in, &id) == STATUS_OK) == is_head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static void (*const checks[])(struct bytes, struct buf *) = {
        check_tx,         check_block,       check_genesis,    check_proof,
        check_proof_file, check_certificate, check_trust,      check_parts,
        check_branch,     check_state_proof, check_authority,  check_genesis_head,
        check_tx_proof,   check_entry_proof, check_block_proof};
    static bool is_ready;
    struct buf again = {0};
    if (!is_ready) ENSURE(crypto_init() == STATUS_OK);
    is_ready = true;
    if (size == 0) return 0;
    checks[data[0] % (sizeof checks / sizeof *checks)](bytes_of(data + 1, size - 1), &again);
    buf_clear(&again);
    return 0;
}
