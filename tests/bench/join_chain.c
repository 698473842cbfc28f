// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/join_chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chaincore/base/clock.h"
#include "chaincore/chain/tx.h"

static struct sender {
    struct secret_key key;
    struct account_id id;
} senders[JOIN_SENDERS];

struct join_chain join_chain;

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

void join_chain_make(const struct join_chain_rules *rules) {
    struct genesis_account accounts[JOIN_SENDERS];
    struct genesis_witness listed[JOIN_WITNESSES] = {0};
    struct public_key key;
    for (unsigned i = 0; i < JOIN_SENDERS; i++) {
        uint8_t seed[32] = {1, (uint8_t)i};
        key_from_seed(&senders[i].key, &key, seed);
        account_id_of_key(&senders[i].id, &key);
        accounts[i] = (struct genesis_account){senders[i].id, amount_of_units(1000000000000)};
    }
    qsort(accounts, JOIN_SENDERS, sizeof *accounts, compare_accounts);
    for (unsigned i = 0; i < JOIN_WITNESSES; i++) {
        uint8_t seed[32] = {2, (uint8_t)i};
        key_from_seed(&join_chain.witnesses[i], &listed[i].key, seed);
    }
    struct genesis genesis = {.name = bytes_of_string("bench"),
                              .params = {.block_interval_ms = 1,
                                         .epoch_blocks = rules->epoch_blocks,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 1000000000,
                                         .min_witnesses = JOIN_WITNESSES,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = rules->leave_out_empty_blocks},
                              .account_count = JOIN_SENDERS,
                              .accounts = accounts,
                              .witness_count = JOIN_WITNESSES,
                              .witnesses = listed};
    genesis_encode(&join_chain.genesis, &genesis);
    genesis_chain_id(&join_chain.chain_id, &genesis);
}

void join_chain_clear(void) { buf_clear(&join_chain.genesis); }

void join_chain_submit(struct node *node, unsigned sender, uint64_t seq) {
    struct buf encoded = {0};
    struct hash id;
    struct tx tx = {.version = TX_VERSION,
                    .sender = senders[sender].id,
                    .seq = seq,
                    .valid_until = 28000,
                    .gas_limit = 100000,
                    .gas_price = 1,
                    .action_count = 1};
    tx.actions[0].kind = TX_TRANSFER;
    tx.actions[0].transfer.to = senders[(sender + 1) % JOIN_SENDERS].id;
    tx.actions[0].transfer.amount = amount_of_units(1);
    ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &senders[sender].key, &join_chain.chain_id) == STATUS_OK);
    tx_encode(&encoded, &tx);
    ENSURE(node_submit(node, buf_bytes(&encoded), &id) == TX_CODE_OK);
    buf_clear(&encoded);
}

uint64_t join_height_of(struct node *node) {
    struct node_head head;
    node_head(node, &head);
    return head.header.height;
}

double join_seconds_since(uint64_t start_ns) {
    return (double)(clock_monotonic_ns() - start_ns) / 1e9;
}

void join_tell(const struct join_figure *figure) {
    printf("{\"name\": \"%s\", \"value\": %.3f, \"unit\": \"%s\", ", figure->name, figure->value,
           figure->unit);
    if (figure->baseline)
        printf("\"baseline\": \"%s\", \"baseline_value\": %.3f, \"ratio\": %.3f}\n",
               figure->baseline, figure->baseline_value, figure->value / figure->baseline_value);
    else
        printf("\"baseline\": null, \"baseline_value\": null, \"ratio\": null}\n");
}
