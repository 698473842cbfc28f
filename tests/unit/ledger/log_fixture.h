// SPDX-License-Identifier: Apache-2.0
// Block logs with blocks that follow from their heights, so that what is read back can be judged.
#ifndef LMM_TESTS_LEDGER_LOG_FIXTURE_H
#define LMM_TESTS_LEDGER_LOG_FIXTURE_H

#include "chaincore/ledger/block_log.h"
#include "tests/unit/ledger/suites.h"

enum { TXS = 3, SMALL_SEGMENT = 3000 };

struct log_range {
    uint64_t from;
    uint64_t to;
};

void log_make_tx_id(struct hash *out, uint64_t height, uint32_t index);
void log_make_block(struct buf *out, struct hash ids[TXS], uint64_t height);
enum status log_open(struct block_log **out, const char *folder, uint64_t durable,
                     uint64_t segment_bytes);
// Appends the blocks, syncs and closes.
void log_fill(const char *folder, struct log_range range, uint64_t segment_bytes);
// Every block and transaction up to `to` is there, and nothing behind.
void log_check(const char *folder, uint64_t to, uint64_t segment_bytes);

void flip_byte(const char *path, uint64_t at, uint8_t mask);
void read_whole(struct buf *out, const char *path); // replaces what is in `out`
void write_whole(const char *path, struct bytes content);

#endif
