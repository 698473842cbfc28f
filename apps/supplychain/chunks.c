// SPDX-License-Identifier: Apache-2.0
// The parts of documents that are staged, until their job closes. One that never does must not stay
// for ever: by the chain's own count, so that every index forgets the same ones.
#include "apps/supplychain/supplychain.h"

enum { CLEAN_EVERY_BLOCKS = 100 };

static void bind_job(struct db_statement *statement, const struct chunk_job *of) {
    db_bind_bytes(statement, 1, BYTES_OF(of->sender->bytes));
    db_bind_bytes(statement, 2, bytes_of(of->job, 32));
}

enum status chunk_put(struct db *db, const struct chunk_job *of, const struct chunk *chunk) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db,
                                    "INSERT INTO chunk (sender, job, position, height, body)"
                                    " VALUES ($1, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    bind_job(statement, of);
    db_bind_u64(statement, 3, chunk->position);
    db_bind_u64(statement, 4, chunk->height);
    db_bind_bytes(statement, 5, chunk->body);
    return db_finish(statement);
}

enum status chunks_take(struct db *db, const struct chunk_job *of, uint32_t *count,
                        struct buf *document) {
    struct db_statement *statement;
    bool has_row;
    *count = 0;
    enum status status = db_prepare(
        &statement, db, "SELECT body FROM chunk WHERE sender = $1 AND job = $2 ORDER BY position");
    if (status != STATUS_OK) return status;
    bind_job(statement, of);
    for (; (status = db_step(statement, &has_row)) == STATUS_OK && has_row; ++*count)
        buf_append(document, db_column_bytes(statement, "body"));
    db_release(statement);
    if (status == STATUS_OK)
        status = db_prepare(&statement, db, "DELETE FROM chunk WHERE sender = $1 AND job = $2");
    if (status != STATUS_OK) return status;
    bind_job(statement, of);
    return db_finish(statement);
}

static enum status forget(struct db *db, const char *sql, uint64_t before) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, db, sql);
    if (status != STATUS_OK) return status;
    db_bind_u64(statement, 1, before);
    return db_finish(statement);
}

enum status chunks_forget_old(struct db *db, uint64_t height) {
    enum status status = STATUS_OK;
    if (height <= CHUNK_KEPT_BLOCKS || height % CLEAN_EVERY_BLOCKS != 0) return STATUS_OK;
    // With their transactions, unless the job has an end to tell of.
    TRY(forget(db,
               "DELETE FROM job_tx WHERE (job, sender) IN"
               " (SELECT job, sender FROM chunk WHERE height < $1) AND NOT EXISTS"
               " (SELECT 1 FROM job WHERE job.job = job_tx.job AND job.sender = job_tx.sender)",
               height - CHUNK_KEPT_BLOCKS));
    TRY(forget(db, "DELETE FROM chunk WHERE height < $1", height - CHUNK_KEPT_BLOCKS));
out:
    return status;
}
