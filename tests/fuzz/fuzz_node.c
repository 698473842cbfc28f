// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz_node.h"

#include <stdlib.h>

#include "chaincore/base/file.h"
#include "chaincore/base/log.h"
#include "chaincore/chain/genesis.h"

struct fuzz_node fuzz_node;

static struct false_disk votes;
static char folder[] = "/tmp/lmm-fuzz-XXXXXX";

static void end(void) {
    replica_close(fuzz_node.replica);
    node_close(fuzz_node.node);
    false_disk_clear(&votes);
    ENSURE(file_remove_tree(folder) == STATUS_OK);
}

static void make_genesis(struct buf *out) {
    struct genesis_witness witnesses[FUZZ_WITNESSES];
    for (unsigned i = 0; i < FUZZ_WITNESSES; i++) {
        uint8_t seed[32] = {(uint8_t)i};
        key_from_seed(&fuzz_node.key, &witnesses[i].key, seed);
        account_id_of_key(&witnesses[i].account, &witnesses[i].key);
    }
    fuzz_node.account = witnesses[FUZZ_WITNESSES - 1].account;
    struct genesis_account account = {.id = fuzz_node.account,
                                      .balance = amount_of_units(1000000000)};
    struct genesis genesis = {.name = bytes_of_string("fuzz"),
                              .time_ms = 1000,
                              .params = {.block_interval_ms = 1000,
                                         .epoch_blocks = 120,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .deposit_per_byte = 10,
                                         .min_witnesses = FUZZ_WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = 1,
                              .accounts = &account,
                              .witness_count = FUZZ_WITNESSES,
                              .witnesses = witnesses};
    genesis_encode(out, &genesis);
}

void fuzz_node_begin(const struct replica_calls *calls) {
    struct buf genesis = {0};
    struct public_key node_key = {{1}}, guarded = {{9}};
    struct disk disk;
    log_set_level((enum log_level)(LOG_ERROR + 1));
    ENSURE(crypto_init() == STATUS_OK && mkdtemp(folder));
    make_genesis(&genesis);
    ENSURE(node_open(&fuzz_node.node, &(struct node_config){.data_dir = folder,
                                                            .genesis = buf_bytes(&genesis),
                                                            .witness_keys = &fuzz_node.key,
                                                            .witness_key_count = 1}) == STATUS_OK);
    false_disk_init(&votes, 1);
    disk = false_disk_calls(&votes);
    struct replica_calls own = *calls;
    own.context = &votes;
    own.draw = false_disk_draw;
    struct replica_config config = {.calls = &own,
                                    .disk = &disk,
                                    .node_key = node_key,
                                    .is_first_start = true,
                                    .guarded = &guarded,
                                    .guarded_count = 1};
    ENSURE(replica_open(&fuzz_node.replica, fuzz_node.node, &config) == STATUS_OK);
    buf_clear(&genesis);
    atexit(end);
}
