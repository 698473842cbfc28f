// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/transfer_chain.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "chaincore/base/memory.h"
#include "chaincore/chain/genesis.h"
#include "chaincore/chain/tx.h"

static int compare_accounts(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct account_id));
}

static void make_keys(struct transfer_chain *chain) {
    struct public_key key;
    for (uint32_t i = 0; i < TRANSFER_SENDERS; i++) {
        uint8_t seed[32] = {1};
        store_u32_le(seed + 1, i);
        key_from_seed(&chain->keys[i], &key, seed);
        account_id_of_key(&chain->ids[i], &key);
    }
    for (uint8_t i = 0; i < chain->witness_count; i++) {
        uint8_t seed[32] = {2, i};
        key_from_seed(&chain->witnesses[i], &key, seed);
    }
}

static void make_genesis(struct transfer_chain *chain, uint32_t block_interval_ms) {
    struct genesis_account accounts[TRANSFER_SENDERS];
    struct genesis_witness listed[TRANSFER_MOST_WITNESSES] = {0};
    for (int i = 0; i < TRANSFER_SENDERS; i++)
        accounts[i] = (struct genesis_account){chain->ids[i], amount_of_units(1000000000000)};
    qsort(accounts, TRANSFER_SENDERS, sizeof *accounts, compare_accounts);
    for (int i = 0; i < chain->witness_count; i++)
        key_public_of(&listed[i].key, &chain->witnesses[i]);
    struct genesis genesis = {.name = bytes_of_string("bench"),
                              .params = {.block_interval_ms = block_interval_ms,
                                         .epoch_blocks = 7200,
                                         .min_gas_price = 1,
                                         .block_gas_limit = 4000000000,
                                         .min_witnesses = chain->witness_count,
                                         .protocol = PROTOCOL_NEWEST,
                                         .leave_out_empty_blocks = true},
                              .account_count = TRANSFER_SENDERS,
                              .accounts = accounts,
                              .witness_count = chain->witness_count,
                              .witnesses = listed};
    genesis_encode(&chain->genesis, &genesis);
    genesis_chain_id(&chain->id, &genesis);
}

static void sign_all(struct transfer_chain *chain) {
    for (uint32_t i = 0; i < chain->count; i++) {
        uint32_t sender = i % TRANSFER_SENDERS;
        struct tx tx = {.version = TX_VERSION,
                        .sender = chain->ids[sender],
                        .seq = i / TRANSFER_SENDERS,
                        .valid_until = 20000,
                        .gas_limit = 100000,
                        .gas_price = 1,
                        .action_count = 1};
        tx.actions[0].kind = TX_TRANSFER;
        tx.actions[0].transfer.to = chain->ids[(i * 7 + 1) % TRANSFER_SENDERS];
        tx.actions[0].transfer.amount = amount_of_units(1);
        ENSURE(tx_sign(&tx, TX_ROLE_SENDER, &chain->keys[sender], &chain->id) == STATUS_OK);
        tx_encode(&chain->encoded[i], &tx);
    }
}

void transfer_chain_make(struct transfer_chain *out, const struct transfer_rules *rules,
                         uint32_t per_sender) {
    ENSURE(rules->witnesses <= TRANSFER_MOST_WITNESSES);
    *out = (struct transfer_chain){.witness_count = rules->witnesses,
                                   .per_sender = per_sender,
                                   .count = per_sender * TRANSFER_SENDERS};
    out->encoded = mem_alloc_array(out->count, sizeof *out->encoded);
    make_keys(out);
    make_genesis(out, rules->block_interval_ms);
    sign_all(out);
}

void transfer_chain_clear(struct transfer_chain *chain) {
    for (uint32_t i = 0; i < chain->count; i++) buf_clear(&chain->encoded[i]);
    mem_free(chain->encoded);
    buf_clear(&chain->genesis);
}

static const struct transfer_chain *verified;

static void *verify_share(void *number) {
    size_t first = *(const size_t *)number;
    for (size_t i = first; i < verified->count; i += TRANSFER_THREADS) {
        struct tx tx;
        struct hash id;
        ENSURE(tx_decode(&tx, buf_bytes(&verified->encoded[i])) == STATUS_OK);
        tx_id(&id, &tx);
        ENSURE(sign_verify(&tx.signatures[0].signature, &tx.signatures[0].key, SIGN_TRANSACTION,
                           &verified->id, &id));
    }
    return NULL;
}

void transfer_chain_verify(const struct transfer_chain *chain) {
    verified = chain;
    transfer_threads_run(verify_share);
}

void transfer_threads_run(void *(*work)(void *number)) {
    pthread_t threads[TRANSFER_THREADS];
    size_t numbers[TRANSFER_THREADS];
    for (size_t i = 0; i < TRANSFER_THREADS; i++) {
        numbers[i] = i;
        ENSURE(pthread_create(&threads[i], NULL, work, &numbers[i]) == 0);
    }
    for (size_t i = 0; i < TRANSFER_THREADS; i++) pthread_join(threads[i], NULL);
}

double process_cpu_ns(void) {
    struct timespec now;
    ENSURE(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}
