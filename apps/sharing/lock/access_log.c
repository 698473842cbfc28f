// SPDX-License-Identifier: Apache-2.0
#include "apps/sharing/lock/access_log.h"

void lock_entry_link(struct hash *out, const struct hash *before, const struct lock_entry *entry) {
    struct hasher hasher;
    hasher_init(&hasher, HASH_JOURNAL);
    hasher_add(&hasher, BYTES_OF(before->bytes));
    hasher_add(&hasher, bytes_of(entry, sizeof *entry));
    hasher_finish(&hasher, out);
}

void lock_log_append(struct lock_log *log, const struct lock_entry *entry) {
    if (log->count == LIMIT_LOCK_LOG_ENTRIES) {
        lock_entry_link(&log->before, &log->before, &log->entries[0]);
        memmove(log->entries, log->entries + 1, --log->count * sizeof *log->entries);
        log->first++;
    }
    log->entries[log->count] = *entry;
    log->entries[log->count].index = lock_log_next(log);
    log->count++;
}

void lock_log_link(struct hash *out, const struct lock_log *log, uint64_t index) {
    ENSURE(index >= log->first && index <= lock_log_next(log));
    *out = log->before;
    for (uint64_t i = 0; i < index - log->first; i++) lock_entry_link(out, out, &log->entries[i]);
}

void lock_log_encode(struct buf *out, const struct lock_log *log) {
    encode_u64(out, log->first);
    encode_u64(out, log->carried);
    encode_fixed(out, &log->before, sizeof log->before);
    encode_bytes(out, bytes_of(log->entries, log->count * sizeof *log->entries));
}

void lock_log_decode_from(struct decoder *in, struct lock_log *out) {
    out->first = decode_u64(in);
    out->carried = decode_u64(in);
    decode_fixed(in, &out->before, sizeof out->before);
    struct bytes entries = decode_bytes(in, sizeof out->entries);
    if (entries.len % sizeof *out->entries != 0) decoder_fail(in, STATUS_MALFORMED);
    if (in->status != STATUS_OK) return;
    out->count = (uint32_t)(entries.len / sizeof *out->entries);
    if (entries.len > 0) memcpy(out->entries, entries.data, entries.len);
}
