// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/outbox_inside.h"
#include "chaincore/chaincore.h"

static enum status read_job(struct db_statement *statement, struct outbox_job *out) {
    struct bytes id = db_column_bytes(statement, "id");
    struct bytes account = db_column_bytes(statement, "account");
    if (id.len != sizeof out->id || account.len != sizeof out->account.bytes) return STATUS_CORRUPT;
    *out = (struct outbox_job){.number = db_column_u64(statement, "number"),
                               .created_ms = db_column_u64(statement, "created_ms"),
                               .finished_ms = db_column_u64(statement, "finished_ms"),
                               .code = (enum tx_code)db_column_i64(statement, "code")};
    memcpy(out->id, id.data, id.len);
    memcpy(out->account.bytes, account.data, account.len);
    return STATUS_OK;
}

static enum status find_job(struct outbox *outbox, const uint8_t *job, struct outbox_job *out) {
    struct db_statement *statement;
    bool has_row;
    enum status status = db_prepare(&statement, outbox->db, "SELECT * FROM job WHERE id = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_NOT_FOUND;
    if (status == STATUS_OK) status = read_job(statement, out);
    db_release(statement);
    return status;
}

enum status outbox_find_ids(struct outbox *outbox, const uint8_t *job, struct arena *arena,
                            struct outbox_job *out) {
    struct db_statement *statement;
    struct buf ids = {0};
    bool has_row;
    enum status status =
        db_prepare(&statement, outbox->db, "SELECT id FROM tx WHERE job = $1 ORDER BY position");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row)
        buf_append(&ids, db_column_bytes(statement, "id"));
    db_release(statement);
    out->tx_count = ids.len / sizeof *out->tx_ids;
    out->tx_ids = arena_alloc_array(arena, out->tx_count + 1, sizeof *out->tx_ids);
    memcpy(out->tx_ids, ids.data ? ids.data : (const uint8_t *)"",
           out->tx_count * sizeof *out->tx_ids);
    buf_clear(&ids);
    return status;
}

enum status outbox_find(struct outbox *outbox, const uint8_t job[OUTBOX_JOB_BYTES],
                        struct arena *arena, struct outbox_job *out) {
    pthread_mutex_lock(&outbox->lock);
    enum status status = find_job(outbox, job, out);
    if (status == STATUS_OK) status = outbox_find_ids(outbox, job, arena, out);
    pthread_mutex_unlock(&outbox->lock);
    return status;
}

static enum status list_jobs(struct outbox_queue *queue, const struct outbox_page *page,
                             struct outbox_job *out, size_t *count) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, queue->outbox->db,
                   "SELECT * FROM job WHERE height > $1 AND number < $2 AND is_listed = 1"
                   " AND account = $4 ORDER BY number DESC LIMIT $3");
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, page->height);
    db_bind_u64(statement, 2, page->below < INT64_MAX ? page->below : INT64_MAX);
    db_bind_u64(statement, 3, page->length);
    db_bind_bytes(statement, 4, BYTES_OF(queue->account.bytes));
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        status = read_job(statement, &out[(*count)++]);
        if (status != STATUS_OK) break;
    }
    db_release(statement);
    return status;
}

enum status outbox_list(struct outbox_queue *queue, const struct outbox_page *page,
                        struct arena *arena, struct outbox_job **out, size_t *count) {
    struct outbox *outbox = queue->outbox;
    *out = arena_alloc_array(arena, page->length + 1, sizeof **out);
    *count = 0;
    pthread_mutex_lock(&outbox->lock);
    enum status status = list_jobs(queue, page, *out, count);
    for (size_t i = 0; i < *count && status == STATUS_OK; i++)
        status = outbox_find_ids(outbox, (*out)[i].id, arena, &(*out)[i]);
    pthread_mutex_unlock(&outbox->lock);
    return status;
}

enum status outbox_find_cleanup(struct outbox_queue *queue, struct arena *arena,
                                uint8_t job[OUTBOX_JOB_BYTES], struct outbox_call *out) {
    struct outbox *outbox = queue->outbox;
    struct db_statement *statement = NULL;
    bool has_row;
    enum status status;
    pthread_mutex_lock(&outbox->lock);
    TRY(db_prepare(&statement, outbox->db,
                   "SELECT cleanup.job AS job, cleanup.contract AS contract,"
                   " cleanup.method AS method, cleanup.arguments AS arguments,"
                   " cleanup.gas_limit AS gas_limit FROM cleanup JOIN job ON job.id = cleanup.job"
                   " WHERE cleanup.is_due = 1 AND job.account = $1 LIMIT 1"));
    db_bind_bytes(statement, 1, BYTES_OF(queue->account.bytes));
    TRY(db_step(statement, &has_row));
    if (!has_row) TRY(STATUS_NOT_FOUND);
    struct bytes id = db_column_bytes(statement, "job");
    struct bytes contract = db_column_bytes(statement, "contract");
    if (id.len != OUTBOX_JOB_BYTES || contract.len != sizeof out->contract.bytes)
        TRY(STATUS_CORRUPT);
    *out = (struct outbox_call){.method = arena_copy(arena, db_column_text(statement, "method")),
                                .arguments =
                                    arena_copy(arena, db_column_bytes(statement, "arguments")),
                                .gas_limit = db_column_u64(statement, "gas_limit")};
    memcpy(job, id.data, id.len);
    memcpy(out->contract.bytes, contract.data, contract.len);
out:
    db_release(statement);
    pthread_mutex_unlock(&outbox->lock);
    return status;
}
