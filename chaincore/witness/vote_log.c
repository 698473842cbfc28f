// SPDX-License-Identifier: Apache-2.0
#include "chaincore/witness/vote_log.h"

#include <stdlib.h>

#include "chaincore/base/log.h"
#include "chaincore/base/memory.h"
#include "chaincore/witness/frame.h"
#include "chaincore/witness/vote_record.h"

// All that a log that has just begun can hold; in one that holds more, somebody may have voted.
enum {
    BEGUN_MAX_BYTES =
        FRAME_FILE_HEAD_BYTES + 3 * FRAME_HEAD_BYTES + VOTE_OWNER_BYTES + VOTE_ROOT_MAX_BYTES + 1
};

struct vote_log {
    struct vote_log_config config;
    struct disk disk;
    uint64_t file; // 0: none yet
    struct frame_salt salt;
    uint64_t len; // all of it durable
    uint64_t compact_above;
    bool has_failed;
    bool is_others;     // of another group, so far
    bool is_nobodys;    // of a node without keys
    struct buf pending; // behind len
    struct buf content; // from the start until it is replayed
    struct buf scratch;
};

static int compare_keys(const void *a, const void *b) {
    return memcmp(a, b, sizeof(struct public_key));
}

void vote_log_group(struct hash *out, const struct public_key *keys, size_t count) {
    struct witness_set group = {.count = (uint16_t)count};
    ENSURE(count <= LIMIT_WITNESSES);
    if (count > 0) memcpy(group.keys, keys, count * sizeof *keys);
    qsort(group.keys, count, sizeof *group.keys, compare_keys);
    witness_set_hash(out, &group);
}

static void add_frame(struct vote_log *log, struct bytes payload) {
    struct frame_place place = {.offset = log->len + log->pending.len, .durable = log->len};
    frame_append(&log->pending, &log->salt, &place, payload);
}

static void add_kind(struct vote_log *log, uint8_t kind) { add_frame(log, BYTES_OF(kind)); }

static enum status complain(const struct vote_log *log, const char *what, uint64_t offset) {
    log_error("vote_log", what, log_number("file", (int64_t)log->file),
              log_number("offset", (int64_t)offset));
    return STATUS_CORRUPT;
}

// Over the frames from the start of `content`. Stops where one is not whole.
static enum status frames_scan(struct vote_log *log, struct bytes content, uint64_t *end,
                               bool *is_whole) {
    struct bytes payload;
    enum status status;
    *is_whole = false;
    *end = FRAME_FILE_HEAD_BYTES;
    bool is_first = true;
    while ((status = frame_next(&payload, &log->salt, content, end)) == STATUS_OK) {
        if (is_first)
            TRY(vote_record_check_owner(payload, &log->config, &log->is_others, &log->is_nobodys));
        if (payload.len == 1 && payload.data[0] == VOTE_RECORD_WHOLE) *is_whole = true;
        is_first = false;
    }
    if (status == STATUS_TRUNCATED) return STATUS_OK;
out:
    return status;
}

static bool is_all_zero(struct bytes bytes) {
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] != 0) return false;
    return true;
}

// A file that a crash left behind before it was of any use. UNAVAILABLE says so.
static enum status judge_unfinished(const struct vote_log *log, struct bytes content,
                                    bool is_only) {
    if (is_only && (log->file != 1 || content.len > BEGUN_MAX_BYTES))
        return complain(log, "the only log of votes is not whole", 0);
    return STATUS_UNAVAILABLE;
}

// What a process wrote that then died lies in the kernel's memory: votes are sent again, so they
// have to be durable first.
static enum status sync_what_is_there(struct vote_log *log) {
    return log->disk.sync(log->disk.context, log->file);
}

// Where nobody has signed, whoever comes is as one whose log is lost.
static bool may_take_over(const struct vote_log *log) {
    if (log->is_nobodys || log->config.accepts_new_keys) return true;
    log_error("vote_log", "the log of votes is of other keys: these need an empty folder for "
                          "theirs, or to be accepted as new ones");
    return false;
}

// Reads a file. Of one that is whole, the torn end is cut.
static enum status load_file(struct vote_log *log, uint64_t file, bool is_only) {
    bool is_whole;
    uint64_t end;
    log->file = file;
    log->is_others = log->is_nobodys = false;
    buf_reset(&log->content);
    enum status status =
        log->disk.read(log->disk.context, file, LIMIT_VOTE_LOG_BYTES, &log->content);
    if (status != STATUS_OK) return status;
    struct bytes content = buf_bytes(&log->content);
    if (frame_file_open(&log->salt, content) != STATUS_OK) {
        size_t head = content.len < FRAME_FILE_HEAD_BYTES ? content.len : FRAME_FILE_HEAD_BYTES;
        if (head == FRAME_FILE_HEAD_BYTES && !is_all_zero(bytes_of(content.data, head)))
            return complain(log, "the head of the votes' log is damaged", 0);
        return judge_unfinished(log, content, is_only);
    }
    status = frames_scan(log, content, &end, &is_whole);
    if (status != STATUS_OK && status != STATUS_CORRUPT) return status;
    if (status == STATUS_CORRUPT && frame_was_durable(&log->salt, content, end))
        return complain(log, "the log of votes is damaged", end);
    if (!is_whole) return judge_unfinished(log, content, is_only);
    if (log->is_others && !may_take_over(log)) return STATUS_CONFLICT;
    log->len = end;
    if (status == STATUS_OK) return sync_what_is_there(log);
    log_warning("vote_log", "a torn end is cut off", log_number("offset", (int64_t)end),
                log_number("bytes", (int64_t)(content.len - end)));
    log->content.len = end;
    status = log->disk.cut(log->disk.context, file, end);
    return status == STATUS_OK ? sync_what_is_there(log) : status;
}

static void expect_growth(struct vote_log *log) {
    log->compact_above = 2 * log->len + log->config.slack_bytes;
}

// The newest file that is whole is the log; what else lies there is older, or was never finished.
static enum status find_file(struct vote_log *log) {
    struct disk_list list;
    enum status status = STATUS_UNAVAILABLE;
    TRY(log->disk.list(log->disk.context, &list));
    status = STATUS_UNAVAILABLE;
    size_t at = list.count;
    while (at > 0 && status == STATUS_UNAVAILABLE) {
        at--;
        status = load_file(log, list.files[at], at == 0);
    }
    if (status != STATUS_OK && status != STATUS_UNAVAILABLE) goto out;
    if (status == STATUS_UNAVAILABLE) log->file = 0, log->is_others = false;
    status = STATUS_OK;
    for (size_t i = 0; i < list.count && status == STATUS_OK; i++)
        if (list.files[i] != log->file) status = log->disk.remove(log->disk.context, list.files[i]);
out:
    return status;
}

enum status vote_log_open(struct vote_log **out, const struct vote_log_config *config) {
    struct vote_log *log = mem_alloc(sizeof *log);
    log->config = *config;
    log->disk = *config->disk;
    log->config.disk = NULL;
    if (log->config.slack_bytes == 0) log->config.slack_bytes = LIMIT_VOTE_LOG_SLACK_BYTES;
    enum status status = find_file(log);
    if (status != STATUS_OK) {
        vote_log_close(log);
        return status;
    }
    expect_growth(log);
    *out = log;
    return STATUS_OK;
}

void vote_log_close(struct vote_log *log) {
    if (!log) return;
    buf_clear(&log->pending);
    buf_clear(&log->content);
    buf_clear(&log->scratch);
    mem_free(log);
}

bool vote_log_is_new(const struct vote_log *log) { return log->file == 0; }
bool vote_log_is_synced(const struct vote_log *log) { return log->pending.len == 0; }
uint64_t vote_log_bytes(const struct vote_log *log) { return log->len; }

void vote_log_append(struct vote_log *log, const struct vote_log_entry *entry) {
    ENSURE(log->file != 0 && !log->has_failed);
    buf_reset(&log->scratch);
    vote_record_encode(&log->scratch, entry);
    add_frame(log, buf_bytes(&log->scratch));
}

enum status vote_log_sync(struct vote_log *log) {
    ENSURE(!log->has_failed);
    if (log->pending.len == 0) return STATUS_OK;
    enum status status = log->disk.append(log->disk.context, log->file, buf_bytes(&log->pending));
    if (status == STATUS_OK) status = log->disk.sync(log->disk.context, log->file);
    log->has_failed = status != STATUS_OK;
    log->len += log->pending.len;
    buf_reset(&log->pending);
    return status;
}

// A new file, up to where copies of what is needed follow.
static void start_file(struct vote_log *log, const struct consensus_root *root) {
    struct vote_log_entry entry = {.record = {.kind = RECORD_ROOT, .root = root}};
    log->file++;
    log->len = 0;
    buf_reset(&log->pending);
    log->config.draw(log->config.context, log->salt.bytes, sizeof log->salt.bytes);
    frame_file_head(&log->pending, &log->salt);
    buf_reset(&log->scratch);
    vote_record_encode_owner(&log->scratch, &log->config);
    add_frame(log, buf_bytes(&log->scratch));
    vote_log_append(log, &entry);
}

static enum status finish_file(struct vote_log *log) {
    add_kind(log, VOTE_RECORD_WHOLE);
    enum status status = log->disk.create(log->disk.context, log->file);
    if (status == STATUS_OK) status = vote_log_sync(log);
    log->has_failed = status != STATUS_OK;
    expect_growth(log);
    return status;
}

enum status vote_log_begin(struct vote_log *log, const struct consensus_root *root) {
    ENSURE(vote_log_is_new(log));
    start_file(log, root);
    return finish_file(log);
}

// The frames were looked at when the file was opened, or are this process's own.
static enum status next_record(const struct vote_log *log, struct bytes content, uint64_t *offset,
                               struct vote_record *out, struct bytes *payload) {
    enum status status = frame_next(payload, &log->salt, content, offset);
    if (status == STATUS_OK) status = vote_record_decode(out, *payload);
    if (status == STATUS_OK || status == STATUS_TRUNCATED) return status;
    return complain(log, "a record of the votes' log is damaged", *offset);
}

static enum status find_root(const struct vote_log *log, struct vote_record *record,
                             uint64_t *behind) {
    struct bytes payload;
    uint64_t offset = FRAME_FILE_HEAD_BYTES, found = 0;
    while (frame_next(&payload, &log->salt, buf_bytes(&log->content), &offset) == STATUS_OK)
        if (payload.len > 0 && payload.data[0] == RECORD_ROOT)
            found = offset - payload.len - FRAME_HEAD_BYTES;
    if (found == 0) return complain(log, "the log of votes has no root", offset);
    *behind = found;
    return next_record(log, buf_bytes(&log->content), behind, record, &payload);
}

enum status vote_log_root(const struct vote_log *log, struct consensus_root *out,
                          struct certificate *certificate) {
    struct vote_record *record = mem_alloc(sizeof *record);
    uint64_t behind;
    enum status status = find_root(log, record, &behind);
    if (status == STATUS_OK) {
        *out = record->root;
        *certificate = record->certificate;
        if (out->certificate) out->certificate = certificate;
    }
    mem_free(record);
    return status;
}

enum status vote_log_replay(struct vote_log *log,
                            void (*visit)(void *context, const struct vote_log_entry *entry),
                            void *context) {
    struct vote_record *record = mem_alloc(sizeof *record);
    struct bytes payload;
    uint64_t offset = FRAME_FILE_HEAD_BYTES;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = next_record(log, buf_bytes(&log->content), &offset, record, &payload);
        if (status == STATUS_OK && record->kind <= RECORD_VOTES) visit(context, &record->entry);
    }
    mem_free(record);
    buf_clear(&log->content);
    return status == STATUS_TRUNCATED ? STATUS_OK : status;
}

static enum status copy_needed(struct vote_log *log, const struct consensus *core,
                               const struct frame_salt *salt, struct bytes content) {
    struct vote_log old = {.salt = *salt, .file = log->file - 1};
    struct vote_record *record = mem_alloc(sizeof *record);
    struct bytes payload;
    uint64_t offset = FRAME_FILE_HEAD_BYTES;
    enum status status = STATUS_OK;
    while (status == STATUS_OK) {
        status = next_record(&old, content, &offset, record, &payload);
        if (status != STATUS_OK || record->kind > RECORD_VOTES) continue;
        if (consensus_needs(core, &record->entry.record)) add_frame(log, payload);
    }
    mem_free(record);
    return status == STATUS_TRUNCATED ? STATUS_OK : status;
}

static enum status begin_again(struct vote_log *log, const struct consensus *core) {
    struct consensus_root root;
    enum status status = STATUS_OK;
    struct frame_salt salt = log->salt;
    uint64_t old = log->file;
    TRY(log->disk.read(log->disk.context, old, LIMIT_VOTE_LOG_BYTES, &log->content));
    consensus_root_of(core, &root);
    start_file(log, &root);
    TRY(copy_needed(log, core, &salt, buf_bytes(&log->content)));
    TRY(finish_file(log));
    TRY(log->disk.remove(log->disk.context, old));
out:
    log->has_failed = status != STATUS_OK;
    buf_clear(&log->content);
    return status;
}

bool vote_log_is_others(const struct vote_log *log) { return log->is_others; }
bool vote_log_is_nobodys(const struct vote_log *log) { return log->is_others && log->is_nobodys; }

enum status vote_log_take_over(struct vote_log *log, const struct consensus *core) {
    ENSURE(log->is_others && vote_log_is_synced(log));
    enum status status = begin_again(log, core);
    if (status == STATUS_OK) log->is_others = false;
    return status;
}

enum status vote_log_compact(struct vote_log *log, const struct consensus *core) {
    if (log->len <= log->compact_above || !vote_log_is_synced(log)) return STATUS_OK;
    return begin_again(log, core);
}
