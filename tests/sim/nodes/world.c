// SPDX-License-Identifier: Apache-2.0
#include <config.h> // mkdtemp

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/base/memory.h"
#include "tests/sim/nodes/nodes.h"

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
    struct genesis_account accounts[SIM_ACCOUNTS];
    struct genesis_witness witnesses[SIM_WITNESSES];
    struct genesis_contract contract = {.name = bytes_of_string("puppet")};
    hash_bytes(&contract.code_hash, HASH_CODE, buf_bytes(&sim->code));
    for (int i = 0; i < SIM_ACCOUNTS; i++)
        accounts[i] = (struct genesis_account){sim->accounts[i], amount_of_units(BALANCE)};
    qsort(accounts, SIM_ACCOUNTS, sizeof *accounts, compare_accounts);
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
                                         .protocol = PROTOCOL_NEWEST},
                              .account_count = SIM_ACCOUNTS,
                              .accounts = accounts,
                              .witness_count = sim->witnesses,
                              .witnesses = witnesses,
                              .contract_count = 1,
                              .contracts = &contract};
    buf_reset(&sim->genesis);
    genesis_encode(&sim->genesis, &genesis);
    genesis_chain_id(&sim->chain_id, &genesis);
}

void world_begin(struct sim *sim, uint64_t seed) {
    sim->seed = seed;
    sim->now_ms = SIM_START_MS;
    sim->violation = NULL;
    sim->tx_count = 0;
    draws_begin(&sim->draws, seed);
    process_begin(sim);
    sim->witnesses = (uint16_t)(4 + draws_below(&sim->draws, SIM_WITNESSES - 3));
    sim->block_interval_ms = (uint32_t)(200 + draws_below(&sim->draws, 400));
    sim->epoch_blocks = (uint32_t)(10 + draws_below(&sim->draws, 11));
    make_genesis(sim);
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        *node = (struct sim_node){.sim = sim, .index = i};
        snprintf(node->folder, sizeof node->folder, "%s/%u", sim->folder, i);
        node->disk = crash_disk_open(node->folder, draws_next(&sim->draws));
        node->wall_offset_ms = (int64_t)draws_below(&sim->draws, 1001) - 500;
        node->must_prune = draws_percent(&sim->draws, 25);
        node->certificates_in_file = (uint32_t)(2 + draws_below(&sim->draws, 12));
        node->segment_bytes = 2000 + draws_below(&sim->draws, 30000);
    }
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

void world_end(struct sim *sim) {
    for (uint16_t i = 0; i < sim->node_count; i++) {
        struct sim_node *node = &sim->nodes[i];
        if (node->is_up) {
            crash_disk_cut(node->disk);
            node_close(node->node);
        }
        node->is_up = false;
        count_disk(sim, node->disk);
        crash_disk_close(node->disk);
    }
    occasions_reset(&sim->occasions);
}

void world_close(struct sim *sim) {
    occasions_clear(&sim->occasions);
    buf_clear(&sim->genesis);
    buf_clear(&sim->code);
    mem_free(sim->finals);
    mem_free(sim->txs);
    rmdir(sim->folder);
}
