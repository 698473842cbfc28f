// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ledger/log_fixture.h"

#include <fcntl.h>
#include <unistd.h>

#include "chaincore/base/file.h"
#include "chaincore/chain/block.h"

void log_make_tx_id(struct hash *out, uint64_t height, uint32_t index) {
    uint64_t numbers[2] = {height, index};
    hash_bytes(out, HASH_TX, BYTES_OF(numbers));
}

void log_make_block(struct buf *out, struct hash ids[TXS], uint64_t height) {
    struct block_tx txs[TXS] = {0};
    struct block block = {
        .header = {.version = HEADER_VERSION, .height = height}, .tx_count = TXS, .txs = txs};
    for (uint32_t i = 0; i < TXS; i++) {
        log_make_tx_id(&ids[i], height, i);
        txs[i] = (struct block_tx){.encoded = bytes_of_string("a transaction"),
                                   .receipt = {.tx_id = ids[i]}};
    }
    buf_reset(out);
    block_encode(out, &block);
}

enum status log_open(struct block_log **out, const char *folder, uint64_t durable,
                     uint64_t segment_bytes) {
    struct block_log_config config = {
        .directory = folder, .durable_height = durable, .segment_bytes = segment_bytes};
    return block_log_open(out, &config);
}

enum status log_append(struct block_log *log, uint64_t height, struct bytes block,
                       const struct hash ids[TXS]) {
    struct block_log_entry entry = {
        .height = height, .block = block, .tx_ids = ids, .tx_count = TXS, .kept_until_ms = height};
    return block_log_append(log, &entry);
}

enum status certificates_open(struct certificate_log **out, const char *directory) {
    struct certificate_log_config config = {.directory = directory, .per_file = 3};
    return certificate_log_open(out, &config);
}

enum status certificates_append(struct certificate_log *log, uint64_t height) {
    struct certificate_entry entry = {
        .height = height, .is_boundary = height % BOUNDARY == 0, .certificate = BYTES_OF(height)};
    return certificate_log_append(log, &entry);
}

enum status history_open_plain(struct history **out, const char *path, uint64_t count,
                               const struct hash *root) {
    struct history_config config = {.path = path, .count = count, .root = *root};
    return history_open(out, &config);
}

enum status checkpoint_open_plain(struct checkpoint **out, const char *path, struct state *state,
                                  struct state_version **version, struct cut *cut) {
    struct checkpoint_config config = {.path = path, .state = state};
    return checkpoint_open(out, &config, version, cut);
}

void cut_header_id(struct hash *out, uint64_t height) {
    hash_bytes(out, HASH_HEADER, BYTES_OF(height));
}

// Mountains of one leaf more: equal neighbours are joined.
void cut_make(struct cut *out, uint64_t height, const struct hash *state_root) {
    *out = (struct cut){.header = {.version = HEADER_VERSION, .height = height}};
    out->header.state_root = *state_root;
    for (uint64_t i = 0; i < height; i++) {
        int place = __builtin_popcountll(i);
        struct hash node;
        cut_header_id(&node, i);
        for (uint64_t rest = i; rest & 1; rest >>= 1) {
            hash_node(&node, &out->below.peaks[--place], &node);
            out->below.peaks[place] = (struct hash){0};
        }
        out->below.peaks[place] = node;
    }
    out->below.count = height;
    history_peaks_root(&out->header.history_root, &out->below);
}

void log_fill(const char *folder, struct log_range range, uint64_t segment_bytes) {
    struct block_log *log;
    struct buf block = {0};
    struct hash ids[TXS];
    assert_ok(log_open(&log, folder, range.from - 1, segment_bytes));
    for (uint64_t height = range.from; height <= range.to; height++) {
        log_make_block(&block, ids, height);
        assert_ok(log_append(log, height, buf_bytes(&block), ids));
    }
    assert_ok(block_log_sync(log));
    block_log_close(log);
    buf_clear(&block);
}

void log_check(const char *folder, uint64_t to, uint64_t segment_bytes) {
    struct block_log *log;
    struct buf block = {0}, expected = {0};
    struct hash ids[TXS];
    struct block_log_place place;
    assert_ok(log_open(&log, folder, to, segment_bytes));
    ck_assert_uint_eq(block_log_newest(log), to);
    for (uint64_t height = 1; height <= to; height++) {
        log_make_block(&expected, ids, height);
        assert_ok(block_log_read(log, height, &block));
        assert_bytes_equal(buf_bytes(&block), buf_bytes(&expected));
        for (uint32_t i = 0; i < TXS; i++) {
            assert_ok(block_log_find_tx(log, &ids[i], 0, &place));
            ck_assert_uint_eq(place.height, height);
            ck_assert_uint_eq(place.index, i);
        }
    }
    log_make_tx_id(&ids[0], to + 1, 0);
    assert_status(block_log_find_tx(log, &ids[0], 0, &place), STATUS_NOT_FOUND);
    assert_status(block_log_read(log, to + 1, &block), STATUS_NOT_FOUND);
    assert_status(block_log_read(log, 0, &block), STATUS_NOT_FOUND);
    block_log_close(log);
    buf_clear(&block);
    buf_clear(&expected);
}

void flip_byte(const char *path, uint64_t at, uint8_t mask) {
    uint8_t byte;
    int fd = open(path, O_RDWR | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    assert_ok(file_read_at(fd, &byte, 1, at));
    byte ^= mask;
    ck_assert_int_eq(pwrite(fd, &byte, 1, (off_t)at), 1);
    close(fd);
}

void read_whole(struct buf *out, const char *path) {
    buf_reset(out);
    assert_ok(file_read(out, path, 1 << 24));
}

void write_whole(const char *path, struct bytes content) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    assert_ok(file_write_all(fd, content));
    close(fd);
}
