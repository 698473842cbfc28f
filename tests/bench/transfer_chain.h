// SPDX-License-Identifier: Apache-2.0
// A chain of a few witnesses whose accounts have signed transfers, for benches that bring them.
#ifndef LMM_BENCH_TRANSFER_CHAIN_H
#define LMM_BENCH_TRANSFER_CHAIN_H

#include "chaincore/base/buf.h"
#include "chaincore/chain/account_id.h"
#include "chaincore/crypto/sign.h"

enum {
    TRANSFER_SENDERS = 128,
    TRANSFER_WITNESSES = 4,
    TRANSFER_MOST_WITNESSES = 24,
    TRANSFER_THREADS = 2, // the processors that the goals are for
};

struct transfer_chain {
    struct secret_key keys[TRANSFER_SENDERS];
    struct account_id ids[TRANSFER_SENDERS];
    struct secret_key witnesses[TRANSFER_MOST_WITNESSES];
    uint16_t witness_count;
    struct buf genesis; // encoded
    struct hash id;
    uint32_t per_sender;
    uint32_t count;      // of all senders
    struct buf *encoded; // number n of sender s: [n * TRANSFER_SENDERS + s]
};

struct transfer_rules {
    uint32_t block_interval_ms;
    uint16_t witnesses; // TRANSFER_MOST_WITNESSES at most
};
// Signs so many of each sender. Aborts when that fails. The caller clears it.
void transfer_chain_make(struct transfer_chain *out, const struct transfer_rules *rules,
                         uint32_t per_sender);
void transfer_chain_clear(struct transfer_chain *chain);

// Verifies all of them with libsodium, which no node can beat without lanes, on TRANSFER_THREADS.
void transfer_chain_verify(const struct transfer_chain *chain);

// A number for each thread, 0 and up.
void transfer_threads_run(void *(*work)(void *number));

// Of this process, all threads' together: what does not depend on who else uses the machine.
double process_cpu_ns(void);

#endif
