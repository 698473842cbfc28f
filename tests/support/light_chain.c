// SPDX-License-Identifier: Apache-2.0
#include "tests/support/light_chain.h"

#include "chaincore/base/memory.h"
#include "chaincore/chain/state_proof.h"
#include "chaincore/chain/tx.h"

struct bytes light_chain_payload(void) {
    return bytes_of_string("the document");
}

static void make_keys(struct light_chain *chain) {
    const struct light_chain_plan *plan = &chain->plan;
    size_t keys = plan->witnesses + plan->change * (size_t)plan->epochs;
    struct public_key *public = mem_alloc_array(keys, sizeof *public);
    chain->secrets = mem_alloc_array(keys, sizeof *chain->secrets);
    for (size_t i = 0; i < keys; i++) {
        uint8_t seed[32] = {6, (uint8_t)i, (uint8_t)(i >> 8)};
        key_from_seed(&chain->secrets[i], &public[i], seed);
    }
    chain->sets = mem_alloc_array(plan->epochs + 1, sizeof *chain->sets);
    for (uint64_t epoch = 0; epoch <= plan->epochs; epoch++) {
        struct witness_set *set = &chain->sets[epoch];
        set->count = plan->witnesses;
        memcpy(set->keys, public + epoch * plan->change, set->count * sizeof *set->keys);
    }
    mem_free(public);
}

static void make_genesis(struct light_chain *chain) {
    const struct light_chain_plan *plan = &chain->plan;
    struct genesis_witness witnesses[LIMIT_WITNESSES] = {0};
    for (uint16_t i = 0; i < plan->witnesses; i++) witnesses[i].key = chain->sets[0].keys[i];
    struct genesis_contract contract = {.name = bytes_of_string("speaker")};
    struct genesis genesis = {.name = bytes_of_string("made-by-hand"),
                              .time_ms = plan->begin_ms,
                              .params = {.block_interval_ms = (uint32_t)plan->interval_ms,
                                         .epoch_blocks = (uint32_t)plan->epoch_blocks,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1,
                                         .min_witnesses = 1,
                                         .protocol = PROTOCOL_NEWEST},
                              .witness_count = plan->witnesses,
                              .witnesses = witnesses,
                              .contract_count = 1,
                              .contracts = &contract};
    genesis_encode(&chain->genesis, &genesis);
    genesis_head_encode(&chain->genesis_head, &genesis);
    genesis_chain_id(&chain->chain_id, &genesis);
}

static void make_tx(struct light_chain *chain) {
    struct tx tx = {.version = TX_VERSION, .seq = 5, .action_count = 1};
    tx.actions[0] =
        (struct tx_action){.kind = TX_TRANSFER, .transfer = {.amount = amount_of_units(7)}};
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &chain->secrets[0], &chain->chain_id) == STATUS_OK);
    tx_encode(&chain->tx, &tx);
    tx_id(&chain->receipt.tx_id, &tx);
    tx_leaf(&chain->tx_leaf, buf_bytes(&chain->tx), &tx);
    chain->tx_body_len = tx_body(buf_bytes(&chain->tx), &tx).len;
}

static struct bytes value_of(unsigned side) {
    return bytes_of_string(side ? "another value" : "a value");
}

// The next key behind `key` whose path is on this side of the root.
static void find_key(uint8_t key[8], struct hash *path, unsigned side) {
    do {
        key[7]++;
        hash_bytes(path, HASH_KEY, bytes_of(key, 8));
    } while (path->bytes[0] >> 7 != side);
}

static void make_state(struct light_chain *chain) {
    for (unsigned side = 0; side < 2; side++) {
        struct hash path, value_hash;
        find_key(chain->keys[side], &path, side);
        hash_bytes(&value_hash, HASH_VALUE, value_of(side));
        state_leaf_hash(&chain->state_leaves[side], &path, &value_hash);
    }
}

static void make_event(struct light_chain *chain) {
    struct hash leaf, hash;
    hash_bytes(&hash, HASH_USER, light_chain_payload());
    memcpy(chain->data + LIGHT_CHAIN_OFFSET, hash.bytes, sizeof hash.bytes);
    chain->event = (struct event){.topic = bytes_of_string("added"), .data = BYTES_OF(chain->data)};
    account_id_of_system_contract(&chain->event.contract, "speaker");
    event_leaf(&leaf, &chain->event);
    chain->receipt.gas_used = 1000;
    merkle_list_root(&chain->receipt.events_root, &leaf, 1);
    receipt_leaf(&chain->receipt_leaf, &chain->receipt);
}

static void make_header(struct light_chain *chain, uint64_t height) {
    const struct light_chain_plan *plan = &chain->plan;
    uint64_t epoch = height / plan->epoch_blocks;
    struct header *header = &chain->headers[height];
    *header = (struct header){.version = HEADER_VERSION,
                              .chain_id = chain->chain_id,
                              .height = height,
                              .epoch = epoch,
                              .view = height,
                              .time_ms = plan->begin_ms + height * plan->interval_ms,
                              .parent_voters_len = (uint8_t)((plan->witnesses + 7) / 8)};
    if (height > 0) header->parent = chain->ids[height - 1];
    witness_set_hash(&header->set_hash, &chain->sets[epoch]);
    if ((height + 1) % plan->epoch_blocks == 0)
        witness_set_hash(&header->next_set_hash, &chain->sets[epoch + 1]);
    merkle_list_root(&header->tx_root, &chain->tx_leaf, 1);
    hash_node(&header->state_root, &chain->state_leaves[0], &chain->state_leaves[1]);
    merkle_list_root(&header->receipts_root, &chain->receipt_leaf, 1);
    merkle_list_root(&header->history_root, chain->ids, height);
    header_id(&chain->ids[height], header);
}

void light_chain_make(struct light_chain *out, const struct light_chain_plan *plan) {
    *out = (struct light_chain){.plan = *plan, .count = plan->epochs * plan->epoch_blocks};
    if (plan->begin_ms == 0) out->plan.begin_ms = LIGHT_CHAIN_BEGIN_MS;
    make_keys(out);
    make_genesis(out);
    make_tx(out);
    make_state(out);
    make_event(out);
    out->headers = mem_alloc_array(out->count, sizeof *out->headers);
    out->ids = mem_alloc_array(out->count, sizeof *out->ids);
    for (uint64_t height = 0; height < out->count; height++) make_header(out, height);
}

void light_chain_clear(struct light_chain *chain) {
    mem_free(chain->secrets);
    mem_free(chain->sets);
    mem_free(chain->headers);
    mem_free(chain->ids);
    buf_clear(&chain->tx);
    buf_clear(&chain->genesis);
    buf_clear(&chain->genesis_head);
}

const struct header *light_chain_header(const struct light_chain *chain, uint64_t height) {
    ENSURE(height < chain->count);
    return &chain->headers[height];
}

struct light_chain_vote light_chain_vote(const struct light_chain *chain,
                                         const struct header *header) {
    return (struct light_chain_vote){.kind = VOTE_FINALIZE,
                                     .view = header->view,
                                     .signers = (1u << witness_quorum(chain->plan.witnesses)) - 1};
}

void light_chain_certify(const struct light_chain *chain, struct buf *out,
                         const struct header *header, const struct light_chain_vote *by) {
    struct certificate certificate = {.view = by->view};
    struct vote vote = {
        .epoch = header->epoch, .set_hash = header->set_hash, .kind = by->kind, .view = by->view};
    struct hash payload;
    header_id(&vote.block_id, header);
    vote_payload(&payload, &vote);
    const struct secret_key *secrets = chain->secrets + header->epoch * chain->plan.change;
    for (uint16_t i = 0; i < chain->plan.witnesses; i++) {
        struct signature signature;
        if (!(by->signers >> i & 1)) continue;
        sign_payload(&signature, &secrets[i], SIGN_VOTE, &chain->chain_id, &payload);
        certificate_add(&certificate, i, &signature);
    }
    buf_reset(out);
    certificate_encode(out, &certificate, chain->plan.witnesses);
}

static enum status read_set(void *context, uint64_t epoch, struct witness_set *out) {
    const struct light_chain *chain = context;
    if (epoch > chain->plan.epochs) return STATUS_NOT_FOUND;
    *out = chain->sets[epoch];
    return STATUS_OK;
}

static enum status read_boundary(void *context, uint64_t epoch, struct header *header,
                                 struct buf *certificate) {
    const struct light_chain *chain = context;
    if (chain->fails_at > 0 && epoch == chain->fails_at) return STATUS_IO;
    if (epoch >= chain->plan.epochs) return STATUS_NOT_FOUND;
    *header = chain->headers[(epoch + 1) * chain->plan.epoch_blocks - 1];
    struct light_chain_vote vote = light_chain_vote(chain, header);
    light_chain_certify(chain, certificate, header, &vote);
    return STATUS_OK;
}

struct proof_source light_chain_source(struct light_chain *chain) {
    return (struct proof_source){
        .context = chain, .read_set = read_set, .read_boundary = read_boundary};
}

enum status light_chain_prove(struct light_chain_proof *out, struct light_chain *chain,
                              uint64_t height, uint64_t anchor) {
    struct event_proof *proof = &out->proof;
    struct hash leaf;
    *out = (struct light_chain_proof){0};
    *proof = (struct event_proof){.ground = {.anchor = *light_chain_header(chain, anchor),
                                             .has_backing = true,
                                             .is_anchor_block = anchor == height,
                                             .header = *light_chain_header(chain, height)},
                                  .receipt = chain->receipt,
                                  .event = chain->event,
                                  .has_payload = true,
                                  .payload_offset = LIGHT_CHAIN_OFFSET,
                                  .payload = light_chain_payload()};
    if (!proof->ground.is_anchor_block)
        merkle_branch_make(&proof->ground.history, chain->ids, (size_t)anchor, (size_t)height);
    merkle_branch_make(&proof->receipt_branch, &chain->receipt_leaf, 1, 0);
    event_leaf(&leaf, &chain->event);
    merkle_branch_make(&proof->event_branch, &leaf, 1, 0);
    struct light_chain_vote vote = light_chain_vote(chain, &proof->ground.anchor);
    light_chain_certify(chain, &out->certificate, &proof->ground.anchor, &vote);
    struct proof_source source = light_chain_source(chain);
    enum status status =
        proof_path_make(&out->path, &source, &proof->ground.anchor, buf_bytes(&out->certificate));
    proof->ground.backing.genesis_head = buf_bytes(&chain->genesis_head);
    proof->ground.backing.certificate = buf_bytes(&out->certificate);
    proof->ground.backing.hand_over_count = out->path.count;
    proof->ground.backing.hand_overs = buf_bytes(&out->path.hand_overs);
    proof->ground.backing.set = buf_bytes(&out->path.set);
    return status;
}

void light_chain_prove_tx(struct tx_proof *out, const struct light_chain *chain,
                          const struct proof_ground *ground) {
    *out = (struct tx_proof){.ground = *ground, .has_tx = true, .receipt = chain->receipt};
    out->body = bytes_of(chain->tx.data, chain->tx_body_len);
    out->signatures = bytes_of(chain->tx.data + out->body.len, chain->tx.len - out->body.len);
    merkle_branch_make(&out->tx_branch, &chain->tx_leaf, 1, 0);
    merkle_branch_make(&out->receipt_branch, &chain->receipt_leaf, 1, 0);
}

void light_chain_prove_entry(struct entry_proof *out, const struct light_chain *chain,
                             const struct proof_ground *ground, struct buf *branch,
                             bool is_absent) {
    static uint8_t absent[8];
    struct state_proof_end end = {.kind = STATE_PROOF_MEMBER};
    struct hash path;
    *out = (struct entry_proof){.ground = *ground, .has_value = !is_absent};
    out->key = BYTES_OF(chain->keys[0]);
    if (is_absent) {
        end.kind = STATE_PROOF_OTHER_LEAF;
        hash_bytes(&end.other_path, HASH_KEY, out->key);
        hash_bytes(&end.other_value_hash, HASH_VALUE, value_of(0));
        memcpy(absent, chain->keys[0], sizeof absent);
        find_key(absent, &path, 0);
        out->key = BYTES_OF(absent);
    } else {
        out->value = value_of(0);
    }
    buf_reset(branch);
    state_proof_encode(branch, &end, &chain->state_leaves[1], 1);
    out->branch = buf_bytes(branch);
}

void light_chain_proof_clear(struct light_chain_proof *proof) {
    buf_clear(&proof->certificate);
    proof_path_clear(&proof->path);
}
