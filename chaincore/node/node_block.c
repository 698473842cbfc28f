// SPDX-License-Identifier: Apache-2.0
#include "chaincore/node/node_block.h"

#include <config.h> // CHECK_SUPPLY

#include "chaincore/chain/block_roots.h"
#include "chaincore/contract/election.h"
#include "chaincore/contract/lane.h"
#include "chaincore/contract/signers.h"
#include "chaincore/contract/supply.h"

void work_clear(struct work *work) {
    arena_clear(&work->arena);
    arena_clear(&work->kept);
}

// Turns go round: of the views between the parent's and the block's each witness had as many, but
// for those left over.
static void see_turns(const struct node_seats *seats, struct turns_seen *out,
                      const struct header *header, const struct header *parent) {
    uint16_t count = seats->set.count;
    ENSURE(count > 0);
    *out = (struct turns_seen){.leader = header->leader};
    if (parent->height > 0 && parent->epoch == header->epoch)
        out->voters = bytes_of(header->parent_voters, header->parent_voters_len);
    struct missed_views missed = schedule_missed(&seats->schedule, parent, header);
    for (uint16_t i = 0; i < count; i++) out->missed[i] = (uint32_t)(missed.count / count);
    for (uint64_t i = 0; i < missed.count % count; i++)
        out->missed[schedule_leader(&seats->schedule, missed.first + i)]++;
}

void work_begin(struct node *node, struct work *work, const struct parent *parent) {
    const struct header *header = &work->block.header;
    const struct node_seats *seats = seats_of_next(node);
    const struct witness *leader = &seats->witnesses.list[header->leader];
    work->apply = (struct apply_block){.draft = state_draft_begin(node->state, parent->version),
                                       .modules = node->modules,
                                       .arena = &work->arena,
                                       .chain_id = node->chain_id,
                                       .genesis_time_ms = node->genesis.time_ms,
                                       .height = header->height,
                                       .epoch = header->epoch,
                                       .view = header->view,
                                       .parent = header->parent,
                                       .time_ms = header->time_ms,
                                       .leader = leader->account,
                                       .commission = leader->commission};
    see_turns(seats, &work->turns, header, parent->header);
    work->apply.turns = &work->turns;
    apply_begin(&work->apply);
    timers_run(&work->apply, &work->timers);
    work->kept_until_ms = envelope_kept_until_ms(ENVELOPE_30_DAYS, header->time_ms);
}

// Are its signatures enough by the state as it is here?
static enum tx_code check_signers(const struct work *work, const struct tx *tx,
                                  const struct vetted *vetted) {
    struct signers signers;
    struct hash now;
    if (!vetted) return TX_CODE_OK;
    enum tx_code code = signers_find(&signers, state_draft_view(work->apply.draft), tx);
    if (code != TX_CODE_OK) return code;
    signers_hash(&now, &signers);
    if (vetted->is_verified && hash_equal(&now, &vetted->signers)) return TX_CODE_OK;
    return signers_verify(&signers, tx, &vetted->id, &work->block.header.chain_id);
}

// Notes what is needed of it once it is applied, and runs it.
static void apply_one(struct work *work, const struct tx *tx, struct bytes encoded,
                      const struct vetted *vetted) {
    uint32_t index = work->block.tx_count++;
    size_t body_len = tx_body(encoded, tx).len;
    uint64_t kept_until_ms = tx_kept_until_ms(tx, work->block.header.time_ms);
    if (kept_until_ms > work->kept_until_ms) work->kept_until_ms = kept_until_ms;
    work->signatures[index] = bytes_of(encoded.data + body_len, encoded.len - body_len);
    work->applied[index] = (struct place){.lane = tx_lane(tx), .seq = tx->seq};
    work->txs[index] = (struct block_tx){.encoded = encoded};
    if (vetted)
        work->tx_ids[index] = vetted->id;
    else
        hash_bytes(&work->tx_ids[index], HASH_TX, bytes_of(encoded.data, body_len));
    apply_tx(&work->apply, tx, &work->tx_ids[index], &work->txs[index]);
}

enum work_verdict work_try_tx(struct work *work, struct bytes encoded,
                              const struct vetted *vetted) {
    struct apply_block *apply = &work->apply;
    struct tx tx;
    ENSURE(tx_decode(&tx, encoded) == STATUS_OK); // it was admitted, or it stands in a block
    bool fits = work->block.tx_count < LIMIT_BLOCK_TXS && apply_fits(apply, &tx, encoded.len);
    if (!fits && tx.gas_limit <= apply->params.block_gas_limit) return WORK_WAITS;
    const struct state_view *view = state_draft_view(apply->draft);
    struct tx_lane lane = tx_lane(&tx);
    struct apply_place place = {.params = &apply->params,
                                .height = apply->height,
                                .expected_seq = lane_next_seq(view, &lane)};
    enum tx_code code = apply_admit(view, &tx, encoded.len, &place);
    if (code == TX_CODE_NONCE_GAP) return WORK_WAITS; // behind one that waits
    if (code == TX_CODE_OK) code = check_signers(work, &tx, vetted);
    work->refusal = code;
    if (code != TX_CODE_OK) return WORK_NEVER;
    apply_one(work, &tx, encoded, vetted);
    return WORK_APPLIED;
}

// Of the set that serves from the next block on; none within an epoch.
static void fill_next_set(struct work *work, const struct state_view *view) {
    struct witnesses next;
    struct witness_set set;
    struct header *header = &work->block.header;
    header->next_set_hash = (struct hash){0};
    if (!election_is_due(&work->apply.params, header->height)) return;
    ENSURE(witnesses_load(&next, view, header->epoch + 1));
    witnesses_set(&set, &next);
    witness_set_hash(&header->next_set_hash, &set);
}

static void fill_roots(struct work *work) {
    struct block *block = &work->block;
    uint32_t timers = work->timers.count; // without bytes: they follow from the state
    block_tx_root(&block->header.tx_root, work->tx_ids + timers, work->signatures + timers,
                  block->tx_count - timers);
    block_receipts_root(&block->header.receipts_root, block->txs, block->tx_count);
    block->header.gas_used = work->apply.gas_used;
}

void work_make_room(struct work *work, size_t more) {
    size_t count = work->timers.count + more;
    work->txs = arena_alloc_array(&work->arena, count + 1, sizeof *work->txs);
    work->tx_ids = arena_alloc_array(&work->kept, count + 1, sizeof *work->tx_ids);
    work->signatures = arena_alloc_array(&work->arena, count + 1, sizeof *work->signatures);
    work->applied = arena_alloc_array(&work->kept, count + 1, sizeof *work->applied);
    work->block.txs = work->txs;
    work->block.tx_count = work->timers.count;
    for (uint32_t i = 0; i < work->timers.count; i++) {
        work->txs[i] = work->timers.runs[i];
        work->tx_ids[i] = work->timers.runs[i].receipt.tx_id;
    }
}

// Money neither comes from nowhere nor goes there. A walk over every account, so only in builds
// that look for faults, and while that is affordable.
static void check_supply(const struct state_version *version) {
#ifdef CHECK_SUPPLY
    enum { AFFORDABLE = 10000 };
    const struct state_view *view = state_version_view(version);
    if (state_count(view) <= AFFORDABLE) ENSURE(supply_is_conserved(view));
#else
    (void)version;
#endif
}

struct state_version *work_finish(struct work *work, const struct parent *parent) {
    struct header *header = &work->block.header;
    apply_finish(&work->apply);
    struct state_version *version = state_commit(work->apply.draft, header->height);
    check_supply(version);
    header->state_root = *state_root(version);
    fill_next_set(work, state_version_view(version));
    fill_roots(work);
    params_hash(&header->params_hash, &work->apply.params);
    history_peaks_root(&header->history_root, &parent->peaks);
    return version;
}

void work_drop(struct work *work) {
    state_draft_drop(work->apply.draft);
    work_clear(work);
}
