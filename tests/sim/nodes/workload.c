// SPDX-License-Identifier: Apache-2.0
// What people send: money, votes, stake, and calls of a contract that stores and sets timers.
#include <stdlib.h>
#include <string.h>

#include "chaincore/contract/stake.h"
#include "tests/sim/nodes/nodes.h"
#include "tests/support/puppet.h"

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void add_transfer(struct sim *sim, struct tx *tx) {
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_TRANSFER,
        .transfer = {.to = sim->accounts[draws_below(&sim->draws, SIM_ACCOUNTS)],
                     .amount = amount_of_units(1 + draws_below(&sim->draws, 1000000))}};
}

// Each account has a key of its own to stand with.
static void add_candidacy(struct sim *sim, struct tx *tx, uint16_t account) {
    uint16_t key = (uint16_t)(SIM_WITNESSES + account % SIM_WITNESSES);
    tx->actions[tx->action_count++] =
        (struct tx_action){.kind = TX_LOCK_STAKE, .stake = {amount_of_units(STAKE_MIN)}};
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_REGISTER_CANDIDATE,
        .register_candidate = {.key = sim->publics[key],
                               .commission = (uint16_t)draws_below(&sim->draws, 5000)}};
}

static void add_votes(struct sim *sim, struct tx *tx, struct account_id *room) {
    uint32_t count = 0;
    for (uint16_t i = 0; i < SIM_WITNESSES; i++)
        if (draws_percent(&sim->draws, 70)) room[count++] = sim->accounts[i];
    qsort(room, count, sizeof *room, compare_accounts);
    tx->actions[tx->action_count++] = (struct tx_action){
        .kind = TX_VOTE,
        .vote = {.count = count, .candidates = bytes_of(room, count * sizeof *room)}};
}

static void put_script(struct sim *sim, struct buf *script) {
    uint8_t key = (uint8_t)draws_below(&sim->draws, 20);
    uint64_t value = draws_next(&sim->draws);
    bool deletes = draws_percent(&sim->draws, 25);
    encode_u8(script, deletes ? PUPPET_DELETE : PUPPET_SET);
    encode_bytes(script, BYTES_OF(key));
    if (!deletes) encode_bytes(script, BYTES_OF(value));
}

static void add_call(struct sim *sim, struct tx *tx, struct buf *script) {
    uint64_t value = 0;
    put_script(sim, script);
    if (draws_percent(&sim->draws, 40)) {
        struct buf then = {0};
        put_script(sim, &then);
        encode_u8(script, PUPPET_TIMER);
        encode_u64(script, sim->now_ms + 500 + draws_below(&sim->draws, 5000));
        encode_u64(script, 200000);
        encode_bytes(script, buf_bytes(&then));
        buf_clear(&then);
        value = 200000;
        sim->figures.timers++;
    }
    if (draws_percent(&sim->draws, 10)) encode_u8(script, PUPPET_TRAP);
    sim->figures.contracts++;
    tx->actions[tx->action_count++] = (struct tx_action){.kind = TX_CALL,
                                                         .call = {.contract = sim->contract,
                                                                  .method = bytes_of_string("pay"),
                                                                  .arguments = buf_bytes(script),
                                                                  .value = amount_of_units(value)}};
}

// First of all there are candidates, and votes for them: else few seeds would see an election.
static void fill(struct sim *sim, struct tx *tx, uint16_t account, struct buf *script,
                 struct account_id *room) {
    if (sim_is_many(sim) && sim->submissions <= 2 * SIM_ACCOUNTS) {
        if (sim->submissions <= SIM_ACCOUNTS)
            add_candidacy(sim, tx, account);
        else
            add_votes(sim, tx, room);
        return;
    }
    switch (draws_below(&sim->draws, 10)) {
    case 0:
        add_candidacy(sim, tx, account);
        break;
    case 1:
    case 2:
        add_votes(sim, tx, room);
        break;
    case 3:
    case 4:
    case 5:
        add_call(sim, tx, script);
        break;
    default:
        add_transfer(sim, tx);
    }
}

static void note(struct sim *sim, const struct sim_tx *tx) {
    sim->figures.txs++;
    if (sim->tx_count < SIM_TXS) sim->txs[sim->tx_count++] = *tx;
}

static void submit_at(struct sim *sim, struct sim_node *node, uint16_t account) {
    struct buf script = {0}, encoded = {0};
    struct account_id room[SIM_ACCOUNTS];
    struct node_head head;
    struct hash id;
    struct tx tx = {.version = TX_VERSION,
                    .sender = sim->accounts[account],
                    .gas_limit = 20000000,
                    .gas_price = 1};
    node_head(node->node, &head);
    tx.valid_until = head.header.height + 20 + draws_below(&sim->draws, 200);
    tx.seq = node_next_seq(node->node, &(struct tx_lane){.account = tx.sender});
    fill(sim, &tx, account, &script, room);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &sim->account_keys[account], &sim->chain_id) == STATUS_OK);
    tx_encode(&encoded, &tx);
    process_enter(node);
    enum tx_code code = node_submit(node->node, buf_bytes(&encoded), &id);
    if (code == TX_CODE_OK && node->replica) replica_note_tx(node->replica, buf_bytes(&encoded));
    process_leave();
    if (node->replica) life_plan(node, sim->now_ms);
    if (code == TX_CODE_OK)
        note(sim, &(struct sim_tx){.id = id,
                                   .node = node->index,
                                   .life = node->life,
                                   .account = account,
                                   .seq = tx.seq,
                                   .at_ms = sim->now_ms});
    else
        sim->figures.refused++;
    judge_note(sim, (uint64_t)code ^ load_u64_le(id.bytes));
    buf_clear(&script);
    buf_clear(&encoded);
}

void workload_plan(struct sim *sim) {
    uint64_t pause = 1 + draws_below(&sim->draws, sim->block_interval_ms);
    occasions_add(&sim->occasions,
                  &(struct occasion){.at_ms = sim->now_ms + pause, .kind = AT_SUBMIT});
}

// To an honest one: what others make of what they are sent, nobody answers for.
static struct sim_node *choose_node(struct sim *sim) {
    struct sim_node *node = &sim->nodes[draws_below(&sim->draws, sim->node_count)];
    return node->is_up && !node->is_hostile && !crash_disk_is_cut(node->disk) ? node : NULL;
}

void workload_submit(struct sim *sim) {
    if (sim->is_quiet) return;
    struct sim_node *node = choose_node(sim);
    uint16_t account = (uint16_t)draws_below(&sim->draws, SIM_ACCOUNTS);
    if (node) {
        if (sim->submissions < 2 * SIM_ACCOUNTS && sim_is_many(sim))
            account = sim->submissions % SIM_ACCOUNTS;
        if (sim->submissions < UINT16_MAX) sim->submissions++;
        submit_at(sim, node, account);
    }
    workload_plan(sim);
}
