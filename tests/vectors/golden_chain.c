// SPDX-License-Identifier: Apache-2.0
#include "tests/vectors/golden_chain.h"

#include "chaincore/chain/block_roots.h"
#include "chaincore/chain/merkle.h"
#include "chaincore/contract/apply.h"
#include "chaincore/contract/genesis_state.h"
#include "chaincore/contract/host.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/signers.h"
#include "chaincore/contract/timer.h"

static const uint64_t BEGIN_MS = UINT64_C(1700000000000), INTERVAL_MS = 1000;
static const uint64_t LMM = 100000000, STAKE_LMM = 5000001;

// docs/protocol.md has it as text.
static const uint8_t ticker[] = {
    0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x19, 0x04, 0x60, 0x04, 0x7f, 0x7f, 0x7f,
    0x7f, 0x00, 0x60, 0x00, 0x01, 0x7e, 0x60, 0x06, 0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 0x7e, 0x01, 0x7e,
    0x60, 0x00, 0x00, 0x02, 0x40, 0x04, 0x03, 0x6c, 0x6d, 0x6d, 0x05, 0x65, 0x76, 0x65, 0x6e, 0x74,
    0x00, 0x00, 0x03, 0x6c, 0x6d, 0x6d, 0x0b, 0x73, 0x74, 0x6f, 0x72, 0x61, 0x67, 0x65, 0x5f, 0x73,
    0x65, 0x74, 0x00, 0x00, 0x03, 0x6c, 0x6d, 0x6d, 0x0a, 0x62, 0x6c, 0x6f, 0x63, 0x6b, 0x5f, 0x74,
    0x69, 0x6d, 0x65, 0x00, 0x01, 0x03, 0x6c, 0x6d, 0x6d, 0x09, 0x74, 0x69, 0x6d, 0x65, 0x72, 0x5f,
    0x73, 0x65, 0x74, 0x00, 0x02, 0x03, 0x02, 0x01, 0x03, 0x05, 0x04, 0x01, 0x01, 0x01, 0x01, 0x07,
    0x0c, 0x01, 0x08, 0x70, 0x61, 0x79, 0x2e, 0x74, 0x69, 0x63, 0x6b, 0x00, 0x04, 0x0a, 0x2d, 0x01,
    0x2b, 0x00, 0x41, 0x00, 0x41, 0x04, 0x41, 0x00, 0x41, 0x04, 0x10, 0x00, 0x41, 0x00, 0x41, 0x03,
    0x41, 0x00, 0x41, 0x04, 0x10, 0x01, 0x10, 0x02, 0x42, 0xe8, 0x07, 0x7c, 0x41, 0x00, 0x41, 0x04,
    0x41, 0x00, 0x41, 0x00, 0x42, 0xa0, 0x8d, 0x06, 0x10, 0x03, 0x1a, 0x0b, 0x0b, 0x0a, 0x01, 0x00,
    0x41, 0x00, 0x0b, 0x04, 0x74, 0x69, 0x63, 0x6b};

static void make_genesis(struct golden_chain *chain) {
    struct genesis_account *account = arena_alloc(&chain->arena, sizeof *account);
    struct genesis_witness *witness = arena_alloc(&chain->arena, sizeof *witness);
    struct genesis_contract *contract = arena_alloc(&chain->arena, sizeof *contract);
    chain->code = BYTES_OF(ticker);
    account_id_of_key(&account->id, &golden_public);
    account->balance = amount_of_units(6000000 * LMM);
    *witness = (struct genesis_witness){.account = account->id, .key = golden_public};
    contract->name = bytes_of_string("ticker");
    hash_bytes(&contract->code_hash, HASH_CODE, chain->code);
    chain->genesis = (struct genesis){.name = bytes_of_string("golden"),
                                      .time_ms = BEGIN_MS,
                                      .params = {.block_interval_ms = (uint32_t)INTERVAL_MS,
                                                 .epoch_blocks = 120,
                                                 .min_gas_price = 1,
                                                 .block_gas_limit = 1000000000,
                                                 .deposit_per_byte = 10,
                                                 .min_witnesses = 4,
                                                 .protocol = PROTOCOL_NEWEST,
                                                 .leave_out_empty_blocks = true},
                                      .account_count = 1,
                                      .accounts = account,
                                      .witness_count = 1,
                                      .witnesses = witness,
                                      .contract_count = 1,
                                      .contracts = contract};
    genesis_encode(&chain->genesis_bytes, &chain->genesis);
    genesis_chain_id(&chain->chain_id, &chain->genesis);
}

static struct apply_block begin_block(struct golden_chain *chain, const struct header *header,
                                      struct state_version *below) {
    return (struct apply_block){.draft = state_draft_begin(chain->state, below),
                                .modules = chain->modules,
                                .arena = &chain->arena,
                                .chain_id = chain->chain_id,
                                .genesis_time_ms = BEGIN_MS,
                                .height = header->height,
                                .epoch = header->epoch,
                                .view = header->view,
                                .parent = header->parent,
                                .time_ms = header->time_ms,
                                .leader = chain->genesis.witnesses[0].account,
                                .commission = LIMIT_COMMISSION};
}

static void build_genesis_state(struct golden_chain *chain) {
    struct state_version *empty = state_version_empty();
    struct apply_block apply = begin_block(chain, &(struct header){.time_ms = BEGIN_MS}, empty);
    state_version_unref(empty);
    ENSURE(genesis_state_build(&apply, &chain->genesis, &chain->code, 1) == STATUS_OK);
    chain->versions[0] = state_commit(apply.draft, 0);
    genesis_header(&chain->genesis_header, &chain->genesis, state_root(chain->versions[0]));
}

// As a node fills it in that holds all keys: one view for each block.
static struct header header_above(const struct golden_chain *chain, uint64_t height) {
    const struct header *parent = &chain->genesis_header;
    struct hash ids[1 + GOLDEN_BLOCKS];
    header_id(&ids[0], parent);
    for (uint64_t i = 1; i < height; i++) {
        parent = &chain->blocks[i - 1].header;
        ids[i] = chain->blocks[i - 1].id;
    }
    struct header header = {.version = HEADER_VERSION,
                            .chain_id = chain->chain_id,
                            .height = height,
                            .view = height,
                            .parent = ids[height - 1],
                            .time_ms = parent->time_ms + INTERVAL_MS,
                            .set_hash = parent->set_hash,
                            .params_hash = parent->params_hash,
                            .parent_voters_len = 1};
    // Genesis is signed by nobody, any other block by the one witness.
    header.parent_voters[0] = height > 1;
    merkle_list_root(&header.history_root, ids, (size_t)height);
    return header;
}

// A transaction is admitted where it stands, as a node does it.
static void apply_one(struct apply_block *apply, const struct golden_chain *chain,
                      const struct tx *tx, struct block_tx *out, struct hash *id) {
    const struct state_view *view = state_draft_view(apply->draft);
    struct tx_lane lane = tx_lane(tx);
    struct apply_place place = {.params = &apply->params,
                                .height = apply->height,
                                .expected_seq = lane_next_seq(view, &lane)};
    struct signers signers;
    struct buf encoded = {0};
    tx_encode(&encoded, tx);
    *out = (struct block_tx){.encoded = arena_copy(apply->arena, buf_bytes(&encoded))};
    buf_clear(&encoded);
    tx_id(id, tx);
    ENSURE(signers_find(&signers, view, tx) == TX_CODE_OK);
    ENSURE(signers_verify(&signers, tx, id, &chain->chain_id) == TX_CODE_OK);
    ENSURE(apply_admit(view, tx, out->encoded.len, &place) == TX_CODE_OK);
    ENSURE(apply_fits(apply, tx, out->encoded.len));
    apply_tx(apply, tx, id, out);
}

static void fill_roots(struct golden_block *block, const struct block_tx *txs, uint32_t timers) {
    struct bytes signatures[GOLDEN_BLOCK_TXS];
    for (uint32_t i = timers; i < block->tx_count; i++) {
        struct tx tx;
        ENSURE(tx_decode(&tx, txs[i].encoded) == STATUS_OK);
        size_t body = tx_body(txs[i].encoded, &tx).len;
        signatures[i] = bytes_of(txs[i].encoded.data + body, txs[i].encoded.len - body);
    }
    block_tx_root(&block->header.tx_root, block->tx_ids + timers, signatures + timers,
                  block->tx_count - timers);
    block_receipts_root(&block->header.receipts_root, txs, block->tx_count);
}

static void make_block(struct golden_chain *chain, uint64_t height, const struct tx *txs,
                       uint32_t count) {
    struct golden_block *block = &chain->blocks[height - 1];
    struct block_tx done[GOLDEN_BLOCK_TXS];
    struct timer_runs timers;
    block->header = header_above(chain, height);
    struct apply_block apply = begin_block(chain, &block->header, chain->versions[height - 1]);
    // The one witness takes every turn, and has voted for every parent but genesis.
    struct turns_seen turns = {0};
    if (height > 1) turns.voters = bytes_of(block->header.parent_voters, 1);
    apply.turns = &turns;
    apply_begin(&apply);
    timers_run(&apply, &timers);
    ENSURE(timers.count + count <= GOLDEN_BLOCK_TXS);
    for (uint32_t i = 0; i < timers.count; i++) {
        done[i] = timers.runs[i];
        block->tx_ids[i] = done[i].receipt.tx_id;
    }
    block->tx_count = timers.count + count;
    for (uint32_t i = 0; i < count; i++)
        apply_one(&apply, chain, &txs[i], &done[timers.count + i],
                  &block->tx_ids[timers.count + i]);
    apply_finish(&apply);
    chain->versions[height] = state_commit(apply.draft, height);
    block->header.state_root = *state_root(chain->versions[height]);
    block->header.gas_used = apply.gas_used;
    fill_roots(block, done, timers.count);
    header_id(&block->id, &block->header);
    block_encode(
        &block->encoded,
        &(struct block){.header = block->header, .tx_count = block->tx_count, .txs = done});
}

static struct tx begin_tx(uint32_t lane, uint64_t seq) {
    struct tx tx = {.version = TX_VERSION,
                    .lane = lane,
                    .seq = seq,
                    .valid_until = 1000,
                    .gas_limit = 2000000,
                    .gas_price = 1};
    account_id_of_key(&tx.sender, &golden_public);
    return tx;
}

static void add_action(struct tx *tx, struct tx_action action) {
    tx->actions[tx->action_count++] = action;
}

static void sign(const struct golden_chain *chain, struct tx *tx) {
    ENSURE(tx_sign(tx, TX_ROLE_SENDER, &golden_secret, &chain->chain_id) == STATUS_OK);
}

// Everything that an account can have in the state.
static struct tx account_tx(const struct golden_chain *chain, struct buf *storage) {
    struct tx tx = begin_tx(0, 0);
    struct tx_action key = {.kind = TX_SET_ENC_KEY};
    for (uint8_t i = 1; i <= 2; i++) {
        golden_fill(key.set_enc_key.key, 32, (uint8_t)(i << 4));
        add_action(&tx, key);
    }
    add_action(&tx, (struct tx_action){.kind = TX_LOCK_STAKE,
                                       .stake = {.amount = amount_of_units(STAKE_LMM * LMM)}});
    add_action(&tx, (struct tx_action){.kind = TX_UNLOCK_STAKE,
                                       .stake = {.amount = amount_of_units(LMM)}});
    struct tx_action candidate = {.kind = TX_REGISTER_CANDIDATE,
                                  .register_candidate = {.commission = 1000}};
    golden_fill(&candidate.register_candidate.key, 32, 6);
    add_action(&tx, candidate);
    struct bytes itself = BYTES_OF(chain->genesis.witnesses[0].account.bytes);
    add_action(&tx,
               (struct tx_action){.kind = TX_VOTE, .vote = {.count = 1, .candidates = itself}});
    add_action(&tx, (struct tx_action){.kind = TX_DATA, .data = golden_envelope_of(storage)});
    sign(chain, &tx);
    return tx;
}

// In a lane of its own: the contract sets a timer, and its code is deployed once more.
static struct tx ticker_tx(const struct golden_chain *chain) {
    struct tx tx = begin_tx(7, 0);
    struct tx_action call = {
        .kind = TX_CALL,
        .call = {.method = bytes_of_string("tick"), .value = amount_of_units(2000000)}};
    account_id_of_system_contract(&call.call.contract, "ticker");
    add_action(&tx, call);
    add_action(&tx,
               (struct tx_action){
                   .kind = TX_DEPLOY,
                   .deploy = {.code = chain->code, .has_upgrader = true, .upgrader = tx.sender}});
    sign(chain, &tx);
    return tx;
}

static struct tx transfer_of(uint64_t seq, uint64_t units) {
    struct tx tx = begin_tx(0, seq);
    struct tx_action transfer = {.kind = TX_TRANSFER,
                                 .transfer = {.amount = amount_of_units(units)}};
    golden_fill(&transfer.transfer.to, 32, 1);
    add_action(&tx, transfer);
    return tx;
}

// Two keys, of which one suffices.
static struct tx last_tx(const struct golden_chain *chain, struct buf *storage) {
    struct tx tx = transfer_of(2, 1000);
    struct authority authority = {.threshold = 1, .key_count = 2};
    authority.keys[0] = (struct authority_key){.key = golden_public, .weight = 1};
    golden_fill(&authority.keys[1].key, 32, 0x80);
    authority.keys[1].weight = 2;
    buf_reset(storage);
    authority_encode(storage, &authority);
    add_action(&tx, (struct tx_action){.kind = TX_SET_AUTHORITY,
                                       .set_authority = {.authority = buf_bytes(storage)}});
    sign(chain, &tx);
    return tx;
}

void golden_chain_make(struct golden_chain *out) {
    struct buf storage = {0};
    *out = (struct golden_chain){.state = state_create()};
    out->modules = module_cache_create(host_imports(), false);
    make_genesis(out);
    build_genesis_state(out);
    struct tx first[] = {account_tx(out, &storage), ticker_tx(out), transfer_of(1, UINT64_MAX)};
    sign(out, &first[2]); // it fails: nobody has that much
    make_block(out, 1, first, 3);
    struct tx second = last_tx(out, &storage);
    make_block(out, 2, &second, 1);
    buf_clear(&storage);
}

void golden_chain_clear(struct golden_chain *chain) {
    for (size_t i = 0; i < GOLDEN_BLOCKS; i++) buf_clear(&chain->blocks[i].encoded);
    for (size_t i = 0; i <= GOLDEN_BLOCKS; i++) state_version_unref(chain->versions[i]);
    buf_clear(&chain->genesis_bytes);
    module_cache_free(chain->modules);
    state_free(chain->state);
    arena_clear(&chain->arena);
}
