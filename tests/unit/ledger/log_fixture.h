// SPDX-License-Identifier: Apache-2.0
// Block logs with blocks that follow from their heights, so that what is read back can be judged.
#ifndef LMM_TESTS_LEDGER_LOG_FIXTURE_H
#define LMM_TESTS_LEDGER_LOG_FIXTURE_H

#include "chaincore/ledger/block_log.h"
#include "chaincore/ledger/certificate_log.h"
#include "chaincore/ledger/checkpoint.h"
#include "tests/unit/ledger/suites.h"

enum { TXS = 3, SMALL_SEGMENT = 3000, BOUNDARY = 4 };

struct log_range {
    uint64_t from;
    uint64_t to;
};

void log_make_tx_id(struct hash *out, uint64_t height, uint32_t index);
void log_make_block(struct buf *out, struct hash ids[TXS], uint64_t height);
enum status log_open(struct block_log **out, const char *folder, uint64_t durable,
                     uint64_t segment_bytes);
enum status log_append(struct block_log *log, uint64_t height, struct bytes block,
                       const struct hash ids[TXS]) MUST_CHECK;
// With three certificates in a file; every BOUNDARYth is kept for good.
enum status certificates_open(struct certificate_log **out, const char *directory) MUST_CHECK;
// One whose bytes are the height.
enum status certificates_append(struct certificate_log *log, uint64_t height) MUST_CHECK;
// Of the first `count` ids.
enum status history_open_plain(struct history **out, const char *path, uint64_t count,
                               const struct hash *root) MUST_CHECK;
enum status checkpoint_open_plain(struct checkpoint **out, const char *path, struct state *state,
                                  struct state_version **version, struct cut *cut) MUST_CHECK;
// A cut at the height of an invented header: ids below are hashes of their heights.
void cut_make(struct cut *out, uint64_t height, const struct hash *state_root);
void cut_header_id(struct hash *out, uint64_t height);
// Appends the blocks, syncs and closes.
void log_fill(const char *folder, struct log_range range, uint64_t segment_bytes);
// Every block and transaction up to `to` is there, and nothing behind.
void log_check(const char *folder, uint64_t to, uint64_t segment_bytes);

void flip_byte(const char *path, uint64_t at, uint8_t mask);
void read_whole(struct buf *out, const char *path); // replaces what is in `out`
void write_whole(const char *path, struct bytes content);

#endif
