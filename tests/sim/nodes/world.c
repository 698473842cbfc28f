// SPDX-License-Identifier: Apache-2.0
#include <config.h> // mkdtemp

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "tests/sim/nodes/nodes.h"

enum { LONE_PERCENT = 25, LARGE_PERCENT = 12 };

static const uint64_t KEY_BALANCE = UINT64_C(10) * 100000000;
static const uint64_t BALANCE = UINT64_C(20000000) * 100000000; // stake and more

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

void world_open(struct sim *sim) {
    static const char shared[] = "/dev/shm/lmm-nodes-XXXXXX", otherwise[] = "/tmp/lmm-nodes-XXXXXX";
    ENSURE(file_read(&sim->code, "tests/support/puppet.wasm", 1 << 20) == STATUS_OK);
    memcpy(sim->folder, shared, sizeof shared);
    if (!mkdtemp(sim->folder)) {
        memcpy(sim->folder, otherwise, sizeof otherwise);
        ENSURE(mkdtemp(sim->folder));
    }
    for (int i = 0; i < SIM_KEYS; i++) {
        uint8_t seed[32] = {1, (uint8_t)i};
        key_from_seed(&sim->keys[i], &sim->publics[i], seed);
    }
    for (int i = 0; i < SIM_ACCOUNTS; i++) {
        uint8_t seed[32] = {2, (uint8_t)i};
        struct public_key key;
        key_from_seed(&sim->account_keys[i], &key, seed);
        account_id_of_key(&sim->accounts[i], &key);
    }
    account_id_of_system_contract(&sim->contract, "puppet");
    sim->finals = mem_alloc_array(SIM_HEIGHTS, sizeof *sim->finals);
    sim->txs = mem_alloc_array(SIM_TXS, sizeof *sim->txs);
}

static void make_genesis(struct sim *sim) {
    struct genesis_account accounts[SIM_ACCOUNTS + SIM_KEYS];
    struct genesis_witness witnesses[SIM_WITNESSES];
    struct genesis_contract contract = {.name = bytes_of_string("puppet")};
    hash_bytes(&contract.code_hash, HASH_CODE, buf_bytes(&sim->code));
    for (int i = 0; i < SIM_ACCOUNTS; i++)
        accounts[i] = (struct genesis_account){sim->accounts[i], amount_of_units(BALANCE)};
    // What evidence is paid from; little, so that they are no candidates.
    for (int i = 0; i < SIM_KEYS; i++) {
        accounts[SIM_ACCOUNTS + i].balance = amount_of_units(KEY_BALANCE);
        account_id_of_key(&accounts[SIM_ACCOUNTS + i].id, &sim->publics[i]);
    }
    qsort(accounts, SIM_ACCOUNTS + SIM_KEYS, sizeof *accounts, compare_accounts);
    for (uint16_t i = 0; i < sim->witnesses; i++) {
        witnesses[i].key = sim->publics[i];
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    struct genesis genesis = {.name = bytes_of_string("simulation"),
                              .time_ms = SIM_START_MS - 1000,
                              .params = {.block_interval_ms = sim->block_interval_ms,
                                         .epoch_blocks = sim->epoch_blocks,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = 4,
                                         .leave_out_empty_blocks = sim->leaves_out,
                                         .protocol = PROTOCOL_NEWEST},
                              .account_count = SIM_ACCOUNTS + SIM_KEYS,
                              .accounts = accounts,
                              .witness_count = sim->witnesses,
                              .witnesses = witnesses,
                              .contract_count = 1,
                              .contracts = &contract};
    buf_reset(&sim->genesis);
    genesis_encode(&sim->genesis, &genesis);
    genesis_chain_id(&sim->chain_id, &genesis);
}

static void open_disk(struct sim_node *node) {
    node->disk = crash_disk_open(node->folder, draws_next(&node->sim->draws));
    crash_disk_lose_all(node->disk, draws_percent(&node->sim->draws, 25));
}

static struct sim_node *add_node(struct sim *sim) {
    ENSURE(sim->node_count < SIM_NODES);
    struct sim_node *node = &sim->nodes[sim->node_count];
    *node = (struct sim_node){.sim = sim, .index = sim->node_count++};
    snprintf(node->folder, sizeof node->folder, "%s/%u", sim->folder, node->index);
    open_disk(node);
    node->wall_offset_ms = (int64_t)draws_below(&sim->draws, 1001) - 500;
    node->must_prune = draws_percent(&sim->draws, 25);
    node->certificates_in_file = (uint32_t)(2 + draws_below(&sim->draws, 12));
    node->segment_bytes = 2000 + draws_below(&sim->draws, 30000);
    uint8_t seed[32] = {3, (uint8_t)node->index};
    struct secret_key secret;
    key_from_seed(&secret, &node->node_key, seed);
    return node;
}

static void give_key(struct sim_node *node, uint16_t key) { node->keys[node->key_count++] = key; }

// Another with the same keys, that does not know of it.
static void add_twin(struct sim *sim, struct sim_node *of) {
    struct sim_node *twin = add_node(sim);
    memcpy(twin->keys, of->keys, sizeof twin->keys);
    twin->key_count = of->key_count;
    twin->hostility = of->hostility;
    twin->is_hostile = twin->is_pair = of->is_pair = true;
    sim->figures.twins++;
}

// The first ones, as many as the set can bear; each in ways of its own.
static uint16_t choose_hostile(struct sim *sim) {
    uint16_t count = 0, bound = witness_faults(sim->witnesses);
    if (!draws_percent(&sim->draws, 45)) return 0;
    count = (uint16_t)(1 + draws_below(&sim->draws, bound));
    for (uint16_t i = 0; i < count; i++) {
        sim->nodes[i].is_hostile = true;
        sim->nodes[i].hostility = (uint32_t)draws_next(&sim->draws) & 31u;
        if (draws_percent(&sim->draws, 50)) sim->nodes[i].hostility |= HOSTILE_EQUIVOCATES;
        if (draws_percent(&sim->draws, 15)) sim->nodes[i].hostility = 0; // a twin, and no more
        sim->figures.hostile++;
    }
    return count;
}

// A witness of genesis each, and those who can be elected among all; of these, hostile ones have
// one key together, for a set may be as small as four.
static void share_keys(struct sim *sim, uint16_t hostile) {
    uint16_t next = hostile ? (uint16_t)(hostile - 1) : 0;
    for (uint16_t i = 0; i < sim->witnesses; i++) give_key(&sim->nodes[i], i);
    for (uint16_t key = SIM_WITNESSES; key < SIM_KEYS; key++) {
        give_key(&sim->nodes[next], key);
        next = next + 1 < sim->witnesses ? (uint16_t)(next + 1) : hostile;
    }
}

static void make_many(struct sim *sim) {
    for (uint16_t i = 0; i < sim->witnesses; i++) add_node(sim);
    uint16_t hostile = choose_hostile(sim);
    share_keys(sim, hostile);
    for (uint16_t i = 0; i < hostile; i++)
        if (sim->nodes[i].hostility == 0 || draws_percent(&sim->draws, 20))
            add_twin(sim, &sim->nodes[i]);
    add_node(sim)->is_newcomer = true;
    sim->nodes[hostile].must_prune = false; // whoever joins needs all
    sim->figures.many_seeds++;
}

static void make_lone(struct sim *sim) {
    struct sim_node *node = add_node(sim);
    for (uint16_t key = 0; key < SIM_KEYS; key++) give_key(node, key);
}

void world_begin(struct sim *sim, uint64_t seed) {
    sim->seed = seed;
    sim->now_ms = SIM_START_MS;
    sim->violation = NULL;
    sim->tx_count = sim->look_ms = 0;
    sim->node_count = sim->submissions = 0;
    sim->is_settled = sim->is_quiet = false;
    draws_begin(&sim->draws, seed);
    process_begin(sim);
    bool is_lone =
        sim->options.nodes ? sim->options.nodes == 1 : draws_percent(&sim->draws, LONE_PERCENT);
    sim->witnesses = (uint16_t)(4 + draws_below(&sim->draws, SIM_WITNESSES - 3));
    if (sim->options.nodes >= 4) sim->witnesses = sim->options.nodes;
    sim->block_interval_ms = (uint32_t)(200 + draws_below(&sim->draws, 400));
    sim->is_large = draws_percent(&sim->draws, LARGE_PERCENT);
    sim->epoch_blocks = (uint32_t)(10 + draws_below(&sim->draws, sim->is_large ? 291 : 11));
    sim->figures.large_seeds += sim->is_large;
    sim->leaves_out = !is_lone && draws_percent(&sim->draws, 30);
    make_genesis(sim);
    if (is_lone)
        make_lone(sim);
    else
        make_many(sim);
    links_begin(sim);
}

static void count_disk(struct sim *sim, const struct crash_disk *disk) {
    struct crash_counts counts;
    crash_disk_count(disk, &counts);
    sim->figures.writes_lost += counts.writes_lost;
    sim->figures.writes_torn += counts.writes_torn;
    sim->figures.writes_kept += counts.writes_kept;
    sim->figures.names_undone += counts.names_undone;
    sim->figures.names_kept += counts.names_kept;
    sim->figures.cuts_in_calls += counts.cuts_in_calls;
}

static void close_disk(struct sim_node *node) {
    count_disk(node->sim, node->disk);
    crash_disk_close(node->disk);
}

void world_wipe(struct sim_node *node) {
    close_disk(node);
    open_disk(node);
}

void world_end(struct sim *sim) {
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (node->is_up) {
            crash_disk_cut(node->disk);
            life_close(node);
        }
        close_disk(node);
    }
    links_clear(sim);
    occasions_reset(&sim->occasions);
}

void world_close(struct sim *sim) {
    occasions_clear(&sim->occasions);
    buf_clear(&sim->genesis);
    buf_clear(&sim->code);
    mem_free(sim->finals);
    mem_free(sim->txs);
    mem_free(sim->notes);
    rmdir(sim->folder);
}
