// SPDX-License-Identifier: Apache-2.0
#include "apps/common/server/outbox.h"

#include <stdio.h>

#include "apps/common/server/outbox_inside.h"
#include "apps/common/server/store.h"

static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS job (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE,"
    " is_listed BIGINT NOT NULL, created_ms BIGINT NOT NULL, finished_ms BIGINT NOT NULL,"
    " code BIGINT NOT NULL, height BIGINT NOT NULL, account BLOB);" // the block of its end
    "CREATE INDEX IF NOT EXISTS job_by_end ON job (finished_ms);"
    "CREATE INDEX IF NOT EXISTS job_by_height ON job (height);"
    "CREATE TABLE IF NOT EXISTS tx (job BLOB NOT NULL, position BIGINT NOT NULL,"
    " id BLOB NOT NULL, seq BIGINT NOT NULL, valid_until BIGINT NOT NULL, encoded BLOB NOT NULL,"
    " PRIMARY KEY (job, position));"
    "CREATE TABLE IF NOT EXISTS cleanup (job BLOB NOT NULL PRIMARY KEY, is_due BIGINT NOT NULL,"
    " contract BLOB NOT NULL, method TEXT NOT NULL, arguments BLOB NOT NULL,"
    " gas_limit BIGINT NOT NULL);";

enum { PURGE_EVERY_MS = 3600 * 1000 };
static const uint64_t NO_HEIGHT = INT64_MAX; // above all that there are

// A transaction that is not final yet, in the order of the sequence numbers.
struct item {
    struct item *next;
    uint8_t job[OUTBOX_JOB_BYTES];
    uint64_t position;
    struct hash id;
    uint64_t seq;
    uint64_t valid_until;
    bool is_last;        // of its job, or of what of it can still be run
    enum tx_code ending; // of the job, when it is the last: OK, or why nothing follows
    bool is_out;         // the node had it when it was last seen
};

static enum status run(struct db_statement *statement) {
    enum status status = db_run(statement);
    db_release(statement);
    return status;
}

static void append(struct outbox_queue *queue, const struct item *given) {
    struct item *item = mem_alloc(sizeof *item);
    *item = *given;
    item->next = NULL;
    *(queue->last ? &queue->last->next : &queue->first) = item;
    queue->last = item;
}

static bool is_of(const struct item *item, const uint8_t job[OUTBOX_JOB_BYTES]) {
    return memcmp(item->job, job, OUTBOX_JOB_BYTES) == 0;
}

// Those of a job from a position on.
static void remove_items(struct outbox_queue *queue, const uint8_t given[OUTBOX_JOB_BYTES],
                         uint64_t position) {
    struct item **link = &queue->first;
    uint8_t job[OUTBOX_JOB_BYTES]; // `given` may stand in what is freed here
    memcpy(job, given, sizeof job);
    queue->last = NULL;
    while (*link) {
        struct item *item = *link;
        if (is_of(item, job) && item->position >= position) {
            *link = item->next;
            mem_free(item);
        } else {
            queue->last = item;
            link = &item->next;
        }
    }
}

// --- opening ---

static enum status purge(struct outbox *outbox) {
    uint64_t now_ms = clock_wall_ms();
    static const char *const texts[] = {
        "DELETE FROM tx WHERE job IN (SELECT id FROM job WHERE finished_ms > 0"
        " AND finished_ms < $1 AND id NOT IN (SELECT job FROM cleanup))",
        "DELETE FROM job WHERE finished_ms > 0 AND finished_ms < $1"
        " AND id NOT IN (SELECT job FROM cleanup)"};
    if (now_ms < OUTBOX_KEPT_MS || now_ms - outbox->purged_ms < PURGE_EVERY_MS) return STATUS_OK;
    enum status status = db_begin(outbox->db);
    for (size_t i = 0; i < 2 && status == STATUS_OK; i++) {
        struct db_statement *statement;
        status = db_prepare(&statement, outbox->db, texts[i]);
        if (status != STATUS_OK) break;
        db_bind_u64(statement, 1, now_ms - OUTBOX_KEPT_MS);
        status = run(statement);
    }
    if (status == STATUS_OK) status = db_commit(outbox->db);
    db_rollback(outbox->db);
    if (status == STATUS_OK) outbox->purged_ms = now_ms;
    return status;
}

struct outbox_queue *outbox_queue_of(struct outbox *outbox, const struct account_id *account) {
    struct outbox_queue **link = &outbox->queues;
    while (*link && !account_id_equal(&(*link)->account, account)) link = &(*link)->next;
    if (!*link) {
        *link = mem_alloc(sizeof **link);
        **link = (struct outbox_queue){.outbox = outbox, .account = *account};
    }
    return *link;
}

struct outbox_queue *outbox_next_queue(struct outbox *outbox, const struct outbox_queue *before) {
    return before ? before->next : outbox->queues;
}

const struct account_id *outbox_account(const struct outbox_queue *queue) {
    return &queue->account;
}

// Files of before accounts were kept are all of one.
static enum status fill_in_account(struct outbox *outbox, const struct account_id *account) {
    struct db_statement *statement;
    enum status status = store_add_column(outbox->db, "job", "account", "BLOB");
    if (status != STATUS_OK) return status;
    status =
        db_prepare(&statement, outbox->db, "UPDATE job SET account = $1 WHERE account IS NULL");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(account->bytes));
    return run(statement);
}

static struct outbox_queue *queue_of_row(struct outbox *outbox, struct db_statement *row) {
    struct account_id account;
    struct bytes bytes = db_column_bytes(row, "account");
    if (bytes.len != sizeof account.bytes) return NULL;
    memcpy(account.bytes, bytes.data, bytes.len);
    return outbox_queue_of(outbox, &account);
}

static enum status load(struct outbox *outbox) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, outbox->db,
                   "SELECT tx.job AS job, tx.position AS position, tx.id AS id, tx.seq AS seq,"
                   " tx.valid_until AS valid_until, job.account AS account, tx.position = (SELECT "
                   "max(position) FROM tx AS other"
                   " WHERE other.job = tx.job) AS is_last FROM tx, job"
                   " WHERE tx.job = job.id AND job.finished_ms = 0 ORDER BY tx.seq");
    if (status != STATUS_OK) return status;
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        struct item item = {.position = db_column_u64(statement, "position"),
                            .seq = db_column_u64(statement, "seq"),
                            .valid_until = db_column_u64(statement, "valid_until"),
                            .is_last = db_column_i64(statement, "is_last") != 0};
        struct bytes job = db_column_bytes(statement, "job");
        struct bytes id = db_column_bytes(statement, "id");
        struct outbox_queue *queue = queue_of_row(outbox, statement);
        if (!queue || job.len != sizeof item.job || id.len != sizeof item.id.bytes) {
            status = STATUS_CORRUPT;
            break;
        }
        memcpy(item.job, job.data, job.len);
        memcpy(item.id.bytes, id.data, id.len);
        append(queue, &item);
    }
    db_release(statement);
    return status;
}

static enum status count_due(struct outbox *outbox) {
    struct db_statement *statement;
    bool has_row;
    enum status status =
        db_prepare(&statement, outbox->db,
                   "SELECT job.account AS account FROM cleanup JOIN job ON job.id = cleanup.job"
                   " WHERE cleanup.is_due = 1");
    if (status != STATUS_OK) return status;
    while ((status = db_step(statement, &has_row)) == STATUS_OK && has_row) {
        struct outbox_queue *queue = queue_of_row(outbox, statement);
        if (queue) queue->due++;
    }
    db_release(statement);
    return status;
}

enum status outbox_open(struct outbox **out, const struct outbox_config *config) {
    char url[4096 + 64];
    enum status status = STATUS_OK;
    struct outbox *outbox = mem_alloc(sizeof *outbox);
    outbox->node = config->node;
    pthread_mutex_init(&outbox->lock, NULL);
    int len = snprintf(url, sizeof url, "sqlite:%s", config->path);
    if (len < 0 || (size_t)len >= sizeof url) TRY(STATUS_TOO_LARGE);
    TRY(db_open(&outbox->db, url));
    TRY(db_make_durable(outbox->db));
    TRY(db_exec_script(outbox->db, SCHEMA));
    TRY(fill_in_account(outbox, &config->account));
    TRY(purge(outbox));
    TRY(load(outbox));
    TRY(count_due(outbox));
    *out = outbox;
out:
    if (status != STATUS_OK) outbox_close(outbox);
    return status;
}

void outbox_close(struct outbox *outbox) {
    if (!outbox) return;
    while (outbox->queues) {
        struct outbox_queue *queue = outbox->queues;
        while (queue->first) remove_items(queue, queue->first->job, 0);
        outbox->queues = queue->next;
        mem_free(queue);
    }
    db_close(outbox->db);
    pthread_mutex_destroy(&outbox->lock);
    mem_free(outbox);
}

// --- putting ---

static enum status put_job(struct outbox_queue *queue, const struct outbox_entry *entry) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, queue->outbox->db,
                   "INSERT INTO job (id, is_listed, created_ms, finished_ms, code, height, account)"
                   " VALUES ($1, $2, $3, 0, 0, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(entry->job, OUTBOX_JOB_BYTES));
    db_bind_u64(statement, 2, entry->is_listed);
    db_bind_u64(statement, 3, clock_wall_ms());
    db_bind_u64(statement, 4, NO_HEIGHT);
    db_bind_bytes(statement, 5, BYTES_OF(queue->account.bytes));
    return run(statement);
}

static enum status put_txs(struct outbox *outbox, const uint8_t *job, const struct outbox_tx *txs,
                           size_t count) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, outbox->db,
                                    "INSERT INTO tx (job, position, id, seq, valid_until, encoded)"
                                    " VALUES ($1, $2, $3, $4, $5, $6)");
    if (status != STATUS_OK) return status;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
        db_bind_u64(statement, 2, i);
        db_bind_bytes(statement, 3, BYTES_OF(txs[i].id.bytes));
        db_bind_u64(statement, 4, txs[i].seq);
        db_bind_u64(statement, 5, txs[i].valid_until);
        db_bind_bytes(statement, 6, txs[i].encoded);
        status = db_run(statement);
    }
    db_release(statement);
    return status;
}

static enum status put_cleanup(struct outbox *outbox, const uint8_t *job,
                               const struct outbox_call *call) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, outbox->db,
                   "INSERT INTO cleanup (job, is_due, contract, method, arguments, gas_limit)"
                   " VALUES ($1, 0, $2, $3, $4, $5)");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    db_bind_bytes(statement, 2, BYTES_OF(call->contract.bytes));
    db_bind_text(statement, 3, call->method);
    db_bind_bytes(statement, 4, call->arguments);
    db_bind_u64(statement, 5, call->gas_limit);
    return run(statement);
}

static enum status run_for_job(struct outbox *outbox, const char *sql, const uint8_t *job) {
    struct db_statement *statement;
    enum status status = db_prepare(&statement, outbox->db, sql);
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    return run(statement);
}

static enum status put_rows(struct outbox_queue *queue, const struct outbox_entry *entry) {
    struct outbox *outbox = queue->outbox;
    enum status status;
    TRY(db_begin(outbox->db));
    TRY(put_job(queue, entry));
    TRY(put_txs(outbox, entry->job, entry->txs, entry->count));
    if (entry->cleanup) TRY(put_cleanup(outbox, entry->job, entry->cleanup));
    if (entry->cleans)
        TRY(run_for_job(outbox, "DELETE FROM cleanup WHERE job = $1", entry->cleans));
    TRY(db_commit(outbox->db));
out:
    db_rollback(outbox->db);
    return status;
}

enum status outbox_put(struct outbox_queue *queue, const struct outbox_entry *entry) {
    pthread_mutex_lock(&queue->outbox->lock);
    enum status status = put_rows(queue, entry);
    for (size_t i = 0; i < entry->count && status == STATUS_OK; i++) {
        struct item item = {.position = i,
                            .id = entry->txs[i].id,
                            .seq = entry->txs[i].seq,
                            .valid_until = entry->txs[i].valid_until,
                            .is_last = i + 1 == entry->count};
        memcpy(item.job, entry->job, sizeof item.job);
        append(queue, &item);
    }
    if (status == STATUS_OK && entry->cleans) queue->due--;
    pthread_mutex_unlock(&queue->outbox->lock);
    return status;
}

static enum status delete_job(struct outbox *outbox, const uint8_t *job) {
    static const char *const texts[] = {"DELETE FROM tx WHERE job = $1",
                                        "DELETE FROM cleanup WHERE job = $1",
                                        "DELETE FROM job WHERE id = $1"};
    enum status status = db_begin(outbox->db);
    for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
        status = run_for_job(outbox, texts[i], job);
    if (status == STATUS_OK) status = db_commit(outbox->db);
    db_rollback(outbox->db);
    return status;
}

bool outbox_forget(struct outbox_queue *queue, const uint8_t job[OUTBOX_JOB_BYTES]) {
    bool is_forgotten = true;
    pthread_mutex_lock(&queue->outbox->lock);
    for (const struct item *item = queue->first; item && is_forgotten; item = item->next)
        is_forgotten = !is_of(item, job) || !item->is_out;
    if (is_forgotten && delete_job(queue->outbox, job) == STATUS_OK)
        remove_items(queue, job, 0);
    else
        is_forgotten = false;
    pthread_mutex_unlock(&queue->outbox->lock);
    return is_forgotten;
}

// --- the ends of jobs ---

struct ending {
    enum tx_code code; // OK: the last transaction is final
    bool has_failed;   // or that one has
    uint64_t height;
};

static enum status mark_ended(struct outbox *outbox, const uint8_t *job,
                              const struct ending *ending) {
    struct db_statement *statement;
    enum status status =
        db_prepare(&statement, outbox->db,
                   "UPDATE job SET finished_ms = $2, code = $3, height = $4 WHERE id = $1");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    db_bind_u64(statement, 2, clock_wall_ms());
    db_bind_u64(statement, 3, ending->code);
    db_bind_u64(statement, 4, ending->height);
    return run(statement);
}

// Has any of its transactions done what it should?
static enum status has_worked(struct outbox *outbox, const uint8_t *job, bool *out) {
    struct arena arena = {0};
    struct outbox_job found;
    *out = false;
    enum status status = outbox_find_ids(outbox, job, &arena, &found);
    for (size_t i = 0; status == STATUS_OK && i < found.tx_count && !*out; i++) {
        struct node_tx tx;
        status = node_find_tx(outbox->node, &found.tx_ids[i], &tx);
        *out = status == STATUS_OK && tx.state == NODE_TX_FINAL && tx.receipt.code == TX_CODE_OK;
    }
    arena_clear(&arena);
    return status;
}

// What a job leaves that has failed becomes due for cleaning up.
static enum status settle_cleanup(struct outbox *outbox, const uint8_t *job, bool has_failed,
                                  bool *is_due) {
    struct db_statement *statement;
    enum status status = STATUS_OK;
    *is_due = false;
    if (has_failed) TRY(has_worked(outbox, job, is_due));
    if (!*is_due) return run_for_job(outbox, "DELETE FROM cleanup WHERE job = $1", job);
    TRY(db_prepare(&statement, outbox->db, "UPDATE cleanup SET is_due = 1 WHERE job = $1"));
    db_bind_bytes(statement, 1, bytes_of(job, OUTBOX_JOB_BYTES));
    status = db_run(statement);
    *is_due = status == STATUS_OK && db_changes(statement) == 1;
    db_release(statement);
out:
    return status;
}

// False when that cannot be written now; the job then ends at a later look.
static bool end_job(struct outbox_queue *queue, const struct item *of,
                    const struct ending *ending) {
    struct outbox *outbox = queue->outbox;
    uint8_t job[OUTBOX_JOB_BYTES];
    bool is_due = false;
    enum status status;
    memcpy(job, of->job, sizeof job);
    TRY(db_begin(outbox->db));
    TRY(mark_ended(outbox, job, ending));
    // The bytes are on the chain now, or of no use any more.
    TRY(run_for_job(outbox, "UPDATE tx SET encoded = x'' WHERE job = $1", job));
    TRY(settle_cleanup(outbox, job, ending->has_failed, &is_due));
    TRY(db_commit(outbox->db));
    remove_items(queue, job, 0);
    queue->due += is_due;
    if (ending->code != TX_CODE_OK)
        log_warning("outbox", "a job failed before it was final",
                    log_text("code", tx_code_name(ending->code)));
out:
    db_rollback(outbox->db);
    if (status != STATUS_OK)
        log_error("outbox", "the end of a job cannot be kept",
                  log_text("status", status_name(status)));
    return status == STATUS_OK;
}

static bool end_early(struct outbox_queue *queue, const struct item *of, enum tx_code code) {
    return end_job(queue, of,
                   &(struct ending){.code = code, .has_failed = true, .height = NO_HEIGHT});
}

// From here on nothing of the job will be run: it ends with what of it stands before, or now. False
// as end_job.
static bool cut_job(struct outbox_queue *queue, const struct item *item, enum tx_code code) {
    struct item *before = NULL;
    for (struct item *at = queue->first; at != item; at = at->next)
        if (is_of(at, item->job)) before = at;
    if (!before) return end_early(queue, item, code);
    remove_items(queue, item->job, item->position);
    before->is_last = true;
    before->ending = code;
    return true;
}

static void drop_first(struct outbox_queue *queue) {
    struct item *item = queue->first;
    queue->first = item->next;
    if (!queue->first) queue->last = NULL;
    mem_free(item);
}

static void mark_all_in(struct outbox_queue *queue) {
    for (struct item *item = queue->first; item; item = item->next) item->is_out = false;
}

// The oldest one. False when nothing more is known of it than before.
static bool settle_first(struct outbox_queue *queue) {
    struct node *node = queue->outbox->node;
    struct item *item = queue->first;
    struct node_head head;
    struct account account;
    struct node_tx found;
    uint64_t next_seq;
    node_head(node, &head); // before the account: that is of this height or a later one
    node_account(node, &queue->account, &account, &next_seq);
    // Of the others of a job, whatever they did, the last one's receipt tells.
    if (item->seq < account.next_seq && !item->is_last) {
        drop_first(queue);
        return true;
    }
    if (node_find_tx(node, &item->id, &found) != STATUS_OK) return false;
    if (found.state == NODE_TX_FINAL && item->ending != TX_CODE_OK)
        return end_early(queue, item, item->ending);
    if (found.state == NODE_TX_FINAL)
        return end_job(queue, item,
                       &(struct ending){.code = TX_CODE_OK,
                                        .has_failed = found.receipt.code != TX_CODE_OK,
                                        .height = found.height});
    // What has expired has, whoever used its number since.
    if (item->valid_until <= head.header.height) return end_early(queue, item, TX_CODE_EXPIRED);
    if (item->seq < account.next_seq) return end_early(queue, item, TX_CODE_WRONG_NONCE);
    if (found.state < NODE_TX_PENDING) mark_all_in(queue);
    return false;
}

void outbox_settle(struct outbox_queue *queue) {
    pthread_mutex_lock(&queue->outbox->lock);
    while (queue->first && settle_first(queue)) {}
    if (purge(queue->outbox) != STATUS_OK) log_warning("outbox", "old jobs cannot be dropped");
    pthread_mutex_unlock(&queue->outbox->lock);
}

// --- sending ---

static enum status read_encoded(struct outbox *outbox, const struct item *item, struct buf *out) {
    struct db_statement *statement;
    bool has_row;
    enum status status = db_prepare(&statement, outbox->db,
                                    "SELECT encoded FROM tx WHERE job = $1 AND position = $2");
    if (status != STATUS_OK) return status;
    db_bind_bytes(statement, 1, BYTES_OF(item->job));
    db_bind_u64(statement, 2, item->position);
    status = db_step(statement, &has_row);
    if (status == STATUS_OK && !has_row) status = STATUS_CORRUPT;
    if (status == STATUS_OK) buf_append(out, db_column_bytes(statement, "encoded"));
    db_release(statement);
    return status;
}

static enum tx_code send_item(struct outbox *outbox, struct item *item) {
    struct buf encoded = {0};
    struct hash id;
    enum tx_code code = TX_CODE_NOT_RUNNING;
    enum status status = read_encoded(outbox, item, &encoded);
    if (status == STATUS_OK)
        code = node_submit(outbox->node, buf_bytes(&encoded), &id);
    else
        log_error("outbox", "a transaction cannot be read",
                  log_text("status", status_name(status)));
    buf_clear(&encoded);
    if (code == TX_CODE_DUPLICATE) code = TX_CODE_OK;
    item->is_out = code == TX_CODE_OK;
    return code;
}

// Other refusals pass by themselves, or the next look at the chain says what they mean.
static bool is_for_good(enum tx_code code) {
    static const enum tx_code codes[] = {TX_CODE_MALFORMED,         TX_CODE_TOO_LARGE,
                                         TX_CODE_BAD_SIGNATURE,     TX_CODE_NOT_AUTHORIZED,
                                         TX_CODE_GAS_PRICE_TOO_LOW, TX_CODE_GAS_LIMIT_TOO_LOW,
                                         TX_CODE_GAS_LIMIT_TOO_HIGH};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i] == code) return true;
    return false;
}

enum tx_code outbox_push(struct outbox_queue *queue) {
    enum tx_code first_refusal = TX_CODE_OK;
    pthread_mutex_lock(&queue->outbox->lock);
    struct item *next;
    for (struct item *item = queue->first; item; item = next) {
        next = item->next;
        if (item->is_out) continue;
        enum tx_code code = send_item(queue->outbox, item);
        if (code == TX_CODE_OK) continue;
        if (first_refusal == TX_CODE_OK) first_refusal = code;
        if (code == TX_CODE_WRONG_NONCE || code == TX_CODE_EXPIRED) continue;
        if (!is_for_good(code) || !cut_job(queue, item, code)) break;
        next = queue->first; // others of its job are gone too
    }
    pthread_mutex_unlock(&queue->outbox->lock);
    return first_refusal;
}

bool outbox_is_empty(struct outbox_queue *queue) {
    pthread_mutex_lock(&queue->outbox->lock);
    bool is_empty = !queue->first && queue->due == 0;
    pthread_mutex_unlock(&queue->outbox->lock);
    return is_empty;
}

size_t outbox_count(struct outbox_queue *queue) {
    size_t count = 0;
    pthread_mutex_lock(&queue->outbox->lock);
    for (const struct item *item = queue->first; item; item = item->next) count++;
    pthread_mutex_unlock(&queue->outbox->lock);
    return count;
}
